/* SPDX-License-Identifier: ISC
 *
 * imap: one mailbox, for ever. A session is a list of things to do in order of urgency; when the connection goes, what is at
 * core and what is durable but not yet told to the server outlives it, everything else is offered anew. No mail is marked
 * or moved before core has said that it is durable; a person's \Seen means nothing here. RFC 3501, 2177, 4315, 6851.
 */
#include "imap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#define WAIT_CORE_MS 60000              /* then a NOOP, so that the server does not think us dead */
#define WAIT_SETTLE_MS 50               /* for more of them before a small STORE */
#define AUTH_FAILED_MS 30000            /* at least: servers slow down and lock accounts */
#define GOOD_SESSION_MS 60000

/* ---- what there is to do */
static bool
can_fetch(const struct imap *c)
{
    size_t room = IMAP_SENT_MAX - c->n_sent, wanted = c->items.count[ITEM_WANTED];

    return c->again_at_ms == 0 && wanted > 0 && (room >= IMAP_BATCH_MAILS || room >= wanted);
}

static bool
can_list(const struct imap *c)
{
    return c->listed < c->n_listing && c->offer_last - c->offer_answered < IMAP_OFFERS_OPEN &&
           c->items.count[ITEM_WANTED] + c->items.count[ITEM_AGAIN] <= IMAP_OFFER_MAX;
}

static bool
waits_for_core(const struct imap *c)
{
    return c->n_sent > 0 || c->offer_answered != c->offer_last;
}

static enum imap_rc
wait_for_core(struct imap *c)
{
    bool unsettled = c->items.count[ITEM_TAKEN] > 0;
    enum imap_rc rc;

    if (imap_core_hear(c, unsettled ? WAIT_SETTLE_MS : WAIT_CORE_MS))
        return IMAP_OK;
    if (unsettled)
        return imap_settle(c);
    rc = imap_command(c, 0, "NOOP");
    return rc == IMAP_NO ? IMAP_OK : rc;
}

static void
tell_all_is_well(struct imap *c)
{
    char text[sizeof c->note + 64];

    (void)snprintf(text, sizeof text, "connected, %s%s", imap_has(c, "IDLE") && !c->idle_broken ? "waits in IDLE" : "polls", c->note);
    imap_core_state(c, true, false, text);
}

/* The most urgent thing, if there is anything. */
static bool
work(struct imap *c, enum imap_rc *rc)
{
    if (c->items.count[ITEM_TAKEN] >= IMAP_SETTLE_MAILS)
        *rc = imap_settle(c);
    else if (can_fetch(c))
        *rc = imap_fetch(c);
    else if (can_list(c))
        *rc = imap_offer_listed(c);
    else if (waits_for_core(c))
        *rc = wait_for_core(c);
    else if (c->items.count[ITEM_TAKEN] > 0)
        *rc = imap_settle(c);
    else
        return false;
    return true;
}

static enum imap_rc
step(struct imap *c)
{
    enum imap_rc rc;

    (void)imap_core_hear(c, 0);
    if (c->again_at_ms != 0 && stream_now_ms() >= c->again_at_ms && !waits_for_core(c)) {
        c->again_at_ms = 0;
        imap_offer_again(c);
    }
    if (work(c, &rc)) {
        c->rescan = true;               /* of new mail the server has told us meanwhile, and will not say it again in IDLE */
        return rc;
    }
    if (c->rescan && c->listed == c->n_listing)
        return imap_search(c);
    tell_all_is_well(c);
    return imap_idle(c);
}

/* ---- one connection */
static enum imap_rc
session(struct imap *c)
{
    enum imap_rc rc = imap_open(c);

    c->started = c->idle_broken = false;
    c->n_listing = c->listed = 0;
    c->offer_answered = c->offer_last;
    imap_items_drop(&c->items, ITEM_OFFERED);
    imap_items_drop(&c->items, ITEM_WANTED);
    while (rc == IMAP_OK && !c->started)
        if (!imap_core_hear(c, WAIT_CORE_MS))
            rc = imap_command(c, 0, "NOOP") == IMAP_LOST ? IMAP_LOST : IMAP_OK;
    while (rc == IMAP_OK)
        rc = step(c);
    imap_close(c);
    return rc;
}

static uint32_t
chance(void)
{
    uint32_t v;

    return getrandom(&v, sizeof v, 0) == sizeof v ? v : (uint32_t)stream_now_ms();
}

/* The role's memory of one mailbox; names that IMAP cannot carry are told and end it. */
static struct imap *
begin(const Td__ImapSetup *setup)
{
    struct imap *c = mem_alloc(sizeof *c);
    struct buf move_to = { 0 };
    bool ok;

    c->setup = setup;
    ok = imap_mailbox_name(setup->folder, &c->folder);
    if (ok && setup->move_to != NULL)
        ok = imap_mailbox_name(setup->move_to, &move_to) && imap_quote(move_to.data, &c->move_to);
    if (!ok || (setup->keyword != NULL && (str_has_control(setup->keyword) || strpbrk(setup->keyword, " (){%*\"\\]") != NULL))) {
        imap_core_state(c, false, false, "folder, move-to or keyword hold what IMAP cannot carry");
        exit(EX_CONFIG);
    }
    buf_free(&move_to);
    for (size_t i = 0; i < setup->n_suspects; i++)
        if (setup->suspects[i] <= UINT32_MAX)
            imap_suspect(c, (uint32_t)setup->suspects[i]);
    mmap_string_set_ceil(SIZE_MAX);     /* libetpan would put a large literal into a file */
    return c;
}

_Noreturn void
imap_run(const Td__ImapSetup *setup)
{
    struct imap *c = begin(setup);
    unsigned failures = 0;

    for (;;) {
        int64_t started_ms = stream_now_ms(), pause_ms;
        enum imap_rc rc;

        c->worked = false;
        if (role_sandbox_stale())
            exit(0);                    /* new resolver or CA files: a fresh process can read them; the ledger knows the rest */
        rc = session(c);
        if (c->worked || stream_now_ms() - started_ms >= GOOD_SESSION_MS)
            failures = 0;
        imap_core_state(c, false, rc == IMAP_AUTH, c->problem);
        log_line(LOG_FAIL, "host=%s problem=%s status=%s", log_value(setup->host), log_value(c->problem), rc == IMAP_AUTH ? "refused" : "lost");
        if (rc == IMAP_AUTH && strcmp(setup->auth, "xoauth2") == 0)
            exit(EX_NOPERM);            /* core comes back with a fresh token */
        pause_ms = imap_backoff_ms(++failures, chance());
        imap_core_pause(c, rc == IMAP_AUTH && pause_ms < AUTH_FAILED_MS ? AUTH_FAILED_MS : pause_ms);
    }
}
