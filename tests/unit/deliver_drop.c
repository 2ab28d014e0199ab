/* SPDX-License-Identifier: ISC
 *
 * The Maildir drop: names, content, a second try, a reader who was quicker; then the built role itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/deliver/drop.h"
#include "fake_core.h"

#include <ftw.h>
#include <dirent.h>

static char dir[64];

static int
make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/ticketd-drop-XXXXXX");
    return mkdtemp(dir) && drop_make(dir) == 0 ? 0 : -1;
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

static unsigned
count_in(const char *folder)
{
    char *path = path_join(dir, folder);
    DIR *d = opendir(path);
    unsigned n = 0;

    for (struct dirent *e; (e = readdir(d));)
        n += *e->d_name != '.';
    closedir(d);
    free(path);
    return n;
}

static void
test_names(void **state)
{
    static const struct { uint64_t letter; const char *recipient, *name; } rows[] = {
        { 12, "ann@example.com", "L00000012.ann@example.com.ticketd" },
        { 123456789012, "a+b@c", "L123456789012.a+b@c.ticketd" },
        { 1, "a/../b:2,S@c", "L00000001.a%2F..%2Fb%3A2%2CS@c.ticketd" },
        { 1, "j\xc3\xb6@c", "L00000001.j%C3%B6@c.ticketd" },
        { 1, "a%2F@c", "L00000001.a%252F@c.ticketd" },
    };
    char a[DROP_NAME_MAX], b[DROP_NAME_MAX], one[300], two[300];

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        drop_name(rows[i].letter, rows[i].recipient, a);
        assert_string_equal(a, rows[i].name);
    }
    for (size_t len = 1; len <= 254; len++)     /* of any length, plain and escaped; the last byte counts */
        for (int plain = 0; plain < 2; plain++) {
            memset(one, plain ? 'x' : '/', len);
            one[len] = '\0';
            strcpy(two, one);
            two[len - 1] = 'y';
            drop_name(UINT64_MAX, one, a);
            drop_name(UINT64_MAX, two, b);
            assert_true(strlen(a) < DROP_NAME_MAX && strstr(a, ".ticketd") && strcmp(a, b) != 0);
        }
}

static unsigned
send_one(uint64_t letter, const char *from, const char *to, const char *bytes)
{
    Td__SendJob job = TD__SEND_JOB__INIT;
    Td__SendOutcome o = TD__SEND_OUTCOME__INIT;
    struct drop_folder d;

    job.letter = letter;
    job.envelope_from = (char *)from;
    job.recipient = (char *)to;
    assert_true(drop_open(dir, &d));
    drop_letter(&d, &job, (const uint8_t *)bytes, strlen(bytes), &o);
    close(d.tmp), close(d.fresh), close(d.cur);
    assert_non_null(o.text);
    return o.code;
}

static void
check_file(const char *name, const char *want)
{
    char *path = path_join(dir, name);
    struct buf b = { 0 };

    assert_int_equal(file_read(path, 1 << 20, &b), 0);
    assert_string_equal(b.data, want);
    buf_free(&b);
    free(path);
}

static void
test_letters(void **state)
{
    char from[128], to[128];

    (void)state;
    assert_int_equal(send_one(7, "", "ann@example.com", "Subject: x\r\n\r\na\rb\nc\r\n\r"), 250);
    check_file("new/L00000007.ann@example.com.ticketd", "Return-Path: <>\nDelivered-To: ann@example.com\nSubject: x\n\na\rb\nc\n\r");
    assert_int_equal(send_one(7, "d@e", "ann@example.com", "again\r\n"), 250);       /* replaces */
    check_file("new/L00000007.ann@example.com.ticketd", "Return-Path: <d@e>\nDelivered-To: ann@example.com\nagain\n");
    assert_int_equal(count_in("new"), 1);
    assert_int_equal(send_one(7, "d@e", "bob@example.com", "x\r\n"), 250);           /* another recipient, another file */
    assert_int_equal(count_in("new"), 2);
    snprintf(from, sizeof from, "%s/new/L00000007.ann@example.com.ticketd", dir);
    snprintf(to, sizeof to, "%s/cur/L00000007.ann@example.com.ticketd:2,RS", dir);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(send_one(7, "d@e", "ann@example.com", "third\r\n"), 250);       /* a reader has it */
    assert_int_equal(count_in("new"), 1);
    assert_int_equal(count_in("tmp"), 0);
}

static void
test_refusals(void **state)
{
    char path[128];

    (void)state;
    assert_int_equal(send_one(9, "", "a@b\r\nBcc: x@y", "x"), 553);
    assert_int_equal(send_one(9, "a@b>\nX: y", "a@b", "x"), 553);
    assert_int_equal(send_one(9, "", "", "x"), 553);
    snprintf(path, sizeof path, "%s/tmp/L00000009.a@b.ticketd", dir);   /* what an attempt that was cut off left, as a trap */
    assert_int_equal(symlink("/etc/nobody-writes-here", path), 0);
    assert_int_equal(send_one(9, "", "a@b", "x"), 250);
    check_file("new/L00000009.a@b.ticketd", "Return-Path: <>\nDelivered-To: a@b\nx");
}

static void
test_role(void **state)
{
    Td__RelaySetup setup = TD__RELAY_SETUP__INIT;
    Td__SendJob job = TD__SEND_JOB__INIT;
    struct fake_core core;
    const Td__Frame *f;
    struct frame in;

    (void)state;
    if (!fake_core_start(&core, "drop"))
        skip();
    setup.transport = (char *)"maildir";
    setup.path = dir;
    setup.timeout_s = 10;
    fake_core_send(&core, TD__FRAME__BODY_RELAY_SETUP, &setup, NULL, 0);
    for (uint64_t i = 100; i < 110; i++) {
        int fd = memfd_of("letter", "Subject: x\r\n\r\nhello\r\n", 21);

        job.letter = i;
        job.recipient = (char *)"ann@example.com";
        job.envelope_from = (char *)"";
        fake_core_send(&core, TD__FRAME__BODY_SEND_JOB, &job, &fd, 1);
        close(fd);
        f = fake_core_expect(&core, TD__FRAME__BODY_SEND_OUTCOME, &in, 10000);
        assert_non_null(f);
        assert_int_equal(f->send_outcome->letter, i);
        assert_string_equal(f->send_outcome->recipient, "ann@example.com");
        assert_int_equal(f->send_outcome->code, 250);
    }
    check_file("new/L00000109.ann@example.com.ticketd", "Return-Path: <>\nDelivered-To: ann@example.com\nSubject: x\n\nhello\n");
    assert_int_equal(fake_core_end(&core), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_letters), cmocka_unit_test(test_refusals), cmocka_unit_test(test_role),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
