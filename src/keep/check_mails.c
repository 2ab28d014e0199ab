/* SPDX-License-Identifier: ISC
 *
 * The check, mails: the bytes of each are whole, it is in exactly one case, whose journal says so; ledger and by-message agree.
 */
#include "look.h"

#include <string.h>

struct counted { uint64_t bytes; };

static int
count_bytes(void *u, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    ((struct counted *)u)->bytes += len;
    return 0;
}

/* ---- mails */

static enum store_rc
chunk_lone(struct look *k, enum store_table tab, const struct store_key *key)
{
    struct store_key first;
    bool there;
    uint64_t id = store_key_read_u64(key, 0);
    table_mail(&first, id, 0);
    enum store_rc rc = look_there(k, tab, &first, &there);
    if (rc == STORE_OK && !there && !store_bulk_noted(k->txn, tab, id))
        look_says(k, "chunk", CHECK_FAULT, false, "%s is nobody's: the record that names it is gone", look_name(k, tab, key));
    return rc;
}

static enum store_rc
mail_whole(struct look *k, uint64_t id, const Td__MailRecord *m, uint64_t slot)
{
    struct counted n = { 0 };
    struct store_key past;
    bool more;
    enum store_rc rc = store_bulk_read(k->txn, STORE_MAILS, id, m->chunks, count_bytes, &n);
    if (!look_missing(rc) && rc != STORE_OK)
        return rc;
    table_mail(&past, id, m->chunks + 1);
    enum store_rc also = look_there(k, STORE_MAILS, &past, &more);
    if (rc != STORE_OK || n.bytes != m->size || more)
        look_says(k, "chunk", CHECK_FAULT, false, "mail %llu: its bytes are not whole (%llu of %llu can be read)", (unsigned long long)id,
                  (unsigned long long)n.bytes, (unsigned long long)m->size);
    table_mail(&past, id, 1);
    if (also == STORE_OK && store_slot_of(k->txn, STORE_MAILS, &past) != slot)
        look_says(k, "slot", CHECK_FAULT, false, "mail %llu: its bytes are sealed under another key than its record", (unsigned long long)id);
    k->out->mail_bytes += n.bytes;
    return also;
}

/* Where it came from knows it by this place: the ledger must say that it is here. */
static enum store_rc
mail_fate(struct look *k, uint64_t id, const Td__MailRecord *m)
{
    struct store_key key;
    Td__Fate *f = NULL;
    if (!m->origin->has_uid)
        return STORE_OK;
    table_ledger(k->store, &key, m->origin->mailbox, m->origin->uidvalidity, m->origin->uid);
    enum store_rc rc = store_get(k->txn, STORE_LEDGER, &key, k->arena, &td__fate__descriptor, &f);
    if (rc != STORE_OK && !look_missing(rc))
        return rc;
    if (rc == STORE_NOTFOUND) {
        Td__Fate made = TD__FATE__INIT;
        look_says(k, "ledger", CHECK_FAULT, true, "mail %llu has no fate in the ledger: it would be taken again", (unsigned long long)id);
        made.what = m->case_id != 0 ? TD__FATE__WHAT__TAKEN : TD__FATE__WHAT__SET_ASIDE;
        made.at = m->origin->arrived_at;
        made.has_case_id = m->case_id != 0;
        made.case_id = m->case_id;
        made.has_mail = true;
        made.mail = id;
        made.why = (char *)"found by a check";
        return k->o->repair ? store_put(k->txn, STORE_LEDGER, &key, 0, &made) : STORE_OK;
    }
    if (rc == STORE_OK && (!f->has_mail || f->mail != id))
        look_says(k, "ledger", CHECK_FAULT, false, "mail %llu: the ledger gives its place to mail %llu", (unsigned long long)id,
                  (unsigned long long)(f->has_mail ? f->mail : 0));
    return STORE_OK;
}

static enum store_rc
mail_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__MailRecord *m;
    Td__Case *c;
    enum store_rc why;
    uint64_t id = store_key_read_u64(key, 0);
    (void)record;
    if ((store_key_read_u64(key, 4) & 0xffffffffu) != 0)
        return chunk_lone(k, STORE_MAILS, key);
    enum store_rc rc = look_mail(k, id, &m, &why);
    if (rc != STORE_OK || m == NULL) {
        if (rc == STORE_OK)
            look_says(k, "sealed", CHECK_FAULT, false, "mail %llu: its record does not read", (unsigned long long)id);
        return rc;
    }
    k->out->mails++;
    if (id == 0 || id >= k->meta->next_mail)
        look_says(k, "number", CHECK_FAULT, false, "mail %llu was never given; the next is %llu", (unsigned long long)id, (unsigned long long)k->meta->next_mail);
    rc = mail_whole(k, id, m, store_slot_of(k->txn, STORE_MAILS, key));
    if (rc == STORE_OK)
        rc = mail_fate(k, id, m);
    if (rc != STORE_OK || m->case_id == 0)
        return rc;
    rc = look_case(k, m->case_id, &c, &why);
    if (rc == STORE_OK && why == STORE_NOTFOUND)
        look_says(k, "mail", CHECK_FAULT, false, "mail %llu is of case %llu, which is not there", (unsigned long long)id, (unsigned long long)m->case_id);
    return rc;
}

enum store_rc
look_at_mails(struct look *k)
{
    return look_walk(k, "mails", STORE_MAILS, NULL, mail_row);
}

/* ---- what each entry of a journal says of a mail or a letter */

static enum store_rc
message_put(struct look *k, const struct store_key *key, uint64_t mail, const Td__MailRecord *m)
{
    Td__ByMessage row = TD__BY_MESSAGE__INIT;
    row.mail = mail;
    row.digest = m->digest;
    return k->o->repair ? store_put(k->txn, STORE_BY_MESSAGE, key, 0, &row) : STORE_OK;
}

/* The next copy of this mail is known by one of two rows: by its Message-ID, or by digest and Message-ID together. */
static enum store_rc
entry_message(struct look *k, const Td__Case *c, const Td__Entry *e, const Td__MailRecord *m)
{
    struct store_key by_id, by_both;
    uint64_t case_id, letter_id;
    char digest[65];
    bool there = false, both = false;
    if (!m->has_digest || m->digest.len != 32 || e->what == TD__ENTRY__WHAT__DUPLICATE || e->message_id == NULL || strlen(e->message_id) >= 998 ||
        desk_message_id_check(store_naming_key(k->store), e->message_id, &case_id, &letter_id))
        return STORE_OK;
    hex_encode(m->digest.data, 32, digest);
    table_message(k->store, &by_id, c->desk, e->message_id, c->id);
    table_message(k->store, &by_both, c->desk, arena_printf(k->arena, "digest:%s %s", digest, e->message_id), c->id);
    enum store_rc rc = look_there(k, STORE_BY_MESSAGE, &by_id, &there);
    if (rc == STORE_OK && !there)
        rc = look_there(k, STORE_BY_MESSAGE, &by_both, &both);
    if (rc != STORE_OK || there || both)
        return rc;
    look_says(k, "message", CHECK_FAULT, true, "by-message: mail %llu of case %llu has no row: a copy of it would not be known", (unsigned long long)e->mail,
              (unsigned long long)c->id);
    return message_put(k, &by_id, e->mail, m);
}

/* Journals may speak of the mails of other cases (merged, split, held); each must be told of by its own. */
static enum store_rc
entry_mail(struct look *k, uint64_t case_id, const Td__Entry *e)
{
    Td__MailRecord *m;
    Td__Case *c;
    enum store_rc why, rc = look_mail(k, e->mail, &m, &why);
    if (rc != STORE_OK)
        return rc;
    if (why == STORE_NOTFOUND)
        look_says(k, "mail", CHECK_FAULT, false, "case %llu: its journal names mail %llu, which is not there", (unsigned long long)case_id, (unsigned long long)e->mail);
    if (m == NULL || m->case_id != case_id)
        return STORE_OK;
    if (!bits_set(&k->told, e->mail))
        return STORE_OK;
    rc = look_case(k, case_id, &c, &why);
    return rc == STORE_OK && c != NULL ? entry_message(k, c, e, m) : rc;
}

static void
entry_letter(struct look *k, uint64_t case_id, const Td__Entry *e)
{
    bool end = e->what == TD__ENTRY__WHAT__SENT || e->what == TD__ENTRY__WHAT__FAILED;
    if (e->letter >= k->meta->next_letter)
        look_says(k, "number", CHECK_FAULT, false, "case %llu: its journal names letter %llu, which was never given", (unsigned long long)case_id,
                  (unsigned long long)e->letter);
    else if (end && k->settled[e->letter] < UINT16_MAX)
        k->settled[e->letter]++;
}

static enum store_rc
entry_row(struct look *k, const struct store_key *key, const void *record)
{
    const Td__Entry *e = record;
    uint64_t case_id = store_key_read_u64(key, 0);
    struct store_key of;
    bool there;
    k->out->entries++;
    table_case(&of, case_id);
    enum store_rc rc = look_there(k, STORE_CASES, &of, &there);
    if (rc == STORE_OK && !there)
        look_says(k, "case", CHECK_FAULT, false, "%s: there is no such case", look_name(k, STORE_ENTRIES, key));
    if (e->what == TD__ENTRY__WHAT__UNDONE)
        (void)bits_set(&k->undone, case_id);
    if (e->has_letter)
        entry_letter(k, case_id, e);
    return rc == STORE_OK && e->has_mail && e->mail != 0 ? entry_mail(k, case_id, e) : rc;
}

enum store_rc
look_at_entries(struct look *k)
{
    return look_walk(k, "entries", STORE_ENTRIES, &td__entry__descriptor, entry_row);
}

/* ---- and which mails no journal told of */

static enum store_rc
untold_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__MailRecord *m;
    Td__Case *c = NULL;
    enum store_rc why;
    uint64_t id = store_key_read_u64(key, 0);
    (void)record;
    if ((store_key_read_u64(key, 4) & 0xffffffffu) != 0 || bits_has(&k->told, id))
        return STORE_OK;
    enum store_rc rc = look_mail(k, id, &m, &why);
    if (rc == STORE_OK && m != NULL && m->case_id != 0)
        rc = look_case(k, m->case_id, &c, &why);
    if (rc == STORE_OK && c != NULL)
        look_says(k, "mail", CHECK_FAULT, false, "mail %llu is of case %llu, whose journal does not name it", (unsigned long long)id, (unsigned long long)m->case_id);
    return rc;
}

enum store_rc
look_at_untold(struct look *k)
{
    uint64_t told = 0;
    for (uint64_t i = 0; i < k->told.n / 64 + 1; i++)
        told += (uint64_t)__builtin_popcountll(k->told.v[i]);
    return told == k->out->mails ? STORE_OK : look_walk(k, "mails again", STORE_MAILS, NULL, untold_row);
}

/* ---- ledger */

static enum store_rc
fate_row(struct look *k, const struct store_key *key, const void *record)
{
    Td__Fate *f;
    Td__MailRecord *m;
    enum store_rc why;
    (void)record;
    if (key->len == 8)                  /* what is known of a whole mailbox */
        return STORE_OK;
    k->out->fates++;
    enum store_rc rc = store_get(k->txn, STORE_LEDGER, key, k->arena, &td__fate__descriptor, &f);
    if (rc == STORE_DAMAGED)
        look_says(k, "sealed", CHECK_FAULT, false, "%s does not read", look_name(k, STORE_LEDGER, key));
    if (rc != STORE_OK)
        return rc == STORE_DAMAGED ? STORE_OK : rc;
    if (f->what == TD__FATE__WHAT__SET_ASIDE)
        look_says(k, "aside", CHECK_NOTE, false, "a mail was set aside (%s), no case has it: %s", f->has_mail ? "it is kept here" : "it is still at its source",
                  f->why != NULL ? f->why : "no reason was given");
    if (!f->has_mail)
        return STORE_OK;
    if (bits_has(&k->erased, f->mail)) {        /* as erasing leaves it */
        f->has_mail = f->has_case_id = false;
        f->what = TD__FATE__WHAT__REFUSED;
        f->why = (char *)"erased";
        return k->o->repair ? store_put(k->txn, STORE_LEDGER, key, 0, f) : STORE_OK;
    }
    rc = look_mail(k, f->mail, &m, &why);
    if (rc != STORE_OK)
        return rc;
    if (why == STORE_NOTFOUND)
        look_says(k, "ledger", CHECK_FAULT, false, "the ledger says that mail %llu was taken; it is not there", (unsigned long long)f->mail);
    else if (m != NULL && m->case_id != (f->has_case_id ? f->case_id : 0))
        look_says(k, "mail", CHECK_FAULT, false, "mail %llu is of case %llu, the ledger says %llu", (unsigned long long)f->mail, (unsigned long long)m->case_id,
                  (unsigned long long)(f->has_case_id ? f->case_id : 0));
    return STORE_OK;
}

enum store_rc
look_at_ledger(struct look *k)
{
    return look_walk(k, "ledger", STORE_LEDGER, NULL, fate_row);
}

/* ---- by-message */

/* What an old backup knows of a mail whose key was erased since: a copy of it is still not taken in again. */
static enum store_rc
message_stone(struct look *k, const struct store_key *key, const Td__ByMessage *row)
{
    Td__Tombstone stone = TD__TOMBSTONE__INIT;
    struct store_key sk;
    if (!k->o->repair)
        return STORE_OK;
    stone.at = k->o->now;
    stone.digest = row->digest;
    table_tombstone_of(&sk, key);
    enum store_rc rc = store_put(k->txn, STORE_META, &sk, 0, &stone);
    return rc == STORE_OK ? look_drop(k, STORE_BY_MESSAGE, key) : rc;
}

static enum store_rc
message_row(struct look *k, const struct store_key *key, const void *record)
{
    const Td__ByMessage *row = record;
    Td__MailRecord *m = NULL;
    enum store_rc why = STORE_NOTFOUND, rc = STORE_OK;
    if (key->len == 32 && bits_has(&k->erased, row->mail))
        return message_stone(k, key, row);
    if (key->len == 32)
        rc = look_mail(k, row->mail, &m, &why);
    if (rc != STORE_OK || why == STORE_DAMAGED)
        return rc;
    bool fits = m != NULL && m->case_id == store_key_read_u64(key, 24);
    if (fits && m->has_digest && row->digest.len == m->digest.len && memcmp(row->digest.data, m->digest.data, m->digest.len) == 0)
        return STORE_OK;
    look_says(k, "message", CHECK_FAULT, true, "by-message: a row for mail %llu, which is %s", (unsigned long long)row->mail,
              m == NULL ? "not there" : fits ? "another mail by its digest" : "in another case");
    return look_drop(k, STORE_BY_MESSAGE, key);
}

enum store_rc
look_at_messages(struct look *k)
{
    return look_walk(k, "by-message", STORE_BY_MESSAGE, &td__by_message__descriptor, message_row);
}
