#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A small IMAP server that misbehaves on request, for one client at a time, without TLS.

FakeImap(mode, mails) in a test; or as a program: fake_imap.py MODE COUNT prints its port, then every command it gets.
Modes: good, no-starttls, inject (bytes after the answer to STARTTLS), preauth, bye, cut (the connection ends inside the
literal of UID 2, each time), cut-once, lie-small (UID 2 says 10 bytes and brings 12 MiB), lie-big (all say more than they bring), nil (UID 2 has
no text), drip (the answer to SEARCH comes byte by byte), flood (an answer without end), no-keyword, keyword-no (promises
keywords and refuses them), no-move, oauth (XOAUTH2 with the token "good", no SASL-IR), noisy-idle (untagged lines before
"+"), late-idle (EXISTS in one packet with "+"), no-capability, unasked (answers with UIDs nobody asked for), no-uidnext.
"""
import base64
import json
import re
import socket
import sys
import threading
import time


class FakeImap:
    internaldate = "10-Mar-2026 11:00:00 +0100"

    def __init__(self, mode="good", mails=3, log=None, size=300):
        self.mode = mode
        self.log = log if log is not None else []
        self.uidvalidity = 7
        self.flags = {}
        self.moved = []
        self.folders = {"INBOX"}
        self.mails = {}
        for uid in range(1, mails + 1):
            self.add(uid, size)
        self.cut_done = False
        self.idle_round = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def add(self, uid, size=300):
        head = b"From: a@example.com\r\nTo: b@example.org\r\nSubject: mail %d\r\nMessage-ID: <%d@fake>\r\n\r\n" % (uid, uid)
        self.mails[uid] = head + b"x" * (size - len(head) - 2) + b"\r\n"
        self.flags[uid] = set()

    def close(self):
        self.server.close()

    def accept(self):
        while True:
            try:
                conn, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def note(self, line):
        self.log.append(line)
        if __name__ == "__main__":
            print(line, flush=True)

    # ---- one connection
    def serve(self, conn):
        f = conn.makefile("rwb", buffering=0)
        try:
            self.note("* connected")
            if self.mode == "bye":
                f.write(b"* BYE come back later\r\n")
                return
            f.write(b"* PREAUTH hello\r\n" if self.mode == "preauth" else b"* OK hello\r\n")
            while True:
                line = f.readline()
                if not line:
                    return
                text = line.decode("latin-1").rstrip("\r\n")
                tag, _, rest = text.partition(" ")
                self.note(rest)
                if rest != rest.rstrip():       # RFC 3501: no blank before the line's end; strict servers say BAD
                    f.write(f"{tag} BAD trailing blank\r\n".encode())
                    continue
                self.command(f, tag, rest)
        except OSError:
            pass
        finally:
            f.close()
            conn.close()

    def capability(self):
        if self.mode == "no-capability":
            return None
        words = ["IMAP4rev1", "IDLE", "UIDPLUS"]
        if self.mode != "no-move":
            words.append("MOVE")
        if self.mode == "oauth":
            words.append("AUTH=XOAUTH2")
        else:
            words += ["AUTH=PLAIN", "SASL-IR"]
        if self.mode in ("inject",):
            words.append("STARTTLS")
        return " ".join(words)

    def command(self, f, tag, rest):
        word = rest.split(" ")[0].upper()
        if word == "UID":
            word = "UID_" + rest.split(" ")[1].upper()
        done = getattr(self, "do_" + word.lower(), None)
        if done is None:
            f.write(f"{tag} BAD what is {word}\r\n".encode())
            return
        answer = done(f, tag, rest)
        f.write(f"{tag} {answer or 'OK done'}\r\n".encode())

    def do_capability(self, f, tag, rest):
        words = self.capability()
        if words is not None:
            f.write(f"* CAPABILITY {words}\r\n".encode())

    def do_starttls(self, f, tag, rest):
        f.write(f"{tag} OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n99 OK injected\r\n".encode())
        return "OK"

    def do_login(self, f, tag, rest):
        if "wrong" in rest:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."

    def do_authenticate(self, f, tag, rest):
        words = rest.split(" ")
        if len(words) == 3:
            given = base64.b64decode(words[2])
        else:
            f.write(b"+ \r\n")
            given = base64.b64decode(f.readline())
        if words[1].upper() == "XOAUTH2" and b"auth=Bearer good\x01" not in given:
            f.write(b"+ " + base64.b64encode(json.dumps({"status": "400"}).encode()) + b"\r\n")
            self.note("continued " + repr(f.readline()))
            return "NO [AUTHENTICATIONFAILED] token is not good"
        if b"wrong" in given:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."

    def do_select(self, f, tag, rest):
        f.write(b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n")
        star = b"" if self.mode == "no-keyword" else b" \\*"
        f.write(b"* OK [PERMANENTFLAGS (\\Deleted \\Seen" + star + b")] limited\r\n")
        f.write(b"* %d EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %d] ok\r\n" % (len(self.mails), self.uidvalidity))
        if self.mode != "no-uidnext":
            f.write(b"* OK [UIDNEXT %d] ok\r\n" % (max(self.mails, default=0) + 1))
        return "OK [READ-WRITE] selected"

    def do_noop(self, f, tag, rest):
        pass

    def do_create(self, f, tag, rest):
        self.folders.add(rest.split(" ", 1)[1].strip('"'))

    def chosen(self, text):
        out = []
        top = max(self.mails, default=0)
        for part in text.split(","):
            a, _, b = part.partition(":")
            low = top if a == "*" else int(a)
            high = low if not b else top if b == "*" else int(b)
            out += [u for u in sorted(self.mails) if min(low, high) <= u <= max(low, high)]
        return out

    def do_uid_search(self, f, tag, rest):
        uids = sorted(self.mails) if rest.endswith("ALL") else self.chosen(rest.split(" ")[-1])
        line = ("* SEARCH" + "".join(f" {u}" for u in uids) + "\r\n").encode()
        if self.mode == "drip":
            for _ in range(600):
                f.write(b"* OK still here\r\n"[:1])
                time.sleep(0.05)
        if self.mode == "flood":
            while True:
                f.write(b"* OK " + b"x" * 60000 + b"\r\n")
        f.write(line)

    def do_uid_fetch(self, f, tag, rest):
        _, _, which, what = rest.split(" ", 3)
        if self.mode == "unasked":
            f.write(b"* 9 FETCH (UID 999 RFC822.SIZE 5 INTERNALDATE \" 1-Jan-2024 00:00:00 +0000\" FLAGS ())\r\n")
            f.write(b"* 9 FETCH (UID 999 BODY[] {5}\r\nhello)\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")
        for uid in self.chosen(which):
            body = self.mails[uid]
            if "BODY" not in what:
                size = {"lie-small": 10 if uid == 2 else len(body), "lie-big": len(body) * 3}.get(self.mode, len(body))
                flags = " ".join(sorted(self.flags[uid]))
                f.write(f'* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{self.internaldate}" FLAGS ({flags}))\r\n'.encode())
                continue
            if self.mode == "lie-small" and uid == 2 and len(body) < 1 << 20:
                body = self.mails[uid] = body + b"y" * (12 << 20)
            if self.mode == "nil" and uid == 2:
                f.write(b"* %d FETCH (UID %d BODY[] NIL)\r\n" % (uid, uid))
                continue
            part = re.search(r"<(\d+)\.(\d+)>", what)
            where = b"BODY[]"
            if part:
                body = body[int(part[1]):int(part[1]) + int(part[2])]
                where = b"BODY[]<%s>" % part[1].encode()
            if uid == 2 and (self.mode == "cut" or (self.mode == "cut-once" and not self.cut_done)):
                self.cut_done = True
                f.write(b"* %d FETCH (UID %d %s {%d}\r\n%s" % (uid, uid, where, len(body), body[:50]))
                raise ConnectionError
            f.write(b"* %d FETCH (UID %d %s {%d}\r\n%s)\r\n" % (uid, uid, where, len(body), body))

    def do_uid_store(self, f, tag, rest):
        _, _, which, _, flags = rest.split(" ", 4)
        if self.mode == "keyword-no" and "Taken" in flags:
            return "NO [CANNOT] no keywords here"
        for uid in self.chosen(which):
            self.flags[uid] |= set(flags.strip("()").split())

    def do_uid_copy(self, f, tag, rest):
        _, _, which, folder = rest.split(" ", 3)
        if folder.strip('"') not in self.folders:
            return "NO [TRYCREATE] no such folder"
        self.moved += self.chosen(which)

    def do_uid_expunge(self, f, tag, rest):
        for uid in self.chosen(rest.split(" ")[2]):
            if "\\Deleted" in self.flags[uid]:
                del self.mails[uid]

    def do_uid_move(self, f, tag, rest):
        answer = self.do_uid_copy(f, tag, rest)
        if answer is None:
            for uid in self.chosen(rest.split(" ")[2]):
                del self.mails[uid]
        return answer

    def do_idle(self, f, tag, rest):
        self.idle_round += 1
        if self.mode == "noisy-idle":
            f.write(b"* OK one thing before\r\n")
        if self.mode == "late-idle" and self.idle_round == 1:
            self.add(max(self.mails) + 1)
            f.write(b"+ idling\r\n* %d EXISTS\r\n" % len(self.mails))
        else:
            f.write(b"+ idling\r\n")
        self.note(f.readline().decode("latin-1").strip())


if __name__ == "__main__":
    fake = FakeImap(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
    print(fake.port, flush=True)
    for command in sys.stdin:
        word, _, arg = command.strip().partition(" ")
        if word == "add":
            fake.add(int(arg))
        elif word == "flags":
            print("flags " + json.dumps({u: sorted(v) for u, v in fake.flags.items()}), flush=True)
        elif word == "moved":
            print("moved " + json.dumps(fake.moved), flush=True)
