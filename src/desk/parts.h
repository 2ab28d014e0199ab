/* SPDX-License-Identifier: ISC
 *
 * Attachments that go out with a letter.
 */
#ifndef TICKETD_DESK_PARTS_H
#define TICKETD_DESK_PARTS_H

#include "desk_room.h"

struct parts {                          /* of one mail */
    uint64_t mail;
    Td__Attachment **v; size_t n;
    const char *html;                   /* its safe HTML; what that shows is no file that somebody attached. NULL: it has none */
    const bool *shown;                  /* of each, that the letter's HTML shows it; NULL: it shows none */
};
/* Gives the letter those that may leave the house, all that the customer is to get: no signature that no longer fits, no container
 * of what is listed beside it, no mail in a mail, nothing with a signed address in it; of what stood within the writer's HTML only
 * what is shown in the letter's. Answers the names of what was left out though it was meant to be sent; NULL: nothing. */
const char *parts_for_customer(struct turn *t, Td__Letter *l, const struct parts *p);
/* Is there anything for the customer in it that is no mere picture within the HTML? */
bool parts_any_for_customer(const struct parts *p);
/* Those that fit `room` bytes and what the relay takes, the small ones first. */
void parts_for_staff(struct turn *t, Td__Letter *l, const struct parts *p, uint64_t room);
bool parts_has(const Td__Letter *l, const Td__Attachment *a);
/* The same parts as another letter has. */
void parts_take(Td__Letter *l, const Td__Letter *from);
/* For staff: p's HTML as far as it says `words`, with those pictures that l has; they are within it then. NULL: see html_fit(). */
const char *parts_html(struct turn *t, Td__Letter *l, const struct parts *p, const char *words);
/* "scan.pdf (14 KB)" */
const char *part_words(struct turn *t, const Td__Attachment *a);
/* The Content-ID under which an attachment of a mail is shown within a letter. */
const char *part_content_id(struct turn *t, uint64_t mail, const Td__Attachment *a);
/* May the letter leave through its relay? */
bool parts_fit_relay(const struct turn *t, const Td__Letter *l, uint64_t *limit);

#endif
