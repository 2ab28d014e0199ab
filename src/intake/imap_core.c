/* SPDX-License-Identifier: ISC
 *
 * imap: the frames between this role and core. Core never waits for us; we may wait for core's socket to take a frame.
 * A frame that core has no business to send ends the process (EX_PROTOCOL). Answers that belong to an earlier connection
 * are recognised by what they name and change nothing that is no longer there.
 */
#include "imap.h"
#include <poll.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define FRAME_ARENA (1u << 20)
#define STATE_EVERY_S 60

static void
send_frame(const Td__Frame *f, int fd)
{
    enum frame_rc rc;

    while ((rc = frame_send(ROLE_FD, f, &fd, fd >= 0 ? 1 : 0)) == FRAME_AGAIN) {
        struct pollfd p = { .fd = ROLE_FD, .events = POLLOUT };

        /* the limit on descriptors under way shows as "not now" too: then there is nothing to poll for */
        (void)poll(&p, 1, 100);
        (void)poll(NULL, 0, 5);
    }
    if (rc == FRAME_CLOSED)
        exit(0);
    must(rc == FRAME_OK);
}

void
imap_core_selected(struct imap *c, uint64_t uidnext, uint32_t exists)
{
    Td__ImapSelected body = TD__IMAP_SELECTED__INIT;
    Td__Frame f = TD__FRAME__INIT;

    body.uidvalidity = c->uidvalidity;
    body.uidnext = uidnext;
    body.exists = exists;
    f.body_case = TD__FRAME__BODY_IMAP_SELECTED;
    f.imap_selected = &body;
    send_frame(&f, -1);
}

void
imap_core_offer(struct imap *c, const struct imap_item *const *items, size_t n, bool last)
{
    Td__ImapItem v[IMAP_OFFER_MAX], *pointers[IMAP_OFFER_MAX];
    Td__ImapOffer body = TD__IMAP_OFFER__INIT;
    Td__Frame f = TD__FRAME__INIT;

    for (size_t i = 0; i < n; i++) {
        td__imap_item__init(&v[i]);
        v[i].uid = items[i]->uid;
        v[i].size = items[i]->size;
        v[i].internal_date = items[i]->date;
        v[i].seen = items[i]->seen;
        pointers[i] = &v[i];
    }
    body.uidvalidity = c->uidvalidity;
    body.n_items = n;
    body.items = pointers;
    body.has_last = true;
    body.last = last;
    f.body_case = TD__FRAME__BODY_IMAP_OFFER;
    f.imap_offer = &body;
    send_frame(&f, -1);
}

static void
widen(const uint32_t *uids, size_t n, uint64_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = uids[i];
}

void
imap_core_fetching(struct imap *c, const uint32_t *uids, size_t n)
{
    uint64_t wide[IMAP_BATCH_MAILS];
    Td__ImapFetching body = TD__IMAP_FETCHING__INIT;
    Td__Frame f = TD__FRAME__INIT;

    widen(uids, n, wide);
    body.uidvalidity = c->uidvalidity;
    body.n_uids = n;
    body.uids = wide;
    f.body_case = TD__FRAME__BODY_IMAP_FETCHING;
    f.imap_fetching = &body;
    send_frame(&f, -1);
}

void
imap_core_settled(struct imap *c, const uint32_t *uids, size_t n)
{
    uint64_t wide[IMAP_OFFER_MAX];
    Td__ImapSettled body = TD__IMAP_SETTLED__INIT;
    Td__Frame f = TD__FRAME__INIT;

    widen(uids, n, wide);
    body.uidvalidity = c->uidvalidity;
    body.n_uids = n;
    body.uids = wide;
    f.body_case = TD__FRAME__BODY_IMAP_SETTLED;
    f.imap_settled = &body;
    send_frame(&f, -1);
}

void
imap_core_mail(struct imap *c, struct imap_item *i, int fd, uint64_t whole_size)
{
    Td__MailIn body = TD__MAIL_IN__INIT;
    Td__Frame f = TD__FRAME__INIT;

    must(c->n_sent < countof(c->sent));
    body.seq = ++c->seq;
    body.has_uidvalidity = body.has_uid = body.has_seen = body.has_internal_date = true;
    body.uidvalidity = c->uidvalidity;
    body.uid = i->uid;
    body.seen = i->seen;
    body.internal_date = i->date;
    body.has_whole_size = whole_size > 0;
    body.whole_size = whole_size;
    f.body_case = TD__FRAME__BODY_MAIL_IN;
    f.mail_in = &body;
    send_frame(&f, fd);
    close(fd);
    c->sent[c->n_sent].seq = body.seq;
    c->sent[c->n_sent++].uid = i->uid;
    c->good_fetch_at = time(NULL);
    imap_items_set(&c->items, i, ITEM_SENT);
}

/* Told when it changes, and now and then that mail still comes. */
void
imap_core_state(struct imap *c, bool ok, bool auth_failed, const char *text)
{
    Td__IntakeState body = TD__INTAKE_STATE__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int64_t now = stream_now_ms();

    if (c->told_at != 0 && c->told_ok == ok && strcmp(c->told, text) == 0 && now - c->told_at < STATE_EVERY_S * 1000)
        return;
    c->told_ok = ok;
    c->told_at = now;
    (void)strncpy(c->told, text, sizeof c->told - 1);
    body.ok = ok;
    body.text = c->told;
    body.has_good_fetch_at = c->good_fetch_at != 0;
    body.good_fetch_at = c->good_fetch_at;
    body.has_auth_failed = true;
    body.auth_failed = auth_failed;
    f.body_case = TD__FRAME__BODY_INTAKE_STATE;
    f.intake_state = &body;
    send_frame(&f, -1);
}

/* ---- hearing */
static void
on_start(struct imap *c, const Td__Frame *f)
{
    uint64_t first = f->imap_start->first_uid;

    c->next_uid = first == 0 ? 1 : first > UINT32_MAX ? UINT32_MAX : (uint32_t)first;
    c->n_listing = c->listed = 0;
    c->started = c->rescan = true;
}

static void
on_want(struct imap *c, const Td__Frame *f)
{
    const Td__ImapWant *w = f->imap_want;
    const struct { const uint64_t *uids; size_t n; enum imap_item_state state; } lists[] = {
        { w->fetch, w->n_fetch, ITEM_WANTED },
        { w->settle, w->n_settle, ITEM_TAKEN },
    };

    if (!c->started)
        return;                         /* of the connection before: all of it is offered anew */
    for (size_t l = 0; l < countof(lists); l++)
        for (size_t i = 0; i < lists[l].n; i++) {
            struct imap_item *item = lists[l].uids[i] <= UINT32_MAX ? imap_items_find(&c->items, (uint32_t)lists[l].uids[i]) : NULL;

            if (item != NULL && item->state == ITEM_OFFERED)
                imap_items_set(&c->items, item, lists[l].state);
        }
    if (c->offer_answered == c->offer_last)
        return;
    /* what core passes over in silence is done with */
    c->offer_answered++;
    for (size_t i = 0; i < c->items.n; i++)
        if (c->items.v[i].state == ITEM_OFFERED && c->items.v[i].offer <= c->offer_answered)
            imap_items_set(&c->items, &c->items.v[i], ITEM_GONE);
}

static void
on_done(struct imap *c, const Td__Frame *f)
{
    const Td__MailDone *d = f->mail_done;
    struct imap_item *item;
    size_t i = 0;

    while (i < c->n_sent && c->sent[i].seq != d->seq)
        i++;
    if (i == c->n_sent)
        return;                         /* from before another UIDVALIDITY */
    item = imap_items_find(&c->items, c->sent[i].uid);
    memmove(&c->sent[i], &c->sent[i + 1], (c->n_sent - i - 1) * sizeof c->sent[0]);
    c->n_sent--;
    if (item == NULL || item->state != ITEM_SENT)
        return;
    if (d->has_again && d->again) {
        imap_items_set(&c->items, item, ITEM_AGAIN);
        c->again_at_ms = stream_now_ms() + IMAP_AGAIN_MS;
    } else {
        imap_items_set(&c->items, item, d->taken ? ITEM_TAKEN : ITEM_GONE);
    }
}

static const struct { Td__Frame__BodyCase what; void (*heard)(struct imap *c, const Td__Frame *f); } handlers[] = {
    { TD__FRAME__BODY_IMAP_START, on_start },
    { TD__FRAME__BODY_IMAP_WANT, on_want },
    { TD__FRAME__BODY_MAIL_DONE, on_done },
};

static void
hear_one(struct imap *c)
{
    struct arena *a = arena_new(FRAME_ARENA);
    struct frame f;
    size_t i = 0;

    frame_receive_or_exit(a, &f);
    while (i < countof(handlers) && handlers[i].what != f.body->body_case)
        i++;
    if (i == countof(handlers)) {
        log_line(LOG_FAIL, "frame=%d problem=unexpected status=exit", (int)f.body->body_case);
        exit(EX_PROTOCOL);
    }
    handlers[i].heard(c, f.body);
    frame_close(&f);
    arena_free(&a);
}

bool
imap_core_hear(struct imap *c, int64_t timeout_ms)
{
    struct pollfd p = { .fd = ROLE_FD, .events = POLLIN };
    bool heard = false;

    while (poll(&p, 1, heard ? 0 : (int)timeout_ms) > 0) {
        hear_one(c);
        heard = true;
    }
    return heard;
}

void
imap_core_pause(struct imap *c, int64_t ms)
{
    int64_t until = stream_now_ms() + ms, left;

    while ((left = until - stream_now_ms()) > 0)
        (void)imap_core_hear(c, left);
}
