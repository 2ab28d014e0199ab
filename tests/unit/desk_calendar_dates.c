/* SPDX-License-Identifier: ISC
 *
 * Dates that are not as usual: holidays from iCalendar files, days off, eves, bridge days, closed dates and exceptions, what
 * goes before what, what letters are told of them, and mistakes in all of these.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "calendar_help.h"

#define SE "contrib/holidays/se.ics"
#define SE_EVES "contrib/holidays/se-eves.ics"
#define OFFICE "Mon-Fri 09:00-17:00"
#define LUNCH "Mon-Fri 09:00-12:00 13:00-16:00"
#define ALWAYS "Mon-Sun 00:00-24:00"
#define FULL "09:00-12:00 13:00-16:00"
#define HALF "09:00-12:00"

static void
hours_must(const char *label, const struct calendar *c, const char *zone, const char *date, const char *want)
{
    char got[200];
    if (strcmp(hours_of(c, zone, date, got), want) != 0)
        fail_msg("%s: %s is \"%s\", not \"%s\"", label, date, got, want);
}

/* ---- a Swedish support desk that closes on bridge days and at noon before holidays: every date of two years that matters */

static void
swedish_desk(void **state)
{
    (void)state;
    static const struct { const char *date, *hours, *why; } facts[] = {
        { "2025-12-22", FULL, "Christmas Eve makes no bridge day" },
        { "2025-12-23", FULL, "nor is the day before it half a day" },
        { "2025-12-24", "", "Christmas Eve" },
        { "2025-12-25", "", "Christmas Day" },
        { "2025-12-26", "", "Boxing Day" },
        { "2025-12-29", FULL, "between the years" },
        { "2025-12-30", FULL, "New Year's Eve makes no half day" },
        { "2025-12-31", "", "New Year's Eve" },
        { "2026-01-01", "", "New Year's Day" },
        { "2026-01-02", "", "bridge between holiday and weekend" },
        { "2026-01-05", "", "bridge, and the day before a holiday: closed" },
        { "2026-01-06", "", "Epiphany" },
        { "2026-01-07", FULL, "as usual" },
        { "2026-04-02", HALF, "before Good Friday" },
        { "2026-04-03", "", "Good Friday" },
        { "2026-04-06", "", "Easter Monday" },
        { "2026-04-30", HALF, "before 1 May" },
        { "2026-05-01", "", "1 May" },
        { "2026-05-13", HALF, "before Ascension" },
        { "2026-05-14", "", "Ascension" },
        { "2026-05-15", "", "bridge" },
        { "2026-05-22", FULL, "before Whit Saturday: Sundays make no eves" },
        { "2026-06-05", HALF, "before the national day, a Saturday" },
        { "2026-06-18", FULL, "Midsummer Eve makes no half day" },
        { "2026-06-19", "", "Midsummer Eve" },
        { "2026-10-30", HALF, "before All Saints, a Saturday" },
        { "2026-11-02", FULL, "as usual" },
        { "2026-12-23", FULL, "Christmas Eve makes no half day" },
        { "2026-12-24", "", "Christmas Eve" },
        { "2026-12-25", "", "Christmas Day" },
        { "2026-12-28", FULL, "as usual" },
        { "2026-12-31", "", "New Year's Eve" },
        { "2027-01-01", "", "New Year's Day" },
        { "2027-01-05", HALF, "before Epiphany, a Wednesday" },
        { "2027-01-07", FULL, "a Thursday after a Wednesday: no bridge" },
        { "2027-05-07", "", "bridge after Ascension" },
        { "2028-06-05", "", "a Monday before the national day: bridge" },
    };
    struct calendar *c = words_calendar_must("Swedish", (struct words){ .zone = "Europe/Stockholm", .open = LUNCH, .holidays = SE, .days_off = SE_EVES,
        .eve = "Mon-Fri 09:00-12:00", .bridge = "closed" });
    for (size_t i = 0; i < countof(facts); i++)
        hours_must(facts[i].why, c, "Europe/Stockholm", facts[i].date, facts[i].hours);
    /* and no others: half days and closed weekdays of 2026, counted */
    int half = 0, closed = 0;
    for (int64_t day = days_from_civil(2026, 1, 1); day < days_from_civil(2027, 1, 1); day++) {
        int64_t open = calendar_open_between(c, zone_to_utc("Europe/Stockholm", day * 86400), zone_to_utc("Europe/Stockholm", (day + 1) * 86400));
        half += open == 3 * 3600;
        closed += open == 0 && (day + 3) % 7 < 5;
    }
    assert_int_equal(half, 5);          /* 2 and 30 April, 13 May, 5 June, 30 October */
    assert_int_equal(closed, 13);       /* 1, 2, 5, 6 January, 3, 6 April, 1, 14, 15 May, 19 June, 24, 25, 31 December */
    calendar_free(&c);
}

/* ---- what goes before what. Holidays: Thu 14 May and Sat 6 June 2026; a day off: Fri 19 June; in UTC */

#define TWO ICS(DAY("20260514") DAY("20260606"))
#define OFF ICS(DAY("20260619"))

static const struct { const char *label, *open, *eve, *bridge, *closed, *exceptions, *date, *hours; } rows[] = {
    { "a holiday is closed", ALWAYS, "", "", "", "", "2026-05-14", "" },
    { "a day off is closed", ALWAYS, "", "", "", "", "2026-06-19", "" },
    { "an eve with other hours", OFFICE, "09:00-12:00", "", "", "", "2026-05-13", "09:00-12:00" },
    { "an eve with two spans", OFFICE, "09:00-10:00 11:00-12:00", "", "", "", "2026-05-13", "09:00-10:00 11:00-12:00" },
    { "an eve that is closed", OFFICE, "closed", "", "", "", "2026-05-13", "" },
    { "an eve before a Saturday", OFFICE, "Mon-Fri 09:00-12:00", "", "", "", "2026-06-05", "09:00-12:00" },
    { "only on the days that are named", OFFICE, "Mon-Thu 09:00-12:00", "", "", "", "2026-06-05", "09:00-17:00" },
    { "each day as it is named", OFFICE, "Wed 09:00-11:00|Fri closed", "", "", "", "2026-05-13", "09:00-11:00" },
    { "each day as it is named, the other", OFFICE, "Wed 09:00-11:00|Fri closed", "", "", "", "2026-06-05", "" },
    { "a day without hours makes no eve", "Mon,Tue,Thu,Fri 09:00-17:00", "09:00-12:00", "", "", "", "2026-05-13", "" },
    { "a day off makes no eve", OFFICE, "09:00-12:00", "", "", "", "2026-06-18", "09:00-17:00" },
    { "a closed date makes no eve", OFFICE, "09:00-12:00", "", "2026-07-01", "", "2026-06-30", "09:00-17:00" },
    { "a bridge day", OFFICE, "", "closed", "", "", "2026-05-15", "" },
    { "a bridge day with hours", OFFICE, "", "10:00-12:00", "", "", "2026-05-15", "10:00-12:00" },
    { "no bridge where none is wanted", OFFICE, "09:00-12:00", "", "", "", "2026-05-15", "09:00-17:00" },
    { "no bridge where Saturday is a working day", "Mon-Sat 09:00-17:00", "", "closed", "", "", "2026-05-15", "09:00-17:00" },
    { "nor before it", "Mon-Sat 09:00-17:00", "", "closed", "", "", "2026-05-16", "09:00-17:00" },
    { "a day that stands with another is none", OFFICE, "", "closed", "", "", "2026-05-13", "09:00-17:00" },
    { "a day off beside makes no bridge", OFFICE, "", "closed", "", "", "2026-06-18", "09:00-17:00" },
    { "a closed date beside makes no bridge", OFFICE, "", "closed", "2026-05-12", "", "2026-05-13", "09:00-17:00" },
    { "bridge before eve", "Mon,Tue,Fri 09:00-17:00", "09:00-12:00", "closed", "", "", "2026-06-05", "" },
    { "an exception before the bridge", OFFICE, "", "closed", "", "2026-05-15=10:00-15:00=", "2026-05-15", "10:00-15:00" },
    { "an exception before the eve", OFFICE, "09:00-12:00", "", "", "2026-05-13=10:00-15:00=", "2026-05-13", "10:00-15:00" },
    { "an exception of one date before the holiday", OFFICE, "", "", "", "2026-05-14=10:00-15:00=", "2026-05-14", "10:00-15:00" },
    { "and its eve stays one", OFFICE, "09:00-12:00", "", "", "2026-05-14=10:00-15:00=", "2026-05-13", "09:00-12:00" },
    { "an exception of one date before a day off", OFFICE, "", "", "", "2026-06-19=10:00-15:00=", "2026-06-19", "10:00-15:00" },
    { "an exception that is closed", OFFICE, "", "", "", "2026-07-01=closed=moving house", "2026-07-01", "" },
    { "an exception on a weekend", OFFICE, "", "", "", "2026-07-04=10:00-15:00=", "2026-07-04", "10:00-15:00" },
    { "a range: its first date", OFFICE, "", "", "", "2026-07-01..2026-07-31=Mon-Fri 10:00-15:00=", "2026-07-01", "10:00-15:00" },
    { "a range: its last date", OFFICE, "", "", "", "2026-07-01..2026-07-31=Mon-Fri 10:00-15:00=", "2026-07-31", "10:00-15:00" },
    { "a range: the date after", OFFICE, "", "", "", "2026-07-01..2026-07-31=Mon-Fri 10:00-15:00=", "2026-08-03", "09:00-17:00" },
    { "a range: days that are not named are closed", OFFICE, "", "", "", "2026-07-01..2026-07-31=Mon-Thu 10:00-15:00=", "2026-07-03", "" },
    { "a range: a holiday in it stays closed", OFFICE, "", "", "", "2026-05-01..2026-05-31=10:00-15:00=", "2026-05-14", "" },
    { "a range: an eve in it has its hours", OFFICE, "09:00-12:00", "", "", "2026-05-01..2026-05-31=10:00-15:00=", "2026-05-13", "10:00-15:00" },
    { "a range over the weekend", OFFICE, "", "", "", "2026-07-01..2026-07-05=10:00-15:00=", "2026-07-05", "10:00-15:00" },
    { "a note alone changes nothing", OFFICE, "", "closed", "", "2026-05-15==we are few", "2026-05-15", "" },
    { "a note alone changes nothing on a usual day", OFFICE, "", "", "", "2026-07-01==we are few", "2026-07-01", "09:00-17:00" },
    { "a closed range: the first", OFFICE, "", "", "2026-07-06..2026-07-17", "", "2026-07-06", "" },
    { "a closed range: the last", OFFICE, "", "", "2026-07-06..2026-07-17", "", "2026-07-17", "" },
    { "a closed range: the one after", OFFICE, "", "", "2026-07-06..2026-07-17", "", "2026-07-20", "09:00-17:00" },
    { "several lines for one day", "Mon-Fri 09:00-12:00|Mon,Wed 13:00-15:00|Wed 20:00-24:00", "", "", "", "", "2026-07-01", "09:00-12:00 13:00-15:00 20:00-24:00" },
    { "spans that touch are one", "Mon-Fri 09:00-12:00|Mon-Fri 12:00-15:00", "", "", "", "", "2026-07-01", "09:00-15:00" },
};

static void
what_goes_before_what(void **state)
{
    (void)state;
    char holidays[40], off[40];
    ics_write(TWO, holidays);
    ics_write(OFF, off);
    for (size_t i = 0; i < countof(rows); i++) {
        struct calendar *c = words_calendar_must(rows[i].label, (struct words){ .zone = "UTC", .open = rows[i].open, .eve = rows[i].eve,
            .bridge = rows[i].bridge, .closed = rows[i].closed, .exceptions = rows[i].exceptions, .holidays = holidays, .days_off = off });
        hours_must(rows[i].label, c, "UTC", rows[i].date, rows[i].hours);
        calendar_free(&c);
    }
    unlink(holidays);
    unlink(off);
}

/* ---- iCalendar, in Stockholm, always open */

#define VTIMEZONE(name, more) "BEGIN:VTIMEZONE\r\nTZID:" name "\r\n" more \
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\n" \
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n" \
    "END:VTIMEZONE\r\n"
#define OPEN "00:00-24:00"

static const struct { const char *label, *events, *date, *hours, *other_date, *other_hours; } files[] = {
    { "one day", DAY("20260619"), "2026-06-19", "", "2026-06-20", OPEN },
    { "several days", EVENT("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n"), "2026-12-26", "", "2026-12-27", OPEN },
    { "DURATION", EVENT("DTSTART;VALUE=DATE:20261224\r\nDURATION:P2D\r\n"), "2026-12-25", "", "2026-12-26", OPEN },
    { "each year", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\n"), "2031-05-01", "", "2031-05-02", OPEN },
    { "last Monday of May", EVENT("DTSTART;VALUE=DATE:20240527\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\r\n"), "2026-05-25", "", "2026-05-18", OPEN },
    { "midsummer: a Friday between two dates", EVENT("DTSTART;VALUE=DATE:20240621\r\nRRULE:FREQ=YEARLY;BYMONTH=6;BYDAY=FR;BYMONTHDAY=19,20,21,22,23,24,25\r\n"),
      "2026-06-19", "", "2026-06-26", OPEN },
    { "COUNT", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n"), "2026-05-01", "", "2027-05-01", OPEN },
    { "UNTIL, the day itself inside", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;UNTIL=20260501\r\n"), "2026-05-01", "", "2027-05-01", OPEN },
    { "UNTIL in UTC, the last instance inside", EVENT("DTSTART;TZID=Europe/Stockholm:20260601T000000\r\nDURATION:PT24H\r\nRRULE:FREQ=DAILY;UNTIL=20260602T220000Z\r\n"),
      "2026-06-03", "", "2026-06-04", OPEN },
    { "but not this year", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20260501\r\n"), "2027-05-01", "", "2026-05-01", OPEN },
    { "several EXDATEs", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20250501,20270501\r\nEXDATE;VALUE=DATE:20260501\r\n"),
      "2028-05-01", "", "2027-05-01", OPEN },
    { "EXDATE with a time for a date", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20260501T000000\r\n"), "2027-05-01", "", "2026-05-01", OPEN },
    { "EXDATE in UTC for a local time", EVENT("DTSTART;TZID=Europe/Stockholm:20260601T120000\r\nDURATION:PT12H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE:20260602T100000Z\r\n"),
      "2026-06-03", "00:00-12:00", "2026-06-02", OPEN },
    { "RDATE", EVENT("DTSTART;VALUE=DATE:20240501\r\nRDATE;VALUE=DATE:20260606\r\nRRULE:FREQ=YEARLY\r\n"), "2026-06-06", "", "2026-06-07", OPEN },
    { "several RDATEs", EVENT("DTSTART;VALUE=DATE:20240501\r\nRDATE;VALUE=DATE:20260606,20260608\r\n"), "2026-06-08", "", "2026-06-07", OPEN },
    { "RDATE that is excluded", EVENT("DTSTART;VALUE=DATE:20240501\r\nRDATE;VALUE=DATE:20260606,20260608\r\nEXDATE;VALUE=DATE:20260606\r\n"), "2026-06-08", "", "2026-06-06", OPEN },
    { "RDATE that is a period", EVENT("DTSTART:20240501T120000Z\r\nDTEND:20240501T130000Z\r\nRDATE;VALUE=PERIOD:20260606T080000Z/PT2H\r\n"),
      "2026-06-06", "00:00-10:00 12:00-24:00", "2026-06-07", OPEN },
    { "an instance moved to another day", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\n") EVENT("RECURRENCE-ID;VALUE=DATE:20260501\r\nDTSTART;VALUE=DATE:20260504\r\n"),
      "2026-05-04", "", "2026-05-01", OPEN },
    { "an instance cancelled", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY\r\n") EVENT("RECURRENCE-ID;VALUE=DATE:20260501\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260501\r\n"),
      "2027-05-01", "", "2026-05-01", OPEN },
    { "cancelled", DAY("20260619") EVENT("STATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260620\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "shown as free time, as public calendars do", EVENT("DTSTART;VALUE=DATE:20260619\r\nTRANSP:TRANSPARENT\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "empty properties, as many programs write", EVENT("DESCRIPTION:\r\nLOCATION:\r\nDTSTART;VALUE=DATE:20260619\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "folded lines", EVENT("SUMMARY:Very long name of a holiday\r\n  that goes on\r\nDTSTART;VALUE=DATE:20260619\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "local time closes its hours", EVENT("DTSTART:20260619T140000\r\nDTEND:20260619T160000\r\n"), "2026-06-19", "00:00-14:00 16:00-24:00", "2026-06-20", OPEN },
    { "UTC", EVENT("DTSTART:20260619T140000Z\r\nDTEND:20260619T160000Z\r\n"), "2026-06-19", "00:00-16:00 18:00-24:00", "2026-06-20", OPEN },
    { "over midnight", EVENT("DTSTART:20260619T220000\r\nDTEND:20260620T060000\r\n"), "2026-06-19", "00:00-22:00", "2026-06-20", "06:00-24:00" },
    { "two events on a day", EVENT("DTSTART:20260619T140000\r\nDTEND:20260619T160000\r\n") EVENT("DTSTART:20260619T150000\r\nDTEND:20260619T170000\r\n"),
      "2026-06-19", "00:00-14:00 17:00-24:00", "2026-06-20", OPEN },
    { "no length closes nothing", EVENT("DTSTART:20260619T140000\r\n") DAY("20260101"), "2026-06-19", OPEN, "2026-06-20", OPEN },
    { "midnight to midnight is a day", EVENT("DTSTART:20260619T000000\r\nDTEND:20260620T000000\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "another zone", EVENT("DTSTART;TZID=America/New_York:20260619T080000\r\nDTEND;TZID=America/New_York:20260619T100000\r\n"),
      "2026-06-19", "00:00-14:00 16:00-24:00", "2026-06-20", OPEN },
    { "another zone, when only one has summer time", EVENT("DTSTART;TZID=America/New_York:20260310T080000\r\nDTEND;TZID=America/New_York:20260310T100000\r\n"),
      "2026-03-10", "00:00-13:00 15:00-24:00", "2026-03-11", OPEN },
    { "another zone, week by week", EVENT("DTSTART;TZID=America/New_York:20260303T080000\r\nDTEND;TZID=America/New_York:20260303T100000\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"),
      "2026-03-03", "00:00-14:00 16:00-24:00", "2026-03-10", "00:00-13:00 15:00-24:00" },
    { "a zone behind a prefix", EVENT("DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20260619T080000\r\nDURATION:PT2H\r\n"),
      "2026-06-19", "00:00-14:00 16:00-24:00", "2026-06-20", OPEN },
    { "a zone that the file defines", VTIMEZONE("Eastern Standard Time", "") EVENT("DTSTART;TZID=Eastern Standard Time:20260619T080000\r\nDURATION:PT2H\r\n"),
      "2026-06-19", "00:00-14:00 16:00-24:00", "2026-06-20", OPEN },
    { "the same in winter", VTIMEZONE("Eastern Standard Time", "") EVENT("DTSTART;TZID=\"Eastern Standard Time\":20260119T080000\r\nDURATION:PT2H\r\n"),
      "2026-01-19", "00:00-14:00 16:00-24:00", "2026-01-20", OPEN },
    { "a zone that the file gives another name", VTIMEZONE("home", "X-LIC-LOCATION:America/New_York\r\n") EVENT("DTSTART;TZID=home:20260619T080000\r\nDURATION:PT2H\r\n"),
      "2026-06-19", "00:00-14:00 16:00-24:00", "2026-06-20", OPEN },
    { "a date has no zone", EVENT("DTSTART;VALUE=DATE;TZID=America/New_York:20260619\r\n"), "2026-06-19", "", "2026-06-20", OPEN },
    { "two rules", EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;BYMONTH=5\r\nRRULE:FREQ=YEARLY;BYMONTH=7\r\n"), "2026-07-01", "", "2026-06-01", OPEN },
    { "every Friday afternoon for ever", EVENT("DTSTART:19950106T150000\r\nDURATION:PT9H\r\nRRULE:FREQ=WEEKLY\r\n"), "2036-06-20", "00:00-15:00", "2036-06-21", OPEN },
};

static struct calendar *
with_file(const char *bytes, struct buf *errors)
{
    char path[40];
    ics_write(bytes, path);
    struct calendar *c = words_calendar((struct words){ .zone = "Europe/Stockholm", .open = ALWAYS, .holidays = path }, errors);
    unlink(path);
    return c;
}

static void
holiday_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(files); i++) {
        struct buf errors = {0}, bytes = {0};
        buf_printf(&bytes, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n%sEND:VCALENDAR\r\n", files[i].events);
        struct calendar *c = with_file(bytes.data, &errors);
        if (c == NULL)
            fail_msg("%s: %s", files[i].label, errors.data);
        hours_must(files[i].label, c, "Europe/Stockholm", files[i].date, files[i].hours);
        hours_must(files[i].label, c, "Europe/Stockholm", files[i].other_date, files[i].other_hours);
        calendar_free(&c);
        buf_free(&bytes);
    }
}

static void
files_in_other_clothes(void **state)
{
    (void)state;
    static const char *const bytes[] = {
        "\xef\xbb\xbf" ICS(DAY("20260619")),                                                        /* a byte order mark */
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260619\nEND:VEVENT\nEND:VCALENDAR\n",         /* LF, no UID */
        ICS(DAY("20260101")) ICS(DAY("20260619")),                                                  /* two calendars in a file */
        "begin:vcalendar\r\nversion:2.0\r\nbegin:vevent\r\ndtstart;value=date:20260619\r\nend:vevent\r\nend:vcalendar\r\n",
    };
    for (size_t i = 0; i < countof(bytes); i++) {
        struct buf errors = {0};
        struct calendar *c = with_file(bytes[i], &errors);
        if (c == NULL)
            fail_msg("%zu: %s", i, errors.data);
        hours_must("other clothes", c, "Europe/Stockholm", "2026-06-19", "");
        hours_must("other clothes", c, "Europe/Stockholm", "2026-06-20", OPEN);
        calendar_free(&c);
    }
    /* several files */
    char one[40], two[40], both[90];
    ics_write(ICS(DAY("20260619")), one);
    ics_write(ICS(DAY("20260101")), two);
    snprintf(both, sizeof both, "%s|%s", one, two);
    struct calendar *c = words_calendar_must("two files", (struct words){ .zone = "UTC", .open = ALWAYS, .holidays = both });
    hours_must("two files", c, "UTC", "2026-06-19", "");
    hours_must("two files", c, "UTC", "2026-01-01", "");
    calendar_free(&c);
    unlink(one);
    unlink(two);
}

static void
file_mistakes(void **state)
{
    (void)state;
    static const struct { const char *label, *bytes, *said; } wrong[] = {
        { "a rule by the second never ends", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n")), ":4: this RRULE cannot" },
        { "hours inside a day", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYHOUR=3\r\n")), ":4: this RRULE cannot" },
        { "a date that is none", ICS(EVENT("DTSTART;VALUE=DATE:20260228\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n")), ":4: this RRULE never comes" },
        { "the second event", ICS(DAY("20260101") EVENT("SUMMARY:nothing\r\n")), ":8: event without a DTSTART" },
        { "rubbish for a date", ICS(EVENT("DTSTART;VALUE=DATE:tomorrow\r\n")), ":4: DTSTART cannot be read" },
        { "rubbish for a rule", ICS(EVENT("LOCATION:\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYDAY=XX\r\n")), ":4: RRULE cannot be read" },
        { "rubbish for an exception", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nEXDATE:never\r\n")), ":4: EXDATE cannot be read" },
        { "30 February", ICS(EVENT("DTSTART;VALUE=DATE:20260230\r\n")), ":4: a time that is none" },
        { "13 months", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nRDATE;VALUE=DATE:20261301\r\n")), ":4: a time that is none" },
        { "a file that was cut off", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260619\r\nEND:VEV", "END:VCALENDAR expected" },
        { "no events", ICS(""), "no event found" },
        { "nothing", " ", "END:VCALENDAR expected" },
        { "not a calendar", "Mon-Fri\r\n", "END:VCALENDAR expected" },
        { "ends before it begins", ICS(EVENT("DTSTART:20260101T120000\r\nDTEND:20260101T110000\r\n")), ":4: event that ends before" },
        { "over a year", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20280101\r\n")), ":4: event that ends before it begins or lasts" },
        { "an unknown zone", ICS(EVENT("DTSTART;TZID=Middle-earth:20260101T120000\r\nDURATION:PT1H\r\n")), ":4: TZID is not known" },
        { "a zone whose rules never end", ICS("BEGIN:VTIMEZONE\r\nTZID:bad\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
          "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT("DTSTART;TZID=bad:20260101T120000\r\nDURATION:PT1H\r\n")), "TZID is not known" },
        { "EXRULE", ICS(EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEXRULE:FREQ=SECONDLY\r\n")), ":4: EXRULE" },
    };
    for (size_t i = 0; i < countof(wrong); i++) {
        struct buf errors = {0};
        struct calendar *c = with_file(wrong[i].bytes, &errors);
        if (c != NULL || errors.data == NULL || strstr(errors.data, wrong[i].said) == NULL)
            fail_msg("%s: %s", wrong[i].label, errors.data ? errors.data : "no error");
        buf_free(&errors);
    }
    /* a file full of mistakes is given up soon */
    struct buf bytes = {0}, errors = {0};
    buf_puts(&bytes, "BEGIN:VCALENDAR\r\n");
    for (int i = 0; i < 4000; i++)
        buf_puts(&bytes, EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=HOURLY\r\n"));
    buf_puts(&bytes, "END:VCALENDAR\r\n");
    assert_null(with_file(bytes.data, &errors));
    size_t lines = 0;
    for (const char *p = errors.data; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 10);
    buf_free(&errors);
    /* more cuts than fit */
    buf_clear(&bytes);
    buf_puts(&bytes, "BEGIN:VCALENDAR\r\n");
    for (int i = 0; i < 20; i++)
        buf_printf(&bytes, EVENT("DTSTART:20260101T%02d0000\r\nDURATION:PT30M\r\n"), i);
    buf_puts(&bytes, "END:VCALENDAR\r\n");
    assert_null(with_file(bytes.data, &errors));
    assert_non_null(strstr(errors.data, "too many events with hours on one date"));
    buf_free(&errors);
    buf_free(&bytes);
}

/* ---- what letters are told */

static void
told(const struct calendar *c, const char *when, unsigned days, char out[1000])
{
    static const char *const why[] = { "usual", "event", "eve", "bridge", "closed", "day off", "holiday", "exception" };
    struct arena *a = arena_new(0);
    struct calendar_other *v;
    size_t n, len = 0;
    calendar_others(c, at(when), days, a, &v, &n);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        int y, m, d, y2, m2, d2;
        civil_from_days(v[i].first, &y, &m, &d);
        civil_from_days(v[i].last, &y2, &m2, &d2);
        len += (size_t)snprintf(out + len, 1000 - len, "%d-%d..%d-%d %s (%s) [%s]; ", m, d, m2, d2, why[v[i].why], v[i].name, v[i].hours);
    }
    arena_free(&a);
}

static void
announcements(void **state)
{
    (void)state;
    char got[1000];
    struct calendar *c = words_calendar_must("told", (struct words){ .zone = "Europe/Stockholm", .open = LUNCH, .holidays = SE, .days_off = SE_EVES,
        .eve = "Mon-Fri 09:00-12:00", .bridge = "closed", .closed = "2026-07-06..2026-07-08",
        .exceptions = "2026-05-18..2026-05-19=10:00-11:00=Vi flyttar.|2026-09-01==Inventering.|2026-09-03=10:00-11:00=" });
    static const struct { const char *when; unsigned days; const char *want; } said[] = {
        { "2026-05-11 10:00", 2, "" },
        { "2026-05-11 10:00", 3, "5-13..5-13 eve () [09:00-12:00]; " },
        { "2026-05-11 10:00", 10, "5-13..5-13 eve () [09:00-12:00]; 5-14..5-14 holiday (Kristi himmelsfärdsdag) []; 5-15..5-15 bridge () []; "
                                  "5-18..5-19 exception (Vi flyttar.) [10:00-11:00]; " },
        { "2026-05-18 22:30", 1, "5-18..5-19 exception (Vi flyttar.) [10:00-11:00]; " },        /* the 19th there: listed whole */
        { "2026-05-19 22:30", 3, "" },
        { "2026-07-03 10:00", 14, "7-6..7-8 closed () []; " },
        { "2026-08-31 10:00", 7, "9-1..9-1 usual (Inventering.) [09:00-12:00 13:00-16:00]; 9-3..9-3 exception () [10:00-11:00]; " },
        { "2026-06-15 10:00", 7, "6-19..6-19 day off (Midsommarafton) []; " },                  /* Midsummer Day is a Saturday: as usual */
        { "2026-05-13 10:00", 0, "" },
        { "1980-05-13 10:00", 30, "" },
    };
    for (size_t i = 0; i < countof(said); i++) {
        told(c, said[i].when, said[i].days, got);
        assert_string_equal(got, said[i].want);
    }
    calendar_free(&c);
}

/* ---- mistakes */

static void
mistakes(void **state)
{
    (void)state;
    static const struct { const char *label; struct words words; const char *said; } wrong[] = {
        { "unknown zone", { .zone = "Europe/Atlantis", .open = OFFICE }, "t.conf:3: calendar \"test\": Europe/Atlantis: a time zone" },
        { "no zone", { .open = OFFICE }, "time zone" },
        { "no such day", { .zone = "UTC", .open = "Mo-Fri 09:00-17:00" }, "days and hours such as" },
        { "no hours' form", { .zone = "UTC", .open = "Mon-Fri 9-17" }, "days and hours such as" },
        { "25 o'clock", { .zone = "UTC", .open = "Mon-Fri 09:00-25:00" }, "days and hours such as" },
        { "backwards", { .zone = "UTC", .open = "Mon-Fri 17:00-09:00" }, "hours that end after they begin" },
        { "no length", { .zone = "UTC", .open = "Mon-Fri 09:00-09:00" }, "hours that end after they begin" },
        { "rubbish behind", { .zone = "UTC", .open = "Mon-Fri 09:00-17:00x" }, "days and hours such as" },
        { "overlapping in a line", { .zone = "UTC", .open = "Mon-Fri 09:00-12:00 11:00-17:00" }, "hours that do not overlap" },
        { "overlapping lines", { .zone = "UTC", .open = "Mon-Fri 09:00-12:00|Wed 11:00-17:00" }, "Wed 11:00-17:00: hours that do not overlap" },
        { "the same again", { .zone = "UTC", .open = "Mon-Fri 09:00-12:00|Wed 09:00-12:00" }, "hours that do not overlap" },
        { "too many spans", { .zone = "UTC", .open = "Mon 00:00-00:01 01:00-01:01 02:00-02:01 03:00-03:01 04:00-04:01 05:00-05:01 06:00-06:01 "
                              "07:00-07:01 08:00-08:01 09:00-09:01 10:00-10:01 11:00-11:01 12:00-12:01" }, "at most 12 spans" },
        { "open and closed", { .zone = "UTC", .open = OFFICE, .eve = "Fri closed|Fri 09:00-10:00" }, "each day either closed or with hours" },
        { "closed is no opening", { .zone = "UTC", .open = "closed" }, "days and hours such as" },
        { "no date", { .zone = "UTC", .open = OFFICE, .closed = "2026-02-30" }, "2026-02-30: a date" },
        { "dates in the wrong order", { .zone = "UTC", .open = OFFICE, .closed = "2026-02-03..2026-02-02" }, "a date" },
        { "an exception on no date", { .zone = "UTC", .open = OFFICE, .exceptions = "Christmas=closed=" }, "t.conf:9: calendar \"test\": Christmas: a date" },
        { "an exception with bad hours", { .zone = "UTC", .open = OFFICE, .exceptions = "2026-05-15=9-12=" }, "t.conf:9: calendar \"test\": 9-12: hours such as" },
        { "never open", { .zone = "UTC" }, "366 days without an opening" },
        { "closed for a year and a day", { .zone = "UTC", .open = OFFICE, .closed = "2026-01-01..2027-01-01" }, "from 2026-01-01: 366 days" },
        { "closed by an exception", { .zone = "UTC", .open = OFFICE, .exceptions = "2026-01-01..2030-01-01=closed=" }, "from 2026-01-01: 366 days" },
        { "no such file", { .zone = "UTC", .open = OFFICE, .holidays = "/nonexistent/se.ics" }, "t.conf:3: /nonexistent/se.ics: No such file" },
    };
    for (size_t i = 0; i < countof(wrong); i++) {
        struct buf errors = {0};
        struct calendar *c = words_calendar(wrong[i].words, &errors);
        if (c != NULL || errors.data == NULL || strstr(errors.data, wrong[i].said) == NULL)
            fail_msg("%s: %s", wrong[i].label, errors.data ? errors.data : "no error");
        buf_free(&errors);
    }
    struct calendar *c = words_calendar_must("closed for a year", (struct words){ .zone = "UTC", .open = ALWAYS, .closed = "2026-01-01..2026-12-31" });
    calendar_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swedish_desk), cmocka_unit_test(what_goes_before_what), cmocka_unit_test(holiday_files),
        cmocka_unit_test(files_in_other_clothes), cmocka_unit_test(file_mistakes), cmocka_unit_test(announcements), cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
