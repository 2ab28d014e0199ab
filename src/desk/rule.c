/* SPDX-License-Identifier: ISC
 *
 * What the configuration says of a mail that opens a case: fields caught from its words, then the rules in their order. Of the
 * rules that match, the first that sets a thing has set it; tags, letters and paragraphs of all of them are kept. The journal
 * says which rules, and by which words; a pattern that the worker gave up on this mail counts as not matching, and is named.
 */
#include <string.h>

#include "rule.h"

#define WHY_RULES_MAX 20                /* named in the journal */
#define WHY_GIVEN_UP_MAX 5
#define SAY_MAX 10

/* ---- fields */

/* A rule knows more than a pattern does: it overrides what was caught, but no rule before it. */
static bool
field_set(struct rules *x, const char *name, const char *value, bool by_rule)
{
    struct arena *a = x->t->a;
    for (size_t i = 0; i < x->v.n_fields; i++) {
        if (strcmp(x->v.fields[i]->name, name) != 0)
            continue;
        if (x->by_rule[i] || !by_rule)
            return false;
        x->v.fields[i]->value = arena_strdup(a, value);
        return x->by_rule[i] = true;
    }
    if (x->v.n_fields == x->conf->n_fields)
        return false;                   /* each name is one of the configuration's: checked at load */
    Td__Field *f = schema_new(a, &td__field__descriptor);
    f->name = arena_strdup(a, name);
    f->value = arena_strdup(a, value);
    x->by_rule[x->v.n_fields] = by_rule;
    return arena_push(a, &x->v.fields, &x->v.n_fields, f);
}

static const Td__Hit *
field_hit(const struct rules *x, const struct conf_field *f)
{
    const Td__Hit *h = rules_hit(x, &f->pattern, IN_SUBJECT, IN_WORDS);
    return h ? h : rules_hit(x, &f->attachment, IN_ATTACHMENT, IN_ATTACHMENT);
}

static void
fields_catch(struct rules *x)
{
    x->by_rule = arena_alloc(x->t->a, (x->conf->n_fields + 1) * sizeof *x->by_rule);
    for (size_t i = 0; i < x->conf->n_fields; i++) {
        const struct conf_field *f = &x->conf->fields[i];
        const Td__Hit *h = field_hit(x, f);
        if (h == NULL)
            continue;
        const char *value = f->value ? f->value : h->value != NULL && h->value[0] != '\0' ? h->value : h->words;
        if (value[0] != '\0')
            (void)field_set(x, f->name, value, false);
    }
}

/* ---- effects */

static void
effect(struct rules *x, const char *what, const char *value, bool took)
{
    x->sets |= took;
    if (x->explain)
        buf_printf(&x->effects, "%s%s \"%s\"%s", x->effects.len ? ", " : "", what, value, took ? "" : " (is set already)");
}

static bool
take(struct rules *x, const char *what, const char **have, const char *offered)
{
    if (offered == NULL)
        return false;
    bool took = *have == NULL;
    if (took)
        *have = offered;
    effect(x, what, offered, took);
    return took;
}

static void
gather(struct rules *x, const char *what, struct conf_strings *have, const struct conf_strings *offered)
{
    for (size_t i = 0; i < offered->n; i++) {
        bool took = !rules_word_in(have, offered->v[i]);
        if (took)
            arena_push(x->t->a, &have->v, &have->n, (char *)offered->v[i]);
        effect(x, what, offered->v[i], took);
    }
}

static void
paragraph_add(struct rules *x, const char *say)
{
    if (say == NULL || x->n_said == SAY_MAX)
        return;
    x->n_said++;
    x->v.say = x->v.say ? arena_printf(x->t->a, "%s\n\n%s", x->v.say, say) : say;
    effect(x, "say", say, true);
}

static void
rule_do(struct rules *x, const struct conf_rule *r)
{
    struct verdict *v = &x->v;
    const char *by = arena_printf(x->t->a, "rule:%s", r->name);
    x->sets = false;
    take(x, "priority", &v->priority, r->priority);
    take(x, "queue", &v->queue, r->queue);
    take(x, "kind", &v->kind, r->kind);
    if (take(x, "assign", &v->assign, r->assign))
        v->assign_by = by;
    if (take(x, "letter", &v->letter, r->letter))
        v->letter_by = by;
    if (take(x, "state", &v->state, r->state))
        v->state_by = by;
    gather(x, "add-letter", &v->letters, &r->add_letters);
    gather(x, "tag", &v->tags, &r->tags);
    for (size_t i = 0; i < r->set.n; i++) {
        const char *value = strchr(r->set.v[i], '=');
        const char *name = arena_strndup(x->t->a, r->set.v[i], strcspn(r->set.v[i], "="));
        effect(x, "set", r->set.v[i], value != NULL && field_set(x, name, value + 1, true));
    }
    paragraph_add(x, r->say);
    if (x->sets)
        v->by = by;
}

static void
why_add(struct rules *x, const struct conf_rule *r)
{
    if (x->n_matched++ < WHY_RULES_MAX)
        buf_printf(&x->why, "%srule \"%s\": %s", x->why.len ? "; " : "", r->name, rule_words(x, r));
}

/* ---- defaults, and the end */

static const struct conf_kind *
kind_default(const struct conf_desk *conf)
{
    for (size_t i = 0; i < conf->n_kinds; i++)
        if (conf->kinds[i].is_default)
            return &conf->kinds[i];
    return NULL;
}

static const char *
priority_default(const struct conf_desk *conf)
{
    for (size_t i = 0; i < conf->n_priorities; i++)
        if (conf->priorities[i].is_default)
            return conf->priorities[i].name;
    return conf->n_priorities > 0 ? conf->priorities[conf->n_priorities - 1].name : "normal";
}

static void
defaults_fill(struct rules *x)
{
    struct verdict *v = &x->v;
    const struct conf_desk *conf = x->conf;
    const struct conf_kind *kind = v->kind ? conf_kind_find(conf, v->kind) : kind_default(conf);
    const char *between = x->n_matched ? "; " : "";
    if (x->n_matched > WHY_RULES_MAX)
        buf_printf(&x->why, "; and %zu rules more", x->n_matched - WHY_RULES_MAX);
    if (x->n_matched == 0)
        buf_puts(&x->why, "no rule matched: ");
    v->kind = kind ? kind->name : NULL;
    if (v->priority == NULL && kind != NULL && kind->priority != NULL) {
        v->priority = kind->priority;
        buf_printf(&x->why, "%spriority \"%s\" of kind \"%s\"", between, v->priority, v->kind);
    } else if (v->priority == NULL) {
        v->priority = priority_default(conf);
        buf_printf(&x->why, "%spriority \"%s\" by default", between, v->priority);
    }
    if (v->queue == NULL)
        v->queue = kind && kind->queue ? kind->queue : conf->queue ? conf->queue : conf->name;
}

static bool
pattern_is_of(const struct conf_desk *conf, size_t pattern)
{
    const struct conf_patterns *first = conf->n_fields ? &conf->fields[0].pattern : conf->n_rules ? &conf->rules[0].text : NULL;
    const struct conf_patterns *last = conf->n_rules ? &conf->rules[conf->n_rules - 1].unless
        : conf->n_fields ? &conf->fields[conf->n_fields - 1].attachment : NULL;
    return first != NULL && pattern >= first->first && pattern < last->first + last->n;
}

/* The next pattern of this desk, from `i` on, that was given up on this mail; NULL: none. */
static const struct conf_pattern *
given_up(const struct rules *x, size_t *i)
{
    for (; *i < x->n_found; ++*i)
        if (x->found[*i].given_up != NULL && pattern_is_of(x->conf, *i))
            return conf_pattern_at(x->t->d->conf, (*i)++);
    return NULL;
}

static void
rules_begin(struct rules *x, struct turn *t, bool explain)
{
    *x = (struct rules){ .t = t, .conf = t->line->conf, .explain = explain, .writer = t->requester->addr };
    int64_t at = t->e->origin->arrived_at;
    x->open = calendar_next_open(t->line->calendar, at) == at;
    x->v.customer = conf_customer_of(x->conf, x->writer);
    rules_hits_sort(x);
    fields_catch(x);
}

static void
rules_end(struct rules *x, struct verdict *out)
{
    const struct conf_pattern *p;
    size_t i = 0;
    defaults_fill(x);
    for (int n = 0; n < WHY_GIVEN_UP_MAX && (p = given_up(x, &i)) != NULL; n++)
        buf_printf(&x->why, "; the pattern at %s:%d was given up", p->where.file, p->where.line);
    x->v.why = arena_strdup(x->t->a, x->why.data);
    *out = x->v;
    buf_free(&x->why);
    buf_free(&x->effects);
}

void
rules_apply(struct turn *t, struct verdict *out)
{
    struct rules x;
    rules_begin(&x, t, false);
    for (size_t i = 0; i < x.conf->n_rules; i++) {
        const struct conf_rule *r = &x.conf->rules[i];
        if (rule_fails(&x, r) != NULL)
            continue;
        why_add(&x, r);
        rule_do(&x, r);
        if (r->stop)
            break;
    }
    rules_end(&x, out);
}

/* ---- who may open a case */

/* Named by some customer as one who may. */
static bool
is_named(const struct conf_desk *conf, const char *addr)
{
    for (size_t i = 0; i < conf->n_customers; i++)
        if (conf_address_in(&conf->customers[i].admins, addr) || conf_address_in(&conf->customers[i].may_register, addr))
            return true;
    return false;
}

const char *
register_refusal(const struct turn *t)
{
    const char *writer = t->requester->addr;
    const struct conf_customer *c = conf_customer_of(t->conf, writer);
    if (t->is_staff || is_named(t->conf, writer) || register_admitted(t, writer))
        return NULL;
    if (c != NULL && c->admins.n + c->may_register.n > 0)
        return arena_printf(t->a, "%s is not among those of customer \"%s\" who may open cases", writer, c->name);
    if (c == NULL && t->conf->registers != NULL && strcmp(t->conf->registers, "customers") == 0)
        return arena_printf(t->a, "%s belongs to no customer of the desk", writer);
    return NULL;
}

/* ---- ticketctl test-rules */

static void
explain_rules(struct rules *x, struct buf *out)
{
    const char *stopped_by = NULL;
    for (size_t i = 0; i < x->conf->n_rules; i++) {
        const struct conf_rule *r = &x->conf->rules[i];
        const char *not = stopped_by ? NULL : rule_fails(x, r);
        buf_printf(out, "%s:%d: rule \"%s\": ", r->where.file, r->where.line, r->name);
        if (stopped_by != NULL) {
            buf_printf(out, "left out: rule \"%s\" stops\n", stopped_by);
        } else if (not != NULL) {
            buf_printf(out, "no: %s\n", not);
        } else {
            buf_clear(&x->effects);
            buf_printf(out, "yes: %s", rule_words(x, r));
            why_add(x, r);
            rule_do(x, r);
            buf_printf(out, "%s%s%s\n", x->effects.len ? " -> " : "", x->effects.len ? x->effects.data : "", r->stop ? ", stop" : "");
            stopped_by = r->stop ? r->name : NULL;
        }
    }
}

static void
explain_list(struct buf *out, const char *what, const struct conf_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        buf_printf(out, "%s%s", i ? ", " : what, list->v[i]);
    buf_puts(out, list->n ? "\n" : "");
}

static void
explain_verdict(const struct verdict *v, struct buf *out)
{
    const struct { const char *name, *value; } rows[] = {
        { "customer", v->customer ? v->customer->name : NULL }, { "priority", v->priority }, { "queue", v->queue }, { "kind", v->kind },
        { "assign", v->assign }, { "letter", v->letter }, { "state", v->state },
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (rows[i].value != NULL)
            buf_printf(out, "%s: %s\n", rows[i].name, rows[i].value);
    explain_list(out, "letters beside it: ", &v->letters);
    explain_list(out, "tags: ", &v->tags);
    for (size_t i = 0; i < v->n_fields; i++)
        buf_printf(out, "field %s: %s\n", v->fields[i]->name, v->fields[i]->value);
}

void
rules_explain(struct turn *t, struct buf *out)
{
    const char *refused = register_refusal(t);
    const struct conf_pattern *p;
    struct rules x;
    struct verdict v;
    size_t i = 0;
    rules_begin(&x, t, true);
    while ((p = given_up(&x, &i)) != NULL)
        buf_printf(out, "%s:%d: pattern '%s' was given up on this mail: it counts as not matching\n", p->where.file, p->where.line, p->regex);
    explain_rules(&x, out);
    rules_end(&x, &v);
    explain_verdict(&v, out);
    if (refused != NULL)
        buf_printf(out, "refused: %s\n", refused);
}

void
desk_explain_rules(const struct desk *d, const struct desk_event *mail, int64_t now, struct arena *a, struct buf *out)
{
    const struct desk_needs nothing = { NULL, 0 };
    const struct desk_facts facts = { .needs = &nothing };
    struct decision unused = { .fate = TD__FATE__WHAT__TAKEN };
    struct turn t = { .d = d, .conf = mail->desk, .e = mail, .f = &facts, .now = now, .a = a, .out = &unused, .m = mail->message };
    t.line = desk_line(d, mail->desk->name);
    must(t.line != NULL);
    turn_sender(&t);
    rules_explain(&t, out);
}
