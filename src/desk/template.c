/* SPDX-License-Identifier: ISC
 *
 * Templates: read, checked and compiled at load into a flat list of steps; filling in walks that list. Values come from
 * strangers: control and direction characters are taken out of them, so that none can make a header line, a paragraph or a
 * list item, and they are marked, so that the HTML part can isolate them and never makes links of them.
 */
#include "template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEMPLATE_FILE_MAX (64u << 10)
#define TEMPLATE_DEPTH 8
#define SUBJECT_MAX 400

enum op { OP_TEXT, OP_FIELD, OP_ITEM, OP_IF, OP_ELSE, OP_EACH, OP_END_EACH, OP_END_IF };
struct step {
    enum op op;
    enum template_field field;
    size_t from, len;           /* of the text */
    size_t jump;                /* IF: the step after ELSE or the end; ELSE, EACH: the step after the end */
};
struct program { struct step *v; size_t n; };
struct template {
    char *text;
    struct program subject, body;
};

enum shape { LINE, LIST, BLOCK };
static const struct { const char *name; enum shape shape; } fields[FIELDS] = {
    [FIELD_NAME] = { "name", LINE },           /* whom we write to, when we are sure who that is */
    [FIELD_NUMBER] = { "number", LINE },       /* CAS-05304-9LGW */
    [FIELD_SUBJECT] = { "subject", LINE },     /* bare subject; in an acknowledgement only when the sender is proven */
    [FIELD_DESK] = { "desk", LINE },           /* from-name of the desk */
    [FIELD_ADDRESS] = { "address", LINE },     /* its first address */
    [FIELD_OPENED] = { "opened", LINE },       /* when the case came in */
    [FIELD_RESPOND_BY] = { "respond_by", LINE },       /* target of the clock respond */
    [FIELD_BEGIN_BY] = { "begin_by", LINE },   /* target of the clock assign */
    [FIELD_OPENS] = { "opens", LINE },         /* next opening, when it came outside the hours */
    [FIELD_ZONE] = { "zone", LINE },           /* whose time it is: "London" */
    [FIELD_WHO] = { "who", LINE },             /* name and address of who wrote */
    [FIELD_CLOCK] = { "clock", LINE },
    [FIELD_TARGET] = { "target", LINE },
    [FIELD_DUE] = { "due", LINE },
    [FIELD_LATE] = { "late", LINE },           /* how long over; absent: due just now */
    [FIELD_PRIORITY] = { "priority", LINE },
    [FIELD_QUEUE] = { "queue", LINE },
    [FIELD_STATE] = { "state", LINE },
    [FIELD_WHAT] = { "what", LINE },           /* of an alarm, in a sentence */
    [FIELD_DETAIL] = { "detail", LINE },
    [FIELD_SKIPPED] = { "skipped", LIST },      /* earlier escalations that this one stands for */
    [FIELD_ATTACHMENTS] = { "attachments", LIST },
    [FIELD_KIND] = { "kind", LINE },           /* label of the case's kind */
    [FIELD_MEANING] = { "meaning", LINE },     /* what the state means */
    [FIELD_OLD_STATE] = { "old_state", LINE },
    [FIELD_ASSIGNEE] = { "assignee", LINE },   /* name of who has it */
    [FIELD_CUSTOMER] = { "customer", LINE },   /* name of the customer's section */
    [FIELD_DEALER] = { "dealer", LINE },
    [FIELD_CONSULTANT] = { "consultant", LINE },
    [FIELD_USED] = { "used", LINE },           /* of the target, in words */
    [FIELD_LEFT] = { "left", LINE },
    [FIELD_PROOF] = { "proof", LINE },         /* how sure we are who wrote */
    [FIELD_BY] = { "by", LINE },               /* who did it */
    [FIELD_WORDS] = { "words", BLOCK },          /* what somebody wrote */
    [FIELD_HANDOVER] = { "handover", BLOCK },    /* how the new line handles the case */
    [FIELD_NOTICE] = { "notice", BLOCK },        /* what escalation may cost */
    [FIELD_SELF_HELP] = { "self_help", BLOCK },
    [FIELD_SURVEY] = { "survey", BLOCK },
    [FIELD_QUESTION] = { "question", BLOCK },    /* what is to be approved */
    [FIELD_RESULT] = { "result", BLOCK },        /* answer to a command */
    [FIELD_MISSING] = { "missing", LIST },      /* what the customer is asked for */
    [FIELD_CAUGHT] = { "caught", LIST },        /* fields: "label: value" */
    [FIELD_ANNOUNCE] = { "announce", LIST },    /* coming days with other hours */
    [FIELD_CLOCKS] = { "clocks", LIST },        /* a line each */
    [FIELD_HISTORY] = { "history", LIST },
    [FIELD_CASES] = { "cases", LIST },
    [FIELD_DONE] = { "done", LIST },
    [FIELD_WRONG] = { "wrong", LIST },
    [FIELD_LINK_STATUS] = { "link_status", LINE },     /* mailto: links, each with a signed address */
    [FIELD_LINK_CASES] = { "link_cases", LINE },
    [FIELD_LINK_CLOSE] = { "link_close", LINE },
    [FIELD_LINK_ESCALATE] = { "link_escalate", LINE },
    [FIELD_LINK_APPROVE] = { "link_approve", LINE },
    [FIELD_LINK_DECLINE] = { "link_decline", LINE },
    [FIELD_LINK_REOPEN] = { "link_reopen", LINE },
    [FIELD_LINK_KINDS] = { "link_kinds", LIST },
    [FIELD_LINK_RATE] = { "link_rate", LIST },
    [FIELD_LINK_CONFIRM] = { "link_confirm", LINE },
};

/* ---- compiling */

struct compiler {
    const char *file, *text;
    struct buf *errors;
    struct program *out;
    struct { size_t step; int line; } open[TEMPLATE_DEPTH];
    size_t depth;
    bool in_each;
};

static void
complain(const struct compiler *c, int line, const char *what, const char *about, size_t about_len)
{
    if (about_len > 60)
        about_len = utf8_clip(about, 60);
    buf_printf(c->errors, "%s:%d: %s%s%.*s%s\n", c->file, line, what, about_len ? " \"" : "", (int)about_len, about, about_len ? "\"" : "");
}

static struct step *
push(struct compiler *c, enum op op)
{
    struct program *p = c->out;
    p->v = mem_grow(p->v, (p->n + 1) * sizeof *p->v);
    p->v[p->n] = (struct step){ .op = op };
    return &p->v[p->n++];
}

static bool
field_find(const char *name, size_t len, enum template_field *out)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0) {
            *out = (enum template_field)i;
            return true;
        }
    return false;
}

static void
tag_open(struct compiler *c, int line, enum op op, const char *name, size_t len)
{
    enum template_field field;
    if (!field_find(name, len, &field)) {
        complain(c, line, "unknown field", name, len);
        return;
    }
    if (op == OP_EACH && fields[field].shape != LIST)
        complain(c, line, "{{#each}} needs a list, this is a single field:", name, len);
    if (op == OP_EACH && c->in_each)
        complain(c, line, "{{#each}} inside {{#each}} is not possible", "", 0);
    if (c->depth == TEMPLATE_DEPTH) {
        complain(c, line, "blocks are nested too deeply, at most 8 expected", "", 0);
        return;
    }
    c->in_each |= op == OP_EACH;
    c->open[c->depth].step = c->out->n;
    c->open[c->depth++].line = line;
    push(c, op)->field = field;
}

static void
tag_else(struct compiler *c, int line)
{
    if (c->depth == 0 || c->out->v[c->open[c->depth - 1].step].op != OP_IF) {
        complain(c, line, "{{else}} without {{#if}}", "", 0);
        return;
    }
    struct step *s = push(c, OP_ELSE);
    s->jump = c->open[c->depth - 1].step;       /* for now the IF; tag_close() turns both round */
    c->out->v[s->jump].jump = c->out->n;
    c->open[c->depth - 1].step = c->out->n - 1;
}

static void
tag_close(struct compiler *c, int line, bool each)
{
    enum op open = c->depth > 0 ? c->out->v[c->open[c->depth - 1].step].op : OP_TEXT;
    if (each ? open != OP_EACH : open != OP_IF && open != OP_ELSE) {
        complain(c, line, each ? "{{/each}} without {{#each}}" : "{{/if}} without {{#if}}", "", 0);
        return;
    }
    size_t opener = c->open[--c->depth].step;
    push(c, each ? OP_END_EACH : OP_END_IF)->jump = opener;
    c->out->v[opener].jump = c->out->n;
    if (each)
        c->in_each = false;
}

static bool
word_is(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

static void
tag(struct compiler *c, int line, const char *s, size_t len)
{
    enum template_field field;
    while (len > 0 && s[0] == ' ')
        s++, len--;
    while (len > 0 && s[len - 1] == ' ')
        len--;
    if (len > 4 && memcmp(s, "#if ", 4) == 0)
        tag_open(c, line, OP_IF, s + 4, len - 4);
    else if (len > 6 && memcmp(s, "#each ", 6) == 0)
        tag_open(c, line, OP_EACH, s + 6, len - 6);
    else if (word_is(s, len, "else"))
        tag_else(c, line);
    else if (word_is(s, len, "/if") || word_is(s, len, "/each"))
        tag_close(c, line, s[1] == 'e');
    else if (word_is(s, len, ".")) {
        if (!c->in_each)
            complain(c, line, "{{.}} outside {{#each}}", "", 0);
        push(c, OP_ITEM);
    } else if (!field_find(s, len, &field))
        complain(c, line, "unknown field", s, len);
    else if (fields[field].shape == LIST)
        complain(c, line, "a list needs {{#each}}:", s, len);
    else
        push(c, OP_FIELD)->field = field;
}

/* A block tag alone on its line takes the line with it. */
static bool
stands_alone(const char *text, const char *open, const char *close, const char *end)
{
    const char *p = open;
    if (open[2] != '#' && open[2] != '/' && memcmp(open + 2, "else", 4) != 0)
        return false;
    while (p > text && (p[-1] == ' ' || p[-1] == '\t'))
        p--;
    while (close < end && (*close == ' ' || *close == '\t' || *close == '\r'))
        close++;
    return (p == text || p[-1] == '\n') && (close == end || *close == '\n');
}

static void
compile(struct compiler *c, const char *s, const char *end, int line)
{
    const char *start = s, *plain = s;
    while (s < end) {
        if (*s == '\n')
            line++;
        if (*s != '{' || end - s < 4 || s[1] != '{') {
            s++;
            continue;
        }
        const char *close = memmem(s, (size_t)(end - s), "}}", 2), *eol = memchr(s, '\n', (size_t)(end - s));
        if (close == NULL || (eol != NULL && eol < close)) {
            complain(c, line, "{{ without }}", "", 0);
            return;
        }
        bool alone = stands_alone(start, s, close + 2, end);
        const char *upto = s;
        while (alone && upto > plain && (upto[-1] == ' ' || upto[-1] == '\t'))
            upto--;
        if (upto > plain) {
            struct step *t = push(c, OP_TEXT);
            t->from = (size_t)(plain - c->text), t->len = (size_t)(upto - plain);
        }
        tag(c, line, s + 2, (size_t)(close - s - 2));
        s = plain = close + 2;
        if (alone && eol != NULL)
            s = plain = eol + 1, line++;
    }
    if (end > plain) {
        struct step *t = push(c, OP_TEXT);
        t->from = (size_t)(plain - c->text), t->len = (size_t)(end - plain);
    }
    while (c->depth > 0)
        complain(c, c->open[--c->depth].line, "block is never closed", "", 0);
    c->in_each = false;
}

struct template *
template_parse(const char *file, const char *text, size_t len, struct buf *errors)
{
    size_t before = errors->len;
    struct template *t = mem_alloc(sizeof *t);
    t->text = mem_alloc(len + 1);
    memcpy(t->text, text, len);
    struct compiler c = { .file = file, .text = t->text, .errors = errors, .out = &t->subject };
    const char *end = t->text + len, *eol = memchr(t->text, '\n', len), *p = t->text;

    if (!utf8_valid(text, len) || memchr(text, '\0', len) != NULL)
        complain(&c, 1, "not UTF-8 text", "", 0);
    for (int line = 1; p < end; line += *p++ == '\n')
        if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\r' && *p != '\t') {
            complain(&c, line, "control character in a template", "", 0);
            break;
        }
    if (!str_starts_nocase(t->text, "Subject:") || eol == NULL || (eol[1] != '\n' && eol[1] != '\r'))
        complain(&c, 1, "\"Subject: …\" and a blank line expected", "", 0);
    else {
        const char *subject = t->text + strlen("Subject:"), *stop = eol;
        while (*subject == ' ')
            subject++;
        while (stop > subject && (stop[-1] == '\r' || stop[-1] == ' '))
            stop--;
        compile(&c, subject, stop, 1);
        c.out = &t->body;
        compile(&c, eol + 1, end, 2);
    }
    if (errors->len != before)
        template_free(&t);
    return t;
}

void
template_free(struct template **tp)
{
    if (*tp == NULL)
        return;
    free((*tp)->text);
    free((*tp)->subject.v);
    free((*tp)->body.v);
    free(*tp);
    *tp = NULL;
}

/* ---- filling in */

/* Marks that turn the direction of what follows: U+200E, 200F, 202A to 202E, 2066 to 2069. */
static size_t
direction_mark(const unsigned char *s)
{
    if (s[0] != 0xe2 || s[1] == 0 || s[2] == 0)
        return 0;
    if (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae)))
        return 3;
    return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

static void
value_add(struct buf *out, const char *value)
{
    const unsigned char *s = (const unsigned char *)(value ? value : "");
    bool blank = false;
    buf_putc(out, VALUE_BEGIN);
    while (*s != '\0') {
        size_t mark = direction_mark(s);
        if (mark == 0 && *s == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
            mark = 2;           /* C1 controls */
        if (mark > 0 || *s < 0x20 || *s == 0x7f) {
            if (mark == 0 && !blank)
                buf_putc(out, ' ');
            blank = mark == 0 || blank;
            s += mark ? mark : 1;
            continue;
        }
        blank = *s == ' ';
        buf_putc(out, (char)*s++);
    }
    buf_putc(out, VALUE_END);
}

static bool
there(const struct template_fields *f, enum template_field field)
{
    return fields[field].shape == LIST ? f->n[field] > 0 : f->v[field] != NULL && f->v[field][0] != '\0';
}

static void
fill(const struct template *t, const struct program *p, const struct template_fields *f, struct buf *out)
{
    size_t item = 0;
    enum template_field list = FIELDS;
    for (size_t i = 0; i < p->n;) {
        const struct step *s = &p->v[i++];
        switch (s->op) {
        case OP_TEXT: buf_add(out, t->text + s->from, s->len); break;
        case OP_FIELD: value_add(out, f->v[s->field]); break;
        case OP_ITEM: value_add(out, f->list[list][item]); break;
        case OP_IF: i = there(f, s->field) ? i : s->jump; break;
        case OP_ELSE: i = s->jump; break;
        case OP_EACH:
            list = s->field, item = 0;
            i = there(f, s->field) ? i : s->jump;
            break;
        case OP_END_EACH:
            i = ++item < f->n[list] ? s->jump + 1 : i;
            break;
        case OP_END_IF: break;
        }
    }
}

/* One line without marks and control characters. */
static const char *
subject_line(const char *filled, struct arena *a)
{
    char *s = arena_strdup(a, filled), *out = s;
    for (const char *p = filled; *p != '\0'; p++)
        if (*p != VALUE_BEGIN && *p != VALUE_END)
            *out++ = (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p;
    *out = '\0';
    s[utf8_clip(s, SUBJECT_MAX)] = '\0';
    return s;
}

void
template_render(const struct template *t, const struct template_fields *f, struct arena *a, const char **subject, const char **text, const char **html)
{
    struct buf filled = {0}, out = {0};
    fill(t, &t->subject, f, &filled);
    *subject = subject_line(filled.data ? filled.data : "", a);
    buf_clear(&filled);
    buf_puts(&filled, "");
    fill(t, &t->body, f, &filled);
    render_text(filled.data, &out);
    *text = arena_strndup(a, out.data, out.len);
    buf_clear(&out);
    render_html(filled.data, &out);
    *html = arena_strndup(a, out.data, out.len);
    buf_free(&out);
    buf_free(&filled);
}

/* ---- a language's folder */

static const Td__Letter__Kind kinds[] = { TD__LETTER__KIND__ACK, TD__LETTER__KIND__RECEIPT, TD__LETTER__KIND__ESCALATION, TD__LETTER__KIND__ALARM };
struct template_set { struct template *v[countof(kinds)]; };

static struct template *
file_parse(const char *path, struct buf *errors)
{
    struct buf text = {0};
    int rc = file_read(path, TEMPLATE_FILE_MAX, &text);
    struct template *t = NULL;
    if (rc == 0)
        t = template_parse(path, text.data ? text.data : "", text.len, errors);
    else
        buf_printf(errors, "%s:1: %s, a letter template expected\n", path, strerror(rc));
    buf_free(&text);
    return t;
}

struct template_set *
template_set_read(const char *directory, const char *language, bool needed, struct buf *errors)
{
    char *folder = path_join(directory, language);
    struct template_set *s = NULL;
    struct stat st;
    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode)) {
        s = mem_alloc(sizeof *s);
        for (size_t i = 0; i < countof(kinds); i++) {
            struct buf name = {0};
            buf_printf(&name, "%s.txt", schema_letter_kind_name(kinds[i]));
            char *path = path_join(folder, name.data);
            if (needed || stat(path, &st) == 0)
                s->v[i] = file_parse(path, errors);
            free(path);
            buf_free(&name);
        }
    } else if (needed) {
        buf_printf(errors, "%s:1: no such folder, the letter templates of language \"%s\" expected\n", folder, language);
    }
    free(folder);
    return s;
}

void
template_set_free(struct template_set **sp)
{
    if (*sp == NULL)
        return;
    for (size_t i = 0; i < countof(kinds); i++)
        template_free(&(*sp)->v[i]);
    free(*sp);
    *sp = NULL;
}

const struct template *
template_of(const struct template_set *s, Td__Letter__Kind kind)
{
    for (size_t i = 0; s != NULL && i < countof(kinds); i++)
        if (kinds[i] == kind)
            return s->v[i];
    return NULL;
}
