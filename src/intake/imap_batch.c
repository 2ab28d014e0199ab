/* SPDX-License-Identifier: ISC
 *
 * imap: which mails one FETCH brings. Sizes are the server's claim: they shape batches, the stream's cap is what protects.
 */
#include "imap.h"

bool
imap_is_suspect(const uint32_t *suspects, size_t n, uint32_t uid)
{
    for (size_t i = 0; i < n; i++)
        if (suspects[i] == uid)
            return true;
    return false;
}

void
imap_batch_choose(const struct imap_items *s, const uint32_t *suspects, size_t n_suspects, uint64_t max_mail, size_t room, struct imap_batch *out)
{
    *out = (struct imap_batch){ 0 };
    for (size_t i = 0; i < s->n && out->n < room && out->n < countof(out->uids); i++) {
        const struct imap_item *item = &s->v[i];
        bool alone;

        if (item->state != ITEM_WANTED)
            continue;
        alone = item->size > IMAP_BATCH_BYTES || item->size > max_mail || imap_is_suspect(suspects, n_suspects, item->uid);
        if (out->n > 0 && (alone || out->bytes + item->size > IMAP_BATCH_BYTES))
            break;
        out->uids[out->n++] = item->uid;
        out->bytes += item->size;
        out->alone = alone;
        if (alone)
            break;
    }
}
