/* SPDX-License-Identifier: ISC
 *
 * A restored store goes on: what it may not do again, and which numbers it may not give again. What happened between the
 * backup and now is not known here: mail since then comes again from its sources where they kept it; letters that waited then
 * may have gone out, so that a person says whether they go now.
 */
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <string.h>

#define WEEK_S (7 * 86400)
#define SKIP_LEAST 1000                 /* numbers of cases */
#define SKIP_LETTERS (UINT64_C(1) << 20)
#define HELD_AT INT64_MAX               /* no walk of what is due comes there */

/* Held rows lie together at the end of the outbox. */
static enum store_rc
outbox_hold(struct store_txn *t, uint64_t *held)
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(t, STORE_OUTBOX, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        struct arena *a = arena_new(0);
        struct store_key far;
        Td__Outgoing *row;
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        rc = store_cursor_get(c, a, &td__outgoing__descriptor, &row);
        if (rc == STORE_OK && at != HELD_AT) {
            row->has_held = row->held = true;
            table_outbox(&far, HELD_AT, letter, recipient);
            rc = store_delete(t, STORE_OUTBOX, &k);
            if (rc == STORE_OK)
                rc = store_put(t, STORE_OUTBOX, &far, 0, row);
            ++*held;
        }
        if (rc == STORE_DAMAGED)        /* the check has said so */
            rc = STORE_OK;
        arena_free(&a);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* How many cases were opened in the last week that the data knows. */
static enum store_rc
cases_of_a_week(struct store_txn *t, int64_t last_at, uint64_t *n)
{
    struct store_cursor *c;
    struct store_key k;
    bool more = true;
    enum store_rc rc = store_cursor_open(t, STORE_CASES, NULL, NULL, true, &c);
    while (rc == STORE_OK && more && store_cursor_next(c, &k)) {
        struct arena *a = arena_new(0);
        Td__Case *kase;
        rc = store_cursor_get(c, a, &td__case__descriptor, &kase);
        more = rc != STORE_OK || kase->opened_at > last_at - WEEK_S;
        *n += rc == STORE_OK && more;
        if (rc == STORE_DAMAGED || rc == STORE_ERASED)
            rc = STORE_OK;
        arena_free(&a);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Four times what was usual, for as long as the data is old. */
static uint64_t
skip_cases(uint64_t of_a_week, int64_t last_at, int64_t now)
{
    uint64_t weeks = now > last_at ? (uint64_t)(now - last_at) / WEEK_S + 1 : 1;
    uint64_t skip = 4 * of_a_week * weeks + SKIP_LEAST;
    return skip - skip % SKIP_LEAST;
}

enum store_rc
keep_restore(struct store *s, int64_t now, struct keep_restored *out)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Meta *m;
    uint64_t week = 0;
    memset(out, 0, sizeof *out);
    enum store_rc rc = store_begin(s, NULL, true, &t);
    if (rc == STORE_OK)
        rc = store_meta_get(t, a, &m);
    if (rc == STORE_OK)
        rc = outbox_hold(t, &out->held);
    if (rc == STORE_OK)
        rc = cases_of_a_week(t, m->has_last_at ? m->last_at : now, &week);
    if (rc == STORE_OK) {
        out->last_at = m->has_last_at ? m->last_at : 0;
        out->generation = ++m->generation;
        out->next_case = m->next_case += skip_cases(week, m->has_last_at ? m->last_at : now, now);
        m->next_mail += SKIP_LETTERS;
        m->next_letter += SKIP_LETTERS;
        m->clean = true;
        rc = store_meta_put(t, m);
    }
    if (rc == STORE_OK)
        rc = store_commit(&t);
    store_abort(&t);
    arena_free(&a);
    return rc;
}

/* The journal of its case says how a letter ended that nobody sent. */
static enum store_rc
drop_tell(struct store_txn *t, uint64_t letter, const char *recipient, int64_t now, struct arena *a)
{
    Td__Entry e = TD__ENTRY__INIT;
    struct store_key lk, ck, ek;
    Td__Letter *l;
    Td__Case *c;
    table_letter(&lk, letter, 0);
    enum store_rc rc = store_get(t, STORE_LETTERS, &lk, a, &td__letter__descriptor, &l);
    if (rc != STORE_OK || !l->has_case_id)
        return rc;
    table_case(&ck, l->case_id);
    uint64_t slot = store_slot_of(t, STORE_CASES, &ck);
    rc = store_get(t, STORE_CASES, &ck, a, &td__case__descriptor, &c);
    if (rc != STORE_OK)
        return rc;
    e.at = now;
    e.what = TD__ENTRY__WHAT__FAILED;
    e.by = (char *)"operator";
    e.why = (char *)"dropped after a restore: it may have gone out before";
    e.has_letter = true;
    e.letter = letter;
    e.recipient = (char *)recipient;
    table_entry(&ek, c->id, c->entries++);
    rc = store_put(t, STORE_ENTRIES, &ek, slot, &e);
    return rc == STORE_OK ? store_put(t, STORE_CASES, &ck, slot, c) : rc;
}

enum store_rc
keep_release(struct store_txn *t, uint64_t letter, bool drop, int64_t now, uint64_t *n)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    store_key_start(&prefix);
    store_key_i64(&prefix, HELD_AT);
    *n = 0;
    enum store_rc rc = store_cursor_open(t, STORE_OUTBOX, &prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        struct arena *a = arena_new(0);
        Td__Outgoing *row;
        int64_t at;
        uint64_t of;
        uint32_t recipient;
        table_outbox_read(&k, &at, &of, &recipient);
        rc = letter == 0 || of == letter ? store_cursor_get(c, a, &td__outgoing__descriptor, &row) : STORE_NOTFOUND;
        if (rc == STORE_OK) {
            row->has_held = row->held = false;
            row->since_at = now;        /* the relay's time begins anew */
            rc = store_delete(t, STORE_OUTBOX, &k);
            table_outbox(&k, now, of, recipient);
            if (rc == STORE_OK)
                rc = drop ? drop_tell(t, of, row->recipient, now, a) : store_put(t, STORE_OUTBOX, &k, 0, row);
            ++*n;
        }
        if (rc == STORE_NOTFOUND || rc == STORE_DAMAGED)
            rc = STORE_OK;
        arena_free(&a);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}
