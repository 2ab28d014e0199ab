/* SPDX-License-Identifier: ISC
 *
 * Dates: RFC 5322 with its obsolete forms, and what is sent instead (ISO 8601, asctime, dashes, dots, "Tuesday,", no zone). One reader
 * for all: words and numbers are taken in turn and told apart by their shape. What is not a possible date is no date.
 */
#include "read.h"

#include <string.h>

/* How months begin, in the languages that programs take from their machine. */
static const struct { const char *begin; int month; } months[] = {
    {"jan", 1}, {"feb", 2}, {"mar", 3}, {"apr", 4}, {"may", 5}, {"jun", 6}, {"jul", 7}, {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12}, {"jän", 1}, {"gen", 1}, {"ene", 1}, {"fév", 2}, {"fev", 2},
    {"mär", 3}, {"mrz", 3}, {"mrt", 3}, {"maa", 3}, {"avr", 4}, {"abr", 4}, {"kwi", 4}, {"mai", 5}, {"maj", 5}, {"mei", 5}, {"mag", 5}, {"maio", 5}, {"juin", 6}, {"giu", 6}, {"cze", 6}, {"juil", 7}, {"lug", 7}, {"lip", 7},
    {"aoû", 8}, {"aou", 8}, {"ago", 8}, {"sie", 8}, {"set", 9}, {"wrz", 9}, {"okt", 10}, {"ott", 10}, {"out", 10}, {"paź", 10}, {"lis", 11}, {"dez", 12}, {"des", 12}, {"déc", 12}, {"dic", 12}, {"gru", 12}, {"sty", 1}, {"lut", 2},
};
static const struct { const char *name; int minutes; } zones[] = {
    {"ut", 0}, {"gmt", 0}, {"utc", 0}, {"z", 0}, {"wet", 0}, {"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360},
    {"pst", -480}, {"pdt", -420}, {"cet", 60}, {"met", 60}, {"mez", 60}, {"cest", 120}, {"mest", 120}, {"mesz", 120}, {"bst", 60}, {"eet", 120},
    {"eest", 180}, {"msk", 180}, {"msd", 240}, {"jst", 540}, {"kst", 540}, {"hst", -600}, {"akst", -540}, {"akdt", -480},
};

struct parts { int64_t num[3]; int width[3], n, month, h, mi, s, zone; bool time, has_zone, named_zone, pm, am, early, slash; };     /* early: the month's word came before any number */

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

    for (; k < len && (is_alpha((unsigned char)s[k]) || (unsigned char)s[k] >= 0x80); k++)
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
                p->has_zone = p->named_zone = true;
                p->zone = zones[z].minutes;
            }
    if (n >= 3 && (p->month == 0 || (p->early && p->n > 0 && !p->time)))        /* "mar, 10 ott": the first was a day of the week */
        for (size_t m = 0; m < countof(months); m++)
            if (strncmp(months[m].begin, w, strlen(months[m].begin)) == 0) {
                p->month = months[m].month;
                p->early = p->n == 0;
                break;
            }
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
    if ((!p->has_zone || p->named_zone) && minutes <= 24 * 60) {        /* "GMT+0100" */
        p->has_zone = true;
        p->named_zone = false;
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
    } else if (p->n == 3 && p->width[2] == 4) {         /* 10.3.2026; 3/10/2026 too, for most of the world does so, unless a.m. or p.m. says otherwise */
        bool american = (p->slash && (p->am || p->pm) && p->num[0] <= 12) || (p->num[1] > 12 && p->num[0] <= 12);
        y = p->num[2], p->month = (int)(p->num[!american] < 99 ? p->num[!american] : 99), d = p->num[american];
    } else if (p->n >= 1 && p->width[0] == 8) {         /* 20260310T100000 */
        y = p->num[0] / 10000, p->month = (int)(p->num[0] / 100 % 100), d = p->num[0] % 100;
        if (!p->time && p->n >= 2 && p->width[1] == 6)
            p->h = (int)(p->num[1] / 10000), p->mi = (int)(p->num[1] / 100 % 100), p->s = (int)(p->num[1] % 100);
    } else {
        return false;
    }
    if (p->pm && p->h < 12)
        p->h += 12;
    else if (p->am && p->h == 12)
        p->h = 0;
    if (p->month == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
        return false;
    if (y < 1900 || y > 9999 || p->month < 1 || p->month > 12 || d < 1 || d > days[p->month - 1] || p->h > 24 || p->mi > 59 || p->s > 60)
        return false;
    *out = days_from_civil((int)y, p->month, (int)d) * 86400 + p->h * 3600 + p->mi * 60 + p->s - p->zone * 60;
    return true;
}

/* Without comments, and without the blanks around a colon: "09(comment):   55  :  06". Returns the length. */
static size_t
tidy(const char *s, size_t len, char *out, size_t cap)
{
    size_t n = 0, depth = 0;

    for (size_t i = 0; i < len && n < cap; i++) {
        if (s[i] == '(' || (s[i] == ')' && depth > 0)) {
            depth += s[i] == '(' ? 1 : (size_t)-1;
            continue;
        }
        if (depth > 0) {
            i += s[i] == '\\';
            continue;
        }
        if (s[i] == ':')
            while (n > 0 && is_space((unsigned char)out[n - 1]))
                n--;
        if (!(is_space((unsigned char)s[i]) && n > 0 && out[n - 1] == ':'))
            out[n++] = s[i];
    }
    return n;
}

bool
date_parse(const char *raw, size_t raw_len, int64_t *out)
{
    struct parts p = {0};
    char s[200];
    size_t i = 0, k, len = tidy(raw, raw_len < sizeof s ? raw_len : sizeof s, s, sizeof s);
    int64_t v;

    while (i < len) {
        if (is_digit((unsigned char)s[i])) {
            k = number(s, len, i, &v);
            if (!p.time && k + 1 < len && k - i <= 2 && is_digit((unsigned char)s[k + 1]) &&
                (s[k] == ':' || (s[k] == '.' && (p.month != 0 || p.n >= 3) && is_double_dot(s, len, k)))) {
                i = clock(s, len, k, v, &p);
            } else {
                p.slash |= k < len && s[k] == '/';
                if (p.n < 3) {
                    p.num[p.n] = v;
                    p.width[p.n++] = (int)(k - i);
                }
                i = k;
            }
        } else if (is_alpha((unsigned char)s[i]) || (unsigned char)s[i] >= 0x80) {
            i = word(s, len, i, &p);
        } else if ((s[i] == '+' || s[i] == '-') && p.time && i + 1 < len && is_digit((unsigned char)s[i + 1])) {
            i = zone(s, len, i, &p);
        } else {
            i++;
        }
    }
    return settle(&p, out);
}
