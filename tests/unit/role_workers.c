/* SPDX-License-Identifier: ISC
 *
 * The two workers as core meets them: the built executables parse and compose, spawned over a socket pair, locked, given
 * jobs. Without the executables beside this test (libexec/ticketd) the tests are skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/role.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define WAIT_MS 60000
#define GENERATION 7

/* ---- a worker */

static struct role_child
start(const char *role)
{
    struct role_exec x;
    struct role_child c;
    char error[256];

    if (role_exec_open(role, &x, error) != 0) {
        print_message("skipped, not built: %s\n", error);
        skip();
    }
    assert_int_equal(role_spawn(&x, role, &c), 0);
    close(x.fd);
    return c;
}

static void
wait_frame(const struct role_child *c, struct arena *a, struct frame *f)
{
    struct pollfd p = { .fd = c->fd, .events = POLLIN };
    enum frame_rc rc;

    do {
        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        rc = frame_receive(c->fd, a, f);
    } while (rc == FRAME_AGAIN);
    assert_int_equal(rc, FRAME_OK);
}

static void
hello(const struct role_child *c, const char *role)
{
    struct arena *a = arena_new(1 << 20);
    struct frame f;

    wait_frame(c, a, &f);
    assert_true(role_hello_ok(f.body, role));
    frame_close(&f);
    arena_free(&a);
}

static int
exit_code(const struct role_child *c)
{
    siginfo_t info = { 0 };

    assert_int_equal(waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOWAIT), 0);
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

/* The lock as the kernel sees it. */
static void
check_locked(const struct role_child *c)
{
    char path[64], line[256];
    FILE *f;
    int seen = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)c->pid);
    f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        seen += strcmp(line, "Seccomp:\t2\n") == 0 || strcmp(line, "NoNewPrivs:\t1\n") == 0;
    fclose(f);
    assert_int_equal(seen, 2);
}

/* ---- parse */

static struct role_child
start_parse(char **patterns, size_t n, char *authserv, struct arena *a, struct frame *ready)
{
    struct role_child c = start("parse");
    Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    hello(&c, "parse");
    setup.generation = GENERATION;
    for (size_t i = 0; i < n; i++) {
        Td__Pattern *p = schema_new(a, &td__pattern__descriptor);

        p->regex = patterns[i];
        p->origin = (char *)"ticketd.conf:1";
        arena_push(a, &setup.patterns, &setup.n_patterns, p);
    }
    if (authserv != NULL)
        arena_push(a, &setup.authserv, &setup.n_authserv, authserv);
    setup.max_mail = 50u << 20;
    setup.max_headers = 1000;
    setup.max_header_len = 64u << 10;
    setup.max_parts = 500;
    setup.max_depth = 20;
    setup.max_text = 4u << 20;
    frame.body_case = TD__FRAME__BODY_PARSE_SETUP;
    frame.parse_setup = &setup;
    assert_int_equal(frame_send(c.fd, &frame, NULL, 0), FRAME_OK);
    wait_frame(&c, a, ready);
    assert_int_equal(ready->body->body_case, TD__FRAME__BODY_PARSE_READY);
    assert_int_equal(ready->body->parse_ready->generation, GENERATION);
    return c;
}

static void
send_parse(const struct role_child *c, Td__ParseJob *job, int fd)
{
    Td__Frame frame = TD__FRAME__INIT;

    frame.body_case = TD__FRAME__BODY_PARSE_JOB;
    frame.parse_job = job;
    assert_int_equal(frame_send(c->fd, &frame, &fd, 1), FRAME_OK);
}

static Td__Message *
wait_answer(const struct role_child *c, uint64_t job, Td__ParseAnswer__Stage stage, struct arena *a)
{
    struct frame f;
    Td__ParseAnswer *answer;

    wait_frame(c, a, &f);
    assert_int_equal(f.body->body_case, TD__FRAME__BODY_PARSE_ANSWER);
    answer = f.body->parse_answer;
    assert_int_equal(answer->job, job);
    assert_int_equal(answer->stage, stage);
    assert_int_equal(answer->generation, GENERATION);
    frame_close(&f);
    return answer->message;
}

/* Both answers to one mail; the second is returned. */
static Td__Message *
parse(const struct role_child *c, uint64_t id, const void *bytes, size_t len, struct arena *a)
{
    Td__ParseJob job = TD__PARSE_JOB__INIT;
    int fd = memfd_of("mail", bytes, len);

    assert_true(fd >= 0);
    job.job = id;
    send_parse(c, &job, fd);
    close(fd);
    assert_non_null(wait_answer(c, id, TD__PARSE_ANSWER__STAGE__WHO, a));
    return wait_answer(c, id, TD__PARSE_ANSWER__STAGE__REST, a);
}

static const char mail[] =
    "Authentication-Results: mx.one.example; dmarc=pass header.from=example.org\r\n"
    "Received: from a by mx.one.example; Tue, 10 Mar 2026 10:00:00 +0000\r\n"
    "From: Anna <anna@example.org>\r\nTo: support@example.com\r\nSubject: The SYSTEM is down\r\n"
    "Message-ID: <1@example.org>\r\nDate: Tue, 10 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nWe cannot work, gr\xfc\xdf" "e.\r\n"
    "--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Disposition: attachment; filename=a.bin\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAECA/8=\r\n--b--\r\n";

static void
parse_answers_twice(void **state)
{
    char *patterns[] = { (char *)"system is down", (char *)"ab(c", (char *)"cannot\\s+work", (char *)"never there" };
    struct arena *a = arena_new(64u << 20);
    Td__ParseJob job = TD__PARSE_JOB__INIT;
    struct frame ready;
    struct role_child c = start_parse(patterns, countof(patterns), NULL, a, &ready);
    Td__ParseReady *r = ready.body->parse_ready;
    Td__Message *m;
    int fd;

    (void)state;
    assert_int_equal(r->n_errors, 1);
    assert_int_equal(r->errors[0]->pattern, 1);
    assert_int_equal(r->errors[0]->offset, 4);
    assert_non_null(strstr(r->errors[0]->message, "parenthesis"));
    check_locked(&c);
    frame_close(&ready);

    fd = memfd_of("mail", mail, sizeof mail - 1);
    job.job = 41;
    send_parse(&c, &job, fd);
    m = wait_answer(&c, 41, TD__PARSE_ANSWER__STAGE__WHO, a);
    assert_string_equal(m->from->addr, "anna@example.org");
    assert_string_equal(m->message_id, "1@example.org");
    assert_int_equal(m->n_hits, 0);
    m = wait_answer(&c, 41, TD__PARSE_ANSWER__STAGE__REST, a);
    assert_string_equal(m->from->addr, "anna@example.org");
    assert_string_equal(m->subject, "The SYSTEM is down");
    assert_non_null(strstr(m->text, "grüße"));
    assert_int_equal(m->n_hits, 2);
    assert_int_equal(m->hits[0]->pattern, 0);
    assert_int_equal(m->hits[0]->where, TD__CASE_REF__WHERE__SUBJECT);
    assert_string_equal(m->hits[0]->words, "SYSTEM is down");
    assert_int_equal(m->hits[1]->pattern, 2);
    assert_int_equal(m->hits[1]->where, TD__CASE_REF__WHERE__TEXT);

    /* header only: one answer; the next frame belongs to the next job */
    job.job = 42;
    job.has_header_only = job.header_only = 1;
    send_parse(&c, &job, fd);
    job.job = 43;
    send_parse(&c, &job, fd);
    assert_string_equal(wait_answer(&c, 42, TD__PARSE_ANSWER__STAGE__WHO, a)->from->addr, "anna@example.org");
    wait_answer(&c, 43, TD__PARSE_ANSWER__STAGE__WHO, a);
    close(fd);
    role_child_close(&c);
    arena_free(&a);
}

static void
a_job_brings_its_own_authserv(void **state)
{
    struct arena *a = arena_new(64u << 20);
    char *other[] = { (char *)"mx.two.example" };
    Td__ParseJob job = TD__PARSE_JOB__INIT;
    struct frame ready;
    struct role_child c = start_parse(NULL, 0, (char *)"mx.one.example", a, &ready);
    int fd = memfd_of("mail", mail, sizeof mail - 1);
    Td__Message *m;

    (void)state;
    job.job = 1;
    job.has_header_only = job.header_only = 1;
    send_parse(&c, &job, fd);
    m = wait_answer(&c, 1, TD__PARSE_ANSWER__STAGE__WHO, a);
    assert_int_equal(m->n_auth_results, 1);
    assert_true(m->auth_results[0]->trusted);
    job.job = 2;
    job.authserv = other;
    job.n_authserv = 1;
    send_parse(&c, &job, fd);
    m = wait_answer(&c, 2, TD__PARSE_ANSWER__STAGE__WHO, a);
    assert_int_equal(m->n_auth_results, 1);
    assert_false(m->auth_results[0]->trusted);
    /* and the setup's is back for the next one */
    job.job = 3;
    job.n_authserv = 0;
    send_parse(&c, &job, fd);
    assert_true(wait_answer(&c, 3, TD__PARSE_ANSWER__STAGE__WHO, a)->auth_results[0]->trusted);
    close(fd);
    frame_close(&ready);
    role_child_close(&c);
    arena_free(&a);
}

static void
send_extract(const struct role_child *c, uint64_t id, uint32_t part, int fd)
{
    Td__ExtractJob job = TD__EXTRACT_JOB__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    job.job = id;
    job.parts = &part;
    job.n_parts = 1;
    frame.body_case = TD__FRAME__BODY_EXTRACT_JOB;
    frame.extract_job = &job;
    assert_int_equal(frame_send(c->fd, &frame, &fd, 1), FRAME_OK);
}

static void
parts_are_extracted(void **state)
{
    struct arena *a = arena_new(64u << 20);
    struct frame ready, f;
    struct role_child c = start_parse(NULL, 0, NULL, a, &ready);
    Td__Message *m = parse(&c, 1, mail, sizeof mail - 1, a);
    int fd = memfd_of("mail", mail, sizeof mail - 1);
    struct memfd_map map;

    (void)state;
    assert_int_equal(m->n_attachments, 1);
    assert_int_equal(m->attachments[0]->size, 5);
    send_extract(&c, 2, m->attachments[0]->part, fd);
    wait_frame(&c, a, &f);
    assert_int_equal(f.body->body_case, TD__FRAME__BODY_EXTRACT_ANSWER);
    assert_int_equal(f.body->extract_answer->job, 2);
    assert_true(f.body->extract_answer->found);
    assert_int_equal(f.n_fds, 1);
    assert_true(memfd_map(f.fds[0], 1 << 20, &map));
    assert_int_equal(map.len, 5);
    assert_memory_equal(map.bytes, "\x00\x01\x02\x03\xff", 5);
    memfd_unmap(&map);
    frame_close(&f);
    send_extract(&c, 3, 999, fd);
    wait_frame(&c, a, &f);
    assert_int_equal(f.body->extract_answer->job, 3);
    assert_false(f.body->extract_answer->found);
    assert_int_equal(f.n_fds, 0);
    frame_close(&f);
    frame_close(&ready);
    close(fd);
    role_child_close(&c);
    arena_free(&a);
}

/* Whatever it is given, a worker answers twice and goes on. */
static void
hostile_mail_is_answered(void **state)
{
    static const struct { const char *label; size_t len; char fill; const char *head; bool unparsed; } rows[] = {
        { "nothing", 0, 0, "", false },
        { "one byte", 1, 'x', "", false },
        { "50 MB of zeros", 50000000, '\0', "", false },
        { "a header line of 1 MiB", 1 << 20, 'a', "Subject: ", false },
        { "20 MB of blanks", 20000000, ' ', "From: a@b.example\n\n", false },
        { "over the parse limit", (50u << 20) + 1, 'x', "From: a@b.example\nSubject: large\n\n", true },
        { "an intake's largest", 150u << 20, '\n', "From: a@b.example\n\n", true },
    };
    struct arena *a = arena_new(256u << 20);
    char *patterns[] = { (char *)"\\s*down" };
    struct frame ready;
    struct role_child c = start_parse(patterns, 1, NULL, a, &ready);
    Td__Message *m;

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        size_t head = strlen(rows[i].head);
        char *bytes = malloc(rows[i].len + head + 1);

        print_message("%s\n", rows[i].label);
        assert_non_null(bytes);
        memcpy(bytes, rows[i].head, head);
        memset(bytes + head, rows[i].fill, rows[i].len);
        m = parse(&c, i, bytes, rows[i].len + head, a);
        assert_int_equal(m->has_unparsed && m->unparsed, rows[i].unparsed);
        if (head > 0 && strncmp(rows[i].head, "From", 4) == 0)
            assert_string_equal(m->from->addr, "a@b.example");
        free(bytes);
    }
    m = parse(&c, 99, mail, sizeof mail - 1, a);
    assert_string_equal(m->subject, "The SYSTEM is down");
    frame_close(&ready);
    role_child_close(&c);
    arena_free(&a);
}

static void
a_mail_that_is_not_sealed_is_not_read(void **state)
{
    struct arena *a = arena_new(64u << 20);
    Td__ParseJob job = TD__PARSE_JOB__INIT;
    struct frame ready;
    struct role_child c = start_parse(NULL, 0, NULL, a, &ready);
    int fd = memfd_make("open");
    Td__Message *m;

    (void)state;
    assert_int_equal(full_write(fd, mail, sizeof mail - 1), 0);
    job.job = 5;
    send_parse(&c, &job, fd);
    wait_answer(&c, 5, TD__PARSE_ANSWER__STAGE__WHO, a);
    m = wait_answer(&c, 5, TD__PARSE_ANSWER__STAGE__REST, a);
    assert_true(m->has_unparsed && m->unparsed);
    assert_null(m->from);
    assert_int_equal(m->n_warnings, 1);
    close(fd);
    frame_close(&ready);
    role_child_close(&c);
    arena_free(&a);
}

static void
a_frame_out_of_place_ends_a_worker(void **state)
{
    static const char *const roles[] = { "parse", "compose" };

    (void)state;
    for (size_t i = 0; i < countof(roles); i++) {
        struct role_child c = start(roles[i]);
        Td__Frame frame = TD__FRAME__INIT;
        Td__TokenNeed need = TD__TOKEN_NEED__INIT;

        hello(&c, roles[i]);
        need.name = (char *)"x";
        frame.body_case = TD__FRAME__BODY_TOKEN_NEED;
        frame.token_need = &need;
        assert_int_equal(frame_send(c.fd, &frame, NULL, 0), FRAME_OK);
        assert_int_equal(exit_code(&c), EX_PROTOCOL);
        role_child_close(&c);
    }
}

/* ---- compose */

static void
letter_init(Td__Letter *l, Td__Address *from, Td__Address **to)
{
    td__letter__init(l);
    l->id = 12;
    l->kind = TD__LETTER__KIND__ACK;
    l->desk = (char *)"support";
    l->from = from;
    l->to = to;
    l->n_to = 1;
    l->subject = (char *)"[CAS-00001-9LGW] Störung";
    l->message_id = (char *)"12.1.x@example.com";
    l->date = 1773136800;
    l->text = (char *)"Grüße\n";
    l->html = (char *)"<p>Grüße</p>\n";
}

static void
compose(const struct role_child *c, Td__Letter *l, struct arena *a, struct frame *f)
{
    Td__ComposeJob job = TD__COMPOSE_JOB__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    job.letter = l;
    frame.body_case = TD__FRAME__BODY_COMPOSE_JOB;
    frame.compose_job = &job;
    assert_int_equal(frame_send(c->fd, &frame, NULL, 0), FRAME_OK);
    wait_frame(c, a, f);
    assert_int_equal(f->body->body_case, TD__FRAME__BODY_COMPOSE_ANSWER);
    assert_int_equal(f->body->compose_answer->letter, l->id);
}

static void
compose_renders(void **state)
{
    struct arena *a = arena_new(64u << 20);
    Td__Address address = TD__ADDRESS__INIT, *to[] = { &address };
    Td__Letter l;
    struct role_child c[2] = { start("compose"), start("compose") };
    struct memfd_map map[2];
    struct frame f[2];
    struct buf text = { 0 };

    (void)state;
    address.name = (char *)"Jörg";
    address.addr = (char *)"a@b.example";
    for (size_t i = 0; i < 2; i++) {
        hello(&c[i], "compose");
        letter_init(&l, &address, to);
        compose(&c[i], &l, a, &f[i]);
        check_locked(&c[i]);
        assert_null(f[i].body->compose_answer->error);
        assert_int_equal(f[i].n_fds, 1);
        assert_true(memfd_map(f[i].fds[0], 1 << 20, &map[i]));
    }
    assert_memory_equal(map[0].bytes, "Date: Tue, 10 Mar 2026 10:00:00 +0000\r\n", 39);
    assert_int_equal(map[0].len, map[1].len);
    assert_memory_equal(map[0].bytes, map[1].bytes, map[0].len);
    for (size_t i = 0; i < 2; i++) {
        memfd_unmap(&map[i]);
        frame_close(&f[i]);
    }

    l.subject = (char *)"a\nX-Evil: 1";
    compose(&c[0], &l, a, &f[0]);
    assert_non_null(f[0].body->compose_answer->error);
    assert_int_equal(f[0].n_fds, 0);
    frame_close(&f[0]);

    /* too large for a datagram, a domain that needs Unicode tables, every kind of encoding */
    letter_init(&l, &address, to);
    for (size_t i = 0; i < 40000; i++)
        buf_puts(&text, "Eine Zeile Text, grün.\n");
    l.text = text.data;
    address.addr = (char *)"a@bücher.example";
    l.subject = (char *)"日本語";
    compose(&c[0], &l, a, &f[0]);
    assert_null(f[0].body->compose_answer->error);
    assert_true(memfd_map(f[0].fds[0], 16 << 20, &map[0]));
    assert_true(map[0].len > text.len);
    memfd_unmap(&map[0]);
    frame_close(&f[0]);
    buf_free(&text);
    role_child_close(&c[0]);
    role_child_close(&c[1]);
    arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_answers_twice), cmocka_unit_test(a_job_brings_its_own_authserv), cmocka_unit_test(parts_are_extracted),
        cmocka_unit_test(hostile_mail_is_answered), cmocka_unit_test(a_mail_that_is_not_sealed_is_not_read),
        cmocka_unit_test(a_frame_out_of_place_ends_a_worker), cmocka_unit_test(compose_renders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
