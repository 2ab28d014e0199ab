/* SPDX-License-Identifier: ISC
 *
 * Another configuration, or other calendars: what an open case still names must be there. Its clocks keep target and start and
 * are due anew; a queue, a priority or a person that is gone falls to the default. Each case has that in its journal; one letter
 * tells of all of them, which core asks for when it has been through the cases.
 */
#include <string.h>

#include "act_room.h"

static void
gone(struct turn *t, struct desk_case_change *ch, const char *key, const char *was, const char *instead)
{
    struct reader r = reader_staff(t, t->conf->alarm_to);
    const char *words = word_of(t, &r, arena_printf(t->a, "alarm.%s", key), was, instead, NULL);
    turn_entry(t, ch, TD__ENTRY__WHAT__ALARM, "operator", words);
    t->out->gone = t->out->gone ? arena_printf(t->a, "%s; %s", t->out->gone, words) : arena_printf(t->a, "%s: %s", ch->after->number, words);
}

static void
queue_kept(struct turn *t, const Td__Case *c)
{
    const char *was = c->queue, *to = t->conf->queue ? t->conf->queue : t->conf->name;
    if (conf_queue_find(t->conf, was) != NULL || strcmp(was, to) == 0)
        return;
    struct desk_case_change *ch = turn_change(t, c);
    struct act act = { .t = t, .ch = ch, .by = "operator", .why = "the queue is no longer configured", .at = t->now };
    queue_move(&act, to);
    gone(t, ch, "queue-gone", was, to);
}

static void
priority_kept(struct turn *t, const Td__Case *c)
{
    const char *to = priority_default(t->conf);
    if (conf_priority_find(t->conf, c->priority) != NULL || strcmp(c->priority, to) == 0)
        return;
    struct desk_case_change *ch = turn_change(t, c);
    struct act act = { .t = t, .ch = ch, .by = "operator", .why = "the priority is no longer configured", .at = t->now };
    priority_set(&act, to);
    gone(t, ch, "priority-gone", c->priority, to);
}

/* After the queue: a hand-over has chosen already. */
static void
assignee_kept(struct turn *t, const Td__Case *c)
{
    const char *was = c->assignee;
    if (was == NULL || is_staff(t->conf, was))
        return;
    struct desk_case_change *ch = turn_change(t, c);
    if (ch->after->assignee != NULL && !is_staff(t->conf, ch->after->assignee)) {
        struct act act = { .t = t, .ch = ch, .by = "operator", .why = "the person is no longer configured", .at = t->now };
        assignee_anew(&act);
    }
    const char *has = ch->after->assignee;
    gone(t, ch, has ? "person-gone" : "nobody-left", was, has ? has : ch->after->queue);
}

void
decide_reload(struct turn *t)
{
    const Td__Case *c = turn_case(t, t->e->case_id);
    if (c == NULL || c->id != t->e->case_id || c->state == TD__STATE__CLOSED)
        return;
    queue_kept(t, c);
    priority_kept(t, c);
    assignee_kept(t, c);
    Td__Case *fresh = schema_copy(t->a, t->out->n_cases > 0 ? t->out->cases[0].after : c);
    if (t->out->n_cases > 0 || desk_recompute(t->d, fresh, t->a))
        (void)desk_recompute(t->d, turn_change(t, c)->after, t->a);
    turn_told(t, t->out->n_cases > 0 ? "recomputed" : "none", "the configuration was read again");
}
