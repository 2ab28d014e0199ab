# SPDX-License-Identifier: ISC
"""The way to the relay: TLS, who we are, connections, envelopes; and what letters are made of."""
import email
import email.policy
import os
import re
import time

from dovecot import make_certificates
from fake_oauth import FakeOauth
from harness import body_of, mail, message_id_of, wait_until
from relay_box import lane, sink, taken, taken_wait, ticketd


def secret(t, name, text):
    with open(t.path(name), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(text + "\n")
    return '"%s"' % t.path(name)


def certificates(t):
    if not os.path.exists(t.path("tls")):
        os.mkdir(t.path("tls"))
        make_certificates(t.path("tls"))
    return {"cert": t.path("tls/server.pem"), "key": t.path("tls/server.key")}


def ca(t, name="ca.pem"):
    return '"%s"' % t.path("tls", name)


def message(m):
    return email.message_from_bytes(m["data"], policy=email.policy.default)


# ---- TLS

def test_starttls_and_tls_with_the_right_authority(t):
    for tls in ("starttls", "tls"):
        s = sink(t, tls=tls, **certificates(t))
        d = ticketd(t, s, name=tls, tls='"%s"' % tls, host='"localhost"', ca_file=ca(t))
        assert d.lmtp_send(mail()) == 250
        assert taken_wait(s, 1)[0]["tls"]
        d.stop()


def not_sent(t, words, name, host, tls, authority):
    """The letter stays here, log and status say why, and it is tried again."""
    s = sink(t, tls=tls, **certificates(t))
    d = ticketd(t, s, name=name, clock=True, tls='"%s"' % tls, host='"%s"' % host, **({"ca_file": ca(t, authority)} if authority else {}))
    assert d.lmtp_send(mail()) == 250
    d.log_wait("letter=1 kind=ack attempt=1 code=0 text=.*(%s).* status=deferred" % words)
    assert not lane(d)["ok"] and re.search(words, lane(d)["said"]), lane(d)
    assert s.mails == [] and "MAIL" not in s.commands and "AUTH" not in s.commands, s.commands
    assert d.status()["letters_waiting"] == 1
    d.clock.forward(70)
    d.clock.tick()
    d.log_wait("letter=1 kind=ack attempt=2 .* status=deferred")
    assert s.mails == [] and "failed" not in [e["what"] for e in d.entries(d.cases()[0]["case"])]
    d.stop()


def test_wrong_certificates(t):
    for tls in ("starttls", "tls"):
        not_sent(t, "(?i:certificate|issuer)", tls + "-ca", "localhost", tls, "other-ca.pem")
        not_sent(t, "(?i:certificate|issuer)", tls + "-system", "localhost", tls, None)
        not_sent(t, "(?i:certificate|name|match)", tls + "-name", "127.0.0.1", tls, "ca.pem")


def test_starttls_that_is_not_offered(t):
    certificates(t)
    s = sink(t)
    d = ticketd(t, s, tls='"starttls"', host='"localhost"', ca_file=ca(t))
    assert d.lmtp_send(mail()) == 250
    d.log_wait("letter=1 .*STARTTLS.* status=deferred")
    assert "MAIL" not in s.commands
    d.stop()


def test_plain_is_for_loopback_only(t):
    for host, code in (("smtp.example.com", 78), ("198.51.100.7", 78), ("127.0.0.1", 0), ("localhost", 0)):
        d = ticketd(t, sink(t), name="d" + host, start=False, host='"%s"' % host)
        done = t.run("ticketd", "-n", "-c", d.conf)
        assert done.returncode == code and ("in the clear" in done.stderr) == (code != 0), (host, done)


# ---- who we are

def test_auth_plain_and_login(t):
    for auth in ("plain", "login"):
        s = sink(t, tls="starttls", auth=["login", "plain"], **certificates(t))
        d = ticketd(t, s, name=auth, tls='"starttls"', host='"localhost"', ca_file=ca(t), auth='"%s"' % auth, user='"user"',
                    password=secret(t, "password", "secret"))
        assert d.lmtp_send(mail()) == 250
        letter = taken_wait(s, 1)[0]
        assert letter["auth"] == auth.upper() and letter["tls"], letter
        d.stop()


def test_auth_xoauth2_with_a_token_file(t):
    s = sink(t, auth=["xoauth2"], password="token word")
    d = ticketd(t, s, auth='"xoauth2"', user='"user"', token_file=secret(t, "token", "token word"))
    assert d.lmtp_send(mail()) == 250
    assert taken_wait(s, 1)[0]["auth"] == "XOAUTH2"
    d.stop()


def test_auth_xoauth2_with_a_refresh_token(t):
    """A token that the relay no longer takes is renewed, and no letter suffers for it."""
    oauth = FakeOauth()
    t.cleanup(oauth.close)
    s = sink(t, auth=["xoauth2"], password="access-1")
    cloud = 'oauth "cloud" {\n    endpoint = "%s"\n    client-id = "x"\n    refresh-token = %s\n}\n' % (oauth.url, secret(t, "refresh", "refresh-1"))
    d = ticketd(t, s, clock=True, more=cloud, auth='"xoauth2"', user='"user"', oauth='"cloud"')
    assert d.lmtp_send(mail()) == 250
    taken_wait(s, 1)
    s.password = "access-2"
    os.kill(lane(d)["pid"], 9)              # the connection that is logged in ends
    wait_until(lambda: lane(d)["state"] == "running", "the lane")
    assert d.lmtp_send(mail()) == 250
    d.log_wait("letter=2 .*status=deferred")
    wait_until(lambda: len(oauth.requests) == 2, "a fresh token")
    wait_until(lambda: lane(d)["state"] == "running", "the lane")
    d.clock.forward(70)
    d.clock.tick()
    assert len(taken_wait(s, 2)) == 2
    assert "failed" not in [e["what"] for c in d.cases() for e in d.entries(c["case"])]
    d.stop()


def test_wrong_password_is_for_now(t):
    """It says nothing of the letters: they wait until the operator has put it right."""
    s = sink(t, auth=["plain"])
    d = ticketd(t, s, clock=True, auth='"plain"', user='"user"', password=secret(t, "password", "not it"))
    assert d.lmtp_send(mail()) == 250
    d.log_wait("letter=1 .*535 5.7.8 wrong user or password.* status=deferred")
    assert "535" in lane(d)["said"] and not d.log_find("not it")
    secret(t, "password", "secret")
    assert d.reload()
    wait_until(lambda: lane(d)["state"] == "running", "the lane")
    d.clock.forward(70)
    d.clock.tick()
    assert taken_wait(s, 1)[0]["auth"] == "PLAIN"
    assert "failed" not in [e["what"] for e in d.entries(d.cases()[0]["case"])]
    d.stop()


def test_relay_that_wants_a_login_first(t):
    s = sink(t, {"mail": ["530 5.7.0 authentication required"]})
    d = ticketd(t, s, clock=True)
    assert d.lmtp_send(mail()) == 250
    d.log_wait("letter=1 .*530 5.7.0 .* status=deferred")
    d.clock.forward(70)
    d.clock.tick()
    taken_wait(s, 1)
    d.stop()


# ---- connections

def test_one_connection_for_many_letters(t):
    s = sink(t)
    d = ticketd(t, s)
    d.lmtp_flood([mail(sender="c%d@customer.example" % n) for n in range(200)]).finish()
    letters = taken_wait(s, 200, 30)
    assert s.connections == 1, s.connections
    assert len(letters) == 200 and len({l["to"][0] for l in letters}) == 200
    d.stop()


def test_lanes_side_by_side(t):
    """Four lanes, four connections; a relay that is slow with one letter holds up that lane alone."""
    s = sink(t, {"dot": ["stall"]})
    d = ticketd(t, s, lanes=4)
    assert d.lmtp_send(mail()) == 250
    wait_until(lambda: s.mails, "the letter that stalls")
    d.lmtp_flood([mail(sender="c%d@customer.example" % n) for n in range(60)]).finish()
    letters = taken_wait(s, 60, 30)
    assert len(letters) == 60 and s.connections <= 4
    assert len({m["connection"] for m in letters}) <= 3
    d.stop(within=2)


def test_relay_that_closes_idle_connections(t):
    """The next letter finds a dead connection: it opens another at once and no try is lost."""
    s = sink(t)
    d = ticketd(t, s)
    for n in range(3):
        assert d.lmtp_send(mail(sender="c%d@customer.example" % n)) == 250
        taken_wait(s, n + 1)
        d.idle()
        s.drop()
    assert not d.log_find("status=deferred") and s.connections == 3
    d.stop()


def test_stop_does_not_wait_for_a_relay(t):
    s = sink(t, {"mail": "stall"})
    d = ticketd(t, s)
    assert d.lmtp_send(mail()) == 250
    wait_until(lambda: "MAIL" in s.commands, "the relay to stall")
    at = time.monotonic()
    d.stop(within=2)
    assert time.monotonic() - at < 5


# ---- envelopes

def envelope(t, kind, reply="plain"):
    s = sink(t)
    d = ticketd(t, s, envelope='"%s"' % kind, desk={"reply-address": '"%s"' % reply})
    assert d.lmtp_send(mail()) == 250
    letter = taken_wait(s, 1)[0]
    return d, s, letter


def test_envelope_plain(t):
    d, _, letter = envelope(t, "plain")
    assert letter["from"] == "support@example.com" and letter["to"] == ["ann@customer.example"]
    assert "SIZE=%d" % len(letter["data"]) in letter["parameters"], letter["parameters"]
    d.stop()


def test_envelope_null(t):
    d, _, letter = envelope(t, "null")
    assert letter["from"] == ""
    d.stop()


def test_envelope_signed(t):
    """support+TOKEN@: a report that comes back to it is known without a look at its text."""
    d, s, letter = envelope(t, "signed", "plus")
    assert re.fullmatch(r"support\+[a-z2-7]{32}@example\.com", letter["from"]), letter["from"]
    report = (b"From: MAILER-DAEMON@relay.example\r\nTo: <%s>\r\nSubject: Undelivered\r\nDate: Tue, 10 Mar 2026 10:00:00 +0000\r\n"
              b"Message-ID: <bounce@relay.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
              b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
              b"--b\r\nContent-Type: text/plain\r\n\r\nno such person\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
              b"Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; ann@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
              b"Diagnostic-Code: smtp; 550 5.1.1 no such person\r\n\r\n--b--\r\n" % letter["from"].encode())
    assert d.lmtp_send(report, to=letter["from"], sender="") == 250
    cases = d.cases()
    assert len(cases) == 1, cases
    entry = d.entries(cases[0]["case"], "report")
    assert entry and entry[0]["recipient"] == "ann@customer.example" and "5.1.1" in entry[0]["detail"], d.show(cases[0]["case"])
    d.idle()
    assert len([m for m in taken(s) if m["to"] == ["ann@customer.example"]]) == 1, "reports are not answered"
    d.stop()


# ---- bytes

def strict(data):
    """RFC 5322 as it goes over the wire."""
    assert data.endswith(b"\r\n") and b"\r" not in data.replace(b"\r\n", b"") and b"\n" not in data.replace(b"\r\n", b"") and b"\0" not in data
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert all(byte < 128 for byte in data), "7 bits"
    head = data.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.split(":")[0].lower() for line in head.split("\r\n") if line[0] not in " \t"]
    for once in ("from", "to", "subject", "date", "message-id", "mime-version", "in-reply-to", "references", "auto-submitted"):
        assert names.count(once) <= 1, once
    return names


def test_bytes_of_an_acknowledgement(t):
    s = sink(t)
    d = ticketd(t, s)
    question = mail(subject="Drucker druckt nicht: äöü €", sender='"Ünal, Ann" <ann@customer.example>', references="<older@customer.example>")
    assert d.lmtp_send(question) == 250
    raw = taken_wait(s, 1)[0]["data"]
    names = strict(raw)
    for name in ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "mime-version", "x-ticketd-case",
                 "x-ticketd-kind", "x-auto-response-suppress"):
        assert name in names, name
    m = email.message_from_bytes(raw, policy=email.policy.default)
    number = d.cases()[0]["case"]
    assert m["X-Ticketd-Case"] == number and m["X-Ticketd-Kind"] == "ack" and m["Auto-Submitted"] == "auto-replied"
    assert "[%s]" % number in m["Subject"] and number in body_of(m)
    assert m["In-Reply-To"] == "<%s>" % message_id_of(question)
    assert m["References"].split()[-1] == "<%s>" % message_id_of(question)
    assert m["From"] == "Example Support <support@example.com>" and m["To"].addresses[0].addr_spec == "ann@customer.example"
    assert re.fullmatch(r"<[^<>@\s]+@example\.com>", m["Message-ID"]) and not m.defects
    assert m.get_content_type() == "multipart/alternative" and [p.get_content_type() for p in m.iter_parts()] == ["text/plain", "text/html"]
    assert max(len(line) for line in body_of(m).splitlines()) <= 72
    d.stop()


def test_bytes_with_everything_that_strangers_write(t):
    """Names, subjects and ids of hostile mails: the letters stay letters."""
    s = sink(t)
    d = ticketd(t, s, desk={"authserv": '{ "mx.example.com" }'}, start=False)
    d.configure(lmtp={"trust-auth": "true"})
    d.start()
    proof = "mx.example.com; dmarc=pass header.from=customer.example"
    subjects = ["x" * 5000, "=?utf-8?B?%s?=" % "w6TDtsO8" * 40, "=?utf-8?Q?a=0D=0ABcc:_evil@example.net?=", "tab\there", "日本語" * 300, "", "[CAS-00001-XXXX] " * 50]
    for n, subject in enumerate(subjects):
        question = mail(subject=subject, sender='"%s" <c%d@customer.example>' % ("N" * 900 if n % 2 else "=?utf-8?Q?a=0D=0Ab?=", n),
                        headers=[("Authentication-Results", proof), ("References", " ".join("<%d.%s@x>" % (k, "r" * 100) for k in range(120)))],
                        message_id="<%s%d@customer.example>" % ("i" * 300, n))
        assert d.lmtp_send(question) == 250
    letters = taken_wait(s, len(subjects))
    for m in letters:
        names = strict(m["data"])
        assert "bcc" not in names and names.count("subject") == 1
        assert len(m["to"]) == 1
    assert len({message(m)["Message-ID"] for m in letters}) == len(subjects)
    d.stop()


def test_a_dot_alone_on_a_line(t):
    s = sink(t)
    d = ticketd(t, s, desk={"from-name": '"."'})
    assert d.lmtp_send(mail()) == 250
    raw = taken_wait(s, 1)[0]["data"]
    strict(raw)
    assert "." in body_of(email.message_from_bytes(raw, policy=email.policy.default)).splitlines(), raw
    assert raw.rstrip().endswith(b"--"), "nothing is cut off"
    d.stop()


def test_letters_thread_in_the_customers_client(t):
    """Two mails of a case: what is written to the customer refers to them, and his answer to it is an entry of the case."""
    s = sink(t)
    d = ticketd(t, s)
    question = mail()
    assert d.lmtp_send(question) == 250
    ack = message(taken_wait(s, 1)[0])
    answer = mail(subject="Re: " + ack["Subject"], in_reply_to=ack["Message-ID"], references=ack["References"] + " " + ack["Message-ID"])
    assert d.lmtp_send(answer) == 250
    assert len(d.cases()) == 1
    assert [e["what"] for e in d.entries(d.cases()[0]["case"])].count("appended") == 1
    d.stop()
