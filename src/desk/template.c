/* SPDX-License-Identifier: ISC
 *
 * Templates, read: checked and compiled at load into a flat list of steps. A template is the operator's, so that what is
 * wrong in it is said with file and line; nothing of a mail comes here.
 */
#include "template_inner.h"

#include <stdlib.h>
#include <string.h>

#define TEMPLATE_DEPTH 8

/* ---- compiling

   Blocks, links and the words of prepared letters stand on lines of their own: then a value can make no paragraph, list or
   link of the sentence round it. */

struct compiler {
    const char *file, *text, *end;
    struct buf *errors;
    struct program *out;
    struct { size_t step; int line; } open[TEMPLATE_DEPTH];
    size_t depth;
    bool in_each, in_subject;
    enum template_field list;   /* of the {{#each}} */
    int only_line;              /* every mistake is of this line; 0: of its own */
};

static void
complain(const struct compiler *c, int line, const char *what, const char *about, size_t about_len)
{
    if (about_len > 60)
        about_len = utf8_clip(about, 60);
    buf_printf(c->errors, "%s:%d: %s%s%.*s%s\n", c->file, c->only_line ? c->only_line : line, what, about_len ? " \"" : "", (int)about_len, about,
               about_len ? "\"" : "");
}

static struct step *
push(struct compiler *c, enum op op)
{
    struct program *p = c->out;
    p->v = mem_grow(p->v, (p->n + 1) * sizeof *p->v);
    p->v[p->n] = (struct step){ .op = op };
    return &p->v[p->n++];
}

static bool
is_list(enum template_field field)
{
    enum shape shape = template_field_rows[field].shape;
    return shape == SHAPE_LIST || shape == SHAPE_LINKS;
}

static void
tag_open(struct compiler *c, int line, enum op op, const char *name, size_t len)
{
    enum template_field field;
    if (!template_field_find(name, len, &field)) {
        complain(c, line, "unknown field", name, len);
        return;
    }
    if (op == OP_EACH && !is_list(field))
        complain(c, line, "{{#each}} needs a list, this is a single field:", name, len);
    if (op == OP_EACH && c->in_each)
        complain(c, line, "{{#each}} inside {{#each}} is not possible", "", 0);
    if (c->depth == TEMPLATE_DEPTH) {
        complain(c, line, "blocks are nested too deeply, at most 8 expected", "", 0);
        return;
    }
    if (op == OP_EACH) {
        c->in_each = true;
        c->list = field;
    }
    c->open[c->depth].step = c->out->n;
    c->open[c->depth++].line = line;
    push(c, op)->field = field;
}

static void
tag_else(struct compiler *c, int line)
{
    if (c->depth == 0 || c->out->v[c->open[c->depth - 1].step].op != OP_IF) {
        complain(c, line, "{{else}} without {{#if}}", "", 0);
        return;
    }
    struct step *s = push(c, OP_ELSE);
    s->jump = c->open[c->depth - 1].step;       /* for now the IF; tag_close() turns both round */
    c->out->v[s->jump].jump = c->out->n;
    c->open[c->depth - 1].step = c->out->n - 1;
}

static void
tag_close(struct compiler *c, int line, bool each)
{
    enum op open = c->depth > 0 ? c->out->v[c->open[c->depth - 1].step].op : OP_TEXT;
    if (each ? open != OP_EACH : open != OP_IF && open != OP_ELSE) {
        complain(c, line, each ? "{{/each}} without {{#each}}" : "{{/if}} without {{#if}}", "", 0);
        return;
    }
    size_t opener = c->open[--c->depth].step;
    push(c, each ? OP_END_EACH : OP_END_IF)->jump = opener;
    c->out->v[opener].jump = c->out->n;
    if (each)
        c->in_each = false;
}

static bool
word_is(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* Nothing but blanks (or the sign of a list item) from the line's begin to s, nothing but blanks from s to its end. */
static bool
begins_line(const struct compiler *c, const char *s, bool item_too)
{
    while (s > c->text && (s[-1] == ' ' || s[-1] == '\t'))
        s--;
    if (item_too && s > c->text && s[-1] == '-' && s[0] == ' ')
        s--;
    return s == c->text || s[-1] == '\n';
}

static bool
ends_line(const struct compiler *c, const char *s)
{
    while (s < c->end && (*s == ' ' || *s == '\t' || *s == '\r'))
        s++;
    return s == c->end || *s == '\n';
}

/* A tag's place in the text: from `open` (its {{) to `close` (behind its }}). `plain`: what has not become a step yet. */
struct place { const char *plain, *open, *close; int line; };

/* [words]({{field}}): where the words begin, NULL when it is not so written. */
static const char *
link_words(const struct compiler *c, const struct place *p)
{
    const char *s = p->open;
    if (s - p->plain < 3 || s[-1] != '(' || s[-2] != ']' || p->close >= c->end || *p->close != ')')
        return NULL;
    while (s > p->plain && *s != '[' && *s != '\n')
        s--;
    return *s == '[' && s + 3 < p->open && begins_line(c, s, true) && ends_line(c, p->close + 1) ? s + 1 : NULL;
}

static void
tag_field(struct compiler *c, const struct place *p, enum template_field field, const char *name, size_t len)
{
    static const enum op ops[] = { [SHAPE_LINE] = OP_FIELD, [SHAPE_BLOCK] = OP_BLOCK, [SHAPE_PREPARED] = OP_PREPARED, [SHAPE_AS_IS] = OP_AS_IS };
    enum shape shape = template_field_rows[field].shape;
    if (is_list(field))
        complain(c, p->line, "a list needs {{#each}}:", name, len);
    else if (shape == SHAPE_FLAG)
        complain(c, p->line, "this says only yes or no and needs {{#if}}:", name, len);
    else if (shape == SHAPE_LINK)
        complain(c, p->line, "a link is written [words]({{field}}), on a line of its own:", name, len);
    else if (shape != SHAPE_LINE && c->in_subject)
        complain(c, p->line, "text of several lines cannot stand in the subject:", name, len);
    else if (shape != SHAPE_LINE && !(begins_line(c, p->open, false) && ends_line(c, p->close)))
        complain(c, p->line, "text of several lines needs a line of its own:", name, len);
    else if (shape == SHAPE_PREPARED && c->only_line > 0)
        complain(c, p->line, "a prepared letter cannot hold another:", name, len);
    else
        push(c, ops[shape])->field = field;
}

static void
tag_item(struct compiler *c, const struct place *p)
{
    if (!c->in_each)
        complain(c, p->line, "{{.}} outside {{#each}}", "", 0);
    else if (template_field_rows[c->list].shape == SHAPE_LINKS && !(begins_line(c, p->open, true) && ends_line(c, p->close)))
        complain(c, p->line, "{{.}} is a link here and needs a line of its own", "", 0);
    else
        push(c, OP_ITEM);
}

/* The tag's name without blanks. */
static void
tag(struct compiler *c, const struct place *p)
{
    const char *s = p->open + 2;
    size_t len = (size_t)(p->close - 2 - s);
    enum template_field field;
    while (len > 0 && s[0] == ' ')
        s++, len--;
    while (len > 0 && s[len - 1] == ' ')
        len--;
    if (len > 4 && memcmp(s, "#if ", 4) == 0)
        tag_open(c, p->line, OP_IF, s + 4, len - 4);
    else if (len > 6 && memcmp(s, "#each ", 6) == 0)
        tag_open(c, p->line, OP_EACH, s + 6, len - 6);
    else if (word_is(s, len, "else"))
        tag_else(c, p->line);
    else if (word_is(s, len, "/if") || word_is(s, len, "/each"))
        tag_close(c, p->line, s[1] == 'e');
    else if (word_is(s, len, "."))
        tag_item(c, p);
    else if (!template_field_find(s, len, &field))
        complain(c, p->line, "unknown field", s, len);
    else
        tag_field(c, p, field, s, len);
}

static void
push_text(struct compiler *c, const char *from, const char *to)
{
    if (to > from) {
        struct step *t = push(c, OP_TEXT);
        t->from = (size_t)(from - c->text), t->len = (size_t)(to - from);
    }
}

/* The step for [words]({{field}}), when the tag is that; true: done, and p->close is behind it all. */
static bool
link_tag(struct compiler *c, struct place *p)
{
    enum template_field field;
    const char *name = p->open + 2, *words = c->in_subject ? NULL : link_words(c, p);
    if (!template_field_find(name, (size_t)(p->close - 2 - name), &field) || template_field_rows[field].shape != SHAPE_LINK || words == NULL)
        return false;
    push_text(c, p->plain, words - 1);
    struct step *t = push(c, OP_LINK);
    t->field = field;
    t->from = (size_t)(words - c->text), t->len = (size_t)(p->open - 2 - words);
    p->close++;
    return true;
}

/* A tag that begins or ends something, alone on its line, takes the line with it. */
static bool
takes_line(const struct compiler *c, const struct place *p)
{
    const char *name = p->open + 2, *stop = p->close - 2;
    while (name < stop && *name == ' ')
        name++;
    while (stop > name && stop[-1] == ' ')
        stop--;
    bool block = name < stop && (*name == '#' || *name == '/' || word_is(name, (size_t)(stop - name), "else"));
    return block && begins_line(c, p->open, false) && ends_line(c, p->close);
}

static void
compile(struct compiler *c, const char *s, const char *end, int line)
{
    struct place p = { .plain = s };
    while (s < end) {
        if (*s == '\n')
            line++;
        if (*s != '{' || end - s < 4 || s[1] != '{') {
            s++;
            continue;
        }
        const char *close = memmem(s, (size_t)(end - s), "}}", 2), *eol = memchr(s, '\n', (size_t)(end - s));
        if (close == NULL || (eol != NULL && eol < close)) {
            complain(c, line, "{{ without }}", "", 0);
            break;
        }
        p.open = s, p.close = close + 2, p.line = line;
        bool alone = !c->in_subject && takes_line(c, &p);
        if (!link_tag(c, &p)) {
            const char *upto = s;
            while (alone && upto > p.plain && (upto[-1] == ' ' || upto[-1] == '\t'))
                upto--;
            push_text(c, p.plain, upto);
            tag(c, &p);
        }
        s = p.close;
        if (alone && eol != NULL)
            s = eol + 1, line++;
        p.plain = s;
    }
    push_text(c, p.plain, end);
    while (c->depth > 0)
        complain(c, c->open[--c->depth].line, "block is never closed", "", 0);
    c->in_each = false;
}

/* ---- from files and settings */

static void
check_bytes(const struct compiler *c, const char *text, size_t len)
{
    if (!utf8_valid(text, len) || memchr(text, '\0', len) != NULL)
        complain(c, 1, "not UTF-8 text", "", 0);
    int line = 1;
    for (const char *p = text; p < text + len; line += *p++ == '\n')
        if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\r' && *p != '\t') {
            complain(c, line, "control character in a template", "", 0);
            break;
        }
}

static void
compile_subject(struct compiler *c, const char *subject, const char *stop)
{
    while (subject < stop && *subject == ' ')
        subject++;
    while (stop > subject && (stop[-1] == '\r' || stop[-1] == ' '))
        stop--;
    c->in_subject = true;
    compile(c, subject, stop, 1);
    c->in_subject = false;
}

struct template *
template_parse(const char *file, const char *text, size_t len, struct buf *errors)
{
    size_t before = errors->len;
    struct template *t = mem_alloc(sizeof *t);
    t->text = mem_alloc(len + 1);
    memcpy(t->text, text, len);
    const char *end = t->text + len, *eol = memchr(t->text, '\n', len);
    struct compiler c = { .file = file, .text = t->text, .end = end, .errors = errors, .out = &t->subject };

    check_bytes(&c, t->text, len);
    if (!str_starts_nocase(t->text, "Subject:") || eol == NULL || (eol[1] != '\n' && eol[1] != '\r'))
        complain(&c, 1, "\"Subject: …\" and a blank line expected", "", 0);
    else {
        compile_subject(&c, t->text + strlen("Subject:"), eol);
        c.out = &t->body;
        compile(&c, eol + 1, end, 2);
    }
    if (errors->len != before)
        template_free(&t);
    return t;
}

struct template *
template_make(const char *file, int line, const char *subject, const char *text, struct buf *errors)
{
    size_t before = errors->len, subject_len = strlen(subject), len = strlen(text);
    struct template *t = mem_alloc(sizeof *t);
    t->text = mem_alloc(subject_len + 1 + len + 1);
    memcpy(t->text, subject, subject_len);
    t->text[subject_len] = '\n';
    memcpy(t->text + subject_len + 1, text, len);
    struct compiler c = { .file = file, .text = t->text, .end = t->text + subject_len + 1 + len, .errors = errors, .out = &t->subject, .only_line = line };
    check_bytes(&c, t->text, subject_len + 1 + len);
    compile_subject(&c, t->text, t->text + subject_len);
    c.out = &t->body;
    compile(&c, t->text + subject_len + 1, c.end, 2);
    if (errors->len != before)
        template_free(&t);
    return t;
}

void
template_free(struct template **tp)
{
    if (*tp == NULL)
        return;
    free((*tp)->text);
    free((*tp)->subject.v);
    free((*tp)->body.v);
    free(*tp);
    *tp = NULL;
}
