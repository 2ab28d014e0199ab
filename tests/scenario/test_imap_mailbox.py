# SPDX-License-Identifier: ISC
"""What becomes of a mailbox's mail: the beginning, new mail, marks and moves, new numbers, several mailboxes."""
import os
import time

from dovecot import Dovecot
from fake_imap import FakeImap
from harness import mail, wait_until
from imap_box import cases_wait, connected, dovecot, imapdate, put, role, section, settled, ticketd
from imap_box import fake as server


def subjects(d):
    return sorted(c["subject"] for c in d.cases())


def whats(d, number):
    return [e["what"] for e in d.entries(number)]


class NoIdle(Dovecot):
    def configure(self):
        super().configure()
        with open(os.path.join(self.dir, "dovecot.conf"), "a", encoding="utf-8") as f:
            f.write("imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS MOVE\n")


# ---- new mail

def test_idle_mail_becomes_a_case_within_two_seconds(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, poll='"1h"')).start()
    assert "waits in IDLE" in connected(d)
    for n in range(3):
        box.append("support", mail(subject="mail %d" % n))
        at = time.monotonic()
        cases_wait(d, n + 1, timeout=2)
        assert time.monotonic() - at < 2 * float(os.environ.get("TICKETD_SLOW", "1")) + 1
    assert subjects(d) == ["mail 0", "mail 1", "mail 2"]
    letters = d.letters_wait(3, "ack")
    assert len(letters) == 3
    settled(box, n=3)
    d.stop()


def test_without_idle_it_polls(t):
    box = dovecot(t, kind=NoIdle)
    d = ticketd(t, section(t, box.port, poll='"1s"')).start()
    assert "polls" in connected(d)
    for n in range(3):
        box.append("support", mail(subject="mail %d" % n))
        cases_wait(d, n + 1, timeout=5)
    assert subjects(d) == ["mail 0", "mail 1", "mail 2"]
    assert len(d.letters_wait(3, "ack")) == 3
    d.stop()


def test_words_before_the_answer_to_idle(t):
    """Some servers say something before their "+"; libetpan alone would wait for ever."""
    for mode in ("noisy-idle", "late-idle"):
        fake = server(t, mode, 1)
        d = ticketd(t, section(t, fake.port, poll='"1s"'), name=mode).start()
        connected(d)
        if mode == "noisy-idle":
            wait_until(lambda: fake.idle_round, "IDLE")
        else:
            cases_wait(d, 1)            # it was announced in the packet of the "+"
        d.stop()


def test_mail_that_is_told_once_at_the_wrong_moment(t):
    """EXISTS comes in the answer to another command, or before the "+" of IDLE; the server never says it again."""
    class Telling(FakeImap):
        moment = None

        def tell(self, f, moment):
            if moment == self.moment:
                self.moment = None
                put(self, 2)
                f.write(b"* 2 EXISTS\r\n")

        def do_uid_store(self, f, tag, rest):
            super().do_uid_store(f, tag, rest)
            self.tell(f, "store")

        def do_uid_search(self, f, tag, rest):
            super().do_uid_search(f, tag, rest)
            if 1 in self.mails and self.flags[1]:
                self.tell(f, "search")

        def do_uid_fetch(self, f, tag, rest):
            super().do_uid_fetch(f, tag, rest)
            self.tell(f, "fetch" if "BODY" in rest else "list")

        def do_idle(self, f, tag, rest):
            self.tell(f, "idle")
            super().do_idle(f, tag, rest)
    for moment in ("list", "fetch", "store", "search", "idle"):
        fake = server(t, kind=Telling)
        d = ticketd(t, section(t, fake.port, poll='"1h"'), name=moment).start()
        connected(d)
        d.stop()
        put(fake, 1)
        fake.moment = moment
        d.start()
        wait_until(lambda: subjects(d) == ["mail 1", "mail 2"], lambda: "the mail told in %s: %r" % (moment, subjects(d)))
        d.stop()


def test_server_that_always_tells_of_mail(t):
    """EXISTS with every answer, and no mail: we look a few times and then wait as with any other."""
    class Chatty(FakeImap):
        def command(self, f, tag, rest):
            f.write(b"* %d EXISTS\r\n" % len(self.mails))
            super().command(f, tag, rest)
    fake = server(t, kind=Chatty, mails=1)
    d = ticketd(t, section(t, fake.port, poll='"1h"')).start()
    connected(d)
    idles = wait_until(lambda: (lambda n: n if n == fake.idle_round else None)((fake.idle_round, time.sleep(0.7))[0]), "it to come to rest")
    assert idles < 20, idles
    put(fake, 2)
    d.restart()
    cases_wait(d, 1)
    d.stop()


# ---- the beginning

def begin(t, start, want_seen, want_unseen):
    box = dovecot(t)
    box.append("support", mail(subject="old and read"), flags="\\Seen")
    box.append("support", mail(subject="old and unread"))
    d = ticketd(t, section(t, box.port, start='"%s"' % start)).start()
    connected(d)
    box.append("support", mail(subject="new"))
    want = sorted(["new"] + ["old and read"] * want_seen + ["old and unread"] * want_unseen)
    wait_until(lambda: "new" in subjects(d), "the new mail")
    d.idle()
    assert subjects(d) == want, subjects(d)
    new = next(c["case"] for c in d.cases() if c["subject"] == "new")
    assert [(l["X-Ticketd-Kind"], l["X-Ticketd-Case"]) for l in d.letters_wait(1)] == [("ack", new)], "old mail is taken in silently"
    flags = settled(box, n=len(want))
    for uid, taken in ((1, want_seen), (2, want_unseen), (3, True)):
        assert ("TicketdTaken" in flags[uid]) == taken, flags
    assert "\\Seen" not in flags[2] or want_unseen, "what is left alone is left as it is"
    for c in d.cases():
        started = [k for k in c["clocks"] if k["started"]]
        assert bool(started) == (c["subject"] == "new"), c
    d.restart()
    connected(d)
    d.idle()
    assert subjects(d) == want and len(d.letters()) == 1
    d.stop()


def test_start_new(t):
    begin(t, "new", False, False)


def test_start_unseen(t):
    begin(t, "unseen", False, True)


def test_start_all(t):
    begin(t, "all", True, True)


def test_mail_that_a_person_has_read_is_taken_in_once(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port)).start()
    connected(d)
    box.append("support", mail(subject="read before we look"), flags="\\Seen \\Flagged")
    cases_wait(d, 1)
    flags = settled(box)
    assert "\\Flagged" in flags[1], flags
    imap = box.login("support")                 # a person marks it as unread again
    imap.select("INBOX")
    imap.uid("STORE", "1", "-FLAGS.SILENT", "(\\Seen TicketdTaken)")
    imap.logout()
    box.append("support", mail(subject="another"))
    cases_wait(d, 2)
    d.restart()
    connected(d)
    d.idle()
    assert subjects(d) == ["another", "read before we look"] and len(d.letters()) == 2
    assert not [c for c in d.cases() if "duplicate" in whats(d, c["case"])], "the ledger knows it: it is not even fetched"
    d.stop()


# ---- afterwards

def test_marks_with_another_keyword(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, keyword='"InTicketd"')).start()
    connected(d)
    box.append("support", mail())
    cases_wait(d, 1)
    flags = settled(box, keyword="InTicketd")
    assert "TicketdTaken" not in flags[1]
    d.stop()


def moves(t, folder, on_server, **how):
    box = dovecot(t, **how)
    d = ticketd(t, section(t, box.port, move_to='"%s"' % folder, poll='"1s"')).start()
    connected(d)
    for n in range(3):
        box.append("support", mail(subject="mail %d" % n))
    cases_wait(d, 3)
    wait_until(lambda: len(box.flags("support", on_server)) == 3 and not box.flags("support"), "the mails to be moved")
    d.restart()
    connected(d)
    box.append("support", mail(subject="mail 3"))
    cases_wait(d, 4)
    wait_until(lambda: len(box.flags("support", on_server)) == 4 and not box.flags("support"), "the mail to be moved")
    d.idle()
    assert len(d.cases()) == 4 and len(d.letters()) == 4
    d.stop()


def test_moves_to_a_folder_that_is_made(t):
    moves(t, "Done/ticketd", "Done/ticketd")


def test_moves_to_a_folder_with_letters_outside_ascii(t):
    moves(t, "Erledigt ü&ä", "Erledigt &APw-&-&AOQ-")


class NoMove(Dovecot):
    def configure(self):
        super().configure()
        with open(os.path.join(self.dir, "dovecot.conf"), "a", encoding="utf-8") as f:
            f.write("imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS IDLE\n")


def test_moves_without_the_extension(t):
    moves(t, "Done", "Done", kind=NoMove)


def test_watches_another_folder(t):
    box = dovecot(t)
    imap = box.login("support")
    imap.create('"Kundenservice &- mehr"')
    imap.logout()
    d = ticketd(t, section(t, box.port, folder='"Kundenservice & mehr"')).start()
    connected(d)
    box.append("support", mail(subject="here"), folder='"Kundenservice &- mehr"')
    box.append("support", mail(subject="not here"))
    cases_wait(d, 1)
    settled(box, folder="Kundenservice &- mehr")
    d.idle()
    assert subjects(d) == ["here"]
    d.stop()


def test_server_without_keywords(t):
    fake = server(t, "no-keyword")
    d = ticketd(t, section(t, fake.port, poll='"1s"')).start()
    connected(d)
    put(fake, 1)
    d.restart()                         # the fake one does not announce mail
    cases_wait(d, 1)
    wait_until(lambda: fake.flags[1] == {"\\Seen"}, "the mark")
    assert "takes no keyword" in connected(d)
    fake.flags[1].clear()               # and the ledger alone remembers
    d.restart()
    connected(d)
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    d.stop()


def test_server_that_promises_keywords_and_refuses_them(t):
    fake = server(t, "keyword-no")
    d = ticketd(t, section(t, fake.port)).start()
    connected(d)
    put(fake, 1)
    d.restart()
    cases_wait(d, 1)
    wait_until(lambda: fake.flags[1] == {"\\Seen"}, "the mark")
    d.stop()


# ---- what has a fate is not fetched again

def test_restart_does_not_fetch_again(t):
    fake = server(t, "good")
    d = ticketd(t, section(t, fake.port)).start()
    connected(d)
    for uid in range(1, 21):
        put(fake, uid)
    d.restart()
    cases_wait(d, 20)
    wait_until(lambda: all("TicketdTaken" in f for f in fake.flags.values()), "the marks")
    d.idle()
    for again in range(2):
        del fake.log[:]
        if again == 0:
            d.restart()
        else:
            d.kill()
            d.start()
        connected(d)
        assert not [line for line in fake.log if "BODY" in line], fake.log
    assert len(d.cases()) == 20 and len(d.letters()) == 20
    d.stop()


def test_marks_that_were_not_set_are_set_after_a_restart(t):
    """The mail is durable, and the server is gone before it was told: it is told later, and nothing is fetched twice."""
    class Forgetful(FakeImap):
        silent = True

        def do_uid_store(self, f, tag, rest):
            if self.silent:
                raise ConnectionError
            return super().do_uid_store(f, tag, rest)
    fake = server(t, kind=Forgetful)
    d = ticketd(t, section(t, fake.port)).start()
    connected(d)
    for uid in range(1, 6):
        put(fake, uid)
    d.restart()
    cases_wait(d, 5)
    wait_until(lambda: any("STORE" in line for line in fake.log), "the first try to mark")
    fake.silent = False
    d.restart()
    wait_until(lambda: all({"\\Seen", "TicketdTaken"} <= f for f in fake.flags.values()), "the marks")
    assert sum("BODY" in line for line in fake.log) == 1, fake.log
    assert len(d.cases()) == 5 and len(d.letters()) == 5
    d.stop()


# ---- new numbers

def test_uidvalidity_changes(t):
    """The folder is deleted and made again with the same mails in it: no second case, no second letter, and new mail is taken."""
    box = dovecot(t)
    imap = box.login("support")
    imap.create("Desk")
    box.append("support", mail(subject="from before"), folder="Desk")
    d = ticketd(t, section(t, box.port, folder='"Desk"')).start()
    connected(d)
    mails = [mail(subject="mail %d" % n) for n in range(5)]
    for m in mails:
        box.append("support", m, folder="Desk")
    cases_wait(d, 5)
    d.letters_wait(5)
    settled(box, n=5, folder="Desk")
    d.stop()
    time.sleep(1.1)                     # Dovecot makes UIDVALIDITY from the time in seconds
    for folder in ("Desk",):
        imap.delete(folder)
        imap.create(folder)
    for m in reversed(mails):
        box.append("support", m, folder="Desk")
    d.start()
    d.log_wait("mailbox=box uidvalidity=.* action=rescan status=ok")
    settled(box, n=5, folder="Desk")
    box.append("support", mail(subject="mail 5"), folder="Desk")
    cases_wait(d, 6)
    d.idle()
    imap.logout()
    assert subjects(d) == ["mail %d" % n for n in range(6)], subjects(d)
    assert len(d.letters()) == 6, [l["Subject"] for l in d.letters()]
    for c in d.cases()[:5]:
        assert whats(d, c["case"]).count("duplicate") == 1, d.entries(c["case"])
    d.restart()
    connected(d)
    d.idle()
    assert len(d.cases()) == 6 and len(d.letters()) == 6
    assert [whats(d, c["case"]).count("duplicate") for c in d.cases()] == [1] * 5 + [0]
    d.stop()


def test_uidvalidity_changes_while_connected(t):
    """The server renumbers behind our back and drops us."""
    class Renumbering(FakeImap):
        connections = ()

        def serve(self, conn):
            self.connections = tuple(self.connections) + (conn,)
            super().serve(conn)
    fake = server(t, kind=Renumbering)
    d = ticketd(t, section(t, fake.port)).start()
    connected(d)
    for uid in range(1, 6):
        put(fake, uid)
    d.restart()
    cases_wait(d, 5)
    wait_until(lambda: all("TicketdTaken" in f for f in fake.flags.values()), "the marks")
    time.sleep(1.1)
    fake.internaldate = imapdate()      # later than the first contact, in whole seconds
    fake.uidvalidity = 8
    fake.mails = {40 + uid: data for uid, data in fake.mails.items()}
    fake.mails[60] = mail(subject="mail 6")
    fake.flags = {uid: set() for uid in fake.mails}
    for conn in fake.connections:
        try:
            conn.shutdown(2)
        except OSError:
            pass
    cases_wait(d, 6, timeout=30)
    wait_until(lambda: all("TicketdTaken" in f for f in fake.flags.values()), "the marks")
    d.idle()
    assert subjects(d) == ["mail %d" % n for n in range(1, 7)]
    assert len(d.letters()) in (5, 6)   # what came below the new baseline is taken in silently
    d.stop()


# ---- several

def test_several_mailboxes_are_several_processes(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, "first"), section(t, box.port, "second", user='"second"')).start()
    connected(d, "first"), connected(d, "second")
    pids = d.role_pids("imap")
    assert len(set(pids)) == 2
    os.kill(role(d, "first")["pid"], 9)
    box.append("support", mail(subject="one"))
    box.append("second", mail(subject="two"))
    cases_wait(d, 2)
    assert role(d, "second")["pid"] in pids and role(d, "first")["pid"] not in pids
    settled(box, "support"), settled(box, "second")
    d.stop()


def test_one_mailbox_that_fails_holds_up_no_other(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, "wrong", password="not it"), section(t, box.port, "right", user='"second"')).start()
    connected(d, "right")
    box.append("second", mail(subject="two"))
    cases_wait(d, 1)
    assert not role(d, "wrong")["ok"]
    d.stop()


def test_two_mailboxes_of_a_desk_hold_the_same_mail(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, "first"), section(t, box.port, "second", user='"second"')).start()
    connected(d, "first"), connected(d, "second")
    for n in range(5):
        same = mail(subject="to both %d" % n)
        box.append("support", same)
        box.append("second", b"Received: from elsewhere by here; Tue, 10 Mar 2026 10:00:05 +0000\r\n" + same)
    cases_wait(d, 5)
    settled(box, "support", 5), settled(box, "second", 5)
    d.idle()
    assert subjects(d) == ["to both %d" % n for n in range(5)]
    assert len(d.letters()) == 5
    for c in d.cases():
        assert whats(d, c["case"]).count("duplicate") == 1, d.entries(c["case"])
    d.stop()
