# SPDX-License-Identifier: ISC
"""The rows of odoo-flow, a development studio, one function each."""
from replay import last, row

PIA = "pia@bakery.example"
TOM = "tom@shop.example"
RULE = r'    rule "%s" \{.*?\n    \}\n'


def opened(r, subject, text="Hello,\n\nplease see to this.\n", sender=TOM, at="2026-03-10 10:00"):
    r.mail(at, sender, subject, text)
    return r.run("2026-03-10 10:30").case(1)


def kind_row(t, kind, due, says, rule, target):
    for subject, text in says:
        def play(r, subject=subject, text=text):
            c = opened(r, subject, text)
            assert c["kind"] == kind, (c["kind"], c["entries"][0]["why"])
            assert r.due(1, "assign") == due
        row(t, "odoo-flow", play)
    out = [(r'(    kind "%s" \{.*?clock "assign" \{ target = ")%s"' % (kind, target), r'\g<1>7wd"')]
    if rule:
        out.append((RULE % rule, ""))
    row(t, "odoo-flow", play, *out)


def test_question_3_business_days(t):
    kind_row(t, "question", "2026-03-13 10:00", [("Where do I find the list of vendors?", "Hello, where is it?\n"), ("Training", "Do you offer a training in spring?\n")], None, "3wd")


def test_urgent_1_business_hour(t):
    kind_row(t, "urgent", "2026-03-10 11:00", [("Urgent: nobody can work", "Please help.\n"), ("Help", "This is an emergency, the shop has stopped.\n")], "urgent", "1h")


def test_not_urgent_is_not_urgent(t):
    def play(r):
        assert opened(r, "Not urgent", "This is not urgent: where is the list of vendors?\n")["kind"] == "question"
    row(t, "odoo-flow", play, (r"\n        unless = \{ '\\b\(not\|[^\n]*", ""))


def test_server_4_hours(t):
    kind_row(t, "server", "2026-03-10 14:00", [("Website", "The server is down.\n"), ("Odoo", "We get 502 bad gateway.\n")], "server", "4h")


def test_issue_with_error_1_day(t):
    kind_row(t, "with-error", "2026-03-11 10:00", [("Invoice", "Posting gives a validation error.\n"), ("Traceback", "I get a traceback when I save.\n")], "with error", "1wd")


def test_issue_without_error_2_days(t):
    kind_row(t, "no-error", "2026-03-12 10:00", [("Total", "The total is wrong on the quotation.\n"), ("Change", "We would like to add a column to the list.\n")], "without error", "2wd")


def test_the_customer_may_choose_the_kind(t):
    def play(r):
        words = (opened(r, "Where is it?", "Where do I find it?\n"), r.words("ack"))[1]
        assert "Question" in words and "Urgent issue" in words and "Server issue" in words, words
    row(t, "odoo-flow", play, (r'label   = "Server issue"\n        offered = true', 'label   = "Server issue"'))


def test_staff_change_the_kind_and_the_time_with_it(t):
    def play(r):
        r.mail("2026-03-10 10:00", TOM, "Where is it?")
        r.staff("2026-03-10 10:10", "jan", 1, "#kind server")
        r.run("2026-03-10 10:30")
        assert r.case(1)["kind"] == "server" and r.due(1, "assign") == "2026-03-10 14:00"
    row(t, "odoo-flow", play)


def test_working_days_and_belgian_holidays(t):
    def play(r):
        r.mail("2026-05-13 16:30", TOM, "Server", "The server is down.\n")       # Ascension Day is 14 May
        r.run("2026-05-15 12:00")
        assert r.due(1, "assign") == "2026-05-15 12:30"
    row(t, "odoo-flow", play, (r'    holidays = [^\n]*\n', ""), ("09:00-17:00\" \\}", "08:00-17:00\" }"))


# ---- project manager

def test_dedicated_project_manager(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "Question")
        r.mail("2026-03-10 10:01", TOM, "Question")
        r.run("2026-03-10 11:00")
        assert [c["assignee"] for c in r.doc["cases"]] == ["ines@studio.example", "jan@studio.example"]
    row(t, "odoo-flow", play, (r'        consultant = [^\n]*\n', ""), (r'    assign        = "first"[^\n]*\n', ""))


def test_the_customer_is_mailed_that_work_has_begun(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "Question")
        r.staff("2026-03-10 10:30", "ines", 1, "#take")
        r.run("2026-03-10 11:00")
        assert "Work on your case has begun" in r.words("update", PIA)
        assert r.local(r.clock(1, "assign")["met"]) == "2026-03-10 10:30"
    row(t, "odoo-flow", play, (r'(meaning = "Work on your case has begun\."\n)        tell[^\n]*\n', r"\1"))


# ---- states

def test_states(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "The total is wrong on the quotation")
        r.staff("2026-03-10 10:30", "ines", 1, "#take")
        r.staff("2026-03-10 11:00", "ines", 1, "#estimate Two hours: the total takes the discount twice.")
        r.answer("2026-03-10 12:00", PIA, last("approval"), "OK")
        r.staff("2026-03-10 12:30", "lotte", 1, "#state progress\n#set step planned")
        r.run("2026-03-10 13:00")
        c = r.case(1)
        assert (c["state"], c["state_label"], c["fields"].get("step")) == ("progress", "PROGRESS", "planned"), c
        r.staff("2026-03-11 10:00", "ines", 1, "#wait\n\nIt is on staging, see the screenshots.")
        assert r.run("2026-03-11 10:30").case(1)["state_label"] == "FEEDBACK"
        r.staff("2026-03-11 11:00", "kim", 1, "#close")
        assert r.run("2026-03-11 11:30").case(1)["state_label"] == "DONE"
    row(t, "odoo-flow", play, (r'label   = "FEEDBACK"', 'label = "WAIT"'))


def test_no_task_without_a_code_change(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "Question")
        r.staff("2026-03-10 10:30", "ines", 1, "You find it under Reporting.")
        r.staff("2026-03-10 11:00", "ines", 1, "#close")
        c = r.run("2026-03-10 12:00").case(1)
        assert c["state"] == "closed" and not r.letters("approval")
    row(t, "odoo-flow", play)


def test_estimate_is_approved_before_it_is_planned(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "We would like to add a column")
        r.staff("2026-03-10 10:30", "ines", 1, "#estimate Three hours for the column.")
        r.run("2026-03-10 11:00")
        assert "Three hours for the column." in r.words("approval", PIA) and r.case(1)["state"] == "waiting"
        assert r.local(r.clock(1, "assign")["met"]) == "2026-03-10 10:30"
        r.answer("2026-03-10 12:00", PIA, last("approval"), "OK")
        r.run("2026-03-10 12:30")
        assert r.case(1)["state"] == "progress" and r.entries(1, "approval"), r.case(1)
    row(t, "odoo-flow", play)


def test_silence_does_not_close_an_estimate(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "We would like to add a column")
        r.staff("2026-03-10 10:30", "ines", 1, "#estimate Three hours for the column.")
        assert r.run("2026-05-10 11:00").case(1)["state"] == "waiting"
    row(t, "odoo-flow", play)


def test_top_priority_starts_at_once_and_bypasses_the_queue(t):
    def play(r):
        r.mail("2026-03-10 10:00", TOM, "Question one")
        r.mail("2026-03-10 10:01", TOM, "Question two")
        r.mail("2026-03-10 10:02", PIA, "Urgent: nobody can work")
        r.run("2026-03-10 10:30")
        assert [c["rank"] for c in r.doc["cases"]] == [2, 3, 1] and r.case(3)["priority"] == "top"
    row(t, "odoo-flow", play, ([(r'        first    = true\n', ""), (r'        priority = "top"\n    *clock', '        clock')]))


def test_first_in_first_out(t):
    def play(r):
        for n in range(3):
            r.mail("2026-03-10 10:0%d" % n, TOM, "Question %d" % n)
        assert [c["rank"] for c in r.run("2026-03-10 10:30").doc["cases"]] == [1, 2, 3]
    row(t, "odoo-flow", play)


def test_the_developer_specialised_in_that_app(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "We would like to add a column to the invoice")
        r.mail("2026-03-10 10:01", PIA, "We would like to add a picture to the webshop")
        r.staff("2026-03-10 10:30", "ines", 1, "#estimate Three hours.")
        r.staff("2026-03-10 10:31", "ines", 2, "#estimate Two hours.")
        r.run("2026-03-10 11:00")
        acks = [c["case"] for c in r.doc["cases"]]
        for n in (0, 1):
            r.answer("2026-03-10 12:0%d" % n, PIA, lambda x, n=n: [m for y, m in x.letters("approval") if y["case"] == acks[n]][-1], "OK")
        r.run("2026-03-10 13:00")
        assert [c["fields"]["app"] for c in r.doc["cases"]] == ["invoicing", "webshop"]
        assert [c["assignee"] for c in r.doc["cases"]] == ["lotte@studio.example", "milo@studio.example"]
    row(t, "odoo-flow", play, (r'skill = \{ "webshop" \}', ""), (RULE % "app invoicing", ""))


# ---- feedback, release

def feedback(r, word):
    r.mail("2026-03-10 10:00", PIA, "The total is wrong")
    r.staff("2026-03-10 10:30", "ines", 1, "#take\n#state progress")
    r.staff("2026-03-11 10:00", "ines", 1, "#ask-approval It is on staging, please try it there.")
    if word:
        r.answer("2026-03-11 12:00", PIA, last("approval"), word)


def test_feedback_ok_may_be_released_and_closes_nothing(t):
    def play(r):
        feedback(r, "OK")
        c = r.run("2026-03-11 13:00").case(1)
        assert c["state"] in ("progress", "resolved") and r.entries(1, "approval"), c
    row(t, "odoo-flow", play)


def test_feedback_not_ok_goes_back(t):
    def play(r):
        feedback(r, "NOT OK")
        c = r.run("2026-03-11 13:00").case(1)
        assert c["state"] == "progress", c
    row(t, "odoo-flow", play)


def test_no_feedback_within_3_business_days_closes(t):
    def play(r):
        feedback(r, None)
        r.run("2026-03-16 11:00")
        c = r.case(1)
        assert c["state"] == "closed" and r.local(c["closed"]) == "2026-03-16 10:00", c
    row(t, "odoo-flow", play, (r'        close   = "3wd"[^\n]*\n', ""))


def test_told_when_the_fix_is_live_then_done(t):
    def play(r):
        feedback(r, "OK")
        r.staff("2026-03-12 10:00", "ines", 1, "#set step MTP")
        r.staff("2026-03-12 11:00", "kim", 1, "#close The fix is live.")
        c = r.run("2026-03-12 12:00").case(1)
        assert c["state"] == "closed" and c["fields"]["step"] == "MTP"
        assert any("The fix is live" in m.get_body(("plain",)).get_content() for _, m in r.letters(to=PIA))
    row(t, "odoo-flow", play)


def test_documentation_reminder_on_closing(t):
    def play(r):
        r.mail("2026-03-10 10:00", PIA, "Question")
        r.staff("2026-03-10 11:00", "ines", 1, "#close That is all.")
        r.run("2026-03-10 12:00")
        assert any("documentation" in m["Subject"] for _, m in r.letters(to="ines@studio.example"))
    row(t, "odoo-flow", play, (r'        staff-letter = [^\n]*\n', ""))
