/* SPDX-License-Identifier: ISC
 *
 * What is revoked and what is not, by purpose, person, desk, case and day; and that what is given out afterwards counts.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk_turn.h"

#define DAY 86400
#define ANN "ann@customer.example"
#define BOB "bob@customer.example"

static const char *const made_at = "2026-03-02 10:00";

/* A turn in which nothing happens yet; the house has one case. */
static struct turn *
turn_of(struct house *h, const char *when)
{
    const Td__Revocations *had = h->event.revoked;
    turn_at(h, when, 1, "operator");
    h->event.revoked = had;
    h->t.why = "test";
    return &h->t;
}

static void
end_all(struct house *h, const char *when, const char *word)
{
    struct turn *t = turn_of(h, when);
    revoke_obey(t, kase(h, 1), word);
    assert_int_equal(t->out->n_wrong, 0);
    h->event.revoked = t->out->revoked;
}

static struct house *
house_of_one(void)
{
    struct house *h = house_new("", "staff = { \"anna@example.com\" } alarm-to = \"ops@example.com\" priority \"normal\" { default = true }\n");
    Td__Case *c = schema_new(h->a, &td__case__descriptor);
    c->id = 1;
    c->number = arena_strdup(h->a, "CAS-00001-XXXX");
    c->desk = arena_strdup(h->a, "support");
    c->queue = arena_strdup(h->a, "support");
    c->requester = schema_address(h->a, NULL, ANN);
    h->cases[h->n_cases++] = c;
    return h;
}

static const char *
fresh(struct house *h, const char *when, enum desk_token purpose, uint64_t id, const char *who)
{
    return token_fresh(turn_of(h, when), purpose, id, who);
}

static bool
dead(struct house *h, const char *token)
{
    return token_revoked(h->desk, &h->event, token, strlen(token));
}

static void
what_each_scope_ends(void **state)
{
    (void)state;
    static const struct {
        const char *label, *word;
        enum desk_token purpose; uint64_t id; const char *who;
        bool ends;
    } rows[] = {
        { "a person's reply address", ANN, DESK_TOKEN_REPLY, 1, ANN, true },
        { "in other letters", "ANN@Customer.Example", DESK_TOKEN_REPLY, 1, ANN, true },
        { "a link", ANN, DESK_TOKEN_STATUS, 7, ANN, true },
        { "the list of cases", ANN, DESK_TOKEN_DIGEST, 5, ANN, true },
        { "where reports come", ANN, DESK_TOKEN_BOUNCE, 5, ANN, false },
        { "somebody else's", ANN, DESK_TOKEN_REPLY, 1, BOB, false },
        { "a case's", "CAS-00001-XXXX", DESK_TOKEN_REPLY, 1, BOB, true },
        { "a link of the case", "CAS-00001-XXXX", DESK_TOKEN_CLOSE, 1, ANN, true },
        { "another case's", "CAS-00001-XXXX", DESK_TOKEN_REPLY, 2, ANN, false },
        { "a letter with the number of the case", "CAS-00001-XXXX", DESK_TOKEN_DIGEST, 1, ANN, false },
        { "a report of such a letter", "CAS-00001-XXXX", DESK_TOKEN_BOUNCE, 1, ANN, false },
        { "one", NULL, DESK_TOKEN_REPLY, 1, ANN, true },
        { "one where reports come", NULL, DESK_TOKEN_BOUNCE, 1, ANN, true },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct house *h = house_of_one();
        const char *token = fresh(h, made_at, rows[i].purpose, rows[i].id, rows[i].who);
        const char *old = fresh(h, "2026-02-01 10:00", rows[i].purpose, rows[i].id, rows[i].who);
        if (dead(h, token))
            fail_msg("%s: before", rows[i].label);
        end_all(h, "2026-03-02 11:00", rows[i].word != NULL ? rows[i].word : token);
        if (dead(h, token) != rows[i].ends)
            fail_msg("%s: %s", rows[i].label, rows[i].ends ? "still counts" : "counts no more");
        if (dead(h, old) != (rows[i].ends && rows[i].word != NULL))
            fail_msg("%s: one of the month before", rows[i].label);
        if (dead(h, fresh(h, "2026-03-02 11:00", rows[i].purpose, rows[i].id, rows[i].who)))
            fail_msg("%s: what is made afterwards does not count", rows[i].label);
        house_free(h);
    }
}

/* Again and again on one day, then months later: each ends what came before, and nothing that comes after. */
static void
once_more(void **state)
{
    (void)state;
    static const char *const when[] = { "2026-03-02 11:00", "2026-03-02 11:00", "2026-03-02 23:59", "2026-03-03 00:01", "2026-09-01 12:00" };
    struct house *h = house_of_one();
    const char *token = fresh(h, made_at, DESK_TOKEN_REPLY, 1, ANN), *next;
    struct desk_token_says says;
    for (size_t i = 0; i < countof(when); i++, token = next) {
        assert_false(dead(h, token));
        end_all(h, when[i], ANN);
        assert_true(dead(h, token));
        next = fresh(h, when[i], DESK_TOKEN_REPLY, 1, ANN);
        assert_true(desk_token_read(house_key, next, strlen(next), &says));
        assert_true(says.day > at(when[i]) / DAY + 400 && says.day <= at(when[i]) / DAY + 404);
    }
    assert_int_equal(h->event.revoked->n_rows, 1);
    end_all(h, "2028-01-01 12:00", BOB);         /* the other has done its work */
    assert_int_equal(h->event.revoked->n_rows, 1);
    assert_string_equal(h->event.revoked->rows[0]->address, BOB);
    house_free(h);
}

static void
no_more_than_room(void **state)
{
    (void)state;
    struct house *h = house_of_one();
    char addr[40];
    size_t n = 0;
    for (; n < 2000; n++) {
        struct turn *t = turn_of(h, made_at);
        snprintf(addr, sizeof addr, "p%zu@customer.example", n);
        revoke_obey(t, kase(h, 1), addr);
        if (t->out->n_wrong > 0)
            break;
        h->event.revoked = t->out->revoked;
    }
    assert_int_equal(n, 500);
    assert_null(h->out.revoked);
    assert_int_equal(h->out.n_cases, 1);        /* the one that turn_of() opens, without an entry */
    assert_int_equal(h->out.cases[0].n_entries, 0);
    house_free(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_each_scope_ends), cmocka_unit_test(once_more), cmocka_unit_test(no_more_than_room) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
