/* SPDX-License-Identifier: ISC
 *
 * The role compose: renders one letter a job, from its record to RFC 5322 bytes in a sealed memfd. It belongs to a pool that
 * never reads mail, holds no secret and can open, connect and exec nothing. Envelope and recipients come from core's record,
 * never from what is answered here. A letter that cannot be written is an answer with the reason.
 */
#include "ticketd/mail.h"
#include "ticketd/role.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static void
compose_job(const Td__ComposeJob *job)
{
    Td__ComposeAnswer body = TD__COMPOSE_ANSWER__INIT;
    Td__Frame frame = TD__FRAME__INIT;
    const char *error = NULL;
    struct buf bytes = { 0 };
    enum frame_rc rc;
    int fd = -1;

    if (mail_compose(job->letter, &bytes, &error)) {
        fd = memfd_of("letter", bytes.data, bytes.len);
        if (fd < 0)
            error = "no memory for the letter's bytes";
    }
    body.letter = job->letter->id;
    body.error = (char *)(uintptr_t)error;
    frame.body_case = TD__FRAME__BODY_COMPOSE_ANSWER;
    frame.compose_answer = &body;
    rc = frame_send(ROLE_FD, &frame, &fd, fd >= 0);
    if (rc != FRAME_OK)
        exit(rc == FRAME_CLOSED ? EX_OK : EX_OSERR);
    if (fd >= 0)
        close(fd);
    buf_free(&bytes);
}

static void
serve(void)
{
    struct arena *a = arena_new(0);
    struct frame f;

    frame_receive_or_exit(a, &f);
    if (f.body->body_case != TD__FRAME__BODY_COMPOSE_JOB)
        exit(EX_PROTOCOL);
    compose_job(f.body->compose_job);
    frame_close(&f);
    arena_free(&a);
}

int
main(void)
{
    role_start("compose");
    mail_write_init();
    role_sandbox_enter(SANDBOX_PURE, NULL);
    for (;;)
        serve();
}
