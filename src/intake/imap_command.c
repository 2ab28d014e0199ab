/* SPDX-License-Identifier: ISC
 *
 * imap: one command at a time, as text, each with its own deadline and byte cap; the answers are parsed by libetpan
 * (RFC 3501). What goes wrong becomes one of four results and a sentence for the operator. libetpan says PROTOCOL for a
 * plain BAD and for a wrong tag: the first leaves a usable connection, the second does not.
 */
#include "imap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOWEST_BYTES_S 65536           /* a line slower than this does not get a big answer in time */

enum imap_rc
imap_problem(struct imap *c, enum imap_rc rc, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(c->problem, sizeof c->problem, fmt, ap);
    va_end(ap);
    return rc;
}

bool
imap_has(const struct imap *c, const char *capability)
{
    return mailimap_has_extension(c->lib, capability) != 0;
}

void
imap_limit(struct imap *c, uint64_t expected)
{
    stream_limit(c->stream, ((int64_t)c->setup->command_timeout_s + (int64_t)(expected / SLOWEST_BYTES_S)) * 1000,
                 IMAP_SLACK + expected + expected / 4);
}

/* "[CODE] text" of the last answer, escaped and clipped. */
static void
answer_text(const struct imap *c, char *out, size_t size)
{
    const struct mailimap_response_info *info = c->lib->imap_response_info;
    const char *text = c->lib->imap_response != NULL ? c->lib->imap_response : "";
    char code[801] = "", rest[801];

    if (info != NULL && info->rsp_atom != NULL)
        str_escape_peer(info->rsp_atom, strlen(info->rsp_atom), code, sizeof code);
    str_escape_peer(text, strlen(text), rest, sizeof rest);
    (void)snprintf(out, size, "%s%.60s%s%.300s", code[0] != '\0' ? "[" : "", code, code[0] != '\0' ? "] " : "", rest);
}

/* The last line that was read is our tag's BAD. */
static bool
last_line_is_bad(const struct imap *c)
{
    const MMAPString *b = c->lib->imap_stream_buffer;
    char want[32];
    size_t at = b->len, len;

    while (at > 0 && (b->str[at - 1] == '\n' || b->str[at - 1] == '\r'))
        at--;
    while (at > 0 && b->str[at - 1] != '\n')
        at--;
    len = (size_t)snprintf(want, sizeof want, "%d BAD ", c->lib->imap_tag);
    return b->len - at > len && strncasecmp(b->str + at, want, len) == 0;
}

enum imap_rc
imap_result(struct imap *c, int lib_rc, const char *what)
{
    char text[400];

    if (lib_rc == MAILIMAP_NO_ERROR)
        return IMAP_OK;
    if (stream_fault(c->stream) != STREAM_FINE)
        return imap_problem(c, IMAP_LOST, "%s: %s", what, stream_why(c->stream));
    answer_text(c, text, sizeof text);
    switch (lib_rc) {
    case MAILIMAP_ERROR_FATAL:
    case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
        return imap_problem(c, IMAP_LOST, "%s: the server said goodbye: %s", what, text);
    case MAILIMAP_ERROR_PROTOCOL:
        if (last_line_is_bad(c))
            return imap_problem(c, IMAP_NO, "%s: the server does not understand it: %s", what, text);
        return imap_problem(c, IMAP_LOST, "%s: the server answers out of order", what);
    case MAILIMAP_ERROR_STREAM:
    case MAILIMAP_ERROR_PARSE:
    case MAILIMAP_ERROR_MEMORY:
    case MAILIMAP_ERROR_BAD_STATE:
    case MAILIMAP_ERROR_INVAL:
        return imap_problem(c, IMAP_LOST, "%s: the server's answer cannot be understood", what);
    default:
        return imap_problem(c, IMAP_NO, "%s refused: %s", what, text);
    }
}

/* One command and its answer, a code of libetpan's. Its own mailimap_custom_command() puts a blank before the line's end. */
static int
converse(struct imap *c, const char *text)
{
    struct mailimap_response *response = NULL;
    int rc, condition;

    if ((rc = mailimap_send_current_tag(c->lib)) != MAILIMAP_NO_ERROR)
        return rc;
    if (imap_send_line(c, text, strlen(text)) != IMAP_OK || mailimap_read_line(c->lib) == NULL)
        return MAILIMAP_ERROR_STREAM;
    if ((rc = mailimap_parse_response(c->lib, &response)) != MAILIMAP_NO_ERROR)
        return rc;
    condition = response->rsp_resp_done->rsp_data.rsp_tagged->rsp_cond_state->rsp_type;
    mailimap_response_free(response);
    return condition == MAILIMAP_RESP_COND_STATE_OK ? MAILIMAP_NO_ERROR : MAILIMAP_ERROR_CUSTOM_COMMAND;
}

enum imap_rc
imap_command(struct imap *c, uint64_t expected, const char *text)
{
    char what[24];

    (void)snprintf(what, sizeof what, "%.*s", (int)strcspn(text, "0123456789\"("), text);
    for (size_t len = strlen(what); len > 0 && what[len - 1] == ' '; len--)
        what[len - 1] = '\0';
    imap_limit(c, expected);
    return imap_result(c, converse(c, text), what);
}

enum imap_rc
imap_command_of(struct imap *c, uint64_t expected, const char *fmt, ...)
{
    struct buf text = { 0 };
    enum imap_rc rc;
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    rc = imap_command(c, expected, text.data);
    buf_free(&text);
    return rc;
}

enum imap_rc
imap_send_line(struct imap *c, const char *bytes, size_t len)
{
    mailstream *ms = c->lib->imap_stream;

    if (mailstream_write(ms, bytes, len) < 0 || mailstream_write(ms, "\r\n", 2) < 0 || mailstream_flush(ms) < 0)
        return imap_result(c, MAILIMAP_ERROR_STREAM, "sending");
    return IMAP_OK;
}

enum imap_rc
imap_read_line(struct imap *c)
{
    if (mailimap_read_line(c->lib) == NULL)
        return imap_result(c, MAILIMAP_ERROR_STREAM, "waiting for an answer");
    return IMAP_OK;
}
