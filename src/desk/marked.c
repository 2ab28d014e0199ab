/* SPDX-License-Identifier: ISC
 *
 * Mail that our own filter has marked as spam or as worse: believed only from a source whose word counts. What opens a case then is
 * kept without a sound until one of the staff releases it: nobody is answered, nobody woken, no target runs, and nothing is lost.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

const char *
mark_of(const struct turn *t)
{
    const Td__Filter *f = t->e->kind == DESK_EVENT_MAIL ? t->m->filter : NULL;
    const Td__Origin *o = t->e->origin;
    if (f == NULL || !o->has_trusted || !o->trusted || (t->is_staff && t->proof == PROOF_AUTH))
        return NULL;
    return f->has_virus && f->virus ? "virus" : "spam";
}

const char *
mark_treatment(const struct turn *t)
{
    const char *mark = mark_of(t);
    if (mark == NULL)
        return "normal";
    return strcmp(mark, "virus") == 0 ? t->conf->on_virus : t->conf->on_spam;
}

bool
is_marked(const struct turn *t)
{
    return strcmp(mark_treatment(t), "normal") != 0;
}

/* Into the state of one that waits for somebody to look at it; `answerable`: nothing else speaks against answering. */
void
case_mark(struct turn *t, struct desk_case_change *ch, bool answerable)
{
    Td__Case *c = ch->after;
    const char *mark = mark_of(t);
    bool held = strcmp(mark_treatment(t), "held") == 0;
    c->marked = arena_strdup(t->a, mark);
    c->has_unanswerable = c->unanswerable = !answerable;
    arena_push(t->a, &c->tags, &c->n_tags, arena_strdup(t->a, mark));
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__SPAM, NULL, arena_printf(t->a, "%s by our own mail server: %.160s; %s until it is released", mark, t->m->filter->why,
                                                                               held ? "held" : "quiet"));
    e->detail = arena_strdup(t->a, mark);
    if (!held)
        return;
    c->has_spam = c->spam = true;
    c->state = TD__STATE__CLOSED;
    c->has_closed_at = true;
    c->closed_at = c->state_at;
}

/* ---- #release */

bool
act_release(const struct act *c)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    bool spam = kase->has_spam && kase->spam;
    if (kase->marked == NULL && !spam)
        return false;
    const char *mark = kase->marked ? kase->marked : "spam";
    for (size_t i = 0; i < kase->n_tags; i++)
        if (strcmp(kase->tags[i], mark) == 0)
            memmove(&kase->tags[i], &kase->tags[i + 1], (--kase->n_tags - i) * sizeof *kase->tags);
    bool answerable = !kase->has_unanswerable || !kase->unanswerable;
    act_entry(c, TD__ENTRY__WHAT__SPAM, "released", NULL);
    kase->marked = NULL;
    kase->has_unanswerable = false;
    case_begin_again(t, c->ch, c->by, answerable ? "released" : NULL);
    return true;
}

void
command_release(struct command_run *r, const char *args)
{
    (void)args;
    if (act_release(&r->act))
        run_done(r, SAID_RELEASED, r->act.ch->after->requester->addr, NULL);
    else
        run_done(r, SAID_NO_CHANGE, "release", NULL);
}
