/* SPDX-License-Identifier: ISC
 *
 * Letters on their way out: the outbox is walked, what has no bytes yet goes to a compose worker, what has them goes to a
 * free lane of its relay. Envelope and recipient come from the record, never from the worker. What a lane answers, or
 * dies over, is an event; a lane that dies in a transmission leaves its outcome unknown, and the same bytes are sent again.
 */
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMPOSE_AHEAD 64
#define COMPOSE_DEPTH 4
#define PARTS_AHEAD 4                   /* letters with parts of mail in hand */
#define COMPOSE_MS 30000
#define COMPOSE_TRIES 2
#define COMPOSE_REST_MS 5000            /* when the store took no bytes */
#define LETTER_MAX (64u << 20)
#define ANSWER_TEXT_MAX 1000            /* of what a relay says, in the journal */
#define SEND_GRACE_MS 30000             /* past the lane's own time-out */

struct compose_job {
    struct compose_job *next;
    uint64_t letter; uint32_t recipient; int64_t next_at;
    uint64_t worker;                    /* serial; 0: waiting, or with the engine */
    uint64_t turn;                      /* the smallest one is what its worker is at; 0: its worker was dead already */
    unsigned tries, kills;
    bool committing;
    int64_t not_before_ms;
    bool extracting, whole;             /* whole: the letter does not go without its parts */
    int parts; uint64_t *sizes; size_t n_sizes; /* those of its mail's, when they are there; -1: none */
    int fd; struct memfd_map map;       /* the composed bytes, until they are durable */
};

struct composer { unsigned in_hand; };

struct lane {                           /* what one smtp or drop process has in hand */
    bool busy;
    uint64_t letter; uint32_t recipient; int64_t next_at;
    char recipient_addr[ADDR_MAX + 1];
    uint32_t attempt;
};

/* A row whose outcome is known but not yet durable: it must not go out again, and its lane takes nothing new: a crash
 * then leaves at most one letter a lane whose answer nobody remembers. */
struct settling { struct settling *next; uint64_t letter; uint32_t recipient; uint64_t lane; };

/* ---- events */

static void
outcome_submit(struct loop *l, uint64_t lane, uint64_t letter, uint32_t recipient, int64_t next_at, const Td__SendOutcome *o)
{
    struct engine_event *ev = engine_event_new(ENGINE_OUTCOME);
    struct settling *s = arena_alloc(ev->arena, sizeof *s);
    s->letter = letter;
    s->recipient = recipient;
    s->lane = lane;
    s->next = l->settling;
    l->settling = s;
    ev->owner = s;
    ev->letter_id = letter;
    ev->recipient = recipient;
    ev->next_at = next_at;
    Td__SendOutcome *said = arena_alloc(ev->arena, sizeof *said);
    *said = *o;
    said->base.n_unknown_fields = 0;
    said->recipient = (char *)"";
    said->text = arena_strndup(ev->arena, o->text, utf8_clip(o->text, ANSWER_TEXT_MAX));
    ev->outcome = said;
    engine_submit(l->engine, ev);
    loop_wake(l);
}

void
letters_settled(struct loop *l, struct engine_event *ev)
{
    struct settling **p = &l->settling;
    while (*p != ev->owner)
        p = &(*p)->next;
    *p = (*p)->next;
}

/* ---- composing */

static struct compose_job *
composing_find(struct loop *l, uint64_t letter)
{
    for (struct compose_job *j = l->composing; j != NULL; j = j->next)
        if (j->letter == letter)
            return j;
    return NULL;
}

static void
composing_drop(struct loop *l, struct compose_job *j)
{
    struct compose_job **p = &l->composing;
    while (*p != j)
        p = &(*p)->next;
    *p = j->next;
    memfd_unmap(&j->map);
    if (j->fd >= 0)
        close(j->fd);
    if (j->parts >= 0)
        close(j->parts);
    free(j->sizes);
    free(j);
}

static struct child *
composer_free(struct loop *l)
{
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (c->kind == &role_compose && c->state == CHILD_READY && ((struct composer *)c->side)->in_hand < COMPOSE_DEPTH)
            return c;
    return NULL;
}

/* false: the composer ended over it, and *j may be gone. */
static bool
compose_send(struct loop *l, struct compose_job *j)
{
    struct child *c = j->extracting ? NULL : composer_free(l);
    struct arena *a;
    Td__ComposeJob cj = TD__COMPOSE_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    bool ended = false;
    if (c == NULL)
        return true;
    a = arena_new(0);
    if (engine_letter(l->engine, j->letter, a, &cj.letter) == STORE_OK) {
        struct composer *w = c->side;
        cj.sizes = j->sizes;
        cj.n_sizes = j->n_sizes;
        f.body_case = TD__FRAME__BODY_COMPOSE_JOB;
        f.compose_job = &cj;
        j->worker = c->serial;
        j->turn = ++l->jobs;
        if (w->in_hand++ == 0)
            c->deadline_ms = loop_now_ms() + COMPOSE_MS;
        bool sent = child_send(c, &f, &j->parts, j->parts >= 0);
        ended = c->state == CHILD_DOWN;
        if (!sent && !ended)
            j->turn = 0;
    }
    arena_free(&a);
    return !ended;
}

static void
compose_failed(struct loop *l, struct compose_job *j, const char *why)
{
    Td__SendOutcome o = TD__SEND_OUTCOME__INIT;
    log_line(LOG_ALARM, "letter=%llu action=compose why=%s status=failed", (unsigned long long)j->letter, log_value(why));
    o.letter = j->letter;
    o.recipient = (char *)"";
    o.code = 554;
    o.text = (char *)why;
    outcome_submit(l, 0, j->letter, j->recipient, j->next_at, &o);
    composing_drop(l, j);
}

/* Words of staff do not go out without what they speak of; a letter of ours names what it leaves out. */
static void
parts_here(struct loop *l, uint64_t letter, int fd, const uint64_t *sizes, size_t n)
{
    struct compose_job *j = composing_find(l, letter);
    if (j == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    j->extracting = false;
    if (fd < 0 && j->whole) {
        compose_failed(l, j, "an attachment cannot be read");
        return;
    }
    j->parts = fd;
    j->n_sizes = fd >= 0 ? n : 0;
    j->sizes = mem_alloc((n + 1) * sizeof *sizes);
    for (size_t i = 0; i < j->n_sizes; i++)
        j->sizes[i] = sizes[i];
}

/* Lines that end as RFC 5321 wants them and nothing else that a relay could take for a line's end: else the composer, which has seen
 * strangers' bytes, could put a second mail behind the first ("SMTP smuggling"). A letter has a header and ends with a line. */
static bool
is_wire(const uint8_t *b, size_t len)
{
    if (len < 4 || memcmp(b + len - 2, "\r\n", 2) != 0 || memchr(b, '\0', len) != NULL || memmem(b, len, "\r\n\r\n", 4) == NULL)
        return false;
    for (const uint8_t *p = b; (p = memchr(p, '\n', len - (size_t)(p - b))) != NULL; p++)
        if (p == b || p[-1] != '\r')
            return false;
    for (const uint8_t *p = b; (p = memchr(p, '\r', len - (size_t)(p - b))) != NULL; p++)
        if (p[1] != '\n')
            return false;
    return true;
}

static bool
on_compose_answer(struct loop *l, struct child *c, struct frame *f)
{
    const Td__ComposeAnswer *r = f->body->compose_answer;
    struct compose_job *j = composing_find(l, r->letter);
    struct composer *w = c->side;
    if (j == NULL || j->worker != c->serial)
        return false;
    c->worked = true;
    w->in_hand--;
    c->deadline_ms = w->in_hand > 0 ? loop_now_ms() + COMPOSE_MS : 0;
    j->worker = 0;
    if (r->error != NULL || f->n_fds != 1 || !memfd_map(f->fds[0], LETTER_MAX, &j->map)) {
        compose_failed(l, j, r->error != NULL ? r->error : "the composer gave no usable answer");
        return true;
    }
    if (!is_wire(j->map.bytes, j->map.len)) {
        memfd_unmap(&j->map);
        compose_failed(l, j, "the composer gave lines that are none");
        return true;
    }
    j->fd = f->fds[0];
    f->fds[0] = -1;
    j->committing = true;
    struct engine_event *ev = engine_event_new(ENGINE_COMPOSED);
    ev->owner = j;
    ev->letter_id = j->letter;
    ev->bytes = j->map.bytes;
    ev->len = j->map.len;
    engine_submit(l->engine, ev);
    loop_wake(l);
    return true;
}

void
letters_composed(struct loop *l, struct engine_event *ev)
{
    struct compose_job *j = ev->owner;
    if (ev->ok || l->ending) {
        composing_drop(l, j);
        return;
    }
    memfd_unmap(&j->map);               /* composed again, but not at once: the store says no */
    close(j->fd);
    j->fd = -1;
    j->committing = false;
    j->not_before_ms = loop_now_ms() + COMPOSE_REST_MS;
}

static bool
compose_setup(struct loop *l, struct child *c)
{
    (void)l;
    if (c->side == NULL) {
        c->side = mem_alloc(sizeof(struct composer));
        c->side_free = free;
    }
    ((struct composer *)c->side)->in_hand = 0;
    loop_wake(l);
    return true;
}

static bool
compose_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)ap;
    return f->body->body_case == TD__FRAME__BODY_COMPOSE_ANSWER && on_compose_answer(l, c, f);
}

/* The letter that it was at is to blame; the others only lose their place. */
static void
compose_died(struct loop *l, struct child *c)
{
    struct compose_job *head = NULL;
    for (struct compose_job *j = l->composing; j != NULL; j = j->next) {
        if (j->worker != c->serial)
            continue;
        j->worker = 0;
        if (j->turn != 0 && (head == NULL || j->turn < head->turn))
            head = j;
    }
    if (head == NULL || c->dismissed || l->ending || (c->killed && head->kills++ < KILLS_FORGIVEN))
        return;
    if (++head->tries >= COMPOSE_TRIES)
        compose_failed(l, head, "the composer died over this letter twice");
}

const struct role_kind role_compose = { "compose", compose_setup, compose_frame, compose_died };

/* ---- lanes */

static bool
is_lane(const struct child *c)
{
    return c->kind == &role_smtp || c->kind == &role_drop;
}

bool
lane_busy(const struct child *c)
{
    return is_lane(c) && c->side != NULL && ((const struct lane *)c->side)->busy;
}

static bool
lane_ready(const struct loop *l, const struct child *c)
{
    if (!is_lane(c) || c->state != CHILD_READY || lane_busy(c))
        return false;
    for (const struct settling *s = l->settling; s != NULL; s = s->next)
        if (s->lane == c->serial)
            return false;
    return true;
}

static struct child *
lane_free(struct loop *l, const char *relay)
{
    for (struct child *c = l->children; c != NULL; c = c->next)
        if (lane_ready(l, c) && strcmp(c->section, relay) == 0)
            return c;
    return NULL;
}

static bool
in_flight(struct loop *l, uint64_t letter, uint32_t recipient)
{
    for (const struct settling *s = l->settling; s != NULL; s = s->next)
        if (s->letter == letter && s->recipient == recipient)
            return true;
    for (struct child *c = l->children; c != NULL; c = c->next) {
        const struct lane *lane = c->side;
        if (is_lane(c) && lane != NULL && lane->busy && lane->letter == letter && lane->recipient == recipient)
            return true;
    }
    return false;
}

static int64_t
relay_timeout_ms(struct loop *l, const char *relay)
{
    const struct conf_relay *r = conf_relay_find(l->conf, relay);
    return (r != NULL ? r->timeout_s : 300) * 1000;
}

/* What cannot be read will not be readable tomorrow: its row ends, and the log says so. */
static void
letter_lost(struct loop *l, const struct engine_outgoing *o, enum store_rc rc)
{
    Td__SendOutcome out = TD__SEND_OUTCOME__INIT;
    log_line(LOG_ALARM, "letter=%llu action=read why=%s status=failed", (unsigned long long)o->letter_id, log_value(store_rc_name(rc)));
    out.letter = o->letter_id;
    out.code = 554;
    out.text = (char *)"the letter cannot be read from the store";
    outcome_submit(l, 0, o->letter_id, o->recipient, o->next_at, &out);
}

static void
lane_send(struct loop *l, struct child *c, const Td__Letter *letter, const struct engine_outgoing *o)
{
    struct lane *lane = c->side;
    Td__SendJob job = TD__SEND_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int fd;
    enum store_rc rc = engine_letter_bytes(l->engine, letter, &fd);
    if (fact_missing(rc))
        letter_lost(l, o, rc);
    if (rc != STORE_OK)
        return;
    lane->busy = true;
    lane->letter = o->letter_id;
    lane->recipient = o->recipient;
    lane->next_at = o->next_at;
    lane->attempt = o->row->attempts + 1;
    snprintf(lane->recipient_addr, sizeof lane->recipient_addr, "%s", letter->to[o->recipient]->addr);
    job.letter = o->letter_id;
    job.recipient = lane->recipient_addr;
    job.envelope_from = letter->envelope_from != NULL ? letter->envelope_from : (char *)"";
    job.attempt = lane->attempt;
    f.body_case = TD__FRAME__BODY_SEND_JOB;
    f.send_job = &job;
    c->deadline_ms = loop_now_ms() + relay_timeout_ms(l, c->section) + SEND_GRACE_MS;
    (void)child_send(c, &f, &fd, 1);
    close(fd);
}

static bool
on_send_outcome(struct loop *l, struct child *c, const Td__SendOutcome *o)
{
    struct lane *lane = c->side;
    if (!lane->busy || o->letter != lane->letter)
        return false;
    c->worked = true;
    c->deadline_ms = 0;
    lane->busy = false;
    if (o->has_relay_size && o->relay_size > 0)
        engine_relay_size(l->engine, c->section, o->relay_size);
    l->sent += o->code >= 200 && o->code < 300;
    outcome_submit(l, c->serial, lane->letter, lane->recipient, lane->next_at, o);
    child_say(c, o->code >= 200 && o->code < 300, "%s", o->text[0] != '\0' ? o->text : "no reply");
    if (c->said_ok)
        c->good_at = loop_now();
    if (o->has_auth_failed && o->auth_failed) {
        const struct conf_relay *r = conf_relay_find(l->conf, c->section);
        if (r != NULL && r->oauth != NULL) {
            token_stale(l, r->oauth);
            child_kill(c, "a fresh token is needed");
        }
    }
    if (c->retiring) {
        c->dismissed = true;
        child_kill(c, "a new configuration");
    }
    return true;
}

static const char *
secret_text(struct loop *l, const char *where, struct buf *out)
{
    if (where == NULL || conf_secret(where, l->credentials, out) != 0)
        return NULL;
    return out->data;
}

const char *
secret_for(struct loop *l, const char *password, const char *token_file, const char *oauth, struct buf *mem, bool *wanted)
{
    *wanted = password != NULL || token_file != NULL || oauth != NULL;
    if (oauth != NULL)
        return token_get(l, oauth);
    return secret_text(l, token_file != NULL ? token_file : password, mem);
}

static bool
lane_setup(struct loop *l, struct child *c)
{
    static const char *const tls[] = { [CONF_TLS_FULL] = "tls", [CONF_TLS_STARTTLS] = "starttls", [CONF_TLS_NONE] = "none" };
    const struct conf_relay *r = conf_relay_find(l->conf, c->section);
    struct buf mem = { 0 };
    bool wanted = false;
    Td__RelaySetup s = TD__RELAY_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (r == NULL)
        return false;
    if (c->side == NULL) {
        c->side = mem_alloc(sizeof(struct lane));
        c->side_free = free;
    }
    s.secret = (char *)secret_for(l, r->password, r->token_file, r->oauth, &mem, &wanted);
    if (s.secret == NULL && wanted) {
        child_say(c, false, "the secret cannot be read or is not there yet");
        return false;
    }
    s.transport = (char *)r->transport;
    s.host = (char *)r->host;
    s.has_port = true;
    s.port = r->port;
    s.tls = (char *)tls[r->tls];
    s.ca_file = (char *)r->ca_file;
    s.auth = (char *)r->auth;
    s.user = (char *)r->user;
    s.path = (char *)r->path;
    s.helo = (char *)(r->helo != NULL ? r->helo : l->conf->hostname);
    s.timeout_s = (uint32_t)r->timeout_s;
    f.body_case = TD__FRAME__BODY_RELAY_SETUP;
    f.relay_setup = &s;
    bool ok = child_setup_send(c, &f, NULL, 0);
    if (mem.data != NULL)
        explicit_bzero(mem.data, mem.len);
    buf_free(&mem);
    loop_wake(l);
    return ok;
}

static bool
lane_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)ap;
    return f->body->body_case == TD__FRAME__BODY_SEND_OUTCOME && on_send_outcome(l, c, f->body->send_outcome);
}

/* Whether the relay took it is unknown: the same bytes under the same Message-ID go out again, a little later. */
static void
lane_died(struct loop *l, struct child *c)
{
    struct lane *lane = c->side;
    Td__SendOutcome o = TD__SEND_OUTCOME__INIT;
    if (lane == NULL || !lane->busy)
        return;
    lane->busy = false;
    if (l->ending)
        return;
    o.letter = lane->letter;
    o.recipient = lane->recipient_addr;
    o.unknown = true;
    o.text = (char *)"the lane ended in the middle of it";
    outcome_submit(l, c->serial, lane->letter, lane->recipient, lane->next_at, &o);
}

const struct role_kind role_smtp = { "smtp", lane_setup, lane_frame, lane_died };
const struct role_kind role_drop = { "drop", lane_setup, lane_frame, lane_died };

/* ---- the walk */

struct walk { struct loop *l; unsigned idle, composing; };

static const char *
relay_of(struct loop *l, const Td__Letter *letter)
{
    const struct conf_desk *d;
    if (letter->relay != NULL && conf_relay_find(l->conf, letter->relay) != NULL)
        return letter->relay;
    d = conf_desk_find(l->conf, letter->desk);
    return d != NULL ? d->relay : l->conf->n_relays > 0 ? l->conf->relays[0].name : NULL;
}

static void
compose_start(struct loop *l, const struct engine_outgoing *o, const Td__Letter *letter)
{
    struct compose_job *j = mem_alloc(sizeof *j);
    j->letter = o->letter_id;
    j->recipient = o->recipient;
    j->next_at = o->next_at;
    j->fd = j->parts = -1;
    j->whole = letter->kind == TD__LETTER__KIND__RELAY;
    j->extracting = letter->n_parts > 0 && letter->has_parts_mail;
    j->next = l->composing;
    l->composing = j;
    if (j->extracting)
        extract_start(l, letter, parts_here);
    else
        (void)compose_send(l, j);
}

/* Letters with parts hold memory until they are durable: few at a time. */
static unsigned
parts_in_hand(const struct loop *l)
{
    unsigned n = 0;
    for (const struct compose_job *j = l->composing; j != NULL; j = j->next)
        n += j->extracting || j->parts >= 0;
    return n;
}

static bool
walk_row(void *u, const struct engine_outgoing *o)
{
    struct walk *w = u;
    struct loop *l = w->l;
    Td__Letter *letter;
    if (w->idle == 0 || in_flight(l, o->letter_id, o->recipient) || composing_find(l, o->letter_id) != NULL)
        return w->idle > 0;
    if (o->row->relay != NULL && conf_relay_find(l->conf, o->row->relay) != NULL && lane_free(l, o->row->relay) == NULL)
        return true;                    /* a long line for a busy relay costs no more than its rows */
    struct arena *a = arena_new(0);
    enum store_rc rc = engine_letter(l->engine, o->letter_id, a, &letter);
    if (fact_missing(rc) || (rc == STORE_OK && o->recipient >= letter->n_to)) {
        letter_lost(l, o, rc == STORE_OK ? STORE_DAMAGED : rc);
    } else if (rc == STORE_OK) {
        const char *relay = relay_of(l, letter);
        struct child *lane = relay != NULL ? lane_free(l, relay) : NULL;
        if (lane != NULL && letter->has_size) {
            lane_send(l, lane, letter, o);
            w->idle--;
        } else if (lane != NULL && w->composing < COMPOSE_AHEAD && (letter->n_parts == 0 || parts_in_hand(l) < PARTS_AHEAD)) {
            compose_start(l, o, letter);
            w->composing++;
        }
    }
    arena_free(&a);
    return w->idle > 0 && w->composing < COMPOSE_AHEAD;
}

void
letters_dispatch(struct loop *l)
{
    struct walk w = { .l = l };
    int64_t now_ms = loop_now_ms();
    for (struct compose_job *j = l->composing; j != NULL; j = j->next) {
        w.composing++;
        if (j->worker == 0 && !j->committing && now_ms >= j->not_before_ms && !compose_send(l, j))
            return;                     /* its end woke the loop: the next turn goes on */
    }
    for (struct child *c = l->children; c != NULL; c = c->next)
        w.idle += lane_ready(l, c);
    /* While outcomes wait for the store, nothing more is sent: a crash would send all of it again. */
    if (w.idle > 0 && !l->ending && (l->engine->failed == NULL || l->engine->trouble == NULL))
        (void)engine_outbox_walk(l->engine, loop_now(), walk_row, &w);
}

/* At the very end, when the children and the engine's events are gone. */
void
letters_end(struct loop *l)
{
    extract_end(l);
    while (l->composing != NULL)
        composing_drop(l, l->composing);
}
