/* SPDX-License-Identifier: ISC
 *
 * conf: ticketd.conf, read once into one struct, checked with file and line.
 * Paths are absolute after loading (relative ones count from the file that names them). Secrets are not in here:
 * only where they are (a file, or credential:NAME). Everything is owned by the struct conf and freed with it.
 */
#ifndef TICKETD_CONF_H
#define TICKETD_CONF_H

#include "ticketd/base.h"

enum conf_tls { CONF_TLS_FULL, CONF_TLS_STARTTLS, CONF_TLS_NONE };
enum conf_envelope { CONF_ENVELOPE_SIGNED, CONF_ENVELOPE_PLAIN, CONF_ENVELOPE_NULL };

struct conf_where { const char *file; int line; };      /* of a setting, for errors found later */
struct conf_strings { const char **v; size_t n; };

struct conf_pattern { const char *regex; struct conf_where where; };
struct conf_patterns { struct conf_pattern *v; size_t n; size_t first; };      /* first: the number of v[0], see conf_pattern_at() */

struct conf_calendar {
    const char *name, *zone;
    struct conf_strings open;                           /* "Mon-Fri 09:00-17:00", in the order given */
    struct conf_strings holidays;                       /* iCalendar files (read by the desk's calendar) */
    struct conf_strings closed;                         /* "2026-12-24" */
    struct conf_where where;
};

struct conf_step { const char *after; const char *to; };
struct conf_clock {
    const char *name, *target, *calendar;
    struct conf_step *steps; size_t n_steps;            /* escalation, in order */
    struct conf_where where;
};
struct conf_priority {
    const char *name, *label;
    int rank;                                           /* order in the file, 0 first */
    bool is_default;
    struct conf_clock *clocks; size_t n_clocks;
    struct conf_where where;
};
struct conf_rule {                                      /* ordered; the first match that sets a thing wins */
    const char *name;
    struct conf_patterns text, subject, unless;         /* unless: none of them in subject or new words */
    const char *priority, *queue, *kind;                /* NULL: leaves it */
    struct conf_where where;
};
struct conf_budget { unsigned recipient_hour, recipient_day, domain_hour, domain_day, all_hour, all_day; };

struct conf_desk {
    const char *name, *from_name, *prefix, *relay, *calendar, *templates, *queue;
    const char *zone;                                   /* of its calendar: letters speak in it */
    struct conf_strings addresses;                      /* the first one is what letters come from */
    struct conf_strings languages;                      /* ISO 639-1, the first is the default */
    struct conf_strings authserv;                       /* whose Authentication-Results count */
    struct conf_strings staff;
    bool plus_addressing;                               /* Reply-To support+TOKEN@ */
    bool acknowledge;
    int64_t reopen_s;
    struct conf_priority *priorities; size_t n_priorities;
    struct conf_rule *rules; size_t n_rules;
    struct conf_budget budget;
    const char *alarm_to;                               /* who hears of alarms and what nobody else takes; may be NULL */
    struct conf_where where;
};

enum conf_intake_kind { CONF_INTAKE_IMAP, CONF_INTAKE_LMTP, CONF_INTAKE_MAILDIR };
struct conf_intake {
    enum conf_intake_kind kind;
    const char *name, *desk;                            /* desk NULL: found from the recipients */
    bool trust_auth, any_recipient;
    struct conf_strings listen;                         /* LMTP: "127.0.0.1:2424", "/run/ticketd/lmtp", "systemd" */
    unsigned socket_mode;
    unsigned max_connections;
    const char *path;                                   /* Maildir */
    int64_t rescan_s;
    const char *host; unsigned port; enum conf_tls tls; const char *ca_file;
    const char *auth;                                   /* login, plain, xoauth2 */
    const char *user, *password, *token_file, *oauth;   /* where, not what; oauth names an oauth section */
    const char *folder, *move_to, *keyword, *start;
    int64_t poll_s, command_timeout_s;
    struct conf_where where;
};
struct conf_relay {
    const char *name, *transport;                       /* smtp, maildir */
    const char *host; unsigned port; enum conf_tls tls; const char *ca_file;
    const char *auth, *user, *password, *token_file, *oauth;
    const char *path;                                   /* maildir */
    const char *helo;                                   /* NULL: the hostname */
    enum conf_envelope envelope;
    unsigned lanes;
    int64_t timeout_s, give_up_s;
    struct conf_where where;
};
struct conf_oauth { const char *name, *endpoint, *client_id, *client_secret, *refresh_token, *scope, *ca_file; struct conf_where where; };

struct conf_limits {
    uint64_t intake_mail, parse_mail;                   /* bytes; over the first 552, over the second kept raw and unparsed */
    unsigned headers, header_len, parts, depth;
    uint64_t text;
    uint64_t free_space;                                /* under it intake answers 452 */
    unsigned backlog;                                   /* mails in hand before intake answers 452 */
    uint64_t backlog_bytes;
    unsigned parse_workers, compose_workers;
    int64_t parse_timeout_s;
};

struct conf {
    const char *file, *state_directory, *control, *hostname;
    const char *key_file;                                       /* NULL: master.key in the state directory, made if need be */
    const char *control_group_read, *control_group_write;       /* may be NULL */
    uint64_t map_size;
    bool log_debug;
    struct conf_calendar *calendars; size_t n_calendars;
    struct conf_desk *desks; size_t n_desks;
    struct conf_intake *intakes; size_t n_intakes;
    struct conf_relay *relays; size_t n_relays;
    struct conf_oauth *oauths; size_t n_oauths;
    struct conf_limits limits;
    const struct conf_pattern **patterns; size_t n_patterns;    /* of all rules, see conf_pattern_at() */
    struct arena *arena;
};

/* Read and check `path`. Every mistake found is one line `file:line: what is wrong, what was expected` appended to errors.
 * Touches no network, no state directory; with check_files also that named files and secrets exist and are readable.
 * NULL: errors says why (exit 78). The result is the caller's, freed by conf_free(). */
struct conf *conf_load(const char *path, bool check_files, struct buf *errors);
void conf_free(struct conf **cp);
void conf_print(const struct conf *c, struct buf *out);         /* what was understood, for -n; parses again to the same */
void conf_settings_print(struct buf *out);      /* every setting in mdoc: the reference part of ticketd.conf(5) */

const struct conf_desk *conf_desk_find(const struct conf *c, const char *name);          /* NULL: none */
const struct conf_desk *conf_desk_for(const struct conf *c, const char *recipient);      /* address or address+ext */
const struct conf_calendar *conf_calendar_find(const struct conf *c, const char *name);
const struct conf_relay *conf_relay_find(const struct conf *c, const char *name);
const struct conf_oauth *conf_oauth_find(const struct conf *c, const char *name);
const struct conf_priority *conf_priority_find(const struct conf_desk *d, const char *name);
/* All patterns of all desks in one order: the index is what a Td__Hit names. Visits rules in order: text, subject, unless. */
size_t conf_pattern_count(const struct conf *c);
const struct conf_pattern *conf_pattern_at(const struct conf *c, size_t i);
/* The number of the first pattern of `list` (a list inside c); the others follow. */
size_t conf_pattern_index(const struct conf *c, const struct conf_patterns *list);
void conf_patterns_number(struct conf *c);      /* conf_load() has done it; for a conf that was built by hand (with an arena) */
/* Fetch a secret: a 0600 file or credential:NAME ($CREDENTIALS_DIRECTORY given by the caller). 0 or errno. */
int conf_secret(const char *where, const char *credentials_directory, struct buf *out);

#endif
