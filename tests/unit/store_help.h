/* SPDX-License-Identifier: ISC
 *
 * What the tests of the store share: a directory of their own, stores in it, chance that is the same every time.
 */
#ifndef TICKETD_TEST_STORE_HELP_H
#define TICKETD_TEST_STORE_HELP_H

#include "../../src/store/private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct test_dir { char path[64]; };

/* xorshift: a test that fails fails again */
static inline uint64_t
test_next(uint64_t *x)
{
    *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
    return *x;
}

static inline void
test_random(void *u, void *out, size_t len)
{
    uint8_t *p = out;

    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)(test_next(u) >> 32);
}

static inline struct store_options
test_options(const char *directory)
{
    static uint64_t seed = 0x9e3779b97f4a7c15;
    struct store_options o = { .directory = directory, .map_size = 256u << 20, .random = test_random, .random_u = &seed };

    memset(o.master_key, 7, sizeof o.master_key);
    return o;
}

static inline void
test_dir_make(struct test_dir *d)
{
    snprintf(d->path, sizeof d->path, "/tmp/ticketd-store-XXXXXX");
    assert_non_null(mkdtemp(d->path));
}

static inline void
test_path(const struct test_dir *d, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", d->path, name);
}

static inline void
test_dir_remove(const struct test_dir *d)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "keys", "keys.new", "lock" };
    char path[128];

    for (size_t i = 0; i < countof(names); i++) {
        test_path(d, names[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(d->path), 0);
}

static inline struct store *
test_open(const char *directory)
{
    struct store_options o = test_options(directory);
    struct store *s;
    char error[256];
    enum store_rc rc = store_open(&o, &s, error);

    if (rc != STORE_OK)
        fail_msg("%s: %s", store_rc_name(rc), error);
    return s;
}

static inline struct store_txn *
test_begin(struct store *s, struct store_txn *parent, bool write)
{
    struct store_txn *t;

    assert_int_equal(store_begin(s, parent, write, &t), STORE_OK);
    return t;
}

static inline void
test_commit(struct store_txn **tp)
{
    assert_int_equal(store_commit(tp), STORE_OK);
    assert_null(*tp);
}

static inline struct store_key
test_key(uint64_t v)
{
    struct store_key k;

    store_key_start(&k);
    store_key_u64(&k, v);
    return k;
}

static inline void
test_put_count(struct store *s, enum store_table tab, uint64_t key, uint64_t n)
{
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(key);

    assert_int_equal(store_put_count(t, tab, &k, n), STORE_OK);
    test_commit(&t);
}

static inline uint64_t
test_get_count(struct store *s, enum store_table tab, uint64_t key)
{
    struct store_txn *t = test_begin(s, NULL, false);
    struct store_key k = test_key(key);
    uint64_t n;

    assert_int_equal(store_get_count(t, tab, &k, &n), STORE_OK);
    store_abort(&t);
    return n;
}

/* An entry with `n` bytes of text; of one letter, so that it shrinks, or as random as letters can be. */
static inline Td__Entry *
test_entry(struct arena *a, size_t n, bool dull)
{
    uint64_t x = 88172645463325252;
    Td__Entry *e = schema_new(a, &td__entry__descriptor);

    e->at = 1773136800;
    e->what = TD__ENTRY__WHAT__OPENED;
    e->text = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        e->text[i] = dull ? 'a' : (char)('!' + test_next(&x) % 94);
    return e;
}

/* The child says how it went by its exit code; it must not touch stores of its parent. */
static inline int
test_child_wait(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
