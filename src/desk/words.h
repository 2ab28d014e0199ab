/* SPDX-License-Identifier: ISC
 *
 * The words of a language, LANG/words.txt: lines "KEY = VALUE", # beginning a comment line. Checked when read against the
 * table of keys; looking up cannot fail for a key that the table has.
 */
#ifndef TICKETD_DESK_WORDS_H
#define TICKETD_DESK_WORDS_H

#include "ticketd/base.h"

struct word_row {
    const char *key;
    size_t parts;               /* so many, with commas between; 0: not in parts */
    size_t args;                /* {1} to {args} may stand in it, each at most once */
    const char *fields;         /* {NAME} of each of these must stand in it */
    bool list;                  /* any number of parts */
};
extern const struct word_row word_rows[];
extern const size_t word_rows_n;
const struct word_row *word_row_find(const char *key);         /* zone.NAME has one too; NULL: no such key */

struct words;
/* The words of one language: the shipped file (of the folder `shipped`, may be NULL), over it the operator's. A language that has
 * neither: NULL without an error, unless `needed`. Mistakes are `file:line: …` in errors. */
struct words *words_read(const char *folder, const char *shipped, const char *language, bool needed, struct buf *errors);
void words_free(struct words **wp);
const char *words_get(const struct words *w, const char *key);          /* NULL: it has none */
const char *words_part(const struct words *w, const char *key, size_t i);       /* of a list; NULL: behind its last */
/* The value of a key with {1}, {2}, {3} filled in. */
const char *words_fill(const struct words *w, const char *key, const char *const args[3], struct arena *a);

#endif
