/* SPDX-License-Identifier: ISC
 *
 * At the end of a turn: who has to hear of the steps that a case took in it, beside the customer. Whoever got the case, the
 * people of the line that it came to while nobody has it, and who watches. One letter each, whatever the number of steps; none
 * about one's own acts, and none to who was written to about this case in the same turn.
 */
#include <string.h>

#include "act_room.h"

static const struct step { Td__Entry__What what; const char *key; } steps[] = {
    { TD__ENTRY__WHAT__QUEUE, "step-queue" },
    { TD__ENTRY__WHAT__ASSIGNED, "step-assignee" },
    { TD__ENTRY__WHAT__STATE, "step-state" },
    { TD__ENTRY__WHAT__PRIORITY, "step-priority" },
    { TD__ENTRY__WHAT__KIND, "step-kind" },
    { TD__ENTRY__WHAT__RELAYED, "step-relay" },
    { TD__ENTRY__WHAT__ESCALATION_ASKED, "step-asked" },
    { TD__ENTRY__WHAT__ESCALATION_ACCEPTED, "step-escalated" },
    { TD__ENTRY__WHAT__MERGED, "step-merged" },
};

static const Td__Entry *
entry_last(const struct desk_case_change *ch, Td__Entry__What what)
{
    for (size_t i = ch->n_entries; i-- > 0;)
        if (ch->entries[i]->what == what)
            return ch->entries[i];
    return NULL;
}

/* What of the case is {1} in the sentence about this step. */
static const char *
step_value(struct turn *t, const struct reader *r, const Td__Case *c, const struct step *s, const Td__Entry *e)
{
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    const struct conf_priority *priority = conf_priority_find(t->conf, c->priority);
    const struct conf_kind *kind = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    switch (s->what) {
    case TD__ENTRY__WHAT__QUEUE: return queue && queue->label ? queue->label : c->queue;
    case TD__ENTRY__WHAT__ASSIGNED: return person_words(t, c->assignee);
    case TD__ENTRY__WHAT__STATE: return state_words(t, r, c->state);
    case TD__ENTRY__WHAT__PRIORITY: return priority && priority->label ? priority->label : c->priority;
    case TD__ENTRY__WHAT__KIND: return kind && kind->label ? kind->label : c->kind;
    case TD__ENTRY__WHAT__RELAYED: return person_words(t, e->by);
    default: return NULL;
    }
}

static void
say_steps(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    const struct desk_case_change *ch = u;
    const char *all = NULL;
    for (size_t i = 0; i < countof(steps); i++) {
        const Td__Entry *e = entry_last(ch, steps[i].what);
        if (e == NULL || (steps[i].what == TD__ENTRY__WHAT__ASSIGNED && c->assignee == NULL))
            continue;
        const char *one = say_words(t, r, steps[i].key, step_value(t, r, c, &steps[i], e), NULL, NULL);
        all = all ? arena_printf(t->a, "%s %s", all, one) : one;
    }
    f->v[FIELD_WHAT] = all;
    const Td__Entry *relayed = entry_last(ch, TD__ENTRY__WHAT__RELAYED);
    f->v[FIELD_WORDS] = relayed ? relayed->text : NULL;
}

/* Whose act it was: the first person that an entry of this turn names. */
static const char *
actor(const struct desk_case_change *ch)
{
    for (size_t i = 0; i < ch->n_entries; i++)
        if (ch->entries[i]->by != NULL && addr_valid(ch->entries[i]->by))
            return ch->entries[i]->by;
    return NULL;
}

static bool
written_to(const struct turn *t, const Td__Case *c, const char *addr)
{
    for (size_t i = 0; i < t->out->n_letters; i++)
        for (size_t k = 0; t->out->letters[i]->case_id == c->id && k < t->out->letters[i]->n_to; k++)
            if (addr_equal(t->out->letters[i]->to[k]->addr, addr))
                return true;
    return false;
}

/* Whoever it now concerns. */
static struct conf_strings
concerned(struct turn *t, const struct desk_case_change *ch)
{
    const Td__Case *c = ch->after;
    struct conf_strings list = watchers_of(t, c), more = { NULL, 0 };
    bool given = entry_last(ch, TD__ENTRY__WHAT__ASSIGNED) != NULL && c->assignee != NULL, moved = entry_last(ch, TD__ENTRY__WHAT__QUEUE) != NULL;
    if (c->state != TD__STATE__CLOSED && (given || moved))
        more = who_addresses(t, c, c->assignee ? "assignee" : "queue");
    for (size_t i = 0; i < more.n; i++)
        arena_push(t->a, &list.v, &list.n, (void *)more.v[i]);
    return list;
}

static void
case_steps(struct turn *t, struct desk_case_change *ch)
{
    bool any = false;
    for (size_t i = 0; i < countof(steps); i++)
        any |= entry_last(ch, steps[i].what) != NULL;
    if (!any)
        return;
    struct conf_strings list = concerned(t, ch);
    const char *who = "";
    for (size_t i = 0; i < list.n; i++)
        if (!written_to(t, ch->after, list.v[i]))
            who = arena_printf(t->a, "%s%s%s", who, who[0] ? " " : "", list.v[i]);
    struct act act = { .t = t, .ch = ch, .by = actor(ch), .at = t->now };
    size_t before = t->out->n_letters;
    const char *told = who[0] ? tell_staff_each(&act, TD__LETTER__KIND__NOTICE, who, say_steps, ch) : NULL;
    if (t->out->n_letters > before)
        turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, arena_printf(t->a, "told of the step: %s", told))->detail =
            arena_strdup(t->a, schema_letter_kind_name(TD__LETTER__KIND__NOTICE));
}

void
steps_notice(struct turn *t)
{
    for (size_t i = 0; i < t->out->n_cases && !t->handing_over; i++)   /* that is told in one letter */
        if (t->out->cases[i].before != NULL)    /* who gets a new case has its mail */
            case_steps(t, &t->out->cases[i]);
}
