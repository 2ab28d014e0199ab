/* SPDX-License-Identifier: ISC
 *
 * The role token, started as core starts it, against an endpoint on loopback that rotates its refresh token, refuses, redirects
 * and talks too much. Skipped, and said so, where python3 or the role's executable is missing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ticketd/role.h"

/* Answers by the refresh token in the form: "first" rotates to "second &=%", which is good once more; others see below. */
static const char endpoint[] =
    "import http.server, json, urllib.parse\n"
    "class H(http.server.BaseHTTPRequestHandler):\n"
    "    def do_POST(self):\n"
    "        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers['Content-Length'])).decode())\n"
    "        token = form['refresh_token'][0]\n"
    "        assert form['grant_type'] == ['refresh_token'] and form['client_id'] == ['id'] and form['client_secret'] == ['a&b=c']\n"
    "        status, body = 400, {'error': 'invalid_grant', 'error_description': 'no such token'}\n"
    "        if token == 'first': status, body = 200, {'access_token': 'one', 'expires_in': 100, 'refresh_token': 'second &=%'}\n"
    "        if token == 'second &=%': status, body = 200, {'access_token': 'two', 'expires_in': 200}\n"
    "        if token == 'long': status, body = 200, {'access_token': 'x' * 70000}\n"
    "        if token == 'elsewhere': status = 302\n"
    "        self.send_response(status)\n"
    "        if status == 302: self.send_header('Location', 'http://127.0.0.1:1/')\n"
    "        self.end_headers()\n"
    "        self.wfile.write(json.dumps(body).encode())\n"
    "    def log_message(self, *a): pass\n"
    "s = http.server.HTTPServer(('127.0.0.1', 0), H)\n"
    "print(s.server_port, flush=True)\n"
    "s.serve_forever()\n";

static pid_t server;
static unsigned port;

static struct role_child
start(const struct role_exec *x, const char *url, const char *refresh)
{
    Td__TokenSetup setup = TD__TOKEN_SETUP__INIT;
    Td__Frame f = TD__FRAME__INIT;
    struct role_child child;

    assert_int_equal(role_spawn(x, "token[test]", &child), 0);
    setup.endpoint = (char *)url;
    setup.client_id = (char *)"id";
    setup.client_secret = (char *)"a&b=c";
    setup.refresh_token = (char *)refresh;
    f.body_case = TD__FRAME__BODY_TOKEN_SETUP;
    f.token_setup = &setup;
    assert_int_equal(frame_send(child.fd, &f, NULL, 0), FRAME_OK);
    return child;
}

/* Asks once; *a holds the answer. */
static const Td__TokenAnswer *
ask(const struct role_child *child, struct arena *a)
{
    Td__TokenNeed need = TD__TOKEN_NEED__INIT;
    Td__Frame f = TD__FRAME__INIT;

    need.name = (char *)"m365";
    f.body_case = TD__FRAME__BODY_TOKEN_NEED;
    f.token_need = &need;
    assert_int_equal(frame_send(child->fd, &f, NULL, 0), FRAME_OK);
    for (;;) {
        struct pollfd p = { .fd = child->fd, .events = POLLIN };
        struct frame in;

        assert_int_equal(poll(&p, 1, 20000), 1);
        assert_int_equal(frame_receive(child->fd, a, &in), FRAME_OK);
        if (in.body->body_case == TD__FRAME__BODY_TOKEN_ANSWER)
            return in.body->token_answer;
        assert_true(role_hello_ok(in.body, "token"));
    }
}

static void
the_endpoint_is_asked(void **state)
{
    static const struct { const char *label, *refresh, *url, *access[2], *rotated[2], *error; } rows[] = {
        { "rotated, and the new one used", "first", NULL, { "one", "two" }, { "second &=%", NULL }, NULL },
        { "refused", "none", NULL, { NULL, NULL }, { NULL, NULL }, "HTTP 400: invalid_grant: no such token" },
        { "too long", "long", NULL, { NULL, NULL }, { NULL, NULL }, "the token endpoint's answer is too long" },
        { "a redirect is not followed", "elsewhere", NULL, { NULL, NULL }, { NULL, NULL }, "HTTP 302: " },
        { "nobody there", "first", "http://127.0.0.1:1/", { NULL, NULL }, { NULL, NULL }, "token endpoint: " },
        { "not https", "first", "http://192.0.2.1/", { NULL, NULL }, { NULL, NULL }, "the endpoint is not an https address" },
    };
    char url[64], error[256];
    struct role_exec x;

    (void)state;
    if (role_exec_open("token", &x, error) != 0 || port == 0) {
        print_message("  skipped: no python3, or no role executable beside this test\n");
        skip();
    }
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/token", port);
    for (size_t i = 0; i < countof(rows); i++) {
        struct role_child child = start(&x, rows[i].url != NULL ? rows[i].url : url, rows[i].refresh);

        print_message("  %s\n", rows[i].label);
        for (size_t n = 0; n < 2; n++) {
            struct arena *a = arena_new(1u << 20);
            const Td__TokenAnswer *answer = ask(&child, a);

            assert_string_equal(answer->name, "m365");
            if (rows[i].access[n] != NULL) {
                assert_non_null(answer->access_token);
                assert_string_equal(answer->access_token, rows[i].access[n]);
                assert_int_equal(answer->expires_in, 100 * (n + 1));
                assert_null(answer->error);
            } else {
                assert_null(answer->access_token);
                if (strncmp(answer->error, rows[i].error, strlen(rows[i].error)) != 0)
                    fail_msg("said: %s", answer->error);
            }
            if (rows[i].rotated[n] != NULL)
                assert_string_equal(answer->refresh_token, rows[i].rotated[n]);
            else
                assert_null(answer->refresh_token);
            arena_free(&a);
        }
        role_child_close(&child);
    }
    close(x.fd);
}

static int
begin(void **state)
{
    int out[2];
    char line[32] = "";
    FILE *f;

    (void)state;
    if (pipe(out) != 0)
        return -1;
    if ((server = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(out[1], 1);
        close(out[0]);
        execlp("python3", "python3", "-c", endpoint, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    f = fdopen(out[0], "r");
    if (f == NULL || fgets(line, sizeof line, f) == NULL)
        line[0] = '\0';
    port = (unsigned)atoi(line);
    fclose(f);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_endpoint_is_asked) };

    return cmocka_run_group_tests(tests, begin, end);
}
