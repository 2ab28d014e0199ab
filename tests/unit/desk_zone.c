/* SPDX-License-Identifier: ISC
 *
 * Time zones against the C library (UTC to local, every few hours over a century) and by hand on the days that matter.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ticketd/desk.h"

static const char *const names[] = {
    "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "Europe/London", "UTC",
    "Europe/Dublin", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Apia", "Africa/Cairo", "America/Havana", "Antarctica/Troll",
};

static void
against_libc(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(names); i++) {
        assert_true(zone_known(names[i]));
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t at = -1000000000; at < 4200000000; at += 7 * 3600 + 1234) {
            struct tm tm;
            time_t t = (time_t)at;
            localtime_r(&t, &tm);
            if (zone_to_local(names[i], at) != at + tm.tm_gmtoff)
                fail_msg("%s at %lld: %lld, the C library says %ld", names[i], (long long)at, (long long)(zone_to_local(names[i], at) - at), tm.tm_gmtoff);
        }
    }
    unsetenv("TZ");
}

static int64_t
at(const char *s)
{
    int64_t t;
    assert_true(time_parse(s, &t));
    return t;
}

static void
by_hand(void **state)
{
    (void)state;
    static const struct { const char *label, *zone, *local, *utc; } rows[] = {
        { "Stockholm winter", "Europe/Stockholm", "2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z" },
        { "Stockholm gap", "Europe/Stockholm", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z" },
        { "Stockholm gap, first minute", "Europe/Stockholm", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z" },
        { "Stockholm after the gap", "Europe/Stockholm", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z" },
        { "Stockholm overlap: the first", "Europe/Stockholm", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
        { "Stockholm after the overlap", "Europe/Stockholm", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z" },
        { "New York gap", "America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z" },
        { "New York overlap", "America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z" },
        { "Lord Howe gap of half an hour", "Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z" },
        { "Lord Howe overlap of half an hour", "Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z" },
        { "Casablanca, Ramadan begins: overlap", "Africa/Casablanca", "2026-02-15T02:30:00Z", "2026-02-15T01:30:00Z" },
        { "Casablanca, in Ramadan", "Africa/Casablanca", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z" },
        { "Casablanca, Ramadan ends: gap", "Africa/Casablanca", "2026-03-22T02:30:00Z", "2026-03-22T02:30:00Z" },
        { "Kolkata, no change ever", "Asia/Kolkata", "2026-07-01T05:30:00Z", "2026-07-01T00:00:00Z" },
        { "beyond the table", "Europe/Stockholm", "2726-07-01T12:00:00Z", "2726-07-01T10:00:00Z" },
        { "far beyond the table", "Europe/Stockholm", "3326-01-01T12:00:00Z", "3326-01-01T11:00:00Z" },
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (zone_to_utc(rows[i].zone, at(rows[i].local)) != at(rows[i].utc)) {
            char got[TIME_TEXT_MAX];
            time_format(zone_to_utc(rows[i].zone, at(rows[i].local)), got);
            fail_msg("%s: %s", rows[i].label, got);
        }
}

/* Back and forth: every local time that exists comes back, and never later than the moment it was made from. */
static void
round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(names); i++)
        for (int64_t t = 1500000000; t < 2000000000; t += 1800 * 7) {
            int64_t local = zone_to_local(names[i], t), back = zone_to_utc(names[i], local);
            assert_true(back <= t && t - back <= 86400);
            assert_true(zone_to_local(names[i], back) == local);
        }
}

static void
unknown(void **state)
{
    (void)state;
    const char *const bad[] = { "", "Europe/Atlantis", "/etc/passwd", "../../etc/passwd", "Europe/../UTC", "zone.tab", "Europe", "a b", "UTC\n" };
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(zone_known(bad[i]));
    assert_false(zone_known(NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_libc), cmocka_unit_test(by_hand), cmocka_unit_test(round_trip), cmocka_unit_test(unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
