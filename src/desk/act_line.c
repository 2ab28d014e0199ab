/* SPDX-License-Identifier: ISC
 *
 * Where a case belongs: its queue, priority and kind. Each brings targets of its own, which running clocks take from the same
 * start. A hand-over tells the customer who goes on with it, and chooses who.
 */
#include <string.h>

#include "act_room.h"

static const char *
change_words(const struct act *c, const char *from, const char *to)
{
    return arena_printf(c->t->a, "%s to %s", from ? from : "none", to ? to : "none");
}

static void
line_note(const struct act *c, const char *queue)
{
    Td__Case *kase = c->ch->after;
    for (size_t i = 0; i < kase->n_lines; i++)
        if (strcmp(kase->lines[i], queue) == 0)
            return;
    arena_push(c->t->a, &kase->lines, &kase->n_lines, arena_strdup(c->t->a, queue));
}

void
assignee_anew(const struct act *c)
{
    const struct conf_queue *queue = conf_queue_find(c->t->conf, c->ch->after->queue);
    const char *why = NULL, *person = assign_choose(c->t, c->ch->after, queue ? queue->assign : NULL, &why);
    struct act chosen = *c;
    chosen.by = NULL;
    chosen.why = why;
    act_assign(&chosen, person);
}

/* The new queue without the letter; also after a reload, where the old one is gone. */
void
queue_move(const struct act *c, const char *name)
{
    Td__Case *kase = c->ch->after;
    line_note(c, kase->queue);
    act_entry(c, TD__ENTRY__WHAT__QUEUE, change_words(c, kase->queue, name), NULL);
    kase->queue = arena_strdup(c->t->a, name);
    line_note(c, name);
    clocks_fit(c->t, c->ch, c->at);
    assignee_anew(c);
}

bool
act_queue(const struct act *c, const char *name)
{
    Td__Case *kase = c->ch->after;
    const struct conf_queue *queue = conf_queue_find(c->t->conf, name);
    if (queue == NULL || strcmp(kase->queue, name) == 0)
        return false;
    queue_move(c, name);
    struct template_fields f = { .v = { [FIELD_NEW_QUEUE] = "1", [FIELD_QUEUE] = queue->label ? queue->label : queue->name, [FIELD_HANDOVER] = queue->handover } };
    if (kase->state != TD__STATE__CLOSED)
        tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, "told of the hand-over");
    return true;
}

void
priority_set(const struct act *c, const char *priority)
{
    Td__Case *kase = c->ch->after;
    act_entry(c, TD__ENTRY__WHAT__PRIORITY, change_words(c, kase->priority, priority), NULL);
    kase->priority = arena_strdup(c->t->a, priority);
    clocks_fit(c->t, c->ch, c->at);
}

bool
act_priority(const struct act *c, const char *name)
{
    Td__Case *kase = c->ch->after;
    const struct conf_priority *priority = conf_priority_find(c->t->conf, name);
    if (priority == NULL || strcmp(kase->priority, name) == 0)
        return false;
    priority_set(c, name);
    struct template_fields f = { .v = { [FIELD_NEW_PRIORITY] = "1", [FIELD_PRIORITY] = priority->label ? priority->label : name } };
    if (priority->tell && kase->state != TD__STATE__CLOSED)
        tell_customer(c, TD__LETTER__KIND__UPDATE, &f, NULL, "told of the priority and its targets");
    return true;
}

/* Does the case have what its old kind, or nobody, gave it? Then it follows the new kind; what somebody has set it keeps. */
static bool
follows(const char *have, const char *of_old, const char *fallback)
{
    return strcmp(have, of_old ? of_old : fallback) == 0;
}

const char *
priority_default(const struct conf_desk *conf)
{
    for (size_t i = 0; i < conf->n_priorities; i++)
        if (conf->priorities[i].is_default)
            return conf->priorities[i].name;
    return conf->n_priorities > 0 ? conf->priorities[0].name : "";
}

bool
act_kind(const struct act *c, const char *name)
{
    Td__Case *kase = c->ch->after;
    const struct conf_desk *conf = c->t->conf;
    const struct conf_kind *kind = conf_kind_find(conf, name), *old = kase->kind ? conf_kind_find(conf, kase->kind) : NULL;
    if (kind == NULL || (kase->kind != NULL && strcmp(kase->kind, name) == 0))
        return false;
    const char *priority = kind->priority ? kind->priority : priority_default(conf);
    bool raises = follows(kase->priority, old ? old->priority : NULL, priority_default(conf)) && strcmp(priority, kase->priority) != 0;
    bool moves = kind->queue != NULL && conf->queue != NULL && follows(kase->queue, old ? old->queue : NULL, conf->queue);
    act_entry(c, TD__ENTRY__WHAT__KIND, change_words(c, kase->kind, name), NULL);
    kase->kind = arena_strdup(c->t->a, name);
    if (raises && conf_priority_find(conf, priority) != NULL)
        priority_set(c, priority);
    clocks_fit(c->t, c->ch, c->at);
    if (moves)
        act_queue(c, kind->queue);
    return true;
}
