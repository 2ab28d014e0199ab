/* SPDX-License-Identifier: ISC
 *
 * Dates: RFC 5322 with its obsolete forms, and what is sent instead (ISO 8601, asctime, dashes, dots, "Tuesday,", no zone). One reader
 * for all: words and numbers are taken in turn and told apart by their shape. What is not a possible date is no date.
 */
#include "read.h"

#include <string.h>

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const struct { const char *name; int minutes; } zones[] = {
    {"ut", 0}, {"gmt", 0}, {"utc", 0}, {"z", 0}, {"wet", 0}, {"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360},
    {"pst", -480}, {"pdt", -420}, {"cet", 60}, {"met", 60}, {"mez", 60}, {"cest", 120}, {"mest", 120}, {"mesz", 120}, {"bst", 60}, {"eet", 120},
    {"eest", 180}, {"msk", 180}, {"msd", 240}, {"jst", 540}, {"kst", 540}, {"hst", -600}, {"akst", -540}, {"akdt", -480},
};

struct parts { int64_t num[3]; int width[3], n, month, h, mi, s, zone; bool time, has_zone, pm, am; };

static size_t
number(const char *s, size_t len, size_t i, int64_t *v)
{
    size_t k = i;

    for (*v = 0; k < len && is_digit((unsigned char)s[k]) && k - i < 9; k++)
        *v = *v * 10 + (s[k] - '0');
    while (k < len && is_digit((unsigned char)s[k]))
        k++;
    return k;
}

static size_t
word(const char *s, size_t len, size_t i, struct parts *p)
{
    char w[12];
    size_t n = 0, k = i;

    for (; k < len && is_alpha((unsigned char)s[k]); k++)
        if (n < sizeof w - 1)
            w[n++] = (char)lower((unsigned char)s[k]);
    w[n] = 0;
    if (strcmp(w, "pm") == 0)
        p->pm = true;
    else if (strcmp(w, "am") == 0)
        p->am = true;
    else if (p->time && !p->has_zone)
        for (size_t z = 0; z < countof(zones); z++)
            if (strcmp(w, zones[z].name) == 0) {
                p->has_zone = true;
                p->zone = zones[z].minutes;
            }
    if (n >= 3 && p->month == 0)
        for (int m = 0; m < 12; m++)
            if (memcmp(months + 3 * m, w, 3) == 0)
                p->month = m + 1;
    return k;
}

/* "12:30", "12:30:05", "12.30.05" */
static size_t
clock(const char *s, size_t len, size_t i, int64_t hour, struct parts *p)
{
    int64_t v;
    char sep = s[i];

    p->h = (int)(hour < 99 ? hour : 99);
    i = number(s, len, i + 1, &v);
    p->mi = (int)(v < 99 ? v : 99);
    if (i + 1 < len && (s[i] == sep || s[i] == ':') && is_digit((unsigned char)s[i + 1])) {
        i = number(s, len, i + 1, &v);
        p->s = (int)(v < 99 ? v : 99);
        if (i + 1 < len && s[i] == '.' && is_digit((unsigned char)s[i + 1]))
            i = number(s, len, i + 1, &v);
    }
    p->time = true;
    return i;
}

static size_t
zone(const char *s, size_t len, size_t i, struct parts *p)
{
    int64_t v, extra = -1;
    bool west = s[i] == '-';
    size_t k = number(s, len, i + 1, &v);
    int64_t minutes;

    if (k < len && s[k] == ':' && k + 1 < len && is_digit((unsigned char)s[k + 1]))
        k = number(s, len, k + 1, &extra);
    minutes = extra >= 0 ? v * 60 + extra : k - i <= 3 ? v * 60 : v / 100 * 60 + v % 100;
    if (!p->has_zone && minutes <= 24 * 60) {
        p->has_zone = true;
        p->zone = (int)(west ? -minutes : minutes);
    }
    return k;
}

static bool
is_double_dot(const char *s, size_t len, size_t k)
{
    return k + 4 < len && is_digit((unsigned char)s[k + 1]) && is_digit((unsigned char)s[k + 2]) && s[k + 3] == '.' && is_digit((unsigned char)s[k + 4]);
}

static bool
settle(struct parts *p, int64_t *out)
{
    int64_t y, d;
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (p->month != 0 && p->n >= 2) {
        bool year_first = p->width[0] == 4;
        y = p->num[year_first ? 0 : 1];
        d = p->num[year_first ? 1 : 0];
        if (!year_first && p->width[1] == 2)
            y += y < 50 ? 2000 : 1900;
        else if (!year_first && p->width[1] == 3)
            y += 1900;
    } else if (p->n == 3 && p->width[0] == 4) {         /* 2026-03-10 */
        y = p->num[0], p->month = (int)(p->num[1] < 99 ? p->num[1] : 99), d = p->num[2];
    } else if (p->n == 3 && p->width[2] == 4) {         /* 10.3.2026; 3/10/2026 is read the same way, for most of the world does */
        y = p->num[2], p->month = (int)(p->num[1] < 99 ? p->num[1] : 99), d = p->num[0];
    } else {
        return false;
    }
    if (p->pm && p->h < 12)
        p->h += 12;
    else if (p->am && p->h == 12)
        p->h = 0;
    if (y < 1970 || y > 9999 || p->month < 1 || p->month > 12 || d < 1 || d > days[p->month - 1] || p->h > 24 || p->mi > 59 || p->s > 60)
        return false;
    *out = days_from_civil((int)y, p->month, (int)d) * 86400 + p->h * 3600 + p->mi * 60 + p->s - p->zone * 60;
    return true;
}

bool
date_parse(const char *s, size_t len, int64_t *out)
{
    struct parts p = {0};
    size_t i = 0, k;
    int64_t v;

    if (len > 200)
        len = 200;
    while (i < len) {
        if (s[i] == '(') {
            const char *e = memchr(s + i, ')', len - i);
            if (e == NULL)
                break;
            i = (size_t)(e - s) + 1;
        } else if (is_digit((unsigned char)s[i])) {
            k = number(s, len, i, &v);
            if (!p.time && k + 1 < len && k - i <= 2 && is_digit((unsigned char)s[k + 1]) &&
                (s[k] == ':' || (s[k] == '.' && (p.month != 0 || p.n >= 3) && is_double_dot(s, len, k)))) {
                i = clock(s, len, k, v, &p);
            } else {
                if (p.n < 3) {
                    p.num[p.n] = v;
                    p.width[p.n++] = (int)(k - i);
                }
                i = k;
            }
        } else if (is_alpha((unsigned char)s[i])) {
            i = word(s, len, i, &p);
        } else if ((s[i] == '+' || s[i] == '-') && p.time && i + 1 < len && is_digit((unsigned char)s[i + 1])) {
            i = zone(s, len, i, &p);
        } else {
            i++;
        }
    }
    return settle(&p, out);
}
