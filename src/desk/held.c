/* SPDX-License-Identifier: ISC
 *
 * Mail in the name of staff that nothing proves: it is kept, moves nothing, and the real person is asked once, through an
 * address that only this person gets. One answer through it carries out what is held on that case; a plain no drops it. After
 * seven days it lapses. Who forges cannot make us ask more often than once an hour.
 */
#include <string.h>

#include "act_room.h"
#include "lines.h"
#include "staff.h"

#define HELD_MAX 10
#define HELD_S (7 * 86400)
#define HELD_TEXT_MAX 16384
#define HELD_PARTS_MAX 50

static bool
is_open(const Td__Held *h)
{
    return !h->has_done || !h->done;
}

static size_t
held_open(const Td__Case *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_helds; i++)
        n += is_open(c->helds[i]);
    return n;
}

/* ---- the question */

static bool
asked_lately(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].why == need_held && t->f->v[i].count > 0)
            return true;
    return false;
}

static const char *
held_line(struct turn *t, const struct reader *r, const Td__Held *h)
{
    const char *text = h->text ? h->text : "";
    size_t line = strcspn(text, "\r\n"), clip = utf8_clip(text, 160);
    return arena_printf(t->a, "%s: %.*s", date_words(t, r, h->at), (int)(line < clip ? line : clip), text);
}

/* Without addresses that carry a token the answer is known by the letter that it answers. */
static const char *
confirm_url(struct turn *t, const Td__Case *c, const char *person, const struct reader *r, const Td__Letter *l)
{
    const char *url = link_url(t, DESK_TOKEN_CONFIRM, c, person, r, NULL);
    return url ? url : arena_printf(t->a, "mailto:%s?subject=%s&In-Reply-To=%%3C%s%%3E", t->conf->addresses.v[0], c->number, l->message_id);
}

static void
question(struct turn *t, struct desk_case_change *ch, const char *person)
{
    Td__Case *c = ch->after;
    const char *kept = asked_lately(t) ? "asked within the hour" : budget_take(t, person, true);
    if (kept != NULL) {
        turn_entry(t, ch, TD__ENTRY__WHAT__SILENCED, NULL, arena_printf(t->a, "did you send this: %s", kept));
        return;
    }
    turn_count(t, DESK_BUDGET_HELD, addr_key(t->a, person));
    struct reader r = reader_staff(t, person);
    struct letter w = { .kind = TD__LETTER__KIND__RESULT, .to = person, .kase = c, .to_staff = true, .reply = DESK_TOKEN_CONFIRM };
    w.fields.v[FIELD_SUBJECT] = mail_bare_subject(c->subject, t->a);
    for (size_t i = 0; i < c->n_helds; i++)
        if (is_open(c->helds[i]) && addr_equal(c->helds[i]->from->addr, person))
            template_list_add(t->a, &w.fields, FIELD_HELD, held_line(t, &r, c->helds[i]));
    Td__Letter frame = { .message_id = (char *)desk_message_id_make(t->d->key, c->id, t->f->next_letter + t->out->letters_used,
                                                                    addr_domain(t->conf->addresses.v[0]), t->a) };
    w.fields.v[FIELD_LINK_CONFIRM] = confirm_url(t, c, person, &r, &frame);
    Td__Letter *l = letter_write(t, &w);
    for (size_t i = 0; i < c->n_helds; i++)
        if (is_open(c->helds[i]) && addr_equal(c->helds[i]->from->addr, person)) {
            c->helds[i]->has_asked = true;
            c->helds[i]->asked = l->id;
        }
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, "asked whether the mail is theirs");
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, person);
    e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
}

/* ---- keeping */

void
staff_hold(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const Td__Address *customer)
{
    Td__Case *c = ch->after;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__HELD, m->from, arena_printf(t->a, "%s; in the name of staff, not proven: held", t->why ? t->why : "no case"));
    entry_words(t, e);
    if (held_open(c) >= HELD_MAX || c->n_helds >= 5 * HELD_MAX) {
        e->why = arena_printf(t->a, "%s; too much is held already, it stays without effect", e->why);
        return;
    }
    Td__Held *h = schema_new(t->a, &td__held__descriptor);
    h->mail = m->mail;
    h->at = m->at;
    h->from = schema_address(t->a, m->name, m->from);
    h->text = arena_strndup(t->a, m->text, utf8_clip(m->text, HELD_TEXT_MAX));
    h->message_id = m->message_id && message_id_clean(m->message_id) ? arena_strdup(t->a, m->message_id) : NULL;
    h->has_inside = h->inside = m->inside;
    h->has_direct = h->direct = m->direct;
    h->customer = customer ? schema_address(t->a, customer->name, customer->addr) : NULL;
    h->attachments = m->attachments;
    h->n_attachments = m->n_attachments < HELD_PARTS_MAX ? m->n_attachments : HELD_PARTS_MAX;
    arena_push(t->a, &c->helds, &c->n_helds, h);
    due_set(t, c, "held", t->now + HELD_S, NULL);
    question(t, ch, m->from);
}

/* ---- the answer */

/* Through the address that only this person was given for this; without such addresses, as an answer to that letter. */
static bool
answers_question(const struct turn *t)
{
    uint64_t case_id, letter_id;
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if (n->purpose == DESK_TOKEN_CONFIRM && n->why == need_own_action && turn_case(t, n->id) == t->found)
            return true;
    }
    for (size_t i = 0; !t->conf->plus_addressing && i < t->m->n_in_reply_to; i++)
        for (size_t k = 0; k < t->found->n_helds; k++)
            if (desk_message_id_check(t->d->key, t->m->in_reply_to[i], &case_id, &letter_id) && t->found->helds[k]->has_asked &&
                letter_id == t->found->helds[k]->asked && addr_equal(t->found->helds[k]->from->addr, t->from))
                return true;
    return false;
}

static bool
says_no(const struct turn *t, const char *text)
{
    text += strspn(text, " \t\r\n");
    if (words_mean(t->line, "no", text) || words_mean(t->line, "not-ok", text))
        return true;
    for (size_t l = 0; l < t->conf->languages.n; l++) {
        const char *word;
        for (size_t i = 0; t->line->words[l] != NULL && (word = words_part(t->line->words[l], "answer.not-mine", i)) != NULL; i++)
            if (str_starts_nocase(text, word) && strchr(" ,.!;:\r\n", text[strlen(word)]) != NULL)
                return true;
    }
    return false;
}

/* It opened a case in the name of staff, and was meant for a customer. false: it was about this case. */
static bool
give_to_customer(struct turn *t, struct desk_case_change *ch, const Td__Held *h, int64_t at)
{
    struct commands cs;
    const char *addr = h->customer ? h->customer->addr : NULL;
    bool for_somebody = false;
    commands_parse(h->text, t->a, &cs);
    for (size_t i = 0; i < cs.n; i++)
        if (cs.v[i].row != NULL && strcmp(cs.v[i].row->word, "for") == 0) {
            addr = command_address(t->a, cs.v[i].args);
            for_somebody = true;
        }
    if (addr == NULL || is_staff(t->conf, addr) || conf_has_address(t->d->conf, addr) || !addr_equal(ch->after->requester->addr, h->from->addr))
        return false;
    const struct conf_customer *customer = conf_customer_of(t->conf, addr);
    ch->after->requester = schema_address(t->a, h->customer ? h->customer->name : NULL, addr);
    ch->after->customer = customer ? arena_strdup(t->a, customer->name) : NULL;
    ch->after->subject = arena_strdup(t->a, mail_bare_subject(ch->after->subject, t->a));
    struct act act = { t, ch, h->from->addr, "the case is the customer's", at };
    if (h->has_direct && h->direct)     /* has had the mail itself, which answers */
        return false;
    tell_customer(&act, TD__LETTER__KIND__ACK, NULL, NULL, "acknowledgement");
    if (!for_somebody)                  /* what was written to a consultant becomes that consultant's */
        act_assign(&act, h->from->addr);
    return true;
}

size_t
held_settle(struct turn *t, struct desk_case_change *ch, const char *person, bool drop, int64_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < ch->after->n_helds; i++) {
        Td__Held *h = ch->after->helds[i];
        if (!is_open(h) || (person != NULL && !addr_equal(h->from->addr, person)))
            continue;
        h->has_done = h->done = true;
        n++;
        struct staff_mail m = { .from = person ? person : h->from->addr, .name = h->from->name, .text = h->text ? h->text : "", .message_id = h->message_id,
                                .mail = h->mail, .at = at, .n_attachments = h->n_attachments, .attachments = h->attachments,
                                .inside = h->has_inside && h->inside, .direct = h->has_direct && h->direct };
        if (drop)
            continue;
        struct lines several = { .n = 0 };
        if (h->n_also > 0)
            lines_parse(t->d, t->conf, m.text, t->a, &several);
        m.opened = several.n == 0 && give_to_customer(t, ch, h, at);
        if (several.n > 0)
            (void)lines_carry_out(t, &m, &several);
        else
            staff_carry_out(t, ch, &m);
    }
    return n;
}

/* Whatever it says, it is about what is held: it goes to no customer. */
struct desk_case_change *
held_answered(struct turn *t)
{
    if (t->found == NULL || !t->is_staff || !answers_question(t))
        return NULL;
    struct desk_case_change *ch = turn_change(t, t->found);
    bool no = says_no(t, t->m->reply_text ? t->m->reply_text : "");
    Td__Entry *first = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, t->from, "nothing of theirs is held any more");
    first->has_mail = true;
    first->mail = t->e->mail_id;
    if (held_settle(t, ch, t->from, no, t->e->origin->arrived_at) > 0)
        first->why = arena_strdup(t->a, no ? "held mail is not theirs: dropped" : "held mail is theirs: carried out");
    return ch;
}

void
due_held(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    Td__Case *c = ch->after;
    size_t kept = 0;
    (void)detail;
    for (size_t i = 0; i < c->n_helds; i++) {
        Td__Held *h = c->helds[i];
        if (h->at + HELD_S > t->now)
            c->helds[kept++] = h;
        else if (is_open(h))
            turn_entry(t, ch, TD__ENTRY__WHAT__HELD, "timer", "nobody has said that it is theirs for seven days: lapsed")->detail = arena_strdup(t->a, h->from->addr);
    }
    c->n_helds = kept;
}
