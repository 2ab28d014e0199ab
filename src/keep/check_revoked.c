/* SPDX-License-Identifier: ISC
 *
 * The one row of what operators revoked: each of its items names something, and no case that was never opened.
 */
#include "look.h"

static const char *
wrong_with(const struct look *k, const Td__Revoked *row)
{
    if (row->has_case_id && (row->case_id == 0 || row->case_id >= k->meta->next_case))
        return "names a case that was never opened";
    if (row->has_token)
        return row->token.len == DESK_TOKEN_BYTES ? NULL : "has a token of another length";
    return row->has_case_id || (row->desk != NULL && row->address != NULL) ? NULL : "names nothing";
}

enum store_rc
look_at_revoked(struct look *k, const struct store_key *key)
{
    Td__Revocations *all;
    size_t kept = 0;
    enum store_rc rc = store_get(k->txn, STORE_META, key, k->arena, &td__revocations__descriptor, &all);
    if (rc != STORE_OK)
        return look_missing(rc) ? STORE_OK : rc;        /* that it does not open is said of every row */
    for (size_t i = 0; i < all->n_rows; i++) {
        const char *wrong = wrong_with(k, all->rows[i]);
        if (wrong != NULL)
            look_says(k, "revoked", CHECK_FAULT, true, "meta: a revocation %s", wrong);
        else
            all->rows[kept++] = all->rows[i];
    }
    if (kept == all->n_rows || !k->o->repair)
        return STORE_OK;
    all->n_rows = kept;
    return store_put(k->txn, STORE_META, key, 0, all);
}
