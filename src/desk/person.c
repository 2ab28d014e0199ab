/* SPDX-License-Identifier: ISC
 *
 * What a desk knows of one of its staff beside the configuration: who is away, when the next digest comes, which notices wait
 * to be told. A person's timers are functions of that record alone, as a case's are of the case.
 */
#include <string.h>

#include "act_room.h"

/* ---- the record */

const Td__Person *
person_known(const struct turn *t, const char *addr)
{
    const char *key = addr_key(t->a, addr);
    for (size_t i = 0; i < t->out->n_persons; i++)
        if (strcmp(t->out->persons[i]->after->addr, key) == 0)
            return t->out->persons[i]->after;
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].kind == DESK_NEED_PERSON && strcmp(t->f->needs->v[i].word, key) == 0)
            return t->f->v[i].person;
    return NULL;
}

Td__Person *
person_change(struct turn *t, const char *addr)
{
    const char *key = addr_key(t->a, addr);
    for (size_t i = 0; i < t->out->n_persons; i++)
        if (strcmp(t->out->persons[i]->after->addr, key) == 0)
            return t->out->persons[i]->after;
    struct desk_person_change *ch = arena_alloc(t->a, sizeof *ch);
    ch->before = person_known(t, addr);
    ch->after = ch->before ? schema_copy(t->a, ch->before) : schema_new(t->a, &td__person__descriptor);
    ch->after->desk = arena_strdup(t->a, t->conf->name);
    ch->after->addr = arena_strdup(t->a, key);
    arena_push(t->a, &t->out->persons, &t->out->n_persons, ch);
    return ch->after;
}

/* ---- timers */

#define CLOCK_FORM "%s %s %s"           /* what, desk, address: neither of the former two can hold a blank */

void
desk_person_timers(const Td__Person *p, struct arena *a, struct desk_timer **out, size_t *n)
{
    *out = arena_alloc(a, 2 * sizeof **out);
    *n = 0;
    if (p->has_digest_at)
        (*out)[(*n)++] = (struct desk_timer){ p->digest_at, arena_printf(a, CLOCK_FORM, DESK_PERSON_DIGEST, p->desk, p->addr), 0 };
    if (p->has_waiting_at)
        (*out)[(*n)++] = (struct desk_timer){ p->waiting_at, arena_printf(a, CLOCK_FORM, DESK_PERSON_NOTICES, p->desk, p->addr), 0 };
}

bool
desk_person_clock(const char *clock, struct arena *a, const char **what, const char **desk, const char **addr)
{
    size_t n = strcspn(clock, " "), m = clock[n] == ' ' ? strcspn(clock + n + 1, " ") : 0;
    if (n == 0 || m == 0 || clock[n + 1 + m] != ' ')
        return false;
    *what = arena_strndup(a, clock, n);
    *desk = arena_strndup(a, clock + n + 1, m);
    *addr = arena_strdup(a, clock + n + 2 + m);
    return true;
}

/* ---- the person's days */

static const struct calendar *
calendar_of(const struct turn *t, const char *addr, const char **zone)
{
    const struct conf_person *p = conf_person_find(t->conf, addr);
    const struct conf_calendar *conf = p && p->calendar ? conf_calendar_find(t->d->conf, p->calendar) : NULL;
    *zone = conf ? conf->zone : t->line->zone;
    return desk_calendar(t->d, t->line, conf ? conf->name : NULL);
}

int64_t
person_day(const struct turn *t, const char *addr, int64_t at)
{
    const char *zone;
    calendar_of(t, addr, &zone);
    int64_t local = zone_to_local(zone, at);
    return local / 86400 - (local % 86400 < 0);
}

int64_t
person_moment(const struct turn *t, const char *addr, int64_t day, int minutes)
{
    const char *zone;
    calendar_of(t, addr, &zone);
    return zone_to_utc(zone, day * 86400 + minutes * 60);
}

bool
person_works_on(const struct turn *t, const char *addr, int64_t day)
{
    const char *zone;
    return calendar_working_days(calendar_of(t, addr, &zone), day, day) > 0;
}

bool
person_away_on(const struct turn *t, const char *addr, int64_t day)
{
    const struct conf_person *p = conf_person_find(t->conf, addr);
    const Td__Person *known = person_known(t, addr);
    int64_t first, last;
    for (size_t i = 0; p != NULL && i < p->absent.n; i++)
        if (conf_days_read(p->absent.v[i], &first, &last) && first <= day && day <= last)
            return true;
    for (size_t i = 0; known != NULL && i < known->n_aways; i++)
        if (known->aways[i]->first_day <= day && day <= known->aways[i]->last_day)
            return true;
    return false;
}

bool
person_is_away(const struct turn *t, const char *addr)
{
    return person_away_on(t, addr, person_day(t, addr, t->now));
}
