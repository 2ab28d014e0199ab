/* SPDX-License-Identifier: ISC
 *
 * imap: waiting for new mail. IDLE (RFC 2177) is spoken here and not by libetpan, which hangs when the server says something
 * before its "+". What the server says while we idle is only a reason to look. Whatever happens, the folder is looked at
 * every ten minutes: events get lost.
 */
#include "imap.h"
#include <errno.h>
#include <poll.h>
#include <string.h>

/* Waits for the server, core or the time, whichever comes first. */
static void
wait_for_either(struct imap *c, int64_t timeout_ms)
{
    struct pollfd p[] = { { .fd = ROLE_FD, .events = POLLIN }, { .fd = stream_fd(c->stream), .events = POLLIN } };
    int64_t until = stream_now_ms() + timeout_ms, left;

    if (c->again_at_ms != 0 && c->again_at_ms < until)
        until = c->again_at_ms;
    /* what came in the same packet as the last answer lies in a buffer, and poll() would sleep over it */
    while (!stream_has_buffered(c->stream, c->lib->imap_stream) && (left = until - stream_now_ms()) > 0) {
        int n = poll(p, countof(p), (int)left);

        if (n > 0 || (n < 0 && errno != EINTR))
            return;
    }
}

/* "* 23 EXISTS" */
static bool
is_news(const char *line)
{
    size_t digits = strncmp(line, "* ", 2) == 0 ? strspn(line + 2, "0123456789") : 0;

    return digits > 0 && str_starts_nocase(line + 2 + digits, " EXISTS");
}

/* false in *idling: the server would rather not. true in *news: it told of mail before it began to wait. */
static enum imap_rc
start_idle(struct imap *c, bool *idling, bool *news)
{
    struct mailimap_response *response = NULL;
    enum imap_rc rc;
    int lib_rc;

    *idling = *news = false;
    imap_limit(c, 0);
    if ((lib_rc = mailimap_send_current_tag(c->lib)) != MAILIMAP_NO_ERROR)
        return imap_result(c, lib_rc, "IDLE");
    rc = imap_send_line(c, "IDLE", 4);
    do {
        if (rc == IMAP_OK)
            rc = imap_read_line(c);
        *news |= rc == IMAP_OK && is_news(c->lib->imap_stream_buffer->str);
    } while (rc == IMAP_OK && c->lib->imap_stream_buffer->str[0] == '*');
    *idling = rc == IMAP_OK && c->lib->imap_stream_buffer->str[0] == '+';
    if (rc != IMAP_OK || *idling)
        return rc;
    lib_rc = mailimap_parse_response(c->lib, &response);
    if (lib_rc == MAILIMAP_NO_ERROR)
        mailimap_response_free(response);
    c->idle_broken = true;
    return imap_result(c, lib_rc, "IDLE") == IMAP_LOST ? IMAP_LOST : IMAP_OK;
}

static enum imap_rc
wait_in_idle(struct imap *c)
{
    bool idling, news;
    enum imap_rc rc = start_idle(c, &idling, &news);

    if (rc != IMAP_OK || !idling)
        return rc;
    if (!news || ++c->told_in_vain >= IMAP_TOLD_MAX) {
        c->told_in_vain = 0;
        wait_for_either(c, IMAP_IDLE_MS);
    }
    imap_limit(c, 0);
    rc = imap_result(c, mailimap_idle_done(c->lib), "IDLE");
    return rc == IMAP_NO ? IMAP_LOST : rc;
}

enum imap_rc
imap_idle(struct imap *c)
{
    int64_t poll_ms = (int64_t)(c->setup->poll_s > 0 ? c->setup->poll_s : 1) * 1000;
    enum imap_rc rc;

    c->rescan = true;
    if (imap_has(c, "IDLE") && !c->idle_broken)
        return wait_in_idle(c);
    wait_for_either(c, poll_ms < IMAP_IDLE_MS ? poll_ms : IMAP_IDLE_MS);
    rc = imap_command(c, 0, "NOOP");
    return rc == IMAP_NO ? IMAP_OK : rc;
}
