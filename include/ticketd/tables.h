/* SPDX-License-Identifier: ISC
 *
 * tables: the layout of the store's keys, DESIGN.md 5, in one place; part of the room `store`. Whoever reads or writes a
 * table builds its keys here. "prefix" keys are the beginnings by which a table is walked.
 */
#ifndef TICKETD_TABLES_H
#define TICKETD_TABLES_H

#include "ticketd/store.h"

void table_case(struct store_key *k, uint64_t case_id);
void table_entry(struct store_key *k, uint64_t case_id, uint32_t n);
void table_entry_prefix(struct store_key *k, uint64_t case_id);
void table_mail(struct store_key *k, uint64_t mail_id, uint32_t chunk);         /* chunk 0: Td__MailRecord */
void table_letter(struct store_key *k, uint64_t letter_id, uint32_t chunk);     /* chunk 0: Td__Letter */
void table_ledger(struct store *s, struct store_key *k, const char *mailbox, uint32_t uidvalidity, uint64_t uid);
void table_mailbox(struct store *s, struct store_key *k, const char *mailbox);  /* Td__Mailbox */
void table_message(struct store *s, struct store_key *k, const char *desk, const char *message_id, uint64_t case_id);
void table_message_prefix(struct store *s, struct store_key *k, const char *desk, const char *message_id);
void table_sender(struct store *s, struct store_key *k, const char *desk, const char *addr, uint64_t case_id);
void table_sender_prefix(struct store *s, struct store_key *k, const char *desk, const char *addr);
/* In by-sender too: who has the case to work on. false: nobody, or it is over. */
bool table_assignee(struct store *s, struct store_key *k, const Td__Case *c);
void table_assignee_prefix(struct store *s, struct store_key *k, const char *desk, const char *addr);
/* desk, queue, state, rank, time, case id */
void table_state(struct store *s, struct store_key *k, const Td__Case *c, int64_t rank);
void table_state_prefix(struct store *s, struct store_key *k, const char *desk);
void table_state_of(struct store *s, struct store_key *k, const char *desk, const char *queue, Td__State state);    /* the rows of one queue and state */
uint64_t table_state_case(const struct store_key *k);
Td__State table_state_state(const struct store_key *k);
#define TABLE_PLACE_LEN 32
void table_state_place(const struct store_key *k, uint8_t out[TABLE_PLACE_LEN]);        /* desk, rank, time, case id: compares as bytes */
void table_timer(struct store *s, struct store_key *k, int64_t due_at, uint64_t case_id, const char *clock, uint32_t step);
void table_timer_read(const struct store_key *k, int64_t *due_at, uint64_t *case_id, uint32_t *step);
void table_outbox(struct store_key *k, int64_t next_at, uint64_t letter_id, uint32_t recipient);
void table_outbox_read(const struct store_key *k, int64_t *next_at, uint64_t *letter_id, uint32_t *recipient);
void table_budget(struct store *s, struct store_key *k, uint8_t scope, const char *word, int64_t hour);
void table_budget_prefix(struct store *s, struct store_key *k, uint8_t scope, const char *word);
int64_t table_budget_hour(const struct store_key *k);
/* Counters of one of staff, in the table of budgets under scopes beside the desk's: open cases, and the number of the last case given. */
enum { TABLE_SCOPE_OPEN = 0x80, TABLE_SCOPE_LAST = 0x81 };
void table_load(struct store *s, const char *addr, struct store_key *open, struct store_key *last);
/* meta rows beside the meta record: marks of careful mode, tries of a mail, rotated tokens */
void table_mark(struct store_key *k);
void table_try(struct store_key *k, const uint8_t digest[32]);
void table_tombstone(struct store *s, struct store_key *k, const char *desk, const char *message_id);     /* Td__Tombstone */
void table_tombstone_of(struct store_key *k, const struct store_key *by_message);      /* the same from a key of by-message */
void table_erasing(struct store_key *k, uint64_t slot);         /* empty: rows are gone, the key is still to be overwritten */
void table_erasing_prefix(struct store_key *k);
void table_secret(struct store *s, struct store_key *k, const char *name);
void table_person(struct store *s, struct store_key *k, const char *desk, const char *addr);    /* Td__Person; addr folded */
bool table_is_person(const struct store_key *k);
void table_revoked(struct store_key *k);       /* Td__Revocations, one row */
bool table_is_revoked(const struct store_key *k);
void table_people(struct store_key *k);        /* prefix of all of them */

#endif
