/* SPDX-License-Identifier: ISC
 *
 * ticketctl simulate: the engine on a virtual clock. Mail comes from an mbox whose From lines are the arrivals, letters go
 * into another, the store lives in memory (or stays, to be looked at), the relay takes everything at once. Parsing and composing are done by the same
 * sandboxed workers as in the daemon. Reads the configuration and IN, writes OUT, prints one JSON document; nothing else is
 * touched. The same input, configuration and key give the same bytes.
 */
#include "engine.h"
#include "mbox.h"
#include "loop.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define WORKER_MS 30000
#define DRAIN_ROUNDS 1000000u           /* letters and timers at one moment, before we call it a loop of our own making */

struct sent { int64_t at; const char *kind, *number, *subject, *message_id; const char **to; size_t n_to; };

struct sim {
    struct conf *conf;
    struct desk *desk;
    struct store *store;
    struct engine *engine;
    struct role_worker *parse, *compose;
    int64_t now;
    struct buf out;                     /* the mbox of letters */
    struct arena *arena;                /* what is printed at the end */
    struct sent **sent; size_t n_sent;
    uint64_t random_n; uint8_t random_key[32];
    const char *trouble;
};

/* Chance for the sealing of a store that nobody will ever see: a stream from the key, so that runs are alike. */
static void
sim_random(void *u, void *out, size_t len)
{
    struct sim *s = u;
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = { 0 };
    be64_put(nonce, ++s->random_n);
    crypto_stream_chacha20(out, len, nonce, s->random_key);
}

/* ---- parsing */

/* The simulator's source is believed; with several desks the header says first whose rules hold. */
static Td__Message *
parse_mail(struct sim *s, const struct buf *bytes, struct arena *a)
{
    Td__ParseJob pj = TD__PARSE_JOB__INIT, first = TD__PARSE_JOB__INIT;
    Td__Message *who = NULL, *rest = NULL;
    const char *desk = NULL;
    int fd = memfd_of("mail", bytes->data, bytes->len);
    pj.job = first.job = 1;
    if (fd >= 0) {
        if (s->conf->n_desks > 1)
            role_worker_parse(s->parse, fd, &first, a, &who, &rest);
        if (who != NULL)
            desk = message_desk(s->conf, who);
        pj.trust = role_trust_of(s->conf, desk, &pj.authserv, &pj.n_authserv, a);
        role_worker_parse(s->parse, fd, &pj, a, &who, &rest);
        close(fd);
    }
    if (rest != NULL && rest->has_digest && rest->digest.len == 32 && rest->machine != NULL)
        return rest;
    return message_unparsed(who, (const uint8_t *)bytes->data, bytes->len, "the parser died over this mail; only its headers were read", a);
}

static void
mail_take(struct sim *s, const struct mbox_mail *m)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAIL);
    Td__Origin *o = schema_new(ev->arena, &td__origin__descriptor);
    o->kind = TD__ORIGIN__KIND__MBOX;
    o->mailbox = (char *)"mbox";
    o->arrived_at = m->at;
    o->envelope_from = arena_strdup(ev->arena, m->sender);
    o->has_trusted = o->trusted = true;
    char *copy = arena_alloc(ev->arena, m->bytes.len + 1);
    memcpy(copy, m->bytes.data, m->bytes.len);
    ev->bytes = (const uint8_t *)copy;
    ev->len = m->bytes.len;
    ev->origin = o;
    ev->message = parse_mail(s, &m->bytes, ev->arena);
    ev->desk = message_desk(s->conf, ev->message);
    for (size_t i = 0; i < ev->message->n_delivered_to; i++)
        (void)arena_push(ev->arena, &o->recipients, &o->n_recipients, ev->message->delivered_to[i]->addr);
    engine_submit(s->engine, ev);
}

/* ---- letters */

/* The parts of a stored mail that go out with it, read by a parse worker. -1: they cannot be had. */
static int
parts_extract(struct sim *s, const Td__Letter *l, struct arena *a, Td__ComposeJob *cj)
{
    Td__ExtractJob ej = TD__EXTRACT_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct frame in;
    int mail, fd = -1;
    if (engine_mail_bytes(s->engine, l->parts_mail, &mail) != STORE_OK)
        return -1;
    ej.job = 1;
    ej.n_parts = l->n_parts;
    ej.parts = arena_alloc(a, l->n_parts * sizeof *ej.parts);
    for (size_t i = 0; i < l->n_parts; i++)
        ej.parts[i] = l->parts[i]->part;
    f.body_case = TD__FRAME__BODY_EXTRACT_JOB;
    f.extract_job = &ej;
    if (role_worker_send(s->parse, &f, &mail, 1) && role_worker_receive(s->parse, a, &in)) {
        if (in.body->body_case == TD__FRAME__BODY_EXTRACT_ANSWER && in.body->extract_answer->found) {
            cj->sizes = in.body->extract_answer->sizes;
            cj->n_sizes = in.body->extract_answer->n_sizes;
            fd = frame_take(&in, 0);
        }
        frame_close(&in);
    }
    close(mail);
    return fd;
}

static bool
compose_letter(struct sim *s, const Td__Letter *l, struct arena *a, struct memfd_map *map, int *fd)
{
    Td__ComposeJob cj = TD__COMPOSE_JOB__INIT;
    int parts = -1;
    Td__Frame f = TD__FRAME__INIT;
    struct frame in;
    cj.letter = (Td__Letter *)l;
    f.body_case = TD__FRAME__BODY_COMPOSE_JOB;
    f.compose_job = &cj;
    if (l->n_parts > 0 && l->has_parts_mail) {
        parts = parts_extract(s, l, a, &cj);
        if (parts < 0 && l->kind == TD__LETTER__KIND__RELAY)
            return false;
    }
    bool answered = role_worker_send(s->compose, &f, &parts, parts >= 0) && role_worker_receive(s->compose, a, &in);
    if (parts >= 0)
        close(parts);
    if (!answered)
        return false;
    *fd = frame_take(&in, 0);
    frame_close(&in);
    if (in.body->body_case == TD__FRAME__BODY_COMPOSE_ANSWER && in.body->compose_answer->error == NULL && *fd >= 0 &&
        memfd_map(*fd, ROLE_BULK_MAX, map))
        return true;
    if (*fd >= 0)
        close(*fd);
    return false;
}

static void
sent_note(struct sim *s, const Td__Letter *l, const char *recipient)
{
    struct arena *a = s->arena;
    struct sent *n = arena_alloc(a, sizeof *n);
    n->at = s->now;
    n->kind = schema_letter_kind_name(l->kind);
    n->number = arena_strdup(a, l->case_number);
    n->subject = arena_strdup(a, l->subject);
    n->message_id = arena_strdup(a, l->message_id);
    (void)arena_push(a, &n->to, &n->n_to, arena_strdup(a, recipient));
    (void)arena_push(a, &s->sent, &s->n_sent, n);
}

static void
outcome(struct sim *s, const struct engine_outgoing *o, unsigned code, const char *text)
{
    struct engine_event *ev = engine_event_new(ENGINE_OUTCOME);
    Td__SendOutcome *so = schema_new(ev->arena, &td__send_outcome__descriptor);
    so->letter = o->letter_id;
    so->recipient = (char *)"";
    so->code = code;
    so->text = arena_strdup(ev->arena, text);
    ev->letter_id = o->letter_id;
    ev->recipient = o->recipient;
    ev->next_at = o->next_at;
    ev->outcome = so;
    engine_submit(s->engine, ev);
}

/* A letter with several recipients is one mail in OUT: it is written for the first of them. */
static void
letter_write(struct sim *s, const Td__Letter *l, uint32_t recipient, const struct memfd_map *map)
{
    if (recipient == 0) {
        mbox_add(&s->out, l->envelope_from != NULL ? l->envelope_from : "", s->now, (const char *)map->bytes, map->len);
        sent_note(s, l, l->to[0]->addr);
    } else if (s->n_sent > 0 && strcmp(s->sent[s->n_sent - 1]->message_id, l->message_id) == 0) {
        struct sent *n = s->sent[s->n_sent - 1];
        (void)arena_push(s->arena, &n->to, &n->n_to, arena_strdup(s->arena, l->to[recipient]->addr));
    }
}

static bool
send_one(void *u, const struct engine_outgoing *o)
{
    struct sim *s = u;
    struct arena *a = arena_new(0);
    struct memfd_map map;
    Td__Letter *l;
    int fd;
    if (engine_letter(s->engine, o->letter_id, a, &l) != STORE_OK || o->recipient >= l->n_to) {
        s->trouble = "a letter is missing from the store";
    } else if (compose_letter(s, l, a, &map, &fd)) {
        letter_write(s, l, o->recipient, &map);
        memfd_unmap(&map);
        close(fd);
        outcome(s, o, 250, "2.0.0 taken");
    } else {
        outcome(s, o, 554, "the letter could not be composed");
    }
    arena_free(&a);
    return s->trouble == NULL;
}

/* ---- the clock */

static void
on_done(void *u, struct engine_event *ev)
{
    struct sim *s = u;
    if (!ev->ok && ev->kind == ENGINE_MAIL)
        s->trouble = ev->why;
}

static void
on_log(void *u, enum log_level level, const char *line)
{
    (void)u;
    if (level <= LOG_FAIL)
        log_line(level, "%s", line);
}

/* Everything that is due now, until nothing more is. */
static void
settle(struct sim *s)
{
    for (unsigned round = 0; s->trouble == NULL; round++) {
        size_t n = engine_run(s->engine, s->now);
        (void)engine_outbox_walk(s->engine, s->now, send_one, s);
        if (n == 0 && !engine_busy(s->engine))
            return;
        if (round > DRAIN_ROUNDS)
            s->trouble = "letters and timers go round at one moment";
    }
}

static void
run_until(struct sim *s, int64_t until)
{
    int64_t due;
    while (s->trouble == NULL && (due = engine_next_due(s->engine)) <= until && due != INT64_MAX) {
        if (due > s->now)
            s->now = due;
        settle(s);
    }
}

static int
run(struct sim *s, struct mbox *in, int64_t until, bool has_until)
{
    struct mbox_mail m = { .at = 0 };
    char error[128];
    struct progress bar;
    int rc;
    progress_begin(&bar, "simulate");
    while ((rc = mbox_next(in, &m, error)) == 1 && s->trouble == NULL) {
        progress_show(&bar, in->at, in->len);
        if (has_until && m.at > until)
            break;
        if (s->now == 0)
            engine_people(s->engine, m.at);
        if (m.at > s->now)
            run_until(s, m.at - 1);
        if (m.at > s->now)
            s->now = m.at;
        mail_take(s, &m);
        settle(s);
    }
    progress_end(&bar);
    buf_free(&m.bytes);
    if (rc < 0) {
        fprintf(stderr, "ticketctl: %s\n", error);
        return EX_DATAERR;
    }
    run_until(s, has_until ? until : s->now);
    if (has_until && until > s->now)
        s->now = until;
    return s->trouble == NULL ? 0 : EX_SOFTWARE;
}

/* ---- the document */

struct shown { Td__Case *c; Td__Entry **entries; size_t n; uint64_t rank; };

static int
by_order(const struct desk *d, const struct shown *a, const struct shown *b)
{
    int64_t x = desk_order(d, a->c), y = desk_order(d, b->c);
    if (x != y)
        return x < y ? -1 : 1;
    if (a->c->opened_at != b->c->opened_at)
        return a->c->opened_at < b->c->opened_at ? -1 : 1;
    return a->c->id < b->c->id ? -1 : 1;
}

static const struct desk *order_desk;   /* qsort() has no argument for it */

static int
compare(const void *a, const void *b)
{
    return by_order(order_desk, *(struct shown *const *)a, *(struct shown *const *)b);
}

static bool
is_open(const Td__Case *c)
{
    return c->state != TD__STATE__CLOSED;
}

/* Places in the order of work, among the open cases of each desk. */
static void
rank_all(struct sim *s, struct shown **v, size_t n)
{
    struct shown **open = arena_alloc(s->arena, (n + 1) * sizeof *open);
    for (size_t d = 0; d < s->conf->n_desks; d++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (is_open(v[i]->c) && strcmp(v[i]->c->desk, s->conf->desks[d].name) == 0)
                open[m++] = v[i];
        order_desk = s->desk;
        qsort(open, m, sizeof *open, compare);
        for (size_t i = 0; i < m; i++)
            open[i]->rank = i + 1;
    }
}

static enum store_rc
cases_read(struct sim *s, struct shown ***out, size_t *n)
{
    struct store_txn *t;
    struct store_cursor *c = NULL, *ec = NULL;
    struct store_key k, ek;
    enum store_rc rc = store_begin(s->store, NULL, false, &t);
    if (rc == STORE_OK)
        rc = store_cursor_open(t, STORE_CASES, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        struct shown *sh = arena_alloc(s->arena, sizeof *sh);
        rc = store_cursor_get(c, s->arena, &td__case__descriptor, &sh->c);
        if (rc != STORE_OK)
            break;
        table_entry_prefix(&ek, sh->c->id);
        rc = store_cursor_open(t, STORE_ENTRIES, &ek, NULL, false, &ec);
        while (rc == STORE_OK && store_cursor_next(ec, &k)) {
            Td__Entry *e;
            rc = store_cursor_get(ec, s->arena, &td__entry__descriptor, &e);
            if (rc == STORE_OK)
                (void)arena_push(s->arena, &sh->entries, &sh->n, e);
        }
        store_cursor_close(&ec);
        (void)arena_push(s->arena, out, n, sh);
    }
    store_cursor_close(&c);
    store_abort(&t);
    return rc;
}

static void
json_time(int64_t at, struct buf *out)
{
    char text[TIME_TEXT_MAX];
    time_format(at, text);
    buf_printf(out, "\"%s\"", text);
}

static void
print_letters(struct sim *s, struct buf *out)
{
    for (size_t i = 0; i < s->n_sent; i++) {
        const struct sent *n = s->sent[i];
        buf_puts(out, i > 0 ? ",\n  {\"at\":" : "\n  {\"at\":");
        json_time(n->at, out);
        buf_printf(out, ",\"kind\":\"%s\",\"case\":", n->kind);
        schema_json_string(n->number, out);
        buf_puts(out, ",\"to\":[");
        for (size_t k = 0; k < n->n_to; k++) {
            buf_puts(out, k > 0 ? "," : "");
            schema_json_string(n->to[k], out);
        }
        buf_puts(out, "],\"subject\":");
        schema_json_string(n->subject, out);
        buf_puts(out, ",\"message_id\":");
        schema_json_string(n->message_id, out);
        buf_puts(out, "}");
    }
}

static void
print_parked(struct shown **v, size_t n, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i]->n; k++) {
            const Td__Entry *e = v[i]->entries[k];
            if (e->what != TD__ENTRY__WHAT__PARKED)
                continue;
            buf_puts(out, first ? "\n  {\"at\":" : ",\n  {\"at\":");
            first = false;
            json_time(e->at, out);
            buf_puts(out, ",\"case\":");
            schema_json_string(v[i]->c->number, out);
            buf_puts(out, ",\"from\":{\"name\":null,\"addr\":");
            schema_json_string(e->by, out);
            buf_puts(out, "},\"why\":");
            schema_json_string(e->why, out);
            buf_puts(out, "}");
        }
}

static void
print_refused_one(const struct shown *sh, const Td__Entry *e, bool first, struct buf *out)
{
    buf_puts(out, first ? "\n  {\"at\":" : ",\n  {\"at\":");
    json_time(e->at, out);
    buf_puts(out, ",\"case\":");
    schema_json_string(sh->c->number, out);
    buf_puts(out, ",\"from\":{\"name\":");
    schema_json_string(sh->c->requester->name, out);
    buf_puts(out, ",\"addr\":");
    schema_json_string(sh->c->requester->addr, out);
    buf_puts(out, "},\"why\":");
    schema_json_string(e->why, out);
    buf_puts(out, "}");
}

/* Opened by somebody who may not, or spam: each a closed case as well. */
static void
print_refused(struct shown **v, size_t n, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        const Td__Case *c = v[i]->c;
        Td__Entry__What what = c->has_spam && c->spam ? TD__ENTRY__WHAT__SPAM : TD__ENTRY__WHAT__REFUSED;
        const Td__Entry *e = NULL;
        for (size_t k = 0; k < v[i]->n; k++)
            if (v[i]->entries[k]->what == what)
                e = v[i]->entries[k];
        if (e == NULL || !((c->has_spam && c->spam) || (c->has_refused && c->refused)))
            continue;
        print_refused_one(v[i], e, first, out);
        first = false;
    }
}

static enum store_rc
document(struct sim *s, struct buf *out)
{
    struct shown **v = NULL;
    size_t n = 0;
    enum store_rc rc = cases_read(s, &v, &n);
    if (rc != STORE_OK)
        return rc;
    rank_all(s, v, n);
    struct report *report = report_new(s->conf, s->desk, s->now);
    buf_puts(out, "{\"cases\": [");
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i > 0 ? ",\n  " : "\n  ");
        report_add(report, v[i]->c);
        desk_show(s->desk, v[i]->c, s->now);
        schema_case_json(v[i]->c, v[i]->entries, v[i]->n, v[i]->rank, desk_state_label(s->desk, v[i]->c), out);
    }
    buf_puts(out, "],\n \"letters\": [");
    print_letters(s, out);
    buf_puts(out, "],\n \"parked\": [");
    print_parked(v, n, out);
    buf_puts(out, "],\n \"refused\": [");
    print_refused(v, n, out);
    buf_puts(out, "],\n \"report\": ");
    report_json(report, out);
    buf_puts(out, "}\n");
    report_free(&report);
    return STORE_OK;
}

/* ---- the command */

struct options { const char *config, *in, *out, *keep; int64_t until; bool has_until; uint8_t key[32]; };

static int
usage(const char *why)
{
    fprintf(stderr, "ticketctl: %s\nusage: ticketctl simulate --config FILE --in IN.mbox --out OUT.mbox [--until TIME] [--key HEX64] [--keep DIR]\n", why);
    return EX_USAGE;
}

static int
options_read(int argc, char **argv, struct options *o)
{
    static const struct option names[] = { { "config", 1, NULL, 'c' }, { "in", 1, NULL, 'i' },  { "out", 1, NULL, 'o' },
                                           { "until", 1, NULL, 'u' },  { "key", 1, NULL, 'k' }, { "json", 0, NULL, 'j' },
                                           { "keep", 1, NULL, 'K' },
                                           { NULL, 0, NULL, 0 } };
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 'c')
            o->config = optarg;
        else if (c == 'i')
            o->in = optarg;
        else if (c == 'o')
            o->out = optarg;
        else if (c == 'K')
            o->keep = optarg;
        else if (c == 'u' && time_parse(optarg, &o->until))
            o->has_until = true;
        else if (c == 'u')
            return usage("--until takes a time like 2026-03-10T10:00:00Z");
        else if (c == 'k' && (strlen(optarg) != 64 || !hex_decode(optarg, o->key, 32)))
            return usage("--key takes 64 hexadecimal digits");
        else if (c == '?')
            return usage("unknown option");
    }
    if (o->config == NULL || o->in == NULL || o->out == NULL || optind < argc)
        return usage("--config, --in and --out are needed, and nothing else");
    return 0;
}

/* A store that stays, with a master key of its own beside it as the daemon makes one; never one that is there already. */
static int
keep_make(const char *keep, struct store_options *so)
{
    const struct conf kept = { .state_directory = keep };
    char error[256];
    int err = mkdir(keep, 0700) == 0 ? 0 : errno;
    if (err != 0) {
        fprintf(stderr, "ticketctl: --keep %s: %s\n", keep, strerror(err));
        return EX_CANTCREAT;
    }
    if (start_master_key(&kept, NULL, so->master_key, error) != 0) {
        fprintf(stderr, "ticketctl: %s\n", error);
        return EX_CANTCREAT;
    }
    so->directory = keep;
    return 0;
}

static int
sim_open(struct sim *s, const struct options *o)
{
    struct store_options so = { .map_size = 64ull << 30, .naming_key = o->key, .random = sim_random, .random_u = s };
    const struct engine_driver d = { .u = s, .done = on_done, .log = on_log };
    Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct buf errors = { 0 };
    char error[256];
    const char *why;
    s->conf = policy_load(o->config, false, o->key, &s->desk, &errors);
    if (errors.len > 0)
        fputs(errors.data, stderr);
    buf_free(&errors);
    if (s->conf == NULL)
        return EX_CONFIG;
    int kept = o->keep != NULL ? keep_make(o->keep, &so) : 0;
    if (kept != 0)
        return kept;
    if (store_open(&so, &s->store, error) != STORE_OK) {
        fprintf(stderr, "ticketctl: %s\n", error);
        return EX_OSERR;
    }
    policy_patterns(s->conf, 1, &setup, s->arena);
    f.body_case = TD__FRAME__BODY_PARSE_SETUP;
    f.parse_setup = &setup;
    s->parse = role_worker_new("parse", &f, WORKER_MS);
    s->compose = role_worker_new("compose", NULL, WORKER_MS);
    s->engine = engine_new(s->conf, s->desk, s->store, &d, 0, &why);
    return s->engine != NULL ? 0 : EX_SOFTWARE;
}

static void
sim_close(struct sim *s)
{
    engine_free(&s->engine);
    role_worker_free(&s->parse);
    role_worker_free(&s->compose);
    store_close(&s->store);
    desk_free(&s->desk);
    conf_free(&s->conf);
    buf_free(&s->out);
    arena_free(&s->arena);
}

static int
file_map(const char *path, struct mbox *m)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fprintf(stderr, "ticketctl: %s: %s\n", path, fd < 0 ? strerror(errno) : "not a regular file");
        if (fd >= 0)
            close(fd);
        return EX_NOINPUT;
    }
    m->len = (size_t)st.st_size;
    m->bytes = m->len > 0 ? mmap(NULL, m->len, PROT_READ, MAP_PRIVATE, fd, 0) : "";
    close(fd);
    return m->bytes != MAP_FAILED ? 0 : EX_OSERR;
}

static int
out_write(const char *path, const struct buf *b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int err = fd < 0 ? errno : full_write(fd, b->data != NULL ? b->data : "", b->len);
    if (fd >= 0 && close(fd) != 0 && err == 0)
        err = errno;
    if (err != 0)
        fprintf(stderr, "ticketctl: %s: %s\n", path, strerror(err));
    return err == 0 ? 0 : EX_CANTCREAT;
}

int
simulate_main(int argc, char **argv)
{
    struct options o = { 0 };
    struct sim s = { .arena = arena_new(0) };
    struct mbox in = { 0 };
    struct buf doc = { 0 };
    int rc = options_read(argc, argv, &o);
    if (rc == 0)
        rc = file_map(o.in, &in);
    if (rc == 0)
        rc = sim_open(&s, &o);
    if (rc == 0)
        rc = run(&s, &in, o.until, o.has_until);
    if (rc == 0 && document(&s, &doc) != STORE_OK)
        rc = EX_SOFTWARE;
    if (rc == 0)
        rc = out_write(o.out, &s.out);
    if (rc == 0)
        fputs(doc.data, stdout);
    else if (s.trouble != NULL)
        fprintf(stderr, "ticketctl: %s\n", s.trouble);
    buf_free(&doc);
    sim_close(&s);
    return rc;
}
