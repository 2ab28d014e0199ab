/* SPDX-License-Identifier: ISC
 *
 * Letters as records: from, to, the headers that thread them, the envelope, and the words from a template. Nothing from
 * outside reaches a header uncleaned; what an unproven sender wrote reaches no letter to him (the callers see to that by
 * leaving fields out).
 */
#include <string.h>

#include "desk_room.h"

#define LOCAL_PART_MAX 64
#define MESSAGE_ID_MAX 400

/* local+TOKEN@domain; NULL where that would be too long for a local part. */
static const char *
token_address(struct turn *t, enum desk_token purpose, uint64_t id, const char *recipient)
{
    const char *base = t->conf->addresses.v[0], *at = strrchr(base, '@');
    const char *token = token_fresh(t, purpose, id, recipient);
    if ((size_t)(at - base) + 1 + strlen(token) > LOCAL_PART_MAX)
        return NULL;
    const char *addr = arena_printf(t->a, "%.*s+%s%s", (int)(at - base), base, token, at);
    return addr_valid(addr) ? addr : NULL;
}

const char *
letter_token_address(struct turn *t, enum desk_token purpose, uint64_t id, const char *recipient)
{
    return t->conf->plus_addressing ? token_address(t, purpose, id, recipient) : NULL;
}

static const char *
envelope_from(struct turn *t, const Td__Letter *l)
{
    const struct conf_relay *relay = conf_relay_find(t->d->conf, t->conf->relay);
    enum conf_envelope kind = relay ? relay->envelope : CONF_ENVELOPE_PLAIN;
    if (kind == CONF_ENVELOPE_NULL)
        return "";
    const char *with_token = kind == CONF_ENVELOPE_SIGNED && t->conf->plus_addressing
        ? token_address(t, DESK_TOKEN_BOUNCE, l->id, l->to[0]->addr) : NULL;
    return with_token ? with_token : t->conf->addresses.v[0];
}

bool
message_id_clean(const char *id)
{
    size_t len = id ? strlen(id) : 0;
    if (len == 0 || len > MESSAGE_ID_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)id[i] <= 0x20 || (unsigned char)id[i] >= 0x7f || id[i] == '<' || id[i] == '>')
            return false;
    return strchr(id, '@') != NULL;
}

static void
reference_add(struct turn *t, Td__Letter *l, const char *id)
{
    if (!message_id_clean(id))
        return;
    for (size_t i = 0; i < l->n_references; i++)
        if (strcmp(l->references[i], id) == 0)
            return;
    arena_push(t->a, &l->references, &l->n_references, arena_strdup(t->a, id));
}

/* One of the staff gets an address and a thread of his own too. */
static bool
is_for_staff(const struct turn *t, const struct letter *w)
{
    bool staff = w->to_staff;
    for (size_t i = 0; i < t->conf->staff.n && !w->to_customer && w->kase != NULL; i++)
        staff |= addr_equal(t->conf->staff.v[i], w->to);
    return staff;
}

static void
letter_thread(struct turn *t, Td__Letter *l, const struct letter *w)
{
    if (w->to_customer && w->kase != NULL)
        for (size_t i = 0; i < w->kase->n_thread; i++)
            reference_add(t, l, w->kase->thread[i]);
    if (w->kase != NULL && is_for_staff(t, w))  /* a letter that never was: what all letters of a case to staff refer to, so that they are one thread */
        reference_add(t, l, desk_message_id_make(t->d->key, w->kase->id, 0, addr_domain(t->conf->addresses.v[0]), t->a));
    reference_add(t, l, w->answers);
    if (message_id_clean(w->answers))
        l->in_reply_to = arena_strdup(t->a, w->answers);
}

/* All of a letter but its words. */
Td__Letter *
letter_frame(struct turn *t, const struct letter *w)
{
    const char *address = t->conf->addresses.v[0];
    bool answer = w->kind == TD__LETTER__KIND__ACK || w->kind == TD__LETTER__KIND__RECEIPT;
    Td__Letter *l = schema_new(t->a, &td__letter__descriptor);
    l->id = t->f->next_letter + t->out->letters_used++;
    l->kind = w->kind;
    if (w->kase != NULL) {
        l->has_case_id = true;
        l->case_id = w->kase->id;
        l->case_number = w->hide_case ? NULL : arena_strdup(t->a, w->kase->number);
    }
    l->desk = arena_strdup(t->a, t->conf->name);
    l->from = schema_address(t->a, t->conf->from_name, address);
    arena_push(t->a, &l->to, &l->n_to, schema_address(t->a, w->to_name && !str_has_control(w->to_name) ? w->to_name : NULL, w->to));
    if ((w->to_customer || is_for_staff(t, w)) && w->kase != NULL && t->conf->plus_addressing) {
        const char *reply = token_address(t, w->reply ? w->reply : DESK_TOKEN_REPLY, w->kase->id, w->to);
        l->reply_to = reply ? schema_address(t->a, t->conf->from_name, reply) : NULL;
    }
    if (w->kase == NULL && w->reply == DESK_TOKEN_DIGEST && t->conf->plus_addressing) {
        const char *reply = token_address(t, DESK_TOKEN_DIGEST, l->id, w->to);
        l->reply_to = reply ? schema_address(t->a, t->conf->from_name, reply) : NULL;
    }
    /* a letter that must not name the case does not name it in its Message-ID either */
    l->message_id = (char *)desk_message_id_make(t->d->key, w->kase && !w->hide_case ? w->kase->id : 0, l->id, addr_domain(address), t->a);
    letter_thread(t, l, w);
    if (w->kase != NULL && !w->hide_case) {
        l->has_thread_index = true;
        l->thread_index.len = DESK_THREAD_INDEX_BYTES;
        l->thread_index.data = arena_alloc(t->a, DESK_THREAD_INDEX_BYTES);
        desk_thread_index_make(t->d->key, w->kase->id, w->kase->opened_at, l->thread_index.data);
    }
    l->date = w->leave_at > t->now ? w->leave_at : t->now;
    l->zone = arena_strdup(t->a, t->line->zone);
    l->has_zone_offset_s = true;
    l->zone_offset_s = (int32_t)(zone_to_local(t->line->zone, l->date) - l->date);
    l->auto_submitted = arena_strdup(t->a, answer ? "auto-replied" : "auto-generated");
    l->relay = arena_strdup(t->a, t->conf->relay);
    l->envelope_from = arena_strdup(t->a, envelope_from(t, l));
    return l;
}

void
letter_post(struct turn *t, Td__Letter *l)
{
    arena_push(t->a, &t->out->letters, &t->out->n_letters, l);
}

Td__Letter *
letter_write(struct turn *t, const struct letter *w)
{
    Td__Letter *l = letter_frame(t, w);
    letter_words(t, l, w);
    letter_post(t, l);
    return l;
}

void
letter_alarm(struct turn *t, struct desk_case_change *ch, const char *key, const char *one, const char *two, const char *detail)
{
    const char *to = t->conf->alarm_to, *kept = NULL;
    struct reader r = reader_staff(t, to);
    const char *what = word_of(t, &r, arena_printf(t->a, "alarm.%s", key), one, two, NULL);
    const Td__Case *c = ch ? ch->after : NULL;
    Td__Letter *l = NULL;
    if (to == NULL || !addr_valid(to))
        kept = "no alarm-to is configured";
    else
        kept = budget_take(t, to, true);
    if (kept == NULL) {
        struct letter w = { .kind = TD__LETTER__KIND__ALARM, .to = to, .kase = c };
        w.fields.v[FIELD_WHAT] = what;
        w.fields.v[FIELD_DETAIL] = detail;
        for (size_t i = 0; i < t->e->n_lines; i++)
            template_list_add(t->a, &w.fields, FIELD_CASES, t->e->lines[i]);
        if (t->e->n_lines > 0 && two != NULL)
            template_list_add(t->a, &w.fields, FIELD_CASES, word_of(t, &r, "alarm.reload-more", two, NULL, NULL));
        if (c != NULL)
            w.fields.v[FIELD_WHO] = c->requester->addr;
        l = letter_write(t, &w);
    }
    if (ch == NULL)
        return;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__ALARM, NULL, kept ? arena_printf(t->a, "%s (no letter: %s)", what, kept) : what);
    e->detail = arena_strdup(t->a, detail);
    if (l != NULL) {
        e->has_letter = true;
        e->letter = l->id;
        e->recipient = arena_strdup(t->a, to);
    }
}
