/* SPDX-License-Identifier: ISC
 *
 * The shipped letters: every kind in every language with everything, with nothing and with values made by an enemy; none may
 * be wider than a mail's lines, leave its HTML open or let a value out of its place. What they look like is kept for two.
 *
 * `desk_letters show FOLDER` writes them all there, as text and HTML, for the eye; `desk_letters golden` writes the kept ones.
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

#include "../../src/desk/template_inner.h"

#define FOLDER "contrib/templates"
#define GOLDEN "tests/fixtures/letters"
#define ITEMS 3

static const char *const languages[] = { "en", "sv", "da" };
static const Td__Letter__Kind kinds[] = {
    TD__LETTER__KIND__ACK, TD__LETTER__KIND__NOTICE, TD__LETTER__KIND__UPDATE, TD__LETTER__KIND__STATUS, TD__LETTER__KIND__APPROVAL,
    TD__LETTER__KIND__WARNING, TD__LETTER__KIND__ESCALATION, TD__LETTER__KIND__REMINDER, TD__LETTER__KIND__SURVEY, TD__LETTER__KIND__REFERRAL,
    TD__LETTER__KIND__DIGEST, TD__LETTER__KIND__REFUSAL, TD__LETTER__KIND__RECEIPT, TD__LETTER__KIND__RESULT, TD__LETTER__KIND__ALARM,
    TD__LETTER__KIND__RELAY,
};

#define LINK "mailto:support%2Babcdefghijklmnopqrstuvwxyz234567@example.com?subject=Status%20%5BCAS-00001-9LGW%5D&body=Just%20press%20send.%0D%0A"

/* ---- values of each shape */

static const char *const hostile[] = {
    "</p></bdi><script>alert(1)</script> & \"quoted\" 'single'",
    "one\r\nBcc: eve@example.com\r\n\r\n- item\nhttps://evil.example/ [x](https://evil.example/) {{number}} {{#if name}}",
    "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae" "evil\xe2\x81\xa6\xe2\x80\x8f\xc2\x85\x01\x02\x03\x04\x05\x06\x07\x1b[31m \\",
    "javascript:alert(1)", "mailto:a@b.example\" onclick=\"alert(1)", "mailto:a@b.example <b>", "-- \nsignature\n\n\n\n\nend", "-", "\\", " ", "\xe2\x80\xa8two\xe2\x80\xa9three",
};

struct sample { struct template_fields f; struct arena *a; };

static void
sample_with(struct sample *s, const char *line, const char *block, const char *link)
{
    memset(&s->f, 0, sizeof s->f);
    for (int i = 0; i < FIELDS; i++) {
        enum shape shape = template_field_rows[i].shape;
        enum template_field field = (enum template_field)i;
        if (shape == SHAPE_LIST || shape == SHAPE_LINKS)
            for (int k = 0; k < ITEMS; k++)
                if (shape == SHAPE_LIST)
                    template_list_add(s->a, &s->f, field, line);
                else
                    template_link_add(s->a, &s->f, field, link, line);
        else
            s->f.v[i] = shape == SHAPE_BLOCK ? block : shape == SHAPE_LINK ? link : shape == SHAPE_FLAG ? "1" : shape == SHAPE_PREPARED ? NULL
                : shape == SHAPE_AS_IS ? "an <answer> & \"more\"\n\x01\x05  of {{it}}\x0f" : line;
    }
}

/* ---- what holds for every letter */

static void
check_width(const char *label, const char *text)
{
    size_t column = 0;
    const char *line = text;
    for (const char *p = text; *p != '\0'; p++) {
        bool mark = strncmp(p, "\xe2\x81\xa8", 3) == 0 || strncmp(p, "\xe2\x81\xa9", 3) == 0;   /* isolates have no width */
        column = *p == '\n' ? 0 : column + (((unsigned char)*p & 0xc0) != 0x80 && !mark);
        if (*p == '\n')
            line = p + 1;
        const char *eol = strchr(line, '\n');
        if (column > RENDER_COLUMNS + 2 && memmem(line, (size_t)(eol - line), " <mailto:", 9) == NULL && memchr(line + 2, ' ', (size_t)(eol - line - 2)) != NULL)
            fail_msg("%s: wider than %d: %.*s", label, RENDER_COLUMNS, (int)(eol - line), line);
    }
    if (strstr(text, "\n\n\n") != NULL || (text[0] == '\n' && text[1] != '\0'))
        fail_msg("%s: two blank lines together\n%s", label, text);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if ((*p < 0x20 && *p != '\n') || *p == 0x7f)
            fail_msg("%s: control character %02x", label, *p);
    if (strstr(text, "\xe2\x80\xae") != NULL || strstr(text, "\xe2\x81\xa6") != NULL || strstr(text, "\xe2\x80\xa8") != NULL)
        fail_msg("%s: a mark of direction or line\n%s", label, text);
    if (!utf8_valid(text, strlen(text)))
        fail_msg("%s: not UTF-8", label);
}

/* Tags are those that we write, and each closes what was opened last. */
static void
check_html(const char *label, const char *html)
{
    static const char *const pairs[] = { "html", "head", "body", "p", "ul", "li", "a", "bdi" };
    const char *open[32];
    size_t depth = 0;
    for (const char *p = html; (p = strchr(p, '<')) != NULL; p++) {
        if (strncmp(p, "<!DOCTYPE html>", 15) == 0 || strncmp(p, "<meta charset=\"utf-8\">", 22) == 0 || strncmp(p, "<br>", 4) == 0)
            continue;
        bool closing = p[1] == '/';
        const char *name = p + 1 + closing, *found = NULL;
        size_t len = strcspn(name, " >");
        for (size_t i = 0; i < countof(pairs); i++)
            if (strlen(pairs[i]) == len && memcmp(pairs[i], name, len) == 0)
                found = pairs[i];
        if (found == NULL || depth == countof(open))
            fail_msg("%s: strange tag %.40s", label, p);
        if (!closing && name[len] == ' ' && strncmp(name + len, " dir=\"auto\">", 12) != 0 && strncmp(name + len, " href=\"mailto:", 14) != 0 &&
            strncmp(name + len, " href=\"https://example.com/", 27) != 0)
            fail_msg("%s: strange attribute %.60s", label, p);
        if (closing && (depth == 0 || open[--depth] != found))
            fail_msg("%s: closes what is not open: %.40s\n%s", label, p, html);
        if (!closing)
            open[depth++] = found;
    }
    if (depth != 0)
        fail_msg("%s: <%s> is never closed\n%s", label, open[depth - 1], html);
    for (const char *p = html; (p = strchr(p, '&')) != NULL; p++)
        if (strncmp(p, "&amp;", 5) != 0 && strncmp(p, "&lt;", 4) != 0 && strncmp(p, "&gt;", 4) != 0 && strncmp(p, "&quot;", 6) != 0 &&
            strncmp(p, "&#39;", 5) != 0 && strncmp(p, "&#160;", 6) != 0)
            fail_msg("%s: bare & at %.40s", label, p);
    if (strstr(html, "<p dir=\"auto\"></p>") != NULL || strstr(html, "<li dir=\"auto\"></li>") != NULL)
        fail_msg("%s: an empty paragraph\n%s", label, html);
}

static void
check_letter(const char *label, const struct template *t, const struct sample *s)
{
    const char *subject, *text, *html;
    template_render(t, &s->f, s->a, &subject, &text, &html);
    if (str_has_control(subject) || subject[0] == '\0' || subject[0] == ' ' || subject[strlen(subject) - 1] == ' ')
        fail_msg("%s: subject [%s]", label, subject);
    if (strstr(subject, "  ") != NULL && strstr(label, "plain") != NULL)
        fail_msg("%s: two blanks in the subject [%s]", label, subject);
    static const char *const nothing[] = { "[]", "()", ":\n\nReference", "\"\"", ": \n", ":,", ", ,", " ,", " .", "..", "::", "- \n", "-\n" };
    for (size_t i = 0; i < countof(nothing) && strstr(label, "hostile") == NULL; i++)
        if (strstr(subject, nothing[i]) != NULL || strstr(text, nothing[i]) != NULL)
            fail_msg("%s: words around nothing (%s):\n%s\n%s", label, nothing[i], subject, text);
    check_width(label, text);
    check_html(label, html);
}

static struct template_set *
shipped(const char *language)
{
    struct buf errors = { 0 };
    struct template_set *s = template_set_read(FOLDER, NULL, language, true, &errors);
    if (errors.len > 0)
        fail_msg("%s", errors.data);
    return s;
}

/* What letter_write() gives to all, and what whoever writes this kind always has. */
static void
always(struct sample *s, Td__Letter__Kind kind, bool kase)
{
    static const struct { Td__Letter__Kind kind; enum template_field field; } of_kind[] = {
        { TD__LETTER__KIND__WARNING, FIELD_CLOCK }, { TD__LETTER__KIND__ALARM, FIELD_WHAT }, { TD__LETTER__KIND__APPROVAL, FIELD_QUESTION },
        { TD__LETTER__KIND__UPDATE, FIELD_QUEUE }, { TD__LETTER__KIND__UPDATE, FIELD_STATE }, { TD__LETTER__KIND__UPDATE, FIELD_KIND },
        { TD__LETTER__KIND__UPDATE, FIELD_PRIORITY }, { TD__LETTER__KIND__ESCALATION, FIELD_DUE },
    };
    static const enum template_field common[] = { FIELD_DESK, FIELD_ADDRESS, FIELD_ZONE };
    for (size_t i = 0; i < countof(common); i++)
        if (s->f.v[common[i]] == NULL)
            s->f.v[common[i]] = "words";
    for (size_t i = 0; i < countof(of_kind); i++)
        if (of_kind[i].kind == kind && s->f.v[of_kind[i].field] == NULL)
            s->f.v[of_kind[i].field] = "words";
    if (kase && s->f.v[FIELD_NUMBER] == NULL)
        s->f.v[FIELD_NUMBER] = "CAS-00001-9LGW";
    if (kind == TD__LETTER__KIND__ESCALATION && s->f.v[FIELD_CLOCK] == NULL)
        s->f.v[FIELD_TARGET] = s->f.v[FIELD_LATE] = NULL;
}

/* Those that may be about no case. */
static bool
without_case(Td__Letter__Kind kind)
{
    static const Td__Letter__Kind some[] = { TD__LETTER__KIND__STATUS, TD__LETTER__KIND__REMINDER, TD__LETTER__KIND__DIGEST, TD__LETTER__KIND__RECEIPT,
        TD__LETTER__KIND__RESULT, TD__LETTER__KIND__ALARM, TD__LETTER__KIND__REFERRAL, TD__LETTER__KIND__REFUSAL };
    for (size_t i = 0; i < countof(some); i++)
        if (some[i] == kind)
            return true;
    return false;
}

/* Every kind, then the frame of prepared letters, in every language. */
static void
each(const char *what, const struct sample *given)
{
    char label[200];
    for (size_t l = 0; l < countof(languages); l++) {
        struct template_set *set = shipped(languages[l]);
        for (size_t i = 0; i < countof(kinds); i++) {
            snprintf(label, sizeof label, "%s/%s, %s", languages[l], schema_letter_kind_name(kinds[i]), what);
            assert_non_null(template_of(set, kinds[i]));
            struct sample s = *given;
            always(&s, kinds[i], !without_case(kinds[i]));
            check_letter(label, template_of(set, kinds[i]), &s);
        }
        snprintf(label, sizeof label, "%s/letter, %s", languages[l], what);
        struct sample s = *given;
        always(&s, TD__LETTER__KIND__UPDATE, false);
        if (s.f.prepared != NULL)
            check_letter(label, template_frame(set), &s);
        template_set_free(&set);
    }
}

static void
all_letters(void **state)
{
    (void)state;
    struct buf errors = { 0 };
    struct sample s = { .a = arena_new(0) };
    struct template *prepared = template_make("x.conf", 1, "Limits for {{name}}", "One.\n\nTwo: {{number}}", &errors);
    assert_non_null(prepared);
    sample_with(&s, "Åsa Öberg & son", "One line.\nAnother line of some more words.\n\nA paragraph.", LINK);
    s.f.prepared = prepared;
    each("plain", &s);
    memset(&s.f, 0, sizeof s.f);
    each("nothing at all", &s);
    s.f.prepared = prepared;
    s.f.v[FIELD_NUMBER] = "CAS-00001-9LGW";
    each("number alone", &s);
    for (size_t i = 0; i < countof(hostile); i++) {
        sample_with(&s, hostile[i], hostile[i], LINK);
        s.f.prepared = prepared;
        each("hostile values", &s);
        sample_with(&s, "x", "x", hostile[i]);
        each("hostile links", &s);
    }
    template_free(&prepared);
    arena_free(&s.a);
    buf_free(&errors);
}

/* Each field and flag alone, and each one missing: no half sentence that only fits with another. */
static void
each_field(void **state)
{
    (void)state;
    for (int i = 0; i < FIELDS; i++) {
        struct sample all = { .a = arena_new(0) }, one = { .a = all.a };
        sample_with(&all, "some words", "a block", LINK);
        one.f.v[i] = all.f.v[i], one.f.list[i] = all.f.list[i], one.f.n[i] = all.f.n[i];
        each("one field", &one);
        all.f.v[i] = NULL, all.f.n[i] = 0;
        each("one missing", &all);
        arena_free(&all.a);
    }
}

/* ---- letters that are kept, as they look */

static void
real(struct sample *s, bool danish)
{
    memset(&s->f, 0, sizeof s->f);
    const char **v = s->f.v;
    v[FIELD_NAME] = danish ? "Mette Sørensen" : "Anna Öberg";
    v[FIELD_NUMBER] = danish ? "IEX-00017-7KQM" : "CAS-00001-9LGW";
    v[FIELD_SUBJECT] = danish ? "Ordre 4711 kommer ikke over" : "Cannot print invoices";
    v[FIELD_DESK] = danish ? "Integration Support" : "Example Support";
    v[FIELD_ADDRESS] = "support@example.com";
    v[FIELD_ZONE] = danish ? "dansk tid" : "UK time";
    v[FIELD_OPENED] = danish ? "mandag den 2. marts kl. 17.12" : "Monday 2 March, 17:12";
    v[FIELD_OPENS] = danish ? "tirsdag den 3. marts kl. 09.00" : "Tuesday 3 March, 09:00";
    v[FIELD_RESPOND_BY] = danish ? "torsdag den 5. marts kl. 16.00" : "Tuesday 3 March, 10:00";
    v[FIELD_PRIORITY] = danish ? "Almindelig" : "Important";
    v[FIELD_KIND] = danish ? "Fejl" : "Issue with error";
    v[FIELD_QUEUE] = danish ? "2. linje" : "second line";
    v[FIELD_STATE] = danish ? "I gang" : "In progress";
    v[FIELD_MEANING] = danish ? "Vi arbejder på den." : "We are working on it.";
    v[FIELD_ASSIGNEE] = "Rikke";
    v[FIELD_SELF_HELP] = danish ? "Loggen i dit dashboard fortæller ofte, hvorfor en ordre ikke er overført.\nSe også vores artikler om fejlfinding."
        : "The log in your dashboard usually says why.\nSee also our troubleshooting articles.";
    v[FIELD_NOTICE] = danish ? "Overarbejde kan blive faktureret uden yderligere varsel." : "Overtime may be charged without further notice.";
    v[FIELD_LINK_STATUS] = v[FIELD_LINK_CASES] = v[FIELD_LINK_ESCALATE] = v[FIELD_LINK_CLOSE] = LINK;
    template_list_add(s->a, &s->f, FIELD_ANNOUNCE, danish ? "torsdag den 24. december: lukket (juleaften)" : "Friday 3 April: closed (Good Friday)");
    template_list_add(s->a, &s->f, FIELD_CAUGHT, danish ? "Ordrenummer: 4711" : "Invoice: INV-2203");
    template_list_add(s->a, &s->f, FIELD_MISSING, danish ? "eksempler på de ordrer eller varer, det drejer sig om" : "a screen dump that shows the whole window, with the address (URL) visible");
    template_link_add(s->a, &s->f, FIELD_LINK_KINDS, LINK, danish ? "Spørgsmål" : "Question");
    template_link_add(s->a, &s->f, FIELD_LINK_KINDS, LINK, danish ? "Haster" : "Urgent issue");
    v[FIELD_ANSWER] = "Hello Anna,\n\nplease set it like this (a line that is longer than the seventy-two columns of a paragraph):\n\n    print   = on\n    colour  = \"off\" & <done>\n"
        "\nSee https://help.example.com/print?a=1&b=2. Not [this]({{link_close}}).\n-- \nLiz";
    v[FIELD_WORDS] = danish ? "Hej igen,\nvi har fundet fejlen.\n\nPrøv igen nu." : "Hello again,\nwe have found the fault.\n\nPlease try again.";
    template_list_add(s->a, &s->f, FIELD_CLOCKS, danish ? "første svar: 1 time 20 minutter tilbage, senest tirsdag den 3. marts kl. 10.20" : "first answer: 1 hour 20 minutes left, due Tuesday 3 March, 10:20");
    template_list_add(s->a, &s->f, FIELD_HISTORY, danish ? "mandag den 2. marts kl. 17.12: modtaget" : "Monday 2 March, 17:12: received");
    v[FIELD_WHO] = danish ? "Mette Sørensen <mette@kunde.example>" : "Anna Öberg <anna@customer.example>";
    v[FIELD_BY] = v[FIELD_NAME];
    v[FIELD_PROOF] = danish ? "afsenderen er bekræftet" : "sender verified";
    template_list_add(s->a, &s->f, FIELD_ATTACHMENTS, "log.txt (12 KB)");
}

static const struct { const char *name, *language; Td__Letter__Kind kind; bool clocks; } kept[] = {
    { "ack-en", "en", TD__LETTER__KIND__ACK, false },
    { "notice-da", "da", TD__LETTER__KIND__NOTICE, true },
    { "ack-da", "da", TD__LETTER__KIND__ACK, false },
    { "relay-en", "en", TD__LETTER__KIND__RELAY, false },
};

static void
kept_render(struct sample *s, size_t i, struct buf *out)
{
    struct template_set *set = shipped(kept[i].language);
    const char *subject, *text, *html;
    real(s, strcmp(kept[i].language, "da") == 0);
    if (!kept[i].clocks)
        s->f.n[FIELD_CLOCKS] = 0;
    template_render(template_of(set, kept[i].kind), &s->f, s->a, &subject, &text, &html);
    buf_printf(out, "Subject: %s\n\n%s\n======== HTML\n%s", subject, text, html);
    template_set_free(&set);
}

static void
golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(kept); i++) {
        struct sample s = { .a = arena_new(0) };
        struct buf got = { 0 }, want = { 0 };
        char path[200];
        snprintf(path, sizeof path, GOLDEN "/%s.want", kept[i].name);
        kept_render(&s, i, &got);
        if (file_read(path, 1 << 20, &want) != 0 || want.len != got.len || memcmp(want.data, got.data, got.len) != 0)
            fail_msg("%s is not what comes out; if that is right, write it anew with \"desk_letters golden\":\n%s", path, got.data);
        buf_free(&got);
        buf_free(&want);
        arena_free(&s.a);
    }
}

/* ---- for the eye */

static void
write_file(const char *path, const char *bytes, size_t len)
{
    FILE *f = fopen(path, "w");
    if (f == NULL || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static int
golden_write(void)
{
    for (size_t i = 0; i < countof(kept); i++) {
        struct sample s = { .a = arena_new(0) };
        struct buf got = { 0 };
        char path[200];
        snprintf(path, sizeof path, GOLDEN "/%s.want", kept[i].name);
        kept_render(&s, i, &got);
        write_file(path, got.data, got.len);
        buf_free(&got);
        arena_free(&s.a);
    }
    return 0;
}

static int
show(const char *folder)
{
    for (size_t l = 0; l < countof(languages); l++) {
        struct template_set *set = shipped(languages[l]);
        for (size_t i = 0; i <= countof(kinds); i++)
            for (int all = 0; all < 2; all++) {
                struct sample s = { .a = arena_new(0) };
                struct buf errors = { 0 };
                const char *subject, *text, *html;
                char path[400];
                struct template *prepared = template_make("x", 1, "About your connection", "We do not have direct access to your network.\n\nSee https://example.com/help for what you can do, {{name}}.", &errors);
                if (all)
                    sample_with(&s, "some words", "Somebody's words.\n  indented\n\nA second paragraph.", LINK);
                else
                    real(&s, strcmp(languages[l], "da") == 0);
                s.f.prepared = prepared;
                template_render(i < countof(kinds) ? template_of(set, kinds[i]) : template_frame(set), &s.f, s.a, &subject, &text, &html);
                snprintf(path, sizeof path, "%s/%s-%s-%s", folder, languages[l], i < countof(kinds) ? schema_letter_kind_name(kinds[i]) : "letter", all ? "all" : "real");
                struct buf out = { 0 };
                buf_printf(&out, "Subject: %s\n\n%s", subject, text);
                strcat(path, ".txt");
                write_file(path, out.data, out.len);
                strcpy(path + strlen(path) - 4, ".html");
                write_file(path, html, strlen(html));
                template_free(&prepared);
                arena_free(&s.a);
            }
        template_set_free(&set);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_letters), cmocka_unit_test(each_field), cmocka_unit_test(golden) };
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show(argv[2]);
    if (argc == 2 && strcmp(argv[1], "golden") == 0)
        return golden_write();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
