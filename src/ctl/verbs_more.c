/* SPDX-License-Identifier: ISC
 *
 * Further questions to the store: search (a scan, newest first, for an index of words would tell what is sealed), the letters
 * that wait, and the fate of every mail that a mailbox showed. Trusts the store; bounds what is answered.
 */
#include "verbs.h"
#include "verbs_more.h"
#include "ticketd/tables.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define HITS_MAX 10000
#define HITS_USUAL 100
#define ROWS_MAX 10000
#define EXCERPT 60                      /* bytes on either side of what was found */
#define WORDS_LEN_MAX 1000

static void
print(json_t *o, struct buf *out)
{
    char *s = json_dumps(o, JSON_COMPACT);
    buf_printf(out, "%s\n", s != NULL ? s : "null");
    free(s);
    json_decref(o);
}

/* ---- search */

struct search { pcre2_code *code; pcre2_match_data *data; };

/* The words as they stand, in large letters or small. */
static bool
search_open(struct search *s, const char *words)
{
    int code;
    PCRE2_SIZE at;
    s->code = pcre2_compile((PCRE2_SPTR)words, strlen(words), PCRE2_LITERAL | PCRE2_UTF | PCRE2_CASELESS, &code, &at, NULL);
    s->data = s->code != NULL ? pcre2_match_data_create_from_pattern(s->code, NULL) : NULL;
    return s->data != NULL;
}

static void
search_close(struct search *s)
{
    pcre2_match_data_free(s->data);
    pcre2_code_free(s->code);
}

/* A few words around the place. */
static json_t *
excerpt(const char *s, size_t from, size_t to)
{
    size_t len = strlen(s), a = from > EXCERPT ? from - EXCERPT : 0, b = len - to > EXCERPT ? to + EXCERPT : len;
    while (a > 0 && ((unsigned char)s[a] & 0xc0) == 0x80)
        a--;
    while (b < len && ((unsigned char)s[b] & 0xc0) == 0x80)
        b++;
    return json_sprintf("%s%.*s%s", a > 0 ? "…" : "", (int)(b - a), s + a, b < len ? "…" : "");
}

static json_t *
found_in(const struct search *s, const char *in)
{
    if (in == NULL || pcre2_match(s->code, (PCRE2_SPTR)in, strlen(in), 0, 0, s->data, NULL) < 0)
        return NULL;
    const PCRE2_SIZE *place = pcre2_get_ovector_pointer(s->data);
    return excerpt(in, place[0], place[1]);
}

static json_t *
found_on_case(const struct search *s, const Td__Case *c, const char **where)
{
    json_t *e = found_in(s, c->number);
    *where = "number";
    if (e == NULL && (e = found_in(s, c->subject)) != NULL)
        *where = "subject";
    if (e == NULL && ((e = found_in(s, c->requester->addr)) != NULL || (e = found_in(s, c->requester->name)) != NULL))
        *where = "requester";
    for (size_t i = 0; e == NULL && i < c->n_participants; i++) {
        *where = "address";
        e = found_in(s, c->participants[i]->address->addr);
    }
    return e;
}

static json_t *
found_in_entry(const struct search *s, const Td__Entry *en, const char **where)
{
    json_t *e = found_in(s, en->text);
    *where = "text";
    if (e == NULL && (e = found_in(s, en->subject)) != NULL)
        *where = "subject";
    if (e == NULL && ((e = found_in(s, en->by)) != NULL || (e = found_in(s, en->recipient)) != NULL))
        *where = "address";
    for (size_t i = 0; e == NULL && i < en->n_attachments; i++) {
        *where = "attachment";
        e = found_in(s, en->attachments[i]->name);
    }
    return e;
}

/* The newest entry first, as with cases. */
static enum store_rc
search_case(const struct ctl_source *src, struct store_txn *t, const struct search *s, struct arena *a, const Td__Case *c, json_t *hits)
{
    struct store_cursor *cur = NULL;
    struct store_key k;
    const char *where;
    int64_t at = c->opened_at;
    enum store_rc rc = STORE_OK;
    json_t *e = found_on_case(s, c, &where);
    if (e == NULL) {
        table_entry_prefix(&k, c->id);
        rc = store_cursor_open(t, STORE_ENTRIES, &k, NULL, true, &cur);
    }
    while (e == NULL && rc == STORE_OK && store_cursor_next(cur, &k)) {
        Td__Entry *en;
        rc = store_cursor_get(cur, a, &td__entry__descriptor, &en);
        if (rc == STORE_OK && (e = found_in_entry(s, en, &where)) != NULL)
            at = en->at;
        if (rc == STORE_ERASED || rc == STORE_DAMAGED)
            rc = STORE_OK;
    }
    store_cursor_close(&cur);
    if (e == NULL)
        return rc;
    const char *label = src->desk != NULL ? desk_state_label(src->desk, c) : schema_state_name(c->state);
    json_array_append_new(hits, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "case", ctl_text(c->number), "desk", ctl_text(c->desk), "state",
                                          ctl_text(schema_state_name(c->state)), "state_label", ctl_text(label), "subject", ctl_text(c->subject), "requester",
                                          ctl_text(c->requester->addr), "at", ctl_when(true, at), "where", where, "excerpt", e));
    return rc;
}

uint32_t
verb_search(const struct ctl_source *src, const Td__Request *r, struct buf *out, struct buf *error)
{
    const char *words = ctl_argument(r, "words"), *desk = ctl_argument(r, "desk"), *limit = ctl_argument(r, "limit");
    struct search s = { NULL, NULL };
    struct store_cursor *cur = NULL;
    struct store_txn *t;
    struct store_key k;
    int64_t since, until;
    size_t most = limit != NULL ? strtoul(limit, NULL, 10) : HITS_USUAL;
    uint64_t scanned = 0, of = 0;
    if (words == NULL || words[0] == '\0' || strlen(words) > WORDS_LEN_MAX || !utf8_valid(words, strlen(words)) || !search_open(&s, words)) {
        buf_puts(error, "search takes words, at most 1000 bytes of UTF-8");
        search_close(&s);
        return EX_USAGE;
    }
    const char *zone = src->conf != NULL && src->conf->n_desks > 0 && zone_known(src->conf->desks[0].zone) ? src->conf->desks[0].zone : "UTC";
    if (most < 1 || most > HITS_MAX || !ctl_moment(ctl_argument(r, "since"), zone, INT64_MIN, &since) ||
        !ctl_moment(ctl_argument(r, "until"), zone, INT64_MAX, &until)) {
        buf_puts(error, "--limit takes 1 to 10000, --since and --until a date like 2026-03-31 or a time like 2026-03-31T10:00:00Z");
        search_close(&s);
        return EX_USAGE;
    }
    json_t *hits = json_array();
    enum store_rc rc = store_begin(src->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_CASES, NULL, NULL, true, &cur);
    while (rc == STORE_OK && json_array_size(hits) < most && store_cursor_next(cur, &k)) {
        struct arena *a = arena_new(0);
        Td__Case *c;
        rc = store_cursor_get(cur, a, &td__case__descriptor, &c);
        if (rc == STORE_OK) {
            of = of != 0 ? of : c->id;
            if ((desk == NULL || strcmp(desk, c->desk) == 0) && c->opened_at >= since && c->opened_at < until)
                rc = search_case(src, t, &s, a, c, hits);
        }
        if (rc == STORE_ERASED || rc == STORE_DAMAGED)
            rc = STORE_OK;
        ctl_progress(src, "cases looked at:", ++scanned, of);
        arena_free(&a);
    }
    bool more = rc == STORE_OK && store_cursor_next(cur, &k);
    if (rc == STORE_OK)
        rc = store_cursor_rc(cur);
    store_cursor_close(&cur);
    store_abort(&t);
    search_close(&s);
    print(json_pack("{s:o, s:I, s:b}", "hits", hits, "scanned", (json_int_t)scanned, "more", more), out);
    return rc == STORE_OK ? 0 : ctl_failed(rc, error);
}

/* ---- queue: what waits in the outbox, the next first */

static json_t *
waiting_json(const Td__Outgoing *row, const Td__Letter *l, uint64_t id, int64_t next_at)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:b, s:o}", "letter", (json_int_t)id, "kind",
                     ctl_text(l != NULL ? schema_letter_kind_name(l->kind) : NULL), "case", ctl_text(l != NULL ? l->case_number : NULL), "desk",
                     ctl_text(l != NULL ? l->desk : NULL), "to", ctl_text(row->recipient), "subject", ctl_text(l != NULL ? l->subject : NULL), "next", ctl_when(true, next_at),
                     "since", ctl_when(true, row->since_at), "attempts", (json_int_t)row->attempts, "last", ctl_text(row->last), "unknown",
                     (int)(row->has_unknown && row->unknown), "relay", ctl_text(row->relay));
}

uint32_t
verb_queue(const struct ctl_source *src, const Td__Request *r, struct buf *out, struct buf *error)
{
    const char *desk = ctl_argument(r, "desk");
    struct store_cursor *cur = NULL;
    struct store_txn *t;
    struct store_key k;
    json_t *list = json_array();
    enum store_rc rc = store_begin(src->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_OUTBOX, NULL, NULL, false, &cur);
    while (rc == STORE_OK && json_array_size(list) < ROWS_MAX && store_cursor_next(cur, &k)) {
        struct arena *a = arena_new(0);
        struct store_key lk;
        Td__Outgoing *row;
        Td__Letter *l = NULL;
        int64_t at;
        uint64_t id;
        uint32_t recipient;
        table_outbox_read(&k, &at, &id, &recipient);
        table_letter(&lk, id, 0);
        rc = store_cursor_get(cur, a, &td__outgoing__descriptor, &row);
        if (rc == STORE_OK && store_get(t, STORE_LETTERS, &lk, a, &td__letter__descriptor, &l) != STORE_OK)
            l = NULL;                   /* erased with its case */
        if (rc == STORE_OK && (desk == NULL || (l != NULL && strcmp(desk, l->desk) == 0)))
            json_array_append_new(list, waiting_json(row, l, id, at));
        if (rc == STORE_DAMAGED)
            rc = STORE_OK;
        arena_free(&a);
    }
    bool more = rc == STORE_OK && store_cursor_next(cur, &k);
    if (rc == STORE_OK)
        rc = store_cursor_rc(cur);
    store_cursor_close(&cur);
    store_abort(&t);
    print(json_pack("{s:o, s:b}", "letters", list, "more", more), out);
    return rc == STORE_OK ? 0 : ctl_failed(rc, error);
}

/* ---- audit: the ledger, mailbox by mailbox */

static const char *const fates[] = { [TD__FATE__WHAT__TAKEN] = "taken", [TD__FATE__WHAT__DUPLICATE] = "duplicate", [TD__FATE__WHAT__SET_ASIDE] = "set-aside",
                                     [TD__FATE__WHAT__REFUSED] = "refused" };

static const char *
fate_name(const Td__Fate *f)
{
    return f->what >= TD__FATE__WHAT__TAKEN && f->what <= TD__FATE__WHAT__REFUSED ? fates[f->what] : "unknown";
}

static const char *
number_of(struct store_txn *t, struct arena *a, uint64_t id)
{
    struct store_key k;
    Td__Case *c;
    table_case(&k, id);
    return store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c) == STORE_OK ? c->number : NULL;
}

struct audit { json_t *mails; uint64_t counts[TD__FATE__WHAT__REFUSED + 1], unsettled; bool is_told, list, more; };   /* is_told: by flag or move, with a record of it */

static enum store_rc
audit_row(struct store_txn *t, struct store_cursor *cur, const struct store_key *k, size_t prefix, struct audit *au)
{
    struct arena *a = arena_new(0);
    Td__Fate *f;
    enum store_rc rc = store_cursor_get(cur, a, &td__fate__descriptor, &f);
    if (rc == STORE_OK) {
        uint64_t uidvalidity = store_key_read_u64(k, prefix - 4) & UINT32_MAX;
        bool settled = !au->is_told || (f->has_settled && f->settled);
        if (f->what >= TD__FATE__WHAT__TAKEN && f->what <= TD__FATE__WHAT__REFUSED)
            au->counts[f->what]++;
        au->unsettled += !settled;
        if (!au->list && f->what == TD__FATE__WHAT__TAKEN && settled) {
            arena_free(&a);             /* as it should be */
            return rc;
        }
        if (json_array_size(au->mails) >= ROWS_MAX)
            au->more = true;
        else
            json_array_append_new(au->mails, json_pack("{s:I, s:I, s:s, s:o, s:o, s:b, s:o}", "uidvalidity", (json_int_t)uidvalidity, "uid",
                                                       (json_int_t)store_key_read_u64(k, prefix + 4), "fate", fate_name(f), "case",
                                                       ctl_text(f->has_case_id ? number_of(t, a, f->case_id) : NULL), "at", ctl_when(true, f->at), "settled", (int)settled,
                                                       "why", ctl_text(f->why)));
    }
    arena_free(&a);
    return rc == STORE_DAMAGED || rc == STORE_ERASED ? STORE_OK : rc;
}

static enum store_rc
audit_mailbox(const struct ctl_source *src, struct store_txn *t, const struct conf_intake *in, bool list, json_t *into)
{
    const char *name = in->name;
    struct audit au = { .mails = json_array(), .list = list, .is_told = in->kind == CONF_INTAKE_IMAP };
    struct store_key prefix, k;
    struct store_cursor *cur = NULL;
    struct arena *a = arena_new(0);
    Td__Mailbox *m = NULL;
    uint64_t n = 0;
    table_mailbox(src->store, &prefix, name);
    enum store_rc rc = store_get(t, STORE_LEDGER, &prefix, a, &td__mailbox__descriptor, &m);
    if (rc != STORE_OK)
        m = NULL;
    rc = store_cursor_open(t, STORE_LEDGER, &prefix, NULL, false, &cur);
    while (rc == STORE_OK && store_cursor_next(cur, &k)) {
        if (k.len == prefix.len)        /* the mailbox itself */
            continue;
        rc = audit_row(t, cur, &k, prefix.len, &au);
        n++;
        ctl_progress(src, "mails looked at:", n, n);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(cur);
    store_cursor_close(&cur);
    json_array_append_new(into, json_pack("{s:s, s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:o, s:b}", "mailbox", name, "uidvalidity",
                                          m != NULL ? json_integer(m->uidvalidity) : json_null(), "first_contact",
                                          ctl_when(m != NULL && m->has_first_contact_at, m != NULL ? m->first_contact_at : 0), "low_water",
                                          m != NULL ? json_integer((json_int_t)m->low_water) : json_null(), "counts", "taken",
                                          (json_int_t)au.counts[TD__FATE__WHAT__TAKEN], "duplicate", (json_int_t)au.counts[TD__FATE__WHAT__DUPLICATE],
                                          "set_aside", (json_int_t)au.counts[TD__FATE__WHAT__SET_ASIDE], "refused",
                                          (json_int_t)au.counts[TD__FATE__WHAT__REFUSED], "unsettled", (json_int_t)au.unsettled, "mails", au.mails, "more",
                                          (int)au.more));
    arena_free(&a);
    return rc;
}

uint32_t
verb_audit(const struct ctl_source *src, const Td__Request *r, struct buf *out, struct buf *error)
{
    const char *only = ctl_argument(r, "mailbox");
    struct store_txn *t;
    json_t *list = json_array();
    if (src->conf == NULL) {
        buf_puts(error, "audit needs the configuration, for the names of the mailboxes");
        return EX_CONFIG;
    }
    enum store_rc rc = store_begin(src->store, NULL, false, &t);
    for (size_t i = 0; rc == STORE_OK && i < src->conf->n_intakes; i++)
        if (src->conf->intakes[i].kind != CONF_INTAKE_LMTP && (only == NULL || strcmp(only, src->conf->intakes[i].name) == 0))
            rc = audit_mailbox(src, t, &src->conf->intakes[i], ctl_argument(r, "all") != NULL, list);
    store_abort(&t);
    if (rc == STORE_OK && only != NULL && json_array_size(list) == 0) {
        buf_printf(error, "there is no mailbox \"%s\" that keeps its mail", only);
        json_decref(list);
        return EX_DATAERR;
    }
    print(json_pack("{s:o}", "mailboxes", list), out);
    return rc == STORE_OK ? 0 : ctl_failed(rc, error);
}
