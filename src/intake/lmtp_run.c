/* SPDX-License-Identifier: ISC
 *
 * The LMTP role's loop: listeners, connections and core's frame socket in one epoll set. Knows the desks' addresses and
 * nothing else; opens nothing, connects nowhere. Ends when core ends.
 */
#include "lmtp_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static int64_t
clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void
watch(struct lmtp_loop *l, struct lmtp_source *s, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = s };
    int flags = fcntl(s->fd, F_GETFL);

    if (flags < 0 || fcntl(s->fd, F_SETFL, flags | O_NONBLOCK) != 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->fd, &ev) != 0) {
        log_line(LOG_FAIL, "role=lmtp what=watch error=%s status=exit", log_value(strerror(errno)));
        _exit(EX_OSERR);
    }
}

void
lmtp_loop_accepting(struct lmtp_loop *l, bool on)
{
    l->accepting = on;
    for (size_t i = 0; i < l->n_listeners; i++) {
        struct epoll_event ev = { .events = on ? EPOLLIN : 0, .data.ptr = &l->listeners[i] };

        if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->listeners[i].fd, &ev) != 0)
            bug("epoll_ctl");
    }
}

static void
loop_open(struct lmtp_loop *l, const int *listeners, size_t n)
{
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0)
        _exit(EX_OSERR);
    l->core = ROLE_FD;
    l->core_source = (struct lmtp_source){ LMTP_SOURCE_CORE, l->core };
    watch(l, &l->core_source, EPOLLIN);
    l->listeners = mem_alloc((n + 1) * sizeof *l->listeners);
    l->n_listeners = n;
    l->accepting = true;
    for (size_t i = 0; i < n; i++) {
        l->listeners[i] = (struct lmtp_source){ LMTP_SOURCE_LISTENER, listeners[i] };
        watch(l, &l->listeners[i], EPOLLIN);
    }
}

static void
say_state(struct lmtp_loop *l)
{
    Td__IntakeState state = TD__INTAKE_STATE__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    state.ok = true;
    state.text = (char *)"listening";
    frame.body_case = TD__FRAME__BODY_INTAKE_STATE;
    frame.intake_state = &state;
    if (frame_send(l->core, &frame, NULL, 0) != FRAME_OK)
        _exit(EX_OK);
}

static void
dispatch(struct lmtp_loop *l, struct lmtp_source *s, uint32_t events)
{
    switch (s->kind) {
    case LMTP_SOURCE_CORE:
        if (events & EPOLLOUT)
            lmtp_offer_send_queued(l);
        if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            lmtp_offer_read(l);
        break;
    case LMTP_SOURCE_LISTENER:
        if (l->accepting)
            lmtp_conn_accept(l, s->fd);
        break;
    case LMTP_SOURCE_CONN:
        lmtp_conn_ready((struct lmtp_conn *)s, events);
        break;
    }
}

_Noreturn void
lmtp_run(const Td__LmtpSetup *setup, const int *listeners, size_t n)
{
    struct lmtp_loop *l = mem_alloc(sizeof *l);

    l->setup = setup;
    l->room = setup->max_mail > LMTP_ROOM / 2 ? 2 * (int64_t)setup->max_mail : LMTP_ROOM;
    l->policy = (struct lmtp_policy){ .setup = setup, .mail = lmtp_offer_mail, .room = &l->room };
    loop_open(l, listeners, n);
    say_state(l);
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(l->epoll, events, (int)countof(events), 1000);

        l->now_ms = clock_ms();
        for (int i = 0; i < count; i++)
            dispatch(l, events[i].data.ptr, events[i].events);
        if (l->accept_after_ms && l->now_ms >= l->accept_after_ms) {
            l->accept_after_ms = 0;
            lmtp_loop_accepting(l, true);
        }
        lmtp_conn_expire(l);
        lmtp_conn_bury(l);
    }
}
