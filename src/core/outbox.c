/* SPDX-License-Identifier: ISC
 *
 * What the outcome of a try means for the outbox, and when the next one is due. Pure.
 * RFC 5321 4.2.1: 4yz is for now, 5yz for good. A relay that refuses *us* (auth_failed) has said nothing about the letter.
 */
#include "engine.h"

#define FIRST_S 60
#define LAST_S (4 * 3600)

enum outbox_verdict
outbox_judge(const Td__SendOutcome *o)
{
    if (o->unknown || (o->has_auth_failed && o->auth_failed))
        return OUTBOX_LATER;
    if (o->code >= 200 && o->code < 300)
        return OUTBOX_DONE;
    return o->code >= 500 && o->code < 600 ? OUTBOX_FAILED : OUTBOX_LATER;
}

int64_t
outbox_next_try(uint32_t attempts, uint32_t salt)
{
    int64_t wait = FIRST_S, spread;

    for (uint32_t i = 1; i < attempts && wait < LAST_S; i++)
        wait *= 2;
    if (wait > LAST_S)
        wait = LAST_S;
    spread = wait / 10;
    return wait - spread + (int64_t)(salt * 2654435761u >> 8) % (2 * spread + 1);
}
