/* SPDX-License-Identifier: ISC
 *
 * Working time: the arithmetic. A calendar is a zone, open spans for each weekday, and dates that are not as usual; at load
 * all of it is summed up (calendar_make.c), open seconds and working days for every date, so that adding a duration is two
 * binary searches however far away the end lies. "Counting" in the policies is the definition; each rule of it has its
 * place here and its line in tests/unit/desk_calendar.c. Pure.
 */
#include "calendar.h"

int
calendar_weekday(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

int64_t
calendar_day(int64_t local)
{
    return local >= 0 ? local / CAL_DAY_S : -((-local + CAL_DAY_S - 1) / CAL_DAY_S);
}

/* ---- a date */

const struct date *
calendar_date_find(const struct calendar *c, int64_t day)
{
    size_t i = day < c->first || day >= c->first + c->days ? 0 : c->date_at[day - c->first];
    return i > 0 ? &c->dates[i - 1] : NULL;
}

const struct day *
calendar_spans(const struct calendar *c, int64_t day)
{
    const struct date *d = calendar_date_find(c, day);
    return d ? &d->spans : &c->week[calendar_weekday(day)];
}

static size_t
day_raw(const struct calendar *c, int64_t day, struct open out[CAL_SPANS_MAX])
{
    const struct day *d = calendar_spans(c, day);
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

/* A gap as long as a day (a zone that crosses the date line) may move one date onto the next: what the date before has
 * already counted is cut off. */
size_t
calendar_day_open(const struct calendar *c, int64_t day, struct open out[CAL_SPANS_MAX])
{
    const struct day *d = calendar_spans(c, day);
    int32_t offset;
    if (zone_steady(c->zone, (day - 2) * CAL_DAY_S, (day + 2) * CAL_DAY_S, &offset)) {
        for (size_t i = 0; i < d->n; i++)
            out[i] = (struct open){ day * CAL_DAY_S + d->v[i].from - offset, day * CAL_DAY_S + d->v[i].to - offset };
        return d->n;
    }
    struct open before[CAL_SPANS_MAX];
    size_t n = day_raw(c, day, out), n_before = day_raw(c, day - 1, before), kept = 0;
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

int64_t
calendar_date(const struct calendar *c, int64_t at)
{
    return calendar_day(zone_local(c->zone, at));
}

int
calendar_working_days(const struct calendar *c, int64_t first, int64_t last)
{
    first = clamp_day(c, first), last = clamp_day(c, last);
    return first <= last ? c->work_before[last - c->first + 1] - c->work_before[first - c->first] : 0;
}

/* ---- the running sum of open seconds, both ways */

/* Open seconds before `at`, since the table's first day. */
static int64_t
open_until(const struct calendar *c, int64_t at)
{
    int64_t day = clamp_day(c, calendar_date(c, at) - 1);
    int64_t sum = c->open_before[day - c->first];
    struct open o[CAL_SPANS_MAX];
    for (int64_t last = clamp_day(c, day + 2); day <= last; day++) {
        size_t n = calendar_day_open(c, day, o);
        for (size_t i = 0; i < n && o[i].from < at; i++)
            sum += (o[i].to < at ? o[i].to : at) - o[i].from;
    }
    return sum;
}

/* The last of days [0, days] with sums[day] < want; -1: none. */
#define LAST_BELOW(sums, days, want, out)               \
    do {                                                \
        int64_t lo_ = 0, hi_ = (int64_t)(days) + 1;     \
        while (lo_ < hi_) {                             \
            int64_t mid_ = lo_ + (hi_ - lo_) / 2;       \
            if ((sums)[mid_] < (want))                  \
                lo_ = mid_ + 1;                         \
            else                                        \
                hi_ = mid_;                             \
        }                                               \
        *(out) = lo_ - 1;                               \
    } while (0)

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
    int64_t i;
    struct open o[CAL_SPANS_MAX];
    LAST_BELOW(c->open_before, c->days, beyond ? want + 1 : want, &i);
    if (i < 0 || i >= c->days)
        return calendar_end(c);
    int64_t sum = c->open_before[i];
    size_t n = calendar_day_open(c, c->first + i, o);
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

bool
calendar_is_open(const struct calendar *c, int64_t at)
{
    return open_until(c, at + 1) > open_until(c, at);
}

int64_t
calendar_open_between(const struct calendar *c, int64_t from, int64_t to)
{
    return from < to ? open_until(c, to) - open_until(c, from) : 0;
}

/* ---- adding */

/* The first instant at which so many seconds of open time have run: the closing stroke, not the next opening. */
static int64_t
add_seconds(const struct calendar *c, int64_t from, int64_t seconds)
{
    int64_t open = open_until(c, from);
    return seconds > c->open_before[c->days] - open ? calendar_end(c) : instant_of(c, open + seconds, false);
}

/* The n-th working day after s's date, at s's local time, moved into that day's hours. */
static int64_t
add_working_days(const struct calendar *c, int64_t s, int64_t n)
{
    int64_t local = zone_local(c->zone, s), day = clamp_day(c, calendar_day(local)), i;
    LAST_BELOW(c->work_before, c->days, c->work_before[day - c->first + 1] + n, &i);
    struct open o[CAL_SPANS_MAX];
    if (i >= c->days)
        return calendar_end(c);
    size_t k = 0, spans = calendar_day_open(c, c->first + i, o);
    int64_t due = zone_utc(c->zone, (c->first + i) * CAL_DAY_S + (local - day * CAL_DAY_S));
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
    int64_t local = zone_local(c->zone, s), day = calendar_day(local), time = local - day * CAL_DAY_S;
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
    if (d.count <= 0)
        return from;
    switch (d.unit) {
    case DURATION_SECONDS:
    case DURATION_WORKING_HOURS:
        return add_seconds(c, from, d.count);
    case DURATION_WORKING_DAYS:
        return d.count > c->days ? calendar_end(c) : add_working_days(c, calendar_next_open(c, from), d.count);
    case DURATION_MONTHS:
        return d.count > 2 * 12 * (CAL_LAST_YEAR - CAL_FIRST_YEAR) ? calendar_end(c)
            : add_half_months(c, calendar_next_open(c, from), d.count);
    }
    bug("unit of a duration");
}

int64_t
calendar_resume(const struct calendar *c, int64_t due, enum duration_unit unit, int64_t paused_at, int64_t resumed_at)
{
    if (paused_at >= due || resumed_at <= paused_at)
        return due;
    if (unit == DURATION_MONTHS)
        return due + (resumed_at - paused_at);
    return calendar_add(c, resumed_at, (struct duration){ DURATION_WORKING_HOURS, calendar_open_between(c, paused_at, due) });
}

const char *
calendar_zone(const struct calendar *c)
{
    return zone_name(c->zone);
}
