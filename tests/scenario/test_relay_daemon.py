# SPDX-License-Identifier: ISC
"""Attachments through the daemon itself: out of the store, through the workers, to a relay that says how large a letter may be."""
import email
import email.policy

from harness import mail
from relay_box import sink, taken_wait, ticketd

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 800
DESK = {"staff": '{ "liz@example.com" }', "reply-address": "plus", "recall": '"1s"', "address": '{ "support@example.com" }'}


def mixed(text, name, data, sender, to, subject, **fields):
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"], m["To"], m["Subject"], m["Message-ID"], m["Date"] = sender, to, subject, "<%s@client.example>" % name, "Tue, 10 Mar 2026 10:00:00 +0000"
    for key, value in fields.items():
        m[key.replace("_", "-")] = value
    m.set_content(text)
    m.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return m.as_bytes()


def letters(s, kind):
    found = [email.message_from_bytes(m["data"], policy=email.policy.default) for m in s.mails]
    return [m for m in found if m["X-Ticketd-Kind"] == kind]


def files(letter):
    return {p.get_filename(): p.get_payload(decode=True) for p in letter.iter_attachments()}


def reply(d, notice, text, name, data):
    to = notice["Reply-To"].addresses[0].addr_spec
    return d.lmtp_send(mixed(text, name, data, "Liz <liz@example.com>", to, str(notice["Subject"]), In_Reply_To=notice["Message-ID"]), to=to, sender="liz@example.com")


def test_both_ways_and_the_relays_own_limit(t):
    s = sink(t, size=600000)
    d = ticketd(t, s, desk=DESK)
    assert d.lmtp_send(mixed("See the list.\n", "list.pdf", PDF, "Ann <ann@customer.example>", "support@example.com", "The list")) == 250
    taken_wait(s, 2)
    notice = letters(s, "notice")[0]
    assert files(notice) == {"list.pdf": PDF}
    assert reply(d, notice, "Here is the right one.\n", "right.pdf", PDF[::-1]) == 250
    taken_wait(s, 3)
    relay = letters(s, "relay")[0]
    assert files(relay) == {"right.pdf": PDF[::-1]} and "Here is the right one." in relay.get_body(("plain",)).get_content()
    assert reply(d, notice, "And the film.\n", "film.pdf", PDF * 3) == 250
    taken_wait(s, 4)
    told = letters(s, "result")[0]
    assert "has not gone out" in " ".join(told.get_body(("plain",)).get_content().split()) and len(letters(s, "relay")) == 1
    assert max(len(m["data"]) for m in s.mails) < 600000
    d.stop()


def test_a_letter_waits_over_a_restart(t):
    """The recall delay outlives the process: the parts are read from the store by the next one."""
    s = sink(t)
    d = ticketd(t, s, desk=dict(DESK, recall='"5s"'))
    assert d.lmtp_send(mail(text="It is broken.\n")) == 250
    taken_wait(s, 2)
    assert reply(d, letters(s, "notice")[0], "Here.\n", "right.pdf", PDF) == 250
    d.kill()
    d.start()
    taken_wait(s, 3)
    assert files(letters(s, "relay")[0]) == {"right.pdf": PDF}
    d.stop()
