/* SPDX-License-Identifier: ISC
 *
 * Delivery reports by structure: RFC 3464 (and 6533), in the variants that are really sent: blocks run together or torn apart, fields in
 * any order, recipients that are no addresses, the report as an ordinary text part. A report by structure needs a multipart/report or a
 * mail system as its sender, for people forward reports too. Which letter came back stands in the returned mail, else in the report.
 */
#include "dsn.h"

#include <string.h>

void
reports_add(struct reports *s, Td__DeliveryReport *d)
{
    if (d != NULL && s->n <= DSN_OTHERS_MAX)
        arena_push(s->r->a, &s->v, &s->n, d);
}

/* ---- small readings */
bool
dsn_find_status(const char *s, size_t len, const char *classes, char out[12])
{
    for (size_t i = 0; i + 4 < len; i++) {
        size_t k = i + 4, digits = 0;
        if (s[i + 1] != '.' || s[i] == 0 || strchr(classes, s[i]) == NULL || s[i + 2] < '0' || s[i + 2] > '7' || s[i + 3] != '.' ||
            (i > 0 && (is_alnum((unsigned char)s[i - 1]) || s[i - 1] == '.')))
            continue;
        for (; k < len && is_digit((unsigned char)s[k]) && digits < 4; k++)
            digits++;
        if (digits == 0 || digits > 3 || (k < len && is_alpha((unsigned char)s[k])) ||
            (k + 1 < len && s[k] == '.' && is_alnum((unsigned char)s[k + 1])))
            continue;
        memcpy(out, s + i, k - i);
        out[k - i] = 0;
        return true;
    }
    return false;
}

char *
dsn_clean(struct reading *r, const char *s, size_t len)
{
    struct buf b = {0};
    char *t;
    size_t w = 0;

    charset_text(NULL, (const uint8_t *)s, len < 1000 ? len : 1000, &b, NULL);
    for (size_t i = 0; i < b.len; i++) {
        bool blank = (unsigned char)b.data[i] <= 0x20 || b.data[i] == 0x7f;
        if (blank && (w == 0 || b.data[w - 1] == ' '))
            continue;
        b.data[w++] = blank ? ' ' : b.data[i];
    }
    while (w > 0 && b.data[w - 1] == ' ')
        w--;
    t = arena_strndup(r->a, b.data == NULL ? "" : b.data, w);
    buf_free(&b);
    return t;
}

char *
dsn_recipient(struct reading *r, const char *v, size_t len)
{
    const char *semi = memchr(v, ';', len), *at = memchr(v, '@', len);
    struct address_list l;

    if (semi != NULL && (at == NULL || semi < at)) {    /* "rfc822; ", "utf-8;", "system;" */
        len -= (size_t)(semi + 1 - v);
        v = semi + 1;
    }
    if (at == NULL)
        return NULL;
    address_parse(r, v, len, "utf-8", &l);
    for (size_t i = 0; i < l.n; i++)
        if (addr_valid(l.v[i]->addr) && l.v[i]->addr[0] != '*')        /* a masked one is none */
            return l.v[i]->addr;
    return NULL;
}

static void
set_action(Td__DeliveryReport *d, const char *v)
{
    static const struct { const char *word, *action; } table[] = {
        {"fail", "failed"}, {"expired", "failed"}, {"bounce", "failed"}, {"undeliver", "failed"}, {"error", "failed"}, {"delay", "delayed"},
        {"deferred", "delayed"}, {"deliver", "delivered"}, {"relay", "relayed"}, {"expand", "expanded"}, {"transferred", "relayed"},
    };

    for (size_t i = 0; i < countof(table) && d->action == NULL; i++)
        if (str_starts_nocase(v, table[i].word))
            d->action = (char *)table[i].action;
}

bool
dsn_is_vague(const char *status)
{
    return status == NULL || strlen(status) < 5 || strcmp(status + 1, ".0.0") == 0;
}

/* A status that says more: "5.1.1" against "5.0.0" or "5.1.0". */
static bool
is_plainer(const char *now, const char *than)
{
    if (dsn_is_vague(now))
        return false;
    if (dsn_is_vague(than))
        return than == NULL || than[0] != '2';
    return now[0] == than[0] && strcmp(than + 3, ".0") == 0 && strcmp(now + 3, ".0") != 0;
}

void
dsn_fill_gaps(struct reading *r, Td__DeliveryReport *d)
{
    const char *s = d->diagnostic;
    char status[12] = "x.0.0";
    size_t from, to;

    if (s != NULL && dsn_find_status(s, strlen(s), "45", status) && is_plainer(status, d->status))
        d->status = arena_strdup(r->a, status);
    if (d->status == NULL && s != NULL && bounce_find_reply(s, strlen(s), &from, &to)) {      /* a reply without one tells the class */
        memcpy(status, "x.0.0", sizeof "x.0.0");
        status[0] = s[from];
        d->status = arena_strdup(r->a, status);
    }
    if (d->action == NULL && d->status != NULL)
        d->action = (char *)(d->status[0] == '4' ? "delayed" : d->status[0] == '2' ? "delivered" : "failed");
    if (d->action == NULL)
        d->action = (char *)"failed";
}

/* ---- message/delivery-status: blocks of fields, the first about the mail, each further one about a recipient */
enum kind { WHO_FINAL, WHO_ORIGINAL, WHO_OTHER, ACTION, STATUS, DIAGNOSTIC, KINDS };
static const struct { const char *name; enum kind kind; } fields[] = {
    {"Final-Recipient", WHO_FINAL}, {"Original-Recipient", WHO_ORIGINAL}, {"X-Actual-Recipient", WHO_OTHER}, {"X-Final-Recipient", WHO_OTHER},
    {"Recipient", WHO_OTHER}, {"X-Recipient", WHO_OTHER}, {"X-Original-Recipient", WHO_OTHER}, {"X-Failed-Recipient", WHO_OTHER},
    {"Action", ACTION}, {"Status", STATUS}, {"Diagnostic-Code", DIAGNOSTIC}, {"X-Supplementary-Info", DIAGNOSTIC}, {"X-Display-Diagnostic", DIAGNOSTIC},
    {"X-Notes-Diagnostic", DIAGNOSTIC}, {"Diagnostic", DIAGNOSTIC},
};
struct group { const struct field *f[KINDS]; };

static enum kind
kind_of(const struct field *f)
{
    for (size_t i = 0; i < countof(fields); i++)
        if (field_is(f, fields[i].name))
            return fields[i].kind;
    return KINDS;
}

static bool
has_recipient(const struct group *g)
{
    return g->f[WHO_FINAL] != NULL || g->f[WHO_ORIGINAL] != NULL || g->f[WHO_OTHER] != NULL;
}

static bool
has_fate(const struct group *g)
{
    return g->f[ACTION] != NULL || g->f[STATUS] != NULL;
}

static Td__DeliveryReport *
report_of(struct reading *r, const struct group *g)
{
    Td__DeliveryReport *d = schema_new(r->a, &td__delivery_report__descriptor);
    char status[12];

    for (size_t i = WHO_FINAL; i <= WHO_OTHER && d->recipient == NULL; i++)
        if (g->f[i] != NULL)
            d->recipient = dsn_recipient(r, g->f[i]->value, g->f[i]->len);
    if (g->f[ACTION] != NULL)
        set_action(d, g->f[ACTION]->value);
    if (g->f[STATUS] != NULL && dsn_find_status(g->f[STATUS]->value, g->f[STATUS]->len, "245", status))
        d->status = arena_strdup(r->a, status);
    if (g->f[DIAGNOSTIC] != NULL)
        d->diagnostic = dsn_clean(r, g->f[DIAGNOSTIC]->value, g->f[DIAGNOSTIC]->len);
    dsn_fill_gaps(r, d);
    return d;
}

struct groups { struct group *v; size_t n, cap; };

static struct group *
group_new(struct reading *r, struct groups *s)
{
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 8 : s->cap * 2;
        struct group *v = arena_alloc(r->tmp, cap * sizeof *v);
        if (s->n > 0)
            memcpy(v, s->v, s->n * sizeof *v);
        s->v = v;
        s->cap = cap;
    }
    s->v[s->n] = (struct group){0};
    return &s->v[s->n++];
}

/* One block: a field that comes again begins the next recipient, for some programs leave out the blank line. */
static void
block_groups(struct reading *r, const struct header *h, struct groups *s)
{
    struct group *g = NULL;

    for (size_t i = 0; i < h->n; i++) {
        enum kind k = kind_of(&h->f[i]);
        if (k == KINDS)
            continue;
        if (g == NULL || (g->f[k] != NULL && k != WHO_OTHER && k != DIAGNOSTIC && has_recipient(g))) {
            if (s->n > DSN_OTHERS_MAX)
                return;
            g = group_new(r, s);
        }
        if (g->f[k] == NULL)
            g->f[k] = &h->f[i];
    }
}

/* A blank line too much between a recipient and his fate: the two belong together, whichever comes first. */
static void
join_groups(struct groups *s)
{
    size_t w = 0;
    bool any = false;

    for (size_t i = 0; i < s->n; i++) {
        struct group *last = w > 0 ? &s->v[w - 1] : NULL, *g = &s->v[i];
        if (last != NULL && has_recipient(last) != has_recipient(g) && !(has_fate(last) && has_fate(g))) {
            for (size_t k = 0; k < KINDS; k++)
                if (last->f[k] == NULL)
                    last->f[k] = g->f[k];
        } else {
            s->v[w++] = *g;
        }
    }
    s->n = w;
    for (size_t i = 0; i < s->n; i++)
        any |= has_recipient(&s->v[i]);
    for (size_t i = w = 0; i < s->n; i++)
        if (any ? has_recipient(&s->v[i]) : has_fate(&s->v[i]))
            s->v[w++] = s->v[i];
    s->n = w;
}

void
dsn_status_part(struct reports *s, const uint8_t *b, size_t len)
{
    struct groups groups = {0};
    size_t at = 0, next;

    while (at < len && groups.n <= DSN_OTHERS_MAX) {
        struct header h;
        size_t end = line_end(b, len, at, &next), begin = at;
        if (end == at) {
            at = next;
            continue;
        }
        while (at < len && line_end(b, len, at, &next) > at)
            at = next;
        header_scan(s->r, b + begin, at - begin, false, &h);
        block_groups(s->r, &h, &groups);
    }
    join_groups(&groups);
    for (size_t i = 0; i < groups.n; i++)
        reports_add(s, report_of(s->r, &groups.v[i]));
}

/* The report's fields inside an ordinary text: from the block of the first recipient field on. */
static void
status_in_text(struct reports *s, const char *text, size_t len)
{
    static const char *const first[] = {"\nFinal-Recipient:", "\nOriginal-Recipient:", "\nAction: failed", "\nReporting-MTA:"};
    const char *p = NULL;

    for (size_t i = 0; i < countof(first) && p == NULL; i++)
        p = str_find_nocase(text, first[i]);
    if (p == NULL || (str_find_nocase(text, "\nAction:") == NULL && str_find_nocase(text, "\nStatus:") == NULL) ||
        (str_find_nocase(text, "Final-Recipient:") == NULL && str_find_nocase(text, "Original-Recipient:") == NULL))
        return;
    while (p > text && !(p[0] == '\n' && p[-1] == '\n'))        /* its block may begin with another field */
        p--;
    dsn_status_part(s, (const uint8_t *)p, len - (size_t)(p - text));
}

/* ---- which mail came back */
static const char *
message_id_in(struct reading *r, const uint8_t *b, size_t len)
{
    struct header h;
    const struct field *f;
    size_t at = 0, next;

    while (at < len && line_end(b, len, at, &next) == at)
        at = next;
    header_scan(r, b + at, len - at, false, &h);
    f = header_first(&h, "Message-ID");
    return f == NULL ? NULL : refs_message_id(r, f->value, f->len);
}

/* "Message-ID: <id@host>" anywhere in a text, also folded, as "Message ID:", or as "messageId":"…" of JSON. */
static const char *
message_id_in_text(struct reading *r, const char *s, size_t len)
{
    static const char *const labels[] = {"message-id:", "message id:", "messageid:", "messageid\":\"<", "msgid:"};
    size_t next;

    for (size_t i = 0; i < countof(labels); i++)
        for (const char *p = s; (p = str_find_nocase(p, labels[i])) != NULL && (size_t)(p - s) < len; ) {
            size_t at, end;
            p += strlen(labels[i]);
            at = (size_t)(p - s);
            end = line_end((const uint8_t *)s, len, at, &next);
            while (at < end && is_space((unsigned char)s[at]))
                at++;
            if (at == end && next < len) {              /* folded */
                at = next;
                end = line_end((const uint8_t *)s, len, at, &next);
                while (at < end && is_space((unsigned char)s[at]))
                    at++;
            }
            size_t to = at;
            while (to < end && !is_space((unsigned char)s[to]) && strchr("\",;)>", s[to]) == NULL)
                to++;
            if (memchr(s + at, '@', to - at) != NULL)
                return refs_message_id(r, s + at, to - at);
        }
    return NULL;
}

static bool
is_returned(const struct leaf *f)
{
    static const char *const types[] = {
        "message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial", "text/rfc822",
        "text/rfc822-header", "message/news", "message/headers",
    };

    for (size_t i = 0; i < countof(types); i++)
        if (str_eq_nocase(f->type, types[i]))
            return true;
    return false;
}

static const char *
original_id(struct reading *r, const struct header *h, struct leaves *l, const char *words)
{
    static const char *const own[] = {"X-Original-Message-ID", "Original-Message-ID", "In-Reply-To", "References"};
    const char *id = NULL;
    const struct field *f;

    for (size_t i = l->n; i > 0 && id == NULL; i--)
        if (is_returned(&l->v[i - 1])) {
            const struct buf *b = leaf_bytes(&l->v[i - 1]);
            id = message_id_in(r, (const uint8_t *)b->data, b->len);
            if (id == NULL && b->len > 0)
                id = message_id_in_text(r, b->data, b->len < DSN_TEXT_MAX ? b->len : DSN_TEXT_MAX);
        }
    for (size_t i = 0; i < l->n && id == NULL; i++)
        if (str_starts_nocase(l->v[i].type, "text/") || str_starts_nocase(l->v[i].type, "message/")) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            if (b->len > 0)
                id = message_id_in_text(r, b->data, b->len < DSN_TEXT_MAX ? b->len : DSN_TEXT_MAX);
        }
    if (id == NULL)                     /* where HTML wrote "&lt;" */
        id = message_id_in_text(r, words, strlen(words));
    for (size_t i = 0; i < countof(own) && id == NULL; i++)
        if ((f = header_first(h, own[i])) != NULL && f->len > 0)
            id = refs_message_id(r, f->value, f->len);
    return id;
}

/* Whom the returned mail was for, where nothing else says it and it was one. */
static char *
returned_recipient(struct reading *r, struct leaves *l)
{
    struct address_list a = {0};

    for (size_t i = 0; i < l->n; i++)
        if (is_returned(&l->v[i])) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            const struct field *f;
            struct header h;
            header_scan(r, (const uint8_t *)(b->data == NULL ? "" : b->data), b->len, false, &h);
            if ((f = header_first(&h, "To")) != NULL)
                address_parse(r, f->value, f->len, NULL, &a);
        }
    return a.n == 1 && addr_valid(a.v[0]->addr) ? a.v[0]->addr : NULL;
}

/* ---- the whole */
static Td__DeliveryReport *
first_failed(struct reports *s)
{
    Td__DeliveryReport *first;
    size_t which = 0;

    if (s->n == 0)
        return NULL;
    while (which < s->n && strcmp(s->v[which]->action, "failed") != 0)
        which++;
    which = which == s->n ? 0 : which;
    first = s->v[which];
    for (size_t i = 0; i < s->n; i++)
        if (i != which)
            arena_push(s->r->a, &first->others, &first->n_others, s->v[i]);
    return first;
}

/* The words of the report, shown or not. */
static void
words_of(struct reading *r, struct leaves *l, struct buf *text)
{
    for (size_t i = 0; i < l->n && text->len < DSN_TEXT_MAX; i++)
        if (l->v[i].shown || (str_eq_nocase(l->v[i].type, "text/plain") && text->len == 0))
            leaf_text(r, &l->v[i], text);
    buf_puts(text, "");
    if (text->len > DSN_TEXT_MAX) {
        text->len = utf8_clip(text->data, DSN_TEXT_MAX);
        text->data[text->len] = 0;
    }
}

static void
by_structure(struct reports *s, struct leaves *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_starts_nocase(l->v[i].type, "message/delivery-status") || str_eq_nocase(l->v[i].type, "message/global-delivery-status") ||
            str_eq_nocase(l->v[i].type, "message/x-delivery-status") || str_eq_nocase(l->v[i].type, "text/delivery-status")) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            dsn_status_part(s, (const uint8_t *)b->data, b->len);
        }
}

/* What the structure leaves out, the words may say. */
static void
complete(struct reading *r, const struct header *h, const char *text, Td__DeliveryReport *d)
{
    struct reports s = {.r = r};
    Td__DeliveryReport *more;

    if (d->recipient != NULL && !dsn_is_vague(d->status) && d->diagnostic != NULL)
        return;
    bounce_read(&s, h, text, d->recipient);
    more = s.v[0];
    if (d->recipient == NULL)
        d->recipient = more->recipient;
    if (d->diagnostic == NULL)
        d->diagnostic = more->diagnostic;
    if (is_plainer(more->status, d->status) && (d->status == NULL || d->status[0] == more->status[0]))
        d->status = more->status;
}

Td__DeliveryReport *
dsn_read(struct reading *r, const struct header *h, struct leaves *l)
{
    struct reports s = {.r = r};
    const struct field *type = header_first(h, "Content-Type");
    struct content c = {0};
    const char *report;
    struct buf text = {0};
    Td__DeliveryReport *d;
    bool is_report = str_eq_nocase(l->root, "multipart/report"), system = bounce_from_system(r, h), structured;

    if (type != NULL)
        content_parse(r, type->value, type->len, NULL, &c);
    report = content_param(&c, "report-type");
    if (report != NULL && (str_eq_nocase(report, "disposition-notification") || str_eq_nocase(report, "feedback-report")))
        return NULL;
    if (is_report || system)
        by_structure(&s, l);
    words_of(r, l, &text);
    for (size_t i = 0; system && s.n == 0 && i < l->n; i++)
        if (str_starts_nocase(l->v[i].type, "text/") && !is_returned(&l->v[i]) && !str_eq_nocase(l->v[i].type, "text/html")) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            if (b->len > 0 && b->len < DSN_TEXT_MAX)
                status_in_text(&s, b->data, b->len);
        }
    structured = s.n > 0;
    if (!structured && ((is_report && report != NULL && str_find_nocase(report, "delivery-status") != NULL) || bounce_is(r, h, l, text.data)))
        bounce_read(&s, h, text.data, NULL);
    d = first_failed(&s);
    if (structured)
        complete(r, h, text.data, d);
    if (d != NULL)
        d->original_message_id = (char *)original_id(r, h, l, text.data);
    if (d != NULL && d->recipient == NULL)
        d->recipient = returned_recipient(r, l);
    buf_free(&text);
    return d;
}
