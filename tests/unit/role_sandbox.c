/* SPDX-License-Identifier: ISC
 *
 * role: what a sandboxed process can and cannot do. One table: for each deed and each kind of sandbox the outcome, tried by a
 * child of its own. The same deeds are first done without a sandbox, for a deed that never works would prove nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/role.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/ticketd-sandbox.XXXXXX";
static char outside[] = "/tmp/ticketd-outside.XXXXXX";
static char ca_file[64], ca_new[64];
static int listener, pair[2], mail;
static struct sockaddr_in there = { .sin_family = AF_INET };
static bool have_landlock;

/* ---------------------------------------------------------------- deeds: true when done */

static bool
can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    return fd >= 0 && !close(fd);
}

static bool open_passwd(void) { return can_open("/etc/passwd", O_RDONLY); }
static bool open_hosts(void) { return can_open("/etc/hosts", O_RDONLY); }
static bool open_outside(void) { return can_open(outside, O_RDONLY); }
static bool write_outside(void) { return can_open(outside, O_WRONLY); }
static bool open_ca(void) { return can_open(ca_file, O_RDONLY); }
static bool create_in_folder(void) { return can_open("f", O_WRONLY | O_CREAT | O_TRUNC); }
static bool move_in_folder(void) { return create_in_folder() && !rename("f", "new/f") && !unlink("new/f"); }
static bool list_folder(void) { return can_open(".", O_RDONLY | O_DIRECTORY); }
static bool move_out_of_folder(void) { char to[80]; snprintf(to, sizeof to, "%s.moved", outside); return create_in_folder() && !rename("f", to) && !unlink(to); }
static bool raw_openat(void) { return syscall(SYS_openat, AT_FDCWD, "/etc/hosts", O_RDONLY) >= 0; }
static bool stat_passwd(void) { struct stat st; return !stat("/etc/passwd", &st); }
static bool watch_folder(void) { int fd = inotify_init1(IN_CLOEXEC); return fd >= 0 && inotify_add_watch(fd, ".", IN_CREATE) >= 0; }
static bool socket_inet(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool socket_unix(void) { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
static bool socket_netlink(void) { return socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }
static bool exec_true(void) { execl("/bin/true", "true", (char *)NULL); return false; }
static bool ptrace_me(void) { return !ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static bool random_bytes(void) { char b[8]; return getrandom(b, sizeof b, 0) == sizeof b; }
static bool signal_maker(void) { return !kill(getppid(), 0); }
static bool own_limits(void) { struct rlimit r = { 64, 64 }; return !setrlimit(RLIMIT_NOFILE, &r); }
static bool signal_by_kernel(void) { return !fcntl(pair[0], F_SETOWN, getppid()); }
static bool dumpable(void) { return !prctl(PR_SET_DUMPABLE, 1); }
static bool lock_memory(void) { static char b[4096]; return !syscall(SYS_mlock, b, sizeof b); }
static bool nap(void) { struct timespec t = { 0, 1000 }; return !nanosleep(&t, NULL) && time(NULL) > 0; }

static bool
exec_by_descriptor(void)
{
    char *argv[] = { (char *)(uintptr_t)"x", NULL };

    syscall(SYS_execveat, mail, "", argv, argv + 1, AT_EMPTY_PATH);
    return errno == EACCES || errno == ENOEXEC;         /* the kernel got as far as looking at it */
}

static bool
connect_out(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && !connect(fd, (struct sockaddr *)&there, sizeof there);
}

/* without a socket() of its own: one that it was given */
static bool
connect_given(void)
{
    struct sockaddr none = { .sa_family = AF_UNSPEC };

    return !connect(mail + 1, &none, sizeof none);
}

static bool
listen_anew(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && !bind(fd, (struct sockaddr *)&any, sizeof any) && !listen(fd, 1);
}

static bool
accept_given(void)
{
    struct pollfd p = { .fd = listener, .events = POLLIN };

    return poll(&p, 1, 1000) == 1 && accept4(listener, NULL, NULL, SOCK_CLOEXEC) >= 0;
}

static bool
fork_child(void)
{
    pid_t pid = fork();

    if (!pid)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static void *
thread_body(void *arg)
{
    return arg;
}

static bool
start_thread(void)
{
    pthread_t t;

    return !pthread_create(&t, NULL, thread_body, NULL) && !pthread_join(t, NULL);
}

static bool
look_up(void)
{
    struct addrinfo *found = NULL, hints = { .ai_socktype = SOCK_STREAM };

    return !getaddrinfo("localhost", "25", &hints, &found);
}

static bool
map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
map_writable_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, mail, 0) != MAP_FAILED;
}

static bool
make_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p != MAP_FAILED && !mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static bool
use_memory(void)
{
    struct buf b = { 0 };

    for (int i = 0; i < 300000; i++)
        buf_puts(&b, "0123456789");
    buf_free(&b);
    return true;
}

/* What every role lives on: a frame, a bulk one, a descriptor, a memfd made and one read. */
static bool
talk(void)
{
    struct arena *a = arena_new(32u << 20);
    Td__Frame f = TD__FRAME__INIT;
    Td__Reply reply = TD__REPLY__INIT;
    struct frame got;
    struct memfd_map map;
    bool ok = true;

    f.body_case = TD__FRAME__BODY_REPLY;
    f.reply = &reply;
    for (size_t len = 10; ok && len < 1000000; len *= 100) {
        reply.error = arena_alloc(a, len + 1);
        memset(reply.error, 'x', len);
        ok = frame_send(pair[0], &f, &mail, 1) == FRAME_OK && frame_receive(pair[1], a, &got) == FRAME_OK;
        ok = ok && got.n_fds == 1 && memfd_map(got.fds[0], 100, &map) && map.len == 5;
        memfd_unmap(&map);
        frame_close(&got);
    }
    arena_free(&a);
    return ok;
}

/* ---------------------------------------------------------------- outcomes */

/* y: done. n: refused or killed. K: killed by the filter. L: refused where the kernel has Landlock. */
static const struct { const char *label; bool (*deed)(void); const char *pure, *net, *listen, *folder, *store; } rows[] = {
    { "talk in frames", talk, "y", "y", "y", "y", "y" },
    { "use memory", use_memory, "y", "y", "y", "y", "y" },
    { "nap and tell the time", nap, "y", "y", "y", "y", "y" },
    { "open /etc/passwd", open_passwd, "n", "L", "n", "L", "L" },
    { "open /etc/hosts", open_hosts, "n", "y", "n", "L", "L" },
    { "openat without the library", raw_openat, "n", "y", "n", "L", "L" },
    { "open a file elsewhere", open_outside, "n", "L", "n", "L", "L" },
    { "write a file elsewhere", write_outside, "n", "n", "n", "L", "L" },
    { "open the CA file", open_ca, "n", "y", "n", "y", "y" },
    { "create in the folder", create_in_folder, "n", "n", "n", "y", "y" },
    { "move within the folder", move_in_folder, "n", "n", "n", "y", "y" },
    { "list the folder", list_folder, "n", "L", "n", "y", "y" },
    { "move out of the folder", move_out_of_folder, "n", "n", "n", "L", "L" },
    { "watch the folder", watch_folder, "n", "n", "n", "y", "n" },
    { "stat /etc/passwd", stat_passwd, "n", "y", "n", "y", "y" },
    { "socket inet", socket_inet, "K", "y", "n", "n", "n" },
    { "socket unix", socket_unix, "K", "n", "n", "n", "n" },
    { "socket netlink", socket_netlink, "K", "n", "n", "n", "n" },
    { "connect", connect_out, "K", "y", "n", "n", "n" },
    { "connect with a given socket", connect_given, "K", "y", "n", "n", "n" },
    { "bind and listen", listen_anew, "K", "n", "n", "n", "n" },
    { "accept on a given socket", accept_given, "K", "n", "y", "n", "n" },
    { "look up a name", look_up, "n", "y", "n", "n", "n" },
    { "exec", exec_true, "K", "K", "K", "K", "K" },
    { "exec a descriptor", exec_by_descriptor, "K", "K", "K", "K", "K" },
    { "ptrace", ptrace_me, "K", "K", "K", "K", "K" },
    { "fork", fork_child, "K", "n", "n", "n", "n" },
    { "start a thread", start_thread, "K", "y", "n", "n", "n" },
    { "map code", map_code, "K", "n", "n", "n", "n" },
    { "map a file as writable code", map_writable_code, "K", "n", "n", "n", "n" },
    { "turn data into code", make_code, "K", "n", "n", "n", "n" },
    { "signal the maker", signal_maker, "K", "n", "n", "n", "n" },
    { "have the kernel signal the maker", signal_by_kernel, "K", "n", "n", "n", "n" },
    { "change limits", own_limits, "n", "n", "n", "n", "n" },
    { "become dumpable", dumpable, "n", "n", "n", "n", "n" },
    { "randomness", random_bytes, "n", "y", "y", "y", "y" },
    { "lock memory", lock_memory, "n", "y", "y", "y", "y" },
};

static const struct { const char *label; enum role_sandbox kind; } kinds[] = {
    { "pure", SANDBOX_PURE }, { "net", SANDBOX_NET }, { "listen", SANDBOX_LISTEN }, { "folder", SANDBOX_FOLDER }, { "store", SANDBOX_STORE },
};

/* The wait status of a child that enters (kind < 0: does not) and does the deed: exit 0 done, 1 refused. */
static int
outcome(int kind, bool (*deed)(void))
{
    static const char *const folders[] = { [SANDBOX_NET] = ca_file, [SANDBOX_FOLDER] = folder, [SANDBOX_STORE] = folder };
    pid_t pid = fork();
    int status;

    if (!pid) {
        struct rlimit none = { 0, 0 };

        setrlimit(RLIMIT_CORE, &none);
        alarm(30);
        if (kind >= 0)
            role_sandbox_enter((enum role_sandbox)kind, (size_t)kind < countof(folders) ? folders[kind] : NULL);
        _exit(deed() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool
killed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool
as_wanted(int status, char want)
{
    switch (want) {
    case 'y':
        return WIFEXITED(status) && !WEXITSTATUS(status);
    case 'K':
        return killed(status);
    case 'L':
        return have_landlock ? WIFEXITED(status) && WEXITSTATUS(status) == 1 : true;
    default:
        return killed(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 1);
    }
}

/* A connection that waits to be accepted, for those that may. */
static int
knock(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    return fd;
}

/* Who knocked is let in and out, whether or not the child took anybody: the queue stays short. */
static void
clear_the_door(int knocking)
{
    struct pollfd p = { .fd = listener, .events = POLLIN };

    close(knocking);
    while (poll(&p, 1, 0) == 1)
        close(accept(listener, NULL, NULL));
}

static void
test_deeds(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t r = 0; r < countof(rows); r++) {
        const char *want[] = { rows[r].pure, rows[r].net, rows[r].listen, rows[r].folder, rows[r].store };
        int knocking = knock();

        if (!as_wanted(outcome(-1, rows[r].deed), 'y')) {
            print_error("%s: not even without a sandbox\n", rows[r].label);
            wrong++;
        }
        clear_the_door(knocking);
        for (size_t k = 0; k < countof(kinds); k++) {
            knocking = knock();
            int status = outcome((int)kinds[k].kind, rows[r].deed);

            clear_the_door(knocking);
            if (!as_wanted(status, *want[k])) {
                print_error("%s: %s: status %#x, wanted %s\n", kinds[k].label, rows[r].label, (unsigned)status, want[k]);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

static bool
aborts(void)
{
    abort();
}

/* Our own bugs must look like bugs, not like break-outs. */
static void
test_abort(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(kinds); k++) {
        int status = outcome((int)kinds[k].kind, aborts);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
}

static bool
too_much_memory(void)
{
    return mmap(NULL, (size_t)2 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

static void
test_memory_limit(void **state)
{
    (void)state;
#ifndef TICKETD_SANITIZED
    assert_int_equal(WEXITSTATUS(outcome(SANDBOX_PURE, too_much_memory)), 1);
#endif
    assert_int_equal(outcome(SANDBOX_STORE, too_much_memory), 0);
}

static bool
no_folder(void)
{
    role_sandbox_enter(SANDBOX_FOLDER, "/no/such/folder");
    return true;
}

static void
test_no_folder(void **state)
{
    int status, quiet = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    if (!have_landlock)
        skip();
    dup2(null, STDERR_FILENO);
    status = outcome(-1, no_folder);
    dup2(quiet, STDERR_FILENO);
    close(quiet);
    close(null);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 71);
}

/* The child tells after each word from us whether its sandbox went stale. */
static void
test_stale(void **state)
{
    char word, answer;
    pid_t pid;
    int status, fd;

    (void)state;
    if (!have_landlock)
        skip();
    pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        role_sandbox_enter(SANDBOX_NET, ca_file);
        for (;;) {
            answer = role_sandbox_stale() ? 'y' : 'n';
            if (write(pair[1], &answer, 1) != 1 || read(pair[1], &word, 1) != 1 || word == 'q')
                _exit(0);
        }
    }
    assert_int_equal(read(pair[0], &answer, 1), 1);
    assert_int_equal(answer, 'n');
    fd = open(ca_new, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    assert_int_equal(rename(ca_new, ca_file), 0);
    assert_int_equal(write(pair[0], "?", 1), 1);
    assert_int_equal(read(pair[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    assert_int_equal(write(pair[0], "q", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* ---------------------------------------------------------------- */

static int
setup(void **state)
{
    socklen_t len = sizeof there;
    int fd;

    (void)state;
    alarm(120);
    have_landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 2;
    if (!mkdtemp(folder) || chdir(folder) || mkdir("new", 0700) || (fd = mkostemp(outside, O_CLOEXEC)) < 0)
        return -1;
    close(fd);
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", folder);
    snprintf(ca_new, sizeof ca_new, "%s/ca.new", folder);
    fd = open(ca_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&there, sizeof there) || listen(listener, 50) ||
        getsockname(listener, (struct sockaddr *)&there, &len))
        return -1;
    mail = memfd_of("mail", "hello", 5);
    if (dup2(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), mail + 1) < 0)
        return -1;
    return mail < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int
teardown(void **state)
{
    (void)state;
    remove(outside);
    remove("f");
    remove("new/f");
    remove("new");
    remove(ca_file);
    return chdir("/") || rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deeds),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_stale),
    };

    return cmocka_run_group_tests_name("role_sandbox", tests, setup, teardown);
}
