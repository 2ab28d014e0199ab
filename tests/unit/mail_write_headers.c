/* SPDX-License-Identifier: ISC
 *
 * The header of a letter: whatever stands in its record, only our own fields come out, in ASCII, folded, and they read back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail_write.h"
#include <glib.h>
#include <stdio.h>

/* The raw value of a field with its folding, after ": "; NULL when there is none; fails when there are two. */
static char *
field(const char *mail, const char *name)
{
    const char *end = strstr(mail, "\r\n\r\n");
    char *found = NULL;

    for (const char *s = mail; s < end; ) {
        const char *eol = strstr(s, "\r\n");

        while (eol < end && (eol[2] == ' ' || eol[2] == '\t'))
            eol = strstr(eol + 2, "\r\n");
        if (strncmp(s, name, strlen(name)) == 0 && s[strlen(name)] == ':') {
            const char *value = s + strlen(name) + 1;

            assert_null(found);
            if (*value == ' ')
                value++;
            found = strndup(value, (size_t)(eol - value));
        }
        s = eol + 2;
    }
    return found;
}

static void
unfold(char *s)
{
    char *out = s;

    for (; *s != '\0'; s++)
        if (*s != '\r' && *s != '\n')
            *out++ = *s;
    *out = '\0';
}

/* Reads RFC 2047 back: words side by side lose the blank between them. Each word is checked for its length and its own UTF-8. */
static void
decode(const char *s, struct buf *out)
{
    buf_puts(out, "");
    while (*s != '\0') {
        const char *end, *text;
        struct buf word = { 0 };

        if (strncmp(s, "=?utf-8?", 8) != 0) {
            buf_putc(out, *s++);
            continue;
        }
        text = s + 10;
        end = strstr(text, "?=");
        assert_non_null(end);
        assert_true(end + 2 - s <= 75);
        if (s[8] == 'B') {
            char *b64 = g_strndup(text, (gsize)(end - text));
            gsize n;
            guchar *bytes = g_base64_decode(b64, &n);

            buf_add(&word, bytes, n);
            g_free(bytes);
            g_free(b64);
        } else {
            for (; text < end; text++) {
                uint8_t byte;
                char hex[3] = { text[0] == '=' ? text[1] : '\0', text[0] == '=' ? text[2] : '\0', '\0' };

                if (text[0] == '=') {
                    assert_true(hex_decode(hex, &byte, 1));
                    buf_putc(&word, (char)byte);
                    text += 2;
                } else {
                    assert_true(text[0] != ' ' && text[0] != '?');
                    buf_putc(&word, text[0] == '_' ? ' ' : text[0]);
                }
            }
        }
        assert_true(utf8_valid(word.data, word.len));
        buf_add(out, word.data, word.len);
        buf_free(&word);
        s = end + 2;
        if (strncmp(s, " =?utf-8?", 9) == 0)
            s++;
    }
}

static void
check_columns(const char *name, const char *folded)
{
    size_t col = strlen(name) + 2;

    for (const char *s = folded; *s != '\0'; s++) {
        col = *s == '\n' ? 0 : col + 1;
        assert_true(col <= 78);
    }
}

static void
subjects_read_back(void **state)
{
    char *cjk = repeat("日本語", 60), *word = repeat("x", 300), *words = repeat("blue ", 100), *emoji = repeat("😀é", 40);
    struct { const char *label, *subject, *want, *raw; } rows[] = {
        { "plain", "[CAS-00001-9LGW] Printer", NULL, "[CAS-00001-9LGW] Printer" },
        { "empty", "", NULL, "" },
        { "only blanks", "   ", "", "" },
        { "blanks folded", "  a   b ", "a b", "a b" },
        { "one word encoded, the number stays plain", "[CAS-00001-9LGW] Störung", NULL, "[CAS-00001-9LGW] =?utf-8?Q?St=C3=B6rung?=" },
        { "words side by side keep their blank", "Störung für Jörg", NULL, NULL },
        { "plain between encoded", "ä b ü", NULL, "=?utf-8?Q?=C3=A4?= b =?utf-8?Q?=C3=BC?=" },
        { "looks encoded", "=?utf-8?Q?=0D=0AX-Evil:_1?=", NULL, NULL },
        { "half an encoded word", "a =? b ?=", NULL, NULL },
        { "specials of Q", "?=_ü_=?.(\")", NULL, NULL },
        { "base64 where shorter", "日本語", NULL, "=?utf-8?B?5pel5pys6Kqe?=" },
        { "long without blanks, CJK", cjk, NULL, NULL },
        { "long without blanks, ASCII", word, NULL, NULL },
        { "many words", words, NULL, NULL },
        { "four-byte characters", emoji, NULL, NULL },
        { "NEL and line separator are text", "a\xc2\x85" "b\xe2\x80\xa8" "c", NULL, NULL },
        { "combining at the seam", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé́ y", NULL, NULL },
        { "field look-alike", "X-Evil: 1", NULL, "X-Evil: 1" },
    };

    (void)state;
    words[strlen(words) - 1] = '\0';
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        struct buf back = { 0 };
        char *mail, *raw;

        print_message("%s\n", rows[i].label);
        l.subject = (char *)(uintptr_t)rows[i].subject;
        mail = compose(&l);
        raw = field(mail, "Subject");
        check_columns("Subject", raw);
        if (rows[i].raw != NULL)
            assert_string_equal(raw, rows[i].raw);
        unfold(raw);
        decode(raw, &back);
        assert_string_equal(back.data, rows[i].want != NULL ? rows[i].want : rows[i].subject);
        buf_free(&back);
        free(raw);
        free(mail);
    }
    free(cjk);
    free(word);
    free(words);
    free(emoji);
}

static void
huge_subject_is_cut(void **state)
{
    Td__Letter l = letter();
    char *huge = repeat("ü ", 100000), *mail, *raw;
    struct buf back = { 0 };

    (void)state;
    l.subject = huge;
    mail = compose(&l);
    raw = field(mail, "Subject");
    check_columns("Subject", raw);
    unfold(raw);
    decode(raw, &back);
    assert_true(back.len > 900 && back.len <= 1003);
    assert_string_equal(back.data + back.len - 3, "…");
    assert_true(utf8_valid(back.data, back.len));
    buf_free(&back);
    free(raw);
    free(mail);
    free(huge);
}

static void
names_and_addresses(void **state)
{
    static const struct { const char *label, *name, *addr, *raw; } rows[] = {
        { "bare", NULL, "a@b.example", "a@b.example" },
        { "empty name", "", "a@b.example", "a@b.example" },
        { "blank name", "  ", "a@b.example", "a@b.example" },
        { "atoms", "Anna Berg", "a@b.example", "Anna Berg <a@b.example>" },
        { "quoted", "Berg, Anna (IT)", "a@b.example", "\"Berg, Anna (IT)\" <a@b.example>" },
        { "dot", "A. Berg", "a@b.example", "\"A. Berg\" <a@b.example>" },
        { "quotes inside", "say \"hi\" \\", "a@b.example", "\"say \\\"hi\\\" \\\\\" <a@b.example>" },
        { "an address as name", "boss@bank.example", "a@b.example", "\"boss@bank.example\" <a@b.example>" },
        { "angle brackets as name", "<boss@bank.example>,", "a@b.example", "\"<boss@bank.example>,\" <a@b.example>" },
        { "encoded", "Jörg", "a@b.example", "=?utf-8?Q?J=C3=B6rg?= <a@b.example>" },
        { "encoded, comma too", "Jörg, A", "a@b.example", "=?utf-8?Q?J=C3=B6rg=2C_A?= <a@b.example>" },
        { "encoded look-alike", "=?utf-8?Q?x?=", "a@b.example", "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?= <a@b.example>" },
        { "plus", NULL, "support+abc@b.example", "support+abc@b.example" },
        { "comma in local part", NULL, "a,b@b.example", "\"a,b\"@b.example" },
        { "colon and semicolon", "x", "a:b;@b.example", "x <\"a:b;\"@b.example>" },
        { "two dots", NULL, "a..b@b.example", "\"a..b\"@b.example" },
        { "quoted local part stays", NULL, "\"a,b\"@b.example", "\"a,b\"@b.example" },
        { "half a quote", NULL, "\"a@b.example", "\"\\\"a\"@b.example" },
        { "escape at the end", NULL, "\"a\\\"@b.example", "\"\\\"a\\\\\\\"\"@b.example" },
        { "literal", NULL, "a@[192.0.2.1]", "a@[192.0.2.1]" },
        { "domain outside ASCII", NULL, "a@bücher.example", "a@xn--bcher-kva.example" },
        { "local part outside ASCII", "Jörg", "jörg@b.example", "=?utf-8?Q?J=C3=B6rg_=3Cj=C3=B6rg=40b=2Eexample=3E?= :;" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        Td__Address one = TD__ADDRESS__INIT, *list[] = { &one };
        char *mail, *raw;

        print_message("%s\n", rows[i].label);
        one.name = (char *)(uintptr_t)rows[i].name;
        one.addr = (char *)(uintptr_t)rows[i].addr;
        l.to = list;
        mail = compose(&l);
        raw = field(mail, "To");
        assert_string_equal(raw, rows[i].raw);
        free(raw);
        free(mail);
    }
}

static void
long_name_is_encoded_and_cut(void **state)
{
    Td__Letter l = letter();
    Td__Address one = TD__ADDRESS__INIT, *list[] = { &one };
    char *name = repeat("verylong", 100), *mail, *raw;

    (void)state;
    one.name = name;
    one.addr = (char *)"a@b.example";
    l.to = list;
    mail = compose(&l);
    raw = field(mail, "To");
    check_columns("To", raw);
    assert_true(strlen(raw) < 400);
    assert_non_null(strstr(raw, " <a@b.example>"));
    free(raw);
    free(mail);
    free(name);
}

static void
many_recipients_fold(void **state)
{
    enum { N = 40 };
    Td__Letter l = letter();
    Td__Address v[N], *list[N];
    char *mail, *raw;
    size_t commas = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        td__address__init(&v[i]);
        v[i].name = (char *)"Berg, Anna";
        v[i].addr = (char *)"anna.berg@example.org";
        list[i] = &v[i];
    }
    l.to = list;
    l.n_to = N;
    mail = compose(&l);
    raw = field(mail, "To");
    check_columns("To", raw);
    for (const char *s = raw; (s = strstr(s, ">,")) != NULL; s++)
        commas++;
    assert_int_equal(commas, N - 1);
    free(raw);
    free(mail);
}

static void
all_fields(void **state)
{
    Td__Letter l = letter();
    char *refs[] = { (char *)"one@h", (char *)"two@h" };
    static const struct { const char *name, *value; } want[] = {
        { "Date", "Tue, 10 Mar 2026 11:00:00 +0100" }, { "From", "Support <support@example.com>" },
        { "To", "anna@example.org" }, { "Reply-To", "support@example.com" }, { "Subject", "[CAS-00001-9LGW] Printer" },
        { "Message-ID", "<1.1.abc@example.com>" }, { "In-Reply-To", "<two@h>" }, { "References", "<one@h> <two@h>" },
        { "Auto-Submitted", "auto-replied" }, { "X-Auto-Response-Suppress", "All" }, { "X-Ticketd-Case", "CAS-00001-9LGW" },
        { "X-Ticketd-Kind", "ack" }, { "Content-Language", "en" }, { "MIME-Version", "1.0" },
        { "Content-Type", "text/plain; charset=utf-8" }, { "Content-Transfer-Encoding", "7bit" },
    };
    Td__Address reply = TD__ADDRESS__INIT;
    char *mail;

    (void)state;
    reply.addr = (char *)"support@example.com";
    l.has_zone_offset_s = 1;
    l.zone_offset_s = 3600;
    l.reply_to = &reply;
    l.in_reply_to = (char *)"two@h";
    l.references = refs;
    l.n_references = 2;
    l.auto_submitted = (char *)"auto-replied";
    l.case_number = (char *)"CAS-00001-9LGW";
    l.language = (char *)"en";
    mail = compose(&l);
    for (size_t i = 0; i < countof(want); i++) {
        char *raw = field(mail, want[i].name);

        print_message("%s\n", want[i].name);
        assert_non_null(raw);
        assert_string_equal(raw, want[i].value);
        free(raw);
    }
    free(mail);
}

static void
a_person_s_letter_is_not_automatic(void **state)
{
    Td__Letter l = letter();
    char *mail;

    (void)state;
    l.kind = TD__LETTER__KIND__RELAY;
    mail = compose(&l);
    assert_null(field(mail, "Auto-Submitted"));
    assert_null(field(mail, "X-Auto-Response-Suppress"));
    assert_null(field(mail, "X-Ticketd-Case"));
    assert_null(field(mail, "In-Reply-To"));
    assert_null(field(mail, "References"));
    assert_non_null(strstr(mail, "\r\nX-Ticketd-Kind: relay\r\n"));
    free(mail);
}

static void
dates(void **state)
{
    static const struct { int64_t at; int64_t offset; const char *raw; } rows[] = {
        { 0, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
        { 0, -3600, "Wed, 31 Dec 1969 23:00:00 -0100" },
        { 1773136800, 0, "Tue, 10 Mar 2026 10:00:00 +0000" },
        { 1773136800, 19800, "Tue, 10 Mar 2026 15:30:00 +0530" },
        { 1773136800, -12600, "Tue, 10 Mar 2026 06:30:00 -0330" },
        { 1709164799, 7200, "Thu, 29 Feb 2024 01:59:59 +0200" },
        { INT64_C(253402214400), 0, "Fri, 31 Dec 9999 00:00:00 +0000" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        char *mail, *raw;

        l.date = rows[i].at;
        l.has_zone_offset_s = 1;
        l.zone_offset_s = rows[i].offset;
        mail = compose(&l);
        raw = field(mail, "Date");
        assert_string_equal(raw, rows[i].raw);
        free(raw);
        free(mail);
    }
}

static void
references_keep_the_first_and_the_last(void **state)
{
    enum { N = 100 };
    Td__Letter l = letter();
    char text[N][40], *refs[N], *mail, *raw;
    size_t ids = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        snprintf(text[i], sizeof text[i], "id-%zu@host.example", i);
        refs[i] = text[i];
    }
    l.references = refs;
    l.n_references = N;
    mail = compose(&l);
    raw = field(mail, "References");
    check_columns("References", raw);
    for (const char *s = raw; (s = strchr(s, '<')) != NULL; s++)
        ids++;
    assert_int_equal(ids, 21);
    assert_memory_equal(raw, "<id-0@host.example>", 19);
    assert_non_null(strstr(raw, "<id-80@host.example>"));
    assert_non_null(strstr(raw, "<id-99@host.example>"));
    assert_null(strstr(raw, "<id-79@host.example>"));
    free(raw);
    free(mail);
}

static void
references_have_a_size(void **state)
{
    enum { N = 30 };
    Td__Letter l = letter();
    char *refs[N], *mail, *raw;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        refs[i] = repeat("r", 450);
        memcpy(refs[i] + 10, "@", 1);
        refs[i][0] = (char)('A' + i % 26);
    }
    l.references = refs;
    l.n_references = N;
    mail = compose(&l);
    raw = field(mail, "References");
    assert_true(strlen(raw) <= 4096 && strlen(raw) > 3000);
    free(raw);
    free(mail);
    for (size_t i = 0; i < N; i++)
        free(refs[i]);
}

static void
odd_references_are_left_out(void **state)
{
    Td__Letter l = letter();
    char *huge = repeat("a@", 600);
    char *refs[] = { (char *)"", (char *)"x\r\nX-Evil: 1@h", (char *)"a b@h", (char *)"a>@<h", (char *)"ü@h", (char *)"no-at", huge,
                     (char *)"good@h", (char *)"\x7f@h" };
    char *mail, *raw;

    (void)state;
    l.references = refs;
    l.n_references = countof(refs);
    l.in_reply_to = refs[1];
    mail = compose(&l);
    raw = field(mail, "References");
    assert_string_equal(raw, "<good@h>");
    assert_null(field(mail, "In-Reply-To"));
    assert_null(strstr(mail, "Evil"));
    free(raw);
    free(mail);
    l.n_references = 3;
    mail = compose(&l);
    assert_null(field(mail, "References"));
    free(mail);
    free(huge);
}

/* Each row spoils one value; `out` keeps what it had. */
static void
refused(void **state)
{
    static Td__Address evil_name = { .name = (char *)"a\r\nX-Evil: 1", .addr = (char *)"a@b.example" };
    static Td__Address evil_addr = { .addr = (char *)"a@b.example>\r\nX-Evil: 1" };
    static Td__Address no_at = { .addr = (char *)"nobody" };
    static Td__Address comma = { .addr = (char *)"a@b.example,c.example" };
    static Td__Address smtputf8 = { .addr = (char *)"jörg@b.example" };
    static Td__Address bad_utf8 = { .name = (char *)"\xff", .addr = (char *)"a@b.example" };
    enum where { SUBJECT, ID, FROM, TO, REPLY, CASE, AUTO, LANGUAGE, TEXT, HTML, NOBODY, DATE, ZONE };
    static const struct { const char *label; enum where where; const char *value; Td__Address *address; int64_t number; } rows[] = {
        { "line in subject", SUBJECT, "a\r\nX-Evil: 1", NULL, 0 },
        { "bare LF in subject", SUBJECT, "a\n b", NULL, 0 },
        { "tab in subject", SUBJECT, "a\tb", NULL, 0 },
        { "broken UTF-8 in subject", SUBJECT, "a\xc3", NULL, 0 },
        { "line in Message-ID", ID, "x@y>\r\nX-Evil2: 1", NULL, 0 },
        { "bracket in Message-ID", ID, "x@y>", NULL, 0 },
        { "blank in Message-ID", ID, "x @y", NULL, 0 },
        { "no at in Message-ID", ID, "x", NULL, 0 },
        { "8 bits in Message-ID", ID, "ü@y", NULL, 0 },
        { "line in From's name", FROM, NULL, &evil_name, 0 },
        { "line in an address", TO, NULL, &evil_addr, 0 },
        { "line in Reply-To", REPLY, NULL, &evil_name, 0 },
        { "no address", TO, NULL, &no_at, 0 },
        { "comma in a domain", TO, NULL, &comma, 0 },
        { "broken UTF-8 in a name", TO, NULL, &bad_utf8, 0 },
        { "From outside ASCII", FROM, NULL, &smtputf8, 0 },
        { "Reply-To outside ASCII", REPLY, NULL, &smtputf8, 0 },
        { "line in the case", CASE, "CAS\r\nX: 1", NULL, 0 },
        { "line in Auto-Submitted", AUTO, "no\nX: 1", NULL, 0 },
        { "odd language", LANGUAGE, "en;", NULL, 0 },
        { "empty language", LANGUAGE, "", NULL, 0 },
        { "broken UTF-8 in the text", TEXT, "\xff", NULL, 0 },
        { "broken UTF-8 in the HTML", HTML, "\xff", NULL, 0 },
        { "nobody to write to", NOBODY, NULL, NULL, 0 },
        { "before 1970", DATE, NULL, NULL, -1 },
        { "after 9999", DATE, NULL, NULL, INT64_MAX },
        { "zone of a day", ZONE, NULL, NULL, 86400 },
        { "absurd zone", ZONE, NULL, NULL, INT64_MIN },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Letter l = letter();
        Td__Address *list[] = { rows[i].address };
        char *value = (char *)(uintptr_t)rows[i].value;
        char **strings[] = { [SUBJECT] = &l.subject, [ID] = &l.message_id, [CASE] = &l.case_number, [AUTO] = &l.auto_submitted,
                             [LANGUAGE] = &l.language, [TEXT] = &l.text, [HTML] = &l.html };
        struct buf b = { 0 };
        const char *error = NULL;

        print_message("%s\n", rows[i].label);
        switch (rows[i].where) {
        case FROM: l.from = rows[i].address; break;
        case REPLY: l.reply_to = rows[i].address; break;
        case TO: l.to = list; break;
        case NOBODY: l.n_to = 0; break;
        case DATE: l.date = rows[i].number; break;
        case ZONE: l.has_zone_offset_s = 1; l.zone_offset_s = rows[i].number; break;
        default: *strings[rows[i].where] = value;
        }
        buf_puts(&b, "before");
        assert_false(mail_compose(&l, &b, &error));
        assert_non_null(error);
        assert_string_equal(b.data, "before");
        assert_int_equal(b.len, 6);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects_read_back), cmocka_unit_test(huge_subject_is_cut), cmocka_unit_test(names_and_addresses),
        cmocka_unit_test(long_name_is_encoded_and_cut), cmocka_unit_test(many_recipients_fold), cmocka_unit_test(all_fields),
        cmocka_unit_test(a_person_s_letter_is_not_automatic), cmocka_unit_test(dates),
        cmocka_unit_test(references_keep_the_first_and_the_last), cmocka_unit_test(references_have_a_size),
        cmocka_unit_test(odd_references_are_left_out), cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
