/* SPDX-License-Identifier: ISC
 *
 * One UTF-8 character at a time, for readers that look at characters and not at bytes. RFC 3629: overlong forms, surrogates and
 * what lies beyond U+10FFFF are no characters.
 */
#include "read.h"

uint32_t
utf8_at_long(const char *s, size_t len, size_t i, size_t *size)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *p = (const uint8_t *)s + i;
    size_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    uint32_t c;

    *size = 1;
    if (n == 0 || n > len - i)
        return 0xfffd;
    c = p[0] & (0x7fu >> n);
    for (size_t k = 1; k < n; k++) {
        if ((p[k] & 0xc0) != 0x80)
            return 0xfffd;
        c = c << 6 | (p[k] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0xfffd;
    *size = n;
    return c;
}

void
utf8_put(uint32_t c, struct buf *out)
{
    if (c < 0x80) {
        buf_putc(out, (char)c);
        return;
    }
    if (c >= 0x10000)
        buf_putc(out, (char)(0xf0 | c >> 18));
    if (c >= 0x800)
        buf_putc(out, (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3f) : 0xe0 | c >> 12));
    buf_putc(out, (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
    buf_putc(out, (char)(0x80 | (c & 0x3f)));
}
