/* SPDX-License-Identifier: ISC
 *
 * The connections of the LMTP role: accept, read, write, idle, close. Clients are strangers: a client that does not read
 * its replies is not read either, one that says nothing is sent away, one too many hears 421.
 */
#include "lmtp_loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_AT_ONCE 64
#define ACCEPT_PAUSE_MS 1000            /* when there are no descriptors left */

/* ---- the list by last activity */

static void
list_remove(struct lmtp_conn *c)
{
    struct lmtp_loop *l = c->loop;

    *(c->prev ? &c->prev->next : &l->oldest) = c->next;
    *(c->next ? &c->next->prev : &l->newest) = c->prev;
    c->prev = c->next = NULL;
}

static void
list_append(struct lmtp_conn *c)
{
    struct lmtp_loop *l = c->loop;

    c->active_ms = l->now_ms;
    c->prev = l->newest;
    *(l->newest ? &l->newest->next : &l->oldest) = c;
    l->newest = c;
}

static void
conn_touch(struct lmtp_conn *c)
{
    list_remove(c);
    list_append(c);
}

/* ---- one connection */

static void
conn_close(struct lmtp_conn *c)
{
    struct lmtp_loop *l = c->loop;

    if (c->dead)
        return;
    c->dead = true;
    lmtp_offer_forget(c);
    lmtp_session_free(&c->session);
    close(c->source.fd);
    buf_free(&c->out);
    list_remove(c);
    c->next = l->dead;          /* epoll may still hold an event of this turn for it */
    l->dead = c;
    l->n_conns--;
}

void
lmtp_conn_bury(struct lmtp_loop *l)
{
    while (l->dead) {
        struct lmtp_conn *c = l->dead;

        l->dead = c->next;
        free(c);
    }
}

static bool
conn_send(struct lmtp_conn *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = send(c->source.fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        c->sent += (size_t)n;
        conn_touch(c);
    }
    if (c->out.cap > 4096)
        buf_free(&c->out);
    else
        buf_clear(&c->out);
    c->sent = 0;
    return true;
}

void
lmtp_conn_settle(struct lmtp_conn *c)
{
    uint32_t events = 0;
    bool ending;

    if (c->dead)
        return;
    if (!conn_send(c)) {
        conn_close(c);
        return;
    }
    ending = lmtp_session_closing(c->session) || (c->at_end && !lmtp_session_waiting(c->session));
    if (ending && c->out.len == 0) {
        conn_close(c);
        return;
    }
    if (c->out.len > 0)
        events |= EPOLLOUT;
    if (!ending && !c->at_end && c->out.len < LMTP_OUT_MAX && !lmtp_session_waiting(c->session))
        events |= EPOLLIN;
    if (events != c->events) {
        struct epoll_event ev = { .events = events, .data.ptr = c };

        if (epoll_ctl(c->loop->epoll, EPOLL_CTL_MOD, c->source.fd, &ev) != 0)
            bug("epoll_ctl");
        c->events = events;
    }
}

void
lmtp_conn_ready(struct lmtp_conn *c, uint32_t events)
{
    struct lmtp_loop *l = c->loop;

    if (c->dead)
        return;
    if (events & (EPOLLERR | EPOLLHUP)) {       /* both ways are shut: nobody hears a reply any more */
        conn_close(c);
        return;
    }
    if ((events & EPOLLIN) && (c->events & EPOLLIN)) {
        ssize_t n = recv(c->source.fd, l->input, sizeof l->input, MSG_DONTWAIT);

        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            conn_close(c);
            return;
        }
        if (n > 0) {
            conn_touch(c);
            lmtp_session_input(c->session, l->input, (size_t)n, &c->out);
        } else if (n == 0) {
            c->at_end = true;
        }
    }
    lmtp_conn_settle(c);
}

static void
conn_begin(struct lmtp_loop *l, int fd)
{
    struct lmtp_conn *c = mem_alloc(sizeof *c);
    struct lmtp_policy policy = l->policy;
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
    const int at_once = 1;

    /* a reply must not wait 40 ms for the client to acknowledge the one before; no matter where the socket is none of TCP */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    c->source = (struct lmtp_source){ LMTP_SOURCE_CONN, fd };
    c->loop = l;
    c->events = EPOLLIN;
    policy.u = c;
    c->session = lmtp_session_new(&policy);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
        lmtp_session_free(&c->session);
        close(fd);
        free(c);
        return;
    }
    l->n_conns++;
    list_append(c);
    lmtp_session_input(c->session, NULL, 0, &c->out);
    lmtp_conn_settle(c);
}

static void
conn_refuse(int fd, const char *line)
{
    (void)!send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

void
lmtp_conn_accept(struct lmtp_loop *l, int listener)
{
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0 && l->n_conns < l->setup->max_connections) {
            conn_begin(l, fd);
        } else if (fd >= 0) {
            conn_refuse(fd, "421 4.3.2 too many connections\r\n");
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            log_line(LOG_FAIL, "role=lmtp what=accept connections=%zu error=%s status=paused", l->n_conns, log_value(strerror(errno)));
            l->accept_after_ms = l->now_ms + ACCEPT_PAUSE_MS;
            lmtp_loop_accepting(l, false);
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }                       /* else: that client is gone already, the next */
    }
}

void
lmtp_conn_expire(struct lmtp_loop *l)
{
    int64_t before = l->now_ms - (int64_t)l->setup->idle_s * 1000;

    while (l->oldest && l->oldest->active_ms <= before) {
        struct lmtp_conn *c = l->oldest;

        if (lmtp_session_waiting(c->session)) {         /* it waits for us, not we for it */
            conn_touch(c);
            continue;
        }
        lmtp_reply(&c->out, 421, "4.4.2", "idle for too long");
        conn_send(c);
        conn_close(c);
    }
}
