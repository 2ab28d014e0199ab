/* SPDX-License-Identifier: ISC
 *
 * Who gets a case: consultant, skill, method, and who is passed over, and what the journal says of it. A row is a desk with its
 * people, a mail and how much each of them has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk_rules.h"

#define FIRST "queue \"first\" { staff = { \"ann@example.com\", \"bob@example.com\", \"cyd@example.com\" } assign = \"first\" } "
#define LEAST "queue \"first\" { staff = { \"ann@example.com\", \"bob@example.com\", \"cyd@example.com\" } assign = \"least-loaded\" } "
#define TURNS "queue \"first\" { staff = { \"ann@example.com\", \"bob@example.com\", \"cyd@example.com\" } assign = \"round-robin\" } "
#define ACME "customer \"acme\" { address = { \"acme.example\" } consultant = \"bob@example.com\" } "
#define AWAY(who, days) "person \"" who "@example.com\" { absent = { \"" days "\" } } "

static const struct row { const char *label, *sections; struct mail mail; const char *person, *why; } rows[] = {
    { "none by default", "", { 0 }, NULL, NULL },
    { "the desk's method, all staff", "assign = \"first\"", { 0 }, "ann@example.com", "the first of queue \"support\"" },
    { "the queue's before the desk's", "assign = \"first\" queue \"first\" { assign = \"none\" }", { 0 }, NULL, NULL },
    { "the queue's staff", "queue \"first\" { staff = { \"cyd@example.com\", \"ann@example.com\" } assign = \"first\" }", { 0 }, "cyd@example.com", NULL },
    { "a queue that names nobody: all staff", "queue \"first\" { assign = \"first\" }", { 0 }, "ann@example.com", NULL },
    /* methods */
    { "the fewest", LEAST, { .open = { 3, 1, 2 } }, "bob@example.com", "the fewest open cases of queue \"first\": 1" },
    { "the fewest, equal: who got one longest ago", LEAST, { .open = { 1, 1, 1 }, .last = { 9, 8, 7 } }, "cyd@example.com", NULL },
    { "the fewest, all equal: the order", LEAST, { 0 }, "ann@example.com", NULL },
    { "each in turn", TURNS, { .open = { 0, 9, 9 }, .last = { 12, 10, 11 } }, "bob@example.com", "whose turn it is of queue \"first\"" },
    { "whose turn never was", TURNS, { .last = { 12, 10, 0 } }, "cyd@example.com", NULL },
    /* absence, in the person's zone */
    { "absent", FIRST AWAY("ann", "2026-03-10"), { 0 }, "bob@example.com", "the first of queue \"first\"; passed over: ann@example.com (absent)" },
    { "absent the day before", FIRST AWAY("ann", "2026-03-09"), { 0 }, "ann@example.com", NULL },
    { "absent, the first day", FIRST AWAY("ann", "2026-03-10..2026-03-20"), { 0 }, "bob@example.com", NULL },
    { "absent, the last day", FIRST AWAY("ann", "2026-03-01..2026-03-10"), { 0 }, "bob@example.com", NULL },
    { "back again", FIRST AWAY("ann", "2026-03-01..2026-03-09"), { 0 }, "ann@example.com", NULL },
    { "absent from tomorrow on, and today is over", FIRST AWAY("ann", "2026-03-11"), { .at = "2026-03-10 18:00" }, "bob@example.com", NULL },
    { "absent today, and today is over", FIRST AWAY("ann", "2026-03-10"), { .at = "2026-03-10 18:00" }, "ann@example.com", NULL },
    { "absent from Monday on, on Saturday", FIRST AWAY("ann", "2026-03-16"), { .at = "2026-03-14 12:00" }, "bob@example.com", NULL },
    { "all absent: the first", FIRST AWAY("ann", "2026-03-10") AWAY("bob", "2026-03-10") AWAY("cyd", "2026-03-10"), { 0 }, "ann@example.com", "nobody is there: absent" },
    { "the person's zone has the day before", FIRST "person \"ann@example.com\" { calendar = \"coast\" absent = { \"2026-06-09\" } } "
      "person \"bob@example.com\" { calendar = \"always\" } ", { .at = "2026-06-09 23:30" }, "bob@example.com", "ann@example.com (absent)" },
    /* hours */
    { "who works now", FIRST "person \"cyd@example.com\" { calendar = \"always\" } ", { .at = "2026-03-14 03:00" }, "cyd@example.com",
      "passed over: ann@example.com (outside of working hours), bob@example.com (outside of working hours)" },
    { "nobody works now: the first", FIRST, { .at = "2026-03-14 03:00" }, "ann@example.com", "nobody is there: outside of working hours" },
    { "nobody works now, one is absent", FIRST AWAY("ann", "2026-03-16"), { .at = "2026-03-14 03:00" }, "bob@example.com", NULL },
    { "in another zone", FIRST "person \"bob@example.com\" { calendar = \"tokyo\" } ", { .at = "2026-03-11 02:00" }, "bob@example.com", NULL },
    /* capacity */
    { "full", FIRST "person \"ann@example.com\" { capacity = 2 } ", { .open = { 2, 5, 5 } }, "bob@example.com", "ann@example.com (has as many cases as fit)" },
    { "not full", FIRST "person \"ann@example.com\" { capacity = 3 } ", { .open = { 2, 0, 0 } }, "ann@example.com", NULL },
    { "full before absent", FIRST "person \"ann@example.com\" { capacity = 1 } " AWAY("bob", "2026-03-10") AWAY("cyd", "2026-03-10"), { .open = { 1 } }, "ann@example.com", NULL },
    { "capacity with the fewest", LEAST "person \"cyd@example.com\" { capacity = 1 } ", { .open = { 5, 4, 1 } }, "bob@example.com", NULL },
    /* consultant */
    { "consultant", FIRST ACME, { .from = "x@acme.example" }, "bob@example.com", "consultant of customer \"acme\"" },
    { "consultant where nobody is assigned", ACME, { .from = "x@acme.example" }, "bob@example.com", "consultant of customer \"acme\"" },
    { "consultant of another queue", "queue \"first\" { staff = { \"ann@example.com\" } assign = \"first\" } " ACME, { .from = "x@acme.example" }, "bob@example.com", NULL },
    { "consultant is absent", FIRST ACME AWAY("bob", "2026-03-10"), { .from = "x@acme.example" }, "ann@example.com", "passed over: bob@example.com (absent)" },
    { "consultant is absent, and nobody else is assigned", ACME AWAY("bob", "2026-03-10"), { .from = "x@acme.example" }, "bob@example.com", "nobody is there: absent" },
    { "consultant at night, as everybody", FIRST ACME, { .from = "x@acme.example", .at = "2026-03-14 03:00" }, "bob@example.com", NULL },
    { "not his customer", FIRST ACME, { 0 }, "ann@example.com", NULL },
    { "consultant for some kinds", FIRST "kind \"error\" { } customer \"acme\" { address = { \"acme.example\" } consultant = \"bob@example.com\" consultant-kind = { \"error\" } } ",
      { .from = "x@acme.example" }, "ann@example.com", NULL },
    { "consultant for this kind", FIRST "kind \"error\" { default = on } customer \"acme\" { address = { \"acme.example\" } consultant = \"bob@example.com\" consultant-kind = { \"error\" } } ",
      { .from = "x@acme.example" }, "bob@example.com", NULL },
    { "a rule names somebody", FIRST ACME "rule r { text = { 'work' } assign = \"cyd@example.com\" } ", { .from = "x@acme.example" }, "cyd@example.com", "named" },
    { "a rule says how", FIRST "rule r { text = { 'work' } assign = \"least-loaded\" } ", { .open = { 2, 2, 1 } }, "cyd@example.com", NULL },
    { "a rule says nobody", FIRST "rule r { text = { 'work' } assign = \"none\" } ", { 0 }, NULL, NULL },
    /* skill */
    { "skill by kind", FIRST "kind \"error\" { default = on } person \"cyd@example.com\" { skill = { \"error\" } } ", { 0 }, "cyd@example.com", "has the skill \"error\"" },
    { "skill by a field", FIRST "field \"app\" { pattern = { 'web ?shop' } value = \"webshop\" } person \"bob@example.com\" { skill = { \"Webshop\" } } ",
      { .text = "the web shop" }, "bob@example.com", NULL },
    { "skill for something else", FIRST "person \"bob@example.com\" { skill = { \"webshop\" } } ", { .text = "the till" }, "ann@example.com", NULL },
    { "two skills before one", FIRST "kind \"error\" { default = on } field \"app\" { pattern = { 'web ?shop' } value = \"webshop\" } "
      "person \"ann@example.com\" { skill = { \"error\", \"till\" } } person \"bob@example.com\" { skill = { \"error\", \"webshop\" } } ", { .text = "webshop" }, "bob@example.com", NULL },
    { "the fewest among those who can", LEAST "kind \"error\" { default = on } person \"ann@example.com\" { skill = { \"error\" } } person \"bob@example.com\" { skill = { \"error\" } } ",
      { .open = { 5, 4, 0 } }, "bob@example.com", NULL },
    { "the one who can is absent", FIRST "kind \"error\" { default = on } person \"cyd@example.com\" { skill = { \"error\" } absent = { \"2026-03-10\" } } ", { 0 }, "ann@example.com",
      "passed over: cyd@example.com (absent)" },
    { "consultant before skill", FIRST ACME "kind \"error\" { default = on } person \"cyd@example.com\" { skill = { \"error\" } } ", { .from = "x@acme.example" }, "bob@example.com", NULL },
};

static Td__Case *
case_of(struct world *w, const struct turn *t, const struct verdict *v)
{
    Td__Case *c = schema_new(w->a, &td__case__descriptor);

    c->requester = t->requester;
    c->queue = arena_strdup(w->a, v->queue);
    c->kind = arena_strdup(w->a, v->kind);
    c->customer = v->customer ? arena_strdup(w->a, v->customer->name) : NULL;
    c->fields = v->fields;
    c->n_fields = v->n_fields;
    return c;
}

static void
table(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct world *w = world_new(rows[i].sections);
        struct turn *t = turn_of(w, &rows[i].mail);
        const char *person, *why = NULL;
        struct verdict v;

        rules_apply(t, &v);
        person = assign_choose(t, case_of(w, t, &v), v.assign, &why);
        if ((person == NULL) != (rows[i].person == NULL) || (person != NULL && strcmp(person, rows[i].person) != 0) ||
            (rows[i].why != NULL && strstr(why, rows[i].why) == NULL)) {
            print_error("%s: %s, because %s\n", rows[i].label, person ? person : "nobody", why ? why : "-");
            wrong++;
        }
        world_free(w);
    }
    assert_int_equal(wrong, 0);
}

/* What is asked for: nothing where nobody counts. */
static void
loads_are_asked_for_where_they_count(void **state)
{
    static const struct { const char *label, *sections; size_t asked; } cases[] = {
        { "none", "", 0 }, { "first", FIRST, 0 }, { "the fewest", LEAST, 3 }, { "in turn", TURNS, 3 }, { "the desk's", "assign = \"round-robin\"", 3 },
        { "a rule's", "rule r { text = { 'x' } assign = \"least-loaded\" }", 3 }, { "capacity", FIRST "person \"ann@example.com\" { capacity = 3 }", 3 },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct world *w = world_new(cases[i].sections);
        struct turn *t = turn_of(w, &(struct mail){ 0 });
        size_t n = 0;

        for (size_t k = 0; k < t->f->needs->n; k++)
            n += t->f->needs->v[k].kind == DESK_NEED_LOAD;
        print_message("%s\n", cases[i].label);
        assert_int_equal(n, cases[i].asked);
        world_free(w);
    }
}

/* However many there are, and whatever else a mail asks for. */
static void
many_people(void **state)
{
    struct buf b = { 0 };
    struct world *w;
    struct turn *t;
    const char *why;
    struct verdict v;

    (void)state;
    buf_puts(&b, "assign = \"least-loaded\"\n");
    for (int i = 0; i < 300; i++)
        buf_printf(&b, "person \"p%d@example.com\" { }\n", i);
    w = world_new(b.data);
    t = turn_of(w, &(struct mail){ .open = { 1, 1, 1 } });
    rules_apply(t, &v);
    assert_string_equal(assign_choose(t, case_of(w, t, &v), NULL, &why), "p0@example.com");
    buf_free(&b);
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table), cmocka_unit_test(loads_are_asked_for_where_they_count), cmocka_unit_test(many_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
