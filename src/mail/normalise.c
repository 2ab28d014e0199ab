/* SPDX-License-Identifier: ISC
 *
 * Before the MIME library: a copy of the mail that holds nothing but what the library must know, in a form that has one reading.
 * Of each header block only the type is written, multiparts get boundaries of our own making (a hash of the mail, which the mail
 * cannot contain), all of them are closed, attached messages are opaque, and the limits of depth and parts hold. So every fault of
 * the library that hangs on headers, addresses, parameters, depth, parts or boundaries is out of a stranger's reach. Bodies are copied
 * byte for byte. One pass over the lines, no recursion; a line that begins with "--" costs at most `depth` comparisons.
 */
#include "read.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BOUNDARY_MAX 500u       /* RFC 2046 says 70; longer ones are met */
#define DEPTH_MAX 64u
#define ADOPT_BYTES (1u << 20)

struct open {                   /* a multipart that is open */
    char boundary[BOUNDARY_MAX + 1];
    size_t len;
    unsigned id, parts;
    bool digest, related, looked;
    const char *start;          /* of a multipart/related: the part that is no inline file; NULL: the first */
    unsigned alternative;       /* its number, 0: it is none */
    size_t preamble;            /* where it begins in the mail */
};

struct normaliser {
    struct reading *r;
    const uint8_t *bytes;
    size_t len;
    struct buf *copy;
    struct leaves *out;
    struct open open[DEPTH_MAX];
    size_t depth;
    unsigned next_id;
    char secret[33];
    bool copying;               /* inside a leaf; else preamble or epilogue */
    bool full;                  /* the limit of parts is reached */
};

struct leaf *
leaf_add(struct leaves *l)
{
    if (l->n == l->cap) {
        l->cap = l->cap == 0 ? 16 : l->cap * 2;
        l->v = mem_grow(l->v, l->cap * sizeof *l->v);
    }
    l->v[l->n] = (struct leaf){.part = (uint32_t)l->n + 1};
    return &l->v[l->n++];
}

static void
delimiter(struct normaliser *n, const struct open *o, bool last)
{
    if (n->copy->len > 0 && n->copy->data[n->copy->len - 1] != '\n')
        buf_putc(n->copy, '\n');
    buf_printf(n->copy, "--td-%s-%u%s\n", n->secret, o->id, last ? "--" : "");
}

/* "text/plain", or what it can only have meant. */
static const char *
known_type(const char *type, bool digest)
{
    const char *slash = type == NULL ? NULL : strchr(type, '/');

    if (type == NULL || *type == 0)
        return digest ? "message/rfc822" : "text/plain";
    if (str_eq_nocase(type, "plain/text") || str_eq_nocase(type, "text/text") || str_eq_nocase(type, "text/ascii") || str_eq_nocase(type, "text/utf-8"))
        return "text/plain";
    if (slash != NULL && slash > type && slash[1] != 0)
        return type;
    return str_eq_nocase(type, "html") ? "text/html" : "text/plain";            /* RFC 2045 §5.2: what cannot be read is text */
}

static const char *
field_word(struct normaliser *n, const struct header *h, const char *name)
{
    const struct field *f = header_first(h, name);
    struct content c;

    if (f == NULL)
        return NULL;
    content_parse(n->r, f->value, f->len, NULL, &c);
    return c.type != NULL && *c.type != 0 ? c.type : NULL;
}

static void
describe(struct normaliser *n, const struct header *h, const struct content *type, const char *name)
{
    const struct field *f = header_first(h, "Content-Disposition"), *id = header_first(h, "Content-ID");
    const struct open *up = n->depth > 0 ? &n->open[n->depth - 1] : NULL;
    struct leaf *l = leaf_add(n->out);
    struct content d = {0};
    const char *file = NULL, *v;

    l->type = name;
    l->charset = content_param(type, "charset");
    l->encoding = field_word(n, h, "Content-Transfer-Encoding");
    if (f != NULL) {
        content_parse(n->r, f->value, f->len, charset_keeps_ascii(l->charset) ? l->charset : n->r->hint, &d);
        file = content_param(&d, "filename");
        if (d.type != NULL && *d.type == 0 && file != NULL)                /* the word itself is missing */
            d.type = "attachment";
        l->disposition = d.type != NULL && *d.type != 0 && strchr(d.type, '=') == NULL ? d.type : NULL;
        if (file == NULL || *file == 0)
            file = content_param(&d, "name");
    }
    if (file == NULL || *file == 0)
        file = content_param(type, "name");
    if (file == NULL || *file == 0)
        file = content_param(type, "filename");
    l->name = name_neutral(n->r, file);
    if (type->type != NULL && *type->type != 0 && strchr(type->type, '/') == NULL && str_eq_nocase(name, "text/plain") && !str_starts_nocase(type->type, "text") &&
        (l->name != NULL || (l->encoding != NULL && str_eq_nocase(l->encoding, "base64"))))
        l->type = "application/octet-stream";
    l->content_id = id == NULL ? NULL : refs_message_id(n->r, id->value, id->len);
    v = content_param(type, "format");
    l->flowed = v != NULL && str_eq_nocase(v, "flowed");
    v = content_param(type, "delsp");
    l->delsp = v != NULL && str_eq_nocase(v, "yes");
    if (up != NULL) {
        struct branch *chain = arena_alloc(n->r->tmp, n->depth * sizeof *chain);
        for (size_t i = 0; i < n->depth; i++)
            if (n->open[i].alternative > 0)
                chain[l->n_chain++] = (struct branch){n->open[i].alternative, n->open[i].parts};
        l->chain = chain;
        l->alternative = l->n_chain > 0 ? chain[l->n_chain - 1].alternative : 0;
        l->related = up->related && (up->start != NULL ? l->content_id == NULL || strcmp(l->content_id, up->start) != 0 : up->parts > 1);
    }
    buf_printf(n->copy, "Content-Type: application/octet-stream\n\n");
    n->copying = true;
}

/* A multipart that does not say its boundary: the first line of its body that looks like one. */
static const char *
guess_boundary(struct normaliser *n, size_t at)
{
    for (unsigned lines = 0; lines < 30 && at < n->len; lines++) {
        size_t next, end = line_end(n->bytes, n->len, at, &next);
        if (end - at > 4 && end - at <= BOUNDARY_MAX && memcmp(n->bytes + at, "--", 2) == 0 && memchr(n->bytes + at, ' ', end - at) == NULL) {
            reading_warn(n->r, "a multipart does not name its boundary: found it");
            return arena_strndup(n->r->tmp, (const char *)n->bytes + at + 2, end - at - 2);
        }
        at = next;
    }
    return NULL;
}

static void
open_multipart(struct normaliser *n, const char *type, const char *boundary, const char *start, size_t at)
{
    struct open *o = &n->open[n->depth];

    *o = (struct open){.id = n->next_id++, .preamble = at};
    o->len = strlen(boundary);
    while (o->len > 0 && is_blank((unsigned char)boundary[o->len - 1]))
        o->len--;
    memcpy(o->boundary, boundary, o->len);
    o->digest = strcmp(type, "multipart/digest") == 0;
    o->related = strcmp(type, "multipart/related") == 0;
    o->start = o->related && start != NULL ? refs_message_id(n->r, start, strlen(start)) : NULL;
    o->alternative = strcmp(type, "multipart/alternative") == 0 ? ++n->out->alternatives : 0;
    n->depth++;
    buf_printf(n->copy, "Content-Type: multipart/mixed; boundary=\"td-%s-%u\"\n\n", n->secret, o->id);
    n->copying = false;
}

/* Begins an entity whose header is h and whose body begins at `at`. */
static void
entity(struct normaliser *n, const struct header *h, size_t at, bool top)
{
    const struct field *f = header_first(h, "Content-Type");
    const struct open *up = n->depth > 0 ? &n->open[n->depth - 1] : NULL;
    struct content c = {0};
    const char *type, *boundary;

    if (f != NULL)
        content_parse(n->r, f->value, f->len, n->r->hint, &c);
    type = known_type(c.type, up != NULL && up->digest);
    if (top)
        n->out->root = type;
    if (str_starts_nocase(type, "multipart/")) {
        boundary = content_param(&c, "boundary");
        if (boundary == NULL || *boundary == 0 || strlen(boundary) > BOUNDARY_MAX)
            boundary = guess_boundary(n, at);
        if (boundary == NULL) {
            reading_warn(n->r, "a multipart without boundary is shown as text");
            type = "text/plain";
        } else if (n->depth >= n->r->o->limits.depth || n->depth >= DEPTH_MAX) {
            reading_warn(n->r, "more than %u multiparts in each other: the inner ones stay closed", n->r->o->limits.depth);
            type = "application/octet-stream";
        } else {
            open_multipart(n, type, boundary, content_param(&c, "start"), at);
            return;
        }
    }
    describe(n, h, &c, type);
}

/* Ends the innermost multipart. One whose boundary never came holds text. */
static void
close_multipart(struct normaliser *n, size_t at)
{
    struct open *o = &n->open[n->depth - 1];
    struct header none = {0};
    struct content plain = {0};

    if (o->parts == 0 && !n->full) {
        reading_warn(n->r, "a multipart's boundary never comes: shown as text");
        o->parts = 1;
        delimiter(n, o, false);
        describe(n, &none, &plain, "text/plain");
        buf_add(n->copy, n->bytes + o->preamble, at - o->preamble);
    }
    delimiter(n, o, true);
    n->depth--;
    n->copying = false;
}

/* Which open multipart's boundary the line is; SIZE_MAX: none. */
static size_t
match(const struct normaliser *n, const uint8_t *line, size_t len, bool *last)
{
    for (size_t i = n->depth; i > 0; i--) {
        const struct open *o = &n->open[i - 1];
        size_t k = 2 + o->len, e = len;
        if (len < k || memcmp(line + 2, o->boundary, o->len) != 0)
            continue;
        while (e > k && is_blank(line[e - 1]))
            e--;
        *last = e == k + 2 && memcmp(line + k, "--", 2) == 0;
        if (e == k || *last)
            return i - 1;
    }
    return SIZE_MAX;
}

/* The boundary that was announced comes after all. Looked for once, and not far. */
static bool
comes_later(const struct normaliser *n, struct open *o, size_t at)
{
    size_t end = n->len - at < ADOPT_BYTES ? n->len : at + ADOPT_BYTES;
    char line[BOUNDARY_MAX + 4] = "\n--";

    memcpy(line + 3, o->boundary, o->len);
    o->looked = true;
    return memmem(n->bytes + at, end - at, line, o->len + 3) != NULL;
}

/* A boundary that is not the one announced: "--" and, on the next line, a header that only a part has. */
static bool
adopt(struct normaliser *n, size_t at, size_t end, size_t next)
{
    struct open *o = n->depth > 0 ? &n->open[n->depth - 1] : NULL;

    if (o == NULL || n->copying || o->parts > 0 || end - at < 5 || end - at - 2 > BOUNDARY_MAX || next + 8 > n->len ||
        !mem_eq_nocase((const char *)n->bytes + next, "Content-", 8) || o->looked || comes_later(n, o, at))
        return false;
    reading_warn(n->r, "a multipart's boundary is not the one that it names");
    o->len = end - at - 2;
    memcpy(o->boundary, n->bytes + at + 2, o->len);
    o->boundary[o->len] = 0;
    return true;
}

static size_t
boundary_line(struct normaliser *n, size_t at, size_t next, size_t which, bool last)
{
    struct header h;

    while (n->depth > which + 1)
        close_multipart(n, at);
    if (last) {
        close_multipart(n, at);
        return next;
    }
    if (n->out->n >= n->r->o->limits.parts || n->next_id >= n->r->o->limits.parts) {
        reading_warn(n->r, "more than %u parts: the rest is not read", n->r->o->limits.parts);
        n->full = true;
        n->copying = false;
        return next;
    }
    n->open[which].parts++;
    delimiter(n, &n->open[which], false);
    header_scan(n->r, n->bytes + next, n->len - next, false, &h);
    entity(n, &h, next + h.body, false);
    return next + h.body;
}

void
normalise(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h, struct buf *copy, struct leaves *out)
{
    struct normaliser n = {.r = r, .bytes = bytes, .len = len, .copy = copy, .out = out};
    uint8_t hash[16];
    size_t at = h->body, next, which, from;
    bool last = false;

    crypto_generichash(hash, sizeof hash, bytes, len, NULL, 0);
    hex_encode(hash, sizeof hash, n.secret);
    entity(&n, h, at, true);
    if (n.depth == 0) {
        if (n.copying)
            buf_add(copy, bytes + at, len - at);
        return;
    }
    for (from = at; at < len && !n.full && n.depth > 0; at = next) {
        size_t end;
        if (bytes[at] != '-') {                 /* on to the next line that may be a boundary */
            const uint8_t *e = memmem(bytes + at, len - at, "\n--", 3);
            next = e == NULL ? len : (size_t)(e - bytes) + 1;
            continue;
        }
        end = line_end(bytes, len, at, &next);
        if (end - at < 3 || bytes[at + 1] != '-')
            continue;
        which = match(&n, bytes + at, end - at, &last);
        if (which == SIZE_MAX && adopt(&n, at, end, next))
            which = n.depth - 1, last = false;
        if (which == SIZE_MAX)
            continue;
        if (n.copying)
            buf_add(copy, bytes + from, at - from);
        from = next = boundary_line(&n, at, next, which, last);
    }
    if (n.copying)
        buf_add(copy, bytes + from, (n.depth > 0 || at < len ? len : at) - from);
    if (n.depth > 0 && !n.full)
        reading_warn(r, "a multipart is not closed");
    while (n.depth > 0)
        close_multipart(&n, len);
}
