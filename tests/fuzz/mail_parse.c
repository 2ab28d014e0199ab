/* SPDX-License-Identifier: ISC
 *
 * A whole mail. The first answer and the whole one must agree on who wrote it, and say the same when asked twice.
 */
#include "fuzz_mail.h"

static bool
same(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *a = arena_new(0);
    Td__Message *who = mail_scan(bytes, len, &fuzz_options, a), *m = mail_parse(bytes, len, &fuzz_options, a);
    struct buf part = {0};

    fuzz_message_ok(who);
    fuzz_message_ok(m);
    must(same(who->message_id, m->message_id) && same(who->subject, m->subject) && who->aligned == m->aligned);
    must(same(who->from == NULL ? NULL : who->from->addr, m->from == NULL ? NULL : m->from->addr));
    must(m->text != NULL && m->reply_text != NULL && m->has_digest);
    must(strlen(m->text) <= fuzz_options.limits.text);
    for (size_t i = 0; i < m->n_attachments && i < 4; i++) {
        buf_clear(&part);
        must(mail_extract(bytes, len, m->attachments[i]->part, &fuzz_options.limits, &part));
        must(part.len == m->attachments[i]->size);
    }
    buf_free(&part);
    arena_free(&a);
    return 0;
}
