/* SPDX-License-Identifier: ISC
 *
 * Frames: one datagram of a SOCK_SEQPACKET pair. Its first byte says where the packed Td__Frame is: 'I' behind it in the same
 * datagram, 'B' in a sealed memfd that is the first descriptor, the datagram ending there. Whatever else arrives is FRAME_BAD,
 * and every descriptor that came with it is closed. The peer may be a worker that a mail has taken over.
 */
#include "ticketd/role.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INLINE 'I'
#define BULK 'B'
#define FDS_ON_WIRE (ROLE_FDS_MAX + 1)  /* the bulk memfd comes on top */

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(FDS_ON_WIRE * sizeof(int))];
};
/* The kernel fills the padding behind the last descriptor with another one, so more arrive than there was said to be room for. */
#define FDS_RECEIVED (sizeof(union control) / sizeof(int))

/* ---------------------------------------------------------------- sending */

static enum frame_rc
rc_of_send(int error)
{
    switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ETOOMANYREFS:                  /* too many descriptors under way: the peer must take some first */
        return FRAME_AGAIN;
    default:
        return FRAME_CLOSED;
    }
}

static enum frame_rc
datagram_send(int fd, const void *bytes, size_t len, const int *fds, size_t n_fds)
{
    struct iovec io = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
    struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
    union control control = { 0 };
    ssize_t n;

    if (n_fds) {
        struct cmsghdr *c;

        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
    }
    do
        n = sendmsg(fd, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? rc_of_send(errno) : FRAME_OK;
}

static enum frame_rc
bulk_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds)
{
    int all[FDS_ON_WIRE];
    struct buf packed = { 0 };
    enum frame_rc rc;

    schema_pack(body, &packed);
    all[0] = memfd_of("frame", packed.data, packed.len);
    explicit_bzero(packed.data, packed.len);
    buf_free(&packed);
    if (all[0] < 0)
        return FRAME_AGAIN;
    if (n_fds)
        memcpy(all + 1, fds, n_fds * sizeof *fds);
    rc = datagram_send(fd, (const char[]){ BULK }, 1, all, n_fds + 1);
    close(all[0]);
    return rc;
}

enum frame_rc
frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds)
{
    uint8_t datagram[ROLE_FRAME_MAX];
    size_t size = protobuf_c_message_get_packed_size(&body->base);

    if (n_fds > ROLE_FDS_MAX || size > ROLE_BULK_MAX)
        return FRAME_BAD;
    if (size > sizeof datagram - 1)
        return bulk_send(fd, body, fds, n_fds);
    datagram[0] = INLINE;
    must(protobuf_c_message_pack(&body->base, datagram + 1) == size);
    return datagram_send(fd, datagram, size + 1, fds, n_fds);
}

/* ---------------------------------------------------------------- receiving */

/* All descriptors of a datagram, however they were parcelled out. */
static size_t
descriptors_take(struct msghdr *msg, int fds[FDS_RECEIVED])
{
    size_t n = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        size_t got;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        got = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        must(got <= FDS_RECEIVED - n);
        memcpy(fds + n, CMSG_DATA(c), got * sizeof(int));
        n += got;
    }
    return n;
}

static Td__Frame *
body_unpack(struct arena *a, const uint8_t *bytes, size_t len)
{
    Td__Frame *body = schema_unpack(a, &td__frame__descriptor, bytes, len);

    return body && body->body_case != TD__FRAME__BODY__NOT_SET ? body : NULL;
}

static Td__Frame *
bulk_unpack(struct arena *a, int memfd, size_t *size)
{
    struct memfd_map map;
    Td__Frame *body;

    if (!memfd_map(memfd, ROLE_BULK_MAX, &map))
        return NULL;
    body = body_unpack(a, map.bytes, map.len);
    *size = map.len;
    memfd_unmap(&map);
    return body;
}

enum frame_rc
frame_receive(int fd, struct arena *a, struct frame *out)
{
    uint8_t datagram[ROLE_FRAME_MAX];
    struct iovec io = { .iov_base = datagram, .iov_len = sizeof datagram };
    union control control;
    struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
    int fds[FDS_RECEIVED];
    size_t n_fds, used = 0;
    ssize_t n;

    *out = (struct frame){ 0 };
    /* A peer that closed with something unread leaves one ECONNRESET in front of the frames that it did send. */
    do
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0)
        return errno == EAGAIN ? FRAME_AGAIN : FRAME_CLOSED;
    n_fds = descriptors_take(&msg, fds);
    if (n && !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        if (datagram[0] == INLINE) {
            out->size = (size_t)n - 1;
            out->body = body_unpack(a, datagram + 1, out->size);
        } else if (datagram[0] == BULK && n == 1 && n_fds) {
            out->body = bulk_unpack(a, fds[0], &out->size);
            close(fds[used++]);
        }
    }
    if (out->body && n_fds - used <= ROLE_FDS_MAX) {
        out->n_fds = n_fds - used;
        memcpy(out->fds, fds + used, out->n_fds * sizeof *fds);
        return FRAME_OK;
    }
    while (used < n_fds)
        close(fds[used++]);
    *out = (struct frame){ 0 };
    return n ? FRAME_BAD : FRAME_CLOSED;
}

int
frame_take(struct frame *f, size_t i)
{
    int fd = i < f->n_fds ? f->fds[i] : -1;

    if (fd >= 0)
        f->fds[i] = -1;
    return fd;
}

void
frame_close(struct frame *f)
{
    for (size_t i = 0; i < f->n_fds; i++)
        if (f->fds[i] >= 0)
            close(f->fds[i]);
    f->n_fds = 0;
}
