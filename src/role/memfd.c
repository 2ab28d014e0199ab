/* SPDX-License-Identifier: ISC
 *
 * Mail and large frames travel in memory files that nobody can change any more: all four seals, or it is none of ours.
 * A receiver may then map one without fearing that it shrinks under its hands.
 */
#include "ticketd/role.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u              /* Linux 6.3 */
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
memfd_make(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

int
memfd_seal(int fd)
{
    return fcntl(fd, F_ADD_SEALS, SEALS) ? errno : 0;
}

int
memfd_of(const char *name, const void *bytes, size_t len)
{
    int fd = memfd_make(name), rc;

    if (fd < 0)
        return -1;
    rc = full_write(fd, bytes, len);
    if (!rc)
        rc = memfd_seal(fd);
    if (!rc)
        return fd;
    close(fd);
    errno = rc;
    return -1;
}

int64_t
memfd_size(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat st;

    if (seals < 0 || (seals & SEALS) != SEALS)
        return -1;
    /* The plain call: glibc's fstat() may come as newfstatat(), which the sandbox cannot tell from a look at some path. */
    return syscall(SYS_fstat, fd, &st) || st.st_size < 0 ? -1 : st.st_size;
}

bool
memfd_map(int fd, size_t max, struct memfd_map *out)
{
    int64_t size = memfd_size(fd);
    void *p;

    *out = (struct memfd_map){ 0 };
    if (size < 0 || (uint64_t)size > max)
        return false;
    if (!size) {
        out->bytes = (const uint8_t *)"";
        return true;
    }
    /* Private, for before Linux 6.7 a file sealed against writing cannot be mapped shared, not even for reading. */
    p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return false;
    *out = (struct memfd_map){ p, (size_t)size };
    return true;
}

void
memfd_unmap(struct memfd_map *m)
{
    if (m->len)
        munmap((void *)(uintptr_t)m->bytes, m->len);
    *m = (struct memfd_map){ 0 };
}
