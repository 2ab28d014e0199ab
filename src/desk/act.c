/* SPDX-License-Identifier: ISC
 *
 * The small verbs of the workflow: what is written down about a case without moving it, and what ends it for good. Each writes
 * its entry; what changes nothing writes nothing and answers false. Whoever calls has checked that it may be done.
 */
#include <string.h>

#include "act_room.h"

#define LIST_MAX 100                    /* tags, watchers: what a case keeps of each */
#define FIELDS_MAX 100
#define MINUTES_MAX 1000000u

Td__Entry *
act_entry(const struct act *c, Td__Entry__What what, const char *detail, const char *words)
{
    Td__Entry *e = turn_entry(c->t, c->ch, what, c->by, c->why);
    e->detail = arena_strdup(c->t->a, detail);
    if (words != NULL && words[0] != '\0')
        e->text = arena_strndup(c->t->a, words, utf8_clip(words, DESK_ENTRY_TEXT_MAX));
    return e;
}

bool
act_field(const struct act *c, const char *name, const char *value)
{
    Td__Case *kase = c->ch->after;
    bool empty = value == NULL || value[0] == '\0';
    size_t i = 0;
    while (i < kase->n_fields && strcmp(kase->fields[i]->name, name) != 0)
        i++;
    bool there = i < kase->n_fields;
    if (there ? !empty && strcmp(kase->fields[i]->value, value) == 0 : empty || kase->n_fields >= FIELDS_MAX)
        return false;
    if (empty) {
        memmove(&kase->fields[i], &kase->fields[i + 1], (--kase->n_fields - i) * sizeof *kase->fields);
    } else if (there) {
        kase->fields[i]->value = arena_strdup(c->t->a, value);
    } else {
        Td__Field *f = schema_new(c->t->a, &td__field__descriptor);
        f->name = arena_strdup(c->t->a, name);
        f->value = arena_strdup(c->t->a, value);
        arena_push(c->t->a, &kase->fields, &kase->n_fields, f);
    }
    act_entry(c, TD__ENTRY__WHAT__FIELD, arena_printf(c->t->a, "%s=%s", name, empty ? "" : value), NULL);
    if (!empty)
        clocks_event(c->t, c->ch, arena_printf(c->t->a, "field:%s", name), c->at);
    return true;
}

/* Adds to or takes out of a short list of words. false: it was so already, or there is no room. */
static bool
list_switch(struct arena *a, char ***v, size_t *n, const char *word, bool on, bool (*equal)(const char *, const char *))
{
    size_t i = 0;
    while (i < *n && !equal((*v)[i], word))
        i++;
    if (on ? i < *n || *n >= LIST_MAX : i == *n)
        return false;
    if (on)
        arena_push(a, v, n, arena_strdup(a, word));
    else
        memmove(&(*v)[i], &(*v)[i + 1], (--*n - i) * sizeof **v);
    return true;
}

bool
act_tag(const struct act *c, const char *tag, bool on)
{
    Td__Case *kase = c->ch->after;
    if (!list_switch(c->t->a, &kase->tags, &kase->n_tags, tag, on, str_eq_nocase))
        return false;
    act_entry(c, TD__ENTRY__WHAT__TAG, arena_printf(c->t->a, "%s%s", on ? "" : "-", tag), NULL);
    return true;
}

bool
act_watch(const struct act *c, const char *person, bool on)
{
    Td__Case *kase = c->ch->after;
    if (!list_switch(c->t->a, &kase->watchers, &kase->n_watchers, person, on, addr_equal))
        return false;
    act_entry(c, TD__ENTRY__WHAT__WATCH, arena_printf(c->t->a, "%s%s", on ? "" : "-", person), NULL);
    return true;
}

bool
act_note(const struct act *c, const char *words)
{
    if (words == NULL || words[0] == '\0')
        return false;
    act_entry(c, TD__ENTRY__WHAT__NOTE, NULL, words);
    return true;
}

static void
minutes_add(protobuf_c_boolean *has, uint32_t *sum, unsigned minutes)
{
    *has = true;
    *sum = *sum + minutes < MINUTES_MAX ? *sum + minutes : MINUTES_MAX;
}

bool
act_time(const struct act *c, unsigned minutes, bool overtime, bool billable, const char *words)
{
    Td__Case *kase = c->ch->after;
    if (minutes == 0 || minutes > MINUTES_MAX)
        return false;
    minutes_add(&kase->has_minutes, &kase->minutes, minutes);
    if (overtime)
        minutes_add(&kase->has_minutes_overtime, &kase->minutes_overtime, minutes);
    if (billable)
        minutes_add(&kase->has_minutes_billable, &kase->minutes_billable, minutes);
    act_entry(c, TD__ENTRY__WHAT__TIME, arena_printf(c->t->a, "%u min%s%s", minutes, overtime ? " overtime" : "", billable ? " billable" : ""), words);
    return true;
}

bool
act_letter(const struct act *c, const char *name, const struct template_fields *extra)
{
    static const struct { const char *word; Td__Letter__Kind kind; } kinds[] = {
        { "update", TD__LETTER__KIND__UPDATE }, { "referral", TD__LETTER__KIND__REFERRAL }, { "refusal", TD__LETTER__KIND__REFUSAL },
    };
    const struct conf_letter *letter = conf_letter_find(c->t->conf, name);
    Td__Letter__Kind kind = TD__LETTER__KIND__UPDATE;
    for (size_t i = 0; letter != NULL && letter->kind != NULL && i < countof(kinds); i++)
        if (strcmp(kinds[i].word, letter->kind) == 0)
            kind = kinds[i].kind;
    struct template_fields own = { .v = { NULL } };
    if (letter != NULL && extra == NULL)
        letter_fields_of_case(letter, c->ch->after, &own);
    return letter != NULL && tell_customer(c, kind, extra ? extra : &own, letter, arena_printf(c->t->a, "prepared letter \"%s\"", name)) != NULL;
}

bool
act_rate(const struct act *c, unsigned stars, const char *words)
{
    Td__Case *kase = c->ch->after;
    if (stars < 1 || stars > 5 || (kase->has_rating && kase->rating == stars && (words == NULL || words[0] == '\0')))
        return false;
    kase->has_rating = true;
    kase->rating = stars;
    act_entry(c, TD__ENTRY__WHAT__RATED, arena_printf(c->t->a, "%u", stars), words);
    return true;
}

/* ---- the end without an answer */

/* Closed without a letter and without meeting a clock: there is nothing that was done. */
static void
end_quietly(const struct act *c)
{
    Td__Case *kase = c->ch->after;
    if (kase->state != TD__STATE__CLOSED) {
        kase->state = TD__STATE__CLOSED;
        kase->has_state_at = kase->has_closed_at = true;
        kase->state_at = kase->closed_at = c->at;
    }
    clocks_pause(c->t->d, c->t->line, kase, c->at, c->t->a);
    kase->has_escalation_asked_at = false;
    kase->approval = NULL;
    due_clear(kase, NULL);
}

bool
act_spam(const struct act *c)
{
    Td__Case *kase = c->ch->after;
    if (kase->has_spam && kase->spam)
        return false;
    kase->has_spam = kase->spam = true;
    act_entry(c, TD__ENTRY__WHAT__SPAM, arena_printf(c->t->a, "%s to closed", schema_state_name(kase->state)), NULL);
    end_quietly(c);
    return true;
}

/* Who was on it is on that one too. Parked senders stay parked. */
static void
people_move(const struct act *c, Td__Case *into)
{
    const Td__Case *from = c->ch->after;
    if (!case_has(c->t, into, from->requester->addr))
        case_participant_add(c->t, into, from->requester, "cc");
    for (size_t i = 0; i < from->n_participants; i++)
        if (!case_has(c->t, into, from->participants[i]->address->addr))
            case_participant_add(c->t, into, from->participants[i]->address, from->participants[i]->role);
}

static bool
is_over(const Td__Case *c)
{
    return c->state == TD__STATE__RESOLVED || c->state == TD__STATE__CLOSED;
}

bool
act_merge_possible(const struct act *c, const Td__Case *into)
{
    const Td__Case *kase = c->ch->after;
    bool ended = (into->has_spam && into->spam) || (into->has_refused && into->refused);
    if (is_over(kase) || into->state != TD__STATE__CLOSED)
        return true;
    return !ended && into->has_closed_at && c->at <= into->closed_at + c->t->conf->reopen_s;
}

/* What the customer waits for there is waited for here: a request for escalation, answered or not. */
static void
escalation_move(const struct act *c, struct desk_case_change *other)
{
    Td__Case *from = c->ch->after, *on = other->after;
    const Td__Due *due = due_find(from, "request");
    struct act act = { .t = c->t, .ch = other, .by = c->by, .why = "as the case that was merged into it", .at = c->at };
    if (on->has_escalated && on->escalated)
        return;
    if (from->has_escalated && from->escalated) {
        on->has_escalated = on->escalated = true;
        if (strcmp(on->priority, from->priority) != 0)
            priority_set(&act, from->priority);
    }
    if (from->has_escalation_asked_at && !on->has_escalation_asked_at) {
        on->has_escalation_asked_at = true;
        on->escalation_asked_at = from->escalation_asked_at;
        if (due != NULL)
            due_set(c->t, on, due->what, due->due_at, due->detail);
    }
}

/* Where to follow it from now on; who never got the old number, or thinks it is over, need not know. */
static void
merge_tell(const struct act *c, const Td__Case *on, bool was_over)
{
    const Td__Case *kase = c->ch->after;
    struct template_fields f = { .v = { [FIELD_MERGED] = on->number } };
    if (c->t->conf->tell_merged && !was_over && kase->has_acknowledged && kase->acknowledged)
        tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, "told under which number it goes on");
}

bool
act_merge(const struct act *c, const Td__Case *into)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    bool was_over = is_over(kase);
    if (into == NULL || into->id == kase->id || kase->has_merged_into || into->has_merged_into)
        return false;
    struct desk_case_change *other = turn_change(t, into);
    Td__Case *on = other->after;
    turn_entry(t, c->ch, TD__ENTRY__WHAT__MERGED, c->by, c->why)->detail = arena_printf(t->a, "into %s", on->number);
    turn_entry(t, other, TD__ENTRY__WHAT__MERGED, c->by, c->why)->detail = arena_printf(t->a, "from %s", kase->number);
    people_move(c, on);
    if (!was_over && is_over(on))       /* what is open here is open there */
        act_wake(&(struct act){ .t = t, .ch = other, .by = c->by, .why = "an open case was merged into it", .at = c->at });
    if (on->state != TD__STATE__CLOSED) {
        clocks_merge(t->d, t->line, on, kase, t->a);
        escalation_move(c, other);
    }
    for (size_t i = 0; i < kase->n_tags; i++)
        list_switch(t->a, &on->tags, &on->n_tags, kase->tags[i], true, str_eq_nocase);
    for (size_t i = 0; i < kase->n_watchers; i++)
        list_switch(t->a, &on->watchers, &on->n_watchers, kase->watchers[i], true, addr_equal);
    kase->has_merged_into = true;
    kase->merged_into = on->id;
    end_quietly(c);
    merge_tell(c, on, was_over);
    return true;
}
