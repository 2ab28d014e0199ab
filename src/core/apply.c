/* SPDX-License-Identifier: ISC
 *
 * Events that are not mails: a timer fires, a source was told, a mailbox was seen, a token rotated, a mail is set aside.
 */
#include "engine.h"

#include <string.h>

/* Where no desk stands for a case any more, or the case cannot be read, its timers wait an hour at a time. */
static enum store_rc
timer_postpone(struct commit *g, struct engine_event *ev, const char *why)
{
    Td__Timer t = TD__TIMER__INIT;
    struct store_key k;
    t.clock = (char *)ev->clock;
    table_timer(g->e->store, &k, g->now + 3600, ev->case_id, ev->clock, ev->step);
    ev->line = arena_printf(ev->arena, "case_id=%llu clock=%s action=postpone why=%s status=alarm", (unsigned long long)ev->case_id,
                            ev->clock, log_value(why));
    return store_put(g->txn, STORE_TIMERS, &k, 0, &t);
}

static enum store_rc
timer_decide(struct commit *g, struct engine_event *ev, const struct conf_desk *desk)
{
    struct desk_event de = { .kind = DESK_EVENT_TIMER, .desk = desk, .case_id = ev->case_id, .clock = ev->clock, .step = ev->step,
                             .due_at = ev->due_at };
    struct decision d;
    enum store_rc rc = decision_make(g, &de, &d);
    if (rc == STORE_OK && d.n_cases > 0) {
        ev->letters = d.n_letters > 0;
        ev->case_number = arena_strdup(ev->arena, d.cases[0].after->number);
        ev->line = arena_printf(ev->arena, "case=%s clock=%s step=%u %s status=ok", ev->case_number, ev->clock, ev->step,
                                d.told != NULL ? d.told : "action=none");
    }
    return rc;
}

/* Of a person, no case. Where desk or person are gone there is nobody to do it for. */
static enum store_rc
timer_person(struct commit *g, struct engine_event *ev)
{
    const char *what, *name, *addr;
    struct decision d;
    if (!desk_person_clock(ev->clock, ev->arena, &what, &name, &addr))
        return STORE_OK;
    const struct conf_desk *desk = conf_desk_find(g->e->conf, name);
    if (desk == NULL)
        return STORE_OK;
    struct desk_event de = { .kind = DESK_EVENT_PERSON, .desk = desk, .person = addr, .clock = what, .due_at = ev->due_at };
    enum store_rc rc = decision_make(g, &de, &d);
    if (rc == STORE_OK && d.n_letters > 0) {
        ev->letters = true;
        ev->line = arena_printf(ev->arena, "desk=%s %s status=ok", desk->name, d.told);
    }
    return rc;
}

enum store_rc
apply_timer(struct commit *g, struct engine_event *ev)
{
    struct store_key k;
    Td__Case *c;
    table_timer(g->e->store, &k, ev->due_at, ev->case_id, ev->clock, ev->step);
    enum store_rc rc = store_delete(g->txn, STORE_TIMERS, &k);
    ev->ok = rc == STORE_OK || rc == STORE_NOTFOUND;
    if (rc != STORE_OK)                         /* taken by an earlier event of this group */
        return rc == STORE_NOTFOUND ? STORE_OK : rc;
    if (ev->case_id == 0)
        return timer_person(g, ev);
    rc = case_get(g, ev->case_id, &c);
    if (rc == STORE_DAMAGED)
        return timer_postpone(g, ev, store_rc_name(rc));
    if (rc != STORE_OK)
        return fact_missing(rc) ? STORE_OK : rc;
    const struct conf_desk *desk = conf_desk_find(g->e->conf, c->desk);
    return desk == NULL ? timer_postpone(g, ev, "its desk is no longer configured") : timer_decide(g, ev, desk);
}

enum store_rc
outbox_drop(struct commit *g, uint64_t letter_id)
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(g->txn, STORE_OUTBOX, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        if (letter == letter_id)
            rc = store_delete(g->txn, STORE_OUTBOX, &k);
    }
    store_cursor_close(&c);
    return rc;
}

enum store_rc
apply_drop(struct commit *g, struct engine_event *ev)
{
    enum store_rc rc = STORE_OK;
    struct store_key k;
    if (ev->kind == ENGINE_TIMER) {
        table_timer(g->e->store, &k, ev->due_at, ev->case_id, ev->clock, ev->step);
        rc = store_delete(g->txn, STORE_TIMERS, &k);
    } else if (ev->kind == ENGINE_OUTCOME) {
        table_outbox(&k, ev->next_at, ev->letter_id, ev->recipient);
        rc = store_delete(g->txn, STORE_OUTBOX, &k);
    } else if (ev->kind == ENGINE_COMPOSED) {
        rc = outbox_drop(g, ev->letter_id);
    }
    ev->ok = rc == STORE_OK || rc == STORE_NOTFOUND;
    return ev->ok ? STORE_OK : rc;
}

enum store_rc
apply_settled(struct commit *g, struct engine_event *ev)
{
    for (size_t i = 0; i < ev->n_uids; i++) {
        struct store_key k;
        Td__Fate *fate;
        table_ledger(g->e->store, &k, ev->mailbox, ev->uidvalidity, ev->uids[i]);
        enum store_rc rc = store_get(g->txn, STORE_LEDGER, &k, g->arena, &td__fate__descriptor, &fate);
        if (rc == STORE_NOTFOUND)
            continue;
        if (rc == STORE_OK) {
            fate->has_settled = fate->settled = true;
            rc = store_put(g->txn, STORE_LEDGER, &k, 0, fate);
        }
        if (rc != STORE_OK)
            return rc;
    }
    ev->ok = true;
    return STORE_OK;
}

enum store_rc
apply_mailbox(struct commit *g, struct engine_event *ev)
{
    struct store_key k;
    table_mailbox(g->e->store, &k, ev->mailbox);
    enum store_rc rc = store_put(g->txn, STORE_LEDGER, &k, 0, ev->record);
    ev->ok = rc == STORE_OK;
    return rc;
}

/* Somebody must know of what no case stands for. */
enum store_rc
apply_alarm(struct commit *g, struct engine_event *ev, const char *key, const char *one, const char *two, const char *detail)
{
    const struct conf_desk *desk = ev->desk != NULL ? conf_desk_find(g->e->conf, ev->desk) : NULL;
    struct desk_event de = { .kind = DESK_EVENT_ALARM, .desk = desk != NULL ? desk : &g->e->conf->desks[0], .text = key, .one = one, .two = two,
                             .detail = detail };
    struct decision d;
    enum store_rc rc = decision_make(g, &de, &d);
    ev->letters = d.n_letters > 0;
    return rc;
}

/* A mail that its role cannot bring home: the ledger says so, and the mailbox goes on without it. */
enum store_rc
apply_aside(struct commit *g, struct engine_event *ev)
{
    Td__Fate fate = TD__FATE__INIT;
    struct store_key k;
    fate.what = TD__FATE__WHAT__SET_ASIDE;
    fate.at = g->now;
    fate.why = (char *)ev->reason;
    fate.has_settled = fate.settled = true;     /* it stays where it is, unmarked, for a person to look at */
    table_ledger(g->e->store, &k, ev->mailbox, ev->uidvalidity, ev->uids[0]);
    enum store_rc rc = store_put(g->txn, STORE_LEDGER, &k, 0, &fate);
    if (rc == STORE_OK)
        rc = apply_alarm(g, ev, "not-fetched", ev->mailbox, arena_printf(g->arena, "%llu", (unsigned long long)ev->uids[0]), ev->reason);
    if (rc == STORE_OK) {
        ev->ok = true;
        ev->line = arena_printf(ev->arena, "mailbox=%s uid=%llu action=set-aside why=%s status=alarm", ev->mailbox,
                                (unsigned long long)ev->uids[0], log_value(ev->reason));
    }
    return rc;
}

enum store_rc
apply_secret(struct commit *g, struct engine_event *ev)
{
    Td__Secret s = TD__SECRET__INIT;
    struct store_key k;
    s.value.data = (uint8_t *)ev->secret;
    s.value.len = strlen(ev->secret);
    s.at = g->now;
    table_secret(g->e->store, &k, ev->mailbox);
    enum store_rc rc = store_put(g->txn, STORE_META, &k, 0, &s);
    ev->ok = rc == STORE_OK;
    return rc;
}
