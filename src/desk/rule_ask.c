/* SPDX-License-Identifier: ISC
 *
 * Does a rule match this mail? The patterns ran in the worker, here are its hits; everything else is a row of the table of
 * conditions: is it asked for, does it hold, what is said of it. What is asked for must hold; with text, subject and attachment
 * one of them is enough.
 */
#include <string.h>

#include "rule.h"

/* ---- hits */

static enum where
where_of(const Td__Hit *h)
{
    if (h->has_attachment && h->attachment)
        return IN_ATTACHMENT;
    return h->where == TD__CASE_REF__WHERE__SUBJECT ? IN_SUBJECT : h->where == TD__CASE_REF__WHERE__TEXT ? IN_WORDS : WHERES;
}

void
rules_hits_sort(struct rules *x)
{
    const Td__Message *m = x->t->m;
    x->n_found = conf_pattern_count(x->t->d->conf);
    x->found = arena_alloc(x->t->a, (x->n_found + 1) * sizeof *x->found);
    for (size_t i = 0; i < m->n_hits; i++) {
        const Td__Hit *h = m->hits[i];
        enum where w = where_of(h);
        if (h->pattern >= x->n_found || w == WHERES)
            continue;
        const Td__Hit **place = h->has_over_budget && h->over_budget ? &x->found[h->pattern].given_up : &x->found[h->pattern].in[w];
        if (*place == NULL)
            *place = h;
    }
}

const Td__Hit *
rules_hit(const struct rules *x, const struct conf_patterns *list, enum where from, enum where to)
{
    for (size_t i = 0; i < list->n && list->first + i < x->n_found; i++)
        for (enum where w = from; w <= to; w++)
            if (x->found[list->first + i].in[w] != NULL)
                return x->found[list->first + i].in[w];
    return NULL;
}

const char *
rules_field(const struct rules *x, const char *name)
{
    for (size_t i = 0; i < x->v.n_fields; i++)
        if (strcmp(x->v.fields[i]->name, name) == 0)
            return x->v.fields[i]->value;
    return NULL;
}

/* ---- conditions. Each is given or not; one that is given holds or the rule does not match. `words` says what held. */

bool
rules_word_in(const struct conf_strings *list, const char *word)
{
    for (size_t i = 0; i < list->n && word != NULL; i++)
        if (str_eq_nocase(list->v[i], word))
            return true;
    return false;
}

static const Td__Hit *
rule_hit(const struct rules *x, const struct conf_rule *r)
{
    const Td__Hit *h = rules_hit(x, &r->subject, IN_SUBJECT, IN_SUBJECT);
    h = h ? h : rules_hit(x, &r->text, IN_SUBJECT, IN_WORDS);
    return h ? h : rules_hit(x, &r->attachment, IN_ATTACHMENT, IN_ATTACHMENT);
}

static bool
asks_words(const struct conf_rule *r)
{
    return r->text.n + r->subject.n + r->attachment.n > 0;
}

static bool
has_words(struct rules *x, const struct conf_rule *r)
{
    return rule_hit(x, r) != NULL;
}

static const char *
told_words(struct rules *x, const struct conf_rule *r)
{
    const Td__Hit *h = rule_hit(x, r);
    return arena_printf(x->t->a, "matched %s\"%s\"", where_of(h) == IN_ATTACHMENT ? "attachment " : "", h->words);
}

static bool
asks_unless(const struct conf_rule *r)
{
    return r->unless.n > 0;
}

static bool
has_no_unless(struct rules *x, const struct conf_rule *r)
{
    return rules_hit(x, &r->unless, IN_SUBJECT, IN_WORDS) == NULL;
}

static bool
asks_sender(const struct conf_rule *r)
{
    return r->sender.n > 0;
}

static bool
is_sender(struct rules *x, const struct conf_rule *r)
{
    return conf_address_in(&r->sender, x->writer);
}

static const char *
told_sender(struct rules *x, const struct conf_rule *r)
{
    (void)r;
    return arena_printf(x->t->a, "sender %s", x->writer);
}

static bool
asks_unless_sender(const struct conf_rule *r)
{
    return r->unless_sender.n > 0;
}

static bool
is_other_sender(struct rules *x, const struct conf_rule *r)
{
    return !conf_address_in(&r->unless_sender, x->writer);
}

static bool
asks_recipient(const struct conf_rule *r)
{
    return r->recipient.n > 0;
}

/* The address itself, or with +ext. */
static bool
address_in(const struct conf_strings *list, const char *addr)
{
    const char *ext;
    size_t len;
    for (size_t i = 0; i < list->n; i++)
        if (strchr(list->v[i], '@') != NULL && addr_match_extension(addr, list->v[i], &ext, &len))
            return true;
    return conf_address_in(list, addr);
}

static const char *
recipient_in(const struct rules *x, const struct conf_strings *list)
{
    const Td__Message *m = x->t->m;
    const Td__Origin *o = x->t->e->origin;
    const struct { Td__Address **v; size_t n; } fields[] = { { m->delivered_to, m->n_delivered_to }, { m->to, m->n_to }, { m->cc, m->n_cc } };
    for (size_t i = 0; i < o->n_recipients; i++)
        if (address_in(list, o->recipients[i]))
            return o->recipients[i];
    for (size_t k = 0; k < countof(fields); k++)
        for (size_t i = 0; i < fields[k].n; i++)
            if (address_in(list, fields[k].v[i]->addr))
                return fields[k].v[i]->addr;
    return NULL;
}

static bool
is_recipient(struct rules *x, const struct conf_rule *r)
{
    return recipient_in(x, &r->recipient) != NULL;
}

static const char *
told_recipient(struct rules *x, const struct conf_rule *r)
{
    return arena_printf(x->t->a, "written to %s", recipient_in(x, &r->recipient));
}

static bool
asks_language(const struct conf_rule *r)
{
    return r->language.n > 0;
}

static bool
is_language(struct rules *x, const struct conf_rule *r)
{
    return rules_word_in(&r->language, x->t->m->language);
}

static const char *
told_language(struct rules *x, const struct conf_rule *r)
{
    (void)r;
    return arena_printf(x->t->a, "language %s", x->t->m->language);
}

static bool
asks_customer(const struct conf_rule *r)
{
    return r->customer.n > 0;
}

static bool
is_customer(struct rules *x, const struct conf_rule *r)
{
    return x->v.customer != NULL && rules_word_in(&r->customer, x->v.customer->name);
}

static const char *
told_customer(struct rules *x, const struct conf_rule *r)
{
    (void)r;
    return arena_printf(x->t->a, "customer \"%s\"", x->v.customer->name);
}

static bool
asks_kind(const struct conf_rule *r)
{
    return r->if_kind.n > 0;
}

static bool
is_kind(struct rules *x, const struct conf_rule *r)
{
    return rules_word_in(&r->if_kind, x->v.kind);
}

static const char *
told_kind(struct rules *x, const struct conf_rule *r)
{
    (void)r;
    return arena_printf(x->t->a, "kind \"%s\"", x->v.kind);
}

static bool
asks_field(const struct conf_rule *r)
{
    return r->if_field.n > 0;
}

static const char *
field_that_holds(struct rules *x, const struct conf_rule *r)
{
    for (size_t i = 0; i < r->if_field.n; i++) {
        const char *want = strchr(r->if_field.v[i], '=');
        const char *name = arena_strndup(x->t->a, r->if_field.v[i], strcspn(r->if_field.v[i], "="));
        const char *value = rules_field(x, name);
        if (value != NULL && (want == NULL || str_eq_nocase(value, want + 1)))
            return name;
    }
    return NULL;
}

static bool
has_field(struct rules *x, const struct conf_rule *r)
{
    return field_that_holds(x, r) != NULL;
}

static const char *
told_field(struct rules *x, const struct conf_rule *r)
{
    const char *name = field_that_holds(x, r);
    return arena_printf(x->t->a, "field %s=\"%s\"", name, rules_field(x, name));
}

static bool
asks_when(const struct conf_rule *r)
{
    return r->when != NULL;
}

static bool
is_when(struct rules *x, const struct conf_rule *r)
{
    return x->open == (strcmp(r->when, "open") == 0);
}

static const char *
told_when(struct rules *x, const struct conf_rule *r)
{
    (void)r;
    return x->open ? "in working time" : "outside of working time";
}

static bool
asks_month_end(const struct conf_rule *r)
{
    return r->month_end_before + r->month_end_after > 0;
}

static bool
day_is_worked(const struct rules *x, int64_t day)
{
    const char *zone = x->t->line->zone;
    return calendar_open_between(x->t->line->calendar, zone_to_utc(zone, day * 86400), zone_to_utc(zone, (day + 1) * 86400)) > 0;
}

/* Working days of the arrival's month before its day and after it: the last one has none left, the first one none gone. */
static void
month_count(struct rules *x)
{
    int64_t local = zone_to_local(x->t->line->zone, x->t->e->origin->arrived_at), day = local / 86400 - (local % 86400 < 0);
    int y, m, d;
    civil_from_days(day, &y, &m, &d);
    int64_t first = days_from_civil(y, m, 1), end = m == 12 ? days_from_civil(y + 1, 1, 1) : days_from_civil(y, m + 1, 1);
    for (int64_t i = first; i < day; i++)
        x->month_gone += day_is_worked(x, i);
    for (int64_t i = day + 1; i < end; i++)
        x->month_left += day_is_worked(x, i);
    x->month_known = true;
}

static bool
is_month_end(struct rules *x, const struct conf_rule *r)
{
    if (!x->month_known)
        month_count(x);
    return x->month_left < r->month_end_before || x->month_gone < r->month_end_after;
}

static const char *
told_month_end(struct rules *x, const struct conf_rule *r)
{
    (void)x;
    (void)r;
    return "near a month's end";
}

static const struct condition {
    bool (*asks)(const struct conf_rule *);
    bool (*holds)(struct rules *, const struct conf_rule *);
    const char *(*words)(struct rules *, const struct conf_rule *);     /* NULL: nothing worth saying */
    const char *not;
} conditions[] = {
    { asks_words, has_words, told_words, "none of its text, subject and attachment matches" },
    { asks_unless, has_no_unless, NULL, "unless matches" },
    { asks_sender, is_sender, told_sender, "another sender" },
    { asks_unless_sender, is_other_sender, NULL, "unless-sender names the sender" },
    { asks_recipient, is_recipient, told_recipient, "written to another address" },
    { asks_language, is_language, told_language, "another language, or an unsure one" },
    { asks_customer, is_customer, told_customer, "the sender belongs to none of its customers" },
    { asks_kind, is_kind, told_kind, "no earlier rule has made it one of these kinds" },
    { asks_field, has_field, told_field, "none of its fields was caught" },
    { asks_when, is_when, told_when, "it came at the other time" },
    { asks_month_end, is_month_end, told_month_end, "not near a month's end" },
};

const char *
rule_fails(struct rules *x, const struct conf_rule *r)
{
    for (size_t i = 0; i < countof(conditions); i++) {
        if (!conditions[i].asks(r) || conditions[i].holds(x, r))
            continue;
        if (x->explain && conditions[i].asks == asks_unless)
            return arena_printf(x->t->a, "unless matches \"%s\"", rules_hit(x, &r->unless, IN_SUBJECT, IN_WORDS)->words);
        return conditions[i].not;
    }
    return NULL;
}

const char *
rule_words(struct rules *x, const struct conf_rule *r)
{
    const char *words = NULL;
    for (size_t i = 0; i < countof(conditions); i++) {
        if (conditions[i].words == NULL || !conditions[i].asks(r))
            continue;
        const char *more = conditions[i].words(x, r);
        words = words ? arena_printf(x->t->a, "%s, %s", words, more) : more;
    }
    return words ? words : "nothing speaks against it";
}
