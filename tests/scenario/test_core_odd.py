# SPDX-License-Identifier: ISC
"""Odd mails: each becomes exactly one case, and every role goes on as before."""
import json
import os
import re

from harness import SANITIZED, LmtpError, mail, wait_until


def sent(t, data, sender="ann@customer.example", code=250, **pieces):
    """Sends it and a plain one behind it; answers the daemon and the case of the odd one. No role may have ended."""
    d = t.ticketd(**pieces).start()
    pids = {r["name"]: r["pid"] for r in d.roles()}
    assert d.lmtp_send(data, sender=sender) == code
    assert d.lmtp_send(mail(subject="the next one")) == 250
    d.idle(60)
    assert {r["name"]: r["pid"] for r in d.roles()} == pids, "a role ended:\n" + d.log_tail()
    cases = d.cases()
    assert len(cases) == (2 if code == 250 else 1) and cases[-1]["subject"] == "the next one"
    return d, cases[0]


def test_a_mail_of_one_byte(t):
    d, case = sent(t, b"x")
    assert case["requester"]["addr"] == "ann@customer.example"


def test_an_empty_mail(t):
    sent(t, b"")


def test_a_mail_without_a_body_and_one_without_headers(t):
    sent(t, b"From: ann@customer.example\r\n")
    d = t.ticketd("second").start()
    assert d.lmtp_send(b"\r\nOnly words, no header at all.\r\n") == 250
    d.idle()
    case = d.show(1)
    assert "Only words" in case["entries"][0]["text"] and case["requester"]["addr"] == "ann@customer.example"


def test_an_empty_mail_and_one_byte_by_maildir(t):
    d = t.ticketd().start()
    d.maildir_put(b"")
    d.maildir_put(b"x")
    wait_until(lambda: len(d.cases()) == 2, "two cases")
    wait_until(lambda: not os.listdir(os.path.join(d.inbox, "new")), "both to be moved")
    d.idle()
    assert {c["requester"]["addr"] for c in d.cases()} == {"unknown@invalid"}
    assert d.letters() == []


def test_nul_bytes_everywhere(t):
    d, case = sent(t, mail(subject="a\0b", text="one\0two\n\0\n" + "\0" * 5000))
    assert "\0" not in repr(d.show(case["case"]))


def test_every_byte_there_is(t):
    sent(t, b"From: \xff\xfe <ann@customer.example>\r\nSubject: " + bytes(n for n in range(256) if n not in (10, 13)) + b"\r\n\r\n" +
         bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") * 50)


def test_ten_thousand_parts(t):
    parts = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n" % n for n in range(10000))
    d, case = sent(t, mail(subject="parts", headers={"MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=b"}).split(b"\r\n\r\n")[0] + b"\r\n\r\n" +
                   parts + b"--b--\r\n")
    assert case["subject"] == "parts"


def test_ten_thousand_nested_parts(t):
    body = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(10000))
    d, case = sent(t, mail(subject="nested", headers={"MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=b0"}).split(b"\r\n\r\n")[0] + b"\r\n\r\n" +
                   body + b"the end\r\n")
    assert case["subject"] == "nested"


def test_a_header_line_of_one_mebibyte(t):
    d, case = sent(t, mail(subject="long", headers={"X-Long": "y" * (1 << 20)}))
    assert case["subject"] == "long"


def test_a_subject_and_references_of_one_mebibyte(t):
    d, case = sent(t, mail(subject="s" * (1 << 20), headers={"References": " ".join("<%d@x.example>" % n for n in range(60000))}))
    assert 0 < len(case["subject"]) <= 1000


def test_a_hundred_thousand_header_lines(t):
    sent(t, mail(subject="many", headers=[("X-%d" % n, "v") for n in range(100000)]))


def test_a_hundred_thousand_addresses(t):
    d, case = sent(t, mail(cc=",\r\n ".join("u%d@customer.example" % n for n in range(100000))))
    assert case["requester"]["addr"] == "ann@customer.example"


def test_a_mail_of_fifty_mebibytes(t):
    line = b"All work and no play makes Jack a dull boy, says the manual again.\r\n"
    d, case = sent(t, mail(subject="fifty") + line * ((50 << 20) // len(line) - 10))
    assert case["subject"] == "fifty" and not d.entries(case["case"], "unparsed")
    assert len(d.letters("ack")) == 2


def test_a_mail_that_needs_more_memory_than_it_may_have_is_kept_unread(t):
    if SANITIZED:
        t.skip("shadow memory knows no limit")
    d = t.ticketd(limits={"parse-memory": '"256MiB"'}).start()
    line = b"All work and no play makes Jack a dull boy, says the manual again.\r\n"
    assert d.lmtp_send(mail(subject="greedy") + line * ((49 << 20) // len(line))) == 250
    assert d.lmtp_send(mail(subject="the next one")) == 250
    d.idle(60)
    greedy, following = d.cases()
    assert greedy["subject"] == "greedy" and len(d.entries(greedy["case"], "unparsed")) == 1
    assert following["subject"] == "the next one" and not d.entries(following["case"], "unparsed")


def test_a_large_attachment_is_listed_with_its_size(t):
    import base64
    import hashlib
    blob = os.urandom(12 << 20)
    data = mail(subject="blob", headers={"MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=b"}, text="") + (
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/octet-stream; name=blob.bin\r\n"
        b"Content-Disposition: attachment; filename=blob.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
        base64.encodebytes(blob).replace(b"\n", b"\r\n") + b"--b--\r\n")
    d, case = sent(t, data)
    (got,) = d.show(case["case"])["entries"][0]["attachments"]
    assert got["name"] == "blob.bin" and got["size"] == len(blob)
    path = t.path("blob.eml")
    with open(path, "wb") as f:
        f.write(data)
    (got,) = json.loads(t.run("ticketctl", "parse", "--json", path).stdout)["attachments"]
    assert got["size"] == len(blob) and got["sha256"] == hashlib.sha256(blob).hexdigest()


def test_over_the_parse_limit_the_raw_mail_is_kept_and_staff_are_told(t):
    d, case = sent(t, mail(subject="too large to read") + b"x" * 998 * 300, limits={"parse-mail": '"100KiB"'})
    assert case["subject"] == "too large to read" and case["requester"]["addr"] == "ann@customer.example"
    assert len(d.entries(case["case"], "unparsed")) == 1
    alarm = d.letters_wait(1, "alarm")
    assert len(alarm) == 1 and alarm[0]["To"] == "boss@example.com" and case["case"] in alarm[0]["Subject"]
    assert alarm[0]["Auto-Submitted"] == "auto-generated"
    assert len(d.letters("ack")) == 1       # the next one's


def test_over_the_intake_limit_is_552_and_no_case(t):
    d = t.ticketd(limits={"parse-mail": '"100KiB"', "intake-mail": '"200KiB"'}).start()
    try:
        code = d.lmtp_send(mail() + b"x\r\n" * 300000)
    except (LmtpError, OSError):
        code = 552                          # told and closed while we were still talking
    assert code == 552
    assert d.lmtp_send(mail(subject="the next one")) == 250
    # told beforehand: SIZE
    client = d.lmtp()
    assert any(e.startswith("SIZE") for e in client.extensions), client.extensions
    client.raw(b"MAIL FROM:<ann@customer.example> SIZE=300000\r\n")
    code, text = client.reply()
    assert code == 552 and re.match(r"5\.3\.4", text), (code, text)
    client.close()
    d.idle()
    assert [c["subject"] for c in d.cases()] == ["the next one"]


def test_a_mail_that_kills_its_parser_twice_becomes_an_unparsed_case(t):
    """The worker that holds this mail dies as soon as it has it in hand, twice; then its headers alone are read."""
    import signal
    import threading
    d = t.ticketd(limits={"parse-workers": "1"}).start()
    core, stop, hits = d.process.pid, threading.Event(), []

    def holds_mail(pid):
        try:
            if not open("/proc/%d/cmdline" % pid).read().startswith("ticketd: parse"):
                return False
            return any("memfd:" in os.readlink("/proc/%d/fd/%s" % (pid, n)) for n in os.listdir("/proc/%d/fd" % pid))
        except OSError:
            return False

    def hunt():
        while not stop.is_set() and len(hits) < 2:
            for pid in map(int, open("/proc/%d/task/%d/children" % (core, core)).read().split()):
                if pid not in hits and holds_mail(pid):
                    os.kill(pid, signal.SIGSEGV)      # its own fault; a kill -9 from outside would be forgiven
                    hits.append(pid)
    thread = threading.Thread(target=hunt)
    thread.start()
    try:
        # large, so that the worker is seen while it reads
        assert d.lmtp_send(mail(subject="the killer") + b"All work and no play makes Jack a dull boy, says the manual.\r\n" * 400000) == 250
    finally:
        stop.set()
        thread.join()
    assert len(hits) == 2
    d.idle()
    (case,) = d.cases()
    assert case["subject"] == "the killer" and len(d.entries(1, "unparsed")) == 1 and len(d.letters("alarm")) == 1
    assert d.lmtp_send(mail(subject="healthy again")) == 250
    d.idle()
    assert len(d.cases()) == 2 and len(d.letters("ack")) == 1


def test_a_worker_that_hangs_is_replaced_and_its_mail_read_by_the_next(t):
    import signal
    d = t.ticketd(limits={"parse-workers": "1", "parse-timeout": '"1s"'}).start()
    os.kill(d.role_pids("parse")[0], signal.SIGSTOP)
    assert d.lmtp_send(mail(subject="patience")) == 250
    d.idle()
    d.log_wait("deadline passed")
    (case,) = d.cases()
    assert case["subject"] == "patience" and not d.entries(1, "unparsed") and len(d.letters("ack")) == 1


def test_bare_line_ends_smuggle_no_second_mail(t):
    d = t.ticketd().start()
    client = d.lmtp()
    for end in (b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n"):
        client.raw(b"MAIL FROM:<ann@customer.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n")
        assert [client.reply()[0] for _ in range(3)] == [250, 250, 354]
        client.raw(mail(subject="outer") + end + b"MAIL FROM:<evil@evil.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n" + mail(subject="inner") + b"\r\n.\r\n")
        code, _ = client.reply()
        assert code in (250, 550, 554, 500, 501, 552, 451, 550), code
    client.close()
    d.idle()
    assert not any(c["subject"] == "inner" or "evil" in c["requester"]["addr"] for c in d.cases())
    assert len(d.cases()) <= 5


def test_silly_from_fields_open_cases_and_get_at_most_one_letter(t):
    senders = ["", "<>", "a@b@c", "ann@customer.example, bob@customer.example", "=?utf-8?q?=00=0d=0aBcc:_x@y?= <ann@customer.example>", "x" * 70000, "\"\\\"@\" <@>",
               "group: a@b.example, c@d.example;"]
    d = t.ticketd().start()
    for n, s in enumerate(senders):
        assert d.lmtp_send(mail(subject="n%d" % n, sender=s)) == 250
    d.idle()
    assert [c["subject"] for c in d.cases()] == ["n%d" % n for n in range(len(senders))]
    for letter in d.letters():
        assert letter["Bcc"] is None and len(letter["To"].addresses) == 1
