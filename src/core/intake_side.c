/* SPDX-License-Identifier: ISC
 *
 * Core's side of LMTP and Maildir, and what all intakes say: a mail, and how they are. No ledger dialogue here: a Maildir's
 * file name is a place in the ledger, an LMTP transaction has none and relies on Message-ID and content.
 */
#include "loop.h"

#include <stdio.h>
#include <string.h>

bool
intake_state(struct loop *l, struct child *c, const Td__IntakeState *st)
{
    bool was_ok = c->said_ok;
    child_say(c, st->ok, "%s", st->text);
    if (st->ok) {
        c->worked = true;
        c->good_at = st->has_good_fetch_at ? st->good_fetch_at : loop_now();
    }
    if (was_ok != st->ok || !st->ok)
        log_line(st->ok ? LOG_NOTE : LOG_FAIL, "role=%s mailbox=%s why=%s status=%s", c->kind->role, log_value(c->section),
                 log_value(c->said), st->ok ? "ok" : "failed");
    if (st->has_auth_failed && st->auth_failed) {
        const struct conf_intake *ic = intake_conf(l, c->section);
        if (ic != NULL && ic->oauth != NULL)
            token_stale(l, ic->oauth);
    }
    return true;
}

bool
intake_mail_frame(struct loop *l, struct child *c, struct frame *f)
{
    if (f->n_fds != 1)
        return false;
    int fd = f->fds[0];
    f->fds[0] = -1;
    return intake_mail(l, c, f->body->mail_in, fd);
}

static bool
plain_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)ap;
    switch (f->body->body_case) {
    case TD__FRAME__BODY_MAIL_IN:
        return intake_mail_frame(l, c, f);
    case TD__FRAME__BODY_INTAKE_STATE:
        return intake_state(l, c, f->body->intake_state);
    default:
        return false;
    }
}

/* The desk of any-recipient stands first: the role gives it what it does not know. */
static void
lmtp_desks(struct loop *l, const struct conf_intake *ic, Td__LmtpSetup *s, struct arena *a)
{
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < l->conf->n_desks; i++) {
            const struct conf_desk *d = &l->conf->desks[i];
            bool first = ic->desk != NULL && strcmp(ic->desk, d->name) == 0;
            if (first != (pass == 0))
                continue;
            Td__LmtpDesk *ld = schema_new(a, &td__lmtp_desk__descriptor);
            ld->desk = (char *)d->name;
            ld->addresses = (char **)d->addresses.v;
            ld->n_addresses = d->addresses.n;
            (void)arena_push(a, &s->desks, &s->n_desks, ld);
        }
}

static bool
lmtp_setup(struct loop *l, struct child *c)
{
    const struct conf_intake *ic = intake_conf(l, c->section);
    struct arena *a = arena_new(0);
    Td__LmtpSetup s = TD__LMTP_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    bool ok = false;
    if (ic != NULL) {
        s.hostname = (char *)l->conf->hostname;
        lmtp_desks(l, ic, &s, a);
        s.max_mail = l->conf->limits.intake_mail;
        s.max_connections = ic->max_connections;
        s.idle_s = 300;
        s.has_any_recipient = true;
        s.any_recipient = ic->any_recipient;
        f.body_case = TD__FRAME__BODY_LMTP_SETUP;
        f.lmtp_setup = &s;
        ok = child_setup_send(c, &f, c->listeners, c->n_listeners);
        child_say(c, ok && c->n_listeners >= ic->listen.n, "listening on %zu of %zu addresses", c->n_listeners, ic->listen.n);
    }
    arena_free(&a);
    return ok;
}

const struct role_kind role_lmtp = { "lmtp", lmtp_setup, plain_frame, NULL };

static bool
maildir_setup(struct loop *l, struct child *c)
{
    const struct conf_intake *ic = intake_conf(l, c->section);
    Td__MaildirSetup s = TD__MAILDIR_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (ic == NULL)
        return false;
    s.path = (char *)ic->path;
    s.max_mail = l->conf->limits.intake_mail;
    s.rescan_s = (uint32_t)ic->rescan_s;
    f.body_case = TD__FRAME__BODY_MAILDIR_SETUP;
    f.maildir_setup = &s;
    child_say(c, true, "watching");
    return child_setup_send(c, &f, NULL, 0);
}

const struct role_kind role_maildir = { "maildir", maildir_setup, plain_frame, NULL };
