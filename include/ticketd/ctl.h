/* SPDX-License-Identifier: ISC
 *
 * ctl: the control protocol, what the reader answers, and what ticketctl shows. An answer is one JSON document; tables and
 * `--json` are two ways to print it.
 */
#ifndef TICKETD_CTL_H
#define TICKETD_CTL_H

#include "ticketd/base.h"
#include "ticketd/conf.h"
#include "ticketd/desk.h"
#include "ticketd/schema.h"
#include "ticketd/store.h"

/* What a verb reads from. conf and desk are NULL where no configuration was named, or the one named has mistakes. */
struct ctl_source {
    struct store *store;
    const struct conf *conf;
    const struct desk *desk;
    int64_t now;
    int asker;                          /* who waits for the answer; for ctl_progress() */
    const int *fds; size_t n_fds;       /* descriptors that came along with the question, the reader's */
};
/* `source` is the struct ctl_source. Tells the asker how far it is, a few times a second at most; what cannot be told now is not told. */
void ctl_progress(const void *source, const char *step, uint64_t done, uint64_t of);
/* Verbs that the reader answers from the store. Appends one JSON document to `out`; on failure a sentence to `error` and the
 * exit code as result. */
struct ctl_verb {
    const char *name;                   /* of a row of verbs[], see verb.h */
    uint32_t (*read)(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
};
extern const struct ctl_verb ctl_verbs[];
extern const size_t ctl_verbs_n;
const char *ctl_argument(const Td__Request *r, const char *name);      /* of the request, borrowed; NULL: not given */

/* The reader role: one Request frame on ROLE_FD, with the descriptor that takes the Reply; then it exits. */
_Noreturn void reader_run(void);
int ticketctl_main(int argc, char **argv);

#endif
