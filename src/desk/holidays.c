/* SPDX-License-Identifier: ISC
 *
 * Holidays from iCalendar files (RFC 5545) through libical, at load only: each event is marked in the calendar, repeated
 * ones (RRULE, RDATE, EXDATE, single instances changed by RECURRENCE-ID) each time. The files are the operator's, but may
 * come from the net: size, events, rules, instances and mistakes are capped, for a rule that never comes costs libical
 * half a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "holidays.h"

#define HOLIDAY_FILE_MAX (1u << 20)
#define HOLIDAY_EVENTS_MAX 5000
#define HOLIDAY_RULES_MAX 500
#define HOLIDAY_INSTANCES_MAX 200000    /* of all rules of a file: two that come every day, and more */
#define HOLIDAY_LENGTH_MAX_S (366LL * CAL_DAY_S)
#define HOLIDAY_MISTAKES_MAX 10
#define HOLIDAY_NAME_MAX 100

struct instance { int64_t local; bool is_date; };

struct event {
    icalcomponent *component;
    icalproperty *start;
    bool is_date, is_instance;          /* is_instance: it has a RECURRENCE-ID */
    int64_t length;
    const char *name, *uid;             /* uid NULL: has none */
    struct instance *excluded; size_t n_excluded;
};

static void
say(struct reading *r, const char *what)
{
    buf_printf(r->errors, "%s:%d: %s\n", r->file, r->line, what);
    r->mistakes++;
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

/* ---- times */

/* libical takes the 30th of February. */
static bool
time_sane(struct icaltimetype t)
{
    return !icaltime_is_null_time(t) && t.year >= 1900 && t.year <= 9999 && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
        t.day <= icaltime_days_in_month(t.month, t.year) && t.hour >= 0 && t.hour < 24 && t.minute >= 0 && t.minute < 60 && t.second >= 0 &&
        t.second <= 60;
}

static bool
local_or_say(struct reading *r, icalproperty *p, struct icaltimetype t, int64_t *out)
{
    bool sane = time_sane(t);
    if (sane && holidays_local(r, p, t, out))
        return true;
    say(r, sane ? "TZID is not known, a time zone of tzdata or one that the file defines expected"
                : "a time that is none, one such as 20261224 or 20261224T130000Z expected");
    return false;
}

/* From start to DTEND, or DURATION, or a day. */
static bool
length_read(struct reading *r, struct event *e)
{
    icalproperty *end = icalcomponent_get_first_property(e->component, ICAL_DTEND_PROPERTY);
    icalproperty *duration = icalcomponent_get_first_property(e->component, ICAL_DURATION_PROPERTY);
    int64_t from, to;
    if (!local_or_say(r, e->start, icalproperty_get_dtstart(e->start), &from))
        return false;
    if (end != NULL && !local_or_say(r, end, icalproperty_get_dtend(end), &to))
        return false;
    e->length = end ? to - from : duration ? icaldurationtype_as_int(icalproperty_get_duration(duration)) : 0;
    if (e->length == 0 && e->is_date)
        e->length = CAL_DAY_S;
    if (e->length >= 0 && e->length <= HOLIDAY_LENGTH_MAX_S)
        return true;
    say(r, "event that ends before it begins or lasts over a year");
    return false;
}

/* ---- instances that are not, or are elsewhere */

static int
instance_compare(const void *a, const void *b)
{
    const struct instance *x = a, *y = b;
    return (x->local > y->local) - (x->local < y->local);
}

static int
override_compare(const void *a, const void *b)
{
    const struct override *x = a, *y = b;
    int d = strcmp(x->uid, y->uid);
    return d ? d : (x->local > y->local) - (x->local < y->local);
}

/* The file's instances that are events of their own. */
static void
overrides_collect(struct reading *r)
{
    for (icalcomponent *e = icalcomponent_get_first_component(r->calendar, ICAL_VEVENT_COMPONENT); e != NULL;
         e = icalcomponent_get_next_component(r->calendar, ICAL_VEVENT_COMPONENT)) {
        icalproperty *p = icalcomponent_get_first_property(e, ICAL_RECURRENCEID_PROPERTY);
        const char *uid = icalcomponent_get_uid(e);
        struct override o = { .uid = uid };
        if (p == NULL || uid == NULL || r->n_overrides == HOLIDAY_EVENTS_MAX)
            continue;
        struct icaltimetype t = icalproperty_get_recurrenceid(p);
        if (!time_sane(t) || !holidays_local(r, p, t, &o.local))
            continue;
        r->overrides = mem_grow(r->overrides, (r->n_overrides + 1) * sizeof o);
        r->overrides[r->n_overrides++] = o;
    }
    if (r->n_overrides > 1)
        qsort(r->overrides, r->n_overrides, sizeof *r->overrides, override_compare);
}

static bool
exdates_collect(struct reading *r, struct event *e)
{
    for (icalproperty *p = icalcomponent_get_first_property(e->component, ICAL_EXDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(e->component, ICAL_EXDATE_PROPERTY)) {
        struct icaltimetype t = icalproperty_get_exdate(p);
        struct instance x = { 0, t.is_date };
        if (!local_or_say(r, p, t, &x.local))
            return false;
        if (t.is_date || e->is_date) {          /* then the whole date is meant, whatever time is said */
            x.is_date = true;
            x.local = calendar_day(x.local) * CAL_DAY_S;
        }
        e->excluded = mem_grow(e->excluded, (e->n_excluded + 1) * sizeof x);
        e->excluded[e->n_excluded++] = x;
    }
    if (e->n_excluded > 1)
        qsort(e->excluded, e->n_excluded, sizeof *e->excluded, instance_compare);
    return true;
}

static bool
excluded_has(const struct event *e, int64_t local, bool is_date)
{
    const struct instance want = { local, is_date };
    const struct instance *x = e->n_excluded ? bsearch(&want, e->excluded, e->n_excluded, sizeof want, instance_compare) : NULL;
    return x != NULL && (x->is_date || !is_date);
}

static bool
is_elsewhere(const struct reading *r, const struct event *e, int64_t local)
{
    struct override want = { e->uid, local };
    if (e->is_instance || e->uid == NULL || r->n_overrides == 0)
        return false;
    return bsearch(&want, r->overrides, r->n_overrides, sizeof want, override_compare) != NULL;
}

/* ---- one event. Nothing in a walk over its properties may look for another one: libical keeps the place in the component. */

static void
mark_at(struct reading *r, struct event *e, int64_t from, int64_t length)
{
    if (excluded_has(e, from, false) || excluded_has(e, calendar_day(from) * CAL_DAY_S, true) || is_elsewhere(r, e, from))
        return;
    if (!calendar_mark(r->c, from, from + length, r->mark, e->name))
        say(r, "too many events with hours on one date, at most 16 expected");
}

/* UNTIL is compared here: libical does not know our zones. */
static int64_t
until_of(struct reading *r, struct event *e, struct icalrecurrencetype *how)
{
    struct icaltimetype until = how->until;
    int64_t local = INT64_MAX;
    if (icaltime_is_null_time(until))
        return local;
    how->until = icaltime_null_time();
    if (!holidays_local(r, e->start, until, &local))
        return INT64_MAX;
    return until.is_date ? local + CAL_DAY_S - 1 : local;
}

static void
repeat(struct reading *r, struct event *e, icalproperty *rule)
{
    struct icalrecurrencetype how = icalproperty_get_rrule(rule);
    int64_t until = until_of(r, e, &how), local;
    if (!holidays_rule_harmless(&how)) {
        say(r, "this RRULE cannot be a holiday's, one that repeats by day, week, month or year expected");
        return;
    }
    if (r->rules++ == HOLIDAY_RULES_MAX) {
        say(r, "too many repeated events, at most 500 expected");
        return;
    }
    icalrecur_iterator *i = icalrecur_iterator_new(how, icalproperty_get_dtstart(e->start));
    struct icaltimetype at = i ? icalrecur_iterator_next(i) : icaltime_null_time();
    bool never = icaltime_is_null_time(at);
    for (; !icaltime_is_null_time(at) && at.year < CAL_LAST_YEAR && r->instances < HOLIDAY_INSTANCES_MAX; r->instances++) {
        if (!holidays_local(r, e->start, at, &local) || local > until)
            break;
        mark_at(r, e, local, e->length);
        at = icalrecur_iterator_next(i);
    }
    if (never)
        say(r, "this RRULE never comes, one with a date expected");
    else if (r->instances == HOLIDAY_INSTANCES_MAX)
        say(r, "the events of this file come too often, at most 200000 times expected");
    if (i != NULL)
        icalrecur_iterator_free(i);
}

static void
dates_read(struct reading *r, struct event *e)
{
    for (icalproperty *p = icalcomponent_get_first_property(e->component, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(e->component, ICAL_RDATE_PROPERTY)) {
        struct icaldatetimeperiodtype more = icalproperty_get_rdate(p);
        bool period = icaltime_is_null_time(more.time);
        int64_t from, to;
        if (!local_or_say(r, p, period ? more.period.start : more.time, &from))
            continue;
        if (!period)
            mark_at(r, e, from, e->length);
        else if (icaltime_is_null_time(more.period.end))
            mark_at(r, e, from, icaldurationtype_as_int(more.period.duration));
        else if (local_or_say(r, p, more.period.end, &to))
            mark_at(r, e, from, to - from);
    }
}

/* What a letter may show: one clean line, not too long. */
static const char *
name_of(icalcomponent *event, struct arena *a)
{
    const char *summary = icalcomponent_get_summary(event);
    if (summary == NULL || !utf8_valid(summary, strlen(summary)))
        return "";
    char *name = arena_strndup(a, summary, utf8_clip(summary, HOLIDAY_NAME_MAX));
    for (char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return name;
}

/* Properties that libical could not read it leaves out, and says so in one of its own. Only those that make a time matter:
 * an empty LOCATION is everywhere. */
static bool
times_readable(struct reading *r, icalcomponent *component)
{
    static const char *const names[] = { "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID" };
    for (icalproperty *p = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
        const char *error = icalproperty_get_xlicerror(p);
        char property[40];
        for (size_t i = 0; error != NULL && i < countof(names); i++) {
            snprintf(property, sizeof property, " %s property", names[i]);
            if (strstr(error, property) == NULL)
                continue;
            buf_printf(r->errors, "%s:%d: %s cannot be read, what RFC 5545 describes expected\n", r->file, r->line, names[i]);
            r->mistakes++;
            return false;
        }
    }
    return true;
}

static void
event_read(struct reading *r, icalcomponent *component)
{
    struct event e = { .component = component, .start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY),
        .is_instance = icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY) != NULL, .uid = icalcomponent_get_uid(component) };
    struct icaltimetype start = e.start ? icalproperty_get_dtstart(e.start) : icaltime_null_time();
    int64_t from;
    if (icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED)
        return;
    if (!times_readable(r, component))
        return;
    if (icaltime_is_null_time(start)) {
        say(r, "event without a DTSTART that is a date, DTSTART;VALUE=DATE:20261224 expected");
        return;
    }
    if (icalcomponent_get_first_property(component, ICAL_EXRULE_PROPERTY) != NULL) {
        say(r, "EXRULE is no longer part of iCalendar, EXDATE expected");
        return;
    }
    e.is_date = start.is_date;
    e.name = name_of(component, r->c->arena);
    if (length_read(r, &e) && exdates_collect(r, &e) && holidays_local(r, e.start, start, &from)) {
        icalproperty *rule = icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY);
        if (rule == NULL)
            mark_at(r, &e, from, e.length);
        for (; rule != NULL; rule = icalcomponent_get_next_property(component, ICAL_RRULE_PROPERTY))
            repeat(r, &e, rule);
        dates_read(r, &e);
    }
    free(e.excluded);
}

/* ---- the file */

static void
calendar_read(struct reading *r)
{
    r->tzid = NULL;
    r->n_overrides = 0;
    overrides_collect(r);
    for (icalcomponent *e = icalcomponent_get_first_component(r->calendar, ICAL_VEVENT_COMPONENT); e != NULL;
         e = icalcomponent_get_next_component(r->calendar, ICAL_VEVENT_COMPONENT)) {
        next_line(r);
        if (r->mistakes >= HOLIDAY_MISTAKES_MAX)
            return;
        if (r->events++ == HOLIDAY_EVENTS_MAX) {
            say(r, "too many events, at most 5000 expected");
            return;
        }
        event_read(r, e);
    }
}

static void
file_parse(struct reading *r)
{
    icalcomponent *root = icalparser_parse_string(r->text);
    if (root == NULL) {
        r->line = 1;
        say(r, "not an iCalendar file, BEGIN:VCALENDAR to END:VCALENDAR expected");
        return;
    }
    if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
        r->calendar = root;
        calendar_read(r);
    } else {
        for (r->calendar = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT); r->calendar != NULL;
             r->calendar = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
            calendar_read(r);
    }
    if (r->events == 0)
        say(r, "no event found, an iCalendar file (BEGIN:VCALENDAR) with at least one expected");
    icalcomponent_free(root);
    free(r->overrides);
}

bool
holidays_read(struct calendar *c, const char *file, enum calendar_mark mark, struct conf_where named_at, struct buf *errors)
{
    struct buf text = {0};
    size_t before = errors->len;
    int rc = file_read(file, HOLIDAY_FILE_MAX, &text);
    must(rc != 0 || text.len == 0 || text.data != NULL);
    if (rc != 0) {
        buf_printf(errors, "%s:%d: %s: %s, an iCalendar file of at most 1 MiB expected\n", named_at.file ? named_at.file : "-", named_at.line,
                   file, strerror(rc));
    } else if (text.len == 0 || strlen(text.data) != text.len) {
        buf_printf(errors, "%s:1: not an iCalendar file, BEGIN:VCALENDAR to END:VCALENDAR expected\n", file);
    } else {
        bool bom = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;
        file_parse(&(struct reading){ .c = c, .mark = mark, .file = file, .text = text.data + 3 * bom, .errors = errors });
    }
    buf_free(&text);
    return errors->len == before;
}
