/* SPDX-License-Identifier: ISC
 *
 * What token.c shows to its tests.
 */
#ifndef TICKETD_INTAKE_TOKEN_H
#define TICKETD_INTAKE_TOKEN_H

#include "ticketd/base.h"

#define TOKEN_MAX 16384                 /* bytes of an access or refresh token; a frame holds both */
#define TOKEN_ANSWER_MAX 65536          /* bytes of the endpoint's answer */
#define TOKEN_LIFETIME_S 3600           /* where the endpoint does not say it */
#define TOKEN_LIFETIME_MAX_S (30 * 86400)

struct token_answer {                   /* buffers are the caller's, wiped and freed by token_answer_free() */
    struct buf access, refresh;         /* refresh empty: the old one stays */
    int64_t expires_in;
    char error[801];                    /* "" where there is a token */
};
/* Reads the endpoint's answer (RFC 6749, 5.1 and 5.2). true: there is an access token; else out->error says why not. */
bool token_read(long http_status, const char *json, size_t len, struct token_answer *out);
void token_answer_free(struct token_answer *a);
/* https, or http to 127.0.0.1 (a test's endpoint: nothing leaves the machine). */
bool token_endpoint_allowed(const char *url);

#endif
