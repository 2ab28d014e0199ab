/* SPDX-License-Identifier: ISC
 *
 * sd-event as far as core uses it, on the simulator's clock: these symbols stand before libsystemd's. Which of the sources that
 * are ready comes next is the dice's word: the real one promises no order among them either.
 */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

enum source_type { TYPE_IO, TYPE_TIME, TYPE_SIGNAL, TYPE_CHILD, TYPE_DEFER };

struct sd_event_source {
    struct sd_event_source *next;
    enum source_type type;
    int enabled, fd, signal;
    uint32_t events;
    int64_t due_ms;
    sd_event_io_handler_t io;
    sd_event_time_handler_t time;
    sd_event_signal_handler_t on_signal;
    sd_event_child_handler_t child;
    sd_event_handler_t defer;
    void *u;
    bool gone;
};
struct sd_event { bool exit; int code; };

static struct sd_event the_event;
static struct sd_event_source *sources;

static void
sources_sweep(bool all)
{
    for (struct sd_event_source **p = &sources; *p != NULL;) {
        struct sd_event_source *s = *p;
        if (s->gone || all) {
            *p = s->next;
            free(s);
        } else {
            p = &s->next;
        }
    }
}

void
event_reset(void)
{
    sources_sweep(true);
    the_event = (struct sd_event){ 0 };
}

static struct sd_event_source *
source_add(enum source_type type, sd_event_source **out, void *u)
{
    struct sd_event_source *s = mem_alloc(sizeof *s);
    s->type = type;
    s->enabled = SD_EVENT_ON;
    s->u = u;
    s->next = sources;
    sources = s;
    if (out != NULL)
        *out = s;
    return s;
}

int
sd_event_default(sd_event **e)
{
    *e = &the_event;
    return 0;
}

int
sd_event_set_watchdog(sd_event *e, int b)
{
    (void)e;
    return b;
}

int
sd_event_exit(sd_event *e, int code)
{
    e->exit = true;
    e->code = code;
    return 0;
}

int
sd_event_add_io(sd_event *e, sd_event_source **out, int fd, uint32_t events, sd_event_io_handler_t callback, void *u)
{
    (void)e;
    struct sd_event_source *s = source_add(TYPE_IO, out, u);
    struct role *r = role_of_core_fd(fd);
    s->fd = fd;
    s->events = events;
    s->io = callback;
    if (r != NULL)
        r->io = s;
    return 0;
}

int
sd_event_add_time_relative(sd_event *e, sd_event_source **out, clockid_t clock, uint64_t usec, uint64_t accuracy,
                           sd_event_time_handler_t callback, void *u)
{
    (void)e;
    (void)clock;
    (void)accuracy;
    struct sd_event_source *s = source_add(TYPE_TIME, out, u);
    s->enabled = SD_EVENT_ONESHOT;
    s->due_ms = S.now_ms + (int64_t)(usec / 1000);
    s->time = callback;
    return 0;
}

int
sd_event_add_signal(sd_event *e, sd_event_source **out, int sig, sd_event_signal_handler_t callback, void *u)
{
    (void)e;
    struct sd_event_source *s = source_add(TYPE_SIGNAL, out, u);
    s->signal = sig;
    s->on_signal = callback;
    return 0;
}

int
sd_event_add_child_pidfd(sd_event *e, sd_event_source **out, int pidfd, int options, sd_event_child_handler_t callback, void *u)
{
    (void)e;
    (void)options;
    struct sd_event_source *s = source_add(TYPE_CHILD, out, u);
    s->fd = pidfd;
    s->child = callback;
    for (struct role *r = S.roles; r != NULL; r = r->next)
        if (r->id == pidfd)
            r->exit = s;
    return 0;
}

/* Core makes one: its turn. It also tells us where the loop is. */
int
sd_event_add_defer(sd_event *e, sd_event_source **out, sd_event_handler_t callback, void *u)
{
    (void)e;
    struct sd_event_source *s = source_add(TYPE_DEFER, out, u);
    s->enabled = SD_EVENT_ONESHOT;
    s->defer = callback;
    S.loop = u;
    return 0;
}

sd_event_source *
sd_event_source_disable_unref(sd_event_source *s)
{
    if (s == NULL)
        return NULL;
    s->enabled = SD_EVENT_OFF;
    s->gone = true;                     /* its own handler may be running */
    for (struct role *r = S.roles; r != NULL; r = r->next) {
        if (r->io == s)
            r->io = NULL;
        if (r->exit == s)
            r->exit = NULL;
    }
    return NULL;
}

int
sd_event_source_set_enabled(sd_event_source *s, int enabled)
{
    s->enabled = enabled;
    return 0;
}

int
sd_event_source_set_io_events(sd_event_source *s, uint32_t events)
{
    s->events = events;
    return 0;
}

int
sd_event_source_set_priority(sd_event_source *s, int64_t priority)
{
    (void)s;
    (void)priority;
    return 0;
}

int
sd_event_source_set_ratelimit(sd_event_source *s, uint64_t interval_usec, unsigned burst)
{
    (void)s;
    (void)interval_usec;
    (void)burst;
    return 0;
}

int
sd_event_source_set_time_relative(sd_event_source *s, uint64_t usec)
{
    s->due_ms = S.now_ms + (int64_t)(usec / 1000);
    return 0;
}

int
sd_notify(int unset_environment, const char *state)
{
    (void)unset_environment;
    (void)state;
    return 0;
}

int
sd_notifyf(int unset_environment, const char *format, ...)
{
    (void)unset_environment;
    (void)format;
    return 0;
}

/* ---- one step */

static bool
is_ready(const struct sd_event_source *s)
{
    struct role *r;
    if (s->gone || s->enabled == SD_EVENT_OFF)
        return false;
    switch (s->type) {
    case TYPE_IO:
        r = role_of_core_fd(s->fd);
        return r != NULL && (r->said || ((s->events & EPOLLOUT) != 0 && r->unread == 0));
    case TYPE_TIME:
        return s->due_ms <= S.now_ms;
    case TYPE_CHILD:
        for (r = S.roles; r != NULL; r = r->next)
            if (r->exit == s)
                return r->exiting;
        return false;
    case TYPE_SIGNAL:
        return (s->signal == 1 && S.reload) || (s->signal == 15 && S.stopping);
    case TYPE_DEFER:
        return true;
    }
    return false;
}

static void
dispatch_io(struct sd_event_source *s)
{
    struct role *r = role_of_core_fd(s->fd);
    uint32_t events = (r->said ? (uint32_t)EPOLLIN : 0) | (r->unread == 0 ? s->events & EPOLLOUT : 0);
    r->said = false;                    /* the wrapped frame_receive() says it again when it leaves something */
    (void)s->io(s, s->fd, events, s->u);
}

static void
dispatch_child(struct sd_event_source *s)
{
    siginfo_t si = { 0 };
    for (struct role *r = S.roles; r != NULL; r = r->next)
        if (r->exit == s) {
            r->exiting = false;
            si.si_code = r->how;
            si.si_status = r->status;
        }
    (void)s->child(s, &si, s->u);
}

static void
dispatch(struct sd_event_source *s)
{
    if (s->enabled == SD_EVENT_ONESHOT)
        s->enabled = SD_EVENT_OFF;
    switch (s->type) {
    case TYPE_IO:
        dispatch_io(s);
        break;
    case TYPE_TIME:
        (void)s->time(s, (uint64_t)s->due_ms * 1000, s->u);
        break;
    case TYPE_CHILD:
        dispatch_child(s);
        break;
    case TYPE_SIGNAL:
        if (s->signal == 1)
            S.reload = false;
        (void)s->on_signal(s, &(struct signalfd_siginfo){ .ssi_signo = (uint32_t)s->signal }, s->u);
        break;
    case TYPE_DEFER:
        (void)s->defer(s, s->u);
        break;
    }
}

#define READY_MAX 512

/* What may happen next: something that core does, or something that a role does. */
static bool
one_turn(void)
{
    struct sd_event_source *ready[READY_MAX];
    struct role *work[READY_MAX];
    unsigned n = 0, m = 0;
    for (struct sd_event_source *s = sources; s != NULL && n < READY_MAX; s = s->next)
        if (is_ready(s))
            ready[n++] = s;
    for (struct role *r = S.roles; r != NULL && m < READY_MAX; r = r->next)
        if (r->alive && !r->stuck && !r->exiting && (r->unread > 0 || (r->actor->has_work != NULL && r->actor->has_work(r))))
            work[m++] = r;
    if (n + m == 0)
        return false;
    unsigned pick = dice_below(&S.dice, n + m);
    if (pick >= n || ready[pick]->type == TYPE_IO)
        S.active_ms = S.now_ms;
    if (pick < n)
        dispatch(ready[pick]);
    else if (work[pick - n]->unread > 0)
        role_hear(work[pick - n]);
    else
        work[pick - n]->actor->work(work[pick - n]);
    sources_sweep(false);
    return true;
}

static int64_t
next_timer(void)
{
    int64_t due = INT64_MAX;
    for (struct sd_event_source *s = sources; s != NULL; s = s->next)
        if (!s->gone && s->type == TYPE_TIME && s->enabled != SD_EVENT_OFF && s->due_ms < due)
            due = s->due_ms;
    return due;
}

#define LEAP_MS 20000                   /* at a stretch, when nobody is waiting for anybody */
#define PATIENCE_MS 700000              /* longer than any deadline: until then the seconds are counted */

/* Nothing is to be done now: time goes on. */
static void
time_pass(int64_t until_ms)
{
    int64_t due = next_timer();
    if (S.now_ms - S.active_ms > PATIENCE_MS && due < until_ms)
        due = S.now_ms + LEAP_MS;
    S.now_ms = due < S.now_ms ? S.now_ms + 1 : due < until_ms ? due : until_ms;
}

int
sd_event_loop(sd_event *e)
{
    if (!S.ghost)
        lanes_final();
    while (!S.ghost && !e->exit && S.failure[0] == '\0') {
        int64_t until_ms;
        if (world_step(&until_ms))
            continue;
        if (S.failure[0] != '\0' || S.ghost || e->exit)
            break;
        if (!one_turn())
            time_pass(until_ms);
    }
    return e->code;
}
