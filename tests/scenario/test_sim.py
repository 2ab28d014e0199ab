# SPDX-License-Identifier: ISC
"""The fault simulator: two thousand mails of seeds that are always the same, a seed is a run to the byte, and bugs that it must find.
`make soak` runs a million mails of new seeds and all of the bugs."""
import os
import re
import subprocess

from harness import ROOT

PROVE = os.path.join(ROOT, "tests/sim/prove")


def sim(t, *args):
    program = os.path.join(t.build, "sim/sim")
    if not os.access(program, os.X_OK):
        t.skip("sim/sim is not built: make sim")
    done = subprocess.run([program, "--out", t.path(".")] + list(args), cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_two_thousand_mails(t):  # at most 600 s
    code, out, err = sim(t, "--seed", "1", "--total", "2000", "--mails", "200")
    assert code == 0, out + err
    said = re.search(r"ok: .* (\d+) mails in .* (\d+) lives, (\d+) crashes", out)
    assert int(said[1]) >= 2000 and int(said[2]) > 20 and int(said[3]) > 10, out


def test_a_seed_is_a_run(t):  # at most 300 s
    one, two = (sim(t, "--seed", "7", "--mails", "60", "--verbose") for _ in range(2))
    fold = [re.sub(r"ticketd-sim-\w+", "FOLDER", run[2]) for run in (one, two)]
    assert one[0] == 0 and one[1] == two[1] and fold[0] == fold[1] and len(fold[0]) > 10000


def test_what_a_script_says(t):  # at most 300 s
    path = t.path("some.script")
    with open(path, "w", encoding="ascii") as f:
        f.write("# two mails, the first one's core ends before its commit\ncrash 0 0 1 0\nmail 1 1 2 60\nmail 2 2 3 60\n")
    code, out, err = sim(t, "--script", path, "--verbose")
    assert code == 0 and "ok: 3 steps, 2 mails" in out, out + err
    assert "by a crash" in err and err.count("taken\n") == 2, err
    with open(path, "w", encoding="ascii") as f:
        f.write("mail 1 one 2 3\n")
    code, out, err = sim(t, "--script", path)
    assert code == 65 and "no script" in err, out + err


def test_a_bug_is_found_and_cut_down(t):  # at most 900 s
    if not os.access(os.path.join(t.build, "sim/sim"), os.X_OK) or "plain" not in os.path.basename(t.build):
        t.skip("needs the objects of build/plain")
    done = subprocess.run([PROVE, "--build", t.build, "--shrink", "row-stays"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 found" in done.stdout, done.stdout
    left = [int(n) for n in re.findall(r"(\d+) steps are left", done.stdout)]
    assert len(left) == 1 and left[0] < 30, done.stdout
