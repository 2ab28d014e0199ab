/* SPDX-License-Identifier: ISC
 *
 * What is done to the files of a watched Maildir: look, copy, move to cur/. File names and files are strangers' work: nothing
 * is followed, nothing but regular files is opened for reading, nothing that is there already is replaced.
 */
#include "maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
maildir_make(const char *path)
{
    static const char *const folders[] = { "tmp", "new", "cur" };

    for (size_t i = 0; i < countof(folders); i++) {
        char *folder = path_join(path, folders[i]);
        int error = dir_make(folder, 0700);

        free(folder);
        if (error)
            return error;
    }
    return 0;
}

bool
maildir_open(const char *path, struct maildir_folder *out)
{
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    out->fresh = out->cur = -1;
    if (root >= 0) {
        out->fresh = openat(root, "new", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        out->cur = openat(root, "cur", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(root);
    }
    return out->fresh >= 0 && out->cur >= 0;
}

void
maildir_unique(const char *name, char out[256])
{
    const char *info = strstr(name, ":2,");
    size_t n = info && info > name ? (size_t)(info - name) : strlen(name);

    if (n > 255)
        n = 255;
    memcpy(out, name, n);
    out[n] = '\0';
}

void
maildir_unique_text(const char *name, char out[MAILDIR_TEXT_MAX])
{
    char unique[256];
    size_t n = 0;

    maildir_unique(name, unique);
    if (utf8_valid(unique, strlen(unique))) {
        memcpy(out, unique, strlen(unique) + 1);
        return;
    }
    for (const char *s = unique; *s; s++)
        if (*s > 0x20 && *s < 0x7f && *s != '%')
            out[n++] = *s;
        else
            n += (size_t)snprintf(out + n, MAILDIR_TEXT_MAX - n, "%%%02X", (unsigned char)*s);
    out[n] = '\0';
}

/* Copies at most `most` bytes. The size counts, not what stat said: the file is not ours. */
static bool
copy(int from, int to, uint64_t most, uint64_t *copied)
{
    static uint8_t bytes[65536];

    for (*copied = 0; *copied < most;) {
        uint64_t left = most - *copied;
        ssize_t n = read(from, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            return true;
        if (n < 0 || full_write(to, bytes, (size_t)n) != 0)
            return false;
        *copied += (uint64_t)n;
    }
    return true;
}

static enum maildir_look
take_open(int fd, const struct stat *st, uint64_t max_mail, struct maildir_mail *out)
{
    uint64_t whole = (uint64_t)st->st_size, copied;
    bool large = whole > max_mail;

    out->fd = memfd_make("mail");
    if (out->fd < 0)
        return MAILDIR_NO_ROOM;
    if (!copy(fd, out->fd, large ? MAILDIR_HEAD : max_mail, &copied) || memfd_seal(out->fd) != 0) {
        enum maildir_look why = errno == EIO || errno == EACCES ? MAILDIR_UNREADABLE : MAILDIR_NO_ROOM;

        close(out->fd);
        out->fd = -1;
        return why;
    }
    out->size = copied;
    out->inode = st->st_ino;
    out->written_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    out->whole_size = large ? whole : 0;
    return MAILDIR_TAKEN;
}

enum maildir_look
maildir_take(const struct maildir_folder *d, const char *name, bool announced, int64_t now, uint64_t max_mail, uint64_t room,
             struct maildir_mail *out)
{
    enum maildir_look look;
    struct stat st;
    int fd;

    *out = (struct maildir_mail){ .fd = -1 };
    /* looked at before it is opened: opening a device or a pipe is an act of its own */
    if (fstatat(d->fresh, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? MAILDIR_GONE : MAILDIR_UNREADABLE;
    if (!S_ISREG(st.st_mode))
        return MAILDIR_ODD;
    fd = openat(d->fresh, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? MAILDIR_GONE : errno == ELOOP ? MAILDIR_ODD
             : errno == EMFILE || errno == ENFILE || errno == ENOMEM ? MAILDIR_NO_ROOM : MAILDIR_UNREADABLE;
    if (fstat(fd, &st) != 0)
        look = MAILDIR_UNREADABLE;
    else if (!S_ISREG(st.st_mode))
        look = MAILDIR_ODD;
    else if (!announced && st.st_mtime <= now && now - st.st_mtime < (st.st_size ? MAILDIR_YOUNG_S : MAILDIR_EMPTY_S))
        look = MAILDIR_YOUNG;
    else if (((uint64_t)st.st_size > max_mail ? MAILDIR_HEAD : (uint64_t)st.st_size) > room)
        look = MAILDIR_TOO_MUCH;
    else
        look = take_open(fd, &st, max_mail, out);
    close(fd);
    return look;
}

/* link and unlink, for rename would replace; a crash between the two leaves both, and the second time finds the same file. */
static int
move_to(const struct maildir_folder *d, const char *name, const char *target)
{
    struct stat old, there;

    if (linkat(d->fresh, name, d->cur, target, 0) != 0) {
        if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK)   /* a file system without links */
            return renameat2(d->fresh, name, d->cur, target, 1 /* RENAME_NOREPLACE */) == 0 ? 0 : errno;
        if (errno != EEXIST)
            return errno;
        if (fstatat(d->fresh, name, &old, AT_SYMLINK_NOFOLLOW) != 0)
            return errno;
        if (fstatat(d->cur, target, &there, AT_SYMLINK_NOFOLLOW) != 0 || old.st_ino != there.st_ino || old.st_dev != there.st_dev)
            return EEXIST;
    }
    return unlinkat(d->fresh, name, 0) == 0 ? 0 : errno;
}

int
maildir_settle(const struct maildir_folder *d, const char *name)
{
    char unique[256], target[300];
    int error = EEXIST;

    maildir_unique(name, unique);
    for (int i = 0; error == EEXIST && i < 100; i++) {
        int n = i == 0 ? snprintf(target, sizeof target, "%s:2,S", unique) : snprintf(target, sizeof target, "%s.%d:2,S", unique, i);

        if (n > 255)                    /* a name that leaves no room for flags */
            snprintf(target, sizeof target, i == 0 ? "%.255s" : "%.250s.%d", unique, i);
        error = move_to(d, name, target);
    }
    return error == ENOENT ? 0 : error;
}
