/* SPDX-License-Identifier: ISC
 *
 * Rows: the one way in and out. A value is sealed straight into the page that LMDB gives for it.
 */
#include "private.h"
#include <stdlib.h>

static MDB_val
val_of(const struct store_key *k)
{
    return (MDB_val){ .mv_size = k->len, .mv_data = (void *)k->bytes };
}

/* how: 0 or MDB_NOOVERWRITE. */
enum store_rc
store_row_put(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, unsigned flags, const uint8_t *plain, size_t len, unsigned how)
{
    struct store *s = t->store;
    const uint8_t *key;

    must(t->write && t->child == NULL);
    enum store_rc rc = slot > s->slots_made ? store_slots_reserve(s, slot) : STORE_OK;
    if (rc == STORE_OK)
        rc = store_slot_key(s, slot, &key);
    if (rc != STORE_OK)
        return rc;
    MDB_val mk = val_of(k), v = { .mv_size = store_sealed_size(slot, len) };
    int e = mdb_put(t->txn, s->dbi[tab], &mk, &v, MDB_RESERVE | how);
    if (e == MDB_KEYEXIST)
        return STORE_BUSY;              /* for store_put_new() alone */
    if (e != 0)
        return store_fail(t, e);
    store_seal(s, (struct store_place){ tab, k->bytes, k->len }, slot, key, flags, plain, len, v.mv_data);
    return STORE_OK;
}

static enum store_rc
put_record(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, const void *record, unsigned how)
{
    struct store *s = t->store;
    const uint8_t *plain;
    size_t len;

    buf_clear(&s->packed);
    schema_pack(record, &s->packed);
    if (s->packed.len > STORE_RECORD_MAX)
        return STORE_REFUSED;
    unsigned flags = store_squeeze(s, &plain, &len);
    return store_row_put(t, tab, k, slot, flags, plain, len, how);
}

enum store_rc
store_put(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, const void *record)
{
    return put_record(t, tab, k, slot, record, 0);
}

enum store_rc
store_put_new(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, const void *record, bool *existed)
{
    enum store_rc rc = put_record(t, tab, k, slot, record, MDB_NOOVERWRITE);

    *existed = rc == STORE_BUSY;
    return *existed ? STORE_OK : rc;
}

enum store_rc
store_put_empty(struct store_txn *t, enum store_table tab, const struct store_key *k)
{
    MDB_val mk = val_of(k), v = { 0 };

    must(t->write && t->child == NULL);
    return store_fail(t, mdb_put(t->txn, t->store->dbi[tab], &mk, &v, 0));
}

enum store_rc
store_put_count(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t n)
{
    uint8_t b[8];

    be64_put(b, n);
    return store_row_put(t, tab, k, 0, 0, b, sizeof b, 0);
}

/* The value as it lies there, borrowed until the transaction writes again. */
enum store_rc
store_row_get(struct store_txn *t, enum store_table tab, const struct store_key *k, MDB_val *out)
{
    MDB_val mk = val_of(k);

    must(t->child == NULL);
    return store_fail(t, mdb_get(t->txn, t->store->dbi[tab], &mk, out));
}

static enum store_rc
get_plain(struct store_txn *t, enum store_table tab, const struct store_key *k, const uint8_t **plain, size_t *len)
{
    MDB_val v;
    enum store_rc rc = store_row_get(t, tab, k, &v);

    if (rc != STORE_OK)
        return rc;
    return store_unseal(t->store, (struct store_place){ tab, k->bytes, k->len }, v.mv_data, v.mv_size, 0, plain, len);
}

enum store_rc
store_get(struct store_txn *t, enum store_table tab, const struct store_key *k, struct arena *a, const ProtobufCMessageDescriptor *what, void *out)
{
    const uint8_t *plain;
    size_t len;
    void *record = NULL;
    enum store_rc rc = get_plain(t, tab, k, &plain, &len);

    if (rc == STORE_OK && (record = schema_unpack(a, what, plain, len)) == NULL)
        rc = STORE_DAMAGED;
    *(void **)out = record;
    return rc;
}

enum store_rc
store_get_count(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t *out)
{
    const uint8_t *plain;
    size_t len;
    enum store_rc rc = get_plain(t, tab, k, &plain, &len);

    *out = 0;
    if (rc == STORE_NOTFOUND)
        return STORE_OK;
    if (rc == STORE_OK && len != 8)
        return STORE_DAMAGED;
    if (rc == STORE_OK)
        *out = be64_get(plain);
    return rc;
}

enum store_rc
store_delete(struct store_txn *t, enum store_table tab, const struct store_key *k)
{
    MDB_val mk = val_of(k);

    must(t->write && t->child == NULL);
    return store_fail(t, mdb_del(t->txn, t->store->dbi[tab], &mk, NULL));
}

uint64_t
store_slot_of(struct store_txn *t, enum store_table tab, const struct store_key *k)
{
    MDB_val v;
    uint64_t slot;

    if (store_row_get(t, tab, k, &v) != STORE_OK || !store_sealed_slot(v.mv_data, v.mv_size, &slot))
        return 0;
    return slot;
}

enum store_rc
store_try(struct store_txn *t, enum store_table tab, const struct store_key *k)
{
    const uint8_t *plain;
    size_t len;
    MDB_val v;
    enum store_rc rc = store_row_get(t, tab, k, &v);

    if (rc != STORE_OK || v.mv_size == 0)       /* a row of an index has no value */
        return rc;
    unsigned kind = ((const uint8_t *)v.mv_data)[0] & (SEAL_PIECE | SEAL_LAST);
    return store_unseal(t->store, (struct store_place){ tab, k->bytes, k->len }, v.mv_data, v.mv_size, kind, &plain, &len);
}

uint64_t
store_rows(struct store_txn *t, enum store_table tab)
{
    MDB_stat st;

    must(t->child == NULL);
    return mdb_stat(t->txn, t->store->dbi[tab], &st) == 0 ? st.ms_entries : 0;
}
