/* SPDX-License-Identifier: ISC
 *
 * Writing a decision. Index rows and timers are functions of the case: what the case before had and the case after has
 * not is deleted, the rest is added, so that no decision can leave an index behind.
 */
#include "engine.h"

#include <sodium.h>
#include <string.h>

static bool
key_equal(const struct store_key *a, const struct store_key *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* All keys of one table that a case stands for. */
struct keys { struct store_key *v; size_t n; };

static struct keys
timer_keys(struct commit *g, const Td__Case *c)
{
    struct desk_timer *t = NULL;
    struct keys keys = { NULL, 0 };
    size_t n = 0;
    if (c != NULL)
        desk_timers(c, g->arena, &t, &n);
    keys.v = arena_alloc(g->arena, (n + 1) * sizeof *keys.v);
    for (; keys.n < n; keys.n++)
        table_timer(g->e->store, &keys.v[keys.n], t[keys.n].due_at, c->id, t[keys.n].clock, t[keys.n].step);
    return keys;
}

static struct keys
state_keys(struct commit *g, const Td__Case *c)
{
    struct keys keys = { arena_alloc(g->arena, sizeof *keys.v), 0 };
    if (c != NULL)
        table_state(g->e->store, &keys.v[keys.n++], c, desk_order(g->e->desk, c));
    return keys;
}

static struct keys
sender_keys(struct commit *g, const Td__Case *c)
{
    struct keys keys = { arena_alloc(g->arena, 2 * sizeof *keys.v), 0 };
    if (c != NULL)
        table_sender(g->e->store, &keys.v[keys.n++], c->desk, c->requester->addr, c->id);
    keys.n += table_assignee(g->e->store, &keys.v[keys.n], c);
    return keys;
}

static bool
keys_have(const struct keys *keys, const struct store_key *k)
{
    for (size_t i = 0; i < keys->n; i++)
        if (key_equal(&keys->v[i], k))
            return true;
    return false;
}

static enum store_rc
index_put(struct commit *g, enum store_table tab, const struct store_key *k, const Td__Case *c)
{
    if (tab != STORE_TIMERS)
        return store_put_empty(g->txn, tab, k);
    Td__Timer t = TD__TIMER__INIT;
    struct desk_timer *due;
    size_t n;
    desk_timers(c, g->arena, &due, &n);
    for (size_t i = 0; i < n; i++) {
        struct store_key own;
        table_timer(g->e->store, &own, due[i].due_at, c->id, due[i].clock, due[i].step);
        if (key_equal(&own, k))
            t.clock = (char *)due[i].clock;
    }
    must(t.clock != NULL);
    return store_put(g->txn, tab, k, 0, &t);
}

static enum store_rc
index_write(struct commit *g, const struct desk_case_change *ch, enum store_table tab, struct keys (*of)(struct commit *, const Td__Case *))
{
    struct keys before = of(g, ch->before), after = of(g, ch->after);
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < before.n && rc == STORE_OK; i++)
        if (!keys_have(&after, &before.v[i])) {
            rc = store_delete(g->txn, tab, &before.v[i]);
            if (rc == STORE_NOTFOUND)           /* a timer that has just fired */
                rc = STORE_OK;
        }
    for (size_t i = 0; i < after.n && rc == STORE_OK; i++)
        if (!keys_have(&before, &after.v[i]))
            rc = index_put(g, tab, &after.v[i], ch->after);
    return rc;
}

/* ---- how much each of the staff has: functions of the case, like the indexes */

void
load_keys(struct commit *g, const char *addr, struct store_key *open, struct store_key *last)
{
    table_load(g->e->store, addr, open, last);
}

static enum store_rc
load_move(struct commit *g, const char *addr, bool more)
{
    struct store_key open, last;
    uint64_t n;
    if (addr == NULL)
        return STORE_OK;
    load_keys(g, addr, &open, &last);
    enum store_rc rc = store_get_count(g->txn, STORE_BUDGETS, &open, &n);
    return rc != STORE_OK ? rc : store_put_count(g->txn, STORE_BUDGETS, &open, more ? n + 1 : n > 0 ? n - 1 : 0);
}

static enum store_rc
load_write(struct commit *g, const struct desk_case_change *ch)
{
    const char *before = desk_owner(ch->before), *after = desk_owner(ch->after), *had = ch->before ? ch->before->assignee : NULL;
    struct store_key open, last;
    uint64_t n;
    if (after != NULL && (had == NULL || !addr_equal(had, after))) {    /* given anew; a case that reopens is not */
        load_keys(g, after, &open, &last);
        enum store_rc rc = store_get_count(g->txn, STORE_BUDGETS, &last, &n);
        if (rc == STORE_OK && ch->after->id > n)
            rc = store_put_count(g->txn, STORE_BUDGETS, &last, ch->after->id);
        if (rc != STORE_OK)
            return rc;
    }
    if ((before == NULL && after == NULL) || (before != NULL && after != NULL && addr_equal(before, after)))
        return STORE_OK;
    enum store_rc rc = load_move(g, before, false);
    return rc == STORE_OK ? load_move(g, after, true) : rc;
}

static enum store_rc
case_write(struct commit *g, const struct desk_case_change *ch, uint64_t *slot)
{
    struct store_key k;
    Td__Case *c = ch->after;
    table_case(&k, c->id);
    *slot = ch->before == NULL ? g->meta.next_slot++ : store_slot_of(g->txn, STORE_CASES, &k);
    uint32_t first = ch->before == NULL ? 0 : ch->before->entries;
    c->entries = first + (uint32_t)ch->n_entries;
    c->has_changed_at = true;
    c->changed_at = g->now;
    standing_move(&g->standing, ch->before, c);
    enum store_rc rc = store_put(g->txn, STORE_CASES, &k, *slot, c);
    for (size_t i = 0; i < ch->n_entries && rc == STORE_OK; i++) {
        table_entry(&k, c->id, first + (uint32_t)i);
        rc = store_put(g->txn, STORE_ENTRIES, &k, *slot, ch->entries[i]);
    }
    if (rc == STORE_OK)
        rc = index_write(g, ch, STORE_BY_STATE, state_keys);
    if (rc == STORE_OK)
        rc = index_write(g, ch, STORE_BY_SENDER, sender_keys);
    if (rc == STORE_OK)
        rc = index_write(g, ch, STORE_TIMERS, timer_keys);
    if (rc == STORE_OK)
        rc = load_write(g, ch);
    return rc;
}

/* Letters are sealed under the key of their case, so that erasing the case erases them. */
static enum store_rc
letter_write(struct commit *g, const Td__Letter *l, uint64_t slot)
{
    struct store_key k;
    table_letter(&k, l->id, 0);
    enum store_rc rc = store_put(g->txn, STORE_LETTERS, &k, slot, l);
    for (size_t i = 0; i < l->n_to && rc == STORE_OK; i++) {
        Td__Outgoing row = TD__OUTGOING__INIT;
        row.since_at = l->date;
        row.recipient = l->to[i]->addr;
        row.relay = l->relay;
        table_outbox(&k, l->date, l->id, (uint32_t)i);
        rc = store_put(g->txn, STORE_OUTBOX, &k, 0, &row);
    }
    return rc;
}

/* It has not been tried yet: its rows are where they were put. */
static enum store_rc
letter_recall(struct commit *g, const struct desk_recall *r)
{
    enum store_rc rc = STORE_OK;
    struct store_key k;
    for (uint32_t i = 0; i < r->recipients && (rc == STORE_OK || rc == STORE_NOTFOUND); i++) {
        table_outbox(&k, r->at, r->letter, i);
        rc = store_delete(g->txn, STORE_OUTBOX, &k);
    }
    return rc == STORE_NOTFOUND ? STORE_OK : rc;
}

/* The rows of it that wait go, and each recipient gets a new one that is due. */
static enum store_rc
letter_resend(struct commit *g, const Td__Letter *l)
{
    struct store_key k;
    Td__Letter counted = *l;
    counted.has_resent = true;
    counted.resent++;
    table_letter(&k, l->id, 0);
    enum store_rc rc = store_put(g->txn, STORE_LETTERS, &k, store_slot_of(g->txn, STORE_LETTERS, &k), &counted);
    if (rc == STORE_OK)
        rc = outbox_drop(g, l->id);
    for (size_t i = 0; i < l->n_to && rc == STORE_OK; i++) {
        Td__Outgoing row = TD__OUTGOING__INIT;
        row.since_at = g->now;
        row.recipient = l->to[i]->addr;
        row.relay = l->relay;
        table_outbox(&k, g->now, l->id, (uint32_t)i);
        rc = store_put(g->txn, STORE_OUTBOX, &k, 0, &row);
    }
    return rc;
}

static uint64_t
slot_of_case(struct commit *g, uint64_t id)
{
    struct store_key k;
    table_case(&k, id);
    return store_slot_of(g->txn, STORE_CASES, &k);
}

/* ---- what is known of staff, and its timers */

static struct keys
person_keys(struct commit *g, const Td__Person *p, struct desk_timer **t)
{
    struct keys keys = { NULL, 0 };
    size_t n = 0;
    if (p != NULL)
        desk_person_timers(p, g->arena, t, &n);
    keys.v = arena_alloc(g->arena, (n + 1) * sizeof *keys.v);
    for (; keys.n < n; keys.n++)
        table_timer(g->e->store, &keys.v[keys.n], (*t)[keys.n].due_at, 0, (*t)[keys.n].clock, (*t)[keys.n].step);
    return keys;
}

static enum store_rc
person_write(struct commit *g, const struct desk_person_change *ch)
{
    struct desk_timer *was = NULL, *is = NULL;
    struct keys before = person_keys(g, ch->before, &was), after = person_keys(g, ch->after, &is);
    struct store_key k;
    table_person(g->e->store, &k, ch->after->desk, ch->after->addr);
    enum store_rc rc = store_put(g->txn, STORE_META, &k, 0, ch->after);
    for (size_t i = 0; i < before.n && rc == STORE_OK; i++)
        if (!keys_have(&after, &before.v[i])) {
            rc = store_delete(g->txn, STORE_TIMERS, &before.v[i]);
            if (rc == STORE_NOTFOUND)           /* the one that has just fired */
                rc = STORE_OK;
        }
    for (size_t i = 0; i < after.n && rc == STORE_OK; i++) {
        Td__Timer t = TD__TIMER__INIT;
        t.clock = (char *)is[i].clock;
        rc = store_put(g->txn, STORE_TIMERS, &after.v[i], 0, &t);
    }
    return rc;
}

enum store_rc
decision_write(struct commit *g, const struct decision *d)
{
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < d->n_cases && rc == STORE_OK; i++) {
        uint64_t slot;
        rc = case_write(g, &d->cases[i], &slot);
    }
    for (size_t i = 0; i < d->n_letters && rc == STORE_OK; i++) {
        const Td__Letter *l = d->letters[i];
        rc = letter_write(g, l, l->has_case_id ? slot_of_case(g, l->case_id) : 0);
    }
    for (size_t i = 0; i < d->n_persons && rc == STORE_OK; i++)
        rc = person_write(g, d->persons[i]);
    for (size_t i = 0; i < d->n_recalls && rc == STORE_OK; i++)
        rc = letter_recall(g, &d->recalls[i]);
    if (rc == STORE_OK && d->revoked != NULL) {
        struct store_key k;
        table_revoked(&k);
        rc = store_put(g->txn, STORE_META, &k, 0, d->revoked);
    }
    if (rc == STORE_OK && d->resend != NULL)
        rc = letter_resend(g, d->resend);
    for (size_t i = 0; i < d->n_counts && rc == STORE_OK; i++) {
        struct store_key k;
        uint64_t n;
        table_budget(g->e->store, &k, (uint8_t)d->counts[i].scope, d->counts[i].word, d->counts[i].hour);
        rc = store_get_count(g->txn, STORE_BUDGETS, &k, &n);
        if (rc == STORE_OK)
            rc = store_put_count(g->txn, STORE_BUDGETS, &k, n + 1);
    }
    g->meta.next_case += d->cases_used;
    g->meta.next_letter += d->letters_used;
    return rc;
}

/* Chance for one decision: nobody can foretell it who does not know the key, and a replay has the same. */
static void
seed_make(struct commit *g, uint8_t seed[32])
{
    uint8_t words[16];
    be64_put(words, g->meta.next_mail);
    be64_put(words + 8, g->meta.next_letter);
    crypto_generichash(seed, 32, words, sizeof words, g->e->naming, sizeof g->e->naming);
}

/* What counts no more is part of every event, for it says which addresses lead anywhere. */
static enum store_rc
revoked_fetch(struct commit *g, const Td__Revocations **out)
{
    struct store_key k;
    Td__Revocations *row = NULL;
    table_revoked(&k);
    enum store_rc rc = store_get(g->txn, STORE_META, &k, g->arena, &td__revocations__descriptor, &row);
    *out = rc == STORE_OK ? row : NULL;
    return fact_missing(rc) ? STORE_OK : rc;
}

enum store_rc
decision_make(struct commit *g, const struct desk_event *de, struct decision *d)
{
    struct desk_needs needs = { NULL, 0 };
    struct desk_facts facts;
    uint8_t seed[32];
    memset(d, 0, sizeof *d);
    seed_make(g, seed);
    struct desk_event event = *de;
    enum store_rc rc = revoked_fetch(g, &event.revoked);
    if (rc != STORE_OK)
        return rc;
    desk_needs(g->e->desk, &event, g->now, g->arena, &needs);
    rc = facts_fetch(g, de->desk, &needs, &facts);
    if (rc != STORE_OK)
        return rc;
    desk_decide(g->e->desk, &facts, &event, g->now, seed, g->arena, d);
    return decision_write(g, d);
}
