/* SPDX-License-Identifier: ISC
 *
 * An arena: a chain of chunks, cut from the front, freed at once. The cap counts the bytes handed out, rounding included,
 * so that a stranger's frame cannot make more of it than was meant; past the cap every call answers NULL or false.
 * Lists remember their room here and not in the list: an array that came out of unpacking has none to spare, and a
 * shallow copy of a record shares its arrays, so appending in place is only right where this arena saw the last append.
 */
#include "ticketd/base.h"
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_FIRST 4096u
#define CHUNK_MAX (1u << 20)
#define LISTS 16u                       /* lists that grow at the same time without being copied */

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct growing {
    void **array;
    size_t len, cap;
};

struct arena {
    struct chunk *chunks;               /* the one being cut comes first */
    size_t cap, total, next_size;
    struct growing lists[LISTS];
    size_t next_list;
};

struct arena *
arena_new(size_t cap)
{
    struct arena *a = mem_alloc(sizeof *a);

    a->cap = cap;
    a->next_size = CHUNK_FIRST;
    return a;
}

void
arena_free(struct arena **ap)
{
    if (!*ap)
        return;
    for (struct chunk *c = (*ap)->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(*ap);
    *ap = NULL;
}

/* A chunk with room for `size`, which is rounded already. A large one stands behind the chunk being cut. */
static struct chunk *
arena_chunk(struct arena *a, size_t size)
{
    bool alone = size > a->next_size / 2;
    size_t room = alone ? size : a->next_size;
    struct chunk *c;

    if (room > SIZE_MAX - sizeof *c)
        return NULL;
    c = calloc(1, sizeof *c + room);
    if (!c)
        return NULL;
    c->size = room;
    if (alone && a->chunks) {
        c->next = a->chunks->next;
        a->chunks->next = c;
    } else {
        c->next = a->chunks;
        a->chunks = c;
    }
    if (!alone && a->next_size < CHUNK_MAX)
        a->next_size *= 2;
    return c;
}

void *
arena_alloc(struct arena *a, size_t size)
{
    const size_t unit = alignof(max_align_t);
    struct chunk *c = a->chunks;
    void *p;

    if (size > SIZE_MAX / 2)
        goto none;
    size = size ? (size + unit - 1) / unit * unit : unit;
    if (a->cap && size > a->cap - a->total)
        return NULL;
    if (!c || size > c->size - c->used)
        c = arena_chunk(a, size);
    if (!c)
        goto none;
    p = c->bytes + c->used;
    c->used += size;
    a->total += size;
    return p;
none:
    if (!a->cap)
        mem_alloc(SIZE_MAX);            /* says so and ends */
    return NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *p;

    if (!s)
        return NULL;
    len = strnlen(s, len);
    p = arena_alloc(a, len + 1);
    if (p)
        memcpy(p, s, len);
    return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, SIZE_MAX / 2);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    char *p = NULL;
    int len;

    va_start(ap, fmt);
    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, ap);
    must(len >= 0);
    p = arena_alloc(a, (size_t)len + 1);
    if (p)
        vsnprintf(p, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return p;
}

bool
arena_push(struct arena *a, void *list, size_t *n, void *item)
{
    void **array;
    struct growing *g = NULL;

    if (!item)
        return false;
    memcpy(&array, list, sizeof array);         /* `list` is the address of some T **: copied, for the sake of aliasing */
    for (size_t i = 0; i < LISTS && !g; i++)
        if (*n && a->lists[i].array == array && a->lists[i].len == *n)
            g = &a->lists[i];
    if (!g || g->len == g->cap) {
        size_t cap = *n < 2 ? 4 : *n * 2;
        void **grown = *n < SIZE_MAX / 4 / sizeof *grown ? arena_alloc(a, cap * sizeof *grown) : NULL;

        if (!grown)
            return false;
        if (*n)
            memcpy(grown, array, *n * sizeof *grown);
        if (!g)
            g = &a->lists[a->next_list++ % LISTS];
        *g = (struct growing){ .array = grown, .len = *n, .cap = cap };
        memcpy(list, &grown, sizeof grown);
        array = grown;
    }
    array[*n] = item;
    g->len = ++*n;
    return true;
}
