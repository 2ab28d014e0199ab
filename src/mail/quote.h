/* SPDX-License-Identifier: ISC
 *
 * What quote.c and forward.c share: the header blocks and separator lines that mail programs put before a mail that is quoted or
 * forwarded, in the languages that are known.
 */
#ifndef MAIL_QUOTE_H
#define MAIL_QUOTE_H

#include "read.h"

enum label { LABEL_NONE, LABEL_FROM, LABEL_DATE, LABEL_TO, LABEL_CC, LABEL_SUBJECT, LABEL_REPLY_TO };

/* marked: quoted by a mark of HTML. proof: a label whose value only a mail program writes. ends, footer: 1 no, 2 yes, 0 not yet looked. */
struct line { size_t at, len; enum label label; bool blank, quoted, signature, marked, indented, proof; uint8_t ends, footer; };
struct lines { const char *s; struct line *v; size_t n; };
/* What a line with a label proves: a mail program wrote it. */
bool quote_label_proves(const char *s, size_t len, enum label label);

/* "From: value", "*Från:* value", "De : value". *value is where the value begins. */
enum label quote_label(const char *s, size_t len, size_t *value);
/* A block of such lines begins at line i: From and enough of the others that no traveller's or form's "From:" is meant. Returns the line
 * after it, 0: none. */
size_t quote_header_block(const struct lines *l, size_t i);
/* The block from i up to `end` has what only a mail program writes: an address, "Sent:", a rule above it. */
bool quote_block_proves(const struct lines *l, size_t i, size_t end);
/* "Original Message" without its dashes: a separator only where a header block stands below. */
bool quote_is_original(const char *s, size_t len);
enum separator { SEPARATOR_NONE, SEPARATOR_REPLY, SEPARATOR_FORWARD };
/* "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:" */
enum separator quote_separator(const char *s, size_t len);
/* quoteline.c: where a program wrote the fields of a forwarded mail into one line: the text with a line for each, in r->tmp, *len its
 * length; else the text itself. */
const char *quote_line_split(struct reading *r, const char *text, size_t *len);
/* Splits into lines; takes the marks of html.c as what they mean. v lives in r->tmp. */
void quote_lines(struct reading *r, const char *text, size_t len, struct lines *out);

/* Blanks, invisible characters and the marks of bold text go from both ends. */
void quote_trim(const char **s, size_t *len);
/* Small letters, of the same length, for Latin, Greek and Cyrillic; at most `cap` bytes. Returns how many. */
size_t quote_fold(const char *s, size_t len, char *out, size_t cap);
/* A text to look for words in: small letters, white space of any kind folded into single blanks, a typographic apostrophe as "'". */
void quote_flatten(const char *s, size_t len, struct buf *out);
/* The next line with ink from i on is a quoted one. */
bool quote_follows(const struct lines *l, size_t i);
/* "____", "-----": nothing but that, at least so many. */
bool quote_rule(const char *s, size_t len, size_t least);

/* ---- attribution.c: lines from i on announce a quote: "On Tue, 10 Mar 2026 at 10:00, A B <a@b> wrote:". Returns the line after them, 0: no. */
size_t quote_attribution(const struct lines *l, size_t i);

/* ---- signature.c: what programs put below a text */
bool quote_is_sent_from(const char *s, size_t len);     /* "Sent from my iPhone" */
bool quote_is_dashes(const char *s, size_t len, bool *sure);    /* "--"; sure: with the blank of RFC 3676 */
bool quote_is_footer(const struct lines *l, size_t i);  /* a rule, and below it what lists and virus scanners say */
bool quote_is_reply_above(const char *s, size_t len);
bool quote_is_disclaimer(const char *s, size_t len);    /* a paragraph of lawyers */

#endif
