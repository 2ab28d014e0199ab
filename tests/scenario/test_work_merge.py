# SPDX-License-Identifier: ISC
"""Two cases become one, and one becomes two: what the customer hears, where answers go, and what may not be."""
import re

from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann <ann@haulage.example>"
PATIENT = 'manager = "nina@dynamics.example"  director = "oliver@dynamics.example"  escalation { patience = "2h" }'


def two(t, more="", second=ANN, **mail):
    """A box with two cases, and the numbers of both."""
    box = Box(t, more=more)
    box.add(ANN, "The ledger is locked.\n", subject="Ledger")
    box.add(second, "Still locked, the ledger.\n", when="2026-03-10T10:05:00Z", subject="Locked", **mail)
    cases = box.run().cases
    return box, cases[0]["case"], cases[1]["case"]


def merge(box, which, into, when="2026-03-10T10:30:00Z"):
    box.add(LIZ, "#merge %s\n" % into, when=when, subject="Re: x [%s]" % which)
    return box.run()


def told(r, number):
    """The letters that tell a customer of a merging, of the case with this number."""
    return [l for l in r.of("update") if l["X-Ticketd-Case"] == number and "same matter" in body(l)]


def test_the_customer_is_told_where_to_follow_and_answers_get_there(t):
    box, one, other = two(t)
    r = merge(box, other, one)
    letter, = told(r, other)
    assert letter.meta["to"] == ["ann@haulage.example"] and one in body(letter) and other in body(letter), body(letter)
    assert "Subject=Reopen" not in body(letter) and "subject=Close" not in body(letter) and "subject=Status" in body(letter), body(letter)
    box.add(ANN, "Thanks, and it is the blue one.\n", when="2026-03-10T11:00:00Z", answers=letter)
    box.add(ANN, "Or the green one.\n", when="2026-03-10T11:01:00Z", subject="Re: Locked [%s]" % other)
    r = box.run()
    assert [e["text"] for e in r.entries("appended")] == ["Thanks, and it is the blue one.", "Or the green one."] and len(r.cases) == 2
    assert r.cases[1]["state"] == "closed" and r.entries("merged", 1)[0]["detail"] == "into " + one, r.cases[1]


def test_whoever_wants_no_such_letter_has_none(t):
    box, one, other = two(t, more="tell-merged = false")
    assert not told(merge(box, other, one), other)


def test_who_never_got_the_number_is_not_told(t):
    box, one, other = two(t, second="Cron <cron@haulage.example>", headers=[("Auto-Submitted", "auto-generated")])
    r = merge(box, other, one)
    assert not told(r, other) and r.entries("merged", 1)


def test_somebody_elses_case_is_followed_by_both(t):
    box, one, other = two(t, second="Bob <bob@haulage.example>")
    r = merge(box, other, one)
    letter, = told(r, other)
    assert letter.meta["to"] == ["bob@haulage.example"] and "Ledger" not in body(letter), body(letter)
    box.add("Bob <bob@haulage.example>", "Any news?\n", when="2026-03-10T11:00:00Z", answers=letter)
    r = box.run()
    assert [e["by"] for e in r.entries("appended")] == ["bob@haulage.example"] and not r.entries("parked")


def test_an_open_case_opens_the_one_that_it_is_merged_into(t):
    for end in ("#resolve\nIt is open now.\n", "#close\nIt is open now.\n"):
        box, one, other = two(t)
        box.add(LIZ, end, when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % one)
        r = merge(box, other, one, when="2026-03-10T14:00:00Z")
        assert r.cases[0]["state"] == "progress" and r.entries("reopened") and told(r, other), r.cases[0]["state"]
        assert r.clock("resolve")["due"] is not None and r.clock("resolve")["met"] is None


def test_none_is_merged_where_nobody_would_look(t):
    for end, when in (("#close\nIt is open now.\n", "2026-03-30T10:00:00Z"), ("#spam\n", "2026-03-10T12:00:00Z")):
        box, one, other = two(t)
        box.add(LIZ, end, when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % one)
        r = merge(box, other, one, when=when)
        assert r.cases[1]["state"] != "closed" and not r.entries("merged", 1) and not told(r, other)
        answer = r.of("result")[-1]
        assert "%s is closed, and nobody would look there." % one in body(answer) and "Nothing of this mail was done" in body(answer), body(answer)
    box, one, other = two(t)                # what is over itself may go there
    for number in (one, other):
        box.add(LIZ, "#close\nIt is open now.\n", when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % number)
    r = merge(box, other, one, when="2026-03-30T10:00:00Z")
    assert r.entries("merged", 1) and not told(r, other) and r.cases[0]["state"] == "closed"


def test_a_second_time_is_said(t):
    box, one, other = two(t)
    merge(box, other, one)
    r = merge(box, other, one, when="2026-03-10T10:40:00Z")
    assert "itself" in body(r.of("result")[-1]) and len(told(r, other)) == 1        # the number of what was merged means the other one


def test_who_asked_for_priority_goes_on_waiting_for_an_answer(t):
    box, one, other = two(t, more=PATIENT)
    box.add(ANN, "Please escalate this.\n", when="2026-03-10T10:10:00Z", subject="Re: Locked [%s]" % other)
    merge(box, other, one)
    r = box.run(until="2026-03-10T14:00:00Z")
    late = [l for l in r.of("escalation", "oliver@dynamics.example") if l["X-Ticketd-Case"] == one]
    assert len(late) == 1 and "nobody has answered yet" in body(late[0]), [body(l) for l in r.of("escalation")]
    box.add(LIZ, "#escalate\n", when="2026-03-10T10:40:00Z", subject="Re: Ledger [%s]" % one)
    r = box.run(until="2026-03-10T14:00:00Z")
    assert r.cases[0]["priority"] == "critical" and not r.of("escalation", "oliver@dynamics.example")


def test_priority_that_was_given_goes_along(t):
    box, one, other = two(t, more=PATIENT)
    box.add(LIZ, "#escalate\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % other)
    r = merge(box, other, one)
    assert r.cases[0]["priority"] == "critical" and r.entries("priority"), r.cases[0]["priority"]


def test_a_case_that_is_split_off_has_a_life_of_its_own(t):
    box = Box(t)
    box.add(ANN, "The ledger is locked, and the printer is blue.\n", subject="Ledger")
    number = box.run().case["case"]
    box.add(LIZ, "#split The printer is blue\n\nAnn's printer prints in blue only.\n", when="2026-03-10T12:00:00Z", subject="Re: Ledger [%s]" % number)
    r = box.run()
    first, new = r.cases
    assert new["subject"] == "The printer is blue" and new["requester"]["addr"] == "ann@haulage.example" and first["state"] == "new", (first, new)
    ack, = [l for l in r.of("ack") if l["X-Ticketd-Case"] == new["case"]]
    assert ack.meta["to"] == ["ann@haulage.example"] and "liz@" not in ack.as_string() and not r.of("relay")
    assert r.clock("respond", 1)["due"] > r.clock("respond", 0)["due"]
    assert new["case"] in body(r.of("result")[-1]) and r.entries("split")[0]["detail"] == new["case"] and number in str(r.entries("linked", 1))
    box.add(ANN, "Blue as the sea.\n", when="2026-03-10T13:00:00Z", answers=ack)
    box.add(LIZ, "#close\nIt was the ink.\n", when="2026-03-10T14:00:00Z", subject="Re: x [%s]" % new["case"])
    r = box.run()
    assert r.entries("appended", 1) and not r.entries("appended") and [c["state"] for c in r.cases] == ["new", "closed"]


def test_nothing_is_split_off_without_words(t):
    for text in ("#split\n\nWords.\n", "#split The printer\n"):
        box = Box(t)
        box.add(ANN, "The ledger is locked.\n", subject="Ledger")
        number = box.run().case["case"]
        box.add(LIZ, text, when="2026-03-10T12:00:00Z", subject="Re: Ledger [%s]" % number)
        r = box.run()
        assert len(r.cases) == 1 and re.search(r"#split needs more: #split SUBJECT", body(r.of("result")[-1])), body(r.of("result")[-1])
