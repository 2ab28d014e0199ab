/* SPDX-License-Identifier: ISC
 *
 * ctl: the control protocol, what the reader answers, and what ticketctl shows. An answer is one JSON document; tables and
 * `--json` are two ways to print it.
 */
#ifndef TICKETD_CTL_H
#define TICKETD_CTL_H

#include "ticketd/base.h"
#include "ticketd/conf.h"
#include "ticketd/schema.h"
#include "ticketd/store.h"

enum ctl_right { CTL_READ, CTL_WRITE };
struct ctl_verb {
    const char *name, *args, *help;
    enum ctl_right right;
    /* answered by the reader from the store; NULL: core answers itself */
    uint32_t (*read)(struct store *s, const Td__Request *r, struct buf *json, struct buf *error);
};
extern const struct ctl_verb ctl_verbs[];
extern const size_t ctl_verbs_n;
const struct ctl_verb *ctl_verb_find(const char *name);

/* Serve one Request frame on ROLE_FD with the reply on the descriptor that came along, then exit. */
_Noreturn void reader_run(void);
int ticketctl_main(int argc, char **argv);

#endif
