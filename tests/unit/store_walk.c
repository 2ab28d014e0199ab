/* SPDX-License-Identifier: ISC
 *
 * Cursors, and the whole table against a sorted array: thousands of puts, deletes, nested aborts and walks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"

static struct store_key
key_of(const char *text)
{
    struct store_key k = { .len = strlen(text) };

    memcpy(k.bytes, text, k.len);
    return k;
}

/* The keys that a walk gives, in one string. */
static void
walk(struct store_txn *t, const char *prefix, const char *from, bool backwards, struct buf *out)
{
    struct store_key p = key_of(prefix), f = key_of(from ? from : ""), k;
    struct store_cursor *c;

    buf_clear(out);
    buf_puts(out, "");
    assert_int_equal(store_cursor_open(t, STORE_TIMERS, &p, from ? &f : NULL, backwards, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        buf_add(out, k.bytes, k.len);
        buf_putc(out, ' ');
    }
    assert_false(store_cursor_next(c, &k));
    assert_int_equal(store_cursor_rc(c), STORE_OK);
    store_cursor_close(&c);
    store_cursor_close(&c);
}

static void
order(void **state)
{
    (void)state;
    static const char *const keys[] = { "b", "ba", "bb", "bba", "bc", "c", "a", "\xff", "\xff\xff", "\xff\xff\x61" };
    static const struct { const char *prefix, *from; bool backwards; const char *want; } rows[] = {
        { "", NULL, false, "a b ba bb bba bc c \xff \xff\xff \xff\xff\x61 " },
        { "", NULL, true, "\xff\xff\x61 \xff\xff \xff c bc bba bb ba b a " },
        { "b", NULL, false, "b ba bb bba bc " },
        { "b", NULL, true, "bc bba bb ba b " },
        { "bb", NULL, false, "bb bba " },
        { "bb", NULL, true, "bba bb " },
        { "b", "bb", false, "bb bba bc " },
        { "b", "bb", true, "bb ba b " },
        { "b", "bbb", false, "bc " },
        { "b", "bbb", true, "bba bb ba b " },
        { "b", "a", false, "b ba bb bba bc " },
        { "b", "a", true, "" },
        { "b", "z", false, "" },
        { "b", "z", true, "bc bba bb ba b " },
        { "\xff", NULL, false, "\xff \xff\xff \xff\xff\x61 " },
        { "\xff", NULL, true, "\xff\xff\x61 \xff\xff \xff " },
        { "\xff\xff", NULL, true, "\xff\xff\x61 \xff\xff " },
        { "x", NULL, false, "" },
        { "x", NULL, true, "" },
        { "\xff\xff\xff", NULL, true, "" },
    };
    struct store *s = test_open(NULL);
    struct buf got = { 0 };
    struct store_txn *t = test_begin(s, NULL, true);

    walk(t, "", NULL, false, &got);
    assert_int_equal(got.len, 0);
    walk(t, "a", NULL, true, &got);
    assert_int_equal(got.len, 0);
    for (size_t i = 0; i < countof(keys); i++) {
        struct store_key k = key_of(keys[i]);
        assert_int_equal(store_put_empty(t, STORE_TIMERS, &k), STORE_OK);
    }
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < countof(rows); i++) {
            walk(t, rows[i].prefix, rows[i].from, rows[i].backwards, &got);
            if (strcmp(got.data, rows[i].want) != 0)
                fail_msg("row %zu: %s, not %s", i, got.data, rows[i].want);
        }
        if (!again) {
            test_commit(&t);
            t = test_begin(s, NULL, false);
        }
    }
    store_abort(&t);
    buf_free(&got);
    store_close(&s);
}

/* Timers of before and after 1970 in one order; each fires once though it is deleted, and others are made, while walking. */
static void
times(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k, none;
    struct store_cursor *c;
    struct arena *a = arena_new(0);
    int64_t last = INT64_MIN;
    unsigned fired = 0;

    for (int64_t i = -500; i < 500; i++) {
        store_key_start(&k);
        store_key_i64(&k, i * 86400);
        store_key_u64(&k, (uint64_t)i);
        Td__Timer timer = TD__TIMER__INIT;
        timer.clock = (char *)"assign";
        assert_int_equal(store_put(t, STORE_TIMERS, &k, 0, &timer), STORE_OK);
    }
    test_commit(&t);
    t = test_begin(s, NULL, true);
    store_key_start(&none);
    assert_int_equal(store_cursor_open(t, STORE_TIMERS, &none, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        Td__Timer *timer;
        struct store_key later = k;
        int64_t at = store_key_read_i64(&k, 0);
        assert_true(at > last);
        last = at;
        assert_int_equal(store_cursor_get(c, a, &td__timer__descriptor, &timer), STORE_OK);
        assert_string_equal(timer->clock, "assign");
        /* in a transaction of its own, as an event does it */
        struct store_txn *n = test_begin(s, t, true);
        assert_int_equal(store_delete(n, STORE_TIMERS, &k), STORE_OK);
        later.bytes[15] ^= 1;
        assert_int_equal(store_put_empty(n, STORE_BY_STATE, &later), STORE_OK);
        if (fired % 3 == 0)
            store_abort(&n);
        else
            test_commit(&n);
        fired++;
    }
    assert_int_equal(store_cursor_rc(c), STORE_OK);
    assert_int_equal(fired, 1000);
    store_cursor_close(&c);
    test_commit(&t);
    t = test_begin(s, NULL, false);
    assert_int_equal(store_cursor_open(t, STORE_TIMERS, &none, NULL, true, &c), STORE_OK);
    for (fired = 0; store_cursor_next(c, &k); fired++)
        ;
    assert_int_equal(fired, 334);
    store_cursor_close(&c);
    store_abort(&t);
    arena_free(&a);
    store_close(&s);
}

/* ---- the model: keys are numbers below MODEL, a value is what the array says, 0 is no row */
#define MODEL 1500u
struct model { uint64_t v[MODEL]; };

static struct store_key
model_key(uint64_t i)
{
    struct store_key k;

    store_key_start(&k);
    store_key_u8(&k, (uint8_t)(i % 5));
    store_key_u64(&k, i);
    for (uint64_t n = 0; n < i % 30; n++)
        store_key_u32(&k, 0xabcdef);
    return k;
}

static void
model_check(struct store_txn *t, const struct model *m, uint8_t prefix, bool backwards)
{
    struct store_key p, k;
    struct store_cursor *c;
    int64_t i = backwards ? (int64_t)MODEL - 5 + prefix : prefix;

    store_key_start(&p);
    store_key_u8(&p, prefix);
    assert_int_equal(store_cursor_open(t, STORE_BUDGETS, &p, NULL, backwards, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        uint64_t n;
        while (i >= 0 && i < MODEL && m->v[i] == 0)
            i += backwards ? -5 : 5;
        assert_true(i >= 0 && i < MODEL);
        assert_int_equal(store_key_read_u64(&k, 1), i);
        assert_int_equal(store_get_count(t, STORE_BUDGETS, &k, &n), STORE_OK);
        assert_true(n == m->v[i]);
        i += backwards ? -5 : 5;
    }
    assert_int_equal(store_cursor_rc(c), STORE_OK);
    store_cursor_close(&c);
    for (; i >= 0 && i < MODEL; i += backwards ? -5 : 5)
        assert_true(m->v[i] == 0);
}

/* One step of a transaction: put, delete, or delete along a walk. */
static void
model_step(struct store_txn *t, struct model *m, uint64_t *x)
{
    uint64_t i = test_next(x) % MODEL, what = test_next(x) % 16;
    struct store_key k = model_key(i);

    if (what < 9) {
        m->v[i] = test_next(x) | 1;
        assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, m->v[i]), STORE_OK);
    } else if (what < 15) {
        assert_int_equal(store_delete(t, STORE_BUDGETS, &k), m->v[i] ? STORE_OK : STORE_NOTFOUND);
        m->v[i] = 0;
    } else {
        struct store_cursor *c;
        struct store_key prefix = { .len = 1, .bytes = { (uint8_t)(i % 5) } };
        bool backwards = test_next(x) % 2;
        assert_int_equal(store_cursor_open(t, STORE_BUDGETS, &prefix, &k, backwards, &c), STORE_OK);
        for (int n = 0; n < 12 && store_cursor_next(c, &k); n++) {
            uint64_t at = store_key_read_u64(&k, 1);
            assert_true(m->v[at] != 0 && (backwards ? at <= i : at >= i));
            if (test_next(x) % 2) {
                assert_int_equal(store_delete(t, STORE_BUDGETS, &k), STORE_OK);
                m->v[at] = 0;
            }
        }
        store_cursor_close(&c);
    }
}

static void
model(void **state)
{
    (void)state;
    struct test_dir d;
    static struct model now, outer, inner;
    uint64_t x = 20260310;

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    for (int turn = 0; turn < 150; turn++) {
        struct store_txn *t = test_begin(s, NULL, true);
        outer = now;
        for (uint64_t nest = 0; nest < 4; nest++) {
            struct store_txn *n = test_begin(s, t, true);
            inner = outer;
            for (uint64_t step = test_next(&x) % 30; step > 0; step--)
                model_step(n, &inner, &x);
            if (test_next(&x) % 3) {
                test_commit(&n);
                outer = inner;
            } else {
                store_abort(&n);
            }
            model_check(t, &outer, (uint8_t)nest, turn % 2);
        }
        if (test_next(&x) % 4) {
            test_commit(&t);
            now = outer;
        } else {
            store_abort(&t);
        }
        if (turn % 40 == 39) {
            store_close(&s);
            s = test_open(d.path);
        }
        t = test_begin(s, NULL, false);
        model_check(t, &now, (uint8_t)(turn % 5), turn % 2);
        store_abort(&t);
    }
    store_close(&s);
    test_dir_remove(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(times), cmocka_unit_test(model) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
