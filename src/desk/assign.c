/* SPDX-License-Identifier: ISC
 *
 * Who gets a case. Everybody who could is compared, and the best one is it: first who is there (not absent, has room, works now),
 * then the customer's consultant, then who has the skill, then what the method says: the order of the queue, the fewest open
 * cases, or whose turn it is. So nobody who is away gets a case as long as another one is there, and when nobody is, the one who
 * lacks least does. Routing is no beginning of work: no clock is met here.
 */
#include <string.h>

#include "desk_room.h"

#define PASSED_OVER_MAX 3               /* named in the journal */

/* What keeps somebody from taking a case, the worse the greater; sums are compared. */
enum lack { LACK_HOURS = 1, LACK_ROOM = 2, LACK_PRESENCE = 4 };

struct candidate {
    const char *addr;
    unsigned lack, skills;
    bool consultant;
    uint64_t open, last;                /* open cases; number of the last case given */
    const char *skill;                  /* one of those that fit */
};

/* ---- one person */

/* Is the person away on the day of the next working time that the case could fall into? */
static bool
is_absent(const struct turn *t, const char *addr, const struct calendar *cal)
{
    return person_away_on(t, addr, person_day(t, addr, calendar_next_open(cal, t->now)));
}

static void
load_find(const struct turn *t, struct candidate *c)
{
    const char *word = addr_key(t->a, c->addr);
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].kind == DESK_NEED_LOAD && strcmp(t->f->needs->v[i].word, word) == 0) {
            c->open = t->f->v[i].count;
            c->last = t->f->v[i].count_day;
            return;
        }
}

static bool
skill_fits(const Td__Case *k, const char *skill)
{
    if (str_eq_nocase(k->kind, skill))
        return true;
    for (size_t i = 0; i < k->n_fields; i++)
        if (str_eq_nocase(k->fields[i]->value, skill))
            return true;
    return false;
}

static struct candidate
candidate_of(const struct turn *t, const Td__Case *k, const char *addr, bool consultant)
{
    const struct conf_person *p = conf_person_find(t->conf, addr);
    const char *name = p ? p->calendar : NULL;
    const struct calendar *cal = desk_calendar(t->d, t->line, name);
    struct candidate c = { .addr = addr, .consultant = consultant };
    load_find(t, &c);
    if (calendar_next_open(cal, t->now) > t->now)
        c.lack |= LACK_HOURS;
    if (is_absent(t, addr, cal))
        c.lack |= LACK_PRESENCE;
    if (p == NULL)
        return c;
    if (p->capacity > 0 && c.open >= p->capacity)
        c.lack |= LACK_ROOM;
    for (size_t i = 0; i < p->skills.n; i++)
        if (skill_fits(k, p->skills.v[i])) {
            c.skills++;
            c.skill = p->skills.v[i];
        }
    return c;
}

static const char *
lack_words(unsigned lack)
{
    return lack & LACK_PRESENCE ? "absent" : lack & LACK_ROOM ? "has as many cases as fit" : "outside of working hours";
}

/* ---- choosing */

static int
by_order(const struct candidate *a, const struct candidate *b)
{
    (void)a;
    (void)b;
    return 0;
}

static int
by_turn(const struct candidate *a, const struct candidate *b)
{
    return a->last < b->last ? -1 : a->last > b->last;
}

static int
by_load(const struct candidate *a, const struct candidate *b)
{
    return a->open != b->open ? a->open < b->open ? -1 : 1 : by_turn(a, b);
}

static const struct method { const char *name, *words; int (*compare)(const struct candidate *, const struct candidate *); } methods[] = {
    { "first", "the first", by_order }, { "least-loaded", "the fewest open cases", by_load }, { "round-robin", "whose turn it is", by_turn },
};

/* Is a strictly better than b, who was asked before? */
static bool
is_better(const struct candidate *a, const struct candidate *b, const struct method *how)
{
    if (a->lack != b->lack)
        return a->lack < b->lack;
    if (a->consultant != b->consultant)
        return a->consultant;
    if (a->skills != b->skills)
        return a->skills > b->skills;
    return how != NULL && how->compare(a, b) < 0;
}

static const struct conf_customer *
customer_of(const struct turn *t, const Td__Case *c)
{
    const struct conf_customer *known = c->customer ? conf_customer_find(t->conf, c->customer) : NULL;
    return known ? known : conf_customer_of(t->conf, c->requester->addr);
}

/* The customer's own member of staff, when there is one for cases of this kind. */
static const char *
consultant_of(const struct turn *t, const Td__Case *c, const struct conf_customer **customer)
{
    const struct conf_customer *k = *customer = customer_of(t, c);
    bool fits = k != NULL && k->consultant_kinds.n == 0;
    for (size_t i = 0; k != NULL && i < k->consultant_kinds.n; i++)
        fits |= str_eq_nocase(k->consultant_kinds.v[i], c->kind);
    return fits ? k->consultant : NULL;
}

static const char *
passed_over(const struct turn *t, const struct candidate *v, size_t n, const struct candidate *best)
{
    const char *words = "";
    int named = 0;
    for (size_t i = 0; i < n && named < PASSED_OVER_MAX; i++)
        if (v[i].lack > best->lack && (v[i].skills >= best->skills || v[i].consultant)) {
            words = arena_printf(t->a, "%s%s%s (%s)", words, named ? ", " : "; passed over: ", v[i].addr, lack_words(v[i].lack));
            named++;
        }
    return words;
}

static const char *
why_chosen(const struct turn *t, const Td__Case *c, const struct candidate *best, const struct method *how, const struct conf_customer *customer)
{
    const char *why = best->consultant ? arena_printf(t->a, "consultant of customer \"%s\"", customer->name)
                                       : arena_printf(t->a, "%s of queue \"%s\"", how->words, c->queue);
    if (!best->consultant && how->compare == by_load)
        why = arena_printf(t->a, "%s: %llu", why, (unsigned long long)best->open);
    if (!best->consultant && best->skill != NULL)
        why = arena_printf(t->a, "%s; has the skill \"%s\"", why, best->skill);
    return best->lack ? arena_printf(t->a, "%s; nobody is there: %s", why, lack_words(best->lack)) : why;
}

static const struct method *
method_named(const char *name)
{
    for (size_t i = 0; i < countof(methods) && name != NULL; i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

const char *
assign_approved(struct turn *t, const Td__Case *c, const char **why)
{
    const struct conf_strings *list = &t->conf->approved_to;
    struct candidate best = { .addr = NULL };
    for (size_t i = 0; i < list->n; i++) {
        struct candidate k = candidate_of(t, c, list->v[i], false);
        if (k.skills > 0 && (best.addr == NULL || is_better(&k, &best, NULL)))
            best = k;
    }
    if (best.addr != NULL)
        *why = arena_printf(t->a, "approved; has the skill \"%s\"%s%s", best.skill, best.lack ? "; nobody is there: " : "", best.lack ? lack_words(best.lack) : "");
    return best.addr;
}

const char *
assign_choose(struct turn *t, const Td__Case *c, const char *method, const char **why)
{
    const struct conf_queue *q = conf_queue_find(t->conf, c->queue);
    const struct conf_customer *customer;
    const char *consultant;
    *why = NULL;
    if (method == NULL)
        method = q && q->assign ? q->assign : t->conf->assign;
    if (method != NULL && strchr(method, '@') != NULL) {
        *why = "named";
        return method;
    }
    consultant = consultant_of(t, c, &customer);
    const struct method *how = method_named(method);
    const struct conf_strings *staff = q && q->staff.n > 0 ? &q->staff : &t->conf->staff;
    size_t n_staff = how ? staff->n : 0, n = 0, best = 0;       /* with none there is the consultant or nobody */
    struct candidate *v = arena_alloc(t->a, (n_staff + 1) * sizeof *v);
    if (consultant != NULL)
        v[n++] = candidate_of(t, c, consultant, true);
    for (size_t i = 0; i < n_staff; i++)
        if (!addr_equal(staff->v[i], consultant ? consultant : ""))
            v[n++] = candidate_of(t, c, staff->v[i], false);
    if (n == 0)
        return NULL;
    for (size_t i = 1; i < n; i++)
        if (is_better(&v[i], &v[best], how))
            best = i;
    *why = arena_printf(t->a, "%s%s", why_chosen(t, c, &v[best], how, customer), passed_over(t, v, n, &v[best]));
    return v[best].addr;
}
