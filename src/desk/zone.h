/* SPDX-License-Identifier: ISC
 *
 * Time zones as immutable tables, for the room's own files. zone_load() reads a file and is for start-up; the rest is pure.
 */
#ifndef TICKETD_DESK_ZONE_H
#define TICKETD_DESK_ZONE_H

#include "ticketd/base.h"

struct zone;
/* Reads the zone's file (anew at each call, so that a reload sees new rules); tables live as long as the process,
 * because calendars point to them. NULL: no such zone, or not a TZif file. */
const struct zone *zone_load(const char *name);
const char *zone_name(const struct zone *z);
int64_t zone_local(const struct zone *z, int64_t at);           /* seconds as if local time were UTC */
int64_t zone_utc(const struct zone *z, int64_t local);          /* gap: forward by the gap; overlap: the first */
/* No transition in [from, to]: true, and local time is UTC plus *offset all the while. */
bool zone_steady(const struct zone *z, int64_t from, int64_t to, int32_t *offset);

#endif
