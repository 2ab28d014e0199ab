/* SPDX-License-Identifier: ISC
 *
 * One value: [version and flags][slot, 8 bytes, if it has one][nonce 24][XChaCha20-Poly1305 ciphertext and tag].
 * Associated data: the first byte, the table, the slot and the key bytes of the row, so that a value opens only where it
 * was put. Plain text is a record, compressed where it pays, or a piece of a compressed stream (bulk.c).
 * Trusts nothing that it reads before the tag has been checked; sizes are bounded before memory is asked for.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

#define SQUEEZE_FROM 200u               /* smaller records do not get smaller */
#define VALUE_MAX (STORE_RECORD_MAX + 64u)

uint8_t *
store_scratch_room(struct store_scratch *x, size_t len)
{
    if (x->room < len) {
        size_t room = x->room ? x->room : 4096;
        while (room < len)
            room *= 2;
        x->bytes = mem_grow(x->bytes, room);
        x->room = room;
    }
    return x->bytes;
}

/* 24 random bytes never meet twice under a key; taken in pools, for the source may be a system call. */
static void
take_nonce(struct store *s, uint8_t out[STORE_NONCE])
{
    if (s->nonces_left == 0) {
        s->random(s->random_u, s->nonces, sizeof s->nonces);
        s->nonces_left = sizeof s->nonces;
    }
    s->nonces_left -= STORE_NONCE;
    memcpy(out, s->nonces + s->nonces_left, STORE_NONCE);
}

static size_t
head_size(uint64_t slot)
{
    return 1 + (slot ? 8u : 0u) + STORE_NONCE;
}

size_t
store_sealed_size(uint64_t slot, size_t len)
{
    return head_size(slot) + len + STORE_TAG;
}

struct ad { uint8_t bytes[10 + STORE_KEY_MAX]; size_t len; };

static void
make_ad(struct ad *ad, uint8_t first, struct store_place where, uint64_t slot)
{
    must(where.len <= STORE_KEY_MAX);
    ad->bytes[0] = first;
    ad->bytes[1] = (uint8_t)where.tab;
    be64_put(ad->bytes + 2, slot);
    memcpy(ad->bytes + 10, where.key, where.len);
    ad->len = 10 + where.len;
}

void
store_seal(struct store *s, struct store_place where, uint64_t slot, const uint8_t key[32], unsigned flags, const uint8_t *plain, size_t len, uint8_t *out)
{
    struct ad ad;
    uint8_t *nonce = out + head_size(slot) - STORE_NONCE;

    out[0] = (uint8_t)(SEAL_VERSION | flags | (slot ? SEAL_SLOT : 0));
    if (slot)
        be64_put(out + 1, slot);
    make_ad(&ad, out[0], where, slot);
    take_nonce(s, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + STORE_NONCE, NULL, plain, len, ad.bytes, ad.len, NULL, nonce, key);
}

bool
store_sealed_slot(const uint8_t *value, size_t len, uint64_t *slot)
{
    *slot = 0;
    if (len < store_sealed_size(0, 0) || (value[0] & 0xf0) != SEAL_VERSION)
        return false;
    if (value[0] & SEAL_SLOT) {
        *slot = be64_get(value + 1);
        return *slot != 0 && len >= store_sealed_size(*slot, 0);
    }
    return true;
}

static enum store_rc
unsqueeze(struct store *s, const uint8_t *bytes, size_t len, const uint8_t **out, size_t *out_len)
{
    unsigned long long size = ZSTD_getFrameContentSize(bytes, len);

    /* the two error values are the largest numbers there are */
    if (size > STORE_RECORD_MAX)
        return STORE_DAMAGED;
    uint8_t *room = store_scratch_room(&s->unsqueezed, (size_t)size + 1);
    size_t n = ZSTD_decompressDCtx(s->unsqueeze, room, (size_t)size, bytes, len);
    if (ZSTD_isError(n) || n != size)
        return STORE_DAMAGED;
    *out = room, *out_len = n;
    return STORE_OK;
}

enum store_rc
store_unseal_raw(struct store *s, struct store_place where, const uint8_t *value, size_t len, const uint8_t key[32], const uint8_t **out, size_t *out_len)
{
    struct ad ad;
    uint64_t slot;

    if (len > VALUE_MAX || where.len > STORE_KEY_MAX || !store_sealed_slot(value, len, &slot))
        return STORE_DAMAGED;
    size_t n = len - store_sealed_size(slot, 0);
    const uint8_t *sealed = value + head_size(slot);
    uint8_t *plain = store_scratch_room(&s->plain, n + 1);
    make_ad(&ad, value[0], where, slot);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed, n + STORE_TAG, ad.bytes, ad.len, sealed - STORE_NONCE, key) != 0)
        return STORE_DAMAGED;
    *out = plain, *out_len = n;
    return STORE_OK;
}

enum store_rc
store_unseal(struct store *s, struct store_place where, const uint8_t *value, size_t len, unsigned kind, const uint8_t **out, size_t *out_len)
{
    uint64_t slot;
    const uint8_t *key, *plain;
    size_t n;

    if (len > VALUE_MAX || where.len > STORE_KEY_MAX || !store_sealed_slot(value, len, &slot))
        return STORE_DAMAGED;
    if ((value[0] & (SEAL_PIECE | SEAL_LAST)) != kind)
        return STORE_DAMAGED;
    enum store_rc rc = store_slot_key(s, slot, &key);
    if (rc != STORE_OK)
        return rc;
    rc = store_unseal_raw(s, where, value, len, key, &plain, &n);
    if (rc != STORE_OK && slot == 0 && s->has_previous)
        rc = store_unseal_raw(s, where, value, len, s->secrets->previous, &plain, &n);
    if (rc != STORE_OK)
        return rc;
    if (value[0] & SEAL_SQUEEZED)
        return unsqueeze(s, plain, n, out, out_len);
    *out = plain, *out_len = n;
    return STORE_OK;
}

unsigned
store_squeeze(struct store *s, const uint8_t **out, size_t *len)
{
    *out = (const uint8_t *)s->packed.data;
    *len = s->packed.len;
    if (*len <= SQUEEZE_FROM)
        return 0;
    /* no room to grow: what does not get smaller is an error and stays as it is */
    uint8_t *room = store_scratch_room(&s->squeezed, *len);
    size_t n = ZSTD_compress2(s->squeeze, room, *len - 1, *out, *len);
    if (ZSTD_isError(n))
        return 0;
    *out = room, *len = n;
    return SEAL_SQUEEZED;
}
