/* SPDX-License-Identifier: ISC
 *
 * The MIME library over the normalised copy: it splits the tree, its leaves are set beside the descriptions that the normaliser wrote.
 * Should the two ever differ, the mail is one text: nothing is lost, and a warning says so. Then the files inside other files:
 * uuencoded ones in text, those of a winmail.dat. Decoding is ours and happens at first use.
 */
#include "read.h"

#include <gmime/gmime.h>
#include <string.h>

/* Text that calls itself base64 and is plain: it has words, and marks that base64 has not. */
static bool
is_plain_after_all(const struct leaf *l)
{
    size_t len = l->raw_len < 4096 ? l->raw_len : 4096, blanks = 0, foreign = 0;

    if (!decode_is_base64(l->encoding) || !str_starts_nocase(l->type, "text/"))
        return false;
    for (size_t i = 0; i < len; i++) {
        blanks += l->raw[i] == ' ';
        foreign += !is_alnum(l->raw[i]) && l->raw[i] > 0x20 && strchr("+/=-_", l->raw[i]) == NULL;
    }
    return blanks * (foreign > 0 ? 20 : 10) > len;
}

static bool
is_base64_line(const uint8_t *s, size_t len, size_t *ink)
{
    bool rule = true;           /* "____", "----": a line that somebody drew */

    *ink = len;
    while (*ink > 0 && is_space(s[*ink - 1]))
        --*ink;
    for (size_t i = 0; i < *ink; i++) {
        if (!is_alnum(s[i]) && (s[i] == 0 || strchr("+/=-_", s[i]) == NULL))
            return false;
        rule &= s[i] == '-' || s[i] == '_';
    }
    return *ink == 0 || !rule;
}

/* Where plain text begins that a mailing list put below the base64 of a text: nothing behind that is a full line of base64. */
static size_t
base64_ends(const struct leaf *l)
{
    size_t tail = l->raw_len, next, ink;
    bool begun = false;

    for (size_t at = 0; at < l->raw_len; at = next) {
        size_t end = line_end(l->raw, l->raw_len, at, &next);
        bool line = is_base64_line(l->raw + at, end - at, &ink);
        if (tail == l->raw_len && begun && !line)
            tail = at;
        if (tail < l->raw_len && line && ink >= 60)
            return l->raw_len;
        begun |= line && ink > 0;
    }
    return tail;
}

const struct buf *
leaf_bytes(struct leaf *l)
{
    if (!l->decoded) {
        bool plain = is_plain_after_all(l);
        size_t end = !plain && decode_is_base64(l->encoding) && str_starts_nocase(l->type, "text/") ? base64_ends(l) : l->raw_len;
        decode_transfer(plain ? NULL : l->encoding, l->raw, end, &l->own);
        if (end < l->raw_len) {
            if (l->own.len > 0 && l->own.data[l->own.len - 1] != '\n')
                buf_putc(&l->own, '\n');
            buf_add(&l->own, l->raw + end, l->raw_len - end);
        }
        l->decoded = true;
        if (l->own.data == NULL)
            buf_puts(&l->own, "");
    }
    return &l->own;
}

void
leaves_free(struct leaves *l)
{
    for (size_t i = 0; i < l->n; i++)
        buf_free(&l->v[i].own);
    free(l->v);
    *l = (struct leaves){0};
}

void
tree_init(void)
{
    static bool started;

    if (!started)
        g_mime_init();
    started = true;
}

struct walk { struct leaves *out; const struct buf *copy; size_t seen; };

static void
take_leaf(GMimeObject *parent, GMimeObject *part, gpointer user)
{
    struct walk *w = user;
    GMimeDataWrapper *content;
    GMimeStream *s;
    struct leaf *l;

    (void)parent;
    if (!GMIME_IS_PART(part))
        return;
    if (w->seen++ >= w->out->n)
        return;
    l = &w->out->v[w->seen - 1];
    content = g_mime_part_get_content((GMimePart *)part);
    s = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);
    if (s != NULL && s->bound_start >= 0 && (size_t)s->bound_start <= w->copy->len) {
        gint64 end = s->bound_end < 0 ? (gint64)w->copy->len : s->bound_end;
        l->raw = (const uint8_t *)w->copy->data + s->bound_start;
        l->raw_len = (size_t)(end < s->bound_start ? 0 : end - s->bound_start);
    }
}

/* False when the library's tree is not the normaliser's. */
static bool
split(struct buf *copy, struct leaves *out)
{
    struct walk w = {.out = out, .copy = copy};
    GMimeStream *s;
    GMimeParser *p;
    GMimeObject *root;

    GByteArray *a = g_byte_array_new_take((guint8 *)copy->data, copy->len);
    s = g_mime_stream_mem_new_with_byte_array(a);
    g_mime_stream_mem_set_owner((GMimeStreamMem *)s, FALSE);
    p = g_mime_parser_new_with_stream(s);
    g_object_unref(s);
    root = g_mime_parser_construct_part(p, NULL);
    if (root != NULL) {
        if (GMIME_IS_MULTIPART(root))
            g_mime_multipart_foreach((GMimeMultipart *)root, take_leaf, &w);
        else
            take_leaf(NULL, root, &w);
        g_object_unref(root);
    }
    g_object_unref(p);
    copy->data = (char *)g_byte_array_free(a, FALSE);
    copy->cap = copy->len;
    return w.seen == out->n;
}

static void
one_text(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h, struct leaves *out)
{
    const char *root = out->root;
    struct leaf *l;

    reading_warn(r, "the parts of the mail could not be told apart: shown as text");
    leaves_free(out);
    out->root = root;
    l = leaf_add(out);
    l->type = "text/plain";
    l->raw = bytes + h->body;
    l->raw_len = len - h->body;
}

static bool
may_hold_uu(const struct leaf *l)
{
    return l->name == NULL && str_eq_nocase(l->type, "text/plain") && (l->disposition == NULL || !str_eq_nocase(l->disposition, "attachment"));
}

/* uuencoded files come out of the text around them. */
static void
take_uu(struct reading *r, struct leaves *out, size_t n)
{
    const struct buf *b;
    struct buf rest = {0};
    struct uu_file f;
    size_t at = 0;

    if (out->v[n].encoding == NULL ? memmem(out->v[n].raw, out->v[n].raw_len, "begin ", 6) == NULL : strstr(out->v[n].encoding, "uu") != NULL)
        return;
    b = leaf_bytes(&out->v[n]);
    while (out->n < r->o->limits.parts && uu_find((const uint8_t *)b->data, b->len, at, &f)) {
        struct leaf *l = leaf_add(out);
        b = &out->v[n].own;             /* the list may have moved */
        l->type = "application/octet-stream";
        l->disposition = "attachment";
        l->decoded = true;
        l->name = name_neutral(r, word_decode(r, f.name, f.name_len, NULL));
        uu_decode((const uint8_t *)b->data, b->len, &f, &l->own);
        if (l->own.data == NULL)
            buf_puts(&l->own, "");
        buf_add(&rest, b->data + at, f.begin - at);
        at = f.end;
    }
    if (at > 0) {
        buf_add(&rest, b->data + at, b->len - at);
        buf_free(&out->v[n].own);
        out->v[n].own = rest;
    }
}

static bool
is_tnef(const struct leaf *l)
{
    return str_eq_nocase(l->type, "application/ms-tnef") || str_eq_nocase(l->type, "application/vnd.ms-tnef") ||
           (l->name != NULL && str_eq_nocase(l->name, "winmail.dat"));
}

/* A multipart is never encoded itself (RFC 2045 §6.4), but some gateways do so: its parts show once it is decoded. */
static const uint8_t *
unwrap(struct reading *r, const uint8_t *bytes, size_t *len, const struct header *h)
{
    const struct field *type = header_first(h, "Content-Type"), *cte = header_first(h, "Content-Transfer-Encoding");
    struct content c, e;
    struct buf line = {0}, body = {0};
    const char *boundary;

    if (type == NULL || cte == NULL || !str_starts_nocase(type->value, "multipart/"))
        return bytes;
    content_parse(r, type->value, type->len, NULL, &c);
    content_parse(r, cte->value, cte->len, NULL, &e);
    if ((boundary = content_param(&c, "boundary")) == NULL || *boundary == 0 || e.type == NULL)
        return bytes;
    buf_printf(&line, "--%s", boundary);
    if (memmem(bytes + h->body, *len - h->body, line.data, line.len) == NULL) {
        decode_transfer(e.type, bytes + h->body, *len - h->body, &body);
        if (body.len > 0 && memmem(body.data, body.len, line.data, line.len) != NULL) {
            uint8_t *whole = arena_alloc(r->tmp, h->body + body.len);
            memcpy(whole, bytes, h->body);
            memcpy(whole + h->body, body.data, body.len);
            *len = h->body + body.len;
            bytes = whole;
            reading_warn(r, "a multipart was encoded as a whole");
        }
    }
    buf_free(&line);
    buf_free(&body);
    return bytes;
}

void
tree_read(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h, struct buf *copy, struct leaves *out)
{
    size_t n;

    tree_init();
    *out = (struct leaves){0};
    buf_puts(copy, "");
    bytes = unwrap(r, bytes, &len, h);
    normalise(r, bytes, len, h, copy, out);
    if (!split(copy, out))
        one_text(r, bytes, len, h, out);
    n = out->n;
    for (size_t i = 0; i < n; i++)
        if (out->v[i].raw == NULL) {
            out->v[i].raw = (const uint8_t *)"";
            out->v[i].raw_len = 0;
        }
    for (size_t i = 0; i < n; i++) {
        if (may_hold_uu(&out->v[i]))
            take_uu(r, out, i);
        if (is_tnef(&out->v[i])) {
            leaf_bytes(&out->v[i]);
            struct buf b = out->v[i].own;
            tnef_read(r, (const uint8_t *)b.data, b.len, out);
        }
    }
}

const char *
name_neutral(struct reading *r, const char *name)
{
    struct buf b = {0};
    size_t len = name == NULL ? 0 : strlen(name), size, from = 0;
    char *done;

    while (from < len && is_space((unsigned char)name[from]))
        from++;
    while (len > from && is_space((unsigned char)name[len - 1]))
        len--;
    if (len <= from)
        return NULL;
    for (size_t i = from; i < len; i += size) {
        uint32_t c = utf8_at(name, len, i, &size);
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == '/' || c == '\\' || c == 0x61c || c == 0x200e || c == 0x200f ||
            (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029)
            buf_putc(&b, '_');
        else
            buf_add(&b, name + i, size);
    }
    if (b.len > 255) {
        b.len = utf8_clip(b.data, 255);
        b.data[b.len] = 0;
    }
    done = arena_strndup(r->a, b.data, b.len);
    buf_free(&b);
    return done;
}
