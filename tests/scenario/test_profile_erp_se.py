# SPDX-License-Identifier: ISC
"""The rows of erp-se, an ERP partner in Stockholm, one function each, named after the row. row() also proves that the row's
rule or setting is what makes it hold. Not here: ways in by telephone (#for, in test_staff_*), the portal."""
from replay import last, row

ANN = "ann@kund.example"


def kind_of(subject, text="Hello,\n\nplease see to this.\n", at="2026-03-10 10:00", **more):
    def play(r):
        r.mail(at, ANN, subject, text, **more)
        return r.run(at[:10] + " 23:00").case(1)
    return play


def critical(t, kind, says, rule, at="2026-03-10 10:00"):
    """Each of these is of that kind; with the rule taken out the first is not."""
    for subject, text in says:
        def play(r, subject=subject, text=text):
            c = kind_of(subject, text, at)(r)
            assert c["kind"] == kind, (subject, c["kind"], c["entries"][0]["why"])
            assert 'rule "%s"' % rule in c["entries"][0]["why"], c["entries"][0]["why"]
        row(t, "erp-se", play)
    row(t, "erp-se", play, (r'    rule "%s" \{.*?\n    \}\n' % rule, ""))


def not_of(t, kind, says, at="2026-03-10 10:00"):
    for subject, text in says:
        def play(r, subject=subject, text=text):
            c = kind_of(subject, text, at)(r)
            assert c["kind"] != kind, (subject, c["entries"][0]["why"])
        row(t, "erp-se", play)


# ---- ways in, dedicated consultant

def test_way_in_suitable_by_subject_available_by_calendar(t):
    def standard(r):
        r.mail("2026-03-10 10:00", ANN, "How do I print the list of suppliers?")
        c = r.run("2026-03-10 12:00").case(1)
        assert (c["queue"], c["assignee"], c["state"]) == ("first", "anna@erp.example", "new"), c
    row(t, "erp-se", standard, (r'staff   = \{ "anna@erp.example" \}', 'staff = { "carin@erp.example" }'))

    def development(r):
        r.mail("2026-03-10 10:00", ANN, "We need a customized module for our own article labels")
        c = r.run("2026-03-10 12:00").case(1)
        assert (c["queue"], c["assignee"]) == ("second", "bo@erp.example"), c
    row(t, "erp-se", development, (r'    rule "complex or development" \{.*?\n    \}\n', ""))


def test_dedicated_consultant(t):
    def play(r):
        r.mail("2026-03-10 10:00", "per@snickeri.example", "A question on our price lists")
        r.mail("2026-03-10 10:05", ANN, "A question on our price lists")
        r.run("2026-03-10 12:00")
        assert (r.case(1)["assignee"], r.case(1)["queue"]) == ("bo@erp.example", "first")
        assert r.case(2)["assignee"] == "anna@erp.example"
    row(t, "erp-se", play, (r'    customer "Snickeri" \{.*?\n    \}\n', ""))


# ---- what a good request holds

def test_asked_once_and_only_for_what_is_missing(t):
    def nothing(r):
        r.mail("2026-03-10 10:00", ANN, "It is wrong", "It is wrong.\n")
        r.answer("2026-03-10 10:30", ANN, last("ack"), "It is still wrong.")
        r.run("2026-03-10 12:00")
        words = r.words("ack")
        assert "URL" in words and "what did you expect" in words and "work centre" in words, words
        assert len(r.doc["cases"]) == 1
    row(t, "erp-se", nothing, (r'\n        ask +=[^\n]*URL[^\n]*', ""))

    def something(r):
        r.mail("2026-03-10 10:00", ANN, "SO10234 is wrong", "When I open SO10234 in https://erp.kund.example/so the total is wrong. Please call me on 08-123 456.\n",
               attach=[("screen.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(200))])
        r.run("2026-03-10 12:00")
        c, words = r.case(1), r.words("ack")
        assert c["fields"]["reference"].startswith("SO10234") and "contact" in c["fields"] and "screenshot" in c["fields"], c["fields"]
        assert "work centre" not in words and "URL" not in words, words
    row(t, "erp-se", something, (r'\(\?:SO\|INV\|PO\)', "(?:XX)"), (r"""    field "screenshot" \{.*?\n    \}\n""", ""))


# ---- hours and targets

def test_hours_of_the_first_line(t):
    def play(r):
        r.mail("2026-03-10 17:00", ANN, "One")             # Tuesday: one hour left
        r.mail("2026-03-13 19:00", ANN, "Two")             # Friday evening
        r.mail("2026-04-02 16:00", ANN, "Three")           # Thursday before Good Friday and Easter Monday
        r.run("2026-04-10 12:00")
        assert r.due(1, "assign") == "2026-03-11 10:00"
        assert r.due(2, "assign") == "2026-03-16 11:00"
        assert r.due(3, "assign") == "2026-04-07 09:00"
    row(t, "erp-se", play, ("07:00-18:00", "08:00-17:00"), (r'    holidays = \{ "se.ics" \}[^\n]*\n', ""))


def test_assignment_within_4_working_hours_is_the_beginning_of_work(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.staff("2026-03-10 11:30", "anna", 1, "#take")
        r.run("2026-03-10 18:00")
        k = r.clock(1, "assign")
        assert k["target"] == "4h" and r.due(1, "assign") == "2026-03-10 14:00"
        assert r.local(k["met"]) == "2026-03-10 11:30" and not k["breached"]
    row(t, "erp-se", play, (r'target   = "4h"', 'target   = "5h"'))


def test_routing_by_a_rule_is_not_yet_assignment(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.run("2026-03-10 18:00")
        k = r.clock(1, "assign")
        assert r.case(1)["assignee"] and k["met"] is None and k["breached"]
        assert [row["to"] for row, _ in r.letters("escalation")] == [["carin@erp.example"]]
        assert r.local(r.letters("escalation")[0][0]["at"]) == "2026-03-10 14:00"
    row(t, "erp-se", play, (r'\n        escalate = \{ "0m manager" \}[^\n]*', ""))


def test_resolution_first_line_2_working_days_from_assignment(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.staff("2026-03-10 13:00", "anna", 1, "#take")
        r.run("2026-03-10 18:00")
        k = r.clock(1, "resolve")
        assert (k["target"], r.local(k["started"]), r.local(k["due"])) == ("2wd", "2026-03-10 13:00", "2026-03-12 13:00"), k
    row(t, "erp-se", play, (r'target = "2wd"', 'target = "3wd"'))

    def unassigned(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.run("2026-03-10 18:00")
        assert [k["name"] for k in r.case(1)["clocks"]] == ["assign"]
    row(t, "erp-se", unassigned, (r'\n        clock "resolve" \{[^\n]*\n            target = "2wd"\n            start  = "assign"', '\n        clock "resolve" {\n            target = "2wd"'))


def test_resolution_second_line_10_working_days(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Traceback in the custom report")
        r.staff("2026-03-10 13:00", "bo", 1, "#take")
        r.run("2026-03-10 18:00")
        assert r.due(1, "resolve") == "2026-03-24 13:00"
    row(t, "erp-se", play, (r'target = "10wd"', 'target = "9wd"'))


def test_moved_to_the_second_line_keeps_its_start(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.staff("2026-03-10 13:00", "anna", 1, "#take")
        r.staff("2026-03-11 09:00", "anna", 1, "#queue second")
        r.run("2026-03-11 18:00")
        k = r.clock(1, "resolve")
        assert (r.local(k["started"]), r.local(k["due"])) == ("2026-03-10 13:00", "2026-03-24 13:00")
        assert "second line" in r.words("update", to=ANN), "the customer is told how it goes on"
    row(t, "erp-se", play, (r'\n        handover = "Your case[^\n]*', '\n        handover = "Over there."'))


# ---- no guarantee, order of work

def test_a_letter_names_a_target_and_no_guarantee(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.run("2026-03-10 11:00")
        words = r.words("ack")
        assert "10 March, 14:00" in words and "aim to" in words, words
        assert "guarantee" not in words
    row(t, "erp-se", play, (r'target   = "4h"', 'target   = "5h"'))


def test_first_come_first_served_whatever_the_size_time_critical_first(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question one")
        r.mail("2026-03-10 10:01", "boss@large.example", "Question two")
        r.mail("2026-03-10 10:02", "x@small.example", "Sales order confirmation fails with an error")
        r.run("2026-03-10 11:00")
        assert [c["rank"] for c in r.doc["cases"]] == [2, 3, 1]
    row(t, "erp-se", play, (r'label = "Customer orders"[^\n]*\n        first = true', 'label = "Customer orders"'))


# ---- time-critical kinds, with the reason in the journal

def test_critical_system_down_or_any_access(t):
    critical(t, "access", [("The ERP system is down", "Nothing works.\n"), ("Help", "None of us can log in since this morning.\n")], "system down")
    critical(t, "access", [("Cannot log in", "I cannot log in to the ERP.\n"), ("Locked out", "My user is locked out.\n")], "no access")
    not_of(t, "access", [("Cannot access the portal", "I can't log in to the customer portal.\n"), ("System is up again", "The system is no longer down, thanks.\n")])


def test_critical_customer_orders(t):
    critical(t, "order", [("Order confirmation fails", "We cannot confirm customer orders.\n"), ("Sales order", "Creating a sales order gives an error.\n")], "customer orders")
    not_of(t, "order", [("Purchase order", "A purchase order to our supplier was created twice.\n")])


def test_critical_webshop_and_payment(t):
    critical(t, "webshop", [("Webshop offline", "Our webshop is down.\n"), ("Payments", "The payment gateway rejects every card.\n")], "webshop and payment")
    not_of(t, "webshop", [("Portal", "The portal to the webshop statistics does not open, no access.\n")])


def test_critical_shipping_and_packing_documents(t):
    critical(t, "shipping", [("Delivery notes", "No delivery note is printed.\n"), ("Packing", "The packing slips are empty.\n")], "shipping and packing")


def test_critical_month_end_closing(t):
    critical(t, "closing", [("Month-end closing", "We cannot close the period.\n"), ("VAT", "The VAT return cannot be created.\n")], "month-end closing", "2026-03-31 10:00")
    critical(t, "closing", [("Closing the books", "Closing of the month stops.\n")], "month-end closing", "2026-04-02 10:00")
    not_of(t, "closing", [("Month-end closing", "How does the month-end closing look in the middle of it?\n")], "2026-03-16 10:00")
    not_of(t, "closing", [("VAT", "Just a general question on VAT: which rate do books have?\n")], "2026-03-31 10:00")


def test_critical_point_of_sale(t):
    critical(t, "pos", [("POS terminal", "Our POS terminal does not start.\n"), ("Till", "The point of sale in shop 2 is stuck.\n")], "point of sale")


# ---- escalation

def test_escalation_goes_inside_at_once(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.answer("2026-03-10 10:30", ANN, last("ack"), "Please escalate this case, we lose money every hour.")
        r.run("2026-03-10 10:40")
        assert r.entries(1, "escalation_asked"), r.case(1)["entries"]
        assert {a for x, _ in r.letters("escalation") for a in x["to"]} == {"carin@erp.example", "anna@erp.example"}
        assert r.case(1)["priority"] == "normal", "not an escalation until it is accepted"
    row(t, "erp-se", play, (r'to       = \{ "manager", "assignee" \}', 'to = { "assignee" }'))


def test_escalation_accepted_is_the_highest_priority(t):
    def play(r):
        r.mail("2026-03-10 09:00", ANN, "The ERP system is down")
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.answer("2026-03-10 10:30", ANN, last("ack"), "Please escalate this case.")
        r.staff("2026-03-10 10:35", "carin", 2, "#escalate")
        r.run("2026-03-10 10:50")
        c = r.case(2)
        assert c["priority"] == "escalated" and c["rank"] == 1, c
        assert "Overtime may be charged" in " ".join(m.get_body(("plain",)).get_content() for _, m in r.letters("update", to=ANN)).replace("\n", " ")
    row(t, "erp-se", play, (r'\n        notice   =[^\n]*', ""), (r'priority = "escalated"', 'priority = "normal"'))


def test_the_notice_on_overtime_stands_wherever_escalation_is_offered(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.run("2026-03-10 11:00")
        assert "Overtime may be charged" in r.words("ack"), r.words("ack")
    row(t, "erp-se", play, (r'\n        notice   =[^\n]*', ""))


def test_escalation_that_nobody_reacts_to_is_itself_escalated(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "Question")
        r.answer("2026-03-10 10:30", ANN, last("ack"), "Please escalate this case.")
        r.run("2026-03-10 11:30")
        assert [r.local(x["at"]) for x, _ in r.letters("escalation", to="carin@erp.example")] == ["2026-03-10 10:30", "2026-03-10 11:00"]
    row(t, "erp-se", play, (r'\n        patience =[^\n]*', ""))


# ---- limits

def test_limits_are_said_and_the_case_can_wait_for_a_third_party(t):
    def play(r):
        r.mail("2026-03-10 10:00", ANN, "No access from one office")
        r.staff("2026-03-10 11:00", "anna", 1, "#take\n#letter limits\n#wait")
        r.run("2026-03-10 12:00")
        assert r.case(1)["state"] == "waiting"
        assert any("DNS" in m.get_body(("plain",)).get_content() for _, m in r.letters("update", to=ANN))
    row(t, "erp-se", play, (r'"We do not have direct access to your DNS', '"We cannot reach your'))
