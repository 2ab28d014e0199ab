# SPDX-License-Identifier: ISC
"""A real Postfix before and behind: mail comes by SMTP and LMTP, letters leave through a relay, customers answer as their programs do."""
import os
import re
import smtplib

from dovecot import make_certificates
from harness import body_of, free_port, mail, wait_until
from postfix import Postfix, available
from relay_box import PLENTY

DESK = "support@desk.example"


def postfix(t, **options):
    if available():
        t.skip(available())
    p = Postfix(relay_port=free_port(), accept_port=free_port(), **options)
    t.cleanup(p.stop)
    return p


def world(t, unix=False, start=True, relay=None, **desk):
    """ticketd between a Postfix that hands it mail and another one that takes its letters."""
    d = t.ticketd(lmtp={"mode": "0666"}, desk=dict({"address": '{ "%s" }' % DESK, "budget": PLENTY}, **{k.replace("_", "-"): v for k, v in desk.items()}))
    front = postfix(t, lmtp="unix:" + d.socket if unix else "inet:127.0.0.1:%d" % d.port).start()
    behind = postfix(t).start()
    d.configure(relay=dict({"transport": '"smtp"', "path": None, "host": '"127.0.0.1"', "port": behind.accept_port, "tls": '"none"', "auth": '"none"'},
                           **(relay or {})))
    return (d.start() if start else d), front, behind


def ask(front, data, sender="ann@customer.example", to=DESK):
    assert front.send(data, sender, to) == {}


def ack_of(behind, recipient="ann@customer.example", count=1):
    got = behind.read_mail(count, recipient=recipient)
    assert len(got) == count, "%d of %d letters came; the log of Postfix ends:\n%s" % (len(got), count, behind.log()[-3000:])
    return got[0]


def one_case_with(d, evidence):
    """The answer became an entry of the one case, found by this evidence."""
    wait_until(lambda: [e for c in d.cases() for e in d.entries(c["case"]) if e["what"] == "appended"], lambda: "an answer: %r" % d.cases())
    cases = d.cases()
    assert len(cases) == 1, cases
    found = d.entries(cases[0]["case"], "appended")
    assert len(found) == 1 and found[0]["why"].startswith(evidence), found
    return found[0]


# ---- there and back

def there_and_back(t, unix):
    d, front, behind = world(t, unix)
    ask(front, mail(subject="The printer is on fire", to=DESK))
    ack = ack_of(behind)
    number = d.cases()[0]["case"]
    assert ack["X-Ticketd-Case"] == number and "[%s]" % number in ack["Subject"] and number in body_of(ack)
    assert ack["Return-Path"] == "<%s>" % DESK, ack["Return-Path"]
    answer = mail(subject="Re: " + ack["Subject"], text="It is out now.\n\n> " + body_of(ack).replace("\n", "\n> ") + "\n", to=DESK,
                  in_reply_to=ack["Message-ID"], references="%s %s" % (ack["References"], ack["Message-ID"]), headers={"User-Agent": "Mutt/2.2.9"})
    ask(front, answer)
    entry = one_case_with(d, "in-reply-to")
    assert entry["text"].strip() == "It is out now.", entry["text"]
    d.idle()
    assert behind.wait_until_empty() and len(behind.read_raw()) == 1, "an answer is not acknowledged again"
    assert front.wait_until_empty()
    d.stop()


def test_by_inet_and_an_answer_from_mutt(t):
    there_and_back(t, False)


def test_by_unix_socket_and_an_answer_from_mutt(t):
    there_and_back(t, True)


def outlook(t, prefix, labels):
    """No References, a prefix in the user's language, a block of quoted fields: the number in the subject is all there is."""
    d, front, behind = world(t)
    ask(front, mail(subject="The printer is on fire", to=DESK))
    ack = ack_of(behind)
    sender, sent, to, about = labels
    quoted = "%s: Example Support <%s>\n%s: Tuesday, 10 March 2026 11:00\n%s: Ann Customer\n%s: %s\n\n%s" % (
        sender, DESK, sent, to, about, ack["Subject"], body_of(ack))
    subject = "%s %s" % (prefix, re.sub(r"^Re: ", "", ack["Subject"]))
    ask(front, mail(subject=subject, text="It is out now.\n\nAnn\n\n" + quoted, to=DESK,
                    headers={"Thread-Topic": "We have received your message", "Thread-Index": "AdnXk2z8m1Q==", "X-Mailer": "Microsoft Outlook 16.0"}))
    entry = one_case_with(d, "case number in the subject")
    assert entry["text"].startswith("It is out now.") and "Thank you for writing" not in entry["text"], entry["text"]
    d.stop()


def test_answer_from_a_swedish_outlook(t):
    outlook(t, "SV:", ("Från", "Skickat", "Till", "Ämne"))


def test_answer_from_a_german_outlook(t):
    outlook(t, "AW:", ("Von", "Gesendet", "An", "Betreff"))


def test_answer_from_gmail_to_the_reply_address(t):
    """It goes to Reply-To; on the way ids were rewritten and the subject was changed: the token finds the case."""
    d, front, behind = world(t, reply_address='"plus"')
    ask(front, mail(subject="The printer is on fire", to=DESK))
    ack = ack_of(behind)
    reply_to = ack["Reply-To"].addresses[0].addr_spec
    assert re.fullmatch(r"support\+[a-z2-7]{32}@desk\.example", reply_to), reply_to
    quoted = "On Tue, Mar 10, 2026 at 11:00 AM Example Support <%s> wrote:\n\n> " % DESK + body_of(ack).replace("\n", "\n> ")
    ask(front, mail(subject="Re: our printer", text="It is out now.\n\n" + quoted, to=reply_to, in_reply_to="<rewritten@gateway.example>",
                    references="<rewritten@gateway.example>"), to=reply_to)
    entry = one_case_with(d, "reply address given to this sender")
    assert entry["text"].strip() == "It is out now.", entry["text"]
    d.stop()


def test_reply_address_in_a_strangers_hands(t):
    """Somebody else writes to the token: parked, with no power over the case."""
    d, front, behind = world(t, reply_address='"plus"')
    ask(front, mail(subject="The printer is on fire", to=DESK))
    reply_to = ack_of(behind)["Reply-To"].addresses[0].addr_spec
    ask(front, mail(subject="Re: printer", sender="eve@elsewhere.example", to=reply_to, in_reply_to="<x@elsewhere.example>"), sender="eve@elsewhere.example",
        to=reply_to)
    wait_until(lambda: d.entries(d.cases()[0]["case"], "parked"), "the stranger's mail")
    assert len(d.cases()) == 1
    d.stop()


# ---- Postfix waits

def test_ticketd_is_down_while_postfix_queues(t):
    d, front, behind = world(t, start=False)
    for n in range(20):
        ask(front, mail(subject="mail %d" % n, sender="c%d@customer.example" % n, to=DESK), sender="c%d@customer.example" % n)
    wait_until(lambda: len(front.queue()) == 20, lambda: "20 mails in the queue: %d" % len(front.queue()))
    d.start()
    front.flush()
    assert front.wait_until_empty(), front.log()[-2000:]
    assert sorted(c["subject"] for c in d.cases()) == sorted("mail %d" % n for n in range(20))
    d.idle()
    got = behind.read_mail(20, timeout=30)
    assert sorted(m["X-Original-To"] for m in got) == sorted("c%d@customer.example" % n for n in range(20))
    assert len(behind.read_raw()) == 20
    d.stop()


def test_core_is_killed_while_postfix_delivers(t):
    """Whatever Postfix has no 250 for comes again: nothing is lost, nothing is doubled."""
    d, front, behind = world(t)
    count = 150
    for n in range(count):
        ask(front, mail(subject="mail %d" % n, sender="c%d@customer.example" % n, to=DESK), sender="c%d@customer.example" % n)
        if n in (40, 80, 120):
            wait_until(lambda: len(d.log_find("action=open")) >= 5, "some mails to be taken", 20, 0.01)
            d.kill()
            d.start()
    front.flush()
    assert front.wait_until_empty(), front.log()[-2000:]
    assert sorted(c["subject"] for c in d.cases()) == sorted("mail %d" % n for n in range(count))
    d.idle(30)
    assert behind.wait_until_empty()
    ids = {}
    for m in behind.read_mail(count, timeout=30):
        ids.setdefault(m["Message-ID"], []).append(m)
    assert len(ids) == count, len(ids)
    # a letter that was on the wire when core died may come twice: the same id, the same bytes
    assert sum(len(v) for v in ids.values()) <= count + 3 * 2       # lanes
    assert len({m["X-Original-To"] for v in ids.values() for m in v}) == count
    d.stop()


def test_letters_wait_in_ticketd_while_the_relay_is_down(t):
    d, front, behind = world(t)
    behind._run("postfix", "-c", os.path.join(behind.dir, "etc"), "stop")
    ask(front, mail(to=DESK))
    d.log_wait("kind=ack attempt=1 .*status=deferred")
    assert d.status()["letters_waiting"] == 1
    d.stop()


# ---- refusals, and what only a real server does

def test_unknown_recipient_comes_back_to_the_sender(t):
    d, front, behind = world(t)
    ask(front, mail(to="nobody@desk.example"), to="nobody@desk.example")
    bounce = front.read_mail(1, recipient="ann@customer.example")[0]
    assert "5.1.1" in bounce.as_string() and d.cases() == []
    assert front.wait_until_empty()
    d.stop()


def test_two_desk_addresses_are_one_case(t):
    d, front, behind = world(t, address='{ "%s", "help@desk.example" }' % DESK)
    ask(front, mail(to="%s, help@desk.example" % DESK), to=[DESK, "help@desk.example"])
    assert front.wait_until_empty()
    ack_of(behind)
    d.idle()
    assert len(d.cases()) == 1 and len(behind.read_raw()) == 1
    d.stop()


def test_bounce_of_an_acknowledgement_is_a_report_on_the_case(t):
    """The relay takes the letter and its next hop refuses: Postfix writes a report to the envelope sender, and that finds the case."""
    d, front, behind = world(t)
    ask(front, mail(sender="gone@customer.example", to=DESK), sender="gone@customer.example")
    ack = ack_of(behind, "gone@customer.example")
    report = (b"From: MAILER-DAEMON@mx.postfix.example (Mail Delivery System)\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n"
              b"Date: Tue, 10 Mar 2026 10:00:00 +0000\r\nMessage-ID: <20260310.1@mx.postfix.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
              b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nI am sorry\r\n'
              b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.postfix.example\r\n\r\n"
              b"Final-Recipient: rfc822; gone@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 gone\r\n\r\n"
              b"--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--b--\r\n"
              % (DESK.encode(), re.sub(rb"\r?\n", b"\r\n", ack.as_bytes())))
    ask(front, report, sender="")
    wait_until(lambda: d.entries(d.cases()[0]["case"], "report"), lambda: "the report: %r" % [e["what"] for c in d.cases() for e in d.entries(c["case"])])
    assert len(d.cases()) == 1
    d.idle()
    assert behind.wait_until_empty() and len(behind.read_raw()) == 1, "a report is never answered"
    d.stop()


def test_addresses_outside_ascii(t):
    """SMTPUTF8 all the way: in by LMTP, out through the relay."""
    d, front, behind = world(t)
    data = mail(subject="Größe", sender="Jörg <jörg@kunde.example>", to=DESK)
    with smtplib.SMTP("127.0.0.1", front.relay_port, timeout=30) as s:
        s.ehlo()
        s.sendmail("jörg@kunde.example", [DESK], data, ["SMTPUTF8", "BODY=8BITMIME"])
    wait_until(lambda: d.cases(), "the case")
    assert d.cases()[0]["requester"]["addr"] == "jörg@kunde.example" and d.cases()[0]["subject"] == "Größe"
    wait_until(lambda: behind.read_raw(), "the acknowledgement")
    raw = list(behind.read_raw().values())[0]
    assert "jörg@kunde.example".encode() in raw
    d.stop()


def test_relay_over_starttls(t):
    os.mkdir(t.path("tls"))
    make_certificates(t.path("tls"))
    d = t.ticketd(desk={"address": '{ "%s" }' % DESK})
    p = postfix(t, lmtp="inet:127.0.0.1:%d" % d.port, accept_options={
        "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": t.path("tls/server.pem"), "smtpd_tls_key_file": t.path("tls/server.key"),
        "smtpd_tls_received_header": "yes"}).start()
    d.configure(relay={"transport": '"smtp"', "path": None, "host": '"localhost"', "port": p.accept_port, "tls": '"starttls"', "auth": '"none"',
                       "ca-file": '"%s"' % t.path("tls/ca.pem")})
    d.start()
    ask(p, mail(to=DESK))
    ack = ack_of(p)
    assert any("TLS" in r for r in ack.get_all("Received")), ack.get_all("Received")
    d.stop()


def test_two_ticketds_do_not_talk_for_ever(t):
    """Each is the other's customer, through real servers: one acknowledgement at most, then silence."""
    first = t.ticketd("first", desk={"address": '{ "support@first.example" }'})
    second = t.ticketd("second", desk={"address": '{ "support@second.example" }'})
    to_first = postfix(t, lmtp="inet:127.0.0.1:%d" % first.port).start()
    to_second = postfix(t, lmtp="inet:127.0.0.1:%d" % second.port).start()
    out = {"transport": '"smtp"', "path": None, "host": '"127.0.0.1"', "tls": '"none"', "auth": '"none"'}
    first.configure(relay=dict(out, port=to_second.relay_port))
    second.configure(relay=dict(out, port=to_first.relay_port))
    first.start(), second.start()
    ask(to_first, mail(sender="support@second.example", to="support@first.example"), sender="support@second.example", to="support@first.example")
    wait_until(lambda: second.cases(), "the acknowledgement at the second")
    for _ in range(3):
        first.idle(), second.idle()
        assert to_first.wait_until_empty() and to_second.wait_until_empty()
    assert len(first.cases()) == 1 and len(second.cases()) == 1
    assert len(first.log_find("status=sent")) == 1 and len(second.log_find("status=sent")) == 0
    first.stop(), second.stop()
