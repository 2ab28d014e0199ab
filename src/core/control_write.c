/* SPDX-License-Identifier: ISC
 *
 * What is asked of core itself: erasing, and letting held letters go. An order becomes events like any other; it is answered
 * when all of them are durable. Who may give one, control.c has asked the kernel.
 */
#include "loop.h"
#include "ticketd/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define CASES_MAX 10000                 /* of one person, in one order */

struct order { int fd; unsigned left, failed; struct buf out; char why[128]; };

bool
control_writes(const char *verb)
{
    return strcmp(verb, "erase") == 0 || strcmp(verb, "unhold") == 0 || strcmp(verb, "rotate") == 0;
}

void
control_reply(int fd, uint32_t code, const char *error, const struct buf *json)
{
    Td__Reply r = TD__REPLY__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int mem = json != NULL ? memfd_of("reply", json->data != NULL ? json->data : "", json->len) : -1;
    r.exit_code = code;
    r.error = (char *)error;
    f.body_case = TD__FRAME__BODY_REPLY;
    f.reply = &r;
    (void)frame_send(fd, &f, &mem, mem >= 0 ? 1 : 0);
    if (mem >= 0)
        close(mem);
    close(fd);
}

static void
order_end(struct order *o)
{
    buf_puts(&o->out, "]}\n");
    if (o->failed > 0)
        control_reply(o->fd, EX_IOERR, o->why, NULL);
    else
        control_reply(o->fd, 0, NULL, &o->out);
    buf_free(&o->out);
    free(o);
}

void
control_written(struct engine_event *ev)
{
    struct order *o = ev->owner;
    if (o == NULL)                      /* retention gives orders of its own */
        return;
    if (ev->ok && ev->answer != NULL)
        buf_printf(&o->out, "%s%s", o->out.data[o->out.len - 1] == '[' ? "\n" : ",\n", ev->answer);
    if (!ev->ok) {
        o->failed++;
        snprintf(o->why, sizeof o->why, "it was not done: %s", ev->why != NULL ? ev->why : "see the log of ticketd");
    }
    if (--o->left == 0)
        order_end(o);
}

static void
submit(struct loop *l, struct order *o, enum engine_kind kind, uint64_t id, bool drop)
{
    struct engine_event *ev = engine_event_new(kind);
    ev->owner = o;
    ev->case_id = ev->letter_id = id;
    ev->drop = drop;
    o->left++;
    engine_submit(l->engine, ev);
    loop_wake(l);
}

/* By its whole number: the suffix of a mistyped one does not fit. 0: there is none. */
static uint64_t
case_by_number(struct loop *l, const char *number)
{
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_key k;
    Td__Case *c;
    const char *dash = strchr(number, '-');
    uint64_t id = dash != NULL ? strtoull(dash + 1, NULL, 10) : 0;
    if (id != 0 && store_begin(l->store, NULL, false, &t) == STORE_OK) {
        table_case(&k, id);
        if (store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c) != STORE_OK || !str_eq_nocase(c->number, number))
            id = 0;
        store_abort(&t);
    }
    arena_free(&a);
    return id;
}

/* Every case that this address opened, at any desk. */
static void
person_submit(struct loop *l, struct order *o, const char *addr)
{
    struct store_txn *t;
    struct store_key prefix, k;
    struct store_cursor *c;
    if (store_begin(l->store, NULL, false, &t) != STORE_OK)
        return;
    for (size_t i = 0; i < l->conf->n_desks; i++) {
        table_sender_prefix(l->store, &prefix, l->conf->desks[i].name, addr);
        if (store_cursor_open(t, STORE_BY_SENDER, &prefix, NULL, false, &c) != STORE_OK)
            continue;
        while (o->left < CASES_MAX && store_cursor_next(c, &k))
            submit(l, o, ENGINE_ERASE, store_key_read_u64(&k, prefix.len), false);
        store_cursor_close(&c);
    }
    store_abort(&t);
}

void
control_write(struct loop *l, int fd, const Td__Request *r)
{
    if (strcmp(r->verb, "rotate") == 0) {
        rotate_order(l, fd);
        return;
    }
    const char *number = request_argument(r, "case"), *person = request_argument(r, "person"), *letter = request_argument(r, "letter");
    struct order *o = mem_alloc(sizeof *o);
    o->fd = fd;
    buf_puts(&o->out, "{\"done\":[");
    if (strcmp(r->verb, "unhold") == 0) {
        submit(l, o, ENGINE_RELEASE, letter != NULL ? strtoull(letter, NULL, 10) : 0, request_argument(r, "drop") != NULL);
    } else if (person != NULL) {
        char *addr = mem_strdup(person);
        addr_fold(addr);
        person_submit(l, o, addr);
        free(addr);
    } else if (number != NULL) {
        uint64_t id = case_by_number(l, number);
        if (id != 0)
            submit(l, o, ENGINE_ERASE, id, false);
    }
    if (o->left > 0)
        return;
    control_reply(fd, EX_DATAERR, person != NULL ? "no case was opened by that address" : "there is no such case; name it by its whole number", NULL);
    buf_free(&o->out);
    free(o);
}
