# SPDX-License-Identifier: ISC
"""The report and the pages: figures equal what the journal says, texts of strangers stay texts, what is written is whole."""
import csv
import datetime
import html.parser
import io
import json
import os
import zoneinfo

from replay import Replay, profile_text

ANN, BEN = "ann@kund.example", "ben@annan.example"
PROFILE = "erp-se"


def played(t):
    """Three months with answers, a take-back, a case opened again and one over the turn of a month by the desk's own clock; the store stays."""
    r = Replay(t, PROFILE)
    r.mail("2026-01-12 10:00", ANN, "Order <script>alert(1)</script>", "=1+1\n")
    r.staff("2026-01-12 11:00", "anna", 1, "#take\n#time 30m\n\nPlease restart it.\n")
    r.staff("2026-01-13 11:00", "anna", 1, "#resolve\n")
    r.mail("2026-01-31 23:59", BEN, "Invoice")
    r.staff("2026-02-02 09:00", "bo", 2, "#take\n\nWhich one?\n")
    r.staff("2026-02-02 10:00", "bo", 2, "I have found it.\n")
    r.staff("2026-02-03 10:00", "bo", 2, "#resolve\n")
    r.customer("2026-02-04 10:00", BEN, 2, "It is still wrong.\n")
    r.staff("2026-03-03 10:00", "bo", 2, "#resolve\n")
    r.mail("2026-03-10 10:00", ANN, "Third")
    r.run("2026-03-20 18:00")
    folder = t.path("replay-%d" % id(r))
    r.keep = t.path("kept")
    done = t.run("ticketctl", "simulate", "--config", os.path.join(folder, "p.conf"), "--in", os.path.join(folder, "in.mbox"), "--out", os.path.join(folder, "again.mbox"),
                 "--until", "2026-03-20T17:00:00Z", "--keep", r.keep)
    assert done.returncode == 0, done.stderr
    with open(os.path.join(folder, "again.mbox"), "rb") as again, open(os.path.join(folder, "out.mbox"), "rb") as out:
        assert again.read() == out.read(), "a store that stays changes nothing"
    again = t.run("ticketctl", "simulate", "--config", os.path.join(folder, "p.conf"), "--in", os.path.join(folder, "in.mbox"), "--out", os.path.join(folder, "x.mbox"), "--keep", r.keep)
    assert again.returncode == 73 and "File exists" in again.stderr, again.stderr
    r.ask = lambda *words: t.run("ticketctl", "-c", os.path.join(folder, "p.conf"), "--state-directory", r.keep, *words)
    return r


def told(r, *words):
    done = r.ask(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def local_month(stamp):
    at = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return at.astimezone(zoneinfo.ZoneInfo("Europe/Stockholm")).strftime("%Y-%m")


def test_figures_are_those_of_the_journal(t):
    r = played(t)
    doc = json.loads(told(r, "--json", "report"))
    months = {m["name"]: m for m in doc["by"]["month"]}
    want = {}

    def count(stamp, what):
        if stamp:
            row = want.setdefault(local_month(stamp), dict.fromkeys(("taken_in", "answered", "resolved", "first_contact"), 0))
            row[what] += 1

    for case in json.loads(told(r, "--json", "list", "--all"))["cases"]:
        entries = json.loads(told(r, "--json", "show", case["case"]))["entries"]
        of = lambda what: [e["at"] for e in entries if e["what"] == what]  # noqa: E731
        count(of("opened")[0], "taken_in")
        count(min(of("relayed"), default=None), "answered")
        ended = case["resolved"] or case["closed"]
        count(ended, "resolved")
        if ended and len(of("relayed")) <= 1 and not of("reopened"):
            count(ended, "first_contact")
    for name, row in want.items():
        assert {k: months[name][k] for k in row} == row, (name, months[name], row)
    assert set(months) == set(want) and want["2026-01"]["taken_in"] == 2 and want["2026-01"]["first_contact"] == 1, want
    assert months["2026-01"]["minutes"] == 30 and sum(m["reopened"] for m in months.values()) == 1, months
    assert sum(a["cases"] for a in doc["backlog"]) == months["2026-03"]["open"] == 1, doc["backlog"]
    part = json.loads(told(r, "--json", "report", "--month", "2026-01"))
    assert [m["name"] for m in part["by"]["month"]] == ["2026-01"] and part["until"] == "2026-01-31T23:00:00Z", part
    assert part["by"]["month"][0]["open"] == 1 and sum(x["cases"] + x["running"] for x in part["report"] if x["name"] == "assign") == 2, part


class Reader(html.parser.HTMLParser):
    """What a page holds: tags, attributes that fetch or run, texts."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.bad, self.open = set(), [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.bad += [(tag, k) for k, _ in attrs if k in ("src", "href", "srcset", "action") or k.startswith("on")]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)


def page(text):
    p = Reader()
    p.feed(text)
    p.close()
    assert not p.open and not p.bad and "script" not in p.tags and "img" not in p.tags, (p.open, p.bad, p.tags)
    return p


def test_pages_hold_no_script_and_nothing_to_fetch(t):
    r = played(t)
    path = t.path("report.html")
    told(r, "report", "--html", path)
    with open(path, encoding="utf-8") as f:
        p = page(f.read())
    assert "svg" in p.tags and "kund.example" in p.texts and "2026-02" in p.texts, p.texts
    assert not os.path.exists(path + ".new")
    number = json.loads(told(r, "--json", "list", "--all"))["cases"]
    number = next(c["case"] for c in number if "script" in c["subject"])
    p = page(told(r, "show", number, "--html", "-"))
    assert any("<script>alert(1)</script>" in s for s in p.texts), "the subject is shown as it was written"
    assert any("Please restart it." in s for s in p.texts) and any(s.startswith("resolve, ") for s in p.texts), p.texts
    os.mkdir(t.path("page"))             # written, and cannot be put in its place: nothing is left beside it
    done = r.ask("report", "--html", t.path("page"))
    assert done.returncode == 73 and "page" in done.stderr and not os.path.exists(t.path("page.new")), done.stderr
    missing = r.ask("report", "--html", t.path("no", "such", "folder.html"))
    assert missing.returncode == 73 and "folder.html" in missing.stderr, missing.stderr


def test_counts_as_csv(t):
    r = played(t)
    rows = list(csv.DictReader(io.StringIO(told(r, "report", "--csv"))))
    assert {x["by"] for x in rows} == {"month", "desk", "queue", "priority", "customer"}, rows
    assert next(x for x in rows if x["by"] == "desk")["taken_in"] == "3", rows
    for wrong, said in ((["--month", "2026-13"], "--month takes"), (["--by", "colour"], "--by takes"), (["--since", "soon"], "--since and --until"), (["--desk", "x"], "no desk")):
        done = r.ask("report", *wrong)
        assert done.returncode in (64, 65) and said in done.stderr, (wrong, done.stderr)


def test_tables_fit_what_was_asked(t):
    r = played(t)
    words = told(r, "report", "--by", "customer")
    assert "CUSTOMER" in words and "kund.example" in words and "GOAL" in words, words
    assert "no cases" in told(r, "report", "--month", "2031-01"), "nothing happened then"
    assert "goal" in profile_text(PROFILE)
