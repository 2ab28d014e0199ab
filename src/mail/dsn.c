/* SPDX-License-Identifier: ISC
 *
 * Delivery reports: RFC 3464 by structure, and the free text of servers that never learnt it. A report by structure needs a
 * multipart/report or a delivery-status part from a mail system; free text needs a mail system as sender and words of failure. What a
 * report says is a claim; the desk believes it only when it names a letter of ours.
 */
#include "read.h"

#include <string.h>

#define OTHERS_MAX 100u
#define TEXT_MAX 200000u        /* of free text that is looked at */

/* ---- small readings */
/* "5.1.1" inside s, with no digit or dot on either side; class 2, 4 or 5. */
static bool
find_status(const char *s, size_t len, char out[12])
{
    for (size_t i = 0; i + 4 < len; i++) {
        size_t k = i + 2, d1, d2;
        if ((s[i] != '5' && s[i] != '4' && s[i] != '2') || s[i + 1] != '.' || (i > 0 && (is_alnum((unsigned char)s[i - 1]) || s[i - 1] == '.')))
            continue;
        for (d1 = 0; k < len && is_digit((unsigned char)s[k]) && d1 < 4; k++)
            d1++;
        if (d1 == 0 || d1 > 3 || k >= len || s[k] != '.')
            continue;
        for (k++, d2 = 0; k < len && is_digit((unsigned char)s[k]) && d2 < 4; k++)
            d2++;
        if (d2 == 0 || d2 > 3 || (k < len && (s[k] == '.' || is_alpha((unsigned char)s[k])) && !(s[k] == '.' && (k + 1 >= len || is_space((unsigned char)s[k + 1])))))
            continue;
        memcpy(out, s + i, k - i);
        out[k - i] = 0;
        return true;
    }
    return false;
}

static char *
clean_text(struct reading *r, const char *s, size_t len)
{
    struct buf b = {0};
    char *t;
    size_t w = 0;

    charset_text(NULL, (const uint8_t *)s, len < 1000 ? len : 1000, &b, NULL);
    for (size_t i = 0; i < b.len; i++) {
        bool blank = (unsigned char)b.data[i] <= 0x20;
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

/* "rfc822; <u@host>" */
static char *
recipient_of(struct reading *r, const char *v, size_t len)
{
    const char *semi = memchr(v, ';', len);
    struct address_list l;

    if (semi != NULL && (memchr(v, '@', len) == NULL || semi < (const char *)memchr(v, '@', len))) {
        len -= (size_t)(semi + 1 - v);
        v = semi + 1;
    }
    address_parse(r, v, len, NULL, &l);
    return l.n > 0 ? l.v[0]->addr : NULL;
}

static const char *const actions[] = {"failed", "delayed", "delivered", "relayed", "expanded"};

static void
set_action(Td__DeliveryReport *d, const char *v)
{
    for (size_t i = 0; i < countof(actions); i++)
        if (str_starts_nocase(v, actions[i]))
            d->action = (char *)actions[i];
    if (d->action == NULL && (str_starts_nocase(v, "fail") || str_starts_nocase(v, "expired")))
        d->action = (char *)actions[0];
}

static bool
is_vague(const char *status)
{
    return status == NULL || strlen(status) < 5 || strcmp(status + 1, ".0.0") == 0;
}

static void
fill_gaps(struct reading *r, Td__DeliveryReport *d)
{
    char status[12];

    if (is_vague(d->status) && d->diagnostic != NULL && find_status(d->diagnostic, strlen(d->diagnostic), status) && !is_vague(status) &&
        (d->status == NULL || status[0] != '2'))
        d->status = arena_strdup(r->a, status);
    if (d->action == NULL && d->status != NULL)
        d->action = (char *)(d->status[0] == '5' ? "failed" : d->status[0] == '4' ? "delayed" : "delivered");
    if (d->action == NULL)
        d->action = (char *)"failed";
}

/* ---- message/delivery-status: blocks of fields, the first about the mail, each further one about a recipient */
static Td__DeliveryReport *
recipient_block(struct reading *r, const struct header *h)
{
    static const char *const who[] = {"Final-Recipient", "Original-Recipient", "X-Actual-Recipient", "X-Final-Recipient", "Recipient"};
    Td__DeliveryReport *d = schema_new(r->a, &td__delivery_report__descriptor);
    const struct field *f;
    char status[12];
    bool any = false;

    for (size_t i = 0; i < countof(who) && d->recipient == NULL; i++)
        if ((f = header_first(h, who[i])) != NULL)
            d->recipient = recipient_of(r, f->value, f->len);
    if ((f = header_first(h, "Action")) != NULL) {
        set_action(d, f->value);
        any = true;
    }
    if ((f = header_first(h, "Status")) != NULL && find_status(f->value, f->len, status)) {
        d->status = arena_strdup(r->a, status);
        any = true;
    }
    if ((f = header_first(h, "Diagnostic-Code")) != NULL || (f = header_first(h, "X-Supplementary-Info")) != NULL) {
        d->diagnostic = clean_text(r, f->value, f->len);
        any = true;
    }
    if (!any && d->recipient == NULL)
        return NULL;
    fill_gaps(r, d);
    return d;
}

struct reports { struct reading *r; Td__DeliveryReport **v; size_t n; };

static void
add_report(struct reports *s, Td__DeliveryReport *d)
{
    if (d != NULL && s->n <= OTHERS_MAX)
        arena_push(s->r->a, &s->v, &s->n, d);
}

static void
status_part(struct reports *s, const uint8_t *b, size_t len)
{
    size_t at = 0, next;

    while (at < len && s->n <= OTHERS_MAX) {
        struct header h;
        size_t end = line_end(b, len, at, &next), begin;
        if (end == at) {
            at = next;
            continue;
        }
        begin = at;
        while (at < len && (end = line_end(b, len, at, &next)) > at)
            at = next;
        header_scan(s->r, b + begin, at - begin, false, &h);
        if (header_first(&h, "Final-Recipient") != NULL || header_first(&h, "Original-Recipient") != NULL || header_first(&h, "Action") != NULL ||
            header_first(&h, "Status") != NULL)
            add_report(s, recipient_block(s->r, &h));
        if (at < len)
            at = next;
        else
            break;
    }
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

static const char *
message_id_in_text(struct reading *r, const char *s, size_t len)
{
    static const char *const labels[] = {"Message-ID:", "Message-Id:", "message-id:", "Message ID:", "MessageID:"};
    size_t next;

    for (size_t i = 0; i < countof(labels); i++) {
        const char *p = memmem(s, len, labels[i], strlen(labels[i]));
        if (p == NULL)
            continue;
        p += strlen(labels[i]);
        size_t at = (size_t)(p - s), end = line_end((const uint8_t *)s, len, at, &next);
        while (at < end && is_space((unsigned char)s[at]))
            at++;
        if (at == end && next < len) {          /* folded */
            at = next;
            end = line_end((const uint8_t *)s, len, at, &next);
        }
        if (memchr(s + at, '@', end - at) != NULL)
            return refs_message_id(r, s + at, end - at);
    }
    return NULL;
}

static const char *
original_id(struct reading *r, struct leaves *l)
{
    const char *id = NULL;

    for (size_t i = l->n; i > 0 && id == NULL; i--) {
        struct leaf *f = &l->v[i - 1];
        if (str_starts_nocase(f->type, "message/rfc822") || str_eq_nocase(f->type, "text/rfc822-headers") || str_eq_nocase(f->type, "message/global") ||
            str_eq_nocase(f->type, "message/global-headers") || str_eq_nocase(f->type, "message/partial") || str_eq_nocase(f->type, "text/rfc822") ||
            str_eq_nocase(f->type, "message/news")) {
            const struct buf *b = leaf_bytes(f);
            id = message_id_in(r, (const uint8_t *)b->data, b->len);
            if (id == NULL)
                id = message_id_in_text(r, b->data, b->len < TEXT_MAX ? b->len : TEXT_MAX);
        }
    }
    for (size_t i = 0; i < l->n && id == NULL; i++)
        if (str_starts_nocase(l->v[i].type, "text/") || str_starts_nocase(l->v[i].type, "message/")) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            id = message_id_in_text(r, b->data, b->len < TEXT_MAX ? b->len : TEXT_MAX);
        }
    return id;
}

/* ---- free text */
static bool
has_any(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find_nocase(s, words[i]) != NULL)
            return true;
    return false;
}

/* The name or address of the sender is a mail system's. */
static bool
named_mail_system(const struct reading *r, const struct header *h)
{
    static const char *const names[] = {
        "mailer-daemon", "mailer_daemon", "mailerdaemon", "postmaster", "post_master", "post-master", "mdaemon", "mail delivery", "mail-daemon", "maildaemon", "mail administrator", "system administrator",
        "mail system", "delivery subsystem", "mailadmin", "mailsystem", "internet mail delivery", "smtp-gateway", "mmdf", "uucp", "undeliverable", "microsoft outlook",
        "microsoftexchange", "mailmarshal", "bounce", "postoffice", "courier", "imss", "notification", "mailsweeper", "arcor", "no-reply", "noreply", "root@", "メール",
    };
    const char *from = header_value(h, "From"), *name = r->m->from != NULL ? r->m->from->name : NULL;

    return has_any(from == NULL ? "" : from, names, countof(names)) || (name != NULL && has_any(name, names, countof(names)));
}

static bool
from_mail_system(const struct reading *r, const struct header *h)
{
    return header_first(h, "X-Failed-Recipients") != NULL || (r->m->return_path != NULL && *r->m->return_path == 0) || r->m->from == NULL ||
           named_mail_system(r, h);
}

static const char *const failure_subjects[] = {
    "undeliver", "delivery status notification", "delivery failure", "failure notice", "delivery report", "returned mail", "mail delivery failed", "delivery failed", "mail failure",
    "non delivery", "nondeliverable", "non-delivery", "delivery problem", "delivery error", "message delivery", "could not be delivered", "not delivered", "warning: could not send",
    "delivery has failed", "mail system error", "error sending mail", "returned to sender", "unzustellbar", "nicht zustellbar", "mail could not", "cannot deliver", "unable to deliver",
    "can't be delivered", "kan inte levereras", "olevererat", "non remis", "mail delivery", "failed mail", "rejected mail", "user unknown", "bounce", "deferred", "delivery delay", "delayed",
    "失敗", "エラー", "送信できません", "配信", "no se puede entregar", "non recapitabile", "niet bestelbaar", "delivery notification", "não entregue", "message status", "undelivered", "transport error",
    "message you sent", "mail error", "email you sent", "fail", "postmaster notify", "notification d'échec", "systemadministrator", "mail transaction", "unknown user", "unsuccessful",
};
/* These alone say that a letter failed, when a mail system says them; the words after them only beside a reply code or a subject. */
static const char *const strong_words[] = {
    "could not be delivered", "undeliverable", "was not delivered", "delivery failed", "delivery to the following", "failed permanently", "permanent fatal errors", "transient non-fatal errors",
    "couldn't be delivered", "could not deliver", "unable to be delivered", "did not reach", "i wasn't able to deliver", "i'm sorry to have to inform", "nicht zugestellt", "delivery error",
    "delivery failure", "failed to deliver", "not deliverable", "will continue to retry", "not yet been delivered", "no mailbox here by that name", "following addresses had", "cannot be delivered",
    "can not be delivered", "can't be delivered", "returned to sender", "this is a permanent error", "unable to deliver", "non remis", "undelivered", "reason of the delivery failure",
};
static const char *const failure_words[] = {
    "mailbox unavailable", "user unknown", "unknown user", "no such user", "mailbox full", "mailbox is full", "over quota", "quota exceeded", "does not exist", "address rejected", "not found",
    "has been rejected", "not listed in", "konnte nicht", "unable to relay", "unroutable", "host unknown", "host not found", "access denied", "was not accepted", "delivery attempt", "still trying",
    "has been delayed", "invalid recipient", "unknown recipient", "recipient unknown", "were unable to", "unrecoverable", "could not be sent", "the error", "smtp error", "rejected", "bounced",
    "send failed", "has failed", "送信", "宛先", "以下の", "error-for", "too large", "message size exceeds", "no valid recipients", "undelivery", "delivery status", "account is disabled", "アドレス", "送信できま", "見つかりません", "unable to", "failed", "invalid user",
};
static const char *const delay_words[] = {
    "will continue to", "still trying", "has been delayed", "not yet been delivered", "no action is required", "warning message only", "do not need to resend", "transient non-fatal",
    "will be retried", "delivery will be attempted", "could not be delivered for the last", "has not been collected", "continue to be attempted", "will keep trying",
};

/* Where the returned mail begins inside the text. */
static size_t
returned_at(const char *s, size_t len)
{
    static const char *const marks[] = {
        "--- Below this line is a copy", "------ This is a copy of", "--- Original message follows", "----- Original message", "-----Original message", "--- Unsent message follows", "----- Unsent message",
        "--- Returned message", "Original message follows", "----- Message header follows", "--- The header of the original", "--- Undelivered message follows", "------ This is a copy", "--- Message header follows",
        "Received: from ", "\nReturn-Path: ", "\nReceived: ", "--- The transcript of the original", "------------- Forwarded", "-------- Original message", "--- Undeliverable message", "The first 50 lines", "- - - - - -", "Your original message",
    };
    size_t best = len;

    for (size_t i = 0; i < countof(marks); i++) {
        const char *p = memmem(s, best, marks[i], strlen(marks[i]));
        if (p != NULL && p > s + 20)
            best = (size_t)(p - s);
    }
    return best;
}

/* The address in s[from, to) that is no part of a boilerplate; NULL: none. */
static char *
address_in(struct reading *r, const char *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; ) {
        const char *at = memchr(s + i, '@', to - i);
        size_t a, b;
        if (at == NULL)
            return NULL;
        a = b = (size_t)(at - s);
        while (a > from && (is_alnum((unsigned char)s[a - 1]) || strchr(".!#$%&*+/=?^_`{|}~-'", s[a - 1]) != NULL))
            a--;
        for (b++; b < to && (is_alnum((unsigned char)s[b]) || s[b] == '.' || s[b] == '-' || s[b] == '_'); b++)
            ;
        while (b > a && (s[b - 1] == '.' || s[b - 1] == '-'))
            b--;
        if (a < (size_t)(at - s) && b > (size_t)(at - s) + 1 && memchr(at, '.', (size_t)(s + b - at)) != NULL &&
            !str_starts_nocase(s + a, "postmaster@") && !str_starts_nocase(s + a, "mailer-daemon@") && !str_starts_nocase(s + a, "mailto:")) {
            while (s[a] == '\'' || s[a] == '=' || s[a] == '`')
                a++;
            char *addr = arena_strndup(r->a, s + a, b - a);
            addr_fold(addr);
            if (addr_valid(addr))
                return addr;
        }
        i = (size_t)(at - s) + 1;
    }
    return NULL;
}

/* An SMTP reply in the text: "550 5.1.1 …", "said: 550 …". From its code to the end of the paragraph. */
static bool
find_reply(const char *s, size_t len, size_t *from, size_t *to)
{
    for (size_t i = 0; i + 4 < len; i++) {
        if ((s[i] != '5' && s[i] != '4') || !is_digit((unsigned char)s[i + 1]) || !is_digit((unsigned char)s[i + 2]) || (s[i + 3] != ' ' && s[i + 3] != '-') ||
            s[i + 1] > '5' || (i > 0 && (is_alnum((unsigned char)s[i - 1]) || strchr(".-:@", s[i - 1]) != NULL)))
            continue;
        if (!is_alnum((unsigned char)s[i + 4]) && strchr("<\"'(#[{-", s[i + 4]) == NULL)
            continue;
        *from = i;
        for (*to = i; *to < len && *to < i + 400; (*to)++)
            if (s[*to] == '\n' && (*to + 1 >= len || !is_blank((unsigned char)s[*to + 1])))
                break;
        return true;
    }
    return false;
}

/* The recipient of the mail that came back inside the text. */
static char *
returned_to(struct reading *r, const char *text, size_t from)
{
    const char *p = str_find_nocase(text + from, "\nTo:");
    size_t next, end;

    if (p == NULL)
        return NULL;
    end = line_end((const uint8_t *)p, strlen(p), 1, &next);
    return recipient_of(r, p + 4, end - 4);
}

/* `known`: the recipient, where the report's structure names it. */
static Td__DeliveryReport *
free_text(struct reading *r, const struct header *h, const char *text, char *known)
{
    Td__DeliveryReport *d = schema_new(r->a, &td__delivery_report__descriptor);
    size_t len = strlen(text), from, to, next;
    const struct field *failed = header_first(h, "X-Failed-Recipients");
    char status[12];
    char *self = r->m->from == NULL ? NULL : r->m->from->addr;

    len = returned_at(text, len < TEXT_MAX ? len : TEXT_MAX);
    d->recipient = known;
    if (d->recipient == NULL && failed != NULL)
        d->recipient = recipient_of(r, failed->value, failed->len);
    if (find_reply(text, len, &from, &to))
        d->diagnostic = clean_text(r, text + from, to - from);
    if (d->recipient == NULL) {         /* "<u@host>:", "To: u@host", then any address that is not the sender's */
        for (size_t at = 0; at < len && d->recipient == NULL; at = next) {
            size_t end = line_end((const uint8_t *)text, len, at, &next), i = at;
            while (i < end && is_space((unsigned char)text[i]))
                i++;
            if (i < end && (text[i] == '<' || (is_alnum((unsigned char)text[i]) && memchr(text + i, ' ', end - i) == NULL)))
                d->recipient = address_in(r, text, i, end);
        }
        for (size_t at = 0; at < len && (d->recipient == NULL || (self != NULL && addr_equal(self, d->recipient))); at = next) {
            size_t end = line_end((const uint8_t *)text, len, at, &next);
            char *a = str_starts_nocase(text + at, "message-id") ? NULL : address_in(r, text, at, end);
            if (a != NULL)
                d->recipient = a;
        }
    }
    if (d->recipient == NULL && len < strlen(text))
        d->recipient = returned_to(r, text, len);
    if (d->diagnostic == NULL && d->recipient != NULL) {
        const char *p = str_find_nocase(text, d->recipient);
        if (p != NULL && (size_t)(p - text) < len) {
            size_t end = line_end((const uint8_t *)text, len, (size_t)(p - text), &next);
            if (next < len) {
                size_t e2 = line_end((const uint8_t *)text, len, next, &from);
                end = e2 > next ? e2 : end;
            }
            if (p > text && p[-1] == '<')
                p--;
            d->diagnostic = clean_text(r, p, end - (size_t)(p - text));
        }
    }
    if (find_status(text, len, status))
        d->status = arena_strdup(r->a, status);
    d->action = (char *)(has_any(text, delay_words, countof(delay_words)) && (d->status == NULL || d->status[0] == '4') ? "delayed" : "failed");
    fill_gaps(r, d);
    return d;
}

static bool
looks_like_bounce(struct reading *r, const struct header *h, const char *text)
{
    const char *subject = r->m->subject == NULL ? "" : r->m->subject;
    const char *submitted = header_value(h, "Auto-Submitted");
    size_t from, to;
    char status[12];

    if (header_first(h, "X-Failed-Recipients") != NULL)
        return true;
    if (!from_mail_system(r, h) || (r->m->machine->list && !named_mail_system(r, h)))
        return false;
    if (submitted != NULL && str_starts_nocase(submitted, "auto-replied") && r->m->return_path == NULL && !has_any(subject, failure_subjects, countof(failure_subjects)))
        return false;
    if (has_any(subject, failure_subjects, countof(failure_subjects)))
        return has_any(text, strong_words, countof(strong_words)) || has_any(text, failure_words, countof(failure_words)) ||
               find_reply(text, strlen(text), &from, &to) || *text == 0;
    if (has_any(text, strong_words, countof(strong_words)))
        return named_mail_system(r, h);
    return has_any(text, failure_words, countof(failure_words)) && (find_reply(text, strlen(text), &from, &to) || find_status(text, strlen(text), status));
}

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

Td__DeliveryReport *
dsn_read(struct reading *r, const struct header *h, struct leaves *l)
{
    struct reports s = {.r = r};
    const struct field *type = header_first(h, "Content-Type");
    struct content c = {0};
    const char *report;
    struct buf text = {0};
    Td__DeliveryReport *d;
    bool structured;

    if (type != NULL)
        content_parse(r, type->value, type->len, NULL, &c);
    report = content_param(&c, "report-type");
    structured = str_eq_nocase(l->root, "multipart/report") || from_mail_system(r, h);
    if (report != NULL && (str_eq_nocase(report, "disposition-notification") || str_eq_nocase(report, "feedback-report")))
        return NULL;
    for (size_t i = 0; structured && i < l->n; i++)
        if (str_starts_nocase(l->v[i].type, "message/delivery-status") || str_eq_nocase(l->v[i].type, "message/global-delivery-status") ||
            str_eq_nocase(l->v[i].type, "message/x-delivery-status")) {
            const struct buf *b = leaf_bytes(&l->v[i]);
            status_part(&s, (const uint8_t *)b->data, b->len);
        }
    d = first_failed(&s);
    for (size_t i = 0; i < l->n && text.len < TEXT_MAX; i++)    /* the words of the report, shown or not */
        if (l->v[i].shown || (str_eq_nocase(l->v[i].type, "text/plain") && text.len == 0))
            leaf_text(r, &l->v[i], &text);
    buf_puts(&text, "");
    if (text.len > TEXT_MAX) {
        text.len = utf8_clip(text.data, TEXT_MAX);
        text.data[text.len] = 0;
    }
    if (d == NULL && ((str_eq_nocase(l->root, "multipart/report") && report != NULL && str_eq_nocase(report, "delivery-status")) || looks_like_bounce(r, h, text.data)))
        d = free_text(r, h, text.data, NULL);
    else if (d != NULL && (d->recipient == NULL || is_vague(d->status) || d->diagnostic == NULL)) {
        Td__DeliveryReport *more = free_text(r, h, text.data, d->recipient);
        if (d->recipient == NULL)
            d->recipient = more->recipient;
        if (d->diagnostic == NULL)
            d->diagnostic = more->diagnostic;
        if (is_vague(d->status) && !is_vague(more->status) && (d->status == NULL || d->status[0] == more->status[0]))
            d->status = more->status;
    }
    if (d != NULL)
        d->original_message_id = (char *)original_id(r, l);
    buf_free(&text);
    return d;
}
