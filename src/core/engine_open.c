/* SPDX-License-Identifier: ISC
 *
 * The engine's beginning and end, a new policy, and the look-ups that drivers make outside a group.
 */
#include "engine.h"
#include "ticketd/role.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUDGET_HOURS 49                 /* budgets look back a day; one more for clocks that step */

static enum store_rc
read_begin(struct engine *e, struct store_txn **t)
{
    return store_begin(e->store, NULL, false, t);
}

static void
suspect_read(struct engine *e, struct store_txn *t, struct arena *a)
{
    struct store_key k;
    Td__Mark *m;
    table_mark(&k);
    if (store_get(t, STORE_META, &k, a, &td__mark__descriptor, &m) != STORE_OK)
        return;
    size_t n = utf8_clip(m->what, sizeof e->suspect - 1);
    memcpy(e->suspect, m->what, n);
    e->suspect_tries = m->tries;
}

static bool
meta_load(struct engine *e, const char **error)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Meta *m;
    enum store_rc rc = read_begin(e, &t);
    if (rc == STORE_OK)
        rc = store_meta_get(t, a, &m);
    if (rc == STORE_OK) {
        e->meta = *m;
        memcpy(e->naming, m->naming_key.data, sizeof e->naming);
        e->meta.naming_key.data = e->naming;
        e->meta.base.n_unknown_fields = 0;      /* they lie in the arena */
        e->meta.base.unknown_fields = NULL;
        e->careful = !m->clean;
        e->careful_left = e->careful ? ENGINE_CAREFUL : 0;
        if (e->careful)
            suspect_read(e, t, a);
    }
    store_abort(&t);
    arena_free(&a);
    *error = rc == STORE_OK ? NULL : store_rc_name(rc);
    return rc == STORE_OK;
}

struct engine *
engine_new(const struct conf *conf, const struct desk *desk, struct store *store, const struct engine_driver *d, int64_t now,
           const char **error)
{
    struct engine *e = mem_alloc(sizeof *e);
    unsigned swept = 0;
    e->conf = conf;
    e->desk = desk;
    e->store = store;
    e->driver = *d;
    e->last = &e->first;
    if (!meta_load(e, error)) {
        free(e);
        return NULL;
    }
    store_reader_check(store);
    (void)store_bulk_sweep(store, &swept);
    if (e->careful)
        d->log(d->u, LOG_WARN, "action=start why=unclean-end status=careful-mode");
    engine_erase_keys(e);
    (void)engine_probe(e, now);         /* from here on an end is an unclean one, also over the very first event */
    engine_reload(e, conf, desk, now);
    standing_count(e);
    return e;
}

void
engine_free(struct engine **ep)
{
    struct engine *e = *ep;
    if (e == NULL)
        return;
    engine_retry(e);
    while (e->first != NULL) {
        struct engine_event *ev = e->first;
        e->first = ev->next;
        engine_event_free(&ev);
    }
    sodium_memzero(e->naming, sizeof e->naming);
    free(e);
    *ep = NULL;
}

void
engine_shutdown(struct engine *e, int64_t now)
{
    struct store_txn *t;
    struct store_key k;
    (void)now;
    if (store_begin(e->store, NULL, true, &t) != STORE_OK)
        return;
    Td__Meta m = e->meta;
    m.clean = true;
    table_mark(&k);
    (void)store_delete(t, STORE_META, &k);
    if (store_meta_put(t, &m) == STORE_OK && store_commit(&t) == STORE_OK)
        e->meta = m;
    store_abort(&t);
}

/* ---- a new policy */

/* The place in the order of work is a function of the case and the policy: under another policy the row moves. */
static enum store_rc
order_move(struct commit *g, const struct store_key *was, const Td__Case *c)
{
    struct store_key k;
    table_state(g->e->store, &k, c, desk_order(g->e->desk, c));
    if (k.len == was->len && memcmp(k.bytes, was->bytes, k.len) == 0)
        return STORE_OK;
    enum store_rc rc = store_delete(g->txn, STORE_BY_STATE, was);
    return rc == STORE_OK ? store_put_empty(g->txn, STORE_BY_STATE, &k) : rc;
}

#define GONE_LINES_MAX 50               /* cases that the alarm names; of more it says how many */

struct gone { struct arena *arena; const char **v; size_t n; uint64_t all; };

static void
gone_note(struct gone *gone, const char *line)
{
    if (line == NULL)
        return;
    gone->all++;
    if (gone->n < GONE_LINES_MAX)
        arena_push(gone->arena, &gone->v, &gone->n, arena_strdup(gone->arena, line));
}

/* One letter about all cases of the desk that named what is no more. */
static enum store_rc
gone_tell(struct engine *e, const struct conf_desk *desk, struct gone *gone, int64_t now)
{
    struct commit g = { .e = e, .now = now, .meta = e->meta, .arena = gone->arena };
    struct desk_event de = { .kind = DESK_EVENT_ALARM, .desk = desk, .text = "reload", .lines = gone->v, .n_lines = gone->n };
    struct decision d;
    de.one = arena_printf(gone->arena, "%llu", (unsigned long long)gone->all);
    if (gone->all > gone->n)
        de.two = arena_printf(gone->arena, "%llu", (unsigned long long)(gone->all - gone->n));
    enum store_rc rc = store_begin(e->store, NULL, true, &g.txn);
    if (rc == STORE_OK)
        rc = decision_make(&g, &de, &d);
    if (rc == STORE_OK)
        rc = store_meta_put(g.txn, &g.meta);
    if (rc == STORE_OK)
        rc = store_commit(&g.txn);
    if (rc == STORE_OK)
        e->meta = g.meta;
    store_abort(&g.txn);
    return rc;
}

static enum store_rc
recompute_one(struct commit *g, const struct store_key *row, struct gone *gone)
{
    Td__Case *before;
    struct decision d;
    enum store_rc rc = case_get(g, table_state_case(row), &before);
    if (rc == STORE_OK)
        rc = order_move(g, row, before);
    struct store_key k;
    if (rc == STORE_OK && table_assignee(g->e->store, &k, before))      /* a store from before there were such rows */
        rc = store_put_empty(g->txn, STORE_BY_SENDER, &k);
    if (rc != STORE_OK)
        return fact_missing(rc) ? STORE_OK : rc;
    struct desk_event de = { .kind = DESK_EVENT_RELOAD, .desk = conf_desk_find(g->e->conf, before->desk), .case_id = before->id };
    if (de.desk == NULL)
        return STORE_OK;
    rc = decision_make(g, &de, &d);
    if (rc == STORE_OK)
        gone_note(gone, d.gone);
    return rc;
}

/* Open cases of every desk, a bounded number a transaction. */
static enum store_rc
recompute_all(struct engine *e, const struct conf_desk *desk, int64_t now)
{
    struct gone gone = { .arena = arena_new(0) };
    struct store_key prefix, from, k;
    bool more = true;
    enum store_rc rc = STORE_OK;
    table_state_prefix(e->store, &prefix, desk->name);
    from = prefix;
    while (more && rc == STORE_OK) {
        struct commit g = { .e = e, .now = now, .meta = e->meta, .arena = arena_new(0) };
        struct store_cursor *c = NULL;
        rc = store_begin(e->store, NULL, true, &g.txn);
        if (rc == STORE_OK)
            rc = store_cursor_open(g.txn, STORE_BY_STATE, &prefix, &from, false, &c);
        more = false;
        for (unsigned n = 0; rc == STORE_OK && store_cursor_next(c, &k); n++) {
            if (n == ENGINE_GROUP_MAX) {
                from = k;
                more = true;
                break;
            }
            if (table_state_state(&k) != TD__STATE__CLOSED)
                rc = recompute_one(&g, &k, &gone);
        }
        if (rc == STORE_OK)
            rc = store_cursor_rc(c);
        store_cursor_close(&c);
        if (rc == STORE_OK)
            rc = store_meta_put(g.txn, &g.meta);
        if (rc == STORE_OK)
            rc = store_commit(&g.txn);
        if (rc == STORE_OK)
            e->meta = g.meta;
        store_abort(&g.txn);
        arena_free(&g.arena);
    }
    if (gone.all > 0 && rc == STORE_OK)
        rc = gone_tell(e, desk, &gone, now);
    arena_free(&gone.arena);
    return rc;
}

/* One of the staff, or the desk itself. */
static enum store_rc
person_reload(struct engine *e, const struct conf_desk *desk, const char *addr, int64_t now)
{
    struct commit g = { .e = e, .now = now, .meta = e->meta, .arena = arena_new(0) };
    struct desk_event de = { .kind = DESK_EVENT_PERSON, .desk = desk, .person = addr, .clock = DESK_PERSON_RELOAD };
    struct decision d;
    enum store_rc rc = store_begin(e->store, NULL, true, &g.txn);
    if (rc == STORE_OK)
        rc = decision_make(&g, &de, &d);
    if (rc == STORE_OK && d.n_persons > 0) {
        rc = store_meta_put(g.txn, &g.meta);
        if (rc == STORE_OK)
            rc = store_commit(&g.txn);
        if (rc == STORE_OK)
            e->meta = g.meta;
    }
    store_abort(&g.txn);
    arena_free(&g.arena);
    return rc;
}

void
engine_people(struct engine *e, int64_t now)
{
    for (size_t i = 0; i < e->conf->n_desks; i++)
        for (size_t k = 0; k < e->conf->desks[i].staff.n; k++) {
            enum store_rc rc = person_reload(e, &e->conf->desks[i], e->conf->desks[i].staff.v[k], now);
            if (rc != STORE_OK)
                e->driver.log(e->driver.u, LOG_FAIL, store_rc_name(rc));
        }
}

void
engine_reload(struct engine *e, const struct conf *conf, const struct desk *desk, int64_t now)
{
    e->conf = conf;
    e->desk = desk;
    for (size_t i = 0; i < conf->n_desks; i++) {
        enum store_rc rc = recompute_all(e, &conf->desks[i], now);
        if (rc != STORE_OK)
            e->driver.log(e->driver.u, LOG_FAIL, store_rc_name(rc));
    }
    if (now > 0)                        /* the simulator's clock begins with its first mail */
        engine_people(e, now);
}

/* ---- look-ups */

static int64_t
first_due(struct store_txn *t, enum store_table tab)
{
    struct store_cursor *c;
    struct store_key k;
    int64_t due = INT64_MAX;
    if (store_cursor_open(t, tab, NULL, NULL, false, &c) != STORE_OK)
        return due;
    if (store_cursor_next(c, &k))
        due = store_key_read_i64(&k, 0);
    store_cursor_close(&c);
    return due;
}

int64_t
engine_next_due(struct engine *e)
{
    struct store_txn *t;
    if (read_begin(e, &t) != STORE_OK)
        return INT64_MAX;
    int64_t timer = first_due(t, STORE_TIMERS), letter = first_due(t, STORE_OUTBOX);
    store_abort(&t);
    return timer < letter ? timer : letter;
}

enum store_rc
engine_outbox_walk(struct engine *e, int64_t now, bool (*each)(void *u, const struct engine_outgoing *o), void *u)
{
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k;
    enum store_rc rc = read_begin(e, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_OUTBOX, NULL, NULL, false, &c);
    bool go = true;
    while (rc == STORE_OK && go && store_cursor_next(c, &k)) {
        struct engine_outgoing o = { 0 };
        table_outbox_read(&k, &o.next_at, &o.letter_id, &o.recipient);
        if (o.next_at > now)
            break;
        struct arena *a = arena_new(0);
        Td__Outgoing *row;
        rc = store_cursor_get(c, a, &td__outgoing__descriptor, &row);
        if (rc == STORE_OK) {
            o.row = row;
            go = each(u, &o);
        }
        arena_free(&a);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    if (rc != STORE_OK)
        e->trouble = store_rc_name(rc);
    store_cursor_close(&c);
    store_abort(&t);
    return rc;
}

static enum store_rc
get_one(struct engine *e, enum store_table tab, const struct store_key *k, struct arena *a, const ProtobufCMessageDescriptor *what, void *out)
{
    struct store_txn *t;
    enum store_rc rc = read_begin(e, &t);
    if (rc == STORE_OK)
        rc = store_get(t, tab, k, a, what, out);
    store_abort(&t);
    return rc;
}

enum store_rc
engine_letter(struct engine *e, uint64_t letter_id, struct arena *a, Td__Letter **out)
{
    struct store_key k;
    table_letter(&k, letter_id, 0);
    return get_one(e, STORE_LETTERS, &k, a, &td__letter__descriptor, out);
}

enum store_rc
engine_fate(struct engine *e, const char *mailbox, uint32_t uidvalidity, uint64_t uid, struct arena *a, Td__Fate **out)
{
    struct store_key k;
    table_ledger(e->store, &k, mailbox, uidvalidity, uid);
    return get_one(e, STORE_LEDGER, &k, a, &td__fate__descriptor, out);
}

enum store_rc
engine_mailbox(struct engine *e, const char *mailbox, struct arena *a, Td__Mailbox **out)
{
    struct store_key k;
    table_mailbox(e->store, &k, mailbox);
    return get_one(e, STORE_LEDGER, &k, a, &td__mailbox__descriptor, out);
}

enum store_rc
engine_secret(struct engine *e, const char *name, struct arena *a, Td__Secret **out)
{
    struct store_key k;
    table_secret(e->store, &k, name);
    return get_one(e, STORE_META, &k, a, &td__secret__descriptor, out);
}

static int
take_to_fd(void *u, const uint8_t *bytes, size_t len)
{
    return full_write(*(int *)u, bytes, len);
}

static enum store_rc
bulk_fd(struct engine *e, const char *name, enum store_table tab, uint64_t id, uint32_t chunks, int *fd)
{
    struct store_txn *t;
    *fd = memfd_make(name);
    enum store_rc rc = *fd < 0 ? STORE_IO : read_begin(e, &t);
    if (rc == STORE_OK) {
        rc = store_bulk_read(t, tab, id, chunks, take_to_fd, fd);
        store_abort(&t);
    }
    if (rc == STORE_OK && memfd_seal(*fd) != 0)
        rc = STORE_IO;
    if (rc != STORE_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return rc;
}

enum store_rc
engine_letter_bytes(struct engine *e, const Td__Letter *l, int *fd)
{
    return bulk_fd(e, "letter", STORE_LETTERS, l->id, l->chunks, fd);
}

enum store_rc
engine_mail_bytes(struct engine *e, uint64_t mail_id, int *fd)
{
    struct arena *a = arena_new(0);
    struct store_key k;
    Td__MailRecord *m;
    table_mail(&k, mail_id, 0);
    enum store_rc rc = get_one(e, STORE_MAILS, &k, a, &td__mail_record__descriptor, &m);
    *fd = -1;
    if (rc == STORE_OK)
        rc = bulk_fd(e, "mail", STORE_MAILS, mail_id, m->chunks, fd);
    arena_free(&a);
    return rc;
}

void
engine_relay_size(struct engine *e, const char *relay, uint64_t size)
{
    size_t i = 0;
    while (i < e->n_sizes && strcmp(e->sizes[i].relay, relay) != 0)
        i++;
    if (i == ENGINE_RELAYS_KEPT || strlen(relay) >= sizeof e->sizes[i].relay)
        return;
    strcpy(e->sizes[i].relay, relay);
    e->sizes[i].size = size;
    e->n_sizes += i == e->n_sizes;
}

unsigned
engine_mail_tries(struct engine *e, const uint8_t *bytes, size_t len, bool add)
{
    uint8_t digest[32];
    struct store_key k;
    Td__Mark *m;
    struct arena *a = arena_new(0);
    unsigned tries = 0;
    crypto_generichash(digest, sizeof digest, bytes, len, NULL, 0);
    table_try(&k, digest);
    if (get_one(e, STORE_META, &k, a, &td__mark__descriptor, &m) == STORE_OK)
        tries = m->tries;
    if (add) {
        struct store_txn *t;
        Td__Mark mark = TD__MARK__INIT;
        mark.what = (char *)"parse";
        mark.tries = ++tries;
        if (store_begin(e->store, NULL, true, &t) == STORE_OK) {
            if (store_put(t, STORE_META, &k, 0, &mark) == STORE_OK)
                (void)store_commit(&t);
            store_abort(&t);
        }
    }
    arena_free(&a);
    return tries;
}

/* Once an hour: budgets of the day before yesterday are forgotten. */
void
engine_sweep(struct engine *e, int64_t now)
{
    int64_t hour = now / 3600;
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k;
    if (hour == e->swept_hour)
        return;
    e->swept_hour = hour;
    engine_erase_keys(e);
    if (store_begin(e->store, NULL, true, &t) != STORE_OK)
        return;
    if (store_cursor_open(t, STORE_BUDGETS, NULL, NULL, false, &c) == STORE_OK)
        while (store_cursor_next(c, &k))
            if (table_budget_hour(&k) < hour - BUDGET_HOURS)
                (void)store_delete(t, STORE_BUDGETS, &k);
    store_cursor_close(&c);
    (void)store_commit(&t);
    store_abort(&t);
}
