/* SPDX-License-Identifier: ISC
 *
 * UTF-8 after RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.
 */
#include "ticketd/base.h"
#include <string.h>

/* What may follow a leading byte: how many bytes, and the range of the first of them. */
static const struct { unsigned char from, to, more, low, high; } leads[] = {
    { 0xc2, 0xdf, 1, 0x80, 0xbf },
    { 0xe0, 0xe0, 2, 0xa0, 0xbf },
    { 0xe1, 0xec, 2, 0x80, 0xbf },
    { 0xed, 0xed, 2, 0x80, 0x9f },
    { 0xee, 0xef, 2, 0x80, 0xbf },
    { 0xf0, 0xf0, 3, 0x90, 0xbf },
    { 0xf1, 0xf3, 3, 0x80, 0xbf },
    { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

/* Bytes of the character at s, 0 when it is none. */
static size_t
utf8_char(const unsigned char *s, size_t len)
{
    size_t row = 0;

    if (s[0] < 0x80)
        return 1;
    while (row < countof(leads) && (s[0] < leads[row].from || s[0] > leads[row].to))
        row++;
    if (row == countof(leads) || len <= leads[row].more || s[1] < leads[row].low || s[1] > leads[row].high)
        return 0;
    for (size_t i = 2; i <= leads[row].more; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return leads[row].more + 1u;
}

bool
utf8_valid(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;

    for (size_t i = 0, step; i < len; i += step) {
        step = utf8_char(p + i, len - i);
        if (!step)
            return false;
    }
    return true;
}

size_t
utf8_clip(const char *s, size_t max)
{
    size_t len = strnlen(s, max);

    if (len < max || !s[len])
        return len;
    /* The byte behind the cut tells: while it continues a character, that character goes. Broken text is cut where it is. */
    for (size_t back = 0; back < 4 && back <= max; back++)
        if (((unsigned char)s[max - back] & 0xc0) != 0x80)
            return max - back;
    return max;
}
