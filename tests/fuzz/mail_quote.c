/* SPDX-License-Identifier: ISC
 *
 * The new words of a text, with the marks that HTML leaves: "{" "}" "!" "^" "~" of the input at the beginning of a line become them.
 */
#include "fuzz_mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const marks[] = {MARK_QUOTE_OPEN, MARK_QUOTE_CLOSE, MARK_CUT, MARK_SIGNATURE, MARK_SIGNATURE_END};
    static const char letters[] = "{}!^~";
    struct reading r = fuzz_reading();
    struct buf utf8 = {0}, text = {0}, out = {0};
    struct leaves none = {0};

    charset_text("utf-8", bytes, len, &utf8, NULL);
    for (size_t i = 0; i < utf8.len; i++) {
        const char *which = (i == 0 || utf8.data[i - 1] == '\n') && utf8.data[i] != 0 ? strchr(letters, utf8.data[i]) : NULL;
        if (which != NULL)
            buf_puts(&text, marks[which - letters]);
        else if (utf8.data[i] != '\r')
            buf_putc(&text, utf8.data[i]);
    }
    buf_puts(&text, "");
    quote_reply_text(&r, text.data, text.len, &out);
    must(utf8_valid(out.data == NULL ? "" : out.data, out.len) && out.len <= text.len + 1);
    forward_read(&r, &none, text.data, text.len);
    r.m->language = (char *)language_guess(&r, text.data, "sv");
    fuzz_message_ok(r.m);
    buf_free(&utf8);
    buf_free(&text);
    buf_free(&out);
    arena_free(&r.a);
    return 0;
}
