/* SPDX-License-Identifier: ISC
 *
 * The cost of a mail grows with its size and no faster: each shape is read at one size and at twice that, and the processor time of the
 * second may be at most RATIO_MAX times that of the first. Twice is linear, four times would be quadratic. The least of some tries
 * counts, for others use the machine too; what is done in a moment is not judged.
 */
#include "mail_read.h"

#include <time.h>

#define SIZE (512u << 10)
#define RATIO_MAX 3.0
#define MOMENT 0.060            /* seconds */
#define TRIES 4

#define TOP "From: a@b.example\nTo: s@d.example\nMIME-Version: 1.0\n"
#define HTML TOP "Content-Type: text/html; charset=utf-8\n\n"
#define MIXED TOP "Content-Type: multipart/mixed; boundary=boundary\n\n"

static double
seconds(const struct buf *b)
{
    struct timespec from, to;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    struct test_mail t = test_read(b->data, b->len, NULL, true);
    test_done(&t);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void
growth(void **state)
{
    static const struct { const char *label, *begin, *again, *end; } table[] = {
        {"headers", "", "X-A: b\n", TOP "\nx"}, {"subjects", "", "Subject: =?utf-8?q?a?=\n", TOP "\nx"}, {"Received", "", "Received: from a (b [192.0.2.1]) by c; Tue, 10 Mar 2026 10:00:00 +0000\n", TOP "\nx"},
        {"recipients", "", "To: =?utf-8?Q?abc?= <a@b.example>, c@d.example\n", TOP "\nx"}, {"a header line of commas", "To: ", ",", "\n" TOP "\nx"},
        {"a header of folds", "Subject: a", "\n a", "\n" TOP "\nx"}, {"blank folds", "Subject: a", "\n ", "\n" TOP "\nx"}, {"encoded words", "Subject: ", "=?utf-8?B?YWJj?= ", "\n" TOP "\nx"},
        {"words of two charsets", "Subject: ", "=?utf-8?Q?=C3=A5?= =?koi8-r?Q?=C3?= ", "\n" TOP "\nx"}, {"open comments in To", "To: ", "(", "\n" TOP "\nx"}, {"comments in From", "From: ", "()", "\n" TOP "\nx"},
        {"groups", "From: ", "a:", "\n" TOP "\nx"}, {"angles", "To: ", "<", "\n" TOP "\nx"}, {"quotes in To", "To: ", "\"", "\n" TOP "\nx"}, {"references", "References: ", "<a@b.example> ", "\n" TOP "\nx"},
        {"many References", "", "References: <a@b> <c@d> <e@f>\n", TOP "\nx"}, {"parameters", "Content-Type: text/plain", "; a=b", "\n" TOP "\nx"}, {"an open comment in Date", "Date: ", "(", "\n" TOP "\nx"},
        {"multiparts in each other", TOP, "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "\nx\n"}, {"messages in each other", TOP, "Content-Type: message/rfc822\n\n", "x\n"},
        {"boundary lines", MIXED, "--boundary\n", ""}, {"nearly boundary lines", MIXED "--boundary\n\n", "--boundar\n", ""}, {"longer boundary lines", MIXED "--boundary\n\n", "--boundaryx\n", ""},
        {"parts", MIXED, "--boundary\nContent-Type: a/b; name=\"=?utf-8?B?w6U=?=\"\n\nx\n", ""}, {"multiparts opened and closed", MIXED, "--boundary\nContent-Type: multipart/mixed; boundary=c\n\n--c--\n", ""},
        {"boundaries of another name", MIXED, "--boundary\nContent-Type: multipart/mixed; boundary=c\n\n--zzz\nContent-X: y\n", ""}, {"names of inline files", MIXED "--boundary\nContent-Type: text/html\n\n", "cid:a", "\n--boundary\nContent-ID: <a>\nContent-Type: a/b\n\nx\n"},
        {"greater-than signs", TOP "\n", ">", ""}, {"lines of them", TOP "\n", ">\n", ""}, {"deep quotes", TOP "\n", ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>> a\n", ""}, {"quotes in and out", TOP "\n", "> a\n>> b\nc\n", ""},
        {"lines", TOP "\n", "lorem ipsum dolor\n", ""}, {"one line", TOP "\n", "lorem ipsum dolor ", ""}, {"line ends", TOP "\n", "\n", ""}, {"CR", TOP "\n", "\r", ""}, {"blanks", TOP "\n", " ", ""},
        {"case numbers", TOP "\n", "CAS-00001-", ""}, {"armour", TOP "\n", "-----BEGIN PGP MESSAGE-----\n", ""}, {"files that begin", TOP "\n", "begin 644 a\n", ""}, {"uuencoded lines", TOP "\nbegin 644 a\n", "#86)C\n", ""},
        {"base64", TOP "Content-Transfer-Encoding: base64\n\n", "YWJjYWJjYWJj\n", ""}, {"base64 and rules", TOP "Content-Transfer-Encoding: base64\n\n", "YWJj\n___\n", ""},
        {"equals signs", TOP "Content-Transfer-Encoding: quoted-printable\n\n", "=", ""}, {"soft line ends", TOP "Content-Transfer-Encoding: quoted-printable\n\n", "=\n", ""},
        {"flowed", TOP "Content-Type: text/plain; format=flowed\n\n", ">>> a \n", ""}, {"broken UTF-8", TOP "Content-Type: text/plain; charset=utf-8\n\n", "\xff", ""}, {"broken Shift_JIS", TOP "Content-Type: text/plain; charset=shift_jis\n\n", "\xff\x81", ""},
        {"broken Big5", TOP "Content-Type: text/plain; charset=big5\n\n", "\xff\x81", ""}, {"broken ISO-2022-JP", TOP "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\x1b$B\xff", ""}, {"UTF-7", TOP "Content-Type: text/plain; charset=utf-7\n\n", "+", ""},
        {"HZ", TOP "Content-Type: text/plain; charset=hz-gb-2312\n\n", "~{", ""}, {"unlabelled 8-bit", TOP "\n", "\xe5\xf2\xc4\xb0 ", ""},
        {"div", HTML, "<div>", "x"}, {"blockquote", HTML, "<blockquote>a", ""}, {"marked blockquote", HTML, "<blockquote type=cite>a", ""}, {"tables in each other", HTML, "<table><tr><td>a", ""}, {"cells", HTML, "<td>a", ""},
        {"items", HTML, "<li>a", ""}, {"lists in each other", HTML, "<ul><li>a", ""}, {"paragraphs", HTML, "<p>a", ""}, {"ends of nothing", HTML "<div><div><div><div>", "</p>", ""}, {"ends of others", HTML "<b><b><b><b>", "</i>", ""},
        {"links", HTML, "<a href=\"http://x.example/abc\">x", ""}, {"links that end", HTML, "<a href=\"http://x.example/abc\">x</a>", ""}, {"attributes", HTML "<a ", "a=b ", ">x"}, {"open attributes", HTML, "<a b=\"", ""}, {"open tags", HTML, "<a ", ""},
        {"ampersands", HTML, "&", ""}, {"entities", HTML, "&amp;", ""}, {"long entities", HTML, "&aaaaaaaaaaaaaaaaaa", ""}, {"open numbers", HTML, "&#x", ""}, {"numbers", HTML, "&#228;", ""}, {"less-than signs", HTML, "<", ""}, {"declarations", HTML, "<!", ""},
        {"comments", HTML, "<!-- -->", ""}, {"open comments", HTML, "<!--", ""}, {"styles", HTML, "<style>.a{display:none}</style>", ""}, {"open styles", HTML, "<style>", ""}, {"styles of open comments", HTML, "<style>/*</style>", ""},
        {"rules", HTML "<style>", ".a,.b{display:none}", "</style><p class=a>x"}, {"classes", HTML "<style>.a{display:none}.b{font-size:0}</style>", "<p class=\"c d e\">x", ""}, {"style attributes", HTML, "<p style=\"font-size:0;display:block\">x", ""},
        {"quotes in a style", HTML "<p style=\"", "a:' ", "\">x"}, {"comments in a style", HTML "<p style=\"", "a:/*", "\">x"}, {"scripts that do not end", HTML, "<script></scrip", ""}, {"breaks", HTML, "<br> ", ""}, {"no-break spaces", HTML, "&nbsp;", ""},
    };

    (void)state;
#ifdef TICKETD_SANITIZED                /* it looks at all that memmem and iconv might read, each time they are called */
    skip();
#endif
    for (size_t i = 0; i < countof(table); i++) {
        double once = 1e9, twice = 1e9;
        for (unsigned k = 0; k < TRIES && (k == 0 || (twice > MOMENT && twice > once * RATIO_MAX)); k++) {
            struct buf b = {0};
            double s;
            buf_puts(&b, table[i].begin);
            while (b.len < SIZE)
                buf_puts(&b, table[i].again);
            s = seconds(&b);
            once = s < once ? s : once;
            while (b.len < 2 * SIZE)
                buf_puts(&b, table[i].again);
            buf_puts(&b, table[i].end);
            s = seconds(&b);
            twice = s < twice ? s : twice;
            buf_free(&b);
        }
        if (twice > MOMENT && twice > once * RATIO_MAX)
            fail_msg("%s: %.3f s, and %.3f s at twice the size", table[i].label, once, twice);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
