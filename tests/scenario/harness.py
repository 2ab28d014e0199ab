# SPDX-License-Identifier: ISC
"""What scenario tests stand on: a ticketd of their own in a directory of their own, and what a test asks of it.

A test is a function test_NAME(t) in tests/scenario/test_*.py; t is a Scenario: t.dir (empty, removed afterwards), t.build,
t.skip(why), t.cleanup(function). tests/run runs each in a process of its own with a time-out and leaves no process behind.

    def test_one_mail_is_one_case(t):
        d = t.ticketd(desk={"prefix": '"ABC"'}).start()         # any setting: a dict of raw configuration text, None removes it
        assert d.lmtp_send(mail(subject="printer")) == 250
        letter = d.letters_wait(1)[0]                           # email.message.EmailMessage, policy default
        assert d.cases()[0]["state"] == "new"

Ticketd is configured with LMTP on d.port and on d.socket, a watched Maildir d.inbox, a Maildir d.outbox for letters, one
desk "support" (support@example.com, alarms to boss@example.com), a calendar that is always open, state in d.state. Whole
other configurations: t.ticketd(text="..."). start(), stop() (SIGTERM: within 2 s, exit 0), kill(), restart(), reload(),
log_wait(regex), status(), cases(), show(number), role_pids(role), letters(), wait_until(predicate, what).
At the end of every test the log of each daemon is searched for sanitizer reports and our own bugs.
"""
import email
import email.policy
import itertools
import json
import os
import pwd
import queue
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lmtp_client import Lmtp, LmtpError  # noqa: E402  (tests import them from here)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("TICKETD_BUILD", os.path.join(ROOT, "build", "plain")))
SANITIZED = "asan" in os.path.basename(BUILD) or "tsan" in os.path.basename(BUILD)
SLOW = float(os.environ.get("TICKETD_SLOW", "3" if SANITIZED else "1"))     # factor for waits on slow builds and machines
TROUBLE = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|runtime error: |: panic: |\bbug at\b")


class Skip(Exception):
    """This test cannot run here; the text says why."""


# ---- ports: outside the range from which the kernel hands out its own, and locked by an abstract socket until we end

_locks = []


def free_port():
    numbers = random.SystemRandom()
    for _ in range(1000):
        port = numbers.randrange(12000, 32000)
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lock.bind("\0ticketd-test-port-%d" % port)
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", port))
            _locks.append(lock)
            return port
        except OSError:
            lock.close()
    raise RuntimeError("no free port")


# ---- waiting

def wait_until(predicate, what="it", timeout=15, step=0.05):
    """The first true answer of the predicate; AssertionError when none comes in time."""
    end = time.monotonic() + timeout * SLOW
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s in vain; last: %r" % (timeout * SLOW, what() if callable(what) else what, answer))
        time.sleep(step)


# ---- mails

_numbers = itertools.count(1)


def mail(subject="The printer does not print", text="It says PC LOAD LETTER.\n", sender="Ann Customer <ann@customer.example>",
         to="support@example.com", message_id=None, headers=None, date="Tue, 10 Mar 2026 10:00:00 +0000", **more):
    """The bytes of a plain mail. headers: a dict or a list of pairs; keywords like in_reply_to become fields too; None leaves out."""
    number = next(_numbers)
    fields = [("From", sender), ("To", to), ("Subject", subject), ("Date", date),
              ("Message-ID", message_id or "<%d.%d@customer.example>" % (number, os.getpid()))]
    fields += list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    fields += [(k.replace("_", "-").title(), v) for k, v in more.items()]
    head = "".join("%s: %s\r\n" % (k, v) for k, v in fields if v is not None)
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def message_id_of(data):
    return re.search(rb"(?im)^message-id:\s*<([^>]*)>", data).group(1).decode()


def body_of(letter, kind="plain"):
    return letter.get_body((kind,)).get_content()


# ---- the daemon

DEFAULTS = {
    "top": {"state-directory": '"state"', "control": '"control"', "hostname": '"mail.example.com"'},
    "limits": {"free-space": '"1MiB"'},
    "relay": {"transport": '"maildir"', "path": '"outbox"', "envelope": '"plain"'},
    "desk": {"address": '{ "support@example.com", "help@example.com" }', "from-name": '"Example Support"', "prefix": '"CAS"', "relay": '"box"',
             "calendar": '"always"', "alarm-to": '"boss@example.com"',
             "priority \"normal\"": '{ default = true  clock "respond" { target = "8h"  escalate = { "0m boss@example.com" } } }'},
    "maildir": {"path": '"inbox"'},
}


def _render(settings, indent="    "):
    lines = []
    for key, value in settings.items():
        if value is not None:
            section = '"' in key or key == "budget"
            lines.append("%s%s %s%s" % (indent, key, "" if section else "= ", value))
    return "\n".join(lines) + "\n"


def _as_user(uid):
    """For subprocess: as this user and in his own group alone."""
    return {} if uid is None else {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


class Ticketd:
    def __init__(self, directory, text=None, top=None, limits=None, relay=None, desk=None, lmtp=None, maildir=None, more="", build=BUILD,
                 user=None):
        self.dir, self.build, self.user = directory, build, user
        os.makedirs(directory, exist_ok=True)
        self.conf = os.path.join(directory, "ticketd.conf")
        self.inbox, self.outbox, self.state = (os.path.join(directory, n) for n in ("inbox", "outbox", "state"))
        self.socket, self.port = os.path.join(directory, "lmtp"), free_port()
        for folder in (self.inbox, self.outbox):
            for sub in ("tmp", "new", "cur"):
                os.makedirs(os.path.join(folder, sub), exist_ok=True)
        self.settings = {"top": top, "limits": limits, "relay": relay, "desk": desk, "lmtp": lmtp, "maildir": maildir, "more": more}
        self.configure(text)
        self.process, self.lines, self.notes = None, [], []
        self.changed = threading.Condition()
        self.expect_trouble = False             # a test that provokes bug() says so
        self.expect_damage = False              # a test that breaks the store on purpose says so, too
        self.environment, self.pass_fds = {}, ()

    # ---- configuration
    def configure(self, text=None, **pieces):
        """Writes the configuration; pieces replace those of before. It counts after start() or reload()."""
        self.settings.update(pieces)
        if text is None:
            s = {k: dict(v, **(self.settings[k] or {})) for k, v in DEFAULTS.items()}
            s["lmtp"] = dict({"listen": '{ "127.0.0.1:%d", "%s" }' % (self.port, self.socket)}, **(self.settings["lmtp"] or {}))
            text = _render(s["top"], "") + "limits {\n" + _render(s["limits"]) + "}\n"
            text += 'calendar "always" {\n    zone = "UTC"\n    open = { "Mon-Sun 00:00-24:00" }\n}\n'
            text += 'relay "box" {\n' + _render(s["relay"]) + '}\ndesk "support" {\n' + _render(s["desk"]) + "}\n"
            if s["lmtp"]["listen"] is not None:
                text += 'lmtp "in" {\n' + _render(s["lmtp"]) + "}\n"
            if s["maildir"]["path"] is not None:
                text += 'maildir "inbox" {\n' + _render(s["maildir"]) + "}\n"
            text += self.settings["more"]
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text)

    def program(self, name="ticketd"):
        return os.path.join(self.build, {"ticketd": "sbin", "ticketctl": "bin"}.get(name, "libexec/ticketd"), name)

    # ---- life
    def start(self, ready=True, timeout=20):
        """Starts the daemon and waits until it says READY=1 and all its roles run."""
        self.lines, self.notes = [], []
        notify = os.path.join(self.dir, "notify")
        if os.path.exists(notify):
            os.unlink(notify)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(notify)
        os.chmod(notify, 0o666)
        env = dict(os.environ, NOTIFY_SOCKET=notify, TZ="UTC", **self.environment)
        for name in ("LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC", "WATCHDOG_PID"):
            if name not in self.environment:
                env.pop(name, None)
        argv = [self.program(), "-c", self.conf]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, cwd="/",
                                        pass_fds=self.pass_fds, **_as_user(self.user))
        self._readers = [threading.Thread(target=self._read_log, args=(self.process.stderr,), daemon=True),
                         threading.Thread(target=self._read_notes, args=(self._notify,), daemon=True)]
        for r in self._readers:
            r.start()
        if ready:
            self.note_wait(r"^READY=1", timeout)
            self.healthy(timeout)
        return self

    def _read_log(self, stream):
        with stream, open(os.path.join(self.dir, "log"), "ab") as copy:
            for line in stream:
                copy.write(line)
                copy.flush()
                with self.changed:
                    self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def _read_notes(self, sock):
        while True:
            try:
                note = sock.recv(65536).decode("utf-8", "replace")
            except OSError:
                return
            if note == "":
                return
            with self.changed:
                self.notes.append((time.monotonic(), note))
                self.changed.notify_all()

    def _await(self, find, what, timeout):
        end = time.monotonic() + timeout * SLOW
        with self.changed:
            while True:
                found = find()
                if found is not None:
                    return found
                left = end - time.monotonic()
                ended = self.process is not None and self.process.poll() is not None
                if left <= 0 or ended:
                    raise AssertionError("%s did not come within %g s%s; the log ends:\n%s" % (
                        what, timeout * SLOW, ", ticketd ended with %s" % self.process.returncode if ended else "", self.log_tail()))
                self.changed.wait(min(left, 0.2))

    def note_wait(self, regex, timeout=15, since=0):
        """Waits for a message on the notify socket, from number `since` on; answers the match."""
        pattern = re.compile(regex, re.M)
        return self._await(lambda: next((m for m in (pattern.search(n) for _, n in self.notes[since:]) if m), None), "the note " + regex, timeout)

    def log_wait(self, regex, timeout=15, since=0):
        """Waits for a line of the log, from line number `since` (see log_mark) on; answers the match."""
        pattern = re.compile(regex)
        return self._await(lambda: next((m for m in (pattern.search(n) for n in self.lines[since:]) if m), None), "the log line " + regex, timeout)

    def log_mark(self):
        with self.changed:
            return len(self.lines)

    def log_find(self, regex):
        with self.changed:
            return [line for line in self.lines if re.search(regex, line)]

    def log_tail(self, n=25):
        return "\n".join(self.lines[-n:])

    def ended(self, timeout=10):
        """Waits for the end and answers the exit status."""
        status = self.process.wait(timeout * SLOW)
        for r in self._readers[:1]:
            r.join(5)
        self._notify.close()
        return status

    def stop(self, within=2.0):
        """SIGTERM: must end in time and with exit 0."""
        if self.process is None:
            return
        at = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.ended(max(10, within))
        took = time.monotonic() - at
        self.process = None
        assert status == 0, "ticketd ended with %s after SIGTERM:\n%s" % (status, self.log_tail())
        assert took <= within * SLOW, "ticketd took %.2f s to end after SIGTERM" % took

    def kill(self, sig=signal.SIGKILL):
        self.process.send_signal(sig)
        self.ended()
        self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def reload(self, wait=True):
        """SIGHUP; waits until the daemon says how it went: True when the new configuration was taken."""
        mark, note = self.log_mark(), len(self.notes)
        self.process.send_signal(signal.SIGHUP)
        if not wait:
            return None
        self.note_wait(r"^READY=1", since=note)
        return self.log_wait(r"action=reload .*status=(ok|refused)|action=reload status=(ok|refused)", since=mark).group(0).endswith("ok")

    def close(self):
        """What every test ends with: no daemon is left, and none of them complained about itself."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.ended()
            status, self.process = self.process.returncode, None
            assert status in (0, -signal.SIGKILL) or self.expect_trouble, "ticketd ended by itself with %s:\n%s" % (status, self.log_tail(40))
        log = os.path.join(self.dir, "log")
        if os.path.exists(log) and not self.expect_trouble:
            with open(log, encoding="utf-8", errors="replace") as f:
                text = f.read()
            found = TROUBLE.search(text)
            assert not found, "in the log of ticketd:\n" + text[max(0, found.start() - 500):found.start() + 4000]
        self.check()

    def check(self):
        """Every promise that can be seen in its store is kept. A test that damages the store says so: expect_damage."""
        if self.expect_damage or self.expect_trouble or self.user is not None or not os.path.exists(os.path.join(self.state, "data.mdb")):
            return
        done = self.ctl("check", check=False)
        assert 0 <= done.returncode and done.returncode not in (65, 70, 74), "ticketctl check: exit %d: %s%s" % (done.returncode, done.stdout, done.stderr)

    # ---- asking
    def ctl(self, *args, check=True, user=None, timeout=60):
        """Runs ticketctl; answers a CompletedProcess with text."""
        done = subprocess.run([self.program("ticketctl"), "--config", self.conf, *args], stdin=subprocess.DEVNULL, capture_output=True, cwd="/",
                              timeout=timeout * SLOW, env=dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8"), text=True, errors="surrogateescape", **_as_user(user))
        assert not TROUBLE.search(done.stderr), done.stderr
        assert not check or done.returncode == 0, "ticketctl %s: exit %d: %s" % (" ".join(args), done.returncode, done.stderr)
        return done

    def cases(self):
        """Every case, the first one first."""
        doc = json.loads(self.ctl("--json", "list", "--all").stdout)
        return sorted(doc["cases"], key=lambda c: int(c["case"].split("-")[1]))

    def show(self, number):
        """One case and its journal, without what moves with the time."""
        doc = json.loads(self.ctl("--json", "show", str(number)).stdout)
        for clock in doc["clocks"]:
            clock.pop("percent", None)
            clock.pop("left_seconds", None)
        return doc

    def entries(self, number, what=None):
        return [e for e in self.show(number)["entries"] if what is None or e["what"] == what]

    def status(self):
        return json.loads(self.ctl("--json", "status", check=False).stdout)

    def roles(self):
        return self.status()["daemon"]["roles"]

    def role_pids(self, role):
        return [r["pid"] for r in self.roles() if r["role"] == role and r["pid"] > 0]

    def healthy(self, timeout=15):
        """Waits until every role runs."""
        wait_until(lambda: all(r["state"] == "running" for r in self.roles()), "every role to run", timeout)

    def idle(self, timeout=30):
        """Waits until no mail is in hand and no letter waits that is due."""
        def nothing():
            s = self.status()
            return s["daemon"]["mails_in_hand"] == 0 and s["letters_waiting"] == 0
        wait_until(nothing, "all mails and letters to be done", timeout)

    # ---- mail in
    def lmtp(self, timeout=60):
        return Lmtp("127.0.0.1:%d" % self.port, timeout * SLOW)

    def lmtp_send(self, data, to="support@example.com", sender="ann@customer.example"):
        """One mail on a connection of its own. One recipient: the code; a list of them: {recipient: (code, text)}."""
        client = self.lmtp()
        try:
            answers = client.send(sender, [to] if isinstance(to, str) else list(to), data)
        finally:
            client.close()
        return answers[to][0] if isinstance(to, str) else answers

    def lmtp_flood(self, mails, connections=4, to="support@example.com", sender="ann@customer.example", give_up=90):
        """Starts sending: a client that sends again what got no 250, as every mail server does. Answers a Flood."""
        return Flood(self, mails, connections, to, sender, give_up)

    def maildir_put(self, data, name=None, folder="new"):
        name = name or "%d.%d.test" % (time.time_ns(), next(_numbers))
        tmp = os.path.join(self.inbox, "tmp", name)
        with open(tmp, "wb") as f:
            f.write(data)
        if self.user is not None:
            os.chown(tmp, self.user, -1)
        os.rename(tmp, os.path.join(self.inbox, folder, name))
        return name

    # ---- letters out
    def letters(self, kind=None):
        """The letters in the outbox in the order of their numbers, each with .path and .raw; kind: only those (ack, alarm, …)."""
        found = []
        for sub in ("new", "cur"):
            folder = os.path.join(self.outbox, sub)
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), "rb") as f:
                    raw = f.read()
                letter = email.message_from_bytes(raw, policy=email.policy.default)
                letter.path, letter.raw = os.path.join(folder, name), raw
                if kind is None or letter["X-Ticketd-Kind"] == kind:
                    found.append(letter)
        return sorted(found, key=lambda l: os.path.basename(l.path))

    def letters_wait(self, n, kind=None, timeout=15):
        """Waits for at least n letters; answers them."""
        return wait_until(lambda: (lambda l: l if len(l) >= n else None)(self.letters(kind)), "%d letters" % n, timeout)


class Flood:
    """Mails over several LMTP connections at once. A mail is done when 250 was read; everything else is sent again."""

    def __init__(self, daemon, mails, connections, to, sender, give_up):
        self.daemon, self.to, self.sender = daemon, to, sender
        self.end = time.monotonic() + give_up * SLOW
        self.todo, self.total, self.done, self.attempts, self.errors = queue.Queue(), len(mails), 0, 0, []
        self.lock = threading.Condition()
        for m in mails:
            self.todo.put(m)
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(connections)]
        for th in self.threads:
            th.start()

    def _send(self):
        client = None
        while time.monotonic() < self.end:
            try:
                data = self.todo.get_nowait()
            except queue.Empty:
                with self.lock:
                    if self.done == self.total:
                        break
                    self.lock.wait(0.05)        # another connection may give one back
                continue
            try:
                if client is None:
                    client = self.daemon.lmtp(20)
                with self.lock:
                    self.attempts += 1
                code, text = client.send(self.sender, [self.to], data)[self.to]
            except (OSError, LmtpError, ValueError) as e:
                code, text = 0, repr(e)
                if client is not None:
                    client.sock.close()
                client = None
            with self.lock:
                if code == 250:
                    self.done += 1
                else:
                    self.todo.put(data)
                    self.errors.append("%d %s" % (code, text))
                self.lock.notify_all()
            if code != 250:
                time.sleep(0.02)
        if client is not None:
            client.close()

    def wait_for(self, n):
        """Waits until n mails were taken."""
        with self.lock:
            while self.done < n:
                assert time.monotonic() < self.end, "only %d of %d mails were taken; last errors: %r" % (self.done, self.total, self.errors[-5:])
                self.lock.wait(0.2)

    def finish(self):
        self.wait_for(self.total)
        for th in self.threads:
            th.join()
        return self


class Scenario:
    """What a test is given."""

    def __init__(self, directory):
        self.dir, self.build, self.daemons, self.cleanups = directory, BUILD, [], []

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def ticketd(self, name="d", **pieces):
        d = Ticketd(self.path(name), **pieces)
        self.daemons.append(d)
        return d

    def skip(self, why):
        raise Skip(why)

    def root_only(self):
        if os.geteuid() != 0:
            self.skip("needs root")

    def cleanup(self, function):
        self.cleanups.append(function)

    def close(self):
        errors = []
        for function in reversed(self.cleanups + [d.close for d in self.daemons]):
            try:
                function()
            except Exception as e:  # noqa: BLE001: all of them get their turn
                errors.append(e)
        if errors:
            raise errors[0]

    def run(self, program, *args, input=None, timeout=60, cwd="/", **more):
        """One of our programs (ticketd, ticketctl), to its end; text out."""
        folder = {"ticketd": "sbin", "ticketctl": "bin"}[program]
        done = subprocess.run([os.path.join(self.build, folder, program), *args], input=input, capture_output=True, timeout=timeout * SLOW, cwd=cwd,
                              env=dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8"), **more)
        done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        assert not TROUBLE.search(done.stderr), done.stderr
        return done
