/* SPDX-License-Identifier: ISC
 *
 * What can be asked of the store: list, next, show, explain, report, status. Short read transactions; JSON comes out.
 */
#include "explain.h"
#include "verbs.h"
#include "verbs_more.h"
#include "keep.h"
#include "ticketd/ctl.h"
#include "ticketd/tables.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIST_MAX 10000
#define COUNT_MAX 1000000

uint32_t
ctl_failed(enum store_rc rc, struct buf *error)
{
    buf_printf(error, "the store: %s", store_rc_name(rc));
    return EX_IOERR;
}

const char *
ctl_argument(const Td__Request *r, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < r->n_args; i++)
        if (strncmp(r->args[i], name, len) == 0 && r->args[i][len] == '=')
            return r->args[i] + len + 1;
    return NULL;
}

/* As it is now: clocks that stand still as if they went on now, and the desk's own word for the state. */
static void
show_now(const struct ctl_source *s, Td__Case *c)
{
    if (s->desk != NULL)
        desk_show(s->desk, c, s->now);
}

static const char *
label_of(const struct ctl_source *s, const Td__Case *c)
{
    return s->desk != NULL ? desk_state_label(s->desk, c) : NULL;
}

/* ---- list: open cases in the order of work, closed ones with all=1 */

static bool
is_overdue(const Td__Case *c)
{
    for (size_t i = 0; i < c->n_clocks; i++)
        if (c->clocks[i]->breached && !c->clocks[i]->has_met_at)
            return true;
    return false;
}

static bool
says(const Td__Case *c, const char *words)
{
    bool any = str_find_nocase(c->number, words) != NULL || str_find_nocase(c->subject, words) != NULL || str_find_nocase(c->requester->addr, words) != NULL ||
               (c->requester->name != NULL && str_find_nocase(c->requester->name, words) != NULL);
    for (size_t i = 0; i < c->n_tags; i++)
        any |= str_eq_nocase(c->tags[i], words);
    return any;
}

/* An address, its local part, or "none". */
static bool
has_assignee(const Td__Case *c, const char *who)
{
    size_t n = strlen(who);
    if (c->assignee == NULL || strcmp(who, "none") == 0)
        return c->assignee == NULL && strcmp(who, "none") == 0;
    return addr_equal(c->assignee, who) || (str_starts_nocase(c->assignee, who) && c->assignee[n] == '@');
}

static bool
listed(const Td__Case *c, const Td__Request *r)
{
    const char *desk = ctl_argument(r, "desk"), *state = ctl_argument(r, "state"), *queue = ctl_argument(r, "queue");
    const char *priority = ctl_argument(r, "priority"), *assignee = ctl_argument(r, "assignee"), *words = ctl_argument(r, "text");
    if ((desk != NULL && strcmp(desk, c->desk) != 0) || (queue != NULL && strcmp(queue, c->queue) != 0) ||
        (priority != NULL && strcmp(priority, c->priority) != 0) || (assignee != NULL && !has_assignee(c, assignee)) || (words != NULL && !says(c, words)) ||
        (ctl_argument(r, "overdue") != NULL && !is_overdue(c)))
        return false;
    if (state != NULL)
        return strcmp(state, schema_state_name(c->state)) == 0;
    return ctl_argument(r, "all") != NULL || c->state != TD__STATE__CLOSED;
}

/* A row of the index without its queue: desks one after the other, in each the order of work, whatever the queue. */
struct place { uint8_t bytes[TABLE_PLACE_LEN]; uint64_t id; };

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, TABLE_PLACE_LEN);
}

static enum store_rc
places_read(struct store_txn *t, bool closed, struct place **v, size_t *n)
{
    struct store_cursor *c;
    struct store_key k;
    size_t cap = 0;
    enum store_rc rc = store_cursor_open(t, STORE_BY_STATE, NULL, NULL, false, &c);
    while (rc == STORE_OK && *n < COUNT_MAX && store_cursor_next(c, &k)) {
        if (!closed && table_state_state(&k) == TD__STATE__CLOSED)
            continue;
        if (*n == cap)
            *v = mem_grow(*v, (cap = cap > 0 ? cap * 2 : 256) * sizeof **v);
        table_state_place(&k, (*v)[*n].bytes);
        (*v)[(*n)++].id = table_state_case(&k);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    if (*n > 1)
        qsort(*v, *n, sizeof **v, compare);
    return rc;
}

/* At most `most` of the cases that `wanted` takes, in the order of work. */
static uint32_t
cases_list(const struct ctl_source *s, const Td__Request *r, size_t most, bool (*wanted)(const Td__Case *, const Td__Request *), struct buf *out,
           struct buf *error)
{
    struct store_txn *t;
    struct place *v = NULL;
    size_t places = 0, n = 0;
    uint64_t rank = 0;
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = places_read(t, ctl_argument(r, "all") != NULL || ctl_argument(r, "state") != NULL, &v, &places);
    buf_puts(out, "{\"cases\":[");
    for (size_t i = 0; rc == STORE_OK && n < most && i < places; i++) {
        struct arena *a = arena_new(0);
        struct store_key k;
        Td__Case *kase;
        table_case(&k, v[i].id);
        rc = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &kase);
        if (rc == STORE_OK && wanted(kase, r)) {
            buf_puts(out, n++ > 0 ? ",\n" : "\n");
            show_now(s, kase);
            schema_case_json(kase, NULL, 0, kase->state == TD__STATE__CLOSED ? 0 : ++rank, label_of(s, kase), out);
        }
        if (rc == STORE_NOTFOUND || rc == STORE_ERASED || rc == STORE_DAMAGED)
            rc = STORE_OK;
        arena_free(&a);
    }
    buf_printf(out, "],\"more\":%s}\n", n == LIST_MAX ? "true" : "false");
    store_abort(&t);
    free(v);
    return rc == STORE_OK ? 0 : ctl_failed(rc, error);
}

static uint32_t
verb_list(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    return cases_list(s, r, LIST_MAX, listed, out, error);
}

/* ---- next: the case to take */

static bool
workable(const Td__Case *c, const Td__Request *r)
{
    return listed(c, r) && c->state != TD__STATE__WAITING && c->state != TD__STATE__RESOLVED && c->state != TD__STATE__CLOSED;
}

static uint32_t
verb_next(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    return cases_list(s, r, 1, workable, out, error);
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

enum store_rc
ctl_entries(struct store_txn *t, uint64_t id, struct arena *a, Td__Entry ***v, size_t *n)
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

static enum store_rc
case_read(struct store_txn *t, const char *word, struct arena *a, Td__Case **c)
{
    struct store_key k;
    uint64_t id = 0;
    if (word == NULL || !case_number(word, &id))
        return STORE_NOTFOUND;
    table_case(&k, id);
    enum store_rc rc = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, c);
    return rc == STORE_OK && strchr(word, '-') != NULL && !str_eq_nocase(word, (*c)->number) ? STORE_NOTFOUND : rc;
}

/* What each clock has used of its target, for bars. */
static void
clocks_used(const struct ctl_source *s, const Td__Case *c, struct buf *out)
{
    json_t *o = s->desk != NULL ? json_loadb(out->data, out->len, JSON_ALLOW_NUL, NULL) : NULL;
    json_t *clocks = json_object_get(o, "clocks");
    for (size_t i = 0; o != NULL && i < c->n_clocks && i < json_array_size(clocks); i++) {
        struct desk_used used;
        desk_used(s->desk, c, c->clocks[i], s->now, &used);
        json_object_set_new(json_array_get(clocks, i), "percent", json_integer(used.percent));
        json_object_set_new(json_array_get(clocks, i), "left_seconds", json_integer(used.left_s));
    }
    char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
    if (text != NULL) {
        buf_clear(out);
        buf_puts(out, text);
    }
    free(text);
    json_decref(o);
}

static uint32_t
verb_show(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Case *c = NULL;
    Td__Entry **v = NULL;
    size_t n = 0;
    const char *word = ctl_argument(r, "case");
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = case_read(t, word, a, &c);
    if (rc == STORE_OK)
        rc = ctl_entries(t, c->id, a, &v, &n);
    if (rc == STORE_OK) {
        Td__Case *shown = schema_copy(a, c);
        show_now(s, shown);
        schema_case_json(shown, v, n, 0, label_of(s, c), out);
        clocks_used(s, c, out);
        buf_putc(out, '\n');
    } else if (rc == STORE_NOTFOUND) {
        buf_printf(error, "there is no case \"%s\"", word != NULL ? word : "");
    }
    store_abort(&t);
    arena_free(&a);
    return rc == STORE_OK ? 0 : rc == STORE_NOTFOUND ? EX_DATAERR : ctl_failed(rc, error);
}

/* ---- explain CASE: where its clocks stand, and why */

static uint32_t
verb_explain(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Case *c = NULL;
    const char *word = ctl_argument(r, "case");
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = case_read(t, word, a, &c);
    if (rc == STORE_OK)
        explain_json(s, c, out);
    else if (rc == STORE_NOTFOUND)
        buf_printf(error, "there is no case \"%s\"", word != NULL ? word : "");
    store_abort(&t);
    arena_free(&a);
    return rc == STORE_OK ? 0 : rc == STORE_NOTFOUND ? EX_DATAERR : ctl_failed(rc, error);
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

/* What a person has to look at, a sentence each; with the daemon down there is nothing but that. */
static json_t *
problems(const struct ctl_source *s, json_t *daemon, uint64_t free_bytes)
{
    json_t *list = json_array(), *r;
    size_t i;
    const char *trouble = json_string_value(json_object_get(daemon, "trouble"));
    if (!json_is_object(daemon))
        json_array_append_new(list, json_string("ticketd is not running"));
    if (trouble != NULL)
        json_array_append_new(list, json_sprintf("the store says: %s", trouble));
    if (s->conf != NULL && free_bytes < s->conf->limits.free_space)
        json_array_append_new(list, json_sprintf("only %llu MiB are free, less than free-space: no mail is taken", (unsigned long long)free_bytes >> 20));
    json_array_foreach(json_object_get(daemon, "roles"), i, r) {
        const char *state = json_string_value(json_object_get(r, "state")), *said = json_string_value(json_object_get(r, "said"));
        bool stands = strcmp(state, "down") == 0 || strcmp(state, "waiting") == 0;
        if (stands || !json_is_true(json_object_get(r, "ok")))
            json_array_append_new(list, json_sprintf("%s %s%s%s%s%s", json_string_value(json_object_get(r, "role")),
                                                     json_string_value(json_object_get(r, "name")), stands ? " is " : "", stands ? state : "",
                                                     said[0] != '\0' ? ": " : "", said));
    }
    json_array_foreach(json_object_get(daemon, "paused"), i, r)
        json_array_append_new(list, json_sprintf("mailbox %s is paused by %s since %s", json_string_value(json_object_get(r, "mailbox")),
                                                 json_string_value(json_object_get(r, "by")), json_string_value(json_object_get(r, "at"))));
    return list;
}

static uint32_t
verb_status(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct store_txn *t;
    uint64_t counts[TD__STATE__CLOSED + 1] = { 0 }, outbox = 0, timers = 0;
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = count_states(t, counts);
    if (rc == STORE_OK)
        rc = count_rows(t, STORE_OUTBOX, &outbox);
    if (rc == STORE_OK)
        rc = count_rows(t, STORE_TIMERS, &timers);
    store_abort(&t);
    if (rc != STORE_OK)
        return ctl_failed(rc, error);
    buf_puts(out, "{\"cases\":{");
    for (int st = TD__STATE__NEW; st <= TD__STATE__CLOSED; st++)
        buf_printf(out, "%s\"%s\":%llu", st > TD__STATE__NEW ? "," : "", schema_state_name((Td__State)st), (unsigned long long)counts[st]);
    uint64_t free_bytes = store_free_bytes(s->store);
    json_t *daemon = json_loads(r->status != NULL ? r->status : "null", JSON_DECODE_ANY, NULL), *list = problems(s, daemon, free_bytes);
    char *said = json_dumps(list, JSON_COMPACT);
    buf_printf(out, "},\"letters_waiting\":%llu,\"timers\":%llu,\"free_bytes\":%llu,\"problems\":%s,\"daemon\":%s}\n", (unsigned long long)outbox,
               (unsigned long long)timers, (unsigned long long)free_bytes, said, r->status != NULL ? r->status : "null");
    free(said);
    json_decref(list);
    json_decref(daemon);
    return 0;
}

const struct ctl_verb ctl_verbs[] = {
    { "list", verb_list },
    { "next", verb_next },
    { "show", verb_show },
    { "explain", verb_explain },
    { "report", ctl_report },
    { "status", verb_status },
    { "search", verb_search },
    { "queue", verb_queue },
    { "audit", verb_audit },
    KEEP_VERBS
};
const size_t ctl_verbs_n = countof(ctl_verbs);
