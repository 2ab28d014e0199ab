/* SPDX-License-Identifier: ISC
 *
 * The queue and the commit. All events that are ready share one durable transaction, each nested in it; when the store
 * says no, the group is aborted and its events are replayed one by one, so that one bad event costs no other its place.
 * After an unclean end: careful mode, one event a commit, marked before it is tried; what ends core twice is set aside.
 * Only after the commit does anybody outside hear of anything.
 */
#include "engine.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CAREFUL_TRIES 2

static enum store_rc (*const apply[])(struct commit *, struct engine_event *) = {
    [ENGINE_MAIL] = apply_mail,       [ENGINE_TIMER] = apply_timer,     [ENGINE_COMPOSED] = apply_composed, [ENGINE_OUTCOME] = apply_outcome,
    [ENGINE_SETTLED] = apply_settled, [ENGINE_MAILBOX] = apply_mailbox, [ENGINE_ASIDE] = apply_aside,       [ENGINE_SECRET] = apply_secret,
    [ENGINE_OPERATOR] = apply_operator,
    [ENGINE_ERASE] = apply_erase,     [ENGINE_RELEASE] = apply_release,
};

struct engine_event *
engine_event_new(enum engine_kind kind)
{
    struct arena *a = arena_new(0);
    struct engine_event *ev = arena_alloc(a, sizeof *ev);
    ev->arena = a;
    ev->kind = kind;
    return ev;
}

void
engine_event_free(struct engine_event **evp)
{
    if (*evp == NULL)
        return;
    struct arena *a = (*evp)->arena;
    store_bulk_free(&(*evp)->bulk);
    *evp = NULL;
    arena_free(&a);
}

void
engine_submit(struct engine *e, struct engine_event *ev)
{
    ev->next = NULL;
    *e->last = ev;
    e->last = &ev->next;
    e->queued++;
}

bool
engine_busy(const struct engine *e)
{
    return e->queued > 0;
}

static struct engine_event *
queue_take(struct engine *e)
{
    struct engine_event *ev = e->first;
    if (ev != NULL) {
        e->first = ev->next;
        if (e->first == NULL)
            e->last = &e->first;
        ev->next = NULL;
        e->queued--;
    }
    return ev;
}

/* ---- one transaction */

static enum store_rc
group_begin(struct engine *e, int64_t now, struct commit *g)
{
    memset(g, 0, sizeof *g);
    g->e = e;
    g->now = now;
    g->meta = e->meta;
    g->standing = e->standing;
    g->arena = arena_new(0);
    enum store_rc rc = store_slots_reserve(e->store, e->meta.next_slot + 2 * ENGINE_GROUP_MAX);
    return rc == STORE_OK ? store_begin(e->store, NULL, true, &g->txn) : rc;
}

static enum store_rc
group_end(struct commit *g, enum store_rc rc)
{
    if (rc == STORE_OK) {
        g->meta.has_last_at = true;
        g->meta.last_at = g->now;
        g->meta.clean = false;
        rc = store_meta_put(g->txn, &g->meta);
    }
    if (rc == STORE_OK)
        rc = store_commit(&g->txn);
    store_abort(&g->txn);
    if (rc == STORE_OK) {
        g->e->meta = g->meta;
        g->e->standing = g->standing;
        g->e->commits++;
    }
    arena_free(&g->arena);
    return rc;
}

static void
event_reset(struct engine_event *ev)
{
    ev->ok = ev->letters = false;
    ev->why = ev->line = NULL;
    if (ev->bulk == NULL)
        ev->mail_id = ev->slot = 0;             /* given again by the transaction that counts */
}

static void
trouble_set(struct engine *e, enum store_rc rc)
{
    e->trouble_rc = rc;
    e->trouble = rc == STORE_OK ? NULL : store_rc_name(rc);
}

/* One event, nested in the group's transaction. */
static enum store_rc
event_apply(struct commit *g, struct engine_event *ev)
{
    struct store_txn *outer = g->txn;
    Td__Meta meta = g->meta;
    struct standing standing = g->standing;
    event_reset(ev);
    enum store_rc rc = store_begin(g->e->store, outer, true, &g->txn);
    if (rc == STORE_OK)
        rc = apply[ev->kind](g, ev);
    if (rc == STORE_OK)
        rc = store_commit(&g->txn);
    if (rc != STORE_OK) {
        store_abort(&g->txn);
        g->meta = meta;
        g->standing = standing;
    }
    g->txn = outer;
    return rc;
}

static void
event_failed(struct engine_event *ev, enum store_rc rc)
{
    ev->ok = false;
    ev->line = NULL;
    if (ev->why == NULL)
        ev->why = store_rc_name(rc);
}

/* An event that only itself concerns (a row that does not open, a desk that is gone) must not stop the others. */
static bool
concerns_all(enum store_rc rc)
{
    return rc == STORE_FULL || rc == STORE_IO;
}

/* What a worker said of a mail may be more than a record can hold. The mail is kept all the same, as one that nobody read. */
static bool
mail_reduce(struct engine_event *ev, enum store_rc rc)
{
    if (ev->kind != ENGINE_MAIL || rc != STORE_REFUSED || ev->why != NULL || (ev->message->has_unparsed && ev->message->unparsed))
        return false;
    ev->message = message_unparsed(NULL, ev->bytes, ev->len, "what the parser said of this mail cannot be stored", ev->arena);
    return true;
}

static enum store_rc
mark_delete(struct commit *g)
{
    struct store_key k;
    table_mark(&k);
    enum store_rc rc = store_delete(g->txn, STORE_META, &k);
    return rc == STORE_NOTFOUND ? STORE_OK : rc;
}

static enum store_rc
group_try(struct engine *e, struct engine_event *list, int64_t now)
{
    struct commit g;
    enum store_rc rc = group_begin(e, now, &g);
    for (struct engine_event *ev = list; ev != NULL && rc == STORE_OK; ev = ev->next) {
        enum store_rc one = event_apply(&g, ev);
        if (mail_reduce(ev, one))
            one = event_apply(&g, ev);
        if (concerns_all(one))
            rc = one;
        else if (one != STORE_OK)
            event_failed(ev, one);
    }
    if (rc == STORE_OK && e->marked)
        rc = mark_delete(&g);
    return group_end(&g, rc);
}

static void
group_one_by_one(struct engine *e, struct engine_event *list, int64_t now)
{
    for (struct engine_event *ev = list; ev != NULL; ev = ev->next) {
        struct engine_event *rest = ev->next;
        ev->next = NULL;
        enum store_rc rc = group_try(e, ev, now);
        if (rc == STORE_FULL && store_grow(e->store) == STORE_OK)
            rc = group_try(e, ev, now);
        if (rc != STORE_OK) {
            event_failed(ev, rc);
            trouble_set(e, rc);
        }
        ev->next = rest;
    }
}

static void
group_run(struct engine *e, struct engine_event *list, int64_t now)
{
    enum store_rc rc = group_try(e, list, now);
    if (rc == STORE_OK) {
        trouble_set(e, STORE_OK);
        return;
    }
    e->driver.log(e->driver.u, LOG_FAIL, arena_printf(list->arena, "action=commit why=%s status=one-by-one", store_rc_name(rc)));
    group_one_by_one(e, list, now);
}

/* ---- careful mode */

static void
event_name(const struct engine_event *ev, char out[96])
{
    struct arena *a = arena_new(0);
    uint8_t digest[16];
    char hex[33];
    const char *name;
    if (ev->kind == ENGINE_MAIL) {
        crypto_generichash(digest, sizeof digest, ev->bytes, ev->len, NULL, 0);
        hex_encode(digest, sizeof digest, hex);
        name = arena_printf(a, "mail %s", hex);
    } else {
        name = arena_printf(a, "event %d %llu %llu %lld %lld %u %s", (int)ev->kind, (unsigned long long)ev->case_id,
                            (unsigned long long)ev->letter_id, (long long)ev->due_at, (long long)ev->next_at, ev->step + ev->recipient,
                            ev->clock != NULL ? ev->clock : "");
    }
    size_t n = utf8_clip(name, 95);
    memcpy(out, name, n);
    out[n] = '\0';
    arena_free(&a);
}

static enum store_rc
mark_put(struct engine *e, const char *what, uint32_t tries, int64_t now)
{
    struct commit g;
    struct store_key k;
    Td__Mark m = TD__MARK__INIT;
    enum store_rc rc = group_begin(e, now, &g);
    m.what = (char *)what;
    m.tries = tries;
    table_mark(&k);
    if (rc == STORE_OK)
        rc = store_put(g.txn, STORE_META, &k, 0, &m);
    return group_end(&g, rc);
}

/* The row that made the event: left where it is, it would make it again. */
static enum store_rc
aside_row(struct commit *g, struct engine_event *ev)
{
    struct store_key k;
    enum store_rc rc = STORE_OK;
    if (ev->kind == ENGINE_ERASE || ev->kind == ENGINE_RELEASE)         /* who asked is told that it was not done */
        return STORE_REFUSED;
    if (ev->kind == ENGINE_TIMER) {
        table_timer(g->e->store, &k, ev->due_at, ev->case_id, ev->clock, ev->step);
        rc = store_delete(g->txn, STORE_TIMERS, &k);
    } else if (ev->kind == ENGINE_OUTCOME) {
        table_outbox(&k, ev->next_at, ev->letter_id, ev->recipient);
        rc = store_delete(g->txn, STORE_OUTBOX, &k);
    }
    if (rc != STORE_OK && rc != STORE_NOTFOUND)
        return rc;
    ev->ok = true;
    ev->line = arena_printf(ev->arena, "case-id=%llu letter=%llu action=set-aside why=\"it ended core twice\" status=alarm",
                            (unsigned long long)ev->case_id, (unsigned long long)ev->letter_id);
    return STORE_OK;
}

/* What has ended core twice does not get a third chance: a mail is kept raw, anything else is dropped with an alarm. */
static void
careful_aside(struct engine *e, struct engine_event *ev, int64_t now)
{
    struct commit g;
    enum store_rc rc = group_begin(e, now, &g);
    event_reset(ev);
    if (rc == STORE_OK)
        rc = ev->kind == ENGINE_MAIL ? apply_mail_aside(&g, ev, "it ended core twice") : aside_row(&g, ev);
    rc = group_end(&g, rc);
    if (rc != STORE_OK)
        event_failed(ev, rc);
}

static void
careful_run(struct engine *e, struct engine_event *ev, int64_t now)
{
    char name[96];
    event_name(ev, name);
    bool again = strcmp(name, e->suspect) == 0;
    if (again && e->suspect_tries >= CAREFUL_TRIES)
        careful_aside(e, ev, now);
    else if (mark_put(e, name, again ? e->suspect_tries + 1 : 1, now) == STORE_OK) {
        e->marked = true;                       /* one that goes well was never a suspect: the mark falls in its own commit */
        group_run(e, ev, now);
        e->marked = false;
    } else
        event_failed(ev, STORE_IO);
    if (again)
        e->suspect[0] = '\0';
    if (e->careful_left > 0 && --e->careful_left == 0) {
        e->careful = false;
        e->driver.log(e->driver.u, LOG_NOTE, "action=careful-mode status=ended");
    }
}

/* ---- large mails: written ahead, one step a turn, under an id that nothing names yet */

static bool
wants_step(const struct engine_event *ev)
{
    return ev->kind == ENGINE_MAIL && ev->len - ev->written > STORE_BULK_STEP;
}

static enum store_rc
step_write(struct engine *e, struct engine_event *ev, int64_t now)
{
    struct commit g;
    enum store_rc rc = group_begin(e, now, &g);
    bool first = ev->bulk == NULL;
    if (rc == STORE_OK && first) {
        ev->mail_id = g.meta.next_mail++;
        ev->slot = g.meta.next_slot++;
        ev->bulk = store_bulk_new(e->store, STORE_MAILS, ev->mail_id, ev->slot);
        rc = store_bulk_note(g.txn, STORE_MAILS, ev->mail_id);
    }
    if (rc == STORE_OK)
        rc = store_bulk_write(ev->bulk, g.txn, ev->bytes + ev->written, STORE_BULK_STEP, false);
    rc = group_end(&g, rc);
    if (rc == STORE_OK)
        ev->written += STORE_BULK_STEP;
    else if (first) {                           /* nobody was told of these numbers: another mail will get them */
        store_bulk_free(&ev->bulk);
        ev->mail_id = ev->slot = 0;
    }
    return rc;
}

/* What happened in the world and cannot be asked for again must get its record: it waits for engine_retry(). */
static bool
must_not_be_forgotten(const struct engine_event *ev)
{
    return ev->kind == ENGINE_OUTCOME || ev->kind == ENGINE_SECRET;
}

void
engine_retry(struct engine *e)
{
    while (e->failed != NULL) {
        struct engine_event *ev = e->failed;
        e->failed = ev->next;
        engine_submit(e, ev);
    }
}

static void
finish(struct engine *e, struct engine_event *ev)
{
    if (!ev->ok && must_not_be_forgotten(ev)) {
        if (!ev->again)
            e->driver.log(e->driver.u, LOG_FAIL, arena_printf(ev->arena, "action=record why=%s status=again", log_value(ev->why)));
        ev->again = true;
        ev->next = e->failed;
        e->failed = ev;
        return;
    }
    if (ev->kind == ENGINE_ERASE && ev->ok)
        engine_erase_keys(e);
    if (ev->ok && ev->line != NULL)
        e->driver.log(e->driver.u, strstr(ev->line, "status=alarm") != NULL ? LOG_ALARM : LOG_NOTE, ev->line);
    e->events++;
    e->timers -= ev->kind == ENGINE_TIMER;
    e->driver.done(e->driver.u, ev);
    engine_event_free(&ev);
}

/* Timers that are due become events of this turn. */
static void
timers_take(struct engine *e, int64_t now)
{
    struct store_txn *t;
    struct store_cursor *c;
    struct store_key k;
    if (e->timers > 0 || store_begin(e->store, NULL, false, &t) != STORE_OK)
        return;
    if (store_cursor_open(t, STORE_TIMERS, NULL, NULL, false, &c) == STORE_OK) {
        for (unsigned n = 0; n < ENGINE_TIMERS_MAX && store_cursor_next(c, &k) && store_key_read_i64(&k, 0) <= now; n++) {
            struct engine_event *ev = engine_event_new(ENGINE_TIMER);
            Td__Timer *row;
            table_timer_read(&k, &ev->due_at, &ev->case_id, &ev->step);
            if (store_cursor_get(c, ev->arena, &td__timer__descriptor, &row) == STORE_OK) {
                ev->clock = row->clock;
                engine_submit(e, ev);
                e->timers++;
            } else {
                engine_event_free(&ev);
            }
        }
        store_cursor_close(&c);
    }
    store_abort(&t);
}

size_t
engine_run(struct engine *e, int64_t now)
{
    struct engine_event *list = NULL, **end = &list, *ev;
    struct engine_event *later = NULL, **later_end = &later;
    size_t n = 0, bytes = 0, queued, most = e->careful ? ENGINE_CAREFUL_RUN : ENGINE_GROUP_MAX;
    timers_take(e, now);
    queued = e->queued;
    while (queued-- > 0 && n < most && bytes < ENGINE_GROUP_BYTES) {
        ev = queue_take(e);
        enum store_rc rc = STORE_OK;
        if (wants_step(ev)) {
            rc = step_write(e, ev, now);
            if (rc == STORE_FULL && store_grow(e->store) == STORE_OK)
                rc = STORE_OK;                  /* the next turn tries again */
            if (rc == STORE_OK) {
                *later_end = ev;
                later_end = &ev->next;
                continue;
            }
            event_failed(ev, rc);
            finish(e, ev);
            continue;
        }
        if (e->careful) {
            careful_run(e, ev, now);
            n++;
            finish(e, ev);
            continue;
        }
        *end = ev;
        end = &ev->next;
        bytes += ev->kind == ENGINE_MAIL ? ev->len : 0;
        n++;
    }
    if (list != NULL)
        group_run(e, list, now);
    while ((ev = list) != NULL) {
        list = ev->next;
        finish(e, ev);
    }
    while ((ev = later) != NULL) {
        later = ev->next;
        engine_submit(e, ev);
    }
    return n;
}

bool
engine_probe(struct engine *e, int64_t now)
{
    trouble_set(e, group_try(e, NULL, now));
    return e->trouble == NULL;
}

void
engine_last(struct engine *e, int64_t now)
{
    struct engine_event *list = NULL, **end = &list, *ev;
    engine_retry(e);
    while ((ev = queue_take(e)) != NULL) {
        if (ev->kind == ENGINE_MAIL || ev->kind == ENGINE_TIMER || ev->kind == ENGINE_COMPOSED) {
            ev->ok = false;
            ev->why = "shutting down";
            finish(e, ev);
            continue;
        }
        *end = ev;
        end = &ev->next;
    }
    if (list != NULL)
        group_run(e, list, now);
    while ((ev = list) != NULL) {
        list = ev->next;
        finish(e, ev);
    }
}
