/* SPDX-License-Identifier: ISC
 *
 * Golden mails: tests/fixtures/mail/NAME.eml gives, byte for byte, the line in NAME.want, which is what `ticketctl parse --json NAME.eml`
 * prints in that folder. Run from the top of the tree.
 */
#include "mail_read.h"

#include <glob.h>

#define FOLDER "tests/fixtures/mail/"

static void
golden(void **state)
{
    glob_t g;
    size_t wrong = 0;

    (void)state;
    assert_int_equal(glob(FOLDER "*.want", 0, NULL, &g), 0);
    assert_true(g.gl_pathc >= 25);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct buf name = {0}, mail = {0}, want = {0}, got = {0};
        buf_add(&name, g.gl_pathv[i], strlen(g.gl_pathv[i]) - strlen(".want"));
        buf_puts(&name, ".eml");
        assert_int_equal(file_read(name.data, 1u << 20, &mail), 0);
        assert_int_equal(file_read(g.gl_pathv[i], 1u << 20, &want), 0);
        struct test_mail t = test_read(mail.data, mail.len, NULL, true);
        mail_to_json(t.m, name.data + strlen(FOLDER), -1, &got);
        buf_putc(&got, '\n');
        if (strcmp(got.data, want.data) != 0) {
            print_error("%s\n got  %s want %s", name.data, got.data, want.data);
            wrong++;
        }
        test_done(&t);
        buf_free(&name);
        buf_free(&mail);
        buf_free(&want);
        buf_free(&got);
    }
    globfree(&g);
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
