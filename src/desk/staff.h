/* SPDX-License-Identifier: ISC
 *
 * What the files about mail of staff share: staff.c decides, relay.c sends on, notice.c tells, command*.c do.
 */
#ifndef TICKETD_DESK_STAFF_H
#define TICKETD_DESK_STAFF_H

#include "command.h"

/* ---- relay.c */
/* The words and what the mail has attached to requester and copies, after the recall delay. They have gone through
 * words_for_customer(); "": there are only attachments. NULL: it would be too large, and r->wrong says so. */
const Td__Letter *relay_send(struct command_run *r, const char *words);
/* Letters from `letters_before` on that the commands wrote to the same customer wait with it. */
void relay_settle(struct command_run *r, const Td__Letter *l, size_t letters_before);
bool relay_possible(const struct turn *t, const Td__Case *c);
const char *relay_recipients(struct turn *t, const Td__Letter *l);

/* ---- staff.c */
void run_start(struct command_run *r, struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const struct commands *c);
void commands_check(struct command_run *r, const struct commands *c);  /* unknown ones, too many, and those that stand too low */
/* Carries a proven mail of staff out: commands, then the words. */
void staff_carry_out(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m);
/* The same with commands that were read already; c->words are the mail's. */
void staff_obey(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const struct commands *c);
/* What staff_obey() does, without looking at what was wrong: nothing is taken back, nothing is answered. */
void staff_do(struct command_run *r, const struct commands *c);
/* What an operator is told of the acts that were run, instead of a letter. */
void operator_answer(const struct command_run *r);
/* The letter that answers a command. */
void staff_answer(struct command_run *r, const Td__Case *c);

/* ---- staff_open.c: a mail that no evidence leads to a case. NULL: it is about none, see turn.caseless, or an ordinary mail. */
struct desk_case_change *staff_without_case(struct turn *t, const struct staff_mail *m, const struct commands *c, bool proven);

/* ---- link.c */
/* A mailto: URL for one person, case and purpose; more: what the link chooses. NULL: the desk has no such addresses. */
const char *link_url(struct turn *t, enum desk_token purpose, const Td__Case *c, const char *person, const struct reader *r, const char *more);
const char *link_words_rest(struct turn *t, enum desk_token purpose, const char *text);      /* without what the link itself wrote */

/* ---- held.c: mail in the name of staff that nothing proves */
void staff_hold(struct turn *t, struct desk_case_change *ch, const struct staff_mail *m, const Td__Address *customer);
struct desk_case_change *held_answered(struct turn *t);        /* NULL: this mail is no answer to the question */
/* What is held of this person (NULL: of anybody) is carried out, or dropped. How many mails. */
size_t held_settle(struct turn *t, struct desk_case_change *ch, const char *person, bool drop, int64_t at);

#endif
