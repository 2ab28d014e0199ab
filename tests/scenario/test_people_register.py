# SPDX-License-Identifier: ISC
"""A customer's administrators admit colleagues to the desk by mail: one question, one answer, nothing lost."""
import re

from staff_box import Box, body
from test_staff_links import link, tap

CUSTOMER = 'customer "Kommunen" { address = { "kommun.example" }  admin = { "boss@kommun.example", "it@kommun.example" } } '
BOSS, IT, VIK = "Boss <boss@kommun.example>", "It <it@kommun.example>", "Vik Arie <vik@kommun.example>"
LIZ = "Liz Lane <liz@dynamics.example>"


def refused(t, more="", auth=True, text="The system is down, app sales.\n", **how):
    box = Box(t, more=CUSTOMER + more)
    box.add(VIK, text, subject="The plan", auth=auth, **how)
    return box


def questions(r):
    return {l.meta["to"][0]: l for l in r.of("approval")}


def test_asked_and_admitted(t):
    for how in ("link", "Yes\n", "OK\n\nRegards\nBoss\n", "#admit\n", "#admit vik@kommun.example\n", "Ja\n"):
        box = refused(t)
        r = box.run()
        ask = questions(r)
        assert set(ask) == {"boss@kommun.example", "it@kommun.example"} and "vik@kommun.example" in body(ask["boss@kommun.example"])
        assert r.case["state"] == "closed" and r.doc["refused"] and "administrator" in body(r.one("refusal")) and not r.of("notice") and not r.of("ack")
        if how == "link":
            tap(box, ask["boss@kommun.example"], "Yes", "2026-03-10T12:00:00Z", sender=BOSS)
        else:
            box.add(BOSS, how, when="2026-03-10T12:00:00Z", answers=ask["boss@kommun.example"])
        tap(box, ask["it@kommun.example"], "No", "2026-03-10T12:05:00Z", sender=IT)
        box.add(VIK, "And my chair.\n", when="2026-03-10T13:00:00Z", subject="The chair")
        r = box.run("2026-03-20T12:00:00Z")
        case = r.cases[0]
        assert case["state"] == "new" and case["opened"] == "2026-03-10T10:00:00Z" and case["priority"] == "critical", how
        assert r.clock("respond")["due"] == "2026-03-10T11:00:00Z", how
        acks = r.of("ack")
        assert [l.meta["to"] for l in acks] == [["vik@kommun.example"]] * 2 and acks[0].meta["at"] == "2026-03-10T12:00:00Z", how
        assert "app sales" in body(r.of("notice", "liz@dynamics.example")[0]) and not r.doc["refused"], how
        assert len(r.cases) == 2 and r.cases[1]["state"] == "new" and len(r.of("approval")) == 2, "from then on without a question"
        told = {l.meta["to"][0]: body(l) for l in r.of("update")}
        assert "may register" in told["boss@kommun.example"] and "answered before" in told["it@kommun.example"], how


def test_no(t):
    for how in ("link", "No\n", "Nej tack\n"):
        box = refused(t)
        ask = questions(box.run())
        if how == "link":
            tap(box, ask["boss@kommun.example"], "No", "2026-03-10T12:00:00Z", sender=BOSS)
        else:
            box.add(BOSS, how, when="2026-03-10T12:00:00Z", answers=ask["boss@kommun.example"])
        tap(box, ask["it@kommun.example"], "Yes", "2026-03-10T12:05:00Z", sender=IT)
        r = box.run("2026-03-20T12:00:00Z")
        assert r.case["state"] == "closed" and len(r.of("refusal")) == 2 and r.of("refusal")[1].meta["to"] == ["vik@kommun.example"], how
        assert not r.of("ack") and not r.of("notice"), how


def test_nobody_answers(t):
    r = refused(t).run("2026-03-18T12:00:00Z")
    last = r.of("refusal")[-1]
    assert len(r.of("refusal")) == 2 and last.meta["at"] == "2026-03-17T10:00:00Z" and "seven days" in body(last) and r.case["state"] == "closed"
    assert "lapsed" in r.entries("refused")[-1]["why"]


def test_who_is_not_that_person_admits_nobody(t):
    for sender, auth in ((BOSS, False), ("Eve <eve@evil.example>", True), (VIK, True)):
        box = refused(t)
        ask = questions(box.run())["boss@kommun.example"]
        tap(box, ask, "Yes", "2026-03-10T12:00:00Z", sender=sender, auth=auth)
        box.add(sender, "Yes\n", when="2026-03-10T12:10:00Z", answers=ask, auth=auth)
        r = box.run()
        assert r.cases[0]["state"] == "closed" and not r.entries("admitted") and not r.of("ack"), sender
        told = r.of("update")
        assert told and all(l.meta["to"] == ["boss@kommun.example"] and "nothing proves" in body(l) for l in told), sender


def test_a_second_mail_asks_no_second_time_and_is_admitted_too(t):
    box = refused(t)
    box.add(VIK, "And my chair.\n", when="2026-03-10T10:30:00Z", subject="The chair")
    ask = questions(box.run())
    assert len(box.run().of("approval")) == 2
    tap(box, ask["boss@kommun.example"], "Yes", "2026-03-10T12:00:00Z", sender=BOSS)
    r = box.run()
    assert [c["state"] for c in r.cases] == ["new", "new"] and len(r.of("ack")) == 2


def test_of_who_is_not_proven_only_the_address_is_shown(t):
    r = refused(t, auth=False, text="SECRET WORDS\n").run()
    ask = questions(r)["boss@kommun.example"]
    assert "vik@kommun.example" in body(ask) and "SECRET" not in ask.as_string() and "The plan" not in ask.as_string()
    r = refused(t, headers=[("Auto-Submitted", "auto-generated")]).run()
    assert not r.letters and r.case["state"] == "closed", "a machine is not asked about"


def test_admitted_in_a_mail_of_its_own(t):
    box = refused(t)
    box.add(BOSS, "#admit vik@kommun.example\n", when="2026-03-10T12:00:00Z", subject="Vik")
    r = box.run()
    assert r.case["state"] == "new" and len(r.of("ack")) == 1
    box = refused(t)
    box.add("Other <other@elsewhere.example>", "#admit vik@kommun.example\n", when="2026-03-10T12:00:00Z", subject="Vik")
    assert box.run().cases[0]["state"] == "closed"


def test_without_administrators_nobody_is_asked(t):
    box = Box(t, more='register = "customers"')
    box.add(VIK, "Hello.\n")
    r = box.run()
    assert [l["X-Ticketd-Kind"] for l in r.letters] == ["refusal"] and "Please ask" in body(r.one("refusal"))
