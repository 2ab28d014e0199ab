/* SPDX-License-Identifier: ISC
 *
 * Names that the open section does not know: a misspelling, or a brace too many or too few before it.
 */
#include "scan.h"

#include <string.h>

/* How many letters must change; SIZE_MAX: too long to be asked. */
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

bool
conf_section_knows(const struct section *section, const char *name)
{
    return conf_setting_find(section, name) || conf_section_find(section, name);
}

/* A name that the open section does not know. Braces out of balance say why, and then the right section is made current:
 * true, and the name is still to be read. */
bool
conf_name_misplaced(struct scan *s, const char *name, size_t place)
{
    struct input *in = conf_input_top(s);
    struct frame *f = conf_frame_top(s);

    if (in->surplus < 0 && s->closed_at && s->depth < CONF_DEPTH_MAX && conf_section_knows(s->closed.section, name)) {
        conf_complain(s->r, s->closed_at, "\"}\" closes %s, but %s in line %d belongs to it, expected one \"}\" less",
                      s->closed.section->name, name, s->r->places[place].line);
        in->surplus++;
        conf_mark_drop(s, s->closed_mark);
        s->frames[s->depth++] = s->closed;
        s->closed_at = 0;
        return true;
    }
    for (size_t up = s->depth - 1; in->surplus > 0 && up > in->base - 1; up--)
        if (conf_section_knows(s->frames[up - 1].section, name)) {
            conf_complain(s->r, place, "%s cannot stand in %s (line %d), expected a \"}\" before it", name, f->section->name,
                          s->r->places[s->r->nodes[f->node].place].line);
            for (; s->depth > up; in->surplus--)
                conf_section_close_missing(s);
            return true;
        }
    return false;
}

void
conf_name_unknown(struct scan *s, const char *name)
{
    struct frame *f = conf_frame_top(s);
    const struct token *t = conf_peek(s, 0), *next = conf_peek(s, 1);
    bool section = next->kind == TOKEN_OPEN || (next->kind == TOKEN_STRING && !next->first);
    struct buf expected = { 0 };
    size_t place;

    if (!t->first && next->kind != TOKEN_EQUALS && !section) {
        conf_complain(s->r, conf_take(s, COPY_NOT), "unexpected \"%s\", expected quotes around a value with blanks", name);
    } else {
        place = conf_take(s, COPY_NOT);
        names_expected(f->section, name, &expected);
        conf_complain(s->r, place, "unknown %s \"%s\" in %s, expected %s", section ? "section" : "setting", name,
                      f->section->name ? f->section->name : "the top level", expected.data);
    }
    buf_free(&expected);
    if (next->kind == TOKEN_EQUALS)
        conf_take(s, COPY_NOT);
    conf_resync(s, 0);
}
