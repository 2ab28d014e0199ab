/* SPDX-License-Identifier: ISC
 *
 * Keys of rows: big-endian, fixed width, composite, so that bytes order as the numbers do. What would tell something to the
 * holder of a stolen copy (addresses, Message-IDs, names) is a keyed BLAKE2b under keys derived from the naming key.
 */
#include "private.h"
#include <string.h>

#define WORD_BYTES 8u
#define HASH_BYTES 16u
#define SIGN (UINT64_C(1) << 63)

static void
add(struct store_key *k, const void *bytes, size_t len)
{
    must(k->len + len <= STORE_KEY_MAX);
    memcpy(k->bytes + k->len, bytes, len);
    k->len += len;
}

void
store_key_start(struct store_key *k)
{
    k->len = 0;
}

void
store_key_u64(struct store_key *k, uint64_t v)
{
    uint8_t b[8];

    be64_put(b, v);
    add(k, b, sizeof b);
}

/* With the sign bit turned over, negative numbers come before the others. */
void
store_key_i64(struct store_key *k, int64_t v)
{
    store_key_u64(k, (uint64_t)v ^ SIGN);
}

void
store_key_u32(struct store_key *k, uint32_t v)
{
    uint8_t b[8];

    be64_put(b, v);
    add(k, b + 4, 4);
}

void
store_key_u8(struct store_key *k, uint8_t v)
{
    add(k, &v, 1);
}

static void
add_hash(struct store_key *k, const uint8_t key[32], const char *text, size_t len)
{
    uint8_t h[HASH_BYTES];

    crypto_generichash(h, sizeof h, (const uint8_t *)text, strlen(text), key, 32);
    add(k, h, len);
}

void
store_key_word(struct store *s, struct store_key *k, const char *word)
{
    add_hash(k, s->secrets->words, word, WORD_BYTES);
}

void
store_key_hash(struct store *s, struct store_key *k, const char *secret)
{
    add_hash(k, s->secrets->hashes, secret, HASH_BYTES);
}

uint64_t
store_key_read_u64(const struct store_key *k, size_t offset)
{
    must(offset <= k->len && k->len - offset >= 8);
    return be64_get(k->bytes + offset);
}

int64_t
store_key_read_i64(const struct store_key *k, size_t offset)
{
    return (int64_t)(store_key_read_u64(k, offset) ^ SIGN);
}
