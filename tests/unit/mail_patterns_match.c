/* SPDX-License-Identifier: ISC
 *
 * The desk's patterns: what hits, what is said of it, and that no text makes a pattern run for long.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/mail.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IN_SUBJECT TD__CASE_REF__WHERE__SUBJECT
#define IN_TEXT TD__CASE_REF__WHERE__TEXT
#define BOTH (MAIL_IN_SUBJECT | MAIL_IN_WORDS)

/* One pattern over a message; the message lives in `a`. */
static Td__Message *
match(const char *regex, const char *subject, const char *text, struct arena *a)
{
    struct mail_patterns *p = mail_patterns_new(1);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    uint32_t offset;
    char message[256];

    m->subject = arena_strdup(a, subject);
    m->reply_text = arena_strdup(a, text);
    if (!mail_patterns_add(p, 0, regex, BOTH, &offset, message))
        fail_msg("%s: %s", regex, message);
    mail_patterns_match(p, m, a);
    mail_patterns_free(&p);
    assert_null(p);
    return m;
}

static char *
filled(const char *start, char c, size_t n, const char *end)
{
    struct buf b = { 0 };
    char block[4096];

    memset(block, c, sizeof block);
    buf_puts(&b, start);
    for (; n > 0; n -= n < sizeof block ? n : sizeof block)
        buf_add(&b, block, n < sizeof block ? n : sizeof block);
    buf_puts(&b, end);
    return b.data;
}

static void
hits(void **state)
{
    static const struct { const char *label, *regex, *subject, *text; int where; const char *words; } rows[] = {
        { "subject", "system (is )?down", "The System is DOWN!", "", IN_SUBJECT, "System is DOWN" },
        { "text", "system (is )?down", "Hello", "our system down since nine", IN_TEXT, "system down" },
        { "none", "system (is )?down", "Hello", "all is well", 0, NULL },
        { "absent texts", "x", NULL, NULL, 0, NULL },
        { "caseless beyond ASCII", "störung", "STÖRUNG", NULL, IN_SUBJECT, "STÖRUNG" },
        { "word boundary beyond ASCII", "\\bök\\b", "brök öks", "ök", IN_TEXT, "ök" },
        { "class beyond ASCII", "^\\w+$", "Größe", NULL, IN_SUBJECT, "Größe" },
        { "line ends and blanks fold", "cannot\\s+work", NULL, "we cannot\n \t work", IN_TEXT, "cannot work" },
        { "control characters fold", "a.b", NULL, "xa\x1b" "bx", IN_TEXT, "a b" },
        { "nothing there", "^(?!.*urgent)", "quiet", NULL, IN_SUBJECT, "" },
        { "a callout in it", "a(?C1)b", "ab", NULL, IN_SUBJECT, "ab" },
        { "long literal prefix", "ab{2,5}c", "abbbbc", NULL, IN_SUBJECT, "abbbbc" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(0);
        Td__Message *m;

        print_message("%s\n", rows[i].label);
        m = match(rows[i].regex, rows[i].subject, rows[i].text, a);
        assert_int_equal(m->n_warnings, 0);
        assert_int_equal(m->n_hits, rows[i].words != NULL);
        if (rows[i].words != NULL) {
            assert_int_equal(m->hits[0]->pattern, 0);
            assert_int_equal(m->hits[0]->where, rows[i].where);
            assert_string_equal(m->hits[0]->words, rows[i].words);
        }
        arena_free(&a);
    }
}

static void
both_places_in_order(void **state)
{
    struct arena *a = arena_new(0);
    Td__Message *m = match("down", "down", "down", a);

    (void)state;
    assert_int_equal(m->n_hits, 2);
    assert_int_equal(m->hits[0]->where, IN_SUBJECT);
    assert_int_equal(m->hits[1]->where, IN_TEXT);
    arena_free(&a);
}

static void
words_are_clipped_on_a_character(void **state)
{
    struct arena *a = arena_new(0);
    struct buf text = { 0 };
    Td__Message *m;

    (void)state;
    buf_putc(&text, 'x');
    for (size_t i = 0; i < 300; i++)
        buf_puts(&text, "日");
    m = match("x.*", NULL, text.data, a);
    assert_int_equal(m->n_hits, 1);
    assert_int_equal(strlen(m->hits[0]->words), 199);
    assert_true(utf8_valid(m->hits[0]->words, 199));
    buf_free(&text);
    arena_free(&a);
}

static void
errors_name_the_place(void **state)
{
    static const struct { const char *label, *regex; uint32_t offset; const char *message; } rows[] = {
        { "open bracket", "ab(c", 4, "parenthesis" },
        { "star first", "*a", 0, "quantifier" },
        { "single bytes", "a\\Cb", 3, "\\C" },
        { "broken UTF-8", "a\xff", 1, "UTF-8" },
        { "unknown class", "[[:x:]]", 3, "class" },
        { "end before start", "(?=ab\\K)", 8, "\\K" },
    };
    struct mail_patterns *p = mail_patterns_new(countof(rows) + 1);
    struct arena *a = arena_new(0);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    uint32_t offset;
    char message[256];

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        print_message("%s\n", rows[i].label);
        offset = 99;
        assert_false(mail_patterns_add(p, i, rows[i].regex, BOTH, &offset, message));
        assert_int_equal(offset, rows[i].offset);
        assert_non_null(strstr(message, rows[i].message));
    }
    assert_true(mail_patterns_add(p, countof(rows), "fine", BOTH, &offset, message));
    m->subject = arena_strdup(a, "fine");
    mail_patterns_match(p, m, a);
    assert_int_equal(m->n_hits, 1);
    assert_int_equal(m->hits[0]->pattern, countof(rows));
    mail_patterns_free(&p);
    arena_free(&a);
}

/* A careless pattern on a made-up text: a warning that names it, a hit that says so and is none, and soon. Where a word that the
 * pattern needs is not there it is not even tried. */
static void
no_text_makes_a_pattern_run_for_long(void **state)
{
    static const struct { const char *label, *regex, *start; char fill; const char *end; bool tried; } rows[] = {
        { "nested quantifiers", "(a+)+$", "", 'a', "!", true },
        { "nested stars", "^(([a-z])+.)+[A-Z]([a-z])+$", "", 'a', "", true },
        { "blanks, then not the word", "\\s*(?#)down", "", ' ', "xn", true },
        { "blanks, and the word is not there", "\\s*down", "", ' ', "xn", false },
        { "blanks, and the word is elsewhere", "\\s*x down$", "x down ", ' ', "xn", true },
        { "possessive class at every place", "\\w+ (?#)down", "", 'a', " n", true },
        { "two dots", "(?s).*x.*y.*z", "", 'x', "z", true },
        { "lazy", "a.*?b", "", 'a', "\nb", true },
        { "recursion", "(\\((?:[^()]|(?1))*\\))x", "", '(', "x", true },
        { "back reference", "(a+)+\\1b", "", 'a', "\nb", true },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(0);
        char *text = filled(rows[i].start, rows[i].fill, 200 << 10, rows[i].end);
        clock_t before = clock();
        Td__Message *m = match(rows[i].regex, NULL, text, a);
        double s = (double)(clock() - before) / CLOCKS_PER_SEC;

        print_message("%s: %.3f s, %s\n", rows[i].label, s, m->n_warnings > 0 ? m->warnings[0] : "-");
        assert_int_equal(m->n_hits, rows[i].tried);
        assert_int_equal(m->n_warnings, rows[i].tried);
        if (rows[i].tried) {
            assert_true(m->hits[0]->has_over_budget && m->hits[0]->over_budget);
            assert_string_equal(m->hits[0]->words, "");
            assert_non_null(strstr(m->warnings[0], "pattern 0 was given up in the text: over its limit"));
        }
        assert_true(s < 5.0);           /* uncounted, these take minutes */
        free(text);
        arena_free(&a);
    }
}

/* The first group that took part. */
static void
values(void **state)
{
    static const struct { const char *label, *regex, *text, *words, *value; } rows[] = {
        { "no group", "SO\\d+", "order SO1234 is late", "SO1234", NULL },
        { "a group", "order (SO\\d+)", "Order SO1234 is late", "Order SO1234", "SO1234" },
        { "the second of two", "(?:order (SO\\d+)|invoice (INV\\d+))", "invoice INV7", "invoice INV7", "INV7" },
        { "both", "(\\d+) of (\\d+)", "3 of 5", "3 of 5", "3" },
        { "a group that did not take part", "x(y)?", "x", "x", NULL },
        { "an empty group", "x(y*)", "x", "x", NULL },
        { "an empty group, then one", "x(y*)(z)", "xz", "xz", "z" },
        { "blanks fold", "app:([\\s\\w]+)", "app: web\n shop", "app: web shop", "web shop" },
        { "more groups than are looked at", "(a)?(a)?(a)?(a)?(a)?(a)?(a)?(a)?(a)?(a)?(a)?(z)", "z", "z", NULL },
        { "a named one", "app (?<app>\\w+)", "app webshop", "app webshop", "webshop" },
        { "look-behind", "(?<=app )(\\w+)", "app webshop", "webshop", "webshop" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(0);
        Td__Message *m = match(rows[i].regex, NULL, rows[i].text, a);

        print_message("%s\n", rows[i].label);
        assert_int_equal(m->n_hits, 1);
        assert_string_equal(m->hits[0]->words, rows[i].words);
        if (rows[i].value == NULL)
            assert_true(m->hits[0]->value == NULL || m->hits[0]->value[0] == '\0');
        else
            assert_string_equal(m->hits[0]->value, rows[i].value);
        arena_free(&a);
    }
}

static void
attach(Td__Message *m, const char *name, const char *type, struct arena *a)
{
    Td__Attachment *f = schema_new(a, &td__attachment__descriptor);

    f->name = arena_strdup(a, name);
    f->type = arena_strdup(a, type);
    arena_push(a, &m->attachments, &m->n_attachments, f);
}

/* Each pattern only where it is to look; of the attachments the first that matches. */
static void
places(void **state)
{
    static const struct { const char *regex; unsigned in; size_t hits; const char *words; } rows[] = {
        { "word", MAIL_IN_SUBJECT, 1, "word" }, { "word", MAIL_IN_WORDS, 1, "Word" }, { "word", BOTH, 2, "word" },
        { "\\.(bak|sql)\\b", MAIL_IN_ATTACHMENTS, 1, ".bak" }, { "application/zip", MAIL_IN_ATTACHMENTS, 1, "application/zip" },
        { "^\\(image/png\\)$", MAIL_IN_ATTACHMENTS, 1, "(image/png)" }, { "^(.*) \\(text/plain\\)$", MAIL_IN_ATTACHMENTS, 1, "word one.txt (text/plain)" },
        { "word|zip", BOTH | MAIL_IN_ATTACHMENTS, 3, "word" }, { "nothing", BOTH | MAIL_IN_ATTACHMENTS, 0, NULL },
    };
    struct mail_patterns *p = mail_patterns_new(countof(rows));
    struct arena *a = arena_new(0);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    size_t at = 0;
    uint32_t offset;
    char message[256];

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        assert_true(mail_patterns_add(p, i, rows[i].regex, rows[i].in, &offset, message));
    m->subject = arena_strdup(a, "a word");
    m->reply_text = arena_strdup(a, "Words");
    attach(m, "old.BAK.zip", "application/zip", a);
    attach(m, NULL, "image/png", a);
    attach(m, "word one.txt", "text/plain", a);
    attach(m, "two.txt", "text/plain", a);
    m->attachments[0]->name = arena_strdup(a, "old.bak.zip");
    mail_patterns_match(p, m, a);
    for (size_t i = 0; i < countof(rows); i++) {
        size_t n = 0;
        for (size_t k = 0; k < m->n_hits; k++)
            n += m->hits[k]->pattern == i;
        print_message("%s\n", rows[i].regex);
        assert_int_equal(n, rows[i].hits);
        if (n > 0)
            assert_string_equal(m->hits[at]->words, rows[i].words);
        for (size_t k = 0; k < n; k++, at++) {
            bool attached = m->hits[at]->has_attachment && m->hits[at]->attachment;
            assert_int_equal(m->hits[at]->pattern, i);
            assert_true(attached ? rows[i].in & MAIL_IN_ATTACHMENTS : rows[i].in & (m->hits[at]->where == IN_SUBJECT ? MAIL_IN_SUBJECT : MAIL_IN_WORDS));
        }
    }
    assert_int_equal(at, m->n_hits);
    mail_patterns_free(&p);
    arena_free(&a);
}

static void
an_honest_pattern_reads_it_all(void **state)
{
    struct arena *a = arena_new(0);
    char *text = filled("foo ", ' ', (256 << 10) - 20, "x bar");
    Td__Message *m = match("(?s)foo.*bar", NULL, text, a);

    (void)state;
    assert_int_equal(m->n_warnings, 0);
    assert_int_equal(m->n_hits, 1);
    assert_string_equal(m->hits[0]->words, "foo x bar");
    free(text);
    arena_free(&a);
}

static void
the_mail_has_a_budget_too(void **state)
{
    enum { N = 300 };
    struct mail_patterns *p = mail_patterns_new(N);
    struct arena *a = arena_new(0);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    struct buf text = { 0 };
    char message[256];
    uint32_t offset;

    (void)state;
    for (size_t i = 0; i < N; i++)
        assert_true(mail_patterns_add(p, i, i % 2 ? "\\w+ down" : "\\w+ (?#)down", BOTH, &offset, message));
    while (text.len < 200 << 10)        /* each pattern alone goes over this without trouble */
        buf_puts(&text, "ab ");
    buf_puts(&text, "n");
    buf_puts(&text, " go down x");      /* the word is there, at the very end */
    m->reply_text = text.data;
    mail_patterns_match(p, m, a);
    assert_int_equal(m->n_warnings, 2);         /* the one that used it up, and what was left out */
    assert_true(m->n_hits > 100);       /* those are named */
    assert_true(m->hits[m->n_hits - 1]->over_budget);
    assert_non_null(strstr(m->warnings[0], "over its limit"));
    assert_null(strstr(m->warnings[0], "pattern 0 "));
    assert_non_null(strstr(m->warnings[1], "not matched"));
    /* The budgets are new for each mail. */
    m = schema_new(a, &td__message__descriptor);
    m->subject = arena_strdup(a, "go down");
    mail_patterns_match(p, m, a);
    assert_int_equal(m->n_warnings, 0);
    assert_int_equal(m->n_hits, N);
    mail_patterns_free(&p);
    buf_free(&text);
    arena_free(&a);
}

static void
text_is_cut(void **state)
{
    struct arena *a = arena_new(0);
    char *text = filled("", 'x', 300 << 10, " down");
    Td__Message *m = match("down", NULL, text, a);

    (void)state;
    assert_int_equal(m->n_hits, 0);
    free(text);
    text = filled("", 'x', (256 << 10) - 5, " down");
    m = match("down", NULL, text, a);
    assert_int_equal(m->n_hits, 1);
    free(text);
    arena_free(&a);
}

static void
broken_text_is_not_matched(void **state)
{
    struct arena *a = arena_new(0);
    Td__Message *m = match("down", "down \xff", "down \xc3", a);

    (void)state;
    assert_int_equal(m->n_hits, 0);
    arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits), cmocka_unit_test(both_places_in_order), cmocka_unit_test(words_are_clipped_on_a_character),
        cmocka_unit_test(errors_name_the_place), cmocka_unit_test(no_text_makes_a_pattern_run_for_long),
        cmocka_unit_test(an_honest_pattern_reads_it_all), cmocka_unit_test(the_mail_has_a_budget_too), cmocka_unit_test(text_is_cut),
        cmocka_unit_test(broken_text_is_not_matched), cmocka_unit_test(values), cmocka_unit_test(places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
