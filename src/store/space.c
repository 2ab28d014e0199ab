/* SPDX-License-Identifier: ISC
 *
 * Room: how much is left, how the map grows, and whether data.mdb is as long as it says.
 *
 * LMDB reads through a map: a page that a cut file no longer has is a bus error, not an error code. So before anything is
 * read the file is stretched (with holes) to the length its head names, and if it was short every row is looked at. It may
 * be short in innocence: a page that one transaction both takes and gives back at the very end is never written. Core
 * stretches the file after such a commit, so that only a kill in that moment makes the next start take the long look.
 */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
data_fd(const struct store *s)
{
    int fd;

    return mdb_env_get_fd(s->env, &fd) == 0 ? fd : -1;
}

static uint64_t
used_bytes(const struct store *s)
{
    MDB_envinfo i;

    return mdb_env_info(s->env, &i) == 0 ? ((uint64_t)i.me_last_pgno + 1) * s->page : 0;
}

uint64_t
store_free_bytes(const struct store *s)
{
    struct statvfs v;
    uint64_t used = used_bytes(s), map = used < s->map_max ? s->map_max - used : 0;

    if (s->dir_fd < 0 || fstatvfs(s->dir_fd, &v) != 0)
        return map;
    uint64_t disk = (uint64_t)v.f_bavail * v.f_frsize;
    return disk < map ? disk : map;
}

enum store_rc
store_grow(struct store *s)
{
    MDB_envinfo i;

    must(s->txns == 0);
    if (!s->map_full || mdb_env_info(s->env, &i) != 0)
        return STORE_FULL;
    uint64_t now = i.me_mapsize, next = now * 2 < s->map_max ? now * 2 : s->map_max;
    if (next <= now)
        return STORE_FULL;
    if (mdb_env_set_mapsize(s->env, next) != 0)
        return STORE_IO;
    s->map_full = false;
    return STORE_OK;
}

void
store_reader_check(struct store *s)
{
    int dead;

    if (!s->unlocked)
        (void)mdb_reader_check(s->env, &dead);
}

/* ---- is the file whole? */

/* After a commit. If it fails the next start looks longer, that is all. */
void
store_cover_keep(struct store *s)
{
    struct stat st;
    off_t need = (off_t)used_bytes(s);

    if (s->directory && fstat(data_fd(s), &st) == 0 && st.st_size < need && ftruncate(data_fd(s), need) != 0)
        return;
}

enum store_rc
store_cover_stretch(struct store *s, char error[256])
{
    struct stat st;
    off_t need = (off_t)used_bytes(s);

    if (s->directory == NULL)
        return STORE_OK;
    if (fstat(data_fd(s), &st) != 0)
        return STORE_IO;
    if (st.st_size >= need || (s->read_only && store_place_has_core(s)))
        return STORE_OK;
    store_say(error, "%.120s/data.mdb is cut short: %lld of %lld bytes%s", s->directory, (long long)st.st_size, (long long)need,
              s->read_only ? "; starting ticketd looks closer" : ". Restore it from a backup");
    if (s->read_only)
        return STORE_DAMAGED;
    if (ftruncate(data_fd(s), need) != 0)
        return store_rc_of(s, errno);
    s->short_size = st.st_size;
    return STORE_OK;
}

void
store_cover_restore(struct store *s)
{
    if (s->short_size >= 0 && ftruncate(data_fd(s), s->short_size) != 0)
        return;
}

/* A hole reads as zeros: no key is empty, and no seal ends in sixteen of them. */
static bool
row_is_there(const MDB_val *k, const MDB_val *v)
{
    const uint8_t *end = (const uint8_t *)v->mv_data + v->mv_size;

    if (k->mv_size == 0 || k->mv_size > STORE_KEY_MAX)
        return false;
    return v->mv_size == 0 || (v->mv_size > STORE_TAG && ((const uint8_t *)v->mv_data)[0] != 0 && !sodium_is_zero(end - STORE_TAG, STORE_TAG));
}

/* LMDB's list of free pages: a count, then that many page numbers; of none at all costs room only. */
static bool
free_list_is_there(const MDB_val *k, const MDB_val *v)
{
    const size_t *list = v->mv_data;

    if (k->mv_size != sizeof *list || v->mv_size < sizeof *list || v->mv_size % sizeof *list)
        return false;
    return list[0] == 0 || (list[0] < v->mv_size / sizeof *list && list[list[0]] >= 2);
}

static bool
table_is_there(MDB_txn *txn, MDB_dbi dbi, bool (*row)(const MDB_val *, const MDB_val *))
{
    MDB_cursor *c;
    MDB_val k, v;
    int e = mdb_cursor_open(txn, dbi, &c);

    if (e != 0)
        return false;
    while ((e = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0)
        if (!row(&k, &v))
            break;
    mdb_cursor_close(c);
    return e == MDB_NOTFOUND;
}

/* The long look, only after store_cover_stretch() had to stretch. */
enum store_rc
store_cover_check(struct store *s, char error[256])
{
    MDB_txn *txn;
    bool whole;

    if (s->short_size < 0)
        return STORE_OK;
    int e = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (e != 0)
        return store_rc_of(s, e);
    whole = table_is_there(txn, 0, free_list_is_there);
    for (size_t i = 0; i < STORE_TABLES && whole; i++)
        whole = table_is_there(txn, s->dbi[i], row_is_there);
    mdb_txn_abort(txn);
    if (!whole)
        return STORE_DAMAGED;
    error[0] = 0;
    s->short_size = -1;
    return STORE_OK;
}
