/* SPDX-License-Identifier: ISC
 *
 * Letter templates: LANG/KIND.txt, the first line "Subject: …", a blank line, the body. {{field}}, {{#if field}} … {{else}} …
 * {{/if}}, {{#each list}} … {{.}} … {{/each}}. Checked when read; rendering cannot fail.
 */
#ifndef TICKETD_DESK_TEMPLATE_H
#define TICKETD_DESK_TEMPLATE_H

#include "ticketd/base.h"
#include "ticketd/schema.h"

/* Everything that a template may name (template.c has the words). Single values are text of one line; lists are of such; a
 * block is text of several lines, a paragraph of its own. */
enum template_field {
    FIELD_NAME, FIELD_NUMBER, FIELD_SUBJECT, FIELD_DESK, FIELD_ADDRESS, FIELD_OPENED, FIELD_RESPOND_BY, FIELD_BEGIN_BY, FIELD_OPENS,
    FIELD_ZONE, FIELD_WHO, FIELD_CLOCK, FIELD_TARGET, FIELD_DUE, FIELD_LATE, FIELD_PRIORITY, FIELD_QUEUE, FIELD_STATE, FIELD_WHAT,
    FIELD_DETAIL, FIELD_SKIPPED, FIELD_ATTACHMENTS,
    FIELD_KIND, FIELD_MEANING, FIELD_OLD_STATE, FIELD_ASSIGNEE, FIELD_CUSTOMER, FIELD_DEALER, FIELD_CONSULTANT, FIELD_USED, FIELD_LEFT, FIELD_PROOF,
    FIELD_BY, FIELD_WORDS, FIELD_HANDOVER, FIELD_NOTICE, FIELD_SELF_HELP, FIELD_SURVEY, FIELD_QUESTION, FIELD_RESULT,
    FIELD_MISSING, FIELD_CAUGHT, FIELD_ANNOUNCE, FIELD_CLOCKS, FIELD_HISTORY, FIELD_CASES, FIELD_DONE, FIELD_WRONG,
    FIELD_LINK_STATUS, FIELD_LINK_CASES, FIELD_LINK_CLOSE, FIELD_LINK_ESCALATE, FIELD_LINK_APPROVE, FIELD_LINK_DECLINE, FIELD_LINK_REOPEN,
    FIELD_LINK_KINDS, FIELD_LINK_RATE, FIELD_LINK_CONFIRM, FIELDS
};
struct template_fields {
    const char *v[FIELDS];              /* NULL or "": not there */
    const char **list[FIELDS]; size_t n[FIELDS];
};

struct template;
/* One template from its text. Mistakes are `file:line: …` in errors; NULL then. */
struct template *template_parse(const char *file, const char *text, size_t len, struct buf *errors);
void template_free(struct template **tp);
/* Text of 72 columns, and its HTML. All in a. */
void template_render(const struct template *t, const struct template_fields *f, struct arena *a, const char **subject, const char **text, const char **html);

/* The templates of one language. A missing folder: NULL without an error, unless `needed`. A missing or bad file is an error. */
struct template_set;
struct template_set *template_set_read(const char *directory, const char *language, bool needed, struct buf *errors);
void template_set_free(struct template_set **sp);
const struct template *template_of(const struct template_set *s, Td__Letter__Kind kind);       /* NULL: this language has none */

/* ---- render.c: wrapping and HTML of what template.c filled in. Values stand between VALUE_BEGIN and VALUE_END. */
#define VALUE_BEGIN '\x01'
#define VALUE_END '\x02'
#define RENDER_COLUMNS 72
void render_text(const char *filled, struct buf *out);
void render_html(const char *filled, struct buf *out);

#endif
