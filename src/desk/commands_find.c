/* SPDX-License-Identifier: ISC
 *
 * Commands that ask: what comes next, and what commands there are.
 */
#include "command.h"

#include <string.h>

void
command_for(struct command_run *r, const char *args)
{
    (void)args;
    if (!r->mail->opened && (r->act.ch == NULL || r->act.ch->before != NULL))
        run_wrong(r, WRONG_NOT_NEW, "for", NULL);
}

/* ---- the case to take */

static bool
works_in(const struct conf_desk *conf, const char *queue, const char *person)
{
    const struct conf_queue *q = conf_queue_find(conf, queue);
    for (size_t i = 0; q != NULL && i < q->staff.n; i++)
        if (addr_equal(q->staff.v[i], person))
            return true;
    return q == NULL || q->staff.n == 0;
}

/* Not begun, and nobody else's; then what this person has begun. */
static bool
is_for(const struct command_run *r, const Td__Case *c, const char *queue, bool begun)
{
    bool mine = c->assignee != NULL && addr_equal(c->assignee, r->mail->from);
    bool started = c->begun_by != NULL && addr_equal(c->begun_by, r->mail->from);
    if (c->marked != NULL || c->state == TD__STATE__WAITING || c->state == TD__STATE__RESOLVED || c->state == TD__STATE__CLOSED)
        return false;
    if (queue != NULL ? strcmp(c->queue, queue) != 0 : !mine && !works_in(r->t->conf, c->queue, r->mail->from))
        return false;
    if (c->assignee != NULL && !mine)
        return false;
    return begun ? mine : !(mine && started);
}

static const Td__Case *
next_of(const struct command_run *r, const char *queue)
{
    const struct desk_facts *f = r->t->f;
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < f->needs->n; i++)
            for (size_t k = 0; f->needs->v[i].why == need_next && k < f->v[i].n_cases; k++)
                if (is_for(r, f->v[i].cases[k], queue, pass == 1))
                    return f->v[i].cases[k];
    return NULL;
}

void
command_next(struct command_run *r, const char *args)
{
    const struct conf_desk *conf = r->t->conf;
    const char *queue = NULL;
    for (size_t i = 0; i < conf->n_queues && args[0] != '\0'; i++)
        if (str_eq_nocase(conf->queues[i].name, args) || str_eq_nocase(conf->queues[i].label, args))
            queue = conf->queues[i].name;
    if (args[0] != '\0' && queue == NULL) {
        run_wrong(r, WRONG_QUEUE, args, "#next");
        return;
    }
    const Td__Case *c = next_of(r, queue);
    if (c == NULL) {
        run_done(r, SAID_NOTHING_NEXT, NULL, NULL);
        return;
    }
    const struct conf_priority *p = conf_priority_find(conf, c->priority);
    const char *subject = mail_bare_subject(c->subject, r->t->a);
    run_done(r, SAID_NEXT, arena_printf(r->t->a, "%s, %s, %s: %.*s", c->number, p && p->label ? p->label : c->priority,
                                        c->requester->name ? c->requester->name : c->requester->addr, (int)utf8_clip(subject, 200), subject), NULL);
    r->about = c;
}

/* ---- cases by person, number or address */

static const char *
case_line(struct command_run *r, const Td__Case *c)
{
    struct reader reader = reader_staff(r->t, r->mail->from);
    const char *subject = mail_bare_subject(c->subject, r->t->a);
    return arena_printf(r->t->a, "%s, %s, %s, %s: %.*s", c->number, c->priority, state_words(r->t, &reader, c->state),
                        c->requester->name ? c->requester->name : c->requester->addr, (int)utf8_clip(subject, 200), subject);
}

static void
result_add(struct command_run *r, const char *line)
{
    r->result = arena_printf(r->t->a, "%s%s%s", r->result ? r->result : "", r->result ? "\n" : "", line);
}

void
command_mine(struct command_run *r, const char *args)
{
    const struct desk_facts *f = r->t->f;
    size_t n = 0;
    (void)args;
    for (size_t i = 0; i < f->needs->n; i++)
        for (size_t k = 0; f->needs->v[i].why == need_mine && k < f->v[i].n_cases; k++, n++)
            result_add(r, case_line(r, f->v[i].cases[k]));
    run_done(r, n > 0 ? SAID_FOUND : SAID_FOUND_NONE, arena_printf(r->t->a, "%zu", n), NULL);
}

void
command_search(struct command_run *r, const char *args)
{
    const struct desk_facts *f = r->t->f;
    size_t n = 0;
    if (args[0] == '\0') {
        run_wrong(r, WRONG_NEEDS, "search", "NUMBER|ADDRESS");
        return;
    }
    for (size_t i = 0; i < f->needs->n; i++) {
        if (f->needs->v[i].why != need_command)
            continue;
        const Td__Case *one = f->needs->v[i].kind == DESK_NEED_CASE ? turn_case(r->t, f->needs->v[i].id) : NULL;
        if (one != NULL) {
            n++;
            result_add(r, case_line(r, one));
            r->about = n == 1 ? one : NULL;
        }
        for (size_t k = 0; k < f->v[i].n_cases; k++) {
            n++;
            result_add(r, case_line(r, f->v[i].cases[k]));
            r->about = n == 1 ? f->v[i].cases[k] : NULL;
        }
    }
    run_done(r, n > 0 ? SAID_FOUND : SAID_FOUND_NONE, arena_printf(r->t->a, "%zu", n), NULL);
}

/* ---- the journal */

#define SHOWN_MAX 60000                 /* bytes of one answer */

static const char *
what_words(struct turn *t, const struct reader *r, const Td__Entry *e)
{
    char *key = arena_printf(t->a, "entry.%s", schema_entry_name(e->what));
    for (char *p = key; (p = strchr(p, '_')) != NULL;)
        *p = '-';
    const char *words = words_get(r->words, key);
    return words ? words : schema_entry_name(e->what);
}

/* What happened is in the reader's words; why it did stands in the journal in English, as in `ticketctl show`. */
static void
journal(struct command_run *r, bool words)
{
    const struct desk_facts *f = r->t->f;
    struct reader reader = reader_staff(r->t, r->mail->from);
    const Td__Case *c = r->act.ch->after;
    struct buf b = { 0 };
    buf_puts(&b, "");
    for (size_t i = 0; i < f->needs->n; i++)
        for (size_t k = 0; f->needs->v[i].kind == DESK_NEED_ENTRIES && f->needs->v[i].id == c->id && k < f->v[i].n_entries && b.len < SHOWN_MAX; k++) {
            const Td__Entry *e = f->v[i].entries[k];
            bool said = e->text != NULL && e->text[0] != '\0';
            if (words && !said)
                continue;
            buf_printf(&b, "%s%s, %s%s%s%s%s\n", b.len ? "\n" : "", date_words(r->t, &reader, e->at), what_words(r->t, &reader, e), e->by ? ", " : "", e->by ? e->by : "",
                       !words && e->why ? ": " : "", !words && e->why ? e->why : "");
            for (size_t n = 0; words && n < e->n_attachments; n++)
                buf_printf(&b, "    [%s]%s\n", part_words(r->t, e->attachments[n]),
                           e->has_mail && n == 0 ? arena_printf(r->t->a, "  #show %llu", (unsigned long long)e->mail) : "");
            if (words)
                buf_printf(&b, "%.*s\n", (int)utf8_clip(e->text, 8000), e->text);
        }
    if (b.len == 0)
        run_wrong(r, WRONG_NO_CASE, words ? "show" : "history", NULL);
    else
        result_add(r, arena_strndup(r->t->a, b.data, b.len));
    buf_free(&b);
}

/* Any mail of the case, by its number. */
static const Td__Entry *
mail_find(const struct command_run *r, uint64_t mail)
{
    const struct desk_facts *f = r->t->f;
    for (size_t i = 0; i < f->needs->n; i++)
        for (size_t k = 0; f->needs->v[i].kind == DESK_NEED_ENTRIES && f->needs->v[i].id == r->act.ch->after->id && k < f->v[i].n_entries; k++) {
            const Td__Entry *e = f->v[i].entries[k];
            if (e->has_mail && e->mail == mail && (e->text != NULL || e->n_attachments > 0))
                return e;
        }
    return NULL;
}

/* 0: it is no number of a mail. */
static uint64_t
mail_number(const char *s)
{
    uint64_t n = 0;
    for (; *s >= '0' && *s <= '9' && n < UINT64_MAX / 100; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return *s == '\0' ? n : 0;
}

static void
show_mail(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    uint64_t mail = mail_number(args);
    const Td__Entry *e = mail > 0 ? mail_find(r, mail) : NULL;
    if (e == NULL) {
        run_wrong(r, WRONG_NO_MAIL, args, NULL);
        return;
    }
    struct reader reader = reader_staff(t, r->mail->from);
    Td__Letter with = TD__LETTER__INIT;
    r->show = arena_alloc(t->a, sizeof *r->show);
    *r->show = (struct parts){ .mail = mail, .v = e->attachments, .n = e->n_attachments };
    parts_for_staff(t, &with, r->show, UINT64_MAX);
    result_add(r, arena_printf(t->a, "%s, %s", date_words(t, &reader, e->at), e->by ? e->by : schema_entry_name(e->what)));
    for (size_t i = 0; i < e->n_attachments; i++) {
        const char *words = part_words(t, e->attachments[i]);
        result_add(r, arena_printf(t->a, "    [%s]", parts_has(&with, e->attachments[i]) ? words : say_words(t, &reader, "part-too-large", words, NULL, NULL)));
    }
    if (e->text != NULL && e->text[0] != '\0')
        result_add(r, arena_printf(t->a, "\n%s", e->text));
}

void
show_parts(struct command_run *r, Td__Letter *l)
{
    parts_for_staff(r->t, l, r->show, UINT64_MAX);
}

void
command_show(struct command_run *r, const char *args)
{
    if (args[0] != '\0')
        show_mail(r, args[0] == '#' ? args + 1 : args);
    else
        journal(r, true);
}

void
command_history(struct command_run *r, const char *args)
{
    (void)args;
    journal(r, false);
}

/* ---- help */

void
command_help(struct command_run *r, const char *args)
{
    struct buf b = { 0 };
    const struct command_row *only = args[0] != '\0' ? command_find(args[0] == '#' ? args + 1 : args, strlen(args[0] == '#' ? args + 1 : args)) : NULL;
    for (size_t i = 0; i < command_rows_n; i++) {
        const struct command_row *row = &command_rows[i];
        if (only == NULL || row == only)
            buf_printf(&b, "#%s%s%s\n    %s\n", row->word, row->arguments[0] ? " " : "", row->arguments, words_get(r->reader.words, row->help));
    }
    r->result = arena_strndup(r->t->a, b.data, b.len);
    buf_free(&b);
}
