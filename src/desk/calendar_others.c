/* SPDX-License-Identifier: ISC
 *
 * What is not as usual in the days to come, for letters that announce it: pure, out of the calendar's own tables.
 */
#include <stdio.h>
#include <string.h>

#include "calendar.h"

/* "09:00-12:00 13:00-16:00" */
static const char *
hours_text(const struct day *d, struct arena *a)
{
    const char *text = "";
    for (size_t i = 0; i < d->n; i++) {
        struct span s = d->v[i];
        text = arena_printf(a, "%s%s%02d:%02d-%02d:%02d", text, i ? " " : "", s.from / 3600, s.from / 60 % 60, s.to / 3600, s.to / 60 % 60);
    }
    return text;
}

static bool
day_same(const struct day *a, const struct day *b)
{
    return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof *a->v) == 0;
}

static bool
same_reason(const struct calendar_other *o, const struct date *d, const char *hours)
{
    return o->last + 1 == d->day && o->why == d->why && strcmp(o->name, d->name) == 0 && strcmp(o->hours, hours) == 0;
}

static struct calendar_other
of_exception(const struct date *d, struct arena *a)
{
    const struct exception *x = d->exception;
    return (struct calendar_other){ x->first, x->last, x->hours_given ? CALENDAR_EXCEPTION : CALENDAR_USUAL, x->note,
        x->hours_given ? hours_text(&x->week[calendar_weekday(x->first)], a) : hours_text(&d->spans, a) };
}

void
calendar_others(const struct calendar *c, int64_t at, unsigned days, struct arena *a, struct calendar_other **out, size_t *n)
{
    int64_t today = calendar_date(c, at), end = today + (days > 366 ? 366 : days);
    const struct exception *noted = NULL;       /* the last one listed whole */
    *out = arena_alloc(a, (size_t)(end - today + 1) * sizeof **out);
    *n = 0;
    for (int64_t day = today; day < end; day++) {
        const struct date *d = calendar_date_find(c, day);
        if (d == NULL)
            continue;
        const char *hours = hours_text(&d->spans, a);
        struct calendar_other *last = *n ? &(*out)[*n - 1] : NULL;
        if (d->exception != NULL && d->exception->note != NULL) {
            if (d->exception != noted)
                (*out)[(*n)++] = of_exception(d, a);
            noted = d->exception;
        } else if (day_same(&d->spans, &c->week[calendar_weekday(day)])) {
            continue;
        } else if (last != NULL && same_reason(last, d, hours)) {
            last->last = day;
        } else {
            (*out)[(*n)++] = (struct calendar_other){ day, day, d->why, d->name, hours };
        }
    }
}
