/* SPDX-License-Identifier: ISC
 *
 * Header fields in the wild: encoded words and names as programs write them, and header blocks that are none.
 */
#include "mail_read.h"

static void
fields(void **state)
{
    static const struct { const char *label, *mail, *from, *subject; } table[] = {
        {"adjacent mixed enc", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?a=C3?= =?utf-8?B?pQ==?=\n\nhi\n", "<a@b.example>", "aå"},
        {"folded split", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?w6XD?=\n =?utf-8?B?pMO2?=\n\nhi\n", "<a@b.example>", "åäö"},
        {"tab folded", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?a?=\n\t=?utf-8?Q?b?=\n\nhi\n", "<a@b.example>", "ab"},
        {"charset upper/lower adj", "From: a@b.example\nTo: s@d.example\nSubject: =?UTF-8?Q?=C3?= =?utf-8?Q?=A5?=\n\nhi\n", "<a@b.example>", "å"},
        {"different charsets adj", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?=C3=A5?= =?iso-8859-1?Q?=E4?=\n\nhi\n", "<a@b.example>", "åä"},
        {"iso-2022-jp split mid escape", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-2022-jp?B?GyRCJDMkcyRLGyhC?= =?iso-2022-jp?B?GyRCJEEkTxsoQg==?=\n\nhi\n", "<a@b.example>", "こんにちは"},
        {"iso-2022-jp w/o closing escape", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-2022-jp?B?GyRCJDMkcw==?= abc\n\nhi\n", "<a@b.example>", "こん abc"},
        {"iso-2022-kr", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-2022-kr?B?GyQpQw4+SDNnDw==?=\n\nhi\n", "<a@b.example>", "안녕"},
        {"hz", "From: a@b.example\nTo: s@d.example\nSubject: =?hz-gb-2312?Q?~{Dc:C~}?=\n\nhi\n", "<a@b.example>", "你好"},
        {"gb18030 4", "From: a@b.example\nTo: s@d.example\nSubject: =?gb18030?B?lTKCNsT6?=\n\nhi\n", "<a@b.example>", "𠀀您"},
        {"big5-hkscs", "From: a@b.example\nTo: s@d.example\nSubject: =?big5-hkscs?B?ylySXQ==?=\n\nhi\n", "<a@b.example>", "佢哋"},
        {"big5 split multibyte", "From: a@b.example\nTo: s@d.example\nSubject: =?big5?B?p0Gm?= =?big5?B?brbc?=\n\nhi\n", "<a@b.example>", "你好嗎"},
        {"q with raw space and tab", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?one two\tthree?=\n\nhi\n", "<a@b.example>", "one two three"},
        {"q raw utf-8 inside", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?räksm=C3=B6rg?=\n\nhi\n", "<a@b.example>", "räksmörg"},
        {"b with spaces inside", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?w6XD pMO2?=\n\nhi\n", "<a@b.example>", "åäö"},
        {"b with newline inside", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?w6XD\n pMO2?=\n\nhi\n", "<a@b.example>", "åäö"},
        {"q word folded inside", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?this is a very=20\n long subject?=\n\nhi\n", "<a@b.example>", "this is a very  long subject"},
        {"no closing ?=", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?w6XDpMO2\n\nhi\n", "<a@b.example>", "åäö"},
        {"only one ? at end", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?hej=C3=A5?\n\nhi\n", "<a@b.example>", "hejå"},
        {"empty word", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?" "?=\n\nhi\n", "<a@b.example>", ""},
        {"empty B word then text", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?" "?= abc\n\nhi\n", "<a@b.example>", "abc"},
        {"quotes round the word", "From: a@b.example\nTo: s@d.example\nSubject: \"=?utf-8?Q?h=C3=A5?=\"\n\nhi\n", "<a@b.example>", "\"hå\""},
        {"text glued after", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?h=C3=A5?=: svar\n\nhi\n", "<a@b.example>", "hå: svar"},
        {"Re: glued", "From: a@b.example\nTo: s@d.example\nSubject: Re:=?utf-8?Q?h=C3=A5?=\n\nhi\n", "<a@b.example>", "Re:hå"},
        {"glued words", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?h=C3=A5?==?utf-8?Q?_x?=\n\nhi\n", "<a@b.example>", "hå x"},
        {"word with lang", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-8859-1*da-DK?Q?=E5?=\n\nhi\n", "<a@b.example>", "å"},
        {"utf8 wrong label latin1 in word", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-8859-1?Q?=C3=A5=C3=A4?=\n\nhi\n", "<a@b.example>", "åä"},
        {"us-ascii word with 8bit utf-8", "From: a@b.example\nTo: s@d.example\nSubject: =?us-ascii?Q?=C3=A5=C3=A4?=\n\nhi\n", "<a@b.example>", "åä"},
        {"utf-8 word that is latin1", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?r=E4ksm=F6rg=E5s?=\n\nhi\n", "<a@b.example>", "räksmörgås"},
        {"unknown-8bit", "From: a@b.example\nTo: s@d.example\nSubject: =?unknown-8bit?Q?=C3=A5?=\n\nhi\n", "<a@b.example>", "å"},
        {"x-unknown latin1", "From: a@b.example\nTo: s@d.example\nSubject: =?x-unknown?Q?r=E4ks?=\n\nhi\n", "<a@b.example>", "räks"},
        {"cp1252 quotes as 8859-1", "From: a@b.example\nTo: s@d.example\nSubject: =?iso-8859-1?Q?=93a=94?=\n\nhi\n", "<a@b.example>", "“a”"},
        {"windows-1258...", "From: a@b.example\nTo: s@d.example\nSubject: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=\n\nhi\n", "<a@b.example>", "Привет"},
        {"double encoded", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?=3D=3Futf-8=3FQ=3F=C3=A5=3F=3D?=\n\nhi\n", "<a@b.example>", "=?utf-8?Q?å?="},
        {"underscore raw outside", "From: a@b.example\nTo: s@d.example\nSubject: a_b =?utf-8?Q?c_d?=\n\nhi\n", "<a@b.example>", "a_b c d"},
        {"equals at end of q", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?a=?=\n\nhi\n", "<a@b.example>", "a="},
        {"lower hex", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?q?=c3=a5?=\n\nhi\n", "<a@b.example>", "å"},
        {"emoji split 4byte", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?8J8=?= =?utf-8?B?mIA=?=\n\nhi\n", "<a@b.example>", "😀"},
        {"utf-16 word", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-16?B?/v8A5QDk?=\n\nhi\n", "<a@b.example>", "åä"},
        {"utf-16le word", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-16le?B?5QDkAA==?=\n\nhi\n", "<a@b.example>", "åä"},
        {"url safe base64 / missing padding", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?B?w6XDpMO2w6U?=\n\nhi\n", "<a@b.example>", "åäöå"},
        {"raw sjis subject", "From: a@b.example\nTo: s@d.example\nSubject: \x83T\x81[\x83o\x81[\x82\xaa\x8e~\x82\xdc\x82\xe8\x82\xdc\x82\xb5\x82\xbd\x81" "B\x8e\x8a\x8b}\x82\xb2\x8am\x94" "F\x82\xad\x82\xbe\x82\xb3\x82\xa2\n\nhi\n", "<a@b.example>", "サーバーが止まりました。至急ご確認ください"},
        {"raw koi8 long", "From: a@b.example\nTo: s@d.example\nSubject: \xfa\xc4\xd2\xc1\xd7\xd3\xd4\xd7\xd5\xca\xd4\xc5, \xd3\xc5\xd2\xd7\xc5\xd2 \xce\xc5 \xcf\xd4\xd7\xc5\xde\xc1\xc5\xd4\n\nhi\n", "<a@b.example>", "Здравствуйте, сервер не отвечает"},
        {"raw 1252", "From: a@b.example\nTo: s@d.example\nSubject: Fr\xe5ga om r\xe4kning\n\nhi\n", "<a@b.example>", "Fråga om räkning"},
        {"raw utf8 + word", "From: a@b.example\nTo: s@d.example\nSubject: Fråga =?utf-8?Q?om_r=C3=A4kning?=\n\nhi\n", "<a@b.example>", "Fråga om räkning"},
        {"control chars", "From: a@b.example\nTo: s@d.example\nSubject: a\x07" "b\x1b[31m\n\nhi\n", "<a@b.example>", "a b [31m"},
        {"bare CR inside", "From: a@b.example\nTo: s@d.example\nSubject: a\rb\n\nhi\n", "<a@b.example>", "a b"},
        {"bidi in subject", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?a=E2=80=AEb?=\n\nhi\n", "<a@b.example>", "a\xe2\x80\xae" "b"},
        {"trailing spaces fold", "From: a@b.example\nTo: s@d.example\nSubject: a\n   \n b\n\nhi\n", "<a@b.example>", "a    b"},
        {"very folded", "From: a@b.example\nTo: s@d.example\nSubject: one\n\n\n\nhi\n", "<a@b.example>", "one"},
        {"newline encoded", "From: a@b.example\nTo: s@d.example\nSubject: =?utf-8?Q?a=0Ab?=\n\nhi\n", "<a@b.example>", "a b"},
        {"two spaces inside kept", "From: a@b.example\nTo: s@d.example\nSubject: a  b\n\nhi\n", "<a@b.example>", "a  b"},
        {"fold at blank: one blank", "From: a@b.example\nTo: s@d.example\nSubject: a \n b\n\nhi\n", "<a@b.example>", "a  b"},
        {"esc seq raw jp mixed ascii", "From: a@b.example\nTo: s@d.example\nSubject: Re: \x1b$B$3$s\x1b(B [CAS-00001-AAAA]\n\nhi\n", "<a@b.example>", "Re: こん [CAS-00001-AAAA]"},
        {"iso-2022-jp word raw (undecoded)", "From: a@b.example\nTo: s@d.example\nSubject: =?ISO-2022-JP?Q?=1B$B$3$s=1B(B?=\n\nhi\n", "<a@b.example>", "こん"},
        {"q in quoted", "From: \"=?utf-8?Q?J=C3=B6rg_M=2E?=\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg M. <a@b.example>", "x"},
        {"adjacent in quoted", "From: \"=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_M?=\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg M <a@b.example>", "x"},
        {"partial quoted", "From: \"Dr. =?utf-8?Q?J=C3=B6rg?=\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Dr. Jörg <a@b.example>", "x"},
        {"no space before <", "From: =?utf-8?Q?J=C3=B6rg?=<a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg <a@b.example>", "x"},
        {"b word with <addr>", "From: =?utf-8?B?SsO2cmcgPGFAYi5leGFtcGxlPg==?=\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg <a@b.example>", "x"},
        {"encoded whole addr in angle", "From: Jörg <=?utf-8?Q?a=40b.example?=>\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg <a@b.example>", "x"},
        {"raw latin1", "From: J\xf6rg <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg <a@b.example>", "x"},
        {"raw sjis w 0x5c in quotes", "From: \"\x95\\\x8e\xa6 \x91\xbe\x98Y\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "•Ž¦ ‘¾˜Y <a@b.example>", "x"},
        {"raw utf8 quoted", "From: \"Åsa, Öberg\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Åsa, Öberg <a@b.example>", "x"},
        {"single quotes", "From: 'Anna' <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "'Anna' <a@b.example>", "x"},
        {"via list", "From: \"Anna via Support\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna via Support <a@b.example>", "x"},
        {"name is address", "From: a@b.example <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "a@b.example <a@b.example>", "x"},
        {"name is other address, unquoted", "From: ceo@bank.example <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "ceo@bank.example <a@b.example>", "x"},
        {"quoted angle in name", "From: \"<ceo@bank.example>\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "<ceo@bank.example> <a@b.example>", "x"},
        {"encoded angle in name", "From: =?utf-8?Q?=22CEO=22_=3Cceo=40bank.example=3E?= <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "\"CEO\" <ceo@bank.example> <a@b.example>", "x"},
        {"encoded comma", "From: =?utf-8?Q?Doe=2C_John?= <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Doe, John <a@b.example>", "x"},
        {"comment after", "From: <a@b.example> (Anna)\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"comment w/ encoded", "From: a@b.example (=?utf-8?Q?J=C3=B6rg?=)\nTo: s@d.example\nSubject: x\n\nhi\n", "Jörg <a@b.example>", "x"},
        {"nested comments", "From: a@b.example (A (nested) B)\nTo: s@d.example\nSubject: x\n\nhi\n", "A (nested) B <a@b.example>", "x"},
        {"group from", "From: Team: a@b.example;\nTo: s@d.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"missing end quote", "From: \"Anna <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"backslash", "From: \"An\\\"na\\\\\" <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "An\"na\\ <a@b.example>", "x"},
        {"missing <", "From: Anna a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"space in addr", "From: Anna <a @b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"trailing dot", "From: Anna <a@b.example.>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"upper domain", "From: Anna <A@B.EXAMPLE>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <A@b.example>", "x"},
        {"idn raw", "From: Anna <a@bücher.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@bücher.example>", "x"},
        {"plus", "From: A <a+b=c@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "A <a+b=c@b.example>", "x"},
        {"utf8 mailbox", "From: Åsa <åsa@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Åsa <åsa@b.example>", "x"},
        {"fold between", "From: Anna\n <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"fold in the middle of addr", "From: Anna <a@\n b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "Anna <a@b.example>", "x"},
        {"name with bidi", "From: =?utf-8?Q?A=E2=80=AE?= <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "A\xe2\x80\xae <a@b.example>", "x"},
        {"name newline", "From: =?utf-8?Q?A=0D=0ABcc:_x?= <a@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "A Bcc: x <a@b.example>", "x"},
        {"percent hack", "From: <a%c@b.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "<a%c@b.example>", "x"},
        {"no domain + 2nd", "From: \"a\" <a>, B <b@c.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "B <b@c.example>", "x"},
        {"dup From", "From: A <a@b.example>\nFrom: C <c@d.example>\nTo: s@d.example\nSubject: x\n\nhi\n", "A <a@b.example>", "x"},
        {"many headers doubled", "From: a@b.example\nSubject: one\nTo: x@y.example\nSubject: two\nTo: z@y.example\nDate: Tue, 10 Mar 2026 10:00:00 +0000\nDate: Tue, 11 Mar 2026 10:00:00 +0000\nMessage-ID: <a@b>\nMessage-ID: <c@d>\nContent-Type: text/plain\nContent-Type: text/html\n\n<b>x</b>\n", "<a@b.example>", "one"},
        {"doubled content-type warned", "From: a@b.example\nContent-Type: text/plain\nContent-Type: text/html\n\n<b>x</b>\n", "<a@b.example>", NULL},
        {"doubled CTE", "From: a@b.example\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\naGVsbG8K\n", "<a@b.example>", NULL},
        {"no Subject no To", "From: a@b.example\n\nhi\n", "<a@b.example>", NULL},
        {"empty", "", NULL, NULL},
        {"only LF", "\n", NULL, NULL},
        {"body only, looks like prose", "Hello there\nmy printer: broken\n\nbye\n", NULL, NULL},
        {"crcrlf", "From: a@b.example\r\r\nSubject: x\r\r\n\r\r\nhello\r\r\nyou\r\r\n", "<a@b.example>", "x"},
        {"mixed line ends", "From: a@b.example\r\nSubject: x\nTo: c@d.example\r\n\nhello\r\nyou\nthree\rfour\n", "<a@b.example>", "x"},
        {"bare CR header sep in LF mail", "From: a@b.example\rSubject: evil\nTo: c@d.example\n\nx\n", "Subject: evil <a@b.example>", NULL},
        {"mac mail multipart", "From: a@b.example\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b\rContent-Type: text/html\r\r<p>two</p>\r--b--\r", "<a@b.example>", NULL},
        {"CR headers, LF later in body", "From: a@b.example\rSubject: x\r\rhello\rlast line\n", "<a@b.example>", "x"},
        {"mbox from", "From a@b Tue Mar 10 10:00:00 2026\nFrom: a@b.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {">From", ">From a@b Tue Mar 10 10:00:00 2026\nFrom: a@b.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"bom", "\xef\xbb\xbf" "From: a@b.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"leading blank line + indent header", "\n\nFrom: a@b.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"first line is continuation", " junk\nFrom: a@b.example\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"colonless inside", "From: a@b.example\nThis has no colon\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"header name with space", "From: a@b.example\nX Y: v\nSubject: x\n\nhi\n", "<a@b.example>", "x"},
        {"date odd", "From: a@b.example\nDate: Tue, 10 Mar 2026 10:00:00 +0100 (Central Europe Standard Time)\n\nhi\n", "<a@b.example>", NULL},
        {"reply-to/cc", "From: a@b.example\nReply-To: R <r@x.example>, s@x.example\nCc: =?utf-8?Q?=C3=85?= <q@x.example>; w@x.example\nSender: Sec <sec@x.example>\n\nhi\n", "<a@b.example>", NULL},
        {"message-id spaces/no brackets", "From: a@b.example\nMessage-ID: abc@x.example\nIn-Reply-To: \"Anna\" <q@x.example> message of Monday <z@x.example>\n\nhi\n", "<a@b.example>", NULL},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf from = {0};
        struct test_mail t = test_parse(table[i].mail), s = test_read(table[i].mail, strlen(table[i].mail), NULL, false);
        if (t.m->from != NULL)
            test_list(&from, &t.m->from, 1);
        test_same(table[i].label, from.data, table[i].from);
        test_same(table[i].label, t.m->subject, table[i].subject);
        test_same(table[i].label, s.m->subject, t.m->subject);
        test_done(&t);
        test_done(&s);
        buf_free(&from);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
