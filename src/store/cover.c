/* SPDX-License-Identifier: ISC
 *
 * Is data.mdb all there? LMDB reads through a map: a page that a cut file no longer has is a bus error or a failed assertion
 * there, never an error code. So a file that is shorter than its head says is walked here with plain reads before LMDB sees
 * it: every page that a tree names must lie inside. Short alone is no damage: pages that one transaction both takes and gives
 * back at the very end are counted and never written. Core stretches the file after such a commit, so that the walk is rare.
 * Trusts nothing that it reads; knows the page layout of LMDB's data version 1 (64 bit), and leaves other versions to LMDB.
 */
#include "private.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xbeefc0deu
#define HEAD 16u                        /* of a page, and of a run of overflow pages */
#define NODE 8u                         /* head of a node */
#define PAGE_MAX 65536u
#define DEPTH_MAX 32
#define NO_PAGE UINT64_MAX
enum { P_BRANCH = 1, P_LEAF = 2, N_BIG = 1, N_TABLE = 2 };
/* offsets: in a meta page, and in the description of a tree */
enum { M_MAGIC = 16, M_VERSION = 20, M_FREE_TREE = 40, M_MAIN_TREE = 88, M_LAST = 136, M_TXN = 144, M_END = 152, T_ROOT = 40, T_SIZE = 48 };

struct level { uint8_t *page; unsigned next, nodes; };
struct walk {
    int fd;
    uint32_t page;
    uint64_t pages, seen;               /* whole ones that the file has; read */
    struct level stack[DEPTH_MAX];
    unsigned depth;
};

static uint64_t
number(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    memcpy(&v, p, bytes);               /* the byte order of this machine, as LMDB's */
    return v;
}

static bool
push(struct walk *w, uint64_t page)
{
    if (page == NO_PAGE)                /* an empty tree */
        return true;
    if (page < 2 || page >= w->pages || w->depth == DEPTH_MAX || ++w->seen > w->pages)
        return false;
    struct level *l = &w->stack[w->depth];
    if (l->page == NULL)
        l->page = mem_alloc(w->page);
    if (!store_read_at(w->fd, l->page, w->page, page * w->page) || number(l->page, 8) != page)
        return false;
    uint64_t flags = number(l->page + 10, 2), lower = number(l->page + 12, 2);
    if (!(flags & (P_BRANCH | P_LEAF)) || lower < HEAD || lower > w->page)
        return false;
    l->next = 0;
    l->nodes = (unsigned)(lower - HEAD) / 2;
    w->depth++;
    return true;
}

/* What one node names: a page below, a run of overflow pages, the tree of a table, or nothing but itself. */
static bool
node_follow(struct walk *w, const uint8_t *page, unsigned at)
{
    const uint8_t *n = page + at;
    uint64_t low = number(n, 4), flags = number(n + 4, 2), data = at + NODE + number(n + 6, 2);

    if (number(page + 10, 2) & P_BRANCH)
        return push(w, low | flags << 32);
    if (flags & N_TABLE)
        return data + T_SIZE <= w->page && push(w, number(page + data + T_ROOT, 8));
    if (!(flags & N_BIG))
        return data + low <= w->page;
    if (data + 8 > w->page)
        return false;
    uint64_t first = number(page + data, 8), run = (HEAD - 1 + low) / w->page + 1;
    return first >= 2 && first < w->pages && run <= w->pages - first;
}

static bool
tree_is_there(struct walk *w, uint64_t root)
{
    bool there = push(w, root);

    while (there && w->depth > 0) {
        struct level *l = &w->stack[w->depth - 1];
        if (l->next == l->nodes) {
            w->depth--;
            continue;
        }
        uint64_t at = number(l->page + HEAD + (size_t)2 * l->next++, 2);
        there = at >= HEAD && at + NODE <= w->page && node_follow(w, l->page, (unsigned)at);
    }
    return there;
}

/* The newer of the two meta pages, as LMDB picks it. false: not for us to judge. */
static bool
meta_pick(struct walk *w, uint8_t out[M_END])
{
    uint8_t other[M_END];

    if (!store_read_at(w->fd, out, M_END, 0) || number(out + M_MAGIC, 4) != MAGIC || number(out + M_VERSION, 4) != 1)
        return false;
    w->page = (uint32_t)number(out + M_FREE_TREE, 4);
    if (w->page < 512 || w->page > PAGE_MAX || (w->page & (w->page - 1)) || !store_read_at(w->fd, other, M_END, w->page))
        return false;
    if (number(other + M_TXN, 8) > number(out + M_TXN, 8))
        memcpy(out, other, M_END);
    return true;
}

enum store_rc
store_cover_check(struct store *s, char error[256])
{
    struct walk w = { .fd = openat(s->dir_fd, "data.mdb", O_RDONLY | O_CLOEXEC | O_NOFOLLOW) };
    uint8_t meta[M_END];
    struct stat st;
    bool there = true;

    /* beside a core the file changes while we read; core has looked at its start */
    if (w.fd >= 0 && fstat(w.fd, &st) == 0 && !(s->read_only && store_place_has_core(s)) && meta_pick(&w, meta)) {
        uint64_t need = number(meta + M_LAST, 8) + 1;
        w.pages = (uint64_t)st.st_size / w.page;
        if (w.pages < need)
            there = tree_is_there(&w, number(meta + M_FREE_TREE + T_ROOT, 8)) && tree_is_there(&w, number(meta + M_MAIN_TREE + T_ROOT, 8));
        if (!there)
            store_say(error, "%.120s/data.mdb is cut short or damaged: %llu of %llu pages. Restore it from a backup", s->directory,
                      (unsigned long long)w.pages, (unsigned long long)need);
    }
    for (size_t i = 0; i < DEPTH_MAX; i++)
        free(w.stack[i].page);
    if (w.fd >= 0)
        close(w.fd);
    return there ? STORE_OK : STORE_DAMAGED;
}

/* If it fails the next start walks, that is all. */
void
store_cover_keep(struct store *s)
{
    MDB_envinfo i;
    struct stat st;
    int fd;

    if (s->directory == NULL || mdb_env_info(s->env, &i) != 0 || mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
        return;
    off_t need = (off_t)(((uint64_t)i.me_last_pgno + 1) * s->page);
    if (st.st_size < need && ftruncate(fd, need) != 0)
        return;
}
