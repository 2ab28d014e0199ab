/* SPDX-License-Identifier: ISC
 *
 * Times as text and days as dates, in UTC and in the Gregorian calendar for ever. No clock is read here.
 * A date is counted from 1 March of the year 0, so that the leap day is the last of its year.
 */
#include "ticketd/base.h"
#include <stdio.h>
#include <string.h>

#define DAYS_OF_ERA 146097              /* 400 years */
#define DAYS_TO_EPOCH 719468            /* from 0000-03-01 to 1970-01-01 */
#define AT_MIN (-62135596800)           /* 0001-01-01T00:00:00Z */
#define AT_MAX 253402300799             /* 9999-12-31T23:59:59Z */
#define DAYS_LIMIT INT64_C(700000000000)        /* keeps the year within an int */

static int64_t
div_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t
days_from_civil(int y, int m, int d)
{
    int64_t months = (int64_t)m - 3;
    int64_t year = y + div_floor(months, 12);           /* months past December count on */
    int64_t month = months - div_floor(months, 12) * 12;
    int64_t era = div_floor(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * month + 2) / 5 + d - 1;

    return era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_EPOCH;
}

void
civil_from_days(int64_t days, int *y, int *m, int *d)
{
    int64_t era, of_era, year, of_year, month;

    days = days < -DAYS_LIMIT ? -DAYS_LIMIT : days > DAYS_LIMIT ? DAYS_LIMIT : days;
    days += DAYS_TO_EPOCH;
    era = div_floor(days, DAYS_OF_ERA);
    of_era = days - era * DAYS_OF_ERA;
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    month = (5 * of_year + 2) / 153;
    *d = (int)(of_year - (153 * month + 2) / 5 + 1);
    *m = (int)(month < 10 ? month + 3 : month - 9);
    *y = (int)(year + era * 400 + (*m <= 2));
}

void
time_format(int64_t at, char out[TIME_TEXT_MAX])
{
    int y, m, d, of_day;

    at = at < AT_MIN ? AT_MIN : at > AT_MAX ? AT_MAX : at;
    civil_from_days(div_floor(at, 86400), &y, &m, &d);
    of_day = (int)(at - div_floor(at, 86400) * 86400);
    snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

bool
time_parse(const char *s, int64_t *out)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    int part[6] = { 0 };
    size_t p = 0;
    char again[TIME_TEXT_MAX];
    int64_t at;

    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] == 'd') {
            if (s[i] < '0' || s[i] > '9')
                return false;
            part[p] = part[p] * 10 + (s[i] - '0');
        } else {
            if (s[i] != shape[i])
                return false;
            p++;
        }
    }
    if (s[sizeof shape - 1])
        return false;
    at = days_from_civil(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
    time_format(at, again);             /* 31 June, 24:00 and the like do not come back as they went in */
    if (strcmp(again, s))
        return false;
    *out = at;
    return true;
}
