/* SPDX-License-Identifier: ISC
 *
 * What the world handed over and what it got, against what the store says of it: every mail in one case, once; one
 * acknowledgement where one was due; every letter went, or its end is written down; budgets were kept.
 */
#include "sim.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLING_S 3600                 /* before the end: what was written then may still be on its way */

struct record { uint64_t id, case_id; uint8_t hash[16]; bool silent; struct mail *mail; unsigned entries, duplicates, elsewhere; bool unparsed; };
struct view {
    struct store_txn *txn;
    struct arena *a;
    struct record *records; size_t n_records;
    Td__Case **cases; size_t n_cases;
    bool *staff_made;                   /* of each: a person of the desk opened it, and what he moves is no automatic letter */
    Td__Letter **letters; size_t n_letters;
    const struct conf_desk *desk;
    int64_t now;
};

/* ---- mails */

static int
hash_more(void *u, const uint8_t *bytes, size_t len)
{
    crypto_generichash_update(u, bytes, len);
    return 0;
}

static void
records_read(struct view *v)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    size_t room = 0;
    if (store_cursor_open(v->txn, STORE_MAILS, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        Td__MailRecord *m;
        crypto_generichash_state h;
        struct store_key own;
        uint64_t id = store_key_read_u64(&k, 0);
        table_mail(&own, id, 0);
        if (memcmp(own.bytes, k.bytes, k.len) != 0)
            continue;                   /* a chunk */
        if (v->n_records == room) {
            room = room * 2 + 64;
            v->records = mem_grow(v->records, room * sizeof *v->records);
        }
        struct record *r = &v->records[v->n_records++];
        memset(r, 0, sizeof *r);
        crypto_generichash_init(&h, NULL, 0, sizeof r->hash);
        if (store_cursor_get(c, v->a, &td__mail_record__descriptor, &m) != STORE_OK ||
            store_bulk_read(v->txn, STORE_MAILS, id, m->chunks, hash_more, &h) != STORE_OK) {
            sim_fail("raw", "mail %llu does not open", (unsigned long long)id);
            continue;
        }
        crypto_generichash_final(&h, r->hash, sizeof r->hash);
        r->id = id;
        r->case_id = m->case_id;
        r->silent = m->origin->has_silent && m->origin->silent;
        for (size_t i = 0; i < S.n_mails; i++)
            if (memcmp(S.mails[i]->hash, r->hash, sizeof r->hash) == 0)
                r->mail = S.mails[i];
        if (r->mail == NULL)
            sim_fail("raw", "mail %llu has bytes that nobody handed over", (unsigned long long)id);
    }
    store_cursor_close(&c);
}

static struct record *
record_find(struct view *v, uint64_t id)
{
    size_t lo = 0, hi = v->n_records;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v->records[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < v->n_records && v->records[lo].id == id ? &v->records[lo] : NULL;
}

/* ---- cases and their journals */

static bool
is_first_answer(const Td__Entry *e)
{
    return e->what == TD__ENTRY__WHAT__SILENCED || e->what == TD__ENTRY__WHAT__REFUSED;
}

/* One acknowledgement, or the reason why there is none, and a reason that holds for the one who wrote. */
static void
opened_judge(struct view *v, const Td__Case *c, Td__Entry **entries, size_t n, const struct record *r)
{
    unsigned acks = 0, kept = 0;
    const char *why = "";
    for (size_t i = 0; i < v->n_letters; i++)
        acks += v->letters[i]->kind == TD__LETTER__KIND__ACK && v->letters[i]->has_case_id && v->letters[i]->case_id == c->id;
    for (size_t i = 0; i < n; i++)
        if (is_first_answer(entries[i]) && kept++ == 0)
            why = entries[i]->why != NULL ? entries[i]->why : "";
    if (acks > 1)
        sim_fail("acknowledged", "%s has %u acknowledgements", c->number, acks);
    if (acks == 1 && (r->mail->kind == MAIL_MACHINE || r->silent))
        sim_fail("acknowledged", "%s: mail %u of a machine, or from before, was answered", c->number, r->mail->n);
    if (r->mail->kind == MAIL_NEW && acks == 0 && kept == 0)
        sim_fail("acknowledged", "%s was opened by mail %u and has neither an acknowledgement nor a reason", c->number, r->mail->n);
    if (r->mail->kind == MAIL_NEW && acks == 0 && !r->silent && !r->unparsed && !str_starts_nocase(why, "budget:"))
        sim_fail("acknowledged", "%s, opened by mail %u of a person, was kept silent: %s", c->number, r->mail->n, why);
}

static void
case_judge(struct view *v, size_t at)
{
    const Td__Case *c = v->cases[at];
    Td__Entry **entries = arena_alloc(v->a, (c->entries + 1) * sizeof *entries);
    struct record *opened = NULL, *r;
    size_t n = 0;
    for (uint32_t i = 0; i < c->entries; i++) {
        struct store_key k;
        table_entry(&k, c->id, i);
        if (store_get(v->txn, STORE_ENTRIES, &k, v->a, &td__entry__descriptor, &entries[n]) != STORE_OK)
            continue;
        const Td__Entry *e = entries[n++];
        if (!e->has_mail || (r = record_find(v, e->mail)) == NULL) {
            if (e->has_mail)
                sim_fail("journal", "%s: an entry names mail %llu, which is not there", c->number, (unsigned long long)e->mail);
            continue;
        }
        r->entries++;
        r->duplicates += e->what == TD__ENTRY__WHAT__DUPLICATE;
        r->unparsed |= e->what == TD__ENTRY__WHAT__UNPARSED;
        r->elsewhere += r->case_id != c->id;
        if (e->what == TD__ENTRY__WHAT__OPENED && opened == NULL)
            opened = r;
    }
    v->staff_made[at] = opened == NULL || opened->mail == NULL || opened->mail->kind == MAIL_STAFF;
    if (opened != NULL && opened->mail != NULL)
        opened_judge(v, c, entries, n, opened);
}

static void
mails_judge(struct view *v)
{
    for (size_t i = 0; i < v->n_records; i++) {
        const struct record *r = &v->records[i];
        if (r->mail == NULL)
            continue;
        if (r->case_id == 0 && r->mail->kind != MAIL_STAFF)
            sim_fail("nowhere", "mail %u is in no case", r->mail->n);
        if (r->case_id != 0 && r->entries == r->elsewhere)
            sim_fail("nowhere", "mail %u: its case does not know it", r->mail->n);
    }
    for (size_t i = 0; i < S.n_mails; i++) {
        const struct mail *m = S.mails[i];
        unsigned records = 0, effects = 0, unread = 0;
        for (size_t k = 0; k < v->n_records; k++)
            if (v->records[k].mail == m) {
                records++;
                effects += v->records[k].duplicates == 0;
                unread += v->records[k].unparsed;
            }
        if (m->handed > 0 && records == 0)
            sim_fail("lost", "mail %u was taken and is not there", m->n);
        if (m->kind == MAIL_OLD && records > 0)
            sim_fail("old", "mail %u lay there before the first contact and was taken", m->n);
        if (effects > 1 && unread == 0 && m->kind != MAIL_STAFF)
            sim_fail("doubled", "mail %u had %u effects", m->n, effects);
        if (records > 0 && effects == 0)
            sim_fail("nowhere", "mail %u: all its copies are duplicates of each other", m->n);
    }
}

/* ---- letters */

static bool
was_recalled(struct view *v, const Td__Letter *l)
{
    for (size_t i = 0; l->has_case_id && i < v->n_cases; i++) {
        const Td__Case *c = v->cases[i];
        if (c->id != l->case_id)
            continue;
        for (uint32_t n = 0; n < c->entries; n++) {
            struct store_key k;
            Td__Entry *e;
            table_entry(&k, c->id, n);
            if (store_get(v->txn, STORE_ENTRIES, &k, v->a, &td__entry__descriptor, &e) == STORE_OK && e->what == TD__ENTRY__WHAT__UNDONE)
                return true;
        }
    }
    return false;
}

static void
letter_judge(struct view *v, const Td__Letter *l)
{
    for (size_t i = 0; i < l->n_to; i++) {
        bool tried = false, taken = false, refused = false;
        int64_t last = 0;
        for (size_t k = 0; k < S.n_sents; k++) {
            const struct sent *t = &S.sents[k];
            if (t->letter != l->id || !addr_equal(t->to, l->to[i]->addr))
                continue;
            tried = true;
            taken |= t->taken;
            refused |= t->code >= 500;
            last = t->at;
        }
        bool given_up = tried && !taken && last - l->date >= 86400 * 3;
        if (!taken && !refused && !given_up && l->date <= v->now - SETTLING_S && !was_recalled(v, l))
            sim_fail("unsent", "letter %llu (kind %d) to %s never went", (unsigned long long)l->id, (int)l->kind, l->to[i]->addr);
    }
    for (size_t i = 0; i < v->n_letters; i++)
        if (v->letters[i] != l && strcmp(v->letters[i]->message_id, l->message_id) == 0)
            sim_fail("message-id", "letters %llu and %llu have one Message-ID", (unsigned long long)l->id, (unsigned long long)v->letters[i]->id);
}

static void
letters_read(struct view *v)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    if (store_cursor_open(v->txn, STORE_LETTERS, NULL, NULL, false, &c) != STORE_OK)
        return;
    while (store_cursor_next(c, &k)) {
        struct store_key own;
        Td__Letter *l;
        table_letter(&own, store_key_read_u64(&k, 0), 0);
        if (memcmp(own.bytes, k.bytes, k.len) != 0)
            continue;
        if (store_cursor_get(c, v->a, &td__letter__descriptor, &l) == STORE_OK)
            (void)arena_push(v->a, &v->letters, &v->n_letters, l);
        else
            sim_fail("store", "a letter does not open");
    }
    store_cursor_close(&c);
}

/* ---- budgets, counted from the letters themselves */

static bool
is_budgeted(const struct view *v, const Td__Letter *l)
{
    for (size_t i = 0; l->kind == TD__LETTER__KIND__ACK && l->has_case_id && i < v->n_cases; i++)
        if (v->cases[i]->id == l->case_id)
            return !v->staff_made[i];
    return l->kind == TD__LETTER__KIND__RECEIPT;
}

struct counted { unsigned same, domain, all; };

/* Letters in `hours` whole hours up to that of this one. */
static struct counted
count_around(struct view *v, const Td__Letter *l, int64_t hours)
{
    struct counted n = { 0, 0, 0 };
    for (size_t i = 0; i < v->n_letters; i++) {
        const Td__Letter *o = v->letters[i];
        if (o->date / 3600 > l->date / 3600 || o->date / 3600 <= l->date / 3600 - hours || !is_budgeted(v, o))
            continue;
        n.all++;
        n.domain += strcmp(addr_domain(o->to[0]->addr), addr_domain(l->to[0]->addr)) == 0;
        n.same += addr_equal(o->to[0]->addr, l->to[0]->addr);
    }
    return n;
}

static void
budget_judge(struct view *v, const Td__Letter *l)
{
    const struct conf_budget *b = &v->desk->budget;
    struct counted hour = count_around(v, l, 1), day = count_around(v, l, 24);
    if (hour.same > b->recipient_hour || hour.domain > b->domain_hour || hour.all > b->all_hour)
        sim_fail("budget", "in the hour of letter %llu: %u to the address, %u to the domain, %u to all", (unsigned long long)l->id, hour.same,
                 hour.domain, hour.all);
    if (day.same > b->recipient_day || day.domain > b->domain_day || day.all > b->all_day)
        sim_fail("budget", "in the day of letter %llu: %u to the address, %u to the domain, %u to all", (unsigned long long)l->id, day.same,
                 day.domain, day.all);
}

/* ---- all together */

static void
view_judge(struct view *v)
{
    struct store_cursor *c = NULL;
    struct store_key k;
    records_read(v);
    letters_read(v);
    if (store_cursor_open(v->txn, STORE_CASES, NULL, NULL, false, &c) == STORE_OK)
        while (store_cursor_next(c, &k)) {
            Td__Case *kase;
            if (store_cursor_get(c, v->a, &td__case__descriptor, &kase) == STORE_OK)
                (void)arena_push(v->a, &v->cases, &v->n_cases, kase);
        }
    store_cursor_close(&c);
    v->staff_made = arena_alloc(v->a, v->n_cases + 1);
    for (size_t i = 0; i < v->n_cases; i++)
        case_judge(v, i);
    mails_judge(v);
    for (size_t i = 0; i < v->n_letters; i++) {
        letter_judge(v, v->letters[i]);
        if (is_budgeted(v, v->letters[i]))
            budget_judge(v, v->letters[i]);
    }
    free(v->records);
}

static void
some_bytes(void *u, void *out, size_t len)
{
    (void)u;
    randombytes_buf(out, len);
}

void
check_all(void)
{
    struct buf errors = { 0 };
    struct store_options o = { .random = some_bytes };
    struct desk *desk = NULL;
    struct store *store;
    struct view v = { .a = arena_new(0), .now = sim_wall() };
    char error[256];
    struct conf *conf = conf_load(S.conf_path, true, &errors);
    must(conf != NULL && start_master_key(conf, NULL, o.master_key, error) == 0);
    o.directory = conf->state_directory;
    if (store_open(&o, &store, error) != STORE_OK) {
        sim_fail("store", "%s", error);
    } else {
        desk = desk_new(conf, store_naming_key(store), &errors);
        must(desk != NULL);
        v.desk = &conf->desks[0];
        inside_check(store, conf, desk, v.now - SETTLING_S);
        if (store_begin(store, NULL, false, &v.txn) == STORE_OK)
            view_judge(&v);
        store_abort(&v.txn);
        store_close(&store);
    }
    desk_free(&desk);
    conf_free(&conf);
    buf_free(&errors);
    arena_free(&v.a);
}
