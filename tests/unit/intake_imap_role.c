/* SPDX-License-Identifier: ISC
 *
 * The role imap itself, started as core starts it, against a real Dovecot (tests/scenario/dovecot.py) and against a server
 * that lies (tests/scenario/fake_imap.py); this program plays core. Skipped, and said so, where a piece is missing.
 * IMAP_ROLE_MAILS=5000 makes the throughput test larger.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include "../../src/intake/imap.h"

/* ---- a server in python, spoken to by lines */
struct server { pid_t pid; FILE *in, *out; };

static struct server
server_start(const char *const *argv)
{
    struct server s;
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    if ((s.pid = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(in[0], 0);
        dup2(out[1], 1);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        execvp("python3", (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s.in = fdopen(in[1], "w");
    s.out = fdopen(out[0], "r");
    return s;
}

/* Unbuffered: what poll() sees is all there is. A server that says nothing fails the test, it does not hang it. */
static void
server_line(struct server *s, char *line, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && (n == 0 || line[n - 1] != '\n')) {
        struct pollfd p = { .fd = fileno(s->out), .events = POLLIN };

        if (poll(&p, 1, 60000) != 1)
            fail_msg("the server says nothing");
        if (read(p.fd, line + n, 1) != 1)
            fail_msg("the server is gone");
        n++;
    }
    line[n] = '\0';
}

/* Says one thing and returns the answer that begins with `begin`. */
static const char *
server_ask(struct server *s, const char *begin, const char *what)
{
    static char line[1 << 20];

    fprintf(s->in, "%s\n", what);
    fflush(s->in);
    do
        server_line(s, line, sizeof line);
    while (strncmp(line, begin, strlen(begin)) != 0);
    return line;
}

static void
server_stop(struct server *s)
{
    fclose(s->in);
    fclose(s->out);
    kill(s->pid, SIGKILL);              /* it has nothing to tidy up */
    waitpid(s->pid, NULL, 0);
}

/* ---- core */
#define MAILS 8192
struct core {
    struct role_exec exec;
    struct role_child child;
    uint64_t first_uid;
    unsigned again;                     /* so many mails are answered "not now" */
    bool settle_only, silent;           /* answers offers by settle; never answers a mail */
    size_t mails, offered, settled, selected, fetching_largest, whole, bytes, seen, states;
    uint32_t uidvalidity;
    uint64_t last_size, last_whole;
    struct { uint64_t uid; } got[MAILS];
    bool ok, auth_failed, closed;
    char text[512];
    int exit_code;
};

static void
tell(struct core *c, Td__Frame *f)
{
    while (frame_send(c->child.fd, f, NULL, 0) == FRAME_AGAIN)
        usleep(1000);
}

static void
on_selected(struct core *c, struct frame *f)
{
    Td__ImapStart start = TD__IMAP_START__INIT;
    Td__Frame out = TD__FRAME__INIT;

    c->selected++;
    c->uidvalidity = f->body->imap_selected->uidvalidity;
    start.first_uid = c->first_uid != 0 ? c->first_uid : 1;
    out.body_case = TD__FRAME__BODY_IMAP_START;
    out.imap_start = &start;
    tell(c, &out);
}

static bool
has(const struct core *c, uint64_t uid)
{
    for (size_t i = 0; i < c->mails; i++)
        if (c->got[i].uid == uid)
            return true;
    return false;
}

static void
on_offer(struct core *c, struct frame *f)
{
    const Td__ImapOffer *o = f->body->imap_offer;
    uint64_t want[IMAP_OFFER_MAX], settle[IMAP_OFFER_MAX];
    Td__ImapWant body = TD__IMAP_WANT__INIT;
    Td__Frame out = TD__FRAME__INIT;

    body.fetch = want;
    body.settle = settle;
    for (size_t i = 0; i < o->n_items; i++) {
        c->offered++;
        c->seen += o->items[i]->seen;
        if (c->settle_only || has(c, o->items[i]->uid))
            settle[body.n_settle++] = o->items[i]->uid;
        else
            want[body.n_fetch++] = o->items[i]->uid;
    }
    out.body_case = TD__FRAME__BODY_IMAP_WANT;
    out.imap_want = &body;
    tell(c, &out);
}

static void
on_fetching(struct core *c, struct frame *f)
{
    if (f->body->imap_fetching->n_uids > c->fetching_largest)
        c->fetching_largest = f->body->imap_fetching->n_uids;
}

static void
on_mail(struct core *c, struct frame *f)
{
    const Td__MailIn *m = f->body->mail_in;
    Td__MailDone body = TD__MAIL_DONE__INIT;
    Td__Frame out = TD__FRAME__INIT;

    assert_int_equal(f->n_fds, 1);
    assert_true(memfd_size(f->fds[0]) >= 0);
    c->last_size = (uint64_t)memfd_size(f->fds[0]);
    c->last_whole = m->has_whole_size ? m->whole_size : 0;
    c->whole += m->has_whole_size;
    c->bytes += c->last_size;
    body.seq = m->seq;
    body.taken = c->again == 0;
    body.has_again = true;
    body.again = c->again > 0;
    body.code = 250;
    body.enhanced = body.text = (char *)"";
    if (c->again > 0) {
        c->again--;
    } else {
        assert_false(has(c, m->uid));
        assert_true(c->mails < MAILS);
        c->got[c->mails++].uid = m->uid;
    }
    out.body_case = TD__FRAME__BODY_MAIL_DONE;
    out.mail_done = &body;
    if (!c->silent)
        tell(c, &out);
}

static void
on_settled(struct core *c, struct frame *f)
{
    c->settled += f->body->imap_settled->n_uids;
}

static void
on_state(struct core *c, struct frame *f)
{
    c->states++;
    c->ok = f->body->intake_state->ok;
    c->auth_failed = f->body->intake_state->auth_failed;
    (void)snprintf(c->text, sizeof c->text, "%s", f->body->intake_state->text);
}

static void
on_hello(struct core *c, struct frame *f)
{
    (void)c;
    assert_true(role_hello_ok(f->body, "imap"));
}

static const struct { Td__Frame__BodyCase what; void (*heard)(struct core *c, struct frame *f); } handlers[] = {
    { TD__FRAME__BODY_HELLO, on_hello }, { TD__FRAME__BODY_IMAP_SELECTED, on_selected }, { TD__FRAME__BODY_IMAP_OFFER, on_offer },
    { TD__FRAME__BODY_IMAP_FETCHING, on_fetching }, { TD__FRAME__BODY_MAIL_IN, on_mail }, { TD__FRAME__BODY_IMAP_SETTLED, on_settled },
    { TD__FRAME__BODY_INTAKE_STATE, on_state },
};

/* Plays core until done() or the time is over. */
static bool
core_until(struct core *c, bool (*done)(const struct core *c), int timeout_ms)
{
    int64_t until = stream_now_ms() + timeout_ms;

    while (!done(c) && !c->closed && stream_now_ms() < until) {
        struct pollfd p = { .fd = c->child.fd, .events = POLLIN };
        struct arena *a;
        enum frame_rc rc;
        struct frame f;

        if (poll(&p, 1, 20) <= 0)
            continue;
        a = arena_new(1u << 20);
        rc = frame_receive(c->child.fd, a, &f);
        if (rc == FRAME_OK) {
            size_t i = 0;

            while (i < countof(handlers) && handlers[i].what != f.body->body_case)
                i++;
            assert_true(i < countof(handlers));
            handlers[i].heard(c, &f);
            frame_close(&f);
        } else if (rc != FRAME_AGAIN) {
            int status = 0;

            c->closed = true;
            if (waitpid(c->child.pid, &status, 0) == c->child.pid) {
                c->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                c->child.pid = -1;
            }
        }
        arena_free(&a);
    }
    return done(c);
}

static struct core *
core_start(const Td__ImapSetup *setup)
{
    struct core *c = mem_alloc(sizeof *c);
    Td__Frame f = TD__FRAME__INIT;
    char error[256];

    assert_int_equal(role_exec_open("imap", &c->exec, error), 0);
    assert_int_equal(role_spawn(&c->exec, "imap[test]", &c->child), 0);
    f.body_case = TD__FRAME__BODY_IMAP_SETUP;
    f.imap_setup = (Td__ImapSetup *)(uintptr_t)setup;
    tell(c, &f);
    return c;
}

static void
core_stop(struct core *c)
{
    role_child_close(&c->child);
    close(c->exec.fd);
    free(c);
}

static bool is_failed(const struct core *c) { return c->states > 0 && !c->ok; }
static bool is_ok(const struct core *c) { return c->ok; }
static bool is_closed(const struct core *c) { return c->closed; }
static bool never(const struct core *c) { (void)c; return false; }
static size_t want_settled, want_mails;
static bool is_settled(const struct core *c) { return c->settled >= want_settled; }
static bool is_settled_and_well(const struct core *c) { return c->settled >= want_settled && c->ok; }
static bool has_mails(const struct core *c) { return c->mails >= want_mails; }

/* ---- Dovecot */
static struct server dovecot;
static json_t *facts;                   /* NULL: no Dovecot here */

static Td__ImapSetup
setup_for(const char *tls)
{
    Td__ImapSetup s = TD__IMAP_SETUP__INIT;

    s.host = (char *)(strcmp(tls, "none") == 0 ? "127.0.0.1" : "localhost");
    s.tls = (char *)tls;
    s.auth = (char *)"login";
    s.user = (char *)"support";
    s.folder = (char *)"INBOX";
    s.keyword = (char *)"TicketdTaken";
    s.poll_s = 2;
    s.max_mail = 100u << 20;
    s.start = (char *)"all";
    s.command_timeout_s = 20;
    if (facts != NULL) {
        s.port = (uint32_t)json_integer_value(json_object_get(facts, strcmp(tls, "tls") == 0 ? "tls_port" : "port"));
        s.ca_file = (char *)json_string_value(json_object_get(facts, "ca"));
        s.secret = (char *)json_string_value(json_object_get(facts, "password"));
    }
    return s;
}

static void
need_dovecot(void)
{
    if (facts == NULL) {
        print_message("  skipped: no dovecot, python3 or role executable beside this test\n");
        skip();
    }
}

static void
what_is_refused(void **state)
{
    static const struct { const char *label, *tls, *host, *ca, *auth, *user, *secret; const char *want; bool auth_failed; } rows[] = {
        { "wrong name", "tls", "127.0.0.1", "ca", "login", "support", NULL, "certificate of 127.0.0.1: the name does not match", false },
        { "wrong name, STARTTLS", "starttls", "127.0.0.1", "ca", "login", "support", NULL, "certificate of 127.0.0.1: the name does not match", false },
        { "unknown CA", "tls", "localhost", "other_ca", "login", "support", NULL, "certificate of localhost: its issuer is unknown", false },
        { "unknown CA, STARTTLS", "starttls", "localhost", "other_ca", "login", "support", NULL, "certificate of localhost: its issuer is unknown", false },
        { "the system's trust does not know it", "tls", "localhost", NULL, "login", "support", NULL, "certificate of localhost: its issuer is unknown", false },
        { "wrong password", "tls", "localhost", "ca", "login", "support", "wrong", "login refused: [AUTHENTICATIONFAILED] Authentication failed.", true },
        { "wrong password, PLAIN", "tls", "localhost", "ca", "plain", "support", "wrong", "login refused: [AUTHENTICATIONFAILED] Authentication failed.", true },
        { "wrong token", "tls", "localhost", "ca", "xoauth2", "support", "wrong", "login refused: ", true },
    };

    (void)state;
    need_dovecot();
    for (size_t i = 0; i < countof(rows); i++) {
        Td__ImapSetup s = setup_for(rows[i].tls);
        struct core *c;

        print_message("  %s\n", rows[i].label);
        s.host = (char *)rows[i].host;
        s.ca_file = rows[i].ca != NULL ? (char *)json_string_value(json_object_get(facts, rows[i].ca)) : NULL;
        s.auth = (char *)rows[i].auth;
        if (rows[i].secret != NULL)
            s.secret = (char *)rows[i].secret;
        c = core_start(&s);
        assert_true(core_until(c, is_failed, 15000));
        if (strncmp(c->text, rows[i].want, strlen(rows[i].want)) != 0)
            fail_msg("said: %s", c->text);
        assert_int_equal(c->auth_failed, rows[i].auth_failed);
        assert_int_equal(c->selected, 0);
        if (strcmp(rows[i].auth, "xoauth2") == 0) {
            assert_true(core_until(c, is_closed, 3000));
            assert_int_equal(c->exit_code, EX_NOPERM);
        }
        core_stop(c);
    }
}

/* Each way in takes the mails that are there; a mail that somebody has read among them. */
static void
ways_in(void **state)
{
    static const struct { const char *label, *tls, *auth, *fact; } rows[] = {
        { "TLS, LOGIN", "tls", "login", "password" }, { "TLS, PLAIN", "tls", "plain", "password" },
        { "TLS, XOAUTH2", "tls", "xoauth2", "token" }, { "STARTTLS", "starttls", "login", "password" }, { "plain on loopback", "none", "plain", "password" },
    };

    (void)state;
    need_dovecot();
    server_ask(&dovecot, "ok", "append support");
    server_ask(&dovecot, "ok", "append support '\\Seen'");
    server_ask(&dovecot, "ok", "append support");
    for (size_t i = 0; i < countof(rows); i++) {
        Td__ImapSetup s = setup_for(rows[i].tls);
        struct core *c;

        print_message("  %s\n", rows[i].label);
        s.auth = (char *)rows[i].auth;
        s.secret = (char *)json_string_value(json_object_get(facts, rows[i].fact));
        c = core_start(&s);
        want_settled = 3;
        if (!core_until(c, is_settled, 15000))
            fail_msg("mails %zu settled %zu: %s", c->mails, c->settled, c->text);
        assert_int_equal(c->mails, 3);
        assert_true(c->seen >= 1);
        core_stop(c);
    }
    for (const char *p = server_ask(&dovecot, "{", "flags support"), *found; (p = strchr(p, '[')) != NULL; p = found) {
        found = strchr(p, ']');
        assert_non_null(memmem(p, (size_t)(found - p), "TicketdTaken", 12));
        assert_non_null(memmem(p, (size_t)(found - p), "\\Seen", 5));
    }
}

static void
idle_sees_new_mail_at_once(void **state)
{
    Td__ImapSetup s = setup_for("tls");
    struct core *c;
    int64_t begun;

    (void)state;
    need_dovecot();
    s.poll_s = 300;
    c = core_start(&s);
    c->first_uid = 1000000;             /* nothing of the old */
    assert_true(core_until(c, is_ok, 10000));
    assert_string_equal(c->text, "connected, waits in IDLE");
    c->first_uid = 0;
    (void)core_until(c, never, 300);
    begun = stream_now_ms();
    server_ask(&dovecot, "ok", "append support");
    want_mails = 1;
    (void)core_until(c, has_mails, 4000);
    core_stop(c);
    /* UIDs below the start are not this listing's */
    c = core_start(&s);
    assert_true(core_until(c, is_ok, 10000));
    want_mails = c->mails + 1;
    (void)core_until(c, never, 300);
    begun = stream_now_ms();
    server_ask(&dovecot, "ok", "append support");
    assert_true(core_until(c, has_mails, 4000));
    print_message("  seen after %d ms\n", (int)(stream_now_ms() - begun));
    assert_true(stream_now_ms() - begun < 1000);
    core_stop(c);
}

static void
a_folder_to_move_to(void **state)
{
    Td__ImapSetup s = setup_for("tls");
    struct core *c;
    json_t *there;

    (void)state;
    need_dovecot();
    s.user = (char *)"second";
    s.move_to = (char *)"Done & gone/Ärenden";
    server_ask(&dovecot, "ok", "deliver second 7");
    c = core_start(&s);
    want_settled = 7;
    assert_true(core_until(c, is_settled_and_well, 15000));
    core_stop(c);
    assert_string_equal(server_ask(&dovecot, "{", "flags second"), "{}\n");
    there = json_loads(server_ask(&dovecot, "{", "flags second 'Done &- gone/&AMQ-renden'"), 0, NULL);
    assert_int_equal(json_object_size(there), 7);
    json_decref(there);
}

static void
again_is_offered_again(void **state)
{
    Td__ImapSetup s = setup_for("tls");
    struct core *c;

    (void)state;
    need_dovecot();
    s.user = (char *)"second";
    server_ask(&dovecot, "ok", "deliver second 4");
    c = core_start(&s);
    c->again = 3;
    want_settled = 4;
    assert_true(core_until(c, is_settled, IMAP_AGAIN_MS + 10000));
    assert_int_equal(c->mails, 4);
    assert_int_equal(c->offered, 7);
    core_stop(c);
}

static void
a_mail_over_the_limit_comes_in_part(void **state)
{
    Td__ImapSetup s = setup_for("tls");
    struct core *c;

    (void)state;
    need_dovecot();
    s.user = (char *)"second";
    s.max_mail = 9u << 20;
    server_ask(&dovecot, "ok", "deliver second 1 10000000");
    c = core_start(&s);
    want_settled = 5;                   /* with those of before */
    assert_true(core_until(c, is_settled, 15000));
    assert_int_equal(c->whole, 1);
    assert_int_equal(c->last_size, IMAP_HEAD);
    assert_true(c->last_whole > (9u << 20));
    core_stop(c);
    s.max_mail = 100u << 20;            /* now in slices */
    c = core_start(&s);
    assert_true(core_until(c, is_settled, 15000));
    assert_int_equal(c->whole, 0);
    assert_true(c->last_size > (9u << 20));
    core_stop(c);
}

static void
the_server_starts_again(void **state)
{
    Td__ImapSetup s = setup_for("tls");
    struct core *c;

    (void)state;
    need_dovecot();
    c = core_start(&s);
    c->settle_only = true;
    assert_true(core_until(c, is_ok, 10000));
    fprintf(dovecot.in, "restart\n");
    fflush(dovecot.in);
    assert_true(core_until(c, is_failed, 10000));
    assert_true(core_until(c, is_ok, 30000));
    assert_int_equal(c->selected, 2);
    core_stop(c);
    assert_string_equal(server_ask(&dovecot, "ok", "flags second") != NULL ? "" : "x", "");
}

static void
throughput(void **state)
{
    const char *text = getenv("IMAP_ROLE_MAILS");
    size_t n = text != NULL ? (size_t)atoi(text) : 1000;
    Td__ImapSetup s = setup_for("tls");
    char line[64];
    struct core *c;
    int64_t begun;

    (void)state;
    need_dovecot();
    s.user = (char *)"second";
    (void)snprintf(line, sizeof line, "deliver second %zu 10240", n);
    server_ask(&dovecot, "ok", line);
    server_ask(&dovecot, "{", "flags second");          /* Dovecot's own index is not what is measured */
    begun = stream_now_ms();
    c = core_start(&s);
    want_settled = n;
    assert_true(core_until(c, is_settled, 60000));
    print_message("  %zu mails of 10 KiB over TLS, marked, in %d ms\n", c->mails, (int)(stream_now_ms() - begun));
    assert_true(c->fetching_largest <= IMAP_BATCH_MAILS);
    core_stop(c);
}

/* ---- the liar */
struct fake { struct server server; uint32_t port; };

static struct fake
fake_start(const char *mode, const char *count)
{
    const char *argv[] = { "python3", "tests/scenario/fake_imap.py", mode, count, NULL };
    struct fake f = { .server = server_start(argv) };
    char line[64];

    server_line(&f.server, line, sizeof line);
    f.port = (uint32_t)atoi(line);
    return f;
}

static void
lies(void **state)
{
    /* what core hears, with all three mails on the server */
    static const struct { const char *label, *mode, *tls, *auth, *secret; size_t mails; bool closed; const char *text; } rows[] = {
        { "an honest server", "good", "none", "login", "x", 3, false, "connected, waits in IDLE" },
        { "STARTTLS is not offered", "no-starttls", "starttls", "login", "x", 0, false, "localhost does not offer STARTTLS" },
        { "bytes after STARTTLS", "inject", "starttls", "login", "x", 0, false, "bytes after STARTTLS" },
        { "PREAUTH before STARTTLS", "preauth", "starttls", "login", "x", 0, false, "localhost greets us as known" },
        { "plain text where TLS should be", "good", "tls", "login", "x", 0, false, "TLS with localhost" },
        { "goodbye", "bye", "none", "login", "x", 0, false, "greeting: the server said goodbye: " },
        { "no capabilities", "no-capability", "none", "login", "x", 0, false, "the server does not say what it can do" },
        { "the connection ends in a literal, once", "cut-once", "none", "login", "x", 3, false, "connected" },
        { "the connection ends in a literal, always", "cut", "none", "login", "x", 1, true, "UID FETCH: the server closed the connection" },
        { "a size too small", "lie-small", "none", "login", "x", 3, false, "connected" },
        { "sizes too big", "lie-big", "none", "login", "x", 3, false, "connected" },
        { "a mail without text", "nil", "none", "login", "x", 2, true, "the server gives no text for UID 2" },
        { "a byte now and then", "drip", "none", "login", "x", 0, false, "UID SEARCH UID: the server took too long" },
        { "an answer without end", "flood", "none", "login", "x", 0, false, "UID SEARCH UID: the server sent more" },
        { "no keywords", "no-keyword", "none", "login", "x", 3, false, "connected, waits in IDLE; the server takes no keyword" },
        { "keywords promised and refused", "keyword-no", "none", "login", "x", 3, false, "connected" },
        { "lines before the + of IDLE", "noisy-idle", "none", "login", "x", 3, false, "connected" },
        { "answers nobody asked for", "unasked", "none", "login", "x", 3, false, "connected" },
        { "no UIDNEXT", "no-uidnext", "none", "login", "x", 3, false, "connected" },
        { "EXISTS in the packet of IDLE's +", "late-idle", "none", "login", "x", 4, false, "connected" },
        { "XOAUTH2 without SASL-IR", "oauth", "none", "xoauth2", "good", 3, false, "connected" },
        { "XOAUTH2 with a bad token", "oauth", "none", "xoauth2", "bad", 0, true, "login refused: [AUTHENTICATIONFAILED] token is not good" },
    };

    (void)state;
    if (access("tests/scenario/fake_imap.py", R_OK) != 0 || system("python3 -c ''") != 0)
        skip();
    for (size_t i = 0; i < countof(rows); i++) {
        struct fake f = fake_start(rows[i].mode, "3");
        Td__ImapSetup s = setup_for(rows[i].tls);
        struct core *c;
        bool good = strncmp(rows[i].text, "connected", 9) == 0;

        print_message("  %s\n", rows[i].label);
        s.port = f.port;
        s.auth = (char *)rows[i].auth;
        s.secret = (char *)rows[i].secret;
        s.command_timeout_s = 2;
        s.ca_file = NULL;
        c = core_start(&s);
        want_settled = rows[i].mails;
        assert_true(core_until(c, good ? is_settled_and_well : rows[i].closed ? is_closed : is_failed, 20000));
        if (c->mails != rows[i].mails || strncmp(c->text, rows[i].text, strlen(rows[i].text)) != 0)
            fail_msg("%zu mails, said: %s", c->mails, c->text);
        core_stop(c);
        server_stop(&f.server);
    }
}

static void
without_move(void **state)
{
    struct fake f = fake_start("no-move", "5");
    Td__ImapSetup s = setup_for("none");
    struct core *c;

    (void)state;
    s.port = f.port;
    s.secret = (char *)"x";
    s.move_to = (char *)"Done";
    c = core_start(&s);
    want_settled = 5;
    assert_true(core_until(c, is_settled, 10000));
    core_stop(c);
    assert_string_equal(server_ask(&f.server, "moved ", "moved"), "moved [1, 2, 3, 4, 5]\n");
    server_stop(&f.server);
}

static void
suspects_come_alone(void **state)
{
    struct fake f = fake_start("good", "20");
    Td__ImapSetup s = setup_for("none");
    uint64_t suspects[20];
    struct core *c;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        suspects[i] = i + 1;
    s.port = f.port;
    s.secret = (char *)"x";
    s.n_suspects = 20;
    s.suspects = suspects;
    c = core_start(&s);
    want_settled = 20;
    assert_true(core_until(c, is_settled, 10000));
    assert_int_equal(c->fetching_largest, 1);
    core_stop(c);
    server_stop(&f.server);
}

static void
core_that_does_not_answer_gets_no_more(void **state)
{
    struct fake f = fake_start("good", "700");
    Td__ImapSetup s = setup_for("none");
    struct core *c;

    (void)state;
    s.port = f.port;
    s.secret = (char *)"x";
    c = core_start(&s);
    c->silent = true;
    (void)core_until(c, never, 1500);
    assert_int_equal(c->mails, IMAP_SENT_MAX);
    assert_int_equal(c->settled, 0);
    core_stop(c);
    server_stop(&f.server);
}

static int
begin(void **state)
{
    const char *argv[] = { "python3", "tests/scenario/dovecot.py", NULL };
    struct role_exec x;
    char line[4096], error[256];

    (void)state;
    if (role_exec_open("imap", &x, error) != 0) {
        print_message("skipped: %s is not built\n", error);
        exit(0);
    }
    close(x.fd);
    if (access("/usr/sbin/dovecot", X_OK) != 0 || access(argv[1], R_OK) != 0)
        return 0;
    dovecot = server_start(argv);
    server_line(&dovecot, line, sizeof line);
    facts = json_loads(line, 0, NULL);
    return facts == NULL;
}

static int
end(void **state)
{
    (void)state;
    if (facts != NULL) {
        fclose(dovecot.in);             /* it stops at the end of its input, and cleans up */
        waitpid(dovecot.pid, NULL, 0);
        fclose(dovecot.out);
        json_decref(facts);
    }
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies), cmocka_unit_test(without_move), cmocka_unit_test(suspects_come_alone),
        cmocka_unit_test(core_that_does_not_answer_gets_no_more),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(ways_in), cmocka_unit_test(idle_sees_new_mail_at_once),
        cmocka_unit_test(a_folder_to_move_to), cmocka_unit_test(again_is_offered_again), cmocka_unit_test(a_mail_over_the_limit_comes_in_part),
        cmocka_unit_test(the_server_starts_again), cmocka_unit_test(throughput),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, begin, end);
}
