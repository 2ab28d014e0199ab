/* SPDX-License-Identifier: ISC
 *
 * Durations and sizes as the configuration writes them. Numbers are decimal, units follow at once, larger units first,
 * each once. Everything is bounded to ten years, so that adding to a time can never overflow.
 */
#include "ticketd/base.h"
#include <string.h>

#define YEARS_MAX 10
#define SECONDS_MAX ((int64_t)YEARS_MAX * 366 * 86400)

static const char not_seconds[] = "expected a time such as 30s, 15m, 4h, 1d or 1h30m, at most 10 years";
static const char not_duration[] = "expected a duration such as 30s, 15m, 4h, 1h30m, 2wd or 1.5mo, at most 10 years";
static const char not_size[] = "expected a size such as 4096, 64KiB, 50MiB or 2GiB";

/* Digits at *s, which moves behind them; -1: none, or over `max`. */
static int64_t
number(const char **s, int64_t max)
{
    int64_t v = 0;

    if (**s < '0' || **s > '9')
        return -1;
    for (; **s >= '0' && **s <= '9'; ++*s) {
        if (v > (max - (**s - '0')) / 10)
            return -1;
        v = v * 10 + (**s - '0');
    }
    return v;
}

/* "1d12h": units from `units` (row 0 the largest) in falling order. */
static bool
compound(const char *s, bool days, int64_t *out)
{
    static const struct { char unit; int32_t seconds; } units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    size_t row = days ? 0 : 1;
    int64_t total = 0;

    do {
        int64_t n = number(&s, SECONDS_MAX);

        while (row < countof(units) && units[row].unit != *s)
            row++;
        if (n < 0 || row == countof(units) || n > (SECONDS_MAX - total) / units[row].seconds)
            return false;
        total += n * units[row++].seconds;
        s++;
    } while (*s);
    *out = total;
    return true;
}

bool
seconds_parse(const char *s, int64_t *out, const char **error)
{
    if (compound(s, true, out))
        return true;
    *error = not_seconds;
    return false;
}

bool
duration_parse(const char *s, struct duration *out, const char **error)
{
    const char *end = s;
    int64_t n = number(&end, SECONDS_MAX);

    *error = not_duration;
    if (n >= 0 && !strcmp(end, "wd") && n <= YEARS_MAX * 366) {
        *out = (struct duration){ DURATION_WORKING_DAYS, n };
    } else if (n >= 0 && (!strcmp(end, "mo") || !strcmp(end, ".5mo") || !strcmp(end, ".0mo")) && n < YEARS_MAX * 12) {
        *out = (struct duration){ DURATION_MONTHS, 2 * n + (end[0] == '.' && end[1] == '5') };
    } else if (compound(s, false, &n)) {
        *out = (struct duration){ DURATION_WORKING_HOURS, n };
    } else {
        return false;
    }
    *error = NULL;
    return true;
}

bool
size_parse(const char *s, uint64_t *out, const char **error)
{
    static const struct { const char *unit; unsigned shift; } units[] = {
        { "", 0 }, { "B", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 }, { "TiB", 40 },
    };
    int64_t n = number(&s, INT64_MAX);

    for (size_t i = 0; n >= 0 && i < countof(units); i++)
        if (!strcmp(s, units[i].unit) && n <= INT64_MAX >> units[i].shift) {
            *out = (uint64_t)n << units[i].shift;
            return true;
        }
    *error = not_size;
    return false;
}
