/* SPDX-License-Identifier: ISC
 *
 * Private to intake: what the files of the LMTP server share. RFC 2033, 5321, 1870 (SIZE), 2034 (enhanced codes),
 * 2920 (PIPELINING), 6152 (8BITMIME), 6531 (SMTPUTF8).
 */
#ifndef INTAKE_LMTP_H
#define INTAKE_LMTP_H

#include "ticketd/intake.h"

#define LMTP_LINE_MAX 2048u             /* of a command, its CRLF included */
#define LMTP_RECIPIENTS_MAX 1000u
#define LMTP_ERRORS_MAX 20u
#define LMTP_HELD_MAX (256u << 10)      /* input that came while an answer was awaited */
#define LMTP_TEXT_MAX 200u              /* of a reply that core words */

/* ---- the mail between DATA and CRLF.CRLF */
enum lmtp_line { LMTP_BOL, LMTP_DOT, LMTP_DOT_CR, LMTP_MID, LMTP_CR };
enum lmtp_body_state { LMTP_BODY_GOOD, LMTP_BODY_TOO_BIG, LMTP_BODY_NO_ROOM };
struct lmtp_body {
    int fd;                             /* memfd, -1: none */
    uint64_t size, max;
    int64_t *room;
    enum lmtp_line line;
    enum lmtp_body_state state;
};
bool lmtp_body_open(struct lmtp_body *b, uint64_t max, int64_t *room);
/* Takes what belongs to the mail, answers how many bytes that were; *end: the final dot was among them. */
size_t lmtp_body_take(struct lmtp_body *b, const uint8_t *bytes, size_t len, bool *end);
void lmtp_body_seal(struct lmtp_body *b);       /* state says whether it may be handed over */
void lmtp_body_close(struct lmtp_body *b);

/* ---- the session */
struct lmtp_group {                     /* the recipients of one desk in one transaction */
    const char *desk;
    char **recipients; size_t n;        /* borrowed from the session's recipients */
    bool answered;
    unsigned code;
    char enhanced[12], text[LMTP_TEXT_MAX + 1];
};
struct lmtp_recipient { char *addr; struct lmtp_group *group; };

enum lmtp_phase { LMTP_COMMAND, LMTP_BODY, LMTP_ANSWER };
struct lmtp_session {
    struct lmtp_policy policy;
    enum lmtp_phase phase;
    bool welcomed, introduced;          /* 220 was said; LHLO was heard */
    bool handing, closing;
    unsigned errors;
    struct buf line; bool line_too_long;
    bool has_sender, sender_known;
    char sender[ADDR_MAX + 1];
    struct lmtp_recipient *recipients; size_t n_recipients;
    struct lmtp_group *groups; size_t n_groups; /* one for each desk of the setup */
    uint64_t transaction;
    struct lmtp_body body;
    struct buf held; size_t held_at;
};

void lmtp_reply(struct buf *out, unsigned code, const char *enhanced, const char *text);
/* A reply to a mistake of the client; the last one allowed is a 421. */
void lmtp_mistake(struct lmtp_session *s, struct buf *out, unsigned code, const char *enhanced, const char *text);
void lmtp_transaction_reset(struct lmtp_session *s);
/* One command line without its CRLF, clean UTF-8 without control characters. */
void lmtp_command(struct lmtp_session *s, char *line, struct buf *out);

/* ---- addresses and parameters of MAIL and RCPT */
enum lmtp_path { LMTP_PATH_BAD, LMTP_PATH_ODD, LMTP_PATH_GOOD };
/* Reads "<path>" (source routes are skipped). ODD: legal, but a quoted local part or none with a domain. *rest: what follows. */
enum lmtp_path lmtp_path_read(char *s, char addr[ADDR_MAX + 1], char **rest);
/* The desk of the setup that takes this recipient; -1: none. */
int lmtp_desk_of(const Td__LmtpSetup *setup, const char *recipient);

#endif
