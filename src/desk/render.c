/* SPDX-License-Identifier: ISC
 *
 * From a filled-in template to the two parts of a letter. The source is plain text: paragraphs between blank lines are
 * refilled to 72 columns; a line that begins with "- " is a list item; a backslash at the end of a line breaks it there.
 * The HTML has no more than that: paragraphs, lists, breaks, and links where the template itself (never a value) has a URL.
 */
#include "template.h"

#include <string.h>

/* ---- lines of the source, without line end */

struct lines { const char *at; };

static bool
line_next(struct lines *l, const char **s, size_t *len)
{
    if (*l->at == '\0')
        return false;
    const char *eol = strchr(l->at, '\n');
    *s = l->at;
    *len = eol ? (size_t)(eol - l->at) : strlen(l->at);
    l->at += *len + (eol != NULL);
    while (*len > 0 && ((*s)[*len - 1] == ' ' || (*s)[*len - 1] == '\r' || (*s)[*len - 1] == '\t'))
        --*len;
    return true;
}

static bool
is_item(const char *s, size_t len)
{
    return len > 2 && s[0] == '-' && s[1] == ' ';
}

/* A line whose values were all empty is a blank one. */
static bool
is_blank(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != VALUE_BEGIN && s[i] != VALUE_END && s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

/* ---- text */

static size_t
columns(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80 && s[i] != VALUE_BEGIN && s[i] != VALUE_END;
    return n;
}

static void
put_word(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != VALUE_BEGIN && s[i] != VALUE_END)
            buf_putc(out, s[i]);
}

/* Adds a line's words behind what is there; *column is where the last line ends. */
static void
put_words(struct buf *out, const char *s, size_t len, const char *indent, size_t *column)
{
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && s[i] != ' ' && s[i] != '\t')
            i++;
        size_t wide = columns(s + from, i - from);
        if (wide > 0) {
            if (*column > strlen(indent) && *column + 1 + wide > RENDER_COLUMNS) {
                buf_printf(out, "\n%s", indent);
                *column = strlen(indent);
            } else if (*column > strlen(indent)) {
                buf_putc(out, ' ');
                ++*column;
            }
            put_word(out, s + from, i - from);
            *column += wide;
        }
        while (i < len && (s[i] == ' ' || s[i] == '\t'))
            i++;
    }
}

void
render_text(const char *filled, struct buf *out)
{
    struct lines l = { filled };
    const char *s, *indent = "";
    size_t len, column = 0;
    bool paragraph = false, gap = false;
    while (line_next(&l, &s, &len)) {
        if (is_blank(s, len)) {
            gap = paragraph || gap;
            paragraph = false;
            continue;
        }
        bool hard = s[len - 1] == '\\', item = is_item(s, len);
        if ((item || !paragraph) && out->len > 0)
            buf_puts(out, gap ? "\n\n" : "\n");
        if (item || !paragraph) {
            indent = item ? "  " : "";
            column = item ? 2 : 0;
            if (item)
                buf_puts(out, "- ");
        }
        gap = false;
        put_words(out, s + (item ? 2 : 0), len - hard - (item ? 2 : 0), indent, &column);
        if (hard) {
            buf_printf(out, "\n%s", indent);
            column = strlen(indent);
        }
        paragraph = true;
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
    while (n < len && (unsigned char)s[n] > 0x20 && s[n] != '<' && s[n] != '>' && s[n] != '"' && s[n] != '\\')
        n++;
    while (n > 0 && strchr(".,;:!?)", s[n - 1]) != NULL)
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

/* A value is isolated, so that a right-to-left name does not turn the sentence round it. */
static void
put_html(struct buf *out, const char *s, size_t len)
{
    bool value = false;
    for (size_t i = 0; i < len;) {
        size_t url = value ? 0 : url_length(s + i, len - i);
        if (url > 0 && memchr(s + i, VALUE_BEGIN, url) == NULL) {
            buf_puts(out, "<a href=\"");
            put_escaped(out, s + i, url);
            buf_puts(out, "\">");
            put_escaped(out, s + i, url);
            buf_puts(out, "</a>");
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

enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_LIST };

static void
block_close(struct buf *out, enum block *b)
{
    static const char *const ends[] = { "", "</p>\n", "</li>\n</ul>\n" };
    buf_puts(out, ends[*b]);
    *b = BLOCK_NONE;
}

void
render_html(const char *filled, struct buf *out)
{
    struct lines l = { filled };
    const char *s;
    size_t len;
    enum block b = BLOCK_NONE;
    bool broken = true;
    buf_puts(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n<body dir=\"auto\">\n");
    while (line_next(&l, &s, &len)) {
        if (is_blank(s, len)) {
            block_close(out, &b);
            continue;
        }
        bool hard = s[len - 1] == '\\', item = is_item(s, len);
        if (item && b == BLOCK_LIST)
            buf_puts(out, "</li>\n<li dir=\"auto\">");
        else if (item) {
            block_close(out, &b);
            buf_puts(out, "<ul>\n<li dir=\"auto\">");
        } else if (b == BLOCK_NONE)
            buf_puts(out, "<p dir=\"auto\">");
        else if (!broken)
            buf_putc(out, '\n');
        b = item ? BLOCK_LIST : b == BLOCK_NONE ? BLOCK_PARAGRAPH : b;
        put_html(out, s + (item ? 2 : 0), len - hard - (item ? 2 : 0));
        if (hard)
            buf_puts(out, "<br>\n");
        broken = hard;
    }
    block_close(out, &b);
    buf_puts(out, "</body></html>\n");
}
