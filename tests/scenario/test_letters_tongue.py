# SPDX-License-Identifier: ISC
"""Every word of a letter is the operator's. A language of nonsense is made of the shipped English one, in letters that no program
writes by itself; a desk that has only this language is played through all that letters can say; and whatever Latin word is then
found in a letter stands in the program. What is meant for programs is listed here. Beside it the source is read for words on their
way into a letter, so that a sentence on a path that nobody plays is found too."""
import glob
import os
import re
import urllib.parse

from harness import ROOT
from staff_box import Box

SHIPPED = os.path.join(ROOT, "contrib/templates")
DESK = os.path.join(ROOT, "src/desk")
TONGUE = "xx"

# ---- the language of nonsense


def strange(text):
    return "".join(chr(0x10d0 + (ord(c) | 32) - 97) if c.isascii() and c.isalpha() else c for c in text)


def masked(text, keep):
    """All but what `keep` matches in letters of the other alphabet."""
    out, at = "", 0
    for m in re.finditer(keep, text):
        out += strange(text[at:m.start()]) + m.group()
        at = m.end()
    return out + strange(text[at:])


def tongue_make(folder):
    os.makedirs(os.path.join(folder, TONGUE))
    for path in sorted(glob.glob(os.path.join(SHIPPED, "en/*.txt"))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if path.endswith("words.txt"):
            lines = []
            for line in text.splitlines():
                key, sign, value = line.partition("=")
                if sign and not line.startswith("#") and not key.startswith("answer."):
                    line = key + sign + masked(value, r"\{\w+\}|#[a-z-]+")
                lines.append(line)
            text = "\n".join(lines) + "\n"
        else:
            text = masked(text, r"\A *Subject:|\{\{[^}]*\}\}|#[a-z-]+|\bRe:")
        with open(os.path.join(folder, TONGUE, os.path.basename(path)), "w", encoding="utf-8") as f:
            f.write(text)


# ---- a desk whose own names all begin with q

CONF = '''state-directory = "state"
control = "control"
calendar "office" { zone = "Europe/London"  open = { "Mon-Fri 09:00-17:00" }  exception "2026-03-12" { open = { "09:00-12:00" }  note = "qnote" } }
relay "out" { transport = "smtp"  host = "smtp.example.com"  auth = "none"  envelope = "signed" }
desk "support" {
    address = { "support@dynamics.example" }
    from-name = "Qdesk"
    prefix = "QQ"
    relay = "out"
    calendar = "office"
    language = { "xx" }
    templates = "%s"
    authserv = { "mx.dynamics.example" }
    alarm-to = "nina@dynamics.example"
    manager = "nina@dynamics.example"
    director = "oliver@dynamics.example"
    reply-address = "plus"
    announce = "5wd"
    register = "customers"
    survey = true
    escalation { priority = "qhigh"  patience = "1h"  notice = "Qnotice." }
    person "liz@dynamics.example" { label = "Qliz" }
    person "mark@dynamics.example" { label = "Qmark" }
    person "nina@dynamics.example" { label = "Qnina" }
    person "eva@dynamics.example" { label = "Qeva" }
    queue "qfirst" { default = true  staff = { "liz@dynamics.example", "mark@dynamics.example" }  next = "qsecond"  watch = { "qsecond" } }
    queue "qsecond" { staff = { "eva@dynamics.example" } }
    kind "qask" { default = true  offered = true }
    kind "qerr" { offered = true  resolve-words = true }
    priority "qhigh" { tell = true  clock "respond" { target = "1h" } }
    priority "qnorm" { default = true  tell = true
        clock "assign" { target = "2h"  warn = 50  escalate = { "0m assignee manager", "1h director" } }
        clock "respond" { target = "4h" }
        clock "qown" { target = "1mo" }
        clock "resolve" { target = "5wd"  pause = { waiting } } }
    customer "qhaul" { address = { "haulage.example" }  contact = "boss@haulage.example"  admin = { "ann@haulage.example" } }
    field "qapp" { pattern = { 'qapp (\\w+)' }  ask = "qshot" }
    field "qurl" { ask = "qlink" }
    rule "refer" { text = { "qelse" }  letter = "qrefer" }
    letter "qup" { subject = "Qup"  text = "Qupload {{name}}." }
    letter "qrefer" { kind = "referral"  subject = "Qrefer"  text = "Qrefer." }
    state "waiting" { tell = true  remind = { "1wd" }  close = "3wd" }
    state "resolved" { tell = true }
    state "closed" { tell = true }
}
'''
LIZ, ANN = "Qliz <liz@dynamics.example>", "Qann <ann@haulage.example>"

# What is meant for programs, or is no word: addresses and links, numbers of cases, commands with what may follow them, names that the
# configuration or a mail gave, spans as they are written in commands, states, kinds of letters, sizes, and marks of answers.
SYNTAX = (r"(?i)<mailto:[^>]*>|\S+@\S+|QQ-\d{5,}-\w{4}|#[a-z-]+|\bq[a-z]+\b|\b\d+(\.\d+)?(wd|mo|h|m|d)\b|\bKB\b|\b\d+h\d+m\b|\bRe:|\b%s\b|[a-z]+\.(png|txt)\b"
          % r"\b|\b".join("new assigned progress waiting resolved closed relay assignee manager director failed".split()))


def arguments():
    """What help shows behind a command: its syntax."""
    with open(os.path.join(DESK, "command_table.c"), encoding="utf-8") as f:
        found = re.findall(r'\.arguments = "([^"]*)"', f.read())
    assert len(found) > 30
    return "|".join(re.escape(a) for a in sorted(set(found), key=len, reverse=True) if a)


def latin(text):
    return re.findall(r"[A-Za-z\u00c0-\u024f]{2,}", text)


def links_of(text):
    for url in re.findall(r"<mailto:([^>]*)>", text):
        for field in urllib.parse.parse_qsl(url.partition("?")[2]):
            yield field[1]


def check(letter, syntax):
    """What a letter says, without what is syntax: no Latin word may be left."""
    given = {line for command in COMMANDS for line in command.splitlines()}        # #show repeats them
    text = "\n".join(line for line in letter.get_body(("plain",)).get_content().splitlines() if line not in given)
    for what in [str(letter["Subject"]), text] + list(links_of(text)):
        what = re.sub(SYNTAX, " ", re.sub(syntax, " ", what))
        assert not latin(what), "%s to %s says %r:\n%s\n\n%.2000s" % (letter["X-Ticketd-Kind"], letter["To"], latin(what), letter["Subject"], text)


def tap(box, letter, purpose, when, sender=ANN, words=""):
    text = letter.get_body(("plain",)).get_content()
    for url in re.findall(r"<(mailto:[^>]*)>", text):
        to, _, fields = url[len("mailto:"):].partition("?")
        fields = dict(urllib.parse.parse_qsl(fields))
        if fields["subject"].startswith(strange(purpose)):
            box.add(sender, fields["body"] + words, when=when, to=urllib.parse.unquote(to), subject=fields["subject"])
            return
    raise AssertionError((purpose, text))


# Each is a mail of its own, in this order; {n} is the case's number.
COMMANDS = ["#help\n", "#help take\n", "#take\n", "#assign mark\n", "#assign none\n", "#assign liz\n", "#assign\n", "#assign qnobody\n", "#queue qsecond\n", "#queue qnone\n",
            "#queue qfirst\n", "#queue qfirst\n", "#priority qhigh\n", "#priority qnorm\n", "#priority qnone\n", "#kind qask\n", "#kind qerr\n", "#kind qnone\n", "#state progress\n", "#state qnone\n",
            "#note Qinside.\n", "#note\n", "#time 45m\n", "#time 90m overtime billable\n", "#time qmany\n", "#time\n", "#tag qred\n", "#tag -qred\n", "#tag {{\n", "#set qapp qnew\n",
            "#set qnone x\n", "#set\n", "#watch\n", "#watch off\n", "#letter qup\n", "#letter qnone\n", "#undo\n", "Qanswer.\n", "#undo\n", "#wait\nQwhich?\n", "#park qeve@else.example\n",
            "#admit qeve@else.example\n", "#admit qeve@else.example\n", "#park qeve@else.example\n", "#admit qnone\n", "#admit\n", "#escalate\nQgo.\n", "#decline\nQno.\n", "#decline\n", "#estimate\n",
            "#estimate\nQtwo.\n", "#ask-approval\nQtry.\n", "#remind 1d Qcall.\n", "#remind qnever\n", "#merge qnone\n", "#merge {n}\n", "#split\n", "#split Qsplit\nQwords.\n", "#reopen\n",
            "#for qx@haulage.example\n", "#resolve\n", "#resolve\nQdone.\n", "#reopen\n", "#next\n", "#next qnone\n", "#mine\n", "#search {n}\n", "#search ann@haulage.example\n", "#search\n",
            "#search qnone@haulage.example\n", "#show\n", "#qwrong\n", "#clsoe\n", "Qwords.\n#close\n", "#take\n#tag q1\n" + "#note q\n" * 45, "#close\nQbye.\n", "#close\n"]


def box_make(t):
    tongue_make(t.path("tongue"))
    return Box(t, conf=CONF % t.path("tongue"))


def play(t):
    """All that letters say: commands right and wrong, links, plain words, who may not, timers."""
    box = box_make(t)
    minute = [0]

    def now():
        minute[0] += 3
        return "2026-03-%02dT%02d:%02d:00Z" % (10 + minute[0] // 480, 9 + minute[0] % 480 // 60, minute[0] % 60)

    box.add(ANN, "Qapp qsales qdown.\n", when=now(), subject="Qone", headers=[("Content-Type", 'text/plain; name="shot.txt"')])
    box.add("Qeve <qeve@else.example>", "Qme too.\n", when=now(), subject="Qstranger")
    box.add(ANN, "Qelse.\n", when=now(), subject="Qother")
    first = box.run()
    number = first.cases[0]["case"]
    box.add("Qeve <qeve@else.example>", "Qparked.\n", when=now(), subject="Re: Qone [%s]" % number)
    ack = [l for l in first.letters if l["X-Ticketd-Kind"] == "ack"][0]
    tap(box, ack, "Status", now())
    tap(box, ack, "My cases", now())
    tap(box, ack, "Kind: qerr".partition(":")[0], now())
    tap(box, ack, "Escalate", now(), words="\n\nQhurry.\n")
    status = box.run().of("status")[0]
    tap(box, ack, "Escalate", now())
    for text in COMMANDS:
        box.add(LIZ, text.replace("{n}", number), when=now(), subject="Re: Qone [%s]" % number)
        if text.startswith("Qanswer"):
            minute[0] -= 3              # taken back within the minute
    box.add(LIZ, "#take\n", when=now(), subject="Qnothing")
    box.add(LIZ, "#mine\n", when=now(), subject="Qnothing")
    box.add(LIZ, "#for qtel@haulage.example\n\nQcalled.\n", when=now(), subject="Qcall")
    box.add(LIZ, "#for\n\nQcalled.\n", when=now(), subject="Qcall")
    box.add(LIZ, "#take\n", when=now(), subject="Re: Qone [%s]" % number, auth=False)
    tap(box, status, "Close", now())
    survey = box.run().of("survey")[-1]
    tap(box, survey, "Rating", now(), words="\n\nQfine.\n")
    tap(box, survey, "Reopen", now(), words="\n\nQagain.\n")
    box.add(LIZ, "#wait\nQwhich?\n", when=now(), subject="Re: Qone [%s]" % number)
    box.add(LIZ, "#history\n", when=now(), subject="Re: Qone [%s]" % number)
    journal = box.n
    box.add("Qmailer <mailer-daemon@else.example>", when=now(), subject="Qreport", auth=False, headers=[("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'),
            ("Auto-Submitted", "auto-replied")], raw=b"--b\n\nQ\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; else.example\n\nFinal-Recipient: rfc822; ann@haulage.example\n"
            b"Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + box.run().of("relay")[-1]["Message-ID"].encode() + b"\n--b--\n")
    r = box.run(until="2026-03-25T12:00:00Z")
    r.journals = [journal]
    return r


def answers_check(t, r):
    """Nearly all sentences of command_said.c came about; the source is read for the others."""
    said = " ".join(re.sub(r"\s+", " ", l.get_body(("plain",)).get_content()) for l in r.of("result"))
    with open(t.path("tongue/%s/words.txt" % TONGUE), encoding="utf-8") as f:
        words = dict(line.strip().split(" = ", 1) for line in re.sub(r" +=", " =", f.read()).splitlines() if re.match(r"(said|wrong)\.", line))
    assert len(words) > 60
    told = {k for k, v in words.items() if re.search(".{0,60}?".join(re.escape(part) for part in re.split(r"\{\d\}", v)), said)}
    assert len(told) > 56 and len(set(words) - told) < 25, "never told: %s" % sorted(set(words) - told)


def test_no_word_of_a_letter_stands_in_the_program(t):
    r = play(t)
    syntax = arguments()
    kinds = {l["X-Ticketd-Kind"] for l in r.letters}
    assert kinds >= set("ack notice relay update status approval warning escalation reminder survey referral refusal receipt result".split()), kinds
    journals = ["<m%d@client.dynamics.example>" % n for n in r.journals]
    assert len([l for l in r.letters if l["In-Reply-To"] in journals]) == len(journals) > 0
    for letter in r.letters:            # why something happened is the operator's record, in English
        if letter["In-Reply-To"] not in journals:
            check(letter, syntax)
    answers_check(t, r)


# ---- the source

STRING = r'"((?:[^"\\]|\\.)*)"'
# Words that are read, not written: closings and greetings of staff, units and words of commands, and how they are commonly mistyped.
READ_WORDS = {"closing.c", "commands.c", "command.c", "command_meant.c", "days_said.c"}
SINKS = r"\b(template_list_add|template_link_add|run_done|run_wrong|result_add)\s*\(|\[FIELD_\w+\]\s*=[^=]|fill_in\(f, FIELD_"


def statements(text):
    """The code in pieces that end with ; or {, strings kept whole, comments taken out."""
    code = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    for m in re.finditer(r'(?:"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'|[^;{}"\'])+[;{}]', code):
        yield code.count("\n", 0, m.start()) + 1, m.group()


def test_no_sentence_is_on_its_way_into_a_letter(t):
    """Strings in statements that fill a letter have no words but format signs; those that name a sentence name one that there is."""
    with open(os.path.join(SHIPPED, "en/words.txt"), encoding="utf-8") as f:
        keys = {line.split("=")[0].strip() for line in f if "=" in line and not line.startswith("#")}
    named = 0
    for path in sorted(glob.glob(os.path.join(DESK, "*.c"))):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for line, code in statements(text):
            strings = re.findall(STRING, code)
            where = "src/desk/%s:%d: " % (name, line)
            for s in strings:
                assert name in READ_WORDS or not re.search(r"[\u00c0-\u024f]", s), where + "a word that is not English: " + s
            for call, prefix in (("say_words", "say."), ("letter_alarm", "alarm."), ("word_of", "")):
                for key in re.findall(r"\b%s\([^\"()]*,\s*%s" % (call, STRING), code):
                    named += 1
                    assert "%" in key or prefix + key in keys, where + "no line of words.txt is " + prefix + key
            if re.search(SINKS, code) and "countof" not in code:
                for s in strings:
                    s = re.sub(r"%%|%[-.0-9*]*(ll|z)?[a-z]|\\.|say\.|KB", " ", s)
                    if s.strip() not in keys and not s.strip().startswith("answer."):
                        assert not re.search(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}", s), where + "words for a letter belong into words.txt: " + s
    assert named > 15, named
