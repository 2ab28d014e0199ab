/* SPDX-License-Identifier: ISC
 *
 * Restore: into a state directory that holds no store. The copy is made, opened, checked and mended in a folder beside its
 * place, under core's lock; only what is clean gets its place, by a rename. Nothing that was there is overwritten.
 */
#include "keep.h"
#include "ticketd/conf.h"
#include "ticketd/keep.h"

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
#define STAGE "restore.new"

struct stage { char *folder, *data, *keys, *place, *keys_place; bool own_keys; int lock; };

static void
stage_clear(const struct stage *s)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "keys", "keys.new", "lock" };
    for (size_t i = 0; i < countof(names); i++) {
        char *path = path_join(s->folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(s->folder);
}

static int
file_copy(int from, const char *to)
{
    static uint8_t step[STEP];
    ssize_t n;
    int err = 0, fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    for (off_t at = 0; err == 0 && (n = pread(from, step, sizeof step, at)) != 0; at += n > 0 ? n : 0)
        err = n < 0 && errno != EINTR ? errno : n > 0 ? full_write(fd, step, (size_t)n) : 0;
    if (err == 0 && fsync(fd) != 0)
        err = errno;
    close(fd);
    return err;
}

/* Is the copy what the note beside it says? Without a note there is nothing to compare with. */
static int
note_check(const char *folder, int data)
{
    struct buf text = { 0 };
    char *path = path_join(folder, BACKUP_NOTE), hex[65];
    uint64_t bytes;
    int code = 0, err = file_read(path, 65536, &text);
    json_t *o = err == 0 ? json_loadb(text.data, text.len, 0, NULL) : NULL;
    const char *was = json_string_value(json_object_get(o, "blake2b"));
    if (err == ENOENT)
        fprintf(stderr, "ticketctl: %s is missing: whether the copy is whole is seen by the check alone\n", path);
    else if (was == NULL)
        code = keep_fail(EX_DATAERR, "%s does not read", path);
    else if (keep_digest(data, hex, &bytes) != 0 || strcmp(hex, was) != 0)
        code = keep_fail(EX_DATAERR, "%s/data.mdb is not what was backed up: %llu bytes, %lld were written; nothing was restored", folder, (unsigned long long)bytes,
                         (long long)json_integer_value(json_object_get(o, "bytes")));
    json_decref(o);
    buf_free(&text);
    free(path);
    return code;
}

/* The state directory's own file of keys is the latest, and knows what was erased; else a copy of it was named. */
static int
keys_find(const struct keep_options *o, struct stage *s, int *fd)
{
    *fd = open(s->keys_place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    s->own_keys = *fd >= 0;
    if (*fd >= 0 && o->keys != NULL)
        return keep_fail(EX_USAGE, "%s is there and knows best what was erased: leave --keys out, or move it away", s->keys_place);
    if (*fd < 0 && o->keys == NULL)
        return keep_fail(EX_NOINPUT, "the file keys is gone: name its latest copy with --keys FILE; without it nothing in a backup can be read");
    if (*fd < 0)
        *fd = open(o->keys, O_RDONLY | O_CLOEXEC);
    return *fd >= 0 ? 0 : keep_fail(EX_NOINPUT, "%s: %s", o->keys, strerror(errno));
}

static int
stage_fill(struct stage *s, int data, int keys)
{
    stage_clear(s);
    int err = mkdir(s->folder, 0700) == 0 ? 0 : errno;
    if (err == 0)
        err = file_copy(data, s->data);
    if (err == 0)
        err = file_copy(keys, s->keys);
    return err == 0 ? 0 : keep_fail(EX_CANTCREAT, "%s: %s", s->folder, strerror(err));
}

/* Checks, mends, and lets it go on from here. */
static int
stage_check(struct own *w, const struct keep_options *o, struct keep_restored *done)
{
    struct check_options co = { .conf = w->conf, .desk = w->desk, .now = time(NULL), .repair = true };
    struct check_counts n;
    struct buf out = { 0 };
    struct keep_report *report = keep_report_new(&co);
    enum store_rc rc = check_store(w->store, &co, &n);
    keep_report_end(&report, &n, &out);
    json_t *doc = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
    int code = rc == STORE_OK ? keep_check_print(o, doc) : keep_fail(EX_DATAERR, "the copy cannot be read: %s", store_rc_name(rc));
    json_decref(doc);
    buf_free(&out);
    if (code == EX_DATAERR && rc == STORE_OK && o->force)
        code = 0;
    else if (code == EX_DATAERR && rc == STORE_OK)
        (void)keep_fail(code, "the copy has faults that cannot be mended; --force restores it all the same");
    if (code == 0 && (rc = keep_restore(w->store, time(NULL), done)) != STORE_OK)
        code = keep_fail(EX_IOERR, "%s", store_rc_name(rc));
    return code;
}

static int
stage_open(struct own *w, const struct keep_options *o, const struct stage *s, struct keep_restored *done)
{
    struct store_options so = { .directory = s->folder, .map_size = w->conf->map_size, .existing = true, .random = keep_random };
    struct buf errors = { 0 };
    char error[256];
    uint8_t previous[32];
    int code = own_master(w, o, so.master_key);
    if (code == 0 && o->old_key != NULL) {
        code = own_key_read(o->old_key, previous);
        so.previous_key = previous;
    }
    if (code != 0)
        return code;
    enum store_rc rc = store_open(&so, &w->store, error);
    sodium_memzero(so.master_key, sizeof so.master_key);
    sodium_memzero(previous, sizeof previous);
    if (rc != STORE_OK)
        return keep_fail(EX_DATAERR, "%s%s", error, rc == STORE_DAMAGED && o->old_key == NULL ? "; if the master key was rotated since this backup, name the old one with --old-key" : "");
    w->desk = desk_new(w->conf, store_naming_key(w->store), &errors);
    if (w->desk == NULL)
        fputs(errors.data, stderr);
    buf_free(&errors);
    code = w->desk != NULL ? stage_check(w, o, done) : EX_CONFIG;
    desk_free(&w->desk);
    store_close(&w->store);
    return code;
}

/* The data last: with it the store is there. */
static int
stage_settle(const struct own *w, const struct stage *s)
{
    char *stale = path_join(w->state, "lock.mdb");
    (void)unlink(stale);
    free(stale);
    int err = 0, dir = open(w->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rename(s->keys, s->keys_place) != 0 || fsync(dir) != 0 || rename(s->data, s->place) != 0 || fsync(dir) != 0)
        err = errno;
    if (dir >= 0)
        close(dir);
    return err == 0 ? 0 : keep_fail(EX_CANTCREAT, "%s: %s", w->state, strerror(err));
}

static void
restored_say(const struct stage *s, const struct keep_restored *r)
{
    char at[TIME_TEXT_MAX];
    time_format(r->last_at, at);
    printf("%s is restored as it was at %s, generation %llu\n", s->place, at, (unsigned long long)r->generation);
    printf("  the next case is number %llu: numbers given since then are not given again\n", (unsigned long long)r->next_case);
    if (r->held > 0)
        printf("  %llu letters waited then and may have gone out since: they are held; `ticketctl check` lists them,\n"
               "  `ticketctl unhold --all` sends them, `ticketctl unhold --all --drop` ends them\n", (unsigned long long)r->held);
    puts("  mail since then is fetched again where IMAP still has it in its folder; what came by LMTP or Maildir is not known");
}

static int
restore_under_lock(struct own *w, const struct keep_options *o, const char *folder, struct stage *s, int data)
{
    struct keep_restored done;
    int keys = -1, code = 0;
    if (access(s->place, F_OK) == 0)
        return keep_fail(EX_CANTCREAT, "%s holds a store already: nothing was overwritten. Move it away first", w->state);
    code = note_check(folder, data);
    if (code == 0)
        code = keys_find(o, s, &keys);
    if (code == 0)
        code = stage_fill(s, data, keys);
    if (code == 0)
        code = stage_open(w, o, s, &done);
    if (code == 0)
        code = stage_settle(w, s);
    if (code == 0)
        restored_say(s, &done);
    if (keys >= 0)
        close(keys);
    stage_clear(s);
    return code;
}

int
keep_restore_run(const struct keep_options *o, const char *folder)
{
    struct own w = { 0 };
    struct stage s = { .lock = -1 };
    char error[256], *from = path_join(folder, "data.mdb");
    int data = open(from, O_RDONLY | O_CLOEXEC), code = own_conf(&w, o);
    if (code == 0 && data < 0)
        code = keep_fail(EX_NOINPUT, "%s: %s", from, strerror(errno));
    if (code == 0)
        code = own_become(w.state);
    if (code == 0) {
        enum store_rc rc = store_hold(w.state, &s.lock, error);
        if (rc != STORE_OK)
            code = keep_fail(rc == STORE_BUSY ? EX_TEMPFAIL : EX_CANTCREAT, "%s", error);
    }
    if (code == 0 && sodium_init() >= 0) {
        s.folder = path_join(w.state, STAGE);
        s.data = path_join(s.folder, "data.mdb");
        s.keys = path_join(s.folder, "keys");
        s.place = path_join(w.state, "data.mdb");
        s.keys_place = path_join(w.state, "keys");
        code = restore_under_lock(&w, o, folder, &s, data);
    }
    char *all[] = { s.folder, s.data, s.keys, s.place, s.keys_place, from };
    for (size_t i = 0; i < countof(all); i++)
        free(all[i]);
    if (data >= 0)
        close(data);
    if (s.lock >= 0)
        close(s.lock);
    own_close(&w);
    return code;
}
