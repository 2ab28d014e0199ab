/* SPDX-License-Identifier: ISC
 *
 * base: strings, UTF-8, encodings, addresses. Rows with a label each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

static void
test_case_folding(void **state)
{
    static const struct { const char *label, *a, *b; bool equal, starts, finds; } rows[] = {
        { "same", "abc", "abc", true, true, true },
        { "case", "aBc", "AbC", true, true, true },
        { "longer", "Re: x", "re:", false, true, true },
        { "shorter", "re", "re:", false, false, false },
        { "inside", "x RE: y", "re:", false, false, true },
        { "empty needle", "abc", "", false, true, true },
        { "both empty", "", "", true, true, true },
        { "empty hay", "", "a", false, false, false },
        { "near letters: [ is not {", "a[b", "a{b", false, false, false },
        { "ASCII alone: u-umlaut", "\xc3\xbc", "\xc3\x9c", false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        check(str_eq_nocase(rows[i].a, rows[i].b) == rows[i].equal, rows[i].label);
        check(str_starts_nocase(rows[i].a, rows[i].b) == rows[i].starts, rows[i].label);
        check(!!str_find_nocase(rows[i].a, rows[i].b) == rows[i].finds, rows[i].label);
    }
    assert_true(str_eq_nocase(NULL, NULL));
    assert_false(str_eq_nocase(NULL, ""));
    assert_false(str_eq_nocase("", NULL));
    assert_string_equal(str_find_nocase("abcABD", "abd"), "ABD");
    char s[] = "AbC \xc3\x9c [Z]";
    str_lower(s);
    assert_string_equal(s, "abc \xc3\x9c [z]");
    assert_true(str_has_control("a\nb"));
    assert_true(str_has_control("a\x7f"));
    assert_false(str_has_control("a b\xc3\x9c"));
}

static void
test_utf8(void **state)
{
    static const struct { const char *label, *s; size_t len; bool valid; } rows[] = {
        { "empty", "", 0, true },
        { "ascii", "abc", 3, true },
        { "NUL is a character", "a\0b", 3, true },
        { "two", "\xc3\xa5", 2, true },
        { "three", "\xe2\x82\xac", 3, true },
        { "four", "\xf0\x9f\x98\x80", 4, true },
        { "last of all", "\xf4\x8f\xbf\xbf", 4, true },
        { "beyond the last", "\xf4\x90\x80\x80", 4, false },
        { "f5", "\xf5\x80\x80\x80", 4, false },
        { "alone", "\x80", 1, false },
        { "cut", "\xe2\x82", 2, false },
        { "cut by ascii", "\xe2\x82z", 3, false },
        { "overlong slash 2", "\xc0\xaf", 2, false },
        { "overlong c1", "\xc1\xbf", 2, false },
        { "overlong 3", "\xe0\x9f\xbf", 3, false },
        { "shortest 3", "\xe0\xa0\x80", 3, true },
        { "overlong 4", "\xf0\x8f\xbf\xbf", 4, false },
        { "surrogate", "\xed\xa0\x80", 3, false },
        { "before surrogates", "\xed\x9f\xbf", 3, true },
        { "latin1", "f\xfcr", 3, false },
        { "bad third", "\xe2\x82\xc0", 3, false },
        { "bad fourth", "\xf0\x9f\x98\x28", 4, false },
    };
    static const struct { const char *label, *s; size_t max, want; } clips[] = {
        { "fits", "abc", 3, 3 },
        { "shorter", "abc", 9, 3 },
        { "cut", "abc", 2, 2 },
        { "nothing", "abc", 0, 0 },
        { "before a character", "a\xe2\x82\xac", 1, 1 },
        { "inside 1", "a\xe2\x82\xac", 2, 1 },
        { "inside 2", "a\xe2\x82\xac", 3, 1 },
        { "whole", "a\xe2\x82\xac", 4, 4 },
        { "first does not fit", "\xf0\x9f\x98\x80", 3, 0 },
        { "between two", "\xc3\xa5\xc3\xa4", 2, 2 },
        { "broken text stays", "\x80\x80\x80\x80\x80\x80\x80", 5, 5 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char *exact = memcpy(malloc(rows[i].len + 1), rows[i].s, rows[i].len);  /* the sanitiser watches the end */

        exact = realloc(exact, rows[i].len ? rows[i].len : 1);
        check(utf8_valid(exact, rows[i].len) == rows[i].valid, rows[i].label);
        free(exact);
    }
    for (size_t i = 0; i < countof(clips); i++)
        check(utf8_clip(clips[i].s, clips[i].max) == clips[i].want, clips[i].label);
}

static void
test_escape(void **state)
{
    char out[801], small[6], many[300];

    (void)state;
    str_escape_peer("a\r\nb\\c\xff~\x7f", 9, out, sizeof out);
    assert_string_equal(out, "a\\x0d\\x0ab\\\\c\\xff~\\x7f");
    str_escape_peer("a\0b", 3, out, sizeof out);
    assert_string_equal(out, "a\\x00b");
    str_escape_peer("\n\nxx", 4, small, sizeof small);
    assert_string_equal(small, "\\x0a");
    memset(many, 1, sizeof many);
    str_escape_peer(many, sizeof many, out, sizeof out);
    assert_int_equal(strlen(out), 800);
    str_escape_peer(NULL, 0, out, sizeof out);
    assert_string_equal(out, "");
}

static void
test_encodings(void **state)
{
    /* RFC 4648 section 10, in lower case and without padding */
    static const struct { const char *bytes, *text; } rows[] = {
        { "", "" }, { "f", "my" }, { "fo", "mzxq" }, { "foo", "mzxw6" }, { "foob", "mzxw6yq" }, { "fooba", "mzxw6ytb" },
        { "foobar", "mzxw6ytboi" },
    };
    static const char *const not_base32[] = { "a", "mzx", "mzxw6y", "mz", "m1", "m=", "mzxw6ytboj", "m y", "\xc3\xa5" };
    uint8_t bytes[32], back[32];
    char text[80];
    size_t len;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        assert_int_equal(base32_encode((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes), text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
        len = sizeof back;
        check(base32_decode(text, strlen(text), back, &len), text);
        assert_int_equal(len, strlen(rows[i].bytes));
        assert_memory_equal(back, rows[i].bytes, len);
    }
    for (size_t i = 0; i < countof(not_base32); i++) {
        len = sizeof back;
        check(!base32_decode(not_base32[i], strlen(not_base32[i]), back, &len), not_base32[i]);
    }
    len = 3;
    assert_true(base32_decode("MZXW6", 5, back, &len));
    assert_memory_equal(back, "foo", 3);
    len = 2;
    assert_false(base32_decode("mzxw6", 5, back, &len));

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 201);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        assert_int_equal(base32_encode(bytes, n, text), (n * 8 + 4) / 5);
        len = n;
        assert_true(base32_decode(text, strlen(text), back, &len));
        assert_int_equal(len, n);
        assert_memory_equal(bytes, back, n);
        hex_encode(bytes, n, text);
        assert_int_equal(strlen(text), 2 * n);
        assert_true(hex_decode(text, back, n));
        assert_memory_equal(bytes, back, n);
    }
    hex_encode((const uint8_t *)"\x00\xaf\x10", 3, text);
    assert_string_equal(text, "00af10");
    assert_true(hex_decode("00AF10", back, 3));
    assert_false(hex_decode("00af1", back, 3));
    assert_false(hex_decode("00af100", back, 3));
    assert_false(hex_decode("00ag10", back, 3));
    assert_false(hex_decode("", back, 1));
    be64_put(bytes, UINT64_C(0x0102030405060708));
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
    assert_true(be64_get(bytes) == UINT64_C(0x0102030405060708));
    be64_put(bytes, UINT64_MAX);
    assert_true(be64_get(bytes) == UINT64_MAX);
}

static void
test_addresses(void **state)
{
    static const struct { const char *addr; bool valid; } valid[] = {
        { "a@b", true }, { "first.last+x=y@sub.example.com", true }, { "j\xc3\xb6rg@b\xc3\xbc" "cher.example", true },
        { "u@[192.0.2.1]", true }, { "", false }, { "@", false }, { "a@", false }, { "@b", false }, { "ab", false },
        { "a@b@c", false }, { "a b@c", false }, { "<a@b>", false }, { "a@b\r\nRCPT TO:<x@y>", false }, { "a\t@b", false },
        { "a@b\x7f", false }, { "\xfc@b", false },
    };
    static const struct { const char *addr, *base, *ext; } extensions[] = {
        { "support+x@h", "support@h", "x" },
        { "Support+AbC@H", "support@h", "AbC" },
        { "support+a+b@h", "support@h", "a+b" },
        { "support+@h", "support@h", "" },
        { "support@h", "support@h", NULL },
        { "support+x@other", "support@h", NULL },
        { "supporters+x@h", "support@h", NULL },
        { "suppor+x@h", "support@h", NULL },
        { "support+x@h.example", "support@h", NULL },
        { "su", "support@h", NULL },
        { "s@h", "support@h", NULL },
        { "support+x", "support@h", NULL },
    };
    char longest[ADDR_MAX + 2], fold[] = "Jane.Doe@EXAMPLE.Com";

    (void)state;
    for (size_t i = 0; i < countof(valid); i++)
        check(addr_valid(valid[i].addr) == valid[i].valid, valid[i].addr);
    assert_false(addr_valid(NULL));
    memset(longest, 'a', sizeof longest);
    longest[64] = '@';
    longest[ADDR_MAX] = '\0';
    assert_true(addr_valid(longest));
    longest[ADDR_MAX] = 'a';
    longest[ADDR_MAX + 1] = '\0';
    assert_false(addr_valid(longest));

    for (size_t i = 0; i < countof(extensions); i++) {
        const char *ext = NULL;
        size_t len = 0;
        bool found = addr_match_extension(extensions[i].addr, extensions[i].base, &ext, &len);

        check(found == !!extensions[i].ext, extensions[i].addr);
        if (found)
            check(len == strlen(extensions[i].ext) && !memcmp(ext, extensions[i].ext, len), extensions[i].addr);
    }
    assert_string_equal(addr_domain("a@b@c"), "c");
    assert_string_equal(addr_domain("nobody"), "");
    assert_true(addr_equal("Jane@Example.com", "jane@eXAMPLE.com"));
    assert_false(addr_equal("jane@example.com", "jane@example.org"));
    addr_fold(fold);
    assert_string_equal(fold, "Jane.Doe@example.com");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_folding),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
