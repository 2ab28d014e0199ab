/* SPDX-License-Identifier: ISC
 *
 * One conf_load() under way. Every token that was read has a *place*: its number in the order of reading, over all included
 * files. The text handed to libconfuse holds one token a line, so that libconfuse's line number is the place; complaints
 * carry places too, which is how they come out in the order of the file whoever found them.
 */
#ifndef CONF_READING_H
#define CONF_READING_H

#include "settings.h"

struct cfg_t;

struct place { const char *file; int line; };
struct complaint { size_t place; const char *text; };

/* A section in the file, in the order of reading: a parent comes before its children, a whole subtree in one piece. */
struct node {
    const struct section *section;
    size_t parent, end;                 /* end: the node after its last descendant */
    unsigned nth;                       /* among its parent's sections of the same name */
    size_t place;
    bool bad;                           /* it, or something in it, was complained about */
    struct cfg_t *cfg;                  /* borrowed from the parse */
    void *object;
};

struct reading {
    struct arena *arena;
    struct conf *conf;
    const char *cwd;
    bool check_files;
    struct buf text;                    /* what libconfuse is given */
    struct place *places; size_t n_places, cap_places;
    struct node *nodes; size_t n_nodes, cap_nodes;
    struct complaint *complaints; size_t n_complaints, cap_complaints;
    bool broken;                        /* the structure is: what is missing may only have been misread */
    struct cfg_t *cfg;                  /* of the top level, from conf_fill() to conf_fill_end() */
    void *names;                        /* tsearch(3): titles, addresses, … that must be unique */
};

void conf_complain(struct reading *r, size_t place, const char *fmt, ...) printf_like(3, 4);
size_t conf_place_add(struct reading *r, const char *file, int line);
size_t conf_node_add(struct reading *r, const struct section *section, size_t parent, size_t place);
/* `text` becomes the one of this sort below `node`. CONF_NEW, or the place where it was claimed before. */
#define CONF_NEW SIZE_MAX
size_t conf_name_claim(struct reading *r, const char *sort, size_t node, const char *text, size_t place, bool nocase);
bool conf_name_taken(struct reading *r, const char *sort, size_t node, const char *text);

/* scan.c: the files into text, places and nodes; everything about structure is complained about here. */
void conf_scan(struct reading *r, const char *path);
/* fill.c: text and nodes into structs, defaults included; complains about single values and what is required. */
void conf_fill(struct reading *r);
void conf_fill_end(struct reading *r);  /* what libconfuse holds goes; conf_value_of() ends here */
/* The value of a setting as given, and where. false: not given. `i` counts in lists. */
bool conf_value_of(const struct node *n, const char *setting, size_t i, struct value *out);
/* Where a setting was given, else where its section begins. */
size_t conf_place_of(const struct reading *r, size_t node, const char *setting);
/* This text, once in the whole configuration. */
void conf_claim(struct reading *r, const char *sort, const char *text, size_t place, const char *expected);
/* check.c: what holds between settings. Runs last, and only over sections that are not bad. */
void conf_check(struct reading *r);
/* path_join() of the folder of the file at this place, in the arena, absolute. */
const char *conf_path(struct reading *r, size_t place, const char *name);

#endif
