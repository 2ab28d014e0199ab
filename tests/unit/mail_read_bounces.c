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

/* Bounces that were made to be slow to read: each ends at once, or the test does not. */
static void
hostile(void **state)
{
    static const struct { const char *label, *head, *again, *end; size_t times; } table[] = {
        {"many signs that are no address, then our own", "To: s@desk.example\n", "x@ ", "s@desk.example\n", 60000},
        {"replies without end", "", "550 a@b ", "\n", 25000},
        {"labels without ids", "", "Message-ID:\n", "\n", 15000},
        {"recipients without end", "", "<u@h.example>:\n<v@h.example>: 550 no\n", "\n", 5000},
        {"recipients that the text never names", "X-Failed-Recipients: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab@h.example\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\n", 4500},
        {"blocks without end", "Content-Type: message/delivery-status\n", "Final-Recipient: rfc822; a@b.example\nAction: failed\n", "\n", 50000},
    };

    (void)state;
    for (size_t i = 0; i < countof(table); i++) {
        struct buf b = {0};
        buf_printf(&b, "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n%s\nundeliverable\n", table[i].head);
        for (size_t k = 0; k < table[i].times; k++)
            buf_puts(&b, table[i].again);
        buf_puts(&b, table[i].end);
        struct test_mail t = test_read(b.data, b.len, NULL, true);
        if (t.m->machine->delivery_report == NULL || t.m->machine->delivery_report->n_others > 100)
            fail_msg("%s", table[i].label);
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounces), cmocka_unit_test(hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
