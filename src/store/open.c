/* SPDX-License-Identifier: ISC
 *
 * Opening: directory, lock, keys, data, meta, in this order, and nothing is written before it is known that this is a store
 * of ours, of a format that we know, under this master key. A store whose making was interrupted is made anew; that is told
 * by `keys` having no slot yet. In memory, both files are memfds.
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQUEEZE_LEVEL 3
#define READERS 126

static const char *const table_names[STORE_TABLES] = {
    [STORE_META] = "meta",           [STORE_CASES] = "cases",         [STORE_ENTRIES] = "entries",   [STORE_MAILS] = "mails",
    [STORE_LEDGER] = "ledger",       [STORE_BY_MESSAGE] = "by-message", [STORE_BY_SENDER] = "by-sender", [STORE_BY_STATE] = "by-state",
    [STORE_TIMERS] = "timers",       [STORE_LETTERS] = "letters",     [STORE_OUTBOX] = "outbox",     [STORE_BUDGETS] = "budgets",
};

const char *
store_table_name(enum store_table tab)
{
    return (size_t)tab < countof(table_names) ? table_names[tab] : "unknown";
}

void
store_say(char error[256], const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(error, 256, fmt, ap);
    va_end(ap);
}

const uint8_t *
store_naming_key(const struct store *s)
{
    return s->secrets->naming;
}

static void
derive(const uint8_t from[32], const char context[8], uint64_t which, uint8_t out[32])
{
    crypto_kdf_derive_from_key(out, 32, which, context, from);
}

static void
set_naming(struct store *s, const uint8_t key[32])
{
    memcpy(s->secrets->naming, key, 32);
    derive(key, "tdnaming", 1, s->secrets->words);
    derive(key, "tdnaming", 2, s->secrets->hashes);
}

static struct store *
store_make(const struct store_options *o)
{
    struct store *s = mem_alloc(sizeof *s);

    must(o->read_only || o->random != NULL);
    must(!(o->read_only && o->directory == NULL));
    must(sodium_init() >= 0);
    *s = (struct store){ .dir_fd = -1, .lock_fd = -1, .keys_fd = -1, .memory_fd = -1, .next_slot = 1,
                         .read_only = o->read_only, .random = o->random, .random_u = o->random_u };
    s->directory = o->directory ? mem_strdup(o->directory) : NULL;
    s->map_max = o->map_size > STORE_MAP_MAX ? o->map_size : STORE_MAP_MAX;
    s->secrets = sodium_malloc(sizeof *s->secrets);
    s->squeeze = ZSTD_createCCtx();
    s->unsqueeze = ZSTD_createDCtx();
    s->stream = ZSTD_createDCtx();
    must(s->secrets && s->squeeze && s->unsqueeze && s->stream);
    memset(s->secrets, 0, sizeof *s->secrets);
    ZSTD_CCtx_setParameter(s->squeeze, ZSTD_c_compressionLevel, SQUEEZE_LEVEL);
    ZSTD_DCtx_setParameter(s->stream, ZSTD_d_windowLogMax, 23);
    derive(o->master_key, "tdstore_", 1, s->secrets->own);
    derive(o->master_key, "tdstore_", 2, s->secrets->wrap);
    derive(o->master_key, "tdstore_", 3, s->secrets->check);
    return s;
}

void
store_close(struct store **sp)
{
    struct store *s = *sp;

    *sp = NULL;
    if (s == NULL)
        return;
    must(s->txns == 0);
    store_rotation_free(s);
    if (s->env)
        mdb_env_close(s->env);
    sodium_free(s->secrets);
    ZSTD_freeCCtx(s->squeeze);
    ZSTD_freeDCtx(s->unsqueeze);
    ZSTD_freeDCtx(s->stream);
    buf_free(&s->packed);
    struct store_scratch *x[] = { &s->squeezed, &s->plain, &s->unsqueezed, &s->streamed };
    for (size_t i = 0; i < countof(x); i++)
        free(x[i]->bytes);
    int fds[] = { s->keys_fd, s->memory_fd, s->dir_fd, s->lock_fd };   /* the lock last */
    for (size_t i = 0; i < countof(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(s->directory);
    free(s);
}

/* ---- the environment */

/* Reading takes a slot in lock.mdb, which needs writing. Where that cannot be, and no core runs, nobody changes the data. */
static enum store_rc
reader_flags(struct store *s, unsigned *flags, char error[256])
{
    if (faccessat(s->dir_fd, "lock.mdb", R_OK | W_OK, AT_EACCESS) == 0)
        return STORE_OK;
    if (store_place_has_core(s)) {
        store_say(error, "%.150s/lock.mdb: %s; while ticketd runs, read as its user", s->directory, strerrordesc_np(errno));
        return STORE_REFUSED;
    }
    s->unlocked = true;
    *flags |= MDB_NOLOCK;
    return STORE_OK;
}

static enum store_rc
env_open(struct store *s, uint64_t map_size, char error[256])
{
    char path[64];
    MDB_stat st;
    unsigned flags = MDB_NOTLS | (s->read_only ? MDB_RDONLY : 0);

    if (s->read_only) {
        enum store_rc rc = reader_flags(s, &flags, error);
        if (rc != STORE_OK)
            return rc;
    }
    if (s->directory == NULL) {
        s->memory_fd = memfd_create("data", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", s->memory_fd);
        flags |= MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC;
        s->unlocked = true;
    }
    int e = mdb_env_create(&s->env);
    if (e == 0 && !s->read_only)
        e = mdb_env_set_mapsize(s->env, map_size ? map_size : STORE_MAP_DEFAULT);
    if (e == 0)
        e = mdb_env_set_maxdbs(s->env, STORE_TABLES);
    if (e == 0)
        e = mdb_env_set_maxreaders(s->env, READERS);
    if (e == 0)
        e = mdb_env_open(s->env, s->directory ? s->directory : path, flags, 0600);
    if (e == 0)
        e = mdb_env_stat(s->env, &st);
    if (e != 0) {
        bool cut = e == MDB_INVALID || e == MDB_CORRUPTED;
        store_say(error, "%.120s/data.mdb: %s", s->directory ? s->directory : "memory", cut ? "damaged or cut short. Restore it from a backup" : mdb_strerror(e));
        return store_rc_of(s, e);
    }
    s->page = st.ms_psize;
    /* LMDB 0.9.24 leaves this one open to children */
    int fd;
    if (mdb_env_get_fd(s->env, &fd) == 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    store_reader_check(s);
    return STORE_OK;
}

/* Handles of the tables that are there; *missing: some are not. */
static enum store_rc
tables_open(struct store *s, unsigned flags, bool *missing)
{
    MDB_txn *txn;
    int e = mdb_txn_begin(s->env, NULL, flags & MDB_CREATE ? 0 : MDB_RDONLY, &txn);

    if (e != 0)
        return store_rc_of(s, e);
    *missing = false;
    for (size_t i = 0; i < STORE_TABLES && e == 0; i++) {
        e = mdb_dbi_open(txn, table_names[i], flags, &s->dbi[i]);
        if (e == MDB_NOTFOUND) {
            *missing = true;
            e = 0;
        }
    }
    if (e == 0)
        return store_rc_of(s, mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return store_rc_of(s, e);
}

/* ---- meta */

static enum store_rc
meta_first(struct store *s, const uint8_t *naming_key)
{
    Td__Meta m = TD__META__INIT;
    uint8_t fresh[32];
    struct store_txn *t;

    if (naming_key == NULL)
        s->random(s->random_u, fresh, sizeof fresh);
    set_naming(s, naming_key ? naming_key : fresh);
    sodium_memzero(fresh, sizeof fresh);
    m.format = SCHEMA_FORMAT;
    m.generation = m.next_case = m.next_mail = m.next_letter = m.next_slot = 1;
    m.clean = true;
    enum store_rc rc = store_begin(s, NULL, true, &t);
    if (rc == STORE_OK)
        rc = store_meta_put(t, &m);
    if (rc == STORE_OK)
        rc = store_commit(&t);
    store_abort(&t);
    return rc;
}

/* *none: there is no such record. */
static enum store_rc
meta_check(struct store *s, const uint8_t *naming_key, bool *none, char error[256])
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Meta *m = NULL;
    enum store_rc rc = store_begin(s, NULL, false, &t);

    if (rc == STORE_OK)
        rc = store_meta_get(t, a, &m);
    store_abort(&t);
    *none = rc == STORE_NOTFOUND;
    if (rc == STORE_OK && m->format > SCHEMA_FORMAT) {
        store_say(error, "%.150s was written by a newer ticketd (format %u, this one knows %u)", s->directory, m->format, SCHEMA_FORMAT);
        rc = STORE_NEWER;
    } else if (rc != STORE_OK || m->naming_key.len != 32 || m->next_slot == 0) {
        store_say(error, "%.150s/data.mdb: its meta record does not open. Restore it from a backup", s->directory);
        rc = rc == STORE_OK || rc == STORE_NOTFOUND ? STORE_DAMAGED : rc;
    } else if (naming_key && sodium_memcmp(naming_key, m->naming_key.data, 32) != 0) {
        store_say(error, "%.150s has another naming key", s->directory);
        rc = STORE_WRONG_KEY;
    } else {
        set_naming(s, m->naming_key.data);
        s->next_slot = m->next_slot;
    }
    arena_free(&a);
    return rc;
}

/* ---- all together */

/* What is there is read. *none: tables or meta are not there; whether that is damage or a making that was interrupted, the
 * caller knows. */
static enum store_rc
data_read(struct store *s, const uint8_t *naming_key, bool *none, char error[256])
{
    *none = false;
    enum store_rc rc = tables_open(s, 0, none);
    if (rc == STORE_OK && *none) {
        store_say(error, "%.150s/data.mdb: tables are missing. Restore it from a backup", s->directory);
        return STORE_DAMAGED;
    }
    if (rc == STORE_OK)
        rc = meta_check(s, naming_key, none, error);
    if (rc != STORE_OK && !*error)
        store_say(error, "%.150s/data.mdb: %s", s->directory, store_rc_name(rc));
    return rc;
}

static enum store_rc
data_make(struct store *s, const uint8_t *naming_key, char error[256])
{
    bool missing;
    enum store_rc rc = tables_open(s, MDB_CREATE, &missing);

    if (rc == STORE_OK)
        rc = meta_first(s, naming_key);
    if (rc != STORE_OK)
        store_say(error, "%.150s/data.mdb: %s", s->directory ? s->directory : "memory", store_rc_name(rc));
    store_place_sync(s);
    return rc;
}

static bool
data_is_there(const struct store *s)
{
    struct stat st;

    return s->directory && fstatat(s->dir_fd, "data.mdb", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0;
}

/* Which of the two files there are decides what this is. */
static enum store_rc
parts_open(struct store *s, const struct store_options *o, char error[256])
{
    enum store_keys keys;
    bool data = data_is_there(s), none = true;
    enum store_rc rc = store_keys_open(s, &keys, error);

    if (rc != STORE_OK)
        return rc;
    if ((s->read_only || o->existing) && keys != STORE_KEYS_USED && !data) {
        store_say(error, "%.150s holds no store", s->directory);
        return STORE_NOTFOUND;
    }
    if ((keys == STORE_KEYS_USED && !data) || (keys == STORE_KEYS_NONE && data)) {
        store_say(error, "%.150s: the file %s is missing. Restore it from a backup", s->directory, data ? "keys" : "data.mdb");
        return STORE_DAMAGED;
    }
    if (keys == STORE_KEYS_NONE)
        rc = store_keys_create(s, error);
    if (rc == STORE_OK && o->previous_key && !s->has_previous) {
        s->has_previous = true;
        derive(o->previous_key, "tdstore_", 1, s->secrets->previous);
        if (!s->read_only)
            rc = store_keys_previous(s, s->secrets->previous);
    }
    if (rc == STORE_OK && data)
        rc = store_cover_check(s, error);
    if (rc == STORE_OK)
        rc = env_open(s, o->map_size, error);
    if (rc != STORE_OK)
        return rc;
    if (data)
        rc = data_read(s, o->naming_key, &none, error);
    if (none && keys != STORE_KEYS_USED && !s->read_only && (rc == STORE_OK || rc == STORE_DAMAGED)) {
        error[0] = 0;
        rc = data_make(s, o->naming_key, error);
    }
    if (rc == STORE_OK)
        rc = store_keys_settle(s, error);
    if (rc == STORE_OK && !s->read_only)
        store_cover_keep(s);
    return rc;
}

enum store_rc
store_open(const struct store_options *o, struct store **out, char error[256])
{
    struct store *s = store_make(o);

    *out = NULL;
    error[0] = 0;
    enum store_rc rc = s->directory ? store_place_enter(s, error) : STORE_OK;
    if (rc == STORE_OK)
        rc = parts_open(s, o, error);
    if (rc == STORE_OK) {
        *out = s;
        return rc;
    }
    store_close(&s);
    return rc;
}
