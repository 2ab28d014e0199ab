/* SPDX-License-Identifier: ISC
 *
 * winmail.dat, and the RTF in it: the same bytes are read as the one, as packed RTF and as RTF itself.
 */
#include "fuzz_mail.h"

static void
text_ok(const struct buf *b, size_t most)
{
    must(utf8_valid(b->data == NULL ? "" : b->data, b->len) && b->len <= most);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reading r = fuzz_reading();
    struct leaves l = {0};
    struct buf text = {0}, unpacked = {0};

    tnef_read(&r, bytes, len, &l);
    for (size_t i = 0; i < l.n; i++) {
        fuzz_text_ok(l.v[i].name);
        if (l.v[i].body)
            text_ok(leaf_bytes(&l.v[i]), fuzz_options.limits.text * 16);
        else
            must(leaf_bytes(&l.v[i])->len <= len);
    }
    rtf_to_text(&r, (const char *)bytes, len, &text);
    text_ok(&text, len * 4);
    if (rtf_unpack(bytes, len, 65536, &unpacked))
        must(unpacked.len < 65536 + 32);
    leaves_free(&l);
    buf_free(&text);
    buf_free(&unpacked);
    arena_free(&r.a);
    return 0;
}
