# SPDX-License-Identifier: ISC
"""One mail, one case, one letter; a reply finds its case, and what only looks like a reply does not."""
import re

from harness import body_of, mail, message_id_of

PLUS = {"reply-address": '"plus"'}
SECOND = 'desk "sales" {\n  address = { "sales@example.com" }\n  prefix = "SAL"\n  relay = "box"\n  calendar = "always"\n' \
         '  priority "normal" { default = true  clock "respond" { target = "8h" } }\n}\n'


def opened(d, **fields):
    """Sends one mail; answers (the mail, its acknowledgement, the case)."""
    n = len(d.letters("ack"))
    data = mail(**fields)
    assert d.lmtp_send(data) == 250
    letter = d.letters_wait(n + 1, "ack")[-1]
    return data, letter, d.cases()[-1]


def test_one_mail_is_one_case_and_one_acknowledgement(t):
    d = t.ticketd().start()
    data, _, case = opened(d, subject="Printer on fire")
    d.idle()
    assert [c["case"] for c in d.cases()] == [case["case"]] and re.fullmatch(r"CAS-00001-[2-9A-HJ-NP-Z]{4}", case["case"])
    assert len(d.letters()) == 1
    assert case["state"] == "new" and case["desk"] == "support" and case["requester"] == {"name": "Ann Customer", "addr": "ann@customer.example"}
    assert case["subject"] == "Printer on fire" and case["priority"] == "normal"
    what = [e["what"] for e in d.show(case["case"])["entries"]]
    assert what == ["opened", "letter", "sent"], what


def test_the_acknowledgement_has_the_headers_and_the_form_that_are_promised(t):
    d = t.ticketd(desk=PLUS).start()
    data, letter, case = opened(d, subject="Printer on fire")
    assert letter["X-Ticketd-Kind"] == "ack" and letter["X-Ticketd-Case"] == case["case"]
    assert letter["Auto-Submitted"] == "auto-replied" and letter["X-Auto-Response-Suppress"]
    assert "[%s]" % case["case"] in letter["Subject"]
    assert letter["To"] == "ann@customer.example" and "support@example.com" in letter["From"]
    assert letter["In-Reply-To"] == "<%s>" % message_id_of(data) and "<%s>" % message_id_of(data) in letter["References"]
    assert letter["Message-ID"].endswith("@example.com>") and letter["Date"]
    assert re.search(r"support\+[a-z2-7]{32}@example\.com", str(letter["Reply-To"]))
    assert letter.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in letter.iter_parts()] == ["text/plain", "text/html"]
    text = body_of(letter)
    assert max(len(line) for line in text.splitlines() if "mailto:" not in line) <= 72, text
    assert case["case"] in text and case["case"] in body_of(letter, "html")
    assert "PC LOAD LETTER" not in letter.raw.decode() and "fire" not in letter.raw.decode().lower(), "an unproven sender's words are echoed"
    for word in ("customer.example", "localhost", "/tmp"):
        assert word not in text


def test_a_reply_to_the_reply_address_finds_its_case(t):
    d = t.ticketd(desk=PLUS).start()
    _, letter, case = opened(d)
    to = re.search(r"support\+\w+@example\.com", str(letter["Reply-To"])).group(0)
    # no reference, no number: the address alone. The subject is the old one, so it is no new matter.
    assert d.lmtp_send(mail(text="And it smells.\n", to=to), to=to) == 250
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    entry = d.entries(case["case"], "appended")[0]
    assert entry["by"] == "ann@customer.example" and "address" in entry["why"] and "smells" in entry["text"]


def test_a_reply_by_references_to_our_letter_finds_its_case(t):
    d = t.ticketd().start()
    first, letter, case = opened(d)
    assert d.lmtp_send(mail(subject="Re: something else entirely", in_reply_to=letter["Message-ID"], references=letter["References"] + " " + letter["Message-ID"])) == 250
    assert d.lmtp_send(mail(subject="Re: again", references=letter["Message-ID"])) == 250
    assert d.lmtp_send(mail(subject="Re: to his own first mail", in_reply_to="<%s>" % message_id_of(first))) == 250
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1
    assert len(d.entries(case["case"], "appended")) == 3


def test_the_number_in_the_subject_is_read_in_odd_spellings(t):
    d = t.ticketd().start()
    _, _, case = opened(d)
    prefix, n, suffix = case["case"].split("-")
    dash = "\u2013"
    spellings = ["Re: [%s]" % case["case"], case["case"].lower(), "SV: Re: [#%s] printer" % case["case"], "AW: %s%s%s%s%s" % (prefix, dash, n, dash, suffix),
                 "Re: [%s %s %s]" % (prefix, n, suffix), "FW: about %s, please" % case["case"], "Re:%s" % case["case"]]
    import email.header
    for s in spellings:
        assert d.lmtp_send(mail(subject=email.header.Header(s, "utf-8").encode() if dash in s else s)) == 250
    d.idle()
    assert [c["subject"] for c in d.cases()] == [case["subject"]]
    assert len(d.entries(case["case"], "appended")) == len(spellings) and len(d.letters()) == 1


def test_a_number_with_a_wrong_suffix_opens_a_new_case(t):
    d = t.ticketd().start()
    _, _, case = opened(d)
    wrong = case["case"][:-1] + ("2" if case["case"][-1] != "2" else "3")
    _, _, other = opened(d, subject="Re: [%s]" % wrong)
    assert other["case"] != case["case"] and len(d.cases()) == 2
    assert d.entries(case["case"], "appended") == []


def test_a_stranger_with_the_number_is_parked_and_gets_one_neutral_receipt(t):
    d = t.ticketd().start()
    _, _, case = opened(d)
    for n in range(3):
        assert d.lmtp_send(mail(subject="Re: [%s]" % case["case"], sender="Eve <eve@elsewhere.example>"), sender="eve@elsewhere.example") == 250
    d.idle()
    assert len(d.cases()) == 1 and len(d.entries(case["case"], "parked")) == 3
    receipts = d.letters("receipt")
    assert len(receipts) == 1 and receipts[0]["To"] == "eve@elsewhere.example"
    assert case["case"] not in receipts[0].raw.decode() and "PC LOAD" not in receipts[0].raw.decode()


def test_two_desks_in_one_transaction_are_one_event_each(t):
    d = t.ticketd(more=SECOND).start()
    answers = d.lmtp_send(mail(), to=["support@example.com", "sales@example.com", "help@example.com"])
    assert {a[0] for a in answers.values()} == {250}
    # several recipients of one desk hear the same
    assert answers["support@example.com"] == answers["help@example.com"] and answers["sales@example.com"] != answers["support@example.com"]
    d.idle()
    assert sorted(c["desk"] for c in d.cases()) == ["sales", "support"]
    assert len(d.letters("ack")) == 2


def test_unknown_recipients_are_refused_and_plus_addresses_taken(t):
    d = t.ticketd().start()
    answers = d.lmtp_send(mail(), to=["nobody@example.com", "support@example.com", "support@elsewhere.example"])
    assert answers["support@example.com"][0] == 250
    for wrong in ("nobody@example.com", "support@elsewhere.example"):
        assert answers[wrong][0] == 550 and answers[wrong][1].startswith("5.1.1"), answers
    assert d.lmtp_send(mail(to="Support+Anything@EXAMPLE.COM"), to="Support+Anything@EXAMPLE.COM") == 250
    d.idle()
    assert len(d.cases()) == 2


def test_a_proven_sender_is_greeted_by_name_and_his_copies_join(t):
    d = t.ticketd(desk={"authserv": '{ "mx.example.com" }'}, lmtp={"trust-auth": "true"}).start()
    proof = [("Authentication-Results", "mx.example.com; dmarc=pass header.from=customer.example")]
    data = mail(subject="Printer on fire", headers=proof, cc="Bob <bob@customer.example>")
    assert d.lmtp_send(data) == 250
    letter = d.letters_wait(1, "ack")[0]
    case = d.cases()[0]["case"]
    assert "Ann Customer" in body_of(letter) and "Printer on fire" in letter["Subject"]
    assert d.lmtp_send(mail(subject="Re: [%s]" % case, sender="bob@customer.example")) == 250
    d.idle()
    assert len(d.entries(case, "appended")) == 1 and not d.entries(case, "parked")


def test_a_maildir_mail_is_taken_once_and_moved_to_cur(t):
    import os
    from harness import wait_until
    d = t.ticketd().start()
    name = d.maildir_put(mail(subject="By file"))
    d.letters_wait(1, "ack")
    wait_until(lambda: not os.listdir(os.path.join(d.inbox, "new")), "the mail to be moved")
    assert [n.split(":")[0] for n in os.listdir(os.path.join(d.inbox, "cur"))] == [name]
    assert [c["subject"] for c in d.cases()] == ["By file"]
