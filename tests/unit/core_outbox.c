/* SPDX-License-Identifier: ISC
 *
 * What an outcome means for the outbox, and when the next try is due.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/core/engine.h"

static void
test_judge(void **state)
{
    static const struct { const char *label; unsigned code; bool unknown, auth; enum outbox_verdict want; } rows[] = {
        { "taken", 250, false, false, OUTBOX_DONE },        { "taken, forwarding", 251, false, false, OUTBOX_DONE },
        { "no reply", 0, false, false, OUTBOX_LATER },      { "unknown", 0, true, false, OUTBOX_LATER },
        { "unknown beats a code", 250, true, false, OUTBOX_LATER },
        { "for now", 451, false, false, OUTBOX_LATER },     { "closing", 421, false, false, OUTBOX_LATER },
        { "for good", 550, false, false, OUTBOX_FAILED },   { "utf8", 553, false, false, OUTBOX_FAILED },
        { "login", 535, false, true, OUTBOX_LATER },        { "nonsense", 354, false, false, OUTBOX_LATER },
        { "nonsense", 600, false, false, OUTBOX_LATER },    { "nonsense", 199, false, false, OUTBOX_LATER },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__SendOutcome o = TD__SEND_OUTCOME__INIT;

        o.code = rows[i].code;
        o.unknown = rows[i].unknown;
        o.has_auth_failed = true;
        o.auth_failed = rows[i].auth;
        if (outbox_judge(&o) != rows[i].want)
            fail_msg("%s (%u)", rows[i].label, rows[i].code);
    }
}

static void
test_next_try(void **state)
{
    int64_t want = 60;
    bool spread = false;

    (void)state;
    for (uint32_t attempts = 1; attempts < 40; attempts++) {
        for (uint32_t salt = 0; salt < 500; salt++) {
            int64_t got = outbox_next_try(attempts, salt * 7919);

            assert_in_range(got, want - want / 10, want + want / 10);
            assert_int_equal(got, outbox_next_try(attempts, salt * 7919));
            spread |= got != want;
        }
        want = want * 2 < 14400 ? want * 2 : 14400;
    }
    assert_true(spread);
    assert_in_range(outbox_next_try(0, 1), 54, 66);
    assert_in_range(outbox_next_try(UINT32_MAX, UINT32_MAX), 12960, 15840);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_judge), cmocka_unit_test(test_next_try) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
