/* SPDX-License-Identifier: ISC
 *
 * Words that a regular expression cannot match without. Its source is read once, from left to right, into pieces: of a piece is
 * known either all that it can match, a small set of words, or at most a set of words of which one must occur in it. Neighbours
 * of the first kind multiply; of all sets on the way the one that says most is kept. What is not plain (verbs, options that
 * change what source means, references, comments, conditions, quoting) gives up: that pattern is tried on every text.
 *
 * Letters are ASCII in lower case. What is not ASCII ends a word, in the pattern and in the text, but for the two signs that
 * Unicode folds to ASCII letters (literalset.c).
 */
#include "literals.h"

#include <string.h>

#define DEPTH_MAX 20
#define USEFUL 2                        /* shorter words stand in every text */

/* n 0: nothing is known. A piece that is_exact matches one of `exact` and nothing else; `need`: one of these occurs in it. */
struct piece { bool is_exact; struct literals exact, need; };

/* Pieces one after the other. `run`: what its end, as far back as everything is exact, can be; whole: that is all of it. */
struct sequence { bool whole; struct literals run, need; };

struct level {                          /* a group */
    struct sequence now;                /* the alternative that is being read */
    bool any, all_exact, all_need;      /* of those that are done: there are some, all are exact, of all something is needed */
    struct literals exact, need;
    bool looks;                         /* a look-around: takes no room */
};
struct reading { const char *p; bool lost; size_t depth; struct level levels[DEPTH_MAX]; };

/* ---- sets of words */

static size_t
set_least(const struct literals *w)
{
    size_t least = w->n > 0 ? LITERAL_LEN : 0;

    for (size_t i = 0; i < w->n; i++)
        least = w->v[i].len < least ? w->v[i].len : least;
    return least;
}

/* The longer its shortest word, the more a set says; of two alike, the smaller one. */
static void
set_improve(struct literals *have, const struct literals *offered)
{
    size_t x = set_least(offered), y = set_least(have);

    if (x > y || (x > 0 && x == y && offered->n < have->n))
        *have = *offered;
}

static bool
set_add(struct literals *w, const struct literal *l)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].len == l->len && !memcmp(w->v[i].text, l->text, l->len))
            return true;
    if (w->n == LITERALS_MAX)
        return false;
    w->v[w->n++] = *l;
    return true;
}

static bool
set_join(struct literals *w, const struct literals *more)
{
    for (size_t i = 0; i < more->n; i++)
        if (!set_add(w, &more->v[i]))
            return false;
    return true;
}

/* Each of `w` with each of `next` behind it. false, and nothing happened: too many, or too long. */
static bool
set_multiply(struct literals *w, const struct literals *next)
{
    struct literals out = { 0 };

    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < next->n; k++) {
            struct literal l = w->v[i];

            if (l.len + next->v[k].len > LITERAL_LEN)
                return false;
            memcpy(l.text + l.len, next->v[k].text, next->v[k].len);
            l.len = (uint8_t)(l.len + next->v[k].len);
            if (!set_add(&out, &l))
                return false;
        }
    *w = out;
    return true;
}

/* ---- pieces, and what they become */

static const struct piece anything;     /* the empty word too */

static struct piece
piece_word(const char *s, size_t len)
{
    struct piece p = { .is_exact = true };

    p.exact.n = 1;
    p.exact.v[0].len = (uint8_t)len;
    for (size_t i = 0; i < len; i++)
        p.exact.v[0].text[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + ('a' - 'A') : s[i]);
    return p;
}

static struct literals
piece_need(const struct piece *p)
{
    struct literals need = p->need;

    if (p->is_exact)
        set_improve(&need, &p->exact);
    return need;
}

static void
sequence_begin(struct sequence *s)
{
    *s = (struct sequence){ .whole = true };
    s->run.n = 1;                       /* the empty word */
}

static void
sequence_append(struct sequence *s, const struct piece *p)
{
    if (p->is_exact && s->run.n > 0 && set_multiply(&s->run, &p->exact))
        return;
    s->whole = false;
    set_improve(&s->need, &s->run);
    if (p->is_exact) {
        s->run = p->exact;
    } else {
        s->run.n = 0;
        set_improve(&s->need, &p->need);
    }
}

static struct piece
sequence_end(const struct sequence *s)
{
    struct piece p = { .is_exact = s->whole, .need = s->need };

    if (s->whole)
        p.exact = s->run;
    else
        set_improve(&p.need, &s->run);
    return p;
}

static void
level_begin(struct level *l, bool looks)
{
    *l = (struct level){ .all_exact = true, .all_need = true, .looks = looks };
    sequence_begin(&l->now);
}

/* The alternative that was being read is one of those that are done. */
static void
level_alternative(struct level *l)
{
    struct piece p = sequence_end(&l->now);
    struct literals need = piece_need(&p);

    l->any = true;
    l->all_exact = l->all_exact && p.is_exact && set_join(&l->exact, &p.exact);
    l->all_need = l->all_need && need.n > 0 && set_join(&l->need, &need);
    sequence_begin(&l->now);
}

static struct piece
level_end(struct level *l)
{
    struct piece p = anything;

    level_alternative(l);
    if (l->looks)
        return piece_word("", 0);
    p.is_exact = l->all_exact;
    if (l->all_exact)
        p.exact = l->exact;
    if (l->all_need)
        p.need = l->need;
    return p;
}

/* ---- reading the source */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static unsigned
number_read(struct reading *r)
{
    unsigned n = 0;

    while (is_digit(*r->p) && n < 100000)
        n = n * 10 + (unsigned)(*r->p++ - '0');
    return n;
}

/* ? * + {n} {n,} {n,m}, and the ? or + behind it. false: none is here. A brace that is no such thing: lost. */
static bool
quantifier_read(struct reading *r, unsigned *min, unsigned *max)
{
    const char c = *r->p;

    if (c != '?' && c != '*' && c != '+' && c != '{')
        return false;
    r->p++;
    *min = c == '+';
    *max = c == '?' ? 1 : 2;
    if (c == '{') {
        if (!is_digit(*r->p))
            r->lost = true;
        *min = *max = number_read(r);
        if (*r->p == ',') {
            r->p++;
            *max = is_digit(*r->p) ? number_read(r) : 2;
        }
        if (*r->p != '}')
            r->lost = true;
        else
            r->p++;
    }
    if (*r->p == '?' || *r->p == '+')
        r->p++;
    return true;
}

static void
piece_repeat(struct piece *p, unsigned min, unsigned max)
{
    struct piece out = anything, empty = piece_word("", 0);

    if (min == 1 && max == 1)
        return;
    if (min > 0) {
        out.need = piece_need(p);
    } else if (max == 1 && p->is_exact && set_join(&p->exact, &empty.exact)) {
        out.is_exact = true;
        out.exact = p->exact;
    }
    *p = out;
}

/* Behind the group's alternative, as often as the quantifier says. */
static void
piece_take(struct reading *r, struct piece p)
{
    unsigned min, max;

    while (!r->lost && quantifier_read(r, &min, &max))
        piece_repeat(&p, min, max);
    sequence_append(&r->levels[r->depth].now, &p);
}

/* Behind "(?": what kind of group. Options alone are no group. */
static void
group_read(struct reading *r)
{
    static const struct { const char *opens; bool looks; char closes; } kinds[] = {
        { ":", false, 0 }, { ">", false, 0 }, { "|", false, 0 }, { "=", true, 0 }, { "!", true, 0 }, { "<=", true, 0 }, { "<!", true, 0 },
        { "P<", false, '>' }, { "<", false, '>' }, { "'", false, '\'' },
    };
    size_t i = 0;

    while (i < countof(kinds) && strncmp(r->p, kinds[i].opens, strlen(kinds[i].opens)))
        i++;
    if (i == countof(kinds)) {
        r->p += strspn(r->p, "ims-");
        if (*r->p == ')') {
            r->p++;
            return;
        }
        if (*r->p++ != ':') {
            r->lost = true;
            return;
        }
    } else {
        r->p += strlen(kinds[i].opens);
        if (kinds[i].closes) {
            while (is_alnum(*r->p) || *r->p == '_')
                r->p++;
            if (*r->p++ != kinds[i].closes) {
                r->lost = true;
                return;
            }
        }
    }
    if (++r->depth == DEPTH_MAX)
        r->lost = true;
    else
        level_begin(&r->levels[r->depth], i < countof(kinds) && kinds[i].looks);
}

static void
open_read(struct reading *r)
{
    if (*r->p == '*') {
        r->lost = true;
    } else if (*r->p == '?') {
        r->p++;
        group_read(r);
    } else if (++r->depth == DEPTH_MAX) {
        r->lost = true;
    } else {
        level_begin(&r->levels[r->depth], false);
    }
}

static void
close_read(struct reading *r)
{
    struct piece p;

    if (r->depth == 0) {
        r->lost = true;
        return;
    }
    p = level_end(&r->levels[r->depth--]);
    piece_take(r, p);
}

/* Behind "[": to the bracket that closes it. */
static void
class_skip(struct reading *r)
{
    r->p += *r->p == '^';
    r->p += *r->p == ']';
    for (; *r->p && *r->p != ']'; r->p++) {
        if (*r->p == '\\') {
            r->p++;
            if (*r->p == 'Q' || *r->p == 'E' || !*r->p)
                break;
        } else if (*r->p == '[' && (r->p[1] == ':' || r->p[1] == '.' || r->p[1] == '=')) {
            const char *end = strchr(r->p + 2, ']');

            if (!end || end[-1] != r->p[1] || end < r->p + 3)
                break;
            r->p = end;
        }
    }
    if (*r->p != ']')
        r->lost = true;
    else
        r->p++;
}

static void
escape_read(struct reading *r)
{
    const char *c = r->p;

    if (!*c) {
        r->lost = true;
        return;
    }
    r->p++;
    if (strchr("bBAZzG", *c)) {
        piece_take(r, piece_word("", 0));
    } else if (strchr("dDwWsShHvVRNntrfea", *c)) {
        r->lost = *c == 'N' && *r->p == '{';
        piece_take(r, anything);
    } else if (*c == 'p' || *c == 'P') {
        const char *end = *r->p == '{' ? strchr(r->p, '}') : *r->p ? r->p : NULL;

        r->lost = !end;
        r->p = end ? end + 1 : r->p;
        piece_take(r, anything);
    } else if (is_alnum(*c) || (unsigned char)*c >= 0x80) {
        r->lost = true;
    } else {
        piece_take(r, piece_word(c, 1));
    }
}

static void
one_read(struct reading *r)
{
    const char *c = r->p++;

    if ((unsigned char)*c >= 0x80) {
        while (((unsigned char)*r->p & 0xc0) == 0x80)
            r->p++;
        piece_take(r, anything);
        return;
    }
    switch (*c) {
    case '(': open_read(r); break;
    case ')': close_read(r); break;
    case '|': level_alternative(&r->levels[r->depth]); break;
    case '[': class_skip(r); piece_take(r, anything); break;
    case '\\': escape_read(r); break;
    case '.': piece_take(r, anything); break;
    case '^': case '$': piece_take(r, piece_word("", 0)); break;
    case '?': case '*': case '+': case '{': r->lost = true; break;
    default: piece_take(r, piece_word(c, 1));
    }
}

void
literals_of(const char *regex, struct literals *out)
{
    struct reading r = { .p = regex };
    struct piece whole;

    level_begin(&r.levels[0], false);
    while (!r.lost && *r.p)
        one_read(&r);
    *out = (struct literals){ 0 };
    if (r.lost || r.depth > 0)
        return;
    whole = level_end(&r.levels[0]);
    *out = piece_need(&whole);
    if (set_least(out) < USEFUL)
        out->n = 0;
}
