/* SPDX-License-Identifier: ISC
 *
 * What the calendar's own files share: days as lists of open spans in local time, the dates that are not as usual, and the
 * sums over all dates. calendar_make.c writes it, holidays.c helps it; calendar.c and calendar_others.c read it.
 */
#ifndef TICKETD_DESK_CALENDAR_H
#define TICKETD_DESK_CALENDAR_H

#include "ticketd/desk.h"
#include "zone.h"

#define CAL_FIRST_YEAR 1990             /* outside these years a calendar knows nothing and answers its border */
#define CAL_LAST_YEAR 2110
#define CAL_CUTS_MAX 16                 /* that timed events take out of a day */
#define CAL_SPANS_MAX (CONF_SPANS_MAX + CAL_CUTS_MAX)   /* of a day: each cut makes at most one more */
#define CAL_DAY_S 86400

struct span { int32_t from, to; };      /* seconds after local midnight, half-open */
struct day { struct span v[CAL_SPANS_MAX]; size_t n; };         /* in order, not overlapping */

struct exception {
    int64_t first, last;                /* dates */
    bool hours_given;                   /* else only a note */
    struct day week[7];
    const char *note;                   /* NULL: none */
};
struct date {                           /* one that is not as usual */
    int32_t day;                        /* since 1970-01-01 */
    enum calendar_why why;
    bool holiday, day_off, closed;      /* what was marked, whatever the outcome */
    const char *name;                   /* "" */
    const struct exception *exception;  /* NULL: none */
    struct day cut;                     /* what timed events take away */
    struct day spans;                   /* the outcome: instead of the weekday's */
};

struct calendar {
    const struct zone *zone;
    struct arena *arena;                /* names, notes and exceptions */
    int32_t first, days;                /* the table: days [first, first + days) */
    struct day week[7];                 /* 0: Monday */
    struct exception *exceptions; size_t n_exceptions;          /* by date */
    struct date *dates; size_t n_dates, cap_dates;
    uint16_t *date_at;                  /* days: the place in `dates` + 1; 0: as usual */
    uint32_t *open_before;              /* days + 1: open seconds before this day */
    uint16_t *work_before;              /* days + 1: working days before this day */
};
_Static_assert((CAL_LAST_YEAR - CAL_FIRST_YEAR) * 366 < UINT16_MAX, "every date has a number");
_Static_assert((CAL_LAST_YEAR - CAL_FIRST_YEAR) * 366LL * CAL_DAY_S < UINT32_MAX, "all seconds can be summed");

struct open { int64_t from, to; };      /* UTC, half-open */

const char *calendar_zone(const struct calendar *c);

/* calendar.c: what both sides ask */
int calendar_weekday(int64_t day);      /* 0: Monday */
int64_t calendar_day(int64_t local);    /* the date of local seconds */
const struct date *calendar_date_find(const struct calendar *c, int64_t day);  /* NULL: as usual */
const struct day *calendar_spans(const struct calendar *c, int64_t day);
/* The open spans of a date in UTC, in order; at most CAL_SPANS_MAX. */
size_t calendar_day_open(const struct calendar *c, int64_t day, struct open out[CAL_SPANS_MAX]);

/* calendar_make.c */
enum calendar_mark { CALENDAR_MARK_HOLIDAY, CALENDAR_MARK_DAY_OFF };
/* An event over local seconds [from, to) of 1970: dates that it covers are marked and named, of others it takes its hours.
 * `name` is the arena's. false: too many events on one date. */
bool calendar_mark(struct calendar *c, int64_t from, int64_t to, enum calendar_mark mark, const char *name);

/* holidays.c: marks the events of one file. Mistakes are lines in errors, `file:line: …`; false then. */
bool holidays_read(struct calendar *c, const char *file, enum calendar_mark mark, struct conf_where named_at, struct buf *errors);

#endif
