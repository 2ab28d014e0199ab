/* SPDX-License-Identifier: ISC
 *
 * A clock's moment has come: the target passed, a step of escalation is due, or several are because nobody was there to
 * do them. Then only the highest sends its letter, and its entry names the others: no storm after an outage.
 */
#include <string.h>

#include "desk_room.h"

static const char *
who_words(struct turn *t, const Td__Address *who)
{
    return who->name ? arena_printf(t->a, "%s <%s>", who->name, who->addr) : who->addr;
}

/* The address of a step: one as it stands, or the desk's alarm-to for the word "alarm" and for what is no address. */
static const char *
step_address(const struct turn *t, const Td__Step *s)
{
    if (addr_valid(s->to))
        return s->to;
    return t->conf->alarm_to != NULL && addr_valid(t->conf->alarm_to) ? t->conf->alarm_to : NULL;
}

static Td__Letter *
escalation(struct turn *t, const Td__Case *c, const Td__Clock *k, const char *to, const char **skipped, size_t n_skipped)
{
    const char *language = t->conf->languages.v[0];
    const struct conf_priority *p = conf_priority_find(t->conf, c->priority);
    struct letter w = { .kind = TD__LETTER__KIND__ESCALATION, .to = to, .kase = c, .language = language };
    w.fields.v[FIELD_WHO] = who_words(t, c->requester);
    w.fields.v[FIELD_SUBJECT] = mail_bare_subject(c->subject, t->a);
    w.fields.v[FIELD_OPENED] = date_words(t->a, language, t->line->zone, c->opened_at, t->now);
    w.fields.v[FIELD_CLOCK] = k->name;
    w.fields.v[FIELD_TARGET] = k->target;
    w.fields.v[FIELD_DUE] = date_words(t->a, language, t->line->zone, k->due_at, t->now);
    w.fields.v[FIELD_LATE] = span_words(t->a, language, t->now - k->due_at);
    w.fields.v[FIELD_PRIORITY] = p && p->label ? p->label : c->priority;
    w.fields.v[FIELD_QUEUE] = c->queue;
    w.fields.v[FIELD_STATE] = desk_state_label(t->d, c);
    w.fields.list[FIELD_SKIPPED] = skipped;
    w.fields.n[FIELD_SKIPPED] = n_skipped;
    return letter_write(t, &w);
}

/* The overdue step that reaches furthest; the last of those due at the same moment. */
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

static void
escalate(struct turn *t, struct desk_case_change *ch, Td__Clock *k)
{
    Td__Step *highest = highest_overdue(k, t->now);
    const char **skipped = arena_alloc(t->a, (k->n_steps + 1) * sizeof *skipped);
    const char *others = "";
    size_t n = 0;
    if (highest == NULL)
        return;
    for (size_t i = 0; i < k->n_steps; i++) {
        Td__Step *s = k->steps[i];
        if (s->has_done_at || s->due_at > t->now)
            continue;
        s->has_done_at = true;
        s->done_at = t->now;
        if (s == highest)
            continue;
        skipped[n++] = arena_printf(t->a, "%s (%s)", s->to, s->after);
        others = arena_printf(t->a, "%s%s%s after %s", others, others[0] ? ", " : "; stands for the overdue steps to ", s->to, s->after);
    }
    const char *to = step_address(t, highest);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__ESCALATED, "timer",
                              arena_printf(t->a, "clock %s: not met, step %s to %s%s%s", k->name, highest->after, highest->to, others,
                                           to ? "" : " (no letter: no address)"));
    e->detail = arena_strdup(t->a, k->name);
    if (to == NULL)
        return;
    e->has_letter = true;
    e->letter = escalation(t, ch->after, k, to, skipped, n)->id;
    e->recipient = arena_strdup(t->a, to);
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
    const Td__Clock *k = clock_find(c, t->e->clock);
    if (k == NULL || !clock_runs(c, k) || (k->breached && highest_overdue(k, t->now) == NULL) || t->now < k->due_at) {
        turn_told(t, "none", "the clock is met, stopped or due later");
        return;
    }
    struct desk_case_change *ch = turn_change(t, c);
    Td__Clock *after = clock_find(ch->after, t->e->clock);
    bool breached = clock_breach(t, ch, after, t->now);
    escalate(t, ch, after);
    turn_told(t, t->out->n_letters ? "escalate" : breached ? "breach" : "none", t->e->clock);
}
