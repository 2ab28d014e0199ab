/* SPDX-License-Identifier: ISC
 *
 * What the world does to a store: kill -9 at any moment, a full map, a full disk. What was acknowledged stays.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

/* Commits counters with rows beside them for ever, and tells each one that is durable. */
static void
writer(const char *path, int out)
{
    struct store *s = test_open(path);
    struct arena *a = arena_new(0);
    uint64_t n = test_get_count(s, STORE_BUDGETS, 0) + 1;
    Td__Entry *e = test_entry(a, 3000, false);

    for (;; n++) {
        struct store_txn *t = test_begin(s, NULL, true), *nested;
        struct store_key zero = test_key(0), k = test_key(n), old = test_key(n - 40);
        nested = test_begin(s, t, true);
        assert_int_equal(store_put(nested, STORE_ENTRIES, &k, store_slot_take(nested), e), STORE_OK);
        struct store_bulk *b = store_bulk_new(s, STORE_MAILS, n, store_slot_take(nested));
        assert_int_equal(store_bulk_write(b, nested, (const uint8_t *)e->text, n % 7 ? 3000 : 10, true), STORE_OK);
        store_bulk_free(&b);
        test_commit(&nested);
        assert_int_equal(store_put_count(t, STORE_BUDGETS, &zero, n), STORE_OK);
        if (n > 40)
            (void)store_delete(t, STORE_ENTRIES, &old);
        test_commit(&t);
        if (write(out, &n, sizeof n) != sizeof n)
            _exit(1);
    }
}

static int
count_bytes(void *u, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)u += len;
    return 0;
}

static void
killed(void **state)
{
    (void)state;
    struct test_dir d;
    uint64_t x = 7, told = 0, n;

    test_dir_make(&d);
    for (int turn = 0; turn < 20; turn++) {
        int p[2];
        assert_int_equal(pipe(p), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(p[0]);
            writer(d.path, p[1]);
        }
        close(p[1]);
        /* after some commits, at a moment within the next */
        for (uint64_t wait = 1 + test_next(&x) % 60; wait > 0 && read(p[0], &n, sizeof n) == sizeof n; wait--)
            told = n;
        nanosleep(&(struct timespec){ .tv_nsec = (long)(test_next(&x) % 500000) }, NULL);
        kill(pid, SIGKILL);
        while (read(p[0], &n, sizeof n) == sizeof n)
            told = n;
        assert_int_equal(test_child_wait(pid), 128 + SIGKILL);
        close(p[0]);
        struct store *s = test_open(d.path);
        struct arena *a = arena_new(0);
        uint64_t durable = test_get_count(s, STORE_BUDGETS, 0);
        assert_true(durable == told || durable == told + 1);
        struct store_txn *t = test_begin(s, NULL, false);
        Td__Meta *m;
        assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
        assert_int_equal(m->next_slot, 1 + 2 * durable);
        for (uint64_t i = durable > 40 ? durable - 39 : 1; i <= durable; i++) {
            struct store_key k = test_key(i);
            Td__Entry *e;
            size_t len = 0;
            assert_int_equal(store_get(t, STORE_ENTRIES, &k, a, &td__entry__descriptor, &e), STORE_OK);
            uint32_t chunks = 0;
            struct store_key chunk;
            struct store_cursor *c;
            assert_int_equal(store_cursor_open(t, STORE_MAILS, &k, NULL, false, &c), STORE_OK);
            while (store_cursor_next(c, &chunk))
                chunks++;
            store_cursor_close(&c);
            assert_int_equal(store_bulk_read(t, STORE_MAILS, i, chunks, count_bytes, &len), STORE_OK);
            assert_int_equal(len, i % 7 ? 3000 : 10);
        }
        struct store_key next = test_key(durable + 1);
        Td__Entry *none;
        assert_int_equal(store_get(t, STORE_ENTRIES, &next, a, &td__entry__descriptor, &none), STORE_NOTFOUND);
        store_abort(&t);
        arena_free(&a);
        store_close(&s);
    }
    assert_true(told > 100);
    test_dir_remove(&d);
}

/* Fills with rows of 64 KiB until the store says no; the rows that fit. */
static uint64_t
fill_up(struct store *s, uint64_t from, enum store_rc *rc)
{
    struct arena *a = arena_new(0);
    Td__Entry *e = test_entry(a, 65000, false);
    uint64_t n = from;

    for (*rc = STORE_OK; *rc == STORE_OK && n < from + 3000;) {
        struct store_txn *t = NULL, *nested = NULL;
        struct store_key k = test_key(n);
        *rc = store_begin(s, NULL, true, &t);
        if (*rc == STORE_OK)
            *rc = store_begin(s, t, true, &nested);
        if (*rc == STORE_OK)
            *rc = store_put(nested, STORE_ENTRIES, &k, store_slot_take(nested), e);
        if (*rc == STORE_OK)
            *rc = store_commit(&nested);
        store_abort(&nested);
        if (*rc == STORE_OK)
            *rc = store_commit(&t);
        store_abort(&t);
        n += *rc == STORE_OK;
    }
    arena_free(&a);
    return n;
}

static void
check_rows(struct store *s, uint64_t n)
{
    struct store_txn *t = test_begin(s, NULL, false);

    for (uint64_t i = 1; i < n; i++) {
        struct arena *a = arena_new(0);
        struct store_key k = test_key(i);
        Td__Entry *e;
        assert_int_equal(store_get(t, STORE_ENTRIES, &k, a, &td__entry__descriptor, &e), STORE_OK);
        arena_free(&a);
    }
    store_abort(&t);
}

static void
map_full(void **state)
{
    (void)state;
    struct test_dir d;
    struct store *s;
    char error[256];
    enum store_rc rc;

    test_dir_make(&d);
    struct store_options o = test_options(d.path);
    o.map_size = 4 << 20;
    assert_int_equal(store_open(&o, &s, error), STORE_OK);
    uint64_t n = fill_up(s, 1, &rc);
    assert_int_equal(rc, STORE_FULL);
    assert_true(n > 30 && n < 90);
    check_rows(s, n);
    /* the rest of a transaction that was full says the same, and so does its commit */
    struct arena *a = arena_new(0);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(900);
    Td__Entry *e = test_entry(a, 3 << 20, false);
    assert_int_equal(store_put(t, STORE_ENTRIES, &k, 0, e), STORE_FULL);
    assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, 1), STORE_FULL);
    assert_int_equal(store_commit(&t), STORE_FULL);
    assert_null(t);
    assert_int_equal(store_grow(s), STORE_OK);
    assert_int_equal(store_grow(s), STORE_FULL);        /* nobody has asked for more */
    uint64_t more = fill_up(s, n, &rc);
    assert_true(more > n + 30);
    check_rows(s, more);
    store_close(&s);
    /* opened again with the small size: it still opens, and grows again */
    assert_int_equal(store_open(&o, &s, error), STORE_OK);
    check_rows(s, more);
    fill_up(s, more, &rc);
    assert_int_equal(rc, STORE_FULL);
    assert_int_equal(store_grow(s), STORE_OK);
    assert_true(fill_up(s, more, &rc) > more);
    store_close(&s);
    test_dir_remove(&d);
    /* in memory as well */
    o.directory = NULL;
    assert_int_equal(store_open(&o, &s, error), STORE_OK);
    fill_up(s, 1, &rc);
    assert_int_equal(rc, STORE_FULL);
    assert_int_equal(store_grow(s), STORE_OK);
    assert_true(store_free_bytes(s) > 1ull << 39);
    store_close(&s);
    arena_free(&a);
}

static void
disk_full(void **state)
{
    (void)state;
    struct test_dir d;
    enum store_rc rc;

    test_dir_make(&d);
    /* in a name space of our own, so that no mount outlives a test that fails */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("tmpfs", d.path, "tmpfs", 0, "size=8m,mode=0700") != 0) {
        print_message("no small tmpfs can be mounted here (%s): a full disk is not tested\n", strerrordesc_np(errno));
        test_dir_remove(&d);
        skip();
    }
    struct store *s = test_open(d.path);
    assert_int_equal(store_slots_reserve(s, 2000), STORE_OK);
    uint64_t free_before = store_free_bytes(s);
    assert_true(free_before < 8 << 20 && free_before > 4 << 20);
    uint64_t n = fill_up(s, 1, &rc);
    assert_int_equal(rc, STORE_FULL);
    assert_true(n > 60);
    assert_int_equal(store_grow(s), STORE_FULL);        /* the map is not what lacks */
    assert_true(store_free_bytes(s) < 1 << 20);
    check_rows(s, n);
    /* slots need room too */
    assert_int_equal(store_slots_reserve(s, 100000), STORE_FULL);
    /* deleting works, and makes room; what was there stays, also after opening again */
    struct store_txn *t = test_begin(s, NULL, true);
    for (uint64_t i = n - 20; i < n; i++) {
        struct store_key k = test_key(i);
        assert_int_equal(store_delete(t, STORE_ENTRIES, &k), STORE_OK);
    }
    test_commit(&t);
    test_put_count(s, STORE_BUDGETS, 1, 42);
    test_put_count(s, STORE_BUDGETS, 1, 43);
    uint64_t again = fill_up(s, n - 20, &rc);
    assert_true(again > n - 20);
    check_rows(s, again);
    store_close(&s);
    s = test_open(d.path);
    check_rows(s, again);
    assert_int_equal(test_get_count(s, STORE_BUDGETS, 1), 43);
    store_close(&s);
    assert_int_equal(umount(d.path), 0);
    test_dir_remove(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(killed), cmocka_unit_test(map_full), cmocka_unit_test(disk_full) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
