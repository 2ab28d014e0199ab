# SPDX-License-Identifier: ISC
"""What people with bad intentions send to a desk. The table in ticketd(8), SECURITY, names each of these tests beside its defence."""
import email
import email.policy
import re

from clients import CLIENTS
from staff_box import TOKEN, Box, body
from test_clients_customer import LIZ as STAFF, World, at, case_of, customer, of_case
from test_staff_links import tap

ANN, EVE, LIZ = "Ann Ash <ann@haulage.example>", "Eve <eve@evil.example>", "Liz Lane <liz@dynamics.example>"
DESK = "support@dynamics.example"
FIELDS = {"date", "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references", "thread-topic", "thread-index", "auto-submitted", "x-auto-response-suppress",
          "x-ticketd-case", "x-ticketd-kind", "content-language", "mime-version", "content-type", "content-transfer-encoding"}


def opened(t, text="It is broken. The ledger's key is 4711.\n", **more):
    box = Box(t, **more)
    box.add(ANN, text)
    r = box.run()
    return box, r.case["case"], r.one("ack"), r.one("notice", "liz@dynamics.example")


def reached(r, who):
    """Every letter that an address was sent."""
    return [l for l in r.letters if any(who in to for to in l.meta["to"])]


def clock(minute):
    return "2026-03-10T%02d:%02d:00Z" % (10 + minute // 60, minute % 60)


def unharmed(r, case=0):
    c = r.cases[case]
    assert c["state"] in ("new", "assigned") and c["priority"] == "standard" and c["requester"]["addr"] == "ann@haulage.example", (c["state"], c["priority"], c["requester"])


# ---- numbers, addresses, tokens

def test_number_guessing(t):
    box, number, ack, notice = opened(t)
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    for n in range(60):
        box.add(EVE, "What is the state of my case %d?\n" % n, when=clock(1 + n), subject="[CAS-00001-%s%s%s%s]" % (alphabet[n % 32], alphabet[n // 32], alphabet[7], alphabet[9]))
    r = box.run()
    assert not r.entries("appended") and not r.entries("parked") and unharmed(r) is None
    assert len(reached(r, "evil.example")) <= 10, "who guesses gets no letters"
    assert not any(number in l.as_string() for l in reached(r, "evil.example"))
    # and whoever guessed so often gets nothing out of the right number either
    box.add(EVE, "#close\n", when=clock(90), subject="[%s]" % number)
    r = box.run()
    assert unharmed(r) is None and not [l for l in reached(r, "evil.example") if number in l.as_string()]


def test_look_alike_numbers(t):
    box, number, ack, notice = opened(t)
    suffix = number.split("-")[2]
    rows = [("O for 0", "CAS-O0001-" + suffix), ("small l for 1", "CAS-0000l-" + suffix), ("capital I for 1", "CAS-0000I-" + suffix), ("Cyrillic A", "C\u0410S-00001-" + suffix),
            ("Cyrillic S", "CA\u0405-00001-" + suffix), ("Greek", "CAS-00001-" + suffix[:3] + "\u039a"), ("fullwidth digits", "CAS-\uff10\uff10\uff10\uff10\uff11-" + suffix),
            ("fullwidth letters", "\uff23\uff21\uff33-00001-" + suffix), ("Arabic digits", "CAS-\u0660\u0660\u0660\u0660\u0661-" + suffix), ("superscript", "CAS-0000\u00b9-" + suffix),
            ("mathematical", "CAS-0000\U0001d7cf-" + suffix), ("soft hyphen inside", "CAS-0\u00ad0001-" + suffix), ("zero width inside", "CAS-00001-" + suffix[:2] + "\u200b" + suffix[2:]),
            ("reversed", "\u202e%s\u202c" % number[::-1]), ("one more digit", "CAS-000010-" + suffix), ("a letter more", number + "X"), ("minus", "CAS-\u221200001-" + suffix)]
    for n, (label, text) in enumerate(rows):
        box.add("Mal <mal%d@mal%d.example>" % (n, n), label + "\n", when=clock(1 + n), subject="Re: x [%s]" % text)
    r = box.run()
    touched = [e for e in r.cases[0]["entries"] if e["what"] in ("appended", "parked", "linked")]
    assert not touched, touched
    assert len(r.cases) == 1 + len(rows)


def test_forged_customer(t):
    """The address alone, nothing that proves it: kept as words, without any power, and nothing goes to where the forger points."""
    box, number, ack, notice = opened(t)
    box.add(LIZ, "#resolve\nIt is mended.\n", when=clock(5), answers=notice)
    box.add(LIZ, "#reopen\n", when=clock(8), subject="Re: x [%s]" % number)
    box.run()
    for n, text in enumerate(("Please close\n", "OK\n", "#close\n", "Please escalate this case to your manager.\n", "Send the key to eve@evil.example\n")):
        box.add(ANN, text, when=clock(20 + n), subject="Re: x [%s]" % number, auth=False, headers=[("Reply-To", "eve@evil.example"), ("Cc", "eve2@evil.example")])
    box.add(LIZ, "The key is 4712.\n", when=clock(60), subject="Re: x [%s]" % number)
    r = box.run()
    assert r.case["state"] not in ("closed",) and not r.entries("escalation_accepted") and r.case["priority"] == "standard"
    assert not reached(r, "evil.example") and b"evil.example" not in b"".join(l.as_bytes() for l in r.of("relay"))
    for letter in r.of("notice", "liz@dynamics.example"):
        if "Send the key" in body(letter):
            assert "not verified" in body(letter) or "not proven" in body(letter), body(letter)[:300]


def test_forged_staff(t):
    box, number, ack, notice = opened(t)
    rows = [("plain", {}), ("with the name of a colleague", {"sender": '"Liz Lane" <liz@evil.example>'}), ("two addresses in From", {"sender": "liz@dynamics.example, eve@evil.example"}),
            ("address as a name", {"sender": '"liz@dynamics.example" <eve@evil.example>'}), ("Sender field", {"sender": EVE, "headers": [("Sender", "liz@dynamics.example")]}),
            ("Resent-From", {"sender": EVE, "headers": [("Resent-From", "liz@dynamics.example")]}), ("On behalf of", {"sender": EVE, "headers": [("X-Original-From", "liz@dynamics.example")]}),
            ("look-alike domain", {"sender": "liz@dynam\u0456cs.example"}), ("subdomain", {"sender": "liz@dynamics.example.evil.example"}), ("comment", {"sender": "eve@evil.example (liz@dynamics.example)"})]
    for n, (label, how) in enumerate(rows):
        how = dict({"sender": LIZ}, **how)
        box.add(how["sender"], "#close\nBye %s.\n" % label, when=clock(2 + n), subject="Re: x [%s]" % number, auth=False, headers=how.get("headers", ()))
        box.mails[-1] = (box.mails[-1][0], "eve@evil.example", b"Authentication-Results: mx.dynamics.example; dmarc=pass header.from=evil.example\n" + box.mails[-1][2])
    r = box.run()
    unharmed(r)
    assert not r.of("relay") and not any("Bye" in body(l) for l in r.letters if "ann@haulage.example" in l.meta["to"])
    questions = [l for l in r.of("result") if l.meta["to"] == ["liz@dynamics.example"]]
    assert len(questions) <= 1, "the real person is asked at most once an hour"


def test_replayed_mail(t):
    """The very same bytes again, and again under another Message-ID and another time."""
    box, number, ack, notice = opened(t)
    box.add(LIZ, "#time 30m\nPlease restart it.\n", when=clock(10), answers=notice)
    when, sender, data = box.mails[-1]
    for n in range(5):
        box.mails.append((when + 600 + n, sender, data))
    r = box.run("2026-03-10T12:00:00Z")
    assert len(r.of("relay")) == 1 and len(r.entries("time")) == 1, [e["what"] for e in r.case["entries"]]
    # captured by somebody who cannot make the server say that it is hers
    bare = re.sub(rb"(?m)^Authentication-Results:.*\n", b"", data)
    for n in range(3):
        fresh = re.sub(rb"(?m)^Message-ID:.*\n", b"Message-ID: <again%d@evil.example>\n" % n, bare)
        fresh = re.sub(rb"(?m)^(To|Reply-To):.*\n", b"To: " + DESK.encode() + b"\n", fresh)
        box.mails.append((when + 1200 + n, "eve@evil.example", fresh))
    r = box.run("2026-03-10T12:00:00Z")
    assert len(r.of("relay")) == 1 and len(r.entries("time")) == 1


def test_replayed_link(t):
    box, number, ack, notice = opened(t)
    tap(box, ack, "Status", clock(20))
    tap(box, box.run().one("status"), "Close", clock(30))
    when, _, link = box.mails[-1]
    assert box.run().case["state"] == "closed"
    box.add(LIZ, "#reopen\n", when=clock(40), subject="Re: x [%s]" % number)
    assert box.run().case["state"] != "closed"
    for n in range(4):                  # the mail of the tap comes again
        box.mails.append((when + 1800 + n, "ann@haulage.example", link))
    r = box.run("2026-03-10T12:00:00Z")
    assert r.case["state"] != "closed", [(e["at"], e["what"], e["why"]) for e in r.case["entries"]]


def test_leaked_token(t):
    """A reply address in somebody else's hands: a stranger's, a customer's who saw one of staff, a colleague's of another case."""
    box, number, ack, notice = opened(t)
    box.add("Cay <cay@other.example>", "Mine is broken, too.\n", when=clock(1), subject="mine")
    r = box.run()
    mine = [l for l in r.of("ack") if "cay@other.example" in l.meta["to"]][0]
    for n, (sender, to, auth) in enumerate(((EVE, notice["Reply-To"], True), (EVE, notice["Reply-To"], False), (ANN, notice["Reply-To"], True), (EVE, ack["Reply-To"], True),
                                            ("Cay <cay@other.example>", ack["Reply-To"], True), (ANN, mine["Reply-To"], True), ("Mark Moss <mark@evil.example>", notice["Reply-To"], False))):
        box.add(sender, "#close\n#priority critical\nThe secret answer %d.\n" % n, when=clock(10 + n), to=str(to), subject="Re: x %d" % n, auth=auth)
    r = box.run()
    assert [c["state"] for c in r.cases[:2]] == ["new", "new"] and all(c["priority"] == "standard" for c in r.cases)
    assert not r.of("relay") and not [l for l in reached(r, "evil.example") if number in l.as_string() or "4711" in l.as_string()]
    assert not [l for l in reached(r, "other.example") if number in l.as_string() or "4711" in l.as_string()]
    shown = " ".join(body(l) for l in reached(r, "ann@haulage.example"))
    assert "secret answer" not in shown


def test_tokens_are_bound(t):
    """A token changed in any of its characters, or given to somebody for something else, is no token."""
    box, number, ack, notice = opened(t)
    token = TOKEN.search(str(notice["Reply-To"])).group(0)
    k = 1
    for n in range(len("support+"), len("support+") + 32):
        wrong = token[:n] + ("a" if token[n] != "a" else "b") + token[n + 1:]
        box.add(LIZ, "#close\n", when=clock(k), to=wrong, subject="Re: %d" % n, auth=False)
        k += 1
    r = box.run()
    unharmed(r)
    assert not r.entries("command")


def test_forged_authentication_results(t):
    """The words of our own server, in the mouth of the sender: below a foreign Received, under another spelling, as a comment, folded, twice."""
    good = "dmarc=pass header.from=dynamics.example"
    foreign = ("Received", "from evil.example by mx.evil.example with ESMTP id 1; Tue, 10 Mar 2026 10:00:00 +0000")
    ours = ("Received", "from mail.evil.example by mx.dynamics.example (Postfix) with ESMTPS id 9; Tue, 10 Mar 2026 10:00:01 +0000")
    fail = ("Authentication-Results", "mx.dynamics.example; dmarc=fail header.from=dynamics.example; spf=pass smtp.mailfrom=evil.example")
    rows = [
        ("below a foreign Received", [foreign, ("Authentication-Results", "mx.dynamics.example; " + good)]),
        ("ours says fail, theirs pass below", [fail, ours, foreign, ("Authentication-Results", "mx.dynamics.example; " + good)]),
        ("ours says fail, theirs right below it", [fail, ("Authentication-Results", "mx.dynamics.example; " + good)]),
        ("another host", [("Authentication-Results", "mx.evil.example; " + good)]),
        ("a longer host", [("Authentication-Results", "mx.dynamics.example.evil.example; " + good)]),
        ("in a comment", [("Authentication-Results", "mx.evil.example (mx.dynamics.example; %s); spf=none" % good)]),
        ("pass for another domain", [("Authentication-Results", "mx.dynamics.example; dmarc=pass header.from=evil.example; spf=pass smtp.mailfrom=eve@evil.example")]),
        ("spf alone, of the envelope", [("Authentication-Results", "mx.dynamics.example; dmarc=none; spf=pass smtp.mailfrom=evil.example")]),
        ("dkim of another domain", [("Authentication-Results", "mx.dynamics.example; dkim=pass header.d=evil.example")]),
        ("quoted result", [("Authentication-Results", 'mx.dynamics.example; dmarc="fail (dmarc=pass)" header.from=dynamics.example')]),
        ("ARC of a stranger", [("ARC-Authentication-Results", "i=1; mx.dynamics.example; " + good)]),
        ("old field name", [("X-Authentication-Results", "mx.dynamics.example; " + good)]),
        ("none", [("Authentication-Results", "mx.dynamics.example; none")]),
    ]
    for label, headers in rows:
        box, number, ack, notice = opened(t)
        box.add(LIZ, "#close\nBye.\n", when=clock(5), subject="Re: x [%s]" % number, auth=False)
        when, _, data = box.mails[-1]
        box.mails[-1] = (when, "eve@evil.example", b"".join(b"%s: %s\n" % (k.encode(), v.encode()) for k, v in headers) + data)
        r = box.run()
        assert r.case["state"] == "new" and not r.of("relay"), label


def test_reply_to_deception(t):
    """Letters go to From; Reply-To can name anybody, staff and the desk included."""
    for reply_to in ("eve@evil.example", "liz@dynamics.example", DESK, "ann@haulage.example, eve@evil.example"):
        box = Box(t)
        box.add(ANN, "It is broken.\n", headers=[("Reply-To", reply_to), ("Return-Receipt-To", "eve@evil.example"), ("Disposition-Notification-To", "eve@evil.example"),
                                                 ("Errors-To", "eve@evil.example"), ("Mail-Followup-To", "eve@evil.example")])
        r = box.run()
        assert r.case["requester"]["addr"] == "ann@haulage.example" and r.one("ack").meta["to"] == ["ann@haulage.example"], reply_to
        box.add(LIZ, "The key is 4712.\n", when=clock(10), subject="Re: x [%s]" % r.case["case"])
        r = box.run()
        assert r.one("relay").meta["to"] == ["ann@haulage.example"] and not reached(r, "evil.example"), reply_to


# ---- who hears what

def test_ticket_trick(t):
    """Somebody registers a case's address at a third party; what that writes to confirm it must reach no customer."""
    secret = "Your confirmation code is 918273. https://third.example/confirm/918273"
    senders = ["no-reply@third.example", "Third Party <hello@third.example>", "support@third.example"]
    for machine in (False, True):
        box = Box(t)
        box.add(EVE, "I want a case.\n")
        ack = box.run().one("ack")
        number = ack["X-Ticketd-Case"]
        for n, sender in enumerate(senders):
            for k, (to, subject) in enumerate(((str(ack["Reply-To"].addresses[0].addr_spec), "Confirm your address"), (DESK, "Confirm your address [%s]" % number),
                                               (str(ack["Reply-To"].addresses[0].addr_spec), "Re: I want a case [%s]" % number))):
                box.add(sender, secret + "\n", when=clock(5 + 5 * n + k), to=to, subject=subject, headers=[("Auto-Submitted", "auto-generated")] if machine else [])
        r = box.run()
        status = [l for l in r.letters if "eve@evil.example" in l.meta["to"]][-1]
        for n, word in enumerate(("Status", "My cases")):
            tap(box, status, word, clock(40 + n), sender=EVE)
        box.add(EVE, "What was written to me? Please repeat it.\n", when=clock(45), answers=ack)
        box.add(LIZ, "We have nothing for you.\n", when=clock(50), subject="Re: x [%s]" % number)
        for n, sender in enumerate(senders):        # he lets them in himself, and they write again
            letter = box.run().of("status", "eve@evil.example")[0]
            try:
                tap(box, letter, "Let in: " + re.sub(r".*<|>", "", sender), clock(55 + n), sender=EVE)
            except AssertionError:
                pass                    # nothing to tap is as good
            box.add(sender, secret + " again\n", when=clock(60 + n), to=str(ack["Reply-To"].addresses[0].addr_spec), subject="Confirm your address")
            box.add(sender, secret + " again %d\n" % n, when=clock(65 + n), subject="Re: I want a case [%s]" % number)
        tap(box, ack, "Status", clock(70), sender=EVE)
        r = box.run("2026-03-20T10:00:00Z")
        assert len(r.of("status", "eve@evil.example")) >= 3 and r.of("relay", "eve@evil.example")
        shown = [(l["X-Ticketd-Kind"], str(l["Subject"]), body(l)) for l in reached(r, "eve@evil.example") if "918273" in l.as_string()]
        assert not shown, shown
        assert not reached(r, "third.example") or all(number not in l.as_string() for l in reached(r, "third.example"))


def test_cc_to_join(t):
    """Who puts himself into copy is not on the case; nor does a forged mail of the customer bring him there."""
    box, number, ack, notice = opened(t)
    box.add(EVE, "I am the new administrator of Ann, please tell me, too.\n", when=clock(2), subject="Re: x [%s]" % number, headers=[("Cc", "ann@haulage.example, eve2@evil.example")])
    box.add(ANN, "Please keep Eve informed.\n", when=clock(3), subject="Re: x [%s]" % number, auth=False, headers=[("Cc", "eve@evil.example")])
    box.add(ANN, "Please keep Eve informed.\n", when=clock(4), to="support@dynamics.example, eve@evil.example", subject="Re: x [%s]" % number, auth=False)
    box.add(EVE, "As agreed with Ann.\n", when=clock(5), answers=ack)
    box.add(LIZ, "The key is 4712.\n", when=clock(30), subject="Re: x [%s]" % number)
    r = box.run()
    assert r.one("relay").meta["to"] == ["ann@haulage.example"]
    assert not [l for l in reached(r, "evil.example") if "4711" in l.as_string() or "4712" in l.as_string() or number in l.as_string()]
    assert len(r.entries("parked")) >= 1


def test_acknowledgement_as_a_bomb(t):
    """Many mails in the name of a victim: no more than the budget reaches him, and none of the sender's words."""
    box = Box(t, more="budget { recipient-hour = 5  recipient-day = 8  domain-hour = 20  domain-day = 30  all-hour = 60  all-day = 100 }")
    for n in range(150):
        box.add("Buy my pills http://pills.example <victim@victim.example>", "Buy my pills %d\n" % n, when=clock(n // 3), subject="Buy my pills %d" % n, auth=False,
                headers=[("Cc", "victim2@victim.example, victim3@victim.example")])
    for n in range(60):
        box.add("v%d@victim.example" % n, "Buy my pills %d\n" % n, when=clock(55 + n // 6), subject="Buy my pills", auth=False)
    for n in range(120):
        box.add("v@victim%d.example" % n, "Buy my pills %d\n" % n, when=clock(70 + n // 6), subject="Buy my pills", auth=False)
    r = box.run()
    assert len(r.cases) == 330, "nothing is lost"
    one, domain, acks = reached(r, "victim@victim.example"), reached(r, "@victim.example"), r.of("ack")
    assert 0 < len(one) <= 8 and len(domain) <= 30 and len(acks) <= 100, (len(one), len(domain), len(acks))
    assert not reached(r, "victim2@") and not [l for l in r.letters if "pills" in l.as_string() and not re.search("@dynamics", str(l["To"]))]
    assert len(r.of("alarm")) >= 1


# ---- what gets into letters

EVIL = "x\r\nBcc: eve@evil.example\r\n\r\nHello"


def test_header_injection(t):
    """Line ends and more in names, subjects, file names, Message-IDs; what looks like a template is words."""
    word = "=?utf-8?B?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxlDQoNCkhlbGxv?="          # EVIL
    rows = [
        ("encoded name", {"sender": "%s <ann@haulage.example>" % word}), ("quoted name", {"sender": '"a\\\r\\\nBcc: eve@evil.example" <ann@haulage.example>'.replace("\r", "\\r").replace("\n", "\\n")}),
        ("encoded subject", {"subject": "Help %s" % word}), ("Q subject", {"subject": "=?utf-8?Q?a=0ABcc:_eve@evil.example=0A?="}), ("CR alone", {"subject": "=?utf-8?Q?a=0DBcc:_eve@evil.example=0D?="}),
        ("unicode line separator", {"subject": "a\u2028Bcc: eve@evil.example\u2029"}), ("next line", {"subject": "a\u0085Bcc: eve@evil.example"}), ("null", {"subject": "=?utf-8?Q?a=00b=00?="}),
        ("template in subject", {"subject": "{{number}} {{#if staff}}{{who}}{{/if}} {{link_close}}"}), ("template in name", {"sender": '"{{address}} {{#each history}}" <ann@haulage.example>'}),
        ("Message-ID", {"message_id": "<a@b>\tBcc: eve@evil.example <c@haulage.example>"}), ("Message-ID of odd characters", {"message_id": "<a,b;c@[\"x\"]>"}),
        ("long Message-ID", {"message_id": "<%s@haulage.example>" % ("a" * 900)}), ("no Message-ID form", {"message_id": "Bcc: eve@evil.example"}),
        ("bidi in name", {"sender": '"\u202eelpmaxe.scimanyd@zil" <ann@haulage.example>'}), ("name as an address", {"sender": '"liz@dynamics.example" <ann@haulage.example>'}),
    ]
    for label, how in rows:
        box = Box(t)
        how = dict({"sender": ANN, "subject": "The ledger does not open"}, **how)
        box.add(how["sender"], "It is broken.\n", subject=how["subject"], message_id=how.get("message_id"), auth=False)
        when, _, data = box.mails[-1]
        box.mails[-1] = (when, "ann@haulage.example", b"Authentication-Results: mx.dynamics.example; dmarc=pass header.from=haulage.example\n" + data)
        r = box.run()
        box.add(LIZ, "Please restart it.\n", when=clock(10), subject="Re: x [%s]" % r.case["case"])
        box.add("ann@haulage.example", "No.\n", when=clock(20), subject="Re: x [%s]" % r.case["case"])
        box.add(LIZ, "#close\nBye.\n", when=clock(30), subject="Re: x [%s]" % r.case["case"])
        r = box.run()
        clean(r, label)
        assert len(r.of("relay")) == 2, (label, [l["X-Ticketd-Kind"] for l in r.letters])
        for letter in reached(r, "ann@haulage.example"):
            if "template" in label:
                assert letter["Subject"].count("{{") == (how["subject"].count("{{") if "subject" in label else 0) or "We have received" in letter["Subject"], (label, letter["Subject"])
    box = Box(t)
    raw = (b"--b\nContent-Type: text/plain\n\nsee the file\n--b\nContent-Type: application/pdf; name=\"=?utf-8?B?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxlDQoNCkhlbGxv?=.pdf\"\n"
           b"Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%0D%0ABcc:%20eve@evil.example%0D%0A%0D%0A.pdf\n\nPDF\n--b--\n")
    box.add(ANN, raw=raw, headers=[("Content-Type", 'multipart/mixed; boundary="b"')])
    r = box.run()
    clean(r, "file name")
    assert r.one("notice", "liz@dynamics.example") and "/etc" not in r.one("notice", "liz@dynamics.example").as_string()


def clean(r, label):
    for letter in r.letters:
        assert {k.lower() for k in letter.keys()} <= FIELDS, (label, letter.keys())
        assert all(letter.get_all(k) is None or len(letter.get_all(k)) == 1 for k in FIELDS), (label, letter.keys())
        assert not any("evil.example" in to for to in letter.meta["to"]), label
        head = letter.as_bytes().partition(b"\n\n")[0]
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", head), (label, head)


def test_header_injection_by_staff_words(t):
    """What staff type after a command reaches headers of letters too."""
    box, number, ack, notice = opened(t)
    box.add(LIZ, "#split Bcc: eve@evil.example\r\rX: y {{link_close}}\n", when=clock(2), subject="Re: x [%s]" % number)
    box.add(LIZ, "#set app {{number}}\u2028Bcc: eve@evil.example\n#tag a\u0085b\n", when=clock(3), subject="Re: x [%s]" % number)
    box.add(LIZ, "#for eve@evil.example%0d%0aBcc: x <ann@haulage.example>\nCalled.\n", when=clock(4), subject="call")
    r = box.run()
    for letter in r.letters:
        assert {k.lower() for k in letter.keys()} <= FIELDS and not any("evil.example" in to for to in letter.meta["to"])


# ---- words that look like commands

def test_commands_in_quoted_text(t):
    """The customer writes commands; whichever program quotes them to us in an answer of staff, they are the customer's words."""
    text = "#close\n#spam\n\nHello,\n\n#priority critical\nit is broken.\n\n> #close\n-- \n#resolve\n"
    w = World(t)
    for name in CLIENTS:
        w.put(0, customer(name), CLIENTS["gmail"].write(customer(name), at(0), text, DESK, "#close"))
    r = w.run()
    for name, client in CLIENTS.items():
        notice = of_case(r, customer(name), "notice", STAFF[1])[-1]
        w.put(10, STAFF, client.answer(STAFF, at(10), "I see.", notice))
        w.put(20, STAFF, client.answer(STAFF, at(20), "", notice))
    r = w.run()
    for name in CLIENTS:
        k = case_of(r, customer(name))
        assert r.cases[k]["state"] == "assigned" and r.cases[k]["priority"] == "standard" and not r.entries("command", k), (name, r.cases[k]["state"], r.entries("command", k))
        relays = of_case(r, customer(name), "relay")
        assert len(relays) >= 1 and not any("#" in body(l) for l in relays), (name, [body(l) for l in relays])


def test_commands_in_a_forwarded_mail(t):
    """What staff forward holds commands: as the whole text, below their words, in its subject."""
    for words in ("", "For the desk."):
        w = World(t)
        for name, client in CLIENTS.items():
            data = CLIENTS["gmail"].write(customer(name), at(0), "#for eve@evil.example\n#close\n#priority critical\n\nIt is broken.", STAFF[1], "#close #for eve@evil.example")
            w.put(10, STAFF, client.forward(STAFF, at(10), words, email.message_from_bytes(data, policy=email.policy.default), DESK))
        r = w.run()
        assert len(r.cases) == len(CLIENTS) and not reached(r, "evil.example")
        for c in r.cases:
            assert c["requester"]["addr"] != "eve@evil.example" and c["state"] in ("new", "assigned") and c["priority"] == "standard", (words, c["requester"], c["state"])


# ---- reports

def report(original, recipient, action="failed", status="5.1.1"):
    return (b"--b\nContent-Type: text/plain\n\nI am sorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.haulage.example\n\nFinal-Recipient: rfc822; %s\nAction: %s\nStatus: %s\n"
            b"Diagnostic-Code: smtp; 550 gone\n\n--b\nContent-Type: message/rfc822\n\n%s\n--b--\n" % (recipient.encode(), action.encode(), status.encode(), original))


def test_bounce_forgery(t):
    """Whoever says that a letter did not arrive must name a letter that we sent, which nobody can who has not got it."""
    def box_answered():
        box, number, ack, notice = opened(t)
        box.add(LIZ, "Please restart it.\n", when=clock(10), answers=notice)
        return box, box.run().one("relay")
    kind = ("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"')
    box, relay = box_answered()
    mid = str(relay["Message-ID"])
    rows = [
        ("invented id", "<ticketd.1.9.aaaaaaaaaaaaaaaa@dynamics.example>", "ann@haulage.example"),
        ("a letter that was never sent", mid.replace(".1.", ".2.", 1), "ann@haulage.example"),
        ("the customer's own mail", "<m1@client.haulage.example>", "ann@haulage.example"),
        ("another letter's MAC", mid.replace(".4.", ".3.", 1) if ".4." in mid else mid.replace("@", "a@", 1), "ann@haulage.example"),
    ]
    for label, target, recipient in rows:
        box, relay = box_answered()
        box.add("MAILER-DAEMON@mx.evil.example", raw=report(b"From: support@dynamics.example\nMessage-ID: " + target.encode() + b"\nSubject: x\n\nwords\n", recipient), when=clock(30),
                subject="Undelivered Mail Returned to Sender", headers=[kind, ("Auto-Submitted", "auto-replied")], auth=False)
        r = box.run()
        assert r.cases[0]["first_response"] == clock(10) and r.clock("respond")["met"] == clock(10), label
        assert not [l for l in reached(r, "liz@dynamics.example") if "did not reach ann@" in body(l)], label
    box, relay = box_answered()         # and the true one is believed
    box.add("MAILER-DAEMON@mx.haulage.example", raw=report(relay.as_bytes(), "ann@haulage.example"), when=clock(30), subject="Undelivered Mail Returned to Sender",
            headers=[kind, ("Auto-Submitted", "auto-replied")], auth=False)
    r = box.run()
    assert r.entries("report") and len(r.cases) == 1 and r.case["first_response"] is None, [e["what"] for e in r.case["entries"]]
    assert [l for l in reached(r, "liz@dynamics.example") if "did not reach ann@" in body(l)]
