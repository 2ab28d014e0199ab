/* SPDX-License-Identifier: ISC
 *
 * Case numbers and bare subjects. Whatever is found has the shape of a number and is found again in itself.
 */
#include "fuzz_mail.h"

struct seen { unsigned n; char first[64]; };

static void
found(void *u, const char *ref)
{
    struct seen *s = u;
    size_t len = strlen(ref);

    must(len >= 13 && len < sizeof s->first && ref[len - 5] == '-');
    for (size_t i = 0; i < len; i++)
        must((ref[i] >= 'A' && ref[i] <= 'Z') || is_digit((unsigned char)ref[i]) || ref[i] == '-');
    if (s->n++ == 0)
        memcpy(s->first, ref, len + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *a = arena_new(0);
    struct buf text = {0};
    struct seen once = {0}, twice = {0};
    const char *bare;

    charset_text("utf-8", bytes, len, &text, NULL);
    buf_puts(&text, "");
    mail_case_refs(text.data, text.len, found, &once);
    if (once.n > 0) {
        mail_case_refs(once.first, strlen(once.first), found, &twice);
        must(twice.n == 1 && strcmp(once.first, twice.first) == 0);
    }
    bare = mail_bare_subject(text.data, a);
    fuzz_text_ok(bare);
    must(strlen(bare) <= text.len);
    must(strcmp(bare, mail_bare_subject(bare, a)) == 0 || strlen(mail_bare_subject(bare, a)) < strlen(bare));
    buf_free(&text);
    arena_free(&a);
    return 0;
}
