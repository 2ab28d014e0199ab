# SPDX-License-Identifier: ISC
"""The table of attacks in ticketd(8): each test that it names is there, and each attack that is played stands in it."""
import os
import re

from harness import ROOT


def test_each_attack_of_the_manual_has_its_test(t):
    with open(os.path.join(ROOT, "man/ticketd.8"), encoding="utf-8") as f:
        page = f.read()
    table = page[page.index(".Ss Attacks by mail"):]
    named = re.findall(r"^\.Pa (test_\w+\.py) :\n\.Li (test_\w+)$", table, re.M)
    assert len(named) >= 20 and len(set(named)) == len(named) == len(re.findall(r"(?m)^\.It ", table[:table.index(".El")]))
    for file, name in named:
        with open(os.path.join(ROOT, "tests/scenario", file), encoding="utf-8") as f:
            assert re.search(r"(?m)^def %s\(t\):" % name, f.read()), (file, name)
    with open(os.path.join(ROOT, "tests/scenario/test_attack_mail.py"), encoding="utf-8") as f:
        played = set(re.findall(r"(?m)^def (test_\w+)\(t\):", f.read()))
    assert played == {n for f, n in named if f == "test_attack_mail.py"}
