/* SPDX-License-Identifier: ISC
 *
 * The tables, the other way round: a loaded configuration as text that loads to the same, and the reference part of
 * ticketd.conf(5). Both are walks over the tables, so neither can forget a setting.
 */
#include "settings.h"

#include <string.h>

#define LINE_MAX_LIST 110               /* a list that is longer stands one value a line */

/* ---- a configuration */

static void
indent(struct buf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_puts(out, "    ");
}

/* Text members are NULL when they say nothing; numbers always say something. */
static bool
is_set(const struct setting *s, const void *at)
{
    const char *text;

    if (s->list) {
        void *v;
        size_t n;

        conf_list_get(at, &v, &n);
        return n > 0;
    }
    if (s->type->size != sizeof text || s->type == &conf_type_size || s->type == &conf_type_time)
        return true;
    memcpy(&text, at, sizeof text);
    return text != NULL;
}

static void
list_print(const struct setting *s, const void *at, int depth, struct buf *out)
{
    size_t start = out->len, n;
    void *v;

    conf_list_get(at, &v, &n);
    for (int lines = 0; lines < 2; lines++) {
        out->len = start;
        buf_puts(out, "{");
        for (size_t i = 0; i < n; i++) {
            buf_puts(out, lines ? "\n" : " ");
            if (lines)
                indent(out, depth + 1);
            s->type->print(s, (const char *)v + i * s->type->size, out);
            if (i + 1 < n)
                buf_putc(out, ',');
        }
        buf_puts(out, lines ? "\n" : " ");
        if (lines)
            indent(out, depth);
        buf_putc(out, '}');
        if (out->len - start <= LINE_MAX_LIST)
            return;
    }
}

static void
settings_print(const struct section *section, const void *object, int depth, struct buf *out)
{
    int width = 0;

    for (size_t i = 0; i < section->n_settings; i++)
        width = (int)strlen(section->settings[i].name) > width ? (int)strlen(section->settings[i].name) : width;
    for (size_t i = 0; i < section->n_settings; i++) {
        const struct setting *s = &section->settings[i];
        const char *at = (const char *)object + s->at;

        if (!is_set(s, at) || !conf_setting_applies(section, s, object))
            continue;
        indent(out, depth);
        buf_printf(out, "%-*s = ", width, s->name);
        if (s->list)
            list_print(s, at, depth, out);
        else
            s->type->print(s, at, out);
        buf_putc(out, '\n');
    }
}

static void sections_print(const struct section *parent, const void *object, int depth, struct buf *out);

static void
section_print(const struct section *section, const void *object, int depth, struct buf *out)
{
    const char *name;

    if (depth == 0)
        buf_putc(out, '\n');
    indent(out, depth);
    buf_printf(out, "%s ", section->name);
    if (section->title != TITLE_NONE) {
        memcpy(&name, (const char *)object + section->name_at, sizeof name);
        buf_printf(out, "\"%s\" ", name);
    }
    buf_puts(out, "{\n");
    settings_print(section, object, depth + 1, out);
    sections_print(section, object, depth + 1, out);
    indent(out, depth);
    buf_puts(out, "}\n");
}

/* Which of the sections that share an array this one is. */
static bool
is_kind(const struct section *section, const void *object)
{
    int kind;

    if (section->kind < 0)
        return true;
    memcpy(&kind, (const char *)object + section->kind_at, sizeof kind);
    return kind == section->kind;
}

static void
sections_print(const struct section *parent, const void *object, int depth, struct buf *out)
{
    for (size_t i = 0; i < parent->n_sections; i++) {
        const struct section *of = parent->sections[i];
        const char *member = (const char *)object + of->array;
        size_t n;
        void *v;

        if (of->title == TITLE_NONE) {
            section_print(of, member, depth, out);
            continue;
        }
        if (i && parent->sections[i - 1]->title != TITLE_NONE && parent->sections[i - 1]->array == of->array)
            continue;                   /* sections that share an array stand together, in the order of the array */
        conf_list_get(member, &v, &n);
        for (size_t k = 0; k < n; k++) {
            const char *item = (const char *)v + k * of->size;

            for (size_t j = i; j < parent->n_sections; j++)
                if (parent->sections[j]->array == of->array && is_kind(parent->sections[j], item))
                    section_print(parent->sections[j], item, depth, out);
        }
    }
}

void
conf_print(const struct conf *c, struct buf *out)
{
    settings_print(&conf_root, c, 0, out);
    sections_print(&conf_root, c, 0, out);
}

/* ---- the manual */

/* A sentence a line, as mdoc wants it. */
static void
sentences_print(const char *help, struct buf *out)
{
    for (; *help; help++) {
        bool end = *help == '.' && (help[1] == ' ' || !help[1]);

        buf_putc(out, *help);
        if (end) {
            buf_putc(out, '\n');
            help += help[1] == ' ';
        }
    }
    if (out->data[out->len - 1] != '\n')
        buf_putc(out, '\n');
}

/* Blank-separated words as prose with a full stop: tls, starttls or none. */
static void
words_print(const char *words, struct buf *out)
{
    for (const char *w = words, *next; w; w = next) {
        next = strchr(w, ' ');
        if (next)
            next++;
        buf_printf(out, ".Ql %.*s%s\n", (int)strcspn(w, " "), w, !next ? " ." : strchr(next, ' ') ? " ," : "");
        if (next && !strchr(next, ' '))
            buf_puts(out, "or\n");
    }
}

static void
setting_manual(const struct setting *s, struct buf *out)
{
    if (s->list)
        buf_printf(out, ".It Ic %s No = Brq Ar %s , No ...\n", s->name, s->type->name);
    else
        buf_printf(out, ".It Ic %s No = Ar %s\n", s->name, s->type->name);
    sentences_print(s->help, out);
    if (s->choices) {
        buf_puts(out, "One of\n");
        words_print(s->choices, out);
    }
    if (s->max) {
        size_t start = out->len, kept;

        buf_puts(out, "From ");
        conf_bounds_print(s, out);
        for (size_t i = kept = start; i < out->len; i++)
            if (out->data[i] != '"')
                out->data[kept++] = out->data[i];
        out->len = kept;
        buf_puts(out, ".\n");
    }
    if (s->only_if) {
        buf_printf(out, "%s if\n.Ic %s\nis\n", s->required ? "Required" : "Only", s->only_if);
        words_print(s->only_values, out);
    } else if (s->required) {
        buf_puts(out, "Required.\n");
    }
    if (s->fallback)
        buf_printf(out, "The default is\n.Ql %s .\n", s->fallback);
}

static void
section_manual(const struct section *section, const char *inside, struct buf *out)
{
    buf_printf(out, ".Ss %s%s\n", section->name ? section->name : "The top level",
               section->title == TITLE_NONE ? "" : " Qq Ar name");
    if (inside)
        buf_printf(out, "Inside of\n.Ic %s .\n", inside);
    sentences_print(section->help, out);
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < section->n_settings; i++)
        setting_manual(&section->settings[i], out);
    buf_puts(out, ".El\n");
    for (size_t i = 0; i < section->n_sections; i++)
        section_manual(section->sections[i], section->name, out);
}

void
conf_settings_print(struct buf *out)
{
    section_manual(&conf_root, NULL, out);
}
