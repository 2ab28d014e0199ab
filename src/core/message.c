/* SPDX-License-Identifier: ISC
 *
 * What core does with a message besides handing it on: whose desk it is for, and the stand-in for a mail that no worker
 * could read. Core reads no mail syntax; this works on the worker's answer alone.
 */
#include "engine.h"
#include "ticketd/mail.h"

#include <sodium.h>
#include <string.h>

static const char *
desk_for_list(const struct conf *conf, Td__Address **v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct conf_desk *d = conf_desk_for(conf, v[i]->addr);
        if (d != NULL)
            return d->name;
    }
    return NULL;
}

const char *
message_desk(const struct conf *conf, const Td__Message *m)
{
    const char *name = desk_for_list(conf, m->delivered_to, m->n_delivered_to);
    if (name == NULL)
        name = desk_for_list(conf, m->to, m->n_to);
    if (name == NULL)
        name = desk_for_list(conf, m->cc, m->n_cc);
    return name != NULL ? name : conf->desks[0].name;
}

#define DECODED 4u              /* what is decoded to UTF-8 is at most so many times as long */
#define IDS_MAX 20000u

bool
message_usable(const struct conf_limits *limits, const Td__Message *m)
{
    size_t field = DECODED * (size_t)limits->header_len + 1024, text = DECODED * (size_t)limits->text + 1024;
    return m->has_digest && m->digest.len == 32 && m->machine != NULL && (m->subject == NULL || strlen(m->subject) <= field) &&
           (m->message_id == NULL || strlen(m->message_id) <= field) && (m->text == NULL || strlen(m->text) <= text) &&
           (m->reply_text == NULL || strlen(m->reply_text) <= text) && (m->html == NULL || strlen(m->html) <= MAIL_HTML_MAX) && m->n_references + m->n_in_reply_to + m->n_case_refs <= IDS_MAX;
}

Td__Message *
message_unparsed(Td__Message *who, const uint8_t *bytes, size_t len, const char *why, struct arena *a)
{
    Td__Message *m = who != NULL ? who : schema_new(a, &td__message__descriptor);
    if (m->machine == NULL) {
        m->machine = schema_new(a, &td__machine__descriptor);
        m->machine->counts_as_reply = true;
    }
    m->machine->answerable = false;
    (void)arena_push(a, &m->machine->why, &m->machine->n_why, arena_strdup(a, why));
    (void)arena_push(a, &m->warnings, &m->n_warnings, arena_strdup(a, why));
    m->has_unparsed = m->unparsed = true;
    m->has_digest = true;
    m->digest.len = 32;
    m->digest.data = arena_alloc(a, 32);
    crypto_generichash(m->digest.data, 32, bytes, len, NULL, 0);
    return m;
}
