/* SPDX-License-Identifier: ISC
 *
 * ticketd's core: arguments, start, the loop, the end. The loop is sd-event's; a turn commits what is ready and sends what
 * waits. Signals: HUP reloads, TERM and INT end cleanly. Tells systemd when it is ready, how it is and that it is alive.
 */
#include "loop.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define TICK_USEC 1000000ull
#define STATUS_TICKS 15
#define DUE_MAX_S 60
#define TURN_MS 250                     /* of commits in a row, then others get their turn */
#define LATE_MS 2000                    /* core stood still */
#define PROBE_TICKS 10
#define PROBES_MAX 6                    /* in vain: a disk error has put LMDB out of order, and only opening it anew helps */

/* ---- the turn */

void
loop_wake(struct loop *l)
{
    if (l->turn != NULL)
        (void)sd_event_source_set_enabled(l->turn, SD_EVENT_ONESHOT);
    if (l->woken_ms == 0)
        l->woken_ms = loop_now_ms();
}

static void
due_arm(struct loop *l)
{
    int64_t due = engine_next_due(l->engine), now = loop_now();
    if (due == INT64_MAX)
        due = now + 3600;
    /* What is due now and could not be worked off waits for an event or the next tick. */
    int64_t wait = due > now ? due - now : 1;
    /* Never for long: the wall clock may be set, and this one stands still while the machine sleeps. */
    (void)sd_event_source_set_time_relative(l->due, (uint64_t)(wait < DUE_MAX_S ? wait : DUE_MAX_S) * 1000000);
    (void)sd_event_source_set_enabled(l->due, SD_EVENT_ONESHOT);
}

void
loop_turn(struct loop *l)
{
    int64_t began_ms = loop_now_ms();
    size_t n, events = 0;
    l->woken_ms = 0;
    do
        events += n = engine_run(l->engine, loop_now());
    while (n > 0 && engine_busy(l->engine) && loop_now_ms() - began_ms < TURN_MS);
    if (engine_busy(l->engine))         /* large mails go on, a step a turn */
        loop_wake(l);
    if (events > 0)
        log_line(LOG_TRACE, "action=commit events=%zu ms=%lld mails_in_hand=%zu status=ok", events, (long long)(loop_now_ms() - began_ms), l->jobs_n);
    children_collect(l);
    jobs_dispatch(l);
    letters_dispatch(l);
    due_arm(l);
}

static int
on_turn(sd_event_source *s, void *u)
{
    (void)s;
    loop_turn(u);
    return 0;
}

static int
on_due(sd_event_source *s, uint64_t usec, void *u)
{
    (void)s;
    (void)usec;
    loop_wake(u);
    return 0;
}

static void
on_done(void *u, struct engine_event *ev)
{
    struct loop *l = u;
    if (ev->kind == ENGINE_MAIL)
        jobs_done(l, ev);
    else if (ev->kind == ENGINE_COMPOSED)
        letters_composed(l, ev);
    else if (ev->kind == ENGINE_OUTCOME)
        letters_settled(l, ev);
    else if (ev->kind == ENGINE_OPERATOR || (ev->kind == ENGINE_SECRET && ev->owner != NULL))
        control_done(l, ev);
    else if (ev->kind == ENGINE_ERASE || ev->kind == ENGINE_RELEASE)
        control_written(ev);
    if (!ev->ok && ev->kind != ENGINE_MAIL && !l->ending)
        log_line(LOG_FAIL, "action=event kind=%d why=%s status=failed", (int)ev->kind, log_value(ev->why));
}

static void
on_log(void *u, enum log_level level, const char *line)
{
    (void)u;
    log_line(level, "%s", line);
}

/* ---- once a second */

/* "14 s", "3 min", "2 h", "5 d" */
static void
ago(int64_t seconds, char out[32])
{
    static const struct { int64_t from, unit; const char *word; } spans[] = { { 172800, 86400, "d" }, { 7200, 3600, "h" }, { 120, 60, "min" }, { 0, 1, "s" } };
    size_t i = 0;
    seconds = seconds > 0 ? seconds : 0;
    while (seconds < spans[i].from)
        i++;
    snprintf(out, 32, "%lld %s", (long long)(seconds / spans[i].unit), spans[i].word);
}

/* What `systemctl status` shows: "3 mailboxes ok, 412 open, 2 overdue, last mail 14 s ago". */
static void
status_notify(struct loop *l)
{
    unsigned ok = 0, all = 0, down = 0;
    char last[48] = "no mail yet", span[32], boxes[48];
    for (struct child *c = l->children; c != NULL; c = c->next) {
        bool intake = c->kind == &role_imap || c->kind == &role_lmtp || c->kind == &role_maildir;
        all += intake;
        ok += intake && c->state == CHILD_READY && c->said_ok;
        down += c->state == CHILD_DOWN && !c->once;
    }
    if (l->last_mail_at != 0) {
        ago(loop_now() - l->last_mail_at, span);
        snprintf(last, sizeof last, "last mail %s ago", span);
    }
    if (ok == all)
        snprintf(boxes, sizeof boxes, "%u mailbox%s ok", all, all == 1 ? "" : "es");
    else
        snprintf(boxes, sizeof boxes, "%u of %u mailboxes ok", ok, all);
    const struct standing *s = &l->engine->standing;
    (void)sd_notifyf(0, "STATUS=%s, %lld open, %lld overdue, %s%s%s%s", boxes, (long long)s->open, (long long)s->overdue, last,
                     down > 0 ? ", ROLES DOWN: see ticketctl status" : "", l->engine->careful ? ", careful mode" : "",
                     l->engine->trouble != NULL ? ", TROUBLE WITH THE STORE" : "");
}

static void
store_watch(struct loop *l)
{
    if (l->engine->trouble_rc == STORE_OK || engine_probe(l->engine, loop_now())) {
        l->probes = 0;
    } else if (l->engine->trouble_rc == STORE_IO && ++l->probes >= PROBES_MAX) {
        log_line(LOG_ALARM, "action=store why=%s status=giving-up", log_value(l->engine->trouble));
        l->ending = true;
        (void)sd_event_exit(l->event, EX_IOERR);
    }
}

static int
on_tick(sd_event_source *s, uint64_t usec, void *u)
{
    static unsigned ticks;
    struct loop *l = u;
    (void)usec;
    int64_t now_ms = loop_now_ms(), late_ms = l->tick_ms != 0 ? now_ms - l->tick_ms - (int64_t)(TICK_USEC / 1000) : 0;
    l->tick_ms = now_ms;
    children_check(l, late_ms > LATE_MS ? late_ms : 0);
    if (ticks % PROBE_TICKS == 0)
        store_watch(l);
    engine_retry(l->engine);
    if (engine_busy(l->engine))
        loop_wake(l);
    engine_sweep(l->engine, loop_now());
    engine_retain(l->engine, loop_now());
    rotate_tick(l);
    if (ticks++ % STATUS_TICKS == 0)
        status_notify(l);
    if (ticks % 60 == 0)
        store_reader_check(l->store);
    (void)sd_event_source_set_time_relative(s, TICK_USEC);
    (void)sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
    return 0;
}

/* ---- signals */

static int
on_end(sd_event_source *s, const struct signalfd_siginfo *si, void *u)
{
    (void)s;
    struct loop *l = u;
    log_line(LOG_NOTE, "action=stop signal=%u status=ok", si->ssi_signo);
    l->ending = true;
    return sd_event_exit(l->event, 0);
}

static int
on_hup(sd_event_source *s, const struct signalfd_siginfo *si, void *u)
{
    (void)s;
    (void)si;
    (void)policy_reload(u, NULL);
    return 0;
}

/* Every mail in hand is a descriptor. */
static void
descriptors_allow(void)
{
    struct rlimit most;
    if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < most.rlim_max) {
        most.rlim_cur = most.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &most);
    }
}

static void
signals_block(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* ---- start and end */

static int
fail(int code, const char *what)
{
    fprintf(stderr, "ticketd: %s\n", what);
    return code;
}

static const char *const roles[] = { "parse", "compose", "imap", "lmtp", "maildir", "smtp", "drop", "token", "reader" };

static int
execs_open(struct loop *l)
{
    char error[256];
    for (size_t i = 0; i < countof(roles); i++) {
        if (role_exec_open(roles[i], &l->execs[l->n_execs], error) != 0)
            return fail(EX_OSFILE, error);
        l->n_execs++;
    }
    return 0;
}

static void
random_bytes(void *u, void *out, size_t len)
{
    (void)u;
    randombytes_buf(out, len);
}

static int
store_exit_code(enum store_rc rc)
{
    switch (rc) {
    case STORE_BUSY:
        return EX_TEMPFAIL;
    case STORE_NEWER:
    case STORE_REFUSED:
    case STORE_WRONG_KEY:
        return EX_CONFIG;
    case STORE_DAMAGED:
        return EX_DATAERR;
    default:
        return EX_IOERR;
    }
}

static int
state_open(struct loop *l, const struct conf *conf)
{
    struct store_options o = { .directory = conf->state_directory, .map_size = conf->map_size, .random = random_bytes };
    char error[256];
    if (start_master_key(conf, l->credentials, o.master_key, error) != 0)
        return fail(EX_NOPERM, error);
    enum store_rc rc = store_open(&o, &l->store, error);
    if (rc == STORE_WRONG_KEY && rotate_resume(conf, o.master_key) == 0) {
        rc = store_open(&o, &l->store, error);
        if (rc == STORE_OK)
            rotate_settle(conf);
    }
    sodium_memzero(o.master_key, sizeof o.master_key);
    return rc == STORE_OK ? 0 : fail(store_exit_code(rc), error);
}

static int
policy_open(struct loop *l, const char *file)
{
    struct buf errors = { 0 };
    struct conf *first = conf_load(file, true, &errors);
    int rc = first == NULL ? EX_CONFIG : state_open(l, first);
    if (rc == 0) {
        l->conf = policy_load(file, true, store_naming_key(l->store), &l->desk, &errors);
        l->generation = 1;
        if (l->conf == NULL)
            rc = EX_CONFIG;
    }
    if (errors.len > 0)
        fputs(errors.data, stderr);
    buf_free(&errors);
    conf_free(&first);
    return rc;
}

static int
sources_open(struct loop *l)
{
    char error[256];
    if (sd_event_default(&l->event) < 0 || sd_event_set_watchdog(l->event, true) < 0 ||
        sd_event_add_signal(l->event, NULL, SIGTERM, on_end, l) < 0 || sd_event_add_signal(l->event, NULL, SIGINT, on_end, l) < 0 ||
        sd_event_add_signal(l->event, NULL, SIGHUP, on_hup, l) < 0 || sd_event_add_defer(l->event, &l->turn, on_turn, l) < 0 ||
        sd_event_source_set_priority(l->turn, SD_EVENT_PRIORITY_IDLE) < 0 ||
        sd_event_add_time_relative(l->event, &l->due, CLOCK_MONOTONIC, 0, 10000, on_due, l) < 0 ||
        sd_event_add_time_relative(l->event, &l->tick, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick, l) < 0)
        return fail(EX_OSERR, "no event loop");
    return control_open(l, error) == 0 ? 0 : fail(EX_CANTCREAT, error);
}

static int
engine_open(struct loop *l)
{
    const struct engine_driver d = { .u = l, .done = on_done, .log = on_log };
    const char *error;
    l->engine = engine_new(l->conf, l->desk, l->store, &d, loop_now(), &error);
    return l->engine != NULL ? 0 : fail(EX_DATAERR, error);
}

static void
loop_end(struct loop *l)
{
    (void)sd_notify(0, "STOPPING=1");
    l->ending = true;
    control_close(l);
    children_end(l);
    if (l->engine != NULL) {
        engine_last(l->engine, loop_now());
        engine_shutdown(l->engine, loop_now());
    }
    engine_free(&l->engine);
    jobs_end(l);
    letters_end(l);
    tokens_end(l);
    desk_free(&l->desk);
    store_close(&l->store);
    conf_free(&l->conf);
}

static int
run(const char *file)
{
    struct loop l = { .started_at = loop_now(), .credentials = getenv("CREDENTIALS_DIRECTORY") };
    int rc;
    l.parse_last = &l.parse_first;
    signals_block();
    descriptors_allow();
    rc = policy_open(&l, file);
    if (rc == 0)
        rc = execs_open(&l);
    if (rc == 0) {
        log_open("ticketd", log_target_best(), l.conf->log_debug ? LOG_TRACE : LOG_NOTE);
        rc = engine_open(&l);
    }
    if (rc == 0)
        rc = sources_open(&l);
    if (rc == 0) {
        policy_children(&l);
        (void)sd_notify(0, "READY=1");
        log_line(LOG_NOTE, "action=start version=%s configuration=%s status=ok", TICKETD_VERSION, log_value(file));
        rc = sd_event_loop(l.event);
        if (rc < 0)
            rc = EX_SOFTWARE;
    }
    loop_end(&l);
    return rc;
}

static int
check(const char *file)
{
    static const uint8_t naming[32];
    struct buf text = { 0 };
    struct desk *desk = NULL;
    struct conf *conf = policy_load(file, true, naming, &desk, &text);
    bool ok = conf != NULL;
    if (ok)
        conf_print(conf, &text);
    if (text.len > 0)
        fputs(text.data, ok ? stdout : stderr);
    buf_free(&text);
    desk_free(&desk);
    conf_free(&conf);
    return ok ? 0 : EX_CONFIG;
}

static int
usage(int code)
{
    fprintf(code == 0 ? stdout : stderr, "usage: ticketd [-n] [-c FILE]\n"
            "  -c FILE  the configuration, default /etc/ticketd/ticketd.conf\n"
            "  -n       check it, print what was understood, and leave\n"
            "  -V       the version\n");
    return code;
}

int
core_main(int argc, char **argv)
{
    const char *file = "/etc/ticketd/ticketd.conf";
    bool only_check = false;
    int opt;
    while ((opt = getopt(argc, argv, "c:nVh")) != -1) {
        switch (opt) {
        case 'c':
            file = optarg;
            break;
        case 'n':
            only_check = true;
            break;
        case 'V':
            printf("ticketd %s\n", TICKETD_VERSION);
            return 0;
        case 'h':
            return usage(0);
        default:
            return usage(EX_USAGE);
        }
    }
    if (optind < argc)
        return usage(EX_USAGE);
    log_open("ticketd", LOG_TO_STDERR, LOG_NOTE);
    if (sodium_init() < 0)
        return fail(EX_OSERR, "no random source");
    return only_check ? check(file) : run(file);
}
