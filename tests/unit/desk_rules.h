/* SPDX-License-Identifier: ISC
 *
 * For the tests of rules and assignment: a desk from the text of its sections, and a mail that comes to it, matched against the
 * patterns as the worker does it.
 */
#ifndef TESTS_UNIT_DESK_RULES_H
#define TESTS_UNIT_DESK_RULES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/desk/desk_room.h"

static const uint8_t key[DESK_KEY_BYTES] = { 7 };

struct world {
    struct conf *conf;
    struct desk *desk;
    struct mail_patterns *patterns;
    struct arena *a;
};

struct mail {                           /* what a test says about a mail; the rest is ordinary */
    const char *from, *subject, *text, *to, *recipient, *language, *attachment, *type, *at;
    uint64_t open[8], last[8];          /* of staff, in the order of the desk's list */
};

/* `sections` stand inside desk "support", whose queue is first and whose calendar is office (London, 9 to 5). */
static struct world *
world_new(const char *sections)
{
    static const char head[] =
        "state-directory = \"state\"\n"
        "calendar \"office\" { zone = \"Europe/London\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
        "calendar \"always\" { zone = \"Europe/London\" open = { \"Mon-Sun 00:00-24:00\" } }\n"
        "calendar \"tokyo\" { zone = \"Asia/Tokyo\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
        "calendar \"coast\" { zone = \"America/Los_Angeles\" open = { \"Mon-Fri 09:00-17:00\" } }\n"
        "relay \"box\" { transport = \"maildir\" path = \"outbox\" }\n"
        "maildir \"in\" { path = \"inbox\" }\n"
        "desk \"other\" { address = { \"other@example.com\" } prefix = \"OTH\" relay = \"box\" calendar = \"office\" templates = \"%s\"\n"
        "  priority \"normal\" { default = true } rule \"elsewhere\" { text = { \"(a+)+$\", \"printer\" } tag = x } }\n"
        "desk \"support\" { address = { \"support@example.com\" } prefix = \"CAS\" relay = \"box\" calendar = \"office\" templates = \"%s\"\n"
        "  staff = { \"ann@example.com\", \"bob@example.com\", \"cyd@example.com\" }\n"
        "  priority \"urgent\" { } priority \"normal\" { default = true } priority \"low\" { }\n%s\n}\n";
    char path[] = "/tmp/ticketd-rules-XXXXXX", *templates = realpath("contrib/templates", NULL), message[256];
    struct world *w = mem_alloc(sizeof *w);
    struct buf errors = { 0 };
    uint32_t offset;
    int fd = mkstemp(path);

    assert_true(fd >= 0 && templates != NULL);
    dprintf(fd, head, templates, templates, sections);
    close(fd);
    w->conf = conf_load(path, false, &errors);
    unlink(path);
    free(templates);
    if (w->conf == NULL)
        fail_msg("%s", errors.data);
    w->desk = desk_new(w->conf, key, &errors);
    if (w->desk == NULL)
        fail_msg("%s", errors.data);
    w->patterns = mail_patterns_new(conf_pattern_count(w->conf));
    for (size_t i = 0; i < conf_pattern_count(w->conf); i++)
        if (!mail_patterns_add(w->patterns, i, conf_pattern_at(w->conf, i)->regex, conf_pattern_at(w->conf, i)->in, &offset, message))
            fail_msg("%s: %s", conf_pattern_at(w->conf, i)->regex, message);
    w->a = arena_new(0);
    buf_free(&errors);
    return w;
}

static void
world_free(struct world *w)
{
    mail_patterns_free(&w->patterns);
    desk_free(&w->desk);
    conf_free(&w->conf);
    arena_free(&w->a);
    free(w);
}

static int64_t
at(const char *s)
{
    char full[40];
    int64_t t;

    snprintf(full, sizeof full, "%.10sT%.5s:00Z", s, s + 11);
    assert_true(time_parse(full, &t));
    return t;
}

static Td__Message *
message_of(struct world *w, const struct mail *s)
{
    Td__Message *m = schema_new(w->a, &td__message__descriptor);

    m->from = schema_address(w->a, NULL, s->from ? s->from : "kim@customer.example");
    m->subject = arena_strdup(w->a, s->subject ? s->subject : "Hello");
    m->reply_text = m->text = arena_strdup(w->a, s->text ? s->text : "It does not work.");
    m->language = arena_strdup(w->a, s->language);
    arena_push(w->a, &m->to, &m->n_to, schema_address(w->a, NULL, s->to ? s->to : "support@example.com"));
    if (s->attachment != NULL || s->type != NULL) {
        Td__Attachment *f = schema_new(w->a, &td__attachment__descriptor);
        f->name = arena_strdup(w->a, s->attachment);
        f->type = arena_strdup(w->a, s->type ? s->type : "application/octet-stream");
        arena_push(w->a, &m->attachments, &m->n_attachments, f);
    }
    mail_patterns_match(w->patterns, m, w->a);
    return m;
}

/* A turn at which this mail has come, with the loads of staff among the facts. */
static struct turn *
turn_of(struct world *w, const struct mail *s)
{
    struct turn *t = arena_alloc(w->a, sizeof *t);
    struct desk_event *e = arena_alloc(w->a, sizeof *e);
    struct desk_facts *f = arena_alloc(w->a, sizeof *f);
    struct desk_needs *needs = arena_alloc(w->a, sizeof *needs);
    Td__Origin *o = schema_new(w->a, &td__origin__descriptor);
    const struct conf_desk *conf = conf_desk_find(w->conf, "support");

    o->arrived_at = at(s->at ? s->at : "2026-03-10 10:00");
    if (s->recipient != NULL)
        arena_push(w->a, &o->recipients, &o->n_recipients, arena_strdup(w->a, s->recipient));
    *e = (struct desk_event){ .kind = DESK_EVENT_MAIL, .desk = conf, .message = message_of(w, s), .origin = o };
    desk_needs(w->desk, e, o->arrived_at, w->a, needs);
    f->needs = needs;
    f->v = arena_alloc(w->a, (needs->n + 1) * sizeof *f->v);
    for (size_t i = 0; i < needs->n; i++)
        for (size_t k = 0; needs->v[i].kind == DESK_NEED_LOAD && k < conf->staff.n && k < countof(s->open); k++)
            if (strcmp(needs->v[i].word, conf->staff.v[k]) == 0) {
                f->v[i].count = s->open[k];
                f->v[i].count_day = s->last[k];
            }
    *t = (struct turn){ .d = w->desk, .line = desk_line(w->desk, "support"), .conf = conf, .e = e, .f = f, .now = o->arrived_at, .a = w->a,
                        .out = arena_alloc(w->a, sizeof (struct decision)), .m = e->message };
    turn_sender(t);
    return t;
}

#endif
