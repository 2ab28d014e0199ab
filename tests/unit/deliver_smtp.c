/* SPDX-License-Identifier: ISC
 *
 * The built role smtp against a scripted server (tests/scenario/smtp_sink.py): every stage that can fail, connections kept
 * and renewed, unknown ends, logins, certificates. Skipped where the role is not built or python3 or openssl is absent.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_core.h"

#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define LETTER "Subject: x\r\n\r\n.a dot\r\nhello\r\n"

static char dir[64], sink_path[512];

struct sink { pid_t pid; int control; unsigned port; char record[128]; };

static bool
run(const char *command)
{
    int rc = system(command);

    return WIFEXITED(rc) && WEXITSTATUS(rc) == 0;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st, (void)what, (void)ftw;
    return remove(path);
}

static int
remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* good.pem is for 127.0.0.1, name.pem for another name, other.pem an authority that signed neither. */
static int
make_dir(void **state)
{
    static const struct { const char *name, *alt; } certs[] = {
        { "good", "IP:127.0.0.1" }, { "name", "DNS:elsewhere.example" }, { "other", "DNS:other.example" },
    };
    char file[] = __FILE__, command[1024];

    (void)state;
    snprintf(sink_path, sizeof sink_path, "%s/../scenario/smtp_sink.py", dirname(file));
    strcpy(dir, "/tmp/ticketd-smtp-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    for (size_t i = 0; i < countof(certs); i++) {
        snprintf(command, sizeof command, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=%s -addext "
                 "subjectAltName=%s -keyout %s/%s.key -out %s/%s.pem >/dev/null 2>&1", certs[i].name, certs[i].alt, dir, certs[i].name, dir, certs[i].name);
        if (!run(command))
            fprintf(stderr, "no certificates: openssl is absent\n");
    }
    return 0;
}

/* `options` is split at blanks; "@good" stands for the certificate's options. */
static bool
sink_start(struct sink *s, const char *script, const char *options)
{
    static unsigned count;
    char *argv[32] = { (char *)"python3", sink_path, (char *)"--script", (char *)script, (char *)"--record", s->record }, text[512], *save = NULL, certs[4][128];
    size_t n = 6, c = 0;
    int in[2], out[2];
    char line[64] = "";

    snprintf(s->record, sizeof s->record, "%s/record%u", dir, count++);
    snprintf(text, sizeof text, "%s", options);
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        if (*word != '@') {
            argv[n++] = word;
            continue;
        }
        snprintf(certs[c], sizeof certs[c], "%s/%s.pem", dir, word + 1);
        argv[n++] = (char *)"--cert";
        argv[n++] = certs[c++];
        snprintf(certs[c], sizeof certs[c], "%s/%s.key", dir, word + 1);
        argv[n++] = (char *)"--key";
        argv[n++] = certs[c++];
    }
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execvp("python3", argv);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    s->control = in[1];
    for (size_t k = 0; k + 1 < sizeof line && read(out[0], line + k, 1) == 1 && line[k] != '\n'; k++)
        ;
    close(out[0]);
    return sscanf(line, "PORT %u", &s->port) == 1;
}

static void
sink_end(struct sink *s)
{
    close(s->control);
    waitpid(s->pid, NULL, 0);
}

/* How many recorded mails hold these words. */
static unsigned
recorded(const struct sink *s, const char *words)
{
    struct buf b = { 0 };
    unsigned n = 0;

    if (file_read(s->record, 1 << 20, &b) == 0)
        for (const char *p = b.data; (p = strstr(p, words)); p++)
            n++;
    buf_free(&b);
    return n;
}

static Td__RelaySetup
relay_to(const struct sink *s)
{
    Td__RelaySetup setup = TD__RELAY_SETUP__INIT;

    setup.transport = (char *)"smtp";
    setup.host = (char *)"127.0.0.1";
    setup.has_port = true;
    setup.port = s->port;
    setup.tls = (char *)"none";
    setup.auth = (char *)"none";
    setup.helo = (char *)"desk.example.com";
    setup.timeout_s = 2;
    return setup;
}

static const Td__SendOutcome *
send_letter(struct fake_core *core, const char *from, const char *to)
{
    static uint64_t letter;
    Td__SendJob job = TD__SEND_JOB__INIT;
    int fd = memfd_of("letter", LETTER, strlen(LETTER));
    const Td__Frame *f;
    struct frame in;

    job.letter = ++letter;
    job.envelope_from = (char *)from;
    job.recipient = (char *)to;
    fake_core_send(core, TD__FRAME__BODY_SEND_JOB, &job, &fd, 1);
    close(fd);
    f = fake_core_expect(core, TD__FRAME__BODY_SEND_OUTCOME, &in, 30000);
    assert_non_null(f);
    assert_int_equal(f->send_outcome->letter, letter);
    assert_string_equal(f->send_outcome->recipient, to);
    return f->send_outcome;
}

static bool
lane_start(struct fake_core *core, const Td__RelaySetup *setup)
{
    if (!fake_core_start(core, "smtp"))
        return false;
    fake_core_send(core, TD__FRAME__BODY_RELAY_SETUP, (void *)setup, NULL, 0);
    return true;
}

static const struct stage_row { const char *label, *script, *options; unsigned code; bool unknown, auth; const char *text; unsigned taken; } stages[] = {
    { "taken", "{}", "", 250, false, false, "250 2.0.0 taken as 1", 1 },
    { "greeting 554", "{\"connect\": \"554 5.7.1 no access\"}", "", 0, false, false, "554 5.7.1 no access", 0 },
    { "greeting 421", "{\"connect\": \"421 4.3.2 busy\"}", "", 421, false, false, "421 4.3.2 busy", 0 },
    { "greeting dropped", "{\"connect\": \"drop\"}", "", 0, false, false, "", 0 },
    { "greeting stalls", "{\"connect\": \"stall\"}", "", 0, false, false, "", 0 },
    { "EHLO 550", "{\"ehlo\": \"550 5.7.1 not you\"}", "", 0, false, false, "550 5.7.1 not you", 0 },
    { "EHLO dropped", "{\"ehlo\": \"drop\"}", "", 0, false, false, "", 0 },
    { "MAIL 451", "{\"mail\": \"451 4.3.0 later\"}", "", 451, false, false, "451 4.3.0 later", 0 },
    { "MAIL 550", "{\"mail\": \"550 5.7.1 not you\"}", "", 550, false, false, "550 5.7.1 not you", 0 },
    { "MAIL 530", "{\"mail\": \"530 5.7.0 log in first\"}", "", 530, false, true, "530 5.7.0 log in first", 0 },
    { "RCPT 421", "{\"rcpt\": \"421 4.3.2 closing\"}", "", 421, false, false, "421 4.3.2 closing", 0 },
    { "RCPT 451", "{\"rcpt\": \"451 4.2.0 grey\"}", "", 451, false, false, "451 4.2.0 grey", 0 },
    { "RCPT 550", "{\"rcpt\": \"550-5.1.1 nobody\\n550 5.1.1 here\"}", "", 550, false, false, "550 5.1.1 nobody 5.1.1 here", 0 },
    { "RCPT dropped", "{\"rcpt\": \"drop\"}", "", 0, false, false, "", 0 },
    { "RCPT stalls", "{\"rcpt\": \"stall\"}", "", 0, false, false, "", 0 },
    { "DATA 451", "{\"data\": \"451 4.3.0 later\"}", "", 451, false, false, "451 4.3.0 later", 0 },
    { "DATA 554", "{\"data\": \"554 5.7.1 no\"}", "", 554, false, false, "554 5.7.1 no", 0 },
    { "dot 451", "{\"dot\": \"451 4.3.0 later\"}", "", 451, false, false, "451 4.3.0 later", 0 },
    { "dot 554", "{\"dot\": \"554 5.6.0 spam\"}", "", 554, false, false, "554 5.6.0 spam", 0 },
    { "dot dropped", "{\"dot\": \"drop\"}", "", 0, true, false, "", 0 },
    { "dot stalls", "{\"dot\": \"stall\"}", "", 0, true, false, "", 0 },
};

static void
test_stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(stages); i++) {
        const struct stage_row *r = &stages[i];
        struct fake_core core;
        struct sink s;
        const Td__SendOutcome *o;
        struct timespec from, to;

        if (!sink_start(&s, r->script, r->options)) {
            sink_end(&s);
            skip();
        }
        Td__RelaySetup setup = relay_to(&s);

        if (!lane_start(&core, &setup)) {
            sink_end(&s);
            skip();
        }
        clock_gettime(CLOCK_MONOTONIC, &from);
        o = send_letter(&core, "desk@example.com", "ann@example.com");
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (o->code != r->code || o->unknown != r->unknown || (o->has_auth_failed && o->auth_failed) != r->auth || !strstr(o->text, r->text)
            || !*o->text || to.tv_sec - from.tv_sec > 4)
            fail_msg("%s: code %u unknown %d auth %d after %ld s: %s", r->label, o->code, o->unknown, o->auth_failed, to.tv_sec - from.tv_sec, o->text);
        assert_int_equal(recorded(&s, "\"taken\": true"), r->taken);
        assert_int_equal(fake_core_end(&core), 0);
        sink_end(&s);
    }
}

static void
test_after_each_failure_the_next_letter_goes(void **state)
{
    struct fake_core core;
    struct sink s;

    (void)state;
    if (!sink_start(&s, "{\"rcpt\": [\"550 5.1.1 no\", null, null, \"drop\", null], \"dot\": [null, \"stall\", null], \"mail\": [null, null, null, null, \"421 4.4.2 idle\"]}", "")) {
        sink_end(&s);
        skip();
    }
    Td__RelaySetup setup = relay_to(&s);

    if (!lane_start(&core, &setup)) {
        sink_end(&s);
        skip();
    }
    assert_int_equal(send_letter(&core, "", "a@example.com")->code, 550);
    assert_int_equal(send_letter(&core, "", "b@example.com")->code, 250);
    assert_true(send_letter(&core, "", "c@example.com")->unknown);
    assert_int_equal(send_letter(&core, "", "d@example.com")->code, 0);         /* dropped at RCPT on a new connection */
    assert_int_equal(send_letter(&core, "", "e@example.com")->code, 421);       /* the same: 421 to MAIL */
    assert_int_equal(send_letter(&core, "", "f@example.com")->code, 250);
    assert_int_equal(recorded(&s, "f@example.com"), 1);
    assert_int_equal(fake_core_end(&core), 0);
    sink_end(&s);
}

static void
test_connection_is_kept(void **state)
{
    struct fake_core core;
    struct sink s;

    (void)state;
    /* the sixth MAIL finds the relay closing: that letter goes over a new connection at once */
    if (!sink_start(&s, "{\"mail\": [null, null, null, null, null, \"421 4.4.2 idle\"]}", "")) {
        sink_end(&s);
        skip();
    }
    Td__RelaySetup setup = relay_to(&s);

    if (!lane_start(&core, &setup)) {
        sink_end(&s);
        skip();
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(send_letter(&core, i % 2 ? "" : "desk@example.com", "ann@example.com")->code, 250);
    assert_int_equal(recorded(&s, "\"connection\": 1,"), 5);
    assert_int_equal(recorded(&s, "\"connection\": 2,"), 5);
    assert_int_equal(recorded(&s, "\"from\": \"\""), 5);
    assert_int_equal(recorded(&s, "\"from\": \"desk@example.com\""), 5);
    assert_int_equal(recorded(&s, "\"data\": \"Subject: x\\r\\n\\r\\n.a dot\\r\\nhello\\r\\n\""), 10);
    assert_int_equal(recorded(&s, "SIZE="), 10);
    assert_int_equal(fake_core_end(&core), 0);
    sink_end(&s);
}

static const struct secure_row {
    const char *label, *options, *tls, *ca, *auth, *user, *secret;
    unsigned code; bool auth_failed; const char *mark;  /* stands in the record; NULL: nothing was taken, no login was sent */
} secures[] = {
    { "starttls", "--tls starttls @good", "starttls", "good", "none", NULL, NULL, 250, false, "\"tls\": true" },
    { "tls", "--tls tls @good", "tls", "good", "none", NULL, NULL, 250, false, "\"tls\": true" },
    { "starttls is not offered", "", "starttls", "good", "none", NULL, NULL, 0, false, NULL },
    { "unknown authority, starttls", "--tls starttls @good", "starttls", "other", "none", NULL, NULL, 0, false, NULL },
    { "unknown authority, tls", "--tls tls @good", "tls", "other", "none", NULL, NULL, 0, false, NULL },
    { "default authorities", "--tls tls @good", "tls", NULL, "none", NULL, NULL, 0, false, NULL },
    { "wrong name, starttls", "--tls starttls @name", "starttls", "name", "none", NULL, NULL, 0, false, NULL },
    { "wrong name, tls", "--tls tls @name", "tls", "name", "none", NULL, NULL, 0, false, NULL },
    { "plain", "--tls tls @good --auth plain,login", "tls", "good", "plain", "user", "secret", 250, false, "\"auth\": \"PLAIN\"" },
    { "login", "--tls tls @good --auth plain,login", "tls", "good", "login", "user", "secret", 250, false, "\"auth\": \"LOGIN\"" },
    { "xoauth2", "--tls starttls @good --auth plain,xoauth2", "starttls", "good", "xoauth2", "user", "secret", 250, false, "\"auth\": \"XOAUTH2\"" },
    { "wrong password", "--tls tls @good --auth plain", "tls", "good", "plain", "user", "guess", 535, true, NULL },
    { "wrong token", "--tls tls @good --auth xoauth2", "tls", "good", "xoauth2", "user", "guess", 535, true, NULL },
    { "mechanism is not offered", "--tls tls @good --auth login", "tls", "good", "plain", "user", "secret", 0, true, NULL },
};

static void
test_security(void **state)
{
    char ca[128];

    (void)state;
    snprintf(ca, sizeof ca, "%s/good.pem", dir);
    if (access(ca, R_OK) != 0)
        skip();
    for (size_t i = 0; i < countof(secures); i++) {
        const struct secure_row *r = &secures[i];
        const Td__SendOutcome *o;
        struct fake_core core;
        struct sink s;

        if (!sink_start(&s, "{}", r->options)) {
            sink_end(&s);
            skip();
        }
        Td__RelaySetup setup = relay_to(&s);

        snprintf(ca, sizeof ca, "%s/%s.pem", dir, r->ca ? r->ca : "");
        setup.tls = (char *)r->tls;
        setup.ca_file = r->ca ? ca : NULL;
        setup.auth = (char *)r->auth;
        setup.user = (char *)r->user;
        setup.secret = (char *)r->secret;
        if (!lane_start(&core, &setup)) {
            sink_end(&s);
            skip();
        }
        o = send_letter(&core, "desk@example.com", "ann@example.com");
        if (o->code != r->code || o->unknown || (o->has_auth_failed && o->auth_failed) != r->auth_failed
            || recorded(&s, r->mark ? r->mark : "taken") != (r->mark != NULL))
            fail_msg("%s: code %u auth %d: %s", r->label, o->code, o->auth_failed, o->text);
        assert_int_equal(fake_core_end(&core), 0);
        sink_end(&s);
    }
}

static void
test_addresses(void **state)
{
    static const struct { const char *label, *from, *to, *options; unsigned code; unsigned taken; } rows[] = {
        { "CRLF in the recipient", "a@b.example", "c@d.example>\r\nRCPT TO:<e@f.example", "", 553, 0 },
        { "CRLF in the sender", "a@b.example\r\nX", "c@d.example", "", 553, 0 },
        { "no address", "", "", "", 553, 0 },
        { "UTF-8, not offered", "", "j\xc3\xb6rg@d.example", "", 553, 0 },
        { "UTF-8, offered", "", "j\xc3\xb6rg@d.example", "--smtputf8", 250, 1 },
        { "domain outside ASCII goes as ASCII", "", "c@b\xc3\xbc" "cher.example", "", 250, 1 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        const Td__SendOutcome *o;
        struct fake_core core;
        struct sink s;

        if (!sink_start(&s, "{}", rows[i].options)) {
            sink_end(&s);
            skip();
        }
        Td__RelaySetup setup = relay_to(&s);

        if (!lane_start(&core, &setup)) {
            sink_end(&s);
            skip();
        }
        o = send_letter(&core, rows[i].from, rows[i].to);
        if (o->code != rows[i].code || recorded(&s, "\"taken\": true") != rows[i].taken)
            fail_msg("%s: code %u: %s", rows[i].label, o->code, o->text);
        if (strstr(rows[i].to, "cher.example"))
            assert_int_equal(recorded(&s, "c@xn--bcher-kva.example"), 1);
        o = send_letter(&core, "", "next@d.example");           /* the lane is fit for the next */
        assert_int_equal(o->code, 250);
        assert_int_equal(fake_core_end(&core), 0);
        sink_end(&s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stages), cmocka_unit_test(test_after_each_failure_the_next_letter_goes), cmocka_unit_test(test_connection_is_kept),
        cmocka_unit_test(test_security), cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
