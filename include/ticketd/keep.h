/* SPDX-License-Identifier: ISC
 *
 * keep: looking after a store: check and repair, restore, export and import. Works on a store that is open; the clock and
 * chance are arguments.
 */
#ifndef TICKETD_KEEP_H
#define TICKETD_KEEP_H

#include "ticketd/conf.h"
#include "ticketd/desk.h"
#include "ticketd/store.h"

/* ---- check: the promises that can be seen in a store, looked for in one consistent snapshot: every value opens, every mail is
 * in one case, indexes, timers, counters and outbox are what the cases say. `ticketctl check`, a restore and the fault
 * simulator all call it. */
enum check_weight {
    CHECK_NOTE,                         /* nothing is wrong, but somebody may want to know */
    CHECK_FAULT,                        /* a promise is broken */
};
struct check_finding {
    const char *rule;                   /* one word, stable: see the table in check.c */
    enum check_weight weight;
    bool mended;                        /* by this run, with repair */
    const char *text;                   /* one line for a person; borrowed during the call. No address, no subject. */
};
struct check_options {
    /* The policy that the store was written under. Either may be NULL: then what only it can tell is not looked at. */
    const struct conf *conf;
    const struct desk *desk;
    bool same_policy;                   /* it is that one for certain: a wrong place in the order of work is a fault, else a note */
    int64_t now;                        /* 0: nothing is judged by the time */
    /* Index rows, timers and counters are made as the cases say, in one transaction; desk must be given. The store must be open for writing and no
     * engine may run on it. Nothing else is changed: no case, entry, mail, letter or fate is ever deleted, but rows whose key
     * was erased on purpose, which nobody can read again. */
    bool repair;
    void *u;
    void (*found)(void *u, const struct check_finding *f);                              /* NULL: only counted */
    const void *progress_u;
    void (*progress)(const void *u, const char *step, uint64_t done, uint64_t of);      /* NULL is allowed; now and then */
};
struct check_counts {
    uint64_t cases, entries, mails, mail_bytes, letters, waiting, timers, fates, erased;
    uint64_t notes, faults, mended;     /* findings; those mended are among the faults */
};
/* STORE_OK: the whole store was looked at, and *out says what was found; else the store could not be read, or the repair was
 * not written. Nothing is changed then. */
enum store_rc check_store(struct store *s, const struct check_options *o, struct check_counts *out);

/* ---- after a restore: a copy of the data of some time ago goes on from here. Its generation is raised; numbers of cases, mails
 * and letters skip ahead, so that none is given twice; every letter that waited is held, for it may have gone out since. In one
 * transaction of its own. */
struct keep_restored { uint64_t generation, next_case, held; int64_t last_at; };
enum store_rc keep_restore(struct store *s, int64_t now, struct keep_restored *out);
/* In t: held letters go out (`drop`: they end, which the journal says, and nobody is written to). letter 0: all of them. */
enum store_rc keep_release(struct store_txn *t, uint64_t letter, bool drop, int64_t now, uint64_t *n);

/* ---- erasing a case: in t its rows go, all but what the ledger knows; its mails leave tombstones: keyed hashes, by which a copy
 * is known and not taken in again. The keys under which all of it was sealed are noted; keep_erase_keys() overwrites those
 * notes' slots once t is durable, and what the pages or a backup still hold is unreadable. STORE_NOTFOUND: no such case. */
struct keep_receipt { char number[64]; uint64_t case_id, entries, mails, mail_bytes, letters, waiting, keys; };
enum store_rc keep_erase_case(struct store *s, struct store_txn *t, uint64_t case_id, int64_t now, struct keep_receipt *out);
/* No transaction may be open. Again after a crash: what is noted is done. */
enum store_rc keep_erase_keys(struct store *s, uint64_t *n);
/* Is this a copy of a mail that was erased? message_id may be NULL, digest has 32 bytes. */
enum store_rc keep_is_erased(struct store *s, struct store_txn *t, const char *desk, const char *message_id, const uint8_t *digest, bool *erased);
/* ---- export: everything that is kept of a case. Its records as JSON, field by field as the data dictionary has them (bytes in
 * hexadecimal, numbers past 2^53 as text); its mails as they came, and its letters as they went, in mboxrd. What does not open
 * is counted in `missing`. STORE_IO: a file could not be written. */
struct keep_export { int json, mails, letters; uint64_t cases, n_mails, n_letters, missing; };
enum store_rc keep_export_begin(struct keep_export *x, int64_t now);
enum store_rc keep_export_case(struct keep_export *x, struct store *s, struct store_txn *t, uint64_t case_id);
enum store_rc keep_export_end(struct keep_export *x);
void keep_receipt_json(const struct keep_receipt *r, int64_t at, struct buf *out);      /* one object */

#endif
