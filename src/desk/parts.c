/* SPDX-License-Identifier: ISC
 *
 * Which attachments of a mail go out with a letter. A letter names them by mail and part; the bytes stay where they are until it
 * is composed. To a customer goes what a person attached and nothing that could give away what is inside: a mail in a mail may be
 * a notice of ours, whatever holds a signed address may be a copy of one.
 */
#include "htmlfit.h"

#include <string.h>

#define PARTS_MAX 100
#define NAMES_MAX 20
#define WORDS_ROOM (512u << 10)         /* of a notice, for its words */
#define PART_ROOM 1024u

/* What only belongs to the envelope that the writer's program made round the words. */
static bool
is_wrapping(const Td__Attachment *a)
{
    static const char *const types[] = {
        "application/ms-tnef", "application/vnd.ms-tnef", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
        "application/pgp-encrypted",
    };
    for (size_t i = 0; i < countof(types); i++)
        if (str_eq_nocase(a->type, types[i]))
            return true;
    return a->name != NULL && str_eq_nocase(a->name, "winmail.dat");
}

static bool
ends_with(const char *s, const char *end)
{
    size_t n = s ? strlen(s) : 0, k = strlen(end);
    return n >= k && str_eq_nocase(s + n - k, end);
}

/* A mail as a file, of any program. */
static bool
is_mail(const Td__Attachment *a)
{
    return str_starts_nocase(a->type, "message/") || str_eq_nocase(a->type, "text/rfc822-headers") || str_eq_nocase(a->type, "application/vnd.ms-outlook") ||
           ends_with(a->name, ".eml") || ends_with(a->name, ".msg") || ends_with(a->name, ".emlx") || ends_with(a->name, ".mbox");
}

/* Part of what the writer saw, not a file that he attached. */
static bool
is_within(const struct parts *p, const Td__Attachment *a)
{
    size_t len = a->content_id ? strlen(a->content_id) : 0;
    if (len == 0 || p->html == NULL)
        return len > 0 && a->inline_;
    for (const char *s = p->html; (s = strstr(s, "src=\"cid:")) != NULL;) {
        s += strlen("src=\"cid:");
        if (strncmp(s, a->content_id, len) == 0 && s[len] == '"')
            return true;
    }
    return false;
}

/* Added to every mail by the writer's program. */
static bool
is_card(const Td__Attachment *a)
{
    return str_eq_nocase(a->type, "text/vcard") || str_eq_nocase(a->type, "text/x-vcard") || str_eq_nocase(a->type, "text/directory");
}

const char *
part_content_id(struct turn *t, uint64_t mail, const Td__Attachment *a)
{
    return arena_printf(t->a, "part%u.%llu@%s", a->part, (unsigned long long)mail, addr_domain(t->conf->addresses.v[0]));
}

const char *
part_words(struct turn *t, const Td__Attachment *a)
{
    return arena_printf(t->a, "%s (%llu KB)", a->name ? a->name : a->type, (unsigned long long)(a->size + 1023) / 1024);
}

static void
part_add(struct turn *t, Td__Letter *l, const struct parts *p, const Td__Attachment *a, bool shown)
{
    Td__Part *part = schema_new(t->a, &td__part__descriptor);
    part->part = a->part;
    part->type = a->type;
    part->name = a->name;
    part->size = a->size;
    part->content_id = shown ? (char *)part_content_id(t, p->mail, a) : NULL;
    arena_push(t->a, &l->parts, &l->n_parts, part);
    l->has_parts_mail = true;
    l->parts_mail = p->mail;
}

static const char *
names_add(struct turn *t, const char *names, const Td__Attachment *a)
{
    return arena_printf(t->a, "%s%s%s", names ? names : "", names ? ", " : "", a->name ? a->name : a->type);
}

const char *
parts_for_customer(struct turn *t, Td__Letter *l, const struct parts *p)
{
    const char *left = NULL;
    for (size_t i = 0, named = 0; i < p->n; i++) {
        const Td__Attachment *a = p->v[i];
        bool shown = p->shown != NULL && p->shown[i];
        if (is_wrapping(a) || (!shown && is_within(p, a)))
            continue;
        if (!is_mail(a) && !(a->has_token && a->token) && l->n_parts < PARTS_MAX)
            part_add(t, l, p, a, shown);
        else if (named++ < NAMES_MAX)
            left = names_add(t, left, a);
    }
    return left;
}

bool
parts_any_for_customer(const struct parts *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (!is_wrapping(p->v[i]) && !is_card(p->v[i]) && !is_within(p, p->v[i]))
            return true;
    return false;
}

static uint64_t
relay_limit(const struct turn *t)
{
    const struct conf_relay *r = conf_relay_find(t->d->conf, t->conf->relay);
    uint64_t limit = r != NULL ? r->max_size : UINT64_MAX;
    return t->f->relay_limit > 0 && t->f->relay_limit < limit ? t->f->relay_limit : limit;
}

void
parts_for_staff(struct turn *t, Td__Letter *l, const struct parts *p, uint64_t room)
{
    bool *in = arena_alloc(t->a, (p->n + 1) * sizeof *in);
    uint64_t most = relay_limit(t), words = WORDS_ROOM;
    most = most > words ? (most - words) / 7 * 5 : 0;  /* base64, and a header for each */
    room = room < most ? room : most;
    for (size_t n = 0; n < PARTS_MAX; n++) {            /* the smallest that is not in yet, the first of equals */
        size_t best = p->n;
        for (size_t i = 0; i < p->n && i < PARTS_MAX * 5; i++)
            if (!in[i] && !is_wrapping(p->v[i]) && (best == p->n || p->v[i]->size < p->v[best]->size))
                best = i;
        if (best == p->n || p->v[best]->size + PART_ROOM > room)
            break;
        room -= p->v[best]->size + PART_ROOM;
        in[best] = true;
    }
    for (size_t i = 0; i < p->n; i++)
        if (in[i])
            part_add(t, l, p, p->v[i], p->shown != NULL && p->shown[i]);
}

const char *
parts_html(struct turn *t, Td__Letter *l, const struct parts *p, const char *words)
{
    struct parts there = { .mail = p->mail, .v = arena_alloc(t->a, (l->n_parts + 1) * sizeof *there.v), .html = p->html };
    bool *shown;
    for (size_t i = 0; i < l->n_parts; i++)             /* each of them is one of p's, in its order */
        for (size_t k = 0; k < p->n; k++)
            if (p->v[k]->part == l->parts[i]->part) {
                there.v[there.n++] = p->v[k];
                break;
            }
    const char *html = html_fit(t, &there, words, false, &shown);
    for (size_t i = 0; html != NULL && i < l->n_parts && i < there.n; i++)
        if (shown[i])
            l->parts[i]->content_id = (char *)part_content_id(t, p->mail, there.v[i]);
    return html;
}

bool
parts_has(const Td__Letter *l, const Td__Attachment *a)
{
    for (size_t i = 0; i < l->n_parts; i++)
        if (l->parts[i]->part == a->part)
            return true;
    return is_wrapping(a);
}

void
parts_take(Td__Letter *l, const Td__Letter *from)
{
    l->parts = from->parts;
    l->n_parts = from->n_parts;
    l->has_parts_mail = from->has_parts_mail;
    l->parts_mail = from->parts_mail;
}

bool
parts_fit_relay(const struct turn *t, const Td__Letter *l, uint64_t *limit)
{
    *limit = relay_limit(t);
    return mail_compose_size(l) <= *limit;
}
