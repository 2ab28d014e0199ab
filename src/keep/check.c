/* SPDX-License-Identifier: ISC
 *
 * The check, its frame: one transaction, the tables one after the other, findings, counters. Each rule is named by a word:
 *
 *   sealed     a value does not open            erased     its key was erased on purpose (a note)
 *   number     an id that was never given       slot       sealed under another key than its case's
 *   case       a row names a case that is not   state      by-state is not what the case says
 *   sender     by-sender, likewise              timer      timers, likewise
 *   journal    entries are missing or too many  mail       a mail is in no case, or in two
 *   chunk      a mail's or letter's bytes are not whole, or nobody's
 *   ledger     a fate and its mail differ       message    by-message and its mail differ
 *   letter     a letter is lost, or twice       outbox     a row that is nobody's, or will never be tried
 *   load       how much each of the staff has   aside      a mail that was set aside (a note)
 *   held       a letter waits for a word after a restore (a note)
 *   revoked    a revocation names nothing, or a case that was never
 *
 * Trusts nothing that it reads beyond that it opened. Memory: some bits for each case and mail, two bytes for each letter.
 */
#include "look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_ROWS 512

/* ---- bits */

static bool
bits_make(struct bits *b, uint64_t n)
{
    b->n = n;
    b->v = calloc((size_t)(n / 64 + 1), sizeof *b->v);
    return b->v != NULL;
}

bool
bits_has(const struct bits *b, uint64_t id)
{
    return id < b->n && (b->v[id / 64] >> (id % 64) & 1) != 0;
}

bool
bits_set(struct bits *b, uint64_t id)
{
    if (id >= b->n || bits_has(b, id))
        return false;
    b->v[id / 64] |= UINT64_C(1) << (id % 64);
    return true;
}

/* ---- saying */

void
look_says(struct look *k, const char *rule, enum check_weight weight, bool mended, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    mended = mended && k->o->repair && weight == CHECK_FAULT;
    k->out->notes += weight == CHECK_NOTE;
    k->out->faults += weight == CHECK_FAULT;
    k->out->mended += mended;
    struct check_finding f = { rule, weight, mended, text };
    if (k->o->found != NULL)
        k->o->found(k->o->u, &f);
}

void
look_step(struct look *k, const char *step, enum store_table tab)
{
    k->step = step;
    k->done = 0;
    k->of = store_rows(k->txn, tab);
    if (k->o->progress != NULL)
        k->o->progress(k->o->progress_u, step, 0, k->of);
}

void
look_tick(struct look *k)
{
    if (++k->done % TICK_ROWS == 0 && k->o->progress != NULL)
        k->o->progress(k->o->progress_u, k->step, k->done, k->of);
}

const char *
look_name(struct look *k, enum store_table tab, const struct store_key *key)
{
    char hex[2 * STORE_KEY_MAX + 1];
    bool numbered = tab == STORE_CASES || tab == STORE_ENTRIES || tab == STORE_MAILS || tab == STORE_LETTERS;
    if (numbered && key->len == 8)
        return arena_printf(k->arena, "%s row %llu", store_table_name(tab), (unsigned long long)store_key_read_u64(key, 0));
    if (numbered && key->len == 12)
        return arena_printf(k->arena, "%s row %llu/%llu", store_table_name(tab), (unsigned long long)store_key_read_u64(key, 0),
                            (unsigned long long)(store_key_read_u64(key, 4) & 0xffffffffu));
    hex_encode(key->bytes, key->len, hex);
    return arena_printf(k->arena, "%s row %s", store_table_name(tab), hex);
}

/* ---- reading */

bool
look_missing(enum store_rc rc)
{
    return rc == STORE_NOTFOUND || rc == STORE_ERASED || rc == STORE_DAMAGED;
}

enum store_rc
look_there(struct look *k, enum store_table tab, const struct store_key *key, bool *there)
{
    struct store_cursor *c;
    struct store_key found;
    enum store_rc rc = store_cursor_open(k->txn, tab, key, NULL, false, &c);
    *there = rc == STORE_OK && store_cursor_next(c, &found) && found.len == key->len;
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

enum store_rc
look_drop(struct look *k, enum store_table tab, const struct store_key *key)
{
    if (!k->o->repair)
        return STORE_OK;
    enum store_rc rc = store_delete(k->txn, tab, key);
    return rc == STORE_NOTFOUND ? STORE_OK : rc;
}

static enum store_rc
look_record(struct look *k, enum store_table tab, const struct store_key *key, const ProtobufCMessageDescriptor *what, void *out, enum store_rc *why)
{
    *why = store_get(k->txn, tab, key, k->arena, what, out);
    if (*why != STORE_OK)
        *(void **)out = NULL;
    return look_missing(*why) ? STORE_OK : *why;
}

enum store_rc
look_case(struct look *k, uint64_t id, Td__Case **out, enum store_rc *why)
{
    struct store_key key;
    table_case(&key, id);
    return look_record(k, STORE_CASES, &key, &td__case__descriptor, out, why);
}

enum store_rc
look_mail(struct look *k, uint64_t id, Td__MailRecord **out, enum store_rc *why)
{
    struct store_key key;
    table_mail(&key, id, 0);
    return look_record(k, STORE_MAILS, &key, &td__mail_record__descriptor, out, why);
}

/* A row that does not open is one finding; one whose key was erased is none, and with repair it goes: nobody can read it. */
static enum store_rc
row_shut(struct look *k, enum store_table tab, const struct store_key *key, enum store_rc why)
{
    if (why == STORE_ERASED) {
        k->out->erased++;
        if (tab == STORE_MAILS && key->len == 12)
            (void)bits_set(&k->erased, store_key_read_u64(key, 0));
        return look_drop(k, tab, key);
    }
    if (why != STORE_DAMAGED)
        return why;
    look_says(k, "sealed", CHECK_FAULT, false, "%s does not open: a flipped bit, or a key that is not its own", look_name(k, tab, key));
    return STORE_OK;
}

static enum store_rc
row_look(struct look *k, enum store_table tab, const struct store_key *key, const ProtobufCMessageDescriptor *what, look_row *each)
{
    const void *record = NULL;
    enum store_rc rc = what != NULL ? store_get(k->txn, tab, key, k->arena, what, &record) : store_try(k->txn, tab, key);
    return rc == STORE_OK ? each(k, key, record) : row_shut(k, tab, key, rc);
}

enum store_rc
look_walk(struct look *k, const char *step, enum store_table tab, const ProtobufCMessageDescriptor *what, look_row *each)
{
    struct store_cursor *c;
    struct store_key key;
    look_step(k, step, tab);
    enum store_rc rc = store_cursor_open(k->txn, tab, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &key)) {
        k->arena = arena_new(0);
        rc = row_look(k, tab, &key, what, each);
        arena_free(&k->arena);
        look_tick(k);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* ---- meta and counters */

static enum store_rc
meta_row(struct look *k, const struct store_key *key, const void *record)
{
    (void)record;
    if (table_is_revoked(key))
        return look_at_revoked(k, key);
    return table_is_person(key) ? look_at_person(k, key) : STORE_OK;    /* of others, that they opened is all there is to know */
}

static enum store_rc
look_at_meta(struct look *k)
{
    return look_walk(k, "meta", STORE_META, NULL, meta_row);
}

/* A counter of somebody for whom no case stands must say 0. */
static enum store_rc
budget_row(struct look *k, const struct store_key *key, const void *record)
{
    uint64_t n;
    (void)record;
    enum store_rc rc = store_get_count(k->txn, STORE_BUDGETS, key, &n);
    if (rc != STORE_OK)
        return row_shut(k, STORE_BUDGETS, key, rc);
    if (key->bytes[0] != TABLE_SCOPE_OPEN || n == 0)
        return STORE_OK;
    for (size_t i = 0; i < k->loads_n; i++) {
        struct store_key open, last;
        table_load(k->store, k->loads[i].addr, &open, &last);
        if (open.len == key->len && memcmp(open.bytes, key->bytes, key->len) == 0)
            return STORE_OK;            /* compared in loads_compare() */
    }
    look_says(k, "load", CHECK_FAULT, true, "a counter of open cases says %llu of somebody who has none", (unsigned long long)n);
    return k->o->repair ? store_put_count(k->txn, STORE_BUDGETS, key, 0) : STORE_OK;
}

static enum store_rc
loads_compare(struct look *k)
{
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < k->loads_n && rc == STORE_OK; i++) {
        struct store_key open, last;
        uint64_t n;
        k->arena = arena_new(0);
        table_load(k->store, k->loads[i].addr, &open, &last);
        rc = store_get_count(k->txn, STORE_BUDGETS, &open, &n);
        if (rc == STORE_OK && n != k->loads[i].open) {
            look_says(k, "load", CHECK_FAULT, true, "somebody of staff has %llu open cases, the counter says %llu",
                      (unsigned long long)k->loads[i].open, (unsigned long long)n);
            if (k->o->repair)
                rc = store_put_count(k->txn, STORE_BUDGETS, &open, k->loads[i].open);
        } else if (rc == STORE_DAMAGED) {
            rc = STORE_OK;              /* said when its row came by */
        }
        arena_free(&k->arena);
    }
    return rc;
}

static enum store_rc
look_at_loads(struct look *k)
{
    enum store_rc rc = look_walk(k, "budgets", STORE_BUDGETS, NULL, budget_row);
    return rc == STORE_OK ? loads_compare(k) : rc;
}

/* ---- all of it */

static enum store_rc (*const looks[])(struct look *) = {
    look_at_meta, look_at_states, look_at_mails, look_at_letters, look_at_outbox, look_at_entries, look_at_cases, look_at_indexes,
    look_at_untold, look_at_ledger, look_at_messages, look_at_unsettled, look_at_loads,
};

static enum store_rc
look_begin(struct look *k, struct store *s, struct arena *a)
{
    enum store_rc rc = store_begin(s, NULL, k->o->repair, &k->txn);
    if (rc == STORE_OK)
        rc = store_meta_get(k->txn, a, &k->meta);
    if (rc != STORE_OK)
        return rc;
    k->settled_n = k->meta->next_letter;
    k->settled = calloc((size_t)k->settled_n + 1, sizeof *k->settled);
    bool room = bits_make(&k->placed, k->meta->next_case) && bits_make(&k->acked, k->meta->next_case) &&
                bits_make(&k->undone, k->meta->next_case) && bits_make(&k->told, k->meta->next_mail) && bits_make(&k->erased, k->meta->next_mail) && k->settled != NULL;
    return room ? STORE_OK : STORE_FULL;
}

static void
look_end(struct look *k)
{
    struct bits *const all[] = { &k->placed, &k->told, &k->acked, &k->undone, &k->erased };
    for (size_t i = 0; i < countof(all); i++)
        free(all[i]->v);
    free(k->settled);
    free(k->waiting);
    free(k->loads);
    store_abort(&k->txn);
}

enum store_rc
check_store(struct store *s, const struct check_options *o, struct check_counts *out)
{
    struct look k = { .o = o, .out = out, .store = s };
    struct arena *a = arena_new(0);
    memset(out, 0, sizeof *out);
    must(!o->repair || o->desk != NULL);
    enum store_rc rc = look_begin(&k, s, a);
    for (size_t i = 0; i < countof(looks) && rc == STORE_OK; i++)
        rc = looks[i](&k);
    if (rc == STORE_OK && o->repair)
        rc = store_commit(&k.txn);
    look_end(&k);
    arena_free(&a);
    return rc;
}
