/* SPDX-License-Identifier: ISC
 *
 * The program of tests/bench/calendar: a Swedish desk with lunch, holidays, eves and bridge days. Each figure is the best of
 * ten rounds, over starts an hour apart.
 */
#include "ticketd/desk.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 10
#define CALLS 20000

static const struct { const char *name, *target; } adds[] = {
    { "1 working hour", "1h" },
    { "10 working years in hours", "15000h" },
    { "1 working day", "1wd" },
    { "10 working years in days", "2500wd" },
    { "1 month", "1mo" },
    { "9 years in months", "108mo" },
};

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct calendar *
calendar(void)
{
    static const char *open[] = { "Mon-Fri 09:00-12:00 13:00-16:00" }, *holidays[] = { "contrib/holidays/se.ics" },
        *days_off[] = { "contrib/holidays/se-eves.ics" }, *eve[] = { "Mon-Fri 09:00-12:00" }, *bridge[] = { "closed" };
    const struct conf_calendar conf = { .name = "bench", .zone = "Europe/Stockholm", .open = { open, 1 }, .holidays = { holidays, 1 },
        .days_off = { days_off, 1 }, .eve = { eve, 1 }, .bridge = { bridge, 1 } };
    struct buf errors = { 0 };
    struct calendar *c = calendar_new(&conf, &errors);

    if (!c) {
        fputs(errors.data, stderr);
        exit(1);
    }
    return c;
}

int
main(void)
{
    struct calendar *c = calendar();
    int64_t start = days_from_civil(2026, 3, 10) * 86400, sum = 0;
    double best, begin;

    for (size_t i = 0; i < countof(adds); i++) {
        const char *wrong;
        struct duration d;

        must(duration_parse(adds[i].target, &d, &wrong));
        best = 1e18;
        for (int round = 0; round < ROUNDS; round++) {
            begin = now_us();
            for (int k = 0; k < CALLS; k++)
                sum += calendar_add(c, start + k * 3600, d);
            best = now_us() - begin < best ? now_us() - begin : best;
        }
        printf("%-28s %8.3f us\n", adds[i].name, best / CALLS);
    }
    best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        begin = now_us();
        for (int k = 0; k < CALLS; k++)
            sum += calendar_open_between(c, start + k * 60, start + k * 3600);
        best = now_us() - begin < best ? now_us() - begin : best;
    }
    printf("%-28s %8.3f us\n", "open time between", best / CALLS);
    calendar_free(&c);
    begin = now_us();
    c = calendar();
    printf("%-28s %8.3f us\n", "reading the calendar", now_us() - begin);
    calendar_free(&c);
    return sum == 0;
}
