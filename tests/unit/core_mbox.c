/* SPDX-License-Identifier: ISC
 *
 * mboxrd: what is read is what was written, and a broken From line is named by its line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../src/core/mbox.h"

#define AT 1773136800           /* 2026-03-10T10:00:00Z, a Tuesday */

static const struct { const char *label, *line, *sender; int64_t at; int line_no; } lines[] = {
    { "two blanks before the day", "From a@b.example Tue Mar  3 10:00:00 2026", "a@b.example", AT - 7 * 86400, 0 },
    { "one digit alone", "From a@b.example Tue Mar 3 10:00:00 2026", "a@b.example", AT - 7 * 86400, 0 },
    { "two digits", "From a@b.example Tue Mar 10 10:00:00 2026", "a@b.example", AT, 0 },
    { "CR before LF", "From a@b.example Tue Mar 10 10:00:00 2026\r", "a@b.example", AT, 0 },
    { "null by name", "From MAILER-DAEMON Tue Mar 10 10:00:00 2026", "", AT, 0 },
    { "null by dash", "From - Tue Mar 10 10:00:00 2026", "", AT, 0 },
    { "null by brackets", "From <> Tue Mar 10 10:00:00 2026", "", AT, 0 },
    { "the first second", "From a@b.example Thu Jan  1 00:00:00 1970", "a@b.example", 0, 0 },
    { "a leap day", "From a@b.example Thu Feb 29 23:59:59 2024", "a@b.example", 1709251199, 0 },
    { "no leap day", "From a@b.example Sun Feb 29 10:00:00 2026", NULL, 0, 1 },
    { "no such month", "From a@b.example Tue Foo 10 10:00:00 2026", NULL, 0, 1 },
    { "a month between two", "From a@b.example Tue anF 10 10:00:00 2026", NULL, 0, 1 },
    { "hour 24", "From a@b.example Tue Mar 10 24:00:00 2026", NULL, 0, 1 },
    { "minute 60", "From a@b.example Tue Mar 10 10:60:00 2026", NULL, 0, 1 },
    { "before its time", "From a@b.example Tue Mar 10 10:00:00 1969", NULL, 0, 1 },
    { "words behind it", "From a@b.example Tue Mar 10 10:00:00 2026 remote from x", NULL, 0, 1 },
    { "no date", "From a@b.example", NULL, 0, 1 },
    { "no sender", "From Tue Mar 10 10:00:00 2026", NULL, 0, 1 },
    { "no From", "Subject: x", NULL, 0, 1 },
    { "lower case", "from a@b.example Tue Mar 10 10:00:00 2026", NULL, 0, 1 },
};

static void
from_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(lines); i++) {
        struct buf text = { 0 };
        struct mbox_mail m = { .at = -1 };
        char error[128] = "";
        buf_printf(&text, "%s\nbody\n", lines[i].line);
        struct mbox box = { .bytes = text.data, .len = text.len };
        int rc = mbox_next(&box, &m, error);
        if (lines[i].sender != NULL ? rc != 1 || strcmp(m.sender, lines[i].sender) != 0 || m.at != lines[i].at || strcmp(m.bytes.data, "body\n") != 0
                                    : rc != -1 || strstr(error, "line 1:") == NULL)
            fail_msg("%s: rc %d, sender %s, at %lld, error %s", lines[i].label, rc, m.sender, (long long)m.at, error);
        buf_free(&m.bytes);
        buf_free(&text);
    }
}

static void
a_very_long_from_line_is_an_error(void **state)
{
    (void)state;
    struct buf text = { 0 };
    struct mbox_mail m = { .at = 0 };
    char error[128];
    buf_puts(&text, "From ");
    for (int i = 0; i < 100000; i++)
        buf_putc(&text, 'x');
    buf_puts(&text, " Tue Mar 10 10:00:00 2026\n");
    struct mbox box = { .bytes = text.data, .len = text.len };
    assert_int_equal(mbox_next(&box, &m, error), -1);
    buf_free(&m.bytes);
    buf_free(&text);
}

static void
an_empty_file_has_no_mail(void **state)
{
    (void)state;
    static const char *const empty[] = { "", "\n", "\n\n\n" };
    for (size_t i = 0; i < countof(empty); i++) {
        struct mbox box = { .bytes = empty[i], .len = strlen(empty[i]) };
        struct mbox_mail m = { .at = 0 };
        char error[128];
        assert_int_equal(mbox_next(&box, &m, error), 0);
        buf_free(&m.bytes);
    }
}

static void
a_broken_line_in_the_middle_is_named_by_its_number(void **state)
{
    (void)state;
    static const char text[] = "From a@b.example Tue Mar 10 10:00:00 2026\nSubject: x\n\nbody\n\nFrom somebody some day\nbody\n";
    struct mbox box = { .bytes = text, .len = sizeof text - 1 };
    struct mbox_mail m = { .at = 0 };
    char error[128];
    assert_int_equal(mbox_next(&box, &m, error), 1);
    assert_string_equal(m.bytes.data, "Subject: x\n\nbody\n");
    assert_int_equal(mbox_next(&box, &m, error), -1);
    assert_non_null(strstr(error, "line 6:"));
    buf_free(&m.bytes);
}

static const struct { const char *label, *in, *out; } mails[] = {
    { "plain", "Subject: a\n\nbody\n", "Subject: a\n\nbody\n" },
    { "From in the body", "a\n\nFrom here on\n", "a\n\nFrom here on\n" },
    { "From at the very start", "From: x@y\n\nFrom \n", "From: x@y\n\nFrom \n" },
    { "quoted From", "a\n\n>From x\n>>From y\n> From z\n", "a\n\n>From x\n>>From y\n> From z\n" },
    { "CRLF becomes LF", "a\r\n\r\nbody\r\nFrom x\r\n", "a\n\nbody\nFrom x\n" },
    { "CR inside a line stays", "a\n\nb\rc\n", "a\n\nb\rc\n" },
    { "no line end at the end", "a\n\nbody", "a\n\nbody\n" },
    { "blank lines at the end", "a\n\nbody\n\n\n", "a\n\nbody\n\n\n" },
    { "empty", "", "" },
};

static void
what_is_written_is_read_again(void **state)
{
    (void)state;
    struct buf file = { 0 };
    struct mbox_mail m = { .at = 0 };
    char error[128] = "";
    for (size_t i = 0; i < countof(mails); i++)
        mbox_add(&file, i % 2 == 0 ? "a@b.example" : "", AT + (int64_t)i, mails[i].in, strlen(mails[i].in));
    assert_null(memchr(file.data, '\0', file.len));
    struct mbox box = { .bytes = file.data, .len = file.len };
    for (size_t i = 0; i < countof(mails); i++) {
        if (mbox_next(&box, &m, error) != 1)
            fail_msg("%s: %s", mails[i].label, error);
        if (strcmp(m.bytes.data, mails[i].out) != 0 || m.at != AT + (int64_t)i || strcmp(m.sender, i % 2 == 0 ? "a@b.example" : "") != 0)
            fail_msg("%s: %s at %lld: \"%s\"", mails[i].label, m.sender, (long long)m.at, m.bytes.data);
    }
    assert_int_equal(mbox_next(&box, &m, error), 0);
    buf_free(&m.bytes);
    buf_free(&file);
}

static void
the_from_line_written_is_asctime(void **state)
{
    (void)state;
    static const struct { int64_t at; const char *line; } rows[] = {
        { AT, "From MAILER-DAEMON Tue Mar 10 10:00:00 2026\n" }, { 0, "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" },
        { 1709251199, "From MAILER-DAEMON Thu Feb 29 23:59:59 2024\n" }, { 951782400, "From MAILER-DAEMON Tue Feb 29 00:00:00 2000\n" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf b = { 0 };
        mbox_add(&b, "", rows[i].at, "x\n", 2);
        assert_memory_equal(b.data, rows[i].line, strlen(rows[i].line));
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_lines),
        cmocka_unit_test(a_very_long_from_line_is_an_error),
        cmocka_unit_test(an_empty_file_has_no_mail),
        cmocka_unit_test(a_broken_line_in_the_middle_is_named_by_its_number),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_from_line_written_is_asctime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
