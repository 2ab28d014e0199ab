/* SPDX-License-Identifier: ISC
 *
 * What the reader does for those who look after the store: check. One read transaction each; core goes on writing meanwhile,
 * and the pages that it frees are used again only afterwards.
 */
#include "keep.h"
#include "ticketd/keep.h"

#include <stdlib.h>
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
