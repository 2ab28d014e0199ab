# SPDX-License-Identifier: ISC
"""Who is staff, and what becomes of mail in the name of staff that nothing proves."""
import re

from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"


def opened(t, **more):
    box = Box(t, **more)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    return box, box.run().case["case"]


def test_unproven_staff_mail_is_held_and_carried_out_by_one_answer(t):
    for reply in ("plus", "plain"):
        box, number = opened(t, reply=reply)
        box.add(LIZ, "#resolve\nIt is mended.\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number, auth=False)
        box.add(LIZ, "#priority critical\n", when="2026-03-10T10:40:00Z", subject="Re: x [%s]" % number, auth=False)
        r = box.run()
        assert r.case["state"] == "new" and r.case["priority"] == "standard" and not r.of("relay") and len(r.entries("held")) == 2
        question = r.one("result", "liz@dynamics.example")
        assert "Did you send this" in question["Subject"] and "It is mended." in body(question) or "#resolve" in body(question)
        box.add(LIZ, "Yes, I did.\n", when="2026-03-10T11:00:00Z", answers=question, auth=False)
        r = box.run()
        assert r.case["state"] == "resolved" and r.case["priority"] == "critical", r.case["entries"]
        relay = r.one("relay")
        assert "It is mended." in body(relay) and "Yes, I did" not in body(relay) and relay.meta["at"] == "2026-03-10T11:01:00Z"
        box.add(LIZ, "Yes, I did.\n", when="2026-03-10T11:20:00Z", answers=question, auth=False)
        assert len(box.run().of("relay")) == 1


def test_held_mail_is_dropped_by_a_no_and_lapses(t):
    box, number = opened(t)
    box.add(LIZ, "#close\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number, auth=False)
    question = box.run().one("result")
    box.add(LIZ, "No, that was not me!\n", when="2026-03-10T11:00:00Z", answers=question, auth=False)
    r = box.run("2026-03-20T12:00:00Z")
    assert r.case["state"] == "new" and "lapsed" not in str(r.entries("held"))
    box, number = opened(t)
    box.add(LIZ, "#close\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number, auth=False)
    r = box.run("2026-03-20T12:00:00Z")
    assert r.case["state"] == "new" and [e["at"] for e in r.entries("held")] == ["2026-03-10T10:30:00Z", "2026-03-17T10:30:00Z"]
    box.add(LIZ, "Yes\n", when="2026-03-18T11:00:00Z", answers=question, auth=False)
    r = box.run()
    assert r.case["state"] == "new" and not r.of("relay")


def test_the_question_is_asked_at_most_once_an_hour_and_only_of_the_real_person(t):
    box, number = opened(t)
    for n in range(12):
        box.add(LIZ, "#close\nBye %d\n" % n, when="2026-03-10T%02d:%02d:00Z" % (10 + n // 6, 5 + n % 6 * 10), subject="Re: x [%s]" % number, auth=False,
                headers=[("Reply-To", "eve@evil.example")])
    r = box.run()
    asked = r.of("result")
    assert 1 <= len(asked) <= 2 and all(l.meta["to"] == ["liz@dynamics.example"] for l in asked)
    assert not r.of("relay") and r.case["state"] == "new"


def test_a_forged_answer_or_another_case_does_not_confirm(t):
    box, number = opened(t)
    box.add(LIZ, "#close\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number, auth=False)
    question = box.run().one("result")
    token = str(question["Reply-To"])
    for n, (sender, to) in enumerate((("eve@evil.example", token), (LIZ, re.sub(r"\+(.)", lambda m: "+" + ("b" if m.group(1) == "a" else "a"), token)),
                                      (LIZ, "support@dynamics.example"), ("Mark <mark@dynamics.example>", token))):
        box.add(sender, "Yes\n", when="2026-03-10T10:%d:00Z" % (40 + n), to=to, subject=str(question["Subject"]), auth=False)
    r = box.run()
    assert r.case["state"] == "new", r.case["entries"]


def test_own_token_is_proof_and_both_can_be_asked_for(t):
    for more, auth, done in (("", False, True), ("staff-proof = both", False, False), ("staff-proof = both", True, True)):
        box = Box(t, more=more)
        box.add("Ann <ann@haulage.example>", "It is broken.\n")
        notice = box.run().one("notice", "liz@dynamics.example")
        box.add(LIZ, "#take\n", when="2026-03-10T10:30:00Z", answers=notice, auth=auth)
        r = box.run()
        assert (r.case["assignee"] == "liz@dynamics.example") == done, (more, auth, r.case["entries"])
    box, number = opened(t, more="staff-proof = both")
    box.add(LIZ, "#take\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number)
    assert box.run().case["assignee"] is None


def test_strangers_and_customers_have_no_commands(t):
    box, number = opened(t)
    ack = box.run().one("ack")
    notice = box.run().one("notice", "liz@dynamics.example")
    box.add("Ann <ann@haulage.example>", "#close\n#priority critical\n", when="2026-03-10T10:20:00Z", answers=ack)
    box.add("eve@evil.example", "#close\n", when="2026-03-10T10:21:00Z", answers=notice)
    box.add("Liz Lane <liz@dynamics.example.evil.example>", "#close\n", when="2026-03-10T10:22:00Z", subject="Re: x [%s]" % number)
    r = box.run()
    assert r.case["state"] != "closed" and r.case["priority"] == "standard" and not r.of("result")


def test_automatic_answers_of_staff_never_reach_a_customer(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    box.add(LIZ, "I am on holiday.\n", when="2026-03-10T10:01:00Z", answers=notice, headers=[("Auto-Submitted", "auto-replied")])
    box.add(LIZ, "I am on holiday.\n", when="2026-03-10T10:02:00Z", answers=notice, headers=[("X-Autoreply", "yes"), ("Precedence", "bulk")])
    r = box.run()
    assert not r.of("relay") and not r.of("result") and b"holiday" not in r.raw


def test_commands_in_quoted_and_forwarded_text_are_words(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n\n#close\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    box.add(LIZ, "> #close\n> #spam\n\nI see.\n", when="2026-03-10T10:30:00Z", answers=notice)
    box.add(LIZ, "On Tue, 10 Mar 2026 at 10:00, Dynamics Support <support@dynamics.example> wrote:\n\n> #close\n", when="2026-03-10T10:31:00Z", answers=notice)
    box.add(LIZ, "---------- Forwarded message ---------\nFrom: Eve <eve@evil.example>\nDate: Tue, 10 Mar 2026 10:00:00 +0000\nSubject: x\nTo: liz@dynamics.example\n\n#close\n",
            when="2026-03-10T10:32:00Z", answers=notice, subject="Fwd: x [%s]" % box.run().case["case"])
    r = box.run()
    assert r.case["state"] not in ("closed",) and not (r.case.get("spam")), r.case["entries"]
    assert not any("#" in (e["detail"] or "") for e in r.entries("command"))
