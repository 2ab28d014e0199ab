#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# A tiny LMTP client (RFC 2033) for tests and demonstrations.
# As a command:  lmtp_client.py HOST:PORT|/SOCKET FROM TO[,TO…] FILE…      ("-": standard input, "" or "<>": the null sender)
# prints one reply a recipient; exit 0 when every mail was taken for everybody, 75 when some may be tried again, else 69.

import re
import socket
import sys


class LmtpError(Exception):
    def __init__(self, code, text):
        super().__init__("%d %s" % (code, text))
        self.code, self.text = code, text


class Lmtp:
    def __init__(self, where, timeout=60):
        if where.startswith("/"):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(timeout)
            self.sock.connect(where)
        else:
            host, _, port = where.rpartition(":")
            self.sock = socket.create_connection((host.strip("[]"), int(port)), timeout)
        self.buffer = b""
        self.expect(220)
        self.extensions = self.command("LHLO localhost").splitlines()[1:]

    def raw(self, data):
        self.sock.sendall(data)

    def reply(self):
        """The next reply: (code, text); the lines of a long one are joined by line ends."""
        lines = []
        while True:
            while b"\r\n" not in self.buffer:
                more = self.sock.recv(65536)
                if not more:
                    raise LmtpError(0, "the connection was closed")
                self.buffer += more
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            text = line.decode("utf-8", "replace")
            lines.append(text[4:])
            if text[3:4] != "-":
                return int(text[:3]), "\n".join(lines)

    def expect(self, code):
        got, text = self.reply()
        if got != code:
            raise LmtpError(got, text)
        return text

    def command(self, line, code=250):
        self.raw(line.encode() + b"\r\n")
        return self.expect(code)

    def send(self, sender, recipients, mail):
        """Sends one mail, pipelined. Answers a dict: recipient -> (code, text)."""
        sender = sender.strip("<>")
        lines = ["MAIL FROM:<%s>" % sender] + ["RCPT TO:<%s>" % r for r in recipients] + ["DATA"]
        self.raw("".join(l + "\r\n" for l in lines).encode())
        first = self.reply()
        answers = {r: self.reply() for r in recipients}
        data = self.reply()
        taken = [r for r in recipients if answers[r][0] == 250]
        if first[0] != 250:
            return {r: first for r in recipients}
        if data[0] == 354:
            body = re.sub(rb"\r?\n", b"\r\n", mail)
            if body and not body.endswith(b"\r\n"):
                body += b"\r\n"
            self.raw(re.sub(rb"(?m)^\.", b"..", body) + b".\r\n")
            for r in taken:
                answers[r] = self.reply()
        else:
            for r in taken:
                answers[r] = data
            self.command("RSET")
        return answers

    def close(self):
        try:
            self.command("QUIT", 221)
        except (LmtpError, OSError):
            pass
        self.sock.close()


def main(argv):
    if len(argv) < 5:
        print("usage: lmtp_client.py HOST:PORT|/SOCKET FROM TO[,TO...] FILE...", file=sys.stderr)
        return 64
    worst = 0
    client = Lmtp(argv[1])
    for name in argv[4:]:
        if name == "-":
            mail = sys.stdin.buffer.read()
        else:
            with open(name, "rb") as f:
                mail = f.read()
        for recipient, (code, text) in client.send(argv[2], argv[3].split(","), mail).items():
            print("%s: %d %s" % (recipient, code, text))
            if code >= 500 or code == 0:
                worst = 69
            elif code >= 400 and worst == 0:
                worst = 75
    client.close()
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv))
