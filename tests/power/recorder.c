/* SPDX-License-Identifier: ISC
 *
 * LD_PRELOAD: writes down every write and sync of a store's files (data.mdb, keys, keys.new in TICKETD_POWER_STATE) to the file
 * TICKETD_POWER_TRACE, after the call has succeeded and before its caller goes on. Everything else passes through. Processes
 * without these variables (the roles get an empty environment) record nothing.
 */
#include "trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int trace_fd = -1;
static char state[512];

__attribute__((constructor)) static void
begin(void)
{
    const char *folder = getenv("TICKETD_POWER_STATE"), *trace = getenv("TICKETD_POWER_TRACE");
    if (folder == NULL || trace == NULL || strlen(folder) >= sizeof state)
        return;
    strcpy(state, folder);
    trace_fd = open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void *
next(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);
    if (f == NULL)
        abort();
    return f;
}

static int
file_named(const char *name)
{
    static const char *const names[TRACE_FILES] = { "data.mdb", "keys", "keys.new" };
    for (int i = 0; i < TRACE_FILES; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* Which of the files it is; -1: none. */
static int
file_of(int fd)
{
    char link[32], path[768];
    size_t len = strlen(state);
    if (trace_fd < 0 || fd == trace_fd)
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return -1;
    path[n] = '\0';
    return strncmp(path, state, len) == 0 && path[len] == '/' ? file_named(path + len + 1) : -1;
}

static void
record(enum trace_what what, int file, int to, uint64_t offset, const struct iovec *v, int n, size_t len)
{
    struct trace_head h = { what, (uint32_t)file, (uint32_t)to, (uint32_t)len, offset };
    struct iovec all[66] = { { &h, sizeof h } };
    int parts = 1;
    for (int i = 0; i < n && parts < 66 && len > 0; i++) {
        all[parts] = v[i];
        if (all[parts].iov_len > len)
            all[parts].iov_len = len;
        len -= all[parts++].iov_len;
    }
    size_t want = 0;
    for (int i = 0; i < parts; i++)
        want += all[i].iov_len;
    if (len > 0 || syscall(SYS_writev, trace_fd, all, parts) != (ssize_t)want)
        abort();
}

static void
wrote(int fd, uint64_t offset, const struct iovec *v, int n, ssize_t done)
{
    int kept = errno, file = done > 0 ? file_of(fd) : -1;
    if (file >= 0)
        record(fcntl(fd, F_GETFL) & O_DSYNC ? TRACE_WRITE_SYNC : TRACE_WRITE, file, 0, offset, v, n, (size_t)done);
    errno = kept;
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t) = next("pwrite");
    ssize_t n = real(fd, bytes, len, offset);
    wrote(fd, (uint64_t)offset, &(struct iovec){ (void *)bytes, len }, 1, n);
    return n;
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
    return pwrite(fd, bytes, len, offset);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t offset)
{
    ssize_t (*real)(int, const struct iovec *, int, off_t) = next("pwritev");
    ssize_t done = real(fd, v, n, offset);
    wrote(fd, (uint64_t)offset, v, n, done);
    return done;
}

ssize_t
pwritev64(int fd, const struct iovec *v, int n, off64_t offset)
{
    return pwritev(fd, v, n, offset);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
    ssize_t (*real)(int, const struct iovec *, int) = next("writev");
    off_t at = file_of(fd) >= 0 ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, v, n);
    wrote(fd, (uint64_t)at, v, n, done);
    return done;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
    ssize_t (*real)(int, const void *, size_t) = next("write");
    off_t at = file_of(fd) >= 0 ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t n = real(fd, bytes, len);
    wrote(fd, (uint64_t)at, &(struct iovec){ (void *)bytes, len }, 1, n);
    return n;
}

static int
synced(int fd, int rc)
{
    int kept = errno, file = rc == 0 ? file_of(fd) : -1;
    if (file >= 0)
        record(TRACE_SYNC, file, 0, 0, NULL, 0, 0);
    errno = kept;
    return rc;
}

int
fsync(int fd)
{
    int (*real)(int) = next("fsync");
    return synced(fd, real(fd));
}

int
fdatasync(int fd)
{
    int (*real)(int) = next("fdatasync");
    return synced(fd, real(fd));
}

int
ftruncate(int fd, off_t size)
{
    int (*real)(int, off_t) = next("ftruncate");
    int rc = real(fd, size), kept = errno, file = rc == 0 ? file_of(fd) : -1;
    if (file >= 0)
        record(TRACE_SIZE, file, 0, (uint64_t)size, NULL, 0, 0);
    errno = kept;
    return rc;
}

int
ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

/* The store renames within its own directory, by name alone. */
int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    int (*real)(int, const char *, int, const char *) = next("renameat");
    int rc = real(from_dir, from, to_dir, to), kept = errno;
    if (rc == 0 && trace_fd >= 0 && file_named(from) >= 0 && file_named(to) >= 0)
        record(TRACE_RENAME, file_named(from), file_named(to), 0, NULL, 0, 0);
    errno = kept;
    return rc;
}
