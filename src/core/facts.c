/* SPDX-License-Identifier: ISC
 *
 * Facts for the desk: each need is one look-up in the transaction that is open, so that what the desk decides on is what
 * the decision is written against. Trusts the store; bounds what a stranger can make it read (rows of one Message-ID).
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#define MERGE_HOPS 16                   /* as the desk follows them */

enum store_rc
case_get(struct commit *g, uint64_t id, Td__Case **out)
{
    struct store_key k;
    *out = NULL;
    table_case(&k, id);
    return store_get(g->txn, STORE_CASES, &k, g->arena, &td__case__descriptor, out);
}

bool
fact_missing(enum store_rc rc)
{
    return rc == STORE_NOTFOUND || rc == STORE_ERASED || rc == STORE_DAMAGED;
}

/* A case that is not there is an answer, not an error. */
static enum store_rc
case_get_optional(struct commit *g, uint64_t id, Td__Case **out)
{
    enum store_rc rc = case_get(g, id, out);
    if (rc != STORE_OK)
        *out = NULL;
    return fact_missing(rc) ? STORE_OK : rc;
}

static enum store_rc
more_add(struct commit *g, struct desk_facts *f, uint64_t id)
{
    for (int hop = 0; id != 0 && hop < MERGE_HOPS; hop++) {
        for (size_t i = 0; i < f->n_more; i++)
            if (f->more[i]->id == id)
                return STORE_OK;
        Td__Case *c;
        enum store_rc rc = case_get_optional(g, id, &c);
        if (rc != STORE_OK || c == NULL)
            return rc;
        arena_push(g->arena, &f->more, &f->n_more, c);
        id = c->has_merged_into ? c->merged_into : 0;
    }
    return STORE_OK;
}

static enum store_rc
fetch_case(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)desk;
    enum store_rc rc = case_get_optional(g, need->id, &fact->kase);
    const Td__Case *c = fact->kase;
    if (rc == STORE_OK && c != NULL && c->has_merged_into)
        rc = more_add(g, f, c->merged_into);
    for (size_t i = 0; c != NULL && i < c->n_helds; i++)        /* what is held on it may be about others too */
        for (size_t k = 0; rc == STORE_OK && k < c->helds[i]->n_also; k++)
            rc = more_add(g, f, c->helds[i]->also[k]);
    return rc;
}

static enum store_rc
fetch_message(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    table_message_prefix(g->e->store, &prefix, desk->name, need->word);
    enum store_rc rc = store_cursor_open(g->txn, STORE_BY_MESSAGE, &prefix, NULL, false, &c);
    if (rc != STORE_OK)
        return rc;
    fact->found = arena_alloc(g->arena, ENGINE_FACT_ROWS * sizeof *fact->found);
    while (fact->n_found < ENGINE_FACT_ROWS && store_cursor_next(c, &k)) {
        Td__ByMessage *row;
        rc = store_cursor_get(c, g->arena, &td__by_message__descriptor, &row);
        if (fact_missing(rc)) {
            rc = STORE_OK;
            continue;
        }
        if (rc != STORE_OK)
            break;
        struct desk_found *found = &fact->found[fact->n_found++];
        found->case_id = store_key_read_u64(&k, prefix.len);
        found->mail_id = row->mail;
        found->digest = row->digest.len == 32 ? row->digest.data : NULL;
        rc = more_add(g, f, found->case_id);
        if (rc != STORE_OK)
            break;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
fetch_of_sender(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)f;
    struct store_key prefix, k;
    struct store_cursor *c;
    const char *whose = need->word;
    if (whose == NULL) {
        Td__Case *of;
        enum store_rc read = case_get_optional(g, need->id, &of);
        if (read != STORE_OK || of == NULL)
            return read;
        whose = of->requester->addr;
    }
    table_sender_prefix(g->e->store, &prefix, desk->name, whose);
    enum store_rc rc = store_cursor_open(g->txn, STORE_BY_SENDER, &prefix, NULL, true, &c);
    if (rc != STORE_OK)
        return rc;
    while (rc == STORE_OK && fact->n_cases < DESK_NEXT_MAX && store_cursor_next(c, &k)) {
        Td__Case *found;
        rc = case_get_optional(g, store_key_read_u64(&k, prefix.len), &found);
        if (found != NULL)
            arena_push(g->arena, &fact->cases, &fact->n_cases, found);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* This hour, and the sum of the last 24. */
static enum store_rc
fetch_budget(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)desk;
    (void)f;
    struct store_key prefix, from, k;
    struct store_cursor *c;
    table_budget_prefix(g->e->store, &prefix, (uint8_t)need->scope, need->word);
    table_budget(g->e->store, &from, (uint8_t)need->scope, need->word, need->hour - 23);
    enum store_rc rc = store_cursor_open(g->txn, STORE_BUDGETS, &prefix, &from, false, &c);
    if (rc != STORE_OK)
        return rc;
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        uint64_t n;
        rc = store_get_count(g->txn, STORE_BUDGETS, &k, &n);
        fact->count_day += n;
        if (table_budget_hour(&k) == need->hour)
            fact->count = n;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Two counters, kept by decision.c. */
static enum store_rc
fetch_load(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)desk;
    (void)f;
    struct store_key open, last;
    load_keys(g, need->word, &open, &last);
    enum store_rc rc = store_get_count(g->txn, STORE_BUDGETS, &open, &fact->count);
    return rc == STORE_OK ? store_get_count(g->txn, STORE_BUDGETS, &last, &fact->count_day) : rc;
}

static enum store_rc
fetch_letter(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)desk;
    struct store_key k;
    table_letter(&k, need->id, 0);
    enum store_rc rc = store_get(g->txn, STORE_LETTERS, &k, g->arena, &td__letter__descriptor, &fact->letter);
    if (rc != STORE_OK)
        fact->letter = NULL;
    else if (fact->letter->has_case_id)
        rc = more_add(g, f, fact->letter->case_id);
    return fact_missing(rc) ? STORE_OK : rc;
}

/* ---- the order of work */

#define NEXT_ROWS (DESK_NEXT_MAX * 8)   /* of all queues and states together */

struct next { Td__Case *v[NEXT_ROWS]; int64_t order[NEXT_ROWS]; size_t n; };

static void
next_add(struct next *list, Td__Case *c, int64_t order)
{
    size_t i = list->n < NEXT_ROWS ? list->n++ : NEXT_ROWS - 1;
    if (i == NEXT_ROWS - 1 && list->v[i] != NULL && list->order[i] <= order)
        return;
    for (; i > 0 && (list->order[i - 1] > order || (list->order[i - 1] == order && list->v[i - 1]->id > c->id)); i--) {
        list->v[i] = list->v[i - 1];
        list->order[i] = list->order[i - 1];
    }
    list->v[i] = c;
    list->order[i] = order;
}

/* The rows of one queue and state are in that order already; what several of them give is merged here. */
static enum store_rc
next_of(struct commit *g, const struct conf_desk *desk, const char *queue, Td__State state, struct next *list)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    table_state_of(g->e->store, &prefix, desk->name, queue, state);
    enum store_rc rc = store_cursor_open(g->txn, STORE_BY_STATE, &prefix, NULL, false, &c);
    if (rc != STORE_OK)
        return rc;
    for (unsigned n = 0; n < DESK_NEXT_MAX && rc == STORE_OK && store_cursor_next(c, &k); n++) {
        Td__Case *found;
        rc = case_get_optional(g, table_state_case(&k), &found);
        if (found != NULL)
            next_add(list, found, desk_order(g->e->desk, found));
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
fetch_next(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)f;
    struct next *list = arena_alloc(g->arena, sizeof *list);
    enum store_rc rc = STORE_OK;
    for (size_t q = 0; q < desk->n_queues && rc == STORE_OK; q++)
        for (int s = TD__STATE__NEW; s < TD__STATE__CLOSED && rc == STORE_OK; s++)
            if (need->word == NULL || strcmp(need->word, desk->queues[q].name) == 0)
                rc = next_of(g, desk, desk->queues[q].name, (Td__State)s, list);
    fact->cases = list->v;
    fact->n_cases = list->n < DESK_NEXT_MAX ? list->n : DESK_NEXT_MAX;
    return rc;
}

static enum store_rc
fetch_person(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)f;
    struct store_key k;
    table_person(g->e->store, &k, desk->name, need->word);
    enum store_rc rc = store_get(g->txn, STORE_META, &k, g->arena, &td__person__descriptor, &fact->person);
    if (rc != STORE_OK)
        fact->person = NULL;
    return fact_missing(rc) ? STORE_OK : rc;
}

/* ---- what one of the staff has, in the order of work */

struct place { int64_t order; Td__Case *c; };

static int
place_compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->c->id < y->c->id ? -1 : x->c->id > y->c->id;
}

static enum store_rc
fetch_mine(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)f;
    struct store_key prefix, k;
    struct store_cursor *c;
    struct place *v = NULL;
    size_t n = 0;
    table_assignee_prefix(g->e->store, &prefix, desk->name, need->word);
    enum store_rc rc = store_cursor_open(g->txn, STORE_BY_SENDER, &prefix, NULL, false, &c);
    if (rc != STORE_OK)
        return rc;
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        Td__Case *found;
        if (fact->count++ >= need->id)          /* the oldest ones; the others are counted */
            continue;
        rc = case_get_optional(g, store_key_read_u64(&k, prefix.len), &found);
        if (found == NULL)
            continue;
        if ((n & (n - 1)) == 0)
            v = mem_grow(v, (n == 0 ? 1 : 2 * n) * sizeof *v);
        v[n++] = (struct place){ desk_order(g->e->desk, found), found };
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    if (n > 1)
        qsort(v, n, sizeof *v, place_compare);
    fact->cases = arena_alloc(g->arena, (n + 1) * sizeof *fact->cases);
    for (size_t i = 0; i < n; i++)
        fact->cases[fact->n_cases++] = v[i].c;
    free(v);
    return rc;
}

static enum store_rc
fetch_entries(struct commit *g, const struct conf_desk *desk, const struct desk_need *need, struct desk_fact *fact, struct desk_facts *f)
{
    (void)desk;
    (void)f;
    struct store_key prefix, k;
    struct store_cursor *c;
    table_entry_prefix(&prefix, need->id);
    enum store_rc rc = store_cursor_open(g->txn, STORE_ENTRIES, &prefix, NULL, true, &c);
    if (rc != STORE_OK)
        return rc;
    while (rc == STORE_OK && fact->n_entries < DESK_ENTRIES_MAX && store_cursor_next(c, &k)) {
        Td__Entry *e;
        rc = store_cursor_get(c, g->arena, &td__entry__descriptor, &e);
        if (rc == STORE_OK)
            arena_push(g->arena, &fact->entries, &fact->n_entries, e);
        else if (fact_missing(rc))
            rc = STORE_OK;
    }
    for (size_t i = 0, n = fact->n_entries; i < n / 2; i++) {   /* in the order in which they happened */
        Td__Entry *e = fact->entries[i];
        fact->entries[i] = fact->entries[n - 1 - i];
        fact->entries[n - 1 - i] = e;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

enum store_rc
facts_fetch(struct commit *g, const struct conf_desk *desk, const struct desk_needs *needs, struct desk_facts *out)
{
    static enum store_rc (*const fetch[])(struct commit *, const struct conf_desk *, const struct desk_need *, struct desk_fact *,
                                          struct desk_facts *) = {
        [DESK_NEED_CASE] = fetch_case,
        [DESK_NEED_MESSAGE] = fetch_message,
        [DESK_NEED_BUDGET] = fetch_budget,
        [DESK_NEED_LETTER] = fetch_letter,
        [DESK_NEED_LOAD] = fetch_load,
        [DESK_NEED_OF_SENDER] = fetch_of_sender,
        [DESK_NEED_NEXT] = fetch_next,
        [DESK_NEED_ENTRIES] = fetch_entries,
        [DESK_NEED_PERSON] = fetch_person,
        [DESK_NEED_MINE] = fetch_mine,
    };
    memset(out, 0, sizeof *out);
    out->needs = needs;
    out->v = arena_alloc(g->arena, (needs->n + 1) * sizeof *out->v);
    out->next_case = g->meta.next_case;
    out->next_letter = g->meta.next_letter;
    for (size_t i = 0; i < g->e->n_sizes && desk->relay != NULL; i++)
        if (strcmp(g->e->sizes[i].relay, desk->relay) == 0)
            out->relay_limit = g->e->sizes[i].size;
    for (size_t i = 0; i < needs->n; i++) {
        enum store_rc rc = fetch[needs->v[i].kind](g, desk, &needs->v[i], &out->v[i], out);
        if (rc != STORE_OK)
            return rc;
    }
    return STORE_OK;
}
