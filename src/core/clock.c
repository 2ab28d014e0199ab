/* SPDX-License-Identifier: ISC
 *
 * The one place where core reads a clock. In a file of its own, so that a program that is linked with the loop can bring
 * another one: the fault simulator runs months in moments and does.
 */
#include "loop.h"

#include <time.h>

int64_t
loop_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec;
}

int64_t
loop_now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
