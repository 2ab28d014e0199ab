/* SPDX-License-Identifier: ISC
 *
 * What the table of calendars and its checks share.
 */
#ifndef CONF_CALENDAR_H
#define CONF_CALENDAR_H

#include "reading.h"

extern const struct type conf_type_dates_hours, conf_type_rest_hours, conf_type_holidays;

void conf_check_calendar(struct reading *r, size_t node);
void conf_check_exception(struct reading *r, size_t node);

#endif
