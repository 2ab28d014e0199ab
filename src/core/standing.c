/* SPDX-License-Identifier: ISC
 *
 * How the desk stands, in two numbers that somebody may look at every second: open cases, and those past a target. They are
 * counted once, at start, and moved by what each decision changes, inside its transaction's fate.
 */
#include "engine.h"

static bool
is_open(const Td__Case *c)
{
    return c != NULL && c->state != TD__STATE__CLOSED;
}

static bool
is_overdue(const Td__Case *c)
{
    for (size_t i = 0; is_open(c) && i < c->n_clocks; i++)
        if (c->clocks[i]->breached && !c->clocks[i]->has_met_at)
            return true;
    return false;
}

void
standing_move(struct standing *s, const Td__Case *before, const Td__Case *after)
{
    s->open += (int)is_open(after) - (int)is_open(before);
    s->overdue += (int)is_overdue(after) - (int)is_overdue(before);
}

/* Only the open ones are read; the index says which they are. */
void
standing_count(struct engine *e)
{
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k, key;
    e->standing = (struct standing){ 0, 0 };
    if (store_begin(e->store, NULL, false, &t) != STORE_OK)
        return;
    enum store_rc rc = store_cursor_open(t, STORE_BY_STATE, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        if (table_state_state(&k) == TD__STATE__CLOSED)
            continue;
        struct arena *a = arena_new(0);
        Td__Case *kase;
        table_case(&key, table_state_case(&k));
        if (store_get(t, STORE_CASES, &key, a, &td__case__descriptor, &kase) == STORE_OK)
            standing_move(&e->standing, NULL, kase);
        arena_free(&a);
    }
    store_cursor_close(&c);
    store_abort(&t);
}
