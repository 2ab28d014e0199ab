/* SPDX-License-Identifier: ISC
 *
 * The real parse worker without its process: the role's own file, told another descriptor to answer on. The real reader of
 * mail and the real patterns are behind it.
 */
#include "sim.h"

#include <stdlib.h>

#undef ROLE_FD
static int answer_fd;
#define ROLE_FD answer_fd
int sim_parse_main(void);
#define main sim_parse_main
#include "../../src/role/parse.c"

struct parse_role { struct worker worker; struct arena *arena; };

void *
parse_role_new(const Td__ParseSetup *setup, Td__ParseReady **ready, struct arena *a)
{
    struct parse_role *p = mem_alloc(sizeof *p);
    p->arena = arena_new(0);
    p->worker.setup = schema_copy(p->arena, setup);
    p->worker.options = options_of(p->worker.setup);
    *ready = compile_patterns(&p->worker, a);
    return p;
}

void
parse_role_free(void *worker)
{
    struct parse_role *p = worker;
    mail_patterns_free(&p->worker.patterns);
    arena_free(&p->arena);
    free(p);
}

void
parse_role_job(void *worker, int fd, const Td__ParseJob *job, int mail, struct arena *a)
{
    answer_fd = fd;
    parse_job(&((struct parse_role *)worker)->worker, job, mail, a);
}

void
extract_role_job(void *worker, int fd, const Td__ExtractJob *job, int mail, struct arena *a)
{
    answer_fd = fd;
    extract_job(&((struct parse_role *)worker)->worker, job, mail, a);
}
