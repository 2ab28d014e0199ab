# SPDX-License-Identifier: ISC
"""The days of staff: who is away, the digest of the morning, and letters that are collected in a rush."""
import re

from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
MARK = "Mark Moss <mark@dynamics.example>"
EVA = "Eva Ek <eva@dynamics.example>"
ANN = "Ann <ann@haulage.example>"


def box_of(t, more, persons='person "liz@dynamics.example" { label = "Liz Lane" }', **kw):
    """The usual desk with another section for Liz."""
    from staff_box import CONF
    conf = CONF.format(reply=kw.pop("reply", "plus"), more=more).replace('person "liz@dynamics.example" { label = "Liz Lane" }', persons)
    return Box(t, conf=conf)


def cases(box, n, when="2026-03-10T10:%02d:00Z"):
    for i in range(n):
        box.add(ANN, "It is broken.\n", when=when % i, subject="Thing %d" % (i + 1))
    return [c["case"] for c in box.run().cases]


def take(box, number, who=LIZ, when="2026-03-10T11:00:00Z"):
    box.add(who, "#take\n", when=when, subject="Re: x [%s]" % number)


# ---- away

def test_away_passes_by_and_deputy_hears(t):
    box = box_of(t, 'assign = first', persons='person "liz@dynamics.example" { label = "Liz Lane" deputy = "mark@dynamics.example" }')
    box.conf = box.conf.replace("assign = none", "assign = first")
    box.add(ANN, "One.\n", subject="One")
    box.add(LIZ, "#away until 20 March\n", when="2026-03-10T10:30:00Z", subject="away")
    box.add(ANN, "Two.\n", when="2026-03-10T11:00:00Z", subject="Two")
    r = box.run()
    one = r.cases[0]["case"]
    said = body(r.one("result"))
    assert "Tuesday 10 March" in said and "Friday 20 March" in said and "Monday 23 March" in said and "Mark Moss" in said, said
    assert [c["assignee"] for c in r.cases] == ["liz@dynamics.example", "mark@dynamics.example"]
    assert "passed over" in str(r.entries("assigned", 1)) and "absent" in str(r.entries("assigned", 1))
    box.add(ANN, "Any news?\n", when="2026-03-11T09:30:00Z", subject="Re: One [%s]" % one)
    r = box.run()
    assert [l.meta["to"] for l in r.of("notice")][-1] == ["mark@dynamics.example"], [l.meta for l in r.of("notice")]
    assert "liz@dynamics.example is away" in str(r.cases[0]["entries"])
    assert [c for c in r.cases[0]["clocks"] if c["name"] == "respond"][0]["paused_seconds"] == 0
    box.add(LIZ, "#back\n", when="2026-03-11T09:40:00Z", subject="back")
    box.add(ANN, "Any news now?\n", when="2026-03-11T09:50:00Z", subject="Re: One [%s]" % one)
    box.add(ANN, "Three.\n", when="2026-03-11T10:00:00Z", subject="Three")
    r = box.run()
    assert r.cases[2]["assignee"] == "liz@dynamics.example"
    assert "Welcome back" in body(r.of("result")[-1])
    assert [l.meta["to"] for l in r.of("notice") if "now" in body(l)] == [["liz@dynamics.example"]]


def test_away_queue_and_assignee(t):
    for how, want in (("queue", "mark@dynamics.example"), ("assignee", "liz@dynamics.example")):
        box = box_of(t, "away = %s" % how, persons='person "liz@dynamics.example" { label = "Liz Lane" deputy = "eva@dynamics.example" }')
        number = cases(box, 1)[0]
        take(box, number)
        box.add(LIZ, "#away 12/3-13/3\n", when="2026-03-10T12:00:00Z", subject="x")
        box.add(ANN, "During.\n", when="2026-03-12T10:00:00Z", subject="Re: x [%s]" % number)
        box.add(ANN, "Before.\n", when="2026-03-10T13:00:00Z", subject="Re: x [%s]" % number)
        box.mails.sort(key=lambda m: m[0])
        box.add(ANN, "After.\n", when="2026-03-14T10:00:00Z", subject="Re: x [%s]" % number)
        notices = {re.search("During|Before|After", body(l)).group(): l.meta["to"][0] for l in box.run().of("notice") if re.search("During|Before|After", body(l))}
        assert notices == {"During": want, "Before": "liz@dynamics.example", "After": "liz@dynamics.example"}, (how, notices)


def test_away_in_their_words(t):
    box = box_of(t, "")
    rows = [(EVA, "#away till och med den 31 juli", "fredag 31 juli"), (EVA, "#Away t.o.m. 31/7", "fredag 31 juli"), (LIZ, "#away until July 31st", "Friday 31 July"),
            (LIZ, "#away 2026-07-01..2026-07-31", "Wednesday 1 July"), (LIZ, "\u00a0#away until\u00a0Friday.", "Friday 13 March"),
            (LIZ, "#away", "needs more"), (LIZ, "#away until soon", "no date"), (LIZ, "#away until 2026-01-01", "no date"), (LIZ, "#back", "Welcome back"), (LIZ, "#back", "so already"),
            (EVA, "#away until 2036-01-01", "inget kommande datum")]
    for i, (who, text, _) in enumerate(rows):
        box.add(who, text + "\n", when="2026-03-10T10:%02d:00Z" % i, subject="x %d" % i)
    r = box.run()
    assert not r.cases
    for (who, text, want), letter in zip(rows, r.of("result")):
        assert want in body(letter), (text, body(letter))


def test_nobody_unproven_sends_anybody_away(t):
    box = box_of(t, "assign = first")
    box.conf = box.conf.replace("assign = none", "assign = first")
    box.add(LIZ, "#away until 20 March\n", auth=False, subject="x")
    box.add(ANN, "Two.\n", when="2026-03-10T11:00:00Z", subject="Two")
    r = box.run()
    assert [c["assignee"] for c in r.cases if c["requester"]["addr"] == "ann@haulage.example"] == ["liz@dynamics.example"]


# ---- the digest

DIGEST = 'digest = "08:30"'


def test_digest_of_the_day(t):
    box = box_of(t, DIGEST)
    numbers = cases(box, 3)
    box.add(LIZ, "#take\n#priority critical\n", when="2026-03-10T11:00:00Z", subject="Re: x [%s]" % numbers[2])
    take(box, numbers[0], when="2026-03-10T11:01:00Z")
    box.add(LIZ, "#take\n#wait Which one?\n", when="2026-03-10T11:02:00Z", subject="Re: x [%s]" % numbers[1])
    r = box.run("2026-03-11T12:00:00Z")
    letter = r.one("digest")
    assert letter.meta["to"] == ["liz@dynamics.example"] and letter.meta["at"] == "2026-03-11T08:30:00Z" and letter.meta["case"] is None
    text = body(letter)
    own = text.index("Your cases:")
    assert [m.start() for m in map(lambda n: re.search(n, text[own:]), (numbers[2], numbers[0], numbers[1]))] == sorted(
        re.search(n, text[own:]).start() for n in numbers), text
    assert numbers[2] in text[text.index("Due today"):own] and "overdue" in text, text
    assert "Waiting too long" not in text
    r = box.run("2026-03-17T12:00:00Z")
    assert [l.meta["at"][:10] for l in r.of("digest")] == ["2026-03-11", "2026-03-12", "2026-03-13", "2026-03-16", "2026-03-17"]
    late = body(r.of("digest")[-1])
    waiting = late[late.index("Waiting too long"):late.index("Your cases:")]
    assert numbers[1] in waiting and numbers[0] not in waiting and "since Tuesday 10 March" in waiting, late


def test_digest_hours_and_who_is_away(t):
    box = box_of(t, DIGEST, persons='person "liz@dynamics.example" { digest = "07:15" }')
    box.conf = box.conf.replace('label = "Mark Moss"', 'label = "Mark Moss" digest = off')
    one, two = cases(box, 2)
    take(box, one)
    take(box, two, MARK, when="2026-03-10T11:01:00Z")
    box.add(LIZ, "#away 2026-03-12..2026-03-13\n", when="2026-03-10T12:00:00Z", subject="x")
    r = box.run("2026-03-31T12:00:00Z")
    assert {l.meta["to"][0] for l in r.of("digest")} == {"liz@dynamics.example"}
    at = [l.meta["at"] for l in r.of("digest")]
    assert at[:2] == ["2026-03-11T07:15:00Z", "2026-03-16T07:15:00Z"] and at[-2:] == ["2026-03-30T06:15:00Z", "2026-03-31T06:15:00Z"], at      # summer time


def test_digest_off_by_default_and_empty_ones(t):
    box = box_of(t, "")
    take(box, cases(box, 1)[0])
    assert not box.run("2026-03-14T12:00:00Z").of("digest")
    box = box_of(t, DIGEST)
    cases(box, 1)
    assert not box.run("2026-03-14T12:00:00Z").of("digest")
    box = box_of(t, DIGEST + " digest-empty = true")
    cases(box, 1)
    r = box.run("2026-03-11T12:00:00Z")
    assert sorted(l.meta["to"][0] for l in r.of("digest")) == ["eva@dynamics.example", "liz@dynamics.example", "mark@dynamics.example"]
    assert "no open cases" in body(r.of("digest")[0]) or "inga öppna" in body(r.of("digest")[0])


# ---- many at once

def test_a_rush_is_collected(t):
    box = box_of(t, 'notify = queue  alarm-to = "boss@dynamics.example" notices { burst = 3 within = "1m" wait = "2m" }'.replace('alarm-to = "boss@dynamics.example"', ""))
    for i in range(8):
        text = "The system is down.\n" if i == 6 else "Word %d of it.\n" % i
        box.add("Ann%d <a%d@haulage.example>" % (i, i), text, when="2026-03-10T10:00:%02dZ" % (i * 2), subject="Thing %d" % i)
    r = box.run("2026-03-10T11:00:00Z")
    notices = [l for l in r.of("notice", "liz@dynamics.example")]
    assert [re.search(r"Thing (\d)", str(l["Subject"])).group(1) for l in notices] == ["0", "1", "2", "6"], [str(l["Subject"]) for l in notices]
    digest = r.one("digest", "liz@dynamics.example")
    assert digest.meta["at"] == "2026-03-10T10:02:06Z" and "4 notices" in str(digest["Subject"])
    text = body(digest)
    for i, c in enumerate(r.cases):
        assert (c["case"] in text and "Word %d of it." % i in text) == (i in (3, 4, 5, 7)), (i, text)
        assert "among others" in str(c["entries"]) or i not in (3, 4, 5, 7)
    box.add(ANN, "Later.\n", when="2026-03-10T10:30:00Z", subject="Later")
    assert box.run().of("notice", "liz@dynamics.example")[-1].meta["at"] == "2026-03-10T10:30:00Z"


def test_budget_of_an_hour(t):
    box = box_of(t, 'notify = queue notices { burst = 0 hour = 5 }')
    for i in range(9):
        box.add("Ann%d <a%d@haulage.example>" % (i, i), "The system is down.\n", when="2026-03-10T10:%02d:00Z" % (i * 2), subject="Thing %d" % i)
    r = box.run("2026-03-10T11:30:00Z")
    assert len(r.of("notice", "liz@dynamics.example")) == 5 and len(r.of("notice", "mark@dynamics.example")) == 5
    alarms = [body(l) for l in r.of("alarm")]
    assert len(alarms) == 2 and "liz@dynamics.example has had 5 letters" in alarms[0] and "mark@dynamics.example" in alarms[1], alarms
    later = r.one("digest", "liz@dynamics.example")
    assert later.meta["at"] == "2026-03-10T11:00:00Z"
    for c in r.cases[5:]:
        assert c["case"] in body(later)


# ---- a list answered line by line

def with_digest(t, n=3, more=DIGEST, **kw):
    """A desk whose Liz has n cases, and her digest of Wednesday morning."""
    box = box_of(t, more, **kw)
    numbers = cases(box, n)
    for i, number in enumerate(numbers):
        take(box, number, when="2026-03-10T11:%02d:00Z" % i)
    return box, numbers, box.run("2026-03-11T08:40:00Z").one("digest", "liz@dynamics.example")


def quoted(letter):
    return "\n\nOn Wed, 11 Mar 2026 at 08:30, Dynamics Support wrote:\n" + "".join("> " + l + "\n" for l in letter.get_body(("plain",)).get_content().splitlines())


def test_lines_of_a_digest(t):
    box, (a, b, c), digest = with_digest(t)
    box.add(LIZ, "%s #close\n- %s: #priority critical #time 15m\n[%s]\n#resolve It was the printer.\n\nBest regards\nLiz Lane\n" % (a, b.lower(), c) + quoted(digest),
            when="2026-03-11T09:00:00Z", answers=digest)
    r = box.run()
    assert [x["state"] for x in r.cases] == ["closed", "assigned", "resolved"] and r.cases[1]["priority"] == "critical"
    answer = [l for l in r.of("result") if l.meta["at"].startswith("2026-03-11")]
    assert len(answer) == 1 and answer[0].meta["case"] is None
    text = body(answer[0])
    for n in (a, b, c):
        assert n + ": " in text, text
    relays = r.of("relay")
    assert len(relays) == 1 and body(relays[0]).startswith("It was the printer.") and a not in body(relays[0]), [body(l) for l in relays]
    assert [[e["why"] for e in x["entries"] if e["what"] in ("command", "relayed")][-1] for x in r.cases] == ["line by line"] * 3
    box.add(LIZ, "%s #close\n" % a, when="2026-03-11T09:30:00Z", answers=answer[0])        # and the answer is answered likewise
    assert "so already" in body(box.run().of("result")[-1])


def test_one_wrong_line_undoes_all(t):
    for wrong, said in (("#clsoe", "Did you mean #close"), ("#priority lunar", "no such priority"), ("", "no command stands behind"), ("#merge CAS-00001-XXXX", "not the number")):
        box, (a, b, c), digest = with_digest(t)
        box.add(LIZ, "%s #close\n%s %s\n%s #close Bye\n" % (a, b, wrong, c), when="2026-03-11T09:00:00Z", answers=digest)
        r = box.run()
        text = body(r.of("result")[-1])
        assert [x["state"] for x in r.cases] == ["assigned"] * 3 and not r.of("relay"), (wrong, text)
        assert said in text and b in text and "Nothing of this mail was done" in text and "closed" not in text, text
    box, (a, b, c), digest = with_digest(t)
    box.add(LIZ, "%s #close\nCAS-00002-ZZZZ #close\n" % a, when="2026-03-11T09:00:00Z", answers=digest)
    r = box.run()
    assert "CAS-00002-ZZZZ" in body(r.of("result")[-1]) and r.cases[0]["state"] == "assigned"


def test_an_answer_to_a_list_reaches_no_customer(t):
    for text, said in (("Thanks, I will look.\n", "a line for each case"), ("#close\n", "no case is named"), ("#mine\n", "Cases found: 3"), ("#away until Friday\n", "You are away")):
        box, numbers, digest = with_digest(t)
        box.add(LIZ, text + quoted(digest), when="2026-03-11T09:00:00Z", answers=digest)
        r = box.run()
        assert len(r.cases) == 3 and not r.of("relay"), (text, [c["subject"] for c in r.cases])
        assert said in body(r.of("result")[-1]), (text, body(r.of("result")[-1]))


def test_lines_need_proof(t):
    box, (a, b, c), digest = with_digest(t)
    lines = "%s #close\n%s #close\n" % (a, b)
    # her own address of that list proves her; nobody else's mail through it does, nor her name alone
    box.add(LIZ, lines, when="2026-03-11T09:00:00Z", answers=digest, auth=False)
    assert [x["state"] for x in box.run().cases] == ["closed", "closed", "assigned"]
    box.mails.pop()
    for who in ("Mark Moss <mark@dynamics.example>", "Eve <eve@evil.example>"):
        box.add(who, lines, when="2026-03-11T09:00:00Z", answers=digest, auth=False)
        assert [x["state"] for x in box.run().cases[:3]] == ["assigned"] * 3, who
        box.mails.pop()
    box.add(LIZ, lines, when="2026-03-11T09:00:00Z", subject="x", auth=False)
    r = box.run()
    assert [x["state"] for x in r.cases] == ["assigned"] * 3 and len(r.entries("held")) == 1
    question = r.of("result", "liz@dynamics.example")[-1]
    assert "Did you send this" in str(question["Subject"])
    box.add(LIZ, "Yes\n", when="2026-03-11T09:10:00Z", answers=question, auth=False)
    r = box.run()
    assert [x["state"] for x in r.cases] == ["closed", "closed", "assigned"], [x["state"] for x in r.cases]
    assert a in body(r.of("result")[-1]) and b in body(r.of("result")[-1])


def test_lines_without_plus_addresses_and_in_html(t):
    box, (a, b, c), digest = with_digest(t, reply="plain")
    assert digest["Reply-To"] is None
    box.add(LIZ, "Thanks\n" + quoted(digest), when="2026-03-11T09:00:00Z", answers=digest)
    box.add(LIZ, "", html="<html><body><div dir=\"auto\">%s&nbsp;#close</div><div dir=\"auto\">%s \u2013 #note&nbsp;He said \u201cno\u201d.</div><div><br></div>"
            "<div>Sent from my iPhone</div></body></html>" % (a, b), when="2026-03-11T09:10:00Z", answers=digest)
    r = box.run()
    assert [x["state"] for x in r.cases] == ["closed", "assigned", "assigned"] and not r.of("relay")
    assert [e for e in r.cases[1]["entries"] if e["what"] == "note"]


def test_lines_to_the_desk_afresh(t):
    box = box_of(t, "")
    a, b = cases(box, 2)
    box.add(MARK, "Hi,\n\n%s #take\n%s #assign liz\n" % (a, b), when="2026-03-10T12:00:00Z", subject="two")
    box.add(MARK, "See %s #close for that.\n" % a, when="2026-03-10T12:10:00Z", subject="Re: x [%s]" % b)
    r = box.run()
    assert [x["assignee"] for x in r.cases] == ["mark@dynamics.example", "liz@dynamics.example"]
    assert len(r.of("relay")) == 1 and r.cases[0]["state"] != "closed"


# ---- prepared letters

LETTERS = '''letter "remote" { label = "Screen"  subject = "May we look on {{day}}?"  text = { "{{#if hour}}We call you at {{hour}}.{{/if}} It is about {{app}}." }  field = { "day", "hour", "app" } }'''


def test_letters_with_fields(t):
    box = box_of(t, LETTERS)
    box.add(ANN, "My app ledger is broken.\n", subject="Thing")
    number = box.run().case["case"]
    rows = [
        (LIZ, "#letter", ["#letter remote day=", "Screen", "#letter upload"]), (EVA, "#letter", ["De f\u00e4rdiga breven"]),
        (LIZ, "#letter remtoe day=x", ["Did you mean remote?"]), (EVA, "#letter remtoe", ["Menade du remote?"]),
        (LIZ, "#letter remote day=Tuesday", ["lacks hour"]), (LIZ, "#letter remote day=x huor=y", ["Did you mean hour?"]), (LIZ, "#letter remote nope=1", ["no field of the letter"]),
        (LIZ, "#letter remote day=\u201cTuesday 17 March\u201d hour=14:00", ["The letter remote goes to"]),
    ]
    for i, (who, text, _) in enumerate(rows):
        box.add(who, text + "\n", when="2026-03-10T11:%02d:00Z" % i, subject="Re: x [%s]" % number)
    r = box.run()
    for (who, text, want), answer in zip(rows, r.of("result")):
        for words in want:
            assert words in body(answer), (text, body(answer))
    letter = r.one("update")
    assert "May we look on Tuesday 17 March?" in str(letter["Subject"]) and "We call you at 14:00. It is about ledger." in body(letter), body(letter)


def test_field_values_cannot_write_templates(t):
    box = box_of(t, LETTERS)
    box.add(ANN, "My app ledger is broken.\n", subject="Thing")
    number = box.run().case["case"]
    box.add(LIZ, "#letter remote day={{staff}} hour={{#if [x](mailto:eve@evil.example)\n", when="2026-03-10T11:00:00Z", subject="Re: x [%s]" % number)
    letter = box.run().one("update")
    assert "{{staff}}" in str(letter["Subject"]) and 'href="mailto:eve@evil' not in body(letter, "html")


# ---- who leaves

def test_everything_of_a_person_is_handed_over(t):
    box = box_of(t, 'manager = "mark@dynamics.example"')
    numbers = cases(box, 4)
    for i, number in enumerate(numbers[:3]):
        take(box, number, when="2026-03-10T11:%02d:00Z" % i)
    box.add(EVA, "#reassign liz eva\n", when="2026-03-10T12:00:00Z", subject="x")
    box.add(MARK, "#reassign Liz Lane to nobody\n", when="2026-03-10T12:01:00Z", subject="y")
    r = box.run()
    assert "Bara chefen" in body(r.of("result")[-2]) and "from whom" in body(r.of("result")[-1]) and r.cases[0]["assignee"] == "liz@dynamics.example"
    box.add(MARK, "#reassign Liz Lane to eva\n", when="2026-03-10T12:10:00Z", subject="z")
    r = box.run()
    assert [c["assignee"] for c in r.cases] == ["eva@dynamics.example"] * 3 + [None]
    letter = r.one("digest", "eva@dynamics.example")
    assert "3 \u00e4renden fr\u00e5n Liz Lane" in str(letter["Subject"]) and all(n in body(letter) for n in numbers[:3]) and numbers[3] not in body(letter)
    assert not [l for l in r.of("notice", "eva@dynamics.example") if l.meta["at"] >= "2026-03-10T12"]
    assert all("all that liz@dynamics.example had" in str(r.entries("assigned", i)[-1]) and r.entries("assigned", i)[-1]["by"] == "mark@dynamics.example" for i in range(3))
    assert "3 cases of Liz Lane are now with Eva Ek" in body(r.of("result")[-1])
    box.add(MARK, "#reassign eva queue\n", when="2026-03-10T12:20:00Z", subject="w")
    r = box.run()
    assert [c["assignee"] for c in r.cases] == [None] * 4
    assert r.of("digest", "liz@dynamics.example")[-1].meta["at"] == "2026-03-10T12:20:00Z" and not r.of("digest", "mark@dynamics.example")
