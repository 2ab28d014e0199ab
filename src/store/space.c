/* SPDX-License-Identifier: ISC
 *
 * Room: how much is left, how the map grows, the slots of readers that died; and copies of both files.
 */
#include "private.h"
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define COPY_STEP 65536u

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

enum store_rc
store_copy(struct store *s, int fd)
{
    return store_rc_of(s, mdb_env_copyfd2(s->env, fd, 0));
}

enum store_rc
store_copy_keys(struct store *s, int fd)
{
    uint8_t *step = store_scratch_room(&s->streamed, COPY_STEP);
    ssize_t n;

    for (off_t at = 0; (n = pread(s->keys_fd, step, COPY_STEP, at)) != 0; at += n) {
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n < 0)
            return store_rc_of(s, errno);
        int e = full_write(fd, step, (size_t)n);
        if (e != 0)
            return store_rc_of(s, e);
    }
    return STORE_OK;
}
