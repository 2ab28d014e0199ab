/* SPDX-License-Identifier: ISC
 *
 * The words and options of those who look after the store. A word is a row of words[]; what each does is in keep_read.c
 * (asked of the reader), keep_write.c (takes core's lock), or core (asked over the control socket).
 */
#include "keep.h"
#include "print_inner.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int check(struct keep_options *o, char **operand);

struct word { const char *name; int operands; bool in_table; int (*run)(struct keep_options *o, char **operand); const char *args, *help; };
static const struct word words[] = {
    { "check", 0, true, check, NULL, NULL },
};

static const struct word *
word_find(const char *name)
{
    for (size_t i = 0; i < countof(words); i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

/* The first argument that is neither an option nor an option's value. */
const char *
keep_word(int argc, char **argv)
{
    static const char *const valued[] = { "-c", "--config", "--socket", "--state-directory", "--key-file" };
    for (int i = 1; i < argc; i++) {
        bool value = false;
        if (argv[i][0] != '-')
            return word_find(argv[i]) != NULL ? argv[i] : NULL;
        for (size_t v = 0; v < countof(valued); v++)
            value |= strcmp(argv[i], valued[v]) == 0;
        i += value;
    }
    return NULL;
}

void
keep_usage(FILE *to)
{
    for (size_t i = 0; i < countof(words); i++)
        if (!words[i].in_table)
            fprintf(to, "  %-8s %-52s %s\n", words[i].name, words[i].args, words[i].help);
}

static int
wrong(const struct word *w)
{
    fprintf(stderr, "usage: ticketctl [--config FILE] [--json] %s %s\n", w->name, w->args != NULL ? w->args : "[--repair]");
    return EX_USAGE;
}

int
keep_main(int argc, char **argv)
{
    static const struct option names[] = { { "config", 1, NULL, 'c' }, { "socket", 1, NULL, 's' }, { "state-directory", 1, NULL, 'd' },
                                           { "key-file", 1, NULL, 'k' }, { "json", 0, NULL, 'j' }, { "repair", 0, NULL, 'r' },
                                           { NULL, 0, NULL, 0 } };
    const struct word *w = word_find(keep_word(argc, argv));
    struct keep_options o = { 0 };
    int c;
    while ((c = getopt_long(argc, argv, "c:j", names, NULL)) != -1) {
        switch (c) {
        case 'c': o.how.config = optarg; break;
        case 's': o.how.socket = optarg; break;
        case 'd': o.how.state_directory = optarg; break;
        case 'k': o.how.key_file = optarg; break;
        case 'j': o.json = true; break;
        case 'r': o.repair = true; break;
        default: return wrong(w);
        }
    }
    if (argc - optind - 1 != w->operands)
        return wrong(w);
    return w->run(&o, argv + optind + 1);
}

/* ---- asking */

json_t *
keep_ask(const struct keep_options *o, Td__Request *r, int *code)
{
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    json_t *doc = NULL;
    *code = ask(&o->how, r, &out, &error, &daemon);
    if (*code == 0 && (doc = json_loadb(out.data != NULL ? out.data : "", out.len, JSON_ALLOW_NUL, NULL)) == NULL) {
        fputs("ticketctl: the answer is not JSON\n", stderr);
        *code = EX_PROTOCOL;
    } else if (*code != 0) {
        fprintf(stderr, "ticketctl: %s\n", error.len > 0 ? error.data : "the question was refused");
    }
    buf_free(&out);
    buf_free(&error);
    return doc;
}

/* ---- check */

static json_int_t
number(json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void
finding_print(json_t *f)
{
    bool note = strcmp(json_string_value(json_object_get(f, "weight")), "note") == 0;
    char *text = print_tamed(print_string(f, "text"), false);
    printf("%-7s %-8s %s\n", note ? "note" : json_is_true(json_object_get(f, "mended")) ? "mended" : "FAULT", print_string(f, "rule"), text);
    free(text);
}

int
keep_check_print(const struct keep_options *o, json_t *doc)
{
    json_t *n = json_object_get(doc, "counts"), *f;
    json_int_t left = number(n, "faults") - number(n, "mended");
    size_t i;
    if (o->json) {
        json_dumpf(doc, stdout, JSON_COMPACT);
        putchar('\n');
        return left > 0 ? EX_DATAERR : 0;
    }
    json_array_foreach(json_object_get(doc, "findings"), i, f)
        finding_print(f);
    if (json_is_true(json_object_get(doc, "more")))
        puts("…and more");
    printf("%lld cases, %lld entries, %lld mails (%lld KiB), %lld letters (%lld wait), %lld timers\n", (long long)number(n, "cases"),
           (long long)number(n, "entries"), (long long)number(n, "mails"), (long long)number(n, "mail_bytes") / 1024, (long long)number(n, "letters"),
           (long long)number(n, "waiting"), (long long)number(n, "timers"));
    if (number(n, "faults") == 0)
        puts("nothing is wrong");
    else
        printf("%lld faults, %lld mended, %lld left\n", (long long)number(n, "faults"), (long long)number(n, "mended"), (long long)left);
    return left > 0 ? EX_DATAERR : 0;
}

static int
check(struct keep_options *o, char **operand)
{
    Td__Request r = TD__REQUEST__INIT;
    int code;
    (void)operand;
    if (o->repair)
        return keep_repair(o);
    r.verb = (char *)"check";
    json_t *doc = keep_ask(o, &r, &code);
    if (doc != NULL)
        code = keep_check_print(o, doc);
    json_decref(doc);
    return code;
}
