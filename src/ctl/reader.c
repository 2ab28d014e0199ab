/* SPDX-License-Identifier: ISC
 *
 * The reader: takes a request from its maker, reads the configuration that the maker names, opens the store read-only, answers the
 * asker on the descriptor that came along. The question is a stranger's as far as its words go; the state directory and the key are the maker's.
 */
#include "ticketd/ctl.h"
#include "ticketd/role.h"
#include "ticketd/verb.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define READER_ARENA (8u << 20)
#define PROGRESS_MS 200
#define FDS_MAX 4                        /* descriptors of the asker, beside the one that takes the answer */

static void
answer(int fd, uint32_t code, const struct buf *json, const struct buf *error)
{
    Td__Reply r = TD__REPLY__INIT;
    Td__Frame f = TD__FRAME__INIT;
    int mem = code == 0 ? memfd_of("reply", json->data != NULL ? json->data : "", json->len) : -1;
    r.exit_code = code == 0 && mem < 0 ? EX_OSERR : code;
    r.error = error->len > 0 ? error->data : NULL;
    f.body_case = TD__FRAME__BODY_REPLY;
    f.reply = &r;
    (void)frame_send(fd, &f, &mem, mem >= 0 ? 1 : 0);
}

void
ctl_progress(const void *source, const char *step, uint64_t done, uint64_t of)
{
    const struct ctl_source *s = source;
    static int64_t told_ms;
    struct timespec ts;
    char text[128];
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t now_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    if (now_ms - told_ms < PROGRESS_MS)
        return;
    told_ms = now_ms;
    snprintf(text, sizeof text, "%s %llu of %llu", step, (unsigned long long)done, (unsigned long long)of);
    Td__Reply r = TD__REPLY__INIT;
    Td__Frame f = TD__FRAME__INIT;
    r.progress = text;
    f.body_case = TD__FRAME__BODY_REPLY;
    f.reply = &r;
    (void)frame_send(s->asker, &f, NULL, 0);
}

static const struct ctl_verb *
reader_verb(const char *name)
{
    for (size_t i = 0; i < ctl_verbs_n; i++)
        if (strcmp(ctl_verbs[i].name, name) == 0)
            return &ctl_verbs[i];
    return NULL;
}

static void
no_random(void *u, void *out, size_t len)
{
    (void)u;
    randombytes_buf(out, len);
}

static uint32_t
serve(struct ctl_source *source, const Td__Request *r, struct buf *json, struct buf *error)
{
    const struct ctl_verb *v = reader_verb(r->verb);
    const struct verb *row = verb_find(r->verb);
    struct store_options o = { .directory = r->state_directory, .read_only = true, .random = no_random };
    struct store *s;
    char why[256];
    if (v == NULL || row == NULL) {
        buf_printf(error, "there is no verb \"%s\"", r->verb);
        return EX_USAGE;
    }
    if (r->state_directory == NULL || !r->has_master_key || r->master_key.len != sizeof o.master_key) {
        buf_puts(error, "no store was named");
        return EX_USAGE;
    }
    if (row->needs_desk && source->desk == NULL) {
        buf_puts(error, r->config_file != NULL ? "the configuration has mistakes: see ticketd -n" : "name the configuration with --config FILE");
        return EX_CONFIG;
    }
    memcpy(o.master_key, r->master_key.data, sizeof o.master_key);
    enum store_rc rc = store_open(&o, &s, why);
    sodium_memzero(o.master_key, sizeof o.master_key);
    if (rc != STORE_OK) {
        buf_printf(error, "%s", why);
        return rc == STORE_NOTFOUND ? EX_NOINPUT : EX_UNAVAILABLE;
    }
    source->store = s;
    uint32_t code = v->read(source, r, json, error);
    store_close(&s);
    return code;
}

/* Before the sandbox: it opens the configuration, its calendars and its templates. Mistakes are nobody's concern here. */
static struct ctl_source
source_read(const Td__Request *r)
{
    static const uint8_t no_key[DESK_KEY_BYTES];        /* no number is made or checked here */
    struct ctl_source s = { .now = time(NULL) };
    struct buf errors = { 0 };
    struct conf *conf = r->config_file != NULL ? conf_load(r->config_file, false, &errors) : NULL;
    s.conf = conf;
    s.desk = conf != NULL ? desk_new(conf, no_key, &errors) : NULL;
    buf_free(&errors);
    return s;
}

_Noreturn void
reader_run(void)
{
    struct arena *a = arena_new(READER_ARENA);
    struct frame f;
    struct buf json = { 0 }, error = { 0 };
    frame_receive_or_exit(a, &f);
    int fd = frame_take(&f, 0), more[FDS_MAX];
    size_t n_more = 0;
    while (n_more < FDS_MAX && (more[n_more] = frame_take(&f, 1 + n_more)) >= 0)
        n_more++;
    frame_close(&f);
    if (f.body->body_case != TD__FRAME__BODY_REQUEST || fd < 0 || sodium_init() < 0)
        exit(EX_PROTOCOL);
    Td__Request *r = f.body->request;
    struct ctl_source source = source_read(r);
    source.asker = fd;
    source.fds = more;
    source.n_fds = n_more;
    role_sandbox_enter(SANDBOX_STORE, r->state_directory);
    uint32_t code = serve(&source, r, &json, &error);
    answer(fd, code, &json, &error);
    if (r->has_master_key)
        sodium_memzero(r->master_key.data, r->master_key.len);
    exit(0);
}
