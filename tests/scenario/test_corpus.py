# SPDX-License-Identifier: ISC
"""The open mail corpus beside the project, where it lies there: what ticketctl parse makes of it stays as right as it was."""
import os
import subprocess
import sys

from harness import BUILD, ROOT

CORPUS = os.path.join(ROOT, "..", "shared", "corpus")


def test_the_line_reached_is_held(t):
    if not os.path.exists(os.path.join(CORPUS, "expected.jsonl")):
        t.skip("the corpus is not beside the project")
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/bench/corpus"), "--least", os.path.join(ROOT, "tests/bench/corpus.least"), "--misses",
                           os.path.join(BUILD, "bin/ticketctl"), "parse", "--json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")


def test_the_line_can_be_missed(t):
    """A reader that says nothing falls below it."""
    if not os.path.exists(os.path.join(CORPUS, "expected.jsonl")):
        t.skip("the corpus is not beside the project")
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/bench/corpus"), "--least", os.path.join(ROOT, "tests/bench/corpus.least"), "true"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 1 and b"answered fell below" in done.stdout, done.stdout.decode("utf-8", "replace")
