# SPDX-License-Identifier: ISC
"""Answers of staff on their way to the customer, and commands on the way in."""
import re

from staff_box import TOKEN, Box, body

STAFF = re.compile(r"(liz|mark|eva|nina)@dynamics\.example", re.I)
OUTSIDE = ("ack", "relay", "update", "status", "approval", "survey", "referral", "refusal", "receipt")


def opened(t, text="It says system error, app ledger.\n", **more):
    """A case, and the notice of it to liz."""
    box = Box(t, **more)
    box.add("Ann <ann@haulage.example>", text)
    return box, box.run().one("notice", "liz@dynamics.example")


def leaks(result):
    """No letter to a customer names staff, nor a token that is not that customer's."""
    inside = set()
    for letter in result.letters:
        if any(STAFF.fullmatch(to) for to in letter.meta["to"]):
            inside.update(m.lower() for m in TOKEN.findall(letter.as_string()))
    for letter in result.letters:
        if letter["X-Ticketd-Kind"] in OUTSIDE and not any(STAFF.fullmatch(to) for to in letter.meta["to"]):
            for text in (str(letter["References"]), body(letter), body(letter, "html") or "", str(letter["From"]), str(letter["Reply-To"])):
                assert not STAFF.search(text), (letter["X-Ticketd-Kind"], text)
                assert not inside & {m.lower() for m in TOKEN.findall(text)}, text


def test_staff_answer_goes_to_the_customer(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>",
            "Hello Ann,\n\nplease restart it.\n\nBest regards,\nLiz Lane\nDirect: liz@dynamics.example\nTel. 020 1234\n\n"
            "On Tue, 10 Mar 2026 at 10:00, Dynamics Support <support@dynamics.example> wrote:\n> - From: Ann\n> #close\n",
            when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    relay = r.one("relay")
    assert relay.meta["to"] == ["ann@haulage.example"] and relay.meta["at"] == "2026-03-10T10:31:00Z"
    assert str(relay["From"]) == "Liz Lane <support@dynamics.example>" and relay["Auto-Submitted"] is None
    assert "<m1@client.haulage.example>" in relay["References"] and r.case["case"] in relay["Subject"]
    text = body(relay)
    assert "please restart it." in text and "Tel. 020 1234" in text and "#close" not in text and "From: Ann" not in text
    leaks(r)
    assert r.case["state"] == "assigned" and r.case["assignee"] == "liz@dynamics.example" and r.case["first_response"] == "2026-03-10T10:30:00Z"
    assert r.clock("respond")["met"] == "2026-03-10T10:30:00Z" and r.clock("assign")["met"] == "2026-03-10T10:30:00Z"
    assert r.entries("relayed")[0]["by"] == "liz@dynamics.example"
    assert not r.of("result")


def test_commands_are_done_and_answered(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "#take\n#priority critical\n#kind error\n#set app webshop\n#tag vat\n#time 1h30m billable checked the log\n\n-- \nLiz\n",
            when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    case = r.case
    assert (case["state"], case["assignee"], case["priority"], case["kind"], case["fields"]["app"], case["tags"]) == \
        ("assigned", "liz@dynamics.example", "critical", "error", "webshop", ["vat"])
    result = r.one("result", "liz@dynamics.example")
    for words in ("yours", "Priority", "error", "webshop", "vat", "1h30m"):
        assert words.lower() in body(result).lower(), (words, body(result))
    assert not r.of("relay") and case["first_response"] is None
    assert r.clock("assign")["met"] == "2026-03-10T10:30:00Z" and r.clock("respond")["met"] is None
    assert r.entries("time")[0]["detail"].startswith("90 min")


def test_all_or_nothing_and_what_was_meant(t):
    rows = [
        ("#take\n#clsoe\n\nDone.\n", ["#clsoe", "#close"]),
        ("#take\n#priority hihg\n\nDone.\n", ["hihg", "critical"]),
        ("#assign zoe\n\nDone.\n", ["zoe", "mark@dynamics.example"]),
        ("#take\n#frobnicate\n\nDone.\n", ["#frobnicate", "#help"]),
        ("Done.\n\n#close\n", ["#close", "first lines"]),
        ("#queue third\n#take\nDone\n", ["third", "helpdesk"]),
        ("#undo\n", ["#undo"]),
        ("#decline\nNo.\n", ["#decline"]),
        ("#time soon\n", ["soon", "1h30m"]),
        ("#merge CAS-00009-ZZZZ\n", ["CAS-00009-ZZZZ"]),
        ("#for bob@haulage.example\n", ["#for"]),
        ("#letter nothing\n", ["nothing", "upload"]),
        ("#set nothing x\n", ["nothing", "app"]),
    ]
    box, notice = opened(t)
    for n, (text, _) in enumerate(rows):
        box.add("Liz Lane <liz@dynamics.example>", text, when="2026-03-10T10:%02d:00Z" % (10 + n), answers=notice)
    r = box.run()
    assert not r.of("relay") and r.case["state"] == "new" and r.case["assignee"] is None
    results = r.of("result", "liz@dynamics.example")
    assert len(results) == len(rows)
    for (text, wanted), result in zip(rows, results):
        for words in wanted:
            assert words in body(result), (text, words, body(result))
    assert all(e["what"] in ("opened", "letter", "sent", "command") for e in r.case["entries"]), r.case["entries"]


def test_odd_ways_of_typing_a_command(t):
    texts = ["# take\n", "#Take.\n", "\u00a0#TAKE\u00a0\n", "\uff03take\n", "\n\n#take\n\nBest regards\nLiz\n", "#take\nMvh Liz\n", "#take /Liz\n".replace(" /Liz", "\n/Liz"),
             "#take\n\nSent from my iPhone\n", "#take\nThanks,\nLiz Lane\nConsultant\n+44 20 1234\nwww.dynamics.example\n"]
    for text in texts:
        box, notice = opened(t)
        box.add("Liz Lane <liz@dynamics.example>", text, when="2026-03-10T10:30:00Z", answers=notice)
        r = box.run()
        assert r.case["assignee"] == "liz@dynamics.example" and not r.of("relay"), (text, r.letters)


def test_html_only_mail_of_a_telephone(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", when="2026-03-10T10:30:00Z", answers=notice, html=(
        '<html><body dir="auto"><div>#Take&nbsp;</div><div>#time 15\u2013m</div><div><br></div><div dir="ltr">Sent from my iPhone</div>'
        '<div dir="ltr"><br><blockquote type="cite">On 10 Mar 2026, at 10:00, Dynamics Support wrote:<br><br>#close</blockquote></div></body></html>').replace("15\u2013m", "15m"))
    r = box.run()
    assert r.case["assignee"] == "liz@dynamics.example" and r.case["state"] == "assigned" and not r.of("relay")


def test_wait_resolve_close_with_words(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "#wait\nWhich ledger is it?\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    assert r.case["state"] == "waiting" and "Which ledger is it?" in body(r.one("relay")) and "#wait" not in body(r.one("relay"))
    box.add("Ann <ann@haulage.example>", "The sales ledger.\n", when="2026-03-10T11:00:00Z", answers=r.one("relay"))
    r = box.run()
    assert r.case["state"] != "waiting" and "The sales ledger." in body(r.of("notice", "liz@dynamics.example")[-1])
    assert not r.of("notice", "mark@dynamics.example")[1:]      # liz has it now
    box.add("Liz Lane <liz@dynamics.example>", "#resolve It is open again.\n", when="2026-03-10T12:00:00Z", answers=r.of("notice", "liz@dynamics.example")[-1])
    r = box.run()
    assert r.case["state"] == "resolved" and "It is open again." in body(r.of("relay")[-1]) and r.clock("resolve")["met"] == "2026-03-10T12:00:00Z"
    box.add("Ann <ann@haulage.example>", "Please close\n", when="2026-03-10T13:00:00Z", answers=r.of("relay")[-1])
    r = box.run()
    assert r.case["state"] == "closed", r.case["entries"]
    leaks(r)


def test_resolve_words_are_needed_for_an_error(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "#kind error\n#resolve\n\nBest regards\nLiz\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    assert r.case["state"] == "new" and r.case["kind"] == "question" and not r.of("relay") and "words" in body(r.one("result"))
    box.add("Liz Lane <liz@dynamics.example>", "#kind error\n#resolve\nThe item number was missing.\n", when="2026-03-10T10:40:00Z", answers=notice)
    r = box.run()
    assert r.case["state"] == "resolved" and "item number" in body(r.one("relay"))


def test_note_stays_inside(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "#note\nThe customer is angry.\n\nSecond line.\n", when="2026-03-10T10:30:00Z", answers=notice)
    box.add("Liz Lane <liz@dynamics.example>", "Is this yours?\n", when="2026-03-10T10:40:00Z", to="mark@dynamics.example", answers=notice,
            headers=[("Delivered-To", "support@dynamics.example")])
    r = box.run()
    assert not r.of("relay") and r.case["first_response"] is None and b"angry" not in r.raw and len(r.entries("note")) == 2


def test_undo_takes_back_words_states_and_clocks(t):
    box, notice = opened(t)
    before = box.run().case
    box.add("Liz Lane <liz@dynamics.example>", "#resolve\nTurn it off.\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run("2026-03-10T10:30:30Z")
    assert r.case["state"] == "resolved" and not r.of("relay")
    box.add("Liz Lane <liz@dynamics.example>", "#undo\n", when="2026-03-10T10:30:40Z", answers=r.one("result"))
    r = box.run("2026-03-10T11:50:00Z")
    assert not r.of("relay") and b"Turn it off" not in r.raw
    for key in ("state", "assignee", "first_response", "resolved", "closed", "clocks"):
        assert r.case[key] == before[key], (key, r.case[key], before[key])
    assert r.entries("undone") and len(r.of("result")) == 2
    box.add("Liz Lane <liz@dynamics.example>", "Turn it on.\n", when="2026-03-10T10:40:00Z", answers=notice)
    box.add("Liz Lane <liz@dynamics.example>", "#undo\n", when="2026-03-10T10:41:00Z", answers=notice)
    r = box.run()
    assert "Turn it on." in body(r.one("relay")) and "cannot be taken back" in body(r.of("result")[-1])


def test_recall_can_be_another_time(t):
    box, notice = opened(t, more='recall = "5m"')
    box.add("Liz Lane <liz@dynamics.example>", "Restart it.\n", when="2026-03-10T10:30:00Z", answers=notice)
    box.add("Mark <mark@dynamics.example>", "Or wait.\n", when="2026-03-10T10:31:00Z", answers=box.run().one("notice", "mark@dynamics.example"))
    r = box.run()
    assert [l.meta["at"] for l in r.of("relay")] == ["2026-03-10T10:35:00Z", "2026-03-10T10:36:00Z"]
    assert "liz@dynamics.example" in body(r.one("result", "mark@dynamics.example"))


def test_people_in_copy_get_the_answer_too(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n", headers=[("Cc", "Bob <bob@haulage.example>, mark@dynamics.example")])
    notice = box.run().one("notice", "liz@dynamics.example")
    box.add("Liz Lane <liz@dynamics.example>", "Restart it.\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    relay = r.one("relay")
    assert sorted(relay.meta["to"]) == ["ann@haulage.example", "bob@haulage.example"] and not TOKEN.search(relay.as_string())
    leaks(r)


def test_who_gets_notices(t):
    for more, wanted in (('notify = queue', ["liz@dynamics.example", "mark@dynamics.example"]), ("notify = none", []), ("", ["mark@dynamics.example"])):
        box = Box(t, more=more)
        box.add("Ann <ann@haulage.example>", "It is broken.\n")
        box.add("Liz Lane <liz@dynamics.example>", "#assign mark\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % box.run().case["case"])
        box.add("Ann <ann@haulage.example>", "It is still broken.\n", when="2026-03-10T11:00:00Z", answers=box.run().one("ack"))
        r = box.run()
        assert [l.meta["to"][0] for l in r.of("notice") if l.meta["at"] == "2026-03-10T11:00:00Z"] == wanted, more
        assert r.case["assignee"] == "mark@dynamics.example"
        threads = {l["References"].split()[0] for l in r.letters if l.meta["to"] == ["mark@dynamics.example"]}
        assert len(threads) == (1 if wanted or r.of("notice", "mark@dynamics.example") else 0), threads


def test_swedish_staff_are_answered_in_swedish(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    number = box.run().case["case"]
    box.add("Eva <eva@dynamics.example>", "#take\n#tkae\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % number)
    box.add("Eva <eva@dynamics.example>", "#take\n#note Ring henne\n", when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % number)
    first, second = box.run().of("result", "eva@dynamics.example")
    assert "Menade du #take?" in body(first) and "\u00e4rendet \u00e4r ditt" in body(second)


def test_hand_over_tells_customer_and_line(t):
    box, notice = opened(t)
    box.add("Liz Lane <liz@dynamics.example>", "#take\n#queue second\n", when="2026-03-10T10:30:00Z", answers=notice)
    r = box.run()
    assert r.case["queue"] == "second" and "Our specialists take over." in body(r.one("update"))


def test_estimate_is_approved_by_link_or_word(t):
    for answer in ("link", "word", "no"):
        box, notice = opened(t)
        box.add("Liz Lane <liz@dynamics.example>", "#estimate\nTwo days for a new field.\n", when="2026-03-10T10:30:00Z", answers=notice)
        r = box.run()
        letter = r.one("approval")
        assert "Two days for a new field." in body(letter) and r.case["state"] == "waiting" and not r.of("relay")
        assert r.clock("assign")["met"] == "2026-03-10T10:30:00Z"
        if answer == "link":
            link = re.search(r"mailto:(\S+?)\?subject=Approved", re.sub(r"\s*\n\s*", "", body(letter, "html"))).group(1)
            for when, auth in (("2026-03-10T10:40:00Z", False), ("2026-03-10T11:00:00Z", True), ("2026-03-10T11:10:00Z", True)):
                box.add("Ann <ann@haulage.example>", "I approve.\n", when=when, to=link, subject="Approved", auth=auth)
        else:
            box.add("Ann <ann@haulage.example>", "OK\n" if answer == "word" else "Not OK\n", when="2026-03-10T11:00:00Z", answers=letter)
        r = box.run()
        said = [e for e in r.entries("approval") if e["at"] >= "2026-03-10T10:40:00Z"]
        assert [e["at"] for e in said] == ["2026-03-10T11:00:00Z"] and r.case["state"] != "waiting", (answer, r.case["entries"])
        assert said[0]["detail"] == ("estimate declined" if answer == "no" else "estimate approved")
        if answer == "link":
            assert "already" in body(r.of("status")[-1])
