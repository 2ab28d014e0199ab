/* SPDX-License-Identifier: ISC
 *
 * Figures over cases: each event in its month by the desk's zone, each case in its groups, what counts and what does not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ticketd/desk.h"

static int64_t
at(const char *text)
{
    int64_t t;
    if (!time_parse(text, &t))
        fail_msg("%s", text);
    return t;
}

/* A case from a line: when opened, answered, resolved ("" not), how often opened again, answers, rating, minutes. */
struct row { const char *what, *opened, *answered, *resolved, *queue, *customer; unsigned reopened, answers, rating, minutes; bool spam; };
static const struct row rows[] = {
    { "answered and resolved the same day", "2026-01-10T09:00:00Z", "2026-01-10T10:00:00Z", "2026-01-10T11:00:00Z", "first", "acme", 0, 1, 5, 15, false },
    { "resolved in another month than opened", "2026-01-20T09:00:00Z", "2026-01-20T10:00:00Z", "2026-02-02T11:00:00Z", "first", "acme", 0, 3, 4, 30, false },
    { "in February by the desk's zone, in January by UTC", "2026-01-31T23:30:00Z", "", "", "second", NULL, 0, 0, 0, 0, false },
    { "opened again", "2026-02-05T09:00:00Z", "2026-02-05T10:00:00Z", "2026-02-06T11:00:00Z", "second", NULL, 1, 1, 0, 10, false },
    { "from before", "2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z", "", "first", NULL, 0, 1, 0, 0, false },
    { "done before it began", "2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z", "2025-12-02T10:00:00Z", "first", NULL, 0, 1, 0, 0, false },
    { "spam counts nowhere", "2026-01-10T09:00:00Z", "", "", "first", NULL, 0, 0, 0, 0, true },
    { "of after the end", "2026-03-10T09:00:00Z", "", "", "first", NULL, 0, 0, 0, 0, false },
};

static void
case_fill(const struct row *r, Td__Case *c, Td__Address *who)
{
    *c = (Td__Case)TD__CASE__INIT;
    *who = (Td__Address)TD__ADDRESS__INIT;
    who->addr = (char *)"ann@Customer.example";
    c->desk = (char *)"support", c->queue = (char *)r->queue, c->priority = (char *)"normal", c->customer = (char *)r->customer, c->requester = who;
    c->opened_at = at(r->opened);
    if (*r->answered != '\0')
        c->has_first_response_at = true, c->first_response_at = at(r->answered);
    if (*r->resolved != '\0')
        c->has_resolved_at = true, c->resolved_at = at(r->resolved);
    c->has_reopened = true, c->reopened = r->reopened;
    c->has_rating = r->rating > 0, c->rating = r->rating;
    c->has_minutes = true, c->minutes = r->minutes;
    c->has_spam = true, c->spam = r->spam;
}

static struct conf *
conf_of_stockholm(void)
{
    char path[] = "/tmp/ticketd-figures-XXXXXX";
    static const char text[] = "calendar \"o\" { zone = \"Europe/Stockholm\"  open = { \"Mon-Fri 09:00-17:00\" } }\nrelay \"box\" { transport = \"maildir\"  path = \"out\" }\n"
                               "desk \"support\" { prefix = \"CAS\"  address = { \"s@example.com\" }  relay = \"box\"  calendar = \"o\"  priority \"normal\" { default = true } }\n";
    struct buf errors = { 0 };
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
    close(fd);
    struct conf *conf = conf_load(path, false, &errors);
    unlink(path);
    if (conf == NULL)
        fail_msg("%s", errors.data);
    buf_free(&errors);
    return conf;
}

static void
must_say(const char *json, const char *what)
{
    if (strstr(json, what) == NULL)
        fail_msg("%s is not in\n%s", what, json);
}

static void
months_and_groups(void **state)
{
    (void)state;
    struct conf *conf = conf_of_stockholm();
    struct figures *f = figures_new(conf, at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
    struct buf out = { 0 };
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Case c;
        Td__Address who;
        case_fill(&rows[i], &c, &who);
        figures_add(f, &c, rows[i].answers);
    }
    figures_json(f, &out);
    must_say(out.data, "{\"name\":\"2026-01\",\"taken_in\":2,\"answered\":2,\"resolved\":1,\"first_contact\":1,\"reopened\":0,\"minutes\":15,\"minutes_overtime\":0,"
                       "\"minutes_billable\":0,\"rated\":1,\"rating\":5.00,\"open\":2}");
    must_say(out.data, "{\"name\":\"2026-02\",\"taken_in\":2,\"answered\":1,\"resolved\":2,\"first_contact\":0,\"reopened\":1,\"minutes\":40,\"minutes_overtime\":0,"
                       "\"minutes_billable\":0,\"rated\":1,\"rating\":4.00,\"open\":2}");
    must_say(out.data, "{\"name\":\"second\",\"taken_in\":2,\"answered\":1,\"resolved\":1,\"first_contact\":0,\"reopened\":1,\"minutes\":10,");
    must_say(out.data, "{\"name\":\"acme\",\"taken_in\":2,");
    must_say(out.data, "{\"name\":\"Customer.example\",\"taken_in\":2,");
    must_say(out.data, "\"backlog\":[{\"age\":\"under a day\",\"cases\":0},{\"age\":\"1 to 3 days\",\"cases\":0},{\"age\":\"3 to 7 days\",\"cases\":0},"
                       "{\"age\":\"7 to 30 days\",\"cases\":1},{\"age\":\"over 30 days\",\"cases\":1}]");
    if (strstr(out.data, "2026-03") != NULL || strstr(out.data, "2025-12") != NULL)
        fail_msg("of another time: %s", out.data);
    buf_free(&out);
    figures_free(&f);
    assert_null(f);
    conf_free(&conf);
}

static void
answers_taken_back(void **state)
{
    (void)state;
    static const Td__Entry__What what[] = { TD__ENTRY__WHAT__OPENED, TD__ENTRY__WHAT__RELAYED, TD__ENTRY__WHAT__UNDONE, TD__ENTRY__WHAT__RELAYED, TD__ENTRY__WHAT__NOTE };
    Td__Entry entries[countof(what)], *v[countof(what)];
    for (size_t i = 0; i < countof(what); i++) {
        entries[i] = (Td__Entry)TD__ENTRY__INIT;
        entries[i].what = what[i];
        v[i] = &entries[i];
    }
    assert_int_equal(figures_answers(v, 3), 0);
    assert_int_equal(figures_answers(v, countof(v)), 1);
    assert_int_equal(figures_answers(v, 0), 0);
}

/* More customers than are shown are one line, and none of their cases is lost. */
static void
many_customers(void **state)
{
    (void)state;
    struct conf *conf = conf_of_stockholm();
    struct figures *f = figures_new(conf, INT64_MIN, INT64_MAX, at("2026-04-01T00:00:00Z"));
    struct buf out = { 0 };
    for (unsigned i = 0; i < 120; i++) {
        Td__Case c;
        Td__Address who;
        char name[20];
        case_fill(&rows[0], &c, &who);
        snprintf(name, sizeof name, "c%u", i);
        c.customer = name;
        figures_add(f, &c, 1);
        if (i == 77)
            figures_add(f, &c, 1);
    }
    figures_json(f, &out);
    must_say(out.data, "\"customer\":[\n  {\"name\":\"c77\",\"taken_in\":2,");
    must_say(out.data, "{\"name\":\"70 others\",\"taken_in\":70,");
    buf_free(&out);
    figures_free(&f);
    conf_free(&conf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(months_and_groups), cmocka_unit_test(answers_taken_back), cmocka_unit_test(many_customers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
