# SPDX-License-Identifier: ISC
"""What is written for people is true: the manual pages are clean, the command lines in them and in README.md run or at least
have options that exist, and the systemd units say what the programs need."""
import ctypes
import glob
import json
import os
import re
import shlex
import shutil
import signal
import subprocess

from harness import BUILD, ROOT, mail

PAGES = sorted(glob.glob(ROOT + "/man/*.[1-8]"))
UNITS = ROOT + "/contrib/systemd/"
OURS = ("ticketd", "ticketctl")
WRAPPERS = ("sudo", "runuser", "systemd-run", "exec")           # they run what stands behind their own options
WITH_VALUE = {"runuser": "-u", "systemd-run": "-p", "sudo": None, "exec": None}
NO_HELP = {"apt-get", "ls", "make", "postconf", "postmap", "printf", "python3", "command", "ticketd", "ticketctl", "cd", "mv"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# ---- command lines

def whole(lines, start):
    """The command that begins in lines[start], over as many lines as its quotes and backslashes want."""
    text, n = lines[start], 1
    while True:
        try:
            if not text.endswith("\\"):
                shlex.split(text, comments=True)
                return text, n
        except ValueError:
            pass
        assert start + n < len(lines), "no end of the command: " + text
        text, n = text + "\n" + lines[start + n], n + 1


def displays(path):
    """The literal displays of a page, as lists of lines."""
    text = read(path).replace("\\e", "\\").replace("\\(dq", '"').replace("\\&", "")
    found = [m.group(1).splitlines() for m in re.finditer(r"(?ms)^\.Bd -literal.*?\n(.*?)^\.Ed$", text)]
    return found + [["$ " + m.group(1)] for m in re.finditer(r"(?m)^\.Dl (.*)$", text)]


def commands_of(lines, prompt):
    found, i = [], 0
    while i < len(lines):
        if re.match(prompt, lines[i]):
            rest = [re.sub(prompt, "", lines[i])] + lines[i + 1:]
            text, n = whole(rest, 0)
            found.append(text)
            i += n
        else:
            i += 1
    return found


def page_commands(path):
    return [c for d in displays(path) for c in commands_of(d, r"[$#] ")]


def readme_commands():
    return [c for block in re.findall(r"(?ms)^```sh\n(.*?)^```", read(ROOT + "/README.md")) for c in commands_of(block.splitlines(), r"")]


def sample_commands():
    return [re.sub(r"\s{2,}.*", "", m) for m in re.findall(r"(?m)^#   ((?:ticketd|ticketctl|systemctl) .*)$", read(ROOT + "/ticketd.conf.sample"))]


def everything_shown():
    shown = [(os.path.basename(p), c) for p in PAGES for c in page_commands(p)]
    shown += [("README.md", c) for c in readme_commands()]
    return shown + [("ticketd.conf.sample", c) for c in sample_commands()]


def simple_commands(text):
    """Lists of words, without what wraps them: sudo ticketd -n gives [sudo], [ticketd, -n]."""
    text = re.sub(r"\$\(command -v sudo\)", "sudo", text.replace("\\\n", " "))
    lexer = shlex.shlex(re.sub(r"\$\([^)]*\)", "X", text), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words, found = [], []
    for w in list(lexer) + [";"]:
        if re.fullmatch(r"[|&;]+", w):
            found, words = found + ([words] if words else []), []
        elif not re.fullmatch(r"\w+=.*", w) or words:
            words.append(w)
    return [x for words in found for x in unwrapped(words)]


def unwrapped(words):
    if words[0] not in WRAPPERS:
        return [words]
    n = 1
    while n < len(words) and words[n].startswith("-"):
        n += 2 if words[n] == WITH_VALUE[words[0]] else 1
    return [words[:n]] + (unwrapped(words[n:]) if n < len(words) else [])


# ---- the pages

def test_the_manual_pages_are_clean(t):
    if not shutil.which("mandoc"):
        t.skip("mandoc is not installed")
    assert [os.path.basename(p) for p in PAGES] == ["ticketctl.8", "ticketd-mail.7", "ticketd.8", "ticketd.conf.5"]
    for page in PAGES:
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
        found = [line for line in done.stdout.splitlines() if "outdated mandoc.db" not in line]
        assert done.returncode == 0 and not found, "\n".join(found) or done.stderr
        if page.endswith(".5"):                 # its reference part is printed by the program, line by line
            continue
        plain = subprocess.run(["mandoc", "-Tascii", page], capture_output=True, text=True).stdout
        long = [x for x in (re.sub(r".\x08", "", line).expandtabs() for line in plain.splitlines()) if len(x) > 80]
        assert not long, "%s is wider than 80 columns:\n%s" % (page, "\n".join(long))


def test_the_pages_name_every_option_and_verb(t):
    usage = t.run("ticketd", "-h").stdout
    page = read(ROOT + "/man/ticketd.8")
    for option in set(re.findall(r"(?:^|[ \[])-(\w)\b", usage)):
        assert re.search(r"(?m)^\.It Fl %s\b" % option, page), "ticketd -%s is not in ticketd(8)" % option
    usage = t.run("ticketctl", "--help").stdout + t.run("ticketctl", "parse").stderr + t.run("ticketctl", "simulate").stderr
    usage += t.run("ticketctl", "test-rules").stderr
    verbs = re.findall(r"(?m)^  ([a-z][\w-]*) ", usage)
    assert len(verbs) > 10, usage
    helps = [t.run("ticketctl", v, "--help") for v in verbs if v not in ("parse", "simulate", "test-rules")]
    usage += "".join(h.stdout + h.stderr for h in helps)
    page = read(ROOT + "/man/ticketctl.8")
    for option in set(re.findall(r"--([a-z][a-z-]+)", usage)):
        assert re.search(r"(?m)^\.(?:It|Op|Fl) .*Fl -%s\b" % option, page) or "\n.Fl -%s" % option in page, "ticketctl --%s is not in ticketctl(8)" % option
    for option in set(re.findall(r"Fl -([a-z][a-z-]+)", page)) - {"help", "version"}:
        assert re.search(r"--%s(?![\w-])" % option, usage), "ticketctl(8) has --%s, ticketctl does not" % option
    for verb in verbs:
        assert re.search(r"(?m)^\.It Cm %s\b" % verb, page), "ticketctl %s is not in ticketctl(8)" % verb


def test_the_pages_name_settings_and_log_lines_that_exist(t):
    conf = read(ROOT + "/man/ticketd.conf.5")
    known = set(re.findall(r"(?m)^\.It Ic ([\w-]+)", conf)) | set(re.findall(r"(?m)^\.Ss (\w+)", conf))
    for page in ("ticketd.8", "ticketctl.8"):
        for name in re.findall(r"(?m)^\.Ic ([\w-]+)(?![\w=-])", read(ROOT + "/man/" + page)):
            assert name in known, "%s speaks of the setting %s" % (page, name)
    source = "".join(read(p) for p in glob.glob(ROOT + "/src/*/*.c"))
    for word in set(re.findall(r"action=([\w-]+)", read(ROOT + "/man/ticketd.8"))):
        assert "action=%s" % word in source or '"%s"' % word in source, "nothing logs action=" + word
    d = t.ticketd(limits={"free-space": None})
    said = t.run("ticketd", "-n", "-c", d.conf).stdout
    limits = re.search(r"(?ms)^\.Ss Limits$(.*?)^\.El$", read(ROOT + "/man/ticketd.8")).group(1)
    for value, name in zip(re.findall(r"(?m)^\.It (.*)$", limits), ("intake-mail", "parse-mail", "free-space", "backlog")):
        assert re.search(r'(?m)^    %s *= "?%s"?$' % (name, value.replace(" ", "")), said), "ticketd(8) has %s for %s" % (value, name)


# ---- the command lines

def test_every_command_shown_has_options_that_exist(t):
    shown, unknown = everything_shown(), set()
    assert len(shown) > 30, "only %d command lines were found" % len(shown)
    targets = re.findall(r"(?m)^([\w-]+):(?!=)", read(ROOT + "/Makefile"))
    helps = {}
    for where, text in shown:
        for words in simple_commands(text):
            program = os.path.basename(words[0])
            if program == "make":
                for w in words[1:]:
                    assert "=" in w or w in targets, "%s: make has no target %s" % (where, w)
            if program in NO_HELP:
                continue
            if not shutil.which(program):
                unknown.add(program)
                continue
            if program not in helps:
                done = subprocess.run([program, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                      env=dict(os.environ, SYSTEMD_PAGER="", PAGER="cat", LC_ALL="C"))
                helps[program] = done.stdout + done.stderr
            for w in words[1:]:
                letters = re.fullmatch(r"-([a-zA-Z]+)", w)
                options = ["-" + c for c in letters.group(1)] if letters else re.findall(r"^--[a-z][a-z-]+", w)
                for o in options:
                    assert re.search(r"(?<![\w-])%s(?![\w-])" % o, helps[program]), "%s: %s has no option %s: %s" % (where, program, o, text)
            if program == "systemctl":
                verb = next(w for w in words[1:] if not w.startswith("-"))
                assert re.search(r"(?m)^  %s " % verb, helps[program]), "%s: there is no systemctl %s" % (where, verb)
    if unknown:
        print("not installed, their options are not checked: " + " ".join(sorted(unknown)))


class Desk:
    """A daemon of our own that stands for the one in the examples; paths of the examples become its own."""

    def __init__(self, t, more=()):
        self.t, self.d = t, t.ticketd()
        self.cwd = t.path("cwd")
        folders = {"/var/backups": "backups", "/media/safe": "safe", "/srv/copy": "copy"}
        for folder in ["cwd", "bin"] + list(folders.values()):
            os.makedirs(t.path(folder))
        self.places = [("/etc/ticketd/ticketd.conf", self.d.conf), ("/var/lib/ticketd", self.d.state)]
        self.places += [(k, t.path(v)) for k, v in folders.items()] + list(more)
        self._program("ticketctl", 'case "$1" in parse|simulate) ;; *) set -- --config %s "$@";; esac' % self.d.conf)
        self._program("ticketd", 'set -- -c %s "$@"' % self.d.conf)

    def _program(self, name, first):
        with open(self.t.path("bin", name), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n%s\nexec %s \"$@\"\n" % (first, self.d.program(name)))
        os.chmod(self.t.path("bin", name), 0o755)

    def run(self, text, status=0):
        """Exit status as wanted; the output."""
        text = re.sub(r"\bsudo |\brunuser -u ticketd -- ", "", text)
        for there, here in self.places:
            text = text.replace(there, here)
        path = self.t.path("bin") + ":" + os.environ["PATH"]
        done = subprocess.run(["sh", "-c", text], cwd=self.cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                              env=dict(os.environ, PATH=path, TZ="UTC", LC_ALL="C.UTF-8"))
        assert done.returncode == status, "exit %d of: %s\n%s%s" % (done.returncode, text, done.stdout, done.stderr)
        return done.stdout


def after(page, command):
    """The display that stands behind the one with this command: its output as printed in the page."""
    shown = displays(ROOT + "/man/" + page)
    return next(shown[i + 1] for i, d in enumerate(shown[:-1]) if any(line[2:] == command for line in d))


def test_the_examples_of_ticketctl_run(t):
    desk = Desk(t)
    desk.d.configure(desk={"staff": '{ "anna@example.com" }'})
    d = desk.d.start()
    assert d.lmtp_send(mail(subject="Cannot print")) == 250
    d.idle()
    with open(desk.cwd + "/mail.eml", "wb") as f:
        f.write(mail(subject="A mail in a file"))
    with open(desk.cwd + "/month.mbox", "wb") as f:
        f.write(b"From ann@customer.example Tue Mar 10 10:00:00 2026\n" + mail().replace(b"\r\n", b"\n") + b"\n")
    shutil.copy(d.conf, desk.cwd + "/new.conf")
    for name in ("data.mdb", "keys"):
        shutil.copy(os.path.join(d.state, name), t.path("copy"))
    shutil.copy(os.path.join(d.state, "master.key"), t.path("safe"))
    os.chmod(t.path("copy"), 0o700)
    said, ran = {}, 0
    for text in page_commands(ROOT + "/man/ticketctl.8"):
        programs = [w[0] for w in simple_commands(text)]
        if all(shutil.which(p) or p in OURS for p in programs) and "systemd-run" not in programs:
            said[text] = desk.run(text)
            ran += 1
    assert ran >= 6, said.keys()
    # what the page prints has the words of today
    assert after("ticketctl.8", "ticketctl list")[0].split() == said["ticketctl list"].splitlines()[0].split()[:8]
    labels = [line.split()[0] for line in said["ticketctl show 1"].splitlines() if re.match(r"[a-z]", line)]
    assert [line.split()[0] for line in after("ticketctl.8", "ticketctl show 1") if re.match(r"[a-z]", line)] == labels
    page, here = after("ticketctl.8", "ticketctl status"), said["ticketctl status"].splitlines()
    assert [line.split()[0] for line in page[:5]] == [line.split()[0] for line in here[:5]] and page[6].split() == here[6].split()
    sim = next(v for k, v in said.items() if k.startswith("ticketctl simulate"))
    doc = json.loads(sim)
    assert len(doc["cases"]) == 1 and {"ack", "escalation"} <= {x["kind"] for x in doc["letters"]}
    assert "Cannot print" in next(v for k, v in said.items() if "/srv/copy" in k)


def test_the_store_is_read_while_the_daemon_is_down_as_the_page_says(t):
    desk = Desk(t)
    d = desk.d.start()
    assert d.lmtp_send(mail(subject="Cannot print")) == 250
    d.idle()
    d.stop()
    assert "Cannot print" in desk.run("ticketctl list")
    assert "is not running" in desk.run("ticketctl status", status=69)
    desk.run("ticketctl show 99", status=65)
    os.chmod(d.state + "/master.key", 0o644)
    desk.run("ticketctl list", status=77)


def test_the_examples_of_ticketd_run_and_a_backup_comes_back(t):
    """In the order of the page; the backup is put back into a place where nothing was left."""
    desk = Desk(t)
    d = desk.d.start()
    assert d.lmtp_send(mail(subject="Cannot print")) == 250
    d.idle()
    before, ran = d.cases(), []
    for text in page_commands(ROOT + "/man/ticketd.8"):
        programs = [w[0] for w in simple_commands(text) if w[0] not in WRAPPERS]
        if re.fullmatch(r"systemctl (stop|start) ticketd", text):
            if text.endswith("start ticketd") and d.process is None:
                d.start()
            elif text.endswith("stop ticketd") and d.process is not None:
                d.stop()
        elif programs == ["tar"] and "-xf" in text:
            shutil.rmtree(d.state)
            os.mkdir(d.state, 0o700)
            desk.run(re.sub(r"\d{4}-\d\d-\d\d", "*", text))
            ran.append("restore")
        elif set(programs) <= {"ticketd", "ticketctl", "tar", "cp"} and "/share/doc/" not in text:
            desk.run(text)
            ran.append(programs[0])
    assert ran.count("restore") == 1 and {"ticketd", "ticketctl", "tar", "cp"} <= set(ran), ran
    if d.process is None:
        d.start()
    assert d.cases() == before
    d.stop()


def test_the_commands_of_the_readme_run(t):
    build = os.path.relpath(BUILD, ROOT)
    desk = Desk(t)
    d = desk.d
    desk.places += [("demo/inbox", d.inbox), ("demo/outbox", d.outbox), ("demo/ticketd.conf", d.conf), ("127.0.0.1:2424", "127.0.0.1:%d" % d.port),
                    ("support@demo.example", "support@example.com"), ("tests/scenario/", ROOT + "/tests/scenario/"),
                    ("tests/fixtures/", ROOT + "/tests/fixtures/"), ("build/plain", os.path.join(ROOT, build))]
    d.start()
    ran = 0
    for text in readme_commands():
        programs = {os.path.basename(w[0]) for w in simple_commands(text)}
        if not programs & {"make", "apt-get", "install", "systemctl", "systemd-sysusers", "systemd-tmpfiles", "tests/bench/intake"}:
            desk.run(text)
            ran += 1
    assert ran >= 4
    d.idle()
    assert len(d.cases()) == 2, "one mail by the Maildir and one over LMTP: %r" % d.cases()
    assert os.path.exists(ROOT + "/ticketd.conf.sample")


# ---- the units

def unit_settings(name="ticketd.service"):
    return re.findall(r"(?m)^([A-Z]\w+)=(.*)$", read(UNITS + name))


def analyze(*args, **more):
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, SYSTEMD_PAGER="", LC_ALL="C.UTF-8"), **more)


def units_copy(t):
    """The units with programs that are there."""
    for name in ("ticketd.service", "ticketd.socket"):
        text = re.sub(r"(?m)^(Exec\w+=(?:sh -c ')?)ticketd ", r"\1%s " % os.path.join(BUILD, "sbin/ticketd"), read(UNITS + name))
        with open(t.path(name), "w", encoding="utf-8") as f:
            f.write(text)


def test_the_units_are_understood_and_narrow(t):
    if not shutil.which("systemd-analyze"):
        t.skip("systemd-analyze is not installed")
    units_copy(t)
    done = analyze("verify", "--man=no", t.path("ticketd.service"), t.path("ticketd.socket"))
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr
    done = analyze("security", "--offline=true", "--no-pager", "--threshold=15", t.path("ticketd.service"))
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_the_user_and_the_folder_can_be_made(t):
    if not shutil.which("systemd-sysusers") or not shutil.which("systemd-tmpfiles"):
        t.skip("systemd is not installed")
    t.root_only()
    os.makedirs(t.path("root/etc"))
    done = subprocess.run(["systemd-sysusers", "--root=" + t.path("root"), UNITS + "ticketd.sysusers"], capture_output=True, text=True)
    assert done.returncode == 0 and re.search(r"(?m)^ticketd:.*:/var/lib/ticketd:/usr/sbin/nologin$", read(t.path("root/etc/passwd"))), done.stderr
    done = subprocess.run(["systemd-tmpfiles", "--create", "--root=" + t.path("root"), UNITS + "ticketd.tmpfiles"], capture_output=True, text=True)
    assert done.returncode == 0 and os.stat(t.path("root/etc/ticketd")).st_mode & 0o7777 == 0o755, done.stderr


def group_expand(name):
    done = analyze("syscall-filter", name)
    assert done.returncode == 0, done.stderr
    found = set()
    for word in re.findall(r"(?m)^    ([@\w-]+)$", done.stdout):
        found |= group_expand(word) if word.startswith("@") else {word}
    return found


def unit_calls():
    allowed = set()
    for line in (v for k, v in unit_settings() if k == "SystemCallFilter"):
        calls = set()
        for word in line.lstrip("~").split():
            calls |= group_expand(word) if word.startswith("@") else {word}
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def test_the_unit_allows_every_call_that_a_role_allows_itself(t):
    if not shutil.which("systemd-analyze"):
        t.skip("systemd-analyze is not installed")
    source = read(ROOT + "/src/role/seccomp.c")
    kept = re.sub(r"(?ms)^static const int (deadly|refused)\[\] = \{.*?^\};", "", source)
    wanted = set(re.findall(r"\bCALL\((\w+)\)", kept)) - {"name", "open", "openat"}
    assert len(wanted) > 80
    missing = wanted - unit_calls()
    assert not missing, "SystemCallFilter lacks " + " ".join(sorted(missing))


FILTERED = """#!/usr/bin/env python3
import ctypes, errno, os, sys
lib = ctypes.CDLL("libseccomp.so.2")
libc = ctypes.CDLL(None, use_errno=True)
class Cmp(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]
lib.seccomp_init.restype = ctypes.c_void_p
lib.seccomp_init.argtypes = [ctypes.c_uint32]
lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Cmp)]
lib.seccomp_load.argtypes = [ctypes.c_void_p]
ALLOW, EQ = 0x7fff0000, 4
f = lib.seccomp_init(0x00050000 | errno.EPERM)
for name in %r:
    n = lib.seccomp_syscall_resolve_name(name.encode())
    if n < 0:
        continue
    if name == "socket":
        for family in %r:
            assert lib.seccomp_rule_add_array(f, ALLOW, n, 1, (Cmp * 1)(Cmp(0, EQ, family, 0))) == 0
    else:
        assert lib.seccomp_rule_add_array(f, ALLOW, n, 0, None) == 0, name
assert libc.prctl(38, 1, 0, 0, 0) == 0          # PR_SET_NO_NEW_PRIVS
assert lib.seccomp_load(f) == 0
os.execv(%r, [%r] + sys.argv[1:])
"""


def test_ticketd_works_under_the_filter_of_the_unit(t):
    """The unit's own system calls and address families and no more; without systemd as init this is as near as it gets."""
    if not shutil.which("systemd-analyze"):
        t.skip("systemd-analyze is not installed")
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        t.skip("libseccomp is not installed")
    families = [{"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}[w] for w in dict(unit_settings())["RestrictAddressFamilies"].split()]
    real = os.path.join(BUILD, "sbin/ticketd")
    os.makedirs(t.path("build/sbin"))
    with open(t.path("build/sbin/ticketd"), "w", encoding="utf-8") as f:
        f.write(FILTERED % (sorted(unit_calls()), families, real, real))
    os.chmod(t.path("build/sbin/ticketd"), 0o755)
    for name in ("bin", "libexec"):
        os.symlink(os.path.join(BUILD, name), t.path("build", name))
    rule = {'rule "down"': "{ text = { 'is +down' }  priority = \"urgent\" }",
            'priority "urgent"': '{ clock "respond" { target = "1s"  escalate = { "0m boss@example.com" } } }'}
    relay = 'relay "away" { host = "localhost"  port = 9  tls = "none"  auth = "none" }\n'
    d = t.ticketd(desk=rule, more=relay, build=t.path("build"))
    d.environment["ASAN_OPTIONS"] = "detect_leaks=0"            # which would need ptrace()
    d.start()
    assert d.lmtp_send(mail(text="The system is down.\n")) == 250
    d.maildir_put(mail(subject="By file"))
    d.letters_wait(3)                                           # two acknowledgements, an escalation
    assert {c["priority"] for c in d.cases()} == {"urgent", "normal"}
    for role in ("parse", "compose", "smtp", "drop", "maildir"):
        pid = d.role_pids(role)[0]
        os.kill(pid, signal.SIGKILL)
    d.healthy()
    assert d.reload()
    d.healthy()
    assert d.lmtp_send(mail(subject="After the reload")) == 250
    d.maildir_put(mail(subject="And by file"))
    d.letters_wait(5)
    assert not d.log_find(r"Operation not permitted|Function not implemented|landlock=absent")
    d.stop()
