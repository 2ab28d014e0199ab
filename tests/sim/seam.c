/* SPDX-License-Identifier: ISC
 *
 * Where core touches the world, the linker gives it ours (--wrap): processes, frames, commits, the log. A frame is a real frame
 * over a real socket pair, only that the process at the other end is a few lines of this program. Core can be ended before and
 * after any commit and before any frame: from then on it is a ghost. Its calls return, so that it leaves this process tidily, but no
 * commit holds and nobody hears of anything any more.
 */
#include "sim.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int64_t
loop_now(void)
{
    return sim_wall();
}

int64_t
loop_now_ms(void)
{
    return S.now_ms + 1;                /* never 0: to the loop that is "not yet" */
}

/* ---- the end of core at a step */

static bool
crash_now(enum crash where)
{
    if (S.ghost || S.crash != where || S.crash_in == 0 || --S.crash_in > 0)
        return false;
    S.crash = CRASH_NONE;
    S.ghost = true;
    S.crashes++;
    sim_trace("crash %d", (int)where);
    return true;
}

enum store_rc __real_store_begin(struct store *s, struct store_txn *parent, bool write, struct store_txn **out);
enum store_rc __wrap_store_begin(struct store *s, struct store_txn *parent, bool write, struct store_txn **out);
enum store_rc __real_store_commit(struct store_txn **tp);
enum store_rc __wrap_store_commit(struct store_txn **tp);
static const struct store_txn *outermost;       /* the write transaction that is open */

enum store_rc
__wrap_store_begin(struct store *s, struct store_txn *parent, bool write, struct store_txn **out)
{
    enum store_rc rc = __real_store_begin(s, parent, write, out);
    if (rc == STORE_OK && write && parent == NULL)
        outermost = *out;
    return rc;
}

enum store_rc
__wrap_store_commit(struct store_txn **tp)
{
    if (*tp != outermost)
        return __real_store_commit(tp);
    (void)crash_now(CRASH_BEFORE_COMMIT);
    if (S.ghost) {
        store_abort(tp);
        return STORE_IO;
    }
    if (S.disk_errors > 0) {
        S.disk_errors--;
        store_abort(tp);
        return STORE_IO;
    }
    enum store_rc rc = __real_store_commit(tp);
    S.commits++;
    (void)crash_now(CRASH_AFTER_COMMIT);
    return rc;
}

enum store_rc __real_store_slots_reserve(struct store *s, uint64_t up_to);
enum store_rc __wrap_store_slots_reserve(struct store *s, uint64_t up_to);

enum store_rc
__wrap_store_slots_reserve(struct store *s, uint64_t up_to)
{
    return S.ghost ? STORE_IO : __real_store_slots_reserve(s, up_to);
}

/* ---- frames */

enum frame_rc __real_frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds);
enum frame_rc __wrap_frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds);
enum frame_rc __real_frame_receive(int fd, struct arena *a, struct frame *out);
enum frame_rc __wrap_frame_receive(int fd, struct arena *a, struct frame *out);

struct role *
role_of_core_fd(int fd)
{
    for (struct role *r = S.roles; r != NULL; r = r->next)
        if (r->core_fd == fd)
            return r;
    return NULL;
}

enum frame_rc
__wrap_frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds)
{
    struct role *r = role_of_core_fd(fd);
    if (r == NULL)
        return __real_frame_send(fd, body, fds, n_fds);
    if (!r->check)
        (void)crash_now(CRASH_FRAME);
    if (S.ghost && !r->check)           /* for a check's answer core waits in real time: it gets it, and cannot read it */
        return FRAME_OK;
    if (!r->alive)
        return FRAME_CLOSED;
    enum frame_rc rc = __real_frame_send(fd, body, fds, n_fds);
    r->unread += rc == FRAME_OK;
    if (rc == FRAME_OK && r->check)
        role_hear(r);
    return rc;
}

enum frame_rc
__wrap_frame_receive(int fd, struct arena *a, struct frame *out)
{
    struct role *r = role_of_core_fd(fd);
    if (r != NULL && S.ghost) {
        memset(out, 0, sizeof *out);
        return FRAME_AGAIN;
    }
    enum frame_rc rc = __real_frame_receive(fd, a, out);
    if (r != NULL && rc == FRAME_OK) {
        r->said = true;                 /* there may be more */
        if (out->body->body_case == TD__FRAME__BODY_SEND_OUTCOME)
            lane_heard(r, out->body->send_outcome);
    }
    if (r != NULL && rc == FRAME_AGAIN)
        r->said = false;
    return rc;
}

/* ---- what a role says and hears */

void
role_say(struct role *r, const Td__Frame *f, const int *fds, size_t n_fds)
{
    must(__real_frame_send(r->fd, f, fds, n_fds) == FRAME_OK);
    r->said = true;
}

void
role_hear(struct role *r)
{
    struct arena *a = arena_new(0);
    struct frame f;
    r->unread--;
    if (__real_frame_receive(r->fd, a, &f) == FRAME_OK) {
        r->actor->hear(r, &f);
        frame_close(&f);
    }
    arena_free(&a);
}

/* ---- processes */

int __wrap_role_exec_open(const char *role, struct role_exec *out, char error[256]);
int __wrap_role_spawn(const struct role_exec *x, const char *name, struct role_child *out);
void __wrap_role_child_close(struct role_child *c);

int
__wrap_role_exec_open(const char *role, struct role_exec *out, char error[256])
{
    error[0] = '\0';
    snprintf(out->name, sizeof out->name, "%s", role);
    out->fd = -1;
    return 0;
}

static void
role_hello(struct role *r)
{
    Td__Hello hello = TD__HELLO__INIT;
    Td__Frame f = TD__FRAME__INIT;
    hello.version = SCHEMA_PROTOCOL;
    hello.role = (char *)r->actor->name;
    hello.name = r->section;
    f.body_case = TD__FRAME__BODY_HELLO;
    f.hello = &hello;
    role_say(r, &f, NULL, 0);
}

/* `name` is "imap[box]", or "smtp[relay/2]". */
static void
section_of(const char *name, char out[64])
{
    const char *open = strchr(name, '[');
    snprintf(out, 64, "%s", open != NULL ? open + 1 : name);
    out[strcspn(out, "/]")] = '\0';
}

int
__wrap_role_spawn(const struct role_exec *x, const char *name, struct role_child *out)
{
    struct role *r = mem_alloc(sizeof *r);
    int pair[2], size = 1 << 20;
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    for (int i = 0; i < 2; i++) {
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        (void)setsockopt(pair[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    for (size_t i = 0; i < role_actors_n; i++)
        if (strcmp(role_actors[i]->name, x->name) == 0)
            r->actor = role_actors[i];
    must(r->actor != NULL);
    section_of(name, r->section);
    r->fd = pair[1];
    r->core_fd = pair[0];
    r->id = 100000 + ++S.role_ids;
    r->alive = true;
    r->check = strcmp(r->section, "check") == 0;
    r->next = S.roles;
    S.roles = r;
    *out = (struct role_child){ .pid = 0, .pidfd = r->id, .fd = pair[0] };      /* no pid: nothing of core's may signal anybody */
    role_hello(r);
    return 0;
}

static void
role_free(struct role *r)
{
    struct role **p = &S.roles;
    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
    deliveries_return(r);
    if (r->state_free != NULL)
        r->state_free(r->state);
    close(r->fd);
    close(r->core_fd);
    free(r);
}

void
__wrap_role_child_close(struct role_child *c)
{
    struct role *r = role_of_core_fd(c->fd);
    if (r != NULL)
        role_free(r);
    *c = (struct role_child){ .pid = -1, .pidfd = -1, .fd = -1 };
}

void
role_exit(struct role *r, int how, int status)
{
    r->alive = false;
    r->exiting = true;
    r->how = how;
    r->status = status;
    deliveries_return(r);
}

void
roles_end(void)
{
    while (S.roles != NULL)
        role_free(S.roles);
}

/* ---- the log */

void __wrap_log_open(const char *ident, enum log_target target, enum log_level max);
bool __wrap_log_wants(enum log_level level);
void __wrap_log_line(enum log_level level, const char *fmt, ...) printf_like(2, 3);

void
__wrap_log_open(const char *ident, enum log_target target, enum log_level max)
{
    (void)ident;
    (void)target;
    (void)max;
}

bool
__wrap_log_wants(enum log_level level)
{
    return level < LOG_TRACE;
}

void
__wrap_log_line(enum log_level level, const char *fmt, ...)
{
    struct buf line = { 0 };
    va_list ap;
    if (S.ghost || (level >= LOG_TRACE))
        return;
    S.alarms += level == LOG_ALARM;
    va_start(ap, fmt);
    buf_vprintf(&line, fmt, ap);
    va_end(ap);
    sim_trace("core: %s", line.data);
    buf_free(&line);
}
