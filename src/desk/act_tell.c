/* SPDX-License-Identifier: ISC
 *
 * Whom the workflow tells: the customer, the people behind a role, those who watch. Warnings and escalations to staff wait out
 * the quiet hours. Nothing goes to our own addresses, nor to whom nobody reads behind.
 */
#include <string.h>

#include "act_room.h"

/* ---- who */

bool
is_staff(const struct conf_desk *conf, const char *addr)
{
    for (size_t i = 0; addr != NULL && i < conf->staff.n; i++)
        if (addr_equal(conf->staff.v[i], addr))
            return true;
    return false;
}

static bool
listed(const struct conf_strings *list, const char *addr)
{
    for (size_t i = 0; i < list->n; i++)
        if (addr_equal(list->v[i], addr))
            return true;
    return false;
}

static bool
who_add(struct turn *t, struct conf_strings *out, const char *addr)
{
    if (addr == NULL || !addr_valid(addr) || conf_has_address(t->d->conf, addr))
        return false;
    if (!listed(out, addr))
        arena_push(t->a, &out->v, &out->n, (void *)addr);
    return true;
}

static const char *
manager_of(const struct turn *t, const Td__Case *c)
{
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    return queue && queue->manager ? queue->manager : t->conf->manager;
}

/* Whoever stands in for who is away. */
static bool
who_role(struct turn *t, const Td__Case *c, const char *addr, struct conf_strings *out, const char **notes)
{
    bool any = false;
    if (addr == NULL || !is_staff(t->conf, addr) || !person_is_away(t, addr))
        return who_add(t, out, addr);
    struct conf_strings instead = away_stand_in(t, c, addr);
    for (size_t i = 0; i < instead.n; i++)
        any |= who_add(t, out, instead.v[i]);
    if (any)
        *notes = arena_printf(t->a, "%s; %s is away", *notes, addr);
    return any || who_add(t, out, addr);
}

/* One word: an address or a role. false: nobody. */
static bool
who_one(struct turn *t, const Td__Case *c, const char *who, struct conf_strings *out, const char **notes)
{
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    const struct conf_customer *customer = c->customer ? conf_customer_find(t->conf, c->customer) : NULL;
    bool any = false;
    if (strcmp(who, "queue") == 0) {
        struct conf_strings there = queue ? away_present(t, &queue->staff) : (struct conf_strings){ NULL, 0 };
        for (size_t i = 0; i < there.n; i++)
            any |= who_add(t, out, there.v[i]);
        return any;
    }
    const struct { const char *role, *addr; } roles[] = {
        { "assignee", c->assignee }, { "manager", manager_of(t, c) }, { "director", t->conf->director },
        { "contact", customer ? customer->contact : NULL }, { "alarm", t->conf->alarm_to },
    };
    for (size_t i = 0; i < countof(roles); i++)
        if (strcmp(roles[i].role, who) == 0)
            return who_role(t, c, roles[i].addr, out, notes);
    return who_add(t, out, who);
}

/* All words of `who`; *notes says which of them nobody fills, and who was taken instead. */
static struct conf_strings
who_find(struct turn *t, const Td__Case *c, const char *who, const char **notes)
{
    struct conf_strings out = { NULL, 0 };
    *notes = "";
    while (*who != '\0') {
        size_t len = strcspn(who, " ");
        const char *word = arena_strndup(t->a, who, len), *instead = "the manager";
        who += len + strspn(who + len, " ");
        if (word[0] == '\0' || who_one(t, c, word, &out, notes))
            continue;
        if (!who_add(t, &out, manager_of(t, c)))
            instead = who_add(t, &out, t->conf->alarm_to) ? "the alarm address" : NULL;
        *notes = instead ? arena_printf(t->a, "%s; nobody is %s: to %s instead", *notes, word, instead)
            : arena_printf(t->a, "%s; nobody is %s, nor is there a manager", *notes, word);
    }
    return out;
}

struct conf_strings
who_addresses(struct turn *t, const Td__Case *c, const char *who)
{
    const char *notes;
    return who_find(t, c, who, &notes);
}

struct conf_strings
watchers_of(struct turn *t, const Td__Case *c)
{
    struct conf_strings out = { NULL, 0 };
    for (size_t i = 0; i < c->n_watchers; i++)
        who_add(t, &out, c->watchers[i]);
    for (size_t i = 0; i < c->n_lines; i++) {           /* lines that handed it over and watch where it is now */
        const struct conf_queue *queue = conf_queue_find(t->conf, c->lines[i]);
        if (queue == NULL || strcmp(queue->name, c->queue) == 0)
            continue;
        for (size_t w = 0; w < queue->watch.n; w++)
            for (size_t s = 0; strcmp(queue->watch.v[w], c->queue) == 0 && s < queue->staff.n; s++)
                who_add(t, &out, queue->staff.v[s]);
    }
    return out;
}

/* ---- what letters can say */

const char *
person_words(const struct turn *t, const char *addr)
{
    const struct conf_person *p = addr ? conf_person_find(t->conf, addr) : NULL;
    return p && p->label ? p->label : addr;
}

/* What a prepared letter may want to say; its writer knows what is in it, while an update names only what has changed. */
void
tell_fields(struct turn *t, const struct reader *r, const Td__Case *c, struct template_fields *f)
{
    const struct conf_priority *priority = conf_priority_find(t->conf, c->priority);
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    const struct conf_kind *kind = c->kind ? conf_kind_find(t->conf, c->kind) : NULL;
    const struct conf_customer *customer = c->customer ? conf_customer_find(t->conf, c->customer) : NULL;
    f->v[FIELD_PRIORITY] = priority && priority->label ? priority->label : c->priority;
    f->v[FIELD_QUEUE] = queue && queue->label ? queue->label : c->queue;
    f->v[FIELD_KIND] = kind && kind->label ? kind->label : c->kind;
    f->v[FIELD_STATE] = state_words(t, r, c->state);
    f->v[FIELD_MEANING] = meaning_words(t, r, c->state);
    f->v[FIELD_ASSIGNEE] = person_words(t, c->assignee);
    f->v[FIELD_CUSTOMER] = c->customer;
    f->v[FIELD_DEALER] = customer ? customer->dealer : NULL;
    f->v[FIELD_CONSULTANT] = customer ? person_words(t, customer->consultant) : NULL;
}

/* What the caller knows goes before what every letter says. */
static void
fields_over(struct template_fields *f, const struct template_fields *extra)
{
    for (size_t i = 0; extra != NULL && i < FIELDS; i++) {
        if (extra->v[i] != NULL)
            f->v[i] = extra->v[i];
        if (extra->n[i] > 0) {
            f->list[i] = extra->list[i];
            f->n[i] = extra->n[i];
        }
    }
}

void
entry_letter(Td__Entry *e, const Td__Letter *l, struct arena *a)
{
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(a, l->to[0]->addr);
}

/* ---- the customer */

/* Words of a person, or a letter that one has chosen for this customer. */
static bool
is_by_hand(const struct act *c, Td__Letter__Kind kind, const struct template_fields *extra, const struct conf_letter *prepared)
{
    bool words = extra != NULL && extra->v[FIELD_WORDS] != NULL && extra->v[FIELD_WORDS][0] != '\0';
    return words || (is_staff(c->t->conf, c->by) && (prepared != NULL || kind == TD__LETTER__KIND__APPROVAL));
}

/* Why he is not written to. Letters that answer his own mail are paid from his budget; what a person or a clock moved is not. */
static const char *
customer_kept(struct turn *t, const Td__Case *c, bool by_hand)
{
    const char *to = c->requester->addr;
    bool own = t->e->kind == DESK_EVENT_MAIL && t->from != NULL && addr_equal(t->from, to);
    if (!addr_valid(to) || strcmp(addr_domain(to), "invalid") == 0)
        return "no address of the customer";
    if (conf_has_address(t->d->conf, to))
        return "the customer's address is one of our own";
    if (address_unread(to))
        return "nobody reads the customer's address";
    if (c->has_by_machine && c->by_machine && !by_hand)
        return "a machine's mail opened the case, and nobody has written from there since";
    const char *kept = own ? machine_silence(t) : NULL;
    return kept ? kept : own ? budget_take(t, to, false) : NULL;
}

Td__Letter *
tell_customer(const struct act *c, Td__Letter__Kind kind, const struct template_fields *extra, const struct conf_letter *prepared, const char *why)
{
    struct turn *t = c->t;
    const Td__Case *kase = c->ch->after;
    const char *kept = customer_kept(t, kase, is_by_hand(c, kind, extra, prepared));
    if (kept != NULL) {
        turn_entry(t, c->ch, TD__ENTRY__WHAT__SILENCED, NULL, arena_printf(t->a, "%s: %s", why, kept));
        return NULL;
    }
    struct reader r = reader_customer(t, kase);
    struct letter w = { .kind = kind, .to_name = kase->requester->name, .to = kase->requester->addr, .kase = kase, .to_customer = true,
                        .prepared = prepared };
    if (prepared != NULL)
        tell_fields(t, &r, kase, &w.fields);
    w.fields.v[FIELD_OPENED] = date_words(t, &r, kase->opened_at);
    letter_clocks(t, &r, kase, false, &w.fields);
    case_links(t, kase, w.to, &w.fields);
    fields_over(&w.fields, extra);
    Td__Letter *l = letter_write(t, &w);
    case_thread_add(t, c->ch->after, l->message_id);
    Td__Entry *e = turn_entry(t, c->ch, TD__ENTRY__WHAT__LETTER, c->by, why);
    entry_letter(e, l, t->a);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(kind));
    return l;
}

/* ---- staff */

/* A customer's contact: no quiet hours, no commands. */
static bool
outside(const struct turn *t, const char *to)
{
    return conf_customer_of(t->conf, to) != NULL && !is_staff(t->conf, to);
}

/* When a letter may reach this person. */
static int64_t
leave_at(const struct turn *t, Td__Letter__Kind kind, const char *to)
{
    const struct conf_person *p = conf_person_find(t->conf, to);
    bool quiet = kind == TD__LETTER__KIND__WARNING || kind == TD__LETTER__KIND__ESCALATION;
    if (t->conf->quiet == NULL || !quiet || (p != NULL && p->nights))
        return 0;
    if (outside(t, to))
        return 0;
    int64_t opens = calendar_next_open(desk_calendar(t->d, t->line, t->conf->quiet), t->now);
    return opens > t->now ? opens : 0;
}

const char *
tell_staff_each(const struct act *c, Td__Letter__Kind kind, const char *who, tell_say *say, const void *u)
{
    struct turn *t = c->t;
    const Td__Case *kase = c->ch->after;
    const char *notes, *told = "";
    struct conf_strings list = who_find(t, kase, who, &notes);
    for (size_t i = 0; i < list.n; i++) {
        struct reader r = reader_staff(t, list.v[i]);
        struct letter w = { .kind = kind, .to = list.v[i], .kase = kase, .to_staff = !outside(t, list.v[i]),
                            .leave_at = leave_at(t, kind, list.v[i]) };
        if (c->by != NULL && addr_equal(c->by, list.v[i]))
            continue;
        letter_clocks(t, &r, kase, true, &w.fields);
        if (say != NULL)
            say(t, &r, kase, u, &w.fields);
        char when[TIME_TEXT_MAX] = "";
        int64_t later;
        if (kind == TD__LETTER__KIND__NOTICE && !notice_now(t, c->ch, list.v[i], &w.fields, &later)) {
            time_format(later, when);
            told = arena_printf(t->a, "%s%s%s among others, %s", told, told[0] ? ", " : "", list.v[i], when);
            continue;
        }
        Td__Letter *l = letter_write(t, &w);
        if (w.leave_at > 0)
            time_format(w.leave_at, when);
        told = arena_printf(t->a, "%s%s%s%s%s", told, told[0] ? ", " : "", l->to[0]->addr, w.leave_at > 0 ? " when the quiet hours end, " : "", when);
    }
    return arena_printf(t->a, "%s%s", told[0] ? told : "nobody", notes);
}

static void
say_extra(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    (void)t, (void)r, (void)c;
    fields_over(f, u);
}

const char *
tell_staff(const struct act *c, Td__Letter__Kind kind, const char *who, const struct template_fields *extra)
{
    return tell_staff_each(c, kind, who, say_extra, extra);
}
