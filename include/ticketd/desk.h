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
#define DESK_ENTRIES_MAX 500

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
/* `text` as mail_case_refs() gives it; a word may be glued before the prefix ("RECAS-…") as long as the suffix fits. */
enum desk_number desk_number_check(const uint8_t key[DESK_KEY_BYTES], const char *prefix, const char *text, uint64_t *id);
const char *desk_message_id_make(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, uint64_t letter_id, const char *domain, struct arena *a);
/* The identity of a case's conversation in Outlook (MS-OXOMSG 2.2.1.3): the time of its beginning and a GUID that tells nothing. */
#define DESK_THREAD_INDEX_BYTES 22
void desk_thread_index_make(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, int64_t opened_at, uint8_t out[DESK_THREAD_INDEX_BYTES]);
bool desk_message_id_check(const uint8_t key[DESK_KEY_BYTES], const char *message_id, uint64_t *case_id, uint64_t *letter_id);
/* Its purpose is part of it. A reply address may be remembered by an address book and used for something new; the address of a link
 * (DESK_TOKEN_ACTION, id of the case) always means that case. */
enum desk_token {
    DESK_TOKEN_REPLY = 1, DESK_TOKEN_BOUNCE = 2, DESK_TOKEN_ACTION = 3,
    DESK_TOKEN_DIGEST = 4,              /* answers to a list of cases, line by line; id of that letter */
    /* links, each for one thing; from DESK_TOKEN_CONFIRM on all are actions */
    DESK_TOKEN_CONFIRM = 16, DESK_TOKEN_STATUS, DESK_TOKEN_CASES, DESK_TOKEN_CLOSE, DESK_TOKEN_ESCALATE, DESK_TOKEN_APPROVE, DESK_TOKEN_DECLINE,
    DESK_TOKEN_REOPEN, DESK_TOKEN_KIND, DESK_TOKEN_RATE_1 = 32, DESK_TOKEN_RATE_5 = 36,
    DESK_TOKEN_OTHER = 48,              /* my last mail is about something else */
    DESK_TOKEN_LEAVE, DESK_TOKEN_ADMIT, DESK_TOKEN_REGISTER, DESK_TOKEN_REGISTER_NO,
};
/* For support+TOKEN@: 32 characters of lower-case base32: purpose, case (or letter), recipient, expiry day, MAC. */
const char *desk_token_make(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, uint64_t id, const char *recipient, int64_t expires_at, struct arena *a);
bool desk_token_check(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, const char *token, size_t len, const char *sender, int64_t now,
                      uint64_t *id, bool *for_sender);
/* The purpose that a token claims, not checked yet; 0: it has not the shape of one. */
enum desk_token desk_token_claims(const char *token, size_t len);
/* What a token of ours says, expired or not. false: it is none of ours. */
#define DESK_TOKEN_BYTES 20
struct desk_token_says { enum desk_token purpose; uint64_t id; int64_t day; uint8_t who[4], bytes[DESK_TOKEN_BYTES]; };    /* day: its last */
bool desk_token_read(const uint8_t key[DESK_KEY_BYTES], const char *token, size_t len, struct desk_token_says *out);
bool desk_token_of_case(enum desk_token purpose);      /* else its id is a letter's */
bool desk_token_is_for(const uint8_t key[DESK_KEY_BYTES], const struct desk_token_says *says, const char *recipient);
/* What an operator wants to be revoked: a token or an address that has one (*says is filled), all of a person, or all of a case. */
enum desk_revoke { DESK_REVOKE_NOTHING, DESK_REVOKE_TOKEN, DESK_REVOKE_PERSON, DESK_REVOKE_CASE };
enum desk_revoke desk_revoke_read(const uint8_t key[DESK_KEY_BYTES], const char *word, struct desk_token_says *says);
/* Is this our own letter come back? By Message-ID alone; X-Ticketd-* is never evidence. */
bool desk_message_is_own(const uint8_t key[DESK_KEY_BYTES], const Td__Message *m);

/* ---- working time (POLICIES.md, Counting, is the definition) */
struct calendar;
/* Reads the zone and the files of holidays; `c` need not outlive it. NULL: errors has lines `file:line: …`. */
struct calendar *calendar_new(const struct conf_calendar *c, struct buf *errors);
void calendar_free(struct calendar **cp);
int64_t calendar_add(const struct calendar *c, int64_t from, struct duration d);         /* when it is due */
/* When it is due after a pause: `due` is what it was before. A pause that began at due or later changes nothing. */
int64_t calendar_resume(const struct calendar *c, int64_t due, enum duration_unit unit, int64_t paused_at, int64_t resumed_at);
int64_t calendar_open_between(const struct calendar *c, int64_t from, int64_t to);       /* seconds of open time */
int64_t calendar_next_open(const struct calendar *c, int64_t at);                        /* at itself when open */
bool calendar_is_open(const struct calendar *c, int64_t at);
int64_t calendar_date(const struct calendar *c, int64_t at);                             /* of its zone, in days since 1970-01-01 */
int calendar_working_days(const struct calendar *c, int64_t first, int64_t last);        /* among these dates, both inside */

/* Why a date is not as usual, the strongest reason. */
enum calendar_why { CALENDAR_USUAL, CALENDAR_EVENT, CALENDAR_EVE, CALENDAR_BRIDGE, CALENDAR_CLOSED, CALENDAR_DAY_OFF, CALENDAR_HOLIDAY, CALENDAR_EXCEPTION };
struct calendar_other {
    int64_t first, last;                /* dates, both inside */
    enum calendar_why why;              /* EVENT: a timed event closes part of it; USUAL: only a note is given */
    const char *name;                   /* of the holiday, day off or event; the note of an exception; "" */
    const char *hours;                  /* "09:00-12:00", local time, of the first date; "": closed */
};
/* What is not as usual from the date of `at` on, for `days` dates: for letters that announce it. An exception with a note is
 * listed whole if a date of it is among them; other dates where their hours are not their day of the week's, neighbours with
 * the same reason and name as one. In order, in the arena. */
void calendar_others(const struct calendar *c, int64_t at, unsigned days, struct arena *a, struct calendar_other **out, size_t *n);

int64_t zone_to_utc(const char *zone, int64_t local_as_utc);    /* gap: forward; overlap: the first */
int64_t zone_to_local(const char *zone, int64_t at);            /* seconds as if local time were UTC */
bool zone_known(const char *zone);

/* ---- needs, facts, decision */
enum desk_event_kind { DESK_EVENT_MAIL, DESK_EVENT_TIMER, DESK_EVENT_OUTCOME, DESK_EVENT_ALARM, DESK_EVENT_RELOAD, DESK_EVENT_OPERATOR, DESK_EVENT_PERSON };
struct desk_command { const char *word, *args; };      /* as staff write it by mail: "assign", "anna"; args never NULL */
/* What somebody at the command line wants of one case: commands as staff give them by mail, and the words below them. */
struct desk_operator {
    const struct desk_command *commands; size_t n_commands;
    const char *words;                  /* "" when there are none */
    const char *login;                  /* for the journal */
    const char *person;                 /* in whose name: an address, its local part or a name; NULL: nobody's of the staff */
    bool release, drop;                 /* what is held on the case is carried out, or dropped; no commands then */
    const char *revoke;                 /* see desk_revoke_read(); NULL: nothing; no commands then */
    bool resend;                        /* the event's letter goes out once more, to all whom it was for; no commands then */
};
struct desk_event {
    enum desk_event_kind kind;
    const struct conf_desk *desk;
    const Td__Revocations *revoked;     /* of whatever kind; NULL: nothing is revoked */
    /* mail */
    const Td__Message *message;
    const Td__Origin *origin;
    uint64_t mail_id, mail_size;
    /* timer; of a reload, after which a case may name what is gone, only the case */
    uint64_t case_id; const char *clock; unsigned step; int64_t due_at;
    /* outcome of sending a letter, only when it is final (delivered or given up) */
    const Td__Letter *letter; const char *recipient, *text; bool delivered;
    /* alarm: something that no case stands for: alarm.TEXT of the words, with {1} and {2}, and what was reported */
    const char *one, *two, *detail;
    const char *const *lines; size_t n_lines;           /* cases that it is about, a line each, as decision.gone had them */
    const struct desk_operator *operator_;      /* of the case `case_id` */
    /* person: what happens to one of the staff, said by `clock` (DESK_PERSON_*) */
    const char *person;
};

/* Something for a person: the digest; notices that wait; the configuration is another one. */
#define DESK_PERSON_DIGEST "digest"
#define DESK_PERSON_NOTICES "notices"
#define DESK_PERSON_RELOAD "reload"

/* Which rows the decision will ask for. core looks each up in the open transaction and hands the answers in. */
enum desk_need_kind {
    DESK_NEED_CASE,                     /* by id */
    DESK_NEED_MESSAGE,                  /* by Message-ID (or "digest:HEX"): every case of this desk that has it */
    DESK_NEED_BUDGET,                   /* a count, by scope and hour or day */
    DESK_NEED_LETTER,                   /* by id (delivery reports) */
    DESK_NEED_LOAD,                     /* of one of staff, by address: count: open cases; count_day: number of the last case given, 0 none */
    DESK_NEED_NEXT,                     /* the open cases of a queue (word; NULL: all) in the order of work, at most DESK_NEXT_MAX */
    DESK_NEED_OF_SENDER,                /* the cases of a requester (word; NULL: that of case id), newest first, at most DESK_NEXT_MAX */
    DESK_NEED_ENTRIES,                  /* the journal of case id, its last DESK_ENTRIES_MAX entries */
    DESK_NEED_PERSON,                   /* what is known of one of the staff (word, folded) */
    DESK_NEED_MINE,                     /* the open cases of an assignee (word), in the order of work, at most id of them; count: how many in all */
};
enum desk_budget_scope { DESK_BUDGET_RECIPIENT = 1, DESK_BUDGET_DOMAIN, DESK_BUDGET_ALL, DESK_BUDGET_GUESS, DESK_BUDGET_HELD };
/* GUESS: wrong case numbers of a sender; HELD: questions to one of the staff whether mail is theirs */
struct desk_need {
    enum desk_need_kind kind;
    uint64_t id;
    const char *word;                   /* Message-ID; address or domain */
    enum desk_budget_scope scope; int64_t hour;         /* hour: whole hours since 1970; days are sums of 24 of them */
    const char *why;                    /* which evidence asked: "reply address", "in-reply-to", "subject", … */
    enum desk_token purpose;            /* of a link; word: its token */
};
struct desk_needs { struct desk_need *v; size_t n; };
void desk_needs(const struct desk *d, const struct desk_event *e, int64_t now, struct arena *a, struct desk_needs *out);

struct desk_found { uint64_t case_id; uint64_t mail_id; const uint8_t *digest; };        /* of one by-message row */
struct desk_fact {                      /* the answer to needs->v[i] */
    Td__Case *kase;                     /* DESK_NEED_CASE; NULL: none */
    struct desk_found *found; size_t n_found;           /* DESK_NEED_MESSAGE */
    uint64_t count, count_day;          /* DESK_NEED_BUDGET */
    Td__Letter *letter;
    Td__Entry **entries; size_t n_entries;      /* DESK_NEED_ENTRIES */
    Td__Case **cases; size_t n_cases;   /* DESK_NEED_NEXT, DESK_NEED_OF_SENDER, DESK_NEED_MINE, in order */
    Td__Person *person;                 /* DESK_NEED_PERSON; NULL: nothing is known yet */
};
struct desk_facts {
    const struct desk_needs *needs;
    struct desk_fact *v;                /* as many as needs->n */
    uint64_t next_case, next_letter;    /* ids that the decision may use, counting up */
    uint64_t relay_limit;               /* bytes of a letter that the desk's relay has said it takes; 0: it has not said */
    Td__Case **more; size_t n_more;     /* the cases that rows and letters led to, and what any case was merged into */
};

/* `entries` and `changed_at` of the case after are core's to set. */
struct desk_case_change { const Td__Case *before; Td__Case *after; Td__Entry **entries; size_t n_entries; };    /* before NULL: opened */
struct desk_person_change { const Td__Person *before; Td__Person *after; };     /* before NULL: new */
struct desk_recall { uint64_t letter; int64_t at; uint32_t recipients; };       /* a letter that still waits for `at`: it does not go out */
struct desk_count { enum desk_budget_scope scope; const char *word; int64_t hour; };
struct decision {
    struct desk_case_change *cases; size_t n_cases;
    Td__Letter **letters; size_t n_letters;
    struct desk_recall *recalls; size_t n_recalls;
    const Td__Letter *resend;           /* waits in the outbox again, due at once, in the place of what waits of it; NULL: none */
    struct desk_person_change **persons; size_t n_persons;
    Td__Revocations *revoked;           /* takes the place of the event's; NULL: stays */
    struct desk_count *counts; size_t n_counts;         /* budgets used up by it */
    const char *index_message;          /* by-message row to write for the mail: its Message-ID or "digest:HEX"; NULL: none */
    uint64_t index_case;
    Td__Fate__What fate; uint64_t fate_case; const char *fate_why;
    uint64_t cases_used, letters_used;  /* how many of next_case, next_letter */
    const char *gone;                   /* after a reload: what this case named and is no more, a line for the one alarm about all */
    const char *told;                   /* one line of key=value for the log, without case= */
    /* what an operator is answered: sentences; with any in wrong nothing was done */
    const char **done; size_t n_done;
    const char **wrong; size_t n_wrong;
    const char *result;                 /* a longer answer; NULL: none */
};
/* The decision for one event. Total: every event has one; every mail ends in exactly one case. `seed`: chance, if it wants any. */
void desk_decide(const struct desk *d, const struct desk_facts *f, const struct desk_event *e, int64_t now, const uint8_t seed[32],
                 struct arena *a, struct decision *out);

#define DESK_STEP_BREACH 255u           /* the step of a timer that is no step: the clock's own due moment */
/* What each rule of the desk says of a mail that would open a case, a line each, and what the case would be; for people. */
void desk_explain_rules(const struct desk *d, const struct desk_event *mail, int64_t now, struct arena *a, struct buf *out);

/* The timers that a case must have, as a function of the case alone: core writes the difference of before and after. */
struct desk_timer { int64_t due_at; const char *clock; unsigned step; };
void desk_timers(const Td__Case *c, struct arena *a, struct desk_timer **out, size_t *n);
/* Likewise of a person; they are timers of the case 0, the clock names desk and address. */
void desk_person_timers(const Td__Person *p, struct arena *a, struct desk_timer **out, size_t *n);
/* The parts of such a clock: what, desk and address; they lie in the arena. false: it is none. */
bool desk_person_clock(const char *clock, struct arena *a, const char **what, const char **desk, const char **addr);
/* For showing, on a copy: clocks that stand still are due as if they went on now, and that pause ends now. */
void desk_show(const struct desk *d, Td__Case *c, int64_t now);
/* How much of a clock's target is used, in open time (of months in all time): when it was met, else now; paused time does not count. */
struct desk_used { int64_t target_s, used_s, left_s; unsigned percent; };       /* left_s below 0: over */
void desk_used(const struct desk *d, const Td__Case *c, const Td__Clock *k, int64_t now, struct desk_used *out);
/* After a reload: due of open clocks from target and start with the calendars of today. true: something changed. */
bool desk_recompute(const struct desk *d, Td__Case *c, struct arena *a);
/* When something with this target, counted from the opening in the desk's calendar, is due. */
int64_t desk_due(const struct desk *d, const Td__Case *c, const char *target);
/* What was reached of each target: counted case by case, printed as one JSON list. */
struct report;
struct report *report_new(const struct conf *conf, const struct desk *desk, int64_t now);
void report_add(struct report *r, const Td__Case *c);
void report_json(const struct report *r, struct buf *out);
void report_free(struct report **rp);
/* What came in and what was done between two moments (`since` inclusive, `until` not): by month of the desk's zone, desk, queue, priority and
 * customer, and how old is what was open at the end. `answers`: how often staff have answered, as the journal tells; it is looked at only
 * where figures_need_answers() says so. Every case of the store is added, in any order. Of a zone that is not known: UTC. */
struct figures;
struct figures *figures_new(const struct conf *conf, int64_t since, int64_t until, int64_t now);
bool figures_need_answers(const struct figures *f, const Td__Case *c);
unsigned figures_answers(Td__Entry *const *entries, size_t n);         /* of a whole journal: those taken back do not count */
void figures_add(struct figures *f, const Td__Case *c, unsigned answers);
void figures_json(const struct figures *f, struct buf *out);            /* "by":{"month":[…],…},"backlog":[…], without braces around */
void figures_free(struct figures **fp);
/* ---- how many cases each of the staff has: what the counters behind DESK_NEED_LOAD must say (core/decision.c keeps them)
 *
 * To check them: desk_loads_new(); desk_loads_add() of every case of every desk, open or closed, in any order; then, for each row of
 * desk_loads_list(), the two keys of table_load(store, row->addr): the count under `open` must be row->open, that under `last` must
 * be at least row->last. A counter of somebody who is in no row must be 0: ask for every address of the configuration's staff too.
 * To rebuild: write row->open, and the greater of row->last and what is there; `last` is the number of the last case that was ever
 * given to the person, and cases no longer tell those that went on to somebody else. Memory grows with people, not with cases. */
const char *desk_owner(const Td__Case *c);      /* who has it to work on; NULL: nobody, or it is over. c may be NULL */
struct desk_load { const char *addr; uint64_t open, last; };   /* addr: in lower case */
struct desk_loads;
struct desk_loads *desk_loads_new(void);
void desk_loads_add(struct desk_loads *l, const Td__Case *c);
size_t desk_loads_list(const struct desk_loads *l, const struct desk_load *const **out);       /* borrowed until the next call */
void desk_loads_free(struct desk_loads **lp);
/* Place in the order of work among the open ones of its desk: smaller is next. */
int64_t desk_order(const struct desk *d, const Td__Case *c);
const char *desk_state_label(const struct desk *d, const Td__Case *c);

#endif
