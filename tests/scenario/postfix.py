# SPDX-License-Identifier: ISC
#
# A private Postfix for tests: everything lies in one temporary directory, nothing of the system's own Postfix is touched,
# several run side by side. Needs root, as Postfix does. Two doors on loopback:
#   relay_port   takes mail for *.example and hands it to ticketd by LMTP ("inet:127.0.0.1:2424" or "unix:/path")
#   accept_port  takes what ticketd sends, for any domain, and delivers it to one Maildir that read_mail() reads
#
#   with Postfix(lmtp="inet:127.0.0.1:2424") as p:
#       p.send(b"Subject: x\r\n\r\nhello", "ann@customer.test", ["support@desk.example"])
#       for mail in p.read_mail(1): print(mail["Delivered-To"], mail["Subject"])

import email
import email.policy
import os
import pwd
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time

MAIN = """
compatibility_level = 3.6
config_directory = {dir}/etc
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = {command}
daemon_directory = {daemon}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = mx.postfix.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
relayhost =
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtputf8_enable = yes
message_size_limit = 209715200
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = regexp:{dir}/etc/everything
virtual_mailbox_maps = regexp:{dir}/etc/mailbox
virtual_mailbox_base = {dir}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
transport_retry_time = 2s
lmtp_connect_timeout = 5s
default_process_limit = 50
{extra}
"""

MASTER = """
127.0.0.1:{relay} inet n - n - - smtpd
  -o content_filter=lmtp:{lmtp}
  -o smtpd_relay_restrictions=
  -o {{ smtpd_recipient_restrictions = check_recipient_access regexp:{dir}/etc/relayed, reject }}
127.0.0.1:{accept} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject
{accept_options}
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def available():
    """None, or why these tests cannot run here."""
    if os.getuid() != 0:
        return "Postfix needs root"
    if not shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        return "Postfix is not installed"
    return None


class Postfix:
    def __init__(self, lmtp="inet:127.0.0.1:2424", relay_port=None, accept_port=None, accept_options=None, extra=""):
        """accept_options: settings of the accepting door alone, e.g. {"smtpd_tls_security_level": "encrypt", …}; extra: of main.cf."""
        self.relay_port, self.accept_port = relay_port or free_port(), accept_port or free_port()
        self.lmtp, self.accept_options, self.extra = lmtp, accept_options or {}, extra
        self.dir, self.seen = None, set()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text.lstrip("\n"))

    def _run(self, *arguments, check=True, timeout=60):
        env = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin", MAIL_CONFIG=os.path.join(self.dir, "etc"))
        done = subprocess.run(arguments, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise RuntimeError("%s: exit %d\n%s\n%s" % (arguments[0], done.returncode, done.stdout.decode("utf-8", "replace"), self.log()))
        return done

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="ticketd-postfix-")
        os.chmod(self.dir, 0o755)
        owner, reader = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        for name in ("etc", "queue", "data", "mail"):
            os.mkdir(os.path.join(self.dir, name), 0o755)
        os.chown(os.path.join(self.dir, "data"), owner.pw_uid, owner.pw_gid)
        os.chown(os.path.join(self.dir, "mail"), reader.pw_uid, reader.pw_gid)
        options = "\n".join("  -o { %s = %s }" % pair for pair in self.accept_options.items())
        self._write("etc/main.cf", MAIN.format(dir=self.dir, uid=reader.pw_uid, gid=reader.pw_gid, extra=self.extra,
                                               command="/usr/sbin", daemon="/usr/lib/postfix/sbin"))
        self._write("etc/master.cf", MASTER.format(dir=self.dir, relay=self.relay_port, accept=self.accept_port, lmtp=self.lmtp,
                                                   accept_options=options).replace("\n\n", "\n"))
        self._write("etc/everything", "/./ ok\n")
        self._write("etc/mailbox", "/./ box/\n")
        self._write("etc/relayed", "/@([^@]+\\.)?example$/ OK\n")
        try:
            self._run("postfix", "-c", os.path.join(self.dir, "etc"), "start")
            for port in (self.relay_port, self.accept_port):
                self._wait_for_port(port)
        except Exception:
            self.stop()
            raise
        return self

    def _wait_for_port(self, port):
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", port), 5) as s:
                    if s.recv(3) == b"220":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("Postfix does not answer on port %d\n%s" % (port, self.log()))

    def stop(self):
        if not self.dir:
            return
        self._run("postfix", "-c", os.path.join(self.dir, "etc"), "stop", check=False)
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir = None

    def send(self, mail, sender, recipients):
        """Through the relaying door, towards ticketd. A dict of refused recipients, as smtplib gives it."""
        if isinstance(recipients, str):
            recipients = [recipients]
        with smtplib.SMTP("127.0.0.1", self.relay_port, timeout=60) as s:
            return s.sendmail(sender, recipients, re.sub(rb"\r?\n", b"\r\n", mail), ["BODY=8BITMIME"])

    def read_raw(self):
        """All mails delivered so far: path -> bytes, in the order of delivery."""
        out = []
        for sub in ("new", "cur"):
            folder = os.path.join(self.dir, "mail", "box", sub)
            for name in os.listdir(folder) if os.path.isdir(folder) else []:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    out.append((os.stat(path).st_mtime_ns, path, f.read()))
        return {path: data for _, path, data in sorted(out)}

    def read_mail(self, count=1, timeout=30, recipient=None):
        """Waits for `count` mails (to `recipient`) that were not read before; gives what there is when the time is over."""
        deadline = time.monotonic() + timeout
        while True:
            found = []
            for path, data in self.read_raw().items():
                mail = email.message_from_bytes(data, policy=email.policy.default)
                to = str(mail["X-Original-To"] or mail["Delivered-To"] or "").lower()
                if path not in self.seen and (recipient is None or to == recipient.lower()):
                    found.append((path, mail))
            if len(found) >= count or time.monotonic() > deadline:
                self.seen.update(path for path, _ in found)
                return [mail for _, mail in found]
            time.sleep(0.1)

    def queue(self):
        """What waits in the queue, one line a mail."""
        done = self._run("postqueue", "-c", os.path.join(self.dir, "etc"), "-j", check=False)
        return done.stdout.decode("utf-8", "replace").splitlines()

    def flush(self):
        self._run("postqueue", "-c", os.path.join(self.dir, "etc"), "-f", check=False)

    def wait_until_empty(self, timeout=60):
        deadline = time.monotonic() + timeout
        while self.queue():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def log(self):
        try:
            with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""
