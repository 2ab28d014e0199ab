/* SPDX-License-Identifier: ISC
 *
 * Threading: which case a mail belongs to. The evidence is ranked, the strongest piece that leads to a case wins, and every
 * piece that points elsewhere is named in `why`. Evidence finds a case; it gives nobody any power over it.
 */
#include <string.h>

#include "desk_room.h"

/* Strongest first. Evidence of one rank is taken in the order in which it was asked for. */
static const char *const ranks[] = { need_own_address, need_reply_address, need_bounce_address, need_in_reply_to, need_references,
    need_subject, need_quote };

/* Rows of one Message-ID can be several cases: one that the sender is on comes before the others. */
static const Td__Case *
case_of_rows(const struct turn *t, const struct desk_fact *fact)
{
    const Td__Case *first = NULL;
    for (size_t i = 0; i < fact->n_found; i++) {
        const Td__Case *c = turn_case(t, fact->found[i].case_id);
        if (c != NULL && t->from != NULL && case_has(t, c, t->from))
            return c;
        first = first ? first : c;
    }
    return first;
}

static const Td__Case *
case_of_fact(const struct turn *t, size_t i)
{
    const struct desk_need *n = &t->f->needs->v[i];
    const struct desk_fact *fact = &t->f->v[i];
    switch (n->kind) {
    case DESK_NEED_CASE: return turn_case(t, n->id);
    case DESK_NEED_MESSAGE: return case_of_rows(t, fact);
    case DESK_NEED_LETTER: return fact->letter && fact->letter->has_case_id ? turn_case(t, fact->letter->case_id) : NULL;
    case DESK_NEED_LOAD:
    case DESK_NEED_NEXT:
    case DESK_NEED_OF_SENDER:
    case DESK_NEED_BUDGET: break;
    }
    return NULL;
}

void
thread_find(struct turn *t)
{
    const char *others = "";
    for (size_t r = 0; r < countof(ranks); r++)
        for (size_t i = 0; i < t->f->needs->n; i++) {
            if (t->f->needs->v[i].why != ranks[r])
                continue;
            const Td__Case *c = case_of_fact(t, i);
            if (c == NULL)
                continue;
            if (ranks[r] == need_subject)
                t->number_in_subject = true;
            if (t->found == NULL) {
                t->found = c;
                t->why = ranks[r];
                t->by_token = ranks[r] == need_own_address || ranks[r] == need_reply_address;
                if (ranks[r] == need_own_address && t->proof == PROOF_NONE)
                    t->proof = PROOF_TOKEN;
            } else if (c != t->found && strlen(others) < 400) {
                others = arena_printf(t->a, "%s; %s names %s", others, ranks[r], c->number);
            }
        }
    if (t->found != NULL)
        t->why = arena_printf(t->a, "%s%s", t->why, others);
}

/* Requester, people in copy, staff of the desk. Parked senders are written down on the case and yet not on it. */
bool
case_has(const struct turn *t, const Td__Case *c, const char *addr)
{
    if (addr_equal(c->requester->addr, addr))
        return true;
    for (size_t i = 0; i < c->n_participants; i++)
        if (addr_equal(c->participants[i]->address->addr, addr) && strcmp(c->participants[i]->role, "parked") != 0)
            return true;
    for (size_t i = 0; i < t->conf->staff.n; i++)
        if (addr_equal(t->conf->staff.v[i], addr))
            return true;
    return false;
}
