/* SPDX-License-Identifier: ISC
 *
 * stream: one TCP connection to a server that is not trusted, plain or TLS, as libetpan's mailstream sees it.
 * Every command has an absolute deadline and a cap on the bytes it may bring; a peer that sends a byte now and then
 * moves neither. The first fault is final: from then on every call fails at once, whatever the library tries.
 * TLS is 1.2 or better with chain and host name verified, always.
 */
#ifndef TICKETD_INTAKE_STREAM_H
#define TICKETD_INTAKE_STREAM_H

#include "ticketd/base.h"
#include <libetpan/libetpan.h>

enum stream_fault {
    STREAM_FINE,
    STREAM_CLOSED,          /* the other side went away */
    STREAM_TIMEOUT,         /* the deadline passed */
    STREAM_OVER,            /* more bytes than the command may bring */
    STREAM_BROKEN,          /* the network or TLS said no */
};
#define STREAM_CONNECT_MS 30000
#define STREAM_WHY_MAX 400

struct stream;

int64_t stream_now_ms(void);                            /* monotonic */
/* Takes a connected socket. */
struct stream *stream_of(int fd);
/* Tries every address of host until `timeout_ms` is over. NULL: why says what an operator wants to read.
 * only_loopback: any other address is refused (plain text never leaves the machine). */
struct stream *stream_connect(const char *host, unsigned port, int64_t timeout_ms, bool only_loopback, char why[STREAM_WHY_MAX]);
void stream_free(struct stream **sp);                   /* NULL is allowed; closes without waiting */

/* From now on: `timeout_ms` from now, at most `cap` bytes in. */
void stream_limit(struct stream *s, int64_t timeout_ms, uint64_t cap);
/* Handshake under the limits set. ca_file NULL: the system's. false: stream_why() says it. */
bool stream_start_tls(struct stream *s, const char *host, const char *ca_file);
bool stream_is_tls(const struct stream *s);

/* A mailstream over s, for libetpan; mailstream_close() frees it, s stays the caller's and must outlive it. */
mailstream *stream_open_mailstream(struct stream *s);
/* Bytes lie in a buffer, where poll() does not see them: in libetpan's or in the TLS record. */
bool stream_has_buffered(const struct stream *s, const mailstream *ms);
int stream_fd(const struct stream *s);
enum stream_fault stream_fault(const struct stream *s);
const char *stream_why(const struct stream *s);         /* "" while all is fine */

#endif
