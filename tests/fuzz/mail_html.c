/* SPDX-License-Identifier: ISC
 *
 * HTML to text. What comes out is UTF-8 with nothing of the marks' alphabet but the marks, and not much longer than what went in.
 */
#include "fuzz_mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reading r = fuzz_reading();
    struct buf utf8 = {0}, out = {0};

    charset_text("utf-8", bytes, len, &utf8, NULL);
    if (utf8.len > 0)
        html_to_text(&r, utf8.data, utf8.len, &out);
    must(utf8_valid(out.data == NULL ? "" : out.data, out.len));
    must(out.len <= utf8.len * 8 + 1024);
    buf_free(&utf8);
    buf_free(&out);
    arena_free(&r.a);
    return 0;
}
