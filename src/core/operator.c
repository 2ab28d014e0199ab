/* SPDX-License-Identifier: ISC
 *
 * From a request of ticketctl to an event: which verb is which command of staff. Commands and words travel apart, so that no
 * words can become a command; what has a line break where none belongs is refused.
 */
#include "loop.h"

#include <stdio.h>
#include <string.h>

#define REVOKE_WHAT "person|case|token"        /* the operand, as the table of verbs has it */

static const struct {
    const char *verb, *command, *argument;      /* command NULL: words alone; argument: of the request, NULL: none */
    bool below;                         /* "words" stand below the command, and must be there when the command has no argument */
} acts[] = {
    { "assign", "assign", "person", false },
    { "requeue", "queue", "queue", false },
    { "note", "note", NULL, true },
    { "reply", NULL, NULL, true },
    { "close", "close", NULL, false },
};

const char *
request_argument(const Td__Request *r, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < r->n_args; i++)
        if (strncmp(r->args[i], name, len) == 0 && r->args[i][len] == '=')
            return r->args[i] + len + 1;
    return NULL;
}

/* A name or number: one line, and not a page. */
static bool
is_word(const char *s)
{
    return s != NULL && s[0] != '\0' && strlen(s) <= 1000 && !str_has_control(s);
}

static void
command_add(struct arena *a, struct desk_operator *o, const char *word, const char *args)
{
    struct desk_command *c = arena_alloc(a, sizeof *c);
    *c = (struct desk_command){ arena_strdup(a, word), arena_strdup(a, args != NULL ? args : "") };
    o->commands = c;
    o->n_commands = 1;
}

/* NULL: done; else what is wrong with the request. */
static const char *
act_read(const Td__Request *r, struct arena *a, struct desk_operator *o)
{
    const char *words = request_argument(r, "words");
    if (strcmp(r->verb, "release") == 0) {
        o->release = true;
        o->drop = request_argument(r, "drop") != NULL;
        return NULL;
    }
    if (strcmp(r->verb, "resend") == 0) {
        o->resend = true;
        return NULL;
    }
    if (strcmp(r->verb, "revoke") == 0) {
        o->revoke = arena_strdup(a, request_argument(r, REVOKE_WHAT));
        return NULL;
    }
    if (strcmp(r->verb, "do") == 0) {
        const char *command = request_argument(r, "command");
        if (!is_word(command))
            return "which command?";
        command_add(a, o, command + (command[0] == '#'), words);
        return NULL;
    }
    for (size_t i = 0; i < countof(acts); i++) {
        if (strcmp(acts[i].verb, r->verb) != 0)
            continue;
        const char *argument = acts[i].argument != NULL ? request_argument(r, acts[i].argument) : NULL;
        if (acts[i].argument != NULL && !is_word(argument))
            return arena_printf(a, "%s: which %s?", r->verb, acts[i].argument);
        if (acts[i].below && (words == NULL || words[strspn(words, " \t\r\n")] == '\0'))
            return arena_printf(a, "%s needs words", r->verb);
        if (acts[i].command != NULL)
            command_add(a, o, acts[i].command, argument);
        o->words = arena_strdup(a, words != NULL ? words : "");
        return NULL;
    }
    return "this verb is not known here: ticketctl and ticketd are of different versions";
}

struct engine_event *
operator_event(const Td__Request *r, const char *login, char error[256])
{
    struct engine_event *ev = engine_event_new(ENGINE_OPERATOR);
    struct desk_operator *o = arena_alloc(ev->arena, sizeof *o);
    const char *word = request_argument(r, strcmp(r->verb, "resend") == 0 ? "letter" : strcmp(r->verb, "revoke") == 0 ? REVOKE_WHAT : "case"), *person = request_argument(r, "as");
    *o = (struct desk_operator){ .words = "", .login = arena_strdup(ev->arena, login), .person = arena_strdup(ev->arena, person) };
    ev->operator_ = o;
    ev->case_word = arena_strdup(ev->arena, word);
    const char *wrong = !is_word(word) ? "which one?" : person != NULL && !is_word(person) ? "--as: whose name?" : act_read(r, ev->arena, o);
    for (size_t i = 0; wrong == NULL && i < r->n_args; i++)
        if (!utf8_valid(r->args[i], strlen(r->args[i])))
            wrong = "what was typed is not UTF-8";
    if (wrong == NULL)
        return ev;
    snprintf(error, 256, "%.*s", (int)utf8_clip(wrong, 255), wrong);
    engine_event_free(&ev);
    return NULL;
}
