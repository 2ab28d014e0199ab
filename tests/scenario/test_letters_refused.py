# SPDX-License-Identifier: ISC
"""What a relay may answer, stage by stage: for now, for good, nothing at all. One letter, one Message-ID, one byte string."""
import os
import signal

from harness import mail, message_id_of, wait_until
from relay_box import SLOW_DISK, lane, preload, sink, taken, taken_wait, ticketd

RETRY = 70          # more than the first interval, a minute and a tenth


def deferred(d, attempt=1, since=0):
    return d.log_wait(r'letter=1 kind=ack attempt=%d code=(\d+) text=(?:"([^"]*)"|(\S+)) status=deferred' % attempt, since=since)


def whats(d):
    return [e["what"] for e in d.entries(d.cases()[0]["case"])]


def tried_again(t, stage, answer, code, text, **options):
    """The answer is recorded, the letter waits, neither reload nor restart loses it, and when its time has come it goes out."""
    s = sink(t, {stage: [answer]}, **options)
    d = ticketd(t, s, clock=True, timeout='"2s"')
    assert d.lmtp_send(mail()) == 250
    found = deferred(d)
    assert int(found[1]) == code and text in (found[2] or found[3]), found[0]
    assert d.status()["letters_waiting"] == 1 and text in lane(d)["said"], d.status()
    assert d.reload()
    d.clock.tick()
    assert d.status()["letters_waiting"] == 1 and taken(s) == [], "it waits for a minute"
    d.restart()
    d.clock.tick()
    assert d.status()["letters_waiting"] == 1 and taken(s) == []
    d.clock.forward(RETRY)
    d.clock.tick()
    letter = taken_wait(s, 1)[0]
    d.log_wait("letter=1 kind=ack attempt=2 code=250 .*status=sent")
    d.idle()
    assert whats(d).count("sent") == 1 and whats(d).count("failed") == 0
    earlier = [m["data"] for m in s.mails if not m["taken"]]
    assert all(data == letter["data"] for data in earlier), "the same bytes"
    assert len(taken(s)) == 1
    d.stop()
    return len(earlier)


def test_4xx_to_the_connection(t):
    tried_again(t, "connect", "421 4.3.2 going down", 421, "421 4.3.2 going down")


def test_4xx_to_ehlo(t):
    # the library falls back to HELO: that is refused as well
    s = sink(t, {"ehlo": ["450 4.7.1 not now", "450 4.7.1 not now"]})
    d = ticketd(t, s, clock=True)
    assert d.lmtp_send(mail()) == 250
    assert deferred(d)[1] == "450"
    d.clock.forward(RETRY)
    d.clock.tick()
    taken_wait(s, 1)
    d.stop()


def test_4xx_to_mail(t):
    tried_again(t, "mail", "451 4.3.0 queue file write error", 451, "451 4.3.0 queue file write error")


def test_4xx_to_rcpt(t):
    tried_again(t, "rcpt", "450 4.2.0 greylisted, come back later", 450, "greylisted")


def test_4xx_to_data(t):
    tried_again(t, "data", "452 4.3.1 insufficient system storage", 452, "insufficient system storage")


def test_4xx_to_the_letter(t):
    assert tried_again(t, "dot", "451 4.7.1 scanner is down", 451, "scanner is down") == 1


def test_no_answer_to_the_letter(t):
    """Whether it was taken is not known: the same Message-ID and the same bytes go out again."""
    assert tried_again(t, "dot", "drop", 0, "") == 1


def test_silence_after_the_letter(t):
    assert tried_again(t, "dot", "stall", 0, "") == 1


def test_connection_drops_at_every_other_stage(t):
    for stage in ("connect", "ehlo", "mail", "rcpt", "data"):
        s = sink(t, {stage: ["drop"]})
        d = ticketd(t, s, name=stage, clock=True)
        assert d.lmtp_send(mail()) == 250
        assert deferred(d)[1] == "0", stage
        d.clock.forward(RETRY)
        d.clock.tick()
        taken_wait(s, 1)
        assert len(s.mails) == 1
        d.stop()


def test_intervals_grow_until_the_time_is_over(t):
    s = sink(t, {"rcpt": "450 4.2.0 never in this life"})
    d = ticketd(t, s, clock=True, give_up='"6h"')
    assert d.lmtp_send(mail()) == 250
    deferred(d)
    for attempt, minutes in ((2, 1), (3, 2), (4, 4), (5, 8)):
        mark = d.log_mark()
        d.clock.forward(int(minutes * 60 * 0.85))
        d.clock.tick()
        d.clock.tick()                  # what the first one set off has happened by now
        assert not [line for line in d.lines[mark:] if "letter=1 " in line], "%d minutes are not over yet" % minutes
        d.clock.forward(int(minutes * 60 * 0.3))
        d.clock.tick()
        deferred(d, attempt, mark)
    s.script["rcpt"] = ["450 4.2.0 never in this life"]         # and yes to the alarm
    d.clock.forward(6 * 3600)
    d.clock.tick()
    d.log_wait("letter=1 kind=ack .*status=failed")
    assert "failed" in whats(d)
    alarm = taken_wait(s, 1)[0]
    assert alarm["to"] == ["boss@example.com"] and b"never in this life" in alarm["data"]
    d.stop()


def failed(t, stage, answer):
    s = sink(t, {stage: [answer]})
    d = ticketd(t, s)
    assert d.lmtp_send(mail()) == 250
    alarm = taken_wait(s, 1)[0]
    assert alarm["to"] == ["boss@example.com"] and b"X-Ticketd-Kind: alarm" in alarm["data"]
    assert answer.split(" ", 2)[2].encode() in alarm["data"], "the relay's words"
    entry = d.entries(d.cases()[0]["case"], "failed")
    assert len(entry) == 1 and answer in entry[0]["detail"] and entry[0]["recipient"] == "ann@customer.example", entry
    d.idle()
    assert len(taken(s)) == 1 and d.status()["letters_waiting"] == 0
    d.log_wait("letter=1 kind=ack attempt=1 code=%s .*status=failed" % answer[:3])
    d.stop()


def test_5xx_to_mail(t):
    failed(t, "mail", "550 5.7.1 sender refused")


def test_5xx_to_rcpt(t):
    failed(t, "rcpt", "550 5.1.1 nobody of that name here")


def test_5xx_to_data(t):
    failed(t, "data", "554 5.5.1 no valid recipients")


def test_5xx_to_the_letter(t):
    failed(t, "dot", "554 5.7.1 this looks like spam to us")


def test_an_alarm_that_fails_makes_no_alarm(t):
    s = sink(t, {"rcpt": "550 5.1.1 nobody at all"})
    d = ticketd(t, s)
    assert d.lmtp_send(mail()) == 250
    d.log_wait("kind=alarm .*status=failed")
    d.idle()
    assert len(d.log_find("kind=alarm")) == 1
    d.stop()


def test_refusals_that_are_about_us(t):
    """5xx to the greeting or to EHLO says nothing of the letter: it waits."""
    for stage, answers in (("connect", ["554 5.7.1 your address is blocked"]), ("ehlo", ["550 5.7.1 bad helo", "550 5.7.1 bad helo"])):
        s = sink(t, {stage: answers})
        d = ticketd(t, s, name=stage, clock=True)
        assert d.lmtp_send(mail()) == 250
        deferred(d)
        assert answers[0][:3] in lane(d)["said"], lane(d)
        d.clock.forward(RETRY)
        d.clock.tick()
        taken_wait(s, 1)
        assert whats(d).count("failed") == 0
        d.stop()


def test_relay_that_is_not_there(t):
    s = sink(t)
    s.stop()
    d = ticketd(t, s, clock=True)
    assert d.lmtp_send(mail()) == 250
    deferred(d)
    assert "connect" in lane(d)["said"].lower(), lane(d)
    again = sink(t, port=s.port)
    d.clock.forward(RETRY)
    d.clock.tick()
    taken_wait(again, 1)
    d.stop()


def test_lane_is_killed_during_data(t):
    """kill -9 while the letter is on the wire: the same bytes again, and one case, one letter."""
    s = sink(t, {"dot": ["stall"]})
    d = ticketd(t, s, clock=True)
    assert d.lmtp_send(mail()) == 250
    wait_until(lambda: s.mails, "the letter to be on the wire")
    pid = lane(d)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert deferred(d)[1] == "0"
    wait_until(lambda: lane(d)["pid"] not in (pid, -1), "another lane", 3)
    d.clock.forward(RETRY)
    d.clock.tick()
    letter = taken_wait(s, 1)[0]
    assert [m["data"] for m in s.mails] == [letter["data"]] * 2
    d.idle()
    assert len(d.cases()[:1]) == 1 and whats(d).count("sent") == 1
    d.stop()


def test_core_is_killed_during_data(t):
    s = sink(t, {"dot": ["stall"]})
    d = ticketd(t, s)
    assert d.lmtp_send(mail()) == 250
    wait_until(lambda: s.mails, "the letter to be on the wire")
    d.kill()
    d.start()
    letter = taken_wait(s, 1)[0]
    assert [m["data"] for m in s.mails] == [letter["data"]] * 2
    d.idle()
    assert len(taken(s)) == 1 and whats(d).count("sent") == 1
    d.stop()


def test_core_is_killed_while_letters_drain(t):
    """What was answered and not yet recorded goes out again: at most one letter a lane for each end, under its own bytes."""
    s = sink(t)
    d = ticketd(t, s, start=False, lanes=2)
    preload(t, d, SLOW_DISK)            # the store is slower than the relay
    d.start()
    count, kills = 90, 2
    mails = [mail(subject="mail %d" % n, sender="c%d@customer.example" % n) for n in range(count)]
    flood = d.lmtp_flood(mails)
    for n in range(kills):
        wait_until(lambda: len(s.mails) >= (n + 1) * 30, "letters", 30, 0.002)
        d.kill()
        d.start()
    flood.finish()
    d.idle(60)
    ids = {}
    for m in s.mails:
        ids.setdefault(message_id_of(m["data"]), []).append(m["data"])
    assert len(ids) == count
    assert all(len(set(v)) == 1 for v in ids.values()), "the same bytes"
    doubled = sum(len(v) for v in ids.values()) - count
    assert doubled <= kills * 2, "%d letters doubled by %d ends of two lanes" % (doubled, kills)
    d.stop()
