/* SPDX-License-Identifier: ISC
 *
 * Dates as people write them in a mail, in English, Swedish and Danish: "31 July", "July 31st, 2026", "den 31. juli", "31/7",
 * "31.7.2026", "fredag", "i morgon", and 2026-07-31. The day stands before the month. A date without a year is the next one.
 * Pure; the text is a stranger's, every loop runs along it once.
 */
#include "command.h"

#include <string.h>

#define TOKEN_MAX 40

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next word in lower case; *next is behind it. Blanks and commas divide. */
static size_t
token(const char *s, char out[TOKEN_MAX], const char **next)
{
    size_t n = 0;
    s += strspn(s, " \t,;");
    while (*s != '\0' && strchr(" \t,;\r\n", *s) == NULL) {
        unsigned char c = (unsigned char)*s++;
        bool latin = n > 0 && (unsigned char)out[n - 1] == 0xc3 && c >= 0x80 && c <= 0x9e;
        if (n + 1 < TOKEN_MAX)
            out[n++] = (char)((c >= 'A' && c <= 'Z') || latin ? c + 32 : c);
    }
    out[n] = '\0';
    *next = s;
    return n;
}

/* Whole words, or their first letters with or without a full stop. */
static int
word_index(const char *s, const char *const *const *words, size_t n)
{
    size_t len = strlen(s);
    if (len > 0 && s[len - 1] == '.')
        len--;
    for (size_t i = 0; i < n; i++)
        for (const char *const *w = words[i]; *w != NULL; w++)
            if (strlen(*w) == len && memcmp(*w, s, len) == 0)
                return (int)i;
    return -1;
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }
static const char *const *const months[12] = {
    WORDS("january", "januari", "januar", "jan"), WORDS("february", "februari", "februar", "feb", "febr"), WORDS("march", "mars", "marts", "mar"),
    WORDS("april", "apr"), WORDS("may", "maj"), WORDS("june", "juni", "jun"), WORDS("july", "juli", "jul"), WORDS("august", "augusti", "aug"),
    WORDS("september", "sep", "sept"), WORDS("october", "oktober", "oct", "okt"), WORDS("november", "nov"), WORDS("december", "dec"),
};
static const char *const *const weekdays[7] = {
    WORDS("monday", "mon", "måndag", "måndagen", "mån", "mandag", "man"), WORDS("tuesday", "tue", "tues", "tisdag", "tisdagen", "tis", "tirsdag", "tir"),
    WORDS("wednesday", "wed", "onsdag", "onsdagen", "ons"), WORDS("thursday", "thu", "thur", "thurs", "torsdag", "torsdagen", "tor", "tors"),
    WORDS("friday", "fri", "fredag", "fredagen", "fre"), WORDS("saturday", "sat", "lördag", "lördagen", "lör", "lørdag", "lør"),
    WORDS("sunday", "sun", "söndag", "söndagen", "sön", "søndag", "søn"),
};
/* Words round a date that change nothing. */
static const char *const fillers[] = { "until", "till", "til", "tills", "untill", "thru", "through", "t.o.m", "t.o.m.", "tom", "t.o.m:", "og", "och", "and", "with", "med", "including",
    "inclusive", "incl", "incl.", "from", "från", "fra", "fr.o.m", "fr.o.m.", "den", "the", "of", "on", "på", "next", "this", "nästa", "næste", "på", "indtil", "up", "frem" };
static const char *const between[] = { "to", "till", "til", "-", "..", "until", "tom", "t.o.m.", "through", "thru" };

static bool
listed(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

/* A number of at most `digits`, and what stands behind it. -1: none. */
static int
number(const char **s, unsigned digits)
{
    int v = 0;
    unsigned n = 0;
    for (; is_digit(**s) && n < digits; n++)
        v = v * 10 + (*(*s)++ - '0');
    return n == 0 || is_digit(**s) ? -1 : v;
}

/* 0: there is no such day. Without a year (0): the next one from today on. */
static bool
day_of(int y, int m, int d, int64_t today, int64_t *out)
{
    int ty, tm, td, cy, cm, cd;
    civil_from_days(today, &ty, &tm, &td);
    if (m < 1 || m > 12 || d < 1 || d > 31 || (y != 0 && (y < 1970 || y > 9999)))
        return false;
    for (int year = y ? y : ty; year <= (y ? y : ty + 8); year++) {
        *out = days_from_civil(year, m, d);
        civil_from_days(*out, &cy, &cm, &cd);
        if (cm == m && cd == d && (y || *out >= today))
            return true;
    }
    return false;
}

static int
year_full(int y)
{
    return y >= 0 && y < 100 ? 2000 + y : y;
}

/* In one word: 2026-07-31, 2026/07/31, 31/7, 31/7/26, 31.7., 31.7.2026. */
static bool
one_word(const char *s, int64_t today, int64_t *day)
{
    const char *p = s;
    int a = number(&p, 4), b, c = 0;
    char sep = *p;
    if (a < 0 || sep == '\0' || strchr("-/.", sep) == NULL)
        return false;
    p++;
    b = number(&p, 2);
    if (b < 0)
        return false;
    if (a >= 1000) {
        if (*p != sep)
            return false;
        p++;
        c = number(&p, 2);
        return c > 0 && *p == '\0' && day_of(a, b, c, today, day);
    }
    if (sep == '-')                     /* 1-31 is no date */
        return false;
    if (*p == sep)
        p++;
    if (is_digit(*p)) {
        if (p[-1] != sep)
            return false;
        c = year_full(number(&p, 4));
        if (c < 0)
            return false;
    }
    p += *p == '.';
    return *p == '\0' && a <= 31 && day_of(c, b, a, today, day);
}

/* "31", "31.", "31st", "31:a", "1:e" */
static int
day_number(const char *s)
{
    static const char *const endings[] = { "", ".", "st", "nd", "rd", "th", ":a", ":e" };
    int d = number(&s, 2);
    return d >= 1 && d <= 31 && listed(s, endings, countof(endings)) ? d : -1;
}

static bool
year_follows(const char **s, int *y)
{
    char word[TOKEN_MAX];
    const char *next, *p = word;
    token(*s, word, &next);
    int v = number(&p, 4);
    if (v < 1970 || (*p != '\0' && strcmp(p, ".") != 0))
        return false;
    *y = v;
    *s = next;
    return true;
}

bool
day_said(const char *s, int64_t today, int64_t *day, const char **rest)
{
    char word[TOKEN_MAX], second[TOKEN_MAX];
    const char *next, *after;
    int y = 0, m, d;
    if (token(s, word, &next) == 0)
        return false;
    *rest = next;
    if (strcmp(word, "today") == 0 || strcmp(word, "idag") == 0)
        return *day = today, true;
    if (strcmp(word, "tomorrow") == 0 || strcmp(word, "imorgon") == 0 || strcmp(word, "imorgen") == 0)
        return *day = today + 1, true;
    token(next, second, &after);
    if (strcmp(word, "i") == 0 && (strcmp(second, "dag") == 0 || strcmp(second, "morgon") == 0 || strcmp(second, "morgen") == 0)) {
        *rest = after;
        return *day = today + (second[0] == 'm'), true;
    }
    if (one_word(word, today, day))
        return true;
    if (strcmp(second, "of") == 0)      /* "the 31st of July" */
        token(after, second, &after);
    if ((d = day_number(word)) > 0 && (m = word_index(second, months, 12)) >= 0) {
        *rest = after;
        (void)year_follows(rest, &y);
        return day_of(y, m + 1, d, today, day);
    }
    if ((m = word_index(word, months, 12)) >= 0 && (d = day_number(second)) > 0) {
        *rest = after;
        (void)year_follows(rest, &y);
        return day_of(y, m + 1, d, today, day);
    }
    int w = word_index(word, weekdays, 7);
    if (w < 0)
        return false;
    if (second[0] != '\0' && is_digit(second[0]) && day_said(next, today, day, &after)) {      /* "Friday 31 July" */
        *rest = after;
        return true;
    }
    int64_t is = ((today + 3) % 7 + 7) % 7;     /* 1970-01-01 was a Thursday; Monday is 0 */
    *day = today + (w - is + 6) % 7 + 1;
    return true;
}

/* Ranges without blanks: "2026-07-01..2026-07-31", "1/7-31/7", "1-31 July". ISO dates keep their dashes. */
static const char *
spread(struct arena *a, const char *s)
{
    struct buf b = { 0 };
    buf_puts(&b, "");
    for (s = command_fold(a, s); *s != '\0';) {
        size_t digits = strspn(s, "0123456789");
        if (digits == 4 && s[4] == '-' && is_digit(s[5]) && is_digit(s[6]) && s[7] == '-' && is_digit(s[8]) && is_digit(s[9])) {
            buf_add(&b, s, 10);
            s += 10;
        } else if (digits > 0) {
            buf_add(&b, s, digits);
            s += digits;
        } else if (s[0] == '.' && s[1] == '.') {
            buf_puts(&b, " - ");
            s += 2 + strspn(s + 2, ".");
        } else if (s[0] == '-') {
            buf_puts(&b, " - ");
            s++;
        } else {
            buf_putc(&b, *s++);
        }
    }
    const char *out = arena_strndup(a, b.data, b.len);
    buf_free(&b);
    return out;
}

/* The same day of the month in the month of `of`. */
static bool
day_in_month_of(int64_t of, int d, int64_t *out)
{
    int y, m, unused;
    civil_from_days(of, &y, &m, &unused);
    return day_of(y, m, d, of, out);
}

bool
days_said(struct arena *a, const char *s, int64_t today, int64_t *first, int64_t *last)
{
    char word[TOKEN_MAX];
    const char *next;
    int64_t found[2] = { 0, 0 }, earlier = 0;   /* earlier: the first one, as it is read a year ago */
    size_t n = 0;
    int bare = 0;                       /* "1" of "1 - 31 July" */
    for (s = spread(a, s); token(s, word, &next) > 0; s = next) {
        const char *rest;
        if (n < 2 && day_said(s, today, &found[n], &rest)) {
            if (n++ == 0)
                (void)day_said(s, today - 365, &earlier, &rest);
            next = rest;
        } else if (n == 0 && bare == 0 && day_number(word) > 0) {
            bare = day_number(word);
        } else if (!listed(word, fillers, countof(fillers)) && !((n == 1 || bare > 0) && listed(word, between, countof(between)))) {
            return false;
        }
    }
    if (n == 0 || (n == 2 && bare > 0))
        return false;
    *last = found[n - 1];
    *first = n == 2 ? found[0] : today;
    if (bare > 0 && !day_in_month_of(*last, bare, first))
        return false;
    if (n == 2 && *first > *last)       /* it has begun already: not the next one, but the one before */
        *first = earlier;
    return *first <= *last && *last >= today;
}
