/* SPDX-License-Identifier: ISC
 *
 * A mail that came earlier and counts only now: what was kept back is released, whose sender is admitted, what stood on the wrong case.
 * The journal has its words; the turn goes on as if it had come then and were looked at now. The raw mail stays where it is.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

const Td__Entry *
entry_of_mail(const struct turn *t, uint64_t case_id, uint64_t mail)
{
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        for (size_t k = 0; n->kind == DESK_NEED_ENTRIES && n->id == case_id && k < t->f->v[i].n_entries; k++) {
            const Td__Entry *e = t->f->v[i].entries[k];
            bool words = e->what == TD__ENTRY__WHAT__OPENED || e->what == TD__ENTRY__WHAT__APPENDED;
            if (words && e->has_mail && (mail == 0 ? e->what == TD__ENTRY__WHAT__OPENED : e->mail == mail))
                return e;
        }
    }
    return NULL;
}

void
turn_as_entry(struct turn *t, const Td__Entry *e, const Td__Address *person, const char *language, int64_t arrived_at, bool proven)
{
    Td__Message *m = arena_alloc(t->a, sizeof *m);
    Td__Machine *person_made = schema_new(t->a, &td__machine__descriptor);
    Td__Origin *origin = arena_alloc(t->a, sizeof *origin);
    struct desk_event *event = arena_alloc(t->a, sizeof *event);
    person_made->answerable = person_made->counts_as_reply = true;      /* whoever counts it now has seen to that */
    td__message__init(m);
    m->from = schema_address(t->a, person->name, person->addr);
    m->machine = person_made;
    m->language = arena_strdup(t->a, language);
    if (e != NULL) {
        m->message_id = e->message_id;
        m->subject = e->subject;
        m->text = m->reply_text = e->text;
        m->attachments = e->attachments;
        m->n_attachments = e->n_attachments;
    }
    *origin = *t->e->origin;
    origin->arrived_at = arrived_at;
    origin->envelope_from = NULL;
    *event = *t->e;
    event->origin = origin;
    event->message = m;
    event->mail_id = e != NULL && e->has_mail ? e->mail : t->e->mail_id;
    t->e = event;
    t->m = m;
    t->from = m->from->addr;
    t->requester = m->from;
    t->proof = proven ? PROOF_AUTH : PROOF_NONE;
    t->is_staff = is_staff(t->conf, t->from);
    t->from_desk = false;
}

/* The sender's own words go to staff as a new mail would. */
static void
tell_of_it(struct turn *t, struct desk_case_change *ch, const char *by)
{
    const struct turn was = *t;
    const Td__Case *c = ch->after;
    turn_as_entry(t, entry_of_mail(t, c->id, 0), c->requester, c->language, c->opened_at, c->has_proven && c->proven);
    notice_of(t, ch, by);
    *t = was;
}

void
case_begin_again(struct turn *t, struct desk_case_change *ch, const char *by, const char *why)
{
    Td__Case *c = ch->after;
    struct act act = { t, ch, by, why, t->e->origin->arrived_at };
    if (c->state == TD__STATE__CLOSED)
        act_entry(&act, TD__ENTRY__WHAT__STATE, "closed to new", NULL);
    c->has_spam = c->spam = c->has_refused = c->refused = c->has_silent = c->silent = false;
    c->has_closed_at = c->has_resolved_at = false;
    c->closed_at = c->resolved_at = 0;
    c->state = TD__STATE__NEW;
    c->has_state_at = true;
    c->state_at = act.at;
    c->n_clocks = 0;
    clocks_start(t->d, t->line, c, c->opened_at, t->a);        /* from its arrival: the customer has waited since then */
    dues_of_state(t, c, act.at);
    if (c->assignee == NULL)
        assignee_anew(&act);
    if (why != NULL && t->conf->acknowledge && !(c->has_acknowledged && c->acknowledged) &&
        tell_customer(&act, TD__LETTER__KIND__ACK, NULL, NULL, "acknowledgement") != NULL)
        c->has_acknowledged = c->acknowledged = true;
    tell_of_it(t, ch, by);
}
