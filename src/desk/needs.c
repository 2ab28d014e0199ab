/* SPDX-License-Identifier: ISC
 *
 * Which rows a decision will ask for, read from the event alone. Everything a stranger can multiply (references, recipients,
 * numbers in the text) is capped here, so that no mail costs more than a few dozen look-ups.
 */
#include <stdio.h>
#include <string.h>

#include "lines.h"

#define REFERENCES_MAX 20       /* looked up, from the nearest on */
#define OLDEST_MAX 3            /* and from the first on */
#define OWN_MAX 64              /* of our own Message-IDs: a check costs a hash and no look-up */
#define REFS_MAX 8
#define TOKENS_MAX 8
#define NEEDS_MAX 160
#define RESERVED 80             /* for what is asked after the references */

const char need_self[] = "message-id", need_own_action[] = "link given to this sender", need_action[] = "link given to somebody else",
    need_own_address[] = "reply address given to this sender", need_reply_address[] = "reply address given to somebody else",
    need_bounce_address[] = "bounce address", need_in_reply_to[] = "in-reply-to", need_references[] = "references",
    need_subject[] = "case number in the subject", need_quote[] = "quoted reference", need_sender[] = "same sender and subject",
    need_report[] = "delivery report", need_budget[] = "budget", need_guess[] = "wrong numbers", need_command[] = "command", need_next[] = "next", need_held[] = "held", need_shown[] = "shown", need_timer[] = "timer", need_outcome[] = "outcome",
    need_history[] = "history of the sender", need_load[] = "cases of staff", need_admitted[] = "admitted", need_admit[] = "to be admitted",
    need_person[] = "person", need_mine[] = "cases of an assignee", need_own_digest[] = "list given to this sender", need_answered[] = "letter that it answers";

struct asking {
    const struct desk *d;
    const struct desk_event *e;
    int64_t now;
    struct arena *a;
    struct desk_needs *out;
    const char *from;
};

static void
ask(struct asking *q, struct desk_need n)
{
    if (q->out->n == NEEDS_MAX)
        return;
    for (size_t i = 0; i < q->out->n; i++) {
        const struct desk_need *o = &q->out->v[i];
        if (o->kind == n.kind && o->why == n.why && o->id == n.id && o->scope == n.scope && o->hour == n.hour && str_eq_nocase(o->word, n.word))
            return;
    }
    q->out->v[q->out->n++] = n;
}

const char *
addr_key(struct arena *a, const char *addr)
{
    char *s = arena_strdup(a, addr);
    str_lower(s);
    return s;
}

bool
desk_has_address(const struct conf_desk *conf, const char *addr)
{
    const char *ext;
    size_t len;
    for (size_t i = 0; i < conf->addresses.n; i++)
        if (addr_equal(addr, conf->addresses.v[i]) || addr_match_extension(addr, conf->addresses.v[i], &ext, &len))
            return true;
    return false;
}

bool
conf_has_address(const struct conf *conf, const char *addr)
{
    for (size_t i = 0; i < conf->n_desks; i++)
        if (desk_has_address(&conf->desks[i], addr))
            return true;
    return false;
}

/* ---- one piece of evidence each */

static void
ask_message_id(struct asking *q, const char *id, const char *why)
{
    uint64_t c, l;
    bool ours = desk_message_id_check(q->d->key, id, &c, &l);
    if (ours && c == 0 && why == need_in_reply_to)      /* about no case: a list of some */
        ask(q, (struct desk_need){ .kind = DESK_NEED_LETTER, .id = l, .why = need_answered });
    else if (ours)
        ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = c, .why = why });
    else
        ask(q, (struct desk_need){ .kind = DESK_NEED_MESSAGE, .word = id, .why = why });
}

/* The mail itself, by its Message-ID; a second text under the same id has a row of its own, named by both. */
static void
ask_self(struct asking *q)
{
    const Td__Message *m = q->e->message;
    char digest[64 + 1] = "";
    if (m->has_digest && m->digest.len == 32)
        hex_encode(m->digest.data, 32, digest);
    if (m->message_id != NULL)
        ask_message_id(q, m->message_id, need_self);
    if (digest[0] != '\0')
        ask(q, (struct desk_need){ .kind = DESK_NEED_MESSAGE, .why = need_self,
                                   .word = arena_printf(q->a, "digest:%s%s%s", digest, m->message_id ? " " : "", m->message_id ? m->message_id : "") });
}

/* A link, and what its answer will show. */
static void
ask_action(struct asking *q, enum desk_token purpose, const char *token, uint64_t id, bool for_sender)
{
    ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = id, .word = token, .purpose = purpose, .why = for_sender ? need_own_action : need_action });
    if (purpose == DESK_TOKEN_CASES)
        ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .id = id, .why = need_shown });
    else if (purpose != DESK_TOKEN_ACTION)
        ask(q, (struct desk_need){ .kind = DESK_NEED_ENTRIES, .id = id, .why = need_shown });
    if (purpose == DESK_TOKEN_REGISTER || purpose == DESK_TOKEN_REGISTER_NO)
        ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .id = id, .why = need_admit });
}

static void
ask_token(struct asking *q, const char *addr, unsigned *left)
{
    const struct conf_desk *conf = q->e->desk;
    const char *ext;
    size_t len;
    uint64_t id;
    bool for_sender;
    for (size_t i = 0; i < conf->addresses.n && *left > 0; i++) {
        if (!addr_match_extension(addr, conf->addresses.v[i], &ext, &len))
            continue;
        --*left;
        if (token_revoked(q->d, q->e, ext, len))      /* as one that has lapsed: it leads to nothing */
            continue;
        enum desk_token claims = desk_token_claims(ext, len);
        if ((claims == DESK_TOKEN_ACTION || claims >= DESK_TOKEN_CONFIRM) && desk_token_check(q->d->key, claims, ext, len, q->from, q->now, &id, &for_sender))
            ask_action(q, claims, arena_strndup(q->a, ext, len), id, for_sender);
        else if (claims == DESK_TOKEN_DIGEST && desk_token_check(q->d->key, DESK_TOKEN_DIGEST, ext, len, q->from, q->now, &id, &for_sender) && for_sender)
            ask(q, (struct desk_need){ .kind = DESK_NEED_LETTER, .id = id, .why = need_own_digest });
        else if (desk_token_check(q->d->key, DESK_TOKEN_REPLY, ext, len, q->from, q->now, &id, &for_sender))
            ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = id, .why = for_sender ? need_own_address : need_reply_address });
        else if (desk_token_check(q->d->key, DESK_TOKEN_BOUNCE, ext, len, NULL, q->now, &id, &for_sender))
            ask(q, (struct desk_need){ .kind = DESK_NEED_LETTER, .id = id, .why = need_bounce_address });
    }
}

static void
ask_tokens(struct asking *q)
{
    const Td__Message *m = q->e->message;
    unsigned left = TOKENS_MAX;
    for (size_t i = 0; i < q->e->origin->n_recipients; i++)
        ask_token(q, q->e->origin->recipients[i], &left);
    const struct { Td__Address **v; size_t n; } lists[] = { { m->delivered_to, m->n_delivered_to }, { m->to, m->n_to }, { m->cc, m->n_cc } };
    for (size_t k = 0; k < countof(lists); k++)
        for (size_t i = 0; i < lists[k].n; i++)
            ask_token(q, lists[k].v[i]->addr, &left);
}

/* As far as they go: the nearest first, and of what lies further back our own letters and what began it all. */
static void
ask_references(struct asking *q)
{
    const Td__Message *m = q->e->message;
    unsigned looked_up = 0, own = 0;
    uint64_t c, l;
    for (size_t i = 0; i < m->n_in_reply_to && i < REFS_MAX; i++)
        ask_message_id(q, m->in_reply_to[i], need_in_reply_to);
    for (size_t i = m->n_references; i-- > 0;) {
        const char *id = m->references[i];
        bool ours = str_starts_nocase(id, "ticketd.") && own < OWN_MAX && desk_message_id_check(q->d->key, id, &c, &l);
        own += str_starts_nocase(id, "ticketd.");
        if (!ours && i >= OLDEST_MAX && looked_up++ >= REFERENCES_MAX)
            continue;
        if (q->out->n < NEEDS_MAX - RESERVED)
            ask_message_id(q, id, need_references);
    }
}

/* Numbers of others cost nothing and hide none of ours: the line that our letters end with may be the last of many in a quote. */
static void
ask_numbers(struct asking *q, Td__CaseRef__Where where, const char *why)
{
    const Td__Message *m = q->e->message;
    unsigned left = REFS_MAX;
    uint64_t id;
    for (size_t i = 0; i < m->n_case_refs && left > 0; i++) {
        if (m->case_refs[i]->where != where)
            continue;
        size_t before = q->out->n;
        enum desk_number is = desk_number_check(q->d->key, q->e->desk->prefix, m->case_refs[i]->text, &id);
        if (is == DESK_NUMBER_OK)
            ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = id, .why = why });
        left -= is == DESK_NUMBER_WRONG || q->out->n > before;
    }
}

/* Off by default: people write about different things under the same words. */
static void
ask_sender(struct asking *q)
{
    const Td__Message *m = q->e->message;
    if (q->from == NULL || q->e->desk->same_subject_s == 0 || mail_bare_subject(m->subject, q->a)[0] == '\0')
        return;
    char *folded = arena_strdup(q->a, q->from);
    addr_fold(folded);
    ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .word = folded, .why = need_sender });
}

/* In which language an earlier case of this sender was, where the mail's own is not sure. */
static void
ask_history(struct asking *q)
{
    if (q->from == NULL || q->e->message->language != NULL)
        return;
    char *folded = arena_strdup(q->a, q->from);
    addr_fold(folded);
    ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .word = folded, .why = need_history });
}

static bool
method_counts(const char *method)
{
    return method != NULL && (strcmp(method, "least-loaded") == 0 || strcmp(method, "round-robin") == 0);
}

/* Does who gets a case depend on how many each of them has, or had last? */
static bool
desk_counts_cases(const struct conf_desk *conf)
{
    bool counts = method_counts(conf->assign);
    for (size_t i = 0; i < conf->n_queues; i++)
        counts |= method_counts(conf->queues[i].assign);
    for (size_t i = 0; i < conf->n_rules; i++)
        counts |= method_counts(conf->rules[i].assign);
    for (size_t i = 0; i < conf->n_persons; i++)
        counts |= conf->persons[i].capacity > 0;
    return counts;
}

/* Of all staff: any mail may open a case, or send one to another queue. */
static void
ask_loads(struct asking *q)
{
    const struct conf_strings *staff = &q->e->desk->staff;
    if (!desk_counts_cases(q->e->desk))
        return;
    for (size_t i = 0; i < staff->n; i++)
        q->out->v[q->out->n++] = (struct desk_need){ .kind = DESK_NEED_LOAD, .word = addr_key(q->a, staff->v[i]), .why = need_load };
}

/* What is known of each of the staff: who is away, what waits for them. */
static void
ask_persons(struct asking *q)
{
    const struct conf_strings *staff = &q->e->desk->staff;
    for (size_t i = 0; i < staff->n; i++)
        q->out->v[q->out->n++] = (struct desk_need){ .kind = DESK_NEED_PERSON, .word = addr_key(q->a, staff->v[i]), .why = need_person };
}

static void
ask_report(struct asking *q)
{
    const Td__Machine *k = q->e->message->machine;
    uint64_t c, l;
    if (k == NULL || k->delivery_report == NULL || !desk_message_id_check(q->d->key, k->delivery_report->original_message_id, &c, &l))
        return;
    ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = c, .why = need_report });
    ask(q, (struct desk_need){ .kind = DESK_NEED_LETTER, .id = l, .why = need_report });
}

static void
ask_budget(struct asking *q, const char *addr)
{
    if (addr == NULL || !addr_valid(addr))
        return;
    const char *key = addr_key(q->a, addr);
    struct desk_need n = { .kind = DESK_NEED_BUDGET, .hour = q->now / 3600, .why = need_budget };
    n.scope = DESK_BUDGET_RECIPIENT, n.word = key;
    ask(q, n);
    n.scope = DESK_BUDGET_DOMAIN, n.word = addr_domain(key);
    ask(q, n);
    n.scope = DESK_BUDGET_ALL, n.word = "";
    ask(q, n);
}

/* Of the cases that the mail names itself. */
static void
ask_journals(struct asking *q)
{
    size_t n = q->out->n;
    for (size_t i = 0; i < n; i++)
        if (q->out->v[i].kind == DESK_NEED_CASE && q->out->n < NEEDS_MAX)
            q->out->v[q->out->n++] = (struct desk_need){ .kind = DESK_NEED_ENTRIES, .id = q->out->v[i].id, .why = need_command };
}

/* ---- customers */

/* Has an administrator admitted this sender, or been asked to? */
static void
ask_admitted(struct asking *q)
{
    const struct conf_customer *c = q->from ? conf_customer_of(q->e->desk, q->from) : NULL;
    if (c == NULL || c->admins.n == 0)
        return;
    char *folded = arena_strdup(q->a, q->from);
    addr_fold(folded);
    ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .word = folded, .why = need_admitted });
}

static bool
is_admin(const struct asking *q)
{
    for (size_t i = 0; q->from != NULL && i < q->e->desk->n_customers; i++)
        if (conf_address_in(&q->e->desk->customers[i].admins, q->from))
            return true;
    return false;
}

/* Of an administrator: the senders of the cases that the mail names, or whom a command names; and what they wrote. */
static void
ask_admin(struct asking *q)
{
    const Td__Message *m = q->e->message;
    struct commands c;
    size_t n = q->out->n;
    if (!is_admin(q))
        return;
    ask_journals(q);
    for (size_t i = 0; i < n; i++)
        if (q->out->v[i].kind == DESK_NEED_CASE)
            ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .id = q->out->v[i].id, .why = need_admit });
    commands_parse(m->reply_text ? m->reply_text : m->text, q->a, &c);
    const char *addr = c.n == 1 && c.v[0].row != NULL && strcmp(c.v[0].row->word, "admit") == 0 ? command_address(q->a, c.v[0].args) : NULL;
    if (addr != NULL)
        ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .word = addr, .why = need_admit });
}

/* "This is not this case": what is to be taken out of it. */
static void
ask_other(struct asking *q)
{
    const char *text = q->e->message->reply_text;
    if (text != NULL && words_mean(desk_line(q->d, q->e->desk->name), "other", first_line(q->a, text)))
        ask_journals(q);
}

/* ---- mail of staff: what their commands are about, and for whom they write */

static void
ask_ref(void *u, const char *ref)
{
    struct asking *q = u;
    uint64_t id;
    if (desk_number_check(q->d->key, q->e->desk->prefix, ref, &id) == DESK_NUMBER_OK)
        ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = id, .why = need_command });
}

static void
ask_reassign(struct asking *q, const char *args)
{
    const char *from, *to;
    if (reassign_read(q->e->desk, q->a, args, &from, &to))
        ask(q, (struct desk_need){ .kind = DESK_NEED_MINE, .word = addr_key(q->a, from), .id = HANDOVER_CASES_MAX, .why = need_mine });
}

static void
ask_command(struct asking *q, const char *word, const char *args)
{
    if (strcmp(word, "merge") == 0)
        mail_case_refs(args, strlen(args), ask_ref, q);
    else if (strcmp(word, "for") == 0)
        ask_budget(q, command_address(q->a, args));
    else if (strcmp(word, "search") == 0 && command_address(q->a, args) != NULL)
        ask(q, (struct desk_need){ .kind = DESK_NEED_OF_SENDER, .word = command_address(q->a, args), .why = need_command });
    else if (strcmp(word, "search") == 0)
        mail_case_refs(args, strlen(args), ask_ref, q);
    else if (strcmp(word, "show") == 0 || strcmp(word, "history") == 0 || strcmp(word, "release") == 0)
        ask_journals(q);
    else if (strcmp(word, "next") == 0)
        ask(q, (struct desk_need){ .kind = DESK_NEED_NEXT, .why = need_next });
    else if (strcmp(word, "reassign") == 0)
        ask_reassign(q, args);
    else if (strcmp(word, "mine") == 0 && q->from != NULL)
        ask(q, (struct desk_need){ .kind = DESK_NEED_MINE, .word = addr_key(q->a, q->from), .id = DIGEST_CASES_MAX, .why = need_mine });
}

static void
ask_commands(struct asking *q, const struct commands *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].row != NULL)
            ask_command(q, c->v[i].row->word, c->v[i].args);
}

/* What each line of a mail about many cases is about. */
static void
ask_lines(struct asking *q, const char *text)
{
    struct lines l;
    struct commands c;
    lines_parse(q->d, q->e->desk, text, q->a, &l);
    for (size_t i = 0; i < l.n; i++) {
        if (!l.v[i].known)
            continue;
        ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = l.v[i].id, .why = need_command });
        commands_parse(l.v[i].text, q->a, &c);
        ask_commands(q, &c);
    }
}

static void
ask_staff(struct asking *q)
{
    const Td__Message *m = q->e->message;
    struct commands c;
    bool staff = false;
    for (size_t i = 0; q->from != NULL && i < q->e->desk->staff.n; i++)
        staff |= addr_equal(q->e->desk->staff.v[i], q->from);
    if (!staff)
        return;
    commands_parse(m->reply_text ? m->reply_text : m->text, q->a, &c);
    ask_commands(q, &c);
    ask_lines(q, m->reply_text ? m->reply_text : m->text);
    if (m->forwarded != NULL && m->forwarded->from != NULL)
        ask_budget(q, m->forwarded->from->addr);
    ask(q, (struct desk_need){ .kind = DESK_NEED_BUDGET, .scope = DESK_BUDGET_HELD, .word = addr_key(q->a, q->from), .hour = q->now / 3600, .why = need_held });
    ask(q, (struct desk_need){ .kind = DESK_NEED_BUDGET, .scope = DESK_BUDGET_HELD, .word = addr_key(q->a, q->from), .hour = q->now / 3600 - 1, .why = need_held });
}

/* ---- by event */

static void
needs_mail(struct asking *q)
{
    const Td__Message *m = q->e->message;
    q->from = m->from != NULL && addr_valid(m->from->addr) ? m->from->addr : NULL;
    ask_budget(q, q->from);
    ask_budget(q, q->e->desk->alarm_to);
    if (q->from != NULL)
        ask(q, (struct desk_need){ .kind = DESK_NEED_BUDGET, .scope = DESK_BUDGET_GUESS, .word = addr_key(q->a, q->from), .hour = q->now / 3600,
                                   .why = need_guess });
    ask_self(q);
    ask_tokens(q);
    ask_report(q);
    ask_numbers(q, TD__CASE_REF__WHERE__SUBJECT, need_subject);
    ask_references(q);
    ask_numbers(q, TD__CASE_REF__WHERE__QUOTE, need_quote);
    ask_sender(q);
    ask_history(q);
    ask_admitted(q);
    ask_admin(q);
    ask_other(q);
    ask_staff(q);
}

static void
needs_timer(struct asking *q)
{
    ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = q->e->case_id, .why = need_timer });
    ask_budget(q, q->e->desk->alarm_to);
}

static void
needs_outcome(struct asking *q)
{
    if (q->e->letter->has_case_id)
        ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = q->e->letter->case_id, .why = need_outcome });
    ask_budget(q, q->e->desk->alarm_to);
}

static void
needs_alarm(struct asking *q)
{
    ask_budget(q, q->e->desk->alarm_to);
}

static void
needs_operator(struct asking *q)
{
    const struct desk_operator *o = q->e->operator_;
    if (q->e->case_id != 0)
        ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = q->e->case_id, .why = need_command });
    if (o->revoke != NULL)
        ask_journals(q);
    for (size_t i = 0; i < o->n_commands; i++)
        ask_command(q, o->commands[i].word, o->commands[i].args);
    ask_budget(q, q->e->desk->alarm_to);
}

static void
needs_person(struct asking *q)
{
    if (strcmp(q->e->clock, DESK_PERSON_DIGEST) == 0) {
        ask(q, (struct desk_need){ .kind = DESK_NEED_MINE, .word = addr_key(q->a, q->e->person), .id = DIGEST_CASES_MAX, .why = need_mine });
        ask_budget(q, q->e->person);
    }
    ask_budget(q, q->e->desk->alarm_to);
}

void
desk_needs(const struct desk *d, const struct desk_event *e, int64_t now, struct arena *a, struct desk_needs *out)
{
    static void (*const needs[])(struct asking *) = {
        [DESK_EVENT_MAIL] = needs_mail,
        [DESK_EVENT_TIMER] = needs_timer,
        [DESK_EVENT_OUTCOME] = needs_outcome,
        [DESK_EVENT_ALARM] = needs_alarm,
        [DESK_EVENT_RELOAD] = needs_timer,
        [DESK_EVENT_OPERATOR] = needs_operator,
        [DESK_EVENT_PERSON] = needs_person,
    };
    struct asking q = { d, e, now, a, out, NULL };
    *out = (struct desk_needs){ arena_alloc(a, (NEEDS_MAX + 2 * e->desk->staff.n + 1) * sizeof *out->v), 0 };
    needs[e->kind](&q);
    if (e->kind == DESK_EVENT_MAIL || e->kind == DESK_EVENT_RELOAD || e->kind == DESK_EVENT_OPERATOR || e->kind == DESK_EVENT_PERSON)     /* last: they are on top of NEEDS_MAX */
        ask_loads(&q);
    ask_persons(&q);
}
