/* SPDX-License-Identifier: ISC
 *
 * base: files, secrets, directories, and what a log line looks like on stderr.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/base.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/uio.h>
#include <unistd.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

static char dir[] = "/tmp/ticketd-base.XXXXXX";

static int
setup(void **state)
{
    (void)state;
    alarm(60);
    return !mkdtemp(dir) || chdir(dir);
}

static int
teardown(void **state)
{
    static const char *const files[] = { "f", "secret", "fifo", "link", "log", "a/b/c", "a/b", "a" };

    (void)state;
    for (size_t i = 0; i < countof(files); i++)
        remove(files[i]);
    return chdir("/") || rmdir(dir);
}

static void
put(const char *path, const char *text, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(full_write(fd, text, len), 0);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void
test_read(void **state)
{
    struct buf b = { 0 };
    char *big = mem_alloc(100001);

    (void)state;
    put("f", "a\0b\n", 4, 0644);
    assert_int_equal(file_read("f", 4, &b), 0);
    assert_int_equal(b.len, 4);
    assert_memory_equal(b.data, "a\0b\n", 5);
    assert_int_equal(file_read("f", 3, &b), EFBIG);
    assert_int_equal(b.len, 4);                         /* what was there stays */
    buf_clear(&b);
    assert_int_equal(file_read("nowhere", 9, &b), ENOENT);
    assert_int_equal(file_read(".", 9, &b), EISDIR);
    put("f", "", 0, 0644);
    assert_int_equal(file_read("f", 0, &b), 0);
    assert_string_equal(b.data, "");
    memset(big, 'x', 100000);
    put("f", big, 100000, 0644);
    assert_int_equal(file_read("f", 100000, &b), 0);
    assert_string_equal(b.data, big);
    assert_int_equal(file_read("f", 99999, &b), EFBIG);
    free(big);
    buf_free(&b);
    assert_int_equal(file_read("/dev/zero", 1 << 20, &b), EFBIG);
    buf_free(&b);
}

static void
test_secret(void **state)
{
    static const struct { mode_t mode; int want; } rows[] = {
        { 0600, 0 }, { 0400, 0 }, { 0700, 0 }, { 0640, EPERM }, { 0604, EPERM }, { 0644, EPERM }, { 0620, EPERM }, { 0601, EPERM },
    };
    struct buf b = { 0 };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        put("secret", "hunter2\n\n", 9, rows[i].mode);
        buf_clear(&b);
        assert_int_equal(file_read_secret("secret", 100, &b), rows[i].want);
        if (!rows[i].want)
            assert_string_equal(b.data, "hunter2\n");
        remove("secret");
    }
    put("secret", "x", 1, 0600);
    assert_int_equal(symlink("secret", "link"), 0);
    buf_clear(&b);
    assert_int_equal(file_read_secret("link", 100, &b), 0);
    assert_string_equal(b.data, "x");
    assert_int_equal(file_read_secret("secret", 0, &b), EFBIG);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(file_read_secret("fifo", 100, &b), EINVAL);        /* and does not wait for a writer */
    assert_int_equal(file_read_secret(".", 100, &b), EINVAL);
    if (!geteuid()) {
        assert_int_equal(chown("secret", 12345, 0), 0);
        assert_int_equal(file_read_secret("secret", 100, &b), EPERM);
    }
    buf_free(&b);
}

static void
test_directories(void **state)
{
    static const struct { const char *dir, *name, *want; } joins[] = {
        { "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" }, { "/a", "/b", "/b" }, { "", "b", "b" }, { "a", "b/c", "a/b/c" },
    };
    struct stat st;
    char *path;

    (void)state;
    umask(022);
    assert_int_equal(dir_make("a/b/c", 0700), 0);
    assert_int_equal(stat("a/b/c", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(dir_make("a/b/c/", 0700), 0);
    assert_int_equal(dir_make("a//b/.", 0700), 0);
    assert_int_equal(dir_make("/", 0700), 0);
    assert_int_equal(dir_make("", 0700), ENOENT);
    put("f", "", 0, 0600);
    assert_int_equal(dir_make("f", 0700), ENOTDIR);
    assert_int_equal(dir_make("f/x", 0700), ENOTDIR);
    for (size_t i = 0; i < countof(joins); i++) {
        path = path_join(joins[i].dir, joins[i].name);
        assert_string_equal(path, joins[i].want);
        free(path);
    }
    path = path_beside_self("unit");            /* this test lies in it */
    check(!access(path, X_OK), path);
    free(path);
    path = path_beside_self("no/such/file");
    assert_string_equal(path, TICKETD_PREFIX "/no/such/file");
    free(path);
}

static void
test_write(void **state)
{
    int p[2];

    (void)state;
    assert_int_equal(full_write(-1, "x", 1), EBADF);
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    pid_t child = fork();
    if (!child) {
        char block[8192];
        size_t sum = 0;
        ssize_t n;

        close(p[1]);
        while ((n = read(p[0], block, sizeof block)) > 0)
            sum += (size_t)n;
        _exit(sum == 1000000 ? 0 : 1);
    }
    close(p[0]);
    char *big = mem_alloc(1000000);
    assert_int_equal(full_write(p[1], big, 1000000), 0);
    close(p[1]);
    free(big);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* What log lines come out of a child whose stderr is a file; with `journal` as if that were the journal's stream. */
static void
logged(bool journal, struct buf *out)
{
    pid_t child = fork();
    int status;

    if (!child) {
        int fd = open("log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        char stream[64] = "1:1";
        struct stat st;

        fstat(fd, &st);
        if (journal)
            snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
        dup2(fd, STDERR_FILENO);
        log_open("imap[support]", LOG_TO_STDERR, LOG_NOTE);
        log_line(LOG_ALARM, "case=%s status=%s", "CAS-00001-9LGW", "ok");
        log_line(LOG_NOTE, "why=%s", log_value("two words\n"));
        log_line(LOG_TRACE, "never=seen");
        log_line(LOG_FAIL, "raw=a\nb");
        log_line(LOG_WARN, "%05000d", 1);
        bug("as expected");
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    buf_clear(out);
    assert_int_equal(file_read("log", 1 << 16, out), 0);
}

static void
test_log(void **state)
{
    struct buf b = { 0 };

    (void)state;
    logged(false, &b);
    assert_true(strstr(b.data, "imap[support]: alarm: case=CAS-00001-9LGW status=ok\nimap[support]: note: why=\"two words\\x0a\"\n"
                               "imap[support]: fail: raw=a?b\nimap[support]: warn: 0000") == b.data);
    assert_null(strstr(b.data, "never"));
    assert_non_null(strstr(b.data, "0\nimap[support]: panic: at=tests/unit/base_file.c:"));
    assert_non_null(strstr(b.data, "what=\"as expected\" status=abort\n"));
    logged(true, &b);
    assert_true(strstr(b.data, "<1>imap[support]: alarm: case=CAS-00001-9LGW status=ok\n<6>imap") == b.data);
    buf_free(&b);
}

/* Stands in for the journal's own: keeps the fields, one a line. */
static struct buf journal;

int
sd_journal_sendv(const struct iovec *io, int n)
{
    for (int i = 0; i < n; i++) {
        buf_add(&journal, io[i].iov_base, io[i].iov_len);
        buf_putc(&journal, '\n');
    }
    return 0;
}

static void
test_journal(void **state)
{
    (void)state;
    log_open("ticketd", LOG_TO_JOURNAL, LOG_NOTE);
    log_line(LOG_FAIL, "case=CAS-1 why=%s words Odd-key=1 empty= last=%s", log_value("a \"b\" \\ c"), log_value("x"));
    log_line(LOG_TRACE, "never=seen");
    log_open("ticketd", LOG_TO_STDERR, LOG_NOTE);
    assert_string_equal(journal.data,
                        "MESSAGE=case=CAS-1 why=\"a \\\"b\\\" \\\\ c\" words Odd-key=1 empty= last=x\nPRIORITY=3\nSYSLOG_IDENTIFIER=ticketd\n"
                        "TICKETD_CASE=CAS-1\nTICKETD_WHY=a \\\"b\\\" \\\\ c\nTICKETD_ODD_KEY=1\nTICKETD_EMPTY=\nTICKETD_LAST=x\n");
    buf_clear(&journal);
    log_open("ticketd", LOG_TO_JOURNAL, LOG_NOTE);
    for (int i = 0; i < 2; i++)
        log_line(LOG_NOTE, "%s", "a=1 b=\"unclosed c=3");
    log_line(LOG_NOTE, "%s", "1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 10= 11= 12= 13= 14= 15= 16= 17= 18= 19= 20= 21= 22= 23= 24= 25= 26= 27= 28= 29= 30= 31= 32=");
    log_open("ticketd", LOG_TO_STDERR, LOG_NOTE);
    assert_non_null(strstr(journal.data, "TICKETD_29="));
    assert_null(strstr(journal.data, "TICKETD_30="));
    buf_free(&journal);
}

static void
test_log_value(void **state)
{
    static const struct { const char *in, *out; } rows[] = {
        { NULL, "-" }, { "", "\"\"" }, { "plain", "plain" }, { "a@b.example", "a@b.example" }, { "two words", "\"two words\"" },
        { "a=b", "\"a=b\"" }, { "say \"hi\"", "\"say \\\"hi\\\"\"" }, { "back\\slash", "\"back\\\\slash\"" }, { "x\n", "\"x\\x0a\"" },
        { "\xc3\xa5", "\"\\xc3\\xa5\"" },
    };
    const char *kept[8];
    char many[1000], number[12];

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        assert_string_equal(log_value(rows[i].in), rows[i].out);
    memset(many, '"', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    assert_int_equal(strlen(log_value(many)), 402);
    for (int i = 0; i < 8; i++) {
        snprintf(number, sizeof number, "%d", i);
        kept[i] = log_value(number);
    }
    for (int i = 0; i < 8; i++)
        assert_int_equal(kept[i][0], '0' + i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_log_value),
    };

    return cmocka_run_group_tests_name("base_file", tests, setup, teardown);
}
