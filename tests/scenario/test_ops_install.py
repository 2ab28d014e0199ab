# SPDX-License-Identifier: ISC
"""What is installed: every file in its place, programs that run from there, completions that the shells understand."""
import os
import re
import shutil
import subprocess

from harness import BUILD, ROOT, SANITIZED


def installed(t):
    if SANITIZED:
        t.skip("programs with sanitizers are not for installing")
    root = t.path("root")
    done = subprocess.run(["make", "-s", "-o", "all", "install", "B=" + os.path.relpath(BUILD, ROOT), "DESTDIR=" + root, "PREFIX=/usr"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root


def test_everything_is_installed_where_it_belongs(t):
    root = installed(t)
    wanted = ["sbin/ticketd", "bin/ticketctl", "lib/systemd/system/ticketd.service", "lib/systemd/system/ticketd.socket", "lib/sysusers.d/ticketd.conf",
              "lib/tmpfiles.d/ticketd.conf", "share/doc/ticketd/ticketd.conf.sample", "share/doc/ticketd/README.md", "share/doc/ticketd/LICENSE",
              "share/bash-completion/completions/ticketctl", "share/zsh/site-functions/_ticketctl", "share/fish/vendor_completions.d/ticketctl.fish"]
    wanted += ["libexec/ticketd/" + n for n in os.listdir(os.path.join(BUILD, "libexec/ticketd")) if not n.startswith(".")]
    wanted += ["share/man/man%s/%s" % (n[-1], n) for n in os.listdir(ROOT + "/man") if re.search(r"\.[1-8]$", n)]
    wanted += ["share/ticketd/profiles/" + n for n in os.listdir(ROOT + "/contrib/profiles") if n.endswith(".conf")]
    wanted += ["share/ticketd/holidays/" + n for n in os.listdir(ROOT + "/contrib/holidays") if n.endswith(".ics")]
    wanted += ["share/ticketd/templates/%s/words.txt" % n for n in ("en", "sv", "da")]
    for name in wanted:
        assert os.path.getsize(os.path.join(root, "usr", name)) > 0, name
    there = {os.path.relpath(os.path.join(d, f), root + "/usr") for d, _, files in os.walk(root) for f in files}
    for name in there:
        mode = os.stat(os.path.join(root, "usr", name)).st_mode & 0o7777
        assert mode == (0o755 if name.startswith(("sbin", "bin", "libexec")) else 0o644), (name, oct(mode))
    assert os.listdir(root) == ["usr"]
    with open(root + "/usr/lib/systemd/system/ticketd.service") as f:
        assert "ExecStart=/usr/sbin/ticketd " in f.read()


def test_what_is_installed_runs_with_its_own_templates_and_every_profile(t):
    root = installed(t)
    with open(t.path("empty"), "w"):
        pass
    for n in sorted(os.listdir(root + "/usr/share/ticketd/profiles")):
        done = subprocess.run([root + "/usr/bin/ticketctl", "simulate", "--config", root + "/usr/share/ticketd/profiles/" + n, "--in", t.path("empty"), "--out",
                               t.path("out")], capture_output=True, text=True)
        assert done.returncode == 0, (n, done.stderr)


def test_the_completions_know_verbs_options_and_cases(t):
    done = {s: t.run("ticketctl", "completion", s).stdout for s in ("bash", "zsh", "fish")}
    verbs = re.findall(r"(?m)^  ([a-z][\w-]*) ", t.run("ticketctl", "--help").stdout)
    assert len(verbs) > 15
    for shell, text in done.items():
        for verb in verbs:
            assert re.search(r"(?<![\w-])%s(?![\w-])" % verb, text), (shell, verb)
        path = t.path(shell)
        with open(path, "w") as f:
            f.write(text)
        if shutil.which(shell):
            checked = subprocess.run([shell, "-n", path], capture_output=True, text=True)
            assert checked.returncode == 0 and not checked.stderr, (shell, checked.stderr)
    assert t.run("ticketctl", "completion", "tcsh").returncode == 64
    # a shell that completes: a ticketctl that answers with two numbers stands in for the real one
    os.makedirs(t.path("bin"))
    with open(t.path("bin", "ticketctl"), "w") as f:
        f.write("#!/bin/sh\nprintf 'CASE\\nCAS-00001-AAAA\\nCAS-00002-BBBB\\n'\n")
    os.chmod(t.path("bin", "ticketctl"), 0o755)

    def complete(*words):
        script = 'source %s; COMP_WORDS=(ticketctl "$@"); COMP_CWORD=$#; _ticketctl; printf "%%s\\n" "${COMPREPLY[@]}"' % t.path("bash")
        out = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, env=dict(os.environ, PATH=t.path("bin") + ":" + os.environ["PATH"]))
        assert not out.stderr, out.stderr
        return set(out.stdout.split())
    assert complete("sho") == {"show"} and {"list", "search", "--json"} <= complete("")
    assert complete("show", "") == {"CAS-00001-AAAA", "CAS-00002-BBBB"} and complete("-c", "x", "close", "cas-00002") == {"CAS-00002-BBBB"}
    assert complete("list", "--over") == {"--overdue"} and "waiting" in complete("list", "--state", "")


def test_the_package_names_what_is_needed_to_build_it(t):
    with open(ROOT + "/contrib/debian/control") as f:
        control = f.read()
    with open(ROOT + "/Makefile") as f:
        packages = re.search(r"(?s)^PKGS_BUILD = (.*?)\nPKGS", f.read(), re.M).group(1).replace("\\", " ").split()
    for p in packages:
        if p.endswith("-dev") and p != "libc6-dev":
            assert re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(p), control), p
