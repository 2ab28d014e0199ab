# SPDX-License-Identifier: ISC
"""Clocks, states and dues of a desk over days, through `ticketctl simulate`; `explain` and `report` from a daemon's store."""
import json
import re

from harness import mail
from test_core_tools import box

CONF = '''state-directory = "state"
control = "control"
calendar "office" { zone = "Europe/London"  open = { "Mon-Fri 09:00-17:00" } }
relay "out" { transport = "maildir"  path = "outbox" }
desk "support" {
    address = { "support@example.com" }
    prefix = "CAS"
    relay = "out"
    calendar = "office"
    authserv = { "mx.example.com" }
    acknowledge = false
    notify = "none"
    recall = "0s"
    staff = { "anna@example.com", "bo@example.com" }
    manager = "boss@example.com"
    %s
    priority "normal" { default = true }
    priority "high" { }
}
lmtp "in" { listen = { "127.0.0.1:2424" } }
'''
CLOCKS = '''
    clock "assign" { target = "2h" }
    clock "respond" { target = "4h"  warn = 50  warn-to = { "anna@example.com" }  escalate = { "0m manager" }  goal = 80 }
    clock "resolve" { target = "2wd"  start = "assign"  pause = { "waiting" } }
    state "waiting" { remind = { "1wd" }  close = "3wd" }
    report "resolved within 6 working days" { target = "6wd"  goal = 70 }
'''
CATHY = "cathy@customer.example"


def letter(when, sender, subject, text, auth=True):
    """One row of an mbox: March 2026, "10 09:30" is the 10th at half past nine."""
    day, clock = when.split()
    headers = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=" + sender.split("@")[1]} if auth else {}
    data = mail(subject=subject, text=text, sender=sender, message_id="<%s.%s@%s>" % (day, clock.replace(":", ""), sender.split("@")[1]))
    head = "".join("%s: %s\r\n" % h for h in headers.items()).encode()
    weekday = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")[int(day) % 7]
    return ("%s Mar %2d %s:00 2026" % (weekday, int(day), clock), sender, head + data)


def simulate(t, mails, desk=CLOCKS, until=None, name="one", text=CONF):
    conf, inbox, out = (t.path(name + end) for end in (".conf", ".mbox", ".out"))
    with open(conf, "w", encoding="utf-8") as f:
        f.write(text % desk)
    with open(inbox, "wb") as f:
        f.write(box(*mails))
    args = ["--until", "2026-03-%sT%s:00Z" % tuple(until.split())] if until else []
    done = t.run("ticketctl", "simulate", "--config", conf, "--in", inbox, "--out", out, *args)
    assert done.returncode == 0, done.stderr
    with open(out, "rb") as f:
        return json.loads(done.stdout), done.stdout, f.read()


def clock(doc, name, case=0):
    return next(k for k in doc["cases"][case]["clocks"] if k["name"] == name)


def number(t, first):
    """Numbers come from the key alone: the first case of a run has that of every other."""
    return simulate(t, [first], name="number")[0]["cases"][0]["case"]


def test_clocks_as_the_interface_has_them(t):
    first = letter("03 10:00", CATHY, "Printer", "It is broken.\n")
    n = number(t, first)
    mails = [first,
             letter("03 11:00", "anna@example.com", "Re: Printer [%s]" % n, "#take\n"),
             letter("03 12:00", "anna@example.com", "Re: Printer [%s]" % n, "#wait\n\nWhich printer is it?\n")]
    doc, _, _ = simulate(t, mails, until="05 10:00")
    case = doc["cases"][0]
    assert case["state"] == "waiting" and case["assignee"] == "anna@example.com", case
    assert case["first_response"] == "2026-03-03T12:00:00Z", case["first_response"]
    assert clock(doc, "assign") == {"name": "assign", "target": "2h", "started": "2026-03-03T10:00:00Z", "due": "2026-03-03T12:00:00Z", "paused_seconds": 0,
                                    "met": "2026-03-03T11:00:00Z", "breached": False}, case["clocks"]
    assert clock(doc, "respond")["met"] == "2026-03-03T12:00:00Z"
    # started when assign was met, due on the 5th at 11; at noon 15 open hours of that were left: due as if it went on at --until
    assert clock(doc, "resolve") == {"name": "resolve", "target": "2wd", "started": "2026-03-03T11:00:00Z", "due": "2026-03-06T17:00:00Z",
                                     "paused_seconds": 46 * 3600, "met": None, "breached": False}, clock(doc, "resolve")
    assert case["rank"] == 1 and case["resolved"] is None and case["closed"] is None


def test_paused_resumed_reopened_and_closed(t):
    first = letter("03 10:00", CATHY, "Printer", "It is broken.\n")
    n = number(t, first)
    back = lambda when, text: letter(when, CATHY, "Re: Printer [%s]" % n, text)     # noqa: E731
    staff = lambda when, text: letter(when, "anna@example.com", "Re: Printer [%s]" % n, text)   # noqa: E731
    mails = [first, staff("03 11:00", "#wait\n\nWhich one?\n"), back("04 11:00", "The grey one.\n"), staff("04 13:00", "#resolve\n\nIt is mended.\n"),
             back("05 13:00", "No, it is not.\n"), staff("05 15:00", "#close\n\nNow it is.\n")]
    doc, _, _ = simulate(t, mails[:4])
    assert clock(doc, "resolve")["met"] == "2026-03-04T13:00:00Z" and doc["cases"][0]["state"] == "resolved"
    assert doc["cases"][0]["resolved"] == "2026-03-04T13:00:00Z"
    doc, _, _ = simulate(t, mails[:5])
    assert doc["cases"][0]["state"] in ("progress", "assigned") and doc["cases"][0]["resolved"] is None
    # two working days from the 3rd at 11 are the 5th at 11; it stood still from 11 to 11, then from 13 to 13
    assert clock(doc, "resolve")["due"] == "2026-03-09T11:00:00Z" and clock(doc, "resolve")["paused_seconds"] == 48 * 3600, clock(doc, "resolve")
    assert clock(doc, "respond")["started"] == "2026-03-05T13:00:00Z" and clock(doc, "respond")["met"] is None
    doc, _, _ = simulate(t, mails)
    assert doc["cases"][0]["closed"] == "2026-03-05T15:00:00Z" and doc["cases"][0]["rank"] is None
    assert clock(doc, "resolve")["met"] == "2026-03-05T15:00:00Z" and not clock(doc, "resolve")["breached"]


def test_warned_escalated_reminded_and_closed_for_want_of_an_answer(t):
    first = letter("03 10:00", CATHY, "Printer", "It is broken.\n")
    n = number(t, first)
    doc, _, _ = simulate(t, [first], until="04 10:00")
    assert [(x["kind"], x["to"], x["at"][8:16]) for x in doc["letters"]] == [("warning", ["anna@example.com"], "03T12:00"),
                                                                         ("escalation", ["boss@example.com"], "03T14:00")], doc["letters"]
    assert clock(doc, "respond")["breached"] and clock(doc, "assign")["breached"]
    mails = [first, letter("03 11:00", "anna@example.com", "Re: Printer [%s]" % n, "#wait\n\nWhich printer is it?\n")]
    doc, _, _ = simulate(t, mails, until="12 10:00")
    assert [(x["kind"], x["at"][8:16]) for x in doc["letters"] if x["kind"] != "result"] == [("relay", "03T11:00"), ("reminder", "04T11:00")], doc["letters"]
    assert doc["cases"][0]["closed"] == "2026-03-06T11:00:00Z"
    last = [e for e in doc["cases"][0]["entries"] if e["what"] == "state"][-1]
    assert last["by"] == "timer" and last["detail"] == "waiting to closed", last


def test_letters_of_the_night_leave_at_the_opening(t):
    quiet = 'quiet = "office"\n    person "bo@example.com" { nights = true }\n' \
            '    clock "respond" { target = "1h"  escalate = { "0m anna@example.com", "0m bo@example.com" } }\n'
    doc, _, out = simulate(t, [letter("03 16:00", CATHY, "Printer", "It is broken.\n")], quiet, until="04 10:00")
    assert [(x["to"], x["at"][8:16]) for x in doc["letters"]] == [(["bo@example.com"], "03T17:00"), (["anna@example.com"], "04T09:00")], doc["letters"]
    assert re.findall(rb"(?m)^Date: .*2026 (..:..)", out) == [b"17:00", b"09:00"], out
    doc, _, _ = simulate(t, [letter("03 16:00", CATHY, "Printer", "It is broken.\n")], quiet, until="04 08:59")
    assert len(doc["letters"]) == 1, doc["letters"]


def test_what_a_machine_wrote_gets_no_letter_by_itself(t):
    """Neither a reminder, a survey, a hand-over nor the acknowledgement of what was split off; words of a person do go there."""
    answers = CONF.replace("acknowledge = false", "acknowledge = true")
    desk = ('survey = true  state "waiting" { remind = { "1wd" }  close = "3wd" }  state "progress" { tell = true }\n'
            '    queue "first" { staff = { "anna@example.com" } }  queue "second" { staff = { "bo@example.com" } }')
    cron = "reports@customer.example"
    when, sender, data = letter("03 10:00", cron, "Nightly report", "42 rows.\n")
    machine = (when, sender, b"Auto-Submitted: auto-generated\r\n" + data)
    n = number(t, machine)

    def staff(when, text):
        return letter(when, "anna@example.com", "Re: Nightly report [%s]" % n, text)

    def to_cron(*mails):
        doc, _, _ = simulate(t, [machine] + list(mails), desk, until="12 18:00", text=answers)
        return [x["kind"] for x in doc["letters"] if x["to"] == [cron]]

    acts = [staff("03 11:00", "#queue second\n"), staff("03 12:00", "#state progress\n"), staff("03 12:30", "#split Another\n\nThe other half.\n"),
            staff("03 13:00", "#state waiting\n")]
    assert to_cron(*acts) == []         # not when it is closed for want of an answer either
    assert to_cron(*acts, staff("04 10:00", "#close\n\nWe have looked at it.\n")) == ["relay"]
    # once somebody writes from there, there is somebody
    person = letter("03 10:30", cron, "Re: Nightly report [%s]" % n, "It is wrong, please help.\n")
    assert to_cron(person, staff("03 13:00", "#close\n")) == ["survey"]


def test_the_order_of_work_in_ranks(t):
    desk = 'kind "shop" { first = true }\n    rule "shop" { subject = { "shop" }  kind = "shop" }\n    rule "high" { subject = { "high" }  priority = "high" }\n' \
        + CLOCKS
    mails = [letter("03 10:00", CATHY, "plain one", "x\n"), letter("03 10:10", CATHY, "plain two", "x\n"), letter("03 10:20", CATHY, "the shop", "x\n"),
             letter("03 10:30", CATHY, "high", "x\n")]
    doc, _, _ = simulate(t, mails, desk)
    # of the priorities the first in the file goes first: normal; in it the kind that goes first, then first come
    assert [c["rank"] for c in doc["cases"]] == [2, 3, 1, 4], [c["rank"] for c in doc["cases"]]
    mails.append(letter("03 11:00", "anna@example.com", "Re: high [%s]" % doc["cases"][3]["case"], "#escalate\n"))
    doc, _, _ = simulate(t, mails, desk)
    assert [c["rank"] for c in doc["cases"]] == [3, 4, 2, 1], [c["rank"] for c in doc["cases"]]


def test_the_same_bytes_twice_and_the_report_with_them(t):
    first = letter("03 10:00", CATHY, "Printer", "It is broken.\n")
    n = number(t, first)
    mails = [first, letter("03 11:00", "anna@example.com", "Re: Printer [%s]" % n, "#resolve\n\nDone.\n"), letter("04 10:00", CATHY, "Screen", "Dark.\n"),
             letter("05 10:00", CATHY, "Mouse", "Gone.\n")]
    one, two = simulate(t, mails, until="05 11:00"), simulate(t, mails, until="05 11:00")
    assert one == two
    rows = {r["name"]: r for r in one[0]["report"]}
    assert rows["respond"] == {"desk": "support", "name": "respond", "setting": 'desk "support"', "target": "4h", "cases": 2, "in_time": 1, "running": 1,
                               "percent": 50, "goal": 80}, rows
    assert rows["resolved within 6 working days"]["percent"] == 100 and rows["resolved within 6 working days"]["running"] == 2, rows


def test_explain_and_report_from_the_store(t):
    d = t.ticketd(desk={"staff": '{ "anna@example.com" }', "authserv": '{ "mx.example.com" }', "recall": '"0s"',
                        'clock "assign"': '{ target = "2h"  goal = 90  warn = 50  escalate = { "0m manager" } }',
                        'clock "resolve"': '{ target = "2wd"  start = "assign"  pause = { "waiting" } }', "manager": '"boss@example.com"'},
                  lmtp={"trust-auth": "true"})
    d.start()
    d.lmtp_send(mail(subject="Printer"))
    d.letters_wait(1, kind="ack")
    n = d.cases()[0]["case"]
    e = json.loads(d.ctl("--json", "explain", n).stdout)
    k = next(k for k in e["clocks"] if k["name"] == "assign")
    assert k["standing"] == "running" and k["setting"] == 'desk "support"' and k["target_seconds"] == 7200, k
    assert 0 <= k["used_seconds"] < 120 and 7080 < k["left_seconds"] <= 7200 and k["steps"][0]["warn"] == 50 and k["steps"][1]["to"] == "manager", k
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", k["due_local"]), k
    words = d.ctl("explain", n).stdout
    assert n in words and "2h, by desk \"support\"" in words and "warning" in words and "left" in words, words
    r = json.loads(d.ctl("--json", "report").stdout)["report"]
    row = next(x for x in r if x["name"] == "assign")
    assert row["running"] == 1 and row["cases"] == 0 and row["percent"] is None and row["goal"] == 90, row
    assert "90 %" in d.ctl("report").stdout and d.ctl("report", "--since", "2099-01-01").stdout.strip() == "no cases"
    assert d.ctl("report", "--since", "soon", check=False).returncode == 64
    assert json.loads(d.ctl("--json", "next").stdout)["cases"][0]["case"] == n and json.loads(d.ctl("--json", "next", "--queue", "x").stdout)["cases"] == []
    d.stop()
    assert json.loads(d.ctl("--json", "explain", n).stdout)["case"] == n       # by a reader of its own
    for wrong in ("CAS-99999-XXXX", "nonsense"):
        assert d.ctl("explain", wrong, check=False).returncode == 65, wrong
