/* SPDX-License-Identifier: ISC
 *
 * Charsets and transfer encodings. The first line is "charset encoding", the rest the bytes.
 */
#include "fuzz_mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char line[64] = "", *blank;
    size_t rest, n = fuzz_first_line(bytes, len, &rest);
    struct buf decoded = {0}, text = {0};
    struct uu_file f;

    for (size_t i = 0; i < n && i < sizeof line - 1; i++)
        line[i] = bytes[i] == 0 ? '?' : (char)bytes[i];
    if ((blank = strchr(line, ' ')) != NULL)
        *blank++ = 0;
    decode_transfer(blank, bytes + rest, len - rest, &decoded);
    charset_text(*line == 0 ? NULL : line, (const uint8_t *)decoded.data, decoded.len, &text, NULL);
    must(utf8_valid(text.data == NULL ? "" : text.data, text.len));
    must(text.len == 0 || memchr(text.data, 0, text.len) == NULL);
    if (uu_find(bytes, len, 0, &f)) {
        must(f.begin < f.end && f.end <= len);
        uu_decode(bytes, len, &f, &text);
    }
    buf_free(&decoded);
    buf_free(&text);
    return 0;
}
