/* SPDX-License-Identifier: ISC
 *
 * The desk as a whole: what one configuration means, made once at start-up (the only place in this room where files are
 * read), and the door through which events come in. Immutable after desk_new().
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "template_inner.h"
#include "words.h"

#define LETTER_FILE_MAX (64u << 10)

const struct line *
desk_line(const struct desk *d, const char *name)
{
    for (size_t i = 0; i < d->conf->n_desks; i++)
        if (strcmp(d->conf->desks[i].name, name) == 0)
            return &d->lines[i];
    return NULL;
}

static const struct calendar *
calendar_named(const struct desk *d, const char *name)
{
    for (size_t i = 0; name != NULL && i < d->conf->n_calendars; i++)
        if (strcmp(d->conf->calendars[i].name, name) == 0)
            return d->calendars[i];
    return NULL;
}

const struct calendar *
desk_calendar(const struct desk *d, const struct line *line, const char *name)
{
    const struct calendar *c = calendar_named(d, name);
    return c ? c : line->calendar;
}

static void
say(struct buf *errors, struct conf_where w, const char *about, const char *what)
{
    buf_printf(errors, "%s:%d: \"%s\": %s\n", w.file ? w.file : "-", w.line, about ? about : "", what);
}

static void
clock_check(const struct desk *d, const struct conf_clock *k, struct buf *errors)
{
    struct duration unused;
    const char *wrong;
    if (!duration_parse(k->target, &unused, &wrong))
        say(errors, k->where, k->target, wrong);
    if (k->calendar != NULL && calendar_named(d, k->calendar) == NULL)
        say(errors, k->where, k->calendar, "no such calendar, the name of one expected");
    if (k->n_steps >= DESK_STEP_BREACH)
        say(errors, k->where, k->name, "too many escalation steps, at most 254 expected");
    for (size_t i = 0; i < k->n_steps; i++)
        if (!duration_parse(k->steps[i].after, &unused, &wrong))
            say(errors, k->where, k->steps[i].after, wrong);
}

/* Those that nothing is written in but a few words are understood. */
static const char *const answer_languages[ANSWER_LANGUAGES] = { "de", "no", "fi", "nl", "fr" };

/* LANG/letters/NAME.txt of the desk's own folder, else what the configuration says (once, for the first language; NULL for others). */
static struct template *
prepared_make(struct desk *d, const struct conf_desk *conf, const struct conf_letter *k, size_t language, struct buf *errors)
{
    char *path = path_join(conf->templates, arena_printf(d->arena, "%s/letters/%s.txt", conf->languages.v[language], k->name));
    struct buf text = { 0 };
    enum template_field taken;
    struct template *t = NULL;
    for (size_t i = 0; i < k->fields.n && language == 0; i++)
        if (template_field_find(k->fields.v[i], strlen(k->fields.v[i]), &taken))
            say(errors, k->where, k->fields.v[i], "a word that all letters have, another name for a field expected");
    if (conf->templates != NULL && file_read(path, LETTER_FILE_MAX, &text) == 0) {
        const char *numbered = letter_fields_numbered(d->arena, k, text.data ? text.data : "");
        t = template_parse(path, numbered, strlen(numbered), errors);
    } else if (language == 0) {
        t = template_make(k->where.file, k->where.line, letter_fields_numbered(d->arena, k, k->subject), letter_fields_numbered(d->arena, k, k->text), errors);
    }
    buf_free(&text);
    free(path);
    return t;
}

/* Words and templates of each language, the desk's own folder over the shipped one; and the prepared letters. */
static void
letters_make(struct desk *d, struct line *l, const struct conf_desk *conf, struct buf *errors)
{
    char *shipped = path_beside_self("share/ticketd/templates");
    l->templates = arena_alloc(d->arena, (conf->languages.n + 1) * sizeof *l->templates);
    l->words = arena_alloc(d->arena, (conf->languages.n + 1) * sizeof *l->words);
    l->letters = arena_alloc(d->arena, (conf->languages.n * conf->n_letters + 1) * sizeof *l->letters);
    for (size_t i = 0; i < conf->languages.n; i++) {
        l->templates[i] = template_set_read(conf->templates, shipped, conf->languages.v[i], i == 0, errors);
        l->words[i] = words_read(conf->templates, shipped, conf->languages.v[i], i == 0, errors);
    }
    for (size_t i = 0; i < conf->languages.n; i++)
        for (size_t k = 0; k < conf->n_letters; k++)
            l->letters[i * conf->n_letters + k] = prepared_make(d, conf, &conf->letters[k], i, errors);
    for (size_t i = 0; i < ANSWER_LANGUAGES; i++)
        l->answers[i] = words_read_answers(shipped, answer_languages[i], errors);
    free(shipped);
}

static void
line_make(struct desk *d, struct line *l, const struct conf_desk *conf, struct buf *errors)
{
    l->conf = conf;
    l->calendar = calendar_named(d, conf->calendar);
    if (l->calendar == NULL && errors->len == 0)
        say(errors, conf->where, conf->calendar, "no such calendar, the name of one expected");
    l->zone = l->calendar ? calendar_zone(l->calendar) : conf->zone;
    for (size_t i = 0; i < conf->n_priorities; i++)
        for (size_t k = 0; k < conf->priorities[i].n_clocks; k++)
            clock_check(d, &conf->priorities[i].clocks[k], errors);
    letters_make(d, l, conf, errors);
}

struct desk *
desk_new(const struct conf *conf, const uint8_t naming_key[DESK_KEY_BYTES], struct buf *errors)
{
    size_t before = errors->len;
    struct desk *d = mem_alloc(sizeof *d);
    d->conf = conf;
    d->arena = arena_new(0);
    memcpy(d->key, naming_key, DESK_KEY_BYTES);
    d->calendars = mem_alloc((conf->n_calendars + 1) * sizeof *d->calendars);
    d->lines = mem_alloc((conf->n_desks + 1) * sizeof *d->lines);
    for (size_t i = 0; i < conf->n_calendars; i++)
        d->calendars[i] = calendar_new(&conf->calendars[i], errors);
    for (size_t i = 0; i < conf->n_desks; i++)
        line_make(d, &d->lines[i], &conf->desks[i], errors);
    if (errors->len != before)
        desk_free(&d);
    return d;
}

static void
line_free(struct line *l)
{
    for (size_t i = 0; l->templates != NULL && i < l->conf->languages.n; i++) {
        template_set_free(&l->templates[i]);
        words_free(&l->words[i]);
    }
    for (size_t i = 0; i < ANSWER_LANGUAGES; i++)
        words_free(&l->answers[i]);
    for (size_t i = 0; l->letters != NULL && i < l->conf->languages.n * l->conf->n_letters; i++)
        template_free(&l->letters[i]);
}

void
desk_free(struct desk **dp)
{
    struct desk *d = *dp;
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->conf->n_calendars; i++)
        calendar_free(&d->calendars[i]);
    for (size_t i = 0; i < d->conf->n_desks; i++)
        line_free(&d->lines[i]);
    free(d->calendars);
    free(d->lines);
    arena_free(&d->arena);
    free(d);
    *dp = NULL;
}

/* How many cases a decision can be about: one mail may change all that its lines name. */
static size_t
cases_known(const struct desk_facts *f)
{
    size_t n = f->n_more;
    for (size_t i = 0; i < f->needs->n; i++)
        n += (f->v[i].kase != NULL) + f->v[i].n_cases;
    return n;
}

void
desk_decide(const struct desk *d, const struct desk_facts *f, const struct desk_event *e, int64_t now, const uint8_t seed[32],
            struct arena *a, struct decision *out)
{
    static void (*const decide[])(struct turn *) = {
        [DESK_EVENT_MAIL] = decide_mail,
        [DESK_EVENT_TIMER] = decide_timer,
        [DESK_EVENT_OUTCOME] = decide_outcome,
        [DESK_EVENT_ALARM] = decide_alarm,
        [DESK_EVENT_RELOAD] = decide_reload,
        [DESK_EVENT_OPERATOR] = decide_operator,
        [DESK_EVENT_PERSON] = decide_person,
    };
    struct turn t = { .d = d, .conf = e->desk, .e = e, .f = f, .now = now, .a = a, .out = out, .m = e->message };
    (void)seed;                 /* nothing here wants chance yet */
    t.line = desk_line(d, e->desk->name);
    must(t.line != NULL);
    *out = (struct decision){ .fate = TD__FATE__WHAT__TAKEN, .told = "action=none" };
    t.max_cases = TURN_CASES + cases_known(f);
    out->cases = arena_alloc(a, t.max_cases * sizeof *out->cases);
    out->counts = arena_alloc(a, TURN_COUNTS * sizeof *out->counts);
    decide[e->kind](&t);
    if (e->kind != DESK_EVENT_RELOAD)           /* one letter tells of all cases, see decide_reload.c */
        steps_notice(&t);
}
