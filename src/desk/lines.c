/* SPDX-License-Identifier: ISC
 *
 * A mail of staff about many cases: each begins on a line of its own with its number, then commands and, below, words, as in a
 * mail about that case alone. All of it is done or nothing, and one letter says what. It is how a digest is answered, and any
 * other list of cases; an answer to one is about none of the cases that it quotes.
 */
#include <string.h>

#include "act_room.h"
#include "lines.h"
#include "staff.h"

/* ---- reading */

/* "CAS-00001-9LGW" at the beginning of a line, behind the mark of a list or brackets. How much of the folded line it takes; 0: none. */
static size_t
number_at(const char *s, const char *prefix, struct arena *a, const char **out)
{
    size_t from = strspn(s, " *-[(#"), at = from, len = strlen(prefix), digits, begin;
    if (!str_starts_nocase(s + at, prefix))
        return 0;
    at += len + strspn(s + at + len, " -");
    digits = strspn(s + at, "0123456789");
    begin = at;
    at += digits + strspn(s + at + digits, " -");
    size_t check = strspn(s + at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    if (digits < 5 || digits > 15 || check != 4)
        return 0;
    char *number = arena_printf(a, "%s-%.*s-%.*s", prefix, (int)digits, s + begin, (int)check, s + at);
    for (char *p = number; *p != '\0'; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    *out = number;
    return at + check;
}

/* Where in the line itself the number ends: folding changes lengths, the last four characters stand there all the same. */
static const char *
behind_number(const char *line, const char *number)
{
    const char *check = str_find_nocase(line, number + strlen(number) - 4);
    const char *p = check ? check + 4 : line;
    return p + strspn(p, " \t])}:.,;-");
}

void
lines_parse(const struct desk *d, const struct conf_desk *conf, const char *text, struct arena *a, struct lines *out)
{
    const char *begin = NULL, *p = text ? text : "";
    *out = (struct lines){ .v = arena_alloc(a, (LINES_MAX + 1) * sizeof *out->v), .before = "" };
    const char *first = p;
    while (*p != '\0') {
        size_t len = strcspn(p, "\n");
        const char *number, *line = arena_strndup(a, p, len < 400 ? len : 400);
        const char *next = p + len + (p[len] == '\n');
        if (number_at(command_fold(a, line), conf->prefix, a, &number) > 0) {
            if (out->n == 0)
                out->before = arena_strndup(a, first, (size_t)(p - first));
            else
                out->v[out->n - 1].text = arena_strndup(a, begin, (size_t)(p - begin));
            if (out->n == LINES_MAX) {
                out->too_many = true;
                return;
            }
            struct line_order *o = &out->v[out->n++];
            o->number = number;
            o->known = desk_number_check(d->key, conf->prefix, number, &o->id) == DESK_NUMBER_OK;
            begin = p + (behind_number(line, number) - line);
            o->text = arena_strdup(a, begin);
        }
        p = next;
    }
}

/* ---- evidence */

bool
lines_own_token(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++)
        if (t->f->needs->v[i].why == need_own_digest)
            return true;
    return false;
}

/* A letter of ours that is about no case: a digest, collected notices, what a command mail did. */
static bool
answers_list(const struct turn *t)
{
    for (size_t i = 0; i < t->f->needs->n; i++) {
        const Td__Letter *l = t->f->needs->v[i].why == need_answered ? t->f->v[i].letter : NULL;
        if (l != NULL && !l->has_case_id && l->n_to > 0 && addr_equal(l->to[0]->addr, t->from))
            return true;
    }
    return lines_own_token(t);
}

static bool
is_by_lines(const struct turn *t, const struct staff_mail *m, const struct lines *l)
{
    const struct conf_person *p = conf_person_find(t->conf, m->from);
    struct commands c;
    if (l->n == 0 || !closing_only(l->before, p && p->label ? p->label : m->name, m->from))
        return false;
    commands_parse(l->v[0].text, t->a, &c);
    return c.n > 0;
}

/* ---- doing */

/* What was done to one case stands behind its number. */
static void
told_of(struct command_run *all, const char *number, const char **v, size_t n, bool wrong)
{
    for (size_t i = 0; i < n; i++) {
        const char *line = arena_printf(all->t->a, "%s: %s", number, v[i]);
        if (wrong)
            arena_push(all->t->a, &all->wrong, &all->n_wrong, (void *)line);
        else
            arena_push(all->t->a, &all->done, &all->n_done, (void *)line);
    }
}

static void
line_do(struct command_run *all, const struct line_order *o, struct desk_case_change **first)
{
    struct turn *t = all->t;
    const Td__Case *c = o->known ? turn_case(t, o->id) : NULL;
    struct staff_mail *m = arena_alloc(t->a, sizeof *m);
    struct command_run r;
    struct commands cs;
    if (c == NULL) {
        run_wrong(all, WRONG_NUMBER, o->number, NULL);
        return;
    }
    *m = *all->mail;
    m->text = o->text;
    m->html = NULL;                     /* of the whole mail, as its attachments are: whose they are nobody knows */
    m->n_attachments = 0;
    commands_parse(o->text, t->a, &cs);
    if (cs.n == 0) {
        run_say(all, true, "line-empty", o->number, NULL, NULL);
        return;
    }
    struct desk_case_change *ch = turn_change(t, c);
    run_start(&r, t, ch, m, &cs);
    staff_do(&r, &cs);
    told_of(all, c->number, r.done, r.n_done, false);
    told_of(all, c->number, r.wrong, r.n_wrong, true);
    if (r.result != NULL)
        all->result = arena_printf(t->a, "%s%s%s\n%s", all->result ? all->result : "", all->result ? "\n\n" : "", c->number, r.result);
    if (*first == NULL)
        *first = ch;
}

/* The cases that changed before, as they were. */
struct before { struct decision out; Td__Case **after; size_t *entries; };

static struct before
keep(const struct turn *t)
{
    size_t n = t->out->n_cases;
    struct before b = { *t->out, arena_alloc(t->a, (n + 1) * sizeof *b.after), arena_alloc(t->a, (n + 1) * sizeof *b.entries) };
    for (size_t i = 0; i < n; i++) {
        b.after[i] = schema_copy(t->a, t->out->cases[i].after);
        b.entries[i] = t->out->cases[i].n_entries;
    }
    return b;
}

static void
put_back(struct turn *t, const struct before *b)
{
    *t->out = b->out;
    for (size_t i = 0; i < b->out.n_cases; i++) {
        t->out->cases[i].after = b->after[i];
        t->out->cases[i].n_entries = b->entries[i];
    }
}

struct desk_case_change *
lines_carry_out(struct turn *t, const struct staff_mail *m, const struct lines *l)
{
    const struct before was = keep(t);
    const struct commands none = { .words = "" };
    struct desk_case_change *first = NULL;
    struct command_run all;
    run_start(&all, t, NULL, m, &none);
    if (l->too_many)
        run_wrong(&all, WRONG_TOO_MANY, NULL, NULL);
    for (size_t i = 0; i < l->n; i++)
        line_do(&all, &l->v[i], &first);
    if (all.n_wrong > 0) {
        put_back(t, &was);
        run_wrong(&all, WRONG_NONE_DONE, NULL, NULL);
        all.n_done = 0;
        all.result = NULL;
        first = NULL;
    }
    staff_answer(&all, NULL);
    return first;
}

/* ---- the way in */

static struct desk_case_change *
asked(struct turn *t, const char *why)
{
    t->out->fate_why = arena_strdup(t->a, why);
    t->caseless = true;
    return NULL;
}

/* Not proven: it waits on the first of its cases for "did you send this". */
static struct desk_case_change *
hold(struct turn *t, const struct staff_mail *m, const struct lines *l)
{
    const Td__Case *c = NULL;
    for (size_t i = 0; i < l->n && c == NULL; i++)
        c = l->v[i].known ? turn_case(t, l->v[i].id) : NULL;
    if (c == NULL)
        return asked(t, "names no case of this desk, and is not proven");
    struct desk_case_change *ch = turn_change(t, c);
    size_t n = ch->after->n_helds;
    t->why = "line by line";
    staff_hold(t, ch, m, NULL);
    if (ch->after->n_helds == n)
        return ch;
    Td__Held *h = ch->after->helds[n];
    h->also = arena_alloc(t->a, (l->n + 1) * sizeof *h->also);
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i].known)
            h->also[h->n_also++] = l->v[i].id;
    return ch;
}

struct desk_case_change *
way_lines(struct turn *t, const struct staff_mail *m, const struct commands *c)
{
    struct lines l;
    bool list = answers_list(t);
    lines_parse(t->d, t->conf, m->text, t->a, &l);
    bool by_lines = is_by_lines(t, m, &l);
    if (!list && !by_lines)
        return NULL;
    if (!by_lines && c->n > 0) {
        t->found = NULL;                /* what it quotes is no evidence: #mine, #away and the like are about no case */
        return NULL;
    }
    bool authenticated = t->proof == PROOF_AUTH, token = lines_own_token(t);
    bool proven = t->conf->staff_both_proofs ? authenticated && token : authenticated || token;
    if (by_lines && !proven)
        return hold(t, m, &l);
    if (by_lines) {
        t->why = "line by line";
        struct desk_case_change *first = lines_carry_out(t, m, &l);
        return first ? first : asked(t, "line by line, refused: nothing was done");
    }
    struct command_run r;
    run_start(&r, t, NULL, m, c);
    run_say(&r, true, "list-answer", l.n > 0 ? l.v[0].number : arena_printf(t->a, "%s-00001-XXXX", t->conf->prefix), NULL, NULL);
    if (proven)
        staff_answer(&r, NULL);
    return asked(t, "an answer to a list of cases without a command");
}
