/* SPDX-License-Identifier: ISC
 *
 * The reference part of ticketd.conf(5) is what the tables say. `conf_manual print` prints it, for pasting after a change;
 * `conf_manual write` puts it in its place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/conf.h"
#include <stdio.h>
#include <string.h>

#define MANUAL "man/ticketd.conf.5"

/* Where the reference begins and ends in the manual. */
static char *
reference_find(struct buf *manual, char **end)
{
    char *begin;

    assert_int_equal(file_read(MANUAL, 1 << 20, manual), 0);
    begin = strstr(manual->data, ".\\\" REFERENCE BEGIN");
    *end = strstr(manual->data, ".\\\" REFERENCE END");
    assert_non_null(begin);
    assert_non_null(*end);
    return strchr(begin, '\n') + 1;
}

static void
manual_is_complete(void **state)
{
    struct buf want = { 0 }, manual = { 0 };
    char *begin, *end;

    (void)state;
    conf_settings_print(&want);
    begin = reference_find(&manual, &end);
    *end = '\0';
    if (strcmp(begin, want.data))
        print_error("%s is older than src/conf/tables.c: run this test with the argument \"write\"\n", MANUAL);
    assert_string_equal(begin, want.data);
    buf_free(&want);
    buf_free(&manual);
}

static int
reference_write(void)
{
    struct buf reference = { 0 }, manual = { 0 };
    char *end, *begin = reference_find(&manual, &end);
    FILE *f = fopen(MANUAL, "w");

    if (!f)
        return 1;
    conf_settings_print(&reference);
    fwrite(manual.data, 1, (size_t)(begin - manual.data), f);
    fwrite(reference.data, 1, reference.len, f);
    fputs(end, f);
    buf_free(&reference);
    buf_free(&manual);
    return fclose(f);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(manual_is_complete) };
    struct buf b = { 0 };

    if (argc > 1 && !strcmp(argv[1], "write"))
        return reference_write();
    if (argc > 1 && !strcmp(argv[1], "print")) {
        conf_settings_print(&b);
        fputs(b.data, stdout);
        buf_free(&b);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
