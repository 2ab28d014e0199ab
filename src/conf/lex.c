/* SPDX-License-Identifier: ISC
 *
 * Text into tokens. What libconfuse would take but hardly anybody means is an error here: a string over several lines,
 * ${VARIABLE}, "\d" (which libconfuse reads as d), control characters, a semicolon inside a word. Words stand without quotes:
 * names, numbers, true and false. Comments are #, // and slash-star as libconfuse has them.
 */
#include "lex.h"

#include <stdlib.h>
#include <string.h>

struct lexer { const char *p, *end; int line; bool first; struct tokens *out; };

static void
token_add(struct lexer *l, enum token_kind kind, const char *start, const char *error)
{
    struct tokens *t = l->out;

    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 256;
        t->v = mem_grow(t->v, t->cap * sizeof *t->v);
    }
    t->v[t->n++] = (struct token){ kind, l->line, l->first, start, (size_t)(l->p - start), error };
    l->first = false;
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._:/@%+-", c));
}

static void
line_skip(struct lexer *l)
{
    const char *nl = memchr(l->p, '\n', (size_t)(l->end - l->p));

    l->p = nl ? nl : l->end;
}

/* What a whole string may not hold, wherever it stands in it. */
static const char *
string_fault(const char *s, size_t len)
{
    for (const char *p = s; p < s + len; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return "a control character in a string, expected plain text";
    if (memmem(s, len, "${", 2))
        return "\"${\" in a string: variables are not expanded here, expected plain text";
    return utf8_valid(s, len) ? NULL : "a string that is not UTF-8, expected the file to be saved as UTF-8";
}

/* l->p stands on the opening quote. */
static void
string_read(struct lexer *l)
{
    const char *start = l->p, *error = NULL;
    char quote = *l->p++;

    for (; l->p < l->end && *l->p != '\n' && *l->p != quote; l->p++) {
        if (*l->p != '\\' || l->p + 1 == l->end || l->p[1] == '\n')
            continue;
        l->p++;
        if (quote == '"' && *l->p != '"' && *l->p != '\\')
            error = "a lone backslash between double quotes, expected \\\\ or single quotes around the string";
    }
    if (l->p == l->end || *l->p == '\n') {
        token_add(l, TOKEN_BROKEN, start, "a string is not closed on its line, expected the closing quote");
        return;
    }
    l->p++;
    token_add(l, TOKEN_STRING, start, error ? error : string_fault(start, (size_t)(l->p - start)));
}

static void
comment_read(struct lexer *l)
{
    const char *start = l->p, *close = memmem(start + 2, (size_t)(l->end - start) - 2, "*/", 2);

    l->p = close ? close + 2 : l->end;
    if (!close) {
        token_add(l, TOKEN_BROKEN, start, "a comment is never closed, expected */");
        return;
    }
    for (const char *c = start; c < l->p; c++)
        if (*c == '\n') {
            l->line++;
            l->first = true;
        }
}

static void
token_read(struct lexer *l, int *surplus)
{
    static const struct { char c; enum token_kind kind; int surplus; } marks[] = {
        { '{', TOKEN_OPEN, 1 }, { '}', TOKEN_CLOSE, -1 }, { '=', TOKEN_EQUALS, 0 }, { ',', TOKEN_COMMA, 0 },
        { '(', TOKEN_PAREN, 0 }, { ')', TOKEN_PAREN, 0 },
    };
    const char *start = l->p;

    for (size_t i = 0; i < countof(marks); i++)
        if (*start == marks[i].c) {
            l->p++;
            *surplus += marks[i].surplus;
            token_add(l, marks[i].kind, start, NULL);
            return;
        }
    if (*start == '"' || *start == '\'') {
        string_read(l);
    } else if (is_word(*start)) {
        while (l->p < l->end && is_word(*l->p))
            l->p++;
        token_add(l, TOKEN_WORD, start, NULL);
    } else {
        line_skip(l);
        token_add(l, TOKEN_BROKEN, start, *start == ';' ? "a semicolon, expected nothing at the end of a setting"
                                                        : "a character that means nothing here, expected a setting, a section or a quoted string");
    }
}

void
conf_lex(const char *text, size_t len, struct tokens *out, int *surplus)
{
    struct lexer l = { text, text + len, 1, true, out };

    *surplus = 0;
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        l.p += 3;
    while (l.p < l.end) {
        bool pair = l.p + 1 < l.end && *l.p == '/';

        if (*l.p == '\n') {
            l.line++;
            l.first = true;
            l.p++;
        } else if (*l.p == ' ' || *l.p == '\t' || *l.p == '\r') {
            l.p++;
        } else if (*l.p == '#' || (pair && l.p[1] == '/')) {
            line_skip(&l);
        } else if (pair && l.p[1] == '*') {
            comment_read(&l);
        } else {
            token_read(&l, surplus);
        }
    }
    token_add(&l, TOKEN_END, l.p, NULL);
}

char *
conf_unquote(const struct token *t)
{
    bool string = t->kind == TOKEN_STRING;
    const char *p = t->start + string, *end = t->start + t->len - string;
    char *s = mem_alloc(t->len + 1), *o = s;

    for (; p < end; p++) {
        if (string && *p == '\\' && p + 1 < end && (p[1] == '\\' || p[1] == *t->start))
            p++;
        *o++ = *p;
    }
    return s;
}
