/* SPDX-License-Identifier: ISC
 *
 * Letter templates (the operator's) and what is filled in (a stranger's): the input up to a NUL is the template, the rest every field.
 */
#include "fuzz.h"
#include "../../src/desk/template.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *nul = len > 0 ? memchr(bytes, 0, len) : NULL;
    size_t n = nul == NULL ? len : (size_t)(nul - bytes);
    struct buf errors = {0};
    struct arena *a = arena_new(0);
    struct template *t;
    struct template_fields f = {0};
    const char *value = "A <b> & \"c\"", *list[3], *subject, *text, *html;

    if (nul != NULL && n + 1 < len && utf8_valid((const char *)nul + 1, len - n - 1) && memchr(nul + 1, 0, len - n - 1) == NULL)
        value = arena_strndup(a, (const char *)nul + 1, len - n - 1);
    list[0] = list[1] = list[2] = value;
    for (size_t i = 0; i < FIELDS; i++) {
        f.v[i] = value;
        f.list[i] = list;
        f.n[i] = 3;
    }
    t = template_parse("fuzz.txt", (const char *)bytes, n, &errors);
    if (t == NULL) {
        must(errors.len > 0);
    } else {
        template_render(t, &f, a, &subject, &text, &html);
        must(utf8_valid(subject, strlen(subject)) && !str_has_control(subject));
        must(utf8_valid(text, strlen(text)) && utf8_valid(html, strlen(html)));
        template_free(&t);
    }
    buf_free(&errors);
    arena_free(&a);
    return 0;
}
