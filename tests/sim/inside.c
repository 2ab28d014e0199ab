/* SPDX-License-Identifier: ISC
 *
 * The store against itself, after a run: timers, indexes and counters are what the cases say they are, every row that names
 * another finds it, journals are whole, and clocks are what their target, start and pauses come to.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct inside {
    struct store *store;
    struct store_txn *txn;
    const struct conf *conf;
    const struct desk *desk;
    struct arena *a;
    int64_t now;
    size_t rows[STORE_TABLES];          /* of index rows that cases stand for */
};

static bool
has_row(struct inside *x, enum store_table tab, const struct store_key *k)
{
    struct store_cursor *c = NULL;
    struct store_key found;
    bool there = store_cursor_open(x->txn, tab, k, NULL, false, &c) == STORE_OK && store_cursor_next(c, &found) && found.len == k->len;
    store_cursor_close(&c);
    return there;
}

static size_t
count_rows(struct inside *x, enum store_table tab)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    size_t n = 0;
    if (store_cursor_open(x->txn, tab, NULL, NULL, false, &c) != STORE_OK)
        sim_fail("store", "table %d cannot be walked", (int)tab);
    while (c != NULL && store_cursor_next(c, &k))
        n++;
    store_cursor_close(&c);
    return n;
}

/* ---- clocks */

static const struct calendar *
calendar_of(struct inside *x, const char *name)
{
    static struct { const struct conf_calendar *conf; struct calendar *calendar; } kept[8];
    const struct conf_calendar *conf = conf_calendar_find(x->conf, name);
    struct buf errors = { 0 };
    for (size_t i = 0; i < countof(kept); i++) {
        if (kept[i].conf == conf)
            return kept[i].calendar;
        if (kept[i].conf == NULL) {
            kept[i].conf = conf;
            kept[i].calendar = calendar_new(conf, &errors);
            must(kept[i].calendar != NULL);
            return kept[i].calendar;
        }
    }
    return NULL;
}

/* As POLICIES.md counts: from the start with the target, then every pause that is over. */
static int64_t
due_of(const struct calendar *cal, const Td__Clock *k)
{
    struct duration d;
    const char *why;
    must(duration_parse(k->target, &d, &why));
    int64_t due = calendar_add(cal, k->started_at, d);
    for (size_t i = 0; i < k->n_pauses; i++) {
        const Td__Pause *p = k->pauses[i];
        int64_t later = p->has_to_at ? calendar_resume(cal, due, d.unit, p->from_at, p->to_at) : due;
        due = later > due ? later : due;
    }
    return due;
}

static void
check_clock(struct inside *x, const Td__Case *c, const Td__Clock *k)
{
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < k->n_pauses; i++) {
        const Td__Pause *p = k->pauses[i];
        if (p->from_at < last || (p->has_to_at && p->to_at < p->from_at) || (!p->has_to_at && i + 1 < k->n_pauses))
            sim_fail("pauses", "%s clock %s: its pauses go backwards or overlap", c->number, k->name);
        last = p->has_to_at ? p->to_at : p->from_at;
    }
    if (k->has_met_at && k->met_at < k->started_at)
        sim_fail("clock", "%s clock %s: met before it began", c->number, k->name);
    int64_t due = due_of(calendar_of(x, k->calendar), k);
    if (!k->breached && due != k->due_at)
        sim_fail("clock", "%s clock %s: due %lld, by counting %lld", c->number, k->name, (long long)k->due_at, (long long)due);
    if (due < k->started_at)
        sim_fail("clock", "%s clock %s: due before it began", c->number, k->name);
}

/* ---- the journal */

static void
check_journal(struct inside *x, const Td__Case *c)
{
    struct store_key k;
    Td__Entry *e, *last_state = NULL;
    int64_t at = INT64_MIN;
    for (uint32_t n = 0; n < c->entries; n++) {
        table_entry(&k, c->id, n);
        if (store_get(x->txn, STORE_ENTRIES, &k, x->a, &td__entry__descriptor, &e) != STORE_OK) {
            sim_fail("journal", "%s: entry %u of %u is missing", c->number, n, c->entries);
            return;
        }
        if (e->at < at)
            sim_fail("journal", "%s: entry %u is older than the one before", c->number, n);
        at = e->at;
        if (e->what == TD__ENTRY__WHAT__STATE)
            last_state = e;
    }
    const char *to = last_state != NULL && last_state->why != NULL ? strstr(last_state->why, " to ") : NULL;
    if (last_state != NULL && last_state->detail != NULL && strstr(last_state->detail, " to ") != NULL)
        to = strstr(last_state->detail, " to ");
    (void)to;
}

/* ---- cases */

static void
check_case(struct inside *x, const Td__Case *c)
{
    struct store_key k;
    struct desk_timer *t;
    size_t n;
    desk_timers(c, x->a, &t, &n);
    for (size_t i = 0; i < n; i++) {
        table_timer(x->store, &k, t[i].due_at, c->id, t[i].clock, t[i].step);
        if (!has_row(x, STORE_TIMERS, &k))
            sim_fail("timers", "%s has no row for its timer %s at %lld", c->number, t[i].clock, (long long)t[i].due_at);
        if (t[i].due_at <= x->now)
            sim_fail("timers", "%s: timer %s was due at %lld and has not fired", c->number, t[i].clock, (long long)t[i].due_at);
    }
    x->rows[STORE_TIMERS] += n;
    table_state(x->store, &k, c, desk_order(x->desk, c));
    if (!has_row(x, STORE_BY_STATE, &k))
        sim_fail("index", "%s is not in the order of work", c->number);
    x->rows[STORE_BY_STATE]++;
    table_sender(x->store, &k, c->desk, c->requester->addr, c->id);
    if (!has_row(x, STORE_BY_SENDER, &k))
        sim_fail("index", "%s is not found by its sender", c->number);
    x->rows[STORE_BY_SENDER]++;
    x->rows[STORE_ENTRIES] += c->entries;
    check_journal(x, c);
    for (size_t i = 0; i < c->n_clocks; i++)
        check_clock(x, c, c->clocks[i]);
}

static void
check_cases(struct inside *x)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    Td__Case *kase;
    if (store_cursor_open(x->txn, STORE_CASES, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        if (store_cursor_get(c, x->a, &td__case__descriptor, &kase) != STORE_OK)
            sim_fail("store", "a case does not open");
        else
            check_case(x, kase);
    }
    store_cursor_close(&c);
    static const enum store_table derived[] = { STORE_TIMERS, STORE_BY_STATE, STORE_BY_SENDER, STORE_ENTRIES };
    for (size_t i = 0; i < countof(derived); i++) {
        size_t there = count_rows(x, derived[i]);
        if (there != x->rows[derived[i]])
            sim_fail("rows", "table %d has %zu rows, the cases stand for %zu", (int)derived[i], there, x->rows[derived[i]]);
    }
}

/* ---- rows that name others */

static void
check_outbox(struct inside *x)
{
    struct store_cursor *c = NULL;
    struct store_key k, lk;
    Td__Letter *l;
    if (store_cursor_open(x->txn, STORE_OUTBOX, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        table_letter(&lk, letter, 0);
        if (store_get(x->txn, STORE_LETTERS, &lk, x->a, &td__letter__descriptor, &l) != STORE_OK || recipient >= l->n_to)
            sim_fail("outbox", "a row names letter %llu, which is not there", (unsigned long long)letter);
        if (at <= x->now)
            sim_fail("outbox", "letter %llu was due at %lld and lies there still", (unsigned long long)letter, (long long)at);
    }
    store_cursor_close(&c);
}

static void
check_ledger(struct inside *x)
{
    struct store_cursor *c = NULL;
    struct store_key k, other;
    Td__Fate *fate;
    if (store_cursor_open(x->txn, STORE_LEDGER, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        struct store_key box;
        table_mailbox(x->store, &box, "box");
        if (k.len == box.len)           /* what is known of a mailbox: another kind of record */
            continue;
        if (store_cursor_get(c, x->a, &td__fate__descriptor, &fate) != STORE_OK) {
            sim_fail("ledger", "a fate does not open");
            continue;
        }
        table_mail(&other, fate->mail, 0);
        if (fate->has_mail && !has_row(x, STORE_MAILS, &other))
            sim_fail("ledger", "a fate names mail %llu, which is not there", (unsigned long long)fate->mail);
        table_case(&other, fate->case_id);
        if (fate->has_case_id && !has_row(x, STORE_CASES, &other))
            sim_fail("ledger", "a fate names case %llu, which is not there", (unsigned long long)fate->case_id);
    }
    store_cursor_close(&c);
}

void
inside_check(struct store *s, const struct conf *conf, const struct desk *desk, int64_t now)
{
    struct inside x = { .store = s, .conf = conf, .desk = desk, .now = now, .a = arena_new(0) };
    if (store_begin(s, NULL, false, &x.txn) != STORE_OK) {
        sim_fail("store", "it cannot be read");
    } else {
        check_cases(&x);
        check_outbox(&x);
        check_ledger(&x);
    }
    store_abort(&x.txn);
    arena_free(&x.a);
}
