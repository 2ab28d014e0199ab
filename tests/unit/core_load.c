/* SPDX-License-Identifier: ISC
 *
 * The counters of how many cases each of the staff has: after hundreds of random acts of staff and customers they are what
 * counting the cases anew gives.
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

#include "../../src/core/engine.h"

#define NOW 1773136800                  /* 2026-03-10T10:00:00Z, a Tuesday */
#define ACTS 600

static const char config[] =
    "state-directory = \"state\"\ncontrol = \"control\"\n"
    "calendar \"always\" { zone = \"UTC\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
    "relay \"box\" { transport = \"maildir\" path = \"outbox\" envelope = \"plain\" }\n"
    "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"always\" templates = \"%s\" authserv = { \"mx.example.com\" }\n"
    "  staff = { \"Ann@example.com\", \"bob@example.com\", \"cyd@example.com\" } acknowledge = false assign = \"least-loaded\" priority \"normal\" { default = true }\n"
    "  queue \"first\" { staff = { \"Ann@example.com\", \"bob@example.com\" } } queue \"second\" { staff = { \"cyd@example.com\" } assign = \"round-robin\" } }\n"
    "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n";

struct world {
    struct conf *conf;
    struct desk *desk;
    struct store *store;
    struct engine *engine;
    uint64_t chance, mails;
    int64_t now;
};

static void
chance(void *u, void *out, size_t len)
{
    uint64_t *x = u;
    for (size_t i = 0; i < len; i++) {
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*x >> 56);
    }
}

static unsigned
dice(struct world *w, unsigned n)
{
    w->chance = w->chance * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(w->chance >> 33) % n;
}

static void
on_done(void *u, struct engine_event *ev)
{
    (void)u;
    assert_true(ev->ok);
}

static void
on_log(void *u, enum log_level level, const char *line)
{
    (void)u;
    if (level <= LOG_ALARM)
        fail_msg("%s", line);
}

static struct world *
world_new(void)
{
    char path[] = "/tmp/ticketd-load-XXXXXX", *templates = realpath("contrib/templates", NULL), error[256];
    struct world *w = mem_alloc(sizeof *w);
    struct buf errors = { 0 };
    struct store_options o = { .random = chance, .random_u = &w->chance };
    const struct engine_driver d = { .u = w, .done = on_done, .log = on_log };
    const char *why;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, config, templates);
    close(fd);
    *w = (struct world){ .chance = 20260310, .now = NOW };
    w->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (w->conf == NULL || store_open(&o, &w->store, error) != STORE_OK || (w->desk = desk_new(w->conf, store_naming_key(w->store), &errors)) == NULL)
        fail_msg("%s", errors.data ? errors.data : "no store");
    w->engine = engine_new(w->conf, w->desk, w->store, &d, NOW, &why);
    assert_non_null(w->engine);
    buf_free(&errors);
    return w;
}

static void
world_free(struct world *w)
{
    engine_free(&w->engine);
    store_close(&w->store);
    desk_free(&w->desk);
    conf_free(&w->conf);
    free(w);
}

/* A proven mail; about case `id`, when it is not 0. */
static void
mail(struct world *w, const char *from, const char *text, uint64_t id)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAIL);
    struct arena *a = ev->arena;
    Td__Message *m = schema_new(a, &td__message__descriptor);
    Td__Origin *o = schema_new(a, &td__origin__descriptor);
    m->message_id = arena_printf(a, "m%llu@example.com", (unsigned long long)++w->mails);
    m->from = schema_address(a, NULL, from);
    m->subject = arena_strdup(a, "subject");
    m->text = m->reply_text = arena_strdup(a, text);
    m->machine = schema_new(a, &td__machine__descriptor);
    m->machine->answerable = m->machine->counts_as_reply = true;
    m->has_aligned = m->aligned = true;
    if (id != 0) {
        Td__CaseRef *ref = schema_new(a, &td__case_ref__descriptor);
        ref->where = TD__CASE_REF__WHERE__SUBJECT;
        ref->text = (char *)desk_number_make(store_naming_key(w->store), "CAS", id, a);
        arena_push(a, &m->case_refs, &m->n_case_refs, ref);
    }
    o->kind = TD__ORIGIN__KIND__LMTP;
    o->mailbox = arena_strdup(a, "in");
    o->arrived_at = w->now;
    o->has_trusted = o->trusted = true;
    ev->message = m;
    ev->origin = o;
    ev->desk = "support";
    ev->bytes = (const uint8_t *)arena_strdup(a, text);
    ev->len = strlen(text);
    engine_submit(w->engine, ev);
    (void)engine_run(w->engine, w->now);
    w->now += 60;
}

static struct desk_loads *
counted(struct world *w, struct store_txn *t, struct arena *a)
{
    struct desk_loads *l = desk_loads_new();
    struct store_cursor *c;
    struct store_key k;
    Td__Case *kase;
    assert_int_equal(store_cursor_open(t, STORE_CASES, NULL, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        assert_int_equal(store_cursor_get(c, a, &td__case__descriptor, &kase), STORE_OK);
        desk_loads_add(l, kase);
    }
    store_cursor_close(&c);
    (void)w;
    return l;
}

static void
compare(struct world *w)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    const struct desk_load *const *v;
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    struct desk_loads *l = counted(w, t, a);
    size_t n = desk_loads_list(l, &v);
    assert_in_range(n, 1, 3);
    for (size_t i = 0; i < n; i++) {
        struct store_key open, last;
        uint64_t has, had;
        table_load(w->store, v[i]->addr, &open, &last);
        assert_int_equal(store_get_count(t, STORE_BUDGETS, &open, &has), STORE_OK);
        assert_int_equal(store_get_count(t, STORE_BUDGETS, &last, &had), STORE_OK);
        if (has != v[i]->open || had < v[i]->last)
            fail_msg("%s has %llu open cases, the counter says %llu; given last %llu, and the counter says %llu", v[i]->addr, (unsigned long long)v[i]->open,
                     (unsigned long long)has, (unsigned long long)v[i]->last, (unsigned long long)had);
    }
    desk_loads_free(&l);
    store_abort(&t);
    arena_free(&a);
}

static void
counters_are_what_the_cases_say(void **state)
{
    (void)state;
    static const char *const acts[] = { "#assign ann\n", "#assign bob\n", "#assign cyd\n", "#assign none\n", "#take\n", "#queue first\n", "#queue second\n", "#resolve\nDone.\n",
        "#close\nDone.\n", "#reopen\n", "#spam\n", "#wait\nWhich?\n" };
    static const char *const staff[] = { "Ann@example.com", "bob@example.com", "cyd@example.com" };
    struct world *w = world_new();
    uint64_t cases = 0;
    for (unsigned i = 0; i < ACTS; i++) {
        unsigned what = dice(w, 20);
        if (cases == 0 || what < 3) {
            mail(w, "c@customer.example", "It is broken.", 0);
            cases++;
        } else if (what == 3) {
            mail(w, "c@customer.example", "It is broken again.", 1 + dice(w, (unsigned)cases));
        } else if (what == 4 && cases > 1) {
            struct arena *a = arena_new(0);
            uint64_t into = 1 + dice(w, (unsigned)cases);
            mail(w, staff[dice(w, 3)], arena_printf(a, "#merge %s\n", desk_number_make(store_naming_key(w->store), "CAS", into, a)), 1 + dice(w, (unsigned)cases));
            arena_free(&a);
        } else {
            mail(w, staff[dice(w, 3)], acts[dice(w, countof(acts))], 1 + dice(w, (unsigned)cases));
        }
        if (i % 50 == 49)
            compare(w);
    }
    compare(w);
    world_free(w);
}

/* Who counts as having a case, and the greatest number of those that a person has. */
static void
loads_of_cases(void **state)
{
    (void)state;
    static const struct { uint64_t id; Td__State state; const char *assignee; bool merged; } cases[] = {
        { 1, TD__STATE__NEW, "ann@example.com", false }, { 2, TD__STATE__CLOSED, "ann@example.com", false }, { 3, TD__STATE__WAITING, "Ann@Example.com", false },
        { 4, TD__STATE__RESOLVED, "bob@example.com", false }, { 5, TD__STATE__NEW, NULL, false }, { 6, TD__STATE__NEW, "bob@example.com", true },
        { 7, TD__STATE__CLOSED, "cyd@example.com", false },
    };
    static const struct desk_load want[] = { { "ann@example.com", 2, 3 }, { "bob@example.com", 1, 6 }, { "cyd@example.com", 0, 7 } };
    struct desk_loads *l = desk_loads_new();
    const struct desk_load *const *v;
    assert_int_equal(desk_loads_list(l, &v), 0);
    for (size_t i = 0; i < countof(cases); i++) {
        Td__Case c = TD__CASE__INIT;
        c.id = cases[i].id, c.state = cases[i].state, c.assignee = (char *)cases[i].assignee, c.has_merged_into = cases[i].merged;
        desk_loads_add(l, &c);
    }
    assert_int_equal(desk_loads_list(l, &v), countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        assert_string_equal(v[i]->addr, want[i].addr);
        assert_int_equal(v[i]->open, want[i].open);
        assert_int_equal(v[i]->last, want[i].last);
    }
    desk_loads_free(&l);
    assert_null(l);
    assert_null(desk_owner(NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(loads_of_cases), cmocka_unit_test(counters_are_what_the_cases_say) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
