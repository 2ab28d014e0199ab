/* SPDX-License-Identifier: ISC
 *
 * What the reader does for those who look after the store: check. One read transaction each; core goes on writing meanwhile,
 * and the pages that it frees are used again only afterwards.
 */
#include "keep.h"
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FINDINGS_MAX 10000              /* listed; all are counted */

struct keep_report { struct buf list; size_t n; };

static void
report_found(void *u, const struct check_finding *f)
{
    static const char *const weights[] = { [CHECK_NOTE] = "note", [CHECK_FAULT] = "fault" };
    struct keep_report *r = u;
    if (r->n++ >= FINDINGS_MAX)
        return;
    buf_printf(&r->list, "%s{\"rule\":\"%s\",\"weight\":\"%s\",\"mended\":%s,\"text\":", r->n > 1 ? ",\n" : "\n", f->rule, weights[f->weight],
               f->mended ? "true" : "false");
    schema_json_string(f->text, &r->list);
    buf_putc(&r->list, '}');
}

struct keep_report *
keep_report_new(struct check_options *o)
{
    struct keep_report *r = mem_alloc(sizeof *r);
    o->u = r;
    o->found = report_found;
    return r;
}

void
keep_report_end(struct keep_report **rp, const struct check_counts *n, struct buf *out)
{
    const struct { const char *name; uint64_t n; } numbers[] = {
        { "cases", n->cases },     { "entries", n->entries }, { "mails", n->mails },     { "mail_bytes", n->mail_bytes }, { "letters", n->letters },
        { "waiting", n->waiting }, { "timers", n->timers },   { "fates", n->fates },     { "erased_rows", n->erased },    { "notes", n->notes },
        { "faults", n->faults },   { "mended", n->mended },
    };
    struct keep_report *r = *rp;
    *rp = NULL;
    buf_printf(out, "{\"clean\":%s,\"counts\":{", n->faults == n->mended ? "true" : "false");
    for (size_t i = 0; i < countof(numbers); i++)
        buf_printf(out, "%s\"%s\":%llu", i > 0 ? "," : "", numbers[i].name, (unsigned long long)numbers[i].n);
    buf_printf(out, "},\"findings\":[%s],\"more\":%s}\n", r->list.len > 0 ? r->list.data : "", r->n > FINDINGS_MAX ? "true" : "false");
    buf_free(&r->list);
    free(r);
}

/* Descriptors: the file for the data, and, if wanted, one for the keys. */
uint32_t
verb_backup(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    Td__Meta *m = NULL;
    (void)r;
    if (s->n_fds < 1) {
        buf_puts(error, "no file came along to write to");
        return EX_USAGE;
    }
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_meta_get(t, a, &m);
    store_abort(&t);
    if (rc == STORE_OK)
        buf_printf(out, "{\"generation\":%llu,\"next_case\":%llu}\n", (unsigned long long)m->generation, (unsigned long long)m->next_case);
    arena_free(&a);
    if (rc == STORE_OK)
        rc = store_copy(s->store, s->fds[0]);
    if (rc == STORE_OK && s->n_fds > 1)         /* after the data: it knows every key that they name */
        rc = store_copy_keys(s->store, s->fds[1]);
    if (rc == STORE_OK)
        return 0;
    buf_printf(error, "the copy was not finished: %s", store_rc_name(rc));
    return EX_IOERR;
}

uint32_t
verb_check(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct check_options o = { .conf = s->conf, .desk = s->desk, .now = s->now };
    struct check_counts n;
    struct keep_report *report = keep_report_new(&o);
    (void)r;
    o.progress_u = s;
    o.progress = ctl_progress;
    enum store_rc rc = check_store(s->store, &o, &n);
    keep_report_end(&report, &n, out);
    if (rc == STORE_OK)
        return 0;
    buf_printf(error, "the store cannot be read to its end: %s", store_rc_name(rc));
    return EX_IOERR;
}

/* ---- export: descriptors for the JSON, the mails and the letters */

static enum store_rc
export_person(const struct ctl_source *s, struct keep_export *x, struct store_txn *t, const char *addr)
{
    char *folded = mem_strdup(addr);
    enum store_rc rc = STORE_OK;
    addr_fold(folded);
    for (size_t i = 0; s->conf != NULL && i < s->conf->n_desks && rc == STORE_OK; i++) {
        struct store_key prefix, k;
        struct store_cursor *c;
        table_sender_prefix(s->store, &prefix, s->conf->desks[i].name, folded);
        rc = store_cursor_open(t, STORE_BY_SENDER, &prefix, NULL, false, &c);
        while (rc == STORE_OK && store_cursor_next(c, &k))
            rc = keep_export_case(x, s->store, t, store_key_read_u64(&k, prefix.len));
        if (rc == STORE_OK)
            rc = store_cursor_rc(c);
        store_cursor_close(&c);
    }
    free(folded);
    return rc;
}

static enum store_rc
export_number(const struct ctl_source *s, struct keep_export *x, struct store_txn *t, const char *number)
{
    const char *dash = strchr(number, '-');
    uint64_t id = strtoull(dash != NULL ? dash + 1 : number, NULL, 10);
    struct arena *a = arena_new(0);
    struct store_key k;
    Td__Case *c;
    table_case(&k, id);
    enum store_rc rc = store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c);
    if (rc == STORE_OK && dash != NULL && !str_eq_nocase(c->number, number))
        rc = STORE_NOTFOUND;
    arena_free(&a);
    return rc == STORE_OK ? keep_export_case(x, s->store, t, id) : rc;
}

uint32_t
verb_export(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    const char *number = ctl_argument(r, "case"), *person = ctl_argument(r, "person");
    struct store_txn *t;
    if (s->n_fds < 3 || (number == NULL) == (person == NULL)) {
        buf_puts(error, "name a case or a person, and a folder");
        return EX_USAGE;
    }
    struct keep_export x = { s->fds[0], s->fds[1], s->fds[2], 0, 0, 0, 0 };
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = keep_export_begin(&x, s->now);
    if (rc == STORE_OK)
        rc = person != NULL ? export_person(s, &x, t, person) : export_number(s, &x, t, number);
    if (rc == STORE_OK)
        rc = keep_export_end(&x);
    store_abort(&t);
    if (rc == STORE_NOTFOUND || (rc == STORE_OK && x.cases == 0)) {
        buf_puts(error, person != NULL ? "no case was opened by that address" : "there is no such case");
        return EX_DATAERR;
    }
    if (rc != STORE_OK) {
        buf_printf(error, "the export was not finished: %s", store_rc_name(rc));
        return EX_IOERR;
    }
    buf_printf(out, "{\"cases\":%llu,\"mails\":%llu,\"letters\":%llu,\"missing\":%llu}\n", (unsigned long long)x.cases, (unsigned long long)x.n_mails,
               (unsigned long long)x.n_letters, (unsigned long long)x.missing);
    return 0;
}
