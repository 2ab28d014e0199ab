/* SPDX-License-Identifier: ISC
 *
 * Answers as a person reads them: tables that fit the terminal, times in local time with the zone shown.
 */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <jansson.h>

void print_list(json_t *doc);
void print_case(json_t *doc);
void print_status(json_t *doc);
void print_explain(json_t *doc);
void print_report(json_t *doc);

#endif
