/* SPDX-License-Identifier: ISC
 *
 * What no single value can show: what settings of one section ask of each other, what must be unique, what must be there at
 * all. Also the defaults that follow from other settings. A section that was complained about is left alone, so that one
 * mistake gets one complaint.
 */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

/* Where a setting was given, else where its section begins. */
size_t
conf_place_of(const struct reading *r, size_t node, const char *setting)
{
    struct value v;

    return conf_value_of(&r->nodes[node], setting, 0, &v) ? v.place : r->nodes[node].place;
}

void
conf_claim(struct reading *r, const char *sort, const char *text, size_t place, const char *expected)
{
    size_t before = conf_name_claim(r, sort, SIZE_MAX, text, place, !strchr(text, '/'));    /* paths have case */

    if (before != CONF_NEW)
        conf_complain(r, place, "%s %s is in use already (%s:%d), expected %s", sort, text, r->places[before].file, r->places[before].line, expected);
}

/* The settings that a connection to a server shares between relays and IMAP. */
struct server { const char *host; enum conf_tls tls; unsigned *port; unsigned ports[3]; const char *auth, *token_file, *oauth; };

static void
server_check(struct reading *r, size_t node, const struct server *s)
{
    if (s->tls == CONF_TLS_NONE && !conf_host_is_loopback(s->host))
        conf_complain(r, conf_place_of(r, node, "tls"), "tls: none would send passwords and mail to %s in the clear, expected tls or starttls", s->host);
    if (!strcmp(s->auth, "xoauth2") && !s->token_file && !s->oauth)
        conf_complain(r, conf_place_of(r, node, "auth"), "auth: xoauth2 without a token, expected token-file or oauth");
    if (s->token_file && s->oauth)
        conf_complain(r, conf_place_of(r, node, "oauth"), "token-file and oauth, expected only one of them");
    if (!*s->port)
        *s->port = s->ports[s->tls];
}

void
conf_check_relay(struct reading *r, size_t node)
{
    struct conf_relay *relay = r->nodes[node].object;

    if (!strcmp(relay->transport, "smtp"))
        server_check(r, node, &(struct server){ relay->host, relay->tls, &relay->port, { 465, 587, 25 }, relay->auth, relay->token_file, relay->oauth });
    else
        conf_claim(r, "Maildir", relay->path, conf_place_of(r, node, "path"), "a Maildir of its own");
}

void
conf_check_mailbox(struct reading *r, size_t node)
{
    struct conf_intake *in = r->nodes[node].object;
    struct value v;

    conf_claim(r, "mailbox name", in->name, r->nodes[node].place, "another name");
    if (in->kind == CONF_INTAKE_IMAP)
        server_check(r, node, &(struct server){ in->host, in->tls, &in->port, { 993, 143, 143 }, in->auth, in->token_file, in->oauth });
    if (in->kind == CONF_INTAKE_MAILDIR)
        conf_claim(r, "Maildir", in->path, conf_place_of(r, node, "path"), "a Maildir of its own");
    if (in->any_recipient && !in->desk)
        conf_complain(r, conf_place_of(r, node, "any-recipient"), "any-recipient: for which desk is not said, expected desk = \"NAME\" beside it");
    for (size_t i = 0; conf_value_of(&r->nodes[node], "listen", i, &v); i++)
        conf_claim(r, "listener", v.text, v.place, "another one");
    if (in->kind == CONF_INTAKE_LMTP && !in->listen.n)
        conf_complain(r, conf_place_of(r, node, "listen"), "listen: an empty list, expected %s", conf_type_listen.what);
}

void
conf_check_root(struct reading *r, size_t node)
{
    struct conf *c = r->nodes[node].object;

    if (!c->n_desks)
        conf_complain(r, 0, "no desk, expected at least one section desk \"NAME\" { … }");
    if (!c->hostname && c->n_desks && c->desks[0].addresses.n) {
        c->hostname = arena_strdup(r->arena, addr_domain(c->desks[0].addresses.v[0]));
        if (!conf_domain_valid(c->hostname))
            conf_complain(r, 0, "hostname is missing, and %s cannot stand for it, expected a domain in ASCII", c->hostname);
    }
    conf_patterns_number(c);
}

void
conf_check(struct reading *r)
{
    /* Children lie behind their parents: from the end on, what is wrong inside is known first. */
    for (size_t i = r->n_nodes; i-- > 1;)
        if (r->nodes[i].bad)
            r->nodes[r->nodes[i].parent].bad = true;
    for (size_t i = 0; i < r->n_nodes && !r->broken; i++)
        if (r->nodes[i].section->check && !r->nodes[i].bad)
            r->nodes[i].section->check(r, i);
}
