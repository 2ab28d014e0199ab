/* SPDX-License-Identifier: ISC
 *
 * Whose id and whose host: ours, or anybody's. An id is ours when it is configured, alone or as the end of a name (".mx.example.com").
 * A host in a Received field is ours when it is such an id, belongs to the same organisation, is configured as a host, or has an address
 * that nobody outside can have.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

bool
auth_same_organisation(const char *a, const char *b)
{
    return *a != 0 && *b != 0 && str_eq_nocase(auth_organisation(a), auth_organisation(b));
}

static bool
ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), e = strlen(end);

    return n > e && str_eq_nocase(name + n - e, end);
}

/* An entry that begins with a dot stands for every name below it. */
static bool
is_entry(const char *entry, const char *name)
{
    return *entry == '.' ? ends_with(name, entry) : str_eq_nocase(name, entry);
}

bool
auth_id_is_ours(const struct mail_options *o, const char *id)
{
    for (size_t i = 0; i < o->n_authserv; i++)
        if (is_entry(o->authserv[i], id))
            return true;
    return false;
}

/* "10.0.0.5", "[192.168.1.1]", "IPv6:fd00::1", "2002:a05:…" (10.5.… as Google writes it): nobody outside has such an address. */
static bool
is_private(const char *host)
{
    static const char *const begins[] = {"10.", "127.", "192.168.", "169.254.", "fd", "fe80:", "::1"};
    long second;

    host += *host == '[';
    if (str_starts_nocase(host, "IPv6:"))
        host += 5;
    if (strspn(host, "0123456789.]") != strlen(host) && (strchr(host, ':') == NULL || strspn(host, "0123456789abcdefABCDEF:.]") != strlen(host)))
        return false;                   /* a name */
    for (size_t i = 0; i < countof(begins); i++)
        if (str_starts_nocase(host, begins[i]))
            return strcmp(begins[i], "::1") != 0 || host[3] == 0 || host[3] == ']';
    if (strncmp(host, "2002:", 5) == 0)
        return strtol(host + 5, NULL, 16) >> 8 == 10;
    second = strncmp(host, "172.", 4) == 0 ? strtol(host + 4, NULL, 10) : 0;
    return second >= 16 && second <= 31;
}

bool
auth_host_is_ours(const struct mail_options *o, const char *host)
{
    static const char *const here[] = {"localhost", "localhost.localdomain", ".localhost"}, *const exchange[] = {".outlook.com", ".office365.com", ".exchangelabs.com"};

    if (is_private(host))
        return true;
    for (size_t i = 0; i < countof(here); i++)
        if (is_entry(here[i], host))
            return true;                /* a content filter beside our own server */
    for (size_t i = 0; o->exchange_online && i < countof(exchange); i++)
        if (is_entry(exchange[i], host))
            return true;
    for (size_t i = 0; i < o->n_hosts; i++)
        if (is_entry(o->hosts[i], host))
            return true;
    for (size_t i = 0; i < o->n_authserv; i++) {
        const char *id = o->authserv[i];
        if (is_entry(id, host) || (strchr(host, '.') != NULL && auth_same_organisation(host, id + (*id == '.'))))
            return true;
    }
    return false;
}
