/* SPDX-License-Identifier: ISC
 *
 * How a conversation with a relay becomes an outcome.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/deliver/smtp.h"

#include <stdio.h>
#include <string.h>

/* ">" a command, "<" a reply line, "." the last byte of the letter was given away. */
static const struct talk_row {
    const char *label, *lines[16];
    bool ok, need_utf8;
    unsigned code; bool unknown, auth; const char *text;
} talks[] = {
#define HELLO "<220 hi", ">EHLO x", "<250-relay", "<250 SIZE"
#define ENVELOPE HELLO, ">MAIL FROM:<a>", "<250 ok", ">RCPT TO:<b>", "<250 ok", ">DATA", "<354 go"
    { "taken", { ENVELOPE, ".", "<250 2.0.0 queued as 7" }, true, false, 250, false, false, "250 2.0.0 queued as 7" },
    { "taken, QUIT after", { ENVELOPE, ".", "<250 2.0.0 queued", ">QUIT", "<221 bye" }, true, false, 250, false, false, "250 2.0.0 queued" },
    { "connect", { 0 }, false, false, 0, false, false, "E" },
    { "greeting 554", { "<554 go away", "<221 bye" }, false, false, 0, false, false, "554 go away" },
    { "greeting 421", { "<421 busy" }, false, false, 421, false, false, "421 busy" },
    { "EHLO 550", { "<220 hi", ">EHLO x", "<550 no" }, false, false, 0, false, false, "550 no" },
    { "EHLO 550, QUIT", { "<220 hi", ">EHLO x", "<550 no", ">QUIT", "<221 bye" }, false, false, 0, false, false, "550 no" },
    { "login 454, QUIT", { HELLO, ">AUTH PLAIN", "<454 later", ">QUIT", "<221 bye" }, false, false, 454, false, true, "454 later" },
    { "login 535", { HELLO, ">AUTH PLAIN", "<535-5.7.8 wrong", "<535 5.7.8 really" }, false, false, 535, false, true, "535 5.7.8 wrong 5.7.8 really" },
    { "login 454", { HELLO, ">AUTH PLAIN", "<454 4.7.0 later" }, false, false, 454, false, true, "454 4.7.0 later" },
    { "MAIL 530", { HELLO, ">MAIL FROM:<a>", "<530 5.7.0 log in" }, false, false, 530, false, true, "530 5.7.0 log in" },
    { "MAIL 550", { HELLO, ">MAIL FROM:<a>", "<550 5.7.1 not you", "<221 bye" }, false, false, 550, false, false, "550 5.7.1 not you" },
    { "RCPT 451", { HELLO, ">MAIL FROM:<a>", "<250 ok", ">RCPT TO:<b>", "<451 4.2.0 grey" }, false, false, 451, false, false, "451 4.2.0 grey" },
    { "RCPT 550", { HELLO, ">MAIL FROM:<a>", "<250 ok", ">RCPT TO:<b>", "<550-5.1.1 no", "<550 5.1.1 body", ">QUIT", "<221 2.0.0 bye" },
      false, false, 550, false, false, "550 5.1.1 no 5.1.1 body" },
    { "lost after RCPT", { HELLO, ">MAIL FROM:<a>", "<250 ok", ">RCPT TO:<b>" }, false, false, 0, false, false, "E" },
    { "lost in a reply", { HELLO, ">MAIL FROM:<a>", "<550-5.7.1 not" }, false, false, 0, false, false, "E" },
    { "DATA 554", { HELLO, ">MAIL FROM:<a>", "<250 ok", ">RCPT TO:<b>", "<250 ok", ">DATA", "<554 5.7.1 no" }, false, false, 554, false, false, "554 5.7.1 no" },
    { "dot 554", { ENVELOPE, ".", "<554 5.6.0 spam" }, false, false, 554, false, false, "554 5.6.0 spam" },
    { "dot 452", { ENVELOPE, ".", "<452 4.3.1 full" }, false, false, 452, false, false, "452 4.3.1 full" },
    { "lost before the dot", { ENVELOPE }, false, false, 0, false, false, "E" },
    { "lost after the dot", { ENVELOPE, "." }, false, false, 0, true, false, "E" },
    { "words in the letter", { ENVELOPE, ">RCPT TO:<x>", "." }, false, false, 0, true, false, "E" },
    { "no SMTPUTF8", { HELLO, ">MAIL FROM:<a>", "!250 ok" }, false, true, 553, false, false, "553 5.6.7 the relay takes no address outside ASCII (no SMTPUTF8)" },
    { "SMTPUTF8", { "<220 hi", ">EHLO x", "<250-relay", "<250-smtputf8", "<250 SIZE", ">MAIL FROM:<a> SMTPUTF8", "<250 ok", ">RCPT TO:<b>", "<250 ok",
                    ">DATA", "<354 go", ".", "<250 yes" }, true, true, 250, false, false, "250 yes" },
    { "SMTPUTF8 before TLS only", { "<220 hi", ">EHLO x", "<250 SMTPUTF8", ">STARTTLS", "<220 go", ">EHLO x", "<250 SIZE", ">MAIL FROM:<a>", "!250 ok" },
      false, true, 553, false, false, "553 5.6.7 the relay takes no address outside ASCII (no SMTPUTF8)" },
    { "odd bytes", { HELLO, ">MAIL FROM:<a>", "<550 a\tb\xff\x1b[31m" }, false, false, 550, false, false, "550 a?b??[31m" },
    { "no reply at all", { HELLO, ">MAIL FROM:<a>", "<", "<5", "<abc", "<999 x", "<000" }, false, false, 0, false, false, "E" },
};

static void
test_talk(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(talks); i++) {
        const struct talk_row *r = &talks[i];
        struct smtp_talk t = { 0 };
        Td__SendOutcome o = TD__SEND_OUTCOME__INIT;

        smtp_talk_start(&t, r->need_utf8);
        for (size_t k = 0; k < countof(r->lines) && r->lines[k]; k++) {
            char line[128];
            int n = snprintf(line, sizeof line, "%s\r\n", r->lines[k] + 1);

            if (*r->lines[k] == '>')
                smtp_talk_command(&t, line, (size_t)n);
            else if (*r->lines[k] == '.')
                t.body_read = true;
            else if (smtp_talk_reply(&t, line, (size_t)n) != (*r->lines[k] == '<'))
                fail_msg("%s: broken off at %s", r->label, line);
        }
        smtp_talk_outcome(&t, &(struct smtp_end){ r->ok, "E" }, &o);
        if (o.code != r->code || o.unknown != r->unknown || (o.has_auth_failed && o.auth_failed) != r->auth || strcmp(o.text, r->text) != 0)
            fail_msg("%s: code %u unknown %d auth %d text %s", r->label, o.code, o.unknown, o.auth_failed, o.text);
    }
}

static void
test_talk_is_bounded(void **state)
{
    struct smtp_talk t = { 0 };
    char line[600] = "550-";

    (void)state;
    memset(line + 4, 'x', sizeof line - 4);
    smtp_talk_start(&t, false);
    for (int i = 0; i < 10000; i++)
        smtp_talk_reply(&t, line, sizeof line);
    assert_int_equal(strlen(t.text), SMTP_TEXT_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk), cmocka_unit_test(test_talk_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
