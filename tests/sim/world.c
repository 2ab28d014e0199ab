/* SPDX-License-Identifier: ISC
 *
 * One run: core lives, ends, lives again, while the script is done to it; at last every fault is mended, a fortnight goes by, and
 * what is there then is judged.
 */
#include "sim.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sim S;

#define LIVES_MAX 2000
#define DRAIN_DAYS 14
#define MOOD_MS (5 * 3600000ll)         /* no relay is ill for ever */

void
sim_fail(const char *what, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;
    if (S.failure[0] != '\0' || S.ghost)
        return;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    snprintf(S.failure, sizeof S.failure, "%s: %s", what, b.data);
    sim_trace("FAILURE %s", S.failure);
    buf_free(&b);
}

void
sim_trace(const char *fmt, ...)
{
    char at[TIME_TEXT_MAX];
    struct buf b = { 0 };
    va_list ap;
    if (!S.verbose)
        return;
    time_format(sim_wall(), at);
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    fprintf(stderr, "%s.%03d life %llu: %s\n", at, (int)(S.now_ms % 1000), (unsigned long long)S.life, b.data);
    buf_free(&b);
}

/* ---- configurations */

static const char conf_text[] =
    "state-directory = \"%s/state\"\ncontrol = \"%s/control\"\n"
    "limits { free-space = 1MiB parse-workers = 2 compose-workers = 2 }\n"
    "calendar \"office\" { zone = \"Europe/Stockholm\" open = { \"Mon-Fri 08:00-12:00 13:00-17:00\" } }\n"
    "calendar \"always\" { zone = \"UTC\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
    "relay \"out\" { host = \"127.0.0.1\" port = 25 tls = \"none\" auth = \"none\" lanes = %u timeout = \"2m\" give-up = \"4d\" }\n"
    "desk \"support\" { address = { \"" SIM_DESK "\" } prefix = \"CAS\" relay = \"out\" calendar = \"office\" language = { \"en\" }\n"
    "  templates = \"%s\" authserv = { \"mx.sim.example\" } reply-address = \"plus\" alarm-to = \"boss@sim.example\" manager = \"boss@sim.example\"\n"
    "  assign = \"round-robin\" survey = true\n"
    "  person \"liz@sim.example\" { label = \"Liz\" }\n  person \"mark@sim.example\" { label = \"Mark\" }\n  person \"nina@sim.example\" { label = \"Nina\" }\n"
    "  queue \"first\" { staff = { \"liz@sim.example\", \"mark@sim.example\" } next = \"second\" }\n"
    "  queue \"second\" { staff = { \"nina@sim.example\" } }\n"
    "  state \"waiting\" { remind = { \"3wd\" } close = \"10wd\" }\n  state \"resolved\" { close = \"%s\" tell = true }\n"
    "  priority \"urgent\" { label = \"Urgent\" clock \"respond\" { target = \"%s\" escalate = { \"0m manager\" } warn = 75 }\n"
    "    clock \"resolve\" { target = \"2wd\" pause = { \"waiting\" } escalate = { \"0m manager\", \"4h boss@sim.example\" } } }\n"
    "  priority \"normal\" { default = true clock \"respond\" { target = \"4h\" escalate = { \"0m manager\" } }\n"
    "    clock \"resolve\" { target = \"5wd\" pause = { \"waiting\" } } }\n"
    "  rule \"down\" { text = { 'system is down' } priority = \"urgent\" }\n"
    "  budget { recipient-hour = 3 recipient-day = 6 domain-hour = 4 domain-day = 9 all-hour = 15 all-day = 40 } }\n"
    "lmtp \"mta\" { listen = { \"%s/lmtp\" } trust-auth = true }\n"
    "maildir \"spool\" { path = \"%s/spool\" desk = \"support\" trust-auth = true }\n"
    "imap \"box\" { desk = \"support\" host = \"127.0.0.1\" user = \"u\" password = \"%s/password\" tls = \"none\" }\n";

/* The second one has other targets and fewer lanes. */
void
conf_write(unsigned alternative)
{
    char path[128], *templates = realpath("contrib/templates", NULL);
    must(templates != NULL);
    snprintf(path, sizeof path, "%s/password", S.folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && full_write(fd, "secret\n", 7) == 0);
    close(fd);
    fd = open(S.conf_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0);
    dprintf(fd, conf_text, S.folder, S.folder, alternative ? 2u : 3u, templates, alternative ? "3wd" : "5wd", alternative ? "2h" : "1h", S.folder,
            S.folder, S.folder);
    close(fd);
    free(templates);
}

/* ---- steps */

static void
do_advance(const struct step *s, struct dice *d)
{
    static const unsigned spans_s[] = { 1, 30, 120, 600, 3600, 6 * 3600, 86400, 3 * 86400 };
    (void)d;
    S.advance_until_ms = S.now_ms + 1000ll * spans_s[s->a % countof(spans_s)];
}

static void
do_crash(const struct step *s, struct dice *d)
{
    static const enum crash where[] = { CRASH_BEFORE_COMMIT, CRASH_AFTER_COMMIT, CRASH_FRAME };
    (void)d;
    S.crash = where[s->a % countof(where)];
    S.crash_in = 1 + s->b % (S.crash == CRASH_FRAME ? 25 : 12);
}

/* Core waits for its answer, and not for ever. */
static bool
has_deadline(const struct role *r)
{
    return r->actor == &actor_smtp || strcmp(r->actor->name, "parse") == 0 || strcmp(r->actor->name, "compose") == 0;
}

/* A process ends by itself, is killed, or hangs. */
static void
do_die(const struct step *s, struct dice *d)
{
    unsigned n = 0;
    (void)d;
    for (struct role *r = S.roles; r != NULL; r = r->next)
        n += r->alive && !r->stuck;
    unsigned pick = n > 0 ? s->a % n : 0;
    for (struct role *r = S.roles; r != NULL; r = r->next)
        if (r->alive && !r->stuck && pick-- == 0) {
            sim_trace("script: %s %s", r->actor->name, s->b % 3 == 0 ? "exits" : s->b % 3 == 1 ? "is killed" : "hangs");
            if (s->b % 3 == 2 && has_deadline(r))
                r->stuck = true;
            else
                role_exit(r, s->b % 3 == 1 ? CLD_KILLED : CLD_EXITED, s->b % 3 == 1 ? SIGKILL : 1);
            return;
        }
}

static void
do_imap(const struct step *s, struct dice *d)
{
    (void)d;
    if (s->a % 4 == 3)
        imap_renumber();
    else
        imap_fault(s->a % 4);
}

static void
do_relay(const struct step *s, struct dice *d)
{
    (void)d;
    S.mood = (enum relay_mood)(s->a % RELAY_MOODS);
    if (s->b % 3 == 0)
        S.mood = RELAY_GOOD;
    S.mood_until_ms = S.now_ms + MOOD_MS;
}

static void
do_reload(const struct step *s, struct dice *d)
{
    (void)d;
    S.alternative = s->a % 2;
    conf_write(S.alternative);
    S.reload = true;
}

static void
do_stop(const struct step *s, struct dice *d)
{
    (void)s;
    (void)d;
    S.stopping = true;
}

/* The disk says no, a few times; core lives on. */
static void
do_disk(const struct step *s, struct dice *d)
{
    (void)d;
    S.disk_errors = 1 + s->a % 6;
}

static void do_mail(const struct step *s, struct dice *d) { (void)s; mail_write_new(d); }
static void do_reply(const struct step *s, struct dice *d) { (void)s; mail_write_reply(d); }
static void do_staff(const struct step *s, struct dice *d) { (void)s; mail_write_staff(d); }
static void do_again(const struct step *s, struct dice *d) { (void)s; mail_deliver_again(d); }
static void do_machine(const struct step *s, struct dice *d) { (void)s; mail_write_machine(d); }
static void do_hostile(const struct step *s, struct dice *d) { (void)s; mail_write_hostile(d); }

static void (*const doing[STEP_KINDS])(const struct step *, struct dice *) = {
    [STEP_MAIL] = do_mail,       [STEP_REPLY] = do_reply,     [STEP_STAFF] = do_staff, [STEP_AGAIN] = do_again, [STEP_MACHINE] = do_machine,
    [STEP_HOSTILE] = do_hostile, [STEP_ADVANCE] = do_advance, [STEP_RELAY] = do_relay, [STEP_CRASH] = do_crash, [STEP_DIE] = do_die,
    [STEP_IMAP] = do_imap,       [STEP_RELOAD] = do_reload,   [STEP_STOP] = do_stop,       [STEP_DISK] = do_disk,
};

static void
step_next(void)
{
    const struct step *s = &S.script->v[S.at++];
    struct dice d = { s->salt };
    sim_trace("script: %s %u %u", step_name(s->kind), s->a, s->b);
    if (s->kind == STEP_ADVANCE)
        inside_clocks(S.loop->store, S.loop->conf);
    doing[s->kind](s, &d);
    S.dice.s = s->salt ^ 0x5bd1e995u;
    S.turns_left = s->turns;
}

/* Everything is mended; what hangs is helped to its end by core's own deadlines. */
static void
drain_begin(void)
{
    S.draining = true;
    S.mood = RELAY_GOOD;
    S.crash = CRASH_NONE;
    S.disk_errors = 0;
    S.drain_until_ms = S.now_ms + DRAIN_DAYS * 86400000ll;
}

bool
world_step(int64_t *until_ms)
{
    *until_ms = S.now_ms + 1000;
    if (S.now_ms > S.mood_until_ms)
        S.mood = RELAY_GOOD;
    if (S.draining) {
        *until_ms = S.drain_until_ms;
        if (S.now_ms >= S.drain_until_ms && !S.stopping) {
            S.stopping = S.done = true;
            return true;
        }
        return false;
    }
    if (S.now_ms < S.advance_until_ms) {
        *until_ms = S.advance_until_ms;
        return false;
    }
    if (S.turns_left > 0) {
        S.turns_left--;
        return false;
    }
    if (S.at < S.script->n)
        step_next();
    else
        drain_begin();
    return true;
}

/* ---- lives */

/* Careful mode sets aside what has ended core twice; here nothing is to blame but the script. A second end over the same event
 * would be one too many. */
static void
crash_spare(void)
{
    if (S.loop != NULL && S.loop->engine != NULL && S.loop->engine->careful && S.loop->engine->suspect_tries > 0)
        S.crash = CRASH_NONE;
}

static void
life(void)
{
    char *argv[] = { (char *)"ticketd", (char *)"-c", S.conf_path, NULL };
    S.life++;
    S.ghost = S.stopping = S.reload = false;
    S.loop = NULL;
    event_reset();
    optind = 1;
    sim_trace("life begins");
    int rc = core_main(3, argv);
    sim_trace("life ends: %d%s", rc, S.ghost ? ", by a crash" : "");
    if (rc != 0 && !S.ghost)
        sim_fail("start", "core left with exit code %d", rc);
    S.stops += !S.ghost;
    if (S.ghost && S.crash != CRASH_NONE)
        crash_spare();
    roles_end();
    S.ghost = false;
    S.now_ms += 1000;                   /* systemd starts it again */
}

static void
world_end(void)
{
    people_free();
    for (size_t i = 0; i < S.n_mails; i++) {
        free(S.mails[i]->bytes);
        free(S.mails[i]);
    }
    for (size_t i = 0; i < S.n_deliveries; i++)
        free(S.deliveries[i]);
    free(S.mails);
    free(S.deliveries);
    free(S.sents);
    event_reset();
}

bool
sim_run(const struct script *script, const char *folder, bool verbose)
{
    memset(&S, 0, sizeof S);
    S.script = script;
    S.verbose = verbose;
    S.uidvalidity = 7;
    S.uidnext = 1;
    S.advance_until_ms = 5000;          /* the first contact, before anything happens */
    snprintf(S.folder, sizeof S.folder, "%s", folder);
    snprintf(S.conf_path, sizeof S.conf_path, "%s/ticketd.conf", folder);
    people_make();
    conf_write(0);
    while (!S.done && S.failure[0] == '\0') {
        if (S.life >= LIVES_MAX)
            sim_fail("lives", "core ended %u times and was never done", LIVES_MAX);
        life();
    }
    if (S.failure[0] == '\0' && deliveries_pending())
        sim_fail("lost", "a mail was never taken, in a fortnight without a fault");
    if (S.failure[0] == '\0')
        check_all();
    world_end();
    return S.failure[0] == '\0';
}
