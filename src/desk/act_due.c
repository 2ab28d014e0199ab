/* SPDX-License-Identifier: ISC
 *
 * Dues: what is to happen to a case at a moment, beside its clocks: reminders, closing for want of an answer, an unanswered
 * request for escalation. They are part of the case, so its timers follow from it alone.
 */
#include <string.h>

#include "act_room.h"

static const char *const workflow[] = { "remind", "close", "request" };

void
due_set(struct turn *t, Td__Case *c, const char *what, int64_t at, const char *detail)
{
    Td__Due *due = schema_new(t->a, &td__due__descriptor);
    due->what = arena_strdup(t->a, what);
    due->due_at = at;
    due->detail = arena_strdup(t->a, detail);
    arena_push(t->a, &c->dues, &c->n_dues, due);
}

static bool
is_of(const Td__Due *due, const char *what)
{
    for (size_t i = 0; what == NULL && i < countof(workflow); i++)
        if (strcmp(due->what, workflow[i]) == 0)
            return true;
    return what != NULL && strcmp(due->what, what) == 0;
}

bool
due_clear(Td__Case *c, const char *what)
{
    size_t kept = 0, n = c->n_dues;
    for (size_t i = 0; i < n; i++)
        if (!is_of(c->dues[i], what))
            c->dues[kept++] = c->dues[i];
    c->n_dues = kept;
    return kept < n;
}

void
dues_past(Td__Case *c, const char *what, int64_t now)
{
    size_t kept = 0, n = c->n_dues;
    for (size_t i = 0; i < n; i++)
        if (strcmp(c->dues[i]->what, what) != 0 || c->dues[i]->due_at > now)
            c->dues[kept++] = c->dues[i];
    c->n_dues = kept;
}

const Td__Due *
due_find(const Td__Case *c, const char *what)
{
    for (size_t i = 0; i < c->n_dues; i++)
        if (strcmp(c->dues[i]->what, what) == 0)
            return c->dues[i];
    return NULL;
}

int64_t
duration_after(const struct turn *t, int64_t from, const char *duration)
{
    struct duration d;
    const char *wrong;
    return duration_parse(duration, &d, &wrong) ? calendar_add(t->line->calendar, from, d) : from;
}

void
dues_of_state(struct turn *t, Td__Case *c, int64_t at)
{
    const struct conf_state *conf = conf_state_find(t->conf, schema_state_name(c->state));
    due_clear(c, "remind");
    due_clear(c, "close");
    if (conf == NULL || c->state == TD__STATE__CLOSED)
        return;
    for (size_t i = 0; i < conf->remind.n; i++)
        due_set(t, c, "remind", duration_after(t, at, conf->remind.v[i]), conf->remind.v[i]);
    if (conf->close != NULL)
        due_set(t, c, "close", duration_after(t, at, conf->close), conf->close);
}
