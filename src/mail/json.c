/* SPDX-License-Identifier: ISC
 *
 * A message as the JSON of INTERFACES.md: one line, every key there, in the order of that page; null, [] and {} where
 * nothing is known. The message may have come from another process: no string in it is believed to be UTF-8.
 */
#include "ticketd/mail.h"

#include <jansson.h>
#include <string.h>

/* Bytes of the valid character at s, 0 when there is none. */
static size_t
char_at(const char *s, size_t left)
{
    for (size_t n = 1; n <= 4 && n <= left; n++)
        if (utf8_valid(s, n))
            return n;
    return 0;
}

/* A string or null, with U+FFFD for each byte that is no part of a character. */
static json_t *
text_or_null(const char *s)
{
    struct buf clean = { 0 };
    size_t len;
    json_t *out;

    if (s == NULL)
        return json_null();
    len = strlen(s);
    if (utf8_valid(s, len))
        return json_stringn_nocheck(s, len);
    for (size_t i = 0; i < len; ) {
        size_t n = char_at(s + i, len - i);

        if (n > 0)
            buf_add(&clean, s + i, n);
        else
            buf_puts(&clean, "\xef\xbf\xbd");
        i += n > 0 ? n : 1;
    }
    out = json_stringn_nocheck(clean.data, clean.len);
    buf_free(&clean);
    return out;
}

static json_t *
time_or_null(bool known, int64_t at)
{
    char text[TIME_TEXT_MAX];

    if (!known)
        return json_null();
    time_format(at, text);
    return json_string(text);
}

static json_t *
strings(char *const *v, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, text_or_null(v[i]));
    return list;
}

static json_t *
address_or_null(const Td__Address *a)
{
    return a != NULL ? json_pack("{s:o, s:o}", "name", text_or_null(a->name), "addr", text_or_null(a->addr)) : json_null();
}

static json_t *
addresses(Td__Address *const *v, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, address_or_null(v[i]));
    return list;
}

static json_t *
auth(const Td__Message *m)
{
    json_t *results = json_array();

    for (size_t i = 0; i < m->n_auth_results; i++) {
        const Td__AuthResult *r = m->auth_results[i];

        json_array_append_new(results, json_pack("{s:o, s:o, s:o, s:o, s:b}", "authserv", text_or_null(r->authserv), "method",
                                                 text_or_null(r->method), "result", text_or_null(r->result), "domain",
                                                 text_or_null(r->domain), "trusted", r->trusted));
    }
    return json_pack("{s:o, s:o}", "results", results, "aligned", m->has_aligned ? json_boolean(m->aligned) : json_null());
}

static json_t *
report_fields(const Td__DeliveryReport *r)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "recipient", text_or_null(r->recipient), "action", text_or_null(r->action),
                     "status", text_or_null(r->status), "diagnostic", text_or_null(r->diagnostic), "original_message_id",
                     text_or_null(r->original_message_id));
}

static json_t *
report_or_null(const Td__DeliveryReport *r)
{
    json_t *out, *others;

    if (r == NULL)
        return json_null();
    out = report_fields(r);
    others = json_array();
    for (size_t i = 0; i < r->n_others; i++)
        json_array_append_new(others, report_fields(r->others[i]));
    json_object_set_new(out, "others", others);
    return out;
}

/* Without a word on it, a mail is a person's that we had better not answer. */
static json_t *
machine(const Td__Machine *k, int own)
{
    return json_pack("{s:b, s:b, s:b, s:o, s:o, s:o}", "answerable", k != NULL && k->answerable, "counts_as_reply",
                     k == NULL || k->counts_as_reply, "list", k != NULL && k->list, "own", own < 0 ? json_null() : json_boolean(own),
                     "delivery_report", report_or_null(k != NULL ? k->delivery_report : NULL),
                     "why", k != NULL ? strings(k->why, k->n_why) : json_array());
}

static json_t *
attachments(const Td__Message *m)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->n_attachments; i++) {
        const Td__Attachment *a = m->attachments[i];
        char hex[2 * 32 + 1] = "";

        hex_encode(a->sha256.data, a->sha256.len < 32 ? a->sha256.len : 32, hex);
        json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:s, s:b}", "name", text_or_null(a->name), "type", text_or_null(a->type),
                                              "size", (json_int_t)a->size, "sha256", hex, "inline", a->inline_));
    }
    return list;
}

static json_t *
case_refs(const Td__Message *m)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->n_case_refs; i++)
        json_array_append_new(list, text_or_null(m->case_refs[i]->text));
    return list;
}

static json_t *
forwarded_or_null(const Td__Forwarded *f)
{
    if (f == NULL)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "from", address_or_null(f->from), "subject", text_or_null(f->subject),
                     "date", time_or_null(f->has_date, f->date));
}

static int
append_chunk(const char *bytes, size_t len, void *out)
{
    buf_add(out, bytes, len);
    return 0;
}

void
mail_to_json(const Td__Message *m, const char *file, int own, struct buf *out)
{
    json_t *root;

    json_object_seed(1);        /* else the library opens a source of random bytes; all keys are ours */
    root = json_object();
    const struct { const char *key; json_t *value; } members[] = {
        { "file", text_or_null(file) },
        { "message_id", text_or_null(m->message_id) },
        { "date", time_or_null(m->has_date, m->date) },
        { "from", address_or_null(m->from) },
        { "sender", address_or_null(m->sender) },
        { "reply_to", addresses(m->reply_to, m->n_reply_to) },
        { "to", addresses(m->to, m->n_to) },
        { "cc", addresses(m->cc, m->n_cc) },
        { "subject", text_or_null(m->subject) },
        { "in_reply_to", strings(m->in_reply_to, m->n_in_reply_to) },
        { "references", strings(m->references, m->n_references) },
        { "text", text_or_null(m->text) },
        { "reply_text", text_or_null(m->reply_text) },
        { "language", text_or_null(m->language) },
        { "auth", auth(m) },
        { "machine", machine(m->machine, own) },
        { "attachments", attachments(m) },
        { "case_refs", case_refs(m) },
        { "forwarded", forwarded_or_null(m->forwarded) },
        { "warnings", strings(m->warnings, m->n_warnings) },
    };

    for (size_t i = 0; i < countof(members); i++)
        must(json_object_set_new(root, members[i].key, members[i].value) == 0);
    if (m->filter != NULL)
        must(json_object_set_new(root, "filter", json_pack("{s:b, s:o}", "virus", m->filter->has_virus && m->filter->virus, "why", text_or_null(m->filter->why))) == 0);
    must(json_dump_callback(root, append_chunk, out, 0) == 0);
    json_decref(root);
}
