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

#define ANSWER_LANGUAGES 5
struct line {                           /* what desk_new() made for one conf_desk */
    const struct conf_desk *conf;
    const struct calendar *calendar;
    const char *zone;
    struct template_set **templates;    /* one for each language, in the order of the configuration; NULL: has no folder */
    struct words **words;               /* likewise */
    struct words *answers[ANSWER_LANGUAGES];    /* what customers say in other languages; NULL: there is no file */
    struct template **letters;          /* the prepared ones, as conf->letters, one language after the other; NULL: as in the first */
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
#define TURN_CASES 16
#define TURN_COUNTS 16
#define DIGEST_CASES_MAX 200            /* named in one digest; the others are counted */
#define HANDOVER_CASES_MAX 2000         /* handed over at once */

struct turn {
    const struct desk *d;
    const struct line *line;
    const struct conf_desk *conf;
    const struct desk_event *e;
    const struct desk_facts *f;
    int64_t now;
    struct arena *a;
    struct decision *out;
    size_t max_cases;                   /* so many can change */
    bool handing_over;                  /* many cases go to somebody at once: one letter says so, not one for each */
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
    bool is_reply;                      /* more than an address says so: a number in the subject, the reference line of that case in a quote */
    const char *refused;                /* numbers that were not believed; NULL: none */
    bool caseless;                      /* it ends in no case: a question of staff, answered */
    bool staff_began;                   /* the customer has it already: nothing is acknowledged */
};

struct desk_case_change *turn_change(struct turn *t, const Td__Case *before);  /* of this case, made at first use */
struct desk_case_change *turn_open(struct turn *t, Td__Case *opened);
Td__Entry *turn_entry(struct turn *t, struct desk_case_change *ch, Td__Entry__What what, const char *by, const char *why);
Td__Case *turn_case(const struct turn *t, uint64_t id);        /* among the facts, of this desk, merges followed; NULL: none */
/* ---- person.c: what is known of one of the staff */
const Td__Person *person_known(const struct turn *t, const char *addr);        /* NULL: nothing */
Td__Person *person_change(struct turn *t, const char *addr);   /* its record after this turn, made at first use */
int64_t person_day(const struct turn *t, const char *addr, int64_t at);        /* the date there where the person works */
bool person_away_on(const struct turn *t, const char *addr, int64_t day);      /* absent by configuration, or by #away */
bool person_is_away(const struct turn *t, const char *addr);
bool person_works_on(const struct turn *t, const char *addr, int64_t day);     /* a working day of the person's calendar */
int64_t person_moment(const struct turn *t, const char *addr, int64_t day, int minutes);       /* that local time there */
void decide_person(struct turn *t);
void turn_count(struct turn *t, enum desk_budget_scope scope, const char *word);
void turn_told(struct turn *t, const char *action, const char *why);

/* ---- needs.c */
extern const char need_self[], need_own_action[], need_action[], need_own_address[], need_reply_address[], need_bounce_address[], need_in_reply_to[],
    need_references[], need_subject[], need_quote[], need_sender[], need_report[], need_budget[], need_guess[], need_command[], need_next[], need_held[], need_shown[], need_timer[], need_outcome[], need_history[],
    need_load[], need_admitted[], need_admit[], need_person[], need_mine[], need_own_digest[], need_answered[];
/* Mail systems' text in a buffer of ADDR_MAX + 1: folded for comparing. */
const char *addr_key(struct arena *a, const char *addr);
/* An address of this desk, with or without +ext. */
bool desk_has_address(const struct conf_desk *conf, const char *addr);
bool conf_has_address(const struct conf *conf, const char *addr);

/* ---- thread.c, machine.c, budget.c, priority.c, clock.c */
/* Counts the mail's wrong numbers against its sender and remembers them for `why`; before thread_find(). */
void thread_guesses(struct turn *t);
void thread_find(struct turn *t);
const char *thread_why(struct turn *t, const char *why);        /* with the numbers that were not believed, if any */
bool case_has(const struct turn *t, const Td__Case *c, const char *addr);      /* requester, cc or staff: on the case */
/* Why nobody may be written to in answer to this mail; NULL: it may be answered. */
const char *machine_silence(const struct turn *t);
bool machine_wrote(const struct turn *t);       /* it was made by a machine: what follows by itself is not sent there either */
bool address_unread(const char *addr); /* nobody reads what is sent there */
const char *machine_silence_but_mark(const struct turn *t);    /* likewise, whatever our own filter says */

/* ---- marked.c: what our own filter says of this mail, as far as it is believed */
const char *mark_of(const struct turn *t);      /* spam, virus; NULL: nothing */
const char *mark_treatment(const struct turn *t);      /* what becomes of one that opens a case: quiet, held, normal */
bool is_marked(const struct turn *t);   /* and that is not normal */
void case_mark(struct turn *t, struct desk_case_change *ch, bool answerable);

/* ---- again.c: mail that came earlier and counts only now. The journal is among the facts. */
/* What this mail had to say; 0: the one that opened the case. NULL: it is not there. */
const Td__Entry *entry_of_mail(const struct turn *t, uint64_t case_id, uint64_t mail);
/* The turn becomes that of this entry's mail, of a person; the caller keeps a copy of what it was. e may be NULL. */
void turn_as_entry(struct turn *t, const Td__Entry *e, const Td__Address *person, const char *language, int64_t arrived_at, bool proven);
/* A case that was closed or quiet from the beginning begins, with the targets of its arrival; staff hear of it, and the customer gets
 * the acknowledgement unless why is NULL. `by`: whose act it is. */
void case_begin_again(struct turn *t, struct desk_case_change *ch, const char *by, const char *why);
/* Takes one letter to `to` from the budgets. NULL: taken; else why not. An alarm counts for its recipient alone. */
const char *budget_take(struct turn *t, const char *to, bool alarm);
/* Says so to alarm-to when this turn used up the last of what all, a domain or an address may get in an hour or a day. */
void budget_alarm(struct turn *t, struct desk_case_change *ch);
void clocks_start(const struct desk *d, const struct line *line, Td__Case *c, int64_t at, struct arena *a);
void clock_restart(const struct desk *d, const struct line *line, Td__Clock *k, int64_t at);
void clock_resume(const struct desk *d, const struct line *line, Td__Clock *k, int64_t paused_at, int64_t at, struct arena *a);
Td__Clock *clock_find(const Td__Case *c, const char *name);
bool clock_runs(const Td__Case *c, const Td__Clock *k);
bool clock_breach(struct turn *t, struct desk_case_change *ch, Td__Clock *k, int64_t now);

/* ---- rule.c: what the configuration says of a mail that opens a case */
struct verdict {
    const char *priority, *queue, *kind;        /* never NULL but kind */
    const char *assign;                 /* an address, or a method; NULL: what the queue says */
    const char *letter;                 /* prepared letter instead of the acknowledgement */
    const char *state;
    struct conf_strings letters, tags;  /* letters: beside it */
    const char *say;                    /* paragraphs of the rules for the acknowledgement, a blank line between; NULL: none */
    Td__Field **fields; size_t n_fields;
    const char *why;                    /* which rules, and the words of the mail that they matched */
    const char *by;                     /* rule:NAME of the last rule that set something; NULL: the defaults stand */
    const char *assign_by, *letter_by, *state_by;       /* of the rule that set it */
    const struct conf_customer *customer;       /* to whom the writer belongs; NULL: unknown */
};
void rules_apply(struct turn *t, struct verdict *out);
/* What each rule said, a line each, for `ticketctl test-rules`. */
void rules_explain(struct turn *t, struct buf *out);
/* May whoever wrote this open a case? NULL: yes; else why not. */
const char *register_refusal(const struct turn *t);

/* ---- assign.c: who gets a case. NULL: nobody. *why is for the journal. */
const char *assign_choose(struct turn *t, const Td__Case *c, const char *method, const char **why);
/* Of the desk's approved-to, who has the skill for what was approved. NULL: nobody, it stays where it is. */
const char *assign_approved(struct turn *t, const Td__Case *c, const char **why);

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
bool act_letter(const struct act *c, const char *name, const struct template_fields *extra);    /* a prepared letter to the requester; extra: its fields, may be NULL */
bool act_approval(const struct act *c, const char *what, const char *words);   /* estimate or solution: asks the customer, waits */
bool act_answer(const struct act *c, bool yes, const char *words);             /* what the customer says to it */
bool act_escalation_ask(const struct act *c, const char *words);
bool act_escalation_accept(const struct act *c, const char *words);
bool act_escalation_decline(const struct act *c, const char *words);
/* This case ends in that one: the earlier start wins, what is open here opens that one again, and the customer is told. */
bool act_merge(const struct act *c, const Td__Case *into);
/* An open case goes into none that is closed for longer than the reopening window, is spam, or was refused: nobody would look there. */
bool act_merge_possible(const struct act *c, const Td__Case *into);
bool act_spam(const struct act *c);
bool act_release(const struct act *c);  /* no spam after all; false: nobody and nothing holds it for spam */
bool act_rate(const struct act *c, unsigned stars, const char *words);
void act_wake(const struct act *c);     /* the customer has written: waiting ends, resolved and closed reopen */
/* A first answer to the customer left, or another: clock event relay, first_response, new becomes assigned. */
void act_relayed(const struct act *c, const char *person);
/* A letter could not be delivered to this recipient. false: it was no answer to the customer; else who has the case is told, and the
 * clock that it met runs again. */
bool act_undelivered(const struct act *c, const Td__Letter *l, const char *recipient, const char *detail);
void letter_fields_of_case(const struct conf_letter *l, const Td__Case *c, struct template_fields *out);        /* letter_fields.c: what the case has of them */
/* The addresses behind assignee, queue, manager, director, contact, alarm or an address; `who` may be several of them with blanks
 * between, as an escalation step has them: "0m manager contact" is two letters. Each address once. */
struct conf_strings who_addresses(struct turn *t, const Td__Case *c, const char *who);

/* At the end of every turn: who has to hear of the steps that its cases took. */
void steps_notice(struct turn *t);

/* ---- clock.c, further */
/* take, relay, wait, estimate, resolve, close or field:NAME has happened: meets the clocks that it stops, starts those that wait for them. */
void clocks_event(struct turn *t, struct desk_case_change *ch, const char *event, int64_t at);
/* Priority, queue or kind are others now: running clocks take their targets from the same start with the same pauses. */
void clocks_fit(struct turn *t, struct desk_case_change *ch, int64_t at);
const struct conf_clock *clock_conf(const struct line *line, const Td__Case *c, const char *name, const char **source);

/* ---- words.c: who reads a letter, and dates, spans, targets and states in that reader's words (LANG/words.txt) */
struct words;
struct reader { const char *language, *zone; const struct words *words; };     /* never NULL, the language one that the desk has */
struct reader reader_customer(const struct turn *t, const Td__Case *c);         /* the case's language, the customer's, the desk's first; c may be NULL */
struct reader reader_staff(const struct turn *t, const char *person);           /* an address; a customer's contact reads as the customer, anybody else as the desk does */
const char *date_words(struct turn *t, const struct reader *r, int64_t at);     /* "Tuesday 3 March, 10:00", in the reader's zone */
const char *day_words(struct turn *t, const struct reader *r, int64_t at);      /* "Tuesday 3 March" */
const char *span_words(struct turn *t, const struct reader *r, int64_t seconds);        /* "2 hours 15 minutes"; NULL under a minute */
const char *open_words(struct turn *t, const struct reader *r, int64_t seconds);        /* likewise of open time: in hours, never in days */
const char *target_words(struct turn *t, const struct reader *r, const char *duration); /* "2 working days", as configured if no duration */
const char *zone_words(struct turn *t, const struct reader *r);                 /* "London time" */
const char *state_words(struct turn *t, const struct reader *r, Td__State state);         /* the desk's label, else the language's */
const char *meaning_words(struct turn *t, const struct reader *r, Td__State state);       /* what the state means, likewise */
const char *clock_words(struct turn *t, const struct reader *r, const char *clock);     /* "first answer"; the name of one that is no usual one */
/* A sentence or word of words.txt by its key, {1} to {3} filled in; NULL for what is not used. A key that the table of
 * words_keys.c lacks is answered by itself; words.h says how one is added. say_words() is for say.KEY. */
const char *word_of(struct turn *t, const struct reader *r, const char *key, const char *one, const char *two, const char *three);
const char *say_words(struct turn *t, const struct reader *r, const char *key, const char *one, const char *two, const char *three);
const char *other_words(struct turn *t, const struct reader *r, const struct calendar_other *o);        /* "Thursday 24 December: closed (Christmas Eve)" */
struct reader reader_in(const struct turn *t, const struct reader *r, const char *language);   /* the same, reading this language where the desk has it */
/* Are these few words, all that a customer wrote, among those of answer.KEY in any of the desk's languages? KEY: ok, not-ok, close,
 * escalate, yes, no. */
bool words_mean(const struct line *line, const char *key, const char *text);
/* Does a phrase of the list `key`, in any of the desk's languages, begin a word of `text` at *at or behind it? Then *at is where. */
bool words_find(const struct line *line, const char *key, const char *text, size_t *at);

/* ---- letter.c */
struct letter {                         /* what a decision says about a letter */
    Td__Letter__Kind kind;
    const char *to_name, *to;
    const Td__Case *kase;               /* NULL: none */
    bool to_customer;                   /* Reply-To with a token, the case's thread */
    bool to_staff;                      /* the same for one of the staff, and a thread of its own */
    bool hide_case;                     /* the recipient must not learn the number */
    enum desk_token reply;              /* what a Reply-To is for; 0: DESK_TOKEN_REPLY */
    const char *answers;                /* Message-ID of the mail that it answers, or NULL */
    int64_t leave_at;                   /* it leaves and is dated then; 0: at once */
    const char *language;               /* NULL: the reader's */
    const struct conf_letter *prepared; /* its words stand in the frame letter.txt instead of the kind's own; NULL: none */
    struct template_fields fields;      /* see letter_write() */
};
/* The words are for reader_customer(kase) when to_customer, else for reader_staff(to): dates in fields are to be in theirs. What
 * fields lack is filled in: number, desk, address, zone for all; for a customer name and subject, for staff what every letter says
 * of the case. A customer who has not proven who he is gets neither name nor subject nor what was caught, whatever the caller gives,
 * until a person of ours has written to him. */
Td__Letter *letter_write(struct turn *t, const struct letter *l);
void letter_words(struct turn *t, Td__Letter *l, const struct letter *w);      /* letter_words.c: subject, text, HTML and language */
Td__Letter *letter_frame(struct turn *t, const struct letter *l);      /* without words, not yet in the decision: for letter_post() */
void letter_post(struct turn *t, Td__Letter *l);
/* local+TOKEN@domain; NULL where the desk has no such addresses, or it would be too long for a local part. */
const char *letter_token_address(struct turn *t, enum desk_token purpose, uint64_t id, const char *recipient);
/* An alarm to the desk's alarm_to, under its budget: the sentence alarm.KEY of words.txt with {1} and {2}, in that reader's
 * language; detail, which a machine reported, may be NULL. An entry with the same sentence on ch when given. */
void letter_alarm(struct turn *t, struct desk_case_change *ch, const char *key, const char *one, const char *two, const char *detail);
/* Running clocks with a due, a line each: for the customer (of the four usual ones) "first answer: by Tuesday 3 March, 10:00",
 * for staff with what is left. Adds to FIELD_CLOCKS. */
void letter_clocks(struct turn *t, const struct reader *r, const Td__Case *c, bool staff, struct template_fields *f);
const char *letter_clock_line(struct turn *t, const struct reader *r, const Td__Case *c, const Td__Clock *k);   /* one of them, for staff */
bool message_id_clean(const char *id); /* may stand in our References */

/* ---- decide_mail.c, for open.c too */
void turn_sender(struct turn *t);       /* from, requester, proof, is_staff, from_desk */
void entry_words(struct turn *t, Td__Entry *e);         /* the mail's new words, attachments and names */
void entry_unparsed(struct turn *t, struct desk_case_change *ch);      /* does nothing for a mail that could be read */
void case_thread_add(struct turn *t, Td__Case *c, const char *message_id);
void case_admit_copies(struct turn *t, Td__Case *c);
bool case_participant_add(struct turn *t, Td__Case *c, const Td__Address *who, const char *role);       /* false: is there, or no room */

/* ---- staff.c, relay.c, notice.c, customer.c: mail of staff, and what they and customers get of each other */
struct desk_case_change *way_staff(struct turn *t);
struct desk_case_change *way_customer(struct turn *t);  /* links, and plain words that count as one */
/* A customer who asks for more urgency in a sentence. */
void customer_urgency(struct turn *t, struct desk_case_change *ch);
/* What a customer wrote goes to those who look after the case. */
void notice_customer(struct turn *t, struct desk_case_change *ch);
void notice_of(struct turn *t, struct desk_case_change *ch, const char *by);   /* not to `by`, whose act it is */
/* What a customer wrote without the closing lines: "OK", a blank line, "Regards", a name. */
const char *words_alone(const struct turn *t, const char *text);
const char *first_line(struct arena *a, const char *text);     /* the first that is not blank */
/* The links that this person may use on this case (NULL: none yet), into FIELD_LINK_*; none where the desk has no addresses with a token. */
void case_links(struct turn *t, const Td__Case *c, const char *person, struct template_fields *fields);

/* ---- people.c: who is on a case */
bool case_has_left(const Td__Case *c, const char *addr);
bool people_admit(const struct act *c, const char *addr);      /* false: is on it already, or there is no room */
bool people_leave(const struct act *c, const char *addr);      /* somebody in copy; false: nobody of that address is */
void people_bounced(const struct act *c, const Td__Letter *l, const char *addr);       /* counts a letter that did not arrive */
void people_heard(Td__Case *c, const char *addr);       /* and here letters do */
/* A letter of one sentence to somebody, under the budget; url is the link of that field, or NULL. `why` is for the journal. */
void people_tell(struct turn *t, struct desk_case_change *ch, const Td__Address *who, const char *sentence, enum template_field link, const char *url, const char *why);
void people_tell_parked(struct turn *t, struct desk_case_change *ch, const char *addr);
void people_links(struct turn *t, const Td__Case *c, const struct reader *r, struct template_fields *f);
struct desk_case_change *way_colleague(struct turn *t);
struct desk_case_change *way_people(struct turn *t);    /* #unsubscribe, #admit and the words for them, of a customer */

/* ---- delivery.c */
/* This letter did not reach this recipient. true: whoever answered knows, now or before; false: it was no answer of ours. */
bool delivery_failed(const struct act *c, const Td__Letter *l, const char *recipient, const char *detail);
struct desk_case_change *way_report(struct turn *t);

/* ---- takeout.c: "this is not this case" */
struct takeout { Td__State state; const Td__Case *was; };
void takeout_before(struct turn *t, struct takeout *k, const Td__Case *c);     /* around what a customer's mail moves */
void takeout_after(struct turn *t, const struct takeout *k, struct desk_case_change *ch);
bool takeout_do(const struct act *act, const Td__Address *person);     /* false: there is no such mail of this person */

/* ---- register.c: administrators of customers */
bool register_admitted(const struct turn *t, const char *addr);
bool register_ask(struct turn *t, struct desk_case_change *ch);        /* about the sender of a refused case; false: there is nobody to ask */
struct desk_case_change *way_register(struct turn *t);

/* ---- decide_*.c */
void decide_mail(struct turn *t);
void decide_timer(struct turn *t);
void decide_outcome(struct turn *t);
void decide_alarm(struct turn *t);
void decide_reload(struct turn *t);
void decide_operator(struct turn *t);  /* operator.c */
/* ---- revoke.c */
bool token_revoked(const struct desk *d, const struct desk_event *e, const char *token, size_t len);
/* One that counts, whatever was revoked before; it lapses when those of its purpose do, or soon after. */
const char *token_fresh(struct turn *t, enum desk_token purpose, uint64_t id, const char *recipient);
void revoke_obey(struct turn *t, const Td__Case *found, const char *word);     /* found: the case, or that of the token, or NULL */

/* ---- acknowledge.c */
void case_acknowledge(struct turn *t, struct desk_case_change *ch, const struct verdict *v);

/* ---- open.c */
struct desk_case_change *case_open(struct turn *t, const Td__Case *linked, const char *why);

#endif
