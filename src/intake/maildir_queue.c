/* SPDX-License-Identifier: ISC
 *
 * Which files of new/ are to be offered, in which order, and what is known of those that could not be taken at once.
 * Bounded whatever the folder holds: names past the bound are found by the next scan.
 */
#include "maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
name_compare(const void *a, const void *b)
{
    return strcmp(((const struct maildir_name *)a)->name, ((const struct maildir_name *)b)->name);
}

static bool
names_add(struct maildir_names *l, const char *name, bool announced)
{
    if (l->n == MAILDIR_BATCH_MAX)
        return false;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 64;
        l->v = mem_grow(l->v, l->cap * sizeof *l->v);
    }
    l->v[l->n++] = (struct maildir_name){ mem_strdup(name), announced };
    return true;
}

static void
names_clear(struct maildir_names *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].name);
    free(l->v);
    *l = (struct maildir_names){ 0 };
}

/* ---- what is known */

static size_t
known_place(const struct maildir_queue *q, const char *name, bool *found)
{
    size_t low = 0, high = q->n_known;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int d = strcmp(q->known[mid]->name, name);

        if (d == 0) {
            *found = true;
            return mid;
        }
        if (d < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = false;
    return low;
}

struct maildir_item *
maildir_known(struct maildir_queue *q, const char *name)
{
    bool found;
    size_t at = known_place(q, name, &found);

    return found ? q->known[at] : NULL;
}

struct maildir_item *
maildir_know(struct maildir_queue *q, const char *name)
{
    bool found;
    size_t at = known_place(q, name, &found);

    if (found)
        return q->known[at];
    if (q->n_known == MAILDIR_KNOWN_MAX)
        return NULL;
    if (!q->known)
        q->known = mem_alloc(MAILDIR_KNOWN_MAX * sizeof *q->known);
    memmove(q->known + at + 1, q->known + at, (q->n_known - at) * sizeof *q->known);
    q->n_known++;
    q->known[at] = mem_alloc(sizeof **q->known);
    q->known[at]->name = mem_strdup(name);
    return q->known[at];
}

void
maildir_forget(struct maildir_queue *q, struct maildir_item *i)
{
    bool found;
    size_t at = known_place(q, i->name, &found);

    must(found);
    memmove(q->known + at, q->known + at + 1, (q->n_known - at - 1) * sizeof *q->known);
    q->n_known--;
    free(i->name);
    free(i);
}

/* ---- what is to be offered */

bool
maildir_queue_announce(struct maildir_queue *q, const char *name)
{
    return *name == '.' || names_add(&q->incoming, name, true);
}

bool
maildir_queue_scan(struct maildir_queue *q, int dir_fd, int64_t now_ms)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    bool whole = true;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (size_t i = 0; i < q->n_known; i++)
        q->known[i]->seen = false;
    for (struct dirent *e; whole && (e = readdir(dir));) {
        struct maildir_item *i = *e->d_name == '.' ? NULL : maildir_known(q, e->d_name);

        if (i)
            i->seen = true;
        if (*e->d_name != '.' && (!i || (i->wait == MAILDIR_WAITS && now_ms >= i->not_before_ms)))
            whole = names_add(&q->incoming, e->d_name, false);
    }
    closedir(dir);
    for (size_t i = whole ? q->n_known : 0; i-- > 0;)   /* files that went away */
        if (!q->known[i]->seen && q->known[i]->wait != MAILDIR_FLIES)
            maildir_forget(q, q->known[i]);
    return whole;
}

const struct maildir_name *
maildir_queue_next(struct maildir_queue *q)
{
    if (q->batch.at == q->batch.n) {
        names_clear(&q->batch);
        q->batch = q->incoming;
        q->incoming = (struct maildir_names){ 0 };
        if (q->batch.n)
            qsort(q->batch.v, q->batch.n, sizeof *q->batch.v, name_compare);
    }
    return q->batch.at < q->batch.n ? &q->batch.v[q->batch.at++] : NULL;
}

void
maildir_queue_push_back(struct maildir_queue *q)
{
    must(q->batch.at > 0);
    q->batch.at--;
}
