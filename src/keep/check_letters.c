/* SPDX-License-Identifier: ISC
 *
 * The check, letters: each recipient of each letter either waits in the outbox, once, or the journal knows how it ended; one
 * acknowledgement a case; nothing waits that nobody will ever try.
 */
#include "look.h"

#include <stdlib.h>

#define FOR_EVER_S (30 * 86400)         /* past the longest time that a relay may be given */

static int
count_bytes(void *u, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    *(uint64_t *)u += len;
    return 0;
}

static enum store_rc
letter_get(struct look *k, uint64_t id, Td__Letter **out, enum store_rc *why)
{
    struct store_key key;
    table_letter(&key, id, 0);
    *why = store_get(k->txn, STORE_LETTERS, &key, k->arena, &td__letter__descriptor, out);
    if (*why != STORE_OK)
        *out = NULL;
    return look_missing(*why) ? STORE_OK : *why;
}

static enum store_rc
letter_whole(struct look *k, const Td__Letter *l)
{
    uint64_t n = 0;
    if (!l->has_size)
        return STORE_OK;
    enum store_rc rc = store_bulk_read(k->txn, STORE_LETTERS, l->id, l->chunks, count_bytes, &n);
    if (rc != STORE_OK && !look_missing(rc))
        return rc;
    if (rc != STORE_OK || n != l->size)
        look_says(k, "chunk", CHECK_FAULT, false, "letter %llu: its bytes are not whole (%llu of %u can be read)", (unsigned long long)l->id,
                  (unsigned long long)n, l->size);
    return STORE_OK;
}

/* A letter is sealed under the key of its case: what erases the case erases it too. */
static enum store_rc
letter_case(struct look *k, const struct store_key *key, const Td__Letter *l)
{
    struct store_key ck;
    bool there;
    table_case(&ck, l->case_id);
    enum store_rc rc = look_there(k, STORE_CASES, &ck, &there);
    if (rc != STORE_OK)
        return rc;
    if (!there)
        look_says(k, "case", CHECK_FAULT, false, "letter %llu is of case %llu, which is not there", (unsigned long long)l->id, (unsigned long long)l->case_id);
    else if (store_slot_of(k->txn, STORE_CASES, &ck) != store_slot_of(k->txn, STORE_LETTERS, key))
        look_says(k, "slot", CHECK_FAULT, false, "letter %llu is sealed under another key than its case %llu", (unsigned long long)l->id,
                  (unsigned long long)l->case_id);
    if (l->kind == TD__LETTER__KIND__ACK && !bits_set(&k->acked, l->case_id))
        look_says(k, "letter", CHECK_FAULT, false, "case %llu has more than one acknowledgement", (unsigned long long)l->case_id);
    return STORE_OK;
}

static enum store_rc
letter_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__Letter *l;
    enum store_rc why, rc;
    struct store_key first;
    bool there;
    uint64_t id = store_key_read_u64(key, 0);
    (void)record;
    if ((store_key_read_u64(key, 4) & 0xffffffffu) != 0) {
        table_letter(&first, id, 0);
        rc = look_there(k, STORE_LETTERS, &first, &there);
        if (rc == STORE_OK && !there && !store_bulk_noted(k->txn, STORE_LETTERS, id))
            look_says(k, "chunk", CHECK_FAULT, false, "%s is nobody's: the record that names it is gone", look_name(k, STORE_LETTERS, key));
        return rc;
    }
    rc = letter_get(k, id, &l, &why);
    if (rc != STORE_OK || l == NULL) {
        if (rc == STORE_OK)
            look_says(k, "sealed", CHECK_FAULT, false, "letter %llu: its record does not read", (unsigned long long)id);
        return rc;
    }
    k->out->letters++;
    if (l->id != id || id == 0 || id >= k->meta->next_letter)
        look_says(k, "number", CHECK_FAULT, false, "letter %llu lies under %llu; the next to be given is %llu", (unsigned long long)l->id, (unsigned long long)id,
                  (unsigned long long)k->meta->next_letter);
    rc = letter_whole(k, l);
    return rc == STORE_OK && l->has_case_id ? letter_case(k, key, l) : rc;
}

enum store_rc
look_at_letters(struct look *k)
{
    return look_walk(k, "letters", STORE_LETTERS, NULL, letter_row);
}

/* ---- outbox */

static void
waiting_add(struct look *k, uint64_t letter, uint32_t recipient)
{
    if (k->waiting_n == k->waiting_cap)
        k->waiting = mem_grow(k->waiting, (k->waiting_cap = k->waiting_cap > 0 ? 2 * k->waiting_cap : 64) * sizeof *k->waiting);
    k->waiting[k->waiting_n++] = (struct waiting){ letter, recipient };
}

static enum store_rc
outbox_row(struct look *k, const struct store_key *key, const void *record)
{
    const Td__Outgoing *row = record;
    int64_t next_at;
    uint64_t letter;
    uint32_t recipient;
    Td__Letter *l;
    enum store_rc why;
    if (key->len != 20) {
        look_says(k, "outbox", CHECK_FAULT, true, "%s has a key of another length", look_name(k, STORE_OUTBOX, key));
        return look_drop(k, STORE_OUTBOX, key);
    }
    table_outbox_read(key, &next_at, &letter, &recipient);
    enum store_rc rc = letter_get(k, letter, &l, &why);
    if (rc != STORE_OK)
        return rc;
    k->out->waiting++;
    if (why == STORE_NOTFOUND || why == STORE_ERASED || (l != NULL && recipient >= l->n_to)) {
        look_says(k, "outbox", CHECK_FAULT, true, "a row of the outbox names letter %llu, recipient %u, which is not there", (unsigned long long)letter, recipient);
        return look_drop(k, STORE_OUTBOX, key);
    }
    if (l != NULL && !addr_equal(l->to[recipient]->addr, row->recipient))
        look_says(k, "outbox", CHECK_FAULT, false, "letter %llu: the outbox has another address for recipient %u than the letter", (unsigned long long)letter, recipient);
    if (next_at > row->since_at && next_at - row->since_at > FOR_EVER_S && next_at != INT64_MAX)
        look_says(k, "outbox", CHECK_FAULT, false, "letter %llu waits for a moment that is too far away: nobody will try it", (unsigned long long)letter);
    if (row->has_held && row->held)
        look_says(k, "held", CHECK_NOTE, false, "letter %llu has been held since a restore: it may have gone out before; see ticketctl unhold",
                  (unsigned long long)letter);
    waiting_add(k, letter, recipient);
    return STORE_OK;
}

static int
by_letter(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    if (x->letter != y->letter)
        return x->letter < y->letter ? -1 : 1;
    return x->recipient < y->recipient ? -1 : x->recipient > y->recipient;
}

enum store_rc
look_at_outbox(struct look *k)
{
    enum store_rc rc = look_walk(k, "outbox", STORE_OUTBOX, &td__outgoing__descriptor, outbox_row);
    if (k->waiting_n > 1)
        qsort(k->waiting, k->waiting_n, sizeof *k->waiting, by_letter);
    for (size_t i = 1; i < k->waiting_n; i++)
        if (by_letter(&k->waiting[i - 1], &k->waiting[i]) == 0)
            look_says(k, "letter", CHECK_FAULT, false, "letter %llu waits twice in the outbox for recipient %u: it would go out twice",
                      (unsigned long long)k->waiting[i].letter, k->waiting[i].recipient);
    return rc;
}

/* ---- letters that neither wait nor ended */

static unsigned
waits_for(const struct look *k, uint64_t letter)
{
    size_t low = 0, high = k->waiting_n;
    unsigned n = 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (k->waiting[mid].letter < letter)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < k->waiting_n && k->waiting[low].letter == letter; low++)
        n++;
    return n;
}

static enum store_rc
unsettled_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__Letter *l;
    enum store_rc why;
    uint64_t id = store_key_read_u64(key, 0);
    (void)record;
    if ((store_key_read_u64(key, 4) & 0xffffffffu) != 0 || id >= k->settled_n)
        return STORE_OK;
    enum store_rc rc = letter_get(k, id, &l, &why);
    if (rc != STORE_OK || l == NULL || !l->has_case_id)         /* the others have no journal that would know */
        return rc;
    unsigned waits = waits_for(k, id), ended = k->settled[id];
    if (waits + ended > l->n_to * (1 + (size_t)l->resent))     /* each of an operator's resendings may end once more */
        look_says(k, "letter", CHECK_FAULT, false, "letter %llu has %zu recipients; %u wait and %u ended", (unsigned long long)id, l->n_to, waits, ended);
    else if (waits + ended < l->n_to && !bits_has(&k->undone, l->case_id))
        look_says(k, "letter", CHECK_FAULT, false, "letter %llu of case %llu: %zu of its recipients neither wait nor ended", (unsigned long long)id,
                  (unsigned long long)l->case_id, l->n_to - waits - ended);
    return STORE_OK;
}

enum store_rc
look_at_unsettled(struct look *k)
{
    return look_walk(k, "letters again", STORE_LETTERS, NULL, unsettled_row);
}
