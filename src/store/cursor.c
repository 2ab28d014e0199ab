/* SPDX-License-Identifier: ISC
 *
 * Walking rows. LMDB's cursors have lost their place before when rows went away under them, so none lives longer than one
 * step: each step seeks from the key that was given last. That costs a search of a cached tree, about a microsecond.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

struct store_cursor {
    struct store_txn *txn;
    enum store_table tab;
    bool backwards;
    bool open_end;                      /* backwards from the very end: `at` is nothing yet */
    bool inclusive;                     /* `at` itself is wanted */
    bool ended;
    enum store_rc rc;
    struct store_key prefix, at;
};

static int
key_compare(const struct store_key *a, const struct store_key *b)
{
    int c = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    return c ? c : (a->len > b->len) - (a->len < b->len);
}

/* The first key after all that begin with the prefix; false: there is none. */
static bool
prefix_end(const struct store_key *prefix, struct store_key *out)
{
    *out = *prefix;
    while (out->len > 0 && out->bytes[out->len - 1] == 0xff)
        out->len--;
    if (out->len == 0)
        return false;
    out->bytes[out->len - 1]++;
    return true;
}

enum store_rc
store_cursor_open(struct store_txn *t, enum store_table tab, const struct store_key *prefix, const struct store_key *from, bool backwards, struct store_cursor **out)
{
    struct store_cursor *c = mem_alloc(sizeof *c);

    *c = (struct store_cursor){ .txn = t, .tab = tab, .backwards = backwards };
    if (prefix)
        c->prefix = *prefix;
    if (backwards) {
        c->open_end = !prefix_end(&c->prefix, &c->at);
        if (from && (c->open_end || key_compare(from, &c->at) < 0)) {
            c->at = *from;
            c->inclusive = true;
            c->open_end = false;
        }
    } else {
        c->at = from && key_compare(from, &c->prefix) > 0 ? *from : c->prefix;
        c->inclusive = true;
    }
    *out = c;
    return STORE_OK;
}

/* To the wanted row next to c->at. 0, MDB_NOTFOUND, or trouble. */
static int
seek(const struct store_cursor *c, MDB_cursor *m, MDB_val *k, MDB_val *v)
{
    if (c->open_end)
        return mdb_cursor_get(m, k, v, MDB_LAST);
    if (c->at.len == 0)
        return mdb_cursor_get(m, k, v, MDB_FIRST);
    *k = (MDB_val){ .mv_size = c->at.len, .mv_data = (void *)c->at.bytes };
    int e = mdb_cursor_get(m, k, v, MDB_SET_RANGE);
    if (e == MDB_NOTFOUND && c->backwards)
        return mdb_cursor_get(m, k, v, MDB_LAST);
    if (e != 0)
        return e;
    bool same = k->mv_size == c->at.len && memcmp(k->mv_data, c->at.bytes, c->at.len) == 0;
    if (same && c->inclusive)
        return 0;
    if (c->backwards)
        return mdb_cursor_get(m, k, v, MDB_PREV);
    return same ? mdb_cursor_get(m, k, v, MDB_NEXT) : 0;
}

bool
store_cursor_next(struct store_cursor *c, struct store_key *k)
{
    MDB_cursor *m;
    MDB_val mk, v;

    if (c->ended)
        return false;
    must(c->txn->child == NULL);
    int e = mdb_cursor_open(c->txn->txn, c->txn->store->dbi[c->tab], &m);
    if (e == 0) {
        e = seek(c, m, &mk, &v);
        mdb_cursor_close(m);
    }
    c->ended = true;
    if (e != 0) {
        c->rc = e == MDB_NOTFOUND ? STORE_OK : store_fail(c->txn, e);
        return false;
    }
    if (mk.mv_size > STORE_KEY_MAX) {
        c->rc = STORE_DAMAGED;
        return false;
    }
    if (mk.mv_size < c->prefix.len || memcmp(mk.mv_data, c->prefix.bytes, c->prefix.len) != 0)
        return false;
    memcpy(c->at.bytes, mk.mv_data, mk.mv_size);
    c->at.len = mk.mv_size;
    c->inclusive = c->open_end = c->ended = false;
    *k = c->at;
    return true;
}

enum store_rc
store_cursor_rc(const struct store_cursor *c)
{
    return c->rc;
}

enum store_rc
store_cursor_get(struct store_cursor *c, struct arena *a, const ProtobufCMessageDescriptor *what, void *out)
{
    return store_get(c->txn, c->tab, &c->at, a, what, out);
}

void
store_cursor_close(struct store_cursor **cp)
{
    free(*cp);
    *cp = NULL;
}
