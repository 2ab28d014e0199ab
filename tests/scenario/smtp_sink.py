#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# A scripted SMTP server for tests: says what it is told to say, stage by stage, and records what it was given.
# Stages: connect ehlo starttls auth mail rcpt data dot. An action is a reply ("550 5.1.1 nobody"), "drop" (close at once),
# "stall" (say nothing until the client gives up) or a list of those, used one after the other, then the default.
#
# As a class:    sink = Sink(script={"rcpt": "550 5.1.1 nobody"}).start(); sink.port; sink.mails; sink.stop()
# As a command:  smtp_sink.py --script '{"dot": "stall"}' --record FILE    prints "PORT n", then one JSON line a mail into FILE

import argparse
import base64
import json
import socket
import ssl
import sys
import threading


class Gone(Exception):
    pass


class Sink:
    def __init__(self, port=0, script=None, record=None, cert=None, key=None, tls="none", auth=None, user="user", password="secret",
                 smtputf8=False, host="127.0.0.1", size=100000000):
        self.script = {k: list(v) if isinstance(v, list) else v for k, v in (script or {}).items()}
        self.record, self.tls, self.smtputf8, self.size = record, tls, smtputf8, size
        self.auth, self.user, self.password = auth or [], user, password
        self.mails, self.connections, self.commands = [], 0, []
        self.lock, self.stopped = threading.Lock(), threading.Event()
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key or cert)
        self.listener = socket.create_server((host, port), backlog=64)
        self.port = self.listener.getsockname()[1]

    def start(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def stop(self):
        self.stopped.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def _serve(self):
        while not self.stopped.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self._session, args=(sock, number), daemon=True).start()

    def _session(self, sock, number):
        try:
            if self.tls == "tls":
                sock = self.context.wrap_socket(sock, server_side=True)
            Session(self, sock, number).run()
        except (Gone, OSError):
            pass
        finally:
            sock.close()

    def action(self, stage, default):
        with self.lock:
            what = self.script.get(stage, default)
            if isinstance(what, list):
                what = what.pop(0) if what else default
        return what or default

    def keep(self, mail):
        with self.lock:
            self.mails.append(mail)
            if self.record:
                line = dict(mail, data=mail["data"].decode("latin-1"))
                self.record.write(json.dumps(line) + "\n")
                self.record.flush()


class Session:
    def __init__(self, sink, sock, number):
        self.sink, self.sock, self.number = sink, sock, number
        self.buffer, self.secure, self.login = b"", sink.tls == "tls", None
        self.sender, self.recipients, self.parameters, self.over = None, [], "", False

    def line(self):
        while b"\n" not in self.buffer:
            more = self.sock.recv(65536)
            if not more:
                raise Gone()
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def say(self, text):
        self.sock.sendall(text.replace("\n", "\r\n").encode() + b"\r\n")

    def act(self, stage, default, before=None):
        """Does what the script says; answers the reply's code. before(reply) is called when it is known and not yet said."""
        what = self.sink.action(stage, default)
        if before:
            before(what)
        if what == "drop":
            raise Gone()
        if what == "stall":
            while self.sock.recv(65536):
                pass
            raise Gone()
        self.say(what)
        if what.startswith("421"):
            raise Gone()
        return int(what[:3])

    def run(self):
        self.act("connect", "220 sink ESMTP")
        while not self.over:
            line = self.line()
            verb, _, rest = line.decode("utf-8", "replace").partition(" ")
            self.sink.commands.append(verb.upper())
            handler = getattr(self, "do_" + verb.lower(), None)
            if handler:
                handler(rest)
            else:
                self.say("500 5.5.1 unknown")

    def do_ehlo(self, rest):
        said = ["sink", "SIZE %d" % self.sink.size, "8BITMIME", "ENHANCEDSTATUSCODES"]
        if self.sink.smtputf8:
            said.append("SMTPUTF8")
        if self.sink.tls == "starttls" and not self.secure:
            said.append("STARTTLS")
        if self.sink.auth:
            said.append("AUTH " + " ".join(a.upper() for a in self.sink.auth))
        self.act("ehlo", "\n".join("250%s%s" % ("-" if i + 1 < len(said) else " ", s) for i, s in enumerate(said)))

    do_helo = do_ehlo

    def do_starttls(self, rest):
        if self.act("starttls", "220 2.0.0 go on") == 220:
            self.sock = self.sink.context.wrap_socket(self.sock, server_side=True)
            self.secure, self.buffer = True, b""

    def ask(self, question):
        self.say("334 " + base64.b64encode(question).decode())
        return base64.b64decode(self.line())

    def do_auth(self, rest):
        how, _, first = rest.partition(" ")
        given = base64.b64decode(first) if first and first != "=" else None
        if how.upper() == "PLAIN":
            _, user, password = (given if given is not None else self.ask(b"")).split(b"\0")
        elif how.upper() == "LOGIN":
            user = given if given is not None else self.ask(b"Username:")
            password = self.ask(b"Password:")
        elif how.upper() == "XOAUTH2":
            text = given if given is not None else self.ask(b"")
            parts = dict(p.split(b"=", 1) for p in text.strip(b"\1").split(b"\1"))
            user, password = parts[b"user"], parts[b"auth"].replace(b"Bearer ", b"", 1)
        else:
            self.say("504 5.5.4 unknown mechanism")
            return
        good = user.decode() == self.sink.user and password.decode() == self.sink.password
        if self.act("auth", "235 2.7.0 welcome" if good else "535 5.7.8 wrong user or password") == 235:
            self.login = how.upper()

    def do_mail(self, rest):
        if self.act("mail", "250 2.1.0 sender ok") == 250:
            address, _, self.parameters = rest.partition(">")
            self.sender, self.recipients = address.partition("<")[2], []

    def do_rcpt(self, rest):
        if self.act("rcpt", "250 2.1.5 recipient ok") == 250:
            self.recipients.append(rest.partition("<")[2].partition(">")[0])

    def do_data(self, rest):
        if self.act("data", "354 go on") != 354:
            return
        lines = []
        while True:
            line = self.line()
            if line == b".":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = {"from": self.sender, "to": self.recipients, "parameters": self.parameters.strip(), "connection": self.number,
                "tls": self.secure, "auth": self.login, "data": b"".join(l + b"\r\n" for l in lines)}
        self.act("dot", "250 2.0.0 taken as %d" % (len(self.sink.mails) + 1),
                 lambda reply: self.sink.keep(dict(mail, taken=reply.startswith("250"))))
        self.sender, self.recipients = None, []

    def do_rset(self, rest):
        self.say("250 2.0.0 ok")

    do_noop = do_rset

    def do_quit(self, rest):
        self.over = True
        self.say("221 2.0.0 bye")


def main():
    p = argparse.ArgumentParser(description="A scripted SMTP server for tests.")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--script", type=json.loads, default={})
    p.add_argument("--record")
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
    p.add_argument("--auth", default="", help="plain,login,xoauth2")
    p.add_argument("--user", default="user")
    p.add_argument("--password", default="secret")
    p.add_argument("--smtputf8", action="store_true")
    a = p.parse_args()
    record = open(a.record, "a", encoding="utf-8") if a.record else None
    sink = Sink(a.port, a.script, record, a.cert, a.key, a.tls, [x for x in a.auth.split(",") if x], a.user, a.password, a.smtputf8)
    sink.start()
    print("PORT %d" % sink.port, flush=True)
    sys.stdin.read()            # until the test closes our standard input
    sink.stop()


if __name__ == "__main__":
    main()
