/* SPDX-License-Identifier: ISC
 *
 * Mail of staff about many cases, line by line. See lines.c.
 */
#ifndef TICKETD_DESK_LINES_H
#define TICKETD_DESK_LINES_H

#include "command.h"

#define LINES_MAX 50                    /* cases of one mail; with more nothing is done */

struct line_order { const char *number, *text; uint64_t id; bool known; };      /* text: commands and words; known: its last characters are right */
struct lines {
    struct line_order *v; size_t n;
    const char *before;                 /* what stands above the first of them */
    bool too_many;
};
void lines_parse(const struct desk *d, const struct conf_desk *conf, const char *text, struct arena *a, struct lines *out);
/* All of it or nothing, and the answer. The first case that it changed; NULL: it was refused. */
struct desk_case_change *lines_carry_out(struct turn *t, const struct staff_mail *m, const struct lines *l);
/* NULL, and not t->caseless: this mail is none of these. */
struct desk_case_change *way_lines(struct turn *t, const struct staff_mail *m, const struct commands *c);
bool lines_own_token(const struct turn *t);     /* it came through the address of a list that this person was given */

#endif
