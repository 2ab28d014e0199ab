/* SPDX-License-Identifier: ISC
 *
 * ticketctl's words for looking after the store: check, backup, restore, export, import, and what core does on request.
 * keep.c has the words and options, keep_read.c what the reader does, keep_write.c what needs the store for itself.
 */
#ifndef CTL_KEEP_H
#define CTL_KEEP_H

#include "ask.h"
#include "ticketd/ctl.h"

#include <jansson.h>
#include <stdio.h>

/* ---- keep.c */
const char *keep_word(int argc, char **argv);   /* the verb on this command line if it is one of these, else NULL */
int keep_main(int argc, char **argv);           /* its exit code */
void keep_usage(FILE *to);                      /* lines of those that are no rows of ctl_verbs[] */

struct keep_options {
    struct asking how;
    bool json, repair, all;
    const char *keys, *person;
};
/* The question is asked, the answer read; NULL: *code says how to end, and why was said. */
json_t *keep_ask(const struct keep_options *o, Td__Request *r, int *code);
/* Numbers of a check, and what it found, as a person reads them. The exit code: 0, or EX_DATAERR. */
int keep_check_print(const struct keep_options *o, json_t *doc);

/* ---- keep_read.c: rows of ctl_verbs[] */
uint32_t verb_check(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
#define KEEP_VERBS \
    { "check", verb_check },

struct keep_report;                             /* collects findings as JSON, a bounded number of them */
struct check_options;
struct check_counts;
struct keep_report *keep_report_new(struct check_options *o);   /* sets o->found */
void keep_report_end(struct keep_report **rp, const struct check_counts *n, struct buf *out);   /* appends one JSON object */

/* ---- keep_write.c */
int keep_repair(const struct keep_options *o);

#endif
