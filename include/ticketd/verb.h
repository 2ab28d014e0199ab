/* SPDX-License-Identifier: ISC
 *
 * The verbs of ticketctl: one row each, read by core (who may ask), by ticketctl (operands, options, help), by the shells'
 * completion and by the tests of the manual. A verb that is not in here does not exist. Part of the room `core`.
 */
#ifndef TICKETD_VERB_H
#define TICKETD_VERB_H

#include <stdbool.h>
#include <stddef.h>

enum verb_place {
    VERB_HERE,                          /* ticketctl itself does it; no daemon is asked */
    VERB_READER,                        /* a reader answers from the store, with a daemon and without */
    VERB_CORE,                          /* core does it: needs the daemon */
};
enum verb_right { VERB_READS, VERB_WRITES };    /* control-group-read or -write; control-group-write alone */

struct verb {
    const char *name;
    /* What stands behind it, in order: "CASE PERSON", "CASE [WORDS...]". Each is an argument of the request under its name in
     * small letters; the one with dots takes all that is left, with blanks between. WORDS that are missing but not in brackets
     * are read from standard input. */
    const char *operands;
    const char *options;                /* names out of verb_options[], with blanks between; NULL: its own, see VERB_HERE */
    const char *help;                   /* a few words */
    enum verb_place place;
    enum verb_right right;
    bool needs_desk;                    /* a reader's: not without a configuration that is right */
};
extern const struct verb verbs[];
extern const size_t verbs_n;
const struct verb *verb_find(const char *name);         /* NULL: there is none */

/* What a shell offers for a value. */
enum verb_value { VALUE_NONE, VALUE_FREE, VALUE_FILE, VALUE_FOLDER, VALUE_CASE, VALUE_DESK, VALUE_QUEUE, VALUE_STATE, VALUE_PRIORITY, VALUE_PERSON,
                  VALUE_MAILBOX, VALUE_COLUMN };
struct verb_option {
    const char *name, *value, *help;    /* value: as help shows it; NULL: it takes none, and is "1" in the request */
    enum verb_value is;
};
extern const struct verb_option verb_options[];
extern const size_t verb_options_n;
const struct verb_option *verb_option_find(const char *name);
bool verb_takes(const struct verb *v, const char *option);

/* Walks the operands: NAME as it stands there ("WORDS"), optional for brackets, many for dots. false: that was the last. */
struct verb_operand { char name[24]; bool optional, many; enum verb_value is; };
bool verb_operand_next(const char **at, struct verb_operand *out);

#endif
