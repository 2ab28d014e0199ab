/* SPDX-License-Identifier: ISC
 *
 * Backup: the reader copies the data, as one transaction saw it, into a file that we opened. The copy is sealed as the store
 * is. The file of keys stays out of it, so that what is erased later stays unreadable in this backup; --keys copies it apart,
 * always over its last copy, for only the latest one knows what was erased.
 */
#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define STEP 65536

int
keep_digest(int fd, char hex[65], uint64_t *bytes)
{
    static uint8_t step[STEP];
    crypto_generichash_state h;
    uint8_t sum[32];
    ssize_t n;
    *bytes = 0;
    crypto_generichash_init(&h, NULL, 0, sizeof sum);
    while ((n = pread(fd, step, sizeof step, (off_t)*bytes)) != 0) {
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            crypto_generichash_update(&h, step, (size_t)n);
            *bytes += (uint64_t)n;
        }
    }
    crypto_generichash_final(&h, sum, sizeof sum);
    hex_encode(sum, sizeof sum, hex);
    return 0;
}

static int
create(const char *path)
{
    (void)unlink(path);                 /* what an interrupted one left */
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int
note_write(const char *folder, const char *hex, uint64_t bytes, json_t *said)
{
    char at[TIME_TEXT_MAX];
    char *path = path_join(folder, BACKUP_NOTE);
    int fd = create(path), err = fd < 0 ? errno : 0;
    time_format(time(NULL), at);
    json_t *o = json_pack("{s:s, s:s, s:I, s:s, s:O, s:O}", "made", at, "version", TICKETD_VERSION, "bytes", (json_int_t)bytes, "blake2b", hex, "generation",
                          json_object_get(said, "generation"), "next_case", json_object_get(said, "next_case"));
    char *text = o != NULL ? json_dumps(o, JSON_INDENT(2)) : NULL;
    if (err == 0)
        err = text == NULL ? ENOMEM : full_write(fd, text, strlen(text));
    if (err == 0 && fsync(fd) != 0)
        err = errno;
    if (fd >= 0)
        close(fd);
    free(text);
    json_decref(o);
    free(path);
    return err;
}

/* Whole, on the disk, and only then under its name. */
static int
settle(int fd, const char *from, const char *to)
{
    return fsync(fd) == 0 && rename(from, to) == 0 ? 0 : errno;
}

struct files { char *data, *data_new, *keys_new; int fds[2]; };

static int
copy(struct keep_options *o, const char *folder, struct files *f)
{
    Td__Request r = TD__REQUEST__INIT;
    char hex[65];
    uint64_t bytes;
    int code;
    r.verb = (char *)"backup";
    o->how.fds = f->fds;
    o->how.n_fds = o->keys != NULL ? 2 : 1;
    json_t *said = keep_ask(o, &r, &code);
    if (said == NULL)
        return code;
    int err = keep_digest(f->fds[0], hex, &bytes);
    if (err == 0)
        err = note_write(folder, hex, bytes, said);
    if (err == 0 && o->keys != NULL)
        err = settle(f->fds[1], f->keys_new, o->keys);
    if (err == 0)
        err = settle(f->fds[0], f->data_new, f->data);
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (err == 0 && (dir < 0 || fsync(dir) != 0))
        err = errno;
    if (dir >= 0)
        close(dir);
    json_decref(said);
    if (err != 0)
        return keep_fail(EX_IOERR, "%s: %s", folder, strerror(err));
    printf("%s: %llu bytes. It is sealed: reading it takes the master key and the file keys, which %s%s\n", f->data, (unsigned long long)bytes,
           o->keys != NULL ? "is in " : "is not in it (see --keys)", o->keys != NULL ? o->keys : "");
    return 0;
}

int
keep_backup(struct keep_options *o, const char *folder)
{
    struct files f = { path_join(folder, "data.mdb"), path_join(folder, "data.mdb.new"), NULL, { -1, -1 } };
    struct buf name = { 0 };
    int code = 0, err = dir_make(folder, 0700);
    buf_printf(&name, "%s.new", o->keys != NULL ? o->keys : "");
    f.keys_new = name.data;
    if (sodium_init() < 0 || (err != 0 && err != EEXIST))
        code = keep_fail(EX_CANTCREAT, "%s: %s", folder, strerror(err));
    else if (access(f.data, F_OK) == 0)
        code = keep_fail(EX_CANTCREAT, "%s is there already; name a folder for this backup alone", f.data);
    else if ((f.fds[0] = create(f.data_new)) < 0 || (o->keys != NULL && (f.fds[1] = create(f.keys_new)) < 0))
        code = keep_fail(EX_CANTCREAT, "%s: %s", f.fds[0] < 0 ? f.data_new : f.keys_new, strerror(errno));
    else
        code = copy(o, folder, &f);
    if (code != 0 && f.fds[0] >= 0)
        (void)unlink(f.data_new);
    if (code != 0 && f.fds[1] >= 0)
        (void)unlink(f.keys_new);
    for (size_t i = 0; i < countof(f.fds); i++)
        if (f.fds[i] >= 0)
            close(f.fds[i]);
    free(f.data);
    free(f.data_new);
    buf_free(&name);
    return code;
}

/* ---- export: into files that we make and the reader fills; all or none of them */

int
keep_export_run(struct keep_options *o, const char *number, const char *folder)
{
    static const char *const names[3] = { "export.json", "mails.mbox", "letters.mbox" };
    Td__Request r = TD__REQUEST__INIT;
    struct arena *a = arena_new(0);
    int fds[3] = { -1, -1, -1 }, code = 0, err = dir_make(folder, 0700);
    if (err == EEXIST)
        err = 0;
    for (size_t i = 0; i < countof(names) && err == 0; i++) {
        fds[i] = open(arena_printf(a, "%s/%s", folder, names[i]), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        err = fds[i] < 0 ? errno : 0;
    }
    if (err != 0)
        code = keep_fail(EX_CANTCREAT, "%s: %s", folder, err == EEXIST ? "an export is there already" : strerror(err));
    r.verb = (char *)"export";
    (void)arena_push(a, &r.args, &r.n_args, number != NULL ? arena_printf(a, "case=%s", number) : arena_printf(a, "person=%s", o->person));
    o->how.fds = fds;
    o->how.n_fds = countof(fds);
    json_t *said = code == 0 ? keep_ask(o, &r, &code) : NULL;
    for (size_t i = 0; i < countof(fds); i++) {
        if (fds[i] >= 0 && fsync(fds[i]) != 0 && code == 0)
            code = keep_fail(EX_IOERR, "%s: %s", folder, strerror(errno));
        if (fds[i] >= 0 && code != 0)
            (void)unlink(arena_printf(a, "%s/%s", folder, names[i]));
        if (fds[i] >= 0)
            close(fds[i]);
    }
    if (code == 0)
        printf("%s: %lld cases, %lld mails, %lld letters\n", folder, (long long)json_integer_value(json_object_get(said, "cases")),
               (long long)json_integer_value(json_object_get(said, "mails")), (long long)json_integer_value(json_object_get(said, "letters")));
    json_decref(said);
    arena_free(&a);
    return code;
}
