# SPDX-License-Identifier: ISC
"""The rows of integration-dk, an integration platform in Denmark, one function each."""
from replay import last, row

MIA = "mia@kunde.example"
RULE = r'    rule "%s" \{.*?\n    \}\n'


def test_ways_in_in_writing_with_examples(t):
    def missing(r):
        r.mail("2026-03-10 10:00", MIA, "Ordrer kommer ikke med", "Hej,\n\nnogle ordrer bliver ikke overført.\n\nHilsen Mia\n")
        words = r.run("2026-03-10 11:00").words("ack", MIA)
        assert "eksempler på de ordrer" in words, words
    row(t, "integration-dk", missing, (r'\n        ask     = "eksempler[^\n]*', ""))

    def given(r):
        r.mail("2026-03-10 10:00", MIA, "Ordre mangler", "Ordre 104422 er ikke overført.\n")
        r.run("2026-03-10 11:00")
        assert r.case(1)["fields"]["examples"].startswith("104422") and "eksempler på de ordrer" not in r.words("ack", MIA)
    row(t, "integration-dk", given, (r'    field "examples" \{.*?\n    \}\n', ""))


def test_letters_are_danish(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Spørgsmål", "Hej, kan I hjælpe mig med et spørgsmål om lageret?\n")
        words = r.run("2026-03-10 11:00").words("ack", MIA)
        assert "Hej" in words and "13. marts" in words and "fredag" in words, words
    row(t, "integration-dk", play, (r'language      = \{ "da" \}', 'language = { "en" }'))


def test_telephone_is_billed_and_opened_by_staff(t):
    def play(r):
        r.mail("2026-03-10 10:00", "peter@integration.example", "Opkald", "#for mia@kunde.example\n#time 30m billable\n\nMia ringede om betalinger.\n")
        c = r.run("2026-03-10 11:00").case(1)
        assert c["requester"]["addr"] == MIA and r.entries(1, "time"), c
        r.staff("2026-03-10 11:30", "peter", 1, "#letter telephone")
        assert any("pr. time" in m.get_body(("plain",)).get_content() for _, m in r.run("2026-03-10 12:00").letters("update", MIA))
    row(t, "integration-dk", play, (r'Support afregnes pr\. time\.', ""))


def test_staff_find_a_case_by_number_or_address(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Spørgsmål")
        r.staff("2026-03-10 11:00", "peter", 1, "#search mia@kunde.example")
        r.run("2026-03-10 11:10")
        assert r.case(1)["case"] in r.words("result", "peter@integration.example")
    row(t, "integration-dk", play)


def test_trial_customers_are_asked_to_read_the_help_first(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Prøveperiode", "Vi har lige startet en prøveperiode, hvor begynder vi?\n")
        assert "hjælpesektionen" in r.run("2026-03-10 11:00").words("ack", MIA)
    row(t, "integration-dk", play, (RULE % "trial", ""))


def test_self_help_stands_in_the_acknowledgement_of_such_a_mail(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Fejl", "En ordre er ikke blevet overført.\n")
        r.mail("2026-03-10 10:05", "ole@kunde.example", "Spørgsmål", "Hvad koster det at tilføje en butik mere?\n")
        r.run("2026-03-10 11:00")
        assert "dashboard" in r.words("ack", MIA) and "dashboard" not in r.words("ack", "ole@kunde.example")
    row(t, "integration-dk", play, (RULE % "error", ""))


def test_answer_within_1_to_3_working_days(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Spørgsmål")
        r.mail("2026-04-01 15:00", MIA, "Spørgsmål før påske")          # Maundy Thursday to Easter Monday are holidays
        r.run("2026-04-20 12:00")
        assert r.clock(1, "respond")["target"] == "3wd" and r.due(1, "respond") == "2026-03-13 10:00"
        assert r.due(2, "respond") == "2026-04-09 15:00"
    row(t, "integration-dk", play, (r'target = "3wd"', 'target = "2wd"'), (r'    holidays = [^\n]*\n', ""))


def test_store_bededag_is_none(t):
    def play(r):
        r.mail("2026-04-29 10:00", MIA, "Spørgsmål")                    # 1 May 2026 was Store Bededag's Friday
        assert r.run("2026-05-10 12:00").due(1, "respond") == "2026-05-04 10:00"
    row(t, "integration-dk", play)


def test_order_received_and_haster_raises_nothing(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Spørgsmål")
        r.mail("2026-03-10 10:01", MIA, "HASTER!!! Haster meget", "Det haster, urgent, vi mister salg!\n", headers={"X-Priority": "1"})
        r.run("2026-03-10 11:00")
        assert [c["rank"] for c in r.doc["cases"]] == [1, 2] and r.case(2)["priority"] == "normal"
        r.staff("2026-03-10 11:30", "peter", 2, "#priority raised")
        assert [c["rank"] for c in r.run("2026-03-10 12:00").doc["cases"]] == [2, 1]
    row(t, "integration-dk", play, (r'    priority "raised" [^\n]*\n', ""))


def test_answer_to_an_error_is_a_description(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Fejl", "En ordre er ikke blevet overført.\n")
        r.staff("2026-03-10 11:00", "peter", 1, "#resolve")
        c = r.run("2026-03-10 11:30").case(1)
        assert c["state"] != "resolved" and r.letters("result", "peter@integration.example")
        r.staff("2026-03-10 12:00", "peter", 1, "#resolve\n\nVaren manglede et varenummer; giv den et, så kommer ordren med.")
        c = r.run("2026-03-10 13:00").case(1)
        assert c["state"] == "resolved" and "varenummer" in r.words("relay", MIA)
    row(t, "integration-dk", play, (r'        resolve-words = true[^\n]*\n', ""))


def test_second_line_expect_a_longer_answer_time(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Fejl", "En ordre er ikke blevet overført.\n")
        r.staff("2026-03-10 11:00", "peter", 1, "#queue 2nd")
        r.run("2026-03-10 11:30")
        assert r.case(1)["queue"] == "2nd" and r.case(1)["assignee"] == "rikke@integration.example"
        assert "længere svartid" in r.words("update", MIA)
    row(t, "integration-dk", play, (r'\n        handover = "Din sag[^\n]*', ""))


def test_scope_only_how_to_set_up_one_system_is_referred(t):
    def referred(r):
        r.mail("2026-03-10 10:00", MIA, "Plugin", "Hvilket plugin skal jeg vælge til min WooCommerce?\n")
        r.run("2026-03-10 11:00")
        assert r.letters("referral", MIA) and r.case(1)["state"] == "new"
    row(t, "integration-dk", referred, (RULE % "how to set up one system", ""))

    def answered(r):
        r.mail("2026-03-10 10:00", MIA, "Opsætning", "Hvordan opsætter jeg jeres integration i min Shopify?\n")
        r.mail("2026-03-10 10:01", MIA, "Lager", "Lageret i e-conomic er forkert efter synkroniseringen.\n")
        r.run("2026-03-10 11:00")
        assert not r.letters("referral")
    row(t, "integration-dk", answered, (r"        unless = \{ '\\b\(integration[^\n]*\n", ""))


def test_own_responsibility_is_pointed_out(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Fejl", "En ordre er ikke blevet overført.\n")
        r.staff("2026-03-10 11:00", "peter", 1, "#letter own-responsibility")
        assert "varenummer" in r.run("2026-03-10 11:30").words("update", MIA)
    row(t, "integration-dk", play, (r'skal alle varer have et varenummer', 'skal alt være klar'))


def test_resold_customers_are_referred_to_their_dealer(t):
    def play(r):
        r.mail("2026-03-10 10:00", "kim@webshop.example", "Fejl", "En ordre er ikke blevet overført.\n")
        r.mail("2026-03-10 10:01", MIA, "Fejl", "En ordre er ikke blevet overført.\n")
        r.run("2026-03-10 11:00")
        assert "hjaelp@forhandler.example" in r.words("referral", "kim@webshop.example") and not r.letters("ack", "kim@webshop.example")
        assert r.letters("ack", MIA) and not r.letters("referral", MIA)
    row(t, "integration-dk", play, (RULE % "bought through a dealer", ""), (r'        dealer  = [^\n]*\n', ""))


def test_a_reply_stays_on_the_case(t):
    def play(r):
        r.mail("2026-03-10 10:00", MIA, "Spørgsmål")
        r.answer("2026-03-10 12:00", MIA, last("ack"), "Her er mere.")
        r.run("2026-03-10 13:00")
        assert len(r.doc["cases"]) == 1
    row(t, "integration-dk", play)
