/* SPDX-License-Identifier: ISC
 *
 * What the files that answer verbs from the store share.
 */
#ifndef CTL_VERBS_H
#define CTL_VERBS_H

#include "ticketd/ctl.h"

#include <jansson.h>

uint32_t ctl_failed(enum store_rc rc, struct buf *error);       /* the sentence for it; the exit code as result */
/* The whole journal of a case, added to v in the arena. */
enum store_rc ctl_entries(struct store_txn *t, uint64_t id, struct arena *a, Td__Entry ***v, size_t *n);
/* A moment, or a date of this zone; NULL gives the fallback. false: neither. */
bool ctl_moment(const char *s, const char *zone, int64_t fallback, int64_t *out);
json_t *ctl_text(const char *s);         /* explain.c: NULL, or what is no UTF-8, is null */
json_t *ctl_when(bool has, int64_t at);
uint32_t ctl_report(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);

#endif
