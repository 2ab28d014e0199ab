/* SPDX-License-Identifier: ISC
 *
 * The store against itself, after a run: what `ticketctl check` looks at, which is indexes, timers, counters, ledger, outbox and
 * journals; and what it does not: clocks are what their target, start and pauses come to, nothing that is due lies there.
 */
#include "sim.h"
#include "ticketd/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct inside {
    struct store_txn *txn;
    const struct conf *conf;
    struct arena *a;
    int64_t now;
};

/* ---- what `ticketctl check` says */

static void
check_found(void *u, const struct check_finding *f)
{
    (void)u;
    if (f->weight == CHECK_FAULT)
        sim_fail(f->rule, "%s", f->text);
    else
        sim_trace("check: %s: %s", f->rule, f->text);
}

static void
check_consistent(struct store *s, const struct conf *conf, const struct desk *desk, int64_t now)
{
    const struct check_options o = { .conf = conf, .desk = desk, .same_policy = true, .now = now, .found = check_found };
    struct check_counts counts;
    if (check_store(s, &o, &counts) != STORE_OK)
        sim_fail("store", "it cannot be checked");
}

/* ---- clocks */

static const struct calendar *
calendar_of(struct inside *x, const char *name)
{
    static struct { char name[32]; struct calendar *calendar; } kept[8];        /* the same in both configurations */
    struct buf errors = { 0 };
    for (size_t i = 0; i < countof(kept); i++) {
        if (kept[i].calendar == NULL) {
            snprintf(kept[i].name, sizeof kept[i].name, "%s", name);
            kept[i].calendar = calendar_new(conf_calendar_find(x->conf, name), &errors);
            must(kept[i].calendar != NULL);
        }
        if (strcmp(kept[i].name, name) == 0)
            return kept[i].calendar;
    }
    bug("more calendars than the configurations have");
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
    int64_t at = INT64_MIN;
    for (uint32_t n = 0; n < c->entries; n++) {
        struct store_key k;
        Td__Entry *e;
        table_entry(&k, c->id, n);
        if (store_get(x->txn, STORE_ENTRIES, &k, x->a, &td__entry__descriptor, &e) != STORE_OK)
            continue;
        if (e->at < at)
            sim_fail("journal", "%s: entry %u is older than the one before", c->number, n);
        at = e->at;
    }
}

static void
check_clocks(struct inside *x, const Td__Case *c)
{
    for (size_t i = 0; i < c->n_clocks; i++)
        check_clock(x, c, c->clocks[i]);
}

/* ---- cases */

static void
check_case(struct inside *x, const Td__Case *c)
{
    struct desk_timer *t;
    size_t n;
    desk_timers(c, x->a, &t, &n);
    for (size_t i = 0; i < n; i++)
        if (t[i].due_at <= x->now)
            sim_fail("timers", "%s: timer %s was due at %lld and has not fired", c->number, t[i].clock, (long long)t[i].due_at);
    check_journal(x, c);
    check_clocks(x, c);
}

static void
cases_walk(struct inside *x, void (*check)(struct inside *, const Td__Case *))
{
    struct store_cursor *c = NULL;
    struct store_key k;
    Td__Case *kase;
    if (store_cursor_open(x->txn, STORE_CASES, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k))
        if (store_cursor_get(c, x->a, &td__case__descriptor, &kase) == STORE_OK)
            check(x, kase);
    store_cursor_close(&c);
}

/* Nothing lies in the outbox for ever. */
static void
check_outbox(struct inside *x)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    if (store_cursor_open(x->txn, STORE_OUTBOX, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        if (at <= x->now)
            sim_fail("outbox", "letter %llu was due at %lld and lies there still", (unsigned long long)letter, (long long)at);
    }
    store_cursor_close(&c);
}

void
inside_check(struct store *s, const struct conf *conf, const struct desk *desk, int64_t now)
{
    struct inside x = { .conf = conf, .now = now, .a = arena_new(0) };
    check_consistent(s, conf, desk, now);
    if (store_begin(s, NULL, false, &x.txn) != STORE_OK) {
        sim_fail("store", "it cannot be read");
    } else {
        cases_walk(&x, check_case);
        check_outbox(&x);
    }
    store_abort(&x.txn);
    arena_free(&x.a);
}

void
inside_clocks(struct store *s, const struct conf *conf)
{
    struct inside x = { .conf = conf, .a = arena_new(0) };
    if (store_begin(s, NULL, false, &x.txn) == STORE_OK)
        cases_walk(&x, check_clocks);
    store_abort(&x.txn);
    arena_free(&x.a);
}
