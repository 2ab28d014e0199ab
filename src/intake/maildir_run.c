/* SPDX-License-Identifier: ISC
 *
 * The Maildir role's loop: inotify says what is new at once, a rescan finds what inotify missed. A file is copied, handed
 * over, and moved to cur/ when core says that its case is durable. Files that people move to cur/ themselves are not taken.
 * A file in new/ that nobody moved there or closed (a link, or one being written by a program that knows no tmp/) rests for
 * two seconds. Never: following a link, replacing a file, holding more than a hundred mails in flight.
 */
#include "maildir.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 2000
#define BACKOFF_MAX_MS 300000
#define PAUSE_MS 1000                   /* after a lack of memory or descriptors, here or in core */

struct maildir_loop {
    const Td__MaildirSetup *setup;
    struct maildir_folder folder;
    struct maildir_queue queue;
    int inotify;
    int64_t now_ms, scan_at_ms, paused_until_ms;
    uint64_t seq;
    char *flight[MAILDIR_FLIGHT_MAX]; size_t n_flight;  /* names, owned by the known items */
    uint64_t flight_bytes;
    bool ok, said;
};

static int64_t
clock_of(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void
say_state(struct maildir_loop *l, bool ok, const char *text)
{
    Td__IntakeState state = TD__INTAKE_STATE__INIT;
    Td__Frame frame = TD__FRAME__INIT;

    if (l->said && l->ok == ok)
        return;
    l->said = true;
    l->ok = ok;
    state.ok = ok;
    state.text = (char *)text;
    frame.body_case = TD__FRAME__BODY_INTAKE_STATE;
    frame.intake_state = &state;
    if (frame_send(ROLE_FD, &frame, NULL, 0) != FRAME_OK)
        _exit(EX_OK);
}

static void
scan_by(struct maildir_loop *l, int64_t at_ms)
{
    if (at_ms < l->scan_at_ms)
        l->scan_at_ms = at_ms;
}

static void
back_off(struct maildir_loop *l, struct maildir_item *i, enum maildir_wait wait)
{
    unsigned shift = i->tries < 8 ? i->tries : 8;
    int64_t wait_ms = (int64_t)BACKOFF_FIRST_MS << shift;

    i->tries++;
    i->wait = wait;
    i->not_before_ms = l->now_ms + (wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS);
    scan_by(l, i->not_before_ms);
}

/* ---- offering */

static void
trouble(struct maildir_loop *l, const char *name, enum maildir_look look)
{
    int error = errno;
    struct maildir_item *i = maildir_know(&l->queue, name);

    if (look == MAILDIR_ODD) {
        if (!i || i->wait != MAILDIR_IGNORED)
            log_line(LOG_WARN, "role=maildir file=%s why=\"not a regular file\" status=ignored", log_value(name));
        if (i)
            i->wait = MAILDIR_IGNORED;
        return;
    }
    if (!i || i->tries == 0)
        log_line(LOG_WARN, "role=maildir file=%s error=%s status=later", log_value(name), log_value(strerror(error)));
    if (i)
        back_off(l, i, MAILDIR_WAITS);
    say_state(l, false, "a mail in new/ cannot be read");
}

static void
hand_over(struct maildir_loop *l, struct maildir_item *i, const struct maildir_mail *m)
{
    Td__MailIn in = TD__MAIL_IN__INIT;
    Td__Frame frame = TD__FRAME__INIT;
    char name[MAILDIR_TEXT_MAX], unique[MAILDIR_TEXT_MAX + 64];

    maildir_unique_text(i->name, name);
    snprintf(unique, sizeof unique, "%s/%llu/%lld", name, (unsigned long long)m->inode, (long long)m->written_ns);
    i->wait = MAILDIR_FLIES;
    i->seq = ++l->seq;
    i->size = m->size;
    l->flight[l->n_flight++] = i->name;
    l->flight_bytes += m->size;
    in.seq = i->seq;
    in.unique = unique;
    in.has_whole_size = m->whole_size > 0;
    in.whole_size = m->whole_size;
    frame.body_case = TD__FRAME__BODY_MAIL_IN;
    frame.mail_in = &in;
    if (frame_send(ROLE_FD, &frame, &m->fd, 1) != FRAME_OK)
        _exit(EX_OK);
}

static void
settle(struct maildir_loop *l, struct maildir_item *i)
{
    int error = maildir_settle(&l->folder, i->name);

    if (error == 0) {
        maildir_forget(&l->queue, i);
        return;
    }
    if (i->wait != MAILDIR_SETTLES)
        log_line(LOG_FAIL, "role=maildir file=%s what=move error=%s status=later", log_value(i->name), log_value(strerror(error)));
    back_off(l, i, MAILDIR_SETTLES);
    say_state(l, false, "a mail that was taken cannot be moved to cur/");
}

/* false: nothing more can be offered now. */
static bool
offer_next(struct maildir_loop *l)
{
    const struct maildir_name *n = maildir_queue_next(&l->queue);
    struct maildir_item *i;
    struct maildir_mail m;
    enum maildir_look look;

    if (!n)
        return false;
    i = maildir_known(&l->queue, n->name);
    if (i && (i->wait == MAILDIR_FLIES || i->wait == MAILDIR_SETTLES || (i->wait == MAILDIR_WAITS && l->now_ms < i->not_before_ms)))
        return true;
    look = maildir_take(&l->folder, n->name, n->announced, clock_of(CLOCK_REALTIME) / 1000, l->setup->max_mail,
                        l->n_flight == 0 ? UINT64_MAX : MAILDIR_FLIGHT_BYTES - l->flight_bytes, &m);
    if (look == MAILDIR_TAKEN && !(i = maildir_know(&l->queue, n->name))) {
        close(m.fd);
        m.fd = -1;
        look = MAILDIR_NO_ROOM;
    }
    switch (look) {
    case MAILDIR_TAKEN:
        hand_over(l, i, &m);
        close(m.fd);
        return true;
    case MAILDIR_GONE:
        if (i)
            maildir_forget(&l->queue, i);
        return true;
    case MAILDIR_YOUNG:
        scan_by(l, l->now_ms + MAILDIR_YOUNG_S * 1000);
        return true;
    case MAILDIR_ODD:
    case MAILDIR_UNREADABLE:
        trouble(l, n->name, look);
        return true;
    case MAILDIR_NO_ROOM:
        l->paused_until_ms = l->now_ms + PAUSE_MS;
        say_state(l, false, "no room for a mail just now");
        break;
    case MAILDIR_TOO_MUCH:
        break;
    }
    maildir_queue_push_back(&l->queue);
    return false;
}

/* ---- what the world says */

static void
answered(struct maildir_loop *l, const Td__MailDone *done)
{
    struct maildir_item *i = NULL;

    for (size_t k = 0; k < l->n_flight && !i; k++) {
        i = maildir_known(&l->queue, l->flight[k]);
        must(i != NULL);
        if (i->seq == done->seq)
            l->flight[k] = l->flight[--l->n_flight];
        else
            i = NULL;
    }
    if (!i)
        _exit(EX_PROTOCOL);
    l->flight_bytes -= i->size;
    if (done->taken) {
        i->tries = 0;
        settle(l, i);
        say_state(l, true, "watching");
    } else {
        back_off(l, i, MAILDIR_WAITS);
        l->paused_until_ms = l->now_ms + PAUSE_MS;      /* core has enough in hand: the others would hear the same */
    }
}

static void
read_core(struct maildir_loop *l)
{
    struct arena *a = arena_new(16 * ROLE_FRAME_MAX);
    struct frame f;

    frame_receive_or_exit(a, &f);
    if (f.body->body_case != TD__FRAME__BODY_MAIL_DONE)
        _exit(EX_PROTOCOL);
    answered(l, f.body->mail_done);
    frame_close(&f);
    arena_free(&a);
}

static void
read_inotify(struct maildir_loop *l)
{
    static char bytes[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n = read(l->inotify, bytes, sizeof bytes);

    for (ssize_t at = 0; at < n;) {
        const struct inotify_event *e = (const struct inotify_event *)(bytes + at);

        at += (ssize_t)(sizeof *e + e->len);
        if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
            log_line(LOG_FAIL, "role=maildir why=\"the folder went away\" status=exit");
            _exit(EX_TEMPFAIL);
        }
        if (e->mask & IN_Q_OVERFLOW)
            scan_by(l, l->now_ms);
        else if (e->mask & IN_CREATE)   /* linked, or only begun: the scan looks at its age */
            scan_by(l, l->now_ms + MAILDIR_YOUNG_S * 1000);
        else if (e->len && !maildir_queue_announce(&l->queue, e->name))
            scan_by(l, l->now_ms + PAUSE_MS);
    }
}

static void
rescan(struct maildir_loop *l)
{
    l->scan_at_ms = l->now_ms + (int64_t)l->setup->rescan_s * 1000;
    for (size_t i = l->queue.n_known; i-- > 0;) {
        struct maildir_item *known = l->queue.known[i];

        if (known->wait == MAILDIR_SETTLES && l->now_ms >= known->not_before_ms)
            settle(l, known);
    }
    if (!maildir_queue_scan(&l->queue, l->folder.fresh, l->now_ms))
        scan_by(l, l->now_ms + PAUSE_MS);
    for (size_t i = 0; i < l->queue.n_known; i++)       /* the next one that waits */
        if (l->queue.known[i]->wait != MAILDIR_FLIES && l->queue.known[i]->not_before_ms > l->now_ms)
            scan_by(l, l->queue.known[i]->not_before_ms);
}

static void
turn(struct maildir_loop *l)
{
    struct pollfd p[2] = { { .fd = ROLE_FD, .events = POLLIN }, { .fd = l->inotify, .events = POLLIN } };
    int64_t wait;
    int rc;

    if (l->now_ms >= l->scan_at_ms && l->queue.incoming.n == 0 && l->queue.batch.at == l->queue.batch.n)
        rescan(l);
    if (l->now_ms >= l->paused_until_ms)
        while (l->n_flight < MAILDIR_FLIGHT_MAX && offer_next(l))
            ;
    wait = l->scan_at_ms - l->now_ms;
    if (l->paused_until_ms > l->now_ms && l->paused_until_ms - l->now_ms < wait)
        wait = l->paused_until_ms - l->now_ms;
    if (wait <= 0)              /* a scan is due but the batch waits for answers: they will wake us */
        wait = PAUSE_MS;
    rc = poll(p, countof(p), wait > 60000 ? 60000 : (int)wait);
    l->now_ms = clock_of(CLOCK_MONOTONIC);
    if (rc > 0 && p[0].revents)
        read_core(l);
    if (rc > 0 && p[1].revents)
        read_inotify(l);
}

_Noreturn void
maildir_run(const Td__MaildirSetup *setup)
{
    static struct maildir_loop loop;
    struct maildir_loop *l = &loop;

    l->setup = setup;
    l->now_ms = clock_of(CLOCK_MONOTONIC);
    l->scan_at_ms = l->now_ms;
    l->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    char *fresh = path_join(setup->path, "new");

    if (!maildir_open(setup->path, &l->folder) || l->inotify < 0
        || inotify_add_watch(l->inotify, fresh, IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0) {
        log_line(LOG_FAIL, "role=maildir path=%s error=%s status=exit", log_value(setup->path), log_value(strerror(errno)));
        say_state(l, false, "the folder cannot be watched");
        _exit(EX_NOINPUT);
    }
    say_state(l, true, "watching");
    for (;;)
        turn(l);
}
