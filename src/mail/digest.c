/* SPDX-License-Identifier: ISC
 *
 * The content digest (DESIGN 6, Duplicates): the same words from the same sender with the same files are the same mail, however its
 * bytes were wrapped on the way. Every field goes in with its length, so that no two sets of fields look alike.
 */
#include "read.h"

#include <sodium.h>
#include <string.h>

static void
add(crypto_generichash_state *s, const char *bytes, size_t len)
{
    uint8_t n[8];

    be64_put(n, len);
    crypto_generichash_update(s, n, sizeof n);
    if (len > 0)
        crypto_generichash_update(s, (const uint8_t *)bytes, len);
}

static void
add_folded(crypto_generichash_state *s, const char *text)
{
    struct buf b = {0};

    for (const char *p = text; *p != 0; p++)
        if (!is_space((unsigned char)*p))
            buf_putc(&b, *p);
        else if (b.len > 0 && b.data[b.len - 1] != ' ')
            buf_putc(&b, ' ');
    if (b.len > 0 && b.data[b.len - 1] == ' ')
        b.len--;
    add(s, b.data, b.len);
    buf_free(&b);
}

void
mail_digest(const Td__Message *m, uint8_t out[32])
{
    crypto_generichash_state s;
    struct arena *a = arena_new(0);
    char *from = arena_strdup(a, m->from == NULL ? "" : m->from->addr);
    const char *subject = mail_bare_subject(m->subject, a);
    uint8_t date[8];

    str_lower(from);
    crypto_generichash_init(&s, NULL, 0, 32);
    add(&s, from, strlen(from));
    add(&s, subject, strlen(subject));
    add_folded(&s, m->text == NULL ? "" : m->text);
    for (size_t i = 0; i < m->n_attachments; i++)
        add(&s, (const char *)m->attachments[i]->sha256.data, m->attachments[i]->sha256.len);
    if (m->message_id == NULL) {
        be64_put(date, (uint64_t)(m->has_date ? m->date : 0));
        add(&s, (const char *)date, sizeof date);
    }
    crypto_generichash_final(&s, out, 32);
    arena_free(&a);
}
