/* SPDX-License-Identifier: ISC
 *
 * Dates as people write them: rows of what was written, and which days are meant. Today is Wednesday 11 March 2026.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../src/desk/command.h"

static const char *
date(int64_t day, char out[16])
{
    int y, m, d;
    civil_from_days(day, &y, &m, &d);
    snprintf(out, 16, "%04d-%02d-%02d", y, m, d);
    return out;
}

static void
test_days(void **state)
{
    (void)state;
    static const struct { const char *text, *first, *last; } rows[] = {
        { "until 2026-07-31", NULL, "2026-07-31" }, { "2026-07-31", NULL, "2026-07-31" }, { "2026-07-01..2026-07-31", "2026-07-01", "2026-07-31" },
        { "2026-07-01 - 2026-07-31", "2026-07-01", "2026-07-31" }, { "2026-07-01\xe2\x80\x93" "2026-07-31", "2026-07-01", "2026-07-31" },
        { "2026-07-01\xe2\x80\xa6" "2026-07-31", NULL, NULL }, { "until 31 July", NULL, "2026-07-31" }, { "until July 31", NULL, "2026-07-31" },
        { "until July 31st, 2027", NULL, "2027-07-31" }, { "until the 31st of July", NULL, "2026-07-31" }, { "till 31 juli", NULL, "2026-07-31" },
        { "till och med den 31 juli", NULL, "2026-07-31" }, { "t.o.m. 31/7", NULL, "2026-07-31" }, { "til og med den 31. juli", NULL, "2026-07-31" },
        { "indtil 31. juli 2026", NULL, "2026-07-31" }, { "31.7.", NULL, "2026-07-31" }, { "31.7.2026", NULL, "2026-07-31" }, { "31/7/26", NULL, "2026-07-31" },
        { "1/7-31/7", "2026-07-01", "2026-07-31" }, { "1-31 July", "2026-07-01", "2026-07-31" }, { "1\xe2\x80\x93" "31 juli", "2026-07-01", "2026-07-31" },
        { "1. - 31. juli", "2026-07-01", "2026-07-31" }, { "from 1 July to 31 July", "2026-07-01", "2026-07-31" }, { "fr\xc3\xa5n 1 juli till 31 juli", "2026-07-01", "2026-07-31" },
        { "fra den 1. juli til den 31. juli", "2026-07-01", "2026-07-31" }, { "until Friday", NULL, "2026-03-13" }, { "till fredag", NULL, "2026-03-13" },
        { "until Wednesday", NULL, "2026-03-18" }, { "til s\xc3\xb8ndag", NULL, "2026-03-15" }, { "M\xc3\x85NDAG", NULL, "2026-03-16" }, { "until Friday 31 July", NULL, "2026-07-31" },
        { "today", NULL, "2026-03-11" }, { "i morgon", NULL, "2026-03-12" }, { "i morgen", NULL, "2026-03-12" }, { "tomorrow", NULL, "2026-03-12" },
        { "1 March - 20 March", "2026-03-01", "2026-03-20" }, { "until 1 February", NULL, "2027-02-01" }, { "until 29 February", NULL, "2028-02-29" },
        { "20 December to 6 January", "2026-12-20", "2027-01-06" }, { "until\xc2\xa0" "31\xc2\xa0July", NULL, "2026-07-31" }, { "until 31 July.", NULL, "2026-07-31" },
        { "", NULL, NULL }, { "until", NULL, NULL }, { "until soon", NULL, NULL }, { "until 32 July", NULL, NULL }, { "until 31 June", NULL, NULL }, { "2026-02-30", NULL, NULL },
        { "2026-01-01", NULL, NULL }, { "2026-07-31..2026-07-01", NULL, NULL }, { "7/31", NULL, NULL }, { "31", NULL, NULL }, { "1 2 3", NULL, NULL },
        { "1/7 2/7 3/7", NULL, NULL }, { "until 99999999999999999999", NULL, NULL }, { "----------", NULL, NULL }, { "July", NULL, NULL }, { "31/7/", NULL, "2026-07-31" },
        { "2026-07-01..", NULL, "2026-07-01" },
    };
    int64_t today = days_from_civil(2026, 3, 11), first, last;
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(0);
        char f[16], l[16];
        bool ok = days_said(a, rows[i].text, today, &first, &last);
        if (ok != (rows[i].last != NULL))
            fail_msg("\"%s\": %s", rows[i].text, ok ? date(last, l) : "not understood");
        if (ok && (strcmp(date(last, l), rows[i].last) != 0 || strcmp(date(first, f), rows[i].first ? rows[i].first : "2026-03-11") != 0))
            fail_msg("\"%s\": %s to %s", rows[i].text, date(first, f), l);
        arena_free(&a);
    }
}

static void
test_one_and_rest(void **state)
{
    (void)state;
    static const struct { const char *text, *want, *rest; } rows[] = {
        { "2026-03-31 call Ann", "2026-03-31", " call Ann" }, { "31 mars ring Ann", "2026-03-31", " ring Ann" }, { "fredag ring", "2026-03-13", " ring" },
        { "i morgon ring", "2026-03-12", " ring" }, { "31 March 2027 x", "2027-03-31", " x" }, { "call Ann", NULL, NULL }, { "mar", NULL, NULL },
    };
    int64_t day;
    for (size_t i = 0; i < countof(rows); i++) {
        char d[16];
        const char *rest;
        bool ok = day_said(rows[i].text, days_from_civil(2026, 3, 11), &day, &rest);
        if (ok != (rows[i].want != NULL) || (ok && (strcmp(date(day, d), rows[i].want) != 0 || strcmp(rest, rows[i].rest) != 0)))
            fail_msg("\"%s\"", rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_days), cmocka_unit_test(test_one_and_rest) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
