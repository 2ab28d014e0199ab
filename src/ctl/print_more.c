/* SPDX-License-Identifier: ISC
 *
 * What search, queue and audit answer, as a person reads it.
 */
#include "print_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long
number(json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

static void
more(json_t *doc, const char *hint)
{
    if (json_is_true(json_object_get(doc, "more")))
        printf("… and more: %s\n", hint);
}

void
print_search(json_t *doc)
{
    static const char *const names[] = { "CASE", "STATE", "WHEN", "FROM", "WHERE", "FOUND" };
    static const int flags[] = { 0, 0, 0, SCOLS_FL_TRUNC, 0, SCOLS_FL_TRUNC };
    static const char *const keys[] = { "case", "state_label", NULL, "requester", "where", "excerpt" };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *hit;
    size_t i;
    json_array_foreach(json_object_get(doc, "hits"), i, hit) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        char at[64];
        print_local(print_string(hit, "at"), true, at);
        for (size_t k = 0; k < countof(keys); k++)
            print_cell(ln, k, keys[k] != NULL ? print_string(hit, keys[k]) : at, false);
    }
    if (i > 0)
        (void)scols_print_table(t);
    else
        printf("nothing found in %lld cases\n", number(doc, "scanned"));
    more(doc, "--limit takes a larger number, --since and --until narrow the search");
    scols_unref_table(t);
}

void
print_queue(json_t *doc)
{
    static const char *const names[] = { "LETTER", "KIND", "CASE", "NEXT TRY", "TRIES", "TO", "LAST ANSWER" };
    static const int flags[] = { SCOLS_FL_RIGHT, 0, 0, 0, SCOLS_FL_RIGHT, SCOLS_FL_TRUNC, SCOLS_FL_TRUNC };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(doc, "letters"), i, row) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        char id[32], tries[32], next[64];
        snprintf(id, sizeof id, "%lld", number(row, "letter"));
        snprintf(tries, sizeof tries, "%lld", number(row, "attempts"));
        print_local(print_string(row, "next"), true, next);
        const char *const cells[] = { id, print_string(row, "kind"), print_string(row, "case"), next, tries, print_string(row, "to"), print_string(row, "last") };
        for (size_t k = 0; k < countof(cells); k++)
            print_cell(ln, k, cells[k], false);
    }
    if (i > 0)
        (void)scols_print_table(t);
    else
        puts("no letter waits");
    more(doc, "these are the first 10000");
    scols_unref_table(t);
}

static void
print_mails(json_t *mails)
{
    static const char *const names[] = { "UID", "FATE", "CASE", "WHEN", "TOLD", "WHY" };
    static const int flags[] = { SCOLS_FL_RIGHT, 0, 0, 0, 0, SCOLS_FL_TRUNC };
    struct libscols_table *t = print_table(names, flags, countof(names));
    json_t *m;
    size_t i;
    json_array_foreach(mails, i, m) {
        struct libscols_line *ln = scols_table_new_line(t, NULL);
        char uid[32], at[64];
        snprintf(uid, sizeof uid, "%lld", number(m, "uid"));
        print_local(print_string(m, "at"), true, at);
        const char *const cells[] = { uid, print_string(m, "fate"), print_string(m, "case"), at, json_is_true(json_object_get(m, "settled")) ? "yes" : "no",
                                      print_string(m, "why") };
        for (size_t k = 0; k < countof(cells); k++)
            print_cell(ln, k, cells[k], false);
    }
    if (i > 0)
        (void)scols_print_table(t);
    scols_unref_table(t);
}

void
print_audit(json_t *doc)
{
    json_t *box;
    size_t i;
    json_array_foreach(json_object_get(doc, "mailboxes"), i, box) {
        json_t *n = json_object_get(box, "counts");
        char *name = print_tamed(print_string(box, "mailbox"), false);
        printf("%s%s: %lld taken, %lld duplicates, %lld refused, %lld set aside; of %lld the mailbox was not told yet\n", i > 0 ? "\n" : "", name,
               number(n, "taken"), number(n, "duplicate"), number(n, "refused"), number(n, "set_aside"), number(n, "unsettled"));
        print_mails(json_object_get(box, "mails"));
        more(box, "these are the first 10000");
        free(name);
    }
    if (i == 0)
        puts("no mailbox keeps its mail: LMTP has none to compare with");
}
