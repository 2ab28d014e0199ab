/* SPDX-License-Identifier: ISC
 *
 * What a customer writes goes to those who look after the case: the assignee, or the line as long as nobody has it, and who
 * watches. Never to who wrote it. Answering the letter answers the customer.
 */
#include <string.h>

#include "act_room.h"
#include "parts.h"
#include "staff.h"

#define WORDS_MAX 30000
#define QUOTED_MAX 8000

static const char *
who_joined(struct turn *t, const char *who, const struct conf_strings *more)
{
    for (size_t i = 0; i < more->n; i++)
        who = arena_printf(t->a, "%s%s%s", who, who[0] ? " " : "", more->v[i]);
    return who;
}

/* The people whom the desk's setting names; a line without people is everybody's. */
static const char *
readers(struct turn *t, const Td__Case *before, const Td__Case *c)
{
    const struct conf_queue *queue = conf_queue_find(t->conf, c->queue);
    struct conf_strings watchers = watchers_of(t, c);
    const char *who = "";
    bool assignee = c->assignee != NULL && strcmp(t->conf->notify, "queue") != 0;
    if (strcmp(t->conf->notify, "none") == 0)
        return who_joined(t, "", &watchers);
    if (assignee && before != NULL && before->assignee != NULL && !addr_equal(before->assignee, c->assignee))
        who = arena_printf(t->a, "assignee %s", before->assignee);     /* it has moved on because of this mail */
    else if (assignee)
        who = "assignee";
    else if (queue != NULL && queue->staff.n > 0)
        who = "queue";
    else
        who = who_joined(t, "", &t->conf->staff);
    return who_joined(t, who, &watchers);
}

static const char *
proof_key(const struct turn *t)
{
    return t->proof == PROOF_AUTH ? "proof-auth" : t->proof == PROOF_TOKEN ? "proof-token" : "proof-none";
}

/* What is the same for all who are told. */
struct notice {
    Td__Letter with;                    /* its parts */
    const char *words, *html, *quoted;
};

/* What stood below the new words, line by line behind "> "; signed addresses in it are somebody else's. */
static const char *
quoted_of(struct turn *t, const char *words)
{
    const char *s = t->m->text ? t->m->text : "";
    size_t len = strlen(words);
    struct buf out = { 0 };
    s += strspn(s, " \t\r\n");
    words += strspn(words, " \t\r\n");
    len = strlen(words);
    while (len > 0 && strchr(" \t\r\n", words[len - 1]) != NULL)
        len--;
    if (len == 0 || strncmp(s, words, len) != 0)
        return NULL;                    /* it stands between them, and is shown there */
    s += len + strspn(s + len, " \t\r\n");
    s = words_inside_out(t, arena_strndup(t->a, s, utf8_clip(s, QUOTED_MAX)));
    buf_puts(&out, "");
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");
        buf_puts(&out, n > 0 && *s == '>' ? ">" : "> ");
        buf_add(&out, s, n);
        buf_putc(&out, '\n');
        s += n + (s[n] == '\n');
    }
    const char *quoted = out.len > 0 ? arena_strndup(t->a, out.data, out.len) : NULL;
    buf_free(&out);
    return quoted;
}

static void
notice_make(struct turn *t, struct notice *n)
{
    const Td__Message *m = t->m;
    const char *text = m->forwarded != NULL && m->text ? m->text : m->reply_text && m->reply_text[0] ? m->reply_text : m->text, *mark = mark_of(t);
    struct parts p = { .mail = t->e->mail_id, .v = m->attachments, .n = m->n_attachments, .html = m->html };
    td__letter__init(&n->with);
    if (mark == NULL || strcmp(mark, "virus") != 0)
        parts_for_staff(t, &n->with, &p, t->conf->notice_attachments);
    n->words = text ? arena_strndup(t->a, text, utf8_clip(text, WORDS_MAX)) : NULL;
    n->quoted = n->words && text == m->reply_text ? quoted_of(t, n->words) : NULL;
    n->html = n->words ? parts_html(t, &n->with, &p, n->words) : NULL;
}

static void
notice_say(struct turn *t, const struct reader *r, const Td__Case *c, const void *u, struct template_fields *f)
{
    if (t->from == NULL || !case_has(t, c, t->requester->addr))
        f->v[FIELD_WHAT] = say_words(t, r, "not-on-case", NULL, NULL, NULL);
    const char *mark = mark_of(t);
    if (mark != NULL)
        template_list_add(t->a, f, FIELD_CAUGHT, say_words(t, r, strcmp(mark, "virus") == 0 ? "marked-virus" : "marked-spam", NULL, NULL, NULL));
    const Td__Message *m = t->m;
    const struct notice *n = u;
    f->v[FIELD_WHO] = t->requester->name ? arena_printf(t->a, "%s <%s>", t->requester->name, t->requester->addr) : t->requester->addr;
    f->v[FIELD_BY] = t->requester->name ? t->requester->name : t->requester->addr;
    f->v[FIELD_PROOF] = say_words(t, r, proof_key(t), NULL, NULL, NULL);
    f->v[FIELD_WORDS] = n->words;
    f->v[FIELD_QUOTED] = n->quoted;
    f->html = n->html;
    f->html_of = FIELD_WORDS;
    for (size_t i = 0; i < m->n_attachments && i < 50; i++) {
        const Td__Attachment *a = m->attachments[i];
        const char *fetch = arena_printf(t->a, "#show %llu", (unsigned long long)t->e->mail_id);
        template_list_add(t->a, f, FIELD_ATTACHMENTS, parts_has(&n->with, a) || (mark != NULL && strcmp(mark, "virus") == 0) ? part_words(t, a) : say_words(t, r, "part-left", part_words(t, a), fetch, NULL));
    }
}

void
notice_customer(struct turn *t, struct desk_case_change *ch)
{
    notice_of(t, ch, t->m->from != NULL ? t->m->from->addr : t->requester->addr);      /* staff, when it was forwarded */
}

void
notice_of(struct turn *t, struct desk_case_change *ch, const char *by)
{
    const Td__Case *c = ch->after;
    if (t->conf->staff.n == 0 || c->marked != NULL || (c->has_spam && c->spam) || (c->has_refused && c->refused))
        return;
    const char *who = readers(t, ch->before, c);
    if (who[0] == '\0')
        return;
    struct act act = { t, ch, by, "what the customer wrote", t->e->origin->arrived_at };
    uint64_t first = t->f->next_letter + t->out->letters_used;
    struct notice n = { .words = NULL };
    notice_make(t, &n);
    size_t letters_before = t->out->n_letters;
    const char *told = tell_staff_each(&act, TD__LETTER__KIND__NOTICE, who, notice_say, &n);
    if (told[0] == '\0')
        return;
    for (size_t i = letters_before; i < t->out->n_letters; i++)
        parts_take(t->out->letters[i], &n.with);
    ch->after->has_noticed = true;
    ch->after->noticed = first;
    Td__Entry *e = turn_entry(t, ch, TD__ENTRY__WHAT__LETTER, NULL, arena_printf(t->a, "notice to %s", told));
    e->detail = arena_strdup(t->a, schema_letter_kind_name(TD__LETTER__KIND__NOTICE));
}

/* ---- reminders that staff set themselves: the due's detail is the address, a blank, the words */

/* A date, or a span of the desk's time. 0: neither, or over already. *rest: what follows. */
static int64_t
moment_read(struct turn *t, const char *s, const char **rest)
{
    size_t n = strcspn(s, " ");
    const char *word = arena_strndup(t->a, s, n), *wrong;
    struct duration d;
    int64_t at = 0;
    *rest = s + n + strspn(s + n, " ");
    if (n > 1 && word[n - 1] == 'd' && word[n - 2] >= '0' && word[n - 2] <= '9')
        word = arena_printf(t->a, "%.*swd", (int)n - 1, word);
    if (duration_parse(word, &d, &wrong))
        at = calendar_add(t->line->calendar, t->now, d);
    else if (n == 10 && time_parse(arena_printf(t->a, "%sT00:00:00Z", word), &at))
        at = calendar_next_open(t->line->calendar, zone_to_utc(t->line->zone, at));
    return at > t->now ? at : 0;
}

void
command_remind(struct command_run *r, const char *args)
{
    struct turn *t = r->t;
    const char *rest;
    int64_t at = moment_read(t, command_fold(t->a, args), &rest);
    struct reader reader = reader_staff(t, r->mail->from);
    if (at == 0) {
        run_wrong(r, args[0] ? WRONG_DATE : WRONG_NEEDS, args[0] ? args : "remind", "DATE|3d|4h");
        return;
    }
    due_set(t, r->act.ch->after, "staff", at, arena_printf(t->a, "%s %.*s", r->mail->from, (int)utf8_clip(rest, 500), rest));
    run_done(r, SAID_REMIND, date_words(t, &reader, at), NULL);
}

void
due_staff(struct turn *t, struct desk_case_change *ch, const char *detail)
{
    size_t n = detail ? strcspn(detail, " ") : 0;
    const char *who = detail ? arena_strndup(t->a, detail, n) : "", *words = detail && detail[n] ? detail + n + 1 : "";
    if (ch->after->state == TD__STATE__CLOSED || !is_staff(t->conf, who))
        return;
    struct act act = { t, ch, "timer", "asked for with #remind", t->now };
    struct template_fields f = { .v = { [FIELD_WORDS] = words[0] ? words : NULL } };
    turn_entry(t, ch, TD__ENTRY__WHAT__REMINDED, "timer", act.why)->detail = arena_strdup(t->a, who);
    tell_staff(&act, TD__LETTER__KIND__NOTICE, who, &f);
}
