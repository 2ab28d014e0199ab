/* SPDX-License-Identifier: ISC
 *
 * Clocks: service-level targets that run on a case. They start from the priority's settings, are met, breached, started anew
 * or resumed; their due moment is always what "Counting" says of target, start and pauses, so it can be recomputed later.
 */
#include <string.h>

#include "desk_room.h"

static struct duration
duration_of(const char *s)
{
    struct duration d = { DURATION_WORKING_HOURS, 0 };
    const char *wrong;
    if (!duration_parse(s, &d, &wrong))
        d = (struct duration){ DURATION_WORKING_HOURS, 0 };     /* cannot be: checked at load; a stored one then is due at once */
    return d;
}

/* From target, start and pauses: hours and working days add the open time between a pause's begin and the old due moment, from
 * its end on; months add its length. A pause after the due moment changes nothing. */
static int64_t
due_of(const struct calendar *cal, const Td__Clock *k)
{
    struct duration d = duration_of(k->target);
    int64_t due = calendar_add(cal, k->started_at, d);
    for (size_t i = 0; i < k->n_pauses; i++) {
        const Td__Pause *p = k->pauses[i];
        if (!p->has_to_at || p->from_at >= due)
            continue;
        if (d.unit == DURATION_MONTHS)
            due += p->to_at - p->from_at;
        else
            due = calendar_add(cal, p->to_at, (struct duration){ DURATION_WORKING_HOURS, calendar_open_between(cal, p->from_at, due) });
    }
    return due;
}

/* Sets due of the clock and of its steps that are not done. true: something is another moment now. */
static bool
clock_set_due(const struct desk *d, const struct line *line, Td__Clock *k)
{
    const struct calendar *cal = desk_calendar(d, line, k->calendar);
    int64_t due = due_of(cal, k);
    bool changed = due != k->due_at;
    k->due_at = due;
    for (size_t i = 0; i < k->n_steps; i++) {
        Td__Step *s = k->steps[i];
        int64_t step = calendar_add(cal, due, duration_of(s->after));
        if (s->has_done_at || s->due_at == step)
            continue;
        s->due_at = step;
        changed = true;
    }
    return changed;
}

static Td__Clock *
clock_make(const struct desk *d, const struct line *line, const struct conf_priority *p, const struct conf_clock *conf, int64_t at, struct arena *a)
{
    Td__Clock *k = schema_new(a, &td__clock__descriptor);
    k->name = arena_strdup(a, conf->name);
    k->calendar = arena_strdup(a, conf->calendar ? conf->calendar : line->conf->calendar);
    k->target = arena_strdup(a, conf->target);
    k->started_at = at;
    k->why = arena_printf(a, "priority \"%s\"", p->name);
    for (size_t i = 0; i < conf->n_steps; i++) {
        Td__Step *s = schema_new(a, &td__step__descriptor);
        s->after = arena_strdup(a, conf->steps[i].after);
        s->to = arena_strdup(a, conf->steps[i].to);
        arena_push(a, &k->steps, &k->n_steps, s);
    }
    clock_set_due(d, line, k);
    return k;
}

void
clocks_start(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a)
{
    const struct conf_priority *p = conf_priority_find(line->conf, c->priority);
    for (size_t i = 0; p != NULL && i < p->n_clocks; i++)
        arena_push(a, &c->clocks, &c->n_clocks, clock_make(d, line, p, &p->clocks[i], at, a));
}

void
clock_restart(const struct desk *d, const struct line *line, Td__Clock *k, int64_t at)
{
    k->started_at = at;
    k->has_met_at = false;
    k->met_at = 0;
    k->breached = false;
    k->n_pauses = 0;
    for (size_t i = 0; i < k->n_steps; i++)
        k->steps[i]->has_done_at = false;
    clock_set_due(d, line, k);
}

/* Goes on with the time used so far: the while it stood still is a pause. A breach stays. */
void
clock_resume(const struct desk *d, const struct line *line, Td__Clock *k, int64_t paused_at, int64_t at, struct arena *a)
{
    Td__Pause *p = schema_new(a, &td__pause__descriptor);
    p->from_at = paused_at;
    p->to_at = at;
    p->has_to_at = true;
    arena_push(a, &k->pauses, &k->n_pauses, p);
    k->has_met_at = false;
    k->met_at = 0;
    if (!k->breached)
        clock_set_due(d, line, k);
}

Td__Clock *
clock_find(const Td__Case *c, const char *name)
{
    for (size_t i = 0; i < c->n_clocks; i++)
        if (strcmp(c->clocks[i]->name, name) == 0)
            return c->clocks[i];
    return NULL;
}

bool
clock_runs(const Td__Case *c, const Td__Clock *k)
{
    if (c->state == TD__STATE__RESOLVED || c->state == TD__STATE__CLOSED || c->has_merged_into || k->has_met_at)
        return false;
    return k->n_pauses == 0 || k->pauses[k->n_pauses - 1]->has_to_at;
}

bool
clock_breach(struct turn *t, struct desk_case_change *ch, Td__Clock *k, int64_t now)
{
    char due[TIME_TEXT_MAX];
    if (k->breached || now < k->due_at)
        return false;
    k->breached = true;
    time_format(k->due_at, due);
    turn_entry(t, ch, TD__ENTRY__WHAT__BREACHED, "timer", arena_printf(t->a, "clock %s: target %s was due %s", k->name, k->target, due))->detail =
        arena_strdup(t->a, k->name);
    return true;
}

void
clock_meet(struct turn *t, struct desk_case_change *ch, const char *name, int64_t at)
{
    Td__Clock *k = clock_find(ch->after, name);
    if (k == NULL || !clock_runs(ch->after, k))
        return;
    if (at > k->due_at)
        clock_breach(t, ch, k, at);
    k->has_met_at = true;
    k->met_at = at;
}

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
        if (!clock_runs(c, k) || k->breached)   /* met and breached ones keep their result */
            continue;
        changed |= clock_set_due(d, line, k);
    }
    return changed;
}
