/* SPDX-License-Identifier: ISC
 *
 * Links of letters: mailto: with a signed address, a readable subject and a body, so that one tap and sending is enough. The
 * address says for whom, for which case and for what; a program that follows links does nothing, as nothing but a mail acts.
 * RFC 6068.
 */
#include <string.h>

#include "act_room.h"
#include "staff.h"

#define URL_MAX 1899

static const struct link_words { enum desk_token purpose; const char *subject, *body; } table[] = {
    { DESK_TOKEN_STATUS, "link.status", "link.status-body" }, { DESK_TOKEN_CASES, "link.cases", "link.cases-body" },
    { DESK_TOKEN_CLOSE, "link.close", "link.close-body" }, { DESK_TOKEN_ESCALATE, "link.escalate", "link.escalate-body" },
    { DESK_TOKEN_APPROVE, "link.approve", "link.approve-body" }, { DESK_TOKEN_DECLINE, "link.decline", "link.decline-body" },
    { DESK_TOKEN_REOPEN, "link.reopen", "link.reopen-body" }, { DESK_TOKEN_KIND, "link.kind", "link.kind-body" },
    { DESK_TOKEN_RATE_1, "link.rate", "link.rate-body" }, { DESK_TOKEN_CONFIRM, "link.confirm", "link.confirm-body" },
    { DESK_TOKEN_OTHER, "link.other", "link.other-body" }, { DESK_TOKEN_LEAVE, "link.leave", "link.leave-body" }, { DESK_TOKEN_ADMIT, "link.admit", "link.admit-body" },
    { DESK_TOKEN_REGISTER, "link.register", "link.register-body" }, { DESK_TOKEN_REGISTER_NO, "link.register-no", "link.register-no-body" },
};

static const struct link_words *
words_of(enum desk_token purpose)
{
    if (purpose >= DESK_TOKEN_RATE_1 && purpose <= DESK_TOKEN_RATE_5)
        purpose = DESK_TOKEN_RATE_1;
    for (size_t i = 0; i < countof(table); i++)
        if (table[i].purpose == purpose)
            return &table[i];
    bug("a link without words");
}

static void
put_encoded(struct buf *b, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
            buf_putc(b, (char)c);
        } else {
            buf_putc(b, '%');
            buf_putc(b, hex[c >> 4]);
            buf_putc(b, hex[c & 15]);
        }
    }
}

/* The address part may keep what is common in one. */
static void
put_address(struct buf *b, const char *s)
{
    char one[2] = "";
    for (; *s != '\0'; s++) {
        one[0] = *s;
        if (*s == '+' || *s == '@')
            buf_putc(b, *s);
        else
            put_encoded(b, one);
    }
}

const char *
link_url(struct turn *t, enum desk_token purpose, const Td__Case *c, const char *person, const struct reader *r, const char *more)
{
    const char *to = letter_token_address(t, purpose, c->id, person);
    const struct link_words *w = words_of(purpose);
    struct buf b = { 0 };
    if (to == NULL)
        return NULL;
    buf_puts(&b, "mailto:");
    put_address(&b, to);
    buf_puts(&b, "?subject=");
    put_encoded(&b, words_get(r->words, w->subject));
    if (more != NULL) {
        put_encoded(&b, ": ");
        put_encoded(&b, more);
    }
    put_encoded(&b, arena_printf(t->a, " [%s]", c->number));
    buf_puts(&b, "&body=");
    put_encoded(&b, words_get(r->words, w->body));
    if (more != NULL) {
        put_encoded(&b, " ");
        put_encoded(&b, more);
    }
    const char *url = b.len <= URL_MAX ? arena_strndup(t->a, b.data, b.len) : NULL;
    buf_free(&b);
    return url;
}

/* What the link itself wrote is none of the sender's words: its line is taken out of them. */
const char *
link_words_rest(struct turn *t, enum desk_token purpose, const char *text)
{
    const struct link_words *w = words_of(purpose);
    struct buf b = { 0 };
    buf_puts(&b, "");
    for (const char *p = text ? text : ""; *p != '\0';) {
        size_t n = strcspn(p, "\n");
        const char *line = arena_strndup(t->a, p, n);
        bool ours = false;
        for (size_t i = 0; i < t->conf->languages.n; i++)
            ours |= t->line->words[i] != NULL && str_starts_nocase(line + strspn(line, " \t"), words_get(t->line->words[i], w->body));
        if (!ours)
            buf_printf(&b, "%s\n", line);
        p += n + (p[n] == '\n');
    }
    size_t from = strspn(b.data, " \t\r\n"), to = b.len;
    while (to > from && strchr(" \t\r\n", b.data[to - 1]) != NULL)
        to--;
    const char *s = arena_strndup(t->a, b.data + from, to - from);
    buf_free(&b);
    return s;
}

void
case_links(struct turn *t, const Td__Case *c, const char *person, struct template_fields *f)
{
    if (c == NULL || person == NULL || !t->conf->plus_addressing || is_staff(t->conf, person))
        return;
    const struct reader r = reader_customer(t, c);
    bool closed = c->state == TD__STATE__CLOSED, over = closed || c->state == TD__STATE__RESOLVED;
    bool asked = c->has_escalation_asked_at || (c->has_escalated && c->escalated);
    bool refused = (c->has_refused && c->refused) || (c->has_spam && c->spam) || c->has_merged_into;    /* not to be opened again */
    const struct { enum template_field field; enum desk_token purpose; bool fits; } links[] = {
        { FIELD_LINK_STATUS, DESK_TOKEN_STATUS, true },
        { FIELD_LINK_CASES, DESK_TOKEN_CASES, true },
        { FIELD_LINK_CLOSE, DESK_TOKEN_CLOSE, !closed },
        { FIELD_LINK_ESCALATE, DESK_TOKEN_ESCALATE, !over && !asked },
        { FIELD_LINK_APPROVE, DESK_TOKEN_APPROVE, c->approval != NULL },
        { FIELD_LINK_DECLINE, DESK_TOKEN_DECLINE, c->approval != NULL },
        { FIELD_LINK_REOPEN, DESK_TOKEN_REOPEN, over && !refused },
        { FIELD_LINK_OTHER, DESK_TOKEN_OTHER, c->appended != NULL && addr_equal(c->appended->by, person) },
        { FIELD_LINK_LEAVE, DESK_TOKEN_LEAVE, !addr_equal(c->requester->addr, person) && case_has(t, c, person) },
    };
    for (size_t i = 0; i < countof(links); i++)
        if (links[i].fits)
            f->v[links[i].field] = link_url(t, links[i].purpose, c, person, &r, NULL);
    for (size_t i = 0; i < t->conf->n_kinds && !over; i++) {
        const struct conf_kind *k = &t->conf->kinds[i];
        const char *url = k->offered && (c->kind == NULL || strcmp(c->kind, k->name) != 0) ? link_url(t, DESK_TOKEN_KIND, c, person, &r, k->name) : NULL;
        if (url != NULL)
            template_link_add(t->a, f, FIELD_LINK_KINDS, url, k->label ? k->label : k->name);
    }
    for (int stars = 5; closed && !refused && stars >= 1; stars--) {
        const char *n = arena_printf(t->a, "%d", stars), *url = link_url(t, (enum desk_token)(DESK_TOKEN_RATE_1 + stars - 1), c, person, &r, n);
        if (url != NULL)
            template_link_add(t->a, f, FIELD_LINK_RATE, url, n);
    }
}
