/* SPDX-License-Identifier: ISC
 *
 * The child's side: what a role does first, whatever it is for, and how it waits for its maker. A role outlives nobody: it is
 * killed with its maker and ends when the socket closes. Privileges can only shrink from here on.
 */
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define HELLO_ARENA (64u << 10)
#define STALE_CHECK_MS 30000

static void
signals_set(void)
{
    struct sigaction plain = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGTERM, &plain, NULL);
}

static void
privileges_drop(void)
{
    struct rlimit none = { 0, 0 };

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
        sandbox_fail("privileges", errno);
#ifndef TICKETD_SANITIZED
    if (prctl(PR_SET_DUMPABLE, 0))
        sandbox_fail("dumpable", errno);
#endif
    umask(077);
}

static _Noreturn void
protocol_fail(const char *what)
{
    log_line(LOG_FAIL, "action=start what=%s status=protocol", what);
    exit(EX_PROTOCOL);
}

void
role_start(const char *role)
{
    enum log_level level = getenv("TICKETD_LOG") ? LOG_TRACE : LOG_NOTE;
    int type = 0;
    socklen_t len = sizeof type;
    struct arena *a = arena_new(HELLO_ARENA);
    struct frame first;
    const char *name;

    log_open(role, LOG_TO_STDERR, level);
    if (getsockopt(ROLE_FD, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_SEQPACKET) {
        log_line(LOG_FAIL, "action=start why=\"this program is started by ticketd\" status=usage");
        exit(EX_USAGE);
    }
    fcntl(ROLE_FD, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_NAME, role);           /* the kernel names a process after the descriptor it was started from */
    signals_set();
    privileges_drop();                  /* had the maker died before that, the socket would say so now */
    frame_receive_or_exit(a, &first);
    if (!role_hello_ok(first.body, role))
        protocol_fail("hello");
    name = mem_strdup(first.body->hello->name);
    log_open(name, LOG_TO_STDERR, level);
    if (frame_send(ROLE_FD, first.body, NULL, 0) != FRAME_OK)
        exit(0);
    frame_close(&first);
    arena_free(&a);
}

void
frame_receive_or_exit(struct arena *a, struct frame *out)
{
    struct pollfd p = { .fd = ROLE_FD, .events = POLLIN };
    enum frame_rc rc = FRAME_AGAIN;

    while (rc == FRAME_AGAIN) {
        int ready = poll(&p, 1, landlock_watches() ? STALE_CHECK_MS : -1);

        if (ready < 0 && errno != EINTR)
            protocol_fail("poll");
        if (!ready && role_sandbox_stale())
            exit(0);
        if (ready > 0)
            rc = frame_receive(ROLE_FD, a, out);
    }
    if (rc == FRAME_BAD)
        protocol_fail("frame");
    if (rc == FRAME_CLOSED)
        exit(0);
}
