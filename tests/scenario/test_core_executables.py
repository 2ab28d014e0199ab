# SPDX-License-Identifier: ISC
"""Each executable is linked with what its role needs and with nothing else."""
import os
import re
import shutil
import subprocess

# never among the libraries that the executable itself names
NEVER = {
    "sbin/ticketd": "gmime glib xml2 pcre2 gnutls curl etpan ssl uchardet exttextcat",
    "bin/ticketctl": "gnutls curl etpan ssl",
    "libexec/ticketd/parse": "curl gnutls etpan lmdb confuse systemd-shared ssl",
    "libexec/ticketd/compose": "curl gnutls etpan lmdb confuse pcre2 ssl xml2",
    "libexec/ticketd/lmtp": "curl gnutls etpan gmime glib lmdb pcre2 xml2 sodium ssl",
    "libexec/ticketd/maildir": "curl gnutls etpan gmime glib lmdb pcre2 xml2 sodium ssl",
    "libexec/ticketd/imap": "gmime glib lmdb pcre2 xml2 confuse",
    "libexec/ticketd/token": "gmime glib lmdb pcre2 xml2 etpan confuse",
    "libexec/ticketd/smtp": "gmime glib lmdb pcre2 xml2 etpan confuse",
    "libexec/ticketd/drop": "curl gnutls etpan gmime glib lmdb pcre2 xml2 ssl",
    "libexec/ticketd/reader": "gmime glib curl gnutls etpan xml2 ssl",
}
LIBRARY = {"glib": r"libg(lib|object|io)-", "ssl": r"lib(ssl|crypto)\b", "sodium": r"libsodium"}


def needed(path):
    out = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", out)


def test_no_executable_names_a_library_that_its_role_must_not_know(t):
    if shutil.which("readelf") is None:
        t.skip("readelf is not installed")
    wrong = []
    for program, words in NEVER.items():
        libraries = needed(os.path.join(t.build, program))
        assert libraries, program
        for word in words.split():
            found = [l for l in libraries if re.match(LIBRARY.get(word, r"lib" + re.escape(word)), l)]
            if found:
                wrong.append("%s is linked with %s" % (program, ", ".join(found)))
    assert not wrong, "\n".join(wrong)


def test_every_role_has_its_executable_and_they_are_hardened(t):
    if shutil.which("readelf") is None:
        t.skip("readelf is not installed")
    assert sorted(os.listdir(os.path.join(t.build, "libexec", "ticketd"))) == sorted(p.rpartition("/")[2] for p in NEVER if p.startswith("libexec"))
    for program in NEVER:
        out = subprocess.run(["readelf", "-W", "-h", "-l", "-d", os.path.join(t.build, program)], capture_output=True, text=True, check=True).stdout
        assert re.search(r"Type:\s+DYN", out) and "GNU_RELRO" in out and re.search(r"FLAGS.*(BIND_)?NOW", out), program
        assert re.search(r"GNU_STACK.* RW ", out), program + " has an executable stack"


def test_a_role_started_by_hand_leaves_at_once_with_a_protocol_error(t):
    for program in NEVER:
        if program.startswith("libexec"):
            done = subprocess.run([os.path.join(t.build, program)], stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
            assert done.returncode in (64, 70, 71, 76), (program, done)
