/* SPDX-License-Identifier: ISC
 *
 * A customer's administrators admit colleagues to the desk by mail. Who may not open cases is told so, and the mail is kept in a closed
 * case; the administrators are asked at once, and one answer of a proven one carries it out: yes, and the case begins with the targets
 * of its arrival, and the sender may write from then on; no, and the sender is told. Silence lapses after seven days, and that is told.
 * A link alone admits nobody, and of who is not proven nothing but the address is shown.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

#define ASKED_S (7 * 86400)
#define WORDS_SHOWN_MAX 600
#define ADMITTED_AT_ONCE_MAX 10

static bool
is_pending(const Td__Case *c)
{
    return c->has_refused && c->refused && c->has_admin_asked_at;
}

static const struct conf_strings *
admins_of(const struct turn *t, const char *addr)
{
    static const struct conf_strings nobody;
    const struct conf_customer *customer = conf_customer_of(t->conf, addr);
    return customer ? &customer->admins : &nobody;
}

/* ---- who was admitted earlier */

bool
register_admitted(const struct turn *t, const char *addr)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_admitted && k < t->f->v[i].n_cases; k++) {
            const Td__Case *c = t->f->v[i].cases[k];
            if (c->has_admitted && c->admitted && strcmp(c->desk, t->conf->name) == 0 && addr_equal(c->requester->addr, addr))
                return true;
        }
    return false;
}

static bool
asked_already(const struct turn *t, const char *addr)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_admitted && k < t->f->v[i].n_cases; k++)
            if (is_pending(t->f->v[i].cases[k]) && addr_equal(t->f->v[i].cases[k]->requester->addr, addr))
                return true;
    return false;
}

/* ---- the question */

static void
ask_one(struct turn *t, struct desk_case_change *ch, const char *admin)
{
    const Td__Case *c = ch->after;
    struct reader r = reader_customer(t, c);
    const char *kept = budget_take(t, admin, false);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, arena_printf(t->a, "question to %s: %s", admin, kept));
        return;
    }
    struct letter w = { .kind = TD__LETTER__KIND__APPROVAL, .to = admin, .kase = c, .to_customer = true };
    w.fields.v[FIELD_REGISTER] = "1";
    w.fields.v[FIELD_WHO] = c->requester->addr;
    w.fields.v[FIELD_CUSTOMER] = c->customer;
    if (t->proof == PROOF_AUTH && t->m->reply_text != NULL)
        w.fields.v[FIELD_WORDS] = arena_strndup(t->a, t->m->reply_text, utf8_clip(t->m->reply_text, WORDS_SHOWN_MAX));
    w.fields.v[FIELD_DUE] = date_words(t, &r, t->now + ASKED_S);
    w.fields.v[FIELD_LINK_APPROVE] = link_url(t, DESK_TOKEN_REGISTER, c, admin, &r, NULL);
    w.fields.v[FIELD_LINK_DECLINE] = link_url(t, DESK_TOKEN_REGISTER_NO, c, admin, &r, NULL);
    Td__Letter *l = letter_write(t, &w);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, "the customer's administrator is asked");
    entry_letter(e, l, t->a);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(w.kind));
}

bool
register_ask(struct turn *t, struct desk_case_change *ch)
{
    Td__Case *c = ch->after;
    const struct conf_strings *admins = admins_of(t, c->requester->addr);
    if (admins->n == 0 || machine_silence(t) != NULL)
        return false;
    bool before = asked_already(t, c->requester->addr);
    c->has_admin_asked_at = true;
    c->admin_asked_at = t->now;
    due_set(t, c, "admit", t->now + ASKED_S, NULL);
    for (size_t i = 0; i < admins->n && !before; i++)
        ask_one(t, ch, admins->v[i]);
    if (before)
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, "the administrator has been asked about this sender already");
    return true;
}

/* ---- the answer */

static void
tell_sender(struct turn *t, struct desk_case_change *ch, const char *key, const char *why)
{
    struct reader r = reader_customer(t, ch->after);
    struct act act = { .t = t, .ch = ch, .at = t->now };
    struct template_fields f = { .v = { [FIELD_REGISTER] = "1", [FIELD_WORDS] = say_words(t, &r, key, NULL, NULL, NULL) } };
    tell_customer(&act, TD__LETTER__KIND__REFUSAL, &f, NULL, why);
}

static void
answer_take(struct turn *t, struct desk_case_change *ch, const char *admin, bool yes)
{
    Td__Case *c = ch->after;
    c->has_admin_asked_at = false;
    due_clear(c, "admit");
    if (yes) {
        c->has_admitted = c->admitted = true;
        turn_entry(t, ch, TD__ENTRY__WHAT__ADMITTED, admin, "the customer's administrator says yes")->detail = arena_strdup(t->a, c->requester->addr);
        case_begin_again(t, ch, admin, "admitted");
    } else {
        turn_entry(t, ch, TD__ENTRY__WHAT__REFUSED, admin, "the customer's administrator says no")->detail = arena_strdup(t->a, c->requester->addr);
        tell_sender(t, ch, "register-refused", "the sender is told what the administrator said");
    }
}

/* All that waits of this sender. */
static void
answer_all(struct turn *t, const Td__Case *of, const char *admin, bool yes)
{
    const char *addr = of->requester->addr;
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_admit && k < t->f->v[i].n_cases && t->out->n_cases < ADMITTED_AT_ONCE_MAX; k++) {
            const Td__Case *c = t->f->v[i].cases[k];
            if (c->id != of->id && is_pending(c) && strcmp(c->desk, t->conf->name) == 0 && addr_equal(c->requester->addr, addr))
                answer_take(t, turn_change(t, c), admin, yes);
        }
}

static struct desk_case_change *
answered(struct turn *t, const Td__Case *c, const char *admin, bool yes, const char *how)
{
    struct desk_case_change *ch = turn_change(t, c);
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, t->requester->addr, how);
    struct reader r = reader_customer(t, c);
    bool proven = t->from != NULL && addr_equal(t->from, admin) && t->proof == PROOF_AUTH;
    const char *key = !proven ? "not-proven" : !is_pending(c) ? "register-already" : yes ? "register-done" : "register-no";
    entry_words(t, e);
    e->detail = arena_strdup(t->a, yes ? "admit" : "refuse");
    if (!proven)
        e->why = arena_printf(t->a, "%s: not done, as the sender is not proven to be %s", how, admin);
    if (proven && is_pending(c)) {
        answer_take(t, ch, admin, yes);
        answer_all(t, c, admin, yes);
    }
    Td__Address *who = schema_address(t->a, NULL, admin);
    people_tell(t, ch, who, say_words(t, &r, key, c->requester->addr, NULL, NULL), FIELD_WORDS, NULL, "the administrator is told");
    return ch;
}

/* Whose of the administrators a link is; NULL: nobody's who is one now. */
static const char *
admin_of_link(const struct turn *t, const struct desk_need *n, const Td__Case *c)
{
    const struct conf_strings *admins = admins_of(t, c->requester->addr);
    uint64_t id;
    bool theirs = false;
    for (size_t i = 0; i < admins->n; i++)
        if (desk_token_check(t->d->key, n->purpose, n->word, strlen(n->word), admins->v[i], t->now, &id, &theirs) && theirs)
            return admins->v[i];
    return NULL;
}

/* 1: yes, 0: no, -1: neither; *addr: a sender who is named. */
static int
said_of(struct turn *t, const char **addr)
{
    const char *text = t->m->reply_text ? t->m->reply_text : "";
    struct commands c;
    *addr = NULL;
    commands_parse(text, t->a, &c);
    if (c.n == 1 && c.v[0].row != NULL && strcmp(c.v[0].row->word, "admit") == 0) {
        *addr = command_address(t->a, c.v[0].args);
        return c.v[0].args[0] && *addr == NULL ? -1 : 1;
    }
    text = words_alone(t, text);
    if (words_mean(t->line, "ok", text) || words_mean(t->line, "yes", text) || words_mean(t->line, "admit", text))
        return 1;
    return words_mean(t->line, "no", text) || words_mean(t->line, "not-ok", text) ? 0 : -1;
}

/* A mail that names a sender and no case: what of his waits. */
static const Td__Case *
pending_of(const struct turn *t, const char *addr)
{
    for (size_t i = 0; addr != NULL && i < t->f->needs->n; i++)
        for (size_t k = 0; t->f->needs->v[i].why == need_admit && k < t->f->v[i].n_cases; k++) {
            const Td__Case *c = t->f->v[i].cases[k];
            if (is_pending(c) && strcmp(c->desk, t->conf->name) == 0 && addr_equal(c->requester->addr, addr))
                return c;
        }
    return NULL;
}

struct desk_case_change *
way_register(struct turn *t)
{
    const char *addr, *admin = NULL;
    if (t->e->origin->has_silent && t->e->origin->silent)
        return NULL;
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        const Td__Case *c = n->purpose == DESK_TOKEN_REGISTER || n->purpose == DESK_TOKEN_REGISTER_NO ? turn_case(t, n->id) : NULL;
        if (c != NULL && (admin = admin_of_link(t, n, c)) != NULL)
            return answered(t, c, admin, n->purpose == DESK_TOKEN_REGISTER, "link: may this sender open cases");
    }
    if (t->from == NULL || t->is_staff || t->proof != PROOF_AUTH)
        return NULL;
    int yes = said_of(t, &addr);
    const Td__Case *c = t->found != NULL && is_pending(t->found) && (addr == NULL || addr_equal(t->found->requester->addr, addr)) ? t->found : pending_of(t, addr);
    if (yes < 0 || c == NULL || !conf_address_in(admins_of(t, c->requester->addr), t->from))
        return NULL;
    return answered(t, c, t->from, yes == 1, "the administrator's word");
}

/* ---- nobody has answered */

void
due_admit(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    (void)detail;
    if (!is_pending(ch->after))
        return;
    ch->after->has_admin_asked_at = false;
    turn_entry(t, ch, TD__ENTRY__WHAT__REFUSED, "timer", "no administrator has answered for seven days: lapsed")->detail = arena_strdup(t->a, ch->after->requester->addr);
    tell_sender(t, ch, "register-lapsed", "the sender is told that nobody has answered");
}
