/* SPDX-License-Identifier: ISC
 *
 * A list of cases: its columns, its order, and the answer to an act. One table says what a column shows and how it sorts.
 */
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

bool print_quiet;

#define COLUMNS_MAX 24
#define DEFAULT_COLUMNS "case,state,priority,due,queue,opened,from,subject"

enum sorts { BY_TEXT, BY_NUMBER, BY_DUE, BY_FROM };
struct column {
    const char *name, *title, *key;     /* key: of the JSON */
    int flags;
    enum sorts sorts;
    void (*show)(json_t *c, const char *key, char out[512]);
};

static void
show_text(json_t *c, const char *key, char out[512])
{
    const char *s = print_string(c, key);
    snprintf(out, 512, "%s", s != NULL ? s : "");
}

static void
show_number(json_t *c, const char *key, char out[512])
{
    json_t *n = json_object_get(c, key);
    out[0] = '\0';
    if (json_is_integer(n))
        snprintf(out, 512, "%lld", (long long)json_integer_value(n));
}

static void
show_time(json_t *c, const char *key, char out[512])
{
    char at[64];
    print_local(print_string(c, key), false, at);
    snprintf(out, 512, "%s", at);
}

static void
show_due(json_t *c, const char *key, char out[512])
{
    json_t *k = print_clock_shown(c);
    char left[64] = "";
    (void)key;
    if (k != NULL)
        print_left(k, left);
    snprintf(out, 512, "%s", left);
}

static void
show_clock(json_t *c, const char *key, char out[512])
{
    json_t *k = print_clock_shown(c);
    (void)key;
    snprintf(out, 512, "%s", k != NULL ? print_string(k, "name") : "");
}

static void
show_from(json_t *c, const char *key, char out[512])
{
    show_text(json_object_get(c, key), "addr", out);
}

static void
show_name(json_t *c, const char *key, char out[512])
{
    show_text(json_object_get(c, key), "name", out);
}

static void
show_tags(json_t *c, const char *key, char out[512])
{
    struct buf b = { 0 };
    json_t *tag;
    size_t i;
    json_array_foreach(json_object_get(c, key), i, tag)
        buf_printf(&b, "%s%s", i > 0 ? " " : "", json_string_value(tag));
    snprintf(out, 512, "%.*s", (int)utf8_clip(b.data != NULL ? b.data : "", 511), b.data != NULL ? b.data : "");
    buf_free(&b);
}

static const struct column columns[] = {
    { "case", "CASE", "case", 0, BY_TEXT, show_text },
    { "rank", "RANK", "rank", SCOLS_FL_RIGHT, BY_NUMBER, show_number },
    { "state", "STATE", "state_label", 0, BY_TEXT, show_text },
    { "priority", "PRIORITY", "priority", 0, BY_TEXT, show_text },
    { "due", "DUE", "", SCOLS_FL_RIGHT, BY_DUE, show_due },
    { "clock", "CLOCK", "", 0, BY_TEXT, show_clock },
    { "desk", "DESK", "desk", 0, BY_TEXT, show_text },
    { "queue", "QUEUE", "queue", 0, BY_TEXT, show_text },
    { "kind", "KIND", "kind", 0, BY_TEXT, show_text },
    { "assignee", "ASSIGNEE", "assignee", SCOLS_FL_TRUNC, BY_TEXT, show_text },
    { "opened", "OPENED", "opened", 0, BY_TEXT, show_time },
    { "changed", "CHANGED", "changed", 0, BY_TEXT, show_time },
    { "closed", "CLOSED", "closed", 0, BY_TEXT, show_time },
    { "from", "FROM", "requester", SCOLS_FL_TRUNC, BY_FROM, show_from },
    { "name", "NAME", "requester", SCOLS_FL_TRUNC, BY_FROM, show_name },
    { "language", "LANGUAGE", "language", 0, BY_TEXT, show_text },
    { "tags", "TAGS", "tags", SCOLS_FL_TRUNC, BY_TEXT, show_tags },
    { "subject", "SUBJECT", "subject", SCOLS_FL_TRUNC, BY_TEXT, show_text },
};

static const struct column *chosen[COLUMNS_MAX];
static size_t n_chosen;

static const struct column *
column_find(const char *name, size_t len)
{
    for (size_t i = 0; i < countof(columns); i++)
        if (strlen(columns[i].name) == len && strncmp(columns[i].name, name, len) == 0)
            return &columns[i];
    fprintf(stderr, "ticketctl: there is no column \"%.*s\"; there are:", (int)len, name);
    for (size_t i = 0; i < countof(columns); i++)
        fprintf(stderr, " %s", columns[i].name);
    fputc('\n', stderr);
    return NULL;
}

/* ---- order */

static const struct column *sort_column;
static bool sort_down;

static const char *
due_of(json_t *c)
{
    json_t *k = print_clock_shown(c);
    return k != NULL && print_string(k, "met") == NULL ? print_string(k, "due") : "9";  /* what is not awaited comes last */
}

static int
compare_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "\xff", b != NULL ? b : "\xff");
}

static int
compare_cases(const void *x, const void *y)
{
    json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    const char *key = sort_column->key;
    json_int_t na, nb;
    int r = 0;
    switch (sort_column->sorts) {
    case BY_TEXT:
        r = compare_text(print_string(a, key), print_string(b, key));
        break;
    case BY_NUMBER:
        na = json_integer_value(json_object_get(a, key)), nb = json_integer_value(json_object_get(b, key));
        r = (na > nb) - (na < nb);
        break;
    case BY_DUE:
        r = compare_text(due_of(a), due_of(b));
        break;
    case BY_FROM:
        r = compare_text(print_string(json_object_get(a, key), "addr"), print_string(json_object_get(b, key), "addr"));
        break;
    }
    if (r == 0)                         /* qsort is not stable */
        return compare_text(print_string(a, "case"), print_string(b, "case"));
    return sort_down ? -r : r;
}

static void
sort_cases(json_t *doc)
{
    json_t *list = json_object_get(doc, "cases"), *sorted = json_array(), *c;
    size_t n = json_array_size(list), i;
    json_t **v = mem_alloc((n + 1) * sizeof *v);
    json_array_foreach(list, i, c)
        v[i] = c;
    qsort(v, n, sizeof *v, compare_cases);
    for (i = 0; i < n; i++)
        json_array_append(sorted, v[i]);
    json_object_set_new(doc, "cases", sorted);
    free(v);
}

int
list_shape(json_t *doc, const char *sort, const char *wanted)
{
    for (const char *p = wanted != NULL ? wanted : DEFAULT_COLUMNS; *p != '\0';) {
        size_t n = strcspn(p, ",");
        const struct column *c = column_find(p, n);
        if (c == NULL)
            return EX_USAGE;
        if (n_chosen < COLUMNS_MAX)
            chosen[n_chosen++] = c;
        p += n + (p[n] == ',');
    }
    if (sort == NULL || doc == NULL)
        return 0;
    sort_down = sort[0] == '-';
    sort_column = column_find(sort + sort_down, strlen(sort + sort_down));
    if (sort_column == NULL)
        return EX_USAGE;
    sort_cases(doc);
    return 0;
}

/* ---- printing */

/* Times in a list stand without their zone, which is the reader's own: the title names it. */
static void
title(const struct column *c, char out[64])
{
    time_t now = time(NULL);
    struct tm tm;
    char zone[24] = "";
    if (c->show == show_time && localtime_r(&now, &tm) != NULL)
        (void)strftime(zone, sizeof zone, " %Z", &tm);
    snprintf(out, 64, "%s%s", c->title, zone);
}

static bool
is_late(json_t *c)
{
    json_t *k = print_clock_shown(c);
    return k != NULL && print_string(k, "met") == NULL && json_is_true(json_object_get(k, "breached"));
}

void
print_list(json_t *doc)
{
    char titles[COLUMNS_MAX][64], cell[512];
    const char *names[COLUMNS_MAX];
    int flags[COLUMNS_MAX];
    json_t *c;
    size_t i;
    for (i = 0; i < n_chosen; i++) {
        title(chosen[i], titles[i]);
        names[i] = titles[i];
        flags[i] = chosen[i]->flags;
    }
    struct libscols_table *t = print_table(names, flags, n_chosen);
    json_array_foreach(json_object_get(doc, "cases"), i, c) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        must(ln != NULL);
        for (size_t k = 0; k < n_chosen; k++) {
            chosen[k]->show(c, chosen[k]->key, cell);
            print_cell(ln, k, cell, false);
            if (chosen[k]->sorts == BY_DUE && is_late(c))
                (void)scols_cell_set_color(scols_line_get_cell(ln, k), "red");
        }
    }
    if (i == 0)
        puts("no cases");
    else
        (void)scols_print_table(t);
    if (json_is_true(json_object_get(doc, "more")))
        puts("… and more: narrow the list with --desk or --state");
    scols_unref_table(t);
}

void
print_json(json_t *doc)
{
    char *s = json_dumps(doc, JSON_COMPACT);
    puts(s != NULL ? s : "null");
    free(s);
}

void
print_done(json_t *doc)
{
    json_t *line;
    size_t i;
    char *number = print_tamed(print_string(doc, "case"), false);
    json_array_foreach(json_object_get(doc, "done"), i, line) {
        char *s = print_tamed(json_string_value(line), false);
        printf("%s: %s\n", number, s);
        free(s);
    }
    if (print_string(doc, "result") != NULL) {
        char *s = print_tamed(print_string(doc, "result"), true);
        puts(s);
        free(s);
    }
    free(number);
}
