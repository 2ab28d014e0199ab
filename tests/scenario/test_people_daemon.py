# SPDX-License-Identifier: ISC
"""One tap after the other through the daemon itself: what its letters' links make comes back by LMTP, as a mail program sends it."""
import re
import urllib.parse

from harness import body_of, mail, wait_until
from relay_box import PLENTY

TRUST = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=customer.example"}


def link(letter, subject):
    html = re.sub(r"\r?\n", "", letter.get_body(("html",)).get_content()).replace("&amp;", "&")
    for url in re.findall(r'href="(mailto:[^"]+)"', html):
        to, _, fields = url[len("mailto:"):].partition("?")
        fields = dict(urllib.parse.parse_qsl(fields, strict_parsing=True))
        assert len(url) < 1900
        if fields["subject"].startswith(subject):
            return urllib.parse.unquote(to), fields["subject"], fields["body"]
    raise AssertionError((subject, html))


def tap(d, letter, subject, proven=True):
    to, head, text = link(letter, subject)
    assert d.lmtp_send(mail(subject=head, text=text + "\n\nSent from my iPhone\n", to=to, headers=TRUST if proven else {}), to=to) == 250


def newest(d, kind, count):
    wait_until(lambda: len(d.letters(kind)) >= count, lambda: "%d of %s: %r" % (count, kind, [l["X-Ticketd-Kind"] for l in d.letters()]))
    return sorted(d.letters(kind), key=lambda l: int(re.search(r"ticketd\.\d+\.(\d+)\.", l["Message-ID"]).group(1)))[-1]


def test_taps_and_marks(t):
    d = t.ticketd(lmtp={"trust-auth": "true"}, desk={"budget": PLENTY, "reply-address": '"plus"', "authserv": '{ "mx.example.com" }'}).start()
    assert d.lmtp_send(mail(subject="Buy now", headers=dict(TRUST, **{"X-Spam-Flag": "YES"}))) == 250
    d.idle()
    marked = d.cases()[0]["case"]
    assert not d.letters() and [e["what"] for e in d.entries(marked)] == ["opened", "spam"], d.entries(marked)
    assert d.lmtp_send(mail(subject="The ledger does not open", headers=TRUST)) == 250
    ack = newest(d, "ack", 1)
    number = ack["X-Ticketd-Case"]
    tap(d, ack, "Status", proven=False)
    status = newest(d, "status", 1)
    assert "New" in body_of(status) and "PC LOAD LETTER" in " ".join(body_of(status).split()), body_of(status)
    tap(d, status, "My cases", proven=False)
    cases = body_of(newest(d, "status", 2))
    assert number in cases and marked in cases
    tap(d, status, "Close", proven=False)
    tap(d, status, "Close", proven=False)
    wait_until(lambda: "done already" in " ".join(e["why"] or "" for e in d.entries(number, "command")), "a second tap")
    case = [c for c in d.cases() if c["case"] == number][0]
    assert case["state"] == "closed" and len(d.entries(number, "command")) == 4
    d.idle()
    d.stop()
