/* SPDX-License-Identifier: ISC
 *
 * A new case from a mail: number, priority by rules, clocks, the first entry, and whether an acknowledgement goes out.
 * Every mail that finds no case comes here, whatever made it: nothing is dropped.
 */
#include <string.h>

#include "desk_room.h"

#define SUBJECT_KEPT_MAX 1000
#define ECHO_SUBJECT_MAX 160

static bool
is_silent(const struct turn *t)
{
    return t->e->origin->has_silent && t->e->origin->silent;
}

static Td__Case *
case_make(struct turn *t, const struct verdict *v)
{
    const Td__Message *m = t->m;
    Td__Case *c = schema_new(t->a, &td__case__descriptor);
    const char *subject = m->subject ? m->subject : "";
    c->id = t->f->next_case + t->out->cases_used++;
    c->number = (char *)desk_number_make(t->d->key, t->conf->prefix, c->id, t->a);
    c->desk = arena_strdup(t->a, t->conf->name);
    c->state = TD__STATE__NEW;
    c->requester = t->requester;
    c->subject = arena_strndup(t->a, subject, utf8_clip(subject, SUBJECT_KEPT_MAX));
    c->language = arena_strdup(t->a, m->language);
    c->priority = arena_strdup(t->a, v->priority);
    c->kind = arena_strdup(t->a, v->kind);
    c->queue = arena_strdup(t->a, v->queue);
    c->opened_at = t->e->origin->arrived_at;
    if (m->has_unparsed && m->unparsed)
        c->has_unparsed = c->unparsed = true;
    case_admit_copies(t, c);
    case_thread_add(t, c, m->message_id);
    if (!is_silent(t))                  /* old mail: nobody waits for a first answer, and nobody is to be woken for it */
        clocks_start(t->d, t->line, c, c->opened_at, t->a);
    return c;
}

/* ---- the acknowledgement */

static const char *
target_words(struct turn *t, const Td__Case *c, const char *clock, const char *language)
{
    const Td__Clock *k = clock_find(c, clock);
    return k != NULL && k->due_at > t->now ? date_words(t->a, language, t->line->zone, k->due_at, t->now) : NULL;
}

/* Nothing that the sender wrote is repeated to an address that he may have made up. */
static void
acknowledge(struct turn *t, struct desk_case_change *ch)
{
    Td__Case *c = ch->after;
    const char *kept = machine_silence(t);
    if (kept == NULL && !t->conf->acknowledge)
        kept = "acknowledgements are switched off";
    if (kept == NULL)
        kept = budget_take(t, t->from, false);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, kept);
        return;
    }
    bool proven = t->proof == PROOF_AUTH;
    struct letter w = { .kind = TD__LETTER__KIND__ACK, .to = t->from, .kase = c, .to_customer = true, .answers = t->m->message_id,
                        .language = c->language };
    const char *language = c->language;
    int64_t opens = calendar_next_open(t->line->calendar, t->now);
    if (proven) {
        const char *subject = mail_bare_subject(c->subject, t->a);
        w.to_name = w.fields.v[FIELD_NAME] = c->requester->name;
        w.fields.v[FIELD_SUBJECT] = arena_strndup(t->a, subject, utf8_clip(subject, ECHO_SUBJECT_MAX));
    }
    w.fields.v[FIELD_OPENED] = date_words(t->a, language, t->line->zone, c->opened_at, t->now);
    w.fields.v[FIELD_RESPOND_BY] = target_words(t, c, "respond", language);
    w.fields.v[FIELD_BEGIN_BY] = target_words(t, c, "assign", language);
    w.fields.v[FIELD_OPENS] = opens > t->now ? date_words(t->a, language, t->line->zone, opens, t->now) : NULL;
    Td__Letter *l = letter_write(t, &w);
    c->has_acknowledged = c->acknowledged = true;
    case_thread_add(t, c, l->message_id);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, proven ? "acknowledgement" : "acknowledgement, sender not proven: none of his words");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, t->from);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
    if (budget_breaker(t))
        letter_alarm(t, ch, "The budget for automatic letters to all together is used up. No more are sent until it fills again; cases are opened as ever.", NULL);
}

/* ---- the case */

static void
link_cases(struct turn *t, struct desk_case_change *ch, const Td__Case *linked, const char *why)
{
    struct desk_case_change *old = turn_change(t, linked);
    turn_entry(t, ch, TD__ENTRY__WHAT__LINKED, t->requester->addr, why)->detail = arena_strdup(t->a, linked->number);
    turn_entry(t, old, TD__ENTRY__WHAT__LINKED, t->requester->addr, why)->detail = arena_strdup(t->a, ch->after->number);
}

struct desk_case_change *
case_open(struct turn *t, const Td__Case *linked, const char *why)
{
    struct verdict v;
    rules_apply(t, &v);
    struct desk_case_change *ch = turn_open(t, case_make(t, &v));
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__OPENED, t->requester->addr, v.why));
    if (linked != NULL)
        link_cases(t, ch, linked, why);
    entry_unparsed(t, ch);
    acknowledge(t, ch);
    return ch;
}
