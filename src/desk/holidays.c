/* SPDX-License-Identifier: ISC
 *
 * Holidays from iCalendar files (RFC 5545) through libical, at load only: every event closes its time, repeated ones each
 * time. The files are the operator's, but may come from the net: size, events and instances are capped, and only rules that
 * step by day or more are let in, because libical searches for ever for a second that never comes.
 */
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"

#define HOLIDAY_FILE_MAX (1u << 20)
#define HOLIDAY_EVENTS_MAX 5000
#define HOLIDAY_INSTANCES_MAX 2000
#define HOLIDAY_LENGTH_MAX_S (366LL * CAL_DAY_S)

struct reading {
    struct calendar *c;
    const char *file, *text;            /* text: where the line of the next event is sought */
    int line;                           /* of BEGIN:VEVENT */
    struct buf *errors;
};

static void
say(struct reading *r, const char *what)
{
    buf_printf(r->errors, "%s:%d: %s\n", r->file, r->line, what);
}

/* libical keeps no lines: the n-th event is the n-th BEGIN:VEVENT. */
static void
next_line(struct reading *r)
{
    for (const char *p = r->text; p != NULL && *p != '\0'; r->line++) {
        const char *eol = strchr(p, '\n');
        bool found = str_starts_nocase(p, "BEGIN:VEVENT");
        p = eol ? eol + 1 : NULL;
        r->text = p;
        if (found) {
            r->line++;
            return;
        }
    }
}

/* Seconds as if the zone's local time were UTC. UTC times are moved into the calendar's zone, all others are taken as local. */
static int64_t
local_of(const struct calendar *c, struct icaltimetype t)
{
    int64_t s = days_from_civil(t.year, t.month, t.day) * CAL_DAY_S;
    if (!t.is_date)
        s += t.hour * 3600 + t.minute * 60 + t.second;
    return !t.is_date && icaltime_is_utc(t) ? zone_local(c->zone, s) : s;
}

static bool
rule_harmless(const struct icalrecurrencetype *r)
{
    bool slow = r->freq == ICAL_YEARLY_RECURRENCE || r->freq == ICAL_MONTHLY_RECURRENCE || r->freq == ICAL_WEEKLY_RECURRENCE ||
        r->freq == ICAL_DAILY_RECURRENCE;
    return slow && r->by_second[0] == ICAL_RECURRENCE_ARRAY_MAX && r->by_minute[0] == ICAL_RECURRENCE_ARRAY_MAX &&
        r->by_hour[0] == ICAL_RECURRENCE_ARRAY_MAX;
}

static void
close_at(struct reading *r, icalcomponent *event, struct icaltimetype start, struct icaltimetype at, int64_t length)
{
    if (icalproperty_recurrence_is_excluded(event, &start, &at))
        return;
    int64_t from = local_of(r->c, at);
    calendar_close(r->c, from, from + length);
}

static void
repeat(struct reading *r, icalcomponent *event, icalproperty *rule, struct icaltimetype start, int64_t length)
{
    struct icalrecurrencetype how = icalproperty_get_rrule(rule);
    if (!rule_harmless(&how)) {
        say(r, "this RRULE cannot be a holiday's, one that repeats by day, week, month or year expected");
        return;
    }
    icalrecur_iterator *i = icalrecur_iterator_new(how, start);
    if (i == NULL) {
        say(r, "RRULE not understood");
        return;
    }
    struct icaltimetype at = icalrecur_iterator_next(i);
    for (int n = 0; !icaltime_is_null_time(at) && at.year < CAL_LAST_YEAR && n < HOLIDAY_INSTANCES_MAX; n++) {
        close_at(r, event, start, at, length);
        at = icalrecur_iterator_next(i);
    }
    icalrecur_iterator_free(i);
}

static void
event_read(struct reading *r, icalcomponent *event)
{
    struct icaltimetype start = icalcomponent_get_dtstart(event), end = icalcomponent_get_dtend(event);
    if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
        return;
    if (icaltime_is_null_time(start) || start.year < 1900 || start.year > 9999) {
        say(r, "event without a DTSTART that is a date, DTSTART;VALUE=DATE:20261224 expected");
        return;
    }
    int64_t length = icaltime_is_null_time(end) ? 0 : local_of(r->c, end) - local_of(r->c, start);
    if (length <= 0 && start.is_date)
        length = CAL_DAY_S;
    if (length < 0 || length > HOLIDAY_LENGTH_MAX_S) {
        say(r, "event that ends before it begins or lasts over a year");
        return;
    }
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    if (rule == NULL)
        close_at(r, event, start, start, length);
    for (; rule != NULL; rule = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY))
        repeat(r, event, rule, start, length);
    for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
        struct icaldatetimeperiodtype more = icalproperty_get_rdate(p);
        if (!icaltime_is_null_time(more.time))
            close_at(r, event, start, more.time, length);
    }
}

static void
events_read(struct reading *r, icalcomponent *root)
{
    icalcomponent *calendar = icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT ? root
        : icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
    int events = 0;
    for (; calendar != NULL; calendar = calendar == root ? NULL : icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
        for (icalcomponent *e = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); e != NULL;
             e = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
            next_line(r);
            if (events++ == HOLIDAY_EVENTS_MAX) {
                say(r, "too many events, at most 5000 expected");
                return;
            }
            event_read(r, e);
        }
    if (events == 0)
        say(r, "no event found, an iCalendar file (BEGIN:VCALENDAR) with at least one expected");
}

bool
holidays_read(struct calendar *c, const char *file, struct conf_where named_at, struct buf *errors)
{
    struct buf text = {0};
    size_t before = errors->len;
    int rc = file_read(file, HOLIDAY_FILE_MAX, &text);
    if (rc != 0) {
        buf_printf(errors, "%s:%d: %s: %s, an iCalendar file of at most 1 MiB expected\n", named_at.file ? named_at.file : "-", named_at.line,
                   file, strerror(rc));
        buf_free(&text);
        return false;
    }
    struct reading r = { .c = c, .file = file, .text = text.data, .line = 0, .errors = errors };
    icalcomponent *root = strlen(text.data) == text.len ? icalparser_parse_string(text.data) : NULL;
    if (root == NULL) {
        r.line = 1;
        say(&r, "not an iCalendar file, BEGIN:VCALENDAR expected");
    } else {
        events_read(&r, root);
        icalcomponent_free(root);
    }
    buf_free(&text);
    return errors->len == before;
}
