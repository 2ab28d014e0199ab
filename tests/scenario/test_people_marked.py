# SPDX-License-Identifier: ISC
"""Mail that our own filter has marked as spam or as worse: who is believed, what becomes of it, and how it is released."""
from staff_box import Box, body

LIZ = "Liz Lane <liz@dynamics.example>"
ANN = "Ann <ann@haulage.example>"
OURS = ("Received", "from relay.haulage.example by mx.dynamics.example with ESMTP; Tue, 10 Mar 2026 10:00:00 +0000")
THEIRS = ("Received", "from pc by relay.haulage.example with ESMTP; Tue, 10 Mar 2026 09:59:00 +0000")
# label, header fields from the top, mark
ROWS = [
    ("SpamAssassin", [("X-Spam-Flag", "YES")], "spam"),
    ("amavis", [OURS, ("X-Virus-Scanned", "amavisd-new at dynamics.example"), ("X-Spam-Status", "Yes, score=12.1 required=6.2 tests=[BAYES_99=3.5]")], "spam"),
    ("rspamd", [("X-Spamd-Result", "default: True [16.10 / 15.00]; MANY_INVISIBLE_PARTS(1.00)"), OURS], "spam"),
    ("rspamd's action", [("X-Rspamd-Action", "add header")], "spam"),
    ("Exchange", [("X-MS-Exchange-Organization-SCL", "6")], "spam"),
    ("Exchange Online", [("X-Forefront-Antispam-Report", "CIP:192.0.2.1;CTRY:;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;H:x;CAT:SPM;SFS:(13230040)")], "spam"),
    ("Exchange Online, malware", [("X-Forefront-Antispam-Report", "CIP:192.0.2.1;SCL:5;SFV:SPM;CAT:MALW;")], "virus"),
    ("MailScanner", [("X-Dynamics-MailScanner-SpamCheck", "spam, SpamAssassin (score=9)")], "spam"),
    ("bogofilter", [("X-Bogosity", "Spam, tests=bogofilter, spamicity=0.99")], "spam"),
    ("clamav", [("X-Virus-Status", "Infected (Eicar-Test-Signature)")], "virus"),
    ("amavis, virus", [("X-Amavis-Alert", "INFECTED, message contains virus: Eicar-Test-Signature")], "virus"),
    ("spam and virus", [("X-Spam-Flag", "YES"), ("X-Virus-Status", "Infected (X)")], "virus"),
    ("a filter that finds nothing", [("X-Spam-Flag", "NO"), ("X-Spam-Status", "No, score=-1.9"), ("X-Virus-Status", "Clean"), ("X-Virus-Scanned", "ClamAV"), ("X-Virus", "none")], None),
    ("points alone", [("X-Spam-Level", "**********"), ("X-Microsoft-Antispam", "BCL:9;")], None),
    ("SCL below five, and the bypass", [("X-MS-Exchange-Organization-SCL", "-1"), ("X-Forefront-Antispam-Report", "SCL:1;SFV:NSPM;")], None),
    ("MailScanner's no", [("X-Dynamics-MailScanner-SpamCheck", "not spam, SpamAssassin (score=0)"), ("X-Dynamics-MailScanner", "Found to be clean")], None),
    ("the topmost counts", [("X-Spam-Flag", "NO"), ("X-Spam-Flag", "YES")], None),
    ("a foreign filter's word", [OURS, THEIRS, ("X-Spam-Flag", "YES"), ("X-Virus-Status", "Infected")], None),
    ("a word that only begins so", [("X-Spam-Flag", "YES-BUT"), ("X-Spam-Status", "Yesterday")], None),
]


def marked(t, fields, more="", **how):
    box = Box(t, more=more)
    box.add(ANN, "Buy now.\n\nIt is urgent, please escalate.\n", headers=fields, **how)
    return box


def test_who_is_believed(t):
    for label, fields, mark in ROWS:
        r = marked(t, fields).run()
        assert r.case["tags"] == ([mark] if mark else []), (label, r.case["tags"])
        assert (not r.letters) == bool(mark), (label, [l["X-Ticketd-Kind"] for l in r.letters])
        assert r.case["state"] == "new" and (r.case["clocks"] == []) == bool(mark), label


def test_each_choice(t):
    flag = [("X-Spam-Flag", "YES")]
    virus = [("X-Virus-Status", "Infected (X)")]
    for setting, fields, state, letters in (("", flag, "new", 0), ('spam = "quiet"  spam-queue = "second"', flag, "new", 0), ('spam = "held"', flag, "closed", 0),
                                            ('spam = "normal"', flag, "new", None), ('spam = "held"  virus = "normal"', virus, "new", None),
                                            ('spam = "normal"  virus = "held"', virus, "closed", 0)):
        r = marked(t, fields, setting).run("2026-03-20T10:00:00Z")
        assert r.case["state"] == state, setting
        assert r.case["queue"] == ("second" if "second" in setting else "helpdesk"), setting
        if letters is None:
            assert r.of("ack") and r.of("notice") and not r.doc["refused"], setting
        else:
            assert not r.letters and bool(r.doc["refused"]) == (state == "closed"), (setting, [l["X-Ticketd-Kind"] for l in r.letters])
            assert "X-" in r.entries("spam")[0]["why"]


def test_released_with_a_word(t):
    for setting in ('spam = "quiet"', 'spam = "held"'):
        box = marked(t, [("X-Spam-Flag", "YES")], setting)
        number = box.run().case["case"]
        box.add(LIZ, "#next\n", when="2026-03-10T11:00:00Z", subject="next")
        box.add(LIZ, "#release\n", when="2026-03-10T12:00:00Z", subject="Re: x [%s]" % number)
        box.add(LIZ, "#release\n", when="2026-03-10T12:05:00Z", subject="Re: x [%s]" % number)
        r = box.run()
        assert number not in body(r.of("result")[0]), setting
        assert r.case["state"] == "new" and not r.doc["refused"] and r.case["tags"] == [], setting
        assert r.case["opened"] == "2026-03-10T10:00:00Z" and r.clock("respond")["due"] == "2026-03-10T14:00:00Z", setting
        assert r.one("ack").meta["to"] == ["ann@haulage.example"] and "Buy now." in body(r.one("notice", "mark@dynamics.example")), setting
        assert "ann@haulage.example" in body(r.of("result")[1]) and "already" in body(r.of("result")[2]) and not r.of("relay"), setting


def test_spam_of_staff_is_released_too_and_a_machines_is_not_answered(t):
    box = Box(t)
    box.add(ANN, "Buy.\n")
    number = box.run().case["case"]
    box.add(LIZ, "#spam\n", when="2026-03-10T10:10:00Z", subject="Re: x [%s]" % number)
    box.add(LIZ, "#release\n", when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % number)
    r = box.run()
    assert r.case["state"] == "new" and not r.doc["refused"] and len(r.of("ack")) == 1
    box = marked(t, [("X-Spam-Flag", "YES"), ("Auto-Submitted", "auto-generated")])
    number = box.run().case["case"]
    box.add(LIZ, "#release\n", when="2026-03-10T10:20:00Z", subject="Re: x [%s]" % number)
    r = box.run()
    assert r.case["state"] == "new" and not r.of("ack") and r.of("notice")


def test_on_a_known_case_it_is_read_and_not_answered(t):
    box = Box(t)
    box.add(ANN, "It is broken.\n")
    ack = box.run().one("ack")
    box.add(ANN, "Still broken.\n", when="2026-03-10T10:10:00Z", answers=ack, headers=[("X-Spam-Flag", "YES")])
    box.add("Eve <eve@other.example>", "Me too.\n", when="2026-03-10T10:20:00Z", answers=ack, headers=[("X-Spam-Flag", "YES")])
    r = box.run()
    assert r.entries("appended") and "marks this mail as spam" in body(r.of("notice", "liz@dynamics.example")[1])
    assert r.entries("parked") and not r.of("receipt")


def test_what_staff_forward_is_no_spam(t):
    box = Box(t)
    box.add(LIZ, "---------- Forwarded message ---------\nFrom: Ann Ash <ann@haulage.example>\nDate: Tue, 10 Mar 2026 at 09:00\nSubject: Ledger\nTo: Liz Lane <liz@dynamics.example>\n\n"
            "It is down.\n", subject="Fwd: Ledger", headers=[("X-Spam-Flag", "YES")])
    r = box.run()
    assert r.case["requester"]["addr"] == "ann@haulage.example" and r.one("ack") and r.case["tags"] == []


def test_files_of_a_virus_stay_out_of_the_notice(t):
    mixed = ('--b\nContent-Type: text/plain; charset=utf-8\n\nSee the file.\n--b\nContent-Type: application/pdf; name="invoice.pdf"\nContent-Disposition: attachment; filename="invoice.pdf"\n'
             "Content-Transfer-Encoding: base64\n\nSGVsbG8gdGhlcmU=\n--b--\n")
    for more, files in ((), ["invoice.pdf"]), ([("X-Virus-Status", "Infected (Eicar)")], []):
        box = Box(t)
        box.add(ANN, "It is broken.\n")
        ack = box.run().one("ack")
        box.add(ANN, mixed, when="2026-03-10T10:10:00Z", answers=ack, headers=[("Content-Type", "multipart/mixed; boundary=b")] + list(more))
        r = box.run()
        notice = r.of("notice", "liz@dynamics.example")[1]
        assert [p.get_filename() for p in notice.walk() if p.get_content_disposition() == "attachment"] == files, (more, notice.as_string())
        assert "invoice.pdf" in body(notice) and ("found a virus" in body(notice)) == bool(more), body(notice)
