/* SPDX-License-Identifier: ISC
 *
 * The structure of the files: sections, settings, braces, included files. It finds what libconfuse takes silently (a section
 * that is never closed, a setting given twice) or stops at (the first unknown name), goes on after a mistake so that all are
 * told at once, and copies what is sound for libconfuse, one token a line. It knows nothing of values.
 * Trusts nothing but the tables; bounded by CONF_DEPTH_MAX, INCLUDE_MAX, FILES_MAX and FILE_MAX.
 */
#include "lex.h"
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INCLUDE_MAX 8                   /* files in files */
#define FILES_MAX 200                   /* in all: an include may be repeated */
#define FILE_MAX (4u << 20)

struct frame {                          /* an open section */
    size_t node;
    const struct section *section;
    size_t seen[CONF_SETTINGS_MAX];     /* place of each setting, 0: not yet */
    unsigned count[CONF_SETTINGS_MAX];  /* of each section inside */
};
struct input {                          /* an open file */
    const char *path;
    struct buf text;
    struct tokens tokens;
    size_t at;
    size_t base;                        /* how many sections were open when it began: it may not close those */
    int surplus;                        /* of opening braces: which way to guess when a name does not fit */
};
struct scan {
    struct reading *r;
    struct input inputs[INCLUDE_MAX]; size_t n_inputs, files;
    struct frame frames[CONF_DEPTH_MAX]; size_t depth;
    struct frame closed;                /* the section closed last, if nothing came since: */
    size_t closed_at;                   /* the place of its brace; 0: none */
    struct mark { size_t len, places; } closed_mark;
};
enum copy { COPY_NOT, COPY_RAW, COPY_QUOTED };

static struct input *
input_top(struct scan *s)
{
    return &s->inputs[s->n_inputs - 1];
}

static struct frame *
frame_top(struct scan *s)
{
    return &s->frames[s->depth - 1];
}

static const struct token *
peek(struct scan *s, size_t ahead)
{
    const struct input *in = input_top(s);
    size_t i = in->at + ahead;

    return &in->tokens.v[i < in->tokens.n ? i : in->tokens.n - 1];
}

/* ---- the copy for libconfuse: one line a place */

static size_t
line_add(struct scan *s, int line, const char *bytes, size_t len, enum copy how)
{
    struct reading *r = s->r;
    size_t place = conf_place_add(r, input_top(s)->path, line);

    if (how == COPY_QUOTED)
        buf_putc(&r->text, '"');
    if (how != COPY_NOT)
        buf_add(&r->text, bytes, len);
    buf_puts(&r->text, how == COPY_QUOTED ? "\"\n" : "\n");
    return place;
}

static size_t
take(struct scan *s, enum copy how)
{
    const struct token *t = peek(s, 0);

    if (t->kind != TOKEN_END)
        input_top(s)->at++;
    return line_add(s, t->line, t->start, t->len, how);
}

static struct mark
mark_set(const struct scan *s)
{
    return (struct mark){ s->r->text.len, s->r->n_places };
}

/* What was copied since the mark is not sound: its places stay, as empty lines. */
static void
mark_drop(struct scan *s, struct mark m)
{
    s->r->text.len = m.len;
    for (size_t i = m.places; i < s->r->n_places; i++)
        buf_putc(&s->r->text, '\n');
}

/* ---- going on after a mistake */

/* To the next line that can begin something, over `braces` that are open and those on the way. */
static void
resync(struct scan *s, int braces)
{
    for (;;) {
        const struct token *t = peek(s, 0);

        if (t->kind == TOKEN_END || (braces <= 0 && (t->first || t->kind == TOKEN_CLOSE)))
            return;
        braces += (t->kind == TOKEN_OPEN) - (t->kind == TOKEN_CLOSE);
        take(s, COPY_NOT);
        if (t->kind == TOKEN_CLOSE && braces == 0)
            return;
    }
}

/* In a list that went wrong. `lost`: its closing brace may be missing or lost in a string; braces out of balance confirm it. */
static void
resync_list(struct scan *s, bool lost)
{
    struct input *in = input_top(s);

    if (lost && in->surplus > 0)
        in->surplus--;
    else
        resync(s, 1);
}

static const char *
describe(const struct token *t)
{
    static const char *const names[] = { "the end of the file", NULL, "a string", "\"{\"", "\"}\"", "\"=\"", "\",\"", "a parenthesis", "a broken string" };

    return names[t->kind] ? names[t->kind] : "a word";
}

/* ---- sections */

static void
section_leave(struct scan *s)
{
    struct reading *r = s->r;
    struct frame *f = frame_top(s);

    /* What is not written down has its defaults all the same. */
    for (size_t i = 0; i < f->section->n_sections; i++)
        if (f->section->sections[i]->title == TITLE_NONE && !f->count[i])
            conf_node_add(r, f->section->sections[i], f->node, r->nodes[f->node].place);
    r->nodes[f->node].end = r->n_nodes;
    s->closed = *f;
    s->depth--;
}

/* The brace that should have been here. */
static void
section_close_missing(struct scan *s)
{
    line_add(s, peek(s, 0)->line, "}", 1, COPY_RAW);
    section_leave(s);
}

static const char *
section_word(const struct frame *f)
{
    return f->section->name ? f->section->name : "the top level";
}

static bool
title_valid(enum title kind, const char *title)
{
    size_t len = strlen(title);

    if (kind == TITLE_TEXT)
        return len > 0 && len <= 100 && !str_has_control(title) && !strpbrk(title, "\"\\") && title[0] != ' ' && title[len - 1] != ' ';
    return len > 0 && len <= 64 && title[0] != '.' && title[0] != '-' &&
           strspn(title, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

/* libconfuse gets another name, for it must not see one twice. */
static void
title_stand_in(struct scan *s, int line)
{
    char title[32];

    line_add(s, line, title, (size_t)snprintf(title, sizeof title, "?%zu", s->r->n_places), COPY_QUOTED);
}

static void
title_check(struct scan *s, const struct section *section, const struct token *t)
{
    struct mark m = mark_set(s);
    size_t place = take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW), before;
    char *title = conf_unquote(t);

    if (t->error || !title_valid(section->title, title)) {
        conf_complain(s->r, place, "bad name of %s, expected %s", section->name,
                      section->title == TITLE_TEXT ? "1 to 100 characters without quotes and backslashes" : "1 to 64 letters, digits, . _ and -");
    } else if ((before = conf_name_claim(s->r, section->name, frame_top(s)->node, title, place, false)) != CONF_NEW) {
        conf_complain(s->r, place, "%s \"%s\" is there already (line %d), expected another name", section->name, title,
                      s->r->places[before].line);
    } else {
        goto good;
    }
    mark_drop(s, m);
    title_stand_in(s, t->line);
good:
    free(title);
}

/* The title, if there is one. The section is entered whatever is wrong with it: what is inside is checked too. */
static void
title_read(struct scan *s, const struct section *section, size_t name_at)
{
    const struct token *t = peek(s, 0);
    bool title = t->kind == TOKEN_STRING || t->kind == TOKEN_WORD;

    if (t->kind == TOKEN_BROKEN) {
        conf_complain(s->r, take(s, COPY_NOT), "%s: %s", section->name, t->error);
        if (section->title != TITLE_NONE)
            title_stand_in(s, t->line);
    } else if (title && section->title != TITLE_NONE) {
        title_check(s, section, t);
    } else if (title) {
        conf_complain(s->r, take(s, COPY_NOT), "%s does not have a name, expected %s {", section->name, section->name);
    } else if (section->title != TITLE_NONE) {
        conf_complain(s->r, name_at, "%s without a name, expected %s \"NAME\" {", section->name, section->name);
        title_stand_in(s, t->line);
    }
}

/* `lost`: in a string without an end, which was complained about. */
static bool
brace_read(struct scan *s, const struct section *section, size_t name_at, bool lost)
{
    const struct token *t = peek(s, 0);
    struct input *in = input_top(s);

    if (t->kind == TOKEN_OPEN) {
        take(s, COPY_RAW);
        return true;
    }
    if (!lost)
        conf_complain(s->r, name_at, "%s after %s, expected \"{\"", describe(t), section->name);
    if (in->surplus >= 0)
        return false;
    in->surplus++;                      /* a closing brace is waiting for it */
    line_add(s, t->line, "{", 1, COPY_RAW);
    return true;
}

static void
section_enter(struct scan *s, const struct section *section, unsigned *count)
{
    struct mark m = mark_set(s);
    size_t name_at = take(s, COPY_RAW);
    size_t parent = frame_top(s)->node;
    bool lost;

    if (section->title == TITLE_NONE && *count) {
        conf_complain(s->r, name_at, "%s is there already, expected it once", section->name);
        mark_drop(s, m);
        if (peek(s, 0)->kind == TOKEN_OPEN)
            take(s, COPY_NOT);
        resync(s, 1);
        return;
    }
    lost = peek(s, 0)->kind == TOKEN_BROKEN;
    title_read(s, section, name_at);
    if (!brace_read(s, section, name_at, lost)) {
        mark_drop(s, m);
        resync(s, 0);
        return;
    }
    must(s->depth < CONF_DEPTH_MAX);
    s->frames[s->depth++] = (struct frame){ .node = conf_node_add(s->r, section, parent, name_at), .section = section };
    s->r->nodes[frame_top(s)->node].nth = (*count)++;
}

/* ---- settings */

/* The next token has no place in a list here. Often a quote was forgotten before, and shows at the end of the line.
 * Always false. */
static bool
list_broken(struct scan *s, const struct setting *setting, const char *expected)
{
    const struct token *t = peek(s, 0);
    size_t lost = 0;

    while (!peek(s, lost)->error && peek(s, lost)->kind != TOKEN_END && !peek(s, lost + 1)->first)
        lost++;
    if (peek(s, lost)->error) {
        bool broken = peek(s, lost)->kind == TOKEN_BROKEN;

        conf_complain(s->r, s->r->n_places, "%s: %s", setting->name, peek(s, lost)->error);
        for (size_t i = 0; i <= lost; i++)
            take(s, COPY_NOT);
        resync_list(s, broken);
    } else {
        conf_complain(s->r, s->r->n_places - 1, "%s: %s in a list, expected %s", setting->name, describe(t), expected);
        resync_list(s, t->kind == TOKEN_WORD && t->first);
    }
    return false;
}

static bool
list_read(struct scan *s, const struct setting *setting)
{
    take(s, COPY_RAW);                  /* { */
    while (peek(s, 0)->kind != TOKEN_CLOSE) {
        const struct token *t = peek(s, 0);
        bool value = t->kind == TOKEN_STRING || (t->kind == TOKEN_WORD && !(t->first && peek(s, 1)->kind == TOKEN_EQUALS));

        if (!value || t->error)
            return list_broken(s, setting, "{ \"…\", \"…\" }");
        take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW);
        if (peek(s, 0)->kind == TOKEN_COMMA)
            take(s, COPY_RAW);
        else if (peek(s, 0)->kind != TOKEN_CLOSE)
            return list_broken(s, setting, "\",\" or \"}\" after this value");
    }
    take(s, COPY_RAW);
    return true;
}

static bool
value_read(struct scan *s, const struct setting *setting)
{
    const struct token *t = peek(s, 0);

    if (t->kind == TOKEN_OPEN && setting->list)
        return list_read(s, setting);
    if (!t->error && (t->kind == TOKEN_STRING || (t->kind == TOKEN_WORD && !t->first))) {
        take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW);
        return true;
    }
    if (t->error)
        conf_complain(s->r, take(s, COPY_NOT), "%s: %s", setting->name, t->error);
    else if (t->kind == TOKEN_OPEN)
        conf_complain(s->r, s->r->n_places - 1, "%s: a list, expected one value", setting->name);
    else
        conf_complain(s->r, s->r->n_places - 1, "%s: no value, expected %s", setting->name, setting->type->what);
    resync(s, 0);
    return false;
}

static void
setting_read(struct scan *s, const struct setting *setting)
{
    struct frame *f = frame_top(s);
    size_t *seen = &f->seen[setting - f->section->settings];
    struct mark m = mark_set(s);
    size_t name_at = take(s, COPY_RAW);
    bool good = false;

    if (peek(s, 0)->kind != TOKEN_EQUALS) {
        conf_complain(s->r, name_at, "%s after %s, expected \"=\"", describe(peek(s, 0)), setting->name);
        resync(s, 0);
    } else {
        take(s, COPY_RAW);
        good = value_read(s, setting);
    }
    if (good && *seen) {
        conf_complain(s->r, name_at, "%s is there already (line %d), expected it once", setting->name, s->r->places[*seen].line);
        good = false;
    }
    if (!good)
        mark_drop(s, m);
    *seen = name_at;
}

/* ---- names that do not fit */

/* How many letters must change; more than `most`: not worth saying. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[40], n = strlen(b);

    if (n >= countof(row) || strlen(a) >= countof(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = corner + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            corner = row[j];
            row[j] = change < least ? change : least;
        }
    }
    return row[n];
}

/* "relay", or all names when none is near. */
static void
names_expected(const struct section *section, const char *name, struct buf *out)
{
    size_t all = section->n_settings + section->n_sections, best = SIZE_MAX, at = 0;

    for (size_t i = 0; i < all; i++) {
        const char *known = i < section->n_settings ? section->settings[i].name : section->sections[i - section->n_settings]->name;
        size_t d = distance(name, known);

        if (d < best) {
            best = d;
            at = i;
        }
        buf_printf(out, "%s%s", i ? i + 1 == all ? " or " : ", " : "", known);
    }
    if (best <= 2) {
        buf_clear(out);
        buf_puts(out, at < section->n_settings ? section->settings[at].name : section->sections[at - section->n_settings]->name);
    }
}

static bool
knows(const struct section *section, const char *name)
{
    return conf_setting_find(section, name) || conf_section_find(section, name);
}

/* A name that the open section does not know. Braces out of balance say why, and then the right section is made current:
 * true, and the name is still to be read. */
static bool
name_misplaced(struct scan *s, const char *name, size_t place)
{
    struct input *in = input_top(s);
    struct frame *f = frame_top(s);

    if (in->surplus < 0 && s->closed_at && s->depth < CONF_DEPTH_MAX && knows(s->closed.section, name)) {
        conf_complain(s->r, s->closed_at, "\"}\" closes %s, but %s in line %d belongs to it, expected one \"}\" less",
                      s->closed.section->name, name, s->r->places[place].line);
        in->surplus++;
        mark_drop(s, s->closed_mark);
        s->frames[s->depth++] = s->closed;
        s->closed_at = 0;
        return true;
    }
    for (size_t up = s->depth - 1; in->surplus > 0 && up > in->base - 1; up--)
        if (knows(s->frames[up - 1].section, name)) {
            conf_complain(s->r, place, "%s cannot stand in %s (line %d), expected a \"}\" before it", name, f->section->name,
                          s->r->places[s->r->nodes[f->node].place].line);
            for (; s->depth > up; in->surplus--)
                section_close_missing(s);
            return true;
        }
    return false;
}

static void
name_unknown(struct scan *s, const char *name)
{
    struct frame *f = frame_top(s);
    const struct token *t = peek(s, 0), *next = peek(s, 1);
    bool section = next->kind == TOKEN_OPEN || (next->kind == TOKEN_STRING && !next->first);
    struct buf expected = { 0 };
    size_t place;

    if (!t->first && next->kind != TOKEN_EQUALS && !section) {
        conf_complain(s->r, take(s, COPY_NOT), "unexpected \"%s\", expected quotes around a value with blanks", name);
    } else {
        place = take(s, COPY_NOT);
        names_expected(f->section, name, &expected);
        conf_complain(s->r, place, "unknown %s \"%s\" in %s, expected %s", section ? "section" : "setting", name,
                      section_word(f), expected.data);
    }
    buf_free(&expected);
    if (next->kind == TOKEN_EQUALS)
        take(s, COPY_NOT);
    resync(s, 0);
}

/* ---- files */

static void
input_open(struct scan *s, const char *path, size_t place)
{
    struct input *in = &s->inputs[s->n_inputs];
    int error;

    if (s->n_inputs == INCLUDE_MAX || s->files == FILES_MAX) {
        conf_complain(s->r, place, "include: more than %d files in one another or %d in all, expected fewer", INCLUDE_MAX, FILES_MAX);
        return;
    }
    *in = (struct input){ .path = path, .base = s->depth };
    error = file_read(path, FILE_MAX, &in->text);
    if (error) {
        conf_complain(s->r, place, "cannot read %s: %s, expected a configuration file", path, strerror(error));
        buf_free(&in->text);
        return;
    }
    conf_lex(in->text.data, in->text.len, &in->tokens, &in->surplus);
    s->n_inputs++;
    s->files++;
}

static void
input_close(struct scan *s)
{
    struct input *in = input_top(s);

    while (s->depth > in->base) {
        const struct frame *f = frame_top(s);

        conf_complain(s->r, s->r->nodes[f->node].place, "%s is never closed, expected \"}\"", f->section->name);
        section_close_missing(s);
    }
    free(in->tokens.v);
    buf_free(&in->text);
    s->n_inputs--;
}

static void
include_read(struct scan *s)
{
    struct mark m = mark_set(s);
    size_t name_at = take(s, COPY_NOT);
    const struct token *name = peek(s, 1), *end = peek(s, 2);
    const char *slash = strrchr(input_top(s)->path, '/');
    char *dir, *file, *path;

    if (*peek(s, 0)->start != '(' || name->kind != TOKEN_STRING || name->error || end->kind != TOKEN_PAREN || *end->start != ')') {
        conf_complain(s->r, name_at, "include: %s", name->error ? name->error : "not understood, expected include(\"FILE\")");
        resync(s, 0);
        return;
    }
    file = conf_unquote(name);
    for (size_t i = 0; i < 3; i++)
        take(s, COPY_NOT);
    mark_drop(s, m);
    dir = mem_strdup(slash ? input_top(s)->path : "");
    if (slash)
        dir[slash - input_top(s)->path + 1] = '\0';
    path = *dir ? path_join(dir, file) : mem_strdup(file);
    input_open(s, arena_strdup(s->r->arena, path), name_at);
    free(path);
    free(dir);
    free(file);
}

/* ---- the loop */

static void
name_read(struct scan *s)
{
    const struct token *t = peek(s, 0);
    char *name = conf_unquote(t);
    const struct setting *setting;
    struct frame *f;

    if (!strcmp(name, "include") && peek(s, 1)->kind == TOKEN_PAREN) {
        include_read(s);
        goto done;
    }
    if (!knows(frame_top(s)->section, name) && !name_misplaced(s, name, line_add(s, t->line, "", 0, COPY_NOT))) {
        name_unknown(s, name);
        goto done;
    }
    s->closed_at = 0;
    f = frame_top(s);
    setting = conf_setting_find(f->section, name);
    for (size_t i = 0; i < f->section->n_sections && !setting; i++)
        if (!strcmp(f->section->sections[i]->name, name)) {
            section_enter(s, f->section->sections[i], &f->count[i]);
            goto done;
        }
    setting_read(s, setting);
done:
    free(name);
}

static void
close_read(struct scan *s)
{
    if (s->depth == 1 || s->depth <= input_top(s)->base) {
        conf_complain(s->r, take(s, COPY_NOT), "\"}\" closes nothing, expected a section to be open in this file");
        input_top(s)->surplus++;
        return;
    }
    s->closed_mark = mark_set(s);
    s->closed_at = take(s, COPY_RAW);
    section_leave(s);
}

static void
statement_read(struct scan *s)
{
    const struct token *t = peek(s, 0);

    if (t->kind == TOKEN_WORD) {
        name_read(s);
    } else if (t->kind == TOKEN_CLOSE) {
        close_read(s);
    } else {
        if (t->error)
            conf_complain(s->r, take(s, COPY_NOT), "%s", t->error);
        else
            conf_complain(s->r, take(s, COPY_NOT), "%s, expected a setting or a section", describe(t));
        resync(s, t->kind == TOKEN_OPEN);
    }
}

void
conf_scan(struct reading *r, const char *path)
{
    struct scan s = { .r = r };

    conf_place_add(r, path, 1);
    buf_puts(&r->text, "\n");
    s.frames[s.depth++] = (struct frame){ .node = conf_node_add(r, &conf_root, 0, 0), .section = &conf_root };
    input_open(&s, path, 0);
    while (s.n_inputs) {
        if (peek(&s, 0)->kind == TOKEN_END)
            input_close(&s);
        else
            statement_read(&s);
    }
    section_leave(&s);
    r->broken = r->n_complaints > 0;
}
