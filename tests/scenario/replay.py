# SPDX-License-Identifier: ISC
"""Mail of days and months played through `ticketctl simulate`, and what came of it.

    r = Replay(t, "erp-se")
    r.mail("2026-03-10 10:00", "ann@kund.example", "Order confirmation fails")      # local time of the desk
    r.run(until="2026-03-12 18:00")
    c = r.case(1)
    assert r.local(c["clocks"][0]["due"]) == "2026-03-10 14:00"
    r.staff("2026-03-10 11:00", "anna", 1, "#take")                                 # an answer to the notice, before run()

A row of a policy is a function of a Replay that has not run yet; row() plays it with the profile as it stands, and again for
each edit of the profile that takes the row's rule or setting out: then it must fail.
"""
import datetime
import email
import email.headerregistry
import email.message
import email.policy
import json
import mailbox
import os
import re
import zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UTC = datetime.timezone.utc
DESKS = {                               # profile: (support address, host, zone)
    "erp-se": ("support@erp.example", "erp.example", "Europe/Stockholm"),
    "workforce-se": ("support@workforce.example", "workforce.example", "Europe/Stockholm"),
    "odoo-flow": ("support@studio.example", "studio.example", "Europe/Brussels"),
    "dynamics-uk": ("support@dynamics.example", "dynamics.example", "Europe/London"),
    "integration-dk": ("support@integration.example", "integration.example", "Europe/Copenhagen"),
}


def profile_text(name):
    with open(os.path.join(ROOT, "contrib/profiles", name + ".conf"), encoding="utf-8") as f:
        return f.read()


class Unplayable(Exception):
    """The test itself is wrong: an edit that changes nothing, a profile that does not load."""


class Replay:
    def __init__(self, t, profile, edits=()):
        self.t, self.profile = t, profile
        self.desk, self.host, zone = DESKS[profile]
        self.zone = zoneinfo.ZoneInfo(zone)
        self.mails, self.doc, self.letters_raw = [], None, []
        self.edits = edits

    # ---- mail

    def at(self, text):
        """A local time of the desk as an aware datetime."""
        form = "%Y-%m-%d %H:%M:%S" if text.count(":") == 2 else "%Y-%m-%d %H:%M"
        return datetime.datetime.strptime(text, form).replace(tzinfo=self.zone)

    def mail(self, when, sender, subject="Question", text="Hello,\n\nplease help me with this.\n", to=None, cc=None, proven=True, attach=(), headers=None,
             html=None, name=None):
        """A mail. attach: (name, type, bytes) each. headers: more of them, None takes one away. Answers its Message-ID."""
        m = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=200))
        mid = "<m%d.%s@%s>" % (len(self.mails) + 1, self.profile, sender.rpartition("@")[2])
        m["Received"] = "from mail.%s by mx.%s with ESMTP id %d; %s" % (sender.rpartition("@")[2], self.host, len(self.mails) + 1,
                                                                    self.at(when).strftime("%a, %d %b %Y %H:%M:%S %z"))
        if proven:
            m["Authentication-Results"] = "mx.%s; dmarc=pass header.from=%s; spf=pass smtp.mailfrom=%s" % (self.host, sender.rpartition("@")[2], sender)
        m["From"] = email.headerregistry.Address(name or "", addr_spec=sender) if name else sender
        m["To"] = to or self.desk
        if cc:
            m["Cc"] = cc
        m["Subject"] = subject
        m["Date"] = self.at(when).strftime("%a, %d %b %Y %H:%M:%S %z")
        m["Message-ID"] = mid
        m.set_content(text)
        if html:
            m.add_alternative(html, subtype="html")
        for file, kind, data in attach:
            m.add_attachment(data, maintype=kind.partition("/")[0], subtype=kind.partition("/")[2], filename=file)
        for key, value in (headers or {}).items():
            del m[key]
            if value is not None:
                m[key] = value
        self.mails.append((self.at(when), sender, m, None))
        return mid

    def later(self, when, sender, make):
        """A mail that answers what came before: make(replay so far) gives it. The replay is played up to `when` first."""
        self.mails.append((self.at(when), sender, None, make))

    def answer(self, when, sender, letter, text, subject=None, proven=True, to=None, quote=True, headers=None):
        """An answer to a letter of ours: letter(replay so far) picks it."""
        def make(r):
            got = letter(r)
            body = text
            if quote:
                words = got.get_body(("plain",)).get_content()
                body += "\n\nOn Tue, 10 Mar 2026 at 10:00, %s wrote:\n%s" % (self.desk, "".join("> " + line + "\n" for line in words.splitlines()))
            back = to or (got["Reply-To"] or got["From"]).addresses[0].addr_spec
            more = {"In-Reply-To": got["Message-ID"], "References": ("%s %s" % (got["References"] or "", got["Message-ID"])).strip()}
            more.update(headers or {})
            inner = Replay(self.t, self.profile)
            inner.mails = [None] * len(self.mails)
            inner.mail(when, sender, subject or "Re: " + re.sub(r"(?i)^re: ", "", got["Subject"]), body, to=back, proven=proven, headers=more)
            return inner.mails[-1][2]
        self.later(when, sender, make)

    def staff(self, when, person, case, text, proven=True):
        """What somebody of staff writes to a case, by its number in the subject: case is the n-th one, from 1."""
        sender = person if "@" in person else "%s@%s" % (person, self.host)

        def make(r):
            c = r.doc["cases"][case - 1]
            inner = Replay(self.t, self.profile)
            inner.mails = [None] * len(self.mails)
            inner.mail(when, sender, "Re: %s [%s]" % (c["subject"], c["case"]), text, proven=proven)
            m = inner.mails[-1][2]
            m.replace_header("Message-ID", "<s%d.%s@%s>" % (len(r.doc["letters"]) + int(self.at(when).timestamp()) % 1000000, r.profile, self.host))
            return m
        self.later(when, sender, make)

    def customer(self, when, sender, case, text, proven=True):
        """What a customer answers to the case, by its number in the subject."""
        self.staff(when, sender, case, text, proven)

    # ---- playing

    def _play(self, mails, until):
        name = "replay-%d" % id(self)
        folder = self.t.path(name)
        os.makedirs(folder, exist_ok=True)
        text = profile_text(self.profile)
        for old, new in self.edits:
            text, n = re.subn(old, new, text, flags=re.M | re.S)
            if not n:
                raise Unplayable("the profile has no %r to edit" % old)
        with open(os.path.join(folder, "p.conf"), "w", encoding="utf-8") as f:
            f.write(text)
        with open(os.path.join(folder, "in.mbox"), "wb") as f:
            for when, sender, m in mails:
                f.write(b"From %s %s\n" % (sender.encode(), when.astimezone(UTC).strftime("%a %b %e %H:%M:%S %Y").encode()))
                data = m.as_bytes(policy=email.policy.SMTP.clone(max_line_length=200)).replace(b"\r\n", b"\n")
                f.write(re.sub(rb"(?m)^(>*From )", rb">\1", data) + b"\n")
        done = self.t.run("ticketctl", "simulate", "--config", os.path.join(folder, "p.conf"), "--in", os.path.join(folder, "in.mbox"),
                          "--out", os.path.join(folder, "out.mbox"), "--until", until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if done.returncode != 0:
            raise Unplayable(done.stderr)
        self.doc = json.loads(done.stdout)
        box = mailbox.mbox(os.path.join(folder, "out.mbox"), factory=None, create=False)
        self.letters_raw = [email.message_from_bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", box.get_bytes(k)), policy=email.policy.default) for k in box.keys()]
        assert len(self.letters_raw) == len(self.doc["letters"])

    def run(self, until):
        """Plays everything, mails in the order of their times."""
        ready = []
        for when, sender, m, make in sorted(self.mails, key=lambda x: x[0]):
            if m is None:
                self._play(ready, when)
                m = make(self)
            ready.append((when, sender, m))
        self._play(ready, self.at(until))
        return self

    # ---- looking

    def local(self, stamp):
        """A time of the JSON as local time of the desk: "2026-03-10 14:00"."""
        if stamp is None:
            return None
        at = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def case(self, n):
        return self.doc["cases"][n - 1]

    def clock(self, n, name):
        found = [c for c in self.case(n)["clocks"] if c["name"] == name]
        assert len(found) == 1, "%d clocks named %s: %r" % (len(found), name, self.case(n)["clocks"])
        return found[0]

    def due(self, n, name):
        return self.local(self.clock(n, name)["due"])

    def entries(self, n, what):
        return [e for e in self.case(n)["entries"] if e["what"] == what]

    def letters(self, kind=None, to=None, case=None):
        """The letters that went out: [(its row in the JSON, the mail)]."""
        return [(row, m) for row, m in zip(self.doc["letters"], self.letters_raw)
                if (kind is None or row["kind"] == kind) and (to is None or to in row["to"]) and (case is None or row["case"] == self.case(case)["case"])]

    def letter(self, kind, to=None, case=None):
        found = self.letters(kind, to, case)
        assert len(found) == 1, "%d letters %s to %s, expected one: %r" % (len(found), kind, to, [(row["kind"], row["to"]) for row in self.doc["letters"]])
        return found[0]

    def words(self, kind, to=None, case=None):
        """The texts of the letters of this kind, white space folded."""
        found = self.letters(kind, to, case)
        assert found, "no letter %s to %s: %r" % (kind, to, [(row["kind"], row["to"]) for row in self.doc["letters"]])
        return " ".join(" ".join(m.get_body(("plain",)).get_content().split()) for _, m in found)


def last(kind, to=None):
    """For answer(): the last letter of that kind."""
    return lambda r: r.letters(kind, to)[-1][1]


def row(t, profile, play, *without):
    """Plays a row of the policy; then, for each edit that takes something out of the profile, plays it again and wants it to fail."""
    play(Replay(t, profile))
    for edits in without:
        edits = [edits] if isinstance(edits, tuple) else edits
        try:
            play(Replay(t, profile, edits))
        except Unplayable:
            raise
        except Exception:
            continue
        raise AssertionError("the row still holds without %r" % (edits,))
