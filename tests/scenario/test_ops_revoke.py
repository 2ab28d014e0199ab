# SPDX-License-Identifier: ISC
"""Addresses with a token are taken back by an operator: what comes through them is as if they had lapsed, also after a restart."""
import base64
import json
import re

from harness import mail, wait_until
from relay_box import PLENTY

STAFF = {"staff": '{ "anna@example.com", "bo@example.com" }', "recall": '"0s"', "reply-address": '"plus"', "budget": PLENTY}
TOKEN = re.compile(r"support\+([a-z2-7]{32})@example\.com", re.I)


def opened(t, n=1):
    d = t.ticketd(desk=STAFF).start()
    for k in range(n):
        assert d.lmtp_send(mail(subject="Printer %d" % (k + 1))) == 250
        d.idle()
    return d


def address(d, who, number):
    """The reply address that this person was given last for this case."""
    def found():
        letters = [l for l in d.letters("notice") if l["To"].addresses[0].addr_spec == who and l["X-Ticketd-Case"] == number]
        letters.sort(key=lambda l: int(re.search(r"ticketd\.\d+\.(\d+)\.", l["Message-ID"]).group(1)))
        return letters and TOKEN.search(str(letters[-1]["Reply-To"])).group(0)
    return wait_until(found, "a notice to " + who)


def numbers(d):
    return sorted(c["case"] for c in d.cases())


def say(d, who, to, words):
    """Mail that nothing proves but the address it goes to."""
    assert d.lmtp_send(mail(subject="Re: it", sender=who, text=words + "\n", to=to), to=to, sender=who) == 250
    d.idle()



def takes(d, who, to, number):
    """Does #take through this address reach the case? It is free before and after."""
    say(d, who, to, "#take")
    taken = [c for c in d.cases() if c["case"] == number][0]["assignee"]
    assert taken in (None, who), taken
    if taken:
        d.ctl("assign", number, "none")
    return taken == who


def customer_writes(d, number):
    """A notice to each of the staff, with an address that is made now."""
    before = len(d.letters("notice"))
    assert d.lmtp_send(mail(subject="Re: [%s] Printer" % number, text="It still does.\n")) == 250
    wait_until(lambda: len(d.letters("notice")) >= before + 2, "notices of the second mail")
    d.idle()


def settled(d):
    assert json.loads(d.ctl("--json", "check").stdout)["clean"]


def lasts(d):
    """How many days the address in the newest acknowledgement lasts: it is in the token."""
    ack = max(d.letters("ack"), key=lambda l: int(re.search(r"ticketd\.\d+\.(\d+)\.", l["Message-ID"]).group(1)))
    token = base64.b32decode(TOKEN.search(str(ack["Reply-To"])).group(1).upper())
    return int.from_bytes(token[10:12], "big") - int(ack["Date"].datetime.timestamp()) // 86400


def test_all_of_a_case(t):
    d = opened(t, 2)
    one, two = numbers(d)
    anna, bo, other = address(d, "anna@example.com", one), address(d, "bo@example.com", one), address(d, "anna@example.com", two)
    assert takes(d, "anna@example.com", anna, one)
    assert one in d.ctl("revoke", one).stdout
    for _ in range(2):
        assert not takes(d, "anna@example.com", anna, one) and not takes(d, "bo@example.com", bo, one)
        assert takes(d, "anna@example.com", other, two)
        d.kill()
        d.start()
    assert any("revoked" in (e["why"] or "") and "login" in e["why"] for e in d.entries(one, "command"))
    customer_writes(d, one)
    fresh = address(d, "anna@example.com", one)
    assert fresh != anna and takes(d, "anna@example.com", fresh, one) and not takes(d, "anna@example.com", anna, one)
    d.ctl("revoke", one)                # on the same day once more: what was given out in between ends too
    assert not takes(d, "anna@example.com", fresh, one)
    settled(d)


def test_all_of_a_person(t):
    d = opened(t, 2)
    one, two = numbers(d)
    anna, bo, other = address(d, "anna@example.com", one), address(d, "bo@example.com", one), address(d, "anna@example.com", two)
    d.ctl("revoke", "Anna@Example.com")
    assert d.log_find(r"action=revoke why=.*login .*Anna@Example.com")
    for _ in range(2):
        assert not takes(d, "anna@example.com", anna, one) and not takes(d, "anna@example.com", other, two)
        assert takes(d, "bo@example.com", bo, one)
        d.restart()
    customer_writes(d, one)
    assert takes(d, "anna@example.com", address(d, "anna@example.com", one), one)
    settled(d)


def test_one_token(t):
    d = opened(t)
    one, = numbers(d)
    anna, bo = address(d, "anna@example.com", one), address(d, "bo@example.com", one)
    d.ctl("revoke", TOKEN.search(anna).group(1).upper())
    for _ in range(2):
        assert not takes(d, "anna@example.com", anna, one) and takes(d, "bo@example.com", bo, one)
        d.restart()
    customer_writes(d, one)
    fresh = address(d, "anna@example.com", one)
    assert fresh != anna and takes(d, "anna@example.com", fresh, one)
    d.ctl("revoke", "<%s>" % fresh)     # as it stands in a letter
    assert not takes(d, "anna@example.com", fresh, one)
    settled(d)


def test_what_is_nothing_is_refused(t):
    d = opened(t)
    for word in ("CAS-00077", "77", "@", "a@b@c", "x" * 32, "support+%s@" % ("a" * 32), "anna@example.com\u0000"[:-1] + " x"):
        done = d.ctl("revoke", word, check=False)
        assert done.returncode == 65 and done.stderr and not done.stdout, (word, done)
    assert d.ctl("revoke", check=False).returncode == 64
    one, = numbers(d)
    assert takes(d, "anna@example.com", address(d, "anna@example.com", one), one)


def test_erasing_takes_it_along(t):
    d = opened(t)
    one, = numbers(d)
    usual = lasts(d)
    d.ctl("revoke", one)
    d.ctl("revoke", "ann@customer.example")
    assert d.lmtp_send(mail(subject="Printer again")) == 250
    d.idle()
    assert lasts(d) > usual             # it is told apart by a later day from what was revoked
    d.ctl("erase", one)
    assert d.lmtp_send(mail(subject="Once more")) == 250
    d.idle()
    assert lasts(d) > usual             # other cases of theirs are there
    d.ctl("erase", "--person", "ann@customer.example")
    settled(d)
    assert d.lmtp_send(mail(subject="Another one")) == 250
    d.idle()
    assert lasts(d) == usual
    settled(d)
