/* SPDX-License-Identifier: ISC
 *
 * Commands on the first lines of a mail's new words. Quoted and forwarded text is none of these words: mail's reading has
 * taken it away. What mail programs do to a line while it is typed (long dashes, capitals, blanks that do not break, a blank
 * behind the #, everything on one line) changes nothing. Pure.
 */
#include "command.h"

#include <string.h>

/* ---- folding */

/* What a character of three bytes or fewer is for us: itself, a blank, a dash, # or nothing. Its length, 0: itself. */
static size_t
odd_character(const unsigned char *s, char *out)
{
    *out = '\0';
    if (s[0] == 0xc2 && s[1] == 0xa0)
        return *out = ' ', 2;
    if (s[0] == 0xc2 && s[1] == 0xad)
        return 2;                       /* soft hyphen */
    if (s[0] == 0xc2 && (s[1] == 0xab || s[1] == 0xbb))
        return *out = '"', 2;
    if (s[0] == 0xe2 && s[1] == 0x80) {
        if (s[2] >= 0x80 && s[2] <= 0x8a)
            return *out = ' ', 3;
        if (s[2] >= 0x98 && s[2] <= 0x9b)
            return *out = '\'', 3;
        if (s[2] >= 0x9c && s[2] <= 0x9f)
            return *out = '"', 3;
        if (s[2] >= 0x8b && s[2] <= 0x8f)
            return 3;
        if (s[2] >= 0x90 && s[2] <= 0x95)
            return *out = '-', 3;
        if (s[2] >= 0xaa && s[2] <= 0xae)
            return 3;
        if (s[2] == 0xaf)
            return *out = ' ', 3;
    }
    if (s[0] == 0xe2 && s[1] == 0x81 && (s[2] == 0xa0 || (s[2] >= 0xa6 && s[2] <= 0xa9)))
        return 3;
    if (s[0] == 0xe2 && s[1] == 0x88 && s[2] == 0x92)
        return *out = '-', 3;
    if (s[0] == 0xe3 && s[1] == 0x80 && s[2] == 0x80)
        return *out = ' ', 3;
    if (s[0] == 0xef && ((s[1] == 0xbb && s[2] == 0xbf) || (s[1] == 0xb8 && s[2] >= 0x80 && s[2] <= 0x8f)))
        return 3;                       /* byte order mark; variation selectors */
    if (s[0] == 0xe2 && s[1] == 0x83 && s[2] == 0xa3)
        return 3;                       /* the key cap round a # */
    if ((s[0] == 0xef && s[1] == 0xbc && s[2] == 0x83) || (s[0] == 0xef && s[1] == 0xb9 && s[2] == 0x9f))
        return *out = '#', 3;
    if ((s[0] == 0xef && s[1] == 0xbc && s[2] == 0x8d) || (s[0] == 0xef && s[1] == 0xb9 && (s[2] == 0x98 || s[2] == 0xa3)))
        return *out = '-', 3;
    return 0;
}

/* A folded line, and where each of its bytes stood. */
struct folded { char *s; size_t *at; size_t len; };

static struct folded
fold(struct arena *a, const char *line, size_t len)
{
    struct folded f = { arena_alloc(a, len + 1), arena_alloc(a, (len + 1) * sizeof *f.at), 0 };
    for (size_t i = 0; i < len;) {
        char c = line[i];
        unsigned char seen[3] = { (unsigned char)line[i], i + 1 < len ? (unsigned char)line[i + 1] : 0, i + 2 < len ? (unsigned char)line[i + 2] : 0 };
        size_t odd = odd_character(seen, &c);
        if (odd == 0)
            c = line[i] == '\t' || line[i] == '\r' ? ' ' : line[i];
        if (odd == 0 || c != '\0') {
            f.at[f.len] = i;
            f.s[f.len++] = c;
        }
        i += odd ? odd : 1;
    }
    f.at[f.len] = len;
    return f;
}

const char *
command_fold(struct arena *a, const char *s)
{
    return fold(a, s, strlen(s)).s;
}

const char *
command_address(struct arena *a, const char *args)
{
    const char *s = command_fold(a, args), *at = strchr(s, '@');
    if (at == NULL)
        return NULL;
    const char *from = at, *to = at;
    while (from > s && strchr(" <>[]():;,\"", from[-1]) == NULL)
        from--;
    while (*to != '\0' && strchr(" <>[]():;,\"", *to) == NULL)
        to++;
    char *addr = arena_strndup(a, from, (size_t)(to - from));
    for (size_t n = strlen(addr); n > 0 && addr[n - 1] == '.'; n--)
        addr[n - 1] = '\0';
    addr_fold(addr);
    return addr_valid(addr) ? addr : NULL;
}

/* ---- words */

static bool
is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* Dashes count for nothing: ask-approval, ask_approval, askapproval. */
static bool
word_is(const char *row, const char *word, size_t len)
{
    size_t i = 0;
    for (; *row != '\0' || i < len;) {
        if (*row == '-') {
            row++;
        } else if (i < len && (word[i] == '-' || word[i] == '_')) {
            i++;
        } else {
            char c = i < len ? word[i] : '\0';
            if (*row == '\0' || (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != *row)
                return false;
            row++, i++;
        }
    }
    return true;
}

const struct command_row *
command_find(const char *word, size_t len)
{
    for (size_t i = 0; len > 0 && i < command_rows_n; i++)
        if (word_is(command_rows[i].word, word, len))
            return &command_rows[i];
    return NULL;
}

/* ---- lines */

/* A command begins at f->s[i]: its word stands there. With a blank behind the # it must be one that we know, or nearly. */
static bool
word_at(const struct folded *f, size_t i, size_t *from, size_t *len, bool *loose)
{
    if (i >= f->len || f->s[i] != '#')
        return false;
    i++;
    *loose = i < f->len && f->s[i] == ' ';
    while (i < f->len && f->s[i] == ' ')
        i++;
    *from = i;
    while (i < f->len && is_word_byte(f->s[i]))
        i++;
    *len = i - *from;
    while (*len > 0 && f->s[*from + *len - 1] == '-')
        --*len;
    return *len > 0 && f->s[*from] != '-';
}

static bool
is_text_of(const char *s, size_t len, const char *what)
{
    return strlen(what) == len && strncasecmp(s, what, len) == 0;
}

static const char *
clip(struct arena *a, const char *s, size_t len)
{
    while (len > 0 && (s[0] == ' ' || s[0] == '\t'))
        s++, len--;
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
        len--;
    return arena_strndup(a, s, len);
}

/* An argument that is a name: without the quotes round it and the full stop behind it. */
static const char *
clip_name(struct arena *a, const char *s, size_t len)
{
    for (bool more = true; more;) {
        while (len > 0 && s[0] == ' ')
            s++, len--;
        while (len > 0 && strchr(" .,;:!*_", s[len - 1]) != NULL)
            len--;
        more = len > 1 && (s[0] == '"' || s[0] == '\'') && s[len - 1] == s[0] && memchr(s + 1, s[0], len - 2) == NULL;
        if (more)
            s++, len -= 2;
    }
    return arena_strndup(a, s, len);
}

/* What may stand before a command on its line: the mark of a list, or of words in bold. */
static size_t
ornament(const struct folded *f, size_t i)
{
    size_t from = i;
    if (f->len >= i + 3 && memcmp(f->s + i, "\xe2\x80\xa2", 3) == 0)
        i += 3;
    else
        while (i < f->len && i < from + 3 && strchr("*_-", f->s[i]) != NULL)
            i++;
    while (i > from && i < f->len && f->s[i] == ' ')
        i++;
    return i < f->len && f->s[i] == '#' ? i : from;
}

/* Where on this line the next command begins. Behind prose only a word that we know is one. */
static size_t
next_command(const struct folded *f, size_t i, const struct command_row *row)
{
    bool loose;
    for (; i < f->len; i++) {
        size_t from, len;
        if (f->s[i] != '#' || i == 0 || f->s[i - 1] != ' ' || !word_at(f, i, &from, &len, &loose) || loose)
            continue;
        if (row == NULL || !row->prose || command_find(f->s + from, len) != NULL)
            return i;
    }
    return f->len;
}

/* The commands of one line. false: it is a line of words. */
static bool
line_parse(struct arena *a, const char *line, size_t line_len, struct commands *out)
{
    struct folded f = fold(a, line, line_len);
    size_t i = 0, from, len;
    bool loose;
    while (i < f.len && f.s[i] == ' ')
        i++;
    size_t bare = ornament(&f, i);
    if (!word_at(&f, bare, &from, &len, &loose))
        return false;
    if ((loose || bare > i) && command_find(f.s + from, len) == NULL)
        return false;
    i = bare;
    while (i < f.len && out->n < COMMANDS_MAX && word_at(&f, i, &from, &len, &loose)) {
        const char *word = arena_strndup(a, f.s + from, len);
        const struct command_row *row = command_find(word, len);
        size_t at = from + len, end, next;
        while (at < f.len && strchr(".,:;!*_", f.s[at]) != NULL && (at + 1 == f.len || f.s[at + 1] == ' ' || f.s[at + 1] == '#'))
            at++;
        if (row == NULL && is_text_of(f.s + from, len, "ask") && at + 9 <= f.len && strncasecmp(f.s + at, " approval", 9) == 0) {
            row = command_find("ask-approval", 12);
            at += 9;
        }
        while (at < f.len && f.s[at] == ' ')
            at++;
        next = row != NULL && row->words == WORDS_INSIDE ? f.len : next_command(&f, at, row);
        end = next;
        out->v[out->n++] = (struct command){ row, word, row != NULL && row->prose ? clip(a, line + f.at[at], f.at[end] - f.at[at]) : clip_name(a, f.s + at, end - at) };
        i = next;
    }
    return true;
}

static const char *
late_command(struct arena *a, const char *words)
{
    for (const char *p = words; *p != '\0';) {
        size_t line = strcspn(p, "\n"), from, len;
        bool loose;
        struct folded f = fold(a, p, line < 200 ? line : 200);
        size_t i = 0;
        while (i < f.len && f.s[i] == ' ')
            i++;
        if (word_at(&f, i, &from, &len, &loose) && !loose && command_find(f.s + from, len) != NULL)
            return clip(a, f.s, f.len);
        p += line + (p[line] == '\n');
    }
    return NULL;
}

void
commands_parse(const char *text, struct arena *a, struct commands *out)
{
    const char *p = text ? text : "";
    *out = (struct commands){ .v = arena_alloc(a, (COMMANDS_MAX + 1) * sizeof *out->v) };
    while (*p != '\0') {
        size_t len = strcspn(p, "\n");
        bool blank = fold(a, p, len).s[strspn(fold(a, p, len).s, " ")] == '\0';
        if (!blank && !line_parse(a, p, len, out))
            break;
        p += len + (p[len] == '\n');
    }
    size_t n = strlen(p);
    while (n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL)
        n--;
    out->words = arena_strndup(a, p, n);
    out->late = late_command(a, out->words);
}
