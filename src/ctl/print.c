/* SPDX-License-Identifier: ISC
 *
 * Answers as a person reads them. Everything shown came from strangers' mail at one time or another: control characters
 * are replaced before they reach a terminal.
 */
#include "print_inner.h"
#include "ticketd/base.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* C0, DEL and C1 controls, and bidi overrides, become a question mark. In place; UTF-8 stays UTF-8. */
static void
tame(char *s, bool keep_lines)
{
    for (unsigned char *p = (unsigned char *)s; *p != '\0'; p++) {
        if ((*p < 0x20 && !(keep_lines && *p == '\n')) || *p == 0x7f)
            *p = *p == '\n' || *p == '\t' ? ' ' : '?';
        else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
            p[0] = p[1] = '?';
        else if (p[0] == 0xe2 && p[1] == 0x80 && ((p[2] >= 0xaa && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f))
            p[0] = p[1] = p[2] = '?';
        else if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
            p[0] = p[1] = p[2] = '?';
    }
}

char *
print_tamed(const char *s, bool keep_lines)
{
    char *copy = mem_strdup(s != NULL ? s : "");
    tame(copy, keep_lines);
    return copy;
}

const char *
print_string(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* Local time; full: with the year and the zone. */
void
print_local(const char *utc, bool full, char out[64])
{
    int64_t at;
    struct tm tm;
    time_t t;
    if (utc == NULL || !time_parse(utc, &at)) {
        snprintf(out, 64, "-");
        return;
    }
    t = (time_t)at;
    localtime_r(&t, &tm);
    (void)strftime(out, 64, full ? "%Y-%m-%d %H:%M:%S %Z" : "%a %d %b %H:%M", &tm);
}

void
print_left(json_t *clock, char out[64])
{
    int64_t due;
    const char *met = print_string(clock, "met");
    if (met != NULL) {
        snprintf(out, 64, "met");
    } else if (time_parse(print_string(clock, "due"), &due)) {
        int64_t left = due - (int64_t)time(NULL), abs = left < 0 ? -left : left;
        const char *sign = left < 0 ? "late " : "";
        if (abs < 120)
            snprintf(out, 64, "%s%llds", sign, (long long)abs);
        else if (abs < 7200)
            snprintf(out, 64, "%s%lldm", sign, (long long)(abs / 60));
        else if (abs < 172800)
            snprintf(out, 64, "%s%lldh", sign, (long long)(abs / 3600));
        else
            snprintf(out, 64, "%s%lldd", sign, (long long)(abs / 86400));
    } else {
        snprintf(out, 64, "-");
    }
}

/* The clock that is due first and not met; else the last. */
json_t *
print_clock_shown(json_t *c)
{
    json_t *clocks = json_object_get(c, "clocks"), *k, *best = NULL;
    size_t i;
    json_array_foreach(clocks, i, k)
        if (print_string(k, "met") == NULL && (best == NULL || strcmp(print_string(k, "due"), print_string(best, "due")) < 0))
            best = k;
    return best != NULL ? best : json_array_get(clocks, json_array_size(clocks) - 1);
}

bool
print_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO);
}

struct libscols_table *
print_table(const char *const *names, const int *flags, size_t n)
{
    struct libscols_table *t = scols_new_table();
    must(t != NULL);
    for (size_t i = 0; i < n; i++)
        must(scols_table_new_column(t, names[i], 0, flags[i]) != NULL);
    const char *columns = getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
    if (!isatty(STDOUT_FILENO) && width >= 40 && width <= 1000) {       /* else what a script reads is cut nowhere */
        (void)scols_table_set_termforce(t, SCOLS_TERMFORCE_ALWAYS);
        (void)scols_table_set_termwidth(t, (size_t)width);
    }
    if (print_colour())
        (void)scols_table_enable_colors(t, 1);
    return t;
}

void
print_cell(struct libscols_line *ln, size_t col, const char *s, bool keep_lines)
{
    char *copy = print_tamed(s != NULL && s[0] != '\0' ? s : "-", keep_lines);
    (void)scols_line_set_data(ln, col, copy);
    free(copy);
}

/* ---- one case */

static void
line(const char *name, const char *value)
{
    char *v = print_tamed(value != NULL ? value : "-", false);
    printf("%-11s %s\n", name, v);
    free(v);
}

#define BAR 40                          /* cells */

/* How much of the target is used, in the calendar's own time; over it the bar is full. */
static void
print_bar(unsigned percent)
{
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0, colour = print_colour();
    unsigned full = percent >= 100 ? BAR : percent * BAR / 100;
    printf("%-11s %s", "", !colour ? "" : percent >= 100 ? "\033[31m" : percent >= 75 ? "\033[33m" : "\033[32m");
    for (unsigned i = 0; i < BAR; i++)
        fputs(i < full ? (utf8 ? "█" : "#") : utf8 ? "░" : "-", stdout);
    printf("%s %u %%\n", colour ? "\033[0m" : "", percent);
}

static void
print_clock(json_t *k)
{
    char due[64], left[64];
    print_local(print_string(k, "due"), true, due);
    print_left(k, left);
    printf("%-11s %s: target %s, due %s, %s%s\n", "clock", print_string(k, "name"), print_string(k, "target"), due, left,
           json_is_true(json_object_get(k, "breached")) ? ", breached" : "");
    if (json_is_integer(json_object_get(k, "percent")))
        print_bar((unsigned)json_integer_value(json_object_get(k, "percent")));
}

static void
print_text(const char *text)
{
    char *copy = print_tamed(text, true), *save;
    for (char *l = strtok_r(copy, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save))
        printf("    | %s\n", l);
    free(copy);
}

/* " +2h": since the entry before, from a minute on. */
static void
since_text(json_t *e, int64_t *last, char out[64])
{
    int64_t at;
    out[0] = '\0';
    if (!time_parse(print_string(e, "at"), &at))
        return;
    int64_t gap = *last != 0 ? at - *last : 0;
    *last = at;
    if (gap >= 172800)
        snprintf(out, 64, " +%lldd", (long long)(gap / 86400));
    else if (gap >= 7200)
        snprintf(out, 64, " +%lldh", (long long)(gap / 3600));
    else if (gap >= 60)
        snprintf(out, 64, " +%lldm", (long long)(gap / 60));
}

static void
print_entry(json_t *e, int64_t *last)
{
    char at[64], since[64];
    since_text(e, last, since);
    json_t *f;
    size_t i;
    print_local(print_string(e, "at"), true, at);
    char *by = print_tamed(print_string(e, "by"), false), *why = print_tamed(print_string(e, "why"), false), *detail = print_tamed(print_string(e, "detail"), false);
    printf("\n%s%s  %s%s%s%s%s%s%s\n", at, since, print_string(e, "what"), by[0] != '\0' ? " by " : "", by, why[0] != '\0' ? ": " : "", why,
           detail[0] != '\0' ? "; " : "", detail);
    free(by);
    free(why);
    free(detail);
    if (json_is_integer(json_object_get(e, "letter"))) {
        char *to = print_tamed(print_string(e, "recipient"), false);
        printf("    letter %lld%s%s\n", (long long)json_integer_value(json_object_get(e, "letter")), to[0] != '\0' ? " to " : "", to);
        free(to);
    }
    if (print_string(e, "text") != NULL)
        print_text(print_string(e, "text"));
    json_array_foreach(json_object_get(e, "attachments"), i, f) {
        char *name = print_tamed(print_string(f, "name"), false);
        printf("    + %s (%s, %lld bytes)\n", name[0] != '\0' ? name : "unnamed", print_string(f, "type"),
               (long long)json_integer_value(json_object_get(f, "size")));
        free(name);
    }
}

void
print_case(json_t *doc)
{
    static const char *const plain[][2] = { { "case", "case" },     { "subject", "subject" }, { "state", "state_label" },
                                            { "priority", "priority" }, { "queue", "queue" },  { "assignee", "assignee" },
                                            { "desk", "desk" } };
    json_t *who = json_object_get(doc, "requester"), *k, *e;
    char opened[64];
    int64_t last = 0;
    size_t i;
    for (i = 0; i < countof(plain); i++)
        line(plain[i][0], print_string(doc, plain[i][1]));
    char *name = print_tamed(print_string(who, "name"), false), *addr = print_tamed(print_string(who, "addr"), false);
    printf("%-11s %s%s<%s>\n", "requester", name, name[0] != '\0' ? " " : "", addr);
    free(name);
    free(addr);
    print_local(print_string(doc, "opened"), true, opened);
    line("opened", opened);
    json_array_foreach(json_object_get(doc, "clocks"), i, k)
        print_clock(k);
    json_array_foreach(json_object_get(doc, "entries"), i, e)
        print_entry(e, &last);
}

/* ---- status */

static void
print_roles(json_t *roles)
{
    static const char *const names[] = { "ROLE", "NAME", "STATE", "PID", "RESTARTS", "SAYS" };
    static const int flags[] = { 0, 0, 0, SCOLS_FL_RIGHT, SCOLS_FL_RIGHT, SCOLS_FL_TRUNC };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *r;
    size_t i;
    json_array_foreach(roles, i, r) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        char pid[32], restarts[32];
        snprintf(pid, sizeof pid, "%lld", (long long)json_integer_value(json_object_get(r, "pid")));
        snprintf(restarts, sizeof restarts, "%lld", (long long)json_integer_value(json_object_get(r, "restarts")));
        print_cell(ln, 0, print_string(r, "role"), false);
        print_cell(ln, 1, print_string(r, "name"), false);
        print_cell(ln, 2, print_string(r, "state"), false);
        print_cell(ln, 3, pid, false);
        print_cell(ln, 4, restarts, false);
        print_cell(ln, 5, print_string(r, "said"), false);
    }
    (void)scols_print_table(t);
    scols_unref_table(t);
}

static void
print_problems(json_t *list)
{
    json_t *p;
    size_t i;
    json_array_foreach(list, i, p)
        line("PROBLEM", json_string_value(p));
}

void
print_status(json_t *doc)
{
    json_t *d = json_object_get(doc, "daemon"), *n;
    const char *state;
    char since[64], mail[64];
    printf("%-11s", "cases");
    json_object_foreach(json_object_get(doc, "cases"), state, n)
        printf(" %lld %s", (long long)json_integer_value(n), state);
    printf("\n%-11s %lld waiting\n%-11s %lld MiB free\n", "letters", (long long)json_integer_value(json_object_get(doc, "letters_waiting")),
           "disk", (long long)(json_integer_value(json_object_get(doc, "free_bytes")) >> 20));
    if (!json_is_object(d)) {
        puts("daemon      is not running");
        return;
    }
    print_local(print_string(d, "started"), true, since);
    print_local(print_string(d, "last_mail"), true, mail);
    printf("%-11s version %s, pid %lld, since %s\n", "daemon", print_string(d, "version"),
           (long long)json_integer_value(json_object_get(d, "pid")), since);
    printf("%-11s %lld taken, %lld in hand, last at %s\n", "mails", (long long)json_integer_value(json_object_get(d, "mails_taken")),
           (long long)json_integer_value(json_object_get(d, "mails_in_hand")), mail);
    if (json_is_true(json_object_get(d, "careful")))
        puts("mode        careful: the last end was not an orderly one");
    if (print_string(d, "trouble") != NULL)
        line("TROUBLE", print_string(d, "trouble"));
    print_problems(json_object_get(doc, "problems"));
    putchar('\n');
    print_roles(json_object_get(d, "roles"));
}
