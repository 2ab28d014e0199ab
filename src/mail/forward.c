/* SPDX-License-Identifier: ISC
 *
 * A forwarded mail: who wrote it, when, under which subject. Either an attached message beside little text of its own, or a header block
 * below a separator inside the text. A reply with a header block below it is no forward: the separator or the subject must say so.
 */
#include "quote.h"

#include <string.h>

/* "[list] Fwd: x". "VS:" forwards in Danish and Norwegian and answers in Finnish: *doubtful. */
static bool
is_forward_subject(const char *s, bool *doubtful)
{
    static const char *const prefix[] = {"fw:", "fwd:", "wg:", "vb:", "vs:", "vl:", "tr:", "rv:", "i:", "enc:", "doorst:", "pd:", "vbs:", "videresendt:", "fw :", "fwd :", "tr :",
        "vidarebefordrat:", "vid.:", "weitergeleitet:", "továbbítás:", "tov:", "yönl:", "ilt:", "πρθ:", "fs:", "trs:", "reenv:", "пересл:", "fw：", "fwd：", "转发:", "转发：", "轉寄:", "轉寄：", "転送:", "転送：",
        "전달:", "пер:"};
    const char *close;

    *doubtful = false;
    if (s == NULL)
        return false;
    for (;;) {
        while (is_space((unsigned char)*s))
            s++;
        if (*s != '[' || (close = memchr(s, ']', strnlen(s, 61))) == NULL)
            break;
        s = close + 1;
    }
    *doubtful = str_starts_nocase(s, "vs:");
    for (size_t i = 0; i < countof(prefix); i++)
        if (str_starts_nocase(s, prefix[i]))
            return true;
    return false;
}

/* "10.03.2026 klo 10.05": the clock with colons, as everybody else writes it. */
static void
clock_colons(char *s, size_t len)
{
    for (size_t from = 1; from + 4 < len; from++) {
        size_t i = from + 1, end;
        while (i < len && i < from + 3 && is_digit((unsigned char)s[i]))
            i++;
        if (s[from] != ' ' || i == from + 1 || i + 2 >= len || s[i] != '.' || !is_digit((unsigned char)s[i + 1]) || !is_digit((unsigned char)s[i + 2]))
            continue;
        end = i + 3;
        if (end + 2 < len && s[end] == '.' && is_digit((unsigned char)s[end + 1]) && is_digit((unsigned char)s[end + 2]))
            end += 3;
        if (end < len && s[end] != ' ')
            continue;
        s[i] = ':';
        if (end > i + 3)
            s[i + 3] = ':';
        return;
    }
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
    } else if (label == LABEL_DATE && !f->has_date) {
        char *copy = arena_strndup(r->tmp, v, len);
        clock_colons(copy, len);
        f->has_date = date_parse(copy, len, &at);
        f->date = f->has_date ? at : 0;
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

/* "10.03.2026, 13:05, "A B" <a@b>:" below a separator: Yandex. */
static Td__Forwarded *
from_announcement(struct reading *r, const struct lines *l, size_t i)
{
    const char *s = l->s + l->v[i].at, *open;
    size_t len = l->v[i].len, name;
    Td__Forwarded *f;

    if (quote_attribution(l, i) != i + 1 || (open = memchr(s, '<', len)) == NULL)
        return NULL;
    for (name = (size_t)(open - s); name > 0 && !is_digit((unsigned char)s[name - 1]); name--)
        ;
    f = schema_new(r->a, &td__forwarded__descriptor);
    fill(r, f, LABEL_DATE, s, name);
    while (name < len && strchr(" ,", s[name]) != NULL)
        name++;
    while (len > name && s[len - 1] != '>')
        len--;
    fill(r, f, LABEL_FROM, s + name, len - name);
    return f->from != NULL ? f : NULL;
}

static bool
is_finnish(const struct lines *l, size_t i, size_t end)
{
    for (; i < end; i++)
        if (memmem(l->s + l->v[i].at, l->v[i].len, "Lähe", sizeof "Lähe" - 1) != NULL)
            return true;
    return false;
}

static Td__Forwarded *
from_text(struct reading *r, const char *text, size_t len)
{
    struct lines l;
    bool doubtful, announced = is_forward_subject(r->m->subject, &doubtful), below = false;

    quote_lines(r, text, len, &l);
    for (size_t i = 0; i < l.n; i++) {
        enum separator s;
        Td__Forwarded *f;
        size_t end;
        if (l.v[i].blank)
            continue;
        s = quote_separator(l.s + l.v[i].at, l.v[i].len);
        if (s == SEPARATOR_FORWARD)
            announced = below = true;
        else if ((end = quote_header_block(&l, i)) > 0)
            return announced && (below || !doubtful || !is_finnish(&l, i, end)) ? from_block(r, &l, i, end) : NULL;
        else if (below && (f = from_announcement(r, &l, i)) != NULL)
            return f;
    }
    return NULL;
}

/* Apple's programs quote what they forward: the text without its marks, where the subject says what it is. */
static Td__Forwarded *
from_quoted(struct reading *r, const char *text, size_t len)
{
    struct buf b = {0};
    Td__Forwarded *f;
    bool doubtful;
    size_t next;

    if (!is_forward_subject(r->m->subject, &doubtful) || doubtful)
        return NULL;
    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next);
        at += text[at] == '>';
        at += at < end && text[at] == ' ';
        buf_add(&b, text + at, end - at);
        buf_putc(&b, '\n');
    }
    f = b.len == 0 ? NULL : from_text(r, b.data, b.len);
    buf_free(&b);
    return f;
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
    if (r->m->forwarded == NULL)
        r->m->forwarded = from_quoted(r, text, len);
}
