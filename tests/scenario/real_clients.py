# SPDX-License-Identifier: ISC
"""mutt, neomutt and s-nail as people use them, without a person: mailboxes in a Dovecot, submission to a Postfix, ticketd behind it.

    o = Office(t, people={"ann": "ann@customer.example", "liz": "liz@staff.example"})
    o.client("mutt", "ann").write("support@desk.example", "It is broken", "The words.")
    ack = o.wait("ann", kind="ack")
    o.client("mutt", "ann").reply(ack, "Thanks.")               # also everybody=True; forward(letter, to, words), bounce(letter, to)

mutt and neomutt run on a pseudo-terminal with their keys pushed, s-nail in its batch mode. Each call waits for the program's end.
"""
import email
import email.policy
import fcntl
import imaplib
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import postfix
from dovecot import Dovecot
from harness import SLOW, free_port, wait_until
from relay_box import PLENTY

DESK = "support@desk.example"
PROGRAMS = {"mutt": "mutt", "neomutt": "neomutt", "s-nail": "s-nail"}


def ended(argv, words, env):
    """Runs a program to its end, with whatever it starts: after a minute all of them are killed, and what they said is told."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, start_new_session=True) as p:
        try:
            out, err = p.communicate(words, timeout=60 * SLOW)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, err = p.communicate()
            raise AssertionError("%s did not end: %r" % (argv[0], (out + err)[-3000:])) from None
    return subprocess.CompletedProcess(argv, p.returncode, out, err)


class Office:
    def __init__(self, t, people, staff=()):
        """people: name of the mailbox: address. The server in front says of each that the address is proven, as a real one does."""
        why = postfix.available() or (None if shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin") else "Dovecot is not installed")
        if why:
            t.skip(why)
        self.t, self.people = t, people
        self.box = Dovecot(port=free_port(), tls_port=free_port(), users=tuple(people))
        t.cleanup(self.box.close)
        extra = "\n    ".join('person "%s" { label = "%s" }' % (people[s], s.title()) for s in staff)
        self.d = t.ticketd(desk={"address": '{ "%s" }' % DESK, "budget": PLENTY, "reply-address": '"plus"', "authserv": '{ "mx.desk.example" }', "recall": '"0s"', "staff": None,
                                 'person "%s" ' % people[staff[0]] if staff else "person": None})
        front = free_port()
        self.front = postfix.Postfix(lmtp="inet:127.0.0.1:%d" % self.d.port, relay_port=free_port(), accept_port=front, extra="""
transport_maps = inline:{ { desk.example = lmtp:inet:127.0.0.1:%d } }
relay_domains = desk.example
virtual_mailbox_domains = inline:{ %s }
virtual_mailbox_base = %s
virtual_mailbox_maps = inline:{ %s }
recipient_delimiter =
smtpd_sender_restrictions = check_sender_access inline:{ %s }
""" % (
            self.d.port, ", ".join("{ %s = here }" % x for x in sorted({a.partition("@")[2] for a in people.values()})), os.path.join(self.box.dir, "mail"), ", ".join("{ %s = %s/ }" % (a, n) for n, a in people.items()),
            ", ".join("{ %s = PREPEND Authentication-Results: mx.desk.example; dmarc=pass header.from=%s }" % (a, a.partition("@")[2]) for a in people.values())))
        t.cleanup(self.front.stop)
        self.front.start()
        queue = 'queue "desk" { staff = { %s } }\n' % ", ".join('"%s"' % people[s] for s in staff) if staff else ""
        desk = dict(self.d.settings["desk"])
        self.d.configure(desk=desk, lmtp={"trust-auth": "true"},
                         relay={"transport": '"smtp"', "path": None, "host": '"127.0.0.1"', "port": front, "tls": '"none"', "auth": '"none"'})
        with open(self.d.conf, encoding="utf-8") as f:
            text = f.read()
        with open(self.d.conf, "w", encoding="utf-8") as f:
            f.write(text.replace('desk "support" {\n', 'desk "support" {\n    ' + extra + "\n    " + queue, 1))
        self.d.start()

    def mails(self, name):
        """What is in a mailbox, in the order of its coming."""
        for attempt in range(3):        # a busy machine keeps Dovecot waiting now and then
            try:
                imap = self.box.login(name)
                imap.select("INBOX", readonly=True)
                _, numbers = imap.search(None, "ALL")
                out = []
                for n in numbers[0].split():
                    _, parts = imap.fetch(n, "(BODY.PEEK[])")
                    out.append(email.message_from_bytes(parts[0][1], policy=email.policy.default))
                imap.logout()
                return out
            except (OSError, imaplib.IMAP4.abort):
                if attempt == 2:
                    raise

    def wait(self, name, kind=None, count=1, test=lambda m: True):
        """The count-th mail of that kind in the mailbox, once it is there."""
        def there():
            found = [m for m in self.mails(name) if (kind is None or m["X-Ticketd-Kind"] == kind) and test(m)]
            return found[count - 1] if len(found) >= count else None
        return wait_until(there, lambda: "%s number %d for %s; there are %r; %s" % (
            kind, count, name, [(m["X-Ticketd-Kind"], str(m["Subject"])) for m in self.mails(name)], self.front.log()[-1500:]), 40, 0.2)

    def put(self, name, data):
        """A mail that reached the mailbox on another way."""
        self.box.append(name, data)

    def client(self, program, name):
        if shutil.which(PROGRAMS[program]) is None:
            self.t.skip(program + " is not installed")
        return {"mutt": Mutt, "neomutt": Mutt, "s-nail": Snail}[program](self, program, name)


class Program:
    def __init__(self, office, program, name):
        self.o, self.program, self.name = office, program, name
        self.home = office.t.path("home-%s-%s" % (program, name))
        os.makedirs(self.home, exist_ok=True)
        self.env = {"HOME": self.home, "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TERM": "vt100", "LC_ALL": "C.UTF-8", "USER": name, "LOGNAME": name, "EMAIL": self.address}
        if program == "s-nail":
            del self.env["USER"], self.env["LOGNAME"]           # it compares them with who runs it

    @property
    def address(self):
        return self.o.people[self.name]

    def file(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path


    def editor(self):
        """Writes the words above what is there."""
        return self.file("editor", '#!/bin/sh\ncat "$HOME/words" "$1" > "$HOME/both" && cat "$HOME/both" > "$1"\n', 0o700)


class Mutt(Program):
    def settings(self):
        return self.file("rc", "\n".join("set " + s for s in (
            'from="%s"' % self.address, 'realname="%s"' % self.name.title(), "use_from=yes", "use_domain=no", 'smtp_url="smtp://127.0.0.1:%d"' % self.o.front.accept_port,
            'folder="imap://127.0.0.1:%d/"' % self.o.box.port, 'spoolfile="+INBOX"', 'imap_user="%s"' % self.name, 'imap_pass="%s"' % self.o.box.password,
            "ssl_starttls=no", "ssl_force_tls=no", 'record=""', "copy=no", "fast_reply=yes", "include=yes", 'editor="%s"' % self.editor(), "autoedit=no", "abort_unmodified=no", "abort_nosubject=no",
            "postpone=no", "recall=no", "bounce=yes", "sleep_time=0", "quit=yes", "delete=no", "mime_forward=no", "beep=no", "wait_key=no", "reply_to=yes", "honor_followup_to=yes",
            "mark_old=no", 'header_cache=""', "hostname=%s" % self.address.partition("@")[2])) + "\n")

    def write(self, to, subject, words):
        done = ended([self.program, "-n", "-F", self.settings(), "-s", subject, "--", to], words.encode(), self.env)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)

    def keys(self, letter, push, words=""):
        self.file("words", words)
        where = str(letter["Message-ID"]).strip("<>")
        push = "<limit>~i %s<enter><first-entry>%s<exit>" % (where, push)
        pid, master = pty.fork()
        if pid == 0:
            os.execvpe(self.program, [self.program, "-n", "-F", self.settings(), "-e", "push '%s'" % push], self.env)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        screen, end = b"", time.monotonic() + 60 * SLOW
        try:
            while time.monotonic() < end:
                if select.select([master], [], [], 0.2)[0]:
                    try:
                        data = os.read(master, 65536)
                    except OSError:
                        data = b""
                    if not data:
                        break
                    screen += data
            else:
                raise AssertionError("%s did not end: %r" % (self.program, screen[-3000:]))
        finally:
            os.close(master)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            _, status = os.waitpid(pid, 0)
        self.screen = screen

    def reply(self, letter, words, everybody=False):
        self.keys(letter, "<group-reply><send-message>" if everybody else "<reply><send-message>", words + "\n\n")

    def forward(self, letter, to, words):
        self.keys(letter, "<forward-message>%s<enter><send-message>" % to, words + "\n\n")

    def bounce(self, letter, to):
        self.keys(letter, "<bounce-message>%s<enter>" % to)


class Snail(Program):
    def run(self, script, mailbox=True):
        rc = self.file("rc", "\n".join("set " + s for s in (
            "v15-compat=y", "from=%s" % self.address, "mta=smtp://127.0.0.1:%d" % self.o.front.accept_port, "smtp-auth=none", "quote", "indentprefix='> '", "sendwait", "noheader", "record=",
            "imap-auth=login", "nosave", "hostname=%s" % self.address.partition("@")[2], "ttycharset=utf-8", "reply-in-same-charset=no", "noasksend")) + "\nunset record save\n")
        argv = [self.program, "-:/", "-#", "-X", "source %s" % rc]
        if mailbox:
            argv += ["-f", "imap://%s:%s@127.0.0.1:%d/INBOX" % (self.name, self.o.box.password.replace(" ", "%20"), self.o.box.port)]
        done = ended(argv, script.encode(), self.env)
        self.screen = done.stdout + done.stderr
        return done

    def number(self, letter):
        """s-nail counts mails from 1 as they stand in the mailbox."""
        ids = [str(m["Message-ID"]) for m in self.o.mails(self.name)]
        return ids.index(str(letter["Message-ID"])) + 1

    def write(self, to, subject, words):
        done = self.run("mail %s\n~s %s\n%s\n~.\n" % (to, subject, words), mailbox=False)
        assert done.returncode == 0, self.screen

    def reply(self, letter, words, everybody=False):
        done = self.run("%s %d\n%s\n~.\nxit\n" % ("reply" if everybody else "Reply", self.number(letter), words))
        assert done.returncode == 0, self.screen

    def forward(self, letter, to, words):
        """What is typed comes below the forwarded mail; this is its way of putting words above."""
        head = "set forward-inject-head=$'%s\\n\\n-------- Original Message --------\\n'" % words
        done = self.run("%s\nforward %d %s\n~.\nxit\n" % (head, self.number(letter), to))
        assert done.returncode == 0, self.screen

    def bounce(self, letter, to):
        done = self.run("resend %d %s\nxit\n" % (self.number(letter), to))
        assert done.returncode == 0, self.screen
