/* SPDX-License-Identifier: ISC
 *
 * One letter to one recipient through libcurl's easy interface. The handle keeps the connection from letter to letter; after
 * a try that ended in the middle it is thrown away, for the library's next one on it would hang. RFC 5321, 3207, 4954, 8314.
 * The library checks no address and writes what it is given: addresses are checked here. Certificates are always verified.
 */
#include "smtp.h"

#include <curl/curl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_S 30
#define BYTES_A_SECOND 16384            /* the slowest line that a large letter may be sent over */

struct smtp_relay {
    const Td__RelaySetup *setup;
    struct buf url;
    CURL *curl;
    struct smtp_talk talk;
    const uint8_t *bytes; size_t len, at;
    char error[CURL_ERROR_SIZE], words[SMTP_TEXT_MAX + 1];
    bool kept, broken;                  /* the connection: fit for another letter; ended in the middle */
};

/* ---- what the library calls */

static size_t
give_body(char *out, size_t size, size_t n, void *u)
{
    struct smtp_relay *r = u;
    size_t room = size * n, left = r->len - r->at;

    if (room > left)
        room = left;
    memcpy(out, r->bytes + r->at, room);
    r->at += room;
    if (r->at == r->len)
        r->talk.body_read = true;
    return room;
}

static size_t
hear_reply(char *bytes, size_t size, size_t n, void *u)
{
    struct smtp_relay *r = u;

    return smtp_talk_reply(&r->talk, bytes, size * n) ? size * n : 0;
}

static int
hear_command(CURL *curl, curl_infotype type, char *bytes, size_t len, void *u)
{
    struct smtp_relay *r = u;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT)
        smtp_talk_command(&r->talk, bytes, len);
    return 0;
}

/* ---- the handle */

static bool
host_is_sound(const char *host)
{
    size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:");

    return n > 0 && n < 256 && host[n] == '\0';
}

static const char *
url_make(const Td__RelaySetup *s, struct buf *out)
{
    bool full = s->tls && strcmp(s->tls, "tls") == 0;

    if (!s->host || !host_is_sound(s->host))
        return "host: a name or a numeric address was expected";
    if (!s->has_port || s->port == 0 || s->port > 65535)
        return "port: 1 to 65535 was expected";
    if (s->helo && (strchr(s->helo, ':') || !host_is_sound(s->helo)))
        return "helo: a host name was expected";
    buf_printf(out, strchr(s->host, ':') ? "%s://[%s]:%u" : "%s://%s:%u", full ? "smtps" : "smtp", s->host, s->port);
    if (s->helo)
        buf_printf(out, "/%s", s->helo);
    return NULL;
}

static void
set_auth(CURL *c, const Td__RelaySetup *s)
{
    const char *auth = s->auth ? s->auth : "none";

    if (strcmp(auth, "none") == 0)
        return;
    curl_easy_setopt(c, CURLOPT_USERNAME, s->user ? s->user : "");
    if (strcmp(auth, "xoauth2") == 0) {
        curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
        curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, s->secret ? s->secret : "");
    } else {
        curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, strcmp(auth, "login") == 0 ? "AUTH=LOGIN" : "AUTH=PLAIN");
        curl_easy_setopt(c, CURLOPT_PASSWORD, s->secret ? s->secret : "");
    }
}

static CURL *
handle_make(struct smtp_relay *r)
{
    const Td__RelaySetup *s = r->setup;
    bool plain = s->tls && strcmp(s->tls, "none") == 0;
    CURL *c = curl_easy_init();

    if (!c)
        return NULL;
    curl_easy_setopt(c, CURLOPT_URL, r->url.data);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)(s->timeout_s < CONNECT_S ? s->timeout_s : CONNECT_S));
    curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)s->timeout_s);
    curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    if (s->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, s->ca_file);
    set_auth(c, s);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(c, CURLOPT_READDATA, r);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, hear_reply);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);   /* for the commands; nothing of it is printed */
    curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, hear_command);
    curl_easy_setopt(c, CURLOPT_DEBUGDATA, r);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->error);
    return c;
}

struct smtp_relay *
smtp_relay_new(const Td__RelaySetup *setup, const char **error)
{
    struct smtp_relay *r = mem_alloc(sizeof *r);

    r->setup = setup;
    setlocale(LC_CTYPE, "C.UTF-8");     /* the library turns domains to ASCII by way of the locale; glibc has this one built in */
    *error = url_make(setup, &r->url);
    if (!*error && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        *error = "libcurl does not start";
    if (!*error)
        return r;
    smtp_relay_free(&r);
    return NULL;
}

void
smtp_relay_free(struct smtp_relay **rp)
{
    struct smtp_relay *r = *rp;

    if (!r)
        return;
    if (r->curl)
        curl_easy_cleanup(r->curl);
    buf_free(&r->url);
    free(r);
    *rp = NULL;
}

void
smtp_relay_tidy(struct smtp_relay *r)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (!r->broken)
        return;
    /* the library would say QUIT to a relay that hangs, and wait for its reply */
    if (curl_easy_getinfo(r->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RDWR);
    curl_easy_cleanup(r->curl);
    r->curl = NULL;
    r->broken = false;
}

/* ---- one try */

static bool
needs_utf8(const char *recipient)
{
    for (const char *at = strrchr(recipient, '@'); recipient < at; recipient++)
        if ((unsigned char)*recipient >= 0x80)
            return true;
    return false;               /* a domain outside ASCII is sent in its ASCII form */
}

/* A relay may close a connection that was kept just when the next letter comes, or send 421 before it. */
static bool
was_stale(const struct smtp_relay *r, CURLcode rc, long connects)
{
    return connects == 0 && r->talk.stage < SMTP_DATA
        && (rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING || r->talk.code == 421);
}

/* false: nothing was said of the letter because the connection was an old one; a new one may do better. */
static bool
try_once(struct smtp_relay *r, const Td__SendJob *job, struct curl_slist *to, Td__SendOutcome *out)
{
    struct smtp_end end = { 0 };
    long connects = 0, timeout_s = (long)r->setup->timeout_s + (long)(r->len / BYTES_A_SECOND);
    bool kept = r->kept;
    CURLcode rc;

    r->kept = false;

    if (!r->curl && !(r->curl = handle_make(r))) {
        smtp_talk_outcome(&r->talk, &(struct smtp_end){ false, "out of memory" }, out);
        return true;
    }
    smtp_talk_start(&r->talk, needs_utf8(job->recipient));
    r->at = 0;
    r->error[0] = '\0';
    curl_easy_setopt(r->curl, CURLOPT_TIMEOUT, timeout_s);
    curl_easy_setopt(r->curl, CURLOPT_MAIL_FROM, *job->envelope_from ? job->envelope_from : "<>");
    curl_easy_setopt(r->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(r->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->len);
    rc = curl_easy_perform(r->curl);
    curl_easy_getinfo(r->curl, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_setopt(r->curl, CURLOPT_MAIL_RCPT, NULL);
    end.ok = rc == CURLE_OK && r->talk.code >= 200 && r->talk.code < 300;
    end.error = r->error[0] ? r->error : curl_easy_strerror(rc);
    r->broken = rc != CURLE_OK;
    r->kept = rc == CURLE_OK;
    smtp_talk_outcome(&r->talk, &end, out);
    if (rc == CURLE_LOGIN_DENIED)
        out->has_auth_failed = out->auth_failed = true;
    return !(kept && rc != CURLE_OK && was_stale(r, rc, connects));
}

static void
clean_words(struct smtp_relay *r, Td__SendOutcome *out)
{
    size_t n = 0;

    for (; n < SMTP_TEXT_MAX && out->text[n]; n++)      /* the library may quote the relay */
        r->words[n] = out->text[n] >= 0x20 && out->text[n] < 0x7f ? out->text[n] : '?';
    r->words[n] = '\0';
    out->text = r->words;
}

void
smtp_relay_send(struct smtp_relay *r, const Td__SendJob *job, const uint8_t *bytes, size_t len, Td__SendOutcome *out)
{
    struct curl_slist *to;

    if (!addr_valid(job->recipient) || (*job->envelope_from && !addr_valid(job->envelope_from))) {
        out->code = 553;
        out->unknown = false;
        out->text = (char *)"553 5.1.3 not an address";
        return;
    }
    to = curl_slist_append(NULL, job->recipient);
    r->bytes = bytes;
    r->len = len;
    if (!to || !try_once(r, job, to, out)) {
        smtp_relay_tidy(r);
        if (to)
            try_once(r, job, to, out);
        else
            smtp_talk_outcome(&(struct smtp_talk){ 0 }, &(struct smtp_end){ false, "out of memory" }, out);
    }
    clean_words(r, out);
    curl_slist_free_all(to);
    r->bytes = NULL;
}
