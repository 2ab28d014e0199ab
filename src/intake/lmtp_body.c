/* SPDX-License-Identifier: ISC
 *
 * The mail between DATA and its end, from the wire into a memfd. Only CRLF.CRLF ends it (RFC 5321 4.1.1.4): a line begins
 * after CRLF and nowhere else, so a bare CR or LF is data like any other byte and can smuggle nothing. Stuffed dots are
 * taken out; a lone dot before a bare CR or LF is not a stuffed one and stays. Nothing else is altered.
 * Past the limit the bytes are thrown away but the end is still found. Memory: one buffer on the stack, the rest is the memfd.
 */
#include "lmtp.h"
#include "ticketd/role.h"

#include <string.h>
#include <unistd.h>

struct sink { struct lmtp_body *body; size_t len; uint8_t bytes[16384]; };

static void
body_drop(struct lmtp_body *b, enum lmtp_body_state why)
{
    b->state = why;
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
    if (b->room)
        *b->room += (int64_t)b->size;
    b->size = 0;
}

static void
sink_flush(struct sink *k)
{
    struct lmtp_body *b = k->body;
    size_t len = k->len;

    k->len = 0;
    if (b->state != LMTP_BODY_GOOD || len == 0)
        return;
    if (len > b->max - b->size) {
        body_drop(b, LMTP_BODY_TOO_BIG);
    } else if ((b->room && *b->room < (int64_t)len) || full_write(b->fd, k->bytes, len) != 0) {
        body_drop(b, LMTP_BODY_NO_ROOM);
    } else {
        b->size += len;
        if (b->room)
            *b->room -= (int64_t)len;
    }
}

static void
sink_add(struct sink *k, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    if (k->body->state != LMTP_BODY_GOOD)
        return;
    while (len > 0) {
        size_t n = sizeof k->bytes - k->len;

        if (n > len)
            n = len;
        memcpy(k->bytes + k->len, p, n);
        k->len += n;
        p += n;
        len -= n;
        if (k->len == sizeof k->bytes)
            sink_flush(k);
    }
}

bool
lmtp_body_open(struct lmtp_body *b, uint64_t max, int64_t *room)
{
    *b = (struct lmtp_body){ .fd = memfd_make("mail"), .max = max, .room = room, .line = LMTP_BOL };
    return b->fd >= 0;
}

/* After one byte: what state the line is in, and what of the bytes held back is now known to be data. */
static enum lmtp_line
line_step(struct sink *k, enum lmtp_line line, uint8_t c, bool *end)
{
    switch (line) {
    case LMTP_BOL:
        if (c == '.')
            return LMTP_DOT;
        break;
    case LMTP_DOT:
        if (c == '\r')
            return LMTP_DOT_CR;
        if (c == '\n')
            sink_add(k, ".", 1);
        break;
    case LMTP_DOT_CR:
        if (c == '\n') {
            *end = true;
            return LMTP_BOL;
        }
        sink_add(k, ".\r", 2);
        break;
    case LMTP_CR:
        if (c == '\n') {
            sink_add(k, &c, 1);
            return LMTP_BOL;
        }
        break;
    case LMTP_MID:
        break;
    }
    sink_add(k, &c, 1);
    return c == '\r' ? LMTP_CR : LMTP_MID;
}

size_t
lmtp_body_take(struct lmtp_body *b, const uint8_t *bytes, size_t len, bool *end)
{
    struct sink k;
    size_t at = 0;

    k.body = b;
    k.len = 0;
    *end = false;
    while (at < len && !*end) {
        if (b->line == LMTP_MID) {      /* the quick way to the next CR */
            const uint8_t *cr = memchr(bytes + at, '\r', len - at);
            size_t n = cr ? (size_t)(cr - (bytes + at)) : len - at;

            sink_add(&k, bytes + at, n);
            at += n;
            if (at == len)
                break;
        }
        b->line = line_step(&k, b->line, bytes[at++], end);
    }
    sink_flush(&k);
    return at;
}

void
lmtp_body_seal(struct lmtp_body *b)
{
    if (b->state == LMTP_BODY_GOOD && memfd_seal(b->fd) != 0)
        body_drop(b, LMTP_BODY_NO_ROOM);
}

void
lmtp_body_close(struct lmtp_body *b)
{
    body_drop(b, LMTP_BODY_GOOD);
}
