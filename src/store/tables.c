/* SPDX-License-Identifier: ISC
 *
 * The layout of every key. All parts are big-endian and of fixed width, so that the order of the bytes is the order of
 * the numbers. A configuration name is eight bytes of keyed hash; an address or a Message-ID is sixteen.
 */
#include "ticketd/tables.h"

#include <string.h>

void
table_case(struct store_key *k, uint64_t case_id)
{
    store_key_start(k);
    store_key_u64(k, case_id);
}

void
table_entry_prefix(struct store_key *k, uint64_t case_id)
{
    table_case(k, case_id);
}

void
table_entry(struct store_key *k, uint64_t case_id, uint32_t n)
{
    table_entry_prefix(k, case_id);
    store_key_u32(k, n);
}

void
table_mail(struct store_key *k, uint64_t mail_id, uint32_t chunk)
{
    store_key_start(k);
    store_key_u64(k, mail_id);
    store_key_u32(k, chunk);
}

void
table_letter(struct store_key *k, uint64_t letter_id, uint32_t chunk)
{
    table_mail(k, letter_id, chunk);
}

void
table_mailbox(struct store *s, struct store_key *k, const char *mailbox)
{
    store_key_start(k);
    store_key_word(s, k, mailbox);
}

void
table_ledger(struct store *s, struct store_key *k, const char *mailbox, uint32_t uidvalidity, uint64_t uid)
{
    table_mailbox(s, k, mailbox);
    store_key_u32(k, uidvalidity);
    store_key_u64(k, uid);
}

/* desk, secret: how by-message and by-sender begin */
static void
desk_and_hash(struct store *s, struct store_key *k, const char *desk, const char *secret)
{
    store_key_start(k);
    store_key_word(s, k, desk);
    store_key_hash(s, k, secret);
}

void
table_message_prefix(struct store *s, struct store_key *k, const char *desk, const char *message_id)
{
    desk_and_hash(s, k, desk, message_id);
}

void
table_message(struct store *s, struct store_key *k, const char *desk, const char *message_id, uint64_t case_id)
{
    desk_and_hash(s, k, desk, message_id);
    store_key_u64(k, case_id);
}

void
table_sender_prefix(struct store *s, struct store_key *k, const char *desk, const char *addr)
{
    desk_and_hash(s, k, desk, addr);
}

void
table_sender(struct store *s, struct store_key *k, const char *desk, const char *addr, uint64_t case_id)
{
    desk_and_hash(s, k, desk, addr);
    store_key_u64(k, case_id);
}

/* No address has a blank: no sender's rows are among these. */
void
table_assignee_prefix(struct store *s, struct store_key *k, const char *desk, const char *addr)
{
    char word[16 + ADDR_MAX] = "assignee ";
    size_t n = strlen(word), len = strnlen(addr, ADDR_MAX);
    memcpy(word + n, addr, len);
    word[n + len] = '\0';
    str_lower(word);
    desk_and_hash(s, k, desk, word);
}

bool
table_assignee(struct store *s, struct store_key *k, const Td__Case *c)
{
    if (c == NULL || c->state == TD__STATE__CLOSED || c->has_merged_into || c->assignee == NULL)
        return false;
    table_assignee_prefix(s, k, c->desk, c->assignee);
    store_key_u64(k, c->id);
    return true;
}

void
table_state_prefix(struct store *s, struct store_key *k, const char *desk)
{
    store_key_start(k);
    store_key_word(s, k, desk);
}

void
table_state(struct store *s, struct store_key *k, const Td__Case *c, int64_t rank)
{
    table_state_prefix(s, k, c->desk);
    store_key_word(s, k, c->queue);
    store_key_u8(k, (uint8_t)c->state);
    store_key_i64(k, rank);
    store_key_i64(k, c->opened_at);
    store_key_u64(k, c->id);
}

void
table_state_of(struct store *s, struct store_key *k, const char *desk, const char *queue, Td__State state)
{
    table_state_prefix(s, k, desk);
    store_key_word(s, k, queue);
    store_key_u8(k, (uint8_t)state);
}

uint64_t
table_state_case(const struct store_key *k)
{
    return store_key_read_u64(k, 33);
}

Td__State
table_state_state(const struct store_key *k)
{
    return (Td__State)k->bytes[16];
}

void
table_state_place(const struct store_key *k, uint8_t out[TABLE_PLACE_LEN])
{
    memcpy(out, k->bytes, 8);           /* desk; then follow queue (8) and state (1) */
    memcpy(out + 8, k->bytes + 17, TABLE_PLACE_LEN - 8);
}

void
table_timer(struct store *s, struct store_key *k, int64_t due_at, uint64_t case_id, const char *clock, uint32_t step)
{
    store_key_start(k);
    store_key_i64(k, due_at);
    store_key_u64(k, case_id);
    store_key_word(s, k, clock);
    store_key_u32(k, step);
}

void
table_timer_read(const struct store_key *k, int64_t *due_at, uint64_t *case_id, uint32_t *step)
{
    *due_at = store_key_read_i64(k, 0);
    *case_id = store_key_read_u64(k, 8);
    *step = (uint32_t)(store_key_read_u64(k, 20) & 0xffffffffu);
}

void
table_outbox(struct store_key *k, int64_t next_at, uint64_t letter_id, uint32_t recipient)
{
    store_key_start(k);
    store_key_i64(k, next_at);
    store_key_u64(k, letter_id);
    store_key_u32(k, recipient);
}

void
table_outbox_read(const struct store_key *k, int64_t *next_at, uint64_t *letter_id, uint32_t *recipient)
{
    *next_at = store_key_read_i64(k, 0);
    *letter_id = store_key_read_u64(k, 8);
    *recipient = (uint32_t)(store_key_read_u64(k, 12) & 0xffffffffu);
}

void
table_budget_prefix(struct store *s, struct store_key *k, uint8_t scope, const char *word)
{
    store_key_start(k);
    store_key_u8(k, scope);
    store_key_hash(s, k, word);
}

void
table_budget(struct store *s, struct store_key *k, uint8_t scope, const char *word, int64_t hour)
{
    table_budget_prefix(s, k, scope, word);
    store_key_i64(k, hour);
}

int64_t
table_budget_hour(const struct store_key *k)
{
    return store_key_read_i64(k, 17);
}

static void
meta_row(struct store_key *k, uint8_t kind)
{
    store_key_start(k);
    store_key_u8(k, kind);
}

void
table_mark(struct store_key *k)
{
    meta_row(k, 'm');
}

void
table_try(struct store_key *k, const uint8_t digest[32])
{
    meta_row(k, 't');
    for (size_t i = 0; i < 16; i++)
        store_key_u8(k, digest[i]);
}

void
table_tombstone_of(struct store_key *k, const struct store_key *by_message)
{
    meta_row(k, 'x');
    for (size_t i = 0; i < 24; i++)     /* desk and hash */
        store_key_u8(k, by_message->bytes[i]);
}

void
table_tombstone(struct store *s, struct store_key *k, const char *desk, const char *message_id)
{
    struct store_key of;
    table_message_prefix(s, &of, desk, message_id);
    table_tombstone_of(k, &of);
}

void
table_erasing_prefix(struct store_key *k)
{
    meta_row(k, 'e');
}

void
table_erasing(struct store_key *k, uint64_t slot)
{
    table_erasing_prefix(k);
    store_key_u64(k, slot);
}

void
table_secret(struct store *s, struct store_key *k, const char *name)
{
    meta_row(k, 's');
    store_key_word(s, k, name);
}

/* Under the scope of budgets, at an hour that housekeeping never reaches. */
void
table_load(struct store *s, const char *addr, struct store_key *open, struct store_key *last)
{
    char word[ADDR_MAX + 1];
    size_t n = utf8_clip(addr, ADDR_MAX);

    memcpy(word, addr, n);
    word[n] = '\0';
    str_lower(word);
    table_budget(s, open, TABLE_SCOPE_OPEN, word, INT64_MAX);
    table_budget(s, last, TABLE_SCOPE_LAST, word, INT64_MAX);
}

bool
table_is_person(const struct store_key *k)
{
    return k->len > 0 && k->bytes[0] == 'p';
}

void
table_revoked(struct store_key *k)
{
    meta_row(k, 'r');
}

bool
table_is_revoked(const struct store_key *k)
{
    return k->len == 1 && k->bytes[0] == 'r';
}

void
table_people(struct store_key *k)
{
    meta_row(k, 'p');
}

void
table_person(struct store *s, struct store_key *k, const char *desk, const char *addr)
{
    meta_row(k, 'p');
    store_key_word(s, k, desk);
    store_key_hash(s, k, addr);
}
