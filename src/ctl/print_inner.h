/* SPDX-License-Identifier: ISC
 *
 * What the files that print share: strings from strangers made harmless, local times, tables.
 */
#ifndef CTL_PRINT_INNER_H
#define CTL_PRINT_INNER_H

#include "print.h"
#include "ticketd/base.h"

#include <libsmartcols/libsmartcols.h>

const char *print_string(json_t *o, const char *key);           /* NULL: null, or another type */
char *print_tamed(const char *s, bool keep_lines);              /* without control characters; to be freed */
void print_local(const char *utc, bool full, char out[64]);     /* in the reader's own zone; full: with year and zone */
struct libscols_table *print_table(const char *const *names, const int *flags, size_t n);
void print_left(json_t *clock, char out[64]);                  /* until a clock is due: "7h", "late 27s", "met" */
json_t *print_clock_shown(json_t *c);                           /* the clock that is due first and not met; else the last; NULL: none */
bool print_colour(void);                                        /* a terminal that can, and nobody said NO_COLOR */
void print_cell(struct libscols_line *ln, size_t col, const char *s, bool keep_lines);

#endif
