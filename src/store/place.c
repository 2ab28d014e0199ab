/* SPDX-License-Identifier: ISC
 *
 * The state directory: made 0700 where there is none, ours, on a local file system, and held by one core.
 * The file `lock` carries an open-file-description lock for the life of the core: it can be asked about without being
 * taken, so that a reader never makes a starting core believe that it is late. Its text is the pid, for people.
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Shared maps and locks do not hold there: two cores on two machines would both believe to be alone. */
static const struct { uint32_t magic; const char *name; } remote[] = {
    { 0x00006969, "NFS" }, { 0x0000517b, "SMB" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB2" }, { 0x00c36400, "Ceph" },
    { 0x5346414f, "AFS" }, { 0x6b414653, "AFS" }, { 0x01021997, "9p" }, { 0x73757245, "Coda" }, { 0x0bd00bd0, "Lustre" },
};

bool
store_read_at(int fd, void *out, size_t len, uint64_t at)
{
    uint8_t *p = out;

    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n, at += (uint64_t)n, len -= (size_t)n;
    }
    return true;
}

int
store_write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
    const uint8_t *p = bytes;

    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        p += n, at += (uint64_t)n, len -= (size_t)n;
    }
    return 0;
}

/* New names are durable only once their directory is. */
void
store_place_sync(const struct store *s)
{
    if (s->dir_fd >= 0)
        (void)fsync(s->dir_fd);
}

static struct flock
whole_file(void)
{
    return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

bool
store_place_has_core(const struct store *s)
{
    struct flock l = whole_file();
    int fd = openat(s->dir_fd, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return errno != ENOENT;         /* what cannot be asked may be there */
    bool held = fcntl(fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
    close(fd);
    return held;
}

static enum store_rc
take_lock(struct store *s, char error[256])
{
    struct flock l = whole_file();
    char pid[24] = "";

    s->lock_fd = openat(s->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock_fd < 0) {
        store_say(error, "%.150s/lock: %s", s->directory, strerrordesc_np(errno));
        return STORE_REFUSED;
    }
    if (fcntl(s->lock_fd, F_OFD_SETLK, &l) != 0) {
        ssize_t n = pread(s->lock_fd, pid, sizeof pid - 1, 0);
        for (ssize_t i = 0; i < n; i++)
            if (pid[i] < '0' || pid[i] > '9')
                n = i;
        pid[n > 0 ? n : 0] = 0;
        store_say(error, "%.150s is in use by another ticketd, process %s", s->directory, *pid ? pid : "unknown");
        return STORE_BUSY;
    }
    /* The text is a courtesy; on a full disk the lock holds without it. */
    snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(s->lock_fd, 0) == 0)
        (void)store_write_at(s->lock_fd, pid, strlen(pid), 0);
    return STORE_OK;
}

enum store_rc
store_place_enter(struct store *s, char error[256])
{
    struct statfs fs = { 0 };
    struct stat st = { 0 };
    int e = s->read_only ? 0 : dir_make(s->directory, 0700);

    if (e == 0) {
        s->dir_fd = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        e = s->dir_fd < 0 || fstat(s->dir_fd, &st) != 0 || fstatfs(s->dir_fd, &fs) != 0 ? errno : 0;
    }
    if (e != 0) {
        store_say(error, "%.150s: %s", s->directory, strerrordesc_np(e));
        return s->read_only && e == ENOENT ? STORE_NOTFOUND : STORE_REFUSED;
    }
    for (size_t i = 0; i < countof(remote); i++)
        if ((uint32_t)fs.f_type == remote[i].magic) {
            store_say(error, "%.150s is on a network file system (%s): the store needs a local disk", s->directory, remote[i].name);
            return STORE_REFUSED;
        }
    /* root may read, for `ticketctl --key-file` while core is down */
    if (st.st_uid != geteuid() && !(s->read_only && geteuid() == 0)) {
        store_say(error, "%.150s belongs to user %u, this is user %u", s->directory, st.st_uid, geteuid());
        return STORE_REFUSED;
    }
    if (st.st_mode & S_IWOTH) {
        store_say(error, "%.150s can be written by everybody: chmod 700 it", s->directory);
        return STORE_REFUSED;
    }
    return s->read_only ? STORE_OK : take_lock(s, error);
}

enum store_rc
store_hold(const char *directory, int *fd, char error[256])
{
    struct store s = { .directory = (char *)directory, .dir_fd = -1, .lock_fd = -1 };
    enum store_rc rc = store_place_enter(&s, error);

    if (s.dir_fd >= 0)
        close(s.dir_fd);
    *fd = s.lock_fd;
    if (rc != STORE_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return rc;
}
