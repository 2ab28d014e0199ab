# SPDX-License-Identifier: ISC
"""What open cases name and the configuration no longer has: a queue, a priority, a person. Cases stay and go on, one letter tells."""
import re

from harness import body_of, mail, wait_until

STAFF = '{ "liz@example.com", "eva@example.com" }'
FULL = {"staff": STAFF, "notify": "none", "acknowledge": "false",
        'queue "first"': '{ default = true  staff = { "liz@example.com" }  assign = first }',
        'queue "billing"': '{ staff = { "eva@example.com" }  assign = first }',
        'priority "high"': '{ clock "respond" { target = "2h" } }',
        'rule "money"': '{ text = { "invoice" }  queue = "billing"  priority = "high" }'}
LESS = dict(FULL, **{"staff": '{ "liz@example.com" }', 'queue "billing"': None, 'priority "high"': None, 'rule "money"': None})


def filled(t, n, **more):
    d = t.ticketd(desk=dict(FULL, **more)).start()
    for i in range(n):
        assert d.lmtp_send(mail(subject="Invoice %d" % i, text="The invoice is wrong.\n")) == 250
    assert d.lmtp_send(mail(subject="Other", text="It is broken.\n")) == 250
    assert sorted(c["queue"] for c in d.cases()) == ["billing"] * n + ["first"]
    return d


def alarm(d):
    """The one letter, its text without line ends."""
    d.idle()
    wait_until(lambda: d.letters(), "the letter")
    letters = d.letters()
    assert len(letters) == 1 and letters[0]["X-Ticketd-Kind"] == "alarm" and "boss@example.com" in letters[0]["To"], [(str(m["To"]), str(m["Subject"])) for m in letters]
    return re.sub(r"\s+", " ", body_of(letters[0]))


def fallen(d, n):
    cases = d.cases()
    assert len(cases) == n + 1 and {(c["queue"], c["priority"]) for c in cases} == {("first", "normal")}, cases
    for c in cases[:n]:
        shown = d.show(c["case"])
        why = [e["why"] for e in shown["entries"] if e["what"] == "alarm"]
        assert shown["assignee"] == "liz@example.com" and len(why) == 3, shown
        assert shown["clocks"][0]["target"] == "8h"             # of the priority that it has now


def test_one_letter_after_a_reload_and_cases_go_on(t):
    d = filled(t, 7)
    d.configure(desk=LESS)
    assert d.reload() is True
    text = alarm(d)
    for c in d.cases()[:7]:
        assert '%s: the queue "billing" is gone, now in "first"; the priority "high" is gone, now "normal"; eva@example.com is gone, liz@example.com has it now' % c["case"] in text, text
    assert "no longer has: 7." in text and d.cases()[7]["case"] not in text
    fallen(d, 7)
    number = d.cases()[0]["case"]
    assert d.lmtp_send(mail(subject="Re: Invoice [%s]" % number, text="Still wrong.\n")) == 250
    assert len(d.cases()) == 8 and [e for e in d.show(number)["entries"] if e["what"] == "appended"]
    assert d.reload() is True                   # once more: nobody is told anything
    d.idle()
    assert len(d.letters()) == 1
    d.configure(desk=FULL)                      # and back: nothing moves by itself
    assert d.reload() is True
    d.idle()
    assert len(d.letters()) == 1 and {c["queue"] for c in d.cases()} == {"first"}


def test_of_very_many_it_names_some(t):
    d = filled(t, 60)
    d.configure(desk=LESS)
    assert d.reload() is True
    text = alarm(d)
    assert "no longer has: 60." in text and "and 10 more" in text and len(re.findall(r"CAS-\d+-\w{4}:", text)) == 50, text
    fallen(d, 60)


def test_after_a_kill_and_a_start_with_another_file_it_is_the_same(t):
    d = filled(t, 3)
    d.kill()
    d.configure(desk=LESS)
    d.start()
    assert "no longer has: 3." in alarm(d)
    fallen(d, 3)
    d.kill()
    d.start()
    d.idle()
    assert len(d.letters()) == 1


def test_where_nobody_hears_alarms_the_journal_does(t):
    d = filled(t, 2, **{"alarm-to": None})
    d.configure(desk=dict(LESS, **{"alarm-to": None}))
    assert d.reload() is True
    d.idle()
    assert not d.letters()
    fallen(d, 2)
