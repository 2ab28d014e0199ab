/* SPDX-License-Identifier: ISC
 *
 * Files, whole: reading with a bound, secrets with a look at who else may read them, directories, paths.
 * Errors are values (errno), for the disk and the operator are the outside world.
 */
#include "ticketd/base.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <limits.h>
#include <stdlib.h>

/* Everything up to the end; what *out held before stays, also on error. */
static int
fd_read(int fd, size_t max, struct buf *out)
{
    size_t before = out->len, got = 0;
    char block[16384];
    int rc = 0;

    buf_puts(out, "");
    for (;;) {
        ssize_t n = read(fd, block, sizeof block);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = errno;
        else if ((size_t)n > max - got)
            rc = EFBIG;
        if (rc || !n)
            break;
        buf_add(out, block, (size_t)n);
        got += (size_t)n;
    }
    explicit_bzero(block, sizeof block);
    if (rc) {
        explicit_bzero(out->data + before, out->len - before);
        out->len = before;
    }
    return rc;
}

int
file_read(const char *path, size_t max, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), rc;

    if (fd < 0)
        return errno;
    rc = fd_read(fd, max, out);
    close(fd);
    return rc;
}

int
file_read_secret(const char *path, size_t max, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), rc = 0;
    size_t before = out->len;
    struct stat st;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st))
        rc = errno;
    else if (!S_ISREG(st.st_mode))
        rc = EINVAL;
    else if ((st.st_uid && st.st_uid != geteuid()) || st.st_mode & 077)
        rc = EPERM;
    else
        rc = fd_read(fd, max, out);
    close(fd);
    if (!rc && out->len > before && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
    return rc;
}

int
dir_make(const char *path, unsigned mode)
{
    char *whole = mem_strdup(path);
    struct stat st;
    int rc = 0;

    for (char *p = whole; !rc && *p; p++) {
        bool last = !p[1];
        char kept = p[1];

        if (p[1] != '/' && !last)
            continue;
        p[1] = '\0';
        if (mkdir(whole, mode)) {
            rc = errno;
            /* There already, or above us and not ours to touch: what counts is whether a directory stands there. */
            if (!stat(whole, &st))
                rc = S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
        }
        p[1] = kept;
    }
    free(whole);
    return *path ? rc : ENOENT;
}

char *
path_join(const char *dir, const char *name)
{
    struct buf b = { 0 };

    if (name[0] != '/') {
        buf_puts(&b, dir);
        if (b.len && b.data[b.len - 1] != '/')
            buf_putc(&b, '/');
    }
    buf_puts(&b, name);
    return b.data;
}

char *
path_beside_self(const char *relative)
{
    static const char *const ups[] = { "../", "../../" };       /* from bin and sbin, from libexec/ticketd */
    char self[PATH_MAX], *slash;
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

    self[len > 0 ? len : 0] = '\0';
    slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < countof(ups); i++) {
        char *up, *path;

        slash[1] = '\0';
        up = path_join(self, ups[i]);
        path = path_join(up, relative);
        free(up);
        if (!access(path, F_OK))
            return path;
        free(path);
    }
    return path_join(TICKETD_PREFIX, relative);
}

int
full_write(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}
