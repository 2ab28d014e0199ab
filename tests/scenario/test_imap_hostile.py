# SPDX-License-Identifier: ISC
"""IMAP servers that lie, stall, stop in the middle or never end: nothing is lost, nothing else is held up."""
import threading
import time

from fake_imap import FakeImap
from harness import mail, wait_until
from imap_box import cases_wait, connected, put, refused, role, section, ticketd
from imap_box import fake as server


def subjects(d):
    return sorted(c["subject"] for c in d.cases())


def wait_subjects(d, want, timeout=30):
    wait_until(lambda: len(d.cases()) >= len(want), lambda: "the cases %r: %r" % (want, subjects(d)), timeout)
    d.idle()
    assert subjects(d) == sorted(want), subjects(d)


def numbered(*numbers):
    return ["mail %d" % n for n in numbers]


def box_of(t, mode="good", mails=3, kind=FakeImap, **settings):
    """A fake whose mails are new, and a ticketd that has not met them; the answers are bounded to two seconds."""
    fake = server(t, mode, kind=kind)
    d = ticketd(t, section(t, fake.port, poll='"1s"', command_timeout=settings.pop("command_timeout", '"2s"'), **settings)).start()
    connected(d)
    d.stop()
    for uid in range(1, mails + 1):
        put(fake, uid)
    return fake, d


# ---- sizes

def test_size_that_is_far_too_small(t):
    fake, d = box_of(t, "lie-small")
    d.start()
    wait_subjects(d, numbered(1, 2, 3))
    assert {"\\Seen", "TicketdTaken"} <= fake.flags[2]
    d.stop()


def test_size_that_is_far_too_big(t):
    fake, d = box_of(t, "lie-big")
    d.start()
    wait_subjects(d, numbered(1, 2, 3))
    d.stop()


def test_size_beyond_all_limits(t):
    """It says 4 GiB and is small: taken as what it is."""
    class Huge(FakeImap):
        def do_uid_fetch(self, f, tag, rest):
            if "BODY" in rest:
                return super().do_uid_fetch(f, tag, rest)
            for uid in self.chosen(rest.split(" ")[2]):
                f.write(b'* %d FETCH (UID %d RFC822.SIZE 4294967295 INTERNALDATE "%s" FLAGS ())\r\n' % (uid, uid, self.internaldate.encode()))
    fake, d = box_of(t, kind=Huge)
    d.start()
    wait_subjects(d, numbered(1, 2, 3))
    d.stop()


def test_mail_over_the_intake_limit(t):
    """Its beginning becomes a case, and staff are told where the rest is."""
    fake = server(t)
    d = ticketd(t, section(t, fake.port), limits={"intake-mail": '"1MiB"'}).start()
    connected(d)
    d.stop()
    put(fake, 1, mail(subject="a film", text="it is long\n" * 300000))
    put(fake, 2)
    d.start()
    wait_subjects(d, ["a film", "mail 2"])
    number = next(c["case"] for c in d.cases() if c["subject"] == "a film")
    told = d.entries(number, "unparsed")
    assert told and "larger than the limit intake-mail" in told[0]["detail"] and str(len(fake.mails[1])) in told[0]["detail"], told
    assert [l["X-Ticketd-Case"] for l in d.letters_wait(1, "alarm")] == [number]
    d.stop()


# ---- connections

def test_cut_in_the_middle_of_a_literal(t):
    fake, d = box_of(t, "cut-once", 30)
    d.start()
    wait_subjects(d, numbered(*range(1, 31)))
    assert len(d.letters()) == 30
    wait_until(lambda: all("TicketdTaken" in f for f in fake.flags.values()), "the marks")
    assert fake.log.count("* connected") >= 3       # one before, one that was cut, one that went well
    d.stop()


def aside(t, fake, d, bad, good):
    """Mail `bad` is set aside with an alarm in log and by letter, the others are cases; a restart does not try it again."""
    d.start()
    d.log_wait(r"alarm: mailbox=box uid=%d action=set-aside .*status=alarm" % bad, timeout=45)
    wait_until(lambda: len(d.cases()) >= len(good), lambda: "the others: %r" % subjects(d), 30)
    connected(d, timeout=45)
    put(fake, 50)
    d.restart()
    wait_until(lambda: "mail 50" in subjects(d), "the mail that came later", 30)
    d.idle()
    assert set(numbered(*good, 50)) <= set(subjects(d))
    del fake.log[:]
    d.restart()
    connected(d)
    assert not [line for line in fake.log if "BODY" in line], fake.log
    assert fake.flags[bad] == set()
    d.stop()


def test_uid_that_always_cuts_the_connection_is_set_aside(t):
    fake, d = box_of(t, "cut", 12)
    aside(t, fake, d, 2, [1] + list(range(3, 13)))


class Stalling(FakeImap):
    """The body of UID 3 never comes."""
    def do_uid_fetch(self, f, tag, rest):
        chosen = self.chosen(rest.split(" ")[2])
        if "BODY" in rest and 3 in chosen:
            f.write(b"* 3 FETCH (UID 3 BODY[] {1000}\r\nFrom: a")
            f.readline()
            raise ConnectionError
        return super().do_uid_fetch(f, tag, rest)


def test_uid_that_always_stalls_is_set_aside(t):
    fake, d = box_of(t, mails=12, kind=Stalling)
    aside(t, fake, d, 3, [1, 2] + list(range(4, 13)))


def test_uid_without_a_text_is_set_aside(t):
    fake, d = box_of(t, "nil", 6)
    aside(t, fake, d, 2, [1, 3, 4, 5, 6])


def test_staff_hear_of_a_mail_that_is_set_aside(t):
    fake, d = box_of(t, "cut", 3)
    d.start()
    d.log_wait("action=set-aside", timeout=45)
    alarm = d.letters_wait(1, "alarm", timeout=20)[0]
    assert alarm["To"] == "boss@example.com"
    d.stop()


def test_bye_at_once(t):
    class Sleepy(FakeImap):
        awake = True

        def serve(self, conn):
            if self.awake:
                return super().serve(conn)
            conn.sendall(b"* BYE come back later\r\n")
            conn.close()
    fake, d = box_of(t, kind=Sleepy)
    fake.awake = False
    d.start()
    assert "come back later" in refused(d, "goodbye")
    fake.awake = True
    wait_subjects(d, numbered(1, 2, 3))
    d.stop()


def test_answers_that_drip(t):
    """A byte now and then resets no clock."""
    fake, d = box_of(t, mails=2)
    fake.mode = "drip"
    at = time.monotonic()
    d.start()
    refused(d, r"SEARCH.*time|time.*SEARCH|took|long")
    assert time.monotonic() - at < 12
    fake.mode = "good"
    wait_subjects(d, numbered(1, 2))
    d.stop()


def test_answer_without_end(t):
    fake, d = box_of(t, mails=2)
    fake.mode = "flood"
    d.start()
    refused(d, r"SEARCH|too much|bytes")
    fake.mode = "good"
    wait_subjects(d, numbered(1, 2))
    with open("/proc/%d/status" % role(d)["pid"], encoding="ascii") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    assert peak < 200000, "%d kB" % peak
    d.stop()


def test_answers_that_nobody_asked_for(t):
    fake, d = box_of(t, "unasked")
    d.start()
    wait_subjects(d, numbered(1, 2, 3))
    d.stop()


def test_preauth_and_injection_before_starttls_are_refused(t):
    for mode, words in (("preauth", "known before STARTTLS"), ("inject", "bytes after STARTTLS"), ("good", "does not offer STARTTLS")):
        fake = server(t, mode)
        d = ticketd(t, section(t, fake.port, tls='"starttls"'), name=mode).start()
        refused(d, words)
        assert not [line for line in fake.log if line.startswith(("LOGIN", "AUTHENTICATE"))], fake.log
        d.stop()


def test_server_that_gives_no_uidnext(t):
    fake = server(t, "no-uidnext", 2)
    d = ticketd(t, section(t, fake.port)).start()
    connected(d)
    put(fake, 3)
    d.restart()
    wait_subjects(d, numbered(3))
    d.stop()


def test_mail_that_vanishes_before_it_is_fetched(t):
    class Vanishing(FakeImap):
        def do_uid_fetch(self, f, tag, rest):
            if "BODY" in rest:
                self.mails.pop(2, None)
            return super().do_uid_fetch(f, tag, rest)
    fake, d = box_of(t, mails=4, kind=Vanishing)
    d.start()
    wait_subjects(d, numbered(1, 3, 4))
    assert not d.log_find("set-aside")
    d.stop()


def test_a_frozen_server_does_not_hold_up_core(t):
    """It accepts and says nothing: other intakes work, the end is quick."""
    class Frozen(FakeImap):
        def serve(self, conn):
            threading.Event().wait(30)
    fake = server(t, kind=Frozen)
    d = ticketd(t, section(t, fake.port, command_timeout='"1s"'), lmtp={}).start()
    refused(d, ".")
    assert d.lmtp_send(mail(subject="by the other door")) == 250
    wait_subjects(d, ["by the other door"])
    d.stop()
