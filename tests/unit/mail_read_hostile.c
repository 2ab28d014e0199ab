/* SPDX-License-Identifier: ISC
 *
 * Mails written to harm: every one gives a message, within the limits, and in work that grows with its size only. The sizes are such
 * that anything quadratic would not end within a test run.
 */
#include "mail_read.h"

#define TOP "From: a@b.example\nSubject: x\nMIME-Version: 1.0\n"
#define HTML TOP "Content-Type: text/html\n\n"

static void
repeated(void **state)
{
    static const struct { const char *label, *begin, *again, *end; unsigned times; const char *warning; } table[] = {
        {"one byte", "x", "", "", 0, NULL},
        {"empty", "", "", "", 0, "the mail is empty"},
        {"line ends", "", "\n", "", 1000, NULL},
        {"CR", "", "\r", "x", 1000, "CR alone"},
        {"a header line of 1 MiB", "From: a@b.example\nX-Long: ", "0123456789abcdef", "\nSubject: x\n\nbody\n", 65536, "cut at 65536"},
        {"a header of folds", "From: a@b.example\nX-Long: ", "a\n ", "\n\nbody\n", 500000, "cut at 65536"},
        {"headers", "From: a@b.example\n", "X-A: b\n", "\nbody\n", 100000, "more than 1000 headers"},
        {"junk lines in the header", "From: a@b.example\n", "junk\nX-A: b\n", "\nx", 50000, "no header field"},
        {"parts", TOP "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nhello\n", "--b--\n", 10000, "more than 500 parts"},
        {"multiparts in each other", TOP, "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "\nx\n", 10000, "in each other"},
        {"messages in each other", TOP, "Content-Type: message/rfc822\n\n", "x\n", 100000, NULL},
        {"boundary-like lines", TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n", "--b x\n", "", 500000, "not closed"},
        {"dashes", TOP "\n", "--\n", "", 500000, NULL},
        {"parameters", TOP "Content-Type: text/plain", "; a=b", "\n\nx", 12000, "parameters"},
        {"groups in groups", "From: ", "a:", "\n\nx", 30000, NULL},
        {"open brackets", "From: ", "<", "\n\nx", 60000, NULL},
        {"open comments", "From: ", "(", "\n\nx", 60000, NULL},
        {"open quotes", "From: ", "\"", "\n\nx", 60000, NULL},
        {"addresses", "From: ", "a@b.c,", "\n\nx", 10000, "addresses"},
        {"encoded words", "From: a@b.example\nSubject: ", "=?utf-8?b?aGVsbG8=?= ", "\n\nx", 200000, "cut at"},
        {"words without end", "From: a@b.example\nSubject: ", "=?utf-8?q?", "\n\nx", 6000, NULL},
        {"prefixes", "From: a@b.example\nSubject: ", "Re: ", "\n\nx", 15000, NULL},
        {"open authentication comments", "Authentication-Results: ", "(", "\nFrom: a@b.example\n\nx", 60000, NULL},
        {"authentication results", "Authentication-Results: x", ";a=b", "\nFrom: a@b.example\n\nx", 16000, NULL},
        {"greater-than signs", TOP "\n", ">>>>>>>>", "\n", 640000, "cut at"},
        {"quoted lines", TOP "\n", "> a\n", "", 1000000, NULL},
        {"attributions", TOP "\n", "On 10:00 x wrote\n", "", 60000, NULL},
        {"announcements", TOP "\n", "On 10 Mar 2026 at 10:00 my x wrote:\n", "", 100000, NULL},
        {"announcements to be", TOP "\n", "On 10 Mar 2026 at 10:00 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa <x@y>\n", "", 50000, NULL},
        {"signatures", TOP "\n", "-- \nFrom: x\n", "", 300000, NULL},
        {"telephones", TOP "\n", "\nSent from my iPhone\n\nx\n", "", 100000, NULL},
        {"footers", TOP "\n", "____________________\n\n", "", 150000, NULL},
        {"lawyers", TOP "\n", "confidential intended recipient confidential intended recipient confidential\n", "", 50000, NULL},
        {"armour", TOP "\n", "-----BEGIN PGP SIGNED MESSAGE-----\n", "", 100000, NULL},
        {"forwards in marks", HTML, "<div class=gmail_attr>---------- Forwarded message ---------<br></div>", "", 50000, NULL},
        {"indents", HTML, "<blockquote>a", "", 200000, NULL},
        {"cells", HTML, "<td><p>a</p></td>", "", 200000, NULL},
        {"ends of comments", HTML, "<!--x--!x", "", 400000, NULL},
        {"addresses that are tags", HTML, "<a@b ", "", 700000, NULL},
        {"open entities", HTML, "&aaaaaaa", "", 300000, NULL},
        {"blanks around dots", "From: ", ". ", "@x\n\nx", 30000, NULL},
        {"addresses without commas", "From: ", "a@b ", "\n\nx", 16000, NULL},
        {"quotes in a parameter", "From: a@b.example\nContent-Type: text/plain; x=\"", "\" a=", "\n\nx", 15000, NULL},
        {"labels", TOP "\n", "From: a@b.c:\n", "", 60000, NULL},
        {"div", HTML, "<div>", "x", 1000000, NULL},
        {"less-than signs", HTML, "<", "x", 1000000, NULL},
        {"attributes", HTML "<a ", "a=1 ", ">x", 300000, NULL},
        {"open attribute values", HTML, "<a b=\"", "x", 300000, NULL},
        {"open comments in HTML", HTML, "<!--", "x", 500000, NULL},
        {"marked quotes", HTML, "<blockquote type=cite>x", "", 100000, NULL},
        {"links", HTML, "<a href=http://x.y/z>x", "", 100000, NULL},
        {"tables", HTML, "<table><tr><td>", "x", 100000, NULL},
        {"uuencode without end", TOP "\n", "begin 644 a\n", "", 300000, NULL},
        {"uuencoded files", TOP "\n", "begin 644 a\n#86)C\nend\n", "", 50000, NULL},
        {"case numbers", TOP "\n", "CAS-12345-ABCD ", "", 100000, NULL},
        {"recipients of a report", "From: mailer-daemon@x.y\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n", "Final-Recipient: rfc822;a@b.c\nAction: failed\n\n", "--b--\n", 50000, NULL},
        {"at-signs in a bounce", "From: mailer-daemon@x.y\nSubject: failure notice\n\n", "a@ ", "", 500000, NULL},
        {"8-bit", "From: a@b.example\n\n", "\xff\xfe\xe5", "", 500000, NULL},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_puts(&b, table[i].begin);
        for (unsigned k = 0; k < table[i].times; k++)
            buf_puts(&b, table[i].again);
        buf_puts(&b, table[i].end);
        struct test_mail t = test_read(b.data, b.len, "x", true);
        if (table[i].warning != NULL && !test_warned(t.m, table[i].warning))
            fail_msg("%s: no warning of \"%s\"", table[i].label, table[i].warning);
        assert_non_null(t.m->text);
        assert_non_null(t.m->reply_text);
        if (!utf8_valid(t.m->text, strlen(t.m->text)) || t.m->n_attachments > 500 || strlen(t.m->text) > mail_limits_default.text)
            fail_msg("%s: past a limit", table[i].label);
        test_done(&t);
        buf_free(&b);
    }
}

static void
nul_bytes(void **state)
{
    static const char mail[] = "Fr\0om: a@b.example\nSubject: a\0b\nFrom: c@d.example\n\none\0two\n";
    struct test_mail t = test_read(mail, sizeof mail - 1, NULL, true);

    (void)state;
    assert_string_equal(t.m->subject, "ab");
    assert_string_equal(t.m->from->addr, "c@d.example");
    assert_string_equal(t.m->text, "onetwo\n");
    test_done(&t);
}

/* A good mail with any part of it missing or any byte changed still gives a message. */
static void
damaged(void **state)
{
    static const char mail[] = "Return-Path: <>\r\nReceived: from x (y) by mx.example\r\nAuthentication-Results: x; dkim=pass (\"a\") header.d=b.example\r\n"
        "From: \"A =?utf-8?q?=C3=A5?=\" <a@b.example>, g: x@y;\r\nTo: (c) d@e.example; f\r\nSubject: =?iso-2022-jp?b?GyRCJDMkcxsoQg==?= [CAS-00001-AAAA]\r\n"
        "Date: Tue, 10 Mar 2026 10:00:00 +0100 (CET)\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
        "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p class=\"gmail_attr\">x</p><blockquote type=cite>&#150;&amp;<a href='http://x'>y</a></blockquote>\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;u@h.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: text/plain; format=flowed; name*0*=utf-8''%C3; name*1*=%A5\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n> a =\r\n=C3=A5\r\n--b--\r\n";
    static const char bytes[] = {0, '\n', '\r', '"', '<', '(', '=', '-', ';', (char)0xff, 0x1b};
    char copy[sizeof mail];

    (void)state;
    for (size_t i = 0; i < sizeof mail; i++) {
        struct test_mail t = test_read(mail, i, "x", true);
        assert_non_null(t.m->text);
        test_done(&t);
        for (size_t k = 0; k < countof(bytes); k++) {
            memcpy(copy, mail, sizeof mail);
            copy[i] = bytes[k];
            t = test_read(copy, sizeof mail - 1, "x", true);
            assert_true(utf8_valid(t.m->text, strlen(t.m->text)));
            test_done(&t);
        }
    }
}

static void
too_large(void **state)
{
    struct mail_options o = {.limits = mail_limits_default};
    struct arena *a = arena_new(0);
    static const char mail[] = "From: a@b.example\nSubject: x\n\nhello\n";

    (void)state;
    o.limits.mail = 10;
    Td__Message *m = mail_parse((const uint8_t *)mail, sizeof mail - 1, &o, a);
    assert_true(m->has_unparsed && m->unparsed);
    assert_string_equal(m->from->addr, "a@b.example");
    assert_string_equal(m->subject, "x");
    assert_true(test_warned(m, "larger than 10 bytes"));
    o.limits.mail = 1000;
    o.limits.text = 3;
    m = mail_parse((const uint8_t *)mail, sizeof mail - 1, &o, a);
    assert_string_equal(m->text, "hel");
    assert_true(test_warned(m, "cut at 3"));
    arena_free(&a);
}

/* What comes before the limit of parts is read as ever. */
static void
too_many_parts(void **state)
{
    static const struct { const char *label, *again; unsigned times; } table[] = {
        {"parts", "--b\n\nhello\n", 600}, {"multiparts", "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nhello\n--c--\n", 600},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        unsigned n = 0;
        buf_puts(&b, TOP "Content-Type: multipart/mixed; boundary=b\n\n");
        for (unsigned k = 0; k < table[i].times; k++)
            buf_puts(&b, table[i].again);
        buf_puts(&b, "--b--\n");
        struct test_mail t = test_read(b.data, b.len, NULL, true);
        assert_true(test_warned(t.m, "more than 500 parts"));
        assert_null(strstr(t.m->text, "--b"));
        for (const char *s = t.m->text; (s = strstr(s, "hello")) != NULL; s++)
            n++;
        if (n < 498 || n > 500)
            fail_msg("%s: %u parts are shown", table[i].label, n);
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated), cmocka_unit_test(nul_bytes), cmocka_unit_test(damaged), cmocka_unit_test(too_large), cmocka_unit_test(too_many_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
