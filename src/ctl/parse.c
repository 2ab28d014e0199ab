/* SPDX-License-Identifier: ISC
 *
 * ticketctl parse: what ticketd understands of mail files. Needs no daemon, store or secret: a sandboxed worker reads each
 * file. One line of JSON a file, in the order given, also for a file over which a worker died.
 */
#include "parse.h"
#include "ticketd/conf.h"
#include "ticketd/desk.h"
#include "ticketd/mail.h"
#include "ticketd/role.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define PARSE_MS 30000
#define ANSWER_ARENA (512u << 20)
#define FILE_MAX (1ull << 30)

struct parsing { struct role_worker *worker; bool has_key; uint8_t key[32]; };

static int
usage(const char *why)
{
    fprintf(stderr, "ticketctl: %s\nusage: ticketctl parse --json [--config FILE] [--authserv ID] [--key HEX64] FILE...\n", why);
    return EX_USAGE;
}

/* The file's bytes in a sealed memfd; -1 and errno. */
static int
file_memfd(const char *path)
{
    char block[65536];
    struct stat st;
    ssize_t n = 0;
    uint64_t sum = 0;
    int in = open(path, O_RDONLY | O_CLOEXEC), out = in >= 0 ? memfd_make("mail") : -1, err = 0;
    if (in < 0 || out < 0 || fstat(in, &st) != 0 || S_ISDIR(st.st_mode))
        err = in >= 0 && out >= 0 && S_ISDIR(st.st_mode) ? EISDIR : errno;
    while (err == 0 && (n = read(in, block, sizeof block)) > 0) {
        sum += (uint64_t)n;
        err = sum > FILE_MAX ? EFBIG : full_write(out, block, (size_t)n);
    }
    if (err == 0 && n < 0)
        err = errno;
    if (err == 0)
        err = memfd_seal(out);
    if (in >= 0)
        close(in);
    if (err != 0 && out >= 0)
        close(out);
    errno = err;
    return err == 0 ? out : -1;
}

static Td__Message *
unparsed(Td__Message *who, struct arena *a)
{
    Td__Message *m = who != NULL ? who : schema_new(a, &td__message__descriptor);
    if (m->machine == NULL)
        m->machine = schema_new(a, &td__machine__descriptor);
    m->has_unparsed = m->unparsed = true;
    (void)arena_push(a, &m->warnings, &m->n_warnings, arena_strdup(a, "unparsed: the worker died over this mail; only its headers were read"));
    return m;
}

static int
parse_file(struct parsing *p, const char *path)
{
    struct arena *a = arena_new(ANSWER_ARENA);
    Td__ParseJob pj = TD__PARSE_JOB__INIT;
    Td__Message *who, *rest;
    struct buf line = { 0 };
    int fd = file_memfd(path);
    if (fd < 0) {
        fprintf(stderr, "ticketctl: %s: %s\n", path, strerror(errno));
        arena_free(&a);
        return EX_NOINPUT;
    }
    pj.job = 1;
    role_worker_parse(p->worker, fd, &pj, a, &who, &rest);
    close(fd);
    if (rest == NULL)
        rest = unparsed(who, a);
    mail_to_json(rest, path, p->has_key ? desk_message_is_own(p->key, rest) : -1, &line);
    puts(line.data);
    fflush(stdout);
    buf_free(&line);
    arena_free(&a);
    return 0;
}

/* Whose results are trusted, and the limits; the patterns are the desk's business. */
static int
setup_read(const char *config, const char *authserv, Td__ParseSetup *s, struct arena *a)
{
    struct buf errors = { 0 };
    struct conf *conf = config != NULL ? conf_load(config, false, &errors) : NULL;
    if (config != NULL && conf == NULL) {
        fputs(errors.data, stderr);
        buf_free(&errors);
        return EX_CONFIG;
    }
    s->generation = 1;
    s->max_mail = conf != NULL ? conf->limits.parse_mail : mail_limits_default.mail;
    s->max_headers = conf != NULL ? conf->limits.headers : mail_limits_default.headers;
    s->max_header_len = conf != NULL ? conf->limits.header_len : mail_limits_default.header_len;
    s->max_parts = conf != NULL ? conf->limits.parts : mail_limits_default.parts;
    s->max_depth = conf != NULL ? conf->limits.depth : mail_limits_default.depth;
    s->max_text = conf != NULL ? conf->limits.text : mail_limits_default.text;
    s->has_max_memory = conf != NULL;
    s->max_memory = conf != NULL ? conf->limits.parse_memory : 0;
    for (size_t i = 0; conf != NULL && i < conf->n_desks; i++) {
        const struct conf_desk *d = &conf->desks[i];
        for (size_t k = 0; k < d->languages.n; k++)
            (void)arena_push(a, &s->languages, &s->n_languages, arena_strdup(a, d->languages.v[k]));
    }
    if (conf != NULL) {
        char **ids = NULL;
        size_t n = 0;
        s->trust = schema_copy(a, role_trust_of(conf, NULL, &ids, &n, a));   /* the configuration goes before the worker does */
        for (size_t i = 0; i < n; i++)
            (void)arena_push(a, &s->authserv, &s->n_authserv, arena_strdup(a, ids[i]));
    }
    if (authserv != NULL)
        (void)arena_push(a, &s->authserv, &s->n_authserv, arena_strdup(a, authserv));
    buf_free(&errors);
    conf_free(&conf);
    return 0;
}

int
parse_main(int argc, char **argv)
{
    static const struct option names[] = { { "json", 0, NULL, 'j' }, { "config", 1, NULL, 'c' }, { "authserv", 1, NULL, 'a' },
                                           { "key", 1, NULL, 'k' },  { NULL, 0, NULL, 0 } };
    struct parsing p = { 0 };
    struct arena *a;
    Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    const char *config = NULL, *authserv = NULL;
    int c, rc;
    optind = 1;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 'c')
            config = optarg;
        else if (c == 'a')
            authserv = optarg;
        else if (c == 'k' && strlen(optarg) == 64 && hex_decode(optarg, p.key, 32))
            p.has_key = true;
        else if (c == 'k')
            return usage("--key takes 64 hexadecimal digits");
        else if (c == '?')
            return usage("unknown option");
    }
    if (optind >= argc)
        return usage("name a file");
    a = arena_new(0);
    rc = setup_read(config, authserv, &setup, a);
    f.body_case = TD__FRAME__BODY_PARSE_SETUP;
    f.parse_setup = &setup;
    if (rc == 0) {
        p.worker = role_worker_new("parse", &f, PARSE_MS);
        for (int i = optind; i < argc; i++) {
            int one = parse_file(&p, argv[i]);
            rc = one != 0 ? one : rc;
        }
        role_worker_free(&p.worker);
    }
    sodium_memzero(p.key, sizeof p.key);
    arena_free(&a);
    return rc;
}
