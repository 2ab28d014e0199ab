# SPDX-License-Identifier: ISC
"""What letters say, through `ticketctl simulate`: the acknowledgement and its parts, the reader's language and zone, the
operator's own words, and mistakes in them with file and line."""
import email
import email.policy
import json
import mailbox
import os
import re
import shutil

from harness import mail
from test_core_tools import box

CONF = '''state-directory = "state"
control = "control"
calendar "office" {
    zone = "Europe/Stockholm"
    open = { "Mon-Fri 09:00-12:00 13:00-16:00" }
    exception "2026-03-12" { open = { "09:00-12:00" }  note = "moving day" }
    exception "2026-03-30" { open = { "09:00-12:00" }  note = "far away" }
}
calendar "york" { zone = "America/New_York"  open = { "Mon-Fri 09:00-17:00" } }
relay "out" { transport = "maildir"  path = "outbox"  envelope = "signed" }
desk "support" {
    address = { "support@example.com" }
    from-name = "Example Support"
    prefix = "CAS"
    relay = "out"
    calendar = "office"
    language = { "en", "sv", "da" }
    authserv = { "mx.example.com" }
    alarm-to = "boss@example.com"
    %s
    customer "york" { address = { "york.example" }  calendar = "york" }
    field "order" { label = "Order"  pattern = { '\\b(SO\\d+)\\b' } }
    field "screen" { label = "Screen dump"  attachment = { "png" }  ask = "a screen dump" }
    priority "normal" { default = true  clock "respond" { target = "2h" } }
}
lmtp "in" { listen = { "127.0.0.1:2424" } }
'''
WORDS = {
    "en": "Hello,\n\nthe printer does not print the invoice for SO4711. What should I do about it?\n",
    "sv": "Hej!\n\nSkrivaren skriver inte ut fakturan för SO4711. Vad ska jag göra åt det?\n",
    "da": "Hej\n\nPrinteren udskriver ikke fakturaen til SO4711. Hvad skal jeg gøre ved det?\n",
}


def play(t, mails, desk="", conf=CONF):
    """[(seconds of the day as HH:MM of 10 March 2026 UTC, mail)] -> cases, letters."""
    with open(t.path("ticketd.conf"), "w") as f:
        f.write(conf % desk)
    with open(t.path("in.mbox"), "wb") as f:
        f.write(box(*(("Tue Mar 10 %s:00 2026" % at, re.search(rb"(?m)^From: .*?([^ <@]+@[^ >,\r]+)", m).group(1).decode(), m) for at, m in mails)))
    done = t.run("ticketctl", "simulate", "--config", t.path("ticketd.conf"), "--in", t.path("in.mbox"), "--out", t.path("out.mbox"), "--until", "2026-03-10T11:30:00Z")
    assert done.returncode == 0, done.stderr
    written = mailbox.mbox(t.path("out.mbox"), factory=None)
    letters = [email.message_from_bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", written.get_bytes(k)), policy=email.policy.default) for k in written.keys()]
    return json.loads(done.stdout)["cases"], letters


def ack(t, at="08:30", text=WORDS["en"], proven=True, desk="", conf=CONF, **more):
    if proven:
        sender = more.get("sender", "Ann Customer <ann@customer.example>")
        domain = re.search("@([^>]+)", sender).group(1)
        more["headers"] = [("Authentication-Results", "mx.example.com; dmarc=pass header.from=%s" % domain)]
    cases, letters = play(t, [(at, mail(text=text, **more))], desk, conf)
    found = [m for m in letters if m["X-Ticketd-Kind"] == "ack"]
    assert len(found) == 1, letters
    return cases[0], found[0], " ".join(found[0].get_body(("plain",)).get_content().split()), found[0].get_body(("html",)).get_content()


def test_each_language_has_its_own_words_and_dates(t):
    want = {
        "en": ["Hello Ann Customer,", "back to you. We aim to do that by Tuesday 10 March, 11:30 (Swedish time), and sooner if we can.", "- Order: SO4711", "- a screen dump"],
        "sv": ["Hej Ann Customer!", "Vi siktar på att göra det senast tisdag 10 mars kl. 11.30 (svensk tid), gärna tidigare.", "- Order: SO4711", "Ärendenummer: CAS-00001-"],
        "da": ["Hej Ann Customer", "Vi sigter efter at gøre det senest tirsdag den 10. marts kl. 11.30 (dansk tid)".replace("dansk", "svensk"), "Sagsnummer: CAS-00001-"],
    }
    for language, parts in want.items():
        case, m, text, html = ack(t, text=WORDS[language])
        for part in parts:
            assert part in text, (language, part, text)
        assert m["Subject"].startswith("Re: ") and m["Subject"].endswith("[%s]" % case["case"]), m["Subject"]
        assert "<bdi>Ann Customer</bdi>" in html, html


def test_an_unproven_sender_gets_none_of_his_words_back(t):
    case, m, text, html = ack(t, proven=False, subject="Buy at evil.example", sender="\"visit evil.example\" <ann@customer.example>")
    for word in ("evil", "SO4711", "printer"):
        assert word not in text and word not in html and word not in m["Subject"] and word not in str(m["To"]), (word, m.as_string())
    assert "- a screen dump" in text, text                              # what we ask for is ours


def test_nor_does_a_prepared_letter_repeat_them(t):
    desk = 'letter "up" { subject = "Upload for {{name}}"  text = "Dear {{name}}, about {{subject}}, {{number}}." }  rule "all" { text = { "printer" }  letter = "up" }'
    for proven in (False, True):
        mails = [("08:30", mail(text=WORDS["en"], sender="\"visit evil.example\" <ann@customer.example>", subject="Buy at evil.example",
                                headers=[("Authentication-Results", "mx.example.com; dmarc=pass header.from=customer.example")] if proven else None))]
        _, letters = play(t, mails, desk)
        m = [m for m in letters if m["X-Ticketd-Kind"] == "update"][0]
        assert ("evil" in m.as_string()) == proven, m.as_string()


def test_what_is_missing_is_asked_for_and_what_is_there_is_not(t):
    body = "--b\n\n" + WORDS["en"].replace("SO4711", "it") + '--b\nContent-Type: image/png; name="shot.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n'
    _, _, text, _ = ack(t, text=body, mime_version="1.0", content_type="multipart/mixed; boundary=b")
    assert "Screen dump: " in text and "a screen dump" not in text and "faster" not in text and "Order" not in text, text


def test_closed_hours_and_days_with_other_hours_are_told(t):
    _, _, text, _ = ack(t, at="11:15")
    assert "open again on Tuesday 10 March, 13:00 (Swedish time)." in text, text
    assert "moving day" not in text, text
    _, _, text, _ = ack(t, at="08:30", desk='announce = "5wd"')
    assert "open again" not in text, text
    assert "- Thursday 12 March: open 09:00–12:00 (moving day)" in text and "far away" not in text, text


def test_a_customer_reads_in_his_own_zone(t):
    _, _, text, _ = ack(t, at="10:30", sender="Joe <joe@york.example>")         # 06:30 there
    assert "open again on Tuesday 10 March, 09:00 (US Eastern time)" in text and "Swedish" not in text, text


def test_several_targets_are_a_list_and_never_a_promise(t):
    conf = CONF.replace('clock "respond" { target = "2h" } }', 'clock "respond" { target = "2h" }  clock "resolve" { target = "2wd" }  clock "inside" { target = "1h" } } priority "low" { }')
    _, _, text, _ = ack(t, conf=conf)
    assert "The priority is normal for now. We aim for (Swedish time): - first answer by Tuesday 10 March, 11:30 - solution by Thursday 12 March, 09:30" in text, text
    assert "inside" not in text and "guarantee" not in text, text


def test_kinds_are_offered_with_links(t):
    kinds = 'reply-address = "plus"  kind "q" { label = "Question"  default = true  offered = true }  kind "e" { label = "Error <b>"  offered = true }  kind "i" { label = "Inner" }'
    _, m, text, html = ack(t, desk=kinds)
    assert "We have filed it as: Question." in text and "- Error <b>: <mailto:support+" in text and "Inner" not in text, text
    assert ">Error &lt;b&gt;</a>" in html, html
    _, _, text, _ = ack(t, desk='kind "i" { label = "Inner"  default = true }')
    assert "Inner" not in text, text


def test_escalation_stands_with_its_notice_and_self_help_with_its_lines(t):
    desk = 'reply-address = "plus"  self-help = "First look here."  escalation { notice = "Overtime may be charged." }'
    _, _, text, html = ack(t, desk=desk)
    assert "First look here." in text and "Overtime may be charged. Ask for priority: <mailto:" in text, text
    assert '">Ask for priority</a>' in html, html
    _, _, text, _ = ack(t, desk='escalation { notice = "Overtime may be charged." }')           # no links: nothing is offered
    assert "Overtime" not in text, text


def test_the_operators_files_lie_over_ours_one_by_one(t):
    os.makedirs(t.path("words/sv"))
    with open(t.path("words/sv/ack.txt"), "w") as f:
        f.write("Subject: Eget [{{number}}]\n\nEgna ord, {{name}}: {{respond_by}}.\n")
    with open(t.path("words/sv/words.txt"), "w") as f:
        f.write("date = {weekday} {day}/{month}, {hour}:{minute}\nmonths = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12\n")
    desk = 'templates = "%s"' % t.path("words")
    _, m, text, _ = ack(t, text=WORDS["sv"], desk=desk)
    assert text == "Egna ord, Ann Customer: tisdag 10/3, 11:30.", text
    _, _, text, _ = ack(t, text=WORDS["da"], desk=desk)
    assert text.startswith("Hej Ann Customer Tak for din mail"), text


def test_mistakes_in_words_have_file_and_line(t):
    rows = [
        ("sv/ack.txt", "Subject: x\n\na\n{{nmae}}\n", 'sv/ack.txt:4: unknown field "nmae"'),
        ("sv/digest.txt", "no subject\n", 'sv/digest.txt:1: "Subject:'),
        ("sv/words.txt", "# x\nstate.nwe = Nytt\n", 'sv/words.txt:2: unknown key "state.nwe"'),
        ("en/words.txt", "days = a, b\n", "en/words.txt:1: days: 7 words"),
        ("da/letter.txt", "Subject: x\n\n{{words}} and\n", "da/letter.txt:3: text of several lines needs a line of its own"),
    ]
    for file, text, said in rows:
        shutil.rmtree(t.path("words"), ignore_errors=True)
        os.makedirs(os.path.dirname(t.path("words/" + file)))
        with open(t.path("words/" + file), "w") as f:
            f.write(text)
        with open(t.path("ticketd.conf"), "w") as f:
            f.write(CONF % ('templates = "%s"' % t.path("words")))
        done = t.run("ticketd", "-n", "-c", t.path("ticketd.conf"))
        assert done.returncode == 78 and said in done.stderr, (file, done.returncode, done.stderr)
    with open(t.path("ticketd.conf"), "w") as f:
        f.write(CONF % 'letter "up" { subject = "Upload"  text = { "one", "two {{nmae}}" } }')
    done = t.run("ticketd", "-n", "-c", t.path("ticketd.conf"))
    assert done.returncode == 78 and re.search(r'ticketd.conf:20: unknown field "nmae"', done.stderr), done.stderr
