/* SPDX-License-Identifier: ISC
 *
 * The file `keys`: one key for each case, mail and letter, in slots that can be erased. A backup of the data leaves this
 * file out, so what is erased here stays erased there. May trust: the master key. Must never: use a slot that is not
 * synced, or write a slot twice but to erase it.
 *
 * Head, 512 bytes: "ticketdK", u32 format, u32 epoch, 32 bytes that only this master key gives, zeros, BLAKE2b of all that.
 * Format 2, after a rotation until all is sealed anew: 24 nonce and 48 sealed bytes of the store's own key before it follow.
 * Slot n, 128 bytes at 512 + 128 (n - 1), never across a sector: 24 nonce, 48 sealed key, u32 epoch, u8 state, zeros,
 * 16 bytes of BLAKE2b over its number and all that. The plain checksums tell damage from a wrong key.
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 512u
#define SLOT 128u
#define BATCH 256u                      /* slots written at once */
#define AHEAD 1024u                     /* and made at once: one sync for many mails */
#define FORMAT 1u
#define FORMAT_PREVIOUS 2u
#define FORMAT_MAX FORMAT_PREVIOUS
#define SLOT_MAX (((uint64_t)INT64_MAX - HEAD) / SLOT)

enum { H_MAGIC = 0, H_FORMAT = 8, H_EPOCH = 12, H_CHECK = 16, H_NONCE = 48, H_PREVIOUS = 72, H_SUM = 480 };
enum { S_NONCE = 0, S_SEALED = 24, S_EPOCH = 72, S_STATE = 76, S_SUM = 112 };
enum { SLOT_ERASED = 0, SLOT_LIVE = 1 };
static const char magic[8] = "ticketdK";

static void
put_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t
get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t
slot_place(uint64_t slot)
{
    return HEAD + SLOT * (slot - 1);
}

static void
slot_sum(uint64_t slot, const uint8_t *p, uint8_t out[16])
{
    uint8_t number[8];
    crypto_generichash_state h;

    be64_put(number, slot);
    crypto_generichash_init(&h, NULL, 0, 16);
    crypto_generichash_update(&h, number, sizeof number);
    crypto_generichash_update(&h, p, S_SUM);
    crypto_generichash_final(&h, out, 16);
}

static bool
slot_sound(uint64_t slot, const uint8_t *p)
{
    uint8_t sum[16];

    slot_sum(slot, p, sum);
    return memcmp(sum, p + S_SUM, sizeof sum) == 0;
}

static void
slot_ad(uint64_t slot, const uint8_t *p, uint8_t ad[12])
{
    be64_put(ad, slot);
    memcpy(ad + 8, p + S_EPOCH, 4);
}

static void
slot_make(struct store *s, uint64_t slot, uint8_t *p)
{
    uint8_t fresh[32], ad[12];

    memset(p, 0, SLOT);
    s->random(s->random_u, fresh, sizeof fresh);
    s->random(s->random_u, p + S_NONCE, STORE_NONCE);
    put_u32(p + S_EPOCH, s->epoch);
    p[S_STATE] = SLOT_LIVE;
    slot_ad(slot, p, ad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + S_SEALED, NULL, fresh, sizeof fresh, ad, sizeof ad, NULL, p + S_NONCE, s->secrets->wrap);
    slot_sum(slot, p, p + S_SUM);
    sodium_memzero(fresh, sizeof fresh);
}

/* Slots up to `up_to`, on disk before anybody may use them. */
static enum store_rc
slots_make(struct store *s, uint64_t up_to)
{
    uint8_t batch[BATCH * SLOT];
    uint64_t made = s->slots_made;
    int e = 0;

    if (s->read_only || up_to > SLOT_MAX)
        return STORE_REFUSED;
    while (made < up_to && e == 0) {
        uint64_t n = up_to - made < BATCH ? up_to - made : BATCH;
        for (uint64_t i = 0; i < n; i++)
            slot_make(s, made + 1 + i, batch + i * SLOT);
        e = store_write_at(s->keys_fd, batch, n * SLOT, slot_place(made + 1));
        made += n;
    }
    if (e == 0 && fdatasync(s->keys_fd) != 0)
        e = errno;
    if (e != 0)
        return store_rc_of(s, e);
    s->slots_made = up_to;
    return STORE_OK;
}

enum store_rc
store_slots_reserve(struct store *s, uint64_t up_to)
{
    if (up_to <= s->slots_made)
        return STORE_OK;
    return slots_make(s, up_to > SLOT_MAX - AHEAD ? up_to : up_to + AHEAD);
}

static enum store_rc
slot_read(struct store *s, uint64_t slot, uint8_t p[SLOT])
{
    if (slot == 0 || slot > SLOT_MAX || !store_read_at(s->keys_fd, p, SLOT, slot_place(slot)) || !slot_sound(slot, p))
        return STORE_DAMAGED;
    return p[S_STATE] == SLOT_LIVE ? STORE_OK : STORE_ERASED;
}

/* The key in a slot, borrowed until the next call; slot 0: the store's own. */
enum store_rc
store_slot_key(struct store *s, uint64_t slot, const uint8_t **out)
{
    typeof(s->secrets->cached[0]) *c = &s->secrets->cached[slot % STORE_CACHED_KEYS];
    uint8_t p[SLOT], ad[12];

    *out = s->secrets->own;
    if (slot == 0)
        return STORE_OK;
    *out = c->key;
    if (c->slot == slot)
        return STORE_OK;
    enum store_rc rc = slot_read(s, slot, p);
    if (rc != STORE_OK)
        return rc;
    slot_ad(slot, p, ad);
    c->slot = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(c->key, NULL, NULL, p + S_SEALED, 48, ad, sizeof ad, p + S_NONCE, s->secrets->wrap) != 0)
        return STORE_DAMAGED;
    c->slot = slot;
    return STORE_OK;
}

void
store_keys_forget(struct store *s)
{
    sodium_memzero(s->secrets->cached, sizeof s->secrets->cached);
}

/* In place: a copy elsewhere would keep the key. What the disk itself keeps (journal, flash wear levelling) is beyond us. */
enum store_rc
store_slot_erase(struct store *s, uint64_t slot)
{
    uint8_t p[SLOT] = { 0 };

    if (s->read_only)
        return STORE_REFUSED;
    if (slot == 0 || slot > s->slots_made)
        return STORE_NOTFOUND;
    s->random(s->random_u, p, S_EPOCH);
    put_u32(p + S_EPOCH, s->epoch);
    p[S_STATE] = SLOT_ERASED;
    slot_sum(slot, p, p + S_SUM);
    store_keys_forget(s);
    store_rotation_erase(s, slot, p);
    int e = store_write_at(s->keys_fd, p, SLOT, slot_place(slot));
    if (e == 0 && fdatasync(s->keys_fd) != 0)
        e = errno;
    return store_rc_of(s, e);
}

/* ---- the file */

static enum store_rc
head_check(struct store *s, const uint8_t h[HEAD], char error[256])
{
    uint8_t sum[32];

    crypto_generichash(sum, sizeof sum, h, H_SUM, NULL, 0);
    if (memcmp(h + H_MAGIC, magic, sizeof magic) != 0 || memcmp(sum, h + H_SUM, sizeof sum) != 0) {
        store_say(error, "%.150s/keys is damaged: its head does not read. Restore it from its latest copy", s->directory);
        return STORE_DAMAGED;
    }
    if (get_u32(h + H_FORMAT) > FORMAT_MAX) {
        store_say(error, "%.150s was written by a newer ticketd (keys format %u, this one knows %u)", s->directory, get_u32(h + H_FORMAT), FORMAT_MAX);
        return STORE_NEWER;
    }
    if (sodium_memcmp(h + H_CHECK, s->secrets->check, 32) != 0) {
        store_say(error, "%.150s was sealed under another master key", s->directory);
        return STORE_WRONG_KEY;
    }
    s->epoch = get_u32(h + H_EPOCH);
    s->has_previous = get_u32(h + H_FORMAT) == FORMAT_PREVIOUS;
    if (s->has_previous && crypto_aead_xchacha20poly1305_ietf_decrypt(s->secrets->previous, NULL, NULL, h + H_PREVIOUS, 48, h, H_NONCE, h + H_NONCE,
                                                                      s->secrets->own) != 0) {
        store_say(error, "%.150s/keys is damaged: the key before the last rotation does not open. Restore it from its latest copy", s->directory);
        return STORE_DAMAGED;
    }
    return STORE_OK;
}

/* For these secrets; previous NULL: there is none. */
static void
head_make(struct store *s, uint8_t h[HEAD], const struct store_secrets *x, uint32_t epoch, const uint8_t *previous)
{
    memset(h, 0, HEAD);
    memcpy(h + H_MAGIC, magic, sizeof magic);
    put_u32(h + H_FORMAT, previous ? FORMAT_PREVIOUS : FORMAT);
    put_u32(h + H_EPOCH, epoch);
    memcpy(h + H_CHECK, x->check, 32);
    if (previous) {
        s->random(s->random_u, h + H_NONCE, STORE_NONCE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(h + H_PREVIOUS, NULL, previous, 32, h, H_NONCE, NULL, h + H_NONCE, x->own);
    }
    crypto_generichash(h + H_SUM, 32, h, H_SUM, NULL, 0);
}

/* In place: one sector, written whole or not at all. */
enum store_rc
store_keys_previous(struct store *s, const uint8_t own[32])
{
    uint8_t h[HEAD];

    head_make(s, h, s->secrets, s->epoch, own);
    int e = store_write_at(s->keys_fd, h, HEAD, 0);
    if (e == 0 && fdatasync(s->keys_fd) != 0)
        e = errno;
    if (e != 0)
        return store_rc_of(s, e);
    s->has_previous = own != NULL;
    if (own)
        memmove(s->secrets->previous, own, 32);
    else
        sodium_memzero(s->secrets->previous, 32);
    return STORE_OK;
}

enum store_rc
store_keys_open(struct store *s, enum store_keys *out, char error[256])
{
    uint8_t h[HEAD];
    struct stat st;

    *out = STORE_KEYS_NONE;
    if (s->directory == NULL)
        return STORE_OK;
    s->keys_fd = openat(s->dir_fd, "keys", (s->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW);
    if (s->keys_fd < 0 && errno == ENOENT)
        return STORE_OK;
    if (s->keys_fd < 0 || fstat(s->keys_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        store_say(error, "%.150s/keys: %s", s->directory, s->keys_fd < 0 ? strerrordesc_np(errno) : "not a regular file");
        return STORE_REFUSED;
    }
    if (!store_read_at(s->keys_fd, h, HEAD, 0)) {
        store_say(error, "%.150s/keys is cut short: %lld bytes. Restore it from its latest copy", s->directory, (long long)st.st_size);
        return STORE_DAMAGED;
    }
    *out = st.st_size == HEAD ? STORE_KEYS_EMPTY : STORE_KEYS_USED;
    return head_check(s, h, error);
}

/* A new head, under its name only when it is whole. */
enum store_rc
store_keys_create(struct store *s, char error[256])
{
    uint8_t h[HEAD] = { 0 };
    int e = 0;

    s->epoch = 1;
    head_make(s, h, s->secrets, s->epoch, NULL);
    s->keys_fd = s->directory == NULL ? memfd_create("keys", MFD_CLOEXEC)
                                      : openat(s->dir_fd, "keys.new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->keys_fd < 0)
        e = errno;
    if (e == 0)
        e = store_write_at(s->keys_fd, h, HEAD, 0);
    if (e == 0 && s->directory != NULL && (fsync(s->keys_fd) != 0 || renameat(s->dir_fd, "keys.new", s->dir_fd, "keys") != 0))
        e = errno;
    if (e != 0) {
        store_say(error, "%.150s/keys: %s", s->directory ? s->directory : "memory", strerrordesc_np(e));
        return store_rc_of(s, e);
    }
    store_place_sync(s);
    return STORE_OK;
}

/* All slots that the data may name are there. What follows counts as made as far as it is whole, for a batch may have been
 * torn. After a restore of older data there are slots that newer data used, erased ones among them: those are skipped. */
enum store_rc
store_keys_settle(struct store *s, char error[256])
{
    uint8_t batch[BATCH * SLOT];
    struct stat st;

    if (fstat(s->keys_fd, &st) != 0 || st.st_size < (off_t)HEAD)
        return STORE_IO;
    uint64_t there = ((uint64_t)st.st_size - HEAD) / SLOT;
    s->slots_made = s->next_slot - 1;
    if (there < s->slots_made) {
        store_say(error, "%.150s/keys is cut short: %llu of %llu slots. Restore it from its latest copy", s->directory, (unsigned long long)there,
                  (unsigned long long)s->slots_made);
        return STORE_DAMAGED;
    }
    if (s->read_only)
        return STORE_OK;
    while (s->slots_made < there) {
        uint64_t n = there - s->slots_made < BATCH ? there - s->slots_made : BATCH;
        if (!store_read_at(s->keys_fd, batch, n * SLOT, slot_place(s->slots_made + 1)))
            break;
        for (uint64_t i = 0; i < n; i++) {
            if (!slot_sound(s->slots_made + 1, batch + i * SLOT))
                return STORE_OK;
            s->slots_made++;
            if (batch[i * SLOT + S_STATE] != SLOT_LIVE)
                s->next_slot = s->slots_made + 1;
        }
    }
    return STORE_OK;
}

/* ---- rotation: a second file, filled while the first goes on */

struct store_rotation { struct store_secrets *secrets; int fd; uint64_t slots; uint32_t epoch; bool spoilt; };

bool
store_rotating(const struct store *s)
{
    return s->rotation != NULL;
}

void
store_rotation_free(struct store *s)
{
    struct store_rotation *r = s->rotation;

    if (r == NULL)
        return;
    if (r->fd >= 0)
        close(r->fd);
    sodium_free(r->secrets);
    free(r);
    s->rotation = NULL;
}

void
store_rotation_erase(struct store *s, uint64_t slot, const uint8_t *bytes)
{
    struct store_rotation *r = s->rotation;

    if (r && slot <= r->slots && store_write_at(r->fd, bytes, SLOT, slot_place(slot)) != 0)
        r->spoilt = true;               /* it must not take the place of one that has forgotten */
}

enum store_rc
store_rotate_begin(struct store *s, const uint8_t new_master[32])
{
    if (s->read_only || s->directory == NULL)
        return STORE_REFUSED;
    if (s->rotation || s->has_previous)
        return STORE_BUSY;
    struct store_rotation *r = mem_alloc(sizeof *r);
    *r = (struct store_rotation){ .secrets = sodium_malloc(sizeof *r->secrets), .epoch = s->epoch + 1,
                                  .fd = openat(s->dir_fd, "keys.new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) };
    must(r->secrets);
    s->rotation = r;
    memcpy(r->secrets, s->secrets, sizeof *r->secrets);
    crypto_kdf_derive_from_key(r->secrets->own, 32, 1, "tdstore_", new_master);
    crypto_kdf_derive_from_key(r->secrets->wrap, 32, 2, "tdstore_", new_master);
    crypto_kdf_derive_from_key(r->secrets->check, 32, 3, "tdstore_", new_master);
    if (r->fd >= 0 && sodium_memcmp(r->secrets->check, s->secrets->check, 32) != 0)
        return STORE_OK;
    enum store_rc rc = r->fd < 0 ? store_rc_of(s, errno) : STORE_REFUSED;       /* the same key */
    store_rotation_free(s);
    return rc;
}

/* Wrapped anew, or as erased as it was. */
static enum store_rc
slot_rewrap(struct store *s, const struct store_rotation *r, uint64_t slot, uint8_t *p)
{
    uint8_t key[32], ad[12];

    enum store_rc rc = slot_read(s, slot, p);
    if (rc != STORE_OK)
        return rc == STORE_ERASED ? STORE_OK : rc;
    slot_ad(slot, p, ad);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL, p + S_SEALED, 48, ad, sizeof ad, p + S_NONCE, s->secrets->wrap) != 0)
        return STORE_DAMAGED;
    s->random(s->random_u, p + S_NONCE, STORE_NONCE);
    put_u32(p + S_EPOCH, r->epoch);
    slot_ad(slot, p, ad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + S_SEALED, NULL, key, sizeof key, ad, sizeof ad, NULL, p + S_NONCE, r->secrets->wrap);
    slot_sum(slot, p, p + S_SUM);
    sodium_memzero(key, sizeof key);
    return STORE_OK;
}

/* The move: the head last, then the name. What was the store's own key is kept under the new one. */
static enum store_rc
rotate_switch(struct store *s)
{
    struct store_rotation *r = s->rotation;
    uint8_t h[HEAD];

    head_make(s, h, r->secrets, r->epoch, s->secrets->own);
    int e = r->spoilt ? EIO : store_write_at(r->fd, h, HEAD, 0);
    if (e == 0 && (fsync(r->fd) != 0 || renameat(s->dir_fd, "keys.new", s->dir_fd, "keys") != 0))
        e = errno;
    if (e != 0)
        return store_rc_of(s, e);
    store_place_sync(s);
    close(s->keys_fd);
    s->keys_fd = r->fd;
    r->fd = -1;
    memcpy(s->secrets->previous, s->secrets->own, 32);
    memcpy(s->secrets->own, r->secrets->own, 32);
    memcpy(s->secrets->wrap, r->secrets->wrap, 32);
    memcpy(s->secrets->check, r->secrets->check, 32);
    s->has_previous = true;
    s->epoch = r->epoch;
    s->reseal_tab = 0;
    s->reseal_at.len = 0;
    store_keys_forget(s);
    return STORE_OK;
}

enum store_rc
store_rotate_step(struct store *s, unsigned slots, bool *switched)
{
    struct store_rotation *r = s->rotation;
    uint8_t batch[BATCH * SLOT];
    enum store_rc rc = STORE_OK;

    must(r != NULL && s->txns == 0);
    *switched = false;
    while (rc == STORE_OK && slots > 0 && r->slots < s->slots_made) {
        uint64_t left = s->slots_made - r->slots, n = left < BATCH ? left : BATCH;
        for (uint64_t i = 0; i < n && rc == STORE_OK; i++)
            rc = slot_rewrap(s, r, r->slots + 1 + i, batch + i * SLOT);
        if (rc == STORE_OK)
            rc = store_rc_of(s, store_write_at(r->fd, batch, n * SLOT, slot_place(r->slots + 1)));
        r->slots += n;
        slots -= n < slots ? (unsigned)n : slots;
    }
    if (rc == STORE_OK && r->slots == s->slots_made) {
        rc = rotate_switch(s);
        *switched = rc == STORE_OK;
    }
    if (rc != STORE_OK || *switched)
        store_rotation_free(s);
    return rc;
}
