/* SPDX-License-Identifier: ISC
 *
 * A policy is a configuration, the desk made from it, and patterns that a fresh worker has compiled. It is taken whole or
 * not at all: at the start, for -n, and on SIGHUP, when a bad one leaves the old one in force. Then the children are made
 * to fit: those whose setup frame is the same stay, the others begin anew.
 */
#include "loop.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <netdb.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define COMPILE_MS 30000

/* ---- patterns */

void
policy_patterns(const struct conf *conf, uint32_t generation, Td__ParseSetup *out, struct arena *a)
{
    const struct conf_limits *m = &conf->limits;
    size_t n = conf_pattern_count(conf);
    out->generation = generation;
    for (size_t i = 0; i < n; i++) {
        const struct conf_pattern *p = conf_pattern_at(conf, i);
        Td__Pattern *t = schema_new(a, &td__pattern__descriptor);
        t->regex = (char *)p->regex;
        t->origin = arena_printf(a, "%s:%d", p->where.file, p->where.line);
        t->has_in = true;
        t->in = p->in;
        (void)arena_push(a, &out->patterns, &out->n_patterns, t);
    }
    for (size_t i = 0; i < conf->n_desks; i++)
        for (size_t k = 0; k < conf->desks[i].languages.n; k++)
            (void)arena_push(a, &out->languages, &out->n_languages, (void *)conf->desks[i].languages.v[k]);
    out->max_mail = m->parse_mail;
    out->max_headers = m->headers;
    out->max_header_len = m->header_len;
    out->max_parts = m->parts;
    out->max_depth = m->depth;
    out->max_text = m->text;
    out->has_max_memory = true;
    out->max_memory = m->parse_memory;
}

/* One frame of the given kind from a child of our own making, within the time. */
static bool
await(const struct role_child *c, Td__Frame__BodyCase what, struct arena *a, struct frame *f)
{
    struct pollfd p = { .fd = c->fd, .events = POLLIN };
    if (poll(&p, 1, COMPILE_MS) != 1 || frame_receive(c->fd, a, f) != FRAME_OK)
        return false;
    frame_close(f);
    return f->body->body_case == what;
}

static void
compile_errors(const struct conf *conf, const Td__ParseReady *r, struct buf *errors)
{
    for (size_t i = 0; i < r->n_errors; i++) {
        const Td__PatternError *e = r->errors[i];
        if (e->pattern >= conf_pattern_count(conf))
            continue;
        const struct conf_pattern *p = conf_pattern_at(conf, e->pattern);
        buf_printf(errors, "%s:%d: bad regular expression \"%s\": %s at offset %u\n", p->where.file, p->where.line, p->regex, e->message,
                   e->offset);
    }
}

/* Patterns are compiled where they will run; core knows no PCRE2. */
static bool
compile_check(const struct conf *conf, struct buf *errors)
{
    struct role_exec x;
    struct role_child c;
    char why[256];
    struct arena *a = arena_new(0);
    struct frame f;
    size_t before = errors->len;
    if (role_exec_open("parse", &x, why) != 0) {
        buf_printf(errors, "%s\n", why);
        arena_free(&a);
        return false;
    }
    if (role_spawn(&x, "parse[check]", &c) == 0) {
        Td__ParseSetup setup = TD__PARSE_SETUP__INIT;
        Td__Frame out = TD__FRAME__INIT;
        policy_patterns(conf, 1, &setup, a);
        out.body_case = TD__FRAME__BODY_PARSE_SETUP;
        out.parse_setup = &setup;
        if (await(&c, TD__FRAME__BODY_HELLO, a, &f) && frame_send(c.fd, &out, NULL, 0) == FRAME_OK &&
            await(&c, TD__FRAME__BODY_PARSE_READY, a, &f))
            compile_errors(conf, f.body->parse_ready, errors);
        else
            buf_puts(errors, "the parse worker did not answer; are the programs in libexec/ticketd of one version?\n");
        role_child_close(&c);
    } else {
        buf_puts(errors, "the parse worker cannot be started\n");
    }
    close(x.fd);
    arena_free(&a);
    return errors->len == before;
}

struct conf *
policy_load(const char *path, bool check_files, const uint8_t naming[32], struct desk **desk, struct buf *errors)
{
    struct conf *conf = conf_load(path, check_files, errors);
    if (conf == NULL)
        return NULL;
    *desk = desk_new(conf, naming, errors);
    if (*desk != NULL && compile_check(conf, errors))
        return conf;
    desk_free(desk);
    conf_free(&conf);
    return NULL;
}

/* ---- listening sockets of LMTP: core makes and keeps them, so that a role that restarts refuses nobody; it never reads them */

static int
listen_unix(const char *path, unsigned mode)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof sa.sun_path)
        return -1;
    memcpy(sa.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink(path);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || chmod(path, mode) != 0 || listen(fd, 512) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int
listen_tcp(const char *where)
{
    char host[64];
    const char *colon = strrchr(where, ':');
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *ai;
    int fd = -1, on = 1;
    bool v6 = where[0] == '[';
    size_t n = colon != NULL ? (size_t)(colon - where) : 0;
    if (n == 0 || n >= sizeof host || (v6 && n < 3))
        return -1;
    snprintf(host, sizeof host, "%.*s", v6 ? (int)n - 2 : (int)n, v6 ? where + 1 : where);
    if (getaddrinfo(host, colon + 1, &hints, &ai) != 0)
        return -1;
    fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 512) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(ai);
    return fd;
}

static void
listener_add(struct child *c, int fd, const char *where)
{
    if (fd >= 0 && c->n_listeners == ROLE_FDS_MAX) {
        close(fd);
        errno = EMFILE;
        fd = -1;
    }
    if (fd < 0) {
        log_line(LOG_ALARM, "role=lmtp name=%s listen=%s action=listen why=%s status=failed", log_value(c->section), log_value(where),
                 log_value(strerror(errno)));
        return;
    }
    c->listeners = mem_grow(c->listeners, (c->n_listeners + 1) * sizeof *c->listeners);
    c->listeners[c->n_listeners++] = fd;
}

static void
listeners_open(struct child *c, const struct conf_intake *ic)
{
    for (size_t i = 0; i < ic->listen.n; i++) {
        const char *where = ic->listen.v[i];
        if (strcmp(where, "systemd") == 0) {
            int n = sd_listen_fds(0);
            for (int k = 0; k < n; k++)
                listener_add(c, dup(SD_LISTEN_FDS_START + k), where);
            if (n <= 0)
                listener_add(c, -1, where);
        } else {
            listener_add(c, where[0] == '/' ? listen_unix(where, ic->socket_mode) : listen_tcp(where), where);
        }
    }
}

/* Opens them; those that are what is wanted stay open, and whoever connects meanwhile waits in them. The process that holds
 * copies of the old ones has ended before. */
static void
listeners_fit(struct child *c, const struct conf_intake *ic)
{
    struct buf wanted = { 0 };
    buf_printf(&wanted, "%o", ic->socket_mode);
    for (size_t i = 0; i < ic->listen.n; i++)
        buf_printf(&wanted, "\n%s", ic->listen.v[i]);
    if (c->n_listeners < ic->listen.n || c->listening.data == NULL || strcmp(c->listening.data, wanted.data) != 0) {
        for (size_t i = 0; i < c->n_listeners; i++)
            close(c->listeners[i]);
        c->n_listeners = 0;
        listeners_open(c, ic);
    }
    buf_free(&c->listening);
    c->listening = wanted;
}

/* ---- children that fit the configuration */

struct wanted { const struct role_kind *kind; const char *section; unsigned lanes; const struct conf_intake *intake; unsigned seen; };

static bool
intake_wanted(struct loop *l, const char *name)
{
    struct arena *a = arena_new(0);
    bool paused = mailbox_paused(l, name, a, NULL);
    arena_free(&a);
    return !paused;
}

static size_t
wanted_list(struct loop *l, struct wanted *w)
{
    const struct conf *conf = l->conf;
    static const struct role_kind *const intake[] = { [CONF_INTAKE_IMAP] = &role_imap, [CONF_INTAKE_LMTP] = &role_lmtp,
                                                      [CONF_INTAKE_MAILDIR] = &role_maildir };
    size_t n = 0;
    w[n++] = (struct wanted){ &role_parse, "parse", conf->limits.parse_workers, NULL, 0 };
    w[n++] = (struct wanted){ &role_compose, "compose", conf->limits.compose_workers, NULL, 0 };
    for (size_t i = 0; i < conf->n_relays; i++) {
        bool drop = strcmp(conf->relays[i].transport, "maildir") == 0;
        w[n++] = (struct wanted){ drop ? &role_drop : &role_smtp, conf->relays[i].name, drop ? 1 : conf->relays[i].lanes, NULL, 0 };
    }
    for (size_t i = 0; i < conf->n_oauths; i++)
        w[n++] = (struct wanted){ &role_token, conf->oauths[i].name, 1, NULL, 0 };
    for (size_t i = 0; i < conf->n_intakes; i++)
        if (intake_wanted(l, conf->intakes[i].name))
            w[n++] = (struct wanted){ intake[conf->intakes[i].kind], conf->intakes[i].name, 1, &conf->intakes[i], 0 };
    return n;
}

static unsigned
child_count(struct loop *l, const struct wanted *w)
{
    unsigned n = 0;
    for (struct child *c = l->children; c != NULL; c = c->next)
        n += c->wanted && c->kind == w->kind && strcmp(c->section, w->section) == 0;
    return n;
}

/* A lane with a letter in hand goes after it. */
static void
child_dismiss(struct loop *l, struct child *c)
{
    if (lane_busy(c)) {
        c->retiring = true;
        c->wanted = false;
    } else {
        child_remove(l, c);
    }
}

/* Counts down the lanes that are still wanted: what comes after the last one goes. */
static bool
is_wanted(const struct child *c, struct wanted *w, size_t n)
{
    if (c->once)
        return true;
    for (size_t i = 0; i < n; i++)
        if (w[i].kind == c->kind && strcmp(w[i].section, c->section) == 0)
            return w[i].seen++ < w[i].lanes;
    return false;
}

void
policy_children(struct loop *l)
{
    size_t room = l->conf->n_relays + l->conf->n_oauths + l->conf->n_intakes + 2;
    struct wanted *w = mem_alloc(room * sizeof *w);
    size_t n = wanted_list(l, w);
    for (struct child *c = l->children, *next; c != NULL; c = next) {
        next = c->next;
        if (!is_wanted(c, w, n))
            child_dismiss(l, c);
    }
    for (size_t i = 0; i < n; i++) {
        unsigned surplus = child_count(l, &w[i]);
        for (struct child *c = l->children, *next; c != NULL && surplus > w[i].lanes; c = next) {
            next = c->next;
            if (c->wanted && c->kind == w[i].kind && strcmp(c->section, w[i].section) == 0) {
                child_dismiss(l, c);
                surplus--;
            }
        }
        for (unsigned have = child_count(l, &w[i]); have < w[i].lanes; have++) {
            struct child *c = child_add(l, w[i].kind, w[i].section, w[i].lanes > 1 ? have + 1 : 0);
            if (w[i].kind == &role_lmtp)
                listeners_fit(c, w[i].intake);
            child_start(c);
        }
    }
    free(w);
}

/* A child that is running is told its setup anew only by a new process, and only where the setup differs. */
static void
children_refit(struct loop *l)
{
    for (struct child *c = l->children; c != NULL; c = c->next) {
        const struct conf_intake *ic = c->kind == &role_lmtp ? intake_conf(l, c->section) : NULL;
        bool anew = c->kind == &role_parse || ic != NULL;
        if (!anew && !c->once && c->state == CHILD_READY && c->kind != &role_compose)
            anew = child_setup_differs(c);
        if (anew && lane_busy(c)) {
            c->retiring = true;         /* after its letter: an outcome that nobody hears is a letter sent twice */
        } else if (anew) {
            c->worked = c->dismissed = true;    /* comes back at once */
            child_kill(c, "a new configuration");
        }
        if (ic != NULL)
            listeners_fit(c, ic);
    }
}

bool
policy_reload(struct loop *l, struct buf *said)
{
    struct buf errors = { 0 };
    struct desk *desk = NULL;
    struct conf *conf;
    (void)sd_notify(0, "RELOADING=1");
    conf = policy_load(l->conf->file, true, store_naming_key(l->store), &desk, &errors);
    if (conf != NULL && strcmp(conf->state_directory, l->conf->state_directory) != 0) {
        buf_printf(&errors, "%s: the state directory cannot change while ticketd runs\n", conf->file);
        desk_free(&desk);
        conf_free(&conf);
    } else if (conf != NULL && strcmp(conf->control, l->conf->control) != 0) {
        buf_printf(&errors, "%s: the control socket cannot change while ticketd runs\n", conf->file);
        desk_free(&desk);
        conf_free(&conf);
    }
    bool ok = conf != NULL;
    if (said != NULL && errors.len > 0)
        buf_add(said, errors.data, errors.len);
    if (conf == NULL) {
        for (char *save, *line = strtok_r(errors.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
            log_line(LOG_ALARM, "action=reload why=%s status=refused", log_value(line));
    } else {
        struct conf *old = l->conf;
        struct desk *old_desk = l->desk;
        while (engine_busy(l->engine))  /* what was matched with the old patterns is decided by the old rules */
            (void)engine_run(l->engine, loop_now());
        l->conf = conf;
        l->desk = desk;
        l->generation++;
        log_open("ticketd", log_target_best(), conf->log_debug ? LOG_TRACE : LOG_NOTE);
        engine_reload(l->engine, conf, desk, loop_now());
        children_refit(l);
        policy_children(l);
        desk_free(&old_desk);
        conf_free(&old);
        log_line(LOG_NOTE, "action=reload status=ok");
    }
    buf_free(&errors);
    (void)sd_notify(0, "READY=1");
    loop_wake(l);
    return ok;
}
