/* SPDX-License-Identifier: ISC
 *
 * The HTML of a mail cut to the words that may leave.
 */
#ifndef TICKETD_DESK_HTMLFIT_H
#define TICKETD_DESK_HTMLFIT_H

#include "parts.h"

/* Of p's safe HTML what says `words`, which were read from the same mail, cut and cleaned: each line of it that is not among them, in
 * their order, is gone, and so is every picture that stood beside such a line. Pictures of p's mail are referred to by
 * part_content_id(); shown[] (the arena's, one for each of p->v) says which. outside: it leaves the house; addresses inside are taken
 * out of links as words_for_customer() takes them out of the words. NULL: the HTML does not say the same as the words, or is not
 * safe; then make HTML from the words. */
const char *html_fit(struct turn *t, const struct parts *p, const char *words, bool outside, bool **shown);

#endif
