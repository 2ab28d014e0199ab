/* SPDX-License-Identifier: ISC
 *
 * Relay: the words of staff as a letter to the customer, from the desk's address under the person's name. It waits in the
 * outbox for the recall delay; what the case was before stands on the case so long, so that #undo can take both back. No
 * address of staff and no token of theirs is in it: the words have gone through words_for_customer(), the thread is the
 * customer's own.
 */
#include <string.h>

#include "htmlfit.h"
#include "staff.h"

#define RECALLS_MAX 8                   /* that wait on one case; more go out without a way back */
#define ALSO_MAX 8
#define NAME_LEN_MAX 120
#define SUBJECT_LEN_MAX 340

/* ---- the letter */

/* Requester and people in copy; staff among them get notices. */
static void
recipients_add(struct turn *t, const Td__Case *c, Td__Letter *l)
{
    for (size_t i = 0; i < c->n_participants; i++) {
        const Td__Participant *p = c->participants[i];
        bool there = strcmp(p->role, "cc") != 0 || conf_has_address(t->d->conf, p->address->addr);
        for (size_t k = 0; k < l->n_to && !there; k++)
            there = addr_equal(l->to[k]->addr, p->address->addr);
        for (size_t k = 0; k < t->conf->staff.n && !there; k++)
            there = addr_equal(t->conf->staff.v[k], p->address->addr);
        if (!there)
            arena_push(t->a, &l->to, &l->n_to, schema_address(t->a, p->address->name && !str_has_control(p->address->name) ? p->address->name : NULL, p->address->addr));
    }
}

/* As configured, else as the mail gives it, unless that is an address. */
static const char *
person_name(const struct turn *t, const struct staff_mail *m)
{
    const struct conf_person *p = conf_person_find(t->conf, m->from);
    const char *name = p != NULL && p->label != NULL ? p->label : m->name;
    if (name == NULL || name[0] == '\0' || str_has_control(name) || strchr(name, '@') != NULL || strlen(name) > NAME_LEN_MAX)
        return t->conf->from_name;
    return name;
}

/* ---- what the case was */

static void
recalls_prune(struct turn *t, Td__Case *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_recalls; i++)
        if (c->recalls[i]->until_at > t->now)
            c->recalls[n++] = c->recalls[i];
    c->n_recalls = n;
}

/* What the customer is told of the state along with the words goes out with them, and is taken back with them. */
static void
letters_join(struct turn *t, const Td__Letter *l, size_t from, Td__Recall *k)
{
    for (size_t i = from; i < t->out->n_letters; i++) {
        Td__Letter *other = t->out->letters[i];
        if (other == l || other->case_id != l->case_id || other->n_to != 1 || !addr_equal(other->to[0]->addr, l->to[0]->addr))
            continue;
        other->date = l->date;
        other->zone_offset_s = l->zone_offset_s;
        if (k != NULL && k->n_also < ALSO_MAX) {
            uint64_t *also = arena_alloc(t->a, (k->n_also + 1) * sizeof *also);
            if (k->n_also > 0)
                memcpy(also, k->also, k->n_also * sizeof *also);
            also[k->n_also++] = other->id;
            k->also = also;
        }
    }
}

void
relay_settle(struct command_run *r, const Td__Letter *l, size_t letters_before)
{
    Td__Case *c = r->act.ch->after;
    Td__Recall *k = c->n_recalls > 0 ? c->recalls[c->n_recalls - 1] : NULL;
    letters_join(r->t, l, letters_before, k != NULL && k->letter == l->id ? k : NULL);
}

static void
recall_add(struct turn *t, struct desk_case_change *ch, const Td__Letter *l, const char *by)
{
    Td__Case *was = ch->before ? schema_copy(t->a, ch->before) : NULL;
    if (was == NULL || ch->after->n_recalls >= RECALLS_MAX || l->date <= t->now)
        return;
    Td__Recall *k = schema_new(t->a, &td__recall__descriptor);
    k->letter = l->id;
    k->until_at = l->date;
    k->recipients = (uint32_t)l->n_to;
    k->by = arena_strdup(t->a, by);
    k->state = was->state;
    k->has_state_before = was->has_state_before, k->state_before = was->state_before;
    k->has_state_at = was->has_state_at, k->state_at = was->state_at;
    k->has_first_response_at = was->has_first_response_at, k->first_response_at = was->first_response_at;
    k->has_resolved_at = was->has_resolved_at, k->resolved_at = was->resolved_at;
    k->has_closed_at = was->has_closed_at, k->closed_at = was->closed_at;
    k->assignee = was->assignee;
    k->begun_by = was->begun_by;
    k->approval = was->approval;
    k->clocks = was->clocks, k->n_clocks = was->n_clocks;
    k->dues = was->dues, k->n_dues = was->n_dues;
    arena_push(t->a, &ch->after->recalls, &ch->after->n_recalls, k);
}

static void
recall_restore(Td__Case *c, const Td__Recall *k)
{
    c->state = k->state;
    c->has_state_before = k->has_state_before, c->state_before = k->state_before;
    c->has_state_at = k->has_state_at, c->state_at = k->state_at;
    c->has_first_response_at = k->has_first_response_at, c->first_response_at = k->first_response_at;
    c->has_resolved_at = k->has_resolved_at, c->resolved_at = k->resolved_at;
    c->has_closed_at = k->has_closed_at, c->closed_at = k->closed_at;
    c->assignee = k->assignee;
    c->begun_by = k->begun_by;
    c->approval = k->approval;
    c->clocks = k->clocks, c->n_clocks = k->n_clocks;
    c->dues = k->dues, c->n_dues = k->n_dues;
}

/* ---- the verbs */

/* "Attached: scan.pdf": a letter always has words. */
static const char *
words_of_parts(struct turn *t, const struct reader *r, const Td__Letter *l)
{
    const char *names = "";
    for (size_t i = 0; i < l->n_parts && i < 10; i++)
        names = arena_printf(t->a, "%s%s%s", names, i ? ", " : "", l->parts[i]->name ? l->parts[i]->name : l->parts[i]->type);
    return say_words(t, r, "attached", names, NULL, NULL);
}

static const char *
mib_words(struct turn *t, uint64_t bytes)
{
    return arena_printf(t->a, "%llu MB", (unsigned long long)((bytes + (1u << 20) - 1) >> 20));
}

const Td__Letter *
relay_send(struct command_run *r, const char *words)
{
    struct turn *t = r->t;
    struct desk_case_change *ch = r->act.ch;
    Td__Case *c = ch->after;
    recalls_prune(t, c);
    for (size_t i = 0; i < c->n_recalls; i++)
        run_done(r, SAID_ALSO_HELD, c->recalls[i]->by, NULL);
    const char *subject = mail_bare_subject(c->subject, t->a);
    struct letter w = { .kind = TD__LETTER__KIND__RELAY, .to_name = c->requester->name, .to = c->requester->addr, .kase = c, .to_customer = true,
                        .leave_at = t->now + t->conf->recall_s };
    Td__Letter *l = letter_frame(t, &w);
    recipients_add(t, c, l);
    if (l->n_to > 1)
        l->reply_to = NULL;             /* a reply address is one person's, and so are links */
    else
        case_links(t, c, w.to, &w.fields);
    w.fields.v[FIELD_COPIES] = l->n_to > 1 ? "1" : NULL;
    l->from = schema_address(t->a, person_name(t, r->mail), t->conf->addresses.v[0]);
    l->auto_submitted = NULL;
    if (c->n_thread > 0)
        l->in_reply_to = arena_strdup(t->a, c->thread[c->n_thread - 1]);
    w.fields.v[FIELD_SUBJECT] = arena_strndup(t->a, subject, utf8_clip(subject, SUBJECT_LEN_MAX));
    struct parts parts = { .mail = r->mail->mail, .v = r->mail->attachments, .n = r->mail->n_attachments, .html = r->mail->html };
    bool *shown;
    w.fields.html = html_fit(t, &parts, words, true, &shown);
    w.fields.html_of = FIELD_ANSWER;
    parts.shown = w.fields.html != NULL ? shown : NULL;
    const char *left = parts_for_customer(t, l, &parts);
    struct reader reader = reader_customer(t, c);
    uint64_t limit;
    w.fields.v[FIELD_ANSWER] = words[0] || l->n_parts == 0 ? words : words_of_parts(t, &reader, l);
    letter_words(t, l, &w);
    if (!parts_fit_relay(t, l, &limit)) {
        run_wrong(r, WRONG_TOO_LARGE, mib_words(t, mail_compose_size(l)), mib_words(t, limit));
        return NULL;
    }
    if (left != NULL)
        run_done(r, SAID_NOT_PASSED, left, NULL);
    letter_post(t, l);
    if (c->has_first_response_at && c->first_response_at == r->act.at) {
        c->has_first_response_letter = true;
        c->first_response_letter = l->id;
    }
    case_thread_add(t, c, l->message_id);
    recall_add(t, ch, l, r->mail->from);
    return l;
}

/* Somebody reads there, as far as the address tells. */
bool
relay_possible(const struct turn *t, const Td__Case *c)
{
    const char *to = c->requester->addr;
    return addr_valid(to) && strcmp(addr_domain(to), "invalid") != 0 && !conf_has_address(t->d->conf, to);
}

const char *
relay_recipients(struct turn *t, const Td__Letter *l)
{
    const char *s = "";
    for (size_t i = 0; i < l->n_to && i < 10; i++)
        s = arena_printf(t->a, "%s%s%s", s, i ? ", " : "", l->to[i]->addr);
    return s;
}

static void
recall_letter(struct turn *t, uint64_t letter, int64_t at, uint32_t recipients)
{
    struct desk_recall *grown = arena_alloc(t->a, (t->out->n_recalls + 1) * sizeof *grown);
    if (t->out->n_recalls > 0)
        memcpy(grown, t->out->recalls, t->out->n_recalls * sizeof *grown);
    grown[t->out->n_recalls++] = (struct desk_recall){ letter, at, recipients };
    t->out->recalls = grown;
}

/* Only the last one that waits takes the case back with it: after it somebody else has gone on from there. */
void
command_undo(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    Td__Case *c = r->act.ch->after;
    (void)args;
    recalls_prune(t, c);
    for (size_t i = c->n_recalls; i-- > 0;) {
        Td__Recall *k = c->recalls[i];
        if (!addr_equal(k->by, r->mail->from))
            continue;
        bool last = i + 1 == c->n_recalls;
        recall_letter(t, k->letter, k->until_at, k->recipients);
        for (size_t a = 0; a < k->n_also; a++)
            recall_letter(t, k->also[a], k->until_at, 1);
        memmove(&c->recalls[i], &c->recalls[i + 1], (c->n_recalls - i - 1) * sizeof *c->recalls);
        c->n_recalls--;
        if (last)
            recall_restore(c, k);
        Td__Entry *e = turn_entry(t, r->act.ch, TD__ENTRY__WHAT__UNDONE, r->act.by, last ? "taken back before it went out; the case is as it was before"
                                                                                        : "taken back before it went out");
        e->has_letter = true;
        e->letter = k->letter;
        run_done(r, SAID_UNDONE, NULL, NULL);
        r->undone = true;
        return;
    }
    run_wrong(r, WRONG_NOTHING_HELD, NULL, NULL);
}
