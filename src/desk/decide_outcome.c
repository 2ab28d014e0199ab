/* SPDX-License-Identifier: ISC
 *
 * A letter's fate is final: taken by the relay, or given up. The case learns it; staff are told of what was given up, but
 * never of an alarm that was: that would go the same way. And what no case stands for, but somebody must know.
 */
#include <string.h>

#include "desk_room.h"

void
decide_outcome(struct turn *t)
{
    const Td__Letter *l = t->e->letter;
    const Td__Case *c = l->has_case_id ? turn_case(t, l->case_id) : NULL;
    struct desk_case_change *ch = c ? turn_change(t, c) : NULL;
    const char *kind = schema_letter_kind_name(l->kind), *text = t->e->text ? t->e->text : "";
    t->out->fate_case = c ? c->id : 0;
    if (ch != NULL) {
        Td__Entry *e = turn_entry(t, ch, t->e->delivered ? TD__ENTRY__WHAT__SENT : TD__ENTRY__WHAT__FAILED, NULL,
                                  arena_printf(t->a, "%s %s", kind, t->e->delivered ? "taken by the relay" : "given up"));
        e->has_letter = true;
        e->letter = l->id;
        e->recipient = arena_strdup(t->a, t->e->recipient);
        e->detail = arena_strndup(t->a, text, utf8_clip(text, 500));
    }
    struct act act = { .t = t, .ch = ch, .at = t->now };
    const char *said = text[0] ? arena_strndup(t->a, text, utf8_clip(text, 500)) : NULL;
    bool told = !t->e->delivered && ch != NULL && delivery_failed(&act, l, t->e->recipient, said);       /* who wrote it: better than an alarm */
    if (!t->e->delivered && !told && l->kind != TD__LETTER__KIND__ALARM)
        letter_alarm(t, ch, "undelivered", kind, t->e->recipient ? t->e->recipient : "?", said);
    turn_told(t, t->e->delivered ? "sent" : "failed", kind);
}

void
decide_alarm(struct turn *t)
{
    letter_alarm(t, NULL, t->e->text, t->e->one, t->e->two, t->e->detail);       /* with the lines of the event */
    turn_told(t, "alarm", t->e->text);
}
