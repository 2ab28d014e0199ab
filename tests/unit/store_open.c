/* SPDX-License-Identifier: ISC
 *
 * Opening: what is refused, with which sentence, and that refusing changes nothing on the disk. Readers beside a core.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "store_help.h"

/* A digest of the two files that count. */
static void
files_digest(const struct test_dir *d, uint8_t out[32])
{
    static const char *const names[] = { "data.mdb", "keys" };
    crypto_generichash_state h;
    char path[128];

    crypto_generichash_init(&h, NULL, 0, 32);
    for (size_t i = 0; i < countof(names); i++) {
        struct buf b = { 0 };
        test_path(d, names[i], path);
        int e = file_read(path, 64u << 20, &b);
        assert_true(e == 0 || e == ENOENT);
        crypto_generichash_update(&h, (const uint8_t *)b.data, b.len);
        crypto_generichash_update(&h, (const uint8_t *)&b.len, sizeof b.len);
        buf_free(&b);
    }
    crypto_generichash_final(&h, out, 32);
}

static void
expect(const struct store_options *o, enum store_rc want, const char *sentence)
{
    struct store *s;
    char error[256];
    enum store_rc rc = store_open(o, &s, error);

    if (rc != want || strstr(error, sentence) == NULL)
        fail_msg("wanted %s with \"%s\", got %s with \"%s\"", store_rc_name(want), sentence, store_rc_name(rc), error);
    if (rc == STORE_OK)
        store_close(&s);
    else
        assert_null(s);
}

static void
make_store(struct test_dir *d)
{
    struct arena *a = arena_new(0);

    test_dir_make(d);
    struct store *s = test_open(d->path);
    for (uint64_t i = 1; i <= 3000; i++) {
        struct store_txn *t = test_begin(s, NULL, true);
        for (; i % 500; i++) {
            struct store_key k = test_key(i);
            assert_int_equal(store_put(t, STORE_ENTRIES, &k, store_slot_take(t), test_entry(a, i % 7 ? 100 : 6000, false)), STORE_OK);
        }
        test_commit(&t);
    }
    store_close(&s);
    arena_free(&a);
}

static void
change_file(const struct test_dir *d, const char *name, off_t at, const void *bytes, size_t len)
{
    char path[128];

    test_path(d, name, path);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static off_t
file_size(const struct test_dir *d, const char *name)
{
    struct stat st;
    char path[128];

    test_path(d, name, path);
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void
file_cut(const struct test_dir *d, const char *name, off_t size)
{
    char path[128];

    test_path(d, name, path);
    assert_int_equal(truncate(path, size), 0);
}

static void
wrong_key(void **state)
{
    (void)state;
    struct test_dir d;
    uint8_t before[32], after[32];

    make_store(&d);
    files_digest(&d, before);
    struct store_options o = test_options(d.path);
    o.master_key[31] ^= 1;
    expect(&o, STORE_WRONG_KEY, "another master key");
    o.read_only = true;
    expect(&o, STORE_WRONG_KEY, "another master key");
    files_digest(&d, after);
    assert_memory_equal(before, after, 32);
    o = test_options(d.path);
    uint8_t naming[32] = { 3 };
    o.naming_key = naming;
    expect(&o, STORE_WRONG_KEY, "another naming key");
    o.naming_key = NULL;
    expect(&o, STORE_OK, "");
    test_dir_remove(&d);
}

static void
newer(void **state)
{
    (void)state;
    struct test_dir d;
    struct arena *a = arena_new(0);
    Td__Meta *m;
    uint8_t before[32], after[32], head[512], keep[512];
    char path[128];

    make_store(&d);
    struct store *s = test_open(d.path);
    struct store_txn *t = test_begin(s, NULL, true);
    assert_int_equal(store_meta_get(t, a, &m), STORE_OK);
    m->format = SCHEMA_FORMAT + 1;
    assert_int_equal(store_meta_put(t, m), STORE_OK);
    test_commit(&t);
    store_close(&s);
    files_digest(&d, before);
    struct store_options o = test_options(d.path);
    expect(&o, STORE_NEWER, "newer ticketd (format 2");
    o.read_only = true;
    expect(&o, STORE_NEWER, "newer ticketd (format 2");
    files_digest(&d, after);
    assert_memory_equal(before, after, 32);

    test_path(&d, "keys", path);
    int fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, head, 512), 512);
    close(fd);
    memcpy(keep, head, 512);
    head[11] = 3;
    change_file(&d, "keys", 0, head, 512);
    o = test_options(d.path);
    expect(&o, STORE_DAMAGED, "head does not read");
    crypto_generichash(head + 480, 32, head, 480, NULL, 0);
    change_file(&d, "keys", 0, head, 512);
    files_digest(&d, before);
    expect(&o, STORE_NEWER, "newer ticketd (keys format 3");
    files_digest(&d, after);
    assert_memory_equal(before, after, 32);
    test_dir_remove(&d);
    arena_free(&a);
}

static void
busy(void **state)
{
    (void)state;
    struct test_dir d;
    int ready[2] = { -1, -1 }, go[2] = { -1, -1 };
    char c, want[32];

    test_dir_make(&d);
    assert_true(pipe(ready) == 0 && pipe(go) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        struct store *s = test_open(d.path);
        if (write(ready[1], "r", 1) != 1 || read(go[0], &c, 1) != 1)
            _exit(1);
        store_close(&s);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    struct store_options o = test_options(d.path);
    snprintf(want, sizeof want, "process %d", (int)pid);
    expect(&o, STORE_BUSY, want);
    expect(&o, STORE_BUSY, "in use by another ticketd");
    o.read_only = true;
    expect(&o, STORE_OK, "");
    assert_int_equal(write(go[1], "g", 1), 1);
    assert_int_equal(test_child_wait(pid), 0);
    o.read_only = false;
    expect(&o, STORE_OK, "");
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    test_dir_remove(&d);
}

static void
missing(void **state)
{
    (void)state;
    struct test_dir d;
    char path[128], kept[128];
    struct store_options o;

    test_dir_make(&d);
    o = test_options(d.path);
    o.read_only = true;
    expect(&o, STORE_NOTFOUND, "holds no store");
    assert_int_equal(file_size(&d, "data.mdb"), -1);
    assert_int_equal(file_size(&d, "lock"), -1);
    o.directory = "/nonexistent-ticketd";
    expect(&o, STORE_NOTFOUND, "No such file");
    rmdir(d.path);

    make_store(&d);
    o = test_options(d.path);
    static const char *const names[] = { "keys", "data.mdb" };
    for (size_t i = 0; i < countof(names); i++) {
        test_path(&d, names[i], path);
        test_path(&d, "keys.new", kept);
        assert_int_equal(rename(path, kept), 0);
        expect(&o, STORE_DAMAGED, i ? "data.mdb is missing" : "keys is missing");
        assert_int_equal(rename(kept, path), 0);
    }
    expect(&o, STORE_OK, "");
    test_dir_remove(&d);
}

/* A directory is made private; a file in its place, another owner, a world that may write are refused. */
static void
places(void **state)
{
    (void)state;
    struct test_dir d;
    struct stat st;
    char path[128];

    test_dir_make(&d);
    test_path(&d, "state", path);
    struct store_options o = test_options(path);
    expect(&o, STORE_OK, "");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    static const char *const names[] = { "state/data.mdb", "state/keys", "state/lock", "state/lock.mdb" };
    char file[128];
    for (size_t i = 0; i < countof(names); i++) {
        test_path(&d, names[i], file);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    assert_int_equal(chmod(path, 0777), 0);
    expect(&o, STORE_REFUSED, "written by everybody");
    assert_int_equal(chmod(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, -1), 0);
        expect(&o, STORE_REFUSED, "belongs to user 12345");
        o.read_only = true;             /* root may look */
        expect(&o, STORE_OK, "");
        o.read_only = false;
        assert_int_equal(chown(path, 0, -1), 0);
    }
    test_path(&d, "state/keys", file);
    o.directory = file;
    expect(&o, STORE_REFUSED, "Not a directory");
    struct test_dir inner;
    snprintf(inner.path, sizeof inner.path, "%.40s/state", d.path);
    test_dir_remove(&inner);
    test_dir_remove(&d);
}

static void
cut_keys(void **state)
{
    (void)state;
    static const struct { off_t size; const char *sentence; } rows[] = {
        { 0, "cut short" }, { 511, "cut short" }, { 512, "cut short: 0 of" }, { 512 + 128 * 50, "cut short: 50 of" },
    };
    struct test_dir d;
    uint8_t before[32], after[32];

    for (size_t i = 0; i < countof(rows); i++) {
        make_store(&d);
        file_cut(&d, "keys", rows[i].size);
        files_digest(&d, before);
        struct store_options o = test_options(d.path);
        expect(&o, STORE_DAMAGED, rows[i].sentence);
        o.read_only = true;
        expect(&o, STORE_DAMAGED, rows[i].sentence);
        files_digest(&d, after);
        assert_memory_equal(before, after, 32);
        test_dir_remove(&d);
    }
}

static void
cut_data(void **state)
{
    (void)state;
    struct test_dir d;
    uint8_t before[32], after[32];

    make_store(&d);
    off_t whole = file_size(&d, "data.mdb");
    static const struct { int part, more; } rows[] = { { 0, 1 }, { 0, 4095 }, { 0, 8191 }, { 0, 8192 }, { 1, 0 }, { 2, 0 }, { 3, 77 }, { 5, 0 }, { 9, 2048 } };
    for (size_t i = 0; i < countof(rows); i++) {
        struct test_dir e;
        make_store(&e);
        file_cut(&e, "data.mdb", whole / 10 / 4096 * 4096 * rows[i].part + rows[i].more);
        files_digest(&e, before);
        struct store_options o = test_options(e.path);
        expect(&o, STORE_DAMAGED, rows[i].part || rows[i].more > 4096 ? "data.mdb" : "cut short");
        o.read_only = true;
        expect(&o, STORE_DAMAGED, "data.mdb");
        files_digest(&e, after);
        assert_memory_equal(before, after, 32);
        test_dir_remove(&e);
    }
    /* the very last page, which is in use or not: opened only if every row is there */
    for (int pages = 1; pages < 12; pages++) {
        struct test_dir e;
        struct store *s;
        char error[256];
        make_store(&e);
        file_cut(&e, "data.mdb", whole - 4096 * pages);
        struct store_options o = test_options(e.path);
        enum store_rc rc = store_open(&o, &s, error);
        assert_true(rc == STORE_OK || rc == STORE_DAMAGED);
        if (rc == STORE_OK) {
            struct arena *a = arena_new(0);
            struct store_txn *t = test_begin(s, NULL, false);
            for (uint64_t k = 1; k < 3000; k++) {
                struct store_key key = test_key(k);
                Td__Entry *entry;
                rc = store_get(t, STORE_ENTRIES, &key, a, &td__entry__descriptor, &entry);
                assert_true(rc == STORE_OK || (rc == STORE_NOTFOUND && k % 500 == 0));
            }
            store_abort(&t);
            store_close(&s);
            arena_free(&a);
        }
        test_dir_remove(&e);
    }
    test_dir_remove(&d);
}

static bool
all_there(const struct test_dir *d, uint64_t n)
{
    struct arena *a = arena_new(0);
    struct store *s = test_open(d->path);
    struct store_txn *t = test_begin(s, NULL, false);
    bool there = true;

    for (uint64_t i = 0; i < n; i++) {
        struct store_key k = test_key(i);
        Td__Entry *e;
        there = there && store_get(t, STORE_ENTRIES, &k, a, &td__entry__descriptor, &e) == STORE_OK;
    }
    store_abort(&t);
    store_close(&s);
    arena_free(&a);
    return there;
}

/* Rows at the end of the file, while all roots lie in front: `n` entries. */
static void
make_rows_last(struct test_dir *d, size_t text, uint64_t n)
{
    struct arena *a = arena_new(0);
    struct store_key k;

    test_dir_make(d);
    struct store *s = test_open(d->path);
    for (int part = 0; part < 3; part++) {
        struct store_txn *t = test_begin(s, NULL, true);
        for (uint64_t i = 0; i < n; i++) {
            k = test_key(i);
            if (part == 2)
                assert_int_equal(store_delete(t, STORE_CASES, &k), STORE_OK);
            else
                assert_int_equal(store_put(t, part ? STORE_ENTRIES : STORE_CASES, &k, 0, test_entry(a, part ? text : 3000, false)), STORE_OK);
        }
        test_commit(&t);
    }
    k = test_key(0);
    for (uint64_t i = 0; i < 8; i++) {  /* each commit moves the roots, by now to pages that the cases left */
        struct store_txn *t = test_begin(s, NULL, true);
        Td__Entry *e = test_entry(a, 10, true);
        assert_int_equal(store_put(t, STORE_ENTRIES, &k, 0, e), STORE_OK);
        for (enum store_table tab = STORE_LEDGER; tab < STORE_TABLES; tab++)
            assert_int_equal(store_put_count(t, tab, &k, i), STORE_OK);
        test_commit(&t);
    }
    store_close(&s);
    arena_free(&a);
}

/* Cut deeper and deeper: as long as only free pages are gone it opens and all is there; then it is damaged. */
static void
cut_rows(void **state)
{
    (void)state;
    static const struct { const char *label; size_t text; uint64_t n; off_t step; } rows[] = {
        { "leaves", 900, 200, 4096 }, { "parts of leaves", 900, 200, 1000 }, { "long values", 50000, 60, 4096 }, { "parts of them", 50000, 60, 1500 },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct test_dir d;
        uint8_t before[32], after[32];
        struct store_options o;
        char error[256];
        make_rows_last(&d, rows[i].text, rows[i].n);
        off_t size = file_size(&d, "data.mdb"), cut;
        enum store_rc rc = STORE_OK;
        for (cut = rows[i].step; cut < size / 2 && rc == STORE_OK; cut += rows[i].step) {
            struct store *s;
            file_cut(&d, "data.mdb", size - cut);
            files_digest(&d, before);
            o = test_options(d.path);
            rc = store_open(&o, &s, error);
            store_close(&s);
            if (rc == STORE_OK) {
                assert_true(file_size(&d, "data.mdb") == size);
                if (!all_there(&d, rows[i].n))
                    fail_msg("%s: opened with rows missing after a cut of %lld", rows[i].label, (long long)cut);
            }
        }
        assert_int_equal(rc, STORE_DAMAGED);
        assert_true(cut > 2 * rows[i].step);    /* some cut was harmless */
        assert_non_null(strstr(error, "data.mdb is cut short"));
        o.read_only = true;
        expect(&o, STORE_DAMAGED, "data.mdb is cut short");
        files_digest(&d, after);
        assert_memory_equal(before, after, 32);
        test_dir_remove(&d);
    }
}

/* A file that is short in innocence: only free pages are missing. */
static void
short_but_whole(void **state)
{
    (void)state;
    struct test_dir d;

    make_store(&d);
    struct store *s = test_open(d.path);
    struct store_txn *t = test_begin(s, NULL, true);
    off_t whole = file_size(&d, "data.mdb");
    /* taken and given back by one transaction: LMDB counts the pages and never writes them */
    struct store_key k = test_key(1);
    struct arena *a = arena_new(0);
    for (uint64_t i = 5000; i < 5300; i++) {
        k = test_key(i);
        assert_int_equal(store_put(t, STORE_CASES, &k, 0, test_entry(a, 20000, false)), STORE_OK);
    }
    for (uint64_t i = 5000; i < 5300; i++) {
        k = test_key(i);
        assert_int_equal(store_delete(t, STORE_CASES, &k), STORE_OK);
    }
    test_commit(&t);
    uint64_t size = (uint64_t)file_size(&d, "data.mdb");
    MDB_envinfo info;
    assert_int_equal(mdb_env_info(s->env, &info), 0);
    assert_true(size >= ((uint64_t)info.me_last_pgno + 1) * 4096);
    store_close(&s);
    /* as if core had been killed before it stretched the file */
    if ((uint64_t)whole < size)
        file_cut(&d, "data.mdb", (off_t)(size - 8 * 4096 > (uint64_t)whole ? size - 8 * 4096 : (uint64_t)whole));
    struct store_options o = test_options(d.path);
    expect(&o, STORE_OK, "");
    assert_true((uint64_t)file_size(&d, "data.mdb") == size);
    arena_free(&a);
    test_dir_remove(&d);
}

static void
interrupted(void **state)
{
    (void)state;
    struct test_dir d;
    char path[128];

    /* keys made, data not */
    test_dir_make(&d);
    struct store *s = test_open(d.path);
    store_close(&s);
    assert_int_equal(file_size(&d, "keys"), 512);
    test_path(&d, "data.mdb", path);
    unlink(path);
    struct store_options o = test_options(d.path);
    o.read_only = true;
    expect(&o, STORE_NOTFOUND, "holds no store");
    o.read_only = false;
    expect(&o, STORE_OK, "");
    file_cut(&d, "data.mdb", 0);
    expect(&o, STORE_OK, "");
    /* an empty store is a store: nothing is made anew */
    uint8_t naming[32];
    s = test_open(d.path);
    memcpy(naming, store_naming_key(s), 32);
    store_close(&s);
    s = test_open(d.path);
    assert_memory_equal(naming, store_naming_key(s), 32);
    store_close(&s);
    test_dir_remove(&d);
}

/* A reader of another process sees what was committed and nothing else, with a core and without. */
static int
reader_main(const char *path, int in, int out)
{
    struct store_options o = test_options(path);
    struct store *s;
    char error[256], c;

    o.read_only = true;
    if (store_open(&o, &s, error) != STORE_OK)
        return 1;
    while (read(in, &c, 1) == 1) {
        struct store_txn *t;
        struct store_key k = test_key(1);
        uint64_t n;
        if (store_begin(s, NULL, true, &t) != STORE_REFUSED || store_begin(s, NULL, false, &t) != STORE_OK)
            return 2;
        if (store_get_count(t, STORE_BUDGETS, &k, &n) != STORE_OK)
            return 3;
        store_abort(&t);
        if (write(out, &n, sizeof n) != sizeof n)
            return 4;
    }
    store_close(&s);
    return 0;
}

static uint64_t
ask(int in, int out)
{
    uint64_t n;

    assert_int_equal(write(in, "?", 1), 1);
    assert_int_equal(read(out, &n, sizeof n), sizeof n);
    return n;
}

static void
readers(void **state)
{
    (void)state;
    struct test_dir d;
    int to[2] = { -1, -1 }, from[2] = { -1, -1 };

    test_dir_make(&d);
    struct store *s = test_open(d.path);
    test_put_count(s, STORE_BUDGETS, 1, 1);
    store_close(&s);
    assert_true(pipe(to) == 0 && pipe(from) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(to[1]);
        _exit(reader_main(d.path, to[0], from[1]));
    }
    close(to[0]);
    assert_int_equal(ask(to[1], from[0]), 1);           /* no core */
    s = test_open(d.path);
    assert_int_equal(ask(to[1], from[0]), 1);
    struct store_txn *t = test_begin(s, NULL, true);
    struct store_key k = test_key(1);
    assert_int_equal(store_put_count(t, STORE_BUDGETS, &k, 2), STORE_OK);
    assert_int_equal(ask(to[1], from[0]), 1);           /* not yet */
    store_abort(&t);
    assert_int_equal(ask(to[1], from[0]), 1);           /* never */
    test_put_count(s, STORE_BUDGETS, 1, 3);
    assert_int_equal(ask(to[1], from[0]), 3);
    /* the map grows under it */
    t = test_begin(s, NULL, true);
    struct arena *a = arena_new(0);
    Td__Entry *e = test_entry(a, 1 << 20, false);
    enum store_rc rc = STORE_OK;
    for (uint64_t i = 0; i < 400 && rc == STORE_OK; i++) {
        struct store_key key = test_key(i);
        rc = store_put(t, STORE_ENTRIES, &key, 0, e);
    }
    assert_int_equal(rc, STORE_FULL);
    store_abort(&t);
    assert_int_equal(store_grow(s), STORE_OK);
    t = test_begin(s, NULL, true);
    for (uint64_t i = 0; i < 400; i++) {
        struct store_key key = test_key(i);
        assert_int_equal(store_put(t, STORE_ENTRIES, &key, 0, e), STORE_OK);
    }
    test_commit(&t);
    test_put_count(s, STORE_BUDGETS, 1, 4);
    assert_int_equal(ask(to[1], from[0]), 4);
    close(to[1]);
    assert_int_equal(test_child_wait(pid), 0);
    close(from[0]), close(from[1]);
    store_reader_check(s);
    store_close(&s);
    arena_free(&a);
    test_dir_remove(&d);
}

/* lock.mdb cannot be written: reading works without it while no core runs. */
static void
reader_without_lock_file(void **state)
{
    (void)state;
    struct test_dir d;
    char path[128];
    int ready[2] = { -1, -1 }, go[2] = { -1, -1 };
    char c;

    make_store(&d);
    test_path(&d, "lock.mdb", path);
    unlink(path);
    struct store_options o = test_options(d.path);
    o.read_only = true;
    expect(&o, STORE_OK, "");
    assert_int_equal(file_size(&d, "lock.mdb"), -1);
    assert_true(pipe(ready) == 0 && pipe(go) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        struct store *s = test_open(d.path);
        if (write(ready[1], "r", 1) != 1 || read(go[0], &c, 1) != 1)
            _exit(1);
        store_close(&s);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    unlink(path);
    expect(&o, STORE_REFUSED, "read as its user");
    assert_int_equal(write(go[1], "g", 1), 1);
    assert_int_equal(test_child_wait(pid), 0);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    test_dir_remove(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_key), cmocka_unit_test(newer),    cmocka_unit_test(busy),     cmocka_unit_test(missing),
        cmocka_unit_test(places),    cmocka_unit_test(cut_keys), cmocka_unit_test(cut_data), cmocka_unit_test(cut_rows), cmocka_unit_test(short_but_whole),
        cmocka_unit_test(interrupted), cmocka_unit_test(readers), cmocka_unit_test(reader_without_lock_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
