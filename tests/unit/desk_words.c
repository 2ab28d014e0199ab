/* SPDX-License-Identifier: ISC
 *
 * Words from files: what is refused at load and with which line, what a folder of the operator's changes, and dates, spans,
 * targets and a customer's few words in each language.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/desk/desk_room.h"
#include "../../src/desk/words.h"

#define SHIPPED "contrib/templates"

/* A folder DIR/LANGUAGE/words.txt with this text. */
struct place { char dir[40], folder[60], path[80]; };

static void
place_make(struct place *p, const char *language, const char *text)
{
    strcpy(p->dir, "/tmp/ticketd-words-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->folder, sizeof p->folder, "%s/%s", p->dir, language);
    snprintf(p->path, sizeof p->path, "%s/words.txt", p->folder);
    assert_int_equal(mkdir(p->folder, 0700), 0);
    FILE *f = fopen(p->path, "w");
    fputs(text, f);
    fclose(f);
}

static void
place_remove(struct place *p)
{
    unlink(p->path);
    rmdir(p->folder);
    rmdir(p->dir);
}

static void
mistakes(void **state)
{
    (void)state;
    static const struct { const char *label, *text, *said; } rows[] = {
        { "no key", "# x\n\nhello\n", "words.txt:3: \"KEY = VALUE\" expected" },
        { "nothing before =", " = x\n", "words.txt:1: \"KEY = VALUE\" expected" },
        { "unknown key", "state.new = x\nstate.nwe = x\n", "words.txt:2: unknown key \"state.nwe\"" },
        { "no value", "state.new =  \n", "words.txt:1: no value for \"state.new\"" },
        { "six days", "days = a, b, c, d, e, f\n", "words.txt:1: days: 7 words with commas between expected, there are 6" },
        { "eight days", "days = a, b, c, d, e, f, g, h\n", "there are 8" },
        { "one form", "span.hour = hour\n", "words.txt:1: span.hour: 2 words" },
        { "date without minute", "date = {weekday} {day} {month} {hour}\n", "words.txt:1: date: each of these once expected in braces: weekday day month hour minute" },
        { "date with a year too many", "date = {weekday} {day} {month} {year} {hour}:{minute}\n", "words.txt:1: date: in braces only these expected" },
        { "date with two days", "date = {weekday} {day} {day} {month} {hour}:{minute}\n", "each of these once" },
        { "braces where none are", "state.new = {1}\n", "words.txt:1: state.new: no braces expected" },
        { "a third where two are", "say.clock-customer = {1} {2} {3}\n", "words.txt:1: say.clock-customer: no other braces than" },
        { "one three times", "say.clock-customer = {1} {1} {1}\n", "each at most twice" },
        { "not what it is about", "say.clock-customer = by {2}\n", "words.txt:1: say.clock-customer: {1} is missing" },
        { "an answer without its command", "wrong.needs = more: {2}\n", "words.txt:1: wrong.needs: {1} is missing" },
        { "help of no command", "help.taek = x\n", "words.txt:1: unknown key \"help.taek\"" },
        { "an answer that there is not", "said.takne = x\n", "words.txt:1: unknown key \"said.takne\"" },
        { "open brace", "zone = time {1} of {1\n", "words.txt:1: zone: no other braces" },
        { "an empty list", "answer.ok = , ,\n", "words.txt:1: answer.ok: at least one expected" },
        { "control character", "state.new = a\x01" "b\n", "words.txt:1: state.new: no control characters" },
        { "not UTF-8", "state.new = \xff\n", "words.txt:1: not UTF-8" },
        { "a zone without name", "zone. = x\n", "words.txt:1: unknown key \"zone.\"" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct place p;
        struct buf errors = { 0 };
        place_make(&p, "sv", rows[i].text);
        struct words *w = words_read(p.dir, SHIPPED, "sv", true, &errors);
        if (errors.len == 0 || strstr(errors.data, rows[i].said) == NULL || strncmp(errors.data, p.path, strlen(p.path)) != 0)
            fail_msg("%s: %s", rows[i].label, errors.data ? errors.data : "no error");
        words_free(&w);
        place_remove(&p);
        buf_free(&errors);
    }
}

static void
folders(void **state)
{
    (void)state;
    struct place p;
    struct buf errors = { 0 };
    place_make(&p, "sv", "# only this\nstate.waiting = Vilar hos dig\r\n  zone.Europe/Stockholm =   tid i Kiruna\t\n");
    struct words *w = words_read(p.dir, SHIPPED, "sv", true, &errors);
    if (errors.len > 0)
        fail_msg("%s", errors.data);
    assert_string_equal(words_get(w, "state.waiting"), "Vilar hos dig");
    assert_string_equal(words_get(w, "zone.Europe/Stockholm"), "tid i Kiruna");
    assert_string_equal(words_get(w, "state.closed"), "Stängt");
    words_free(&w);
    w = words_read(p.dir, NULL, "sv", true, &errors);   /* nothing shipped below it: all must be there */
    assert_non_null(strstr(errors.data, "words.txt:1: the key \"days\" is missing\n"));
    words_free(&w);
    buf_clear(&errors);
    w = words_read(p.dir, SHIPPED, "da", false, &errors);
    assert_string_equal(words_part(w, "days", 6), "søndag");
    assert_null(words_part(w, "days", 7));
    words_free(&w);
    assert_null(words_read(p.dir, SHIPPED, "fi", false, &errors));
    assert_int_equal(errors.len, 0);
    w = words_read(p.dir, SHIPPED, "fi", true, &errors);
    assert_non_null(strstr(errors.data, "/fi/words.txt:1: "));
    words_free(&w);
    place_remove(&p);
    buf_free(&errors);
}

/* ---- a desk of three languages */

static const char config[] =
    "state-directory = \"/nonexistent\"\n"
    "calendar \"office\" { zone = \"Europe/Stockholm\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
    "calendar \"london\" { zone = \"Europe/London\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
    "calendar \"york\" { zone = \"America/New_York\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
    "relay \"box\" { transport = \"maildir\" path = \"/nonexistent/out\" }\n"
    "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"office\" templates = \"%s\"\n"
    "  language = { \"en\", \"sv\", \"da\" }\n"
    "  customer \"uk\" { address = { \"uk.example\" } calendar = \"london\" language = \"en\" }\n"
    "  customer \"dk\" { address = { \"dk.example\" } language = \"da\" }\n"
    "  person \"eva@example.com\" { language = \"sv\" calendar = \"york\" }\n"
    "  state \"waiting\" { label = \"FEEDBACK\" meaning = \"Please test.\" }\n"
    "  priority \"normal\" { default = true } }\n";

struct world { struct conf *conf; struct desk *desk; struct turn t; struct arena *a; };

static void
world_make(struct world *w)
{
    static const uint8_t key[DESK_KEY_BYTES] = { 1 };
    static struct desk_event event = { .kind = DESK_EVENT_TIMER };
    char path[] = "/tmp/ticketd-words-XXXXXX", *templates = realpath(SHIPPED, NULL);
    struct buf errors = { 0 };
    int fd = mkstemp(path);
    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, config, templates);
    close(fd);
    *w = (struct world){ .conf = conf_load(path, false, &errors) };
    unlink(path);
    free(templates);
    if (w->conf == NULL || (w->desk = desk_new(w->conf, key, &errors)) == NULL)
        fail_msg("%s", errors.data);
    w->a = arena_new(0);
    w->t = (struct turn){ .d = w->desk, .conf = &w->conf->desks[0], .line = &w->desk->lines[0], .a = w->a, .e = &event };
    assert_true(time_parse("2026-02-20T08:00:00Z", &w->t.now));
    buf_free(&errors);
}

static void
world_free(struct world *w)
{
    arena_free(&w->a);
    desk_free(&w->desk);
    conf_free(&w->conf);
}

static struct reader
reads(struct world *w, const char *language)
{
    struct reader desk = reader_staff(&w->t, "nobody@example.com");
    return reader_in(&w->t, &desk, language);
}

static void
dates(void **state)
{
    (void)state;
    static const struct { const char *language, *at, *date, *day; } rows[] = {
        { "en", "2026-03-03T09:00:00Z", "Tuesday 3 March, 10:00", "Tuesday 3 March" },
        { "sv", "2026-03-03T09:00:00Z", "tisdag 3 mars kl. 10.00", "tisdag 3 mars" },
        { "da", "2026-03-03T09:00:00Z", "tirsdag den 3. marts kl. 10.00", "tirsdag den 3. marts" },
        { "en", "2027-01-01T00:00:00Z", "Friday 1 January 2027, 01:00", "Friday 1 January 2027" },
        { "sv", "2025-12-31T23:30:00Z", "torsdag 1 januari kl. 00.30", "torsdag 1 januari" },  /* here it is this year already */
        { "da", "2025-12-24T12:05:00Z", "onsdag den 24. december 2025 kl. 13.05", "onsdag den 24. december 2025" },
        { "sv", "2028-02-29T12:00:00Z", "tisdag 29 februari 2028 kl. 13.00", "tisdag 29 februari 2028" },
        { "sv", "2026-07-04T21:59:00Z", "lördag 4 juli kl. 23.59", "lördag 4 juli" },          /* summer time */
    };
    struct world w;
    world_make(&w);
    for (size_t i = 0; i < countof(rows); i++) {
        int64_t at;
        struct reader r = reads(&w, rows[i].language);
        assert_true(time_parse(rows[i].at, &at));
        if (strcmp(date_words(&w.t, &r, at), rows[i].date) != 0 || strcmp(day_words(&w.t, &r, at), rows[i].day) != 0)
            fail_msg("%s %s: [%s] [%s]", rows[i].language, rows[i].at, date_words(&w.t, &r, at), day_words(&w.t, &r, at));
    }
    world_free(&w);
}

static void
readers(void **state)
{
    (void)state;
    struct world w;
    world_make(&w);
    Td__Case *c = schema_new(w.a, &td__case__descriptor);
    struct reader r = reader_customer(&w.t, c);
    assert_string_equal(r.language, "en");              /* the desk's first */
    assert_string_equal(zone_words(&w.t, &r), "Swedish time");
    c->customer = (char *)"dk";
    r = reader_customer(&w.t, c);
    assert_string_equal(r.language, "da");              /* the customer's */
    assert_string_equal(zone_words(&w.t, &r), "svensk tid");
    c->customer = (char *)"uk", c->language = (char *)"sv";
    r = reader_customer(&w.t, c);
    assert_string_equal(r.language, "sv");              /* the case's goes before */
    assert_string_equal(zone_words(&w.t, &r), "brittisk tid");
    c->language = (char *)"fi";
    assert_string_equal(reader_customer(&w.t, c).language, "en");
    r = reader_staff(&w.t, "eva@example.com");
    assert_string_equal(r.language, "sv");
    assert_string_equal(zone_words(&w.t, &r), "tid i New York");
    r.zone = "America/Argentina/Buenos_Aires";
    assert_string_equal(zone_words(&w.t, &r), "tid i Buenos Aires");
    r = reader_staff(&w.t, "boss@uk.example");          /* a customer's contact */
    assert_string_equal(r.zone, "Europe/London");
    assert_string_equal(reader_customer(&w.t, NULL).language, "en");
    world_free(&w);
}

static void
spans(void **state)
{
    (void)state;
    static const struct { const char *language; int64_t seconds; const char *span, *open; } rows[] = {
        { "en", 59, NULL, NULL }, { "en", 60, "1 minute", "1 minute" }, { "en", 8100, "2 hours 15 minutes", "2 hours 15 minutes" },
        { "en", 90000, "1 day 1 hour", "25 hours" }, { "sv", 3600, "1 timme", "1 timme" }, { "sv", 7260, "2 timmar 1 minut", "2 timmar 1 minut" },
        { "da", 2 * 86400, "2 døgn", "48 timer" }, { "da", 3660, "1 time 1 minut", "1 time 1 minut" }, { "sv", 38000, "10 timmar 33 minuter", "10 timmar" },
    };
    static const struct { const char *target, *en, *sv, *da; } targets[] = {
        { "1h", "1 working hour", "1 arbetstimme", "1 arbejdstime" }, { "4h", "4 working hours", "4 arbetstimmar", "4 arbejdstimer" },
        { "1h30m", "1 hour 30 working minutes", "1 timme 30 arbetsminuter", "1 time 30 arbejdsminutter" }, { "15m", "15 working minutes", "15 arbetsminuter", "15 arbejdsminutter" },
        { "1wd", "1 working day", "1 arbetsdag", "1 hverdag" }, { "2wd", "2 working days", "2 arbetsdagar", "2 hverdage" },
        { "1mo", "1 month", "1 månad", "1 måned" }, { "1.5mo", "1½ months", "1½ månad", "1½ måned" }, { "2mo", "2 months", "2 månader", "2 måneder" },
        { "2.5mo", "2½ months", "2½ månader", "2½ måneder" }, { "0.5mo", "½ month", "½ månad", "½ måned" }, { "soon", "soon", "soon", "soon" },
    };
    struct world w;
    world_make(&w);
    for (size_t i = 0; i < countof(rows); i++) {
        struct reader r = reads(&w, rows[i].language);
        const char *span = span_words(&w.t, &r, rows[i].seconds), *open = open_words(&w.t, &r, rows[i].seconds);
        if ((span == NULL) != (rows[i].span == NULL) || (span && (strcmp(span, rows[i].span) != 0 || strcmp(open, rows[i].open) != 0)))
            fail_msg("%s %lld: [%s] [%s]", rows[i].language, (long long)rows[i].seconds, span, open);
    }
    for (size_t i = 0; i < countof(targets); i++) {
        const char *const want[] = { targets[i].en, targets[i].sv, targets[i].da }, *const languages[] = { "en", "sv", "da" };
        for (size_t l = 0; l < countof(want); l++) {
            struct reader r = reads(&w, languages[l]);
            if (strcmp(target_words(&w.t, &r, targets[i].target), want[l]) != 0)
                fail_msg("%s in %s: [%s]", targets[i].target, languages[l], target_words(&w.t, &r, targets[i].target));
        }
    }
    world_free(&w);
}

static void
states(void **state)
{
    (void)state;
    struct world w;
    world_make(&w);
    struct reader en = reads(&w, "en"), sv = reads(&w, "sv");
    Td__Case *c = schema_new(w.a, &td__case__descriptor);
    c->desk = (char *)"support", c->state = TD__STATE__WAITING;
    assert_string_equal(state_words(&w.t, &en, TD__STATE__WAITING), "FEEDBACK");
    assert_string_equal(meaning_words(&w.t, &en, TD__STATE__WAITING), "Please test.");
    assert_string_equal(state_words(&w.t, &sv, TD__STATE__WAITING), "Väntar");  /* the desk's own words are in its first language */
    assert_string_equal(state_words(&w.t, &sv, TD__STATE__PROGRESS), "Pågår");
    assert_string_equal(desk_state_label(w.desk, c), "FEEDBACK");
    c->state = TD__STATE__RESOLVED;
    assert_string_equal(desk_state_label(w.desk, c), "Resolved");
    assert_string_equal(clock_words(&w.t, &sv, "respond"), "första svar");
    assert_string_equal(clock_words(&w.t, &sv, "delivery"), "delivery");
    assert_string_equal(say_words(&w.t, &sv, "clock-customer", "svar", "i dag", NULL), "svar senast i dag");
    assert_string_equal(say_words(&w.t, &sv, "no-such-thing", "x", NULL, NULL), "say.no-such-thing");
    struct calendar_other o = { .first = 20546, .last = 20546, .why = CALENDAR_EVE, .name = "{1}", .hours = "09:00-12:00" };   /* 2026-04-03 */
    assert_string_equal(other_words(&w.t, &en, &o), "Friday 3 April: open 09:00–12:00 ({1})");
    assert_string_equal(other_words(&w.t, &sv, &o), "fredag 3 april: öppet 09.00–12.00 ({1})");
    o = (struct calendar_other){ .first = 20546, .last = 20549, .why = CALENDAR_HOLIDAY, .name = "", .hours = "" };
    assert_string_equal(other_words(&w.t, &en, &o), "Friday 3 April to Monday 6 April: closed");
    o = (struct calendar_other){ .first = 20546, .last = 20546, .why = CALENDAR_USUAL, .name = "Vi flyttar.", .hours = "09:00-17:00" };
    assert_string_equal(other_words(&w.t, &sv, &o), "fredag 3 april: Vi flyttar.");
    world_free(&w);
}

static void
few_words(void **state)
{
    (void)state;
    static const struct { const char *text, *key; bool means; } rows[] = {
        { "OK", "ok", true }, { "ok!", "ok", true }, { "Okay.", "ok", true }, { "  OK \n\n", "ok", true }, { "Ok, thanks!", "ok", true }, { "It\xe2\x80\x99s ok", "ok", true },
        { "OK\xc2\xa0tack", "ok", true }, { "Det funkar!", "ok", true }, { "DET ÄR OK", "ok", true }, { "GODKÄNT", "ok", true }, { "Det virker nu :-)", "ok", true },
        { "ok but the printer is still broken", "ok", false }, { "not ok", "ok", false }, { "ok?", "ok", false }, { "Ok \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", "ok", true }, { "ok \xf0\x9f\x91\x8e", "ok", false }, { "\xf0\x9f\x91\x8d", "ok", false },
        { "ok\xf0", "ok", false }, { "ok\xf0\x9f", "ok", false }, { "", "ok", false }, { "!!!", "ok", false },
        { "NOT OK", "not-ok", true }, { "not-ok", "not-ok", true }, { "Inte OK.", "not-ok", true }, { "ikke ok", "not-ok", true }, { "It doesn't work", "not-ok", true },
        { "FUNGERAR INTE", "not-ok", true }, { "ok", "not-ok", false },
        { "Please close", "close", true }, { "please close this case, thank you for everything you did", "close", false }, { "Stäng ärendet", "close", true },
        { "STÄNG ÄRENDET!", "close", true }, { "Luk sagen", "close", true }, { "do not close", "close", false }, { "the close button is broken", "close", false },
        { "Please escalate", "escalate", true }, { "eskalér", "escalate", true }, { "please escalate this if nobody answers", "escalate", false },
        { "Ja, tack", "yes", true }, { "Yes", "yes", true }, { "Nej tack", "no", true }, { "No", "yes", false }, { "ja", "no", false }, { "ok", "nonsense", false },
    };
    struct world w;
    world_make(&w);
    for (size_t i = 0; i < countof(rows); i++)
        if (words_mean(w.t.line, rows[i].key, rows[i].text) != rows[i].means)
            fail_msg("\"%s\" as %s", rows[i].text, rows[i].key);
    char long_one[5000];
    memset(long_one, 'k', sizeof long_one);
    long_one[sizeof long_one - 1] = '\0';
    assert_false(words_mean(w.t.line, "ok", long_one));
    /* what means yes means no in no language, and what closes is no refusal */
    static const char *const apart[][2] = { { "ok", "not-ok" }, { "yes", "no" }, { "ok", "close" }, { "not-ok", "close" }, { "ok", "no" }, { "yes", "not-ok" }, { "close", "escalate" } };
    for (size_t i = 0; i < countof(apart); i++)
        for (size_t l = 0; l < w.t.conf->languages.n; l++) {
            char key[40];
            const char *word;
            snprintf(key, sizeof key, "answer.%s", apart[i][0]);
            for (size_t k = 0; (word = words_part(w.t.line->words[l], key, k)) != NULL; k++)
                if (words_mean(w.t.line, apart[i][1], word))
                    fail_msg("\"%s\" is %s and %s", word, apart[i][0], apart[i][1]);
        }
    world_free(&w);
}

/* Phrases within a long message: at the beginning of a word, in any of the desk's languages. */
static void
phrases(void **state)
{
    (void)state;
    static const struct { const char *text; int at; } rows[] = {
        { "", -1 }, { "It is broken.", -1 }, { "please escalate", 0 }, { "Hello,\nPLEASE ESCALATE", 7 }, { "unplease escalate", -1 }, { "\xc3\xa9please escalate", -1 },
        { "(please escalate", 1 }, { "p", -1 }, { "please", -1 }, { "please escala", -1 }, { "please escalat please escalate", 15 }, { "nu: eskalera \xc3\xa4rendet", 4 },
        { "eskaler sagen, tak", 0 },
    };
    struct world w;
    world_make(&w);
    for (size_t i = 0; i < countof(rows); i++) {
        size_t at = 0;
        bool found = words_find(w.t.line, "answer.asks-priority", rows[i].text, &at);
        if (found != (rows[i].at >= 0) || (found && at != (size_t)rows[i].at))
            fail_msg("\"%s\": %d at %zu", rows[i].text, found, at);
    }
    size_t at = 1;
    assert_false(words_find(w.t.line, "answer.asks-priority", "please escalate", &at));
    at = 1;
    assert_true(words_find(w.t.line, "answer.asks-priority", "please escalate, please escalate", &at));
    assert_int_equal(at, 17);
    at = 0;
    assert_false(words_find(w.t.line, "answer.nonsense", "please escalate", &at));
    world_free(&w);
}

/* What a stored entry is called in the answers to #show and #history: every kind of entry, in every language. */
static void
entries(void **state)
{
    (void)state;
    static const char *const languages[] = { "en", "sv", "da" };
    for (size_t l = 0; l < countof(languages); l++) {
        struct buf errors = { 0 };
        struct words *w = words_read(SHIPPED, NULL, languages[l], true, &errors);
        for (unsigned i = 0; i < td__entry__what__descriptor.n_values; i++) {
            char key[64] = "entry.";
            strcat(key, schema_entry_name((Td__Entry__What)td__entry__what__descriptor.values[i].value));
            for (char *p; (p = strchr(key, '_')) != NULL;)
                *p = '-';
            if (words_get(w, key) == NULL || word_row_find(key) == NULL)
                fail_msg("a new kind of entry wants a row %s in words_keys.c, and its words in %s/words.txt", key, languages[l]);
        }
        words_free(&w);
        buf_free(&errors);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes), cmocka_unit_test(phrases), cmocka_unit_test(entries), cmocka_unit_test(folders), cmocka_unit_test(dates), cmocka_unit_test(readers), cmocka_unit_test(spans),
        cmocka_unit_test(states), cmocka_unit_test(few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
