# SPDX-License-Identifier: ISC
"""The bar of a long simulation: on a terminal, when it takes long, and nowhere else."""
import os
import pty
import re
import subprocess

from harness import mail
from test_core_tools import box
from test_letters_words import CONF


def prepared(t, n):
    with open(t.path("ticketd.conf"), "w") as f:
        f.write(CONF % "")
    with open(t.path("in.mbox"), "wb") as f:
        f.write(box(*(("Tue Mar 10 %02d:%02d:%02d 2026" % (8 + i // 3600, i // 60 % 60, i % 60), "ann@customer.example", mail(subject="Matter %d" % i)) for i in range(n))))
    return [os.path.join(t.build, "bin/ticketctl"), "simulate", "--config", t.path("ticketd.conf"), "--in", t.path("in.mbox"), "--out", t.path("out.mbox")]


def seen(command, **environment):
    """What standard error shows, when it is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs, env=dict(os.environ, **environment))
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:                 # so a terminal ends
            break
        if not part:
            break
        text += part
    os.close(ours)
    assert process.wait() == 0, text
    return text.decode()


def test_a_bar_on_a_terminal_when_it_takes_long(t):
    n, text = 500, ""
    while n <= 32000 and not text:              # as many as this machine needs over a second for
        command = prepared(t, n)
        text = seen(command, TERM="xterm")
        n *= 2
    assert re.search(r"\rsimulate \[#*\.*\] +\d+ %", text) and text.endswith("\r\x1b[K"), repr(text[-200:])
    percents = [int(p) for p in re.findall(r"(\d+) %", text)]
    assert percents == sorted(percents) and percents[-1] <= 100 and all(len(b) == 40 for b in re.findall(r"\[([#.]+)\]", text)), percents
    assert not seen(command, TERM="dumb")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0 and done.stderr == b"" and b"%" not in done.stdout[:200]


def test_no_bar_when_it_is_short(t):
    assert not seen(prepared(t, 1), TERM="xterm")
