/* SPDX-License-Identifier: ISC
 *
 * The role `reader`: answers one question from the store and leaves. Holds the store read-only and its keys; may read the
 * state directory; never writes, never opens a socket. Body order: start, setup (the question), sandbox, loop (one turn).
 */
#include "ticketd/ctl.h"
#include "ticketd/role.h"

int
main(void)
{
    role_start("reader");
    reader_run();
}
