/* SPDX-License-Identifier: ISC
 *
 * A new case from a mail: number, priority by rules, clocks, the first entry, and whether an acknowledgement goes out.
 * Every mail that finds no case comes here, whatever made it: nothing is dropped.
 */
#include <string.h>

#include "act_room.h"

#define SUBJECT_KEPT_MAX 1000
#define ECHO_SUBJECT_MAX 160

static bool
is_silent(const struct turn *t)
{
    return t->e->origin->has_silent && t->e->origin->silent;
}

/* Of the requester's latest case. */
static const char *
sender_language(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_history && k < t->f->v[i].n_cases; k++)
            if (t->f->v[i].cases[k]->language != NULL && addr_equal(t->f->v[i].cases[k]->requester->addr, t->requester->addr))
                return t->f->v[i].cases[k]->language;
    return NULL;
}

/* The mail's own where the desk writes it, else what this customer is written in, else the desk's first: never none. */
static const char *
language_of(const struct turn *t, const struct conf_customer *customer)
{
    const struct conf_strings *known = &t->conf->languages;
    const char *wanted[] = { t->m->language, sender_language(t), customer ? customer->language : NULL };
    for (size_t k = 0; k < countof(wanted); k++)
        for (size_t i = 0; i < known->n && wanted[k] != NULL; i++)
            if (str_eq_nocase(known->v[i], wanted[k]))
                return known->v[i];
    return known->v[0];
}

static Td__State
state_of(const char *name)
{
    for (int s = TD__STATE__NEW; name != NULL && s <= TD__STATE__CLOSED; s++)
        if (strcmp(schema_state_name((Td__State)s), name) == 0)
            return (Td__State)s;
    return TD__STATE__NEW;
}

/* Into the state that it begins in; before its clocks start, so that they begin standing still where that state asks for it. */
static void
state_begin(struct turn *t, Td__Case *c, Td__State state)
{
    c->state = state;
    c->has_state_at = true;
    c->state_at = c->opened_at;
    if (state == TD__STATE__RESOLVED || state == TD__STATE__CLOSED) {
        c->has_resolved_at = state == TD__STATE__RESOLVED;
        c->resolved_at = c->has_resolved_at ? c->opened_at : 0;
        c->has_closed_at = state == TD__STATE__CLOSED;
        c->closed_at = c->has_closed_at ? c->opened_at : 0;
        return;
    }
    if (is_silent(t) || is_marked(t)) { /* old mail: nobody waits for a first answer, and nobody is to be woken for it */
        c->has_silent = c->silent = true;
        return;
    }
    clocks_start(t->d, t->line, c, c->opened_at, t->a);
    dues_of_state(t, c, c->opened_at);
}

static Td__Case *
case_make(struct turn *t, const struct verdict *v, bool refused)
{
    const Td__Message *m = t->m;
    Td__Case *c = schema_new(t->a, &td__case__descriptor);
    const char *subject = m->subject ? m->subject : "";
    c->id = t->f->next_case + t->out->cases_used++;
    c->number = (char *)desk_number_make(t->d->key, t->conf->prefix, c->id, t->a);
    c->desk = arena_strdup(t->a, t->conf->name);
    c->requester = t->requester;
    c->subject = arena_strndup(t->a, subject, utf8_clip(subject, SUBJECT_KEPT_MAX));
    c->customer = v->customer ? arena_strdup(t->a, v->customer->name) : NULL;
    c->language = arena_strdup(t->a, language_of(t, v->customer));
    c->priority = arena_strdup(t->a, v->priority);
    c->kind = arena_strdup(t->a, v->kind);
    c->queue = arena_strdup(t->a, is_marked(t) && t->conf->marked_queue ? t->conf->marked_queue : v->queue);
    arena_push(t->a, &c->lines, &c->n_lines, c->queue);
    c->fields = v->fields;
    c->n_fields = v->n_fields;
    for (size_t i = 0; i < v->tags.n; i++)
        arena_push(t->a, &c->tags, &c->n_tags, arena_strdup(t->a, v->tags.v[i]));
    c->opened_at = t->e->origin->arrived_at;
    if (m->has_unparsed && m->unparsed)
        c->has_unparsed = c->unparsed = true;
    if (refused)
        c->has_refused = c->refused = true;
    if (machine_wrote(t))
        c->has_by_machine = c->by_machine = true;
    if (t->proof == PROOF_AUTH)
        c->has_proven = c->proven = true;
    if (register_admitted(t, c->requester->addr))
        c->has_admitted = c->admitted = true;
    case_admit_copies(t, c);
    case_thread_add(t, c, m->message_id);
    state_begin(t, c, refused ? TD__STATE__CLOSED : state_of(v->state));
    return c;
}

/* ---- the case */

static void
link_cases(struct turn *t, struct desk_case_change *ch, const Td__Case *linked, const char *why)
{
    struct desk_case_change *old = turn_change(t, linked);
    turn_entry(t, ch, TD__ENTRY__WHAT__LINKED, t->requester->addr, why)->detail = arena_strdup(t->a, linked->number);
    turn_entry(t, old, TD__ENTRY__WHAT__LINKED, t->requester->addr, why)->detail = arena_strdup(t->a, ch->after->number);
}

/* Routing: no beginning of work, so no clock is met and the state stays. */
static void
assign(struct turn *t, struct desk_case_change *ch, const struct verdict *v)
{
    bool over = is_silent(t) || ch->after->state == TD__STATE__CLOSED;
    const char *why, *person = over ? NULL : assign_choose(t, ch->after, v->assign, &why);
    if (person == NULL)
        return;
    ch->after->assignee = arena_strdup(t->a, person);
    turn_entry(t, ch, TD__ENTRY__WHAT__ASSIGNED, v->assign_by, why)->detail = arena_strdup(t->a, person);
}

/* Instead of the acknowledgement, or beside it; machines and budgets are the same to both. */
static bool
prepared(struct turn *t, struct desk_case_change *ch, const char *name, const char *by)
{
    return act_letter(&(struct act){ .t = t, .ch = ch, .by = by, .why = "new case", .at = ch->after->opened_at }, name, NULL);
}

/* Told politely, and nothing is lost: the mail lies in a case that is closed already. Who may be somebody else hears none of his
 * own words, and not whose customer he would be. */
static void
refuse(struct turn *t, struct desk_case_change *ch, const char *why)
{
    const Td__Case *c = ch->after;
    turn_entry(t, ch, TD__ENTRY__WHAT__REFUSED, NULL, why);
    bool asked = register_ask(t, ch);
    const char *kept = machine_silence(t);
    if (kept == NULL)
        kept = budget_take(t, t->from, false);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, kept);
        return;
    }
    struct letter w = { .kind = TD__LETTER__KIND__REFUSAL, .to = t->from, .kase = c, .to_customer = true, .answers = t->m->message_id };
    if (t->proof == PROOF_AUTH) {
        const char *subject = mail_bare_subject(c->subject, t->a);
        w.to_name = w.fields.v[FIELD_NAME] = c->requester->name;
        w.fields.v[FIELD_SUBJECT] = arena_strndup(t->a, subject, utf8_clip(subject, ECHO_SUBJECT_MAX));
        w.fields.v[FIELD_CUSTOMER] = c->customer;
    }
    struct reader r = reader_customer(t, c);
    w.fields.v[FIELD_REGISTER] = asked ? "1" : NULL;
    w.fields.v[FIELD_WORDS] = asked ? say_words(t, &r, "register-asked", NULL, NULL, NULL) : NULL;
    Td__Letter *l = letter_write(t, &w);
    case_thread_add(t, ch->after, l->message_id);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, "who may not open cases is told so");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, t->from);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
}

struct desk_case_change *
case_open(struct turn *t, const Td__Case *linked, const char *why)
{
    const char *refusal = register_refusal(t);
    struct verdict v;
    rules_apply(t, &v);
    struct desk_case_change *ch = turn_open(t, case_make(t, &v, refusal != NULL));
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__OPENED, t->requester->addr, linked ? v.why : thread_why(t, v.why)));
    if (linked != NULL)
        link_cases(t, ch, linked, why);
    entry_unparsed(t, ch);
    if (refusal != NULL) {
        refuse(t, ch, refusal);
        return ch;
    }
    if (is_marked(t)) {
        case_mark(t, ch, machine_silence_but_mark(t) == NULL);
        return ch;
    }
    if (ch->after->state != TD__STATE__NEW)
        turn_entry(t, ch, TD__ENTRY__WHAT__STATE, v.state_by, "a rule says so")->detail = arena_printf(t->a, "new to %s", v.state);
    assign(t, ch, &v);
    if (v.letter == NULL)
        case_acknowledge(t, ch, &v);
    else if (prepared(t, ch, v.letter, v.letter_by))
        ch->after->has_acknowledged = ch->after->acknowledged = true;
    for (size_t i = 0; i < v.letters.n; i++)
        (void)prepared(t, ch, v.letters.v[i], v.by);
    return ch;
}
