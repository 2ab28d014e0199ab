/* SPDX-License-Identifier: ISC
 *
 * What needs the store for itself: repair. Takes core's lock, so that it is refused while ticketd runs. Root becomes the owner
 * of the state directory first, for what it writes must be his.
 */
#include "keep.h"
#include "ticketd/conf.h"
#include "ticketd/keep.h"

#include <errno.h>
#include <grp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

struct own { struct conf *conf; struct desk *desk; struct store *store; char *state; };

static void
random_bytes(void *u, void *out, size_t len)
{
    (void)u;
    randombytes_buf(out, len);
}

static int
fail(int code, const char *what)
{
    fprintf(stderr, "ticketctl: %s\n", what);
    return code;
}

static int
become_owner(const char *path)
{
    struct stat st;
    if (geteuid() != 0 || stat(path, &st) != 0 || st.st_uid == 0)
        return 0;
    if (setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
        return fail(EX_NOPERM, "cannot become the owner of the state directory");
    return 0;
}

static int
master_read(const struct own *w, const struct keep_options *o, uint8_t key[32])
{
    struct buf text = { 0 };
    char *own = path_join(w->state, "master.key");
    const char *where = o->how.key_file != NULL ? o->how.key_file : w->conf != NULL && w->conf->key_file != NULL ? w->conf->key_file : own;
    int err = conf_secret(where, getenv("CREDENTIALS_DIRECTORY"), &text);
    if (err == 0 && (text.len != 64 || !hex_decode(text.data, key, 32)))
        err = EINVAL;
    if (err != 0)
        fprintf(stderr, "ticketctl: the master key %s cannot be used: %s\n", where,
                err == EPERM ? "it is open to others" : err == EINVAL ? "64 hexadecimal digits were expected" : strerror(err));
    if (text.data != NULL)
        sodium_memzero(text.data, text.len);
    buf_free(&text);
    free(own);
    return err == 0 ? 0 : EX_NOPERM;
}

static void
own_close(struct own *w)
{
    desk_free(&w->desk);
    store_close(&w->store);
    conf_free(&w->conf);
    free(w->state);
}

static int
conf_read(struct own *w, const struct keep_options *o)
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
static int
own_open(struct own *w, const struct keep_options *o)
{
    struct store_options so = { .random = random_bytes };
    struct buf errors = { 0 };
    char error[256];
    int code = conf_read(w, o);
    if (code == 0)
        code = master_read(w, o, so.master_key);
    if (code == 0)
        code = become_owner(w->state);
    if (code != 0)
        return code;
    so.directory = w->state;
    so.map_size = w->conf->map_size;
    so.existing = true;
    enum store_rc rc = store_open(&so, &w->store, error);
    sodium_memzero(so.master_key, sizeof so.master_key);
    if (rc != STORE_OK)
        return fail(rc == STORE_BUSY ? EX_TEMPFAIL : rc == STORE_NOTFOUND ? EX_NOINPUT : EX_DATAERR, error);
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
        code = rc == STORE_OK ? keep_check_print(o, doc) : fail(EX_IOERR, store_rc_name(rc));
        json_decref(doc);
    }
    buf_free(&out);
    own_close(&w);
    return code;
}
