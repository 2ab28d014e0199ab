/* SPDX-License-Identifier: ISC
 *
 * Letter templates: LANG/KIND.txt, the first line "Subject: …", a blank line, the body. {{field}}, {{#if field}} … {{else}} …
 * {{/if}}, {{#each list}} … {{.}} … {{/each}}, [words]({{link}}) on a line of its own. Checked when read; rendering cannot fail.
 */
#ifndef TICKETD_DESK_TEMPLATE_H
#define TICKETD_DESK_TEMPLATE_H

#include "ticketd/base.h"
#include "ticketd/schema.h"

/* Everything that a template may name; template_fields.c has the word, the shape and the meaning of each. Shapes:
 *   line    text of one line                                flag    "1" or NULL; for {{#if}} alone
 *   list    lines, for {{#each}}                            link    a mailto: URL, [words]({{field}})
 *   block   text of several lines, a paragraph of its own   links   items "URL LABEL", for {{#each}}
 *   as-is   likewise, and not a blank of it is moved */
enum template_field {
    FIELD_NAME, FIELD_NUMBER, FIELD_SUBJECT, FIELD_DESK, FIELD_ADDRESS, FIELD_OPENED, FIELD_RESPOND_BY, FIELD_BEGIN_BY, FIELD_OPENS,
    FIELD_ZONE, FIELD_WHO, FIELD_CLOCK, FIELD_TARGET, FIELD_DUE, FIELD_LATE, FIELD_PRIORITY, FIELD_QUEUE, FIELD_STATE, FIELD_WHAT,
    FIELD_DETAIL, FIELD_SKIPPED, FIELD_ATTACHMENTS,
    FIELD_KIND, FIELD_MEANING, FIELD_OLD_STATE, FIELD_ASSIGNEE, FIELD_CUSTOMER, FIELD_DEALER, FIELD_CONSULTANT, FIELD_USED, FIELD_LEFT, FIELD_PROOF,
    FIELD_BY, FIELD_WORDS, FIELD_HANDOVER, FIELD_NOTICE, FIELD_SELF_HELP, FIELD_SURVEY, FIELD_QUESTION, FIELD_RESULT,
    FIELD_MISSING, FIELD_CAUGHT, FIELD_ANNOUNCE, FIELD_CLOCKS, FIELD_HISTORY, FIELD_CASES, FIELD_DONE, FIELD_WRONG,
    FIELD_LINK_STATUS, FIELD_LINK_CASES, FIELD_LINK_CLOSE, FIELD_LINK_ESCALATE, FIELD_LINK_APPROVE, FIELD_LINK_DECLINE, FIELD_LINK_REOPEN,
    FIELD_LINK_KINDS, FIELD_LINK_RATE, FIELD_LINK_CONFIRM,
    FIELD_SAY, FIELD_TIME, FIELD_MERGED, FIELD_TODAY, FIELD_WAITING, FIELD_HELD, FIELD_STAFF, FIELD_ACCEPTED, FIELD_DECLINED, FIELD_ESTIMATE,
    FIELD_ALREADY, FIELD_TITLE, FIELD_PREPARED,
    FIELD_LINK_OTHER, FIELD_LINK_LEAVE, FIELD_LINK_ADMIT, FIELD_LINKS_ADMIT, FIELD_REGISTER, FIELD_COPIES,
    FIELD_NEW_STATE, FIELD_NEW_QUEUE, FIELD_NEW_PRIORITY, FIELD_NEW_KIND,
    FIELD_ANSWER,
    FIELD_ARG_1, FIELD_ARG_8 = FIELD_ARG_1 + 7, FIELD_QUOTED,
    FIELDS
};
/* Beside the case's fields letters want:
 *   update      what has happened, one or more of the flags new_state (also words), new_queue (handover), new_priority (clocks),
 *               new_kind, accepted, declined (a request for priority; words, notice, clocks), or merged
 *   approval    question, flag estimate or not, due (when silence closes it), link_approve, link_decline
 *   reminder    to a customer: words (what he was asked) or question with estimate or not and its links, due (when it closes); to
 *               staff: what, words
 *   survey      survey (the desk's question), link_rate, link_reopen           refusal, referral    words, dealer, customer
 *   warning     clock, target, due, left, used ("75 %")
 *   escalation  of a clock: clock, target, due, late, skipped; of a customer's request: no clock, words, proof
 *   notice      what (a sentence), who, proof, clocks, history, by and words (who wrote and what), quoted (what stood below), attachments, detail (what the other
 *               side said when a customer did not get a letter)
 *   status      clocks, history, done, time, words; or without a case cases. Flag already: it had been done before
 *   result      done, wrong, result, words; flag already; or link_confirm and held: "did you send this?"
 *   alarm       what, detail, cases
 *   digest      today, waiting, cases, words                              relay       answer */
struct template;
struct template_fields {
    const char *v[FIELDS];              /* NULL or "": not there */
    const char **list[FIELDS]; size_t n[FIELDS];
    const char *html; enum template_field html_of;      /* safe HTML that stands for this block instead of its text; NULL: none */
    const struct template *prepared;    /* letter_write() sets it: the prepared letter that {{prepared}} stands for */
};
void template_list_add(struct arena *a, struct template_fields *f, enum template_field field, const char *item);
/* An item of link_kinds, link_rate: `url` under the words `label`. */
void template_link_add(struct arena *a, struct template_fields *f, enum template_field field, const char *url, const char *label);

/* One template from its text. Mistakes are `file:line: …` in errors; NULL then. */
struct template *template_parse(const char *file, const char *text, size_t len, struct buf *errors);
/* A prepared letter of the configuration: subject and text apart; its mistakes are all of that one line. */
struct template *template_make(const char *file, int line, const char *subject, const char *text, struct buf *errors);
void template_free(struct template **tp);
/* Text of 72 columns (links are longer), and its HTML. All in a. */
void template_render(const struct template *t, const struct template_fields *f, struct arena *a, const char **subject, const char **text, const char **html);

/* The templates of one language, each file from the operator's folder or else from the shipped one (NULL: no such folder). A
 * language that has no folder in either: NULL without an error, unless `needed`. A missing or bad file is an error. */
struct template_set;
struct template_set *template_set_read(const char *folder, const char *shipped, const char *language, bool needed, struct buf *errors);
void template_set_free(struct template_set **sp);
const struct template *template_of(const struct template_set *s, Td__Letter__Kind kind);       /* NULL: there is none for this kind */
const struct template *template_frame(const struct template_set *s);   /* letter.txt: what stands round a prepared letter */

/* ---- render.c: wrapping and HTML of what template_fill.c filled in. Marks that no template and no value can hold. */
#define VALUE_BEGIN '\x01'              /* a value of one line … */
#define VALUE_END '\x02'
#define BLOCK_BEGIN '\x03'              /* a block: its lines are as they are; on lines of its own */
#define BLOCK_END '\x04'
#define LINK_BEGIN '\x05'               /* words */
#define LINK_URL '\x06'                 /* URL */
#define LINK_END '\x07'
#define AS_IS_BEGIN '\x0e'             /* likewise, with every blank, and none is broken */
#define AS_IS_END '\x0f'
#define BLOCK_HTML '\x10'              /* in either, behind its text: the HTML that stands for it */
#define RENDER_COLUMNS 72
void render_text(const char *filled, struct buf *out);
void render_html(const char *filled, struct buf *out);

#endif
