/* SPDX-License-Identifier: ISC
 *
 * From a filled-in template to the two parts of a letter. The source is plain text: paragraphs between blank lines are
 * refilled to 72 columns; a line that begins with "- " is a list item; a backslash at the end of a line breaks it there; a
 * link and a block stand on lines of their own. The HTML has no more than that: paragraphs, lists, breaks, and links where
 * the template itself (never a value) has them.
 */
#include "template.h"

#include <string.h>

#define INDENT_KEPT_MAX 16              /* blanks that begin a line of a block */

/* ---- lines of the source, without line end */

enum sort { SORT_BLANK, SORT_TEXT, SORT_BLOCK, SORT_AS_IS, SORT_LINK, SORT_NOTHING };      /* nothing: the line of a link that there is not */
struct line {
    enum sort sort;
    bool item, hard;                    /* hard: broken at its end */
    const char *s; size_t len;          /* without the sign of an item, the backslash and the marks of a block or link */
    const char *url; size_t url_len;
    const char *html; size_t html_len;  /* that stands for a block; NULL: its lines do */
};

/* A line whose values were all empty is a blank one, and so is an item of which nothing is left. */
static bool
is_blank(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != VALUE_BEGIN && s[i] != VALUE_END && s[i] != ' ' && s[i] != '\t')
            return len == 1 && s[0] == '-';
    return true;
}

static void
line_link(struct line *l)
{
    const char *url = memchr(l->s, LINK_URL, l->len), *end = memchr(l->s, LINK_END, l->len);
    if (l->len < 3 || l->s[0] != LINK_BEGIN || url == NULL || end == NULL)
        return;
    l->sort = end > url + 1 ? SORT_LINK : SORT_NOTHING;
    l->len = (size_t)(url - ++l->s);
    l->url = url + 1;
    l->url_len = (size_t)(end - url - 1);
}

static bool
line_next(const char **at, struct line *l)
{
    const char *s = *at;
    if (*s == '\0')
        return false;
    *l = (struct line){ .sort = SORT_TEXT };
    while (*s == ' ' || *s == '\t')
        s++;
    bool as_is = *s == AS_IS_BEGIN;
    const char *end = as_is ? strchr(s, AS_IS_END) : *s == BLOCK_BEGIN ? strchr(s, BLOCK_END) : NULL, *eol = strchr(end ? end : s, '\n');
    *at = eol ? eol + 1 : s + strlen(s);
    l->s = s;
    l->len = eol ? (size_t)(eol - s) : strlen(s);
    if (end != NULL) {
        l->s = s + 1;
        l->len = (size_t)(end - l->s);
        l->html = memchr(l->s, BLOCK_HTML, l->len);
        if (l->html != NULL) {
            l->html_len = (size_t)(end - ++l->html);
            l->len -= l->html_len + 1;
        }
        l->sort = l->len == 0 ? SORT_BLANK : as_is ? SORT_AS_IS : SORT_BLOCK;
        return true;
    }
    while (l->len > 0 && strchr(" \r\t", s[l->len - 1]) != NULL)
        l->len--;
    if (is_blank(s, l->len)) {
        l->sort = SORT_BLANK;
        return true;
    }
    l->item = l->len > 2 && s[0] == '-' && s[1] == ' ';
    l->hard = s[l->len - 1] == '\\';
    l->s += l->item ? 2 : 0;
    l->len -= (l->item ? 2 : 0) + l->hard;
    line_link(l);
    return true;
}

/* One line of a block. */
static bool
block_next(const char **s, const char *end, const char **line, size_t *len)
{
    if (*s >= end)
        return false;
    const char *eol = memchr(*s, '\n', (size_t)(end - *s));
    *line = *s;
    *len = (size_t)((eol ? eol : end) - *s);
    *s = eol ? eol + 1 : end;
    return true;
}

/* ---- text */

/* Does the value that begins at s hold letters that are written from right to left? (Hebrew to N'Ko, Arabic's presentation forms.) */
static bool
turns_direction(const char *s, const char *end)
{
    for (; s < end && *s != VALUE_END; s++) {
        unsigned char a = (unsigned char)s[0], b = s + 1 < end ? (unsigned char)s[1] : 0, c = s + 2 < end ? (unsigned char)s[2] : 0;
        if ((a == 0xd6 && b >= 0x90) || (a >= 0xd7 && a <= 0xdf) || (a == 0xe0 && b >= 0xa0 && b <= 0xa3) ||
            (a == 0xef && ((b == 0xac && c >= 0x9d) || (b >= 0xad && b <= 0xb7) || (b >= 0xb9 && b <= 0xbb))) ||
            (a == 0xf0 && ((b == 0x90 && c >= 0xa0) || (b == 0x9e && c >= 0xa0))))
            return true;
    }
    return false;
}

struct text_out {
    struct buf *out;
    size_t column;
    const char *indent;                 /* of the element that is open */
    enum { AT_GAP, AT_OPEN, AT_BROKEN } at;     /* after a blank line (or at the start), in an element, at its hard break */
    bool isolated;                      /* within a value that is set apart */
};

static size_t
columns(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80 && s[i] != VALUE_BEGIN && s[i] != VALUE_END;
    return n;
}

/* A value that turns the direction stands between U+2068 and U+2069. */
static void
put_word(struct text_out *o, const char *s, size_t len, const char *end)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] == VALUE_BEGIN) {
            o->isolated = turns_direction(s + i + 1, end);
            buf_puts(o->out, o->isolated ? "\xe2\x81\xa8" : "");
        } else if (s[i] == VALUE_END) {
            buf_puts(o->out, o->isolated ? "\xe2\x81\xa9" : "");
            o->isolated = false;
        } else {
            buf_putc(o->out, s[i]);
        }
}

/* Adds a line's words behind what is there. */
static void
put_words(struct text_out *o, const char *s, size_t len)
{
    size_t left = columns(o->indent, strlen(o->indent));
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && s[i] != ' ' && s[i] != '\t')
            i++;
        size_t wide = columns(s + from, i - from);
        if (wide > 0 && o->column > left && o->column + 1 + wide > RENDER_COLUMNS) {
            buf_printf(o->out, "\n%s", o->indent);
            o->column = left;
        } else if (wide > 0 && o->column > left) {
            buf_putc(o->out, ' ');
            o->column++;
        }
        put_word(o, s + from, i - from, s + len);
        o->column += wide;
        while (i < len && (s[i] == ' ' || s[i] == '\t'))
            i++;
    }
}

/* To where a new element begins, or a new line of the open one. */
static void
text_begin(struct text_out *o, bool element, bool gap, bool item)
{
    if (element) {
        if (o->out->len > 0)
            buf_puts(o->out, gap || o->at == AT_GAP ? "\n\n" : "\n");
        o->indent = item ? "  " : "";
        buf_puts(o->out, item ? "- " : "");
    } else {
        buf_printf(o->out, "\n%s", o->indent);
    }
    o->column = strlen(o->indent);
}

static void
text_block(struct text_out *o, const struct line *l)
{
    const char *s = l->s, *end = l->s + l->len, *line;
    size_t len;
    bool first = true;
    text_begin(o, true, true, false);
    while (block_next(&s, end, &line, &len)) {
        buf_puts(o->out, first ? "" : "\n");
        first = false;
        for (o->column = 0; o->column < len && o->column < INDENT_KEPT_MAX && line[o->column] == ' '; o->column++)
            buf_putc(o->out, ' ');
        size_t begin = o->column;
        if (begin > 0 && len > begin) {                 /* the first word stands right behind the indentation */
            size_t word = begin + strcspn(line + begin, " \n\x04");
            put_word(o, line + begin, word - begin, end);
            o->column += columns(line + begin, word - begin);
            begin = word;
        }
        put_words(o, line + begin, len - begin);
    }
    o->at = AT_GAP;
}

void
render_text(const char *filled, struct buf *out)
{
    struct text_out o = { .out = out, .indent = "", .at = AT_GAP };
    struct line l;
    while (line_next(&filled, &l)) {
        if (l.sort == SORT_NOTHING)
            continue;
        if (l.sort == SORT_BLANK) {
            o.at = AT_GAP;
        } else if (l.sort == SORT_BLOCK) {
            text_block(&o, &l);
        } else if (l.sort == SORT_AS_IS) {
            text_begin(&o, true, true, false);
            buf_add(out, l.s, l.len);
            o.at = AT_GAP;
        } else {
            if (l.item || o.at == AT_GAP)
                text_begin(&o, true, false, l.item);
            else if (l.sort == SORT_LINK || o.at == AT_BROKEN)
                text_begin(&o, false, false, false);
            if (l.sort == SORT_LINK)
                buf_printf(out, "%.*s%s <%.*s>", (int)l.len, l.s, strchr("?!.:", l.s[l.len - 1]) ? "" : ":", (int)l.url_len, l.url);
            else
                put_words(&o, l.s, l.len);
            o.at = l.hard || l.sort == SORT_LINK ? AT_BROKEN : AT_OPEN;
        }
    }
    buf_putc(out, '\n');
}

/* ---- HTML */

static size_t
url_length(const char *s, size_t len)
{
    if (!str_starts_nocase(s, "https://") && !str_starts_nocase(s, "http://"))
        return 0;
    size_t n = 0;
    while (n < len && (unsigned char)s[n] > 0x20 && strchr("<>\"'`\\", s[n]) == NULL)
        n++;
    while (n > 0 && strchr(".,;:!?)]}*_", s[n - 1]) != NULL)
        n--;
    return n;
}

static void
put_escaped(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        switch (s[i]) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        case '\'': buf_puts(out, "&#39;"); break;
        default: buf_putc(out, s[i]);
        }
}

/* style: of one that stands on a line of its own, large enough for a finger. */
static void
put_anchor(struct buf *out, const char *url, size_t url_len, const char *words, size_t len, const char *style)
{
    buf_puts(out, "<a href=\"");
    put_escaped(out, url, url_len);
    buf_printf(out, "\"%s>", style);
    put_escaped(out, words, len);
    buf_puts(out, "</a>");
}

/* A value is isolated, so that a right-to-left name does not turn the sentence round it. */
static void
put_html(struct buf *out, const char *s, size_t len)
{
    bool value = false;
    for (size_t i = 0; i < len;) {
        size_t url = value ? 0 : url_length(s + i, len - i);
        if (url > 0 && memchr(s + i, VALUE_BEGIN, url) == NULL) {
            put_anchor(out, s + i, url, s + i, url, "");
            i += url;
            continue;
        }
        if (s[i] == VALUE_BEGIN || s[i] == VALUE_END) {
            value = s[i] == VALUE_BEGIN;
            buf_puts(out, value ? "<bdi>" : "</bdi>");
        } else {
            put_escaped(out, s + i, 1);
        }
        i++;
    }
}

enum element { ELEMENT_NONE, ELEMENT_PARAGRAPH, ELEMENT_LIST };

static void
element_close(struct buf *out, enum element *e)
{
    static const char *const ends[] = { "", "</p>\n", "</li>\n</ul>\n" };
    buf_puts(out, ends[*e]);
    *e = ELEMENT_NONE;
}

/* A paragraph of its own direction for each of the block's. */
static void
html_block(struct buf *out, const struct line *l)
{
    const char *s = l->s, *end = l->s + l->len, *line;
    size_t len;
    bool open = false;
    while (block_next(&s, end, &line, &len)) {
        if (len == 0) {
            buf_puts(out, open ? "</p>\n" : "");
            open = false;
            continue;
        }
        buf_puts(out, open ? "<br>\n" : "<p dir=\"auto\">");
        open = true;
        size_t indent = 0;
        for (; indent < len && indent < INDENT_KEPT_MAX && line[indent] == ' '; indent++)
            buf_puts(out, "&#160;");
        put_escaped(out, line + indent, len - indent);
    }
    buf_puts(out, open ? "</p>\n" : "");
}

/* Lines, blanks at their beginning, links; nothing that a stranger's page could have brought in. */
static void
html_as_is(struct buf *out, const char *s, const char *end)
{
    bool begins = true;
    buf_puts(out, "<p dir=\"auto\">");
    while (s < end) {
        size_t url = url_length(s, (size_t)(end - s)), lines = 0;
        while (s + lines < end && s[lines] == '\n')
            lines++;
        if (url > 0) {
            put_anchor(out, s, url, s, url, "");
        } else if (lines > 0) {
            buf_puts(out, lines > 1 ? "</p>\n<p dir=\"auto\">" : "<br>\n");
        } else if (*s == ' ' && (begins || (s + 1 < end && s[1] == ' '))) {
            buf_puts(out, "&#160;");
            s++;
            continue;
        } else {
            put_escaped(out, s, 1);
        }
        begins = lines > 0;
        s += url > 0 ? url : lines > 0 ? lines : 1;
    }
    buf_puts(out, "</p>\n");
}

static void
html_begin(struct buf *out, enum element *e, bool item, const char *between)
{
    if (item && *e == ELEMENT_LIST) {
        buf_puts(out, "</li>\n<li dir=\"auto\">");
    } else if (item) {
        element_close(out, e);
        buf_puts(out, "<ul>\n<li dir=\"auto\">");
    } else {
        buf_puts(out, *e == ELEMENT_NONE ? "<p dir=\"auto\">" : between);
    }
    *e = item ? ELEMENT_LIST : *e == ELEMENT_NONE ? ELEMENT_PARAGRAPH : *e;
}

void
render_html(const char *filled, struct buf *out)
{
    struct line l;
    enum element e = ELEMENT_NONE;
    bool broken = false;
    buf_puts(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n<body dir=\"auto\">\n");
    while (line_next(&filled, &l)) {
        if (l.sort == SORT_NOTHING)
            continue;
        if (l.sort == SORT_BLANK || l.sort == SORT_BLOCK || l.sort == SORT_AS_IS) {
            element_close(out, &e);
            if (l.html != NULL)
                buf_add(out, l.html, l.html_len);
            else if (l.sort == SORT_BLOCK)
                html_block(out, &l);
            else if (l.sort == SORT_AS_IS)
                html_as_is(out, l.s, l.s + l.len);
            continue;
        }
        html_begin(out, &e, l.item, broken || l.sort == SORT_LINK ? "<br>\n" : "\n");
        if (l.sort == SORT_LINK)
            put_anchor(out, l.url, l.url_len, l.s, l.len, " style=\"display:inline-block;padding:6px 0\"");
        else
            put_html(out, l.s, l.len);
        broken = l.hard || l.sort == SORT_LINK;
    }
    element_close(out, &e);
    buf_puts(out, "</body></html>\n");
}
