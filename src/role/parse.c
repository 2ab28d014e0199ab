/* SPDX-License-Identifier: ISC
 *
 * The role parse: reads mail, the most hostile bytes there are. It holds the desks' compiled patterns and nothing else; once
 * set up it can open, connect and exec nothing. A job is one sealed memfd. A parse job is answered twice: WHO, by our own
 * header scanner before any library has touched the mail, then REST; so that a mail that kills this process later has been
 * introduced. An extract job gives the decoded bytes of some of its parts. Nothing is kept from one mail to the next.
 */
#include "ticketd/mail.h"
#include "ticketd/role.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define MAP_MAX ((size_t)1 << 30)       /* over the limits the headers are still read; over this one nothing is */
#define ANSWER_MAX (ROLE_BULK_MAX - 4096u)

struct worker {
    const Td__ParseSetup *setup;
    struct mail_patterns *patterns;
    struct mail_options options;
};

static void
send_or_exit(const Td__Frame *body, const int *fds, size_t n_fds)
{
    enum frame_rc rc = frame_send(ROLE_FD, body, fds, n_fds);

    if (rc == FRAME_OK)
        return;
    if (rc == FRAME_CLOSED)
        exit(EX_OK);
    log_line(LOG_FAIL, "action=send outcome=failed");
    exit(EX_OSERR);
}

/* ---- setup */

/* Whose Authentication-Results are believed; trust may be absent. */
static void
options_trust(struct mail_options *o, char **authserv, size_t n, const Td__Trust *trust)
{
    static const Td__Trust nothing = TD__TRUST__INIT;
    const Td__Trust *t = trust != NULL ? trust : &nothing;

    o->authserv = (const char *const *)authserv;
    o->n_authserv = n;
    o->hosts = (const char *const *)t->hosts;
    o->n_hosts = t->n_hosts;
    o->expects = (const char *const *)t->expects;
    o->n_expects = t->n_expects;
    o->sealers = (const char *const *)t->sealers;
    o->n_sealers = t->n_sealers;
    o->strict_alignment = t->has_strict_alignment && t->strict_alignment;
    o->exchange_online = t->has_exchange_online && t->exchange_online;
}

static struct mail_options
options_of(const Td__ParseSetup *s)
{
    struct mail_options o = {
        .limits = { .mail = s->max_mail, .headers = s->max_headers, .header_len = s->max_header_len, .parts = s->max_parts,
                    .depth = s->max_depth, .text = s->max_text },
        .languages = (const char *const *)s->languages, .n_languages = s->n_languages,
    };

    options_trust(&o, s->authserv, s->n_authserv, s->trust);
    return o;
}

/* All patterns, before the sandbox: JIT needs memory that may be executed. */
static Td__ParseReady *
compile_patterns(struct worker *w, struct arena *a)
{
    Td__ParseReady *ready = schema_new(a, &td__parse_ready__descriptor);

    ready->generation = w->setup->generation;
    w->patterns = mail_patterns_new(w->setup->n_patterns);
    for (size_t i = 0; i < w->setup->n_patterns; i++) {
        char message[256];
        uint32_t offset;
        Td__PatternError *error;

        const Td__Pattern *p = w->setup->patterns[i];

        if (mail_patterns_add(w->patterns, i, p->regex, p->has_in ? p->in : MAIL_IN_SUBJECT | MAIL_IN_WORDS, &offset, message))
            continue;
        error = schema_new(a, &td__pattern_error__descriptor);
        error->pattern = (uint32_t)i;
        error->offset = offset;
        error->message = arena_strdup(a, message);
        arena_push(a, &ready->errors, &ready->n_errors, error);
    }
    return ready;
}

/* ---- jobs */

static void
answer(const struct worker *w, uint64_t job, Td__ParseAnswer__Stage stage, Td__Message *m)
{
    Td__ParseAnswer body = TD__PARSE_ANSWER__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    body.job = job;
    body.stage = stage;
    body.generation = w->setup->generation;
    body.message = m;
    frame.body_case = TD__FRAME__BODY_PARSE_ANSWER;
    frame.parse_answer = &body;
    send_or_exit(&frame, NULL, 0);
}

static void
warn(Td__Message *m, struct arena *a, const char *text)
{
    arena_push(a, &m->warnings, &m->n_warnings, arena_strdup(a, text));
}

/* What still can be said of a mail that could not be mapped or whose answer is too large. */
static Td__Message *
unparsed(Td__Message *who, struct arena *a, const char *text)
{
    Td__Message *m = who ? who : schema_new(a, &td__message__descriptor);

    m->has_unparsed = m->unparsed = true;
    warn(m, a, text);
    return m;
}

static void
parse_job(const struct worker *w, const Td__ParseJob *job, int mail, struct arena *a)
{
    struct mail_options o = w->options;
    struct memfd_map map;
    Td__Message *who, *rest;
    bool mapped = memfd_map(mail, MAP_MAX, &map);

    if (job->n_authserv > 0 || job->trust != NULL)      /* this desk's instead of everybody's */
        options_trust(&o, job->authserv, job->n_authserv, job->trust);
    who = mapped ? mail_scan(map.bytes, map.len, &o, a) : unparsed(NULL, a, "the mail could not be read");
    answer(w, job->job, TD__PARSE_ANSWER__STAGE__WHO, who);
    if (job->has_header_only && job->header_only)
        goto out;
    rest = mapped ? mail_parse(map.bytes, map.len, &o, a) : who;
    mail_patterns_match(w->patterns, rest, a);
    if (td__message__get_packed_size(rest) > ANSWER_MAX)
        rest = unparsed(who, a, "what was read is larger than an answer may be");
    answer(w, job->job, TD__PARSE_ANSWER__STAGE__REST, rest);
out:
    if (mapped)
        memfd_unmap(&map);
}

static void
extract_job(const struct worker *w, const Td__ExtractJob *job, int mail, struct arena *a)
{
    Td__ExtractAnswer body = TD__EXTRACT_ANSWER__INIT;
    Td__Frame frame = TD__FRAME__INIT;
    struct buf parts = { 0 };
    struct memfd_map map;
    int fd = -1;

    body.sizes = arena_alloc(a, (job->n_parts + 1) * sizeof *body.sizes);
    if (memfd_map(mail, MAP_MAX, &map)) {
        if (mail_extract_parts(map.bytes, map.len, job->parts, job->n_parts, &w->options.limits, body.sizes, &parts))
            fd = memfd_of("parts", parts.data, parts.len);
        memfd_unmap(&map);
    }
    body.job = job->job;
    body.found = fd >= 0;
    body.n_sizes = fd >= 0 ? job->n_parts : 0;
    frame.body_case = TD__FRAME__BODY_EXTRACT_ANSWER;
    frame.extract_answer = &body;
    send_or_exit(&frame, &fd, fd >= 0);
    if (fd >= 0)
        close(fd);
    buf_free(&parts);
}

static void
serve(const struct worker *w)
{
    struct arena *a = arena_new(0);
    struct frame f;

    frame_receive_or_exit(a, &f);
    if (f.n_fds == 1 && f.body->body_case == TD__FRAME__BODY_PARSE_JOB)
        parse_job(w, f.body->parse_job, f.fds[0], a);
    else if (f.n_fds == 1 && f.body->body_case == TD__FRAME__BODY_EXTRACT_JOB)
        extract_job(w, f.body->extract_job, f.fds[0], a);
    else
        exit(EX_PROTOCOL);
    frame_close(&f);
    arena_free(&a);
}

int
main(void)
{
    struct worker w = { 0 };
    struct arena *a = arena_new(0);
    Td__Frame ready = TD__FRAME__INIT;
    struct frame setup;

    role_start("parse");
    frame_receive_or_exit(a, &setup);
    if (setup.body->body_case != TD__FRAME__BODY_PARSE_SETUP)
        exit(EX_PROTOCOL);
    w.setup = setup.body->parse_setup;  /* lives in the arena, which lasts */
    frame_close(&setup);
    w.options = options_of(w.setup);
    mail_init();
    ready.body_case = TD__FRAME__BODY_PARSE_READY;
    ready.parse_ready = compile_patterns(&w, a);
    if (w.setup->has_max_memory)
        role_memory_limit(w.setup->max_memory);
    role_sandbox_enter(SANDBOX_PURE, NULL);
    send_or_exit(&ready, NULL, 0);      /* only now: who hears "ready" may send mail */
    for (;;)
        serve(&w);
}
