/* SPDX-License-Identifier: ISC
 *
 * Sections: their titles and braces. One that is entered is left again, whatever the file says, so that the copy stays
 * balanced.
 */
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
conf_section_leave(struct scan *s)
{
    struct reading *r = s->r;
    struct frame *f = conf_frame_top(s);

    /* What is not written down has its defaults all the same. */
    for (size_t i = 0; i < f->section->n_sections; i++)
        if (f->section->sections[i]->title == TITLE_NONE && !f->count[i])
            conf_node_add(r, f->section->sections[i], f->node, r->nodes[f->node].place);
    r->nodes[f->node].end = r->n_nodes;
    s->closed = *f;
    s->depth--;
}

/* The brace that should have been here. */
void
conf_section_close_missing(struct scan *s)
{
    conf_line_add(s, conf_peek(s, 0)->line, "}", 1, COPY_RAW);
    conf_section_leave(s);
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

    conf_line_add(s, line, title, (size_t)snprintf(title, sizeof title, "?%zu", s->r->n_places), COPY_QUOTED);
}

static void
title_check(struct scan *s, const struct section *section, const struct token *t)
{
    struct mark m = conf_mark_set(s);
    size_t place = conf_take(s, t->kind == TOKEN_WORD ? COPY_QUOTED : COPY_RAW), before;
    char *title = conf_unquote(t);

    if (t->error || !title_valid(section->title, title)) {
        conf_complain(s->r, place, "bad name of %s, expected %s", section->name,
                      section->title == TITLE_TEXT ? "1 to 100 characters without quotes and backslashes" : "1 to 64 letters, digits, . _ and -");
    } else if ((before = conf_name_claim(s->r, section->name, conf_frame_top(s)->node, title, place, false)) != CONF_NEW) {
        conf_complain(s->r, place, "%s \"%s\" is there already (line %d), expected another name", section->name, title,
                      s->r->places[before].line);
    } else {
        goto good;
    }
    conf_mark_drop(s, m);
    title_stand_in(s, t->line);
good:
    free(title);
}

/* The title, if there is one. The section is entered whatever is wrong with it: what is inside is checked too. */
static void
title_read(struct scan *s, const struct section *section, size_t name_at)
{
    const struct token *t = conf_peek(s, 0);
    bool title = t->kind == TOKEN_STRING || t->kind == TOKEN_WORD;

    if (t->kind == TOKEN_BROKEN) {
        conf_complain(s->r, conf_take(s, COPY_NOT), "%s: %s", section->name, t->error);
        if (section->title != TITLE_NONE)
            title_stand_in(s, t->line);
    } else if (title && section->title != TITLE_NONE) {
        title_check(s, section, t);
    } else if (title) {
        conf_complain(s->r, conf_take(s, COPY_NOT), "%s does not have a name, expected %s {", section->name, section->name);
    } else if (section->title != TITLE_NONE) {
        conf_complain(s->r, name_at, "%s without a name, expected %s \"NAME\" {", section->name, section->name);
        title_stand_in(s, t->line);
    }
}

/* `lost`: in a string without an end, which was complained about. */
static bool
brace_read(struct scan *s, const struct section *section, size_t name_at, bool lost)
{
    const struct token *t = conf_peek(s, 0);
    struct input *in = conf_input_top(s);

    if (t->kind == TOKEN_OPEN) {
        conf_take(s, COPY_RAW);
        return true;
    }
    if (!lost)
        conf_complain(s->r, name_at, "%s after %s, expected \"{\"", conf_token_name(t), section->name);
    if (in->surplus >= 0)
        return false;
    in->surplus++;                      /* a closing brace is waiting for it */
    conf_line_add(s, t->line, "{", 1, COPY_RAW);
    return true;
}

void
conf_section_enter(struct scan *s, const struct section *section, unsigned *count)
{
    struct mark m = conf_mark_set(s);
    size_t name_at = conf_take(s, COPY_RAW);
    size_t parent = conf_frame_top(s)->node;
    bool lost;

    if (section->title == TITLE_NONE && *count) {
        conf_complain(s->r, name_at, "%s is there already, expected it once", section->name);
        conf_mark_drop(s, m);
        if (conf_peek(s, 0)->kind == TOKEN_OPEN)
            conf_take(s, COPY_NOT);
        conf_resync(s, 1);
        return;
    }
    lost = conf_peek(s, 0)->kind == TOKEN_BROKEN;
    title_read(s, section, name_at);
    if (!brace_read(s, section, name_at, lost)) {
        conf_mark_drop(s, m);
        conf_resync(s, 0);
        return;
    }
    must(s->depth < CONF_DEPTH_MAX);
    s->frames[s->depth++] = (struct frame){ .node = conf_node_add(s->r, section, parent, name_at), .section = section };
    s->r->nodes[conf_frame_top(s)->node].nth = (*count)++;
}
