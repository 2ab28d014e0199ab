/* SPDX-License-Identifier: ISC
 *
 * base: arena and buf. Caps hold, nothing overlaps, lists that came from elsewhere are never written past their end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/base.h"
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_alloc(void **state)
{
    struct arena *a = arena_new(0);
    unsigned char *p[2000];

    (void)state;
    for (size_t i = 0; i < countof(p); i++) {
        size_t size = i * 7 % 900;

        p[i] = arena_alloc(a, size);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(p[i][k], 0);
        memset(p[i], (int)(i & 255), size);
    }
    for (size_t i = 0; i < countof(p); i++)
        for (size_t k = 0; k < i * 7 % 900; k++)
            assert_int_equal(p[i][k], i & 255);
    assert_non_null(memset(arena_alloc(a, 5u << 20), 1, 5u << 20));
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void
test_cap(void **state)
{
    struct arena *a = arena_new(4096);
    void **list = NULL;
    size_t n = 0, pushed = 0;
    static char item;
    char long_text[5001];

    (void)state;
    memset(long_text, 'x', 5000);
    long_text[5000] = '\0';
    assert_null(arena_alloc(a, 4097));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 3));
    assert_null(arena_strdup(a, long_text));
    assert_null(arena_strndup(a, long_text, 4999));
    assert_null(arena_printf(a, "%s", long_text));
    assert_string_equal(arena_strndup(a, long_text, 3), "xxx");
    while (pushed < 10000 && arena_push(a, &list, &n, &item))
        pushed++;
    assert_in_range(pushed, 100, 512);
    assert_int_equal(n, pushed);
    assert_false(arena_push(a, &list, &n, NULL));
    assert_int_equal(n, pushed);
    for (pushed = 0; pushed < 1000 && arena_alloc(a, 16); pushed++)
        ;
    assert_in_range(pushed, 0, 256);
    assert_null(arena_alloc(a, 1));
    arena_free(&a);

    a = arena_new(64);
    assert_non_null(arena_alloc(a, 64));
    assert_null(arena_alloc(a, 0));
    arena_free(&a);
}

static void
test_text(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_null(arena_strdup(a, NULL));
    assert_null(arena_strndup(a, NULL, 3));
    assert_string_equal(arena_strdup(a, ""), "");
    assert_string_equal(arena_strndup(a, "abc", 9), "abc");
    assert_string_equal(arena_strndup(a, "abc", 2), "ab");
    assert_string_equal(arena_printf(a, "%s-%05d", "CAS", 7), "CAS-00007");
    arena_free(&a);
}

static void
test_push(void **state)
{
    struct arena *a = arena_new(0);
    int values[3000];
    int **list = NULL;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < countof(values); i++)
        assert_true(arena_push(a, &list, &n, &values[i]));
    assert_int_equal(n, countof(values));
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(list[i], &values[i]);
    arena_free(&a);
}

/* A list out of unpacking is exactly as long as it is full; what stands behind it is somebody else's. */
static void
test_push_foreign(void **state)
{
    struct arena *a = arena_new(0);
    int value = 0, other = 0;

    (void)state;
    for (size_t full = 1; full < 20; full++) {
        int **list = arena_alloc(a, (full + 1) * sizeof *list), **was = list;
        size_t n = full;

        was[full] = &other;
        assert_true(arena_push(a, &list, &n, &value));
        assert_ptr_equal(was[full], &other);
        assert_ptr_equal(list[full], &value);
    }
    arena_free(&a);
}

/* Two shallow copies of one record push to what was one list: neither may see the other's. */
static void
test_push_shared(void **state)
{
    struct arena *a = arena_new(0);
    int v[4];
    int **one = NULL, **two;
    size_t n_one = 0, n_two;

    (void)state;
    arena_push(a, &one, &n_one, &v[0]);
    two = one;
    n_two = n_one;
    arena_push(a, &one, &n_one, &v[1]);
    arena_push(a, &two, &n_two, &v[2]);
    arena_push(a, &one, &n_one, &v[3]);
    assert_int_equal(n_one, 3);
    assert_int_equal(n_two, 2);
    assert_ptr_equal(one[1], &v[1]);
    assert_ptr_equal(two[1], &v[2]);
    arena_free(&a);
}

/* More lists at a time than the arena remembers: slower, never wrong. */
static void
test_push_many_lists(void **state)
{
    struct arena *a = arena_new(0);
    int **list[40] = { 0 }, v[40][30];
    size_t n[40] = { 0 };

    (void)state;
    for (size_t k = 0; k < 30; k++)
        for (size_t i = 0; i < 40; i++)
            assert_true(arena_push(a, &list[i], &n[i], &v[i][k]));
    for (size_t k = 0; k < 30; k++)
        for (size_t i = 0; i < 40; i++)
            assert_ptr_equal(list[i][k], &v[i][k]);
    arena_free(&a);
}

static void
test_buf(void **state)
{
    struct buf b = { 0 };

    (void)state;
    buf_clear(&b);
    buf_puts(&b, "");
    assert_string_equal(b.data, "");
    for (int i = 0; i < 1000; i++)
        buf_putc(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 1000);
    assert_int_equal(b.data[1000], 0);
    buf_printf(&b, "%s/%0500d", "x", 1);
    assert_int_equal(b.len, 1502);
    assert_string_equal(b.data + 1499, "001");
    buf_add(&b, "a\0b", 3);
    assert_memory_equal(b.data + 1502, "a\0b", 4);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_reserve(&b, 100000);
    assert_true(b.cap > 100000);
    assert_int_equal(b.len, 0);
    buf_free(&b);
    assert_null(b.data);
    buf_puts(&b, "again");
    assert_string_equal(b.data, "again");
    buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_push_foreign),
        cmocka_unit_test(test_push_shared),
        cmocka_unit_test(test_push_many_lists),
        cmocka_unit_test(test_buf),
    };

    return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
