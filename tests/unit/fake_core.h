/* SPDX-License-Identifier: ISC
 *
 * A core for tests of one role: starts the built executable, speaks frames with it, gives up after a while.
 */
#ifndef TESTS_FAKE_CORE_H
#define TESTS_FAKE_CORE_H

#include "ticketd/role.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct fake_core { struct role_child child; struct arena *arena; };

/* False: the executable is not built, which is said; the test is to be skipped. */
static inline bool
fake_core_start(struct fake_core *c, const char *role)
{
    struct role_exec x;
    struct frame hello;
    char error[256];
    struct pollfd p;

    if (role_exec_open(role, &x, error) != 0) {
        fprintf(stderr, "skipped: %s\n", error);
        return false;
    }
    must(role_spawn(&x, role, &c->child) == 0);
    close(x.fd);
    c->arena = arena_new(64 << 20);
    p = (struct pollfd){ .fd = c->child.fd, .events = POLLIN };
    must(poll(&p, 1, 10000) == 1);
    must(frame_receive(c->child.fd, c->arena, &hello) == FRAME_OK && role_hello_ok(hello.body, role));
    return true;
}

static inline void
fake_core_send(struct fake_core *c, Td__Frame__BodyCase what, void *body, const int *fds, size_t n_fds)
{
    Td__Frame frame = TD__FRAME__INIT;

    frame.body_case = what;
    frame.mail_done = body;             /* all members of the union are pointers */
    must(frame_send(c->child.fd, &frame, fds, n_fds) == FRAME_OK);
}

/* NULL: nothing came in time, or the role ended. Descriptors in out->fds are the caller's. */
static inline const Td__Frame *
fake_core_receive(struct fake_core *c, struct frame *out, int timeout_ms)
{
    struct pollfd p = { .fd = c->child.fd, .events = POLLIN };

    if (poll(&p, 1, timeout_ms) != 1)
        return NULL;
    return frame_receive(c->child.fd, c->arena, out) == FRAME_OK ? out->body : NULL;
}

/* The next frame of this kind; IntakeState ones are passed over. */
static inline const Td__Frame *
fake_core_expect(struct fake_core *c, Td__Frame__BodyCase what, struct frame *out, int timeout_ms)
{
    const Td__Frame *f;

    do
        f = fake_core_receive(c, out, timeout_ms);
    while (f && f->body_case == TD__FRAME__BODY_INTAKE_STATE && what != TD__FRAME__BODY_INTAKE_STATE);
    return f && f->body_case == what ? f : NULL;
}

static inline void
fake_core_answer(struct fake_core *c, uint64_t seq, bool taken, unsigned code, const char *enhanced, const char *text)
{
    Td__MailDone done = TD__MAIL_DONE__INIT;

    done.seq = seq;
    done.taken = taken;
    done.code = code;
    done.enhanced = (char *)enhanced;
    done.text = (char *)text;
    done.has_again = done.again = !taken;
    fake_core_send(c, TD__FRAME__BODY_MAIL_DONE, &done, NULL, 0);
}

/* Closes the socket as a core that ends does; the role's exit code, -1 when it had to be killed. */
static inline int
fake_core_end(struct fake_core *c)
{
    struct pollfd p = { .fd = c->child.pidfd, .events = POLLIN };
    int status = 0, code = -1;

    close(c->child.fd);
    c->child.fd = -1;
    if (poll(&p, 1, 10000) == 1 && waitpid(c->child.pid, &status, 0) == c->child.pid && WIFEXITED(status))
        code = WEXITSTATUS(status);
    role_child_close(&c->child);
    arena_free(&c->arena);
    return code;
}

#endif
