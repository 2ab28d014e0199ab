/* SPDX-License-Identifier: ISC
 *
 * Private to intake: the loop of the LMTP role, shared by its connections (lmtp_conn.c), its frames to core
 * (lmtp_offer.c) and the loop itself (lmtp_run.c).
 */
#ifndef INTAKE_LMTP_LOOP_H
#define INTAKE_LMTP_LOOP_H

#include "lmtp.h"
#include "ticketd/role.h"

#define LMTP_OUT_MAX (64u << 10)        /* replies a client has not read, before its input is held back */
#define LMTP_ROOM (1ll << 30)           /* bytes of mails on their way, over all connections */
#define LMTP_OFFER_BUCKETS 1024u

enum lmtp_source_kind { LMTP_SOURCE_CORE, LMTP_SOURCE_LISTENER, LMTP_SOURCE_CONN };
struct lmtp_source { enum lmtp_source_kind kind; int fd; };     /* what epoll points at */

struct lmtp_conn {
    struct lmtp_source source;          /* first: epoll's pointer is this */
    struct lmtp_loop *loop;
    struct lmtp_session *session;
    struct buf out; size_t sent;
    uint32_t events;                    /* what epoll watches for */
    int64_t active_ms;
    bool at_end, dead;                  /* the client sent its last byte; freed after this turn */
    struct lmtp_offer *offers;
    struct lmtp_conn *prev, *next;      /* by the time of the last activity, oldest first; of the dead: next alone */
};

struct lmtp_offer {                     /* one mail for one desk, on its way to core or awaiting its answer */
    uint64_t seq, transaction;
    struct lmtp_conn *conn;
    const char *desk, *sender;
    char *const *recipients; size_t n;
    int fd;
    bool queued;
    struct lmtp_offer *same_conn, *same_bucket, *prev_queued, *next_queued;
};

struct lmtp_loop {
    const Td__LmtpSetup *setup;
    struct lmtp_policy policy;
    int64_t room;
    int epoll, core;
    struct lmtp_source core_source, *listeners; size_t n_listeners;
    bool accepting, core_full;
    int64_t now_ms, accept_after_ms;
    size_t n_conns;
    struct lmtp_conn *oldest, *newest, *dead;
    uint64_t seq;
    struct lmtp_offer *buckets[LMTP_OFFER_BUCKETS], *first_queued, *last_queued;
    uint8_t input[65536];
};

/* ---- lmtp_conn.c */
void lmtp_conn_accept(struct lmtp_loop *l, int listener);
void lmtp_conn_ready(struct lmtp_conn *c, uint32_t events);
void lmtp_conn_settle(struct lmtp_conn *c);     /* after its session wrote: send, watch for what is due next, or close */
void lmtp_conn_expire(struct lmtp_loop *l);
void lmtp_conn_bury(struct lmtp_loop *l);       /* frees what died in this turn */
void lmtp_loop_accepting(struct lmtp_loop *l, bool on);

/* ---- lmtp_offer.c */
void lmtp_offer_mail(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *envelope_from,
                     char *const *recipients, size_t n, int fd);
void lmtp_offer_forget(struct lmtp_conn *c);    /* the connection ends; what core has it keeps */
void lmtp_offer_send_queued(struct lmtp_loop *l);
void lmtp_offer_read(struct lmtp_loop *l);      /* MailDone frames; ends the process when core is gone or speaks nonsense */

#endif
