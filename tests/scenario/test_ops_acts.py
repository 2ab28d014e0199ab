# SPDX-License-Identifier: ISC
"""Acts of an operator: the commands of staff at the command line, who may give them, and what the journal says."""
import grp
import json
import os
import pwd
import subprocess

from harness import mail, wait_until

STAFF = {"staff": '{ "anna@example.com", "bo@example.com" }', "recall": '"0s"', 'queue "first"': '{ staff = { "anna@example.com" } }',
         'queue "second"': '{ staff = { "bo@example.com" } }', 'person "anna@example.com"': '{ label = "Anna Berg" }',
         'person "bo@example.com"': '{ label = "Bo Dahl" }'}


def desk(t, **more):
    d = t.ticketd(desk=dict(STAFF, **more)).start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    return d


def whats(d, number=1):
    return [(e["what"], e["by"]) for e in d.entries(number)]


def test_what_staff_do_by_mail_is_done_at_the_command_line(t):
    d = desk(t)
    login = pwd.getpwuid(os.geteuid()).pw_name
    number = d.cases()[0]["case"]
    out = d.ctl("assign", "1", "anna").stdout
    assert number in out and "anna@example.com" in out, out
    assert d.cases()[0]["assignee"] == "anna@example.com" and d.cases()[0]["state"] == "assigned"
    d.ctl("requeue", number.lower(), "second")
    assert d.cases()[0]["queue"] == "second"
    d.ctl("note", "1", "--", "#close is what", "they wrote")
    notes = [e for e in d.entries(1, "note")]
    assert [n["text"] for n in notes] == ["#close is what they wrote"] and d.cases()[0]["state"] != "closed"
    answer = json.loads(d.ctl("--json", "reply", "1", "It prints\nagain.", "--as", "bo").stdout)
    assert answer["case"] == number and answer["done"], answer
    letter = d.letters_wait(1, "relay")[0]
    assert "It prints\nagain." in letter.get_body(("plain",)).get_content() and "Bo Dahl" in letter["From"] and letter["To"].endswith("ann@customer.example>")
    d.ctl("do", "1", "priority", "normal")
    d.ctl("-q", "close", "1")
    assert d.cases()[0]["state"] == "closed"
    for e in d.entries(1):
        if e["by"] in ("operator", "bo@example.com") and e["what"] in ("command", "relayed", "assigned", "queue", "note", "state"):
            assert "login %s" % login in (e["why"] or ""), e
    assert ("relayed", "bo@example.com") in whats(d) and ("note", "operator") in whats(d), whats(d)
    assert d.log_find(r"case=%s login=%s .*status=ok" % (number, login))


def test_an_act_that_cannot_be_done_says_why_and_does_nothing(t):
    d = desk(t)
    before = d.cases()
    for args, words in ((["assign", "1", "nobody-here"], "anna@example.com"), (["requeue", "1", "third"], "second"), (["assign", "77", "anna"], "no case"),
                        (["reply", "1", "Hello"], "--as"), (["close", "1", "Solved."], "--as"), (["do", "1", "take"], "--as"),
                        (["do", "1", "frobnicate"], "frobnicate"), (["release", "1", "--drop"], "nothing is held"), (["reply", "1", "Hello", "--as", "zoe"], "zoe")):
        done = d.ctl(*args, check=False)
        assert done.returncode == 65 and words in done.stderr and done.stdout == "", (args, done)
    for args in (["assign", "1"], ["assign", "1", "a", "b"], ["note", "1"], ["assign", "1", "an\nna"], ["list", "--as", "anna"], ["reply", "1", " "]):
        done = d.ctl(*args, check=False)
        assert done.returncode == 64 and done.stderr and done.stdout == "", (args, done)
    after = d.cases()
    assert [{k: v for k, v in c.items() if k != "changed"} for c in before] == [{k: v for k, v in c.items() if k != "changed"} for c in after]
    assert not d.letters("relay")


def test_the_login_of_a_person_says_in_whose_name(t):
    login = pwd.getpwuid(os.geteuid()).pw_name
    d = desk(t, **{'person "anna@example.com"': '{ label = "Anna Berg"  login = "%s" }' % login})
    d.ctl("reply", "1", "I look at it.")
    assert "Anna Berg" in d.letters_wait(1, "relay")[0]["From"]
    d.ctl("reply", "1", "So do I.", "--as", "bo@example.com")
    assert "Bo Dahl" in d.letters_wait(2, "relay")[1]["From"]


def test_words_may_come_on_standard_input(t):
    d = desk(t)
    done = subprocess.run([d.program("ticketctl"), "-c", d.conf, "note", "1"], input="First line.\n\nThird line, åäö.\n".encode(), capture_output=True)
    assert done.returncode == 0, done
    assert d.entries(1, "note")[0]["text"] == "First line.\n\nThird line, åäö."
    for data in (b"x" * 40000, b"not \xff utf-8", b"\n \n"):
        done = subprocess.run([d.program("ticketctl"), "-c", d.conf, "note", "1"], input=data, capture_output=True)
        assert done.returncode in (64, 65), (data[:10], done)
    assert len(d.entries(1, "note")) == 1


def test_readers_may_look_and_writers_may_act(t):
    t.root_only()
    nobody = pwd.getpwnam("nobody")
    if subprocess.run([os.path.join(t.build, "bin", "ticketctl"), "--version"], user=nobody.pw_uid, capture_output=True).returncode != 0:
        t.skip("the build folder cannot be reached by nobody")
    group = grp.getgrgid(nobody.pw_gid).gr_name
    d = t.ticketd(desk=STAFF, top={"control-group-read": '"%s"' % group}).start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    assert "Printer" in d.ctl("list", user=nobody.pw_uid).stdout
    for args in (["assign", "1", "anna"], ["close", "1"], ["note", "1", "words"], ["release", "1"], ["do", "1", "spam"]):
        done = d.ctl(*args, user=nobody.pw_uid, check=False)
        assert done.returncode == 77 and "control-group-write" in done.stderr, (args, done)
    assert d.cases()[0]["assignee"] is None and d.cases()[0]["state"] == "new"
    d.configure(top={"control-group-write": '"%s"' % group})
    assert d.reload() is True
    d.ctl("assign", "1", "anna", user=nobody.pw_uid)
    assert d.cases()[0]["assignee"] == "anna@example.com"
    assert "login nobody" in d.entries(1, "assigned")[0]["why"]


def test_an_act_needs_the_daemon_and_says_so(t):
    d = desk(t)
    d.stop()
    done = d.ctl("assign", "1", "anna", check=False)
    assert done.returncode == 69 and "systemctl start ticketd" in done.stderr, done


def test_an_act_is_durable_when_it_is_answered(t):
    d = desk(t)
    d.ctl("assign", "1", "anna")
    d.kill()
    d.start()
    assert d.cases()[0]["assignee"] == "anna@example.com"


def test_held_mail_of_staff_is_released_or_dropped(t):
    d = desk(t)
    number = d.cases()[0]["case"]
    forged = mail(subject="Re: [%s] Printer" % number, sender="Anna <anna@example.com>", text="#close\n")
    assert d.lmtp_send(forged, sender="anna@example.com") == 250
    wait_until(lambda: d.entries(1, "held"), "the mail to be held")
    d.ctl("release", "1", "--drop")
    assert d.cases()[0]["state"] == "new"
    assert d.ctl("release", "1", "--drop", check=False).returncode == 65
    assert d.lmtp_send(mail(subject="Re: [%s] Printer" % number, sender="Anna <anna@example.com>", text="#close\n"), sender="anna@example.com") == 250
    wait_until(lambda: len(d.entries(1, "held")) == 2, "the second to be held")
    assert "1 held mail" in d.ctl("release", "1").stdout
    assert d.cases()[0]["state"] == "closed"


# ---- the list

def test_the_list_is_filtered_sorted_and_cut(t):
    d = t.ticketd(desk=dict(STAFF, **{'priority "urgent"': '{ clock "respond" { target = "1h" } }', 'rule "fire"': "{ text = { 'fire' }  priority = \"urgent\" }"})).start()
    for subject, sender in (("Alpha", "Ann <ann@customer.example>"), ("Beta fire", "Zed <zed@customer.example>"), ("Gamma", "Bob <bob@other.example>")):
        assert d.lmtp_send(mail(subject=subject, sender=sender)) == 250
    d.idle()
    d.ctl("assign", "3", "bo")

    def subjects(*args):
        return [c["subject"].split()[0] for c in json.loads(d.ctl("--json", "list", *args).stdout)["cases"]]
    assert subjects() == ["Alpha", "Gamma", "Beta"]
    assert subjects("--sort", "subject") == ["Alpha", "Beta", "Gamma"] and subjects("--sort", "-subject") == ["Gamma", "Beta", "Alpha"]
    assert subjects("--sort", "from") == ["Alpha", "Gamma", "Beta"] and subjects("--sort", "due")[0] == "Beta"
    assert subjects("--priority", "urgent") == ["Beta"] and subjects("--assignee", "bo") == ["Gamma"] and subjects("--assignee", "none") == ["Alpha", "Beta"]
    assert subjects("--text", "OTHER.example") == ["Gamma"] and subjects("--text", "fire") == ["Beta"] and subjects("--overdue") == []
    assert subjects("--desk", "other") == [] and subjects("--state", "assigned") == ["Gamma"]
    lines = d.ctl("list", "--columns", "subject,case,assignee").stdout.splitlines()
    assert lines[0].split() == ["SUBJECT", "CASE", "ASSIGNEE"] and len(lines) == 4
    for args in (["--columns", "case,nonsense"], ["--sort", "nonsense"]):
        done = d.ctl("list", *args, check=False)
        assert done.returncode == 64 and "nonsense" in done.stderr and "subject" in done.stderr, done


def test_tables_fit_the_width_with_wide_characters_and_without_colours(t):
    d = t.ticketd(desk=STAFF).start()
    assert d.lmtp_send(mail(subject="=?utf-8?B?5Y2w5Yi35py65LiN6IO95bel5L2c5LqGIHByaW50ZXIgZG9lcyBub3QgcHJpbnQgYW55IG1vcmUsIGFuZCBub2JvZHkga25vd3Mgd2h5?=")) == 250
    d.idle()
    import unicodedata
    for width in (80, 200):
        env = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", COLUMNS=str(width))
        out = subprocess.run([d.program("ticketctl"), "-c", d.conf, "list"], env=env, capture_output=True, text=True).stdout
        cells = [sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in out.splitlines()]
        assert len(cells) == 2 and max(cells) <= width and "\x1b" not in out, (width, cells, out)
        assert "印刷" in out, out


# ---- looking further

def test_search_finds_words_wherever_they_stand_newest_first(t):
    d = t.ticketd(desk=STAFF).start()
    for subject, text in (("Första ärendet", "Skrivaren i LAGRET är trasig.\n"), ("Other", "Nothing.\n"), ("Lagret again", "x " * 100 + "the needle" + " y" * 100 + "\n")):
        assert d.lmtp_send(mail(subject=subject, text=text, headers={"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"})) == 250
    d.idle()

    def found(*args):
        doc = json.loads(d.ctl("--json", "search", *args).stdout)
        return [(int(h["case"].split("-")[1]), h["where"]) for h in doc["hits"]]
    assert found("lagret") == [(3, "subject"), (1, "text")]
    assert found("FÖRSTA") == [(1, "subject")] and found("ann@CUSTOMER.example")[0][1] == "requester" and found("nowhere at all") == []
    assert found("--limit", "1", "lagret") == [(3, "subject")] and found("lagret", "--until", "2020-01-01") == []
    hit = json.loads(d.ctl("--json", "search", "the needle").stdout)["hits"][0]
    assert hit["excerpt"].startswith("…") and "the needle" in hit["excerpt"] and len(hit["excerpt"]) < 200
    assert "nothing found in 3 cases" in d.ctl("search", "nowhere").stdout and "needle" in d.ctl("search", "the", "needle").stdout
    assert found(".*") == []                    # words, not a pattern
    for args in (["search"], ["search", ""], ["search", "x", "--limit", "0"], ["search", "x", "--since", "yesterday"]):
        assert d.ctl(*args, check=False).returncode == 64, args
    d.stop()
    assert found("lagret") == [(3, "subject"), (1, "text")]


def test_letters_wait_in_the_queue_and_can_be_sent_now_or_again(t):
    d = t.ticketd(desk=dict(STAFF, recall='"1h"')).start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    assert "no letter waits" in d.ctl("queue").stdout
    d.ctl("reply", "1", "It prints again.", "--as", "anna")
    (row,) = json.loads(d.ctl("--json", "queue").stdout)["letters"]
    assert row["kind"] == "relay" and row["to"] == "ann@customer.example" and row["attempts"] == 0, row
    assert "relay" in d.ctl("queue").stdout and not d.letters("relay")
    d.ctl("resend", str(row["letter"]))
    first = d.letters_wait(1, "relay")[0]
    d.idle()
    assert "no letter waits" in d.ctl("queue").stdout
    d.ctl("resend", str(row["letter"]))
    wait_until(lambda: [e["letter"] for e in d.entries(1, "sent")].count(row["letter"]) == 2, "it to be sent again")
    assert [x.raw for x in d.letters("relay")] == [first.raw]      # a folder keeps one of what is the same to the byte
    assert [e["letter"] for e in d.entries(1, "letter") if e["why"].startswith("sent again")] == [row["letter"]] * 2
    for word in ("99", "x", "0"):
        assert d.ctl("resend", word, check=False).returncode == 65


def test_a_mailbox_is_paused_over_restarts_and_taken_up_again(t):
    d = t.ticketd(desk=STAFF).start()
    assert "paused" in d.ctl("mailbox", "pause", "inbox").stdout
    name = d.maildir_put(mail(subject="waits"))
    assert d.lmtp_send(mail(subject="comes")) == 250
    assert [c["subject"] for c in d.cases()] == ["comes"] and not d.role_pids("maildir")
    done = d.ctl("status", check=False)
    assert done.returncode == 75 and "PROBLEM" in done.stdout and "inbox is paused by" in done.stdout, done
    d.restart()
    assert not d.role_pids("maildir") and os.path.exists(os.path.join(d.inbox, "new", name))
    d.ctl("mailbox", "resume", "inbox")
    wait_until(lambda: len(d.cases()) == 2, "the mail that waited")
    wait_until(lambda: d.ctl("status", check=False).returncode == 0, "health")
    for args, words in ((["mailbox", "pause", "nonsense"], "inbox"), (["mailbox", "stop", "inbox"], "pause")):
        done = d.ctl(*args, check=False)
        assert done.returncode == 64 and words in done.stderr, done


def test_reload_says_what_is_wrong(t):
    d = t.ticketd(desk=STAFF).start()
    assert "read anew" in d.ctl("reload").stdout
    d.configure(desk={"staff": '{ "anna@example.com" }', "nonsense": '"1"'})
    done = d.ctl("--socket", os.path.join(d.dir, "control"), "reload", check=False)
    assert done.returncode == 78 and "ticketd.conf:" in done.stderr and "nonsense" in done.stderr, done


def test_audit_says_the_fate_of_each_mail_of_a_mailbox(t):
    d = t.ticketd(desk=STAFF).start()
    one = mail(subject="one")
    for data in (one, one, mail(subject="two")):
        d.maildir_put(data)
    wait_until(lambda: len(d.cases()) == 2, "two cases")

    def counts():
        return json.loads(d.ctl("--json", "audit", "--all").stdout)["mailboxes"][0]
    wait_until(lambda: counts()["counts"]["unsettled"] == 0, "the folder to be told")
    box = counts()
    assert box["mailbox"] == "inbox" and box["counts"]["taken"] == 2 and box["counts"]["duplicate"] == 1 and len(box["mails"]) == 3
    assert all(m["case"].startswith("CAS-") for m in box["mails"])
    assert "2 taken, 1 duplicate" in d.ctl("audit").stdout and len(d.ctl("audit", "inbox").stdout.splitlines()) == 3
    assert d.ctl("audit", "nonsense", check=False).returncode == 65


def test_top_gives_one_look_where_there_is_no_terminal(t):
    d = t.ticketd(desk=STAFF).start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    out = d.ctl("top").stdout
    assert "1 new" in out and "all is well" in out and "Printer" in out and "\x1b" not in out, out
    assert d.ctl("top", "--every", "0", check=False).returncode == 64


def test_show_has_a_bar_for_each_clock(t):
    d = t.ticketd(desk=STAFF).start()
    assert d.lmtp_send(mail(subject="Printer")) == 250
    d.idle()
    out = d.ctl("show", "1").stdout
    assert "░" * 40 + " 0 %" in out and "UTC" in out, out
    assert json.loads(d.ctl("--json", "show", "1").stdout)["clocks"][0]["percent"] == 0
