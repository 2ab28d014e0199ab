/* SPDX-License-Identifier: ISC
 *
 * May we answer this mail by ourselves? A table of reasons not to; the first that holds is written into the journal.
 * Two programs that answer each other never stop, so when in doubt: no.
 */
#include <string.h>

#include "desk_room.h"

static bool
is_silent(const struct turn *t)
{
    return t->e->origin->has_silent && t->e->origin->silent;
}

static bool
is_own(const struct turn *t)
{
    return desk_message_is_own(t->d->key, t->m);
}

static bool
is_unparsed(const struct turn *t)
{
    return t->m->has_unparsed && t->m->unparsed;
}

static bool
has_no_sender(const struct turn *t)
{
    return t->from == NULL;
}

static bool
is_from_desk(const struct turn *t)
{
    return t->from_desk;
}

static bool
has_null_path(const struct turn *t)
{
    const char *envelope = t->e->origin->envelope_from, *path = t->m->return_path;
    return (envelope != NULL && envelope[0] == '\0') || (path != NULL && (path[0] == '\0' || strcmp(path, "<>") == 0));
}

/* Local parts behind which nobody reads, with whatever follows a + or a dash: noreply, no-reply+x, bounces-12. */
bool
address_unread(const char *addr)
{
    static const char *const names[] = { "mailer-daemon", "postmaster", "noreply", "no-reply", "no_reply", "no.reply", "donotreply",
        "do-not-reply", "do_not_reply", "do.not.reply", "bounce", "bounces", "root" };
    for (size_t i = 0; i < countof(names); i++) {
        size_t n = strlen(names[i]);
        if (str_starts_nocase(addr, names[i]) && strchr("@+-=", addr[n]) != NULL && addr[n] != '\0')
            return true;
    }
    return false;
}

static bool
is_role_address(const struct turn *t)
{
    return address_unread(t->from);
}

static bool
is_begun_by_staff(const struct turn *t)
{
    return t->staff_began;
}

static bool
is_machine(const struct turn *t)
{
    return t->m->machine == NULL || !t->m->machine->answerable;
}

static const struct { bool (*holds)(const struct turn *); const char *why; } silences[] = {
    { is_silent, "from before the first contact" },
    { is_own, "our own letter" },
    { is_unparsed, "the mail could not be read" },
    { has_no_sender, "no sender's address" },
    { is_from_desk, "the sender's address is one of our own" },
    { has_null_path, "null return path" },
    { is_role_address, "nobody reads the sender's address" },
    { is_begun_by_staff, "staff began it: the customer has that mail already" },
    { is_machine, "made by a machine" },
};

/* That a mail could not be read, is old or was begun by staff says nothing of who wrote it. */
bool
machine_wrote(const struct turn *t)
{
    return is_from_desk(t) || has_null_path(t) || (t->from != NULL && is_role_address(t)) || (!is_unparsed(t) && is_machine(t));
}

const char *
machine_silence_but_mark(const struct turn *t)
{
    for (size_t i = 0; i < countof(silences); i++)
        if (silences[i].holds(t)) {
            if (silences[i].holds == is_machine && t->m->machine != NULL && t->m->machine->n_why > 0)
                return arena_printf(t->a, "%s: %.200s", silences[i].why, t->m->machine->why[0]);
            return silences[i].why;
        }
    return NULL;
}

const char *
machine_silence(const struct turn *t)
{
    const char *why = machine_silence_but_mark(t);
    return why == NULL && is_marked(t) ? arena_printf(t->a, "our own mail server marks it as %s", mark_of(t)) : why;
}
