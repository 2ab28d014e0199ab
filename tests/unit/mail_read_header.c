/* SPDX-License-Identifier: ISC
 *
 * Header blocks, addresses, encoded words, dates and Message-IDs as they are found in the wild.
 */
#include "mail_read.h"

static void
subjects(void **state)
{
    static const struct { const char *label, *raw, *want; } table[] = {
        {"plain", "Subject: hello", "hello"},
        {"folded", "Subject: one\n two\n\tthree", "one two three"},
        {"empty", "Subject:", ""},
        {"blank before the colon", "Subject : x", "x"},
        {"CRLF", "Subject: x\r\n y\r", "x y"},
        {"Q", "Subject: =?iso-8859-1?Q?Sk=F6n_dag?=", "Skön dag"},
        {"B", "Subject: =?UTF-8?B?U2vDtm4gZGFn?=", "Skön dag"},
        {"lower case letters", "Subject: =?utf-8?b?U2vDtm4=?=", "Skön"},
        {"blanks between words go", "Subject: =?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
        {"blanks beside words stay", "Subject: a =?utf-8?q?b?= c", "a b c"},
        {"padding in the middle", "Subject: =?UTF-8?B?TXlTdXJ2ZXk=?= =?UTF-8?B?LmNvbQ==?= end", "MySurvey.com end"},
        {"a character cut between words", "Subject: =?utf-8?q?=C3?= =?utf-8?q?=A5?=", "å"},
        {"base64 cut between words", "Subject: =?utf-8?b?aGVsb?= =?utf-8?b?G8=?=", "hello"},
        {"blanks inside", "Subject: =?utf-8?q?two words?=", "two words"},
        {"language", "Subject: =?utf-8*sv?q?hej?=", "hej"},
        {"no end", "Subject: =?utf-8?q?cut=20off", "cut off"},
        {"unknown letter stays", "Subject: =?utf-8?x?abc?=", "=?utf-8?x?abc?="},
        {"unknown charset is guessed", "Subject: =?x-nonsense?q?=E5?=", "å"},
        {"a question mark inside", "Subject: =?utf-8?q?really?=20?=", "really?"},
        {"no space around", "Subject: a=?utf-8?q?b?=c", "abc"},
        {"raw utf-8", "Subject: r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s", "räksmörgås"},
        {"raw latin-1", "Subject: r\xe4ksm\xf6rg\xe5s", "räksmörgås"},
        {"raw iso-2022-jp", "Subject: \x1b$B$3$s\x1b(B!", "こん!"},
        {"iso-2022-jp words", "Subject: =?iso-2022-jp?b?GyRCJDMkcxsoQg==?=", "こん"},
        {"gb2312 is gb18030", "Subject: =?gb2312?b?xOO6ww==?=", "你好"},
        {"koi8-r", "Subject: =?koi8-r?q?=F0=F2=E9=F7=E5=F4?=", "ПРИВЕТ"},
        {"big5", "Subject: =?big5?b?p0Gmbg==?=", "你好"},
        {"utf-7", "Subject: =?utf-7?q?+AOU-?=", "å"},
        {"encoded line end", "Subject: =?utf-8?q?a=0D=0AX-Evil:_b?=", "a  X-Evil: b"},
        {"first wins", "Subject: one\nSubject: two", "one"},
        {"a junk line before it", "X-A: b\nthis is no header\nSubject: x", "x"},
        {"an mbox line on top", "From me Mon Jan  1 00:00:00 2024\nSubject: x", "x"},
        {"a byte order mark", "\xef\xbb\xbfSubject: x", "x"},
        {"blank lines on top", "\n\n\nSubject: x", "x"},
        {"absent", "X-A: b", NULL},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "%s\nFrom: a@b.example\n\nbody\n", table[i].raw);
        struct test_mail t = test_parse(b.data), s = test_read(b.data, b.len, NULL, false);
        test_same(table[i].label, t.m->subject, table[i].want);
        test_same(table[i].label, s.m->subject, t.m->subject);
        test_same(table[i].label, t.m->text, "body\n");
        test_done(&t);
        test_done(&s);
        buf_free(&b);
    }
}

static void
addresses(void **state)
{
    static const struct { const char *label, *raw, *want; } table[] = {
        {"bare", "a@b.example", "<a@b.example>"},
        {"name", "A B <a@b.example>", "A B <a@b.example>"},
        {"domain in lower case", "A@B.Example", "<A@b.example>"},
        {"quoted", "\"B, A\" <a@b.example>", "B, A <a@b.example>"},
        {"quoted pairs", "\"A \\\"x\\\" B\" <a@b.example>", "A \"x\" B <a@b.example>"},
        {"comment as name", "a@b.example (A B)", "A B <a@b.example>"},
        {"comments inside", "pete(his account)@silly.example(his host)", "his account his host <pete@silly.example>"},
        {"several", "a@b.example, C <c@d.example>", "<a@b.example>, C <c@d.example>"},
        {"semicolons", "a@b.example; C <c@d.example>;", "<a@b.example>, C <c@d.example>"},
        {"group", "Team: a@b.example, C <c@d.example>;", "<a@b.example>, C <c@d.example>"},
        {"empty group", "undisclosed-recipients:;", ""},
        {"group and more", "T: a@b.example;, c@d.example", "<a@b.example>, <c@d.example>"},
        {"colon in a name", "Foo: Bar <a@b.example>", "Foo: Bar <a@b.example>"},
        {"comma in a name", "Doe, John <j@b.example>", "Doe, John <j@b.example>"},
        {"encoded name", "=?utf-8?q?J=C3=B6rg?= <j@b.example>", "Jörg <j@b.example>"},
        {"encoded in quotes", "\"=?utf-8?q?J=C3=B6rg?=\" <j@b.example>", "Jörg <j@b.example>"},
        {"comma inside an encoded word", "=?utf-8?q?Doe,_J?= <j@b.example>", "Doe, J <j@b.example>"},
        {"raw latin-1 name", "J\xf6rg <j@b.example>", "Jörg <j@b.example>"},
        {"no brackets", "Test test@b.example", "Test <test@b.example>"},
        {"mailto", "<mailto:a@b.example>", "<a@b.example>"},
        {"mailto with more", "<mailto:a@b.example?subject=index%20list> (List)", "List <a@b.example>"},
        {"double brackets", "A <<a@b.example>>", "A <a@b.example>"},
        {"open bracket", "A <a@b.example", "A <a@b.example>"},
        {"open quote", "\"A <a@b.example>", "A <a@b.example>"},
        {"open comment", "A (x <a@b.example>", "A (x <a@b.example>"},
        {"an address as name", "\"a@evil.example\" <a@b.example>", "a@evil.example <a@b.example>"},
        {"source route", "<@x.example:a@b.example>", "<a@b.example>"},
        {"quoted local part", "\"john doe\"@b.example", "<\"john doe\"@b.example>"},
        {"commas missing", "a@b.example c@d.example", "<a@b.example>, <c@d.example>"},
        {"square brackets", "Anna [mailto:a@b.example]", "Anna <a@b.example>"},
        {"blanks around dots before the at-sign", "a . b @ c . example", "<a.b@c.example>"},
        {"IPv6", "a@[IPv6:2001:db8::1]", "<a@[ipv6:2001:db8::1]>"},
        {"all of it inside an encoded word", "=?utf-8?Q?=C3=85sa_<a@b.example>?=", "Åsa <a@b.example>"},
        {"comma in a name, no brackets", "Berg, Anna a@b.example", "Berg, Anna <a@b.example>"},
        {"raw iso-2022-jp with a quote among its bytes", "\"\x1b$B$\"$$\x1b(B\" <a@b.example>", "あい <a@b.example>"},
        {"blanks around dots", "jdoe@test  . example", "<jdoe@test.example>"},
        {"empty brackets", "A <>", ""},
        {"trailing comma", "a@b.example,", "<a@b.example>"},
        {"no address", "nobody", ""},
        {"missing comma", "<a@b.example> <c@d.example>", "<a@b.example>, <c@d.example>"},
        {"utf-8 local part", "\xc3\xa5sa@b.example", "<åsa@b.example>"},
        {"folded", "A\n B <a@b.example>,\n\tc@d.example", "A B <a@b.example>, <c@d.example>"},
        {"control characters", "A\x01\x02" "B <a@b.example>", "A B <a@b.example>"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0}, got = {0};
        buf_printf(&b, "To: %s\n\n", table[i].raw);
        struct test_mail t = test_read(b.data, b.len, NULL, false);
        test_list(&got, t.m->to, t.m->n_to);
        test_same(table[i].label, got.data, table[i].want);
        test_done(&t);
        buf_free(&b);
        buf_free(&got);
    }
}

static void
two_senders_prove_nothing(void **state)
{
    static const struct { const char *label, *raw; unsigned count; } table[] = {
        {"one", "From: a@b.example\n\n", 1}, {"two in one field", "From: a@b.example, c@d.example\n\n", 2},
        {"two fields", "From: a@b.example\nFrom: c@d.example\n\n", 2}, {"none", "To: a@b.example\n\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct test_mail t = test_read(table[i].raw, strlen(table[i].raw), NULL, false);
        if (t.m->from_count != table[i].count)
            fail_msg("%s: %u", table[i].label, t.m->from_count);
        if (t.m->from_count > 0)
            assert_string_equal(t.m->from->addr, "a@b.example");
        test_done(&t);
    }
}

static void
dates(void **state)
{
    static const struct { const char *raw, *want; } table[] = {
        {"Tue, 10 Mar 2026 10:00:00 +0000", "2026-03-10T10:00:00Z"}, {"10 Mar 2026 10:00 +0100", "2026-03-10T09:00:00Z"},
        {"Tue, 10 Mar 26 10:00:00 GMT", "2026-03-10T10:00:00Z"}, {"10 Mar 98 10:00:00 EST", "1998-03-10T15:00:00Z"},
        {"Tue Mar 10 10:00:00 2026", "2026-03-10T10:00:00Z"}, {"Tue Mar 10 10:00:00 CET 2026", "2026-03-10T09:00:00Z"},
        {"2026-03-10T10:00:00+02:00", "2026-03-10T08:00:00Z"}, {"2026-03-10 10:00:00", "2026-03-10T10:00:00Z"},
        {"Tue, 10 Mar 2026 10:00:00 -0800 (PST)", "2026-03-10T18:00:00Z"}, {"Tuesday, 10-Mar-2026 10:00:00 UT", "2026-03-10T10:00:00Z"},
        {"10 Mar 2026 10.00.05 +0000", "2026-03-10T10:00:05Z"}, {"10.3.2026 10:00", "2026-03-10T10:00:00Z"}, {"Mar 10, 2026 3:05 PM", "2026-03-10T15:05:00Z"},
        {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06Z"},
        {"Tue, 10 Mar 2026 10:00:00 GMT+0100", "2026-03-10T09:00:00Z"}, {"Fr, 10 Okt 2025 10:00:00 +0200", "2025-10-10T08:00:00Z"}, {"10 févr. 2026 10:00:00 +0100", "2026-02-10T09:00:00Z"},
        {"mar, 10 ott 2026 10:00:00 +0000", "2026-10-10T10:00:00Z"}, {"3/13/2026 10:00", "2026-03-13T10:00:00Z"}, {"3/10/2026 10:00 AM", "2026-03-10T10:00:00Z"},
        {"20260310T100000Z", "2026-03-10T10:00:00Z"}, {"29 Feb 2024 10:00:00 +0000", "2024-02-29T10:00:00Z"}, {"29 Feb 2023 10:00:00 +0000", NULL}, {"32 Jan 2026 10:00:00 +0000", NULL}, {"10 Mar 2026 25:61:61 +0000", NULL},
        {"10 Mar 99999999999 10:00:00 +0000", NULL}, {"yesterday", NULL}, {"", NULL},
        {"Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-14T03:02:00Z"}, {"Tue, 1 Jul 2003 ((nested) comment \\) of) 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        char text[TIME_TEXT_MAX];
        buf_printf(&b, "Date: %s\n\n", table[i].raw);
        struct test_mail t = test_read(b.data, b.len, NULL, false);
        time_format(t.m->date, text);
        test_same(table[i].raw, t.m->has_date ? text : NULL, table[i].want);
        test_done(&t);
        buf_free(&b);
    }
}

static void
references(void **state)
{
    static const struct { const char *label, *raw, *want; } table[] = {
        {"two", "<a@b> <c@d>", "a@b c@d"}, {"commas", "<a@b>, <c@d>", "a@b c@d"}, {"no blank", "<a@b><c@d>", "a@b c@d"}, {"without brackets", "a@b c@d", "a@b c@d"},
        {"a phrase", "Your message of Monday <a@b>", "a@b"}, {"folded inside", "<a@\n b>", "a@b"}, {"odd characters", "<x==> <c@d>", "x== c@d"},
        {"never closed", "<a@b> <c@d", "a@b"}, {"junk before", "<junk <a@b>", "a@b"}, {"nothing", "hello", ""},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0}, got = {0};
        buf_printf(&b, "References: %s\n\n", table[i].raw);
        struct test_mail t = test_read(b.data, b.len, NULL, false);
        buf_puts(&got, "");
        for (size_t k = 0; k < t.m->n_references; k++)
            buf_printf(&got, "%s%s", k > 0 ? " " : "", t.m->references[k]);
        test_same(table[i].label, got.data, table[i].want);
        test_done(&t);
        buf_free(&b);
        buf_free(&got);
    }
}

/* Raw 8-bit text in a header is read with the charset that the body names, be it in a part; one that does not keep ASCII is none for it. */
static void
body_names_the_charset(void **state)
{
    static const struct { const char *label, *mail, *subject; } table[] = {
        {"of the whole", "From: a@b.example\nSubject: \xf0\xf2\xe9\nContent-Type: text/plain; charset=koi8-r\n\nx\n", "ПРИ"},
        {"of a part", "From: a@b.example\nSubject: \xf0\xf2\xe9\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=\"koi8-r\"\n\nx\n--b--\n", "ПРИ"},
        {"UTF-16", "From: a@b.example\nSubject: abc\nContent-Type: text/plain; charset=utf-16\n\nx\n", "abc"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct test_mail t = test_parse(table[i].mail);
        test_same(table[i].label, t.m->subject, table[i].subject);
        test_same(table[i].label, t.m->from == NULL ? NULL : t.m->from->addr, "a@b.example");
        test_done(&t);
    }
}

static void
envelope_fields(void **state)
{
    struct test_mail t = test_parse("Return-Path: <>\nDelivered-To: a@b.example\nX-Original-To: c@d.example\nMessage-ID: <x@y>\nFrom: q@r.example\n\n");

    (void)state;
    assert_string_equal(t.m->return_path, "");
    assert_int_equal(t.m->n_delivered_to, 2);
    assert_string_equal(t.m->delivered_to[1]->addr, "c@d.example");
    assert_string_equal(t.m->message_id, "x@y");
    assert_false(t.m->machine->answerable);
    test_done(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects), cmocka_unit_test(addresses), cmocka_unit_test(two_senders_prove_nothing), cmocka_unit_test(dates),
        cmocka_unit_test(references), cmocka_unit_test(body_names_the_charset), cmocka_unit_test(envelope_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
