/* SPDX-License-Identifier: ISC
 *
 * Words as files: read at load, the operator's over the shipped ones key by key, and checked there, so that a letter never
 * lacks a word. They are the operator's; nothing of a mail comes here.
 */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WORDS_FILE_MAX (256u << 10)

struct word { const char *key, *value, **parts; size_t n_parts; };
struct words {
    struct arena *arena;
    struct word *v;
    size_t n;
};

/* Where the key is, or would stand: words are in the order of their keys. */
static size_t
word_place(const struct words *w, const char *key)
{
    size_t from = 0, to = w->n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(w->v[middle].key, key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct word *
word_find(const struct words *w, const char *key)
{
    size_t i = word_place(w, key);
    return i < w->n && strcmp(w->v[i].key, key) == 0 ? &w->v[i] : NULL;
}

static void
split(struct words *w, struct word *word)
{
    for (const char *s = word->value; *s != '\0';) {
        s += strspn(s, " ");
        size_t len = strcspn(s, ","), cut = len;
        while (cut > 0 && s[cut - 1] == ' ')
            cut--;
        if (cut > 0)
            arena_push(w->arena, &word->parts, &word->n_parts, arena_strndup(w->arena, s, cut));
        s += len + (s[len] == ',');
    }
}

/* ---- checking */

static size_t
occurrences(const char *hay, const char *needle)
{
    size_t n = 0;
    for (const char *s = hay; (s = strstr(s, needle)) != NULL; s++)
        n++;
    return n;
}

/* What is wrong with {…} in this value; NULL: nothing. Words in braces are those of the row, each once. */
static const char *
braces_wrong(const struct word_row *row, const char *value, struct arena *a)
{
    size_t known = 0;
    for (size_t i = 1; i <= row->args; i++) {
        size_t n = occurrences(value, arena_printf(a, "{%zu}", i));
        if (n > 2)
            return "{1}, {2} and {3} each at most twice expected";
        if (n == 0 && i == 1)
            return "{1} is missing, it is what this is about";
        known += n;
    }
    for (const char *f = row->fields ? row->fields : ""; *f != '\0'; f += strspn(f, " ")) {
        size_t len = strcspn(f, " ");
        if (occurrences(value, arena_printf(a, "{%.*s}", (int)len, f)) != 1)
            return arena_printf(a, "each of these once expected in braces: %s", row->fields);
        known++;
        f += len;
    }
    if (occurrences(value, "{") != known || occurrences(value, "}") != known)
        return row->args == 1 ? "no other braces than {1} expected" : row->args > 1 ? "no other braces than {1} to {3} expected, as many as it has there"
            : row->fields ? arena_printf(a, "in braces only these expected: %s", row->fields) : "no braces expected";
    return NULL;
}

static const char *
word_wrong(const struct word_row *row, const struct word *word, struct arena *a)
{
    if (row->parts > 0 && word->n_parts != row->parts)
        return arena_printf(a, "%zu words with commas between expected, there are %zu", row->parts, word->n_parts);
    if (row->list && word->n_parts == 0)
        return "at least one expected";
    return braces_wrong(row, word->value, a);
}

/* ---- reading */

static void
line_read(struct words *w, const char *file, int line, char *s, struct buf *errors)
{
    s += strspn(s, " \t");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
        s[--len] = '\0';
    if (s[0] == '\0' || s[0] == '#')
        return;
    char *equals = strchr(s, '='), *value = equals ? equals + 1 : NULL;
    while (equals != NULL && equals > s && (equals[-1] == ' ' || equals[-1] == '\t'))
        equals--;
    if (equals == NULL || equals == s) {
        buf_printf(errors, "%s:%d: \"KEY = VALUE\" expected\n", file, line);
        return;
    }
    *equals = '\0';
    value += strspn(value, " \t");
    const struct word_row *row = word_row_find(s);
    if (row == NULL || *value == '\0') {
        buf_printf(errors, "%s:%d: %s \"%.*s\"\n", file, line, row ? "no value for" : "unknown key", (int)utf8_clip(s, 60), s);
        return;
    }
    struct word word = { .key = arena_strdup(w->arena, s), .value = arena_strdup(w->arena, value) };
    if (row->parts > 0 || row->list)
        split(w, &word);
    const char *wrong = str_has_control(value) ? "no control characters expected" : word_wrong(row, &word, w->arena);
    if (wrong != NULL) {
        buf_printf(errors, "%s:%d: %s: %s\n", file, line, word.key, wrong);
        return;
    }
    struct word *old = word_find(w, word.key);
    if (old != NULL) {
        *old = word;
        return;
    }
    size_t place = word_place(w, word.key);
    w->v = mem_grow(w->v, (w->n + 1) * sizeof *w->v);
    memmove(&w->v[place + 1], &w->v[place], (w->n++ - place) * sizeof *w->v);
    w->v[place] = word;
}

static void
file_words(struct words *w, const char *file, struct buf *errors)
{
    struct buf text = { 0 };
    int rc = file_read(file, WORDS_FILE_MAX, &text), line = 1;
    if (rc != 0)
        buf_printf(errors, "%s:1: %s, the words of a language expected\n", file, strerror(rc));
    else if (text.len > 0 && (!utf8_valid(text.data, text.len) || memchr(text.data, '\0', text.len) != NULL))
        buf_printf(errors, "%s:1: not UTF-8 text\n", file);
    else if (text.len > 0)
        for (char *s = text.data, *eol; s != NULL; s = eol, line++) {
            eol = strchr(s, '\n');
            if (eol != NULL)
                *eol++ = '\0';
            line_read(w, file, line, s, errors);
        }
    buf_free(&text);
}

/* FOLDER/LANGUAGE/words.txt when it is there; caller's. */
static char *
words_path(const char *folder, const char *language, bool *there)
{
    struct stat st;
    struct buf name = { 0 };
    buf_printf(&name, "%s/words.txt", language);
    char *path = folder ? path_join(folder, name.data) : NULL;
    *there = path != NULL && stat(path, &st) == 0;
    buf_free(&name);
    return path;
}

static bool
folder_there(const char *folder, const char *language)
{
    struct stat st;
    char *path = folder ? path_join(folder, language) : NULL;
    bool there = path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    return there;
}

struct words *
words_read(const char *folder, const char *shipped, const char *language, bool needed, struct buf *errors)
{
    bool own_there, base_there;
    size_t before = errors->len;
    char *own = words_path(folder, language, &own_there), *base = words_path(shipped, language, &base_there);
    struct words *w = NULL;
    /* a folder of letters without words is a mistake, no folder at all is another language's matter */
    if (own_there || base_there || needed || folder_there(folder, language)) {
        w = mem_alloc(sizeof *w);
        w->arena = arena_new(0);
        if (base_there)
            file_words(w, base, errors);
        if (!base_there || (own_there && strcmp(own, base) != 0))
            file_words(w, own, errors);
        const char *key;
        for (size_t i = 0; (key = word_key_needed(i)) != NULL && errors->len == before; i++)
            if (word_find(w, key) == NULL)
                buf_printf(errors, "%s:1: the key \"%s\" is missing\n", own_there ? own : base, key);
    }
    free(own);
    free(base);
    return w;
}

struct words *
words_read_answers(const char *shipped, const char *language, struct buf *errors)
{
    struct stat st;
    struct buf name = { 0 };
    buf_printf(&name, "answers/%s.txt", language);
    char *path = shipped ? path_join(shipped, name.data) : NULL;
    struct words *w = NULL;
    if (path != NULL && stat(path, &st) == 0) {
        w = mem_alloc(sizeof *w);
        w->arena = arena_new(0);
        file_words(w, path, errors);
    }
    buf_free(&name);
    free(path);
    return w;
}

void
words_free(struct words **wp)
{
    if (*wp == NULL)
        return;
    arena_free(&(*wp)->arena);
    free((*wp)->v);
    free(*wp);
    *wp = NULL;
}

/* ---- looking up */

const char *
words_get(const struct words *w, const char *key)
{
    const struct word *word = word_find(w, key);
    return word ? word->value : NULL;
}

const char *
words_part(const struct words *w, const char *key, size_t i)
{
    const struct word *word = word_find(w, key);
    return word && i < word->n_parts ? word->parts[i] : NULL;
}

const char *const *
words_parts(const struct words *w, const char *key, size_t *n)
{
    const struct word *word = word_find(w, key);
    *n = word ? word->n_parts : 0;
    return word ? word->parts : NULL;
}

const char *
words_fill(const struct words *w, const char *key, const char *const args[3], struct arena *a)
{
    const char *value = words_get(w, key);
    struct buf out = { 0 };
    buf_puts(&out, "");
    for (const char *s = value ? value : key; *s != '\0';) {
        if (value != NULL && s[0] == '{' && s[1] >= '1' && s[1] <= '3' && s[2] == '}') {
            const char *arg = args[s[1] - '1'];
            buf_puts(&out, arg ? arg : "");
            s += 3;
        } else {
            buf_putc(&out, *s++);
        }
    }
    const char *filled = arena_strndup(a, out.data, out.len);
    buf_free(&out);
    return filled;
}
