/* SPDX-License-Identifier: ISC
 *
 * Core's side of an IMAP mailbox: the ledger decides what is fetched, settled or left alone. The role only says what it sees.
 * A mailbox begins at a baseline; what was there before is left (new), or taken in silently (unseen, all). After a change of
 * UIDVALIDITY everything that arrived since the first contact is offered again and judged by Message-ID and content.
 * A UID over which the role ended or stalled is fetched alone the next time; alone and twice, it is set aside with an alarm.
 */
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUSPECTS 256
#define STRIKES_OUT 2                   /* of which the last one was alone */
#define NOTE_LOW_WATER 1000             /* rows between two notes of the low water mark */
#define UID_MAX 0xffffffffu             /* RFC 3501 2.3.1.1 */

struct strike { uint64_t uid; unsigned n, kills; };

struct imap_side {
    Td__Mailbox box; bool known;        /* as stored, or as it will be when the store takes it */
    uint32_t uidvalidity;
    uint64_t fetching[64]; size_t n_fetching;           /* announced, not yet handed over */
    struct strike strikes[SUSPECTS]; size_t n_strikes;
    uint64_t highest;                   /* UID of this session that was offered */
    uint64_t open;                      /* wanted, not settled yet */
};

static struct imap_side *
side_of(struct child *c)
{
    if (c->side == NULL) {
        c->side = mem_alloc(sizeof(struct imap_side));
        c->side_free = free;
    }
    return c->side;
}

static bool
imap_setup(struct loop *l, struct child *c)
{
    static const char *const tls[] = { [CONF_TLS_FULL] = "tls", [CONF_TLS_STARTTLS] = "starttls", [CONF_TLS_NONE] = "none" };
    const struct conf_intake *ic = intake_conf(l, c->section);
    struct imap_side *side = side_of(c);
    struct buf mem = { 0 };
    bool wanted = false, ok = false;
    uint64_t suspects[SUSPECTS];
    Td__ImapSetup s = TD__IMAP_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (ic == NULL)
        return false;
    s.secret = (char *)secret_for(l, ic->password, ic->token_file, ic->oauth, &mem, &wanted);
    if (s.secret == NULL) {
        child_say(c, false, "the secret cannot be read or is not there yet");
    } else {
        s.host = (char *)ic->host;
        s.port = ic->port;
        s.tls = (char *)tls[ic->tls];
        s.ca_file = (char *)ic->ca_file;
        s.auth = (char *)ic->auth;
        s.user = (char *)ic->user;
        s.folder = (char *)ic->folder;
        s.move_to = (char *)ic->move_to;
        s.keyword = (char *)ic->keyword;
        s.poll_s = (uint32_t)ic->poll_s;
        s.max_mail = l->conf->limits.intake_mail;
        s.start = (char *)ic->start;
        s.command_timeout_s = (uint32_t)ic->command_timeout_s;
        for (size_t i = 0; i < side->n_strikes; i++)
            suspects[i] = side->strikes[i].uid;
        f.body_case = TD__FRAME__BODY_IMAP_SETUP;
        f.imap_setup = &s;
        child_setup_note(c, &f);        /* suspects are no part of what a reload compares */
        s.suspects = suspects;
        s.n_suspects = side->n_strikes;
        ok = child_send(c, &f, NULL, 0);
    }
    if (mem.data != NULL)
        explicit_bzero(mem.data, mem.len);
    buf_free(&mem);
    return ok;
}

/* ---- strikes */

static struct strike *
strike_find(struct imap_side *side, uint64_t uid)
{
    for (size_t i = 0; i < side->n_strikes; i++)
        if (side->strikes[i].uid == uid)
            return &side->strikes[i];
    return NULL;
}

static void
strike_drop(struct imap_side *side, uint64_t uid)
{
    struct strike *s = strike_find(side, uid);
    if (s != NULL)
        *s = side->strikes[--side->n_strikes];
}

static void
set_aside(struct loop *l, struct child *c, struct imap_side *side, uint64_t uid)
{
    struct engine_event *ev = engine_event_new(ENGINE_ASIDE);
    uint64_t *uids = arena_alloc(ev->arena, sizeof *uids);
    uids[0] = uid;
    ev->mailbox = arena_strdup(ev->arena, c->section);
    ev->uidvalidity = side->uidvalidity;
    ev->uids = uids;
    ev->n_uids = 1;
    const struct conf_intake *ic = intake_conf(l, c->section);
    ev->desk = ic != NULL ? arena_strdup(ev->arena, ic->desk) : NULL;
    ev->reason = "fetching it ended or stalled its role twice";
    engine_submit(l->engine, ev);
    strike_drop(side, uid);
}

/* The role ended with these announced. */
static void
strikes_count(struct loop *l, struct child *c, struct imap_side *side)
{
    bool alone = side->n_fetching == 1;
    for (size_t i = 0; i < side->n_fetching; i++) {
        struct strike *s = strike_find(side, side->fetching[i]);
        if (s == NULL && side->n_strikes < SUSPECTS) {
            s = &side->strikes[side->n_strikes++];
            *s = (struct strike){ .uid = side->fetching[i] };
        }
        if (s == NULL || (c->killed && s->kills++ < KILLS_FORGIVEN))
            continue;
        if (++s->n >= STRIKES_OUT && alone)
            set_aside(l, c, side, side->fetching[i]);
    }
    side->n_fetching = 0;
}

static void
fetching_drop(struct imap_side *side, uint64_t uid)
{
    for (size_t i = 0; i < side->n_fetching; i++)
        if (side->fetching[i] == uid)
            side->fetching[i] = side->fetching[--side->n_fetching];
}

/* ---- the mailbox record */

static void
mailbox_note(struct loop *l, struct child *c, struct imap_side *side)
{
    struct engine_event *ev = engine_event_new(ENGINE_MAILBOX);
    ev->mailbox = arena_strdup(ev->arena, c->section);
    ev->record = schema_copy(ev->arena, &side->box);
    engine_submit(l->engine, ev);
    loop_wake(l);
}

/* Nothing below it is open any more: the next session starts there. */
static void
low_water_move(struct loop *l, struct child *c, struct imap_side *side, bool force)
{
    if (side->open != 0 || side->highest + 1 <= side->box.low_water)
        return;
    if (!force && side->highest + 1 - side->box.low_water < NOTE_LOW_WATER)
        return;
    side->box.low_water = side->highest + 1;
    mailbox_note(l, c, side);
}

static bool
starts_new(struct loop *l, struct child *c)
{
    const struct conf_intake *ic = intake_conf(l, c->section);
    return ic != NULL && strcmp(ic->start, "new") == 0;
}

static bool
on_selected(struct loop *l, struct child *c, const Td__ImapSelected *sel)
{
    struct imap_side *side = side_of(c);
    struct arena *a = arena_new(0);
    Td__Mailbox *box;
    Td__ImapStart start = TD__IMAP_START__INIT;
    Td__Frame f = TD__FRAME__INIT;
    enum store_rc rc = engine_mailbox(l->engine, c->section, a, &box);
    if (rc == STORE_OK) {
        side->box = *box;               /* scalars only */
        side->box.base.n_unknown_fields = 0;
        side->box.base.unknown_fields = NULL;
    }
    arena_free(&a);
    if ((rc != STORE_OK && rc != STORE_NOTFOUND) || sel->uidnext > (uint64_t)UID_MAX + 1)
        return false;
    if (rc == STORE_NOTFOUND && side->known) {
        rc = STORE_OK;                  /* the note of the first contact did not get through: its baseline counts all the same */
        mailbox_note(l, c, side);
    }
    side->known = true;
    side->uidvalidity = sel->uidvalidity;
    side->n_fetching = 0;
    side->open = side->highest = 0;
    if (rc == STORE_NOTFOUND || side->box.uidvalidity != sel->uidvalidity) {
        int64_t first = rc == STORE_OK && side->box.has_first_contact_at ? side->box.first_contact_at : loop_now();
        if (rc == STORE_OK)
            log_line(LOG_WARN, "mailbox=%s uidvalidity=%u was=%u action=rescan status=ok", log_value(c->section), sel->uidvalidity,
                     side->box.uidvalidity);
        side->box = (Td__Mailbox)TD__MAILBOX__INIT;
        side->box.uidvalidity = sel->uidvalidity;
        side->box.baseline = sel->uidnext;
        side->box.low_water = rc == STORE_NOTFOUND && starts_new(l, c) ? sel->uidnext : 1;
        side->box.has_first_contact_at = true;
        side->box.first_contact_at = first;
        side->box.has_renumbered = side->box.renumbered = rc == STORE_OK;
        mailbox_note(l, c, side);
    }
    start.first_uid = side->box.low_water;
    f.body_case = TD__FRAME__BODY_IMAP_START;
    f.imap_start = &start;
    (void)child_send(c, &f, NULL, 0);
    return true;
}

/* ---- offers */

enum item { ITEM_LEAVE, ITEM_FETCH, ITEM_SETTLE, ITEM_UNKNOWN };

/* What stood there before the first contact is left, or taken if the mailbox starts so. */
static bool
wanted_below_baseline(const struct imap_side *side, const struct conf_intake *ic, const Td__ImapItem *it)
{
    if (side->box.renumbered && it->internal_date >= side->box.first_contact_at)
        return true;                    /* ours since the first contact: judged by Message-ID and content */
    if (strcmp(ic->start, "all") == 0)
        return true;
    return strcmp(ic->start, "unseen") == 0 && !it->seen;
}

static enum item
item_judge(struct loop *l, struct child *c, struct imap_side *side, const struct conf_intake *ic, const Td__ImapItem *it, struct arena *a)
{
    Td__Fate *fate;
    enum store_rc rc = engine_fate(l->engine, c->section, side->uidvalidity, it->uid, a, &fate);
    if (rc == STORE_OK)
        return fate->settled ? ITEM_LEAVE : ITEM_SETTLE;
    if (rc != STORE_NOTFOUND)
        return ITEM_UNKNOWN;
    if (it->uid >= side->box.baseline)
        return ITEM_FETCH;
    return wanted_below_baseline(side, ic, it) ? ITEM_FETCH : ITEM_LEAVE;
}

static bool
on_offer(struct loop *l, struct child *c, const Td__ImapOffer *offer)
{
    struct imap_side *side = side_of(c);
    const struct conf_intake *ic = intake_conf(l, c->section);
    struct arena *a = arena_new(0);
    Td__ImapWant want = TD__IMAP_WANT__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (ic == NULL || offer->uidvalidity != side->uidvalidity) {
        arena_free(&a);
        return false;
    }
    want.fetch = arena_alloc(a, (offer->n_items + 1) * sizeof *want.fetch);
    want.settle = arena_alloc(a, (offer->n_items + 1) * sizeof *want.settle);
    for (size_t i = 0; i < offer->n_items; i++) {
        const Td__ImapItem *it = offer->items[i];
        if (it->uid > UID_MAX)
            continue;
        enum item what = item_judge(l, c, side, ic, it, a);
        if (what == ITEM_FETCH)
            want.fetch[want.n_fetch++] = it->uid;
        else if (what == ITEM_SETTLE)
            want.settle[want.n_settle++] = it->uid;
        else if (what == ITEM_UNKNOWN)
            side->open++;               /* its fate cannot be read: the low water mark stays below it */
        if (it->uid > side->highest)
            side->highest = it->uid;
    }
    side->open += want.n_fetch + want.n_settle;
    f.body_case = TD__FRAME__BODY_IMAP_WANT;
    f.imap_want = &want;
    (void)child_send(c, &f, NULL, 0);
    if (offer->has_last && offer->last)
        low_water_move(l, c, side, false);
    arena_free(&a);
    return true;
}

static bool
on_fetching(struct child *c, const Td__ImapFetching *r)
{
    struct imap_side *side = side_of(c);
    side->n_fetching = 0;
    for (size_t i = 0; i < r->n_uids && i < countof(side->fetching); i++)
        side->fetching[side->n_fetching++] = r->uids[i];
    return true;
}

static bool
on_settled(struct loop *l, struct child *c, const Td__ImapSettled *r)
{
    struct imap_side *side = side_of(c);
    struct engine_event *ev = engine_event_new(ENGINE_SETTLED);
    uint64_t *uids = arena_alloc(ev->arena, (r->n_uids + 1) * sizeof *uids);
    if (r->n_uids > 0)
        memcpy(uids, r->uids, r->n_uids * sizeof *uids);
    ev->mailbox = arena_strdup(ev->arena, c->section);
    ev->uidvalidity = r->uidvalidity;
    ev->uids = uids;
    ev->n_uids = r->n_uids;
    engine_submit(l->engine, ev);
    side->open -= side->open < r->n_uids ? side->open : r->n_uids;
    low_water_move(l, c, side, false);
    loop_wake(l);
    return true;
}

void
imap_mail_done(struct loop *l, struct child *c, uint64_t uid)
{
    (void)l;
    strike_drop(side_of(c), uid);
}

/* Mail from before the baseline, and what comes after a renumbering, is taken in silently. */
static bool
on_imap_mail(struct loop *l, struct child *c, struct frame *f)
{
    struct imap_side *side = side_of(c);
    Td__MailIn *in = f->body->mail_in;
    if (!in->has_uid || !in->has_uidvalidity || in->uidvalidity != side->uidvalidity)
        return false;
    fetching_drop(side, in->uid);
    if (in->uid < side->box.baseline && in->has_internal_date)
        in->has_before_baseline = in->before_baseline = true;
    return intake_mail_frame(l, c, f);
}

static bool
imap_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)ap;
    switch (f->body->body_case) {
    case TD__FRAME__BODY_IMAP_SELECTED:
        return on_selected(l, c, f->body->imap_selected);
    case TD__FRAME__BODY_IMAP_OFFER:
        return on_offer(l, c, f->body->imap_offer);
    case TD__FRAME__BODY_IMAP_FETCHING:
        return on_fetching(c, f->body->imap_fetching);
    case TD__FRAME__BODY_IMAP_SETTLED:
        return on_settled(l, c, f->body->imap_settled);
    case TD__FRAME__BODY_MAIL_IN:
        return on_imap_mail(l, c, f);
    case TD__FRAME__BODY_INTAKE_STATE:
        if (!f->body->intake_state->ok)
            side_of(c)->n_fetching = 0; /* a lost server is nobody's fault: the role tries each mail alone, then ends over it */
        return intake_state(l, c, f->body->intake_state);
    default:
        return false;
    }
}

static void
imap_died(struct loop *l, struct child *c)
{
    if (!l->ending && c->wanted)
        strikes_count(l, c, side_of(c));
}

const struct role_kind role_imap = { "imap", imap_setup, imap_frame, imap_died };
