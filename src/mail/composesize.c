/* SPDX-License-Identifier: ISC
 *
 * How large a letter will be, before it is written: what decides whether a relay takes it. Knows no library; core links it.
 */
#include "ticketd/mail.h"

#include <string.h>

#define HEADER_BYTES 8192u
#define PART_BYTES 1200u                /* header and boundary of one */

uint64_t
mail_compose_size(const Td__Letter *l)
{
    uint64_t size = HEADER_BYTES + 3 * strlen(l->text) + (l->html != NULL ? 3 * strlen(l->html) : 0);

    for (size_t i = 0; i < l->n_parts; i++)             /* 76 columns and a line end for 57 bytes */
        size += PART_BYTES + (l->parts[i]->size + 56) / 57 * 78;
    return size;
}
