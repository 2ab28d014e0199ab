/* SPDX-License-Identifier: ISC
 *
 * store, inside: what the files of this room share and nobody else sees. Layouts of the files on disk stand in keys.c
 * (the file `keys`) and seal.c (a sealed value).
 */
#ifndef TICKETD_STORE_PRIVATE_H
#define TICKETD_STORE_PRIVATE_H

#include "ticketd/store.h"
#include <lmdb.h>
#include <sodium.h>
#include <zstd.h>

#define STORE_MAP_DEFAULT (64ull << 30)
#define STORE_MAP_MAX (1ull << 40)      /* store_grow() ends here, unless more was configured */
#define STORE_CACHED_KEYS 64u
#define STORE_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define STORE_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define STORE_NONCE_POOL (170u * STORE_NONCE)

/* In the table meta: the first bytes of the store's own keys. */
enum { STORE_META_RECORD = 0, STORE_META_BULK = 1 };

/* Memory that is used again and again; grows, never shrinks. */
struct store_scratch { uint8_t *bytes; size_t room; };
uint8_t *store_scratch_room(struct store_scratch *x, size_t len);

struct store_secrets {                  /* in sodium_malloc */
    uint8_t own[32];                    /* seals what has no slot */
    uint8_t wrap[32];                   /* seals the keys in the slots */
    uint8_t check[32];                  /* stands in the head of `keys`: is this the right master key? */
    uint8_t previous[32];               /* what `own` was before the last rotation, until nothing is sealed under it */
    uint8_t naming[32], words[32], hashes[32];
    struct { uint64_t slot; uint8_t key[32]; } cached[STORE_CACHED_KEYS];
};

struct store {
    MDB_env *env;
    MDB_dbi dbi[STORE_TABLES];
    char *directory;                    /* NULL: in memory */
    int dir_fd, lock_fd, keys_fd, memory_fd;
    bool read_only, unlocked;           /* unlocked: LMDB does not know its readers */
    bool writing, map_full, streaming;   /* streaming: inside store_bulk_read() */
    unsigned txns;                      /* outermost ones that are open */
    size_t page;
    uint64_t map_max;
    struct store_secrets *secrets;
    uint64_t slots_made;                /* slots 1 … slots_made are on disk */
    uint64_t next_slot;                 /* as committed */
    uint32_t epoch;
    bool has_previous;
    struct store_rotation *rotation;    /* begun, not switched */
    enum store_table reseal_tab; struct store_key reseal_at;    /* how far store_reseal() has come */
    void (*random)(void *u, void *out, size_t len);
    void *random_u;
    uint8_t nonces[STORE_NONCE_POOL];
    size_t nonces_left;
    ZSTD_CCtx *squeeze;
    ZSTD_DCtx *unsqueeze, *stream;
    struct buf packed;
    struct store_scratch squeezed, plain, unsqueezed, streamed;
};

struct store_bulk {
    struct store *store;
    enum store_table tab;
    uint64_t id, slot;
    uint32_t chunks;
    unsigned marks;                     /* in open transactions; the last one frees what its owner has given up */
    bool given_up;
};
/* One write of a bulk in an open transaction: back to `before` if that is aborted. */
struct store_bulk_mark { struct store_bulk *bulk; uint32_t before; struct store_bulk_mark *next; };

struct store_txn {
    struct store *store;
    struct store_txn *parent, *child;
    MDB_txn *txn;
    bool write, slots_moved;
    enum store_rc failed;               /* the first hard error: LMDB refuses the transaction from then on */
    struct store_bulk_mark *bulks;      /* the latest first */
    uint64_t next_slot;
};

/* open.c */
void store_say(char error[256], const char *fmt, ...) printf_like(2, 3);

/* place.c: the directory, and that one core has it */
enum store_rc store_place_enter(struct store *s, char error[256]);
bool store_place_has_core(const struct store *s);
void store_place_sync(const struct store *s);
bool store_read_at(int fd, void *out, size_t len, uint64_t at);
int store_write_at(int fd, const void *bytes, size_t len, uint64_t at);        /* 0 or errno */

/* keys.c: the file `keys` */
enum store_keys { STORE_KEYS_NONE, STORE_KEYS_EMPTY, STORE_KEYS_USED };
enum store_rc store_keys_open(struct store *s, enum store_keys *out, char error[256]);
enum store_rc store_keys_create(struct store *s, char error[256]);
enum store_rc store_keys_settle(struct store *s, char error[256]);     /* once next_slot is known */
enum store_rc store_keys_previous(struct store *s, const uint8_t own[32]);       /* kept in the head; NULL: forgotten */
void store_rotation_erase(struct store *s, uint64_t slot, const uint8_t *bytes);      /* the second file forgets it, too */
void store_rotation_free(struct store *s);
enum store_rc store_slot_key(struct store *s, uint64_t slot, const uint8_t **out);
void store_keys_forget(struct store *s);

/* seal.c */
enum { SEAL_SQUEEZED = 1, SEAL_SLOT = 2, SEAL_PIECE = 4, SEAL_LAST = 8, SEAL_VERSION = 0x10 };
struct store_place { enum store_table tab; const void *key; size_t len; };
size_t store_sealed_size(uint64_t slot, size_t len);
/* out has store_sealed_size() bytes. `flags`: SQUEEZED; PIECE of bulk, and the LAST of it. */
void store_seal(struct store *s, struct store_place where, uint64_t slot, const uint8_t key[32], unsigned flags, const uint8_t *plain, size_t len, uint8_t *out);
bool store_sealed_slot(const uint8_t *value, size_t len, uint64_t *slot);      /* false: not a sealed value */
/* Opens under this key, still squeezed if it is. */
enum store_rc store_unseal_raw(struct store *s, struct store_place where, const uint8_t *value, size_t len, const uint8_t key[32], const uint8_t **out, size_t *out_len);
/* *out is borrowed until the next call. Decompresses what is SQUEEZED; `kind` is 0 or the PIECE and LAST that must be there. */
enum store_rc store_unseal(struct store *s, struct store_place where, const uint8_t *value, size_t len, unsigned kind, const uint8_t **out, size_t *out_len);
/* Compresses s->packed where it pays: the bytes to seal and their flags. */
unsigned store_squeeze(struct store *s, const uint8_t **out, size_t *len);

/* txn.c */
enum store_rc store_rc_of(struct store *s, int e);
enum store_rc store_fail(struct store_txn *t, int e);

/* bulk.c */
void store_bulk_ended(struct store_txn *t, bool committed);

/* row.c */
enum store_rc store_row_put(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, unsigned flags, const uint8_t *plain, size_t len, unsigned how);
enum store_rc store_row_get(struct store_txn *t, enum store_table tab, const struct store_key *k, MDB_val *out);

/* cover.c: is data.mdb all there? */
enum store_rc store_cover_check(struct store *s, char error[256]);     /* before LMDB opens it */
void store_cover_keep(struct store *s); /* after a commit */

#endif
