/* SPDX-License-Identifier: ISC
 *
 * A forwarded mail: who wrote it, when, under which subject. Either an attached message beside little text of its own, or a header block
 * below a separator inside the text. A reply with a header block below it is no forward: the separator or the subject must say so.
 */
#include "quote.h"

#include <string.h>

static bool
is_forward_subject(const char *s)
{
    static const char *const prefix[] = {"fw:", "fwd:", "wg:", "vb:", "vs:", "vl:", "tr:", "rv:", "i:", "enc:", "doorst:", "pd:", "vbs:", "videresendt:", "fw :", "fwd :", "tr :",
        "vidarebefordrat:", "vid.:", "weitergeleitet:", "továbbítás:", "yönl:", "ynt:", "ilt:", "пересл:", "fw：", "fwd：", "转发:", "转发：", "轉寄:", "轉寄：", "転送:", "転送：", "전달:", "пер:"};

    if (s == NULL)
        return false;
    while (is_space((unsigned char)*s) || *s == '[')
        s++;
    for (size_t i = 0; i < countof(prefix); i++)
        if (str_starts_nocase(s, prefix[i]))
            return true;
    return false;
}

static void
fill(struct reading *r, Td__Forwarded *f, enum label label, const char *v, size_t len)
{
    struct address_list a;
    int64_t at;

    while (len > 0 && (is_space((unsigned char)v[len - 1]) || v[len - 1] == '*'))
        len--;
    if (label == LABEL_FROM && f->from == NULL) {
        char *copy = arena_strndup(r->tmp, v, len);
        for (size_t i = 0; i < len; i++)
            if (copy[i] == '[' || copy[i] == ']')       /* Outlook: "A B [mailto:a@b]" */
                copy[i] = copy[i] == '[' ? '<' : '>';
        address_parse(r, copy, len, "utf-8", &a);
        if (a.n > 0)
            f->from = a.v[0];
    } else if (label == LABEL_SUBJECT && f->subject == NULL) {
        f->subject = arena_strndup(r->a, v, len);
    } else if (label == LABEL_DATE && !f->has_date && date_parse(v, len, &at)) {
        f->has_date = true;
        f->date = at;
    }
}

static Td__Forwarded *
from_block(struct reading *r, const struct lines *l, size_t i, size_t end)
{
    Td__Forwarded *f = schema_new(r->a, &td__forwarded__descriptor);

    for (; i < end; i++) {
        size_t value = 0;
        enum label label = quote_label(l->s + l->v[i].at, l->v[i].len, &value);
        if (label != LABEL_NONE)
            fill(r, f, label, l->s + l->v[i].at + value, l->v[i].len - value);
    }
    return f->from != NULL || f->subject != NULL ? f : NULL;
}

static Td__Forwarded *
from_text(struct reading *r, const char *text, size_t len)
{
    struct lines l;
    bool announced = is_forward_subject(r->m->subject);

    quote_lines(r, text, len, &l);
    for (size_t i = 0; i < l.n; i++) {
        size_t end;
        enum separator s;
        if (l.v[i].blank)
            continue;
        s = quote_separator(l.s + l.v[i].at, l.v[i].len);
        if (s == SEPARATOR_FORWARD)
            announced = true;
        else if ((end = quote_header_block(&l, i)) > 0)
            return announced ? from_block(r, &l, i, end) : NULL;
    }
    return NULL;
}

static Td__Forwarded *
from_attached(struct reading *r, struct leaf *leaf)
{
    const struct buf *b = leaf_bytes(leaf);
    struct reading inner = {.a = r->a, .tmp = r->tmp, .o = r->o};
    Td__Forwarded *f;
    struct header h;

    inner.m = schema_new(r->tmp, &td__message__descriptor);
    inner.m->machine = schema_new(r->tmp, &td__machine__descriptor);
    header_scan(&inner, (const uint8_t *)b->data, b->len, true, &h);
    message_fill(&inner, &h);
    if (inner.m->from == NULL)
        return NULL;
    f = schema_new(r->a, &td__forwarded__descriptor);
    f->from = inner.m->from;
    f->subject = inner.m->subject;
    f->has_date = inner.m->has_date;
    f->date = inner.m->date;
    return f;
}

void
forward_read(struct reading *r, struct leaves *l, const char *text, size_t len)
{
    struct leaf *attached = NULL;
    unsigned n = 0;

    if (l->root != NULL && (str_eq_nocase(l->root, "multipart/report") || str_eq_nocase(l->root, "multipart/digest")))
        return;
    for (size_t i = 0; i < l->n; i++)
        if (str_eq_nocase(l->v[i].type, "message/rfc822") || str_eq_nocase(l->v[i].type, "message/global")) {
            attached = attached == NULL ? &l->v[i] : attached;
            n++;
        }
    if (n == 1)
        r->m->forwarded = from_attached(r, attached);
    if (r->m->forwarded == NULL)
        r->m->forwarded = from_text(r, text, len);
}
