# SPDX-License-Identifier: ISC
"""Rules, fields, assignment and registering, played through `ticketctl simulate`; and `ticketctl test-rules`."""
import json
import mailbox
import re

from harness import mail

CONF = '''state-directory = "state"
calendar "office" { zone = "Europe/London"  open = { "Mon-Fri 09:00-17:00" } }
relay "box" { transport = "maildir"  path = "outbox"  envelope = "plain" }
maildir "in" { path = "inbox" }
desk "support" {
    address = { "support@example.com" }  prefix = "CAS"  relay = "box"  calendar = "office"  language = { "en", "sv" }
    authserv = { "mx.example.com" }  alarm-to = "boss@example.com"  notify = "none"
    staff = { "ann@example.com", "bob@example.com", "cyd@example.com" }
    priority "urgent" { clock "respond" { target = "1h" } }
    priority "normal" { default = true  clock "respond" { target = "8h"  pause = { "waiting" } }  clock "assign" { target = "4h" } }
%s
}
'''
PROVEN = [("Authentication-Results", "mx.example.com; dmarc=pass header.from=customer.example")]


def mbox(mails):
    """mails: (time as in the From line, bytes)."""
    out = b""
    for n, (at, data) in enumerate(mails):
        lines = [b">" + x if re.match(rb">*From ", x) else x for x in data.replace(b"\r\n", b"\n").splitlines(True)]
        out += b"From x@customer.example %s\n" % at.encode() + b"".join(lines) + b"\n"
    return out


def play(t, sections, *mails, until=None, name="r", files=None):
    """Answers the document and the letters written."""
    for path, content in [(name + ".conf", (CONF % sections).encode()), (name + ".in", mbox(mails))] + list((files or {}).items()):
        with open(t.path(path), "wb") as f:
            f.write(content)
    more = ["--until", until] if until else []
    done = t.run("ticketctl", "simulate", "--config", t.path(name + ".conf"), "--in", t.path(name + ".in"), "--out", t.path(name + ".out"), *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), list(mailbox.mbox(t.path(name + ".out")))


def entries(case, *what):
    return [e for e in case["entries"] if e["what"] in what]


def kinds(doc):
    return [(x["kind"], x["to"][0]) for x in doc["letters"]]


AT = "Tue Mar 10 10:%02d:00 2026"


def test_a_rule_gives_the_case_everything(t):
    doc, _ = play(t, '''    queue "first" { default = true }  queue "second" { }  kind "error" { }
        field "order" { pattern = { '\\b(SO\\d+)\\b' } }  field "app" { }  field "dump" { attachment = { '^(.*) \\(image/' } }
        rule "web" { text = { 'web ?shop' }  queue = "second"  kind = "error"  priority = "urgent"  tag = { "web", "shop" }  set = { "app=webshop" } }
        rule "named" { sender = { "customer.example" }  assign = "cyd@example.com" }''',
                  (AT % 0, mail(text="The Web Shop does not take SO4711.\n", subject="Order")))
    c = doc["cases"][0]
    assert (c["state"], c["priority"], c["queue"], c["kind"], c["assignee"]) == ("new", "urgent", "second", "error", "cyd@example.com"), c
    assert c["fields"] == {"order": "SO4711", "app": "webshop"} and c["tags"] == ["web", "shop"], c
    opened, assigned = entries(c, "opened")[0], entries(c, "assigned")[0]
    assert opened["by"] == "ann@customer.example" and opened["why"] == 'rule "web": matched "Web Shop"; rule "named": sender ann@customer.example', opened
    assert assigned["by"] == "rule:named" and assigned["detail"] == "cyd@example.com"
    assert [k["name"] for k in c["clocks"]] == ["respond"] and c["clocks"][0]["met"] is None


def test_routing_is_no_beginning_of_work(t):
    doc, _ = play(t, '    assign = "first"', (AT % 0, mail()), until="2026-03-10T18:00:00Z")
    c = doc["cases"][0]
    assert c["assignee"] == "ann@example.com" and c["state"] == "new"
    assert [(k["name"], k["met"], k["breached"]) for k in c["clocks"]] == [("respond", None, False), ("assign", None, True)], c["clocks"]


def test_nobody_is_assigned_where_nothing_says_so(t):
    doc, _ = play(t, "", (AT % 0, mail()))
    assert doc["cases"][0]["assignee"] is None and not entries(doc["cases"][0], "assigned")


def test_each_in_turn_over_many_cases(t):
    doc, _ = play(t, '    assign = "round-robin"', *[(AT % n, mail()) for n in range(7)])
    assert [c["assignee"][:3] for c in doc["cases"]] == ["ann", "bob", "cyd", "ann", "bob", "cyd", "ann"]


def test_the_fewest_open_cases_counts_only_open_ones(t):
    """Cases that begin closed are nobody's; one that a rule names is counted like any other."""
    doc, _ = play(t, '''    assign = "least-loaded"
        rule "gone" { subject = { 'newsletter' }  state = "closed" }
        rule "hers" { subject = { 'for ann' }  assign = "ann@example.com" }''',
                  *[(AT % n, mail(subject=s)) for n, s in enumerate(("newsletter", "for ann", "for ann", "a", "b", "c", "d", "e"))])
    assert [(c["assignee"] or "---")[:3] for c in doc["cases"]] == ["---", "ann", "ann", "bob", "cyd", "bob", "cyd", "ann"], doc["cases"]
    assert doc["cases"][0]["state"] == "closed" and doc["cases"][0]["clocks"] == [] and doc["cases"][0]["rank"] is None
    assert doc["cases"][4]["entries"][1]["why"] == 'the fewest open cases of queue "support": 0'


def test_capacity_and_absence_over_a_month(t):
    doc, _ = play(t, '''    assign = "first"
        person "ann@example.com" { absent = { "2026-03-10" } }  person "bob@example.com" { capacity = 2 }''',
                  *[(AT % n, mail()) for n in range(3)], ("Wed Mar 11 10:00:00 2026", mail()))
    assert [c["assignee"][:3] for c in doc["cases"]] == ["bob", "bob", "cyd", "ann"]
    assert "passed over: ann@example.com (absent), bob@example.com (has as many cases as fit)" in entries(doc["cases"][2], "assigned")[0]["why"]


def test_a_closed_case_makes_room_again(t):
    sections = '    assign = "first"  person "ann@example.com" { capacity = 1 }'
    staff = dict(sender="ann@example.com", headers=[("Authentication-Results", "mx.example.com; dmarc=pass header.from=example.com")])
    doc, _ = play(t, sections, (AT % 0, mail(message_id="<1@customer.example>")), (AT % 1, mail(subject="second")))
    assert [c["assignee"][:3] for c in doc["cases"]] == ["ann", "bob"]
    number = doc["cases"][0]["case"]
    doc, _ = play(t, sections, (AT % 0, mail(message_id="<1@customer.example>")), (AT % 1, mail(subject="second")),
                  (AT % 2, mail(subject="Re: [%s]" % number, text="#close\n", **staff)), (AT % 3, mail(subject="third")))
    assert doc["cases"][0]["state"] == "closed", doc["cases"][0]["entries"]
    assert doc["cases"][2]["assignee"] == "ann@example.com", [e["why"] for e in entries(doc["cases"][2], "assigned")]


def test_a_case_that_begins_waiting_has_clocks_that_stand_still(t):
    doc, _ = play(t, '''    rule "wait" { subject = { 'wait' }  state = "waiting" }''', (AT % 0, mail(subject="wait")), until="2026-03-12T10:00:00Z")
    c = doc["cases"][0]
    assert c["state"] == "waiting" and entries(c, "state")[0]["by"] == "rule:wait" and entries(c, "state")[0]["detail"] == "new to waiting"
    respond = [k for k in c["clocks"] if k["name"] == "respond"][0]
    assert not respond["breached"] and respond["met"] is None


LETTERS = '''    letter "dealer" { kind = "referral"  subject = "Your dealer"  text = { "Please ask your dealer, {{dealer}}." } }
    letter "upload" { subject = "Large files"  text = { "Please upload them." } }
    customer "resold" { address = { "resold.example" }  dealer = "shop@dealer.example" }
    rule "resold" { customer = { "resold" }  letter = "dealer" }
    rule "copy" { attachment = { '\\.bak\\b' }  add-letter = { "upload" } }
'''


def test_a_letter_instead_of_the_acknowledgement(t):
    doc, letters = play(t, LETTERS, (AT % 0, mail(sender="a@resold.example")))
    assert kinds(doc) == [("referral", "a@resold.example")]
    assert "shop@dealer.example" in letters[0].as_string() and doc["cases"][0]["case"] in letters[0]["Subject"]
    assert [e["by"] for e in entries(doc["cases"][0], "letter")] == ["rule:resold"]


def test_a_letter_beside_the_acknowledgement(t):
    data = mail(headers={"MIME-Version": "1.0", "Content-Type": "application/octet-stream; name=db.bak", "Content-Disposition": "attachment; filename=db.bak"})
    doc, _ = play(t, LETTERS, (AT % 0, data))
    assert kinds(doc) == [("ack", "ann@customer.example"), ("update", "ann@customer.example")], doc["cases"][0]["entries"]
    assert 'rule "copy": matched attachment ".bak"' in entries(doc["cases"][0], "opened")[0]["why"]


def test_no_letter_of_a_rule_answers_a_machine(t):
    doc, _ = play(t, LETTERS, (AT % 0, mail(sender="a@resold.example", headers={"Auto-Submitted": "auto-replied"})))
    assert kinds(doc) == [] and entries(doc["cases"][0], "silenced")


def test_letters_of_rules_are_paid_from_the_budget(t):
    doc, _ = play(t, LETTERS + "    budget { recipient-hour = 3 }", *[(AT % n, mail(sender="a@resold.example", subject="s%d" % n)) for n in range(5)])
    assert kinds(doc).count(("referral", "a@resold.example")) == 3, kinds(doc)
    assert "budget" in entries(doc["cases"][4], "silenced")[0]["why"]


KOMMUN = '''    register = "customers"  assign = "first"
    customer "kommun" { address = { "kommun.example" }  admin = { "admin@kommun.example" }  may-register = { "it@kommun.example" } }
'''


def test_who_may_not_register_is_told_so_and_nothing_is_lost(t):
    doc, letters = play(t, KOMMUN, (AT % 0, mail(sender="it@kommun.example")), (AT % 1, mail(sender="Clerk <clerk@kommun.example>", subject="Secret plans")),
                        (AT % 2, mail(sender="x@elsewhere.example")))
    assert [c["state"] for c in doc["cases"]] == ["new", "closed", "closed"]
    assert kinds(doc) == [("ack", "it@kommun.example"), ("approval", "admin@kommun.example"), ("refusal", "clerk@kommun.example"), ("refusal", "x@elsewhere.example")]
    for refused, case in zip(doc["refused"], doc["cases"][1:]):
        assert refused["at"] == case["opened"] and refused["from"] == case["requester"]
        assert case["clocks"] == [] and case["rank"] is None and case["assignee"] is None and case["closed"] == case["opened"]
        assert entries(case, "refused")[0]["why"] == refused["why"] and entries(case, "opened")[0]["text"]
    assert len(doc["refused"]) == 2 and "kommun" in doc["refused"][0]["why"] and "belongs to no customer" in doc["refused"][1]["why"]
    assert "Secret plans" not in letters[1].as_string() and "clerk@kommun.example" in letters[1].as_string(), "the administrator is asked about an address, and sees no words"
    assert "Secret plans" not in letters[2].as_string() and "kommun" not in re.sub(r"clerk@kommun.example", "", letters[2].as_string()), "an unproven sender's words are echoed"


def test_an_answer_to_a_refusal_opens_nothing(t):
    first = mail(sender="clerk@kommun.example", message_id="<first@kommun.example>")
    doc, _ = play(t, KOMMUN, (AT % 0, first), (AT % 1, mail(sender="clerk@kommun.example", subject="Re: but please", in_reply_to="<first@kommun.example>")))
    assert [c["state"] for c in doc["cases"]] == ["closed"] and len(doc["refused"]) == 1, doc["cases"]
    assert [e["what"] for e in doc["cases"][0]["entries"]].count("appended") == 1, "what is written is kept all the same"


def test_refusals_answer_no_machine_and_are_paid_from_the_budget(t):
    doc, _ = play(t, KOMMUN + "    budget { recipient-hour = 2 }", (AT % 0, mail(sender="m@elsewhere.example", headers={"Auto-Submitted": "auto-generated"})),
                  *[(AT % n, mail(sender="x@elsewhere.example", subject="s%d" % n)) for n in range(1, 5)])
    assert kinds(doc).count(("refusal", "x@elsewhere.example")) == 2 and not any("m@" in to for _, to in kinds(doc)), kinds(doc)
    assert len(doc["refused"]) == 5 and all(c["state"] == "closed" for c in doc["cases"])


def test_the_language_is_never_unknown(t):
    """The mail's own, else that of the sender's latest case, else the customer's, else the desk's first."""
    swedish = "Hej! Vi kan inte logga in i systemet sedan i morse, och ingen av oss vet varför. Kan ni hjälpa oss så snart som möjligt? Tack på förhand.\n"
    doc, _ = play(t, '    customer "verk" { address = { "verk.example" }  language = "sv" }', (AT % 0, mail(text="?\n", subject="?")),
                  (AT % 1, mail(text="?\n", subject="?", sender="a@verk.example")), (AT % 2, mail(text=swedish, subject="Inloggning", sender="b@other.example")),
                  (AT % 3, mail(text="?\n", subject="?", sender="b@other.example")), (AT % 4, mail(text="?\n", subject="?", sender="c@other.example")))
    assert [c["language"] for c in doc["cases"]] == ["en", "sv", "sv", "sv", "en"], [c["language"] for c in doc["cases"]]


def test_a_pattern_that_runs_away_is_named_and_does_not_match(t):
    conf = '''    rule "careless" { text = { '(a+)+$' }  priority = "urgent" }
    rule "sound" { text = { 'printer' }  tag = { "printer" } }'''
    doc, _ = play(t, conf, (AT % 0, mail(text="The printer says %s!\n" % ("a" * 60))))
    c = doc["cases"][0]
    assert c["priority"] == "normal" and c["tags"] == ["printer"]
    assert re.search(r"the pattern at \S*r\.conf:11 was given up", entries(c, "opened")[0]["why"]), entries(c, "opened")[0]


def test_senders_in_a_file(t):
    doc, _ = play(t, '    rule "vip" { sender = { "file:vip.txt" }  priority = "urgent" }', (AT % 0, mail(sender="boss@big.example")), (AT % 1, mail()),
                  files={"vip.txt": b"# those who pay\nbig.example   # all of them\n"})
    assert [c["priority"] for c in doc["cases"]] == ["urgent", "normal"]


# ---- ticketctl test-rules

def explain(t, sections, data, *more):
    for path, content in (("x.conf", (CONF % sections).encode()), ("x.eml", data)):
        with open(t.path(path), "wb") as f:
            f.write(content)
    return t.run("ticketctl", "test-rules", "--config", t.path("x.conf"), *more, t.path("x.eml"))


def test_test_rules_has_a_line_for_each_rule(t):
    sections = '''    rule "down" { text = { 'system (is )?down' }  unless = { 'not urgent' }  priority = "urgent" }
    rule "night" { when = "closed"  tag = { "night" } }
    rule "careless" { text = { '(a+)+$' }  tag = { "x" }  stop = on }'''
    done = explain(t, sections, mail(text="The system is down. %s!\n" % ("a" * 60)), "--at", "2026-03-14T10:00:00Z")
    assert done.returncode == 0, done
    conf = t.path("x.conf")
    lines = done.stdout.splitlines()
    assert lines[0] == 'desk "support", mail from ann@customer.example, as if it came 2026-03-14T10:00:00Z'
    assert lines[1] == "%s:13: pattern '(a+)+$' was given up on this mail: it counts as not matching" % conf, lines
    assert lines[2] == '%s:11: rule "down": yes: matched "system is down" -> priority "urgent"' % conf
    assert lines[3] == '%s:12: rule "night": yes: outside of working time -> tag "night"' % conf
    assert lines[4] == '%s:13: rule "careless": no: none of its text, subject and attachment matches' % conf
    assert "priority: urgent" in lines and "tags: night" in lines
    done = explain(t, sections, mail(text="The system is down, but not urgent.\n"))
    assert 'rule "down": no: unless matches "not urgent"' in done.stdout and "priority: normal" in done.stdout
    assert "2026-03-10T10:00:00Z" in done.stdout, "the mail's Date"


def test_test_rules_says_what_is_wrong(t):
    assert explain(t, '    rule "x" { text = { "(" }  stop = on }', mail()).returncode == 78
    done = explain(t, '    rule "x" { text = { "(" }  stop = on }', mail())
    assert "x.conf:11: bad regular expression" in done.stderr and done.stdout == ""
    done = explain(t, "    field \"f\" {\n        pattern = { 'fine',\n            '[open' }\n        attachment = { '*' }\n    }", mail())
    assert "x.conf:13: bad regular expression \"[open\"" in done.stderr and "x.conf:14: bad regular expression \"*\"" in done.stderr, done.stderr
    assert t.run("ticketctl", "test-rules").returncode == 64
    assert t.run("ticketctl", "test-rules", "--at", "noon", "x").returncode == 64
    explain(t, "", mail())
    assert t.run("ticketctl", "test-rules", "--config", t.path("x.conf"), t.path("none.eml")).returncode == 66
    done = explain(t, '    rule "x" { text = { "y" }  stop = on }', b"")
    assert done.returncode == 0 and "mail from nobody" in done.stdout
