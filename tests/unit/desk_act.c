/* SPDX-License-Identifier: ISC
 *
 * The verbs of the workflow: what each writes down, moves and tells whom; and that what changes nothing writes nothing.
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

static const char people[] =
    "staff = { \"anna@example.com\", \"bo@example.com\", \"carin@example.com\" } manager = \"carin@example.com\" director = \"dir@example.com\"\n"
    "alarm-to = \"ops@example.com\" notify = \"none\"\n"
    "priority \"high\" { } priority \"normal\" { default = true } priority \"low\" { }\n"
    "queue \"first\" { staff = { \"anna@example.com\" } watch = { \"second\" } }\n"
    "queue \"second\" { staff = { \"bo@example.com\" } assign = \"first\" handover = \"A developer looks at it.\" }\n";

static const char *
with(struct house *h, const char *more)
{
    (void)h;
    static char all[4000];
    snprintf(all, sizeof all, "%s%s", people, more);
    return all;
}

/* ---- what is written down */

scenario(fields_tags_notes_time_watchers)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:01", 1, ANNA, act_field(act, "app", "sales"));
    yes(h, "2026-03-02 10:02", 1, ANNA, act_field(act, "app", "stock"));
    no(h, "2026-03-02 10:03", 1, ANNA, act_field(act, "app", "stock"));
    assert_string_equal(kase(h, 1)->fields[0]->value, "stock");
    assert_string_equal(entry_of(h, 1, E(FIELD))->detail, "app=stock");
    yes(h, "2026-03-02 10:04", 1, ANNA, act_field(act, "app", ""));
    assert_int_equal(kase(h, 1)->n_fields, 0);
    no(h, "2026-03-02 10:05", 1, ANNA, act_field(act, "app", NULL));
    yes(h, "2026-03-02 10:06", 1, ANNA, act_tag(act, "vip", true));
    no(h, "2026-03-02 10:07", 1, ANNA, act_tag(act, "VIP", true));
    yes(h, "2026-03-02 10:08", 1, ANNA, act_tag(act, "vip", false));
    assert_int_equal(kase(h, 1)->n_tags, 0);
    no(h, "2026-03-02 10:09", 1, ANNA, act_tag(act, "vip", false));
    yes(h, "2026-03-02 10:10", 1, ANNA, act_note(act, "called him"));
    assert_string_equal(entry_of(h, 1, E(NOTE))->text, "called him");
    assert_string_equal(entry_of(h, 1, E(NOTE))->by, ANNA);
    no(h, "2026-03-02 10:11", 1, ANNA, act_note(act, ""));
    yes(h, "2026-03-02 10:12", 1, ANNA, act_time(act, 45, false, true, "remote session"));
    yes(h, "2026-03-02 10:13", 1, ANNA, act_time(act, 15, true, true, NULL));
    no(h, "2026-03-02 10:14", 1, ANNA, act_time(act, 0, false, false, NULL));
    assert_int_equal(kase(h, 1)->minutes, 60);
    assert_int_equal(kase(h, 1)->minutes_overtime, 15);
    assert_int_equal(kase(h, 1)->minutes_billable, 60);
    assert_string_equal(entry_of(h, 1, E(TIME))->detail, "15 min overtime billable");
    yes(h, "2026-03-02 10:15", 1, BO, act_watch(act, BO, true));
    no(h, "2026-03-02 10:16", 1, BO, act_watch(act, BO, true));
    yes(h, "2026-03-02 10:17", 1, BO, act_watch(act, BO, false));
    assert_int_equal(h->n_letters, 0);
end

scenario(rating)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:01", 1, CATHY, act_rate(act, 4, "quick"));
    assert_int_equal(kase(h, 1)->rating, 4);
    assert_string_equal(entry_of(h, 1, E(RATED))->text, "quick");
    no(h, "2026-03-02 10:02", 1, CATHY, act_rate(act, 4, NULL));
    no(h, "2026-03-02 10:02", 1, CATHY, act_rate(act, 6, NULL));
    no(h, "2026-03-02 10:02", 1, CATHY, act_rate(act, 0, NULL));
end

/* ---- states */

static void
ways_through_the_states(void **state)
{
    static const struct { const char *what; Td__State from, before, to; bool answered, moves; } rows[] = {
        { "waiting goes back to where it was", S(WAITING), S(PROGRESS), S(PROGRESS), true, true },
        { "also to assigned", S(WAITING), S(ASSIGNED), S(ASSIGNED), true, true },
        { "from new it is somebody's now", S(WAITING), S(NEW), S(ASSIGNED), false, true },
        { "resolved reopens into work", S(RESOLVED), S(NEW), S(PROGRESS), true, true },
        { "closed that nobody answered", S(CLOSED), S(NEW), S(ASSIGNED), false, true },
        { "new stays new", S(NEW), S(NEW), S(NEW), false, false },
        { "progress stays", S(PROGRESS), S(NEW), S(PROGRESS), true, false },
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct house *h = house_new("", people);
        Td__Case *c = open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
        c->state = rows[i].before;
        if (rows[i].answered)
            c->has_first_response_at = true;
        if (rows[i].from != rows[i].before)
            yes(h, "2026-03-02 11:00", 1, ANNA, act_state(act, rows[i].from, NULL));
        size_t entries = h->n_entries;
        do_(h, "2026-03-02 12:00", 1, CATHY, act_wake(act));
        if (kase(h, 1)->state != rows[i].to)
            fail_msg("%s: %s", rows[i].what, schema_state_name(kase(h, 1)->state));
        assert_int_equal(h->n_entries > entries, rows[i].moves);
        if (rows[i].from == S(RESOLVED) || rows[i].from == S(CLOSED))
            assert_non_null(entry_of(h, 1, E(REOPENED)));
        house_free(h);
    }
}

scenario(moments_of_a_state)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    no(h, "2026-03-02 10:30", 1, ANNA, act_state(act, S(NEW), NULL));
    yes(h, "2026-03-02 11:00", 1, ANNA, act_state(act, S(PROGRESS), NULL));
    assert_time(kase(h, 1)->state_at, "2026-03-02 11:00");
    assert_string_equal(entry_of(h, 1, E(STATE))->detail, "new to progress");
    yes(h, "2026-03-02 12:00", 1, ANNA, act_state(act, S(RESOLVED), NULL));
    assert_time(kase(h, 1)->resolved_at, "2026-03-02 12:00");
    yes(h, "2026-03-02 13:00", 1, ANNA, act_state(act, S(CLOSED), NULL));
    assert_time(kase(h, 1)->resolved_at, "2026-03-02 12:00");
    assert_time(kase(h, 1)->closed_at, "2026-03-02 13:00");
    do_(h, "2026-03-02 14:00", 1, CATHY, act_wake(act));
    assert_false(kase(h, 1)->has_resolved_at || kase(h, 1)->has_closed_at);
end

scenario(the_customer_is_told_of_states_as_the_desk_wants)
    struct house *h = house_new("", with(NULL, "survey = true survey-text = \"How was it?\"\n"
        "state \"progress\" { label = \"In the workshop\" meaning = \"We build it.\" tell = true }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 11:00", 1, ANNA, act_state(act, S(PROGRESS), NULL));
    assert_string_equal(letters_since(h, 0), "update:" CATHY);
    assert_non_null(strstr(h->letters[0]->text, "In the workshop"));
    assert_non_null(strstr(h->letters[0]->text, "We build it."));
    assert_string_equal(entry_of(h, 1, E(LETTER))->recipient, CATHY);
    yes(h, "2026-03-02 12:00", 1, ANNA, act_state(act, S(WAITING), NULL));
    assert_int_equal(h->n_letters, 1);
    yes(h, "2026-03-02 12:30", 1, ANNA, act_state(act, S(RESOLVED), "It was the cable."));
    assert_string_equal(letters_since(h, 1), "update:" CATHY);
    assert_non_null(strstr(h->letters[1]->text, "It was the cable."));
    yes(h, "2026-03-02 13:00", 1, ANNA, act_state(act, S(CLOSED), NULL));
    assert_string_equal(letters_since(h, 2), "survey:" CATHY);
    assert_non_null(strstr(h->letters[2]->text, "How was it?"));
end

static void
whom_no_letter_can_reach(void **state)
{
    static const char *const rows[] = { "noreply@crm.example", "support@example.com", "unknown@invalid" };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct house *h = house_new("", with(NULL, "state \"progress\" { tell = true }"));
        open_case(h, "2026-03-02 10:00", rows[i], "normal", NULL);
        yes(h, "2026-03-02 11:00", 1, ANNA, act_state(act, S(PROGRESS), NULL));
        assert_int_equal(h->n_letters, 0);
        assert_non_null(entry_of(h, 1, E(SILENCED)));
        house_free(h);
    }
}

/* ---- who works on it */

scenario(assigning_and_taking)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:01", 1, "rule:words", act_assign(act, BO));
    assert_int_equal(kase(h, 1)->state, S(NEW));        /* routing by a rule is not yet assignment */
    assert_string_equal(letters_since(h, 0), "notice:" BO);
    no(h, "2026-03-02 10:02", 1, ANNA, act_assign(act, BO));
    yes(h, "2026-03-02 10:03", 1, BO, act_take(act, BO));
    assert_int_equal(h->n_letters, 1);                  /* none about one's own act */
    yes(h, "2026-03-02 10:04", 1, ANNA, act_assign(act, NULL));
    assert_null(kase(h, 1)->assignee);
    assert_string_equal(entry_of(h, 1, E(ASSIGNED))->detail, "nobody");
    yes(h, "2026-03-02 10:05", 1, ANNA, act_assign(act, BO));
    assert_string_equal(letters_since(h, 1), "notice:" BO);
end

scenario(hand_over)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:30", 1, ANNA, act_take(act, ANNA));
    no(h, "2026-03-02 10:40", 1, ANNA, act_queue(act, "first"));
    no(h, "2026-03-02 10:40", 1, ANNA, act_queue(act, "third"));
    yes(h, "2026-03-02 11:00", 1, ANNA, act_queue(act, "second"));
    assert_string_equal(kase(h, 1)->queue, "second");
    assert_string_equal(kase(h, 1)->assignee, BO);      /* as that queue chooses */
    assert_string_equal(entry_of(h, 1, E(QUEUE))->detail, "first to second");
    assert_string_equal(letters_since(h, 0), "update:" CATHY " notice:" BO);     /* anna watches, but it was her act */
    assert_non_null(strstr(h->letters[0]->text, "A developer looks at it."));
    size_t n = h->n_letters;
    yes(h, "2026-03-02 12:00", 1, BO, act_state(act, S(WAITING), NULL));         /* first hears of each step */
    assert_string_equal(letters_since(h, n), "notice:" ANNA);
    n = h->n_letters;
    yes(h, "2026-03-02 13:00", 1, BO, act_queue(act, "first"));
    assert_null(kase(h, 1)->assignee);
    assert_string_equal(letters_since(h, n), "update:" CATHY " notice:" ANNA);   /* nobody has it: the line is told */
    assert_int_equal(kase(h, 1)->n_lines, 2);
end

scenario(priority_and_kind)
    struct house *h = house_new("", with(NULL, "priority \"top\" { tell = true label = \"Top\" clock \"respond\" { target = \"1h\" } }\n"
        "kind \"question\" { default = true } kind \"down\" { priority = \"high\" queue = \"second\" } kind \"shop\" { }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", "question");
    yes(h, "2026-03-02 10:10", 1, ANNA, act_priority(act, "low"));
    no(h, "2026-03-02 10:11", 1, ANNA, act_priority(act, "low"));
    no(h, "2026-03-02 10:11", 1, ANNA, act_priority(act, "none such"));
    assert_int_equal(h->n_letters, 0);
    yes(h, "2026-03-02 10:12", 1, ANNA, act_kind(act, "shop"));
    assert_string_equal(kase(h, 1)->priority, "low");   /* somebody has set it: it stays */
    yes(h, "2026-03-02 10:13", 1, ANNA, act_priority(act, "normal"));
    yes(h, "2026-03-02 10:14", 1, CATHY, act_kind(act, "down"));
    assert_string_equal(kase(h, 1)->priority, "high");  /* as nobody has, it follows the kind */
    assert_string_equal(kase(h, 1)->queue, "second");
    yes(h, "2026-03-02 10:15", 1, ANNA, act_kind(act, "question"));
    assert_string_equal(kase(h, 1)->priority, "normal");
    no(h, "2026-03-02 10:16", 1, ANNA, act_kind(act, "question"));
    size_t n = h->n_letters;
    open_case(h, "2026-03-03 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-03 10:30", 2, ANNA, act_priority(act, "top"));
    assert_string_equal(letters_since(h, n), "update:" CATHY);
    assert_non_null(strstr(h->letters[n]->text, "Top"));
    assert_non_null(strstr(h->letters[n]->text, "11:00"));      /* with the target that follows */
end

scenario(prepared_letters)
    struct house *h = house_new("", with(NULL, "letter \"upload\" { subject = \"Where to put it\" text = \"Put it there, {{queue}} looks at it.\" }\n"
        "letter \"dealer\" { kind = \"referral\" subject = \"Your dealer\" text = \"Please ask your dealer.\" }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:30", 1, ANNA, act_letter(act, "upload", NULL));
    yes(h, "2026-03-02 10:31", 1, "rule:dealer", act_letter(act, "dealer", NULL));
    no(h, "2026-03-02 10:32", 1, ANNA, act_letter(act, "none such", NULL));
    assert_string_equal(letters_since(h, 0), "update:" CATHY " referral:" CATHY);
    assert_non_null(strstr(h->letters[0]->text, "Put it there, first looks at it."));
    assert_non_null(strstr(h->letters[0]->subject, "Where to put it"));
    assert_non_null(strstr(entry_of(h, 1, E(LETTER))->why, "prepared letter \"dealer\""));
end

/* ---- approvals */

scenario(an_estimate_is_asked_and_approved)
    struct house *h = house_new("", with(NULL, "clock \"assign\" { target = \"4h\" }\nstate \"waiting\" { close = \"3wd\" remind = { \"1wd\" } }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 11:00", 1, ANNA, act_approval(act, "estimate", "Two hours of work."));
    assert_string_equal(letters_since(h, 0), "approval:" CATHY);
    assert_non_null(strstr(h->letters[0]->text, "Two hours of work."));
    assert_int_equal(kase(h, 1)->state, S(WAITING));
    assert_string_equal(kase(h, 1)->approval, "estimate");
    assert_string_equal(clock_of(h, 1, "assign")->met_by, "estimate");
    pass(h, "2026-04-01 10:00");
    assert_int_equal(kase(h, 1)->state, S(WAITING));    /* silence closes no estimate */
    yes(h, "2026-04-01 10:00", 1, CATHY, act_answer(act, true, "go ahead"));
    assert_int_equal(kase(h, 1)->state, S(PROGRESS));
    assert_null(kase(h, 1)->approval);
    assert_string_equal(entry_of(h, 1, E(APPROVAL))->detail, "estimate approved");
    no(h, "2026-04-01 11:00", 1, CATHY, act_answer(act, true, NULL));
end

scenario(a_solution_that_is_not_ok_goes_back)
    struct house *h = house_new("", with(NULL, "state \"waiting\" { close = \"3wd\" }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:10", 1, ANNA, act_state(act, S(PROGRESS), NULL));
    yes(h, "2026-03-02 11:00", 1, ANNA, act_approval(act, "solution", "Please look."));
    yes(h, "2026-03-03 10:00", 1, CATHY, act_answer(act, false, "the total is wrong"));
    assert_int_equal(kase(h, 1)->state, S(PROGRESS));
    assert_string_equal(entry_of(h, 1, E(APPROVAL))->text, "the total is wrong");
    yes(h, "2026-03-03 11:00", 1, ANNA, act_approval(act, "solution", "Please look again."));
    pass(h, "2026-03-06 11:00");
    assert_int_equal(kase(h, 1)->state, S(CLOSED));     /* no feedback within three working days */
    assert_time(kase(h, 1)->closed_at, "2026-03-06 11:00");
    no(h, "2026-03-06 12:00", 1, CATHY, act_answer(act, true, NULL));
end

/* ---- escalation */

scenario(escalation_asked_and_accepted)
    struct house *h = house_new("", with(NULL, "escalation { priority = \"high\" notice = \"Overtime may be charged.\" }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:10", 1, "rule:x", act_assign(act, BO));
    size_t n = h->n_letters;
    yes(h, "2026-03-02 11:00", 1, CATHY, act_escalation_ask(act, "we stand still"));
    assert_string_equal(letters_since(h, n), "escalation:" BO " escalation:carin@example.com");
    assert_non_null(strstr(h->letters[n]->text, "we stand still"));
    assert_int_equal(kase(h, 1)->state, S(NEW));        /* asked is not yet escalated */
    assert_string_equal(kase(h, 1)->priority, "normal");
    no(h, "2026-03-02 11:30", 1, CATHY, act_escalation_ask(act, "again"));
    n = h->n_letters;
    yes(h, "2026-03-02 12:00", 1, BO, act_escalation_accept(act, NULL));
    assert_true(kase(h, 1)->escalated);
    assert_false(kase(h, 1)->has_escalation_asked_at);
    assert_string_equal(kase(h, 1)->priority, "high");
    assert_string_equal(letters_since(h, n), "update:" CATHY);
    assert_non_null(strstr(h->letters[n]->text, "Overtime may be charged."));
    no(h, "2026-03-02 12:30", 1, BO, act_escalation_accept(act, NULL));
    no(h, "2026-03-02 12:30", 1, CATHY, act_escalation_ask(act, NULL));
end

scenario(escalation_declined)
    struct house *h = house_new("", people);
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    no(h, "2026-03-02 10:30", 1, BO, act_escalation_decline(act, "no"));
    yes(h, "2026-03-02 11:00", 1, CATHY, act_escalation_ask(act, NULL));
    assert_string_equal(letters_since(h, 0), "escalation:carin@example.com");
    assert_non_null(strstr(entry_of(h, 1, E(ESCALATION_ASKED))->detail, "nobody is assignee: to the manager instead"));
    yes(h, "2026-03-02 12:00", 1, BO, act_escalation_decline(act, "The printer beside it works."));
    assert_string_equal(letters_since(h, 1), "update:" CATHY);
    assert_non_null(strstr(h->letters[1]->text, "The printer beside it works."));
    assert_false(kase(h, 1)->escalated || kase(h, 1)->has_escalation_asked_at);
end

/* ---- the end */

scenario(spam_is_closed_without_a_word)
    struct house *h = house_new("", with(NULL, "survey = true state \"closed\" { tell = true } clock \"resolve\" { target = \"1h\" }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    yes(h, "2026-03-02 10:30", 1, ANNA, act_spam(act));
    assert_int_equal(kase(h, 1)->state, S(CLOSED));
    assert_true(kase(h, 1)->spam);
    assert_int_equal(h->n_letters, 0);
    pass(h, "2026-03-05 10:30");
    assert_false(clock_of(h, 1, "resolve")->has_met_at || clock_of(h, 1, "resolve")->breached);
    no(h, "2026-03-05 10:31", 1, ANNA, act_spam(act));
end

/* ---- an answer that does not arrive */

static const Td__Letter *
relay_of(struct house *h, uint64_t id, Td__Letter__Kind kind)
{
    Td__Letter *l = schema_new(h->a, &td__letter__descriptor);
    l->id = id;
    l->kind = kind;
    return l;
}

scenario(an_answer_that_did_not_arrive_is_none)
    struct house *h = house_new("", with(NULL, "clock \"assign\" { target = \"1h\" } clock \"respond\" { target = \"4h\" }"));
    open_case(h, "2026-03-02 10:00", CATHY, "normal", NULL);
    do_(h, "2026-03-02 10:30", 1, ANNA, act_relayed(act, ANNA));
    kase(h, 1)->has_first_response_letter = true;
    kase(h, 1)->first_response_letter = 7;
    no(h, "2026-03-02 11:00", 1, NULL, act_undelivered(act, relay_of(h, 6, TD__LETTER__KIND__UPDATE), CATHY, "550"));
    yes(h, "2026-03-02 11:00", 1, NULL, act_undelivered(act, relay_of(h, 8, TD__LETTER__KIND__RELAY), CATHY, "550 of a later one"));
    yes(h, "2026-03-02 11:00", 1, NULL, act_undelivered(act, relay_of(h, 7, TD__LETTER__KIND__RELAY), "copy@customer.example", "550 of a copy"));
    assert_true(kase(h, 1)->has_first_response_at);
    size_t n = h->n_letters;
    yes(h, "2026-03-02 12:00", 1, NULL, act_undelivered(act, relay_of(h, 7, TD__LETTER__KIND__RELAY), CATHY, "550 no such user"));
    assert_false(kase(h, 1)->has_first_response_at || clock_of(h, 1, "respond")->has_met_at);
    assert_true(clock_of(h, 1, "assign")->has_met_at);          /* work has begun all the same */
    assert_string_equal(letters_since(h, n), "notice:" ANNA);
    assert_non_null(strstr(h->letters[n]->text, "did not reach " CATHY));
    assert_non_null(strstr(h->letters[n]->text, "550 no such user"));
    pass(h, "2026-03-02 14:00");
    assert_true(clock_of(h, 1, "respond")->breached);
end

/* ---- the order of work */

static void
order_of_work(void **state)
{
    (void)state;
    struct house *h = house_new("", with(NULL, "kind \"shop\" { first = true } kind \"plain\" { }"));
    static const struct { const char *opened, *priority, *kind; Td__State state; bool escalated; } rows[] = {   /* in the order of work */
        { "2026-03-06 10:00", "low", "plain", S(PROGRESS), true },
        { "2026-03-03 10:00", "high", "plain", S(NEW), false },
        { "2026-03-04 10:00", "high", "plain", S(ASSIGNED), false },
        { "2026-03-05 10:00", "normal", "shop", S(NEW), false },
        { "2026-03-02 10:00", "normal", NULL, S(NEW), false },
        { "2026-03-02 10:01", "normal", "plain", S(NEW), false },
        { "2026-03-02 10:00", "low", "plain", S(NEW), false },
        { "2026-03-02 10:00", "high", "shop", S(WAITING), true },
        { "2026-03-02 10:00", "high", "shop", S(WAITING), false },
        { "2026-03-02 10:00", "high", "shop", S(RESOLVED), false },
        { "2026-03-02 10:00", "high", "shop", S(CLOSED), true },
    };
    int64_t last = 0;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Case *c = open_case(h, "2026-03-01 10:00", CATHY, rows[i].priority, rows[i].kind);
        c->opened_at = at(rows[i].opened);
        c->state = rows[i].state;
        c->has_escalated = c->escalated = rows[i].escalated;
        int64_t order = desk_order(h->desk, c);
        if (i > 0 && order <= last)
            fail_msg("row %zu is not behind the one before", i);
        last = order;
    }
    house_free(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define t(name) cmocka_unit_test(name)
        t(fields_tags_notes_time_watchers), t(rating), t(ways_through_the_states), t(moments_of_a_state),
        t(the_customer_is_told_of_states_as_the_desk_wants), t(whom_no_letter_can_reach), t(assigning_and_taking), t(hand_over), t(priority_and_kind),
        t(prepared_letters), t(an_estimate_is_asked_and_approved), t(a_solution_that_is_not_ok_goes_back), t(escalation_asked_and_accepted),
        t(escalation_declined), t(spam_is_closed_without_a_word), t(an_answer_that_did_not_arrive_is_none), t(order_of_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
