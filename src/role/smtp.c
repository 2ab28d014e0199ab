/* SPDX-License-Identifier: ISC
 *
 * The role smtp: one lane to the relay: sends one letter to one recipient at a time, keeps its connection.
 * Holds: the relay's password or access token. May resolve names and connect. Never a file but resolver and CA files, never the store.
 */
#include "ticketd/deliver.h"
#include "ticketd/role.h"

#include <sysexits.h>
#include <unistd.h>

int
main(void)
{
    struct arena *a = arena_new(ROLE_BULK_MAX);
    struct frame setup;

    role_start("smtp");
    frame_receive_or_exit(a, &setup);
    if (setup.body->body_case != TD__FRAME__BODY_RELAY_SETUP)
        _exit(EX_PROTOCOL);
    role_sandbox_enter(SANDBOX_NET, setup.body->relay_setup->ca_file);
    smtp_run(setup.body->relay_setup);
}
