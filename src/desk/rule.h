/* SPDX-License-Identifier: ISC
 *
 * What the two files of the rules share: one mail under the rules of its desk. rule_ask.c says whether a rule matches and why,
 * rule.c what follows from it.
 */
#ifndef TICKETD_DESK_RULE_H
#define TICKETD_DESK_RULE_H

#include "desk_room.h"

enum where { IN_SUBJECT, IN_WORDS, IN_ATTACHMENT, WHERES };
struct found { const Td__Hit *in[WHERES], *given_up; };         /* of one pattern, the first of each */

struct rules {
    struct turn *t;
    const struct conf_desk *conf;
    struct found *found; size_t n_found;        /* by pattern */
    const char *writer;                 /* whose case it will be */
    bool open;                          /* it came in working time */
    bool month_known; unsigned month_gone, month_left;          /* working days of the month before and after its day */
    bool *by_rule;                      /* of v.fields: set, not caught */
    struct verdict v;                   /* as far as it has come */
    struct buf why, effects;
    size_t n_matched, n_said;
    bool explain, sets;
};

void rules_hits_sort(struct rules *x);
/* The first pattern of the list that matched in one of the places `from` to `to`. */
const Td__Hit *rules_hit(const struct rules *x, const struct conf_patterns *list, enum where from, enum where to);
const char *rules_field(const struct rules *x, const char *name);      /* its value so far; NULL: none */
bool rules_word_in(const struct conf_strings *list, const char *word);
/* NULL: the rule matches; else why not. */
const char *rule_fails(struct rules *x, const struct conf_rule *r);
const char *rule_words(struct rules *x, const struct conf_rule *r);    /* by what a rule that matches does */

#endif
