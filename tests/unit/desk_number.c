/* SPDX-License-Identifier: ISC
 *
 * Case numbers, Message-IDs and tokens: what we made is known again, what anybody else made is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ticketd/desk.h"

static const uint8_t key[DESK_KEY_BYTES] = { 1, 2, 3 }, other_key[DESK_KEY_BYTES] = { 9 };
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

static void
number_shape(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    const char *one = desk_number_make(key, "CAS", 1, a), *big = desk_number_make(key, "CAS", 1234567, a);
    uint64_t id = 0;
    assert_int_equal(strlen(one), strlen("CAS-00001-XXXX"));
    assert_memory_equal(one, "CAS-00001-", 10);
    assert_memory_equal(big, "CAS-1234567-", 12);
    assert_int_equal(desk_number_check(key, "CAS", big, &id), DESK_NUMBER_OK);
    assert_int_equal(id, 1234567);
    assert_string_not_equal(one, desk_number_make(other_key, "CAS", 1, a));
    arena_free(&a);
}

static void
number_forms(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char good[32], lower[32], flipped[32], next[32];
    strcpy(good, desk_number_make(key, "CAS", 5304, a));
    strcpy(lower, good);
    str_lower(lower);
    strcpy(flipped, good);
    flipped[10] = flipped[10] == 'A' ? 'B' : 'A';
    strcpy(next, good);
    next[8] = next[8] == '9' ? '8' : '9';
    const struct { const char *label, *prefix, *text; enum desk_number want; } rows[] = {
        { "as given out", "CAS", good, DESK_NUMBER_OK },
        { "lower case", "CAS", lower, DESK_NUMBER_OK },
        { "prefix in lower case", "cas", good, DESK_NUMBER_OK },
        { "suffix of another", "CAS", flipped, DESK_NUMBER_WRONG },
        { "number of another", "CAS", next, DESK_NUMBER_WRONG },
        { "too short a suffix", "CAS", "CAS-05304-9LG", DESK_NUMBER_WRONG },
        { "zero", "CAS", "CAS-00000-2222", DESK_NUMBER_WRONG },
        { "another desk's prefix", "WF", good, DESK_NUMBER_FOREIGN },
        { "prefix that only begins alike", "CA", good, DESK_NUMBER_FOREIGN },
        { "no digits", "CAS", "CAS--9LGW", DESK_NUMBER_FOREIGN },
        { "no suffix", "CAS", "CAS-05304", DESK_NUMBER_FOREIGN },
        { "digits beyond all numbers", "CAS", "CAS-99999999999999999999999-2222", DESK_NUMBER_FOREIGN },
        { "empty", "CAS", "", DESK_NUMBER_FOREIGN },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        uint64_t id = 0;
        enum desk_number got = desk_number_check(key, rows[i].prefix, rows[i].text, &id);
        if (got != rows[i].want)
            fail_msg("%s: %d", rows[i].label, got);
        assert_int_equal(id, got == DESK_NUMBER_OK ? 5304 : 0);
    }
    arena_free(&a);
}

static void
number_many(void **state)
{
    (void)state;
    size_t seen[32] = {0};
    unsigned guessed = 0;
    for (uint64_t i = 1; i <= 100000; i++) {
        struct arena *a = arena_new(0);
        const char *n = desk_number_make(key, "X", i, a);
        uint64_t id = 0;
        assert_int_equal(desk_number_check(key, "X", n, &id), DESK_NUMBER_OK);
        assert_int_equal(id, i);
        const char *suffix = strrchr(n, '-') + 1;
        for (int c = 0; c < 4; c++) {
            const char *at = strchr(alphabet, suffix[c]);
            assert_non_null(at);
            seen[at - alphabet]++;
        }
        const char *guess = arena_printf(a, "X-%llu-%s", (unsigned long long)i, "2345");
        guessed += desk_number_check(key, "X", guess, &id) == DESK_NUMBER_OK;
        arena_free(&a);
    }
    for (int i = 0; i < 32; i++)
        assert_in_range(seen[i], 12500 - 700, 12500 + 700);
    assert_true(guessed <= 2);
}

static void
message_ids(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char id[128], folded[128];
    uint64_t c = 0, l = 0;
    strcpy(id, desk_message_id_make(key, 42, 7, "example.com", a));
    assert_non_null(strstr(id, "@example.com"));
    assert_true(desk_message_id_check(key, id, &c, &l));
    assert_int_equal(c, 42);
    assert_int_equal(l, 7);
    assert_false(desk_message_id_check(other_key, id, &c, &l));
    strcpy(folded, id);
    for (char *p = folded; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    assert_true(desk_message_id_check(key, folded, &c, &l));
    for (size_t i = 0; i < (size_t)(strchr(id, '@') - id); i++) {       /* every character of it counts */
        char bent[128];
        strcpy(bent, id);
        bent[i] = bent[i] == 'b' ? 'c' : bent[i] == '2' ? '3' : bent[i] >= '0' && bent[i] <= '9' ? '2' : 'b';
        if (desk_message_id_check(key, bent, &c, &l))
            fail_msg("bent at %zu: %s", i, bent);
    }
    const char *const foreign[] = { "", "ticketd.", "ticketd.1.1@x", "ticketd.1.1.aaaaaaaaaaaaaaaa@x", "CAF+abc@mail.gmail.com", "ticketd.042.7.x@y" };
    for (size_t i = 0; i < countof(foreign); i++)
        assert_false(desk_message_id_check(key, foreign[i], &c, &l));
    assert_false(desk_message_id_check(key, NULL, &c, &l));
    Td__Message m = TD__MESSAGE__INIT;
    assert_false(desk_message_is_own(key, &m));
    m.message_id = id;
    assert_true(desk_message_is_own(key, &m));
    arena_free(&a);
}

static void
tokens(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    const int64_t now = 1770000000, day = 86400;
    char t[64];
    strcpy(t, desk_token_make(key, DESK_TOKEN_REPLY, 5304, "Ann@Example.com", now + 10 * day, a));
    char upper[64];
    for (size_t i = 0; i <= strlen(t); i++)
        upper[i] = (char)(t[i] >= 'a' && t[i] <= 'z' ? t[i] - 32 : t[i]);
    const struct { const char *label; const uint8_t *key; enum desk_token purpose; const char *text, *sender; int64_t at; bool ok, mine; } rows[] = {
        { "its own recipient", key, DESK_TOKEN_REPLY, t, "ann@example.com", now, true, true },
        { "folded by a mail system", key, DESK_TOKEN_REPLY, upper, "ANN@example.com", now, true, true },
        { "another sender", key, DESK_TOKEN_REPLY, t, "eve@example.com", now, true, false },
        { "no sender", key, DESK_TOKEN_REPLY, t, NULL, now, true, false },
        { "last day", key, DESK_TOKEN_REPLY, t, "ann@example.com", now + 10 * day, true, true },
        { "expired", key, DESK_TOKEN_REPLY, t, "ann@example.com", now + 11 * day, false, false },
        { "other purpose", key, DESK_TOKEN_BOUNCE, t, "ann@example.com", now, false, false },
        { "other key", other_key, DESK_TOKEN_REPLY, t, "ann@example.com", now, false, false },
        { "too short", key, DESK_TOKEN_REPLY, t + 1, "ann@example.com", now, false, false },
        { "empty", key, DESK_TOKEN_REPLY, "", "ann@example.com", now, false, false },
    };
    assert_int_equal(strlen(t), 32);
    for (size_t i = 0; i < countof(rows); i++) {
        uint64_t id = 0;
        bool mine = false;
        bool ok = desk_token_check(rows[i].key, rows[i].purpose, rows[i].text, strlen(rows[i].text), rows[i].sender, rows[i].at, &id, &mine);
        if (ok != rows[i].ok || mine != rows[i].mine || (ok && id != 5304))
            fail_msg("%s", rows[i].label);
    }
    for (size_t i = 0; i < 32; i++) {
        char bent[64];
        uint64_t id;
        bool mine;
        strcpy(bent, t);
        bent[i] = bent[i] == 'a' ? 'q' : 'a';
        if (desk_token_check(key, DESK_TOKEN_REPLY, bent, 32, "ann@example.com", now, &id, &mine))
            fail_msg("bent at %zu", i);
    }
    arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_shape), cmocka_unit_test(number_forms), cmocka_unit_test(number_many),
        cmocka_unit_test(message_ids), cmocka_unit_test(tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
