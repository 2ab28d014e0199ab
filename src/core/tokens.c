/* SPDX-License-Identifier: ISC
 *
 * OAuth2 access tokens. The token role holds the refresh token and talks HTTPS; core keeps the access token in memory and a
 * rotated refresh token sealed in the store, where it wins over the file it came from unless the file is newer.
 */
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RENEW_BEFORE_S 120              /* or half of a life shorter than twice that */
#define ASK_AGAIN_MS 30000              /* after a refusal */
#define ANSWER_MS 180000                /* past which its process hangs */
#define LIFE_MAX_S 86400
#define REFRESH_MAX 65536               /* bytes of a refresh token */

struct token {
    struct token *next;
    char *name;
    char *access;
    int64_t renew_at;
    bool asked;
    int64_t ask_not_before_ms;
};

static struct token *
token_find(struct loop *l, const char *name)
{
    struct token *t = l->tokens;
    while (t != NULL && strcmp(t->name, name) != 0)
        t = t->next;
    if (t == NULL) {
        t = mem_alloc(sizeof *t);
        t->name = mem_strdup(name);
        t->next = l->tokens;
        l->tokens = t;
    }
    return t;
}

static void
token_forget(struct token *t)
{
    if (t->access != NULL)
        explicit_bzero(t->access, strlen(t->access));
    free(t->access);
    t->access = NULL;
}

static void
token_ask(struct loop *l, struct token *t)
{
    struct child *c = child_find(l, &role_token, t->name);
    Td__TokenNeed need = TD__TOKEN_NEED__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (c == NULL || c->state != CHILD_READY || t->asked || loop_now_ms() < t->ask_not_before_ms)
        return;
    need.name = t->name;
    f.body_case = TD__FRAME__BODY_TOKEN_NEED;
    f.token_need = &need;
    t->asked = child_send(c, &f, NULL, 0);
    if (t->asked)
        c->deadline_ms = loop_now_ms() + ANSWER_MS;
}

const char *
token_get(struct loop *l, const char *oauth)
{
    struct token *t = token_find(l, oauth);
    if (t->access != NULL && loop_now() < t->renew_at)
        return t->access;
    token_ask(l, t);
    return NULL;
}

void
token_stale(struct loop *l, const char *oauth)
{
    token_forget(token_find(l, oauth));
}

static void
token_rotated(struct loop *l, const char *name, const char *refresh)
{
    struct engine_event *ev = engine_event_new(ENGINE_SECRET);
    ev->mailbox = arena_strdup(ev->arena, name);
    ev->secret = arena_strdup(ev->arena, refresh);
    engine_submit(l->engine, ev);
    loop_wake(l);
}

static bool
token_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)ap;
    if (f->body->body_case != TD__FRAME__BODY_TOKEN_ANSWER)
        return false;
    const Td__TokenAnswer *r = f->body->token_answer;
    struct token *t = token_find(l, c->section);
    t->asked = false;
    c->worked = true;
    c->deadline_ms = 0;
    if (r->access_token == NULL) {
        child_say(c, false, "%s", r->error != NULL ? r->error : "no token");
        log_line(LOG_ALARM, "role=token name=%s action=refresh why=%s status=failed", log_value(c->section), log_value(c->said));
        t->ask_not_before_ms = loop_now_ms() + ASK_AGAIN_MS;
        return true;
    }
    token_forget(t);
    t->access = mem_strdup(r->access_token);
    int64_t life_s = r->has_expires_in && r->expires_in > 0 ? r->expires_in : 3600;
    if (life_s > LIFE_MAX_S)
        life_s = LIFE_MAX_S;
    t->renew_at = loop_now() + life_s - (life_s < 2 * RENEW_BEFORE_S ? life_s / 2 : RENEW_BEFORE_S);
    c->good_at = loop_now();
    child_say(c, true, "token good for %lld s", (long long)life_s);
    if (r->refresh_token != NULL && strlen(r->refresh_token) <= REFRESH_MAX)
        token_rotated(l, c->section, r->refresh_token);
    for (struct child *k = l->children; k != NULL; k = k->next)
        if (k->state == CHILD_WAITING)
            child_setup(k);
    return true;
}

/* The stored token, unless the operator has put a newer one into the file. */
static bool
refresh_token(struct loop *l, const struct conf_oauth *o, struct arena *a, struct buf *mem, char **out)
{
    struct stat st;
    Td__Secret *kept;
    bool have = engine_secret(l->engine, o->name, a, &kept) == STORE_OK;
    if (have && (stat(o->refresh_token, &st) != 0 || st.st_mtime <= kept->at)) {
        *out = arena_strndup(a, (const char *)kept->value.data, kept->value.len);
        return true;
    }
    if (conf_secret(o->refresh_token, l->credentials, mem) != 0)
        return false;
    *out = mem->data;
    return true;
}

static bool
token_setup(struct loop *l, struct child *c)
{
    const struct conf_oauth *o = conf_oauth_find(l->conf, c->section);
    struct buf refresh = { 0 }, client = { 0 };
    struct arena *a = arena_new(0);
    Td__TokenSetup s = TD__TOKEN_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    bool ok = o != NULL && refresh_token(l, o, a, &refresh, &s.refresh_token);
    if (ok && o->client_secret != NULL) {
        ok = conf_secret(o->client_secret, l->credentials, &client) == 0;
        s.client_secret = client.data;
    }
    if (ok) {
        s.endpoint = (char *)o->endpoint;
        s.client_id = (char *)o->client_id;
        s.scope = (char *)o->scope;
        s.ca_file = (char *)o->ca_file;
        f.body_case = TD__FRAME__BODY_TOKEN_SETUP;
        f.token_setup = &s;
        ok = child_setup_send(c, &f, NULL, 0);
        token_find(l, c->section)->asked = false;
    } else {
        child_say(c, false, "a secret cannot be read");
    }
    if (s.refresh_token != NULL)
        explicit_bzero(s.refresh_token, strlen(s.refresh_token));
    if (client.data != NULL)
        explicit_bzero(client.data, client.len);
    buf_free(&refresh);
    buf_free(&client);
    arena_free(&a);
    return ok;
}

static void
token_died(struct loop *l, struct child *c)
{
    struct token *t = token_find(l, c->section);
    t->asked = false;
    t->ask_not_before_ms = loop_now_ms() + 1000;
}

const struct role_kind role_token = { "token", token_setup, token_frame, token_died };

void
tokens_end(struct loop *l)
{
    while (l->tokens != NULL) {
        struct token *t = l->tokens;
        l->tokens = t->next;
        token_forget(t);
        free(t->name);
        free(t);
    }
}
