/* SPDX-License-Identifier: ISC
 *
 * Letters that did not arrive: refused by the relay, or reported later (RFC 3464). A report is believed only when it names a letter of
 * ours, by its Message-ID or by the address it came back to, both of which carry a MAC; what it says of people whom that letter did not go
 * to moves nothing. Whoever answered hears of it once for each recipient; a delay is written down and no more.
 */
#include <string.h>

#include "act_room.h"

#define TOLD_MAX 10                     /* letters and recipients that a case remembers */

/* ---- once */

static bool
told_already(const struct act *c, const Td__Letter *l, const char *recipient)
{
    Td__Case *kase = c->ch->after;
    for (size_t i = 0; i < kase->n_undelivered; i++)
        if (kase->undelivered[i]->letter == l->id && addr_equal(kase->undelivered[i]->recipient, recipient))
            return true;
    Td__Undelivered *u = schema_new(c->t->a, &td__undelivered__descriptor);
    u->letter = l->id;
    u->recipient = arena_strdup(c->t->a, recipient);
    if (kase->n_undelivered >= TOLD_MAX)
        memmove(&kase->undelivered[0], &kase->undelivered[1], --kase->n_undelivered * sizeof *kase->undelivered);
    arena_push(c->t->a, &kase->undelivered, &kase->n_undelivered, u);
    return false;
}

bool
delivery_failed(const struct act *c, const Td__Letter *l, const char *recipient, const char *detail)
{
    if (recipient == NULL || l->kind == TD__LETTER__KIND__ALARM)
        return false;
    if (told_already(c, l, recipient))
        return true;
    people_bounced(c, l, recipient);
    return act_undelivered(c, l, recipient, detail);
}

/* ---- reports */

struct named { const Td__Case *c; const Td__Letter *l; const char *why; };

static struct named
named_by(const struct turn *t)
{
    struct named out = { NULL, NULL, NULL };
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if (n->why != need_report && n->why != need_bounce_address)
            continue;
        if (n->kind == DESK_NEED_LETTER && t->f->v[i].letter != NULL && out.l == NULL)
            out.l = t->f->v[i].letter;
        const Td__Case *c = n->kind == DESK_NEED_CASE ? turn_case(t, n->id) : out.l && out.l->has_case_id ? turn_case(t, out.l->case_id) : NULL;
        if (out.c == NULL && c != NULL) {
            out.c = c;
            out.why = n->why;
        }
    }
    return out;
}

/* One of those whom the letter went to. With a single one it is that one, whatever his mail system calls him. NULL: none of them. */
static const char *
recipient_of(const Td__Letter *l, const Td__DeliveryReport *r)
{
    for (size_t i = 0; i < l->n_to && r->recipient != NULL; i++)
        if (addr_equal(l->to[i]->addr, r->recipient))
            return l->to[i]->addr;
    return l->n_to == 1 ? l->to[0]->addr : NULL;
}

static bool
is_failure(const Td__DeliveryReport *r)
{
    return r->action == NULL || str_eq_nocase(r->action, "failed");
}

static void
report_take(const struct act *act, const struct named *by, const Td__DeliveryReport *r)
{
    struct turn *t = act->t;
    const char *recipient = by->l ? recipient_of(by->l, r) : NULL;
    Td__Entry *e = turn_entry(t, act->ch, TD__ENTRY__WHAT__REPORT, t->requester->addr,
                              arena_printf(t->a, "%s names a letter of ours%s", by->why, by->l && recipient == NULL ? "; it did not go to that recipient" : ""));
    entry_words(t, e);
    e->recipient = arena_strdup(t->a, recipient ? recipient : r->recipient);
    e->detail = arena_printf(t->a, "%.40s %.20s %.300s", r->action ? r->action : "failed", r->status ? r->status : "", r->diagnostic ? r->diagnostic : "");
    if (by->l == NULL)
        return;
    e->has_letter = true;
    e->letter = by->l->id;
    if (recipient != NULL && is_failure(r))
        (void)delivery_failed(act, by->l, recipient, e->detail);
}

struct desk_case_change *
way_report(struct turn *t)
{
    const Td__DeliveryReport *r = t->m->machine ? t->m->machine->delivery_report : NULL;
    struct named by = r ? named_by(t) : (struct named){ NULL, NULL, NULL };
    if (by.c == NULL)
        return NULL;
    struct act act = { .t = t, .ch = turn_change(t, by.c), .at = t->e->origin->arrived_at };
    report_take(&act, &by, r);
    for (size_t i = 0; i < r->n_others && by.l != NULL; i++)
        if (r->others[i]->recipient != NULL && !str_eq_nocase(r->others[i]->recipient, r->recipient))
            report_take(&act, &by, r->others[i]);
    return act.ch;
}
