/* SPDX-License-Identifier: ISC
 *
 * A watched Maildir: what is taken and what not, how a taken mail moves, the order of names; then the built role itself with
 * mails that are moved in, copied in, refused for now, too large, or vanish.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/intake/maildir.h"
#include "fake_core.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <time.h>

static char dir[64];

static int
make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/ticketd-maildir-XXXXXX");
    return mkdtemp(dir) && maildir_make(dir) == 0 ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st, (void)what, (void)ftw;
    return remove(path);
}

static int
remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *
at(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *p = paths[turn++ % 4];

    snprintf(p, 512, "%s/%s", dir, name);
    return p;
}

static void
put(const char *name, const char *bytes, size_t len)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(full_write(fd, bytes, len), 0);
    close(fd);
}

static bool
exists(const char *name)
{
    struct stat st;

    return lstat(at(name), &st) == 0;
}

static bool
comes_to_exist(const char *name)
{
    for (int i = 0; i < 500; i++) {
        if (exists(name))
            return true;
        usleep(20000);
    }
    return false;
}

static void
test_take(void **state)
{
    struct maildir_folder d;
    struct maildir_mail m;
    int64_t now = time(NULL);
    struct memfd_map map;
    char big[2000];

    (void)state;
    memset(big, 'b', sizeof big);
    put("new/plain", "hello", 5);
    put("new/big", big, sizeof big);
    put("new/empty", "", 0);
    assert_int_equal(symlink("/etc/passwd", at("new/link")), 0);
    assert_int_equal(mkfifo(at("new/pipe"), 0600), 0);
    assert_int_equal(mkdir(at("new/folder"), 0700), 0);
    assert_true(maildir_open(dir, &d));
    static const struct { const char *name; bool announced; int64_t later; uint64_t max, room; enum maildir_look want; uint64_t size, whole; } rows[] = {
        { "plain", true, 0, 1000, 1000, MAILDIR_TAKEN, 5, 0 },      { "plain", false, 0, 1000, 1000, MAILDIR_YOUNG, 0, 0 },
        { "plain", false, 3, 1000, 1000, MAILDIR_TAKEN, 5, 0 },     { "plain", false, -50, 1000, 1000, MAILDIR_TAKEN, 5, 0 },
        { "plain", true, 0, 1000, 4, MAILDIR_TOO_MUCH, 0, 0 },      { "empty", false, 3, 1000, 1000, MAILDIR_YOUNG, 0, 0 },
        { "empty", false, 61, 1000, 1000, MAILDIR_TAKEN, 0, 0 },    { "big", true, 0, 2000, 2000, MAILDIR_TAKEN, 2000, 0 },
        { "big", true, 0, 1999, 1 << 20, MAILDIR_TAKEN, 2000, 2000 }, { "absent", true, 0, 1000, 1000, MAILDIR_GONE, 0, 0 },
        { "link", true, 0, 1000, 1000, MAILDIR_ODD, 0, 0 },         { "pipe", true, 0, 1000, 1000, MAILDIR_ODD, 0, 0 },
        { "folder", true, 0, 1000, 1000, MAILDIR_ODD, 0, 0 },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        enum maildir_look got = maildir_take(&d, rows[i].name, rows[i].announced, now + rows[i].later, rows[i].max, rows[i].room, &m);

        if (got != rows[i].want || (got == MAILDIR_TAKEN) != (m.fd >= 0) || m.size != rows[i].size || m.whole_size != rows[i].whole)
            fail_msg("row %zu, %s: %d, size %llu of %llu", i, rows[i].name, got, (unsigned long long)m.size, (unsigned long long)m.whole_size);
        if (m.fd >= 0) {
            assert_true(memfd_map(m.fd, 1 << 20, &map));
            assert_int_equal(map.len, m.size);
            memfd_unmap(&map);
            close(m.fd);
        }
    }
    close(d.fresh), close(d.cur);
}

static void
test_settle(void **state)
{
    struct maildir_folder d;
    char name[256], path[300];

    (void)state;
    assert_true(maildir_open(dir, &d));
    put("new/1.a", "first", 5);
    assert_int_equal(maildir_settle(&d, "1.a"), 0);
    assert_true(!exists("new/1.a") && exists("cur/1.a:2,S"));
    put("new/1.a", "second", 6);                /* the same name again must not replace the first */
    assert_int_equal(maildir_settle(&d, "1.a"), 0);
    assert_true(exists("cur/1.a:2,S") && exists("cur/1.a.1:2,S") && !exists("new/1.a"));
    put("new/2.b", "x", 1);
    assert_int_equal(link(at("new/2.b"), at("cur/2.b:2,S")), 0);        /* cut off between link and unlink */
    assert_int_equal(maildir_settle(&d, "2.b"), 0);
    assert_true(!exists("new/2.b") && exists("cur/2.b:2,S") && !exists("cur/2.b.1:2,S"));
    put("new/3.c:2,F", "x", 1);
    assert_int_equal(maildir_settle(&d, "3.c:2,F"), 0);
    assert_true(exists("cur/3.c:2,S"));
    assert_int_equal(maildir_settle(&d, "absent"), 0);
    memset(name, 'n', 255);
    name[255] = '\0';
    snprintf(path, sizeof path, "new/%s", name);
    put(path, "x", 1);
    assert_int_equal(maildir_settle(&d, name), 0);
    assert_false(exists(path));
    snprintf(path, sizeof path, "cur/%s", name);
    assert_true(exists(path));
    close(d.fresh), close(d.cur);
}

static void
test_unique_text(void **state)
{
    static const struct { const char *name, *text; } rows[] = {
        { "1.a:2,S", "1.a" }, { ":2,S", ":2,S" }, { "j\xc3\xb6", "j\xc3\xb6" }, { "a%\xff b", "a%25%FF%20b" },
    };
    char text[MAILDIR_TEXT_MAX], long_name[256];

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        maildir_unique_text(rows[i].name, text);
        assert_string_equal(text, rows[i].text);
    }
    memset(long_name, 0xff, 255);
    long_name[255] = '\0';
    maildir_unique_text(long_name, text);
    assert_int_equal(strlen(text), 3 * 255);
}

static void
test_queue(void **state)
{
    struct maildir_queue q = { 0 };
    struct maildir_folder d;
    struct maildir_item *i;

    (void)state;
    put("new/c", "x", 1), put("new/a", "x", 1), put("new/b", "x", 1), put("new/.hidden", "x", 1);
    assert_true(maildir_open(dir, &d));
    i = maildir_know(&q, "b");
    i->wait = MAILDIR_WAITS;
    i->not_before_ms = 1000;
    assert_true(maildir_queue_scan(&q, d.fresh, 500));
    assert_true(maildir_queue_announce(&q, "aa") && maildir_queue_announce(&q, ".tmp"));
    assert_string_equal(maildir_queue_next(&q)->name, "a");
    assert_string_equal(maildir_queue_next(&q)->name, "aa");
    maildir_queue_push_back(&q);
    assert_string_equal(maildir_queue_next(&q)->name, "aa");
    assert_string_equal(maildir_queue_next(&q)->name, "c");
    assert_null(maildir_queue_next(&q));
    assert_true(maildir_queue_scan(&q, d.fresh, 1000));         /* b has waited */
    assert_string_equal(maildir_queue_next(&q)->name, "a");
    assert_string_equal(maildir_queue_next(&q)->name, "b");
    assert_string_equal(maildir_queue_next(&q)->name, "c");
    maildir_know(&q, "went-away");
    assert_true(maildir_queue_scan(&q, d.fresh, 0));
    assert_null(maildir_known(&q, "went-away"));
    assert_ptr_equal(maildir_known(&q, "b"), i);
    for (unsigned k = 0; q.n_known < MAILDIR_KNOWN_MAX; k++) {
        char name[32];

        snprintf(name, sizeof name, "k%u", k * 7919u % 10007u);
        assert_non_null(maildir_know(&q, name));
    }
    assert_null(maildir_know(&q, "one too many"));
    assert_non_null(maildir_know(&q, "b"));
    while (q.n_known)
        maildir_forget(&q, q.known[q.n_known / 2]);
    free(q.known);
    while (maildir_queue_next(&q))
        ;
    free(q.batch.v);
    close(d.fresh), close(d.cur);
}

static const Td__MailIn *
expect_mail(struct fake_core *core, const char *name, const char *bytes, size_t len)
{
    struct frame in;
    struct memfd_map map;
    const Td__Frame *f = fake_core_expect(core, TD__FRAME__BODY_MAIL_IN, &in, 10000);

    assert_non_null(f);
    assert_memory_equal(f->mail_in->unique, name, strlen(name));        /* then which file of that name */
    assert_int_equal(f->mail_in->unique[strlen(name)], '/');
    assert_int_equal(in.n_fds, 1);
    assert_true(memfd_map(in.fds[0], 1 << 20, &map));
    assert_int_equal(map.len, len);
    assert_memory_equal(map.bytes, bytes, len);
    memfd_unmap(&map);
    frame_close(&in);
    return f->mail_in;
}

static void
test_role(void **state)
{
    Td__MaildirSetup setup = TD__MAILDIR_SETUP__INIT;
    static char big[400000];
    struct fake_core core;
    const Td__MailIn *m;
    struct frame in;

    (void)state;
    if (!fake_core_start(&core, "maildir"))
        skip();
    setup.path = dir;
    setup.max_mail = 300000;
    setup.rescan_s = 3600;
    put("cur/3.c:2,S", "moved there by hand", 19);
    put("new/2.b", "second", 6), put("new/1.a", "first", 5);
    assert_int_equal(symlink("/etc/passwd", at("new/0.link")), 0);
    fake_core_send(&core, TD__FRAME__BODY_MAILDIR_SETUP, &setup, NULL, 0);
    assert_non_null(fake_core_expect(&core, TD__FRAME__BODY_INTAKE_STATE, &in, 10000));
    m = expect_mail(&core, "1.a", "first", 5);
    char *first = mem_strdup(m->unique);
    uint64_t one = m->seq, two = expect_mail(&core, "2.b", "second", 6)->seq;

    assert_true(exists("new/1.a"));             /* nothing moves before the answer */
    fake_core_answer(&core, two, true, 250, "2.0.0", "ok");
    fake_core_answer(&core, one, false, 452, "4.3.1", "full");  /* again */
    assert_true(comes_to_exist("cur/2.b:2,S"));
    assert_false(exists("new/2.b"));
    m = expect_mail(&core, "1.a", "first", 5);
    assert_string_equal(m->unique, first);      /* the same file keeps its place in the ledger */
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");
    assert_true(comes_to_exist("cur/1.a:2,S"));

    put("tmp/again", "other", 5);               /* a name used twice is another mail, and replaces none */
    assert_int_equal(rename(at("tmp/again"), at("new/1.a")), 0);
    m = expect_mail(&core, "1.a", "other", 5);
    assert_string_not_equal(m->unique, first);
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");
    assert_true(comes_to_exist("cur/1.a.1:2,S") && exists("cur/1.a:2,S"));
    free(first);

    put("tmp/4.d", "moved in", 8);              /* inotify, at once */
    assert_int_equal(rename(at("tmp/4.d"), at("new/4.d")), 0);
    m = expect_mail(&core, "4.d", "moved in", 8);
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");
    put("tmp/5.e", "linked in", 9);             /* link: after the rest */
    assert_int_equal(link(at("tmp/5.e"), at("new/5.e")), 0);
    unlink(at("tmp/5.e"));
    m = expect_mail(&core, "5.e", "linked in", 9);
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");

    int fd = open(at("new/6.f"), O_WRONLY | O_CREAT, 0600);     /* written in place: not before it is closed */

    assert_int_equal(full_write(fd, "half", 4), 0);
    assert_null(fake_core_expect(&core, TD__FRAME__BODY_MAIL_IN, &in, 500));
    assert_int_equal(full_write(fd, " and half", 9), 0);
    close(fd);
    m = expect_mail(&core, "6.f", "half and half", 13);
    unlink(at("new/6.f"));                      /* vanishes while in flight */
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");

    memset(big, 'B', sizeof big);               /* over the limit: its head and its size */
    put("tmp/7.g", big, sizeof big);
    assert_int_equal(rename(at("tmp/7.g"), at("new/7.g")), 0);
    m = expect_mail(&core, "7.g", big, MAILDIR_HEAD);
    assert_int_equal(m->whole_size, sizeof big);
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");
    assert_true(comes_to_exist("cur/7.g:2,S"));

    put("tmp/8.\xff", "odd name", 8);
    assert_int_equal(rename(at("tmp/8.\xff"), at("new/8.\xff")), 0);
    m = expect_mail(&core, "8.%FF", "odd name", 8);
    fake_core_answer(&core, m->seq, true, 250, "2.0.0", "ok");
    assert_true(comes_to_exist("cur/8.\xff:2,S"));
    assert_true(exists("new/0.link") && exists("cur/3.c:2,S") && !exists("new/3.c"));
    assert_null(fake_core_expect(&core, TD__FRAME__BODY_MAIL_IN, &in, 100));
    assert_int_equal(fake_core_end(&core), 0);
}

static void
test_role_flight(void **state)
{
    Td__MaildirSetup setup = TD__MAILDIR_SETUP__INIT;
    struct fake_core core;
    uint64_t seqs[300];
    struct frame in;
    const Td__Frame *f;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 250; i++) {
        char name[32];

        snprintf(name, sizeof name, "tmp/m%03d", i);
        put(name, "x", 1);
        char *from = mem_strdup(at(name));

        snprintf(name, sizeof name, "new/m%03d", i);
        assert_int_equal(rename(from, at(name)), 0);
        assert_int_equal(utimensat(AT_FDCWD, at(name), (struct timespec[]){ { 1, 0 }, { 1, 0 } }, 0), 0);
        free(from);
    }
    if (!fake_core_start(&core, "maildir"))
        skip();
    setup.path = dir;
    setup.max_mail = 1000;
    setup.rescan_s = 3600;
    fake_core_send(&core, TD__FRAME__BODY_MAILDIR_SETUP, &setup, NULL, 0);
    while ((f = fake_core_expect(&core, TD__FRAME__BODY_MAIL_IN, &in, n < 100 ? 10000 : 300)) && n < 101) {
        seqs[n++] = f->mail_in->seq;
        frame_close(&in);
    }
    assert_int_equal(n, 100);                   /* no more before an answer */
    for (size_t i = 0; i < n; i++) {
        fake_core_answer(&core, seqs[i], true, 250, "2.0.0", "ok");
        if (n < 250) {
            f = fake_core_expect(&core, TD__FRAME__BODY_MAIL_IN, &in, 10000);
            assert_non_null(f);
            seqs[n++] = f->mail_in->seq;
            frame_close(&in);
        }
    }
    assert_int_equal(n, 250);
    assert_true(comes_to_exist("cur/m249:2,S"));
    assert_false(exists("new/m249"));
    assert_int_equal(fake_core_end(&core), 0);
}

int
main(void)
{
#define IN_A_DIR(t) cmocka_unit_test_setup_teardown(t, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        IN_A_DIR(test_take), IN_A_DIR(test_settle), cmocka_unit_test(test_unique_text), IN_A_DIR(test_queue), IN_A_DIR(test_role),
        IN_A_DIR(test_role_flight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
