/* SPDX-License-Identifier: ISC
 *
 * Threading by its evidence: ranks, disagreement, numbers glued and guessed, references as far as they go, links, merged and long closed
 * cases, and the optional last resort. A small world answers the needs; each mail is written to find a case, or to be refused one.
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

#define MONDAY 1772445600ll             /* 2026-03-02 10:00 UTC */
#define DAY 86400ll
#define ROWS 400

struct world {
    struct conf *conf;
    struct desk *desk;
    struct arena *a;
    Td__Case *cases[40]; size_t n_cases;
    struct { const char *word; uint64_t kase; uint8_t digest[32]; } rows[ROWS]; size_t n_rows;
    struct { enum desk_budget_scope scope; const char *word; int64_t hour; } counts[ROWS]; size_t n_counts;
    struct { Td__Entry__What what; const char *why; uint64_t kase; } last[8]; size_t n_last;       /* entries of the last decision */
    uint64_t fate;
    Td__Letter *letter;                 /* the latest */
    size_t n_needs;
};

static const uint8_t key[DESK_KEY_BYTES] = { 9 };

static struct world *
world_new(const char *more)
{
    char path[] = "/tmp/ticketd-thread-XXXXXX", *templates = realpath("contrib/templates", NULL);
    struct buf errors = { 0 };
    struct world *w = mem_alloc(sizeof *w);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, "state-directory = \"state\"\ncontrol = \"control\"\ncalendar \"office\" { zone = \"UTC\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
                "relay \"box\" { transport = \"maildir\" path = \"outbox\" envelope = \"signed\" }\n"
                "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"office\" templates = \"%s\"\n"
                "  reply-address = \"plus\" reopen-window = \"14d\" %s\n  budget { recipient-hour = 1000 recipient-day = 1000 domain-hour = 1000 domain-day = 1000 }\n"
                "  priority \"normal\" { default = true clock \"respond\" { target = \"8h\" } } }\n"
                "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n", templates, more);
    close(fd);
    w->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (w->conf == NULL)
        fail_msg("%s", errors.data);
    w->desk = desk_new(w->conf, key, &errors);
    assert_non_null(w->desk);
    w->a = arena_new(0);
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
case_of(const struct world *w, uint64_t id)
{
    for (size_t i = 0; i < w->n_cases; i++)
        if (w->cases[i]->id == id)
            return w->cases[i];
    return NULL;
}

/* As core does: what a row or a merged case leads to, for at most 16 steps. */
static void
more_add(struct world *w, struct desk_facts *f, uint64_t id)
{
    Td__Case *c = case_of(w, id);
    for (int hop = 0; c != NULL && hop < 16; hop++, c = c->has_merged_into ? case_of(w, c->merged_into) : NULL)
        arena_push(w->a, &f->more, &f->n_more, c);
}

static void
answer(struct world *w, const struct desk_need *n, struct desk_fact *fact, struct desk_facts *f)
{
    fact->found = arena_alloc(w->a, ROWS * sizeof *fact->found);
    if (n->kind == DESK_NEED_CASE) {
        fact->kase = case_of(w, n->id);
        more_add(w, f, fact->kase && fact->kase->has_merged_into ? fact->kase->merged_into : 0);
    }
    for (size_t i = 0; n->kind == DESK_NEED_MESSAGE && i < w->n_rows; i++)
        if (strcmp(w->rows[i].word, n->word) == 0) {
            fact->found[fact->n_found++] = (struct desk_found){ w->rows[i].kase, 1, w->rows[i].digest };
            more_add(w, f, w->rows[i].kase);
        }
    for (size_t i = w->n_cases; n->kind == DESK_NEED_OF_SENDER && i-- > 0;)
        if (strcmp(w->cases[i]->requester->addr, n->word) == 0)
            arena_push(w->a, &fact->cases, &fact->n_cases, w->cases[i]);
    for (size_t i = 0; n->kind == DESK_NEED_BUDGET && i < w->n_counts; i++)
        if (w->counts[i].scope == n->scope && strcmp(w->counts[i].word, n->word) == 0)
            fact->count++, fact->count_day += w->counts[i].hour > n->hour - 24;
}

static void
remember(struct world *w, const struct desk_event *e, struct decision *d)
{
    w->n_last = 0;
    w->fate = d->fate_case;
    for (size_t i = 0; i < d->n_cases; i++) {
        struct desk_case_change *ch = &d->cases[i];
        bool known = false;
        for (size_t k = 0; k < w->n_cases; k++)
            if (w->cases[k]->id == ch->after->id) {
                w->cases[k] = ch->after;
                known = true;
            }
        if (!known)
            w->cases[w->n_cases++] = ch->after;
        ch->after->has_changed_at = true;
        ch->after->changed_at = e->origin->arrived_at;
        for (size_t k = 0; k < ch->n_entries && w->n_last < countof(w->last); k++)
            w->last[w->n_last++] = (typeof(w->last[0])){ ch->entries[k]->what, ch->entries[k]->why, ch->after->id };
    }
    for (size_t i = 0; i < d->n_counts; i++)
        w->counts[w->n_counts++] = (typeof(w->counts[0])){ d->counts[i].scope, d->counts[i].word, d->counts[i].hour };
    if (d->n_letters > 0)
        w->letter = d->letters[d->n_letters - 1];
    if (d->index_message != NULL) {
        w->rows[w->n_rows] = (typeof(w->rows[0])){ .word = d->index_message, .kase = d->index_case };
        memcpy(w->rows[w->n_rows++].digest, e->message->digest.data, 32);
    }
}

struct mail { const char *from, *subject, *text, *to, *in_reply_to, *references, *number, *quoted, *in_text; int64_t after; bool machine; };

/* `words` are separated by blanks. */
static void
push_words(struct world *w, const char *words, char ***v, size_t *n)
{
    char *save, *copy = arena_strdup(w->a, words);
    for (char *s = copy ? strtok_r(copy, " ", &save) : NULL; s != NULL; s = strtok_r(NULL, " ", &save))
        arena_push(w->a, v, n, s);
}

static void
push_refs(struct world *w, Td__Message *m, const char *words, Td__CaseRef__Where where)
{
    char **v = NULL;
    size_t n = 0;
    push_words(w, words, &v, &n);
    for (size_t i = 0; i < n; i++) {
        Td__CaseRef *r = schema_new(w->a, &td__case_ref__descriptor);
        r->text = v[i];
        r->where = where;
        arena_push(w->a, &m->case_refs, &m->n_case_refs, r);
    }
}

static uint64_t
mail_in(struct world *w, struct mail s)
{
    static unsigned serial;
    Td__Message *m = schema_new(w->a, &td__message__descriptor);
    Td__Origin *o = schema_new(w->a, &td__origin__descriptor);
    struct desk_event e = { .kind = DESK_EVENT_MAIL, .desk = &w->conf->desks[0], .message = m, .origin = o, .mail_id = ++serial };
    struct desk_needs needs;
    struct decision d;
    uint8_t seed[32] = { 0 };
    char line[32];
    m->message_id = arena_printf(w->a, "m%u@c.example", serial);
    m->from = schema_address(w->a, NULL, s.from ? s.from : "ann@c.example");
    m->subject = arena_strdup(w->a, s.subject ? s.subject : "Printer");
    m->reply_text = m->text = arena_strdup(w->a, s.text ? s.text : arena_printf(w->a, "text %u", serial));
    arena_push(w->a, &m->to, &m->n_to, schema_address(w->a, NULL, s.to ? s.to : "support@example.com"));
    push_words(w, s.in_reply_to, &m->in_reply_to, &m->n_in_reply_to);
    push_words(w, s.references, &m->references, &m->n_references);
    push_refs(w, m, s.number, TD__CASE_REF__WHERE__SUBJECT);
    push_refs(w, m, s.in_text, TD__CASE_REF__WHERE__TEXT);
    push_refs(w, m, s.quoted, TD__CASE_REF__WHERE__QUOTE);
    m->machine = schema_new(w->a, &td__machine__descriptor);
    m->machine->answerable = m->machine->counts_as_reply = !s.machine;
    m->has_digest = true;
    m->digest = (ProtobufCBinaryData){ 32, arena_alloc(w->a, 32) };
    snprintf(line, sizeof line, "%u", serial);
    memcpy(m->digest.data, line, strlen(line));
    o->kind = TD__ORIGIN__KIND__LMTP;
    o->arrived_at = MONDAY + s.after;
    desk_needs(w->desk, &e, o->arrived_at, w->a, &needs);
    struct desk_facts f = { .needs = &needs, .v = arena_alloc(w->a, (needs.n + 1) * sizeof *f.v), .next_case = w->n_cases + 1, .next_letter = 100 + serial };
    for (size_t i = 0; i < needs.n; i++)
        answer(w, &needs.v[i], &f.v[i], &f);
    w->n_needs = needs.n;
    memset(&d, 0, sizeof d);
    desk_decide(w->desk, &f, &e, o->arrived_at, seed, w->a, &d);
    remember(w, &e, &d);
    return w->fate;
}

static const char *
why(const struct world *w, Td__Entry__What what)
{
    for (size_t i = 0; i < w->n_last; i++)
        if (w->last[i].what == what)
            return w->last[i].why;
    return "";
}

static void
said(const struct world *w, Td__Entry__What what, const char *words)
{
    if (strstr(why(w, what), words) == NULL)
        fail_msg("entry %d says \"%s\", not \"%s\"", what, why(w, what), words);
}

static const char *
number(const struct world *w, uint64_t id)
{
    return case_of(w, id)->number;
}

static const char *
link_of(struct world *w, uint64_t id, const char *recipient, enum desk_token purpose)
{
    return arena_printf(w->a, "support+%s@example.com", desk_token_make(key, purpose, id, recipient, MONDAY + 400 * DAY, w->a));
}

#define E(what) TD__ENTRY__WHAT__##what
#define scenario(name) static void name(void **state) { (void)state; struct world *w = world_new("");
#define end world_free(w); }

/* ---- ranks and disagreement */

/* Five cases, and a mail that names a different one by each kind of evidence: the strongest that is there wins, the others are named. */
scenario(the_strongest_wins_and_the_others_are_named)
    for (int i = 0; i < 6; i++)
        mail_in(w, (struct mail){ .subject = arena_printf(w->a, "matter %d", i) });
    struct mail m = { .to = link_of(w, 1, "ann@c.example", DESK_TOKEN_REPLY), .in_reply_to = desk_message_id_make(key, 2, 7, "example.com", w->a),
                      .references = desk_message_id_make(key, 3, 7, "example.com", w->a), .number = number(w, 4), .quoted = number(w, 5) };
    const struct { uint64_t id; const char *first, *last; } rows[] = {
        { 1, "reply address given to this sender", number(w, 5) }, { 2, "in-reply-to names a letter of ours", number(w, 5) },
        { 3, "references name a letter of ours", number(w, 5) }, { 4, "case number in the subject; quoted reference names ", number(w, 5) },
        { 5, "quoted reference line with the case number", "" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        assert_int_equal(mail_in(w, m), rows[i].id);
        said(w, E(APPENDED), rows[i].first);
        said(w, E(APPENDED), rows[i].last);
        *(const char **[]){ &m.to, &m.in_reply_to, &m.references, &m.number, &m.quoted }[i] = NULL;
    }
    assert_int_equal(mail_in(w, m), 7);
end

scenario(numbers_in_the_new_words_are_no_evidence)
    mail_in(w, (struct mail){ 0 });
    assert_int_equal(mail_in(w, (struct mail){ .subject = "New", .in_text = number(w, 1) }), 2);
end

/* ---- numbers */

scenario(numbers_glued_and_foreign)
    mail_in(w, (struct mail){ 0 });
    const char *nr = number(w, 1);
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = arena_printf(w->a, "RE%s", nr) }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = arena_printf(w->a, "ANTWORT%s", nr) }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = "SUPCAS-00001-2222" }), 2);      /* somebody else's, and no guess */
    assert_int_equal(w->n_last > 0 && strstr(why(w, E(OPENED)), "not believed") == NULL, 1);
    /* nine order numbers of the same shape do not hide the line that our letter ended with */
    char *many = arena_strdup(w->a, "");
    for (int i = 0; i < 9; i++)
        many = arena_printf(w->a, "%sORD-1000%d-ABCD ", many, i);
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .quoted = arena_printf(w->a, "%s%s", many, nr) }), 1);
end

scenario(a_wrong_number_is_named_and_counted)
    mail_in(w, (struct mail){ 0 });
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = "CAS-00001-2222" }), 2);
    said(w, E(OPENED), "not believed, as its last characters are wrong: CAS-00001-2222");
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = arena_printf(w->a, "CAS-00009-2222 %s", number(w, 1)) }), 1);
    said(w, E(APPENDED), "case number in the subject; not believed, as its last characters are wrong: CAS-00009-2222");
    size_t guesses = 0;
    for (size_t i = 0; i < w->n_counts; i++)
        guesses += w->counts[i].scope == DESK_BUDGET_GUESS && strcmp(w->counts[i].word, "ann@c.example") == 0;
    assert_int_equal(guesses, 2);
end

/* Who has tried many finds nothing by a right one either, for a day; whoever is on the case goes on as ever. */
scenario(who_guesses_is_not_believed)
    mail_in(w, (struct mail){ 0 });
    for (int i = 0; i < 5; i++)
        mail_in(w, (struct mail){ .from = "eve@evil.example", .subject = arena_printf(w->a, "guess %d", i), .number = "CAS-00001-2222 CAS-00001-2223 CAS-00001-2224 CAS-00001-2225 CAS-00001-2226" });
    uint64_t next = w->n_cases + 1;
    assert_int_equal(mail_in(w, (struct mail){ .from = "eve@evil.example", .subject = "got it", .number = number(w, 1) }), next);
    assert_int_equal(mail_in(w, (struct mail){ .from = "EVE@evil.example", .subject = "quoted", .quoted = number(w, 1) }), next + 1);
    assert_int_equal(mail_in(w, (struct mail){ .from = "eve@evil.example", .subject = "a day later", .number = number(w, 1), .after = 2 * DAY }), 1);
    said(w, E(PARKED), "case number in the subject; sender is not on the case");
    for (int i = 0; i < 6; i++)
        mail_in(w, (struct mail){ .subject = arena_printf(w->a, "typo %d", i), .number = "CAS-00001-2222 CAS-00001-2223 CAS-00001-2224 CAS-00001-2225" });
    assert_int_equal(mail_in(w, (struct mail){ .subject = "right", .number = number(w, 1) }), 1);
end

/* ---- references */

scenario(references_as_far_as_they_go)
    mail_in(w, (struct mail){ 0 });
    const char *own = desk_message_id_make(key, 1, 7, "example.com", w->a), *first = w->rows[0].word;
    struct buf b = { 0 };
    const struct { const char *label; unsigned before, behind; const char *id; bool found; } rows[] = {
        { "ours, at the beginning of many", 0, 200, own, true }, { "ours, in the middle of many", 200, 200, own, true }, { "ours, at the end", 200, 0, own, true },
        { "stored, the first", 0, 200, first, true }, { "stored, the third", 2, 200, first, true }, { "stored, among the nearest", 200, 19, first, true },
        { "stored, far from both ends", 100, 100, first, false },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        buf_clear(&b);
        for (unsigned k = 0; k < rows[i].before; k++)
            buf_printf(&b, "b%u@x ", k);
        buf_printf(&b, "%s", rows[i].id);
        for (unsigned k = 0; k < rows[i].behind; k++)
            buf_printf(&b, " e%u@x", k);
        uint64_t fate = mail_in(w, (struct mail){ .subject = rows[i].label, .references = b.data });
        if ((fate == 1) != rows[i].found)
            fail_msg("%s", rows[i].label);
        assert_true(w->n_needs <= 96);
    }
    buf_clear(&b);                      /* five thousand of ours that are forged cost little, and hide the right one */
    for (unsigned k = 0; k < 5000; k++)
        buf_printf(&b, "ticketd.1.%u.aaaaaaaaaaaaaaaa@example.com ", k);
    assert_int_not_equal(mail_in(w, (struct mail){ .subject = "forged", .references = b.data }), 1);
    assert_true(w->n_needs <= 96);
    buf_free(&b);
end

/* ---- addresses with tokens */

scenario(links_always_mean_their_case)
    mail_in(w, (struct mail){ 0 });
    const char *reply = link_of(w, 1, "ann@c.example", DESK_TOKEN_REPLY), *action = link_of(w, 1, "ann@c.example", DESK_TOKEN_ACTION);
    assert_int_equal(mail_in(w, (struct mail){ .to = action, .subject = "Another matter" }), 1);
    said(w, E(APPENDED), "link given to this sender");
    assert_int_equal(mail_in(w, (struct mail){ .to = link_of(w, 1, "bo@c.example", DESK_TOKEN_ACTION), .subject = "x" }), 1);
    said(w, E(APPENDED), "link given to somebody else");
    assert_int_equal(mail_in(w, (struct mail){ .to = action, .from = "eve@evil.example", .subject = "x" }), 1);
    said(w, E(PARKED), "link given to somebody else");
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Another matter" }), 2);          /* remembered by an address book */
    said(w, E(LINKED), "written to the reply address of that case");
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Another matter", .references = "somebody@else" }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Another matter", .number = number(w, 1) }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Another matter", .quoted = number(w, 1) }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Re: Printer" }), 1);
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Another matter", .quoted = number(w, 2) }), 3);
    assert_int_equal(mail_in(w, (struct mail){ .to = reply, .subject = "Out of office", .machine = true }), 1);      /* a machine opens nothing there */
end

/* ---- merged, closed */

scenario(merged_cases_are_followed_for_a_bounded_way)
    for (int i = 0; i < 30; i++)
        mail_in(w, (struct mail){ .subject = arena_printf(w->a, "matter %d", i) });
    for (uint64_t i = 1; i < 10; i++) {
        case_of(w, i)->has_merged_into = true;
        case_of(w, i)->merged_into = i + 1;
    }
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = number(w, 1) }), 10);
    said(w, E(APPENDED), arena_printf(w->a, "case number in the subject; %s was merged into %s", number(w, 1), number(w, 10)));
    case_of(w, 20)->has_merged_into = case_of(w, 21)->has_merged_into = true;     /* a circle has no end, and a mail goes somewhere all the same */
    case_of(w, 20)->merged_into = 21;
    case_of(w, 21)->merged_into = 20;
    uint64_t fate = mail_in(w, (struct mail){ .subject = "x", .number = number(w, 20) });
    assert_true(fate == 20 || fate == 21);
    case_of(w, 25)->has_merged_into = true;                                       /* into one that is gone */
    case_of(w, 25)->merged_into = 77;
    assert_int_equal(mail_in(w, (struct mail){ .subject = "x", .number = number(w, 25) }), 25);
end

scenario(closed_cases_reopen_in_their_window_and_are_followed_up_after)
    mail_in(w, (struct mail){ 0 });
    const struct { const char *from; int64_t after; uint64_t want; Td__Entry__What what; } rows[] = {
        { NULL, 14 * DAY, 1, E(REOPENED) }, { NULL, 14 * DAY + 1, 2, E(LINKED) }, { "eve@evil.example", DAY, 1, E(PARKED) }, { "eve@evil.example", 20 * DAY, 3, E(LINKED) },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Case *c = case_of(w, 1);
        c->state = TD__STATE__CLOSED;
        c->has_closed_at = true;
        c->closed_at = MONDAY;
        assert_int_equal(mail_in(w, (struct mail){ .from = rows[i].from, .subject = arena_printf(w->a, "again %zu", i), .number = number(w, 1), .after = rows[i].after }), rows[i].want);
        assert_string_not_equal(why(w, rows[i].what), "");
        if (rows[i].what == E(PARKED) || rows[i].what == E(LINKED))
            assert_int_equal(case_of(w, 1)->state, TD__STATE__CLOSED);
    }
end

/* ---- the last resort */

static void
same_sender_and_subject(void **state)
{
    (void)state;
    struct world *w = world_new("");
    mail_in(w, (struct mail){ .subject = "Printer" });
    assert_int_equal(mail_in(w, (struct mail){ .subject = "Re: Printer" }), 2);           /* off unless it is asked for */
    world_free(w);
    w = world_new("thread-by-subject = \"2d\"");
    mail_in(w, (struct mail){ .subject = "Printer" });
    const struct { const char *label; struct mail m; uint64_t want; } rows[] = {
        { "under the same words", { .subject = "SV: printer", .after = DAY }, 1 }, { "still recent, for the case has changed", { .subject = "Printer", .after = 3 * DAY }, 1 },
        { "other words", { .subject = "Printer again", .after = 3 * DAY }, 2 }, { "another sender", { .subject = "Printer", .from = "bo@c.example", .after = 3 * DAY }, 3 },
        { "no words", { .subject = "Re:", .after = 3 * DAY }, 4 }, { "no words again", { .subject = "", .after = 3 * DAY }, 5 },
        { "stronger evidence wins", { .subject = "Printer", .number = number(w, 1), .in_reply_to = "m@unknown", .after = 3 * DAY }, 1 },
        { "too late", { .subject = "Printer", .after = 6 * DAY }, 6 },
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (mail_in(w, rows[i].m) != rows[i].want)
            fail_msg("%s: case %d", rows[i].label, (int)w->fate);
    assert_int_equal(mail_in(w, (struct mail){ .subject = "Printer", .after = 6 * DAY + 1 }), 6);         /* the newest that fits */
    said(w, E(APPENDED), "same sender, same subject, and that case has changed lately");
    case_of(w, 6)->state = TD__STATE__CLOSED;
    assert_int_equal(mail_in(w, (struct mail){ .subject = "Printer", .after = 6 * DAY + 2 }), 7);         /* it reopens nothing */
    world_free(w);
}

#define t(name) cmocka_unit_test(name)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        t(the_strongest_wins_and_the_others_are_named), t(numbers_in_the_new_words_are_no_evidence), t(numbers_glued_and_foreign),
        t(a_wrong_number_is_named_and_counted), t(who_guesses_is_not_believed), t(references_as_far_as_they_go), t(links_always_mean_their_case),
        t(merged_cases_are_followed_for_a_bounded_way), t(closed_cases_reopen_in_their_window_and_are_followed_up_after), t(same_sender_and_subject),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
