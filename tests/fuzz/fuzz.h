/* SPDX-License-Identifier: ISC
 *
 * For the fuzzers: each is one file with LLVMFuzzerTestOneInput(), which takes any bytes, calls one reader and checks what must
 * hold whatever comes. A broken promise is bug(), as it would be in the program.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "ticketd/base.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The first line, and the rest behind it. */
static inline size_t
fuzz_first_line(const uint8_t *bytes, size_t len, size_t *rest)
{
    const uint8_t *lf = len > 0 ? memchr(bytes, '\n', len) : NULL;
    size_t end = lf == NULL ? len : (size_t)(lf - bytes);

    *rest = lf == NULL ? len : end + 1;
    return end;
}

#endif
