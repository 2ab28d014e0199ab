/* SPDX-License-Identifier: ISC
 *
 * What a regular expression cannot match without: words of which one must stand in the text, read out of its source, and all
 * words of all patterns found in one pass over a text. Patterns of which no word is there need not be tried. Only ever says
 * "cannot match" when that is so; what is not understood is tried.
 */
#ifndef TICKETD_MAIL_LITERALS_H
#define TICKETD_MAIL_LITERALS_H

#include "ticketd/base.h"

#define LITERALS_MAX 16                 /* of one pattern */
#define LITERAL_LEN 32                  /* of each; longer ones are cut */

/* ASCII in lower case. n 0: nothing is known, every text must be tried. */
struct literals { size_t n; struct literal { uint8_t len; char text[LITERAL_LEN]; } v[LITERALS_MAX]; };

/* For PCRE2 with UTF, UCP and CASELESS, and no other option that changes what source means. */
void literals_of(const char *regex, struct literals *out);

/* All of many patterns. */
struct literal_set;
struct literal_set *literal_set_new(size_t patterns);
void literal_set_free(struct literal_set **sp);
void literal_set_add(struct literal_set *s, size_t pattern, const struct literals *l);  /* a pattern once */
/* found[pattern] becomes true for each pattern that may match in this text; all that have no literals, always. Valid UTF-8. */
void literal_set_find(struct literal_set *s, const char *text, size_t len, bool *found);

#endif
