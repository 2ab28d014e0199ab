/* SPDX-License-Identifier: ISC
 *
 * Working time: the examples of "Counting" one by one, then random calendars against a model that walks every minute.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ticketd/desk.h"

static int64_t
at(const char *s)
{
    char full[40];
    int64_t t;
    snprintf(full, sizeof full, "%.10sT%.5s:00Z", s, s + 11);
    assert_true(time_parse(full, &t));
    return t;
}

static struct conf_strings
strings(const char *one, const char **room)
{
    size_t n = 0;
    static char kept[64][200];
    static unsigned used;
    for (const char *s = one; s != NULL && *s != '\0' && n < 8; n++) {
        const char *end = strchr(s, '|');
        size_t len = end ? (size_t)(end - s) : strlen(s);
        char *slot = kept[used++ % 64];
        memcpy(slot, s, len);
        slot[len] = '\0';
        room[n] = slot;
        s = end ? end + 1 : NULL;
    }
    return (struct conf_strings){ room, n };
}

static struct calendar *
make(const char *zone, const char *open, const char *closed, const char *holidays, struct buf *errors)
{
    const char *a[8], *b[8], *c[8];
    struct conf_calendar conf = { .name = "test", .zone = zone, .open = strings(open, a), .closed = strings(closed, b),
        .holidays = strings(holidays, c), .where = { "t.conf", 3 } };
    return calendar_new(&conf, errors);
}

#define OFFICE "Mon-Fri 09:00-17:00"
#define LUNCH "Mon-Fri 09:00-12:00 13:00-16:00"
#define ALWAYS "Mon-Sun 00:00-24:00"

/* 2026: 30 April is a Thursday. Times are local in the zone named. */
static const struct { const char *label, *zone, *open, *closed, *from, *target, *due; } counting[] = {
    { "inside a day", "UTC", OFFICE, "", "2026-04-27 10:00", "4h", "2026-04-27 14:00" },
    { "the closing stroke, not the next opening", "UTC", "Mon-Fri 07:00-12:00", "", "2026-04-30 10:00", "2h", "2026-04-30 12:00" },
    { "a second past the closing stroke", "UTC", "Mon-Fri 07:00-12:00", "", "2026-04-30 10:00", "2h1m", "2026-05-01 07:01" },
    { "at the closing minute is closed", "UTC", OFFICE, "", "2026-04-27 17:00", "1h", "2026-04-28 10:00" },
    { "before the opening", "UTC", OFFICE, "", "2026-04-27 06:00", "1h", "2026-04-27 10:00" },
    { "over the lunch break", "UTC", LUNCH, "", "2026-04-27 11:30", "1h", "2026-04-27 13:30" },
    { "to the beginning of lunch", "UTC", LUNCH, "", "2026-04-27 11:00", "1h", "2026-04-27 12:00" },
    { "in the lunch break", "UTC", LUNCH, "", "2026-04-27 12:15", "30m", "2026-04-27 13:30" },
    { "over the weekend", "UTC", OFFICE, "", "2026-04-24 16:00", "2h", "2026-04-27 10:00" },
    { "over a closed date", "UTC", OFFICE, "2026-05-01", "2026-04-30 16:00", "2h", "2026-05-04 10:00" },
    { "day and night", "UTC", ALWAYS, "", "2026-04-25 23:00", "26h", "2026-04-27 01:00" },
    { "nothing to wait for", "UTC", OFFICE, "", "2026-04-25 23:00", "0m", "2026-04-25 23:00" },
    { "1 working day", "UTC", OFFICE, "", "2026-04-27 10:30", "1wd", "2026-04-28 10:30" },
    { "2 working days over a weekend", "UTC", OFFICE, "", "2026-04-24 10:30", "2wd", "2026-04-28 10:30" },
    { "working days from closed time: from the next opening", "UTC", OFFICE, "", "2026-04-25 22:00", "1wd", "2026-04-28 09:00" },
    { "working days from after closing", "UTC", OFFICE, "", "2026-04-27 18:00", "1wd", "2026-04-29 09:00" },
    { "working days from before opening of the same day", "UTC", OFFICE, "", "2026-04-27 06:00", "1wd", "2026-04-28 09:00" },
    { "working days over a closed date", "UTC", OFFICE, "2026-05-01", "2026-04-30 10:00", "1wd", "2026-05-04 10:00" },
    { "a half day is one; at or after its closing: the closing", "UTC", "Mon-Thu 09:00-17:00|Fri 09:00-12:00", "", "2026-04-23 15:00", "1wd", "2026-04-24 12:00" },
    { "before that day's opening: the opening", "UTC", "Mon-Thu 09:00-17:00|Fri 10:00-17:00", "", "2026-04-23 09:15", "1wd", "2026-04-24 10:00" },
    { "in its break: the break's end", "UTC", "Mon-Thu 09:00-17:00|Fri 09:00-12:00 13:00-16:00", "", "2026-04-23 12:15", "1wd", "2026-04-24 13:00" },
    { "at its break's beginning: the break's end", "UTC", "Mon-Thu 09:00-17:00|Fri 09:00-12:00 13:00-16:00", "", "2026-04-23 12:00", "1wd", "2026-04-24 13:00" },
    { "12 working days over two closed dates", "Europe/Stockholm", "Mon-Fri 07:00-18:00", "2026-05-01|2026-05-14", "2026-04-27 08:00", "12wd", "2026-05-15 08:00" },
    { "a month", "Europe/London", OFFICE, "", "2026-04-27 10:00", "1mo", "2026-05-27 10:00" },
    { "a month and a half: whole months first", "Europe/London", OFFICE, "", "2026-03-27 10:00", "1.5mo", "2026-05-12 10:00" },
    { "a month is cut to the month's last day", "Europe/London", OFFICE, "", "2025-01-31 10:00", "1mo", "2025-02-28 10:00" },
    { "in a leap year too", "Europe/London", ALWAYS, "", "2028-01-31 10:00", "1mo", "2028-02-29 10:00" },
    { "half a month is 15 days", "Europe/London", OFFICE, "", "2026-04-20 10:00", "0.5mo", "2026-05-05 10:00" },
    { "months are left where they fall, even when closed", "Europe/London", OFFICE, "", "2026-04-16 10:00", "1mo", "2026-05-16 10:00" },
    { "three months over the new year", "Europe/London", OFFICE, "", "2026-11-30 10:00", "3mo", "2027-02-28 10:00" },
    { "hours over the spring gap", "Europe/Stockholm", ALWAYS, "", "2026-03-28 23:00", "5h", "2026-03-29 05:00" },
    { "hours over the autumn overlap", "Europe/Stockholm", ALWAYS, "", "2026-10-24 23:00", "5h", "2026-10-25 03:00" },
    { "a day that begins in the gap", "Europe/Stockholm", "Mon-Sun 02:30-06:00", "", "2026-03-29 01:00", "1h", "2026-03-29 04:30" },
    { "working days into the gap", "Europe/Stockholm", ALWAYS, "", "2026-03-28 02:30", "1wd", "2026-03-29 03:30" },
    { "working days into the overlap: the first", "America/New_York", ALWAYS, "", "2026-10-31 01:30", "1wd", "2026-11-01 01:30" },
    { "months into the gap of half an hour", "Australia/Lord_Howe", ALWAYS, "", "2026-09-04 02:15", "1mo", "2026-10-04 02:45" },
    { "office hours know nothing of the clock change", "America/New_York", OFFICE, "", "2026-03-06 16:00", "2h", "2026-03-09 10:00" },
    { "Ramadan", "Africa/Casablanca", OFFICE, "", "2026-02-13 16:00", "2h", "2026-02-16 10:00" },
    { "Kolkata", "Asia/Kolkata", OFFICE, "", "2026-02-13 16:00", "2h", "2026-02-16 10:00" },
    { "several days from several lines", "UTC", "Mon,Wed 09:00-10:00|Fri-Sun 12:00-13:00", "", "2026-04-27 09:00", "4h", "2026-05-02 13:00" },
};

static void
by_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(counting); i++) {
        struct buf errors = {0};
        struct duration d;
        const char *wrong;
        struct calendar *c = make(counting[i].zone, counting[i].open, counting[i].closed, "", &errors);
        if (c == NULL)
            fail_msg("%s: %s", counting[i].label, errors.data);
        assert_true(duration_parse(counting[i].target, &d, &wrong));
        int64_t due = calendar_add(c, zone_to_utc(counting[i].zone, at(counting[i].from)), d);
        if (due != zone_to_utc(counting[i].zone, at(counting[i].due))) {
            char got[TIME_TEXT_MAX];
            time_format(zone_to_local(counting[i].zone, due), got);
            fail_msg("%s: %s, not %s", counting[i].label, got, counting[i].due);
        }
        calendar_free(&c);
        buf_free(&errors);
    }
}

static void
openings(void **state)
{
    (void)state;
    struct buf errors = {0};
    struct calendar *c = make("UTC", LUNCH, "2026-05-01", "", &errors);
    assert_non_null(c);
    assert_true(calendar_next_open(c, at("2026-04-30 09:00")) == at("2026-04-30 09:00"));
    assert_true(calendar_next_open(c, at("2026-04-30 11:59")) == at("2026-04-30 11:59"));
    assert_true(calendar_next_open(c, at("2026-04-30 12:00")) == at("2026-04-30 13:00"));
    assert_true(calendar_next_open(c, at("2026-04-30 16:00")) == at("2026-05-04 09:00"));
    assert_true(calendar_next_open(c, at("2026-04-30 08:59")) == at("2026-04-30 09:00"));
    assert_int_equal(calendar_open_between(c, at("2026-04-30 11:00"), at("2026-05-04 10:00")), 5 * 3600);
    assert_int_equal(calendar_open_between(c, at("2026-05-04 10:00"), at("2026-04-30 11:00")), 0);
    /* outside the years that a calendar knows: an answer all the same */
    assert_true(calendar_next_open(c, at("1980-01-01 10:00")) > at("1989-12-31 00:00"));
    assert_true(calendar_add(c, at("2109-12-30 10:00"), (struct duration){ DURATION_WORKING_DAYS, 500 }) == at("2110-01-01 00:00"));
    assert_true(calendar_add(c, at("2300-12-30 10:00"), (struct duration){ DURATION_WORKING_HOURS, 500 }) == at("2110-01-01 00:00"));
    calendar_free(&c);
    /* a whole day that never was: Apia went from 29 to 31 December 2011; its open time is counted once */
    c = make("Pacific/Apia", ALWAYS, "", "", &errors);
    assert_int_equal(calendar_open_between(c, at("2011-12-25 00:00"), at("2012-01-05 00:00")), 11 * 86400);
    calendar_free(&c);
    buf_free(&errors);
}

static void
mistakes(void **state)
{
    (void)state;
    static const struct { const char *label, *zone, *open, *closed, *holidays, *said; } rows[] = {
        { "unknown zone", "Europe/Atlantis", OFFICE, "", "", "t.conf:3: calendar \"test\": Europe/Atlantis: a time zone" },
        { "no zone", NULL, OFFICE, "", "", "time zone" },
        { "no such day", "UTC", "Mo-Fri 09:00-17:00", "", "", "weekdays" },
        { "no hours' form", "UTC", "Mon-Fri 9-17", "", "", "hours as in" },
        { "25 o'clock", "UTC", "Mon-Fri 09:00-25:00", "", "", "24:00" },
        { "backwards", "UTC", "Mon-Fri 17:00-09:00", "", "", "end after they begin" },
        { "rubbish behind", "UTC", "Mon-Fri 09:00-17:00x", "", "", "blank" },
        { "no date", "UTC", OFFICE, "2026-02-30", "", "2026-02-30: a date" },
        { "never open", "UTC", "", "", "", "366 days" },
        { "no such file", "UTC", OFFICE, "", "/nonexistent/se.ics", "t.conf:3: /nonexistent/se.ics: No such file" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf errors = {0};
        struct calendar *c = make(rows[i].zone, rows[i].open, rows[i].closed, rows[i].holidays, &errors);
        if (c != NULL || errors.data == NULL || strstr(errors.data, rows[i].said) == NULL)
            fail_msg("%s: %s", rows[i].label, errors.data ? errors.data : "no error");
        buf_free(&errors);
    }
}

/* ---- holidays */

static struct calendar *
with_events(const char *events, struct buf *errors)
{
    char path[] = "/tmp/ticketd-ics-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n%sEND:VCALENDAR\r\n", events);
    close(fd);
    struct calendar *c = make("Europe/Stockholm", ALWAYS, "", path, errors);
    unlink(path);
    return c;
}

#define EVENT(what) "BEGIN:VEVENT\r\nUID:1\r\n" what "END:VEVENT\r\n"

static const struct { const char *label, *events, *closed, *open; } holidays[] = {
    { "one day", EVENT("DTSTART;VALUE=DATE:20260619\r\n"), "2026-06-19", "2026-06-20" },
    { "several days", EVENT("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n"), "2026-12-26", "2026-12-27" },
    { "each year", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\n"), "2031-05-01", "2031-05-02" },
    { "last Monday of May", EVENT("DTSTART;VALUE=DATE:20240527\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\r\n"), "2026-05-25", "2026-05-18" },
    { "midsummer: a Friday between two dates", EVENT("DTSTART;VALUE=DATE:20240621\r\nRRULE:FREQ=YEARLY;BYMONTH=6;BYDAY=FR;BYMONTHDAY=19,20,21,22,23,24,25\r\n"),
      "2026-06-19", "2026-06-26" },
    { "but not this year", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20260501\r\n"), "2027-05-01", "2026-05-01" },
    { "and this day too", EVENT("DTSTART;VALUE=DATE:20240501\r\nRDATE;VALUE=DATE:20260606\r\nRRULE:FREQ=YEARLY\r\n"), "2026-06-06", "2026-06-07" },
    { "cancelled", EVENT("DTSTART;VALUE=DATE:20260619\r\n") EVENT("STATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260620\r\n"), "2026-06-19", "2026-06-20" },
    { "folded lines", EVENT("SUMMARY:Very long name of a holiday\r\n  that goes on\r\nDTSTART;VALUE=DATE:20260619\r\n"), "2026-06-19", "2026-06-20" },
};

static bool
is_open(const struct calendar *c, const char *date)
{
    char noon[32];
    snprintf(noon, sizeof noon, "%s 12:00", date);
    return calendar_next_open(c, at(noon)) == at(noon);
}

static void
holiday_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(holidays); i++) {
        struct buf errors = {0};
        struct calendar *c = with_events(holidays[i].events, &errors);
        if (c == NULL)
            fail_msg("%s: %s", holidays[i].label, errors.data);
        if (is_open(c, holidays[i].closed) || !is_open(c, holidays[i].open))
            fail_msg("%s", holidays[i].label);
        calendar_free(&c);
    }
    /* a timed event closes its hours only */
    struct buf errors = {0};
    struct calendar *c = with_events(EVENT("DTSTART:20260619T140000\r\nDTEND:20260619T160000\r\n"), &errors);
    assert_non_null(c);
    assert_int_equal(calendar_open_between(c, at("2026-06-18 22:00"), at("2026-06-19 22:00")), 22 * 3600);
    calendar_free(&c);
}

static void
holiday_mistakes(void **state)
{
    (void)state;
    static const struct { const char *label, *events, *said; } rows[] = {
        { "a rule by the second never ends", EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n"), ":4: this RRULE" },
        { "hours inside a day", EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYHOUR=3\r\n"), ":4: this RRULE" },
        { "second event", EVENT("DTSTART;VALUE=DATE:20260101\r\n") EVENT("SUMMARY:nothing\r\n"), ":8: event without a DTSTART" },
        { "no events", "", "no event found" },
        { "ends before it begins", EVENT("DTSTART:20260101T120000\r\nDTEND:20260101T110000\r\n"), "ends before" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf errors = {0};
        struct calendar *c = with_events(rows[i].events, &errors);
        if (c != NULL || strstr(errors.data, rows[i].said) == NULL)
            fail_msg("%s: %s", rows[i].label, errors.data ? errors.data : "no error");
        buf_free(&errors);
    }
    struct buf errors = {0};            /* an impossible date that repeats for ever: just never */
    struct calendar *c = with_events(EVENT("DTSTART;VALUE=DATE:20260228\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"), &errors);
    calendar_free(&c);
    buf_free(&errors);
}

/* ---- the slow model: every minute of some months, open or not */

#define MODEL_DAYS 120
#define MODEL_MINUTES (MODEL_DAYS * 1440)
struct model {
    int64_t start;
    const char *zone;
    bool open[MODEL_MINUTES];
    int32_t date[MODEL_MINUTES];        /* local day */
    int32_t minute[MODEL_MINUTES];      /* of the local day */
};

static uint64_t dice_state = 88172645463325252ULL;
static unsigned
dice(unsigned n)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (unsigned)(dice_state % n);
}

/* The first minute of the model whose local time is `minute` of `date`; in a gap the one that lies forward by the gap. */
static int64_t
model_instant(const struct model *m, int32_t date, int32_t minute)
{
    int64_t want = (int64_t)date * 1440 + minute;
    for (int64_t i = 0; i < MODEL_MINUTES; i++) {
        int64_t local = (int64_t)m->date[i] * 1440 + m->minute[i];
        if (local == want)
            return i;
        if (local > want && i > 0)
            return i + want - ((int64_t)m->date[i - 1] * 1440 + m->minute[i - 1] + 1);
        if (local > want)
            return 0;
    }
    return MODEL_MINUTES;
}

static struct calendar *
model_make(struct model *m)
{
    static const char *const zones[] = { "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC" };
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    struct { int from, to; } spans[7][2];
    int n[7];
    char lines[7][80], dates[4][16];
    const char *open[7], *closed[4];
    struct conf_calendar conf = { .name = "model", .open = { open, 0 }, .closed = { closed, 4 } };
    m->zone = conf.zone = zones[dice(6)];
    m->start = days_from_civil(2026, 1 + (int)dice(12), 1) * 86400 - 86400;
    for (int d = 0; d < 7; d++) {
        n[d] = dice(5) == 0 && d > 0 ? 0 : 1 + (int)dice(2);
        int cursor = (int)dice(600);
        size_t len = (size_t)snprintf(lines[d], sizeof lines[d], "%s", days[d]);
        for (int s = 0; s < n[d]; s++) {
            spans[d][s].from = cursor + (int)dice(200);
            spans[d][s].to = spans[d][s].from + 1 + (int)dice(300);
            cursor = spans[d][s].to + 1;
            len += (size_t)snprintf(lines[d] + len, sizeof lines[d] - len, " %02d:%02d-%02d:%02d", spans[d][s].from / 60, spans[d][s].from % 60,
                                    spans[d][s].to / 60, spans[d][s].to % 60);
        }
        if (n[d] > 0)
            open[conf.open.n++] = lines[d];
    }
    int32_t closed_day[4];
    for (int i = 0; i < 4; i++) {
        int y, mo, da;
        closed_day[i] = (int32_t)(m->start / 86400 + dice(MODEL_DAYS));
        civil_from_days(closed_day[i], &y, &mo, &da);
        snprintf(dates[i], sizeof dates[i], "%04d-%02d-%02d", y % 10000, mo % 100, da % 100);
        closed[i] = dates[i];
    }
    for (int i = 0; i < MODEL_MINUTES; i++) {
        int64_t local = zone_to_local(m->zone, m->start + i * 60) / 60;
        m->date[i] = (int32_t)(local / 1440);
        m->minute[i] = (int32_t)(local % 1440);
        m->open[i] = false;
    }
    for (int32_t date = m->date[0]; date <= m->date[MODEL_MINUTES - 1]; date++) {
        int weekday = (date + 3) % 7;
        bool shut = false;
        for (int i = 0; i < 4; i++)
            shut |= closed_day[i] == date;
        for (int s = 0; s < n[weekday] && !shut; s++)
            for (int64_t i = model_instant(m, date, spans[weekday][s].from), end = model_instant(m, date, spans[weekday][s].to); i < end; i++)
                m->open[i] = true;
    }
    struct buf errors = {0};
    struct calendar *c = calendar_new(&conf, &errors);
    if (c == NULL)
        fail_msg("%s", errors.data);
    return c;
}

/* Minutes; -1: beyond the model. */
static int64_t
model_add(const struct model *m, int64_t from, struct duration d)
{
    int64_t i = from;
    if (d.unit == DURATION_WORKING_HOURS) {
        int64_t left = d.count / 60;
        for (; i < MODEL_MINUTES; i++)
            if (m->open[i] && --left == 0)
                return i + 1;
        return -1;
    }
    while (i < MODEL_MINUTES && !m->open[i])
        i++;
    if (i == MODEL_MINUTES)
        return -1;
    int32_t date = m->date[i], minute = m->minute[i], last = date;
    int64_t left = d.count;
    for (; i < MODEL_MINUTES && left > 0; i++)
        if (m->open[i] && m->date[i] != last && m->date[i] > last) {
            last = m->date[i];
            left--;
        }
    if (left > 0 || last >= m->date[MODEL_MINUTES - 1] - 1)
        return -1;
    int64_t due = model_instant(m, last, minute), close = 0;
    for (int64_t k = i - 1; k < MODEL_MINUTES && m->date[k] <= last; k++)
        if (m->open[k])
            close = k + 1;
    if (due >= close)
        return close;
    while (!m->open[due] || m->date[due] < last)
        due++;
    return due;
}

static void
against_model(void **state)
{
    (void)state;
    static struct model m;
    unsigned beyond = 0, cases = 20000, calendars = 50;
    for (unsigned k = 0; k < calendars; k++) {
        struct calendar *c = model_make(&m);
        for (unsigned i = 0; i < cases / calendars; i++) {
            int64_t from = 2880 + dice(MODEL_MINUTES / 2);
            struct duration d = dice(2) ? (struct duration){ DURATION_WORKING_HOURS, (1 + dice(3000)) * 60 }
                                        : (struct duration){ DURATION_WORKING_DAYS, 1 + dice(12) };
            int64_t want = model_add(&m, from, d), got = calendar_add(c, m.start + from * 60, d);
            if (want < 0) {
                beyond++;
                continue;
            }
            if (got != m.start + want * 60)
                fail_msg("%s: from %lld unit %d count %lld: %lld, the model says %lld", m.zone, (long long)(m.start + from * 60), (int)d.unit,
                         (long long)d.count, (long long)got, (long long)(m.start + want * 60));
            int64_t to = from + dice(20000), open = 0, next = from;
            for (int64_t t = from; t < to; t++)
                open += m.open[t];
            assert_int_equal(calendar_open_between(c, m.start + from * 60, m.start + to * 60), open * 60);
            while (!m.open[next])
                next++;
            assert_true(calendar_next_open(c, m.start + from * 60) == m.start + next * 60);
        }
        calendar_free(&c);
    }
    assert_true(beyond < cases / 10);
}

static void
far_away_is_cheap(void **state)
{
    (void)state;
    struct buf errors = {0};
    struct calendar *c = make("Europe/Stockholm", LUNCH, "2026-05-01", "", &errors);
    struct timespec a, b;
    int64_t sum = 0;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < 2000; i++)
        sum += calendar_add(c, at("2026-04-30 10:00") + i * 3600, (struct duration){ DURATION_WORKING_DAYS, 2500 });
    clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true(sum > 0);
    double us = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 2000 / 1000;
    print_message("ten working years: %.2f us\n", us);
    assert_true(us < 200);              /* the aim is 20; a busy machine must not fail it */
    calendar_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_example), cmocka_unit_test(openings), cmocka_unit_test(mistakes), cmocka_unit_test(holiday_files),
        cmocka_unit_test(holiday_mistakes), cmocka_unit_test(against_model), cmocka_unit_test(far_away_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
