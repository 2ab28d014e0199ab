/* SPDX-License-Identifier: ISC
 *
 * What can be made of an answer besides a table: whole pages, and CSV.
 */
#ifndef CTL_PAGE_MADE_H
#define CTL_PAGE_MADE_H

#include "ticketd/base.h"

#include <jansson.h>

void page_report(json_t *doc, struct buf *out);                 /* the answer to `report` */
void csv_report(json_t *doc, struct buf *out);
void page_case(json_t *shown, json_t *explained, struct buf *out);      /* the answers to `show` and `explain`; explained NULL: none came */

#endif
