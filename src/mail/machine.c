/* SPDX-License-Identifier: ISC
 *
 * Who made this mail, a person or a machine? Five independent answers (DESIGN 6), each with its reason, from the tables of
 * machinewords.c. When in doubt it was a person: a false "machine" loses a customer's answer, a false "person" costs one
 * acknowledgement, and the budgets stand behind that. X-Ticketd-* is never evidence.
 */
#include "machine.h"
#include "quote.h"

#include <string.h>

#define TEXT_MOST 4000u         /* answering machines are brief */
#define CALENDAR_MOST 1000000u

void
reading_why(struct reading *r, const char *fmt, ...)
{
    Td__Machine *m = r->m->machine;
    struct buf b = {0};
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    if (b.len > 200) {
        b.len = utf8_clip(b.data, 200);
        b.data[b.len] = 0;
    }
    for (size_t i = 0; i < m->n_why; i++)
        if (strcmp(m->why[i], b.data) == 0)
            b.len = 0;
    if (b.len > 0 && m->n_why < READ_MAX_WHY)
        arena_push(r->a, &m->why, &m->n_why, arena_strndup(r->a, b.data, b.len));
    buf_free(&b);
}

static void
apply(Td__Machine *m, unsigned means)
{
    if (means & NO_ANSWER)
        m->answerable = false;
    if (means & NO_REPLY)
        m->counts_as_reply = false;
    if (means & LIST)
        m->list = true;
}

/* ---- header fields */
/* The value's first word, without a comment or parameters. */
static bool
first_word_is(const char *v, const char *word)
{
    size_t n = strlen(word);

    return str_starts_nocase(v, word) && (v[n] == 0 || v[n] == ';' || v[n] == '(' || is_space((unsigned char)v[n]));
}

/* "owner-x@host", "x-bounces+to=h@host" in a field that holds one address. */
static bool
local_is(const char *v, const struct machine_row *row)
{
    const char *at = strrchr(v, '@'), *begin, *end, *open = strrchr(v, '<');
    size_t n = strlen(row->word);

    if (at == NULL)
        return false;
    begin = open != NULL && open < at ? open + 1 : v;
    end = memchr(begin, '+', (size_t)(at - begin));
    end = end == NULL ? at : end;
    if ((size_t)(end - begin) <= n)
        return false;
    return mem_eq_nocase(row->test == LOCAL_BEGINS ? begin : end - n, row->word, n);
}

static bool
has_word(const char *v, const char *word)
{
    char plain[400];
    size_t n = 0;
    bool blanks = strchr(word, ' ') != NULL;

    for (; *v != 0 && n < sizeof plain - 1; v++)
        if (*v != '"' && (!is_space((unsigned char)*v) || blanks))
            plain[n++] = *v;
    plain[n] = 0;
    return str_find_nocase(plain, word) != NULL;
}

static bool
test_field(const struct machine_row *row, const struct field *f)
{
    switch (row->test) {
    case PRESENT:
        return true;
    case IS:
        return first_word_is(f->value, row->word);
    case IS_NOT:
        return f->len > 0 && !first_word_is(f->value, row->word);
    case HAS:
        return has_word(f->value, row->word);
    case LOCAL_BEGINS:
    case LOCAL_ENDS:
        return local_is(f->value, row);
    default:
        return false;           /* rows of other tests */
    }
}

static void
say(struct reading *r, const struct field *f)
{
    struct buf b = {0};

    charset_text(NULL, (const uint8_t *)f->value, f->len < 160 ? f->len : 160, &b, NULL);
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.data[i] < 0x20)
            b.data[i] = ' ';
    reading_why(r, "%s: %s", f->name, b.data == NULL ? "" : b.data);
    buf_free(&b);
}

/* ---- the sender */
/* The word stands in the local part with nothing of a word before or behind it. */
static bool
local_has(const char *local, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = local; (p = strstr(p, word)) != NULL; p++)
        if ((p == local || p[-1] == '-') && !is_alpha((unsigned char)p[n]))
            return true;
    return false;
}

static void
judge_sender(struct reading *r)
{
    const Td__Message *m = r->m;
    const char *addr = m->from == NULL ? "" : m->from->addr;
    char local[65];
    size_t n = 0;
    bool named = false;         /* by the first row that fits */

    for (const char *p = addr; *p != 0 && *p != '@' && n < sizeof local - 1; p++)
        local[n++] = strchr("_.+=", *p) != NULL ? '-' : (char)lower((unsigned char)*p);
    local[n] = 0;
    for (size_t i = 0; i < machine_n_rows; i++) {
        const struct machine_row *row = &machine_rows[i];
        if (row->test == PATH_EMPTY && m->return_path != NULL && *m->return_path == 0) {
            apply(m->machine, row->means);
            reading_why(r, "Return-Path: <>");
        } else if (row->test == FROM_NONE && m->from == NULL) {
            apply(m->machine, row->means);
            reading_why(r, "no address to answer");
        } else if (!named && ((row->test == FROM_IS && strcmp(local, row->word) == 0) || (row->test == FROM_HAS && local_has(local, row->word)))) {
            apply(m->machine, row->means);
            reading_why(r, "From: %s", addr);
            named = true;
        }
    }
}

/* ---- subject and words, beside other evidence */
static const char *
flat(struct reading *r, const char *s, size_t most)
{
    struct buf b = {0};
    const char *copy;

    quote_flatten(s, strnlen(s, most), &b);
    copy = arena_strndup(r->tmp, b.data == NULL ? "" : b.data, b.len);
    buf_free(&b);
    return copy;
}

/* "[desk #5] Out of office" without its mark. */
static const char *
without_mark(const char *s)
{
    const char *close = *s == '[' ? strchr(s, ']') : NULL;

    return close == NULL ? s : close[1] == ' ' ? close + 2 : close + 1;
}

static unsigned
evidence(const struct reading *r, const struct header *h)
{
    unsigned has = 0;

    if (r->m->return_path != NULL && *r->m->return_path == 0)
        has |= NEEDS_PATH;
    if (!r->m->machine->answerable)
        has |= NEEDS_UNANSWERABLE;
    if (r->m->n_in_reply_to > 0 || r->m->n_references > 0)
        has |= NEEDS_ANSWER;
    for (size_t i = 0; i < machine_n_rows && (has & NEEDS_TICKETS) == 0; i++)
        if (machine_rows[i].means & TICKETS)
            for (size_t k = 0; k < h->n; k++)
                if (field_is(&h->f[k], machine_rows[i].header) && test_field(&machine_rows[i], &h->f[k]))
                    has |= NEEDS_TICKETS;
    return has;
}

/* `text`: NULL while only the header is known. */
static void
judge_shapes(struct reading *r, const struct header *h, const char *text)
{
    Td__Machine *m = r->m->machine;
    const char *raw = r->m->subject == NULL ? "" : r->m->subject, *bare, *words;
    unsigned has;

    if (!m->counts_as_reply || m->list || r->m->from == NULL)
        return;
    has = evidence(r, h);
    bare = without_mark(flat(r, mail_bare_subject(raw, r->tmp), TEXT_MOST));
    raw = without_mark(flat(r, raw, TEXT_MOST));
    words = text == NULL || strlen(text) > TEXT_MOST ? NULL : flat(r, text, TEXT_MOST);
    for (size_t i = 0; i < machine_n_shapes; i++) {
        const struct machine_shape *s = &machine_shapes[i];
        if ((has & s->needs) != s->needs || (s->text != WORDS_NONE && words == NULL))
            continue;
        if (machine_says(s->subject, s->subject == SUBJECT_ANNOUNCES || s->subject == SUBJECT_RECEIPT ? raw : bare) && machine_says(s->text, words)) {
            apply(m, s->means);
            reading_why(r, "%s", s->why);
            return;
        }
    }
}

void
machine_header(struct reading *r, const struct header *h)
{
    Td__Machine *m = r->m->machine;

    m->answerable = m->counts_as_reply = true;
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < machine_n_rows; k++)
            if (field_is(&h->f[i], machine_rows[k].header) && test_field(&machine_rows[k], &h->f[i])) {
                apply(m, machine_rows[k].means);
                say(r, &h->f[i]);
                break;
            }
    judge_sender(r);
    judge_shapes(r, h, NULL);
}

/* ---- parts */
/* An answer that the calendar program made, not an invitation that somebody attached. */
static bool
is_calendar(struct leaf *f, const char *word)
{
    const struct buf *b;

    if ((f->alternative == 0 && f->part != 1) || (f->disposition != NULL && str_eq_nocase(f->disposition, "attachment")))
        return false;
    b = leaf_bytes(f);
    return b->len > 0 && b->len < CALENDAR_MOST && str_find_nocase(b->data, word) != NULL;
}

static bool
test_part(const struct reading *r, const struct machine_row *row, struct leaf *f, const char *root)
{
    bool path = r->m->return_path != NULL && *r->m->return_path == 0;

    if (row->test < PART_OF_REPORT || !str_eq_nocase(f->type, row->header))
        return false;
    if (row->test == PART_CALENDAR)
        return is_calendar(f, row->word);
    return str_eq_nocase(root, "multipart/report") || (path && f->name == NULL);
}

void
machine_body(struct reading *r, const struct header *h, struct leaves *l)
{
    Td__Machine *m = r->m->machine;

    m->delivery_report = dsn_read(r, h, l);
    if (m->delivery_report != NULL) {
        apply(m, MACHINE);
        reading_why(r, "delivery report");
        r->m->forwarded = NULL;         /* what came back was not passed on */
    }
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < machine_n_rows; k++)
            if (test_part(r, &machine_rows[k], &l->v[i], l->root)) {
                apply(m, machine_rows[k].means);
                reading_why(r, "%s", machine_rows[k].source);
            }
    judge_shapes(r, h, r->m->reply_text);
}
