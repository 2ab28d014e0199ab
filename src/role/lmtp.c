/* SPDX-License-Identifier: ISC
 *
 * The role lmtp: takes mail over LMTP on the sockets that core bound for it, hands it to core.
 * Holds: listening sockets, the desks' addresses. May accept. Never opens a file, connects or sees the store.
 */
#include "ticketd/intake.h"
#include "ticketd/role.h"

#include <sysexits.h>
#include <unistd.h>

int
main(void)
{
    struct arena *a = arena_new(ROLE_BULK_MAX);
    struct frame setup;

    role_start("lmtp");
    frame_receive_or_exit(a, &setup);
    if (setup.body->body_case != TD__FRAME__BODY_LMTP_SETUP)
        _exit(EX_PROTOCOL);
    role_sandbox_enter(SANDBOX_LISTEN, NULL);
    lmtp_run(setup.body->lmtp_setup, setup.fds, setup.n_fds);
}
