/* SPDX-License-Identifier: ISC
 *
 * One mail becomes durable: ledger, facts, decision, raw bytes, index row and fate, all in the transaction of its event.
 * A mail that has a fate already (redelivered after a crash) is done without effect.
 */
#include "engine.h"

#include <sodium.h>
#include <string.h>

static bool
has_place(const Td__Origin *o)
{
    return o->has_uid;
}

static enum store_rc
fate_find(struct commit *g, const Td__Origin *o, Td__Fate **out)
{
    struct store_key k;
    *out = NULL;
    if (!has_place(o))
        return STORE_OK;
    table_ledger(g->e->store, &k, o->mailbox, o->uidvalidity, o->uid);
    enum store_rc rc = store_get(g->txn, STORE_LEDGER, &k, g->arena, &td__fate__descriptor, out);
    return rc == STORE_NOTFOUND ? STORE_OK : rc;
}

static enum store_rc
fate_write(struct commit *g, const struct engine_event *ev, Td__Fate__What what, uint64_t case_id, const char *why)
{
    if (!has_place(ev->origin))
        return STORE_OK;
    Td__Fate fate = TD__FATE__INIT;
    struct store_key k;
    fate.what = what;
    fate.at = g->now;
    fate.has_case_id = case_id != 0;
    fate.case_id = case_id;
    fate.has_mail = ev->mail_id != 0;
    fate.mail = ev->mail_id;
    fate.why = (char *)why;
    table_ledger(g->e->store, &k, ev->origin->mailbox, ev->origin->uidvalidity, ev->origin->uid);
    return store_put(g->txn, STORE_LEDGER, &k, 0, &fate);
}

/* The rest of the raw bytes, and the record that names them. */
static enum store_rc
raw_write(struct commit *g, struct engine_event *ev, uint64_t case_id)
{
    struct store_key k;
    bool ahead = ev->bulk != NULL;
    struct store_bulk *b = ahead ? ev->bulk : store_bulk_new(g->e->store, STORE_MAILS, ev->mail_id, ev->slot);
    enum store_rc rc = store_bulk_write(b, g->txn, ev->bytes + ev->written, ev->len - ev->written, true);
    if (rc == STORE_OK && ahead)
        rc = store_bulk_claim(g->txn, STORE_MAILS, ev->mail_id);
    if (rc == STORE_OK) {
        Td__MailRecord m = TD__MAIL_RECORD__INIT;
        m.case_id = case_id;
        m.size = ev->len;
        m.chunks = store_bulk_chunks(b);
        m.origin = ev->origin;
        if (ev->message != NULL && ev->message->has_digest) {
            m.has_digest = true;
            m.digest = ev->message->digest;
        }
        table_mail(&k, ev->mail_id, 0);
        rc = store_put(g->txn, STORE_MAILS, &k, ev->slot, &m);
    }
    if (!ahead)
        store_bulk_free(&b);
    return rc;
}

static enum store_rc
message_index(struct commit *g, const char *desk, const struct decision *d, const struct engine_event *ev)
{
    if (d->index_message == NULL)
        return STORE_OK;
    Td__ByMessage row = TD__BY_MESSAGE__INIT;
    struct store_key k;
    bool existed;
    row.mail = ev->mail_id;
    row.digest = ev->message->digest;
    table_message(g->e->store, &k, desk, d->index_message, d->index_case);
    return store_put_new(g->txn, STORE_BY_MESSAGE, &k, 0, &row, &existed);
}

static void
try_forget(struct commit *g, const struct engine_event *ev)
{
    if (ev->message == NULL || !ev->message->has_unparsed || !ev->message->unparsed)
        return;
    uint8_t digest[32];
    struct store_key k;
    crypto_generichash(digest, sizeof digest, ev->bytes, ev->len, NULL, 0);
    table_try(&k, digest);
    (void)store_delete(g->txn, STORE_META, &k);
}

static const char *
case_number_of(const struct decision *d)
{
    return d->n_cases > 0 ? d->cases[0].after->number : NULL;
}

static void
mail_ids(struct commit *g, struct engine_event *ev)
{
    if (ev->mail_id == 0) {
        ev->mail_id = g->meta.next_mail++;
        ev->slot = g->meta.next_slot++;
    }
}

static void
mail_told(struct commit *g, struct engine_event *ev, const struct decision *d)
{
    const char *number = case_number_of(d);
    ev->ok = true;
    ev->case_number = arena_strdup(ev->arena, number);
    ev->letters = d->n_letters > 0;
    ev->line = arena_printf(ev->arena, "case=%s mail=%llu mailbox=%s uid=%llu %s status=ok", number != NULL ? number : "-",
                            (unsigned long long)ev->mail_id, ev->origin->mailbox, (unsigned long long)ev->origin->uid,
                            d->told != NULL ? d->told : "action=none");
    (void)g;
}

enum store_rc
apply_mail(struct commit *g, struct engine_event *ev)
{
    Td__Fate *fate;
    enum store_rc rc = fate_find(g, ev->origin, &fate);
    if (rc != STORE_OK)
        return rc;
    if (fate != NULL) {
        ev->ok = true;
        ev->line = arena_printf(ev->arena, "mailbox=%s uid=%llu action=none why=taken-before status=ok", ev->origin->mailbox,
                                (unsigned long long)ev->origin->uid);
        return STORE_OK;
    }
    const struct conf_desk *desk = conf_desk_find(g->e->conf, ev->desk);
    if (desk == NULL) {
        ev->why = "its desk is no longer configured";
        return STORE_REFUSED;
    }
    bool erased = false;
    rc = apply_erased_again(g, ev, &erased);
    if (rc == STORE_OK && erased)
        rc = fate_write(g, ev, TD__FATE__WHAT__REFUSED, 0, "erased");
    if (rc != STORE_OK || erased)
        return rc;
    mail_ids(g, ev);
    struct desk_event de = { .kind = DESK_EVENT_MAIL, .desk = desk, .message = ev->message, .origin = ev->origin,
                             .mail_id = ev->mail_id, .mail_size = ev->len };
    struct decision d;
    rc = decision_make(g, &de, &d);
    if (rc == STORE_OK)
        rc = raw_write(g, ev, d.fate_case);
    if (rc == STORE_OK)
        rc = message_index(g, desk->name, &d, ev);
    if (rc == STORE_OK)
        rc = fate_write(g, ev, d.fate, d.fate_case, d.fate_why);
    try_forget(g, ev);
    if (rc == STORE_OK)
        mail_told(g, ev, &d);
    return rc;
}

/* Careful mode: this mail has ended core twice. It is kept, named in the ledger, and somebody is told. */
enum store_rc
apply_mail_aside(struct commit *g, struct engine_event *ev, const char *why)
{
    Td__Fate *fate;
    enum store_rc rc = fate_find(g, ev->origin, &fate);
    if (rc != STORE_OK || fate != NULL) {
        ev->ok = rc == STORE_OK;
        return rc;
    }
    mail_ids(g, ev);
    rc = raw_write(g, ev, 0);
    if (rc == STORE_OK)
        rc = fate_write(g, ev, TD__FATE__WHAT__SET_ASIDE, 0, why);
    if (rc == STORE_OK)
        rc = apply_alarm(g, ev, "not-worked-on", ev->origin->mailbox, arena_printf(g->arena, "%llu", (unsigned long long)ev->mail_id), NULL);
    if (rc == STORE_OK) {
        ev->ok = true;
        ev->line = arena_printf(ev->arena, "mail=%llu mailbox=%s action=set-aside why=%s status=alarm", (unsigned long long)ev->mail_id,
                                ev->origin->mailbox, log_value(why));
    }
    return rc;
}
