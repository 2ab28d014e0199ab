/* SPDX-License-Identifier: ISC
 *
 * What the template's files share: the compiled form, a flat list of steps.
 */
#ifndef TICKETD_DESK_TEMPLATE_INNER_H
#define TICKETD_DESK_TEMPLATE_INNER_H

#include "template.h"

enum shape { SHAPE_LINE, SHAPE_LIST, SHAPE_BLOCK, SHAPE_FLAG, SHAPE_LINK, SHAPE_LINKS, SHAPE_PREPARED, SHAPE_AS_IS };
struct field_row { const char *name; enum shape shape; };
extern const struct field_row template_field_rows[FIELDS];
bool template_field_find(const char *name, size_t len, enum template_field *out);

enum op { OP_TEXT, OP_FIELD, OP_BLOCK, OP_LINK, OP_PREPARED, OP_AS_IS, OP_ITEM, OP_IF, OP_ELSE, OP_EACH, OP_END_EACH, OP_END_IF };
struct step {
    enum op op;
    enum template_field field;
    size_t from, len;           /* of the text; of a link's words */
    size_t jump;                /* IF: the step after ELSE or the end; ELSE, EACH: the step after the end */
};
struct program { struct step *v; size_t n; };
struct template {
    char *text;
    struct program subject, body;
};

#endif
