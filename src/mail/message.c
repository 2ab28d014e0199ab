/* SPDX-License-Identifier: ISC
 *
 * From header fields to a message: one table of fields and the functions that read them. mail_scan() is this and nothing more;
 * mail_parse() begins with it, so that both say the same. Of doubled fields the first counts.
 */
#include "read.h"

#include <sodium.h>
#include <string.h>

#define HINT_BYTES 8192u        /* of the body that are looked through for a charset's name */

static void
trim_spaces(char *s)
{
    size_t n = strlen(s), from = 0;

    while (n > 0 && s[n - 1] == ' ')
        n--;
    while (from < n && s[from] == ' ')
        from++;
    memmove(s, s + from, n - from);
    s[n - from] = 0;
}

typedef void reader(struct reading *r, const struct field *f, const char *hint);

static void
read_from(struct reading *r, const struct field *f, const char *hint)
{
    struct address_list l;

    address_parse(r, f->value, f->len, hint, &l);
    r->m->has_from_count = true;
    r->m->from_count += (uint32_t)l.n;
    if (l.n > 0)
        r->m->from = l.v[0];
    if (l.n > 1)
        reading_warn(r, "%zu addresses in From", l.n);
}

static void
read_sender(struct reading *r, const struct field *f, const char *hint)
{
    struct address_list l;

    address_parse(r, f->value, f->len, hint, &l);
    if (l.n > 0)
        r->m->sender = l.v[0];
}

#define LIST_READER(list) \
    static void \
    read_##list(struct reading *r, const struct field *f, const char *hint) \
    { \
        struct address_list l; \
        address_parse(r, f->value, f->len, hint, &l); \
        r->m->list = l.v; \
        r->m->n_##list = l.n; \
    }
LIST_READER(reply_to)
LIST_READER(to)
LIST_READER(cc)

static void
read_delivered(struct reading *r, const struct field *f, const char *hint)
{
    struct address_list l;

    address_parse(r, f->value, f->len, hint, &l);
    for (size_t i = 0; i < l.n && r->m->n_delivered_to < 100; i++)
        arena_push(r->a, &r->m->delivered_to, &r->m->n_delivered_to, l.v[i]);
}

static void
read_subject(struct reading *r, const struct field *f, const char *hint)
{
    r->m->subject = word_decode(r, f->value, f->len, hint);
    trim_spaces(r->m->subject);
}

static void
read_message_id(struct reading *r, const struct field *f, const char *hint)
{
    (void)hint;
    r->m->message_id = (char *)refs_message_id(r, f->value, f->len);
}

static void
read_date(struct reading *r, const struct field *f, const char *hint)
{
    (void)hint;
    r->m->has_date = date_parse(f->value, f->len, &r->m->date);
    if (!r->m->has_date)
        reading_warn(r, "unreadable Date");
}

static void
read_in_reply_to(struct reading *r, const struct field *f, const char *hint)
{
    (void)hint;
    refs_parse(r, f->value, f->len, &r->m->n_in_reply_to, &r->m->in_reply_to);
}

static void
read_references(struct reading *r, const struct field *f, const char *hint)
{
    (void)hint;
    refs_parse(r, f->value, f->len, &r->m->n_references, &r->m->references);
}

static void
read_return_path(struct reading *r, const struct field *f, const char *hint)
{
    struct address_list l;

    if (f->len == 0 || memmem(f->value, f->len, "<>", 2) != NULL) {
        r->m->return_path = (char *)"";
        return;
    }
    address_parse(r, f->value, f->len, hint, &l);
    if (l.n > 0)
        r->m->return_path = l.v[0]->addr;
}

static void
read_nothing(struct reading *r, const struct field *f, const char *hint)
{
    (void)r;
    (void)f;
    (void)hint;
}

static const struct row {
    const char *name;
    reader *read;
    bool many;                  /* may stand more than once */
} table[] = {
    {"From", read_from, false},
    {"Sender", read_sender, false},
    {"Reply-To", read_reply_to, false},
    {"To", read_to, false},
    {"Cc", read_cc, false},
    {"Subject", read_subject, false},
    {"Message-ID", read_message_id, false},
    {"Date", read_date, false},
    {"In-Reply-To", read_in_reply_to, false},
    {"References", read_references, false},
    {"Return-Path", read_return_path, false},
    {"Delivered-To", read_delivered, true},
    {"X-Original-To", read_delivered, true},
    {"Envelope-To", read_delivered, true},
    {"Content-Type", read_nothing, false},      /* read where the body is; here only that there is one */
    {"Content-Transfer-Encoding", read_nothing, false},
};

void
message_fill(struct reading *r, const struct header *h)
{
    bool seen[countof(table)] = {0};
    struct content c;
    const char *hint = NULL;
    const struct field *type = header_first(h, "Content-Type");

    if (type != NULL) {
        content_parse(r, type->value, type->len, NULL, &c);
        hint = content_param(&c, "charset");
    }
    if (!charset_keeps_ascii(hint))
        hint = r->hint;
    for (size_t i = 0; i < h->n; i++)
        for (size_t t = 0; t < countof(table); t++) {
            const struct field *f = &h->f[i];
            if (!field_is(f, table[t].name))
                continue;
            if (seen[t] && !table[t].many) {
                reading_warn(r, "%s stands more than once: the first counts", table[t].name);
                if (t == 0) {           /* but a second author takes away what the first could prove */
                    struct address_list l;
                    address_parse(r, f->value, f->len, hint, &l);
                    r->m->from_count += (uint32_t)l.n;
                }
                break;
            }
            seen[t] = true;
            table[t].read(r, f, hint);
            break;
        }
    r->m->has_from_count = true;
    if (r->m->from == NULL)
        reading_warn(r, seen[0] ? "no address in From" : "no From");
}

/* A multipart's header names no charset: the first that its parts name. */
static const char *
body_charset(struct reading *r, const uint8_t *bytes, size_t len, size_t at)
{
    size_t end = len - at < HINT_BYTES ? len : at + HINT_BYTES, n = 0;

    for (; at + 8 < end; at++) {
        const uint8_t *e = memchr(bytes + at, '=', end - at);
        if (e == NULL || e < bytes + 7)
            return NULL;
        at = (size_t)(e - bytes);
        if (!mem_eq_nocase((const char *)e - 7, "charset", 7))
            continue;
        at += 1 + (at + 1 < end && bytes[at + 1] == '"');
        while (at + n < end && n < 60 && (is_alnum(bytes[at + n]) || strchr("-_:.", bytes[at + n]) != NULL) && bytes[at + n] != 0)
            n++;
        return n == 0 ? NULL : arena_strndup(r->tmp, (const char *)bytes + at, n);
    }
    return NULL;
}

/* What both answers begin with. Answers the bytes with lines that end in LF. */
static const uint8_t *
begin(struct reading *r, const uint8_t *bytes, size_t len, struct header *h)
{
    r->tmp = arena_new(0);
    r->m = schema_new(r->a, &td__message__descriptor);
    r->m->machine = schema_new(r->a, &td__machine__descriptor);
    bytes = lines_repair(r, bytes, len);
    header_scan(r, bytes, len, true, h);
    r->hint = body_charset(r, bytes, len, h->body);
    if (!charset_keeps_ascii(r->hint))
        r->hint = NULL;
    message_fill(r, h);
    auth_read(r, h);
    filter_read(r, h);
    machine_header(r, h);
    return bytes;
}

Td__Message *
mail_scan(const uint8_t *bytes, size_t len, const struct mail_options *o, struct arena *a)
{
    struct reading r = {.a = a, .o = o};
    struct header h;

    begin(&r, bytes, len, &h);
    arena_free(&r.tmp);
    return r.m;
}

Td__Message *
mail_parse(const uint8_t *bytes, size_t len, const struct mail_options *o, struct arena *a)
{
    struct reading r = {.a = a, .o = o};
    struct header h;

    bytes = begin(&r, bytes, len, &h);
    if (len > o->limits.mail) {
        r.m->has_unparsed = r.m->unparsed = true;
        reading_warn(&r, "larger than %llu bytes: only its header was read", (unsigned long long)o->limits.mail);
    } else {
        body_read(&r, bytes, len, &h);
    }
    arena_free(&r.tmp);
    return r.m;
}

bool
mail_extract_parts(const uint8_t *bytes, size_t len, const uint32_t *parts, size_t n, const struct mail_limits *l, uint64_t *sizes, struct buf *out)
{
    struct mail_options o = {.limits = *l};
    struct reading r = {.o = &o};
    struct header h;
    struct buf copy = {0};
    struct leaves leaves;
    size_t found = 0, before = out->len;

    if (len > l->mail)
        return false;
    r.a = r.tmp = arena_new(0);
    r.m = schema_new(r.a, &td__message__descriptor);
    bytes = lines_repair(&r, bytes, len);
    header_scan(&r, bytes, len, true, &h);
    tree_read(&r, bytes, len, &h, &copy, &leaves);
    for (size_t k = 0; k < n && found == k && out->len - before <= l->mail; k++)
        for (size_t i = 0; i < leaves.n && found == k; i++)
            if (leaves.v[i].part == parts[k]) {
                const struct buf *b = leaf_bytes(&leaves.v[i]);
                buf_add(out, b->data, b->len);
                sizes[k] = b->len;
                found++;
            }
    leaves_free(&leaves);
    buf_free(&copy);
    arena_free(&r.tmp);
    return found == n && out->len - before <= l->mail;
}

bool
mail_extract(const uint8_t *bytes, size_t len, uint32_t part, const struct mail_limits *l, struct buf *out)
{
    uint64_t size;

    return mail_extract_parts(bytes, len, &part, 1, l, &size, out);
}

/* A mail that goes through every library once: what they load at first use is loaded while files can still be opened. */
void
mail_init(void)
{
    static const char mail[] = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=koi8-r\n\n"
        "<p>This text is long enough for a guess &auml; of its language and nothing else.\n--b\n\n"
        "\xf0\xf2\xe9\xf7\xe5\xf4 \xf0\xf2\xe9\xf7\xe5\xf4 \xf0\xf2\xe9\xf7\xe5\xf4 \xf0\xf2\xe9\xf7\xe5\xf4 \xf0\xf2\xe9\xf7\xe5\xf4\n--b--\n";
    static bool done;
    struct mail_options o = {.limits = mail_limits_default};
    struct arena *a;

    if (done)
        return;
    done = true;
    must(sodium_init() >= 0);
    tree_init();
    charset_init();
    language_init();
    a = arena_new(0);
    mail_parse((const uint8_t *)mail, sizeof mail - 1, &o, a);
    arena_free(&a);
}
