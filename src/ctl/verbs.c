/* SPDX-License-Identifier: ISC
 *
 * What can be asked of the store: list, show, status. Short read transactions; JSON comes out.
 */
#include "ticketd/ctl.h"
#include "ticketd/tables.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIST_MAX 10000
#define COUNT_MAX 1000000

static uint32_t
failed(enum store_rc rc, struct buf *error)
{
    buf_printf(error, "the store: %s", store_rc_name(rc));
    return EX_IOERR;
}

static const char *
argument(const Td__Request *r, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < r->n_args; i++)
        if (strncmp(r->args[i], name, len) == 0 && r->args[i][len] == '=')
            return r->args[i] + len + 1;
    return NULL;
}

/* ---- list: open cases in the order of work (desk, queue, state, rank, time), closed ones with all=1 */

static bool
listed(const Td__Case *c, const Td__Request *r)
{
    const char *desk = argument(r, "desk"), *state = argument(r, "state");
    if (desk != NULL && strcmp(desk, c->desk) != 0)
        return false;
    if (state != NULL)
        return strcmp(state, schema_state_name(c->state)) == 0;
    return argument(r, "all") != NULL || c->state != TD__STATE__CLOSED;
}

static uint32_t
verb_list(struct store *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k, ck;
    size_t n = 0;
    uint64_t rank = 0;
    enum store_rc rc = store_begin(s, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_BY_STATE, NULL, NULL, false, &c);
    buf_puts(out, "{\"cases\":[");
    while (rc == STORE_OK && n < LIST_MAX && store_cursor_next(c, &k)) {
        struct arena *a = arena_new(0);
        Td__Case *kase;
        table_case(&ck, table_state_case(&k));
        rc = store_get(t, STORE_CASES, &ck, a, &td__case__descriptor, &kase);
        if (rc == STORE_OK && listed(kase, r)) {
            buf_puts(out, n++ > 0 ? ",\n" : "\n");
            schema_case_json(kase, NULL, 0, kase->state == TD__STATE__CLOSED ? 0 : ++rank, NULL, out);
        }
        arena_free(&a);
    }
    buf_printf(out, "],\"more\":%s}\n", n == LIST_MAX ? "true" : "false");
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    store_abort(&t);
    return rc == STORE_OK ? 0 : failed(rc, error);
}

/* ---- show CASE: by number in any spelling, or by the running number alone */

static bool
case_number(const char *word, uint64_t *id)
{
    const char *p = word + strcspn(word, "0123456789");
    char *end;
    const char *dash = strchr(word, '-');
    if (dash != NULL)
        p = dash + 1;
    *id = strtoull(p, &end, 10);
    return end != p && *id > 0;
}

static enum store_rc
entries_read(struct store_txn *t, uint64_t id, struct arena *a, Td__Entry ***v, size_t *n)
{
    struct store_cursor *c;
    struct store_key k;
    table_entry_prefix(&k, id);
    enum store_rc rc = store_cursor_open(t, STORE_ENTRIES, &k, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        Td__Entry *e;
        rc = store_cursor_get(c, a, &td__entry__descriptor, &e);
        if (rc == STORE_OK)
            (void)arena_push(a, v, n, e);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static uint32_t
verb_show(struct store *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_key k;
    Td__Case *c = NULL;
    Td__Entry **v = NULL;
    size_t n = 0;
    uint64_t id = 0;
    const char *word = argument(r, "case");
    enum store_rc rc = store_begin(s, NULL, false, &t);
    if (rc == STORE_OK) {
        if (word == NULL || !case_number(word, &id))
            rc = STORE_NOTFOUND;
        table_case(&k, id);
        if (rc == STORE_OK)
            rc = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c);
        if (rc == STORE_OK && strchr(word, '-') != NULL && !str_eq_nocase(word, c->number))
            rc = STORE_NOTFOUND;
        if (rc == STORE_OK)
            rc = entries_read(t, id, a, &v, &n);
    }
    if (rc == STORE_OK) {
        schema_case_json(c, v, n, 0, NULL, out);
        buf_putc(out, '\n');
    } else if (rc == STORE_NOTFOUND) {
        buf_printf(error, "there is no case \"%s\"", word != NULL ? word : "");
    }
    store_abort(&t);
    arena_free(&a);
    return rc == STORE_OK ? 0 : rc == STORE_NOTFOUND ? EX_DATAERR : failed(rc, error);
}

/* ---- status: what core says of itself, and what the store holds */

static enum store_rc
count_states(struct store_txn *t, uint64_t counts[TD__STATE__CLOSED + 1])
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(t, STORE_BY_STATE, NULL, NULL, false, &c);
    for (size_t n = 0; rc == STORE_OK && n < COUNT_MAX && store_cursor_next(c, &k); n++) {
        Td__State st = table_state_state(&k);
        if (st >= TD__STATE__NEW && st <= TD__STATE__CLOSED)
            counts[st]++;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
count_rows(struct store_txn *t, enum store_table tab, uint64_t *n)
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(t, tab, NULL, NULL, false, &c);
    while (rc == STORE_OK && *n < COUNT_MAX && store_cursor_next(c, &k))
        (*n)++;
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static uint32_t
verb_status(struct store *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct store_txn *t;
    uint64_t counts[TD__STATE__CLOSED + 1] = { 0 }, outbox = 0, timers = 0;
    enum store_rc rc = store_begin(s, NULL, false, &t);
    if (rc == STORE_OK)
        rc = count_states(t, counts);
    if (rc == STORE_OK)
        rc = count_rows(t, STORE_OUTBOX, &outbox);
    if (rc == STORE_OK)
        rc = count_rows(t, STORE_TIMERS, &timers);
    store_abort(&t);
    if (rc != STORE_OK)
        return failed(rc, error);
    buf_puts(out, "{\"cases\":{");
    for (int st = TD__STATE__NEW; st <= TD__STATE__CLOSED; st++)
        buf_printf(out, "%s\"%s\":%llu", st > TD__STATE__NEW ? "," : "", schema_state_name((Td__State)st), (unsigned long long)counts[st]);
    buf_printf(out, "},\"letters_waiting\":%llu,\"timers\":%llu,\"free_bytes\":%llu,\"daemon\":%s}\n", (unsigned long long)outbox,
               (unsigned long long)timers, (unsigned long long)store_free_bytes(s), r->status != NULL ? r->status : "null");
    return 0;
}

const struct ctl_verb ctl_verbs[] = {
    { "list", "[--all] [--desk NAME] [--state STATE]", "the cases in the order of work", verb_list },
    { "show", "CASE", "one case and its journal", verb_show },
    { "status", "", "how ticketd is", verb_status },
};
const size_t ctl_verbs_n = countof(ctl_verbs);
