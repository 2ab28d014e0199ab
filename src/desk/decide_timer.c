/* SPDX-License-Identifier: ISC
 *
 * A moment of a case has come: a target is nearly used up or has passed, a step of escalation is due, or one of its dues is.
 * When several are overdue because nobody was there to do them, only the highest sends its letters, and the entry names the
 * others: no storm after an outage.
 */
#include <string.h>

#include "act_room.h"

/* ---- clocks */

/* The overdue step that reaches furthest. */
static Td__Step *
highest_overdue(const Td__Clock *k, int64_t now)
{
    Td__Step *highest = NULL;
    for (size_t i = 0; i < k->n_steps; i++) {
        Td__Step *s = k->steps[i];
        if (!s->has_done_at && s->due_at <= now && (highest == NULL || s->due_at >= highest->due_at))
            highest = s;
    }
    return highest;
}

/* What letters about a clock say, in the words of this reader. */
static void
clock_fields(struct turn *t, const struct reader *r, const Td__Case *c, const Td__Clock *k, struct template_fields *f)
{
    struct desk_used used;
    desk_used(t->d, c, k, t->now, &used);
    f->v[FIELD_CLOCK] = clock_words(t, r, k->name);
    f->v[FIELD_TARGET] = target_words(t, r, k->target);
    f->v[FIELD_DUE] = date_words(t, r, k->due_at);
    f->v[FIELD_USED] = arena_printf(t->a, "%u %%", used.percent);
    f->v[FIELD_LEFT] = used.left_s > 0 ? open_words(t, r, used.left_s) : NULL;
    f->v[FIELD_LATE] = t->now > k->due_at ? span_words(t, r, t->now - k->due_at) : NULL;
}

struct step_letter { const Td__Clock *k; const Td__Step *step; Td__Step **skipped; size_t n_skipped; };

static void
step_fields(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    const struct step_letter *s = u;
    clock_fields(t, r, c, s->k, f);
    for (size_t i = 0; i < s->n_skipped; i++)
        template_list_add(t->a, f, FIELD_SKIPPED,
                          say_words(t, r, "skipped", s->skipped[i]->to, s->skipped[i]->has_warn ? s->k->target : s->skipped[i]->after, NULL));
}

static const char *
step_words(struct turn *t, const Td__Step *s, const char *to)
{
    return s->has_warn ? arena_printf(t->a, "%u %% of the target used, to %s", s->warn, to) : arena_printf(t->a, "step %s to %s", s->after, to);
}

static void
steps_do(struct turn *t, struct desk_case_change *ch, Td__Clock *k)
{
    struct step_letter s = { .k = k, .step = highest_overdue(k, t->now) };
    Td__Step *highest = (Td__Step *)s.step;
    const char *others = "", *to = "";
    if (highest == NULL)
        return;
    s.skipped = arena_alloc(t->a, (k->n_steps + 1) * sizeof *s.skipped);
    for (size_t i = 0; i < k->n_steps; i++) {
        Td__Step *o = k->steps[i];
        if (o->has_done_at || o->due_at > t->now)
            continue;
        o->has_done_at = true;
        o->done_at = t->now;
        if (o->due_at == highest->due_at && o->has_warn == highest->has_warn) {        /* of the same height */
            to = arena_printf(t->a, "%s%s%s", to, to[0] ? " " : "", o->to);
            continue;
        }
        s.skipped[s.n_skipped++] = o;
        others = arena_printf(t->a, "%s%s%s", others, others[0] ? ", " : "; stands for the overdue: ", step_words(t, o, o->to));
    }
    struct act act = { .t = t, .ch = ch, .by = "timer", .at = t->now };
    Td__Letter__Kind kind = highest->has_warn ? TD__LETTER__KIND__WARNING : TD__LETTER__KIND__ESCALATION;
    Td__Entry *e = turn_entry(t, ch, highest->has_warn ? TD__ENTRY__WHAT__WARNED : TD__ENTRY__WHAT__ESCALATED, "timer", NULL);
    uint64_t first = t->f->next_letter + t->out->letters_used;
    const char *told = tell_staff_each(&act, kind, to, step_fields, &s);
    e->why = arena_printf(t->a, "clock %s: %s%s; letter to %s%s", k->name, highest->has_warn ? "" : "not met, ", step_words(t, highest, to), told, others);
    e->detail = arena_strdup(t->a, k->name);
    if (t->f->next_letter + t->out->letters_used == first)
        return;
    e->has_letter = true;
    e->letter = first;
    e->recipient = arena_strdup(t->a, t->out->letters[t->out->n_letters - 1]->to[0]->addr);
}

static const char *
clock_due(struct turn *t, const Td__Case *c)
{
    const Td__Clock *k = clock_find(c, t->e->clock);
    if (k == NULL || !clock_runs(c, k) || (highest_overdue(k, t->now) == NULL && (k->breached || t->now < k->due_at)))
        return NULL;
    struct desk_case_change *ch = turn_change(t, c);
    Td__Clock *after = clock_find(ch->after, t->e->clock);
    bool breached = clock_breach(t, ch, after, t->now);
    steps_do(t, ch, after);
    return t->out->n_letters ? "escalate" : breached ? "breach" : "warn";
}

/* ---- dues */

/* The customer is asked once more; reminders that were missed are one. */
static void
due_remind(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    Td__Case *c = ch->after;
    struct act act = { .t = t, .ch = ch, .by = "timer", .at = t->now };
    struct reader r = reader_customer(t, c);
    bool estimate = c->approval != NULL && strcmp(c->approval, "estimate") == 0;
    const Td__Due *close = estimate ? NULL : due_find(c, "close");
    if (close != NULL && close->due_at <= t->now)       /* it is closed in a moment */
        return;
    struct template_fields f = { .v = { [FIELD_ESTIMATE] = estimate ? "1" : NULL, [FIELD_DUE] = close ? date_words(t, &r, close->due_at) : NULL } };
    turn_entry(t, ch, TD__ENTRY__WHAT__REMINDED, "timer", arena_printf(t->a, "%s for %s", schema_state_name(c->state), detail ? detail : "some time"));
    tell_customer(&act, TD__LETTER__KIND__REMINDER, &f, NULL, "reminder");
}

static void
due_close(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    Td__Case *c = ch->after;
    if (c->approval != NULL && strcmp(c->approval, "estimate") == 0)    /* silence closes no estimate */
        return;
    struct act act = { .t = t, .ch = ch, .by = "timer", .at = t->now };
    act.why = arena_printf(t->a, "%s for %s without an answer", schema_state_name(c->state), detail ? detail : "some time");
    act_state(&act, TD__STATE__CLOSED, NULL);
}

static void
request_fields(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    (void)u;
    f->v[FIELD_WHAT] = say_words(t, r, "request-unanswered", date_words(t, r, c->escalation_asked_at), NULL, NULL);
}

/* Nobody has said yes or no to a customer who asked for more urgency. */
static void
due_request(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    if (!ch->after->has_escalation_asked_at)
        return;
    struct act act = { .t = t, .ch = ch, .by = "timer", .at = t->now };
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__ESCALATED, "timer", NULL);
    e->why = arena_printf(t->a, "the request for escalation has had no answer for %s; letter to %s", detail ? detail : "some time",
                          tell_staff_each(&act, TD__LETTER__KIND__ESCALATION, "manager director", request_fields, NULL));
}

static const struct { const char *what; void (*go)(struct turn *, struct desk_case_change *, const char *detail); } dues[] = {
    { "close", due_close }, { "remind", due_remind }, { "request", due_request }, { "held", due_held }, { "admit", due_admit }, { "staff", due_staff },
};

/* One of the case's dues, and with it all of the same name that are overdue. */
static const char *
due_due(struct turn *t, const Td__Case *c, const char *what)
{
    const char *detail = NULL;
    bool any = false;
    for (size_t i = 0; i < c->n_dues; i++)
        if (strcmp(c->dues[i]->what, what) == 0 && c->dues[i]->due_at <= t->now) {
            any = true;
            detail = c->dues[i]->detail;
        }
    if (!any)
        return NULL;
    struct desk_case_change *ch = turn_change(t, c);
    dues_past(ch->after, what, t->now);
    for (size_t i = 0; i < countof(dues); i++)
        if (strcmp(dues[i].what, what) == 0)
            dues[i].go(t, ch, detail);
    return what;
}

void
decide_timer(struct turn *t)
{
    const Td__Case *c = turn_case(t, t->e->case_id);
    t->out->fate_case = t->e->case_id;
    if (c == NULL || c->id != t->e->case_id) {
        turn_told(t, "none", "the case is gone or merged");
        return;
    }
    size_t prefix = strlen(TIMER_DUE);
    bool due = strncmp(t->e->clock, TIMER_DUE, prefix) == 0;
    const char *done = due ? due_due(t, c, t->e->clock + prefix) : clock_due(t, c);
    if (done == NULL)
        turn_told(t, "none", due ? "it is no longer due" : "the clock is met, stopped or due later");
    else
        turn_told(t, done, t->e->clock);
}
