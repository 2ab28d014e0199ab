/* SPDX-License-Identifier: ISC
 *
 * The role compose: renders one letter a job, from its record to RFC 5322 bytes in a sealed memfd. It belongs to a pool that
 * never reads mail, holds no secret and can open, connect and exec nothing. Envelope and recipients come from core's record,
 * never from what is answered here. Parts of mail that go out with it come as decoded bytes, which are copied and never looked
 * into. A letter that cannot be written is an answer with the reason.
 */
#include "ticketd/mail.h"
#include "ticketd/role.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

/* The letter's parts in the memfd that came with the job; false: they are not what the sizes say. */
static bool
parts_read(const Td__ComposeJob *job, const struct memfd_map *map, struct mail_bytes *out)
{
    size_t at = 0;

    if (job->n_sizes != job->letter->n_parts)
        return false;
    for (size_t i = 0; i < job->n_sizes; i++) {
        if (job->sizes[i] > map->len - at)
            return false;
        out[i] = (struct mail_bytes){ map->bytes + at, (size_t)job->sizes[i] };
        at += out[i].len;
    }
    return at == map->len;
}

static void
compose_job(const Td__ComposeJob *job, int parts, struct arena *a)
{
    Td__ComposeAnswer body = TD__COMPOSE_ANSWER__INIT;
    Td__Frame frame = TD__FRAME__INIT;
    const char *error = NULL;
    struct buf bytes = { 0 };
    struct memfd_map map = { NULL, 0 };
    struct mail_bytes *with = parts >= 0 ? arena_alloc(a, (job->letter->n_parts + 1) * sizeof *with) : NULL;
    enum frame_rc rc;
    int fd = -1;

    if (parts >= 0 && (!memfd_map(parts, ROLE_BULK_MAX, &map) || !parts_read(job, &map, with)))
        error = "its parts cannot be read";
    else if (mail_compose_parts(job->letter, with, &bytes, &error)) {
        fd = memfd_of("letter", bytes.data, bytes.len);
        if (fd < 0)
            error = "no memory for the letter's bytes";
    }
    memfd_unmap(&map);
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
    compose_job(f.body->compose_job, f.n_fds > 0 ? f.fds[0] : -1, a);
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
