/* SPDX-License-Identifier: ISC
 *
 * Acts of an operator at the command line: the same commands, the same rules and the same journal as by mail of staff, but that
 * the answer is shown and not sent. Core has looked who asks and may; whoever asks in the name of one of the staff is written
 * down with both names.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

static const char no_person[] = "operator";     /* in the place of an address, in the journal */

void
operator_answer(const struct command_run *r)
{
    struct decision *out = r->t->out;
    out->done = r->done;
    out->n_done = r->n_done;
    out->wrong = r->wrong;
    out->n_wrong = r->n_wrong;
    out->result = r->result;
}

static void
refuse(struct turn *t, const char *why)
{
    arena_push(t->a, &t->out->wrong, &t->out->n_wrong, (void *)why);
}

/* What would be said, or kept, in the name of whoever gives the command. */
static bool
is_personal(const struct desk_command *c)
{
    static const char *const words[] = { "take", "watch", "remind", "undo" };
    for (size_t i = 0; i < countof(words); i++)
        if (strcmp(words[i], c->word) == 0)
            return true;
    return strcmp(c->word, "assign") == 0 && str_eq_nocase(c->args, "me");
}

/* Do words go out to the customer as an answer? The same question as words_out() of staff.c asks. */
static bool
answers_customer(const struct commands *c)
{
    bool any = c->words[0] != '\0';
    for (size_t i = 0; i < c->n; i++) {
        const struct command_row *row = c->v[i].row;
        if (row == NULL || row->words != WORDS_OUT)
            return false;
        any |= row->prose && row->phase == PHASE_AFTER && c->v[i].args[0] != '\0';
    }
    return any;
}

static bool
needs_person(const struct desk_operator *o, const struct commands *c)
{
    bool personal = answers_customer(c);
    for (size_t i = 0; i < o->n_commands; i++)
        personal |= is_personal(&o->commands[i]);
    return personal;
}

static struct commands
commands_of(const struct desk_operator *o, struct arena *a)
{
    struct commands c = { .v = arena_alloc(a, (o->n_commands + 1) * sizeof *c.v), .words = o->words };
    for (size_t i = 0; i < o->n_commands && c.n < COMMANDS_MAX; i++)
        c.v[c.n++] = (struct command){ .row = command_find(o->commands[i].word, strlen(o->commands[i].word)), .word = o->commands[i].word, .args = o->commands[i].args };
    return c;
}

static void
obey(struct turn *t, const Td__Case *found, const struct desk_operator *o)
{
    struct commands c = commands_of(o, t->a);
    struct reader reader = reader_staff(t, t->conf->addresses.v[0]);
    struct command_run asking = { .t = t, .reader = reader_in(t, &reader, "en") };
    const char *person = o->person ? command_person(&asking, o->person) : NULL;
    if (asking.n_wrong > 0) {
        operator_answer(&asking);
        return;
    }
    if (person == NULL && needs_person(o, &c)) {
        refuse(t, "this is done in somebody's name: say whose with --as PERSON, or set login in the person's section of the configuration");
        return;
    }
    struct staff_mail m = { .from = person ? person : no_person, .text = o->words, .at = t->now, .operator_ = true };
    staff_obey(t, turn_change(t, found), &m, &c);
}

static void
release(struct turn *t, const Td__Case *found, const struct desk_operator *o)
{
    static const struct desk_command command = { "release", "" };
    const struct desk_operator filtered = { .commands = &command, .n_commands = 1, .words = "", .login = o->login, .person = o->person };
    size_t n = 0;
    for (size_t i = 0; i < found->n_helds; i++)
        n += !found->helds[i]->has_done || !found->helds[i]->done;
    if (n == 0 && o->drop) {
        refuse(t, arena_printf(t->a, "nothing is held on %s", found->number));
        return;
    }
    if (n == 0) {                       /* held for what a filter said of it: the command of this name */
        obey(t, found, &filtered);
        return;
    }
    struct desk_case_change *ch = turn_change(t, found);
    turn_entry(t, ch, TD__ENTRY__WHAT__COMMAND, no_person, arena_printf(t->a, "%s: held mail %s", t->why, o->drop ? "dropped" : "released"));
    n = held_settle(t, ch, NULL, o->drop, t->now);
    arena_push(t->a, &t->out->done, &t->out->n_done,
               arena_printf(t->a, "%zu held mail%s of staff %s", n, n == 1 ? "" : "s", o->drop ? "dropped" : "released; what each did stands in the journal"));
}

/* What of it was answered by the relay already goes out a second time: that is what the operator says. */
static void
resend(struct turn *t, const Td__Case *found)
{
    const Td__Letter *l = t->e->letter;
    if (found != NULL) {
        Td__Entry *e = turn_entry(t, turn_change(t, found), TD__ENTRY__WHAT__LETTER, no_person, arena_printf(t->a, "sent again: %s", t->why));
        entry_letter(e, l, t->a);
        e->detail = arena_strdup(t->a, schema_letter_kind_name(l->kind));
    }
    t->out->resend = l;
    arena_push(t->a, &t->out->done, &t->out->n_done,
               arena_printf(t->a, "letter %llu (%s) goes to %s%s", (unsigned long long)l->id, schema_letter_kind_name(l->kind), l->to[0]->addr,
                            l->n_to > 1 ? " and others" : ""));
}

void
decide_operator(struct turn *t)
{
    const struct desk_operator *o = t->e->operator_;
    const Td__Case *found = turn_case(t, t->e->case_id);
    t->m = schema_new(t->a, &td__message__descriptor);  /* there is no mail, and it says nothing */
    t->why = arena_printf(t->a, "at the command line, login %s", o->login);
    if (found == NULL && !o->resend && o->revoke == NULL) {
        refuse(t, "the case is gone");
        return;
    }
    t->found = found;
    if (o->resend)
        resend(t, found);
    else if (o->revoke != NULL)
        revoke_obey(t, found, o->revoke);
    else if (o->release)
        release(t, found, o);
    else
        obey(t, found, o);
    if (t->out->n_wrong > 0 && t->out->n_cases == 0)
        turn_told(t, "none", t->out->wrong[0]);
    else if (o->revoke == NULL || t->out->n_wrong > 0)
        turn_told(t, t->out->n_wrong > 0 ? "refused" : "operator", t->why);
}
