/* SPDX-License-Identifier: ISC
 *
 * The check: a store that the engine wrote is clean; each kind of damage, made by hand, is found under its rule; a repair
 * puts right what can be told from the cases, and the store is then row by row what it was before.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_world.h"

#include <lmdb.h>

/* Two cases, a reply, a duplicate, a mail without an answer, letters sent and waiting. */
static struct world *
world_busy(void)
{
    struct world *w = world_new(false, "");
    world_send(w, "ann@customer.example", "1@customer.example", "the first case", 1);
    world_send(w, "ann@customer.example", "1@customer.example", "the first case", 2);
    world_letters(w, true);
    world_send(w, "bob@else.example", "2@else.example", "the second case", 0);
    world_letters(w, false);
    return w;
}

/* ---- what all rows of a table are, as one number */

static uint64_t
table_digest(struct world *w, enum store_table tab)
{
    struct store_txn *t;
    struct store_cursor *c;
    struct store_key k;
    crypto_generichash_state h;
    uint8_t sum[32];
    crypto_generichash_init(&h, NULL, 0, sizeof sum);
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    assert_int_equal(store_cursor_open(t, tab, NULL, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        crypto_generichash_update(&h, k.bytes, k.len);
        if (tab == STORE_BUDGETS) {
            uint64_t n;
            assert_int_equal(store_get_count(t, tab, &k, &n), STORE_OK);
            crypto_generichash_update(&h, (uint8_t *)&n, sizeof n);
        }
    }
    crypto_generichash_final(&h, sum, sizeof sum);
    store_cursor_close(&c);
    store_abort(&t);
    return be64_get(sum);
}

/* ---- damage */

static struct store_key
first_key(struct store_txn *t, enum store_table tab)
{
    struct store_cursor *c;
    struct store_key k;
    assert_int_equal(store_cursor_open(t, tab, NULL, NULL, false, &c), STORE_OK);
    assert_true(store_cursor_next(c, &k));
    store_cursor_close(&c);
    return k;
}

static void
drop_first(struct store_txn *t, struct world *w, enum store_table tab)
{
    (void)w;
    struct store_key k = first_key(t, tab);
    assert_int_equal(store_delete(t, tab, &k), STORE_OK);
}

static void
drop_last_entry(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key k;
    (void)w;
    (void)tab;
    table_entry(&k, 1, 1);
    assert_int_equal(store_delete(t, STORE_ENTRIES, &k), STORE_OK);
}

static void
drop_case(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key k;
    (void)w;
    (void)tab;
    table_case(&k, 2);
    assert_int_equal(store_delete(t, STORE_CASES, &k), STORE_OK);
}

static void
drop_chunk(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key k;
    (void)w;
    table_mail(&k, 1, 1);
    assert_int_equal(store_delete(t, tab, &k), STORE_OK);
}

static void
drop_record(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key k;
    (void)w;
    table_mail(&k, 1, 0);
    assert_int_equal(store_delete(t, tab, &k), STORE_OK);
}

static void
extra_sender(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key k;
    table_sender(w->store, &k, "support", "nobody@else.example", 1);
    assert_int_equal(store_put_empty(t, tab, &k), STORE_OK);
}

static void
extra_timer(struct store_txn *t, struct world *w, enum store_table tab)
{
    Td__Timer row = TD__TIMER__INIT;
    struct store_key k;
    row.clock = (char *)"respond";
    table_timer(w->store, &k, NOW + 5, 1, "respond", 3);
    assert_int_equal(store_put(t, tab, &k, 0, &row), STORE_OK);
}

/* Three that say nothing that can be, and one that is well. */
static void
odd_revocations(struct store_txn *t, struct world *w, enum store_table tab)
{
    Td__Revoked nothing = TD__REVOKED__INIT, never = TD__REVOKED__INIT, half = TD__REVOKED__INIT, well = TD__REVOKED__INIT;
    Td__Revoked *v[] = { &nothing, &never, &well, &half };
    Td__Revocations all = TD__REVOCATIONS__INIT;
    uint8_t bytes[3] = { 0 };
    struct store_key k;
    (void)w;
    nothing.by = never.by = half.by = well.by = (char *)"test";
    never.has_case_id = well.has_case_id = half.has_token = true;
    never.case_id = 1000000;
    well.case_id = 1;
    half.token = (ProtobufCBinaryData){ sizeof bytes, bytes };
    all.rows = v;
    all.n_rows = countof(v);
    table_revoked(&k);
    assert_int_equal(store_put(t, tab, &k, 0, &all), STORE_OK);
}

static void
wrong_queue(struct store_txn *t, struct world *w, enum store_table tab)
{
    Td__Case c = TD__CASE__INIT;
    struct store_key k;
    c.desk = (char *)"support";
    c.queue = (char *)"elsewhere";
    c.state = TD__STATE__NEW;
    c.opened_at = NOW;
    c.id = 1;
    table_state(w->store, &k, &c, 1);
    assert_int_equal(store_put_empty(t, tab, &k), STORE_OK);
}

static void
wrong_load(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key open, last;
    table_load(w->store, "liz@example.com", &open, &last);
    assert_int_equal(store_put_count(t, tab, &open, 17), STORE_OK);
}

static void
stale_load(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct store_key open, last;
    table_load(w->store, "gone@example.com", &open, &last);
    assert_int_equal(store_put_count(t, tab, &open, 2), STORE_OK);
}

/* The same recipient of the same letter, once more, at another time. */
static void
twice_waiting(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__Outgoing *row;
    struct store_key k = first_key(t, tab);
    int64_t at;
    uint64_t letter;
    uint32_t recipient;
    (void)w;
    assert_int_equal(store_get(t, tab, &k, a, &td__outgoing__descriptor, &row), STORE_OK);
    table_outbox_read(&k, &at, &letter, &recipient);
    table_outbox(&k, at + 60, letter, recipient);
    assert_int_equal(store_put(t, tab, &k, 0, row), STORE_OK);
    arena_free(&a);
}

static void
no_letter(struct store_txn *t, struct world *w, enum store_table tab)
{
    Td__Outgoing row = TD__OUTGOING__INIT;
    struct store_key k;
    (void)w;
    row.since_at = NOW;
    row.recipient = (char *)"ann@customer.example";
    table_outbox(&k, NOW, 99, 0);
    assert_int_equal(store_put(t, tab, &k, 0, &row), STORE_OK);
}

static void
for_ever(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__Outgoing *row;
    struct store_key k = first_key(t, tab), later;
    int64_t at;
    uint64_t letter;
    uint32_t recipient;
    (void)w;
    assert_int_equal(store_get(t, tab, &k, a, &td__outgoing__descriptor, &row), STORE_OK);
    table_outbox_read(&k, &at, &letter, &recipient);
    table_outbox(&later, at + 86400 * 400, letter, recipient);
    assert_int_equal(store_delete(t, tab, &k), STORE_OK);
    assert_int_equal(store_put(t, tab, &later, 0, row), STORE_OK);
    arena_free(&a);
}

static void
mail_elsewhere(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__MailRecord *m;
    struct store_key k;
    (void)w;
    table_mail(&k, 1, 0);
    uint64_t slot = store_slot_of(t, tab, &k);
    assert_int_equal(store_get(t, tab, &k, a, &td__mail_record__descriptor, &m), STORE_OK);
    m->case_id = 2;
    assert_int_equal(store_put(t, tab, &k, slot, m), STORE_OK);
    arena_free(&a);
}

static void
foreign_slot(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__Entry *e;
    struct store_key k;
    (void)w;
    table_entry(&k, 1, 0);
    assert_int_equal(store_get(t, tab, &k, a, &td__entry__descriptor, &e), STORE_OK);
    assert_int_equal(store_put(t, tab, &k, 0, e), STORE_OK);
    arena_free(&a);
}

static void
never_given(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__Meta *m;
    (void)w;
    (void)tab;
    assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
    m->next_mail = 2;
    assert_int_equal(store_meta_put(t, m), STORE_OK);
    arena_free(&a);
}

static void
second_ack(struct store_txn *t, struct world *w, enum store_table tab)
{
    struct arena *a = arena_new(0);
    Td__Letter *l;
    struct store_key k;
    (void)w;
    table_letter(&k, 1, 0);
    uint64_t slot = store_slot_of(t, tab, &k);
    assert_int_equal(store_get(t, tab, &k, a, &td__letter__descriptor, &l), STORE_OK);
    Td__Letter copy = *l;
    copy.id = 4000;
    copy.has_size = false;
    table_letter(&k, copy.id, 0);
    assert_int_equal(store_put(t, tab, &k, slot, &copy), STORE_OK);
    arena_free(&a);
}

static const struct {
    const char *label;
    void (*damage)(struct store_txn *t, struct world *w, enum store_table tab);
    enum store_table tab;
    const char *rule;
    bool mended;                        /* the tables of indexes and counters are afterwards as before */
} rows[] = {
    { "a case in no list", drop_first, STORE_BY_STATE, "state: ", true },
    { "a case in two lists", wrong_queue, STORE_BY_STATE, "state: ", true },
    { "a case that its sender's list lacks", drop_first, STORE_BY_SENDER, "sender: ", true },
    { "a sender's row of no case", extra_sender, STORE_BY_SENDER, "sender: ", true },
    { "a clock that would never ring", drop_first, STORE_TIMERS, "timer: ", true },
    { "a clock that nobody set", extra_timer, STORE_TIMERS, "timer: ", true },
    { "a mail whose copy would not be known", drop_first, STORE_BY_MESSAGE, "message: ", true },
    { "a counter of cases that is wrong", wrong_load, STORE_BUDGETS, "load: ", true },
    { "a counter of somebody without cases", stale_load, STORE_BUDGETS, "load: ", false },
    { "a mail without a fate", drop_first, STORE_LEDGER, "ledger: ", true },
    { "an outbox row of no letter", no_letter, STORE_OUTBOX, "outbox: ", true },
    { "a letter that would go out twice", twice_waiting, STORE_OUTBOX, "letter: ", false },
    { "a letter that is lost", drop_first, STORE_OUTBOX, "letter: ", false },
    { "a letter that waits for ever", for_ever, STORE_OUTBOX, "outbox: ", false },
    { "a second acknowledgement", second_ack, STORE_LETTERS, "letter: ", false },
    { "an entry that is gone", drop_last_entry, STORE_ENTRIES, "journal: ", false },
    { "a case that is gone", drop_case, STORE_CASES, "case: ", false },
    { "a piece of a mail that is gone", drop_chunk, STORE_MAILS, "chunk: ", false },
    { "a mail's record that is gone", drop_record, STORE_MAILS, "chunk: ", false },
    { "a mail in two cases", mail_elsewhere, STORE_MAILS, "mail: ", false },
    { "an entry that erasing would miss", foreign_slot, STORE_ENTRIES, "slot: ", false },
    { "a number that was never given", never_given, STORE_MAILS, "number: ", false },
    { "revocations of nothing", odd_revocations, STORE_META, "revoked: ", true },
};

static const enum store_table indexes[] = { STORE_BY_STATE, STORE_BY_SENDER, STORE_TIMERS, STORE_BY_MESSAGE, STORE_LEDGER, STORE_OUTBOX, STORE_BUDGETS };

static void
damage_is_found_and_mended(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct world *w = world_busy();
        struct world_findings all;
        struct check_counts n;
        struct store_txn *t;
        uint64_t before[countof(indexes)];
        world_is_clean(w);
        for (size_t x = 0; x < countof(indexes); x++)
            before[x] = table_digest(w, indexes[x]);
        assert_int_equal(store_begin(w->store, NULL, true, &t), STORE_OK);
        rows[i].damage(t, w, rows[i].tab);
        assert_int_equal(store_commit(&t), STORE_OK);
        assert_int_equal(world_check(w, false, &n, &all), STORE_OK);
        if (strstr(all.text, rows[i].rule) == NULL)
            fail_msg("%s: not found; found:\n%s", rows[i].label, all.text);
        assert_int_equal(world_check(w, true, &n, &all), STORE_OK);
        if ((n.mended == n.faults) != (rows[i].mended || rows[i].damage == stale_load))
            fail_msg("%s: %llu of %llu mended:\n%s", rows[i].label, (unsigned long long)n.mended, (unsigned long long)n.faults, all.text);
        for (size_t x = 0; x < countof(indexes) && rows[i].mended; x++)
            if (table_digest(w, indexes[x]) != before[x])
                fail_msg("%s: %s is not what it was", rows[i].label, store_table_name(indexes[x]));
        if (n.mended == n.faults)
            world_is_clean(w);
        engine_free(&w->engine);
        world_free(w);
    }
}

/* A repair of a store that lacks every index at once. */
static void
all_indexes_from_the_cases(void **state)
{
    static const enum store_table lost[] = { STORE_BY_STATE, STORE_BY_SENDER, STORE_TIMERS, STORE_BY_MESSAGE };
    struct world *w = world_busy();
    struct world_findings all;
    struct check_counts n;
    struct store_txn *t;
    struct store_cursor *c;
    struct store_key k;
    uint64_t before[countof(lost)], mails = table_digest(w, STORE_MAILS);
    (void)state;
    for (size_t x = 0; x < countof(lost); x++)
        before[x] = table_digest(w, lost[x]);
    assert_int_equal(store_begin(w->store, NULL, true, &t), STORE_OK);
    for (size_t x = 0; x < countof(lost); x++) {
        assert_int_equal(store_cursor_open(t, lost[x], NULL, NULL, false, &c), STORE_OK);
        while (store_cursor_next(c, &k))
            assert_int_equal(store_delete(t, lost[x], &k), STORE_OK);
        store_cursor_close(&c);
    }
    assert_int_equal(store_commit(&t), STORE_OK);
    assert_int_equal(world_check(w, true, &n, &all), STORE_OK);
    assert_true(n.faults >= 6 && n.mended == n.faults);
    for (size_t x = 0; x < countof(lost); x++)
        assert_true(table_digest(w, lost[x]) == before[x]);
    assert_true(table_digest(w, STORE_MAILS) == mails);
    world_is_clean(w);
    world_free(w);
}

/* ---- one bit of one value, in every table */

static void
value_flip(const char *folder, enum store_table tab, bool last)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cur;
    MDB_val k, v;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, STORE_TABLES), 0);
    assert_int_equal(mdb_env_set_mapsize(env, 256u << 20), 0);
    assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, store_table_name(tab), 0, &dbi), 0);
    assert_int_equal(mdb_cursor_open(txn, dbi, &cur), 0);
    assert_int_equal(mdb_cursor_get(cur, &k, &v, last ? MDB_LAST : MDB_FIRST), 0);
    assert_true(v.mv_size > 0);
    uint8_t *copy = malloc(v.mv_size);
    memcpy(copy, v.mv_data, v.mv_size);
    copy[v.mv_size - 1] ^= 0x10;
    MDB_val changed = { v.mv_size, copy };
    assert_int_equal(mdb_cursor_put(cur, &k, &changed, MDB_CURRENT), 0);
    mdb_cursor_close(cur);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    free(copy);
}

static void
a_flipped_bit_in_any_table_is_found(void **state)
{
    static const enum store_table sealed[] = { STORE_CASES, STORE_ENTRIES, STORE_MAILS, STORE_LEDGER, STORE_BY_MESSAGE, STORE_TIMERS, STORE_LETTERS,
                                               STORE_OUTBOX, STORE_BUDGETS };
    (void)state;
    for (size_t i = 0; i < countof(sealed) * 2; i++) {
        enum store_table tab = sealed[i / 2];
        struct world *w = world_new(true, "");
        struct world_findings all;
        struct check_counts n;
        world_send(w, "ann@customer.example", "1@customer.example", "the first case", 1);
        world_send(w, "bob@else.example", "2@else.example", "the second case", 0);
        world_close(w);
        value_flip(w->folder, tab, i % 2 != 0);
        struct store_options o = { .directory = w->folder, .map_size = 256u << 20, .random = world_chance, .random_u = &w->chance };
        struct buf errors = { 0 };
        char error[256];
        memcpy(o.master_key, w->master, sizeof o.master_key);
        assert_int_equal(store_open(&o, &w->store, error), STORE_OK);
        w->desk = desk_new(w->conf, store_naming_key(w->store), &errors);
        assert_int_equal(world_check(w, false, &n, &all), STORE_OK);
        if (n.faults == 0 || (strstr(all.text, "sealed: ") == NULL && strstr(all.text, "chunk: ") == NULL && strstr(all.text, "timer: ") == NULL))
            fail_msg("%s, %s value: %s", store_table_name(tab), i % 2 ? "last" : "first", all.text);
        world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_found_and_mended),
        cmocka_unit_test(all_indexes_from_the_cases),
        cmocka_unit_test(a_flipped_bit_in_any_table_is_found),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
