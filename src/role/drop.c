/* SPDX-License-Identifier: ISC
 *
 * The role drop: letters into a Maildir.
 * Holds: one folder. May write in it. Never another folder, a socket or the store.
 */
#include "ticketd/deliver.h"
#include "ticketd/role.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

int
main(void)
{
    struct arena *a = arena_new(ROLE_BULK_MAX);
    struct frame setup;
    int error;

    role_start("drop");
    frame_receive_or_exit(a, &setup);
    if (setup.body->body_case != TD__FRAME__BODY_RELAY_SETUP || !setup.body->relay_setup->path)
        _exit(EX_PROTOCOL);
    error = drop_make(setup.body->relay_setup->path);
    if (error) {
        log_line(LOG_FAIL, "role=drop path=%s error=%s status=exit", log_value(setup.body->relay_setup->path), log_value(strerror(error)));
        _exit(EX_CANTCREAT);
    }
    role_sandbox_enter(SANDBOX_FOLDER, setup.body->relay_setup->path);
    drop_run(setup.body->relay_setup);
}
