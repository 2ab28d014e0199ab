/* SPDX-License-Identifier: ISC
 *
 * After a rotation: what is sealed under the store's own key of before is sealed under the new one, a small transaction at a
 * time, table by table. Rows that open under the new key are passed over, so that it may begin again at any time; when the
 * last table is done, the old key is forgotten.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

bool
store_resealing(const struct store *s)
{
    return s->has_previous;
}

static enum store_rc
row_reseal(struct store_txn *t, enum store_table tab, const struct store_key *k)
{
    struct store *s = t->store;
    struct store_place where = { tab, k->bytes, k->len };
    const uint8_t *plain;
    uint64_t slot;
    size_t len;
    MDB_val v;
    enum store_rc rc = store_row_get(t, tab, k, &v);

    if (rc != STORE_OK || v.mv_size == 0 || !store_sealed_slot(v.mv_data, v.mv_size, &slot) || slot != 0)
        return rc;
    if (store_unseal_raw(s, where, v.mv_data, v.mv_size, s->secrets->own, &plain, &len) == STORE_OK)
        return STORE_OK;
    unsigned flags = ((const uint8_t *)v.mv_data)[0] & (SEAL_SQUEEZED | SEAL_PIECE | SEAL_LAST);
    if (store_unseal_raw(s, where, v.mv_data, v.mv_size, s->secrets->previous, &plain, &len) != STORE_OK)
        return STORE_OK;                /* damaged before: left as it is, a check says so */
    return store_row_put(t, tab, k, 0, flags, plain, len, 0);
}

/* Up to `rows` of one table; *end: that was its last one. */
static enum store_rc
rows_reseal(struct store_txn *t, unsigned rows, bool *end)
{
    struct store *s = t->store;
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(t, s->reseal_tab, NULL, s->reseal_at.len ? &s->reseal_at : NULL, false, &c);

    *end = false;
    for (unsigned i = 0; rc == STORE_OK && !*end && i < rows; i++) {
        *end = !store_cursor_next(c, &k);
        if (*end)
            rc = store_cursor_rc(c);
        else
            rc = row_reseal(t, s->reseal_tab, &k);
    }
    store_cursor_close(&c);
    if (rc == STORE_OK && !*end)
        s->reseal_at = k;               /* looked at once more, and passed over */
    return rc;
}

enum store_rc
store_reseal(struct store *s, unsigned rows, bool *done)
{
    struct store_txn *t;
    bool end;

    *done = !s->has_previous;
    if (*done)
        return STORE_OK;
    if (s->reseal_tab == STORE_TABLES) {
        *done = true;
        return store_keys_previous(s, NULL);
    }
    enum store_rc rc = store_begin(s, NULL, true, &t);
    if (rc != STORE_OK)
        return rc;
    rc = rows_reseal(t, rows < 2 ? 2 : rows, &end);
    if (rc == STORE_OK)
        rc = store_commit(&t);
    store_abort(&t);
    if (rc != STORE_OK) {               /* from the start of the table again */
        s->reseal_at.len = 0;
    } else if (end) {
        s->reseal_tab++;
        s->reseal_at.len = 0;
    }
    return rc;
}
