/* SPDX-License-Identifier: ISC
 *
 * Erasing. Rows go in one transaction, keys after it: a crash between the two leaves notes of the keys that are still to be
 * overwritten. What is kept of a case: the fates of its mails (place and time, no words), and tombstones.
 */
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <stdio.h>
#include <string.h>

#define KEYS_AT_ONCE 256

struct erasing {
    struct store *s;
    struct store_txn *t;
    struct arena *a;
    const Td__Case *c;
    int64_t now;
    struct keep_receipt *r;
};

static enum store_rc
drop(struct erasing *e, enum store_table tab, const struct store_key *k)
{
    enum store_rc rc = store_delete(e->t, tab, k);
    return rc == STORE_NOTFOUND ? STORE_OK : rc;
}

static enum store_rc
drop_all(struct erasing *e, enum store_table tab, const struct store_key *prefix, uint64_t *n)
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(e->t, tab, prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        rc = store_delete(e->t, tab, &k);
        ++*n;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
note_key(struct erasing *e, uint64_t slot)
{
    struct store_key k;
    if (slot == 0)
        return STORE_OK;
    table_erasing(&k, slot);
    e->r->keys++;
    return store_put_empty(e->t, STORE_META, &k);
}

/* ---- mails */

static enum store_rc
tombstone(struct erasing *e, const char *word, const Td__MailRecord *m)
{
    Td__Tombstone row = TD__TOMBSTONE__INIT;
    struct store_key k, by;
    row.at = e->now;
    row.digest = m->digest;
    table_tombstone(e->s, &k, e->c->desk, word);
    enum store_rc rc = m->has_digest && m->digest.len == 32 ? store_put(e->t, STORE_META, &k, 0, &row) : STORE_OK;
    table_message(e->s, &by, e->c->desk, word, e->c->id);
    return rc == STORE_OK ? drop(e, STORE_BY_MESSAGE, &by) : rc;
}

/* Under both names by which a copy would be looked for. */
static enum store_rc
tombstones(struct erasing *e, const Td__Entry *entry, const Td__MailRecord *m)
{
    char digest[65] = "";
    const char *id = entry->message_id;
    enum store_rc rc = STORE_OK;
    if (m->has_digest && m->digest.len == 32)
        hex_encode(m->digest.data, 32, digest);
    if (id != NULL)
        rc = tombstone(e, id, m);
    return rc == STORE_OK ? tombstone(e, arena_printf(e->a, "digest:%s%s%s", digest, id != NULL ? " " : "", id != NULL ? id : ""), m) : rc;
}

/* Where it came from must go on believing that it was taken; why it was taken is nobody's concern any more. */
static enum store_rc
fate_bare(struct erasing *e, const Td__MailRecord *m)
{
    struct store_key k;
    Td__Fate *f;
    if (!m->origin->has_uid)
        return STORE_OK;
    table_ledger(e->s, &k, m->origin->mailbox, m->origin->uidvalidity, m->origin->uid);
    enum store_rc rc = store_get(e->t, STORE_LEDGER, &k, e->a, &td__fate__descriptor, &f);
    if (rc != STORE_OK)
        return rc == STORE_NOTFOUND || rc == STORE_DAMAGED ? STORE_OK : rc;
    f->has_mail = f->has_case_id = false;
    f->what = TD__FATE__WHAT__REFUSED;
    f->why = (char *)"erased";
    return store_put(e->t, STORE_LEDGER, &k, 0, f);
}

static enum store_rc
mail_erase(struct erasing *e, const Td__Entry *entry)
{
    struct store_key k;
    Td__MailRecord *m;
    uint64_t chunks = 0;
    table_mail(&k, entry->mail, 0);
    uint64_t slot = store_slot_of(e->t, STORE_MAILS, &k);
    enum store_rc rc = store_get(e->t, STORE_MAILS, &k, e->a, &td__mail_record__descriptor, &m);
    if (rc != STORE_OK)
        return rc == STORE_NOTFOUND || rc == STORE_DAMAGED || rc == STORE_ERASED ? STORE_OK : rc;
    if (m->case_id != e->c->id)
        return STORE_OK;
    e->r->mails++;
    e->r->mail_bytes += m->size;
    rc = tombstones(e, entry, m);
    if (rc == STORE_OK)
        rc = fate_bare(e, m);
    table_case(&k, entry->mail);
    if (rc == STORE_OK)
        rc = drop_all(e, STORE_MAILS, &k, &chunks);
    return rc == STORE_OK ? note_key(e, slot) : rc;
}

/* ---- letters */

static enum store_rc
letter_erase(struct erasing *e, uint64_t id)
{
    struct store_key k;
    Td__Letter *l;
    uint64_t chunks = 0;
    table_letter(&k, id, 0);
    enum store_rc rc = store_get(e->t, STORE_LETTERS, &k, e->a, &td__letter__descriptor, &l);
    if (rc != STORE_OK)
        return rc == STORE_NOTFOUND || rc == STORE_DAMAGED || rc == STORE_ERASED ? STORE_OK : rc;
    if (!l->has_case_id || l->case_id != e->c->id)
        return STORE_OK;
    e->r->letters++;
    table_case(&k, id);
    return drop_all(e, STORE_LETTERS, &k, &chunks);
}

/* Letters that still wait do not go out. */
static enum store_rc
outbox_erase(struct erasing *e)
{
    struct store_cursor *c;
    struct store_key k, lk;
    enum store_rc rc = store_cursor_open(e->t, STORE_OUTBOX, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        Td__Letter *l = NULL;
        struct arena *a = arena_new(0);
        table_outbox_read(&k, &at, &letter, &recipient);
        table_letter(&lk, letter, 0);
        bool ours = store_get(e->t, STORE_LETTERS, &lk, a, &td__letter__descriptor, &l) == STORE_OK && l->has_case_id && l->case_id == e->c->id;
        arena_free(&a);
        if (!ours)
            continue;
        rc = store_delete(e->t, STORE_OUTBOX, &k);
        e->r->waiting++;
        if (rc == STORE_OK)             /* once for each letter: the second time it is not there any more */
            rc = letter_erase(e, letter);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Rows of a letter whose record went with its first recipient. */
static enum store_rc
outbox_orphans(struct erasing *e)
{
    struct store_cursor *c;
    struct store_key k, lk;
    enum store_rc rc = store_cursor_open(e->t, STORE_OUTBOX, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        table_letter(&lk, letter, 0);
        if (store_try(e->t, STORE_LETTERS, &lk) == STORE_NOTFOUND)
            rc = store_delete(e->t, STORE_OUTBOX, &k);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* ---- the case */

static enum store_rc
journal_erase(struct erasing *e)
{
    struct store_cursor *c;
    struct store_key prefix, k;
    table_entry_prefix(&prefix, e->c->id);
    enum store_rc rc = store_cursor_open(e->t, STORE_ENTRIES, &prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        Td__Entry *entry;
        rc = store_cursor_get(c, e->a, &td__entry__descriptor, &entry);
        if (rc == STORE_OK && entry->has_mail)
            rc = mail_erase(e, entry);
        if (rc == STORE_OK && entry->has_letter)
            rc = letter_erase(e, entry->letter);
        if (rc == STORE_DAMAGED)
            rc = STORE_OK;
        if (rc == STORE_OK)
            rc = store_delete(e->t, STORE_ENTRIES, &k);
        e->r->entries++;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Its place in the order of work depends on a policy that may have changed since: the row is looked for. */
static enum store_rc
state_erase(struct erasing *e)
{
    struct store_cursor *c;
    struct store_key prefix, k;
    table_state_of(e->s, &prefix, e->c->desk, e->c->queue, e->c->state);
    enum store_rc rc = store_cursor_open(e->t, STORE_BY_STATE, &prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k))
        if (table_state_case(&k) == e->c->id)
            rc = store_delete(e->t, STORE_BY_STATE, &k);
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
timers_erase(struct erasing *e)
{
    struct desk_timer *v = NULL;
    size_t n = 0;
    enum store_rc rc = STORE_OK;
    desk_timers(e->c, e->a, &v, &n);
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        struct store_key k;
        table_timer(e->s, &k, v[i].due_at, e->c->id, v[i].clock, v[i].step);
        rc = drop(e, STORE_TIMERS, &k);
    }
    return rc;
}

static enum store_rc
load_erase(struct erasing *e)
{
    struct store_key open, last;
    uint64_t n;
    const char *owner = desk_owner(e->c);
    if (owner == NULL)
        return STORE_OK;
    table_load(e->s, owner, &open, &last);
    enum store_rc rc = store_get_count(e->t, STORE_BUDGETS, &open, &n);
    return rc == STORE_OK && n > 0 ? store_put_count(e->t, STORE_BUDGETS, &open, n - 1) : rc;
}

/* Notices about it that staff would have been told of later, among others. */
static enum store_rc
waiting_erase(struct erasing *e)
{
    struct store_cursor *c;
    struct store_key prefix, k;
    table_people(&prefix);
    enum store_rc rc = store_cursor_open(e->t, STORE_META, &prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        Td__Person *p;
        size_t kept = 0;
        if (store_cursor_get(c, e->a, &td__person__descriptor, &p) != STORE_OK)
            continue;
        for (size_t i = 0; i < p->n_waiting; i++)
            if (p->waiting[i]->case_id != e->c->id)
                p->waiting[kept++] = p->waiting[i];
        if (kept == p->n_waiting)
            continue;
        p->n_waiting = kept;
        rc = store_put(e->t, STORE_META, &k, 0, p);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Does this requester have other cases of that desk? The row of this one is gone already. */
static enum store_rc
sender_has_more(struct erasing *e, bool *more)
{
    struct store_cursor *c;
    struct store_key prefix, k;
    table_sender_prefix(e->s, &prefix, e->c->desk, e->c->requester->addr);
    enum store_rc rc = store_cursor_open(e->t, STORE_BY_SENDER, &prefix, NULL, false, &c);
    *more = rc == STORE_OK && store_cursor_next(c, &k);
    store_cursor_close(&c);
    return rc;
}

/* What was revoked of the case goes with it, what was revoked of its requester with the last of his. */
static enum store_rc
revoked_erase(struct erasing *e)
{
    struct store_key k;
    Td__Revocations *all;
    size_t kept = 0;
    bool more;
    table_revoked(&k);
    enum store_rc rc = store_get(e->t, STORE_META, &k, e->a, &td__revocations__descriptor, &all);
    if (rc == STORE_NOTFOUND || rc == STORE_DAMAGED)
        return STORE_OK;
    if (rc == STORE_OK)
        rc = sender_has_more(e, &more);
    for (size_t i = 0; i < all->n_rows && rc == STORE_OK; i++) {
        const Td__Revoked *row = all->rows[i];
        bool of_person = row->desk != NULL && row->address != NULL && strcmp(row->desk, e->c->desk) == 0 && str_eq_nocase(row->address, e->c->requester->addr);
        if ((row->has_case_id && row->case_id == e->c->id) || (of_person && !more))
            continue;
        all->rows[kept++] = all->rows[i];
    }
    if (rc != STORE_OK || kept == all->n_rows)
        return rc;
    all->n_rows = kept;
    return store_put(e->t, STORE_META, &k, 0, all);
}

enum store_rc
keep_erase_case(struct store *s, struct store_txn *t, uint64_t case_id, int64_t now, struct keep_receipt *out)
{
    static enum store_rc (*const steps[])(struct erasing *) = { outbox_erase, outbox_orphans, journal_erase, state_erase, timers_erase, load_erase, waiting_erase };
    struct erasing e = { .s = s, .t = t, .a = arena_new(0), .now = now, .r = out };
    struct store_key k, sender;
    Td__Case *c;
    memset(out, 0, sizeof *out);
    out->case_id = case_id;
    table_case(&k, case_id);
    uint64_t slot = store_slot_of(t, STORE_CASES, &k);
    enum store_rc rc = store_get(t, STORE_CASES, &k, e.a, &td__case__descriptor, &c);
    if (rc == STORE_OK) {
        e.c = c;
        snprintf(out->number, sizeof out->number, "%s", c->number);
    }
    for (size_t i = 0; i < countof(steps) && rc == STORE_OK; i++)
        rc = steps[i](&e);
    if (rc == STORE_OK) {
        table_sender(s, &sender, c->desk, c->requester->addr, c->id);
        rc = drop(&e, STORE_BY_SENDER, &sender);
    }
    if (rc == STORE_OK && table_assignee(s, &sender, c))
        rc = drop(&e, STORE_BY_SENDER, &sender);
    if (rc == STORE_OK)
        rc = revoked_erase(&e);
    if (rc == STORE_OK)
        rc = store_delete(t, STORE_CASES, &k);
    if (rc == STORE_OK)
        rc = note_key(&e, slot);
    arena_free(&e.a);
    return rc;
}

/* ---- keys */

static enum store_rc
notes_read(struct store *s, uint64_t slots[KEYS_AT_ONCE], size_t *n)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    struct store_txn *t;
    *n = 0;
    enum store_rc rc = store_begin(s, NULL, false, &t);
    if (rc != STORE_OK)
        return rc;
    table_erasing_prefix(&prefix);
    rc = store_cursor_open(t, STORE_META, &prefix, NULL, false, &c);
    while (rc == STORE_OK && *n < KEYS_AT_ONCE && store_cursor_next(c, &k))
        if (k.len == 9)
            slots[(*n)++] = store_key_read_u64(&k, 1);
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    store_abort(&t);
    return rc;
}

static enum store_rc
notes_drop(struct store *s, const uint64_t *slots, size_t n)
{
    struct store_txn *t;
    enum store_rc rc = store_begin(s, NULL, true, &t);
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        struct store_key k;
        table_erasing(&k, slots[i]);
        rc = store_delete(t, STORE_META, &k);
        if (rc == STORE_NOTFOUND)
            rc = STORE_OK;
    }
    if (rc == STORE_OK)
        return store_commit(&t);
    store_abort(&t);
    return rc;
}

enum store_rc
keep_erase_keys(struct store *s, uint64_t *n)
{
    uint64_t slots[KEYS_AT_ONCE];
    size_t got = KEYS_AT_ONCE;
    enum store_rc rc = STORE_OK;
    *n = 0;
    while (rc == STORE_OK && got == KEYS_AT_ONCE) {
        rc = notes_read(s, slots, &got);
        for (size_t i = 0; i < got && rc == STORE_OK; i++) {
            rc = store_slot_erase(s, slots[i]);
            if (rc == STORE_NOTFOUND)
                rc = STORE_OK;
        }
        if (rc == STORE_OK && got > 0)
            rc = notes_drop(s, slots, got);
        *n += rc == STORE_OK ? got : 0;
    }
    return rc;
}

/* ---- copies of what was erased */

static enum store_rc
stone_fits(struct store *s, struct store_txn *t, const char *desk, const char *word, const uint8_t *digest, bool *erased)
{
    struct arena *a = arena_new(0);
    struct store_key k;
    Td__Tombstone *row;
    table_tombstone(s, &k, desk, word);
    enum store_rc rc = store_get(t, STORE_META, &k, a, &td__tombstone__descriptor, &row);
    *erased = rc == STORE_OK && row->digest.len == 32 && memcmp(row->digest.data, digest, 32) == 0;
    arena_free(&a);
    return rc == STORE_NOTFOUND || rc == STORE_DAMAGED ? STORE_OK : rc;
}

enum store_rc
keep_is_erased(struct store *s, struct store_txn *t, const char *desk, const char *message_id, const uint8_t *digest, bool *erased)
{
    char hex[65];
    enum store_rc rc = STORE_OK;
    *erased = false;
    if (message_id != NULL)
        rc = stone_fits(s, t, desk, message_id, digest, erased);
    if (rc != STORE_OK || *erased)
        return rc;
    hex_encode(digest, 32, hex);
    struct arena *a = arena_new(0);
    rc = stone_fits(s, t, desk, arena_printf(a, "digest:%s%s%s", hex, message_id ? " " : "", message_id ? message_id : ""), digest, erased);
    arena_free(&a);
    return rc;
}

void
keep_receipt_json(const struct keep_receipt *r, int64_t at, struct buf *out)
{
    char when[TIME_TEXT_MAX];
    time_format(at, when);
    buf_printf(out, "{\"erased\":\"%s\",\"at\":\"%s\",\"entries\":%llu,\"mails\":%llu,\"mail_bytes\":%llu,\"letters\":%llu,\"not_sent\":%llu,\"keys\":%llu}",
               r->number, when, (unsigned long long)r->entries, (unsigned long long)r->mails, (unsigned long long)r->mail_bytes,
               (unsigned long long)r->letters, (unsigned long long)r->waiting, (unsigned long long)r->keys);
}
