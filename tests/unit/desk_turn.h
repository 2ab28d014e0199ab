/* SPDX-License-Identifier: ISC
 *
 * A desk, some cases and its clock, for tests of the workflow from the inside: verbs are called as turns of their own, timers
 * fire when time passes. What was decided is kept: entries and letters in their order.
 */
#ifndef DESK_TURN_H
#define DESK_TURN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/desk/act_room.h"

#define TURN_ROWS 400

struct house {
    struct conf *conf;
    struct desk *desk;
    const struct conf_desk *support;
    struct arena *a;
    Td__Case *cases[TURN_ROWS]; size_t n_cases;
    Td__Entry *entries[TURN_ROWS]; uint64_t entry_case[TURN_ROWS]; size_t n_entries;
    Td__Letter *letters[TURN_ROWS]; size_t n_letters;
    uint64_t next_letter;
    int64_t now;
    /* the turn that is open */
    struct turn t;
    struct decision out;
    struct desk_needs needs;
    struct desk_facts facts;
    struct desk_event event;
    struct act act;
};

static const uint8_t house_key[DESK_KEY_BYTES] = { 7 };
static const uint8_t house_seed[32];

static inline int64_t
at(const char *s)                       /* "2026-03-02 10:00" UTC, seconds may follow */
{
    int64_t t;
    char full[40];
    snprintf(full, sizeof full, "%.10sT%s%sZ", s, s + 11, strlen(s) == 16 ? ":00" : "");
    if (!time_parse(full, &t))
        fail_msg("no time: %s", s);
    return t;
}

static inline const char *
at_words(int64_t t, char out[TIME_TEXT_MAX])
{
    time_format(t, out);
    return out;
}

#define assert_time(have, want) do { char h_[TIME_TEXT_MAX], w_[TIME_TEXT_MAX]; \
    assert_string_equal(at_words(have, h_), at_words(at(want), w_)); } while (0)

/* `desk`: what stands in the desk's section beside its addresses; `top`: sections beside it. */
static inline struct house *
house_new(const char *top, const char *desk)
{
    static const char frame[] =
        "state-directory = \"state\"\ncontrol = \"control\"\n"
        "calendar \"office\" { zone = \"Europe/London\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
        "relay \"box\" { transport = \"maildir\" path = \"outbox\" }\nlmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n%s\n"
        "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"office\" templates = \"%s\"\n%s\n}\n";
    char path[] = "/tmp/ticketd-turn-XXXXXX", *templates = realpath("contrib/templates", NULL);
    struct buf errors = { 0 };
    struct house *h = mem_alloc(sizeof *h);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, frame, top, templates, desk);
    close(fd);
    h->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (h->conf == NULL)
        fail_msg("%s", errors.data);
    h->desk = desk_new(h->conf, house_key, &errors);
    if (h->desk == NULL)
        fail_msg("%s", errors.data);
    buf_free(&errors);
    h->support = &h->conf->desks[0];
    h->a = arena_new(0);
    h->next_letter = 1;
    return h;
}

static inline void
house_free(struct house *h)
{
    desk_free(&h->desk);
    conf_free(&h->conf);
    arena_free(&h->a);
    free(h);
}

static inline Td__Case *
kase(struct house *h, uint64_t id)
{
    assert_true(id >= 1 && id <= h->n_cases);
    return h->cases[id - 1];
}

/* What a decision left: cases as they are after it, entries and letters. */
static inline void
house_keep(struct house *h, const struct decision *d)
{
    for (size_t i = 0; i < d->n_cases; i++) {
        const struct desk_case_change *ch = &d->cases[i];
        h->cases[ch->after->id - 1] = ch->after;
        for (size_t k = 0; k < ch->n_entries; k++) {
            assert_true(h->n_entries < TURN_ROWS);
            h->entry_case[h->n_entries] = ch->after->id;
            h->entries[h->n_entries++] = ch->entries[k];
        }
    }
    for (size_t i = 0; i < d->n_letters; i++) {
        assert_true(h->n_letters < TURN_ROWS);
        h->letters[h->n_letters++] = d->letters[i];
    }
    h->next_letter += d->letters_used;
}

static inline void
house_facts(struct house *h, const struct desk_needs *needs, struct desk_facts *f)
{
    *f = (struct desk_facts){ .needs = needs, .next_case = h->n_cases + 1, .next_letter = h->next_letter };
    f->v = arena_alloc(h->a, (needs->n + 1) * sizeof *f->v);
    for (size_t i = 0; i < needs->n; i++)
        if (needs->v[i].kind == DESK_NEED_CASE && needs->v[i].id >= 1 && needs->v[i].id <= h->n_cases)
            f->v[i].kase = kase(h, needs->v[i].id);
    f->more = arena_alloc(h->a, (h->n_cases + 1) * sizeof *f->more);
    for (size_t i = 0; i < h->n_cases; i++)
        f->more[f->n_more++] = h->cases[i];
}

/* Everything that is due until then happens, each at its moment. */
static inline void
pass(struct house *h, const char *until)
{
    for (int round = 0; round < 1000; round++) {
        struct desk_event e = { .kind = DESK_EVENT_TIMER, .desk = h->support };
        int64_t first = INT64_MAX;
        for (size_t i = 0; i < h->n_cases; i++) {
            struct desk_timer *t;
            size_t n;
            desk_timers(h->cases[i], h->a, &t, &n);
            for (size_t k = 0; k < n; k++)
                if (t[k].due_at < first) {
                    first = e.due_at = t[k].due_at;
                    e.case_id = h->cases[i]->id, e.clock = t[k].clock, e.step = t[k].step;
                }
        }
        if (first > at(until)) {
            h->now = at(until);
            return;
        }
        if (first > h->now)
            h->now = first;
        struct desk_needs needs;
        struct desk_facts f;
        struct decision d;
        desk_needs(h->desk, &e, h->now, h->a, &needs);
        house_facts(h, &needs, &f);
        desk_decide(h->desk, &f, &e, h->now, house_seed, h->a, &d);
        if (d.n_cases == 0)
            fail_msg("a timer that does nothing: %s step %u", e.clock, e.step);
        house_keep(h, &d);
    }
    fail_msg("timers go round");
}

/* A turn of its own on this case, without letting what was due before happen (an outage). */
static inline const struct act *
turn_at(struct house *h, const char *when, uint64_t id, const char *by)
{
    h->now = at(when);
    h->event = (struct desk_event){ .kind = DESK_EVENT_ALARM, .desk = h->support };
    h->out = (struct decision){ .cases = arena_alloc(h->a, TURN_CASES * sizeof *h->out.cases), .counts = arena_alloc(h->a, TURN_COUNTS * sizeof *h->out.counts) };
    h->needs = (struct desk_needs){ arena_alloc(h->a, sizeof *h->needs.v), 0 };
    house_facts(h, &h->needs, &h->facts);
    h->t = (struct turn){ .d = h->desk, .line = desk_line(h->desk, "support"), .conf = h->support, .e = &h->event, .f = &h->facts, .now = h->now, .a = h->a, .max_cases = TURN_CASES,
                          .out = &h->out };
    h->act = (struct act){ .t = &h->t, .ch = turn_change(&h->t, kase(h, id)), .by = by, .why = "test", .at = h->now };
    return &h->act;
}

static inline void
turn_end(struct house *h)
{
    steps_notice(&h->t);
    house_keep(h, &h->out);
}

/* do_(h, when, id, by, act_state(act, …)): what was due happens first, then the verb. */
#define do_(h, when, id, by, call) do { pass(h, when); const struct act *act = turn_at(h, when, id, by); (void)act; call; turn_end(h); } while (0)
#define yes(h, when, id, by, call) do_(h, when, id, by, assert_true(call))
#define no(h, when, id, by, call) do { size_t e_ = (h)->n_entries, l_ = (h)->n_letters; do_(h, when, id, by, assert_false(call)); \
    assert_int_equal((h)->n_entries, e_); assert_int_equal((h)->n_letters, l_); } while (0)

static inline Td__Case *
open_case(struct house *h, const char *when, const char *from, const char *priority, const char *kind)
{
    const struct conf_customer *customer = conf_customer_of(h->support, from);
    Td__Case *c = schema_new(h->a, &td__case__descriptor);
    if (h->n_cases > 0)
        pass(h, when);
    h->now = at(when);
    c->id = h->n_cases + 1;
    c->number = (char *)desk_number_make(house_key, "CAS", c->id, h->a);
    c->desk = arena_strdup(h->a, "support");
    c->state = TD__STATE__NEW;
    c->requester = schema_address(h->a, "Cathy", from);
    c->subject = arena_strdup(h->a, "Printer");
    c->language = arena_strdup(h->a, "en");
    c->priority = arena_strdup(h->a, priority);
    c->kind = arena_strdup(h->a, kind);
    c->queue = arena_strdup(h->a, h->support->queue);
    c->customer = customer ? arena_strdup(h->a, customer->name) : NULL;
    arena_push(h->a, &c->lines, &c->n_lines, c->queue);
    c->opened_at = h->now;
    h->cases[h->n_cases++] = c;
    clocks_start(h->desk, desk_line(h->desk, "support"), c, c->opened_at, h->a);
    return c;
}

static inline const Td__Clock *
clock_of(struct house *h, uint64_t id, const char *name)
{
    const Td__Clock *k = clock_find(kase(h, id), name);
    if (k == NULL)
        fail_msg("the case has no clock %s", name);
    return k;
}

/* The last entry of this sort, or NULL. */
static inline const Td__Entry *
entry_of(struct house *h, uint64_t id, Td__Entry__What what)
{
    for (size_t i = h->n_entries; i-- > 0;)
        if (h->entry_case[i] == id && h->entries[i]->what == what)
            return h->entries[i];
    return NULL;
}

static inline size_t
entries_of(struct house *h, uint64_t id, Td__Entry__What what)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_entries; i++)
        n += h->entry_case[i] == id && h->entries[i]->what == what;
    return n;
}

/* "warning:bo@x escalation:carin@x": letters since the n-th, in their order. */
static inline const char *
letters_since(struct house *h, size_t n)
{
    const char *all = "";
    for (; n < h->n_letters; n++)
        all = arena_printf(h->a, "%s%s%s:%s", all, all[0] ? " " : "", schema_letter_kind_name(h->letters[n]->kind), h->letters[n]->to[0]->addr);
    return all;
}

#endif
