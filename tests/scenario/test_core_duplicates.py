# SPDX-License-Identifier: ISC
"""One mail, one effect: the same mail again changes nothing."""
import os

from harness import mail, message_id_of, wait_until


def test_the_same_mail_twice_by_lmtp_is_one_case_and_a_duplicate(t):
    d = t.ticketd().start()
    data = mail()
    assert d.lmtp_send(data) == 250 and d.lmtp_send(data) == 250
    assert d.lmtp_send(data.replace(b"It says", b"It  says")) == 250       # white space folded: the same words
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(1, "duplicate")) == 2


def test_the_same_mail_twice_at_once_is_one_case(t):
    d = t.ticketd().start()
    data = mail()
    d.lmtp_flood([data] * 40, connections=8).finish()
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(1, "duplicate")) == 39


def test_the_same_message_id_with_other_text_is_an_entry_on_that_case(t):
    d = t.ticketd().start()
    first = mail()
    again = mail(text="It now says something else.\n", message_id="<%s>" % message_id_of(first))
    assert d.lmtp_send(first) == 250 and d.lmtp_send(again) == 250
    assert d.lmtp_send(again) == 250                                     # and that one again: a duplicate of the second
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(1, "appended")) == 1 and len(d.entries(1, "duplicate")) == 1
    # the same id from somebody else about something else proves nothing
    foreign = mail(subject="Mine", text="Other.\n", message_id="<%s>" % message_id_of(first), sender="eve@elsewhere.example")
    assert d.lmtp_send(foreign, sender="eve@elsewhere.example") == 250
    d.idle()
    assert len(d.cases()) == 2


def test_the_same_mail_without_a_message_id_is_a_duplicate_unless_the_date_differs(t):
    d = t.ticketd().start()
    strip = lambda m: b"".join(l for l in m.splitlines(True) if not l.startswith(b"Message-ID:"))  # noqa: E731
    first, later = strip(mail()), strip(mail(date="Wed, 11 Mar 2026 10:00:00 +0000"))
    for data in (first, first, later):
        assert d.lmtp_send(data) == 250
    d.idle()
    assert len(d.cases()) == 2 and len(d.entries(1, "duplicate")) == 1


def test_a_maildir_file_offered_again_has_no_second_effect(t):
    d = t.ticketd().start()
    data = mail()
    name = d.maildir_put(data)
    d.letters_wait(1, "ack")
    wait_until(lambda: os.listdir(os.path.join(d.inbox, "cur")), "the mail to be moved")
    d.idle()
    before = d.show(1)
    # as after a crash between commit and rename: it lies in new/ under its name again
    os.rename(os.path.join(d.inbox, "cur", os.listdir(os.path.join(d.inbox, "cur"))[0]), os.path.join(d.inbox, "new", name))
    d.log_wait("why=taken-before")
    wait_until(lambda: os.listdir(os.path.join(d.inbox, "cur")), "the mail to be moved again")
    d.idle()
    assert d.show(1) == before and len(d.cases()) == 1 and len(d.letters()) == 1


def test_the_same_mail_by_maildir_and_by_lmtp_is_one_case(t):
    d = t.ticketd().start()
    data = mail()
    assert d.lmtp_send(data) == 250
    d.maildir_put(data.replace(b"\r\n", b"\n"))
    wait_until(lambda: d.entries(1, "duplicate"), "the duplicate")
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
