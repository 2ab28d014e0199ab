/* SPDX-License-Identifier: ISC
 *
 * An IMAP server that says anything: the input is all it ever says, over a socket pair. Greeting, capabilities, the list of UIDs and a
 * fetch are read by the library through our own stream, then the names of mailboxes by our own writer.
 */
#include "fuzz.h"
#include "../../src/intake/imap.h"

#include <sys/socket.h>
#include <unistd.h>

#define SAID_MAX 60000u                 /* fits into a socket's buffer: nobody reads at the other end */

static void
names(const uint8_t *bytes, size_t len)
{
    char *name = strndup((const char *)bytes, len < 200 ? len : 200);
    struct buf out = {0};

    buf_puts(&out, "");
    if (imap_mailbox_name(name, &out))
        must(utf8_valid(name, strlen(name)) && !str_has_control(out.data));
    buf_clear(&out);
    if (imap_quote(name, &out))
        must(out.len >= 2 && out.data[0] == '"' && out.data[out.len - 1] == '"' && !str_has_control(out.data));
    buf_free(&out);
    free(name);
}

/* An alert without words makes the library copy a text that is not there. That ends the role, which is started again; it is known. */
static bool
says_alert(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 5 <= len; i++)
        if (strncasecmp((const char *)bytes + i, "alert", 5) == 0)
            return true;
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    Td__ImapSetup setup = TD__IMAP_SETUP__INIT;
    static struct imap c;
    uint32_t uidnext;
    int fds[2];
    bool there;

    if (len > SAID_MAX || says_alert(bytes, len))
        return 0;
    names(bytes, len);
    c = (struct imap){.setup = &setup, .next_uid = 1, .uidvalidity = 1};
    setup.command_timeout_s = 5;
    setup.max_mail = 65536;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    must(full_write(fds[1], bytes, len) == 0 && shutdown(fds[1], SHUT_WR) == 0);
    c.stream = stream_of(fds[0]);
    c.lib = mailimap_new(0, NULL);
    imap_limit(&c, 0);
    if (mailimap_connect(c.lib, stream_open_mailstream(c.stream)) >= 0 && imap_command(&c, 0, "CAPABILITY") != IMAP_LOST && imap_search(&c) != IMAP_LOST &&
        imap_uidnext(&c, &uidnext) != IMAP_LOST && imap_exists(&c, 7, &there) != IMAP_LOST)
        (void)imap_command(&c, 65536, "UID FETCH 1:50 (UID BODY.PEEK[])");
    if (c.lib->imap_stream != NULL) {
        mailstream_close(c.lib->imap_stream);
        c.lib->imap_stream = NULL;
    }
    mailimap_free(c.lib);
    stream_free(&c.stream);
    imap_items_free(&c.items);
    free(c.listing);
    close(fds[1]);
    return 0;
}
