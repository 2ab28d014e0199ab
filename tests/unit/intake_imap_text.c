/* SPDX-License-Identifier: ISC
 *
 * The pure parts of the IMAP role: sets, names, dates, back-off, the table of UIDs, batches.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../src/intake/imap.h"

static void
uid_sets(void **state)
{
    static const struct { const char *label; uint32_t uids[8]; size_t n, max; const char *want; size_t taken; } rows[] = {
        { "one", { 7 }, 1, 100, "7", 1 },
        { "run", { 1, 2, 3 }, 3, 100, "1:3", 3 },
        { "two runs and a single", { 1, 2, 5, 7, 8, 9 }, 6, 100, "1:2,5,7:9", 6 },
        { "largest", { 4294967294u, 4294967295u }, 2, 100, "4294967294:4294967295", 2 },
        { "cut before the second", { 100, 200, 300 }, 3, 6, "100", 1 },
        { "cut exactly", { 100, 200, 300 }, 3, 7, "100,200", 2 },
        { "none", { 0 }, 0, 100, "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf b = { 0 };

        print_message("  %s\n", rows[i].label);
        buf_puts(&b, "");
        assert_int_equal(imap_uid_set(rows[i].uids, rows[i].n, rows[i].max, &b), rows[i].taken);
        assert_string_equal(b.data != NULL ? b.data : "", rows[i].want);
        buf_free(&b);
    }
}

static void
mailbox_names(void **state)
{
    static const struct { const char *name, *want; } rows[] = {
        { "INBOX", "INBOX" },
        { "Sales & Service", "Sales &- Service" },
        { "Ärenden", "&AMQ-renden" },
        { "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },      /* RFC 3501, 5.1.3 */
        { "smile 😀", "smile &2D3eAA-" },
        { "a\r\nb", NULL },
        { "\xff", NULL },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf b = { 0 };

        print_message("  row %zu\n", i);
        assert_int_equal(imap_mailbox_name(rows[i].name, &b), rows[i].want != NULL);
        if (rows[i].want != NULL)
            assert_string_equal(b.data, rows[i].want);
        buf_free(&b);
    }
}

static void
quoting(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_true(imap_quote("a \"b\" \\c", &b));
    assert_string_equal(b.data, "\"a \\\"b\\\" \\\\c\"");
    buf_clear(&b);
    assert_false(imap_quote("a\r\nb", &b));
    buf_free(&b);
}

static void
backoff_grows_and_scatters(void **state)
{
    (void)state;
    assert_in_range(imap_backoff_ms(1, 0), 500, 500);
    assert_in_range(imap_backoff_ms(1, 500), 1000, 1000);
    assert_in_range(imap_backoff_ms(4, 77), 4000, 8000);
    assert_int_equal(imap_backoff_ms(10, 0), 150000);
    for (uint32_t chance = 0; chance < 4000000000u; chance += 12345677)
        assert_in_range(imap_backoff_ms(4000000, chance), 150000, 300000);
    assert_true(imap_backoff_ms(5, 1) != imap_backoff_ms(5, 4711));
}

static void
dates(void **state)
{
    struct mailimap_date_time d = { .dt_day = 10, .dt_month = 3, .dt_year = 2026, .dt_hour = 11, .dt_min = 0, .dt_sec = 5, .dt_zone = 130 };

    (void)state;
    assert_int_equal(imap_date(&d), 1773135005);            /* 2026-03-10T09:30:05Z */
    d.dt_zone = -130;
    assert_int_equal(imap_date(&d), 1773135005 + 3 * 3600);
    d.dt_month = 13;
    assert_int_equal(imap_date(&d), 0);
}

static void
items_are_found_and_counted(void **state)
{
    struct imap_items s = { 0 };

    (void)state;
    for (uint32_t uid = 5000; uid > 0; uid--)
        if (uid % 2)
            assert_non_null(imap_items_add(&s, uid));
    for (uint32_t uid = 2; uid <= 5000; uid += 2)
        assert_non_null(imap_items_add(&s, uid));
    assert_null(imap_items_add(&s, 77));
    assert_int_equal(s.count[ITEM_OFFERED], 5000);
    for (size_t i = 1; i < s.n; i++)
        assert_true(s.v[i - 1].uid < s.v[i].uid);
    imap_items_set(&s, imap_items_find(&s, 77), ITEM_TAKEN);
    imap_items_drop(&s, ITEM_OFFERED);
    assert_int_equal(s.count[ITEM_OFFERED], 0);
    assert_null(imap_items_find(&s, 78));
    assert_int_equal(imap_items_find(&s, 77)->state, ITEM_TAKEN);
    assert_non_null(imap_items_add(&s, 78));                /* sweeps, then comes back */
    assert_int_equal(s.n, 2);
    imap_items_set(&s, imap_items_find(&s, 78), ITEM_GONE);
    assert_non_null(imap_items_add(&s, 78));                /* in its old place */
    assert_int_equal(s.n, 2);
    assert_int_equal(s.gone, 0);
    imap_items_free(&s);
}

static void
want(struct imap_items *s, uint32_t uid, uint32_t size)
{
    struct imap_item *i = imap_items_add(s, uid);

    i->size = size;
    imap_items_set(s, i, ITEM_WANTED);
}

static void
batches(void **state)
{
    struct imap_items s = { 0 };
    struct imap_batch b;
    uint32_t suspects[] = { 60 };

    (void)state;
    for (uint32_t uid = 1; uid <= 120; uid++)
        want(&s, uid, 1000);
    imap_batch_choose(&s, suspects, 1, 100 << 20, 200, &b);
    assert_int_equal(b.n, 50);
    assert_int_equal(b.bytes, 50000);
    assert_false(b.alone);
    imap_batch_choose(&s, suspects, 1, 100 << 20, 7, &b);
    assert_int_equal(b.n, 7);
    for (uint32_t uid = 1; uid <= 55; uid++)
        imap_items_set(&s, imap_items_find(&s, uid), ITEM_SENT);
    imap_batch_choose(&s, suspects, 1, 100 << 20, 200, &b);
    assert_int_equal(b.n, 4);                               /* up to the suspect */
    for (uint32_t uid = 56; uid <= 59; uid++)
        imap_items_set(&s, imap_items_find(&s, uid), ITEM_SENT);
    imap_batch_choose(&s, suspects, 1, 100 << 20, 200, &b);
    assert_int_equal(b.n, 1);
    assert_int_equal(b.uids[0], 60);
    assert_true(b.alone);
    imap_items_free(&s);

    want(&s, 1, 5 << 20);
    want(&s, 2, 4 << 20);
    want(&s, 3, 20 << 20);
    want(&s, 4, 200 << 20);
    for (uint32_t uid = 1; uid <= 4; uid++) {
        imap_batch_choose(&s, NULL, 0, 100 << 20, 200, &b);
        assert_int_equal(b.n, 1);                           /* 5 + 4 MiB are too many together */
        assert_int_equal(b.uids[0], uid);
        assert_int_equal(b.alone, uid >= 3);
        imap_items_set(&s, imap_items_find(&s, uid), ITEM_SENT);
    }
    imap_batch_choose(&s, NULL, 0, 100 << 20, 200, &b);
    assert_int_equal(b.n, 0);
    imap_items_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uid_sets), cmocka_unit_test(mailbox_names), cmocka_unit_test(quoting),
        cmocka_unit_test(backoff_grows_and_scatters), cmocka_unit_test(dates),
        cmocka_unit_test(items_are_found_and_counted), cmocka_unit_test(batches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
