/* SPDX-License-Identifier: ISC
 *
 * The small language of calendars: "Mon-Fri 09:00-12:00 13:00-16:00", "closed", "2026-07-06..2026-07-17". One reader for the
 * checks of this room and for the desk's calendar, so that both understand the same. Functions of the text alone.
 */
#include "ticketd/conf.h"
#include "valid.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MINUTES (24 * 60)

static const char expected_week[] = "days and hours such as \"Mon-Fri 09:00-12:00 13:00-17:00\"";
static const char expected_dates[] = "hours such as \"09:00-12:00\" or \"Mon-Thu 09:00-12:00 13:00-15:00\"";
static const char expected_rest[] = "closed, or hours such as \"09:00-12:00\" or \"Mon-Thu 09:00-12:00\"";
static const char expected_forward[] = "hours that end after they begin (past midnight: \"Mon 22:00-24:00\" and \"Tue 00:00-06:00\")";
static const char expected_apart[] = "hours that do not overlap others of the same day";
static const char expected_once[] = "each day either closed or with hours";
static const char expected_fewer[] = "at most 12 spans a day";

/* ---- parts of a line; each moves *s behind what it read */

static bool
weekday_scan(const char **s, int *out)
{
    static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

    for (size_t i = 0; i < countof(names); i++)
        if (str_starts_nocase(*s, names[i])) {
            *s += 3;
            *out = (int)i;
            return true;
        }
    return false;
}

/* "Mon-Fri", "Sat", "Mon,Wed,Fri", "Fri-Mon". */
static bool
weekdays_scan(const char **s, bool set[7])
{
    for (;;) {
        int from, to;

        if (!weekday_scan(s, &from))
            return false;
        to = from;
        if (**s == '-' && ((*s)++, !weekday_scan(s, &to)))
            return false;
        for (int i = from; set[i] = true, i != to;)
            i = (i + 1) % 7;
        if (**s != ',')
            return **s == ' ';
        (*s)++;
    }
}

/* HH:MM, up to 24:00. */
static bool
minute_scan(const char **s, int *out)
{
    const char *p = *s;
    int minutes;

    if (strspn(p, DIGITS) != 2 || p[2] != ':' || strspn(p + 3, DIGITS) != 2)
        return false;
    minutes = (p[3] - '0') * 10 + p[4] - '0';
    *out = ((p[0] - '0') * 10 + p[1] - '0') * 60 + minutes;
    *s += 5;
    return minutes < 60 && *out <= DAY_MINUTES;
}

static void
blanks_skip(const char **s)
{
    *s += strspn(*s, " ");
}

/* ---- a line */

/* Puts the span in its place in the day. */
static const char *
span_add(struct conf_hours *h, int day, struct conf_span s)
{
    struct conf_span *v = h->day[day].v;
    size_t n = h->day[day].n, at = n;

    if (h->day[day].named && n == 0)
        return expected_once;
    if (n == CONF_SPANS_MAX)
        return expected_fewer;
    for (; at > 0 && v[at - 1].from >= s.from; at--)
        v[at] = v[at - 1];
    v[at] = s;
    h->day[day].n++;
    h->day[day].named = true;
    return (at > 0 && v[at - 1].to > s.from) || (at < n && v[at + 1].from < s.to) ? expected_apart : NULL;
}

static const char *
spans_read(const char *s, const bool days[7], const char *expected, struct conf_hours *h)
{
    const char *wrong = NULL;

    do {
        struct conf_span span;

        if (!minute_scan(&s, &span.from) || *s++ != '-' || !minute_scan(&s, &span.to))
            return expected;
        if (span.to <= span.from)
            return expected_forward;
        for (int i = 0; i < 7 && !wrong; i++)
            if (days[i])
                wrong = span_add(h, i, span);
        if (*s && *s != ' ')
            return expected;
        blanks_skip(&s);
    } while (*s && !wrong);
    return wrong;
}

static const char *
closed_read(const bool days[7], struct conf_hours *h)
{
    for (int i = 0; i < 7; i++) {
        if (days[i] && h->day[i].named)
            return expected_once;
        h->day[i].named |= days[i];
    }
    return NULL;
}

const char *
conf_hours_read(const char *line, enum conf_hours_form form, struct conf_hours *out)
{
    static const char *const expected[] = { expected_week, expected_dates, expected_rest };
    const bool all[7] = { true, true, true, true, true, true, true };
    bool days[7] = { false };
    struct conf_hours h = *out;
    const char *s = line, *wrong;
    int weekday;

    if (weekday_scan(&s, &weekday)) {
        s = line;
        if (!weekdays_scan(&s, days))
            return expected[form];
        blanks_skip(&s);
    } else if (form == CONF_HOURS_WEEK) {
        return expected[form];
    } else {
        memcpy(days, all, sizeof days);
    }
    wrong = form == CONF_HOURS_REST && !strcmp(s, "closed") ? closed_read(days, &h) : spans_read(s, days, expected[form], &h);
    if (!wrong)
        *out = h;
    return wrong;
}

/* ---- dates */

static bool
date_read(const char *s, int64_t *out)
{
    int y, m, d, y2, m2, d2;

    if (strspn(s, DIGITS) != 4 || s[4] != '-' || strspn(s + 5, DIGITS) != 2 || s[7] != '-' || strspn(s + 8, DIGITS) != 2)
        return false;
    y = atoi(s);
    m = atoi(s + 5);
    d = atoi(s + 8);
    if (y < 1970 || m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    *out = days_from_civil(y, m, d);
    civil_from_days(*out, &y2, &m2, &d2);
    return m == m2 && d == d2;
}

bool
conf_days_read(const char *text, int64_t *first, int64_t *last)
{
    size_t len = strlen(text);

    if ((len != 10 && (len != 22 || memcmp(text + 10, "..", 2) != 0)) || !date_read(text, first))
        return false;
    return date_read(text + len - 10, last) && *first <= *last;
}
