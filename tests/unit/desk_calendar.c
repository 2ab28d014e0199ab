/* SPDX-License-Identifier: ISC
 *
 * Working time: the examples of "Counting" one by one, the days on which clocks change by hand, and what it costs.
 * Dates that are not as usual are in desk_calendar_dates.c, random calendars in desk_calendar_model.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "calendar_help.h"

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
    { "seconds count", "UTC", OFFICE, "", "2026-04-27 16:59:30", "1m", "2026-04-28 09:00:30" },
    { "a leap day is a day", "Europe/Stockholm", ALWAYS, "", "2028-02-28 12:00", "2wd", "2028-03-01 12:00" },
    { "half a month from a leap day", "Europe/London", ALWAYS, "", "2028-02-29 12:00", "0.5mo", "2028-03-15 12:00" },
    { "a year from a leap day", "Europe/London", ALWAYS, "", "2028-02-29 12:00", "12mo", "2029-02-28 12:00" },
    { "months from closed time: from the next opening", "Europe/London", OFFICE, "", "2026-04-25 22:00", "1mo", "2026-05-27 09:00" },
    { "months into the overlap: the first", "Europe/Stockholm", ALWAYS, "", "2026-09-25 02:30", "1mo", "2026-10-25 02:30" },
    { "a night in two lines", "UTC", "Mon-Fri 22:00-24:00|Tue-Sat 00:00-06:00", "", "2026-04-27 23:00", "8h", "2026-04-28 23:00" },
    { "working days into the gap in Casablanca", "Africa/Casablanca", ALWAYS, "", "2026-03-21 02:30", "1wd", "2026-03-22 03:30" },
    { "working days into the gap in New York", "America/New_York", "Sat-Sun 02:15-05:00", "", "2026-03-07 02:30", "1wd", "2026-03-08 03:30" },
    { "working days into the overlap of half an hour", "Australia/Lord_Howe", ALWAYS, "", "2026-04-04 01:45", "1wd", "2026-04-05 01:45" },
    { "several days from several lines", "UTC", "Mon,Wed 09:00-10:00|Fri-Sun 12:00-13:00", "", "2026-04-27 09:00", "4h", "2026-05-02 13:00" },
};

static void
by_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(counting); i++) {
        struct calendar *c = words_calendar_must(counting[i].label, (struct words){ .zone = counting[i].zone, .open = counting[i].open, .closed = counting[i].closed });
        int64_t due = calendar_add(c, zone_to_utc(counting[i].zone, at(counting[i].from)), duration(counting[i].target));
        if (due != zone_to_utc(counting[i].zone, at(counting[i].due))) {
            char got[TIME_TEXT_MAX];
            time_format(zone_to_local(counting[i].zone, due), got);
            fail_msg("%s: %s, not %s", counting[i].label, got, counting[i].due);
        }
        calendar_free(&c);
    }
}

static void
openings(void **state)
{
    (void)state;
    struct calendar *c = words_calendar_must("lunch", (struct words){ .zone = "UTC", .open = LUNCH, .closed = "2026-05-01" });
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
    c = words_calendar_must("Apia", (struct words){ .zone = "Pacific/Apia", .open = ALWAYS });
    assert_int_equal(calendar_open_between(c, at("2011-12-25 00:00"), at("2012-01-05 00:00")), 11 * 86400);
    calendar_free(&c);
}

static void
questions(void **state)
{
    (void)state;
    struct calendar *c = words_calendar_must("questions", (struct words){ .zone = "Europe/Stockholm", .open = LUNCH, .closed = "2026-05-01" });
    int64_t may = days_from_civil(2026, 5, 1);
    assert_true(calendar_is_open(c, at("2026-04-30 07:00")));           /* 09:00 there */
    assert_false(calendar_is_open(c, at("2026-04-30 06:59:59")));
    assert_true(calendar_is_open(c, at("2026-04-30 09:59:59")));
    assert_false(calendar_is_open(c, at("2026-04-30 10:00")));
    assert_false(calendar_is_open(c, at("2026-05-01 08:00")));
    assert_int_equal(calendar_date(c, at("2026-04-30 21:59")), may - 1);
    assert_int_equal(calendar_date(c, at("2026-04-30 22:00")), may);
    assert_int_equal(calendar_working_days(c, may - 1, may), 1);
    assert_int_equal(calendar_working_days(c, may, may + 2), 0);
    assert_int_equal(calendar_working_days(c, may - 30, may + 30), 42);
    assert_int_equal(calendar_working_days(c, may, may - 1), 0);
    assert_int_equal(calendar_working_days(c, INT64_MIN / 2, INT64_MAX / 2) > 31000, 1);
    calendar_free(&c);
}

/* A pause from p to r: hours and working days add, from r, the open time between p and the old due; months add r - p. */
static const struct { const char *label, *open, *start, *target, *from, *to, *due; } pauses[] = {
    { "hours, over a night", OFFICE, "2026-04-27 10:00", "4h", "2026-04-27 12:00", "2026-04-28 12:00", "2026-04-28 14:00" },
    { "hours, from closed into closed time", OFFICE, "2026-04-27 16:00", "2h", "2026-04-27 20:00", "2026-04-29 20:00", "2026-04-30 10:00" },
    { "hours, to the closing stroke", OFFICE, "2026-04-27 13:00", "4h", "2026-04-27 15:00", "2026-04-28 15:00", "2026-04-28 17:00" },
    { "working days", OFFICE, "2026-04-27 10:00", "2wd", "2026-04-28 10:00", "2026-04-30 10:00", "2026-05-01 10:00" },
    { "working days, over lunch", LUNCH, "2026-04-27 10:00", "1wd", "2026-04-27 14:00", "2026-04-29 11:00", "2026-04-29 15:00" },
    { "months add the length", OFFICE, "2026-03-27 10:00", "1.5mo", "2026-04-01 10:00", "2026-04-04 11:30", "2026-05-15 11:30" },
    { "a pause at the due moment changes nothing", OFFICE, "2026-04-27 10:00", "4h", "2026-04-27 14:00", "2026-04-29 12:00", "2026-04-27 14:00" },
    { "nor one after it", OFFICE, "2026-04-27 10:00", "4h", "2026-04-28 14:00", "2026-04-29 12:00", "2026-04-27 14:00" },
    { "nor one of no length", OFFICE, "2026-04-27 10:00", "4h", "2026-04-27 12:00", "2026-04-27 12:00", "2026-04-27 14:00" },
    { "nothing was left but closed time: due at the end", OFFICE, "2026-04-26 10:00", "1wd", "2026-04-27 17:00", "2026-04-30 11:00", "2026-04-30 11:00" },
};

static void
resuming(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(pauses); i++) {
        struct calendar *c = words_calendar_must(pauses[i].label, (struct words){ .zone = "UTC", .open = pauses[i].open });
        struct duration d = duration(pauses[i].target);
        int64_t due = calendar_add(c, at(pauses[i].start), d);
        due = calendar_resume(c, due, d.unit, at(pauses[i].from), at(pauses[i].to));
        if (due != at(pauses[i].due)) {
            char got[TIME_TEXT_MAX];
            time_format(due, got);
            fail_msg("%s: %s, not %s", pauses[i].label, got, pauses[i].due);
        }
        calendar_free(&c);
    }
}

/* ---- the days on which clocks change: how much is open between two UTC times, when so much has run, at which UTC time */

static const struct { const char *label, *zone, *open, *from, *to; int minutes; } clock_days[] = {
    { "Stockholm, spring: 23 hours", "Europe/Stockholm", ALWAYS, "2026-03-28 23:00", "2026-03-29 22:00", 23 * 60 },
    { "Stockholm, spring: the night hour is none", "Europe/Stockholm", "Mon-Sun 01:00-04:00", "2026-03-28 23:00", "2026-03-29 22:00", 120 },
    { "Stockholm, spring: 02:00 moves to 03:00, where it ends", "Europe/Stockholm", "Mon-Sun 02:00-03:00", "2026-03-28 23:00", "2026-03-29 22:00", 0 },
    { "Stockholm, autumn: 25 hours", "Europe/Stockholm", ALWAYS, "2026-10-24 22:00", "2026-10-25 23:00", 25 * 60 },
    { "Stockholm, autumn: the hour is open twice", "Europe/Stockholm", "Mon-Sun 01:00-04:00", "2026-10-24 22:00", "2026-10-25 23:00", 240 },
    { "Stockholm, autumn: to 02:30 means the first", "Europe/Stockholm", "Mon-Sun 01:00-02:30", "2026-10-24 22:00", "2026-10-25 23:00", 90 },
    { "Stockholm, autumn: from 02:30 means the first", "Europe/Stockholm", "Mon-Sun 02:30-04:00", "2026-10-24 22:00", "2026-10-25 23:00", 150 },
    { "Stockholm, spring: 02:15 to 02:45 is later by the gap", "Europe/Stockholm", "Mon-Sun 02:15-02:45", "2026-03-28 23:00", "2026-03-29 22:00", 30 },
    { "New York, spring", "America/New_York", "Mon-Sun 01:30-03:30", "2026-03-08 05:00", "2026-03-09 04:00", 60 },
    { "New York, autumn", "America/New_York", "Mon-Sun 00:30-01:30", "2026-11-01 04:00", "2026-11-02 05:00", 60 },
    { "New York, autumn: over both", "America/New_York", "Mon-Sun 01:00-02:00", "2026-11-01 04:00", "2026-11-02 05:00", 120 },
    { "Lord Howe, spring: half an hour goes", "Australia/Lord_Howe", "Mon-Sun 01:00-04:00", "2026-10-03 13:30", "2026-10-04 13:00", 150 },
    { "Lord Howe, spring: the whole day", "Australia/Lord_Howe", ALWAYS, "2026-10-03 13:30", "2026-10-04 13:00", 23 * 60 + 30 },
    { "Lord Howe, autumn: half an hour comes twice", "Australia/Lord_Howe", "Mon-Sun 01:00-03:00", "2026-04-04 13:00", "2026-04-05 13:30", 150 },
    { "Lord Howe, autumn: to 01:45 means the first", "Australia/Lord_Howe", "Mon-Sun 01:00-01:45", "2026-04-04 13:00", "2026-04-05 13:30", 45 },
    { "Casablanca, Ramadan begins: an hour comes twice", "Africa/Casablanca", "Mon-Sun 01:00-04:00", "2026-02-14 23:00", "2026-02-15 23:59", 240 },
    { "Casablanca, Ramadan ends: an hour goes", "Africa/Casablanca", "Mon-Sun 01:00-04:00", "2026-03-22 00:00", "2026-03-22 22:00", 120 },
    { "Kolkata knows nothing of it", "Asia/Kolkata", "Mon-Sun 01:00-04:00", "2026-03-28 18:30", "2026-03-29 18:30", 180 },
};

static void
clocks_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(clock_days); i++) {
        struct calendar *c = words_calendar_must(clock_days[i].label, (struct words){ .zone = clock_days[i].zone, .open = clock_days[i].open });
        int64_t open = calendar_open_between(c, at(clock_days[i].from), at(clock_days[i].to)), minutes = 0;
        for (int64_t t = at(clock_days[i].from); t < at(clock_days[i].to); t += 60)
            minutes += calendar_is_open(c, t);
        if (open != clock_days[i].minutes * 60 || minutes != clock_days[i].minutes)
            fail_msg("%s: %lld minutes, not %d (%lld one by one)", clock_days[i].label, (long long)open / 60, clock_days[i].minutes, (long long)minutes);
        /* so much from the first opening on ends where the last minute ended */
        int64_t due = calendar_add(c, at(clock_days[i].from), (struct duration){ DURATION_WORKING_HOURS, open });
        assert_int_equal(calendar_open_between(c, at(clock_days[i].from), due), open);
        assert_true(open == 0 || (due <= at(clock_days[i].to) && calendar_is_open(c, due - 1)));
        calendar_free(&c);
    }
}

/* ---- what it costs */

/* ns for one, the best of some rounds: a busy machine must not fail it. */
static double
cost(const struct calendar *c, struct duration d)
{
    double best = 1e18;
    int64_t sum = 0;
    for (int round = 0; round < 15; round++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (int i = 0; i < 500; i++)
            sum += calendar_add(c, at("2026-04-30 10:00") + i * 3600, d);
        clock_gettime(CLOCK_MONOTONIC, &b);
        double ns = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 500;
        best = ns < best ? ns : best;
    }
    assert_true(sum > 0);
    return best;
}

static void
far_away_is_cheap(void **state)
{
    (void)state;
    struct calendar *c = words_calendar_must("far", (struct words){ .zone = "Europe/Stockholm", .open = LUNCH, .holidays = "contrib/holidays/se.ics",
        .eve = "Mon-Fri 09:00-12:00", .bridge = "closed" });
    static const struct { const char *label, *near, *far; } rows[] = {
        { "working days", "1wd", "2500wd" },            /* ten years */
        { "working hours", "1h", "15000h" },
        { "months", "1mo", "36mo" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        double near = cost(c, duration(rows[i].near)), far = cost(c, duration(rows[i].far));
        print_message("%s: %s %.2f us, %s %.2f us\n", rows[i].label, rows[i].near, near / 1000, rows[i].far, far / 1000);
        assert_true(far < 5 * near + 200);              /* the way does not count */
#ifndef TICKETD_SANITIZED
        assert_true(far < 20000);
#endif
    }
    calendar_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_example), cmocka_unit_test(openings), cmocka_unit_test(questions), cmocka_unit_test(resuming),
        cmocka_unit_test(clocks_change), cmocka_unit_test(far_away_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
