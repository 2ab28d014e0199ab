/* SPDX-License-Identifier: ISC
 *
 * Mail of staff. Proven (authenticated, or through the person's own reply address of that case, as configured) it is obeyed:
 * commands first, all or none, then the words go to the customer. Not proven it is held, and the real person is asked.
 * What an address alone says is worth nothing here.
 */
#include <string.h>

#include "act_room.h"
#include "htmlfit.h"
#include "lines.h"
#include "staff.h"

/* The address that this person was given for this case, or a link of it. */
static bool
has_own_token(const struct turn *t)
{
    for (size_t i = 0; t->found != NULL && i < t->f->needs->n; i++) {
        const struct desk_need *n = &t->f->needs->v[i];
        if ((n->why == need_own_address || n->why == need_own_action) && turn_case(t, n->id) == t->found)
            return true;
    }
    return false;
}

static bool
is_proven(const struct turn *t)
{
    bool authenticated = t->proof == PROOF_AUTH, token = t->found ? has_own_token(t) : lines_own_token(t);
    return t->conf->staff_both_proofs ? authenticated && token : authenticated || token;
}

/* ---- the answer */

void
staff_answer(struct command_run *r, const Td__Case *c)
{
    struct turn *t = r->t;
    struct letter w = { .kind = TD__LETTER__KIND__RESULT, .to_name = r->mail->name, .to = r->mail->from, .kase = c, .to_staff = true, .answers = r->mail->message_id,
                        .reply = c == NULL ? DESK_TOKEN_DIGEST : DESK_TOKEN_REPLY };
    if (t->e->kind == DESK_EVENT_MAIL && machine_silence(t) != NULL)
        return;
    if (c != NULL)
        w.fields.v[FIELD_SUBJECT] = mail_bare_subject(c->subject, t->a);
    w.fields.v[FIELD_RESULT] = r->result;
    w.fields.list[FIELD_DONE] = r->done;
    w.fields.n[FIELD_DONE] = r->n_done;
    w.fields.list[FIELD_WRONG] = r->wrong;
    w.fields.n[FIELD_WRONG] = r->n_wrong;
    Td__Letter *l = letter_write(t, &w);
    if (r->show != NULL)
        show_parts(r, l);
}

/* ---- what was written down of the mail */

static void
entry_mail(struct turn *t, Td__Entry *e, const struct staff_mail *m)
{
    e->has_mail = !m->operator_;
    e->mail = m->mail;
    e->text = arena_strndup(t->a, m->text, utf8_clip(m->text, DESK_ENTRY_TEXT_MAX));
    e->message_id = m->message_id ? arena_strndup(t->a, m->message_id, utf8_clip(m->message_id, 998)) : NULL;
    e->attachments = m->attachments;
    e->n_attachments = m->n_attachments;
}

static const char *
words_list(struct turn *t, const char *const *v, size_t n)
{
    const char *s = "";
    for (size_t i = 0; i < n && strlen(s) < 600; i++)
        s = arena_printf(t->a, "%s%s%s", s, i ? " " : "", v[i]);
    return s;
}

static const char *
command_names(struct turn *t, const struct commands *c)
{
    const char *s = "";
    for (size_t i = 0; i < c->n; i++)
        s = arena_printf(t->a, "%s%s#%.40s", s, i ? " " : "", c->v[i].word);
    return s;
}

/* ---- carrying out */

void
commands_check(struct command_run *r, const struct commands *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].row != NULL)
            continue;
        const struct command_row *near = command_near(c->v[i].word);
        run_wrong(r, near ? WRONG_UNKNOWN_NEAR : WRONG_UNKNOWN, c->v[i].word, near ? near->word : NULL);
    }
    if (c->n >= COMMANDS_MAX)
        run_wrong(r, WRONG_TOO_MANY, NULL, NULL);
    if (c->late != NULL)
        run_wrong(r, WRONG_LATE, c->late, NULL);
}

/* Words on the line of a command that closes a matter are for the customer too. */
static const char *
words_out(struct turn *t, const struct commands *c, const char *words)
{
    const char *s = "";
    for (size_t i = 0; i < c->n; i++) {
        const struct command_row *row = c->v[i].row;
        if (row == NULL)
            continue;
        if (row->words != WORDS_OUT)
            return "";
        if (row->prose && row->phase == PHASE_AFTER && c->v[i].args[0] != '\0')
            s = arena_printf(t->a, "%s%s%s", s, s[0] ? "\n\n" : "", c->v[i].args);
    }
    s = words[0] ? arena_printf(t->a, "%s%s%s", s, s[0] ? "\n\n" : "", words) : s;
    return words_for_customer(t, s);
}

/* No command keeps what is below it inside. */
static bool
words_leave(const struct commands *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].row != NULL && c->v[i].row->words != WORDS_OUT)
            return false;
    return true;
}

/* The letter that this answers is older than what the customer wrote last. */
static bool
wrote_meanwhile(const struct turn *t, const Td__Case *c)
{
    uint64_t case_id, letter_id;
    for (size_t i = 0; c->has_noticed && i < t->m->n_in_reply_to; i++)
        if (desk_message_id_check(t->d->key, t->m->in_reply_to[i], &case_id, &letter_id) && case_id == c->id && letter_id < c->noticed)
            return true;
    return false;
}

/* A photograph and no words: as telephones send them. */
static bool
pictures_alone(struct turn *t, const struct parts *p)
{
    bool *shown;
    return html_fit(t, p, "", true, &shown) != NULL;
}

static const Td__Letter *
relay_words(struct command_run *r, const char *words)
{
    struct turn *t = r->t;
    Td__Entry *e = r->entry;
    act_relayed(&r->act, r->mail->from);
    r->act.ch->after->begun_by = arena_strdup(t->a, r->mail->from);
    e->what = TD__ENTRY__WHAT__RELAYED;
    if (r->mail->direct) {
        e->why = arena_printf(t->a, "%s; the customer has it already", e->why);
        case_thread_add(t, r->act.ch->after, r->mail->message_id);
        return NULL;
    }
    const Td__Letter *l = relay_send(r, words);
    if (l == NULL)
        return NULL;
    e->has_letter = true;
    e->letter = l->id;
    e->recipient = arena_strdup(t->a, relay_recipients(t, l));
    struct reader reader = reader_staff(t, r->mail->from);
    const char *span = span_words(t, &reader, t->conf->recall_s);
    run_done(r, span ? SAID_RELAY_AT : SAID_RELAY, relay_recipients(t, l), span);
    if (wrote_meanwhile(t, r->act.ch->after))
        run_done(r, SAID_MEANWHILE, NULL, NULL);
    return l;
}

/* A mail of the customer that went to one of the staff: it is the customer's, whoever brought it. */
static void
customer_words(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, Td__Entry *e)
{
    struct act act = { t, ch, m->forwarded->addr, "the customer has written", m->at };
    e->what = TD__ENTRY__WHAT__APPENDED;
    e->by = arena_strdup(t->a, m->forwarded->addr);
    e->why = arena_printf(t->a, "%s; forwarded by %s", e->why ? e->why : "", m->from);
    const char *text = t->m->text ? t->m->text : m->text;
    e->text = arena_strndup(t->a, text, utf8_clip(text, DESK_ENTRY_TEXT_MAX));
    act_wake(&act);
}

static bool
must_be_said(const struct command_run *r, const struct commands *c)
{
    return c->n > 0 || r->n_wrong > 0 || r->n_done > 1 || r->mail->says_inside;
}

void
run_start(struct command_run *r, struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const struct commands *c)
{
    const struct conf_person *p = conf_person_find(t->conf, m->from);
    const char *name = p != NULL && p->label != NULL ? p->label : m->name;
    *r = (struct command_run){ .t = t, .act = { t, ch, m->from, t->why, m->at }, .mail = m, .reader = reader_staff(t, m->from) };
    r->words = !m->operator_ && c->n > 0 && closing_only(c->words, name, m->from) ? "" : c->words;
    if (m->operator_)                   /* ticketctl speaks English where the desk has it */
        r->reader = reader_in(t, &r->reader, "en");
}

void
staff_carry_out(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m)
{
    struct commands c;
    commands_parse(m->text, t->a, &c);
    staff_obey(t, ch, m, &c);
}

void
staff_do(struct command_run *r, const struct commands *c)
{
    struct turn *t = r->t;
    struct desk_case_change *ch = r->act.ch;
    const struct staff_mail *m = r->mail;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, m->from, t->why);
    entry_mail(t, e, m);
    e->detail = c->n > 0 ? arena_strdup(t->a, command_names(t, c)) : NULL;
    r->entry = e;
    commands_check(r, c);
    if (m->forwarded != NULL)
        customer_words(t, ch, m, e);
    else if (c->n == 0 && (m->inside || m->text[0] == '\0'))
        e->what = TD__ENTRY__WHAT__NOTE;
    if (m->says_inside && m->forwarded == NULL)
        run_done(r, SAID_NOTE, NULL, NULL);
    commands_run(r, c, PHASE_BEFORE);
    bool leaves = !r->undone && m->forwarded == NULL && !m->inside && !m->opened && words_leave(c);
    const struct parts parts = { .v = m->attachments, .n = m->n_attachments, .html = m->html };
    const char *words = leaves ? words_out(t, c, r->words) : "";
    leaves = words[0] != '\0' || (leaves && (parts_any_for_customer(&parts) || (c->n == 0 && pictures_alone(t, &parts))));
    if (leaves && !m->direct && !relay_possible(t, ch->after))
        run_wrong(r, WRONG_UNREACHABLE, ch->after->requester->addr, NULL);
    const Td__Letter *l = leaves && r->n_wrong == 0 ? relay_words(r, words) : NULL;
    size_t letters_before = t->out->n_letters;
    commands_run(r, c, PHASE_AFTER);
    if (l != NULL && r->n_wrong == 0)
        relay_settle(r, l, letters_before);
}

void
staff_obey(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const struct commands *cp)
{
    const struct decision was = *t->out;
    Td__Case *after = schema_copy(t->a, ch->after);
    size_t entries = ch->n_entries;
    struct commands c = *cp;
    struct command_run r;
    run_start(&r, t, ch, m, &c);
    staff_do(&r, &c);
    if (r.n_wrong > 0) {                /* as if nothing had been done */
        *t->out = was;
        ch->after = after;
        ch->n_entries = entries;
        Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, m->from, arena_printf(t->a, "refused, nothing was done: %s", words_list(t, r.wrong, r.n_wrong)));
        entry_mail(t, e, m);
        e->detail = arena_strdup(t->a, command_names(t, &c));
        run_wrong(&r, WRONG_NONE_DONE, NULL, NULL);
        r.n_done = 0;
        r.result = NULL;
    }
    if (m->operator_)
        operator_answer(&r);
    else if (must_be_said(&r, &c))
        staff_answer(&r, ch->after);
}

/* ---- the way in */

static bool
is_note_address(const struct turn *t, const char *addr)
{
    const struct conf_strings *notes = &t->conf->note_addresses;
    const char *ext;
    size_t len;
    for (size_t i = 0; i < notes->n; i++)
        if (addr_equal(notes->v[i], addr) || addr_match_extension(addr, notes->v[i], &ext, &len))
            return true;
    return false;
}

/* Openly, or as a blind copy. */
static bool
to_note_address(const struct turn *t)
{
    const Td__Message *m = t->m;
    const struct { Td__Address **v; size_t n; } lists[] = { { m->to, m->n_to }, { m->cc, m->n_cc }, { m->delivered_to, m->n_delivered_to } };
    bool note = false;
    for (size_t k = 0; k < countof(lists); k++)
        for (size_t i = 0; i < lists[k].n; i++)
            note |= is_note_address(t, lists[k].v[i]->addr);
    for (size_t i = 0; i < t->e->origin->n_recipients; i++)
        note |= is_note_address(t, t->e->origin->recipients[i]);
    return note;
}

/* Whom it is addressed to: colleagues, with the desk at most in Cc, and nobody outside: then it is a note. Or the customer beside the desk. */
static void
recipients_read(const struct turn *t, struct staff_mail *out)
{
    const Td__Message *m = t->m;
    const struct { Td__Address **v; size_t n; } lists[] = { { m->to, m->n_to }, { m->cc, m->n_cc } };
    bool desk[2] = { false, false }, colleagues = false, outside = false;
    for (size_t k = 0; k < countof(lists); k++)
        for (size_t i = 0; i < lists[k].n; i++) {
            const char *addr = lists[k].v[i]->addr;
            bool ours = conf_has_address(t->d->conf, addr), staff = is_staff(t->conf, addr);
            desk[k] |= ours;
            colleagues |= staff && !ours && (k == 0 || lists[0].n == 0);
            outside |= !ours && !staff;
            out->direct |= t->found != NULL && addr_equal(addr, t->found->requester->addr);
        }
    bool note = to_note_address(t);
    out->inside = note || (colleagues && !outside && !desk[0]);
    out->says_inside = out->inside && !note && desk[1];
}

/* Forwarded from somebody who is on this case as a customer. */
static const Td__Address *
forwarded_from(const struct turn *t)
{
    const Td__Address *who = t->m->forwarded ? t->m->forwarded->from : NULL;
    if (who == NULL || t->found == NULL || is_staff(t->conf, who->addr) || conf_has_address(t->d->conf, who->addr) || !case_has(t, t->found, who->addr))
        return NULL;
    return who;
}

static struct staff_mail
mail_of(const struct turn *t)
{
    const Td__Message *m = t->m;
    const char *text = m->reply_text ? m->reply_text : m->text ? m->text : "";
    const char *from = t->from;
    for (size_t i = 0; i < t->conf->staff.n; i++)       /* as the configuration writes it */
        if (addr_equal(t->conf->staff.v[i], from))
            from = t->conf->staff.v[i];
    struct staff_mail out = { .from = from, .name = t->requester->name, .text = text, .message_id = m->message_id, .mail = t->e->mail_id,
                              .at = t->e->origin->arrived_at, .n_attachments = m->n_attachments, .attachments = m->attachments, .html = m->html,
                              .forwarded = forwarded_from(t) };
    recipients_read(t, &out);
    return out;
}

struct desk_case_change *
way_staff(struct turn *t)
{
    bool silent = t->e->origin->has_silent && t->e->origin->silent, unread = t->m->has_unparsed && t->m->unparsed;
    if (!t->is_staff || t->from_desk || (t->m->machine != NULL && !t->m->machine->counts_as_reply))
        return NULL;
    struct desk_case_change *answered = silent ? NULL : held_answered(t);
    if (answered != NULL)
        return answered;
    struct staff_mail m = mail_of(t);
    struct commands c;
    commands_parse(m.text, t->a, &c);
    struct desk_case_change *several = silent || unread ? NULL : way_lines(t, &m, &c);
    if (several != NULL || t->caseless)
        return several;
    if (t->found == NULL)
        return silent || unread ? NULL : staff_without_case(t, &m, &c, is_proven(t));
    if (addr_equal(t->found->requester->addr, t->from) && c.n == 0)
        return NULL;                    /* staff with a matter of their own */
    struct desk_case_change *ch = turn_change(t, t->found);
    if (silent || unread) {
        entry_words(t, turn_entry(t, ch, TD__ENTRY__WHAT__APPENDED, t->from, t->why));
        entry_unparsed(t, ch);
        return ch;
    }
    if (!is_proven(t)) {
        staff_hold(t, ch, &m, NULL);
        return ch;
    }
    staff_carry_out(t, ch, &m);
    return ch;
}
