# SPDX-License-Identifier: ISC
"""Signals, the control socket, the state directory, the disk."""
import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import time

from harness import SLOW, mail, wait_until
from test_core_restart import NO_BUDGET, everything_once, mails


# ---- SIGHUP

def test_a_good_new_file_takes_effect_without_losing_a_mail_under_load(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    sent = mails(600)
    flood = d.lmtp_flood(sent, connections=4)
    assert d.lmtp_send(mail(), to="new@example.com") == 550
    for n in range(1, 5):
        flood.wait_for(n * 100)
        d.configure(desk=dict(NO_BUDGET, address='{ "support@example.com", "new%d@example.com" }' % n))
        assert d.reload() is True
        wait_until(lambda: answers(d, "new%d@example.com" % n) == 250, "the new address to be known", 5)
        assert answers(d, "new%d@example.com" % (n - 1)) == 550
    flood.finish()
    everything_once(d, sent)


def answers(d, recipient):
    """What RCPT says; no mail is sent."""
    try:
        client = d.lmtp()
        client.command("MAIL FROM:<ann@customer.example>")
        client.raw(b"RCPT TO:<%s>\r\n" % recipient.encode())
        code = client.reply()[0]
        client.close()
        return code
    except OSError:
        return 0


def test_a_bad_new_file_is_refused_with_its_line_and_the_old_one_stays(t):
    d = t.ticketd().start()
    pids = {r["name"]: r["pid"] for r in d.roles()}
    with open(d.conf, "a") as f:
        f.write('desk "more" {\n    colour = "red"\n}\n')
    line = sum(1 for _ in open(d.conf)) - 1
    mark = d.log_mark()
    assert d.reload() is False
    d.log_wait(r"action=reload why=.*ticketd\.conf:%d: .*status=refused" % line, since=mark)
    assert d.lmtp_send(mail()) == 250
    d.configure()                               # ticketctl, too, finds the socket by the file
    d.idle()
    assert len(d.cases()) == 1 and len(d.letters()) == 1 and {r["name"]: r["pid"] for r in d.roles()} == pids
    assert d.reload() is True


def test_a_bad_pattern_is_refused_on_reload(t):
    d = t.ticketd().start()
    d.configure(desk={'rule "bad"': "{ text = { 'a(b' }  priority = \"normal\" }"})
    mark = d.log_mark()
    assert d.reload() is False
    d.log_wait(r"ticketd\.conf:\d+: .*offset 3", since=mark)
    assert d.lmtp_send(mail()) == 250


def test_a_rule_that_came_with_the_reload_decides_the_next_mail(t):
    rule = {'priority "urgent"': '{ clock "respond" { target = "1h" } }', 'rule "fire"': "{ text = { '\\bfire\\b' }  priority = \"urgent\" }"}
    d = t.ticketd().start()
    assert d.lmtp_send(mail(text="There is fire.\n")) == 250
    d.configure(desk=rule)
    assert d.reload() is True
    assert d.lmtp_send(mail(text="There is fire.\n")) == 250
    assert [c["priority"] for c in d.cases()] == ["normal", "urgent"]


def test_the_state_directory_cannot_change_on_reload(t):
    d = t.ticketd().start()
    d.configure(top={"state-directory": '"other"'})
    assert d.reload() is False
    assert not os.path.exists(os.path.join(d.dir, "other"))


def test_sigterm_ends_within_two_seconds_under_load(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    flood = d.lmtp_flood(mails(2000, pad=20000), connections=8)
    flood.wait_for(200)
    d.stop(within=2.0)
    flood.end = 0
    children = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout
    assert d.dir not in children


def test_sigterm_ends_within_two_seconds_when_a_role_hangs(t):
    d = t.ticketd().start()
    for role in ("lmtp", "maildir", "drop", "parse", "compose"):
        for pid in d.role_pids(role):
            os.kill(pid, signal.SIGSTOP)
    d.stop(within=2.0)


def test_sigint_ends_it_too(t):
    d = t.ticketd().start()
    d.process.send_signal(signal.SIGINT)
    assert d.ended(5) == 0
    d.process = None


# ---- the control socket

def test_list_show_and_status_answer_with_and_without_the_daemon(t):
    d = t.ticketd().start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    with_daemon = [d.ctl("--json", "list").stdout, d.show("1"), d.ctl("--json", "list", "--all").stdout]
    table = d.ctl("list").stdout
    assert "CAS-00001" in table and "Printer" in table and "CAS-00001" in d.ctl("show", "1").stdout and d.ctl("status").stdout
    number = d.cases()[0]["case"]
    assert d.show(number) == d.show(number.lower()) == d.show("1")
    assert d.status()["daemon"]["mails_taken"] == 1
    d.stop()
    assert [d.ctl("--json", "list").stdout, d.show("1"), d.ctl("--json", "list", "--all").stdout] == with_daemon
    done = d.ctl("--json", "status", check=False)
    assert json.loads(done.stdout)["daemon"] is None and json.loads(done.stdout)["cases"]["new"] == 1
    assert done.returncode == 69                # it does not run: scripts may ask that


def test_unknown_cases_verbs_and_options_have_their_exit_codes(t):
    d = t.ticketd().start()
    assert d.lmtp_send(mail()) == 250
    number = d.cases()[0]["case"]
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    for args, code in ((["show", "77"], 65), (["show", wrong], 65), (["show", "xyz"], 65), (["frobnicate"], 64), (["--frobnicate"], 64), (["show"], 64), ([], 64)):
        done = d.ctl(*args, check=False)
        assert done.returncode == code and done.stderr and not done.stdout, (args, done)


def test_another_user_is_refused_by_the_socket_and_by_the_files(t):
    t.root_only()
    nobody = pwd.getpwnam("nobody").pw_uid
    if subprocess.run([os.path.join(t.build, "bin", "ticketctl"), "--version"], user=nobody, capture_output=True).returncode != 0:
        t.skip("the build folder cannot be reached by nobody")
    d = t.ticketd().start()
    assert d.lmtp_send(mail(subject="secret matter")) == 250
    done = d.ctl("--json", "list", user=nobody, check=False)
    assert done.returncode == 77 and "secret" not in done.stdout and "control-group-read" in done.stderr, done
    d.stop()
    done = d.ctl("--json", "list", user=nobody, check=False)
    assert done.returncode == 77 and "secret" not in done.stdout, done
    for name in os.listdir(d.state):
        assert stat.S_IMODE(os.stat(os.path.join(d.state, name)).st_mode) & 0o077 == 0, name


def test_a_member_of_the_reading_group_may_ask(t):
    t.root_only()
    import grp
    nobody = pwd.getpwnam("nobody")
    group = grp.getgrgid(nobody.pw_gid).gr_name
    if subprocess.run([os.path.join(t.build, "bin", "ticketctl"), "--version"], user=nobody.pw_uid, capture_output=True).returncode != 0:
        t.skip("the build folder cannot be reached by nobody")
    d = t.ticketd(top={"control-group-read": '"%s"' % group}).start()
    assert d.lmtp_send(mail(subject="shared matter")) == 250
    done = d.ctl("--json", "list", user=nobody.pw_uid, check=False)
    assert done.returncode == 0 and "shared matter" in done.stdout, done


def test_garbage_and_silence_on_the_control_socket_harm_nothing(t):
    d = t.ticketd().start()
    path = os.path.join(d.dir, "control")

    def connect():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.settimeout(20)
        wait_until(lambda: s.connect_ex(path) == 0, "a connection")    # EAGAIN: its queue is full for a moment
        return s
    for data in (b"\0", b"\1", b"\x01\xff\xff\xff\xff", b"GET / HTTP/1.0\r\n\r\n", os.urandom(5000), b"\x00" + os.urandom(60000)):
        s = connect()
        s.send(data)
        assert s.recv(100) == b"", data[:20]    # closed, without a word
        s.close()
    s = connect()                               # descriptors that nobody asked for
    r, w = os.pipe()
    socket.send_fds(s, [b"\x00garbage"], [r, w, r, w])
    assert s.recv(100) == b""
    silent = [connect() for _ in range(60)]     # more than it serves at once, and none of them asks
    at = time.monotonic()
    wait_until(lambda: d.ctl("--json", "status", check=False).returncode == 0, "an answer again", 15)
    assert time.monotonic() - at < 13 * SLOW
    for s in silent:
        s.close()
    wait_until(lambda: d.lmtp_send(mail()) == 250, "mail to be taken")
    d.idle()
    assert len(d.cases()) == 1


def test_askers_that_go_away_or_never_read_harm_nothing(t):
    d = t.ticketd().start()
    for n in range(50):
        assert d.lmtp_send(mail(subject="n%d " % n + "x" * 500)) == 250
    for _ in range(20):
        p = subprocess.Popen([d.program("ticketctl"), "--config", d.conf, "--json", "list"], stdout=subprocess.PIPE)
        p.kill()
        p.wait()
        p.stdout.close()
    assert len(d.cases()) == 50
    wait_until(lambda: not any(b"reader" in open("/proc/%s/cmdline" % p, "rb").read() for p in
                               open("/proc/%d/task/%d/children" % (d.process.pid, d.process.pid)).read().split()), "readers to be gone")


# ---- the state directory

def test_a_second_core_on_the_same_state_is_refused_with_a_message(t):
    d = t.ticketd().start()
    other = t.ticketd("other", top={"state-directory": '"%s"' % d.state})
    done = t.run("ticketd", "-c", other.conf)
    assert done.returncode == 75 and d.state in done.stderr, done
    assert d.lmtp_send(mail()) == 250           # and the first one goes on


def test_a_key_file_that_is_open_to_others_is_refused(t):
    d = t.ticketd().start()
    d.stop()
    key = os.path.join(d.state, "master.key")
    os.chmod(key, 0o644)
    done = t.run("ticketd", "-c", d.conf)
    assert done.returncode == 77 and key in done.stderr and "chmod 600" in done.stderr, done
    os.chmod(key, 0o600)
    d.start()


def test_a_lost_or_foreign_key_is_never_replaced_silently(t):
    d = t.ticketd().start()
    assert d.lmtp_send(mail()) == 250
    d.stop()
    key = os.path.join(d.state, "master.key")
    os.rename(key, key + ".away")
    done = t.run("ticketd", "-c", d.conf)
    assert done.returncode == 77 and "master.key" in done.stderr and not os.path.exists(key), done
    for text in ("0" * 64 + "\n", "nonsense\n", ""):
        with open(os.open(key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f:
            f.write(text)
        done = t.run("ticketd", "-c", d.conf)
        assert done.returncode in (77, 78) and done.stderr, done
    os.rename(key + ".away", key)
    d.start()
    assert len(d.cases()) == 1


def test_a_state_directory_that_cannot_be_used_is_refused(t):
    d = t.ticketd(top={"state-directory": '"file/state"'})
    with open(os.path.join(d.dir, "file"), "w"):
        pass
    done = t.run("ticketd", "-c", d.conf)
    assert done.returncode not in (0, -6, -11) and "file/state" in done.stderr, done


# ---- the disk

def test_a_full_disk_answers_452_and_recovers_after_a_reload(t):
    if os.statvfs(t.dir).f_bavail * os.statvfs(t.dir).f_frsize > 1 << 40:
        t.skip("more than 1 TiB is free here, and free-space cannot be set higher")
    d = t.ticketd(limits={"free-space": '"1TiB"'}).start()
    answer = d.lmtp_send(mail(), to=["support@example.com"])["support@example.com"]
    assert answer[0] == 452 and answer[1].startswith("4.3.1"), answer
    d.maildir_put(mail(subject="by file"))
    d.configure(limits={"free-space": '"1MiB"'})
    assert d.reload() is True
    wait_until(lambda: try_send(d) == 250, "mail to be taken again", 10)
    wait_until(lambda: any(c["subject"] == "by file" for c in d.cases()), "the file that had to wait", 75)
    d.idle()
    assert len(d.letters("ack")) == 2


def try_send(d):
    try:
        return d.lmtp_send(mail())
    except OSError:
        return 0


def test_too_much_mail_in_hand_answers_452(t):
    d = t.ticketd(limits={"backlog": "3", "parse-workers": "1", "parse-timeout": '"5s"'}, desk=NO_BUDGET).start()
    (pid,) = d.role_pids("parse")
    os.kill(pid, signal.SIGSTOP)
    flood = d.lmtp_flood(mails(10), connections=10)
    wait_until(lambda: any("452 4.3.1" in e for e in flood.errors), "a 452")
    os.kill(pid, signal.SIGCONT)
    flood.finish()
    d.idle()
    assert len(d.cases()) == 10
