/* SPDX-License-Identifier: ISC
 *
 * What the files of the check share: one look at a store in one transaction, and what it has learnt so far.
 */
#ifndef KEEP_LOOK_H
#define KEEP_LOOK_H

#include "ticketd/keep.h"
#include "ticketd/tables.h"

struct bits { uint64_t *v, n; };        /* one bit an id, ids below n */
struct load { char addr[ADDR_MAX + 1]; uint64_t open; };
struct waiting { uint64_t letter; uint32_t recipient; };

struct look {
    const struct check_options *o;
    struct check_counts *out;
    struct store *store;
    struct store_txn *txn;
    struct arena *arena;                /* of the row in hand */
    Td__Meta *meta;
    struct bits placed;                 /* cases that have a row in by-state */
    struct bits told;                   /* mails that the journal of their own case names */
    struct bits acked;                  /* cases that have an acknowledgement */
    struct bits erased;                 /* mails whose key was erased */
    struct bits undone;                 /* cases out of which a letter was recalled */
    uint16_t *settled; uint64_t settled_n;      /* by letter: recipients whose end the journal knows */
    struct waiting *waiting; size_t waiting_n, waiting_cap;
    struct load *loads; size_t loads_n, loads_cap;
    uint64_t timers, senders;           /* rows that the cases stand for and that are there */
    const char *step; uint64_t done, of;
};

bool bits_set(struct bits *b, uint64_t id);     /* false: it was set before, or is out of range */
bool bits_has(const struct bits *b, uint64_t id);
/* A finding; `mended`: a promise of the caller, who has just done it. */
void look_says(struct look *k, const char *rule, enum check_weight weight, bool mended, const char *fmt, ...) printf_like(5, 6);
void look_step(struct look *k, const char *step, enum store_table tab);
void look_tick(struct look *k);
/* Each row of a table in turn, in an arena of its own (k->arena). each() gets what opened; what does not is said here. */
typedef enum store_rc look_row(struct look *k, const struct store_key *key, const void *record);
enum store_rc look_walk(struct look *k, const char *step, enum store_table tab, const ProtobufCMessageDescriptor *what, look_row *each);
bool look_missing(enum store_rc rc);    /* not there, erased, or it does not open: no reason to stop */
/* A row's place; in the arena. */
const char *look_name(struct look *k, enum store_table tab, const struct store_key *key);
/* STORE_OK: *out, or NULL where there is none, it was erased or does not open (said elsewhere): *why tells. */
enum store_rc look_case(struct look *k, uint64_t id, Td__Case **out, enum store_rc *why);
enum store_rc look_mail(struct look *k, uint64_t id, Td__MailRecord **out, enum store_rc *why);
/* Is there such a row? With repair an index row that is missing is put, one too many is deleted. */
enum store_rc look_there(struct look *k, enum store_table tab, const struct store_key *key, bool *there);
enum store_rc look_drop(struct look *k, enum store_table tab, const struct store_key *key);

/* ---- check_people.c: rows of staff in meta, and their timers */
enum store_rc look_at_person(struct look *k, const struct store_key *key);
/* check_revoked.c: what counts no more */
enum store_rc look_at_revoked(struct look *k, const struct store_key *key);
bool look_is_person_timer(struct look *k, const struct store_key *key, const char *clock);

/* ---- check_cases.c, check_mails.c, check_letters.c, in the order in which they run */
enum store_rc look_at_states(struct look *k);
enum store_rc look_at_mails(struct look *k);
enum store_rc look_at_letters(struct look *k);
enum store_rc look_at_entries(struct look *k);
enum store_rc look_at_cases(struct look *k);
enum store_rc look_at_indexes(struct look *k);
enum store_rc look_at_untold(struct look *k);
enum store_rc look_at_ledger(struct look *k);
enum store_rc look_at_messages(struct look *k);
enum store_rc look_at_outbox(struct look *k);
enum store_rc look_at_unsettled(struct look *k);

#endif
