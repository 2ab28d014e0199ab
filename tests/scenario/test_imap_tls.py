# SPDX-License-Identifier: ISC
"""The line to the IMAP server: no login over one that is not proven."""
import os
import time

from harness import mail
from imap_box import cases_wait, connected, dovecot, refused, section, ticketd


def logins(box, since=0):
    with open(os.path.join(box.dir, "dovecot.log"), encoding="utf-8", errors="replace") as f:
        return [line for line in f.read()[since:].splitlines() if "Login: user=" in line or "auth failed" in line or "auth attempts in" in line and "no auth attempts" not in line]


def log_size(box):
    """Once Dovecot, which writes it through a process of its own, has nothing more to add from before."""
    path, size = os.path.join(box.dir, "dovecot.log"), -1
    while size != os.path.getsize(path):
        size = os.path.getsize(path)
        time.sleep(0.3)
    return size


def good(t, **settings):
    box = dovecot(t)
    d = ticketd(t, section(t, settings.pop("port")(box), ca_file='"%s"' % box.ca, **settings)).start()
    connected(d)
    box.append("support", mail(subject="over TLS"))
    assert cases_wait(d, 1)[0]["subject"] == "over TLS"
    d.stop()
    with open(os.path.join(box.dir, "dovecot.log"), encoding="utf-8") as f:
        assert ", TLS, session" in f.read()


def bad(t, pattern, **settings):
    """The connection is refused with these words in log and status, and no password has left the house."""
    box = dovecot(t)
    mark = log_size(box)
    port, ca = settings.pop("port")(box), settings.pop("ca", lambda b: b.ca)(box)
    d = ticketd(t, section(t, port, ca_file=None if ca is None else '"%s"' % ca, **settings)).start()
    refused(d, pattern)
    d.log_wait(r"mailbox=box .*" + pattern + ".*status=failed")
    d.stop()
    assert logins(box, mark) == []


def test_tls_with_the_right_authority(t):
    good(t, port=lambda b: b.tls_port, tls='"tls"', host='"localhost"')


def test_starttls_with_the_right_authority(t):
    good(t, port=lambda b: b.port, tls='"starttls"', host='"localhost"')


def test_tls_wrong_host_name_is_refused(t):
    bad(t, r"certificate of 127\.0\.0\.1: the name does not match", port=lambda b: b.tls_port, tls='"tls"')


def test_tls_unknown_authority_is_refused(t):
    bad(t, r"certificate of localhost: its issuer is unknown", port=lambda b: b.tls_port, tls='"tls"', host='"localhost"', ca=lambda b: b.other_ca)


def test_tls_authority_that_the_system_does_not_know_is_refused(t):
    bad(t, r"certificate of localhost: its issuer is unknown", port=lambda b: b.tls_port, tls='"tls"', host='"localhost"', ca=lambda b: None)


def test_starttls_wrong_host_name_is_refused(t):
    bad(t, r"certificate of 127\.0\.0\.1: the name does not match", port=lambda b: b.port, tls='"starttls"')


def test_starttls_unknown_authority_is_refused(t):
    bad(t, r"certificate of localhost: its issuer is unknown", port=lambda b: b.port, tls='"starttls"', host='"localhost"', ca=lambda b: b.other_ca)


def test_tls_to_a_plain_port_is_refused(t):
    bad(t, r"localhost.*TLS|TLS.*localhost|handshake", port=lambda b: b.port, tls='"tls"', host='"localhost"')


def test_plain_is_for_loopback_only(t):
    for host, code in (('"imap.example.com"', 78), ('"192.0.2.1"', 78), ('"127.0.0.1"', 0), ('"localhost"', 0), ('"::1"', 0)):
        d = ticketd(t, section(t, 143, host=host), name="d" + host.strip('"').replace(":", "_"))
        done = t.run("ticketd", "-n", "-c", d.conf)
        assert done.returncode == code, (host, done)
        if code != 0:
            assert "ticketd.conf:" in done.stderr and "in the clear" in done.stderr, done.stderr
