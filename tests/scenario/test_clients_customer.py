# SPDX-License-Identifier: ISC
"""Customers with each mail program of clients.py: what they write, answer to all and forward stays one case and one thread."""
import datetime
import email
import email.policy

import threads
from clients import CLIENTS
from staff_box import CONF, Box, body

BUDGET = "notices { burst = 0  hour = 1000 }\nbudget { recipient-hour = 500  recipient-day = 500  domain-hour = 500  domain-day = 500  all-hour = 5000  all-day = 5000 }"
DESK = "support@dynamics.example"
LIZ = ("Liz Lane", "liz@dynamics.example")
START = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.timezone.utc)
FIRST = "Hello,\n\nthe ledger does not open since this morning.\n\nAnn Ash"
WORDS = ["It still says \u201cno access\u201d, and \u00e5\u00e4\u00f6 look odd.", "Now it says something else:\nledger 4711 is locked.", "My colleague Bob sees it too.", "For your files, the letter that I meant."]


class World(Box):
    """A Box with mails as clients write them; the server in front adds its fields."""

    def __init__(self, t, more="", **how):
        super().__init__(t, more=BUDGET + "\n" + more, **how)
        self.sent = {}

    def put(self, minute, person, data, auth=True):
        when = START + datetime.timedelta(minutes=minute)
        domain = person[1].rpartition("@")[2]
        top = b"Received: from mail.%s by mx.dynamics.example (Postfix) with ESMTPS id 1; %s\r\n" % (domain.encode(), when.strftime("%a, %d %b %Y %H:%M:%S +0000").encode())
        if auth:
            top += b"Authentication-Results: mx.dynamics.example; dmarc=pass header.from=%s\r\n" % domain.encode()
        self.mails.append((int(when.timestamp()), person[1], (top + data).replace(b"\r\n", b"\n")))
        self.sent.setdefault(person[1], []).append((when, email.message_from_bytes(data, policy=email.policy.default)))

    def run(self, until=None):
        self.mails.sort(key=lambda m: m[0])
        return super().run(until)

    def mailbox(self, r, person):
        """What stands in a person's mailbox, sent mail included, in the order of time."""
        mine = [(w.strftime("%Y-%m-%dT%H:%M:%SZ"), m) for w, m in self.sent.get(person[1], [])]
        mine += [(l.meta["at"], l) for l in r.letters if person[1] in l.meta["to"]]
        return [m for _, m in sorted(mine, key=lambda x: x[0])]


def at(minute):
    return START + datetime.timedelta(minutes=minute)


def fold(text):
    return " ".join(text.split())


class Rows:
    """One row a client: all are played, and what failed is told of all at once."""

    def __init__(self):
        self.wrong = []

    def check(self, name, what, good, shown=None):
        if not good:
            self.wrong.append("%s: %s%s" % (name, what, "" if shown is None else ": %r" % (shown,)))

    def done(self):
        assert not self.wrong, "%d wrong:\n%s" % (len(self.wrong), "\n".join(self.wrong))


def customer(name):
    return ("Ann Ash", "ann@%s.example" % name)


def case_of(r, person):
    found = [n for n, c in enumerate(r.cases) if c["requester"]["addr"] == person[1]]
    return found[0] if len(found) == 1 else None


def of_case(r, person, kind, to=None):
    number = r.cases[case_of(r, person)]["case"]
    return [l for l in r.of(kind, to) if l.meta["case"] == number]


def play(t):
    """A case for each client: mail, answer of staff, reply, answer, reply to all with a colleague, answer, forward to the desk."""
    w = World(t)
    for name, c in CLIENTS.items():
        w.put(0, customer(name), c.write(customer(name), at(0), FIRST, DESK, "The ledger does not open"))
    r = w.run()
    step = 10
    for n in range(4):
        for name, c in CLIENTS.items():
            who = customer(name)
            if n == 0:
                letter = of_case(r, who, "notice", LIZ[1])[-1]
                w.put(step, LIZ, CLIENTS["mutt"].answer(LIZ, at(step), "Please try again, number %d." % n, letter))
        r = w.run()
        for name, c in CLIENTS.items():
            who = customer(name)
            letter = of_case(r, who, "relay", who[1])[-1]
            if n == 3:
                data = c.forward(who, at(step + 10), WORDS[n], letter, DESK)
            else:
                data = c.answer(who, at(step + 10), WORDS[n], letter, everybody=n == 2, cc=[("Bob Bay", "bob@%s.example" % name)] if n == 2 else ())
            w.put(step + 10, who, data)
        r = w.run()
        for name, c in CLIENTS.items():
            letters = of_case(r, customer(name), "notice", LIZ[1])
            w.put(step + 20, LIZ, CLIENTS["mutt"].answer(LIZ, at(step + 20), "Please try again, number %d." % (n + 1), letters[-1]))
        step += 20
        r = w.run()
    return w, r


def test_each_client_of_a_customer_is_one_case_and_one_thread(t):
    w, r = play(t)
    rows = Rows()
    rows.check("all", "one case each", len(r.cases) == len(CLIENTS), len(r.cases))
    for name in CLIENTS:
        who = customer(name)
        k = case_of(r, who)
        if k is None:
            rows.check(name, "one case", False, [(c["subject"], [e["why"] for e in c["entries"]][:1]) for c in r.cases if c["requester"]["addr"] == who[1]])
            continue
        said = [e["text"] for e in r.entries("appended", k)]
        rows.check(name, "opened with the words", fold(r.entries("opened", k)[0]["text"]).startswith(fold(FIRST)), r.entries("opened", k)[0]["text"])
        for n, words in enumerate(WORDS[:3]):
            got = fold(said[n]) if n < len(said) else None
            rows.check(name, "reply %d holds the new words alone" % n, got == fold(words) or (got or "").replace("Ann", "") == fold(words), got)
        rows.check(name, "the forwarded letter is an answer on the case", len(said) == 4 and fold(said[3]).startswith(fold(WORDS[3])), said[3:])
        notices = [body(l) for l in of_case(r, who, "notice", LIZ[1])]
        for n, words in enumerate(WORDS):
            rows.check(name, "the assignee has reply %d" % n, any(fold(words.replace("\n", " ")) in x for x in notices))
        relays = of_case(r, who, "relay", who[1])
        rows.check(name, "five answers came", len(relays) == 5, [body(x)[:60] for x in relays])
        rows.check(name, "the colleague in copy has the later answers", len([x for x in relays if "bob@%s.example" % name in x.meta["to"]]) == 2, [x.meta["to"] for x in relays])
        rows.check(name, "nobody is parked", not r.entries("parked", k))
        conversation(rows, name, w, r, who)
        conversation(rows, name, w, r, LIZ, r.cases[k]["case"])
    rows.done()


def conversation(rows, name, w, r, who, number=None):
    """All letters of a case are one conversation by every rule; with what the person wrote, by References where the program writes them."""
    letters = [m for m in r.letters if who[1] in m.meta["to"] and (number is None or m.meta["case"] == number)]
    subjects_vary = number is not None          # to staff: with the priority and what was done
    for rule in (threads.by_references, threads.by_outlook) + (() if subjects_vary else (threads.by_gmail,)):
        rows.check(name, "%s sees one conversation in the letters to %s" % (rule.__name__, who[1]), len(rule(letters)) == 1, [(str(m["Subject"]), str(m["References"])) for m in letters])
    if number is None:
        box = w.mailbox(r, who)
        rows.check(name, "by references, sent mail included", len(threads.by_references(box)) == 1 or CLIENTS[name].references == "none",
                   [(str(m["Subject"]), str(m["Message-ID"]), str(m["References"])) for m in box])
        rows.check(name, "by Outlook's rule, sent mail included", not CLIENTS[name].topic or len(threads.by_outlook(box)) == 1, [(str(m["Subject"]), str(m["Thread-Topic"])) for m in box])


def test_words_below_a_forwarded_letter_are_kept(t):
    """s-nail's own way: nothing above the forwarded mail, what was typed below it."""
    w, who = World(t), customer("mutt")
    w.put(0, who, CLIENTS["mutt"].write(who, at(0), FIRST, DESK, "The ledger does not open"))
    w.put(5, LIZ, CLIENTS["mutt"].answer(LIZ, at(5), "Please try again", w.run().one("notice", LIZ[1])))
    data = CLIENTS["mutt"].forward(who, at(10), "", w.run().one("relay"), DESK)
    w.put(10, who, data.replace(b"----- End forwarded", b"And this I typed below.\r\n\r\n----- End forwarded"))
    r = w.run()
    assert "And this I typed below." in r.entries("appended")[0]["text"] and "And this I typed below." in body(r.of("notice", LIZ[1])[-1])
