/* SPDX-License-Identifier: ISC
 *
 * Calendars for tests, in a few words: lists are written with | between their values.
 */
#ifndef CALENDAR_HELP_H
#define CALENDAR_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ticketd/desk.h"

#define HELP_MAX 12

struct words {                          /* of a calendar; NULL and "" are empty lists */
    const char *zone, *open, *closed, *holidays, *days_off, *eve, *bridge;
    const char *exceptions;             /* "2026-05-15=closed=note|2026-05-16=09:00-12:00=" */
};

static inline struct conf_strings
words_split(struct arena *a, const char *s)
{
    struct conf_strings out = { arena_alloc(a, HELP_MAX * sizeof *out.v), 0 };
    while (s != NULL && *s != '\0' && out.n < HELP_MAX) {
        size_t len = strcspn(s, "|");
        out.v[out.n++] = arena_strndup(a, s, len);
        s += len + (s[len] == '|');
    }
    return out;
}

static inline void
words_exceptions(struct arena *a, const char *s, struct conf_calendar *conf)
{
    struct conf_strings all = words_split(a, s);
    conf->exceptions = arena_alloc(a, HELP_MAX * sizeof *conf->exceptions);
    for (size_t i = 0; i < all.n; i++) {
        struct conf_exception *x = &conf->exceptions[conf->n_exceptions++];
        char *name = arena_strdup(a, all.v[i]), *hours = strchr(name, '='), *note = strchr(hours + 1, '=');
        *hours++ = '\0', *note++ = '\0';
        x->name = name;
        x->closed = strcmp(hours, "closed") == 0;
        x->open = words_split(a, x->closed ? "" : hours);
        x->note = *note ? note : NULL;
        x->where = (struct conf_where){ "t.conf", 9 };
    }
}

/* The calendar, or NULL and errors. */
static inline struct calendar *
words_calendar(struct words w, struct buf *errors)
{
    struct arena *a = arena_new(0);
    struct conf_calendar conf = { .name = "test", .zone = w.zone, .open = words_split(a, w.open), .closed = words_split(a, w.closed),
        .holidays = words_split(a, w.holidays), .days_off = words_split(a, w.days_off), .eve = words_split(a, w.eve),
        .bridge = words_split(a, w.bridge), .where = { "t.conf", 3 } };
    words_exceptions(a, w.exceptions, &conf);
    struct calendar *c = calendar_new(&conf, errors);
    arena_free(&a);
    return c;
}

static inline struct calendar *
words_calendar_must(const char *label, struct words w)
{
    struct buf errors = {0};
    struct calendar *c = words_calendar(w, &errors);
    if (c == NULL)
        fail_msg("%s: %s", label, errors.data);
    return c;
}

/* "2026-04-27 10:00", perhaps with :30 behind it. */
static inline int64_t
at(const char *s)
{
    char full[40];
    int64_t t;
    snprintf(full, sizeof full, "%.10sT%.5s:%sZ", s, s + 11, strlen(s) > 16 ? s + 17 : "00");
    assert_true(time_parse(full, &t));
    return t;
}

static inline struct duration
duration(const char *s)
{
    struct duration d;
    const char *wrong;
    assert_true(duration_parse(s, &d, &wrong));
    return d;
}

#define ICS(events) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n" events "END:VCALENDAR\r\n"
#define EVENT(what) "BEGIN:VEVENT\r\nUID:1\r\n" what "END:VEVENT\r\n"
#define DAY(date) EVENT("DTSTART;VALUE=DATE:" date "\r\n")

/* The bytes in a new file; its name into path. */
static inline void
ics_write(const char *bytes, char path[40])
{
    strcpy(path, "/tmp/ticketd-ics-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(full_write(fd, bytes, strlen(bytes)), 0);
    close(fd);
}

/* The open hours of a local date, as "09:00-12:00 13:00-16:00"; minute by minute, so that no span is trusted. */
static inline const char *
hours_of(const struct calendar *c, const char *zone, const char *date, char out[200])
{
    char noon[32];
    snprintf(noon, sizeof noon, "%.10s 00:00", date);
    int64_t local = at(noon);
    size_t len = 0;
    bool was = false;
    out[0] = '\0';
    for (int m = 0; m <= 1440; m++) {
        bool is = m < 1440 && calendar_is_open(c, zone_to_utc(zone, local + m * 60));
        if (is != was && len < 180)
            len += (size_t)snprintf(out + len, 200 - len, "%s%02d:%02d", is ? len ? " " : "" : "-", m / 60, m % 60);
        was = is;
    }
    return out;
}

#endif
