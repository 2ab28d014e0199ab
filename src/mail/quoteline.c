/* SPDX-License-Identifier: ISC
 *
 * Yahoo's programs write what stands above a forwarded mail as one line of plain text, without anything between its fields:
 * "----- Forwarded message ----- From: A B <a@b>To: c@dSent: Tuesday, … GMTSubject: x". Here it becomes the lines that everybody
 * else writes, before anybody looks at lines. What a stranger wrote: bounded, and nothing is believed that is not a label.
 */
#include "quote.h"

#include <string.h>

#define LINE_READ_MAX 2000u             /* bytes of such a line in which labels are looked for */
#define SEPARATOR_MAX 120u

/* Where the separator ends that the line begins with; 0: it begins with none, or nothing but it stands there. */
static size_t
separator_end(const char *s, size_t len)
{
    size_t i = 0, end;

    while (i < len && s[i] == '-')
        i++;
    if (i < 3 || i == len)
        return 0;
    for (end = i; end < len && end < SEPARATOR_MAX && s[end] != '-' && s[end] != ':'; end++)
        ;
    if (end + 2 >= len || s[end] != '-' || s[end + 1] != '-')
        return 0;
    while (end < len && s[end] == '-')
        end++;
    return quote_separator(s, end) == SEPARATOR_FORWARD ? end : 0;
}

static bool
begins_word(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || c >= 0xc3;
}

/* The fields from s on, each on a line of its own; false: they are none. */
static bool
put_fields(const char *s, size_t len, struct buf *out)
{
    bool seen[LABEL_REPLY_TO + 1] = {false};
    size_t value, from = 0;

    if (quote_label(s, len, &value) != LABEL_FROM || memchr(s, '@', len) == NULL)
        return false;
    seen[LABEL_FROM] = true;
    for (size_t i = value; i < len && i < LINE_READ_MAX && !seen[LABEL_SUBJECT]; i++) {
        enum label label = begins_word((unsigned char)s[i]) ? quote_label(s + i, len - i, &value) : LABEL_NONE;
        if (label == LABEL_NONE || seen[label])
            continue;
        seen[label] = true;
        buf_add(out, s + from, i - from);
        buf_putc(out, '\n');
        from = i;
    }
    buf_add(out, s + from, len - from);
    return seen[LABEL_SUBJECT] && (seen[LABEL_DATE] || seen[LABEL_TO]);
}

const char *
quote_line_split(struct reading *r, const char *text, size_t *len)
{
    size_t next;

    for (size_t at = 0; at < *len; at = next) {
        size_t end = line_end((const uint8_t *)text, *len, at, &next), separator;
        struct buf b = {0};
        while (at < end && is_blank((unsigned char)text[at]))
            at++;
        separator = separator_end(text + at, end - at);
        if (separator == 0)
            continue;
        buf_add(&b, text, at);
        buf_add(&b, text + at, separator);
        buf_puts(&b, "\n\n");
        for (at += separator; at < end && is_blank((unsigned char)text[at]); at++)
            ;
        if (put_fields(text + at, end - at, &b)) {
            buf_add(&b, text + end, *len - end);
            *len = b.len;
            text = arena_strndup(r->tmp, b.data, b.len);
            next = *len;                /* one is all that is looked for */
        }
        buf_free(&b);
    }
    return text;
}
