/* SPDX-License-Identifier: ISC
 *
 * What stream.c and stream_tls.c share.
 */
#ifndef TICKETD_INTAKE_STREAM_PRIVATE_H
#define TICKETD_INTAKE_STREAM_PRIVATE_H

#include "stream.h"
#include <gnutls/gnutls.h>

struct stream {
    int fd;
    gnutls_session_t tls;                               /* NULL: plain */
    gnutls_certificate_credentials_t credentials;
    int64_t deadline_ms;
    uint64_t received, cap;                             /* of this command */
    enum stream_fault fault;
    char why[STREAM_WHY_MAX];
};

/* The first fault stays. Always false. */
bool stream_fail(struct stream *s, enum stream_fault fault, const char *fmt, ...) printf_like(3, 4);
/* Waits for POLLIN or POLLOUT (0: for nothing) until the deadline; false: it passed. */
bool stream_wait(struct stream *s, short events);
bool stream_within_deadline(struct stream *s);
/* One try, never waiting: > 0 bytes, 0 end, -1 failed for good, -2 not now (*events says what for). */
ssize_t stream_tls_read(struct stream *s, void *out, size_t len, short *events);
ssize_t stream_tls_write(struct stream *s, const void *bytes, size_t len, short *events);
void stream_tls_close(struct stream *s);

#endif
