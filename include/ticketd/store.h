/* SPDX-License-Identifier: ISC
 *
 * store: one ordered key-value store with transactions; DESIGN.md 5. Every value is sealed, every address and Message-ID
 * in a key is a keyed hash. No LMDB type shows here. Reads no clock and no source of chance: both are arguments.
 *
 * Caveats, before the API: one struct store a process; never use it in a child after fork; one write transaction at a
 * time (nested ones stand inside it; while one is open its parent is not touched); a read transaction is short; records from
 * store_get() live in the arena. In memory no read transaction may be open while a write transaction begins.
 * The directory holds `data.mdb`, `lock.mdb`, `keys` (slots), `lock` (one core only). Not on a network file system.
 */
#ifndef TICKETD_STORE_H
#define TICKETD_STORE_H

#include "ticketd/base.h"
#include "ticketd/schema.h"

enum store_rc {
    STORE_OK = 0,
    STORE_NOTFOUND,
    STORE_FULL,             /* map or disk; the transaction is to be aborted, nothing was lost; see store_grow() */
    STORE_IO,               /* the disk said no */
    STORE_DAMAGED,          /* a value does not open under its key: flipped bit, wrong key, cut file */
    STORE_NEWER,            /* of a newer format */
    STORE_BUSY,             /* another core has it */
    STORE_REFUSED,          /* network file system, foreign owner, unusable path; writing where only reading is allowed; a record too large */
    STORE_WRONG_KEY,
    STORE_ERASED,           /* the key of this row's slot was erased on purpose */
};
const char *store_rc_name(enum store_rc rc);

enum store_table { STORE_META, STORE_CASES, STORE_ENTRIES, STORE_MAILS, STORE_LEDGER, STORE_BY_MESSAGE, STORE_BY_SENDER,
                   STORE_BY_STATE, STORE_TIMERS, STORE_LETTERS, STORE_OUTBOX, STORE_BUDGETS, STORE_TABLES };

#define STORE_KEY_MAX 255
#define STORE_RECORD_MAX (16u << 20)    /* of one packed record */
struct store_key { uint8_t bytes[STORE_KEY_MAX]; size_t len; };

struct store_options {
    const char *directory;              /* NULL: in memory (simulator, tests): nothing is written anywhere */
    uint64_t map_size;                  /* 0: 64 GiB; ignored by read_only */
    bool existing;                      /* where there is no store none is made: STORE_NOTFOUND */
    bool read_only;                     /* reader: no lock, no writing; with a core running and without */
    uint8_t master_key[32];
    const uint8_t *previous_key;        /* NULL, or the master key before the last rotation: for data that is older than it */
    const uint8_t *naming_key;          /* NULL: made with random() for a new store; else the one to use (simulator) */
    void (*random)(void *u, void *out, size_t len); void *random_u;
};
struct store;
struct store_txn;

/* On failure *error is a sentence for the operator and nothing on the disk was changed. Makes a new store where there is none
 * (read_only: STORE_NOTFOUND). */
enum store_rc store_open(const struct store_options *o, struct store **out, char error[256]);
void store_close(struct store **sp);    /* not "clean": core says that itself, through the meta record */
const uint8_t *store_naming_key(const struct store *s);

/* ---- transactions. parent NULL: a new one; else nested. */
enum store_rc store_begin(struct store *s, struct store_txn *parent, bool write, struct store_txn **out);
/* Durable on STORE_OK when not nested. The transaction is gone either way (*tp NULL); on another code nothing of it was done. */
enum store_rc store_commit(struct store_txn **tp);
void store_abort(struct store_txn **tp);                /* NULL is allowed */
enum store_rc store_meta_get(struct store_txn *t, struct arena *a, Td__Meta **out);
/* next_slot never goes back, whatever m says; naming_key is the store's own, whatever m says. Other rows in STORE_META are the
 * caller's, but for keys that begin with the byte 0 or 1. */
enum store_rc store_meta_put(struct store_txn *t, const Td__Meta *m);

/* ---- keys: big-endian, fixed width, composite */
void store_key_start(struct store_key *k);
void store_key_u64(struct store_key *k, uint64_t v);
void store_key_i64(struct store_key *k, int64_t v);     /* orders like the number; for times */
void store_key_u32(struct store_key *k, uint32_t v);
void store_key_u8(struct store_key *k, uint8_t v);
void store_key_word(struct store *s, struct store_key *k, const char *word);     /* configuration names: 8 bytes of keyed hash */
void store_key_hash(struct store *s, struct store_key *k, const char *secret);   /* addresses, Message-IDs: 16 bytes of keyed hash */

/* ---- the one way in and out. What is a protobuf record, sealed under a key of its own: STORE_CASES, STORE_ENTRIES, STORE_LETTERS
 * (chunk 0) and STORE_MAILS by the slot given, everything else by the store's own key. slot 0: the store's own key.
 * Associated data: table and key bytes. Compressed where it pays. */
enum store_rc store_put(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, const void *record);
enum store_rc store_put_new(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t slot, const void *record, bool *existed);
enum store_rc store_get(struct store_txn *t, enum store_table tab, const struct store_key *k, struct arena *a,
                        const ProtobufCMessageDescriptor *what, void *out);     /* out: pointer to record pointer */
enum store_rc store_put_empty(struct store_txn *t, enum store_table tab, const struct store_key *k);     /* index rows */
enum store_rc store_put_count(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t n);
enum store_rc store_get_count(struct store_txn *t, enum store_table tab, const struct store_key *k, uint64_t *out);  /* 0 where there is none */
enum store_rc store_delete(struct store_txn *t, enum store_table tab, const struct store_key *k);        /* STORE_NOTFOUND is no error to most */
uint64_t store_slot_of(struct store_txn *t, enum store_table tab, const struct store_key *k);            /* 0: none or no row */
/* Does the value open under its key? Also chunks of bulk, which store_get() does not read. */
enum store_rc store_try(struct store_txn *t, enum store_table tab, const struct store_key *k);
uint64_t store_rows(struct store_txn *t, enum store_table tab); /* how many there are, without looking at them */
const char *store_table_name(enum store_table tab);

/* ---- walking: keys that begin with `prefix`, in order, from `from` on, itself included (NULL: the first, backwards the last).
 * Each step seeks anew from the key given last: rows may be put and deleted meanwhile, also by a nested transaction that has
 * ended. A cursor is used in its own transaction only. Decode with store_cursor_get(). */
struct store_cursor;
enum store_rc store_cursor_open(struct store_txn *t, enum store_table tab, const struct store_key *prefix, const struct store_key *from,
                                bool backwards, struct store_cursor **out);
bool store_cursor_next(struct store_cursor *c, struct store_key *k);    /* false: end, or trouble, see next line */
enum store_rc store_cursor_rc(const struct store_cursor *c);            /* STORE_OK, or why it ended too soon */
enum store_rc store_cursor_get(struct store_cursor *c, struct arena *a, const ProtobufCMessageDescriptor *what, void *out);
void store_cursor_close(struct store_cursor **cp);
uint64_t store_key_read_u64(const struct store_key *k, size_t offset);
int64_t store_key_read_i64(const struct store_key *k, size_t offset);

/* ---- key slots: made and synced ahead of use (outside a transaction), taken inside one: either by store_slot_take(), or by
 * counting meta.next_slot up and putting meta before the commit, not both in one transaction. A slot that is used before it
 * was reserved is made by the first store_put() under it, which costs a sync. */
enum store_rc store_slots_reserve(struct store *s, uint64_t up_to);     /* slots of numbers up to this one, and some in stock */
uint64_t store_slot_take(struct store_txn *t);                  /* from meta.next_slot; never 0 */
/* Overwritten in place and synced: what it sealed is gone, reading it gives STORE_ERASED. STORE_NOTFOUND: no such slot. */
enum store_rc store_slot_erase(struct store *s, uint64_t slot);

/* ---- bulk: bytes in sealed, compressed chunks sized to whole pages, under (id, chunk), chunk 1 and up; chunk 0 is the caller's
 * record. Tables STORE_MAILS and STORE_LETTERS. Large bulk may be written ahead, in transactions of its own, STORE_BULK_STEP bytes
 * of input each: a note in meta lets store_bulk_sweep() find what nobody claimed. A write whose transaction is aborted, or an
 * outer one of it, has not happened: write the same bytes again in the next. */
#define STORE_BULK_STEP (4u << 20)
struct store_bulk;
struct store_bulk *store_bulk_new(struct store *s, enum store_table tab, uint64_t id, uint64_t slot);
enum store_rc store_bulk_write(struct store_bulk *b, struct store_txn *t, const uint8_t *bytes, size_t len, bool last);
uint32_t store_bulk_chunks(const struct store_bulk *b);         /* written so far; at least 1 after the last, also of no bytes */
void store_bulk_free(struct store_bulk **bp);                   /* any time; what it wrote stays with its transaction */
enum store_rc store_bulk_note(struct store_txn *t, enum store_table tab, uint64_t id);          /* before the first step written ahead */
bool store_bulk_noted(struct store_txn *t, enum store_table tab, uint64_t id);  /* is it being written ahead? */
/* In the transaction that makes it count. STORE_NOTFOUND: it was swept, do not go on. */
enum store_rc store_bulk_claim(struct store_txn *t, enum store_table tab, uint64_t id);
enum store_rc store_bulk_sweep(struct store *s, unsigned *swept);       /* at start, before anything is written ahead */
/* `chunks`: exactly as many as there are. take: non-zero stops, STORE_OK then. It must not read bulk itself. STORE_DAMAGED: a
 * chunk is missing, or others follow. */
enum store_rc store_bulk_read(struct store_txn *t, enum store_table tab, uint64_t id, uint32_t chunks,
                              int (*take)(void *u, const uint8_t *bytes, size_t len), void *u);

/* ---- rotation of the master key, while everything goes on. Begin, then step until *switched: the keys in the slots are wrapped anew
 * in a second file, which takes its name in one move; from then on the new master key opens the store and the old one does not.
 * Then reseal until *done: what is sealed under the store's own key is sealed anew, `rows` rows looked at in a small transaction.
 * No transaction may be open. A crash before the switch leaves all as it was; after it, store_resealing() says that the second
 * part begins again. The keys in the slots stay what they are: mails and cases are not sealed anew. */
enum store_rc store_rotate_begin(struct store *s, const uint8_t new_master[32]);        /* STORE_BUSY: one is under way */
enum store_rc store_rotate_step(struct store *s, unsigned slots, bool *switched);       /* on error it is given up */
bool store_rotating(const struct store *s);     /* begun, not switched */
bool store_resealing(const struct store *s);
enum store_rc store_reseal(struct store *s, unsigned rows, bool *done);

/* ---- copies */
/* The data as one transaction saw it, sealed as it is, written to fd from where it stands; writers wait for a moment only. */
enum store_rc store_copy(struct store *s, int fd);
enum store_rc store_copy_keys(struct store *s, int fd);         /* the file `keys`; after the data, for it must know all their slots */
/* The lock of a state directory without opening what is in it: *fd holds it until it is closed. */
enum store_rc store_hold(const char *directory, int *fd, char error[256]);

/* ---- housekeeping */
/* Of the file system, or of the map at its largest if that is less. Pages that deleting freed inside the file come on top. */
uint64_t store_free_bytes(const struct store *s);
/* After STORE_FULL, with no transaction open: doubles the map (to 1 TiB). STORE_FULL: it was the disk, or this is the end. */
enum store_rc store_grow(struct store *s);
void store_reader_check(struct store *s);               /* once a minute: clears the slots of dead readers */

#endif
