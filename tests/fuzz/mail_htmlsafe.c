/* SPDX-License-Identifier: ISC
 *
 * HTML to safe HTML. Whatever comes in, what comes out is read back token by token as safe, its elements are balanced, it is UTF-8, it is
 * bounded, and it is the same once more: safe HTML made safe says nothing else.
 */
#include "fuzz_mail.h"

#include <string.h>

#define DEPTH_MAX 2000u

static void
check(const char *html)
{
    size_t depth = 0;
    struct { const char *name; size_t len; } open[DEPTH_MAX];
    struct mail_html_token t;
    enum mail_html kind;

    while ((kind = mail_html_next(&html, &t)) != MAIL_HTML_END) {
        must(kind != MAIL_HTML_BAD);
        if (kind == MAIL_HTML_OPEN && !mail_html_is_void(t.name, t.name_len)) {
            must(depth < DEPTH_MAX);
            open[depth].name = t.name;
            open[depth++].len = t.name_len;
        } else if (kind == MAIL_HTML_CLOSE) {
            must(depth > 0 && open[depth - 1].len == t.name_len && memcmp(open[depth - 1].name, t.name, t.name_len) == 0);
            depth--;
        }
    }
    must(depth == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reading r = fuzz_reading();
    struct buf utf8 = {0}, out = {0}, again = {0};

    charset_text("utf-8", bytes, len, &utf8, NULL);
    if (utf8.len > 0 && html_safe(&r, utf8.data, utf8.len, MAIL_HTML_MAX, &out)) {
        must(utf8_valid(out.data, out.len) && strlen(out.data) == out.len && out.len <= MAIL_HTML_MAX);
        check(out.data);
        if (html_safe(&r, out.data, out.len, MAIL_HTML_MAX, &again))
            check(again.data);
    }
    /* and as it came, as if a worker had said it: it is refused or read, nothing else */
    const char *at = utf8.data == NULL ? "" : utf8.data;
    struct mail_html_token t;
    while (mail_html_next(&at, &t) > MAIL_HTML_BAD)
        (void)mail_html_attribute(&t, "href", r.a);
    buf_free(&utf8);
    buf_free(&out);
    buf_free(&again);
    arena_free(&r.a);
    return 0;
}
