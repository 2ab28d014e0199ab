# SPDX-License-Identifier: ISC
"""What comes over real sockets in no good order: LMTP sessions by a random but repeatable script beside a model of the protocol, frames on the
control socket that are almost right. The daemon answers by its grammar, counts what it promised, and has no descriptor left over.
LMTP_SEED and LMTP_SESSIONS play more."""
import array
import os
import random
import re
import socket

from harness import mail, message_id_of, wait_until

SEED = int(os.environ.get("LMTP_SEED", "1"))
SESSIONS = int(os.environ.get("LMTP_SESSIONS", "120"))
REPLY = re.compile(rb"(?:\d{3}-[^\r\n]*\r\n)*\d{3} [^\r\n]*\r\n")


class Dead(Exception):
    """The other end closed, or this session chose to."""


class Session:
    """One session: what is sent is chosen by chance, what must come back by RFC 2033 and 5321. `taken` are Message-IDs promised with 250."""

    def __init__(self, port, r, number, taken, unsure):
        self.r, self.number, self.taken, self.unsure = r, number, taken, unsure
        self.sock = socket.create_connection(("127.0.0.1", port), 30)
        self.buffer, self.mails = b"", 0
        self.greeted, self.sender, self.rcpts = False, False, 0

    def reply(self):
        while not REPLY.match(self.buffer):
            assert len(self.buffer) < 65536, self.buffer[:200]
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                assert self.buffer == b"", "half a reply: %r" % self.buffer[:200]
                raise Dead
            self.buffer += more
        m = REPLY.match(self.buffer)
        self.buffer = self.buffer[m.end():]
        code = m.group().splitlines()[-1][:3]
        assert b"200" <= code <= b"559", m.group()
        return int(code)

    def send(self, data):
        """In one piece, or in several."""
        try:
            if self.r.random() < 0.2:
                cut = self.r.randrange(len(data) + 1)
                self.sock.sendall(data[:cut])
                data = data[cut:]
            self.sock.sendall(data)
        except ConnectionError:
            raise Dead from None

    # ---- steps: each knows what may come back

    def lhlo(self):
        good = self.r.random() < 0.85
        self.send((b"LHLO " if good else self.r.choice([b"HELO ", b"EHLO ", b"lhlo", b"LHLO\t"])) + self.r.choice([b"localhost", b"[127.0.0.1]", b"x" * 300, b"\xff"]) + b"\r\n")
        code = self.reply()
        if code == 250:
            self.greeted, self.sender, self.rcpts = True, False, 0

    def mail(self):
        line = self.r.choice([b"MAIL FROM:<ann@customer.example>", b"mail from:<>", b"MAIL FROM:<ann@customer.example> SIZE=1000 BODY=8BITMIME", b"MAIL FROM:<a@b.example> SMTPUTF8",
                              b"MAIL FROM:ann@customer.example", b"MAIL FROM:<ann@customer.example> SIZE=99999999999999999999", b"MAIL FROM:<" + b"a" * 2000 + b"@b.example>",
                              b"MAIL FROM:<ann@customer.example> NOSUCH=1", b"MAIL FROM:<\"a b\"@b.example>", b"MAIL"])
        self.send(line + b"\r\n")
        if self.reply() == 250:
            assert self.greeted and not self.sender, "MAIL taken out of order"
            self.sender = True

    def rcpt(self):
        line = self.r.choice([b"RCPT TO:<support@example.com>", b"RCPT TO:<support@example.com>", b"rcpt to:<Support@Example.COM>", b"RCPT TO:<nobody@elsewhere.example>", b"RCPT TO:<>",
                              b"RCPT TO:support@example.com", b"RCPT TO:<support@example.com> X=Y", b"RCPT TO:<@a.example:support@example.com>", b"RCPT TO:<support@example.com"])
        self.send(line + b"\r\n")
        if self.reply() == 250:
            assert self.sender, "RCPT taken out of order"
            self.rcpts += 1

    def body(self):
        """A mail with a Message-ID of its own, and what goes over the wire for it."""
        self.mails += 1
        text = self.r.choice(["It is broken.\r\n", ".\r\n..\r\n.x\r\n", "x" * 3000 + "\r\n", "", "\r\n" * 50, "a\nb\rc\r\n", "\x00\x01\x1b[2J\r\n"])
        data = mail(subject="Session %d mail %d" % (self.number, self.mails), text=text, sender="s%dm%d@customer.example" % (self.number, self.mails))
        return message_id_of(data), re.sub(rb"(?m)^\.", b"..", data)

    def data(self):
        self.send(b"DATA\r\n")
        if self.reply() != 354:
            return
        assert self.rcpts > 0, "DATA taken without a recipient"
        mid, wire = self.body()
        what = self.r.random()
        if what < 0.1:                  # it never ends
            self.send(wire[: self.r.randrange(len(wire))])
            raise Dead
        self.send(wire + (b"" if wire.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        if what < 0.15:                 # gone before the answer: may be there or not, but once at most
            self.unsure.add(mid)
            raise Dead
        codes = [self.reply() for _ in range(self.rcpts)]
        assert len(set(codes)) == 1, "one mail, one desk, and %r" % codes
        if codes[0] == 250:
            self.taken.add(mid)
        self.sender, self.rcpts = False, 0

    def pipelined(self):
        """A whole transaction in one packet; where DATA is refused the rest are commands that are none."""
        self.send(b"RSET\r\nMAIL FROM:<ann@customer.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n")
        codes = [self.reply() for _ in range(4)]
        self.sender, self.rcpts = False, 0
        if codes[3] != 354:
            assert not self.greeted or codes[0] != 250, codes
            return
        mid, wire = self.body()
        self.send(wire + (b"" if wire.endswith(b"\r\n") else b"\r\n") + b".\r\n" + b"NOOP\r\n")
        if self.reply() == 250:
            self.taken.add(mid)
        self.reply()

    def noise(self):
        line = self.r.choice([b"NOOP", b"RSET", b"VRFY x", b"HELP", b"", b"\x00\x00", b"\xff\xfe\xfd", b"GET / HTTP/1.0", b"AUTH PLAIN AAAA", b"STARTTLS", b"DATA x", b"QUIT now", b"BDAT 10",
                              bytes(self.r.randrange(1, 256) for _ in range(40)).replace(b"\n", b".").replace(b"\r", b".")])
        self.send(line + b"\r\n")
        code = self.reply()
        if code == 221:
            raise Dead
        if line == b"RSET":
            assert code == 250 or not self.greeted, code
            self.sender, self.rcpts = (False, 0) if code == 250 else (self.sender, self.rcpts)

    def too_long(self):
        self.send(b"NOOP " + b"x" * self.r.choice([600, 3000, 70000]) + b"\r\n")
        self.reply()

    def play(self):
        steps = [self.lhlo, self.mail, self.rcpt, self.rcpt, self.data, self.data, self.pipelined, self.noise, self.too_long]
        try:
            assert self.reply() == 220
            if self.r.random() < 0.9:
                self.lhlo()
            for _ in range(self.r.randrange(25)):
                self.r.choice(steps)()
            if self.r.random() < 0.5:
                self.send(b"QUIT\r\n")
                self.reply()
        except Dead:
            pass
        finally:
            self.sock.close()


def descriptors(d):
    return {name: len(os.listdir("/proc/%d/fd" % pid)) for name, pid in [("core", d.process.pid)] + [("lmtp", p) for p in d.role_pids("lmtp")]}


def test_lmtp_in_any_order_keeps_what_it_promised(t):
    d = t.ticketd(desk={"acknowledge": "false"}).start()
    assert d.lmtp_send(mail(subject="first")) == 250
    d.idle()
    before, taken, unsure, at_most = descriptors(d), set(), set(), 0
    for n in range(SESSIONS):
        session = Session(d.port, random.Random(SEED * 1000003 + n), n, taken, unsure)
        session.play()
        at_most += session.mails
    assert len(taken) > SESSIONS // 4, "the script hands over too little to say anything: %d" % len(taken)
    assert d.lmtp_send(mail(subject="last")) == 250
    d.idle()
    ids = [e["message_id"] for c in d.cases() for e in d.entries(c["case"], "opened") if e.get("message_id")]
    if not ids:                         # told by the subject where entries do not tell the Message-ID
        ids = [c["subject"] for c in d.cases()]
    cases = len(d.cases()) - 2
    assert len(taken) <= cases <= len(taken | unsure) <= at_most, (cases, len(taken), len(unsure))
    assert len(set(ids)) == len(ids), "a mail is there twice"
    wait_until(lambda: all(n <= before[k] + 1 for k, n in descriptors(d).items()), lambda: "descriptors: %r, then %r" % (before, descriptors(d)))


# ---- control: frames that are almost requests

def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def request(verb, *args):
    """A frame as ticketctl sends it: 'I', then Frame { request = 28 { verb = 1, args = 2 } }."""
    return b"I" + field(28, field(1, verb) + b"".join(field(2, a) for a in args))


def mutated(r, frame):
    b = bytearray(frame)
    for _ in range(r.choice([1, 1, 2, 5])):
        how, i = r.randrange(5), r.randrange(len(b)) if b else 0
        if how == 0 and b:
            b[i] ^= 1 << r.randrange(8)
        elif how == 1:
            b[i:i] = bytes([r.randrange(256)]) * r.choice([1, 3, 200])
        elif how == 2 and len(b) > 1:
            del b[i:i + r.randrange(1, 4)]
        elif how == 3 and b:
            b[i] = r.choice([0, 255, 127, 128])
        else:
            b = b[:i]
    return bytes(b)


def test_requests_that_are_almost_right_harm_nothing(t):
    d = t.ticketd().start()
    path = os.path.join(d.dir, "control")
    assert d.lmtp_send(mail()) == 250
    d.idle()
    number = d.cases()[0]["case"].encode()
    whole = [request(b"list", b"all=1"), request(b"show", b"case=" + number), request(b"status"), request(b"explain", b"case=" + number), request(b"list", b"sort=" + b"x" * 5000),
             request(b"nothing"), request(b"show", *[b"case=1"] * 300), request(b"assign", b"case=" + number, b"person=\xff\xfe"), request(b"report", b"since=" + b"9" * 400),
             b"B", b"I" + field(27, b"\x08\x01"), b"I" + field(3, b"\x08\x01"), b"I" + varint(28 << 3 | 2) + varint(2 ** 31)]
    before, answered = descriptors(d), 0
    r = random.Random(SEED)
    for n in range(SESSIONS * 2):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.settimeout(30)
        wait_until(lambda s=s: s.connect_ex(path) == 0, "a connection")
        data = r.choice(whole) if n < len(whole) * 2 else mutated(r, r.choice(whole))
        fds = [os.memfd_create("x") for _ in range(r.choice([0, 0, 0, 1, 2, 9]))]
        try:
            if data:
                s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
            if r.random() < 0.8 and data:
                answered += s.recv(65536) != b""
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            s.close()
            for fd in fds:
                os.close(fd)
    assert answered > 20, "none was understood: the script is wrong (%d)" % answered
    d.healthy()
    assert len(d.cases()) == 1
    wait_until(lambda: descriptors(d)["core"] <= before["core"] + 1, lambda: "descriptors: %r, then %r" % (before, descriptors(d)))
    assert "signal" not in d.log_tail(400), d.log_tail(20)
