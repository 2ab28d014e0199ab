/* SPDX-License-Identifier: ISC
 *
 * Clocks: service-level targets that run on a case. Which settings make one, when it is due, when it stands still, and what
 * meets it. The due moment is always what "Counting" says of target, start and pauses, so that it can be recomputed later; the
 * settings that a running clock needs are written on it, so that it outlives them.
 */
#include <string.h>

#include "act_room.h"

static struct duration
duration_of(const char *s)
{
    struct duration d = { DURATION_WORKING_HOURS, 0 };
    const char *wrong;
    if (!duration_parse(s, &d, &wrong))
        d = (struct duration){ DURATION_WORKING_HOURS, 0 };     /* cannot be: checked at load; a stored one then is due at once */
    return d;
}

/* ---- when it is due */

/* The moment with the pauses that began since then: each adds what of the way was left when it began. */
static int64_t
paused_on(const struct calendar *cal, const Td__Clock *k, enum duration_unit unit, int64_t since, int64_t moment)
{
    for (size_t i = 0; i < k->n_pauses; i++) {
        const Td__Pause *p = k->pauses[i];
        if (!p->has_to_at || p->from_at < since)
            continue;
        int64_t later = calendar_resume(cal, moment, unit, p->from_at, p->to_at);
        moment = later > moment ? later : moment;       /* a pause in closed time takes nothing away */
    }
    return moment;
}

/* So many percent of the way: of open time, for months of all time. */
static int64_t
warn_moment(const struct calendar *cal, const Td__Clock *k, struct duration d, unsigned percent)
{
    int64_t end = calendar_add(cal, k->started_at, d);
    if (d.unit == DURATION_MONTHS)
        return k->started_at + (end - k->started_at) / 100 * percent + (end - k->started_at) % 100 * percent / 100;
    int64_t open = calendar_open_between(cal, k->started_at, end);
    return calendar_add(cal, k->started_at, (struct duration){ DURATION_WORKING_HOURS, open * percent / 100 });
}

/* Sets due of the clock and of its steps that are not done. true: something is another moment now. A breach keeps its moment. */
bool
clock_set_due(const struct desk *d, const struct line *line, Td__Clock *k)
{
    const struct calendar *cal = desk_calendar(d, line, k->calendar);
    struct duration target = duration_of(k->target);
    bool changed = false;
    if (!k->breached) {
        int64_t due = paused_on(cal, k, target.unit, INT64_MIN, calendar_add(cal, k->started_at, target));
        changed = due != k->due_at;
        k->due_at = due;
    }
    for (size_t i = 0; i < k->n_steps; i++) {
        Td__Step *s = k->steps[i];
        struct duration after = duration_of(s->after);
        int64_t at = s->has_warn ? paused_on(cal, k, target.unit, INT64_MIN, warn_moment(cal, k, target, s->warn))
            : paused_on(cal, k, after.unit, k->due_at, calendar_add(cal, k->due_at, after));
        if (s->has_done_at || s->due_at == at)
            continue;
        s->due_at = at;
        changed = true;
    }
    return changed;
}

/* ---- which settings */

struct settings { const struct conf_clock *v; size_t n; const char *what; };

static struct settings
settings_at(const struct line *line, const Td__Case *c, size_t source)
{
    const struct conf_kind *kind = c->kind ? conf_kind_find(line->conf, c->kind) : NULL;
    const struct conf_queue *queue = conf_queue_find(line->conf, c->queue);
    const struct conf_priority *priority = conf_priority_find(line->conf, c->priority);
    switch (source) {
    case 0: return kind ? (struct settings){ kind->clocks, kind->n_clocks, "kind" } : (struct settings){ 0 };
    case 1: return queue ? (struct settings){ queue->clocks, queue->n_clocks, "queue" } : (struct settings){ 0 };
    case 2: return priority ? (struct settings){ priority->clocks, priority->n_clocks, "priority" } : (struct settings){ 0 };
    default: return (struct settings){ line->conf->clocks, line->conf->n_clocks, "desk" };
    }
}
#define SOURCES 4

const struct conf_clock *
clock_conf(const struct line *line, const Td__Case *c, const char *name, const char **source)
{
    for (size_t s = 0; s < SOURCES; s++) {
        struct settings at = settings_at(line, c, s);
        for (size_t i = 0; i < at.n; i++)
            if (strcmp(at.v[i].name, name) == 0) {
                *source = at.what;
                return &at.v[i];
            }
    }
    return NULL;
}

const struct conf_clock *
clock_next(struct clock_walk *w, const char **source)
{
    for (; w->source < SOURCES; w->source++, w->i = 0) {
        struct settings at = settings_at(w->line, w->c, w->source);
        while (w->i < at.n) {
            const struct conf_clock *k = &at.v[w->i++];
            if (clock_conf(w->line, w->c, k->name, source) == k)
                return k;
        }
    }
    return NULL;
}

/* priority "urgent" */
static const char *
source_words(const struct line *line, const Td__Case *c, const char *source, struct arena *a)
{
    const char *name = strcmp(source, "kind") == 0 ? c->kind : strcmp(source, "queue") == 0 ? c->queue : strcmp(source, "priority") == 0 ? c->priority
        : line->conf->name;
    return arena_printf(a, "%s \"%s\"", source, name);
}

/* The clock's own calendar, else the customer's, else the desk's. */
static const char *
calendar_for(const struct line *line, const Td__Case *c, const struct conf_clock *conf)
{
    const struct conf_customer *customer = c->customer ? conf_customer_find(line->conf, c->customer) : NULL;
    return conf->calendar ? conf->calendar : customer && customer->calendar ? customer->calendar : line->conf->calendar;
}

/* ---- making one */

static const char *
join(const struct conf_strings *list, struct arena *a)
{
    const char *all = "";
    for (size_t i = 0; i < list->n; i++)
        all = arena_printf(a, "%s%s%s", all, i ? " " : "", list->v[i]);
    return all;
}

static void
step_add(Td__Clock *k, const char *after, const char *to, unsigned warn, struct arena *a)
{
    Td__Step *s = schema_new(a, &td__step__descriptor);
    s->after = arena_strdup(a, after);
    s->to = arena_strdup(a, to);
    s->has_warn = warn > 0;
    s->warn = warn;
    arena_push(a, &k->steps, &k->n_steps, s);
}

static uint32_t
state_of(const char *name)
{
    for (uint32_t s = TD__STATE__NEW; s <= TD__STATE__CLOSED; s++)
        if (strcmp(schema_state_name((Td__State)s), name) == 0)
            return s;
    return 0;
}

void
clock_take_settings(const struct desk *d, const struct line *line, const Td__Case *c, Td__Clock *k, const struct conf_clock *conf,
                    const char *source, int64_t at, struct arena *a)
{
    bool warned = false;
    for (size_t i = 0; i < k->n_steps; i++)
        warned |= k->steps[i]->has_warn && k->steps[i]->has_done_at;
    k->calendar = arena_strdup(a, calendar_for(line, c, conf));
    k->target = arena_strdup(a, conf->target);
    k->why = (char *)source_words(line, c, source, a);
    k->n_steps = k->n_stops = k->n_pause_states = 0;
    k->pause_states = arena_alloc(a, (conf->pause.n + 1) * sizeof *k->pause_states);
    for (size_t i = 0; i < conf->pause.n; i++)
        k->pause_states[k->n_pause_states++] = state_of(conf->pause.v[i]);
    for (size_t i = 0; i < conf->stop.n; i++)
        arena_push(a, &k->stops, &k->n_stops, arena_strdup(a, conf->stop.v[i]));
    if (conf->warn > 0)
        step_add(k, "0m", conf->warn_to.n ? join(&conf->warn_to, a) : "assignee", conf->warn, a);
    for (size_t i = 0; i < conf->n_steps; i++)
        step_add(k, conf->steps[i].after, conf->steps[i].to, 0, a);
    clock_set_due(d, line, k);
    if (warned && k->n_steps > 0 && k->steps[0]->has_warn && k->steps[0]->due_at <= at) {      /* nobody is warned twice of the same past */
        k->steps[0]->has_done_at = true;
        k->steps[0]->done_at = at;
    }
}

static bool
pauses_in(const Td__Clock *k, Td__State state)
{
    for (size_t i = 0; i < k->n_pause_states; i++)
        if (k->pause_states[i] == (uint32_t)state)
            return true;
    return false;
}

static bool
is_paused(const Td__Clock *k)
{
    return k->n_pauses > 0 && !k->pauses[k->n_pauses - 1]->has_to_at;
}

static void
pause_begin(Td__Clock *k, int64_t at, struct arena *a)
{
    int64_t after = k->n_pauses > 0 ? k->pauses[k->n_pauses - 1]->to_at : k->started_at;
    Td__Pause *p = schema_new(a, &td__pause__descriptor);
    p->from_at = at > after ? at : after;
    arena_push(a, &k->pauses, &k->n_pauses, p);
}

static void
pause_end(const struct desk *d, const struct line *line, Td__Clock *k, int64_t at)
{
    Td__Pause *p = k->pauses[k->n_pauses - 1];
    p->has_to_at = true;
    p->to_at = at > p->from_at ? at : p->from_at;
    clock_set_due(d, line, k);
}

Td__Clock *
clock_add(const struct desk *d, const struct line *line, Td__Case *c, const struct conf_clock *conf, const char *source, int64_t at, struct arena *a)
{
    Td__Clock *k = schema_new(a, &td__clock__descriptor);
    k->name = arena_strdup(a, conf->name);
    k->started_at = at;
    clock_take_settings(d, line, c, k, conf, source, at, a);
    if (pauses_in(k, c->state))
        pause_begin(k, at, a);
    arena_push(a, &c->clocks, &c->n_clocks, k);
    return k;
}

void
clocks_start_after(const struct desk *d, const struct line *line, Td__Case *c, const char *after, int64_t at, struct arena *a)
{
    struct clock_walk w = { .line = line, .c = c };
    const struct conf_clock *conf;
    const char *source;
    while ((conf = clock_next(&w, &source)) != NULL)
        if (strcmp(conf->start ? conf->start : "open", after) == 0 && clock_find(c, conf->name) == NULL)
            clock_add(d, line, c, conf, source, at, a);
}

void
clocks_start(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a)
{
    clocks_start_after(d, line, c, "open", at, a);
}

/* ---- standing still */

Td__Clock *
clock_find(const Td__Case *c, const char *name)
{
    for (size_t i = 0; i < c->n_clocks; i++)
        if (strcmp(c->clocks[i]->name, name) == 0)
            return c->clocks[i];
    return NULL;
}

bool
clock_stops_at(const Td__Clock *k, const char *event)
{
    for (size_t i = 0; i < k->n_stops; i++)
        if (strcmp(k->stops[i], event) == 0)
            return true;
    return false;
}

bool
state_halts(const Td__Case *c, const Td__Clock *k)
{
    if (c->state == TD__STATE__CLOSED || c->has_merged_into)
        return true;
    return c->state == TD__STATE__RESOLVED && !(clock_stops_at(k, "close") && !clock_stops_at(k, "resolve"));
}

bool
clock_runs(const Td__Case *c, const Td__Clock *k)
{
    return !k->has_met_at && !state_halts(c, k) && !is_paused(k);
}

void
clocks_pause(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a)
{
    for (size_t i = 0; i < c->n_clocks; i++) {
        Td__Clock *k = c->clocks[i];
        bool still = pauses_in(k, c->state);
        if (k->has_met_at || is_paused(k) == still)
            continue;
        if (still)
            pause_begin(k, at, a);
        else
            pause_end(d, line, k, at);
    }
}

/* ---- meeting and missing */

bool
clock_breach(struct turn *t, struct desk_case_change *ch, Td__Clock *k, int64_t now)
{
    char due[TIME_TEXT_MAX];
    if (k->breached || now < k->due_at)
        return false;
    k->breached = true;
    time_format(k->due_at, due);
    turn_entry(t, ch, TD__ENTRY__WHAT__BREACHED, "timer", arena_printf(t->a, "clock %s: target %s was due %s", k->name, k->target, due))->detail =
        arena_strdup(t->a, k->name);
    return true;
}

/* Met late it is breached; met in time and only read late (the timer was quicker than the mail), it is not. */
static void
meet(struct turn *t, struct desk_case_change *ch, Td__Clock *k, const char *event, int64_t at)
{
    int64_t counts = state_halts(ch->after, k) && ch->after->has_resolved_at && ch->after->resolved_at < at ? ch->after->resolved_at : at;
    if (is_paused(k)) {
        pause_end(t->d, t->line, k, at);
        counts = at;
    }
    if (counts > k->due_at) {
        clock_breach(t, ch, k, counts);
    } else if (k->breached) {
        k->breached = false;
        turn_entry(t, ch, TD__ENTRY__WHAT__CLOCK, "timer", arena_printf(t->a, "clock %s: was met in time, as was only seen now", k->name))->detail =
            arena_strdup(t->a, k->name);
    }
    k->has_met_at = true;
    k->met_at = at;
    k->met_by = arena_strdup(t->a, event);
}

void
clocks_event(struct turn *t, struct desk_case_change *ch, const char *event, int64_t at)
{
    Td__Case *c = ch->after;
    size_t n = c->n_clocks;             /* what this event starts, it does not meet */
    if (c->state == TD__STATE__CLOSED || c->has_merged_into)
        return;
    for (size_t i = 0; i < n; i++) {
        Td__Clock *k = c->clocks[i];
        if (k->has_met_at || at < k->started_at || !clock_stops_at(k, event))
            continue;
        meet(t, ch, k, event, at);
        clocks_start_after(t->d, t->line, c, k->name, at, t->a);
    }
}

void
clock_restart(const struct desk *d, const struct line *line, Td__Clock *k, int64_t at)
{
    k->started_at = at;
    k->has_met_at = false;
    k->met_at = 0;
    k->met_by = NULL;
    k->breached = false;
    k->n_pauses = 0;
    for (size_t i = 0; i < k->n_steps; i++)
        k->steps[i]->has_done_at = false;
    clock_set_due(d, line, k);
}

/* Goes on with the time used so far: the while it stood still is a pause. A breach stays. */
void
clock_resume(const struct desk *d, const struct line *line, Td__Clock *k, int64_t paused_at, int64_t at, struct arena *a)
{
    k->has_met_at = false;
    k->met_at = 0;
    k->met_by = NULL;
    if (is_paused(k)) {                 /* the longer pause holds both */
        pause_end(d, line, k, at);
        return;
    }
    pause_begin(k, paused_at, a);
    pause_end(d, line, k, at);
}

void
clocks_reopen(const struct desk *d, const struct line *line, Td__Case *c, int64_t resolved_at, int64_t closed_at, int64_t at, struct arena *a)
{
    for (size_t i = 0; i < c->n_clocks; i++) {
        Td__Clock *k = c->clocks[i];
        bool ended = k->met_by == NULL ? clock_stops_at(k, "resolve") || clock_stops_at(k, "close") || k->n_stops == 0
            : strcmp(k->met_by, "resolve") == 0 || strcmp(k->met_by, "close") == 0;
        bool to_close = clock_stops_at(k, "close") && !clock_stops_at(k, "resolve");
        if (strcmp(k->name, "respond") == 0)
            clock_restart(d, line, k, at);
        else if (!k->has_met_at)
            clock_resume(d, line, k, to_close ? closed_at : resolved_at, at, a);
        else if (ended)
            clock_resume(d, line, k, k->met_at, at, a);
    }
}
