# SPDX-License-Identifier: ISC
"""Ends of every kind: the same cases afterwards, nothing lost, nothing done twice."""
import os
import re
import signal
import threading
import time

from harness import SLOW, mail, message_id_of, wait_until

# everybody his own sender and domain and a budget that silences nobody: each mail has its one acknowledgement
NO_BUDGET = {"budget": "{ recipient-hour = 100000  recipient-day = 100000  domain-hour = 100000  domain-day = 100000  all-hour = 100000  all-day = 100000 }"}


def mails(n, pad=0):
    return [mail(subject="mail number %d" % k, text="This is %d.\n" % k + "x" * pad + "\n") for k in range(n)]


class Copies:
    """Watches the outbox: every file that ever stands in it, by Message-ID, so that a second transmission is compared."""

    def __init__(self, daemon):
        self.folder, self.seen, self.twice, self.stopped = os.path.join(daemon.outbox, "new"), {}, [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        known = {}
        while not self.stopped.is_set():
            for entry in os.scandir(self.folder):
                stamp = (entry.inode(), entry.stat().st_mtime_ns)
                if known.get(entry.name) != stamp:
                    with open(entry.path, "rb") as f:
                        data = f.read()
                    if entry.name in known and data != self.seen[entry.name]:
                        self.twice.append(entry.name)
                    known[entry.name], self.seen[entry.name] = stamp, data
            self.stopped.wait(0.05)

    def check(self):
        self.stopped.set()
        self.thread.join()
        assert not self.twice, "transmitted again with other bytes: %r" % self.twice


def everything_once(d, sent, timeout=60):
    """Every mail is exactly one case with one acknowledgement; answers the cases."""
    d.idle(timeout)
    cases = d.cases()
    subjects = sorted(c["subject"] for c in cases)
    wanted = sorted(re.search(rb"(?m)^Subject: (.*?)\r", m).group(1).decode() for m in sent)
    lost, doubled = set(wanted) - set(subjects), sorted({s for s in subjects if subjects.count(s) > 1})
    assert subjects == wanted, "lost: %r, doubled: %r" % (sorted(lost), doubled)
    letters = d.letters("ack")
    answered = sorted(l["In-Reply-To"].strip("<>") for l in letters)
    assert answered == sorted(message_id_of(m) for m in sent), "%d acknowledgements for %d mails, %d different; failures in the log:\n%s" % (
        len(answered), len(sent), len(set(answered)), "\n".join(d.log_find("status=(failed|alarm|set-aside|restarting)")))
    ids = [l["Message-ID"] for l in letters]
    assert len(set(ids)) == len(ids) and sorted(l["X-Ticketd-Case"] for l in letters) == sorted(c["case"] for c in cases)
    assert len(d.letters()) == len(letters), "letters that nobody needed"
    return cases


def test_a_restart_keeps_cases_and_sends_no_second_letter(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    sent = mails(20)
    d.lmtp_flood(sent).finish()
    before = everything_once(d, sent)
    raw = {l.path: l.raw for l in d.letters()}
    journal = d.show(before[7]["case"])
    d.restart()
    assert everything_once(d, sent) == before and d.show(before[7]["case"]) == journal
    assert {l.path: l.raw for l in d.letters()} == raw and not d.log_find("careful-mode")
    assert d.lmtp_send(mail(subject="Re: [%s]" % before[7]["case"])) == 250
    d.idle()
    assert len(d.cases()) == 20 and len(d.entries(before[7]["case"], "appended")) == 1
    number = int(before[-1]["case"].split("-")[1])
    assert d.lmtp_send(mail(subject="one more")) == 250
    d.idle()
    assert int(d.cases()[-1]["case"].split("-")[1]) == number + 1


def test_letters_that_waited_at_the_stop_are_sent_after_the_start_once(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    for pid in d.role_pids("drop"):
        os.kill(pid, signal.SIGSTOP)            # the relay hangs
    sent = mails(10)
    d.lmtp_flood(sent).finish()
    d.stop()
    assert d.letters() == []
    d.start()
    everything_once(d, sent)


def test_kill_9_of_core_under_load_loses_and_doubles_nothing(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    copies, sent = Copies(d), mails(300)
    flood = d.lmtp_flood(sent, connections=4)
    for n in (60, 150, 230):
        flood.wait_for(n)
        d.kill()
        d.start(ready=False)
        d.note_wait("READY=1")
        d.log_wait("careful-mode")
        assert d.status()["daemon"]["careful"] or flood.done > 200
    flood.finish()
    everything_once(d, sent)
    copies.check()
    d.stop()
    d.start()
    assert not d.log_find("careful-mode"), "a clean end is followed by careful mode"
    everything_once(d, sent)


def test_kill_9_of_core_at_many_moments_with_maildir_mail(t):
    d = t.ticketd(desk=NO_BUDGET)
    copies, sent = Copies(d), mails(120)
    for m in sent:
        d.maildir_put(m)
    for pause in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        d.start(ready=False)
        d.note_wait("READY=1")
        time.sleep(pause)                       # no event to wait for: the moments are the test
        d.kill()
    d.start()
    wait_until(lambda: not os.listdir(os.path.join(d.inbox, "new")), "all files to be moved", 60)
    everything_once(d, sent)
    copies.check()


def test_the_store_is_the_same_after_sigterm_under_load(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    copies, sent = Copies(d), mails(400, pad=2000)
    flood = d.lmtp_flood(sent, connections=6)
    for n in (100, 250):
        flood.wait_for(n)
        d.stop()                                # within 2 s and with exit 0, says stop()
        d.start(ready=False)
        d.note_wait("READY=1")
    flood.finish()
    everything_once(d, sent)
    copies.check()
    assert not d.log_find("careful-mode")


def kill_role(t, role, n=1000, **pieces):
    """kill -9 of every process of a role, three times while mails arrive; it is back within a second."""
    d = t.ticketd(desk=NO_BUDGET, **pieces).start()
    copies, sent = Copies(d), mails(n)
    flood = d.lmtp_flood(sent, connections=6)
    took = []
    for k in (1, 2, 3):
        flood.wait_for(k * n // 5)
        old = d.role_pids(role)
        assert old, "no process of role " + role
        at = time.monotonic()
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: (lambda now: len(now) >= len(old) and not set(now) & set(old))(
            [r["pid"] for r in d.roles() if r["role"] == role and r["state"] == "running"]), "role %s to be back" % role, 5, step=0.01)
        took.append(time.monotonic() - at)
    flood.finish()
    # what a killed lane had in hand has an unknown outcome and is sent again after a minute
    everything_once(d, sent, 120 if role == "drop" else 60)
    copies.check()
    assert max(took) <= 1.0 * SLOW, "back after %s s" % ", ".join("%.2f" % x for x in took)
    assert len(d.log_find("role=%s .*signal 9" % role)) >= 3
    d.stop()


def test_kill_9_of_parse_while_a_thousand_mails_arrive(t):
    kill_role(t, "parse")


def test_kill_9_of_compose_while_a_thousand_mails_arrive(t):
    kill_role(t, "compose")


def test_kill_9_of_lmtp_while_a_thousand_mails_arrive(t):
    kill_role(t, "lmtp")


def test_kill_9_of_drop_while_a_thousand_mails_arrive(t):  # at most 240 s
    kill_role(t, "drop")


def test_kill_9_of_maildir_while_a_thousand_mails_arrive(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    copies, sent = Copies(d), mails(1000)
    flood = d.lmtp_flood(sent[:500], connections=3)
    for k, m in enumerate(sent[500:]):
        d.maildir_put(m)
        if k in (100, 250, 400):
            (old,) = d.role_pids("maildir")
            os.kill(old, signal.SIGKILL)
            wait_until(lambda: any(r["role"] == "maildir" and r["state"] == "running" and r["pid"] != old for r in d.roles()), "maildir to be back", 1)
    flood.finish()
    wait_until(lambda: not os.listdir(os.path.join(d.inbox, "new")), "all files to be moved", 60)
    everything_once(d, sent)
    copies.check()


def test_kill_9_of_readers_while_a_thousand_mails_arrive(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    sent = mails(1000)
    flood = d.lmtp_flood(sent, connections=6)
    core, killed = d.process.pid, 0
    while flood.done < 800:
        import subprocess
        asker = subprocess.Popen([d.program("ticketctl"), "--config", d.conf, "--json", "list", "--all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while asker.poll() is None:
            for pid in map(int, open("/proc/%d/task/%d/children" % (core, core)).read().split()):
                try:
                    if open("/proc/%d/cmdline" % pid).read().startswith("ticketd: reader"):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
                except OSError:
                    pass
        asker.wait()
    assert killed > 0
    flood.finish()
    everything_once(d, sent)


def test_a_role_that_dies_at_once_each_time_is_throttled_and_named(t):
    """The outbox is a file: the lane cannot open it. Core goes on, mail is taken, status names the lane; once repaired all is sent."""
    import shutil
    d = t.ticketd(desk=NO_BUDGET)
    shutil.rmtree(d.outbox)
    with open(d.outbox, "w"):
        pass
    d.start(ready=False)
    d.note_wait("READY=1")
    d.log_wait(r"role=drop name=box action=ended .* restart_ms=[48]00 ")
    assert d.lmtp_send(mail()) == 250
    (lane,) = [r for r in d.roles() if r["role"] == "drop"]
    assert lane["restarts"] >= 3
    os.unlink(d.outbox)
    for sub in ("tmp", "new", "cur"):
        os.makedirs(os.path.join(d.outbox, sub))
    d.letters_wait(1, timeout=20)
    d.idle()
    assert len(d.letters()) == 1
