/* SPDX-License-Identifier: ISC
 *
 * Rotation of the master key: everything reads at every step, the old key opens nothing afterwards, what was erased stays so,
 * a crash at any step leaves a store that opens under one of the two keys and ends its work.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_help.h"

#define ROWS 300
#define ERASED 7

static enum store_rc
open_with(const char *directory, uint8_t key, const uint8_t *previous, struct store **out)
{
    struct store_options o = test_options(directory);
    char error[256];

    memset(o.master_key, key, sizeof o.master_key);
    o.previous_key = previous;
    return store_open(&o, out, error);
}

static void
fill(struct store *s)
{
    struct arena *a = arena_new(0);
    Td__Entry *e = test_entry(a, 300, true);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k;

    for (uint64_t i = 1; i <= ROWS; i++) {
        k = test_key(i);
        assert_int_equal(store_put_count(t, STORE_LEDGER, &k, i), STORE_OK);
        assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, i * 3), STORE_OK);
        assert_int_equal(store_put(t, STORE_CASES, &k, store_slot_take(t), e), STORE_OK);
        assert_int_equal(store_put(t, STORE_TIMERS, &k, 0, e), STORE_OK);
    }
    test_commit(&t);
    assert_int_equal(store_slot_erase(s, ERASED), STORE_OK);
    arena_free(&a);
}

static void
all_is_there(struct store *s)
{
    struct arena *a = arena_new(0);
    struct store_txn *t = test_begin(s, NULL, false);
    Td__Entry *e;
    uint64_t n;

    for (uint64_t i = 1; i <= ROWS; i++) {
        struct store_key k = test_key(i);
        assert_int_equal(store_get_count(t, STORE_LEDGER, &k, &n), STORE_OK);
        assert_true(n == i);
        assert_int_equal(store_get_count(t, STORE_BUDGETS, &k, &n), STORE_OK);
        assert_true(n == i * 3);
        assert_int_equal(store_get(t, STORE_TIMERS, &k, a, &td__entry__descriptor, &e), STORE_OK);
        assert_int_equal(store_get(t, STORE_CASES, &k, a, &td__entry__descriptor, &e), i == ERASED || i == 2 * ERASED ? STORE_ERASED : STORE_OK);
    }
    store_abort(&t);
    arena_free(&a);
}

static uint8_t new_key[32] = { 0 };

static void
everything_reads_at_every_step(void **state)
{
    struct test_dir d;
    struct store *s, *reader;
    bool switched = false, done = false;
    (void)state;

    memset(new_key, 9, sizeof new_key);
    test_dir_make(&d);
    assert_int_equal(open_with(d.path, 7, NULL, &s), STORE_OK);
    fill(s);
    assert_int_equal(store_rotate_begin(s, new_key), STORE_OK);
    assert_int_equal(store_rotate_begin(s, new_key), STORE_BUSY);
    assert_int_equal(store_rotate_step(s, 1, &switched), STORE_OK);
    assert_false(switched);
    assert_int_equal(store_slot_erase(s, 2 * ERASED), STORE_OK);        /* in both files */
    all_is_there(s);
    while (!switched)
        assert_int_equal(store_rotate_step(s, 1, &switched), STORE_OK);
    assert_true(store_resealing(s) && !store_rotating(s));
    while (!done) {
        all_is_there(s);
        assert_int_equal(store_reseal(s, 97, &done), STORE_OK);
    }
    assert_false(store_resealing(s));
    all_is_there(s);
    store_close(&s);
    assert_int_equal(open_with(d.path, 7, NULL, &s), STORE_WRONG_KEY);
    struct store_options o = test_options(d.path);
    char error[256];
    o.read_only = true;
    memcpy(o.master_key, new_key, 32);
    assert_int_equal(store_open(&o, &reader, error), STORE_OK);
    all_is_there(reader);
    store_close(&reader);
    test_dir_remove(&d);
}

/* The child ends without a word after so many steps, as a crash does. */
static void
a_crash_at_any_step(void **state)
{
    (void)state;
    memset(new_key, 9, sizeof new_key);
    for (int steps = 0; steps < 40; steps += 3) {
        struct test_dir d;
        struct store *s;
        bool done = false;
        test_dir_make(&d);
        pid_t pid = fork();
        if (pid == 0) {
            bool switched = false;
            if (open_with(d.path, 7, NULL, &s) != STORE_OK)
                _exit(1);
            fill(s);
            if (store_slot_erase(s, 2 * ERASED) != STORE_OK || store_rotate_begin(s, new_key) != STORE_OK)
                _exit(1);
            for (int i = 0; i < steps && !done; i++)
                if ((switched ? store_reseal(s, 97, &done) : store_rotate_step(s, 200, &switched)) != STORE_OK)
                    _exit(1);
            _exit(0);
        }
        assert_int_equal(test_child_wait(pid), 0);
        enum store_rc old = open_with(d.path, 7, NULL, &s);
        if (old == STORE_WRONG_KEY)
            assert_int_equal(open_with(d.path, 9, NULL, &s), STORE_OK);
        else
            assert_int_equal(old, STORE_OK);
        all_is_there(s);
        for (done = false; !done;)
            assert_int_equal(store_reseal(s, 1000, &done), STORE_OK);
        all_is_there(s);
        store_close(&s);
        test_dir_remove(&d);
    }
}

/* Data of before a rotation under the keys of after it: with both master keys it reads, and is sealed anew. */
static void
older_data_with_both_keys(void **state)
{
    struct test_dir d;
    struct store *s;
    char data[128], kept[128], command[300];
    uint8_t old_key[32];
    bool switched = false, done = false;
    (void)state;

    memset(new_key, 9, sizeof new_key);
    memset(old_key, 7, sizeof old_key);
    test_dir_make(&d);
    test_path(&d, "data.mdb", data);
    test_path(&d, "kept", kept);
    assert_int_equal(open_with(d.path, 7, NULL, &s), STORE_OK);
    fill(s);
    assert_int_equal(store_slot_erase(s, 2 * ERASED), STORE_OK);
    store_close(&s);
    snprintf(command, sizeof command, "cp %s %s", data, kept);
    assert_int_equal(system(command), 0);
    assert_int_equal(open_with(d.path, 7, NULL, &s), STORE_OK);
    assert_int_equal(store_rotate_begin(s, new_key), STORE_OK);
    while (!switched)
        assert_int_equal(store_rotate_step(s, 10000, &switched), STORE_OK);
    while (!done)
        assert_int_equal(store_reseal(s, 10000, &done), STORE_OK);
    store_close(&s);
    assert_int_equal(rename(kept, data), 0);
    assert_int_equal(open_with(d.path, 9, NULL, &s), STORE_DAMAGED);
    assert_int_equal(open_with(d.path, 9, old_key, &s), STORE_OK);
    all_is_there(s);
    for (done = false; !done;)
        assert_int_equal(store_reseal(s, 10000, &done), STORE_OK);
    store_close(&s);
    assert_int_equal(open_with(d.path, 9, NULL, &s), STORE_OK);
    all_is_there(s);
    store_close(&s);
    test_dir_remove(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_reads_at_every_step),
        cmocka_unit_test(a_crash_at_any_step),
        cmocka_unit_test(older_data_with_both_keys),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
