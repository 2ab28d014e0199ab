/* SPDX-License-Identifier: ISC
 *
 * Rows of every table go in and come out, transactions nest, keys order, nothing lies readable on the disk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"

static const char *const secrets[] = { "anna.svensson@kund.example", "Skrivaren brinner", "c0ffee-77@mail.kund.example", "support-desk-name" };

static Td__Case *
make_case(struct arena *a, uint64_t id)
{
    Td__Case *c = schema_new(a, &td__case__descriptor);

    c->id = id;
    c->number = arena_strdup(a, "CAS-00001-9LGW");
    c->desk = arena_strdup(a, secrets[3]);
    c->state = TD__STATE__NEW;
    c->requester = schema_address(a, "Anna", secrets[0]);
    c->subject = arena_strdup(a, secrets[1]);
    c->priority = c->queue = arena_strdup(a, "normal");
    c->opened_at = -5;
    return c;
}

static void
every_table(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct store *s = test_open(NULL);

    for (int slotted = 0; slotted < 2; slotted++)
        for (enum store_table tab = 0; tab < STORE_TABLES; tab++) {
            struct store_txn *t = test_begin(s, NULL, true);
            struct store_key k = test_key(1000 + tab), none = test_key(5);
            uint64_t slot = slotted ? store_slot_take(t) : 0;
            Td__Case *c = make_case(a, tab), *back;
            assert_int_equal(store_put(t, tab, &k, slot, c), STORE_OK);
            assert_int_equal(store_get(t, tab, &k, a, &td__case__descriptor, &back), STORE_OK);
            assert_int_equal(back->id, tab);
            test_commit(&t);
            t = test_begin(s, NULL, false);
            assert_int_equal(store_get(t, tab, &k, a, &td__case__descriptor, &back), STORE_OK);
            assert_string_equal(back->requester->addr, secrets[0]);
            assert_int_equal(back->opened_at, -5);
            assert_int_equal(store_slot_of(t, tab, &k), slot);
            assert_int_equal(store_slot_of(t, tab, &none), 0);
            assert_int_equal(store_get(t, tab, &none, a, &td__case__descriptor, &back), STORE_NOTFOUND);
            assert_null(back);
            store_abort(&t);
            t = test_begin(s, NULL, true);
            assert_int_equal(store_delete(t, tab, &k), STORE_OK);
            assert_int_equal(store_delete(t, tab, &k), STORE_NOTFOUND);
            assert_int_equal(store_get(t, tab, &k, a, &td__case__descriptor, &back), STORE_NOTFOUND);
            test_commit(&t);
        }
    store_close(&s);
    arena_free(&a);
}

static void
sizes(void **state)
{
    (void)state;
    static const struct { const char *label; size_t len; bool dull; } rows[] = {
        { "empty", 0, true },           { "small", 10, true },        { "just under", 180, true },  { "just over", 230, true },
        { "dull page", 4096, true },    { "odd page", 4096, false },  { "inline edge", 1990, false }, { "64 KiB odd", 65536, false },
        { "1 MiB odd", 1 << 20, false }, { "15 MiB dull", 15 << 20, true },
    };
    struct arena *a = arena_new(0);
    struct store *s = test_open(NULL);
    struct store_txn *t = test_begin(s, NULL, true);

    for (size_t i = 0; i < countof(rows); i++) {
        struct store_key k = test_key(i);
        Td__Entry *e = test_entry(a, rows[i].len, rows[i].dull), *back;
        MDB_val v;
        assert_int_equal(store_put(t, STORE_ENTRIES, &k, 0, e), STORE_OK);
        assert_int_equal(store_get(t, STORE_ENTRIES, &k, a, &td__entry__descriptor, &back), STORE_OK);
        if (strcmp(back->text, e->text) != 0)
            fail_msg("%s: other text", rows[i].label);
        assert_int_equal(store_row_get(t, STORE_ENTRIES, &k, &v), STORE_OK);
        if (rows[i].dull && rows[i].len > 230 && v.mv_size > rows[i].len / 4)
            fail_msg("%s: not compressed", rows[i].label);
    }
    struct store_key k = test_key(99);
    assert_int_equal(store_put(t, STORE_ENTRIES, &k, 0, test_entry(a, 17 << 20, true)), STORE_REFUSED);
    test_commit(&t);
    store_close(&s);
    arena_free(&a);
}

static void
new_empty_count(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct store *s = test_open(NULL);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(1), k2 = test_key(2);
    Td__Case *back;
    bool existed;
    uint64_t n;

    assert_int_equal(store_put_new(t, STORE_LEDGER, &k, 0, make_case(a, 1), &existed), STORE_OK);
    assert_false(existed);
    assert_int_equal(store_put_new(t, STORE_LEDGER, &k, 0, make_case(a, 2), &existed), STORE_OK);
    assert_true(existed);
    assert_int_equal(store_get(t, STORE_LEDGER, &k, a, &td__case__descriptor, &back), STORE_OK);
    assert_int_equal(back->id, 1);
    assert_int_equal(store_put(t, STORE_LEDGER, &k, 0, make_case(a, 3)), STORE_OK);
    assert_int_equal(store_get(t, STORE_LEDGER, &k, a, &td__case__descriptor, &back), STORE_OK);
    assert_int_equal(back->id, 3);
    assert_int_equal(store_put_empty(t, STORE_BY_STATE, &k), STORE_OK);
    assert_int_equal(store_get_count(t, STORE_BUDGETS, &k, &n), STORE_OK);
    assert_int_equal(n, 0);
    assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, UINT64_MAX - 1), STORE_OK);
    assert_int_equal(store_get_count(t, STORE_BUDGETS, &k, &n), STORE_OK);
    assert_true(n == UINT64_MAX - 1);
    /* a count is no record and the other way round */
    assert_int_equal(store_put(t, STORE_BUDGETS, &k2, 0, make_case(a, 1)), STORE_OK);
    assert_int_equal(store_get_count(t, STORE_BUDGETS, &k2, &n), STORE_DAMAGED);
    assert_int_equal(store_get(t, STORE_BY_STATE, &k, a, &td__case__descriptor, &back), STORE_DAMAGED);
    test_commit(&t);
    store_close(&s);
    arena_free(&a);
}

static void
nested(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    struct store_txn *t = test_begin(s, NULL, true), *n, *m;
    struct store_key a = test_key(1), b = test_key(2), c = test_key(3);
    uint64_t v;

    assert_int_equal(store_slot_take(t), 1);
    assert_int_equal(store_put_count(t, STORE_BUDGETS, &a, 1), STORE_OK);
    n = test_begin(s, t, true);
    assert_int_equal(store_slot_take(n), 2);
    assert_int_equal(store_put_count(n, STORE_BUDGETS, &a, 2), STORE_OK);
    assert_int_equal(store_put_count(n, STORE_BUDGETS, &b, 2), STORE_OK);
    store_abort(&n);
    n = test_begin(s, t, true);
    assert_int_equal(store_slot_take(n), 2);
    assert_int_equal(store_get_count(n, STORE_BUDGETS, &a, &v), STORE_OK);
    assert_int_equal(v, 1);
    m = test_begin(s, n, true);
    assert_int_equal(store_slot_take(m), 3);
    assert_int_equal(store_put_count(m, STORE_BUDGETS, &c, 3), STORE_OK);
    test_commit(&m);
    test_commit(&n);
    test_commit(&t);
    assert_int_equal(test_get_count(s, STORE_BUDGETS, 1), 1);
    assert_int_equal(test_get_count(s, STORE_BUDGETS, 2), 0);
    assert_int_equal(test_get_count(s, STORE_BUDGETS, 3), 3);
    t = test_begin(s, NULL, true);
    assert_int_equal(store_slot_take(t), 4);
    store_abort(&t);
    store_abort(&t);
    store_close(&s);
}

static void
meta(void **state)
{
    (void)state;
    struct test_dir d;
    struct arena *a = arena_new(0);
    Td__Meta *m;
    uint8_t naming[32];

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    memcpy(naming, store_naming_key(s), 32);
    struct store_txn *t = test_begin(s, NULL, true);
    assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
    assert_int_equal(m->format, SCHEMA_FORMAT);
    assert_int_equal(m->next_case, 1);
    assert_int_equal(m->next_slot, 1);
    assert_true(m->clean);
    assert_memory_equal(m->naming_key.data, naming, 32);
    /* a record that core keeps while slots are taken beside it never turns the slots back */
    assert_int_equal(store_slot_take(t), 1);
    assert_int_equal(store_slot_take(t), 2);
    m->next_case = 77;
    m->naming_key.len = 0;
    assert_int_equal(store_meta_put(t, m), STORE_OK);
    assert_int_equal(store_slot_take(t), 3);
    test_commit(&t);
    store_close(&s);
    s = test_open(d.path);
    t = test_begin(s, NULL, true);
    assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
    assert_int_equal(m->next_case, 77);
    assert_int_equal(m->next_slot, 4);
    assert_memory_equal(store_naming_key(s), naming, 32);
    /* or core counts them itself */
    m->next_slot += 2;
    assert_int_equal(store_meta_put(t, m), STORE_OK);
    assert_int_equal(store_slot_take(t), 6);
    store_abort(&t);
    store_close(&s);
    test_dir_remove(&d);
    arena_free(&a);
}

static bool
file_has(const char *path, const char *needle)
{
    struct buf b = { 0 };
    assert_int_equal(file_read(path, 64u << 20, &b), 0);
    bool found = memmem(b.data, b.len, needle, strlen(needle)) != NULL;
    buf_free(&b);
    return found;
}

static void
sealed(void **state)
{
    (void)state;
    struct test_dir d;
    struct arena *a = arena_new(0);
    char path[128];

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    struct store_txn *t = test_begin(s, NULL, true);
    for (enum store_table tab = 0; tab < STORE_TABLES; tab++) {
        struct store_key k;
        store_key_start(&k);
        store_key_u8(&k, 16);
        store_key_word(s, &k, secrets[3]);
        store_key_hash(s, &k, secrets[2]);
        store_key_hash(s, &k, secrets[0]);
        assert_int_equal(store_put(t, tab, &k, store_slot_take(t), make_case(a, 1)), STORE_OK);
    }
    struct store_bulk *b = store_bulk_new(s, STORE_MAILS, 9, store_slot_take(t));
    assert_int_equal(store_bulk_write(b, t, (const uint8_t *)secrets[1], strlen(secrets[1]), true), STORE_OK);
    store_bulk_free(&b);
    test_commit(&t);
    static const char *const files[] = { "data.mdb", "keys", "lock.mdb" };
    for (size_t f = 0; f < countof(files); f++)
        for (size_t i = 0; i < countof(secrets); i++) {
            test_path(&d, files[f], path);
            if (file_has(path, secrets[i]))
                fail_msg("%s lies readable in %s", secrets[i], files[f]);
        }
    /* what the test looks for it would find: the names of the tables */
    test_path(&d, "data.mdb", path);
    assert_true(file_has(path, "by-message"));
    store_close(&s);
    test_dir_remove(&d);
    arena_free(&a);
}

static void
keys(void **state)
{
    (void)state;
    static const int64_t order[] = { INT64_MIN, -1773136800, -1, 0, 1, 1773136800, INT64_MAX };
    struct store *s = test_open(NULL), *other;
    struct store_key a, b;

    for (size_t i = 0; i + 1 < countof(order); i++) {
        store_key_start(&a), store_key_start(&b);
        store_key_i64(&a, order[i]), store_key_i64(&b, order[i + 1]);
        assert_true(memcmp(a.bytes, b.bytes, 8) < 0);
        assert_true(store_key_read_i64(&a, 0) == order[i]);
    }
    store_key_start(&a);
    store_key_u8(&a, 1), store_key_u32(&a, 0x01020304), store_key_u64(&a, 0x0506070809), store_key_word(s, &a, "helpdesk");
    assert_int_equal(a.len, 1 + 4 + 8 + 8);
    assert_memory_equal(a.bytes, "\1\1\2\3\4\0\0\0\5\6\7\10\11", 13);
    assert_int_equal(store_key_read_u64(&a, 5), 0x0506070809);
    store_key_start(&a), store_key_start(&b);
    store_key_hash(s, &a, "x@y"), store_key_hash(s, &b, "x@y");
    assert_int_equal(a.len, 16);
    assert_memory_equal(a.bytes, b.bytes, 16);
    store_key_start(&b);
    store_key_word(s, &b, "x@y");
    assert_memory_not_equal(a.bytes, b.bytes, 8);

    /* another naming key, other hashes */
    uint8_t naming[32] = { 1 };
    struct store_options o = test_options(NULL);
    char error[256];
    o.naming_key = naming;
    assert_int_equal(store_open(&o, &other, error), STORE_OK);
    assert_memory_equal(store_naming_key(other), naming, 32);
    store_key_start(&b);
    store_key_hash(other, &b, "x@y");
    assert_memory_not_equal(a.bytes, b.bytes, 16);
    store_close(&other);
    store_close(&s);
    store_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table), cmocka_unit_test(sizes), cmocka_unit_test(new_empty_count), cmocka_unit_test(nested),
        cmocka_unit_test(meta),        cmocka_unit_test(sealed), cmocka_unit_test(keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
