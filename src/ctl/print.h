/* SPDX-License-Identifier: ISC
 *
 * Answers as a person reads them: tables that fit the terminal, times in local time with the zone shown.
 */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <jansson.h>
#include <stdbool.h>

extern bool print_quiet;                /* no progress, no confirmation */
/* --sort and --columns of a list of cases (doc NULL: of those to come). 0, or EX_USAGE and said what is wrong. */
int list_shape(json_t *doc, const char *sort, const char *columns);
void print_json(json_t *doc);
void print_list(json_t *doc);
void print_done(json_t *doc);           /* what an act did */
void print_case(json_t *doc);
void print_status(json_t *doc);
void print_search(json_t *doc);
void print_queue(json_t *doc);
void print_audit(json_t *doc);
void print_explain(json_t *doc);
void print_report(json_t *doc);

#endif
