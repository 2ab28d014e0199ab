/* SPDX-License-Identifier: ISC
 *
 * Pages that are one file: no script, nothing fetched, light and dark, on a phone and on paper. What the reports and a case's page
 * share. Every text given is escaped here; control characters become spaces.
 */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include "ticketd/base.h"

#include <jansson.h>

void page_begin(struct buf *out, const char *title);
void page_end(struct buf *out);
void page_text(struct buf *out, const char *s);                 /* escaped; NULL: nothing */
void page_element(struct buf *out, const char *tag, const char *s);     /* <tag>text</tag>; "td class=n" is a tag too */
void page_moment(struct buf *out, const char *utc);             /* "2026-03-10T10:00:00Z" as local time with its zone; NULL: a dash */

/* A figure with its name below it. */
void page_tile(struct buf *out, const char *value, const char *name);

/* ---- charts: inline SVG, 360 wide, as tall as it takes */
struct bar { const char *name, *said; double value, goal; bool bad; };  /* said: at the bar's end; goal below 0: none */
void page_bars(struct buf *out, const char *title, const struct bar *v, size_t n, double most);        /* most: what fills the width; 0: the greatest */
struct pair { const char *name; double a, b; };
void page_pairs(struct buf *out, const char *title, const char *a, const char *b, const struct pair *v, size_t n);     /* two columns a name */

#endif
