/* SPDX-License-Identifier: ISC
 *
 * What a desk did in a time: taken in, answered, resolved, and of what was resolved how much at the first answer, how much after being
 * opened again, what customers thought of it and what time it took; by month, desk, queue, priority and customer. Each event counts in
 * the month in which it happened, everything else on the day on which the case was resolved. Spam, who may not register, what was
 * merged and what came before the first contact count nowhere, as in report.c.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ticketd/desk.h"

#define DAY INT64_C(86400)
#define CUSTOMERS_SHOWN 50u             /* the rest in one line */

enum by { BY_MONTH, BY_DESK, BY_QUEUE, BY_PRIORITY, BY_CUSTOMER, BYS };
static const char *const by_names[BYS] = { "month", "desk", "queue", "priority", "customer" };

struct sums {
    uint64_t taken_in, answered, resolved, first_contact, reopened, rated, rating_sum, minutes, overtime, billable;
    int64_t open;                       /* at the end; of a month: at the month's end */
};
struct group { enum by by; const char *name; struct sums sums; };

/* How old, in whole days, what is open may be at most. */
static const struct { const char *name; int64_t days; } ages[] = { { "under a day", 1 }, { "1 to 3 days", 3 }, { "3 to 7 days", 7 }, { "7 to 30 days", 30 }, { "over 30 days", INT64_MAX / DAY } };

struct figures {
    const struct conf *conf;
    int64_t since, until, now, carried;                 /* carried: open when it began */
    void *found;                                        /* tsearch(3): groups by kind and name */
    struct group **groups; size_t n;
    uint64_t backlog[countof(ages)];
    struct arena *arena;
};

struct figures *
figures_new(const struct conf *conf, int64_t since, int64_t until, int64_t now)
{
    struct figures *f = mem_alloc(sizeof *f);
    *f = (struct figures){ .conf = conf, .since = since, .until = until < now ? until : now + 1, .now = now, .arena = arena_new(0) };
    return f;
}

static void
nothing(void *group)
{
    (void)group;
}

void
figures_free(struct figures **fp)
{
    if (*fp == NULL)
        return;
    tdestroy((*fp)->found, nothing);
    arena_free(&(*fp)->arena);
    free(*fp);
    *fp = NULL;
}

static int
same_group(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->by != y->by ? (x->by > y->by) - (x->by < y->by) : strcmp(x->name, y->name);
}

static struct sums *
group_of(struct figures *f, enum by by, const char *name)
{
    struct group key = { .by = by, .name = name };
    struct group **at = tfind(&key, &f->found, same_group);
    if (at != NULL)
        return &(*at)->sums;
    struct group *g = arena_alloc(f->arena, sizeof *g);
    *g = (struct group){ .by = by, .name = arena_strdup(f->arena, name) };
    must(tsearch(g, &f->found, same_group) != NULL);
    (void)arena_push(f->arena, &f->groups, &f->n, g);
    return &g->sums;
}

/* ---- one case */

static bool
within(const struct figures *f, bool has, int64_t at)
{
    return has && at >= f->since && at < f->until;
}

static int64_t
done_at(const Td__Case *c)
{
    return c->has_resolved_at ? c->resolved_at : c->has_closed_at ? c->closed_at : INT64_MAX;
}

static bool
counts(const Td__Case *c)
{
    return !c->has_merged_into && !(c->has_spam && c->spam) && !(c->has_refused && c->refused) && !(c->has_silent && c->silent);
}

bool
figures_need_answers(const struct figures *f, const Td__Case *c)
{
    return counts(c) && within(f, true, done_at(c));
}

unsigned
figures_answers(Td__Entry *const *entries, size_t n)
{
    unsigned given = 0, taken = 0;
    for (size_t i = 0; i < n; i++) {
        given += entries[i]->what == TD__ENTRY__WHAT__RELAYED;
        taken += entries[i]->what == TD__ENTRY__WHAT__UNDONE;
    }
    return given > taken ? given - taken : 0;
}

static void
resolved_add(struct sums *s, const Td__Case *c, unsigned answers)
{
    s->resolved++;
    s->first_contact += answers <= 1 && !(c->has_reopened && c->reopened > 0);
    s->reopened += c->has_reopened && c->reopened > 0;
    s->rated += c->has_rating;
    s->rating_sum += c->has_rating ? c->rating : 0;
    s->minutes += c->has_minutes ? c->minutes : 0;
    s->overtime += c->has_minutes_overtime ? c->minutes_overtime : 0;
    s->billable += c->has_minutes_billable ? c->minutes_billable : 0;
}

static struct sums *
month_of(struct figures *f, const Td__Case *c, int64_t at)
{
    const struct conf_desk *d = conf_desk_find(f->conf, c->desk);
    const char *zone = d != NULL && zone_known(d->zone) ? d->zone : "UTC";
    char full[TIME_TEXT_MAX];
    time_format(zone_to_local(zone, at), full);
    full[strlen("2026-03")] = '\0';
    return group_of(f, BY_MONTH, full);
}

static void
age_add(struct figures *f, const Td__Case *c)
{
    int64_t end = f->until < f->now ? f->until : f->now, days = (end - c->opened_at) / DAY;
    size_t i = 0;
    while (i + 1 < countof(ages) && days >= ages[i].days)
        i++;
    f->backlog[i]++;
}

/* The requester's organisation, where the configuration knows no name for it: his domain. */
static const char *
customer_of(const Td__Case *c)
{
    const char *at = c->requester != NULL && c->requester->addr != NULL ? strrchr(c->requester->addr, '@') : NULL;
    return c->customer != NULL && *c->customer != '\0' ? c->customer : at != NULL ? at + 1 : "";
}

void
figures_add(struct figures *f, const Td__Case *c, unsigned answers)
{
    if (!counts(c) || c->opened_at >= f->until)
        return;
    bool opened = within(f, true, c->opened_at), answered = within(f, c->has_first_response_at, c->first_response_at), done = within(f, true, done_at(c)),
         open = done_at(c) >= f->until;
    if (c->opened_at < f->since && done_at(c) >= f->since)
        f->carried++;
    if (opened)
        month_of(f, c, c->opened_at)->taken_in++;
    if (answered)
        month_of(f, c, c->first_response_at)->answered++;
    if (done)
        resolved_add(month_of(f, c, done_at(c)), c, answers);
    if (open)
        age_add(f, c);
    if (!opened && !answered && !done && !open)
        return;
    const char *names[BYS] = { [BY_DESK] = c->desk, [BY_QUEUE] = c->queue, [BY_PRIORITY] = c->priority, [BY_CUSTOMER] = customer_of(c) };
    for (enum by by = BY_DESK; by < BYS; by++) {
        struct sums *s = group_of(f, by, names[by]);
        s->taken_in += opened;
        s->answered += answered;
        s->open += open;
        if (done)
            resolved_add(s, c, answers);
    }
}

/* ---- as JSON */

static void
group_json(const char *name, const struct sums *s, struct buf *out)
{
    const struct { const char *key; uint64_t n; } v[] = {
        { "taken_in", s->taken_in }, { "answered", s->answered }, { "resolved", s->resolved }, { "first_contact", s->first_contact }, { "reopened", s->reopened },
        { "minutes", s->minutes }, { "minutes_overtime", s->overtime }, { "minutes_billable", s->billable }, { "rated", s->rated },
    };
    buf_puts(out, "\n  {\"name\":");
    schema_json_string(name, out);
    for (size_t i = 0; i < countof(v); i++)
        buf_printf(out, ",\"%s\":%llu", v[i].key, (unsigned long long)v[i].n);
    if (s->rated > 0)
        buf_printf(out, ",\"rating\":%llu.%02llu", (unsigned long long)(s->rating_sum / s->rated), (unsigned long long)(s->rating_sum % s->rated * 100 / s->rated));
    else
        buf_puts(out, ",\"rating\":null");
    buf_printf(out, ",\"open\":%lld}", (long long)s->open);
}

/* By kind; customers with most cases first, all else by name. */
static int
shown_order(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    if (x->by == BY_CUSTOMER && y->by == BY_CUSTOMER && x->sums.taken_in != y->sums.taken_in)
        return x->sums.taken_in < y->sums.taken_in ? 1 : -1;
    return same_group(x, y);
}

static void
rest_add(struct sums *rest, const struct sums *s)
{
    *rest = (struct sums){ rest->taken_in + s->taken_in, rest->answered + s->answered, rest->resolved + s->resolved, rest->first_contact + s->first_contact,
                           rest->reopened + s->reopened, rest->rated + s->rated, rest->rating_sum + s->rating_sum, rest->minutes + s->minutes,
                           rest->overtime + s->overtime, rest->billable + s->billable, rest->open + s->open };
}

static void
groups_json(const struct figures *f, struct group **v, enum by by, struct buf *out)
{
    int64_t open = f->carried;
    struct sums rest = { 0 };
    unsigned shown = 0, more = 0;
    buf_printf(out, "\"%s\":[", by_names[by]);
    for (size_t i = 0; i < f->n; i++) {
        if (v[i]->by != by)
            continue;
        struct sums s = v[i]->sums;
        if (by == BY_CUSTOMER && shown == CUSTOMERS_SHOWN) {
            rest_add(&rest, &s);
            more++;
            continue;
        }
        if (by == BY_MONTH)
            s.open = open += (int64_t)s.taken_in - (int64_t)s.resolved;
        buf_puts(out, shown++ > 0 ? "," : "");
        group_json(v[i]->name, &s, out);
    }
    if (more > 0) {
        char name[40];
        snprintf(name, sizeof name, "%u others", more);
        buf_putc(out, ',');
        group_json(name, &rest, out);
    }
    buf_puts(out, "]");
}

void
figures_json(const struct figures *f, struct buf *out)
{
    struct group **v = arena_alloc(f->arena, (f->n + 1) * sizeof *v);
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->groups[i];
    qsort(v, f->n, sizeof *v, shown_order);
    buf_puts(out, "\"by\":{");
    for (enum by by = 0; by < BYS; by++) {
        buf_puts(out, by > 0 ? ",\n" : "\n");
        groups_json(f, v, by, out);
    }
    buf_puts(out, "},\n\"backlog\":[");
    for (size_t i = 0; i < countof(ages); i++)
        buf_printf(out, "%s{\"age\":\"%s\",\"cases\":%llu}", i > 0 ? "," : "", ages[i].name, (unsigned long long)f->backlog[i]);
    buf_puts(out, "]");
}
