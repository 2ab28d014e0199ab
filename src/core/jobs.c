/* SPDX-License-Identifier: ISC
 *
 * A mail on its way from an intake role to the engine. Core maps the sealed memfd, has a worker read it, and submits the
 * event; the source hears of it after the commit. Core itself reads no mail syntax. A worker that dies or hangs costs the
 * mail at its head one try; the second try is marked durably before it is made; after it the mail is unparsed: a case with
 * the raw bytes, and what a scan of the headers alone finds.
 */
#include "loop.h"
#include "ticketd/mail.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKER_DEPTH 4                  /* mails in one worker's socket, so that it never waits for core */
#define WORKER_RECYCLE 5000             /* mails, then a fresh process */
#define MAIL_TRIES 2

struct job {
    struct job *next;
    uint64_t id;
    uint64_t source;                    /* serial of the intake's process */
    char intake[64];                    /* its section */
    uint64_t seq;
    int fd;
    struct memfd_map map;
    struct arena *arena;                /* origin, who */
    struct arena *answer; size_t answer_bytes;  /* the frame that holds `rest` */
    Td__Origin *origin;
    const char *desk;                   /* NULL: found from the recipients once it is parsed */
    Td__Message *who;
    Td__Message *rest;
    unsigned tries, kills;
    bool header_only;
    uint64_t whole;                     /* its size at the source where more of it lies there; 0: we have all */
    bool unread;                        /* handed to a worker that was dead already: not to blame for its end */
    uint64_t worker;                    /* serial of the worker that has it; 0: waiting */
    int64_t sent_ms;
};

struct worker { unsigned in_hand; unsigned done; uint32_t generation; bool retiring; };

static void
job_free(struct loop *l, struct job *j)
{
    l->jobs_n--;
    l->jobs_bytes -= j->map.len;
    l->answers_bytes -= j->answer_bytes;
    memfd_unmap(&j->map);
    close(j->fd);
    arena_free(&j->answer);
    arena_free(&j->arena);
    free(j);
}

static void
waiting_push(struct loop *l, struct job *j)
{
    j->worker = 0;
    j->next = NULL;
    *l->parse_last = j;
    l->parse_last = &j->next;
}

static struct job *
waiting_pop(struct loop *l)
{
    struct job *j = l->parse_first;
    if (j != NULL) {
        l->parse_first = j->next;
        if (l->parse_first == NULL)
            l->parse_last = &l->parse_first;
    }
    return j;
}

/* The jobs of one worker stand in parse_out in the order they were sent. */
static struct job **
out_find(struct loop *l, uint64_t worker, uint64_t id)
{
    for (struct job **p = &l->parse_out; *p != NULL; p = &(*p)->next)
        if ((*p)->worker == worker && (id == 0 || (*p)->id == id))
            return p;
    return NULL;
}

/* ---- in */

const struct conf_intake *
intake_conf(const struct loop *l, const char *name)
{
    for (size_t i = 0; i < l->conf->n_intakes; i++)
        if (strcmp(l->conf->intakes[i].name, name) == 0)
            return &l->conf->intakes[i];
    return NULL;
}

void
intake_answer(struct loop *l, uint64_t serial, uint64_t seq, bool taken, bool again, unsigned code, const char *enhanced, const char *text)
{
    Td__MailDone done = TD__MAIL_DONE__INIT;
    Td__Frame f = TD__FRAME__INIT;
    done.seq = seq;
    done.taken = taken;
    done.has_again = again;
    done.again = again;
    done.code = code;
    done.enhanced = (char *)enhanced;
    done.text = (char *)text;
    f.body_case = TD__FRAME__BODY_MAIL_DONE;
    f.mail_done = &done;
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->serial == serial && c->state == CHILD_READY) {
            (void)child_send(c, &f, NULL, 0);
            return;
        }
}

/* Why nothing can be taken now; NULL: it can. */
static const char *
intake_closed(struct loop *l, size_t len)
{
    const struct conf_limits *m = &l->conf->limits;
    if (l->ending)
        return "shutting down";
    if (l->jobs_n >= m->backlog || (l->jobs_n > 0 && l->jobs_bytes + len > m->backlog_bytes))
        return "too much mail in hand";
    if (store_free_bytes(l->store) < m->free_space + 2 * len)
        return "the disk is nearly full";
    return NULL;
}

/* A name in the Maildir is a place like a UID: eight bytes of keyed hash. */
static uint64_t
place_of(struct loop *l, const char *unique)
{
    uint8_t h[16];
    crypto_generichash(h, sizeof h, (const uint8_t *)unique, strlen(unique), store_naming_key(l->store), 32);
    return be64_get(h);
}

static const int64_t SILENT_AGE = 7 * 86400;

static Td__Origin *
origin_make(struct loop *l, const struct conf_intake *ic, const Td__MailIn *in, struct arena *a)
{
    static const Td__Origin__Kind kinds[] = { [CONF_INTAKE_IMAP] = TD__ORIGIN__KIND__IMAP, [CONF_INTAKE_LMTP] = TD__ORIGIN__KIND__LMTP,
                                              [CONF_INTAKE_MAILDIR] = TD__ORIGIN__KIND__MAILDIR };
    Td__Origin *o = schema_new(a, &td__origin__descriptor);
    o->kind = kinds[ic->kind];
    o->mailbox = arena_strdup(a, ic->name);
    o->arrived_at = loop_now();
    o->has_trusted = true;
    o->trusted = ic->trust_auth;
    o->envelope_from = arena_strdup(a, in->envelope_from);
    for (size_t i = 0; i < in->n_recipients; i++)
        (void)arena_push(a, &o->recipients, &o->n_recipients, arena_strdup(a, in->recipients[i]));
    if (in->unique != NULL || in->has_uid) {
        o->has_uid = o->has_uidvalidity = true;
        o->uidvalidity = in->has_uidvalidity ? in->uidvalidity : 0;
        o->uid = in->unique != NULL ? place_of(l, in->unique) : in->uid;
    }
    if (ic->kind == CONF_INTAKE_IMAP && in->has_internal_date) {
        if (in->internal_date > 0 && in->internal_date < o->arrived_at)
            o->arrived_at = in->internal_date;
        o->has_silent = true;
        o->silent = (in->has_before_baseline && in->before_baseline) || loop_now() - in->internal_date > SILENT_AGE;
    }
    return o;
}

static struct child *
child_by_serial(struct loop *l, uint64_t serial)
{
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->serial == serial)
            return c;
    return NULL;
}

bool
intake_mail(struct loop *l, struct child *c, const Td__MailIn *in, int fd)
{
    const struct conf_intake *ic = intake_conf(l, c->section);
    int64_t size = memfd_size(fd);
    struct job *j = mem_alloc(sizeof *j);
    const char *closed = size >= 0 ? intake_closed(l, (size_t)size) : NULL;
    j->fd = fd;
    if (ic == NULL || closed != NULL || !memfd_map(fd, l->conf->limits.intake_mail + 1, &j->map)) {
        intake_answer(l, c->serial, in->seq, false, true, 452, "4.3.1", closed != NULL ? closed : "cannot take this mail now");
        close(fd);
        free(j);
        return size >= 0;
    }
    c->worked = true;
    j->arena = arena_new(0);
    j->id = ++l->jobs;
    j->source = c->serial;
    j->seq = in->seq;
    snprintf(j->intake, sizeof j->intake, "%s", ic->name);
    j->origin = origin_make(l, ic, in, j->arena);
    j->desk = arena_strdup(j->arena, in->desk != NULL ? in->desk : ic->desk);
    j->whole = in->has_whole_size ? in->whole_size : 0;
    j->header_only = j->whole > 0;
    l->jobs_n++;
    l->jobs_bytes += j->map.len;
    waiting_push(l, j);
    jobs_dispatch(l);
    return true;
}

/* ---- to a worker */

static bool
job_send(struct loop *l, struct child *c, struct job *j)
{
    struct arena *a = arena_new(0);
    Td__ParseJob pj = TD__PARSE_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct worker *w = c->side;
    pj.job = j->id;
    pj.has_header_only = pj.header_only = j->header_only;
    if (j->origin->trusted)             /* nobody's results count from a source whose word does not */
        pj.trust = role_trust_of(l->conf, j->desk, &pj.authserv, &pj.n_authserv, a);
    f.body_case = TD__FRAME__BODY_PARSE_JOB;
    f.parse_job = &pj;
    j->worker = c->serial;
    j->unread = false;
    j->sent_ms = loop_now_ms();
    if (w->in_hand++ == 0)
        c->deadline_ms = j->sent_ms + l->conf->limits.parse_timeout_s * 1000;
    struct job **end = &l->parse_out;
    while (*end != NULL)
        end = &(*end)->next;
    j->next = NULL;
    *end = j;                           /* before sending: a child that ends in it takes its jobs back */
    bool ok = child_send(c, &f, &j->fd, 1);
    if (!ok && c->state != CHILD_DOWN)
        j->unread = true;
    arena_free(&a);
    return ok;
}

static struct child *
worker_free(struct loop *l)
{
    struct child *best = NULL;
    for (struct child *c = l->children; c != NULL; c = c->next) {
        struct worker *w = c->side;
        if (c->kind != &role_parse || c->state != CHILD_READY || w->retiring || w->in_hand >= WORKER_DEPTH)
            continue;
        if (best == NULL || w->in_hand < ((struct worker *)best->side)->in_hand)
            best = c;
    }
    return best;
}

struct child *
worker_take(struct loop *l)
{
    struct child *c = worker_free(l);
    struct worker *w = c != NULL ? c->side : NULL;
    if (w == NULL || w->in_hand > 0)
        return NULL;
    w->in_hand = WORKER_DEPTH;
    return c;
}

static void worker_next(struct loop *l, struct child *c);

void
worker_give_back(struct loop *l, struct child *c)
{
    ((struct worker *)c->side)->in_hand = 1;
    worker_next(l, c);
}

void
jobs_dispatch(struct loop *l)
{
    struct child *c;
    extract_dispatch(l);
    while (!extract_waiting(l) && l->parse_first != NULL && (c = worker_free(l)) != NULL)
        (void)job_send(l, c, waiting_pop(l));
}

/* ---- from a worker */

static void
job_submit(struct loop *l, struct job *j)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAIL);
    ev->owner = j;
    ev->desk = arena_strdup(ev->arena, j->desk);
    ev->message = j->rest;
    ev->origin = j->origin;
    ev->bytes = j->map.bytes;
    ev->len = j->map.len;
    engine_submit(l->engine, ev);
    loop_wake(l);
}

static void
job_finish(struct loop *l, struct job *j)
{
    if (j->desk == NULL)
        j->desk = arena_strdup(j->arena, message_desk(l->conf, j->rest));
    job_submit(l, j);
}

/* Why the headers are all that was read. */
static const char *
job_why(const struct job *j)
{
    if (j->whole == 0)
        return "the parser died over this mail; only its headers were read";
    return arena_printf(j->arena, "larger than the limit intake-mail: of its %llu bytes the first %zu were taken; the whole mail is still where it came from",
                        (unsigned long long)j->whole, j->map.len);
}

/* Two workers ended over it, or it is too odd to answer about: the mail as far as its headers go. */
static void
job_unparsed(struct loop *l, struct job *j, const char *why)
{
    j->rest = message_unparsed(j->who, j->map.bytes, j->map.len, why, j->arena);
    job_finish(l, j);
}

static void
job_failed(struct loop *l, struct job *j, const char *why)
{
    log_line(LOG_FAIL, "mailbox=%s uid=%llu job=%llu tries=%u action=parse why=%s status=failed", j->intake,
             (unsigned long long)j->origin->uid, (unsigned long long)j->id, j->tries, log_value(why));
    if (j->header_only || (j->tries >= MAIL_TRIES && j->who != NULL)) {
        job_unparsed(l, j, job_why(j));
        return;
    }
    j->header_only = j->tries >= MAIL_TRIES;
    j->next = l->parse_first;           /* first in line: its source waits */
    if (l->parse_first == NULL)
        l->parse_last = &j->next;
    l->parse_first = j;
    j->worker = 0;
}

static bool
on_parse_ready(struct loop *l, struct child *c, const Td__ParseReady *r)
{
    struct worker *w = c->side;
    if (c->state != CHILD_WAITING || r->generation != l->generation)
        return false;                   /* it is ready once, and for what it was told */
    w->generation = r->generation;
    c->state = CHILD_READY;
    c->deadline_ms = 0;
    jobs_dispatch(l);
    return true;
}

static void
worker_next(struct loop *l, struct child *c)
{
    struct worker *w = c->side;
    w->in_hand--;
    w->done++;
    c->worked = true;
    c->deadline_ms = w->in_hand > 0 ? loop_now_ms() + l->conf->limits.parse_timeout_s * 1000 : 0;
    if (w->done >= WORKER_RECYCLE)
        w->retiring = true;
    if (w->retiring && w->in_hand == 0)
        child_kill(c, "recycled");
}

static bool
on_parse_answer(struct loop *l, struct child *c, const Td__ParseAnswer *r, struct arena **ap)
{
    struct job **p = out_find(l, c->serial, r->job);
    if (p == NULL)
        return false;                   /* an answer about a mail that it does not have */
    struct job *j = *p;
    if (r->stage == TD__PARSE_ANSWER__STAGE__WHO) {
        if (j->who == NULL)
            j->who = schema_copy(j->arena, r->message);
        if (!j->header_only)
            return true;
    }
    *p = j->next;
    if (j->header_only) {
        job_unparsed(l, j, job_why(j));
    } else {
        j->rest = r->message;
        j->answer = *ap;
        *ap = NULL;
        j->answer_bytes = td__message__get_packed_size(j->rest);
        l->answers_bytes += j->answer_bytes;
        if (!message_usable(&l->conf->limits, j->rest)) {
            j->rest = NULL;
            job_unparsed(l, j, "the parser gave no usable answer");
        } else {
            job_finish(l, j);
        }
    }
    worker_next(l, c);
    jobs_dispatch(l);
    return true;
}

static bool
parse_setup(struct loop *l, struct child *c)
{
    struct arena *a = arena_new(0);
    Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct worker *w = c->side;
    if (w == NULL) {
        w = c->side = mem_alloc(sizeof *w);
        c->side_free = free;
    }
    memset(w, 0, sizeof *w);
    policy_patterns(l->conf, l->generation, &setup, a);
    f.body_case = TD__FRAME__BODY_PARSE_SETUP;
    f.parse_setup = &setup;
    (void)child_setup_send(c, &f, NULL, 0);
    arena_free(&a);
    return false;                       /* ready when it says so */
}

static bool
parse_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    switch (f->body->body_case) {
    case TD__FRAME__BODY_PARSE_READY:
        return on_parse_ready(l, c, f->body->parse_ready);
    case TD__FRAME__BODY_PARSE_ANSWER:
        return on_parse_answer(l, c, f->body->parse_answer, ap);
    case TD__FRAME__BODY_EXTRACT_ANSWER:
        return extract_answer(l, c, f);
    default:
        return false;
    }
}

/* The mail at the head is to blame; those behind it only lose their place. */
static void
parse_died(struct loop *l, struct child *c)
{
    struct job **p, *back = NULL, *j;
    bool head = true;
    if (extract_died(l, c))
        return;                         /* it had no mail in hand */
    while ((p = out_find(l, c->serial, 0)) != NULL) {
        j = *p;
        *p = j->next;
        if (head && !j->unread && !c->dismissed && !l->ending && !(c->killed && j->kills++ < KILLS_FORGIVEN)) {
            j->tries++;
            if (j->tries < MAIL_TRIES)
                j->tries = engine_mail_tries(l->engine, j->map.bytes, j->map.len, true);
            job_failed(l, j, "its worker died");
        } else {
            j->next = back;
            back = j;
        }
        head = false;
    }
    while ((j = back) != NULL) {
        back = j->next;
        waiting_push(l, j);
    }
    loop_wake(l);
}

const struct role_kind role_parse = { "parse", parse_setup, parse_frame, parse_died };

/* ---- after the commit */

void
jobs_done(struct loop *l, struct engine_event *ev)
{
    struct job *j = ev->owner;
    struct child *c = child_by_serial(l, j->source);
    if (ev->ok) {
        l->taken++;
        l->last_mail_at = loop_now();
        intake_answer(l, j->source, j->seq, true, false, 250, "2.6.0", ev->case_number != NULL ? ev->case_number : "taken");
        if (c != NULL && c->kind == &role_imap)
            imap_mail_done(l, c, j->origin->uid);
    } else {
        if (!l->ending)
            log_line(LOG_FAIL, "mailbox=%s uid=%llu action=store why=%s status=failed", j->intake, (unsigned long long)j->origin->uid,
                     log_value(ev->why));
        intake_answer(l, j->source, j->seq, false, true, 452, "4.3.0", "could not be stored now");
    }
    job_free(l, j);
}

/* At the very end: the sources still have them. */
void
jobs_end(struct loop *l)
{
    struct job *j;
    while ((j = waiting_pop(l)) != NULL)
        job_free(l, j);
    while ((j = l->parse_out) != NULL) {
        l->parse_out = j->next;
        job_free(l, j);
    }
}
