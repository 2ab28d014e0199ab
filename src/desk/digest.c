/* SPDX-License-Identifier: ISC
 *
 * The digest of the day: what is due, what has waited too long, and all open cases of a person in the order of work. It comes
 * at an hour of the person's own working days, and not to who is away. What else happens to persons begins here too.
 */
#include <stdlib.h>
#include <string.h>

#include "act_room.h"

#define DAYS_AHEAD 400                  /* a calendar without a working day in so many has none */
#define LATE_S (12 * 3600)              /* after an outage: later than this it is not the digest of that morning */
#define SUBJECT_MAX 120

/* ---- when */

/* Minutes of the day; -1: none. */
static int
digest_minutes(const struct turn *t, const char *addr)
{
    const struct conf_person *p = conf_person_find(t->conf, addr);
    const char *s = p && p->digest ? p->digest : t->conf->digest;
    return s == NULL || strchr(s, ':') == NULL ? -1 : atoi(s) * 60 + atoi(strchr(s, ':') + 1);
}

/* false: there is none to come. */
static bool
digest_next(const struct turn *t, const char *addr, int64_t *out)
{
    int minutes = is_staff(t->conf, addr) ? digest_minutes(t, addr) : -1;
    int64_t day = person_day(t, addr, t->now);
    for (int i = 0; minutes >= 0 && i < DAYS_AHEAD; i++) {
        *out = person_moment(t, addr, day + i, minutes);
        if (*out > t->now && person_works_on(t, addr, day + i))
            return true;
    }
    return false;
}

static void
digest_set(struct turn *t, const char *addr)
{
    int64_t next = 0;
    bool any = digest_next(t, addr, &next);
    const Td__Person *known = person_known(t, addr);
    bool has = known != NULL && known->has_digest_at;
    if (has == any && (!any || known->digest_at == next))
        return;
    Td__Person *p = person_change(t, addr);
    p->has_digest_at = any;
    p->digest_at = next;
}

/* The configuration may be another one. A digest that is due and was not sent keeps its moment. */
static void
person_reload(struct turn *t)
{
    const Td__Person *known = person_known(t, t->e->person);
    if (known != NULL && known->has_digest_at && known->digest_at <= t->now && digest_minutes(t, t->e->person) >= 0)
        return;
    digest_set(t, t->e->person);
}

/* ---- what */

/* The running clock that is due first. */
static const Td__Clock *
clock_first(const Td__Case *c)
{
    const Td__Clock *first = NULL;
    for (size_t i = 0; i < c->n_clocks; i++)
        if (!c->clocks[i]->has_met_at && clock_runs(c, c->clocks[i]) && (first == NULL || c->clocks[i]->due_at < first->due_at))
            first = c->clocks[i];
    return first;
}

const char *
case_in_list(struct turn *t, const struct reader *r, const Td__Case *c)
{
    const struct conf_priority *p = conf_priority_find(t->conf, c->priority);
    const char *subject = mail_bare_subject(c->subject, t->a);
    const Td__Clock *k = clock_first(c);
    return arena_printf(t->a, "%s, %s, %s, %s: %.*s%s%s", c->number, p && p->label ? p->label : c->priority, state_words(t, r, c->state),
                        c->requester->name ? c->requester->name : c->requester->addr, (int)utf8_clip(subject, SUBJECT_MAX), subject, k ? "; " : "",
                        k ? letter_clock_line(t, r, c, k) : "");
}

static void
digest_lines(struct turn *t, const struct reader *r, const Td__Case *c, int64_t day_ends, struct template_fields *f)
{
    const Td__Clock *k = clock_first(c);
    const char *subject = mail_bare_subject(c->subject, t->a);
    if (k != NULL && k->due_at < day_ends)
        template_list_add(t->a, f, FIELD_TODAY, arena_printf(t->a, "%s, %.*s; %s", c->number, (int)utf8_clip(subject, SUBJECT_MAX), subject, letter_clock_line(t, r, c, k)));
    if (c->state == TD__STATE__WAITING && c->has_state_at && t->conf->digest_waiting != NULL && duration_after(t, c->state_at, t->conf->digest_waiting) <= t->now)
        template_list_add(t->a, f, FIELD_WAITING, arena_printf(t->a, "%s, %.*s; %s", c->number, (int)utf8_clip(subject, SUBJECT_MAX), subject,
                                                               say_words(t, r, "waits-since", day_words(t, r, c->state_at), NULL, NULL)));
    template_list_add(t->a, f, FIELD_CASES, case_in_list(t, r, c));
}

static const struct desk_fact *
mine(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].why == need_mine)
            return &t->f->v[i];
    return NULL;
}

static void
digest(struct turn *t)
{
    const char *to = t->e->person;
    const struct desk_fact *cases = mine(t);
    int64_t today = person_day(t, to, t->now);
    struct reader r = reader_staff(t, to);
    struct letter w = { .kind = TD__LETTER__KIND__DIGEST, .to = to, .reply = DESK_TOKEN_DIGEST };
    bool on = digest_minutes(t, to) >= 0 && is_staff(t->conf, to);
    digest_set(t, to);
    const char *kept = !on ? "no digest is configured" : person_is_away(t, to) ? "away" : !person_works_on(t, to, today) ? "no working day"
        : t->now - t->e->due_at > LATE_S ? "too late for that day" : cases == NULL || (cases->n_cases == 0 && !t->conf->digest_empty) ? "nothing in it"
        : budget_take(t, to, true);
    if (kept != NULL) {
        turn_told(t, "none", kept);
        return;
    }
    int64_t day_ends = person_moment(t, to, today + 1, 0);
    for (size_t i = 0; i < cases->n_cases; i++)
        digest_lines(t, &r, cases->cases[i], day_ends, &w.fields);
    if (cases->count > cases->n_cases)
        w.fields.v[FIELD_WORDS] = say_words(t, &r, "digest-more", arena_printf(t->a, "%llu", (unsigned long long)(cases->count - cases->n_cases)), NULL, NULL);
    letter_write(t, &w);
    turn_told(t, "digest", to);
}

/* ---- the door */

static const struct { const char *what; void (*go)(struct turn *); } rows[] = {
    { DESK_PERSON_DIGEST, digest }, { DESK_PERSON_NOTICES, notices_due }, { DESK_PERSON_RELOAD, person_reload },
};

void
decide_person(struct turn *t)
{
    for (size_t i = 0; i < countof(rows); i++)
        if (strcmp(rows[i].what, t->e->clock) == 0)
            rows[i].go(t);
}
