# SPDX-License-Identifier: ISC
"""A desk with staff in the simulator: mails with their arrivals go in, cases and letters come out."""
import calendar
import email
import email.policy
import json
import re
import time

CONF = '''state-directory = "state"
control = "control"
calendar "office" {{ zone = "Europe/London"  open = {{ "Mon-Fri 09:00-17:00" }} }}
relay "out" {{ transport = "smtp"  host = "smtp.example.com"  auth = "none"  envelope = "signed" }}
desk "support" {{
    address = {{ "support@dynamics.example" }}
    from-name = "Dynamics Support"
    prefix = "CAS"
    relay = "out"
    calendar = "office"
    language = {{ "en", "sv", "da" }}
    authserv = {{ "mx.dynamics.example" }}
    alarm-to = "nina@dynamics.example"
    reply-address = {reply}
    person "liz@dynamics.example" {{ label = "Liz Lane" }}
    person "mark@dynamics.example" {{ label = "Mark Moss" }}
    person "eva@dynamics.example" {{ label = "Eva Ek"  language = "sv" }}
    queue "helpdesk" {{ default = true  staff = {{ "liz@dynamics.example", "mark@dynamics.example" }}  assign = none  next = "second" }}
    queue "second" {{ staff = {{ "eva@dynamics.example" }}  handover = "Our specialists take over." }}
    kind "question" {{ default = true  offered = true }}
    kind "error" {{ offered = true  resolve-words = true }}
    priority "critical" {{ label = "Critical"  clock "respond" {{ target = "1h" }}  clock "resolve" {{ target = "1mo" }} }}
    priority "standard" {{ label = "Standard"  default = true  clock "assign" {{ target = "2h" }}  clock "respond" {{ target = "4h" }}  clock "resolve" {{ target = "5wd"  pause = {{ waiting }} }} }}
    field "app" {{ label = "App"  pattern = {{ "app ([a-z]+)" }} }}
    rule "down" {{ text = {{ "system is down" }}  priority = "critical" }}
    letter "upload" {{ label = "Upload"  subject = "Where to upload"  text = "Please upload your copy." }}
    {more}
}}
'''
AT = "2026-03-10T10:00:00Z"             # a Tuesday
TOKEN = re.compile(r"support\+[a-z2-7]{32}@dynamics\.example", re.I)


def at(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class Box:
    """Mails of one simulation, in the order of their arrival. run() can be called again and again: the same mails give the same letters,
    so that a mail can be an answer to a letter of an earlier run."""

    def __init__(self, t, reply="plus", more="", conf=None):
        self.t, self.mails, self.n = t, [], 0
        self.conf = conf or CONF.format(reply=reply, more=more)

    def add(self, sender, text="Hello", when=AT, subject="The ledger does not open", to="support@dynamics.example", auth=True, html=None, headers=(), answers=None,
            raw=None, message_id=None):
        """answers: a letter of an earlier run, whose Reply-To, subject and thread this mail takes."""
        self.n += 1
        domain = re.sub(r".*@|>.*", "", sender)
        head = [("From", sender), ("To", to), ("Subject", subject), ("Date", time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(at(when)))),
                ("Message-ID", message_id or "<m%d@client.%s>" % (self.n, domain)), ("MIME-Version", "1.0")]
        if answers is not None:
            fields = dict(head)
            fields["To"] = answers["Reply-To"] or answers["From"] if to == "support@dynamics.example" else to
            if subject == "The ledger does not open":
                fields["Subject"] = "Re: " + re.sub(r"^Re: ", "", str(answers["Subject"]))
            fields["In-Reply-To"] = answers["Message-ID"]
            fields["References"] = ((answers["References"] or "") + " " + answers["Message-ID"]).strip()
            head = list(fields.items())
        if auth:
            head.insert(0, ("Authentication-Results", "mx.dynamics.example; dmarc=pass header.from=" + domain))
        head += list(headers)
        body = text.encode() if isinstance(text, str) else text
        if raw is None:
            kind = "text/html" if html else "text/plain"
            head += [] if any(k == "Content-Type" for k, _ in headers) else [("Content-Type", kind + "; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]
            body = html.encode() if html else body
        else:
            body = raw
        data = b"".join(b"%s: %s\n" % (k.encode(), str(v).encode()) for k, v in head) + b"\n" + body
        self.mails.append((at(when), re.sub(r".*<|>.*", "", sender), data))
        return self

    def run(self, until=None):
        with open(self.t.path("d.conf"), "w") as f:
            f.write(self.conf)
        with open(self.t.path("in.mbox"), "wb") as f:
            for when, sender, data in self.mails:
                lines = [b">" + l if re.match(rb">*From ", l) else l for l in data.splitlines(True)]
                f.write(b"From %s %s\n" % (sender.encode(), time.asctime(time.gmtime(when)).encode()) + b"".join(lines) + b"\n\n")
        if until is None:
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.mails[-1][0] + 600))
        done = self.t.run("ticketctl", "simulate", "--config", self.t.path("d.conf"), "--in", self.t.path("in.mbox"), "--out", self.t.path("out.mbox"), "--until", until)
        assert done.returncode == 0, done.stderr
        with open(self.t.path("out.mbox"), "rb") as f:
            raw = f.read()
        return Result(json.loads(done.stdout), raw)


class Result:
    def __init__(self, doc, raw):
        self.doc, self.raw = doc, raw
        parts = re.split(rb"(?m)^From .*\n", raw)[1:]
        self.letters = [email.message_from_bytes(p, policy=email.policy.default) for p in parts]
        for letter, meta in zip(self.letters, doc["letters"]):
            letter.meta = meta
        self.cases = doc["cases"]

    @property
    def case(self):
        assert len(self.cases) == 1, [c["case"] for c in self.cases]
        return self.cases[0]

    def of(self, kind, to=None):
        return [l for l in self.letters if l["X-Ticketd-Kind"] == kind and (to is None or to in l.meta["to"])]

    def one(self, kind, to=None):
        found = self.of(kind, to)
        assert len(found) == 1, (kind, to, [(l["X-Ticketd-Kind"], l.meta["to"], str(l["Subject"])) for l in self.letters])
        return found[0]

    def entries(self, what, case=0):
        return [e for e in self.cases[case]["entries"] if e["what"] == what]

    def clock(self, name, case=0):
        return [c for c in self.cases[case]["clocks"] if c["name"] == name][0]


def body(letter, kind="plain"):
    """Its words, blanks and line ends folded."""
    part = letter.get_body((kind,))
    return re.sub(r"\s+", " ", part.get_content()) if part is not None else None
