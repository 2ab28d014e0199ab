/* SPDX-License-Identifier: ISC
 *
 * Letter templates: what is refused at load and with which line, and what comes out: wrapping, lists, escaping, headers.
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

#include "../../src/desk/template_inner.h"

static void
mistakes(void **state)
{
    (void)state;
    static const struct { const char *label, *text, *said; } rows[] = {
        { "no subject", "Hello\n\nbody\n", "t.txt:1: \"Subject:" },
        { "no blank line", "Subject: x\nbody\n", "t.txt:1: \"Subject:" },
        { "empty", "", "t.txt:1:" },
        { "unknown field", "Subject: x\n\none\ntwo {{nmae}}\n", "t.txt:4: unknown field \"nmae\"" },
        { "unknown field in the subject", "Subject: {{nmae}}\n\none\n", "t.txt:1: unknown field" },
        { "unknown condition", "Subject: x\n\n{{#if nmae}}a{{/if}}\n", "t.txt:3: unknown field" },
        { "never closed", "Subject: x\n\na\n\n{{#if name}}b\n", "t.txt:5: block is never closed" },
        { "never closed in the subject", "Subject: {{#if name}}x\n\na\n", "t.txt:1: block is never closed" },
        { "closed too often", "Subject: x\n\na {{/if}}\n", "t.txt:3: {{/if}} without" },
        { "crossed", "Subject: x\n\n{{#if name}}\n{{#each skipped}}\n{{/if}}\n{{/each}}\n", "t.txt:5: {{/if}} without" },
        { "else in a list", "Subject: x\n\n{{#each skipped}}\n{{else}}\n{{/each}}\n", "t.txt:4: {{else}} without" },
        { "two elses", "Subject: x\n\n{{#if name}}a{{else}}b{{else}}c{{/if}}\n", "t.txt:3: {{else}} without" },
        { "each of no list", "Subject: x\n\n{{#each name}}{{/each}}\n", "t.txt:3: {{#each}} needs a list" },
        { "each in each", "Subject: x\n\n{{#each skipped}}{{#each attachments}}{{/each}}{{/each}}\n", "t.txt:3: {{#each}} inside" },
        { "a list as a field", "Subject: x\n\n{{skipped}}\n", "t.txt:3: a list needs" },
        { "dot outside", "Subject: x\n\n{{.}}\n", "t.txt:3: {{.}} outside" },
        { "open brace", "Subject: x\n\na {{name\n}}\n", "t.txt:3: {{ without }}" },
        { "too deep", "Subject: x\n\n{{#if name}}{{#if name}}{{#if name}}{{#if name}}{{#if name}}{{#if name}}{{#if name}}{{#if name}}{{#if name}}\n", "nested too deeply" },
        { "a flag as a field", "Subject: x\n\n{{staff}}\n", "t.txt:3: this says only yes or no and needs {{#if}}: \"staff\"" },
        { "a link as a field", "Subject: x\n\n{{link_status}}\n", "t.txt:3: a link is written [words]" },
        { "a link in a sentence", "Subject: x\n\nsee [status]({{link_status}}) please\n", "t.txt:3: a link is written [words]" },
        { "a link before words", "Subject: x\n\n[status]({{link_status}}) please\n", "t.txt:3: a link is written [words]" },
        { "a link without words", "Subject: x\n\n[]({{link_status}})\n", "t.txt:3: a link is written [words]" },
        { "a link of a field", "Subject: x\n\n[who]({{who}})\n[x]({{link_no}})\n", "t.txt:4: unknown field \"link_no\"" },
        { "a link in the subject", "Subject: [status]({{link_status}})\n\nx\n", "t.txt:1: a link is written [words]" },
        { "a block in the subject", "Subject: {{words}}\n\nx\n", "t.txt:1: text of several lines cannot stand in the subject: \"words\"" },
        { "a block in a sentence", "Subject: x\n\nsaid: {{words}}\n", "t.txt:3: text of several lines needs a line of its own: \"words\"" },
        { "a block in an item", "Subject: x\n\n- {{words}}\n", "t.txt:3: text of several lines needs a line" },
        { "links as a list of words", "Subject: x\n\n{{#each link_rate}}\nrate: {{.}}\n{{/each}}\n", "t.txt:4: {{.}} is a link here" },
        { "each of a block", "Subject: x\n\n{{#each words}}{{.}}{{/each}}\n", "t.txt:3: {{#each}} needs a list" },
        { "not UTF-8", "Subject: x\n\n\xff\n", "t.txt:1: not UTF-8" },
        { "control character", "Subject: x\n\na\n\x01\n", "t.txt:4: control character" },
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf errors = {0};
        struct template *t = template_parse("t.txt", rows[i].text, strlen(rows[i].text), &errors);
        if (t != NULL || strstr(errors.data, rows[i].said) == NULL)
            fail_msg("%s: %s", rows[i].label, errors.data ? errors.data : "no error");
        buf_free(&errors);
    }
}

static const char *const two[] = { "first", "second <b>" }, *const rates[] = { "mailto:a@example.com?subject=5 Good & fine", "https://example.com/ Bad" };
static const struct template_fields sample = {
    .v = { [FIELD_NAME] = "Ann & Bo <x>", [FIELD_SUBJECT] = "evil\r\nBcc: eve@example.com", [FIELD_NUMBER] = "CAS-00001-9LGW",
           [FIELD_LINK_STATUS] = "mailto:a+b@example.com?subject=x&body=y", [FIELD_LINK_CASES] = "https://example.com/",
           [FIELD_LINK_CLOSE] = "mailto:a\"b@example.com", [FIELD_LINK_REOPEN] = "mailto:a@example.com other", [FIELD_TARGET] = "  ",
           [FIELD_WORDS] = "\n\r\n  \nHello,\r\n  <b>two</b>\n\n\n\xe2\x80\xae- three\rhttps://evil.example/\n\n", [FIELD_RESULT] = "\n \n",
           [FIELD_BY] = "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 1",
           [FIELD_WHAT] = "- not an item\n\nno paragraph", [FIELD_WHO] = "https://evil.example/", [FIELD_CLOCK] = "\xe2\x80\xae" "ab\xc2\x85" "c" },
    .list = { [FIELD_SKIPPED] = (const char **)two, [FIELD_LINK_RATE] = (const char **)rates }, .n = { [FIELD_SKIPPED] = 2, [FIELD_LINK_RATE] = 2 },
};

static const struct { const char *label, *source, *subject, *text, *html; } shown[] = {
    { "fields", "Subject: Hi {{name}}\n\nDear {{name}}.\n", "Hi Ann & Bo <x>", "Dear Ann & Bo <x>.\n", "<p dir=\"auto\">Dear <bdi>Ann &amp; Bo &lt;x&gt;</bdi>.</p>" },
    { "no line in a header", "Subject: {{subject}}\n\nx\n", "evil Bcc: eve@example.com", "x\n", "<p dir=\"auto\">x</p>" },
    { "a condition that holds", "Subject: x\n\n{{#if name}}yes{{else}}no{{/if}}\n", "x", "yes\n", ">yes<" },
    { "one that does not", "Subject: x\n\n{{#if due}}yes{{else}}no{{/if}}\n", "x", "no\n", ">no<" },
    { "conditions in conditions", "Subject: x\n\n{{#if due}}1{{else}}{{#if name}}2{{else}}3{{/if}}{{/if}}\n", "x", "2\n", ">2<" },
    { "tags alone on their lines leave none", "Subject: x\n\na\n{{#if name}}\nb\n{{/if}}\nc\n", "x", "a b c\n", "<p dir=\"auto\">a\nb\nc</p>" },
    { "nothing between blank lines", "Subject: x\n\na\n\n{{#if due}}\nb\n{{/if}}\n\nc\n", "x", "a\n\nc\n", "<p dir=\"auto\">a</p>\n<p dir=\"auto\">c</p>" },
    { "list", "Subject: x\n\n{{#each skipped}}\n- {{.}}\n{{/each}}\n", "x", "- first\n- second <b>\n",
      "<ul>\n<li dir=\"auto\"><bdi>first</bdi></li>\n<li dir=\"auto\"><bdi>second &lt;b&gt;</bdi></li>\n</ul>" },
    { "empty list", "Subject: x\n\na\n{{#each attachments}}\n- {{.}}\n{{/each}}\n", "x", "a\n", "<p dir=\"auto\">a</p>" },
    { "a value makes no structure", "Subject: x\n\n{{what}}\n", "x", "- not an item no paragraph\n", "<p dir=\"auto\"><bdi>- not an item no paragraph</bdi></p>" },
    { "a value turns nothing round", "Subject: {{clock}}\n\n{{clock}}\n", "abc", "abc\n", "<bdi>abc</bdi>" },
    { "links of the template only", "Subject: x\n\nSee https://a.example/?b&c. {{who}}\n", "x", "See https://a.example/?b&c. https://evil.example/\n",
      "See <a href=\"https://a.example/?b&amp;c\">https://a.example/?b&amp;c</a>. <bdi>https://evil.example/</bdi>" },
    { "hard break", "Subject: x\n\nRegards,\\\nUs\n", "x", "Regards,\nUs\n", "<p dir=\"auto\">Regards,<br>\nUs</p>" },
    { "refilled", "Subject: x\n\none\ntwo\nthree\n", "x", "one two three\n", "one\ntwo\nthree" },
    { "CRLF", "Subject: x\r\n\r\none\r\ntwo\r\n", "x", "one two\n", "one\ntwo" },
    { "a link", "Subject: x\n\nSee here.\n[My <status>]({{link_status}})\n[No such]({{link_close}})\n[Nor]({{link_reopen}})\nEnd\n", "x",
      "See here.\nMy <status>: <mailto:a+b@example.com?subject=x&body=y>\nEnd\n",
      "See here.<br>\n<a href=\"mailto:a+b@example.com?subject=x&amp;body=y\" style=\"display:inline-block;padding:6px 0\">My &lt;status&gt;</a><br>\nEnd</p>" },
    { "links", "Subject: x\n\n{{#each link_rate}}\n- {{.}}\n{{/each}}\n", "x", "- Good & fine: <mailto:a@example.com?subject=5>\n",
      "<li dir=\"auto\"><a href=\"mailto:a@example.com?subject=5\" style=\"display:inline-block;padding:6px 0\">Good &amp; fine</a></li>\n</ul>" },
    { "no link that is not mailto", "Subject: x\n\n{{#if link_cases}}\n[x]({{link_cases}})\n{{else}}\nnone\n{{/if}}\n", "x", "none\n", "<p dir=\"auto\">none</p>" },
    { "a block", "Subject: x\n\nSaid:\n{{words}}\nEnd\n", "x", "Said:\n\nHello,\n  <b>two</b>\n\n- three\nhttps://evil.example/\n\nEnd\n",
      "<p dir=\"auto\">Said:</p>\n<p dir=\"auto\">Hello,<br>\n&#160;&#160;&lt;b&gt;two&lt;/b&gt;</p>\n<p dir=\"auto\">- three<br>\nhttps://evil.example/</p>\n<p dir=\"auto\">End</p>" },
    { "an empty block", "Subject: x\n\nSaid:\n\n{{result}}\n\nEnd\n", "x", "Said:\n\nEnd\n", "<p dir=\"auto\">Said:</p>\n<p dir=\"auto\">End</p>" },
    { "right to left", "Subject: x\n\nBy {{by}}, 2 hours.\n", "x", "By \xe2\x81\xa8\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 1\xe2\x81\xa9, 2 hours.\n", "By <bdi>\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 1</bdi>, 2" },
    { "blanks in a subject", "Subject:  a {{target}}  b {{#if name}}c{{/if}} \n\nx\n", "a b c", "x\n", "x" },
    { "blank is not there", "Subject: x\n\n{{#if target}}a{{else}}b{{/if}}\n", "x", "b\n", "<p dir=\"auto\">b</p>" },
    { "paragraph, then list", "Subject: x\n\nThese:\n- a\n- b\n\nEnd\n", "x", "These:\n- a\n- b\n\nEnd\n", "</p>\n<ul>" },
};

static void
results(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(shown); i++) {
        struct buf errors = {0};
        struct arena *a = arena_new(0);
        const char *subject, *text, *html;
        struct template *t = template_parse("t.txt", shown[i].source, strlen(shown[i].source), &errors);
        if (t == NULL)
            fail_msg("%s: %s", shown[i].label, errors.data);
        template_render(t, &sample, a, &subject, &text, &html);
        if (strcmp(subject, shown[i].subject) != 0 || strcmp(text, shown[i].text) != 0 || strstr(html, shown[i].html) == NULL)
            fail_msg("%s:\n[%s]\n[%s]\n[%s]", shown[i].label, subject, text, html);
        template_free(&t);
        arena_free(&a);
    }
}

static void
columns(void **state)
{
    (void)state;
    struct buf source = {0}, errors = {0};
    struct arena *a = arena_new(0);
    const char *subject, *text, *html;
    buf_puts(&source, "Subject: x\n\n");
    for (int i = 0; i < 100; i++)
        buf_puts(&source, "v\xc3\xa4l ordet ");
    buf_puts(&source, "\n\n- ");
    for (int i = 0; i < 40; i++)
        buf_puts(&source, "in a list ");
    buf_puts(&source, "\n\nlong ");
    for (int i = 0; i < 100; i++)
        buf_puts(&source, "x");
    buf_puts(&source, "\n");
    struct template *t = template_parse("t.txt", source.data, source.len, &errors);
    template_render(t, &sample, a, &subject, &text, &html);
    size_t longest = 0, column = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            column = 0;
        else if (((unsigned char)*p & 0xc0) != 0x80)
            column++;
        if (column > longest && p < strstr(text, "xxxx"))
            longest = column;
    }
    assert_in_range(longest, 68, 72);
    assert_non_null(strstr(text, "\n  list") ? strstr(text, "\n  list") : strstr(text, "\n  in") ? strstr(text, "\n  in") : strstr(text, "\n  a"));
    assert_non_null(strstr(text, "\n\nlong\nxxxx"));
    template_free(&t);
    arena_free(&a);
    buf_free(&source);
}

static void
folders(void **state)
{
    (void)state;
    char dir[] = "/tmp/ticketd-templates-XXXXXX", path[200];
    struct buf errors = {0};
    assert_non_null(mkdtemp(dir));
    assert_null(template_set_read(dir, NULL, "en", true, &errors));
    assert_non_null(strstr(errors.data, dir));
    assert_non_null(strstr(errors.data, "/en:1: no such folder"));
    buf_clear(&errors);
    assert_null(template_set_read(dir, NULL, "sv", false, &errors));          /* another language: the first one speaks for it */
    assert_int_equal(errors.len, 0);
    snprintf(path, sizeof path, "%s/en", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    struct template_set *s = template_set_read(dir, NULL, "en", true, &errors);
    assert_non_null(strstr(errors.data, "/en/ack.txt:1:"));
    assert_non_null(strstr(errors.data, "/en/alarm.txt:1:"));
    template_set_free(&s);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
    buf_clear(&errors);
    s = template_set_read("contrib/templates", NULL, "en", true, &errors);    /* those that we ship */
    if (errors.len > 0)
        fail_msg("%s", errors.data);
    assert_non_null(template_of(s, TD__LETTER__KIND__ACK));
    assert_non_null(template_of(s, TD__LETTER__KIND__SURVEY));
    template_set_free(&s);
    buf_free(&errors);
}

/* Subject and words of a prepared letter in the frame; its mistakes are its section's. */
static void
prepared(void **state)
{
    (void)state;
    static const char frame[] = "Subject: {{title}} [{{number}}]\n\nHello,\n\n{{prepared}}\n\nBye\n";
    static const struct { const char *subject, *text, *said; } wrong[] = {
        { "{{nmae}}", "x", "a.conf:7: unknown field \"nmae\"" }, { "x", "one\n\ntwo {{nmae}}", "a.conf:7: unknown field" },
        { "x", "{{prepared}}", "a.conf:7: a prepared letter cannot hold another" }, { "x", "{{#if name}}", "a.conf:7: block is never closed" },
        { "x", "{{}}", "a.conf:7: unknown field" }, { "x", "one\n{{.}}", "{{.}} outside" },                 /* a tag shorter than any name ends the text */
    };
    struct buf errors = { 0 };
    struct arena *a = arena_new(0);
    const char *subject, *text, *html;
    for (size_t i = 0; i < countof(wrong); i++) {
        buf_clear(&errors);
        assert_null(template_make("a.conf", 7, wrong[i].subject, wrong[i].text, &errors));
        if (strstr(errors.data, wrong[i].said) == NULL)
            fail_msg("%s", errors.data);
    }
    buf_clear(&errors);
    struct template *f = template_parse("letter.txt", frame, sizeof frame - 1, &errors);
    struct template *p = template_make("a.conf", 7, "Upload for {{name}}", "Please upload here:\nhttps://example.com/up\n\n- {{name}}", &errors);
    assert_int_equal(errors.len, 0);
    struct template_fields with = sample;
    with.prepared = p;
    template_render(f, &with, a, &subject, &text, &html);
    assert_string_equal(subject, "Upload for Ann & Bo <x> [CAS-00001-9LGW]");
    assert_string_equal(text, "Hello,\n\nPlease upload here: https://example.com/up\n\n- Ann & Bo <x>\n\nBye\n");
    assert_non_null(strstr(html, "<a href=\"https://example.com/up\">https://example.com/up</a>"));
    template_render(f, &sample, a, &subject, &text, &html);
    assert_string_equal(text, "Hello,\n\nBye\n");
    template_free(&f);
    template_free(&p);
    arena_free(&a);
    buf_free(&errors);
}

/* A folder that holds one file changes that letter alone. */
static void
overlay(void **state)
{
    (void)state;
    char dir[] = "/tmp/ticketd-templates-XXXXXX", folder[200], path[220];
    struct buf errors = { 0 };
    struct arena *a = arena_new(0);
    const char *subject, *text, *html;
    assert_non_null(mkdtemp(dir));
    snprintf(folder, sizeof folder, "%s/sv", dir);
    snprintf(path, sizeof path, "%s/ack.txt", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    FILE *f = fopen(path, "w");
    fputs("Subject: Eget\n\nEgna ord, {{number}}.\n", f);
    fclose(f);
    struct template_set *s = template_set_read(dir, "contrib/templates", "sv", true, &errors);
    if (errors.len > 0)
        fail_msg("%s", errors.data);
    template_render(template_of(s, TD__LETTER__KIND__ACK), &sample, a, &subject, &text, &html);
    assert_string_equal(text, "Egna ord, CAS-00001-9LGW.\n");
    template_render(template_of(s, TD__LETTER__KIND__RECEIPT), &sample, a, &subject, &text, &html);
    assert_string_equal(subject, "Vi har fått ditt mejl");
    template_set_free(&s);
    s = template_set_read(dir, "contrib/templates", "da", false, &errors);      /* no folder of its own: the shipped one */
    assert_non_null(template_of(s, TD__LETTER__KIND__DIGEST));
    template_set_free(&s);
    assert_null(template_set_read(dir, "contrib/templates", "fi", false, &errors));
    assert_int_equal(errors.len, 0);
    f = fopen(path, "w");
    fputs("Subject: Eget\n\nEgna ord, {{nummer}}.\n", f);
    fclose(f);
    s = template_set_read(dir, "contrib/templates", "sv", true, &errors);
    assert_non_null(strstr(errors.data, "/sv/ack.txt:3: unknown field \"nummer\"\n"));
    template_set_free(&s);
    unlink(path);
    rmdir(folder);
    rmdir(dir);
    arena_free(&a);
    buf_free(&errors);
}

/* ticketd.conf(5) names every field. */
static void
manual(void **state)
{
    (void)state;
    struct buf page = { 0 };
    assert_int_equal(file_read("man/ticketd.conf.5", 4 << 20, &page), 0);
    const char *from = strstr(page.data, ".Bl -column \"respond_by"), *to = from ? strstr(from, ".El") : NULL;
    assert_non_null(to);
    for (int i = 0; i < FIELDS; i++) {
        const char *name = template_field_rows[i].name, *p = from;
        size_t len = strlen(name);
        while ((p = strstr(p, name)) != NULL && p < to && (p[-1] != ' ' || (p[len] != ' ' && p[len] != '\n')))
            p += len;
        if (p == NULL || p >= to)
            fail_msg("man/ticketd.conf.5 does not name the field \"%s\"", name);
    }
    buf_free(&page);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes), cmocka_unit_test(results), cmocka_unit_test(columns), cmocka_unit_test(folders),
        cmocka_unit_test(prepared), cmocka_unit_test(overlay), cmocka_unit_test(manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
