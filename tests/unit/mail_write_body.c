/* SPDX-License-Identifier: ISC
 *
 * The body of a letter: how text is encoded, the alternative of text and HTML, and that the same letter gives the same bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail_write.h"
#include <stdio.h>

static const char *
body(const char *mail)
{
    return strstr(mail, "\r\n\r\n") + 4;
}

static void
unquote(const char *s, struct buf *out)
{
    buf_puts(out, "");
    for (; *s != '\0'; s++) {
        uint8_t byte;
        char hex[3] = { s[0] == '=' ? s[1] : '\0', s[0] == '=' && s[1] != '\0' ? s[2] : '\0', '\0' };

        if (strncmp(s, "=\r\n", 3) == 0) {
            s += 2;
        } else if (*s == '=') {
            assert_true(hex_decode(hex, &byte, 1));
            buf_putc(out, (char)byte);
            s += 2;
        } else if (*s != '\r') {
            buf_putc(out, *s);
        }
    }
}

static void
texts(void **state)
{
    char *edge = repeat("x", 78), *over = repeat("x", 79), *huge = repeat("word ", 100000), *umlauts = repeat("ü", 2000);
    const struct { const char *label, *text; bool qp; const char *want, *raw; } rows[] = {
        { "plain", "Hello\nWorld\n", false, NULL, "Hello\r\nWorld\r\n" },
        { "empty", "", false, "\n", "\r\n" },
        { "no end of line", "Hello", false, "Hello\n", "Hello\r\n" },
        { "CRLF is not doubled", "a\r\nb\r\n", false, "a\nb\n", "a\r\nb\r\n" },
        { "bare CR is a line end", "a\rb\r", false, "a\nb\n", "a\r\nb\r\n" },
        { "78 columns", edge, false, NULL, NULL },
        { "79 columns", over, true, NULL, NULL },
        { "umlaut", "Grüße\n", true, NULL, "Gr=C3=BC=C3=9Fe\r\n" },
        { "From line", "a\nFrom here on\n", true, NULL, "a\r\n=46rom here on\r\n" },
        { "From first", "From me\n", true, NULL, "=46rom me\r\n" },
        { "From in a line", "a From b\nFrom: x\n", false, NULL, NULL },
        { "From after a fold", "a\nFrom ü\n", true, NULL, NULL },
        { "signature mark", "a\n-- \nus\n", false, NULL, "a\r\n-- \r\nus\r\n" },
        { "looks like a boundary", "--=_0123\n", true, NULL, "--=3D_0123\r\n" },
        { "control characters", "a\x01\x1b[31m\x7f\n", true, NULL, NULL },
        { "a dot alone", ".\n..\n", false, NULL, ".\r\n..\r\n" },
        { "one long line", huge, true, NULL, NULL },
        { "one long line of umlauts", umlauts, true, NULL, NULL },
        { "blank before the end, encoded", "ü \n", true, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        struct buf back = { 0 }, want = { 0 };
        char *mail;

        print_message("%s\n", rows[i].label);
        l.text = (char *)(uintptr_t)rows[i].text;
        mail = compose(&l);
        assert_non_null(strstr(mail, "Content-Type: text/plain; charset=utf-8\r\n"));
        assert_int_equal(strstr(mail, "Content-Transfer-Encoding: quoted-printable\r\n") != NULL, rows[i].qp);
        assert_int_equal(strstr(mail, "Content-Transfer-Encoding: 7bit\r\n") != NULL, !rows[i].qp);
        if (rows[i].raw != NULL)
            assert_string_equal(body(mail), rows[i].raw);
        for (const char *s = body(mail), *eol; *s != '\0'; s = eol + 2) {
            eol = strstr(s, "\r\n");
            assert_true(eol - s <= 78);
            assert_true(strncmp(s, "From ", 5) != 0);
        }
        buf_puts(&want, rows[i].want != NULL ? rows[i].want : rows[i].text);
        if (want.data[want.len - 1] != '\n')
            buf_putc(&want, '\n');
        if (rows[i].qp)
            unquote(body(mail), &back);
        else
            for (const char *s = body(mail); *s != '\0'; s++)
                if (*s != '\r')
                    buf_putc(&back, *s);
        assert_string_equal(back.data, want.data);
        buf_free(&back);
        buf_free(&want);
        free(mail);
    }
    free(edge);
    free(over);
    free(huge);
    free(umlauts);
}

static void
html_is_the_alternative(void **state)
{
    Td__Letter l = letter();
    char *mail, boundary[80] = "", line[90], end[90];
    const char *at, *plain, *html;
    size_t marks = 0;

    (void)state;
    l.html = (char *)"<p>Gr\xc3\xbc\xc3\x9f Gott, <b>Anna</b></p>\n";
    mail = compose(&l);
    at = strstr(mail, "Content-Type: multipart/alternative;\r\n\tboundary=\"");
    assert_non_null(at);
    at += strlen("Content-Type: multipart/alternative;\r\n\tboundary=\"");
    memcpy(boundary, at, strcspn(at, "\""));
    assert_memory_equal(boundary, "=_", 2);
    assert_int_equal(strlen(boundary), 34);
    snprintf(line, sizeof line, "\r\n--%s\r\n", boundary);
    snprintf(end, sizeof end, "\r\n--%s--\r\n", boundary);
    for (const char *s = mail; (s = strstr(s, line)) != NULL; s++)
        marks++;
    assert_int_equal(marks, 2);
    assert_string_equal(mail + strlen(mail) - strlen(end), end);
    plain = strstr(mail, "Content-Type: text/plain; charset=utf-8\r\n");
    html = strstr(mail, "Content-Type: text/html; charset=utf-8\r\n");
    assert_true(plain != NULL && html != NULL && plain < html);
    assert_non_null(strstr(plain, "\r\n\r\nHello\r\n"));
    assert_non_null(strstr(html, "\r\n\r\n<p>Gr=C3=BC=C3=9F Gott, <b>Anna</b></p>\r\n"));
    free(mail);
}

static void
same_letter_same_bytes(void **state)
{
    Td__Letter l = letter();
    char *one, *two, *other;

    (void)state;
    l.html = (char *)"<p>Hello</p>";
    one = compose(&l);
    two = compose(&l);
    assert_string_equal(one, two);
    l.message_id = (char *)"1.2.abc@example.com";
    other = compose(&l);
    assert_null(strstr(strstr(one, "boundary="), "1.2.abc"));
    assert_memory_not_equal(strstr(one, "boundary="), strstr(other, "boundary="), 40);
    free(one);
    free(two);
    free(other);
}

static void
large_text_is_linear(void **state)
{
    Td__Letter l = letter();
    char *text = repeat("Grüße aus dem Norden, Zeile um Zeile.\nFrom here on.\n", 200000), *mail;       /* 10 MiB */

    (void)state;
    l.text = text;
    mail = compose(&l);
    assert_true(strlen(mail) > strlen(text));
    free(mail);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts), cmocka_unit_test(html_is_the_alternative), cmocka_unit_test(same_letter_same_bytes),
        cmocka_unit_test(large_text_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
