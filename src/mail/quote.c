/* SPDX-License-Identifier: ISC
 *
 * The new words: what the writer wrote now. Taken away are quoted lines, the lines that announce a quote, everything below a header block
 * or separator of a mail program, signatures after "-- " and "sent from my" lines. Answers between quotes stay. When in doubt a line
 * stays: the whole text is kept elsewhere, and a word too much harms less than a word lost. Every line is looked at a few times at most.
 */
#include "quote.h"

#include <string.h>

#define SIGNATURE_MOST 20u      /* lines; more than that below "--" are no signature */
#define ATTRIBUTION_MOST 4u     /* lines that it may be folded into */

/* The verbs of "On … wrote:". */
static const char *const verbs[] = {
    "wrote", "writes", "said", "skrev", "skrev:", "skriver", "schrieb", "schreef", "écrit", "ecrit", "écrivait", "escribió", "escribio", "escrito", "ha scritto", "scrisse", "ha scrito",
    "napisał", "napisal", "pisze", "kirjoitti", "escreveu", "пишет", "писал", "написал", "写道", "寫道", "yazdı", "napsal", "írta", "a scris", "escriure",
};

static const struct { const char *begin; } sent_from[] = {
    {"sent from my "}, {"sent from a "}, {"sent from mail for windows"}, {"sent from outlook"}, {"sent from yahoo"}, {"sent from proton"}, {"sent from samsung"}, {"sent via "}, {"sent using "}, {"sent with "}, {"sent on the go"},
    {"get outlook for "}, {"sent from the "}, {"sent by "}, {"skickat från min "}, {"skickat från outlook"}, {"skickat från e-post"}, {"skickades från "}, {"hämta outlook för "}, {"skaffa outlook för "},
    {"sendt fra min "}, {"sendt fra outlook"}, {"sendt fra mail"}, {"sendt fra e-mail"}, {"hent outlook "}, {"hent outlook til "}, {"få outlook for "}, {"von meinem "}, {"gesendet von "}, {"von unterwegs"},
    {"holen sie sich outlook"}, {"outlook für "}, {"outlook for "}, {"verstuurd vanaf "}, {"verzonden vanaf "}, {"verzonden vanuit "}, {"outlook voor "}, {"outlook downloaden"}, {"envoyé de mon "}, {"envoyé depuis "}, {"envoyé à partir "},
    {"obtenir outlook"}, {"télécharger outlook"}, {"enviado desde mi "}, {"enviado desde "}, {"obtener outlook"}, {"enviado do meu "}, {"enviado a partir "}, {"obter o outlook"}, {"enviado de meu "}, {"inviato da "}, {"inviato dal "},
    {"scarica outlook"}, {"ottieni outlook"}, {"wysłane z "}, {"wysłano z "}, {"pobierz aplikację outlook"}, {"lähetetty "}, {"hanki outlook"}, {"отправлено с "},
};

static const char *const reply_above[] = {
    "reply above this line", "please type your reply above", "write above this line", "svara ovanför denna rad", "antworten sie oberhalb dieser zeile", "type your response above", "do not write below this line",
    "répondez au-dessus de cette ligne", "skriv ditt svar ovanför", "skriv dit svar over denne linje", "antwoord boven deze lijn",
};

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
    size_t n = 0, next, depth = 0, signature = 0;
    char *clean = arena_alloc(r->tmp, len + 1);
    bool cut = false;
    size_t w = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    *out = (struct lines){.s = clean, .v = arena_alloc(r->tmp, (n + 1) * sizeof *out->v)};
    for (size_t at = 0; at < len; at = next) {
        size_t end = line_end((const uint8_t *)text, len, at, &next), from = w, i;
        bool quoted = depth > 0, signed_ = signature > 0, ink = false;
        for (i = at; i < end; i++) {
            if ((unsigned char)text[i] == 0xef && i + 2 < end && (unsigned char)text[i + 1] == 0xb7) {
                bool mark = true;
                if (marks(text, end, i, MARK_QUOTE_OPEN))
                    depth++;
                else if (marks(text, end, i, MARK_QUOTE_CLOSE))
                    depth -= depth > 0;
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
                    }
                    i += 2;
                    continue;
                }
            }
            ink |= !is_space((unsigned char)text[i]);
            clean[w++] = text[i];
        }
        struct line *l = &out->v[out->n++];
        *l = (struct line){.at = from, .len = w - from, .blank = blank_line(clean + from, w - from), .quoted = quoted || cut, .signature = signed_};
        l->label = l->blank ? LABEL_NONE : quote_label(clean + from, w - from, &i);
        for (i = from; i < w && is_blank((unsigned char)clean[i]) && i < from + 4; i++)
            ;
        if (i < w && clean[i] == '>' && !(i + 1 < w && clean[i + 1] == '=' ))
            l->quoted = true;
        clean[w++] = '\n';
    }
}

static bool
has_word(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    bool ascii = (unsigned char)word[0] < 0x80;

    for (size_t i = 0; i + n <= len; i++) {
        const char *p = ascii ? s + i : memmem(s + i, len - i, word, n);
        if (p == NULL)
            return false;
        i = (size_t)(p - s);
        if (mem_eq_nocase(s + i, word, n) && (i == 0 || !is_alnum((unsigned char)s[i - 1])))
            return true;
    }
    return false;
}

static bool
quote_follows(const struct lines *l, size_t i)
{
    while (i < l->n && l->v[i].blank && !l->v[i].quoted)
        i++;
    return i < l->n && l->v[i].quoted;
}

/* "10:35", "2026" */
static bool
has_time(const char *s, size_t len)
{
    for (size_t i = 0; i + 3 < len; i++)
        if (is_digit((unsigned char)s[i]) && ((is_digit((unsigned char)s[i + 1]) && is_digit((unsigned char)s[i + 2]) && is_digit((unsigned char)s[i + 3])) ||
                                                 ((s[i + 1] == ':' || s[i + 1] == '.') && is_digit((unsigned char)s[i + 2]) && is_digit((unsigned char)s[i + 3]))))
            return true;
    return false;
}

/* Lines i… announce a quote: "On Tue, 10 Mar 2026 at 10:00, A B <a@b> wrote:". Returns the line after them, 0: they do not. */
static size_t
attribution(const struct lines *l, size_t i)
{
    for (size_t k = i; k < l->n && k < i + ATTRIBUTION_MOST && !l->v[k].blank && !l->v[k].quoted; k++) {
        const char *s = l->s + l->v[i].at;
        size_t len = l->v[k].at + l->v[k].len - l->v[i].at;
        bool verb = false, colon, at, follows;
        if (len > 500)
            return 0;
        while (len > 0 && (is_space((unsigned char)s[len - 1]) || s[len - 1] == '*' || s[len - 1] == '_'))
            len--;
        if (len < 8)
            continue;
        colon = s[len - 1] == ':' || (len > 3 && memcmp(s + len - 3, "\xef\xbc\x9a", 3) == 0);
        follows = quote_follows(l, k + 1);
        if (!colon && !follows)
            continue;
        for (size_t v = 0; v < countof(verbs) && !verb; v++)
            verb = has_word(s, len, verbs[v]);
        at = memchr(s, '@', len) != NULL;
        if (colon && verb && (has_time(s, len) || (follows && k - i < 2)) && (follows || at || has_time(s, len)))
            return k + 1;
        if (colon && follows && at && (has_time(s, len) || k == i))
            return k + 1;               /* "2026-03-10 10:00 GMT+01:00 A B <a@b>:" */
        if (!colon && verb && follows && has_time(s, len) && k == i)
            return k + 1;
    }
    return 0;
}

static bool
starts_with(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && mem_eq_nocase(s, word, n);
}

/* A short line of its own that a telephone wrote. */
static bool
is_sent_from(const char *s, size_t len)
{
    size_t words = 1;

    while (len > 0 && strchr(" \t*_<([", *s) != NULL)
        s++, len--;
    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    if (len == 0 || len > 120 || s[len - 1] == '?' || s[len - 1] == ',' || s[len - 1] == ':' || memchr(s, ',', len) != NULL)
        return false;
    for (size_t i = 0; i < len && s[i] != '<'; i++)
        words += s[i] == ' ';
    if (words > 9 || (s[len - 1] == '.' && words > 6))
        return false;
    for (size_t i = 0; i < countof(sent_from); i++)
        if (starts_with(s, len, sent_from[i].begin))
            return true;
    return false;
}

static bool
is_dashes(const char *s, size_t len)
{
    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    return (len == 2 && s[0] == '-' && s[1] == '-') || (len == 3 && memcmp(s, "\xe2\x80\x94", 3) == 0);
}

/* "____…": a rule; Mailman's footer stands below one. */
static bool
is_rule(const char *s, size_t len, size_t least)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        if (s[i] == '_' || s[i] == '-' || s[i] == '=')
            n++;
        else if (!is_space((unsigned char)s[i]) && s[i] != '*')
            return false;
    return n >= least;
}

static void
cut_from(struct lines *l, size_t i)
{
    /* the rule above a header block belongs to it */
    for (size_t k = i; k > 0 && (l->v[k - 1].blank || is_rule(l->s + l->v[k - 1].at, l->v[k - 1].len, 5)); k--)
        l->v[k - 1].quoted |= !l->v[k - 1].blank;
    for (; i < l->n; i++)
        l->v[i].quoted = true;
}

/* From line i on a signature, up to the next quote or the end. */
static void
sign_from(struct lines *l, size_t i)
{
    size_t k, ink = 0;

    for (k = i; k < l->n && ink <= SIGNATURE_MOST && k < i + 4 * SIGNATURE_MOST && !l->v[k].quoted && attribution(l, k) == 0; k++)
        ink += !l->v[k].blank;
    if (ink > SIGNATURE_MOST || (k == i + 4 * SIGNATURE_MOST && k < l->n))
        return;
    while (i < k)
        l->v[i++].signature = true;
}

static bool
mentions(const struct lines *l, size_t i, size_t lines, const char *word)
{
    for (size_t k = i; k < l->n && k < i + lines; k++)
        if (has_word(l->s + l->v[k].at, l->v[k].len < 200 ? l->v[k].len : 200, word))
            return true;
    return false;
}

static bool
is_reply_above(const char *s, size_t len)
{
    if (len > 200)
        return false;
    for (size_t i = 0; i < countof(reply_above); i++)
        if (has_word(s, len, reply_above[i]))
            return true;
    return false;
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

static void
judge(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const char *s = l->s + l->v[i].at;
        size_t len = l->v[i].len, end;
        if (l->v[i].quoted || l->v[i].blank || l->v[i].signature)
            continue;
        if (is_torn(l, i)) {
            l->v[i].quoted = true;
        } else if (quote_separator(s, len) != SEPARATOR_NONE || quote_header_block(l, i) > 0 || is_reply_above(s, len)) {
            cut_from(l, i);
            return;
        } else if ((end = attribution(l, i)) > 0) {
            bool follows = quote_follows(l, end);
            for (size_t k = i; k < end; k++)
                l->v[k].quoted = true;
            if (!follows) {
                cut_from(l, end);
                return;
            }
            i = end - 1;
        } else if (is_dashes(s, len)) {
            sign_from(l, i);
        } else if ((i == 0 || l->v[i - 1].blank || l->v[i - 1].quoted) && is_sent_from(s, len)) {
            sign_from(l, i);
        } else if (is_rule(s, len, 30) && (mentions(l, i + 1, 2, "mailing list") || mentions(l, i + 1, 3, "mailman"))) {
            sign_from(l, i);
        }
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

void
quote_reply_text(struct reading *r, const char *text, size_t len, struct buf *out)
{
    struct lines l;
    bool quoted = false;

    quote_lines(r, text, len, &l);
    judge(&l);
    put_kept(&l, false, out);
    for (size_t i = 0; i < l.n && !quoted; i++)
        quoted = l.v[i].quoted;
    if (out->len == 0 && !quoted)       /* nothing but a signature: then it is what was written */
        put_kept(&l, true, out);
}
