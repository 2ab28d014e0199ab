/* SPDX-License-Identifier: ISC
 *
 * schema: the generated records of src/schema/ticketd.proto, and the little that is needed around them.
 * The records are the program's data model: mail fills a Td__Message, desk decides over Td__Case, store keeps them.
 */
#ifndef TICKETD_SCHEMA_H
#define TICKETD_SCHEMA_H

#include "ticketd/base.h"
#include "ticketd.pb-c.h"

#define SCHEMA_FORMAT 1u        /* of the store */
#define SCHEMA_PROTOCOL 1u      /* between roles */

/* A record in an arena, initialised: Td__Case *c = schema_new(a, &td__case__descriptor); */
void *schema_new(struct arena *a, const ProtobufCMessageDescriptor *what);
/* Unpack bytes that somebody else wrote into the arena (give it a cap: about 16 times what the bytes may be, for lists of tiny
 * things grow in memory). NULL: malformed or over the cap. Never freed singly. What comes back is well-formed: strings are
 * UTF-8 without NUL, enums hold a word of their list, records lie at most 16 deep. */
void *schema_unpack(struct arena *a, const ProtobufCMessageDescriptor *what, const uint8_t *bytes, size_t len);
/* Deep copy into the arena, by packing and unpacking. */
void *schema_copy(struct arena *a, const void *record);
void schema_pack(const void *record, struct buf *out);          /* appends */

Td__Address *schema_address(struct arena *a, const char *name, const char *addr);
/* Words as users see them: "new", "ack", "opened"; from the names in the .proto, lower case. */
const char *schema_state_name(Td__State s);             /* "unknown" for a number without a name */
const char *schema_letter_kind_name(Td__Letter__Kind k);
const char *schema_entry_name(Td__Entry__What w);

/* A case as INTERFACES describes it, as one JSON object appended to out. rank 0: null. label: the desk's word for its state. */
void schema_case_json(const Td__Case *c, Td__Entry *const *entries, size_t n, uint64_t rank, const char *label, struct buf *out);
/* "…" with JSON's escapes, or null. */
void schema_json_string(const char *s, struct buf *out);

#endif
