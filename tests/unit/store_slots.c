/* SPDX-License-Identifier: ISC
 *
 * Key slots: there before they are used, gone when erased, never given twice; and values that were tampered with.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"

static enum store_rc
get(struct store *s, enum store_table tab, uint64_t key)
{
    struct arena *a = arena_new(0);
    struct store_txn *t = test_begin(s, NULL, false);
    struct store_key k = test_key(key);
    Td__Entry *e;
    enum store_rc rc = store_get(t, tab, &k, a, &td__entry__descriptor, &e);

    store_abort(&t);
    arena_free(&a);
    return rc;
}

static uint64_t
put(struct store *s, enum store_table tab, uint64_t key, size_t text)
{
    struct arena *a = arena_new(0);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(key);
    uint64_t slot = store_slot_take(t);

    assert_int_equal(store_put(t, tab, &k, slot, test_entry(a, text, text > 1000)), STORE_OK);
    test_commit(&t);
    arena_free(&a);
    return slot;
}

static off_t
keys_size(const struct test_dir *d)
{
    struct stat st;
    char path[128];

    test_path(d, "keys", path);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void
reserve(void **state)
{
    (void)state;
    struct test_dir d;

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    assert_int_equal(keys_size(&d), 512);
    assert_int_equal(store_slots_reserve(s, 5), STORE_OK);
    off_t size = keys_size(&d);
    assert_true(size >= 512 + 5 * 128);
    assert_int_equal(store_slots_reserve(s, 500), STORE_OK);
    assert_int_equal(keys_size(&d), size);      /* from stock */
    assert_int_equal(store_slots_reserve(s, 5000), STORE_OK);
    assert_true(keys_size(&d) >= 512 + 5000 * 128);
    for (uint64_t i = 1; i < 20; i++)
        assert_int_equal(put(s, STORE_CASES, i, 10), i);
    store_close(&s);

    /* what was made and not used is used after a restart; a torn batch is made anew */
    char path[128];
    test_path(&d, "keys", path);
    assert_int_equal(truncate(path, 512 + 128 * 25 + 64), 0);
    assert_int_equal(truncate(path, 512 + 128 * 40), 0);
    s = test_open(d.path);
    assert_int_equal(s->slots_made, 25);
    assert_int_equal(put(s, STORE_CASES, 20, 10), 20);
    for (uint64_t i = 21; i < 60; i++)
        assert_int_equal(put(s, STORE_CASES, i, 10), i);        /* past what was made, without asking */
    assert_true(s->slots_made >= 59);
    store_close(&s);
    s = test_open(d.path);
    for (uint64_t i = 1; i < 60; i++)
        assert_int_equal(get(s, STORE_CASES, i), STORE_OK);
    store_close(&s);
    test_dir_remove(&d);
}

static void
erase(void **state)
{
    (void)state;
    struct test_dir d;
    struct buf old = { 0 }, now = { 0 };
    char path[128];

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    for (uint64_t i = 1; i <= 8; i++)
        put(s, STORE_CASES, i, 10);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(100);
    struct store_bulk *b = store_bulk_new(s, STORE_MAILS, 100, 3);
    assert_int_equal(store_bulk_write(b, t, (const uint8_t *)"words", 5, true), STORE_OK);
    store_bulk_free(&b);
    test_commit(&t);
    test_path(&d, "keys", path);
    assert_int_equal(file_read(path, 1 << 20, &old), 0);
    assert_int_equal(store_slot_erase(s, 3), STORE_OK);
    assert_int_equal(store_slot_erase(s, 0), STORE_NOTFOUND);
    assert_int_equal(store_slot_erase(s, 1 << 20), STORE_NOTFOUND);
    for (int again = 0; again < 2; again++) {
        for (uint64_t i = 1; i <= 8; i++)
            assert_int_equal(get(s, STORE_CASES, i), i == 3 ? STORE_ERASED : STORE_OK);
        t = test_begin(s, NULL, true);
        struct store_key gone = test_key(3);
        assert_int_equal(store_slot_of(t, STORE_CASES, &gone), 3);
        assert_int_equal(store_bulk_read(t, STORE_MAILS, 100, 1, NULL, NULL), STORE_ERASED);
        assert_int_equal(store_put_count(t, STORE_CASES, &k, 1), STORE_OK);
        struct arena *a = arena_new(0);
        assert_int_equal(store_put(t, STORE_CASES, &k, 3, test_entry(a, 3, true)), STORE_ERASED);
        arena_free(&a);
        store_abort(&t);
        store_close(&s);
        s = test_open(d.path);
    }
    store_close(&s);
    /* only that slot changed, and nothing of its key is left */
    assert_int_equal(file_read(path, 1 << 20, &now), 0);
    assert_int_equal(old.len, now.len);
    assert_memory_equal(old.data, now.data, 512 + 2 * 128);
    assert_memory_equal(old.data + 512 + 3 * 128, now.data + 512 + 3 * 128, old.len - 512 - 3 * 128);
    assert_null(memmem(now.data, now.len, old.data + 512 + 2 * 128 + 24, 16));
    buf_free(&old), buf_free(&now);
    test_dir_remove(&d);
}

/* A reader that has used a key does not go on using it. */
static void
erase_seen_by_reader(void **state)
{
    (void)state;
    struct test_dir d;
    int ready[2] = { -1, -1 }, go[2] = { -1, -1 };
    char c;

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    put(s, STORE_CASES, 1, 10);
    store_close(&s);
    assert_true(pipe(ready) == 0 && pipe(go) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct store_options o = test_options(d.path);
        char error[256];
        close(go[1]);
        o.read_only = true;
        if (store_open(&o, &s, error) != STORE_OK || get(s, STORE_CASES, 1) != STORE_OK)
            _exit(1);
        if (write(ready[1], "r", 1) != 1 || read(go[0], &c, 1) != 1)
            _exit(2);
        _exit(get(s, STORE_CASES, 1) == STORE_ERASED && store_slot_erase(s, 1) == STORE_REFUSED ? 0 : 3);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    s = test_open(d.path);
    assert_int_equal(store_slot_erase(s, 1), STORE_OK);
    assert_int_equal(write(go[1], "g", 1), 1);
    assert_int_equal(test_child_wait(pid), 0);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    store_close(&s);
    test_dir_remove(&d);
}

/* Older data under newer keys: erased slots are never given out, living ones stay as they are. */
static void
restored(void **state)
{
    (void)state;
    struct test_dir d;
    struct buf data = { 0 };
    char path[128];

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    put(s, STORE_CASES, 1, 10);
    store_close(&s);
    test_path(&d, "data.mdb", path);
    assert_int_equal(file_read(path, 16 << 20, &data), 0);
    s = test_open(d.path);
    for (uint64_t i = 2; i <= 9; i++)
        assert_int_equal(put(s, STORE_CASES, i, 10), i);
    assert_int_equal(store_slot_erase(s, 6), STORE_OK);
    store_close(&s);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(full_write(fd, data.data, data.len), 0);
    close(fd);
    s = test_open(d.path);
    struct arena *a = arena_new(0);
    struct store_txn *t = test_begin(s, NULL, false);
    Td__Meta *m;
    assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
    assert_int_equal(m->next_slot, 7);
    store_abort(&t);
    assert_int_equal(put(s, STORE_CASES, 50, 10), 7);
    assert_int_equal(get(s, STORE_CASES, 1), STORE_OK);
    assert_int_equal(get(s, STORE_CASES, 50), STORE_OK);
    store_close(&s);
    buf_free(&data);
    arena_free(&a);
    test_dir_remove(&d);
}

/* ---- damage: in the rows as LMDB holds them */

static void
raw_read(struct store *s, enum store_table tab, uint64_t key, struct buf *out)
{
    struct store_txn *t = test_begin(s, NULL, false);
    struct store_key k = test_key(key);
    MDB_val v;

    assert_int_equal(store_row_get(t, tab, &k, &v), STORE_OK);
    buf_clear(out);
    buf_add(out, v.mv_data, v.mv_size);
    store_abort(&t);
}

static void
raw_write(struct store *s, enum store_table tab, uint64_t key, const void *bytes, size_t len)
{
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(key);
    MDB_val mk = { k.len, k.bytes }, v = { len, (void *)bytes };

    assert_int_equal(mdb_put(t->txn, s->dbi[tab], &mk, &v, 0), 0);
    test_commit(&t);
}

static void
flipped(void **state)
{
    (void)state;
    static const size_t texts[] = { 10, 5000 };     /* plain and compressed */
    struct store *s = test_open(NULL);
    struct buf v = { 0 };

    for (size_t n = 0; n < countof(texts); n++) {
        put(s, STORE_ENTRIES, 1, texts[n]);
        raw_read(s, STORE_ENTRIES, 1, &v);
        assert_true(v.len < 300);
        for (size_t bit = 0; bit < v.len * 8; bit++) {
            v.data[bit / 8] ^= (char)(1 << bit % 8);
            raw_write(s, STORE_ENTRIES, 1, v.data, v.len);
            enum store_rc rc = get(s, STORE_ENTRIES, 1);
            if (rc != STORE_DAMAGED)
                fail_msg("bit %zu of %zu: %s", bit, v.len * 8, store_rc_name(rc));
            v.data[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t len = 0; len < v.len; len++) {
            raw_write(s, STORE_ENTRIES, 1, v.data, len);
            assert_int_equal(get(s, STORE_ENTRIES, 1), STORE_DAMAGED);
        }
        raw_write(s, STORE_ENTRIES, 1, v.data, v.len);
        assert_int_equal(get(s, STORE_ENTRIES, 1), STORE_OK);
    }
    buf_free(&v);
    store_close(&s);
}

static void
moved(void **state)
{
    (void)state;
    struct store *s = test_open(NULL);
    struct buf a = { 0 }, b = { 0 };

    put(s, STORE_ENTRIES, 1, 10);
    put(s, STORE_ENTRIES, 2, 10);
    put(s, STORE_CASES, 1, 10);
    raw_read(s, STORE_ENTRIES, 1, &a);
    raw_read(s, STORE_ENTRIES, 2, &b);
    raw_write(s, STORE_ENTRIES, 1, b.data, b.len);
    raw_write(s, STORE_ENTRIES, 2, a.data, a.len);
    raw_write(s, STORE_CASES, 1, a.data, a.len);
    assert_int_equal(get(s, STORE_ENTRIES, 1), STORE_DAMAGED);
    assert_int_equal(get(s, STORE_ENTRIES, 2), STORE_DAMAGED);
    assert_int_equal(get(s, STORE_CASES, 1), STORE_DAMAGED);
    raw_write(s, STORE_ENTRIES, 1, a.data, a.len);
    assert_int_equal(get(s, STORE_ENTRIES, 1), STORE_OK);
    buf_free(&a), buf_free(&b);
    store_close(&s);
}

/* The same words under the same key never look the same: no nonce comes twice, over several pools of them. */
static void
nonces(void **state)
{
    (void)state;
    static uint8_t seen[1000][24];
    struct store *s = test_open(NULL);
    struct buf v = { 0 };

    for (size_t i = 0; i < countof(seen); i++) {
        put(s, STORE_ENTRIES, 1, 10);
        raw_read(s, STORE_ENTRIES, 1, &v);
        memcpy(seen[i], v.data + 9, 24);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(seen[i], seen[j], 24);
    }
    buf_free(&v);
    store_close(&s);
}

/* Every bit of a slot, and two slots that changed places. */
static void
slots_damaged(void **state)
{
    (void)state;
    struct test_dir d;
    struct buf file = { 0 };
    char path[128];

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    put(s, STORE_CASES, 1, 10);
    put(s, STORE_CASES, 2, 10);
    test_path(&d, "keys", path);
    assert_int_equal(file_read(path, 1 << 20, &file), 0);
    int fd = open(path, O_WRONLY);
    char *slot = file.data + 512;
    for (size_t bit = 0; bit < 128 * 8; bit += 5) {
        slot[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(pwrite(fd, slot, 128, 512), 128);
        store_keys_forget(s);
        assert_int_equal(get(s, STORE_CASES, 1), STORE_DAMAGED);
        slot[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(pwrite(fd, slot, 128, 512), 128);
    store_keys_forget(s);
    assert_int_equal(get(s, STORE_CASES, 1), STORE_OK);
    assert_int_equal(pwrite(fd, slot, 128, 512 + 128), 128);
    store_keys_forget(s);
    assert_int_equal(get(s, STORE_CASES, 2), STORE_DAMAGED);
    close(fd);
    store_close(&s);
    buf_free(&file);
    test_dir_remove(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserve), cmocka_unit_test(erase), cmocka_unit_test(erase_seen_by_reader), cmocka_unit_test(restored),
        cmocka_unit_test(nonces), cmocka_unit_test(flipped), cmocka_unit_test(moved), cmocka_unit_test(slots_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
