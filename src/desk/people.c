/* SPDX-License-Identifier: ISC
 *
 * Who is on a case beside the requester: how strangers come onto it and how anybody in copy leaves it. Nobody comes onto it by himself
 * unless the desk wants it for proven colleagues; nobody is put back by an old list of copies once he has left.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

static Td__Participant *
participant_of(const Td__Case *c, const char *addr, const char *role)
{
    for (size_t i = 0; i < c->n_participants; i++)
        if (addr_equal(c->participants[i]->address->addr, addr) && strcmp(c->participants[i]->role, role) == 0)
            return c->participants[i];
    return NULL;
}

bool
case_has_left(const Td__Case *c, const char *addr)
{
    return participant_of(c, addr, "left") != NULL;
}

static void
participants_drop(Td__Case *c, const char *addr, const char *role)
{
    size_t kept = 0, n = c->n_participants;
    for (size_t i = 0; i < n; i++)
        if (!addr_equal(c->participants[i]->address->addr, addr) || strcmp(c->participants[i]->role, role) != 0)
            c->participants[kept++] = c->participants[i];
    c->n_participants = kept;
}

/* ---- onto the case */

bool
people_admit(const struct act *c, const char *addr)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    if (addr_equal(kase->requester->addr, addr) || participant_of(kase, addr, "cc") != NULL)
        return false;
    const Td__Participant *parked = participant_of(kase, addr, "parked");
    Td__Address *who = schema_address(t->a, parked ? parked->address->name : NULL, addr);
    participants_drop(kase, addr, "parked");
    participants_drop(kase, addr, "left");
    if (!case_participant_add(t, kase, who, "cc"))
        return false;
    act_entry(c, TD__ENTRY__WHAT__ADMITTED, addr, NULL);
    return true;
}

/* Mailboxes that anybody can have: one domain, many people who do not know each other. */
static bool
is_for_everybody(const char *domain)
{
    static const char *const names[] = {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com",
        "proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "mail.com", "zoho.com",
        "fastmail.com", "hey.com", "tutanota.com", "posteo.de", "mailbox.org", "telia.com", "bredband.net", "comhem.se", "spray.se", "home.se", "online.no",
        "mail.dk", "jubii.dk", "stofanet.dk", "kolumbus.fi", "luukku.com", "btinternet.com", "virginmedia.com", "sky.com", "orange.fr", "free.fr", "laposte.net",
        "wanadoo.fr", "libero.it", "yandex.ru", "mail.ru", "qq.com", "163.com", "126.com",
    };
    static const char *const everywhere[] = { "hotmail.", "outlook.", "live.", "yahoo.", "gmx.", "googlemail." };
    for (size_t i = 0; i < countof(names); i++)
        if (str_eq_nocase(domain, names[i]))
            return true;
    for (size_t i = 0; i < countof(everywhere); i++)
        if (str_starts_nocase(domain, everywhere[i]))
            return true;
    return false;
}

static bool
is_colleague(const struct turn *t, const Td__Case *c)
{
    const struct conf_customer *mine = conf_customer_of(t->conf, t->from), *theirs = conf_customer_of(t->conf, c->requester->addr);
    if (mine != NULL && mine == theirs)
        return true;
    const char *domain = addr_domain(t->from);
    return strcmp(t->conf->colleagues, "domain") == 0 && str_eq_nocase(domain, addr_domain(c->requester->addr)) && !is_for_everybody(domain);
}

/* Always NULL: the ways that follow take the mail, as that of somebody who is on the case. */
struct desk_case_change *
way_colleague(struct turn *t)
{
    if (t->found == NULL || strcmp(t->conf->colleagues, "ask") == 0 || t->proof != PROOF_AUTH || t->from == NULL || case_has(t, t->found, t->from) ||
        case_has_left(t->found, t->from) || mark_of(t) != NULL || !is_colleague(t, t->found))
        return NULL;
    struct desk_case_change *ch = turn_change(t, t->found);
    struct act act = { t, ch, t->from, "a proven colleague of the requester", t->e->origin->arrived_at };
    if (people_admit(&act, t->from))
        t->found = ch->after;
    return NULL;
}

/* ---- off the case */

bool
people_leave(const struct act *c, const char *addr)
{
    struct turn *t = c->t;
    Td__Case *kase = c->ch->after;
    Td__Participant *p = participant_of(kase, addr, "cc");
    if (p == NULL)
        return false;
    participants_drop(kase, addr, "left");
    p->role = (char *)"left";
    p->has_bounces = p->has_bounced_letter = false;
    turn_entry(t, c->ch, TD__ENTRY__WHAT__LEFT, c->by, c->why)->detail = arena_strdup(t->a, addr);
    return true;
}

struct off { const char *addr, *times; };

static void
say_off(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    const struct off *off = u;
    (void)c;
    f->v[FIELD_WHAT] = say_words(t, r, "bounced-off", off->addr, off->times, NULL);
}

void
people_bounced(const struct act *c, const Td__Letter *l, const char *addr)
{
    struct turn *t = c->t;
    Td__Participant *p = addr ? participant_of(c->ch->after, addr, "cc") : NULL;
    if (p == NULL || (p->has_bounced_letter && p->bounced_letter == l->id))
        return;
    p->has_bounces = p->has_bounced_letter = true;
    p->bounces++;
    p->bounced_letter = l->id;
    if (t->conf->bounce_limit == 0 || p->bounces < t->conf->bounce_limit)
        return;
    struct off off = { addr, arena_printf(t->a, "%u", p->bounces) };
    struct act act = *c;
    act.by = NULL;
    act.why = arena_printf(t->a, "%s letters in a row did not arrive", off.times);
    people_leave(&act, addr);
    Td__Entry *e = turn_entry(t, c->ch, TD__ENTRY__WHAT__LETTER, NULL, NULL);
    e->why = arena_printf(t->a, "somebody in copy is off the case: notice to %s",
                          tell_staff_each(&act, TD__LETTER__KIND__NOTICE, c->ch->after->assignee ? "assignee" : "queue", say_off, &off));
    e->detail = arena_strdup(t->a, schema_letter_kind_name(TD__LETTER__KIND__NOTICE));
}

/* He writes, so his address works. */
void
people_heard(Td__Case *c, const char *addr)
{
    Td__Participant *p = addr ? participant_of(c, addr, "cc") : NULL;
    if (p != NULL)
        p->has_bounces = p->has_bounced_letter = false, p->bounces = 0;
}

/* ---- letters about it */

/* A sentence to one of those on the case, with a link or without. */
void
people_tell(struct turn *t, struct desk_case_change *ch, const Td__Address *who, const char *sentence, enum template_field link, const char *url, const char *why)
{
    struct letter w = { .kind = TD__LETTER__KIND__UPDATE, .to_name = who->name, .to = who->addr, .kase = ch->after, .to_customer = true };
    const char *kept = t->e->kind == DESK_EVENT_MAIL ? machine_silence(t) : NULL;
    kept = kept ? kept : address_unread(who->addr) ? "nobody reads that address" : budget_take(t, who->addr, false);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, arena_printf(t->a, "%s: %s", why, kept));
        return;
    }
    w.fields.v[FIELD_WORDS] = sentence;
    if (url != NULL)
        w.fields.v[link] = url;
    Td__Letter *l = letter_write(t, &w);
    if (addr_equal(who->addr, ch->after->requester->addr))
        case_thread_add(t, ch->after, l->message_id);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, why);
    entry_letter(e, l, t->a);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(w.kind));
}

/* Once for each sender, and of the mail itself nothing: it is not his yet. */
void
people_tell_parked(struct turn *t, struct desk_case_change *ch, const char *addr)
{
    const Td__Case *c = ch->after;
    if (!t->conf->tell_parked || !c->has_proven || !c->proven || c->state == TD__STATE__CLOSED || machine_silence(t) != NULL)
        return;
    struct reader r = reader_customer(t, c);
    people_tell(t, ch, c->requester, say_words(t, &r, "parked-asks", addr, NULL, NULL), FIELD_LINK_ADMIT,
                link_url(t, DESK_TOKEN_ADMIT, c, c->requester->addr, &r, addr), "the requester is told of a sender who is not on the case");
}

/* One for each who waits, for the requester. */
void
people_links(struct turn *t, const Td__Case *c, const struct reader *r, struct template_fields *f)
{
    for (size_t i = 0; i < c->n_participants && i < 10; i++) {
        const char *addr = c->participants[i]->address->addr;
        const char *url = strcmp(c->participants[i]->role, "parked") == 0 ? link_url(t, DESK_TOKEN_ADMIT, c, c->requester->addr, r, addr) : NULL;
        if (url != NULL)
            template_link_add(t->a, f, FIELD_LINKS_ADMIT, url, addr);
    }
}

/* ---- commands of customers */

/* The word for what is asked for; *arg: what stands behind a command. */
static const char *
asked_for(struct turn *t, const char **arg)
{
    const char *text = t->m->reply_text ? t->m->reply_text : "";
    static const char *const words[] = { "unsubscribe", "admit" };
    struct commands c;
    *arg = "";
    commands_parse(text, t->a, &c);
    for (size_t i = 0; c.n == 1 && i < countof(words); i++)
        if (c.v[0].row != NULL && strcmp(c.v[0].row->word, words[i]) == 0) {
            *arg = c.v[0].args;
            return words[i];
        }
    text = words_alone(t, text);
    for (size_t i = 0; i < countof(words); i++)
        if (words_mean(t->line, words[i], text))
            return words[i];
    return NULL;
}

static void
leave_asked(struct turn *t, struct desk_case_change *ch, Td__Entry *e)
{
    Td__Case *c = ch->after;
    struct reader r = reader_customer(t, c);
    struct act act = { t, ch, t->from, "asked to leave", t->e->origin->arrived_at };
    const Td__Address *who = t->requester;
    if (addr_equal(c->requester->addr, t->from)) {
        e->why = arena_printf(t->a, "%s; asked to leave, but it is the requester", t->why);
        people_tell(t, ch, who, say_words(t, &r, "leave-own", NULL, NULL, NULL), FIELD_LINK_CLOSE, link_url(t, DESK_TOKEN_CLOSE, c, t->from, &r, NULL),
                    "the requester does not leave");
    } else if (t->proof == PROOF_NONE) {
        e->why = arena_printf(t->a, "%s; asked to leave, not proven", t->why);
        people_tell(t, ch, who, say_words(t, &r, "leave-confirm", NULL, NULL, NULL), FIELD_LINK_LEAVE, link_url(t, DESK_TOKEN_LEAVE, c, t->from, &r, NULL),
                    "asked whether it was this person");
    } else if (people_leave(&act, t->from)) {
        people_tell(t, ch, who, say_words(t, &r, "left", NULL, NULL, NULL), FIELD_WORDS, NULL, "told that no more letters come");
    }
}

/* The one who waits, or the one who is named. */
static const char *
admit_whom(struct turn *t, const Td__Case *c, const char *arg)
{
    const char *only = NULL, *named = arg[0] ? command_address(t->a, arg) : NULL;
    size_t waiting = 0;
    for (size_t i = 0; i < c->n_participants; i++)
        if (strcmp(c->participants[i]->role, "parked") == 0 && waiting++ == 0)
            only = c->participants[i]->address->addr;
    return arg[0] ? named : waiting == 1 ? only : NULL;
}

struct desk_case_change *
way_people(struct turn *t)
{
    const char *arg, *what = t->found != NULL && t->from != NULL && !t->is_staff && case_has(t, t->found, t->from) ? asked_for(t, &arg) : NULL;
    if (what == NULL || (t->e->origin->has_silent && t->e->origin->silent))
        return NULL;
    bool admit = strcmp(what, "admit") == 0;
    const char *addr = admit ? admit_whom(t, t->found, arg) : NULL;
    if (admit && (addr == NULL || t->proof == PROOF_NONE || !addr_equal(t->found->requester->addr, t->from)))
        return NULL;                    /* an ordinary answer, which staff read */
    struct desk_case_change *ch = turn_change(t, t->found);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, t->from, t->why);
    entry_words(t, e);
    e->detail = arena_strdup(t->a, what);
    case_thread_add(t, ch->after, t->m->message_id);
    if (!admit) {
        leave_asked(t, ch, e);
        return ch;
    }
    struct act act = { t, ch, t->from, "the requester's word", t->e->origin->arrived_at };
    struct reader r = reader_customer(t, ch->after);
    people_admit(&act, addr);
    people_tell(t, ch, ch->after->requester, say_words(t, &r, "admitted", addr, NULL, NULL), FIELD_WORDS, NULL, "told who is on the case now");
    return ch;
}

/* ---- #unsubscribe of staff */

void
command_unsubscribe(struct command_run *r, const char *args)
{
    (void)args;
    if (act_watch(&r->act, r->mail->from, false))
        run_done(r, SAID_UNWATCH, NULL, NULL);
    else
        run_done(r, SAID_NO_CHANGE, "unsubscribe", NULL);
}
