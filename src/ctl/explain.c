/* SPDX-License-Identifier: ISC
 *
 * Where the clocks of a case stand: target and which setting made it, used and left in the calendar's own time, when due in that
 * calendar's zone, each pause, each step, and what met it. Everything comes from the record and the desk's arithmetic.
 */
#include "explain.h"
#include "verbs.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

json_t *
ctl_text(const char *s)
{
    json_t *j = s != NULL ? json_string(s) : NULL;
    return j != NULL ? j : json_null();
}

json_t *
ctl_when(bool has, int64_t at)
{
    char out[TIME_TEXT_MAX];
    if (!has)
        return json_null();
    time_format(at, out);
    return json_string(out);
}

/* "2026-03-10 14:00 Europe/Stockholm": of the clock's calendar, which need not be the reader's. */
static json_t *
local(const char *zone, int64_t at)
{
    char full[TIME_TEXT_MAX];
    if (!zone_known(zone))
        return json_null();
    time_format(zone_to_local(zone, at), full);
    return json_sprintf("%.10s %.5s %s", full, full + 11, zone);
}

static json_t *
pauses_json(const Td__Clock *k, const char *zone)
{
    json_t *list = json_array();
    for (size_t i = 0; i < k->n_pauses; i++) {
        const Td__Pause *p = k->pauses[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "from", ctl_when(true, p->from_at), "to", ctl_when(p->has_to_at, p->to_at), "from_local",
                                              local(zone, p->from_at), "to_local", p->has_to_at ? local(zone, p->to_at) : json_null()));
    }
    return list;
}

static json_t *
steps_json(const Td__Clock *k, const char *zone)
{
    json_t *list = json_array();
    for (size_t i = 0; i < k->n_steps; i++) {
        const Td__Step *s = k->steps[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "after", s->after, "to", s->to, "warn",
                                              s->has_warn ? json_integer(s->warn) : json_null(), "due", ctl_when(true, s->due_at), "due_local",
                                              local(zone, s->due_at), "done", ctl_when(s->has_done_at, s->done_at)));
    }
    return list;
}

static const char *
standing(const Td__Case *c, const Td__Clock *k)
{
    bool paused = k->n_pauses > 0 && !k->pauses[k->n_pauses - 1]->has_to_at;
    if (k->has_met_at)
        return k->breached ? "met late" : "met";
    if (c->state == TD__STATE__CLOSED || c->has_merged_into)
        return k->breached ? "missed" : "ended";
    return k->breached ? "breached" : paused ? "paused" : c->state == TD__STATE__RESOLVED ? "stopped" : "running";
}

static json_t *
strings(char *const *v, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, ctl_text(v[i]));
    return list;
}

static json_t *
states(const Td__Clock *k)
{
    json_t *list = json_array();
    for (size_t i = 0; i < k->n_pause_states; i++)
        json_array_append_new(list, ctl_text(schema_state_name((Td__State)k->pause_states[i])));
    return list;
}

static json_t *
clock_json(const struct ctl_source *s, const Td__Case *c, const Td__Clock *k, const Td__Clock *shown)
{
    const struct conf_calendar *cal = conf_calendar_find(s->conf, k->calendar);
    const struct conf_desk *desk = conf_desk_find(s->conf, c->desk);
    const char *zone = cal ? cal->zone : desk ? desk->zone : "UTC";
    struct desk_used used;
    desk_used(s->desk, c, k, s->now, &used);
    json_t *o = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "name", ctl_text(k->name), "standing", standing(c, k), "target",
                          ctl_text(k->target), "setting", ctl_text(k->why), "calendar", ctl_text(k->calendar), "started", ctl_when(true, k->started_at), "started_local",
                          local(zone, k->started_at), "due", ctl_when(true, shown->due_at), "due_local", local(zone, shown->due_at), "met",
                          ctl_when(k->has_met_at, k->met_at), "breached", k->breached);
    json_object_set_new(o, "met_by", ctl_text(k->met_by));
    json_object_set_new(o, "target_seconds", json_integer(used.target_s));
    json_object_set_new(o, "used_seconds", json_integer(used.used_s));
    json_object_set_new(o, "left_seconds", json_integer(used.left_s));
    json_object_set_new(o, "percent", json_integer(used.percent));
    json_object_set_new(o, "stops", strings(k->stops, k->n_stops));
    json_object_set_new(o, "pause_states", states(k));
    json_object_set_new(o, "pauses", pauses_json(k, zone));
    json_object_set_new(o, "steps", steps_json(k, zone));
    return o;
}

static json_t *
dues_json(const Td__Case *c, const char *zone)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->n_dues; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "what", ctl_text(c->dues[i]->what), "due", ctl_when(true, c->dues[i]->due_at), "due_local",
                                              local(zone, c->dues[i]->due_at), "detail", ctl_text(c->dues[i]->detail)));
    return list;
}

void
explain_json(const struct ctl_source *s, Td__Case *c, struct buf *out)
{
    struct arena *a = arena_new(0);
    Td__Case *shown = schema_copy(a, c);
    const struct conf_desk *desk = conf_desk_find(s->conf, c->desk);
    json_t *clocks = json_array();
    desk_show(s->desk, shown, s->now);
    for (size_t i = 0; i < c->n_clocks; i++)
        json_array_append_new(clocks, clock_json(s, c, c->clocks[i], shown->clocks[i]));
    json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "case", ctl_text(c->number), "desk", ctl_text(c->desk), "state",
                          ctl_text(schema_state_name(c->state)), "state_label", ctl_text(desk_state_label(s->desk, c)), "priority", ctl_text(c->priority), "queue",
                          ctl_text(c->queue), "kind", ctl_text(c->kind), "clocks", clocks, "dues", dues_json(c, desk ? desk->zone : "UTC"));
    char *doc = json_dumps(o, JSON_COMPACT);
    buf_puts(out, doc != NULL ? doc : "null");
    buf_putc(out, '\n');
    free(doc);
    json_decref(o);
    arena_free(&a);
}
