/* SPDX-License-Identifier: ISC
 *
 * The words of a letter: which template, in whose language, and the fields that all letters have in common. What an unproven
 * sender wrote is taken out here, whatever the caller gave.
 */
#include <string.h>

#include "desk_room.h"

#define ECHO_SUBJECT_MAX 160

static const struct template *
template_for(const struct turn *t, const struct letter *w, const char *language, const char **chosen)
{
    const struct conf_strings *l = &t->conf->languages;
    size_t which = 0;
    for (size_t i = 0; i < l->n; i++)
        if (t->line->templates[i] != NULL && str_eq_nocase(l->v[i], language)) {
            which = i;
            break;
        }
    *chosen = l->v[which];
    const struct template_set *set = t->line->templates[which];
    return w->prepared ? template_frame(set) : template_of(set, w->kind);
}

static const struct template *
prepared_in(const struct turn *t, const struct conf_letter *l, const char *language)
{
    size_t which = (size_t)(l - t->conf->letters);
    for (size_t i = 0; i < t->conf->languages.n; i++)
        if (str_eq_nocase(t->conf->languages.v[i], language) && t->line->letters[i * t->conf->n_letters + which] != NULL)
            return t->line->letters[i * t->conf->n_letters + which];
    return t->line->letters[which];
}

/* May this customer's own words be repeated to him? Once he has proven who he is, or a person of ours has answered him. */
static bool
may_echo(const struct turn *t, const struct letter *w)
{
    const Td__Case *c = w->kase;
    if (c != NULL && ((c->has_proven && c->proven) || c->has_first_response_at))
        return true;
    return t->e->kind == DESK_EVENT_MAIL && t->proof == PROOF_AUTH && t->from != NULL && addr_equal(t->from, w->to);
}

static void
fill_in(struct template_fields *f, enum template_field field, const char *value)
{
    if (f->v[field] == NULL)
        f->v[field] = value;
}

static const char *
subject_words(struct turn *t, const Td__Case *c)
{
    const char *subject = mail_bare_subject(c->subject, t->a);
    return arena_strndup(t->a, subject, utf8_clip(subject, ECHO_SUBJECT_MAX));
}

static void
customer_fields(struct turn *t, Td__Letter *l, const struct letter *w, struct template_fields *f)
{
    if (!may_echo(t, w)) {
        l->to[0]->name = NULL;
        f->v[FIELD_NAME] = f->v[FIELD_SUBJECT] = NULL;
        f->n[FIELD_CAUGHT] = 0;
        return;
    }
    if (w->kase == NULL)
        return;
    fill_in(f, FIELD_SUBJECT, subject_words(t, w->kase));
    if (!w->hide_case)
        l->thread_topic = (char *)subject_words(t, w->kase);    /* as the customer's own mail has it */
    if (addr_equal(w->kase->requester->addr, w->to))
        fill_in(f, FIELD_NAME, w->kase->requester->name);
}

static const char *
person_label(const struct turn *t, const char *addr)
{
    const struct conf_person *p = addr ? conf_person_find(t->conf, addr) : NULL;
    return p && p->label ? p->label : addr;
}

/* Escalations reach a customer's contact too. */
static bool
is_outsider(const struct turn *t, const char *addr)
{
    for (size_t i = 0; i < t->conf->staff.n; i++)
        if (addr_equal(t->conf->staff.v[i], addr))
            return false;
    return conf_customer_of(t->conf, addr) != NULL;
}

static void
staff_fields(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f)
{
    const struct conf_priority *priority = conf_priority_find(t->conf, c->priority);
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    const struct conf_kind *kind = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    fill_in(f, FIELD_SUBJECT, subject_words(t, c));
    fill_in(f, FIELD_WHO, c->requester->name ? arena_printf(t->a, "%s <%s>", c->requester->name, c->requester->addr) : c->requester->addr);
    fill_in(f, FIELD_OPENED, date_words(t, r, c->opened_at));
    fill_in(f, FIELD_PRIORITY, priority && priority->label ? priority->label : c->priority);
    fill_in(f, FIELD_QUEUE, queue && queue->label ? queue->label : c->queue);
    fill_in(f, FIELD_KIND, kind && kind->label ? kind->label : c->kind);
    fill_in(f, FIELD_STATE, state_words(t, r, c->state));
    fill_in(f, FIELD_ASSIGNEE, person_label(t, c->assignee));
    fill_in(f, FIELD_CUSTOMER, c->customer);
}

void
letter_words(struct turn *t, Td__Letter *l, const struct letter *w)
{
    struct template_fields f = w->fields;
    struct reader r = w->to_customer ? reader_customer(t, w->kase) : reader_staff(t, w->to);
    const char *language, *subject, *text, *html;
    if (w->language != NULL)
        r = reader_in(t, &r, w->language);
    const struct template *template = template_for(t, w, r.language, &language);
    must(template != NULL);             /* the first language has all of them: checked at load */
    if (w->prepared != NULL)
        f.prepared = prepared_in(t, w->prepared, language);
    f.v[FIELD_NUMBER] = w->kase && !w->hide_case ? w->kase->number : NULL;
    f.v[FIELD_DESK] = t->conf->from_name ? t->conf->from_name : t->conf->name;
    f.v[FIELD_ADDRESS] = t->conf->addresses.v[0];
    f.v[FIELD_ZONE] = zone_words(t, &r);
    f.v[FIELD_STAFF] = w->to_customer || w->hide_case || is_outsider(t, w->to) ? NULL : "1";
    if (w->to_customer)
        customer_fields(t, l, w, &f);
    else if (w->kase != NULL && !w->hide_case) {
        staff_fields(t, &r, w->kase, &f);
        l->thread_topic = (char *)arena_printf(t->a, "[%s] %s", w->kase->number, subject_words(t, w->kase));     /* customers choose the same words */
    }
    template_render(template, &f, t->a, &subject, &text, &html);
    l->language = arena_strdup(t->a, language);
    l->subject = (char *)subject;
    l->text = (char *)text;
    l->html = (char *)html;
}

/* ---- clocks as lines */

static bool
for_customers(const char *clock)
{
    static const char *const usual[] = { "assign", "respond", "interim", "resolve" };
    for (size_t i = 0; i < countof(usual); i++)
        if (strcmp(usual[i], clock) == 0)
            return true;
    return false;
}

const char *
letter_clock_line(struct turn *t, const struct reader *r, const Td__Case *c, const Td__Clock *k)
{
    bool runs = clock_runs(c, k);
    const char *name = clock_words(t, r, k->name), *due = date_words(t, r, k->due_at);
    if (!runs)
        return say_words(t, r, "clock-paused", name, target_words(t, r, k->target), NULL);
    if (k->due_at <= t->now) {
        const char *late = span_words(t, r, t->now - k->due_at);
        return late ? say_words(t, r, "clock-late", name, late, due) : say_words(t, r, "clock-due", name, due, NULL);
    }
    const char *left = open_words(t, r, calendar_open_between(desk_calendar(t->d, t->line, k->calendar), t->now, k->due_at));
    return left ? say_words(t, r, "clock-left", name, left, due) : say_words(t, r, "clock-due", name, due, NULL);
}

void
letter_clocks(struct turn *t, const struct reader *r, const Td__Case *c, bool staff, struct template_fields *f)
{
    for (size_t i = 0; i < c->n_clocks; i++) {
        const Td__Clock *k = c->clocks[i];
        bool runs = clock_runs(c, k);
        if (k->has_met_at || (!staff && (!runs || k->due_at <= t->now || !for_customers(k->name))))
            continue;
        template_list_add(t->a, f, FIELD_CLOCKS, staff ? letter_clock_line(t, r, c, k)
                          : say_words(t, r, "clock-customer", clock_words(t, r, k->name), date_words(t, r, k->due_at), NULL));
    }
}
