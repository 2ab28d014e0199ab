/* SPDX-License-Identifier: ISC
 *
 * The lane's loop: a job with its letter comes in, an outcome goes out, one at a time. Ends when core ends.
 */
#include "smtp.h"
#include "ticketd/role.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void
say_outcome(const Td__SendOutcome *outcome)
{
    Td__Frame frame = TD__FRAME__INIT;

    frame.body_case = TD__FRAME__BODY_SEND_OUTCOME;
    frame.send_outcome = (Td__SendOutcome *)outcome;
    if (frame_send(ROLE_FD, &frame, NULL, 0) != FRAME_OK)
        _exit(EX_OK);
}

_Noreturn void
smtp_run(const Td__RelaySetup *setup)
{
    const char *error;
    struct smtp_relay *relay = smtp_relay_new(setup, &error);

    if (!relay) {
        log_line(LOG_FAIL, "role=smtp why=%s status=exit", log_value(error));
        _exit(EX_CONFIG);
    }
    for (;;) {
        struct arena *a = arena_new(16 * ROLE_FRAME_MAX);
        Td__SendOutcome outcome = TD__SEND_OUTCOME__INIT;
        struct memfd_map letter;
        struct frame f;

        frame_receive_or_exit(a, &f);
        if (f.body->body_case != TD__FRAME__BODY_SEND_JOB || f.n_fds != 1 || !memfd_map(f.fds[0], ROLE_BULK_MAX, &letter))
            _exit(EX_PROTOCOL);
        outcome.letter = f.body->send_job->letter;
        outcome.recipient = f.body->send_job->recipient;
        smtp_relay_send(relay, f.body->send_job, letter.bytes, letter.len, &outcome);
        say_outcome(&outcome);
        smtp_relay_tidy(relay);
        memfd_unmap(&letter);
        frame_close(&f);
        arena_free(&a);
    }
}
