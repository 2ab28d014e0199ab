/* SPDX-License-Identifier: ISC
 *
 * What html.c and htmlfilter.c share: what elements do, and the filter before the library.
 */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include "read.h"

enum effect {
    BLOCK = 1, PARAGRAPH = 2, SKIP = 4, PRE = 8, ROW = 16, CELL = 32, ITEM = 64, LIST = 128, ORDERED = 256, LINK = 512, IMAGE = 1024, BREAK = 2048,
    VOID = 4096, LOOSE = 8192 /* closed by its next sibling: does not count for depth */, RULE = 16384, QUOTE = 32768,
};
/* By its name in any case; 0: nothing, or unknown. */
unsigned html_effect(const char *name, size_t len);
/* A copy that the library reads in linear time and of which it drops nothing. */
void html_filter(const char *s, size_t len, struct buf *out);

#endif
