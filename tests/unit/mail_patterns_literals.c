/* SPDX-License-Identifier: ISC
 *
 * Words that a pattern cannot match without: what is read out of a regular expression, that they are found in one pass, and, over
 * expressions and texts made by chance, that nothing is ever left out that trying each pattern would find.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/mail/literals.h"
#include "ticketd/mail.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS 300
#define PATTERNS 60
#define BOTH (MAIL_IN_SUBJECT | MAIL_IN_WORDS)

static uint32_t seed = 20260310;

static uint32_t
chance(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* In the order of the alphabet, "|" between. */
static char *
words_of(const char *regex)
{
    struct literals l;
    struct buf b = { 0 };
    char last[LITERAL_LEN + 1] = "";

    literals_of(regex, &l);
    buf_puts(&b, "");
    for (size_t i = 0; i < l.n; i++) {
        char next[LITERAL_LEN + 1] = "\x7f";
        for (size_t k = 0; k < l.n; k++) {
            char one[LITERAL_LEN + 1] = "";
            memcpy(one, l.v[k].text, l.v[k].len);
            if (strcmp(one, last) > 0 && strcmp(one, next) < 0)
                strcpy(next, one);
        }
        buf_printf(&b, "%s%s", i ? "|" : "", next);
        strcpy(last, next);
    }
    return b.data;
}

static void
read_out(void **state)
{
    static const struct { const char *regex, *words; } rows[] = {
        { "system", "system" }, { "SyStEm", "system" }, { "system (is )?down", "system down|system is down" }, { "cannot (work|log ?in)", "cannot log in|cannot login|cannot work" },
        { "\\boutage\\b", "outage" }, { "(not urgent|no longer)", "no longer|not urgent" }, { "error\\s+\\d+", "error" }, { "a(b|c)d", "abd|acd" },
        { "colou?r", "color|colour" }, { "(abc)+d", "abc" }, { "(abc)*de", "de" }, { "ab{2}c", "" }, { "abc{0}de", "ab" }, { "abcx{2,3}", "abc" },
        { "^urgent!$", "urgent!" }, { "st\xc3\xb6rning", "rning" }, { "\xc3\xb6\xc3\xa4", "" }, { "(?i)haster", "haster" }, { "(?:re|fwd): ?help", "fwd: help|fwd:help|re: help|re:help" },
        { "(?!not )urgent", "urgent" }, { "(?<!in)voice", "voice" }, { "(?=.*down)system", "system" }, { "[ab]cd", "cd" }, { "[^]x]cd[\\]a]", "cd" }, { "[[:alpha:]]cd", "cd" },
        { "\\.zip\\)", ".zip)" }, { "a.c", "" }, { "a|bcd", "" }, { "abc|def|", "" }, { "(?<app>webshop|checkout)", "checkout|webshop" }, { "(?P<app>abc)", "abc" },
        { "(?>abc)d", "abcd" }, { "SO\\d{4,}", "so" }, { "\\p{Lu}ab", "ab" }, { "a\\x20b", "" }, { "(*UTF)abc", "" }, { "(abc)\\1", "" }, { "(?R)abc", "" }, { "(?#x)abc", "" },
        { "(?x)a b c", "" }, { "\\Qabc\\E", "" }, { "(?(1)abc|def)", "" }, { "(?&x)abc", "" }, { "abc{", "" }, { "abc{,3}", "" }, { "abc)", "" }, { "(abc", "" }, { "[abc", "" },
        { "abc\\", "" }, { "(?", "" }, { "(?P", "" }, { "(?<", "" }, { "(?'a'abc)", "abc" }, { "(?P>x)", "" }, { "", "" }, { "()", "" }, { "a{99999999999}bc", "" }, { "abc+?", "ab" }, { "abc++", "ab" },
        { "complete system failure", "complete system failure" }, { "one and two and three and four and five", "one and two and three and four a" },
        { "x(one and two and three and four and five|y)", "" }, { "x?y?z?abc", "abc|xabc|xyabc|xyzabc|xzabc|yabc|yzabc|zabc" },
        { "(((((((((((((((((((((abc)))))))))))))))))))))", "" }, { "(a|b|c|d)(a|b|c|d)(a|b|c|d)", "aa|ab|ac|ad|ba|bb|bc|bd|ca|cb|cc|cd|da|db|dc|dd" },
    };
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char *got = words_of(rows[i].regex);

        if (strcmp(got, rows[i].words) != 0) {
            print_error("%s: %s, not %s\n", rows[i].regex, got, rows[i].words);
            wrong++;
        }
        free(got);
    }
    assert_int_equal(wrong, 0);
}

static void
found(void **state)
{
    static const char *const regexes[] = { "he", "she", "his", "hers", "kelvin", "lists", "no\\d", "(?#)any", "system down" };
    static const struct { const char *text, *found; } rows[] = {
        { "ushers", "0137" }, { "HIS", "27" }, { "\xe2\x84\xaa" "elvin", "47" }, { "li\xc5\xbfts", "57" }, { "li\xc5\xbet", "7" }, { "sh\xc3\xa9", "7" }, { "", "7" }, { "system  down", "7" },
        { "system\ndown", "7" }, { "the System Downs", "078" }, { "sshe", "017" }, { "nno1", "67" }, { "\xc3\xa9" "he\xc3", "07" },
    };
    struct literal_set *s = literal_set_new(countof(regexes));
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < countof(regexes); i++) {
        struct literals l;
        literals_of(regexes[i], &l);
        literal_set_add(s, i, &l);
    }
    for (size_t i = 0; i < countof(rows); i++) {
        bool may[countof(regexes)] = { false };
        char got[countof(regexes) + 1] = "", *p = got;

        literal_set_find(s, rows[i].text, strlen(rows[i].text), may);
        for (size_t k = 0; k < countof(regexes); k++)
            if (may[k])
                *p++ = (char)('0' + k);
        *p = '\0';
        if (strcmp(got, rows[i].found) != 0) {
            print_error("%s: %s, not %s\n", rows[i].text, got, rows[i].found);
            wrong++;
        }
    }
    literal_set_free(&s);
    assert_null(s);
    assert_int_equal(wrong, 0);
}

/* ---- by chance */

static const char *const words[] = { "system", "down", "is", "SKK", "invoice", "ks", "s", "k", "order", "STR\xc3\x96M", "str\xc3\xb6m", "a", "ab", "b", "1", "12", " ", ".",
                                     "\xe2\x84\xaa", "\xc5\xbf", "\xc3\x9f", "\xc4\xb0", "\xc4\xb1", "\xce\xa3", "\xcf\x82", "I", "i", "webshop", "not urgent" };

/* An expression of the operators' kind, and some that they would not write. */
static void
regex_make(struct buf *b, unsigned depth)
{
    static const char *const bits[] = { "\\d+", "\\s*", "\\w", ".", "[abc]", "[^k]", "\\b", "^", "$", "(?i)", "\\.", "(?!x)", "(?=a)", "(?<!b)", "[[:alpha:]]", "\\p{L}", "\\x61",
                                        "\\R", "\\N", "\\K", "(?#c)", "\\Qa.b\\E", "[]a]", "[\\]s]", "\\-", "(?s)", "(?-i)", "(?^)" };
    static const char *const opens[] = { "(", "(?:", "(?<n>", "(?>", "(?i:", "(?=", "(?!", "(?<=", "(?|", "(?x:" };
    static const char *const often[] = { "?", "*", "+", "{2}", "{0,1}", "{1,}", "{0}", "{1}", "??", "++", "*?", "{2}{2}", "{,2}", "{", "{1" };

    for (uint32_t n = chance(4) + 1; n > 0; n--) {
        uint32_t what = chance(10);

        if (what < 5)
            buf_puts(b, words[chance(countof(words))]);
        else if (what < 7 || depth == 0)
            buf_puts(b, bits[chance(countof(bits))]);
        else if (what == 7) {
            buf_putc(b, '|');
            buf_puts(b, words[chance(countof(words))]);
        } else {
            buf_puts(b, opens[chance(countof(opens))]);
            regex_make(b, depth - 1);
            buf_putc(b, ')');
        }
        if (chance(4) == 0)
            buf_puts(b, often[chance(countof(often))]);
    }
}

static char *
text_make(struct arena *a, uint32_t n)
{
    struct buf b = { 0 };
    char *text;

    buf_puts(&b, "");
    while (n-- > 0) {
        buf_puts(&b, words[chance(countof(words))]);
        if (chance(3) == 0)
            buf_puts(&b, chance(4) ? " " : "\n");
    }
    text = arena_strdup(a, b.data);
    buf_free(&b);
    return text;
}

static void
same_hits(const Td__Message *all, const Td__Message *one, size_t index, const char *regex)
{
    size_t at = 0;

    while (at < all->n_hits && all->hits[at]->pattern < index)
        at++;
    for (size_t i = 0; i < one->n_hits; i++, at++) {
        const Td__Hit *x = one->hits[i], *y = at < all->n_hits ? all->hits[at] : NULL;

        if (y == NULL || y->pattern != index || y->where != x->where || strcmp(y->words, x->words) != 0 || (x->value == NULL) != (y->value == NULL) ||
            (x->value != NULL && strcmp(x->value, y->value) != 0) || x->attachment != y->attachment || x->over_budget != y->over_budget)
            fail_msg("'%s' over \"%s\" / \"%s\": \"%s\" is not found among all", regex, all->subject, all->reply_text, x->words);
    }
    if (at < all->n_hits && all->hits[at]->pattern == index)
        fail_msg("'%s': more hits among all than alone", regex);
}

/* A comment makes literals_of() know nothing: that pattern is always tried. */
static Td__Message *
match_alone(const char *regex, const Td__Message *like, struct arena *a)
{
    struct mail_patterns *p = mail_patterns_new(1);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    char message[256];
    uint32_t offset;

    m->subject = like->subject;
    m->reply_text = like->reply_text;
    m->attachments = like->attachments;
    m->n_attachments = like->n_attachments;
    assert_true(mail_patterns_add(p, 0, arena_printf(a, "(?#)%s", regex), BOTH | MAIL_IN_ATTACHMENTS, &offset, message));
    mail_patterns_match(p, m, a);
    mail_patterns_free(&p);
    return m;
}

static void
all_together_as_one_by_one(void **state)
{
    size_t hits = 0, filtered = 0;

    (void)state;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        struct mail_patterns *p = mail_patterns_new(PATTERNS);
        struct arena *a = arena_new(0);
        Td__Message *m = schema_new(a, &td__message__descriptor);
        Td__Attachment *f = schema_new(a, &td__attachment__descriptor);
        char *regexes[PATTERNS];
        uint32_t offset;
        char message[256];

        m->subject = text_make(a, chance(6));
        m->reply_text = text_make(a, chance(40));
        f->name = text_make(a, 3);
        f->type = arena_strdup(a, "text/plain");
        arena_push(a, &m->attachments, &m->n_attachments, f);
        for (size_t i = 0; i < PATTERNS; i++) {
            struct buf b = { 0 };
            do {
                buf_clear(&b);
                regex_make(&b, 2);
            } while (!mail_patterns_add(p, i, b.data, BOTH | MAIL_IN_ATTACHMENTS, &offset, message));
            regexes[i] = arena_strdup(a, b.data);
            buf_free(&b);
        }
        mail_patterns_match(p, m, a);
        hits += m->n_hits;
        for (size_t i = 0; i < PATTERNS; i++) {
            struct literals l;
            literals_of(regexes[i], &l);
            filtered += l.n > 0;
            same_hits(m, match_alone(regexes[i], m, a), i, regexes[i]);
        }
        mail_patterns_free(&p);
        arena_free(&a);
    }
    print_message("%zu hits; of %d patterns %zu have words\n", hits, TURNS * PATTERNS, filtered);
    assert_true(hits > 1000 && filtered > TURNS * PATTERNS / 4);
}

/* Ten times the patterns over the same words: far from ten times the work. */
static double
cost_of(size_t n)
{
    static const char *const begins[] = { "system down is", "\\b(?:not urgent|cannot) ", "webshop[: ]+order", "(?:invoice|order)\\s+failed" };
    struct mail_patterns *p = mail_patterns_new(n);
    struct arena *a = arena_new(0);
    double best = 1e9;
    char *text;

    seed = 7;
    text = text_make(a, 3000);
    for (size_t i = 0; i < n; i++) {
        char regex[100], message[256];
        uint32_t offset;

        snprintf(regex, sizeof regex, "%s%zu", begins[i % 4], i);
        assert_true(mail_patterns_add(p, i, regex, BOTH, &offset, message));
    }
    for (int turn = 0; turn < 15; turn++) {
        Td__Message *m = schema_new(a, &td__message__descriptor);
        clock_t before = clock();

        m->reply_text = text;
        for (int k = 0; k < 5; k++)
            mail_patterns_match(p, m, a);
        best = (double)(clock() - before) < best ? (double)(clock() - before) : best;
        assert_int_equal(m->n_hits, 0);
    }
    mail_patterns_free(&p);
    arena_free(&a);
    return best / CLOCKS_PER_SEC / 5;
}

static void
less_than_linear(void **state)
{
    double few = cost_of(200), many = cost_of(2000);

    (void)state;
    print_message("200 patterns: %.3f ms, 2,000: %.3f ms\n", few * 1e3, many * 1e3);
    assert_true(many < 5 * few + 1e-4);
}

/* The two signs beyond ASCII that letters of ASCII stand for are all that PCRE2 knows. */
static void
no_other_sign_folds_to_a_letter(void **state)
{
    struct mail_patterns *p = mail_patterns_new(1);
    char message[256];
    uint32_t offset;

    (void)state;
    assert_true(mail_patterns_add(p, 0, "(?#)[\\x00-\\x7f]", MAIL_IN_SUBJECT, &offset, message));
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        struct arena *a;
        Td__Message *m;
        char text[5] = "";

        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (c < 0x800)
            sprintf(text, "%c%c", (char)(0xc0 | c >> 6), (char)(0x80 | (c & 63)));
        else if (c < 0x10000)
            sprintf(text, "%c%c%c", (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63)));
        else
            sprintf(text, "%c%c%c%c", (char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 63)), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63)));
        a = arena_new(0);
        m = schema_new(a, &td__message__descriptor);
        m->subject = text;
        mail_patterns_match(p, m, a);
        if ((m->n_hits > 0) != (c == 0x17f || c == 0x212a))
            fail_msg("U+%04X", c);
        arena_free(&a);
    }
    mail_patterns_free(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_out), cmocka_unit_test(found), cmocka_unit_test(all_together_as_one_by_one), cmocka_unit_test(less_than_linear), cmocka_unit_test(no_other_sign_folds_to_a_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
