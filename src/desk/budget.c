/* SPDX-License-Identifier: ISC
 *
 * Budgets: how many automatic letters one address, one domain and all together get in an hour and in a day. What this turn
 * has already taken counts too. The letter that uses up the last of a budget is followed by one alarm, and as later ones find
 * nothing left, by no second one: the circuit breaker needs no memory.
 */
#include <string.h>

#include "desk_room.h"

struct used { uint64_t hour, day; };

static struct used
used_of(const struct turn *t, enum desk_budget_scope scope, const char *word)
{
    struct used u = {0};
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if (n->kind == DESK_NEED_BUDGET && n->scope == scope && strcmp(n->word, word) == 0) {
            u = (struct used){ t->f->v[i].count, t->f->v[i].count_day };
            break;
        }
    }
    for (size_t i = 0; i < t->out->n_counts; i++)
        if (t->out->counts[i].scope == scope && strcmp(t->out->counts[i].word, word) == 0)
            u.hour++, u.day++;
    return u;
}

const char *
budget_take(struct turn *t, const char *to, bool alarm)
{
    const struct conf_budget *b = &t->conf->budget;
    const char *key = addr_key(t->a, to);
    const struct { enum desk_budget_scope scope; const char *word; unsigned hour, day; const char *name; } limits[] = {
        { DESK_BUDGET_RECIPIENT, key, b->recipient_hour, b->recipient_day, "this address" },
        { DESK_BUDGET_DOMAIN, addr_domain(key), b->domain_hour, b->domain_day, "this domain" },
        { DESK_BUDGET_ALL, "", b->all_hour, b->all_day, "all together" },
    };
    size_t n = alarm ? 1 : countof(limits);
    for (size_t i = 0; i < n; i++) {
        struct used u = used_of(t, limits[i].scope, limits[i].word);
        if (u.hour >= limits[i].hour || u.day >= limits[i].day)
            return arena_printf(t->a, "budget: %s had %llu automatic letters this hour (limit %u), %llu in a day (limit %u)", limits[i].name,
                                (unsigned long long)u.hour, limits[i].hour, (unsigned long long)u.day, limits[i].day);
    }
    for (size_t i = 0; i < n; i++)
        turn_count(t, limits[i].scope, limits[i].word);
    return NULL;
}

/* Did this turn use up the last of an hour or a day? Then the word it counts by, else NULL. */
static const char *
used_up(const struct turn *t, enum desk_budget_scope scope, unsigned hour, unsigned day)
{
    for (size_t i = 0; i < t->out->n_counts; i++) {
        const struct desk_count *c = &t->out->counts[i];
        struct used u = c->scope == scope ? used_of(t, scope, c->word) : (struct used){0};
        if (c->scope == scope && (u.hour == hour || u.day == day))
            return c->word;
    }
    return NULL;
}

void
budget_alarm(struct turn *t, struct desk_case_change *ch)
{
    const struct conf_budget *b = &t->conf->budget;
    const char *domain = used_up(t, DESK_BUDGET_DOMAIN, b->domain_hour, b->domain_day), *one = used_up(t, DESK_BUDGET_RECIPIENT, b->recipient_hour, b->recipient_day);
    if (used_up(t, DESK_BUDGET_ALL, b->all_hour, b->all_day) != NULL)
        letter_alarm(t, ch, "budget", NULL, NULL, NULL);
    if (domain != NULL || one != NULL)
        letter_alarm(t, ch, "budget-one", domain ? domain : one, NULL, NULL);
}
