/* SPDX-License-Identifier: ISC
 *
 * Times of iCalendar (RFC 5545, 3.3.5) as local time of the calendar: dates and floating times are local already, UTC and
 * times with a TZID are moved. A TZID is a name of tzdata, perhaps behind a prefix, or else what a VTIMEZONE of the file says.
 */
#include <string.h>

#include "holidays.h"

bool
holidays_rule_harmless(const struct icalrecurrencetype *r)
{
    bool slow = r->freq == ICAL_YEARLY_RECURRENCE || r->freq == ICAL_MONTHLY_RECURRENCE || r->freq == ICAL_WEEKLY_RECURRENCE ||
        r->freq == ICAL_DAILY_RECURRENCE;
    return slow && r->by_second[0] == ICAL_RECURRENCE_ARRAY_MAX && r->by_minute[0] == ICAL_RECURRENCE_ARRAY_MAX &&
        r->by_hour[0] == ICAL_RECURRENCE_ARRAY_MAX;
}

/* "Europe/Stockholm", "/mozilla.org/20050126_1/Europe/Stockholm". */
static const struct zone *
zone_of_name(const char *tzid)
{
    const struct zone *z = zone_load(tzid);
    for (const char *p = strchr(tzid, '/'); z == NULL && p != NULL; p = strchr(p + 1, '/'))
        z = zone_load(p + 1);
    return z;
}

/* Are the rules of a VTIMEZONE such that libical comes to an end with them? */
static bool
zone_harmless(icalcomponent *vtimezone)
{
    for (icalcomponent *c = icalcomponent_get_first_component(vtimezone, ICAL_ANY_COMPONENT); c != NULL;
         c = icalcomponent_get_next_component(vtimezone, ICAL_ANY_COMPONENT))
        for (icalproperty *p = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY); p != NULL;
             p = icalcomponent_get_next_property(c, ICAL_RRULE_PROPERTY)) {
            struct icalrecurrencetype rule = icalproperty_get_rrule(p);
            if (!holidays_rule_harmless(&rule))
                return false;
        }
    return true;
}

static bool
zone_look_up(struct reading *r, const char *tzid)
{
    if (r->tzid == NULL || strcmp(r->tzid, tzid) != 0) {
        r->tzid = tzid;
        r->own_zone = NULL;
        r->zone = zone_of_name(tzid);
        icaltimezone *own = r->zone == NULL ? icalcomponent_get_timezone(r->calendar, tzid) : NULL;
        const char *location = own ? icaltimezone_get_location(own) : NULL;
        if (location != NULL)
            r->zone = zone_of_name(location);
        if (r->zone == NULL && own != NULL && zone_harmless(icaltimezone_get_component(own)))
            r->own_zone = own;
    }
    return r->zone != NULL || r->own_zone != NULL;
}

bool
holidays_local(struct reading *r, icalproperty *p, struct icaltimetype t, int64_t *out)
{
    int64_t s = days_from_civil(t.year, t.month, t.day) * CAL_DAY_S;
    icalparameter *tzid = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
    int daylight;
    if (!t.is_date)
        s += t.hour * 3600 + t.minute * 60 + t.second;
    *out = s;
    if (t.is_date)
        return true;
    if (icaltime_is_utc(t)) {
        *out = zone_local(r->c->zone, s);
        return true;
    }
    if (tzid == NULL)
        return true;
    if (!zone_look_up(r, icalparameter_get_tzid(tzid)))
        return false;
    s = r->zone ? zone_utc(r->zone, s) : s - icaltimezone_get_utc_offset(r->own_zone, &t, &daylight);
    *out = zone_local(r->c->zone, s);
    return true;
}
