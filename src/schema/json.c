/* SPDX-License-Identifier: ISC
 *
 * A case in JSON, the same wherever it is shown: ticketctl list, show and simulate. Keys are always present; what is not
 * known is null. Times are UTC, whole seconds.
 */
#include "ticketd/schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *
text(const char *s)
{
    json_t *j = s != NULL ? json_string(s) : NULL;
    return j != NULL ? j : json_null();
}

static json_t *
when(bool has, int64_t at)
{
    char out[TIME_TEXT_MAX];
    if (!has)
        return json_null();
    time_format(at, out);
    return json_string(out);
}

static json_t *
address(const Td__Address *a)
{
    return json_pack("{s:o, s:o}", "name", text(a->name), "addr", text(a->addr));
}

static int64_t
paused_seconds(const Td__Clock *k)
{
    int64_t sum = 0;
    for (size_t i = 0; i < k->n_pauses; i++)
        if (k->pauses[i]->has_to_at)
            sum += k->pauses[i]->to_at - k->pauses[i]->from_at;
    return sum;
}

static json_t *
clock_json(const Td__Clock *k)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:b}", "name", text(k->name), "target", text(k->target), "started",
                     when(true, k->started_at), "due", when(true, k->due_at), "paused_seconds", (json_int_t)paused_seconds(k), "met",
                     when(k->has_met_at, k->met_at), "breached", k->breached);
}

static json_t *
attachment_json(const Td__Attachment *a)
{
    return json_pack("{s:o, s:o, s:I}", "name", text(a->name), "type", text(a->type), "size", (json_int_t)a->size);
}

static json_t *
entry_json(const Td__Entry *e)
{
    json_t *files = json_array();
    for (size_t i = 0; i < e->n_attachments; i++)
        json_array_append_new(files, attachment_json(e->attachments[i]));
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "at", when(true, e->at), "what", schema_entry_name(e->what), "by",
                     text(e->by), "why", text(e->why), "text", text(e->text), "recipient", text(e->recipient), "detail", text(e->detail),
                     "letter", e->has_letter ? json_integer((json_int_t)e->letter) : json_null(), "attachments", files);
}

static json_t *
strings(char *const *v, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, text(v[i]));
    return list;
}

static json_t *
case_json(const Td__Case *c, Td__Entry *const *entries, size_t n, uint64_t rank, const char *label)
{
    json_t *o = json_object(), *fields = json_object(), *clocks = json_array(), *list = json_array();
    for (size_t i = 0; i < c->n_fields; i++)
        json_object_set_new(fields, c->fields[i]->name, text(c->fields[i]->value));
    for (size_t i = 0; i < c->n_clocks; i++)
        json_array_append_new(clocks, clock_json(c->clocks[i]));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, entry_json(entries[i]));
    json_object_set_new(o, "case", text(c->number));
    json_object_set_new(o, "desk", text(c->desk));
    json_object_set_new(o, "requester", address(c->requester));
    json_object_set_new(o, "subject", text(c->subject));
    json_object_set_new(o, "language", text(c->language));
    json_object_set_new(o, "state", text(schema_state_name(c->state)));
    json_object_set_new(o, "state_label", text(label != NULL ? label : schema_state_name(c->state)));
    json_object_set_new(o, "priority", text(c->priority));
    json_object_set_new(o, "rank", rank != 0 ? json_integer((json_int_t)rank) : json_null());
    json_object_set_new(o, "kind", text(c->kind));
    json_object_set_new(o, "queue", text(c->queue));
    json_object_set_new(o, "assignee", text(c->assignee));
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "tags", strings(c->tags, c->n_tags));
    json_object_set_new(o, "opened", when(true, c->opened_at));
    json_object_set_new(o, "changed", when(c->has_changed_at, c->changed_at));
    json_object_set_new(o, "first_response", when(c->has_first_response_at, c->first_response_at));
    json_object_set_new(o, "resolved", when(c->has_resolved_at, c->resolved_at));
    json_object_set_new(o, "closed", when(c->has_closed_at, c->closed_at));
    json_object_set_new(o, "clocks", clocks);
    json_object_set_new(o, "entries", list);
    return o;
}

static void
dump(json_t *j, struct buf *out)
{
    char *s = j != NULL ? json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    buf_puts(out, s != NULL ? s : "null");
    free(s);
    json_decref(j);
}

void
schema_case_json(const Td__Case *c, Td__Entry *const *entries, size_t n, uint64_t rank, const char *label, struct buf *out)
{
    dump(case_json(c, entries, n, rank, label), out);
}

void
schema_json_string(const char *s, struct buf *out)
{
    dump(text(s), out);
}
