/* SPDX-License-Identifier: ISC
 *
 * Who is away: #away and #back, and who hears of things in the meantime. Clocks go on; assignment passes the person by.
 */
#include <string.h>

#include "act_room.h"
#include "command.h"

#define AWAYS_MAX 20
#define AWAY_DAYS_MAX 400               /* ahead; longer is no absence */

/* ---- the commands */

/* What is over is forgotten. */
static void
aways_past(Td__Person *p, int64_t today)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_aways; i++)
        if (p->aways[i]->last_day >= today)
            p->aways[kept++] = p->aways[i];
    p->n_aways = kept;
}

static const char *
day_named(struct command_run *r, const struct reader *reader, int64_t day)
{
    return day_words(r->t, reader, zone_to_utc(reader->zone, day * 86400 + 43200));
}

/* The first working day on which the person is there again. */
static int64_t
back_on(const struct turn *t, const char *addr, int64_t day)
{
    int64_t last = day + AWAY_DAYS_MAX;
    while (day < last && (person_away_on(t, addr, day) || !person_works_on(t, addr, day)))
        day++;
    return day;
}

void
command_away(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    const char *who = r->mail->from;
    struct reader reader = reader_staff(t, who);
    int64_t today = person_day(t, who, t->now), first, last;
    if (args[0] == '\0') {
        run_wrong(r, WRONG_NEEDS, "away", command_find("away", 4)->arguments);
        return;
    }
    if (!days_said(t->a, args, today, &first, &last) || last > today + AWAY_DAYS_MAX) {
        run_wrong(r, WRONG_DATE, args, NULL);
        return;
    }
    Td__Person *p = person_change(t, who);
    aways_past(p, today);
    if (p->n_aways >= AWAYS_MAX) {
        run_say(r, true, "away-many", NULL, NULL, NULL);
        return;
    }
    Td__Away *a = schema_new(t->a, &td__away__descriptor);
    *a = (Td__Away){ .base = a->base, .first_day = first, .last_day = last, .set_at = t->now, .by = arena_strdup(t->a, who) };
    arena_push(t->a, &p->aways, &p->n_aways, a);
    run_say(r, false, "away", day_named(r, &reader, first), day_named(r, &reader, last), day_named(r, &reader, back_on(t, who, last + 1)));
    const struct conf_strings stand_in = away_stand_in(t, NULL, who);
    run_say(r, false, stand_in.n > 0 ? "away-told" : strcmp(t->conf->away, "assignee") == 0 ? "away-kept" : "away-queue",
            stand_in.n > 0 ? person_words(t, stand_in.v[0]) : NULL, NULL, NULL);
}

void
command_back(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    const Td__Person *p = person_known(t, r->mail->from);
    (void)args;
    if (p == NULL || p->n_aways == 0) {
        run_done(r, SAID_NO_CHANGE, "back", NULL);
        return;
    }
    person_change(t, r->mail->from)->n_aways = 0;
    run_say(r, false, person_is_away(t, r->mail->from) ? "back-absent" : "back", NULL, NULL, NULL);
}

/* ---- who hears of it */

static void
present_add(struct turn *t, struct conf_strings *out, const char *addr)
{
    for (size_t i = 0; i < out->n; i++)
        if (addr_equal(out->v[i], addr))
            return;
    if (!person_is_away(t, addr))
        arena_push(t->a, &out->v, &out->n, (void *)addr);
}

struct conf_strings
away_present(struct turn *t, const struct conf_strings *all)
{
    struct conf_strings out = { NULL, 0 };
    for (size_t i = 0; i < all->n; i++)
        present_add(t, &out, all->v[i]);
    return out.n > 0 ? out : *all;
}

struct conf_strings
away_stand_in(struct turn *t, const Td__Case *c, const char *person)
{
    const struct conf_person *p = conf_person_find(t->conf, person);
    const struct conf_queue *queue = c ? conf_queue_find(t->conf, c->queue) : NULL;
    struct conf_strings out = { NULL, 0 };
    if (strcmp(t->conf->away, "assignee") == 0)
        return out;
    if (strcmp(t->conf->away, "deputy") == 0 && p != NULL && p->deputy != NULL)
        present_add(t, &out, p->deputy);
    if (out.n == 0)
        for (size_t i = 0; queue != NULL && i < queue->staff.n; i++)
            if (!addr_equal(queue->staff.v[i], person))
                present_add(t, &out, queue->staff.v[i]);
    return out;
}
