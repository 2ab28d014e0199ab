#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes the holiday files that come with ticketd: public holidays in law, valid in the whole of a country, 2024 to 2036.

    contrib/holidays/make.py [DIRECTORY]

The same bytes each time; tests/scenario/test_holidays.py compares them with what lies here. A law has changed, or a king is
crowned: change the rules below, run this, commit both. What a file leaves out on purpose stands beside its rules.
A holiday is listed on its own date, and on the day that replaces it where the law names one."""
import os
import sys
from collections import namedtuple
from datetime import date, timedelta

FIRST, LAST = 2024, 2036
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


# ---- rules: from a year to a date, or to None

def on(month, day):
    return lambda year: date(year, month, day)


def once(year, month, day):
    return lambda y: date(year, month, day) if y == year else None


def easter_sunday(year):
    """Western Easter: the Sunday after the full moon of the Church that falls on or after 21 March."""
    golden, century = year % 19, year // 100
    dropped_leaps = century - century // 4                      # days that the Gregorian calendar left out since Julius
    moon_drift = (8 * century + 13) // 25
    age = (19 * golden + dropped_leaps - moon_drift + 15) % 30  # days from 21 March to the full moon
    age -= age == 29 or (age == 28 and golden > 10)
    full_moon = date(year, 3, 21) + timedelta(age)
    return full_moon + timedelta(6 - full_moon.weekday() or 7)


def easter(days):
    return lambda year: easter_sunday(year) + timedelta(days)


def first(weekday, month, day=1):
    """The first such weekday on or after a date."""
    def rule(year):
        d = date(year, month, day)
        return d + timedelta((weekday - d.weekday()) % 7)
    return rule


def last(weekday, month):
    def rule(year):
        d = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        return d - timedelta((d.weekday() - weekday) % 7)
    return rule


def day_before(rule):
    return lambda year: rule(year) - timedelta(1)


# ---- replacements: from a year's holidays to further days, [(date, name)]

def next_working_day(days):
    """United Kingdom, and Irish practice: for a Saturday or Sunday the next weekday that is no holiday."""
    taken, more = {d for d, _ in days}, []
    for d, name in days:
        if d.weekday() in (SATURDAY, SUNDAY):
            while d in taken or d.weekday() in (SATURDAY, SUNDAY):
                d += timedelta(1)
            taken.add(d)
            more.append((d, name + " (substitute day)"))
    return more


def nearest_weekday(days):
    """United States, 5 U.S.C. 6103(b): Friday for a Saturday, Monday for a Sunday."""
    shift = {SATURDAY: -1, SUNDAY: 1}
    return [(d + timedelta(shift[d.weekday()]), name + " (observed)") for d, name in days if d.weekday() in shift]


# ---- countries

def kings_day(year):
    """27 April; the day before when that is a Sunday."""
    d = date(year, 4, 27)
    return d - timedelta(d.weekday() == SUNDAY)


def liberation_day(year):
    """A national holiday each year, but a day off, by most agreements and for the state, only every fifth."""
    return date(year, 5, 5) if year % 5 == 0 else None


def st_brigid(year):
    """The first Monday in February; 1 February itself when that is a Friday."""
    d = date(year, 2, 1)
    return d if d.weekday() == FRIDAY else first(MONDAY, 2)(year)


# `replace`: what comes beside the rules' own dates; `own`: whether these are listed themselves.
File = namedtuple("File", "title rules replace own", defaults=(None, True))

MIDSUMMER_DAY = first(SATURDAY, 6, 20)

GB_ALL = [                                  # Banking and Financial Dealings Act 1971, proclamations, and common law
    ("New Year's Day", on(1, 1)),
    ("Good Friday", easter(-2)),
    ("Early May bank holiday", first(MONDAY, 5)),
    ("Spring bank holiday", last(MONDAY, 5)),
    ("Christmas Day", on(12, 25)),
    ("Boxing Day", on(12, 26)),
]
GB_NOT_SCOTLAND = GB_ALL + [
    ("Easter Monday", easter(1)),
    ("Summer bank holiday", last(MONDAY, 8)),
]

IRELAND = [
    ("New Year's Day", on(1, 1)),
    ("St Brigid's Day", st_brigid),
    ("St Patrick's Day", on(3, 17)),
    ("Easter Monday", easter(1)),
    ("May Day", first(MONDAY, 5)),
    ("June holiday", first(MONDAY, 6)),
    ("August holiday", first(MONDAY, 8)),
    ("October holiday", last(MONDAY, 10)),
    ("Christmas Day", on(12, 25)),
    ("St Stephen's Day", on(12, 26)),
]

FILES = {
    # Lag (1989:253) om allmänna helgdagar. Other Sundays, which the law counts too, are not listed: they are no dates to look up.
    "se": File("Sverige: allmänna helgdagar", [
        ("Nyårsdagen", on(1, 1)),
        ("Trettondedag jul", on(1, 6)),
        ("Långfredagen", easter(-2)),
        ("Påskdagen", easter(0)),
        ("Annandag påsk", easter(1)),
        ("Första maj", on(5, 1)),
        ("Kristi himmelsfärdsdag", easter(39)),
        ("Pingstdagen", easter(49)),
        ("Sveriges nationaldag", on(6, 6)),
        ("Midsommardagen", MIDSUMMER_DAY),
        ("Alla helgons dag", first(SATURDAY, 10, 31)),
        ("Juldagen", on(12, 25)),
        ("Annandag jul", on(12, 26)),
    ]),
    # No holidays in law, but days off in practice (semesterlagen 1977:480, 3 a §, counts them with Sundays): for days-off.
    "se-eves": File("Sverige: midsommarafton, julafton, nyårsafton", [
        ("Midsommarafton", day_before(MIDSUMMER_DAY)),
        ("Julafton", on(12, 24)),
        ("Nyårsafton", on(12, 31)),
    ]),
    # Store bededag is none since 2024 (lov nr 214 af 6. marts 2023). Grundlovsdag, juleaften and nytårsaften are none in law.
    "dk": File("Danmark: helligdage", [
        ("Nytårsdag", on(1, 1)),
        ("Skærtorsdag", easter(-3)),
        ("Langfredag", easter(-2)),
        ("Påskedag", easter(0)),
        ("2. påskedag", easter(1)),
        ("Kristi himmelfartsdag", easter(39)),
        ("Pinsedag", easter(49)),
        ("2. pinsedag", easter(50)),
        ("Juledag", on(12, 25)),
        ("2. juledag", on(12, 26)),
    ]),
    # Lov om helligdager og helligdagsfred (1995), lov om 1 og 17 mai som høgtidsdager (1947).
    "no": File("Norge: helligdager og høytidsdager", [
        ("Første nyttårsdag", on(1, 1)),
        ("Skjærtorsdag", easter(-3)),
        ("Langfredag", easter(-2)),
        ("Første påskedag", easter(0)),
        ("Andre påskedag", easter(1)),
        ("Arbeidernes dag", on(5, 1)),
        ("Grunnlovsdagen", on(5, 17)),
        ("Kristi himmelfartsdag", easter(39)),
        ("Første pinsedag", easter(49)),
        ("Andre pinsedag", easter(50)),
        ("Første juledag", on(12, 25)),
        ("Andre juledag", on(12, 26)),
    ]),
    # The nine of the whole federation. A land has more (Berlin's 8 May 2025 and 17 June 2028 among them), which are not here.
    "de": File("Deutschland: bundesweite gesetzliche Feiertage", [
        ("Neujahr", on(1, 1)),
        ("Karfreitag", easter(-2)),
        ("Ostermontag", easter(1)),
        ("Tag der Arbeit", on(5, 1)),
        ("Christi Himmelfahrt", easter(39)),
        ("Pfingstmontag", easter(50)),
        ("Tag der Deutschen Einheit", on(10, 3)),
        ("Erster Weihnachtstag", on(12, 25)),
        ("Zweiter Weihnachtstag", on(12, 26)),
    ]),
    # Algemene termijnenwet, artikel 3. Good Friday, which it only puts on a level for time limits, is a day of work for most.
    "nl": File("Nederland: algemeen erkende feestdagen", [
        ("Nieuwjaarsdag", on(1, 1)),
        ("Eerste paasdag", easter(0)),
        ("Tweede paasdag", easter(1)),
        ("Koningsdag", kings_day),
        ("Bevrijdingsdag", liberation_day),
        ("Hemelvaartsdag", easter(39)),
        ("Eerste pinksterdag", easter(49)),
        ("Tweede pinksterdag", easter(50)),
        ("Eerste kerstdag", on(12, 25)),
        ("Tweede kerstdag", on(12, 26)),
    ]),
    # The ten of the law of 4 January 1974. One on a Sunday is replaced by a day that each employer chooses.
    "be": File("België / Belgique: feestdagen / jours fériés", [
        ("Nieuwjaar / Nouvel An", on(1, 1)),
        ("Paasmaandag / Lundi de Pâques", easter(1)),
        ("Dag van de Arbeid / Fête du Travail", on(5, 1)),
        ("Hemelvaart / Ascension", easter(39)),
        ("Pinkstermaandag / Lundi de Pentecôte", easter(50)),
        ("Nationale feestdag / Fête nationale", on(7, 21)),
        ("O.L.V.-Hemelvaart / Assomption", on(8, 15)),
        ("Allerheiligen / Toussaint", on(11, 1)),
        ("Wapenstilstand / Armistice", on(11, 11)),
        ("Kerstmis / Noël", on(12, 25)),
    ]),
    # Code du travail, L3133-1. Alsace and Moselle have two more.
    "fr": File("France : jours fériés", [
        ("Jour de l'An", on(1, 1)),
        ("Lundi de Pâques", easter(1)),
        ("Fête du Travail", on(5, 1)),
        ("Victoire de 1945", on(5, 8)),
        ("Ascension", easter(39)),
        ("Lundi de Pentecôte", easter(50)),
        ("Fête nationale", on(7, 14)),
        ("Assomption", on(8, 15)),
        ("Toussaint", on(11, 1)),
        ("Armistice de 1918", on(11, 11)),
        ("Noël", on(12, 25)),
    ]),
    # Proclaimed for one year only and known in November 2026: the World Cup day in Scotland. (The coronation's was in 2023.)
    "gb-england-wales": File("England and Wales: bank holidays", GB_NOT_SCOTLAND, next_working_day),
    "gb-scotland": File("Scotland: bank holidays", GB_ALL + [
        ("2nd January", on(1, 2)),
        ("World Cup bank holiday", once(2026, 6, 15)),
        ("Summer bank holiday", first(MONDAY, 8)),
        ("St Andrew's Day", on(11, 30)),
    ], next_working_day),
    "gb-northern-ireland": File("Northern Ireland: bank holidays", GB_NOT_SCOTLAND + [
        ("St Patrick's Day", on(3, 17)),
        ("Battle of the Boyne (Orangemen's Day)", on(7, 12)),
    ], next_working_day),
    # Organisation of Working Time Act 1997, second schedule. Good Friday is none.
    "ie": File("Ireland: public holidays", IRELAND),
    # The act lets each employer choose what is given for one on a weekend; banks and most others take these. For days-off.
    "ie-in-lieu": File("Ireland: weekdays for holidays on a weekend", IRELAND, next_working_day, own=False),
    # 5 U.S.C. 6103(a). Inauguration Day is Washington's alone; days that a President gave the federal service are not here.
    "us": File("United States: federal holidays", [
        ("New Year's Day", on(1, 1)),
        ("Birthday of Martin Luther King, Jr.", first(MONDAY, 1, 15)),
        ("Washington's Birthday", first(MONDAY, 2, 15)),
        ("Memorial Day", last(MONDAY, 5)),
        ("Juneteenth National Independence Day", on(6, 19)),
        ("Independence Day", on(7, 4)),
        ("Labor Day", first(MONDAY, 9)),
        ("Columbus Day", first(MONDAY, 10, 8)),
        ("Veterans Day", on(11, 11)),
        ("Thanksgiving Day", first(THURSDAY, 11, 22)),
        ("Christmas Day", on(12, 25)),
    ], nearest_weekday),
}


# ---- files

def holidays(file):
    """[(date, name)] in order. A year beside on each side: a replacement may fall into another year."""
    found = []
    for year in range(FIRST - 1, LAST + 2):
        days = sorted((rule(year), name) for name, rule in file.rules if rule(year))
        found += days if file.own else []
        found += file.replace(days) if file.replace else []
    return sorted((d, name) for d, name in found if FIRST <= d.year <= LAST)


def escape(text):
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def ics(name, title, days):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ticketd//holidays//EN", "X-WR-CALNAME:" + escape(title)]
    for d, summary in days:
        same = [s for other, s in days if other == d]
        lines += ["BEGIN:VEVENT", "UID:%s-%d-%s@holidays.ticketd" % (d.isoformat(), same.index(summary) + 1, name), "DTSTAMP:20240101T000000Z",
                  "DTSTART;VALUE=DATE:" + d.strftime("%Y%m%d"), "SUMMARY:" + escape(summary), "END:VEVENT"]
    lines.append("END:VCALENDAR")
    assert all(len(line.encode()) <= 75 for line in lines)      # longer ones would have to be folded
    return "".join(line + "\r\n" for line in lines).encode()


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, file in FILES.items():
        with open(os.path.join(directory, name + ".ics"), "wb") as f:
            f.write(ics(name, file.title, holidays(file)))


if __name__ == "__main__":
    main()
