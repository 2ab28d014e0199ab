/* SPDX-License-Identifier: ISC
 *
 * Commands out of the new words of a mail: rows of what people and their mail programs write, and what is read from it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/desk/command.h"

/* "take()|time(15m)|?clsoe()": what was found, then the words below. */
static const char *
shown(struct arena *a, const char *text, const struct commands *c)
{
    const char *s = "";
    (void)text;
    for (size_t i = 0; i < c->n; i++)
        s = arena_printf(a, "%s%s%s%s(%s)", s, i ? "|" : "", c->v[i].row ? "" : "?", c->v[i].row ? c->v[i].row->word : c->v[i].word, c->v[i].args);
    return s;
}

static void
test_parse(void **state)
{
    (void)state;
    static const struct { const char *label, *text, *want, *words; } rows[] = {
        { "one", "#take", "take()", "" },
        { "capitals and a full stop", "#Take.", "take()", "" },
        { "a blank behind the mark", "# take\nHello", "take()", "Hello" },
        { "a no-break space behind the mark and before it", "\xc2\xa0#\xc2\xa0take\xc2\xa0", "take()", "" },
        { "full-width mark", "\xef\xbc\x83take", "take()", "" },
        { "zero width space in it", "#ta\xe2\x80\x8bke", "take()", "" },
        { "byte order mark before it", "\xef\xbb\xbf#take", "take()", "" },
        { "several lines, blank ones between", "\n#take\n\n#queue second\n\nDear Ann,\n#x", "take()|queue(second)", "Dear Ann,\n#x" },
        { "several on one line", "#take #priority high #tag vat", "take()|priority(high)|tag(vat)", "" },
        { "prose up to the next known word", "#resolve It was the # key. #time 1h fixed #close", "resolve(It was the # key.)|time(1h fixed)|close()", "" },
        { "a note takes its whole line", "#note see #close in the log #take", "note(see #close in the log #take)", "" },
        { "a dash of a word processor in a word", "#ask\xe2\x80\x93" "approval Fine?", "ask-approval(Fine?)", "" },
        { "an em dash between", "#wait \xe2\x80\x94 for the log", "wait(\xe2\x80\x94 for the log)", "" },
        { "two words", "#ask approval Fine?", "ask-approval(Fine?)", "" },
        { "joined", "#askapproval Fine?", "ask-approval(Fine?)", "" },
        { "underscore", "#ask_approval Fine?", "ask-approval(Fine?)", "" },
        { "a colon", "#priority: high", "priority(high)", "" },
        { "no-break spaces between arguments", "#set\xc2\xa0" "app\xc2\xa0sales", "set(app\xc2\xa0sales)", "" },
        { "folded in arguments that are no prose", "#priority\xc2\xa0very\xe2\x80\x91high", "priority(very-high)", "" },
        { "unknown", "#clsoe\nBye", "?clsoe()", "Bye" },
        { "unknown behind known", "#take #clsoe", "take()|?clsoe()", "" },
        { "a number is no command", "#1 problem: the ledger", "", "#1 problem: the ledger" },
        { "a heading is no command", "# Summary of the call", "", "# Summary of the call" },
        { "two marks", "## take", "", "## take" },
        { "words before it", "Hello\n#take", "", "Hello\n#take" },
        { "quoted", "> #take", "", "> #take" },
        { "only a mark", "#\n#take", "", "#\n#take" },
        { "nothing", "", "", "" },
        { "Swedish letters", "#\xc3\xa5tg\xc3\xa4rda", "?\xc3\xa5tg\xc3\xa4rda()", "" },
        { "CRLF", "#take\r\n#time 5m\r\n\r\nHi\r\n", "take()|time(5m)", "Hi" },
        { "tabs", "\t#time\t5m", "time(5m)", "" },
        { "smart quotes round a name", "#queue \xe2\x80\x9c" "second\xe2\x80\x9d", "queue(second)", "" },
        { "single ones", "#assign \xe2\x80\x98liz\xe2\x80\x99", "assign(liz)", "" },
        { "French ones, with blanks", "#queue \xc2\xab\xc2\xa0second\xc2\xa0\xc2\xbb", "queue(second)", "" },
        { "German ones", "#queue \xe2\x80\x9esecond\xe2\x80\x9c", "queue(second)", "" },
        { "a full stop behind a name", "#priority high.", "priority(high)", "" },
        { "quotes in words stay", "#note He said \xe2\x80\x9cno\xe2\x80\x9d.", "note(He said \xe2\x80\x9cno\xe2\x80\x9d.)", "" },
        { "an apostrophe in a name stays", "#assign o'brien", "assign(o'brien)", "" },
        { "a key cap", "#\xef\xb8\x8f\xe2\x83\xa3take", "take()", "" },
        { "bold in a text part", "*#take*", "take()", "" },
        { "bold with an argument", "*#queue second*", "queue(second)", "" },
        { "items of a list", "- #take\n\xe2\x80\xa2 #queue second\n* #close", "take()|queue(second)|close()", "" },
        { "a list that is no list of commands", "- #1 first\n- #2 second", "", "- #1 first\n- #2 second" },
        { "an unknown word in a list is words", "- #todo", "", "- #todo" },
        { "a rule of dashes", "---\n#take", "", "---\n#take" },
        { "merge with a long dash", "#merge CAS\xe2\x80\x93" "00002\xe2\x80\x93" "ABCD", "merge(CAS-00002-ABCD)", "" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(0);
        struct commands c;
        commands_parse(rows[i].text, a, &c);
        const char *got = shown(a, rows[i].text, &c);
        if (strcmp(got, rows[i].want) != 0 || strcmp(c.words, rows[i].words) != 0)
            fail_msg("%s: %s and \"%s\", expected %s and \"%s\"", rows[i].label, got, c.words, rows[i].want, rows[i].words);
        arena_free(&a);
    }
}

static void
test_many_and_late(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct buf b = { 0 };
    struct commands c;
    for (int i = 0; i < 5000; i++)
        buf_puts(&b, "#take #take ");
    commands_parse(b.data, a, &c);
    assert_int_equal(c.n, COMMANDS_MAX);
    buf_free(&b);
    static const struct { const char *text; const char *late; } rows[] = {
        { "Done.\n#close\n", "#close" }, { "Done.\n  #Close now\n", "#Close now" }, { "Done.\n# close\n", NULL }, { "Done.\n#include <x.h>\n", NULL },
        { "#take\nDone, see #close\n", NULL }, { "#take\nDone\n\n#resolve\n", "#resolve" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        commands_parse(rows[i].text, a, &c);
        if (rows[i].late == NULL)
            assert_null(c.late);
        else
            assert_string_equal(c.late, rows[i].late);
    }
    arena_free(&a);
}

static void
test_near(void **state)
{
    (void)state;
    static const struct { const char *word, *want; } rows[] = {
        { "clsoe", "close" }, { "tkae", "take" }, { "asign", "assign" }, { "prio", "priority" }, { "RESOLVED", "resolve" }, { "esclate", "escalate" },
        { "notes", "note" }, { "frobnicate", NULL }, { "x", NULL }, { "waiting", "wait" }, { "aprove", NULL },
        { "st\xc3\xa4ng", "close" }, { "ST\xc3\x84NG", "close" }, { "L\xc3\xb8st", "resolve" }, { "luk", "close" }, { "p\xc3\xa5minn", "remind" }, { "hj\xc3\xa6lp", "help" },
        { "status", "state" }, { "done", "resolve" }, { "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", NULL },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        const struct command_row *row = command_near(rows[i].word);
        if (rows[i].want == NULL ? row != NULL : row == NULL || strcmp(row->word, rows[i].want) != 0)
            fail_msg("%s: %s", rows[i].word, row ? row->word : "nothing");
    }
}

static void
test_address(void **state)
{
    (void)state;
    static const struct { const char *args, *want; } rows[] = {
        { "ann@x.example", "ann@x.example" }, { "<Ann@X.Example>", "Ann@x.example" }, { "Ann Ash <ann@x.example>", "ann@x.example" }, { "ann@x.example.", "ann@x.example" },
        { "mailto:ann@x.example", "ann@x.example" }, { "ann@x.example<mailto:ann@x.example>", "ann@x.example" }, { "\"Ann\" (ann@x.example)", "ann@x.example" },
        { "", NULL }, { "ann", NULL }, { "@", NULL }, { "ann@", NULL }, { "a@b@", NULL },
    };
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < countof(rows); i++) {
        const char *got = command_address(a, rows[i].args);
        if ((got == NULL) != (rows[i].want == NULL) || (got != NULL && strcmp(got, rows[i].want) != 0))
            fail_msg("%s: %s", rows[i].args, got ? got : "nothing");
    }
    arena_free(&a);
}

static void
test_closing(void **state)
{
    (void)state;
    static const struct { const char *text; bool only; } rows[] = {
        { "", true }, { "Best regards,\nLiz", true }, { "Kind regards\n\nLiz Lane\nConsultant\nDynamics Ltd\n+44 20 1234", true }, { "Liz", true }, { "/Liz", true }, { "/ll", true },
        { "-Liz", true }, { "Mvh\nLiz", true }, { "Mvh Liz", true }, { "MVH/Liz", true }, { "Med v\xc3\xa4nlig h\xc3\xa4lsning\nLiz Lane", true },
        { "MED V\xc3\x84NLIG H\xc3\x84LSNING\nLiz", true }, { "Venlig hilsen\nLiz", true }, { "Med venlig hilsen / Best regards\nLiz", false }, { "Mit freundlichen Gr\xc3\xbc\xc3\x9f" "en\nLiz", true },
        { "Thanks", true }, { "Thanks!\nLiz", true }, { "Cordialement,\nLiz", true }, { "Hi Ann,\n\nBest regards\nLiz", true }, { "Hej!\n\nMvh\nLiz", true },
        { "Thanks for the log, I will look", false }, { "Yes", false }, { "Best regards from the beach, the fix is out", false }, { "It is done.\n\nBest regards\nLiz", false },
        { "Regards\nLiz\nPS: is it urgent?", false }, { "Hello", true }, { "Hi, it works", false }, { "Lizzy has it", false },
        { "Regards\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13", false },
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (closing_only(rows[i].text, "Liz Lane", "liz@dynamics.example") != rows[i].only)
            fail_msg("\"%s\": %s", rows[i].text, rows[i].only ? "taken for words" : "taken for a closing");
}

static void
test_no_address_of_staff_leaves(void **state)
{
    (void)state;
    const char *staff[] = { "liz@dynamics.example", "mark@dynamics.example" }, *desk[] = { "support@dynamics.example" };
    struct conf_desk conf = { .name = "support", .staff = { staff, 2 }, .addresses = { desk, 1 } };
    struct arena *a = arena_new(0);
    struct turn t = { .conf = &conf, .a = a };
    static const struct { const char *text, *want; } rows[] = {
        { "Hello\nliz@dynamics.example\nBye", "Hello\nBye" },
        { "E-mail: LIZ@Dynamics.example", "" },
        { "E-post: <mailto:liz@dynamics.example>", "" },
        { "liz@dynamics.example<mailto:liz@dynamics.example>", "" },
        { "Write to mark@dynamics.example, please.", "Write to support@dynamics.example, please." },
        { "Write to mark@dynamics.example.", "Write to support@dynamics.example." },
        { "(liz@dynamics.example)", "" },
        { "Tel 1 | liz@dynamics.example | www.dynamics.example", "Tel 1 | support@dynamics.example | www.dynamics.example" },
        { "support+aeaaaaaaafukl75ckg5loyskmoef2xom@dynamics.example said", "support@dynamics.example said" },
        { "see support@dynamics.example", "see support@dynamics.example" },
        { "eliz@dynamics.example and liz@dynamics.example.org are others", "eliz@dynamics.example and liz@dynamics.example.org are others" },
        { "https://x.example/?u=liz@dynamics.example&x=1", "https://x.example/?u=support@dynamics.example&x=1" },
        { "\xe2\x80\x9cliz@dynamics.example\xe2\x80\x9d", "\xe2\x80\x9csupport@dynamics.example\xe2\x80\x9d" },
        { "'liz@dynamics.example' and *liz@dynamics.example*", "'support@dynamics.example' and *support@dynamics.example*" },
        { "mailto:liz@dynamics.example?subject=x", "mailto:support@dynamics.example?subject=x" },
        { "  indented\n\n\tcode(a@b.example)\n", "  indented\n\n\tcode(a@b.example)" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        const char *got = words_for_customer(&t, rows[i].text);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("\"%s\": \"%s\", expected \"%s\"", rows[i].text, got, rows[i].want);
    }
    arena_free(&a);
}

/* The word of every row finds it. */
static void
test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_rows_n; i++) {
        const struct command_row *row = &command_rows[i];
        assert_ptr_equal(command_find(row->word, strlen(row->word)), row);
        assert_non_null(row->run);
        assert_int_equal(strncmp(row->help, "help.", 5), 0);
        assert_string_equal(row->help + 5, row->word);
    }
}

/* ---- the manual */

static void
reference_make(struct buf *out)
{
    struct buf errors = { 0 };
    struct words *english = words_read("contrib/templates", NULL, "en", true, &errors);
    if (errors.len > 0)
        fail_msg("%s", errors.data);
    commands_manual(english, out);
    words_free(&english);
    buf_free(&errors);
}

#define MANUAL "man/ticketd-mail.7"

static char *
reference_find(struct buf *manual, char **end)
{
    assert_int_equal(file_read(MANUAL, 1 << 20, manual), 0);
    char *begin = strstr(manual->data, ".\\\" REFERENCE BEGIN");
    *end = strstr(manual->data, ".\\\" REFERENCE END");
    assert_true(begin != NULL && *end != NULL);
    return strchr(begin, '\n') + 1;
}

static void
test_manual(void **state)
{
    struct buf want = { 0 }, manual = { 0 };
    char *end, *begin = reference_find(&manual, &end);
    (void)state;
    reference_make(&want);
    *end = '\0';
    if (strcmp(begin, want.data) != 0)
        print_error("%s is older than src/desk/command_table.c and help.* in contrib/templates/en/words.txt: run this test with the argument \"write\"\n", MANUAL);
    assert_string_equal(begin, want.data);
    buf_free(&want);
    buf_free(&manual);
}

static int
manual_write(void)
{
    struct buf reference = { 0 }, manual = { 0 };
    char *end, *begin = reference_find(&manual, &end);
    FILE *f = fopen(MANUAL, "w");
    if (f == NULL)
        return 1;
    reference_make(&reference);
    fwrite(manual.data, 1, (size_t)(begin - manual.data), f);
    fwrite(reference.data, 1, reference.len, f);
    fputs(end, f);
    buf_free(&reference);
    buf_free(&manual);
    return fclose(f) != 0;
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "write") == 0)
        return manual_write();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_many_and_late), cmocka_unit_test(test_near), cmocka_unit_test(test_address),
        cmocka_unit_test(test_closing), cmocka_unit_test(test_no_address_of_staff_leaves), cmocka_unit_test(test_table), cmocka_unit_test(test_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
