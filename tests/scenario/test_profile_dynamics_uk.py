# SPDX-License-Identifier: ISC
"""The rows of dynamics-uk, a business-software partner in England, one function each."""
import re

from replay import last, row

OPS = "ops@haulage.example"
TABLE = {               # priority: (mail, response, interim, permanent) for a mail of Tuesday 10 March 2026 10:00
    "critical": (("Complete system failure", "The company is unable to operate.\n"), "2026-03-10 11:00", "2026-03-11 10:00", "2026-04-10 10:00"),
    "urgent": (("Invoicing stopped", "Several users are unable to process invoices, our client service is impacted within 24 hours.\n"), "2026-03-10 11:00", "2026-03-12 10:00",
               "2026-04-25 10:00"),
    "important": (("Cannot post", "I am unable to post this journal.\n"), "2026-03-10 12:00", "2026-03-12 10:00", "2026-05-10 10:00"),
    "standard": (("Question", "How do I print a statement?\n"), "2026-03-10 14:00", "2026-03-17 10:00", "2026-06-10 10:00"),
}


def targets(t, priority, clock, nth, wrong):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, *TABLE[priority][0])
        r.run("2026-03-10 10:30")
        assert r.case(1)["priority"] == priority, r.case(1)["entries"]
        assert r.due(1, clock) == TABLE[priority][nth], r.clock(1, clock)
    # the target is what makes it hold
    row(t, "dynamics-uk", play, (r'(    priority "%s" \{.*?clock "%s" \{ target = ")[^"]*"' % (priority, clock), r'\g<1>%s"' % wrong))


def test_critical_response_1_hour(t):
    targets(t, "critical", "respond", 1, "2h")


def test_critical_interim_1_working_day(t):
    targets(t, "critical", "interim", 2, "2wd")


def test_critical_permanent_1_month(t):
    targets(t, "critical", "resolve", 3, "2mo")


def test_urgent_response_1_hour(t):
    targets(t, "urgent", "respond", 1, "2h")


def test_urgent_interim_2_working_days(t):
    targets(t, "urgent", "interim", 2, "3wd")


def test_urgent_permanent_one_and_a_half_months(t):
    targets(t, "urgent", "resolve", 3, "2mo")


def test_important_response_2_hours(t):
    targets(t, "important", "respond", 1, "1h")


def test_important_interim_2_working_days(t):
    targets(t, "important", "interim", 2, "1wd")


def test_important_permanent_2_months(t):
    targets(t, "important", "resolve", 3, "1mo")


def test_standard_response_4_hours(t):
    targets(t, "standard", "respond", 1, "2h")


def test_standard_interim_5_working_days(t):
    targets(t, "standard", "interim", 2, "4wd")


def test_standard_permanent_3_months(t):
    targets(t, "standard", "resolve", 3, "2mo")


def escalates(t, priority, to, out):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, *TABLE[priority][0])
        r.run("2026-03-10 17:00")
        got = [(a, r.local(x["at"])) for x, _ in r.letters("escalation") for a in x["to"]]
        assert sorted(got) == sorted((a, TABLE[priority][1]) for a in to), got
    row(t, "dynamics-uk", play, (r'(    priority "%s" \{.*?clock "respond" \{[^\n]*)escalate = \{[^}]*\}' % priority, r'\1'), *out)


def test_critical_escalates_to_director_level(t):
    escalates(t, "critical", ["oliver@dynamics.example"], [(r'    director      = [^\n]*\n', "")])


def test_urgent_escalates_to_director_level(t):
    escalates(t, "urgent", ["oliver@dynamics.example"], [])


def test_important_escalates_to_helpdesk_manager_and_primary_contact(t):
    escalates(t, "important", ["nina@dynamics.example", "owner@haulage.example"], [(r'        contact = [^\n]*\n', "")])


def test_standard_escalates_to_helpdesk_manager_and_primary_contact(t):
    escalates(t, "standard", ["nina@dynamics.example", "owner@haulage.example"], [(r'    manager       = [^\n]*\n', '    manager = "mark@dynamics.example"\n')])


# ---- number, on the case

def test_a_unique_number_mailed_to_who_logged_it_with_a_link_back(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")
        r.mail("2026-03-10 10:01", "x@other.example", "Question")
        r.run("2026-03-10 11:00")
        numbers = [c["case"] for c in r.doc["cases"]]
        assert all(re.fullmatch(r"CAS-\d{5,}-[2-9A-HJ-NP-Z]{4}", n) for n in numbers) and len(set(numbers)) == 2
        row_, ack = r.letter("ack", OPS)
        assert "[%s]" % numbers[0] in ack["Subject"] and numbers[0] in ack.get_body(("plain",)).get_content()
        assert re.match(r"support\+\S+@dynamics\.example", ack["Reply-To"].addresses[0].addr_spec), ack["Reply-To"]
    row(t, "dynamics-uk", play, (r'prefix        = "CAS"', 'prefix = "DYN"'), (r'reply-address = "plus"', 'reply-address = "plain"'))


def test_everything_belongs_to_the_case_attachments_too(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")
        r.answer("2026-03-10 12:00", OPS, last("ack"), "Here is more.")
        r.run("2026-03-10 13:00")
        assert len(r.doc["cases"]) == 1 and len(r.entries(1, "appended")) == 1
    row(t, "dynamics-uk", play)


def test_a_second_mail_on_the_same_matter_is_merged(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Printer")
        r.mail("2026-03-10 11:00", OPS, "Printer again, new mail")
        r.run("2026-03-10 11:10")
        first = r.case(1)["case"]
        r.staff("2026-03-10 11:30", "liz", 2, "#merge %s" % first)
        r.run("2026-03-10 12:00")
        assert r.case(2)["state"] == "closed" and r.entries(2, "merged") and r.entries(1, "merged")
    row(t, "dynamics-uk", play)


# ---- statuses, priority, calls, promise

def test_each_status_has_a_meaning_told_when_it_changes(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")
        r.staff("2026-03-10 11:00", "liz", 1, "#wait")
        r.staff("2026-03-10 12:00", "liz", 1, "#resolve It was the cable.")
        r.run("2026-03-10 13:00")
        said = " ".join(" ".join(m.get_body(("plain",)).get_content().split()) for _, m in r.letters("update", OPS))
        assert "We need something from you before we can go on." in said, said
        assert "We believe that your case is resolved." in said, said
    row(t, "dynamics-uk", play, (r'We need something from you before we can go on\.', "Waiting."), (r'We believe that your case is resolved\. Reply if it is not\."\n        tell    = true', 'We believe that your case is resolved. Reply if it is not."'))


def test_rules_propose_and_staff_decide(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, *TABLE["important"][0])
        r.staff("2026-03-10 10:30", "liz", 1, "#priority critical")
        r.run("2026-03-10 10:40")
        assert r.case(1)["priority"] == "critical" and r.due(1, "respond") == "2026-03-10 11:00" and r.due(1, "resolve") == "2026-04-10 10:00"
    row(t, "dynamics-uk", play)


def test_the_customers_own_urgent_does_not_decide(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "URGENT!!! very urgent question", "This is urgent, highest priority: how do I print a statement?\n",
               headers={"X-Priority": "1", "Importance": "high"})
        assert r.run("2026-03-10 10:40").case(1)["priority"] == "standard"
    row(t, "dynamics-uk", play)


def test_the_targets_that_follow_are_told(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, *TABLE["urgent"][0])
        words = r.run("2026-03-10 10:40").words("ack")
        assert "10 March, 11:00" in words and "We aim" in words and "guarantee" not in words, words
    row(t, "dynamics-uk", play, (r'(    priority "urgent" \{.*?clock "respond" \{ target = ")1h', r'\g<1>3h'))


def test_calls_are_logged_and_are_not_the_first_response(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")
        r.staff("2026-03-10 10:30", "liz", 1, "#note Called the customer\n#time 15m")
        c = r.run("2026-03-10 11:00").case(1)
        assert c["first_response"] is None and r.clock(1, "respond")["met"] is None
        assert r.entries(1, "note") and r.entries(1, "time")
        assert not r.letters("relay")
    row(t, "dynamics-uk", play)


def test_response_is_the_first_relay_at_the_arrival_of_the_staff_mail(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")
        r.staff("2026-03-10 10:50", "liz", 1, "Have you tried to print it as PDF?")
        c = r.run("2026-03-10 12:00").case(1)
        assert r.local(c["first_response"]) == "2026-03-10 10:50" == r.local(r.clock(1, "respond")["met"])
        at, m = r.letter("relay", OPS)
        assert r.local(at["at"]) == "2026-03-10 10:51" and "liz@dynamics.example" not in m.as_string() and "Auto-Submitted" not in m
    row(t, "dynamics-uk", play)


def test_asking_for_the_status_is_always_welcome(t):
    def play(r):
        r.mail("2026-03-10 10:00", OPS, "Question")

        def status(x):
            to = re.search(r"mailto:(support\+[^?@\s]+@dynamics\.example)\?subject=[^\s>]*[Ss]tatus", x.letters("ack")[-1][1].get_body(("plain",)).get_content().replace("=\n", ""))
            assert to, x.letters("ack")[-1][1].as_string()
            return to[1]

        def ask(x):
            from replay import Replay
            inner = Replay(t, "dynamics-uk")
            inner.mails = [None] * 7
            inner.mail("2026-03-10 12:00", OPS, "Status", "", to=status(x))
            return inner.mails[-1][2]
        r.later("2026-03-10 12:00", OPS, ask)
        r.run("2026-03-10 13:00")
        assert "Standard" in r.words("status", OPS) and len(r.doc["cases"]) == 1
    row(t, "dynamics-uk", play, (r'reply-address = "plus"', 'reply-address = "plain"'))
