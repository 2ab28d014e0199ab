/* SPDX-License-Identifier: ISC
 *
 * The maker's side: a role is started from a descriptor of its executable that was opened with core itself, so that a package
 * upgrade under way changes nothing. The child owns nothing of ours but one socket and stderr: no descriptor, no environment,
 * no signal disposition. Between fork and exec only calls that signal-safety(7) allows.
 */
#include "ticketd/role.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define FD_ABOVE 10                     /* clear of stdio and ROLE_FD */
#define SOCKET_BUFFER (1 << 20)
#define ENVIRONMENT_MAX 12

int
role_exec_open(const char *role, struct role_exec *out, char error[256])
{
    struct buf relative = { 0 };
    struct stat st;
    char *path;
    int rc = 0;

    must(strlen(role) < sizeof out->name);
    memcpy(out->name, role, strlen(role) + 1);
    buf_printf(&relative, "libexec/ticketd/%s", role);
    path = path_beside_self(relative.data);
    out->fd = open(path, O_PATH | O_CLOEXEC);
    if (out->fd < 0 || fstat(out->fd, &st))
        rc = errno;
    else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
        rc = EACCES;
    if (rc) {
        snprintf(error, 256, "%.200s: %s", path, strerror(rc));
        if (out->fd >= 0)
            close(out->fd);
        out->fd = -1;
    }
    free(path);
    buf_free(&relative);
    return rc;
}

/* What names the log, and what a sanitiser reads; NAME=value each, the list ends in NULL. */
static void
environment_make(struct arena *a, char *env[ENVIRONMENT_MAX])
{
    static const char *const kept[] = { "JOURNAL_STREAM", "UBSAN_OPTIONS", "TSAN_OPTIONS" };
    size_t n = 0;

    env[n++] = arena_strdup(a, "LANG=C.UTF-8");
    if (log_wants(LOG_TRACE))
        env[n++] = arena_strdup(a, "TICKETD_LOG=debug");
    for (size_t i = 0; i < countof(kept); i++) {
        const char *value = getenv(kept[i]);

        if (value)
            env[n++] = arena_printf(a, "%s=%s", kept[i], value);
    }
#ifdef TICKETD_SANITIZED
    /* The leak check at exit forks and traces, which no sandbox lets it do. */
    const char *asan = getenv("ASAN_OPTIONS");
    env[n++] = arena_printf(a, "ASAN_OPTIONS=%s:detect_leaks=0", asan ? asan : "");
#endif
    env[n] = NULL;
}

/* In the child. Never returns. */
static _Noreturn void
child_become(const struct role_exec *x, int socket, char *const argv[], char *const env[])
{
    struct sigaction plain = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
    sigset_t none;
    int exec = fcntl(x->fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    int ours = fcntl(socket, F_DUPFD_CLOEXEC, FD_ABOVE);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (exec < 0 || ours < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(ours, ROLE_FD) < 0)
        _exit(EX_OSERR);
    if (close_range(ROLE_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC))
        _exit(EX_OSERR);
    for (int s = 1; s < NSIG; s++)
        sigaction(s, &plain, NULL);
    sigaction(SIGINT, &ignore, NULL);   /* Ctrl-C in a terminal reaches us all; core alone answers it */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    syscall(SYS_execveat, exec, "", argv, env, AT_EMPTY_PATH);
    _exit(EX_OSFILE);
}

static int
pair_make(int pair[2])
{
    const int size = SOCKET_BUFFER;
    int flags;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return errno;
    for (int i = 0; i < 2; i++) {
        setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);         /* the kernel cuts it to its own maximum */
        setsockopt(pair[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    flags = fcntl(pair[0], F_GETFL);
    return flags < 0 || fcntl(pair[0], F_SETFL, flags | O_NONBLOCK) ? errno : 0;
}

static enum frame_rc
hello_send(int fd, const char *role, const char *name)
{
    Td__Frame frame = TD__FRAME__INIT;
    Td__Hello hello = TD__HELLO__INIT;

    hello.version = SCHEMA_PROTOCOL;
    hello.role = (char *)(uintptr_t)role;
    hello.name = (char *)(uintptr_t)name;
    frame.body_case = TD__FRAME__BODY_HELLO;
    frame.hello = &hello;
    return frame_send(fd, &frame, NULL, 0);
}

int
role_spawn(const struct role_exec *x, const char *name, struct role_child *out)
{
    struct arena *a = arena_new(0);
    char *argv[2] = { arena_printf(a, "ticketd: %s", name), NULL }, *env[ENVIRONMENT_MAX];
    int pair[2] = { -1, -1 }, rc = pair_make(pair);

    *out = (struct role_child){ .pid = -1, .pidfd = -1, .fd = -1 };
    if (rc)
        goto done;
    if (hello_send(pair[0], x->name, name) != FRAME_OK) {
        rc = ENOBUFS;
        goto done;
    }
    environment_make(a, env);
    out->pid = fork();
    if (!out->pid)
        child_become(x, pair[1], argv, env);
    if (out->pid < 0) {
        rc = errno;
        goto done;
    }
    out->fd = pair[0];
    pair[0] = -1;
    out->pidfd = pidfd_open(out->pid, 0);
    if (out->pidfd < 0) {
        rc = errno;
        role_child_close(out);
    }
done:
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
    arena_free(&a);
    return rc;
}

bool
role_hello_ok(const Td__Frame *first, const char *role)
{
    return first->body_case == TD__FRAME__BODY_HELLO && first->hello->version == SCHEMA_PROTOCOL && !strcmp(first->hello->role, role);
}

/* A killed process is gone within moments; should it hang in the kernel, we do not hang with it. */
void
role_child_close(struct role_child *c)
{
    struct pollfd dead = { .fd = c->pidfd, .events = POLLIN };
    siginfo_t info;

    if (c->pid > 0 && c->pidfd >= 0) {
        pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0);
        while (poll(&dead, 1, 1000) < 0 && errno == EINTR)
            ;
        waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOHANG);      /* ECHILD: the maker has reaped it */
    } else if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
    }
    if (c->pidfd >= 0)
        close(c->pidfd);
    if (c->fd >= 0)
        close(c->fd);
    *c = (struct role_child){ .pid = -1, .pidfd = -1, .fd = -1 };
}
