/* SPDX-License-Identifier: ISC
 *
 * Events of those who look after the store: a case is erased, held letters go; and what follows from erasing: a copy of an
 * erased mail is not taken in, and cases older than their desk keeps them are erased without being asked for.
 */
#include "engine.h"
#include "ticketd/keep.h"

#include <string.h>

#define RETAIN_ROWS 200                 /* looked at in one call */
#define RETAIN_ERASED 20                /* erased in one call */

enum store_rc
apply_erase(struct commit *g, struct engine_event *ev)
{
    struct keep_receipt r;
    struct buf json = { 0 };
    enum store_rc rc = keep_erase_case(g->e->store, g->txn, ev->case_id, g->now, &r);
    if (rc != STORE_OK) {
        ev->why = rc == STORE_NOTFOUND ? "there is no such case" : NULL;
        return rc;
    }
    keep_receipt_json(&r, g->now, &json);
    ev->ok = true;
    ev->answer = arena_strdup(ev->arena, json.data);
    ev->line = arena_printf(ev->arena, "case=%s action=erase why=%s mails=%llu letters=%llu entries=%llu status=ok", r.number,
                            log_value(ev->reason != NULL ? ev->reason : "asked for"), (unsigned long long)r.mails, (unsigned long long)r.letters,
                            (unsigned long long)r.entries);
    buf_free(&json);
    return STORE_OK;
}

enum store_rc
apply_release(struct commit *g, struct engine_event *ev)
{
    uint64_t n;
    enum store_rc rc = keep_release(g->txn, ev->letter_id, ev->drop, g->now, &n);
    ev->ok = rc == STORE_OK;
    ev->letters = n > 0;
    ev->answer = arena_printf(ev->arena, "{\"letters\":%llu,\"dropped\":%s}", (unsigned long long)n, ev->drop ? "true" : "false");
    ev->line = arena_printf(ev->arena, "letter=%llu action=%s letters=%llu status=ok", (unsigned long long)ev->letter_id, ev->drop ? "drop" : "release",
                            (unsigned long long)n);
    return rc;
}

void
engine_erase_keys(struct engine *e)
{
    uint64_t n;
    enum store_rc rc = keep_erase_keys(e->store, &n);
    if (rc != STORE_OK)
        e->driver.log(e->driver.u, LOG_FAIL, "action=erase why=\"a key could not be overwritten\" status=again");
}

/* ---- a copy comes again */

enum store_rc
apply_erased_again(struct commit *g, struct engine_event *ev, bool *was)
{
    const Td__Message *m = ev->message;
    *was = false;
    if (m == NULL || !m->has_digest || m->digest.len != 32)
        return STORE_OK;
    enum store_rc rc = keep_is_erased(g->e->store, g->txn, ev->desk, m->message_id, m->digest.data, was);
    if (rc != STORE_OK || !*was)
        return rc;
    rc = apply_alarm(g, ev, "erased-again", ev->origin->mailbox, NULL, NULL);
    ev->ok = rc == STORE_OK;
    ev->line = arena_printf(ev->arena, "mailbox=%s uid=%llu action=none why=erased-before status=alarm", ev->origin->mailbox,
                            (unsigned long long)ev->origin->uid);
    return rc;
}

/* ---- retention */

/* Closed long enough? */
static bool
retain_over(struct engine *e, struct store_txn *t, uint64_t case_id, int64_t keep_s, int64_t now)
{
    struct arena *a = arena_new(0);
    struct store_key k;
    Td__Case *c;
    table_case(&k, case_id);
    bool over = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c) == STORE_OK && c->state == TD__STATE__CLOSED && c->has_closed_at &&
                c->closed_at <= now - keep_s && now - (c->has_changed_at ? c->changed_at : c->closed_at) >= keep_s;
    arena_free(&a);
    (void)e;
    return over;
}

static void
retain_submit(struct engine *e, uint64_t case_id)
{
    struct engine_event *ev = engine_event_new(ENGINE_ERASE);
    ev->case_id = case_id;
    ev->reason = "retention";
    engine_submit(e, ev);
}

/* A few rows of one desk from where the last call ended; true: that was its last row. */
static bool
retain_some(struct engine *e, const struct conf_desk *desk, int64_t now)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    struct store_txn *t;
    unsigned rows = 0, erased = 0;
    bool end = true;
    if (store_begin(e->store, NULL, false, &t) != STORE_OK)
        return true;
    table_state_prefix(e->store, &prefix, desk->name);
    if (store_cursor_open(t, STORE_BY_STATE, &prefix, e->retain_at.len > 0 ? &e->retain_at : NULL, false, &c) == STORE_OK) {
        while (store_cursor_next(c, &k)) {
            if (rows++ == RETAIN_ROWS || erased == RETAIN_ERASED) {
                e->retain_at = k;
                end = false;
                break;
            }
            if (table_state_state(&k) == TD__STATE__CLOSED && retain_over(e, t, table_state_case(&k), desk->retain_s, now)) {
                retain_submit(e, table_state_case(&k));
                erased++;
            }
        }
        store_cursor_close(&c);
    }
    store_abort(&t);
    return end;
}

void
engine_retain(struct engine *e, int64_t now)
{
    if (e->retain_day == now / 86400 || e->trouble != NULL)
        return;
    if (e->retain_desk < e->conf->n_desks) {
        const struct conf_desk *desk = &e->conf->desks[e->retain_desk];
        if (desk->retain_s > 0 && !retain_some(e, desk, now))
            return;
        e->retain_at.len = 0;
        e->retain_desk++;
        return;
    }
    e->retain_desk = 0;
    e->retain_day = now / 86400;
}
