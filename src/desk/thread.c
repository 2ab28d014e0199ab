/* SPDX-License-Identifier: ISC
 *
 * Threading: which case a mail belongs to. The evidence is ranked, the strongest piece that leads to a case wins, and every
 * piece that points elsewhere is named in `why`. Evidence finds a case; it gives nobody any power over it.
 */
#include <string.h>

#include "desk_room.h"

#define GUESSES_DAY 20                  /* wrong numbers of one sender, after which his right ones are no evidence either */
#define GUESSES_MAIL 4                  /* of one mail that are counted */
#define NOTES_MAX 400                   /* bytes of what was not followed or not believed */

/* Strongest first. Evidence of one rank is taken in the order in which it was asked for. */
static const struct rank {
    const char *need;                   /* what it is called among the needs, and beside stronger evidence */
    const char *of_case, *of_row;       /* what follows in `why`, for a Message-ID or number of ours and for one that is stored */
    bool address;                       /* of the reply-address kind, which people remember */
    bool proves;                        /* only this sender was given it */
    bool number;                        /* a number that anybody can try */
} ranks[] = {
    { need_own_action, "", "", false, true, false }, { need_action, "", "", false, false, false },
    { need_own_address, "", "", true, true, false }, { need_reply_address, "", "", true, false, false },
    { need_bounce_address, "", "", false, false, false },
    { need_in_reply_to, " names a letter of ours", " names a mail of this case", false, false, false },
    { need_references, " name a letter of ours", " name a mail of this case", false, false, false },
    { need_subject, "", "", false, false, true },
    { need_quote, " line with the case number", "", false, false, true },
};

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
    case DESK_NEED_ENTRIES:
    case DESK_NEED_PERSON:
    case DESK_NEED_MINE:
    case DESK_NEED_BUDGET: break;
    }
    return NULL;
}

/* ---- numbers that are wrong, and who tries many */

static uint64_t
guesses_of(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].why == need_guess)
            return t->f->v[i].count_day;
    return 0;
}

void
thread_guesses(struct turn *t)
{
    unsigned wrong = 0;
    uint64_t id;
    bool in_subject = false;
    for (size_t i = 0; i < t->m->n_case_refs && wrong < GUESSES_MAIL; i++) {
        const Td__CaseRef *r = t->m->case_refs[i];
        if (r->where == TD__CASE_REF__WHERE__TEXT || desk_number_check(t->d->key, t->conf->prefix, r->text, &id) != DESK_NUMBER_WRONG)
            continue;
        wrong++;
        in_subject |= r->where == TD__CASE_REF__WHERE__SUBJECT;
        t->refused = arena_printf(t->a, "%s%s%s", t->refused ? t->refused : "", t->refused ? ", " : "", r->text);
        if (t->from != NULL)
            turn_count(t, DESK_BUDGET_GUESS, addr_key(t->a, t->from));
    }
    if (in_subject && t->from != NULL)  /* and it is paid for with an answer */
        turn_count(t, DESK_BUDGET_RECIPIENT, addr_key(t->a, t->from));
}

const char *
thread_why(struct turn *t, const char *why)
{
    return t->refused ? arena_printf(t->a, "%s; not believed, as its last characters are wrong: %s", why, t->refused) : why;
}

/* ---- the evidence */

static const char *
merged_words(const struct turn *t, const struct desk_need *n, const Td__Case *end)
{
    return n->kind == DESK_NEED_CASE && n->id != end->id ?
        arena_printf(t->a, "; %s was merged into %s", desk_number_make(t->d->key, t->conf->prefix, n->id, t->a), end->number) : "";
}

static void
follow(struct turn *t, const struct rank *r, const struct desk_need *n, const Td__Case *c)
{
    t->found = c;
    t->why = arena_printf(t->a, "%s%s%s", r->need, n->kind == DESK_NEED_CASE ? r->of_case : r->of_row, merged_words(t, n, c));
    t->by_token = r->address;
    if (r->proves && t->proof == PROOF_NONE)
        t->proof = PROOF_TOKEN;
}

/* The last resort, where the desk wants it: an open case of the same requester under the same words that has changed lately. */
static void
find_by_subject(struct turn *t)
{
    const char *bare = mail_bare_subject(t->m->subject, t->a);
    for (size_t i = 0; i < t->f->needs->n && t->found == NULL; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_sender && k < t->f->v[i].n_cases && t->found == NULL; k++) {
            const Td__Case *c = t->f->v[i].cases[k];
            if (c->has_merged_into || c->state == TD__STATE__CLOSED || !addr_equal(c->requester->addr, t->from) ||
                !str_eq_nocase(bare, mail_bare_subject(c->subject, t->a)))
                continue;
            int64_t changed_at = c->has_changed_at && c->changed_at > c->opened_at ? c->changed_at : c->opened_at;
            if (t->now - changed_at > t->conf->same_subject_s)
                continue;
            t->found = c;
            t->why = "no other evidence: same sender, same subject, and that case has changed lately";
        }
}

void
thread_find(struct turn *t)
{
    bool guesser = guesses_of(t) >= GUESSES_DAY;
    const char *others = "";
    for (size_t r = 0; r < countof(ranks); r++)
        for (size_t i = 0; i < t->f->needs->n; i++) {
            const struct desk_need *n = &t->f->needs->v[i];
            const Td__Case *c = n->why == ranks[r].need ? case_of_fact(t, i) : NULL;
            if (c == NULL)
                continue;
            bool tried = guesser && ranks[r].number && (t->from == NULL || !case_has(t, c, t->from));
            if (tried)
                others = strlen(others) < NOTES_MAX ? arena_printf(t->a, "%s; %s not believed, as this sender has tried many wrong ones", others, ranks[r].need) : others;
            else if (t->found == NULL)
                follow(t, &ranks[r], n, c);
            else if (c != t->found && strlen(others) < NOTES_MAX)
                others = arena_printf(t->a, "%s; %s names %s", others, ranks[r].need, c->number);
            t->is_reply |= !tried && (ranks[r].need == need_subject || (ranks[r].need == need_quote && c == t->found));
        }
    if (t->found == NULL)
        find_by_subject(t);
    if (t->found != NULL)
        t->why = thread_why(t, arena_printf(t->a, "%s%s", t->why, others));
}

/* Requester, people in copy, staff of the desk. Parked senders are written down on the case and yet not on it. */
bool
case_has(const struct turn *t, const Td__Case *c, const char *addr)
{
    if (addr_equal(c->requester->addr, addr))
        return true;
    for (size_t i = 0; i < c->n_participants; i++)
        if (addr_equal(c->participants[i]->address->addr, addr) && strcmp(c->participants[i]->role, "parked") != 0 && strcmp(c->participants[i]->role, "left") != 0)
            return true;
    for (size_t i = 0; i < t->conf->staff.n; i++)
        if (addr_equal(t->conf->staff.v[i], addr))
            return true;
    return false;
}
