/* SPDX-License-Identifier: ISC
 *
 * role: spawning. The test's own executable is the role: started as one it tells about itself what it is asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/role.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

/* ---------------------------------------------------------------- the role */

static void
tell_environment(struct buf *b)
{
    for (char **e = environ; *e; e++)
        buf_printf(b, "%s\n", *e);
}

static void
tell_descriptors(struct buf *b)
{
    for (int fd = 0; fd < 1000; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            buf_printf(b, "%d ", fd);
}

static void
tell_stdin(struct buf *b)
{
    char path[100] = "";

    if (readlink("/proc/self/fd/0", path, sizeof path - 1) > 0)
        buf_puts(b, path);
}

static void
tell_limits(struct buf *b)
{
    struct rlimit core;
    mode_t mask = umask(0);
    sigset_t blocked;
    struct sigaction term;

    getrlimit(RLIMIT_CORE, &core);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGTERM, NULL, &term);
    buf_printf(b, "core=%d umask=%o nnp=%d blocked=%d term=%d", (int)core.rlim_max, mask, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
               sigismember(&blocked, SIGTERM) || sigismember(&blocked, SIGUSR1), term.sa_handler != SIG_DFL);
}

static void
tell_name(struct buf *b)
{
    char comm[17] = "";

    prctl(PR_GET_NAME, comm);
    buf_puts(b, comm);
}

static const struct { const char *verb; void (*tell)(struct buf *b); } verbs[] = {
    { "environment", tell_environment }, { "descriptors", tell_descriptors }, { "stdin", tell_stdin }, { "limits", tell_limits },
    { "name", tell_name },
};

static _Noreturn void
role_main(char **argv)
{
    role_start("echo");
    for (;;) {
        struct arena *a = arena_new(1 << 16);
        struct frame f;
        struct buf b = { 0 };
        Td__Frame answer = TD__FRAME__INIT;
        Td__Reply reply = TD__REPLY__INIT;

        frame_receive_or_exit(a, &f);
        buf_puts(&b, "");
        for (size_t i = 0; i < countof(verbs); i++)
            if (!strcmp(f.body->request->verb, verbs[i].verb))
                verbs[i].tell(&b);
        if (!strcmp(f.body->request->verb, "argv"))
            buf_puts(&b, argv[0]);
        answer.body_case = TD__FRAME__BODY_REPLY;
        answer.reply = &reply;
        reply.error = b.data;
        frame_send(ROLE_FD, &answer, NULL, 0);
        buf_free(&b);
        frame_close(&f);
        arena_free(&a);
    }
}

/* ---------------------------------------------------------------- its maker */

static struct role_exec self;

static int
setup(void **state)
{
    (void)state;
    alarm(60);
    strcpy(self.name, "echo");
    self.fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    return self.fd < 0;
}

static int
teardown(void **state)
{
    (void)state;
    return close(self.fd);
}

/* Waits for one frame; the reply's text or NULL when the child is gone. */
static enum frame_rc
await(const struct role_child *c, struct arena *a, struct frame *f)
{
    struct pollfd p = { .fd = c->fd, .events = POLLIN };

    assert_int_equal(poll(&p, 1, 10000), 1);
    return frame_receive(c->fd, a, f);
}

static struct role_child
start(const char *name)
{
    struct role_child c;
    struct arena *a = arena_new(1 << 16);
    struct frame f;

    assert_int_equal(role_spawn(&self, name, &c), 0);
    assert_int_equal(await(&c, a, &f), FRAME_OK);
    assert_true(role_hello_ok(f.body, "echo"));
    assert_false(role_hello_ok(f.body, "imap"));
    assert_string_equal(f.body->hello->name, name);
    arena_free(&a);
    return c;
}

static const char *
ask(const struct role_child *c, const char *verb)
{
    static char answer[4096];
    struct arena *a = arena_new(1 << 16);
    Td__Frame question = TD__FRAME__INIT;
    Td__Request request = TD__REQUEST__INIT;
    struct frame f;

    question.body_case = TD__FRAME__BODY_REQUEST;
    question.request = &request;
    request.verb = (char *)(uintptr_t)verb;
    assert_int_equal(frame_send(c->fd, &question, NULL, 0), FRAME_OK);
    assert_int_equal(await(c, a, &f), FRAME_OK);
    assert_false(role_hello_ok(f.body, "echo"));
    snprintf(answer, sizeof answer, "%s", f.body->reply->error);
    arena_free(&a);
    return answer;
}

static void
test_child_is_bare(void **state)
{
    int leak = open("/dev/null", O_RDONLY);     /* without CLOEXEC, on purpose */
    struct role_child c;
    sigset_t usr1;

    (void)state;
    unsetenv("ASAN_OPTIONS"), unsetenv("UBSAN_OPTIONS"), unsetenv("TSAN_OPTIONS"), unsetenv("LSAN_OPTIONS");
    setenv("SECRET", "x", 1);
    setenv("JOURNAL_STREAM", "1:2", 1);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    signal(SIGTERM, SIG_IGN);
    c = start("echo[one]");
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
#ifndef TICKETD_SANITIZED
    assert_string_equal(ask(&c, "environment"), "LANG=C.UTF-8\nJOURNAL_STREAM=1:2\n");
#endif
    assert_null(strstr(ask(&c, "environment"), "SECRET"));
    assert_string_equal(ask(&c, "descriptors"), "0 1 2 3 ");
    assert_string_equal(ask(&c, "stdin"), "/dev/null");
    assert_string_equal(ask(&c, "argv"), "ticketd: echo[one]");
    assert_string_equal(ask(&c, "name"), "echo");
    assert_string_equal(ask(&c, "limits"), "core=0 umask=77 nnp=1 blocked=0 term=0");
    unsetenv("SECRET");
    unsetenv("JOURNAL_STREAM");
    role_child_close(&c);
    close(leak);
}

static void
test_ends(void **state)
{
    struct role_child c = start("echo[two]");
    struct pollfd dead = { .fd = c.pidfd, .events = POLLIN };
    struct arena *a = arena_new(1 << 16);
    struct frame f;
    siginfo_t info;
    pid_t pid = c.pid;

    (void)state;
    kill(c.pid, SIGINT);                        /* Ctrl-C is core's business */
    kill(c.pid, SIGPIPE);
    assert_string_equal(ask(&c, "name"), "echo");
    kill(c.pid, SIGTERM);
    assert_int_equal(poll(&dead, 1, 10000), 1);
    assert_int_equal(frame_receive(c.fd, a, &f), FRAME_CLOSED);
    assert_int_equal(waitid(P_PIDFD, (id_t)c.pidfd, &info, WEXITED), 0);
    assert_int_equal(info.si_status, SIGTERM);
    role_child_close(&c);                       /* reaped before: nothing to kill */
    assert_int_equal(c.fd, -1);
    role_child_close(&c);

    c = start("echo[three]");                   /* the socket closes: it goes by itself */
    pid = c.pid;
    close(c.fd);
    c.fd = -1;
    dead.fd = c.pidfd;
    assert_int_equal(poll(&dead, 1, 10000), 1);
    assert_int_equal(waitid(P_PIDFD, (id_t)c.pidfd, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_code, CLD_EXITED);
    assert_int_equal(info.si_status, 0);
    role_child_close(&c);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);

    c = start("echo[four]");                    /* alive and stopped: closing ends it all the same */
    pid = c.pid;
    kill(pid, SIGSTOP);
    role_child_close(&c);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    arena_free(&a);
}

/* The maker dies without a word, its end of the socket kept open by somebody else: the child dies with it all the same. */
static void
test_dies_with_maker(void **state)
{
    int tell[2];
    pid_t child = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, tell), 0);
    pid_t maker = fork();
    if (!maker) {
        struct role_child c = start("echo[five]");
        Td__Frame frame = TD__FRAME__INIT;
        Td__Request request = TD__REQUEST__INIT;
        char number[20];

        snprintf(number, sizeof number, "%d", c.pid);
        request.verb = number;
        frame.body_case = TD__FRAME__BODY_REQUEST;
        frame.request = &request;
        frame_send(tell[1], &frame, &c.fd, 1);
        pause();
    }
    struct arena *a = arena_new(1 << 16);
    struct frame f;
    assert_int_equal(frame_receive(tell[0], a, &f), FRAME_OK);
    child = atoi(f.body->request->verb);
    int kept = frame_take(&f, 0), pidfd = pidfd_open(child, 0);
    struct pollfd dead = { .fd = pidfd, .events = POLLIN };
    assert_true(pidfd >= 0 && kept >= 0);
    assert_int_equal(poll(&dead, 1, 50), 0);
    kill(maker, SIGKILL);
    waitpid(maker, NULL, 0);
    assert_int_equal(poll(&dead, 1, 10000), 1);
    close(kept);
    close(pidfd);
    close(tell[0]);
    close(tell[1]);
    arena_free(&a);
}

static int
exit_code(struct role_child *c)
{
    siginfo_t info = { 0 };

    assert_int_equal(waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED), 0);
    assert_int_equal(info.si_code, CLD_EXITED);
    role_child_close(c);
    return info.si_status;
}

static void
test_wrong_starts(void **state)
{
    static const struct { const char *label, *role; uint32_t version; int want; } rows[] = {
        { "another role", "imap", SCHEMA_PROTOCOL, 76 },
        { "another version", "echo", SCHEMA_PROTOCOL + 1, 76 },
    };
    int quiet = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct role_exec other = self;
    struct role_child c;
    int status;

    (void)state;
    dup2(null, STDERR_FILENO);
    strcpy(other.name, "imap");
    assert_int_equal(role_spawn(&other, "imap[x]", &c), 0);
    assert_int_equal(exit_code(&c), 76);
    for (size_t i = 0; i < countof(rows); i++) {
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        pid_t pid = fork();
        if (!pid) {
            dup2(pair[1], ROLE_FD);
            close_range(ROLE_FD + 1, ~0u, 0);
            role_start("echo");
            _exit(0);
        }
        Td__Frame frame = TD__FRAME__INIT;
        Td__Hello hello = TD__HELLO__INIT;
        hello.version = rows[i].version;
        hello.role = (char *)(uintptr_t)rows[i].role;
        hello.name = (char *)(uintptr_t)"x";
        frame.body_case = TD__FRAME__BODY_HELLO;
        frame.hello = &hello;
        frame_send(pair[0], &frame, NULL, 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        check(WIFEXITED(status) && WEXITSTATUS(status) == rows[i].want, rows[i].label);
        close(pair[0]);
        close(pair[1]);
    }
    pid_t by_hand = fork();                     /* from a shell: no socket there */
    if (!by_hand) {
        close(ROLE_FD);
        role_start("echo");
        _exit(0);
    }
    assert_int_equal(waitpid(by_hand, &status, 0), by_hand);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 64);
    dup2(quiet, STDERR_FILENO);
    close(quiet);
    close(null);
}

/* A package upgrade takes the file away: what was opened at the start still runs. */
static void
test_executable_replaced(void **state)
{
    char path[] = "/tmp/ticketd-role.XXXXXX";
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = mkostemp(path, O_CLOEXEC);
    struct role_exec copy = { .name = "echo" };
    struct role_child c;
    struct arena *a = arena_new(1 << 16);
    struct frame f;
    struct stat st;

    (void)state;
    assert_true(from >= 0 && to >= 0 && !fstat(from, &st));
    while (st.st_size > 0) {
        char block[65536];
        ssize_t n = read(from, block, sizeof block);

        assert_true(n > 0);
        assert_int_equal(full_write(to, block, (size_t)n), 0);
        st.st_size -= n;
    }
    fchmod(to, 0700);
    close(from);
    close(to);
    copy.fd = open(path, O_PATH | O_CLOEXEC);
    unlink(path);
    assert_int_equal(role_spawn(&copy, "echo[copy]", &c), 0);
    assert_int_equal(await(&c, a, &f), FRAME_OK);
    assert_true(role_hello_ok(f.body, "echo"));
    assert_string_equal(ask(&c, "argv"), "ticketd: echo[copy]");
    role_child_close(&c);
    close(copy.fd);
    arena_free(&a);
}

static void
test_exec_open(void **state)
{
    struct role_exec x = { 0 };
    char error[256] = "";

    (void)state;
    assert_int_equal(role_exec_open("no-such-role", &x, error), ENOENT);
    assert_non_null(strstr(error, "/libexec/ticketd/no-such-role: "));
    assert_int_equal(x.fd, -1);
}

static void
test_throttle(void **state)
{
    static const struct { const char *label; bool worked; int64_t wait; } rows[] = {
        { "first", false, 100 }, { "2", false, 200 }, { "3", false, 400 }, { "4", false, 800 }, { "worked", true, 0 },
        { "worked again", true, 0 }, { "anew", false, 100 }, { "b", false, 200 }, { "c", false, 400 }, { "d", false, 800 },
        { "e", false, 1600 }, { "f", false, 3200 }, { "g", false, 6400 }, { "h", false, 12800 }, { "i", false, 25600 },
        { "j", false, 51200 }, { "longest", false, 60000 }, { "stays", false, 60000 }, { "good again", true, 0 },
    };
    struct role_throttle t = { 0 };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        role_throttle_died(&t, rows[i].worked, 1000000);
        check(t.not_before_ms == 1000000 + rows[i].wait, rows[i].label);
    }
    for (int i = 0; i < 5000; i++)
        role_throttle_died(&t, false, 0);
    assert_int_equal(t.not_before_ms, 60000);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_is_bare),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_dies_with_maker),
        cmocka_unit_test(test_wrong_starts),
        cmocka_unit_test(test_executable_replaced),
        cmocka_unit_test(test_exec_open),
        cmocka_unit_test(test_throttle),
    };

    if (argc == 1 && !strncmp(argv[0], "ticketd: ", 9))
        role_main(argv);
    return cmocka_run_group_tests_name("role_spawn", tests, setup, teardown);
}
