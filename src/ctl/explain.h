/* SPDX-License-Identifier: ISC
 *
 * explain: where the clocks of a case stand and why, as JSON.
 */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ticketd/ctl.h"

void explain_json(const struct ctl_source *s, Td__Case *c, struct buf *out);

#endif
