/* SPDX-License-Identifier: ISC
 *
 * Clocks, each sentence of "Counting" a row or a scenario: targets, pauses, other settings, meeting and missing, reopening,
 * merging. Times are UTC; London is UTC until 29 March 2026.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk_turn.h"

#define scenario(name) static void name(void **state) { (void)state;
#define end house_free(h); }

static const char two_lines[] =
    "staff = { \"anna@example.com\", \"bo@example.com\" }\n"
    "priority \"normal\" { default = true }\n"
    "queue \"first\" { staff = { \"anna@example.com\" } clock \"resolve\" { target = \"2wd\" pause = { \"waiting\" } } }\n"
    "queue \"second\" { staff = { \"bo@example.com\" } clock \"resolve\" { target = \"10wd\" pause = { \"waiting\" } } }\n"
    "clock \"assign\" { target = \"4h\" }\n";

/* ---- when it is due: start, target, pauses */

static void
due_table(void **state)
{
    static const struct { const char *what, *target, *start, *due, *from1, *to1, *from2, *to2; } rows[] = {
        { "hours end at the closing stroke, not the next opening", "2h", "2026-03-02 15:00", "2026-03-02 17:00", NULL, NULL, NULL, NULL },
        { "a mail at the closing minute starts at the next opening", "2h", "2026-03-02 17:00", "2026-03-03 11:00", NULL, NULL, NULL, NULL },
        { "working days count from the date", "2wd", "2026-03-05 11:30", "2026-03-09 11:30", NULL, NULL, NULL, NULL },
        { "at the weekend they count from Monday's opening", "1wd", "2026-03-07 11:30", "2026-03-10 09:00", NULL, NULL, NULL, NULL },
        { "months are cut to the last day, halves are 15 days", "1.5mo", "2026-03-27 10:00", "2026-05-12 09:00", NULL, NULL, NULL, NULL },
        { "hours go on with what was left", "4h", "2026-03-02 10:00", "2026-03-03 13:00", "2026-03-02 11:00", "2026-03-03 10:00", NULL, NULL },
        { "a pause over night in closed time takes nothing", "4h", "2026-03-02 15:00", "2026-03-03 11:00", "2026-03-02 18:00", "2026-03-03 07:00", NULL, NULL },
        { "working days go on with the open time that was left", "2wd", "2026-03-02 10:00", "2026-03-05 10:00", "2026-03-03 10:00", "2026-03-04 10:00", NULL, NULL },
        { "months add the length of the pause", "1mo", "2026-03-02 10:00", "2026-04-03 09:00", "2026-03-10 10:00", "2026-03-11 10:00", NULL, NULL },
        { "two pauses, one after the other", "4h", "2026-03-02 09:00", "2026-03-02 16:00", "2026-03-02 10:00", "2026-03-02 12:00", "2026-03-02 13:00", "2026-03-02 14:00" },
        { "a pause that begins when it is over changes nothing", "1h", "2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 10:00", "2026-03-02 12:00", NULL, NULL },
        { "a pause without length changes nothing", "1h", "2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 09:30", "2026-03-02 09:30", NULL, NULL },
        { "resumed in closed time it goes on at the opening", "2h", "2026-03-02 16:00", "2026-03-03 10:30", "2026-03-02 16:30", "2026-03-02 20:00", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        const char *text = rows[i].target;
        char desk[600];
        snprintf(desk, sizeof desk, "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
                 "clock \"resolve\" { target = \"%s\" pause = { \"waiting\" } }", text);
        struct house *h = house_new("", desk);
        open_case(h, rows[i].start, "c@customer.example", "normal", NULL);
        const char *pauses[2][2] = { { rows[i].from1, rows[i].to1 }, { rows[i].from2, rows[i].to2 } };
        for (size_t p = 0; p < 2 && pauses[p][0] != NULL; p++) {
            const struct act *a = turn_at(h, pauses[p][0], 1, "anna@example.com");
            act_state(a, TD__STATE__WAITING, NULL);
            turn_end(h);
            a = turn_at(h, pauses[p][1], 1, "c@customer.example");
            act_wake(a);
            turn_end(h);
        }
        char have[TIME_TEXT_MAX], want[TIME_TEXT_MAX];
        if (clock_of(h, 1, "resolve")->due_at != at(rows[i].due))
            fail_msg("%s: due %s, not %s", rows[i].what, at_words(clock_of(h, 1, "resolve")->due_at, have), at_words(at(rows[i].due), want));
        house_free(h);
    }
}

/* ---- which settings */

scenario(kind_before_queue_before_priority_before_desk)
    static const struct { const char *priority, *kind, *queue, *target, *why; } rows[] = {
        { "low", NULL, "b", "9h", "desk \"support\"" },
        { "high", NULL, "b", "8h", "priority \"high\"" },
        { "high", NULL, "a", "7h", "queue \"a\"" },
        { "high", "shop", "a", "6h", "kind \"shop\"" },
        { "high", "other", "a", "7h", "queue \"a\"" },
    };
    struct house *h = house_new("", "priority \"high\" { default = true clock \"respond\" { target = \"8h\" } } priority \"low\" { }\n"
        "queue \"a\" { clock \"respond\" { target = \"7h\" } } queue \"b\" { }\n"
        "kind \"shop\" { clock \"respond\" { target = \"6h\" } } kind \"other\" { } clock \"respond\" { target = \"9h\" }");
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Case *c = open_case(h, "2026-03-02 10:00", "c@customer.example", rows[i].priority, rows[i].kind);
        c->queue = (char *)rows[i].queue;
        c->n_clocks = 0;
        clocks_start(h->desk, desk_line(h->desk, "support"), c, c->opened_at, h->a);
        assert_int_equal(c->n_clocks, 1);
        assert_string_equal(c->clocks[0]->target, rows[i].target);
        assert_string_equal(c->clocks[0]->why, rows[i].why);
    }
end

scenario(calendar_of_the_clock_then_the_customer_then_the_desk)
    struct house *h = house_new("calendar \"early\" { zone = \"Europe/London\" open = { \"Mon-Fri 06:00-17:00\" } }\n"
        "calendar \"always\" { zone = \"Europe/London\" open = { \"Mon-Sun 00:00-24:00\" } }\n",
        "priority \"normal\" { default = true } clock \"respond\" { target = \"1h\" } clock \"alarm\" { target = \"1h\" calendar = \"always\" }\n"
        "customer \"Early Ltd\" { address = { \"early.example\" } calendar = \"early\" }");
    open_case(h, "2026-03-02 04:00", "c@customer.example", "normal", NULL);
    open_case(h, "2026-03-02 04:00", "c@early.example", "normal", NULL);
    assert_time(clock_of(h, 1, "respond")->due_at, "2026-03-02 10:00");
    assert_time(clock_of(h, 2, "respond")->due_at, "2026-03-02 07:00");
    assert_time(clock_of(h, 1, "alarm")->due_at, "2026-03-02 05:00");
    assert_time(clock_of(h, 2, "alarm")->due_at, "2026-03-02 05:00");
end

/* ---- starting and meeting */

scenario(a_clock_starts_when_another_is_met)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"assign\" { target = \"4h\" } clock \"resolve\" { target = \"2wd\" start = \"assign\" }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    assert_int_equal(kase(h, 1)->n_clocks, 1);
    yes(h, "2026-03-02 11:00", 1, "anna@example.com", act_take(act, "anna@example.com"));
    assert_time(clock_of(h, 1, "assign")->met_at, "2026-03-02 11:00");
    assert_string_equal(clock_of(h, 1, "assign")->met_by, "take");
    assert_time(clock_of(h, 1, "resolve")->started_at, "2026-03-02 11:00");
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-04 11:00");
    assert_int_equal(kase(h, 1)->state, TD__STATE__ASSIGNED);
    no(h, "2026-03-02 12:00", 1, "anna@example.com", act_take(act, "anna@example.com"));
    assert_time(clock_of(h, 1, "assign")->met_at, "2026-03-02 11:00");
end

/* `assign` is met by take, relay, wait and estimate of staff, never by a rule; `respond` by the first relay alone. */
static void
what_meets_assign_and_respond(void **state)
{
    enum verb { TAKE, ASSIGN, RULE_ASSIGN, RELAY, WAIT, RULE_WAIT, ESTIMATE, NOTE, TIME, QUEUE, PRIORITY };
    static const struct { const char *what; enum verb verb; bool assign, respond; } rows[] = {
        { "take", TAKE, true, false }, { "a colleague assigns", ASSIGN, false, false }, { "a rule assigns", RULE_ASSIGN, false, false },
        { "relay", RELAY, true, true }, { "wait", WAIT, true, false }, { "a rule lets it wait", RULE_WAIT, false, false },
        { "estimate", ESTIMATE, true, false }, { "a note is no answer", NOTE, false, false }, { "nor is time", TIME, false, false },
        { "nor a hand-over", QUEUE, false, false }, { "nor a priority", PRIORITY, false, false },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct house *h = house_new("", "staff = { \"anna@example.com\", \"bo@example.com\" } priority \"normal\" { default = true } priority \"low\" { }\n"
            "queue \"first\" { } queue \"second\" { } clock \"assign\" { target = \"4h\" } clock \"respond\" { target = \"4h\" }");
        open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
        const char *by = rows[i].verb == RULE_ASSIGN || rows[i].verb == RULE_WAIT ? "rule:words" : "anna@example.com";
        const struct act *a = turn_at(h, "2026-03-02 11:00", 1, by);
        switch (rows[i].verb) {
        case TAKE: act_take(a, by); break;
        case ASSIGN: case RULE_ASSIGN: act_assign(a, "bo@example.com"); break;
        case RELAY: act_relayed(a, by); break;
        case WAIT: case RULE_WAIT: act_state(a, TD__STATE__WAITING, NULL); break;
        case ESTIMATE: act_approval(a, "estimate", "two hours"); break;
        case NOTE: act_note(a, "called him"); break;
        case TIME: act_time(a, 15, false, false, NULL); break;
        case QUEUE: act_queue(a, "second"); break;
        case PRIORITY: act_priority(a, "low"); break;
        }
        turn_end(h);
        if (clock_of(h, 1, "assign")->has_met_at != rows[i].assign || clock_of(h, 1, "respond")->has_met_at != rows[i].respond ||
            kase(h, 1)->has_first_response_at != rows[i].respond)
            fail_msg("%s", rows[i].what);
        house_free(h);
    }
}

scenario(respond_is_met_at_the_arrival_of_the_mail)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true } clock \"respond\" { target = \"1h\" }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    pass(h, "2026-03-02 11:30");        /* the mail was fetched late: the timer was quicker */
    assert_true(clock_of(h, 1, "respond")->breached);
    turn_at(h, "2026-03-02 11:30", 1, "anna@example.com");
    h->act.at = at("2026-03-02 10:40");
    act_relayed(&h->act, "anna@example.com");
    turn_end(h);
    assert_time(kase(h, 1)->first_response_at, "2026-03-02 10:40");
    assert_time(clock_of(h, 1, "respond")->met_at, "2026-03-02 10:40");
    assert_false(clock_of(h, 1, "respond")->breached);
    assert_non_null(strstr(entry_of(h, 1, TD__ENTRY__WHAT__CLOCK)->why, "was met in time"));
end

scenario(a_second_relay_moves_nothing)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true } clock \"respond\" { target = \"8h\" }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    do_(h, "2026-03-02 11:00", 1, "anna@example.com", act_relayed(act, "anna@example.com"));
    do_(h, "2026-03-02 12:00", 1, "anna@example.com", act_relayed(act, "anna@example.com"));
    assert_time(kase(h, 1)->first_response_at, "2026-03-02 11:00");
    assert_time(clock_of(h, 1, "respond")->met_at, "2026-03-02 11:00");
    assert_string_equal(kase(h, 1)->assignee, "anna@example.com");
    assert_int_equal(kase(h, 1)->state, TD__STATE__ASSIGNED);
end

scenario(a_field_meets_a_clock)
    struct house *h = house_new("", "priority \"normal\" { default = true } field \"workaround\" { }\n"
        "clock \"interim\" { target = \"1wd\" stop = { \"field:workaround\", \"resolve\" } }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 12:00", 1, "anna@example.com", act_field(act, "workaround", "use the other printer"));
    assert_time(clock_of(h, 1, "interim")->met_at, "2026-03-02 12:00");
    yes(h, "2026-03-02 13:00", 1, "anna@example.com", act_state(act, TD__STATE__RESOLVED, NULL));
    do_(h, "2026-03-03 10:00", 1, "c@customer.example", act_wake(act));
    assert_time(clock_of(h, 1, "interim")->met_at, "2026-03-02 12:00");         /* not by the resolving: it keeps its result */
end

scenario(late_is_breached_and_stays_so)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true clock \"respond\" { target = \"1h\" } }\n"
        "priority \"low\" { clock \"respond\" { target = \"8h\" } }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    pass(h, "2026-03-02 11:00");
    assert_true(clock_of(h, 1, "respond")->breached);
    assert_time(entry_of(h, 1, TD__ENTRY__WHAT__BREACHED)->at, "2026-03-02 11:00");
    yes(h, "2026-03-02 12:00", 1, "anna@example.com", act_priority(act, "low"));
    assert_true(clock_of(h, 1, "respond")->breached);   /* keeps its result */
    assert_string_equal(clock_of(h, 1, "respond")->target, "1h");
    do_(h, "2026-03-02 13:00", 1, "anna@example.com", act_relayed(act, "anna@example.com"));
    assert_true(clock_of(h, 1, "respond")->breached && clock_of(h, 1, "respond")->has_met_at);
    assert_int_equal(entries_of(h, 1, TD__ENTRY__WHAT__BREACHED), 1);
end

scenario(the_moment_of_a_breach_stays)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"resolve\" { target = \"1h\" pause = { \"waiting\" } }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    pass(h, "2026-03-02 12:00");
    kase(h, 1)->clocks[0]->due_at = at("2026-03-02 10:45");      /* as the calendar of that day had it */
    yes(h, "2026-03-02 12:00", 1, "anna@example.com", act_state(act, TD__STATE__WAITING, NULL));
    do_(h, "2026-03-02 13:00", 1, "c@customer.example", act_wake(act));
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-02 10:45");
end

scenario(met_at_the_due_moment_is_in_time)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true clock \"respond\" { target = \"1h\" } }");
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    act_relayed(turn_at(h, "2026-03-02 11:00", 1, "anna@example.com"), "anna@example.com");
    turn_end(h);
    assert_false(clock_of(h, 1, "respond")->breached);
end

/* ---- other settings */

scenario(a_new_target_counts_from_the_original_start_with_the_same_pauses)
    struct house *h = house_new("", "staff = { \"anna@example.com\" }\n"
        "priority \"normal\" { default = true clock \"resolve\" { target = \"8h\" pause = { \"waiting\" } } }\n"
        "priority \"high\" { clock \"resolve\" { target = \"4h\" pause = { \"waiting\" } } }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 10:00", 1, "anna@example.com", act_state(act, TD__STATE__WAITING, NULL));
    do_(h, "2026-03-02 12:00", 1, "c@customer.example", act_wake(act));
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-03 11:00");
    yes(h, "2026-03-02 13:00", 1, "anna@example.com", act_priority(act, "high"));
    assert_time(clock_of(h, 1, "resolve")->started_at, "2026-03-02 09:00");
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-02 15:00");
    assert_string_equal(clock_of(h, 1, "resolve")->why, "priority \"high\"");
    assert_non_null(strstr(entry_of(h, 1, TD__ENTRY__WHAT__CLOCK)->why, "target 8h becomes 4h of priority \"high\""));
end

scenario(a_due_already_past_is_breached_now_one_letter_highest_step)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } manager = \"boss@example.com\" director = \"dir@example.com\"\n"
        "priority \"normal\" { default = true clock \"respond\" { target = \"8h\" } }\n"
        "priority \"high\" { clock \"respond\" { target = \"1h\" warn = 50 warn-to = { \"queue\" } escalate = { \"0m manager\", \"1h director\", \"9h alarm\" } } }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 13:00", 1, "anna@example.com", act_priority(act, "high"));
    size_t before = h->n_letters;
    pass(h, "2026-03-02 13:00");
    assert_true(clock_of(h, 1, "respond")->breached);
    assert_string_equal(letters_since(h, before), "escalation:dir@example.com");
    assert_int_equal(entries_of(h, 1, TD__ENTRY__WHAT__ESCALATED), 1);
    assert_non_null(strstr(entry_of(h, 1, TD__ENTRY__WHAT__ESCALATED)->why, "stands for the overdue: 50 % of the target used, to queue, step 0m to manager"));
end

scenario(moved_to_another_line_resolve_takes_its_target_from_the_same_start)
    struct house *h = house_new("", two_lines);
    open_case(h, "2026-03-02 10:00", "c@customer.example", "normal", NULL);
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-04 10:00");
    yes(h, "2026-03-03 12:00", 1, "anna@example.com", act_queue(act, "second"));
    assert_time(clock_of(h, 1, "resolve")->started_at, "2026-03-02 10:00");
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-16 10:00");
    yes(h, "2026-03-09 12:00", 1, "bo@example.com", act_queue(act, "first"));          /* back: long past by then */
    pass(h, "2026-03-09 12:00");
    assert_true(clock_of(h, 1, "resolve")->breached);
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-04 10:00");
end

scenario(clocks_that_only_one_side_has)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true clock \"review\" { target = \"8h\" } }\n"
        "priority \"high\" { clock \"respond\" { target = \"4h\" } clock \"interim\" { target = \"1wd\" } clock \"after\" { target = \"1h\" start = \"interim\" } }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    do_(h, "2026-03-02 10:00", 1, "anna@example.com", act_relayed(act, "anna@example.com"));
    yes(h, "2026-03-02 11:00", 1, "anna@example.com", act_priority(act, "high"));
    assert_string_equal(clock_of(h, 1, "review")->target, "8h");                /* stays with its old target, and says so */
    assert_string_equal(clock_of(h, 1, "review")->why, "priority \"normal\"");
    assert_time(clock_of(h, 1, "interim")->started_at, "2026-03-02 09:00");     /* from the opening */
    assert_time(clock_of(h, 1, "respond")->met_at, "2026-03-02 10:00");         /* what has met it already has */
    assert_false(clock_of(h, 1, "respond")->breached);
    assert_null(clock_find(kase(h, 1), "after"));
    yes(h, "2026-03-02 12:00", 1, "anna@example.com", act_state(act, TD__STATE__RESOLVED, NULL));
    assert_time(clock_of(h, 1, "after")->started_at, "2026-03-02 12:00");
end

/* ---- pauses */

scenario(a_clock_stands_still_in_its_states_alone)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"resolve\" { target = \"8h\" pause = { \"waiting\" } } clock \"watch\" { target = \"8h\" }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 10:00", 1, "anna@example.com", act_state(act, TD__STATE__WAITING, NULL));
    assert_false(clock_runs(kase(h, 1), clock_of(h, 1, "resolve")));
    assert_true(clock_runs(kase(h, 1), clock_of(h, 1, "watch")));
    pass(h, "2026-03-03 12:00");
    assert_false(clock_of(h, 1, "resolve")->breached);
    assert_true(clock_of(h, 1, "watch")->breached);
    Td__Case *shown = schema_copy(h->a, kase(h, 1));
    desk_show(h->desk, shown, h->now);  /* as if it went on now: seven hours from Tuesday noon */
    assert_time(clock_find(shown, "resolve")->due_at, "2026-03-04 11:00");
    assert_int_equal(clock_find(shown, "resolve")->pauses[0]->to_at, h->now);
    struct desk_used used;
    desk_used(h->desk, kase(h, 1), clock_of(h, 1, "resolve"), h->now, &used);
    assert_int_equal(used.used_s, 3600);
    assert_int_equal(used.left_s, 7 * 3600);
    assert_int_equal(used.percent, 12);
    desk_used(h->desk, kase(h, 1), clock_of(h, 1, "watch"), h->now, &used);
    assert_int_equal(used.left_s, -3 * 3600);
    yes(h, "2026-03-03 12:00", 1, "anna@example.com", act_state(act, TD__STATE__PROGRESS, NULL));
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-04 11:00");
    assert_int_equal(clock_of(h, 1, "resolve")->n_pauses, 1);
end

scenario(met_while_it_stands_still)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"resolve\" { target = \"4h\" pause = { \"waiting\" } }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 10:00", 1, "anna@example.com", act_state(act, TD__STATE__WAITING, NULL));
    yes(h, "2026-03-05 10:00", 1, "anna@example.com", act_state(act, TD__STATE__CLOSED, NULL));
    assert_false(clock_of(h, 1, "resolve")->breached);
    assert_time(clock_of(h, 1, "resolve")->met_at, "2026-03-05 10:00");
    assert_time(clock_of(h, 1, "resolve")->due_at, "2026-03-05 13:00");
end

/* ---- reopening and merging */

scenario(reopening_resolve_goes_on_respond_starts_anew)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"assign\" { target = \"1h\" } clock \"respond\" { target = \"2h\" } clock \"resolve\" { target = \"8h\" }");
    static const Td__State ends[] = { TD__STATE__RESOLVED, TD__STATE__CLOSED };
    for (uint64_t i = 1; i <= 2; i++) {
        open_case(h, i == 1 ? "2026-03-02 09:00" : "2026-03-09 09:00", "c@customer.example", "normal", NULL);
        const char *when[2][4] = { { "2026-03-02 09:30", "2026-03-02 12:00", "2026-03-04 10:00", "2026-03-04 11:00" },
                                   { "2026-03-09 09:30", "2026-03-09 12:00", "2026-03-11 10:00", "2026-03-11 11:00" } };
        const char *due[2][2] = { { "2026-03-04 12:00", "2026-03-04 15:00" }, { "2026-03-11 12:00", "2026-03-11 15:00" } };
        do_(h, when[i - 1][0], i, "anna@example.com", act_relayed(act, "anna@example.com"));
        yes(h, when[i - 1][1], i, "anna@example.com", act_state(act, ends[i - 1], NULL));
        assert_time(clock_of(h, i, "resolve")->met_at, when[i - 1][1]);
        do_(h, when[i - 1][2], i, "c@customer.example", act_wake(act));
        assert_false(clock_of(h, i, "resolve")->has_met_at);
        assert_time(clock_of(h, i, "resolve")->due_at, due[i - 1][1]);          /* three hours were used */
        assert_time(clock_of(h, i, "respond")->started_at, when[i - 1][2]);
        assert_time(clock_of(h, i, "respond")->due_at, due[i - 1][0]);
        assert_false(clock_of(h, i, "respond")->has_met_at);
        assert_time(clock_of(h, i, "assign")->met_at, when[i - 1][0]);          /* somebody has it: no second beginning */
        assert_int_equal(kase(h, i)->state, TD__STATE__PROGRESS);
        assert_int_equal(kase(h, i)->reopened, 1);
        assert_false(kase(h, i)->has_resolved_at || kase(h, i)->has_closed_at);
        yes(h, when[i - 1][3], i, "anna@example.com", act_state(act, TD__STATE__CLOSED, NULL));
    }
end

scenario(closed_without_an_answer_and_reopened)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true } clock \"assign\" { target = \"4h\" }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 10:00", 1, "timer", act_state(act, TD__STATE__CLOSED, NULL));
    assert_false(clock_of(h, 1, "assign")->has_met_at);         /* ended, not met */
    pass(h, "2026-03-05 10:00");
    assert_false(clock_of(h, 1, "assign")->breached);
    do_(h, "2026-03-05 10:00", 1, "c@customer.example", act_wake(act));
    assert_time(clock_of(h, 1, "assign")->due_at, "2026-03-05 13:00");
end

scenario(merging_the_earlier_start_wins)
    struct house *h = house_new("", "staff = { \"anna@example.com\" } priority \"normal\" { default = true }\n"
        "clock \"resolve\" { target = \"8h\" pause = { \"waiting\" } }");
    open_case(h, "2026-03-02 09:00", "c@customer.example", "normal", NULL);
    yes(h, "2026-03-02 10:00", 1, "anna@example.com", act_state(act, TD__STATE__WAITING, NULL));
    open_case(h, "2026-03-02 12:00", "d@customer.example", "normal", NULL);
    yes(h, "2026-03-02 13:00", 1, "anna@example.com", act_merge(act, kase(h, 2)));
    assert_time(clock_of(h, 2, "resolve")->started_at, "2026-03-02 09:00");
    assert_time(clock_of(h, 2, "resolve")->due_at, "2026-03-03 11:00");          /* it stood still from ten to twelve, until the second began */
    assert_int_equal(kase(h, 1)->state, TD__STATE__CLOSED);
    assert_int_equal(kase(h, 1)->merged_into, 2);
    assert_string_equal(entry_of(h, 1, TD__ENTRY__WHAT__MERGED)->detail, arena_printf(h->a, "into %s", kase(h, 2)->number));
    assert_string_equal(entry_of(h, 2, TD__ENTRY__WHAT__MERGED)->detail, arena_printf(h->a, "from %s", kase(h, 1)->number));
    assert_string_equal(kase(h, 2)->participants[0]->address->addr, "c@customer.example");
    struct desk_timer *t;
    size_t n;
    desk_timers(kase(h, 1), h->a, &t, &n);
    assert_int_equal(n, 0);
    open_case(h, "2026-03-02 14:00", "e@customer.example", "normal", NULL);
    yes(h, "2026-03-02 14:30", 3, "anna@example.com", act_merge(act, kase(h, 2)));
    assert_time(clock_of(h, 2, "resolve")->started_at, "2026-03-02 09:00");
    no(h, "2026-03-02 15:00", 1, "anna@example.com", act_merge(act, kase(h, 2)));
end

/* ---- against recomputation: whatever happens to a case, its due is what target, start and pauses say */

static uint32_t
chance(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

/* The slow way: minute by minute of open time, where the clock does not stand still. */
static int64_t
slow_due(const struct calendar *cal, const Td__Clock *k, int64_t count)
{
    int64_t t = k->started_at;
    for (size_t i = 0; count > 0; t += 60) {
        while (i < k->n_pauses && k->pauses[i]->has_to_at && k->pauses[i]->to_at <= t)
            i++;
        bool still = i < k->n_pauses && k->pauses[i]->from_at <= t;
        if (!still && calendar_open_between(cal, t, t + 60) == 60)
            count -= 60;
    }
    return t;
}

scenario(random_days_agree_with_recomputation)
    static const Td__State states[] = { TD__STATE__ASSIGNED, TD__STATE__PROGRESS, TD__STATE__WAITING, TD__STATE__WAITING, TD__STATE__RESOLVED };
    struct house *h = house_new("", "staff = { \"anna@example.com\" }\n"
        "priority \"a\" { default = true clock \"resolve\" { target = \"30h\" pause = { \"waiting\" } } }\n"
        "priority \"b\" { clock \"resolve\" { target = \"47h\" pause = { \"waiting\" } } } priority \"c\" { }");
    const struct calendar *cal = desk_calendar(h->desk, desk_line(h->desk, "support"), "office");
    uint64_t seed = 4711;
    for (int run = 0; run < 60; run++) {
        h->n_cases = 0;
        h->n_entries = h->n_letters = 0;
        open_case(h, "2026-03-02 09:00", "c@customer.example", "a", NULL);
        int64_t now = h->now;
        for (int step = 0; step < 12; step++) {
            char when[TIME_TEXT_MAX];
            now += 60 * (int64_t)(1 + chance(&seed, 900));
            time_format(now, when);
            when[10] = ' ', when[16] = '\0';
            const struct act *a = turn_at(h, when, 1, "anna@example.com");
            if (chance(&seed, 4) == 0)
                act_priority(a, chance(&seed, 2) ? "a" : "b");
            else
                act_state(a, states[chance(&seed, countof(states))], NULL);
            turn_end(h);
            const Td__Clock *k = clock_of(h, 1, "resolve");
            for (size_t p = 0; p + 1 < k->n_pauses; p++)
                assert_true(k->pauses[p]->has_to_at && k->pauses[p]->to_at <= k->pauses[p + 1]->from_at);
            if (k->breached || k->has_met_at || (k->n_pauses > 0 && !k->pauses[k->n_pauses - 1]->has_to_at))
                continue;
            if (k->due_at < now)        /* it would have been breached: pauses after it do not count */
                break;
            assert_int_equal(k->due_at, slow_due(cal, k, strcmp(k->target, "30h") == 0 ? 30 * 3600 : 47 * 3600));
            Td__Case *copy = schema_copy(h->a, kase(h, 1));
            assert_false(desk_recompute(h->desk, copy, h->a));
        }
    }
end

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define t(name) cmocka_unit_test(name)
        t(due_table), t(kind_before_queue_before_priority_before_desk), t(calendar_of_the_clock_then_the_customer_then_the_desk),
        t(a_clock_starts_when_another_is_met), t(what_meets_assign_and_respond), t(respond_is_met_at_the_arrival_of_the_mail),
        t(a_second_relay_moves_nothing), t(a_field_meets_a_clock), t(late_is_breached_and_stays_so), t(met_at_the_due_moment_is_in_time), t(the_moment_of_a_breach_stays),
        t(a_new_target_counts_from_the_original_start_with_the_same_pauses), t(a_due_already_past_is_breached_now_one_letter_highest_step),
        t(moved_to_another_line_resolve_takes_its_target_from_the_same_start), t(clocks_that_only_one_side_has),
        t(a_clock_stands_still_in_its_states_alone), t(met_while_it_stands_still), t(reopening_resolve_goes_on_respond_starts_anew),
        t(closed_without_an_answer_and_reopened), t(merging_the_earlier_start_wins), t(random_days_agree_with_recomputation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
