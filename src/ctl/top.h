/* SPDX-License-Identifier: ISC
 *
 * top: status and list, over and over.
 */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include "ask.h"
#include "ticketd/ctl.h"

/* Where the output is no terminal, or with once: one look. An exit code. */
int top_run(const struct asking *how, const Td__Request *r);

#endif
