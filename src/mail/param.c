/* SPDX-License-Identifier: ISC
 *
 * Content-Type and Content-Disposition: a word and its parameters. RFC 2045 §5, RFC 2231 (continuations, charsets), RFC 2047 words in
 * values (forbidden, usual), values without quotes that hold blanks, 8-bit text. At most PARAM_MAX parameters are read.
 */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#define PARAM_MAX 50u

struct piece {                  /* one "name*3*=value" of an RFC 2231 parameter, or a whole plain one */
    char *name;
    const char *value;
    size_t len;
    unsigned section;
    bool extended, continued;
};

struct cursor { struct reading *r; const char *s; size_t len, i; const char *hint; };

static void
skip_space(struct cursor *c)
{
    while (c->i < c->len) {
        if (is_space((unsigned char)c->s[c->i])) {
            c->i++;
        } else if (c->s[c->i] == '(') {
            size_t k = c->i, depth = 0;
            for (; k < c->len; k++)
                if (c->s[k] == '\\')
                    k++;
                else if (c->s[k] == '(')
                    depth++;
                else if (c->s[k] == ')' && --depth == 0)
                    break;
            if (k >= c->len)
                return;
            c->i = k + 1;
        } else {
            return;
        }
    }
}

/* "size=3": the ';' before it is missing. */
static bool
begins_param(const struct cursor *c, size_t i)
{
    size_t from = i;

    while (i < c->len && i < from + 30 && (is_alnum((unsigned char)c->s[i]) || c->s[i] == '-' || c->s[i] == '*'))
        i++;
    return i > from && i < c->len && c->s[i] == '=';
}

/* A value: a quoted string, or what reaches to the next ';' without the blanks at its end. */
static char *
value(struct cursor *c, size_t *len)
{
    struct buf b = {0};
    char *v;

    if (c->i < c->len && c->s[c->i] == '"') {
        size_t k = c->i + 1;
        bool closed = false;
        for (; k < c->len && !closed; k++) {
            if (c->s[k] == '"') {
                /* an unescaped quote inside: the value ends at a quote that a ';' or the end follows */
                size_t after = k + 1;
                while (after < c->len && is_space((unsigned char)c->s[after]))
                    after++;
                closed = after >= c->len || c->s[after] == ';' || memchr(c->s + k + 1, '"', c->len - k - 1) == NULL || c->s[after] == '(' ||
                         begins_param(c, after);
                if (closed)
                    break;
            }
            if (c->s[k] == '\\' && k + 1 < c->len && (c->s[k + 1] == '"' || c->s[k + 1] == '\\'))
                k++;
            buf_putc(&b, c->s[k]);
        }
        if (closed) {
            c->i = k + 1;
        } else {                        /* never closed: to the next ';' */
            const char *semi = memchr(c->s + c->i, ';', c->len - c->i);
            size_t end = semi == NULL ? c->len : (size_t)(semi - c->s);
            buf_clear(&b);
            buf_add(&b, c->s + c->i + 1, end - c->i - 1);
            c->i = end;
        }
    } else {
        size_t from = c->i, to;
        while (c->i < c->len && c->s[c->i] != ';') {
            size_t n = c->s[c->i] == '=' ? word_length(c->s + c->i, c->len - c->i) : 0;
            c->i += n > 0 ? n : 1;
        }
        for (to = c->i; to > from && is_space((unsigned char)c->s[to - 1]); to--)
            ;
        buf_add(&b, c->s + from, to - from);
        if (b.len > 1 && b.data[b.len - 1] == '"')
            b.data[--b.len] = 0;
    }
    *len = b.len;
    v = arena_strndup(c->r->tmp, b.data == NULL ? "" : b.data, b.len);
    buf_free(&b);
    return v;
}

static void
split_name(struct piece *p)
{
    char *star = strchr(p->name, '*');
    size_t n = strlen(p->name);

    if (star == NULL)
        return;
    if (n > 0 && p->name[n - 1] == '*') {
        p->extended = true;
        p->name[n - 1] = 0;
    }
    star = strchr(p->name, '*');
    if (star != NULL) {
        p->continued = true;
        p->section = is_digit((unsigned char)star[1]) ? (unsigned)strtoul(star + 1, NULL, 10) : 9999;
        *star = 0;
    } else {
        star = p->name + strlen(p->name);
    }
    *star = 0;
}

static int
by_section(const void *a, const void *b)
{
    const struct piece *x = *(const struct piece *const *)a, *y = *(const struct piece *const *)b;

    return x->section < y->section ? -1 : x->section > y->section;
}

static void
percent(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        int hi, lo;
        if (s[i] == '%' && i + 2 < len && (hi = hex_value((unsigned char)s[i + 1])) >= 0 && (lo = hex_value((unsigned char)s[i + 2])) >= 0) {
            buf_putc(out, (char)(hi << 4 | lo));
            i += 2;
        } else {
            buf_putc(out, s[i]);
        }
    }
}

/* Joins the pieces of one name into UTF-8. */
static const char *
join(struct cursor *c, struct piece **list, size_t n)
{
    struct buf bytes = {0}, text = {0};
    char charset[66] = "";
    bool extended = false;
    const char *done;

    if (n > 1)
        qsort(list, n, sizeof *list, by_section);
    for (size_t i = 0; i < n; i++) {
        const char *v = list[i]->value;
        size_t len = list[i]->len;
        if (list[i]->extended && !extended) {
            const char *one = memchr(v, '\'', len), *two = one == NULL ? NULL : memchr(one + 1, '\'', len - (size_t)(one + 1 - v));
            extended = true;
            if (two != NULL) {
                size_t k = (size_t)(one - v) < sizeof charset - 1 ? (size_t)(one - v) : 0;
                memcpy(charset, v, k);
                charset[k] = 0;
                len -= (size_t)(two + 1 - v);
                v = two + 1;
            }
        }
        if (list[i]->extended)
            percent(v, len, &bytes);
        else
            buf_add(&bytes, v, len);
    }
    if (bytes.len > 0 && memmem(bytes.data, bytes.len, "=?", 2) != NULL) {
        done = word_decode(c->r, bytes.data, bytes.len, c->hint);
    } else {
        if (bytes.len > 0)
            charset_text(charset_known(charset, strlen(charset)) ? charset : c->hint, (const uint8_t *)bytes.data, bytes.len, &text, NULL);
        done = arena_strndup(c->r->tmp, text.data == NULL ? "" : text.data, text.len);
    }
    buf_free(&bytes);
    buf_free(&text);
    return done;
}

static void
put_param(struct cursor *c, struct content *out, const char *name, const char *v)
{
    if (content_param(out, name) != NULL)
        return;
    if (out->p == NULL)
        out->p = arena_alloc(c->r->tmp, PARAM_MAX * 2 * sizeof *out->p);
    if (out->n < PARAM_MAX * 2)
        out->p[out->n++] = (struct param){name, v};
}

static void
collect(struct cursor *c, struct piece *piece, size_t n, struct content *out)
{
    struct piece *list[PARAM_MAX];

    for (size_t i = 0; i < n; i++) {            /* the parts of an RFC 2231 name first: they are the better spelling */
        size_t k = 0;
        if ((!piece[i].continued && !piece[i].extended) || content_param(out, piece[i].name) != NULL)
            continue;
        for (size_t j = i; j < n; j++)
            if ((piece[j].continued || piece[j].extended) && strcmp(piece[j].name, piece[i].name) == 0 &&
                piece[j].continued == piece[i].continued)
                list[k++] = &piece[j];
        put_param(c, out, piece[i].name, join(c, list, k));
    }
    for (size_t i = 0; i < n; i++)
        if (!piece[i].continued && !piece[i].extended) {
            list[0] = &piece[i];
            put_param(c, out, piece[i].name, join(c, list, 1));
        }
}

/* "text / html": blanks around the '/'. */
static char *
split_type(struct cursor *c, char *type)
{
    size_t n = strlen(type), i = c->i, from;
    struct buf b = {0};

    while (i < c->len && is_space((unsigned char)c->s[i]))
        i++;
    if (type[n - 1] != '/') {
        if (i >= c->len || c->s[i] != '/')
            return type;
        for (i++; i < c->len && is_space((unsigned char)c->s[i]); i++)
            ;
    }
    for (from = i; i < c->len && (is_alnum((unsigned char)c->s[i]) || strchr("-+._", c->s[i]) != NULL); i++)
        ;
    if (i == from || (i < c->len && c->s[i] == '='))
        return type;
    buf_printf(&b, "%.*s/%.*s", (int)(type[n - 1] == '/' ? n - 1 : n), type, (int)(i - from), c->s + from);
    type = arena_strndup(c->r->tmp, b.data, b.len);
    str_lower(type);
    buf_free(&b);
    c->i = i;
    return type;
}

void
content_parse(struct reading *r, const char *raw, size_t len, const char *hint, struct content *out)
{
    struct cursor c = {.r = r, .s = raw, .len = len, .hint = hint};
    struct piece piece[PARAM_MAX];
    size_t n = 0, from;
    char *type;

    *out = (struct content){0};
    skip_space(&c);
    c.i += c.i < len && c.s[c.i] == '"';        /* "text/html" */
    from = c.i;
    while (c.i < len && strchr(";,\"(=", c.s[c.i]) == NULL && !is_space((unsigned char)c.s[c.i]))
        c.i++;
    if (c.i < len && c.s[c.i] == '=')
        c.i = from;                             /* the word is missing, a parameter stands first */
    type = arena_strndup(r->tmp, c.s + from, c.i - from);
    str_lower(type);
    if (*type != 0 && (type[c.i - from - 1] == '/' || strchr(type, '/') == NULL))
        type = split_type(&c, type);
    c.i += c.i > from && c.i < len && (c.s[c.i] == '"' || c.s[c.i] == ',');
    out->type = type;
    while (c.i < len && n < PARAM_MAX) {
        size_t at;
        skip_space(&c);
        while (c.i < len && (c.s[c.i] == ';' || is_space((unsigned char)c.s[c.i])))
            c.i++;
        skip_space(&c);
        at = c.i;
        while (c.i < len && c.s[c.i] != '=' && c.s[c.i] != ';' && !is_space((unsigned char)c.s[c.i]))
            c.i++;
        struct piece p = {.name = arena_strndup(r->tmp, c.s + at, c.i - at)};
        skip_space(&c);
        if (c.i >= len || c.s[c.i] != '=') {
            if (c.i == at)
                c.i++;
            continue;
        }
        c.i++;
        skip_space(&c);
        p.value = value(&c, &p.len);
        str_lower(p.name);
        split_name(&p);
        if (*p.name != 0)
            piece[n++] = p;
    }
    if (c.i < len)
        reading_warn(r, "more than %u parameters in a Content field", PARAM_MAX);
    collect(&c, piece, n, out);
}

const char *
content_param(const struct content *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->p[i].name, name) == 0)
            return c->p[i].value;
    return NULL;
}
