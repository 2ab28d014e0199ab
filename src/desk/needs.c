/* SPDX-License-Identifier: ISC
 *
 * Which rows a decision will ask for, read from the event alone. Everything a stranger can multiply (references, recipients,
 * numbers in the text) is capped here, so that no mail costs more than a few dozen look-ups.
 */
#include <stdio.h>
#include <string.h>

#include "desk_room.h"

#define REFERENCES_MAX 20
#define REFS_MAX 8
#define TOKENS_MAX 8
#define NEEDS_MAX 96

const char need_self[] = "message-id", need_own_address[] = "reply address given to this sender", need_reply_address[] = "reply address", need_bounce_address[] = "bounce address",
    need_in_reply_to[] = "in-reply-to", need_references[] = "references", need_subject[] = "subject", need_quote[] = "quoted reference",
    need_report[] = "delivery report", need_budget[] = "budget", need_timer[] = "timer", need_outcome[] = "outcome";

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
        if (o->kind == n.kind && o->why == n.why && o->id == n.id && o->scope == n.scope && str_eq_nocase(o->word, n.word))
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
    if (desk_message_id_check(q->d->key, id, &c, &l))
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
        if (desk_token_check(q->d->key, DESK_TOKEN_REPLY, ext, len, q->from, q->now, &id, &for_sender))
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

static void
ask_references(struct asking *q)
{
    const Td__Message *m = q->e->message;
    for (size_t i = 0; i < m->n_in_reply_to && i < REFS_MAX; i++)
        ask_message_id(q, m->in_reply_to[i], need_in_reply_to);
    for (size_t i = 0; i < m->n_references && i < REFERENCES_MAX; i++)      /* the nearest first */
        ask_message_id(q, m->references[m->n_references - 1 - i], need_references);
    if (m->n_references > REFERENCES_MAX)                                   /* and the one that began it all */
        ask_message_id(q, m->references[0], need_references);
}

static void
ask_numbers(struct asking *q, Td__CaseRef__Where where, const char *why)
{
    const Td__Message *m = q->e->message;
    unsigned left = REFS_MAX;
    uint64_t id;
    for (size_t i = 0; i < m->n_case_refs && left > 0; i++) {
        if (m->case_refs[i]->where != where)
            continue;
        left--;
        if (desk_number_check(q->d->key, q->e->desk->prefix, m->case_refs[i]->text, &id) == DESK_NUMBER_OK)
            ask(q, (struct desk_need){ .kind = DESK_NEED_CASE, .id = id, .why = why });
    }
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

/* ---- by event */

static void
needs_mail(struct asking *q)
{
    const Td__Message *m = q->e->message;
    q->from = m->from != NULL && addr_valid(m->from->addr) ? m->from->addr : NULL;
    ask_budget(q, q->from);
    ask_budget(q, q->e->desk->alarm_to);
    ask_self(q);
    ask_tokens(q);
    ask_report(q);
    ask_numbers(q, TD__CASE_REF__WHERE__SUBJECT, need_subject);
    ask_references(q);
    ask_numbers(q, TD__CASE_REF__WHERE__QUOTE, need_quote);
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

void
desk_needs(const struct desk *d, const struct desk_event *e, int64_t now, struct arena *a, struct desk_needs *out)
{
    static void (*const needs[])(struct asking *) = {
        [DESK_EVENT_MAIL] = needs_mail,
        [DESK_EVENT_TIMER] = needs_timer,
        [DESK_EVENT_OUTCOME] = needs_outcome,
        [DESK_EVENT_ALARM] = needs_alarm,
    };
    struct asking q = { d, e, now, a, out, NULL };
    *out = (struct desk_needs){ arena_alloc(a, NEEDS_MAX * sizeof *out->v), 0 };
    needs[e->kind](&q);
}
