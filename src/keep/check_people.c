/* SPDX-License-Identifier: ISC
 *
 * The check, people: what is known of each of the staff lies in meta, and its timers, of the case 0, follow from it alone.
 */
#include "look.h"
#include "ticketd/desk.h"

#include <string.h>

static void
timer_key(struct look *k, const struct desk_timer *t, struct store_key *out)
{
    table_timer(k->store, out, t->due_at, 0, t->clock, t->step);
}

static enum store_rc
timer_there(struct look *k, const Td__Person *p, const struct desk_timer *t)
{
    struct store_key key;
    Td__Timer *row = NULL, put = TD__TIMER__INIT;
    timer_key(k, t, &key);
    enum store_rc rc = store_get(k->txn, STORE_TIMERS, &key, k->arena, &td__timer__descriptor, &row);
    if (rc == STORE_OK && strcmp(row->clock, t->clock) == 0) {
        k->timers++;
        return STORE_OK;
    }
    if (rc != STORE_OK && !look_missing(rc))
        return rc;
    look_says(k, "timer", CHECK_FAULT, true, "timers: somebody of the staff of \"%s\" has no row for \"%.*s\": it would not come due", p->desk,
              (int)strcspn(t->clock, " "), t->clock);
    put.clock = (char *)t->clock;
    k->timers += k->o->repair;
    return k->o->repair ? store_put(k->txn, STORE_TIMERS, &key, 0, &put) : STORE_OK;
}

enum store_rc
look_at_person(struct look *k, const struct store_key *key)
{
    Td__Person *p;
    struct desk_timer *t;
    size_t n;
    enum store_rc rc = store_get(k->txn, STORE_META, key, k->arena, &td__person__descriptor, &p);
    if (rc != STORE_OK)
        return look_missing(rc) ? STORE_OK : rc;        /* that it does not open is said of every row */
    desk_person_timers(p, k->arena, &t, &n);
    for (size_t i = 0; i < n && rc == STORE_OK; i++)
        rc = timer_there(k, p, &t[i]);
    return rc;
}

bool
look_is_person_timer(struct look *k, const struct store_key *key, const char *clock)
{
    const char *what, *desk, *addr;
    struct store_key row, own;
    Td__Person *p;
    struct desk_timer *t;
    size_t n;
    if (!desk_person_clock(clock, k->arena, &what, &desk, &addr))
        return false;
    table_person(k->store, &row, desk, addr);
    if (store_get(k->txn, STORE_META, &row, k->arena, &td__person__descriptor, &p) != STORE_OK)
        return false;
    desk_person_timers(p, k->arena, &t, &n);
    for (size_t i = 0; i < n; i++) {
        timer_key(k, &t[i], &own);
        if (own.len == key->len && memcmp(own.bytes, key->bytes, key->len) == 0)
            return true;
    }
    return false;
}
