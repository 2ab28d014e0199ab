/* SPDX-License-Identifier: ISC
 *
 * The new words: what the writer wrote now. Taken away are quoted lines, the lines that announce a quote, everything below a header block
 * or separator of a mail program, signatures after "-- " and "sent from my" lines. Answers between quotes stay. When in doubt a line
 * stays: the whole text is kept elsewhere, and a word too much harms less than a word lost. Every line is looked at a few times at most.
 */
#include "quote.h"

#include <string.h>

#define SIGNATURE_MOST 20u      /* lines; more than that below "--" are no signature */
#define DASHES_MOST 12u         /* the same where the dashes lack their blank */
#define LINE_MOST 100u          /* bytes of a line in such a signature: longer ones are sentences */
#define SENT_FROM_MOST 2u       /* lines below "sent from my" that still belong to it */

/* ---- lines */
static bool
blank_line(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_space((unsigned char)s[i])) {
            if ((unsigned char)s[i] == 0xc2 && i + 1 < len && (unsigned char)s[i + 1] == 0xa0)
                i++;
            else
                return false;
        }
    return true;
}

static bool
marks(const char *s, size_t len, size_t i, const char *mark)
{
    return i + 3 <= len && memcmp(s + i, mark, 3) == 0;
}

void
quote_lines(struct reading *r, const char *text, size_t len, struct lines *out)
{
    size_t n = 0, next, depth = 0, signature = 0, indent = 0;
    text = quote_line_split(r, text, &len);
    char *clean = arena_alloc(r->tmp, len + 1);
    bool cut = false;
    size_t w = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    *out = (struct lines){.s = clean, .v = arena_alloc(r->tmp, (n + 1) * sizeof *out->v)};
    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next), from = w, i;
        bool quoted = depth > 0, signed_ = signature > 0, indented = indent > 0, ink = false;
        for (i = at; i < end; i++) {
            if ((unsigned char)text[i] == 0xef && i + 2 < end && (unsigned char)text[i + 1] == 0xb7) {
                bool mark = true;
                if (marks(text, end, i, MARK_QUOTE_OPEN))
                    depth++;
                else if (marks(text, end, i, MARK_QUOTE_CLOSE))
                    depth -= depth > 0;
                else if (marks(text, end, i, MARK_INDENT_OPEN))
                    indent++;
                else if (marks(text, end, i, MARK_INDENT_CLOSE))
                    indent -= indent > 0;
                else if (marks(text, end, i, MARK_CUT))
                    cut = true;
                else if (marks(text, end, i, MARK_SIGNATURE))
                    signature++;
                else if (marks(text, end, i, MARK_SIGNATURE_END))
                    signature -= signature > 0;
                else
                    mark = false;
                if (mark) {
                    if (!ink) {         /* a line is what its first ink is */
                        quoted = depth > 0;
                        signed_ = signature > 0;
                        indented = indent > 0;
                    }
                    i += 2;
                    continue;
                }
            }
            ink |= !is_space((unsigned char)text[i]);
            clean[w++] = text[i];
        }
        struct line *l = &out->v[out->n++];
        *l = (struct line){.at = from, .len = w - from, .blank = blank_line(clean + from, w - from), .quoted = quoted || cut, .signature = signed_, .marked = quoted, .indented = indented};
        l->label = l->blank ? LABEL_NONE : quote_label(clean + from, w - from, &i);
        l->proof = l->label != LABEL_NONE && quote_label_proves(clean + from, w - from, l->label);
        for (i = from; i < w && is_blank((unsigned char)clean[i]) && i < from + 3; i++)
            ;
        if (i < w && clean[i] == '>' && !(i + 1 < w && clean[i + 1] == '=' ))
            l->quoted = true;
        clean[w++] = '\n';
    }
}

bool
quote_follows(const struct lines *l, size_t i)
{
    while (i < l->n && l->v[i].blank && !l->v[i].quoted)
        i++;
    return i < l->n && l->v[i].quoted;
}

/* ">>> A B <a@b.example> 3/10/2026 3:05 PM >>>": GroupWise, and what it quotes has no marks. */
static bool
is_groupwise(const struct lines *l, size_t i)
{
    const char *s = l->s + l->v[i].at;
    size_t len = l->v[i].len;

    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    return len > 12 && len < 300 && memcmp(s, ">>> ", 4) == 0 && memcmp(s + len - 4, " >>>", 4) == 0 && !quote_follows(l, i + 1);
}

bool
quote_rule(const char *s, size_t len, size_t least)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        if (s[i] == '_' || s[i] == '-' || s[i] == '=')
            n++;
        else if (i + 2 < len && (unsigned char)s[i] == 0xe2 && (unsigned char)s[i + 1] == 0x80 && (unsigned char)s[i + 2] >= 0x90 && (unsigned char)s[i + 2] <= 0x95)
            i += 2, n++;                /* dashes of other lengths */
        else if (!is_space((unsigned char)s[i]) && s[i] != '*')
            return false;
    return n >= least;
}

/* A rule, or a word in one: "------------------ Original ------------------". */
static bool
is_frame(const char *s, size_t len)
{
    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    return quote_rule(s, len, 5) || (len > 16 && len < 100 && memcmp(s, "-----", 5) == 0 && memcmp(s + len - 5, "-----", 5) == 0);
}

static void
cut_from(struct lines *l, size_t i)
{
    /* the rule above a header block belongs to it */
    for (size_t k = i; k > 0 && (l->v[k - 1].blank || is_frame(l->s + l->v[k - 1].at, l->v[k - 1].len) || quote_is_original(l->s + l->v[k - 1].at, l->v[k - 1].len)); k--)
        l->v[k - 1].quoted |= !l->v[k - 1].blank;
    for (; i < l->n; i++)
        l->v[i].quoted = true;
}

/* What ends a signature: a quote, or what announces one. Found once for each line. */
static bool
is_end(struct lines *l, size_t i)
{
    const char *s = l->s + l->v[i].at;
    size_t len = l->v[i].len;

    if (l->v[i].quoted || l->v[i].blank)
        return l->v[i].quoted;
    if (l->v[i].ends == 0)
        l->v[i].ends = quote_separator(s, len) != SEPARATOR_NONE || quote_is_reply_above(s, len) || quote_header_block(l, i) > 0 || quote_attribution(l, i) > 0 ? 2 : 1;
    return l->v[i].ends == 2;
}

static bool
is_footer(struct lines *l, size_t i)
{
    if (l->v[i].footer == 0)
        l->v[i].footer = quote_is_footer(l, i) ? 2 : 1;
    return l->v[i].footer == 2;
}

/* From line i on a signature, up to the next quote or the end, when that is at most `most` lines with ink, none longer than `widest`. */
static void
sign_from(struct lines *l, size_t i, size_t most, size_t widest)
{
    size_t k, ink = 0;
    bool lawyers = false;

    for (k = i; k < l->n && ink <= most && k < i + 4 * SIGNATURE_MOST && !is_end(l, k) && !(k > i && is_footer(l, k)); k++) {
        lawyers = !l->v[k].blank && (lawyers || quote_is_disclaimer(l->s + l->v[k].at, l->v[k].len));
        ink += !l->v[k].blank && !lawyers;
        if (l->v[k].len > widest && !lawyers && k > i)
            return;
    }
    if (ink > most || (k == i + 4 * SIGNATURE_MOST && k < l->n))
        return;
    while (i < k)
        l->v[i++].signature = true;
}

/* "--" alone: the signature's beginning when its blank is there, or when it is the last one and what follows looks like a card. */
static void
sign_dashes(struct lines *l, size_t i, bool sure)
{
    bool next_sure;

    for (size_t k = i + 1; !sure && k < l->n && k < i + 3; k++)
        if (!l->v[k].blank) {           /* a sentence that goes on is no name */
            const char *s = l->s + l->v[k].at;
            if (l->v[k].len > 30 && s[0] >= 'a' && s[0] <= 'z' && memchr(s, '@', l->v[k].len) == NULL && memchr(s, '/', l->v[k].len) == NULL)
                return;
            break;
        }
    if (!sure)
        for (size_t k = i + 1; k < l->n && k < i + 4 * SIGNATURE_MOST && !l->v[k].quoted; k++)
            if (!l->v[k].blank && quote_is_dashes(l->s + l->v[k].at, l->v[k].len, &next_sure))
                return;
    sign_from(l, i, sure ? SIGNATURE_MOST : DASHES_MOST, sure ? SIZE_MAX : LINE_MOST);
}

/* A line that lost its mark because a quoted line was too long: it stands alone between two quoted ones and goes on in small letters. */
static bool
is_torn(const struct lines *l, size_t i)
{
    const struct line *before = i > 0 ? &l->v[i - 1] : NULL;
    size_t k = i;

    while (k < l->n && k < i + 2 && !l->v[k].quoted && !l->v[k].blank)
        k++;
    return before != NULL && before->quoted && before->len >= 60 && k < l->n && l->v[k].quoted && l->v[i].len < before->len &&
           l->v[i].len > 0 && l->s[l->v[i].at] >= 'a' && l->s[l->v[i].at] <= 'z';
}

/* What is indented below an announcement is the quote. */
static bool
indent_follows(struct lines *l, size_t i)
{
    while (i < l->n && l->v[i].blank && !l->v[i].indented)
        i++;
    if (i >= l->n || !l->v[i].indented)
        return false;
    for (; i < l->n && l->v[i].indented; i++)
        l->v[i].quoted = true;
    return true;
}

/* Gmail marks the header of what is forwarded, and not the mail itself. */
static bool
is_marked_forward(const struct lines *l, size_t i)
{
    size_t end, k = i + 1;

    if (!l->v[i].marked || quote_separator(l->s + l->v[i].at, l->v[i].len) != SEPARATOR_FORWARD)
        return false;
    while (k < l->n && l->v[k].blank)
        k++;
    end = k < l->n ? quote_header_block(l, k) : 0;
    while (end > 0 && end < l->n && l->v[end].blank)
        end++;
    return end > 0 && end < l->n && !l->v[end].marked;
}

/* Programs begin a line of their own with a capital; a sentence that goes on does not, or does not end there. */
static bool
in_sentence(const struct lines *l, size_t i)
{
    const char *s = l->s + l->v[i].at;
    bool above = i > 0 && !l->v[i - 1].blank && !l->v[i - 1].quoted && !quote_rule(l->s + l->v[i - 1].at, l->v[i - 1].len, 2);

    return above && s[0] >= 'a' && s[0] <= 'z' && !(s[0] == 'i' && s[1] == 'P');
}

/* A paragraph of its own, and no postscript below it. */
static bool
stands_alone(const struct lines *l, size_t i)
{
    size_t k = i + 1;

    if ((i > 0 && !l->v[i - 1].blank) || (k < l->n && !l->v[k].blank))
        return false;
    while (k < l->n && l->v[k].blank)
        k++;
    return k == l->n || l->v[k].len < 2 || !(lower((unsigned char)l->s[l->v[k].at]) == 'p' && strchr(".sS", l->s[l->v[k].at + 1]) != NULL);
}

static bool
line_is(const struct lines *l, size_t i, const char *what)
{
    size_t n = strlen(what);

    return l->v[i].len >= n && memcmp(l->s + l->v[i].at, what, n) == 0;
}

/* The armour of a PGP text (RFC 9580 §7) is none of the writer's words, nor are the dashes before dashes. */
static void
hide_armour(struct reading *r, struct lines *l)
{
    enum { OUTSIDE, HEAD, TEXT, SEAL } at = OUTSIDE;

    for (size_t i = 0; i < l->n; i++) {
        struct line *k = &l->v[i];
        if (line_is(l, i, "-----BEGIN PGP MESSAGE-----"))
            reading_warn(r, "PGP: kept whole, not opened");
        if (at == OUTSIDE && line_is(l, i, "-----BEGIN PGP SIGNED MESSAGE-----")) {
            reading_warn(r, "PGP signature: not verified");
            at = HEAD;
        } else if (at == TEXT && line_is(l, i, "-----BEGIN PGP SIGNATURE-----")) {
            at = SEAL;
        } else if (at == HEAD && k->blank) {
            at = TEXT;
        }
        k->signature |= at == HEAD || at == SEAL;
        if (at == TEXT && line_is(l, i, "- -")) {
            k->at += 2;
            k->len -= 2;
        }
        if (at == SEAL && line_is(l, i, "-----END PGP SIGNATURE-----"))
            at = OUTSIDE;
    }
}

/* `announced`: the mail says that it is a reply or a forward; else a header block on top of all is a person's form. */
static void
judge(struct lines *l, bool announced)
{
    bool ink = false, divided = false, sure;

    for (size_t i = 0; i < l->n; i++) {
        const char *s = l->s + l->v[i].at;
        size_t len = l->v[i].len, end;
        if (l->v[i].quoted && (is_groupwise(l, i) || is_marked_forward(l, i))) {
            cut_from(l, i);
            return;
        }
        if (l->v[i].quoted || l->v[i].blank || l->v[i].signature)
            continue;
        if (is_torn(l, i) || (quote_rule(s, len, 20) && quote_follows(l, i + 1))) {
            l->v[i].quoted = true;
        } else if (quote_separator(s, len) != SEPARATOR_NONE || quote_is_reply_above(s, len) ||
                   ((end = quote_header_block(l, i)) > 0 && (announced || (ink && quote_block_proves(l, i, end))))) {
            cut_from(l, i);
            return;
        } else if ((end = quote_attribution(l, i)) > 0) {
            bool follows = quote_follows(l, end) || indent_follows(l, end);
            for (size_t k = i; k < end; k++)
                l->v[k].quoted = true;
            if (!follows) {
                cut_from(l, end);
                return;
            }
            i = end - 1;
        } else if (is_footer(l, i)) {
            sign_from(l, i, SIGNATURE_MOST, SIZE_MAX);
        } else if (quote_is_dashes(s, len, &sure)) {
            if (sure || !divided)
                sign_dashes(l, i, sure);
            divided |= !l->v[i].signature;      /* who divides a text so means no signature the next time either */
        } else if (quote_is_sent_from(s, len) && !in_sentence(l, i)) {
            /* below it in an answer stands what is quoted, even without a mark; else one or two lines of a card at most */
            if (i > 0 && quote_rule(l->s + l->v[i - 1].at, l->v[i - 1].len, 2))
                l->v[i - 1].signature = true;
            sign_from(l, i, announced && stands_alone(l, i) ? SIGNATURE_MOST : 1 + SENT_FROM_MOST, SIZE_MAX);
        }
        ink |= !l->v[i].quoted && !l->v[i].signature;
    }
}

static void
put_kept(const struct lines *l, bool signatures, struct buf *out)
{
    size_t from = out->len, blanks = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct line *k = &l->v[i];
        if (k->quoted || (k->signature && !signatures))
            continue;
        if (k->blank) {
            blanks++;
            continue;
        }
        for (; blanks > 0 && out->len > from; blanks--)
            buf_putc(out, '\n');
        blanks = 0;
        size_t len = k->len;
        while (len > 0 && is_space((unsigned char)l->s[k->at + len - 1]))
            len--;
        buf_add(out, l->s + k->at, len);
        buf_putc(out, '\n');
    }
    if (out->len > from)
        out->data[--out->len] = 0;
}

/* A subject like "Re: x", "SV: x", "[y] Fwd: x", or an answer by its header. */
static bool
is_answer(const Td__Message *m)
{
    const char *s = m->subject == NULL ? "" : m->subject;
    size_t n = 0;

    if (m->n_in_reply_to > 0 || m->n_references > 0)
        return true;
    if (*s == '[' && strchr(s, ']') != NULL)
        s = strchr(s, ']') + 1;
    while (*s == ' ')
        s++;
    while (s[n] != 0 && s[n] != ':' && s[n] != ' ' && n < 8)
        n++;
    return n > 0 && (s[n] == ':' || (s[n] == ' ' && s[n + 1] == ':'));
}

static void
warn_disclaimer(struct reading *r, const struct lines *l)
{
    for (size_t i = 0, end; i < l->n; i = end) {
        end = i + 1;
        if (l->v[i].blank || l->v[i].quoted)
            continue;
        while (end < l->n && !l->v[end].blank && !l->v[end].quoted)
            end++;
        if (quote_is_disclaimer(l->s + l->v[i].at, l->v[end - 1].at + l->v[end - 1].len - l->v[i].at)) {
            reading_warn(r, "a disclaimer stands in the text");
            return;
        }
    }
}

void
quote_reply_text(struct reading *r, const char *text, size_t len, struct buf *out)
{
    struct lines l;
    bool quoted = false;

    quote_lines(r, text, len, &l);
    hide_armour(r, &l);
    judge(&l, is_answer(r->m));
    warn_disclaimer(r, &l);
    put_kept(&l, false, out);
    for (size_t i = 0; i < l.n && !quoted; i++)
        quoted = l.v[i].quoted;
    if (out->len == 0 && !quoted)       /* nothing but a signature: then it is what was written */
        put_kept(&l, true, out);
}
