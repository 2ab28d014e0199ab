/* SPDX-License-Identifier: ISC
 *
 * winmail.dat.
 */
#include "fuzz_mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reading r = fuzz_reading();
    struct leaves l = {0};

    tnef_read(&r, bytes, len, &l);
    for (size_t i = 0; i < l.n; i++) {
        fuzz_text_ok(l.v[i].name);
        must(leaf_bytes(&l.v[i])->len <= len);
    }
    leaves_free(&l);
    arena_free(&r.a);
    return 0;
}
