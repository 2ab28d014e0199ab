/* SPDX-License-Identifier: ISC
 *
 * The header scanner and everything that reads header fields: addresses, encoded words, dates, Message-IDs, parameters. This is the
 * first answer, on which rights are built; no library takes part in it.
 */
#include "fuzz_mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct reading r = fuzz_reading();
    struct content c;
    struct header h;
    Td__Message *m = mail_scan(bytes, len, &fuzz_options, r.a);

    fuzz_message_ok(m);
    must(m->from == NULL || (!str_has_control(m->from->addr) && *m->from->addr != 0));
    for (size_t i = 0; i < m->n_to; i++)
        must(!str_has_control(m->to[i]->addr) && *m->to[i]->addr != 0);
    header_scan(&r, bytes, len, true, &h);
    must(h.body <= len && h.n <= fuzz_options.limits.headers);
    for (size_t i = 0; i < h.n; i++) {
        must(h.f[i].len <= fuzz_options.limits.header_len && strlen(h.f[i].value) == h.f[i].len);
        content_parse(&r, h.f[i].value, h.f[i].len, NULL, &c);
        fuzz_text_ok(content_param(&c, "name"));
        fuzz_text_ok(mail_bare_subject(word_decode(&r, h.f[i].value, h.f[i].len, "koi8-r"), r.a));
    }
    arena_free(&r.a);
    return 0;
}
