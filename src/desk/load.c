/* SPDX-License-Identifier: ISC
 *
 * How much each of the staff has: a function of the cases alone. Core keeps counters of it beside the cases, so that no mail has to
 * count; this is what they must be, for a check and for whoever rebuilds them.
 */
#include <stdlib.h>
#include <string.h>

#include "ticketd/desk.h"

struct desk_loads { struct arena *arena; struct desk_load **v; size_t n; };

const char *
desk_owner(const Td__Case *c)
{
    return c == NULL || c->state == TD__STATE__CLOSED || c->has_merged_into ? NULL : c->assignee;
}

struct desk_loads *
desk_loads_new(void)
{
    struct desk_loads *l = mem_alloc(sizeof *l);
    *l = (struct desk_loads){ .arena = arena_new(0) };
    return l;
}

void
desk_loads_free(struct desk_loads **lp)
{
    if (*lp == NULL)
        return;
    arena_free(&(*lp)->arena);
    free(*lp);
    *lp = NULL;
}

static struct desk_load *
load_of(struct desk_loads *l, const char *addr)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq_nocase(l->v[i]->addr, addr))
            return l->v[i];
    struct desk_load *new = arena_alloc(l->arena, sizeof *new);
    char *folded = arena_strdup(l->arena, addr);
    str_lower(folded);
    *new = (struct desk_load){ .addr = folded };
    (void)arena_push(l->arena, &l->v, &l->n, new);
    return new;
}

void
desk_loads_add(struct desk_loads *l, const Td__Case *c)
{
    if (c->assignee == NULL)
        return;
    struct desk_load *of = load_of(l, c->assignee);
    of->open += desk_owner(c) != NULL;
    if (c->id > of->last)
        of->last = c->id;
}

size_t
desk_loads_list(const struct desk_loads *l, const struct desk_load *const **out)
{
    *out = (const struct desk_load *const *)l->v;
    return l->n;
}
