#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A private Dovecot on loopback ports in a directory of its own, as root or as a user.

    with Dovecot() as d:
        d.append("support", b"From: ...")            # over IMAP
        d.deliver("support", 1000, 10240)            # straight into the Maildir
        d.flags("support")                           # {uid: [flags]}
d.port speaks plain and STARTTLS, d.tls_port implicit TLS; d.ca is the CA file; the certificate is for "localhost" only, so
that 127.0.0.1 is a wrong name; d.other_ca has signed nothing. Passwords are in d.password; XOAUTH2 takes d.token, checked
by an introspection endpoint that lives in this process. As a program it reads the same verbs from standard input.
"""
import http.server
import imaplib
import json
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def run(*argv, cwd=None):
    subprocess.run(argv, cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_certificates(directory):
    """ca.pem, other-ca.pem, server.pem (for localhost) and server.key."""
    for name in ("ca", "other-ca"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN=test {name}",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=directory)
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr", cwd=directory)
    with open(os.path.join(directory, "server.ext"), "w") as f:
        f.write("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "server.ext", "-out", "server.pem", cwd=directory)


class Introspection(http.server.BaseHTTPRequestHandler):
    """RFC 7662, as far as Dovecot asks."""

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        good = form.get("token", [""])[0] == self.server.token
        body = json.dumps({"active": good, "username": self.server.user, "scope": "imap"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
auth_mechanisms = plain login xoauth2
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{dir}/server.pem
ssl_key = <{dir}/server.key
mail_location = maildir:{dir}/mail/%u
mail_max_userip_connections = 50
{users}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {dir}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%u
}}
auth_failure_delay = 0
service auth {{
  user = {internal}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dovecot:
    password = "secret word"
    token = "good-token"

    def __init__(self, directory=None, port=None, tls_port=None, users=("support", "second")):
        self.own = directory is None
        self.dir = directory or tempfile.mkdtemp(prefix="ticketd-dovecot-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        self.port, self.tls_port = port or free_port(), tls_port or free_port()
        self.users = users
        self.count = 0
        self.process = None
        make_certificates(self.dir)
        self.ca, self.other_ca = os.path.join(self.dir, "ca.pem"), os.path.join(self.dir, "other-ca.pem")
        self.configure()
        self.start()

    def configure(self):
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        owner = pwd.getpwnam("nobody") if root else me
        internal = "dovecot" if root else me.pw_name
        text = "" if root else f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\ndefault_internal_group = {me.pw_gid}\n"
        text += f"first_valid_uid = {owner.pw_uid}\nfirst_valid_gid = {owner.pw_gid}"
        self.owner = owner
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Introspection)
        self.http.token, self.http.user = self.token, self.users[0]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        with open(os.path.join(self.dir, "oauth2.conf"), "w") as f:
            f.write(f"introspection_mode = post\nintrospection_url = http://127.0.0.1:{self.http.server_port}/\n"
                    "username_attribute = username\nactive_attribute = active\nactive_value = true\n")
        with open(os.path.join(self.dir, "users"), "w") as f:
            for user in self.users:
                f.write(f"{user}:{self.password}::::::\n")
        with open(os.path.join(self.dir, "dovecot.conf"), "w") as f:
            f.write(CONFIG.format(dir=self.dir, users=text, uid=owner.pw_uid, gid=owner.pw_gid, internal=internal, port=self.port, tls_port=self.tls_port))
        os.makedirs(os.path.join(self.dir, "mail"), exist_ok=True)
        for user in self.users:
            for sub in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(self.dir, "mail", user, sub), exist_ok=True)
        if root:
            for base, _, _ in os.walk(os.path.join(self.dir, "mail")):
                os.chown(base, owner.pw_uid, owner.pw_gid)

    def start(self):
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        self.process = subprocess.Popen([program, "-F", "-c", os.path.join(self.dir, "dovecot.conf")], stdin=subprocess.DEVNULL, start_new_session=True)
        for _ in range(200):
            try:
                self.login(self.users[0]).logout()
                return
            except (OSError, imaplib.IMAP4.error):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        log = os.path.join(self.dir, "dovecot.log")
        raise RuntimeError("dovecot does not start: " + (open(log).read()[-2000:] if os.path.exists(log) else ""))

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            try:
                os.killpg(self.process.pid, signal.SIGKILL)     # sessions in IDLE would stay for ten seconds
            except ProcessLookupError:
                pass
        self.process = None

    def close(self):
        self.stop()
        self.http.shutdown()
        if self.own:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    # ---- mail
    def login(self, user):
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)       # a server that says nothing is an error, not a test without end
        imap.login(user, self.password)
        return imap

    def mail(self, size=300):
        self.count += 1
        head = (f"From: customer{self.count}@example.com\r\nTo: support@example.org\r\nSubject: mail {self.count}\r\n"
                f"Message-ID: <m{self.count}.{os.getpid()}@example.com>\r\nDate: Tue, 10 Mar 2026 10:00:00 +0000\r\n\r\n").encode()
        line = b"Something is wrong with the machine, and we do not know what it could be.\r\n"
        return head + line * max(1, (size - len(head)) // len(line))

    def append(self, user, data=None, folder="INBOX", flags=""):
        imap = self.login(user)
        imap.append(folder, flags or None, None, data or self.mail())
        imap.logout()

    def deliver(self, user, count=1, size=300):
        base = os.path.join(self.dir, "mail", user)
        for _ in range(count):
            data = self.mail(size)
            name = f"{int(time.time())}.M{self.count}P{os.getpid()}.test"
            with open(os.path.join(base, "tmp", name), "wb") as f:
                f.write(data)
            if os.geteuid() == 0:
                os.chown(os.path.join(base, "tmp", name), self.owner.pw_uid, self.owner.pw_gid)
            os.rename(os.path.join(base, "tmp", name), os.path.join(base, "new", name))

    def flags(self, user, folder="INBOX"):
        imap = self.login(user)
        found = {}
        if imap.select(f'"{folder}"', readonly=True)[0] == "OK":
            _, answer = imap.uid("FETCH", "1:*", "(FLAGS)")
            for line in answer:
                if line is not None:
                    uid, flags = re.search(rb"UID (\d+)", line), re.search(rb"FLAGS \(([^)]*)\)", line)
                    found[int(uid[1])] = flags[1].decode().split()
        imap.logout()
        return found

    def set_flags(self, user, uid, flags, folder="INBOX"):
        imap = self.login(user)
        imap.select(folder)
        imap.uid("STORE", str(uid), "+FLAGS", f"({flags})")
        imap.logout()

    def move(self, user, uid, folder):
        imap = self.login(user)
        imap.select("INBOX")
        imap.create(folder)
        imap.uid("MOVE", str(uid), folder)
        imap.logout()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))         # through close()
    d = Dovecot()
    print(json.dumps({"port": d.port, "tls_port": d.tls_port, "ca": d.ca, "other_ca": d.other_ca, "password": d.password, "token": d.token}), flush=True)
    try:
        for line in sys.stdin:
            verb, *args = shlex.split(line)
            if verb == "deliver":
                d.deliver(args[0], *map(int, args[1:]))
            elif verb == "append":
                d.append(args[0], flags=" ".join(args[1:]))
            elif verb == "seen":
                d.set_flags(args[0], int(args[1]), "\\Seen")
            elif verb == "restart":
                d.stop()
                d.start()
            print(json.dumps(d.flags(*args)) if verb == "flags" else "ok", flush=True)
    finally:
        d.close()


if __name__ == "__main__":
    main()
