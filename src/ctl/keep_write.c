/* SPDX-License-Identifier: ISC
 *
 * What needs the store for itself: repair, and what core does otherwise when it is down. Takes core's lock, so that it is refused while ticketd runs. Root becomes the owner
 * of the state directory first, for what it writes must be his.
 */
#include "keep.h"
#include "ticketd/conf.h"
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

void
keep_random(void *u, void *out, size_t len)
{
    (void)u;
    randombytes_buf(out, len);
}

int
keep_fail(int code, const char *fmt, ...)
{
    va_list ap;
    fputs("ticketctl: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return code;
}

int
own_become(const char *path)
{
    struct stat st;
    if (geteuid() != 0 || stat(path, &st) != 0 || st.st_uid == 0)
        return 0;
    if (setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
        return keep_fail(EX_NOPERM, "cannot become the owner of the state directory");
    return 0;
}

int
own_key_read(const char *where, uint8_t key[32])
{
    struct buf text = { 0 };
    int err = conf_secret(where, getenv("CREDENTIALS_DIRECTORY"), &text);
    if (err == 0 && (text.len != 64 || !hex_decode(text.data, key, 32)))
        err = EINVAL;
    if (err != 0)
        fprintf(stderr, "ticketctl: the master key %s cannot be used: %s\n", where,
                err == EPERM ? "it is open to others" : err == EINVAL ? "64 hexadecimal digits were expected" : strerror(err));
    if (text.data != NULL)
        sodium_memzero(text.data, text.len);
    buf_free(&text);
    return err == 0 ? 0 : EX_NOPERM;
}

static char *
master_path(const struct own *w, const struct keep_options *o)
{
    const char *named = o->how.key_file != NULL ? o->how.key_file : w->conf->key_file;
    return named != NULL ? mem_strdup(named) : path_join(w->state, "master.key");
}

int
own_master(const struct own *w, const struct keep_options *o, uint8_t key[32])
{
    char *where = master_path(w, o);
    int code = own_key_read(where, key);
    free(where);
    return code;
}

void
own_close(struct own *w)
{
    desk_free(&w->desk);
    store_close(&w->store);
    conf_free(&w->conf);
    free(w->state);
}

int
own_conf(struct own *w, const struct keep_options *o)
{
    struct buf errors = { 0 };
    const char *file = o->how.config != NULL ? o->how.config : "/etc/ticketd/ticketd.conf";
    w->conf = conf_load(file, false, &errors);
    if (w->conf == NULL)
        fputs(errors.len > 0 ? errors.data : "ticketctl: the configuration does not read\n", stderr);
    else
        w->state = mem_strdup(o->how.state_directory != NULL ? o->how.state_directory : w->conf->state_directory);
    buf_free(&errors);
    return w->conf != NULL ? 0 : EX_CONFIG;
}

/* The policy is read while we are still who we were; the store is opened as its owner. */
int
own_open(struct own *w, const struct keep_options *o)
{
    struct store_options so = { .random = keep_random };
    struct buf errors = { 0 };
    char error[256];
    int code = own_conf(w, o);
    if (code == 0)
        code = own_master(w, o, so.master_key);
    if (code == 0)
        code = own_become(w->state);
    if (code != 0)
        return code;
    so.directory = w->state;
    so.map_size = w->conf->map_size;
    so.existing = true;
    enum store_rc rc = store_open(&so, &w->store, error);
    sodium_memzero(so.master_key, sizeof so.master_key);
    if (rc != STORE_OK)
        return keep_fail(rc == STORE_BUSY ? EX_TEMPFAIL : rc == STORE_NOTFOUND ? EX_NOINPUT : EX_DATAERR, "%s", error);
    w->desk = desk_new(w->conf, store_naming_key(w->store), &errors);
    if (w->desk == NULL)
        fputs(errors.data, stderr);
    buf_free(&errors);
    return w->desk != NULL ? 0 : EX_CONFIG;
}

int
keep_repair(const struct keep_options *o)
{
    struct own w = { 0 };
    struct buf out = { 0 };
    int code = own_open(&w, o);
    if (code == 0) {
        struct check_options co = { .conf = w.conf, .desk = w.desk, .now = time(NULL), .repair = true };
        struct check_counts n;
        struct keep_report *report = keep_report_new(&co);
        enum store_rc rc = check_store(w.store, &co, &n);
        keep_report_end(&report, &n, &out);
        json_t *doc = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
        code = rc == STORE_OK ? keep_check_print(o, doc) : keep_fail(EX_IOERR, "%s", store_rc_name(rc));
        json_decref(doc);
    }
    buf_free(&out);
    own_close(&w);
    return code;
}

/* ---- while core is down */

static enum store_rc
case_of(struct own *w, const char *number, uint64_t *id)
{
    struct arena *a = arena_new(0);
    const char *dash = strchr(number, '-');
    struct store_txn *t;
    struct store_key k;
    Td__Case *c;
    *id = dash != NULL ? strtoull(dash + 1, NULL, 10) : 0;
    enum store_rc rc = store_begin(w->store, NULL, false, &t);
    table_case(&k, *id);
    if (rc == STORE_OK)
        rc = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c);
    if (rc == STORE_OK && !str_eq_nocase(c->number, number))
        rc = STORE_NOTFOUND;
    store_abort(&t);
    arena_free(&a);
    return rc;
}

static enum store_rc
erase_one(struct own *w, uint64_t id, struct buf *out)
{
    struct keep_receipt receipt;
    struct store_txn *t;
    uint64_t keys;
    int64_t now = time(NULL);
    enum store_rc rc = store_begin(w->store, NULL, true, &t);
    if (rc == STORE_OK)
        rc = keep_erase_case(w->store, t, id, now, &receipt);
    if (rc == STORE_OK)
        rc = store_commit(&t);
    store_abort(&t);
    if (rc == STORE_OK)
        rc = keep_erase_keys(w->store, &keys);
    if (rc == STORE_OK) {
        buf_puts(out, out->len > 0 ? ",\n" : "");
        keep_receipt_json(&receipt, now, out);
    }
    return rc;
}

static enum store_rc
erase_person(struct own *w, const char *addr, struct buf *out)
{
    char *folded = mem_strdup(addr);
    enum store_rc rc = STORE_OK;
    addr_fold(folded);
    for (size_t i = 0; i < w->conf->n_desks && rc == STORE_OK; i++) {
        struct store_key prefix, k;
        struct store_cursor *c;
        struct store_txn *t;
        bool there = true;
        while (there && rc == STORE_OK) {       /* each look begins anew: the row goes with its case */
            table_sender_prefix(w->store, &prefix, w->conf->desks[i].name, folded);
            rc = store_begin(w->store, NULL, false, &t);
            if (rc != STORE_OK)
                break;
            rc = store_cursor_open(t, STORE_BY_SENDER, &prefix, NULL, false, &c);
            there = rc == STORE_OK && store_cursor_next(c, &k);
            store_cursor_close(&c);
            store_abort(&t);
            if (there)
                rc = erase_one(w, store_key_read_u64(&k, prefix.len), out);
        }
    }
    free(folded);
    return rc;
}

int
keep_erase_down(const struct keep_options *o, const char *number)
{
    struct own w = { 0 };
    struct buf out = { 0 };
    uint64_t id = 0;
    int code = own_open(&w, o);
    if (code == 0) {
        enum store_rc rc = o->person != NULL ? erase_person(&w, o->person, &out) : case_of(&w, number, &id);
        if (rc == STORE_OK && o->person == NULL)
            rc = erase_one(&w, id, &out);
        if (rc == STORE_NOTFOUND || (rc == STORE_OK && out.len == 0))
            code = keep_fail(EX_DATAERR, o->person != NULL ? "no case was opened by that address" : "there is no such case; name it by its whole number");
        else if (rc != STORE_OK)
            code = keep_fail(EX_IOERR, "it was not done: %s", store_rc_name(rc));
        else
            printf("{\"done\":[\n%s]}\n", out.data);
    }
    buf_free(&out);
    own_close(&w);
    return code;
}

int
keep_release_down(const struct keep_options *o, uint64_t letter)
{
    struct own w = { 0 };
    struct store_txn *t;
    uint64_t n = 0;
    int code = own_open(&w, o);
    if (code == 0) {
        enum store_rc rc = store_begin(w.store, NULL, true, &t);
        if (rc == STORE_OK)
            rc = keep_release(t, letter, o->drop, time(NULL), &n);
        if (rc == STORE_OK)
            rc = store_commit(&t);
        store_abort(&t);
        if (rc != STORE_OK)
            code = keep_fail(EX_IOERR, "it was not done: %s", store_rc_name(rc));
        else
            printf("{\"done\":[\n{\"letters\":%llu,\"dropped\":%s}]}\n", (unsigned long long)n, o->drop ? "true" : "false");
    }
    own_close(&w);
    return code;
}

/* ---- rotation */

static int
rotate_all(struct own *w, const uint8_t key[32])
{
    bool switched = false, done = false;
    enum store_rc rc = store_rotate_begin(w->store, key);
    while (rc == STORE_OK && !switched)
        rc = store_rotate_step(w->store, 100000, &switched);
    while (rc == STORE_OK && !done)
        rc = store_reseal(w->store, 10000, &done);
    if (rc == STORE_BUSY || (rc == STORE_REFUSED && !switched))
        return keep_fail(EX_USAGE, rc == STORE_BUSY ? "the last rotation has not ended; start ticketd and wait for it" : "this is the key that is in use");
    if (rc != STORE_OK && !switched)
        return keep_fail(EX_IOERR, "%s; the old master key stays", store_rc_name(rc));
    if (rc != STORE_OK)
        (void)keep_fail(EX_IOERR, "%s; the new master key counts, ticketd will end the work", store_rc_name(rc));
    return 0;
}

static int
key_write(const char *path, uint8_t key[32])
{
    char hex[66];
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), err = fd < 0 ? errno : 0;
    randombytes_buf(key, 32);
    hex_encode(key, 32, hex);
    hex[64] = '\n';
    if (err == 0)
        err = full_write(fd, hex, 65);
    if (err == 0 && fsync(fd) != 0)
        err = errno;
    if (fd >= 0)
        close(fd);
    sodium_memzero(hex, sizeof hex);
    return err == 0 ? 0 : keep_fail(EX_CANTCREAT, "%s: %s", path, strerror(err));
}

int
keep_rotate_down(const struct keep_options *o)
{
    struct own w = { 0 };
    struct buf fresh = { 0 };
    uint8_t key[32];
    char *path = NULL;
    int code = o->new_key != NULL ? own_key_read(o->new_key, key) : 0;
    if (code == 0)
        code = own_open(&w, o);
    if (code == 0 && o->new_key == NULL) {
        path = master_path(&w, o);
        if (strncmp(path, "credential:", 11) == 0)
            code = keep_fail(EX_USAGE, "the master key is a credential: name the new one with --new-key FILE");
        buf_printf(&fresh, "%s.new", path);
        if (code == 0)
            code = key_write(fresh.data, key);
    }
    if (code == 0)
        code = rotate_all(&w, key);
    if (code == 0 && path != NULL && rename(fresh.data, path) != 0)
        code = keep_fail(EX_CANTCREAT, "%s: %s; the new master key is in %s", path, strerror(errno), fresh.data);
    if (code == 0)
        printf("the new master key counts; %s\n", path != NULL ? path : "put it where key-file looks before the next start");
    sodium_memzero(key, sizeof key);
    buf_free(&fresh);
    free(path);
    own_close(&w);
    return code;
}
