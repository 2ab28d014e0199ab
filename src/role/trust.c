/* SPDX-License-Identifier: ISC
 *
 * From configuration to what a parse worker is told about trust. A desk's own rules hold for its mail alone; where the desk is not known
 * before the mail is read, nothing may be believed that one of the desks would not believe, but for the ids, which are names of our own
 * servers all the same.
 */
#include "ticketd/role.h"
#include "ticketd/conf.h"

#include <string.h>

static bool
listed(char *const *v, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(v[i], word))
            return true;
    return false;
}

static void
list_join(const struct conf_strings *from, char ***v, size_t *n, struct arena *a)
{
    for (size_t i = 0; i < from->n; i++)
        if (!listed(*v, *n, from->v[i]))
            (void)arena_push(a, v, n, (void *)from->v[i]);
}

/* What is in both. */
static void
list_meet(const struct conf_strings *from, char **v, size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (listed((char **)from->v, from->n, v[i]))
            v[kept++] = v[i];
    *n = kept;
}

Td__Trust *
role_trust_of(const struct conf *conf, const char *desk, char ***authserv, size_t *n_authserv, struct arena *a)
{
    Td__Trust *t = schema_new(a, &td__trust__descriptor);
    bool first = true;
    t->has_strict_alignment = t->has_exchange_online = true;
    t->exchange_online = conf->n_desks > 0;
    for (size_t i = 0; i < conf->n_desks; i++) {
        const struct conf_desk *d = &conf->desks[i];
        if (desk != NULL && strcmp(desk, d->name) != 0)
            continue;
        list_join(&d->authserv, authserv, n_authserv, a);
        list_join(&d->auth_hosts, &t->hosts, &t->n_hosts, a);
        list_join(&d->auth_expects, &t->expects, &t->n_expects, a);
        if (first)
            list_join(&d->arc_sealers, &t->sealers, &t->n_sealers, a);
        else
            list_meet(&d->arc_sealers, t->sealers, &t->n_sealers);
        t->strict_alignment |= d->strict_alignment;
        t->exchange_online &= d->exchange_online;
        first = false;
    }
    t->exchange_online &= !first;       /* a desk that is not there believes nothing */
    return t;
}
