/* SPDX-License-Identifier: ISC
 *
 * Fields of prepared letters: names of the configuration's own that subject and text hold, and what staff or the case put
 * there. In the text they become the numbered words that every template knows, so that checking and filling in are one.
 */
#include <string.h>

#include "command.h"

/* The number of a declared name, from 0; -1: it is none. */
static int
field_number(const struct conf_letter *l, const char *name, size_t len)
{
    for (size_t i = 0; i < l->fields.n; i++)
        if (strlen(l->fields.v[i]) == len && strncasecmp(l->fields.v[i], name, len) == 0)
            return (int)i;
    return -1;
}

const char *
letter_fields_numbered(struct arena *a, const struct conf_letter *l, const char *text)
{
    static const char *const openers[] = { "{{", "{{#if " };
    struct buf b = { 0 };
    buf_puts(&b, "");
    while (*text != '\0') {
        int number = -1;
        size_t taken = 0;
        for (size_t i = 0; i < countof(openers) && number < 0; i++) {
            size_t open = strlen(openers[i]), len;
            if (strncmp(text, openers[i], open) != 0)
                continue;
            len = strcspn(text + open, "}");
            number = strncmp(text + open + len, "}}", 2) == 0 ? field_number(l, text + open, len) : -1;
            if (number >= 0)
                buf_printf(&b, "%sarg%d}}", openers[i], number + 1);
            taken = open + len + 2;
        }
        if (number < 0)
            buf_putc(&b, *text++);
        else
            text += taken;
    }
    const char *out = arena_strndup(a, b.data, b.len);
    buf_free(&b);
    return out;
}

/* ---- #letter NAME FIELD=VALUE FIELD=VALUE … */

/* A NAME= begins here; *len: of the name. */
static bool
name_at(const char *s, size_t *len)
{
    *len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return *len > 0 && s[*len + strspn(s + *len, " ")] == '=';
}

size_t
letter_name_length(const char *args)
{
    size_t len;
    for (const char *p = args; *p != '\0'; p++)
        if ((p == args || p[-1] == ' ') && name_at(p, &len)) {
            size_t n = (size_t)(p - args);
            while (n > 0 && args[n - 1] == ' ')
                n--;
            return n;
        }
    return strlen(args);
}

/* Up to the next name, without the quotes round it. */
static const char *
value_read(struct arena *a, const char **s)
{
    const char *from = *s + strspn(*s, " "), *p = from;
    size_t unused;
    while (*p != '\0' && !(p > from && p[-1] == ' ' && name_at(p, &unused)))
        p++;
    *s = p;
    size_t n = (size_t)(p - from);
    while (n > 0 && strchr(" ,;", from[n - 1]) != NULL)
        n--;
    if (n > 1 && (from[0] == '"' || from[0] == '\'') && from[n - 1] == from[0])
        from++, n -= 2;
    return arena_strndup(a, from, utf8_clip(arena_strndup(a, from, n), 500));
}

static const char *
names_all(struct arena *a, const struct conf_letter *l)
{
    const char *all = "";
    for (size_t i = 0; i < l->fields.n; i++)
        all = arena_printf(a, "%s%s%s=\xe2\x80\xa6", all, i ? " " : "", l->fields.v[i]);
    return all;
}

void
letter_fields_of_case(const struct conf_letter *l, const Td__Case *c, struct template_fields *out)
{
    for (size_t i = 0; i < l->fields.n; i++)
        for (size_t k = 0; k < c->n_fields; k++)
            if (str_eq_nocase(c->fields[k]->name, l->fields.v[i]))
                out->v[FIELD_ARG_1 + i] = c->fields[k]->value;
}

bool
letter_fields_read(struct command_run *r, const struct conf_letter *l, const char *given, struct template_fields *out)
{
    struct arena *a = r->t->a;
    size_t len;
    bool ok = true;
    letter_fields_of_case(l, r->act.ch->after, out);
    while (*(given += strspn(given, " ,;")) != '\0' && name_at(given, &len)) {
        const char *name = arena_strndup(a, given, len);
        int number = field_number(l, name, len);
        given += len;
        given += strspn(given, " ") + 1;
        const char *value = value_read(a, &given);
        if (number >= 0) {
            out->v[FIELD_ARG_1 + number] = value;
            continue;
        }
        const char *near = name_near(name, l->fields.v, l->fields.n);
        run_say(r, true, near ? "letter-field-near" : "letter-field", name, near ? near : l->name, names_all(a, l));
        ok = false;
    }
    for (size_t i = 0; i < l->fields.n && ok; i++)
        if (out->v[FIELD_ARG_1 + i] == NULL || out->v[FIELD_ARG_1 + i][0] == '\0') {
            run_say(r, true, "letter-gap", l->name, l->fields.v[i], arena_printf(a, "#letter %s %s", l->name, names_all(a, l)));
            ok = false;
        }
    return ok;
}

/* What there is, a line each. */
const char *
letters_list(struct command_run *r)
{
    const struct conf_desk *conf = r->t->conf;
    const char *all = "";
    for (size_t i = 0; i < conf->n_letters; i++)
        all = arena_printf(r->t->a, "%s%s#letter %s%s%s\n    %s", all, i ? "\n" : "", conf->letters[i].name, conf->letters[i].fields.n ? " " : "",
                           names_all(r->t->a, &conf->letters[i]), conf->letters[i].label);
    return all;
}
