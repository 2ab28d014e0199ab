/* SPDX-License-Identifier: ISC
 *
 * What machine.c (who made this mail) and machinewords.c (by what one knows it) share: one table of {header or part, test, word, what
 * it means, source}, and one of shapes that mean something only together.
 */
#ifndef MAIL_MACHINE_H
#define MAIL_MACHINE_H

#include "read.h"

/* What a row means. TICKETS: another ticket system's; what its agents write passes through it too. */
enum { NO_ANSWER = 1, NO_REPLY = 2, LIST = 4, TICKETS = 8, MACHINE = NO_ANSWER | NO_REPLY };

enum machine_test {
    PRESENT, IS, IS_NOT, HAS,                       /* of a header field, comments off, without case */
    LOCAL_BEGINS, LOCAL_ENDS,                       /* the local part in a field that holds one address */
    FROM_HAS, FROM_IS,                              /* the author's local part; "_", ".", "+" and "=" count as "-"; HAS: as a word of it */
    PATH_EMPTY, FROM_NONE,
    PART_OF_REPORT,                                 /* a leaf of this type in a multipart/report, or in a mail that came by the null path */
    PART_CALENDAR,                                  /* text/calendar that is no attachment, with this word inside */
};
struct machine_row { const char *header; enum machine_test test; const char *word; unsigned means; const char *source; };
extern const struct machine_row machine_rows[];
extern const size_t machine_n_rows;

/* Lists of words, and where they are looked for. */
enum machine_words {
    WORDS_NONE,
    SUBJECT_ABSENCE,        /* begins like an answering machine's, or names an absent person */
    SUBJECT_ANNOUNCES,      /* the whole beginning with its colon, and no "Re:" before it */
    SUBJECT_CHALLENGE, SUBJECT_RECEIPT, SUBJECT_DMARC,
    TEXT_ABSENCE, TEXT_CHALLENGE, TEXT_AUTOMATIC,
};
/* needs: evidence from the header without which the words mean nothing, for people write them too. */
enum { NEEDS_PATH = 1, NEEDS_UNANSWERABLE = 2, NEEDS_TICKETS = 4, NEEDS_ANSWER = 8 };
struct machine_shape { unsigned needs; enum machine_words subject, text; unsigned means; const char *why, *source; };
extern const struct machine_shape machine_shapes[];
extern const size_t machine_n_shapes;

/* `s`: folded by quote_flatten(); a subject without what stands in [] before it. */
bool machine_says(enum machine_words list, const char *s);

#endif
