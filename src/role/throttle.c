/* SPDX-License-Identifier: ISC
 *
 * How soon a child that died may come back. One that did its work is back at once; one that never got to it is not allowed to
 * keep the machine busy with dying.
 */
#include "ticketd/role.h"

#define FIRST_MS 100
#define LAST_MS 60000

void
role_throttle_died(struct role_throttle *t, bool had_worked, int64_t now_ms)
{
    int64_t delay = 0;

    if (had_worked) {
        t->failures = 0;
    } else {
        t->failures += t->failures < 1000;
        delay = t->failures > 10 ? LAST_MS : (int64_t)FIRST_MS << (t->failures - 1);
    }
    t->not_before_ms = now_ms + (delay < LAST_MS ? delay : LAST_MS);
}
