/* SPDX-License-Identifier: ISC
 *
 * The words of a language, LANG/words.txt: lines "KEY = VALUE", # beginning a comment line. Checked when read against the
 * table of keys; looking up cannot fail for a key that the table has.
 *
 * No sentence that a person reads in a letter stands in C (test_letters_tongue walks the source and every letter for one). To add
 * one: a line in contrib/templates/{en,sv,da}/words.txt, a row in words_keys.c, and say_words(t, reader, "KEY", …) for say.KEY or
 * word_of(t, reader, "KEY", …) for any other. The answer of a command: a row in command_said.c instead, and run_done() or
 * run_wrong(). A command: its row in command_table.c, and help.WORD in the three files. An alarm: alarm.KEY, and letter_alarm().
 */
#ifndef TICKETD_DESK_WORDS_H
#define TICKETD_DESK_WORDS_H

#include "ticketd/base.h"

struct word_row {
    const char *key;
    size_t parts;               /* so many, with commas between; 0: not in parts */
    size_t args;                /* {1} to {args} may stand in it, each at most twice; {1}, which it is about, must */
    const char *fields;         /* {NAME} of each of these must stand in it */
    bool list;                  /* any number of parts */
};
const struct word_row *word_row_find(const char *key);         /* zone.NAME has one too; NULL: no such key */
const char *word_key_needed(size_t i); /* each key that a language must have; NULL behind the last */

struct words;
/* The words of one language: the shipped file (of the folder `shipped`, may be NULL), over it the operator's. A language that has
 * neither: NULL without an error, unless `needed`. Mistakes are `file:line: …` in errors. */
struct words *words_read(const char *folder, const char *shipped, const char *language, bool needed, struct buf *errors);
/* A customer's few words in a language that the desk need not write: `shipped`/answers/LANGUAGE.txt, of which every key may be missing.
 * NULL: there is no such file. */
struct words *words_read_answers(const char *shipped, const char *language, struct buf *errors);
void words_free(struct words **wp);
const char *words_get(const struct words *w, const char *key);          /* NULL: it has none */
const char *words_part(const struct words *w, const char *key, size_t i);       /* of a list; NULL: behind its last */
const char *const *words_parts(const struct words *w, const char *key, size_t *n);      /* all of them */
/* The value of a key with {1}, {2}, {3} filled in. */
const char *words_fill(const struct words *w, const char *key, const char *const args[3], struct arena *a);

#endif
