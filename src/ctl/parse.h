/* SPDX-License-Identifier: ISC
 *
 * ticketctl parse; argv[0] is "parse". Returns the exit code.
 */
#ifndef CTL_PARSE_H
#define CTL_PARSE_H

int parse_main(int argc, char **argv);

#endif
