/* SPDX-License-Identifier: ISC
 *
 * Parts of mail in a letter: where they stand, how they are called, and that nothing of them is a header or a boundary of ours.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail_write.h"
#include <stdio.h>

static char *
compose_with(const Td__Letter *l, const struct mail_bytes *bytes)
{
    struct buf b = { 0 };
    const char *error = NULL;

    if (!mail_compose_parts(l, bytes, &b, &error))
        fail_msg("refused: %s", error);
    check_wire(&b);
    assert_true(b.len <= mail_compose_size(l));
    return b.data;
}

static struct mail_bytes
bytes_of(const char *s)
{
    return (struct mail_bytes){ (const uint8_t *)s, strlen(s) };
}

static void
headers(void **state)
{
    const struct { const char *label, *type, *name, *cid, *data, *want, *never; } rows[] = {
        { "a PDF", "application/pdf", "a.pdf", NULL, "x", "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n", "Content-Id" },
        { "no name", "image/png", NULL, NULL, "x", "Content-Type: image/png\r\nContent-Disposition: attachment\r\n", "name" },
        { "upper case", "IMAGE/PNG", NULL, NULL, "x", "Content-Type: image/png\r\n", NULL },
        { "within the HTML", "image/png", "a.png", "p1@example.com", "x", "multipart/related", NULL },
        { "a Content-ID that is none", "image/png", "a.png", "p1> \r\nX: y", "x", "Content-Disposition: attachment", "related" },
        { "no type", "pdf", "a", NULL, "x", "Content-Type: application/octet-stream", NULL },
        { "a type with more behind it", "text/html; charset=x\r\nX-Evil: 1", "a", NULL, "x", "application/octet-stream", "X-Evil" },
        { "a multipart", "multipart/mixed", "a", NULL, "x", "application/octet-stream", NULL },
        { "empty halves", "/", "a", NULL, "x", "application/octet-stream", NULL },
        { "a mail that can travel", "message/rfc822", "a.eml", NULL, "Subject: x\r\n\r\nHello\r\n", "Content-Type: message/rfc822; name=a.eml", "base64" },
        { "a mail that cannot", "message/rfc822", "a.eml", NULL, "Subject: \xc3\xa5\r\n\r\nHello\r\n", "Content-Type: application/octet-stream; name=a.eml", "rfc822" },
        { "a report", "message/delivery-status", "a", NULL, "x", "application/octet-stream", "delivery-status" },
        { "line ends in a name", "application/pdf", "a\r\nX-Evil: 1", NULL, "x", "a__X-Evil", "\nX-Evil" },
        { "quotes and slashes in a name", "application/pdf", "../a\"b\\c", NULL, "x", ".._a_b_c", "\"b" },
        { "a turning name", "application/pdf", "a\xe2\x80\xae" "fdp.exe", NULL, "x", "a_fdp.exe", "%E2%80%AE" },
        { "letters of another tongue", "application/pdf", "pris \xc3\xa5\xc3\xa4.pdf", NULL, "x", "filename*=", NULL },
        { "a boundary of ours in it", "text/plain", "a.txt", NULL, "--=_0123\r\nFrom x\r\n.\r\n", "LS09XzAxMjMNCkZyb20geA0KLg0K", NULL },
        { "nothing in it", "text/plain", "a.txt", NULL, "", "Content-Transfer-Encoding: base64\r\n", NULL },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        Td__Part part = TD__PART__INIT, *parts[] = { &part };
        struct mail_bytes b = bytes_of(rows[i].data);
        char *mail, *again;

        print_message("%s\n", rows[i].label);
        part.part = 2;
        part.type = (char *)(uintptr_t)rows[i].type;
        part.name = (char *)(uintptr_t)rows[i].name;
        part.content_id = (char *)(uintptr_t)rows[i].cid;
        part.size = b.len;
        l.html = (char *)"<p>Hello</p>\n";
        l.parts = parts;
        l.n_parts = 1;
        mail = compose_with(&l, &b);
        again = compose_with(&l, &b);
        assert_string_equal(mail, again);
        if (strstr(mail, rows[i].want) == NULL)
            fail_msg("\"%s\" is not in\n%s", rows[i].want, mail);
        if (rows[i].never != NULL && strstr(strstr(mail, "\r\n\r\n"), rows[i].never) != NULL)
            fail_msg("\"%s\" is in\n%s", rows[i].never, mail);
        free(mail);
        free(again);
    }
}

/* Their bytes are missing: the letter goes without them, and is the letter without parts. */
static void
left_out(void **state)
{
    Td__Letter l = letter(), bare = letter();
    Td__Part part = TD__PART__INIT, *parts[] = { &part };
    char *with, *without;

    (void)state;
    part.type = (char *)"image/png";
    l.parts = parts;
    l.n_parts = 1;
    with = compose_with(&l, NULL);
    without = compose(&bare);
    assert_string_equal(with, without);
    free(with);
    free(without);
}

/* Large enough to have been cut somewhere: every byte is there. */
static void
large(void **state)
{
    Td__Letter l = letter();
    Td__Part part = TD__PART__INIT, *parts[] = { &part };
    char *data = repeat("abcdefghij", 300000), *mail;
    struct mail_bytes b = bytes_of(data);
    size_t ink = 0;
    const char *s;

    (void)state;
    part.type = (char *)"application/zip";
    part.size = b.len;
    l.parts = parts;
    l.n_parts = 1;
    mail = compose_with(&l, &b);
    s = strstr(mail, "application/zip");
    for (s = strstr(s, "\r\n\r\n") + 4; *s != '-'; s++)
        ink += *s != '\r' && *s != '\n';
    assert_int_equal(ink, b.len / 3 * 4);
    free(data);
    free(mail);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(headers), cmocka_unit_test(left_out), cmocka_unit_test(large) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
