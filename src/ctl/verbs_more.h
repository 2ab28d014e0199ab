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
/* verbs.c: a moment, or a date of this zone; NULL gives the fallback. false: neither. */
bool ctl_moment(const char *s, const char *zone, int64_t fallback, int64_t *out);

#endif
