/* SPDX-License-Identifier: ISC
 *
 * The stream driver against peers that drip, flood or leave, over socket pairs and through libetpan's own reader.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../src/intake/stream.h"

struct peer { pid_t pid; struct stream *s; mailstream *ms; };

static void
drip(int fd)
{
    for (int i = 0; i < 200; i++) {
        if (write(fd, "x", 1) != 1)
            return;
        usleep(20000);
    }
}

static void
flood(int fd)
{
    char block[4096];

    memset(block, 'y', sizeof block);
    while (write(fd, block, sizeof block) > 0)
        ;
}

static void
half_a_line(int fd)
{
    (void)!write(fd, "* OK cut", 8);
}

static void
two_lines(int fd)
{
    (void)!write(fd, "one\r\ntwo\r\n", 10);
    pause();
}

static void
silence(int fd)
{
    (void)fd;
    pause();
}

static struct peer
start(void (*act)(int fd))
{
    struct peer p;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    if ((p.pid = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);       /* a test that fails leaves nobody behind */
        close(fds[0]);
        signal(SIGPIPE, SIG_IGN);
        act(fds[1]);
        _exit(0);
    }
    close(fds[1]);
    p.s = stream_of(fds[0]);
    p.ms = stream_open_mailstream(p.s);
    return p;
}

static void
stop(struct peer *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    mailstream_close(p->ms);
    stream_free(&p->s);
}

static void
limits(void **state)
{
    static const struct { const char *label; void (*act)(int fd); int64_t timeout_ms; uint64_t cap; enum stream_fault want; int64_t at_most_ms; } rows[] = {
        { "a byte now and then does not move the deadline", drip, 300, 1 << 20, STREAM_TIMEOUT, 1500 },
        { "silence", silence, 200, 1 << 20, STREAM_TIMEOUT, 1500 },
        { "more than the cap", flood, 5000, 100000, STREAM_OVER, 4000 },
        { "the end within a line", half_a_line, 5000, 1 << 20, STREAM_CLOSED, 4000 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct peer p = start(rows[i].act);
        MMAPString *line = mmap_string_new("");
        int64_t begun = stream_now_ms();
        char byte;

        print_message("  %s\n", rows[i].label);
        stream_limit(p.s, rows[i].timeout_ms, rows[i].cap);
        assert_null(mailstream_read_line(p.ms, line));
        assert_int_equal(stream_fault(p.s), rows[i].want);
        assert_true(stream_now_ms() - begun < rows[i].at_most_ms);
        assert_true(line->len <= rows[i].cap);
        assert_string_not_equal(stream_why(p.s), "");
        /* the fault stays, whatever limits come: nothing waits again */
        begun = stream_now_ms();
        stream_limit(p.s, 10000, 1 << 20);
        assert_int_equal(mailstream_low_read(p.ms->low, &byte, 1), -1);
        assert_int_equal(mailstream_low_write(p.ms->low, "x", 1), -1);
        assert_true(stream_now_ms() - begun < 200);
        mmap_string_free(line);
        stop(&p);
    }
}

static void
the_cap_is_per_command(void **state)
{
    struct peer p = start(flood);
    char block[1000];

    (void)state;
    for (int i = 0; i < 20; i++) {
        size_t got = 0;

        stream_limit(p.s, 5000, sizeof block);
        while (got < sizeof block) {
            ssize_t n = mailstream_low_read(p.ms->low, block + got, sizeof block - got);

            assert_true(n > 0);
            got += (size_t)n;
        }
    }
    assert_int_equal(mailstream_low_read(p.ms->low, block, 1), -1);
    assert_int_equal(stream_fault(p.s), STREAM_OVER);
    stop(&p);
}

static void
a_peer_that_does_not_read_stops_writing(void **state)
{
    struct peer p = start(silence);
    static char block[1 << 20];
    int64_t begun = stream_now_ms();

    (void)state;
    stream_limit(p.s, 300, 1000);
    for (int i = 0; i < 1000 && stream_fault(p.s) == STREAM_FINE; i++)
        (void)mailstream_low_write(p.ms->low, block, sizeof block);
    assert_int_equal(stream_fault(p.s), STREAM_TIMEOUT);
    assert_true(stream_now_ms() - begun < 2000);
    stop(&p);
}

static void
what_lies_in_the_buffer_is_seen(void **state)
{
    struct peer p = start(two_lines);
    MMAPString *line = mmap_string_new("");

    (void)state;
    stream_limit(p.s, 5000, 1000);
    usleep(100000);
    assert_false(stream_has_buffered(p.s, p.ms));
    assert_non_null(mailstream_read_line(p.ms, line));
    assert_string_equal(line->str, "one\r\n");
    assert_true(stream_has_buffered(p.s, p.ms));
    assert_non_null(mailstream_read_line(p.ms, line));
    assert_false(stream_has_buffered(p.s, p.ms));
    mmap_string_free(line);
    stop(&p);
}

static void
connecting(void **state)
{
    char why[STREAM_WHY_MAX];

    (void)state;
    assert_null(stream_connect("127.0.0.1", 1, 2000, true, why));
    assert_non_null(strstr(why, "127.0.0.1 port 1: "));
    assert_null(stream_connect("192.0.2.1", 143, 2000, true, why));
    assert_non_null(strstr(why, "only a loopback address"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits), cmocka_unit_test(the_cap_is_per_command), cmocka_unit_test(a_peer_that_does_not_read_stops_writing),
        cmocka_unit_test(what_lies_in_the_buffer_is_seen), cmocka_unit_test(connecting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
