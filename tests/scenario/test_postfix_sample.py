# SPDX-License-Identifier: ISC
"""ticketd.conf.sample, changed as its own comments say, works with a Dovecot and a Postfix on loopback."""
import os
import re
import shutil

from harness import ROOT, body_of, free_port, mail, wait_until
from imap_box import cases_wait, connected, dovecot, secret, settled
from postfix import Postfix, available


def sample():
    with open(os.path.join(ROOT, "ticketd.conf.sample"), encoding="utf-8") as f:
        return f.read()


def block(text, title):
    """Where the section of that title stands, commented out or not."""
    found = re.search(r"^#?%s \{\n(?:.*\n)*?#?\}\n" % re.escape(title), text, re.M)
    assert found, title
    return found


def comment_out(text, title):
    found = block(text, title)
    return text[:found.start()] + re.sub(r"(?m)^", "#", found[0].rstrip("\n")) + "\n" + text[found.end():]


def uncomment(text, title):
    found = block(text, title)
    assert all(line.startswith("#") for line in found[0].splitlines()), "it is no comment: " + found[0]
    return text[:found.start()] + re.sub(r"(?m)^#", "", found[0]) + text[found.end():]


def say(text, old, new, title=None):
    """Replaces one piece of text, which must be there."""
    if title is not None:
        found = block(text, title)
        return text[:found.start()] + say(found[0], old, new) + text[found.end():]
    assert re.search(old, text, re.M), old
    return re.sub(old, lambda m: new, text, count=1, flags=re.M)


def for_a_try(t, box, p):
    """The last part of the file, sentence by sentence."""
    text = sample()
    text = uncomment(uncomment(text, 'relay "test-out"'), 'imap "test-in"')                                 # "Uncomment these two,"
    text = say(text, r'relay     = "provider"', 'relay     = "test-out"', 'desk "support"')                 # "say relay = "test-out" in the desk,"
    text = comment_out(comment_out(text, 'imap "mailbox"'), 'relay "provider"')                             # "and comment out …"
    text = say(text, r"^state-directory = .*", 'state-directory = "state"')                                 # "also say near the top: …"
    text = say(text, r"^control         = .*", 'control = "control"')
    text = say(text, r"port = 10025 ", "port = %d " % p.accept_port)
    return say(text, r"port     = 10143 ", "port     = %d " % box.port)


def daemon(t, text):
    d = t.ticketd(text=text)
    checked = t.run("ticketd", "-n", "-c", d.conf)
    assert checked.returncode == 0 and 'desk "support"' in checked.stdout, checked.stderr
    return d


def servers(t):
    if available():
        t.skip(available())
    box = dovecot(t)
    os.makedirs(t.path("d"))
    lmtp_port = free_port()
    p = Postfix(lmtp="inet:127.0.0.1:%d" % lmtp_port, relay_port=free_port(), accept_port=free_port()).start()
    p.lmtp_port = lmtp_port
    t.cleanup(p.stop)
    secret(t, "d/test.password", box.password)                  # "(umask 077; echo secret > test.password)"
    return box, p


def there_and_back(d, box, p, name):
    connected(d, name)
    box.append("support", mail(subject="The system is down", text="We cannot work.\n", to="support@example.com"))
    case = cases_wait(d, 1)[0]
    assert case["priority"] == "urgent" and case["queue"] == "support", case
    settled(box)
    ack = p.read_mail(1, recipient="ann@customer.example")
    assert len(ack) == 1, p.log()[-2000:]
    ack = ack[0]
    assert "[%s]" % case["case"] in ack["Subject"] and "support@example.com" in ack["From"] and case["case"] in body_of(ack)
    box.append("support", mail(subject="Re: " + ack["Subject"], to="support@example.com", in_reply_to=ack["Message-ID"], references=ack["Message-ID"]))
    wait_until(lambda: d.entries(case["case"], "appended"), "the answer")
    d.idle()
    assert len(d.cases()) == 1 and p.wait_until_empty()
    d.stop()


def test_sample_as_it_is_says_what_is_missing(t):
    """The untouched file is sound but for the password file that it names."""
    d = t.ticketd(text=sample())
    done = t.run("ticketd", "-n", "-c", d.conf)
    assert done.returncode == 78, done
    errors = done.stderr.strip().splitlines()
    assert errors and all(re.match(r"\S*ticketd\.conf:\d+: .*mail\.password", e) for e in errors), errors
    secret(t, "d/mail.password", "x")
    done = t.run("ticketd", "-n", "-c", d.conf)
    assert done.returncode == 0, done.stderr


def test_sample_on_loopback(t):
    box, p = servers(t)
    d = daemon(t, for_a_try(t, box, p)).start()
    there_and_back(d, box, p, "test-in")


def test_sample_with_encryption(t):
    """host = "localhost" … ca-file = "test-ca.pem", as the last lines say."""
    if available():
        t.skip(available())
    box = dovecot(t)
    os.makedirs(t.path("d"))
    p = Postfix(relay_port=free_port(), accept_port=free_port(), accept_options={
        "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": os.path.join(box.dir, "server.pem"),
        "smtpd_tls_key_file": os.path.join(box.dir, "server.key")}).start()
    t.cleanup(p.stop)
    secret(t, "d/test.password", box.password)
    shutil.copy(box.ca, t.path("d/test-ca.pem"))
    text = for_a_try(t, box, p)
    lines = {line.split("port = ")[1].split()[0]: line[1:].strip() for line in sample().splitlines() if 'host = "localhost"' in line}
    assert set(lines) == {"10587", "10993"}, lines
    for title, port, ours in (('relay "test-out"', "10587", p.accept_port), ('imap "test-in"', "10993", box.tls_port)):
        for setting in re.split(r"\s{2,}", lines[port].replace(port, str(ours))):
            name = setting.split()[0]
            text = say(text, r"^    %s\s*=.*" % name, "    " + setting, title) if name != "ca-file" else say(text, r"^\}", "    %s\n}" % setting, title)
    d = daemon(t, text).start()
    there_and_back(d, box, p, "test-in")


def test_sample_with_lmtp(t):
    """The second way in: your own mail server hands mail over."""
    box, p = servers(t)
    text = for_a_try(t, box, p)
    text = uncomment(text, 'lmtp "postfix"')
    text = say(text, r'"127\.0\.0\.1:2424"', '"127.0.0.1:%d"' % p.lmtp_port, 'lmtp "postfix"')
    text = say(text, r'"support@example\.com", "help@example\.com"', '"support@desk.example"')
    text = say(text, r'#authserv = \{ "mx\.example\.com" \}', 'authserv = { "mx.postfix.test" }')
    text = comment_out(text, 'imap "test-in"')
    d = daemon(t, text).start()
    proven = mail(subject="Our invoice of March", to="support@desk.example",
                  headers={"Authentication-Results": "mx.postfix.test; dmarc=pass header.from=customer.example"})
    assert p.send(proven, "ann@customer.example", "support@desk.example") == {}
    ack = p.read_mail(1, recipient="ann@customer.example")
    assert len(ack) == 1, p.log()[-2000:]
    assert "Our invoice of March" in ack[0]["Subject"], "a proven sender's words are repeated: %r" % ack[0]["Subject"]
    d.stop()


def test_sample_with_the_drawer(t):
    """Nothing leaves the house: letters lie as files."""
    if not os.path.exists("/usr/sbin/dovecot"):
        t.skip("Dovecot is not installed")
    box = dovecot(t)
    text = sample()
    text = uncomment(text, 'relay "drawer"')
    text = say(text, r'relay     = "provider"', 'relay = "drawer"', 'desk "support"')
    text = say(text, r'"/var/lib/ticketd/outbox"', '"outbox"', 'relay "drawer"')
    text = comment_out(text, 'relay "provider"')
    text = say(text, r"^state-directory = .*", 'state-directory = "state"')
    text = say(text, r"^control         = .*", 'control = "control"')
    text = say(text, r'host     = "imap\.example\.com".*', 'host = "localhost"\n    port = %d\n    ca-file = "%s"' % (box.tls_port, box.ca), 'imap "mailbox"')
    text = say(text, r'user     = ".*"', 'user = "support"', 'imap "mailbox"')
    os.makedirs(t.path("d"))
    secret(t, "d/mail.password", box.password)
    d = daemon(t, text).start()
    connected(d, "mailbox")
    box.append("support", mail(to="support@example.com"))
    assert d.letters_wait(1)[0]["X-Ticketd-Kind"] == "ack"
    d.stop()
