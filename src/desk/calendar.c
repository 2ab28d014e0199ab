/* SPDX-License-Identifier: ISC
 *
 * Working time. A calendar is a zone, open spans for each weekday, and exceptions for single dates (holidays, closed dates).
 * At load it is expanded into running sums of open seconds and working days for every date, so that adding a duration is
 * two binary searches however far away the end lies. "Counting" in the policies is the definition; each rule of it has its
 * place here and its line in tests/unit/desk_calendar.c. Immutable after calendar_new(); pure.
 */
#include "calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED_RUN_MAX 366

struct open { int64_t from, to; };      /* UTC, half-open */

static int
weekday_of(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

static int64_t
day_of(int64_t local)
{
    return local >= 0 ? local / CAL_DAY_S : -((-local + CAL_DAY_S - 1) / CAL_DAY_S);
}

/* ---- dates with other hours */

static struct exception *
exception_find(const struct calendar *c, int64_t day)
{
    size_t lo = 0, hi = c->n_exceptions;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->exceptions[mid].day < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->n_exceptions && c->exceptions[lo].day == day ? &c->exceptions[lo] : NULL;
}

static struct exception *
exception_make(struct calendar *c, int64_t day)
{
    struct exception *x = exception_find(c, day);
    if (x != NULL)
        return x;
    c->exceptions = mem_grow(c->exceptions, (c->n_exceptions + 1) * sizeof *c->exceptions);
    size_t i = c->n_exceptions++;
    for (; i > 0 && c->exceptions[i - 1].day > day; i--)
        c->exceptions[i] = c->exceptions[i - 1];
    c->exceptions[i] = (struct exception){ (int32_t)day, c->week[weekday_of(day)] };
    return &c->exceptions[i];
}

static void
day_cut(struct day *d, int32_t from, int32_t to)
{
    struct day left = {0};
    for (size_t i = 0; i < d->n; i++) {
        struct span s = d->v[i];
        if (s.from < from && left.n < CAL_SPANS_MAX)
            left.v[left.n++] = (struct span){ s.from, s.to < from ? s.to : from };
        if (s.to > to && left.n < CAL_SPANS_MAX)
            left.v[left.n++] = (struct span){ s.from > to ? s.from : to, s.to };
    }
    *d = left;
}

void
calendar_close(struct calendar *c, int64_t from, int64_t to)
{
    int64_t first = day_of(from), last = day_of(to - 1);
    if (first < c->first)
        first = c->first;
    if (last >= c->first + c->days)
        last = c->first + c->days - 1;
    for (int64_t day = first; day <= last && from < to; day++) {
        int64_t a = from - day * CAL_DAY_S, b = to - day * CAL_DAY_S;
        day_cut(&exception_make(c, day)->spans, (int32_t)(a < 0 ? 0 : a), (int32_t)(b > CAL_DAY_S ? CAL_DAY_S : b));
    }
}

/* ---- a date in UTC */

static size_t
day_raw(const struct calendar *c, int64_t day, struct open out[CAL_SPANS_MAX])
{
    const struct exception *x = exception_find(c, day);
    const struct day *d = x ? &x->spans : &c->week[weekday_of(day)];
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct open o = { zone_utc(c->zone, day * CAL_DAY_S + d->v[i].from), zone_utc(c->zone, day * CAL_DAY_S + d->v[i].to) };
        if (n > 0 && o.from < out[n - 1].to)    /* a gap moved the one before over this one's beginning */
            o.from = out[n - 1].to;
        if (o.from < o.to)
            out[n++] = o;
    }
    return n;
}

/* The open spans of a local date, in order. A gap as long as a day (a zone that crosses the date line) may move one date
 * onto the next: what the date before has already counted is cut off. */
static size_t
day_open(const struct calendar *c, int64_t day, struct open out[CAL_SPANS_MAX])
{
    size_t n = day_raw(c, day, out), kept = 0;
    if (n == 0 || zone_steady(c->zone, (day - 2) * CAL_DAY_S, (day + 2) * CAL_DAY_S))
        return n;
    struct open before[CAL_SPANS_MAX];
    size_t n_before = day_raw(c, day - 1, before);
    int64_t end = n_before ? before[n_before - 1].to : INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        if (out[i].from < end)
            out[i].from = end;
        if (out[i].from < out[i].to)
            out[kept++] = out[i];
    }
    return kept;
}

static int64_t
clamp_day(const struct calendar *c, int64_t day)
{
    return day < c->first ? c->first : day >= c->first + c->days ? c->first + c->days - 1 : day;
}

/* Open seconds before `at`, since the table's first day. */
static int64_t
open_until(const struct calendar *c, int64_t at)
{
    int64_t day = clamp_day(c, day_of(zone_local(c->zone, at)) - 1);
    int64_t sum = c->open_before[day - c->first];
    struct open o[CAL_SPANS_MAX];
    for (int64_t last = clamp_day(c, day + 2); day <= last; day++) {
        size_t n = day_open(c, day, o);
        for (size_t i = 0; i < n && o[i].from < at; i++)
            sum += (o[i].to < at ? o[i].to : at) - o[i].from;
    }
    return sum;
}

/* The first index of sums[0..n] that is at least `want`; n + 1: none. */
static int64_t
first_at_least(const struct calendar *c, bool work, int64_t want)
{
    int64_t lo = 0, hi = c->days + 1;
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if ((work ? c->work_before[mid] : c->open_before[mid]) < want)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int64_t
calendar_end(const struct calendar *c)
{
    return zone_utc(c->zone, (int64_t)(c->first + c->days) * CAL_DAY_S);
}

/* The instant at which the running sum of open time reaches `want` (> 0). With `beyond` the one after which it first exceeds
 * it: a next opening instead of a closing stroke. */
static int64_t
instant_of(const struct calendar *c, int64_t want, bool beyond)
{
    int64_t i = first_at_least(c, false, beyond ? want + 1 : want) - 1;
    struct open o[CAL_SPANS_MAX];
    if (i < 0 || i >= c->days)
        return calendar_end(c);
    int64_t sum = c->open_before[i];
    size_t n = day_open(c, c->first + i, o);
    for (size_t k = 0; k < n; k++) {
        int64_t length = o[k].to - o[k].from;
        if (beyond ? sum + length > want : sum + length >= want)
            return o[k].from + (want - sum);
        sum += length;
    }
    return calendar_end(c);
}

int64_t
calendar_next_open(const struct calendar *c, int64_t at)
{
    int64_t open = instant_of(c, open_until(c, at), true);
    return open > at ? open : at;
}

int64_t
calendar_open_between(const struct calendar *c, int64_t from, int64_t to)
{
    return from < to ? open_until(c, to) - open_until(c, from) : 0;
}

/* ---- adding */

/* The n-th working day after s's date, at s's local time, moved into that day's hours. */
static int64_t
add_working_days(const struct calendar *c, int64_t s, int64_t n)
{
    int64_t local = zone_local(c->zone, s), day = clamp_day(c, day_of(local));
    int64_t end = first_at_least(c, true, c->work_before[day - c->first + 1] + n) - 1;
    struct open o[CAL_SPANS_MAX];
    if (end >= c->days)
        return calendar_end(c);
    size_t k = 0, spans = day_open(c, c->first + end, o);
    int64_t due = zone_utc(c->zone, (c->first + end) * CAL_DAY_S + (local - day * CAL_DAY_S));
    while (k < spans && due >= o[k].to)
        k++;
    if (k == spans)
        return o[spans - 1].to;         /* at or after its closing: the closing */
    return due < o[k].from ? o[k].from : due;   /* before its opening or in its break: the next opening of that day */
}

/* Whole months keep day and local time, cut to the month's last day; then 15 days for a half. Left where it falls. */
static int64_t
add_half_months(const struct calendar *c, int64_t s, int64_t halves)
{
    int64_t local = zone_local(c->zone, s), day = day_of(local), time = local - day * CAL_DAY_S;
    int y, m, d;
    civil_from_days(day, &y, &m, &d);
    int64_t months = y * 12LL + m - 1 + halves / 2;
    int year = (int)(months / 12), month = (int)(months % 12) + 1;
    int64_t first = days_from_civil(year, month, 1);
    int64_t length = (month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1)) - first;
    int64_t end = first + (d > length ? length : d) - 1 + (halves % 2 ? 15 : 0);
    return zone_utc(c->zone, end * CAL_DAY_S + time);
}

int64_t
calendar_add(const struct calendar *c, int64_t from, struct duration d)
{
    int64_t open, until;
    if (d.count <= 0)
        return from;
    switch (d.unit) {
    case DURATION_SECONDS:
    case DURATION_WORKING_HOURS:
        open = open_until(c, from);
        if (d.count > c->open_before[c->days] - open)
            return calendar_end(c);
        until = instant_of(c, open + d.count, false);
        return until;
    case DURATION_WORKING_DAYS:
        return d.count > c->days ? calendar_end(c) : add_working_days(c, calendar_next_open(c, from), d.count);
    case DURATION_MONTHS:
        return d.count > 2 * 12 * (CAL_LAST_YEAR - CAL_FIRST_YEAR) ? calendar_end(c)
            : add_half_months(c, calendar_next_open(c, from), d.count);
    }
    bug("unit of a duration");
}

/* ---- the opening lines */

static bool
scan_weekday(const char **s, int *out)
{
    static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    for (int i = 0; i < 7; i++)
        if (str_starts_nocase(*s, names[i])) {
            *s += 3;
            *out = i;
            return true;
        }
    return false;
}

/* "Mon-Fri", "Sat", "Mon,Wed,Fri", "Fri-Mon": a set of weekdays. */
static bool
scan_weekdays(const char **s, bool set[7])
{
    for (;;) {
        int from, to;
        if (!scan_weekday(s, &from))
            return false;
        to = from;
        if (**s == '-' && ((*s)++, !scan_weekday(s, &to)))
            return false;
        for (int i = from;; i = (i + 1) % 7) {
            set[i] = true;
            if (i == to)
                break;
        }
        if (**s != ',')
            return **s == ' ';
        (*s)++;
    }
}

static bool
scan_clock(const char **s, int32_t *out)
{
    const char *p = *s;
    for (int i = 0; i < 5; i++)
        if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9')
            return false;
    int hour = (p[0] - '0') * 10 + p[1] - '0', minute = (p[3] - '0') * 10 + p[4] - '0';
    *out = hour * 3600 + minute * 60;
    *s += 5;
    return minute < 60 && *out <= CAL_DAY_S;
}

/* Keeps spans in order and merged. */
static bool
day_add(struct day *d, struct span s)
{
    struct day sum = {0};
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].to < s.from || d->v[i].from > s.to) {
            sum.v[sum.n++] = d->v[i];
            continue;
        }
        s.from = d->v[i].from < s.from ? d->v[i].from : s.from;
        s.to = d->v[i].to > s.to ? d->v[i].to : s.to;
    }
    if (sum.n == CAL_SPANS_MAX)
        return false;
    size_t at = sum.n++;
    for (; at > 0 && sum.v[at - 1].from > s.from; at--)
        sum.v[at] = sum.v[at - 1];
    sum.v[at] = s;
    *d = sum;
    return true;
}

static const char *
open_line_read(struct calendar *c, const char *s)
{
    bool days[7] = {0};
    if (!scan_weekdays(&s, days))
        return "weekdays as in \"Mon-Fri 09:00-17:00\" expected";
    while (*s == ' ') {
        struct span span;
        while (*s == ' ')
            s++;
        if (!scan_clock(&s, &span.from) || *s++ != '-' || !scan_clock(&s, &span.to))
            return "hours as in \"09:00-12:00 13:00-16:00\" expected, 24:00 at most";
        if (span.from >= span.to)
            return "hours must end after they begin (over midnight: one entry for each day)";
        for (int i = 0; i < 7; i++)
            if (days[i] && !day_add(&c->week[i], span))
                return "too many intervals on one day";
    }
    return *s == '\0' ? NULL : "blank between intervals expected";
}

static bool
date_read(const char *s, int64_t *day)
{
    char time[TIME_TEXT_MAX];
    int64_t at;
    if (strlen(s) != 10)
        return false;
    snprintf(time, sizeof time, "%sT00:00:00Z", s);
    if (!time_parse(time, &at))
        return false;
    *day = at / CAL_DAY_S;
    return true;
}

/* ---- loading */

static void
say(struct buf *errors, struct conf_where w, const char *calendar, const char *about, const char *what)
{
    buf_printf(errors, "%s:%d: calendar \"%s\": %s%s%s\n", w.file ? w.file : "-", w.line, calendar, about, about[0] ? ": " : "", what);
}

static bool
calendar_sum(struct calendar *c)
{
    struct open o[CAL_SPANS_MAX];
    int32_t closed = 0, longest = 0;
    c->open_before = mem_alloc((size_t)(c->days + 1) * sizeof *c->open_before);
    c->work_before = mem_alloc((size_t)(c->days + 1) * sizeof *c->work_before);
    for (int32_t i = 0; i < c->days; i++) {
        size_t n = day_open(c, c->first + i, o);
        c->open_before[i + 1] = c->open_before[i];
        c->work_before[i + 1] = c->work_before[i] + (n > 0);
        for (size_t k = 0; k < n; k++)
            c->open_before[i + 1] += o[k].to - o[k].from;
        closed = n > 0 ? 0 : closed + 1;
        longest = closed > longest ? closed : longest;
    }
    return longest < CLOSED_RUN_MAX;
}

struct calendar *
calendar_new(const struct conf_calendar *conf, struct buf *errors)
{
    size_t before = errors->len;
    struct calendar *c = mem_alloc(sizeof *c);
    c->first = (int32_t)days_from_civil(CAL_FIRST_YEAR, 1, 1);
    c->days = (int32_t)days_from_civil(CAL_LAST_YEAR, 1, 1) - c->first;
    c->zone = zone_load(conf->zone);
    if (c->zone == NULL)
        say(errors, conf->where, conf->name, conf->zone ? conf->zone : "zone", "a time zone of tzdata such as \"Europe/London\" expected");
    for (size_t i = 0; i < conf->open.n; i++) {
        const char *wrong = open_line_read(c, conf->open.v[i]);
        if (wrong != NULL)
            say(errors, conf->where, conf->name, conf->open.v[i], wrong);
    }
    for (size_t i = 0; i < conf->closed.n; i++) {
        int64_t day;
        if (date_read(conf->closed.v[i], &day))
            calendar_close(c, day * CAL_DAY_S, (day + 1) * CAL_DAY_S);
        else
            say(errors, conf->where, conf->name, conf->closed.v[i], "a date such as 2026-12-24 expected");
    }
    for (size_t i = 0; i < conf->holidays.n && c->zone != NULL; i++)
        holidays_read(c, conf->holidays.v[i], conf->where, errors);
    if (errors->len == before && !calendar_sum(c))
        say(errors, conf->where, conf->name, "", "366 days without an opening, open hours expected");
    if (errors->len != before)
        calendar_free(&c);
    return c;
}

void
calendar_free(struct calendar **cp)
{
    if (*cp == NULL)
        return;
    free((*cp)->exceptions);
    free((*cp)->open_before);
    free((*cp)->work_before);
    free(*cp);
    *cp = NULL;
}

const char *
calendar_zone(const struct calendar *c)
{
    return zone_name(c->zone);
}
