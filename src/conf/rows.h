/* SPDX-License-Identifier: ISC
 *
 * How the rows of the tables are written: ONE and LIST compare the member's type with the setting's while compiling.
 */
#ifndef CONF_ROWS_H
#define CONF_ROWS_H

#include "reading.h"

#include <string.h>

extern const struct section conf_section_calendar, conf_section_desk;

/* What a value of a type is kept as, alone and in a list. */
typedef const char *kept_text, *kept_name, *kept_path, *kept_socket, *kept_folder, *kept_secret, *kept_duration, *kept_choice,
    *kept_address, *kept_domain, *kept_host, *kept_zone, *kept_prefix, *kept_ref, *kept_url, *kept_keyword, *kept_group, *kept_file,
    *kept_prose, *kept_language, *kept_hour;
typedef unsigned kept_number, kept_mode, kept_small_size;
typedef uint64_t kept_size;
typedef int64_t kept_time;
typedef bool kept_bool, kept_second;
typedef enum conf_tls kept_tls;
typedef enum conf_envelope kept_envelope;
typedef struct conf_strings list_address, list_authserv, list_domain, list_days, list_hours, list_language, list_listen, list_file, list_ref, list_who,
    list_sender, list_choice, list_name, list_stop, list_set, list_duration, list_text, list_prose;
typedef struct conf_patterns list_pattern;
typedef struct conf_step *list_step;

#define MEMBER(s, m) ((struct s *)0)->m
#define SAME(s, m, t) sizeof (char[__builtin_types_compatible_p(__typeof__(MEMBER(s, m)), t) ? 1 : -1])
#define KEEP(s, m, t) offsetof(struct s, m) + 0 * SAME(s, m, t)
#define ONE(name, type, s, m, ...) { name, &conf_type_##type, KEEP(s, m, kept_##type), __VA_ARGS__ }
#define LIST(name, type, s, m, ...) { name, &conf_type_##type, KEEP(s, m, list_##type), .list = true, __VA_ARGS__ }
#define ONLY(name, ...) .only_if = name, .only_values = __VA_ARGS__

/* The array in the parent that a section's struct goes into. */
#define ARRAY(parent, m, s) .size = sizeof (struct s), .array = offsetof(struct parent, m) + 0 * SAME(parent, m, struct s *)
#define ITEM(s) .name_at = offsetof(struct s, name), .where_at = offsetof(struct s, where)
#define SETTINGS(rows) .settings = rows, .n_settings = countof(rows)
#define SECTIONS(rows) .sections = rows, .n_sections = countof(rows)

#define MINUTE 60ll
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB 1024ll
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#endif
