/* SPDX-License-Identifier: ISC
 *
 * intake: the roles that take mail in. Each runs a loop of its own over the frame socket ROLE_FD and never returns;
 * none knows the store, the desk or another role. A mail leaves its source only after MailDone says taken.
 * Called by the mains in src/role/ after role_start().
 */
#ifndef TICKETD_INTAKE_H
#define TICKETD_INTAKE_H

#include "ticketd/schema.h"

/* RFC 3501 over libetpan with our own stream driver (TLS, absolute deadline and byte cap a command). */
_Noreturn void imap_run(const Td__ImapSetup *setup);
/* RFC 2033, with PIPELINING, 8BITMIME, SIZE, ENHANCEDSTATUSCODES, SMTPUTF8. `listeners` are taken. */
_Noreturn void lmtp_run(const Td__LmtpSetup *setup, const int *listeners, size_t n);
_Noreturn void maildir_run(const Td__MaildirSetup *setup);
_Noreturn void token_run(const Td__TokenSetup *setup);

/* ---- LMTP as a machine without sockets, for tests and fuzzing: bytes in, replies out */
struct lmtp_session;
struct lmtp_policy {
    const Td__LmtpSetup *setup;
    /* A whole mail for one desk: fd is a sealed memfd, kept by the session until it is answered. Answer with lmtp_answer(). */
    void (*mail)(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *envelope_from,
                 char *const *recipients, size_t n, int fd);
    void *u;
};
struct lmtp_session *lmtp_session_new(const struct lmtp_policy *p);
void lmtp_session_free(struct lmtp_session **sp);
/* Takes bytes in any portions; false: close the connection (after sending what is in out). */
bool lmtp_session_input(struct lmtp_session *s, const uint8_t *bytes, size_t len, struct buf *out);
void lmtp_answer(struct lmtp_session *s, uint64_t transaction, const char *desk, unsigned code, const char *enhanced, const char *text, struct buf *out);
bool lmtp_session_waiting(const struct lmtp_session *s);        /* for an answer: input must be held back */

#endif
