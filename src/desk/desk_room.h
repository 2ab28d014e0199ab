/* SPDX-License-Identifier: ISC
 *
 * What the desk's files share: the desk itself, the turn (one event being decided), and the small verbs over both.
 * A turn collects facts, evidence and the decision; nothing in it outlives the arena.
 */
#ifndef TICKETD_DESK_ROOM_H
#define TICKETD_DESK_ROOM_H

#include "ticketd/desk.h"
#include "ticketd/mail.h"
#include "calendar.h"
#include "template.h"

struct rule_index { size_t text, subject, unless; };    /* where its patterns begin in the order of all */
struct line {                           /* what desk_new() made for one conf_desk */
    const struct conf_desk *conf;
    const struct calendar *calendar;
    const char *zone;
    struct rule_index *rules;
    struct template_set **templates;    /* one for each language, in the order of the configuration; NULL: has no folder */
};
struct desk {
    const struct conf *conf;
    uint8_t key[DESK_KEY_BYTES];
    struct calendar **calendars;        /* as conf->calendars */
    struct line *lines;                 /* as conf->desks */
    struct arena *arena;
};
const struct line *desk_line(const struct desk *d, const char *name);          /* NULL: no such desk */
const struct calendar *desk_calendar(const struct desk *d, const struct line *line, const char *name);  /* the line's own when unknown */

/* ---- a turn */
enum proof { PROOF_NONE, PROOF_TOKEN, PROOF_AUTH };     /* how sure we are who wrote */
#define TURN_CASES 4
#define TURN_COUNTS 16

struct turn {
    const struct desk *d;
    const struct line *line;
    const struct conf_desk *conf;
    const struct desk_event *e;
    const struct desk_facts *f;
    int64_t now;
    struct arena *a;
    struct decision *out;
    const char *silenced;               /* why a letter that could have been was not written; for the log */
    /* mail events */
    const Td__Message *m;
    const char *from;                   /* From's address; NULL: none that is valid */
    Td__Address *requester;             /* From, else the envelope, else unknown@invalid */
    enum proof proof;
    bool is_staff, from_desk;           /* from_desk: From is an address of one of our desks */
    /* evidence */
    const Td__Case *found;              /* merged cases followed */
    const char *why;
    bool by_token;                      /* the strongest evidence is a reply address */
    bool number_in_subject;
};

struct desk_case_change *turn_change(struct turn *t, const Td__Case *before);  /* of this case, made at first use */
struct desk_case_change *turn_open(struct turn *t, Td__Case *opened);
Td__Entry *turn_entry(struct turn *t, struct desk_case_change *ch, Td__Entry__What what, const char *by, const char *why);
Td__Case *turn_case(const struct turn *t, uint64_t id);        /* among the facts, of this desk, merges followed; NULL: none */
void turn_count(struct turn *t, enum desk_budget_scope scope, const char *word);
void turn_told(struct turn *t, const char *action, const char *why);

/* ---- needs.c */
extern const char need_self[], need_own_address[], need_reply_address[], need_bounce_address[], need_in_reply_to[], need_references[], need_subject[],
    need_quote[], need_report[], need_budget[], need_timer[], need_outcome[];
/* Mail systems' text in a buffer of ADDR_MAX + 1: folded for comparing. */
const char *addr_key(struct arena *a, const char *addr);
/* An address of this desk, with or without +ext. */
bool desk_has_address(const struct conf_desk *conf, const char *addr);
bool conf_has_address(const struct conf *conf, const char *addr);

/* ---- thread.c, machine.c, budget.c, priority.c, clock.c */
void thread_find(struct turn *t);
bool case_has(const struct turn *t, const Td__Case *c, const char *addr);      /* requester, cc or staff: on the case */
/* Why nobody may be written to in answer to this mail; NULL: it may be answered. */
const char *machine_silence(const struct turn *t);
/* Takes one letter to `to` from the budgets. NULL: taken; else why not. An alarm counts for its recipient alone. */
const char *budget_take(struct turn *t, const char *to, bool alarm);
bool budget_breaker(const struct turn *t);     /* this turn used up the last of what all may get in an hour or a day */
void clocks_start(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a);
void clock_restart(const struct desk *d, const struct line *line, Td__Clock *k, int64_t at);
void clock_resume(const struct desk *d, const struct line *line, Td__Clock *k, int64_t paused_at, int64_t at, struct arena *a);
Td__Clock *clock_find(const Td__Case *c, const char *name);
bool clock_runs(const Td__Case *c, const Td__Clock *k);
void clock_meet(struct turn *t, struct desk_case_change *ch, const char *name, int64_t at);
bool clock_breach(struct turn *t, struct desk_case_change *ch, Td__Clock *k, int64_t now);

/* ---- rule.c: what the configuration says of a mail that opens a case */
struct verdict {
    const char *priority, *queue, *kind;        /* never NULL but kind */
    const char *assign;                 /* an address, or a method; NULL: what the queue says */
    const char *letter;                 /* prepared letter instead of the acknowledgement */
    const char *state;
    struct conf_strings letters, tags;  /* letters: beside it */
    Td__Field **fields; size_t n_fields;
    const char *why;                    /* which rules, and the words of the mail that they matched */
    const char *by;                     /* rule:NAME of the last rule that set something; NULL: the defaults stand */
};
void rules_apply(struct turn *t, struct verdict *out);
/* What each rule said, a line each, for `ticketctl test-rules`. */
void rules_explain(struct turn *t, struct buf *out);
/* May whoever wrote this open a case? NULL: yes; else why not. */
const char *register_refusal(const struct turn *t);

/* ---- assign.c: who gets a case. NULL: nobody. *why is for the journal. */
const char *assign_choose(struct turn *t, const Td__Case *c, const char *method, const char **why);

/* ---- act.c: the verbs of the workflow. Each writes its entry, moves clocks and dues, and tells whom it concerns. Whoever calls
 * has checked that it may be done. What changes nothing writes nothing and answers false. */
struct act { struct turn *t; struct desk_case_change *ch; const char *by, *why; int64_t at; };  /* by: address, rule:NAME, timer, operator */
bool act_state(const struct act *c, Td__State state, const char *words);       /* words to the customer beside it; NULL: none */
bool act_assign(const struct act *c, const char *person);       /* NULL: nobody. By itself it is no beginning of work: see act_take */
bool act_take(const struct act *c, const char *person); /* assigned to who begins work: clock event take */
bool act_queue(const struct act *c, const char *queue); /* hand-over: letter to the customer, targets of the new line, its assignee */
bool act_priority(const struct act *c, const char *priority);
bool act_kind(const struct act *c, const char *kind);
bool act_field(const struct act *c, const char *name, const char *value);
bool act_tag(const struct act *c, const char *tag, bool on);
bool act_note(const struct act *c, const char *words);
bool act_time(const struct act *c, unsigned minutes, bool overtime, bool billable, const char *words);
bool act_watch(const struct act *c, const char *person, bool on);
bool act_letter(const struct act *c, const char *name); /* a prepared letter to the requester */
bool act_approval(const struct act *c, const char *what, const char *words);   /* estimate or solution: asks the customer, waits */
bool act_answer(const struct act *c, bool yes, const char *words);             /* what the customer says to it */
bool act_escalation_ask(const struct act *c, const char *words);
bool act_escalation_accept(const struct act *c, const char *words);
bool act_escalation_decline(const struct act *c, const char *words);
bool act_merge(const struct act *c, const Td__Case *into);      /* this case ends in that one; the earlier start wins */
bool act_spam(const struct act *c);
bool act_rate(const struct act *c, unsigned stars, const char *words);
void act_wake(const struct act *c);     /* the customer has written: waiting ends, resolved and closed reopen */
/* A first answer to the customer left, or another: clock event relay, first_response, new becomes assigned. */
void act_relayed(const struct act *c, const char *person);
/* The addresses behind assignee, queue, manager, director, contact, alarm or an address; each once. */
struct conf_strings who_addresses(struct turn *t, const Td__Case *c, const char *who);

/* ---- clock.c, further */
/* take, relay, wait, estimate, resolve, close or field:NAME has happened: meets the clocks that it stops, starts those that wait for them. */
void clocks_event(struct turn *t, struct desk_case_change *ch, const char *event, int64_t at);
/* Priority, queue or kind are others now: running clocks take their targets from the same start with the same pauses. */
void clocks_fit(struct turn *t, struct desk_case_change *ch, int64_t at);
const struct conf_clock *clock_conf(const struct line *line, const Td__Case *c, const char *name, const char **source);

/* ---- letter.c */
struct letter {                         /* what a decision says about a letter */
    Td__Letter__Kind kind;
    const char *to_name, *to;
    const Td__Case *kase;               /* NULL: none */
    bool to_customer;                   /* Reply-To with a token, the case's thread */
    bool hide_case;                     /* the recipient must not learn the number */
    const char *answers;                /* Message-ID of the mail that it answers, or NULL */
    const char *language;
    struct template_fields fields;
};
Td__Letter *letter_write(struct turn *t, const struct letter *l);
/* An alarm to the desk's alarm_to, under its budget; what is said in words, detail may be NULL. Entry on ch when given. */
void letter_alarm(struct turn *t, struct desk_case_change *ch, const char *what, const char *detail);
bool message_id_clean(const char *id); /* may stand in our References */
const char *date_words(struct arena *a, const char *language, const char *zone, int64_t at, int64_t now);
const char *span_words(struct arena *a, const char *language, int64_t seconds);
const char *zone_words(struct arena *a, const char *zone);
bool words_known(const char *language);

/* ---- decide_mail.c, for open.c too */
void entry_words(struct turn *t, Td__Entry *e);         /* the mail's new words, attachments and names */
void entry_unparsed(struct turn *t, struct desk_case_change *ch);      /* does nothing for a mail that could be read */
void case_thread_add(struct turn *t, Td__Case *c, const char *message_id);
void case_admit_copies(struct turn *t, Td__Case *c);

/* ---- decide_*.c */
void decide_mail(struct turn *t);
void decide_timer(struct turn *t);
void decide_outcome(struct turn *t);
void decide_alarm(struct turn *t);

/* ---- open.c */
struct desk_case_change *case_open(struct turn *t, const Td__Case *linked, const char *why);

#endif
