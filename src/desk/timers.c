/* SPDX-License-Identifier: ISC
 *
 * What follows from a case alone: the timers it must have, its place in the order of work.
 */
#include <string.h>

#include "act_room.h"

/* The next moment of one clock: its nearest step that is not done, or the moment of its breach where that comes sooner. */
static bool
clock_timer(const Td__Clock *k, struct desk_timer *out)
{
    bool any = !k->breached;
    *out = (struct desk_timer){ k->due_at, k->name, DESK_STEP_BREACH };
    for (size_t i = 0; i < k->n_steps; i++) {
        const Td__Step *s = k->steps[i];
        bool sooner = !any || s->due_at < out->due_at || (s->due_at == out->due_at && out->step == DESK_STEP_BREACH);
        if (!s->has_done_at && sooner) {
            *out = (struct desk_timer){ s->due_at, k->name, (unsigned)i };
            any = true;
        }
    }
    return any;
}

void
desk_timers(const Td__Case *c, struct arena *a, struct desk_timer **out, size_t *n)
{
    *out = arena_alloc(a, (c->n_clocks + c->n_dues + 1) * sizeof **out);
    *n = 0;
    for (size_t i = 0; i < c->n_clocks; i++)
        if (clock_runs(c, c->clocks[i]) && clock_timer(c->clocks[i], &(*out)[*n]))
            ++*n;
    for (size_t i = 0; i < c->n_dues; i++)
        (*out)[(*n)++] = (struct desk_timer){ c->dues[i]->due_at, arena_printf(a, TIMER_DUE "%s", c->dues[i]->what), 0 };
}

/* First what can be worked on, then what was escalated, then by the priority's place in the configuration, in it the kinds that
 * go first, then first come, first served. */
int64_t
desk_order(const struct desk *d, const Td__Case *c)
{
    static const int64_t turn[] = { [TD__STATE__WAITING] = 1, [TD__STATE__RESOLVED] = 2, [TD__STATE__CLOSED] = 3 };
    const struct line *line = desk_line(d, c->desk);
    const struct conf_priority *p = line ? conf_priority_find(line->conf, c->priority) : NULL;
    const struct conf_kind *kind = line && c->kind ? conf_kind_find(line->conf, c->kind) : NULL;
    int64_t workable = (size_t)c->state < countof(turn) ? turn[c->state] : 0;
    int64_t rank = p ? p->rank : line ? (int64_t)line->conf->n_priorities : 0;
    bool escalated = c->has_escalated && c->escalated, first = kind && kind->first;
    return workable << 60 | (int64_t)!escalated << 59 | (rank & 0xffff) << 43 | (int64_t)!first << 42 | (c->opened_at & 0x3ffffffffffLL);
}
