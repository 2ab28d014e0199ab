/* SPDX-License-Identifier: ISC
 *
 * One child: start, talk, end, come back. The same for every role; what differs stands in its struct role_kind.
 * A child is not believed: frames are bounded and unpacked into a capped arena, a bad one ends it; frames for it wait in
 * a bounded queue, for core never blocks on a reader that is slow, stopped or dead.
 */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_ARENA (256u << 20)        /* cap of what one frame may unpack to */
#define FRAMES_A_TURN 64                /* of one child, before the others get their turn */
#define QUEUE_BYTES (256u << 20)        /* bodies waiting for one child */
#define OUTGOING_BYTES 8192u            /* what the smallest one costs */
#define TURN_QUEUE 128                  /* events that make a commit worth while at once */
#define START_MS 15000                  /* from start to ready */
#define WAIT_MS 50                      /* after which a turn no longer waits until nobody has anything to say */
#define ANSWERS_BYTES (64u << 20)       /* of workers' answers that make a commit worth while at once */

struct outgoing {
    struct outgoing *next;
    Td__Frame *body;                    /* in arena */
    struct arena *arena;
    int fds[ROLE_FDS_MAX]; size_t n_fds;        /* ours */
    size_t bytes;
};

static void
outgoing_free(struct outgoing *o)
{
    for (size_t i = 0; i < o->n_fds; i++)
        close(o->fds[i]);
    arena_free(&o->arena);
    free(o);
}

static void
queue_clear(struct child *c)
{
    while (c->out != NULL) {
        struct outgoing *o = c->out;
        c->out = o->next;
        outgoing_free(o);
    }
    c->out_last = &c->out;
    c->out_bytes = 0;
}

static void
io_events(struct child *c)
{
    if (c->io != NULL)
        (void)sd_event_source_set_io_events(c->io, EPOLLIN | (c->out != NULL ? EPOLLOUT : 0));
}

static bool
queue_add(struct child *c, const Td__Frame *f, const int *fds, size_t n_fds)
{
    struct outgoing *o = mem_alloc(sizeof *o);
    o->arena = arena_new(0);
    o->body = schema_copy(o->arena, f);
    o->bytes = protobuf_c_message_get_packed_size(&f->base) + OUTGOING_BYTES;
    for (; o->n_fds < n_fds; o->n_fds++) {
        o->fds[o->n_fds] = dup(fds[o->n_fds]);
        if (o->fds[o->n_fds] < 0) {
            outgoing_free(o);
            return false;
        }
    }
    *c->out_last = o;
    c->out_last = &o->next;
    c->out_bytes += o->bytes;
    io_events(c);
    return c->out_bytes <= QUEUE_BYTES;
}

/* Sends now or queues. false: the child was ended (it takes nothing any more, or what it owes is too much). */
bool
child_send(struct child *c, const Td__Frame *f, const int *fds, size_t n_fds)
{
    if (c->state == CHILD_DOWN)
        return false;
    if (c->probing)
        return true;
    enum frame_rc rc = c->out == NULL ? frame_send(c->proc.fd, f, fds, n_fds) : FRAME_AGAIN;
    if (rc == FRAME_OK)
        return true;
    if (rc == FRAME_AGAIN && queue_add(c, f, fds, n_fds))
        return true;
    if (rc != FRAME_CLOSED)             /* a closed one is reaped by its pidfd */
        child_kill(c, rc == FRAME_BAD ? "a frame that cannot be sent" : "it does not read its frames");
    return false;
}

static void
queue_flush(struct child *c)
{
    while (c->out != NULL) {
        struct outgoing *o = c->out;
        if (frame_send(c->proc.fd, o->body, o->fds, o->n_fds) == FRAME_AGAIN)
            break;
        c->out = o->next;
        c->out_bytes -= o->bytes;
        if (c->out == NULL)
            c->out_last = &c->out;
        outgoing_free(o);
    }
    io_events(c);
}

/* ---- life and death */

static void
child_down(struct child *c)
{
    c->io = sd_event_source_disable_unref(c->io);
    c->exit = sd_event_source_disable_unref(c->exit);
    queue_clear(c);
    role_child_close(&c->proc);
    c->state = CHILD_DOWN;
    c->deadline_ms = 0;
}

static int
on_again(sd_event_source *s, uint64_t usec, void *u)
{
    (void)s;
    (void)usec;
    struct child *c = u;
    c->again = sd_event_source_disable_unref(c->again);
    child_start(c);
    return 0;
}

static void
child_later(struct child *c)
{
    int64_t wait_ms = c->throttle.not_before_ms - loop_now_ms();
    c->again = sd_event_source_disable_unref(c->again);
    (void)sd_event_add_time_relative(c->loop->event, &c->again, CLOCK_MONOTONIC, wait_ms > 0 ? (uint64_t)wait_ms * 1000 : 0, 0, on_again, c);
}

static void
child_died(struct child *c, const char *why)
{
    struct loop *l = c->loop;
    child_down(c);
    if (c->kind->died != NULL)
        c->kind->died(l, c);
    if (c->once || !c->wanted || l->ending) {
        c->gone = c->once || !c->wanted;        /* freed by the next turn: a caller may still hold it */
        loop_wake(l);
        return;
    }
    c->restarts++;
    role_throttle_died(&c->throttle, c->worked, loop_now_ms());
    int64_t wait_ms = c->throttle.not_before_ms - loop_now_ms();
    log_line(LOG_WARN, "role=%s name=%s action=ended why=%s restart_ms=%lld status=restarting", c->kind->role, log_value(c->name),
             log_value(why), (long long)(wait_ms > 0 ? wait_ms : 0));
    child_later(c);
    loop_wake(l);
}

static int
on_exit_of(sd_event_source *s, const siginfo_t *si, void *u)
{
    (void)s;
    struct child *c = u;
    char why[64];
    if (si->si_code == CLD_EXITED)
        snprintf(why, sizeof why, "exit %d", si->si_status);
    else
        snprintf(why, sizeof why, "signal %d", si->si_status);
    c->killed = si->si_code != CLD_EXITED && si->si_status == SIGKILL;
    c->proc.pid = -1;                   /* reaped by the event loop */
    child_died(c, why);
    return 0;
}

void
child_kill(struct child *c, const char *why)
{
    if (c->state == CHILD_DOWN)
        return;
    if (c->proc.pid > 0)
        (void)kill(c->proc.pid, SIGKILL);
    child_died(c, why);
}

void
child_setup(struct child *c)
{
    if ((c->state != CHILD_WAITING && c->state != CHILD_STARTED) || c->setup.len > 0)
        return;                         /* not yet, or it was told already */
    int64_t starting = c->deadline_ms;
    c->state = CHILD_WAITING;
    if (c->kind->setup(c->loop, c) && c->state == CHILD_WAITING) {
        c->state = CHILD_READY;
        if (c->deadline_ms == starting) /* else it has its own (reader) */
            c->deadline_ms = 0;
    }
}

/* Runs the role's setup with sending switched off, and compares what it packed. */
bool
child_setup_differs(struct child *c)
{
    struct buf was = c->setup;
    memset(&c->setup, 0, sizeof c->setup);
    c->probing = true;
    (void)c->kind->setup(c->loop, c);
    c->probing = false;
    bool differs = was.len != c->setup.len || (was.len > 0 && memcmp(was.data, c->setup.data, was.len) != 0);
    buf_free(&was);
    return differs;
}

void
child_setup_note(struct child *c, const Td__Frame *f)
{
    buf_clear(&c->setup);
    schema_pack(f, &c->setup);
}

bool
child_setup_send(struct child *c, const Td__Frame *f, const int *fds, size_t n_fds)
{
    child_setup_note(c, f);
    return child_send(c, f, fds, n_fds);
}

static bool
child_frame(struct child *c, struct frame *f, struct arena **ap)
{
    if (c->state == CHILD_STARTED) {
        if (!role_hello_ok(f->body, c->kind->role))
            return false;
        child_setup(c);
        return true;
    }
    return c->kind->frame(c->loop, c, f, ap);
}

/* Reads what is there. The child may be ended by its own frame: `serial` tells. */
static void
child_read(struct child *c)
{
    uint64_t serial = c->serial;
    for (unsigned n = 0; n < FRAMES_A_TURN && c->serial == serial && c->state != CHILD_DOWN; n++) {
        struct arena *a = arena_new(FRAME_ARENA);
        struct frame f;
        bool good = true;
        enum frame_rc rc = frame_receive(c->proc.fd, a, &f);
        if (rc == FRAME_OK) {
            good = child_frame(c, &f, &a);
            frame_close(&f);
        }
        arena_free(&a);
        if (rc == FRAME_AGAIN || rc == FRAME_CLOSED)
            return;                     /* closed: its pidfd tells in a moment */
        if (rc == FRAME_BAD || !good) {
            if (c->serial == serial)
                child_kill(c, "a frame that its role may not send");
            return;
        }
    }
}

static int
on_io(sd_event_source *s, int fd, uint32_t revents, void *u)
{
    (void)s;
    (void)fd;
    struct child *c = u;
    struct loop *l = c->loop;
    uint64_t serial = c->serial;
    if (revents & EPOLLOUT)
        queue_flush(c);
    if (revents & EPOLLIN)
        child_read(c);
    if ((revents & EPOLLHUP) && !(revents & EPOLLIN) && c->serial == serial && c->io != NULL)
        (void)sd_event_source_set_enabled(c->io, SD_EVENT_OFF);
    if (l->engine->queued >= TURN_QUEUE || l->answers_bytes >= ANSWERS_BYTES ||
        (l->woken_ms != 0 && loop_now_ms() - l->woken_ms > WAIT_MS))
        loop_turn(l);                   /* the turn itself is idle work, and somebody may always have something to say */
    return 0;
}

void
child_start(struct child *c)
{
    struct loop *l = c->loop;
    char name[128];
    snprintf(name, sizeof name, "%s[%s]", c->kind->role, c->name);
    c->serial = ++l->serials;
    c->worked = c->dismissed = c->retiring = c->killed = false;
    c->out_last = &c->out;
    buf_clear(&c->setup);               /* this process has not been told anything yet */
    int err = role_spawn(c->exec, name, &c->proc);
    if (err != 0) {
        log_line(LOG_FAIL, "role=%s name=%s action=start why=%s status=failed", c->kind->role, log_value(c->name), log_value(strerror(err)));
        role_throttle_died(&c->throttle, false, loop_now_ms());
        child_later(c);
        return;
    }
    c->state = CHILD_STARTED;
    c->deadline_ms = loop_now_ms() + START_MS;
    if (sd_event_add_io(l->event, &c->io, c->proc.fd, EPOLLIN, on_io, c) < 0 ||
        sd_event_add_child_pidfd(l->event, &c->exit, c->proc.pidfd, WEXITED, on_exit_of, c) < 0)
        child_kill(c, "no event source");
}

struct child *
child_add(struct loop *l, const struct role_kind *kind, const char *section, unsigned lane)
{
    struct child *c = mem_alloc(sizeof *c), **end = &l->children;
    c->loop = l;
    c->kind = kind;
    c->section = mem_strdup(section);
    if (lane > 0)
        snprintf(c->name, sizeof c->name, "%.50s/%u", section, lane);
    else
        snprintf(c->name, sizeof c->name, "%.60s", section);
    c->wanted = true;
    c->proc.pid = c->proc.pidfd = c->proc.fd = -1;
    c->out_last = &c->out;
    for (size_t i = 0; i < l->n_execs; i++)
        if (strcmp(l->execs[i].name, kind->role) == 0)
            c->exec = &l->execs[i];
    must(c->exec != NULL);
    while (*end != NULL)
        end = &(*end)->next;
    *end = c;
    return c;
}

void
child_remove(struct loop *l, struct child *c)
{
    struct child **p = &l->children;
    c->wanted = false;
    c->once = false;
    if (c->state != CHILD_DOWN) {
        if (c->proc.pid > 0)
            (void)kill(c->proc.pid, SIGKILL);
        child_down(c);
        if (c->kind->died != NULL)
            c->kind->died(l, c);
    }
    c->again = sd_event_source_disable_unref(c->again);
    while (*p != NULL && *p != c)
        p = &(*p)->next;
    if (*p == c)
        *p = c->next;
    for (size_t i = 0; i < c->n_listeners; i++)
        close(c->listeners[i]);
    free(c->listeners);
    buf_free(&c->listening);
    if (c->side_free != NULL)
        c->side_free(c->side);
    buf_free(&c->setup);
    free((char *)c->section);
    free(c);
}

struct child *
child_find(struct loop *l, const struct role_kind *kind, const char *section)
{
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->kind == kind && strcmp(c->section, section) == 0)
            return c;
    return NULL;
}

void
children_collect(struct loop *l)
{
    for (struct child *c = l->children, *next; c != NULL; c = next) {
        next = c->next;
        if (c->gone)
            child_remove(l, c);
    }
}

void
child_say(struct child *c, bool ok, const char *fmt, ...)
{
    struct buf text = { 0 };
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    size_t n = utf8_clip(text.data, sizeof c->said - 1);
    memcpy(c->said, text.data, n);
    c->said[n] = '\0';
    c->said_ok = ok;
    buf_free(&text);
}

/* Time in which core did not listen is not held against anybody, nor is an answer that lies in the socket. */
static bool
is_late(struct child *c, int64_t late_ms)
{
    if (c->state == CHILD_DOWN || c->deadline_ms == 0)
        return false;
    c->deadline_ms += late_ms;
    if (loop_now_ms() <= c->deadline_ms)
        return false;
    uint64_t serial = c->serial;
    child_read(c);
    return c->serial == serial && c->state != CHILD_DOWN && c->deadline_ms != 0 && loop_now_ms() > c->deadline_ms;
}

void
children_check(struct loop *l, int64_t late_ms)
{
    for (struct child *c = l->children; c != NULL; c = c->next) {
        if (c->state == CHILD_WAITING && c->setup.len == 0)
            child_setup(c);             /* what it waited for may have come */
        else if (is_late(c, late_ms))
            child_kill(c, "deadline passed");
    }
}

void
children_end(struct loop *l)
{
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->state == CHILD_READY && lane_busy(c))
            child_read(c);              /* an outcome that nobody hears is a letter sent twice */
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->proc.pid > 0)
            (void)kill(c->proc.pid, SIGKILL);
    while (l->children != NULL)
        child_remove(l, l->children);
}
