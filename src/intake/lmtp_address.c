/* SPDX-License-Identifier: ISC
 *
 * What stands between the angle brackets of MAIL and RCPT, and whose it is. Pure. RFC 5321 4.1.2.
 * Trusts nothing: the line comes from the client.
 */
#include "lmtp.h"

#include <string.h>

/* The '>' that closes the path, or NULL. Inside quotes it closes nothing. */
static char *
path_end(char *s)
{
    bool quoted = false;

    for (; *s; s++) {
        if (quoted && *s == '\\' && s[1])
            s++;
        else if (*s == '"')
            quoted = !quoted;
        else if (!quoted && *s == '>')
            return s;
        else if (!quoted && (*s == '<' || *s == ' '))
            return NULL;
    }
    return NULL;
}

enum lmtp_path
lmtp_path_read(char *s, char addr[ADDR_MAX + 1], char **rest)
{
    char *end, *at;

    while (*s == ' ')           /* "FROM: <a@b>" is wrong, common and harmless */
        s++;
    if (*s++ != '<' || !(end = path_end(s)))
        return LMTP_PATH_BAD;
    *rest = end + 1;
    if (**rest != '\0' && **rest != ' ')
        return LMTP_PATH_BAD;
    if (*s == '@') {            /* @relay,@relay:user@host */
        char *colon = memchr(s, ':', (size_t)(end - s));

        if (!colon)
            return LMTP_PATH_BAD;
        s = colon + 1;
    }
    if (end - s > ADDR_MAX)
        return LMTP_PATH_BAD;
    memcpy(addr, s, (size_t)(end - s));
    addr[end - s] = '\0';
    if (*addr == '\0')
        return LMTP_PATH_GOOD;
    if (addr_valid(addr)) {
        addr_fold(addr);
        return LMTP_PATH_GOOD;
    }
    at = strrchr(addr, '@');
    if (!at)
        return LMTP_PATH_ODD;
    return *addr == '"' && at - addr >= 3 && at[-1] == '"' && at[1] ? LMTP_PATH_ODD : LMTP_PATH_BAD;
}

int
lmtp_desk_of(const Td__LmtpSetup *setup, const char *recipient)
{
    const char *ext;
    size_t ext_len;

    if (setup->any_recipient)
        return setup->n_desks ? 0 : -1;
    for (size_t i = 0; i < setup->n_desks; i++)
        for (size_t k = 0; k < setup->desks[i]->n_addresses; k++) {
            const char *base = setup->desks[i]->addresses[k];

            if (addr_equal(recipient, base) || addr_match_extension(recipient, base, &ext, &ext_len))
                return (int)i;
        }
    return -1;
}
