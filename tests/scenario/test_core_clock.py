# SPDX-License-Identifier: ISC
"""Escalation: the clock of a case, in seconds here. It is stored, it survives restarts, its letter goes out once."""
import time

from harness import SLOW, mail, wait_until


def priority(target, *steps):
    return {'priority "normal"': '{ default = true  clock "respond" { target = "%s"  escalate = { %s } } }' % (target, ", ".join('"%s"' % s for s in steps)),
            "acknowledge": "false"}


def escalations(d, n):
    letters = d.letters_wait(n, "escalation")
    d.idle()
    return letters


def test_an_escalation_letter_goes_to_the_configured_address_once(t):
    d = t.ticketd(desk=priority("2s", "0m boss@example.com")).start()
    assert d.lmtp_send(mail(subject="Nobody answers")) == 250
    assert d.letters() == []
    at = time.monotonic()
    (letter,) = escalations(d, 1)
    assert 0.5 < time.monotonic() - at < 5 * SLOW
    (case,) = d.cases()
    assert letter["To"] == "boss@example.com" and letter["X-Ticketd-Case"] == case["case"] and letter["Auto-Submitted"] == "auto-generated"
    assert "Nobody answers" in letter["Subject"] and "[%s]" % case["case"] in letter["Subject"]
    assert case["clocks"][0]["breached"] and len(d.entries(1, "escalated")) == 1
    time.sleep(2)                               # nothing more comes: silence has no event
    assert len(d.letters()) == 1


def test_a_restart_across_the_due_time_sends_it_once(t):
    d = t.ticketd(desk=priority("2s", "0m boss@example.com")).start()
    assert d.lmtp_send(mail()) == 250
    d.stop()
    time.sleep(3)                               # the due moment passes while it is down
    d.start()
    escalations(d, 1)
    d.restart()
    d.idle()
    assert len(d.letters()) == 1 and len(d.entries(1, "escalated")) == 1


def test_a_kill_across_the_due_time_sends_it_once(t):
    d = t.ticketd(desk=priority("2s", "0m boss@example.com")).start()
    for n in range(5):
        assert d.lmtp_send(mail(subject="n%d" % n)) == 250
    d.kill()
    time.sleep(3)
    d.start()
    escalations(d, 5)
    d.kill()
    d.start()
    d.idle()
    assert len(d.letters()) == 5 and all(len(d.entries(c["case"], "escalated")) == 1 for c in d.cases())


def test_steps_that_are_overdue_after_an_outage_collapse_into_the_highest(t):
    d = t.ticketd(desk=priority("1s", "0m first@example.com", "1s second@example.com", "2s third@example.com")).start()
    assert d.lmtp_send(mail()) == 250
    d.stop()
    time.sleep(4.5)
    d.start()
    (letter,) = escalations(d, 1)
    d.idle()
    assert letter["To"] == "third@example.com" and len(d.letters()) == 1
    for skipped in ("first@example.com", "second@example.com"):
        assert skipped in letter.get_body(("plain",)).get_content()


def test_steps_go_out_one_by_one_while_it_runs(t):
    d = t.ticketd(desk=priority("1s", "0m first@example.com", "2s second@example.com")).start()
    assert d.lmtp_send(mail()) == 250
    assert [l["To"] for l in escalations(d, 2)] == ["first@example.com", "second@example.com"]


def test_keywords_decide_the_priority_and_with_it_the_clock(t):
    desk = {'priority "urgent"': '{ label = "Urgent"  clock "respond" { target = "1s"  escalate = { "0m boss@example.com" } } }',
            'priority "normal"': '{ default = true  clock "respond" { target = "8h" } }',
            'rule "system down"': "{ text = { 'system (is )?down' }  unless = { 'not urgent' }  priority = \"urgent\" }", "acknowledge": "false"}
    d = t.ticketd(desk=desk).start()
    for text in ("Our SYSTEM IS DOWN!\n", "A question.\n", "The system is down but it is not urgent.\n"):
        assert d.lmtp_send(mail(text=text)) == 250
    cases = d.cases()
    assert [c["priority"] for c in cases] == ["urgent", "normal", "normal"]
    why = d.show(1)["entries"][0]["why"]
    assert "system down" in why and "SYSTEM IS DOWN" in why, why
    (letter,) = escalations(d, 1)
    assert letter["X-Ticketd-Case"] == cases[0]["case"]


def test_a_calendar_that_is_closed_stops_the_clock(t):
    now = time.gmtime(time.time() + 86400)
    closed = 'calendar "later" {\n zone = "UTC"\n open = { "%s 00:00-24:00" }\n}\n' % time.strftime("%a", now)
    d = t.ticketd(desk=dict(priority("1s", "0m boss@example.com"), calendar='"later"'), more=closed).start()
    assert d.lmtp_send(mail()) == 250
    (case,) = d.cases()
    assert case["clocks"][0]["due"].startswith(time.strftime("%Y-%m-%dT00:00:01", now)), case["clocks"]
    time.sleep(2.5)
    assert d.letters() == [] and not d.cases()[0]["clocks"][0]["breached"]
