/* SPDX-License-Identifier: ISC
 *
 * stream: a non-blocking socket under poll, the five functions that libetpan wants of a driver, and the limits.
 * libetpan retries a failed read and would write a LOGOUT into a dead connection: hence the fault that stays.
 */
#include "stream_private.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STREAM_BUFFER 16384

int64_t
stream_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
stream_fail(struct stream *s, enum stream_fault fault, const char *fmt, ...)
{
    va_list ap;

    if (s->fault == STREAM_FINE) {
        s->fault = fault;
        va_start(ap, fmt);
        (void)vsnprintf(s->why, sizeof s->why, fmt, ap);
        va_end(ap);
    }
    return false;
}

bool
stream_within_deadline(struct stream *s)
{
    if (stream_now_ms() < s->deadline_ms)
        return true;
    return stream_fail(s, STREAM_TIMEOUT, "the server took too long");
}

/* poll() until the deadline at most. 1: ready, 0: the deadline passed, -1: errno. */
static int
wait_until(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        int64_t left = deadline_ms - stream_now_ms();
        int n;

        if (left <= 0)
            return 0;
        n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
        if (n > 0)
            return 1;
        if (n < 0 && errno != EINTR)
            return -1;
    }
}

bool
stream_wait(struct stream *s, short events)
{
    if (events == 0)
        return stream_within_deadline(s);
    switch (wait_until(s->fd, events, s->deadline_ms)) {
    case 1:
        return true;
    case 0:
        return stream_within_deadline(s);
    default:
        return stream_fail(s, STREAM_BROKEN, "poll: %s", strerror(errno));
    }
}

/* ---- bytes in and out */
static ssize_t
plain_result(struct stream *s, ssize_t n, short want, short *events)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        *events = want;
        return -2;
    }
    if (errno == EPIPE || errno == ECONNRESET)
        return 0;
    stream_fail(s, STREAM_BROKEN, "connection: %s", strerror(errno));
    return -1;
}

/* libetpan must never see 0: it would take a cut line for a whole one. */
static ssize_t
stream_read(mailstream_low *low, void *out, size_t len)
{
    struct stream *s = low->data;

    while (s->fault == STREAM_FINE && stream_within_deadline(s)) {
        short events = POLLIN;
        ssize_t n;

        if (s->received >= s->cap) {
            stream_fail(s, STREAM_OVER, "the server sent more than the command may bring (%llu bytes)", (unsigned long long)s->cap);
            break;
        }
        if (len > s->cap - s->received)
            len = (size_t)(s->cap - s->received);
        n = s->tls != NULL ? stream_tls_read(s, out, len, &events)
                           : plain_result(s, recv(s->fd, out, len, MSG_DONTWAIT), POLLIN, &events);
        if (n > 0) {
            s->received += (uint64_t)n;
            return n;
        }
        if (n == 0)
            stream_fail(s, STREAM_CLOSED, "the server closed the connection");
        else if (n == -2)
            stream_wait(s, events);
    }
    return -1;
}

static ssize_t
stream_write(mailstream_low *low, const void *bytes, size_t len)
{
    struct stream *s = low->data;

    while (s->fault == STREAM_FINE && stream_within_deadline(s)) {
        short events = POLLOUT;
        ssize_t n = s->tls != NULL ? stream_tls_write(s, bytes, len, &events)
                                   : plain_result(s, send(s->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL), POLLOUT, &events);

        if (n > 0)
            return n;
        if (n == 0)
            stream_fail(s, STREAM_CLOSED, "the server closed the connection");
        else if (n == -2)
            stream_wait(s, events);
    }
    return -1;
}

static int
stream_low_close(mailstream_low *low)
{
    (void)low;              /* the connection is stream_free()'s */
    return 0;
}

static int
stream_low_fd(mailstream_low *low)
{
    return stream_fd(low->data);
}

static void
stream_low_free(mailstream_low *low)
{
    free(low);
}

static void
stream_low_cancel(mailstream_low *low)
{
    (void)low;              /* one thread: nobody could call it */
}

static mailstream_low_driver driver = {
    .mailstream_read = stream_read,
    .mailstream_write = stream_write,
    .mailstream_close = stream_low_close,
    .mailstream_get_fd = stream_low_fd,
    .mailstream_free = stream_low_free,
    .mailstream_cancel = stream_low_cancel,
};

mailstream *
stream_open_mailstream(struct stream *s)
{
    mailstream_low *low = mailstream_low_new(s, &driver);
    mailstream *ms = low != NULL ? mailstream_new(low, STREAM_BUFFER) : NULL;

    if (ms == NULL)
        bug("no memory for a mailstream");
    return ms;
}

bool
stream_has_buffered(const struct stream *s, const mailstream *ms)
{
    return ms->read_buffer_len > 0 || (s->tls != NULL && gnutls_record_check_pending(s->tls) > 0);
}

/* ---- life */
struct stream *
stream_of(int fd)
{
    struct stream *s = mem_alloc(sizeof *s);

    s->fd = fd;
    stream_limit(s, STREAM_CONNECT_MS, 1u << 20);
    return s;
}

void
stream_free(struct stream **sp)
{
    struct stream *s = *sp;

    if (s == NULL)
        return;
    stream_tls_close(s);
    close(s->fd);
    free(s);
    *sp = NULL;
}

void
stream_limit(struct stream *s, int64_t timeout_ms, uint64_t cap)
{
    s->deadline_ms = stream_now_ms() + timeout_ms;
    s->cap = cap;
    s->received = 0;
}

int stream_fd(const struct stream *s) { return s->fd; }
enum stream_fault stream_fault(const struct stream *s) { return s->fault; }
const char *stream_why(const struct stream *s) { return s->why; }
bool stream_is_tls(const struct stream *s) { return s->tls != NULL; }

/* ---- connecting */
static bool
is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24) == 127;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

/* A dead peer is noticed in about three minutes even while we idle. */
static void
tune(int fd)
{
    static const struct { int level, name, value; } options[] = {
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, 60 },
        { IPPROTO_TCP, TCP_KEEPINTVL, 30 },
        { IPPROTO_TCP, TCP_KEEPCNT, 4 },
        { IPPROTO_TCP, TCP_NODELAY, 1 },
    };

    for (size_t i = 0; i < countof(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

/* 0 or errno; *out is the socket. */
static int
connect_one(const struct addrinfo *a, int64_t deadline_ms, int *out)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    int error = 0;
    socklen_t len = sizeof error;

    if (fd < 0)
        return errno;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        if (errno != EINPROGRESS)
            error = errno;
        else if (wait_until(fd, POLLOUT, deadline_ms) != 1)
            error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
            error = errno;
    }
    if (error != 0) {
        close(fd);
        return error;
    }
    tune(fd);
    *out = fd;
    return 0;
}

struct stream *
stream_connect(const char *host, unsigned port, int64_t timeout_ms, bool only_loopback, char why[STREAM_WHY_MAX])
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *all = NULL;
    int64_t deadline_ms, left;
    char service[16];
    int rc, fd = -1, error = 0, n = 0;

    (void)snprintf(service, sizeof service, "%u", port);
    if ((rc = getaddrinfo(host, service, &hints, &all)) != 0) {
        (void)snprintf(why, STREAM_WHY_MAX, "%.200s: %s", host, gai_strerror(rc));
        return NULL;
    }
    for (struct addrinfo *a = all; a != NULL; a = a->ai_next)
        n++;
    deadline_ms = stream_now_ms() + timeout_ms;
    (void)snprintf(why, STREAM_WHY_MAX, "%.200s: no address", host);
    for (struct addrinfo *a = all; a != NULL && fd < 0; a = a->ai_next, n--) {
        if (only_loopback && !is_loopback(a->ai_addr)) {
            (void)snprintf(why, STREAM_WHY_MAX, "%.200s is not this machine: without TLS only a loopback address is allowed", host);
            continue;
        }
        /* the silent address of two must not eat the other one's time */
        left = (deadline_ms - stream_now_ms()) / n;
        if ((error = connect_one(a, stream_now_ms() + left, &fd)) != 0)
            (void)snprintf(why, STREAM_WHY_MAX, "%.200s port %u: %s", host, port, strerror(error));
    }
    freeaddrinfo(all);
    return fd < 0 ? NULL : stream_of(fd);
}
