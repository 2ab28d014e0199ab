/* SPDX-License-Identifier: ISC
 *
 * Private to deliver: one SMTP try through libcurl (smtp_transfer.c), what its conversation said (smtp_talk.c).
 */
#ifndef DELIVER_SMTP_H
#define DELIVER_SMTP_H

#include "ticketd/deliver.h"

#define SMTP_TEXT_MAX 200u

/* ---- the conversation, overheard line by line */
enum smtp_stage { SMTP_CONNECT, SMTP_HELLO, SMTP_STARTTLS, SMTP_AUTH, SMTP_MAIL, SMTP_RCPT, SMTP_DATA };
struct smtp_talk {
    enum smtp_stage stage;              /* the last command that was sent; QUIT is none */
    bool utf8;                          /* of this connection: the relay offers SMTPUTF8 */
    uint64_t size;                      /* likewise: the largest letter that it takes (RFC 1870); 0: it does not say */
    bool need_utf8;                     /* the recipient's local part needs it */
    bool utf8_missing;                  /* so the try was broken off before RCPT */
    bool body_read;                     /* the last byte of the letter was given to the library */
    unsigned code;                      /* of the last reply that was not 221, 0: none; 354 stays where nothing followed */
    bool more;                          /* that reply has lines to come */
    char text[SMTP_TEXT_MAX + 1]; size_t text_len;      /* that reply, clean, clipped */
};
void smtp_talk_start(struct smtp_talk *t, bool need_utf8);      /* of one try; utf8 and size stay, for the connection may */
void smtp_talk_command(struct smtp_talk *t, const char *bytes, size_t len);
bool smtp_talk_reply(struct smtp_talk *t, const char *bytes, size_t len);       /* one line; false: break the try off */

struct smtp_end {                       /* how the library saw the try end */
    bool ok;                            /* it is content */
    const char *error;                  /* its words where no reply says more */
};
/* Fills code, unknown, text (borrowed from t or e) and auth_failed. */
void smtp_talk_outcome(const struct smtp_talk *t, const struct smtp_end *e, Td__SendOutcome *out);

/* ---- one connection to the relay */
struct smtp_relay;
/* NULL: *error (static) says what in the setup cannot be used. */
struct smtp_relay *smtp_relay_new(const Td__RelaySetup *setup, const char **error);
void smtp_relay_free(struct smtp_relay **rp);
/* Blocks for at most the configured time and what the size adds. Texts in *out are borrowed until the next try. */
void smtp_relay_send(struct smtp_relay *r, const Td__SendJob *job, const uint8_t *bytes, size_t len, Td__SendOutcome *out);
/* Ends the connection if the last try broke it; may take a moment, so send the outcome first. */
void smtp_relay_tidy(struct smtp_relay *r);

#endif
