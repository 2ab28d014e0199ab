/* SPDX-License-Identifier: ISC
 *
 * The acknowledgement: the first letter of a case, one to each. To an address that somebody may have made up it repeats
 * nothing that the mail said; it promises nothing, for targets are what we aim for; it asks for what is missing, once.
 */
#include <string.h>

#include "desk_room.h"

#define ANNOUNCE_MAX 6
#define VALUE_ECHO_MAX 80

static const char *
target_date(struct turn *t, const struct reader *r, const Td__Case *c, const char *clock)
{
    const Td__Clock *k = clock_find(c, clock);
    return k != NULL && clock_runs(c, k) && k->due_at > t->now ? date_words(t, r, k->due_at) : NULL;
}

static const struct calendar *
calendar_of(const struct turn *t, const Td__Case *c)
{
    const struct conf_customer *customer = c->customer ? conf_customer_find(t->conf, c->customer) : NULL;
    return customer && customer->calendar ? desk_calendar(t->d, t->line, customer->calendar) : t->line->calendar;
}

/* One target is a sentence of the template, several are a list. */
static void
targets(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f)
{
    f->v[FIELD_RESPOND_BY] = target_date(t, r, c, "respond");
    f->v[FIELD_BEGIN_BY] = target_date(t, r, c, "assign");
    letter_clocks(t, r, c, false, f);
    if (f->n[FIELD_CLOCKS] < 2)
        f->n[FIELD_CLOCKS] = 0;
}

/* How far ahead: a duration in the desk's calendar, as dates. */
static unsigned
days_ahead(const struct turn *t, const struct calendar *calendar)
{
    struct duration d;
    const char *wrong;
    if (t->conf->announce == NULL || !duration_parse(t->conf->announce, &d, &wrong))
        return 0;
    int64_t days = calendar_date(calendar, calendar_add(calendar, t->now, d)) - calendar_date(calendar, t->now) + 1;
    return days < 1 ? 1 : days > 366 ? 366 : (unsigned)days;
}

static void
announce(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f)
{
    const struct calendar *calendar = calendar_of(t, c);
    struct calendar_other *others;
    size_t n;
    unsigned days = days_ahead(t, calendar);
    if (days == 0)
        return;
    calendar_others(calendar, t->now, days, t->a, &others, &n);
    for (size_t i = 0; i < n && i < ANNOUNCE_MAX; i++)
        template_list_add(t->a, f, FIELD_ANNOUNCE, other_words(t, r, &others[i]));
}

static const char *
field_value(const Td__Case *c, const char *name)
{
    for (size_t i = 0; i < c->n_fields; i++)
        if (strcmp(c->fields[i]->name, name) == 0)
            return c->fields[i]->value;
    return NULL;
}

static bool
asked_in(const struct conf_field *field, const char *kind)
{
    for (size_t i = 0; i < field->kinds.n; i++)
        if (kind != NULL && strcmp(field->kinds.v[i], kind) == 0)
            return true;
    return field->kinds.n == 0;
}

/* What was caught is told back to a proven sender alone; what is missing is asked for now and never again. */
static void
facts(struct turn *t, Td__Case *c, bool proven, struct template_fields *f)
{
    for (size_t i = 0; i < t->conf->n_fields; i++) {
        const struct conf_field *field = &t->conf->fields[i];
        const char *value = field_value(c, field->name);
        if (value != NULL && proven)
            template_list_add(t->a, f, FIELD_CAUGHT, arena_printf(t->a, "%s: %.*s", field->label ? field->label : field->name,
                                                                  (int)utf8_clip(value, VALUE_ECHO_MAX), value));
        if (value == NULL && field->ask != NULL && asked_in(field, c->kind)) {
            template_list_add(t->a, f, FIELD_MISSING, field->ask);
            c->has_asked = c->asked = true;
        }
    }
}

/* Said where the customer may choose: elsewhere what we call it inside is no concern of his. */
static void
kind(struct turn *t, const Td__Case *c, struct template_fields *f)
{
    const struct conf_kind *k = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    bool offered = false;
    for (size_t i = 0; i < t->conf->n_kinds; i++)
        offered |= t->conf->kinds[i].offered;
    if (k != NULL && offered)
        f->v[FIELD_KIND] = k->label ? k->label : k->name;
}

static void
write_down(struct turn *t, struct desk_case_change *ch, const Td__Letter *l, bool proven)
{
    case_thread_add(t, ch->after, l->message_id);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, proven ? "acknowledgement" : "acknowledgement, sender not proven: none of his words");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, t->from);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
}

static const char *
kept_back(struct turn *t)
{
    const char *kept = machine_silence(t);
    if (kept == NULL && !t->conf->acknowledge)
        kept = "acknowledgements are switched off";
    return kept ? kept : budget_take(t, t->from, false);
}

void
case_acknowledge(struct turn *t, struct desk_case_change *ch, const struct verdict *v)
{
    Td__Case *c = ch->after;
    const char *kept = kept_back(t);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, kept);
        return;
    }
    bool proven = t->proof == PROOF_AUTH;
    struct reader r = reader_customer(t, c);
    struct letter w = { .kind = TD__LETTER__KIND__ACK, .to_name = proven ? c->requester->name : NULL, .to = t->from, .kase = c, .to_customer = true,
                        .answers = t->m->message_id };
    const struct conf_priority *priority = conf_priority_find(t->conf, c->priority);
    int64_t opens = calendar_next_open(calendar_of(t, c), t->now);
    w.fields.v[FIELD_OPENED] = date_words(t, &r, c->opened_at);
    w.fields.v[FIELD_OPENS] = opens > t->now ? date_words(t, &r, opens) : NULL;
    if (t->conf->n_priorities > 1)
        w.fields.v[FIELD_PRIORITY] = priority && priority->label ? priority->label : c->priority;
    w.fields.v[FIELD_SELF_HELP] = t->conf->self_help;
    w.fields.v[FIELD_SAY] = v->say;
    w.fields.v[FIELD_NOTICE] = t->conf->escalation.notice;
    targets(t, &r, c, &w.fields);
    announce(t, &r, c, &w.fields);
    facts(t, c, proven, &w.fields);
    kind(t, c, &w.fields);
    case_links(t, c, w.to, &w.fields);
    c->has_acknowledged = c->acknowledged = true;
    write_down(t, ch, letter_write(t, &w), proven);
}
