/* SPDX-License-Identifier: ISC
 *
 * The role maildir: takes the mails that appear in one Maildir, hands them to core.
 * Holds: one folder. May read and rename in it. Never another folder, a socket or the store.
 */
#include "ticketd/intake.h"
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

    role_start("maildir");
    frame_receive_or_exit(a, &setup);
    if (setup.body->body_case != TD__FRAME__BODY_MAILDIR_SETUP)
        _exit(EX_PROTOCOL);
    error = maildir_make(setup.body->maildir_setup->path);
    if (error) {
        log_line(LOG_FAIL, "role=maildir path=%s error=%s status=exit", log_value(setup.body->maildir_setup->path), log_value(strerror(error)));
        _exit(EX_CANTCREAT);
    }
    role_sandbox_enter(SANDBOX_FOLDER, setup.body->maildir_setup->path);
    maildir_run(setup.body->maildir_setup);
}
