/* SPDX-License-Identifier: ISC
 *
 * Time zones: TZif files (RFC 8536) of the system's tzdata, read into tables of transitions at load. The rule for the
 * years after the last transition (the POSIX TZ string of the footer) is expanded into the same table up to
 * ZONE_LAST_YEAR, later times are folded back by whole Gregorian cycles. The files are root's, yet every count is bounded.
 * Never uses localtime(), TZ or the process's own zone.
 */
#include "zone.h"

#include <stdlib.h>
#include <string.h>

#include "ticketd/desk.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_FILE_MAX (256u << 10)
#define ZONE_LAST_YEAR 2500
#define ZONE_CYCLE_S (146097LL * 86400)         /* 400 years */
#define ZONE_WALK_S (48 * 3600)                 /* no zone is further from UTC than this */
#define TZIF_HEADER 44

struct zone {                   /* offset[i] holds from at[i - 1] until at[i] */
    char *name;
    int64_t *at;
    int32_t *offset;
    size_t n;                   /* transitions; there are n + 1 offsets */
    struct zone *next;
};

static struct zone *zones;      /* grows at load only */

/* ---- the rule for later years */

struct rule_date { char kind; int month, week, day; int32_t time; };   /* kind: M, J (no leap day), or 0 (with it) */
struct rule { int32_t standard, summer; bool has_summer; struct rule_date from, to; };

static bool
scan_number(const char **s, int *out)
{
    int v = 0, digits = 0;
    for (; **s >= '0' && **s <= '9' && digits < 5; (*s)++, digits++)
        v = v * 10 + (**s - '0');
    *out = v;
    return digits > 0;
}

static bool
scan_time(const char **s, int32_t *out)
{
    int sign = 1, part[3] = {0, 0, 0};
    if (**s == '+' || **s == '-')
        sign = *(*s)++ == '-' ? -1 : 1;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *(*s)++ != ':')
            return false;
        if (!scan_number(s, &part[i]))
            return false;
        if (**s != ':')
            break;
    }
    *out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return part[0] <= 168 && part[1] < 60 && part[2] < 60;
}

static bool
scan_name(const char **s)
{
    const char *from = *s;
    if (**s == '<') {
        const char *end = strchr(*s, '>');
        *s = end ? end + 1 : *s;
        return end != NULL;
    }
    while ((**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z'))
        (*s)++;
    return *s - from >= 3;
}

static bool
scan_date(const char **s, struct rule_date *d)
{
    *d = (struct rule_date){ .time = 7200 };
    if (*(*s)++ != ',')
        return false;
    if (**s == 'M') {
        d->kind = *(*s)++;
        if (!scan_number(s, &d->month) || *(*s)++ != '.' || !scan_number(s, &d->week) || *(*s)++ != '.' || !scan_number(s, &d->day))
            return false;
        if (d->month < 1 || d->month > 12 || d->week < 1 || d->week > 5 || d->day > 6)
            return false;
    } else {
        if (**s == 'J')
            d->kind = *(*s)++;
        if (!scan_number(s, &d->day) || d->day > 366)
            return false;
    }
    if (**s != '/')
        return true;
    (*s)++;
    return scan_time(s, &d->time);
}

static bool
rule_parse(const char *s, struct rule *r)
{
    int32_t west;
    *r = (struct rule){0};
    if (!scan_name(&s) || !scan_time(&s, &west))
        return false;
    r->standard = r->summer = -west;
    if (*s == '\0')
        return true;
    if (!scan_name(&s))
        return false;
    r->has_summer = true;
    r->summer = r->standard + 3600;
    if (*s != ',') {
        if (!scan_time(&s, &west))
            return false;
        r->summer = -west;
    }
    return scan_date(&s, &r->from) && scan_date(&s, &r->to) && *s == '\0';
}

/* The local time of a rule's date in a year, as if it were UTC. */
static int64_t
rule_local(const struct rule_date *d, int year)
{
    int64_t day;
    if (d->kind == 'M') {
        int64_t first = days_from_civil(year, d->month, 1);
        int64_t next = d->month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, d->month + 1, 1);
        int weekday = (int)((first % 7 + 11) % 7);              /* 1970-01-01 was a Thursday */
        day = first + (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
        if (day >= next)
            day -= 7;
    } else {
        day = days_from_civil(year, 1, 1) + (d->kind == 'J' ? d->day - 1 : d->day);
        if (d->kind == 'J' && d->day >= 60 && days_from_civil(year, 3, 1) - days_from_civil(year, 2, 1) == 29)
            day++;
    }
    return day * 86400 + d->time;
}

static void
zone_push(struct zone *z, int64_t at, int32_t offset)
{
    if (z->n > 0 && at <= z->at[z->n - 1])
        return;
    if (z->offset[z->n] == offset)
        return;
    z->at = mem_grow(z->at, (z->n + 1) * sizeof *z->at);
    z->offset = mem_grow(z->offset, (z->n + 2) * sizeof *z->offset);
    z->at[z->n++] = at;
    z->offset[z->n] = offset;
}

static void
zone_expand(struct zone *z, const struct rule *r)
{
    int year = 1970, month, day;
    if (z->n > 0)
        civil_from_days(z->at[z->n - 1] / 86400, &year, &month, &day);
    if (year < 1970)
        year = 1970;
    for (; r->has_summer && year < ZONE_LAST_YEAR; year++) {
        int64_t on = rule_local(&r->from, year) - r->standard, off = rule_local(&r->to, year) - r->summer;
        bool north = on < off;
        zone_push(z, north ? on : off, north ? r->summer : r->standard);
        zone_push(z, north ? off : on, north ? r->standard : r->summer);
    }
}

/* ---- the file */

struct tzif { uint32_t isut, isstd, leap, time, type, chars; };

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* One header; its data block is `*size` bytes. */
static bool
tzif_header(const uint8_t *p, size_t len, size_t time_size, struct tzif *h, size_t *size)
{
    if (len < TZIF_HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    *h = (struct tzif){ be32(p + 20), be32(p + 24), be32(p + 28), be32(p + 32), be32(p + 36), be32(p + 40) };
    if (h->isut > 256 || h->isstd > 256 || h->leap > 1000 || h->time > 10000 || h->type < 1 || h->type > 256 || h->chars > 4096)
        return false;
    *size = h->time * (time_size + 1) + h->type * 6 + h->chars + h->leap * (time_size + 4) + h->isstd + h->isut;
    return TZIF_HEADER + *size <= len;
}

static bool
tzif_read(struct zone *z, const uint8_t *p, size_t len)
{
    struct tzif h;
    size_t size;
    if (!tzif_header(p, len, 4, &h, &size))
        return false;
    p += TZIF_HEADER + size, len -= TZIF_HEADER + size;
    if (!tzif_header(p, len, 8, &h, &size))
        return false;
    const uint8_t *times = p + TZIF_HEADER, *kinds = times + h.time * 8, *types = kinds + h.time;
    z->offset = mem_alloc(sizeof *z->offset);
    z->offset[0] = (int32_t)be32(types);
    for (uint32_t i = 0; i < h.time; i++) {
        if (kinds[i] >= h.type)
            return false;
        zone_push(z, (int64_t)be64_get(times + i * 8), (int32_t)be32(types + kinds[i] * 6));
    }
    const char *footer = (const char *)p + TZIF_HEADER + size;
    size_t left = len - TZIF_HEADER - size;
    const char *end = left > 1 ? memchr(footer + 1, '\n', left - 1) : NULL;
    if (end == NULL || footer[0] != '\n' || end - footer > 200)
        return false;
    char text[256] = "";
    memcpy(text, footer + 1, (size_t)(end - footer - 1));
    struct rule r = {0};
    if (text[0] != '\0' && !rule_parse(text, &r))
        return false;
    zone_expand(z, &r);
    return true;
}

static bool
zone_name_ok(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || name[0] == '.' || strlen(name) > 64 || strstr(name, "..") != NULL)
        return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(name);
}

static void
zone_free(struct zone *z)
{
    free(z->name);
    free(z->at);
    free(z->offset);
    free(z);
}

static bool
zone_same(const struct zone *a, const struct zone *b)
{
    return strcmp(a->name, b->name) == 0 && a->n == b->n && (a->n == 0 || memcmp(a->at, b->at, a->n * sizeof *a->at) == 0) &&
        memcmp(a->offset, b->offset, (a->n + 1) * sizeof *a->offset) == 0;
}

const struct zone *
zone_load(const char *name)
{
    struct buf bytes = {0};
    if (name == NULL || !zone_name_ok(name))
        return NULL;
    char *path = path_join(ZONE_DIRECTORY, name);
    struct zone *z = mem_alloc(sizeof *z);
    z->name = mem_strdup(name);
    bool ok = file_read(path, ZONE_FILE_MAX, &bytes) == 0 && tzif_read(z, (const uint8_t *)bytes.data, bytes.len);
    buf_free(&bytes);
    free(path);
    if (!ok) {
        zone_free(z);
        return NULL;
    }
    for (struct zone *old = zones; old != NULL; old = old->next)
        if (zone_same(old, z)) {
            zone_free(z);
            return old;
        }
    z->next = zones;            /* the newest first: names find the rules of the last load */
    zones = z;
    return z;
}

/* ---- use */

const char *
zone_name(const struct zone *z)
{
    return z->name;
}

/* The period that holds `at`: how many transitions are at or before it. */
static size_t
zone_period(const struct zone *z, int64_t at)
{
    size_t lo = 0, hi = z->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (z->at[mid] <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Times after the table are those of the same day some cycles earlier. */
static int64_t
zone_fold(int64_t at)
{
    static const int64_t end = 16725225600 - 86400;     /* 2500-01-01, less a day for offsets */
    return at < end ? 0 : ((at - end) / ZONE_CYCLE_S + 1) * ZONE_CYCLE_S;
}

int64_t
zone_local(const struct zone *z, int64_t at)
{
    return at + z->offset[zone_period(z, at - zone_fold(at))];
}

int64_t
zone_utc(const struct zone *z, int64_t local)
{
    int64_t fold = zone_fold(local), at = local - fold;
    size_t i = zone_period(z, at - ZONE_WALK_S);
    while (i < z->n && at - z->offset[i] >= z->at[i])
        i++;
    /* before the period's beginning: the gap between it and the one before, whose offset moves the time forward by the gap */
    if (i > 0 && at - z->offset[i] < z->at[i - 1])
        i--;
    return local - z->offset[i];
}

bool
zone_steady(const struct zone *z, int64_t from, int64_t to, int32_t *offset)
{
    int64_t fold = zone_fold(from);
    size_t i = zone_period(z, from - 1 - fold);
    *offset = z->offset[i];
    return i == z->n || z->at[i] > to - fold;
}

/* ---- by name, for those who have no calendar in hand */

static const struct zone *
zone_find(const char *name)
{
    for (const struct zone *z = zones; z != NULL && name != NULL; z = z->next)
        if (strcmp(z->name, name) == 0)
            return z;
    return zone_load(name);
}

bool
zone_known(const char *name)
{
    return zone_find(name) != NULL;
}

int64_t
zone_to_local(const char *name, int64_t at)
{
    const struct zone *z = zone_find(name);
    return z ? zone_local(z, at) : at;
}

int64_t
zone_to_utc(const char *name, int64_t local_as_utc)
{
    const struct zone *z = zone_find(name);
    return z ? zone_utc(z, local_as_utc) : local_as_utc;
}
