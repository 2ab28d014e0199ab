/* SPDX-License-Identifier: ISC
 *
 * The header scanner: one pass over a header block, no library, no recursion. Trusts nothing: mails come with CR alone as line end,
 * with an mbox line on top, with lines that are no header among the header, with blanks before the colon, without a blank line
 * before the body, with NUL. What it drops it says in a warning; the raw mail is kept elsewhere. RFC 5322 §2.2, §4.5.
 */
#include "read.h"

#include <string.h>

bool
mem_eq_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower((unsigned char)a[i]) != lower((unsigned char)b[i]))
            return false;
    return true;
}

void
reading_warn(struct reading *r, const char *fmt, ...)
{
    va_list ap;
    struct buf b = {0};

    if (r->m == NULL || r->m->n_warnings >= READ_MAX_WARNINGS)
        return;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < r->m->n_warnings; i++)
        if (strcmp(r->m->warnings[i], b.data) == 0) {
            buf_free(&b);
            return;
        }
    arena_push(r->a, &r->m->warnings, &r->m->n_warnings, arena_strndup(r->a, b.data, b.len));
    buf_free(&b);
}

size_t
line_end(const uint8_t *bytes, size_t len, size_t at, size_t *next)
{
    const uint8_t *e = memchr(bytes + at, '\n', len - at);
    size_t end = e == NULL ? len : (size_t)(e - bytes);

    *next = e == NULL ? len : end + 1;
    while (end > at && bytes[end - 1] == '\r')
        end--;
    return end;
}

/* "Name:" or "Name :" with a name of printable ASCII. Returns the length of the name, 0: no header line. */
static size_t
header_name(const uint8_t *s, size_t len, size_t *colon)
{
    size_t n = 0, c;

    while (n < len && s[n] > 0x20 && s[n] < 0x7f && s[n] != ':')
        n++;
    c = n;
    while (c < len && is_blank(s[c]))
        c++;
    if (n == 0 || n > 200 || c >= len || s[c] != ':')
        return 0;
    *colon = c;
    return n;
}

static bool
is_mbox_line(const uint8_t *s, size_t len)
{
    return (len >= 5 && memcmp(s, "From ", 5) == 0) || (len >= 6 && memcmp(s, ">From ", 6) == 0);
}

/* No LF at all, or none before the blank line that ends the header. A header with one LF in it has no line that ends in CR. */
static bool
is_cr_alone(const uint8_t *bytes, size_t len)
{
    const uint8_t *lf = memchr(bytes, '\n', len), *end = memmem(bytes, lf == NULL ? len : (size_t)(lf - bytes), "\r\r", 2);

    return memchr(bytes, '\r', len) != NULL && (lf == NULL || (end != NULL && end + 2 < lf));
}

const uint8_t *
lines_repair(struct reading *r, const uint8_t *bytes, size_t len)
{
    uint8_t *copy;

    if (len == 0 || !is_cr_alone(bytes, len))
        return bytes;
    reading_warn(r, "line ends are CR alone");
    copy = arena_alloc(r->tmp, len);
    for (size_t i = 0; i < len; i++)
        copy[i] = bytes[i] == '\r' && (i + 1 == len || bytes[i + 1] != '\n') ? '\n' : bytes[i];
    return copy;
}

/* Appends the text of one physical line, without NUL, to the value that grows in b; past the limit it only says so. */
static void
add_line(struct reading *r, struct buf *b, const uint8_t *s, size_t len, bool *clipped)
{
    size_t room = r->o->limits.header_len > b->len ? r->o->limits.header_len - b->len : 0;

    if (len > room) {
        len = room;
        *clipped = true;
    }
    for (size_t i = 0; i < len; i++)
        if (s[i] == '\r')
            buf_putc(b, ' ');           /* a bare CR inside a header is a blank, never a line end */
        else if (s[i] != 0)
            buf_putc(b, (char)s[i]);
}

struct scanner {
    struct reading *r;
    const uint8_t *bytes;
    size_t len;
    struct header *out;
    struct buf value;
    size_t cap, seen;
    const uint8_t *name;
    size_t name_len;
    bool open, clipped;
};

static void
close_field(struct scanner *s)
{
    struct header *h = s->out;
    size_t from = 0, to = s->value.len;

    if (!s->open)
        return;
    s->open = false;
    if (s->clipped)
        reading_warn(s->r, "header %.*s cut at %u bytes", (int)(s->name_len > 60 ? 60 : s->name_len), (const char *)s->name,
            s->r->o->limits.header_len);
    s->clipped = false;
    if (h->n >= s->r->o->limits.headers) {
        reading_warn(s->r, "more than %u headers: the rest is not read", s->r->o->limits.headers);
        buf_clear(&s->value);
        return;
    }
    while (from < to && is_space((unsigned char)s->value.data[from]))
        from++;
    while (to > from && is_space((unsigned char)s->value.data[to - 1]))
        to--;
    if (h->n == s->cap) {
        size_t cap = s->cap == 0 ? 32 : s->cap * 2;
        struct field *f = arena_alloc(s->r->tmp, cap * sizeof *f);
        if (h->n > 0)
            memcpy(f, h->f, h->n * sizeof *f);
        h->f = f;
        s->cap = cap;
    }
    h->f[h->n++] = (struct field){
        .name = arena_strndup(s->r->tmp, (const char *)s->name, s->name_len), .name_len = s->name_len,
        .value = to > from ? arena_strndup(s->r->tmp, s->value.data + from, to - from) : "", .len = to - from,
    };
    buf_clear(&s->value);
}

/* A line that is no header: does the header go on after it? It does when the next line looks like one, or ends the block. */
static bool
goes_on(const struct scanner *s, size_t next, bool any)
{
    size_t colon, end, after;

    if (next >= s->len)
        return false;
    end = line_end(s->bytes, s->len, next, &after);
    if (end == next)
        return any;
    return header_name(s->bytes + next, end - next, &colon) > 0 || (any && is_blank(s->bytes[next]));
}

static size_t
skip_junk_before(const uint8_t *bytes, size_t len)
{
    size_t at = 0, next, colon;

    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    size_t start = at;
    while (at < len) {                  /* blank lines on top, if a header follows them */
        size_t end = line_end(bytes, len, at, &next), i = at;
        while (i < end && (is_blank(bytes[i]) || bytes[i] == 0))
            i++;
        if (i < end) {
            if (is_mbox_line(bytes + at, end - at))
                return next;
            return header_name(bytes + at, end - at, &colon) > 0 ? at : start;
        }
        at = next;
    }
    return start;
}

void
header_scan(struct reading *r, const uint8_t *bytes, size_t len, bool top, struct header *out)
{
    struct scanner s = {.r = r, .bytes = bytes, .len = len, .out = out};
    size_t at, next, colon;
    bool skipping = false;

    *out = (struct header){0};
    at = top ? skip_junk_before(bytes, len) : 0;
    for (; at < len; at = next) {
        size_t end = line_end(bytes, len, at, &next), n;
        if (end == at) {
            at = next;
            break;
        }
        if (is_blank(bytes[at]) && (s.open || skipping)) {
            if (!skipping)
                add_line(r, &s.value, bytes + at, end - at, &s.clipped);
            continue;
        }
        if (!top && end - at > 2 && memcmp(bytes + at, "--", 2) == 0)
            break;                              /* the next boundary, and the blank line is missing */
        n = header_name(bytes + at, end - at, &colon);
        if (n == 0) {
            size_t i = at;
            while (i < end && (is_space(bytes[i]) || bytes[i] == 0))
                i++;
            if (i == end) {                     /* blanks alone: the blank line, as most readers take it */
                at = next;
                break;
            }
            if (!goes_on(&s, next, s.out->n > 0 || s.open) && !(top && is_mbox_line(bytes + at, end - at)))
                break;                          /* the body begins without a blank line */
            reading_warn(r, "a line in the header is no header field");
            close_field(&s);
            skipping = true;
            continue;
        }
        close_field(&s);
        skipping = false;
        s.open = true;
        s.name = bytes + at;
        s.name_len = n;
        add_line(r, &s.value, bytes + at + colon + 1, end - at - colon - 1, &s.clipped);
    }
    close_field(&s);
    buf_free(&s.value);
    out->body = at < len ? at : len;
    if (top && out->n == 0)
        reading_warn(r, len == 0 ? "the mail is empty" : "no header field");
}

bool
field_is(const struct field *f, const char *name)
{
    return strlen(name) == f->name_len && mem_eq_nocase(f->name, name, f->name_len);
}

const struct field *
header_first(const struct header *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++)
        if (field_is(&h->f[i], name))
            return &h->f[i];
    return NULL;
}

const char *
header_value(const struct header *h, const char *name)
{
    const struct field *f = header_first(h, name);

    return f == NULL ? NULL : f->value;
}
