# SPDX-License-Identifier: ISC
"""XOAUTH2 from a refresh token: the token role asks a token endpoint, core keeps what is rotated, sealed."""
import base64
import os
import time

from dovecot import make_certificates
from fake_imap import FakeImap
from fake_oauth import FakeOauth
from harness import wait_until
from imap_box import cases_wait, connected, put, refused, role, secret, section, ticketd
from imap_box import fake as server


class Box(FakeImap):
    """XOAUTH2 with the tokens that the endpoint holds for good."""
    oauth = None
    tokens = ()
    connections = ()

    def do_authenticate(self, f, tag, rest):
        f.write(b"+ \r\n")
        given = base64.b64decode(f.readline())
        token = given.partition(b"auth=Bearer ")[2].partition(b"\1")[0].decode()
        self.tokens = tuple(self.tokens) + (token,)
        if token not in self.oauth.valid or b"user=support\1" not in given:
            f.write(b"+ " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
            f.readline()
            return "NO [AUTHENTICATIONFAILED] token is not good"
        return None

    def serve(self, conn):
        self.connections = tuple(self.connections) + (conn,)
        super().serve(conn)

    def drop(self):
        for conn in self.connections:
            try:
                conn.shutdown(2)
            except OSError:
                pass


def oauth_section(t, oauth, refresh="refresh-1", **settings):
    s = {"endpoint": '"%s"' % oauth.url, "client-id": '"ticketd"', "refresh-token": '"%s"' % secret(t, "refresh", refresh), "scope": '"IMAP offline"'}
    s.update((k.replace("_", "-"), v) for k, v in settings.items())
    return 'oauth "cloud" {\n%s}\n' % "".join("    %s = %s\n" % pair for pair in s.items() if pair[1] is not None)


def world(t, settings=None, **options):
    oauth = FakeOauth(**options)
    t.cleanup(oauth.close)
    box = server(t, "oauth", kind=Box)
    box.oauth = oauth
    d = ticketd(t, oauth_section(t, oauth, **(settings or {})), section(t, box.port, auth='"xoauth2"', password=None, oauth='"cloud"', poll='"1s"'))
    return oauth, box, d


def bytes_below(*folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        yield path, f.read()


def test_refresh_token_brings_an_access_token(t):
    secret(t, "client", "client word")
    oauth, box, d = world(t, {"client_secret": '"%s"' % t.path("client")}, client_secret="client word")
    d.start()
    connected(d)
    put(box, 1)
    d.restart()
    cases_wait(d, 1)
    assert oauth.requests[0] == {"grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "ticketd", "client_secret": "client word",
                                 "scope": "IMAP offline"}, oauth.requests
    assert role(d, "cloud", "token")["ok"]
    d.stop()


def test_rotated_refresh_token_is_kept_sealed(t):
    oauth, box, d = world(t)
    d.start()
    connected(d)
    d.kill()                                    # the harshest of restarts
    d.start()
    connected(d)
    d.restart()
    connected(d)
    assert [r["refresh_token"] for r in oauth.requests] == ["refresh-1", "rotated-refresh-1", "rotated-refresh-2"]
    d.stop()
    for path, data in bytes_below(d.dir):
        assert b"rotated-refresh" not in data and b"access-" not in data, "a token stands open in " + path


def test_expired_access_token_is_refreshed(t):
    oauth, box, d = world(t)
    d.start()
    connected(d)
    for n in range(2, 4):
        oauth.valid.clear()
        box.drop()
        wait_until(lambda: "access-%d" % n in box.tokens, "a fresh token", 30)
        connected(d, timeout=30)
    assert len(oauth.requests) == 3 and not [r for r in d.log_find("access-|refresh-")]
    put(box, 1)
    box.drop()                                  # with a good token nothing is asked for
    cases_wait(d, 1)
    assert len(oauth.requests) == 3
    d.stop()


def test_token_of_a_short_life(t):
    """Used while it is good, renewed when half of its life is over, and the endpoint is not asked without end."""
    oauth, box, d = world(t, lifetime=6, rotate=False)
    d.start()
    connected(d)
    assert len(oauth.requests) == 1
    at = time.monotonic()

    def renewed():
        mark = len(box.tokens)
        os.kill(role(d)["pid"], 9)
        wait_until(lambda: len(box.tokens) > mark, "the next login")
        return "access-2" in box.tokens
    wait_until(renewed, "the second token", step=0.5)
    assert time.monotonic() - at > 1.5, "it was still good"
    connected(d)
    assert {r["refresh_token"] for r in oauth.requests} == {"refresh-1"} and len(oauth.requests) <= 5, len(oauth.requests)
    d.stop()


def test_endpoint_that_refuses(t):
    """Status and log say why; a new token that the operator puts into the file is used, though an old one is kept."""
    oauth, box, d = world(t)
    d.start()
    connected(d)
    d.stop()
    oauth.refresh = "by the operator"           # the provider has thrown ours away
    d.start(ready=False)
    d.note_wait("^READY=1")
    said = wait_until(lambda: (lambda r: r["said"] if not r["ok"] and "invalid_grant" in r["said"] else None)(role(d, "cloud", "token")), "the refusal")
    assert "400" in said
    d.log_wait("alarm: role=token name=cloud action=refresh .*status=failed")
    assert not role(d)["ok"] or role(d)["state"] != "running"
    time.sleep(1.1)                             # the file must be newer than what is kept, in whole seconds
    secret(t, "refresh", "by the operator")
    d.stop()
    d.start()
    connected(d)
    assert oauth.requests[-1]["refresh_token"] == "by the operator"
    d.stop()


def test_endpoint_over_https(t):
    os.mkdir(t.path("tls"))
    make_certificates(t.path("tls"))
    for ca, good in (("ca.pem", True), ("other-ca.pem", False)):
        oauth = FakeOauth(cert=t.path("tls/server.pem"), key=t.path("tls/server.key"))
        t.cleanup(oauth.close)
        box = server(t, "oauth", kind=Box)
        box.oauth = oauth
        d = ticketd(t, oauth_section(t, oauth, ca_file='"%s"' % t.path("tls", ca)),
                    section(t, box.port, auth='"xoauth2"', password=None, oauth='"cloud"'), name=ca).start(ready=good)
        if good:
            connected(d)
        else:
            d.note_wait("^READY=1")
            d.log_wait("role=token name=cloud action=refresh .*certificate.*status=failed")
            assert "certificate" in role(d, "cloud", "token")["said"] and oauth.requests == [] and box.tokens == ()
        d.stop()


def test_endpoint_in_the_clear_is_refused(t):
    oauth, box, d = world(t)
    d.configure(more=oauth_section(t, oauth, endpoint='"http://login.example.com/token"'))
    done = t.run("ticketd", "-n", "-c", d.conf)
    assert done.returncode == 78 and "ticketd.conf:" in done.stderr and "endpoint" in done.stderr, done.stderr
