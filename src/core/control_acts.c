/* SPDX-License-Identifier: ISC
 *
 * Acts of an operator on the daemon itself, not on a case: a new configuration is read, a mailbox is left alone and taken up
 * again. A pause outlives restarts: it is a row of meta under the name "pause:MAILBOX" with the login of who made it.
 */
#include "loop.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define PAUSE "pause:"

static const char *
pause_name(struct arena *a, const char *mailbox)
{
    return arena_printf(a, PAUSE "%s", mailbox);
}

bool
mailbox_paused(struct loop *l, const char *mailbox, struct arena *a, const Td__Secret **row)
{
    Td__Secret *s;
    if (engine_secret(l->engine, pause_name(a, mailbox), a, &s) != STORE_OK || s->value.len == 0)
        return false;
    if (row != NULL)
        *row = s;
    return true;
}

char *
mailboxes_paused_json(struct loop *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->conf->n_intakes; i++) {
        struct arena *a = arena_new(0);
        const Td__Secret *row;
        char at[TIME_TEXT_MAX];
        if (mailbox_paused(l, l->conf->intakes[i].name, a, &row)) {
            time_format(row->at, at);
            json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "mailbox", l->conf->intakes[i].name, "by",
                                                  json_stringn((const char *)row->value.data, row->value.len), "at", at));
        }
        arena_free(&a);
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static const char *
pause_start(struct loop *l, const Td__Request *r, const char *login, void *owner, struct arena *a)
{
    const char *action = request_argument(r, "action"), *name = request_argument(r, "mailbox");
    bool pause = action != NULL && strcmp(action, "pause") == 0;
    if (!pause && (action == NULL || strcmp(action, "resume") != 0))
        return "mailbox pause MAILBOX, or mailbox resume MAILBOX";
    if (name == NULL || intake_conf(l, name) == NULL) {
        const char *all = "";
        for (size_t i = 0; i < l->conf->n_intakes; i++)
            all = arena_printf(a, "%s%s%s", all, i > 0 ? ", " : "", l->conf->intakes[i].name);
        return arena_printf(a, "there is no mailbox \"%.60s\"; there are: %s", name != NULL ? name : "", all);
    }
    struct engine_event *ev = engine_event_new(ENGINE_SECRET);
    ev->mailbox = pause_name(ev->arena, name);
    ev->secret = arena_strdup(ev->arena, pause ? login : "");
    ev->owner = owner;
    ev->answer = arena_printf(ev->arena, "{\"case\":null,\"done\":[\"mailbox %s is %s\"],\"result\":null}\n", name, pause ? "paused" : "taken up again");
    ev->line = NULL;
    engine_submit(l->engine, ev);
    loop_wake(l);
    return NULL;
}

bool
control_acts_own(const char *verb)
{
    return strcmp(verb, "reload") == 0 || strcmp(verb, "mailbox") == 0;
}

/* *later: the answer comes when it is durable. Else 0 and JSON, or a code and a sentence, in the arena. */
unsigned
control_act(struct loop *l, const Td__Request *r, const char *login, void *owner, struct arena *a, bool *later, const char **answer)
{
    *later = false;
    if (strcmp(r->verb, "mailbox") == 0) {
        *answer = pause_start(l, r, login, owner, a);
        *later = *answer == NULL;
        return EX_USAGE;
    }
    struct buf said = { 0 };
    log_line(LOG_NOTE, "action=reload-asked login=%s status=ok", log_value(login));
    bool ok = policy_reload(l, &said);
    *answer = ok ? "{\"case\":null,\"done\":[\"the configuration was read anew\"],\"result\":null}\n"
                 : arena_printf(a, "the configuration is refused, the one of before stays:\n%s", said.data != NULL ? said.data : "");
    buf_free(&said);
    return ok ? 0 : EX_CONFIG;
}

/* A pause is on the disk: the roles follow it. */
void
control_act_done(struct loop *l, const struct engine_event *ev)
{
    log_line(LOG_NOTE, "mailbox=%s action=%s login=%s status=ok", ev->mailbox + strlen(PAUSE), ev->secret[0] != '\0' ? "pause" : "resume",
             log_value(ev->secret));
    policy_children(l);
}
