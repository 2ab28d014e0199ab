/* SPDX-License-Identifier: ISC
 *
 * The check, cases: each case with its journal, its row in by-state and by-sender, its timers, and what its assignee has to do.
 * An index that the cases account for row by row needs no second look; only where the numbers differ is it walked itself.
 */
#include "look.h"

#include <stdlib.h>
#include <string.h>

static bool
key_same(const struct store_key *a, const struct store_key *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* ---- by-state: desk, queue, state, rank, time, case */

#define STATE_KEY_LEN 41

/* Why a row is not the one of its case; NULL: it is. *note: only its place in the order differs. */
static const char *
state_wrong(struct look *k, const struct store_key *key, const Td__Case *c, enum store_rc why, bool *note)
{
    struct store_key own;
    *note = false;
    if (c == NULL)
        return why == STORE_ERASED ? "was erased" : why == STORE_NOTFOUND ? "is not there" : NULL;
    table_state(k->store, &own, c, store_key_read_i64(key, 17));
    if (!key_same(&own, key))
        return "is in another queue or state";
    if (bits_has(&k->placed, c->id))
        return "has another row already";
    if (k->o->desk == NULL || c->state == TD__STATE__CLOSED)    /* a reload leaves closed ones where they are */
        return NULL;
    table_state(k->store, &own, c, desk_order(k->o->desk, c));
    *note = !k->o->same_policy;
    return key_same(&own, key) ? NULL : "has another place in the order of work";
}

static enum store_rc
state_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__Case *c = NULL;
    enum store_rc why = STORE_NOTFOUND;
    bool note = false;
    (void)record;
    if (key->len != STATE_KEY_LEN) {
        look_says(k, "state", CHECK_FAULT, true, "%s has a key of another length", look_name(k, STORE_BY_STATE, key));
        return look_drop(k, STORE_BY_STATE, key);
    }
    enum store_rc rc = look_case(k, table_state_case(key), &c, &why);
    const char *wrong = rc == STORE_OK ? state_wrong(k, key, c, why, &note) : NULL;
    if (wrong != NULL)
        look_says(k, "state", note ? CHECK_NOTE : CHECK_FAULT, true, "by-state: case %llu %s", (unsigned long long)table_state_case(key), wrong);
    if (wrong != NULL && (!note || k->o->repair))
        return look_drop(k, STORE_BY_STATE, key);
    if (rc == STORE_OK)
        (void)bits_set(&k->placed, table_state_case(key));
    return rc;
}

enum store_rc
look_at_states(struct look *k)
{
    return look_walk(k, "by-state", STORE_BY_STATE, NULL, state_row);
}

static enum store_rc
state_there(struct look *k, const Td__Case *c)
{
    struct store_key key;
    if (!bits_set(&k->placed, c->id))
        return STORE_OK;
    look_says(k, "state", CHECK_FAULT, k->o->desk != NULL, "by-state: case %llu has no row: it is in no list", (unsigned long long)c->id);
    if (!k->o->repair || k->o->desk == NULL)
        return STORE_OK;
    table_state(k->store, &key, c, desk_order(k->o->desk, c));
    return store_put_empty(k->txn, STORE_BY_STATE, &key);
}

/* ---- by-sender and timers: functions of the case alone */

static enum store_rc
row_there(struct look *k, const Td__Case *c, const struct store_key *key, const char *whose)
{
    bool there;
    enum store_rc rc = look_there(k, STORE_BY_SENDER, key, &there);
    k->senders++;
    if (rc != STORE_OK || there)
        return rc;
    look_says(k, "sender", CHECK_FAULT, true, "by-sender: case %llu has no row%s", (unsigned long long)c->id, whose);
    k->senders -= !k->o->repair;
    return k->o->repair ? store_put_empty(k->txn, STORE_BY_SENDER, key) : STORE_OK;
}

static enum store_rc
sender_there(struct look *k, const Td__Case *c)
{
    struct store_key key;
    table_sender(k->store, &key, c->desk, c->requester->addr, c->id);
    enum store_rc rc = row_there(k, c, &key, "");
    return rc == STORE_OK && table_assignee(k->store, &key, c) ? row_there(k, c, &key, " of its assignee") : rc;
}

static enum store_rc
timer_put(struct look *k, const struct store_key *key, const char *clock)
{
    Td__Timer t = TD__TIMER__INIT;
    t.clock = (char *)clock;
    return k->o->repair ? store_put(k->txn, STORE_TIMERS, key, 0, &t) : STORE_OK;
}

/* Cases whose desk is gone have their timers put off from hour to hour. */
static bool
desk_is_gone(const struct look *k, const Td__Case *c)
{
    return k->o->conf != NULL && conf_desk_find(k->o->conf, c->desk) == NULL;
}

static enum store_rc
timers_there(struct look *k, const Td__Case *c)
{
    struct desk_timer *t = NULL;
    size_t n = 0;
    enum store_rc rc = STORE_OK;
    desk_timers(c, k->arena, &t, &n);
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        struct store_key key;
        Td__Timer *row = NULL;
        bool again = false;             /* two clocks may come to the same key */
        table_timer(k->store, &key, t[i].due_at, c->id, t[i].clock, t[i].step);
        for (size_t j = 0; j < i && !again; j++) {
            struct store_key other;
            table_timer(k->store, &other, t[j].due_at, c->id, t[j].clock, t[j].step);
            again = key_same(&key, &other);
        }
        if (again)
            continue;
        rc = store_get(k->txn, STORE_TIMERS, &key, k->arena, &td__timer__descriptor, &row);
        if (rc == STORE_OK && strcmp(row->clock, t[i].clock) == 0) {
            k->timers++;
            continue;
        }
        if (!look_missing(rc) && rc != STORE_OK)
            return rc;
        rc = STORE_OK;
        if (row == NULL && desk_is_gone(k, c))
            continue;
        look_says(k, "timer", CHECK_FAULT, true, "timers: case %llu has no row for \"%s\": it would not come due", (unsigned long long)c->id, t[i].clock);
        k->timers += k->o->repair;
        rc = timer_put(k, &key, t[i].clock);
    }
    return rc;
}

/* ---- the case itself */

static void
load_add(struct look *k, const Td__Case *c)
{
    char addr[ADDR_MAX + 1];
    const char *owner = desk_owner(c);
    if (owner == NULL || strlen(owner) > ADDR_MAX)
        return;
    memcpy(addr, owner, strlen(owner) + 1);
    str_lower(addr);
    for (size_t i = 0; i < k->loads_n; i++)
        if (strcmp(k->loads[i].addr, addr) == 0) {
            k->loads[i].open++;
            return;
        }
    if (k->loads_n == k->loads_cap)
        k->loads = mem_grow(k->loads, (k->loads_cap = k->loads_cap > 0 ? 2 * k->loads_cap : 16) * sizeof *k->loads);
    memcpy(k->loads[k->loads_n].addr, addr, sizeof addr);
    k->loads[k->loads_n++].open = 1;
}

/* Entries 0 to n-1, all of them, and sealed under the key of the case. */
static enum store_rc
journal_whole(struct look *k, const Td__Case *c, uint64_t slot)
{
    struct store_key prefix, key;
    struct store_cursor *cur;
    uint32_t next = 0;
    bool gap = false, foreign = false;
    table_entry_prefix(&prefix, c->id);
    enum store_rc rc = store_cursor_open(k->txn, STORE_ENTRIES, &prefix, NULL, false, &cur);
    for (; rc == STORE_OK && store_cursor_next(cur, &key); next++) {
        struct store_key own;
        table_entry(&own, c->id, next);
        gap |= !key_same(&own, &key);
        foreign |= store_slot_of(k->txn, STORE_ENTRIES, &key) != slot;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(cur);
    store_cursor_close(&cur);
    if (rc == STORE_OK && (gap || next != c->entries))
        look_says(k, "journal", CHECK_FAULT, false, "case %llu: its journal has %u entries, %u were written%s", (unsigned long long)c->id, next, c->entries,
                  gap ? ", and there are gaps" : "");
    if (rc == STORE_OK && foreign)
        look_says(k, "slot", CHECK_FAULT, false, "case %llu: entries of its journal are sealed under another key than its own", (unsigned long long)c->id);
    return rc;
}

static enum store_rc
case_row(struct look *k, const struct store_key *key, const void *record)
{
    const Td__Case *c = record;
    uint64_t id = store_key_read_u64(key, 0);
    uint64_t slot = store_slot_of(k->txn, STORE_CASES, key);
    k->out->cases++;
    if (c->id != id || id == 0 || id >= k->meta->next_case)
        look_says(k, "number", CHECK_FAULT, false, "case %llu lies under %llu; the next number to be given is %llu", (unsigned long long)c->id,
                  (unsigned long long)id, (unsigned long long)k->meta->next_case);
    if (slot == 0 || slot >= k->meta->next_slot)
        look_says(k, "slot", CHECK_FAULT, false, "case %llu is sealed under slot %llu, which was never given", (unsigned long long)id, (unsigned long long)slot);
    load_add(k, c);
    enum store_rc rc = journal_whole(k, c, slot);
    if (rc == STORE_OK)
        rc = state_there(k, c);
    if (rc == STORE_OK)
        rc = sender_there(k, c);
    return rc == STORE_OK ? timers_there(k, c) : rc;
}

enum store_rc
look_at_cases(struct look *k)
{
    return look_walk(k, "cases", STORE_CASES, &td__case__descriptor, case_row);
}

/* ---- what the cases did not account for */

static enum store_rc
sender_extra(struct look *k, const struct store_key *key, const void *record)
{
    struct store_key own, other;
    Td__Case *c = NULL;
    enum store_rc why = STORE_NOTFOUND, rc = STORE_OK;
    bool is_own = false;
    (void)record;
    if (key->len == 32)
        rc = look_case(k, store_key_read_u64(key, 24), &c, &why);
    if (c != NULL) {
        table_sender(k->store, &own, c->desk, c->requester->addr, c->id);
        is_own = key_same(&own, key) || (table_assignee(k->store, &other, c) && key_same(&other, key));
    }
    if (rc != STORE_OK || is_own || why == STORE_DAMAGED)
        return rc;
    look_says(k, "sender", CHECK_FAULT, true, "%s is no case's", look_name(k, STORE_BY_SENDER, key));
    return look_drop(k, STORE_BY_SENDER, key);
}

static bool
timer_is_of(struct look *k, const struct store_key *key, const Td__Case *c, const char *clock)
{
    struct desk_timer *t = NULL;
    size_t n = 0;
    desk_timers(c, k->arena, &t, &n);
    for (size_t i = 0; i < n; i++) {
        struct store_key own;
        table_timer(k->store, &own, t[i].due_at, c->id, t[i].clock, t[i].step);
        if (key_same(&own, key))
            return true;
    }
    return desk_is_gone(k, c) && clock != NULL;
}

static enum store_rc
timer_extra(struct look *k, const struct store_key *key, const void *record)
{
    const Td__Timer *row = record;
    Td__Case *c = NULL;
    enum store_rc why = STORE_NOTFOUND, rc = STORE_OK;
    k->out->timers++;
    if (key->len == 28 && store_key_read_u64(key, 8) == 0 && look_is_person_timer(k, key, row->clock))
        return STORE_OK;
    if (key->len == 28)
        rc = look_case(k, store_key_read_u64(key, 8), &c, &why);
    if (rc != STORE_OK || (c != NULL && timer_is_of(k, key, c, row->clock)) || why == STORE_DAMAGED)
        return rc;
    look_says(k, "timer", CHECK_FAULT, true, "timers: a row \"%s\" that case %llu does not know", row->clock,
              (unsigned long long)(key->len == 28 ? store_key_read_u64(key, 8) : 0));
    return look_drop(k, STORE_TIMERS, key);
}

enum store_rc
look_at_indexes(struct look *k)
{
    enum store_rc rc = STORE_OK;
    if (store_rows(k->txn, STORE_BY_SENDER) != k->senders)
        rc = look_walk(k, "by-sender", STORE_BY_SENDER, NULL, sender_extra);
    if (rc != STORE_OK)
        return rc;
    if (store_rows(k->txn, STORE_TIMERS) != k->timers)
        return look_walk(k, "timers", STORE_TIMERS, &td__timer__descriptor, timer_extra);
    k->out->timers = k->timers;
    return STORE_OK;
}
