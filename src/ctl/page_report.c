/* SPDX-License-Identifier: ISC
 *
 * The report as a page to print or send: what came in and was done, what was reached of each published target, what is open, by month,
 * desk, queue, priority and customer.
 */
#include "page.h"
#include "page_made.h"
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARS_MOST 24u
#define MONTHS_MOST 24u

static long long
number(json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

static long long
sum(json_t *list, const char *key)
{
    long long n = 0;
    json_t *o;
    size_t i;
    json_array_foreach(list, i, o)
        n += number(o, key);
    return n;
}

static void
number_text(long long n, char out[32])
{
    snprintf(out, 32, "%lld", n);
}

static void
share_text(long long part, long long whole, char out[32])
{
    if (whole > 0)
        snprintf(out, 32, "%lld %%", part * 100 / whole);
    else
        snprintf(out, 32, "–");
}

static void
hours_text(long long minutes, char out[32])
{
    snprintf(out, 32, "%lld:%02lld", minutes / 60, minutes % 60);
}

/* ---- what stands on top */

static void
tiles(struct buf *out, json_t *doc)
{
    json_t *desks = json_object_get(json_object_get(doc, "by"), "desk");
    static const struct { const char *key, *name; } plain[] = { { "taken_in", "taken in" }, { "answered", "answered first" }, { "resolved", "resolved" }, { "open", "open at the end" } };
    char value[32];
    buf_puts(out, "<div class=\"tiles\">\n");
    for (size_t i = 0; i < countof(plain); i++) {
        number_text(sum(desks, plain[i].key), value);
        page_tile(out, value, plain[i].name);
    }
    share_text(sum(desks, "first_contact"), sum(desks, "resolved"), value);
    page_tile(out, value, "resolved with one answer");
    share_text(sum(desks, "reopened"), sum(desks, "resolved"), value);
    page_tile(out, value, "of the resolved had been reopened");
    hours_text(sum(desks, "minutes"), value);
    page_tile(out, value, "hours logged on the resolved");
    buf_puts(out, "</div>\n");
}

static void
months_chart(struct buf *out, json_t *months)
{
    size_t n = json_array_size(months), from = n > MONTHS_MOST ? n - MONTHS_MOST : 0;
    struct pair v[MONTHS_MOST];
    for (size_t i = from; i < n; i++) {
        json_t *m = json_array_get(months, i);
        v[i - from] = (struct pair){ print_string(m, "name"), (double)number(m, "taken_in"), (double)number(m, "resolved") };
    }
    page_pairs(out, "By month", "taken in", "resolved", v, n - from);
}

static void
reached_chart(struct buf *out, json_t *rows)
{
    struct bar v[BARS_MOST];
    char said[BARS_MOST][32], name[BARS_MOST][160];
    size_t n = 0, i;
    json_t *o;
    json_array_foreach(rows, i, o) {
        long long percent = number(o, "percent"), goal = number(o, "goal");
        if (n == BARS_MOST || !json_is_integer(json_object_get(o, "percent")))
            continue;
        snprintf(said[n], sizeof said[n], "%lld %%", percent);
        snprintf(name[n], sizeof name[n], "%s %s, %s", print_string(o, "target"), print_string(o, "name"), print_string(o, "setting") ? print_string(o, "setting") : print_string(o, "desk"));
        v[n] = (struct bar){ name[n], said[n], (double)percent, goal > 0 ? (double)goal : -1, goal > 0 && percent < goal };
        n++;
    }
    if (n > 0)
        page_bars(out, "In time, percent; the mark is the published goal", v, n, 100);
}

static void
backlog_chart(struct buf *out, json_t *ages)
{
    struct bar v[BARS_MOST];
    char said[BARS_MOST][32];
    size_t n = 0, i;
    json_t *o;
    json_array_foreach(ages, i, o) {
        if (n == BARS_MOST)
            break;
        number_text(number(o, "cases"), said[n]);
        v[n] = (struct bar){ print_string(o, "age"), said[n], (double)number(o, "cases"), -1, false };
        n++;
    }
    page_bars(out, "Open at the end, by age", v, n, 0);
}

/* ---- tables */

static void
reached_table(struct buf *out, json_t *rows)
{
    json_t *o;
    size_t i;
    char text[32];
    buf_puts(out, "<section><h2>Targets</h2>\n<div class=\"wide\"><table><tr><th>Desk</th><th>Target</th><th>Within</th><th>Set by</th><th class=\"n\">Cases</th><th class=\"n\">In time</th>"
                  "<th class=\"n\">Reached</th><th class=\"n\">Goal</th><th class=\"n\">Still running</th></tr>\n");
    json_array_foreach(rows, i, o) {
        static const char *const words[] = { "desk", "name", "target", "setting" };
        bool known = json_is_integer(json_object_get(o, "percent")), goal = json_is_integer(json_object_get(o, "goal"));
        buf_puts(out, "<tr>");
        for (size_t k = 0; k < countof(words); k++)
            page_element(out, "td", print_string(o, words[k]) ? print_string(o, words[k]) : "–");
        number_text(number(o, "cases"), text);
        page_element(out, "td class=\"n\"", text);
        number_text(number(o, "in_time"), text);
        page_element(out, "td class=\"n\"", text);
        snprintf(text, sizeof text, known ? "%lld %%" : "–", number(o, "percent"));
        page_element(out, known && goal && number(o, "percent") < number(o, "goal") ? "td class=\"n bad\"" : "td class=\"n\"", text);
        snprintf(text, sizeof text, goal ? "%lld %%" : "–", number(o, "goal"));
        page_element(out, "td class=\"n\"", text);
        number_text(number(o, "running"), text);
        page_element(out, "td class=\"n\"", text);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</table></div></section>\n");
}

static void
group_row(struct buf *out, json_t *o)
{
    static const char *const first[] = { "taken_in", "answered", "resolved", "open" };
    char text[32];
    buf_puts(out, "<tr>");
    page_element(out, "td", print_string(o, "name"));
    for (size_t k = 0; k < countof(first); k++) {
        number_text(number(o, first[k]), text);
        page_element(out, "td class=\"n\"", text);
    }
    share_text(number(o, "first_contact"), number(o, "resolved"), text);
    page_element(out, "td class=\"n\"", text);
    number_text(number(o, "reopened"), text);
    page_element(out, "td class=\"n\"", text);
    if (number(o, "rated") > 0)
        snprintf(text, sizeof text, "%.2f (%lld)", json_number_value(json_object_get(o, "rating")), number(o, "rated"));
    else
        snprintf(text, sizeof text, "–");
    page_element(out, "td class=\"n\"", text);
    hours_text(number(o, "minutes"), text);
    page_element(out, "td class=\"n\"", text);
    buf_puts(out, "</tr>\n");
}

static void
group_table(struct buf *out, const char *title, json_t *list)
{
    json_t *o;
    size_t i;
    buf_puts(out, "<section>");
    page_element(out, "h2", title);
    buf_puts(out, "\n<div class=\"wide\"><table><tr><th></th><th class=\"n\">Taken in</th><th class=\"n\">Answered</th><th class=\"n\">Resolved</th><th class=\"n\">Open</th>"
                  "<th class=\"n\">One answer</th><th class=\"n\">Reopened</th><th class=\"n\">Rating</th><th class=\"n\">Hours</th></tr>\n");
    json_array_foreach(list, i, o)
        group_row(out, o);
    buf_puts(out, "</table></div></section>\n");
}

void
page_report(json_t *doc, struct buf *out)
{
    static const struct { const char *key, *title; } tables[] = { { "month", "Months" }, { "desk", "Desks" }, { "queue", "Queues" }, { "priority", "Priorities" }, { "customer", "Customers" } };
    json_t *by = json_object_get(doc, "by"), *rows = json_object_get(doc, "report");
    const char *since = print_string(doc, "since"), *until = print_string(doc, "until"), *desk = print_string(doc, "desk");
    struct buf title = { 0 };
    buf_printf(&title, "Support report%s%s", desk ? ": " : "", desk ? desk : "");
    page_begin(out, title.data);
    page_element(out, "h1", title.data);
    buf_puts(out, "\n<p class=\"soft\">");
    page_text(out, since ? "From " : "From the beginning");
    if (since)
        page_moment(out, since);
    buf_puts(out, until ? " until " : " until now");
    if (until)
        page_moment(out, until);
    buf_puts(out, ". Made ");
    page_moment(out, print_string(doc, "made"));
    buf_puts(out, ".</p>\n");
    tiles(out, doc);
    buf_puts(out, "<div class=\"charts\">\n");
    months_chart(out, json_object_get(by, "month"));
    backlog_chart(out, json_object_get(doc, "backlog"));
    reached_chart(out, rows);
    buf_puts(out, "</div>\n");
    reached_table(out, rows);
    for (size_t i = 0; i < countof(tables); i++)
        group_table(out, tables[i].title, json_object_get(by, tables[i].key));
    buf_puts(out, "<p class=\"soft\">Targets count cases opened in this time. Taken in, answered and resolved count what happened in it; one answer, reopened, rating and hours are of the "
                  "cases resolved in it. What was merged, refused or spam counts nowhere.</p>\n");
    page_end(out);
    buf_free(&title);
}

/* ---- the same groups as CSV (RFC 4180) for those who calculate on; a text that a program would take for a formula gets a ' before it */

static void
csv_text(struct buf *out, const char *s)
{
    buf_putc(out, '"');
    if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
        buf_putc(out, '\'');
    for (; *s != '\0'; s++) {
        if (*s == '"')
            buf_putc(out, '"');
        buf_putc(out, (unsigned char)*s < ' ' ? ' ' : *s);
    }
    buf_putc(out, '"');
}

void
csv_report(json_t *doc, struct buf *out)
{
    static const char *const keys[] = { "taken_in", "answered", "resolved", "open", "first_contact", "reopened", "rated", "minutes", "minutes_overtime", "minutes_billable" };
    const char *by;
    json_t *list, *o;
    size_t i;
    buf_puts(out, "by,name");
    for (size_t k = 0; k < countof(keys); k++)
        buf_printf(out, ",%s", keys[k]);
    buf_puts(out, ",rating\r\n");
    json_object_foreach(json_object_get(doc, "by"), by, list)
        json_array_foreach(list, i, o) {
            buf_printf(out, "%s,", by);
            csv_text(out, print_string(o, "name"));
            for (size_t k = 0; k < countof(keys); k++)
                buf_printf(out, ",%lld", number(o, keys[k]));
            buf_puts(out, ",");
            if (number(o, "rated") > 0)
                buf_printf(out, "%.2f", json_number_value(json_object_get(o, "rating")));
            buf_puts(out, "\r\n");
        }
}
