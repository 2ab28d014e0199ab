# SPDX-License-Identifier: ISC
"""No mail storm: machines are not answered, nobody gets more than the budget, two ticketds cannot talk for ever."""
import os

from harness import body_of, mail, wait_until

MACHINES = [
    ("auto-submitted", {"Auto-Submitted": "auto-generated"}, {}),
    ("auto-replied", {"Auto-Submitted": "auto-replied (vacation)"}, {}),
    ("list", {"List-Id": "<x.lists.example>"}, {}),
    ("bulk", {"Precedence": "bulk"}, {}),
    ("suppress", {"X-Auto-Response-Suppress": "All"}, {}),
    ("null path", {}, {"envelope": ""}),
    ("daemon", {}, {"sender": "MAILER-DAEMON@customer.example"}),
    ("noreply", {}, {"sender": "no-reply@customer.example"}),
    ("a desk's own address", {}, {"sender": "help@example.com"}),
]


def test_machines_get_a_case_and_no_answer(t):
    d = t.ticketd().start()
    for name, headers, more in MACHINES:
        sender = more.get("sender", "ann@customer.example")
        assert d.lmtp_send(mail(subject=name, headers=headers, sender=sender), sender=more.get("envelope", sender)) == 250
    d.idle()
    assert [c["subject"] for c in d.cases()] == [m[0] for m in MACHINES]
    assert d.letters() == []
    for case in d.cases():
        assert len(d.entries(case["case"], "silenced")) == 1, case["subject"]
    # a person's mail after them is answered: it was not the budget
    assert d.lmtp_send(mail(subject="person", headers={"Auto-Submitted": "no"})) == 250
    d.letters_wait(1, "ack")


def test_our_own_letter_come_back_is_recorded_and_not_answered(t):
    d = t.ticketd().start()
    assert d.lmtp_send(mail()) == 250
    letter = d.letters_wait(1, "ack")[0]
    assert d.lmtp_send(letter.raw, sender="ann@customer.example") == 250
    stripped = b"".join(l for l in letter.raw.splitlines(True) if not l.lower().startswith((b"x-", b"auto-submitted")))
    assert d.lmtp_send(stripped, sender="ann@customer.example") == 250    # by its Message-ID alone
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(1, "machine")) == 2


def test_an_out_of_office_reply_is_kept_and_not_answered(t):
    d = t.ticketd().start()
    assert d.lmtp_send(mail()) == 250
    letter = d.letters_wait(1, "ack")[0]
    assert d.lmtp_send(mail(subject="Automatic reply: We have received your message", headers={"Auto-Submitted": "auto-replied"}, in_reply_to=letter["Message-ID"])) == 250
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(1, "machine")) == 1 and not d.entries(1, "appended")


def test_two_ticketds_wired_into_each_other_end_up_silent(t):
    a = t.ticketd("a", desk={"address": '{ "support@a.example" }', "prefix": '"AAA"', "alarm-to": None}, top={"hostname": '"a.example"'}).start()
    b = t.ticketd("b", desk={"address": '{ "support@b.example" }', "prefix": '"BBB"', "alarm-to": None}, top={"hostname": '"b.example"'}).start()
    names = {"support@a.example": a, "support@b.example": b}
    assert a.lmtp_send(mail(sender="support@b.example", to="support@a.example"), to="support@a.example", sender="support@b.example") == 250
    seen, quiet = set(), 0
    for _ in range(200):
        a.idle()
        b.idle()
        fresh = [l for d in (a, b) for l in d.letters() if l.path not in seen]
        quiet = 0 if fresh else quiet + 1
        if quiet == 2:
            break
        for letter in fresh:
            seen.add(letter.path)
            # every trace of its being automatic is lost on the way, as bad gateways manage to do
            raw = b"".join(l for l in letter.raw.splitlines(True)
                           if not l.lower().startswith((b"auto-submitted", b"x-auto-response", b"return-path", b"x-ticketd")))
            assert names[letter["To"]].lmtp_send(raw, to=letter["To"], sender=letter["From"].addresses[0].addr_spec) == 250
    letters = len(a.letters()) + len(b.letters())
    assert quiet == 2 and letters <= 4, "%d letters went to and fro" % letters
    assert len(a.cases()) == 1 and len(b.cases()) <= 1


def test_two_ticketds_that_know_nothing_of_each_others_letters_stay_inside_the_budget(t):
    """The worst gateway: headers, references and subjects are all new, each letter looks like a person's first mail."""
    budget = "{ recipient-hour = 10  recipient-day = 10 }"
    pair = [t.ticketd(n, desk={"address": '{ "support@%s.example" }' % n, "alarm-to": None, "budget": budget}).start() for n in "ab"]
    address = ["support@a.example", "support@b.example"]
    assert pair[0].lmtp_send(mail(sender=address[1], to=address[0]), to=address[0], sender=address[1]) == 250
    seen = set()
    for n in range(200):
        moved = 0
        for k in (0, 1):
            pair[k].idle()
            for letter in pair[k].letters():
                if letter.path not in seen:
                    seen.add(letter.path)
                    moved += 1
                    data = mail(subject="hello %d" % len(seen), text="Number %d.\n" % len(seen), sender=address[k], to=address[1 - k])
                    assert pair[1 - k].lmtp_send(data, to=address[1 - k], sender=address[k]) == 250
        if moved == 0:
            break
    assert moved == 0, "still talking after 200 rounds"
    assert [len(d.letters()) for d in pair] == [10, 10]


def test_a_hundred_mails_from_one_sender_get_no_more_than_the_budget(t):
    d = t.ticketd(desk={"budget": "{ recipient-hour = 7  recipient-day = 9 }"}).start()
    d.lmtp_flood([mail(subject="mail %d" % n) for n in range(100)], connections=4).finish()
    d.idle()
    cases = d.cases()
    assert len(cases) == 100 and len({c["subject"] for c in cases}) == 100
    assert len(d.letters("ack")) == 7
    silenced = [e for c in cases for e in d.entries(c["case"], "silenced")]
    assert len(silenced) == 93 and all("budget" in e["why"] for e in silenced)
    # another sender is not concerned
    assert d.lmtp_send(mail(sender="bob@other.example"), sender="bob@other.example") == 250
    d.letters_wait(8, "ack")


def test_budgets_of_a_domain_and_of_all_hold_and_the_breaker_alarms_once(t):
    d = t.ticketd(desk={"budget": "{ domain-hour = 5  all-hour = 8 }"}).start()
    for n in range(8):
        assert d.lmtp_send(mail(sender="u%d@big.example" % n), sender="u%d@big.example" % n) == 250
    for n in range(8):
        assert d.lmtp_send(mail(sender="u@d%d.example" % n), sender="u@d%d.example" % n) == 250
    d.idle()
    assert len(d.cases()) == 16 and len(d.letters("ack")) == 8
    assert sum(1 for l in d.letters("ack") if "big.example" in l["To"]) == 5
    alarms = d.letters("alarm")
    assert len(alarms) == 2 and all(a["To"] == "boss@example.com" for a in alarms)
    assert "big.example" in body_of(alarms[0]) and "all together" in body_of(alarms[1])


def test_the_budget_survives_a_restart(t):
    d = t.ticketd(desk={"budget": "{ recipient-hour = 2  recipient-day = 2 }"}).start()
    for n in range(2):
        assert d.lmtp_send(mail()) == 250
    d.idle()
    d.restart()
    assert d.lmtp_send(mail()) == 250
    d.idle()
    assert len(d.cases()) == 3 and len(d.letters("ack")) == 2
