/* SPDX-License-Identifier: ISC
 *
 * ticketctl's words: options, verbs, and how each answer is printed. A verb is a row of the table below and, where the store
 * is asked, one of ctl_verbs[].
 */
#include "ask.h"
#include "keep.h"
#include "parse.h"
#include "print.h"
#include "ticketd/ctl.h"

#include <getopt.h>
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct options { struct asking how; bool json, all; const char *desk, *state, *queue, *since, *until; };

struct shown { const char *verb; void (*print)(json_t *doc); bool takes_case; };
static const struct shown shown[] = {
    { "list", print_list, false },
    { "next", print_list, false },
    { "show", print_case, true },
    { "explain", print_explain, true },
    { "report", print_report, false },
    { "status", print_status, false },
};

static int
usage(int code)
{
    FILE *to = code == 0 ? stdout : stderr;
    fputs("usage: ticketctl [--config FILE] [--json] VERB ...\n\n", to);
    for (size_t i = 0; i < ctl_verbs_n; i++)
        fprintf(to, "  %-8s %-52s %s\n", ctl_verbs[i].name, ctl_verbs[i].args, ctl_verbs[i].help);
    keep_usage(to);
    fputs("  parse    --json FILE...                       what ticketd understands of a mail\n"
          "  simulate --config FILE --in MBOX --out MBOX   what it would do with a mailbox\n"
          "  test-rules [--config FILE] [--at TIME] FILE   what each rule says of a mail\n\n"
          "  -c, --config FILE   default /etc/ticketd/ticketd.conf\n"
          "  --socket PATH   the control socket, instead of the configuration's\n"
          "  --state-directory DIR, --key-file FILE   read a store while ticketd is down\n"
          "  --json          the answer as JSON\n"
          "  -V, --version   the version\n", to);
    return code;
}

static void
arg_add(struct arena *a, Td__Request *r, const char *name, const char *value)
{
    if (value != NULL)
        (void)arena_push(a, &r->args, &r->n_args, arena_printf(a, "%s=%s", name, value));
}

static int
shown_answer(const struct shown *v, const struct options *o, const struct buf *out)
{
    json_t *doc;
    if (o->json) {
        fputs(out->data != NULL ? out->data : "", stdout);
        return 0;
    }
    doc = json_loadb(out->data != NULL ? out->data : "", out->len, JSON_ALLOW_NUL, NULL);
    if (doc == NULL) {
        fputs("ticketctl: the answer is not JSON\n", stderr);
        return EX_PROTOCOL;
    }
    v->print(doc);
    json_decref(doc);
    return 0;
}

static int
verb_run(const struct shown *v, const struct options *o, const char *operand)
{
    struct arena *a = arena_new(0);
    Td__Request r = TD__REQUEST__INIT;
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    r.verb = (char *)v->verb;
    arg_add(a, &r, "desk", o->desk);
    arg_add(a, &r, "state", o->state);
    arg_add(a, &r, "queue", o->queue);
    arg_add(a, &r, "since", o->since);
    arg_add(a, &r, "until", o->until);
    arg_add(a, &r, "all", o->all ? "1" : NULL);
    arg_add(a, &r, "case", operand);
    int code = ask(&o->how, &r, &out, &error, &daemon);
    if (code == 0)
        code = shown_answer(v, o, &out);
    else
        fprintf(stderr, "ticketctl: %s\n", error.len > 0 ? error.data : "the question was refused");
    if (code == 0 && strcmp(v->verb, "status") == 0 && !daemon)
        code = EX_UNAVAILABLE;
    buf_free(&out);
    buf_free(&error);
    arena_free(&a);
    return code;
}

int
ticketctl_main(int argc, char **argv)
{
    static const struct option names[] = { { "config", 1, NULL, 'c' }, { "socket", 1, NULL, 's' }, { "state-directory", 1, NULL, 'd' },
                                           { "key-file", 1, NULL, 'k' }, { "json", 0, NULL, 'j' }, { "all", 0, NULL, 'a' },
                                           { "desk", 1, NULL, 'D' }, { "state", 1, NULL, 'S' }, { "queue", 1, NULL, 'Q' }, { "since", 1, NULL, 'F' },
                                           { "until", 1, NULL, 'U' }, { "help", 0, NULL, 'h' },
                                           { "version", 0, NULL, 'V' }, { NULL, 0, NULL, 0 } };
    struct options o = { { .config = NULL }, false, false, NULL, NULL, NULL, NULL, NULL };
    int c;
    (void)setlocale(LC_ALL, "");
    if (sodium_init() < 0)
        return EX_OSERR;
    if (argc > 1 && strcmp(argv[1], "parse") == 0)
        return parse_main(argc - 1, argv + 1);
    if (keep_word(argc, argv) != NULL)
        return keep_main(argc, argv);
    while ((c = getopt_long(argc, argv, "c:jahV", names, NULL)) != -1) {
        switch (c) {
        case 'c': o.how.config = optarg; break;
        case 's': o.how.socket = optarg; break;
        case 'd': o.how.state_directory = optarg; break;
        case 'k': o.how.key_file = optarg; break;
        case 'j': o.json = true; break;
        case 'a': o.all = true; break;
        case 'D': o.desk = optarg; break;
        case 'S': o.state = optarg; break;
        case 'Q': o.queue = optarg; break;
        case 'F': o.since = optarg; break;
        case 'U': o.until = optarg; break;
        case 'h': return usage(0);
        case 'V': printf("ticketctl %s\n", TICKETD_VERSION); return 0;
        default: return usage(EX_USAGE);
        }
    }
    if (optind >= argc)
        return usage(EX_USAGE);
    for (size_t i = 0; i < countof(shown); i++)
        if (strcmp(argv[optind], shown[i].verb) == 0) {
            int operands = argc - optind - 1;
            if (operands != (shown[i].takes_case ? 1 : 0))
                return usage(EX_USAGE);
            return verb_run(&shown[i], &o, shown[i].takes_case ? argv[optind + 1] : NULL);
        }
    fprintf(stderr, "ticketctl: there is no verb \"%s\"\n", argv[optind]);
    return usage(EX_USAGE);
}
