# SPDX-License-Identifier: ISC
"""The holiday files that come with ticketd: what lies in contrib/holidays is what make.py makes; it agrees with Debian's
python3-holidays but for what is listed here with the reason, and with facts from the authorities themselves."""
import json
import os
import re
import subprocess
import sys
from datetime import date

from harness import ROOT, Skip

FOLDER = ROOT + "/contrib/holidays"
YEARS = range(2024, 2037)

# name of the file, and what it is called in python3-holidays 0.10.1
DEBIAN = {
    "se": "Sweden(years=y, include_sundays=False)", "dk": "Denmark(years=y)", "no": "Norway(years=y, include_sundays=False)",
    "de": "Germany(years=y)", "nl": "Netherlands(years=y)", "be": "Belgium(years=y)", "fr": "France(years=y)",
    "gb-england-wales": "England(years=y)", "gb-scotland": "Scotland(years=y)", "gb-northern-ireland": "NorthernIreland(years=y)",
    "ie": "Ireland(years=y)", "us": "UnitedStates(years=y)",
}
BESIDE = {"se": "se-eves", "ie": "ie-in-lieu"}      # what Debian counts with a country's holidays, and we have in a file of its own
NOT_OURS = {                                        # what Debian has too much
    "dk": {"Palmesøndag": "a Sunday like others", "Store bededag": "none since 2024, lov nr 214 af 6. marts 2023"},
    "be": {"Pasen": "not among the ten of the law, and a Sunday", "Pinksteren": "the same"},
}
NOT_THEIRS = {                                      # what Debian has too little
    "gb-scotland": {"St Andrew's Day (substitute day)": "gov.uk/bank-holidays#scotland, 1 December 2025",
                    "World Cup bank holiday": "proclamation of 3 February 2026, gov.scot/news/world-cup-bank-holiday-confirmed"},
    "gb-northern-ireland": {"Battle of the Boyne (Orangemen's Day) (substitute day)": "gov.uk/bank-holidays#northern-ireland, 13 July 2026"},
    "ie": {"St Brigid's Day": "since 2023, S.I. No. 50/2022"},
    "us": {"Juneteenth National Independence Day": "since 2021, Public Law 117-17",
           "Juneteenth National Independence Day (observed)": "the same, 5 U.S.C. 6103(b)"},
}

# All holidays of a year that fall on Monday to Friday.
WEEKDAYS = [
    ("gb-england-wales", 2024, "gov.uk/bank-holidays", "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
    ("gb-england-wales", 2026, "gov.uk/bank-holidays", "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
    ("gb-england-wales", 2027, "gov.uk/bank-holidays", "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ("gb-scotland", 2024, "gov.uk/bank-holidays", "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26"),
    ("gb-scotland", 2026, "gov.uk/bank-holidays", "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28"),
    ("gb-scotland", 2027, "gov.uk/bank-holidays", "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28"),
    ("gb-northern-ireland", 2024, "gov.uk/bank-holidays", "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26"),
    ("gb-northern-ireland", 2026, "gov.uk/bank-holidays", "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28"),
    ("us", 2026, "opm.gov, federal holidays", "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
    ("us", 2027, "opm.gov, federal holidays", "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
    ("se", 2026, "lag (1989:253)", "01-01 01-06 04-03 04-06 05-01 05-14 12-25"),
    ("se-eves", 2026, "semesterlagen 3 a §", "06-19 12-24 12-31"),
    ("dk", 2026, "Folkekirken: helligdage", "01-01 04-02 04-03 04-06 05-14 05-25 12-25"),
    ("ie", 2030, "citizensinformation.ie", "01-01 02-01 04-22 05-06 06-03 08-05 10-28 12-25 12-26"),
    ("be", 2026, "werk.belgie.be", "01-01 04-06 05-01 05-14 05-25 07-21 11-11 12-25"),
    ("fr", 2026, "service-public.fr", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 11-11 12-25"),
]
# Single days: there (True) or not.
DAYS = [
    ("nl", "2025-04-26", True, "King's Day moves: 27 April 2025 is a Sunday, rijksoverheid.nl"),
    ("nl", "2025-04-27", False, "the same"),
    ("nl", "2026-04-27", True, "rijksoverheid.nl"),
    ("nl", "2025-05-05", True, "Liberation Day is a day off every fifth year"),
    ("nl", "2026-05-05", False, "the same"),
    ("de", "2025-05-08", False, "Berlin alone, 80 years after the war"),
    ("de", "2026-10-03", True, "Einigungsvertrag, Artikel 2"),
    ("dk", "2024-04-26", False, "Store bededag is none since 2024"),
    ("dk", "2026-06-05", False, "Grundlovsdag is no holiday in law"),
    ("ie", "2024-02-05", True, "St Brigid: first Monday"),
    ("ie", "2024-03-29", False, "Good Friday is no public holiday"),
    ("ie-in-lieu", "2024-03-18", True, "St Patrick's Day 2024 is a Sunday"),
    ("se", "2026-06-20", True, "Midsummer Day: the Saturday from 20 to 26 June"),
    ("se", "2026-10-31", True, "All Saints: the Saturday from 31 October to 6 November"),
    ("no", "2026-05-17", True, "Grunnlovsdagen"),
    ("us", "2025-01-09", False, "a day of mourning is no holiday in law"),
    ("gb-england-wales", "2026-06-15", False, "the World Cup day is Scotland's"),
]


def read(name):
    """{date: names} as the file says it."""
    with open("%s/%s.ics" % (FOLDER, name), encoding="utf-8", newline="") as f:
        text = f.read()
    found = {}
    for event in re.findall(r"(?s)BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", text):
        d = re.search(r"DTSTART;VALUE=DATE:(\d{4})(\d\d)(\d\d)\r\n", event)
        found.setdefault(date(*map(int, d.groups())), set()).add(re.search(r"SUMMARY:(.*)\r\n", event)[1].replace("\\,", ","))
    return found


def test_files_are_what_make_makes(t):
    folder = t.path("made")
    os.makedirs(folder, exist_ok=True)
    subprocess.run([sys.executable, FOLDER + "/make.py", folder], check=True)
    made = sorted(os.listdir(folder))
    assert made == sorted(f for f in os.listdir(FOLDER) if f.endswith(".ics")), made
    for f in made:
        with open(os.path.join(folder, f), "rb") as a, open(os.path.join(FOLDER, f), "rb") as b:
            assert a.read() == b.read(), f + " is not what contrib/holidays/make.py makes: run it"


def debian():
    """{file: {date: names}} from Debian's package, by Debian's own python."""
    script = "import json, holidays\nprint(json.dumps({%s}))" % ", ".join(
        "%r: [[str(d), n] for y in range(2024, 2037) for d, n in holidays.%s.items() if d.year == y]" % (name, call) for name, call in DEBIAN.items())
    run = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True)
    if "No module named 'holidays'" in run.stderr:
        raise Skip("python3-holidays is not installed")
    assert run.returncode == 0, run.stderr
    return {name: {date.fromisoformat(d): set(n.split(", ")) for d, n in days} for name, days in json.loads(run.stdout).items()}


def test_files_agree_with_debian(t):
    for name, theirs in debian().items():
        ours = read(name)
        for d, names in read(BESIDE[name]).items() if name in BESIDE else []:
            ours.setdefault(d, set()).update(names)
        too_much, too_little = NOT_OURS.get(name, {}), NOT_THEIRS.get(name, {})
        for d in sorted(set(theirs) - set(ours)):
            assert theirs[d] <= set(too_much), "%s: %s %s is missing" % (name, d, theirs[d])
        for d in sorted(set(ours) - set(theirs)):
            assert ours[d] <= set(too_little), "%s: %s %s is not in Debian's" % (name, d, ours[d])
        for reason in too_little:
            assert any(reason in names for names in ours.values()), "%s: %s is nowhere" % (name, reason)
        for reason in too_much:
            assert not any(reason in names for names in ours.values()), "%s: %s" % (name, reason)


def test_files_agree_with_the_authorities(t):
    for name, year, source, days in WEEKDAYS:
        found = sorted(d.isoformat()[5:] for d in read(name) if d.year == year and d.weekday() < 5)
        assert found == days.split(), "%s %d (%s): %s" % (name, year, source, found)
    for name, day, there, why in DAYS:
        assert (date.fromisoformat(day) in read(name)) == there, "%s %s: %s" % (name, day, why)


def test_files_cover_every_year(t):
    for f in sorted(os.listdir(FOLDER)):
        if f.endswith(".ics") and f != "ie-in-lieu.ics":
            days = read(f[:-4])
            counts = {y: sum(d.year == y for d in days) for y in YEARS}
            assert min(counts.values()) >= 3 and sorted(counts) == list(YEARS) and all(d.year in YEARS for d in days), (f, counts)
