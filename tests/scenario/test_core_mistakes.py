# SPDX-License-Identifier: ISC
"""Every mistake in the configuration is answered by file:line and exit 78, by `ticketd -n` and at the start."""
import os
import re

from harness import ROOT, mail

GOOD = '''state-directory = "state"
control = "control"
calendar "office" {
    zone = "UTC"
    open = { "Mon-Fri 09:00-17:00" }
}
relay "box" {
    transport = "maildir"
    path = "outbox"
}
desk "support" {
    address = { "support@example.com" }
    prefix = "CAS"
    relay = "box"
    calendar = "office"
    priority "normal" {
        default = true
        clock "respond" {
            target = "8h"
            escalate = { "0m boss@example.com" }
        }
    }
    rule "down" {
        text = { 'system (is )?down' }
        priority = "normal"
    }
}
lmtp "in" {
    listen = { "127.0.0.1:2424" }
}
'''

RELAY = '    transport = "maildir"\n    path = "outbox"'

# what it is, the text of the line that is replaced, what stands there instead, what the message must name
MISTAKES = [
    ("unknown setting", '    prefix = "CAS"', '    colour = "red"', "colour"),
    ("unknown section", 'lmtp "in" {', 'uucp "in" {', "uucp"),
    ("bad duration of a clock", '            target = "8h"', '            target = "8 bananas"', "8 bananas"),
    ("bad duration of a step", '            escalate = { "0m boss@example.com" }', '            escalate = { "soon boss@example.com" }', "soon"),
    ("step without an address", '            escalate = { "0m boss@example.com" }', '            escalate = { "0m" }', "0m"),
    ("bad regular expression", "        text = { 'system (is )?down' }", "        text = { 'system (is down' }", "offset 15"),
    ("bad size", 'control = "control"', 'limits { parse-mail = "huge" }', "huge"),
    ("bad zone", '    zone = "UTC"', '    zone = "Mars/Olympus"', "Mars/Olympus"),
    ("bad hours", '    open = { "Mon-Fri 09:00-17:00" }', '    open = { "Mon-Fri 17:00-09:00" }', "17:00"),
    ("missing holidays file", '    open = { "Mon-Fri 09:00-17:00" }', '    open = { "Mon-Fri 09:00-17:00" }  holidays = { "nowhere.ics" }', "nowhere.ics"),
    ("bad address", '    address = { "support@example.com" }', '    address = { "support example" }', "support example"),
    ("unknown calendar", '    calendar = "office"', '    calendar = "home"', "home"),
    ("unknown relay", '    relay = "box"', '    relay = "pigeon"', "pigeon"),
    ("unknown priority of a rule", '        priority = "normal"', '        priority = "sky-high"', "sky-high"),
    ("unknown transport", '    transport = "maildir"', '    transport = "telex"', "telex"),
    ("not a number", '    listen = { "127.0.0.1:2424" }', '    listen = { "127.0.0.1:2424" }  max-connections = "many"', "many"),
    ("out of range", '    listen = { "127.0.0.1:2424" }', '    listen = { "127.0.0.1:99999" }', "99999"),
    ("not a truth value", '        default = true', '        default = perhaps', "perhaps"),
    ("duplicate name", 'lmtp "in" {', 'lmtp "in" { listen = { "127.0.0.1:2425" } }\nlmtp "in" {', "in"),
    ("missing secret", RELAY, '    transport = "smtp\" host = "localhost" port = 25 tls = "starttls" auth = "plain" user = "u" password = "no.password"', "no.password"),
    ("readable secret", RELAY, '    transport = "smtp\" host = "localhost" port = 25 tls = "starttls" auth = "plain" user = "u" password = "open.password"', "open.password"),
    ("missing templates", '    prefix = "CAS"', '    prefix = "CAS"  templates = "no-templates"', "no-templates"),
    ("missing CA file", RELAY, '    transport = "smtp\" host = "localhost" port = 25 tls = "tls" auth = "none" ca-file = "no-ca.pem"', "no-ca.pem"),
    ("plain text to another machine", RELAY, '    transport = "smtp\" host = "mail.example.com" port = 25 tls = "none" auth = "none"', "none"),
    ("a dollar-brace", '    prefix = "CAS"', '    prefix = "CAS"  from-name = "${HOME}"', "$"),
    ("a string without an end", '    prefix = "CAS"', '    prefix = "CAS', ""),
    ("a brace too many", '    prefix = "CAS"', '    prefix = "CAS" }', ""),
    ("a bad prefix", '    prefix = "CAS"', '    prefix = "C A-S"', "C A-S"),
]


def write(t, text):
    path = t.path("ticketd.conf")
    with open(path, "w") as f:
        f.write(text)
    with open(os.open(t.path("open.password"), os.O_CREAT | os.O_WRONLY, 0o644), "w") as f:
        f.write("secret\n")
    os.chmod(t.path("open.password"), 0o644)
    return path


def test_the_good_file_is_understood_and_printed_so_that_it_parses_again(t):
    path = write(t, GOOD)
    done = t.run("ticketd", "-n", "-c", path)
    assert done.returncode == 0 and done.stderr == "", done
    with open(t.path("printed.conf"), "w") as f:
        f.write(done.stdout)
    again = t.run("ticketd", "-n", "-c", t.path("printed.conf"))
    assert again.returncode == 0 and again.stdout == done.stdout, again
    assert sorted(os.listdir(t.dir)) == ["open.password", "printed.conf", "ticketd.conf"], "-n has written something"


def test_each_of_many_mistakes_is_answered_by_its_line_and_exit_78(t):
    wrong = []
    for what, old, new, named in MISTAKES:
        assert GOOD.count(old + "\n") == 1, what
        path = write(t, GOOD.replace(old + "\n", new + "\n"))
        line = GOOD[:GOOD.index(old + "\n")].count("\n") + 1
        done = t.run("ticketd", "-n", "-c", path)
        lines = re.findall(re.escape(path) + r":(\d+): (.*)", done.stderr)
        near = [text for n, text in lines if line <= int(n) <= line + (2 if named in ("", "in") else 0)]
        if done.returncode != 78 or not near or named not in done.stderr or done.stdout:
            wrong.append("%s (line %d): exit %d, said: %s" % (what, line, done.returncode, done.stderr.strip() or "nothing"))
    assert not wrong, "\n".join(wrong)


def test_a_file_with_a_mistake_does_not_start_and_touches_nothing(t):
    path = write(t, GOOD.replace('prefix = "CAS"', 'colour = "red"'))
    before = sorted(os.listdir(t.dir))
    done = t.run("ticketd", "-c", path)
    assert done.returncode == 78 and path + ":13:" in done.stderr, done
    assert sorted(os.listdir(t.dir)) == before


def test_several_mistakes_are_all_named(t):
    path = write(t, GOOD.replace('"8h"', '"soon"').replace('"Mon-Fri 09:00-17:00"', '"Someday"').replace('"127.0.0.1:2424"', '"nowhere"'))
    done = t.run("ticketd", "-n", "-c", path)
    assert done.returncode == 78
    for word in ("soon", "Someday", "nowhere"):
        assert word in done.stderr, done.stderr


def test_a_missing_file_and_a_folder_are_named(t):
    for name in ("nowhere.conf", "."):
        done = t.run("ticketd", "-n", "-c", t.path(name))
        assert done.returncode == 78 and t.path(name) in done.stderr, done


def test_paths_count_from_the_file_that_names_them(t):
    os.makedirs(t.path("etc"))
    d = t.ticketd("etc/deep").start()           # started with cwd /, all paths in it are relative
    assert d.lmtp_send(mail()) == 250
    d.letters_wait(1)
    assert os.path.exists(os.path.join(t.dir, "etc", "deep", "state", "data.mdb"))


def test_the_sample_has_no_mistake_once_its_password_is_there(t):
    with open(os.path.join(ROOT, "ticketd.conf.sample")) as f:
        path = write(t, f.read())
    with open(os.open(t.path("mail.password"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
        f.write("secret\n")
    done = t.run("ticketd", "-n", "-c", path)
    assert done.returncode == 0, done.stderr
    os.unlink(t.path("mail.password"))
    done = t.run("ticketd", "-n", "-c", path)
    assert done.returncode == 78 and "mail.password" in done.stderr


def test_wrong_options_of_the_programs_are_exit_64(t):
    for argv in (["ticketd", "-x"], ["ticketd", "extra"], ["ticketctl", "--nonsense"], ["ticketctl", "parse"], ["ticketctl", "simulate"],
                 ["ticketctl", "parse", "--key", "12", "x"]):
        done = t.run(*argv)
        assert done.returncode == 64 and "usage" in done.stderr and not done.stdout, (argv, done)
    for program in ("ticketd", "ticketctl"):
        done = t.run(program, "-V")
        assert done.returncode == 0 and re.fullmatch(program + r" \d+\.\d+\.\d+\n", done.stdout)
