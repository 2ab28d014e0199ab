/* SPDX-License-Identifier: ISC
 *
 * What compose.c and composeparts.c share: parts of mail as GMime's objects. GMime's header stays in these two files.
 */
#ifndef MAIL_COMPOSEPARTS_H
#define MAIL_COMPOSEPARTS_H

#include "ticketd/mail.h"

#include <gmime/gmime.h>

/* Is it part of what the HTML shows? */
bool part_is_inline(const Td__Letter *l, const Td__Part *p);
/* One part; bytes are borrowed until the object is gone. The caller's. */
GMimeObject *part_object(const Td__Letter *l, const Td__Part *p, struct mail_bytes bytes);
/* A multipart whose boundary comes from the letter's Message-ID and the subtype, so that no two of a letter are the same. */
GMimeMultipart *part_multipart(const Td__Letter *l, const char *subtype);

#endif
