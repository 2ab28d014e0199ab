/* SPDX-License-Identifier: ISC
 *
 * What happens by itself: warnings, escalation by role, quiet hours, overdue steps after an outage, reminders, closing for want
 * of an answer, requests that nobody answers, and another configuration under open cases.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk_turn.h"

#define scenario(name) static void name(void **state) { (void)state;
#define end house_free(h); }
#define ANNA "anna@example.com"
#define BO "bo@example.com"
#define CATHY "c@customer.example"
#define E(what) TD__ENTRY__WHAT__##what
#define S(what) TD__STATE__##what
#define STAFF "staff = { \"anna@example.com\", \"bo@example.com\" } notify = \"none\"\n"
#define NORMAL "priority \"normal\" { default = true }\n"

/* ---- warnings */

static void
warned_at_so_many_percent(void **state)
{
    static const struct { const char *what, *target; unsigned warn; const char *start, *warned; } rows[] = {
        { "of open time", "8h", 75, "2026-03-02 10:00", "2026-03-02 16:00" },
        { "over night", "8h", 75, "2026-03-02 14:00", "2026-03-03 12:00" },
        { "of the open time of working days", "2wd", 50, "2026-03-02 10:00", "2026-03-03 10:00" },
        { "of the elapsed time of months", "1mo", 50, "2026-03-02 10:00", "2026-03-17 21:30" },        /* 31 days but the summer hour */
        { "over the weekend too, for months", "1mo", 10, "2026-03-04 10:00", "2026-03-07 12:18" },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char desk[600];
        snprintf(desk, sizeof desk, STAFF NORMAL "clock \"resolve\" { target = \"%s\" warn = %u warn-to = { \"bo@example.com\" } }", rows[i].target, rows[i].warn);
        struct house *h = house_new("", desk);
        open_case(h, rows[i].start, CATHY, "normal", NULL);
        pass(h, "2026-04-01 00:00");
        const Td__Entry *e = entry_of(h, 1, E(WARNED));
        if (e == NULL || e->at != at(rows[i].warned)) {
            char have[TIME_TEXT_MAX];
            fail_msg("%s: %s", rows[i].what, e ? at_words(e->at, have) : "not warned");
        }
        assert_string_equal(e->recipient, BO);
        assert_int_equal(entries_of(h, 1, E(WARNED)), 1);
        assert_int_equal(h->letters[0]->kind, TD__LETTER__KIND__WARNING);
        house_free(h);
    }
}

scenario(a_pause_moves_the_warning)
    struct house *h = house_new("", STAFF NORMAL "clock \"resolve\" { target = \"4h\" warn = 50 pause = { \"waiting\" } }");
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 11:00", 1, ANNA, act_take(act, ANNA));
    yes(h, "2026-03-02 11:00", 1, ANNA, act_state(act, S(WAITING), NULL));
    do_(h, "2026-03-03 11:00", 1, CATHY, act_wake(act));
    pass(h, "2026-03-03 11:59");
    assert_null(entry_of(h, 1, E(WARNED)));
    pass(h, "2026-03-03 12:00");
    assert_string_equal(letters_since(h, 0), "warning:" ANNA);  /* the assignee, when nothing else is said */
    assert_non_null(strstr(h->letters[0]->text, "50 %"));
    assert_non_null(strstr(h->letters[0]->text, "2 hours left"));
end

scenario(warned_again_only_of_what_is_new)
    struct house *h = house_new("", STAFF "priority \"normal\" { default = true clock \"resolve\" { target = \"8h\" warn = 50 warn-to = { \"bo@example.com\" } } }\n"
        "priority \"high\" { clock \"resolve\" { target = \"6h\" warn = 50 warn-to = { \"bo@example.com\" } } }\n"
        "priority \"low\" { clock \"resolve\" { target = \"20h\" warn = 50 warn-to = { \"bo@example.com\" } } }");
    open_case(h, "2026-03-02 09:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 13:30", 1, ANNA, act_priority(act, "high"));
    pass(h, "2026-03-02 14:00");
    assert_int_equal(entries_of(h, 1, E(WARNED)), 1);
    yes(h, "2026-03-02 14:00", 1, ANNA, act_priority(act, "low"));
    pass(h, "2026-03-03 12:00");
    assert_int_equal(entries_of(h, 1, E(WARNED)), 2);
end

/* ---- escalation */

static void
recipients_by_role(void **state)
{
    static const struct { const char *what, *to, *desk, *letters, *note; } rows[] = {
        { "an address", "x@example.com", "", "escalation:x@example.com", "" },
        { "the assignee", "assignee", "", "escalation:" BO, "" },
        { "the whole queue", "queue", "", "escalation:" ANNA " escalation:" BO, "" },
        { "the manager of the queue", "manager", "queue \"second\" { }", "escalation:qm@example.com", "" },
        { "the director", "director", "director = \"dir@example.com\"", "escalation:dir@example.com", "" },
        { "the customer's contact", "contact", "", "escalation:owner@customer.example", "" },
        { "whom alarms go to", "alarm", "", "escalation:ops@example.com", "" },
        { "several, each once", "assignee queue " BO, "", "escalation:" BO " escalation:" ANNA, "" },
        { "manager and contact are two letters", "manager contact", "", "escalation:qm@example.com escalation:owner@customer.example", "" },
        { "nobody is director: the manager", "director", "", "escalation:qm@example.com", "nobody is director: to the manager instead" },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char desk[1500];
        snprintf(desk, sizeof desk, STAFF NORMAL "alarm-to = \"ops@example.com\" %s\n"
                 "queue \"first\" { default = true staff = { \"anna@example.com\", \"bo@example.com\" } manager = \"qm@example.com\" }\n"
                 "customer \"Acme\" { address = { \"customer.example\" } contact = \"owner@customer.example\" }\n"
                 "clock \"respond\" { target = \"1h\" escalate = { \"0m %s\" } }", rows[i].desk, rows[i].to);
        struct house *h = house_new("", desk);
        Td__Case *c = open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
        c->assignee = arena_strdup(h->a, BO);
        pass(h, "2026-03-02 11:00");
        if (strcmp(letters_since(h, 0), rows[i].letters) != 0)
            fail_msg("%s: %s", rows[i].what, letters_since(h, 0));
        if (strstr(entry_of(h, 1, E(ESCALATED))->why, rows[i].note) == NULL)
            fail_msg("%s: %s", rows[i].what, entry_of(h, 1, E(ESCALATED))->why);
        house_free(h);
    }
}

static void
a_role_that_nobody_fills(void **state)
{
    static const struct { const char *desk, *letters, *note; } rows[] = {
        { "manager = \"boss@example.com\" alarm-to = \"ops@example.com\"", "escalation:boss@example.com", "nobody is assignee: to the manager instead" },
        { "alarm-to = \"ops@example.com\"", "escalation:ops@example.com", "nobody is assignee: to the alarm address instead" },
        { "", "", "letter to nobody; nobody is assignee, nor is there a manager" },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char desk[600];
        snprintf(desk, sizeof desk, STAFF NORMAL "%s clock \"respond\" { target = \"1h\" escalate = { \"0m assignee\" } }", rows[i].desk);
        struct house *h = house_new("", desk);
        open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
        pass(h, "2026-03-02 11:00");
        assert_string_equal(letters_since(h, 0), rows[i].letters);
        if (strstr(entry_of(h, 1, E(ESCALATED))->why, rows[i].note) == NULL)
            fail_msg("%s", entry_of(h, 1, E(ESCALATED))->why);
        house_free(h);
    }
}

#define STEPS "manager = \"boss@example.com\" director = \"dir@example.com\"\n" \
    "clock \"respond\" { target = \"1h\" warn = 50 warn-to = { \"bo@example.com\" } escalate = { \"0m manager\", \"4h director\" } }"

scenario(each_step_at_its_time)
    struct house *h = house_new("", STAFF NORMAL STEPS);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    pass(h, "2026-03-02 10:30");
    assert_string_equal(letters_since(h, 0), "warning:" BO);
    pass(h, "2026-03-02 11:00");
    assert_string_equal(letters_since(h, 1), "escalation:boss@example.com");
    pass(h, "2026-03-02 14:59");
    assert_int_equal(h->n_letters, 2);
    pass(h, "2026-03-05 15:00");
    assert_string_equal(letters_since(h, 2), "escalation:dir@example.com");
    assert_int_equal(h->n_letters, 3);
end

scenario(steps_of_one_moment_are_of_one_height)
    struct house *h = house_new("", STAFF NORMAL "clock \"respond\" { target = \"1h\" escalate = { \"0m bo@example.com\", \"0m anna@example.com\", \"1h bo@example.com\" } }");
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    pass(h, "2026-03-02 11:00");
    assert_string_equal(letters_since(h, 0), "escalation:" BO " escalation:" ANNA);
    assert_int_equal(entries_of(h, 1, E(ESCALATED)), 1);
end

scenario(after_an_outage_one_letter_of_the_highest_step)
    struct house *h = house_new("", STAFF NORMAL STEPS);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    h->now = at("2026-03-04 10:00");
    pass(h, "2026-03-04 10:00");
    assert_string_equal(letters_since(h, 0), "escalation:dir@example.com");
    assert_non_null(strstr(entry_of(h, 1, E(ESCALATED))->why, "stands for the overdue: 50 % of the target used, to bo@example.com, step 0m to manager"));
    assert_non_null(strstr(h->letters[0]->text, "manager, after 0m"));
    pass(h, "2026-03-10 10:00");
    assert_int_equal(h->n_letters, 1);
end

scenario(met_clocks_escalate_no_more)
    struct house *h = house_new("", STAFF NORMAL STEPS);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    pass(h, "2026-03-02 11:00");
    do_(h, "2026-03-02 12:00", 1, ANNA, act_relayed(act, ANNA));
    pass(h, "2026-03-05 15:00");
    assert_int_equal(h->n_letters, 2);
end

scenario(steps_wait_while_the_clock_stands_still)
    struct house *h = house_new("", STAFF NORMAL "manager = \"boss@example.com\" clock \"resolve\" { target = \"1h\" pause = { \"waiting\" } escalate = { \"2h manager\" } }");
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 12:00", 1, ANNA, act_state(act, S(WAITING), NULL));     /* breached at 11, one of two hours gone */
    pass(h, "2026-03-03 10:00");
    assert_int_equal(h->n_letters, 0);
    do_(h, "2026-03-03 10:00", 1, CATHY, act_wake(act));
    pass(h, "2026-03-03 10:59");
    assert_int_equal(h->n_letters, 0);
    pass(h, "2026-03-03 11:00");
    assert_string_equal(letters_since(h, 0), "escalation:boss@example.com");
end

/* ---- quiet hours */

scenario(quiet_hours)
    static const char top[] = "calendar \"always\" { zone = \"Europe/London\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
        "calendar \"awake\" { zone = \"Europe/London\" open = { \"Mon-Fri 08:00-18:00\" } }\n";
    struct house *h = house_new(top, STAFF NORMAL "quiet = \"awake\" person \"bo@example.com\" { nights = true }\n"
        "customer \"Acme\" { address = { \"customer.example\" } contact = \"owner@customer.example\" }\n"
        "clock \"respond\" { target = \"1h\" calendar = \"always\" warn = 50 warn-to = { \"anna@example.com\" } escalate = { \"0m anna@example.com bo@example.com contact\" } }");
    open_case(h, "2026-03-06 22:00", CATHY, "normal", NULL);
    pass(h, "2026-03-06 23:00");
    assert_string_equal(letters_since(h, 0), "warning:" ANNA " escalation:" ANNA " escalation:" BO " escalation:owner@customer.example");
    assert_time(h->letters[0]->date, "2026-03-09 08:00");
    assert_time(h->letters[1]->date, "2026-03-09 08:00");
    assert_time(h->letters[2]->date, "2026-03-06 23:00");       /* asked for nights */
    assert_time(h->letters[3]->date, "2026-03-06 23:00");       /* is none of ours */
    assert_non_null(strstr(entry_of(h, 1, E(ESCALATED))->why, "anna@example.com when the quiet hours end, 2026-03-09T08:00:00Z, bo@example.com"));
    open_case(h, "2026-03-10 10:00", CATHY, "normal", NULL);
    pass(h, "2026-03-10 10:30");
    assert_time(h->letters[4]->date, "2026-03-10 10:30");
end

/* ---- reminders and closing */

#define WAITING "state \"waiting\" { remind = { \"1wd\", \"2wd\" } close = \"3wd\" }\n"

scenario(reminded_and_closed)
    struct house *h = house_new("", STAFF NORMAL WAITING "survey = true");
    open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-05 15:00", 1, ANNA, act_state(act, S(WAITING), NULL));      /* a Thursday */
    pass(h, "2026-03-06 14:59");
    assert_int_equal(h->n_letters, 0);
    pass(h, "2026-03-06 15:00");
    assert_string_equal(letters_since(h, 0), "reminder:" CATHY);
    assert_non_null(strstr(h->letters[0]->text, "10 March"));   /* says when it is closed */
    pass(h, "2026-03-09 15:00");
    assert_int_equal(entries_of(h, 1, E(REMINDED)), 2);
    pass(h, "2026-03-10 15:00");                        /* n working days */
    assert_int_equal(kase(h, 1)->state, S(CLOSED));
    assert_string_equal(entry_of(h, 1, E(STATE))->by, "timer");
    assert_string_equal(letters_since(h, 2), "survey:" CATHY);
    assert_int_equal(kase(h, 1)->n_dues, 0);
end

scenario(an_answer_ends_the_reminders)
    struct house *h = house_new("", STAFF NORMAL WAITING);
    open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-05 15:00", 1, ANNA, act_state(act, S(WAITING), NULL));
    do_(h, "2026-03-06 10:00", 1, CATHY, act_wake(act));
    assert_int_equal(kase(h, 1)->n_dues, 0);
    pass(h, "2026-03-20 10:00");
    assert_int_equal(h->n_letters, 0);
    yes(h, "2026-03-20 10:00", 1, ANNA, act_state(act, S(WAITING), NULL));
    assert_int_equal(kase(h, 1)->n_dues, 3);
    yes(h, "2026-03-20 11:00", 1, ANNA, act_state(act, S(CLOSED), NULL));
    assert_int_equal(kase(h, 1)->n_dues, 0);
end

scenario(missed_reminders_are_one)
    struct house *h = house_new("", STAFF NORMAL "state \"waiting\" { remind = { \"1wd\", \"2wd\", \"9wd\" } }");
    open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-04 15:00", 1, ANNA, act_state(act, S(WAITING), NULL));
    h->now = at("2026-03-10 10:00");                    /* an outage */
    pass(h, "2026-03-10 10:00");
    assert_string_equal(letters_since(h, 0), "reminder:" CATHY);
    assert_int_equal(kase(h, 1)->n_dues, 1);
    assert_non_null(strstr(h->letters[0]->text, "answer"));
    assert_null(strstr(h->letters[0]->text, "close the case. You"));    /* silence never closes this one */
end

scenario(closing_comes_before_a_reminder_of_the_same_moment)
    struct house *h = house_new("", STAFF NORMAL "state \"waiting\" { remind = { \"1wd\", \"3wd\" } close = \"3wd\" }");
    open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-04 15:00", 1, ANNA, act_state(act, S(RESOLVED), NULL));
    assert_int_equal(kase(h, 1)->n_dues, 0);            /* only that state has them */
    yes(h, "2026-03-04 15:30", 1, ANNA, act_state(act, S(WAITING), NULL));
    h->now = at("2026-03-12 10:00");
    pass(h, "2026-03-12 10:00");
    assert_int_equal(kase(h, 1)->state, S(CLOSED));
    assert_int_equal(h->n_letters, 0);
end

/* ---- a request for escalation */

scenario(nobody_reacts_to_a_request)
    struct house *h = house_new("", STAFF NORMAL "manager = \"boss@example.com\" director = \"dir@example.com\" escalation { patience = \"2h\" to = { \"assignee\" } }");
    Td__Case *c = open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    c->assignee = arena_strdup(h->a, BO);
    yes(h, "2026-03-04 16:00", 1, CATHY, act_escalation_ask(act, "please"));
    assert_string_equal(letters_since(h, 0), "escalation:" BO);
    pass(h, "2026-03-05 09:59");
    assert_int_equal(h->n_letters, 1);
    pass(h, "2026-03-05 10:00");
    assert_string_equal(letters_since(h, 1), "escalation:boss@example.com escalation:dir@example.com");
    assert_non_null(strstr(h->letters[1]->text, "The customer asked for priority on"));
    assert_true(kase(h, 1)->has_escalation_asked_at);   /* still asked, not escalated */
    assert_false(kase(h, 1)->escalated);
    yes(h, "2026-03-05 11:00", 1, BO, act_escalation_decline(act, "no"));
    no(h, "2026-03-05 11:00", 1, BO, act_escalation_decline(act, "no"));
end

scenario(who_reacts_ends_the_patience)
    struct house *h = house_new("", STAFF NORMAL "manager = \"boss@example.com\" escalation { patience = \"2h\" }");
    open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-04 11:00", 1, CATHY, act_escalation_ask(act, "please"));
    yes(h, "2026-03-04 12:00", 1, ANNA, act_escalation_accept(act, NULL));
    size_t n = h->n_letters;
    pass(h, "2026-03-06 12:00");
    assert_int_equal(h->n_letters, n);
end

/* ---- another configuration */

static void
reload(struct house *h, const char *desk)
{
    struct house *now = house_new("", desk);
    for (size_t i = 0; i < h->n_cases; i++) {
        struct desk_event e = { .kind = DESK_EVENT_RELOAD, .desk = now->support, .case_id = h->cases[i]->id };
        struct desk_needs needs;
        struct desk_facts f;
        struct decision d;
        desk_needs(now->desk, &e, h->now, h->a, &needs);
        house_facts(h, &needs, &f);
        desk_decide(now->desk, &f, &e, h->now, house_seed, h->a, &d);
        house_keep(h, &d);
    }
    house_free(now);
}

scenario(what_is_gone_falls_to_the_default_with_an_alarm)
    struct house *h = house_new("", STAFF "priority \"normal\" { default = true } priority \"high\" { clock \"respond\" { target = \"2h\" } }\n"
        "queue \"first\" { } queue \"second\" { staff = { \"bo@example.com\" } }");
    Td__Case *c = open_case(h, "2026-03-04 10:00", CATHY, "high", NULL);
    c->queue = arena_strdup(h->a, "second");
    c->assignee = arena_strdup(h->a, BO);
    reload(h, "staff = { \"anna@example.com\" } alarm-to = \"ops@example.com\" notify = \"none\" priority \"normal\" { default = true }\n"
        "queue \"first\" { staff = { \"anna@example.com\" } assign = \"first\" }");
    c = kase(h, 1);
    assert_string_equal(c->queue, "first");
    assert_string_equal(c->priority, "normal");
    assert_string_equal(c->assignee, ANNA);
    assert_int_equal(entries_of(h, 1, E(ALARM)), 3);
    assert_string_equal(clock_of(h, 1, "respond")->target, "2h");       /* it stays with its old target */
    size_t n = h->n_entries;
    reload(h, "staff = { \"anna@example.com\" } alarm-to = \"ops@example.com\" priority \"normal\" { default = true } queue \"first\" { }");
    assert_int_equal(h->n_entries, n);
end

scenario(open_clocks_are_due_anew_by_the_calendar_of_today)
    struct house *h = house_new("", STAFF NORMAL "clock \"respond\" { target = \"2h\" } clock \"resolve\" { target = \"1h\" }");
    Td__Case *c = open_case(h, "2026-03-04 10:00", CATHY, "normal", NULL);
    pass(h, "2026-03-04 11:30");
    c = kase(h, 1);
    for (size_t i = 0; i < c->n_clocks; i++)
        c->clocks[i]->due_at -= 600;    /* as another calendar had it */
    reload(h, STAFF NORMAL "clock \"respond\" { target = \"4h\" }");
    assert_time(clock_of(h, 1, "respond")->due_at, "2026-03-04 12:00");         /* keeps target and start */
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-04 10:50");         /* missed: keeps its result */
end

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define t(name) cmocka_unit_test(name)
        t(warned_at_so_many_percent), t(a_pause_moves_the_warning), t(warned_again_only_of_what_is_new), t(recipients_by_role),
        t(a_role_that_nobody_fills), t(each_step_at_its_time), t(steps_of_one_moment_are_of_one_height), t(after_an_outage_one_letter_of_the_highest_step), t(met_clocks_escalate_no_more),
        t(steps_wait_while_the_clock_stands_still), t(quiet_hours), t(reminded_and_closed), t(an_answer_ends_the_reminders), t(missed_reminders_are_one),
        t(closing_comes_before_a_reminder_of_the_same_moment), t(nobody_reacts_to_a_request), t(who_reacts_ends_the_patience),
        t(what_is_gone_falls_to_the_default_with_an_alarm), t(open_clocks_are_due_anew_by_the_calendar_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
