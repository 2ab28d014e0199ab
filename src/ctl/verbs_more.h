/* SPDX-License-Identifier: ISC
 *
 * search, queue, audit: what the reader answers beside the verbs of verbs.c.
 */
#ifndef CTL_VERBS_MORE_H
#define CTL_VERBS_MORE_H

#include "ticketd/ctl.h"

uint32_t verb_search(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
uint32_t verb_queue(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
uint32_t verb_audit(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);

#endif
