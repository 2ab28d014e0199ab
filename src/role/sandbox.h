/* SPDX-License-Identifier: ISC
 *
 * Between the files of the room: the two halves of a sandbox.
 */
#ifndef TICKETD_ROLE_SANDBOX_H
#define TICKETD_ROLE_SANDBOX_H

#include "ticketd/role.h"

/* Landlock: from here on only the files that this kind of role needs. Nothing where the kernel has none of it, which is logged. */
void landlock_enter(enum role_sandbox kind, const char *folder);
/* Seccomp; ends the process when it cannot be loaded. */
void seccomp_enter(enum role_sandbox kind);
/* Does role_sandbox_stale() have anything to look after? */
bool landlock_watches(void);
_Noreturn void sandbox_fail(const char *what, int error);

#endif
