/* SPDX-License-Identifier: ISC
 *
 * The verb report: what was done, and what was reached of each target. One pass over all cases, in one read transaction; of the cases that
 * were resolved in the time the journal is read too.
 */
#include "verbs.h"
#include "ticketd/tables.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct reporting { const char *desk, *zone, *group; int64_t since, until; struct report *reached; struct figures *figures; };

/* A moment, or a date where the desk is. */
bool
ctl_moment(const char *s, const char *zone, int64_t fallback, int64_t *out)
{
    char full[40];
    *out = fallback;
    if (s == NULL)
        return true;
    if (strlen(s) != strlen("2026-03-31"))
        return time_parse(s, out);
    snprintf(full, sizeof full, "%sT00:00:00Z", s);
    if (!time_parse(full, out))
        return false;
    *out = zone_to_utc(zone, *out);
    return true;
}

/* "2026-03": from its first day to the first of the next. */
static bool
month(const char *s, const char *zone, int64_t *since, int64_t *until)
{
    char first[40];
    int y, m;
    if (strlen(s) != strlen("2026-03") || sscanf(s, "%4d-%2d", &y, &m) != 2 || m < 1 || m > 12)
        return false;
    snprintf(first, sizeof first, "%.7s-01", s);
    if (!ctl_moment(first, zone, 0, since))
        return false;
    snprintf(first, sizeof first, "%04d-%02d-01", m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1);
    return ctl_moment(first, zone, 0, until);
}

static uint32_t
reporting_read(const struct ctl_source *s, const Td__Request *r, struct reporting *o, struct buf *error)
{
    static const char *const groups[] = { "month", "desk", "queue", "priority", "customer" };
    const char *by = ctl_argument(r, "month"), *group = ctl_argument(r, "by");
    for (size_t i = 0; i < countof(groups); i++)
        if (strcmp(groups[i], group != NULL ? group : "month") == 0)
            o->group = groups[i];
    if (o->group == NULL) {
        buf_puts(error, "--by takes month, desk, queue, priority or customer");
        return EX_USAGE;
    }
    o->desk = ctl_argument(r, "desk");
    const struct conf_desk *d = o->desk != NULL ? conf_desk_find(s->conf, o->desk) : s->conf->n_desks > 0 ? &s->conf->desks[0] : NULL;
    if (d == NULL) {
        buf_printf(error, "the configuration has no desk \"%s\"", o->desk != NULL ? o->desk : "");
        return EX_DATAERR;
    }
    o->zone = zone_known(d->zone) ? d->zone : "UTC";
    if (!ctl_moment(ctl_argument(r, "since"), o->zone, INT64_MIN, &o->since) || !ctl_moment(ctl_argument(r, "until"), o->zone, INT64_MAX, &o->until)) {
        buf_puts(error, "--since and --until take a date like 2026-03-31 or a time like 2026-03-31T10:00:00Z");
        return EX_USAGE;
    }
    if (by != NULL && !month(by, o->zone, &o->since, &o->until)) {
        buf_puts(error, "--month takes a month like 2026-03");
        return EX_USAGE;
    }
    return 0;
}

static enum store_rc
reporting_case(struct reporting *o, struct store_txn *t, const Td__Case *c, struct arena *a)
{
    Td__Entry **v = NULL;
    size_t n = 0;
    enum store_rc rc = STORE_OK;
    if (o->desk != NULL && strcmp(o->desk, c->desk) != 0)
        return STORE_OK;
    if (c->opened_at >= o->since && c->opened_at < o->until)
        report_add(o->reached, c);
    if (figures_need_answers(o->figures, c))
        rc = ctl_entries(t, c->id, a, &v, &n);
    if (rc == STORE_OK)
        figures_add(o->figures, c, figures_answers(v, n));
    return rc;
}

static void
reporting_print(const struct ctl_source *s, const struct reporting *o, struct buf *out)
{
    char at[TIME_TEXT_MAX];
    buf_puts(out, "{\"desk\":");
    schema_json_string(o->desk, out);
    buf_printf(out, ",\"group\":\"%s\"", o->group);
    time_format(s->now, at);
    buf_printf(out, ",\"made\":\"%s\"", at);
    time_format(o->since, at);
    buf_printf(out, o->since == INT64_MIN ? ",\"since\":null" : ",\"since\":\"%s\"", at);
    time_format(o->until, at);
    buf_printf(out, o->until == INT64_MAX ? ",\"until\":null" : ",\"until\":\"%s\"", at);
    buf_puts(out, ",\"report\":");
    report_json(o->reached, out);
    buf_puts(out, ",\n");
    figures_json(o->figures, out);
    buf_puts(out, "}\n");
}

uint32_t
ctl_report(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error)
{
    struct reporting o = { .desk = NULL };
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k;
    uint32_t bad = reporting_read(s, r, &o, error);
    if (bad != 0)
        return bad;
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_CASES, NULL, NULL, false, &c);
    o.reached = report_new(s->conf, s->desk, s->now);
    o.figures = figures_new(s->conf, o.since, o.until, s->now);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        struct arena *a = arena_new(0);
        Td__Case *kase;
        rc = store_cursor_get(c, a, &td__case__descriptor, &kase);
        if (rc == STORE_OK)
            rc = reporting_case(&o, t, kase, a);
        if (rc == STORE_ERASED || rc == STORE_DAMAGED)
            rc = STORE_OK;
        arena_free(&a);
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    store_abort(&t);
    reporting_print(s, &o, out);
    report_free(&o.reached);
    figures_free(&o.figures);
    return rc == STORE_OK ? 0 : ctl_failed(rc, error);
}
