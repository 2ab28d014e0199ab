/* SPDX-License-Identifier: ISC
 *
 * ticketctl's words: options, verbs and operands as the table of verbs has them, and how each answer is printed.
 */
#include "ask.h"
#include "completion.h"
#include "keep.h"
#include "page_made.h"
#include "parse.h"
#include "print.h"
#include "top.h"
#include "ticketd/core.h"
#include "ticketd/ctl.h"
#include "ticketd/verb.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define WORDS_MAX 32768                 /* from standard input; a request is one frame */
#define OPTIONS_MAX 64
#define FIRST_OPTION 1000               /* of the verbs, as getopt_long() answers them */

/* ---- what is printed */

static const struct { const char *verb; void (*print)(json_t *doc); } shown[] = {
    { "list", print_list },
    { "next", print_list },
    { "show", print_case },
    { "explain", print_explain },
    { "report", print_report },
    { "status", print_status },
    { "search", print_search },
    { "queue", print_queue },
    { "audit", print_audit },
};

/* --html, --csv: of `report` and `show`. Written whole or not at all, so that a page on a web server is never half a page. */
static int
made_write(const char *path, const struct buf *b)
{
    struct buf new = { 0 };
    if (path == NULL || strcmp(path, "-") == 0)
        return fwrite(b->data, 1, b->len, stdout) == b->len && fflush(stdout) == 0 ? 0 : EX_IOERR;
    buf_printf(&new, "%s.new", path);
    FILE *f = fopen(new.data, "we");
    int err = f == NULL ? errno : 0;
    if (f != NULL && fwrite(b->data, 1, b->len, f) != b->len)
        err = errno;
    if (f != NULL && fclose(f) != 0 && err == 0)
        err = errno;
    if (err == 0 && rename(new.data, path) != 0)
        err = errno;
    if (err != 0 && f != NULL)
        (void)unlink(new.data);         /* a full disk keeps no half of a page */
    if (err != 0)
        fprintf(stderr, "ticketctl: %s: %s\n", path, strerror(err));
    buf_free(&new);
    return err == 0 ? 0 : EX_CANTCREAT;
}

/* The clocks of a page come from another question; without a configuration there is no answer, and the page has what `show` tells. */
static json_t *
explained(const struct asking *how, const Td__Request *r)
{
    Td__Request e = *r;
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    e.verb = (char *)"explain";
    json_t *doc = ask(how, &e, &out, &error, &daemon) == 0 ? json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL) : NULL;
    buf_free(&out);
    buf_free(&error);
    return doc;
}

static int
made_answer(const struct asking *how, const struct verb *v, const Td__Request *r, json_t *doc)
{
    struct buf page = { 0 };
    if (ctl_argument(r, "csv") != NULL) {
        csv_report(doc, &page);
    } else if (strcmp(v->name, "report") == 0) {
        page_report(doc, &page);
    } else {
        json_t *clocks = explained(how, r);
        page_case(doc, clocks, &page);
        json_decref(clocks);
    }
    int code = made_write(ctl_argument(r, "html"), &page);
    buf_free(&page);
    return code;
}

static int
show_answer(const struct asking *how, const struct verb *v, const Td__Request *r, bool json, const struct buf *out)
{
    json_t *doc = json_loadb(out->data != NULL ? out->data : "", out->len, JSON_ALLOW_NUL, NULL);
    if (doc == NULL) {
        fputs("ticketctl: the answer is not JSON\n", stderr);
        return EX_PROTOCOL;
    }
    if (ctl_argument(r, "html") != NULL || ctl_argument(r, "csv") != NULL) {
        int made = made_answer(how, v, r, doc);
        json_decref(doc);
        return made;
    }
    int code = !json_is_array(json_object_get(doc, "cases")) ? 0 : list_shape(doc, ctl_argument(r, "sort"), ctl_argument(r, "columns"));
    void (*print)(json_t *) = print_done;
    for (size_t i = 0; i < countof(shown); i++)
        if (strcmp(shown[i].verb, v->name) == 0)
            print = shown[i].print;
    if (code == 0 && json && ctl_argument(r, "sort") == NULL)
        (void)fwrite(out->data, 1, out->len, stdout);
    else if (code == 0 && json)
        print_json(doc);
    else if (code == 0 && !(print == print_done && print_quiet))
        print(doc);
    json_decref(doc);
    return code;
}

/* ---- what is asked */

static int
usage(int code)
{
    FILE *to = code == 0 ? stdout : stderr;
    fputs("usage: ticketctl [options] VERB ...\n\n", to);
    for (size_t i = 0; i < verbs_n; i++)
        fprintf(to, "  %-10s %-24s %s\n", verbs[i].name, verbs[i].operands, verbs[i].help);
    fputs("\n  -c, --config FILE   default /etc/ticketd/ticketd.conf\n"
          "  -j, --json          the answer as JSON\n"
          "  -q, --quiet         no progress, no confirmation\n"
          "  -h, --help          this, or behind a verb its options\n"
          "  -V, --version       the version\n"
          "  --socket PATH       the control socket, instead of the configuration's\n"
          "  --state-directory DIR, --key-file FILE   read a store while ticketd is down\n", to);
    return code;
}

static int
verb_usage(const struct verb *v, int code)
{
    FILE *to = code == 0 ? stdout : stderr;
    fprintf(to, "usage: ticketctl %s %s\n%s\n", v->name, v->operands, v->help);
    for (size_t i = 0; i < verb_options_n; i++) {
        const struct verb_option *o = &verb_options[i];
        if (verb_takes(v, o->name))
            fprintf(to, "  --%s%s%-*s %s\n", o->name, o->value != NULL ? " " : "", (int)(22 - strlen(o->name)), o->value != NULL ? o->value : "", o->help);
    }
    return code;
}

static int
mistake(const struct verb *v, const char *what, const char *which)
{
    fprintf(stderr, "ticketctl: %s%s\n", what, which);
    return v != NULL ? verb_usage(v, EX_USAGE) : usage(EX_USAGE);
}

static void
arg_add(struct arena *a, Td__Request *r, const char *name, const char *value)
{
    (void)arena_push(a, &r->args, &r->n_args, arena_printf(a, "%s=%s", name, value));
}

/* Standard input, as the words of a note or a reply. NULL: none came, or it cannot be read. */
static const char *
words_read(struct arena *a)
{
    struct buf b = { 0 };
    char block[4096];
    size_t n;
    if (isatty(STDIN_FILENO))
        fputs("ticketctl: type the words; Ctrl-D on a line of its own ends them, Ctrl-C gives up\n", stderr);
    while (b.len <= WORDS_MAX && (n = fread(block, 1, sizeof block, stdin)) > 0)
        buf_add(&b, block, n);
    while (b.len > 0 && strchr(" \t\r\n", b.data[b.len - 1]) != NULL)
        b.len--;
    const char *s = b.len > 0 && b.len <= WORDS_MAX && memchr(b.data, '\0', b.len) == NULL ? arena_strndup(a, b.data, b.len) : NULL;
    if (b.len > WORDS_MAX)
        fputs("ticketctl: more than 32 KiB of words\n", stderr);
    buf_free(&b);
    return s;
}

static const char *
words_join(struct arena *a, char **v, int n)
{
    const char *s = v[0];
    for (int i = 1; i < n; i++)
        s = arena_printf(a, "%s %s", s, v[i]);
    return s;
}

/* 0: every operand has its place in the request. */
static int
operands_take(struct arena *a, const struct verb *v, char **argv, int n, Td__Request *r)
{
    struct verb_operand o;
    const char *at = v->operands, *value;
    int i = 0;
    while (verb_operand_next(&at, &o)) {
        bool words = strcmp(o.name, "WORDS") == 0;
        if (i < n && o.many) {
            value = words_join(a, argv + i, n - i);
            i = n;
        } else if (i < n) {
            value = argv[i++];
        } else if (words && !o.optional) {
            value = words_read(a);
        } else {
            value = NULL;
        }
        if (value == NULL && !o.optional)
            return mistake(v, "what is missing: ", o.name);
        str_lower(o.name);
        if (value != NULL)
            arg_add(a, r, o.name, value);
    }
    return i == n ? 0 : mistake(v, "this is too much: ", argv[i]);
}

static bool
has_problems(const struct buf *out)
{
    json_t *doc = json_loadb(out->data, out->len, JSON_ALLOW_NUL, NULL);
    bool any = json_array_size(json_object_get(doc, "problems")) > 0;
    json_decref(doc);
    return any;
}

static int
verb_run(const struct verb *v, const struct asking *how, bool json, Td__Request *r)
{
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    r->verb = (char *)v->name;
    for (size_t i = 0; i < r->n_args; i++)
        if (!utf8_valid(r->args[i], strlen(r->args[i]))) {
            fprintf(stderr, "ticketctl: the %.*s are not UTF-8; iconv -t UTF-8 converts them\n", (int)strcspn(r->args[i], "="), r->args[i]);
            return EX_DATAERR;
        }
    int code = ask(how, r, &out, &error, &daemon);
    if (code == 0)
        code = show_answer(how, v, r, json, &out);
    else
        fprintf(stderr, "ticketctl: %s\n", error.len > 0 ? error.data : "the question was refused");
    if (code == 0 && strcmp(v->name, "status") == 0)
        code = !daemon ? EX_UNAVAILABLE : has_problems(&out) ? EX_TEMPFAIL : 0;
    buf_free(&out);
    buf_free(&error);
    return code;
}

/* ---- options: those of all verbs, and behind them what the verbs take */

static void
options_make(struct option out[OPTIONS_MAX])
{
    static const struct option own[] = { { "config", 1, NULL, 'c' }, { "socket", 1, NULL, 's' }, { "state-directory", 1, NULL, 'd' },
                                         { "key-file", 1, NULL, 'k' }, { "json", 0, NULL, 'j' }, { "quiet", 0, NULL, 'q' },
                                         { "help", 0, NULL, 'h' }, { "version", 0, NULL, 'V' } };
    must(countof(own) + verb_options_n < OPTIONS_MAX);
    memset(out, 0, OPTIONS_MAX * sizeof *out);
    memcpy(out, own, sizeof own);
    for (size_t i = 0; i < verb_options_n; i++)
        out[countof(own) + i] = (struct option){ verb_options[i].name, verb_options[i].value != NULL, NULL, FIRST_OPTION + (int)i };
}

/* The verbs that ask nobody. Simulating knows no locale. */
static int
own_verb(const struct verb *v, int argc, char **argv)
{
    if (strcmp(v->name, "simulate") == 0)
        return simulate_main(argc, argv);
    if (strcmp(v->name, "test-rules") == 0)
        return test_rules_main(argc, argv);
    if (strcmp(v->name, "completion") == 0)
        return completion_main(argc, argv);
    (void)setlocale(LC_ALL, "");
    return sodium_init() < 0 ? EX_OSERR : parse_main(argc, argv);
}

int
ticketctl_main(int argc, char **argv)
{
    struct option names[OPTIONS_MAX];
    struct asking how = { .config = NULL };
    const char *given[OPTIONS_MAX] = { NULL };
    bool json = false, help = false;
    int c;
    const struct verb *v = argc > 1 ? verb_find(argv[1]) : NULL;
    bool keeps = keep_word(argc, argv) != NULL;
    if (v != NULL && v->place == VERB_HERE && !keeps)   /* its options are its own */
        return own_verb(v, argc - 1, argv + 1);
    (void)setlocale(LC_ALL, "");
    if (sodium_init() < 0)
        return EX_OSERR;
    if (keeps)
        return keep_main(argc, argv);
    options_make(names);
    while ((c = getopt_long(argc, argv, "c:jqahV", names, NULL)) != -1) {
        switch (c) {
        case 'c': how.config = optarg; break;
        case 's': how.socket = optarg; break;
        case 'd': how.state_directory = optarg; break;
        case 'k': how.key_file = optarg; break;
        case 'j': json = true; break;
        case 'q': print_quiet = true; break;
        case 'a': given[verb_option_find("all") - verb_options] = "1"; break;
        case 'h': help = true; break;
        case 'V': printf("ticketctl %s\n", TICKETD_VERSION); return 0;
        default:
            if (c < FIRST_OPTION)
                return usage(EX_USAGE);
            given[c - FIRST_OPTION] = optarg != NULL ? optarg : "1";
        }
    }
    if (optind >= argc)
        return usage(help ? 0 : EX_USAGE);
    v = verb_find(argv[optind]);
    if (v == NULL || v->place == VERB_HERE)
        return mistake(NULL, v == NULL ? "there is no such verb: " : "this verb stands first, before its options: ", argv[optind]);
    if (help)
        return verb_usage(v, 0);
    struct arena *a = arena_new(0);
    Td__Request r = TD__REQUEST__INIT;
    int code = 0;
    for (size_t i = 0; code == 0 && i < verb_options_n; i++) {
        if (given[i] != NULL && !verb_takes(v, verb_options[i].name))
            code = mistake(v, "this verb has no option --", verb_options[i].name);
        else if (given[i] != NULL)
            arg_add(a, &r, verb_options[i].name, given[i]);
    }
    if (code == 0)
        code = operands_take(a, v, argv + optind + 1, argc - optind - 1, &r);
    if (code == 0 && strcmp(v->name, "top") == 0)
        code = list_shape(NULL, NULL, NULL) != 0 ? EX_USAGE : top_run(&how, &r);
    else if (code == 0)
        code = verb_run(v, &how, json, &r);
    arena_free(&a);
    return code;
}
