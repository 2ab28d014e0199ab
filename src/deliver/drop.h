/* SPDX-License-Identifier: ISC
 *
 * Private to deliver: one letter into a Maildir.
 */
#ifndef DELIVER_DROP_H
#define DELIVER_DROP_H

#include "ticketd/deliver.h"

#define DROP_NAME_MAX 240
struct drop_folder { int tmp, fresh, cur; };
bool drop_open(const char *path, struct drop_folder *out);      /* false: errno says why */
/* L00000012.ann@example.com.ticketd: the same letter and recipient give the same name, others another one. */
void drop_name(uint64_t letter, const char *recipient, char out[DROP_NAME_MAX]);
/* Durable when it answers 250; texts in *out are static. */
void drop_letter(const struct drop_folder *d, const Td__SendJob *job, const uint8_t *bytes, size_t len, Td__SendOutcome *out);

#endif
