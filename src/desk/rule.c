/* SPDX-License-Identifier: ISC
 *
 * Priority, queue and kind of a new case: ordered rules over the hits that the worker found. The first rule that matches and
 * sets a thing wins for that thing; a rule with an `unless` that matches does not apply. The journal names rule and words.
 */
#include <string.h>

#include "desk_room.h"

static const Td__Hit *
hit_find(const Td__Message *m, size_t first, size_t n, bool subject_only)
{
    for (size_t i = 0; i < m->n_hits; i++) {
        const Td__Hit *h = m->hits[i];
        if (h->pattern < first || h->pattern >= first + n)
            continue;
        if (h->where == TD__CASE_REF__WHERE__SUBJECT || (h->where == TD__CASE_REF__WHERE__TEXT && !subject_only))
            return h;
    }
    return NULL;
}

static const Td__Hit *
rule_match(const struct conf_rule *r, const struct rule_index *x, const Td__Message *m)
{
    const Td__Hit *h = hit_find(m, x->subject, r->subject.n, true);
    if (h == NULL)
        h = hit_find(m, x->text, r->text.n, false);
    return h != NULL && hit_find(m, x->unless, r->unless.n, false) == NULL ? h : NULL;
}

static bool
take(const char **have, const char *offered)
{
    if (*have != NULL || offered == NULL)
        return false;
    *have = offered;
    return true;
}

void
rules_apply(struct turn *t, struct verdict *out)
{
    const struct line *line = t->line;
    const struct conf_desk *conf = line->conf;
    const Td__Message *m = t->m;
    struct arena *a = t->a;
    struct verdict v = {0};
    for (size_t i = 0; i < conf->n_rules; i++) {
        const struct conf_rule *r = &conf->rules[i];
        const Td__Hit *h = rule_match(r, &line->rules[i], m);
        if (h == NULL)
            continue;
        bool sets = take(&v.priority, r->priority);
        sets |= take(&v.queue, r->queue);
        sets |= take(&v.kind, r->kind);
        if (sets)
            v.why = arena_printf(a, "%s%srule \"%s\": matched \"%s\"", v.why ? v.why : "", v.why ? "; " : "", r->name, h->words);
    }
    v.queue = v.queue ? v.queue : conf->queue ? conf->queue : conf->name;
    if (v.priority == NULL && conf->n_priorities > 0) {
        const struct conf_priority *p = &conf->priorities[conf->n_priorities - 1];
        for (size_t i = 0; i < conf->n_priorities; i++)
            if (conf->priorities[i].is_default)
                p = &conf->priorities[i];
        v.priority = p->name;
    }
    if (v.priority == NULL)
        v.priority = "normal";
    if (v.why == NULL)
        v.why = arena_printf(a, "no rule matched: priority \"%s\" by default", v.priority);
    *out = v;
}
