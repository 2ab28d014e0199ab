/* SPDX-License-Identifier: ISC
 *
 * The language of ticketd.conf as tables: which sections there are, which settings each has, of which type, with which
 * default and bounds. Everything else in this room is driven by them: the reader, the checks of single values, conf_print()
 * and the reference part of the manual page. A new setting is one row in tables.c and one member in include/ticketd/conf.h.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "ticketd/conf.h"
#include "valid.h"

#define CONF_SETTINGS_MAX 64            /* of one section */
#define CONF_DEPTH_MAX 8                /* of sections in sections */

struct reading;
struct setting;

/* One value as it stands in a file, unquoted; place is where (reading.h). */
struct value { size_t place; const char *text; };

/* A kind of value. Writes one value to `at`, or says why not: false gets the complaint "bad value, expected WHAT". */
struct type {
    const char *name;                   /* in the manual: .Ar NAME */
    const char *what;                   /* "a date such as 2026-12-24" */
    size_t size;                        /* of one value where it is stored */
    bool (*read)(struct reading *r, const struct setting *s, const struct value *v, void *at);
    void (*print)(const struct setting *s, const void *at, struct buf *out);    /* a value that parses again to the same */
};

struct setting {
    const char *name;
    const struct type *type;
    size_t at;                          /* of the member in the section's struct */
    bool list;                          /* { "a", "b" }: the member is an array, followed by its size_t count */
    bool required;
    const char *fallback;               /* the default as it would be written; NULL: none */
    int64_t min, max;                   /* of numbers, sizes and times; max 0: none */
    const char *choices;                /* of choices, blank between them */
    const char *of;                     /* of references: the section that must have this name */
    const char *only_if, *only_values;  /* means something only if that setting has one of these values */
    const char *help;                   /* whole sentences; what the manual says */
};

enum title { TITLE_NONE, TITLE_NAME, TITLE_TEXT };
struct section {
    const char *name;
    enum title title;                   /* TITLE_NONE: at most once, and its struct lies inside the parent's at `array` */
    const char *help;
    const struct setting *settings; size_t n_settings;
    const struct section *const *sections; size_t n_sections;
    size_t size;                        /* of its struct */
    size_t array;                       /* in the parent's struct: the array of them, followed by its count */
    size_t name_at, where_at;           /* with a title: members for the title and the place */
    int kind; size_t kind_at;           /* sections that share an array tell each other apart by this; kind -1: none */
    void (*check)(struct reading *r, size_t node);      /* what single values cannot show; NULL: nothing */
};

extern const struct section conf_root;

/* check.c */
void conf_check_root(struct reading *r, size_t node);
void conf_check_relay(struct reading *r, size_t node);
void conf_check_desk(struct reading *r, size_t node);
void conf_check_mailbox(struct reading *r, size_t node);        /* imap, lmtp, maildir */

/* types.c */
extern const struct type conf_type_text, conf_type_name, conf_type_path, conf_type_socket, conf_type_folder, conf_type_file,
    conf_type_secret, conf_type_bool, conf_type_number, conf_type_mode, conf_type_size, conf_type_small_size, conf_type_time,
    conf_type_duration, conf_type_choice, conf_type_tls, conf_type_envelope, conf_type_second, conf_type_address,
    conf_type_domain, conf_type_host, conf_type_authserv, conf_type_zone, conf_type_prefix, conf_type_hours,
    conf_type_language, conf_type_listen, conf_type_pattern, conf_type_step, conf_type_ref, conf_type_url,
    conf_type_keyword, conf_type_group, conf_type_prose, conf_type_who, conf_type_sender, conf_type_stop, conf_type_set, conf_type_days, conf_type_hour;
void conf_bounds_print(const struct setting *s, struct buf *out);           /* "1 to 65535" */

/* The members by offset; struct members of other types are copied, not cast. */
void conf_list_get(const void *at, void **v, size_t *n);
void conf_list_set(void *at, void *v, size_t n);
const struct setting *conf_setting_find(const struct section *s, const char *name);
const struct section *conf_section_find(const struct section *s, const char *name);
/* Does the setting mean anything, given the others of the same section? */
bool conf_setting_applies(const struct section *section, const struct setting *s, const void *object);

#endif
