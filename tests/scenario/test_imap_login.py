# SPDX-License-Identifier: ISC
"""Who we are towards the IMAP server: LOGIN, PLAIN, XOAUTH2 with a token file; and what a wrong password leads to."""
import os

from fake_imap import FakeImap
from harness import mail, wait_until
from imap_box import cases_wait, connected, dovecot, refused, role, section, secret, ticketd


def takes_mail(t, box, **settings):
    d = ticketd(t, section(t, box.port, **settings)).start()
    connected(d)
    box.append("support", mail(subject="after the login"))
    assert cases_wait(d, 1)[0]["subject"] == "after the login"
    d.stop()


def methods(box):
    with open(os.path.join(box.dir, "dovecot.log"), encoding="utf-8") as f:
        return [w for line in f for w in line.split() if w.startswith("method=")]


def test_login(t):
    takes_mail(t, dovecot(t), auth='"login"')


def test_plain(t):
    box = dovecot(t)
    takes_mail(t, box, auth='"plain"')
    assert "method=PLAIN," in methods(box), methods(box)


def test_xoauth2_with_a_token_file(t):
    box = dovecot(t)
    takes_mail(t, box, auth='"xoauth2"', password=None, token_file='"%s"' % secret(t, "token", box.token))
    assert "method=XOAUTH2," in methods(box), methods(box)


def test_xoauth2_token_file_that_is_renewed_by_somebody_else(t):
    """A program beside us writes the token file: a refused token is read again from there."""
    box = dovecot(t)
    path = secret(t, "token", "an old one")
    d = ticketd(t, section(t, box.port, auth='"xoauth2"', password=None, token_file='"%s"' % path)).start()
    refused(d, "(?i)login")
    secret(t, "token", box.token)
    connected(d, timeout=30)
    d.stop()


def test_xoauth2_without_sasl_ir(t):
    fake = FakeImap("oauth", 0)
    t.cleanup(fake.close)
    d = ticketd(t, section(t, fake.port, auth='"xoauth2"', password=None, token_file='"%s"' % secret(t, "token", "good"))).start()
    connected(d)
    assert "AUTHENTICATE XOAUTH2" in fake.log, fake.log
    d.stop()


def test_wrong_password(t):
    """One try, then a pause: servers lock accounts. Status and log say it; the secret is in neither."""
    box = dovecot(t)
    d = ticketd(t, section(t, box.port, password="not the word")).start()
    said = refused(d, "(?i)authentication failed|login")
    assert "not the word" not in said
    d.log_wait("mailbox=box .*status=failed")
    pids = [role(d)["pid"]]
    box.append("support", mail())

    def attempts():
        with open(os.path.join(box.dir, "dovecot.log"), encoding="utf-8") as f:
            return sum("auth failed" in line for line in f)
    mark = d.log_mark()
    assert attempts() <= 1, attempts()
    # the pause is at least half a minute; what happens in it is seen by other events, not by the clock
    for _ in range(3):
        assert d.reload()
    assert attempts() <= 1, "the server was asked again at once"
    assert role(d)["pid"] in pids and not d.log_find("(?i)not the word") and d.log_mark() >= mark
    assert d.cases() == []
    d.configure(more=section(t, box.port))
    assert d.reload()
    connected(d)
    d.stop()


def test_password_file_that_is_open_to_others(t):
    d = ticketd(t, section(t, 143))
    os.chmod(t.path("password-box"), 0o644)
    done = t.run("ticketd", "-n", "-c", d.conf)
    assert done.returncode == 78 and "ticketd.conf:" in done.stderr and "password-box" in done.stderr, done.stderr


def test_server_that_is_not_there(t):
    """Connection refused: it waits, says so, and comes back by itself."""
    box = dovecot(t)
    box.stop()
    d = ticketd(t, section(t, box.port)).start()
    refused(d, "(?i)connect")
    box.start()
    connected(d, timeout=30)
    box.append("support", mail())
    cases_wait(d, 1)
    box.stop()
    refused(d, ".")
    box.start()
    box.append("support", mail())
    assert len(cases_wait(d, 2, timeout=40)) == 2
    wait_until(lambda: role(d)["ok"], "the mailbox to work again")
    d.stop()
