/* SPDX-License-Identifier: ISC
 *
 * What was reached: of each clock how many cases met its target, in percent, beside the goal that the configuration publishes,
 * and the figures over all cases. A case counts once its outcome is known: met, or missed. Spam, who may not register and what
 * was merged count nowhere.
 */
#include <stdlib.h>
#include <string.h>

#include "ticketd/desk.h"

struct row {
    const char *desk, *name, *why, *target;     /* why: the setting; of a figure over all cases NULL */
    unsigned goal;
    uint64_t met, missed, running;
};
struct report {
    const struct conf *conf;
    const struct desk *desk;
    int64_t now;
    struct row **rows; size_t n_rows;
    struct arena *arena;
};

struct report *
report_new(const struct conf *conf, const struct desk *desk, int64_t now)
{
    struct report *r = mem_alloc(sizeof *r);
    *r = (struct report){ .conf = conf, .desk = desk, .now = now, .arena = arena_new(0) };
    return r;
}

void
report_free(struct report **rp)
{
    if (*rp == NULL)
        return;
    arena_free(&(*rp)->arena);
    free(*rp);
    *rp = NULL;
}

static struct row *
row_of(struct report *r, const char *desk, const char *name, const char *why, const char *target, unsigned goal)
{
    for (size_t i = 0; i < r->n_rows; i++) {
        struct row *o = r->rows[i];
        if (strcmp(o->desk, desk) == 0 && strcmp(o->name, name) == 0 && strcmp(o->target, target) == 0 && (o->why == NULL) == (why == NULL) &&
            (why == NULL || strcmp(o->why, why) == 0))
            return o;
    }
    struct row *o = arena_alloc(r->arena, sizeof *o);
    *o = (struct row){ .desk = arena_strdup(r->arena, desk), .name = arena_strdup(r->arena, name), .why = arena_strdup(r->arena, why),
                       .target = arena_strdup(r->arena, target), .goal = goal };
    (void)arena_push(r->arena, &r->rows, &r->n_rows, o);
    return o;
}

static unsigned
goal_in(const struct conf_clock *v, size_t n, const Td__Clock *k)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(v[i].name, k->name) == 0 && strcmp(v[i].target, k->target) == 0)
            return v[i].goal;
    return 0;
}

/* The goal of the setting that made this clock: `queue "first"`. */
static unsigned
goal_of(struct report *r, const struct conf_desk *d, const Td__Clock *k)
{
    const char *why = k->why ? k->why : "";
    for (size_t i = 0; i < d->n_kinds; i++)
        if (strcmp(why, arena_printf(r->arena, "kind \"%s\"", d->kinds[i].name)) == 0)
            return goal_in(d->kinds[i].clocks, d->kinds[i].n_clocks, k);
    for (size_t i = 0; i < d->n_queues; i++)
        if (strcmp(why, arena_printf(r->arena, "queue \"%s\"", d->queues[i].name)) == 0)
            return goal_in(d->queues[i].clocks, d->queues[i].n_clocks, k);
    for (size_t i = 0; i < d->n_priorities; i++)
        if (strcmp(why, arena_printf(r->arena, "priority \"%s\"", d->priorities[i].name)) == 0)
            return goal_in(d->priorities[i].clocks, d->priorities[i].n_clocks, k);
    return goal_in(d->clocks, d->n_clocks, k);
}

static void
count(struct row *row, bool known, bool in_time)
{
    row->met += known && in_time;
    row->missed += known && !in_time;
    row->running += !known;
}

static void
clock_add(struct report *r, const struct conf_desk *d, const Td__Case *c, const Td__Clock *k)
{
    if (!k->has_met_at && !k->breached && c->state == TD__STATE__CLOSED)        /* ended with the case: neither */
        return;
    struct row *row = row_of(r, d->name, k->name, k->why ? k->why : "", k->target, 0);
    if (row->met + row->missed + row->running == 0)
        row->goal = goal_of(r, d, k);
    count(row, k->has_met_at || k->breached, !k->breached);
}

static void
figure_add(struct report *r, const struct conf_desk *d, const Td__Case *c, const struct conf_report *f)
{
    int64_t due = desk_due(r->desk, c, f->target);
    bool over = c->has_resolved_at || c->has_closed_at;
    int64_t at = c->has_resolved_at ? c->resolved_at : c->has_closed_at ? c->closed_at : r->now;
    count(row_of(r, d->name, f->name, NULL, f->target, f->goal), over || at > due, at <= due);
}

void
report_add(struct report *r, const Td__Case *c)
{
    const struct conf_desk *d = conf_desk_find(r->conf, c->desk);
    if (d == NULL || c->has_merged_into || (c->has_spam && c->spam) || (c->has_refused && c->refused) || (c->has_silent && c->silent))
        return;
    for (size_t i = 0; i < c->n_clocks; i++)
        clock_add(r, d, c, c->clocks[i]);
    for (size_t i = 0; i < d->n_reports; i++)
        figure_add(r, d, c, &d->reports[i]);
}

/* By desk; in each the clocks by name and setting, then the figures. Percentages are cut, not rounded: 79.9 is not yet 80. */
static int
compare(const void *a, const void *b)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
    int by = strcmp(x->desk, y->desk);
    by = by ? by : (x->why == NULL) - (y->why == NULL);
    by = by ? by : strcmp(x->name, y->name);
    by = by ? by : strcmp(x->why ? x->why : "", y->why ? y->why : "");
    return by ? by : strcmp(x->target, y->target);
}

static void
text(const char *key, const char *value, struct buf *out)
{
    buf_printf(out, "\"%s\":", key);
    schema_json_string(value, out);
    buf_puts(out, ",");
}

static void
row_json(const struct row *o, struct buf *out)
{
    uint64_t n = o->met + o->missed;
    buf_puts(out, "{");
    text("desk", o->desk, out);
    text("name", o->name, out);
    text("setting", o->why, out);
    text("target", o->target, out);
    buf_printf(out, "\"cases\":%llu,\"in_time\":%llu,\"running\":%llu,", (unsigned long long)n, (unsigned long long)o->met, (unsigned long long)o->running);
    if (n > 0)
        buf_printf(out, "\"percent\":%llu,", (unsigned long long)(o->met * 100 / n));
    else
        buf_puts(out, "\"percent\":null,");
    if (o->goal > 0)
        buf_printf(out, "\"goal\":%u}", o->goal);
    else
        buf_puts(out, "\"goal\":null}");
}

void
report_json(const struct report *r, struct buf *out)
{
    struct row **v = arena_alloc(r->arena, (r->n_rows + 1) * sizeof *v);
    for (size_t i = 0; i < r->n_rows; i++)
        v[i] = r->rows[i];
    qsort(v, r->n_rows, sizeof *v, compare);
    buf_puts(out, "[");
    for (size_t i = 0; i < r->n_rows; i++) {
        buf_puts(out, i > 0 ? ",\n  " : "\n  ");
        row_json(v[i], out);
    }
    buf_puts(out, "]");
}
