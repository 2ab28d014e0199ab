/* SPDX-License-Identifier: ISC
 *
 * Case numbers in running text: PREFIX-NNNNN-XXXX. Any case, any dash, blanks around the dashes or in their place, brackets and other
 * writing around them, glued to a word where the change from small to large letters shows the seam. A letter that only looks like one of
 * ours, or an invisible character, beside or inside it makes it no number: it is refused, never mapped. Linear: what is tried at one
 * place is bounded.
 */
#include "read.h"

#include <string.h>

#define SUFFIX_ALPHABET "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define PREFIX_MAX 10
#define DIGITS_MIN 5
#define DIGITS_MAX 18
#define BEFORE_FIGURES 32       /* in bytes, no prefix and separator is longer: 10 letters, 4 blanks and a dash of 4 bytes at most */
#define SEAM 2                  /* letters on either side of a seam: "ReCAS", but not "cAS" and "CaS" */

enum { END = 0, BLANK = ' ', DASH = '-', OTHER = '.', FALSE_FRIEND = '!' };

struct range { uint32_t from, to; };

static const struct range dashes[] = {
    {0x58a, 0x58a}, {0x5be, 0x5be}, {0x2010, 0x2015}, {0x2043, 0x2043}, {0x207b, 0x207b}, {0x208b, 0x208b}, {0x2212, 0x2212}, {0x2500, 0x2501},
    {0x2e17, 0x2e17}, {0x2e1a, 0x2e1a}, {0x2e3a, 0x2e3b}, {0x301c, 0x301c}, {0x30a0, 0x30a0}, {0x30fc, 0x30fc}, {0xfe31, 0xfe32}, {0xfe58, 0xfe58},
    {0xfe63, 0xfe63}, {0xff0d, 0xff0d}, {0xff70, 0xff70},       /* 30fc: what a Japanese keyboard writes for a dash */
};
static const struct range blanks[] = { {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000} };

/* Writing that has letters or digits like ours, and what cannot be seen. Letters of other writing are a word's end like any other. */
static const struct range false_friends[] = {
    {0x80, 0x9f}, {0xaa, 0xaa}, {0xad, 0xad}, {0xb2, 0xb3}, {0xb5, 0xb5}, {0xb9, 0xba}, {0xc0, 0xd6}, {0xd8, 0xf6}, {0xf8, 0x557},     /* Latin, marks, Greek, Cyrillic, Armenian */
    {0x560, 0x588}, {0x61c, 0x61c}, {0x660, 0x669}, {0x6f0, 0x6f9}, {0x7c0, 0x7c9}, {0x10a0, 0x10ff}, {0x115f, 0x1160}, {0x13a0, 0x167f}, {0x17b4, 0x17b5},
    {0x180b, 0x180f}, {0x1ab0, 0x1aff}, {0x1c80, 0x1cbf}, {0x1d00, 0x1fff}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x207a}, {0x207c, 0x208a},
    {0x208c, 0x209f}, {0x20d0, 0x20ff}, {0x2100, 0x2115}, {0x2117, 0x218f}, {0x2460, 0x24ff}, {0x2776, 0x2793}, {0x2c00, 0x2dff}, {0x3164, 0x3164}, {0xa4d0, 0xa4ff},
    {0xa640, 0xa69f}, {0xa720, 0xa7ff}, {0xab30, 0xabbf}, {0xfb00, 0xfb17}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xff10, 0xff19},
    {0xff21, 0xff3a}, {0xff41, 0xff5a}, {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0x10280, 0x1044f}, {0x118a0, 0x118ff}, {0x16f00, 0x16f9f},
    {0x1d400, 0x1d7ff}, {0x1f100, 0x1f1ff}, {0x1fbf0, 0x1fbf9}, {0xe0000, 0xe0fff},
};

static bool
in_ranges(const struct range *v, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n && v[i].from <= c; i++)
        if (c <= v[i].to)
            return true;
    return false;
}

/* "=5B" and "%5B": a bracket, dash or blank that a program has left in its encoding. */
static int
left_encoded(const char *s, size_t len, size_t i)
{
    int high, low, c;

    if ((s[i] != '=' && s[i] != '%') || i + 2 >= len || (high = hex_value(s[i + 1])) < 0 || (low = hex_value(s[i + 2])) < 0)
        return -1;
    c = high << 4 | low;
    return c >= ' ' && c < 0x7f && !is_alnum(c) ? c : -1;
}

/* What stands at i: a letter or digit of ASCII as it is, or one of the above. */
static int
class_at(const char *s, size_t len, size_t i, size_t *size)
{
    uint32_t c;
    int encoded;

    *size = 0;
    if (i >= len)
        return END;
    c = utf8_at(s, len, i, size);
    if (is_alnum((int)c))
        return (int)c;
    if (c < 0x80) {
        encoded = left_encoded(s, len, i);
        if (encoded >= 0) {
            c = (uint32_t)encoded;
            *size = 3;
        }
        return c == '-' ? DASH : is_space((int)c) || c == '_' ? BLANK : c < ' ' || c == 0x7f ? FALSE_FRIEND : OTHER;
    }
    if (in_ranges(dashes, countof(dashes), c))
        return DASH;
    if (in_ranges(blanks, countof(blanks), c))
        return BLANK;
    return in_ranges(false_friends, countof(false_friends), c) ? FALSE_FRIEND : OTHER;
}

static bool
is_large(int c)
{
    return c >= 'A' && c <= 'Z';
}

static bool
is_small(int c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_figure(int c)
{
    return c >= '0' && c <= '9';
}

static char
folded(int c)
{
    return (char)(is_small(c) ? c - 'a' + 'A' : c);
}

/* Blanks and dashes between two parts of a number: at least one, at most a dash and a few blanks, all in one line. */
static bool
separator(const char *s, size_t len, size_t *i)
{
    unsigned n_dashes = 0, n_blanks = 0;
    size_t size;

    for (int c; (c = class_at(s, len, *i, &size)) == DASH || (c == BLANK && s[*i] != '\n'); *i += size) {
        n_dashes += c == DASH;
        n_blanks += c == BLANK;
        if (n_dashes > 1 || n_blanks > 4)
            return false;
    }
    return n_dashes + n_blanks > 0;
}

/* A large letter behind a small one: `word` letters and digits lie before it. */
static bool
is_seam(size_t word, int before, int c)
{
    return word >= SEAM && is_small(before) && is_large(c);
}

static bool
prefix_read(const char *s, size_t len, size_t *i, char *out, size_t *n)
{
    size_t size, seam = 0;
    int c = class_at(s, len, *i, &size);

    if (!is_large(c) && !is_small(c))
        return false;
    for (int before = BLANK; is_large(c) || is_small(c) || is_figure(c); *i += size, c = class_at(s, len, *i, &size)) {
        if (*n == PREFIX_MAX)
            return false;
        if (is_seam(*n, before, c))
            seam = *n;
        before = c;
        out[(*n)++] = folded(c);
    }
    return *n >= 2 && (seam == 0 || *n - seam < SEAM);         /* else it begins at the seam */
}

static bool
figures_read(const char *s, size_t len, size_t *i, char *out, size_t *n)
{
    size_t size, figures = 0;

    for (int c; is_figure(c = class_at(s, len, *i, &size)); *i += size) {
        if (figures++ == DIGITS_MAX)
            return false;
        out[(*n)++] = (char)c;
    }
    return figures >= DIGITS_MIN;
}

static bool
suffix_read(const char *s, size_t len, size_t *i, char *out, size_t *n)
{
    size_t size, large = 0, small = 0;
    int c;

    for (size_t k = 0; k < 4; k++, *i += size) {
        c = class_at(s, len, *i, &size);
        if (c == END || strchr(SUFFIX_ALPHABET, folded(c)) == NULL)
            return false;
        large += is_large(c);
        small += is_small(c);
        out[(*n)++] = folded(c);
    }
    c = class_at(s, len, *i, &size);
    if (is_small(c))
        return large > 0 && small == 0; /* "CAS-05304-9LGWprinter" */
    return c != FALSE_FRIEND && !is_figure(c) && !is_large(c);
}

/* A number that begins at i. Writes it and returns where it ends, 0: none. */
static size_t
number_at(const char *s, size_t len, size_t i, char out[48])
{
    size_t n = 0;

    if (!prefix_read(s, len, &i, out, &n) || !separator(s, len, &i))
        return 0;
    out[n++] = '-';
    if (!figures_read(s, len, &i, out, &n) || !separator(s, len, &i))
        return 0;
    out[n++] = '-';
    if (!suffix_read(s, len, &i, out, &n))
        return 0;
    out[n] = 0;
    return i;
}

/* Where the next five figures in a row begin, at `i` or behind; len: nowhere. Figures are never encoded and never of another writing. */
static size_t
figures_find(const char *s, size_t len, size_t i)
{
    while (len - i >= DIGITS_MIN) {
        size_t k = DIGITS_MIN;
        while (k > 0 && is_figure((unsigned char)s[i + k - 1]))
            k--;
        if (k == 0)
            return i;
        i += k;
    }
    return len;
}

/* The latest place from i on where a number whose figures are at `figures` cannot have begun yet, and where a word can: behind a blank. */
static size_t
begin_before(const char *s, size_t i, size_t figures)
{
    size_t at = figures > i + BEFORE_FIGURES ? figures - BEFORE_FIGURES : i;
    while (at > i && s[at - 1] != ' ' && s[at - 1] != '\n')
        at--;
    return at;
}

void
mail_case_refs(const char *text, size_t len, void (*found)(void *u, const char *ref), void *u)
{
    char ref[48];
    size_t i = 0, size, end, word = 0, figures = 0;     /* word: how many letters and digits lie right before i */
    int before = BLANK;

    while (i < len) {
        if (i >= figures) {
            figures = figures_find(text, len, i);
            if (figures == len)
                break;
            size_t at = begin_before(text, i, figures);
            if (at > i) {
                i = at;
                before = BLANK;
                word = 0;
            }
        }
        int c = class_at(text, len, i, &size);
        if (((word == 0 && before != FALSE_FRIEND) || is_seam(word, before, c)) && (end = number_at(text, len, i, ref)) > 0) {
            found(u, ref);
            i = end;
            before = OTHER;
            word = 0;
            continue;
        }
        word = is_large(c) || is_small(c) || is_figure(c) ? word + 1 : 0;
        before = c;
        i += size;
    }
}
