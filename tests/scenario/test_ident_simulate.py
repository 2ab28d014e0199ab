# SPDX-License-Identifier: ISC
"""Identity and threading, through `ticketctl simulate` and `parse`: mails written to be known, and mails written to fool it."""
import itertools
import json
import mailbox
import re

from harness import mail
from test_core_tools import box

CONF = '''state-directory = "state"
control = "control"
calendar "always" { zone = "UTC"  open = { "Mon-Sun 00:00-24:00" } }
relay "out" { transport = "maildir"  path = "outbox"  envelope = "signed" }
desk "support" {
    address = { "support@example.com" }
    prefix = "CAS"
    relay = "out"
    calendar = "always"
    authserv = { "mx.example.com" }
    reply-address = "plus"
    %s
    priority "normal" { default = true  clock "respond" { target = "8h" } }
}
%s
lmtp "in" { listen = { "127.0.0.1:2424" } }
'''
OTHER = '''desk "other" {
    address = { "other@example.org" }
    prefix = "OTH"
    relay = "out"
    calendar = "always"
    %s
    priority "normal" { default = true  clock "respond" { target = "8h" } }
}
'''
RECEIVED = ("Received", "from mail.customer.example (mail.customer.example [203.0.113.9]) by mx.example.com (Postfix) with ESMTPS id 1; Tue, 10 Mar 2026 10:00:00 +0000")
RESULTS = "Authentication-Results"
PASS = "mx.example.com; dmarc=pass header.from=customer.example"


def run(t, mails, desk="", more=""):
    """One mail a minute, all from the envelope of their From."""
    with open(t.path("ticketd.conf"), "w") as f:
        f.write(CONF % (desk, more))
    with open(t.path("in.mbox"), "wb") as f:
        f.write(box(*(("Tue Mar 10 10:%02d:00 2026" % n, re.search(rb"(?m)^From: .*?([^ <@]+@[^ >,\r]+)", m).group(1).decode(), m) for n, m in enumerate(mails))))
    done = t.run("ticketctl", "simulate", "--config", t.path("ticketd.conf"), "--in", t.path("in.mbox"), "--out", t.path("out.mbox"))
    assert done.returncode == 0, done.stderr
    doc = json.loads(done.stdout)
    doc["written"] = list(mailbox.mbox(t.path("out.mbox")))
    return doc


def entries(case, what):
    return [e for e in case["entries"] if e["what"] == what]


def first_mail(**more):
    return mail(subject="Printer", message_id="<first@customer.example>", **more)


def opened(t, desk=""):
    """Number, Message-ID of the acknowledgement and reply address of the case that the first mail opens; the same in every run."""
    doc = run(t, [first_mail()], desk)
    return doc["cases"][0]["case"], doc["letters"][0]["message_id"], doc["written"][0]["Reply-To"]


# ---- threading

def test_each_piece_of_evidence_finds_the_case_and_says_so(t):
    number, ack, reply_to = opened(t)
    suffix = number.split("-")[2]
    rows = [
        ({"to": reply_to, "subject": "Re: Printer"}, "reply address given to this sender"),
        ({"in_reply_to": "<%s>" % ack}, "in-reply-to names a letter of ours"),
        ({"in_reply_to": "Your message of Tuesday <%s>" % ack.upper().replace("TICKETD", "ticketd")}, "in-reply-to names a letter of ours"),
        ({"references": "<a@x>\r\n <%s>\r\n <b@y>" % ack}, "references name a letter of ours"),
        ({"references": "<%s> " % ack + " ".join("<%d@x>" % n for n in range(100))}, "references name a letter of ours"),
        ({"in_reply_to": "<first@customer.example>"}, "in-reply-to names a mail of this case"),
        ({"references": "first@customer.example"}, "references name a mail of this case"),
        ({"text": "Thank you.\n\n> Hello,\n> \n> Reference: %s\n" % number}, "quoted reference"),
    ]
    rows += [({"subject": s}, "case number in the subject") for s in (
        "Re: [%s] Printer" % number, "AW:%s" % number, "SV: [#%s] x" % number.lower(), "回复：%s" % number, "Re%sthanks" % number, "RE%s" % number, "VS: CAS 00001 %s" % suffix,
        "Fwd: CAS\u201300001\u2013%s" % suffix, "Отв: [CAS - 00001 - %s]" % suffix, "=?utf-8?Q?R=C3=A9f_:_=5BCAS=2D00001=2D?=\r\n =?utf-8?Q?%s=5D?=" % suffix,
        "=?utf-8?B?W0NBUy0wMDAwMS0=?= %s]" % suffix, "Re:_=5BCAS=2D00001=2D%s=5D" % suffix, "fax_%s_2.pdf" % number)]
    doc = run(t, [first_mail()] + [mail(text=r.pop("text", "words %d\n" % n), subject=r.pop("subject", "anything %d" % n), **r) for n, (r, _) in enumerate((dict(r), w) for r, w in rows)])
    assert len(doc["cases"]) == 1, [c["subject"] for c in doc["cases"]]
    assert [w in e["why"] for e, (_, w) in zip(entries(doc["cases"][0], "appended"), rows)] == [True] * len(rows), [e["why"] for e in entries(doc["cases"][0], "appended")]
    assert len(doc["letters"]) == 1


def test_what_only_looks_like_evidence_opens_a_case_of_its_own(t):
    number, ack, reply_to = opened(t)
    suffix = number.split("-")[2]
    other = "2" if suffix[0] != "2" else "3"
    subjects = [
        "[\u0421AS-00001-%s]" % suffix, "[CAS-\uff10\uff10\uff10\uff10\uff11-%s]" % suffix, "[CAS-O0001-%s]" % suffix, "[CAS-0000l-%s]" % suffix, "[CAS-\u200b00001-%s]" % suffix,
        "[CAS\u00ad-00001-%s]" % suffix, "[CAS-00001-%s\u200d]" % suffix, "[CAS-00001-%s%s]" % (other, suffix[1:]), "[CAS-00002-%s]" % suffix, "[XAS-00001-%s]" % suffix, "[CAS-00001]", "CAS-00001-%sX" % suffix]
    headers = [{"in_reply_to": "<%s>" % ack.replace(".1.1.", ".1.2.")}, {"in_reply_to": "<%s>" % re.sub(r"\.[^.@]+@", ".aaaaaaaaaaaaaaaa@", ack)}, {"references": "<first@customer.example.evil>"},
               {"headers": {"X-Ticketd-Case": number}}, {"headers": {"Thread-Topic": "[%s]" % number}}, {"to": reply_to.replace("+", "+a")}, {"text": "This is about %s again.\n" % number}]
    mails = [first_mail()] + [mail(subject=s) for s in subjects] + [mail(**dict({"subject": "another %d" % n}, **h)) for n, h in enumerate(headers)]
    doc = run(t, mails)
    assert len(doc["cases"]) == len(mails), [(c["subject"], [e["why"] for e in c["entries"]]) for c in doc["cases"]]
    assert "not believed, as its last characters are wrong: CAS-00001-%s%s" % (other, suffix[1:]) in doc["cases"][8]["entries"][0]["why"]


def test_the_strongest_evidence_wins_and_the_rest_is_named(t):
    number, ack, reply_to = opened(t)
    second = mail(subject="Scanner", message_id="<second@customer.example>")
    two = run(t, [first_mail(), second])["cases"][1]["case"]
    doc = run(t, [first_mail(), second, mail(subject="Re: Printer [%s]" % two, to=reply_to, text="a\n"), mail(subject="x", in_reply_to="<second@customer.example>", references="<%s>" % ack, text="b\n\n> Reference: %s\n" % number),
                  mail(subject="[%s] [%s]" % (two, number), text="c\n")])
    assert [len(entries(c, "appended")) for c in doc["cases"]] == [1, 2]
    assert entries(doc["cases"][0], "appended")[0]["why"] == "reply address given to this sender; case number in the subject names %s" % two
    why = [e["why"] for e in entries(doc["cases"][1], "appended")]
    assert why[0].startswith("in-reply-to names a mail of this case; references names %s" % number), why
    assert why[1] == "case number in the subject; case number in the subject names %s" % number


def test_strangers_are_parked_with_one_neutral_receipt(t):
    number, ack, reply_to = opened(t)
    eve = lambda n, **more: mail(sender="Eve <eve@elsewhere.example>", text="pay here %d\n" % n, message_id="<e%d@elsewhere.example>" % n, **more)  # noqa: E731
    doc = run(t, [first_mail(), eve(1, subject="[%s]" % number), eve(2, subject="Re: Printer", to=reply_to), eve(3, in_reply_to="<first@customer.example>"), eve(4, in_reply_to="<e1@elsewhere.example>", subject="more"),
                  mail(sender="robot@elsewhere.example", subject="[%s]" % number, headers={"Auto-Submitted": "auto-replied"})])
    assert len(doc["cases"]) == 1 and doc["cases"][0]["state"] == "new"
    assert [p["from"]["addr"] for p in doc["parked"]] == ["eve@elsewhere.example"] * len(doc["parked"]) and len(doc["parked"]) >= 3
    receipts = [l for l in doc["letters"] if l["kind"] == "receipt"]
    assert len(receipts) == 1 and receipts[0]["to"] == ["eve@elsewhere.example"] and receipts[0]["case"] is None
    raw = [m.as_string() for m in doc["written"] if m["X-Ticketd-Kind"] == "receipt"][0]
    assert number not in raw and "pay here" not in raw and "Printer" not in raw
    assert entries(doc["cases"][0], "machine")


def test_a_remembered_reply_address_begins_something_new(t):
    number, ack, reply_to = opened(t)
    doc = run(t, [first_mail(), mail(subject="A different matter", to=reply_to), mail(subject="Re: a different matter", to=reply_to, references="<x@y>", text="reply\n"),
                  mail(subject="SV: printer", to=reply_to, text="same words\n"), mail(subject="Something else [%s]" % number, to=reply_to, text="numbered\n")])
    assert len(doc["cases"]) == 2
    assert [len(entries(c, "linked")) for c in doc["cases"]] == [1, 1] and len(entries(doc["cases"][0], "appended")) == 3


def test_duplicates_have_three_outcomes(t):
    again, foreign = first_mail(text="It says something else.\n"), mail(subject="Mine", message_id="<first@customer.example>", sender="eve@elsewhere.example")
    doc = run(t, [first_mail(), first_mail(), first_mail(text="It  says\nPC LOAD LETTER.\n"), again, again, foreign, first_mail()])
    assert [len(entries(doc["cases"][0], what)) for what in ("duplicate", "appended")] == [4, 1]
    assert len(doc["cases"]) == 2 and doc["cases"][1]["requester"]["addr"] == "eve@elsewhere.example"
    assert entries(doc["cases"][0], "appended")[0]["why"] == "same Message-ID, sender and subject, other text"


def test_the_same_subject_is_evidence_only_where_it_is_asked_for(t):
    mails = [first_mail(), mail(subject="Re: printer", text="again\n"), mail(subject="Printer", sender="bob@customer.example"), mail(subject="Re:", text="nothing\n")]
    assert len(run(t, mails)["cases"]) == 4
    doc = run(t, mails, 'thread-by-subject = "7d"')
    assert len(doc["cases"]) == 3
    assert "same sender, same subject" in entries(doc["cases"][0], "appended")[0]["why"]
    assert len(run(t, mails, 'thread-by-subject = "30s"')["cases"]) == 4      # a minute lies between


def test_who_guesses_numbers_gets_no_letters_and_finds_nothing(t):
    number, _, _ = opened(t)
    suffixes = ("%s%s%s%s" % s for s in itertools.product("2345", repeat=4))
    guesses = [mail(subject="g%d" % n, sender="eve@elsewhere.example", text="> " + "\n> ".join("CAS-00001-%s" % next(suffixes) for _ in range(4)) + "\n") for n in range(5)]
    doc = run(t, [first_mail()] + guesses + [mail(subject="[%s]" % number, sender="eve@elsewhere.example"), mail(subject="[%s]" % number, text="mine\n")])
    assert doc["parked"] == [] and len(doc["cases"]) == 7 and len(entries(doc["cases"][0], "appended")) == 1


# ---- identity: an acknowledgement repeats the subject to those alone who are proven

def proven(t, mails, desk="", more=""):
    doc = run(t, mails, desk, more)
    assert len(doc["letters"]) == len(mails), doc["letters"]
    return ["Printer" in l["subject"] for l in doc["letters"]]


def one(*headers, **more):
    return mail(subject="Printer", headers=list(headers), **more)


def test_only_results_of_our_own_server_prove_a_sender(t):
    foreign = ("Received", "from evil by mail.customer.example; Tue, 10 Mar 2026 09:59:59 +0000")
    rows = [
        (one((RESULTS, PASS), RECEIVED), True), (one(RECEIVED, (RESULTS, PASS)), True), (one(RECEIVED, (RESULTS, "mx.example.com;\r\n\tdkim=pass (2048-bit key)\r\n\theader.d=customer.example")), True),
        (one(), False), (one(RECEIVED, foreign, (RESULTS, PASS)), False), (one(RECEIVED, (RESULTS, PASS.replace("mx.", "mx2."))), False),
        (one(RECEIVED, (RESULTS, "mx.example.com; dmarc=fail header.from=customer.example"), (RESULTS, PASS)), False), (one(RECEIVED, (RESULTS, "mx.example.com; none"), (RESULTS, PASS)), False),
        (one(RECEIVED, (RESULTS, "(mx.example.com;) evil.example; dmarc=pass header.from=customer.example")), False),
        (one(RECEIVED, (RESULTS, 'mx.example.com; spf=pass smtp.mailfrom="x; dmarc=pass header.from=customer.example;"@evil.example')), False),
        (one(RECEIVED, (RESULTS, PASS), sender="Ann <ann@customer.example>, Eve <eve@customer.example>"), False),
        (one(RECEIVED, (RESULTS, "mx.example.com; dmarc=pass header.from=evil.example"), ("Sender", "eve@evil.example"), ("Resent-From", "eve@evil.example")), False),
        (one(RECEIVED, (RESULTS + "-Original", PASS), ("X-" + RESULTS, PASS)), False), (one(RECEIVED, (RESULTS, PASS), sender="Ann <ann@CUSTOMER.example>"), True),
        (one(RECEIVED, (RESULTS, "mx.example.com; dkim=pass header.d=mail.customer.example")), True),
    ]
    mails = [m.replace(b"PC LOAD", b"%d LOAD" % n) for n, (m, _) in enumerate(rows)]
    assert proven(t, mails, "budget { recipient-hour = 100 }") == [want for _, want in rows]
    assert proven(t, mails[-1:], 'alignment = "strict"') == [False]


def test_settings_of_trust_reach_parse_and_simulate_alike(t):
    exo = one(("Received", "from A.prod.outlook.com by B.prod.outlook.com with HTTPS; Tue, 10 Mar 2026 10:00:00 +0000"),
              (RESULTS, "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=customer.example; dkim=pass header.d=customer.example;dmarc=pass action=none header.from=customer.example;compauth=pass reason=100"),
              ("Received", "from mail.customer.example by C.mail.protection.outlook.com; Tue, 10 Mar 2026 10:00:00 +0000"))
    arc = one(RECEIVED, (RESULTS, "mx.example.com; dmarc=fail header.from=customer.example; arc=pass"), ("ARC-Seal", "i=1; a=rsa-sha256; d=lists.example.net; cv=none; b=x"),
              ("ARC-Authentication-Results", "i=1; lists.example.net; dmarc=pass header.from=customer.example"))
    store = one(("Received", "from mx.example.com by store.internal with LMTP; Tue, 10 Mar 2026 10:00:01 +0000"), RECEIVED, (RESULTS, PASS))
    gap = one(RECEIVED, (RESULTS, "mx.example.com; spf=fail smtp.mailfrom=customer.example"), (RESULTS, PASS))
    rows = [(exo, "exchange-online = true", False, True), (arc, 'trust-arc = { "lists.example.net" }', False, True), (store, 'authserv-hosts = { ".internal" }', False, True),
            (gap, 'authserv-expects = { "dmarc" }', True, False), (one((RESULTS, "mx.example.com; dkim=pass header.d=mail.customer.example")), 'alignment = "strict"', True, False)]
    for data, setting, without, with_it in rows:
        for desk, want in (("", without), (setting, with_it)):
            assert proven(t, [data], desk) == [want], (setting, desk)
            with open(t.path("m.eml"), "wb") as f:
                f.write(data)
            doc = json.loads(t.run("ticketctl", "parse", "--json", "--config", t.path("ticketd.conf"), t.path("m.eml")).stdout)
            assert doc["auth"]["aligned"] is want, (setting, desk, doc["auth"])


def test_each_desk_believes_its_own_server_alone(t):
    other = OTHER % 'authserv = { "mx.example.org" }  exchange-online = true'
    no_id = "dmarc=pass action=none header.from=customer.example"
    rows = [(one((RESULTS, PASS)), True), (one((RESULTS, PASS), to="other@example.org"), False), (one((RESULTS, PASS.replace("com;", "org;"))), False),
            (one((RESULTS, PASS.replace("com;", "org;")), to="other@example.org"), True), (one((RESULTS, no_id)), False), (one((RESULTS, no_id), to="other@example.org"), True)]
    assert proven(t, [m.replace(b"PC LOAD", b"%d LOAD" % n) for n, (m, _) in enumerate(rows)], more=other) == [want for _, want in rows]
