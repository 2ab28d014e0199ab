# SPDX-License-Identifier: ISC
"""Programs that answer each other over simulated weeks: another ticketd, ticket systems, vacation programs, lists. The number of
letters stays within the budgets (each test states its bound), the operator hears of it, and no mail of a person is lost."""
import email.utils
import re
import time

from staff_box import CONF, Box, at, body

LATENCY = 900                           # seconds after which a robot answers
DAY = 86400
WEEKS = 2
MONDAY = at("2026-03-02T09:00:00Z")
LIMITS = {"recipient-hour": 3, "recipient-day": 5, "domain-hour": 6, "domain-day": 8, "all-hour": 60, "all-day": 200}
BUDGET = "budget { %s }" % "  ".join("%s = %d" % x for x in LIMITS.items())


def stamp(when):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def conf(address, more=""):
    """The desk of staff_box.py under another address."""
    return re.sub(r"support@dynamics\.example", address, CONF.format(reply="plus", more=BUDGET + more))


class Play:
    """Desks, and what answers their letters: robots is {domain: function(play, desk, when, letter, to)}, which calls put()."""

    def __init__(self, t, desks, robots):
        self.t, self.robots, self.count = t, robots, 0
        self.boxes = {d: Box(t, conf=conf(d)) for d in desks}
        self.done = {d: set() for d in desks}
        self.results, self.changed, self.put_in = {}, set(desks), 0

    def put(self, desk, when, sender, text, subject, auth=True, **how):
        box = self.boxes[desk]
        self.put_in += 1
        box.add(sender, text, when=stamp(when), subject=subject, to=how.pop("to", desk), auth=auth, message_id="<%d.loop@%s>" % (self.put_in, re.sub(r".*@|>.*", "", sender)), **how)
        self.changed.add(desk)

    def run(self, until):
        """Letters are answered in the order of time: what comes in later changes none that went out before."""
        for _ in range(200):
            for desk in self.changed:
                box = self.boxes[desk]
                box.mails.sort(key=lambda m: m[0])
                if box.mails:
                    self.results[desk] = box.run(stamp(until))
            self.changed = set()
            new = [(at(l.meta["at"]), desk, l) for desk, r in self.results.items() for l in r.letters if str(l["Message-ID"]) not in self.done[desk]]
            if not new:
                return self
            first = min(x[0] for x in new)
            for when, desk, letter in sorted(new, key=lambda x: x[0]):
                if when >= first + LATENCY:
                    break
                self.done[desk].add(str(letter["Message-ID"]))
                for to in letter.meta["to"]:
                    robot = self.robots.get(to) or self.robots.get(to.partition("@")[2])
                    if robot is not None:
                        robot(self, desk, when + LATENCY, letter, to)
        raise AssertionError("they are still talking after 200 rounds: %r" % {d: len(r.letters) for d, r in self.results.items()})

    def letters(self, desk, to):
        return [l for l in self.results[desk].letters if any(to in x for x in l.meta["to"])]


# ---- robots

def other_desk(play, desk, when, letter, to):
    """A gateway between two ticketds that leaves nothing by which a letter could be known."""
    play.put(to if to in play.boxes else next(d for d in play.boxes if d != desk), when, desk, "Number %d.\n%s" % (play.put_in, body(letter)), "Message %d" % play.put_in, auth=False)


def rt(marked):
    """Opens a ticket for whatever comes and says so, under a subject of its own."""
    def robot(play, desk, when, letter, to):
        headers = [("Precedence", "bulk"), ("X-RT-Loop-Prevention", "rt.example"), ("RT-Ticket", "rt.example #%d" % play.put_in)] if marked else []
        play.put(desk, when, "RT <%s>" % to, "Greetings,\n\nThis message has been automatically generated in response to the creation of ticket %d.\n" % play.put_in,
                 "[rt.example #%d] AutoReply: request %d" % (play.put_in, play.put_in), headers=headers)
    return robot


def changing(play, desk, when, letter, to):
    """A ticket system that answers from a new address for each ticket and keeps no header."""
    play.put(desk, when, "Service <case-%d@crm.example>" % (1000 + play.put_in), "We have registered your request %d.\n" % play.put_in, "Your request %d" % play.put_in)


def vacation(marked, pause):
    seen = {}

    def robot(play, desk, when, letter, to):
        if (desk, to) in seen and when - seen[desk, to] < pause:
            return
        seen[desk, to] = when
        headers = [("Auto-Submitted", "auto-replied (vacation)"), ("In-Reply-To", letter["Message-ID"]), ("References", letter["Message-ID"])] if marked else []
        play.put(desk, when, to, "I am away until 30 March. In urgent matters please write to somebody else.\n", "%s: %s" % ("Automatic reply" if marked else "I am away", letter["Subject"]), headers=headers)
    return robot


def echo(play, desk, when, letter, to):
    """A mailing list that the desk is a member of: what it writes there comes back to it, rewritten."""
    play.put(desk, when, "'Support' via Users <%s>" % to, body(letter) + "\n\n-- \nusers mailing list\n", "[Users] %s" % letter["Subject"], auth=False,
             headers=[("List-Id", "<users.list.example>"), ("Precedence", "list"), ("Sender", "users-bounces@list.example")])


# ---- tests

def test_two_ticketds(t):
    """Bound: to each other at most recipient-day letters each, after every mail of a person that begins it; here 2 x 5 a week."""
    a, b = "support@alpha.example", "support@beta.example"
    play = Play(t, [a, b], {a: other_desk, b: other_desk})
    for week in range(WEEKS):
        play.put(a, MONDAY + week * 7 * DAY, b, "A person wrote this in week %d.\n" % week, "From a person %d" % week, auth=False)
        play.put(a, MONDAY + week * 7 * DAY + 1800, "Ann <ann@haulage.example>", "It is broken, week %d.\n" % week, "Broken %d" % week)
    play.run(MONDAY + WEEKS * 7 * DAY)
    for desk, other in ((a, b), (b, a)):
        sent = play.letters(desk, other)
        assert 0 < len(sent) <= WEEKS * LIMITS["recipient-day"], (desk, len(sent))
        alarms = [l for l in play.results[desk].of("alarm") if other in body(l)]
        assert 1 <= len(alarms) <= 3 * WEEKS, (desk, len(alarms))
        assert len(play.results[desk].cases) == len(play.boxes[desk].mails), "every mail has a case"
    assert len(play.letters(a, "ann@haulage.example")) == WEEKS


def test_robots_of_all_kinds(t):
    """Bound: to an address at most recipient-day letters a day, to a domain domain-day; what is marked as a machine's gets the one letter that
    it answered. A person's mails and answers go through in the meantime."""
    desk = "support@dynamics.example"
    robots = {"rt@rt.example": rt(True), "help@rt2.example": rt(False), "crm.example": changing, "vera@away.example": vacation(True, 7 * DAY), "olle@away2.example": vacation(False, 0),
              "users@list.example": echo}
    play = Play(t, [desk], robots)
    for week in range(WEEKS):
        day = MONDAY + week * 7 * DAY
        for n, (who, _) in enumerate(sorted(robots.items())):
            play.put(desk, day + 60 * n, "case-999@crm.example" if who == "crm.example" else who, "A person begins, week %d.\n" % week, "Begun %s %d" % (who, week))
        for n in range(3):
            play.put(desk, day + (1 + n) * DAY, "Ann <ann%d@haulage.example>" % n, "It is broken, number %d.%d.\n" % (week, n), "Broken %d.%d" % (week, n))
    play.run(MONDAY + WEEKS * 7 * DAY)
    r = play.results[desk]
    sent = {who: len(play.letters(desk, who)) for who in robots}
    for who in ("rt@rt.example", "vera@away.example"):
        assert sent[who] == WEEKS, (who, sent)
    for who in ("help@rt2.example", "olle@away2.example"):
        assert WEEKS <= sent[who] <= WEEKS * LIMITS["recipient-day"], (who, sent)
    assert sent["users@list.example"] <= WEEKS and sent["crm.example"] <= WEEKS * LIMITS["domain-day"], sent
    assert [l for l in r.of("alarm") if "crm.example" in body(l)] and [l for l in r.of("alarm") if "rt2.example" in body(l)]
    for week in range(WEEKS):
        for n in range(3):
            case = [c for c in r.cases if c["subject"] == "Broken %d.%d" % (week, n)]
            assert len(case) == 1 and [l for l in play.letters(desk, "ann%d@haulage.example" % n) if l.meta["case"] == case[0]["case"]], (week, n)
    kept = sum(1 for c in r.cases for e in c["entries"] if e["what"] in ("opened", "appended", "machine", "parked", "refused", "duplicate"))
    assert kept >= play.put_in, "%d mails, %d entries" % (play.put_in, kept)
