# SPDX-License-Identifier: ISC
"""Cases that staff bring in: forwarded mail, telephone calls, mail to a customer with the desk in copy; and the order of work."""
from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
FORWARD = ("%s---------- Forwarded message ---------\nFrom: Ann Ash <ann@haulage.example>\nDate: Tue, 10 Mar 2026 at 09:00\nSubject: Ledger closed\n"
           "To: Liz Lane <liz@dynamics.example>\n\nOur system is down, app sales.\n\nAnn\n")
OUTLOOK = ("%s________________________________\nFrom: Ann Ash <ann@haulage.example>\nSent: Tuesday, March 10, 2026 9:00 AM\nTo: Liz Lane <liz@dynamics.example>\n"
           "Subject: Ledger closed\n\nOur system is down, app sales.\n\nAnn\n")


def test_a_forwarded_mail_is_the_customers_case(t):
    for text in (FORWARD, OUTLOOK):
        for above in ("", "FYI\n\n"):
            box = Box(t)
            box.add(LIZ, text % above, subject="Fwd: Ledger closed")
            r = box.run()
            case = r.case
            assert case["requester"] == {"name": "Ann Ash", "addr": "ann@haulage.example"} and case["subject"] == "Ledger closed"
            assert case["priority"] == "critical" and case["fields"] == {"app": "sales"} and case["assignee"] == "liz@dynamics.example"
            ack = r.one("ack")
            assert ack.meta["to"] == ["ann@haulage.example"] and "liz@" not in ack.as_string() and "client.dynamics" not in ack.as_string()
            assert not r.of("notice", "liz@dynamics.example") and case["first_response"] is None
            box.add("Ann Ash <ann@haulage.example>", "Thanks.\n", when="2026-03-10T11:00:00Z", answers=ack)
            r = box.run()
            assert len(r.cases) == 1 and r.of("notice", "liz@dynamics.example")


def test_an_attached_mail_is_the_customers_case(t):
    box = Box(t)
    raw = (b"--b\nContent-Type: text/plain\n\nsee below\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: Ann Ash <ann@haulage.example>\n"
           b"To: liz@dynamics.example\nSubject: Ledger closed\nMessage-ID: <orig@haulage.example>\nDate: Tue, 10 Mar 2026 09:00:00 +0000\n\nIt is down.\n--b--\n")
    box.add(LIZ, raw=raw, subject="Fwd: Ledger closed", headers=[("Content-Type", 'multipart/mixed; boundary="b"')])
    r = box.run()
    assert r.case["requester"]["addr"] == "ann@haulage.example" and r.one("ack").meta["to"] == ["ann@haulage.example"]


def test_a_forwarded_mail_of_a_known_case_is_the_customers_answer(t):
    box = Box(t)
    box.add("Ann Ash <ann@haulage.example>", "It is broken.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#wait\nWhich one?\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % number)
    box.add(LIZ, FORWARD % "", when="2026-03-10T11:00:00Z", subject="Fwd: Re: Ledger [%s]" % number)
    r = box.run()
    assert len(r.cases) == 1 and len(r.of("relay")) == 1 and r.case["state"] != "waiting"
    assert r.entries("appended")[0]["by"] == "ann@haulage.example"


def test_unproven_forwards_open_nothing_for_the_customer(t):
    box = Box(t)
    box.add(LIZ, FORWARD % "", subject="Fwd: Ledger closed", auth=False)
    r = box.run()
    assert r.case["requester"]["addr"] == "liz@dynamics.example" and not [l for l in r.letters if "haulage" in str(l.meta["to"])]
    question = r.one("result", "liz@dynamics.example")
    box.add(LIZ, "Yes\n", when="2026-03-10T11:00:00Z", answers=question, auth=False)
    r = box.run()
    assert r.case["requester"]["addr"] == "ann@haulage.example" and r.one("ack").meta["to"] == ["ann@haulage.example"] and not r.of("relay")


def test_a_telephone_call(t):
    box = Box(t)
    box.add(LIZ, "#for Ann Ash <Ann@Haulage.example>\n#kind error\n#time 15m billable\n\nShe called: the ledger does not open.\n\nRegards\nLiz\n", subject="Ledger closed")
    r = box.run()
    assert r.case["requester"]["addr"].lower() == "ann@haulage.example" and r.case["kind"] == "error" and r.entries("time")
    assert r.one("ack").meta["to"][0].lower() == "ann@haulage.example" and not r.of("relay") and r.one("result", "liz@dynamics.example")
    assert "She called" in r.entries("opened")[0]["text"]
    for text in ("#for\n", "#for nobody\n", "#for mark@dynamics.example\n", "#for ann@haulage.example\n#kind nothing\n"):
        box = Box(t)
        box.add(LIZ, text)
        r = box.run()
        assert not r.cases and r.one("result", "liz@dynamics.example") and len(r.letters) == 1, text


def test_written_to_a_customer_with_the_desk_in_copy(t):
    box = Box(t)
    box.add(LIZ, "Hello Ann,\n\nI have looked at it.\n", to="Ann Ash <ann@haulage.example>", headers=[("Cc", "support@dynamics.example")], subject="Your ledger", message_id="<first@dynamics.example>")
    r = box.run()
    case = r.case
    assert case["requester"]["addr"] == "ann@haulage.example" and case["first_response"] == "2026-03-10T10:00:00Z" and case["assignee"] == "liz@dynamics.example"
    assert not r.of("ack") and not r.of("relay") and not r.of("notice")
    box.add("Ann Ash <ann@haulage.example>", "Thanks, but no.\n", when="2026-03-10T11:00:00Z", to="liz@dynamics.example, support@dynamics.example", subject="Re: Your ledger",
            headers=[("In-Reply-To", "<first@dynamics.example>"), ("References", "<first@dynamics.example>")])
    r = box.run()
    assert len(r.cases) == 1 and r.one("notice", "liz@dynamics.example")


def test_next_is_the_first_in_the_order_of_work(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "One.\n", when="2026-03-10T10:00:00Z", subject="one")
    box.add("Bob <bob@haulage.example>", "Two.\n", when="2026-03-10T10:01:00Z", subject="two")
    box.add("Cay <cay@haulage.example>", "The system is down.\n", when="2026-03-10T10:02:00Z", subject="three")
    box.add(LIZ, "#next\n", when="2026-03-10T10:03:00Z", subject="next")
    r = box.run()
    assert len(r.cases) == 3 and "three" in body(r.one("result"))
    box.add(LIZ, "#take\n", when="2026-03-10T10:04:00Z", answers=r.one("result"))
    box.add(LIZ, "#next\n", when="2026-03-10T10:05:00Z", subject="next")
    box.add("Mark <mark@dynamics.example>", "#next helpdesk\n", when="2026-03-10T10:06:00Z", subject="next")
    box.add("Eva <eva@dynamics.example>", "#next\n", when="2026-03-10T10:07:00Z", subject="next")
    r = box.run()
    assert r.cases[2]["assignee"] == "liz@dynamics.example"
    assert ": one" in body(r.of("result", "liz@dynamics.example")[-1]) and ": one" in body(r.one("result", "mark@dynamics.example"))
    assert "Inget \u00e4rende" in body(r.one("result", "eva@dynamics.example"))


def test_help_lists_every_command(t):
    box = Box(t)
    box.add(LIZ, "#help\n", subject="help")
    r = box.run()
    assert not r.cases and all("#" + w in body(r.one("result")) for w in ("take", "assign", "ask-approval", "undo", "for", "help"))


def test_a_matter_of_their_own(t):
    box = Box(t)
    box.add(LIZ, "My own screen is broken.\n", subject="screen")
    r = box.run()
    assert r.case["requester"]["addr"] == "liz@dynamics.example" and r.one("ack")


def test_mine_search_history_and_show(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken in two.\n", subject="one")
    box.add("Ann <ann@haulage.example>", "Another.\n", when="2026-03-10T10:01:00Z", subject="two")
    number = box.run().cases[0]["case"]
    box.add(LIZ, "#take\n#note Ring her.\n", when="2026-03-10T10:10:00Z", subject="Re: one [%s]" % number)
    for n, text in enumerate(("#mine\n", "#search ann@haulage.example\n", "#search %s\n" % number.replace("-", "\u2013"), "#search cay@haulage.example\n")):
        box.add(LIZ, text, when="2026-03-10T10:2%d:00Z" % n, subject="ask")
    for n, text in enumerate(("#history\n", "#show\n")):
        box.add(LIZ, text, when="2026-03-10T10:3%d:00Z" % n, subject="Re: one [%s]" % number)
    r = box.run()
    mine, both, one, none, history, show = [body(l) for l in r.of("result", "liz@dynamics.example")[1:]]
    second = r.cases[1]["case"]
    assert number in mine and second not in mine and number in both and second in both and number in one and second not in one and "No case" in none
    assert "opened" in history and "note" in history and "It is broken in two." in show and "Ring her." in show and "broken in two" not in history
    assert len(r.cases) == 2


def test_remind(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#remind 2d Ring her\n#remind 2026-03-20\n", when="2026-03-10T10:10:00Z", subject="Re: one [%s]" % number)
    box.add(LIZ, "#remind yesterday\n", when="2026-03-10T10:11:00Z", subject="Re: one [%s]" % number)
    r = box.run("2026-03-21T10:00:00Z")
    reminders = [l for l in r.of("notice", "liz@dynamics.example") if l.meta["at"] > "2026-03-10T10:11:00Z"]
    assert [l.meta["at"] for l in reminders] == ["2026-03-12T10:10:00Z", "2026-03-20T09:00:00Z"] and "Ring her" in body(reminders[0])
    assert "yesterday" in body(r.of("result")[-1])


def test_split(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken. And an invoice is missing.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#split Missing invoice\nAn invoice is missing.\n", when="2026-03-10T10:10:00Z", subject="Re: one [%s]" % number)
    r = box.run()
    assert len(r.cases) == 2 and r.cases[1]["requester"]["addr"] == "ann@haulage.example" and r.cases[1]["subject"] == "Missing invoice"
    assert r.entries("split") and r.entries("linked", 1) and not r.of("relay") and r.cases[1]["case"] in body(r.one("result"))


def test_merge(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n", subject="one")
    box.add("Bob <bob@haulage.example>", "It is broken here too.\n", when="2026-03-10T10:01:00Z", subject="two")
    one, two = [c["case"] for c in box.run().cases]
    box.add(LIZ, "#merge %s\nIt is the same matter.\n" % one.replace("-", "\u2013"), when="2026-03-10T10:10:00Z", subject="Re: two [%s]" % two)
    box.add("Bob <bob@haulage.example>", "And worse.\n", when="2026-03-10T10:20:00Z", subject="Re: two [%s]" % two)
    r = box.run()
    assert r.cases[1]["state"] == "closed" and r.entries("merged") and not r.of("relay")
    assert r.entries("appended")[0]["by"] == "bob@haulage.example" and one in body(r.one("result"))


def test_admit_and_park(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    number = box.run().case["case"]
    box.add("Eve <eve@other.example>", "Me too.\n", when="2026-03-10T10:05:00Z", subject="Re: x [%s]" % number)
    box.add(LIZ, "#admit\n\nPlease see below: it is known.\n", when="2026-03-10T10:10:00Z", subject="Re: one [%s]" % number)
    box.add(LIZ, "#park eve@other.example\n\nIt is mended.\n", when="2026-03-10T10:20:00Z", subject="Re: one [%s]" % number)
    r = box.run()
    assert [sorted(l.meta["to"]) for l in r.of("relay")] == [["ann@haulage.example", "eve@other.example"], ["ann@haulage.example"]]


def test_the_customer_wrote_meanwhile(t):
    box = Box(t)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    notice = box.run().one("notice", "liz@dynamics.example")
    box.add("Ann <ann@haulage.example>", "It works again.\n", when="2026-03-10T10:05:00Z", answers=box.run().one("ack"))
    box.add(LIZ, "Restart it.\n", when="2026-03-10T10:10:00Z", answers=notice)
    r = box.run()
    assert "meanwhile" in body(r.one("result")) and r.one("relay")
