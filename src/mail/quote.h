/* SPDX-License-Identifier: ISC
 *
 * What quote.c and forward.c share: the header blocks and separator lines that mail programs put before a mail that is quoted or
 * forwarded, in the languages that are known.
 */
#ifndef MAIL_QUOTE_H
#define MAIL_QUOTE_H

#include "read.h"

enum label { LABEL_NONE, LABEL_FROM, LABEL_DATE, LABEL_TO, LABEL_CC, LABEL_SUBJECT, LABEL_REPLY_TO };

struct line { size_t at, len; enum label label; bool blank, quoted, signature; };
struct lines { const char *s; struct line *v; size_t n; };

/* "From: value", "*Från:* value", "De : value". *value is where the value begins. */
enum label quote_label(const char *s, size_t len, size_t *value);
/* A block of such lines begins at line i: at least From and two more of a sort. Returns the line after it, 0: none. */
size_t quote_header_block(const struct lines *l, size_t i);
enum separator { SEPARATOR_NONE, SEPARATOR_REPLY, SEPARATOR_FORWARD };
/* "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:" */
enum separator quote_separator(const char *s, size_t len);
/* Splits into lines; takes the marks of html.c as what they mean. v lives in r->tmp. */
void quote_lines(struct reading *r, const char *text, size_t len, struct lines *out);

#endif
