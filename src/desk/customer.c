/* SPDX-License-Identifier: ISC
 *
 * What customers do by mail: the links of our letters, and plain words that count as one. A link's address names person, case
 * and purpose. It suffices for status, rating, closing and the like; approving needs that person, proven. The answer goes to
 * the person whom the link was given to, never to who used it. Plain words count from a proven sender only, and only when they
 * are the whole message; but who asks for urgency is heard in any sentence.
 */
#include <string.h>

#include "act_room.h"
#include "command.h"
#include "staff.h"

/* ---- links */

static const struct desk_need *
action_of(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if (n->kind == DESK_NEED_CASE && n->purpose > DESK_TOKEN_CONFIRM && n->purpose < DESK_TOKEN_REGISTER && turn_case(t, n->id) != NULL)
            return n;
    }
    return NULL;
}

/* Whose link it is: somebody on the case; NULL: somebody who is no more. */
static const Td__Address *
person_of(const struct turn *t, const struct desk_need *n, const Td__Case *c)
{
    uint64_t id;
    bool theirs = false;
    if (desk_token_check(t->d->key, n->purpose, n->word, strlen(n->word), c->requester->addr, t->now, &id, &theirs) && theirs)
        return c->requester;
    for (size_t i = 0; i < c->n_participants; i++) {
        const Td__Participant *p = c->participants[i];
        if (strcmp(p->role, "parked") != 0 && strcmp(p->role, "left") != 0 && desk_token_check(t->d->key, n->purpose, n->word, strlen(n->word), p->address->addr, t->now, &id, &theirs) && theirs)
            return p->address;
    }
    return NULL;
}

struct tap { struct turn *t; struct act act; const struct desk_need *need; const Td__Address *person; const char *words; bool already, refused; };

static Td__Case *
kase(const struct tap *p)
{
    return p->act.ch->after;
}

static bool
is_that_person(const struct tap *p)
{
    return p->t->from != NULL && addr_equal(p->t->from, p->person->addr) && p->t->proof == PROOF_AUTH;
}

static void
tap_status(struct tap *p)
{
    (void)p;
}

static void
tap_close(struct tap *p)
{
    p->already = !act_state(&p->act, TD__STATE__CLOSED, NULL);
}

static void
tap_escalate(struct tap *p)
{
    p->already = !act_escalation_ask(&p->act, p->words);
}

/* The answer goes to who may be it, for he may wonder. */
static void
tap_unproven(struct tap *p)
{
    struct reader r = reader_customer(p->t, kase(p));
    p->refused = true;
    people_tell(p->t, p->act.ch, p->person, say_words(p->t, &r, "not-proven", NULL, NULL, NULL), FIELD_WORDS, NULL, "told that nothing proves who tapped");
}

static void
tap_approve(struct tap *p)
{
    if (is_that_person(p))
        p->already = !act_answer(&p->act, true, p->words);
    else
        tap_unproven(p);
}

static void
tap_decline(struct tap *p)
{
    if (is_that_person(p))
        p->already = !act_answer(&p->act, false, p->words);
    else
        tap_unproven(p);
}

static void
tap_reopen(struct tap *p)
{
    p->already = (kase(p)->state != TD__STATE__RESOLVED && kase(p)->state != TD__STATE__CLOSED) ||
                 !act_state(&p->act, kase(p)->has_first_response_at ? TD__STATE__PROGRESS : TD__STATE__ASSIGNED, NULL);
}

/* Its name or label stands in the subject that the link made, or in the words. */
static void
tap_kind(struct tap *p)
{
    const struct conf_desk *conf = p->t->conf;
    const char *subject = p->t->m->subject ? p->t->m->subject : "", *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < conf->n_kinds; i++) {
        const struct conf_kind *k = &conf->kinds[i];
        size_t n = strlen(k->name);
        const char *at = str_find_nocase(subject, arena_printf(p->t->a, ": %s [", k->name));
        if (at == NULL && p->t->m->reply_text != NULL)
            at = str_find_nocase(p->t->m->reply_text, arena_printf(p->t->a, ": %s", k->name));
        if (k->offered && at != NULL && n > longest) {
            best = k->name;
            longest = n;
        }
    }
    p->refused = best == NULL;
    p->already = best != NULL && !act_kind(&p->act, best);
}

static void
tap_rate(struct tap *p)
{
    p->already = !act_rate(&p->act, (unsigned)(p->need->purpose - DESK_TOKEN_RATE_1) + 1, p->words);
}

static void
tap_other(struct tap *p)
{
    p->already = !takeout_do(&p->act, p->person);
}

static void
tap_leave(struct tap *p)
{
    struct reader r = reader_customer(p->t, kase(p));
    p->already = !people_leave(&p->act, p->person->addr);
    if (!p->already)
        people_tell(p->t, p->act.ch, p->person, say_words(p->t, &r, "left", NULL, NULL, NULL), FIELD_WORDS, NULL, "told that no more letters come");
}

/* ": ann@x.example" with nothing of an address behind it. */
static bool
named_in(struct arena *a, const char *text, const char *addr)
{
    const char *at = str_find_nocase(text, arena_printf(a, ": %s", addr)), *end = at ? at + 2 + strlen(addr) : "";
    return at != NULL && strchr(" \t\r\n", *end) != NULL;
}

/* The address stands in the subject that the link made, or in the words. */
static void
tap_admit(struct tap *p)
{
    struct turn *t = p->t;
    const Td__Case *c = kase(p);
    const char *places[] = { t->m->subject, t->m->reply_text }, *addr = NULL;
    for (size_t i = 0; i < c->n_participants; i++)
        for (size_t k = 0; k < countof(places) && places[k] != NULL; k++)
            if (strcmp(c->participants[i]->role, "staff") != 0 && named_in(t->a, places[k], c->participants[i]->address->addr))
                addr = c->participants[i]->address->addr;
    if (!is_that_person(p) || !addr_equal(p->person->addr, c->requester->addr))
        tap_unproven(p);
    else
        p->already = addr == NULL || !people_admit(&p->act, addr);
}

static const struct { enum desk_token first, last; const char *what; void (*tap)(struct tap *p); bool words; } taps[] = {
    { DESK_TOKEN_STATUS, DESK_TOKEN_STATUS, "status", tap_status, false },
    { DESK_TOKEN_CASES, DESK_TOKEN_CASES, "own cases", tap_status, false },
    { DESK_TOKEN_CLOSE, DESK_TOKEN_CLOSE, "close", tap_close, true },
    { DESK_TOKEN_ESCALATE, DESK_TOKEN_ESCALATE, "escalate", tap_escalate, true },
    { DESK_TOKEN_APPROVE, DESK_TOKEN_APPROVE, "approve", tap_approve, true },
    { DESK_TOKEN_DECLINE, DESK_TOKEN_DECLINE, "decline", tap_decline, true },
    { DESK_TOKEN_REOPEN, DESK_TOKEN_REOPEN, "reopen", tap_reopen, true },
    { DESK_TOKEN_KIND, DESK_TOKEN_KIND, "kind", tap_kind, true },
    { DESK_TOKEN_RATE_1, DESK_TOKEN_RATE_5, "rate", tap_rate, true },
    { DESK_TOKEN_OTHER, DESK_TOKEN_OTHER, "another matter", tap_other, false },
    { DESK_TOKEN_LEAVE, DESK_TOKEN_LEAVE, "leave", tap_leave, false },
    { DESK_TOKEN_ADMIT, DESK_TOKEN_ADMIT, "admit", tap_admit, false },
};

/* ---- the answer */

/* What a customer may see of the journal: what both sides wrote to each other, and where the case went. */
/* An answer that was taken back, or still waits to go out, has not been given. */
static bool
never_went(const struct turn *t, const struct desk_fact *f, const Td__Case *c, const Td__Entry *e)
{
    bool never = false;
    for (size_t i = 0; i < f->n_entries && e->has_letter; i++)
        never |= f->entries[i]->what == TD__ENTRY__WHAT__UNDONE && f->entries[i]->has_letter && f->entries[i]->letter == e->letter;
    for (size_t i = 0; i < c->n_recalls && e->has_letter; i++)
        never |= c->recalls[i]->letter == e->letter && c->recalls[i]->until_at > t->now;
    return never;
}

/* Somebody may have given the address of his case to a third party, to read here what it confirms; he may even have let it in. So
 * what others wrote is told without their words, but to people of the same known customer. */
static bool
may_read(const struct turn *t, const char *reader, const char *writer)
{
    const struct conf_customer *customer = conf_customer_of(t->conf, reader);
    return addr_equal(reader, writer) || (customer != NULL && customer == conf_customer_of(t->conf, writer));
}

static const char *
entry_line(struct turn *t, const struct reader *r, const Td__Case *c, const char *person, const struct desk_fact *f, const Td__Entry *e)
{
    static const struct { Td__Entry__What what; const char *key; bool desk; } shown[] = {
        { TD__ENTRY__WHAT__OPENED, "history.opened", false }, { TD__ENTRY__WHAT__APPENDED, "history.appended", false },
        { TD__ENTRY__WHAT__PARKED, "history.appended", false },
        { TD__ENTRY__WHAT__RELAYED, "history.relayed", true }, { TD__ENTRY__WHAT__REOPENED, "history.reopened", true },
        { TD__ENTRY__WHAT__ESCALATION_ASKED, "history.asked", true }, { TD__ENTRY__WHAT__ESCALATION_ACCEPTED, "history.escalated", true },
    };
    for (size_t i = 0; i < countof(shown); i++) {
        struct commands cs;
        if (shown[i].what != e->what)
            continue;
        if (e->what == TD__ENTRY__WHAT__PARKED && (e->by == NULL || !e->has_mail || !case_has(t, c, e->by)))
            return NULL;                /* not let in */
        if (e->what == TD__ENTRY__WHAT__RELAYED && never_went(t, f, c, e))
            return NULL;
        bool desk = shown[i].desk || e->by == NULL || is_staff(t->conf, e->by);
        const char *who = desk ? t->conf->from_name ? t->conf->from_name : t->conf->name : e->by, *text = e->text ? e->text : "";
        if (e->what == TD__ENTRY__WHAT__RELAYED) {      /* commands are ours */
            commands_parse(text, t->a, &cs);
            text = words_for_customer(t, cs.words);
        }
        if (!desk && !may_read(t, person, e->by))
            text = "";
        text += strspn(text, "\r\n \t");
        size_t line = strcspn(text, "\r\n"), clip = utf8_clip(text, 100);
        clip = line < clip ? line : clip;
        return arena_printf(t->a, "%s: %s%s%.*s", date_words(t, r, e->at), word_of(t, r, shown[i].key, who, NULL, NULL), clip > 0 ? ": " : "", (int)clip, text);
    }
    return NULL;
}

/* "Tuesday 10 March: 45 minutes, installed the update" */
static const char *
work_line(struct turn *t, const struct reader *r, const Td__Entry *e)
{
    unsigned minutes = 0;
    for (const char *s = e->detail ? e->detail : ""; *s >= '0' && *s <= '9' && minutes < 1000000; s++)
        minutes = minutes * 10 + (unsigned)(*s - '0');
    const char *span = span_words(t, r, (int64_t)minutes * 60), *words = e->text ? words_for_customer(t, e->text) : "";
    size_t clip = utf8_clip(words, 200), line = strcspn(words, "\r\n");
    return span ? arena_printf(t->a, "%s: %s%s%.*s", day_words(t, r, e->at), span, words[0] ? ", " : "", (int)(line < clip ? line : clip), words) : NULL;
}

static void
status_history(struct turn *t, const struct reader *r, const Td__Case *c, const char *person, struct template_fields *f)
{
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_fact *fact = &t->f->v[i];
        for (size_t k = 0; t->f->needs->v[i].kind == DESK_NEED_ENTRIES && t->f->needs->v[i].id == c->id && k < fact->n_entries; k++) {
            const Td__Entry *e = fact->entries[k];
            const char *line = entry_line(t, r, c, person, fact, e), *work = e->what == TD__ENTRY__WHAT__TIME ? work_line(t, r, e) : NULL;
            if (line != NULL)
                template_list_add(t->a, f, FIELD_HISTORY, line);
            if (work != NULL)
                template_list_add(t->a, f, FIELD_DONE, work);
        }
    }
}

/* Those that this person has opened: somebody in copy sees none of the requester's others. */
static void
status_cases(struct turn *t, const struct reader *r, const char *person, struct template_fields *f)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_shown && k < t->f->v[i].n_cases; k++) {
            const Td__Case *c = t->f->v[i].cases[k];
            const char *subject = mail_bare_subject(c->subject, t->a);
            if (strcmp(c->desk, t->conf->name) == 0 && !(c->has_spam && c->spam) && addr_equal(c->requester->addr, person))
                template_list_add(t->a, f, FIELD_CASES, arena_printf(t->a, "%s, %s, %s: %.*s", c->number, day_words(t, r, c->opened_at), state_words(t, r, c->state),
                                                                     (int)utf8_clip(subject, 200), subject));
        }
}

static void
status_fields(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f)
{
    const struct conf_priority *priority = conf_priority_find(t->conf, c->priority);
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    const struct conf_kind *kind = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    const struct conf_person *person = c->assignee ? conf_person_find(t->conf, c->assignee) : NULL;
    f->v[FIELD_OPENED] = date_words(t, r, c->opened_at);
    f->v[FIELD_STATE] = state_words(t, r, c->state);
    f->v[FIELD_MEANING] = meaning_words(t, r, c->state);
    f->v[FIELD_PRIORITY] = priority && priority->label ? priority->label : c->priority;
    f->v[FIELD_KIND] = kind && kind->label ? kind->label : c->kind;
    f->v[FIELD_QUEUE] = t->conf->n_queues > 1 ? queue && queue->label ? queue->label : c->queue : NULL;
    f->v[FIELD_ASSIGNEE] = person ? person->label : NULL;      /* never an address of staff */
    f->v[FIELD_TIME] = c->has_minutes ? span_words(t, r, (int64_t)c->minutes * 60) : NULL;
    f->v[FIELD_NOTICE] = t->conf->escalation.notice;
    letter_clocks(t, r, c, false, f);
}

static void
status_write(struct tap *p)
{
    struct turn *t = p->t;
    Td__Case *c = kase(p);
    struct reader r = reader_customer(t, c);
    bool cases = p->need->purpose == DESK_TOKEN_CASES;
    const char *kept = machine_silence(t);
    kept = kept ? kept : budget_take(t, p->person->addr, false);
    if (kept != NULL) {
        turn_entry(t, p->act.ch, TD__ENTRY__WHAT__SILENCED, NULL, arena_printf(t->a, "status: %s", kept));
        return;
    }
    struct letter w = { .kind = TD__LETTER__KIND__STATUS, .to_name = p->person->name, .to = p->person->addr, .kase = c, .to_customer = true };
    status_fields(t, &r, c, &w.fields);
    case_links(t, c, p->person->addr, &w.fields);
    if (addr_equal(p->person->addr, c->requester->addr))
        people_links(t, c, &r, &w.fields);
    w.fields.v[FIELD_ALREADY] = p->already ? "1" : NULL;
    if (cases)
        status_cases(t, &r, p->person->addr, &w.fields);
    else
        status_history(t, &r, c, p->person->addr, &w.fields);
    Td__Letter *l = letter_write(t, &w);
    case_thread_add(t, c, l->message_id);
    Td__Entry *e = turn_entry(t, p->act.ch, TD__ENTRY__WHAT__LETTER, NULL, p->already ? "answered: that was done already" : "answered with the status");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, p->person->addr);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
}

/* A letter of what was done goes there already. */
static bool
is_told(const struct turn *t, const char *person)
{
    for (size_t i = 0; i < t->out->n_letters; i++)
        for (size_t k = 0; k < t->out->letters[i]->n_to; k++)
            if (addr_equal(t->out->letters[i]->to[k]->addr, person))
                return true;
    return false;
}

static struct desk_case_change *
tap_take(struct turn *t, const struct desk_need *n)
{
    struct desk_case_change *ch = turn_change(t, turn_case(t, n->id));
    const Td__Address *person = person_of(t, n, ch->after);
    size_t i = 0;
    while (i < countof(taps) && (n->purpose < taps[i].first || n->purpose > taps[i].last))
        i++;
    if (i == countof(taps) || person == NULL) {
        entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__PARKED, t->requester->addr, "a link of somebody who is not on the case"));
        return ch;
    }
    struct tap p = { t, { t, ch, person->addr, arena_printf(t->a, "link: %s", taps[i].what), t->e->origin->arrived_at }, n, person, NULL, false, false };
    const char *words = link_words_rest(t, n->purpose, t->m->reply_text);
    p.words = taps[i].words && words[0] != '\0' && !closing_only(words, t->requester->name, person->addr) ? words : NULL;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, t->requester->addr, p.act.why);
    entry_words(t, e);
    e->detail = arena_strdup(t->a, taps[i].what);
    taps[i].tap(&p);
    if (p.refused)
        e->why = arena_printf(t->a, "%s: not done, as the sender is not proven to be %s", p.act.why, person->addr);
    else if (p.already)
        e->why = arena_printf(t->a, "%s: done already", p.act.why);
    if (!is_told(t, person->addr) && !p.refused)
        status_write(&p);
    if (p.words != NULL || (n->purpose != DESK_TOKEN_STATUS && n->purpose != DESK_TOKEN_CASES && !p.already))
        notice_customer(t, ch);
    return ch;
}

/* ---- plain words */

static bool
is_trusted_customer(const struct turn *t)
{
    return t->found != NULL && t->from != NULL && t->proof != PROOF_NONE && !is_staff(t->conf, t->from) && case_has(t, t->found, t->from);
}

const char *
first_line(struct arena *a, const char *text)
{
    text += strspn(text, " \t\r\n");
    return arena_strndup(a, text, strcspn(text, "\r\n"));
}

const char *
words_alone(const struct turn *t, const char *text)
{
    const char *name = t->m->from ? t->m->from->name : NULL;
    int lines = 0;
    for (const char *p = text + strspn(text, "\r\n \t"); (p = strchr(p, '\n')) != NULL && lines < 6; p++, lines++)
        if (closing_only(p + 1, name, t->from))
            return arena_strndup(t->a, text, (size_t)(p - text));
    return text;
}

/* The whole message is one of the words. OK to what waits for approval approves it, OK to what is resolved asks for closure. */
static bool
plain_words(struct turn *t, const struct act *act)
{
    const char *text = words_alone(t, t->m->reply_text ? t->m->reply_text : "");
    Td__Case *c = act->ch->after;
    bool yes = words_mean(t->line, "ok", text) || words_mean(t->line, "yes", text);
    bool no = words_mean(t->line, "not-ok", text) || words_mean(t->line, "no", text);
    bool close = words_mean(t->line, "close", text);
    if (words_mean(t->line, "other", text))
        return takeout_do(act, t->requester);
    if (c->state == TD__STATE__CLOSED && (close || yes))
        return true;                    /* it is: nothing begins again */
    if (close)
        return act_state(act, TD__STATE__CLOSED, NULL);
    if (c->approval != NULL && (yes || no))
        return act_answer(act, yes, text);
    if (c->state == TD__STATE__RESOLVED && yes)
        return act_state(act, TD__STATE__CLOSED, NULL);
    /* thanks alone, for what is solved, are no complaint */
    return (c->state == TD__STATE__RESOLVED || c->state == TD__STATE__CLOSED) && text[0] != '\0' && t->m->n_attachments == 0 &&
           closing_only(text, t->requester->name, t->from);
}

/* "This is another matter", and then what it is: the mail itself is the new case. */
static struct desk_case_change *
opened_as_other(struct turn *t)
{
    struct desk_case_change *ch = case_open(t, t->found, "its writer says that it is about something else");
    notice_customer(t, ch);
    return ch;
}

struct desk_case_change *
way_customer(struct turn *t)
{
    const struct desk_need *link = action_of(t);
    if (link != NULL && !(t->e->origin->has_silent && t->e->origin->silent))
        return tap_take(t, link);
    if (!is_trusted_customer(t) || (t->m->has_unparsed && t->m->unparsed) || (t->e->origin->has_silent && t->e->origin->silent))
        return NULL;
    const char *first = first_line(t->a, t->m->reply_text ? t->m->reply_text : "");
    if (words_mean(t->line, "other", first) && !words_mean(t->line, "other", words_alone(t, t->m->reply_text)))
        return opened_as_other(t);
    const struct decision was = *t->out;
    struct desk_case_change *ch = turn_change(t, t->found);
    struct act act = { t, ch, t->from, "the customer's word", t->e->origin->arrived_at };
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__APPENDED, t->from, t->why));
    if (!plain_words(t, &act)) {
        *t->out = was;                  /* an ordinary answer */
        return NULL;
    }
    case_thread_add(t, ch->after, t->m->message_id);
    notice_customer(t, ch);
    return ch;
}

/* ---- who asks for urgency in a sentence */

#define DENIAL_NEAR 24                  /* bytes */

/* "do not escalate" asks for nothing. */
static bool
denied_before(const struct turn *t, const char *text, const char *at)
{
    char before[DENIAL_NEAR + 1];
    size_t back = at - text < DENIAL_NEAR ? (size_t)(at - text) : DENIAL_NEAR;
    memcpy(before, at - back, back);
    before[back] = '\0';
    for (size_t l = 0; l < t->conf->languages.n; l++) {
        const char *word;
        for (size_t i = 0; t->line->words[l] != NULL && (word = words_part(t->line->words[l], "answer.denial", i)) != NULL; i++)
            if (str_find_nocase(before, arena_printf(t->a, "%s ", word)) != NULL)
                return true;
    }
    return false;
}

static bool
asks_escalation(const struct turn *t, const char *text)
{
    if (words_mean(t->line, "escalate", text))
        return true;
    for (size_t at = 0; words_find(t->line, "answer.asks-priority", text, &at); at++)
        if (!denied_before(t, text, text + at))
            return true;
    return false;
}

void
customer_urgency(struct turn *t, struct desk_case_change *ch)
{
    const Td__Case *c = ch->after;
    const char *text = t->m->reply_text ? t->m->reply_text : "";
    bool machine = t->m->machine != NULL && !t->m->machine->counts_as_reply;
    if (machine || t->from == NULL || is_staff(t->conf, t->from) || !case_has(t, c, t->from) || c->state == TD__STATE__CLOSED || c->marked != NULL || !asks_escalation(t, text))
        return;
    struct act act = { t, ch, t->from, "asked for in words", t->e->origin->arrived_at };
    act_escalation_ask(&act, text);
}
