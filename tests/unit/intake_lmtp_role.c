/* SPDX-License-Identifier: ISC
 *
 * The built role lmtp between clients on real sockets and a core played by the test: mails, late answers, a core that reads
 * nothing, connections that break, too many of them, idle ones.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_core.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define OPEN "LHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"
#define NEXT "MAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"

struct server { struct fake_core core; struct sockaddr_in tcp; struct sockaddr_un local; };

static bool
server_start(struct server *s, unsigned max_connections, unsigned idle_s, uint64_t max_mail)
{
    char *support = (char *)"support@example.com", *sales = (char *)"sales@example.com";
    Td__LmtpDesk one = TD__LMTP_DESK__INIT, two = TD__LMTP_DESK__INIT, *desks[] = { &one, &two };
    Td__LmtpSetup setup = TD__LMTP_SETUP__INIT;
    int fds[2] = { socket(AF_INET, SOCK_STREAM, 0), socket(AF_UNIX, SOCK_STREAM, 0) };
    socklen_t len = sizeof s->tcp;

    if (!fake_core_start(&s->core, "lmtp")) {
        close(fds[0]), close(fds[1]);
        return false;
    }
    s->tcp = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    s->local = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(s->local.sun_path, sizeof s->local.sun_path, "/tmp/ticketd-lmtp-%d", (int)getpid());
    unlink(s->local.sun_path);
    assert_int_equal(bind(fds[0], (struct sockaddr *)&s->tcp, sizeof s->tcp), 0);
    assert_int_equal(getsockname(fds[0], (struct sockaddr *)&s->tcp, &len), 0);
    assert_int_equal(bind(fds[1], (struct sockaddr *)&s->local, sizeof s->local), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(listen(fds[i], 512), 0);
    one.desk = (char *)"support", one.addresses = &support, one.n_addresses = 1;
    two.desk = (char *)"sales", two.addresses = &sales, two.n_addresses = 1;
    setup.hostname = (char *)"mx.example.com";
    setup.desks = desks;
    setup.n_desks = 2;
    setup.max_mail = max_mail;
    setup.max_connections = max_connections;
    setup.idle_s = idle_s;
    fake_core_send(&s->core, TD__FRAME__BODY_LMTP_SETUP, &setup, fds, 2);
    close(fds[0]), close(fds[1]);
    return true;
}

static void
server_end(struct server *s)
{
    unlink(s->local.sun_path);
    assert_int_equal(fake_core_end(&s->core), 0);
}

static int
client_open(const struct server *s, bool local)
{
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = { .tv_sec = 20 };

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(local ? connect(fd, (const struct sockaddr *)&s->local, sizeof s->local)
                           : connect(fd, (const struct sockaddr *)&s->tcp, sizeof s->tcp), 0);
    return fd;
}

static void
say(int fd, const char *text)
{
    assert_int_equal(full_write(fd, text, strlen(text)), 0);
}

/* Reads until `until` stands at the end of what came, or the end; what came is borrowed until the next call. */
static const char *
hear(int fd, const char *until)
{
    static char text[65536];
    size_t len = 0, want = strlen(until);
    ssize_t n;

    text[0] = '\0';
    while (len + 1 < sizeof text && (n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0) {
        len += (size_t)n;
        text[len] = '\0';
        if (len >= want && want && strcmp(text + len - want, until) == 0)
            break;
    }
    return text;
}

#define assert_hears(fd, end) do { const char *h_ = hear(fd, end); if (!strstr(h_, end)) fail_msg("heard %s", h_); } while (0)
#define GO_ON "354 send the mail, end with CRLF.CRLF\r\n"

static uint64_t
expect_mail(struct server *s, const char *desk, const char *bytes, size_t recipients)
{
    struct frame in;
    struct memfd_map map;
    const Td__Frame *f = fake_core_expect(&s->core, TD__FRAME__BODY_MAIL_IN, &in, 10000);

    assert_non_null(f);
    assert_string_equal(f->mail_in->desk, desk);
    assert_string_equal(f->mail_in->envelope_from, "a@b.example");
    assert_int_equal(f->mail_in->n_recipients, recipients);
    assert_true(memfd_map(in.fds[0], 1 << 20, &map));
    assert_int_equal(map.len, strlen(bytes));
    assert_memory_equal(map.bytes, bytes, map.len);
    memfd_unmap(&map);
    frame_close(&in);
    return f->mail_in->seq;
}

static void
test_mails(void **state)
{
    struct server s;
    struct frame in;
    int one, two;
    uint64_t a, b;

    (void)state;
    if (!server_start(&s, 10, 60, 1000))
        skip();
    assert_non_null(fake_core_expect(&s.core, TD__FRAME__BODY_INTAKE_STATE, &in, 10000));
    one = client_open(&s, false);
    two = client_open(&s, true);
    say(one, OPEN "one\r\n.\r\n");
    a = expect_mail(&s, "support", "one\r\n", 1);
    say(two, "LHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sales@example.com>\r\nRCPT TO:<no@example.com>\r\nRCPT TO:<support@example.com>\r\n"
             "RCPT TO:<sales+x@example.com>\r\nDATA\r\ntwo\r\n.\r\n");
    assert_hears(two, GO_ON);
    b = expect_mail(&s, "support", "two\r\n", 1);
    fake_core_answer(&s.core, b, false, 452, "4.3.1", "full");
    b = expect_mail(&s, "sales", "two\r\n", 2);
    fake_core_answer(&s.core, b, true, 250, "2.6.0", "sold");
    assert_string_equal(hear(two, "250 2.6.0 sold\r\n452 4.3.1 full\r\n250 2.6.0 sold\r\n"), "250 2.6.0 sold\r\n452 4.3.1 full\r\n250 2.6.0 sold\r\n");
    assert_hears(one, GO_ON);
    fake_core_answer(&s.core, a, false, 250, "2.0.0", "a lie");         /* not durable: never 250 */
    assert_string_equal(hear(one, "later\r\n"), "451 4.3.0 try again later\r\n");
    say(one, "QUIT\r\n");
    assert_string_equal(hear(one, ""), "221 2.0.0 goodbye\r\n");
    close(one), close(two);
    server_end(&s);
}

static void
test_break_and_half_close(void **state)
{
    struct server s;
    int one, two;
    uint64_t a;

    (void)state;
    if (!server_start(&s, 10, 60, 1000))
        skip();
    one = client_open(&s, true);
    say(one, OPEN "one\r\n.\r\n");
    a = expect_mail(&s, "support", "one\r\n", 1);
    close(one);                                 /* while core thinks */
    two = client_open(&s, false);
    say(two, OPEN "two\r\n.\r\nQUIT\r\n");
    shutdown(two, SHUT_WR);                     /* as netcat does; the replies still come */
    fake_core_answer(&s.core, a, true, 250, "2.0.0", "nobody hears this");
    fake_core_answer(&s.core, expect_mail(&s, "support", "two\r\n", 1), true, 250, "2.0.0", "taken");
    assert_hears(two, "250 2.0.0 taken\r\n221 2.0.0 goodbye\r\n");
    close(two);
    server_end(&s);
}

static void
test_connections(void **state)
{
    struct server s;
    int fds[4];

    (void)state;
    if (!server_start(&s, 3, 2, 1000))
        skip();
    for (int i = 0; i < 3; i++) {
        fds[i] = client_open(&s, i % 2);
        assert_hears(fds[i], "220 mx.example.com LMTP ticketd\r\n");
    }
    fds[3] = client_open(&s, false);
    assert_string_equal(hear(fds[3], ""), "421 4.3.2 too many connections\r\n");
    assert_string_equal(hear(fds[0], ""), "421 4.4.2 idle for too long\r\n");    /* after two seconds */
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    fds[0] = client_open(&s, false);            /* there is room again */
    assert_hears(fds[0], "220 mx.example.com LMTP ticketd\r\n");
    close(fds[0]);
    server_end(&s);
}

/* Core reads nothing while hundreds of mails come in: others are still served, then all arrive. */
static void
test_slow_core(void **state)
{
    enum { CLIENTS = 400 };
    static int fds[CLIENTS];
    struct server s;
    int other;

    (void)state;
    if (!server_start(&s, CLIENTS + 10, 60, 1000))
        skip();
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_open(&s, true);
        say(fds[i], OPEN "x\r\n.\r\n" NEXT "y\r\n.\r\n");
    }
    other = client_open(&s, false);
    say(other, "NOOP\r\n");
    assert_hears(other, "250 2.0.0 ok\r\n");
    for (int i = 0; i < 2 * CLIENTS; i++) {
        struct frame in;
        const Td__Frame *f = fake_core_expect(&s.core, TD__FRAME__BODY_MAIL_IN, &in, 10000);

        assert_non_null(f);
        fake_core_answer(&s.core, f->mail_in->seq, true, 250, "2.0.0", "taken");
        frame_close(&in);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_hears(fds[i], GO_ON "250 2.0.0 taken\r\n");
        close(fds[i]);
    }
    close(other);
    server_end(&s);
}

static void
test_large(void **state)
{
    enum { SIZE = 3000000 };
    struct server s;
    struct frame in;
    const Td__Frame *f;
    char *mail = malloc(SIZE + 1);
    int fd;

    (void)state;
    if (!server_start(&s, 3, 60, SIZE)) {
        free(mail);
        skip();
    }
    for (size_t i = 0; i < SIZE; i++)
        mail[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'm';
    fd = client_open(&s, false);
    say(fd, OPEN);
    assert_int_equal(full_write(fd, mail, SIZE - SIZE % 64), 0);
    say(fd, ".\r\n" NEXT);
    f = fake_core_expect(&s.core, TD__FRAME__BODY_MAIL_IN, &in, 10000);
    assert_non_null(f);
    assert_int_equal(memfd_size(in.fds[0]), SIZE - SIZE % 64);
    frame_close(&in);
    fake_core_answer(&s.core, f->mail_in->seq, true, 250, "2.0.0", "taken");
    assert_hears(fd, "250 2.0.0 taken\r\n250 2.1.0 sender noted\r\n250 2.1.5 recipient noted\r\n" GO_ON);
    assert_int_equal(full_write(fd, mail, SIZE - SIZE % 64), 0);
    assert_int_equal(full_write(fd, mail, SIZE - SIZE % 64), 0);
    say(fd, ".\r\n");
    assert_hears(fd, "552 5.3.4 the mail is larger than what is taken here\r\n");
    close(fd);
    free(mail);
    server_end(&s);
}

/* Replies must not wait for each other's acknowledgement: forty mails would take forty times 40 ms. */
static void
test_no_delay(void **state)
{
    struct server s;
    struct timespec from, to;
    int fd;

    (void)state;
    if (!server_start(&s, 3, 60, 1000))
        skip();
    fd = client_open(&s, false);
    say(fd, "LHLO c\r\n");
    assert_hears(fd, "250 SIZE 1000\r\n");
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 40; i++) {
        say(fd, NEXT "x\r\n.\r\n");
        fake_core_answer(&s.core, expect_mail(&s, "support", "x\r\n", 1), true, 250, "2.0.0", "taken");
        assert_hears(fd, "250 2.0.0 taken\r\n");
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 < 1200);
    close(fd);
    server_end(&s);
}

static void
test_nonsense_from_core(void **state)
{
    struct server s;
    Td__TokenNeed need = TD__TOKEN_NEED__INIT;
    struct pollfd p;
    int status = 0;

    (void)state;
    if (!server_start(&s, 3, 60, 1000))
        skip();
    need.name = (char *)"x";
    fake_core_send(&s.core, TD__FRAME__BODY_TOKEN_NEED, &need, NULL, 0);
    p = (struct pollfd){ .fd = s.core.child.pidfd, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 10000), 1);
    assert_int_equal(waitpid(s.core.child.pid, &status, 0), s.core.child.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 76);
    unlink(s.local.sun_path);
    role_child_close(&s.core.child);
    arena_free(&s.core.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mails), cmocka_unit_test(test_break_and_half_close), cmocka_unit_test(test_connections),
        cmocka_unit_test(test_slow_core), cmocka_unit_test(test_large), cmocka_unit_test(test_no_delay),
        cmocka_unit_test(test_nonsense_from_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
