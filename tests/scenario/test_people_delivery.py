# SPDX-License-Identifier: ISC
"""Delivery truth: a report is tied to a letter, a recipient and a case, believed only where it can be, and told once."""
from staff_box import Box, body
from test_people_case import bounce

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann <ann@haulage.example>"
AT = "2026-03-10T11:00:00Z"


def answered(t, cc=None):
    box = Box(t)
    box.add(ANN, "It is broken.\n", headers=[("Cc", cc)] if cc else [])
    ack = box.run().one("ack")
    box.add(LIZ, "Restart it.\n", when="2026-03-10T10:05:00Z", subject="Re: x [%s]" % ack["X-Ticketd-Case"])
    return box, ack, box.run().one("relay")


def told(r):
    return [l for l in r.of("notice", "liz@dynamics.example") if "did not reach" in body(l)]


def test_staff_hear_once_and_the_clock_runs_again(t):
    box, ack, relay = answered(t)
    bounce(box, relay, "ann@haulage.example", AT)
    bounce(box, relay, "Ann@Haulage.example", "2026-03-10T11:05:00Z")
    r = box.run()
    assert len(told(r)) == 1 and "550 no such user" in body(told(r)[0]) and len(r.entries("report")) == 2
    assert r.case["first_response"] is None and r.clock("respond")["met"] is None and r.clock("respond")["due"] == "2026-03-10T14:00:00Z"
    box.add(LIZ, "Again: restart it.\n", when="2026-03-10T13:00:00Z", subject="Re: x [%s]" % ack["X-Ticketd-Case"])
    r = box.run()
    assert r.clock("respond")["met"] == "2026-03-10T13:00:00Z" and r.case["first_response"] == "2026-03-10T13:00:00Z" and not r.clock("respond")["breached"]


def test_what_moves_nothing(t):
    ours = "ticketd.1.9.aaaaaaaaaaaaaaaa@dynamics.example"
    rows = [
        ("a delay", dict(action="delayed", status="4.4.7")), ("a success", dict(action="delivered", status="2.0.0")), ("relayed on", dict(action="relayed", status="2.0.0")),
        ("a Message-ID that we did not make", dict(message_id="<%s>" % ours)), ("a stranger's Message-ID", dict(message_id="<x@elsewhere.example>")),
        ("a made-up bounce address", dict(message_id="<x@elsewhere.example>", to="support+%s@dynamics.example" % ("a" * 32))),
    ]
    for label, how in rows:
        box, ack, relay = answered(t)
        before = len(box.run().letters)
        bounce(box, relay, "ann@haulage.example", AT, **how)
        r = box.run("2026-03-10T12:00:00Z")
        case = r.cases[0]
        assert case["first_response"] and not told(r) and len([l for l in r.letters if l.meta["case"] == case["case"]]) == before, label
        assert not [l for l in r.letters if "MAILER" in str(l.meta["to"]).upper()], label


def test_an_acknowledgement_that_bounces_is_written_down(t):
    box, ack, relay = answered(t)
    before = len(box.run().letters)
    bounce(box, ack, "ann@haulage.example", AT)
    r = box.run("2026-03-10T12:00:00Z")
    assert len(r.letters) == before and r.case["first_response"] and r.entries("report")[0]["recipient"] == "ann@haulage.example"


def test_each_recipient_for_himself(t):
    box, ack, relay = answered(t, "Cay <cay@partner.example>")
    bounce(box, relay, "cay@partner.example", AT)
    r = box.run()
    assert len(told(r)) == 1 and "cay@partner.example" in body(told(r)[0]) and r.case["first_response"]
    bounce(box, relay, "mallory@evil.example", "2026-03-10T11:10:00Z")
    r = box.run()
    assert len(told(r)) == 1 and "did not go to that recipient" in r.entries("report")[-1]["why"]
    bounce(box, relay, "ann@haulage.example", "2026-03-10T11:20:00Z")
    r = box.run()
    assert len(told(r)) == 2 and r.case["first_response"] is None


def test_another_name_of_the_only_recipient(t):
    box, ack, relay = answered(t)
    bounce(box, relay, "a.ash@mailhost7.haulage.example", AT)
    r = box.run()
    assert len(told(r)) == 1 and "ann@haulage.example" in body(told(r)[0]) and r.case["first_response"] is None
