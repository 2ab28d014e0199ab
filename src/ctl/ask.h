/* SPDX-License-Identifier: ISC
 *
 * How ticketctl gets an answer: from the daemon's control socket, or, where none answers, from a reader of its own.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ticketd/base.h"
#include "ticketd/schema.h"
#include "ticketd/verb.h"

#define ASK_FDS_MAX 4
struct asking {
    const char *config;                 /* its control socket, state directory and key file; NULL: the default place */
    const char *socket;                 /* --socket: instead of the configuration's */
    const char *state_directory, *key_file;     /* --state, --key-file: without a configuration */
    const int *fds; size_t n_fds;               /* go along with the question; at most ASK_FDS_MAX */
};
/* 0, and the JSON in *out; else an exit code, and a sentence in *error. *daemon: a running one answered. */
int ask(const struct asking *how, const Td__Request *r, struct buf *out, struct buf *error, bool *daemon);

#endif
