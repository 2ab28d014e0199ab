/* SPDX-License-Identifier: ISC
 *
 * Trees, transfer encodings, charsets, HTML, attachments, attached files inside files.
 */
#include "mail_read.h"

#define TOP "From: a@b.example\nMIME-Version: 1.0\n"

static void
texts(void **state)
{
    static const struct { const char *label, *mail, *want; } table[] = {
        {"plain", TOP "\nhello\n", "hello\n"},
        {"CRLF", TOP "\r\nhello\r\nyou\r\n", "hello\nyou\n"},
        {"nothing", TOP "\n", ""},
        {"no end of line", TOP "\nhello", "hello"},
        {"quoted-printable", TOP "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nr=C3=A4k=\nsm=C3=B6rg=C3=A5s =ZZ\n", "räksmörgås =ZZ\n"},
        {"base64", TOP "Content-Transfer-Encoding: base64\n\naGVsbG8K\n", "hello\n"},
        {"base64 in pieces", TOP "Content-Transfer-Encoding: base64\n\naGVsbG8=\nIHlvdQ==\n", "hello you"},
        {"unknown encoding", TOP "Content-Transfer-Encoding: plain\n\nhello\n", "hello\n"},
        {"latin-1", TOP "Content-Type: text/plain; charset=iso-8859-1\n\n\xe5\xe4\xf6 \x80\n", "åäö €\n"},
        {"utf-8 under a wrong label", TOP "Content-Type: text/plain; charset=iso-8859-1\n\n\xc3\xa5\xc3\xa4 \xe2\x82\xac\n", "åä €\n"},
        {"no label, utf-8", TOP "\n\xc3\xa5\n", "å\n"},
        {"no label, windows", TOP "\n\xe5\n", "å\n"},
        {"iso-2022-jp", TOP "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\x1b(B\n", "こん\n"},
        {"iso-2022-jp without label", TOP "\n\x1b$B$3$s\x1b(B\n", "こん\n"},
        {"half-width katakana", TOP "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b(I12\x1b(B\n", "ｱｲ\n"},
        {"hz", TOP "Content-Type: text/plain; charset=hz-gb-2312\n\n~{Dc:C~} x\n", "你好 x\n"},
        {"utf-7", TOP "Content-Type: text/plain; charset=utf-7\n\n+AOU-\n", "å\n"},
        {"gb18030", TOP "Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3\xba\xc3\xc4\xe3\xba\xc3\n", "你好你好\n"},
        {"broken utf-8", TOP "Content-Type: text/plain; charset=utf-8\n\n\xc3\xa5\xc3\xa5\xc3\xa5 \xff\n", "ååå \xef\xbf\xbd\n"},
        {"marks of ours are no text", TOP "Content-Type: text/plain; charset=utf-8\n\na\xef\xb7\x92" "b\n", "a\xef\xbf\xbd" "b\n"},
        {"alternative", TOP "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>html\n--b--\n", "plain"},
        {"alternative, plain is empty", TOP "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>html\n--b--\n", "html\n"},
        {"mixed", TOP "Content-Type: multipart/mixed; boundary=\"b c\"\n\n--b c\n\none\n--b c\n\ntwo\n--b c--\n", "one\ntwo"},
        {"not closed", TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n-- \nsig", "one\n-- \nsig"},
        {"boundary never comes", TOP "Content-Type: multipart/mixed; boundary=b\n\nall of this\n", "all of this"},
        {"boundary not named", TOP "Content-Type: multipart/mixed\n\n--b42\n\none\n--b42--\n", "one"},
        {"another boundary than named", TOP "Content-Type: multipart/mixed; boundary=x\n\n--yyy\nContent-Type: text/plain\n\none\n--yyy--\n", "one"},
        {"prefix boundary", TOP "Content-Type: multipart/mixed; boundary=b1\n\n--b1\n\none\n--b10\ntwo\n--b1--\n", "one\n--b10\ntwo"},
        {"no blank line before the next boundary", TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\ntwo\n--b--\n", "two"},
        {"boundary of one quote", TOP "Content-Type: multipart/mixed; boundary=\"\\\"\"\n\n--\"\n\none\n--\"--\n", "one"},
        {"flowed", TOP "Content-Type: text/plain; format=flowed\n\none \ntwo\n> q \n> r\n-- \nme\n", "one two\n> q r\n-- \nme\n"},
        {"flowed, delsp", TOP "Content-Type: text/plain; format=flowed; delsp=yes\n\none \ntwo\n", "onetwo\n"},
        {"html", TOP "Content-Type: text/html\n\n<html><head><title>t</title><style>p{}</style></head><body><p>one&nbsp;two</p><p>three<br>four</body></html>after\n", "one two\n\nthree\nfour\nafter\n"},
        {"html: links", TOP "Content-Type: text/html\n\n<a href=\"https://x.example/a\">here</a> <a href=\"https://x.example/\">https://x.example/</a>\n", "here <https://x.example/a> https://x.example/\n"},
        {"html: lists", TOP "Content-Type: text/html\n\n<ul><li>a<li>b</ul><ol><li>c<li>d</ol>\n", "- a\n- b\n1. c\n2. d\n"},
        {"html: rows", TOP "Content-Type: text/html\n\n<table><tr><td>a<td>b<tr><td>c<td>d</table>\n", "a  b\nc  d\n"},
        {"html: image", TOP "Content-Type: text/html\n\nsee <img src=x alt=\"the graph\"> now\n", "see the graph now\n"},
        {"html: hidden", TOP "Content-Type: text/html\n\na<div style=\"display: none\">b<script>c</script></div><span hidden>d</span>e\n", "a\n\ne\n"},
        {"html: old numbers", TOP "Content-Type: text/html\n\n&#150;&#x96;&#8364;\n", "––€\n"},
        {"html: comment without end", TOP "Content-Type: text/html\n\na<!-- b\n", "a b\n"},
        {"html: conditional comments", TOP "Content-Type: text/html\n\n<!--[if mso]>x<![endif]-->a<![if !mso]>b<![endif]>\n", "ab\n"},
        {"html: charset of its own", TOP "Content-Type: text/html\n\n<meta charset=koi8-r>\xf0\xf2\xe9\n", "ПРИ\n"},
        {"html: less-than sign", TOP "Content-Type: text/html\n\n1 < 2\n", "1 < 2\n"},
        {"html: pre", TOP "Content-Type: text/html\n\n<pre>a\n  b</pre>\n", "a\n  b\n"},
        {"html: a cell of one line", TOP "Content-Type: text/html\n\n<table><tr><td><p>a</p></td><td><div>b</div></td></tr></table>\n", "a  b\n"},
        {"html: a paragraph in an item", TOP "Content-Type: text/html\n\n<ul><li><p>a</p></li><li>b</li></ul>\n", "- a\n\n- b\n"},
        {"html: numbers of a list", TOP "Content-Type: text/html\n\n<ol start=5><li>a<li value=9>b<li>c</ol>\n", "5. a\n9. b\n10. c\n"},
        {"html: link around a block", TOP "Content-Type: text/html\n\n<a href=\"https://x.example/\"><div>Shop</div></a>b\n", "Shop <https://x.example/>\nb\n"},
        {"html: links that say where they go", TOP "Content-Type: text/html\n\n<a href=\"MAILTO:a@x.example?subject=s\">A@x.example</a> <a href=\"tel:+46812\">+46 8 12</a> <a href=\"http://x.example/a\">x.example/a</a>\n", "A@x.example +46 8 12 x.example/a\n"},
        {"html: a link that says otherwise", TOP "Content-Type: text/html\n\n<a href=\"https://evil.example/\">bank.example</a>\n", "bank.example <https://evil.example/>\n"},
        {"html: an address left between angle brackets", TOP "Content-Type: text/html\n\nBob <bob@x.example> at <https://x.example/>\n", "Bob <bob@x.example> at <https://x.example/>\n"},
        {"html: entities without end, halves of characters", TOP "Content-Type: text/html\n\n&copy 2026 &amp b &foo; &#55357;&#56832; &#xD800;\n", "© 2026 & b &foo; 😀 \xef\xbf\xbd\n"},
        {"html: ends of comments", TOP "Content-Type: text/html\n\na<!-->b<!-- x --!>c<!-- y -->d\n", "abcd\n"},
        {"html: hidden by size", TOP "Content-Type: text/html\n\n<div style=\"max-height:0px;overflow:hidden\">x</div><span style=\"font-size:0\">y</span><div style=\"opacity:0.9\">a</div>\n", "a\n"},
        {"html: kept line ends", TOP "Content-Type: text/html\n\n<div style=\"white-space: pre-wrap\">a\n  b</div><pre>\nc</pre>\n", "a\n  b\n\nc\n"},
        {"type in quotes", TOP "Content-Type: \"text/html\"\n\n<b>x</b>\n", "x\n"},
        {"type with blanks", TOP "Content-Type: text / html; charset=utf-8\n\n<b>x</b>\n", "x\n"},
        {"comma behind the type", TOP "Content-Type: text/plain, charset=utf-8\n\nå\n", "å\n"},
        {"no type at all", TOP "Content-Type: this is none\n\nhello\n", "hello\n"},
        {"an encoding in quotes", TOP "Content-Transfer-Encoding: \"base64\"\n\naGVsbG8K\n", "hello\n"},
        {"an encoding's other names", TOP "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted_printable\n\n=C3=A5\n", "å\n"},
        {"not base64 after all", TOP "Content-Transfer-Encoding: base64\n\nHello there, this is plain.\n", "Hello there, this is plain.\n"},
        {"UTF-16 by its mark", TOP "Content-Transfer-Encoding: base64\n\n//5hAGIA\n", "ab"},
        {"UTF-16, big end first", TOP "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\nAGEAYg==\n", "ab"},
        {"the whole is markdown", TOP "Content-Type: text/markdown\n\n# a\n", "# a\n"},
        {"enriched", TOP "Content-Type: text/enriched\n\n<bold>a</bold> << b\n", "a < b\n"},
        {"uuencode leaves the text", TOP "\nsee\nbegin 644 a.txt\n#86)C\n`\nend\nafter\n", "see\nafter\n"},
        {"begin without end is text", TOP "\nbegin 644 a.txt\nhello there\n", "begin 644 a.txt\nhello there\n"},
        {"yEnc is text", TOP "\n=ybegin line=128 size=3 name=a\nabc\n=yend\n", "=ybegin line=128 size=3 name=a\nabc\n=yend\n"},
        {"no blank line before the body", "From: a@b.example\nhello there\nyou\n", "hello there\nyou\n"},
        {"CR alone", "From: a@b.example\r\rhello\r", "hello\n"},
        {"only an attachment", TOP "Content-Type: application/pdf\n\nx", ""},
        {"an attached message is not read", TOP "Content-Type: message/rfc822\n\nFrom: x@y\n\nhello\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct test_mail t = test_parse(table[i].mail);
        test_same(table[i].label, t.m->text, table[i].want);
        test_done(&t);
    }
}

static void
attachments(void **state)
{
    static const struct { const char *label, *header, *want; } table[] = {
        {"plain name", "Content-Type: application/pdf; name=a.pdf", "a.pdf application/pdf 3 -"},
        {"disposition wins", "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=b.pdf", "b.pdf application/pdf 3 -"},
        {"no quotes, blanks", "Content-Type: application/pdf\nContent-Disposition: attachment; filename=my file.pdf", "my file.pdf application/pdf 3 -"},
        {"RFC 2047", "Content-Type: application/pdf; name=\"=?utf-8?q?r=C3=A4k.pdf?=\"", "räk.pdf application/pdf 3 -"},
        {"RFC 2047 without quotes", "Content-Disposition: attachment; filename==?utf-8?b?csOkay5wZGY=?=\nContent-Type: application/pdf", "räk.pdf application/pdf 3 -"},
        {"RFC 2231", "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''r%C3%A4k.pdf", "räk.pdf application/pdf 3 -"},
        {"RFC 2231 in pieces, out of order", "Content-Type: a/b\nContent-Disposition: attachment; filename*1=\"k.pdf\"; filename*0*=iso-8859-1''r%E4", "räk.pdf a/b 3 -"},
        {"2231 before the plain one", "Content-Type: a/b\nContent-Disposition: attachment; filename=\"r?k\"; filename*=utf-8''r%C3%A4k", "räk a/b 3 -"},
        {"raw 8-bit", "Content-Type: a/b; name=\"r\xe4k\"", "räk a/b 3 -"},
        {"harmful", "Content-Type: a/b; name=\"../a\\\\b\xe2\x80\xae" "c\"", ".._a_b_c a/b 3 -"},
        {"none is invented", "Content-Type: IMAGE/PNG", "(none) image/png 3 -"},
        {"empty name", "Content-Type: a/b; name=\"\"", "(none) a/b 3 -"},
        {"quotes inside", "Content-Type: a/b\nContent-Disposition: attachment; filename=\"a \"b\" c.pdf\"", "a \"b\" c.pdf a/b 3 -"},
        {"a missing semicolon", "Content-Type: a/b\nContent-Disposition: attachment; filename=\"a.pdf\" size=3", "a.pdf a/b 3 -"},
        {"a missing word", "Content-Type: a/b\nContent-Disposition: filename=\"a.pdf\"", "a.pdf a/b 3 -"},
        {"inline", "Content-Type: image/png\nContent-Disposition: inline\nContent-ID: <i@x>", "(none) image/png 3 i"},
        {"text with a name", "Content-Type: text/plain; name=a.txt", "a.txt text/plain 3 -"},
        {"text as attachment", "Content-Type: text/plain\nContent-Disposition: attachment", "(none) text/plain 3 -"},
        {"calendar", "Content-Type: text/calendar; method=REQUEST", "(none) text/calendar 3 -"},
        {"nonsense type", "Content-Type: ;;;=", "text"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        char got[300] = "text";
        buf_printf(&b, "From: a@b.example\n%s\n\nabc", table[i].header);
        struct test_mail t = test_parse(b.data);
        if (t.m->n_attachments > 0) {
            const Td__Attachment *f = t.m->attachments[0];
            struct buf x = {0};
            snprintf(got, sizeof got, "%s %s %u %s", f->name == NULL ? "(none)" : f->name, f->type, (unsigned)f->size, f->inline_ ? "i" : "-");
            assert_true(mail_extract((const uint8_t *)b.data, b.len, f->part, &mail_limits_default, &x));
            test_same(table[i].label, x.data, "abc");
            assert_int_equal(f->sha256.len, 32);
            buf_free(&x);
        }
        test_same(table[i].label, got, table[i].want);
        test_done(&t);
        buf_free(&b);
    }
}

static void
attached_message_is_one(void **state)
{
    static const char mail[] = TOP "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        "RnJvbTogeEB5LmV4YW1wbGUKU3ViamVjdDogaW5uZXIKCmhlbGxvCg==\n--b--\n";
    struct test_mail t = test_parse(mail);

    (void)state;
    assert_int_equal(t.m->n_attachments, 1);
    assert_int_equal(t.m->attachments[0]->size, 40);
    assert_non_null(t.m->forwarded);
    assert_string_equal(t.m->forwarded->from->addr, "x@y.example");
    assert_string_equal(t.m->forwarded->subject, "inner");
    test_done(&t);
}

static void
winmail_is_unpacked(void **state)
{
    static const uint8_t tnef[] = {
        0x78, 0x9f, 0x3e, 0x22, 1, 0,
        2, 0x02, 0x90, 0x06, 0x00, 4, 0, 0, 0, 1, 2, 3, 4, 0, 0,
        2, 0x10, 0x80, 0x01, 0x00, 6, 0, 0, 0, 'a', '.', 't', 'x', 't', 0, 0, 0,
        2, 0x0f, 0x80, 0x06, 0x00, 3, 0, 0, 0, 'a', 'b', 'c', 0, 0,
    };
    struct buf b = {0}, x = {0};

    (void)state;
    buf_puts(&b, TOP "Content-Type: application/ms-tnef; name=winmail.dat\n\n");
    buf_add(&b, (const char *)tnef, sizeof tnef);
    struct test_mail t = test_read(b.data, b.len, NULL, true);
    assert_int_equal(t.m->n_attachments, 2);
    assert_string_equal(t.m->attachments[0]->name, "winmail.dat");
    assert_string_equal(t.m->attachments[1]->name, "a.txt");
    assert_true(mail_extract((const uint8_t *)b.data, b.len, t.m->attachments[1]->part, &mail_limits_default, &x));
    assert_string_equal(x.data, "abc");
    test_done(&t);
    for (size_t cut = 0; cut < sizeof tnef; cut++) {    /* cut anywhere, it harms nobody */
        t = test_read(b.data, b.len - cut, NULL, true);
        assert_true(t.m->n_attachments >= 1);
        test_done(&t);
    }
    buf_free(&b);
    buf_free(&x);
}

static void
digest_is_of_content(void **state)
{
    static const struct { const char *label, *a, *b; bool same; } table[] = {
        {"wrapped otherwise", "From: a@b.example\nMessage-ID: <1@x>\nSubject: s\n\none two\n", "From: A@b.example\nMessage-ID: <2@x>\nSubject: Re:  s\n\none\n two", true},
        {"another word", "From: a@b.example\nMessage-ID: <1@x>\nSubject: s\n\none\n", "From: a@b.example\nMessage-ID: <1@x>\nSubject: s\n\ntwo\n", false},
        {"the Date counts without an id", "From: a@b.example\nDate: 1 Mar 2026 10:00\n\none\n", "From: a@b.example\nDate: 2 Mar 2026 10:00\n\none\n", false},
        {"and not with one", "From: a@b.example\nMessage-ID: <1@x>\nDate: 1 Mar 2026 10:00\n\none\n", "From: a@b.example\nMessage-ID: <1@x>\nDate: 2 Mar 2026 10:00\n\none\n", true},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct test_mail a = test_parse(table[i].a), b = test_parse(table[i].b);
        if ((memcmp(a.m->digest.data, b.m->digest.data, 32) == 0) != table[i].same)
            fail_msg("%s", table[i].label);
        test_done(&a);
        test_done(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts), cmocka_unit_test(attachments), cmocka_unit_test(attached_message_is_one), cmocka_unit_test(winmail_is_unpacked),
        cmocka_unit_test(digest_is_of_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
