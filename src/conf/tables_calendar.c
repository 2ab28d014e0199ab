/* SPDX-License-Identifier: ISC
 *
 * The language of ticketd.conf: working time. How rows are written is said in tables.c.
 */
#include "calendar.h"
#include "rows.h"

typedef struct conf_strings list_dates_hours, list_rest_hours, list_holidays;

static const struct setting exception_rows[] = {
    ONE("closed", bool, conf_exception, closed, .fallback = "false", .help = "Nobody works on these dates."),
    LIST("open", dates_hours, conf_exception, open,
        .help = "The hours of these dates, as 09:00-12:00 for each of them, or with days as in the calendar's own open; then the days that are not named are closed."),
    ONE("note", text, conf_exception, note,
        .help = "A sentence for customers, which acknowledgements can announce beforehand. With nothing else in the section the hours are the usual ones."),
};
static const struct section exception = {
    .name = "exception", .title = TITLE_NAME, .kind = -1, SETTINGS(exception_rows), ARRAY(conf_calendar, exceptions, conf_exception),
    ITEM(conf_exception), .check = conf_check_exception,
    .help = "Dates that are not as usual. The name is a date such as 2026-05-15, or two such as 2026-12-28..2026-12-30, both inside. "
            "It goes before eves and bridge days. "
            "A single date goes before everything, also before a holiday; in a range holidays, days off and closed dates stay closed. "
            "A date stands in one exception only.",
};

static const struct setting calendar_rows[] = {
    ONE("zone", zone, conf_calendar, zone, .required = true,
        .help = "The time zone that the hours are meant in. Letters of a desk with this calendar speak in it too."),
    LIST("open", hours, conf_calendar, open, .required = true,
        .help = "When the desk works: a day or a range of days, then one or more spans. "
                "Days are Mon, Tue, Wed, Thu, Fri, Sat and Sun, also as Mon,Wed or Mon-Thu,Sat; a span ends at 24:00 at the latest; Mon-Sun 00:00-24:00 is always. "
                "Several values of the list add up, and must not overlap; a night is two of them, Mon 22:00-24:00 and Tue 00:00-06:00. "
                "A day of the week without hours is a weekend's."),
    LIST("holidays", holidays, conf_calendar, holidays,
        .help = "iCalendar files of public holidays. "
                "A date that one of their events covers from midnight to midnight is a holiday and closed; an event with hours closes those. "
                "A name without a slash is looked for beside the configuration, then among the files that come with ticketd: "
                "be, de, dk, fr, gb-england-wales, gb-northern-ireland, gb-scotland, ie, nl, no, se and us, each with .ics behind it."),
    LIST("days-off", holidays, conf_calendar, days_off,
        .help = "iCalendar files of days that are closed as holidays are, but are no public holidays: they make neither an eve nor a bridge day. "
                "se-eves.ics, which comes with ticketd, has Midsummer, Christmas and New Year's Eve."),
    LIST("eve", rest_hours, conf_calendar, eve,
        .help = "The hours of a day before a public holiday, in place of its usual ones: 09:00-12:00 for any day that has hours, or with days, "
                "as in Mon-Fri 09:00-12:00; days that are not named keep their hours. Or closed."),
    LIST("bridge", rest_hours, conf_calendar, bridge,
        .help = "The same for bridge days: a working day that stands alone between a public holiday and a weekend or another public holiday. "
                "A day that is both, an eve and a bridge day, is a bridge day."),
    LIST("closed", days, conf_calendar, closed,
        .help = "Further closed dates, or ranges such as 2026-07-06..2026-07-17, both dates inside. They make neither an eve nor a bridge day."),
};
static const struct section *const calendar_sections[] = { &exception };
const struct section conf_section_calendar = {
    .name = "calendar", .title = TITLE_NAME, .kind = -1, SETTINGS(calendar_rows), SECTIONS(calendar_sections),
    ARRAY(conf, calendars, conf_calendar), ITEM(conf_calendar), .check = conf_check_calendar,
    .help = "Working time: all targets count in a calendar's open hours. "
            "There may be any number of them: the office's, one for those on call, one for a customer with hours of its own. "
            "Dates are those of the calendar's zone. Without an opening for 366 days it is refused.",
};
