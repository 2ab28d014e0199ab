/* SPDX-License-Identifier: ISC
 *
 * core: event -> desk -> store -> replies. The engine has no processes, sockets or clock; the daemon's loop and the
 * simulator both drive it. One durable commit serves all events that are ready, each in a transaction nested in it.
 */
#ifndef TICKETD_CORE_H
#define TICKETD_CORE_H

#include "ticketd/base.h"
#include "ticketd/conf.h"
#include "ticketd/desk.h"
#include "ticketd/schema.h"
#include "ticketd/store.h"

struct engine;
struct engine_event;

/* What the engine tells its driver after a durable commit; never before. */
struct engine_driver {
    void *u;
    /* ok: the mail is durable (in a case, or a duplicate that is recorded) and the source may be told. Not ok: nothing was
     * written, and `ev->why` says why. Called once for each event that was submitted; it is freed afterwards. */
    void (*done)(void *u, struct engine_event *ev);
    void (*log)(void *u, enum log_level level, const char *line);
};

/* The store is open for writing; desk and conf stay the caller's. Reads the meta record; on damage NULL and *error.
 * After an unclean end the engine starts in careful mode. */
struct engine *engine_new(const struct conf *conf, const struct desk *desk, struct store *store, const struct engine_driver *d,
                          int64_t now, const char **error);
void engine_free(struct engine **ep);
/* A new policy: open clocks keep target and start, their due is computed anew. */
void engine_reload(struct engine *e, const struct conf *conf, const struct desk *desk, int64_t now);

int core_main(int argc, char **argv);           /* ticketd */
int simulate_main(int argc, char **argv);       /* ticketctl simulate */
int test_rules_main(int argc, char **argv);     /* ticketctl test-rules */

#endif
