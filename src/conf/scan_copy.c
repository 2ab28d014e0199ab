/* SPDX-License-Identifier: ISC
 *
 * The scan's hands: looking at tokens, taking them with or without a copy for libconfuse, and finding the way back after a
 * mistake.
 */
#include "scan.h"

struct input *
conf_input_top(struct scan *s)
{
    return &s->inputs[s->n_inputs - 1];
}

struct frame *
conf_frame_top(struct scan *s)
{
    return &s->frames[s->depth - 1];
}

const struct token *
conf_peek(struct scan *s, size_t ahead)
{
    const struct input *in = conf_input_top(s);
    size_t i = in->at + ahead;

    return &in->tokens.v[i < in->tokens.n ? i : in->tokens.n - 1];
}

/* ---- the copy for libconfuse: one line a place */

size_t
conf_line_add(struct scan *s, int line, const char *bytes, size_t len, enum copy how)
{
    struct reading *r = s->r;
    size_t place = conf_place_add(r, conf_input_top(s)->path, line);

    if (how == COPY_QUOTED)
        buf_putc(&r->text, '"');
    if (how != COPY_NOT)
        buf_add(&r->text, bytes, len);
    buf_puts(&r->text, how == COPY_QUOTED ? "\"\n" : "\n");
    return place;
}

size_t
conf_take(struct scan *s, enum copy how)
{
    const struct token *t = conf_peek(s, 0);

    if (t->kind != TOKEN_END)
        conf_input_top(s)->at++;
    return conf_line_add(s, t->line, t->start, t->len, how);
}

struct mark
conf_mark_set(const struct scan *s)
{
    return (struct mark){ s->r->text.len, s->r->n_places };
}

/* What was copied since the mark is not sound: its places stay, as empty lines. */
void
conf_mark_drop(struct scan *s, struct mark m)
{
    s->r->text.len = m.len;
    for (size_t i = m.places; i < s->r->n_places; i++)
        buf_putc(&s->r->text, '\n');
}

/* ---- going on after a mistake */

/* To the next line that can begin something, over `braces` that are open and those on the way. */
void
conf_resync(struct scan *s, int braces)
{
    for (;;) {
        const struct token *t = conf_peek(s, 0);

        if (t->kind == TOKEN_END || (braces <= 0 && (t->first || t->kind == TOKEN_CLOSE)))
            return;
        braces += (t->kind == TOKEN_OPEN) - (t->kind == TOKEN_CLOSE);
        conf_take(s, COPY_NOT);
        if (t->kind == TOKEN_CLOSE && braces == 0)
            return;
    }
}

/* In a list that went wrong. `lost`: its closing brace may be missing or lost in a string; braces out of balance confirm it. */
void
conf_resync_list(struct scan *s, bool lost)
{
    struct input *in = conf_input_top(s);

    if (lost && in->surplus > 0)
        in->surplus--;
    else
        conf_resync(s, 1);
}

const char *
conf_token_name(const struct token *t)
{
    static const char *const names[] = { "the end of the file", NULL, "a string", "\"{\"", "\"}\"", "\"=\"", "\",\"", "a parenthesis", "a broken string" };

    return names[t->kind] ? names[t->kind] : "a word";
}
