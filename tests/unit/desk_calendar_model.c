/* SPDX-License-Identifier: ISC
 *
 * Random calendars against a slow model that walks minute by minute: it knows only what time it is somewhere (zone_to_local,
 * which desk_zone.c compares with the C library) and the words of "Counting". 20,000 cases, or as many as the argument says:
 *
 *     unit/desk_calendar_model 1000000
 *
 * A failure names the calendar; the dice are the same in each run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "calendar_help.h"

#define DAYS 150
#define MINUTES (DAYS * 1440)
#define CASES_A_CALENDAR 200
#define LIST_MAX 10

static long cases = 20000;

/* ---- dice */

static uint64_t dice_state = 88172645463325252ULL;

static int
dice(int n)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (int)(dice_state % (unsigned)n);
}

/* ---- a random calendar, as the model knows it and as it is written */

struct hours { bool named, open[1440]; };               /* of a day of the week */
struct range { int32_t first, last; };
struct special { struct range dates; bool given; struct hours week[7]; };
struct timed { int64_t from, to; };                     /* local minutes since 1970 */

struct model {
    const char *zone;
    int64_t start;                                      /* UTC of minute 0 */
    struct hours week[7], eve[7], bridge[7];
    struct range holidays[LIST_MAX], days_off[LIST_MAX], closed[LIST_MAX];
    int n_holidays, n_days_off, n_closed, n_timed, n_specials;
    struct timed timed[LIST_MAX];
    struct special specials[LIST_MAX];
    /* every minute */
    int32_t date[MINUTES], minute[MINUTES];             /* local */
    int32_t owner[MINUTES];                             /* the date that opens it; 0: closed */
    /* as it is written */
    struct arena *a;
    struct conf_calendar conf;
    struct buf said;
};
static struct model m;

static const char *
date_text(int32_t day)
{
    int y, mo, d;
    civil_from_days(day, &y, &mo, &d);
    return arena_printf(m.a, "%04d-%02d-%02d", y, mo, d);
}

static const char *
range_text(struct range r)
{
    return r.first == r.last ? date_text(r.first) : arena_printf(m.a, "%s..%s", date_text(r.first), date_text(r.last));
}

static void
list_add(struct conf_strings *list, const char *text)
{
    if (list->v == NULL)
        list->v = arena_alloc(m.a, 64 * sizeof *list->v);
    list->v[list->n++] = text;
    buf_printf(&m.said, " \"%s\"", text);
}

/* Up to `most` spans; their text behind `text`. */
static const char *
spans_throw(struct hours *h, int most, const char *text)
{
    int cursor = dice(4) ? dice(600) : 0, n = 1 + dice(most);
    h->named = true;
    for (int i = 0; i < n && cursor < 1430; i++) {
        int from = cursor + (dice(3) ? dice(200) : 0), to = from + 1 + dice(dice(4) ? 300 : 1400);
        if (from >= 1439)
            break;
        to = to > 1440 || dice(10) == 0 ? 1440 : to;
        memset(h->open + from, 1, (size_t)(to - from));
        text = arena_printf(m.a, "%s%s%02d:%02d-%02d:%02d", text, text[0] ? " " : "", from / 60, from % 60, to / 60, to % 60);
        cursor = to;                                    /* the next one may touch it */
    }
    return text;
}

static const char *const day_names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

static void
week_throw(void)
{
    for (int d = 0; d < 7; d++)
        if (d == 2 || dice(d > 4 ? 4 : 8) > (d > 4 ? 2 : 0))
            list_add(&m.conf.open, spans_throw(&m.week[d], 3, day_names[d]));
}

/* Of eves and bridge days: nothing, closed, the same for all days, or each day its own. */
static void
rest_throw(struct hours rest[7], struct conf_strings *list)
{
    int kind = dice(4);
    if (kind == 1) {
        list_add(list, "closed");
        for (int d = 0; d < 7; d++)
            rest[d].named = true;
    }
    if (kind == 2) {
        list_add(list, spans_throw(&rest[0], 2, ""));
        for (int d = 1; d < 7; d++)
            rest[d] = rest[0];
    }
    for (int d = 0; d < 7 && kind == 3; d++) {
        if (dice(4) == 0) {
            rest[d].named = true;
            list_add(list, arena_printf(m.a, "%s closed", day_names[d]));
        } else if (dice(2)) {
            list_add(list, spans_throw(&rest[d], 2, day_names[d]));
        }
    }
}

static int
ranges_throw(struct range *r, int most, int longest)
{
    int n = dice(most + 1);
    for (int i = 0; i < n; i++) {
        r[i].first = (int32_t)(m.start / 86400) + dice(DAYS);
        if (i > 0 && dice(2))
            r[i].first = r[i - 1].last + 2;             /* so that bridges come about */
        r[i].last = r[i].first + (dice(3) ? 0 : dice(longest));
    }
    return n;
}

static void
specials_throw(void)
{
    int32_t day = (int32_t)(m.start / 86400) + dice(30);
    m.conf.exceptions = arena_alloc(m.a, LIST_MAX * sizeof *m.conf.exceptions);
    for (m.n_specials = 0; m.n_specials < LIST_MAX && dice(3); m.n_specials++) {
        struct special *s = &m.specials[m.n_specials];
        struct conf_exception *x = &m.conf.exceptions[m.conf.n_exceptions++];
        int kind = dice(4);
        s->dates.first = day;
        s->dates.last = dice(2) ? day : day + 1 + dice(12);
        day = s->dates.last + 1 + dice(20);
        x->name = range_text(s->dates);
        buf_printf(&m.said, "\nexception %s:", x->name);
        x->closed = kind == 1;
        x->note = kind == 0 ? "a note" : NULL;
        s->given = kind != 0;
        if (kind == 2) {
            list_add(&x->open, spans_throw(&s->week[0], 2, ""));
            for (int d = 1; d < 7; d++)
                s->week[d] = s->week[0];
        }
        for (int d = 0; d < 7 && kind == 3; d++)
            if (d == 3 || dice(2))
                list_add(&x->open, spans_throw(&s->week[d], 2, day_names[d]));
    }
}

/* The files of holidays and days off; the names into path, "" for one that is not needed. */
static void
files_throw(char path[2][40])
{
    struct buf bytes[2] = { {0}, {0} };
    const struct range *lists[] = { m.holidays, m.days_off };
    const int n[] = { m.n_holidays, m.n_days_off };
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < n[f]; i++) {
            int y, mo, d, y2, mo2, d2;
            civil_from_days(lists[f][i].first, &y, &mo, &d);
            civil_from_days(lists[f][i].last + 1, &y2, &mo2, &d2);
            buf_printf(&bytes[f], EVENT("DTSTART;VALUE=DATE:%04d%02d%02d\r\nDTEND;VALUE=DATE:%04d%02d%02d\r\n"), y, mo, d, y2, mo2, d2);
        }
    for (int i = 0; i < m.n_timed; i++) {
        int y, mo, d, y2, mo2, d2, from = (int)(m.timed[i].from % 1440), to = (int)(m.timed[i].to % 1440);
        civil_from_days(m.timed[i].from / 1440, &y, &mo, &d);
        civil_from_days(m.timed[i].to / 1440, &y2, &mo2, &d2);
        buf_printf(&bytes[i % 2], EVENT("DTSTART:%04d%02d%02dT%02d%02d00\r\nDTEND:%04d%02d%02dT%02d%02d00\r\n"), y, mo, d, from / 60, from % 60, y2, mo2, d2,
                   to / 60, to % 60);
    }
    for (int f = 0; f < 2; f++) {
        struct buf whole = {0};
        path[f][0] = '\0';
        if (bytes[f].len > 0) {
            buf_printf(&whole, "BEGIN:VCALENDAR\r\n%sEND:VCALENDAR\r\n", bytes[f].data);
            ics_write(whole.data, path[f]);
            list_add(f ? &m.conf.days_off : &m.conf.holidays, path[f]);
        }
        buf_printf(&m.said, "\n%s", bytes[f].data ? bytes[f].data : "");
        buf_free(&whole);
        buf_free(&bytes[f]);
    }
}

/* ---- the model's own rules */

static bool
in_ranges(const struct range *r, int n, int32_t date)
{
    for (int i = 0; i < n; i++)
        if (r[i].first <= date && date <= r[i].last)
            return true;
    return false;
}

/* A date that timed events cover from midnight to midnight, one of them alone, is as good as an all-day event. */
static bool
covered(int file, int32_t date)
{
    for (int i = file; i < m.n_timed; i += 2)
        if (m.timed[i].from <= date * 1440LL && m.timed[i].to >= (date + 1) * 1440LL)
            return true;
    return false;
}

static bool
public_holiday(int32_t date)
{
    return in_ranges(m.holidays, m.n_holidays, date) || covered(0, date);
}

static int
weekday(int32_t date)
{
    return (date + 3) % 7;
}

static bool
has_hours(int32_t date)
{
    return memchr(m.week[weekday(date)].open, 1, 1440) != NULL;
}

static bool
a_bridge(int32_t date)
{
    bool before = public_holiday(date - 1), after = public_holiday(date + 1);
    return (before || after) && (before || !has_hours(date - 1)) && (after || !has_hours(date + 1));
}

/* Would somebody be there at this minute of that date, if no clock were ever changed? */
static bool
open_by_rule(int32_t date, int minute)
{
    const struct special *special = NULL;
    int wd = weekday(date);
    for (int i = 0; i < m.n_specials; i++)
        if (m.specials[i].given && in_ranges(&m.specials[i].dates, 1, date))
            special = &m.specials[i];
    if (special != NULL && special->dates.first == special->dates.last)
        return special->week[wd].open[minute];
    if (public_holiday(date) || in_ranges(m.days_off, m.n_days_off, date) || covered(1, date) || in_ranges(m.closed, m.n_closed, date))
        return false;
    for (int i = 0; i < m.n_timed; i++)
        if (m.timed[i].from <= date * 1440LL + minute && date * 1440LL + minute < m.timed[i].to)
            return false;
    if (special != NULL)
        return special->week[wd].open[minute];
    if (has_hours(date) && a_bridge(date) && m.bridge[wd].named)
        return m.bridge[wd].open[minute];
    if (has_hours(date) && public_holiday(date + 1) && m.eve[wd].named)
        return m.eve[wd].open[minute];
    return m.week[wd].open[minute];
}

/* The first minute whose local time is `minute` of `date`; in a gap the one that lies forward by the gap. */
static int64_t
model_instant(int32_t date, int64_t minute)
{
    int64_t want = (int64_t)date * 1440 + minute, i = ((int64_t)date - m.date[0]) * 1440 - 3000;
    for (i = i < 0 ? 0 : i; i < MINUTES; i++) {
        int64_t local = (int64_t)m.date[i] * 1440 + m.minute[i];
        if (local == want)
            return i;
        if (local > want && i > 0)
            return i + want - ((int64_t)m.date[i - 1] * 1440 + m.minute[i - 1] + 1);
        if (local > want)
            return 0;
    }
    return MINUTES;
}

static void
model_minutes(void)
{
    for (int i = 0; i < MINUTES; i++) {
        int64_t local = zone_to_local(m.zone, m.start + i * 60) / 60;
        m.date[i] = (int32_t)(local / 1440);
        m.minute[i] = (int32_t)(local % 1440);
        m.owner[i] = 0;
    }
    for (int32_t date = m.date[0]; date <= m.date[MINUTES - 1]; date++)
        for (int from = 0, to; from < 1440; from = to + 1) {
            for (to = from; to < 1440 && open_by_rule(date, to);)
                to++;
            if (to == from)
                continue;
            for (int64_t i = model_instant(date, from), end = model_instant(date, to); i < end && i < MINUTES; i++)
                m.owner[i] = date;
        }
}

static struct calendar *
model_throw(void)
{
    static const struct { const char *name; int first, years; } zones[] = {
        { "Europe/Stockholm", 2005, 30 }, { "America/New_York", 2005, 30 }, { "Australia/Lord_Howe", 2005, 30 }, { "Africa/Casablanca", 2005, 30 },
        { "Asia/Kolkata", 2005, 30 }, { "UTC", 2005, 30 }, { "America/Havana", 2005, 30 }, { "Africa/Cairo", 2005, 30 }, { "Asia/Beirut", 2005, 30 },
        { "America/Sao_Paulo", 2005, 14 }, { "America/St_Johns", 2005, 7 }, { "Pacific/Chatham", 2005, 30 }, { "Asia/Tehran", 2005, 17 },
    };
    char path[2][40];
    struct buf errors = {0};
    arena_free(&m.a);
    buf_free(&m.said);
    memset(&m, 0, sizeof m);
    m.a = arena_new(0);
    int z = dice(dice(2) ? 5 : (int)countof(zones));
    m.zone = zones[z].name;
    m.start = days_from_civil(zones[z].first + dice(zones[z].years), 1 + dice(12), 1 + dice(28)) * 86400;
    m.conf.name = "model";
    m.conf.zone = m.zone;
    buf_printf(&m.said, "%s from %s:", m.zone, date_text((int32_t)(m.start / 86400)));
    week_throw();
    m.n_holidays = ranges_throw(m.holidays, 8, 3);
    m.n_days_off = ranges_throw(m.days_off, 3, 3);
    m.n_closed = ranges_throw(m.closed, 3, 12);
    for (m.n_timed = 0; m.n_timed < 4 && dice(2); m.n_timed++) {
        m.timed[m.n_timed].from = m.start / 60 + dice(MINUTES);
        m.timed[m.n_timed].to = m.timed[m.n_timed].from + 1 + dice(3000);
    }
    buf_puts(&m.said, "\nclosed");
    for (int i = 0; i < m.n_closed; i++)
        list_add(&m.conf.closed, range_text(m.closed[i]));
    buf_puts(&m.said, "\neve");
    rest_throw(m.eve, &m.conf.eve);
    buf_puts(&m.said, "\nbridge");
    rest_throw(m.bridge, &m.conf.bridge);
    specials_throw();
    files_throw(path);
    model_minutes();
    struct calendar *c = calendar_new(&m.conf, &errors);
    for (int f = 0; f < 2; f++)
        if (path[f][0])
            unlink(path[f]);
    if (c == NULL)
        fail_msg("%s\n%s", m.said.data, errors.data);
    return c;
}

/* ---- Counting, walked. Times are seconds from the model's start; -1: beyond it */

static int64_t
walk_open(int64_t from, int64_t to)
{
    int64_t open = 0;
    for (int64_t i = from / 60; i * 60 < to; i++)
        if (m.owner[i]) {
            int64_t a = i * 60 < from ? from : i * 60, b = (i + 1) * 60 > to ? to : (i + 1) * 60;
            open += b - a;
        }
    return open;
}

static int64_t
walk_next(int64_t from)
{
    for (int64_t i = from / 60; i < MINUTES; i++)
        if (m.owner[i])
            return i * 60 < from ? from : i * 60;
    return -1;
}

static int64_t
walk_seconds(int64_t from, int64_t left)
{
    if (left == 0)
        return from;
    for (int64_t i = from / 60; i < MINUTES; i++)
        if (m.owner[i]) {
            int64_t a = i * 60 < from ? from : i * 60, here = (i + 1) * 60 - a;
            if (left <= here)
                return a + left;
            left -= here;
        }
    return -1;
}

static bool
works(int32_t date)
{
    int64_t i = ((int64_t)date - m.date[0]) * 1440 - 3000;
    for (i = i < 0 ? 0 : i; i < MINUTES && m.date[i] <= date + 1; i++)
        if (m.owner[i] == date)
            return true;
    return false;
}

static int64_t
walk_days(int64_t s, int64_t n)
{
    int32_t date = m.date[s / 60], minute = m.minute[s / 60], last = m.date[MINUTES - 1] - 1;
    while (n > 0 && date < last)
        n -= works(++date);
    if (n > 0 || date >= last)
        return -1;
    int64_t due = model_instant(date, minute) * 60 + s % 60, closing = -1;
    for (int64_t i = due / 60; i < MINUTES && m.date[i] <= date + 1; i++)
        if (m.owner[i] == date)
            return i * 60 < due ? due : i * 60;         /* open then, or at the next opening of that date */
    for (int64_t i = model_instant(date, 0) - 120 < 0 ? 0 : model_instant(date, 0) - 120; i < MINUTES && m.date[i] <= date + 1; i++)
        if (m.owner[i] == date)
            closing = (i + 1) * 60;
    return closing;
}

static int64_t
walk_months(int64_t s, int64_t halves)
{
    int y, mo, d, y2, mo2, d2;
    civil_from_days(m.date[s / 60], &y, &mo, &d);
    for (int64_t i = 0; i < halves / 2; i++)
        if (++mo == 13)
            mo = 1, y++;
    for (;; d--) {                      /* 31 April is no date: the last one of the month */
        civil_from_days(days_from_civil(y, mo, d), &y2, &mo2, &d2);
        if (mo2 == mo)
            break;
    }
    int32_t date = (int32_t)days_from_civil(y, mo, d) + (halves % 2 ? 15 : 0);
    return date >= m.date[MINUTES - 1] ? -1 : model_instant(date, m.minute[s / 60]) * 60 + s % 60;
}

static int64_t
walk_add(int64_t from, struct duration d)
{
    if (d.unit == DURATION_WORKING_HOURS)
        return walk_seconds(from, d.count);
    int64_t s = walk_next(from);
    return s < 0 ? -1 : d.unit == DURATION_WORKING_DAYS ? walk_days(s, d.count) : walk_months(s, d.count);
}

/* ---- one case */

static unsigned long calendars, beyond, changed_clocks;

static void
same(const char *what, int64_t got, int64_t want, int64_t from, struct duration d)
{
    char is[TIME_TEXT_MAX], should[TIME_TEXT_MAX], start[TIME_TEXT_MAX];
    if (got == m.start + want)
        return;
    time_format(got, is);
    time_format(m.start + want, should);
    time_format(m.start + from, start);
    fail_msg("%s\ncalendar %lu, %s from %s, unit %d count %lld: %s, the model says %s", m.said.data, calendars, what, start, (int)d.unit,
             (long long)d.count, is, should);
}

static void
one_case(const struct calendar *c)
{
    int64_t from = (2880 + dice(MINUTES / 2)) * 60LL + (dice(4) ? 0 : dice(60));
    struct duration d = { DURATION_WORKING_HOURS, dice(10) ? 60 * (1 + dice(3000)) : 1 + dice(200000) };
    switch (dice(5)) {
    case 0: case 1: d = (struct duration){ DURATION_WORKING_DAYS, 1 + dice(12) }; break;
    case 2: d = (struct duration){ DURATION_MONTHS, 1 + dice(4) }; break;
    default: break;
    }
    int64_t want = walk_add(from, d), to = from + dice(20000 * 60), next = walk_next(from);
    assert_int_equal(calendar_open_between(c, m.start + from, m.start + to), walk_open(from, to));
    assert_int_equal(calendar_is_open(c, m.start + from), m.owner[from / 60] != 0);
    if (next >= 0)
        same("next opening", calendar_next_open(c, m.start + from), next, from, d);
    if (want < 0) {
        beyond++;
        return;
    }
    same("due", calendar_add(c, m.start + from, d), want, from, d);

    int64_t pause = from + (want > from ? (int64_t)(dice_state % (uint64_t)(want - from)) : 0), resume = pause + 1 + dice(10 * 86400);
    int64_t after = pause >= want ? want : d.unit == DURATION_MONTHS ? want + resume - pause
        : resume >= MINUTES * 60 ? -1 : walk_seconds(resume, walk_open(pause, want));
    if (after >= 0)
        same("due after a pause", calendar_resume(c, m.start + want, d.unit, m.start + pause, m.start + resume), after, from, d);
}

static void
dates_compare(const struct calendar *c)
{
    int32_t first = m.date[2880], last = m.date[MINUTES - 2880];
    int n = 0;
    for (int32_t date = first; date <= last; date++) {
        n += works(date);
        if (calendar_working_days(c, date, date) != works(date) || calendar_working_days(c, first, date) != n)
            fail_msg("%s\ncalendar %lu: is %s a working day?", m.said.data, calendars, date_text(date));
    }
    for (int i = 2880; i < MINUTES - 2880; i++)
        changed_clocks += zone_to_local(m.zone, m.start + i * 60) - zone_to_local(m.zone, m.start + i * 60 - 60) != 60;
}

static void
against_model(void **state)
{
    (void)state;
    for (long left = cases; left > 0; calendars++) {
        struct calendar *c = model_throw();
        dates_compare(c);
        for (int i = 0; i < CASES_A_CALENDAR && left > 0; i++, left--)
            one_case(c);
        calendar_free(&c);
    }
    print_message("%ld cases in %lu calendars, %lu beyond the model, %lu changes of the clock\n", cases, calendars, beyond, changed_clocks);
    assert_true(beyond < (unsigned long)cases / 10);
    assert_true(changed_clocks > calendars / 4);
    arena_free(&m.a);
    buf_free(&m.said);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(against_model) };
    if (argc > 1)
        cases = atol(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
