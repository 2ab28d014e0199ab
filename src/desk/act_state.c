/* SPDX-License-Identifier: ISC
 *
 * The way of a case through its states, and who works on it. A state is left and entered in one place: clocks are met, stopped
 * and go on there, dues end and begin, and the customer is told where the desk wants it.
 */
#include <string.h>

#include "act_room.h"

static bool
is_over(Td__State s)
{
    return s == TD__STATE__RESOLVED || s == TD__STATE__CLOSED;
}

/* Out of resolved or closed: what ended with it goes on. */
static void
reopen(const struct act *c, Td__State was)
{
    Td__Case *kase = c->ch->after;
    int64_t closed_at = kase->has_closed_at ? kase->closed_at : kase->has_state_at ? kase->state_at : c->at;
    int64_t resolved_at = kase->has_resolved_at ? kase->resolved_at : closed_at;
    if (was == TD__STATE__RESOLVED)
        closed_at = c->at;
    clocks_reopen(c->t->d, c->t->line, kase, resolved_at, closed_at, c->at, c->t->a);
    if (kase->n_clocks == 0 && !kase->silent)   /* closed from the beginning, as that of somebody who may not register */
        clocks_start(c->t->d, c->t->line, kase, c->at, c->t->a);
    kase->has_resolved_at = kase->has_closed_at = false;
    kase->resolved_at = kase->closed_at = 0;
    kase->has_spam = kase->spam = kase->has_refused = kase->refused = false;
    kase->has_reopened = true;
    kase->reopened++;
    turn_entry(c->t, c->ch, TD__ENTRY__WHAT__REOPENED, c->by, c->why);
}

/* An act of the desk's people: by mail, or at the command line. */
static bool
by_staff(const struct act *c)
{
    return is_staff(c->t->conf, c->by) || (c->by != NULL && strcmp(c->by, "operator") == 0);
}

/* What getting there means to clocks. Waiting is the work of staff only when staff asked for it. */
static void
arrive(const struct act *c, Td__State state)
{
    Td__Case *kase = c->ch->after;
    if (state == TD__STATE__WAITING)
        kase->approval = NULL;          /* waits for something else now: act_approval() says for what */
    if (state == TD__STATE__WAITING && by_staff(c))
        clocks_event(c->t, c->ch, "wait", c->at);
    if (state == TD__STATE__RESOLVED) {
        clocks_event(c->t, c->ch, "resolve", c->at);
        kase->has_resolved_at = true;
        kase->resolved_at = c->at;
    }
    if (state == TD__STATE__CLOSED) {
        clocks_event(c->t, c->ch, "close", c->at);
        kase->has_closed_at = true;
        kase->closed_at = c->at;
        kase->has_escalation_asked_at = false;
        kase->approval = NULL;
        due_clear(kase, NULL);
    }
}

/* Without telling the customer. */
void
state_silently(const struct act *c, Td__State state)
{
    Td__Case *kase = c->ch->after;
    Td__State was = kase->state;
    if (was == state)
        return;
    act_entry(c, TD__ENTRY__WHAT__STATE, arena_printf(c->t->a, "%s to %s", schema_state_name(was), schema_state_name(state)), NULL);
    if (is_over(was) && !is_over(state))
        reopen(c, was);
    if (was == TD__STATE__CLOSED && state == TD__STATE__RESOLVED)
        kase->has_closed_at = false;
    arrive(c, state);
    kase->has_state_before = state == TD__STATE__WAITING;
    kase->state_before = was;
    kase->state = state;
    kase->has_state_at = true;
    kase->state_at = c->at;
    clocks_pause(c->t->d, c->t->line, kase, c->at, c->t->a);
    dues_of_state(c->t, kase, c->at);
}

/* What whoever has the case is to do now that it got here; after one's own act too. */
static void
assignee_remind(const struct act *c, const struct conf_state *conf)
{
    const struct conf_letter *prepared = conf && conf->staff_letter ? conf_letter_find(c->t->conf, conf->staff_letter) : NULL;
    const Td__Case *kase = c->ch->after;
    if (prepared == NULL || kase->assignee == NULL || (kase->has_spam && kase->spam) || (kase->has_refused && kase->refused))
        return;
    struct reader r = reader_staff(c->t, kase->assignee);
    struct letter w = { .kind = TD__LETTER__KIND__REMINDER, .to = kase->assignee, .kase = kase, .to_staff = true, .prepared = prepared };
    tell_fields(c->t, &r, kase, &w.fields);
    Td__Letter *l = letter_write(c->t, &w);
    Td__Entry *e = turn_entry(c->t, c->ch, TD__ENTRY__WHAT__LETTER, NULL, arena_printf(c->t->a, "prepared letter \"%s\" of the state", prepared->name));
    entry_letter(e, l, c->t->a);
    e->detail = arena_strdup(c->t->a, schema_letter_kind_name(w.kind));
}

static void
state_tell(const struct act *c, Td__State was, const char *words)
{
    struct turn *t = c->t;
    const Td__Case *kase = c->ch->after;
    const char *state = schema_state_name(kase->state);
    const struct conf_state *conf = conf_state_find(t->conf, state);
    struct reader r = reader_customer(t, kase);
    struct template_fields f = { .v = { [FIELD_WORDS] = words } };
    if ((conf != NULL && conf->tell) || (words != NULL && words[0] != '\0')) {
        f.v[FIELD_NEW_STATE] = "1";
        f.v[FIELD_STATE] = state_words(t, &r, kase->state);
        f.v[FIELD_MEANING] = meaning_words(t, &r, kase->state);
        f.v[FIELD_OLD_STATE] = state_words(t, &r, was);
        tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, arena_printf(t->a, "told of the state %s", state));
    }
    assignee_remind(c, conf);
    if (kase->state == TD__STATE__CLOSED && t->conf->survey) {
        struct template_fields s = { .v = { [FIELD_SURVEY] = t->conf->survey_text } };
        tell_customer(c, TD__LETTER__KIND__SURVEY, &s, NULL, "survey");
    }
}

bool
act_state(const struct act *c, Td__State state, const char *words)
{
    Td__State was = c->ch->after->state;
    if (was == state || c->ch->after->has_merged_into)
        return false;
    state_silently(c, state);
    state_tell(c, was, words);
    return true;
}

/* ---- the customer has written */

void
act_wake(const struct act *c)
{
    Td__Case *kase = c->ch->after;
    Td__State back = kase->has_first_response_at ? TD__STATE__PROGRESS : TD__STATE__ASSIGNED;
    due_clear(kase, "remind");
    due_clear(kase, "close");
    if (kase->state != TD__STATE__WAITING && !is_over(kase->state)) {
        dues_of_state(c->t, kase, c->at);       /* silence begins anew */
        return;
    }
    if (kase->state == TD__STATE__WAITING && kase->has_state_before && kase->state_before != TD__STATE__NEW)
        back = kase->state_before;
    struct act wake = *c;
    if (wake.why == NULL)
        wake.why = is_over(kase->state) ? "answered inside the reopening window" : "the customer has answered";
    act_state(&wake, back, NULL);
}

/* ---- who works on it */

bool
assign_silently(const struct act *c, const char *person)
{
    Td__Case *kase = c->ch->after;
    if (person == NULL ? kase->assignee == NULL : kase->assignee != NULL && addr_equal(kase->assignee, person))
        return false;
    kase->assignee = arena_strdup(c->t->a, person);
    act_entry(c, TD__ENTRY__WHAT__ASSIGNED, person ? person : "nobody", NULL);
    return true;
}

bool
act_assign(const struct act *c, const char *person)
{
    if (!assign_silently(c, person))
        return false;
    if (person != NULL && c->ch->after->state == TD__STATE__NEW && by_staff(c))        /* routing by a rule is not yet assignment */
        act_state(c, TD__STATE__ASSIGNED, NULL);
    return true;
}

/* Meets what waits for somebody to begin. false: it was so already. */
bool
act_take(const struct act *c, const char *person)
{
    const Td__Clock *assign = clock_find(c->ch->after, "assign");
    bool changed = assign_silently(c, person);
    changed |= assign != NULL && !assign->has_met_at;
    clocks_event(c->t, c->ch, "take", c->at);
    if (c->ch->after->state == TD__STATE__NEW)
        changed |= act_state(c, TD__STATE__ASSIGNED, NULL);
    return changed;
}

void
act_relayed(const struct act *c, const char *person)
{
    Td__Case *kase = c->ch->after;
    clocks_event(c->t, c->ch, "relay", c->at);
    if (!kase->has_first_response_at) {
        kase->has_first_response_at = true;
        kase->first_response_at = c->at;
        kase->has_first_response_letter = false;
    }
    if (kase->assignee == NULL && person != NULL)
        assign_silently(c, person);
    if (kase->state == TD__STATE__NEW)
        act_state(c, TD__STATE__ASSIGNED, NULL);
}

/* ---- an answer that never got there */

/* What the relay met is not met after all: as if nobody had answered. */
static void
response_undo(const struct act *c)
{
    Td__Case *kase = c->ch->after;
    for (size_t i = 0; i < kase->n_clocks; i++) {
        Td__Clock *k = kase->clocks[i];
        if (!k->has_met_at || k->met_at != kase->first_response_at || k->met_by == NULL || strcmp(k->met_by, "relay") != 0 || clock_stops_at(k, "take"))
            continue;
        k->has_met_at = false;
        k->met_at = 0;
        k->met_by = NULL;
        turn_entry(c->t, c->ch, TD__ENTRY__WHAT__CLOCK, NULL, arena_printf(c->t->a, "clock %s: not met, the answer did not arrive", k->name))->detail =
            arena_strdup(c->t->a, k->name);
    }
    kase->has_first_response_at = kase->has_first_response_letter = false;
    kase->first_response_at = 0;
}

struct undelivered { const char *recipient, *detail; };

static void
say_undelivered(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    const struct undelivered *n = u;
    (void)c;
    f->v[FIELD_WHAT] = say_words(t, r, "undelivered", n->recipient, NULL, NULL);
    f->v[FIELD_DETAIL] = n->detail;
}

bool
act_undelivered(const struct act *c, const Td__Letter *l, const char *recipient, const char *detail)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    if (l->kind != TD__LETTER__KIND__RELAY || recipient == NULL)
        return false;
    if (kase->has_first_response_letter && kase->first_response_letter == l->id && addr_equal(recipient, kase->requester->addr))
        response_undo(c);
    struct undelivered n = { recipient, detail };
    Td__Entry *e = turn_entry(t, c->ch, TD__ENTRY__WHAT__LETTER, NULL, NULL);
    e->why = arena_printf(t->a, "the answer did not arrive: notice to %s", tell_staff_each(c, TD__LETTER__KIND__NOTICE, "assignee", say_undelivered, &n));
    e->detail = arena_strdup(t->a, schema_letter_kind_name(TD__LETTER__KIND__NOTICE));
    return true;
}
