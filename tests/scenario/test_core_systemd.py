# SPDX-License-Identifier: ISC
"""What systemd sees: notifications, the watchdog, sockets that it opened."""
import os
import re
import signal
import socket
import subprocess
import time

from harness import Lmtp, SLOW, free_port, mail, wait_until


def said(d):
    return "\n".join(n for _, n in d.notes)


def test_ready_status_reloading_and_stopping_are_said(t):
    d = t.ticketd().start()
    text = d.note_wait(r"^STATUS=(.*)").group(1)
    assert re.fullmatch(r"(2 mailboxes|\d of 2 mailboxes) ok, 0 open, 0 overdue, no mail yet(, .*)?", text), text
    assert "READY=1" in said(d) and "STOPPING" not in said(d)
    mark = len(d.notes)
    assert d.reload() is True
    order = [n.split("=")[0] for _, note in d.notes[mark:] for n in note.splitlines() if n.startswith(("RELOADING", "READY"))]
    assert order == ["RELOADING", "READY"]
    d.stop()
    assert "STOPPING=1" in said(d)


def test_the_status_says_how_the_desk_stands_also_after_a_restart(t):
    d = t.ticketd(desk={'priority "normal"': '{ default = true  clock "respond" { target = "1s"  escalate = { "0m boss@example.com" } } }'}).start()
    for n in range(3):
        assert d.lmtp_send(mail(subject="n%d" % n)) == 250
    wait_until(lambda: len(d.letters("escalation")) == 3, "three escalations", 30)
    d.ctl("close", "2")
    d.note_wait(r"^STATUS=2 mailboxes ok, 2 open, 2 overdue, last mail \d+ (s|min) ago$", 40)
    d.restart()
    d.note_wait(r"^STATUS=.* 2 open, 2 overdue, ", 40)


def test_the_watchdog_is_fed_at_least_twice_an_interval_also_under_load(t):
    d = t.ticketd()
    d.environment = {"WATCHDOG_USEC": "1000000"}
    d.start()
    d.lmtp_flood([mail(subject="n%d" % n) for n in range(300)]).finish()
    wait_until(lambda: said(d).count("WATCHDOG=1") >= 8, "eight pings", 12)
    times = [at for at, n in d.notes if "WATCHDOG=1" in n]
    assert max(b - a for a, b in zip(times, times[1:])) < 1.0 * SLOW


def test_a_hanging_role_does_not_stop_the_watchdog_pings(t):
    d = t.ticketd()
    d.environment = {"WATCHDOG_USEC": "1000000"}
    d.start()
    for r in d.roles():
        os.kill(r["pid"], signal.SIGSTOP)
    mark = said(d).count("WATCHDOG=1")
    wait_until(lambda: said(d).count("WATCHDOG=1") >= mark + 4, "four pings", 6)


def listeners(t, port, path):
    tcp, unix = socket.socket(), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind(("127.0.0.1", port))
    unix.bind(path)
    for s in (tcp, unix):
        s.listen(64)
        t.cleanup(s.close)
    return tcp, unix


def activated(t):
    port, path = free_port(), t.path("activated")
    sockets = listeners(t, port, path)
    d = t.ticketd(lmtp={"listen": '{ "systemd" }'})
    d.port, d.socket = port, path
    # LISTEN_PID must be the daemon's own pid, which only a shell that becomes it knows
    launcher = t.path("launcher")
    with open(launcher, "w") as f:
        f.write('#!/bin/sh\nexec 3<&%d 4<&%d\nLISTEN_FDS=2 LISTEN_PID=$$ exec "%s" "$@"\n' % (sockets[0].fileno(), sockets[1].fileno(), d.program()))
    os.chmod(launcher, 0o755)
    program = d.program
    d.program = lambda name="ticketd": launcher if name == "ticketd" else program(name)
    d.pass_fds = [s.fileno() for s in sockets]
    return d


def test_sockets_opened_by_systemd_are_served_over_restarts_and_reloads(t):
    d = activated(t)
    # mail that comes before ticketd does waits in the socket
    early = socket.create_connection(("127.0.0.1", d.port))
    d.start()
    early.settimeout(10 * SLOW)
    assert early.recv(1000).startswith(b"220 ")
    early.close()
    assert d.lmtp_send(mail(subject="tcp")) == 250
    client = Lmtp(d.socket)
    assert client.send("ann@customer.example", ["support@example.com"], mail(subject="unix"))["support@example.com"][0] == 250
    client.close()
    (old,) = d.role_pids("lmtp")
    os.kill(old, signal.SIGKILL)
    assert d.lmtp_send(mail(subject="after a kill")) == 250
    assert d.reload() is True
    assert d.lmtp_send(mail(subject="after a reload")) == 250
    d.stop()
    waiting = socket.create_connection(("127.0.0.1", d.port))       # still open: systemd's
    d.start()
    waiting.settimeout(10 * SLOW)
    assert waiting.recv(1000).startswith(b"220 ")
    waiting.close()
    assert sorted(c["subject"] for c in d.cases()) == ["after a kill", "after a reload", "tcp", "unix"]


def test_the_journal_gets_the_fields_of_a_line_so_that_it_shows_the_life_of_a_case(t):
    t.root_only()
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    os.makedirs(t.path("journal"))
    journal.bind(t.path("journal", "socket"))
    journal.settimeout(15 * SLOW)
    t.cleanup(journal.close)
    d = t.ticketd()
    inner, launcher = t.path("inner"), t.path("launcher")
    with open(inner, "w") as f:
        f.write('#!/bin/sh\nmount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "%s" /run/systemd/journal || exit 99\n'
                'JOURNAL_STREAM=$(stat -L -c %%d:%%i /proc/self/fd/2) exec "%s" "$@"\n' % (t.path("journal"), d.program()))
    with open(launcher, "w") as f:
        f.write('#!/bin/sh\nexec unshare -m sh "%s" "$@"\n' % inner)
    os.chmod(launcher, 0o755)
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/run"], capture_output=True).returncode != 0:
        t.skip("no mount namespace can be made here")
    program = d.program
    d.program = lambda name="ticketd": launcher if name == "ticketd" else program(name)
    d.start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    number, entries = d.cases()[0]["case"], []
    while not any("TICKETD_CASE=" + number in e and "TICKETD_STATUS=sent" in e for e in entries):
        entries.append(journal.recv(65536).decode().splitlines())
    opened = next(e for e in entries if "TICKETD_ACTION=open" in e)
    assert "TICKETD_CASE=" + number in opened and "PRIORITY=6" in opened and "SYSLOG_IDENTIFIER=ticketd" in opened, opened
    assert any(line.startswith("MESSAGE=case=%s " % number) for line in opened), opened
    assert not [line for line in d.lines if "case=" in line]


def test_a_unix_socket_of_our_own_has_the_mode_that_was_asked_for_and_outlives_restarts(t):
    d = t.ticketd(lmtp={"mode": "0600"}).start()
    assert os.stat(d.socket).st_mode & 0o777 == 0o600
    d.kill()
    d.start()                                   # the file of the killed one lies in the way
    client = Lmtp(d.socket)
    assert client.send("ann@customer.example", ["support@example.com"], mail())["support@example.com"][0] == 250
    client.close()


def test_credentials_of_systemd_give_the_master_key(t):
    d = t.ticketd(top={"key-file": '"credential:master-key"'})
    os.makedirs(t.path("credentials"), 0o700)
    key = t.path("credentials", "master-key")
    with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o400), "w") as f:
        f.write(os.urandom(32).hex() + "\n")
    d.environment = {"CREDENTIALS_DIRECTORY": t.path("credentials")}
    d.start()
    assert d.lmtp_send(mail()) == 250
    assert not os.path.exists(os.path.join(d.state, "master.key"))
    assert len(d.cases()) == 1
