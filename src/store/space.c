/* SPDX-License-Identifier: ISC
 *
 * Room: how much is left, how the map grows, and the slots of readers that died.
 */
#include "private.h"
#include <sys/statvfs.h>

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
