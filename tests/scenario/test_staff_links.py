# SPDX-License-Identifier: ISC
"""What customers do by one tap, and by plain words."""
import re
import urllib.parse

from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"


def link(letter, subject):
    """(to, subject, body) of the mailto: link whose subject begins so."""
    for url in re.findall(r'href="(mailto:[^"]+)"', re.sub(r"\r?\n", "", body(letter, "html"))):
        url = url.replace("&amp;", "&")
        assert len(url) < 1900
        to, _, fields = url[len("mailto:"):].partition("?")
        fields = dict(urllib.parse.parse_qsl(fields, strict_parsing=True))
        if fields["subject"].startswith(subject):
            return urllib.parse.unquote(to), fields["subject"], fields["body"]
    raise AssertionError((subject, body(letter)))


def tap(box, letter, subject, when, sender="Ann <ann@haulage.example>", words="", auth=True, foot="\n\nSent from my iPhone\n"):
    to, head, text = link(letter, subject)
    return box.add(sender, text + words + foot, when=when, to=to, subject=head, auth=auth)


def opened(t, **more):
    box = Box(t, **more)
    box.add("Ann <ann@haulage.example>", "It is broken.\n")
    return box, box.run().one("ack")


def test_status_and_own_cases(t):
    box, ack = opened(t)
    box.add("Ann <ann@haulage.example>", "Another thing.\n", when="2026-03-10T10:05:00Z", subject="Another thing")
    box.add(LIZ, "#take\n#time 90m\n#note She is angry.\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % ack["X-Ticketd-Case"])
    box.add(LIZ, "Restart it.\n", when="2026-03-10T10:11:00Z", subject="Re: x [%s]" % ack["X-Ticketd-Case"])
    tap(box, ack, "Status", "2026-03-10T11:00:00Z")
    tap(box, ack, "My cases", "2026-03-10T11:10:00Z")
    r = box.run()
    status, cases = r.of("status")
    text = body(status)
    for words in ("Assigned", "Standard", "1 hour 30 minutes", "Restart it.", "Liz Lane"):
        assert words in text, (words, text)
    assert "angry" not in text and "@dynamics.example" not in re.sub(r"<mailto:\S+>", "", text)
    assert all(c["case"] in body(cases) for c in r.cases) and "Another thing" in body(cases)
    assert r.cases[0]["state"] == "assigned"


def test_the_answer_goes_to_the_person_of_the_link(t):
    box, ack = opened(t)
    tap(box, ack, "Status", "2026-03-10T11:00:00Z", sender="eve@evil.example")
    tap(box, ack, "My cases", "2026-03-10T11:01:00Z", sender="Ann at home <ann@home.example>", auth=False)
    r = box.run()
    assert [l.meta["to"] for l in r.of("status")] == [["ann@haulage.example"]] * 2


def test_close_reopen_and_second_taps(t):
    box, ack = opened(t)
    tap(box, ack, "Status", "2026-03-10T10:30:00Z")
    ack = box.run().one("status")
    tap(box, ack, "Close", "2026-03-10T11:00:00Z", sender="Ann at home <ann@home.example>", auth=False)
    r = box.run()
    assert r.case["state"] == "closed" and r.entries("command")[1]["by"] == "ann@home.example"
    status = r.of("status")[-1]
    tap(box, ack, "Close", "2026-03-10T11:10:00Z")
    r = box.run()
    assert "already" in body(r.of("status")[-1])
    tap(box, status, "Reopen", "2026-03-10T11:20:00Z", words="\n\nIt is broken again.")
    r = box.run()
    assert r.case["state"] != "closed" and "broken again" in body(r.of("notice", "liz@dynamics.example")[-1])


def test_kind_and_escalation(t):
    box, ack = opened(t, more='manager = "nina@dynamics.example"  escalation { notice = "Overtime may be charged." }')
    tap(box, ack, "Kind: error", "2026-03-10T11:00:00Z")
    tap(box, ack, "Escalate", "2026-03-10T11:10:00Z", words="\n\nWe lose money.")
    tap(box, ack, "Escalate", "2026-03-10T11:20:00Z")
    r = box.run()
    assert r.case["kind"] == "error" and "Overtime may be charged." in body(ack)
    assert len(r.entries("escalation_asked")) == 1 and "We lose money." in body(r.one("escalation", "nina@dynamics.example"))
    assert "already" in body(r.of("status")[-1])
    box.add(LIZ, "#decline\nWe are on it.\n", when="2026-03-10T11:30:00Z", subject="Re: x [%s]" % r.case["case"])
    r = box.run()
    assert r.entries("escalation_declined") and "We are on it." in body(r.of("update")[-1]) and not r.of("relay")


def test_rating(t):
    box, ack = opened(t, more="survey = true")
    tap(box, ack, "Status", "2026-03-10T10:30:00Z")
    ack = box.run().one("status")
    tap(box, ack, "Close", "2026-03-10T11:00:00Z")
    survey = box.run().one("survey")
    tap(box, survey, "Rating: 4", "2026-03-10T11:10:00Z", words="\n\nGood, but slow.", auth=False)
    tap(box, survey, "Rating: 4", "2026-03-10T11:11:00Z")
    r = box.run()
    assert [e["detail"] for e in r.entries("rated")] == ["4"] and r.case["state"] == "closed"


def test_please_escalate_in_a_sentence_is_a_request(t):
    rows = [("It gets worse. Please escalate this case to your manager.\n", True), ("There is no need to escalate this, thanks.\n", False),
            ("Kan ni eskalera \u00e4rendet?\n", True), ("The escalator is broken.\n", False)]
    for text, asked in rows:
        box, ack = opened(t)
        box.add("Ann <ann@haulage.example>", text, when="2026-03-10T11:00:00Z", answers=ack)
        r = box.run()
        assert bool(r.entries("escalation_asked")) == asked, text
        assert not r.entries("escalation_accepted") and r.case["priority"] == "standard" and r.entries("appended")


def test_plain_words_need_proof(t):
    for auth, token, closed in ((True, True, True), (True, False, True), (False, True, True), (False, False, False)):
        box, ack = opened(t)
        box.add("Ann <ann@haulage.example>", "Please close\n", when="2026-03-10T11:00:00Z", answers=ack, auth=auth, to="support@dynamics.example, x@haulage.example" if not token else "support@dynamics.example")
        r = box.run()
        assert (r.case["state"] == "closed") == closed, (auth, token)


def test_no_links_where_the_desk_has_plain_addresses(t):
    box, ack = opened(t, reply="plain")
    assert "mailto:" not in body(ack) and "support+" not in ack.as_string()


def test_plain_words_and_thanks_do_not_open_again_what_is_closed(t):
    box, ack = opened(t)
    box.add(LIZ, "#resolve\nIt is mended.\n", when="2026-03-10T10:30:00Z", subject="Re: x [%s]" % ack["X-Ticketd-Case"])
    relay = box.run().one("relay")
    for n, (text, state) in enumerate((("Thank you!\nAnn\n", "resolved"), ("OK\n", "closed"), ("Please close\n", "closed"),
                                       ("Many thanks\n", "closed"), ("It is broken again.\n", "progress"))):
        box.add("Ann <ann@haulage.example>", text, when="2026-03-10T11:%02d:00Z" % n, answers=relay)
        case = box.run().case
        assert case["state"] == state, (text, case["state"])
