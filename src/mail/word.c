/* SPDX-License-Identifier: ISC
 *
 * Encoded words (RFC 2047) as they are found: adjacent ones are joined before their bytes are converted (a character may be cut
 * between two), padding may stand in the middle, blanks inside, the end may be missing; raw 8-bit text stands between them.
 * What is no encoded word stays as it is. Linear: each "?=" is looked for once.
 */
#include "read.h"

#include <string.h>

struct word { const char *charset; size_t charset_len; char encoding; const char *text; size_t text_len, whole; };

/* Where the text of a word ends. A quoted-printable word may hold a bare "?" before "=XX": the end is a "?=" that no hexadecimal
 * pair and no further "?=" in the same run of ink follows. */
static size_t
text_end(const char *s, size_t len, size_t from, bool q)
{
    size_t i = from;

    for (;;) {
        const char *e = i < len ? memmem(s + i, len - i, "?=", 2) : NULL;
        size_t at, k;
        if (e == NULL)
            return SIZE_MAX;
        at = (size_t)(e - s);
        if (!q || at + 4 > len || hex_value((unsigned char)s[at + 2]) < 0 || hex_value((unsigned char)s[at + 3]) < 0)
            return at;
        for (k = at + 4; k + 1 < len && k < at + 80 && !is_space((unsigned char)s[k]) && !(s[k] == '?' && s[k + 1] == '='); k++)
            if (s[k] == '=' && s[k + 1] == '?')
                return at;
        if (k + 1 >= len || s[k] != '?')
            return at;
        i = at + 2;
    }
}

static bool
word_at(const char *s, size_t len, struct word *w)
{
    size_t i = 2, end, star;

    if (len < 8 || s[0] != '=' || s[1] != '?')
        return false;
    while (i < len && i < 66 && s[i] != '?' && (unsigned char)s[i] > 0x20 && (unsigned char)s[i] < 0x7f)
        i++;
    if (i == 2 || i + 3 > len || s[i] != '?' || s[i + 2] != '?')
        return false;
    w->encoding = (char)lower((unsigned char)s[i + 1]);
    if (w->encoding != 'b' && w->encoding != 'q')
        return false;
    w->charset = s + 2;
    for (star = 2; star < i && s[star] != '*'; star++)
        ;
    w->charset_len = star - 2;          /* RFC 2231 §5: a language may follow */
    w->text = s + i + 3;
    end = text_end(s, len, i + 3, w->encoding == 'q');
    if (end == SIZE_MAX) {              /* cut off: take it if it is one run of ink to the very end */
        for (end = i + 3; end < len && !is_space((unsigned char)s[end]); end++)
            ;
        if (end < len || end == i + 3)
            return false;
        w->whole = len;
        if (s[end - 1] == '?')
            end--;
    } else {
        w->whole = end + 2;
    }
    w->text_len = end - (i + 3);
    return true;
}

size_t
word_length(const char *s, size_t len)
{
    struct word w;

    return word_at(s, len, &w) ? w.whole : 0;
}

static void
q_decode(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        int hi, lo;
        if (s[i] == '=' && i + 2 < len && (hi = hex_value((unsigned char)s[i + 1])) >= 0 && (lo = hex_value((unsigned char)s[i + 2])) >= 0) {
            buf_putc(out, (char)(hi << 4 | lo));
            i += 2;
        } else {
            buf_putc(out, s[i] == '_' ? ' ' : s[i]);
        }
    }
}

struct run {                    /* adjacent words of one charset: bytes that are converted together */
    const char *charset;
    size_t charset_len;
    struct buf bytes;
    struct base64_state b64;
    size_t b64_len;
};

static void
run_flush(struct reading *r, struct run *run, struct buf *out)
{
    const char *odd = NULL;
    char name[80];

    if (run->charset == NULL)
        return;
    memcpy(name, run->charset, run->charset_len);
    name[run->charset_len] = 0;
    if (run->bytes.len > 0) {
        if (!charset_known(name, run->charset_len))
            reading_warn(r, "unknown charset in a header");
        charset_text(name, (const uint8_t *)run->bytes.data, run->bytes.len, out, &odd);
        if (odd != NULL)
            reading_warn(r, "encoded words: %s", odd);
    }
    buf_clear(&run->bytes);
    run->charset = NULL;
}

static void
run_add(struct reading *r, struct run *run, const struct word *w, struct buf *out)
{
    size_t ink = 0;

    if (run->charset != NULL && (run->charset_len != w->charset_len || !mem_eq_nocase(run->charset, w->charset, w->charset_len)))
        run_flush(r, run, out);
    if (run->charset == NULL)
        run->b64 = (struct base64_state){0};
    run->charset = w->charset;
    run->charset_len = w->charset_len;
    if (w->encoding == 'q') {
        q_decode(w->text, w->text_len, &run->bytes);
        run->b64 = (struct base64_state){0};
        return;
    }
    for (size_t i = 0; i < w->text_len; i++)
        ink += is_alnum((unsigned char)w->text[i]) || w->text[i] == '+' || w->text[i] == '/';
    if ((run->b64.n + ink) % 4 != 0 && ink % 4 == 0)
        run->b64 = (struct base64_state){0};    /* the last word lacked its padding; this one stands alone */
    base64_feed(&run->b64, (const uint8_t *)w->text, w->text_len, &run->bytes);
}

char *
word_decode(struct reading *r, const char *raw, size_t len, const char *hint)
{
    struct buf out = {0};
    struct run run = {0};
    struct word w;
    const char *odd = NULL;
    size_t plain = 0, i = 0, last = len;
    bool after_word = false, tried_cut = false;
    char *done;

    while (last > 1 && !(raw[last - 2] == '?' && raw[last - 1] == '='))
        last--;                         /* behind it no word ends: one try for a word that was cut off, no more */
    while (i < len) {
        const char *e = memchr(raw + i, '=', len - i);
        size_t at = e == NULL ? len : (size_t)(e - raw);
        if (at < len) {
            bool found = at + 1 < len && raw[at + 1] == '?' && (at < last || !tried_cut) && word_at(raw + at, len - at, &w);
            tried_cut |= at >= last;
            if (!found) {
                i = at + 1;
                continue;
            }
        }
        bool blanks = true;
        for (size_t k = plain; k < at && blanks; k++)
            blanks = is_space((unsigned char)raw[k]);
        if (!(after_word && blanks && at < len)) {
            run_flush(r, &run, &out);
            charset_text(hint, (const uint8_t *)raw + plain, at - plain, &out, &odd);
        }
        if (at < len)
            run_add(r, &run, &w, &out);
        after_word = true;
        i = plain = at < len ? at + w.whole : len;
    }
    run_flush(r, &run, &out);
    if (plain < len)
        charset_text(hint, (const uint8_t *)raw + plain, len - plain, &out, &odd);
    if (odd != NULL)
        reading_warn(r, "raw 8-bit text in a header");
    for (size_t k = 0; k < out.len; k++)        /* an encoded line end is no line end of ours */
        if ((unsigned char)out.data[k] < 0x20)
            out.data[k] = ' ';
    done = arena_strndup(r->a, out.data == NULL ? "" : out.data, out.len);
    buf_free(&out);
    buf_free(&run.bytes);
    return done;
}
