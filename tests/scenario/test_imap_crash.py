# SPDX-License-Identifier: ISC
"""Mail from a real server while processes are killed: nothing is lost, nothing is doubled. And large mail."""
import base64
import os
import re
import signal
import threading
import time

from harness import SLOW, mail, wait_until
from imap_box import cases_wait, connected, dovecot, role, section, settled, ticketd

MAILS = 500


class Arrival(threading.Thread):
    """Mails that come in portions into the folder, over about five seconds."""
    def __init__(self, box, count=MAILS):
        super().__init__(daemon=True)
        self.box, self.count = box, count
        self.start()

    def run(self):
        for _ in range(10):
            self.box.deliver("support", self.count // 10, 2000)
            time.sleep(0.4)


def nothing_lost_nothing_doubled(d, box, count=MAILS):
    wait_until(lambda: len(d.cases()) >= count, lambda: "%d cases: %d" % (count, len(d.cases())), 45, 0.3)
    d.idle(60)
    cases = d.cases()
    assert sorted(int(c["subject"].split()[1]) for c in cases) == list(range(1, count + 1))
    letters = d.letters("ack")
    assert len(letters) == count and len({l["To"] for l in letters}) == count and len({l["Message-ID"] for l in letters}) == count
    assert {l["X-Ticketd-Case"] for l in letters} == {c["case"] for c in cases}
    settled(box, n=count, timeout=30)
    assert len(d.letters()) == count
    with open(os.path.join(d.dir, "log"), encoding="utf-8", errors="replace") as f:
        strange = [line for line in f if re.search("set-aside|status=alarm|action=duplicate|unparsed", line)]
    assert not strange, strange[:5]


def test_imap_role_is_killed_while_mail_arrives(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port)).start()
    connected(d)
    arrival, kills = Arrival(box), 0
    seen = set()
    while arrival.is_alive() or kills < 5:
        pid = role(d)["pid"]
        if pid > 0 and pid not in seen and d.log_find("action=open"):
            seen.add(pid)
            os.kill(pid, signal.SIGKILL)
            kills += 1
        time.sleep(0.15)
    arrival.join()
    nothing_lost_nothing_doubled(d, box)
    assert kills >= 5
    d.stop()


def test_core_is_killed_while_mail_arrives(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port)).start()
    connected(d)
    arrival = Arrival(box)
    for _ in range(4):
        wait_until(lambda: len(d.log_find("action=open")) >= 20, "some mails to be taken", 30, 0.01)
        d.kill()
        d.start()
    arrival.join()
    nothing_lost_nothing_doubled(d, box)
    d.stop()


def test_composers_are_killed_while_mail_arrives(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port)).start()
    connected(d)
    arrival = Arrival(box)
    while arrival.is_alive():
        for pid in d.role_pids("compose")[:1]:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
    nothing_lost_nothing_doubled(d, box)
    d.stop()


def test_a_mail_of_fifty_mebibytes(t):
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, command_timeout='"30s"'), limits={"parse-mail": '"64MiB"'}).start()
    connected(d)
    content = os.urandom(37 << 20)
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    big = mail(subject="a large one", text="see below\n", headers={"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="=_b"'})
    head, _, text = big.partition(b"\r\n\r\n")
    big = (head + b"\r\n\r\n--=_b\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n--=_b\r\nContent-Type: application/octet-stream; name=big.bin\r\n"
           b"Content-Disposition: attachment; filename=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines + b"--=_b--\r\n")
    assert len(big) > 50 << 20
    box.append("support", mail(subject="before"))
    box.append("support", big)
    box.append("support", mail(subject="after"))
    cases_wait(d, 3, 50)
    settled(box, n=3)
    number = next(c["case"] for c in d.cases() if c["subject"] == "a large one")
    entry = d.entries(number, "opened")[0]
    assert [(a["name"], a["size"]) for a in entry["attachments"]] == [("big.bin", len(content))]
    assert "see below" in entry["text"]
    d.idle()
    assert len(d.letters("ack")) == 3
    with open("/proc/%d/status" % role(d)["pid"], encoding="ascii") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    assert peak < 60000 * SLOW * SLOW, "the role keeps slices, not mails: %d kB" % peak
    d.stop()
