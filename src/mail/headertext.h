/* SPDX-License-Identifier: ISC
 *
 * Private to mail: one header field being written. Lines are folded at 76 columns, every byte is ASCII.
 * Whoever calls has refused control characters and invalid UTF-8 before; nothing here can end a line but the folding itself.
 */
#ifndef MAIL_HEADERTEXT_H
#define MAIL_HEADERTEXT_H

#include "ticketd/base.h"

#define HEADER_COLUMNS 76u              /* RFC 2047, 2: the limit of a line that has an encoded word */
#define HEADER_SUBJECT_MAX 1000u        /* bytes; what is longer is cut and ends in an ellipsis */
#define HEADER_NAME_MAX 200u            /* bytes of a display name */

struct headertext { struct buf *out; size_t col; bool begun; };     /* begun: something stands on this line already */

void headertext_start(struct headertext *h, const char *name);
/* A blank and `len` bytes that are never broken; on a new line when this one is too full. */
void headertext_token(struct headertext *h, const char *token, size_t len);
/* Unstructured text (RFC 5322, 2.2.1): what is not plain ASCII becomes encoded words. White space is folded to single blanks. */
void headertext_text(struct headertext *h, const char *text);
/* A display name (RFC 5322, phrase): atoms, a quoted string, or encoded words. */
void headertext_phrase(struct headertext *h, const char *name);
/* One mailbox, `more` with a comma after it. A local part that is not ASCII has no form in a 7-bit header; it becomes an
 * empty group that names it (RFC 6857, 3.1.8), if `group` allows that. NULL, or a static text that says what is wrong. */
const char *headertext_address(struct headertext *h, const char *name, const char *addr, bool more, bool group);
void headertext_end(struct headertext *h);

/* A value that may stand in a header: valid UTF-8 without control characters. */
bool headertext_clean(const char *value);
/* A Message-ID (without <>) that can be written: printable ASCII without blanks and brackets, one @ inside, at most `max` bytes. */
bool headertext_id_ok(const char *id, size_t max);

#endif
