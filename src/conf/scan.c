/* SPDX-License-Identifier: ISC
 *
 * The structure of the files: sections, settings, braces, included files. The scan finds what libconfuse takes silently (a
 * section that is never closed, a setting given twice) or stops at (the first unknown name), goes on after a mistake so that
 * all are told at once, and copies what is sound for libconfuse, one token a line. It knows nothing of values.
 * Trusts nothing but the tables; bounded by CONF_DEPTH_MAX, INCLUDE_MAX, FILES_MAX and FILE_MAX.
 * This file: included files, and the loop over statements.
 */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

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
    struct input *in = conf_input_top(s);

    while (s->depth > in->base) {
        const struct frame *f = conf_frame_top(s);

        conf_complain(s->r, s->r->nodes[f->node].place, "%s is never closed, expected \"}\"", f->section->name);
        conf_section_close_missing(s);
    }
    free(in->tokens.v);
    buf_free(&in->text);
    s->n_inputs--;
}

static void
include_read(struct scan *s)
{
    struct mark m = conf_mark_set(s);
    size_t name_at = conf_take(s, COPY_NOT);
    const struct token *name = conf_peek(s, 1), *end = conf_peek(s, 2);
    const char *slash = strrchr(conf_input_top(s)->path, '/');
    char *dir, *file, *path;

    if (*conf_peek(s, 0)->start != '(' || name->kind != TOKEN_STRING || name->error || end->kind != TOKEN_PAREN || *end->start != ')') {
        conf_complain(s->r, name_at, "include: %s", name->error ? name->error : "not understood, expected include(\"FILE\")");
        conf_resync(s, 0);
        return;
    }
    file = conf_unquote(name);
    for (size_t i = 0; i < 3; i++)
        conf_take(s, COPY_NOT);
    conf_mark_drop(s, m);
    dir = mem_strdup(slash ? conf_input_top(s)->path : "");
    if (slash)
        dir[slash - conf_input_top(s)->path + 1] = '\0';
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
    const struct token *t = conf_peek(s, 0);
    char *name = conf_unquote(t);
    const struct setting *setting;
    struct frame *f;

    if (!strcmp(name, "include") && conf_peek(s, 1)->kind == TOKEN_PAREN) {
        include_read(s);
        goto done;
    }
    if (!conf_section_knows(conf_frame_top(s)->section, name) && !conf_name_misplaced(s, name, conf_line_add(s, t->line, "", 0, COPY_NOT))) {
        conf_name_unknown(s, name);
        goto done;
    }
    s->closed_at = 0;
    f = conf_frame_top(s);
    setting = conf_setting_find(f->section, name);
    for (size_t i = 0; i < f->section->n_sections && !setting; i++)
        if (!strcmp(f->section->sections[i]->name, name)) {
            conf_section_enter(s, f->section->sections[i], &f->count[i]);
            goto done;
        }
    must(setting);
    conf_setting_read(s, setting);
done:
    free(name);
}

static void
close_read(struct scan *s)
{
    if (s->depth == 1 || s->depth <= conf_input_top(s)->base) {
        conf_complain(s->r, conf_take(s, COPY_NOT), "\"}\" closes nothing, expected a section to be open in this file");
        conf_input_top(s)->surplus++;
        return;
    }
    s->closed_mark = conf_mark_set(s);
    s->closed_at = conf_take(s, COPY_RAW);
    conf_section_leave(s);
}

static void
statement_read(struct scan *s)
{
    const struct token *t = conf_peek(s, 0);

    if (t->kind == TOKEN_WORD) {
        name_read(s);
    } else if (t->kind == TOKEN_CLOSE) {
        close_read(s);
    } else {
        if (t->error)
            conf_complain(s->r, conf_take(s, COPY_NOT), "%s", t->error);
        else
            conf_complain(s->r, conf_take(s, COPY_NOT), "%s, expected a setting or a section", conf_token_name(t));
        conf_resync(s, t->kind == TOKEN_OPEN);
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
        if (conf_peek(&s, 0)->kind == TOKEN_END)
            input_close(&s);
        else
            statement_read(&s);
    }
    conf_section_leave(&s);
    r->broken = r->n_complaints > 0;
}
