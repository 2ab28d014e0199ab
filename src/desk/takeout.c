/* SPDX-License-Identifier: ISC
 *
 * "This is not this case": the last mail that somebody added to a case becomes a case of its own, from its arrival on, and the old one
 * stands as it did before that mail, clocks too. Only the writer can say so, and only as long as no work of ours has followed.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

/* ---- what a mail moves, kept until the next one */

void
takeout_before(struct turn *t, struct takeout *k, const Td__Case *c)
{
    (void)t;
    *k = (struct takeout){ .state = c->state, .was = schema_copy(t->a, c) };
}

void
takeout_after(struct turn *t, const struct takeout *k, struct desk_case_change *ch)
{
    Td__Case *c = ch->after;
    const Td__Case *was = k->was;
    struct verdict v;
    rules_apply(t, &v);
    Td__Appended *a = schema_new(t->a, &td__appended__descriptor);
    a->mail = t->e->mail_id;
    a->by = arena_strdup(t->a, t->requester->addr);
    a->priority = arena_strdup(t->a, v.priority);
    a->queue = arena_strdup(t->a, v.queue);
    a->kind = arena_strdup(t->a, v.kind);
    c->appended = a;
    c->woken = NULL;
    if (c->state == k->state)
        return;
    Td__Woken *w = schema_new(t->a, &td__woken__descriptor);
    w->mail = t->e->mail_id;
    w->at = c->state_at;
    w->became = c->state;
    w->state = was->state;
    w->has_state_before = was->has_state_before, w->state_before = was->state_before;
    w->has_state_at = was->has_state_at, w->state_at = was->state_at;
    w->has_resolved_at = was->has_resolved_at, w->resolved_at = was->resolved_at;
    w->has_closed_at = was->has_closed_at, w->closed_at = was->closed_at;
    w->clocks = was->clocks, w->n_clocks = was->n_clocks;
    w->dues = was->dues, w->n_dues = was->n_dues;
    c->woken = w;
}

/* ---- taking it back */

/* What was met since then stays met; what began with that mail never did. */
static void
clocks_restore(struct turn *t, struct desk_case_change *ch, const Td__Woken *w)
{
    Td__Case *c = ch->after;
    size_t kept = 0, n = c->n_clocks;
    for (size_t i = 0; i < n; i++) {
        Td__Clock *k = c->clocks[i];
        const Td__Clock *was = NULL;
        for (size_t j = 0; j < w->n_clocks && was == NULL; j++)
            was = strcmp(w->clocks[j]->name, k->name) == 0 ? w->clocks[j] : NULL;
        if (k->has_met_at && (was == NULL || !was->has_met_at || was->met_at != k->met_at))
            c->clocks[kept++] = k;
        else if (was != NULL)
            c->clocks[kept++] = schema_copy(t->a, was);
    }
    c->n_clocks = kept;
}

static void
dues_restore(struct turn *t, Td__Case *c, const Td__Woken *w)
{
    static const char *const of_states[] = { "remind", "close" };
    for (size_t k = 0; k < countof(of_states); k++) {
        due_clear(c, of_states[k]);
        for (size_t i = 0; i < w->n_dues; i++)
            if (strcmp(w->dues[i]->what, of_states[k]) == 0)
                due_set(t, c, w->dues[i]->what, w->dues[i]->due_at, w->dues[i]->detail);
    }
}

static bool
state_restore(const struct act *act, uint64_t mail)
{
    struct turn *t = act->t;
    Td__Case *c = act->ch->after;
    const Td__Woken *w = c->woken;
    if (w == NULL || w->mail != mail || c->state != w->became || !c->has_state_at || c->state_at != w->at)
        return false;
    act_entry(act, TD__ENTRY__WHAT__STATE, arena_printf(t->a, "%s to %s", schema_state_name(c->state), schema_state_name(w->state)), NULL);
    c->state = w->state;
    c->has_state_before = w->has_state_before, c->state_before = w->state_before;
    c->has_state_at = w->has_state_at, c->state_at = w->state_at;
    c->has_resolved_at = w->has_resolved_at, c->resolved_at = w->resolved_at;
    c->has_closed_at = w->has_closed_at, c->closed_at = w->closed_at;
    if (c->has_reopened && c->reopened > 0 && (w->state == TD__STATE__RESOLVED || w->state == TD__STATE__CLOSED))
        c->reopened--;
    clocks_restore(t, act->ch, w);
    dues_restore(t, c, w);
    turn_entry(t, act->ch, TD__ENTRY__WHAT__CLOCK, act->by, "as they were before that mail");
    c->woken = NULL;
    return true;
}

struct taken { const char *by, *number; };

static void
say_taken(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    const struct taken *taken = u;
    (void)c;
    f->v[FIELD_WHAT] = say_words(t, r, "taken-out", taken->by, taken->number, NULL);
}

/* What the rules said of it when it came. */
static void
verdict_restore(const struct act *act, const Td__Appended *a)
{
    Td__Case *c = act->ch->after;
    if (a->kind != NULL)
        c->kind = arena_strdup(act->t->a, a->kind);
    if (strcmp(c->queue, a->queue) != 0 && conf_queue_find(act->t->conf, a->queue) != NULL)
        queue_move(act, a->queue);
    if (strcmp(c->priority, a->priority) != 0 && conf_priority_find(act->t->conf, a->priority) != NULL)
        priority_set(act, a->priority);
}

bool
takeout_do(const struct act *act, const Td__Address *person)
{
    struct turn *t = act->t;
    struct turn was = *t;
    Td__Case *c = act->ch->after;
    const Td__Appended *a = c->appended;
    const Td__Entry *e = a != NULL && addr_equal(a->by, person->addr) ? entry_of_mail(t, c->id, a->mail) : NULL;
    if (e == NULL || t->out->cases_used > 0)
        return false;
    bool proven = t->proof == PROOF_AUTH && t->from != NULL && addr_equal(t->from, person->addr);
    turn_as_entry(t, e, person, c->language, e->at, proven);
    struct desk_case_change *ch = case_open(t, c, "its writer says that it is about something else");
    verdict_restore(&(struct act){ t, ch, act->by, "as when it came", e->at }, a);
    notice_of(t, ch, person->addr);
    *t = was;
    turn_entry(t, act->ch, TD__ENTRY__WHAT__SPLIT, act->by, "its writer says that it is about something else")->detail = arena_strdup(t->a, ch->after->number);
    struct act back = *act;
    back.why = "that mail was about something else";
    state_restore(&back, a->mail);
    c->appended = NULL;
    struct taken taken = { person->name && !str_has_control(person->name) ? person->name : person->addr, ch->after->number };
    Td__Entry *told = turn_entry(t, act->ch, TD__ENTRY__WHAT__LETTER, NULL, NULL);
    told->why = arena_printf(t->a, "a mail was taken out: notice to %s", tell_staff_each(&back, TD__LETTER__KIND__NOTICE, c->assignee ? "assignee" : "queue", say_taken, &taken));
    told->detail = arena_strdup(t->a, schema_letter_kind_name(TD__LETTER__KIND__NOTICE));
    return true;
}
