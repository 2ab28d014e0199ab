/* SPDX-License-Identifier: ISC
 *
 * Transactions, the meta record that they carry, and what LMDB's and the disk's errors mean.
 * A hard error sticks to its transaction: LMDB would answer every later call with "bad transaction", and the caller wants
 * to know that the disk was full. A nested transaction that is aborted leaves its parent as it was.
 */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#define DISK_FULL_BELOW (1u << 20)      /* bytes: what LMDB calls an I/O error is then a full disk */

static const char *const rc_names[] = {
    [STORE_OK] = "ok",           [STORE_NOTFOUND] = "not found", [STORE_FULL] = "full",       [STORE_IO] = "input/output error",
    [STORE_DAMAGED] = "damaged", [STORE_NEWER] = "newer format", [STORE_BUSY] = "in use",     [STORE_REFUSED] = "refused",
    [STORE_WRONG_KEY] = "wrong master key", [STORE_ERASED] = "erased",
};

const char *
store_rc_name(enum store_rc rc)
{
    return (size_t)rc < countof(rc_names) ? rc_names[rc] : "unknown";
}

/* A write that a full disk cuts short reaches us as EIO. */
static bool
disk_is_full(const struct store *s)
{
    struct statvfs v;

    return s->dir_fd >= 0 && fstatvfs(s->dir_fd, &v) == 0 && (uint64_t)v.f_bavail * v.f_frsize < DISK_FULL_BELOW;
}

enum store_rc
store_rc_of(struct store *s, int e)
{
    switch (e) {
    case 0:
        return STORE_OK;
    case MDB_NOTFOUND:
        return STORE_NOTFOUND;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
        s->map_full = true;
        return STORE_FULL;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case EIO:
        return disk_is_full(s) ? STORE_FULL : STORE_IO;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        return STORE_DAMAGED;
    case MDB_VERSION_MISMATCH:
        return STORE_NEWER;
    case MDB_BAD_VALSIZE:
        bug("store: a key of no bytes");
    default:
        return STORE_IO;
    }
}

enum store_rc
store_fail(struct store_txn *t, int e)
{
    if (e == 0 || e == MDB_NOTFOUND)
        return store_rc_of(t->store, e);
    if (t->failed == STORE_OK)
        t->failed = store_rc_of(t->store, e);
    return t->failed;
}

enum store_rc
store_begin(struct store *s, struct store_txn *parent, bool write, struct store_txn **out)
{
    MDB_txn *txn;

    *out = NULL;
    must(parent == NULL ? !(write && s->writing) : write && parent->write && parent->child == NULL);
    must(!(s->unlocked && write && parent == NULL && s->txns > 0));
    if (write && s->read_only)
        return STORE_REFUSED;
    if (s->read_only)
        store_keys_forget(s);           /* core may have erased some since */
    int e = mdb_txn_begin(s->env, parent ? parent->txn : NULL, write ? 0 : MDB_RDONLY, &txn);
    if (e == MDB_MAP_RESIZED && s->txns == 0) {
        e = mdb_env_set_mapsize(s->env, 0);
        if (e == 0)
            e = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &txn);
    }
    if (e == MDB_MAP_RESIZED)
        return STORE_BUSY;
    if (e != 0)
        return store_rc_of(s, e);
    struct store_txn *t = mem_alloc(sizeof *t);
    *t = (struct store_txn){ .store = s, .parent = parent, .txn = txn, .write = write, .next_slot = parent ? parent->next_slot : s->next_slot };
    if (parent) {
        parent->child = t;
    } else {
        s->writing |= write;
        s->txns++;
    }
    *out = t;
    return STORE_OK;
}

static void
txn_free(struct store_txn **tp, bool committed)
{
    struct store_txn *t = *tp;

    store_bulk_ended(t, committed);
    if (t->parent) {
        t->parent->child = NULL;
    } else {
        t->store->txns--;
        if (t->write)
            t->store->writing = false;
    }
    free(t);
    *tp = NULL;
}

void
store_abort(struct store_txn **tp)
{
    if (*tp == NULL)
        return;
    must((*tp)->child == NULL);
    mdb_txn_abort((*tp)->txn);
    txn_free(tp, false);
}

/* ---- the meta record */

static void
meta_key(struct store_key *k)
{
    store_key_start(k);
    store_key_u8(k, STORE_META_RECORD);
}

enum store_rc
store_meta_get(struct store_txn *t, struct arena *a, Td__Meta **out)
{
    struct store_key k;

    meta_key(&k);
    enum store_rc rc = store_get(t, STORE_META, &k, a, &td__meta__descriptor, out);
    if (rc == STORE_OK && (*out)->next_slot < t->next_slot)
        (*out)->next_slot = t->next_slot;
    return rc;
}

enum store_rc
store_meta_put(struct store_txn *t, const Td__Meta *m)
{
    struct store_key k;
    Td__Meta mine = *m;

    if (mine.next_slot < t->next_slot)
        mine.next_slot = t->next_slot;
    mine.naming_key = (ProtobufCBinaryData){ .len = 32, .data = t->store->secrets->naming };
    /* The file of slots is never shorter than what the data names: a check at the next start relies on it. */
    enum store_rc rc = store_slots_reserve(t->store, mine.next_slot - 1);
    if (rc != STORE_OK)
        return rc;
    meta_key(&k);
    rc = store_put(t, STORE_META, &k, 0, &mine);
    if (rc == STORE_OK) {
        t->next_slot = mine.next_slot;
        t->slots_moved = false;
    }
    return rc;
}

uint64_t
store_slot_take(struct store_txn *t)
{
    must(t->write);
    t->slots_moved = true;
    return t->next_slot++;
}

static enum store_rc
meta_follow(struct store_txn *t)
{
    Td__Meta *m;
    struct arena *a = arena_new(0);
    enum store_rc rc = store_meta_get(t, a, &m);

    if (rc == STORE_OK)
        rc = store_meta_put(t, m);
    arena_free(&a);
    return rc;
}

enum store_rc
store_commit(struct store_txn **tp)
{
    struct store_txn *t = *tp;
    struct store *s = t->store;
    enum store_rc rc = t->failed;

    must(t->child == NULL);
    if (rc == STORE_OK && t->slots_moved && t->parent == NULL)
        rc = meta_follow(t);
    if (rc != STORE_OK) {
        store_abort(tp);
        return rc;
    }
    rc = store_rc_of(s, mdb_txn_commit(t->txn));
    if (rc == STORE_OK && t->parent) {
        t->parent->next_slot = t->next_slot;
        t->parent->slots_moved |= t->slots_moved;
    } else if (rc == STORE_OK && t->write) {
        s->next_slot = t->next_slot;
        store_cover_keep(s);
    }
    txn_free(tp, rc == STORE_OK);
    return rc;
}
