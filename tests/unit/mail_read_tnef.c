/* SPDX-License-Identifier: ISC
 *
 * The text of a winmail.dat: packed RTF by the examples of [MS-OXRTFCP], RTF as Outlook writes it, and which of the texts is shown.
 */
#include "mail_read.h"

static void
le(struct buf *b, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_putc(b, (char)(v >> (8 * i)));
}

/* One MAPI property of variable size. */
static void
property(struct buf *b, unsigned type, unsigned id, const void *bytes, size_t len)
{
    le(b, type, 2);
    le(b, id, 2);
    le(b, 1, 4);
    le(b, (uint32_t)len, 4);
    buf_add(b, bytes, len);
    for (; len % 4 != 0; len++)
        buf_putc(b, 0);
}

static void
attribute(struct buf *b, unsigned level, unsigned id, const void *bytes, size_t len)
{
    buf_putc(b, (char)level);
    le(b, id, 2);
    le(b, 6, 2);
    le(b, (uint32_t)len, 4);
    buf_add(b, bytes, len);
    le(b, 0, 2);
}

/* A mail that is nothing but this winmail.dat, or has a text of its own before it. */
static struct test_mail
mail_of(const char *own, const struct buf *attributes)
{
    struct buf b = {0};
    struct test_mail t;

    buf_printf(&b, "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bnd\n\n--bnd\n\n%s\n--bnd\nContent-Type: application/ms-tnef; name=winmail.dat\n\n", own);
    le(&b, 0x223e9f78, 4);
    le(&b, 1, 2);
    buf_add(&b, attributes->data, attributes->len);
    buf_puts(&b, "\n--bnd--\n");
    t = test_read(b.data, b.len, NULL, true);
    buf_free(&b);
    return t;
}

static struct test_mail
mail_of_rtf(const char *own, const void *packed, size_t len)
{
    struct buf props = {0}, attributes = {0};
    struct test_mail t;

    le(&props, 1, 4);
    property(&props, 0x102, 0x1009, packed, len);
    attribute(&attributes, 1, 0x9003, props.data, props.len);
    t = mail_of(own, &attributes);
    buf_free(&props);
    buf_free(&attributes);
    return t;
}

static const uint8_t hello[] = {
    0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65,
    0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
};
static const uint8_t over_itself[] = {
    0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
};

static void
packed(void **state)
{
    struct test_mail t = mail_of_rtf(" ", hello, sizeof hello);

    (void)state;
    assert_non_null(strstr(t.m->text, "hello world"));
    assert_int_equal(t.m->n_attachments, 1);
    test_done(&t);
    t = mail_of_rtf(" ", over_itself, sizeof over_itself);
    assert_non_null(strstr(t.m->text, "WXYZWXYZWXYZWXYZWXYZ"));
    test_done(&t);
    for (size_t cut = 0; cut < sizeof hello; cut++) {
        t = mail_of_rtf(" ", hello, cut);
        assert_int_equal(t.m->n_attachments, 1);
        test_done(&t);
    }
}

static void
rtf(void **state)
{
    static const struct { const char *label, *rtf, *want; } table[] = {
        {"letters", "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\pard Hej p\\'e5 dig \\u8364?\\par Rad tv\\'e5\\line \\ldblquote x\\rdblquote\\par}", "Hej på dig €\nRad två\n“x”\n"},
        {"a font of another code page", "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset128 M;}{\\f1\\fcharset0 A;}}\\f0\\'82\\'b1\\'82\\'f1\\f1 abc}", "こんabc"},
        {"a second byte in ASCII", "{\\rtf1\\ansi\\ansicpg932 \\'83\\\\\\'83A}", "ソア"},
        {"what old readers are given", "{\\rtf1\\uc2\\u229 xxa{\\uc0\\u228 b}\\u246 yyc}", "åaäböc"},
        {"halves of a character", "{\\rtf1 \\u-10179?\\u-8704?}", "😀"},
        {"HTML inside", "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hello {\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 you{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0 \\htmlrtf\\par}\\htmlrtf0}", "Hello you\n"},
        {"what is no text", "{\\rtf1 a{\\pict\\pngblip 89504e47}b{\\*\\generator R;}c{\\info{\\author X}}d}", "abcd"},
        {"a field", "{\\rtf1 see {\\field{\\*\\fldinst HYPERLINK \"http://x.example\"}{\\fldrslt x.example}} now}", "see x.example now"},
        {"bytes", "{\\rtf1 a\\bin3 {{{b}", "ab"}, {"a row", "{\\rtf1 a\\cell b\\row c}", "a  b\nc"}, {"groups without end", "{{{{{{a", "a"}, {"ends without group", "}}}}a", "a"},
        {"marks of ours", "{\\rtf1 a\\u-558?b}", "a\xef\xbf\xbd" "b"}, {"escaped", "{\\rtf1 \\{\\}\\\\\\~x}", "{}\\ x"},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        le(&b, (uint32_t)strlen(table[i].rtf) + 12, 4);
        le(&b, (uint32_t)strlen(table[i].rtf), 4);
        le(&b, 0x414c454d, 4);
        le(&b, 0, 4);
        buf_puts(&b, table[i].rtf);
        struct test_mail t = mail_of_rtf("", b.data, b.len);
        test_same(table[i].label, t.m->text, table[i].want);
        test_done(&t);
        buf_free(&b);
    }
}

static void
which_text(void **state)
{
    static const char plain[] = "p\0l\0a\0i\0n\0\0", html[] = "<p>html</p>";
    struct buf props = {0}, attributes = {0};
    struct test_mail t;

    (void)state;
    le(&props, 2, 4);
    property(&props, 0x102, 0x1009, hello, sizeof hello);
    property(&props, 0x102, 0x1013, html, sizeof html - 1);
    attribute(&attributes, 1, 0x9003, props.data, props.len);
    t = mail_of("", &attributes);
    assert_string_equal(t.m->text, "html\n");
    test_done(&t);
    buf_clear(&attributes);
    buf_clear(&props);
    le(&props, 3, 4);
    property(&props, 0x102, 0x1009, hello, sizeof hello);
    property(&props, 0x102, 0x1013, html, sizeof html - 1);
    property(&props, 0x1f, 0x1000, plain, sizeof plain - 1);
    attribute(&attributes, 1, 0x9003, props.data, props.len);
    t = mail_of("", &attributes);
    assert_string_equal(t.m->text, "plain");
    test_done(&t);
    t = mail_of("the mail's own", &attributes);
    assert_string_equal(t.m->text, "the mail's own");
    assert_int_equal(t.m->n_attachments, 1);
    test_done(&t);
    buf_free(&attributes);
    buf_free(&props);
}

/* A message inside: its TNEF stands behind its class id. */
static void
message_inside(void **state)
{
    static const char object[] = "0123456789abcdef\x78\x9f\x3e\x22\x01\x00";
    struct buf props = {0}, attributes = {0};
    struct test_mail t;

    (void)state;
    le(&props, 2, 4);
    property(&props, 0x1e, 0x3001, "Inner", 6);
    property(&props, 0x0d, 0x3701, object, sizeof object - 1);
    attribute(&attributes, 2, 0x9002, "\1\2\3\4", 4);
    attribute(&attributes, 2, 0x9005, props.data, props.len);
    t = mail_of("see", &attributes);
    assert_int_equal(t.m->n_attachments, 2);
    assert_string_equal(t.m->attachments[1]->name, "Inner");
    assert_string_equal(t.m->attachments[1]->type, "application/ms-tnef");
    test_done(&t);
    buf_free(&attributes);
    buf_free(&props);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(packed), cmocka_unit_test(rtf), cmocka_unit_test(which_text), cmocka_unit_test(message_inside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
