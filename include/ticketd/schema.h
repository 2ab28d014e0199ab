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
/* Unpack bytes that somebody else wrote into the arena (give it a cap). NULL: malformed or over the cap. Never freed singly. */
void *schema_unpack(struct arena *a, const ProtobufCMessageDescriptor *what, const uint8_t *bytes, size_t len);
/* Deep copy into the arena, by packing and unpacking. */
void *schema_copy(struct arena *a, const void *record);
void schema_pack(const void *record, struct buf *out);          /* appends */

Td__Address *schema_address(struct arena *a, const char *name, const char *addr);
/* Words as users see them: "new", "ack", "opened"; from the names in the .proto, lower case. */
const char *schema_state_name(Td__State s);
const char *schema_letter_kind_name(Td__Letter__Kind k);
const char *schema_entry_name(Td__Entry__What w);

#endif
