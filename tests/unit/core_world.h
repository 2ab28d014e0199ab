/* SPDX-License-Identifier: ISC
 *
 * An engine over a store, in memory or in a folder, with one desk; time is whatever we say. For the tests that look at what
 * the engine has written: check, erasing, rotation.
 */
#ifndef TICKETD_TEST_CORE_WORLD_H
#define TICKETD_TEST_CORE_WORLD_H

#include "../../src/core/engine.h"
#include "ticketd/keep.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW 1773136800                  /* 2026-03-10T10:00:00Z, a Tuesday */

static const char world_config[] =
    "state-directory = \"state\"\ncontrol = \"control\"\n%s\n"
    "calendar \"always\" { zone = \"UTC\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
    "relay \"box\" { transport = \"maildir\" path = \"outbox\" envelope = \"plain\" give-up = \"1d\" }\n"
    "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"always\" templates = \"%s\"\n"
    "  alarm-to = \"boss@example.com\" budget { recipient-hour = 1000 recipient-day = 1000 domain-hour = 1000 domain-day = 1000 all-hour = 1000 all-day = 1000 }\n"
    "  person \"liz@example.com\" { label = \"Liz\" }\n"
    "  rule \"all\" { sender = { \"customer.example\" } assign = \"liz@example.com\" }\n"
    "  priority \"normal\" { default = true clock \"respond\" { target = \"1h\" escalate = { \"0m boss@example.com\", \"1h director@example.com\" } } } }\n"
    "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }\n";

struct world {
    struct conf *conf;
    struct desk *desk;
    struct store *store;
    struct engine *engine;
    char folder[64];                    /* "": in memory */
    uint64_t chance;
    uint8_t master[32];
    unsigned done, ok;
    char why[128], last_case[64], logged[65536];
};

static inline void
world_chance(void *u, void *out, size_t len)
{
    uint64_t *x = u;
    for (size_t i = 0; i < len; i++) {
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*x >> 56);
    }
}

static inline void
world_done(void *u, struct engine_event *ev)
{
    struct world *w = u;
    w->done++;
    w->ok += ev->ok;
    snprintf(w->why, sizeof w->why, "%s", ev->why != NULL ? ev->why : "");
    if (ev->case_number != NULL)
        snprintf(w->last_case, sizeof w->last_case, "%s", ev->case_number);
}

static inline void
world_log(void *u, enum log_level level, const char *line)
{
    struct world *w = u;
    (void)level;
    size_t used = strlen(w->logged);
    snprintf(w->logged + used, sizeof w->logged - used, "%s\n", line);
}

static inline void
world_open(struct world *w)
{
    const struct engine_driver d = { .u = w, .done = world_done, .log = world_log };
    struct store_options o = { .directory = w->folder[0] != '\0' ? w->folder : NULL, .map_size = 256u << 20, .random = world_chance, .random_u = &w->chance };
    char error[256];
    const char *why;
    memcpy(o.master_key, w->master, sizeof o.master_key);
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

/* `top`: more settings of the configuration. */
static inline struct world *
world_new(bool on_disk, const char *top)
{
    char path[] = "/tmp/ticketd-core-XXXXXX", *templates = realpath("contrib/templates", NULL);
    struct world *w = mem_alloc(sizeof *w);
    struct buf errors = { 0 };
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, world_config, top, templates);
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
    w->chance = 1;
    memset(w->master, 7, sizeof w->master);
    world_open(w);
    return w;
}

static inline void
world_close(struct world *w)
{
    if (w->engine != NULL)
        engine_shutdown(w->engine, NOW);
    engine_free(&w->engine);
    store_close(&w->store);
    desk_free(&w->desk);
}

static inline void
world_free(struct world *w)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "keys", "keys.new", "lock" };
    world_close(w);
    conf_free(&w->conf);
    for (size_t i = 0; i < countof(names) && w->folder[0] != '\0'; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", w->folder, names[i]);
        unlink(path);
    }
    if (w->folder[0] != '\0')
        assert_int_equal(rmdir(w->folder), 0);
    free(w);
}

static inline struct engine_event *
world_mail(const char *from, const char *id, const char *text, uint64_t uid)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAIL);
    struct arena *a = ev->arena;
    Td__Message *m = schema_new(a, &td__message__descriptor);
    Td__Origin *o = schema_new(a, &td__origin__descriptor);
    m->message_id = arena_strdup(a, id);
    m->from = schema_address(a, NULL, from);
    m->subject = arena_printf(a, "subject of %s", from);
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

static inline void
world_send(struct world *w, const char *from, const char *id, const char *text, uint64_t uid)
{
    engine_submit(w->engine, world_mail(from, id, text, uid));
    (void)engine_run(w->engine, NOW);
}

/* Every letter that waits and is due is composed (of its own text) and, with `sent`, taken by the relay. */
struct world_letter { uint64_t letter; uint32_t recipient; int64_t next_at; };
struct world_letters { struct world_letter v[256]; size_t n; };

static inline bool
world_letter_take(void *u, const struct engine_outgoing *o)
{
    struct world_letters *l = u;
    l->v[l->n++] = (struct world_letter){ o->letter_id, o->recipient, o->next_at };
    return l->n < countof(l->v);
}

static inline void
world_letters(struct world *w, bool sent)
{
    static Td__SendOutcome taken = TD__SEND_OUTCOME__INIT;
    struct world_letters all = { .n = 0 };
    taken.code = 250;
    taken.recipient = taken.text = (char *)"ok";
    assert_int_equal(engine_outbox_walk(w->engine, NOW, world_letter_take, &all), STORE_OK);
    for (size_t i = 0; i < all.n; i++) {
        struct engine_event *ev = engine_event_new(ENGINE_COMPOSED);
        ev->letter_id = all.v[i].letter;
        ev->bytes = (const uint8_t *)"Subject: letter\r\n\r\nHello\r\n";
        ev->len = strlen((const char *)ev->bytes);
        engine_submit(w->engine, ev);
        if (!sent)
            continue;
        ev = engine_event_new(ENGINE_OUTCOME);
        ev->letter_id = all.v[i].letter;
        ev->recipient = all.v[i].recipient;
        ev->next_at = all.v[i].next_at;
        ev->outcome = &taken;
        engine_submit(w->engine, ev);
    }
    (void)engine_run(w->engine, NOW);
}

/* ---- the check */

struct world_findings { char text[8192]; };

static inline void
world_found(void *u, const struct check_finding *f)
{
    struct world_findings *all = u;
    size_t used = strlen(all->text);
    if (f->weight == CHECK_FAULT)
        snprintf(all->text + used, sizeof all->text - used, "%s: %s\n", f->rule, f->text);
}

static inline enum store_rc
world_check(struct world *w, bool repair, struct check_counts *n, struct world_findings *all)
{
    struct check_options o = { .conf = w->conf, .desk = w->desk, .same_policy = true, .now = NOW, .repair = repair, .u = all, .found = world_found };
    all->text[0] = '\0';
    return check_store(w->store, &o, n);
}

static inline void
world_is_clean(struct world *w)
{
    struct world_findings all;
    struct check_counts n;
    assert_int_equal(world_check(w, false, &n, &all), STORE_OK);
    if (n.faults != 0)
        fail_msg("%s", all.text);
}

#endif
