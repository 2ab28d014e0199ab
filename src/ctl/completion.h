/* SPDX-License-Identifier: ISC
 *
 * completion: what a shell has to know, from the table of verbs.
 */
#ifndef CTL_COMPLETION_H
#define CTL_COMPLETION_H

int completion_main(int argc, char **argv);     /* argv[1]: the shell. An exit code. */

#endif
