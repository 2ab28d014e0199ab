/* SPDX-License-Identifier: ISC
 *
 * The maker's side of a worker for programs that may wait: one process, one question at a time, with a deadline.
 */
#include "ticketd/role.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORKER_ARENA (256u << 20)

struct role_worker {
    char role[32];
    struct arena *setup_arena;
    Td__Frame *setup;
    int timeout_ms;
    bool have_exec, running;
    struct role_exec exec;
    struct role_child child;
};

struct role_worker *
role_worker_new(const char *role, const Td__Frame *setup, int timeout_ms)
{
    struct role_worker *w = mem_alloc(sizeof *w);
    snprintf(w->role, sizeof w->role, "%s", role);
    w->timeout_ms = timeout_ms;
    w->setup_arena = arena_new(0);
    if (setup != NULL)
        w->setup = schema_copy(w->setup_arena, setup);
    return w;
}

static void
worker_stop(struct role_worker *w)
{
    if (w->running)
        role_child_close(&w->child);
    w->running = false;
}

void
role_worker_free(struct role_worker **wp)
{
    struct role_worker *w = *wp;
    if (w == NULL)
        return;
    worker_stop(w);
    if (w->have_exec)
        close(w->exec.fd);
    arena_free(&w->setup_arena);
    free(w);
    *wp = NULL;
}

static bool
wait_for(struct role_worker *w, short events)
{
    struct pollfd p = { .fd = w->child.fd, .events = events };
    int n;
    do
        n = poll(&p, 1, w->timeout_ms);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static bool
receive(struct role_worker *w, struct arena *a, struct frame *out)
{
    enum frame_rc rc = wait_for(w, POLLIN) ? frame_receive(w->child.fd, a, out) : FRAME_BAD;
    if (rc != FRAME_OK)
        worker_stop(w);
    return rc == FRAME_OK;
}

static bool
send_frame(struct role_worker *w, const Td__Frame *f, const int *fds, size_t n_fds)
{
    enum frame_rc rc;
    while ((rc = frame_send(w->child.fd, f, fds, n_fds)) == FRAME_AGAIN)
        if (!wait_for(w, POLLOUT))
            break;
    if (rc != FRAME_OK)
        worker_stop(w);
    return rc == FRAME_OK;
}

/* Hello, and for a worker with a setup its answer to that. */
static bool
greet(struct role_worker *w)
{
    struct arena *a = arena_new(WORKER_ARENA);
    struct frame f;
    bool ok = receive(w, a, &f);
    if (ok) {
        ok = role_hello_ok(f.body, w->role);
        frame_close(&f);
    }
    if (ok && w->setup != NULL) {
        ok = send_frame(w, w->setup, NULL, 0) && receive(w, a, &f);
        if (ok)
            frame_close(&f);
    }
    if (!ok)
        worker_stop(w);
    arena_free(&a);
    return ok;
}

static bool
worker_start(struct role_worker *w)
{
    char error[256];
    if (w->running)
        return true;
    if (!w->have_exec) {
        if (role_exec_open(w->role, &w->exec, error) != 0) {
            log_line(LOG_FAIL, "role=%s why=%s status=failed", w->role, log_value(error));
            return false;
        }
        w->have_exec = true;
    }
    w->running = role_spawn(&w->exec, w->role, &w->child) == 0;
    return w->running && greet(w);
}

bool
role_worker_send(struct role_worker *w, const Td__Frame *f, const int *fds, size_t n_fds)
{
    return worker_start(w) && send_frame(w, f, fds, n_fds);
}

bool
role_worker_receive(struct role_worker *w, struct arena *a, struct frame *out)
{
    return w->running && receive(w, a, out);
}

static bool
parse_once(struct role_worker *w, int fd, Td__ParseJob *job, struct arena *a, Td__Message **who, Td__Message **rest)
{
    Td__Frame f = TD__FRAME__INIT;
    struct frame in;
    f.body_case = TD__FRAME__BODY_PARSE_JOB;
    f.parse_job = job;
    if (!role_worker_send(w, &f, &fd, 1))
        return false;
    for (int stage = 0; stage < (job->header_only ? 1 : 2); stage++) {
        if (!role_worker_receive(w, a, &in))
            return false;
        frame_close(&in);
        if (in.body->body_case != TD__FRAME__BODY_PARSE_ANSWER)
            return false;
        *(stage == 0 ? who : rest) = in.body->parse_answer->message;
    }
    return true;
}

void
role_worker_parse(struct role_worker *w, int fd, Td__ParseJob *job, struct arena *a, Td__Message **who, Td__Message **rest)
{
    bool done = false;
    *who = *rest = NULL;
    for (int try = 0; try < 3 && !done; try++) {
        job->has_header_only = true;
        job->header_only = try == 2;
        done = parse_once(w, fd, job, a, who, rest);
    }
}
