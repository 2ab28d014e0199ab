/* SPDX-License-Identifier: ISC
 *
 * Dates, spans and zones in words, by language. One row a language; nothing of the C library's locale.
 */
#include <string.h>

#include "desk_room.h"

struct words {
    const char *language;
    const char *days[7], *months[12];           /* Monday first */
    const char *with_year, *same_year;          /* weekday, day, month, [year,] hour, minute */
    const char *minute[2], *hour[2], *day[2];   /* one, many */
};

static const struct words table[] = {
    { "en", { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" },
      { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
      "%s %d %s %d, %02d:%02d", "%s %d %s, %02d:%02d", { "minute", "minutes" }, { "hour", "hours" }, { "day", "days" } },
};

static const struct words *
words_of(const char *language)
{
    for (size_t i = 0; language != NULL && i < countof(table); i++)
        if (strcmp(table[i].language, language) == 0)
            return &table[i];
    return &table[0];
}

bool
words_known(const char *language)
{
    return strcmp(words_of(language)->language, language) == 0;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"    /* the formats are the table's */
/* "Tuesday 3 March, 10:00"; with the year when it is not this one. */
const char *
date_words(struct arena *a, const char *language, const char *zone, int64_t at, int64_t now)
{
    const struct words *w = words_of(language);
    int64_t local = zone_to_local(zone, at), day = local / CAL_DAY_S;
    int y, m, d, this_year, unused_m, unused_d, minutes = (int)(local % CAL_DAY_S / 60);
    civil_from_days(day, &y, &m, &d);
    civil_from_days(zone_to_local(zone, now) / CAL_DAY_S, &this_year, &unused_m, &unused_d);
    const char *weekday = w->days[(day + 3) % 7], *month = w->months[m - 1];
    if (y == this_year)
        return arena_printf(a, w->same_year, weekday, d, month, minutes / 60, minutes % 60);
    return arena_printf(a, w->with_year, weekday, d, month, y, minutes / 60, minutes % 60);
}
#pragma GCC diagnostic pop

static const char *
count_words(struct arena *a, int64_t n, const char *const forms[2])
{
    return arena_printf(a, "%lld %s", (long long)n, forms[n != 1]);
}

/* "2 hours 15 minutes", "3 days 4 hours"; NULL under a minute. */
const char *
span_words(struct arena *a, const char *language, int64_t seconds)
{
    const struct words *w = words_of(language);
    int64_t minutes = seconds / 60, days = minutes / 1440, hours = minutes / 60 % 24;
    if (minutes <= 0)
        return NULL;
    const char *big = days ? count_words(a, days, w->day) : hours ? count_words(a, hours, w->hour) : NULL;
    int64_t rest = days ? hours : minutes % 60;
    const char *small = rest ? count_words(a, rest, days ? w->hour : w->minute) : NULL;
    return big && small ? arena_printf(a, "%s %s", big, small) : big ? big : small;
}

/* "Europe/London" is London time, "America/New_York" New York time. */
const char *
zone_words(struct arena *a, const char *zone)
{
    const char *slash = strrchr(zone, '/');
    char *s = arena_strdup(a, slash ? slash + 1 : zone);
    for (char *p = s; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    return s;
}
