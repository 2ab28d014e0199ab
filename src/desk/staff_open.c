/* SPDX-License-Identifier: ISC
 *
 * Mail of staff that is about no case yet: a customer's mail forwarded, inline or attached; a telephone call (#for); a mail
 * to a customer with the desk in copy. Each opens a case in the customer's name: for the rules it is as if the customer had
 * written, with staff as the witness. Questions such as #next are answered and end in no case.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

static bool
is_outside(const struct turn *t, const char *addr)
{
    return addr != NULL && addr_valid(addr) && !conf_has_address(t->d->conf, addr) && !is_staff(t->conf, addr);
}

/* To whom it went beside the desk, when the desk was in it openly. */
static const Td__Address *
customer_of_copy(const struct turn *t)
{
    const Td__Message *m = t->m;
    const Td__Address *customer = NULL;
    bool desk = false;
    const struct { Td__Address **v; size_t n; } lists[] = { { m->to, m->n_to }, { m->cc, m->n_cc } };
    for (size_t k = 0; k < countof(lists); k++)
        for (size_t i = 0; i < lists[k].n; i++) {
            desk |= desk_has_address(t->conf, lists[k].v[i]->addr);
            if (k == 0 && customer == NULL && is_outside(t, lists[k].v[i]->addr))
                customer = lists[k].v[i];
        }
    return desk ? customer : NULL;
}

/* The mail as the customer would have sent it: his name, the subject without what forwarding put before it, no Message-ID of staff. */
static const Td__Message *
as_customer(struct turn *t, const Td__Address *customer, const char *subject, const char *text, bool keep_id)
{
    Td__Message *m = arena_alloc(t->a, sizeof *m);
    *m = *t->m;
    if (!keep_id)
        m->message_id = NULL;
    m->subject = arena_strdup(t->a, subject);
    m->reply_text = arena_strdup(t->a, text);
    t->from = customer->addr;
    t->requester = schema_address(t->a, customer->name && !str_has_control(customer->name) ? customer->name : NULL, customer->addr);
    addr_fold(t->requester->addr);
    t->proof = PROOF_AUTH;              /* staff vouches for it */
    return m;
}

/* "#for ann@x" in a mail about something: nothing of the thread of staff goes on to the customer. */
static struct desk_case_change *
open_for(struct turn *t, const struct staff_mail *m, const Td__Address *customer, const char *subject, const char *text, bool keep_id, const char *how)
{
    const Td__Message *was = t->m;
    t->m = as_customer(t, customer, subject, text, keep_id);
    struct desk_case_change *ch = case_open(t, NULL, NULL);
    t->m = was;
    Td__Entry *e = ch->entries[0];
    e->why = arena_printf(t->a, "%s by %s; %s", how, m->from, e->why ? e->why : "");
    return ch;
}

static const char *
bare_forward(struct turn *t, const char *subject)
{
    return mail_bare_subject(subject ? subject : "", t->a);
}

static const struct command *
command_given(const struct commands *c, const char *word)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].row != NULL && strcmp(c->v[i].row->word, word) == 0)
            return &c->v[i];
    return NULL;
}

static bool
all_caseless(const struct commands *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].row != NULL && !c->v[i].row->caseless)
            return false;
    return c->n > 0;
}

/* What a machine wrote does not become a person's by being divided. */
static const Td__Message *
as_machine(struct turn *t, const Td__Message *as)
{
    Td__Message *m = arena_alloc(t->a, sizeof *m);
    *m = *as;
    m->machine = schema_new(t->a, &td__machine__descriptor);
    m->machine->counts_as_reply = true;
    arena_push(t->a, &m->machine->why, &m->machine->n_why, arena_strdup(t->a, "as the mail that opened the case it was split from"));
    return m;
}

void
command_split(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    const struct turn was = *t;
    const Td__Case *from = r->act.ch->after;
    const Td__Address *customer = from->requester;
    if (args[0] == '\0' || r->words[0] == '\0') {
        run_wrong(r, WRONG_NEEDS, "split", "SUBJECT");
        return;
    }
    if (t->out->cases_used > 0)         /* one a mail */
        return;
    const char *about = arena_strdup(t->a, args);
    t->m = as_customer(t, customer, about, r->words, false);
    if (from->has_by_machine && from->by_machine)
        t->m = as_machine(t, t->m);
    struct desk_case_change *ch = case_open(t, from, "split off");
    const char *number = ch->after->number;
    *t = was;
    Td__Entry *e = turn_entry(t, r->act.ch, TD__ENTRY__WHAT__SPLIT, r->act.by, "a case of its own");
    e->detail = arena_strdup(t->a, number);
    run_done(r, SAID_SPLIT, number, NULL);
}

/* A case that cannot be is answered, and the mail is kept without one. */
static struct desk_case_change *
refuse(struct turn *t, struct command_run *r)
{
    run_wrong(r, WRONG_NONE_DONE, NULL, NULL);
    r->n_done = 0;
    staff_answer(r, NULL);
    t->out->fate_why = arena_strdup(t->a, r->wrong[0]);
    t->caseless = true;
    return NULL;
}

/* Opens it and does what else the mail asks for; all or none. */
static struct desk_case_change *
open_and_do(struct turn *t, struct command_run *r, const struct commands *c, const Td__Address *customer, const char *subject, const char *text,
            const char *comment, bool answered, const char *how)
{
    const struct decision was = *t->out;
    const struct turn turn_was = *t;
    struct staff_mail *mail = arena_alloc(t->a, sizeof *mail);
    *mail = *r->mail;
    mail->opened = !answered;
    r->mail = mail;
    t->staff_began = answered;
    struct desk_case_change *ch = open_for(t, r->mail, customer, subject, text, answered, how);
    r->act = (struct act){ t, ch, r->mail->from, how, r->mail->at };
    run_done(r, SAID_OPENED, customer->addr, NULL);
    if (!answered && command_given(c, "for") == NULL && !(ch->after->has_refused && ch->after->refused))
        act_assign(&r->act, r->mail->from);     /* what was written to a consultant becomes that consultant's */
    if (comment != NULL && comment[0] != '\0' && command_given(c, "note") == NULL)
        act_note(&r->act, comment);
    commands_run(r, c, PHASE_BEFORE);
    if (answered) {
        act_relayed(&r->act, r->mail->from);
        Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__RELAYED, r->mail->from, "sent to the customer directly, with the desk in copy");
        e->has_mail = true;
        e->mail = r->mail->mail;
    }
    commands_run(r, c, PHASE_AFTER);
    if (r->n_wrong == 0) {
        if (!answered)
            notice_customer(t, ch);
        if (c->n > 0 || !answered)
            staff_answer(r, ch->after);
        t->from = turn_was.from;
        return ch;
    }
    *t = turn_was;
    *t->out = was;
    return refuse(t, r);
}

/* Apple Mail quotes what it forwards: the quoted lines from the one that holds `at` on, without their marks. */
static const char *
without_marks(struct arena *a, const char *text, const char *at)
{
    struct buf b = { 0 };
    while (at > text && at[-1] != '\n')
        at--;
    if (*at != '>')
        return NULL;
    for (size_t n; *at == '>'; at += n + (at[n] == '\n')) {
        at += 1 + (at[1] == ' ');
        n = strcspn(at, "\n");
        buf_add(&b, at, n);
        buf_puts(&b, "\n");
    }
    const char *plain = arena_strndup(a, b.data, b.len);
    buf_free(&b);
    return plain;
}

/* What the customer wrote stands below the lines that forwarding put there, the last of which is blank; of an attached mail
 * nothing stands here. *comment: what staff wrote above. */
static const char *
forwarded_words(struct turn *t, const char **comment)
{
    const char *text = t->m->text ? t->m->text : "", *above = t->m->reply_text ? t->m->reply_text : "";
    const char *from = t->m->forwarded->from ? str_find_nocase(text, t->m->forwarded->from->addr) : NULL;
    *comment = above;
    if (from == NULL)
        return "";
    const char *plain = without_marks(t->a, text, from);
    from = plain ? plain : from;
    const char *blank = strstr(from, "\n\n"), *crlf = strstr(from, "\n\r\n");
    blank = crlf != NULL && (blank == NULL || crlf < blank) ? crlf : blank;
    if (blank == NULL)
        return text;
    blank += strspn(blank, " \t\r\n");
    size_t n = strlen(blank);
    while (n > 0 && strchr(" \t\r\n", blank[n - 1]) != NULL)
        n--;
    return arena_strndup(t->a, blank, n);
}

/* For the rules it is as if the customer had written, so that priority and targets are right from the start; but the case is in that
 * person's own name, and nothing goes to a customer, until it is known who wrote. */
static struct desk_case_change *
hold(struct turn *t, const struct staff_mail *m, const Td__Address *customer, const char *subject, const char *text, bool copied)
{
    const struct turn was = *t;
    if (customer != NULL) {
        t->m = as_customer(t, customer, subject, text, false);
        t->proof = PROOF_NONE;
    }
    t->staff_began = true;              /* the question is the answer */
    struct desk_case_change *ch = case_open(t, NULL, NULL);
    *t = was;
    t->staff_began = true;
    if (customer != NULL) {
        ch->after->requester = t->requester;
        ch->after->customer = NULL;
        ch->entries[0]->by = arena_strdup(t->a, m->from);
    }
    struct staff_mail held = *m;
    held.direct = copied;
    staff_hold(t, ch, &held, customer);
    return ch;
}

static void
asks(struct command_run *r, const struct commands *c)
{
    r->act.ch = NULL;
    commands_run(r, c, PHASE_BEFORE);
    commands_run(r, c, PHASE_AFTER);
}

struct desk_case_change *
staff_without_case(struct turn *t, const struct staff_mail *m, const struct commands *c, bool proven)
{
    const Td__Message *mail = t->m;
    const Td__Address *customer = mail->forwarded ? mail->forwarded->from : NULL;
    const struct command *call = command_given(c, "for");
    struct command_run r;
    const char *comment;
    bool forwarded = customer != NULL && is_outside(t, customer->addr);
    const Td__Address *copied = forwarded || call != NULL ? NULL : customer_of_copy(t);
    if (!forwarded && call == NULL && copied == NULL && c->n == 0)
        return NULL;                    /* a matter of their own */
    if (!proven) {
        const char *whom = call ? command_address(t->a, call->args) : NULL;
        const Td__Address *of = call ? whom && is_outside(t, whom) ? schema_address(t->a, NULL, whom) : NULL : forwarded ? customer : copied;
        const char *subject = forwarded && mail->forwarded->subject ? mail->forwarded->subject : mail->subject;
        return hold(t, m, of, bare_forward(t, subject), forwarded && call == NULL ? forwarded_words(t, &comment) : c->words, copied != NULL);
    }
    run_start(&r, t, NULL, m, c);
    commands_check(&r, c);
    if (call != NULL) {
        const char *addr = command_address(t->a, call->args);
        if (addr == NULL || !is_outside(t, addr))
            run_wrong(&r, call->args[0] ? WRONG_ADDRESS : WRONG_NEEDS, call->args[0] ? call->args : "for", "ADDRESS");
        if (r.n_wrong > 0)
            return refuse(t, &r);
        const char *words = c->words[0] || !forwarded ? c->words : forwarded_words(t, &comment);
        return open_and_do(t, &r, c, schema_address(t->a, NULL, addr), bare_forward(t, mail->subject), words, NULL, false, "opened for the customer");
    }
    if (r.n_wrong > 0)
        return refuse(t, &r);
    if (forwarded) {
        const char *subject = mail->forwarded->subject ? mail->forwarded->subject : mail->subject;
        const char *words = forwarded_words(t, &comment);
        return open_and_do(t, &r, c, customer, bare_forward(t, subject), words, c->n == 0 ? comment : r.words, false, "forwarded");
    }
    if (copied != NULL)
        return open_and_do(t, &r, c, copied, mail->subject, c->words, NULL, true, "written to the customer");
    if (!all_caseless(c)) {
        for (size_t i = 0; i < c->n; i++)
            if (!c->v[i].row->caseless)
                run_wrong(&r, WRONG_NO_CASE, c->v[i].word, NULL);
        return refuse(t, &r);
    }
    asks(&r, c);
    staff_answer(&r, r.about);
    t->out->fate_why = "a question of staff, answered";
    t->caseless = true;
    return NULL;
}
