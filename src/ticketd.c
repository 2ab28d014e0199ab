/* SPDX-License-Identifier: ISC
 *
 * ticketd: the core of the daemon. Holds the store and the policy; reads no mail syntax and opens no network socket.
 */
#include "ticketd/core.h"

int
main(int argc, char **argv)
{
    return core_main(argc, argv);
}
