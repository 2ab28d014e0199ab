/* SPDX-License-Identifier: ISC
 *
 * What the files of the scan share (scan.c says what it is).
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "lex.h"
#include "reading.h"

#define INCLUDE_MAX 8                   /* files in files */
#define FILES_MAX 200                   /* in all: an include may be repeated */
#define FILE_MAX (4u << 20)

struct frame {                          /* an open section */
    size_t node;
    const struct section *section;
    size_t seen[CONF_SETTINGS_MAX];     /* place of each setting, 0: not yet */
    unsigned count[CONF_SETTINGS_MAX];  /* of each section inside */
};
struct input {                          /* an open file */
    const char *path;
    struct buf text;
    struct tokens tokens;
    size_t at;
    size_t base;                        /* how many sections were open when it began: it may not close those */
    int surplus;                        /* of opening braces: which way to guess when a name does not fit */
};
struct scan {
    struct reading *r;
    struct input inputs[INCLUDE_MAX]; size_t n_inputs, files;
    struct frame frames[CONF_DEPTH_MAX]; size_t depth;
    struct frame closed;                /* the section closed last, if nothing came since: */
    size_t closed_at;                   /* the place of its brace; 0: none */
    struct mark { size_t len, places; } closed_mark;
};
enum copy { COPY_NOT, COPY_RAW, COPY_QUOTED };

/* scan_copy.c */
struct input *conf_input_top(struct scan *s);
struct frame *conf_frame_top(struct scan *s);
const struct token *conf_peek(struct scan *s, size_t ahead);
size_t conf_line_add(struct scan *s, int line, const char *bytes, size_t len, enum copy how);   /* the place */
size_t conf_take(struct scan *s, enum copy how);
struct mark conf_mark_set(const struct scan *s);
void conf_mark_drop(struct scan *s, struct mark m);
void conf_resync(struct scan *s, int braces);
void conf_resync_list(struct scan *s, bool lost);
const char *conf_token_name(const struct token *t);

/* scan_section.c */
void conf_section_enter(struct scan *s, const struct section *section, unsigned *count);
void conf_section_leave(struct scan *s);
void conf_section_close_missing(struct scan *s);

/* scan_setting.c */
void conf_setting_read(struct scan *s, const struct setting *setting);

/* scan_name.c */
bool conf_section_knows(const struct section *section, const char *name);
bool conf_name_misplaced(struct scan *s, const char *name, size_t place);
void conf_name_unknown(struct scan *s, const char *name);

#endif
