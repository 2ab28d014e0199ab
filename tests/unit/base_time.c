/* SPDX-License-Identifier: ISC
 *
 * base: durations, sizes, dates and times.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/base.h"
#include <string.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

static void
test_durations(void **state)
{
    static const struct { const char *s; bool ok; enum duration_unit unit; int64_t count; } rows[] = {
        { "30s", true, DURATION_WORKING_HOURS, 30 },
        { "15m", true, DURATION_WORKING_HOURS, 900 },
        { "4h", true, DURATION_WORKING_HOURS, 14400 },
        { "1h30m", true, DURATION_WORKING_HOURS, 5400 },
        { "1h30m15s", true, DURATION_WORKING_HOURS, 5415 },
        { "0m", true, DURATION_WORKING_HOURS, 0 },
        { "2wd", true, DURATION_WORKING_DAYS, 2 },
        { "1mo", true, DURATION_MONTHS, 2 },
        { "1.5mo", true, DURATION_MONTHS, 3 },
        { "0.5mo", true, DURATION_MONTHS, 1 },
        { "", false, 0, 0 }, { "4", false, 0, 0 }, { "h", false, 0, 0 }, { "-4h", false, 0, 0 }, { " 4h", false, 0, 0 },
        { "4h ", false, 0, 0 }, { "4H", false, 0, 0 }, { "30m1h", false, 0, 0 }, { "1h1h", false, 0, 0 }, { "1d", false, 0, 0 },
        { "1.5h", false, 0, 0 }, { "1.25mo", false, 0, 0 }, { "1.5wd", false, 0, 0 }, { "2wd4h", false, 0, 0 },
        { "9223372036854775807s", false, 0, 0 }, { "9223372036854775808s", false, 0, 0 }, { "99999999999999999999999h", false, 0, 0 },
        { "2562047788015216h", false, 0, 0 }, { "100000h", false, 0, 0 }, { "87840h", true, DURATION_WORKING_HOURS, 316224000 },
        { "87840h1s", false, 0, 0 }, { "120mo", false, 0, 0 }, { "99999wd", false, 0, 0 }, { "wd", false, 0, 0 }, { ".5mo", false, 0, 0 },
    };
    static const struct { const char *s; int64_t want; } seconds[] = {
        { "30s", 30 }, { "15m", 900 }, { "4h", 14400 }, { "1d12h", 129600 }, { "14d", 1209600 }, { "5m30s", 330 }, { "0s", 0 },
        { "12h1d", -1 }, { "2wd", -1 }, { "1mo", -1 }, { "", -1 }, { "5", -1 }, { "5x", -1 }, { "99999d", -1 },
    };
    static const struct { const char *s; int64_t want; } sizes[] = {
        { "4096", 4096 }, { "0", 0 }, { "64KiB", 65536 }, { "50MiB", 52428800 }, { "64GiB", INT64_C(68719476736) }, { "1TiB", INT64_C(1) << 40 },
        { "", -1 }, { "KiB", -1 }, { "64kb", -1 }, { "64 KiB", -1 }, { "64KB", -1 }, { "-1", -1 }, { "1.5GiB", -1 }, { "64KiBx", -1 },
        { "9999999999TiB", -1 }, { "9223372036854775808", -1 },
    };
    const char *error;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct duration d = { 0 };
        bool ok = duration_parse(rows[i].s, &d, &error);

        check(ok == rows[i].ok, rows[i].s);
        check(ok ? d.unit == rows[i].unit && d.count == rows[i].count : error && *error, rows[i].s);
    }
    for (size_t i = 0; i < countof(seconds); i++) {
        int64_t got = -1;

        check(seconds_parse(seconds[i].s, &got, &error) == (seconds[i].want >= 0), seconds[i].s);
        check(seconds[i].want < 0 || got == seconds[i].want, seconds[i].s);
    }
    for (size_t i = 0; i < countof(sizes); i++) {
        uint64_t got = 0;

        check(size_parse(sizes[i].s, &got, &error) == (sizes[i].want >= 0), sizes[i].s);
        check(sizes[i].want < 0 || got == (uint64_t)sizes[i].want, sizes[i].s);
    }
}

/* Every day of 1,000 years, counted beside the functions by the plain rule of leap years. */
static void
test_calendar(void **state)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t day = -INT64_C(135140);             /* 1600-01-01 */

    (void)state;
    for (int y = 1600; y < 2600; y++)
        for (int m = 1; m <= 12; m++) {
            int length = lengths[m - 1] + (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)));

            for (int d = 1; d <= length; d++, day++) {
                int yy, mm, dd;

                civil_from_days(day, &yy, &mm, &dd);
                if (yy != y || mm != m || dd != d || days_from_civil(y, m, d) != day)
                    fail_msg("%d-%d-%d", y, m, d);
            }
        }
    assert_true(days_from_civil(1970, 1, 1) == 0);
    assert_true(days_from_civil(2025, 14, 1) == days_from_civil(2026, 2, 1));
    assert_true(days_from_civil(2026, 0, 31) == days_from_civil(2025, 12, 31));
    assert_true(days_from_civil(2026, 3, 0) == days_from_civil(2026, 2, 28));
    int y, m, d;
    civil_from_days(INT64_MAX, &y, &m, &d);
    civil_from_days(INT64_MIN, &y, &m, &d);
}

static void
test_times(void **state)
{
    static const struct { int64_t at; const char *text; } rows[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { 1773136800, "2026-03-10T10:00:00Z" },
        { 951782399, "2000-02-28T23:59:59Z" },
        { 951782400, "2000-02-29T00:00:00Z" },
        { -1, "1969-12-31T23:59:59Z" },
        { 253402300799, "9999-12-31T23:59:59Z" },
        { 4294967296, "2106-02-07T06:28:16Z" },
    };
    static const char *const wrong[] = {
        "", "2026-03-10", "2026-03-10T10:00:00", "2026-03-10 10:00:00Z", "2026-03-10T10:00:00Zx", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-06-31T00:00:00Z", "2026-03-10T24:00:00Z",
        "2026-03-10T10:60:00Z", "2026-03-10T10:00:60Z", "0000-01-01T00:00:00Z", "+026-03-10T10:00:00Z", "2026-03-10T10:00:00+00:00",
    };
    char text[TIME_TEXT_MAX];
    int64_t at;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        time_format(rows[i].at, text);
        assert_string_equal(text, rows[i].text);
        check(time_parse(text, &at) && at == rows[i].at, text);
    }
    for (size_t i = 0; i < countof(wrong); i++)
        check(!time_parse(wrong[i], &at), wrong[i]);
    time_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    time_format(INT64_MIN, text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests_name("base_time", tests, NULL, NULL);
}
