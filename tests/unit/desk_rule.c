/* SPDX-License-Identifier: ISC
 *
 * Rules: each condition holds and fails, each effect takes effect, the first that sets a thing has set it, fields are caught, and
 * the journal says why. Who may open a case. A row is a desk, a mail and what comes of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk_rules.h"

#define CUSTOMERS "customer \"acme\" { address = { \"acme.example\" } } customer \"one\" { address = { \"one@acme.example\" } } "
#define FIELDS "field \"order\" { pattern = { '\\b(SO\\d+)\\b', 'invoice' } } field \"app\" { pattern = { 'web ?shop' } value = \"webshop\" } " \
               "field \"dump\" { attachment = { '^(.*) \\(image/' } } "
#define KINDS "kind \"error\" { priority = \"urgent\" queue = \"second\" } kind \"question\" { } queue \"first\" { default = on } queue \"second\" { } "

static const struct row { const char *label, *sections; struct mail mail; const char *want, *why; } rows[] = {
    /* conditions: want "+" is a tag */
    { "text in the words", "rule r { text = { 'down' } tag = { t } }", { .text = "It is DOWN" }, "+t", "rule \"r\": matched \"DOWN\"" },
    { "text in the subject", "rule r { text = { 'down' } tag = { t } }", { .subject = "down" }, "+t", "matched \"down\"" },
    { "text nowhere", "rule r { text = { 'down' } tag = { t } }", { .text = "up" }, "", "no rule matched: priority \"normal\" by default" },
    { "second pattern of text", "rule r { text = { 'down', 'up' } tag = { t } }", { .text = "up" }, "+t", "matched \"up\"" },
    { "subject", "rule r { subject = { 'down' } tag = { t } }", { .subject = "down" }, "+t", NULL },
    { "subject is not the words", "rule r { subject = { 'down' } tag = { t } }", { .text = "down" }, "", NULL },
    { "subject or text", "rule r { subject = { 'left' } text = { 'right' } tag = { t } }", { .text = "right" }, "+t", NULL },
    { "attachment by name", "rule r { attachment = { '\\.bak\\b' } tag = { t } }", { .attachment = "old.bak" }, "+t", "matched attachment \".bak\"" },
    { "attachment by type", "rule r { attachment = { '\\(image/' } tag = { t } }", { .type = "image/png" }, "+t", NULL },
    { "attachment is not the words", "rule r { attachment = { 'bak' } tag = { t } }", { .text = "bak" }, "", NULL },
    { "words are no attachment", "rule r { text = { 'bak' } tag = { t } }", { .attachment = "bak" }, "", NULL },
    { "attachment or text", "rule r { text = { 'x1' } attachment = { 'bak' } tag = { t } }", { .attachment = "bak" }, "+t", NULL },
    { "unless in the words", "rule r { subject = { 'down' } unless = { 'not urgent' } tag = { t } }", { .subject = "down", .text = "not urgent" }, "", NULL },
    { "unless in the subject", "rule r { text = { 'down' } unless = { 'again' } tag = { t } }", { .subject = "again", .text = "down" }, "", NULL },
    { "unless elsewhere", "rule r { text = { 'down' } unless = { 'again' } tag = { t } }", { .text = "down", .attachment = "again" }, "+t", NULL },
    { "sender", "rule r { sender = { \"Kim@customer.example\" } tag = { t } }", { 0 }, "+t", "rule \"r\": sender kim@customer.example" },
    { "sender by domain", "rule r { sender = { \"customer.example\" } tag = { t } }", { .from = "x@CUSTOMER.example" }, "+t", NULL },
    { "sender of a domain below", "rule r { sender = { \"customer.example\" } tag = { t } }", { .from = "x@sub.customer.example" }, "", NULL },
    { "unless-sender", "rule r { text = { 'work' } unless-sender = { \"customer.example\" } tag = { t } }", { 0 }, "", NULL },
    { "unless another sender", "rule r { text = { 'work' } unless-sender = { \"a@customer.example\" } tag = { t } }", { 0 }, "+t", NULL },
    { "recipient in To", "rule r { recipient = { \"sales@example.com\" } tag = { t } }", { .to = "Sales@example.com" }, "+t", "written to Sales@example.com" },
    { "recipient in the envelope", "rule r { recipient = { \"sales@example.com\" } tag = { t } }", { .recipient = "sales@example.com" }, "+t", NULL },
    { "recipient with an extension", "rule r { recipient = { \"sales@example.com\" } tag = { t } }", { .to = "sales+x@example.com" }, "+t", NULL },
    { "another recipient", "rule r { recipient = { \"sales@example.com\" } tag = { t } }", { .to = "x+sales@example.com" }, "", NULL },
    { "language", "rule r { language = { \"sv\", \"da\" } tag = { t } }", { .language = "da" }, "+t", "language da" },
    { "another language", "rule r { language = { \"sv\" } tag = { t } }", { .language = "da" }, "", NULL },
    { "unsure language", "rule r { language = { \"sv\" } tag = { t } }", { 0 }, "", NULL },
    { "customer", CUSTOMERS "rule r { customer = { \"acme\" } tag = { t } }", { .from = "x@acme.example" }, "+t", "customer \"acme\"" },
    { "the most exact customer", CUSTOMERS "rule r { customer = { \"acme\" } tag = { t } }", { .from = "one@acme.example" }, "", NULL },
    { "no customer", CUSTOMERS "rule r { customer = { \"acme\" } tag = { t } }", { 0 }, "", NULL },
    { "kind of an earlier rule", KINDS "rule a { text = { 'work' } kind = \"error\" } rule r { if-kind = { \"error\" } tag = { t } }", { 0 }, "urgent second error +t", NULL },
    { "kind of a later rule", KINDS "rule r { if-kind = { \"error\" } tag = { t } } rule a { text = { 'work' } kind = \"error\" }", { 0 }, "urgent second error", NULL },
    { "kind by default is no rule's", "kind \"k\" { default = on } rule r { if-kind = { \"k\" } tag = { t } }", { 0 }, "k", NULL },
    { "field caught", FIELDS "rule r { if-field = { \"order\" } tag = { t } }", { .text = "my so12" }, "order=so12 +t", "field order=\"so12\"" },
    { "field with a value", FIELDS "rule r { if-field = { \"app=WebShop\" } tag = { t } }", { .text = "the web shop" }, "app=webshop +t", NULL },
    { "field with another value", FIELDS "rule r { if-field = { \"order=SO1\" } tag = { t } }", { .text = "SO2" }, "order=SO2", NULL },
    { "one of the fields", FIELDS "rule r { if-field = { \"order=SO1\", \"dump\" } tag = { t } }", { .attachment = "a b.png", .type = "image/png" }, "dump=a b.png +t", NULL },
    { "field set by a rule", FIELDS "rule a { text = { 'work' } set = { \"app=till\" } } rule r { if-field = { \"app=till\" } tag = { t } }", { 0 }, "app=till +t", NULL },
    { "in working time", "rule r { when = \"open\" tag = { t } }", { 0 }, "+t", "in working time" },
    { "not in working time", "rule r { when = \"open\" tag = { t } }", { .at = "2026-03-10 17:00" }, "", NULL },
    { "outside of working time", "rule r { when = \"closed\" tag = { t } }", { .at = "2026-03-14 10:00" }, "+t", "outside of working time" },
    { "not outside", "rule r { when = \"closed\" tag = { t } }", { .at = "2026-03-10 09:00" }, "", NULL },
    /* March 2026 ends on a Tuesday; the 31st in London begins on the 30th at 23:00 UTC */
    { "the last working day", "rule r { month-end-before = 1 tag = { t } }", { .at = "2026-03-31 12:00" }, "+t", "near a month's end" },
    { "the last but one", "rule r { month-end-before = 1 tag = { t } }", { .at = "2026-03-30 12:00" }, "", NULL },
    { "the last one begins at local midnight", "rule r { month-end-before = 1 tag = { t } }", { .at = "2026-03-30 23:00" }, "+t", NULL },
    { "three before", "rule r { month-end-before = 3 tag = { t } }", { .at = "2026-03-27 12:00" }, "+t", NULL },
    { "a Saturday inside", "rule r { month-end-before = 3 tag = { t } }", { .at = "2026-03-28 12:00" }, "+t", NULL },
    { "four before", "rule r { month-end-before = 3 tag = { t } }", { .at = "2026-03-26 12:00" }, "", NULL },
    { "a Sunday at the end", "rule r { month-end-before = 1 tag = { t } }", { .at = "2026-05-31 12:00" }, "+t", NULL },
    { "a Saturday before the last", "rule r { month-end-before = 1 tag = { t } }", { .at = "2026-08-29 12:00" }, "", NULL },
    { "the first working day", "rule r { month-end-after = 1 tag = { t } }", { .at = "2026-04-01 12:00" }, "+t", NULL },
    { "the second", "rule r { month-end-after = 1 tag = { t } }", { .at = "2026-04-02 12:00" }, "", NULL },
    { "a weekend at the begin", "rule r { month-end-after = 1 tag = { t } }", { .at = "2026-08-01 12:00" }, "+t", NULL },
    { "the Monday after it", "rule r { month-end-after = 1 tag = { t } }", { .at = "2026-08-03 12:00" }, "+t", NULL },
    { "the middle", "rule r { month-end-before = 5 month-end-after = 5 tag = { t } }", { .at = "2026-03-16 12:00" }, "", NULL },
    { "the end of a year", "rule r { month-end-before = 2 tag = { t } }", { .at = "2026-12-31 12:00" }, "+t", NULL },
    { "all must hold", "rule r { text = { 'work' } sender = { \"customer.example\" } language = { \"sv\" } tag = { t } }", { .language = "sv" }, "+t",
      "rule \"r\": matched \"work\", sender kim@customer.example, language sv" },
    { "one does not hold", "rule r { text = { 'work' } sender = { \"customer.example\" } language = { \"sv\" } tag = { t } }", { .language = "da" }, "", NULL },
    /* effects */
    { "priority", "rule r { text = { 'work' } priority = \"low\" }", { 0 }, "low", "rule \"r\": matched \"work\"" },
    { "the first priority", "rule a { text = { 'work' } priority = \"low\" } rule b { text = { 'not' } priority = \"urgent\" }", { 0 }, "low",
      "rule \"a\": matched \"work\"; rule \"b\": matched \"not\"" },
    { "each thing by itself", KINDS "rule a { text = { 'work' } kind = \"question\" } rule b { text = { 'not' } kind = \"error\" queue = \"second\" priority = \"low\" }", { 0 },
      "low second question", NULL },
    { "stop", "rule a { text = { 'work' } tag = { a } stop = on } rule b { text = { 'work' } tag = { b } }", { 0 }, "+a", NULL },
    { "no stop without a match", "rule a { text = { 'xyz' } tag = { a } stop = on } rule b { text = { 'work' } tag = { b } }", { 0 }, "+b", NULL },
    { "tags of all rules, each once", "rule a { text = { 'work' } tag = { a, b } } rule b { text = { 'work' } tag = { b, c } }", { 0 }, "+a +b +c", NULL },
    { "priority of the kind", KINDS "rule r { text = { 'work' } kind = \"error\" }", { 0 }, "urgent second error", "; priority \"urgent\" of kind \"error\"" },
    { "a rule's before the kind's", KINDS "rule r { text = { 'work' } kind = \"error\" priority = \"low\" queue = \"first\" }", { 0 }, "low error", NULL },
    { "kind by default", "kind \"k\" { default = on priority = \"low\" }", { 0 }, "low k", "no rule matched: priority \"low\" of kind \"k\"" },
    { "a rule's set before what was caught", FIELDS "rule r { text = { 'shop' } set = { \"app=till\" } }", { .text = "web shop" }, "app=till", NULL },
    { "the first rule that sets a field", FIELDS "rule a { text = { 'work' } set = { \"app=a=1\" } } rule b { text = { 'work' } set = { \"app=b\" } }", { 0 }, "app=a=1", NULL },
    { "assign", "rule r { text = { 'work' } assign = \"bob@example.com\" } rule s { text = { 'work' } assign = \"none\" }", { 0 }, "assign:bob@example.com/rule:r", NULL },
    { "letter, and others beside it", "letter \"l\" { subject = \"l\" text = { \"l\" } } letter \"m\" { subject = \"m\" text = { \"m\" } }"
      "rule r { text = { 'work' } letter = \"l\" add-letter = { \"m\" } } rule s { text = { 'not' } letter = \"m\" add-letter = { \"m\", \"l\" } }", { 0 },
      "letter:l/rule:r &m &l", NULL },
    { "state", "rule r { text = { 'work' } state = \"waiting\" }", { 0 }, "state:waiting/rule:r", NULL },
    { "say", "rule a { text = { 'work' } say = \"One.\" } rule b { text = { 'work' } say = \"Two.\" }", { 0 }, "say:One.\n\nTwo.", NULL },
    /* fields */
    { "the first group", FIELDS, { .text = "please see SO4711." }, "order=SO4711", NULL },
    { "all of it without a group", FIELDS, { .text = "an Invoice" }, "order=Invoice", NULL },
    { "the first pattern of the list", FIELDS, { .text = "an invoice for SO1" }, "order=SO1", NULL },
    { "the subject first", FIELDS, { .subject = "SO1", .text = "SO2" }, "order=SO1", NULL },
    { "of an attachment", FIELDS, { .attachment = "screen 1.png", .type = "image/png" }, "dump=screen 1.png", NULL },
    { "none", FIELDS, { .text = "nothing" }, "", NULL },
    { "white space folds", "field \"f\" { pattern = { 'app:([\\s\\w]+)' } }", { .text = "app: web\n  shop" }, "f=web shop", NULL },
    /* hostile */
    { "a pattern that is given up", "rule r { text = { '(a+)+$' } tag = { t } } rule s { text = { 'b' } tag = { u } }",
      { .text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" }, "+u", "; the pattern at /tmp/ticketd-rules-" },
};

/* What differs from the default: priority queue kind fields assign letter state +tags &letters say */
static char *
verdict_words(const struct world *w, const struct verdict *v)
{
    struct buf b = { 0 };
    const char *default_queue = conf_desk_find(w->conf, "support")->queue;

    assert_non_null(v->priority);
    assert_non_null(v->queue);
    if (strcmp(v->priority, "normal") != 0)
        buf_printf(&b, "%s ", v->priority);
    if (strcmp(v->queue, default_queue) != 0)
        buf_printf(&b, "%s ", v->queue);
    if (v->kind != NULL)
        buf_printf(&b, "%s ", v->kind);
    for (size_t i = 0; i < v->n_fields; i++)
        buf_printf(&b, "%s=%s ", v->fields[i]->name, v->fields[i]->value);
    if (v->assign != NULL)
        buf_printf(&b, "assign:%s/%s ", v->assign, v->assign_by);
    if (v->letter != NULL)
        buf_printf(&b, "letter:%s/%s ", v->letter, v->letter_by);
    if (v->state != NULL)
        buf_printf(&b, "state:%s/%s ", v->state, v->state_by);
    for (size_t i = 0; i < v->tags.n; i++)
        buf_printf(&b, "+%s ", v->tags.v[i]);
    for (size_t i = 0; i < v->letters.n; i++)
        buf_printf(&b, "&%s ", v->letters.v[i]);
    if (v->say != NULL)
        buf_printf(&b, "say:%s ", v->say);
    if (b.len > 0)
        b.data[--b.len] = '\0';
    else
        buf_puts(&b, "");
    return b.data;
}

static void
table(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct world *w = world_new(rows[i].sections);
        struct verdict v;
        char *got;

        rules_apply(turn_of(w, &rows[i].mail), &v);
        got = verdict_words(w, &v);
        if (strcmp(got, rows[i].want) != 0 || (rows[i].why != NULL && strstr(v.why, rows[i].why) == NULL)) {
            print_error("%s: got \"%s\" because %s\n", rows[i].label, got, v.why);
            wrong++;
        }
        free(got);
        world_free(w);
    }
    assert_int_equal(wrong, 0);
}

static void
what_another_desk_looks_for_is_not_said(void **state)
{
    struct world *w = world_new("rule r { text = { 'work' } tag = { t } }");
    struct turn *t = turn_of(w, &(struct mail){ .subject = "printer", .text = "work aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" });
    struct verdict v;

    (void)state;
    assert_true(t->m->n_hits > 1 && t->m->hits[0]->over_budget);
    rules_apply(t, &v);
    assert_string_equal(v.why, "rule \"r\": matched \"work\"; priority \"normal\" by default");
    world_free(w);
}

static void
by_is_the_last_rule_that_set_something(void **state)
{
    struct world *w = world_new("rule a { text = { 'work' } priority = \"low\" } rule b { text = { 'work' } priority = \"urgent\" }");
    struct verdict v;

    (void)state;
    rules_apply(turn_of(w, &(struct mail){ 0 }), &v);
    assert_string_equal(v.by, "rule:a");
    rules_apply(turn_of(w, &(struct mail){ .text = "fine" }), &v);
    assert_null(v.by);
    world_free(w);
}

/* Nothing that a worker says makes the desk read where there is nothing. */
static void
hits_of_no_pattern(void **state)
{
    struct world *w = world_new("rule r { text = { 'work' } tag = { t } }");
    struct turn *t = turn_of(w, &(struct mail){ .text = "fine" });
    Td__Message *m = (Td__Message *)t->m;
    static const uint32_t numbers[] = { 3, 4, 1000, UINT32_MAX };
    struct verdict v;

    (void)state;
    for (size_t i = 0; i < countof(numbers); i++) {
        Td__Hit *h = schema_new(w->a, &td__hit__descriptor);
        h->pattern = numbers[i];
        h->words = arena_strdup(w->a, "x");
        h->where = TD__CASE_REF__WHERE__TEXT;
        arena_push(w->a, &m->hits, &m->n_hits, h);
    }
    rules_apply(t, &v);
    assert_int_equal(v.tags.n, 0);
    world_free(w);
}

static void
a_thousand_rules_that_match(void **state)
{
    struct buf b = { 0 };
    struct world *w;
    struct verdict v;

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "rule \"r%d\" { text = { 'work' } tag = { \"t%d\" } say = \"Words.\" }\n", i, i % 7);
    w = world_new(b.data);
    rules_apply(turn_of(w, &(struct mail){ 0 }), &v);
    assert_int_equal(v.tags.n, 7);
    assert_non_null(strstr(v.why, "rule \"r19\": matched \"work\"; and 980 rules more"));
    assert_true(strlen(v.why) < 2000 && strlen(v.say) < 200);
    buf_free(&b);
    world_free(w);
}

static void
explained(void **state)
{
    static const char *const lines[] = {
        "rule \"down\": yes: matched \"down\" -> priority \"urgent\", tag \"hot\"\n", "rule \"no\": no: none of its text, subject and attachment matches\n",
        "rule \"un\": no: unless matches \"again\"\n", "rule \"late\": no: it came at the other time\n", "rule \"bad\": no: none of its text",
        "rule \"again\": yes: matched \"again\" -> priority \"low\" (is set already), set \"app=x\", stop\n", "rule \"rest\": left out: rule \"again\" stops\n",
        ": pattern '(a+)+$' was given up on this mail: it counts as not matching\n", "\npriority: urgent\n", "\nfield app: x\n", "\ntags: hot\n",
        "\nrefused: kim@customer.example belongs to no customer of the desk\n",
    };
    struct world *w = world_new("register = \"customers\" field \"app\" { } rule \"down\" { text = { 'down' } priority = \"urgent\" tag = { hot } }\n"
                                "rule \"no\" { text = { 'xyz' } stop = on } rule \"un\" { text = { 'down' } unless = { 'again' } stop = on }\n"
                                "rule \"late\" { when = \"closed\" stop = on } rule \"bad\" { text = { '(a+)+$' } stop = on }\n"
                                "rule \"again\" { text = { 'again' } priority = \"low\" set = { \"app=x\" } stop = on } rule \"rest\" { text = { 'down' } tag = { r } }");
    struct buf out = { 0 };

    (void)state;
    rules_explain(turn_of(w, &(struct mail){ .text = "down again aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" }), &out);
    for (size_t i = 0; i < countof(lines); i++)
        if (strstr(out.data, lines[i]) == NULL)
            fail_msg("%s is not in:\n%s", lines[i], out.data);
    buf_free(&out);
    world_free(w);
}

/* ---- who may open a case */

static void
registering(void **state)
{
#define KOMMUN "customer \"kommun\" { address = { \"kommun.example\" } admin = { \"admin@kommun.example\" } may-register = { \"it@kommun.example\" } } " \
               "customer \"open\" { address = { \"open.example\" } } customer \"mill\" { address = { \"mill.example\" } admin = { \"it@vendor.example\" } } "
    static const struct { const char *label, *sections, *from, *refused; } cases[] = {
        { "anyone", "", "x@y.example", NULL },
        { "anyone, and one of a customer", KOMMUN, "x@y.example", NULL },
        { "not listed by the customer", KOMMUN, "clerk@kommun.example", "clerk@kommun.example is not among those of customer \"kommun\" who may open cases" },
        { "an admin", KOMMUN, "Admin@Kommun.example", NULL },
        { "listed", KOMMUN, "it@kommun.example", NULL },
        { "nobody is listed", KOMMUN, "anybody@open.example", NULL },
        { "admin from elsewhere", KOMMUN "register = \"customers\"", "it@vendor.example", NULL },
        { "only admins", KOMMUN, "x@mill.example", "x@mill.example is not among" },
        { "customers only, a stranger", "register = \"customers\" " KOMMUN, "x@y.example", "x@y.example belongs to no customer of the desk" },
        { "customers only, a customer", "register = \"customers\" " KOMMUN, "x@open.example", NULL },
        { "customers only, listed", "register = \"customers\" " KOMMUN, "it@kommun.example", NULL },
        { "customers only, staff", "register = \"customers\" " KOMMUN, "bob@example.com", NULL },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct world *w = world_new(cases[i].sections);
        const char *got = register_refusal(turn_of(w, &(struct mail){ .from = cases[i].from }));

        if ((got == NULL) != (cases[i].refused == NULL) || (got != NULL && strstr(got, cases[i].refused) == NULL))
            fail_msg("%s: %s", cases[i].label, got ? got : "not refused");
        world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table), cmocka_unit_test(what_another_desk_looks_for_is_not_said), cmocka_unit_test(by_is_the_last_rule_that_set_something), cmocka_unit_test(hits_of_no_pattern),
        cmocka_unit_test(a_thousand_rules_that_match), cmocka_unit_test(explained), cmocka_unit_test(registering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
