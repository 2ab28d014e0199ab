/* SPDX-License-Identifier: ISC
 *
 * Questions between customer and desk: what the customer is to approve, and the urgency that a customer asks for. Asking moves
 * nothing by itself but the state; the answer does.
 */
#include <string.h>

#include "act_room.h"

/* ---- approvals */

bool
act_approval(const struct act *c, const char *what, const char *words)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    bool estimate = strcmp(what, "estimate") == 0;
    if (kase->state == TD__STATE__CLOSED || kase->has_merged_into)
        return false;
    act_entry(c, TD__ENTRY__WHAT__APPROVAL, arena_printf(t->a, "%s asked", what), words);
    if (estimate)
        clocks_event(t, c->ch, "estimate", c->at);
    struct act asks = *c;
    asks.why = "the customer is asked to approve";
    state_silently(&asks, TD__STATE__WAITING);
    kase->approval = arena_strdup(t->a, what);
    const Td__Due *close = estimate ? NULL : due_find(kase, "close");   /* silence closes no estimate */
    struct reader r = reader_customer(t, kase);
    struct template_fields f = { .v = { [FIELD_QUESTION] = words, [FIELD_ESTIMATE] = estimate ? "1" : NULL,
                                        [FIELD_DUE] = close ? date_words(t, &r, close->due_at) : NULL } };
    tell_customer(c, TD__LETTER__KIND__APPROVAL, &f, NULL, arena_printf(t->a, "asked to approve: %s", what));
    return true;
}

/* Yes or no to what was asked; work goes on either way, and what was said stands in the journal. */
bool
act_answer(const struct act *c, bool yes, const char *words)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    if (kase->approval == NULL)
        return false;
    bool estimate = strcmp(kase->approval, "estimate") == 0;
    act_entry(c, TD__ENTRY__WHAT__APPROVAL, arena_printf(t->a, "%s %s", kase->approval, yes ? "approved" : "declined"), words);
    kase->approval = NULL;
    struct act goes = *c;
    goes.why = yes ? "approved" : "declined";
    if (kase->state == TD__STATE__WAITING)
        act_state(&goes, !yes && kase->has_state_before && kase->state_before != TD__STATE__NEW ? kase->state_before : TD__STATE__PROGRESS, NULL);
    const char *person = yes && estimate ? assign_approved(t, kase, &goes.why) : NULL;
    if (person != NULL)
        act_assign(&goes, person);
    return true;
}

/* ---- escalation */

static const char *
who_asked(const struct act *c)
{
    const struct conf_strings *to = &c->t->conf->escalation.to;
    const char *all = "";
    for (size_t i = 0; i < to->n; i++)
        all = arena_printf(c->t->a, "%s%s%s", all, i ? " " : "", to->v[i]);
    return to->n ? all : "assignee manager";
}

static void
say_asked(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    (void)t, (void)r, (void)c;
    f->v[FIELD_WORDS] = u;
}

bool
act_escalation_ask(const struct act *c, const char *words)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    const char *patience = t->conf->escalation.patience;
    if (kase->state == TD__STATE__CLOSED || kase->has_escalation_asked_at || (kase->has_escalated && kase->escalated))
        return false;
    kase->has_escalation_asked_at = true;
    kase->escalation_asked_at = c->at;
    Td__Entry *e = act_entry(c, TD__ENTRY__WHAT__ESCALATION_ASKED, NULL, words);
    if (patience != NULL)
        due_set(t, kase, "request", duration_after(t, c->at, patience), patience);
    e->detail = arena_printf(t->a, "to %s", tell_staff_each(c, TD__LETTER__KIND__ESCALATION, who_asked(c), say_asked, words));
    return true;
}

static void
request_end(Td__Case *kase)
{
    kase->has_escalation_asked_at = false;
    kase->escalation_asked_at = 0;
    due_clear(kase, "request");
}

bool
act_escalation_accept(const struct act *c, const char *words)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    const struct conf_desk *conf = t->conf;
    const char *priority = conf->escalation.priority ? conf->escalation.priority : conf->n_priorities ? conf->priorities[0].name : NULL;
    if (kase->state == TD__STATE__CLOSED || (kase->has_escalated && kase->escalated && !kase->has_escalation_asked_at))
        return false;
    request_end(kase);
    kase->has_escalated = kase->escalated = true;
    act_entry(c, TD__ENTRY__WHAT__ESCALATION_ACCEPTED, NULL, words);
    if (priority != NULL && strcmp(kase->priority, priority) != 0)
        priority_set(c, priority);
    const struct conf_priority *p = conf_priority_find(conf, kase->priority);
    struct template_fields f = { .v = { [FIELD_ACCEPTED] = "1", [FIELD_NOTICE] = conf->escalation.notice, [FIELD_WORDS] = words,
                                        [FIELD_PRIORITY] = p && p->label ? p->label : kase->priority } };
    tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, "told that the escalation is accepted");
    return true;
}

bool
act_escalation_decline(const struct act *c, const char *words)
{
    Td__Case *kase = c->ch->after;
    if (!kase->has_escalation_asked_at)
        return false;
    request_end(kase);
    act_entry(c, TD__ENTRY__WHAT__ESCALATION_DECLINED, NULL, words);
    struct template_fields f = { .v = { [FIELD_DECLINED] = "1", [FIELD_WORDS] = words } };
    tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, "told that the escalation is declined");
    return true;
}
