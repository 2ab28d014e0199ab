/* SPDX-License-Identifier: ISC
 *
 * The real compose worker without its process, like parse_role.c.
 */
#include "sim.h"

#undef ROLE_FD
static int answer_fd;
#define ROLE_FD answer_fd
int sim_compose_main(void);
#define main sim_compose_main
#include "../../src/role/compose.c"

void
compose_role_job(int fd, const Td__ComposeJob *job, int parts, struct arena *a)
{
    answer_fd = fd;
    compose_job(job, parts, a);
}
