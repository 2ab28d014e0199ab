/* SPDX-License-Identifier: ISC
 *
 * Asking: one request, one reply with its JSON in a sealed memfd. The daemon may be absent: then root, or whoever may read
 * the key file, starts the reader role itself, in the same sandbox.
 */
#include "ask.h"
#include "print.h"
#include "ticketd/conf.h"
#include "ticketd/role.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define ASK_MS 120000
#define REPLY_MAX (1u << 30)

/* How far a long question is, on a terminal alone. */
static void
progress_show(const char *text)
{
    static bool shown;
    if (!isatty(STDERR_FILENO) || print_quiet)
        return;
    if (text != NULL)
        fprintf(stderr, "\r\033[K%.100s ", text);
    else if (shown)
        fputs("\r\033[K", stderr);
    shown = text != NULL;
    fflush(stderr);
}

static int
reply_take(int fd, struct buf *out, struct buf *error)
{
    struct arena *a = arena_new(1u << 20);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    struct memfd_map map;
    struct frame f;
    int code = EX_PROTOCOL;
    bool came = false;
    while (poll(&p, 1, ASK_MS) == 1 && frame_receive(fd, a, &f) == FRAME_OK) {
        came = f.body->body_case != TD__FRAME__BODY_REPLY || f.body->reply->progress == NULL;
        progress_show(came ? NULL : f.body->reply->progress);
        if (came)
            break;
        frame_close(&f);
        arena_free(&a);
        a = arena_new(1u << 20);
    }
    if (!came) {
        buf_puts(error, "no answer came; see the log of ticketd");
        arena_free(&a);
        return EX_UNAVAILABLE;
    }
    if (f.body->body_case == TD__FRAME__BODY_REPLY) {
        const Td__Reply *r = f.body->reply;
        code = (int)(r->exit_code & 0xff);
        if (r->error != NULL)
            buf_puts(error, r->error);
        if (code == 0 && f.n_fds == 1 && memfd_map(f.fds[0], REPLY_MAX, &map)) {
            buf_add(out, map.bytes, map.len);
            memfd_unmap(&map);
        } else if (code == 0) {
            code = EX_PROTOCOL;
        }
    }
    frame_close(&f);
    arena_free(&a);
    return code;
}

static int
daemon_connect(const char *path)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(path) >= sizeof sa.sun_path)
        goto fail;
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
        return fd;
fail:
    if (fd >= 0)
        close(fd);
    return -1;
}

static int
daemon_ask(int fd, const struct asking *how, const Td__Request *r, struct buf *out, struct buf *error)
{
    Td__Frame f = TD__FRAME__INIT;
    int code;
    f.body_case = TD__FRAME__BODY_REQUEST;
    f.request = (Td__Request *)r;
    (void)frame_send(fd, &f, how->fds, how->n_fds);     /* who was refused already finds the reason in the socket */
    code = reply_take(fd, out, error);
    close(fd);
    return code;
}

static int
key_read(const char *where, uint8_t key[32], struct buf *error)
{
    struct buf text = { 0 };
    int err = conf_secret(where, getenv("CREDENTIALS_DIRECTORY"), &text);
    if (err == 0 && (text.len != 64 || !hex_decode(text.data, key, 32)))
        err = EINVAL;
    if (err != 0)
        buf_printf(error, "ticketd does not run, and its key %s cannot be read: %s", where, err == EPERM ? "it is open to others" : strerror(err));
    buf_free(&text);
    return err == 0 ? 0 : EX_NOPERM;
}

static int
reader_ask(const struct asking *how, const char *state, const char *key_file, const char *config, Td__Request *r, struct buf *out, struct buf *error)
{
    uint8_t key[32];
    int pair[2], code = key_read(key_file, key, error);
    Td__Frame f = TD__FRAME__INIT;
    if (code != 0)
        return code;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return EX_OSERR;
    r->state_directory = (char *)state;
    r->config_file = (char *)config;
    r->has_master_key = true;
    r->master_key.data = key;
    r->master_key.len = sizeof key;
    f.body_case = TD__FRAME__BODY_REQUEST;
    f.request = r;
    struct role_worker *w = role_worker_new("reader", NULL, ASK_MS);
    int fds[1 + ASK_FDS_MAX] = { pair[1] };
    for (size_t i = 0; i < how->n_fds; i++)
        fds[1 + i] = how->fds[i];
    if (role_worker_send(w, &f, fds, 1 + how->n_fds)) {
        close(pair[1]);
        code = reply_take(pair[0], out, error);
    } else {
        close(pair[1]);
        buf_puts(error, "the reader cannot be started");
        code = EX_OSERR;
    }
    close(pair[0]);
    role_worker_free(&w);
    sodium_memzero(key, sizeof key);
    r->has_master_key = false;
    return code;
}

int
ask(const struct asking *how, const Td__Request *r, struct buf *out, struct buf *error, bool *daemon)
{
    struct buf conf_errors = { 0 };
    struct conf *conf = NULL;
    const struct verb *v = verb_find(r->verb);
    Td__Request copy = *r;
    int code;
    *daemon = false;
    if (how->socket == NULL || how->state_directory == NULL)
        conf = conf_load(how->config != NULL ? how->config : "/etc/ticketd/ticketd.conf", false, &conf_errors);
    const char *path = how->socket != NULL ? how->socket : conf != NULL ? conf->control : NULL;
    const char *state = how->state_directory != NULL ? how->state_directory : conf != NULL ? conf->state_directory : NULL;
    /* a store that was named is that one, whichever daemon may run */
    int fd = path != NULL && (how->socket != NULL || how->state_directory == NULL) ? daemon_connect(path) : -1;
    if (fd >= 0) {
        *daemon = true;
        code = daemon_ask(fd, how, &copy, out, error);
    } else if (v != NULL && v->place == VERB_CORE && path != NULL) {
        buf_printf(error, "nobody answers at %s, and this needs ticketd: systemctl start ticketd, then see systemctl status ticketd", path);
        code = EX_UNAVAILABLE;
    } else if (state != NULL) {
        char *own = path_join(state, "master.key");
        bool has_own = how->state_directory != NULL && access(own, F_OK) == 0;     /* the key beside a store that was named is its own */
        const char *key_file = how->key_file != NULL ? how->key_file : !has_own && conf != NULL && conf->key_file != NULL ? conf->key_file : own;
        code = reader_ask(how, state, key_file, conf != NULL ? conf->file : NULL, &copy, out, error);
        free(own);
    } else {
        buf_printf(error, "%s", conf_errors.len > 0 ? conf_errors.data : "name the configuration with --config FILE");
        code = EX_CONFIG;
    }
    buf_free(&conf_errors);
    conf_free(&conf);
    return code;
}
