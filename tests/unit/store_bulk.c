/* SPDX-License-Identifier: ISC
 *
 * Bulk of every size: in, out, in whole pages, repeated after an abort, swept when nobody claimed it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"

static int
collect(void *u, const uint8_t *bytes, size_t len)
{
    buf_add(u, bytes, len);
    return 0;
}

static int
first_only(void *u, const uint8_t *bytes, size_t len)
{
    buf_add(u, bytes, len);
    return 1;
}

static uint8_t *
fill(size_t len, bool dull)
{
    uint64_t x = 42;
    uint8_t *p = mem_alloc(len + 1);

    for (size_t i = 0; i < len; i++)
        p[i] = dull ? (uint8_t)"Received: from mx.example.com\r\n"[i % 31] : (uint8_t)(test_next(&x) >> 24);
    return p;
}

static uint64_t
used_pages(struct store *s)
{
    MDB_stat st;
    struct store_txn *t = test_begin(s, NULL, false);
    assert_int_equal(mdb_stat(t->txn, s->dbi[STORE_MAILS], &st), 0);
    store_abort(&t);
    return st.ms_overflow_pages + st.ms_leaf_pages + st.ms_branch_pages;
}

static void
sizes(void **state)
{
    (void)state;
    static const size_t lens[] = { 0, 1, 1900, 1999, 2000, 2048, 4000, 4080, 4096, 8192, 12288, 65535, 65536, 65537, 130000, 1 << 20, 5 << 20 };

    for (int dull = 0; dull < 2; dull++)
        for (size_t i = 0; i < countof(lens); i++)
            for (uint64_t slotted = 0; slotted < 2; slotted++) {
                struct store *s = test_open(NULL);
                struct buf back = { 0 };
                uint8_t *bytes = fill(lens[i], dull);
                uint64_t before = used_pages(s);
                struct store_txn *t = test_begin(s, NULL, true);
                struct store_bulk *b = store_bulk_new(s, STORE_MAILS, 7, slotted ? store_slot_take(t) : 0);
                assert_int_equal(store_bulk_write(b, t, bytes, lens[i], lens[i] % 2 == 0), STORE_OK);
                if (lens[i] % 2)
                    assert_int_equal(store_bulk_write(b, t, NULL, 0, true), STORE_OK);
                uint32_t chunks = store_bulk_chunks(b);
                store_bulk_free(&b);
                test_commit(&t);
                assert_true(chunks >= 1);
                t = test_begin(s, NULL, false);
                assert_int_equal(store_bulk_read(t, STORE_MAILS, 7, chunks, collect, &back), STORE_OK);
                assert_int_equal(back.len, lens[i]);
                if (lens[i])
                    assert_memory_equal(back.data, bytes, back.len);
                /* one too many, one too few, another id */
                assert_int_equal(store_bulk_read(t, STORE_MAILS, 7, chunks + 1, collect, &back), STORE_DAMAGED);
                if (chunks > 1)
                    assert_int_equal(store_bulk_read(t, STORE_MAILS, 7, chunks - 1, collect, &back), STORE_DAMAGED);
                assert_int_equal(store_bulk_read(t, STORE_MAILS, 8, chunks, collect, &back), STORE_DAMAGED);
                buf_clear(&back);
                assert_int_equal(store_bulk_read(t, STORE_MAILS, 7, chunks, first_only, &back), STORE_OK);
                store_abort(&t);
                /* a mail of 12 KiB is one or two puts, and nothing wastes more than half a page at its end */
                if (lens[i] == 12288)
                    assert_true(chunks <= 2);
                uint64_t pages = used_pages(s) - before;
                size_t stored = dull ? 400 : lens[i];
                if (pages > (stored + chunks * 80) / 4080 + 2 + chunks / 400)
                    fail_msg("%zu bytes take %llu pages in %u chunks", lens[i], (unsigned long long)pages, chunks);
                free(bytes);
                buf_free(&back);
                store_close(&s);
            }
}

static int
read_row(void *u, const uint8_t *bytes, size_t len)
{
    (void)bytes, (void)len;
    struct store_txn *t = u;
    struct store_key k = test_key(1);
    uint64_t n;
    assert_int_equal(store_get_count(t, STORE_BUDGETS, &k, &n), STORE_OK);
    assert_int_equal(n, 5);
    return 0;
}

/* Who takes bytes may read rows meanwhile. */
static void
take_reads(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    uint8_t *bytes = fill(1 << 20, false);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(1);

    assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, 5), STORE_OK);
    struct store_bulk *b = store_bulk_new(s, STORE_LETTERS, 1, 0);
    assert_int_equal(store_bulk_write(b, t, bytes, 1 << 20, true), STORE_OK);
    assert_int_equal(store_bulk_read(t, STORE_LETTERS, 1, store_bulk_chunks(b), read_row, t), STORE_OK);
    store_bulk_free(&b);
    store_abort(&t);
    free(bytes);
    store_close(&s);
}

/* A write that was aborted, or an outer transaction of it, has not happened. */
static void
repeated(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    size_t len = 3 * (size_t)STORE_BULK_STEP + 12345, at = 0;
    uint8_t *bytes = fill(len, false);
    struct buf back = { 0 };
    struct store_txn *t, *n;
    struct store_bulk *b = store_bulk_new(s, STORE_MAILS, 3, 0);

    t = test_begin(s, NULL, true);
    assert_int_equal(store_bulk_note(t, STORE_MAILS, 3), STORE_OK);
    assert_int_equal(store_bulk_write(b, t, bytes, STORE_BULK_STEP, false), STORE_OK);
    test_commit(&t);
    at += STORE_BULK_STEP;
    uint32_t chunks = store_bulk_chunks(b);
    for (int turn = 0; turn < 3; turn++) {
        t = test_begin(s, NULL, true);
        n = test_begin(s, t, true);
        assert_int_equal(store_bulk_write(b, n, bytes + at, STORE_BULK_STEP, false), STORE_OK);
        assert_true(store_bulk_chunks(b) > chunks);
        if (turn == 0) {
            store_abort(&n);
            assert_int_equal(store_bulk_chunks(b), chunks);
        } else {
            test_commit(&n);
        }
        if (turn == 2) {
            test_commit(&t);
            at += STORE_BULK_STEP;
        }
        store_abort(&t);
        if (turn < 2)
            assert_int_equal(store_bulk_chunks(b), chunks);
    }
    chunks = store_bulk_chunks(b);
    for (int turn = 0; turn < 2; turn++) {
        t = test_begin(s, NULL, true);
        n = test_begin(s, t, true);
        assert_int_equal(store_bulk_write(b, n, bytes + at, STORE_BULK_STEP, false), STORE_OK);
        assert_int_equal(store_bulk_write(b, n, bytes + at + STORE_BULK_STEP, len - at - STORE_BULK_STEP, true), STORE_OK);
        assert_int_equal(store_bulk_claim(n, STORE_MAILS, 3), STORE_OK);
        assert_int_equal(store_bulk_claim(n, STORE_MAILS, 3), STORE_NOTFOUND);
        test_commit(&n);
        if (turn)
            test_commit(&t);
        store_abort(&t);
        if (!turn)
            assert_int_equal(store_bulk_chunks(b), chunks);
    }
    t = test_begin(s, NULL, false);
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 3, store_bulk_chunks(b), collect, &back), STORE_OK);
    assert_int_equal(back.len, len);
    assert_memory_equal(back.data, bytes, len);
    store_abort(&t);
    /* given up inside a transaction that is then aborted */
    t = test_begin(s, NULL, true);
    n = test_begin(s, t, true);
    assert_int_equal(store_bulk_write(b, n, bytes, 10, true), STORE_OK);
    store_bulk_free(&b);
    store_bulk_free(&b);
    test_commit(&n);
    store_abort(&t);
    buf_free(&back);
    free(bytes);
    store_close(&s);
}

static uint64_t
rows_of(struct store *s, enum store_table tab, uint64_t id)
{
    struct store_txn *t = test_begin(s, NULL, false);
    struct store_key prefix = test_key(id), k;
    struct store_cursor *c;
    uint64_t n = 0;

    assert_int_equal(store_cursor_open(t, tab, &prefix, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k))
        n++;
    assert_int_equal(store_cursor_rc(c), STORE_OK);
    store_cursor_close(&c);
    store_abort(&t);
    return n;
}

static void
swept(void **state)
{
    (void)state;
    struct test_dir d;
    size_t len = 9u << 20;
    uint8_t *bytes = fill(len, false);
    unsigned n;

    for (int by_kill = 0; by_kill < 2; by_kill++) {
        test_dir_make(&d);
        pid_t pid = fork();
        if (pid == 0) {
            struct store *s = test_open(d.path);
            for (uint64_t id = 1; id <= 4; id++)
                for (int step = 0; step < 2; step++) {
                    static struct store_bulk *b;
                    struct store_txn *t = test_begin(s, NULL, true);
                    if (step == 0) {
                        b = store_bulk_new(s, id % 2 ? STORE_MAILS : STORE_LETTERS, id, store_slot_take(t));
                        assert_int_equal(store_bulk_note(t, id % 2 ? STORE_MAILS : STORE_LETTERS, id), STORE_OK);
                    }
                    assert_int_equal(store_bulk_write(b, t, bytes + (size_t)step * len / 2, len / 2, step == 1), STORE_OK);
                    if (step == 1 && id > 2)
                        assert_int_equal(store_bulk_claim(t, id % 2 ? STORE_MAILS : STORE_LETTERS, id), STORE_OK);
                    test_commit(&t);
                    if (step)
                        store_bulk_free(&b);
                }
            if (!by_kill)
                store_close(&s);
            _exit(0);
        }
        assert_int_equal(test_child_wait(pid), 0);
        struct store *s = test_open(d.path);
        uint64_t kept = rows_of(s, STORE_MAILS, 3);
        assert_true(kept > 100);
        assert_int_equal(rows_of(s, STORE_MAILS, 1), kept);
        assert_int_equal(store_bulk_sweep(s, &n), STORE_OK);
        assert_int_equal(n, 2);
        assert_int_equal(rows_of(s, STORE_MAILS, 1), 0);
        assert_int_equal(rows_of(s, STORE_LETTERS, 2), 0);
        assert_int_equal(rows_of(s, STORE_MAILS, 3), kept);
        assert_int_equal(rows_of(s, STORE_LETTERS, 4), kept);
        assert_int_equal(store_bulk_sweep(s, &n), STORE_OK);
        assert_int_equal(n, 0);
        struct store_txn *t = test_begin(s, NULL, true);
        assert_int_equal(store_bulk_claim(t, STORE_MAILS, 1), STORE_NOTFOUND);
        store_abort(&t);
        store_close(&s);
        test_dir_remove(&d);
    }
    free(bytes);
}

/* Two chunks that changed places, and a chunk where a record should be. */
static void
shuffled(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    uint8_t *bytes = fill(300000, false);
    struct buf one = { 0 }, two = { 0 }, back = { 0 };
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_bulk *b = store_bulk_new(s, STORE_MAILS, 1, 0);
    struct store_key k1 = test_key(1), k2 = test_key(1);
    MDB_val v;

    assert_int_equal(store_bulk_write(b, t, bytes, 300000, true), STORE_OK);
    store_key_u32(&k1, 1), store_key_u32(&k2, 2);
    assert_int_equal(store_row_get(t, STORE_MAILS, &k1, &v), STORE_OK);
    buf_add(&one, v.mv_data, v.mv_size);
    assert_int_equal(store_row_get(t, STORE_MAILS, &k2, &v), STORE_OK);
    buf_add(&two, v.mv_data, v.mv_size);
    assert_int_equal(one.len, 16 * 4096 - 16);
    assert_int_equal(two.len, 16 * 4096 - 16);
    struct arena *a = arena_new(0);
    Td__MailRecord *m;
    assert_int_equal(store_get(t, STORE_MAILS, &k1, a, &td__mail_record__descriptor, &m), STORE_DAMAGED);
    MDB_val mk = { k1.len, k1.bytes };
    v = (MDB_val){ two.len, two.data };
    assert_int_equal(mdb_put(t->txn, s->dbi[STORE_MAILS], &mk, &v, 0), 0);
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 1, store_bulk_chunks(b), collect, &back), STORE_DAMAGED);
    /* the first of two writes, with the mark of a last one */
    struct store_bulk *two_writes = store_bulk_new(s, STORE_MAILS, 2, 0);
    assert_int_equal(store_bulk_write(two_writes, t, bytes, 100, false), STORE_OK);
    assert_int_equal(store_bulk_write(two_writes, t, bytes, 100, true), STORE_OK);
    assert_int_equal(store_bulk_chunks(two_writes), 2);
    store_bulk_free(&two_writes);
    k2 = test_key(2);
    store_key_u32(&k2, 1);
    assert_int_equal(store_row_get(t, STORE_MAILS, &k2, &v), STORE_OK);
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 2, 1, collect, &back), STORE_DAMAGED);
    ((uint8_t *)v.mv_data)[0] |= SEAL_LAST;
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 2, 1, collect, &back), STORE_DAMAGED);
    /* a record where a chunk should be */
    assert_int_equal(store_put_count(t, STORE_MAILS, &k1, 5), STORE_OK);
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 1, store_bulk_chunks(b), collect, &back), STORE_DAMAGED);
    store_bulk_free(&b);
    store_abort(&t);
    buf_free(&one), buf_free(&two), buf_free(&back);
    free(bytes);
    arena_free(&a);
    store_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes), cmocka_unit_test(take_reads), cmocka_unit_test(repeated),
        cmocka_unit_test(swept), cmocka_unit_test(shuffled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
