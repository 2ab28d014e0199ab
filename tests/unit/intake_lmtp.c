/* SPDX-License-Identifier: ISC
 *
 * The LMTP machine: dialogues, each run whole, byte by byte and cut at every place; answers that come late; limits; a quick
 * fuzz loop that compares one portion with many.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/intake/lmtp.h"
#include "ticketd/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO "250-mx.example.com\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250 SIZE 1000\r\n"
#define WELCOME "220 mx.example.com LMTP ticketd\r\n"
#define START WELCOME HELLO
#define LHLO "LHLO c\r\n"
#define MAIL "MAIL FROM:<a@b.example>\r\n"
#define RCPT "RCPT TO:<support@example.com>\r\n"
#define R250M "250 2.1.0 sender noted\r\n"
#define R250R "250 2.1.5 recipient noted\r\n"
#define R354 "354 send the mail, end with CRLF.CRLF\r\n"
#define R550 "550 5.1.1 nobody here has that address\r\n"
#define R552 "552 5.3.4 the mail is larger than what is taken here\r\n"
#define TAKEN "250 2.6.0 taken by support\r\n"
#define OPEN LHLO MAIL RCPT "DATA\r\n"
#define OPENED START R250M R250R R354

static char *support_addresses[] = { (char *)"support@example.com", (char *)"help@example.com" };
static char *sales_addresses[] = { (char *)"sales@example.com" };
static Td__LmtpDesk desk_support, desk_sales, *desks[] = { &desk_support, &desk_sales };
static Td__LmtpSetup setup;

struct world {                          /* what the policy saw */
    struct buf log;                     /* "desk|from|rcpt,rcpt|bytes\n" with bytes in C escapes */
    unsigned mails;
    bool late;
    struct { uint64_t transaction; const char *desk; } open[64]; size_t n_open;
};

static int
make_setup(void **state)
{
    (void)state;
    td__lmtp_desk__init(&desk_support);
    desk_support.desk = (char *)"support";
    desk_support.addresses = support_addresses;
    desk_support.n_addresses = 2;
    td__lmtp_desk__init(&desk_sales);
    desk_sales.desk = (char *)"sales";
    desk_sales.addresses = sales_addresses;
    desk_sales.n_addresses = 1;
    td__lmtp_setup__init(&setup);
    setup.hostname = (char *)"mx.example.com";
    setup.desks = desks;
    setup.n_desks = 2;
    setup.max_mail = 1000;
    setup.max_connections = 10;
    setup.idle_s = 60;
    return 0;
}

static void
log_bytes(struct buf *b, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
            buf_putc(b, (char)bytes[i]);
        else
            buf_printf(b, bytes[i] == '\r' ? "\\r" : bytes[i] == '\n' ? "\\n" : "\\x%02x", bytes[i]);
}

static void
on_mail(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *from, char *const *recipients, size_t n,
        int fd)
{
    struct world *w = u;
    struct memfd_map m;
    char text[64];

    assert_true(memfd_map(fd, 1 << 20, &m));
    buf_printf(&w->log, "%s|%s|", desk, from ? from : "?");
    for (size_t i = 0; i < n; i++)
        buf_printf(&w->log, i ? ",%s" : "%s", recipients[i]);
    buf_puts(&w->log, "|");
    log_bytes(&w->log, m.bytes, m.len);
    buf_puts(&w->log, "\n");
    memfd_unmap(&m);
    w->mails++;
    if (w->late) {
        must(w->n_open < countof(w->open));
        w->open[w->n_open].transaction = transaction;
        w->open[w->n_open++].desk = desk;
        return;
    }
    snprintf(text, sizeof text, "taken by %s", desk);
    lmtp_answer(s, transaction, desk, 250, "2.6.0", text, NULL);
}

static struct lmtp_session *
session_with(struct world *w, int64_t *room)
{
    struct lmtp_policy p = { .setup = &setup, .mail = on_mail, .u = w, .room = room };

    return lmtp_session_new(&p);
}

/* Feeds `in` in portions of `step` bytes, the first one `first` bytes long. */
static bool
converse(struct world *w, const char *in, size_t len, size_t first, size_t step, struct buf *out)
{
    struct lmtp_session *s = session_with(w, NULL);
    bool open = lmtp_session_input(s, NULL, 0, out);

    for (size_t at = 0, n = first; at < len && open; at += n, n = step) {
        if (n > len - at)
            n = len - at;
        uint8_t *portion = malloc(n + 1);       /* of its own, so that the sanitizer sees a read past it */

        memcpy(portion, in + at, n);
        open = lmtp_session_input(s, portion, n, out);
        free(portion);
    }
    lmtp_session_free(&s);
    return open;
}

#define IN(s) s, sizeof(s) - 1
static const struct dialogue { const char *label, *in; size_t len; const char *out, *mails; bool closed; } dialogues[] = {
    { "a mail", IN(OPEN "Subject: x\r\n\r\nhello\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|Subject: x\\r\\n\\r\\nhello\\r\\n\n", false },
    { "pipelined, two mails, quit", IN(OPEN "one\r\n.\r\n" MAIL RCPT "DATA\r\ntwo\r\n.\r\nQUIT\r\n"),
      OPENED TAKEN R250M R250R R354 TAKEN "221 2.0.0 goodbye\r\n",
      "support|a@b.example|support@example.com|one\\r\\n\nsupport|a@b.example|support@example.com|two\\r\\n\n", true },
    { "empty mail", IN(OPEN ".\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|\n", false },
    { "stuffed dots", IN(OPEN "..\r\n...x\r\n.y\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|.\\r\\n..x\\r\\ny\\r\\n\n", false },
    { "LF.LF is data", IN(OPEN "a\n.\nMAIL FROM:<x@y>\n.\r\n.\r\n"), OPENED TAKEN,
      "support|a@b.example|support@example.com|a\\n.\\nMAIL FROM:<x@y>\\n.\\r\\n\n", false },
    { "CRLF.LF is data", IN(OPEN "a\r\n.\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\n.\\nb\\r\\n\n", false },
    { "LF.CRLF is data", IN(OPEN "a\n.\r\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\n.\\r\\nb\\r\\n\n", false },
    { "CR.CRLF is data", IN(OPEN "a\r.\r\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r.\\r\\nb\\r\\n\n", false },
    { "CRLF.CR is data", IN(OPEN "a\r\n.\rb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\n.\\rb\\r\\n\n", false },
    { "CRLF.CRCRLF is data", IN(OPEN "a\r\n.\r\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\n.\\r\\r\\n\n", false },
    { "CRLF LF.CRLF is data", IN(OPEN "a\r\n\n.\r\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\n\\n.\\r\\nb\\r\\n\n", false },
    { "CRLF.LF.CRLF is data", IN(OPEN "a\r\n.\n.\r\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\n.\\n.\\r\\nb\\r\\n\n", false },
    { "LF.CRLF at the start is data", IN(OPEN "\n.\r\nb\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|\\n.\\r\\nb\\r\\n\n", false },
    { "CRCRLF.CRLF ends", IN(OPEN "a\r\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\r\\r\\n\n", false },
    { "NUL and 8 bit", IN(OPEN "a\0b\xff\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|a\\x00b\\xff\\r\\n\n", false },
    { "unknown recipient", IN(LHLO MAIL "RCPT TO:<nobody@example.com>\r\nDATA\r\n"), START R250M R550 "503 5.5.1 no valid recipients\r\n", "", false },
    { "one of two known", IN(LHLO MAIL "RCPT TO:<nobody@example.com>\r\n" RCPT "DATA\r\nx\r\n.\r\n"), START R250M R550 R250R R354 TAKEN,
      "support|a@b.example|support@example.com|x\\r\\n\n", false },
    { "extension and case", IN(LHLO MAIL "RCPT TO:<Support+tok@EXAMPLE.com>\r\nRCPT TO:<HELP@example.com>\r\nDATA\r\nx\r\n.\r\n"),
      START R250M R250R R250R R354 TAKEN TAKEN, "support|a@b.example|Support+tok@example.com,HELP@example.com|x\\r\\n\n", false },
    { "two desks, replies in order of RCPT", IN(LHLO MAIL "RCPT TO:<sales@example.com>\r\n" RCPT "RCPT TO:<sales+1@example.com>\r\nDATA\r\nx\r\n.\r\n"),
      START R250M R250R R250R R250R R354 "250 2.6.0 taken by sales\r\n" TAKEN "250 2.6.0 taken by sales\r\n",
      "support|a@b.example|support@example.com|x\\r\\n\nsales|a@b.example|sales@example.com,sales+1@example.com|x\\r\\n\n", false },
    { "null sender", IN(LHLO "MAIL FROM:<> BODY=8BITMIME SIZE=10 SMTPUTF8\r\n" RCPT "DATA\r\n.\r\n"), OPENED TAKEN, "support||support@example.com|\n", false },
    { "quoted sender is unknown", IN(LHLO "MAIL FROM:<\"a b>\"@c.example>\r\n" RCPT "DATA\r\n.\r\n"), OPENED TAKEN, "support|?|support@example.com|\n", false },
    { "sender without domain is unknown", IN(LHLO "MAIL FROM:<root>\r\n" RCPT "DATA\r\n.\r\n"), OPENED TAKEN, "support|?|support@example.com|\n", false },
    { "source route", IN(LHLO "MAIL FROM:<@x,@y:a@B.example>\r\n" RCPT "DATA\r\n.\r\n"), OPENED TAKEN, "support|a@b.example|support@example.com|\n", false },
    { "UTF-8 sender", IN(LHLO "MAIL FROM:<j\xc3\xb6rg@b.example> SMTPUTF8\r\n" RCPT "DATA\r\n.\r\n"), OPENED TAKEN,
      "support|j\xc3\xb6rg@b.example|support@example.com|\n", false },
    { "lower case, blanks", IN("lhlo c\r\nmail from: <a@b.example>  \r\nrcpt to: <support@example.com>\r\ndata\r\n.\r\n"), OPENED TAKEN,
      "support|a@b.example|support@example.com|\n", false },
    { "SIZE too large", IN(LHLO "MAIL FROM:<a@b.example> SIZE=1001\r\nMAIL FROM:<a@b.example> SIZE=99999999999999999999\r\n"), START R552 R552, "", false },
    { "SIZE nonsense", IN(LHLO "MAIL FROM:<a@b.example> SIZE=1x\r\nMAIL FROM:<a@b.example> SIZE=\r\nMAIL FROM:<a@b.example> SIZE=-1\r\n"),
      START "501 5.5.4 SIZE wants a number\r\n501 5.5.4 SIZE wants a number\r\n501 5.5.4 SIZE wants a number\r\n", "", false },
    { "parameters", IN(LHLO "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\nMAIL FROM:<a@b.example> X=1\r\n" MAIL "RCPT TO:<support@example.com> NOTIFY=NEVER\r\n"),
      START "501 5.5.4 BODY is 7BIT or 8BITMIME\r\n555 5.5.4 unknown parameter\r\n" R250M "555 5.5.4 unknown parameter\r\n", "", false },
    { "order", IN("MAIL FROM:<a@b>\r\n" LHLO RCPT "DATA\r\n" MAIL MAIL "DATA\r\nRSET\r\nDATA\r\n"),
      WELCOME "503 5.5.1 say LHLO first\r\n" HELLO "503 5.5.1 say MAIL first\r\n503 5.5.1 say MAIL first\r\n" R250M
      "503 5.5.1 a mail is under way, say RSET\r\n503 5.5.1 no valid recipients\r\n250 2.0.0 forgotten\r\n503 5.5.1 say MAIL first\r\n", "", false },
    { "RSET and LHLO forget", IN(LHLO MAIL RCPT "RSET\r\n" MAIL RCPT LHLO "DATA\r\n"),
      START R250M R250R "250 2.0.0 forgotten\r\n" R250M R250R HELLO "503 5.5.1 say MAIL first\r\n", "", false },
    { "HELO, EHLO, BDAT", IN("HELO x\r\nEHLO x\r\nBDAT 3\r\n"),
      WELCOME "500 5.5.1 this is LMTP, say LHLO\r\n500 5.5.1 this is LMTP, say LHLO\r\n500 5.5.1 unknown command\r\n", "", false },
    { "arguments", IN("LHLO\r\nLHLO c\r\nRSET x\r\n" MAIL RCPT "DATA x\r\nNOOP x\r\nVRFY x\r\n"),
      WELCOME "501 5.5.4 LHLO needs the name of the client\r\n" HELLO "501 5.5.4 RSET stands alone\r\n" R250M R250R
      "501 5.5.4 DATA stands alone\r\n250 2.0.0 ok\r\n252 2.5.0 send it and see\r\n", "", false },
    { "bad paths", IN(LHLO "MAIL FROM:a@b\r\nMAIL FROM:<a@b\r\nMAIL FROM:<a@b>x\r\nMAIL TO:<a@b>\r\nMAIL FROM:<a b@c>\r\n" MAIL
                      "RCPT TO:<>\r\nRCPT TO:<@>\r\nRCPT TO:<support>\r\n"),
      START "501 5.1.7 MAIL FROM:<address> was expected\r\n501 5.1.7 MAIL FROM:<address> was expected\r\n501 5.1.7 MAIL FROM:<address> was expected\r\n"
      "501 5.1.7 MAIL FROM:<address> was expected\r\n501 5.1.7 MAIL FROM:<address> was expected\r\n" R250M
      "501 5.1.3 RCPT TO:<address> was expected\r\n501 5.1.3 RCPT TO:<address> was expected\r\n" R550, "", false },
    { "bare LF, NUL, broken UTF-8 in commands", IN("LHLO c\nNO\0OP\r\nNOOP \xff\r\n\r\nNOOP\r\n"),
      WELCOME "500 5.5.2 lines end with CRLF\r\n500 5.5.2 a command is plain text\r\n500 5.5.2 a command is plain text\r\n"
      "500 5.5.1 unknown command\r\n250 2.0.0 ok\r\n", "", false },
};

static void
check_dialogue(const struct dialogue *d, size_t first, size_t step)
{
    struct world w = { 0 };
    struct buf out = { 0 };
    bool open = converse(&w, d->in, d->len, first, step, &out);

    buf_puts(&w.log, "");
    if (strcmp(out.data, d->out) != 0 || strcmp(w.log.data ? w.log.data : "", d->mails) != 0 || open == d->closed)
        fail_msg("%s (first %zu, step %zu)\n--- said\n%s--- mails\n%s", d->label, first, step, out.data, w.log.data ? w.log.data : "");
    buf_free(&w.log);
    buf_free(&out);
}

static void
test_dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(dialogues); i++) {
        check_dialogue(&dialogues[i], dialogues[i].len, 1);
        check_dialogue(&dialogues[i], 1, 1);
        for (size_t cut = 1; cut < dialogues[i].len; cut++)
            check_dialogue(&dialogues[i], cut, dialogues[i].len);
    }
}

static void
test_sizes(void **state)
{
    static const struct { const char *label; size_t bytes; const char *reply; } rows[] = {
        { "at the limit", 1000, TAKEN }, { "one over", 1001, R552 }, { "far over", 100000, R552 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        for (size_t step = 1; step < 100000; step = step * 7 + 1) {
            struct buf in = { 0 }, out = { 0 }, want = { 0 };
            struct world w = { 0 };

            buf_puts(&in, OPEN);
            for (size_t n = 0; n + 2 < rows[i].bytes; n++)
                buf_putc(&in, 'x');
            buf_puts(&in, "\r\n.\r\nNOOP\r\n");
            buf_printf(&want, "%s%s250 2.0.0 ok\r\n", OPENED, rows[i].reply);
            converse(&w, in.data, in.len, step, step, &out);
            assert_string_equal(out.data, want.data);
            assert_int_equal(w.mails, i == 0);
            buf_free(&in), buf_free(&out), buf_free(&want), buf_free(&w.log);
        }
}

static void
test_long_lines(void **state)
{
    static const struct { size_t len; const char *reply; } rows[] = {
        { 2048, "250 2.0.0 ok\r\n" }, { 2049, "500 5.5.2 the line is too long\r\n" }, { 200000, "500 5.5.2 the line is too long\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        for (size_t step = 1; step < 300000; step = step * 5 + 2) {
            struct buf in = { 0 }, out = { 0 }, want = { 0 };
            struct world w = { 0 };

            buf_puts(&in, "NOOP ");
            while (in.len < rows[i].len - 2)
                buf_putc(&in, 'x');
            buf_puts(&in, "\r\nNOOP\r\n");
            buf_printf(&want, "%s%s250 2.0.0 ok\r\n", WELCOME, rows[i].reply);
            assert_true(converse(&w, in.data, in.len, step, step, &out));
            assert_string_equal(out.data, want.data);
            buf_free(&in), buf_free(&out), buf_free(&want);
        }
}

static void
test_errors_limit(void **state)
{
    struct world w = { 0 };
    struct buf in = { 0 }, out = { 0 };
    unsigned lines = 0;

    (void)state;
    for (int i = 0; i < 40; i++)
        buf_puts(&in, "WHAT\r\n");
    assert_false(converse(&w, in.data, in.len, in.len, 1, &out));
    for (size_t i = 0; i < out.len; i++)
        lines += out.data[i] == '\n';
    assert_int_equal(lines, 1 + LMTP_ERRORS_MAX);
    assert_non_null(strstr(out.data, "421 4.7.0 too many errors\r\n"));
    buf_free(&in), buf_free(&out);
}

static void
test_recipients_limit(void **state)
{
    struct world w = { 0 };
    struct buf in = { 0 }, out = { 0 };
    size_t taken = 0;

    (void)state;
    buf_puts(&in, LHLO MAIL);
    for (int i = 0; i < 1002; i++)
        buf_printf(&in, "RCPT TO:<support+%d@example.com>\r\n", i);
    buf_puts(&in, "DATA\r\nx\r\n.\r\n");
    assert_true(converse(&w, in.data, in.len, 4000, 4000, &out));
    assert_non_null(strstr(out.data, "452 4.5.3 too many recipients, send the rest in another mail\r\n" "452 4.5.3"));
    for (const char *p = out.data; (p = strstr(p, TAKEN)); p++)
        taken++;
    assert_int_equal(taken, 1000);
    assert_int_equal(w.mails, 1);
    buf_free(&in), buf_free(&out), buf_free(&w.log);
}

static void
feed(struct lmtp_session *s, const char *in, struct buf *out)
{
    lmtp_session_input(s, (const uint8_t *)in, strlen(in), out);
}

static void
test_late_answers(void **state)
{
    struct world w = { .late = true };
    struct buf out = { 0 };
    struct lmtp_session *s = session_with(&w, NULL);

    (void)state;
    feed(s, LHLO MAIL RCPT "RCPT TO:<sales@example.com>\r\nDATA\r\none\r\n.\r\n" MAIL RCPT "DATA\r\ntwo\r\n.\r\nNO", &out);
    assert_int_equal(w.n_open, 2);
    assert_true(lmtp_session_waiting(s));
    feed(s, "OP\r\nQUIT\r\n", &out);            /* held */
    assert_false(lmtp_session_closing(s));
    buf_clear(&out);
    lmtp_answer(s, w.open[0].transaction + 7, "support", 250, "2.0.0", "not this one", &out);
    lmtp_answer(s, w.open[0].transaction, "marketing", 250, "2.0.0", "nor this", &out);
    lmtp_answer(s, w.open[1].transaction, w.open[1].desk, 452, "4.3.1", "full", &out);
    lmtp_answer(s, w.open[1].transaction, w.open[1].desk, 250, "2.0.0", "a second answer", &out);
    assert_int_equal(out.len, 0);
    lmtp_answer(s, w.open[0].transaction, w.open[0].desk, 250, "2.6.0", "yes", &out);
    assert_string_equal(out.data, "250 2.6.0 yes\r\n452 4.3.1 full\r\n" R250M R250R R354);
    assert_int_equal(w.n_open, 3);
    assert_true(lmtp_session_waiting(s));
    buf_clear(&out);
    lmtp_answer(s, w.open[2].transaction, w.open[2].desk, 99, "x", "nonsense\r\n250 forged", &out);
    assert_string_equal(out.data, "451 4.3.0 try again later\r\n250 2.0.0 ok\r\n221 2.0.0 goodbye\r\n");
    assert_true(lmtp_session_closing(s));
    lmtp_session_free(&s);
    buf_free(&out), buf_free(&w.log);
}

static void
test_answer_texts(void **state)
{
    static const struct { unsigned code; const char *enhanced, *text, *want; } rows[] = {
        { 550, "5.7.1", "no", "550 5.7.1 no\r\n" },
        { 250, "2.0.0", "a\r\nb\x01\xc3", "250 2.0.0 a??b??\r\n" },
        { 250, "4.0.0", "class", "451 4.3.0 try again later\r\n" },
        { 354, "3.0.0", "class", "451 4.3.0 try again later\r\n" },
        { 250, "2.0.0\r\n", "line", "451 4.3.0 try again later\r\n" },
        { 250, "2.111111111111.0", "long", "451 4.3.0 try again later\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct world w = { .late = true };
        struct buf out = { 0 };
        struct lmtp_session *s = session_with(&w, NULL);

        feed(s, OPEN ".\r\n", &out);
        buf_clear(&out);
        lmtp_answer(s, w.open[0].transaction, w.open[0].desk, rows[i].code, rows[i].enhanced, rows[i].text, &out);
        assert_string_equal(out.data, rows[i].want);
        lmtp_session_free(&s);
        buf_free(&out), buf_free(&w.log);
    }
}

static void
test_held_limit_and_break(void **state)
{
    struct world w = { .late = true };
    struct buf out = { 0 };
    struct lmtp_session *s = session_with(&w, NULL);
    bool open = true;

    (void)state;
    feed(s, OPEN "x\r\n.\r\n", &out);
    for (int i = 0; i < 100 && open; i++) {
        static const uint8_t junk[8192];

        open = lmtp_session_input(s, junk, sizeof junk, &out);
        assert_true(open || (i + 1) * sizeof junk > LMTP_HELD_MAX);
    }
    assert_false(open);
    lmtp_session_free(&s);              /* while an answer is awaited: nothing leaks */
    buf_free(&out), buf_free(&w.log);
}

static void
test_room(void **state)
{
    struct world w = { 0 };
    struct buf out = { 0 };
    int64_t room = 10;
    struct lmtp_session *s = session_with(&w, &room);

    (void)state;
    feed(s, OPEN "12345678\r\n.\r\n", &out);
    assert_int_equal(w.mails, 1);
    assert_int_equal(room, 10);
    buf_clear(&out);
    feed(s, MAIL RCPT "DATA\r\n123456789\r\n.\r\n", &out);
    assert_string_equal(out.data, R250M R250R R354 "452 4.3.1 no room for this mail just now\r\n");
    assert_int_equal(room, 10);
    feed(s, MAIL RCPT "DATA\r\n1234", &out);
    assert_int_equal(room, 6);
    lmtp_session_free(&s);
    assert_int_equal(room, 10);
    buf_free(&out), buf_free(&w.log);
}

static void
test_any_recipient(void **state)
{
    struct world w = { 0 };
    struct buf out = { 0 };

    (void)state;
    setup.has_any_recipient = setup.any_recipient = true;
    struct lmtp_session *s = session_with(&w, NULL);

    feed(s, LHLO MAIL "RCPT TO:<who@ever.example>\r\nRCPT TO:<sales@example.com>\r\nDATA\r\n.\r\n", &out);
    assert_string_equal(w.log.data, "support|a@b.example|who@ever.example,sales@example.com|\n");
    lmtp_session_free(&s);
    setup.has_any_recipient = setup.any_recipient = false;
    buf_free(&out), buf_free(&w.log);
}

/* The same bytes in one portion and in many must give the same; every reply is a reply. */
static void
test_fuzz(void **state)
{
    static const char *const parts[] = { LHLO, MAIL, RCPT, "RCPT TO:<sales@example.com>\r\n", "DATA\r\n", "\r\n", "\n", "\r", ".", "\r\n.\r\n",
        "x", "..", "RSET\r\n", "QUIT\r\n", "NOOP\r\n", "MAIL FROM:<", ">", "SIZE=", " ", "@", "\"", "\\", "\xff", "\xc3\xb6", "RCPT TO:<a@b>\r\n", "123" };
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct world one = { 0 }, many = { 0 };
        struct buf in = { 0 }, out_one = { 0 }, out_many = { 0 };
        unsigned length = (unsigned)(round % 60) + 1;

        if (round % 2)
            buf_puts(&in, OPEN);
        for (unsigned i = 0; i < length; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            if (seed % 11 == 0)
                buf_putc(&in, (char)(seed >> 32));
            else
                buf_puts(&in, parts[(seed >> 20) % countof(parts)]);
        }
        converse(&one, in.data, in.len, in.len, 1, &out_one);
        converse(&many, in.data, in.len, 1 + seed % 7, 1 + (seed >> 8) % 5, &out_many);
        assert_string_equal(out_one.data, out_many.data);
        assert_int_equal(one.mails, many.mails);
        buf_puts(&one.log, ""), buf_puts(&many.log, "");
        if (one.mails)
            assert_string_equal(one.log.data, many.log.data);
        for (const char *p = out_one.data; *p; p = strstr(p, "\r\n") + 2)
            assert_true(p[0] >= '2' && p[0] <= '5' && p[1] >= '0' && p[1] <= '9' && p[2] >= '0' && p[2] <= '9' && strstr(p, "\r\n"));
        buf_free(&in), buf_free(&out_one), buf_free(&out_many), buf_free(&one.log), buf_free(&many.log);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues), cmocka_unit_test(test_sizes), cmocka_unit_test(test_long_lines), cmocka_unit_test(test_errors_limit),
        cmocka_unit_test(test_recipients_limit), cmocka_unit_test(test_late_answers), cmocka_unit_test(test_answer_texts),
        cmocka_unit_test(test_held_limit_and_break), cmocka_unit_test(test_room), cmocka_unit_test(test_any_recipient), cmocka_unit_test(test_fuzz),
    };

    return cmocka_run_group_tests(tests, make_setup, NULL);
}
