/* SPDX-License-Identifier: ISC
 *
 * Transfer encodings: base64, quoted-printable (RFC 2045 §6), uuencode. All three take whatever comes and go on: base64 begins
 * anew after padding (blocks put together by list footers), quoted-printable keeps a '=' that is none of its own.
 */
#include "read.h"

#include <string.h>

/* One more than what a byte means in base64, the alphabet for URLs (RFC 4648, section 5) included; 0: nothing. */
static const uint8_t base64_value[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

/* Four letters that all mean something are three bytes; whatever else there is goes one by one. */
void
base64_feed(struct base64_state *s, const uint8_t *in, size_t len, struct buf *out)
{
    buf_reserve(out, len / 4 * 3 + 3);
    char *to = out->data + out->len;

    for (size_t i = 0; i < len; i++) {
        for (; s->n == 0 && len - i >= 4; i += 4) {
            uint32_t a = base64_value[in[i]], b = base64_value[in[i + 1]], c = base64_value[in[i + 2]], d = base64_value[in[i + 3]];
            if (a == 0 || b == 0 || c == 0 || d == 0)
                break;
            uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
            *to++ = (char)(bits >> 16), *to++ = (char)(bits >> 8), *to++ = (char)bits;
        }
        if (i == len)
            break;
        uint32_t v = base64_value[in[i]];
        if (v != 0) {
            s->bits = s->bits << 6 | (v - 1);
            if (++s->n > 1)
                *to++ = (char)(s->bits >> (6 - 2 * (s->n - 1)));
        }
        if (s->n == 4 || in[i] == '=')
            *s = (struct base64_state){0};
    }
    out->len = (size_t)(to - out->data);
    out->data[out->len] = '\0';
}

void
quoted_printable_decode(const uint8_t *in, size_t len, struct buf *out)
{
    size_t i = 0;

    while (i < len) {
        const uint8_t *e = memchr(in + i, '\n', len - i);
        size_t next = e == NULL ? len : (size_t)(e - in) + 1, end = e == NULL ? len : next - 1, cut;
        bool cr = end > i && in[end - 1] == '\r';
        if (cr)
            end--;
        cut = end;
        while (cut > i && is_blank(in[cut - 1]))        /* blanks at the end of a line were added on the way */
            cut--;
        bool soft = cut > i && in[cut - 1] == '=' && (e != NULL || cut - 1 == len - 1);
        if (soft)
            cut--;
        for (; i < cut; i++) {
            int hi, lo;
            if (in[i] == '=' && i + 2 < cut && (hi = hex_value(in[i + 1])) >= 0 && (lo = hex_value(in[i + 2])) >= 0) {
                buf_putc(out, (char)(hi << 4 | lo));
                i += 2;
            } else {
                buf_putc(out, (char)in[i]);
            }
        }
        if (!soft && e != NULL)
            buf_puts(out, cr ? "\r\n" : "\n");
        i = next;
    }
}

/* The names that are meant for the two. */
static bool
is_encoding(const char *encoding, const char *name, size_t len)
{
    size_t n = 0;

    for (; *encoding != 0; encoding++)
        if (is_alnum((unsigned char)*encoding)) {
            if (n == len || lower((unsigned char)*encoding) != name[n])
                return false;
            n++;
        }
    return n == len;
}

bool
decode_is_base64(const char *encoding)
{
    return encoding != NULL && (is_encoding(encoding, "base64", 6) || is_encoding(encoding, "b64", 3));
}

void
decode_transfer(const char *encoding, const uint8_t *in, size_t len, struct buf *out)
{
    struct base64_state s = {0};

    if (decode_is_base64(encoding)) {
        base64_feed(&s, in, len, out);
    } else if (encoding != NULL && (is_encoding(encoding, "quotedprintable", 15) || is_encoding(encoding, "qp", 2))) {
        quoted_printable_decode(in, len, out);
    } else if (encoding != NULL && (str_eq_nocase(encoding, "x-uuencode") || str_eq_nocase(encoding, "uuencode") || str_eq_nocase(encoding, "x-uue") ||
               str_eq_nocase(encoding, "uue"))) {
        struct uu_file f;
        if (uu_find(in, len, 0, &f))
            uu_decode(in, len, &f, out);
        else
            buf_add(out, in, len);
    } else {
        buf_add(out, in, len);
    }
}

/* A line of uuencoded data says how many bytes it has. */
static bool
uu_line(const uint8_t *s, size_t len, size_t *bytes)
{
    size_t n, need;

    if (len == 0 || s[0] < 0x20 || s[0] > 0x60)
        return false;
    n = (size_t)((s[0] - 0x20) & 0x3f);
    need = (n + 2) / 3 * 4;
    for (size_t i = 1; i < len; i++)
        if (s[i] < 0x20 || s[i] > 0x60)
            return false;
    *bytes = n;
    return len - 1 + 3 >= need && len - 1 <= need + 2;     /* blanks at the end may be gone, a checksum may follow */
}

bool
uu_find(const uint8_t *in, size_t len, size_t at, struct uu_file *out)
{
    while (at < len) {
        size_t next, end = line_end(in, len, at, &next), n, bytes, line, lines = 0;
        if (end - at < 11 || memcmp(in + at, "begin ", 6) != 0) {
            at = next;
            continue;
        }
        for (n = at + 6; n < end && in[n] >= '0' && in[n] <= '7'; n++)
            ;
        if (n - at - 6 < 3 || n - at - 6 > 4 || n >= end || in[n] != ' ') {
            at = next;
            continue;
        }
        *out = (struct uu_file){.begin = at, .name = (const char *)in + n + 1, .name_len = end - n - 1};
        for (line = next; line < len; line = next, lines++) {
            end = line_end(in, len, line, &next);
            if (end - line == 3 && memcmp(in + line, "end", 3) == 0 && lines > 0) {
                out->end = next;
                return true;
            }
            if (end > line && !uu_line(in + line, end - line, &bytes))
                break;
        }
        at = line > at ? line : next;   /* what was looked at is not looked at again: linear */
    }
    return false;
}

void
uu_decode(const uint8_t *in, size_t len, const struct uu_file *f, struct buf *out)
{
    size_t next, at;

    line_end(in, len, f->begin, &at);
    for (; at < f->end; at = next) {
        size_t end = line_end(in, f->end, at, &next), bytes;
        if (end - at == 3 && memcmp(in + at, "end", 3) == 0)
            break;
        if (!uu_line(in + at, end - at, &bytes))
            continue;
        for (size_t i = at + 1, left = bytes; left > 0; i += 4) {
            uint32_t q = 0;
            for (size_t k = 0; k < 4; k++)
                q = q << 6 | (uint32_t)(i + k < end ? (in[i + k] - 0x20) & 0x3f : 0);
            for (size_t k = 0; k < 3 && left > 0; k++, left--)
                buf_putc(out, (char)(q >> (16 - 8 * k)));
        }
    }
}
