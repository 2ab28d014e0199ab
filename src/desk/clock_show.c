/* SPDX-License-Identifier: ISC
 *
 * Clocks for those who look: what of a target is used and left, and when one that stands still would be due.
 */
#include "act_room.h"

/* When it would be due if it went on at `now`: itself where it does not stand still. */
static Td__Clock
clock_resumed(const struct desk *d, const struct line *line, const Td__Clock *k, int64_t now, Td__Pause *last, Td__Pause **pauses)
{
    Td__Clock shown = *k;
    if (k->has_met_at || k->n_pauses == 0 || k->pauses[k->n_pauses - 1]->has_to_at)
        return shown;
    for (size_t i = 0; i < k->n_pauses; i++)
        pauses[i] = k->pauses[i];
    *last = *pauses[k->n_pauses - 1];
    last->has_to_at = true;
    last->to_at = now > last->from_at ? now : last->from_at;
    pauses[k->n_pauses - 1] = last;
    shown.pauses = pauses;
    shown.n_steps = 0;
    clock_set_due(d, line, &shown);
    return shown;
}

void
desk_show(const struct desk *d, Td__Case *c, int64_t now)
{
    const struct line *line = desk_line(d, c->desk);
    for (size_t i = 0; i < c->n_clocks && line != NULL; i++) {
        Td__Clock *k = c->clocks[i];
        Td__Pause *last = k->n_pauses > 0 ? k->pauses[k->n_pauses - 1] : NULL;
        if (k->has_met_at || last == NULL || last->has_to_at)
            continue;
        last->has_to_at = true;
        last->to_at = now > last->from_at ? now : last->from_at;
        clock_set_due(d, line, k);
    }
}

static int64_t
between(const struct calendar *cal, bool months, int64_t from, int64_t to)
{
    if (from > to)
        return -(months ? from - to : calendar_open_between(cal, to, from));
    return months ? to - from : calendar_open_between(cal, from, to);
}

void
desk_used(const struct desk *d, const Td__Case *c, const Td__Clock *k, int64_t now, struct desk_used *out)
{
    const struct line *line = desk_line(d, c->desk);
    struct arena *a = arena_new(0);
    struct duration target;
    const char *wrong;
    Td__Pause last;
    *out = (struct desk_used){ 0 };
    if (line != NULL && duration_parse(k->target, &target, &wrong)) {
        const struct calendar *cal = desk_calendar(d, line, k->calendar);
        bool months = target.unit == DURATION_MONTHS;
        Td__Clock shown = clock_resumed(d, line, k, now, &last, arena_alloc(a, (k->n_pauses + 1) * sizeof *k->pauses));
        out->target_s = between(cal, months, k->started_at, calendar_add(cal, k->started_at, target));
        out->left_s = between(cal, months, k->has_met_at ? k->met_at : now, shown.due_at);
        out->used_s = out->target_s - out->left_s;
        out->percent = out->target_s > 0 && out->used_s > 0 ? (unsigned)(out->used_s * 100 / out->target_s) : 0;
    }
    arena_free(&a);
}

int64_t
desk_due(const struct desk *d, const Td__Case *c, const char *target)
{
    const struct line *line = desk_line(d, c->desk);
    struct duration t;
    const char *wrong;
    return line != NULL && duration_parse(target, &t, &wrong) ? calendar_add(line->calendar, c->opened_at, t) : c->opened_at;
}
