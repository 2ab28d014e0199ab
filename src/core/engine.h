/* SPDX-License-Identifier: ISC
 *
 * The engine's inside: events, the group that shares one durable commit, and what applying an event needs.
 * Shared by engine.c (queue and commit), apply*.c (one file a kind of event) and the drivers loop and simulate.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "ticketd/core.h"
#include "ticketd/tables.h"

#define ENGINE_GROUP_MAX 500                    /* events a commit */
#define ENGINE_GROUP_BYTES (32u << 20)          /* bytes of mail a commit */
#define ENGINE_TIMERS_MAX 256                   /* timers a commit */
#define ENGINE_CAREFUL 200                      /* events tried one by one before core trusts itself again */
#define ENGINE_CAREFUL_RUN 16                   /* of them in one run: each costs two commits, and the loop has others to serve */
#define ENGINE_RELAYS_KEPT 32                   /* whose sizes are remembered */
#define ENGINE_FACT_ROWS 32                     /* by-message rows looked at for one Message-ID */

enum engine_kind { ENGINE_MAIL, ENGINE_TIMER, ENGINE_COMPOSED, ENGINE_OUTCOME, ENGINE_SETTLED, ENGINE_MAILBOX, ENGINE_ASIDE, ENGINE_SECRET, ENGINE_OPERATOR,
                   ENGINE_ERASE, ENGINE_RELEASE };

struct engine_event {
    enum engine_kind kind;
    struct engine_event *next;
    struct arena *arena;                        /* the event's own; freed with it */
    void *owner;                                /* the driver's */
    const char *desk;                           /* by name: a reload may come between */

    /* MAIL */
    Td__Message *message;
    Td__Origin *origin;
    const uint8_t *bytes; size_t len;           /* borrowed until mail_done() */
    uint64_t mail_id, slot;                     /* given when the first byte is written */
    struct store_bulk *bulk; size_t written;    /* written ahead so far */

    /* TIMER */
    uint64_t case_id; const char *clock; uint32_t step; int64_t due_at;

    /* COMPOSED (with bytes, len) and OUTCOME */
    uint64_t letter_id; uint32_t recipient; int64_t next_at;
    const Td__SendOutcome *outcome;

    /* SETTLED, ASIDE, MAILBOX */
    const char *mailbox; uint32_t uidvalidity; const uint64_t *uids; size_t n_uids;
    const Td__Mailbox *record; const char *reason;

    /* SECRET: a rotated token, under the name `mailbox` */
    const char *secret;

    /* OPERATOR: of the case that case_word names, in any spelling of its number or by the running number; of a letter, to send again */
    struct desk_operator *operator_; const char *case_word;
    unsigned exit_code; const char *answer;     /* 0 and JSON, else a code of sysexits(3) and a sentence; in the arena */
    /* ERASE (a case), RELEASE (held letters: one, or with 0 all; `drop`: they end) */
    bool drop;

    /* outcome of applying it */
    bool ok;
    const char *why;                            /* static or in the arena */
    const char *case_number;
    const char *line;                           /* for the log once it is durable */
    bool letters;                               /* something may wait in the outbox now */
    bool again;                                 /* could not be recorded before: said once in the log */
};

/* How many cases are open, and of those how many are past a target that is not met: counted at start, kept by every decision. */
struct standing { int64_t open, overdue; };

struct engine {
    const struct conf *conf;
    const struct desk *desk;
    struct store *store;
    struct engine_driver driver;
    struct engine_event *first, **last;
    struct engine_event *failed;                /* outcomes that could not be recorded yet */
    size_t queued, timers;                      /* timers: of those, so that none is taken twice */
    Td__Meta meta;                              /* as committed; naming_key points into naming */
    uint8_t naming[32];
    bool careful;                               /* after an unclean end: one event a commit, marked before */
    unsigned careful_left;
    char suspect[96]; uint32_t suspect_tries;
    bool marked;                                /* the event's own commit takes the mark away */
    int64_t swept_hour;
    struct store_key retain_at; int64_t retain_day; size_t retain_desk;         /* how far retention has come today */
    uint64_t commits, events;
    struct standing standing;                   /* as committed */
    struct { char relay[64]; uint64_t size; } sizes[ENGINE_RELAYS_KEPT]; size_t n_sizes;        /* what relays have said that they take */
    const char *trouble;                        /* what the store said last; NULL: well */
    enum store_rc trouble_rc;
};

/* One group: a transaction, the meta record as it will be, an arena for what lives as long as the commit. */
struct commit {
    struct engine *e;
    struct store_txn *txn;                      /* of the event being applied */
    struct arena *arena;
    int64_t now;
    Td__Meta meta;
    struct standing standing;
};

/* ---- apply.c, apply_mail.c, apply_letter.c: write one event inside g->txn. STORE_OK: as decided; else nothing counts. */
enum store_rc apply_mail(struct commit *g, struct engine_event *ev);
enum store_rc apply_mail_aside(struct commit *g, struct engine_event *ev, const char *why);
enum store_rc apply_timer(struct commit *g, struct engine_event *ev);
enum store_rc apply_composed(struct commit *g, struct engine_event *ev);
enum store_rc apply_outcome(struct commit *g, struct engine_event *ev);
enum store_rc apply_settled(struct commit *g, struct engine_event *ev);
enum store_rc apply_mailbox(struct commit *g, struct engine_event *ev);
enum store_rc apply_aside(struct commit *g, struct engine_event *ev);
/* A letter to staff about what no case stands for, alarm.KEY of the words; the event's desk, else the first. */
enum store_rc apply_alarm(struct commit *g, struct engine_event *ev, const char *key, const char *one, const char *two, const char *detail);
enum store_rc apply_erase(struct commit *g, struct engine_event *ev);
enum store_rc apply_release(struct commit *g, struct engine_event *ev);
/* A copy of a mail that was erased: nothing of it is kept, the source is told that it was taken, staff hear of it. */
enum store_rc apply_erased_again(struct commit *g, struct engine_event *ev, bool *was);
enum store_rc apply_secret(struct commit *g, struct engine_event *ev);
enum store_rc apply_operator(struct commit *g, struct engine_event *ev);       /* apply_operator.c */
/* Careful mode: the rows that would make this event happen again are taken away. */
enum store_rc apply_drop(struct commit *g, struct engine_event *ev);

enum store_rc outbox_drop(struct commit *g, uint64_t letter_id);        /* all rows of this letter that wait */
/* ---- facts.c: looks up what the desk asked for */
enum store_rc facts_fetch(struct commit *g, const struct conf_desk *desk, const struct desk_needs *needs, struct desk_facts *out);
/* ---- standing.c */
void standing_move(struct standing *s, const Td__Case *before, const Td__Case *after);         /* either may be NULL */
void standing_count(struct engine *e);          /* anew, from the store */
/* ---- decision.c: writes a decision: cases with entries, index rows and timers; letters with outbox rows; budgets */
enum store_rc decision_write(struct commit *g, const struct decision *d);
/* Counters of one of staff, in the table of budgets under scopes of their own: open cases, and the number of the last case given. */
void load_keys(struct commit *g, const char *addr, struct store_key *open, struct store_key *last);
/* Needs, facts, decision, writing: what every event of the desk's goes through. *d is in g->arena, also on failure. */
enum store_rc decision_make(struct commit *g, const struct desk_event *de, struct decision *d);
enum store_rc case_get(struct commit *g, uint64_t id, Td__Case **out);           /* STORE_NOTFOUND: *out NULL */
/* A row that is not there, was erased or does not open is no reason to refuse what has nothing to do with its content. */
bool fact_missing(enum store_rc rc);

/* ---- message.c */
/* Whose desk: Delivered-To and its kin, To, Cc; else the first desk. Borrowed from conf. */
const char *message_desk(const struct conf *conf, const Td__Message *m);
/* Is it what a worker within these limits can have said? Core and desk look into these texts. */
bool message_usable(const struct conf_limits *limits, const Td__Message *m);
/* For a mail that no worker could read: what the headers gave (who, changed in place; or NULL), marked unparsed, never answered. */
Td__Message *message_unparsed(Td__Message *who, const uint8_t *bytes, size_t len, const char *why, struct arena *a);

/* ---- outbox.c: what the outcome of a try means; pure. 4xx, no reply, an unknown end and a relay that refuses us (auth_failed; a
 * 5xx before the letter's own commands comes with code 0) are tried again. Intervals grow from 1 minute to 4 hours. */
enum outbox_verdict { OUTBOX_DONE, OUTBOX_LATER, OUTBOX_FAILED };
enum outbox_verdict outbox_judge(const Td__SendOutcome *o);
int64_t outbox_next_try(uint32_t attempts, uint32_t salt);      /* seconds to wait after so many attempts, +- 10 % by salt */

/* ---- engine.c, for drivers */
struct engine_event *engine_event_new(enum engine_kind kind);
void engine_event_free(struct engine_event **evp);
void engine_submit(struct engine *e, struct engine_event *ev);  /* taken; freed after the driver heard of it */
/* One durable commit of what is ready: due timers, then the queue in order. Returns how many events it took. */
size_t engine_run(struct engine *e, int64_t now);
bool engine_busy(const struct engine *e);
void engine_relay_size(struct engine *e, const char *relay, uint64_t size);     /* it has said how large a letter may be */
void engine_retry(struct engine *e);            /* what could not be recorded is queued again; now and then */
/* The next moment at which something is due; INT64_MAX: nothing. */
int64_t engine_next_due(struct engine *e);
/* An empty commit, when the last ones failed: does the store write again? */
bool engine_probe(struct engine *e, int64_t now);
/* The end: what happened in the world is recorded, mails that wait stay with their sources (done() hears "not ok"). */
void engine_last(struct engine *e, int64_t now);
void engine_shutdown(struct engine *e, int64_t now);            /* writes the clean mark */

/* Walks outbox rows due at `now`, oldest first, until each() says false. */
struct engine_outgoing {
    uint64_t letter_id; uint32_t recipient; int64_t next_at;
    const Td__Outgoing *row;
};
enum store_rc engine_outbox_walk(struct engine *e, int64_t now, bool (*each)(void *u, const struct engine_outgoing *o), void *u);
enum store_rc engine_letter(struct engine *e, uint64_t letter_id, struct arena *a, Td__Letter **out);
enum store_rc engine_letter_bytes(struct engine *e, const Td__Letter *l, int *fd);    /* *fd: a sealed memfd, the caller's; or -1 */
enum store_rc engine_mail_bytes(struct engine *e, uint64_t mail_id, int *fd);         /* a stored mail, likewise */
enum store_rc engine_fate(struct engine *e, const char *mailbox, uint32_t uidvalidity, uint64_t uid, struct arena *a, Td__Fate **out);
enum store_rc engine_mailbox(struct engine *e, const char *mailbox, struct arena *a, Td__Mailbox **out);
enum store_rc engine_secret(struct engine *e, const char *name, struct arena *a, Td__Secret **out);
/* A mail on which a worker died: how often it was tried; `add` marks one more, durably. */
unsigned engine_mail_tries(struct engine *e, const uint8_t *bytes, size_t len, bool add);
/* Keys of erased cases that are still to be overwritten. */
void engine_erase_keys(struct engine *e);
/* Once a second: cases that were closed longer ago than their desk keeps them are erased, a few rows a call, all once a day. */
void engine_retain(struct engine *e, int64_t now);
/* The configuration may be another one, or the clock only now be known: digests of all staff are put where they belong. */
void engine_people(struct engine *e, int64_t now);
/* Housekeeping, once an hour: budgets that nobody will ask for again. */
void engine_sweep(struct engine *e, int64_t now);

#endif
