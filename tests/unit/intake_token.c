/* SPDX-License-Identifier: ISC
 *
 * What a token endpoint may answer, and which endpoints are asked at all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/intake/token.h"

static void
answers(void **state)
{
    static const struct { const char *label; long status; const char *json; const char *access, *refresh; int64_t lifetime; const char *error; } rows[] = {
        { "good", 200, "{\"access_token\":\"abc\",\"expires_in\":3599}", "abc", "", 3599, NULL },
        { "rotated", 200, "{\"access_token\":\"abc\",\"refresh_token\":\"new\",\"expires_in\":\"60\"}", "abc", "new", 60, NULL },
        { "no lifetime", 200, "{\"access_token\":\"abc\"}", "abc", "", TOKEN_LIFETIME_S, NULL },
        { "endless", 200, "{\"access_token\":\"abc\",\"expires_in\":99999999999}", "abc", "", TOKEN_LIFETIME_MAX_S, NULL },
        { "negative", 200, "{\"access_token\":\"abc\",\"expires_in\":-5}", "abc", "", TOKEN_LIFETIME_S, NULL },
        { "refused", 400, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70008: expired\"}", NULL, NULL, 0, "HTTP 400: invalid_grant: AADSTS70008: expired" },
        { "a token with an error status", 500, "{\"access_token\":\"abc\"}", NULL, NULL, 0, "HTTP 500: no access token in the answer" },
        { "line break in the token", 200, "{\"access_token\":\"a\\r\\nb\"}", NULL, NULL, 0, "HTTP 200: no access token in the answer" },
        { "number for a token", 200, "{\"access_token\":17}", NULL, NULL, 0, "HTTP 200: no access token in the answer" },
        { "twice", 200, "{\"access_token\":\"a\",\"access_token\":\"b\"}", NULL, NULL, 0, "HTTP 200: no access token in the answer" },
        { "no JSON", 200, "<html>", NULL, NULL, 0, "HTTP 200: no access token in the answer" },
        { "nothing", 502, "", NULL, NULL, 0, "HTTP 502: no access token in the answer" },
        { "control characters in the error", 400, "{\"error\":\"a\\u001b[31m\"}", NULL, NULL, 0, "HTTP 400: a\\x1b[31m" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct token_answer a = { 0 };

        print_message("  %s\n", rows[i].label);
        assert_int_equal(token_read(rows[i].status, rows[i].json, strlen(rows[i].json), &a), rows[i].access != NULL);
        if (rows[i].access != NULL) {
            assert_string_equal(a.access.data, rows[i].access);
            assert_string_equal(a.refresh.data != NULL ? a.refresh.data : "", rows[i].refresh);
            assert_int_equal(a.expires_in, rows[i].lifetime);
        } else {
            assert_string_equal(a.error, rows[i].error);
            assert_int_equal(a.access.len, 0);
        }
        token_answer_free(&a);
    }
}

static void
hostile_answers_are_bounded(void **state)
{
    struct buf b = { 0 };
    struct token_answer a = { 0 };

    (void)state;
    for (int i = 0; i < 60000; i++)
        buf_putc(&b, '[');
    assert_false(token_read(200, b.data, b.len, &a));
    buf_clear(&b);
    buf_puts(&b, "{\"access_token\":\"");
    for (int i = 0; i < TOKEN_MAX + 1; i++)
        buf_putc(&b, 'a');
    buf_puts(&b, "\"}");
    assert_false(token_read(200, b.data, b.len, &a));
    buf_clear(&b);
    buf_puts(&b, "{\"error\":\"");
    for (int i = 0; i < 50000; i++)
        buf_puts(&b, "é");
    buf_puts(&b, "\"}");
    assert_false(token_read(400, b.data, b.len, &a));
    assert_true(strlen(a.error) < sizeof a.error);
    buf_free(&b);
    token_answer_free(&a);
}

static void
endpoints(void **state)
{
    static const struct { const char *url; bool allowed; } rows[] = {
        { "https://login.example.com/token", true },
        { "HTTPS://login.example.com/token", true },
        { "http://127.0.0.1:8080/token", true },
        { "http://127.0.0.1/token", true },
        { "http://127.0.0.1.example.com/token", false },
        { "http://127.0.0.1:80@example.com/token", false },
        { "http://login.example.com/token", false },
        { "file:///etc/passwd", false },
        { "", false },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        print_message("  %s\n", rows[i].url);
        assert_int_equal(token_endpoint_allowed(rows[i].url), rows[i].allowed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(hostile_answers_are_bounded), cmocka_unit_test(endpoints) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
