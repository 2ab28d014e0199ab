# SPDX-License-Identifier: ISC
"""Real mail programs from Debian, driven on both sides of the desk through Dovecot and Postfix: reply, reply to all, forward, bounce."""
import re

from clients import CLIENTS
from harness import body_of, wait_until
from real_clients import DESK, Office
from test_clients_customer import at

PEOPLE = {"ann": "ann@customer.example", "liz": "liz@staff.example", "mark": "mark@staff.example", "bob": "bob@customer.example"}


def fold(text):
    return " ".join(text.split())


def said(d, number, what="appended"):
    return [fold(e.get("text") or "") for e in d.entries(number, what)]


def wait_said(d, number, words, what="appended"):
    wait_until(lambda: any(words in s for s in said(d, number, what)), lambda: "%r among %r" % (words, said(d, number, what)), 40)


def both_sides(t, program):
    o = Office(t, PEOPLE, staff=("liz", "mark"))
    ann, liz, d = o.client(program, "ann"), o.client(program, "liz"), o.d
    ann.write(DESK, "The ledger does not open", "Hello,\n\nit does not open. Sentinel 4711.\n\nAnn")
    ack, notice = o.wait("ann", "ack"), o.wait("liz", "notice")
    number = ack["X-Ticketd-Case"]
    assert [c["case"] for c in d.cases()] == [number] and "Re: The ledger does not open" in ack["Subject"]

    liz.reply(notice, "Hello Ann,\n\nplease restart it.")
    relay = o.wait("ann", "relay")
    text = body_of(relay)
    assert "please restart it." in text and "Sentinel" not in text and "staff.example" not in relay.as_string(), text
    ann.reply(relay, "It still does not open.")
    wait_said(d, number, "It still does not open.")
    assert said(d, number) == ["It still does not open."], said(d, number)

    notice = o.wait("liz", "notice", test=lambda m: "It still does not open." in body_of(m))
    liz.reply(notice, "#wait\nWhich one is it?", everybody=True)
    relay = o.wait("ann", "relay", 2)
    assert "Which one is it?" in body_of(relay) and "#wait" not in body_of(relay) and "please restart" not in body_of(relay)
    wait_until(lambda: d.cases()[0]["state"] == "waiting", "the state")
    ann.reply(relay, "The big one.", everybody=True)
    wait_said(d, number, "The big one.")
    wait_until(lambda: d.cases()[0]["state"] != "waiting", "the answer counts")
    ann.forward(relay, DESK, "This is the letter I mean.")
    wait_said(d, number, "This is the letter I mean.")
    d.idle()
    assert len(d.cases()) == 1, d.cases()
    for name in ("ann", "liz"):
        refs = [str(m["References"]).split()[0] for m in o.mails(name) if m["X-Ticketd-Case"]]
        assert len(set(refs)) == 1, (name, refs)
    assert all("#" not in body_of(m) and "Sentinel" not in body_of(m) for m in o.mails("ann") if m["X-Ticketd-Kind"] == "relay")
    d.stop()


def forward_and_bounce(t, program):
    o = Office(t, PEOPLE, staff=("liz", "mark"))
    ann, liz, d = o.client(program, "ann"), o.client(program, "liz"), o.d
    # a customer's mail in a person's own mailbox, forwarded: the customer's case, who is acknowledged
    o.put("liz", CLIENTS["gmail"].write(("Bob Bay", PEOPLE["bob"]), at(0), "Our printer is on fire.", PEOPLE["liz"], "Fire"))
    liz.forward(o.wait("liz", test=lambda m: m["Subject"] == "Fire"), DESK, "For the desk.")
    ack = o.wait("bob", "ack")
    assert d.cases()[0]["requester"]["addr"] == PEOPLE["bob"] and d.cases()[0]["subject"] == "Fire" and "staff.example" not in ack.as_string()
    # a notice forwarded to a colleague, who answers: nothing of it reaches the customer but the colleague's new words
    o.put("liz", CLIENTS["gmail"].write(("Ann Ash", PEOPLE["ann"]), at(0), "My key is lost.", PEOPLE["liz"], "Key"))
    liz.bounce(o.wait("liz", test=lambda m: m["Subject"] == "Key"), DESK)
    wait_until(lambda: len(d.cases()) == 2, lambda: "the bounced mail's case: %r" % d.cases())
    assert d.cases()[1]["requester"]["addr"] == PEOPLE["ann"] and d.cases()[1]["subject"] == "Key", d.cases()
    # our own letter sent back to us is not answered
    ann_letters = len(o.mails("ann"))
    o.client(program, "bob").bounce(ack, DESK)
    wait_until(lambda: d.entries(ack["X-Ticketd-Case"], "machine"), "the letter that came back")
    d.idle()
    assert len(d.cases()) == 2 and len(o.mails("ann")) == ann_letters
    d.stop()


def test_mutt_on_both_sides(t):
    both_sides(t, "mutt")


def test_neomutt_on_both_sides(t):
    both_sides(t, "neomutt")


def test_s_nail_on_both_sides(t):
    both_sides(t, "s-nail")


def test_mutt_forwards_and_bounces(t):
    forward_and_bounce(t, "mutt")


def test_neomutt_forwards_and_bounces(t):
    forward_and_bounce(t, "neomutt")


def test_s_nail_forwards_and_bounces(t):
    forward_and_bounce(t, "s-nail")
