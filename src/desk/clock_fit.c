/* SPDX-License-Identifier: ISC
 *
 * Clocks under other settings: after a change of priority, queue or kind, after a merge, after a reload. A target counts from
 * the original start with the same pauses; what was met or missed keeps its result; a clock that the settings no longer have
 * keeps its old target.
 */
#include <string.h>

#include "act_room.h"

/* The pauses of a sister that stands still in the same states: a clock that joins late has stood still with her. */
static void
pauses_borrow(const Td__Case *c, Td__Clock *k, struct arena *a)
{
    for (size_t i = 0; i < c->n_clocks && k->n_pause_states > 0; i++) {
        const Td__Clock *o = c->clocks[i];
        if (o == k || o->started_at > k->started_at || o->has_met_at || o->n_pause_states != k->n_pause_states ||
            memcmp(o->pause_states, k->pause_states, k->n_pause_states * sizeof *k->pause_states) != 0)
            continue;
        k->n_pauses = 0;
        for (size_t p = 0; p < o->n_pauses; p++)
            if (o->pauses[p]->from_at >= k->started_at)
                arena_push(a, &k->pauses, &k->n_pauses, schema_copy(a, o->pauses[p]));
        return;
    }
}

static void
entry_clock(struct turn *t, struct desk_case_change *ch, const Td__Clock *k, const char *why)
{
    turn_entry(t, ch, TD__ENTRY__WHAT__CLOCK, NULL, why)->detail = arena_strdup(t->a, k->name);
}

/* One that the settings have only now: from the opening, or from when the clock before it was met; what has met it already has. */
static void
clock_join(struct turn *t, struct desk_case_change *ch, const struct conf_clock *conf, const char *source)
{
    Td__Case *c = ch->after;
    const char *after = conf->start ? conf->start : "open";
    const Td__Clock *before = clock_find(c, after);
    int64_t from = c->opened_at;
    if (strcmp(after, "open") != 0) {
        if (before == NULL || !before->has_met_at)
            return;
        from = before->met_at;
    }
    Td__Clock *k = clock_add(t->d, t->line, c, conf, source, from, t->a);
    pauses_borrow(c, k, t->a);
    clock_set_due(t->d, t->line, k);
    if (clock_stops_at(k, "relay") && c->has_first_response_at && c->first_response_at >= from) {
        k->has_met_at = true;
        k->met_at = c->first_response_at;
        k->met_by = arena_strdup(t->a, "relay");
        k->breached = k->met_at > k->due_at;
    }
    entry_clock(t, ch, k, arena_printf(t->a, "clock %s: target %s of %s, from its start", k->name, k->target, k->why));
}

static void
clock_refit(struct turn *t, struct desk_case_change *ch, Td__Clock *k, const struct conf_clock *conf, const char *source, int64_t at)
{
    const char *target = k->target, *calendar = k->calendar;
    clock_take_settings(t->d, t->line, ch->after, k, conf, source, at, t->a);
    if (strcmp(target, k->target) != 0 || strcmp(calendar, k->calendar) != 0)
        entry_clock(t, ch, k, arena_printf(t->a, "clock %s: target %s becomes %s of %s, from the same start", k->name, target, k->target, k->why));
}

void
clocks_fit(struct turn *t, struct desk_case_change *ch, int64_t at)
{
    Td__Case *c = ch->after;
    const struct conf_clock *conf;
    const char *source;
    size_t had = c->n_clocks;
    for (size_t i = 0; i < had; i++) {
        Td__Clock *k = c->clocks[i];
        if (k->has_met_at || k->breached)
            continue;
        conf = clock_conf(t->line, c, k->name, &source);
        if (conf != NULL)
            clock_refit(t, ch, k, conf, source, at);
        else
            entry_clock(t, ch, k, arena_printf(t->a, "clock %s: no target here, it keeps %s of %s", k->name, k->target, k->why));
    }
    struct clock_walk w = { .line = t->line, .c = c };
    while (c->state != TD__STATE__CLOSED && !c->silent && (conf = clock_next(&w, &source)) != NULL)
        if (clock_find(c, conf->name) == NULL)
            clock_join(t, ch, conf, source);
    clocks_pause(t->d, t->line, c, at, t->a);
}

/* ---- merging */

/* From the earlier start on: until the later one began, the earlier one's pauses count, then those of the case that goes on. */
static void
clock_start_earlier(Td__Clock *into, const Td__Clock *from, struct arena *a)
{
    Td__Pause **own = into->pauses;
    size_t n = into->n_pauses;
    into->pauses = NULL;
    into->n_pauses = 0;
    for (size_t i = 0; i < from->n_pauses; i++) {
        const Td__Pause *p = from->pauses[i];
        if (p->from_at >= into->started_at)
            break;
        Td__Pause *copy = schema_copy(a, p);
        if (!copy->has_to_at || copy->to_at > into->started_at)
            copy->to_at = into->started_at;
        copy->has_to_at = true;
        arena_push(a, &into->pauses, &into->n_pauses, copy);
    }
    for (size_t i = 0; i < n; i++)
        arena_push(a, &into->pauses, &into->n_pauses, own[i]);
    into->started_at = from->started_at;
}

void
clocks_merge(const struct desk *d, const struct line *line, Td__Case *into, const Td__Case *from, struct arena *a)
{
    for (size_t i = 0; i < into->n_clocks; i++) {
        Td__Clock *k = into->clocks[i];
        const Td__Clock *other = clock_find(from, k->name);
        if (other == NULL || other->started_at >= k->started_at || k->has_met_at || k->breached)
            continue;
        clock_start_earlier(k, other, a);
        clock_set_due(d, line, k);
    }
}

/* ---- after a reload */

bool
desk_recompute(const struct desk *d, Td__Case *c, struct arena *a)
{
    const struct line *line = desk_line(d, c->desk);
    bool changed = false;
    (void)a;
    if (line == NULL)
        return false;
    for (size_t i = 0; i < c->n_clocks; i++) {
        Td__Clock *k = c->clocks[i];
        if (!k->has_met_at && !k->breached && !state_halts(c, k))      /* what was met keeps its result, and so does what was missed */
            changed |= clock_set_due(d, line, k);
    }
    return changed;
}
