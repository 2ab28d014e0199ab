/* SPDX-License-Identifier: ISC
 *
 * Where mail comes from: an MTA that gives it over LMTP, a Maildir, a mailbox on an IMAP server; and the roles between them and core,
 * as they behave at the frame door. A source forgets a mail only when it was told "taken"; what was under way when somebody
 * died is offered again. The IMAP server drops connections, gives mails twice, changes UIDVALIDITY and says odd things.
 */
#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLYING_MAX 4
#define AGAIN_S 60

enum { ITEM_NEW, ITEM_OFFERED, ITEM_WANTED, ITEM_SENT, ITEM_TAKEN, ITEM_GONE, ITEM_LATER };

/* Servers leave gaps; wide ones let core's low water mark move within one run. */
static uint32_t
uid_next(unsigned number)
{
    uint32_t uid = S.uidnext;
    S.uidnext += 1 + number * 7919u % 400;
    return uid;
}

struct delivery *
delivery_add(struct mail *m, enum source source)
{
    struct delivery *d = mem_alloc(sizeof *d);
    d->mail = m;
    d->source = source;
    d->number = (unsigned)S.n_deliveries + 1;
    d->date = sim_wall();
    if (source == SOURCE_IMAP)
        d->uid = uid_next(d->number);
    S.deliveries = mem_grow(S.deliveries, (S.n_deliveries + 1) * sizeof *S.deliveries);
    S.deliveries[S.n_deliveries++] = d;
    return d;
}

bool
deliveries_pending(void)
{
    for (size_t i = 0; i < S.n_deliveries; i++)
        if (S.deliveries[i]->state != DELIVERY_DONE && S.deliveries[i]->mail->kind != MAIL_OLD)
            return true;
    return false;
}

static enum source
source_of(const struct role *r)
{
    return r->actor == &actor_lmtp ? SOURCE_LMTP : r->actor == &actor_maildir ? SOURCE_MAILDIR : r->actor == &actor_imap ? SOURCE_IMAP : SOURCES;
}

void
deliveries_return(struct role *r)
{
    enum source source = source_of(r);
    for (size_t i = 0; i < S.n_deliveries; i++) {
        struct delivery *d = S.deliveries[i];
        if (d->source == source && d->state == DELIVERY_FLYING)
            d->state = DELIVERY_WAITING;
        if (d->source == source)
            d->item = ITEM_NEW;
    }
}

/* ---- handing over */

static void
mail_say(struct role *r, struct delivery *d, Td__MailIn *in)
{
    Td__Frame f = TD__FRAME__INIT;
    int fd = memfd_of("mail", d->mail->bytes, d->mail->len);
    must(fd >= 0);
    in->seq = d->seq = ++r->seq;
    d->state = DELIVERY_FLYING;
    f.body_case = TD__FRAME__BODY_MAIL_IN;
    f.mail_in = in;
    role_say(r, &f, &fd, 1);
    close(fd);
}

static struct delivery *
flying_find(enum source source, uint64_t seq)
{
    for (size_t i = 0; i < S.n_deliveries; i++) {
        struct delivery *d = S.deliveries[i];
        if (d->source == source && d->state == DELIVERY_FLYING && d->seq == seq)
            return d;
    }
    return NULL;
}

/* Core's answer. A "taken" is its word that the mail is durable. */
static struct delivery *
done_hear(struct role *r, const Td__MailDone *done)
{
    struct delivery *d = flying_find(source_of(r), done->seq);
    if (d == NULL)
        return NULL;
    sim_trace("%s: mail %u %s", r->actor->name, d->mail->n, done->taken ? "taken" : done->text);
    if (done->taken) {
        d->state = DELIVERY_DONE;
        d->mail->handed++;
    } else if (done->has_again && done->again) {
        d->state = DELIVERY_WAITING;
        d->not_before = S.now_ms + AGAIN_S * 1000;
    } else {
        sim_fail("refused", "a mail was refused for good: %u %s", done->code, done->text);
    }
    return d;
}

static unsigned
flying_count(enum source source)
{
    unsigned n = 0;
    for (size_t i = 0; i < S.n_deliveries; i++)
        n += S.deliveries[i]->source == source && S.deliveries[i]->state == DELIVERY_FLYING;
    return n;
}

static struct delivery *
waiting_next(enum source source)
{
    for (size_t i = 0; i < S.n_deliveries; i++) {
        struct delivery *d = S.deliveries[i];
        if (d->source == source && d->state == DELIVERY_WAITING && d->not_before <= S.now_ms)
            return d;
    }
    return NULL;
}

/* ---- LMTP and Maildir */

static void
plain_hear(struct role *r, struct frame *f)
{
    if (f->body->body_case == TD__FRAME__BODY_MAIL_DONE)
        (void)done_hear(r, f->body->mail_done);
    else
        r->state = r;                   /* its setup: now it knows what for */
}

static bool
plain_has_work(struct role *r)
{
    enum source source = source_of(r);
    return r->state != NULL && waiting_next(source) != NULL && flying_count(source) < FLYING_MAX;
}

static void
lmtp_work(struct role *r)
{
    struct delivery *d = waiting_next(SOURCE_LMTP);
    char *to[1] = { (char *)SIM_DESK };
    Td__MailIn in = TD__MAIL_IN__INIT;
    in.desk = (char *)"support";
    in.envelope_from = d->mail->envelope_from;
    in.recipients = to;
    in.n_recipients = 1;
    mail_say(r, d, &in);
}

static void
maildir_work(struct role *r)
{
    struct delivery *d = waiting_next(SOURCE_MAILDIR);
    char name[64];
    Td__MailIn in = TD__MAIL_IN__INIT;
    snprintf(name, sizeof name, "%u.M1P1.sim.example", d->number);
    in.unique = name;
    mail_say(r, d, &in);
}

const struct role_actor actor_lmtp = { "lmtp", plain_hear, plain_has_work, lmtp_work };
const struct role_actor actor_maildir = { "maildir", plain_hear, plain_has_work, maildir_work };

/* ---- IMAP */

enum imap_phase { IMAP_SETUP, IMAP_CONNECT, IMAP_START, IMAP_ON };
struct imap_role { enum imap_phase phase; uint64_t first; bool offered; uint32_t uidvalidity; bool odd; };

static struct imap_role *
imap_of(struct role *r)
{
    if (r->state == NULL) {
        r->state = mem_alloc(sizeof(struct imap_role));
        r->state_free = free;
    }
    return r->state;
}

static struct delivery *
item_find(uint64_t uid)
{
    for (size_t i = 0; i < S.n_deliveries; i++)
        if (S.deliveries[i]->source == SOURCE_IMAP && S.deliveries[i]->uid == uid)
            return S.deliveries[i];
    return NULL;
}

static struct delivery *
item_next(const struct imap_role *ir, int item)
{
    for (size_t i = 0; i < S.n_deliveries; i++) {
        struct delivery *d = S.deliveries[i];
        if (d->source == SOURCE_IMAP && d->item == item && d->uid >= ir->first)
            return d;
        if (d->source == SOURCE_IMAP && item == ITEM_WANTED && d->item == ITEM_LATER && d->not_before <= S.now_ms)
            return d;
    }
    return NULL;
}

static void
imap_lose(struct role *r, struct imap_role *ir)
{
    Td__IntakeState st = TD__INTAKE_STATE__INIT;
    Td__Frame f = TD__FRAME__INIT;
    ir->phase = IMAP_CONNECT;
    deliveries_return(r);
    st.ok = false;
    st.text = (char *)"the server closed the connection";
    f.body_case = TD__FRAME__BODY_INTAKE_STATE;
    f.intake_state = &st;
    role_say(r, &f, NULL, 0);
}

void
imap_renumber(void)
{
    S.uidvalidity++;
    S.uidnext = 1;
    for (size_t i = 0; i < S.n_deliveries; i++)
        if (S.deliveries[i]->source == SOURCE_IMAP) {
            S.deliveries[i]->uid = uid_next(S.deliveries[i]->number);
            S.deliveries[i]->settled = false;
        }
    sim_trace("imap: uidvalidity %u", S.uidvalidity);
    imap_fault(0);
}

/* 0: the connection drops. 1: what was sent is sent again in the same session. 2: a server with odd ideas of UIDs and uidnext. */
void
imap_fault(unsigned what)
{
    for (struct role *r = S.roles; r != NULL; r = r->next) {
        struct imap_role *ir = r->state;
        if (r->actor != &actor_imap || ir == NULL || ir->phase != IMAP_ON || !r->alive || r->stuck)
            continue;
        if (what == 0 || ir->uidvalidity != S.uidvalidity)
            imap_lose(r, ir);
        else if (what == 2)
            ir->odd = true;
        for (size_t i = 0; what == 1 && i < S.n_deliveries; i++)
            if (S.deliveries[i]->source == SOURCE_IMAP && S.deliveries[i]->item == ITEM_SENT)
                S.deliveries[i]->item = ITEM_WANTED;
    }
}

static void
imap_hear(struct role *r, struct frame *f)
{
    struct imap_role *ir = imap_of(r);
    struct delivery *d;
    switch (f->body->body_case) {
    case TD__FRAME__BODY_IMAP_SETUP:
        ir->phase = IMAP_CONNECT;
        break;
    case TD__FRAME__BODY_IMAP_START:
        ir->first = f->body->imap_start->first_uid;
        if (ir->phase == IMAP_START)
            ir->phase = IMAP_ON;
        ir->offered = false;
        break;
    case TD__FRAME__BODY_IMAP_WANT:
        if (ir->phase != IMAP_ON)
            break;
        for (size_t i = 0; i < f->body->imap_want->n_fetch; i++)
            if ((d = item_find(f->body->imap_want->fetch[i])) != NULL && d->item == ITEM_OFFERED)
                d->item = ITEM_WANTED;
        for (size_t i = 0; i < f->body->imap_want->n_settle; i++)
            if ((d = item_find(f->body->imap_want->settle[i])) != NULL && d->item == ITEM_OFFERED)
                d->item = ITEM_TAKEN;
        for (size_t i = 0; i < S.n_deliveries; i++)
            if (S.deliveries[i]->source == SOURCE_IMAP && S.deliveries[i]->item == ITEM_OFFERED) {
                S.deliveries[i]->item = ITEM_GONE;      /* passed over in silence: done with */
                if (S.deliveries[i]->settled)
                    S.deliveries[i]->state = DELIVERY_DONE;
            }
        ir->offered = false;
        break;
    case TD__FRAME__BODY_MAIL_DONE:
        d = done_hear(r, f->body->mail_done);
        if (d != NULL)
            d->item = d->state == DELIVERY_DONE ? ITEM_TAKEN : ITEM_LATER;
        break;
    default:
        sim_fail("frame", "the imap role was sent frame %d", (int)f->body->body_case);
    }
}

static bool
imap_has_work(struct role *r)
{
    struct imap_role *ir = r->state;
    if (ir == NULL || ir->phase == IMAP_SETUP || ir->phase == IMAP_START)
        return false;
    return ir->phase == IMAP_CONNECT || item_next(ir, ITEM_TAKEN) != NULL || item_next(ir, ITEM_WANTED) != NULL ||
           (!ir->offered && item_next(ir, ITEM_NEW) != NULL);
}

static void
imap_connect(struct role *r, struct imap_role *ir)
{
    Td__ImapSelected sel = TD__IMAP_SELECTED__INIT;
    Td__Frame f = TD__FRAME__INIT;
    ir->phase = IMAP_START;
    ir->uidvalidity = sel.uidvalidity = S.uidvalidity;
    sel.uidnext = S.uidnext;
    sel.exists = S.uidnext - 1;
    f.body_case = TD__FRAME__BODY_IMAP_SELECTED;
    f.imap_selected = &sel;
    role_say(r, &f, NULL, 0);
}

static void
imap_settle(struct role *r, struct imap_role *ir)
{
    uint64_t uids[8];
    Td__ImapSettled st = TD__IMAP_SETTLED__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct delivery *d;
    st.uidvalidity = ir->uidvalidity;
    st.uids = uids;
    while (st.n_uids < countof(uids) && (d = item_next(ir, ITEM_TAKEN)) != NULL) {
        d->item = ITEM_GONE;
        d->settled = true;
        d->state = DELIVERY_DONE;
        uids[st.n_uids++] = d->uid;
    }
    f.body_case = TD__FRAME__BODY_IMAP_SETTLED;
    f.imap_settled = &st;
    role_say(r, &f, NULL, 0);
}

static void
imap_fetch(struct role *r, struct imap_role *ir)
{
    struct delivery *d = item_next(ir, ITEM_WANTED);
    Td__ImapFetching fe = TD__IMAP_FETCHING__INIT;
    Td__Frame f = TD__FRAME__INIT;
    Td__MailIn in = TD__MAIL_IN__INIT;
    uint64_t uid = d->uid;
    fe.uidvalidity = ir->uidvalidity;
    fe.uids = &uid;
    fe.n_uids = 1;
    f.body_case = TD__FRAME__BODY_IMAP_FETCHING;
    f.imap_fetching = &fe;
    role_say(r, &f, NULL, 0);
    in.has_uidvalidity = in.has_uid = in.has_seen = in.has_internal_date = true;
    in.uidvalidity = ir->uidvalidity;
    in.uid = uid;
    in.internal_date = d->date;
    d->item = ITEM_SENT;
    mail_say(r, d, &in);
}

static void
imap_offer(struct role *r, struct imap_role *ir)
{
    Td__ImapItem v[16], *items[16];
    Td__ImapOffer offer = TD__IMAP_OFFER__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct delivery *d;
    while (offer.n_items < 12 && (d = item_next(ir, ITEM_NEW)) != NULL) {
        td__imap_item__init(&v[offer.n_items]);
        v[offer.n_items].uid = d->uid;
        v[offer.n_items].size = d->mail->len;
        v[offer.n_items].internal_date = d->date;
        items[offer.n_items] = &v[offer.n_items];
        offer.n_items++;
        d->item = ITEM_OFFERED;
    }
    for (unsigned odd = 0; ir->odd && odd < 3; odd++) {         /* twice the same, one that does not exist, one that cannot */
        v[offer.n_items] = v[0];
        v[offer.n_items].uid = odd == 0 ? v[0].uid : odd == 1 ? (uint64_t)S.uidnext + 5 : 0x200000000ull;
        items[offer.n_items] = &v[offer.n_items];
        offer.n_items++;
    }
    ir->odd = false;
    ir->offered = true;
    offer.uidvalidity = ir->uidvalidity;
    offer.items = items;
    offer.has_last = offer.last = true;
    f.body_case = TD__FRAME__BODY_IMAP_OFFER;
    f.imap_offer = &offer;
    role_say(r, &f, NULL, 0);
}

static void
imap_work(struct role *r)
{
    struct imap_role *ir = imap_of(r);
    if (ir->phase == IMAP_CONNECT)
        imap_connect(r, ir);
    else if (item_next(ir, ITEM_TAKEN) != NULL && dice_percent(&S.dice, 60))
        imap_settle(r, ir);
    else if (item_next(ir, ITEM_WANTED) != NULL)
        imap_fetch(r, ir);
    else if (!ir->offered && item_next(ir, ITEM_NEW) != NULL)
        imap_offer(r, ir);
}

const struct role_actor actor_imap = { "imap", imap_hear, imap_has_work, imap_work };
