# SPDX-License-Identifier: ISC
"""Each fuzzer for ten seconds over the inputs that are kept in tests/fuzz/corpus and what this tree holds of its kind. `make soak` runs
them longer. `make check` builds them; a tests/run of one's own finds those of the last build."""
import os
import subprocess
import sys

from harness import ROOT

FOLDER = os.environ.get("TICKETD_FUZZ", os.path.join("build", "fuzz"))
SECONDS = "10"


def fuzz(t, name):
    if not os.access(os.path.join(ROOT, FOLDER, "fuzz", name), os.X_OK):
        t.skip("%s/fuzz/%s is not built" % (FOLDER, name))
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tests/fuzz/run"), "--build", FOLDER, "--no-build", "--own", "--fresh", "--seed", "1", SECONDS, name],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, text
    runs = text.split("|")[5].strip()
    assert runs.isdigit() and int(runs) > 0, text


def test_conf_load(t):
    fuzz(t, "conf_load")


def test_core_mbox(t):
    fuzz(t, "core_mbox")


def test_desk_template(t):
    fuzz(t, "desk_template")


def test_intake_imap(t):
    fuzz(t, "intake_imap")


def test_intake_lmtp(t):
    fuzz(t, "intake_lmtp")


def test_intake_token(t):
    fuzz(t, "intake_token")


def test_mail_auth(t):
    fuzz(t, "mail_auth")


def test_mail_caseref(t):
    fuzz(t, "mail_caseref")


def test_mail_charset(t):
    fuzz(t, "mail_charset")


def test_mail_header(t):
    fuzz(t, "mail_header")


def test_mail_html(t):
    fuzz(t, "mail_html")


def test_mail_htmlsafe(t):
    fuzz(t, "mail_htmlsafe")


def test_mail_parse(t):
    fuzz(t, "mail_parse")


def test_mail_quote(t):
    fuzz(t, "mail_quote")


def test_mail_report(t):
    fuzz(t, "mail_report")


def test_mail_tnef(t):
    fuzz(t, "mail_tnef")


def test_schema_frame(t):
    fuzz(t, "schema_frame")


def test_every_fuzzer_is_run(t):
    here = {f[:-2] for f in os.listdir(os.path.join(ROOT, "tests/fuzz")) if f.endswith(".c")}
    assert {n[5:] for n in globals() if n.startswith("test_")} - {"every_fuzzer_is_run"} == here
