/* SPDX-License-Identifier: ISC
 *
 * The small verbs of a turn: which case changes, which entry is written, what is counted, and how a case is found among the
 * facts. Facts are never written to: a case that changes is copied first.
 */
#include <string.h>

#include "desk_room.h"

struct desk_case_change *
turn_change(struct turn *t, const Td__Case *before)
{
    struct decision *out = t->out;
    for (size_t i = 0; i < out->n_cases; i++)
        if (out->cases[i].after->id == before->id)
            return &out->cases[i];
    must(out->n_cases < t->max_cases);
    struct desk_case_change *ch = &out->cases[out->n_cases++];
    *ch = (struct desk_case_change){ .before = before, .after = schema_copy(t->a, before) };
    return ch;
}

struct desk_case_change *
turn_open(struct turn *t, Td__Case *opened)
{
    must(t->out->n_cases < t->max_cases);
    struct desk_case_change *ch = &t->out->cases[t->out->n_cases++];
    *ch = (struct desk_case_change){ .after = opened };
    return ch;
}

Td__Entry *
turn_entry(struct turn *t, struct desk_case_change *ch, Td__Entry__What what, const char *by, const char *why)
{
    Td__Entry *e = schema_new(t->a, &td__entry__descriptor);
    e->at = t->now;
    e->what = what;
    if (what == TD__ENTRY__WHAT__SILENCED)
        t->silenced = e->why = arena_strdup(t->a, why);
    e->by = arena_strdup(t->a, by);
    e->why = arena_strdup(t->a, why);
    arena_push(t->a, &ch->entries, &ch->n_entries, e);
    return e;
}

static const Td__Case *
fact_case(const struct desk_facts *f, uint64_t id)
{
    for (size_t i = 0; i < f->needs->n; i++)
        if (f->v[i].kase != NULL && f->v[i].kase->id == id)
            return f->v[i].kase;
    for (size_t i = 0; i < f->n_more; i++)
        if (f->more[i] != NULL && f->more[i]->id == id)
            return f->more[i];
    return NULL;
}

Td__Case *
turn_case(const struct turn *t, uint64_t id)
{
    const Td__Case *c = fact_case(t->f, id), *next;
    for (int hop = 0; c != NULL && c->has_merged_into && hop < 16; hop++) {
        next = fact_case(t->f, c->merged_into);
        if (next == NULL)
            break;
        c = next;
    }
    return c != NULL && strcmp(c->desk, t->conf->name) == 0 ? (Td__Case *)c : NULL;
}

void
turn_count(struct turn *t, enum desk_budget_scope scope, const char *word)
{
    if (t->out->n_counts < TURN_COUNTS)
        t->out->counts[t->out->n_counts++] = (struct desk_count){ scope, word, t->now / 3600 };
}

void
turn_told(struct turn *t, const char *action, const char *why)
{
    t->out->told = arena_printf(t->a, "action=%s why=%s%s%s", action, log_value(why ? why : "none"), t->silenced ? " silenced=" : "",
                                t->silenced ? log_value(t->silenced) : "");
}
