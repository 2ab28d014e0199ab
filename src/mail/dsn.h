/* SPDX-License-Identifier: ISC
 *
 * What dsn.c (reports by structure, RFC 3464) and bounce.c (reports in free text) share. What a report says is a claim: the desk
 * believes it only when it names a letter of ours.
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "read.h"

#define DSN_OTHERS_MAX 100u
#define DSN_TEXT_MAX 200000u    /* of free text that is looked at */

struct reports { struct reading *r; Td__DeliveryReport **v; size_t n; };
void reports_add(struct reports *s, Td__DeliveryReport *d);     /* NULL and what is over DSN_OTHERS_MAX are left out */

/* ---- dsn.c */
/* "5.1.1" inside s (RFC 3463), with no digit, letter or dot on either side; `classes` are the first digits allowed. */
bool dsn_find_status(const char *s, size_t len, const char *classes, char out[12]);
/* "rfc822; <u@host>" to the address; NULL: none. */
char *dsn_recipient(struct reading *r, const char *v, size_t len);
/* One line of at most 1,000 bytes. */
char *dsn_clean(struct reading *r, const char *s, size_t len);
/* Status from the diagnostic where that is plainer, action from the status. */
void dsn_fill_gaps(struct reading *r, Td__DeliveryReport *d);
bool dsn_is_vague(const char *status);
/* The blocks of fields of a delivery-status part, wherever they stand. */
void dsn_status_part(struct reports *s, const uint8_t *b, size_t len);

/* ---- bounce.c */
/* An SMTP reply: "550 5.1.1 …", "said: 550-…". From its code to the end of the paragraph. */
bool bounce_find_reply(const char *s, size_t len, size_t *from, size_t *to);
/* The sender calls himself a mail system, or has no address to answer. */
bool bounce_from_system(const struct reading *r, const struct header *h);
/* A report in running text, by sender, subject and words together. */
bool bounce_is(struct reading *r, const struct header *h, const struct leaves *l, const char *text);
/* Adds what the text says: one report for each recipient it names, at least one. `known`: the recipient that the structure names, or NULL. */
void bounce_read(struct reports *s, const struct header *h, const char *text, char *known);

#endif
