/* SPDX-License-Identifier: ISC
 *
 * One case as a page: who and what, its clocks as bars with their pauses, and everything that happened, with the reason for each.
 */
#include "page.h"
#include "page_made.h"
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE 360
#define CLOCK_ROW 40

static void
term(struct buf *out, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    page_element(out, "dt", name);
    page_element(out, "dd", value);
}

static void
term_moment(struct buf *out, const char *name, const char *utc)
{
    if (utc == NULL)
        return;
    page_element(out, "dt", name);
    buf_puts(out, "<dd>");
    page_moment(out, utc);
    buf_puts(out, "</dd>");
}

static void
facts(struct buf *out, json_t *c)
{
    json_t *who = json_object_get(c, "requester"), *value;
    const char *name;
    struct buf text = { 0 };
    buf_puts(out, "<dl>");
    buf_printf(&text, "%s%s%s%s", print_string(who, "name") ? print_string(who, "name") : "", print_string(who, "name") ? " <" : "",
               print_string(who, "addr") ? print_string(who, "addr") : "–", print_string(who, "name") ? ">" : "");
    term(out, "Requester", text.data);
    term(out, "State", print_string(c, "state_label"));
    term(out, "Priority", print_string(c, "priority"));
    term(out, "Kind", print_string(c, "kind"));
    term(out, "Queue", print_string(c, "queue"));
    term(out, "Assignee", print_string(c, "assignee") ? print_string(c, "assignee") : "nobody");
    term_moment(out, "Opened", print_string(c, "opened"));
    term_moment(out, "First answer", print_string(c, "first_response"));
    term_moment(out, "Resolved", print_string(c, "resolved"));
    term_moment(out, "Closed", print_string(c, "closed"));
    json_object_foreach(json_object_get(c, "fields"), name, value)
        term(out, name, json_string_value(value));
    buf_puts(out, "</dl>\n");
    buf_free(&text);
}

/* ---- clocks as bars over the time of the case */

struct span { int64_t from, to; };

static bool
moment(json_t *o, const char *key, int64_t *at)
{
    const char *s = print_string(o, key);
    return s != NULL && time_parse(s, at);
}

static double
place(struct span all, int64_t at)
{
    return all.to > all.from ? (double)(at - all.from) / (double)(all.to - all.from) * WIDE : 0;
}

static void
block(struct buf *out, const char *class, struct span all, int64_t from, int64_t to, int y, int tall)
{
    double x = place(all, from), w = place(all, to) - x;
    buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", class, x, y, w > 0 ? w : 0, tall);
}

static void
clock_bar(struct buf *out, json_t *k, struct span all, int y)
{
    int64_t from = all.from, due = all.to, met = all.to, at, to;
    bool late = json_is_true(json_object_get(k, "breached"));
    char said[160];
    json_t *p;
    size_t i;
    (void)moment(k, "started", &from);
    (void)moment(k, "due", &due);
    bool is_met = moment(k, "met", &met);
    snprintf(said, sizeof said, "%s, %s: %s", print_string(k, "name"), print_string(k, "target"), print_string(k, "standing") ? print_string(k, "standing") : late ? "late" : is_met ? "met" : "running");
    buf_printf(out, "<text x=\"0\" y=\"%d\">", y + 12);
    page_text(out, said);
    buf_puts(out, "</text>");
    block(out, "ff", all, from, due, y + 17, 12);
    block(out, late ? "bad" : "fa", all, from, is_met && met < all.to ? met : all.to, y + 20, 6);
    json_array_foreach(json_object_get(k, "pauses"), i, p)
        if (moment(p, "from", &at))
            block(out, "fb", all, at, moment(p, "to", &to) ? to : all.to, y + 20, 6);
    buf_printf(out, "<path class=\"si\" stroke-width=\"2\" d=\"M%.1f %dv14\"/>\n", place(all, due), y + 16);
}

/* From the opening to what is latest: a due moment, or the last that happened. */
static struct span
whole(json_t *c, json_t *clocks)
{
    struct span all = { 0, 0 };
    int64_t at;
    json_t *k;
    size_t i;
    (void)moment(c, "opened", &all.from);
    all.to = moment(c, "changed", &at) ? at : all.from;
    json_array_foreach(clocks, i, k)
        if (moment(k, "due", &at) && at > all.to)
            all.to = at;
    return all;
}

static void
clocks_chart(struct buf *out, json_t *c, json_t *clocks)
{
    struct span all = whole(c, clocks);
    json_t *k;
    size_t i;
    if (json_array_size(clocks) == 0)
        return;
    buf_printf(out, "<section><h2>Clocks</h2>\n<figure><svg viewBox=\"0 0 %d %d\" role=\"img\"><title>Clocks</title>\n", WIDE, (int)json_array_size(clocks) * CLOCK_ROW);
    json_array_foreach(clocks, i, k)
        clock_bar(out, k, all, (int)i * CLOCK_ROW);
    buf_puts(out, "</svg><p class=\"soft\">Wide: the time allowed, its end marked. Narrow: the time it ran; the other colour: where it stood still. ");
    page_text(out, "The line reaches from the opening to the last due moment or event.");
    buf_puts(out, "</p></figure></section>\n");
}

static void
clocks_table(struct buf *out, json_t *clocks)
{
    json_t *k;
    size_t i;
    buf_puts(out, "<div class=\"wide\"><table><tr><th>Clock</th><th>Target</th><th>Set by</th><th>Due</th><th>Met</th><th class=\"n\">Used</th></tr>\n");
    json_array_foreach(clocks, i, k) {
        char used[32] = "–";
        if (json_is_integer(json_object_get(k, "percent")))
            snprintf(used, sizeof used, "%lld %%", (long long)json_integer_value(json_object_get(k, "percent")));
        buf_puts(out, "<tr>");
        page_element(out, "td", print_string(k, "name"));
        page_element(out, "td", print_string(k, "target"));
        page_element(out, "td", print_string(k, "setting") ? print_string(k, "setting") : "–");
        buf_puts(out, "<td>");
        page_moment(out, print_string(k, "due"));
        buf_puts(out, "</td><td>");
        page_moment(out, print_string(k, "met"));
        buf_puts(out, "</td>");
        page_element(out, json_is_true(json_object_get(k, "breached")) ? "td class=\"n bad\"" : "td class=\"n\"", used);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</table></div>\n");
}

/* ---- everything that happened */

static const char *
class_of(const char *what)
{
    static const struct { const char *what, *class; } rows[] = {
        { "opened", "mail" }, { "appended", "mail" }, { "parked", "mail" }, { "machine", "mail" }, { "reopened", "mail" }, { "letter", "out" }, { "sent", "out" }, { "relayed", "out" },
        { "breached", "late" }, { "escalated", "late" }, { "failed", "late" }, { "warned", "late" }, { "alarm", "late" },
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (strcmp(rows[i].what, what) == 0)
            return rows[i].class;
    return "";
}

static void
entry(struct buf *out, json_t *e)
{
    const char *what = print_string(e, "what") ? print_string(e, "what") : "", *by = print_string(e, "by"), *to = print_string(e, "recipient"), *detail = print_string(e, "detail");
    json_t *a;
    size_t i;
    buf_printf(out, "<li class=\"%s\"><b>", class_of(what));
    page_text(out, what);
    buf_puts(out, "</b> ");
    if (by != NULL) {
        buf_puts(out, "by ");
        page_text(out, by);
    }
    if (to != NULL) {
        buf_puts(out, " to ");
        page_text(out, to);
    }
    if (detail != NULL) {
        buf_puts(out, " – ");
        page_text(out, detail);
    }
    buf_puts(out, "<br><span class=\"soft\">");
    page_moment(out, print_string(e, "at"));
    if (print_string(e, "why") != NULL) {
        buf_puts(out, " · ");
        page_text(out, print_string(e, "why"));
    }
    buf_puts(out, "</span>");
    if (print_string(e, "text") != NULL && *print_string(e, "text") != '\0')
        page_element(out, "pre dir=\"auto\"", print_string(e, "text"));
    json_array_foreach(json_object_get(e, "attachments"), i, a) {
        buf_puts(out, "<p>Attached: ");
        page_text(out, print_string(a, "name") ? print_string(a, "name") : "without a name");
        buf_printf(out, " (%lld bytes)</p>", (long long)json_integer_value(json_object_get(a, "size")));
    }
    buf_puts(out, "</li>\n");
}

void
page_case(json_t *c, json_t *explained, struct buf *out)
{
    json_t *clocks = json_object_get(explained != NULL ? explained : c, "clocks"), *e;
    const char *subject = print_string(c, "subject") ? print_string(c, "subject") : "";
    struct buf title = { 0 };
    size_t i;
    buf_printf(&title, "%s: %s", print_string(c, "case"), subject);
    page_begin(out, title.data);
    page_element(out, "h1", title.data);
    facts(out, c);
    clocks_chart(out, c, clocks);
    if (json_array_size(clocks) > 0)
        clocks_table(out, clocks);
    buf_puts(out, "<section><h2>What happened</h2>\n<ol>\n");
    json_array_foreach(json_object_get(c, "entries"), i, e)
        entry(out, e);
    buf_puts(out, "</ol></section>\n");
    page_end(out);
    buf_free(&title);
}
