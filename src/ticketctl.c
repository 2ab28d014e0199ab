/* SPDX-License-Identifier: ISC
 *
 * ticketctl: asks a running ticketd, or reads mail and replays mailboxes without one.
 */
#include "ticketd/ctl.h"

int
main(int argc, char **argv)
{
    return ticketctl_main(argc, argv);
}
