/* SPDX-License-Identifier: ISC
 *
 * Parts of a stored mail for a letter that hands them on. Core reads no mail syntax and the composer reads no mail: a parse
 * worker, which has nothing else in hand meanwhile, gets the mail's memfd and answers with one of the decoded parts, which goes
 * on to the composer unread. A mail over which two workers die gives no parts.
 */
#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXTRACT_TRIES 2

struct extract_job {
    struct extract_job *next;
    uint64_t id, letter, mail;
    uint32_t *parts; size_t n;
    uint64_t worker;                    /* serial; 0: waiting */
    unsigned tries, kills;
    extract_done *done;
};

static void
extract_finish(struct loop *l, struct extract_job *j, int fd, const uint64_t *sizes, size_t n)
{
    struct extract_job **p = &l->extracting;
    while (*p != j)
        p = &(*p)->next;
    *p = j->next;
    if (fd < 0 && !l->ending)
        log_line(LOG_FAIL, "letter=%llu mail=%llu action=extract status=failed", (unsigned long long)j->letter, (unsigned long long)j->mail);
    j->done(l, j->letter, fd, sizes, n);
    free(j->parts);
    free(j);
}

void
extract_start(struct loop *l, const Td__Letter *letter, extract_done *done)
{
    struct extract_job *j = mem_alloc(sizeof *j), **end = &l->extracting;
    j->id = ++l->jobs;
    j->letter = letter->id;
    j->mail = letter->parts_mail;
    j->n = letter->n_parts;
    j->parts = mem_alloc(j->n * sizeof *j->parts);
    for (size_t i = 0; i < j->n; i++)
        j->parts[i] = letter->parts[i]->part;
    j->done = done;
    while (*end != NULL)
        end = &(*end)->next;
    *end = j;
    extract_dispatch(l);
}

bool
extract_waiting(const struct loop *l)
{
    for (const struct extract_job *j = l->extracting; j != NULL; j = j->next)
        if (j->worker == 0)
            return true;
    return false;
}

/* false: the job is over, for the mail cannot be read. */
static bool
extract_send(struct loop *l, struct extract_job *j, struct child *c)
{
    Td__ExtractJob job = TD__EXTRACT_JOB__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int fd;
    if (engine_mail_bytes(l->engine, j->mail, &fd) != STORE_OK) {
        worker_give_back(l, c);
        extract_finish(l, j, -1, NULL, 0);
        return false;
    }
    job.job = j->id;
    job.parts = j->parts;
    job.n_parts = j->n;
    f.body_case = TD__FRAME__BODY_EXTRACT_JOB;
    f.extract_job = &job;
    j->worker = c->serial;
    c->deadline_ms = loop_now_ms() + l->conf->limits.parse_timeout_s * 1000;
    if (!child_send(c, &f, &fd, 1) && c->state != CHILD_DOWN)
        j->worker = 0;                  /* it was dead already; of one that ended over it extract_died() has heard */
    close(fd);
    return true;
}

void
extract_dispatch(struct loop *l)
{
    for (struct extract_job *j = l->extracting, *next; j != NULL; j = next) {
        struct child *c;
        next = j->next;
        if (j->worker != 0)
            continue;
        if ((c = worker_take(l)) == NULL || extract_send(l, j, c))
            return;                     /* one a time: a child that ends in it changes the list */
        next = l->extracting;
    }
}

bool
extract_answer(struct loop *l, struct child *c, struct frame *f)
{
    const Td__ExtractAnswer *r = f->body->extract_answer;
    struct extract_job *j = l->extracting;
    uint64_t sum = 0;
    while (j != NULL && (j->worker != c->serial || j->id != r->job))
        j = j->next;
    if (j == NULL)
        return false;
    bool ok = r->found && f->n_fds == 1 && r->n_sizes == j->n;
    for (size_t i = 0; ok && i < r->n_sizes; i++)
        ok = r->sizes[i] <= ROLE_BULK_MAX && (sum += r->sizes[i]) <= ROLE_BULK_MAX;
    ok = ok && memfd_size(f->fds[0]) == (int64_t)sum;
    worker_give_back(l, c);
    extract_finish(l, j, ok ? frame_take(f, 0) : -1, r->sizes, r->n_sizes);
    loop_wake(l);
    return true;
}

bool
extract_died(struct loop *l, struct child *c)
{
    struct extract_job *j = l->extracting;
    while (j != NULL && j->worker != c->serial)
        j = j->next;
    if (j == NULL)
        return false;
    j->worker = 0;
    if (!c->dismissed && !l->ending && !(c->killed && j->kills++ < KILLS_FORGIVEN) && ++j->tries >= EXTRACT_TRIES)
        extract_finish(l, j, -1, NULL, 0);
    loop_wake(l);
    return true;
}

void
extract_end(struct loop *l)
{
    while (l->extracting != NULL) {
        struct extract_job *j = l->extracting;
        l->extracting = j->next;
        free(j->parts);
        free(j);
    }
}
