/* SPDX-License-Identifier: ISC
 *
 * mboxrd with LF line ends: `From SENDER ASCTIME` begins a mail, ">From " inside is quoted by one more ">" (RFC 4155 and the
 * rd variant). The From line gives the arrival, in UTC.
 */
#ifndef CORE_MBOX_H
#define CORE_MBOX_H

#include "ticketd/base.h"

struct mbox { const char *bytes; size_t len, at; unsigned line; };
struct mbox_mail { char sender[ADDR_MAX + 1]; int64_t at; struct buf bytes; };   /* sender "" for a null return path */

/* 1: one more mail in *out (its buf is reused); 0: the end; -1: *error says what is wrong in which line. */
int mbox_next(struct mbox *m, struct mbox_mail *out, char error[128]);
/* Appends one mail (CRLF or LF) to an mbox. */
void mbox_add(struct buf *out, const char *sender, int64_t at, const char *bytes, size_t len);

#endif
