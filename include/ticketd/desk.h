/* SPDX-License-Identifier: ISC
 *
 * desk: the rules of a help desk, as functions. No clock, no chance, no locale, no files, no store: what they need comes
 * in, what they decide goes out. core fetches facts and writes decisions; the simulator does the same on a virtual clock.
 * All results live in the arena that is passed in.
 */
#ifndef TICKETD_DESK_H
#define TICKETD_DESK_H

#include "ticketd/base.h"
#include "ticketd/conf.h"
#include "ticketd/schema.h"

#define DESK_KEY_BYTES 32
#define DESK_ENTRY_TEXT_MAX 16384
#define DESK_NEXT_MAX 50

/* What stays the same for one configuration: calendars expanded, templates read and checked. Immutable after desk_new(). */
struct desk;
/* Reads the calendars' files and the template folders named by `conf` (this is start-up, the one place that reads files).
 * Mistakes are `file:line: …` in errors; NULL then. `conf` must outlive it. */
struct desk *desk_new(const struct conf *conf, const uint8_t naming_key[DESK_KEY_BYTES], struct buf *errors);
void desk_free(struct desk **dp);

/* ---- numbers, Message-IDs, tokens: all carry a MAC under the naming key (keyed BLAKE2b) */
/* "CAS-00001-9LGW"; at least five digits. */
const char *desk_number_make(const uint8_t key[DESK_KEY_BYTES], const char *prefix, uint64_t id, struct arena *a);
enum desk_number { DESK_NUMBER_OK, DESK_NUMBER_FOREIGN, DESK_NUMBER_WRONG };     /* FOREIGN: not this prefix; WRONG: suffix does not fit */
enum desk_number desk_number_check(const uint8_t key[DESK_KEY_BYTES], const char *prefix, const char *text, uint64_t *id);
const char *desk_message_id_make(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, uint64_t letter_id, const char *domain, struct arena *a);
bool desk_message_id_check(const uint8_t key[DESK_KEY_BYTES], const char *message_id, uint64_t *case_id, uint64_t *letter_id);
enum desk_token { DESK_TOKEN_REPLY = 1, DESK_TOKEN_BOUNCE = 2 };                 /* its purpose is part of it */
/* For support+TOKEN@: 32 characters of lower-case base32: purpose, case (or letter), recipient, expiry day, MAC. */
const char *desk_token_make(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, uint64_t id, const char *recipient, int64_t expires_at, struct arena *a);
bool desk_token_check(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, const char *token, size_t len, const char *sender, int64_t now,
                      uint64_t *id, bool *for_sender);
/* Is this our own letter come back? By Message-ID alone; X-Ticketd-* is never evidence. */
bool desk_message_is_own(const uint8_t key[DESK_KEY_BYTES], const Td__Message *m);

/* ---- working time (POLICIES.md, Counting, is the definition) */
struct calendar;
/* NULL: *error (in a) says what is wrong; for configuration checks and tests. `open` lines as in struct conf_calendar. */
struct calendar *calendar_new(const struct conf_calendar *c, struct buf *errors);
void calendar_free(struct calendar **cp);
int64_t calendar_add(const struct calendar *c, int64_t from, struct duration d);         /* when it is due */
int64_t calendar_open_between(const struct calendar *c, int64_t from, int64_t to);       /* seconds of open time */
int64_t calendar_next_open(const struct calendar *c, int64_t at);                        /* at itself when open */
int64_t zone_to_utc(const char *zone, int64_t local_as_utc);    /* gap: forward; overlap: the first */
int64_t zone_to_local(const char *zone, int64_t at);            /* seconds as if local time were UTC */
bool zone_known(const char *zone);

/* ---- needs, facts, decision */
enum desk_event_kind { DESK_EVENT_MAIL, DESK_EVENT_TIMER, DESK_EVENT_OUTCOME, DESK_EVENT_ALARM };
struct desk_event {
    enum desk_event_kind kind;
    const struct conf_desk *desk;
    /* mail */
    const Td__Message *message;
    const Td__Origin *origin;
    uint64_t mail_id, mail_size;
    /* timer */
    uint64_t case_id; const char *clock; unsigned step; int64_t due_at;
    /* outcome of sending a letter, only when it is final (delivered or given up) */
    const Td__Letter *letter; const char *recipient, *text; bool delivered;
    /* alarm: something that no case stands for; a sentence for staff in `text`, and what was reported */
    const char *detail;
};

/* Which rows the decision will ask for. core looks each up in the open transaction and hands the answers in. */
enum desk_need_kind {
    DESK_NEED_CASE,                     /* by id */
    DESK_NEED_MESSAGE,                  /* by Message-ID (or "digest:HEX"): every case of this desk that has it */
    DESK_NEED_BUDGET,                   /* a count, by scope and hour or day */
    DESK_NEED_LETTER,                   /* by id (delivery reports) */
    DESK_NEED_LOAD,                     /* of one of staff, by address: count: open cases; count_day: number of the last case given, 0 none */
    DESK_NEED_NEXT,                     /* the open cases of a queue (word; NULL: all) in the order of work, at most DESK_NEXT_MAX */
    DESK_NEED_OF_SENDER,                /* the cases of a requester (word), newest first, at most DESK_NEXT_MAX */
};
enum desk_budget_scope { DESK_BUDGET_RECIPIENT = 1, DESK_BUDGET_DOMAIN, DESK_BUDGET_ALL };
struct desk_need {
    enum desk_need_kind kind;
    uint64_t id;
    const char *word;                   /* Message-ID; address or domain */
    enum desk_budget_scope scope; int64_t hour;         /* hour: whole hours since 1970; days are sums of 24 of them */
    const char *why;                    /* which evidence asked: "reply address", "in-reply-to", "subject", … */
};
struct desk_needs { struct desk_need *v; size_t n; };
void desk_needs(const struct desk *d, const struct desk_event *e, int64_t now, struct arena *a, struct desk_needs *out);

struct desk_found { uint64_t case_id; uint64_t mail_id; const uint8_t *digest; };        /* of one by-message row */
struct desk_fact {                      /* the answer to needs->v[i] */
    Td__Case *kase;                     /* DESK_NEED_CASE; NULL: none */
    struct desk_found *found; size_t n_found;           /* DESK_NEED_MESSAGE */
    uint64_t count, count_day;          /* DESK_NEED_BUDGET */
    Td__Letter *letter;
    Td__Case **cases; size_t n_cases;   /* DESK_NEED_NEXT, DESK_NEED_OF_SENDER, in order */
};
struct desk_facts {
    const struct desk_needs *needs;
    struct desk_fact *v;                /* as many as needs->n */
    uint64_t next_case, next_letter;    /* ids that the decision may use, counting up */
    Td__Case **more; size_t n_more;     /* the cases that DESK_NEED_MESSAGE and DESK_NEED_LETTER led to, and what any case was merged into */
};

/* `entries` and `changed_at` of the case after are core's to set. */
struct desk_case_change { const Td__Case *before; Td__Case *after; Td__Entry **entries; size_t n_entries; };    /* before NULL: opened */
struct desk_count { enum desk_budget_scope scope; const char *word; int64_t hour; };
struct decision {
    struct desk_case_change *cases; size_t n_cases;
    Td__Letter **letters; size_t n_letters;
    struct desk_count *counts; size_t n_counts;         /* budgets used up by it */
    const char *index_message;          /* by-message row to write for the mail: its Message-ID or "digest:HEX"; NULL: none */
    uint64_t index_case;
    Td__Fate__What fate; uint64_t fate_case; const char *fate_why;
    uint64_t cases_used, letters_used;  /* how many of next_case, next_letter */
    const char *told;                   /* one line of key=value for the log, without case= */
};
/* The decision for one event. Total: every event has one; every mail ends in exactly one case. `seed`: chance, if it wants any. */
void desk_decide(const struct desk *d, const struct desk_facts *f, const struct desk_event *e, int64_t now, const uint8_t seed[32],
                 struct arena *a, struct decision *out);

#define DESK_STEP_BREACH 255u           /* the step of a timer that is no step: the clock's own due moment */
/* The timers that a case must have, as a function of the case alone: core writes the difference of before and after. */
struct desk_timer { int64_t due_at; const char *clock; unsigned step; };
void desk_timers(const Td__Case *c, struct arena *a, struct desk_timer **out, size_t *n);
/* After a reload: due of open clocks from target and start with the calendars of today. true: something changed. */
bool desk_recompute(const struct desk *d, Td__Case *c, struct arena *a);
/* Place in the order of work among the open ones of its desk: smaller is next. */
int64_t desk_order(const struct desk *d, const Td__Case *c);
const char *desk_state_label(const struct desk *d, const Td__Case *c);

#endif
