/* SPDX-License-Identifier: ISC
 *
 * What the calendar's own files share: days as lists of open spans in local time, and holidays read from iCalendar files.
 */
#ifndef TICKETD_DESK_CALENDAR_H
#define TICKETD_DESK_CALENDAR_H

#include "ticketd/desk.h"
#include "zone.h"

#define CAL_FIRST_YEAR 1990             /* outside these years a calendar knows nothing and answers its border */
#define CAL_LAST_YEAR 2110
#define CAL_SPANS_MAX 16                /* a day */
#define CAL_DAY_S 86400

struct span { int32_t from, to; };      /* seconds after local midnight, half-open */
struct day { struct span v[CAL_SPANS_MAX]; size_t n; };
struct exception { int32_t day; struct day spans; };    /* days since 1970-01-01; spans instead of the weekday's */

struct calendar {
    const struct zone *zone;
    int32_t first, days;                /* the table: days [first, first + days) */
    struct day week[7];                 /* 0: Monday */
    struct exception *exceptions;       /* by day */
    size_t n_exceptions;
    int64_t *open_before;               /* days + 1: open seconds before this day */
    int32_t *work_before;               /* days + 1: working days before this day */
};

const char *calendar_zone(const struct calendar *c);
/* Takes local seconds [from, to) of 1970 out of the open time, day by day; ranges of any length. */
void calendar_close(struct calendar *c, int64_t from, int64_t to);
/* Reads one file of holidays into c. Mistakes are lines in errors, `file:line: …`; false then. */
bool holidays_read(struct calendar *c, const char *file, struct conf_where named_at, struct buf *errors);

#endif
