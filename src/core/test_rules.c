/* SPDX-License-Identifier: ISC
 *
 * ticketctl test-rules: what each rule of the desk says of one mail, and what its case would be. Needs no daemon, store or
 * secret; the mail is read by the same sandboxed worker as ever, under the configuration's own patterns and limits. The mail
 * counts as having come at --at, else at its Date, else now.
 */
#include "engine.h"
#include "loop.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define CONFIG "/etc/ticketd/ticketd.conf"
#define WORKER_MS 30000
#define MAIL_MAX (1u << 30)

struct options { const char *config, *file; int64_t at; bool has_at; };

static int
usage(const char *why)
{
    fprintf(stderr, "ticketctl: %s\nusage: ticketctl test-rules [--config FILE] [--at TIME] FILE\n", why);
    return EX_USAGE;
}

static int
options_read(int argc, char **argv, struct options *o)
{
    static const struct option names[] = { { "config", 1, NULL, 'c' }, { "at", 1, NULL, 'a' }, { NULL, 0, NULL, 0 } };
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "c:", names, NULL)) != -1) {
        if (c == 'c')
            o->config = optarg;
        else if (c == 'a' && time_parse(optarg, &o->at))
            o->has_at = true;
        else if (c == 'a')
            return usage("--at takes a time like 2026-03-10T10:00:00Z");
        else
            return usage("unknown option");
    }
    if (optind + 1 != argc)
        return usage("name one file with a mail");
    o->file = argv[optind];
    return 0;
}

static Td__Message *
mail_read(const struct conf *conf, const struct buf *bytes, struct arena *a)
{
    Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
    Td__ParseJob job = TD__PARSE_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    Td__Message *who = NULL, *rest = NULL;
    int fd = memfd_of("mail", bytes->data ? bytes->data : "", bytes->len);
    policy_patterns(conf, 1, &setup, a);
    f.body_case = TD__FRAME__BODY_PARSE_SETUP;
    f.parse_setup = &setup;
    job.job = 1;
    job.trust = role_trust_of(conf, NULL, &job.authserv, &job.n_authserv, a);
    if (fd >= 0) {
        struct role_worker *w = role_worker_new("parse", &f, WORKER_MS);
        role_worker_parse(w, fd, &job, a, &who, &rest);
        role_worker_free(&w);
        close(fd);
    }
    return rest ? rest : message_unparsed(who, (const uint8_t *)bytes->data, bytes->len, "only the headers of this mail could be read", a);
}

static void
explain(const struct desk *desk, const struct conf *conf, const struct options *o, Td__Message *m, struct arena *a)
{
    struct desk_event e = { .kind = DESK_EVENT_MAIL, .desk = conf_desk_find(conf, message_desk(conf, m)), .message = m };
    Td__Origin *origin = schema_new(a, &td__origin__descriptor);
    char when[TIME_TEXT_MAX];
    struct buf out = { 0 };
    origin->kind = TD__ORIGIN__KIND__MBOX;
    origin->mailbox = (char *)"mbox";
    origin->arrived_at = o->has_at ? o->at : m->has_date ? m->date : (int64_t)time(NULL);
    origin->has_trusted = origin->trusted = true;
    for (size_t i = 0; i < m->n_delivered_to; i++)
        (void)arena_push(a, &origin->recipients, &origin->n_recipients, m->delivered_to[i]->addr);
    e.origin = origin;
    time_format(origin->arrived_at, when);
    printf("desk \"%s\", mail from %s, as if it came %s\n", e.desk->name, m->from ? m->from->addr : "nobody", when);
    desk_explain_rules(desk, &e, origin->arrived_at, a, &out);
    fputs(out.data ? out.data : "", stdout);
    buf_free(&out);
}

int
test_rules_main(int argc, char **argv)
{
    static const uint8_t key[32];
    struct options o = { .config = CONFIG };
    struct buf errors = { 0 }, mail = { 0 };
    struct desk *desk = NULL;
    struct conf *conf = NULL;
    struct arena *a = arena_new(0);
    int rc = options_read(argc, argv, &o), err;
    if (rc == 0 && (conf = policy_load(o.config, false, key, &desk, &errors)) == NULL)
        rc = EX_CONFIG;
    fputs(errors.data ? errors.data : "", stderr);
    if (rc == 0 && (err = file_read(o.file, MAIL_MAX, &mail)) != 0) {
        fprintf(stderr, "ticketctl: %s: %s\n", o.file, strerror(err));
        rc = EX_NOINPUT;
    }
    if (rc == 0)
        explain(desk, conf, &o, mail_read(conf, &mail, a), a);
    buf_free(&mail);
    buf_free(&errors);
    desk_free(&desk);
    conf_free(&conf);
    arena_free(&a);
    return rc;
}
