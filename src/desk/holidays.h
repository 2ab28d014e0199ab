/* SPDX-License-Identifier: ISC
 *
 * The reading of one iCalendar file, for holidays.c and holidays_time.c.
 */
#ifndef TICKETD_DESK_HOLIDAYS_H
#define TICKETD_DESK_HOLIDAYS_H

#include <libical/ical.h>

#include "calendar.h"

struct override { const char *uid; int64_t local; };    /* an instance that an event of its own takes the place of */

struct reading {
    struct calendar *c;
    enum calendar_mark mark;
    const char *file, *text;            /* text: where the line of the next event is sought */
    int line;                           /* of BEGIN:VEVENT */
    struct buf *errors;
    int mistakes, events, rules, instances;
    icalcomponent *calendar;            /* the VCALENDAR that is being read */
    struct override *overrides; size_t n_overrides;
    const char *tzid;                   /* the last one that was looked up, borrowed from the file, and what it is: */
    const struct zone *zone;            /* the system's */
    icaltimezone *own_zone;             /* or one that the file defines */
};

/* holidays_time.c: a time of property p in seconds as if the calendar's local time were UTC. false: its TZID is unknown. */
bool holidays_local(struct reading *r, icalproperty *p, struct icaltimetype t, int64_t *out);
/* Only rules that step by day or more: libical searches for ever for a second that never comes. */
bool holidays_rule_harmless(const struct icalrecurrencetype *r);

#endif
