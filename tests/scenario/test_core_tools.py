# SPDX-License-Identifier: ISC
"""ticketctl parse and simulate: no daemon, no socket, no secret; the JSON of the published interface."""
import json
import mailbox
import os
import re

from harness import mail, message_id_of, wait_until

PARSE_KEYS = {"file": str, "message_id": (str, type(None)), "date": (str, type(None)), "from": (dict, type(None)), "sender": (dict, type(None)), "reply_to": list,
              "to": list, "cc": list, "subject": (str, type(None)), "in_reply_to": list, "references": list, "text": str, "reply_text": str,
              "language": (str, type(None)), "auth": dict, "machine": dict, "attachments": list, "case_refs": list, "forwarded": (dict, type(None)), "warnings": list}
CASE_KEYS = {"case", "desk", "requester", "subject", "language", "state", "state_label", "priority", "rank", "kind", "queue", "assignee", "fields", "tags", "opened",
             "first_response", "resolved", "closed", "clocks", "entries"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
CONF = '''state-directory = "state"
control = "control"
key-file = "no-such-key"
calendar "office" { zone = "UTC"  open = { "Mon-Fri 09:00-17:00" } }
relay "out" { transport = "smtp"  host = "smtp.example.com"  auth = "plain"  user = "u"  password = "no-such-password" }
desk "support" {
    address = { "support@example.com" }
    prefix = "CAS"
    relay = "out"
    calendar = "office"
    authserv = { "mx.example.com" }
    alarm-to = "boss@example.com"
    priority "urgent" { clock "respond" { target = "1h"  escalate = { "0m boss@example.com", "4h director@example.com" } } }
    priority "normal" { default = true  clock "respond" { target = "8h"  escalate = { "0m boss@example.com" } } }
    rule "down" { text = { 'system (is )?down' }  priority = "urgent" }
}
imap "box" { desk = "support"  host = "imap.example.com"  user = "support"  password = "no-such-password" }
'''
ODD = {
    "plain": mail(),
    "empty": b"",
    "one byte": b"x",
    "no headers": b"\r\nwords\r\n",
    "nul": b"From: a\0b <x@y.example>\r\nSubject: \0\r\n\r\n\0\0\0",
    "latin1": b"From: =?iso-8859-1?q?J=F6rg?= <j@y.example>\r\nSubject: \xe4\xf6\xfc\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe4\xf6\xfc\r\n",
    "report": b"From: MAILER-DAEMON@mx.example\r\nSubject: undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
              b"--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; u@host.example\r\n"
              b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <orig@x.example>\r\n\r\nx\r\n--b--\r\n",
    "broken mime": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
    "html": b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>you</b><script>x</script>\r\n",
    "groups": b"From: g: a@b.example, c@d.example;\r\nTo: undisclosed-recipients:;\r\nReferences: nonsense <a@b> <<>> <c@d>\r\nDate: whenever\r\n\r\n.\r\n",
    "attachment": b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name=\"../..\\x\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n",
}


def files_of(t):
    paths = []
    for n, (name, data) in enumerate(ODD.items()):
        paths.append(t.path("%02d-%s.eml" % (n, name)))
        with open(paths[-1], "wb") as f:
            f.write(data)
    return paths


def test_parse_prints_one_line_a_file_with_every_key_in_the_order_given(t):
    paths = files_of(t)[::-1]
    done = t.run("ticketctl", "parse", "--json", *paths)
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    docs = [json.loads(line) for line in lines]
    assert [d["file"] for d in docs] == paths
    for d in docs:
        missing = set(PARSE_KEYS) - set(d)
        assert not missing, (d["file"], missing)
        for key, kind in PARSE_KEYS.items():
            assert isinstance(d[key], kind), (d["file"], key, d[key])
        assert set(d["auth"]) >= {"results", "aligned"} and set(d["machine"]) >= {"answerable", "counts_as_reply", "list", "own", "delivery_report", "why"}
        assert d["machine"]["own"] is None and d["auth"]["aligned"] is None
        assert "\0" not in json.dumps(d, ensure_ascii=False)
        for a in d["attachments"]:
            assert set(a) >= {"name", "type", "size", "sha256", "inline"} and not re.search(r"[/\\]", a["name"] or "")
    by_name = {os.path.basename(d["file"])[3:-4]: d for d in docs}
    assert by_name["report"]["machine"]["delivery_report"]["recipient"] == "u@host.example"
    assert by_name["report"]["machine"]["delivery_report"]["original_message_id"] == "orig@x.example"
    assert "\u00e4\u00f6\u00fc" in by_name["latin1"]["text"] and by_name["latin1"]["from"] == {"name": "J\u00f6rg", "addr": "j@y.example"}
    assert by_name["html"]["text"].startswith("Hello you") and "script" not in by_name["html"]["text"]
    assert by_name["attachment"]["text"] == "" and by_name["attachment"]["attachments"][0]["size"] == 5


def test_parse_exits_66_for_a_missing_file_and_prints_the_others(t):
    paths = files_of(t)
    done = t.run("ticketctl", "parse", "--json", paths[0], t.path("missing.eml"), paths[1], t.dir, paths[2])
    assert done.returncode == 66 and "missing.eml" in done.stderr
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == paths[:3]


def test_parse_trusts_only_whom_it_is_told_to_and_knows_its_own_letters(t):
    path = t.path("m.eml")
    with open(path, "wb") as f:
        f.write(mail(headers=[("Authentication-Results", "mx.example.com; dmarc=pass header.from=customer.example")]))
    one = lambda *a: json.loads(t.run("ticketctl", "parse", "--json", *a, path).stdout)  # noqa: E731
    assert one()["auth"]["aligned"] is None and one()["auth"]["results"][0]["trusted"] is False
    assert one("--authserv", "mx.example.com")["auth"]["aligned"] is True
    assert one("--authserv", "other.example.com")["auth"]["results"][0]["trusted"] is False
    assert one("--key", "00" * 32)["machine"]["own"] is False


def box(*mails):
    """mboxrd: (asctime, envelope sender, mail)."""
    out = b""
    for at, sender, data in mails:
        lines = [b">" + l if re.match(rb">*From ", l) else l for l in data.replace(b"\r\n", b"\n").splitlines(True)]
        out += b"From %s %s\n" % (sender.encode(), at.encode()) + b"".join(lines) + (b"" if data.endswith(b"\n") else b"\n") + b"\n"
    return out


def simulate(t, data, *more, conf=CONF, cwd="/", name="out"):
    for path, content in (("ticketd.conf", conf.encode()), ("in.mbox", data)):
        with open(t.path(path), "wb") as f:
            f.write(content)
    done = t.run("ticketctl", "simulate", "--config", t.path("ticketd.conf"), "--in", t.path("in.mbox"), "--out", t.path(name + ".mbox"), *more, cwd=cwd)
    return done, json.loads(done.stdout) if done.returncode == 0 else None


def sample():
    first = mail(subject="Printer", message_id="<first@customer.example>")
    down = mail(subject="Help", text="The system is down!\nFrom here on nothing works.\n", sender="bob@other.example", message_id="<down@other.example>",
                headers=[("Authentication-Results", "mx.example.com; dmarc=pass header.from=other.example")])
    auto = mail(subject="On holiday", headers={"Auto-Submitted": "auto-replied"}, sender="c@c.example", message_id="<c@c.example>")
    again = mail(subject="Re: Printer", in_reply_to="<first@customer.example>", message_id="<second@customer.example>")
    return box(("Tue Mar 10 10:00:00 2026", "ann@customer.example", first), ("Tue Mar 10 10:30:00 2026", "bob@other.example", down),
               ("Tue Mar 10 11:00:00 2026", "-", auto), ("Tue Mar 10 12:00:00 2026", "ann@customer.example", again))


def test_simulate_gives_the_document_and_the_letters_that_are_promised(t):
    done, doc = simulate(t, sample())
    assert done.returncode == 0, done
    assert set(doc) >= {"cases", "letters", "parked", "refused"}
    for c in doc["cases"]:
        assert set(c) >= CASE_KEYS, CASE_KEYS - set(c)
        assert re.fullmatch(TIME, c["opened"]) and c["state"] == "new" and isinstance(c["fields"], dict) and isinstance(c["tags"], list)
        for k in c["clocks"]:
            assert set(k) >= {"name", "target", "started", "due", "paused_seconds", "met", "breached"} and re.fullmatch(TIME, k["due"])
        for e in c["entries"]:
            assert set(e) >= {"at", "what", "by", "why"} and re.fullmatch(TIME, e["at"])
    assert [c["subject"] for c in doc["cases"]] == ["Printer", "Help", "On holiday"]
    assert [c["case"].split("-")[1] for c in doc["cases"]] == ["00001", "00002", "00003"]
    assert [c["priority"] for c in doc["cases"]] == ["normal", "urgent", "normal"]
    assert sorted(c["rank"] for c in doc["cases"]) == [1, 2, 3] and doc["cases"][1]["rank"] == 1
    assert doc["cases"][0]["opened"] == "2026-03-10T10:00:00Z" and doc["cases"][0]["clocks"][0]["due"] == "2026-03-11T10:00:00Z"
    assert doc["cases"][1]["clocks"][0]["due"] == "2026-03-10T11:30:00Z" and doc["cases"][1]["clocks"][0]["breached"]
    assert [(l["kind"], l["at"], l["to"]) for l in doc["letters"]] == [
        ("ack", "2026-03-10T10:00:00Z", ["ann@customer.example"]), ("ack", "2026-03-10T10:30:00Z", ["bob@other.example"]),
        ("escalation", "2026-03-10T11:30:00Z", ["boss@example.com"])]
    for l in doc["letters"]:
        assert set(l) >= {"at", "kind", "case", "to", "subject", "message_id"} and l["at"] in json.dumps(doc)
    written = [m for m in mailbox.mbox(t.path("out.mbox"))]
    assert [m["Message-ID"].strip("<>") for m in written] == [l["message_id"] for l in doc["letters"]]
    assert [m["X-Ticketd-Kind"] for m in written] == ["ack", "ack", "escalation"]
    with open(t.path("out.mbox"), "rb") as f:
        raw = f.read()
    assert b"\r" not in raw and re.match(rb"From \S+ Tue Mar 10 10:00:00 2026\n", raw)


def test_simulate_gives_the_same_bytes_twice_and_others_with_another_key(t):
    outs = []
    for name, key in (("a", "00" * 32), ("b", "00" * 32), ("c", "11" * 32)):
        done, _ = simulate(t, sample(), "--key", key, name=name)
        with open(t.path(name + ".mbox"), "rb") as f:
            outs.append((done.stdout, f.read()))
    default, _ = simulate(t, sample(), name="d")
    assert outs[0] == outs[1] and default.stdout == outs[0][0] and outs[0][0] != outs[2][0]


def test_simulate_writes_nothing_but_out(t):
    os.makedirs(t.path("cwd"))
    os.chmod(t.path("cwd"), 0o555)
    done, doc = simulate(t, sample(), cwd=t.path("cwd"))
    assert done.returncode == 0 and done.stderr == ""
    assert sorted(os.listdir(t.dir)) == ["cwd", "in.mbox", "out.mbox", "ticketd.conf"] and os.listdir(t.path("cwd")) == []


def test_simulate_runs_until_the_time_it_is_told_inclusive(t):
    kinds = lambda doc: [l["kind"] for l in doc["letters"]]  # noqa: E731
    _, doc = simulate(t, sample(), "--until", "2026-03-10T11:29:59Z")
    assert kinds(doc) == ["ack", "ack"] and len(doc["cases"]) == 3
    _, doc = simulate(t, sample(), "--until", "2026-03-10T11:30:00Z")
    assert kinds(doc) == ["ack", "ack", "escalation"]
    _, doc = simulate(t, sample(), "--until", "2026-03-11T10:00:00Z")
    assert kinds(doc) == ["ack", "ack", "escalation", "escalation", "escalation"] or kinds(doc).count("escalation") >= 3
    assert [(l["to"], l["at"]) for l in doc["letters"]][2:4] == [(["boss@example.com"], "2026-03-10T11:30:00Z"), (["director@example.com"], "2026-03-10T15:30:00Z")]
    _, doc = simulate(t, sample(), "--until", "2026-03-10T10:15:00Z")
    assert len(doc["cases"]) == 1


def test_simulate_has_its_exit_codes(t):
    assert simulate(t, b"this is no mbox\n")[0].returncode == 65
    assert simulate(t, sample() + b"From somebody some day\nx\n")[0].returncode == 65
    done, _ = simulate(t, sample(), conf=CONF.replace('"8h"', '"soon"'))
    assert done.returncode == 78 and re.search(r"ticketd\.conf:\d+: ", done.stderr)
    done = t.run("ticketctl", "simulate", "--config", t.path("ticketd.conf"), "--in", t.path("nowhere"), "--out", t.path("o"))
    assert done.returncode in (66, 78)
    done, doc = simulate(t, b"")
    assert done.returncode == 0 and doc["cases"] == [] and doc["letters"] == []


def test_simulate_and_the_daemon_decide_alike(t):
    """The same mails through both: the same numbers of cases and letters, the same entries."""
    d = t.ticketd().start()
    mails = [mail(subject="a"), mail(subject="b", headers={"List-Id": "<l.example>"}), mail(subject="c")]
    mails.append(mail(subject="Re: a", in_reply_to="<%s>" % message_id_of(mails[0])))
    for m in mails + mails[:1]:
        assert d.lmtp_send(m) == 250
    d.idle()
    with open(d.conf) as f:
        conf = f.read()
    data = box(*(("Tue Mar 10 10:00:%02d 2026" % n, "ann@customer.example", m) for n, m in enumerate(mails + mails[:1])))
    _, doc = simulate(t, data, conf=conf)
    assert [[e["what"] for e in c["entries"]] for c in doc["cases"]] == [sorted_sent(d.show(c["case"])["entries"]) for c in d.cases()]
    assert len(doc["letters"]) == len(d.letters())


def sorted_sent(entries):
    """The daemon's relay answers when it answers: its entry belongs behind the letter's."""
    what = [e["what"] for e in entries if e["what"] != "sent"]
    for n in range(sum(e["what"] == "sent" for e in entries)):
        what.insert(what.index("letter") + 1, "sent")
    return what
