/* SPDX-License-Identifier: ISC
 *
 * Delivery reports in the shapes that servers give them: tests/fixtures/bounces/NAME.eml, each with its answer in its first field,
 * "X-Want: recipient action status original-message-id others", "-" for what it does not say. Run from the top of the tree.
 */
#include "mail_read.h"

#include <glob.h>

#define FOLDER "tests/fixtures/bounces/"

static void
bounces(void **state)
{
    size_t wrong = 0;
    glob_t g;

    (void)state;
    assert_int_equal(glob(FOLDER "*.eml", 0, NULL, &g), 0);
    assert_true(g.gl_pathc >= 70);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct buf mail = {0};
        char got[600] = "no", want[600] = "";
        assert_int_equal(file_read(g.gl_pathv[i], 1u << 20, &mail), 0);
        assert_int_equal(sscanf(mail.data, "X-Want: %599[^\n]", want), 1);
        struct test_mail t = test_read(mail.data, mail.len, NULL, true);
        const Td__DeliveryReport *d = t.m->machine->delivery_report;
        if (d != NULL)
            snprintf(got, sizeof got, "%s %s %s %s %zu", d->recipient == NULL ? "-" : d->recipient, d->action, d->status == NULL ? "-" : d->status,
                d->original_message_id == NULL ? "-" : d->original_message_id, d->n_others);
        if (strcmp(got, want) != 0 || t.m->machine->answerable || t.m->machine->counts_as_reply || t.m->forwarded != NULL) {
            print_error("%s\n got  %s\n want %s\n", g.gl_pathv[i], got, want);
            wrong++;
        }
        test_done(&t);
        buf_free(&mail);
    }
    globfree(&g);
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
