# SPDX-License-Identifier: ISC
"""What the IMAP scenarios share: a private Dovecot that ends with the test, and a ticketd that knows mailboxes and no other intake."""
import os
import re
import time

from dovecot import Dovecot
from fake_imap import FakeImap
from harness import free_port, mail, wait_until


PLENTY = "{ %s }" % " ".join("%s-%s = 100000" % (who, when) for who in ("recipient", "domain", "all") for when in ("hour", "day"))


def secret(t, name, text):
    """The path of a file that ticketd takes a secret from."""
    path = t.path(name)
    with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(text + "\n")
    return path


def dovecot(t, name="dovecot", users=("support", "second"), kind=Dovecot):
    if not os.path.exists("/usr/sbin/dovecot"):
        t.skip("Dovecot is not installed")
    os.makedirs(t.path(name))
    box = kind(t.path(name), free_port(), free_port(), users)
    t.cleanup(box.close)
    return box


def imapdate():
    return time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime())


def fake(t, mode="good", mails=0, kind=FakeImap):
    """A FakeImap whose mails have arrived just now."""
    server = kind(mode, 0)
    server.internaldate = imapdate()
    for n in range(1, mails + 1):
        put(server, n)
    t.cleanup(server.close)
    return server


def put(server, uid, data=None):
    """A mail into a FakeImap, which announces nothing."""
    server.mails[uid] = data or mail(subject="mail %d" % uid)
    server.flags[uid] = set()


def section(t, port, name="box", password=Dovecot.password, **settings):
    """One imap section, plain to loopback and started on everything unless it says otherwise; values raw, None leaves a setting out."""
    s = {"desk": '"support"', "host": '"127.0.0.1"', "port": port, "tls": '"none"', "user": '"support"', "start": '"new"'}
    if password is not None:
        s["password"] = '"%s"' % secret(t, "password-" + name, password)
    s.update((k.replace("_", "-"), v) for k, v in settings.items())
    return 'imap "%s" {\n%s}\n' % (name, "".join("    %s = %s\n" % (k, v) for k, v in s.items() if v is not None))


def ticketd(t, *sections, name="d", more="", **pieces):
    """Not started yet: letters into d.outbox, mail from these mailboxes alone."""
    pieces.setdefault("lmtp", {"listen": None})
    pieces.setdefault("maildir", {"path": None})
    pieces.setdefault("desk", {}).setdefault("budget", PLENTY)
    return t.ticketd(name, more="".join(sections) + more, **pieces)


def role(d, name="box", kind="imap"):
    """What status says of this role."""
    return next(r for r in d.roles() if r["role"] == kind and r["name"] == name)


def connected(d, name="box", timeout=15):
    """Waits until the mailbox is open; answers the words of status."""
    return wait_until(lambda: (lambda r: r["said"] if r["ok"] and r["said"].startswith("connected") else None)(role(d, name)),
                      lambda: "the mailbox: %r" % role(d, name), timeout)


def refused(d, pattern, name="box", timeout=15):
    """Waits until status says that it does not work, and why; answers the words."""
    return wait_until(lambda: (lambda r: r["said"] if not r["ok"] and re.search(pattern, r["said"]) else None)(role(d, name)),
                      lambda: "status to say %r: %r" % (pattern, role(d, name)), timeout)


def cases_wait(d, n, timeout=15):
    """Waits for n cases; answers them. More than that is a failure of the caller's next line."""
    return wait_until(lambda: (lambda c: c if len(c) >= n else None)(d.cases()), "%d cases" % n, timeout)


def settled(box, user="support", n=1, keyword="TicketdTaken", folder="INBOX", timeout=15):
    """Waits until n mails of the folder carry \\Seen and the keyword; answers {uid: flags} of the folder."""
    def look():
        flags = box.flags(user, folder)
        return flags if sum("\\Seen" in f and keyword in f for f in flags.values()) >= n else None
    return wait_until(look, lambda: "%d marked mails: %r" % (n, box.flags(user, folder)), timeout)
