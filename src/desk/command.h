/* SPDX-License-Identifier: ISC
 *
 * Commands of staff by mail: what parsing gives, the one table of them, and what a handler works on.
 * A command is a line that begins with # above the words of a mail. All of a mail's commands are done, or none.
 */
#ifndef TICKETD_DESK_COMMAND_H
#define TICKETD_DESK_COMMAND_H

#include "desk_room.h"
#include "parts.h"
#include "words.h"

#define COMMANDS_MAX 40                 /* of one mail; what is over is refused */

/* When it happens: before the words go to the customer, or after them. */
enum command_phase { PHASE_BEFORE, PHASE_AFTER };
/* What becomes of the words below the commands: the customer gets them, they stay inside, or the command's own letter has them. */
enum command_words { WORDS_OUT, WORDS_INSIDE, WORDS_TAKEN };
enum command_who { WHO_STAFF, WHO_ADMIN_TOO, WHO_CUSTOMER_TOO };        /* ADMIN: the requester of the case and a customer's administrators; CUSTOMER: all on the case */

struct command_run;
struct command_row {
    const char *word, *help, *arguments;        /* help: its key in words.txt; arguments as it shows them */
    bool prose;                         /* takes the rest of its line as words */
    bool caseless;                      /* needs no case */
    enum command_phase phase;
    enum command_words words;
    enum command_who who;
    void (*run)(struct command_run *r, const char *args);
};
extern const struct command_row command_rows[];
extern const size_t command_rows_n;
void commands_manual(const struct words *english, struct buf *out);    /* the table in mdoc: the reference part of ticketd-mail(7) */

struct command { const struct command_row *row; const char *word, *args; };    /* row NULL: there is none of this word */
struct commands {
    struct command *v; size_t n;
    const char *words;                  /* what stands below them, trimmed; "" when nothing does */
    const char *late;                   /* a line further down that is a command too, but not obeyed there */
};
void commands_parse(const char *text, struct arena *a, struct commands *out);
const struct command_row *command_find(const char *word, size_t len);
const struct command_row *command_near(const char *word);      /* what was probably meant; NULL: no idea */
/* Of some names (NULL ones are none) the one that was probably meant; NULL: no idea. command_meant.c, too. */
const char *name_near(const char *word, const char *const *names, size_t n);
/* The address in "ann@x.example", "<ann@x.example>", "Ann <ann@x.example>", folded; NULL: there is none. */
const char *command_address(struct arena *a, const char *args);
/* One of the desk's staff: an address, its local part, or a name or first name. NULL: said in r->wrong. */
const char *command_person(struct command_run *r, const char *args);
/* ---- letter_fields.c: the fields that prepared letters have by the configuration */
const char *letter_fields_numbered(struct arena *a, const struct conf_letter *l, const char *text);  /* {{NAME}} as {{arg1}} */
size_t letter_name_length(const char *args);   /* of "NAME FIELD=VALUE …" */
/* What stands behind the name, and fields of the case, into FIELD_ARG_*. false: said what is wrong or missing. */
bool letter_fields_read(struct command_run *r, const struct conf_letter *l, const char *given, struct template_fields *out);
const char *letters_list(struct command_run *r);
/* ---- reassign.c: "FROM TO", each an address, its first part or a name; TO may be "queue". false: somebody is nobody. */
bool reassign_read(const struct conf_desk *conf, struct arena *a, const char *args, const char **from, const char **to);
/* ---- days_said.c: dates as people write them. Days since 1970-01-01; a date without a year is the next one from `today` on. */
/* One at the beginning of s; *rest is behind it. */
bool day_said(const char *s, int64_t today, int64_t *day, const char **rest);
/* "until 31 July", "1-31 juli", "2026-07-01..2026-07-31": all of s. Without a first date it is today. false: not understood, or over. */
bool days_said(struct arena *a, const char *s, int64_t today, int64_t *first, int64_t *last);
/* Blanks of all kinds to one kind, dashes to -, ＃ to #, what has no width away. */
const char *command_fold(struct arena *a, const char *s);

/* ---- running */
struct staff_mail {                     /* a mail of staff, now or out of what was held */
    const char *from, *name;            /* name: as the mail gives it; may be NULL */
    const char *text;                   /* the new words */
    const char *message_id;
    uint64_t mail;
    int64_t at;
    size_t n_attachments; Td__Attachment **attachments;
    const char *html;                   /* the whole mail as safe HTML; NULL: there is none */
    const Td__Address *forwarded;       /* on a case: the customer whose words it hands on; NULL: it is an answer */
    bool inside;                        /* to colleagues alone, or to the note address: nothing of it goes out */
    bool says_inside;                   /* and its writer may not have meant that */
    bool direct;                        /* the customer has it already */
    bool opened;                        /* the case was opened by it: its words are the customer's */
    bool operator_;                     /* no mail: an act at the command line, answered there */
};
struct command_run {
    struct turn *t;
    struct act act;                     /* act.ch NULL: about no case */
    const struct staff_mail *mail;
    Td__Entry *entry;                   /* that the mail has in the journal */
    struct reader reader;               /* the person, to whom the answers are */
    const char *words;                  /* below the commands; "" when none, or only a greeting and a closing */
    const char **done; size_t n_done;
    const char **wrong; size_t n_wrong;
    const char *result;                 /* a longer answer */
    struct parts *show;                 /* that go with the answer; NULL: none */
    const Td__Case *about;              /* the case that a question led to */
    bool undone;                        /* #undo: words and the rest go nowhere */
};

/* What is said of each: its key in words.txt is in command_said.c. {1} and {2} are the arguments. */
enum said {
    SAID_TAKEN, SAID_ASSIGNED, SAID_UNASSIGNED, SAID_QUEUE, SAID_PRIORITY, SAID_KIND, SAID_STATE, SAID_NOTE, SAID_TIME, SAID_FIELD, SAID_TAG, SAID_UNTAG,
    SAID_WATCH, SAID_UNWATCH, SAID_LETTER, SAID_ESCALATED, SAID_DECLINED, SAID_ESTIMATE, SAID_APPROVAL, SAID_MERGED, SAID_SPAM, SAID_PARKED, SAID_ADMITTED,
    SAID_RELAY, SAID_RELAY_AT, SAID_ALSO_HELD, SAID_MEANWHILE, SAID_NOT_PASSED, SAID_UNDONE, SAID_OPENED, SAID_NEXT, SAID_NOTHING_NEXT, SAID_NO_CHANGE, SAID_REMIND,
    SAID_SPLIT, SAID_FOUND, SAID_FOUND_NONE, SAID_RELEASED,
    WRONG_UNKNOWN, WRONG_UNKNOWN_NEAR, WRONG_LATE, WRONG_TOO_MANY, WRONG_NO_CASE, WRONG_NEEDS, WRONG_PERSON, WRONG_PERSONS, WRONG_QUEUE, WRONG_PRIORITY,
    WRONG_KIND, WRONG_STATE, WRONG_TIME, WRONG_NUMBER, WRONG_SAME, WRONG_MERGE, WRONG_FIELD, WRONG_LETTER, WRONG_WORDS, WRONG_NOTHING_ASKED, WRONG_NOTHING_HELD,
    WRONG_NOT_CLOSED, WRONG_CLOSED, WRONG_ADDRESS, WRONG_NOT_NEW, WRONG_NOBODY, WRONG_DATE, WRONG_NONE_DONE, WRONG_NOT_YOURS, WRONG_TAG, WRONG_UNREACHABLE, WRONG_TOO_LARGE, WRONG_NO_MAIL,
    SAIDS
};
extern const struct word_row said_rows[SAIDS];
void run_done(struct command_run *r, enum said what, const char *one, const char *two);
void run_wrong(struct command_run *r, enum said what, const char *one, const char *two);

/* The same by a key of words.txt (say.KEY), in the words of who wrote the mail. */
void run_say(struct command_run *r, bool wrong, const char *key, const char *one, const char *two, const char *three);

/* Runs all commands of one phase; what is wrong is in r->wrong, and then the caller takes everything back. */
void commands_run(struct command_run *r, const struct commands *c, enum command_phase phase);

/* ---- commands.c, commands_find.c: the handlers */
void command_take(struct command_run *r, const char *args);
void command_assign(struct command_run *r, const char *args);
void command_queue(struct command_run *r, const char *args);
void command_priority(struct command_run *r, const char *args);
void command_kind(struct command_run *r, const char *args);
void command_state(struct command_run *r, const char *args);
void command_wait(struct command_run *r, const char *args);
void command_resolve(struct command_run *r, const char *args);
void command_close(struct command_run *r, const char *args);
void command_reopen(struct command_run *r, const char *args);
void command_note(struct command_run *r, const char *args);
void command_time(struct command_run *r, const char *args);
void command_set(struct command_run *r, const char *args);
void command_tag(struct command_run *r, const char *args);
void command_letter(struct command_run *r, const char *args);
void command_watch(struct command_run *r, const char *args);
void command_estimate(struct command_run *r, const char *args);
void command_ask_approval(struct command_run *r, const char *args);
void command_escalate(struct command_run *r, const char *args);
void command_decline(struct command_run *r, const char *args);
void command_merge(struct command_run *r, const char *args);
void command_spam(struct command_run *r, const char *args);
void command_park(struct command_run *r, const char *args);
void command_unsubscribe(struct command_run *r, const char *args);
void command_release(struct command_run *r, const char *args);
void command_admit(struct command_run *r, const char *args);
void command_undo(struct command_run *r, const char *args);
void command_for(struct command_run *r, const char *args);
void command_next(struct command_run *r, const char *args);
void command_mine(struct command_run *r, const char *args);
void command_search(struct command_run *r, const char *args);
void command_show(struct command_run *r, const char *args);
void show_parts(struct command_run *r, Td__Letter *l);          /* #show n: what that mail has attached, on the answer's letter */
void command_history(struct command_run *r, const char *args);
void command_remind(struct command_run *r, const char *args);
void command_split(struct command_run *r, const char *args);
void command_reassign(struct command_run *r, const char *args);
void command_away(struct command_run *r, const char *args);
void command_back(struct command_run *r, const char *args);
void command_help(struct command_run *r, const char *args);

/* ---- closing.c: what in staff's words is no message */
/* Without the greeting and closing lines nothing is left: a mail of commands alone. `name`: the person's. */
bool closing_only(const char *words, const char *name, const char *addr);
/* The words as the customer may see them: no address of staff, no reply address with a token. */
const char *words_for_customer(struct turn *t, const char *words);
/* The same without looking at lines: the desk's own address stands for each of them. */
const char *words_inside_out(struct turn *t, const char *s);
/* Does such an address stand in it, as it is or as a URL writes it, or a signed address of any desk? */
bool words_hold_inside(struct turn *t, const char *s);

#endif
