# SPDX-License-Identifier: ISC
"""Looking after the store: check, backup while mail flows, restore, erasing, retention."""
import json
import os
import re
import shutil
import signal

from harness import body_of, mail, wait_until
from test_core_restart import NO_BUDGET, everything_once, mails


def lines(done):
    return done.stdout.splitlines()


def known(d):
    """Each case with its journal; what depends on the hour of asking is left out."""
    return [(c["case"], c["subject"], c["requester"], c["opened"], c["entries"]) for c in (d.show(x["case"]) for x in d.cases())]


def served(t, n=3, **more):
    d = t.ticketd(**more).start()
    for i in range(n):
        assert d.lmtp_send(mail(subject="case %d" % i)) == 250
    d.idle()
    return d


def damaged(path, where=0.5):
    """One bit is turned over in a page of values."""
    with open(path, "r+b") as f:
        f.seek(0, 2)
        at = int(f.tell() * where)
        f.seek(at)
        byte = f.read(1)
        f.seek(at)
        f.write(bytes([byte[0] ^ 0x04]))


# ---- check

def test_check_says_the_same_online_and_down(t):
    d = served(t)
    online = d.ctl("check")
    assert lines(online)[-1] == "nothing is wrong" and lines(online)[0].startswith("3 cases, ")
    d.stop()
    assert lines(d.ctl("check")) == lines(online)
    doc = json.loads(d.ctl("--json", "check").stdout)
    assert doc["clean"] is True and doc["counts"]["mails"] == 3 and doc["findings"] == []


def test_repair_is_refused_while_the_daemon_runs_and_harmless_when_nothing_is_wrong(t):
    d = served(t, 1)
    done = d.ctl("check", "--repair", check=False)
    assert done.returncode == 75 and "in use by another ticketd" in done.stderr
    before = d.cases()
    d.stop()
    assert lines(d.ctl("check", "--repair"))[-1] == "nothing is wrong"
    d.start()
    assert d.cases() == before


def test_a_wrong_key_a_missing_key_and_missing_keys_are_told_and_nothing_is_written(t):
    d = served(t, 1)
    d.stop()
    key, keys = os.path.join(d.state, "master.key"), os.path.join(d.state, "keys")
    with open(key) as f:
        right = f.read()

    def refused(words, code):
        before = {n: open(os.path.join(d.state, n), "rb").read() for n in ("data.mdb", "keys") if os.path.exists(os.path.join(d.state, n))}
        done = d.ctl("check", check=False)
        assert words in done.stderr, done.stderr
        p = t.run("ticketd", "-c", d.conf)
        assert p.returncode == code and words.replace("cannot be read", "cannot be used") in p.stderr, p.stderr
        assert before == {n: open(os.path.join(d.state, n), "rb").read() for n in before}
    with open(key, "w") as f:
        f.write("0" * 64 + "\n")
    refused("was sealed under another master key", 78)
    os.rename(key, key + ".away")
    assert "cannot be read" in d.ctl("check", check=False).stderr
    assert t.run("ticketd", "-c", d.conf).returncode == 77
    assert not os.path.exists(key)              # never a new key for an old store
    with open(key, "w") as f:
        f.write(right)
    os.chmod(key, 0o600)
    os.rename(keys, keys + ".away")
    refused("the file keys is missing", 65)
    os.rename(keys + ".away", keys)
    assert d.ctl("check").returncode == 0


# ---- backup and restore

def test_a_backup_while_mail_flows_is_whole_and_restored_it_goes_on(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    sent = mails(300)
    flood = d.lmtp_flood(sent, connections=4)
    flood.wait_for(100)
    done = d.ctl("backup", t.path("safe"), "--keys", t.path("keys.copy"))
    assert "It is sealed" in done.stdout
    flood.finish()
    everything_once(d, sent)
    note = json.load(open(t.path("safe", "backup.json")))
    assert note["bytes"] == os.path.getsize(t.path("safe", "data.mdb")) and note["generation"] == 1
    assert sorted(os.listdir(t.path("safe"))) == ["backup.json", "data.mdb"]
    # over a store that is there: never
    d.stop()
    whole = open(os.path.join(d.state, "data.mdb"), "rb").read()
    refused = d.ctl("restore", t.path("safe"), check=False)
    assert refused.returncode == 73 and "nothing was overwritten" in refused.stderr
    assert open(os.path.join(d.state, "data.mdb"), "rb").read() == whole
    # the data is lost, the keys are there
    last = d.cases()[-1]["case"]
    os.unlink(os.path.join(d.state, "data.mdb"))
    done = d.ctl("restore", t.path("safe"))
    assert "is restored as it was at" in done.stdout and "generation 2" in done.stdout, done.stdout
    assert 100 <= len(d.cases()) <= 300
    assert "held" in d.ctl("check").stdout or "(0 wait)" in d.ctl("check").stdout
    d.ctl("unhold", "--all", "--drop")                 # while it is down, too
    assert lines(d.ctl("check"))[-1] == "nothing is wrong"
    d.start()
    assert d.lmtp_send(mail(subject="after")) == 250
    d.idle()
    assert int(d.cases()[-1]["case"].split("-")[1]) > int(last.split("-")[1]), "a number was given twice"


def test_everything_is_lost_but_backup_keys_and_master_key(t):
    d = served(t)
    d.ctl("backup", t.path("safe"), "--keys", t.path("keys.copy"))
    before = known(d)
    d.stop()
    shutil.copy(os.path.join(d.state, "master.key"), t.path("master"))
    shutil.rmtree(d.state)
    os.mkdir(d.state, 0o700)
    shutil.copy(t.path("master"), os.path.join(d.state, "master.key"))
    done = d.ctl("restore", t.path("safe"), check=False)
    assert done.returncode == 66 and "--keys" in done.stderr
    d.ctl("restore", t.path("safe"), "--keys", t.path("keys.copy"))
    assert known(d) == before
    assert "restore.new" not in os.listdir(d.state) and {"data.mdb", "keys"} <= set(os.listdir(d.state))


def test_a_damaged_backup_is_not_restored(t):
    d = served(t)
    d.ctl("backup", t.path("safe"))
    d.stop()
    for spoil in ("bit", "cut"):
        shutil.copytree(t.path("safe"), t.path(spoil))
        path = t.path(spoil, "data.mdb")
        if spoil == "bit":
            damaged(path)
        else:
            os.truncate(path, os.path.getsize(path) // 2)
        os.rename(os.path.join(d.state, "data.mdb"), os.path.join(d.state, "data.away"))
        done = d.ctl("restore", t.path(spoil), check=False)
        assert done.returncode == 65 and "is not what was backed up" in done.stderr, done.stderr
        assert not os.path.exists(os.path.join(d.state, "data.mdb"))
        os.unlink(t.path(spoil, "backup.json"))         # nobody to compare with: the check has to see it
        if spoil == "cut":
            done = d.ctl("restore", t.path(spoil), check=False)
            assert done.returncode == 65 and not os.path.exists(os.path.join(d.state, "data.mdb")), done.stdout + done.stderr
        os.rename(os.path.join(d.state, "data.away"), os.path.join(d.state, "data.mdb"))
    assert d.ctl("check").returncode == 0


def test_letters_that_waited_at_the_backup_are_held_until_somebody_says_so(t):
    d = t.ticketd().start()
    for pid in d.role_pids("drop"):
        os.kill(pid, signal.SIGSTOP)
    assert d.lmtp_send(mail()) == 250
    wait_until(lambda: d.status()["letters_waiting"] == 1, "the acknowledgement to wait")
    d.ctl("backup", t.path("safe"))
    for pid in d.role_pids("drop"):
        os.kill(pid, signal.SIGCONT)
    first = d.letters_wait(1, "ack")[0]                 # it goes out after the backup
    d.idle()
    d.stop()
    os.unlink(os.path.join(d.state, "data.mdb"))
    os.unlink(first.path)
    assert "1 letters waited then" in d.ctl("restore", t.path("safe")).stdout
    d.start()
    assert "held" in d.ctl("check").stdout
    assert d.lmtp_send(mail(subject="another")) == 250
    assert first["Message-ID"] not in [x["Message-ID"] for x in d.letters_wait(1, "ack")], "it went out twice unasked"
    assert json.loads(d.ctl("unhold", "--all").stdout)["done"] == [{"letters": 1, "dropped": False}]
    d.letters_wait(2, "ack")
    assert [x.raw for x in d.letters("ack") if x["Message-ID"] == first["Message-ID"]] == [first.raw]     # the same letter, byte by byte
    d.idle()
    assert "held" not in d.ctl("check").stdout


# ---- erasing

def test_an_erased_case_is_gone_and_its_mail_does_not_come_back(t):
    d = t.ticketd().start()
    one = mail(subject="to be forgotten")
    assert d.lmtp_send(one) == 250 and d.lmtp_send(mail(subject="to be kept", sender="bob@else.example")) == 250
    d.idle()
    d.ctl("backup", t.path("safe"))
    first, kept = (c["case"] for c in d.cases())
    for wrong in ("1", first[:-1] + ("2" if first[-1] != "2" else "3")):
        assert d.ctl("erase", wrong, check=False).returncode == 65
    receipt = json.loads(d.ctl("erase", first).stdout)["done"][0]
    assert receipt["erased"] == first and receipt["mails"] == 1 and receipt["keys"] == 2 and receipt["letters"] == 1
    assert [c["case"] for c in d.cases()] == [kept] and d.ctl("show", first, check=False).returncode == 65
    assert lines(d.ctl("check"))[-1] == "nothing is wrong"
    # the same mail again: not stored, not acknowledged, but somebody is told
    acks = len(d.letters("ack"))
    assert d.lmtp_send(one) == 250
    alarm = d.letters_wait(1, "alarm")[-1]
    assert "erased" in body_of(alarm)
    d.log_wait(r"why=erased-before status=alarm")
    d.idle()
    assert [c["case"] for c in d.cases()] == [kept] and len(d.letters("ack")) == acks
    # and out of the old backup it cannot be read either
    d.stop()
    os.unlink(os.path.join(d.state, "data.mdb"))
    d.ctl("restore", t.path("safe"))
    assert [c["case"] for c in d.cases()] == [kept]
    d.start()
    assert lines(d.ctl("check"))[-1] == "nothing is wrong"
    assert d.lmtp_send(one) == 250                      # tombstones are made again from what the backup knows
    d.log_wait(r"why=erased-before status=alarm")
    assert [c["case"] for c in d.cases()] == [kept]


def test_all_cases_of_a_person_online_and_down(t):
    d = t.ticketd().start()
    for i in range(3):
        assert d.lmtp_send(mail(subject="case %d" % i)) == 250
    assert d.lmtp_send(mail(sender="bob@else.example")) == 250
    d.idle()
    assert d.ctl("erase", "--person", "nobody@else.example", check=False).returncode == 65
    done = json.loads(d.ctl("erase", "--person", "ann@Customer.example").stdout)["done"]
    assert len(done) == 3 and sum(r["mails"] for r in done) == 3
    assert [c["requester"]["addr"] for c in d.cases()] == ["bob@else.example"]
    d.stop()
    assert len(json.loads(d.ctl("erase", "--person", "bob@else.example").stdout)["done"]) == 1
    assert d.cases() == [] and lines(d.ctl("check"))[-1] == "nothing is wrong"


def test_who_may_only_read_erases_nothing(t):
    t.root_only()
    d = served(t, 1, top={"control-group-read": '"nogroup"'})
    number = d.cases()[0]["case"]
    os.chmod(t.dir, 0o755)
    os.chmod(d.dir, 0o755)
    assert d.ctl("list", user=65534).returncode == 0
    done = d.ctl("erase", number, check=False, user=65534)
    assert done.returncode == 77 and "control-group-write" in done.stderr
    assert d.cases()[0]["case"] == number


def test_closed_cases_go_when_their_time_is_over(t):
    d = t.ticketd(desk={"retention": '"1s"', "staff": '{ "liz@example.com" }', "authserv": '"mx.example.com"'}, lmtp={"trust-auth": "true"}).start()
    assert d.lmtp_send(mail(subject="open")) == 250
    spam = mail(subject="closed", sender="bob@else.example")
    assert d.lmtp_send(spam) == 250
    d.idle()
    number = next(c["case"] for c in d.cases() if c["subject"] == "closed")
    proof = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=example.com"}
    assert d.lmtp_send(mail(sender="liz@example.com", subject="Re: [%s] closed" % number, text="#close\n", headers=proof), sender="liz@example.com") == 250
    wait_until(lambda: any(c["case"] == number and c["state"] == "closed" for c in d.cases()) or len(d.cases()) == 1, "the case to be closed")
    d.restart()                                         # the day's look begins anew
    d.log_wait(r"action=erase why=retention", timeout=60) if len(d.cases()) > 1 else None
    wait_until(lambda: [c["subject"] for c in d.cases()] == ["open"], "the closed case to go")
    assert lines(d.ctl("check"))[-1] == "nothing is wrong"


# ---- a new master key

def test_a_new_master_key_while_mail_flows_and_after_a_kill(t):
    d = t.ticketd(desk=NO_BUDGET).start()
    key = os.path.join(d.state, "master.key")
    old = open(key).read()
    sent = mails(200)
    flood = d.lmtp_flood(sent, connections=3)
    flood.wait_for(50)
    d.ctl("backup", t.path("before"))
    assert json.loads(d.ctl("rotate").stdout)["done"] == [{"rotation": "begun"}]
    d.log_wait(r"action=rotate status=switched")
    assert open(key).read() != old and not os.path.exists(key + ".new")
    assert d.ctl("rotate", check=False).returncode in (0, 75)
    d.log_wait(r"action=rotate status=done", timeout=60)
    flood.finish()
    everything_once(d, sent)
    d.kill()                                            # and once more, ended in the middle of it
    d.start()
    if not d.log_find(r"action=rotate"):
        d.ctl("rotate")
    d.kill()
    d.start()
    assert lines(d.ctl("check"))[-1] == "nothing is wrong" and len(d.cases()) == 200
    d.stop()
    with open(t.path("old"), "w") as f:
        f.write(old)
    os.chmod(t.path("old"), 0o600)
    assert "another master key" in d.ctl("--key-file", t.path("old"), "check", check=False).stderr
    # a backup of before it needs both
    os.rename(os.path.join(d.state, "data.mdb"), t.path("data.away"))
    done = d.ctl("restore", t.path("before"), check=False)
    assert done.returncode == 65 and "--old-key" in done.stderr, done.stderr
    d.ctl("restore", t.path("before"), "--old-key", t.path("old"))
    d.ctl("unhold", "--all", "--drop")
    assert 50 <= len(d.cases()) <= 200 and lines(d.ctl("check"))[-1] == "nothing is wrong"


def test_a_new_master_key_while_the_daemon_is_down(t):
    d = served(t, 2)
    d.stop()
    key = os.path.join(d.state, "master.key")
    old = open(key).read()
    assert "the new master key counts" in d.ctl("rotate").stdout
    assert open(key).read() != old and len(d.cases()) == 2
    with open(t.path("mine"), "w") as f:
        f.write("ab" * 32 + "\n")
    os.chmod(t.path("mine"), 0o600)
    d.ctl("rotate", "--new-key", t.path("mine"))
    assert d.ctl("check", check=False).returncode != 0
    shutil.copy(t.path("mine"), key)
    assert lines(d.ctl("check"))[-1] == "nothing is wrong"
    assert "in use" in d.ctl("rotate", "--new-key", t.path("mine"), check=False).stderr


# ---- export

def unquoted(path):
    """The mails of an mboxrd, byte by byte."""
    parts = re.split(rb"(?m)^From - .*\n", open(path, "rb").read())[1:]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", p)[:-1] for p in parts]


def test_an_export_has_everything_of_a_case_or_a_person(t):
    d = t.ticketd().start()
    tricky = mail(subject="exported", text="From here on\n>From there\nend\n")
    assert d.lmtp_send(tricky) == 250 and d.lmtp_send(mail(subject="another")) == 250 and d.lmtp_send(mail(sender="bob@else.example")) == 250
    d.idle()
    number = next(c["case"] for c in d.cases() if c["subject"] == "exported")
    d.ctl("export", number, t.path("one"))
    doc = json.load(open(t.path("one", "export.json")))
    assert [c["case"]["number"] for c in doc["cases"]] == [number]
    one = doc["cases"][0]
    assert len(one["entries"]) == one["case"]["entries"] and one["entries"][0]["what"] == "OPENED" and one["mails"][0]["record"]["size"] == len(tricky)
    found, = unquoted(t.path("one", "mails.mbox"))
    assert found == tricky
    letter = next(x for x in d.letters("ack") if x["X-Ticketd-Case"] == number)
    assert [x["message_id"] for x in one["letters"]] == [letter["Message-ID"].strip("<>")]
    assert letter["Message-ID"].encode() in open(t.path("one", "letters.mbox"), "rb").read()
    # a person: all of it and nothing of others; over an export: never; of nobody: nothing is left behind
    assert "2 cases, 2 mails, 2 letters" in d.ctl("export", "--person", "ann@CUSTOMER.example", t.path("ann")).stdout
    assert b"bob@" not in open(t.path("ann", "mails.mbox"), "rb").read()
    assert d.ctl("export", number, t.path("one"), check=False).returncode == 73
    assert d.ctl("export", "--person", "nobody@else.example", t.path("none"), check=False).returncode == 65 and os.listdir(t.path("none")) == []
    d.stop()
    d.ctl("export", number, t.path("down"))
    down = json.load(open(t.path("down", "export.json")))
    assert down["cases"] == doc["cases"]
