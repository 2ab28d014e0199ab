/* SPDX-License-Identifier: ISC
 *
 * Tokens of the configuration language: a subset of libconfuse's that cannot be read in two ways.
 */
#ifndef CONF_LEX_H
#define CONF_LEX_H

#include "ticketd/base.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_EQUALS, TOKEN_COMMA, TOKEN_PAREN, TOKEN_BROKEN };
struct token {
    enum token_kind kind;
    int line;
    bool first;                         /* on its line */
    const char *start; size_t len;      /* in the text; a string with its quotes */
    const char *error;                  /* "what is wrong, what was expected": always with TOKEN_BROKEN, else NULL or about this string */
};
struct tokens { struct token *v; size_t n, cap; };      /* the last one is TOKEN_END */

/* Never fails. *surplus: opening less closing braces. The tokens point into `text`; v is freed with free(). */
void conf_lex(const char *text, size_t len, struct tokens *out, int *surplus);
char *conf_unquote(const struct token *t);      /* of a word or string; caller's */

#endif
