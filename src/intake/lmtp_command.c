/* SPDX-License-Identifier: ISC
 *
 * The commands of LMTP, one small function a verb, found through one table. RFC 2033, 5321 4.1.1.
 * May trust that a line holds valid UTF-8 without control characters (lmtp_session.c looked); nothing else.
 * A reply says what is so of us, never what a client wrote: no byte of its line comes back.
 */
#include "lmtp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef void command_fn(struct lmtp_session *s, char *args, struct buf *out);

static void
command_lhlo(struct lmtp_session *s, char *args, struct buf *out)
{
    if (*args == '\0') {
        lmtp_mistake(s, out, 501, "5.5.4", "LHLO needs the name of the client");
        return;
    }
    lmtp_transaction_reset(s);
    s->introduced = true;
    buf_printf(out, "250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250 SIZE %llu\r\n",
               s->policy.setup->hostname, (unsigned long long)s->policy.setup->max_mail);
}

static void
command_hello(struct lmtp_session *s, char *args, struct buf *out)      /* RFC 2033 4.1: never a positive reply */
{
    (void)args;
    lmtp_mistake(s, out, 500, "5.5.1", "this is LMTP, say LHLO");
}

/* One "KEYWORD[=VALUE]" of MAIL. false: refused, the reply is written. */
static bool
mail_parameter(struct lmtp_session *s, const char *word, struct buf *out)
{
    if (str_starts_nocase(word, "SIZE=")) {
        const char *digits = word + 5;
        size_t n = strspn(digits, "0123456789");

        if (n == 0 || n > 20 || digits[n]) {
            lmtp_mistake(s, out, 501, "5.5.4", "SIZE wants a number");
            return false;
        }
        errno = 0;
        if (strtoull(digits, NULL, 10) > s->policy.setup->max_mail || errno == ERANGE) {
            lmtp_reply(out, 552, "5.3.4", "the mail is larger than what is taken here");
            return false;
        }
        return true;
    }
    if (str_starts_nocase(word, "BODY=")) {
        if (str_eq_nocase(word + 5, "7BIT") || str_eq_nocase(word + 5, "8BITMIME"))
            return true;
        lmtp_mistake(s, out, 501, "5.5.4", "BODY is 7BIT or 8BITMIME");
        return false;
    }
    if (str_eq_nocase(word, "SMTPUTF8"))
        return true;
    lmtp_mistake(s, out, 555, "5.5.4", "unknown parameter");
    return false;
}

static void
command_mail(struct lmtp_session *s, char *args, struct buf *out)
{
    enum lmtp_path path = LMTP_PATH_BAD;
    char sender[ADDR_MAX + 1], *rest = NULL, *save = NULL;

    if (!s->introduced) {
        lmtp_mistake(s, out, 503, "5.5.1", "say LHLO first");
        return;
    }
    if (s->has_sender) {
        lmtp_mistake(s, out, 503, "5.5.1", "a mail is under way, say RSET");
        return;
    }
    if (str_starts_nocase(args, "FROM:"))
        path = lmtp_path_read(args + 5, sender, &rest);
    if (path == LMTP_PATH_BAD) {
        lmtp_mistake(s, out, 501, "5.1.7", "MAIL FROM:<address> was expected");
        return;
    }
    for (char *word = strtok_r(rest, " ", &save); word; word = strtok_r(NULL, " ", &save))
        if (!mail_parameter(s, word, out))
            return;
    s->has_sender = true;
    s->sender_known = path == LMTP_PATH_GOOD;
    memcpy(s->sender, sender, sizeof sender);
    lmtp_reply(out, 250, "2.1.0", "sender noted");
}

static void
command_rcpt(struct lmtp_session *s, char *args, struct buf *out)
{
    enum lmtp_path path = LMTP_PATH_BAD;
    char addr[ADDR_MAX + 1] = "", *rest = NULL;
    int desk;

    if (!s->has_sender) {
        lmtp_mistake(s, out, 503, "5.5.1", "say MAIL first");
        return;
    }
    if (str_starts_nocase(args, "TO:"))
        path = lmtp_path_read(args + 3, addr, &rest);
    if (path == LMTP_PATH_BAD || *addr == '\0') {
        lmtp_mistake(s, out, 501, "5.1.3", "RCPT TO:<address> was expected");
        return;
    }
    if (rest[strspn(rest, " ")]) {
        lmtp_mistake(s, out, 555, "5.5.4", "unknown parameter");
        return;
    }
    desk = path == LMTP_PATH_GOOD ? lmtp_desk_of(s->policy.setup, addr) : -1;
    if (desk < 0) {
        lmtp_reply(out, 550, "5.1.1", "nobody here has that address");
        return;
    }
    if (s->n_recipients == LMTP_RECIPIENTS_MAX) {
        lmtp_reply(out, 452, "4.5.3", "too many recipients, send the rest in another mail");
        return;
    }
    if (!s->recipients)
        s->recipients = mem_alloc(LMTP_RECIPIENTS_MAX * sizeof *s->recipients);
    s->recipients[s->n_recipients++] = (struct lmtp_recipient){ .addr = mem_strdup(addr), .group = &s->groups[desk] };
    lmtp_reply(out, 250, "2.1.5", "recipient noted");
}

static void
command_data(struct lmtp_session *s, char *args, struct buf *out)
{
    if (*args) {
        lmtp_mistake(s, out, 501, "5.5.4", "DATA stands alone");
    } else if (!s->has_sender || s->n_recipients == 0) {
        lmtp_mistake(s, out, 503, "5.5.1", s->has_sender ? "no valid recipients" : "say MAIL first");
    } else if (!lmtp_body_open(&s->body, s->policy.setup->max_mail, s->policy.room)) {
        lmtp_reply(out, 452, "4.3.1", "no room for a mail just now");
    } else {
        s->phase = LMTP_BODY;
        buf_puts(out, "354 send the mail, end with CRLF.CRLF\r\n");
    }
}

static void
command_rset(struct lmtp_session *s, char *args, struct buf *out)
{
    if (*args) {
        lmtp_mistake(s, out, 501, "5.5.4", "RSET stands alone");
        return;
    }
    lmtp_transaction_reset(s);
    lmtp_reply(out, 250, "2.0.0", "forgotten");
}

static void
command_noop(struct lmtp_session *s, char *args, struct buf *out)
{
    (void)s, (void)args;
    lmtp_reply(out, 250, "2.0.0", "ok");
}

static void
command_vrfy(struct lmtp_session *s, char *args, struct buf *out)
{
    (void)s, (void)args;
    lmtp_reply(out, 252, "2.5.0", "send it and see");
}

static void
command_quit(struct lmtp_session *s, char *args, struct buf *out)
{
    (void)args;
    s->closing = true;
    lmtp_reply(out, 221, "2.0.0", "goodbye");
}

static const struct { const char *verb; command_fn *run; } commands[] = {
    { "LHLO", command_lhlo },
    { "MAIL", command_mail },
    { "RCPT", command_rcpt },
    { "DATA", command_data },
    { "RSET", command_rset },
    { "NOOP", command_noop },
    { "VRFY", command_vrfy },
    { "QUIT", command_quit },
    { "HELO", command_hello },
    { "EHLO", command_hello },
};

void
lmtp_command(struct lmtp_session *s, char *line, struct buf *out)
{
    size_t verb_len = strcspn(line, " "), end = strlen(line);
    char *args = line + verb_len;

    while (end > verb_len && line[end - 1] == ' ')      /* trailing blanks: tolerated, RFC 5321 4.1.1 */
        line[--end] = '\0';
    if (*args) {
        *args++ = '\0';
        args += strspn(args, " ");
    }
    for (size_t i = 0; i < countof(commands); i++)
        if (str_eq_nocase(line, commands[i].verb)) {
            commands[i].run(s, args, out);
            return;
        }
    lmtp_mistake(s, out, 500, "5.5.1", "unknown command");
}
