/* SPDX-License-Identifier: ISC
 *
 * The workers that read and write, and the lanes with the relay behind them. The relay is the judge of "not twice": it knows each
 * transmission, what it answered, and whether core has read the answer. A letter is transmitted again only where core cannot
 * know that it was answered: no answer, one that core died over, or a refusal for now.
 */
#include "sim.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- parse */

static void
parse_hear(struct role *r, struct frame *f)
{
    struct arena *a = arena_new(0);
    if (f->body->body_case == TD__FRAME__BODY_PARSE_SETUP && r->state == NULL) {
        Td__Frame out = TD__FRAME__INIT;
        r->state = parse_role_new(f->body->parse_setup, &out.parse_ready, a);
        r->state_free = parse_role_free;
        out.body_case = TD__FRAME__BODY_PARSE_READY;
        role_say(r, &out, NULL, 0);
    } else if (f->body->body_case == TD__FRAME__BODY_PARSE_JOB && r->state != NULL && f->n_fds == 1) {
        parse_role_job(r->state, r->fd, f->body->parse_job, f->fds[0], a);
    } else if (f->body->body_case == TD__FRAME__BODY_EXTRACT_JOB && r->state != NULL && f->n_fds == 1) {
        extract_role_job(r->state, r->fd, f->body->extract_job, f->fds[0], a);
        r->said = true;
    } else {
        sim_fail("frame", "the parse worker was sent frame %d", (int)f->body->body_case);
    }
    arena_free(&a);
}

static const struct role_actor actor_parse = { "parse", parse_hear, NULL, NULL };

/* ---- compose */

static void
compose_hear(struct role *r, struct frame *f)
{
    if (f->body->body_case != TD__FRAME__BODY_COMPOSE_JOB) {
        sim_fail("frame", "the composer was sent frame %d", (int)f->body->body_case);
        return;
    }
    struct arena *a = arena_new(0);
    compose_role_job(r->fd, f->body->compose_job, f->n_fds > 0 ? f->fds[0] : -1, a);
    arena_free(&a);
    r->said = true;
}

static const struct role_actor actor_compose = { "compose", compose_hear, NULL, NULL };

/* ---- lanes */

struct lane_state {
    bool setup, job;
    uint64_t letter;
    char to[ADDR_MAX + 1], from[ADDR_MAX + 1];
    struct buf bytes;
    size_t sent; bool answered;         /* index of the transmission whose answer lies in core's socket */
};

static void
lane_free(void *u)
{
    struct lane_state *s = u;
    buf_free(&s->bytes);
    free(s);
}

static struct lane_state *
lane_of(struct role *r)
{
    if (r->state == NULL) {
        r->state = mem_alloc(sizeof(struct lane_state));
        r->state_free = lane_free;
    }
    return r->state;
}

static void
lane_hear(struct role *r, struct frame *f)
{
    struct lane_state *s = lane_of(r);
    if (f->body->body_case == TD__FRAME__BODY_RELAY_SETUP) {
        s->setup = true;
        return;
    }
    struct memfd_map map;
    const Td__SendJob *job = f->body->send_job;
    if (f->body->body_case != TD__FRAME__BODY_SEND_JOB || !s->setup || s->job || f->n_fds != 1 || !memfd_map(f->fds[0], ROLE_BULK_MAX, &map)) {
        sim_fail("frame", "a lane was sent frame %d out of turn", (int)f->body->body_case);
        return;
    }
    s->job = true;
    s->letter = job->letter;
    snprintf(s->to, sizeof s->to, "%s", job->recipient);
    snprintf(s->from, sizeof s->from, "%s", job->envelope_from);
    buf_clear(&s->bytes);
    buf_add(&s->bytes, map.bytes, map.len);
    memfd_unmap(&map);
}

static bool
lane_has_work(struct role *r)
{
    return r->state != NULL && ((struct lane_state *)r->state)->job;
}

/* ---- the relay */

static struct sent *
sent_add(const struct lane_state *s)
{
    if (S.n_sents == S.cap_sents) {
        S.cap_sents = S.cap_sents * 2 + 64;
        S.sents = mem_grow(S.sents, S.cap_sents * sizeof *S.sents);
    }
    struct sent *t = &S.sents[S.n_sents++];
    memset(t, 0, sizeof *t);
    t->letter = s->letter;
    memcpy(t->to, s->to, sizeof t->to);
    crypto_generichash(t->hash, sizeof t->hash, (const uint8_t *)s->bytes.data, s->bytes.len, NULL, 0);
    t->at = sim_wall();
    t->life = S.life;
    return t;
}

/* Is this transmission one that may be? */
static void
sent_judge(const struct sent *t)
{
    bool again = false;
    for (size_t i = 0; i < S.n_sents; i++) {
        const struct sent *o = &S.sents[i];
        if (o == t || o->letter != t->letter)
            continue;
        if (memcmp(o->hash, t->hash, sizeof t->hash) != 0)
            sim_fail("bytes", "letter %llu went out with other bytes than before", (unsigned long long)t->letter);
        if (strcmp(o->to, t->to) != 0)
            continue;
        bool over = o->code >= 200 && o->code < 300 ? true : o->code >= 500;
        if (over && (o->final || (o->heard && o->life == t->life)))
            sim_fail("twice", "letter %llu to %s was answered %u, core had read that, and it came again", (unsigned long long)t->letter,
                     t->to, o->code);
        again = true;
    }
    S.resent += again;
}

/* A person of the desk has written it, or chosen to ask. */
static bool
is_by_hand(const char *kind)
{
    return strcmp(kind, "relay") == 0 || strcmp(kind, "update") == 0 || strcmp(kind, "approval") == 0;
}

static void
machine_judge(const struct lane_state *s)
{
    struct person *p = person_find(s->to);
    char kind[32];
    letter_field(&s->bytes, "X-Ticketd-Kind", kind, sizeof kind);
    if (p == NULL)
        sim_fail("stranger", "a letter went to %s, whom nobody knows", s->to);
    else if (p->kind == PERSON_MACHINE && !is_by_hand(kind))
        sim_fail("machine", "a letter of kind %s went to the machine %s", kind, s->to);
    if (strcmp(kind, "relay") == 0 && strstr(s->bytes.data, "HOSTILE") != NULL)
        sim_fail("forged", "a stranger's words went out as an answer of staff, to %s", s->to);
}

static void
lane_answer(struct role *r, struct lane_state *s, unsigned code, bool unknown, bool auth_failed)
{
    Td__SendOutcome o = TD__SEND_OUTCOME__INIT;
    Td__Frame f = TD__FRAME__INIT;
    o.letter = s->letter;
    o.recipient = s->to;
    o.code = code;
    o.unknown = unknown;
    o.has_auth_failed = o.auth_failed = auth_failed;
    o.text = (char *)(code == 250 ? "2.0.0 taken" : code >= 500 ? "5.7.1 no" : code >= 400 ? "4.7.1 later" : "no answer");
    f.body_case = TD__FRAME__BODY_SEND_OUTCOME;
    f.send_outcome = &o;
    role_say(r, &f, NULL, 0);
    s->job = false;
}

enum relay_does { DOES_TAKE, DOES_LATER, DOES_REFUSE, DOES_CUT, DOES_CUT_TAKEN, DOES_REFUSE_US, DOES_HANG, DOES_HANG_TAKEN, DOES_DIE, DOES_DIE_TAKEN };

static enum relay_does
relay_decides(const struct lane_state *s)
{
    static const enum relay_does mixed[] = { DOES_TAKE, DOES_TAKE, DOES_TAKE, DOES_TAKE, DOES_LATER, DOES_CUT, DOES_CUT_TAKEN, DOES_DIE, DOES_DIE_TAKEN,
                                             DOES_REFUSE };
    const struct person *p = person_find(s->to);
    if (p != NULL && p->kind == PERSON_GONE && s->letter % 2 == 0)
        return DOES_REFUSE;             /* some servers say so at once, others by a report */
    switch (S.mood) {
    case RELAY_LATER:
        return DOES_LATER;
    case RELAY_MIXED:
        return mixed[dice_below(&S.dice, countof(mixed))];
    case RELAY_SILENT:
        return dice_percent(&S.dice, 50) ? DOES_CUT : DOES_CUT_TAKEN;
    case RELAY_REFUSES_US:
        return DOES_REFUSE_US;
    case RELAY_HANGS:
        return dice_percent(&S.dice, 50) ? DOES_HANG : DOES_HANG_TAKEN;
    default:
        return DOES_TAKE;
    }
}

static void
lane_work(struct role *r)
{
    struct lane_state *s = lane_of(r);
    enum relay_does does = relay_decides(s);
    bool taken = does == DOES_TAKE || does == DOES_CUT_TAKEN || does == DOES_HANG_TAKEN || does == DOES_DIE_TAKEN;
    struct sent *t = sent_add(s);
    t->taken = taken;
    sent_judge(t);
    machine_judge(s);
    t->code = does == DOES_TAKE ? 250 : does == DOES_LATER ? 451 : does == DOES_REFUSE ? 550 : 0;
    s->sent = S.n_sents - 1;
    s->answered = true;
    sim_trace("relay: letter %llu to %s: %d", (unsigned long long)s->letter, s->to, (int)does);
    if (taken)
        person_receives(s->to, s->letter, s->from, (const uint8_t *)s->bytes.data, s->bytes.len);
    if (does == DOES_HANG || does == DOES_HANG_TAKEN) {
        s->answered = false;
        r->stuck = true;
    } else if (does == DOES_DIE || does == DOES_DIE_TAKEN) {
        s->answered = false;
        role_exit(r, CLD_EXITED, 1);
    } else {
        lane_answer(r, s, t->code, does == DOES_CUT || does == DOES_CUT_TAKEN, does == DOES_REFUSE_US);
    }
}

void
lane_heard(struct role *r, const Td__SendOutcome *o)
{
    struct lane_state *s = r->state;
    if (s == NULL || !s->answered || o->letter != s->letter)
        return;
    S.sents[s->sent].heard = true;
    s->answered = false;
}

/* What core had read before it ended, and has no row for now, it has recorded. */
void
lanes_final(void)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_cursor *c = NULL;
    struct store_key k;
    if (store_begin(S.loop->store, NULL, false, &t) != STORE_OK) {
        arena_free(&a);
        return;
    }
    for (size_t i = 0; i < S.n_sents; i++)
        if (S.sents[i].heard && S.sents[i].life + 1 == S.life)
            S.sents[i].final = true;
    if (store_cursor_open(t, STORE_OUTBOX, NULL, NULL, false, &c) == STORE_OK)
        while (store_cursor_next(c, &k)) {
            int64_t at;
            uint64_t letter;
            uint32_t recipient;
            Td__Outgoing *row;
            table_outbox_read(&k, &at, &letter, &recipient);
            if (store_cursor_get(c, a, &td__outgoing__descriptor, &row) != STORE_OK)
                continue;
            for (size_t i = 0; i < S.n_sents; i++)
                if (S.sents[i].letter == letter && strcmp(S.sents[i].to, row->recipient) == 0 && S.sents[i].life + 1 == S.life)
                    S.sents[i].final = false;
        }
    store_cursor_close(&c);
    store_abort(&t);
    arena_free(&a);
}

const struct role_actor actor_smtp = { "smtp", lane_hear, lane_has_work, lane_work };
const struct role_actor actor_drop = { "drop", lane_hear, lane_has_work, lane_work };

static void
silent_hear(struct role *r, struct frame *f)
{
    (void)r;
    (void)f;
}

static const struct role_actor actor_token = { "token", silent_hear, NULL, NULL }, actor_reader = { "reader", silent_hear, NULL, NULL };

const struct role_actor *const role_actors[] = { &actor_parse, &actor_compose, &actor_smtp, &actor_drop, &actor_lmtp, &actor_maildir,
                                                 &actor_imap, &actor_token, &actor_reader };
const size_t role_actors_n = countof(role_actors);
