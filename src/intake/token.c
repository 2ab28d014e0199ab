/* SPDX-License-Identifier: ISC
 *
 * token: from a refresh token to an access token (RFC 6749, 6). Asks one endpoint over HTTPS with verified certificate;
 * follows no redirect, reads at most 64 KiB, waits at most a minute. Plain HTTP is spoken to http://127.0.0.1 alone.
 * A rotated refresh token is used from then on and told to core, which keeps it sealed. No token is ever in a log line.
 */
#include "token.h"
#include "ticketd/intake.h"
#include "ticketd/role.h"
#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LOOPBACK "http://127.0.0.1"

static void
wipe(struct buf *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->cap);
    buf_free(b);
}

void
token_answer_free(struct token_answer *a)
{
    wipe(&a->access);
    wipe(&a->refresh);
}

bool
token_endpoint_allowed(const char *url)
{
    size_t len = strlen(LOOPBACK);

    if (str_starts_nocase(url, "https://"))
        return true;
    return str_starts_nocase(url, LOOPBACK) && (url[len] == ':' || url[len] == '/') && strchr(url, '@') == NULL;
}

/* ---- the endpoint's answer */
/* RFC 6749, A.12: printable ASCII. false: not there or not a token. */
static bool
take_token(const json_t *from, const char *key, struct buf *out)
{
    const json_t *v = json_object_get(from, key);
    const char *s = json_string_value(v);
    size_t len = json_string_length(v);

    if (s == NULL || len == 0 || len > TOKEN_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (s[i] < 0x20 || s[i] > 0x7e)
            return false;
    buf_add(out, s, len);
    return true;
}

/* A number, or a number as a string (Microsoft has sent both). */
static int64_t
lifetime(const json_t *from)
{
    const json_t *v = json_object_get(from, "expires_in");
    long long s = json_is_integer(v) ? json_integer_value(v) : json_is_string(v) ? strtoll(json_string_value(v), NULL, 10) : 0;

    if (s <= 0)
        return TOKEN_LIFETIME_S;
    return s < TOKEN_LIFETIME_MAX_S ? s : TOKEN_LIFETIME_MAX_S;
}

static void
explain(long status, const json_t *from, char out[801])
{
    const char *error = json_string_value(json_object_get(from, "error"));
    const char *description = json_string_value(json_object_get(from, "error_description"));
    char text[256];

    (void)snprintf(text, sizeof text, "HTTP %ld: %.60s%s%.180s", status, error != NULL ? error : "no access token in the answer",
                   description != NULL ? ": " : "", description != NULL ? description : "");
    str_escape_peer(text, strlen(text), out, 801);
}

bool
token_read(long http_status, const char *json, size_t len, struct token_answer *out)
{
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    bool ok = http_status == 200 && json_is_object(root) && take_token(root, "access_token", &out->access);

    out->error[0] = '\0';
    if (ok) {
        (void)take_token(root, "refresh_token", &out->refresh);
        out->expires_in = lifetime(root);
    } else {
        explain(http_status, root, out->error);
    }
    json_decref(root);
    return ok;
}

/* ---- asking */
static size_t
receive(char *bytes, size_t size, size_t n, void *u)
{
    struct buf *b = u;

    if (b->len + size * n > TOKEN_ANSWER_MAX)
        return 0;                       /* ends the transfer */
    buf_add(b, bytes, size * n);
    return size * n;
}

static void
add_field(CURL *curl, struct buf *form, const char *name, const char *value)
{
    char *coded;

    if (value == NULL)
        return;
    coded = curl_easy_escape(curl, value, (int)strlen(value));
    if (coded == NULL)
        bug("no memory for a form");
    buf_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
    buf_puts(form, coded);
    explicit_bzero(coded, strlen(coded));
    curl_free(coded);
}

static CURL *
prepare(const Td__TokenSetup *s, struct buf *answer, char error[CURL_ERROR_SIZE])
{
    CURL *curl = curl_easy_init();

    if (curl == NULL)
        bug("no memory for an HTTP request");
    curl_easy_setopt(curl, CURLOPT_URL, s->endpoint);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, str_starts_nocase(s->endpoint, "https:") ? "https" : "http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, s->ca_file);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    return curl;
}

static void
refresh(const Td__TokenSetup *s, const char *refresh_token, struct token_answer *out)
{
    struct buf form = { 0 }, answer = { 0 };
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    CURL *curl = prepare(s, &answer, error);
    CURLcode rc;
    long status = 0;

    add_field(curl, &form, "grant_type", "refresh_token");
    add_field(curl, &form, "refresh_token", refresh_token);
    add_field(curl, &form, "client_id", s->client_id);
    add_field(curl, &form, "client_secret", s->client_secret);
    add_field(curl, &form, "scope", s->scope);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form.len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form.data);
    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (rc == CURLE_OK)
        (void)token_read(status, answer.data != NULL ? answer.data : "", answer.len, out);
    else if (rc == CURLE_WRITE_ERROR)
        (void)snprintf(out->error, sizeof out->error, "the token endpoint's answer is too long");
    else
        (void)snprintf(out->error, sizeof out->error, "token endpoint: %.200s", error[0] != '\0' ? error : curl_easy_strerror(rc));
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    wipe(&form);
    wipe(&answer);
}

/* ---- frames */
static void
answer_need(const char *name, const struct token_answer *a)
{
    Td__TokenAnswer body = TD__TOKEN_ANSWER__INIT;
    Td__Frame f = TD__FRAME__INIT;

    body.name = (char *)name;
    if (a->access.len > 0) {
        body.access_token = a->access.data;
        body.has_expires_in = true;
        body.expires_in = a->expires_in;
        if (a->refresh.len > 0)
            body.refresh_token = a->refresh.data;
    } else {
        body.error = (char *)a->error;
    }
    f.body_case = TD__FRAME__BODY_TOKEN_ANSWER;
    f.token_answer = &body;
    if (frame_send(ROLE_FD, &f, NULL, 0) == FRAME_CLOSED)
        exit(0);
}

_Noreturn void
token_run(const Td__TokenSetup *setup)
{
    struct buf current = { 0 };

    curl_global_init(CURL_GLOBAL_DEFAULT);
    buf_puts(&current, setup->refresh_token);
    for (;;) {
        struct arena *a = arena_new(1u << 16);
        struct token_answer answer = { 0 };
        struct frame f;
        bool stale;

        frame_receive_or_exit(a, &f);
        if (f.body->body_case != TD__FRAME__BODY_TOKEN_NEED)
            exit(EX_PROTOCOL);
        stale = role_sandbox_stale();
        if (stale)
            (void)snprintf(answer.error, sizeof answer.error, "resolver or CA files were replaced; ask again");
        else if (token_endpoint_allowed(setup->endpoint))
            refresh(setup, current.data, &answer);
        else
            (void)snprintf(answer.error, sizeof answer.error, "the endpoint is not an https address");
        answer_need(f.body->token_need->name, &answer);
        if (answer.refresh.len > 0) {
            wipe(&current);
            buf_add(&current, answer.refresh.data, answer.refresh.len);
        }
        log_line(answer.access.len > 0 ? LOG_NOTE : LOG_FAIL, "oauth=%s problem=%s status=%s", log_value(f.body->token_need->name),
                 log_value(answer.error), answer.access.len > 0 ? "ok" : "refused");
        token_answer_free(&answer);
        if (stale)
            exit(0);                    /* a fresh process can read the new ones */
        frame_close(&f);
        arena_free(&a);
    }
}
