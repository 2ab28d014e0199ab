/* SPDX-License-Identifier: ISC
 *
 * Decisions: events go through desk_needs() and desk_decide() against a small world in memory that answers needs as core
 * does. One scenario a test, named after the rule that it holds the desk to.
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

#define ROWS 256

/* ---- the world */

struct world {
    struct conf *conf;
    struct desk *desk;
    const struct conf_desk *support;
    struct arena *a;
    Td__Case *cases[ROWS]; size_t n_cases;
    Td__Entry *entries[ROWS]; uint64_t entry_case[ROWS]; size_t n_entries;
    Td__Letter *letters[ROWS]; size_t n_letters;
    struct { const char *word; uint64_t kase, mail; uint8_t digest[32]; } rows[ROWS]; size_t n_rows;
    struct { enum desk_budget_scope scope; const char *word; int64_t hour; } counts[ROWS * 8]; size_t n_counts;
    uint64_t next_case, next_letter, next_mail;
    struct decision last;
};

static const uint8_t key[DESK_KEY_BYTES] = { 7 };
static const uint8_t seed[32];

static const char config[] =
    "state-directory = \"state\"\ncontrol = \"control\"\n"
    "calendar \"office\" { zone = \"Europe/London\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
    "relay \"box\" { transport = \"maildir\" path = \"outbox\" envelope = \"%s\" }\n"
    "desk \"support\" {\n"
    "  address = { \"support@example.com\", \"help@example.com\" } from-name = \"Example Support\" prefix = \"CAS\" relay = \"box\" calendar = \"office\"\n"
    "  language = { \"en\" } authserv = { \"mx.example.com\" } staff = { \"liz@example.com\" } notify = none templates = \"%s\"\n"
    "  reply-address = \"%s\" acknowledge = true reopen-window = \"14d\" alarm-to = \"boss@example.com\"\n"
    "  budget { recipient-hour = 3 recipient-day = 5 domain-hour = 6 domain-day = 50 all-hour = 8 all-day = 100 }\n"
    "  priority \"urgent\" { label = \"Urgent\" clock \"respond\" { target = \"1h\" escalate = { \"0m boss@example.com\", \"4h director@example.com\" } } }\n"
    "  priority \"normal\" { default = true clock \"respond\" { target = \"8h\" escalate = { \"30m boss@example.com\" } } clock \"resolve\" { target = \"2wd\" } }\n"
    "  rule \"system down\" { text = { \"system (is )?down\" } unless = { \"not urgent\" } priority = \"urgent\" }\n"
    "  queue \"first\" { } queue \"web\" { } kind \"shop\" { }\n"
    "  rule \"webshop\" { subject = { \"webshop\" } queue = \"web\" kind = \"shop\" priority = \"normal\" }\n"
    "}\n"
    "desk \"other\" { address = { \"other@example.com\" } prefix = \"OTH\" relay = \"box\" calendar = \"office\" language = { \"en\" } templates = \"%s\"\n"
    "  priority \"normal\" { default = true } }\n"
    "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n";

static struct world *
world_new(const char *envelope, const char *reply)
{
    char path[] = "/tmp/ticketd-desk-XXXXXX", *templates = realpath("contrib/templates", NULL);
    struct buf errors = {0};
    struct world *w = mem_alloc(sizeof *w);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, config, envelope, templates, reply, templates);
    close(fd);
    w->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (w->conf == NULL)
        fail_msg("%s", errors.data);
    w->desk = desk_new(w->conf, key, &errors);
    if (w->desk == NULL)
        fail_msg("%s", errors.data);
    w->support = conf_desk_find(w->conf, "support");
    w->a = arena_new(0);
    w->next_case = w->next_letter = w->next_mail = 1;
    buf_free(&errors);
    return w;
}

static void
world_free(struct world *w)
{
    desk_free(&w->desk);
    conf_free(&w->conf);
    arena_free(&w->a);
    free(w);
}

static Td__Case *
case_of(struct world *w, uint64_t id)
{
    for (size_t i = 0; i < w->n_cases; i++)
        if (w->cases[i]->id == id)
            return w->cases[i];
    return NULL;
}

static void
more_add(struct world *w, struct desk_facts *f, uint64_t id)
{
    for (Td__Case *c = case_of(w, id); c != NULL; c = c->has_merged_into ? case_of(w, c->merged_into) : NULL)
        arena_push(w->a, &f->more, &f->n_more, c);
}

static void
answer(struct world *w, const struct desk_need *n, struct desk_fact *fact, struct desk_facts *f)
{
    switch (n->kind) {
    case DESK_NEED_CASE:
        fact->kase = case_of(w, n->id);
        if (fact->kase != NULL && fact->kase->has_merged_into)
            more_add(w, f, fact->kase->merged_into);
        break;
    case DESK_NEED_MESSAGE:
        fact->found = arena_alloc(w->a, ROWS * sizeof *fact->found);
        for (size_t i = 0; i < w->n_rows; i++)
            if (strcmp(w->rows[i].word, n->word) == 0) {
                fact->found[fact->n_found++] = (struct desk_found){ w->rows[i].kase, w->rows[i].mail, w->rows[i].digest };
                more_add(w, f, w->rows[i].kase);
            }
        break;
    case DESK_NEED_BUDGET:
        for (size_t i = 0; i < w->n_counts; i++)
            if (w->counts[i].scope == n->scope && strcmp(w->counts[i].word, n->word) == 0) {
                fact->count += w->counts[i].hour == n->hour;
                fact->count_day += w->counts[i].hour > n->hour - 24;
            }
        break;
    case DESK_NEED_LOAD:
    case DESK_NEED_PERSON:
    case DESK_NEED_MINE:
    case DESK_NEED_NEXT:
    case DESK_NEED_OF_SENDER:
    case DESK_NEED_ENTRIES:
        break;
    case DESK_NEED_LETTER:
        for (size_t i = 0; i < w->n_letters; i++)
            if (w->letters[i]->id == n->id) {
                fact->letter = w->letters[i];
                more_add(w, f, fact->letter->case_id);
            }
        break;
    }
}

static void
decide(struct world *w, struct desk_event *e, int64_t now)
{
    struct desk_needs needs;
    struct desk_facts f = { .needs = &needs, .next_case = w->next_case, .next_letter = w->next_letter };
    desk_needs(w->desk, e, now, w->a, &needs);
    f.v = arena_alloc(w->a, (needs.n + 1) * sizeof *f.v);
    for (size_t i = 0; i < needs.n; i++)
        answer(w, &needs.v[i], &f.v[i], &f);
    struct decision *d = &w->last;
    desk_decide(w->desk, &f, e, now, seed, w->a, d);
    assert_non_null(d->told);
    for (size_t i = 0; i < d->n_cases; i++) {
        struct desk_case_change *ch = &d->cases[i];
        assert_true(ch->before != ch->after);
        if (ch->before == NULL)
            w->cases[w->n_cases++] = ch->after;
        for (size_t k = 0; k < w->n_cases; k++)
            if (w->cases[k]->id == ch->after->id)
                w->cases[k] = ch->after;
        for (size_t k = 0; k < ch->n_entries; k++) {
            w->entry_case[w->n_entries] = ch->after->id;
            w->entries[w->n_entries++] = ch->entries[k];
        }
    }
    for (size_t i = 0; i < d->n_letters; i++) {
        assert_int_equal(d->letters[i]->id, w->next_letter + i);
        w->letters[w->n_letters++] = d->letters[i];
    }
    for (size_t i = 0; i < d->n_counts; i++)
        w->counts[w->n_counts++] = (typeof(w->counts[0])){ d->counts[i].scope, d->counts[i].word, d->counts[i].hour };
    if (d->index_message != NULL) {
        w->rows[w->n_rows] = (typeof(w->rows[0])){ .word = d->index_message, .kase = d->index_case, .mail = e->mail_id };
        memcpy(w->rows[w->n_rows++].digest, e->message->digest.data, 32);
    }
    assert_int_equal(d->cases_used, d->n_cases > 0 && d->cases[0].before == NULL ? 1 : 0);
    w->next_case += d->cases_used;
    w->next_letter += d->letters_used;
}

/* ---- mail */

struct mail {                           /* what a test says about a mail; the rest is ordinary */
    const char *id, *from, *name, *subject, *text, *reply_to_id, *reference, *to, *cc, *ref, *quote, *envelope;
    const char *machine;                /* a reason: made by a machine that no answer may go to */
    const char *report_on;              /* a delivery report on this Message-ID */
    const char *recipient;              /* envelope recipient */
    const char *hit; uint32_t pattern;
    bool proven, silent, unparsed, no_from, no_id, counts;
};

static int64_t
at(const char *s)
{
    int64_t t;
    char full[40];
    snprintf(full, sizeof full, "%.10sT%.5s:00Z", s, s + 11);
    assert_true(time_parse(full, &t));
    return t;
}

static void
push_ref(struct world *w, Td__Message *m, const char *text, Td__CaseRef__Where where)
{
    Td__CaseRef *r = schema_new(w->a, &td__case_ref__descriptor);
    r->text = arena_strdup(w->a, text);
    r->where = where;
    arena_push(w->a, &m->case_refs, &m->n_case_refs, r);
}

static void
mail_machine(struct world *w, Td__Message *m, const struct mail *s)
{
    m->machine = schema_new(w->a, &td__machine__descriptor);
    m->machine->answerable = s->machine == NULL && s->report_on == NULL;
    m->machine->counts_as_reply = m->machine->answerable || s->counts;
    if (s->machine != NULL)
        arena_push(w->a, &m->machine->why, &m->machine->n_why, arena_strdup(w->a, s->machine));
    if (s->report_on != NULL) {
        m->machine->delivery_report = schema_new(w->a, &td__delivery_report__descriptor);
        m->machine->delivery_report->original_message_id = arena_strdup(w->a, s->report_on);
        m->machine->delivery_report->status = arena_strdup(w->a, "5.1.1");
    }
}

static Td__Message *
message_of(struct world *w, const struct mail *s)
{
    Td__Message *m = schema_new(w->a, &td__message__descriptor);
    static unsigned serial;
    m->message_id = s->no_id ? NULL : s->id ? arena_strdup(w->a, s->id) : arena_printf(w->a, "m%u@customer.example", ++serial);
    if (!s->no_from)
        m->from = schema_address(w->a, s->name, s->from ? s->from : "ann@customer.example");
    m->subject = arena_strdup(w->a, s->subject ? s->subject : "Printer");
    m->reply_text = m->text = arena_strdup(w->a, s->text ? s->text : "It does not print.");
    arena_push(w->a, &m->to, &m->n_to, schema_address(w->a, NULL, s->to ? s->to : "support@example.com"));
    if (s->cc != NULL)
        arena_push(w->a, &m->cc, &m->n_cc, schema_address(w->a, NULL, s->cc));
    if (s->reply_to_id != NULL)
        arena_push(w->a, &m->in_reply_to, &m->n_in_reply_to, arena_strdup(w->a, s->reply_to_id));
    if (s->reference != NULL)
        arena_push(w->a, &m->references, &m->n_references, arena_strdup(w->a, s->reference));
    if (s->ref != NULL)
        push_ref(w, m, s->ref, TD__CASE_REF__WHERE__SUBJECT);
    if (s->quote != NULL)
        push_ref(w, m, s->quote, TD__CASE_REF__WHERE__QUOTE);
    if (s->hit != NULL) {
        Td__Hit *h = schema_new(w->a, &td__hit__descriptor);
        h->pattern = s->pattern;
        h->words = arena_strdup(w->a, s->hit);
        h->where = TD__CASE_REF__WHERE__TEXT;
        arena_push(w->a, &m->hits, &m->n_hits, h);
    }
    mail_machine(w, m, s);
    if (s->proven)
        m->has_aligned = m->aligned = true;
    if (s->unparsed)
        m->has_unparsed = m->unparsed = true;
    uint8_t *digest = arena_alloc(w->a, 32);
    snprintf((char *)digest, 32, "%s%s", m->subject, m->text);
    m->has_digest = true;
    m->digest = (ProtobufCBinaryData){ 32, digest };
    return m;
}

static void
mail_in(struct world *w, const char *when, struct mail s)
{
    Td__Origin *o = schema_new(w->a, &td__origin__descriptor);
    o->kind = TD__ORIGIN__KIND__LMTP;
    o->arrived_at = at(when);
    o->has_trusted = o->trusted = true;
    o->envelope_from = arena_strdup(w->a, s.envelope);
    if (s.silent)
        o->has_silent = o->silent = true;
    if (s.recipient != NULL)
        arena_push(w->a, &o->recipients, &o->n_recipients, arena_strdup(w->a, s.recipient));
    struct desk_event e = { .kind = DESK_EVENT_MAIL, .desk = w->support, .message = message_of(w, &s), .origin = o, .mail_id = w->next_mail++, .mail_size = 1000 };
    decide(w, &e, o->arrived_at);
    assert_true(w->last.fate_case != 0);
}

static void
timer(struct world *w, const char *when, uint64_t id, const char *clock)
{
    struct desk_event e = { .kind = DESK_EVENT_TIMER, .desk = w->support, .case_id = id, .clock = clock, .due_at = at(when) };
    decide(w, &e, at(when));
}

static void
outcome(struct world *w, const char *when, const Td__Letter *l, bool delivered, const char *text)
{
    struct desk_event e = { .kind = DESK_EVENT_OUTCOME, .desk = w->support, .letter = l, .recipient = l->to[0]->addr, .text = text, .delivered = delivered };
    decide(w, &e, at(when));
}

/* ---- what a test looks at */

static const Td__Entry *
entry(const struct world *w, uint64_t id, Td__Entry__What what)
{
    const Td__Entry *found = NULL;      /* the latest */
    for (size_t i = 0; i < w->n_entries; i++)
        if (w->entry_case[i] == id && w->entries[i]->what == what)
            found = w->entries[i];
    return found;
}

static void
said(const struct world *w, uint64_t id, Td__Entry__What what, const char *why)
{
    const Td__Entry *e = entry(w, id, what);
    if (e == NULL || e->why == NULL || strstr(e->why, why) == NULL)
        fail_msg("case %d: entry %d says \"%s\", not \"%s\"", (int)id, what, e && e->why ? e->why : "nothing", why);
}

static const Td__Letter *
letter_last(const struct world *w)
{
    assert_true(w->n_letters > 0);
    return w->letters[w->n_letters - 1];
}

static const char *
number(struct world *w, uint64_t id)
{
    return case_of(w, id)->number;
}

#define MONDAY "2026-03-02 10:00"
#define E(what) TD__ENTRY__WHAT__##what
#define scenario(name) static void name(void **state) { (void)state; struct world *w = world_new("signed", "plus");
#define end world_free(w); }

/* ---- new cases */

scenario(a_new_case)
    mail_in(w, MONDAY, (struct mail){ .name = "Ann", .subject = "Re: Printer" });
    const Td__Case *c = case_of(w, 1);
    assert_string_equal(c->number, desk_number_make(key, "CAS", 1, w->a));
    assert_int_equal(c->state, TD__STATE__NEW);
    assert_string_equal(c->priority, "normal");
    assert_string_equal(c->queue, "first");
    assert_string_equal(c->requester->addr, "ann@customer.example");
    assert_string_equal(c->subject, "Re: Printer");
    assert_int_equal(c->n_clocks, 2);
    assert_true(c->clocks[0]->due_at == at("2026-03-03 10:00") && c->clocks[0]->started_at == at(MONDAY));
    assert_true(c->clocks[1]->due_at == at("2026-03-04 10:00"));
    assert_true(c->clocks[0]->steps[0]->due_at == at("2026-03-03 10:30"));
    said(w, 1, E(OPENED), "no rule matched");
    assert_string_equal(entry(w, 1, E(OPENED))->by, "ann@customer.example");
    assert_string_equal(entry(w, 1, E(OPENED))->text, "It does not print.");
    assert_int_equal(w->last.fate, TD__FATE__WHAT__TAKEN);
    assert_int_equal(w->last.index_case, 1);
    assert_int_equal(w->last.n_counts, 3);
end

scenario(its_acknowledgement_to_somebody_unproven)
    mail_in(w, MONDAY, (struct mail){ .name = "Ann", .subject = "Buy pills", .id = "a@b" });
    const Td__Letter *l = letter_last(w);
    assert_int_equal(l->kind, TD__LETTER__KIND__ACK);
    assert_string_equal(l->subject, arena_printf(w->a, "We have received your message [%s]", number(w, 1)));
    assert_null(strstr(l->text, "Ann"));
    assert_null(strstr(l->text, "pills"));
    assert_null(strstr(l->html, "pills"));
    assert_null(l->to[0]->name);
    assert_non_null(strstr(l->text, "(UK time)"));
    assert_non_null(strstr(l->text, "3 March, 10:00"));
    assert_non_null(strstr(l->text, arena_printf(w->a, "\n\nReference: %s\n", number(w, 1))));
    assert_string_equal(l->in_reply_to, "a@b");
    assert_int_equal(l->n_references, 1);
    assert_string_equal(l->auto_submitted, "auto-replied");
    assert_string_equal(l->from->addr, "support@example.com");
    assert_string_equal(l->from->name, "Example Support");
    assert_true(l->reply_to && strlen(l->reply_to->addr) == strlen("support+@example.com") + 32);
    assert_true(strncmp(l->envelope_from, "support+", 8) == 0 && strcmp(l->envelope_from, l->reply_to->addr) != 0);
    assert_string_equal(l->zone, "Europe/London");
    assert_string_equal(l->case_number, number(w, 1));
    assert_true(case_of(w, 1)->acknowledged);
    assert_int_equal(case_of(w, 1)->n_thread, 2);
end

scenario(its_acknowledgement_to_somebody_proven)
    mail_in(w, "2026-07-04 10:00", (struct mail){ .name = "Ann", .subject = "AW: Printer", .proven = true, .cc = "bo@customer.example" });
    const Td__Letter *l = letter_last(w);
    assert_string_equal(l->subject, arena_printf(w->a, "Re: Printer [%s]", number(w, 1)));
    assert_non_null(strstr(l->text, "Hello Ann,"));
    assert_non_null(strstr(l->html, "<bdi>Monday 6 July, 09:00</bdi>"));  /* Saturday: we are back then */
    assert_int_equal(l->zone_offset_s, 3600);
    assert_int_equal(case_of(w, 1)->n_participants, 1);
    assert_string_equal(case_of(w, 1)->participants[0]->address->addr, "bo@customer.example");
end

scenario(rules_set_priority)
    mail_in(w, MONDAY, (struct mail){ .hit = "system is down", .pattern = 0 });
    assert_string_equal(case_of(w, 1)->priority, "urgent");
    said(w, 1, E(OPENED), "rule \"system down\": matched \"system is down\"");
    assert_true(case_of(w, 1)->clocks[0]->due_at == at("2026-03-02 11:00"));
    mail_in(w, MONDAY, (struct mail){ .hit = "webshop", .pattern = 2 });          /* a subject pattern that hit the text */
    assert_string_equal(case_of(w, 2)->queue, "first");
    Td__Message *m = message_of(w, &(struct mail){ .hit = "system down", .pattern = 0 });
    Td__Hit *h = schema_new(w->a, &td__hit__descriptor);
    h->pattern = 1, h->words = arena_strdup(w->a, "not urgent"), h->where = TD__CASE_REF__WHERE__SUBJECT;
    arena_push(w->a, &m->hits, &m->n_hits, h);                                    /* unless */
    h = schema_new(w->a, &td__hit__descriptor);
    h->pattern = 2, h->words = arena_strdup(w->a, "Webshop"), h->where = TD__CASE_REF__WHERE__SUBJECT;
    arena_push(w->a, &m->hits, &m->n_hits, h);
    Td__Origin *o = schema_new(w->a, &td__origin__descriptor);
    o->arrived_at = at(MONDAY);
    decide(w, &(struct desk_event){ .kind = DESK_EVENT_MAIL, .desk = w->support, .message = m, .origin = o }, at(MONDAY));
    assert_string_equal(case_of(w, 3)->priority, "normal");
    assert_string_equal(case_of(w, 3)->queue, "web");
    assert_string_equal(case_of(w, 3)->kind, "shop");
    said(w, 3, E(OPENED), "rule \"webshop\": matched \"Webshop\"");
end

/* ---- who is not answered */

scenario(silences)
    static const struct { const char *label; struct mail m; const char *why; } rows[] = {
        { "automatic", { .machine = "Auto-Submitted: auto-replied" }, "made by a machine: Auto-Submitted: auto-replied" },
        { "null return path", { .envelope = "" }, "null return path" },
        { "mailer-daemon", { .from = "MAILER-DAEMON@mx.customer.example" }, "nobody reads" },
        { "postmaster", { .from = "postmaster@customer.example" }, "nobody reads" },
        { "noreply", { .from = "no-reply@customer.example" }, "nobody reads" },
        { "noreply with more", { .from = "noreply+123@customer.example" }, "nobody reads" },
        { "ourselves", { .from = "help@example.com" }, "one of our own" },
        { "another desk of ours, with a token", { .from = "other+x@example.com" }, "one of our own" },
        { "old mail", { .silent = true }, "before the first contact" },
        { "no sender", { .no_from = true, .envelope = "ann@customer.example" }, "no sender's address" },
        { "unreadable", { .unparsed = true }, "could not be read" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct mail m = rows[i].m;
        m.subject = rows[i].label;
        size_t before = w->n_letters;
        mail_in(w, MONDAY, m);
        said(w, i + 1, E(SILENCED), rows[i].why);
        assert_false(case_of(w, i + 1)->acknowledged);
        for (size_t k = before; k < w->n_letters; k++)
            assert_int_equal(w->letters[k]->kind, TD__LETTER__KIND__ALARM);
        assert_int_equal(w->n_letters - before, m.unparsed);
        assert_int_equal(case_of(w, i + 1)->n_clocks, m.silent ? 0 : 2);
    }
    assert_string_equal(case_of(w, 10)->requester->addr, "ann@customer.example");
    assert_non_null(entry(w, 11, E(UNPARSED)));
    assert_string_equal(letter_last(w)->to[0]->addr, "boss@example.com");
    mail_in(w, MONDAY, (struct mail){ .no_from = true });
    assert_string_equal(case_of(w, 12)->requester->addr, "unknown@invalid");
    assert_null(case_of(w, 12)->requester->name);
    mail_in(w, MONDAY, (struct mail){ .from = "noreplying@customer.example", .subject = "a person after all" });
    assert_int_equal(letter_last(w)->kind, TD__LETTER__KIND__ACK);
end

static size_t
letters_of(const struct world *w, Td__Letter__Kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_letters; i++)
        n += w->letters[i]->kind == kind;
    return n;
}

scenario(budgets)
    for (int i = 0; i < 5; i++)
        mail_in(w, MONDAY, (struct mail){ .subject = arena_printf(w->a, "matter %d", i) });
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ACK), 3);                  /* recipient-hour = 3 */
    said(w, 4, E(SILENCED), "budget: this address had 3 automatic letters this hour (limit 3)");
    mail_in(w, "2026-03-02 11:00", (struct mail){ .subject = "an hour later" });
    mail_in(w, "2026-03-02 11:00", (struct mail){ .subject = "and again" });
    mail_in(w, "2026-03-02 11:00", (struct mail){ .subject = "five a day" });
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ACK), 5);
    said(w, 8, E(SILENCED), "5 in a day (limit 5)");
    mail_in(w, "2026-03-03 10:30", (struct mail){ .subject = "the next day" });
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ACK), 6);
    for (int i = 0; i < 8; i++)
        mail_in(w, "2026-03-04 10:00", (struct mail){ .subject = arena_printf(w->a, "domain %d", i), .from = arena_printf(w->a, "p%d@a.example", i) });
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ACK), 12);                 /* domain-hour = 6 */
    said(w, 16, E(SILENCED), "this domain");
    said(w, 3, E(ALARM), "ann@customer.example has had as many");
    said(w, 15, E(ALARM), "a.example has had as many");
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ALARM), 3);        /* an hour, a day, a domain */
end

scenario(breaker)
    for (int i = 0; i < 12; i++)
        mail_in(w, MONDAY, (struct mail){ .subject = arena_printf(w->a, "%d", i), .from = arena_printf(w->a, "p@d%d.example", i) });
    unsigned alarms = 0;
    for (size_t i = 0; i < w->n_letters; i++)
        alarms += w->letters[i]->kind == TD__LETTER__KIND__ALARM;
    assert_int_equal(alarms, 1);                        /* one, when the last was used up */
    assert_int_equal(w->n_letters, 9);                  /* all-hour = 8 */
    said(w, 9, E(SILENCED), "all together");
    said(w, 8, E(ALARM), "budget");
end

scenario(wrong_numbers_count_against_the_sender)
    for (int i = 0; i < 3; i++)
        mail_in(w, MONDAY, (struct mail){ .subject = arena_printf(w->a, "[CAS-0000%d-2222]", i + 1), .ref = arena_printf(w->a, "CAS-0000%d-2222", i + 1) });
    assert_int_equal(letters_of(w, TD__LETTER__KIND__ACK), 1);          /* a guess and a letter each: the second already has no room */
end

/* ---- duplicates */

scenario(duplicates)
    mail_in(w, MONDAY, (struct mail){ .id = "x@y" });
    mail_in(w, MONDAY, (struct mail){ .id = "x@y" });
    assert_int_equal(w->last.fate, TD__FATE__WHAT__DUPLICATE);
    assert_int_equal(w->last.fate_case, 1);
    assert_null(w->last.index_message);
    assert_non_null(entry(w, 1, E(DUPLICATE)));
    assert_int_equal(w->n_cases, 1);
    assert_int_equal(w->n_letters, 1);
    mail_in(w, MONDAY, (struct mail){ .id = "x@y", .text = "something else" });
    assert_int_equal(w->n_cases, 1);
    said(w, 1, E(APPENDED), "same Message-ID, sender and subject, other text");
    mail_in(w, MONDAY, (struct mail){ .id = "x@y", .text = "something else" });   /* both texts are known now */
    assert_int_equal(w->last.fate, TD__FATE__WHAT__DUPLICATE);
    mail_in(w, MONDAY, (struct mail){ .id = "x@y" });
    assert_int_equal(w->last.fate, TD__FATE__WHAT__DUPLICATE);
    mail_in(w, MONDAY, (struct mail){ .id = "x@y", .from = "eve@evil.example", .text = "mine" });
    assert_int_equal(w->n_cases, 2);
    mail_in(w, MONDAY, (struct mail){ .no_id = true, .text = "no id" });
    assert_true(strncmp(w->last.index_message, "digest:", 7) == 0);
    mail_in(w, MONDAY, (struct mail){ .no_id = true, .text = "no id" });
    assert_int_equal(w->last.fate, TD__FATE__WHAT__DUPLICATE);
    assert_int_equal(w->n_cases, 3);
end

/* ---- threading */

scenario(threads_by_each_evidence)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    const Td__Letter *ack = letter_last(w);
    const char *nr = number(w, 1);
    const struct { struct mail m; const char *why; } rows[] = {
        { { .to = ack->reply_to->addr, .subject = "Re: Printer" }, "reply address given to this sender" },
        { { .recipient = ack->reply_to->addr, .subject = "Printer" }, "reply address given to this sender" },
        { { .reply_to_id = ack->message_id, .subject = "anything" }, "in-reply-to" },
        { { .reference = ack->message_id, .subject = "anything" }, "references" },
        { { .reply_to_id = "first@c", .subject = "anything" }, "in-reply-to" },
        { { .reference = "first@c", .subject = "anything" }, "references" },
        { { .ref = nr, .subject = "anything" }, "subject" },
        { { .quote = nr, .subject = "anything" }, "quoted reference" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        mail_in(w, MONDAY, rows[i].m);
        if (w->n_cases != 1)
            fail_msg("%zu: %s", i, rows[i].why);
        said(w, 1, E(APPENDED), rows[i].why);
    }
    mail_in(w, MONDAY, (struct mail){ .subject = "anything" });
    assert_int_equal(w->n_cases, 2);
    mail_in(w, MONDAY, (struct mail){ .reply_to_id = "first@c", .ref = number(w, 2) });
    assert_int_equal(w->last.fate_case, 1);             /* the stronger wins, the other is named */
    said(w, 1, E(APPENDED), arena_printf(w->a, "in-reply-to names a mail of this case; case number in the subject names %s", number(w, 2)));
    assert_int_equal(w->n_letters, 2);                  /* replies are not acknowledged */
    assert_true(case_of(w, 1)->n_thread <= 8 && strcmp(case_of(w, 1)->thread[0], "first@c") == 0);
    assert_string_equal(case_of(w, 1)->thread[1], ack->message_id);
end

scenario(remembered_reply_address)
    mail_in(w, MONDAY, (struct mail){0});
    const char *reply = letter_last(w)->reply_to->addr;
    mail_in(w, MONDAY, (struct mail){ .to = reply, .subject = "Another matter" });
    assert_int_equal(w->n_cases, 2);
    assert_string_equal(entry(w, 2, E(LINKED))->detail, number(w, 1));
    assert_string_equal(entry(w, 1, E(LINKED))->detail, number(w, 2));
    mail_in(w, MONDAY, (struct mail){ .to = reply, .subject = "Another matter", .ref = number(w, 1) });
    assert_int_equal(w->last.fate_case, 1);             /* a valid number makes it a reply */
    mail_in(w, "2027-08-02 10:00", (struct mail){ .to = reply, .subject = "Printer" });
    assert_int_equal(w->last.fate_case, 3);             /* expired */
end

scenario(merged_cases_are_followed)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    mail_in(w, MONDAY, (struct mail){ .id = "second@c", .subject = "Two" });
    mail_in(w, MONDAY, (struct mail){ .id = "third@c", .subject = "Three" });
    case_of(w, 1)->has_merged_into = case_of(w, 2)->has_merged_into = true;
    case_of(w, 1)->merged_into = 2;
    case_of(w, 2)->merged_into = 3;
    mail_in(w, MONDAY, (struct mail){ .reply_to_id = "first@c" });
    assert_int_equal(w->last.fate_case, 3);
    mail_in(w, MONDAY, (struct mail){ .ref = number(w, 1) });
    assert_int_equal(w->last.fate_case, 3);
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    assert_int_equal(w->last.fate, TD__FATE__WHAT__DUPLICATE);
    assert_int_equal(w->last.fate_case, 3);
end

scenario(strangers_are_parked)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    case_of(w, 1)->state = TD__STATE__WAITING;
    const char *reply = letter_last(w)->reply_to->addr;
    mail_in(w, MONDAY, (struct mail){ .from = "eve@evil.example", .reply_to_id = "first@c", .text = "pay here", .proven = true });
    said(w, 1, E(PARKED), "in-reply-to names a mail of this case; sender is not on the case");
    assert_int_equal(case_of(w, 1)->state, TD__STATE__WAITING);
    const Td__Letter *l = letter_last(w);
    assert_int_equal(l->kind, TD__LETTER__KIND__RECEIPT);
    assert_null(l->case_number);
    assert_null(strstr(l->text, "CAS-"));
    assert_null(strstr(l->subject, "CAS-"));
    assert_null(l->reply_to);
    uint64_t c, n;
    assert_true(desk_message_id_check(key, l->message_id, &c, &n) && c == 0);
    mail_in(w, MONDAY, (struct mail){ .from = "eve@evil.example", .ref = number(w, 1) });
    assert_int_equal(w->n_letters, 2);                  /* one receipt */
    assert_null(entry(w, 1, E(APPENDED)));              /* having been parked admits nobody */
    mail_in(w, MONDAY, (struct mail){ .from = "mallory@evil.example", .to = reply });      /* a leaked token opens nothing */
    said(w, 1, E(PARKED), "reply address given to somebody else; sender is not on the case");
    mail_in(w, MONDAY, (struct mail){ .from = "robot@evil.example", .ref = number(w, 1), .machine = "List-Id", .counts = true });
    said(w, 1, E(SILENCED), "List-Id");
    assert_int_equal(w->n_letters, 3);
    assert_int_equal(w->n_cases, 1);
end

scenario(people_in_copy_are_on_the_case)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c", .proven = true, .cc = "bo@customer.example" });
    mail_in(w, MONDAY, (struct mail){ .from = "bo@customer.example", .reply_to_id = "first@c" });
    assert_null(entry(w, 1, E(PARKED)));
    mail_in(w, MONDAY, (struct mail){ .id = "u@c", .subject = "unproven", .cc = "cy@customer.example" });
    assert_int_equal(case_of(w, 2)->n_participants, 0);
    mail_in(w, MONDAY, (struct mail){ .subject = "ours", .proven = true, .cc = "help@example.com" });
    assert_int_equal(case_of(w, 3)->n_participants, 0);
end

/* ---- states */

scenario(replies_move_the_state)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    case_of(w, 1)->state = TD__STATE__WAITING;
    mail_in(w, MONDAY, (struct mail){ .reply_to_id = "first@c" });
    assert_int_equal(case_of(w, 1)->state, TD__STATE__ASSIGNED);         /* nobody has worked on it */
    assert_string_equal(entry(w, 1, E(STATE))->detail, "waiting to assigned");
    case_of(w, 1)->state = TD__STATE__RESOLVED;
    case_of(w, 1)->has_first_response_at = true;
    case_of(w, 1)->has_resolved_at = true;
    case_of(w, 1)->resolved_at = at("2026-03-02 14:00");
    mail_in(w, "2026-03-03 10:00", (struct mail){ .reply_to_id = "first@c" });
    assert_int_equal(case_of(w, 1)->state, TD__STATE__PROGRESS);
    assert_false(case_of(w, 1)->has_resolved_at);
    /* stood still from Monday 14:00 to Tuesday 10:00: 12 hours of open time were left, from Tuesday 10:00 on */
    assert_true(case_of(w, 1)->clocks[1]->due_at == at("2026-03-04 14:00"));
    case_of(w, 1)->state = TD__STATE__WAITING;
    mail_in(w, MONDAY, (struct mail){ .reply_to_id = "first@c", .machine = "Auto-Submitted: auto-replied" });
    assert_int_equal(case_of(w, 1)->state, TD__STATE__WAITING);
    said(w, 1, E(MACHINE), "Auto-Submitted");
end

scenario(closed_cases)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    Td__Case *c = case_of(w, 1);
    c->state = TD__STATE__CLOSED;
    c->has_closed_at = c->has_first_response_at = true;
    c->closed_at = at("2026-03-02 12:00");
    c->clocks[0]->has_met_at = true;
    c->clocks[0]->met_at = at("2026-03-02 11:00");
    struct desk_timer *t;
    size_t n;
    desk_timers(c, w->a, &t, &n);
    assert_int_equal(n, 0);
    mail_in(w, "2026-03-03 10:00", (struct mail){ .reply_to_id = "first@c", .machine = "vacation" });
    assert_int_equal(case_of(w, 1)->state, TD__STATE__CLOSED);
    mail_in(w, "2026-03-16 12:00", (struct mail){ .reply_to_id = "first@c" });
    c = case_of(w, 1);
    assert_int_equal(c->state, TD__STATE__PROGRESS);
    assert_non_null(entry(w, 1, E(REOPENED)));
    assert_false(c->has_closed_at);
    assert_false(c->clocks[0]->has_met_at);
    assert_true(c->clocks[0]->started_at == at("2026-03-16 12:00") && c->clocks[0]->due_at == at("2026-03-17 12:00"));
    c->state = TD__STATE__CLOSED;
    c->has_closed_at = true;
    c->closed_at = at("2026-03-16 13:00");
    mail_in(w, "2026-03-30 14:00", (struct mail){ .reply_to_id = "first@c" });
    assert_int_equal(w->n_cases, 2);
    said(w, 2, E(LINKED), "closed for longer");
    assert_int_equal(case_of(w, 1)->state, TD__STATE__CLOSED);
end

scenario(staff_writes)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    mail_in(w, "2026-03-02 11:00", (struct mail){ .from = "liz@example.com", .reply_to_id = "first@c" });
    said(w, 1, E(HELD), "in the name of staff, not proven: held");
    assert_int_equal(case_of(w, 1)->state, TD__STATE__NEW);
    mail_in(w, "2026-03-02 12:00", (struct mail){ .from = "liz@example.com", .reply_to_id = "first@c", .proven = true });
    const Td__Case *c = case_of(w, 1);
    assert_int_equal(c->state, TD__STATE__ASSIGNED);
    assert_string_equal(c->assignee, "liz@example.com");
    assert_true(c->first_response_at == at("2026-03-02 12:00"));
    assert_true(c->clocks[0]->has_met_at && c->clocks[0]->met_at == at("2026-03-02 12:00"));
    assert_false(c->clocks[1]->has_met_at);
    assert_int_equal(w->n_letters, 3);   /* acknowledgement, "did you send this?", the words */
end

/* ---- what comes back */

scenario(our_own_letter_comes_back)
    mail_in(w, MONDAY, (struct mail){0});
    const char *id = letter_last(w)->message_id;
    mail_in(w, MONDAY, (struct mail){ .id = id, .from = "support@example.com" });
    said(w, 1, E(MACHINE), "our own letter came back");
    assert_null(w->last.index_message);
    assert_int_equal(w->n_cases, 1);
    assert_int_equal(w->n_letters, 1);
end

scenario(delivery_reports)
    mail_in(w, MONDAY, (struct mail){0});
    const Td__Letter *ack = letter_last(w);
    mail_in(w, MONDAY, (struct mail){ .from = "mailer-daemon@mx.example", .report_on = ack->message_id, .envelope = "" });
    said(w, 1, E(REPORT), "delivery report names a letter of ours");
    assert_int_equal(entry(w, 1, E(REPORT))->letter, ack->id);
    assert_string_equal(entry(w, 1, E(REPORT))->recipient, "ann@customer.example");
    mail_in(w, MONDAY, (struct mail){ .from = "mailer-daemon@mx.example", .report_on = "foreign@x", .recipient = ack->envelope_from, .text = "b" });
    said(w, 1, E(REPORT), "bounce address names a letter of ours");
    mail_in(w, MONDAY, (struct mail){ .from = "ann@customer.example", .machine = "vacation", .recipient = ack->envelope_from, .text = "away" });
    said(w, 1, E(MACHINE), "bounce address; vacation");
    assert_int_equal(w->n_cases, 1);
    mail_in(w, MONDAY, (struct mail){ .from = "mailer-daemon@mx.example", .report_on = "foreign@x", .text = "c" });
    assert_int_equal(w->n_cases, 2);                    /* not believed, and not dropped */
    assert_int_equal(w->n_letters, 1);
end

/* ---- timers */

scenario(escalation)
    mail_in(w, MONDAY, (struct mail){ .hit = "system is down", .pattern = 0, .name = "Ann" });
    struct desk_timer *t;
    size_t n;
    desk_timers(case_of(w, 1), w->a, &t, &n);
    assert_int_equal(n, 1);
    assert_true(t[0].due_at == at("2026-03-02 11:00") && t[0].step == 0);
    timer(w, "2026-03-02 10:59", 1, "respond");         /* too early does nothing */
    assert_int_equal(w->last.n_cases, 0);
    timer(w, "2026-03-02 11:00", 1, "respond");
    const Td__Letter *l = letter_last(w);
    assert_int_equal(l->kind, TD__LETTER__KIND__ESCALATION);
    assert_string_equal(l->to[0]->addr, "boss@example.com");
    assert_string_equal(l->auto_submitted, "auto-generated");
    assert_null(strstr(l->text, "Overdue by"));
    assert_non_null(strstr(l->text, "Ann <ann@customer.example>"));
    assert_true(case_of(w, 1)->clocks[0]->breached);
    assert_non_null(entry(w, 1, E(BREACHED)));
    assert_string_equal(entry(w, 1, E(ESCALATED))->by, "timer");
    desk_timers(case_of(w, 1), w->a, &t, &n);
    assert_true(n == 1 && t[0].due_at == at("2026-03-02 15:00") && t[0].step == 1);
    timer(w, "2026-03-02 11:00", 1, "respond");         /* the same one twice */
    assert_int_equal(w->last.n_letters, 0);
    timer(w, "2026-03-02 15:20", 1, "respond");
    assert_string_equal(letter_last(w)->to[0]->addr, "director@example.com");
    assert_non_null(strstr(letter_last(w)->text, "4 hours 20 minutes"));
    desk_timers(case_of(w, 1), w->a, &t, &n);
    assert_int_equal(n, 0);
end

scenario(overdue_steps_collapse)
    mail_in(w, MONDAY, (struct mail){ .hit = "system is down", .pattern = 0 });
    timer(w, "2026-03-05 10:00", 1, "respond");         /* after an outage */
    assert_int_equal(w->n_letters, 2);
    assert_string_equal(letter_last(w)->to[0]->addr, "director@example.com");
    said(w, 1, E(ESCALATED), "stands for the overdue: step 0m to boss@example.com");
    assert_non_null(strstr(letter_last(w)->text, "- boss@example.com, after 0m"));
    assert_true(case_of(w, 1)->clocks[0]->steps[0]->has_done_at && case_of(w, 1)->clocks[0]->steps[1]->has_done_at);
end

scenario(breach_without_a_step)
    mail_in(w, MONDAY, (struct mail){0});
    struct desk_timer *t;
    size_t n;
    desk_timers(case_of(w, 1), w->a, &t, &n);
    assert_int_equal(n, 2);
    assert_true(t[0].due_at == at("2026-03-03 10:00") && t[0].step == DESK_STEP_BREACH);   /* its step comes 30 minutes later */
    assert_true(t[1].due_at == at("2026-03-04 10:00") && t[1].step == DESK_STEP_BREACH);
    timer(w, "2026-03-03 10:00", 1, "respond");
    assert_int_equal(w->last.n_letters, 0);
    assert_true(case_of(w, 1)->clocks[0]->breached);
    timer(w, "2026-03-03 10:30", 1, "respond");
    assert_int_equal(w->last.n_letters, 1);
end

scenario(met_and_closed_clocks_do_nothing)
    mail_in(w, MONDAY, (struct mail){0});
    case_of(w, 1)->clocks[0]->has_met_at = true;
    timer(w, "2026-03-05 10:00", 1, "respond");
    assert_int_equal(w->last.n_cases, 0);
    case_of(w, 1)->clocks[0]->has_met_at = false;
    case_of(w, 1)->state = TD__STATE__RESOLVED;
    timer(w, "2026-03-05 10:00", 1, "respond");
    assert_int_equal(w->last.n_cases, 0);
    timer(w, "2026-03-05 10:00", 1, "no such clock");
    timer(w, "2026-03-05 10:00", 99, "respond");
    assert_int_equal(w->last.n_cases, 0);
    assert_int_equal(w->n_letters, 1);
end

/* ---- outcomes */

scenario(outcomes)
    mail_in(w, MONDAY, (struct mail){0});
    const Td__Letter *ack = letter_last(w);
    outcome(w, MONDAY, ack, true, "250 ok");
    said(w, 1, E(SENT), "ack taken by the relay");
    assert_string_equal(entry(w, 1, E(SENT))->detail, "250 ok");
    assert_int_equal(w->n_letters, 1);
    outcome(w, MONDAY, ack, false, "550 5.1.1 no such user");
    assert_string_equal(entry(w, 1, E(FAILED))->detail, "550 5.1.1 no such user");
    const Td__Letter *alarm = letter_last(w);
    assert_int_equal(alarm->kind, TD__LETTER__KIND__ALARM);
    assert_string_equal(alarm->to[0]->addr, "boss@example.com");
    assert_non_null(strstr(alarm->text, "550 5.1.1 no such user"));
    outcome(w, MONDAY, alarm, false, "550 no");
    assert_int_equal(w->n_letters, 2);                  /* an alarm about an alarm would go the same way */
end

/* ---- the rest of the door */

static void
envelopes(void **state)
{
    (void)state;
    static const struct { const char *envelope, *reply, *want; bool token; } rows[] = {
        { "signed", "plus", "support+", true }, { "signed", "plain", "support@example.com", false },
        { "plain", "plus", "support@example.com", true }, { "null", "plain", "", false },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct world *w = world_new(rows[i].envelope, rows[i].reply);
        mail_in(w, MONDAY, (struct mail){0});
        const Td__Letter *l = letter_last(w);
        bool prefix = strcmp(rows[i].want, "support+") == 0;
        if (prefix ? strncmp(l->envelope_from, rows[i].want, 8) != 0 : strcmp(l->envelope_from, rows[i].want) != 0)
            fail_msg("%s %s: %s", rows[i].envelope, rows[i].reply, l->envelope_from);
        assert_int_equal(l->reply_to != NULL, rows[i].token);
        world_free(w);
    }
}

scenario(order_of_work)
    mail_in(w, MONDAY, (struct mail){0});
    mail_in(w, "2026-03-02 11:00", (struct mail){ .hit = "system down", .pattern = 0, .subject = "two" });
    mail_in(w, "2026-03-02 12:00", (struct mail){ .subject = "three" });
    Td__Case *one = case_of(w, 1), *two = case_of(w, 2), *three = case_of(w, 3);
    assert_true(desk_order(w->desk, two) < desk_order(w->desk, one));    /* urgent first */
    assert_true(desk_order(w->desk, one) < desk_order(w->desk, three));  /* then first come, first served */
    two->state = TD__STATE__WAITING;
    assert_true(desk_order(w->desk, three) < desk_order(w->desk, two));
    assert_string_equal(desk_state_label(w->desk, two), "Waiting");
end

scenario(recompute_after_a_reload)
    mail_in(w, MONDAY, (struct mail){0});
    Td__Case *c = case_of(w, 1);
    assert_false(desk_recompute(w->desk, c, w->a));
    c->clocks[0]->due_at -= 3600;
    c->clocks[1]->has_met_at = true;
    c->clocks[1]->due_at = 5;
    assert_true(desk_recompute(w->desk, c, w->a));
    assert_true(c->clocks[0]->due_at == at("2026-03-03 10:00"));
    assert_true(c->clocks[1]->due_at == 5);             /* met: keeps its result */
    c->clocks[0]->breached = true;
    c->clocks[0]->due_at = 7;
    assert_false(desk_recompute(w->desk, c, w->a));
    c->clocks[0]->breached = false;
    c->clocks[0]->calendar = arena_strdup(w->a, "gone");                  /* the desk's own then */
    assert_true(desk_recompute(w->desk, c, w->a));
    assert_true(c->clocks[0]->due_at == at("2026-03-03 10:00"));
end

scenario(a_case_of_another_desk_is_no_evidence)
    mail_in(w, MONDAY, (struct mail){ .id = "first@c" });
    case_of(w, 1)->desk = arena_strdup(w->a, "other");
    mail_in(w, MONDAY, (struct mail){ .ref = number(w, 1), .subject = "x" });
    assert_int_equal(w->last.fate_case, 2);
end

scenario(hostile_amounts)
    Td__Message *m = message_of(w, &(struct mail){ .subject = "x" });
    for (int i = 0; i < 5000; i++) {
        arena_push(w->a, &m->references, &m->n_references, arena_printf(w->a, "r%d@x", i));
        arena_push(w->a, &m->in_reply_to, &m->n_in_reply_to, arena_printf(w->a, "i%d@x", i));
        arena_push(w->a, &m->to, &m->n_to, schema_address(w->a, NULL, arena_printf(w->a, "support+%d@example.com", i)));
        push_ref(w, m, arena_printf(w->a, "CAS-%05d-2222", i), TD__CASE_REF__WHERE__SUBJECT);
    }
    char *big = arena_alloc(w->a, 100001);
    memset(big, 'x', 100000);
    memcpy(big + DESK_ENTRY_TEXT_MAX - 1, "\xc3\xa4", 2);
    m->subject = m->message_id = m->reply_text = big;
    Td__Origin *o = schema_new(w->a, &td__origin__descriptor);
    o->arrived_at = at(MONDAY);
    struct desk_event e = { .kind = DESK_EVENT_MAIL, .desk = w->support, .message = m, .origin = o, .mail_id = 1 };
    struct desk_needs needs;
    desk_needs(w->desk, &e, at(MONDAY), w->a, &needs);
    assert_true(needs.n <= 96);
    decide(w, &e, at(MONDAY));
    const Td__Entry *opened = entry(w, 1, E(OPENED));
    assert_int_equal(strlen(opened->text), DESK_ENTRY_TEXT_MAX - 1);      /* no half character */
    assert_true(strlen(case_of(w, 1)->subject) <= 1000 && strlen(opened->message_id) <= 998);
    assert_int_equal(case_of(w, 1)->n_thread, 1);       /* only our own: that id is no header value */
end

#define t(name) cmocka_unit_test(name)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        t(a_new_case), t(its_acknowledgement_to_somebody_unproven), t(its_acknowledgement_to_somebody_proven), t(rules_set_priority),
        t(silences), t(budgets), t(breaker), t(wrong_numbers_count_against_the_sender), t(duplicates), t(threads_by_each_evidence),
        t(remembered_reply_address), t(merged_cases_are_followed), t(strangers_are_parked), t(people_in_copy_are_on_the_case),
        t(replies_move_the_state), t(closed_cases), t(staff_writes), t(our_own_letter_comes_back), t(delivery_reports), t(escalation),
        t(overdue_steps_collapse), t(breach_without_a_step), t(met_and_closed_clocks_do_nothing), t(outcomes), t(envelopes),
        t(order_of_work), t(recompute_after_a_reload), t(a_case_of_another_desk_is_no_evidence), t(hostile_amounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
