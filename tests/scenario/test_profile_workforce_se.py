# SPDX-License-Identifier: ISC
"""The rows of workforce-se, a vendor of workforce planning, one function each."""
from replay import last, row

ADMIN = "admin@kommun.example"
IT = "it@kommun.example"
RULE = r'    rule "%s" \{.*?\n    \}\n'


def test_registered_in_writing_in_the_customers_words_at_any_hour(t):
    def play(r):
        r.mail("2026-03-14 23:30", ADMIN, "Schemat stämmer inte", "Hej!\n\nSchemat för vecka 12 stämmer inte.\n")
        r.run("2026-03-16 08:00")
        assert r.local(r.case(1)["opened"]) == "2026-03-14 23:30" and r.due(1, "assign") == "2026-03-16 11:00"
        assert "måndag" in r.words("ack", ADMIN), r.words("ack", ADMIN)
    row(t, "workforce-se", play)


def hours(t, says, *without):
    def play(r):
        for when, _ in says:
            r.mail(when, ADMIN, "Fråga %s" % when)
        r.run("2027-02-01 12:00")
        got = [r.due(n + 1, "assign") for n in range(len(says))]
        assert got == [due for _, due in says], got
    row(t, "workforce-se", play, *without)


def test_hours_with_lunch(t):
    hours(t, [("2026-03-10 09:00", "2026-03-10 11:00"), ("2026-03-10 11:00", "2026-03-10 14:00"), ("2026-03-10 15:30", "2026-03-11 10:30"),
              ("2026-03-10 16:00", "2026-03-11 11:00"), ("2026-03-13 15:00", "2026-03-16 10:00")], ("09:00-12:00 13:00-16:00", "09:00-16:00"))


def test_weekday_before_a_public_holiday_is_a_half_day(t):
    hours(t, [("2026-06-05 11:00", "2026-06-08 10:00"), ("2026-10-30 11:30", "2026-11-02 10:30")])


def test_bridge_days_are_closed(t):
    hours(t, [("2026-01-02 09:00", "2026-01-07 11:00"), ("2026-01-05 10:00", "2026-01-07 11:00"), ("2026-05-15 09:00", "2026-05-18 11:00")])


def test_midsummer_christmas_and_new_years_eve(t):
    hours(t, [("2026-06-18 15:00", "2026-06-22 10:00"), ("2026-12-23 15:00", "2026-12-28 10:00"), ("2026-12-30 15:00", "2027-01-04 10:00")])


def test_deviations_are_announced_in_acknowledgements(t):
    def play(r):
        r.mail("2026-10-26 10:00", ADMIN, "Fråga")
        words = r.run("2026-10-26 10:10").words("ack", ADMIN)
        assert "30 oktober" in words, words
    row(t, "workforce-se", play, (r'    announce      = [^\n]*\n', ""))


def test_start_of_work_within_two_hours(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga")
        r.staff("2026-03-10 11:30", "eva", 1, "#take")
        r.run("2026-03-10 15:00")
        k = r.clock(1, "assign")
        assert k["target"] == "2h" and r.due(1, "assign") == "2026-03-10 12:00", k
        assert r.local(k["met"]) == "2026-03-10 11:30" and not k["breached"]
    row(t, "workforce-se", play, (r'target = "2h"', 'target = "1h"'))


def test_no_target_for_the_resolution(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga")
        r.staff("2026-03-10 11:30", "eva", 1, "#take")
        assert [k["name"] for k in r.run("2026-03-10 15:00").case(1)["clocks"]] == ["assign"]
    row(t, "workforce-se", play)


def test_notification_both_ways(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga")
        r.staff("2026-03-10 10:30", "eva", 1, "#take")
        r.answer("2026-03-10 11:00", ADMIN, last("ack"), "Jag glömde säga att det gäller vecka 12.")
        r.run("2026-03-10 12:00")
        assert "Vi har börjat arbeta" in r.words("update", ADMIN)
        assert "vecka 12" in r.words("notice", "eva@workforce.example")
    row(t, "workforce-se", play, (r'(meaning = "Vi har börjat arbeta med ditt ärende\."\n)        tell    = true\n', r"\1"))


def test_overview_of_own_cases_in_every_letter(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga")
        r.run("2026-03-10 11:00")
        assert "mailto:support+" in r.letter("ack", ADMIN)[1].get_body(("plain",)).get_content().replace("=\n", "")
    row(t, "workforce-se", play, (r'reply-address = "plus"', 'reply-address = "plain"'))


def test_who_may_ask(t):
    def play(r):
        r.mail("2026-03-10 10:00", "vikarie@kommun.example", "Fråga", "Hej, hur byter jag pass?\n")
        r.mail("2026-03-10 10:01", IT, "Fråga")
        r.mail("2026-03-10 10:02", ADMIN, "Fråga")
        r.mail("2026-03-10 10:03", "nina@nyfiken.example", "Fråga", "Hej, vad kostar systemet?\n")
        r.run("2026-03-10 11:00")
        assert [c["state"] for c in r.doc["cases"]] == ["closed", "new", "new", "closed"]
        assert [x["from"]["addr"] for x in r.doc["refused"]] == ["vikarie@kommun.example", "nina@nyfiken.example"]
        assert r.letters("refusal", "vikarie@kommun.example") and not r.letters("ack", "vikarie@kommun.example")
        assert r.letters("ack", IT) and r.letters("ack", ADMIN)
    row(t, "workforce-se", play, (r'    register      = [^\n]*\n', ""), (r'        may-register = [^\n]*\n', ""), (r'        admin        = [^\n]*\n', ""))


def test_lines(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga om schema", "Hur lägger jag in semester?\n")
        r.mail("2026-03-10 10:01", IT, "Installation", "Vi ska flytta databasen till en ny server.\n")
        r.run("2026-03-10 10:10")
        assert [(c["queue"], c["assignee"]) for c in r.doc["cases"]] == [("1st", "eva@workforce.example"), ("2nd", "fredrik@workforce.example")]
        r.staff("2026-03-10 10:30", "fredrik", 2, "#queue 3rd")
        r.staff("2026-03-10 10:31", "eva", 1, "#queue product")
        r.run("2026-03-10 11:00")
        assert [(c["queue"], c["assignee"]) for c in r.doc["cases"]] == [("product", "ingrid@workforce.example"), ("3rd", "gun@workforce.example")]
    row(t, "workforce-se", play, (RULE % "technical or installation", ""))


def test_the_first_line_hears_of_each_step_of_what_others_work_on(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Programmet räknar fel")
        r.staff("2026-03-10 10:30", "eva", 1, "#queue 3rd")
        r.staff("2026-03-11 10:00", "gun", 1, "Vi har hittat felet och rättar det i nästa version.")
        r.run("2026-03-11 11:00")
        assert "hittat felet" in r.words("notice", "eva@workforce.example"), [x for x, _ in r.letters()]
    row(t, "workforce-se", play, (r'        watch   = [^\n]*\n', ""))


def test_path_suspected_bug_not_reproducible_asks_for_more(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Programmet räknar fel", "Programmet visar fel summa.\n")
        assert r.run("2026-03-10 10:10").case(1)["kind"] == "bug"
        r.staff("2026-03-10 10:30", "eva", 1, "#letter more\n#wait")
        assert "inte lyckats återskapa" in r.run("2026-03-10 11:00").words("update", ADMIN) and r.case(1)["state"] == "waiting"
    row(t, "workforce-se", play, (RULE % "suspected bug", ""), (r'Vi har inte lyckats återskapa felet', 'Mer tack'))


def test_path_urgent_bug_third_line_others_product_owner(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Programmet räknar fel", "Programmet visar fel summa, varje gång.\n")
        r.staff("2026-03-10 10:30", "eva", 1, "#set bug-report BR-12\n#set urgent-fix ja\n#priority high\n#queue 3rd")
        c = r.run("2026-03-10 11:00").case(1)
        assert c["fields"] == {"reproducible": "ja", "bug-report": "BR-12", "urgent-fix": "ja"} and c["priority"] == "high" and c["queue"] == "3rd", c
    row(t, "workforce-se", play, (r'    field "reproducible" \{.*?\n    \}\n', ""))


def test_hand_over_is_told_with_how_it_goes_on(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga om schema")
        r.staff("2026-03-10 10:30", "eva", 1, "#queue 2nd")
        assert "andra linjen, som felsöker" in r.run("2026-03-10 11:00").words("update", ADMIN)
    row(t, "workforce-se", play, (r'(label    = "andra linjen".*?)\n        handover = [^\n]*', r"\1"))


def test_deep_troubleshooting(t):
    def play(r):
        r.mail("2026-03-10 10:00", IT, "Kopia", "Här är en kopia av databasen.\n", attach=[("tid.bak", "application/octet-stream", b"TAPE" + bytes(2000))])
        r.staff("2026-03-10 10:30", "fredrik", 1, "#letter remote")
        r.run("2026-03-10 11:00")
        said = r.words("update", IT)
        assert "säkra plats" in said and "fjärrstyra din dator" in said, said
    row(t, "workforce-se", play, (RULE % "database copy", ""), (r'fjärrstyra din dator', "se din skärm"))


def test_only_the_customers_request_closes(t):
    def play(r):
        r.mail("2026-03-10 10:00", ADMIN, "Fråga")
        r.staff("2026-03-10 10:30", "eva", 1, "#resolve\n\nDu hittar det under Semester.")
        assert r.run("2026-09-10 12:00").case(1)["state"] == "resolved"
    row(t, "workforce-se", play, (r'(    state "resolved" \{\n)', r'\1        close = "10wd"\n'))

    for words in ("OK", "Tack, ni kan stänga ärendet!", "ok\n\nMvh\nAnna", "Var snäll och stäng ärendet.\n\nMed vänlig hälsning\nAnna Admin\nKommunen"):
        def asked(r, words=words):
            r.mail("2026-03-10 10:00", ADMIN, "Fråga")
            r.staff("2026-03-10 10:30", "eva", 1, "#resolve\n\nDu hittar det under Semester.")
            r.answer("2026-03-10 12:00", ADMIN, lambda x: x.letters("relay")[-1][1], words)
            assert r.run("2026-03-10 13:00").case(1)["state"] == "closed", words
            assert r.letters("survey", ADMIN)
        row(t, "workforce-se", asked)
    row(t, "workforce-se", asked, (r'    survey        = true\n', ""))
    for words in ("EJ OK", "Inte ok.", "OK, men det räknar fortfarande fel på söndagar.", "Ni kan stänga ärendet när felet är rättat."):
        def kept(r, words=words):
            r.mail("2026-03-10 10:00", ADMIN, "Fråga")
            r.staff("2026-03-10 10:30", "eva", 1, "#resolve\n\nDu hittar det under Semester.")
            r.answer("2026-03-10 12:00", ADMIN, lambda x: x.letters("relay")[-1][1], words)
            assert r.run("2026-03-10 13:00").case(1)["state"] not in ("closed", "resolved"), words
        row(t, "workforce-se", kept)


def test_add_on_services(t):
    def play(r):
        r.mail("2026-03-10 10:00", IT, "Uppgradering", "Vi vill gärna ha en offert på en uppgradering till senaste versionen.\n")
        c = r.run("2026-03-10 11:00").case(1)
        assert (c["kind"], c["queue"]) == ("order", "2nd")
    row(t, "workforce-se", play, (RULE % "add-on service", ""))
