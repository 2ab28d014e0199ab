/* SPDX-License-Identifier: ISC
 *
 * ticketctl: asks a running ticketd, or reads mail and replays mailboxes without one.
 */
#include "ticketd/core.h"
#include "ticketd/ctl.h"

#include <string.h>

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "simulate") == 0)
        return simulate_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "test-rules") == 0)
        return test_rules_main(argc - 1, argv + 1);
    return ticketctl_main(argc, argv);
}
