# SPDX-License-Identifier: ISC
"""Mail of staff that is for colleagues alone, held mail that comes true, and customers' mail that staff bring in."""
import re

from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann <ann@haulage.example>"
NOTES = 'note-address = { "support+note@dynamics.example" }'
DESK, TOKEN, MARK, HER = "support@dynamics.example", "TOKEN", "Mark Moss <mark@dynamics.example>", "Ann <ann@haulage.example>"
# label, To, Cc, goes out, its writer is told
ADDRESSED = [
    ("a plain answer", TOKEN, None, True, False), ("an answer, a colleague in copy", TOKEN, MARK, True, False), ("colleagues alone", MARK, None, False, False),
    ("to a colleague, the desk in copy", MARK, TOKEN, False, True), ("to a colleague, the desk's plain address in copy", MARK, DESK, False, True),
    ("the note address", "support+note@dynamics.example", None, False, False), ("the note address in capitals", "Support+NOTE@dynamics.example", None, False, False),
    ("the note address beside the reply address", TOKEN + ", support+note@dynamics.example", None, False, False),
    ("the note address in copy", TOKEN, "support+note@dynamics.example", False, False), ("colleague and desk", "%s, %s" % (MARK, TOKEN), None, True, False),
    ("the customer has it already", HER, DESK, False, False), ("a colleague and the customer, the desk in copy", "%s, %s" % (MARK, HER), DESK, False, False),
]


def test_what_is_for_colleagues_stays_inside(t):
    for label, to, cc, out, told in ADDRESSED:
        box = Box(t, more=NOTES)
        box.add(ANN, "It is broken.\n")
        notice = box.run().one("notice", "liz@dynamics.example")
        fill = lambda s: s.replace(TOKEN, notice["Reply-To"].addresses[0].addr_spec) if s else s
        box.add(LIZ, "She is a fool.\n", when="2026-03-10T10:10:00Z", answers=notice, to=fill(to), headers=[("Cc", fill(cc))] if cc else [])
        r = box.run()
        letters = [l for l in r.letters if "ann@haulage.example" in l.meta["to"] and "fool" in l.as_string()]
        assert len(letters) == out, (label, [(l["X-Ticketd-Kind"], l.meta["to"]) for l in r.letters])
        assert bool(r.of("result")) == told and (not told or "stays inside" in body(r.one("result"))), label
        has_it = HER in to
        assert bool(r.entries("note")) == (not out and not has_it) and (r.case["first_response"] is not None) == (out or has_it), label


def test_held_mail_for_colleagues_stays_inside_when_it_comes_true(t):
    for to, cc in ((MARK, DESK), ("support+note@dynamics.example", None)):
        box = Box(t, more=NOTES)
        box.add(ANN, "It is broken.\n")
        number = box.run().case["case"]
        box.add(LIZ, "She is a fool.\n", when="2026-03-10T10:10:00Z", auth=False, to=to, headers=[("Cc", cc)] if cc else [], subject="Re: x [%s]" % number)
        question = box.run().one("result", "liz@dynamics.example")
        box.add(LIZ, "Yes\n", when="2026-03-10T10:20:00Z", answers=question, auth=False)
        r = box.run()
        assert not r.of("relay") and r.entries("note") and not any("fool" in l.as_string() for l in r.letters if "ann@" in str(l.meta["to"])), to


FORWARD = ("FYI\n\n---------- Forwarded message ---------\nFrom: Ann Ash <ann@haulage.example>\nDate: Tue, 10 Mar 2026 at 09:00\nSubject: Ledger closed\n"
           "To: Liz Lane <liz@dynamics.example>\n\nOur system is down, app sales.\n\nAnn\n")


def test_a_held_forward_keeps_its_priority(t):
    for text, subject in ((FORWARD, "Fwd: Ledger closed"), ("#for ann@haulage.example\nThe system is down, app sales.\n", "Ledger closed")):
        box = Box(t)
        box.add(LIZ, text, subject=subject, auth=False)
        question = box.run().one("result", "liz@dynamics.example")
        assert not [l for l in box.run().letters if "haulage" in str(l.meta["to"])]
        box.add(LIZ, "Yes\n", when="2026-03-10T10:30:00Z", answers=question, auth=False)
        r = box.run()
        case = r.case
        assert case["requester"]["addr"] == "ann@haulage.example" and case["priority"] == "critical" and case["fields"] == {"app": "sales"}, (subject, case)
        assert r.clock("respond")["due"] == "2026-03-10T11:00:00Z" and case["subject"] == "Ledger closed" and r.one("ack").meta["to"] == ["ann@haulage.example"]
        assert (case["assignee"] == "liz@dynamics.example") == (text == FORWARD)
        assert "liz@" not in r.one("ack").as_string() and "FYI" not in r.one("ack").as_string()


def test_held_mail_to_a_customer_with_the_desk_in_copy(t):
    box = Box(t)
    box.add(LIZ, "Hello Ann,\n\nI have looked at it.\n", to="Ann Ash <ann@haulage.example>", headers=[("Cc", DESK)], subject="Your ledger", auth=False)
    question = box.run().one("result", "liz@dynamics.example")
    box.add(LIZ, "Yes\n", when="2026-03-10T10:30:00Z", answers=question, auth=False)
    r = box.run()
    assert r.case["requester"]["addr"] == "ann@haulage.example" and not r.of("ack") and not r.of("relay") and r.case["first_response"]


# ---- forwarded mail, as programs write it

def quoted(text):
    return "".join("> " + line + "\n" for line in text.splitlines())


WORDS = "Our system is down, app sales.\n\nRegards\nAnn\n"
INLINE = {
    "Gmail, English": ("Fwd: Ledger closed", "---------- Forwarded message ---------\nFrom: Ann Ash <ann@haulage.example>\nDate: Tue, 10 Mar 2026 at 09:00\nSubject: Ledger closed\nTo: Liz Lane <liz@dynamics.example>\n\n\n" + WORDS),
    "Gmail, Swedish": ("Fwd: Ledger closed", "---------- Forwarded message ---------\nFr\u00e5n: Ann Ash <ann@haulage.example>\nDate: tis 10 mars 2026 kl 09:00\nSubject: Ledger closed\nTo: Liz Lane <liz@dynamics.example>\n\n\n" + WORDS),
    "Gmail, Danish": ("Fwd: Ledger closed", "---------- Forwarded message ---------\nFra: Ann Ash <ann@haulage.example>\nDate: tirs. 10. mar. 2026 kl. 09.00\nSubject: Ledger closed\nTo: Liz Lane <liz@dynamics.example>\n\n\n" + WORDS),
    "Gmail, German": ("Fwd: Ledger closed", "---------- Forwarded message ---------\nVon: Ann Ash <ann@haulage.example>\nDate: Di., 10. M\u00e4rz 2026 um 09:00 Uhr\nSubject: Ledger closed\nTo: Liz Lane <liz@dynamics.example>\n\n\n" + WORDS),
    "Outlook, English": ("FW: Ledger closed", "________________________________\nFrom: Ann Ash <ann@haulage.example>\nSent: Tuesday, March 10, 2026 9:00 AM\nTo: Liz Lane <liz@dynamics.example>\nSubject: Ledger closed\n\n" + WORDS),
    "Outlook desktop, English": ("FW: Ledger closed", "From: Ann Ash <ann@haulage.example> \nSent: Tuesday, March 10, 2026 9:00 AM\nTo: Liz Lane <liz@dynamics.example>\nSubject: Ledger closed\n\n" + WORDS),
    "Outlook, Swedish": ("VB: Ledger closed", "________________________________\nFr\u00e5n: Ann Ash <ann@haulage.example>\nSkickat: den 10 mars 2026 09:00\nTill: Liz Lane <liz@dynamics.example>\n\u00c4mne: Ledger closed\n\n" + WORDS),
    "Outlook, Danish": ("VS: Ledger closed", "________________________________\nFra: Ann Ash <ann@haulage.example>\nSendt: 10. marts 2026 09:00\nTil: Liz Lane <liz@dynamics.example>\nEmne: Ledger closed\n\n" + WORDS),
    "Outlook, German": ("WG: Ledger closed", "________________________________\nVon: Ann Ash <ann@haulage.example>\nGesendet: Dienstag, 10. M\u00e4rz 2026 09:00\nAn: Liz Lane <liz@dynamics.example>\nBetreff: Ledger closed\n\n" + WORDS),
    "Apple, English": ("Fwd: Ledger closed", "Begin forwarded message:\n\n" + quoted("From: Ann Ash <ann@haulage.example>\nSubject: Ledger closed\nDate: 10 March 2026 at 09:00:00 GMT\nTo: Liz Lane <liz@dynamics.example>\n\n" + WORDS)),
    "Apple, Swedish": ("Fwd: Ledger closed", "Vidarebefordrat brev:\n\n" + quoted("Fr\u00e5n: Ann Ash <ann@haulage.example>\n\u00c4mne: Ledger closed\nDatum: 10 mars 2026 09:00:00 CET\nTill: Liz Lane <liz@dynamics.example>\n\n" + WORDS)),
    "Apple, Danish": ("Fwd: Ledger closed", "Start p\u00e5 videresendt besked:\n\n" + quoted("Fra: Ann Ash <ann@haulage.example>\nEmne: Ledger closed\nDato: 10. marts 2026 kl. 09.00.00 CET\nTil: Liz Lane <liz@dynamics.example>\n\n" + WORDS)),
    "Apple, German": ("Fwd: Ledger closed", "Anfang der weitergeleiteten Nachricht:\n\n" + quoted("Von: Ann Ash <ann@haulage.example>\nBetreff: Ledger closed\nDatum: 10. M\u00e4rz 2026 um 09:00:00 MEZ\nAn: Liz Lane <liz@dynamics.example>\n\n" + WORDS)),
    "Thunderbird, English": ("Fwd: Ledger closed", "-------- Forwarded Message --------\nSubject: \tLedger closed\nDate: \tTue, 10 Mar 2026 09:00:00 +0000\nFrom: \tAnn Ash <ann@haulage.example>\nTo: \tLiz Lane <liz@dynamics.example>\n\n\n\n" + WORDS),
    "Thunderbird, Swedish": ("Fwd: Ledger closed", "-------- Vidarebefordrat meddelande --------\n\u00c4mne: \tLedger closed\nDatum: \tTue, 10 Mar 2026 09:00:00 +0000\nFr\u00e5n: \tAnn Ash <ann@haulage.example>\nTill: \tLiz Lane <liz@dynamics.example>\n\n\n\n" + WORDS),
    "Thunderbird, Danish": ("Fwd: Ledger closed", "-------- Videresendt meddelelse --------\nEmne: \tLedger closed\nDato: \tTue, 10 Mar 2026 09:00:00 +0000\nFra: \tAnn Ash <ann@haulage.example>\nTil: \tLiz Lane <liz@dynamics.example>\n\n\n\n" + WORDS),
    "Thunderbird, German": ("Fwd: Ledger closed", "-------- Weitergeleitete Nachricht --------\nBetreff: \tLedger closed\nDatum: \tTue, 10 Mar 2026 09:00:00 +0000\nVon: \tAnn Ash <ann@haulage.example>\nAn: \tLiz Lane <liz@dynamics.example>\n\n\n\n" + WORDS),
}


def is_hers(r, label, comment=None):
    case = r.case
    assert case["requester"] == {"name": "Ann Ash", "addr": "ann@haulage.example"}, (label, case["requester"])
    assert case["subject"] == "Ledger closed" and case["assignee"] == "liz@dynamics.example" and case["first_response"] is None, label
    ack = r.one("ack")
    assert ack.meta["to"] == ["ann@haulage.example"] and "liz@" not in ack.as_string() and "She phones" not in ack.as_string(), label
    opened = r.entries("opened")[0]["text"] or ""
    assert "system is down" in opened and "Liz Lane" not in opened, (label, opened)
    if comment:
        assert "She phones too." in r.entries("note")[0]["text"] and "She phones" not in opened, label


def test_forwarded_inline(t):
    for label, (subject, text) in INLINE.items():
        for above in ("", "She phones too.\n\nLiz\n\n"):
            box = Box(t)
            box.add(LIZ, above + text, subject=subject)
            r = box.run()
            is_hers(r, label, above)
            assert r.case["priority"] == "critical" and r.case["fields"] == {"app": "sales"}, label


def test_forwarded_as_an_attachment(t):
    inner = ("From: Ann Ash <ann@haulage.example>\nTo: liz@dynamics.example\nSubject: Ledger closed\nMessage-ID: <orig@haulage.example>\nDate: Tue, 10 Mar 2026 09:00:00 +0000\n"
             "Content-Type: text/plain; charset=utf-8\n\nOur system is down, app sales.\n")
    for label, head in (("Thunderbird", "Content-Type: message/rfc822; charset=UTF-8; name=\"Ledger closed.eml\"\nContent-Disposition: attachment; filename=\"Ledger closed.eml\"\nContent-Transfer-Encoding: 7bit\n"),
                        ("Outlook", "Content-Type: message/rfc822\nContent-Disposition: attachment;\n\tcreation-date=\"Tue, 10 Mar 2026 10:00:00 GMT\"\n"),
                        ("Apple", "Content-Disposition: attachment; filename=\"Ledger closed.eml\"\nContent-Type: message/rfc822; x-unix-mode=0644; name=\"Ledger closed.eml\"\n")):
        for above in ("", "She phones too.\n"):
            box = Box(t)
            raw = ("--b\nContent-Type: text/plain\n\n%s\n--b\n%s\n%s\n--b--\n" % (above, head, inner)).encode()
            box.add(LIZ, raw=raw, subject="Fwd: Ledger closed", headers=[("Content-Type", 'multipart/mixed; boundary="b"')])
            r = box.run()
            case = r.case
            assert case["requester"]["addr"] == "ann@haulage.example" and case["subject"] == "Ledger closed" and r.one("ack").meta["to"] == ["ann@haulage.example"], label
