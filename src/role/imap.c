/* SPDX-License-Identifier: ISC
 *
 * imap: takes mail from one mailbox of an IMAP server. Holds that mailbox's password or access token and a TLS connection
 * to one server, whose every word is untrusted. Never sees the store or another password. RFC 3501.
 */
#include "ticketd/intake.h"
#include "ticketd/role.h"
#include <stdlib.h>
#include <sysexits.h>

int
main(void)
{
    struct arena *a = arena_new(1u << 20);
    struct frame f;

    role_start("imap");
    frame_receive_or_exit(a, &f);
    if (f.body->body_case != TD__FRAME__BODY_IMAP_SETUP)
        exit(EX_PROTOCOL);
    role_sandbox_enter(SANDBOX_NET, f.body->imap_setup->ca_file);
    imap_run(f.body->imap_setup);
}
