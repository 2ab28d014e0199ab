# SPDX-License-Identifier: ISC
"""Roles that somebody has taken over (tests/evil/role.c in their place): core stays up and itself, mail that was promised is in the store once,
the store passes its check, no other role is hurt, and with the true role back everything goes on."""
import os
import shutil

from harness import mail, wait_until
from lmtp_client import LmtpError

EVIL_MAILS = int(os.environ.get("EVIL_MAILS", "40"))


def house(t, role):
    """A build folder of which one role is the evil one. The programs are copies: ticketd looks for its roles beside itself."""
    evil, new = os.path.join(t.build, "evil", "role"), t.path("build")
    if not os.access(evil, os.X_OK):
        t.skip("%s is not built (make unit)" % evil)
    for folder in ("sbin", "bin", "libexec/ticketd"):
        shutil.copytree(os.path.join(t.build, folder), os.path.join(new, folder))
    os.symlink(os.path.join(t.build, "share"), os.path.join(new, "share"))
    target = os.path.join(new, "libexec/ticketd", role)
    os.rename(target, target + ".true")
    shutil.copy(evil, target)
    return new


def redeem(d, role):
    """The true role stands in its place again; the daemon starts anew with it."""
    assert d.process.poll() is None, "core has died: %s" % d.log_tail(30)
    target = os.path.join(d.build, "libexec/ticketd", role)
    d.stop(within=20)
    os.replace(target + ".true", target)
    d.start()


def flood(d, n):
    """How many of n mails were taken; the others may be offered again, as every sender would."""
    taken = 0
    for i in range(n):
        try:
            taken += d.lmtp_send(mail(subject="Mail %d" % i, sender="u%d@customer.example" % i)) == 250
        except (OSError, LmtpError):
            break                       # a worker that always dies rests longer and longer, and so do those who wait for it
    return taken


def test_an_evil_parse_worker(t):
    d = t.ticketd(build=house(t, "parse"), limits={"parse-timeout": '"2s"', "parse-workers": "2"}, desk={"acknowledge": "true"})
    d.expect_trouble = True
    d.start()
    taken = flood(d, EVIL_MAILS)
    assert taken > 5, "mails are taken, read or not: %d" % taken
    assert d.log_find(r"evil\[\d+\]: ") and d.process.poll() is None
    redeem(d, "parse")
    before = len(d.cases())
    assert d.lmtp_send(mail(subject="a good one", sender="good@elsewhere.example")) == 250
    wait_until(lambda: len(d.cases()) > before, "a case of the true worker", 60)


def test_an_evil_composer(t):
    d = t.ticketd(build=house(t, "compose"))
    d.expect_trouble = True
    d.start()
    assert flood(d, 15) == 15
    wait_until(lambda: d.log_find(r"evil\[\d+\]: a letter of its own"), "a deed", 60)
    wait_until(lambda: d.log_find(r"gave (lines that are none|no usable answer)"), "a refusal", 60)
    for x in d.letters():
        assert b"victim" not in bytes(x), "lines that are none went out: %r" % bytes(x)[:300]
    redeem(d, "compose")
    assert d.lmtp_send(mail(subject="a good one", sender="good@elsewhere.example")) == 250
    wait_until(lambda: any("good@elsewhere.example" in str(x["To"]) for x in d.letters("ack")), "an acknowledgement", 90)


def test_an_evil_lane_to_the_relay(t):
    d = t.ticketd(build=house(t, "drop"))
    d.expect_trouble = True
    d.start()
    assert flood(d, EVIL_MAILS) == EVIL_MAILS
    wait_until(lambda: d.log_find(r"evil\[\d+\]: an outcome"), "a deed", 60)
    assert len(d.cases()) == EVIL_MAILS
    redeem(d, "drop")
    assert d.lmtp_send(mail(subject="a good one", sender="good@elsewhere.example")) == 250
    wait_until(lambda: any("good@elsewhere.example" in str(x["To"]) for x in d.letters("ack")), "an acknowledgement", 90)


def test_an_evil_mailbox(t):
    secret = t.path("password")
    with open(secret, "w", encoding="utf-8") as f:
        f.write("x")
    os.chmod(secret, 0o600)
    more = 'imap "box" { desk = "support" host = "127.0.0.1" port = 9 tls = "none" auth = "login" user = "u" password = "%s" start = "all" }\n' % secret
    d = t.ticketd(build=house(t, "imap"), more=more)
    d.expect_trouble = True
    d.start(ready=False)
    d.note_wait(r"^READY=1", 60)
    for i in range(EVIL_MAILS):
        assert d.lmtp_send(mail(subject="Mail %d" % i, sender="v%d@customer.example" % i)) == 250
    wait_until(lambda: d.log_find(r"evil\[\d+\]: an offer"), "a deed", 60)
    d.idle()
    good = [c for c in d.cases() if c["subject"].startswith("Mail ")]
    assert len(good) == EVIL_MAILS, "mail that came the good way: %d" % len(good)
    assert len({c["subject"] for c in good}) == EVIL_MAILS
