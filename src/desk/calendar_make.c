/* SPDX-License-Identifier: ISC
 *
 * A calendar from its configuration, at load: the hours of the week, what the files of holidays mark, closed dates and
 * exceptions; from these the hours of every date that is not as usual; then the sums that the arithmetic searches in. What
 * goes before what is one function, date_decide(). Configurations that were built by hand are checked here too.
 */
#include "calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED_RUN_MAX 366

struct making {
    struct calendar *c;
    const struct conf_calendar *conf;
    struct day eve[7], bridge[7];
    bool eve_named[7], bridge_named[7];
    struct buf *errors;
};

static void
say(struct making *m, struct conf_where w, const char *about, const char *what)
{
    buf_printf(m->errors, "%s:%d: calendar \"%s\": %s%s%s\n", w.file ? w.file : "-", w.line, m->conf->name ? m->conf->name : "", about,
               about[0] ? ": " : "", what);
}

/* ---- spans of a day */

/* Keeps spans in order, those that touch or overlap as one. false: more than `max`. */
static bool
day_add(struct day *d, struct span s, size_t max)
{
    struct day sum = {0};
    size_t i = 0;
    for (; i < d->n && d->v[i].to < s.from; i++)
        sum.v[sum.n++] = d->v[i];
    for (; i < d->n && d->v[i].from <= s.to; i++) {
        s.from = d->v[i].from < s.from ? d->v[i].from : s.from;
        s.to = d->v[i].to > s.to ? d->v[i].to : s.to;
    }
    if (sum.n + 1 + (d->n - i) > max)
        return false;
    sum.v[sum.n++] = s;
    for (; i < d->n; i++)
        sum.v[sum.n++] = d->v[i];
    *d = sum;
    return true;
}

/* `d` without what lies in `cut`. */
static struct day
day_without(const struct day *d, const struct day *cut)
{
    struct day left = *d;
    for (size_t k = 0; k < cut->n; k++) {
        struct day next = {0};
        for (size_t i = 0; i < left.n; i++) {
            struct span s = left.v[i], a = { s.from, s.to < cut->v[k].from ? s.to : cut->v[k].from },
                b = { s.from > cut->v[k].to ? s.from : cut->v[k].to, s.to };
            if (a.from < a.to)
                next.v[next.n++] = a;
            if (b.from < b.to)
                next.v[next.n++] = b;
        }
        left = next;
    }
    return left;
}

/* ---- dates that are not as usual */

static bool
in_table(const struct calendar *c, int64_t day)
{
    return day >= c->first && day < c->first + c->days;
}

/* Of a day of the table. Moves all others: hold none. */
static struct date *
date_make(struct calendar *c, int64_t day)
{
    uint16_t *at = &c->date_at[day - c->first];
    if (*at == 0) {
        if (c->n_dates == c->cap_dates) {
            c->cap_dates = c->cap_dates ? 2 * c->cap_dates : 64;
            c->dates = mem_grow(c->dates, c->cap_dates * sizeof *c->dates);
        }
        c->dates[c->n_dates] = (struct date){ .day = (int32_t)day, .name = "" };
        *at = (uint16_t)++c->n_dates;
    }
    return &c->dates[*at - 1];
}

/* The part of dates [*first, *last] that is in the table; false: none. */
static bool
clip(const struct calendar *c, int64_t *first, int64_t *last)
{
    *first = *first < c->first ? c->first : *first;
    *last = *last >= c->first + c->days ? c->first + c->days - 1 : *last;
    return *first <= *last;
}

bool
calendar_mark(struct calendar *c, int64_t from, int64_t to, enum calendar_mark mark, const char *name)
{
    int64_t first = calendar_day(from), last = calendar_day(to - 1);
    if (from >= to || !clip(c, &first, &last))
        return true;
    for (int64_t day = first; day <= last; day++) {
        struct date *d = date_make(c, day);
        int64_t a = from - day * CAL_DAY_S, b = to - day * CAL_DAY_S;
        bool whole = a <= 0 && b >= CAL_DAY_S;
        if (d->name[0] == '\0' || (whole && !d->holiday && (mark == CALENDAR_MARK_HOLIDAY || !d->day_off)))
            d->name = name;
        d->holiday |= whole && mark == CALENDAR_MARK_HOLIDAY;
        d->day_off |= whole && mark == CALENDAR_MARK_DAY_OFF;
        if (!whole && !day_add(&d->cut, (struct span){ (int32_t)(a < 0 ? 0 : a), (int32_t)(b > CAL_DAY_S ? CAL_DAY_S : b) }, CAL_CUTS_MAX))
            return false;
    }
    return true;
}

static void
closed_mark(struct making *m)
{
    struct calendar *c = m->c;
    for (size_t i = 0; i < m->conf->closed.n; i++) {
        int64_t first, last;
        if (!conf_days_read(m->conf->closed.v[i], &first, &last))
            say(m, m->conf->where, m->conf->closed.v[i], "a date such as 2026-12-24 expected, or 2026-07-06..2026-07-17");
        else if (clip(c, &first, &last))
            for (int64_t day = first; day <= last; day++)
                date_make(c, day)->closed = true;
    }
}

/* ---- lines of hours */

/* One setting's lines as days; *named may be NULL. */
static void
hours_make(struct making *m, const struct conf_strings *lines, enum conf_hours_form form, struct conf_where w, struct day week[7], bool named[7])
{
    struct conf_hours h = {0};
    for (size_t i = 0; i < lines->n; i++) {
        const char *wrong = conf_hours_read(lines->v[i], form, &h);
        char what[200];
        if (wrong != NULL) {
            snprintf(what, sizeof what, "%s expected", wrong);
            say(m, w, lines->v[i], what);
        }
    }
    for (int day = 0; day < 7; day++) {
        for (size_t i = 0; i < h.day[day].n; i++)
            day_add(&week[day], (struct span){ h.day[day].v[i].from * 60, h.day[day].v[i].to * 60 }, CONF_SPANS_MAX);
        if (named != NULL)
            named[day] = h.day[day].named;
    }
}

static int
exception_compare(const void *a, const void *b)
{
    const struct exception *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void
exceptions_make(struct making *m)
{
    struct calendar *c = m->c;
    c->exceptions = arena_alloc(c->arena, (m->conf->n_exceptions + 1) * sizeof *c->exceptions);
    for (size_t i = 0; i < m->conf->n_exceptions; i++) {
        const struct conf_exception *conf = &m->conf->exceptions[i];
        struct exception *x = &c->exceptions[c->n_exceptions];
        if (!conf_days_read(conf->name, &x->first, &x->last)) {
            say(m, conf->where, conf->name, "a date such as 2026-12-24 expected, or 2026-07-06..2026-07-17");
            continue;
        }
        c->n_exceptions++;
        x->hours_given = conf->closed || conf->open.n > 0;
        x->note = arena_strdup(c->arena, conf->note);
        hours_make(m, &conf->open, CONF_HOURS_DATES, conf->where, x->week, NULL);
    }
    if (c->n_exceptions > 1)
        qsort(c->exceptions, c->n_exceptions, sizeof *c->exceptions, exception_compare);
    for (size_t i = 0; i < c->n_exceptions; i++) {
        int64_t first = c->exceptions[i].first, last = c->exceptions[i].last;
        bool any = clip(c, &first, &last);
        for (int64_t day = first; any && day <= last; day++)
            date_make(c, day)->exception = &c->exceptions[i];
    }
}

/* ---- eves and bridges */

static bool
is_holiday(const struct calendar *c, int64_t day)
{
    const struct date *d = calendar_date_find(c, day);
    return d != NULL && d->holiday;
}

/* Is it one that the week's hours would open? */
static bool
is_working(const struct calendar *c, int64_t day)
{
    const struct date *d = calendar_date_find(c, day);
    return c->week[calendar_weekday(day)].n > 0 && (d == NULL || (!d->holiday && !d->day_off && !d->closed));
}

static bool
is_free(const struct calendar *c, int64_t day)
{
    return is_holiday(c, day) || c->week[calendar_weekday(day)].n == 0;
}

/* Makes dates of the days around holidays that are eves or bridges. Only public holidays count: a day off, a closed date or
 * an exception beside a day makes it neither. */
static void
eves_and_bridges_find(struct making *m)
{
    struct calendar *c = m->c;
    for (size_t i = 0, holidays = c->n_dates; i < holidays; i++)
        for (int64_t day = c->dates[i].day - 1; c->dates[i].holiday && day <= c->dates[i].day + 1; day += 2) {
            int wd = calendar_weekday(day);
            if (!in_table(c, day) || !is_working(c, day))
                continue;
            if (m->bridge_named[wd] && is_free(c, day - 1) && is_free(c, day + 1))
                date_make(c, day)->why = CALENDAR_BRIDGE;
            else if (m->eve_named[wd] && day < c->dates[i].day)
                date_make(c, day)->why = CALENDAR_EVE;
        }
}

/* What goes before what. */
static void
date_decide(const struct making *m, struct date *d)
{
    const struct exception *x = d->exception && d->exception->hours_given ? d->exception : NULL;
    int wd = calendar_weekday(d->day);
    const struct day none = {0};
    const struct day *spans = &none;

    if (x != NULL && x->first == x->last) {
        d->why = CALENDAR_EXCEPTION;
        d->spans = x->week[wd];
        return;
    }
    if (d->holiday) {
        d->why = CALENDAR_HOLIDAY;
    } else if (d->day_off) {
        d->why = CALENDAR_DAY_OFF;
    } else if (d->closed) {
        d->why = CALENDAR_CLOSED;
    } else if (x != NULL) {
        d->why = CALENDAR_EXCEPTION;
        spans = &x->week[wd];
    } else if (d->why == CALENDAR_BRIDGE) {
        spans = &m->bridge[wd];
    } else if (d->why == CALENDAR_EVE) {
        spans = &m->eve[wd];
    } else {
        d->why = d->cut.n ? CALENDAR_EVENT : CALENDAR_USUAL;
        spans = &m->c->week[wd];
    }
    d->spans = day_without(spans, &d->cut);
}

/* ---- the sums */

static void
sums_make(struct making *m)
{
    struct calendar *c = m->c;
    struct open o[CAL_SPANS_MAX];
    int32_t closed = 0, longest = 0, longest_end = 0;
    c->open_before = mem_alloc((size_t)(c->days + 1) * sizeof *c->open_before);
    c->work_before = mem_alloc((size_t)(c->days + 1) * sizeof *c->work_before);
    for (int32_t i = 0; i < c->days; i++) {
        size_t n = calendar_day_open(c, c->first + i, o);
        c->open_before[i + 1] = c->open_before[i];
        c->work_before[i + 1] = (uint16_t)(c->work_before[i] + (n > 0));
        for (size_t k = 0; k < n; k++)
            c->open_before[i + 1] += (uint32_t)(o[k].to - o[k].from);
        closed = n > 0 ? 0 : closed + 1;
        if (closed > longest)
            longest = closed, longest_end = i;
    }
    if (longest >= CLOSED_RUN_MAX) {
        char about[40];
        int y, mo, d;
        civil_from_days(c->first + longest_end - longest + 1, &y, &mo, &d);
        snprintf(about, sizeof about, "from %04d-%02d-%02d", y, mo, d);
        say(m, m->conf->where, about, "366 days without an opening, open hours expected");
    }
}

/* ---- all */

static void
files_read(struct making *m, const struct conf_strings *files, enum calendar_mark mark)
{
    for (size_t i = 0; i < files->n; i++)
        holidays_read(m->c, files->v[i], mark, m->conf->where, m->errors);
}

struct calendar *
calendar_new(const struct conf_calendar *conf, struct buf *errors)
{
    size_t before = errors->len;
    struct calendar *c = mem_alloc(sizeof *c);
    struct making m = { .c = c, .conf = conf, .errors = errors };
    c->arena = arena_new(0);
    c->first = (int32_t)days_from_civil(CAL_FIRST_YEAR, 1, 1);
    c->days = (int32_t)days_from_civil(CAL_LAST_YEAR, 1, 1) - c->first;
    c->date_at = mem_alloc((size_t)c->days * sizeof *c->date_at);
    c->zone = zone_load(conf->zone);
    if (c->zone == NULL)
        say(&m, conf->where, conf->zone ? conf->zone : "zone", "a time zone of tzdata such as \"Europe/London\" expected");
    hours_make(&m, &conf->open, CONF_HOURS_WEEK, conf->where, c->week, NULL);
    hours_make(&m, &conf->eve, CONF_HOURS_REST, conf->where, m.eve, m.eve_named);
    hours_make(&m, &conf->bridge, CONF_HOURS_REST, conf->where, m.bridge, m.bridge_named);
    exceptions_make(&m);
    closed_mark(&m);
    if (c->zone != NULL) {
        files_read(&m, &conf->holidays, CALENDAR_MARK_HOLIDAY);
        files_read(&m, &conf->days_off, CALENDAR_MARK_DAY_OFF);
        eves_and_bridges_find(&m);
        for (size_t i = 0; i < c->n_dates; i++)
            date_decide(&m, &c->dates[i]);
    }
    if (errors->len == before)
        sums_make(&m);
    if (errors->len != before)
        calendar_free(&c);
    return c;
}

void
calendar_free(struct calendar **cp)
{
    struct calendar *c = *cp;
    if (c == NULL)
        return;
    arena_free(&c->arena);
    free(c->dates);
    free(c->date_at);
    free(c->open_before);
    free(c->work_before);
    free(c);
    *cp = NULL;
}
