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

enum { CONF_IN_SUBJECT = 1, CONF_IN_WORDS = 2, CONF_IN_ATTACHMENTS = 4 };       /* what a pattern is matched against */
struct conf_pattern { const char *regex; struct conf_where where; unsigned in; };
struct conf_patterns { struct conf_pattern *v; size_t n; size_t first; };      /* first: the number of v[0], see conf_pattern_at() */

struct conf_exception {                                 /* of a calendar: a date or a range of dates that is not as usual */
    const char *name;                                   /* "2026-05-15" or "2026-12-28..2026-12-30" */
    bool closed;
    struct conf_strings open;                           /* with neither, the hours are the usual ones and only the note counts */
    const char *note;                                   /* a sentence that letters may announce; NULL: none */
    struct conf_where where;
};
struct conf_calendar {
    const char *name, *zone;
    struct conf_strings open;                           /* "Mon-Fri 09:00-17:00", in the order given */
    struct conf_strings holidays, days_off;             /* iCalendar files (read by the desk's calendar); days_off make no eves and bridges */
    struct conf_strings eve, bridge;                    /* "closed", "09:00-12:00" or "Mon-Thu 09:00-12:00" */
    struct conf_strings closed;                         /* "2026-12-24" or "2026-07-06..2026-07-17" */
    struct conf_exception *exceptions; size_t n_exceptions;
    struct conf_where where;
};

struct conf_step { const char *after; const char *to; };        /* to: an address, or assignee, queue, manager, director, contact, alarm; several with a blank between */
struct conf_clock {
    const char *name, *target, *calendar;
    const char *start;                                  /* open: with the case; else the clock whose being met starts this one */
    struct conf_strings stop;                           /* take relay wait estimate resolve close, or field:NAME: the first of them meets it */
    struct conf_strings pause;                          /* names of states in which it stands still */
    unsigned warn;                                      /* percent of the target; 0: no warning */
    struct conf_strings warn_to;                        /* as conf_step.to */
    unsigned goal;                                      /* percent of cases that should meet it; 0: none is published */
    struct conf_step *steps; size_t n_steps;            /* escalation, in order */
    struct conf_where where;
};
struct conf_priority {
    const char *name, *label;
    int rank;                                           /* order in the file, 0 first */
    bool is_default;
    bool tell;                                          /* the customer is told when a case is given it later, with its targets */
    struct conf_clock *clocks; size_t n_clocks;
    struct conf_where where;
};
struct conf_queue {                                     /* a line of the desk */
    const char *name, *label;
    bool is_default;
    struct conf_strings staff;                          /* who works there, in the order of being asked */
    const char *manager;                                /* an address; NULL: the desk's */
    const char *next;                                   /* the queue that it hands over to */
    struct conf_strings watch;                          /* queues that go on hearing of what they handed over to this one */
    const char *assign;                                 /* none, first, least-loaded, round-robin */
    const char *handover;                               /* what a customer is told when a case comes here; NULL: only the name */
    struct conf_clock *clocks; size_t n_clocks;
    struct conf_where where;
};
struct conf_kind {
    const char *name, *label;
    bool is_default;
    bool first;                                         /* time-critical: goes before others of its priority */
    bool offered;                                       /* the customer may choose it */
    bool resolve_words;                                 /* resolving one without words is refused */
    const char *priority, *queue;                       /* what a case of this kind gets where no rule says so; may be NULL */
    struct conf_clock *clocks; size_t n_clocks;
    struct conf_where where;
};
struct conf_person {                                    /* one of the staff */
    const char *name;                                   /* the address */
    const char *label, *calendar, *language;            /* calendar, language: NULL: the desk's */
    const char *login;                                  /* on this machine, for ticketctl; NULL: none */
    struct conf_strings skills;                         /* kinds, and values of fields, that this person is good at */
    struct conf_strings absent;                         /* "2026-07-06" or "2026-07-06..2026-07-31" */
    unsigned capacity;                                  /* open cases; 0: any number */
    bool nights;                                        /* wants letters in quiet hours too */
    const char *deputy;                                 /* gets notices while the person is away; NULL: nobody in particular */
    const char *digest;                                 /* "07:30" or off; NULL: as the desk says */
    struct conf_where where;
};
struct conf_customer {
    const char *name;
    struct conf_strings addresses;                      /* addresses and domains, files of them read in */
    const char *contact;                                /* primary contact; may be NULL, as all that follow */
    const char *consultant;                             /* dedicated member of staff */
    struct conf_strings consultant_kinds;               /* only for these kinds; none: for all */
    const char *calendar, *language, *dealer;
    struct conf_strings admins, may_register;           /* none: everybody of the customer */
    struct conf_where where;
};
struct conf_field {                                     /* a fact that is caught from the text */
    const char *name, *label, *ask;                     /* ask: what the acknowledgement asks for when it is missing; NULL: nothing */
    struct conf_patterns pattern, attachment;           /* the first group, else the whole match, is the value */
    const char *value;                                  /* instead: what the field becomes when a pattern matches */
    struct conf_strings kinds;                          /* only asked for in these kinds; none: in all */
    struct conf_where where;
};
struct conf_state {                                     /* the desk's own words for one of the six states */
    const char *name, *label, *meaning;
    bool tell;                                          /* the customer is told when a case gets there */
    struct conf_strings remind;                         /* durations after getting there: the customer is reminded */
    const char *close;                                  /* duration after getting there: closed; NULL: never */
    const char *staff_letter;                           /* prepared letter that the assignee then gets; may be NULL */
    struct conf_where where;
};
#define CONF_LETTER_FIELDS 8
struct conf_letter {                                    /* a prepared letter */
    const char *name, *label, *kind, *subject, *text;   /* kind: update, referral or refusal; subject and text are templates */
    struct conf_strings paragraphs;                     /* of the text, as they stand in the file */
    struct conf_strings fields;                         /* what #letter fills in, by these names */
    struct conf_where where;
};
struct conf_rule {                                      /* ordered; the first match that sets a thing wins */
    const char *name;
    struct conf_patterns text, subject, attachment, unless;             /* unless: none of them in subject or new words */
    struct conf_strings sender, unless_sender, recipient;               /* addresses and domains, files of them read in */
    struct conf_strings language, customer, if_kind, if_field;          /* if_field: NAME, or NAME=VALUE */
    const char *when;                                   /* open, closed: working time of the desk; NULL: always */
    unsigned month_end_before, month_end_after;         /* within so many working days of a month's end; both 0: always */
    const char *priority, *queue, *kind;                /* NULL: leaves it */
    const char *assign;                                 /* an address, or none, first, least-loaded, round-robin */
    const char *letter;                                 /* a prepared letter that goes out instead of the acknowledgement */
    struct conf_strings add_letters;                    /* prepared letters that go out beside it */
    struct conf_strings tags, set;                      /* set: NAME=VALUE */
    const char *state;                                  /* the state that the case begins in */
    const char *say;                                    /* a paragraph for the acknowledgement */
    bool stop;
    struct conf_where where;
};
struct conf_escalation {                                /* of priority, asked for by the customer */
    const char *priority;                               /* what an accepted one gets; NULL: the first */
    const char *patience;                               /* nobody reacted for so long: the desk's manager hears of it; NULL: never */
    const char *notice;                                 /* stands wherever escalation is offered; may be NULL */
    struct conf_strings to;                             /* who hears of the request, as conf_step.to */
};
struct conf_report {                                    /* a published figure over all cases, beside the clocks with a goal */
    const char *name, *target;                          /* resolved or closed within so long of the opening */
    unsigned goal;                                      /* percent */
    struct conf_where where;
};
struct conf_notices {                                   /* how many letters about cases one of the staff gets */
    unsigned burst, hour;
    int64_t within_s, wait_s;
};
struct conf_budget { unsigned recipient_hour, recipient_day, domain_hour, domain_day, all_hour, all_day; };

struct conf_desk {
    const char *name, *from_name, *prefix, *relay, *calendar, *templates;
    const char *queue;                                  /* name of the default one */
    const char *zone;                                   /* of its calendar: letters speak in it */
    struct conf_strings addresses;                      /* the first one is what letters come from */
    struct conf_strings languages;                      /* ISO 639-1, the first is the default */
    struct conf_strings authserv;                       /* whose Authentication-Results count */
    struct conf_strings auth_hosts, auth_expects, arc_sealers;          /* as mail_options.hosts, expects, sealers */
    bool strict_alignment, exchange_online;             /* as in mail_options */
    int64_t same_subject_s;                             /* same sender and bare subject thread so long; 0: never */
    struct conf_strings staff;
    bool plus_addressing;                               /* Reply-To support+TOKEN@ */
    bool staff_both_proofs;                             /* authenticated and by the person's own reply address; else either */
    const char *notify;                                 /* who gets what a customer writes: assignee, queue, none */
    int64_t recall_s;                                   /* so long a relay waits, and #undo takes it back */
    uint64_t notice_attachments;                        /* bytes of attachments that a notice hands on; 0: none */
    bool acknowledge;
    int64_t reopen_s;
    int64_t retain_s;                                   /* closed cases are erased so long after; 0: never */
    struct conf_priority *priorities; size_t n_priorities;
    struct conf_queue *queues; size_t n_queues;         /* at least one after loading */
    struct conf_kind *kinds; size_t n_kinds;
    struct conf_person *persons; size_t n_persons;      /* all of them are in staff */
    struct conf_customer *customers; size_t n_customers;
    struct conf_field *fields; size_t n_fields;
    struct conf_state *states; size_t n_states;
    struct conf_letter *letters; size_t n_letters;
    struct conf_clock *clocks; size_t n_clocks;         /* for all cases; those of priority, queue and kind go before, the latter first */
    struct conf_rule *rules; size_t n_rules;
    struct conf_escalation escalation;
    struct conf_report *reports; size_t n_reports;
    const char *manager, *director;                     /* addresses; may be NULL */
    const char *registers;                              /* who may open cases: anyone, customers */
    const char *assign;                                 /* for queues that say nothing */
    struct conf_strings approved_to;                    /* of staff: one with the skill gets a case whose estimate was approved */
    const char *announce;                               /* coming deviations of the calendar stand in acknowledgements so long ahead; may be NULL */
    const char *quiet;                                  /* calendar outside of which staff get no warnings and escalations; NULL: none */
    bool tell_merged;                                   /* the customer hears under which number a merged case goes on */
    bool survey;                                        /* a survey is offered when a case is closed */
    const char *survey_text, *self_help;                /* sentences for the survey and the acknowledgement; may be NULL */
    struct conf_budget budget;
    struct conf_notices notices;
    const char *digest;                                 /* "07:30", or off */
    bool digest_empty;
    const char *digest_waiting;                         /* duration after which a case has waited too long */
    const char *away;                                   /* who gets the notices of who is away: deputy, queue, assignee */
    const char *alarm_to;                               /* who hears of alarms and what nobody else takes; may be NULL */
    struct conf_strings note_addresses;                 /* what staff write there is a note */
    const char *on_spam, *on_virus;                     /* quiet, held, normal: what our own filter has marked */
    const char *marked_queue;                           /* of those that are quiet; may be NULL */
    const char *colleagues;                             /* who comes onto a case at once: ask (nobody), customer, domain */
    bool tell_parked;                                   /* the requester hears of senders who are not on his case */
    unsigned bounce_limit;                              /* letters in a row that did not reach somebody in copy; 0: any number */
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
    uint64_t max_size;                                  /* bytes of a letter; its server may say less, see desk_relay_limit() */
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
    uint64_t parse_memory;                              /* address space of a worker, bytes */
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
const struct conf_queue *conf_queue_find(const struct conf_desk *d, const char *name);
const struct conf_kind *conf_kind_find(const struct conf_desk *d, const char *name);
const struct conf_person *conf_person_find(const struct conf_desk *d, const char *addr);
const struct conf_customer *conf_customer_find(const struct conf_desk *d, const char *name);
const struct conf_customer *conf_customer_of(const struct conf_desk *d, const char *addr);      /* whose address or domain it is */
const struct conf_field *conf_field_find(const struct conf_desk *d, const char *name);
const struct conf_state *conf_state_find(const struct conf_desk *d, const char *name);
const struct conf_letter *conf_letter_find(const struct conf_desk *d, const char *name);
bool conf_address_in(const struct conf_strings *list, const char *addr);        /* a list of addresses and domains */
/* All patterns of all desks in one order: the index is what a Td__Hit names. Fields before rules, each list in one piece. */
size_t conf_pattern_count(const struct conf *c);
const struct conf_pattern *conf_pattern_at(const struct conf *c, size_t i);
/* The number of the first pattern of `list` (a list inside c); the others follow. */
size_t conf_pattern_index(const struct conf *c, const struct conf_patterns *list);
void conf_patterns_number(struct conf *c);      /* conf_load() has done it; for a conf that was built by hand (with an arena) */
/* ---- hours and dates, as calendars write them */
#define CONF_SPANS_MAX 12                               /* of one day */
struct conf_span { int from, to; };                     /* minutes of the day, half-open; its end is 1440 */
struct conf_hours { struct { struct conf_span v[CONF_SPANS_MAX]; size_t n; bool named; } day[7]; };     /* 0: Monday; spans in order, not overlapping */
enum conf_hours_form {
    CONF_HOURS_WEEK,        /* "Mon-Thu,Sat 09:00-12:00 13:00-16:00" */
    CONF_HOURS_DATES,       /* the same, or without days: on each of them */
    CONF_HOURS_REST,        /* the same, or "closed", or "Fri closed" */
};
/* Adds one line to what was read before. NULL, or what was expected (static); `out` then is as before. */
const char *conf_hours_read(const char *line, enum conf_hours_form form, struct conf_hours *out);
/* "2026-05-15" or "2026-05-15..2026-05-16" as days since 1970-01-01, both inside. */
bool conf_days_read(const char *text, int64_t *first, int64_t *last);

/* Fetch a secret: a 0600 file or credential:NAME ($CREDENTIALS_DIRECTORY given by the caller). 0 or errno. */
int conf_secret(const char *where, const char *credentials_directory, struct buf *out);

#endif
