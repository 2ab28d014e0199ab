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

static int check(struct keep_options *o, char **operand), backup(struct keep_options *o, char **operand), restore(struct keep_options *o, char **operand),
    erase(struct keep_options *o, char **operand), unhold(struct keep_options *o, char **operand),
    rotate(struct keep_options *o, char **operand), export(struct keep_options *o, char **operand);

struct word { const char *name; int least, most; int (*run)(struct keep_options *o, char **operand); const char *args; };
static const struct word words[] = {         /* each is a row of verbs[], too */
    { "check", 0, 0, check, "[--repair]" },
    { "backup", 1, 1, backup, "FOLDER [--keys FILE]" },
    { "restore", 1, 1, restore, "FOLDER [--keys FILE] [--old-key FILE] [--force]" },
    { "export", 1, 2, export, "CASE FOLDER | --person ADDRESS FOLDER" },
    { "rotate", 0, 0, rotate, "[--new-key FILE]" },
    { "erase", 0, 1, erase, "CASE | --person ADDRESS" },
    { "unhold", 0, 1, unhold, "LETTER | --all [--drop]" },
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
    static const char *const valued[] = { "-c", "--config", "--socket", "--state-directory", "--key-file", "--keys", "--person", "--new-key", "--old-key" };
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

static int
wrong(const struct word *w)
{
    fprintf(stderr, "usage: ticketctl [--config FILE] [--json] %s %s\n", w->name, w->args);
    return EX_USAGE;
}

int
keep_main(int argc, char **argv)
{
    static const struct option names[] = { { "config", 1, NULL, 'c' }, { "socket", 1, NULL, 's' }, { "state-directory", 1, NULL, 'd' },
                                           { "key-file", 1, NULL, 'k' }, { "json", 0, NULL, 'j' }, { "repair", 0, NULL, 'r' }, { "keys", 1, NULL, 'K' }, { "force", 0, NULL, 'f' }, { "person", 1, NULL, 'p' },
                                           { "all", 0, NULL, 'a' }, { "new-key", 1, NULL, 'n' }, { "old-key", 1, NULL, 'o' }, { "drop", 0, NULL, 'D' },
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
        case 'K': o.keys = optarg; break;
        case 'f': o.force = true; break;
        case 'p': o.person = optarg; break;
        case 'a': o.all = true; break;
        case 'n': o.new_key = optarg; break;
        case 'o': o.old_key = optarg; break;
        case 'D': o.drop = true; break;
        default: return wrong(w);
        }
    }
    int operands = argc - optind - 1;
    if (operands < w->least || operands > w->most)
        return wrong(w);
    if (w->run == export && (operands == 2) == (o.person != NULL))
        return wrong(w);
    if ((w->run == erase && (operands == 1) == (o.person != NULL)) || (w->run == unhold && (operands == 1) == o.all))
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

/* ---- the others */

static int
backup(struct keep_options *o, char **operand)
{
    return keep_backup(o, operand[0]);
}

static int
restore(struct keep_options *o, char **operand)
{
    return keep_restore_run(o, operand[0]);
}

/* Core is asked; while it is down (*down) the caller does it himself. Its answer goes out as it came: it is the receipt. */
static int
order(struct keep_options *o, Td__Request *r, bool *down)
{
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    int code = ask(&o->how, r, &out, &error, &daemon);
    *down = code == EX_UNAVAILABLE && !daemon;
    if (code == 0)
        fputs(out.len > 0 ? out.data : "", stdout);
    else if (!*down)
        fprintf(stderr, "ticketctl: %s\n", error.len > 0 ? error.data : "it was refused");
    buf_free(&out);
    buf_free(&error);
    return code;
}

static int
order_with(struct keep_options *o, const char *verb, const char *const args[3], bool *down)
{
    static const char *const names[3] = { "case", "person", "letter" };
    struct arena *a = arena_new(0);
    Td__Request r = TD__REQUEST__INIT;
    r.verb = (char *)verb;
    for (size_t i = 0; i < countof(names); i++)
        if (args[i] != NULL)
            (void)arena_push(a, &r.args, &r.n_args, arena_printf(a, "%s=%s", names[i], args[i]));
    if (o->drop)
        (void)arena_push(a, &r.args, &r.n_args, arena_strdup(a, "drop=1"));
    int code = order(o, &r, down);
    arena_free(&a);
    return code;
}

static int
erase(struct keep_options *o, char **operand)
{
    const char *number = o->person == NULL ? operand[0] : NULL;
    bool down;
    int code = order_with(o, "erase", (const char *const[3]){ number, o->person, NULL }, &down);
    return down ? keep_erase_down(o, number) : code;
}

static int
unhold(struct keep_options *o, char **operand)
{
    const char *letter = o->all ? NULL : operand[0];
    bool down;
    if (letter != NULL && (letter[strspn(letter, "0123456789")] != '\0' || strtoull(letter, NULL, 10) == 0))
        return keep_fail(EX_USAGE, "a letter is named by its number, as check names it");
    int code = order_with(o, "unhold", (const char *const[3]){ NULL, NULL, letter }, &down);
    return down ? keep_release_down(o, letter != NULL ? strtoull(letter, NULL, 10) : 0) : code;
}

static int
rotate(struct keep_options *o, char **operand)
{
    bool down = o->new_key != NULL;     /* only core's own key file is made anew while it runs */
    (void)operand;
    int code = down ? 0 : order_with(o, "rotate", (const char *const[3]){ NULL, NULL, NULL }, &down);
    return down ? keep_rotate_down(o) : code;
}

static int
export(struct keep_options *o, char **operand)
{
    return o->person != NULL ? keep_export_run(o, NULL, operand[0]) : keep_export_run(o, operand[0], operand[1]);
}
