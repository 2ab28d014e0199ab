/* SPDX-License-Identifier: ISC
 *
 * Mails to core and its answers back, for all connections. The frame socket never blocks: what does not fit now waits in a
 * queue, which is as long as there are connections that wait anyway, and nobody else is held up.
 * When a connection ends, what core already has is taken all the same: the client will send it again and core sees a duplicate.
 */
#include "lmtp_loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

static struct lmtp_offer **
bucket_of(struct lmtp_loop *l, uint64_t seq)
{
    return &l->buckets[seq % LMTP_OFFER_BUCKETS];
}

static void
queue_add(struct lmtp_loop *l, struct lmtp_offer *o)
{
    o->queued = true;
    o->prev_queued = l->last_queued;
    *(l->last_queued ? &l->last_queued->next_queued : &l->first_queued) = o;
    l->last_queued = o;
}

static void
queue_remove(struct lmtp_loop *l, struct lmtp_offer *o)
{
    if (!o->queued)
        return;
    *(o->prev_queued ? &o->prev_queued->next_queued : &l->first_queued) = o->next_queued;
    *(o->next_queued ? &o->next_queued->prev_queued : &l->last_queued) = o->prev_queued;
    o->prev_queued = o->next_queued = NULL;
    o->queued = false;
}

static void
offer_free(struct lmtp_loop *l, struct lmtp_offer *o)
{
    struct lmtp_offer **p;

    for (p = bucket_of(l, o->seq); *p != o; p = &(*p)->same_bucket)
        ;
    *p = o->same_bucket;
    for (p = &o->conn->offers; *p != o; p = &(*p)->same_conn)
        ;
    *p = o->same_conn;
    queue_remove(l, o);
    free(o);
}

static enum frame_rc
offer_send(struct lmtp_loop *l, const struct lmtp_offer *o)
{
    Td__MailIn in = TD__MAIL_IN__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    in.seq = o->seq;
    in.desk = (char *)o->desk;
    in.envelope_from = (char *)o->sender;
    in.recipients = (char **)o->recipients;
    in.n_recipients = o->n;
    frame.body_case = TD__FRAME__BODY_MAIL_IN;
    frame.mail_in = &in;
    return frame_send(l->core, &frame, &o->fd, 1);
}

static void
core_watch(struct lmtp_loop *l, bool full)
{
    struct epoll_event ev = { .events = EPOLLIN | (full ? EPOLLOUT : 0), .data.ptr = &l->core_source };

    if (full != l->core_full && epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->core, &ev) != 0)
        bug("epoll_ctl");
    l->core_full = full;
}

void
lmtp_offer_send_queued(struct lmtp_loop *l)
{
    while (l->first_queued) {
        enum frame_rc rc = offer_send(l, l->first_queued);

        if (rc == FRAME_AGAIN)
            break;
        if (rc != FRAME_OK)
            _exit(EX_OK);       /* core is gone; clients that wait will send again */
        queue_remove(l, l->first_queued);
    }
    core_watch(l, l->first_queued != NULL);
}

void
lmtp_offer_mail(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *envelope_from,
                char *const *recipients, size_t n, int fd)
{
    struct lmtp_conn *c = u;
    struct lmtp_loop *l = c->loop;
    struct lmtp_offer *o = mem_alloc(sizeof *o);

    (void)s;
    *o = (struct lmtp_offer){ .seq = ++l->seq, .transaction = transaction, .conn = c, .desk = desk, .sender = envelope_from,
                              .recipients = recipients, .n = n, .fd = fd };
    o->same_conn = c->offers;
    c->offers = o;
    o->same_bucket = *bucket_of(l, o->seq);
    *bucket_of(l, o->seq) = o;
    queue_add(l, o);
    if (!l->core_full)
        lmtp_offer_send_queued(l);
}

void
lmtp_offer_forget(struct lmtp_conn *c)
{
    while (c->offers)
        offer_free(c->loop, c->offers);
}

static void
offer_answered(struct lmtp_loop *l, const Td__MailDone *done)
{
    struct lmtp_offer *o = *bucket_of(l, done->seq);
    struct lmtp_conn *c;
    uint64_t transaction;
    const char *desk;
    bool lie = !done->taken && done->code < 400;        /* never 2xx for what is not durable */

    while (o && o->seq != done->seq)
        o = o->same_bucket;
    if (!o) {
        if (done->seq == 0 || done->seq > l->seq)
            _exit(EX_PROTOCOL);
        return;                 /* its connection broke meanwhile */
    }
    if (o->queued)
        _exit(EX_PROTOCOL);
    c = o->conn;
    transaction = o->transaction;
    desk = o->desk;
    offer_free(l, o);           /* first: the answer may hand over the next mail */
    lmtp_answer(c->session, transaction, desk, lie ? 451 : done->code, lie ? "4.3.0" : done->enhanced,
                lie ? "try again later" : done->text, &c->out);
    lmtp_conn_settle(c);
}

void
lmtp_offer_read(struct lmtp_loop *l)
{
    for (int turns = 0; turns < 256; turns++) {
        struct arena *a = arena_new(16 * ROLE_FRAME_MAX);
        struct frame f;
        enum frame_rc rc = frame_receive(l->core, a, &f);

        if (rc == FRAME_CLOSED)
            _exit(EX_OK);
        if (rc == FRAME_BAD || (rc == FRAME_OK && f.body->body_case != TD__FRAME__BODY_MAIL_DONE)) {
            log_line(LOG_FAIL, "role=lmtp frame=unexpected status=exit");
            _exit(EX_PROTOCOL);
        }
        if (rc == FRAME_OK) {
            offer_answered(l, f.body->mail_done);
            frame_close(&f);
        }
        arena_free(&a);
        if (rc == FRAME_AGAIN)
            return;
    }
}
