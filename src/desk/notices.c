/* SPDX-License-Identifier: ISC
 *
 * Letters about single cases to one of the staff, so many and no more. In a rush what comes on top is kept and told in one
 * letter a little later; what is urgent does not wait. Past the budget of an hour all of it waits for the next hour, and the
 * operator is told once. Nothing is dropped: what finds no room is counted, and the letter says how much that was.
 */
#include <string.h>

#include "act_room.h"

#define WAITING_MAX 100
#define TOLD_MAX 300
#define WORDS_MAX 600

static bool
is_urgent(const struct turn *t, const Td__Case *c)
{
    const struct conf_priority *p = conf_priority_find(t->conf, c->priority);
    const struct conf_kind *kind = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    return (c->has_escalated && c->escalated) || c->has_escalation_asked_at || (kind != NULL && kind->first) ||
           (p != NULL && p->rank == 0 && t->conf->n_priorities > 1);
}

/* How many left within the time that counts; older ones are forgotten. */
static size_t
recent_count(const struct turn *t, Td__Person *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_recent; i++)
        if (p->recent[i] > t->now - t->conf->notices.within_s && p->recent[i] <= t->now)
            p->recent[kept++] = p->recent[i];
    p->n_recent = kept;
    return kept;
}

/* protobuf-c's repeated numbers are no pointers: a new array, at most as long as is ever looked at. */
static void
recent_add(struct turn *t, Td__Person *p)
{
    size_t most = t->conf->notices.burst, from = p->n_recent >= most ? p->n_recent - most + 1 : 0;
    int64_t *v = arena_alloc(t->a, (p->n_recent + 1) * sizeof *v);
    size_t n = p->n_recent - from;
    if (n > 0)
        memcpy(v, p->recent + from, n * sizeof *v);
    v[n++] = t->now;
    p->recent = v;
    p->n_recent = n;
}

static void
hour_count(const struct turn *t, Td__Person *p)
{
    int64_t hour = t->now / 3600;
    if (!p->has_hour || p->hour != hour)
        p->hour_notices = 0;
    p->has_hour = p->has_hour_notices = true;
    p->hour = hour;
    p->hour_notices++;
}

static const char *
clipped(struct turn *t, const char *s, size_t most)
{
    return s ? arena_strndup(t->a, s, utf8_clip(s, most)) : NULL;
}

static void
keep(struct turn *t, Td__Person *p, const Td__Case *c, const char *to, const struct template_fields *f)
{
    struct reader r = reader_staff(t, to);
    if (p->n_waiting >= WAITING_MAX) {
        p->has_unseen = true;
        p->unseen++;
        return;
    }
    Td__Waiting *w = schema_new(t->a, &td__waiting__descriptor);
    const char *what = f->v[FIELD_WHAT] ? f->v[FIELD_WHAT] : f->v[FIELD_BY] ? say_words(t, &r, "wrote", f->v[FIELD_BY], NULL, NULL) : "";
    if (f->n[FIELD_ATTACHMENTS] > 0)
        what = arena_printf(t->a, "%s (+%zu)", what, f->n[FIELD_ATTACHMENTS]);
    w->at = t->now;
    w->case_id = c->id;
    w->what = (char *)clipped(t, arena_printf(t->a, "%s, %s: %s", c->number, date_words(t, &r, t->now), what), TOLD_MAX);
    w->words = (char *)clipped(t, f->v[FIELD_WORDS], WORDS_MAX);
    arena_push(t->a, &p->waiting, &p->n_waiting, w);
}

bool
notice_now(struct turn *t, struct desk_case_change *ch, const char *to, const struct template_fields *f, int64_t *when)
{
    const struct conf_notices *limit = &t->conf->notices;
    if (!is_staff(t->conf, to))
        return true;
    Td__Person *p = person_change(t, to);
    hour_count(t, p);
    bool spent = limit->hour > 0 && p->hour_notices > limit->hour;
    bool rush = limit->burst > 0 && (recent_count(t, p) >= limit->burst || p->n_waiting > 0) && !is_urgent(t, ch->after);
    if (limit->hour > 0 && p->hour_notices == limit->hour + 1)
        letter_alarm(t, ch, "notices", to, arena_printf(t->a, "%u", limit->hour), NULL);
    if (!spent && !rush) {
        if (limit->burst > 0)
            recent_add(t, p);
        return true;
    }
    *when = spent ? (t->now / 3600 + 1) * 3600 : t->now + limit->wait_s;
    if (!p->has_waiting_at || (spent && p->waiting_at < *when))
        p->waiting_at = *when;
    *when = p->waiting_at;
    p->has_waiting_at = true;
    keep(t, p, ch->after, to, f);
    return false;
}

/* ---- what waited */

void
notices_due(struct turn *t)
{
    const Td__Person *known = person_known(t, t->e->person);
    const char *to = t->e->person, *words = "";
    if (known == NULL || !known->has_waiting_at || known->waiting_at > t->now) {
        turn_told(t, "none", "nothing waits for this person");
        return;
    }
    Td__Person *p = person_change(t, to);
    struct reader r = reader_staff(t, to);
    struct letter w = { .kind = TD__LETTER__KIND__DIGEST, .to = to, .reply = DESK_TOKEN_DIGEST };
    for (size_t i = 0; i < p->n_waiting; i++) {
        const Td__Waiting *one = p->waiting[i];
        words = arena_printf(t->a, "%s%s%s%s%s", words, words[0] ? "\n\n" : "", one->what, one->words ? "\n" : "", one->words ? one->words : "");
    }
    unsigned unseen = p->has_unseen ? p->unseen : 0;
    if (unseen > 0)
        words = arena_printf(t->a, "%s\n\n%s", words, say_words(t, &r, "collected-more", arena_printf(t->a, "%u", unseen), NULL, NULL));
    w.fields.v[FIELD_TITLE] = say_words(t, &r, "collected", arena_printf(t->a, "%zu", p->n_waiting + unseen), NULL, NULL);
    w.fields.v[FIELD_WORDS] = words;
    p->n_waiting = 0;
    p->has_waiting_at = p->has_unseen = false;
    p->unseen = 0;
    if (words[0] == '\0') {             /* the cases were erased meanwhile */
        turn_told(t, "none", "nothing is left to tell");
        return;
    }
    if (!is_staff(t->conf, to)) {       /* no more: whoever has the cases now was told of that */
        turn_told(t, "none", "no longer staff");
        return;
    }
    letter_write(t, &w);
    turn_told(t, "notices", to);
}
