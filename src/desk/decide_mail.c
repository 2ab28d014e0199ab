/* SPDX-License-Identifier: ISC
 *
 * A mail has come: it ends in exactly one case. The ways are tried in order, the first that takes the mail is it; the last
 * one, a new case, takes everything. Evidence alone moves nothing: only senders who are on a case change its state.
 */
#include <string.h>

#include "desk_room.h"

#define PARTICIPANTS_MAX 50
#define ATTACHMENTS_KEPT_MAX 200
#define THREAD_MAX 8

/* ---- who wrote */

void
turn_sender(struct turn *t)
{
    const Td__Message *m = t->m;
    const Td__Origin *o = t->e->origin;
    t->from = m->from != NULL && addr_valid(m->from->addr) ? m->from->addr : NULL;
    if (t->from != NULL)
        t->requester = schema_address(t->a, m->from->name, m->from->addr);
    else if (o->envelope_from != NULL && addr_valid(o->envelope_from))
        t->requester = schema_address(t->a, NULL, o->envelope_from);
    else
        t->requester = schema_address(t->a, NULL, "unknown@invalid");
    addr_fold(t->requester->addr);
    if (t->from == NULL)
        return;
    t->from_desk = conf_has_address(t->d->conf, t->from);
    for (size_t i = 0; i < t->conf->staff.n; i++)
        t->is_staff |= addr_equal(t->conf->staff.v[i], t->from);
    bool one = !m->has_from_count || m->from_count <= 1;        /* two From addresses prove nothing */
    if (one && o->has_trusted && o->trusted && m->has_aligned && m->aligned)
        t->proof = PROOF_AUTH;
}

static bool
is_silent(const struct turn *t)
{
    return t->e->origin->has_silent && t->e->origin->silent;
}

static bool
is_machine(const struct turn *t)
{
    return t->from_desk || (t->m->machine != NULL && !t->m->machine->counts_as_reply);
}

/* ---- what is written down */

void
entry_words(struct turn *t, Td__Entry *e)
{
    const Td__Message *m = t->m;
    const char *text = m->reply_text ? m->reply_text : m->text;
    if (!t->is_staff && m->reply_text != NULL && m->reply_text[0] == '\0' && m->text != NULL)
        text = m->text;                 /* s-nail puts what was typed below a forwarded mail: then nothing is new by its place */
    e->has_mail = true;
    e->mail = t->e->mail_id;
    if (text != NULL)
        e->text = arena_strndup(t->a, text, utf8_clip(text, DESK_ENTRY_TEXT_MAX));
    e->attachments = m->attachments;
    e->n_attachments = m->n_attachments < ATTACHMENTS_KEPT_MAX ? m->n_attachments : ATTACHMENTS_KEPT_MAX;
    if (m->message_id != NULL)
        e->message_id = arena_strndup(t->a, m->message_id, utf8_clip(m->message_id, 998));
    if (m->subject != NULL)
        e->subject = arena_strndup(t->a, m->subject, utf8_clip(m->subject, 998));
}

void
entry_unparsed(struct turn *t, struct desk_case_change *ch)
{
    if (!t->m->has_unparsed || !t->m->unparsed)
        return;
    const char *detail = t->m->n_warnings > 0 ? t->m->warnings[0] : NULL;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__UNPARSED, NULL, "only its headers could be read; the mail is kept as it came");
    e->has_mail = true;
    e->mail = t->e->mail_id;
    e->detail = arena_strdup(t->a, detail);
    if (!is_silent(t))
        letter_alarm(t, ch, "unread", NULL, NULL, detail);
}

/* The first ones and the latest: enough for every mail program to keep the thread together. */
void
case_thread_add(struct turn *t, Td__Case *c, const char *id)
{
    if (!message_id_clean(id))
        return;
    for (size_t i = 0; i < c->n_thread; i++)
        if (strcmp(c->thread[i], id) == 0)
            return;
    if (c->n_thread >= THREAD_MAX) {
        memmove(&c->thread[2], &c->thread[3], (c->n_thread - 3) * sizeof *c->thread);
        c->n_thread--;
    }
    arena_push(t->a, &c->thread, &c->n_thread, arena_strdup(t->a, id));
}

static bool
participant_find(const Td__Case *c, const char *addr, const char *role)
{
    for (size_t i = 0; i < c->n_participants; i++)
        if (addr_equal(c->participants[i]->address->addr, addr) && strcmp(c->participants[i]->role, role) == 0)
            return true;
    return false;
}

bool
case_participant_add(struct turn *t, Td__Case *c, const Td__Address *who, const char *role)
{
    if (c->n_participants >= PARTICIPANTS_MAX || participant_find(c, who->addr, role))
        return false;
    Td__Participant *p = schema_new(t->a, &td__participant__descriptor);
    p->address = schema_address(t->a, who->name, who->addr);
    p->role = arena_strdup(t->a, role);
    arena_push(t->a, &c->participants, &c->n_participants, p);
    return true;
}

/* To and Cc of the requester's proven mail come onto the case; never our own addresses, staff or a list. */
void
case_admit_copies(struct turn *t, Td__Case *c)
{
    const Td__Message *m = t->m;
    const struct { Td__Address **v; size_t n; } lists[] = { { m->to, m->n_to }, { m->cc, m->n_cc } };
    if (t->proof == PROOF_NONE || (m->machine != NULL && m->machine->list))
        return;
    for (size_t k = 0; k < countof(lists); k++)
        for (size_t i = 0; i < lists[k].n && i < PARTICIPANTS_MAX; i++) {
            const Td__Address *who = lists[k].v[i];
            if (addr_valid(who->addr) && !case_has(t, c, who->addr) && !case_has_left(c, who->addr) && !conf_has_address(t->d->conf, who->addr))
                case_participant_add(t, c, who, "cc");
        }
}

/* ---- ways that look at the mail alone */

static struct desk_case_change *
way_own(struct turn *t)
{
    uint64_t case_id, letter_id;
    if (!desk_message_id_check(t->d->key, t->m->message_id, &case_id, &letter_id))
        return NULL;
    const Td__Case *c = turn_case(t, case_id);
    if (c == NULL)
        return NULL;
    struct desk_case_change *ch = turn_change(t, c);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__MACHINE, t->requester->addr, "our own letter came back");
    entry_words(t, e);
    e->has_letter = true;
    e->letter = letter_id;
    return ch;
}

static bool
same_subject(struct turn *t, const Td__Case *c)
{
    return str_eq_nocase(mail_bare_subject(t->m->subject ? t->m->subject : "", t->a), mail_bare_subject(c->subject, t->a));
}

/* Same id and digest: the same mail again. Same id, sender and subject with other text: it belongs to that case. */
static struct desk_case_change *
way_duplicate(struct turn *t)
{
    const Td__Message *m = t->m;
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if (n->why != need_self || n->kind != DESK_NEED_MESSAGE)
            continue;
        for (size_t k = 0; k < t->f->v[i].n_found; k++) {
            const struct desk_found *row = &t->f->v[i].found[k];
            const Td__Case *c = turn_case(t, row->case_id);
            if (row->case_id == 0) {    /* one that was about no case */
                t->out->fate = TD__FATE__WHAT__DUPLICATE;
                t->caseless = true;
                return NULL;
            }
            if (c == NULL)
                continue;
            if (row->digest != NULL && m->has_digest && m->digest.len == 32 && memcmp(row->digest, m->digest.data, 32) == 0) {
                struct desk_case_change *ch = turn_change(t, c);
                Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__DUPLICATE, t->requester->addr, "same Message-ID and content");
                e->has_mail = true;
                e->mail = t->e->mail_id;
                t->out->fate = TD__FATE__WHAT__DUPLICATE;
                return ch;
            }
            if (t->found == NULL && t->from != NULL && case_has(t, c, t->from) && same_subject(t, c)) {
                t->found = c;
                t->why = "same Message-ID, sender and subject, other text";
            }
        }
    }
    return NULL;
}

/* ---- ways onto the case that the evidence found */

static struct desk_case_change *
way_machine(struct turn *t)
{
    if (t->found == NULL || !is_machine(t))
        return NULL;
    const Td__Machine *k = t->m->machine;
    const char *how = t->from_desk ? "from one of our own addresses" : k->n_why > 0 ? k->why[0] : "made by a machine";
    struct desk_case_change *ch = turn_change(t, t->found);
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__MACHINE, t->requester->addr, arena_printf(t->a, "%s; %.300s", t->why, how)));
    entry_unparsed(t, ch);
    return ch;
}

/* Address books remember reply addresses: one used for a new mail about something else begins something new. */
static struct desk_case_change *
way_remembered(struct turn *t)
{
    const char *subject = mail_bare_subject(t->m->subject ? t->m->subject : "", t->a);
    if (t->found == NULL || !t->by_token || t->m->n_in_reply_to + t->m->n_references > 0 || t->is_reply || subject[0] == '\0' ||
        same_subject(t, t->found))
        return NULL;
    return case_open(t, t->found, "written to the reply address of that case, without references and about something else");
}

static struct desk_case_change *
way_long_closed(struct turn *t)
{
    const Td__Case *c = t->found;
    if (c == NULL || c->state != TD__STATE__CLOSED || is_silent(t))
        return NULL;
    if (!c->has_closed_at || t->e->origin->arrived_at <= c->closed_at + t->conf->reopen_s)
        return NULL;
    return case_open(t, c, arena_printf(t->a, "%s; closed for longer than the reopening window", t->why));
}

/* One neutral receipt for each sender and case. */
static void
receipt(struct turn *t, struct desk_case_change *ch)
{
    const char *kept = machine_silence(t);
    if (kept == NULL && !t->conf->acknowledge)
        kept = "acknowledgements are switched off";
    if (kept == NULL)
        kept = budget_take(t, t->from, false);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, kept);
        return;
    }
    struct letter w = { .kind = TD__LETTER__KIND__RECEIPT, .to = t->from, .kase = ch->after, .hide_case = true, .answers = t->m->message_id,
                        .language = t->m->language };
    Td__Letter *l = letter_write(t, &w);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, "receipt to a sender who is not on the case");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, t->from);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
}

static struct desk_case_change *
way_parked(struct turn *t)
{
    if (t->found == NULL || (t->from != NULL && case_has(t, t->found, t->from)))
        return NULL;
    struct desk_case_change *ch = turn_change(t, t->found);
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__PARKED, t->requester->addr, arena_printf(t->a, "%s; sender is not on the case", t->why)));
    entry_unparsed(t, ch);
    if (t->from != NULL && case_participant_add(t, ch->after, t->requester, "parked")) {
        receipt(t, ch);
        people_tell_parked(t, ch, t->from);
    }
    return ch;
}

static struct desk_case_change *
way_reply(struct turn *t)
{
    if (t->found == NULL)
        return NULL;
    struct desk_case_change *ch = turn_change(t, t->found);
    entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__APPENDED, t->requester->addr, t->why));
    entry_unparsed(t, ch);
    case_thread_add(t, ch->after, t->m->message_id);
    if (addr_equal(t->found->requester->addr, t->from))
        case_admit_copies(t, ch->after);
    people_heard(ch->after, t->from);
    bool barred = ch->after->has_refused && ch->after->refused && register_refusal(t) != NULL;
    if (is_silent(t) || barred)         /* who may not open a case opens none by answering the refusal either */
        return ch;
    struct takeout kept;
    takeout_before(t, &kept, ch->after);
    act_wake(&(struct act){ .t = t, .ch = ch, .by = t->requester->addr, .at = t->e->origin->arrived_at });
    takeout_after(t, &kept, ch);
    return ch;
}

static struct desk_case_change *
way_new(struct turn *t)
{
    return case_open(t, NULL, NULL);
}

/* ---- the decision */

static struct desk_case_change *
way_thread(struct turn *t)
{
    if (t->found == NULL)
        thread_find(t);
    return NULL;
}

/* `notice`: those who look after the case hear of it. */
static const struct { struct desk_case_change *(*go)(struct turn *); const char *action; bool notice; } ways[] = {
    { way_own, "own", false }, { way_duplicate, "duplicate", false }, { way_report, "report", false }, { way_thread, "", false },
    { way_machine, "machine", false }, { way_register, "admission", false }, { way_staff, "staff", false }, { way_people, "people", false },
    { way_customer, "customer", false }, { way_remembered, "linked", true },
    { way_long_closed, "linked", true }, { way_colleague, "", false }, { way_parked, "parked", true }, { way_reply, "append", true }, { way_new, "open", true },
};

/* The row that lets the next copy of this mail be known. A second text under an id that this case already has a row for goes
 * under id and digest together. */
static void
index_mail(struct turn *t, uint64_t case_id)
{
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        bool taken = false;
        if (n->why != need_self || n->kind != DESK_NEED_MESSAGE)
            continue;
        for (size_t k = 0; k < t->f->v[i].n_found; k++)
            taken |= t->f->v[i].found[k].case_id == case_id;
        if (taken)
            continue;
        t->out->index_message = n->word;
        t->out->index_case = case_id;
        return;
    }
}

void
decide_mail(struct turn *t)
{
    turn_sender(t);
    thread_guesses(t);
    struct desk_case_change *ch = NULL;
    size_t i = 0;
    for (; i < countof(ways) && ch == NULL && !t->caseless; i++)
        ch = ways[i].go(t);
    if (ch == NULL && t->caseless) {    /* staff asked something that is about no case */
        turn_told(t, "asked", t->out->fate_why);
        index_mail(t, 0);
        return;
    }
    must(ch != NULL);                   /* the last way takes every mail */
    if (t->from != NULL && addr_equal(ch->after->requester->addr, t->from) && machine_silence(t) == NULL)
        ch->after->has_by_machine = ch->after->by_machine = false;      /* there is somebody after all */
    if (ways[i - 1].notice && !is_silent(t)) {
        customer_urgency(t, ch);
        notice_customer(t, ch);
    }
    budget_alarm(t, ch);
    /* cppcheck-suppress nullPointer */
    t->out->fate_case = ch->after->id;
    /* cppcheck-suppress nullPointer */
    t->out->fate_why = ch->entries[0]->why;
    if (t->out->fate != TD__FATE__WHAT__DUPLICATE && ways[i - 1].go != way_own)     /* our own Message-IDs need no row */
        index_mail(t, ch->after->id);
    turn_told(t, ways[i - 1].action, t->out->fate_why);
}
