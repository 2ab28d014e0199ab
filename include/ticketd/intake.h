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

/* Makes path/new, path/cur and path/tmp where they are absent. 0 or errno. Called before the sandbox closes. */
int maildir_make(const char *path);

/* ---- LMTP as a machine without sockets, for tests and fuzzing: bytes in, replies out */
struct lmtp_session;
struct lmtp_policy {
    const Td__LmtpSetup *setup;         /* borrowed for the session's life */
    /* A whole mail for one desk: fd is a sealed memfd; it, envelope_from (NULL: legal but no addr_valid() address, "" for <>) and
     * recipients are the session's and stay until the transaction is answered or the session is freed. Answer with lmtp_answer(),
     * also from inside this call. */
    void (*mail)(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *envelope_from,
                 char *const *recipients, size_t n, int fd);
    void *u;
    int64_t *room;                      /* bytes that all sessions together may still hold in memfds; NULL: no such limit */
};
struct lmtp_session *lmtp_session_new(const struct lmtp_policy *p);
void lmtp_session_free(struct lmtp_session **sp);
/* Takes bytes in any portions; the first call (len 0 will do) greets. false: close the connection (after sending what is in out). */
bool lmtp_session_input(struct lmtp_session *s, const uint8_t *bytes, size_t len, struct buf *out);
/* Unknown transactions and desks are ignored. When every desk has answered, the replies are written and input that waited is taken up. */
void lmtp_answer(struct lmtp_session *s, uint64_t transaction, const char *desk, unsigned code, const char *enhanced, const char *text, struct buf *out);
bool lmtp_session_waiting(const struct lmtp_session *s);        /* for an answer: input must be held back */
bool lmtp_session_closing(const struct lmtp_session *s);        /* QUIT or too many errors: close once `out` is sent */

#endif
