/* SPDX-License-Identifier: ISC
 *
 * An act of an operator: finds the case and in whose name it is done, has the desk decide, and keeps what is to be answered.
 * Whether the asker may was settled before the event was made.
 */
#include "engine.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static enum store_rc
refuse(struct engine_event *ev, unsigned code, const char *why)
{
    ev->ok = true;                              /* nothing was to be written */
    ev->exit_code = code;
    ev->answer = arena_strdup(ev->arena, why);
    return STORE_OK;
}

/* "CAS-00001-9LGW" in any spelling, "00001" or "1". */
static uint64_t
running_number(const char *word)
{
    const char *dash = strchr(word, '-'), *p = dash != NULL ? dash + 1 : word;
    char *end;
    unsigned long long id = *p >= '0' && *p <= '9' ? strtoull(p, &end, 10) : 0;
    return id > 0 && (*end == '\0' || (dash != NULL && *end == '-')) ? id : 0;
}

static enum store_rc
case_find(struct commit *g, const char *word, Td__Case **c)
{
    uint64_t id = running_number(word);
    *c = NULL;
    if (id == 0)
        return STORE_NOTFOUND;
    enum store_rc rc = case_get(g, id, c);
    return rc == STORE_OK && strchr(word, '-') != NULL && !str_eq_nocase(word, (*c)->number) ? STORE_NOTFOUND : rc;
}

/* Who this login is on that desk; NULL: nobody of the staff. */
static const char *
person_of(const struct conf_desk *desk, const char *login)
{
    for (size_t i = 0; i < desk->n_persons; i++)
        if (desk->persons[i].login != NULL && strcmp(desk->persons[i].login, login) == 0)
            return desk->persons[i].name;
    return NULL;
}

static json_t *
sentences(const char *const *v, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(v[i]));
    return list;
}

static const char *
answer_json(struct arena *a, const struct decision *d, const char *number)
{
    json_t *o = json_pack("{s:s, s:o, s:o}", "case", number, "done", sentences(d->done, d->n_done), "result",
                          d->result != NULL ? json_string(d->result) : json_null());
    char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
    const char *out = arena_printf(a, "%s\n", text != NULL ? text : "null");
    free(text);
    json_decref(o);
    return out;
}

static const char *
answer_refused(struct arena *a, const struct decision *d)
{
    const char *all = "";
    for (size_t i = 0; i < d->n_wrong; i++)
        all = arena_printf(a, "%s%s%.400s", all, i > 0 ? " " : "", d->wrong[i]);
    return all;
}

static enum store_rc
letter_find(struct commit *g, const char *word, Td__Letter **l)
{
    struct store_key k;
    char *end;
    unsigned long long id = *word >= '1' && *word <= '9' ? strtoull(word, &end, 10) : 0;
    if (id == 0 || *end != '\0')
        return STORE_NOTFOUND;
    table_letter(&k, id, 0);
    return store_get(g->txn, STORE_LETTERS, &k, g->arena, &td__letter__descriptor, l);
}

/* The case, or for a letter both; what the event is about goes into de. */
static enum store_rc
subject_find(struct commit *g, const struct engine_event *ev, struct desk_event *de, const char **number, const char **desk)
{
    Td__Letter *l = NULL;
    Td__Case *c = NULL;
    enum store_rc rc = ev->operator_->resend ? letter_find(g, ev->case_word, &l) : case_find(g, ev->case_word, &c);
    if (rc != STORE_OK)
        return rc;
    de->letter = l;
    de->case_id = c != NULL ? c->id : l->has_case_id ? l->case_id : 0;
    *desk = c != NULL ? c->desk : l->desk;
    *number = c != NULL ? c->number : l->case_number != NULL ? l->case_number : "-";
    return STORE_OK;
}

/* Of a person there is no case; of one token, that which it is of, if it is still there. */
static enum store_rc
revoke_find(struct commit *g, const struct engine_event *ev, struct desk_event *de, const char **number, const char **desk)
{
    struct desk_token_says says;
    Td__Case *c = NULL;
    enum store_rc rc = STORE_OK;
    switch (desk_revoke_read(g->e->naming, ev->operator_->revoke, &says)) {
    case DESK_REVOKE_CASE:
        rc = case_find(g, ev->case_word, &c);
        break;
    case DESK_REVOKE_TOKEN:
        rc = desk_token_of_case(says.purpose) ? case_get(g, says.id, &c) : STORE_OK;
        if (fact_missing(rc))
            rc = STORE_OK;
        break;
    case DESK_REVOKE_PERSON:
    case DESK_REVOKE_NOTHING:
        break;
    }
    if (rc != STORE_OK)
        return rc;
    de->case_id = c != NULL ? c->id : 0;
    *desk = c != NULL ? c->desk : g->e->conf->desks[0].name;
    *number = c != NULL ? c->number : "-";
    return STORE_OK;
}

enum store_rc
apply_operator(struct commit *g, struct engine_event *ev)
{
    struct decision d;
    struct desk_operator o = *ev->operator_;
    struct desk_event de = { .kind = DESK_EVENT_OPERATOR, .operator_ = &o };
    const char *number, *desk;
    enum store_rc rc = o.revoke != NULL ? revoke_find(g, ev, &de, &number, &desk) : subject_find(g, ev, &de, &number, &desk);
    if (fact_missing(rc))
        return refuse(ev, EX_DATAERR, arena_printf(ev->arena, o.resend ? "there is no letter \"%.80s\"; the journal of its case has the numbers"
                                                                       : "there is no case \"%.80s\"; ticketctl list --all names all", ev->case_word));
    if (rc != STORE_OK)
        return rc;
    de.desk = conf_desk_find(g->e->conf, desk);
    if (de.desk == NULL)
        return refuse(ev, EX_CONFIG, arena_printf(ev->arena, "the desk \"%s\" is no longer configured", desk));
    if (o.person == NULL)
        o.person = person_of(de.desk, o.login);
    rc = decision_make(g, &de, &d);
    if (rc != STORE_OK)
        return rc;
    if (d.n_cases > 0)
        number = d.cases[0].after->number;
    ev->ok = true;
    ev->letters = d.n_letters > 0 || d.resend != NULL;
    ev->case_number = arena_strdup(ev->arena, number);
    ev->exit_code = d.n_wrong > 0 ? EX_DATAERR : 0;
    ev->answer = d.n_wrong > 0 ? answer_refused(ev->arena, &d) : answer_json(ev->arena, &d, number);
    ev->line = arena_printf(ev->arena, "case=%s login=%s person=%s %s status=%s", number, log_value(o.login), log_value(o.person), d.told,
                            d.n_wrong > 0 ? "refused" : "ok");
    return STORE_OK;
}
