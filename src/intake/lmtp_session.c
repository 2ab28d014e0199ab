/* SPDX-License-Identifier: ISC
 *
 * One LMTP connection as a machine: bytes in, in any portions; replies out. No sockets, no clock, no frames.
 * A mail goes to the policy once for each desk that it has recipients of; the replies, one for each recipient in the order
 * of RCPT (RFC 2033 4.2), are written when every desk has answered, and until then further input waits.
 * Never: an answer before the mail is whole, more memory than the limits in lmtp.h, a line of a client in a reply.
 */
#include "lmtp.h"

#include <stdlib.h>
#include <string.h>

struct lmtp_session *
lmtp_session_new(const struct lmtp_policy *p)
{
    struct lmtp_session *s = mem_alloc(sizeof *s);

    s->policy = *p;
    s->body.fd = -1;
    s->n_groups = p->setup->n_desks;
    s->groups = mem_alloc((s->n_groups + 1) * sizeof *s->groups);
    for (size_t i = 0; i < s->n_groups; i++)
        s->groups[i].desk = p->setup->desks[i]->desk;
    return s;
}

void
lmtp_session_free(struct lmtp_session **sp)
{
    struct lmtp_session *s = *sp;

    if (!s)
        return;
    lmtp_transaction_reset(s);
    free(s->groups);
    buf_free(&s->line);
    buf_free(&s->held);
    free(s);
    *sp = NULL;
}

void
lmtp_transaction_reset(struct lmtp_session *s)
{
    for (size_t i = 0; i < s->n_recipients; i++)
        free(s->recipients[i].addr);
    free(s->recipients);
    s->recipients = NULL;
    s->n_recipients = 0;
    for (size_t i = 0; i < s->n_groups; i++) {
        const char *desk = s->groups[i].desk;

        free(s->groups[i].recipients);
        s->groups[i] = (struct lmtp_group){ .desk = desk };
    }
    lmtp_body_close(&s->body);
    s->has_sender = false;
    s->phase = LMTP_COMMAND;
}

void
lmtp_reply(struct buf *out, unsigned code, const char *enhanced, const char *text)
{
    buf_printf(out, "%u %s %s\r\n", code, enhanced, text);
}

void
lmtp_mistake(struct lmtp_session *s, struct buf *out, unsigned code, const char *enhanced, const char *text)
{
    if (++s->errors < LMTP_ERRORS_MAX) {
        lmtp_reply(out, code, enhanced, text);
        return;
    }
    lmtp_reply(out, 421, "4.7.0", "too many errors");
    s->closing = true;
}

/* ---- the end of a mail */

static void
mail_finish(struct lmtp_session *s, struct buf *out)
{
    for (size_t i = 0; i < s->n_recipients; i++)
        if (!s->recipients[i].group->answered)
            return;
    for (size_t i = 0; i < s->n_recipients; i++) {
        const struct lmtp_group *g = s->recipients[i].group;

        lmtp_reply(out, g->code, g->enhanced, g->text);
    }
    lmtp_transaction_reset(s);
}

static void
mail_refuse(struct lmtp_session *s, struct buf *out)
{
    for (size_t i = 0; i < s->n_recipients; i++)
        if (s->body.state == LMTP_BODY_TOO_BIG)
            lmtp_reply(out, 552, "5.3.4", "the mail is larger than what is taken here");
        else
            lmtp_reply(out, 452, "4.3.1", "no room for this mail just now");
    lmtp_transaction_reset(s);
}

static void
mail_hand_over(struct lmtp_session *s, struct buf *out)
{
    lmtp_body_seal(&s->body);
    if (s->body.state != LMTP_BODY_GOOD) {
        mail_refuse(s, out);
        return;
    }
    s->phase = LMTP_ANSWER;
    s->transaction++;
    for (size_t i = 0; i < s->n_recipients; i++) {
        struct lmtp_group *g = s->recipients[i].group;

        if (!g->recipients)
            g->recipients = mem_alloc(s->n_recipients * sizeof *g->recipients);
        g->recipients[g->n++] = s->recipients[i].addr;
    }
    s->handing = true;
    for (size_t i = 0; i < s->n_groups; i++)
        if (s->groups[i].n)
            s->policy.mail(s->policy.u, s, s->transaction, s->groups[i].desk, s->sender_known ? s->sender : NULL,
                           s->groups[i].recipients, s->groups[i].n, s->body.fd);
    s->handing = false;
    mail_finish(s, out);
}

/* ---- input */

static bool
line_is_text(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            return false;
    return utf8_valid(line, len);
}

static void
line_done(struct lmtp_session *s, struct buf *out)
{
    struct buf *l = &s->line;
    bool crlf = l->len >= 2 && l->data[l->len - 2] == '\r';

    if (s->line_too_long) {
        lmtp_mistake(s, out, 500, "5.5.2", "the line is too long");
    } else if (!crlf) {
        lmtp_mistake(s, out, 500, "5.5.2", "lines end with CRLF");
    } else {
        l->data[l->len -= 2] = '\0';
        if (line_is_text(l->data, l->len))
            lmtp_command(s, l->data, out);
        else
            lmtp_mistake(s, out, 500, "5.5.2", "a command is plain text");
    }
    s->line_too_long = false;
    if (l->cap > 256)           /* an idle connection is to be cheap */
        buf_free(l);
    else
        buf_clear(l);
}

static size_t
line_take(struct lmtp_session *s, const uint8_t *bytes, size_t len, struct buf *out)
{
    const uint8_t *lf = memchr(bytes, '\n', len);
    size_t n = lf ? (size_t)(lf - bytes) + 1 : len;

    if (s->line_too_long || s->line.len + n > LMTP_LINE_MAX)
        s->line_too_long = true;
    else
        buf_add(&s->line, bytes, n);
    if (lf)
        line_done(s, out);
    return n;
}

/* How much was taken: all, unless an answer must come first or the connection ends. */
static size_t
session_take(struct lmtp_session *s, const uint8_t *bytes, size_t len, struct buf *out)
{
    size_t at = 0;

    while (at < len && s->phase != LMTP_ANSWER && !s->closing) {
        if (s->phase == LMTP_COMMAND) {
            at += line_take(s, bytes + at, len - at, out);
        } else {
            bool end;

            at += lmtp_body_take(&s->body, bytes + at, len - at, &end);
            if (end)
                mail_hand_over(s, out);
        }
    }
    return at;
}

static void
session_resume(struct lmtp_session *s, struct buf *out)
{
    if (s->held.len == 0)
        return;
    s->held_at += session_take(s, (const uint8_t *)s->held.data + s->held_at, s->held.len - s->held_at, out);
    if (s->held_at == s->held.len || s->closing) {
        buf_free(&s->held);
        s->held_at = 0;
    }
}

bool
lmtp_session_input(struct lmtp_session *s, const uint8_t *bytes, size_t len, struct buf *out)
{
    size_t taken;

    if (!s->welcomed) {
        s->welcomed = true;
        buf_printf(out, "220 %s LMTP ticketd\r\n", s->policy.setup->hostname);
    }
    taken = session_take(s, bytes, len, out);
    if (taken < len && !s->closing) {
        if (s->held.len - s->held_at + len - taken > LMTP_HELD_MAX) {
            lmtp_reply(out, 421, "4.5.0", "wait for the replies");
            s->closing = true;
        } else {
            buf_add(&s->held, bytes + taken, len - taken);
        }
    }
    return !s->closing;
}

/* ---- answers */

/* Core words its replies; what is no reply must not reach the wire. */
static bool
answer_is_sound(unsigned code, const char *enhanced)
{
    size_t n = strspn(enhanced, "0123456789.");

    return code >= 200 && code < 600 && code / 100 != 3 && n >= 5 && n < 12 && !enhanced[n]
        && (unsigned)(enhanced[0] - '0') == code / 100 && enhanced[1] == '.';
}

static void
answer_set(struct lmtp_group *g, unsigned code, const char *enhanced, const char *text)
{
    size_t n = 0;

    if (!answer_is_sound(code, enhanced)) {
        code = 451;
        enhanced = "4.3.0";
        text = "try again later";
    }
    g->answered = true;
    g->code = code;
    memcpy(g->enhanced, enhanced, strlen(enhanced) + 1);
    for (; n < LMTP_TEXT_MAX && text[n]; n++)
        g->text[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
    g->text[n] = '\0';
}

void
lmtp_answer(struct lmtp_session *s, uint64_t transaction, const char *desk, unsigned code, const char *enhanced, const char *text,
            struct buf *out)
{
    if (s->phase != LMTP_ANSWER || transaction != s->transaction)
        return;
    for (size_t i = 0; i < s->n_groups; i++)
        if (s->groups[i].n && !s->groups[i].answered && strcmp(s->groups[i].desk, desk) == 0)
            answer_set(&s->groups[i], code, enhanced, text);
    if (s->handing)             /* mail_hand_over() goes on from here */
        return;
    mail_finish(s, out);
    session_resume(s, out);
}

bool
lmtp_session_waiting(const struct lmtp_session *s)
{
    return s->phase == LMTP_ANSWER;
}

bool
lmtp_session_closing(const struct lmtp_session *s)
{
    return s->closing;
}
