/* SPDX-License-Identifier: ISC
 *
 * A bar for a run that takes over a second, on a terminal alone.
 */
#ifndef TICKETD_CORE_PROGRESS_H
#define TICKETD_CORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress { const char *what; bool on; int64_t began_ms, shown_ms; };
void progress_begin(struct progress *p, const char *what);      /* what: a word before the bar, borrowed */
void progress_show(struct progress *p, uint64_t done, uint64_t of);    /* cheap: draws ten times a second at most */
void progress_end(struct progress *p); /* the line is as it was; also where nothing was drawn */

#endif
