/* SPDX-License-Identifier: ISC
 *
 * Letters: their bytes become durable once, before any lane sees them; what a relay answers moves the outbox row on or
 * ends it, and an end is an event for the desk.
 */
#include "engine.h"

#include <string.h>

static enum store_rc
letter_get(struct commit *g, uint64_t id, struct store_key *k, Td__Letter **out)
{
    table_letter(k, id, 0);
    return store_get(g->txn, STORE_LETTERS, k, g->arena, &td__letter__descriptor, out);
}

enum store_rc
apply_composed(struct commit *g, struct engine_event *ev)
{
    struct store_key k;
    Td__Letter *l;
    ev->ok = true;
    enum store_rc rc = letter_get(g, ev->letter_id, &k, &l);
    if (rc != STORE_OK)
        return rc == STORE_NOTFOUND ? STORE_OK : rc;
    if (l->has_size)                            /* composed before: the first bytes stand */
        return STORE_OK;
    uint64_t slot = store_slot_of(g->txn, STORE_LETTERS, &k);
    struct store_bulk *b = store_bulk_new(g->e->store, STORE_LETTERS, l->id, slot);
    rc = store_bulk_write(b, g->txn, ev->bytes, ev->len, true);
    if (rc == STORE_OK) {
        l->has_size = l->has_chunks = true;
        l->size = (uint32_t)ev->len;
        l->chunks = store_bulk_chunks(b);
        rc = store_put(g->txn, STORE_LETTERS, &k, slot, l);
    }
    store_bulk_free(&b);
    ev->letters = true;
    return rc;
}

static enum store_rc
outcome_decide(struct commit *g, struct engine_event *ev, const Td__Letter *l, bool delivered, const char *text)
{
    const struct conf_desk *desk = conf_desk_find(g->e->conf, l->desk);
    struct desk_event de = { .kind = DESK_EVENT_OUTCOME, .desk = desk, .letter = l, .recipient = l->to[ev->recipient]->addr, .text = text,
                             .delivered = delivered };
    struct decision d;
    if (desk == NULL)
        return STORE_OK;
    enum store_rc rc = decision_make(g, &de, &d);
    ev->letters = d.n_letters > 0;
    return rc;
}

/* The row for the next try, or STORE_REFUSED when the time that the relay was given is over. */
static enum store_rc
outcome_later(struct commit *g, struct engine_event *ev, Td__Outgoing *row)
{
    const struct conf_relay *relay = row->relay != NULL ? conf_relay_find(g->e->conf, row->relay) : NULL;
    int64_t give_up = relay != NULL ? relay->give_up_s : 5 * 86400;
    struct store_key k;
    if (g->now - row->since_at >= give_up)
        return STORE_REFUSED;
    row->attempts++;
    row->last = ev->outcome->text;
    row->has_unknown = true;
    row->unknown = ev->outcome->unknown;
    table_outbox(&k, g->now + outbox_next_try(row->attempts, (uint32_t)ev->letter_id), ev->letter_id, ev->recipient);
    return store_put(g->txn, STORE_OUTBOX, &k, 0, row);
}

enum store_rc
apply_outcome(struct commit *g, struct engine_event *ev)
{
    static const char *const verdicts[] = { [OUTBOX_DONE] = "sent", [OUTBOX_LATER] = "deferred", [OUTBOX_FAILED] = "failed" };
    struct store_key k, lk;
    Td__Outgoing *row;
    Td__Letter *l;
    table_outbox(&k, ev->next_at, ev->letter_id, ev->recipient);
    enum store_rc rc = store_get(g->txn, STORE_OUTBOX, &k, g->arena, &td__outgoing__descriptor, &row);
    ev->ok = true;
    if (rc != STORE_OK)
        return rc == STORE_NOTFOUND ? STORE_OK : rc;
    rc = store_delete(g->txn, STORE_OUTBOX, &k);
    if (rc == STORE_OK)
        rc = letter_get(g, ev->letter_id, &lk, &l);
    if (rc != STORE_OK || ev->recipient >= l->n_to)
        return fact_missing(rc) ? STORE_OK : rc;        /* nobody is left to hear of it; the row is gone */
    enum outbox_verdict v = outbox_judge(ev->outcome);
    if (v == OUTBOX_LATER) {
        rc = outcome_later(g, ev, row);
        if (rc == STORE_REFUSED)
            v = OUTBOX_FAILED;
    }
    if (v != OUTBOX_LATER)
        rc = outcome_decide(g, ev, l, v == OUTBOX_DONE, ev->outcome->text);
    ev->case_number = arena_strdup(ev->arena, l->case_number);
    ev->line = arena_printf(ev->arena, "case=%s letter=%llu kind=%s attempt=%u code=%u text=%s status=%s",
                            l->case_number != NULL ? l->case_number : "-", (unsigned long long)l->id, schema_letter_kind_name(l->kind),
                            row->attempts + (v != OUTBOX_LATER), ev->outcome->code, log_value(ev->outcome->text), verdicts[v]);
    return rc;
}
