/* SPDX-License-Identifier: ISC
 *
 * The Maildir as a transport: tmp, fsync, rename to new, fsync of the folder. The file name is made from letter and recipient
 * alone, so a second try of a letter replaces the first, and one that a reader has moved to cur/ is not written again.
 * The file is Return-Path and Delivered-To, then the letter as it is, with LF where it has CRLF: that is what readers of a
 * Maildir expect; a CR that stands alone stays.
 */
#include "drop.h"
#include "ticketd/role.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

int
drop_make(const char *path)
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
drop_open(const char *path, struct drop_folder *out)
{
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

    *out = (struct drop_folder){ -1, -1, -1 };
    if (root >= 0) {
        out->tmp = openat(root, "tmp", flags);
        out->fresh = openat(root, "new", flags);
        out->cur = openat(root, "cur", flags);
        close(root);
    }
    return out->tmp >= 0 && out->fresh >= 0 && out->cur >= 0;
}

/* ---- the name */

static uint64_t
fnv1a(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

void
drop_name(uint64_t letter, const char *recipient, char out[DROP_NAME_MAX])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-";
    size_t n = (size_t)snprintf(out, DROP_NAME_MAX, "L%08llu.", (unsigned long long)letter);
    const size_t room = DROP_NAME_MAX - 32;     /* for the hash and the ending */

    for (const char *s = recipient; *s; s++) {
        bool as_it_is = strchr(plain, *s) != NULL;

        if (n + 3 > room) {                     /* the rest of a very long address is hashed */
            n += (size_t)snprintf(out + n, DROP_NAME_MAX - n, "~%016llx", (unsigned long long)fnv1a(recipient));
            break;
        }
        if (as_it_is)
            out[n++] = *s;
        else
            n += (size_t)snprintf(out + n, DROP_NAME_MAX - n, "%%%02X", (unsigned char)*s);
    }
    snprintf(out + n, DROP_NAME_MAX - n, ".ticketd");
}

/* A reader has it: cur/NAME or cur/NAME:2,FLAGS. Asking for every set of the six flags is cheaper than reading a large folder. */
static bool
moved_by_reader(const struct drop_folder *d, const char *name)
{
    static const char flags[] = "DFPRST";
    char moved[DROP_NAME_MAX + 16];
    struct stat st;

    if (fstatat(d->cur, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    for (unsigned set = 0; set < 64; set++) {
        size_t n = (size_t)snprintf(moved, sizeof moved, "%s:2,", name);

        for (unsigned i = 0; i < 6; i++)
            if (set & (1u << i))
                moved[n++] = flags[i];
        moved[n] = '\0';
        if (fstatat(d->cur, moved, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return false;
}

/* ---- the file */

static void
file_bytes(const Td__SendJob *job, const uint8_t *bytes, size_t len, struct buf *out)
{
    buf_printf(out, "Return-Path: <%s>\nDelivered-To: %s\n", job->envelope_from, job->recipient);
    for (size_t at = 0; at < len;) {
        const uint8_t *cr = memchr(bytes + at, '\r', len - at);
        size_t n = cr ? (size_t)(cr - (bytes + at)) : len - at;

        buf_add(out, bytes + at, n);
        at += n;
        if (cr) {
            if (at + 1 == len || bytes[at + 1] != '\n')
                buf_putc(out, '\r');
            at++;
        }
    }
}

/* 0 or errno. */
static int
write_durable(const struct drop_folder *d, const char *name, const struct buf *b)
{
    int fd, error;

    if (unlinkat(d->tmp, name, 0) != 0 && errno != ENOENT)      /* of a try that was cut off */
        return errno;
    fd = openat(d->tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    error = full_write(fd, b->data, b->len);
    if (!error && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    if (!error && renameat(d->tmp, name, d->fresh, name) != 0)
        error = errno;
    if (error)
        unlinkat(d->tmp, name, 0);
    else if (fsync(d->fresh) != 0)
        error = errno;
    return error;
}

void
drop_letter(const struct drop_folder *d, const Td__SendJob *job, const uint8_t *bytes, size_t len, Td__SendOutcome *out)
{
    char name[DROP_NAME_MAX];
    struct buf b = { 0 };
    int error;

    if (!addr_valid(job->recipient) || (*job->envelope_from && !addr_valid(job->envelope_from))) {
        out->code = 553;
        out->text = (char *)"553 5.1.3 not an address";
        return;
    }
    drop_name(job->letter, job->recipient, name);
    if (moved_by_reader(d, name)) {
        out->code = 250;
        out->text = (char *)"250 2.0.0 it was in the folder already";
        return;
    }
    file_bytes(job, bytes, len, &b);
    error = write_durable(d, name, &b);
    buf_free(&b);
    out->code = error == 0 ? 250 : error == ENOSPC || error == EDQUOT ? 452 : 451;
    out->text = (char *)(error == 0 ? "250 2.0.0 in the folder" : out->code == 452 ? "452 4.3.1 no space for it" : "451 4.3.0 it cannot be written");
    if (error)
        log_line(LOG_FAIL, "role=drop letter=%llu error=%s status=later", (unsigned long long)job->letter, log_value(strerror(error)));
}

_Noreturn void
drop_run(const Td__RelaySetup *setup)
{
    struct drop_folder folder;

    if (!drop_open(setup->path, &folder)) {
        log_line(LOG_FAIL, "role=drop path=%s error=%s status=exit", log_value(setup->path), log_value(strerror(errno)));
        _exit(EX_CANTCREAT);
    }
    for (;;) {
        struct arena *a = arena_new(16 * ROLE_FRAME_MAX);
        Td__SendOutcome outcome = TD__SEND_OUTCOME__INIT;
        Td__Frame reply = TD__FRAME__INIT;
        struct memfd_map letter;
        struct frame f;

        frame_receive_or_exit(a, &f);
        if (f.body->body_case != TD__FRAME__BODY_SEND_JOB || f.n_fds != 1 || !memfd_map(f.fds[0], ROLE_BULK_MAX, &letter))
            _exit(EX_PROTOCOL);
        outcome.letter = f.body->send_job->letter;
        outcome.recipient = f.body->send_job->recipient;
        drop_letter(&folder, f.body->send_job, letter.bytes, letter.len, &outcome);
        reply.body_case = TD__FRAME__BODY_SEND_OUTCOME;
        reply.send_outcome = &outcome;
        if (frame_send(ROLE_FD, &reply, NULL, 0) != FRAME_OK)
            _exit(EX_OK);
        memfd_unmap(&letter);
        frame_close(&f);
        arena_free(&a);
    }
}
