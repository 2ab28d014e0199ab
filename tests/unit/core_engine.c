/* SPDX-License-Identifier: ISC
 *
 * The engine over a store in memory, or in a folder where it has to end and begin again: group commit, replay one by one,
 * redelivery, duplicates, timers, the outbox, careful mode, budgets. The desk is the real one; time is whatever we say.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/core/engine.h"

#define NOW 1773136800                  /* 2026-03-10T10:00:00Z, a Tuesday */

static const char config[] =
    "state-directory = \"state\"\ncontrol = \"control\"\n"
    "calendar \"always\" { zone = \"UTC\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
    "relay \"box\" { transport = \"maildir\" path = \"outbox\" envelope = \"plain\" give-up = \"1d\" }\n"
    "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"always\" templates = \"%s\"\n"
    "  alarm-to = \"boss@example.com\" budget { recipient-hour = 1000 recipient-day = 1000 domain-hour = 1000 domain-day = 1000 all-hour = 1000 all-day = 1000 }\n"
    "  priority \"normal\" { default = true clock \"respond\" { target = \"1h\" escalate = { \"0m boss@example.com\", \"1h director@example.com\" } } } }\n"
    "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n";

struct world {
    struct conf *conf;
    struct desk *desk;
    struct store *store;
    struct engine *engine;
    char folder[64];                    /* "": in memory */
    uint64_t map_size, chance;
    unsigned done, ok, alarms;          /* what the driver heard */
    char why[128], last_case[64], logged[65536];
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

static void
on_done(void *u, struct engine_event *ev)
{
    struct world *w = u;
    w->done++;
    w->ok += ev->ok;
    snprintf(w->why, sizeof w->why, "%s", ev->why != NULL ? ev->why : "");
    snprintf(w->last_case, sizeof w->last_case, "%s", ev->case_number != NULL ? ev->case_number : "");
}

static void
on_log(void *u, enum log_level level, const char *line)
{
    struct world *w = u;
    w->alarms += level <= LOG_ALARM;
    size_t used = strlen(w->logged);
    snprintf(w->logged + used, sizeof w->logged - used, "%s\n", line);
}

static void
world_open(struct world *w)
{
    const struct engine_driver d = { .u = w, .done = on_done, .log = on_log };
    struct store_options o = { .directory = w->folder[0] != '\0' ? w->folder : NULL, .map_size = w->map_size, .random = chance, .random_u = &w->chance };
    char error[256];
    const char *why;
    memset(o.master_key, 7, sizeof o.master_key);
    if (w->store == NULL && store_open(&o, &w->store, error) != STORE_OK)
        fail_msg("%s", error);
    if (w->desk == NULL) {
        struct buf errors = { 0 };
        w->desk = desk_new(w->conf, store_naming_key(w->store), &errors);
        if (w->desk == NULL)
            fail_msg("%s", errors.data);
    }
    w->engine = engine_new(w->conf, w->desk, w->store, &d, NOW, &why);
    assert_non_null(w->engine);
}

static struct world *
world_new(bool on_disk, uint64_t map_size)
{
    char path[] = "/tmp/ticketd-core-XXXXXX", *templates = realpath("contrib/templates", NULL);
    struct world *w = mem_alloc(sizeof *w);
    struct buf errors = { 0 };
    int fd = mkstemp(path);
    if (templates == NULL)
        templates = path_beside_self("share/ticketd/templates");
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, config, templates);
    close(fd);
    w->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (w->conf == NULL)
        fail_msg("%s", errors.data);
    buf_free(&errors);
    if (on_disk) {
        snprintf(w->folder, sizeof w->folder, "/tmp/ticketd-core-XXXXXX");
        assert_non_null(mkdtemp(w->folder));
    }
    w->map_size = map_size;
    w->chance = 1;
    world_open(w);
    return w;
}

/* In order, or as a crash leaves it: the store stays where it is, the engine begins anew. */
static void
world_again(struct world *w, bool clean)
{
    if (clean)
        engine_shutdown(w->engine, NOW);
    engine_free(&w->engine);
    if (w->folder[0] != '\0')
        store_close(&w->store);
    w->logged[0] = '\0';
    w->done = w->ok = w->alarms = 0;
    world_open(w);
}

static void
world_free(struct world *w)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "keys", "keys.new", "lock" };
    engine_free(&w->engine);
    store_close(&w->store);
    desk_free(&w->desk);
    conf_free(&w->conf);
    if (w->folder[0] != '\0') {
        for (size_t i = 0; i < countof(names); i++) {
            char path[128];
            snprintf(path, sizeof path, "%s/%s", w->folder, names[i]);
            unlink(path);
        }
        assert_int_equal(rmdir(w->folder), 0);
    }
    free(w);
}

/* ---- events */

static struct engine_event *
mail(const char *from, const char *id, const char *text, uint64_t uid)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAIL);
    struct arena *a = ev->arena;
    Td__Message *m = schema_new(a, &td__message__descriptor);
    Td__Origin *o = schema_new(a, &td__origin__descriptor);
    m->message_id = arena_strdup(a, id);
    m->from = schema_address(a, NULL, from);
    m->subject = arena_strdup(a, "subject");
    m->text = m->reply_text = arena_strdup(a, text);
    m->machine = schema_new(a, &td__machine__descriptor);
    m->machine->answerable = m->machine->counts_as_reply = true;
    m->has_digest = true;
    m->digest.len = 32;
    m->digest.data = arena_alloc(a, 32);
    crypto_generichash(m->digest.data, 32, (const uint8_t *)text, strlen(text), NULL, 0);
    o->kind = uid != 0 ? TD__ORIGIN__KIND__IMAP : TD__ORIGIN__KIND__LMTP;
    o->mailbox = arena_strdup(a, "in");
    o->has_uid = o->has_uidvalidity = uid != 0;
    o->uidvalidity = 1;
    o->uid = uid;
    o->arrived_at = NOW;
    ev->message = m;
    ev->origin = o;
    ev->desk = "support";
    ev->bytes = (const uint8_t *)arena_strdup(a, text);
    ev->len = strlen(text);
    return ev;
}

static void
send_mail(struct world *w, const char *from, const char *id, const char *text, uint64_t uid)
{
    engine_submit(w->engine, mail(from, id, text, uid));
    (void)engine_run(w->engine, NOW);
}

static unsigned
rows(struct world *w, enum store_table tab)
{
    struct store_txn *t;
    struct store_cursor *c;
    struct store_key k;
    unsigned n = 0;
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    assert_int_equal(store_cursor_open(t, tab, NULL, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k))
        n++;
    store_cursor_close(&c);
    store_abort(&t);
    return n;
}

static unsigned
entries(struct world *w, uint64_t id, Td__Entry__What what)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_cursor *c;
    struct store_key k, prefix;
    Td__Entry *e;
    unsigned n = 0;
    table_entry_prefix(&prefix, id);
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    assert_int_equal(store_cursor_open(t, STORE_ENTRIES, &prefix, NULL, false, &c), STORE_OK);
    while (store_cursor_next(c, &k)) {
        assert_int_equal(store_cursor_get(c, a, &td__entry__descriptor, &e), STORE_OK);
        n += e->what == what;
    }
    store_cursor_close(&c);
    store_abort(&t);
    arena_free(&a);
    return n;
}

struct first { unsigned n; struct engine_outgoing o; char to[64]; unsigned attempts; };

static bool
first_row(void *u, const struct engine_outgoing *o)
{
    struct first *f = u;
    if (f->n++ == 0) {
        f->o = *o;
        f->o.row = NULL;
        f->attempts = o->row->attempts;
        snprintf(f->to, sizeof f->to, "%s", o->row->recipient);
    }
    return true;
}

static struct first
outbox(struct world *w, int64_t now)
{
    struct first f = { 0 };
    assert_int_equal(engine_outbox_walk(w->engine, now, first_row, &f), STORE_OK);
    return f;
}

static void
outcome(struct world *w, const struct engine_outgoing *o, unsigned code, bool unknown, int64_t now)
{
    struct engine_event *ev = engine_event_new(ENGINE_OUTCOME);
    Td__SendOutcome *so = schema_new(ev->arena, &td__send_outcome__descriptor);
    so->letter = o->letter_id;
    so->recipient = (char *)"";
    so->code = code;
    so->unknown = unknown;
    so->text = (char *)"words";
    ev->letter_id = o->letter_id;
    ev->recipient = o->recipient;
    ev->next_at = o->next_at;
    ev->outcome = so;
    engine_submit(w->engine, ev);
    (void)engine_run(w->engine, now);
}

/* ---- the group */

static void
events_that_are_ready_share_one_commit(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    uint64_t before = w->engine->commits;
    for (int i = 0; i < 100; i++) {
        char id[32], text[32];
        snprintf(id, sizeof id, "%d@x.example", i);
        snprintf(text, sizeof text, "mail %d", i);
        engine_submit(w->engine, mail("a@x.example", id, text, 0));
    }
    assert_int_equal(w->done, 0);       /* nobody hears of anything before */
    assert_int_equal(engine_run(w->engine, NOW), 100);
    assert_int_equal(w->engine->commits - before, 1);
    assert_int_equal(w->ok, 100);
    assert_false(engine_busy(w->engine));
    assert_int_equal(rows(w, STORE_CASES), 100);
    assert_int_equal(rows(w, STORE_OUTBOX), 100);
    world_free(w);
}

static void
a_group_is_bounded(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    for (int i = 0; i < ENGINE_GROUP_MAX + 1; i++) {
        char id[32];
        snprintf(id, sizeof id, "%d@x.example", i);
        engine_submit(w->engine, mail("a@x.example", id, id, 0));
    }
    assert_int_equal(engine_run(w->engine, NOW), ENGINE_GROUP_MAX);
    assert_true(engine_busy(w->engine));
    assert_int_equal(engine_run(w->engine, NOW), 1);
    assert_int_equal(w->ok, ENGINE_GROUP_MAX + 1);
    world_free(w);
}

static void
an_event_that_only_itself_concerns_stops_no_other(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    struct engine_event *bad = mail("a@x.example", "2@x.example", "two", 0);
    uint64_t before = w->engine->commits;
    bad->desk = "gone";
    engine_submit(w->engine, mail("a@x.example", "1@x.example", "one", 0));
    engine_submit(w->engine, bad);
    engine_submit(w->engine, mail("a@x.example", "3@x.example", "three", 0));
    (void)engine_run(w->engine, NOW);
    assert_int_equal(w->done, 3);
    assert_int_equal(w->ok, 2);
    assert_int_equal(w->engine->commits - before, 1);
    assert_int_equal(rows(w, STORE_CASES), 2);
    assert_int_equal(w->engine->meta.next_case, 3);     /* no number was wasted on it */
    assert_int_equal(rows(w, STORE_MAILS), 4);          /* a record and a chunk each */
    world_free(w);
}

/* A map that is too small for the group: aborted, replayed one by one, the map grown; nothing lost, nothing twice. */
static void
when_the_store_is_full_the_group_is_replayed_one_by_one(void **state)
{
    (void)state;
    struct world *w = world_new(true, 1u << 20);
    char *big = mem_alloc(400001);
    for (unsigned i = 0; i < 20; i++) {
        char id[32];
        for (size_t k = 0; k < 400000; k += 8) {        /* text that does not compress */
            uint8_t r[4];
            chance(&w->chance, r, sizeof r);
            hex_encode(r, sizeof r, big + k);
        }
        snprintf(id, sizeof id, "%u@x.example", i);
        engine_submit(w->engine, mail("a@x.example", id, big, 100 + i));
    }
    while (engine_busy(w->engine))
        (void)engine_run(w->engine, NOW);
    free(big);
    assert_non_null(strstr(w->logged, "status=one-by-one"));
    assert_int_equal(w->done, 20);
    assert_int_equal(w->ok, 20);
    assert_int_equal(rows(w, STORE_CASES), 20);
    assert_int_equal(rows(w, STORE_OUTBOX), 20);
    world_again(w, true);
    assert_int_equal(rows(w, STORE_CASES), 20);
    world_free(w);
}

/* ---- one mail, one effect */

static void
a_mail_offered_again_has_its_fate_and_no_second_effect(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    send_mail(w, "a@x.example", "1@x.example", "one", 7);
    for (int again = 0; again < 2; again++) {
        send_mail(w, "a@x.example", "1@x.example", "one", 7);
        assert_non_null(strstr(w->logged, "taken-before"));
        assert_int_equal(w->ok, w->done);
        assert_int_equal(rows(w, STORE_CASES), 1);
        assert_int_equal(rows(w, STORE_OUTBOX), 1);
        assert_int_equal(rows(w, STORE_MAILS), 2);
        assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__DUPLICATE), 0);
        world_again(w, again != 0);
    }
    /* the same in one group */
    engine_submit(w->engine, mail("b@x.example", "2@x.example", "two", 8));
    engine_submit(w->engine, mail("b@x.example", "2@x.example", "two", 8));
    (void)engine_run(w->engine, NOW);
    (void)engine_run(w->engine, NOW);
    assert_int_equal(w->ok, 2);
    assert_int_equal(rows(w, STORE_CASES), 2);
    world_free(w);
}

static void
the_same_mail_by_two_ways_is_one_case_and_a_duplicate(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    engine_submit(w->engine, mail("a@x.example", "1@x.example", "one", 7));
    engine_submit(w->engine, mail("a@x.example", "1@x.example", "one", 0));
    (void)engine_run(w->engine, NOW);
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    assert_int_equal(w->ok, 3);
    assert_int_equal(rows(w, STORE_CASES), 1);
    assert_int_equal(rows(w, STORE_OUTBOX), 1);
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__DUPLICATE), 2);
    assert_int_equal(rows(w, STORE_MAILS), 6);          /* each raw mail is kept */
    world_free(w);
}

static int
compare_take(void *u, const uint8_t *bytes, size_t len)
{
    buf_add(u, bytes, len);
    return 0;
}

static void
a_large_mail_is_written_ahead_and_comes_back_as_it_was(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    size_t len = 2 * STORE_BULK_STEP + 12345;
    char *big = mem_alloc(len + 1);
    struct buf back = { 0 };
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_key k;
    Td__MailRecord *m;
    for (size_t i = 0; i < len; i++)
        big[i] = (char)('a' + i * i % 23);
    engine_submit(w->engine, mail("a@x.example", "big@x.example", big, 0));
    engine_submit(w->engine, mail("a@x.example", "small@x.example", "small", 0));
    assert_int_equal(engine_run(w->engine, NOW), 1);    /* the small one does not wait for it */
    assert_int_equal(rows(w, STORE_CASES), 1);
    for (int i = 0; i < 10 && engine_busy(w->engine); i++)
        (void)engine_run(w->engine, NOW);
    assert_int_equal(w->ok, 2);
    assert_int_equal(rows(w, STORE_CASES), 2);
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    table_mail(&k, 1, 0);
    assert_int_equal(store_get(t, STORE_MAILS, &k, a, &td__mail_record__descriptor, &m), STORE_OK);
    assert_int_equal(m->size, len);
    assert_int_equal(store_bulk_read(t, STORE_MAILS, 1, m->chunks, compare_take, &back), STORE_OK);
    store_abort(&t);
    assert_int_equal(back.len, len);
    assert_memory_equal(back.data, big, len);
    buf_free(&back);
    /* cut off in the middle: what was ahead is swept at the next start, the mail comes again and is whole */
    engine_submit(w->engine, mail("a@x.example", "cut@x.example", big, 9));
    (void)engine_run(w->engine, NOW);
    unsigned with_orphans = rows(w, STORE_MAILS);
    world_again(w, false);
    assert_true(rows(w, STORE_MAILS) < with_orphans);
    engine_submit(w->engine, mail("a@x.example", "cut@x.example", big, 9));
    for (int i = 0; i < 10 && engine_busy(w->engine); i++)
        (void)engine_run(w->engine, NOW);
    assert_int_equal(w->ok, 1);
    assert_int_equal(rows(w, STORE_CASES), 3);
    arena_free(&a);
    free(big);
    world_free(w);
}

/* ---- timers */

static void
a_timer_fires_once_when_it_is_due_and_not_before(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    struct first ack = outbox(w, NOW);
    assert_int_equal(ack.n, 1);
    outcome(w, &ack.o, 250, false, NOW);
    assert_int_equal(engine_next_due(w->engine), NOW + 3600);
    assert_int_equal(engine_run(w->engine, NOW + 3599), 0);
    assert_true(engine_run(w->engine, NOW + 3600) >= 1);
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__ESCALATED), 1);
    struct first f = outbox(w, NOW + 3600);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.to, "boss@example.com");
    outcome(w, &f.o, 250, false, NOW + 3600);
    assert_int_equal(engine_next_due(w->engine), NOW + 7200);
    world_again(w, false);
    assert_int_equal(engine_run(w->engine, NOW + 3600), 0);
    (void)engine_run(w->engine, NOW + 90000);
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__ESCALATED), 2);
    f = outbox(w, NOW + 90000);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.to, "director@example.com");
    assert_int_equal(rows(w, STORE_TIMERS), 0);
    world_free(w);
}

static void
steps_that_became_due_together_are_one_letter_to_the_highest(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    struct first ack = outbox(w, NOW);
    outcome(w, &ack.o, 250, false, NOW);
    (void)engine_run(w->engine, NOW + 90000);
    (void)engine_run(w->engine, NOW + 90000);
    struct first f = outbox(w, NOW + 90000);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.to, "director@example.com");
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__ESCALATED), 1);
    assert_int_equal(rows(w, STORE_TIMERS), 0);
    world_free(w);
}

/* ---- the outbox */

static void
composed(struct world *w, uint64_t letter, const char *bytes)
{
    struct engine_event *ev = engine_event_new(ENGINE_COMPOSED);
    ev->letter_id = letter;
    ev->bytes = (const uint8_t *)bytes;
    ev->len = strlen(bytes);
    engine_submit(w->engine, ev);
    (void)engine_run(w->engine, NOW);
}

static void
the_bytes_of_a_letter_are_stored_once(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct buf back = { 0 };
    Td__Letter *l;
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    assert_int_equal(engine_letter(w->engine, 1, a, &l), STORE_OK);
    assert_false(l->has_size);
    composed(w, 1, "the first bytes\r\n");
    composed(w, 1, "other bytes\r\n");
    composed(w, 99, "of no letter\r\n");
    assert_int_equal(w->ok, 4);
    assert_int_equal(engine_letter(w->engine, 1, a, &l), STORE_OK);
    assert_int_equal(l->size, 17);
    assert_int_equal(store_begin(w->store, NULL, false, &t), STORE_OK);
    assert_int_equal(store_bulk_read(t, STORE_LETTERS, 1, l->chunks, compare_take, &back), STORE_OK);
    store_abort(&t);
    assert_string_equal(back.data, "the first bytes\r\n");
    buf_free(&back);
    arena_free(&a);
    world_free(w);
}

static void
what_the_relay_answers_moves_the_row_on_or_ends_it(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    struct first f = outbox(w, NOW);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.to, "a@x.example");
    outcome(w, &f.o, 451, false, NOW);                  /* later */
    assert_int_equal(outbox(w, NOW).n, 0);
    f = outbox(w, NOW + 3600);
    assert_int_equal(f.n, 1);
    assert_int_equal(f.attempts, 1);
    assert_true(f.o.next_at > NOW && f.o.next_at <= NOW + 600);
    outcome(w, &f.o, 0, true, NOW + 600);               /* unknown: the same letter, later */
    struct first again = outbox(w, NOW + 7200);
    assert_int_equal(again.n, 1);
    assert_int_equal(again.o.letter_id, f.o.letter_id);
    assert_int_equal(again.attempts, 2);
    assert_true(again.o.next_at > NOW + 600);
    outcome(w, &f.o, 250, false, NOW + 600);            /* an answer about the row of before: nothing */
    assert_int_equal(outbox(w, NOW + 7200).n, 1);
    outcome(w, &again.o, 250, false, NOW + 7200);
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__SENT), 1);
    outcome(w, &again.o, 250, false, NOW + 7200);       /* twice: once */
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__SENT), 1);
    assert_int_equal(entries(w, 1, TD__ENTRY__WHAT__FAILED), 0);
    world_free(w);
}

static void
a_letter_that_is_refused_or_given_up_is_recorded_and_told(void **state)
{
    (void)state;
    static const struct { const char *label; unsigned code; int64_t later; } ways[] = { { "550", 550, 0 }, { "451 for more than a day", 451, 86401 } };
    for (size_t i = 0; i < countof(ways); i++) {
        struct world *w = world_new(false, 0);
        send_mail(w, "a@x.example", "1@x.example", "one", 0);
        struct first f = outbox(w, NOW);
        outcome(w, &f.o, ways[i].code, false, NOW + ways[i].later);
        if (entries(w, 1, TD__ENTRY__WHAT__FAILED) != 1)
            fail_msg("%s: %u entries", ways[i].label, entries(w, 1, TD__ENTRY__WHAT__FAILED));
        bool alarm = false;
        for (uint64_t id = 2; id < w->engine->meta.next_letter; id++) {
            struct arena *a = arena_new(0);
            Td__Letter *l;
            alarm |= engine_letter(w->engine, id, a, &l) == STORE_OK && l->kind == TD__LETTER__KIND__ALARM;
            arena_free(&a);
        }
        assert_true(alarm);
        world_free(w);
    }
}

/* ---- careful mode */

static void
mark(struct world *w, const char *what, unsigned tries)
{
    struct store_txn *t;
    struct store_key k;
    Td__Mark m = TD__MARK__INIT;
    m.what = (char *)what;
    m.tries = tries;
    table_mark(&k);
    assert_int_equal(store_begin(w->store, NULL, true, &t), STORE_OK);
    assert_int_equal(store_put(t, STORE_META, &k, 0, &m), STORE_OK);
    assert_int_equal(store_commit(&t), STORE_OK);
}

static const char *
mail_name(const char *text, char out[64])
{
    uint8_t digest[16];
    char hex[33];
    crypto_generichash(digest, sizeof digest, (const uint8_t *)text, strlen(text), NULL, 0);
    hex_encode(digest, sizeof digest, hex);
    snprintf(out, 64, "mail %s", hex);
    return out;
}

static void
after_an_unclean_end_events_are_tried_one_by_one(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    assert_false(w->engine->careful);                   /* a new store */
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    world_again(w, true);
    assert_false(w->engine->careful);
    send_mail(w, "a@x.example", "2@x.example", "two", 0);
    world_again(w, false);
    assert_true(w->engine->careful);
    assert_non_null(strstr(w->logged, "careful-mode"));
    uint64_t before = w->engine->commits;
    for (int i = 0; i < 3; i++) {
        char id[32];
        snprintf(id, sizeof id, "c%d@x.example", i);
        engine_submit(w->engine, mail("a@x.example", id, id, 0));
    }
    (void)engine_run(w->engine, NOW);
    assert_int_equal(w->ok, 3);
    assert_int_equal(w->engine->commits - before, 6);   /* marked, then done */
    for (int i = 0; i < ENGINE_CAREFUL; i++) {
        char id[32];
        snprintf(id, sizeof id, "d%d@x.example", i);
        send_mail(w, "a@x.example", id, id, 0);
    }
    assert_false(w->engine->careful);                   /* it trusts itself again */
    assert_non_null(strstr(w->logged, "careful-mode status=ended"));
    world_again(w, true);
    assert_false(w->engine->careful);
    world_free(w);
}

static void
a_mail_that_ended_core_twice_is_set_aside_with_its_bytes(void **state)
{
    (void)state;
    static const struct { const char *label; unsigned tries; bool aside; } rows_of[] = { { "once", 1, false }, { "twice", 2, true }, { "thrice", 3, true } };
    for (size_t i = 0; i < countof(rows_of); i++) {
        struct world *w = world_new(true, 0);
        struct arena *a = arena_new(0);
        char name[64];
        Td__Fate *fate;
        send_mail(w, "a@x.example", "1@x.example", "one", 0);
        mark(w, mail_name("the killer", name), rows_of[i].tries);
        world_again(w, false);
        engine_submit(w->engine, mail("a@x.example", "k@x.example", "the killer", 77));
        engine_submit(w->engine, mail("a@x.example", "2@x.example", "an honest one", 78));
        (void)engine_run(w->engine, NOW);
        assert_int_equal(w->ok, 2);                     /* both are durable: the source may be told */
        if (rows(w, STORE_CASES) != (rows_of[i].aside ? 2 : 3))
            fail_msg("%s: %u cases", rows_of[i].label, rows(w, STORE_CASES));
        assert_int_equal(rows(w, STORE_MAILS), 6);
        assert_int_equal(engine_fate(w->engine, "in", 1, 77, a, &fate), STORE_OK);
        assert_int_equal(fate->what, rows_of[i].aside ? TD__FATE__WHAT__SET_ASIDE : TD__FATE__WHAT__TAKEN);
        assert_int_equal(w->alarms, rows_of[i].aside ? 1 : 0);
        arena_free(&a);
        world_free(w);
    }
}

static void
a_timer_that_ended_core_twice_does_not_come_again(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    char name[96];
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    struct first ack = outbox(w, NOW);
    outcome(w, &ack.o, 250, false, NOW);
    snprintf(name, sizeof name, "event %d 1 0 %lld 0 0 respond", (int)ENGINE_TIMER, (long long)NOW + 3600);
    mark(w, name, 2);
    world_again(w, false);
    unsigned before = rows(w, STORE_TIMERS);
    (void)engine_run(w->engine, NOW + 3600);
    assert_int_equal(w->alarms, 1);
    for (int i = 0; i < 3; i++)
        (void)engine_run(w->engine, NOW + 3600);
    assert_int_equal(w->alarms, 1);
    assert_true(rows(w, STORE_TIMERS) < before);
    assert_int_equal(engine_run(w->engine, NOW + 3600), 0);
    world_free(w);
}

static void
tries_of_a_mail_that_kills_its_parser_are_counted_durably(void **state)
{
    (void)state;
    struct world *w = world_new(true, 0);
    const uint8_t bytes[] = "killer", other[] = "other";
    assert_int_equal(engine_mail_tries(w->engine, bytes, sizeof bytes, false), 0);
    assert_int_equal(engine_mail_tries(w->engine, bytes, sizeof bytes, true), 1);
    world_again(w, false);
    assert_int_equal(engine_mail_tries(w->engine, bytes, sizeof bytes, false), 1);
    assert_int_equal(engine_mail_tries(w->engine, bytes, sizeof bytes, true), 2);
    assert_int_equal(engine_mail_tries(w->engine, other, sizeof other, false), 0);
    world_free(w);
}

/* ---- budgets */

static void
budgets_of_the_day_before_yesterday_are_forgotten(void **state)
{
    (void)state;
    struct world *w = world_new(false, 0);
    send_mail(w, "a@x.example", "1@x.example", "one", 0);
    unsigned n = rows(w, STORE_BUDGETS);
    assert_int_equal(n, 3);                             /* recipient, domain, all */
    engine_sweep(w->engine, NOW);
    engine_sweep(w->engine, NOW + 24 * 3600);
    assert_int_equal(rows(w, STORE_BUDGETS), n);
    engine_sweep(w->engine, NOW + 51 * 3600);
    assert_int_equal(rows(w, STORE_BUDGETS), 0);
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_that_are_ready_share_one_commit),
        cmocka_unit_test(a_group_is_bounded),
        cmocka_unit_test(an_event_that_only_itself_concerns_stops_no_other),
        cmocka_unit_test(when_the_store_is_full_the_group_is_replayed_one_by_one),
        cmocka_unit_test(a_mail_offered_again_has_its_fate_and_no_second_effect),
        cmocka_unit_test(the_same_mail_by_two_ways_is_one_case_and_a_duplicate),
        cmocka_unit_test(a_large_mail_is_written_ahead_and_comes_back_as_it_was),
        cmocka_unit_test(a_timer_fires_once_when_it_is_due_and_not_before),
        cmocka_unit_test(steps_that_became_due_together_are_one_letter_to_the_highest),
        cmocka_unit_test(the_bytes_of_a_letter_are_stored_once),
        cmocka_unit_test(what_the_relay_answers_moves_the_row_on_or_ends_it),
        cmocka_unit_test(a_letter_that_is_refused_or_given_up_is_recorded_and_told),
        cmocka_unit_test(after_an_unclean_end_events_are_tried_one_by_one),
        cmocka_unit_test(a_mail_that_ended_core_twice_is_set_aside_with_its_bytes),
        cmocka_unit_test(a_timer_that_ended_core_twice_does_not_come_again),
        cmocka_unit_test(tries_of_a_mail_that_kills_its_parser_are_counted_durably),
        cmocka_unit_test(budgets_of_the_day_before_yesterday_are_forgotten),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
