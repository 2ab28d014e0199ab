/* SPDX-License-Identifier: ISC
 *
 * Safe HTML read back: what a worker that was taken over could say instead is refused, token by token.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/mail.h"
#include <stdio.h>
#include <string.h>

static void
tokens(void **state)
{
    static const struct { const char *html; bool safe; } rows[] = {
        { "<p>Hello <b>you</b></p>", true }, { "a &amp; b &lt;c&gt;", true }, { "<img src=\"cid:1@x\" alt=\"a &quot;b&quot;\" width=\"12\">", true },
        { "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>", true }, { "<td colspan=\"2\" style=\"color: red; margin: 0\">x</td>", true },
        { "<script>x</script>", false }, { "<p onclick=\"x\">", false }, { "<p class=\"x\">", false }, { "<p style=\"position: fixed\">", false },
        { "<p style=\"color:red\">", false }, { "<p style=\"background-color: url(x)\">", false }, { "<p style=\"margin-left: -9px\">", false },
        { "<img src=\"https://x.example/p.gif\">", false }, { "<img src=\"data:image/png;base64,A\">", false }, { "<a href=\"javascript:x\">", false },
        { "<a href=\"https://x.example/ onclick=x\">", false }, { "<a href='https://x.example'>", false }, { "<a href=https://x.example>", false },
        { "<P>", false }, { "<p >", false }, { "<p", false }, { "a & b", false }, { "a &copy; b", false }, { "a > b", false }, { "</p x>", false }, { "<!-- x -->", false },
        { "<p/>", false }, { "<p dir=\"rtl\"align=\"left\">", false }, { "<a src=\"cid:1@x\">", false }, { "<iframe>", false }, { "<form>", false }, { "<style>", false },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        const char *at = rows[i].html;
        struct mail_html_token t;

        while (mail_html_next(&at, &t) > MAIL_HTML_BAD)
            ;
        if ((t.kind == MAIL_HTML_END) != rows[i].safe)
            fail_msg("%s: %s", rows[i].html, t.kind == MAIL_HTML_END ? "taken" : "refused");
    }
}

static void
values(void **state)
{
    struct arena *a = arena_new(0);
    const char *at = "<img src=\"cid:1@x\" alt=\"a &quot;b&quot;\">";
    struct mail_html_token t;

    (void)state;
    assert_int_equal(mail_html_next(&at, &t), MAIL_HTML_OPEN);
    assert_string_equal(mail_html_attribute(&t, "alt", a), "a \"b\"");
    assert_string_equal(mail_html_attribute(&t, "src", a), "cid:1@x");
    assert_null(mail_html_attribute(&t, "width", a));
    assert_string_equal(mail_html_text("a &lt;b", 7, a), "a <b");
    assert_null(mail_html_text("a <b", 4, a));
    arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tokens), cmocka_unit_test(values) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
