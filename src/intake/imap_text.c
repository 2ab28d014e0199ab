/* SPDX-License-Identifier: ISC
 *
 * imap: UID sets, mailbox names, quoted strings, dates, the growing pause between attempts. Pure.
 */
#include "imap.h"
#include <stdio.h>
#include <string.h>

size_t
imap_uid_set(const uint32_t *uids, size_t n, size_t max, struct buf *out)
{
    size_t done = 0, start = out->len;

    while (done < n) {
        char item[32];
        size_t last = done;
        int len;

        while (last + 1 < n && uids[last + 1] == uids[last] + 1)
            last++;
        if (last > done)
            len = snprintf(item, sizeof item, "%s%u:%u", out->len > start ? "," : "", uids[done], uids[last]);
        else
            len = snprintf(item, sizeof item, "%s%u", out->len > start ? "," : "", uids[done]);
        if (out->len - start + (size_t)len > max)
            break;
        buf_add(out, item, (size_t)len);
        done = last + 1;
    }
    return done;
}

/* ---- modified UTF-7 */
static uint32_t
next_character(const char **p)
{
    const uint8_t *s = (const uint8_t *)*p;
    unsigned more = s[0] < 0x80 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    uint32_t c = more == 0 ? s[0] : s[0] & (0x3fu >> more);

    for (unsigned i = 1; i <= more; i++)
        c = c << 6 | (s[i] & 0x3f);
    *p += more + 1;
    return c;
}

struct bits { uint32_t held; unsigned n; };

static void
put_unit(struct bits *b, uint32_t unit, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    b->held = b->held << 16 | unit;
    b->n += 16;
    while (b->n >= 6) {
        b->n -= 6;
        buf_putc(out, alphabet[b->held >> b->n & 0x3f]);
    }
    b->held &= (1u << b->n) - 1;
}

static void
end_shift(struct bits *b, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    if (b->n > 0)
        buf_putc(out, alphabet[b->held << (6 - b->n) & 0x3f]);
    buf_putc(out, '-');
    *b = (struct bits){ 0 };
}

bool
imap_mailbox_name(const char *utf8, struct buf *out)
{
    struct bits bits = { 0 };
    bool shifted = false;

    if (!utf8_valid(utf8, strlen(utf8)) || str_has_control(utf8))
        return false;
    while (*utf8 != '\0') {
        uint32_t c = next_character(&utf8);

        if (shifted != (c >= 0x7f)) {
            if (shifted)
                end_shift(&bits, out);
            else
                buf_putc(out, '&');
            shifted = !shifted;
        }
        if (c >= 0x10000) {
            put_unit(&bits, 0xd800 | (c - 0x10000) >> 10, out);
            put_unit(&bits, 0xdc00 | ((c - 0x10000) & 0x3ff), out);
        } else if (shifted) {
            put_unit(&bits, c, out);
        } else {
            buf_putc(out, (char)c);
            if (c == '&')
                buf_putc(out, '-');
        }
    }
    if (shifted)
        end_shift(&bits, out);
    return true;
}

bool
imap_quote(const char *s, struct buf *out)
{
    if (str_has_control(s))
        return false;
    buf_putc(out, '"');
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *s);
    }
    buf_putc(out, '"');
    return true;
}

/* ---- time */
int64_t
imap_backoff_ms(unsigned failures, uint32_t chance)
{
    int64_t whole = 1000;

    for (unsigned i = 1; i < failures && whole < 300000; i++)
        whole *= 2;
    if (whole > 300000)
        whole = 300000;
    return whole / 2 + (int64_t)chance % (whole / 2 + 1);
}

int64_t
imap_date(const struct mailimap_date_time *d)
{
    int zone = d->dt_zone < 0 ? -d->dt_zone : d->dt_zone;
    int64_t offset = (zone / 100 * 60 + zone % 100) * 60;

    if (d->dt_year < 1970 || d->dt_year > 9999 || d->dt_month < 1 || d->dt_month > 12 || d->dt_day < 1 || d->dt_day > 31 || zone > 1400)
        return 0;
    return days_from_civil(d->dt_year, d->dt_month, d->dt_day) * 86400 + d->dt_hour * 3600 + d->dt_min * 60 + d->dt_sec -
           (d->dt_zone < 0 ? -offset : offset);
}
