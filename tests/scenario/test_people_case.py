# SPDX-License-Identifier: ISC
"""Who is on a case: copies, strangers, colleagues, leaving, letters that do not arrive, and a mail that belongs elsewhere."""
import re

from staff_box import Box, body
from test_staff_links import link, tap

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann <ann@haulage.example>"
CAY = "Cay <cay@partner.example>"
EVE = "Eve <eve@other.example>"


def with_copy(t, more="", **box):
    """Ann's case with Cay in copy; the relay that both got."""
    box = Box(t, more=more, **box)
    box.add(ANN, "It is broken.\n", headers=[("Cc", "Cay <cay@partner.example>")])
    number = box.run().case["case"]
    box.add(LIZ, "Restart it.\n", when="2026-03-10T10:05:00Z", subject="Re: x [%s]" % number)
    return box, box.run().one("relay"), number


def relays(r):
    return [sorted(l.meta["to"]) for l in r.of("relay")]


def again(box, number, when="2026-03-10T12:00:00Z"):
    box.add(LIZ, "And now?\n", when=when, subject="Re: x [%s]" % number)
    return box.run()


def test_somebody_in_copy_leaves(t):
    for words in ("#unsubscribe\n", "#Unsubscribe\n\nCay\n", "Please unsubscribe me.\n", "Ta bort mig fr\u00e5n \u00e4rendet\n", "Afmeld mig\n\nMvh\nCay\n"):
        box, relay, number = with_copy(t)
        assert "#unsubscribe" in body(relay) and sorted(relay.meta["to"]) == ["ann@haulage.example", "cay@partner.example"]
        box.add(CAY, words, when="2026-03-10T11:00:00Z", answers=relay)
        r = again(box, number)
        assert relays(r)[1] == ["ann@haulage.example"], words
        assert r.entries("left") and r.of("update")[0].meta["to"] == ["cay@partner.example"], words
        box.add(ANN, "Still broken.\n", when="2026-03-10T13:00:00Z", answers=relay, headers=[("Cc", "Cay <cay@partner.example>")])
        assert relays(again(box, number, "2026-03-10T13:30:00Z"))[2] == ["ann@haulage.example"], "an old list of copies puts nobody back"
        box.add(LIZ, "#admit cay@partner.example\n", when="2026-03-10T14:00:00Z", subject="Re: x [%s]" % number)
        assert relays(again(box, number, "2026-03-10T14:30:00Z"))[3] == ["ann@haulage.example", "cay@partner.example"], words


def test_words_that_do_not_mean_it(t):
    for words in ("Please do not unsubscribe me yet, I want to know.\n", "How do I unsubscribe?\n", "It is broken.\n#unsubscribe\n", "> #unsubscribe\nYes, please restart it.\n"):
        box, relay, number = with_copy(t)
        box.add(CAY, words, when="2026-03-10T11:00:00Z", answers=relay)
        r = again(box, number)
        assert len(relays(r)[1]) == 2 and not r.entries("left"), words


def test_nobody_else_can_take_him_off(t):
    box, relay, number = with_copy(t)
    box.add(CAY, "#unsubscribe\n", when="2026-03-10T11:00:00Z", answers=relay, auth=False)
    box.add(EVE, "#unsubscribe\n", when="2026-03-10T11:10:00Z", answers=relay)
    r = again(box, number)
    assert len(relays(r)[1]) == 2 and not r.entries("left") and r.entries("parked")
    question = r.of("update")[0]
    assert question.meta["to"] == ["cay@partner.example"]
    tap(box, question, "Leave", "2026-03-10T12:10:00Z", sender=CAY, auth=False)
    tap(box, question, "Leave", "2026-03-10T12:20:00Z", sender=CAY, auth=False)
    r = again(box, number, "2026-03-10T12:30:00Z")
    assert relays(r)[2] == ["ann@haulage.example"] and len(r.entries("left")) == 1


def test_the_requester_stays(t):
    box, relay, number = with_copy(t)
    box.add(ANN, "#unsubscribe\n", when="2026-03-10T11:00:00Z", answers=relay)
    r = again(box, number)
    assert "ann@haulage.example" in relays(r)[1] and not r.entries("left") and "Close" in link(r.of("update")[0], "Close")[1]


def bounce(box, letter, recipient, when, action="failed", status="5.1.1", to=None, sender="MAILER-DAEMON@mx.partner.example", message_id=None, path=""):
    raw = ("--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.partner.example\n\n"
           "Final-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; 550 no such user\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n"
           "Subject: x\n--b--\n" % (recipient, action, status, message_id or letter["Message-ID"])).encode()
    return box.add(sender, raw=raw, when=when, to=to or "support@dynamics.example", subject="Undelivered Mail Returned to Sender", auth=False,
                   headers=[("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'), ("Auto-Submitted", "auto-replied"), ("Return-Path", "<%s>" % path)])


def test_letters_that_do_not_arrive_take_him_off(t):
    box, relay, number = with_copy(t, more="bounce-limit = 2")
    bounce(box, relay, "cay@partner.example", "2026-03-10T11:00:00Z")
    bounce(box, relay, "cay@partner.example", "2026-03-10T11:01:00Z")          # the same letter once more: no second one
    r = again(box, number)
    assert len(relays(r)[1]) == 2 and not r.entries("left")
    box.add(CAY, "I am here again.\n", when="2026-03-10T12:10:00Z", answers=relay)
    bounce(box, r.of("relay")[1], "cay@partner.example", "2026-03-10T12:20:00Z")
    r = again(box, number, "2026-03-10T13:00:00Z")
    assert len(relays(r)[2]) == 2, "not in a row"
    bounce(box, r.of("relay")[2], "cay@partner.example", "2026-03-10T13:10:00Z")
    r = again(box, number, "2026-03-10T14:00:00Z")
    assert relays(r)[3] == ["ann@haulage.example"] and len(r.entries("left")) == 1
    assert "off the case" in " ".join(body(l) for l in r.of("notice", "liz@dynamics.example"))
    assert r.case["first_response"] == "2026-03-10T10:05:00Z", "the customer has the answer"


def test_delayed_reports_take_nobody_off_and_tell_nobody(t):
    box, relay, number = with_copy(t, more="bounce-limit = 1")
    before = len(box.run().letters)
    bounce(box, relay, "cay@partner.example", "2026-03-10T11:00:00Z", action="delayed", status="4.4.1")
    bounce(box, relay, "ann@haulage.example", "2026-03-10T11:10:00Z", action="delayed", status="4.4.1")
    r = box.run()
    assert len(r.letters) == before and not r.entries("left") and len(r.entries("report")) == 2 and r.case["first_response"]


def test_colleagues(t):
    customer = 'customer "Haulage" { address = { "haulage.example", "partner.example" } } '
    rows = [("", "bob@haulage.example", True, False), ('admit-colleagues = "customer"', "bob@haulage.example", True, False), ('admit-colleagues = "domain"', "bob@haulage.example", True, True),
            ('admit-colleagues = "domain"', "bob@haulage.example", False, False), ('admit-colleagues = "domain"', "bob@sub.haulage.example", True, False),
            (customer + 'admit-colleagues = "customer"', "bob@partner.example", True, True), (customer + 'admit-colleagues = "customer"', "bob@partner.example", False, False),
            (customer + 'admit-colleagues = "customer"', "bob@other.example", True, False)]
    for more, who, auth, on in rows:
        box = Box(t, more=more)
        box.add(ANN, "It is broken.\n")
        ack = box.run().one("ack")
        box.add("Bob <%s>" % who, "Here too.\n", when="2026-03-10T10:10:00Z", answers=ack, to="support@dynamics.example, x@y.example", auth=auth)
        r = box.run()
        assert bool(r.entries("appended")) == on and bool(r.entries("parked")) != on and bool(r.of("receipt")) != on, (more, who, auth)
    box = Box(t, more='admit-colleagues = "domain"')
    box.add("Ann <ann@gmail.com>", "It is broken.\n")
    box.add("Bob <bob@gmail.com>", "Here too.\n", when="2026-03-10T10:10:00Z", answers=box.run().one("ack"), to="support@dynamics.example, x@y.example")
    assert box.run().entries("parked"), "a mailbox for everybody"


def test_admitted_with_one_word(t):
    for words, who, auth, on in (("#admit\n", ANN, True, True), ("#admit eve@other.example\n", ANN, True, True), ("Please let them in\n", ANN, True, True), ("Sl\u00e4pp in henne\n", ANN, True, True),
                                 ("#admit\n", ANN, False, False), ("#admit\n", EVE, True, False), ("#admit\n", CAY, True, False), ("#admit mallory@evil.example\n", EVE, True, False)):
        box = Box(t)
        box.add(ANN, "It is broken.\n", headers=[("Cc", "Cay <cay@partner.example>")])
        ack = box.run().one("ack")
        box.add(EVE, "Me too, behind the wall.\n", when="2026-03-10T10:05:00Z", answers=ack, to="support@dynamics.example, x@y.example")
        box.add(who, words, when="2026-03-10T10:10:00Z", answers=ack, to="support@dynamics.example, x@y.example", auth=auth)
        r = box.run()
        assert len(r.of("receipt")) == 1 and bool(r.entries("admitted")) == on, (words, who, auth)
        box.add(LIZ, "Restart it.\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % r.case["case"])
        tap(box, ack, "Status", "2026-03-10T10:40:00Z")
        r = box.run()
        assert ("eve@other.example" in relays(r)[0]) == on, (words, who, auth)
        assert ("written by eve@other.example" in body(r.one("status"))) == on and "behind the wall" not in body(r.one("status")), "told, without the words"


def test_the_requesters_link_admits(t):
    box = Box(t, more="tell-parked = true")
    box.add(ANN, "It is broken.\n")
    ack = box.run().one("ack")
    for n in range(2):
        box.add(EVE, "Secret words.\n", when="2026-03-10T10:0%d:00Z" % (5 + n), answers=ack, to="support@dynamics.example, x@y.example")
    told = box.run().one("update")
    assert told.meta["to"] == ["ann@haulage.example"] and "eve@other.example" in body(told) and "Secret" not in body(told) and "Secret" not in str(told["Subject"])
    tap(box, told, "Let in", "2026-03-10T10:20:00Z", auth=False)
    r = box.run()
    assert not r.entries("admitted") and "nothing proves" in body(r.of("update")[-1]) and r.of("update")[-1].meta["to"] == ["ann@haulage.example"]
    tap(box, told, "Let in", "2026-03-10T10:25:00Z", sender=EVE)
    assert not box.run().entries("admitted"), "a link is one person's"
    tap(box, told, "Let in", "2026-03-10T10:30:00Z")
    tap(box, told, "Let in", "2026-03-10T10:40:00Z")
    r = box.run()
    assert len(r.entries("admitted")) == 1 and "already" in body(r.of("status")[-1])
    box.add(LIZ, "Restart it.\n", when="2026-03-10T11:00:00Z", subject="Re: x [%s]" % r.case["case"])
    assert relays(box.run())[0] == ["ann@haulage.example", "eve@other.example"]


def test_a_status_names_who_waits(t):
    box = Box(t)
    box.add(ANN, "It is broken.\n")
    ack = box.run().one("ack")
    box.add(EVE, "Secret words.\n", when="2026-03-10T10:05:00Z", answers=ack, to="support@dynamics.example, x@y.example")
    tap(box, ack, "Status", "2026-03-10T10:10:00Z")
    status = box.run().one("status")
    assert "eve@other.example" in body(status) and "Secret" not in body(status)
    tap(box, status, "Let in: eve@other.example", "2026-03-10T10:20:00Z")
    assert box.run().entries("admitted")


# ---- this is not this case

def resolved(t, more=""):
    """A case that was resolved, and then got a mail about something else; the status answer that followed."""
    box = Box(t, more=more)
    box.add(ANN, "It is broken.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#resolve\nRestart it.\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number)
    relay = box.run().one("relay")
    box.add(ANN, "The system is down, app sales. Printer too.\n", when="2026-03-10T11:00:00Z", answers=relay)
    return box, relay, number


def test_another_matter_by_link_and_words(t):
    words = ("This is not this case.\n", "Wrong case\n\nBest regards\nAnn\n", "Det h\u00e4r g\u00e4ller n\u00e5got annat\n", "Forkert sag!\n", None)
    for said in words:
        box, relay, number = resolved(t)
        box.add(LIZ, "#time 5m\n", when="2026-03-10T11:05:00Z", subject="Re: x [%s]" % number)
        if said is None:
            tap(box, relay, "Status", "2026-03-10T11:10:00Z")
            status = box.run().one("status")
            for n in range(2):
                tap(box, status, "Another matter", "2026-03-10T11:3%d:00Z" % n, auth=False)
        else:
            assert box.run().case["state"] == "progress"
            box.add(ANN, said, when="2026-03-10T11:30:00Z", answers=relay)
        r = box.run("2026-03-10T12:00:00Z")
        assert len(r.cases) == 2, (said, [c["entries"] for c in r.cases])
        old, new = r.cases
        assert old["state"] == "resolved" and r.clock("resolve")["met"] == "2026-03-10T10:30:00Z" and r.clock("respond")["met"] == "2026-03-10T10:30:00Z", (said, old["clocks"])
        assert new["state"] == "new" and new["opened"] == "2026-03-10T11:00:00Z" and new["requester"]["addr"] == "ann@haulage.example" and new["priority"] == "critical", said
        assert "Printer too." in r.entries("opened", 1)[0]["text"] and r.entries("linked", 1) and r.entries("split")
        assert [l.meta["case"] for l in r.of("ack")] == [number, new["case"]]
        assert any(new["case"] in body(l) and "something else" in body(l) for l in r.of("notice", "liz@dynamics.example")), said
        assert any("Printer too." in body(l) and l.meta["case"] == new["case"] for l in r.of("notice", "mark@dynamics.example")), said
        if said is None:
            assert "already" in body(r.of("status")[-1])


def test_a_pause_goes_on_as_if_nothing_had_come(t):
    box = Box(t)
    box.add(ANN, "It is broken.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#wait\nWhich one?\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % number)
    relay = box.run().one("relay")
    box.add(ANN, "The printer.\n", when="2026-03-10T11:00:00Z", answers=relay)
    box.add(ANN, "This is another matter\n", when="2026-03-10T12:00:00Z", answers=relay)
    box.add(ANN, "The first one.\n", when="2026-03-10T14:30:00Z", answers=relay)
    r = box.run()
    assert r.cases[0]["state"] == "assigned" or r.cases[0]["state"] == "progress"
    assert r.clock("resolve")["paused_seconds"] == 4 * 3600, r.clock("resolve")


def test_the_mail_says_so_itself(t):
    box, relay, number = resolved(t)
    box.add(ANN, "This is a new case.\n\nMy chair is broken as well.\n", when="2026-03-10T11:30:00Z", answers=relay)
    r = box.run()
    assert len(r.cases) == 2 and "chair" in r.entries("opened", 1)[0]["text"] and r.cases[0]["state"] == "progress" and r.entries("linked")


def test_what_is_not_taken_out(t):
    # label, who says it, words, proven; staff's work in between
    rows = [("a stranger", EVE, "This is not this case\n", True, None), ("nobody proven", ANN, "This is not this case\n", False, None),
            ("somebody in copy, of another's mail", CAY, "Wrong case\n", True, None), ("in a sentence", ANN, "I think that this is not this case, is it?\n", True, None),
            ("quoted", ANN, "> This is not this case\nIt is.\n", True, None)]
    for label, who, words, proven, _ in rows:
        box, relay, number = resolved(t)
        box.add(who, words, when="2026-03-10T11:30:00Z", answers=relay, auth=proven, to="support@dynamics.example, cay@partner.example")
        assert len(box.run().cases) == 1, label
    box, relay, number = resolved(t)
    box.add(LIZ, "#take\nI come and look.\n", when="2026-03-10T11:10:00Z", subject="Re: x [%s]" % number)
    box.add(LIZ, "#wait\nWhich printer?\n", when="2026-03-10T11:12:00Z", subject="Re: x [%s]" % number)
    box.add(ANN, "Wrong case\n", when="2026-03-10T11:30:00Z", answers=relay)
    r = box.run()
    assert len(r.cases) == 2 and r.cases[0]["state"] != "resolved", "what staff have done since stays"
