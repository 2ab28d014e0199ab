/* SPDX-License-Identifier: ISC
 *
 * Calendars in the configuration: what they become, that they print to the same, where holiday files are found, and what is
 * said, with file and line, about mistakes in them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/conf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ticketd-conf-XXXXXX";

static void
file_write(const char *name, const char *bytes)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    fputs(bytes, f);
    assert_int_equal(fclose(f), 0);
}

/* A whole configuration whose line 1 is `lines`, the inside of a calendar. NULL: errors. */
static struct conf *
load(const char *lines, bool check_files, struct buf *errors)
{
    struct buf text = { 0 };
    struct conf *c;

    buf_printf(&text, "calendar \"office\" { zone = UTC %s\n}\n"
               "relay \"out\" { transport = maildir path = out }\n"
               "desk \"d\" { address = a@example.com prefix = CAS relay = out calendar = office priority \"p\" { default = true } templates = \".\" }\n", lines);
    file_write("t.conf", text.data);
    buf_free(&text);
    c = conf_load("t.conf", check_files, errors);
    return c;
}

static void
values_and_print(void **state)
{
    static const char lines[] = "open = { \"Mon-Thu 09:00-12:00 13:00-16:00\", \"Fri 09:00-12:00\" }\n"
        "holidays = { \"a.ics\", \"b/c.ics\" } days-off = \"/x/d.ics\" eve = \"Mon-Fri 09:00-12:00\" bridge = closed\n"
        "closed = { 2026-12-24, \"2026-07-06..2026-07-17\" }\n"
        "exception \"2026-05-15\" { closed = true note = \"We say \\\"closed\\\".\" }\n"
        "exception \"2026-12-28..2026-12-30\" { open = { \"Mon 10:00-12:00\", \"Tue-Wed 10:00-15:00\" } }\n"
        "exception \"2026-09-01\" { note = \"Stocktaking\" }";
    struct buf errors = { 0 }, once = { 0 }, twice = { 0 };
    struct conf *c = load(lines, false, &errors);
    const struct conf_calendar *k;

    (void)state;
    if (!c)
        fail_msg("%s", errors.data);
    k = &c->calendars[0];
    assert_int_equal(k->open.n, 2);
    assert_string_equal(k->open.v[1], "Fri 09:00-12:00");
    assert_int_equal(k->holidays.n, 2);
    assert_non_null(strstr(k->holidays.v[0], folder));
    assert_string_equal(k->days_off.v[0], "/x/d.ics");
    assert_string_equal(k->eve.v[0], "Mon-Fri 09:00-12:00");
    assert_string_equal(k->bridge.v[0], "closed");
    assert_string_equal(k->closed.v[1], "2026-07-06..2026-07-17");
    assert_int_equal(k->n_exceptions, 3);
    assert_string_equal(k->exceptions[0].name, "2026-05-15");
    assert_true(k->exceptions[0].closed);
    assert_string_equal(k->exceptions[0].note, "We say \"closed\".");
    assert_int_equal(k->exceptions[1].open.n, 2);
    assert_null(k->exceptions[1].note);
    assert_int_equal(k->exceptions[2].where.line, 6);
    conf_print(c, &once);
    conf_free(&c);
    file_write("t.conf", once.data);
    c = conf_load("t.conf", false, &errors);
    if (!c)
        fail_msg("%s", errors.data);
    conf_print(c, &twice);
    conf_free(&c);
    assert_string_equal(once.data, twice.data);
    assert_non_null(strstr(once.data, "    exception \"2026-12-28..2026-12-30\" {\n"));
    buf_free(&once);
    buf_free(&twice);
}

/* Beside the configuration first, then what comes with ticketd, and that by its bare name alone. */
static void
holiday_files(void **state)
{
    struct buf errors = { 0 };
    char *shared = path_beside_self("share/ticketd/holidays/se.ics");
    struct conf *c;

    (void)state;
    if (access(shared, R_OK)) {
        free(shared);
        skip();                         /* only this program was built */
    }
    for (int check = 0; check < 2; check++) {
        c = load("open = \"Mon 09:00-10:00\" holidays = se.ics", check, &errors);
        if (!c)
            fail_msg("%s", errors.data);
        assert_string_equal(c->calendars[0].holidays.v[0], shared);
        conf_free(&c);
    }
    file_write("se.ics", "mine");
    c = load("open = \"Mon 09:00-10:00\" holidays = se.ics", true, &errors);
    assert_non_null(strstr(c->calendars[0].holidays.v[0], folder));
    conf_free(&c);
    unlink("se.ics");
    c = load("open = \"Mon 09:00-10:00\" holidays = \"./se.ics\"", true, &errors);
    assert_null(c);
    assert_non_null(strstr(errors.data, "t.conf:1: holidays: cannot read "));
    buf_free(&errors);
    free(shared);
}

#define OPEN "open = \"Mon-Fri 09:00-17:00\"\n"

static const struct { const char *label, *lines; int line; const char *said; } mistakes[] = {
    { "backwards", "\nopen = { \"Mon-Thu 09:00-17:00\",\n\"Fri 17:00-09:00\" }", 3, "open: bad value \"Fri 17:00-09:00\", expected hours that end after they begin (past midnight: \"Mon 22:00-24:00\" and" },
    { "overlap in a line", "open = \"Mon 09:00-12:00 11:00-13:00\"", 1, "open: bad value \"Mon 09:00-12:00 11:00-13:00\", expected hours that do not overlap" },
    { "overlap between lines", "open = { \"Mon-Fri 09:00-12:00\",\n\"Wed 11:59-13:00\" }", 2, "open: \"Wed 11:59-13:00\" does not go with what stands before it, expected hours that do not overlap" },
    { "no days", "open = \"09:00-12:00\"", 1, "open: bad value \"09:00-12:00\", expected days and hours such as" },
    { "German days", "open = \"Mo-Fr 09:00-12:00\"", 1, "expected days and hours such as" },
    { "lunch with a comma", "open = \"Mon 09:00-12:00, 13:00-16:00\"", 1, "expected days and hours such as" },
    { "a wide dash", "open = \"Mon-Fri 09:00\xe2\x80\x93""12:00\"", 1, "expected days and hours such as" },
    { "an hour without minutes", "open = \"Mon-Fri 9:00-17:00\"", 1, "expected days and hours such as" },
    { "61 minutes", "open = \"Mon-Fri 09:61-17:00\"", 1, "expected days and hours such as" },
    { "nobody ever", "open = { }", 1, "open is missing in calendar" },
    { "eve without holidays", OPEN "eve = \"09:00-12:00\"", 2, "eve: without public holidays there is none, expected holidays beside it" },
    { "bridge without holidays", OPEN "\nbridge = closed", 3, "bridge: without public holidays there is none" },
    { "bridge that is no hours", OPEN "holidays = x.ics bridge = yes", 2, "bridge: bad value \"yes\", expected closed, or hours such as" },
    { "eve closed and open", OPEN "holidays = x.ics\neve = { closed,\n\"Mon 09:00-12:00\" }", 4, "eve: \"Mon 09:00-12:00\" does not go with what stands before it, expected each day either closed or with hours" },
    { "closed on no date", OPEN "closed = { 2026-12-24,\n\"2026-02-30\" }", 3, "closed: bad value \"2026-02-30\", expected a date such as" },
    { "closed backwards", OPEN "closed = \"2026-07-17..2026-07-06\"", 2, "closed: bad value \"2026-07-17..2026-07-06\"" },
    { "closed with a day too many", OPEN "closed = \"2026-06-31\"", 2, "closed: bad value" },
    { "an exception on no date", OPEN "exception \"Christmas\" { closed = true }", 2, "exception \"Christmas\" is on no date, expected a date such as" },
    { "an exception on a date that is none", OPEN "exception \"2026-02-29\" { closed = true }", 2, "exception \"2026-02-29\" is on no date" },
    { "an exception twice", OPEN "exception \"2026-12-24\" { closed = true }\nexception \"2026-12-24\" { closed = true }", 3, "exception \"2026-12-24\" is there already (line 2)" },
    { "exceptions that overlap", OPEN "exception \"2026-12-24..2026-12-31\" { closed = true }\n\nexception \"2026-12-31\" { open = \"09:00-12:00\" }", 4,
      "exception \"2026-12-31\" has a date of exception \"2026-12-24..2026-12-31\" (line 2), expected each date in one of them" },
    { "an exception that says nothing", OPEN "exception \"2026-12-24\" { }", 2, "exception \"2026-12-24\" changes nothing, expected closed, open or note" },
    { "an exception that says both", OPEN "exception \"2026-12-24\" {\nclosed = true\nopen = \"09:00-12:00\" }", 4, "exception \"2026-12-24\" is closed and open, expected one of the two" },
    { "an exception on another day", OPEN "exception \"2026-12-24\" {\nopen = \"Mon 09:00-12:00\" }", 3, "open: on none of the dates of exception \"2026-12-24\", expected hours for one of their days" },
    { "an exception with bad hours", OPEN "exception \"2026-12-24\" {\nopen = \"9-12\" }", 3, "open: bad value \"9-12\", expected hours such as" },
    { "an exception with overlapping hours", OPEN "exception \"2026-12-24\" {\nopen = { \"09:00-12:00\",\n\"Thu 11:00-13:00\" } }", 4, "open: \"Thu 11:00-13:00\" does not go with" },
    { "closed, and open by exception", OPEN "closed = { 2026-12-23,\n2026-12-24 }\nexception \"2026-12-24\" { open = \"09:00-12:00\" }", 3,
      "closed: \"2026-12-24\" is open by exception \"2026-12-24\" (line 4), expected one of the two" },
    { "a word that is none", OPEN "holiday = se.ics", 2, "unknown setting \"holiday\" in calendar, expected holidays" },
    { "an exception with a word that is none", OPEN "exception \"2026-12-24\" {\nhours = \"09:00-12:00\" }", 3, "unknown setting \"hours\" in exception" },
};

static void
mistakes_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(mistakes); i++) {
        struct buf errors = { 0 }, want = { 0 };
        struct conf *c = load(mistakes[i].lines, false, &errors);

        buf_printf(&want, "t.conf:%d: ", mistakes[i].line);
        if (c || !strstr(errors.data, want.data) || !strstr(errors.data, mistakes[i].said) || strchr(errors.data, '\n')[1])
            fail_msg("%s: wanted %s%s, got %s", mistakes[i].label, want.data, mistakes[i].said, errors.data ? errors.data : "no error");
        buf_free(&errors);
        buf_free(&want);
    }
}

static int
setup(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int
teardown(void **state)
{
    (void)state;
    unlink("t.conf");
    unlink("se.ics");
    return chdir("/") || rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(values_and_print), cmocka_unit_test(holiday_files), cmocka_unit_test(mistakes_told) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
