/* SPDX-License-Identifier: ISC
 *
 * Clocks as a person reads them: one case explained, and the report over all.
 */
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
line(const char *name, const char *value)
{
    char *v = print_tamed(value != NULL ? value : "-", false);
    printf("  %-9s %s\n", name, v);
    free(v);
}

/* "1h 30m": of working time a day has no fixed length. */
static void
span(int64_t seconds, char out[64])
{
    int64_t abs = seconds < 0 ? -seconds : seconds;
    snprintf(out, 64, "%s%lldh %02lldm", seconds < 0 ? "-" : "", (long long)(abs / 3600), (long long)(abs / 60 % 60));
}

static void
print_pauses(json_t *k)
{
    json_t *p;
    size_t i;
    json_array_foreach(json_object_get(k, "pauses"), i, p) {
        const char *to = print_string(p, "to_local");
        printf("  %-9s from %s%s%s\n", "paused", print_string(p, "from_local"), to ? " to " : ", and still", to ? to : "");
    }
}

static void
print_steps(json_t *k)
{
    json_t *s;
    size_t i;
    json_array_foreach(json_object_get(k, "steps"), i, s) {
        json_t *warn = json_object_get(s, "warn");
        bool done = print_string(s, "done") != NULL;
        char *to = print_tamed(print_string(s, "to"), false);
        if (json_is_integer(warn))
            printf("  %-9s at %lld %% to %s, %s%s\n", "warning", (long long)json_integer_value(warn), to, done ? "done" : "due ",
                   done ? "" : print_string(s, "due_local"));
        else
            printf("  %-9s %s past the target to %s, %s%s\n", "step", print_string(s, "after"), to, done ? "done" : "due ",
                   done ? "" : print_string(s, "due_local"));
        free(to);
    }
}

static void
print_words(const char *name, json_t *list)
{
    struct buf all = { 0 };
    json_t *w;
    size_t i;
    json_array_foreach(list, i, w)
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", json_string_value(w));
    if (all.len > 0)
        line(name, all.data);
    buf_free(&all);
}

static void
print_clock_explained(json_t *k)
{
    char used[64], left[64], text[300];
    int64_t left_s = json_integer_value(json_object_get(k, "left_seconds"));
    char *name = print_tamed(print_string(k, "name"), false);
    printf("\n%s: %s\n", name, print_string(k, "standing"));
    free(name);
    snprintf(text, sizeof text, "%s, by %s", print_string(k, "target"), print_string(k, "setting") ? print_string(k, "setting") : "-");
    line("target", text);
    line("calendar", print_string(k, "calendar"));
    line("started", print_string(k, "started_local"));
    line("due", print_string(k, "due_local"));
    span(json_integer_value(json_object_get(k, "used_seconds")), used);
    span(left_s < 0 ? -left_s : left_s, left);
    snprintf(text, sizeof text, "%s (%lld %%), %s %s", used, (long long)json_integer_value(json_object_get(k, "percent")), left, left_s < 0 ? "over" : "left");
    line("used", text);
    if (print_string(k, "met") != NULL) {
        char met[64];
        print_local(print_string(k, "met"), true, met);
        snprintf(text, sizeof text, "%s, by %s", met, print_string(k, "met_by") ? print_string(k, "met_by") : "-");
        line("met", text);
    }
    print_words("met by", json_object_get(k, "stops"));
    print_words("pauses in", json_object_get(k, "pause_states"));
    print_pauses(k);
    print_steps(k);
}

void
print_explain(json_t *doc)
{
    json_t *v;
    size_t i;
    char *number = print_tamed(print_string(doc, "case"), false), *label = print_tamed(print_string(doc, "state_label"), false);
    printf("%s: %s, priority %s, queue %s\n", number, label, print_string(doc, "priority"), print_string(doc, "queue"));
    free(number);
    free(label);
    json_array_foreach(json_object_get(doc, "clocks"), i, v)
        print_clock_explained(v);
    if (i == 0)
        puts("no clock has started");
    json_array_foreach(json_object_get(doc, "dues"), i, v)
        printf("%s%s: due %s\n", i == 0 ? "\n" : "", print_string(v, "what"), print_string(v, "due_local"));
}

static void
cell_number(struct libscols_line *ln, size_t col, json_t *n, const char *sign)
{
    char text[40] = "";
    if (json_is_integer(n))
        snprintf(text, sizeof text, "%lld%s", (long long)json_integer_value(n), sign);
    else if (json_is_real(n))
        snprintf(text, sizeof text, "%.2f", json_real_value(n));
    print_cell(ln, col, text, false);
}

static void
print_reached(json_t *rows)
{
    static const char *const names[] = { "DESK", "TARGET", "WITHIN", "SETTING", "CASES", "IN TIME", "REACHED", "GOAL", "RUNNING" };
    static const int flags[] = { 0, 0, 0, 0, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT };
    static const char *const keys[] = { "desk", "name", "target", "setting" };
    static const char *const counts[] = { "cases", "in_time", "percent", "goal", "running" };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        for (size_t k = 0; k < countof(keys); k++)
            print_cell(ln, k, print_string(row, keys[k]), false);
        for (size_t k = 0; k < countof(counts); k++)
            cell_number(ln, countof(keys) + k, json_object_get(row, counts[k]), k == 2 || k == 3 ? " %" : "");
    }
    (void)scols_print_table(t);
    scols_unref_table(t);
}

static void
print_groups(const char *by, json_t *list)
{
    static const char *const keys[] = { "taken_in", "answered", "resolved", "open", "first_contact", "reopened", "rating", "minutes" };
    const char *const names[] = { by, "TAKEN IN", "ANSWERED", "RESOLVED", "OPEN", "ONE ANSWER", "REOPENED", "RATING", "MINUTES" };
    static const int flags[] = { 0, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *row;
    size_t i;
    json_array_foreach(list, i, row) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        print_cell(ln, 0, print_string(row, "name"), false);
        for (size_t k = 0; k < countof(keys); k++)
            cell_number(ln, 1 + k, json_object_get(row, keys[k]), "");
    }
    (void)scols_print_table(t);
    scols_unref_table(t);
}

void
print_report(json_t *doc)
{
    char by[40];
    json_t *rows = json_object_get(doc, "report"), *groups = json_object_get(json_object_get(doc, "by"), print_string(doc, "group"));
    snprintf(by, sizeof by, "%s", print_string(doc, "group"));
    for (char *p = by; *p != '\0'; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    if (json_array_size(rows) > 0)
        print_reached(rows);
    if (json_array_size(rows) > 0 && json_array_size(groups) > 0)
        putchar('\n');
    if (json_array_size(groups) > 0)
        print_groups(by, groups);
    if (json_array_size(rows) == 0 && json_array_size(groups) == 0)
        puts("no cases");
}
