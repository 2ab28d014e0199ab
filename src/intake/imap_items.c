/* SPDX-License-Identifier: ISC
 *
 * imap: the UIDs in hand, sorted, with a count for each state. Bounded by what is offered and at core at one time, so that
 * a mailbox of a million mails costs no more than one of a thousand.
 */
#include "imap.h"
#include <stdlib.h>
#include <string.h>

/* The place of uid, or where it belongs. */
static size_t
place(const struct imap_items *s, uint32_t uid)
{
    size_t low = 0, high = s->n;

    if (s->n > 0 && s->v[s->n - 1].uid < uid)
        return s->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (s->v[mid].uid < uid)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct imap_item *
imap_items_find(struct imap_items *s, uint32_t uid)
{
    size_t at = place(s, uid);

    return at < s->n && s->v[at].uid == uid && s->v[at].state != ITEM_GONE ? &s->v[at] : NULL;
}

static void
sweep(struct imap_items *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].state != ITEM_GONE)
            s->v[kept++] = s->v[i];
    s->n = kept;
    s->gone = 0;
}

struct imap_item *
imap_items_add(struct imap_items *s, uint32_t uid)
{
    size_t at;

    if (imap_items_find(s, uid) != NULL)
        return NULL;
    if (s->gone > s->n / 2)
        sweep(s);
    if (s->n == s->cap) {
        s->cap = s->cap == 0 ? 1024 : s->cap * 2;
        s->v = mem_grow(s->v, s->cap * sizeof *s->v);
    }
    at = place(s, uid);
    if (at < s->n && s->v[at].uid == uid) {
        s->gone--;                              /* it comes back to the place it had */
    } else {
        memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof *s->v);
        s->n++;
    }
    s->v[at] = (struct imap_item){ .uid = uid, .state = ITEM_OFFERED };
    s->count[ITEM_OFFERED]++;
    return &s->v[at];
}

void
imap_items_set(struct imap_items *s, struct imap_item *i, enum imap_item_state state)
{
    must(i->state != ITEM_GONE);
    s->count[i->state]--;
    i->state = state;
    if (state == ITEM_GONE)
        s->gone++;
    else
        s->count[state]++;
}

void
imap_items_drop(struct imap_items *s, enum imap_item_state state)
{
    for (size_t i = 0; i < s->n && s->count[state] > 0; i++)
        if (s->v[i].state == state)
            imap_items_set(s, &s->v[i], ITEM_GONE);
}

void
imap_items_free(struct imap_items *s)
{
    free(s->v);
    *s = (struct imap_items){ 0 };
}
