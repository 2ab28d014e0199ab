/* SPDX-License-Identifier: ISC
 *
 * Lists of addresses (RFC 5322 §3.4, §4.4) as programs really write them: groups (flattened), comments, quoted strings, encoded
 * words with commas in them, semicolons between addresses, "Foo: Bar <a@b>", "Doe, John <a@b>", an address as display name, no
 * angle brackets. What gives no address at all gives one last try: the first thing with an @ in it. One pass, no recursion.
 */
#include "read.h"

#include <string.h>

struct parser {
    struct reading *r;
    const char *s, *hint;
    size_t len, i, group_end;   /* group_end: the last ';', where a group may still end */
    struct address_list *out;
    struct buf text;            /* words outside quotes, as they stand */
    struct buf phrase;          /* the same with quotes taken off */
    struct buf angle, comment, pending;
    bool has_angle, in_group;
};

static void
squeeze(char *s)
{
    char *w = s;

    for (const char *p = s; *p != 0; p++) {
        bool blank = is_space((unsigned char)*p) || (unsigned char)*p < 0x20 || *p == 0x7f;
        if (blank && (w == s || w[-1] == ' '))
            continue;
        *w++ = blank ? ' ' : *p;
    }
    if (w > s && w[-1] == ' ')
        w--;
    *w = 0;
}

static char *
display_name(struct parser *p, const struct buf *raw)
{
    char *name;
    size_t n;

    if (raw->len == 0)
        return NULL;
    name = word_decode(p->r, raw->data, raw->len, p->hint);
    squeeze(name);
    n = strlen(name);
    if (n > 1 && name[0] == '"' && name[n - 1] == '"') {       /* quotes inside an encoded word */
        name[n - 1] = 0;
        name++;
        squeeze(name);
    }
    return *name == 0 ? NULL : name;
}

/* The bytes of an address: blanks out, a source route out, "mailto:" out, brackets out; "" when there is nothing. */
static char *
clean_addr(struct parser *p, const char *raw, size_t len)
{
    struct buf b = {0}, utf8 = {0};
    char *s, *addr;
    bool quoted = false;
    size_t depth = 0;

    for (size_t i = 0; i < len; i++) {
        if (raw[i] == '"')
            quoted = !quoted;
        if (!quoted && (raw[i] == '(' || (depth > 0 && raw[i] == ')'))) {      /* pete(his account)@silly.test */
            depth += raw[i] == '(' ? 1 : (size_t)-1;
            continue;
        }
        if (depth > 0)
            continue;
        if (((unsigned char)raw[i] <= 0x20 && !(quoted && raw[i] == ' ')) || raw[i] == 0x7f || ((raw[i] == '<' || raw[i] == '>') && !quoted))
            continue;
        buf_putc(&b, raw[i]);
    }
    buf_puts(&b, "");
    s = b.data;
    if (str_starts_nocase(s, "mailto:")) {
        s += 7;
        if (strchr(s, '?') != NULL)
            *strchr(s, '?') = 0;
    }
    if (*s == '@' && strchr(s, ':') != NULL)
        s = strchr(s, ':') + 1;
    if (word_length(s, strlen(s)) > 0)
        s = word_decode(p->r, s, strlen(s), p->hint);
    charset_text(p->hint, (const uint8_t *)s, strlen(s), &utf8, NULL);
    while (utf8.len > 0 && strchr(".,;:'", utf8.data[utf8.len - 1]) != NULL)
        utf8.data[--utf8.len] = 0;
    buf_puts(&utf8, "");
    s = utf8.data;
    if (*s == '\'' && strchr(s, '@') != NULL)
        s++;
    addr = arena_strdup(p->r->a, s);
    addr_fold(addr);
    buf_free(&b);
    buf_free(&utf8);
    return addr;
}

static bool
plausible(const char *addr)
{
    const char *at = strrchr(addr, '@');

    if (*addr != '"' && strcspn(addr, "()<>,;:\\\"") < strlen(addr) && strchr(addr, '[') == NULL)
        return false;
    return at != NULL && at > addr && at[1] != 0 && strlen(addr) <= ADDR_MAX;
}

static void
emit(struct parser *p, const char *name, const char *addr)
{
    if (p->out->n < READ_MAX_LIST)
        arena_push(p->r->a, &p->out->v, &p->out->n, schema_address(p->r->a, name, addr));
    else
        reading_warn(p->r, "more than %u addresses in one field", READ_MAX_LIST);
}

/* The word of `text` that is an address: its place, or false. "joe @ example . com" is one word when nothing else is there. */
static bool
find_spec(const char *s, size_t len, size_t *from, size_t *to)
{
    const char *at = memrchr(s, '@', len);
    size_t a, b, i;

    if (at == NULL)
        return false;
    a = b = (size_t)(at - s);
    if (a > 0 && s[a - 1] == '"') {                            /* "john doe"@example.com */
        for (i = a - 1; i > 0 && s[i - 1] != '"'; i--)
            ;
        a = i > 0 ? i - 1 : a;
    } else {
        while (a > 0 && is_blank(s[a - 1]))
            a--;
        while (a > 0 && strchr("<>[](),;:\"", s[a - 1]) == NULL) {
            if (is_space((unsigned char)s[a - 1])) {    /* a . b@c.example */
                size_t k = a - 1;
                while (k > 0 && is_space((unsigned char)s[k - 1]))
                    k--;
                if (k == 0 || (s[k - 1] != '.' && s[a] != '.') || (s[k - 1] == '.' && k == 1))
                    break;
                a = k;
            }
            a--;
        }
    }
    b++;
    while (b < len && is_blank(s[b]))
        b++;
    bool literal = b < len && s[b] == '[';
    while (b < len && strchr(literal ? "<>(),;\"" : "<>[](),;:\"", s[b]) == NULL) {
        if (is_space((unsigned char)s[b])) {    /* jdoe@test  . example: old, and legal once */
            size_t k = b;
            while (k < len && is_space((unsigned char)s[k]))
                k++;
            if (k >= len || (s[k] != '.' && s[b - 1] != '.') || (s[k] == '.' && k + 1 >= len))
                break;
            b = k;
        }
        b++;
    }
    *from = a;
    *to = b;
    return b > (size_t)(at - s) + 1;
}

static void
reset(struct parser *p)
{
    buf_clear(&p->text);
    buf_clear(&p->phrase);
    buf_clear(&p->angle);
    buf_clear(&p->comment);
    p->has_angle = false;
}

static bool
blank_text(const struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (!is_space((unsigned char)b->data[i]))
            return false;
    return true;
}

/* "a@b.example c@d.example": nothing but addresses, and the commas are missing. */
static bool
only_addresses(struct parser *p)
{
    const char *s = p->text.data;
    size_t len = p->text.len, n = 0;

    for (unsigned round = 0; round < 2; round++)
        for (size_t i = 0, k; i < len; i = k) {
            const char *at;
            while (i < len && is_space((unsigned char)s[i]))
                i++;
            for (k = i; k < len && !is_space((unsigned char)s[k]); k++)
                ;
            if (k == i)
                break;
            at = memchr(s + i, '@', k - i);
            if (round == 0 && (at == NULL || at == s + i || at + 1 == s + k || memchr(s + i, '"', k - i) != NULL || word_length(s + i, k - i) > 0))
                return false;
            if (round == 0 && ++n > 0)
                continue;
            if (n < 2)
                return false;
            const char *addr = clean_addr(p, s + i, k - i);
            if (plausible(addr))
                emit(p, NULL, addr);
        }
    return n > 1;
}

/* What opened before an address goes from the name: "Anna [mailto:". */
static size_t
trim_opening(const char *s, size_t len)
{
    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    if (len >= 7 && mem_eq_nocase(s + len - 7, "mailto:", 7))
        len -= 7;
    return len > 0 && (s[len - 1] == '[' || s[len - 1] == '<') ? len - 1 : len;
}

/* End of one mailbox. */
static void
flush(struct parser *p, bool more)
{
    const char *addr, *name;
    size_t from, to;

    if (p->has_angle) {
        addr = clean_addr(p, p->angle.data == NULL ? "" : p->angle.data, p->angle.len);
        if (p->pending.len > 0 && !blank_text(&p->phrase)) {   /* Doe, John <a@b> */
            buf_puts(&p->pending, ", ");
            buf_add(&p->pending, p->phrase.data, p->phrase.len);
            name = display_name(p, &p->pending);
        } else {
            name = display_name(p, &p->phrase);
        }
        if (name == NULL && p->comment.len > 0)
            name = display_name(p, &p->comment);
        if (!plausible(addr) && p->text.len > 0 && find_spec(p->text.data, p->text.len, &from, &to)) {
            addr = clean_addr(p, p->text.data + from, to - from);
            name = NULL;
        }
        if (plausible(addr))
            emit(p, name, addr);
        else if (*addr != 0)
            reading_warn(p->r, "an address without domain was left out");
        buf_clear(&p->pending);
    } else if (p->text.len > 0 && find_spec(p->text.data, p->text.len, &from, &to)) {
        addr = clean_addr(p, p->text.data + from, to - from);
        struct buf rest = {0};
        if (only_addresses(p)) {
            buf_clear(&p->pending);
            reset(p);
            return;
        }
        buf_add(&rest, p->text.data, trim_opening(p->text.data, from));
        buf_putc(&rest, ' ');
        buf_add(&rest, p->text.data + to, p->text.len - to);
        for (size_t i = 0; i < rest.len; i++)
            if (strchr("\"<>", rest.data[i]) != NULL || (rest.data[i] == ']' && i + 1 == rest.len))
                rest.data[i] = ' ';
        if (p->pending.len > 0 && !blank_text(&rest)) {         /* Doe, John a@b */
            buf_puts(&p->pending, ", ");
            buf_add(&p->pending, rest.data, rest.len);
            name = display_name(p, &p->pending);
        } else {
            name = display_name(p, blank_text(&rest) ? &p->comment : &rest);
        }
        if (plausible(addr))
            emit(p, name, addr);
        buf_free(&rest);
        buf_clear(&p->pending);
    } else if (!blank_text(&p->phrase)) {
        char *whole = word_decode(p->r, p->phrase.data, p->phrase.len, p->hint);
        if (strchr(whole, '@') != NULL && find_spec(whole, strlen(whole), &from, &to)) {
            struct buf rest = {0};
            buf_add(&rest, whole, trim_opening(whole, from));
            addr = clean_addr(p, whole + from, to - from);
            if (plausible(addr))
                emit(p, display_name(p, &rest), addr);
            buf_free(&rest);
        } else if (more && p->pending.len + p->phrase.len < 1000) {
            if (p->pending.len > 0)
                buf_puts(&p->pending, ", ");
            buf_add(&p->pending, p->phrase.data, p->phrase.len);
        }
    }
    reset(p);
}

static void
both(struct parser *p, const char *s, size_t len)
{
    buf_add(&p->text, s, len);
    buf_add(&p->phrase, s, len);
}

static void
quoted(struct parser *p)
{
    size_t start = p->i++;
    const char *close = NULL;

    for (size_t k = p->i; k < p->len && close == NULL; k++)
        if (p->s[k] == '\\')
            k++;
        else if (p->s[k] == '"')
            close = p->s + k;
    if (close == NULL) {                /* never closed: a quote that is none */
        p->i = start + 1;
        memset((char *)p->s + start, ' ', 1);
        for (size_t k = p->i; k < p->len; k++)
            if (p->s[k] == '"')
                ((char *)p->s)[k] = ' ';
        return;
    }
    for (; p->s + p->i < close; p->i++) {
        if (p->s[p->i] == '\\' && p->s + p->i + 1 < close)
            p->i++;
        buf_putc(&p->phrase, p->s[p->i]);
    }
    p->i++;
    buf_add(&p->text, p->s + start, p->i - start);
}

static bool
comment(struct parser *p)
{
    size_t depth = 0, k, from = p->i + 1;

    for (k = p->i; k < p->len; k++) {
        if (p->s[k] == '\\') {
            k++;
        } else if (p->s[k] == '(') {
            depth++;
        } else if (p->s[k] == ')' && --depth == 0) {
            if (p->comment.len > 0)
                buf_putc(&p->comment, ' ');
            for (size_t c = from; c < k; c++) {
                if (p->s[c] == '\\' && c + 1 < k)
                    c++;
                buf_putc(&p->comment, p->s[c]);
            }
            p->i = k + 1;
            return true;
        }
    }
    return false;
}

static void
angle(struct parser *p)
{
    bool in_quotes = false;
    const char *close;

    p->i++;
    close = memchr(p->s + p->i, '>', p->len - p->i);
    if (p->has_angle && p->angle.len > 0 && memchr(p->angle.data, '@', p->angle.len) != NULL)
        flush(p, true);                 /* <a@b> <c@d>: a comma is missing */
    buf_clear(&p->angle);
    p->has_angle = true;
    for (; p->i < p->len; p->i++) {
        char c = p->s[p->i];
        if (c == '"')
            in_quotes = !in_quotes;
        if (c == '>' && (!in_quotes || p->s + p->i >= close)) {
            while (p->i < p->len && p->s[p->i] == '>')
                p->i++;
            return;
        }
        if (close == NULL && (c == ',' || c == ';'))
            return;
        if (c == '<')
            buf_clear(&p->angle);
        else
            buf_putc(&p->angle, c);
    }
}

static void
colon(struct parser *p)
{
    size_t n = p->text.len;

    if (n == 6 && mem_eq_nocase(p->text.data, "mailto", 6)) {
        buf_clear(&p->text);
        buf_clear(&p->phrase);
    } else if (!p->in_group && p->i < p->group_end && (n == 0 || memchr(p->text.data, '@', n) == NULL) && !p->has_angle) {
        p->in_group = true;             /* the group's name goes */
        reset(p);
        buf_clear(&p->pending);
    } else {
        both(p, ":", 1);
    }
    p->i++;
}

static void
list(struct parser *p)
{
    bool comments = true;
    const char *close;
    size_t n;

    while (p->i < p->len) {
        char c = p->s[p->i];
        switch (c) {
        case '"':
            quoted(p);
            break;
        case '<':
            angle(p);
            break;
        case '(':
            if (!comments || !comment(p)) {
                comments = false;       /* one is never closed: from here on they are plain */
                both(p, "(", 1);
                p->i++;
            }
            break;
        case ':':
            colon(p);
            break;
        case '[':                       /* a@[IPv6:2001:db8::1] */
            close = p->text.len > 0 && p->text.data[p->text.len - 1] == '@' ? memchr(p->s + p->i, ']', p->len - p->i) : NULL;
            n = close == NULL ? 1 : (size_t)(close + 1 - (p->s + p->i));
            both(p, p->s + p->i, n);
            p->i += n;
            break;
        case ';':
            p->in_group = false;
            /* fall through */
        case ',':
            flush(p, true);
            p->i++;
            break;
        case '=':
            n = word_length(p->s + p->i, p->len - p->i);
            if (n > 0 && n < 2000) {
                both(p, p->s + p->i, n);
                p->i += n;
                break;
            }
            /* fall through */
        default:
            both(p, &p->s[p->i], 1);
            p->i++;
        }
    }
    flush(p, false);
}

void
address_parse(struct reading *r, const char *raw, size_t len, const char *hint, struct address_list *out)
{
    struct parser p = {.r = r, .hint = hint, .len = len, .out = out};
    const char *semicolon = memrchr(raw, ';', len);
    size_t from, to;

    *out = (struct address_list){0};
    p.s = arena_strndup(r->tmp, raw, len);
    if (memmem(raw, len, "\x1b$", 2) != NULL || !utf8_valid(raw, len)) {       /* bytes of a character may look like marks */
        struct buf utf8 = {0};
        charset_text(hint, (const uint8_t *)raw, len, &utf8, NULL);
        reading_warn(r, "raw 8-bit text in a header");
        raw = p.s = arena_strndup(r->tmp, utf8.data == NULL ? "" : utf8.data, utf8.len);
        p.len = len = utf8.len;
        p.hint = "utf-8";
        semicolon = memrchr(raw, ';', len);
        buf_free(&utf8);
    }
    p.group_end = semicolon == NULL ? 0 : (size_t)(semicolon - raw);
    list(&p);
    if (out->n == 0 && find_spec(raw, len, &from, &to)) {
        char *addr = clean_addr(&p, raw + from, to - from);
        if (plausible(addr))
            emit(&p, NULL, addr);
    }
    buf_free(&p.text);
    buf_free(&p.phrase);
    buf_free(&p.angle);
    buf_free(&p.comment);
    buf_free(&p.pending);
}
