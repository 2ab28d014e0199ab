/* SPDX-License-Identifier: ISC
 *
 * The control socket: one request a connection. Who asks is what the kernel says (SO_PEERCRED): root, our own user, or a
 * member of the groups that the configuration names; what each may ask stands in the table of verbs. Reading is done by a
 * reader process, which gets the store's key and the asker's connection; what changes something becomes an event, and is
 * answered when it is durable.
 */
#include "loop.h"
#include "ticketd/verb.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define CLIENTS_MAX 32                  /* asking, or being answered */
#define CONNECTS_MAX 200                /* a second: anybody on this machine may knock */
#define CLIENT_MS 10000                 /* from connecting to the whole request */
#define READER_MS 120000
#define READER_LONG_MS 21600000ll       /* of what reads the whole store */
#define ASKER_FDS_MAX 4                 /* descriptors that an asker may send along */

struct control { int fd; sd_event_source *io; unsigned clients; char *path; };
struct client { struct loop *loop; int fd; struct ucred who; sd_event_source *io, *late; };
struct reading { int fds[1 + ASKER_FDS_MAX]; size_t n_fds; struct arena *arena; Td__Request *request; };

/* ---- how ticketd is */

static void
status_child(json_t *list, const struct child *c)
{
    static const char *const states[] = { [CHILD_DOWN] = "down", [CHILD_STARTED] = "starting", [CHILD_WAITING] = "waiting",
                                          [CHILD_READY] = "running" };
    char at[TIME_TEXT_MAX];
    time_format(c->good_at, at);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:b, s:o}", "role", c->kind->role, "name", c->name, "state",
                                          states[c->state], "pid", (int)c->proc.pid, "restarts", (int)c->restarts, "said", c->said, "ok",
                                          c->said_ok || c->said[0] == '\0', "good_at", c->good_at != 0 ? json_string(at) : json_null()));
}

static char *
status_json(struct loop *l)
{
    char started[TIME_TEXT_MAX], mail[TIME_TEXT_MAX];
    json_t *roles = json_array();
    time_format(l->started_at, started);
    time_format(l->last_mail_at, mail);
    for (const struct child *c = l->children; c != NULL; c = c->next)
        if (!c->once)
            status_child(roles, c);
    json_t *o = json_pack("{s:s, s:i, s:s, s:s, s:o, s:I, s:I, s:i, s:I, s:b, s:o, s:o}", "version", TICKETD_VERSION, "pid", (int)getpid(),
                          "configuration", l->conf->file, "started", started, "last_mail",
                          l->last_mail_at != 0 ? json_string(mail) : json_null(), "mails_taken", (json_int_t)l->taken, "letters_sent",
                          (json_int_t)l->sent, "mails_in_hand", (int)l->jobs_n, "commits", (json_int_t)l->engine->commits, "careful",
                          l->engine->careful, "trouble", l->engine->trouble != NULL ? json_string(l->engine->trouble) : json_null(), "roles",
                          roles);
    char *paused = mailboxes_paused_json(l);
    json_object_set_new(o, "paused", json_loads(paused, 0, NULL));
    free(paused);
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}

/* ---- the reader */

static bool
reads_all(const char *verb)
{
    static const char *const long_ones[] = { "check", "backup", "export", "search", "audit" };
    for (size_t i = 0; i < countof(long_ones); i++)
        if (strcmp(verb, long_ones[i]) == 0)
            return true;
    return false;
}

static bool
reader_setup(struct loop *l, struct child *c)
{
    struct reading *r = c->side;
    uint8_t key[32];
    char error[256], *live = NULL;
    Td__Frame f = TD__FRAME__INIT;
    if (start_master_key(l->conf, l->credentials, key, error) != 0)
        return false;
    r->request->state_directory = (char *)l->conf->state_directory;
    r->request->config_file = (char *)l->conf->file;
    r->request->has_master_key = true;
    r->request->master_key.data = key;
    r->request->master_key.len = sizeof key;
    if (strcmp(r->request->verb, "status") == 0)
        r->request->status = live = status_json(l);
    f.body_case = TD__FRAME__BODY_REQUEST;
    f.request = r->request;
    bool ok = child_send(c, &f, r->fds, r->n_fds);
    explicit_bzero(key, sizeof key);
    r->request->has_master_key = false;
    r->request->status = NULL;
    free(live);
    c->deadline_ms = loop_now_ms() + (reads_all(r->request->verb) ? READER_LONG_MS : READER_MS);
    return ok;
}

static bool
reader_frame(struct loop *l, struct child *c, struct frame *f, struct arena **ap)
{
    (void)l;
    (void)c;
    (void)f;
    (void)ap;
    return false;                       /* it answers the asker, never core */
}

static void
reading_free(void *side)
{
    struct reading *r = side;
    for (size_t i = 0; i < r->n_fds; i++)
        close(r->fds[i]);
    arena_free(&r->arena);
    free(r);
}

const struct role_kind role_reader = { "reader", reader_setup, reader_frame, NULL };

/* ---- askers */

static void
client_close(struct client *k)
{
    k->io = sd_event_source_disable_unref(k->io);
    k->late = sd_event_source_disable_unref(k->late);
    if (k->fd >= 0)
        close(k->fd);
    if (k->loop->control != NULL)       /* what is recorded at the end of all is answered, too */
        k->loop->control->clients--;
    free(k);
}

/* code 0: json goes along; else why, a sentence. */
static void
client_answer(struct client *k, uint32_t code, const char *why, const char *json)
{
    Td__Reply r = TD__REPLY__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int mem = code == 0 ? memfd_of("reply", json, strlen(json)) : -1;
    r.exit_code = code == 0 && mem < 0 ? EX_OSERR : code;
    r.error = (char *)why;
    f.body_case = TD__FRAME__BODY_REPLY;
    f.reply = &r;
    (void)frame_send(k->fd, &f, &mem, mem >= 0 ? 1 : 0);
    if (mem >= 0)
        close(mem);
    client_close(k);
}

static void
client_refuse(struct client *k, uint32_t code, const char *why)
{
    client_answer(k, code, why, NULL);
}

static bool
in_group(uid_t uid, gid_t gid, const char *name)
{
    struct group *g = name != NULL ? getgrnam(name) : NULL;
    struct passwd *p;
    gid_t groups[256];
    int n = countof(groups);
    if (g == NULL)
        return false;
    gid_t wanted = g->gr_gid;
    if (gid == wanted)
        return true;
    p = getpwuid(uid);
    if (p == NULL || getgrouplist(p->pw_name, gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++)
        if (groups[i] == wanted)
            return true;
    return false;
}

static bool
may_ask(const struct loop *l, const struct ucred *who, enum verb_right right)
{
    return who->uid == 0 || who->uid == geteuid() || in_group(who->uid, who->gid, l->conf->control_group_write) ||
           (right == VERB_READS && in_group(who->uid, who->gid, l->conf->control_group_read));
}

/* ---- what changes something */

/* From here on it is answered, however late; nothing more is heard from it. */
static void
client_waits(struct client *k)
{
    k->io = sd_event_source_disable_unref(k->io);
    k->late = sd_event_source_disable_unref(k->late);
}

static void
daemon_act(struct client *k, const Td__Request *request, const char *login)
{
    struct arena *a = arena_new(0);
    const char *answer;
    bool later;
    client_waits(k);
    unsigned code = control_act(k->loop, request, login, k, a, &later, &answer);
    if (!later)
        client_answer(k, code, code != 0 ? answer : NULL, answer);
    arena_free(&a);
}

static void
operator_start(struct client *k, const Td__Request *request)
{
    const struct passwd *p = getpwuid(k->who.uid);
    char unnamed[32], error[256];
    snprintf(unnamed, sizeof unnamed, "uid %u", (unsigned)k->who.uid);
    if (control_acts_own(request->verb)) {
        daemon_act(k, request, p != NULL ? p->pw_name : unnamed);
        return;
    }
    struct engine_event *ev = operator_event(request, p != NULL ? p->pw_name : unnamed, error);
    if (ev == NULL) {
        client_refuse(k, EX_USAGE, error);
        return;
    }
    client_waits(k);
    ev->owner = k;
    engine_submit(k->loop->engine, ev);
    loop_wake(k->loop);
}

void
control_done(struct loop *l, struct engine_event *ev)
{
    if (ev->ok && ev->kind == ENGINE_SECRET && !l->ending)
        control_act_done(l, ev);
    if (!ev->ok)
        client_refuse(ev->owner, EX_TEMPFAIL, ev->why != NULL ? ev->why : "it could not be recorded; try again");
    else
        client_answer(ev->owner, ev->exit_code, ev->exit_code != 0 ? ev->answer : NULL, ev->answer);
}

static void
reader_start(struct client *k, struct arena *a, struct frame *f)
{
    struct child *c = child_add(k->loop, &role_reader, "reader", 0);
    struct reading *r = mem_alloc(sizeof *r);
    r->fds[r->n_fds++] = k->fd;
    for (int fd; r->n_fds <= ASKER_FDS_MAX && (fd = frame_take(f, r->n_fds - 1)) >= 0;)
        r->fds[r->n_fds++] = fd;
    r->arena = a;
    r->request = f->body->request;
    k->fd = -1;
    c->once = true;
    c->side = r;
    c->side_free = reading_free;
    client_close(k);
    child_start(c);
}

static int
on_request(sd_event_source *s, int fd, uint32_t revents, void *u)
{
    (void)s;
    (void)revents;
    struct client *k = u;
    struct arena *a = arena_new(1u << 20);
    struct frame f;
    enum frame_rc rc = frame_receive(fd, a, &f);
    if (rc == FRAME_AGAIN) {
        arena_free(&a);
        return 0;
    }
    if (rc != FRAME_OK || f.body->body_case != TD__FRAME__BODY_REQUEST) {
        client_close(k);
    } else {
        Td__Request *r = f.body->request;
        const struct verb *v = verb_find(r->verb);
        if (v == NULL || v->place == VERB_HERE) {
            client_refuse(k, EX_USAGE, "ticketd does not know this verb; is ticketctl of another version?");
        } else if (!may_ask(k->loop, &k->who, v->right)) {
            client_refuse(k, EX_NOPERM, "you may look, but not change anything: that takes root or the group control-group-write");
        } else if (v->place == VERB_CORE && control_writes(r->verb)) {
            control_write(k->loop, k->fd, r);
            k->fd = -1;
            client_close(k);
        } else if (v->place == VERB_CORE) {
            operator_start(k, r);
        } else {
            reader_start(k, a, &f);
            a = NULL;
        }
    }
    if (rc == FRAME_OK)
        frame_close(&f);
    arena_free(&a);
    return 0;
}

static int
on_late(sd_event_source *s, uint64_t usec, void *u)
{
    (void)s;
    (void)usec;
    client_close(u);
    return 0;
}

static int
on_connect(sd_event_source *s, int fd, uint32_t revents, void *u)
{
    (void)s;
    (void)revents;
    struct loop *l = u;
    int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (conn < 0)
        return 0;
    unsigned busy = l->control->clients;
    for (const struct child *c = l->children; c != NULL; c = c->next)
        busy += c->once;
    struct client *k = mem_alloc(sizeof *k);
    k->loop = l;
    k->fd = conn;
    l->control->clients++;
    socklen_t len = sizeof k->who;
    if (getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &k->who, &len) != 0)
        client_close(k);
    else if (!may_ask(l, &k->who, VERB_READS))          /* now, before a place is taken */
        client_refuse(k, EX_NOPERM, "you are neither root nor in a group that may ask (control-group-read)");
    else if (busy >= CLIENTS_MAX)
        client_refuse(k, EX_TEMPFAIL, "too many ask at once; try again");
    else if (sd_event_add_io(l->event, &k->io, conn, EPOLLIN, on_request, k) < 0 ||
        sd_event_add_time_relative(l->event, &k->late, CLOCK_MONOTONIC, CLIENT_MS * 1000ull, 0, on_late, k) < 0)
        client_close(k);
    return 0;
}

int
control_open(struct loop *l, char error[256])
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    struct control *c = mem_alloc(sizeof *c);
    const char *path = l->conf->control;
    char *slash, *dir = mem_strdup(path);
    l->control = c;
    c->fd = -1;
    c->path = mem_strdup(path);
    if ((slash = strrchr(dir, '/')) != NULL && slash != dir) {
        *slash = '\0';
        (void)dir_make(dir, 0755);
    }
    free(dir);
    if (strlen(path) >= sizeof sa.sun_path) {
        snprintf(error, 256, "the path of the control socket is too long: %.200s", path);
        return ENAMETOOLONG;
    }
    memcpy(sa.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&sa, sizeof sa) != 0 || chmod(path, 0666) != 0 || listen(c->fd, 16) != 0 ||
        sd_event_add_io(l->event, &c->io, c->fd, EPOLLIN, on_connect, l) < 0 ||
        sd_event_source_set_ratelimit(c->io, 1000000, CONNECTS_MAX) < 0) {
        snprintf(error, 256, "the control socket %.150s: %s", path, strerror(errno));
        return errno != 0 ? errno : EIO;
    }
    return 0;
}

void
control_close(struct loop *l)
{
    struct control *c = l->control;
    if (c == NULL)
        return;
    c->io = sd_event_source_disable_unref(c->io);
    if (c->fd >= 0) {
        close(c->fd);
        (void)unlink(c->path);
    }
    free(c->path);
    free(c);
    l->control = NULL;
}
