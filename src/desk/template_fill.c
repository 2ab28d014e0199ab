/* SPDX-License-Identifier: ISC
 *
 * Filling in: a walk over a template's steps. Values come from strangers: control and direction characters are taken out of
 * them, so that none can make a header line, a paragraph or a list item, and they are marked, so that the HTML part can
 * isolate them and never makes links of them. A link must be a mailto: URL as we make them, else it is left out.
 */
#include "template_inner.h"

#include <string.h>

#define SUBJECT_MAX 400
#define URL_MAX 1990

void
template_list_add(struct arena *a, struct template_fields *f, enum template_field field, const char *item)
{
    arena_push(a, &f->list[field], &f->n[field], arena_strdup(a, item));
}

void
template_link_add(struct arena *a, struct template_fields *f, enum template_field field, const char *url, const char *label)
{
    arena_push(a, &f->list[field], &f->n[field], arena_printf(a, "%s %s", url, label));
}

/* ---- values */

/* Length of a character that turns the direction of what follows, ends a line, or is a control: U+0080 to 009F, 061C, 200E,
 * 200F, 2028 to 202E, 2066 to 2069, FEFF. 0: none of them. */
static size_t
odd_character(const unsigned char *s)
{
    if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
        return 2;
    if (s[0] == 0xd8 && s[1] == 0x9c)
        return 2;
    if (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf)
        return 3;
    if (s[0] != 0xe2 || s[1] == 0 || s[2] == 0)
        return 0;
    if (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae)))
        return 3;
    return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

static bool
is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

static void
value_clean(struct buf *out, const char *value)
{
    const unsigned char *s = (const unsigned char *)(value ? value : "");
    bool blank = false;
    while (*s != '\0') {
        size_t odd = odd_character(s);
        if (odd == 0 && !is_control(*s)) {
            blank = *s == ' ';
            buf_putc(out, (char)*s++);
            continue;
        }
        if (odd == 0 && !blank) {
            buf_putc(out, ' ');
            blank = true;
        }
        s += odd ? odd : 1;
    }
}

static void
value_add(struct buf *out, const char *value)
{
    buf_putc(out, VALUE_BEGIN);
    value_clean(out, value);
    buf_putc(out, VALUE_END);
}

/* Where the line at s ends; *next is where the following one begins. LF, CRLF, CR, U+2028 and U+2029 end lines. */
static const char *
line_end(const char *s, const char **next)
{
    for (;; s++) {
        size_t n = s[0] == '\0' ? 0 : s[0] == '\r' && s[1] == '\n' ? 2 : s[0] == '\n' || s[0] == '\r' ? 1
            : memcmp(s, "\xe2\x80", strnlen(s, 2)) == 0 && (s[2] == '\xa8' || s[2] == '\xa9') ? 3 : 0;
        if (n > 0 || s[0] == '\0') {
            *next = s + n;
            return s;
        }
    }
}

static bool
only_blanks(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != ' ')
            return false;
    return true;
}

/* It has no control character but line ends, so that it holds no marks. */
static void
html_add(struct buf *out, const char *html)
{
    if (html == NULL)
        return;
    buf_putc(out, BLOCK_HTML);
    for (; *html != '\0'; html++)
        if (!is_control((unsigned char)*html) || *html == '\n')
            buf_putc(out, *html);
}

static const char *
html_of(const struct template_fields *f, enum template_field field)
{
    return f->html != NULL && f->html_of == field ? f->html : NULL;
}

/* Line by line between its marks; blank lines neither first nor last, never two together. */
static void
block_add(struct buf *out, const char *value, const char *html)
{
    struct buf cut = { 0 }, line = { 0 };
    bool any = false, gap = false;
    buf_putc(out, BLOCK_BEGIN);
    for (const char *s = value ? value : "", *next; *s != '\0'; s = next) {
        const char *end = line_end(s, &next);
        buf_clear(&cut);
        buf_clear(&line);
        buf_add(&cut, s, (size_t)(end - s));
        value_clean(&line, cut.data);
        if (only_blanks(line.data ? line.data : "", line.len)) {
            gap = any;
            continue;
        }
        buf_puts(out, gap ? "\n\n" : any ? "\n" : "");
        buf_add(out, line.data, line.len);
        any = true, gap = false;
    }
    html_add(out, html);
    buf_putc(out, BLOCK_END);
    buf_free(&cut);
    buf_free(&line);
}

/* What a person of ours wrote: all but control characters, so that it holds no marks. */
static void
as_is_add(struct buf *out, const char *value, const char *html)
{
    buf_putc(out, AS_IS_BEGIN);
    for (const char *s = value ? value : ""; *s != '\0'; s++)
        if (!is_control((unsigned char)*s) || *s == '\n' || *s == '\t')
            buf_putc(out, *s);
    html_add(out, html);
    buf_putc(out, AS_IS_END);
}

/* How long the URL at s is: all of s, or up to its first blank. 0: not a mailto: URL as we make them. */
static size_t
url_length(const char *s)
{
    size_t n = 0;
    if (s == NULL || strncmp(s, "mailto:", 7) != 0)
        return 0;
    for (; s[n] != '\0' && s[n] != ' '; n++)
        if ((unsigned char)s[n] < 0x21 || (unsigned char)s[n] > 0x7e || strchr("<>\"'\\", s[n]) != NULL)
            return 0;
    return n > 7 && n <= URL_MAX ? n : 0;
}

/* Without a URL the marks alone: that line is none. */
static void
link_add(struct buf *out, const char *label, size_t label_len, const char *url)
{
    struct buf words = { 0 };
    buf_add(&words, label, label_len);
    buf_putc(out, LINK_BEGIN);
    value_clean(out, words.data);
    buf_putc(out, LINK_URL);
    buf_add(out, url, url_length(url));
    buf_putc(out, LINK_END);
    buf_free(&words);
}

static void
link_item_add(struct buf *out, const char *item)
{
    size_t n = url_length(item);
    bool whole = n > 0 && item[n] == ' ' && item[n + 1] != '\0';
    link_add(out, whole ? item + n + 1 : "", whole ? strlen(item + n + 1) : 0, whole ? item : "");
}

/* ---- the walk */

static bool
there(const struct template_fields *f, enum template_field field)
{
    switch (template_field_rows[field].shape) {
    case SHAPE_LIST:
    case SHAPE_LINKS: return f->n[field] > 0;
    case SHAPE_LINK: return url_length(f->v[field]) > 0 && f->v[field][url_length(f->v[field])] == '\0';
    case SHAPE_PREPARED: return f->prepared != NULL;
    default: return f->v[field] != NULL && f->v[field][strspn(f->v[field], " \t\r\n")] != '\0';
    }
}

static void
item_add(struct buf *out, enum template_field list, const char *item)
{
    if (template_field_rows[list].shape == SHAPE_LINKS)
        link_item_add(out, item);
    else
        value_add(out, item);
}

static void
fill(const struct template *t, const struct program *p, const struct template_fields *f, struct buf *out)
{
    size_t item = 0;
    enum template_field list = FIELDS;
    for (size_t i = 0; i < p->n;) {
        const struct step *s = &p->v[i++];
        switch (s->op) {
        case OP_TEXT: buf_add(out, t->text + s->from, s->len); break;
        case OP_FIELD: value_add(out, f->v[s->field]); break;
        case OP_BLOCK: block_add(out, f->v[s->field], html_of(f, s->field)); break;
        case OP_AS_IS: as_is_add(out, f->v[s->field], html_of(f, s->field)); break;
        case OP_ITEM: item_add(out, list, f->list[list][item]); break;
        case OP_IF: i = there(f, s->field) ? i : s->jump; break;
        case OP_ELSE: i = s->jump; break;
        case OP_LINK:
            link_add(out, t->text + s->from, s->len, there(f, s->field) ? f->v[s->field] : "");
            break;
        case OP_PREPARED:               /* no deeper than this: a prepared letter cannot name another */
            if (f->prepared != NULL)
                fill(f->prepared, &f->prepared->body, f, out);
            break;
        case OP_EACH:
            list = s->field, item = 0;
            i = there(f, s->field) ? i : s->jump;
            break;
        case OP_END_EACH:
            i = ++item < f->n[list] ? s->jump + 1 : i;
            break;
        case OP_END_IF: break;
        }
    }
}

/* One line without marks and control characters, blanks one by one. */
static const char *
subject_line(const char *filled, struct arena *a)
{
    char *s = arena_strdup(a, filled), *out = s;
    for (const char *p = filled; *p != '\0'; p++) {
        char c = is_control((unsigned char)*p) ? ' ' : *p;
        if (*p != VALUE_BEGIN && *p != VALUE_END && (c != ' ' || (out > s && out[-1] != ' ')))
            *out++ = c;
    }
    while (out > s && out[-1] == ' ')
        out--;
    *out = '\0';
    s[utf8_clip(s, SUBJECT_MAX)] = '\0';
    return s;
}

static const char *
subject_of(const struct template *t, const struct template_fields *f, struct arena *a)
{
    struct buf filled = { 0 };
    buf_puts(&filled, "");
    fill(t, &t->subject, f, &filled);
    const char *s = subject_line(filled.data, a);
    buf_free(&filled);
    return s;
}

void
template_render(const struct template *t, const struct template_fields *f, struct arena *a, const char **subject, const char **text, const char **html)
{
    struct template_fields all = *f;
    struct buf filled = { 0 }, out = { 0 };
    if (f->prepared != NULL)
        all.v[FIELD_TITLE] = subject_of(f->prepared, f, a);
    *subject = subject_of(t, &all, a);
    buf_puts(&filled, "");
    fill(t, &t->body, &all, &filled);
    render_text(filled.data, &out);
    *text = arena_strndup(a, out.data, out.len);
    buf_clear(&out);
    render_html(filled.data, &out);
    *html = arena_strndup(a, out.data, out.len);
    buf_free(&out);
    buf_free(&filled);
}
