/* SPDX-License-Identifier: ISC
 *
 * Mail addresses as keys of people: RFC 5321 Mailbox with UTF-8 (RFC 6531). What passes addr_valid() can stand in an SMTP
 * command, a header and a log line. Quoted local parts with blanks are refused on purpose.
 */
#include "ticketd/base.h"
#include <string.h>

bool
addr_valid(const char *addr)
{
    const char *at;
    size_t len;

    if (!addr)
        return false;
    len = strnlen(addr, ADDR_MAX + 1);
    at = strchr(addr, '@');
    if (len > ADDR_MAX || !at || at == addr || !at[1] || strchr(at + 1, '@'))
        return false;
    return !str_has_control(addr) && !strpbrk(addr, " <>") && utf8_valid(addr, len);
}

const char *
addr_domain(const char *addr)
{
    const char *at = strrchr(addr, '@');

    return at ? at + 1 : "";
}

bool
addr_equal(const char *a, const char *b)
{
    return str_eq_nocase(a, b);
}

void
addr_fold(char *addr)
{
    char *at = strrchr(addr, '@');

    if (at)
        str_lower(at + 1);
}

bool
addr_match_extension(const char *addr, const char *base, const char **ext, size_t *ext_len)
{
    const char *addr_at = strrchr(addr, '@'), *base_at = strrchr(base, '@');
    size_t local;

    if (!addr_at || !base_at || !str_eq_nocase(addr_at, base_at))
        return false;
    local = (size_t)(base_at - base);
    if ((size_t)(addr_at - addr) <= local || addr[local] != '+')
        return false;
    for (size_t i = 0; i < local; i++) {
        char a[2] = { addr[i] }, b[2] = { base[i] };

        if (!str_eq_nocase(a, b))
            return false;
    }
    *ext = addr + local + 1;
    *ext_len = (size_t)(addr_at - *ext);
    return true;
}
