/* SPDX-License-Identifier: ISC
 *
 * core: event -> desk -> store -> replies. The engine below has no processes, sockets or clock; the daemon's loop and the
 * simulator both drive it. One durable commit for all events that are ready, each in a transaction nested in it.
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
    /* The mail of this event is durable (or a duplicate, recorded): the source may be told. ok false: nothing was written. */
    void (*mail_done)(void *u, struct engine_event *e, bool ok, const char *why);
    /* A letter's record is durable: have it composed. */
    void (*compose)(void *u, const Td__Letter *l);
    /* Bytes are durable: one recipient of one letter waits for a lane from `due_at` on. */
    void (*outgoing)(void *u, const Td__Letter *l, const char *recipient, int64_t due_at);
    void (*log)(void *u, enum log_level level, const char *line);
};

struct engine *engine_new(const struct conf *conf, const struct desk *desk, struct store *store, const struct engine_driver *d);
void engine_free(struct engine **ep);
void engine_reload(struct engine *e, const struct conf *conf, const struct desk *desk, int64_t now);

int core_main(int argc, char **argv);           /* ticketd */
int simulate_main(int argc, char **argv);       /* ticketctl simulate */

#endif
