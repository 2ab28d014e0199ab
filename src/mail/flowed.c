/* SPDX-License-Identifier: ISC
 *
 * format=flowed (RFC 3676): lines that end in a blank go on in the next line of the same quote depth; DelSp takes that blank away; one
 * blank of stuffing goes; "-- " is never flowed. Quote marks are written again as "> " for each depth.
 */
#include "read.h"

#include <string.h>

void
flowed_to_text(const char *in, size_t len, bool delsp, struct buf *out)
{
    bool open = false;
    size_t depth = 0, next, skip;

    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)in, len, at, &next), d = 0, i = at;
        bool flows;
        while (i < end && in[i] == '>')
            i++, d++;
        if (i < end && in[i] == ' ')
            i++;
        flows = end > i && in[end - 1] == ' ' && !(end - i == 3 && memcmp(in + i, "-- ", 3) == 0);
        if (open && (d != depth || (end - i == 3 && memcmp(in + i, "-- ", 3) == 0))) {
            buf_putc(out, '\n');
            open = false;
        }
        if (!open && d > 0) {
            for (size_t k = 0; k < d && k < 100; k++)
                buf_putc(out, '>');
            if (end > i)
                buf_putc(out, ' ');
        }
        skip = flows && delsp ? 1 : 0;
        buf_add(out, in + i, end - i - skip);
        depth = d;
        open = flows;
        if (!flows)
            buf_putc(out, '\n');
    }
    if (open)
        buf_putc(out, '\n');
}
