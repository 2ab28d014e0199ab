/* SPDX-License-Identifier: ISC
 *
 * From leaves to the rest of the message: which of them are the text that a person reads, which are attachments, and everything that
 * is read out of the text: new words, case numbers, forwards, language, digest.
 */
#include "read.h"

#include <sodium.h>
#include <string.h>

#define CIDS_MAX 1000u          /* inline files that are looked for */
#define HTML_SOURCE_MAX (2u << 20)      /* of HTML that is made safe */
#define TOKEN_CHARS 32u         /* of a signed address */

static bool
type_is(const struct leaf *l, const char *type)
{
    return str_eq_nocase(l->type, type);
}

static bool
is_html(const struct leaf *l)
{
    return type_is(l, "text/html") || type_is(l, "application/xhtml+xml");
}

/* Could be shown, were it not for a better spelling of the same. */
static bool
is_readable(const struct leaf *l)
{
    if (l->body || l->name != NULL || (l->disposition != NULL && str_eq_nocase(l->disposition, "attachment")))
        return false;
    return type_is(l, "text/plain") || is_html(l) || type_is(l, "text/markdown") || type_is(l, "text/x-markdown") || type_is(l, "text/enriched") || type_is(l, "text/richtext") || type_is(l, "text/x-amp-html") ||
           type_is(l, "text/watch-html");
}

static bool
is_blank_text(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_space((unsigned char)s[i]) && (unsigned char)s[i] != 0xc2 && (unsigned char)s[i] != 0xa0)
            return false;
    return true;
}

static void
to_lf(struct buf *b)
{
    size_t w = 0;

    for (size_t i = 0, end; i < b->len; i = end) {
        for (end = i; end < b->len && b->data[end] == '\r'; end++)
            ;
        if (end == i)
            b->data[w++] = b->data[end++];
        else if (end == b->len || b->data[end] != '\n')        /* CR CR LF is one line end, written twice over */
            for (; i < end; i++)
                b->data[w++] = '\n';
    }
    if (b->data != NULL) {
        b->len = w;
        b->data[w] = 0;
    }
}

/* RFC 1896 and its forerunner: commands between angle brackets, "<<" for "<"; a single line end is a blank. */
static void
enriched(struct buf *b)
{
    size_t w = 0;

    for (size_t i = 0; i < b->len; i++) {
        if (b->data[i] == '<' && i + 1 < b->len && b->data[i + 1] == '<') {
            b->data[w++] = b->data[i++];
        } else if (b->data[i] == '<') {
            char *e = memchr(b->data + i, '>', b->len - i);
            if (e == NULL)
                break;
            i = (size_t)(e - b->data);
        } else {
            b->data[w++] = b->data[i];
        }
    }
    if (b->data != NULL) {
        b->len = w;
        b->data[w] = 0;
    }
}

/* The charset that an HTML text names itself, when the mail names none. */
static const char *
html_charset(struct reading *r, const struct buf *b)
{
    const char *at = b->data, *end = b->data + (b->len < 2048 ? b->len : 2048);
    size_t n = 0;

    for (; at + 8 < end && !mem_eq_nocase(at, "charset=", 8); at++)
        ;
    if (at + 8 >= end)
        return NULL;
    at += 8;
    at += *at == '"' || *at == '\'';
    while (at + n < end && n < 60 && (is_alnum((unsigned char)at[n]) || strchr("-_:", at[n]) != NULL))
        n++;
    return n == 0 ? NULL : arena_strndup(r->tmp, at, n);
}

void
leaf_text(struct reading *r, struct leaf *l, struct buf *out)
{
    const struct buf *b = leaf_bytes(l);
    struct buf utf8 = {0};
    const char *odd = NULL, *charset = l->charset;
    uint64_t max = is_html(l) ? r->o->limits.mail : r->o->limits.text * 4;      /* markup is more than text, images in it are more still */
    size_t len = b->len < max ? b->len : (size_t)max;

    if (is_html(l) && (charset == NULL || !charset_known(charset, strlen(charset)) || str_eq_nocase(charset, "us-ascii")))
        charset = html_charset(r, b);
    charset_text(charset, (const uint8_t *)b->data, len, &utf8, &odd);
    if (odd != NULL)
        reading_warn(r, "%s", odd);
    if (l->charset != NULL && !charset_known(l->charset, strlen(l->charset)))
        reading_warn(r, "unknown charset");
    to_lf(&utf8);
    if (utf8.len == 0) {
        buf_free(&utf8);
        return;
    }
    if (is_html(l) || type_is(l, "text/x-amp-html") || type_is(l, "text/watch-html"))
        html_to_text(r, utf8.data, utf8.len, out);
    else if (l->flowed)
        flowed_to_text(utf8.data, utf8.len, l->delsp, out);
    else {
        if (type_is(l, "text/enriched") || type_is(l, "text/richtext"))
            enriched(&utf8);
        buf_add(out, utf8.data, utf8.len);
    }
    buf_free(&utf8);
}

static bool
has_words(struct reading *r, struct leaf *l)
{
    struct buf t = {0};
    bool words;

    leaf_text(r, l, &t);
    words = t.len > 0 && !is_blank_text(t.data, t.len);
    buf_free(&t);
    return words;
}

/* In which branch of an alternative the leaf stands; 0: it stands outside. */
static unsigned
branch_of(const struct leaf *l, unsigned alternative)
{
    for (size_t i = 0; i < l->n_chain; i++)
        if (l->chain[i].alternative == alternative)
            return l->chain[i].branch;
    return 0;
}

/* The first with plain text that says anything, else the last with HTML, else whatever there is. */
static unsigned
best_branch(struct reading *r, struct leaves *l, unsigned alternative)
{
    unsigned html = 0, any = 0, b;

    for (size_t i = 0; i < l->n; i++) {
        if (!l->v[i].shown || (b = branch_of(&l->v[i], alternative)) == 0)
            continue;
        if (type_is(&l->v[i], "text/plain") && has_words(r, &l->v[i]))
            return b;
        if (is_html(&l->v[i]))
            html = b;
        if (any == 0)
            any = b;
    }
    return html > 0 ? html : any;
}

/* Of each multipart/alternative one branch is shown. The inner ones, which have the higher numbers, choose first. */
static void
choose(struct reading *r, struct leaves *l)
{
    for (size_t i = 0; i < l->n; i++)
        l->v[i].shown = is_readable(&l->v[i]) && !(l->v[i].related && type_is(&l->v[i], "text/plain") && l->v[i].content_id != NULL);
    for (unsigned alternative = l->alternatives; alternative > 0; alternative--) {
        unsigned best = best_branch(r, l, alternative), b;
        for (size_t i = 0; i < l->n && best > 0; i++)
            if (l->v[i].shown && (b = branch_of(&l->v[i], alternative)) > 0 && b != best) {
                l->v[i].shown = false;
                l->v[i].hidden = true;
            }
    }
}

/* The text of a winmail.dat, where the mail has no words outside it. */
static void
choose_bodies(struct reading *r, struct leaves *l)
{
    bool words = false;

    for (size_t i = 0; i < l->n; i++) {
        words = words || (!l->v[i].body && l->v[i].shown && has_words(r, &l->v[i]));
        if (l->v[i].body) {             /* they stand last */
            l->v[i].shown = !words;
            l->v[i].hidden = words;
            words = true;
        }
    }
}

/* What the HTML names as "cid:ID" is shown within it, wherever in the tree it stands. */
static void
mark_inline(struct leaves *l)
{
    size_t seen = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct buf *b = is_html(&l->v[i]) && is_readable(&l->v[i]) ? leaf_bytes(&l->v[i]) : NULL;
        for (size_t at = 0; b != NULL && at + 5 < b->len && seen < CIDS_MAX; seen++) {
            const char *p = memmem(b->data + at, b->len - at, "cid:", 4);
            if (p == NULL)
                break;
            at = (size_t)(p - b->data) + 4;
            for (size_t k = 0; k < l->n; k++) {
                size_t n = l->v[k].content_id == NULL ? 0 : strlen(l->v[k].content_id);
                l->v[k].related |= n > 0 && n <= b->len - at && memcmp(l->v[k].content_id, b->data + at, n) == 0 && !is_alnum((unsigned char)b->data[at + n]);
            }
        }
    }
}

/* "+", 32 characters of lower-case base32, "@": what the signed addresses of a ticketd look like, also in UTF-16 and broken by
 * quoted-printable. Whose it is the reader of this answer knows. */
static bool
holds_token(const struct buf *b)
{
    unsigned n = 0;

    for (size_t i = 0; i < b->len; i++) {
        int c = lower((unsigned char)b->data[i]);
        if (c == 0 || (n > 0 && (c == '\r' || c == '\n' || (c == '=' && i + 1 < b->len && (b->data[i + 1] == '\r' || b->data[i + 1] == '\n')))))
            continue;
        if (n == TOKEN_CHARS + 1 && c == '@')
            return true;
        if (c == '+')
            n = 1;
        else
            n = n > 0 && n <= TOKEN_CHARS && ((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')) ? n + 1 : 0;
    }
    return false;
}

static void
attach(struct reading *r, struct leaf *l)
{
    Td__Attachment *a = schema_new(r->a, &td__attachment__descriptor);
    const struct buf *b = leaf_bytes(l);
    uint8_t *hash = arena_alloc(r->a, crypto_hash_sha256_BYTES);
    struct buf type = {0};

    crypto_hash_sha256(hash, (const uint8_t *)b->data, b->len);
    charset_text(NULL, (const uint8_t *)l->type, strlen(l->type), &type, NULL);
    for (size_t i = 0; i < type.len; i++)
        if ((unsigned char)type.data[i] < 0x21 || type.data[i] == 0x7f)
            type.data[i] = '_';
    a->name = l->name == NULL ? NULL : arena_strdup(r->a, l->name);
    a->type = arena_strndup(r->a, type.data, type.len < 200 ? type.len : utf8_clip(type.data, 200));
    a->size = b->len;
    a->sha256 = (ProtobufCBinaryData){.len = crypto_hash_sha256_BYTES, .data = hash};
    a->inline_ = (l->disposition != NULL && str_eq_nocase(l->disposition, "inline")) || (l->related && l->content_id != NULL);
    a->part = l->part;
    a->content_id = (char *)l->content_id;
    a->has_token = a->token = holds_token(b);
    arena_push(r->a, &r->m->attachments, &r->m->n_attachments, a);
    buf_free(&type);
}

/* What the marks were for has been read: they go. */
static void
drop_marks(struct buf *b)
{
    const char *first = b->len > 0 ? memchr(b->data, 0xef, b->len) : NULL;
    size_t w = first == NULL ? b->len : (size_t)(first - b->data);

    for (size_t i = w; i < b->len; i++) {
        if ((unsigned char)b->data[i] == 0xef && i + 2 < b->len && (unsigned char)b->data[i + 1] == 0xb7 && (unsigned char)b->data[i + 2] >= 0x90 &&
            (unsigned char)b->data[i + 2] <= 0xaf) {
            i += 2;
            continue;
        }
        b->data[w++] = b->data[i];
    }
    if (b->data != NULL) {
        b->len = w;
        b->data[w] = 0;
    }
}

#define REFS_MAX 50
struct refs { struct reading *r; Td__CaseRef__Where where; unsigned in_words[REFS_MAX], in_all[REFS_MAX]; };

/* A number that stands more often in all of the text than in the new words stands in the quote as well: that is the stronger evidence. */
static bool
count_ref(struct refs *f, const char *ref)
{
    Td__Message *m = f->r->m;

    for (size_t i = 0; i < m->n_case_refs; i++) {
        if (strcmp(m->case_refs[i]->text, ref) != 0)
            continue;
        f->in_words[i] += f->where == TD__CASE_REF__WHERE__TEXT;
        f->in_all[i] += f->where == TD__CASE_REF__WHERE__QUOTE;
        if (f->in_all[i] > f->in_words[i] && m->case_refs[i]->where == TD__CASE_REF__WHERE__TEXT)
            m->case_refs[i]->where = TD__CASE_REF__WHERE__QUOTE;
        return true;
    }
    return false;
}

static void
add_ref(void *u, const char *ref)
{
    struct refs *f = u;
    Td__Message *m = f->r->m;
    Td__CaseRef *c;

    if (count_ref(f, ref) || m->n_case_refs >= REFS_MAX)
        return;
    c = schema_new(f->r->a, &td__case_ref__descriptor);
    c->text = arena_strdup(f->r->a, ref);
    c->where = f->where;
    arena_push(f->r->a, &m->case_refs, &m->n_case_refs, c);
    (void)count_ref(f, ref);
}

static void
case_refs(struct reading *r)
{
    struct refs f = { .r = r, .where = TD__CASE_REF__WHERE__SUBJECT };

    if (r->m->subject != NULL)
        mail_case_refs(r->m->subject, strlen(r->m->subject), add_ref, &f);
    f.where = TD__CASE_REF__WHERE__TEXT;
    mail_case_refs(r->m->reply_text, strlen(r->m->reply_text), add_ref, &f);
    f.where = TD__CASE_REF__WHERE__QUOTE;
    mail_case_refs(r->m->text, strlen(r->m->text), add_ref, &f);
}

static void
set_text(struct reading *r, struct buf *text)
{
    struct buf reply = {0};

    if (text->len > r->o->limits.text) {
        reading_warn(r, "the text is cut at %llu bytes", (unsigned long long)r->o->limits.text);
        text->len = utf8_clip(text->data, (size_t)r->o->limits.text);
        text->data[text->len] = 0;
    }
    quote_reply_text(r, text->data, text->len, &reply);
    drop_marks(text);
    drop_marks(&reply);
    r->m->text = arena_strndup(r->a, text->data, text->len);
    r->m->reply_text = arena_strndup(r->a, reply.data == NULL ? "" : reply.data, reply.len);
    buf_free(&reply);
}

/* The HTML of all leaves that have words, shown or standing behind the plain text that is, one below the other. */
static void
set_html(struct reading *r, struct leaves *l)
{
    struct buf out = {0}, utf8 = {0};
    bool whole = true;

    for (size_t i = 0; i < l->n && whole; i++) {
        if (!is_html(&l->v[i]) || !is_readable(&l->v[i]))
            continue;
        const struct buf *b = leaf_bytes(&l->v[i]);
        const char *charset = l->v[i].charset;
        if (b->len > HTML_SOURCE_MAX) {
            whole = false;
            break;
        }
        if (charset == NULL || !charset_known(charset, strlen(charset)) || str_eq_nocase(charset, "us-ascii"))
            charset = html_charset(r, b);
        buf_clear(&utf8);
        charset_text(charset, (const uint8_t *)b->data, b->len, &utf8, NULL);
        whole = utf8.len == 0 || html_safe(r, utf8.data, utf8.len, MAIL_HTML_MAX - (out.len < MAIL_HTML_MAX ? out.len : MAIL_HTML_MAX), &out);
    }
    if (whole && out.len > 0 && out.len <= MAIL_HTML_MAX)
        r->m->html = arena_strndup(r->a, out.data, out.len);
    buf_free(&out);
    buf_free(&utf8);
}

/* Sent as an octet-stream, it is known by its name. */
static bool
is_p7m(const char *name)
{
    size_t n = name == NULL ? 0 : strlen(name);

    return n > 4 && str_eq_nocase(name + n - 4, ".p7m");
}

static void
note_sealed(struct reading *r, const struct leaves *l)
{
    static const struct { const char *type, *note; } table[] = {
        {"application/pkcs7-mime", "S/MIME: kept whole, not opened"}, {"application/x-pkcs7-mime", "S/MIME: kept whole, not opened"},
        {"application/pkcs7-signature", "S/MIME signature: not verified"}, {"application/x-pkcs7-signature", "S/MIME signature: not verified"},
        {"application/pgp-encrypted", "PGP: kept whole, not opened"}, {"application/pgp-signature", "PGP signature: not verified"},
    };

    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < countof(table); k++)
            if (type_is(&l->v[i], table[k].type) || (k == 0 && is_p7m(l->v[i].name)))
                reading_warn(r, "%s", table[k].note);
}

void
body_read(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h)
{
    struct buf copy = {0}, text = {0};
    struct leaves l;
    const struct field *language = header_first(h, "Content-Language");
    uint8_t *digest = arena_alloc(r->a, 32);

    tree_read(r, bytes, len, h, &copy, &l);
    choose(r, &l);
    choose_bodies(r, &l);
    mark_inline(&l);
    buf_puts(&text, "");
    for (size_t i = 0; i < l.n; i++) {
        if (l.v[i].shown) {
            if (text.len > 0 && text.data[text.len - 1] != '\n')
                buf_putc(&text, '\n');
            leaf_text(r, &l.v[i], &text);
        } else if (!l.v[i].hidden) {
            attach(r, &l.v[i]);
        }
    }
    set_html(r, &l);
    note_sealed(r, &l);
    forward_read(r, &l, text.data, text.len);
    set_text(r, &text);
    case_refs(r);
    machine_body(r, h, &l);
    r->m->language = (char *)language_guess(r, r->m->reply_text, language == NULL ? NULL : language->value);
    mail_digest(r->m, digest);
    r->m->has_digest = true;
    r->m->digest = (ProtobufCBinaryData){.len = 32, .data = digest};
    leaves_free(&l);
    buf_free(&text);
    buf_free(&copy);
}
