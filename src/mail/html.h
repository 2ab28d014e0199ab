/* SPDX-License-Identifier: ISC
 *
 * What html.c, htmlfilter.c and htmlstyle.c share: what elements do, the filter before the library, what styles do.
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

/* ---- htmlstyle.c */
#define SHEET_MAX 262144u       /* bytes of a <style> that are read */
enum style_size { STYLE_NONE, STYLE_NOUGHT, STYLE_INK };
struct style { enum style_size display, font; bool block, invisible, mso, clear, clipped, pre; unsigned boxes; };
struct rule { struct style style; char tag[12], name[64]; size_t name_len; bool id; };
#define RULES_MAX 200u          /* each element with a class is held against all of them */
struct sheet { struct rule rule[RULES_MAX]; size_t n; };
/* Adds what a style attribute says. */
void style_read(const char *s, struct style *st);
bool style_hides(const struct style *st, unsigned effect);
/* Adds the rules of a <style>; s is changed. */
void sheet_read(struct sheet *sheet, char *s, size_t len);
/* Adds what the rules say of an element; class and id may be NULL. */
void sheet_apply(const struct sheet *sheet, const char *tag, const char *class, const char *id, struct style *st);

#endif
