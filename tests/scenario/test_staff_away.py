# SPDX-License-Identifier: ISC
"""Who is away is on the disk: a daemon that ends in whatever way knows it when it is back."""
import datetime

from harness import body_of, wait_until
from test_ops_revoke import address, numbers, opened, say

ANNA = "anna@example.com"


def answer(d, words):
    """What Anna is told about a mail of commands."""
    before = [l["Message-ID"] for l in d.letters("result")]
    say(d, ANNA, address(d, ANNA, numbers(d)[0]), words)
    fresh = wait_until(lambda: [l for l in d.letters("result") if l["Message-ID"] not in before], "an answer to " + words)
    return " ".join(body_of(fresh[0]).split())


def test_away_survives_a_restart(t):
    d = opened(t)
    until = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()
    for again in (d.restart, lambda: (d.kill(), d.start())):
        assert "You are away" in answer(d, "#away until " + until)
        again()
        assert "Welcome back" in answer(d, "#back")
        again()
        assert "so already" in answer(d, "#back")
