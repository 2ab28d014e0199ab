/* SPDX-License-Identifier: ISC
 *
 * What would be on the disk, had the power gone? Plays a trace of the recorder up to many points. What was synced is there; of
 * what was not, and of the call that was under way, each sector of 512 bytes may be there or not, in any order. At each cut the
 * files are written to a folder, the store is opened as core opens it, its check must be clean, and every mail whose taking
 * had been told to its source by then must be there.
 *
 *   replay TRACE ACKS MASTER-KEY FOLDER DESK CUTS SEED       ACKS: lines "length-of-the-trace message-id"
 */
#include "trace.h"
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512u
#define PENDING_MAX 65536

struct image { uint8_t *bytes; size_t len, room; bool there; };
struct pending { const struct trace_head *h; const uint8_t *bytes; };
struct disk { struct image file[TRACE_FILES]; struct pending wait[PENDING_MAX]; size_t waiting; };
struct ack { size_t at; char id[200]; };
/* How much of what was not synced arrived. */
enum mode { NOTHING, ALL, SOME_WRITES, SOME_SECTORS, MODES };

static uint64_t chance = 1;

static uint64_t
dice(void)
{
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    return chance >> 11;
}

static void
some_random(void *u, void *out, size_t len)
{
    (void)u;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)dice();
}

static _Noreturn void
die(const char *what, const char *why)
{
    printf("%s: %s\n", what, why);
    exit(1);
}

static void
image_size(struct image *f, size_t len)
{
    if (len > f->room) {
        f->room = len * 2;
        f->bytes = mem_grow(f->bytes, f->room);
    }
    if (len > f->len)
        memset(f->bytes + f->len, 0, len - f->len);
    f->len = len;
    f->there = true;
}

static void
image_put(struct image *f, uint64_t offset, const uint8_t *bytes, size_t len)
{
    if (offset + len > f->len)
        image_size(f, (size_t)offset + len);
    memcpy(f->bytes + offset, bytes, len);
    f->there = true;
}

static void
apply(struct image *f, const struct pending *p)
{
    if (p->h->what == TRACE_SIZE)
        image_size(f, (size_t)p->h->offset);
    else
        image_put(f, p->h->offset, p->bytes, p->h->len);
}

/* Sectors as the disk has them: their bounds are the file's, not the write's. */
static void
apply_torn(struct image *f, const struct pending *p)
{
    if (p->h->what == TRACE_SIZE) {
        if (dice() % 2)
            apply(f, p);
        return;
    }
    for (size_t at = 0; at < p->h->len;) {
        size_t n = SECTOR - (size_t)((p->h->offset + at) % SECTOR);
        if (n > p->h->len - at)
            n = p->h->len - at;
        if (dice() % 2)
            image_put(f, p->h->offset + at, p->bytes + at, n);
        at += n;
    }
}

static void
sync_file(struct disk *d, uint32_t file)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->waiting; i++) {
        if (d->wait[i].h->file == file)
            apply(&d->file[file], &d->wait[i]);
        else
            d->wait[kept++] = d->wait[i];
    }
    d->waiting = kept;
}

static void
play(struct disk *d, const struct trace_head *h, const uint8_t *bytes)
{
    switch (h->what) {
    case TRACE_WRITE:
    case TRACE_SIZE:
        if (d->waiting == PENDING_MAX)
            die("trace", "too much is written without a sync");
        d->wait[d->waiting++] = (struct pending){ h, bytes };
        break;
    case TRACE_WRITE_SYNC:
        image_put(&d->file[h->file], h->offset, bytes, h->len);
        break;
    case TRACE_SYNC:
        sync_file(d, h->file);
        break;
    case TRACE_RENAME:
        free(d->file[h->to].bytes);
        d->file[h->to] = d->file[h->file];
        memset(&d->file[h->file], 0, sizeof d->file[h->file]);
        break;
    default:
        die("trace", "an unknown record");
    }
}

/* ---- a cut */

static void
image_write(const char *folder, const char *name, const struct image *f)
{
    char *path = path_join(folder, name);
    (void)unlink(path);
    int fd = f->there ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (f->there && (fd < 0 || full_write(fd, f->bytes, f->len) != 0))
        die(path, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(path);
}

static void
finding(void *u, const struct check_finding *f)
{
    (void)u;
    if (f->weight == CHECK_FAULT)
        printf("  %s: %s\n", f->rule, f->text);
}

static bool
mail_is_there(struct store *s, struct store_txn *t, const char *desk, const char *id)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    table_message_prefix(s, &prefix, desk, id);
    bool there = store_cursor_open(t, STORE_BY_MESSAGE, &prefix, NULL, false, &c) == STORE_OK && store_cursor_next(c, &k);
    store_cursor_close(&c);
    return there;
}

static void
cut_judge(const char *folder, const uint8_t master[32], const char *desk, const struct ack *acks, size_t n_acks, size_t at, const char *name)
{
    struct store_options o = { .directory = folder, .map_size = 1u << 30, .existing = true, .random = some_random };
    struct check_options co = { .found = finding };
    struct check_counts n;
    struct store *s;
    struct store_txn *t;
    char error[256];
    memcpy(o.master_key, master, 32);
    if (store_open(&o, &s, error) != STORE_OK)
        die(name, error);
    if (check_store(s, &co, &n) != STORE_OK || n.faults > 0)
        die(name, "the check is not clean");
    if (store_begin(s, NULL, false, &t) != STORE_OK)
        die(name, "no transaction");
    for (size_t i = 0; i < n_acks && acks[i].at <= at; i++)
        if (!mail_is_there(s, t, desk, acks[i].id))
            die(name, "a mail is gone that its sender was told of");
    store_abort(&t);
    store_close(&s);
}

static void
cut(const struct disk *d, const struct trace_head *under_way, const char *folder, enum mode mode, struct image out[TRACE_FILES])
{
    static const char *const names[TRACE_FILES] = { "data.mdb", "keys", "keys.new" };
    static struct pending wait[PENDING_MAX + 1];
    size_t n = d->waiting;
    memcpy(wait, d->wait, n * sizeof *wait);
    if (under_way != NULL && (under_way->what == TRACE_WRITE || under_way->what == TRACE_WRITE_SYNC || under_way->what == TRACE_SIZE))
        wait[n++] = (struct pending){ under_way, (const uint8_t *)(under_way + 1) };
    for (size_t i = 0; i < TRACE_FILES; i++) {
        out[i].len = 0;
        if (d->file[i].there)
            image_put(&out[i], 0, d->file[i].bytes, d->file[i].len);
        out[i].there = d->file[i].there;
    }
    for (size_t i = n; i > 1 && mode >= SOME_WRITES; i--) {     /* in any order */
        size_t j = dice() % i;
        struct pending swap = wait[i - 1];
        wait[i - 1] = wait[j];
        wait[j] = swap;
    }
    for (size_t i = 0; i < n; i++) {
        struct image *f = &out[wait[i].h->file];
        if (mode == ALL || (mode == SOME_WRITES && dice() % 2))
            apply(f, &wait[i]);
        else if (mode == SOME_SECTORS)
            apply_torn(f, &wait[i]);
    }
    for (size_t i = 0; i < TRACE_FILES; i++)
        image_write(folder, names[i], &out[i]);
    char *lock = path_join(folder, "lock.mdb");
    (void)unlink(lock);
    free(lock);
}

static size_t
acks_read(const char *path, struct ack **out)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;
    struct ack a;
    *out = NULL;
    while (f != NULL && fscanf(f, "%zu %199s", &a.at, a.id) == 2) {
        *out = mem_grow(*out, (n + 1) * sizeof a);
        (*out)[n++] = a;
    }
    if (f != NULL)
        fclose(f);
    return n;
}

int
main(int argc, char **argv)
{
    static struct disk d;
    struct buf trace = { 0 }, key = { 0 };
    struct image out[TRACE_FILES] = { { 0 } };
    struct ack *acks;
    uint8_t master[32];
    char name[128];
    if (argc != 8 || sodium_init() < 0 || file_read(argv[1], 1u << 30, &trace) != 0 || file_read(argv[3], 100, &key) != 0 || key.len < 64)
        die("usage", "replay TRACE ACKS MASTER-KEY FOLDER DESK CUTS SEED");
    key.data[64] = '\0';
    size_t n_acks = acks_read(argv[2], &acks), cuts = strtoull(argv[6], NULL, 10), records = 0, first = 0, left = 0, done = 0;
    chance = strtoull(argv[7], NULL, 10) | 1;
    if (!hex_decode(key.data, master, 32) || n_acks == 0)
        die("usage", "no key or no mail");
    for (size_t at = 0; at < trace.len; records++) {
        const struct trace_head *h = (const void *)(trace.data + at);
        first += at < acks[0].at;
        at += sizeof *h + h->len;
        if (at > trace.len || at % 8 != 0)
            die("trace", "is cut or not aligned");
    }
    left = records - first;
    for (size_t at = 0, i = 0; at < trace.len; i++) {
        const struct trace_head *h = (const void *)(trace.data + at);
        /* from the first mail that was told of on, as many points as are wanted, evenly by chance */
        while (i >= first && done < cuts && dice() % left < cuts - done) {
            enum mode mode = dice() % MODES;
            snprintf(name, sizeof name, "cut %zu of %zu at record %zu of %zu, mode %d, seed %s", done + 1, cuts, i, records, (int)mode, argv[7]);
            cut(&d, dice() % 2 ? h : NULL, argv[4], mode, out);
            cut_judge(argv[4], master, argv[5], acks, n_acks, at, name);
            done++;
            if (left > cuts - done)
                break;
        }
        left -= i >= first && left > 1;
        play(&d, h, (const uint8_t *)(h + 1));
        at += sizeof *h + h->len;
    }
    printf("%zu cuts over %zu records, %zu mails told of: every store opened, clean, and nothing was gone\n", done, records, n_acks);
    return done == cuts ? 0 : 1;
}
