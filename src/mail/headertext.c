/* SPDX-License-Identifier: ISC
 *
 * The text of header fields, written by ourselves: GMime lets a Message-ID inject lines and makes encoded words of over
 * 75 characters. RFC 5322 (folding, phrases), RFC 2047 (encoded words: at most 75 octets, whole characters, strict
 * alphabet everywhere so that one writer serves subjects and names), RFC 6857 (addresses that ASCII cannot say).
 * May trust that values are valid UTF-8 without control characters; must never emit a byte above 0x7e or a bare LF.
 */
#include "headertext.h"

#include <glib.h>
#include <string.h>

#define WORD_MAX_OCTETS 75u             /* of one encoded word, RFC 2047, 2 */
#define WORD_FRAME 12u                  /* =?utf-8?Q? and ?= */
#define PLAIN_WORD_MAX 70u              /* a longer one would pass the line: it is cut into encoded words */

static bool
is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_atext(char c)
{
    return c != '\0' && (is_alnum(c) || strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_ascii(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s > 0x7e)
            return false;
    return true;
}

bool
headertext_clean(const char *value)
{
    return !str_has_control(value) && utf8_valid(value, strlen(value));
}

bool
headertext_id_ok(const char *id, size_t max)
{
    const char *at = strchr(id, '@');
    size_t len = strlen(id);

    if (len > max || at == NULL || at == id || at[1] == '\0' || strchr(at + 1, '@') != NULL)
        return false;
    for (; *id != '\0'; id++)
        if (*id <= ' ' || *id > '~' || *id == '<' || *id == '>')
            return false;
    return true;
}

/* ---- lines */

static void
headertext_fold(struct headertext *h)
{
    buf_puts(h->out, "\r\n");
    h->col = 0;
    h->begun = false;
}

void
headertext_start(struct headertext *h, const char *name)
{
    buf_puts(h->out, name);
    buf_putc(h->out, ':');
    h->col = strlen(name) + 1;
    h->begun = false;
}

void
headertext_end(struct headertext *h)
{
    headertext_fold(h);
}

void
headertext_token(struct headertext *h, const char *token, size_t len)
{
    /* What is too long for any line need not leave its field's name alone on the first. */
    if (h->col + 1 + len > HEADER_COLUMNS && (h->begun || (h->col > 0 && 1 + len <= HEADER_COLUMNS)))
        headertext_fold(h);
    h->begun = true;
    buf_putc(h->out, ' ');
    buf_add(h->out, token, len);
    h->col += 1 + len;
}

/* ---- encoded words */

static bool
is_q_plain(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t
char_len(const char *s, size_t len)
{
    size_t n = 1;

    while (n < len && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static size_t
q_cost(const char *s, size_t len)
{
    size_t cost = 0;

    for (size_t i = 0; i < len; i++)
        cost += is_q_plain(s[i]) || s[i] == ' ' ? 1 : 3;
    return cost;
}

static size_t
b_cost(size_t len)
{
    return (len + 2) / 3 * 4;
}

static void
q_write(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_q_plain(s[i]))
            buf_putc(out, s[i]);
        else if (s[i] == ' ')
            buf_putc(out, '_');
        else
            buf_printf(out, "=%02X", (unsigned char)s[i]);
}

static void
b_write(struct buf *out, const char *s, size_t len)
{
    char *text = g_base64_encode((const guchar *)s, len);

    buf_puts(out, text);
    g_free(text);
}

/* How many bytes of whole characters fit into `room` octets once encoded. */
static size_t
encoded_fit(const char *s, size_t len, bool q, size_t room)
{
    size_t taken = 0, cost = 0;

    while (taken < len) {
        size_t n = char_len(s + taken, len - taken);

        cost = q ? cost + q_cost(s + taken, n) : b_cost(taken + n);
        if (cost > room)
            break;
        taken += n;
    }
    return taken;
}

static void
headertext_encoded(struct headertext *h, const char *s, size_t len)
{
    bool q = q_cost(s, len) * 2 <= b_cost(len) * 3;     /* Q can be read by eye: worth half as much again */

    while (len > 0) {
        size_t used = h->col + 1 + WORD_FRAME;
        size_t room = used < HEADER_COLUMNS ? HEADER_COLUMNS - used : 0;
        size_t n;

        if (room > WORD_MAX_OCTETS - WORD_FRAME)
            room = WORD_MAX_OCTETS - WORD_FRAME;
        n = encoded_fit(s, len, q, room);
        if (h->col > 0 && n < len && room < 24) {       /* no crumbs at the end of a line */
            headertext_fold(h);
            continue;
        }
        must(n > 0);            /* a fresh line holds any character: at most 4 bytes, 12 octets */
        buf_puts(h->out, q ? " =?utf-8?Q?" : " =?utf-8?B?");
        size_t before = h->out->len;
        (q ? q_write : b_write)(h->out, s, n);
        buf_puts(h->out, "?=");
        h->begun = true;
        h->col += 1 + WORD_FRAME + (h->out->len - before - 2);
        s += n;
        len -= n;
        if (len > 0)
            headertext_fold(h);
    }
}

/* ---- unstructured text */

/* At most `max` bytes of `text`, white space folded to single blanks and trimmed. */
static void
fold_blanks(const char *text, size_t max, struct buf *out)
{
    size_t len = utf8_clip(text, max);

    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' || (out->len > 0 && out->data[out->len - 1] != ' '))
            buf_putc(out, text[i]);
    if (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    if (text[len] != '\0')
        buf_puts(out, "\xe2\x80\xa6");
}

static size_t
word_len(const char *s)
{
    return strcspn(s, " ");
}

static bool
word_must_encode(const char *s, size_t len)
{
    if (len > PLAIN_WORD_MAX)
        return true;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] > 0x7e || (s[i] == '=' && s[i + 1] == '?'))
            return true;
    return false;
}

void
headertext_text(struct headertext *h, const char *text)
{
    struct buf folded = { 0 };
    const char *s;

    buf_puts(&folded, "");
    fold_blanks(text, HEADER_SUBJECT_MAX, &folded);
    for (s = folded.data; *s != '\0'; ) {
        size_t len = word_len(s);

        if (!word_must_encode(s, len)) {
            headertext_token(h, s, len);
        } else {                /* neighbours join, for blanks between two encoded words are lost in reading */
            while (s[len] == ' ' && word_must_encode(s + len + 1, word_len(s + len + 1)))
                len += 1 + word_len(s + len + 1);
            headertext_encoded(h, s, len);
        }
        s += len;
        if (*s == ' ')
            s++;
    }
    buf_free(&folded);
}

/* ---- names and addresses */

enum phrase { PHRASE_ATOMS, PHRASE_QUOTED, PHRASE_ENCODED };

static enum phrase
phrase_kind(const char *name)
{
    enum phrase kind = PHRASE_ATOMS;

    for (const char *s = name; *s != '\0'; ) {
        size_t len = word_len(s);

        /* A quoted "=?" would be decoded by readers that should not; escapes may double a word. */
        if (word_must_encode(s, len) || len > PLAIN_WORD_MAX / 2)
            return PHRASE_ENCODED;
        for (size_t i = 0; i < len; i++)
            if (!is_atext(s[i]))
                kind = PHRASE_QUOTED;
        s += len;
        if (*s == ' ')
            s++;
    }
    return kind;
}

static void
put_escaped(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"' || s[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, s[i]);
    }
}

void
headertext_phrase(struct headertext *h, const char *name)
{
    struct buf folded = { 0 }, token = { 0 };
    enum phrase kind;

    buf_puts(&folded, "");
    fold_blanks(name, HEADER_NAME_MAX, &folded);
    kind = phrase_kind(folded.data);
    if (kind == PHRASE_ENCODED)
        headertext_encoded(h, folded.data, folded.len);
    for (const char *s = folded.data; kind != PHRASE_ENCODED && *s != '\0'; ) {
        size_t len = word_len(s);

        buf_clear(&token);
        if (kind == PHRASE_QUOTED && s == folded.data)
            buf_putc(&token, '"');
        put_escaped(&token, s, len);
        s += len;
        if (kind == PHRASE_QUOTED && *s == '\0')
            buf_putc(&token, '"');
        if (*s == ' ')
            s++;
        headertext_token(h, token.data, token.len);
    }
    buf_free(&folded);
    buf_free(&token);
}

static bool
is_dot_atom(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_atext(s[i]) && (s[i] != '.' || i == 0 || i + 1 == len || s[i - 1] == '.'))
            return false;
    return len > 0;
}

static bool
is_quoted_string(const char *s, size_t len)
{
    if (len < 2 || s[0] != '"' || s[len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < len; i++)
        if (s[i] == '"' || (s[i] == '\\' && ++i + 1 >= len))
            return false;
    return true;
}

static bool
is_domain(const char *s)
{
    size_t len = strlen(s);
    bool literal = len > 2 && s[0] == '[' && s[len - 1] == ']';

    if (literal) {
        s++;
        len -= 2;
    }
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(s[i]) && (s[i] == '\0' || strchr(literal ? ".:-" : ".-_", s[i]) == NULL))
            return false;
    return len > 0;
}

/* local@domain as RFC 5322 writes it: what is no dot-atom is quoted, so that no comma or colon in it makes a second address. */
static void
put_mailbox(struct buf *out, const char *addr, size_t local_len, const char *domain)
{
    bool quote = is_ascii(addr) && !is_dot_atom(addr, local_len) && !is_quoted_string(addr, local_len);

    if (quote)
        buf_putc(out, '"');
    if (quote)
        put_escaped(out, addr, local_len);
    else
        buf_add(out, addr, local_len);
    if (quote)
        buf_putc(out, '"');
    buf_putc(out, '@');
    buf_puts(out, domain);
}

const char *
headertext_address(struct headertext *h, const char *name, const char *addr, bool more, bool group)
{
    const char *domain = addr_domain(addr), *error = NULL;
    struct buf mailbox = { 0 }, token = { 0 };
    char *ascii = NULL;
    bool named = name != NULL && name[strspn(name, " ")] != '\0', local_ascii = true;
    size_t local_len;

    if (!addr_valid(addr) || !utf8_valid(addr, strlen(addr)))
        return "an address is not valid";
    if (named && !headertext_clean(name))
        return "a display name has control characters";
    local_len = (size_t)(domain - addr) - 1;
    for (size_t i = 0; i < local_len; i++)
        local_ascii = local_ascii && (unsigned char)addr[i] < 0x7f;
    if (!local_ascii && !group)
        return "an address outside ASCII where the header allows none";
    ascii = g_hostname_to_ascii(domain);        /* a domain always has an ASCII form (RFC 5890) */
    if (ascii == NULL || !is_domain(ascii)) {
        error = "an address has no valid domain";
        goto out;
    }
    put_mailbox(&mailbox, addr, local_len, ascii);
    if (local_ascii) {
        if (named)
            headertext_phrase(h, name);
        buf_printf(&token, named ? "<%s>" : "%s", mailbox.data);
    } else {
        if (named)
            buf_printf(&token, "%.*s ", (int)utf8_clip(name, HEADER_NAME_MAX), name);
        buf_printf(&token, "<%s>", mailbox.data);
        headertext_encoded(h, token.data, token.len);
        buf_clear(&token);
        buf_puts(&token, ":;");
    }
    if (more)
        buf_putc(&token, ',');
    headertext_token(h, token.data, token.len);
out:
    g_free(ascii);
    buf_free(&mailbox);
    buf_free(&token);
    return error;
}
