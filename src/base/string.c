/* SPDX-License-Identifier: ISC
 *
 * Strings as bytes. Case is folded for ASCII alone: protocols mean that, and no locale has a say in it.
 */
#include "ticketd/base.h"
#include <stdio.h>
#include <string.h>

static unsigned char
fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
str_eq_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) == fold(*b);
}

bool
str_starts_nocase(const char *s, const char *prefix)
{
    while (*prefix && fold(*s) == fold(*prefix)) {
        s++;
        prefix++;
    }
    return !*prefix;
}

const char *
str_find_nocase(const char *hay, const char *needle)
{
    char low = (char)fold(*needle), first[] = { low, (char)(low >= 'a' && low <= 'z' ? low - 'a' + 'A' : low), '\0' };

    if (*needle == '\0')
        return hay;
    while ((hay = strpbrk(hay, first)) != NULL && !str_starts_nocase(hay + 1, needle + 1))
        hay++;
    return hay;
}

void
str_lower(char *s)
{
    for (; *s; s++)
        *s = (char)fold(*s);
}

bool
str_has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

void
str_escape_peer(const char *s, size_t len, char *out, size_t out_size)
{
    static const char hex[] = "0123456789abcdef";
    size_t o = 0;

    must(out_size > 0);
    for (size_t i = 0; s && i < len && i < 200 && o + 5 <= out_size; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '\\') {
            out[o++] = '\\';
            out[o++] = '\\';
        } else if (c < 0x20 || c > 0x7e) {
            out[o++] = '\\';
            out[o++] = 'x';
            out[o++] = hex[c >> 4];
            out[o++] = hex[c & 15];
        } else {
            out[o++] = (char)c;
        }
    }
    out[o] = '\0';
}
