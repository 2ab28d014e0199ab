/* SPDX-License-Identifier: ISC
 *
 * What styles do to text: hide it, make it nought points high, break its lines. Read from style attributes and from the simple rules of
 * <style> (one class or id, with or without an element's name; never from @media and its kin, for nobody knows the screen). A value that
 * is not understood does nothing: text is shown when in doubt. One pass over each style; nothing is allocated by size of the input.
 */
#include "html.h"

#include <string.h>

#define VALUE_MAX 64u

/* One word of lower-case ink: the value without blanks and comments. Returns where the declaration ends. */
static size_t
value_read(const char *s, size_t len, size_t i, char out[VALUE_MAX])
{
    size_t n = 0;
    char quote = 0;

    for (; i < len && (quote != 0 || (s[i] != ';' && s[i] != '}')); i++) {
        if (quote != 0)
            quote = s[i] == quote ? 0 : quote;
        else if (s[i] == '"' || s[i] == '\'')
            quote = memchr(s + i + 1, s[i], len - i - 1) != NULL && i + 1 < len ? s[i] : 0;
        else if (s[i] == '/' && i + 1 < len && s[i + 1] == '*') {
            const char *e = memmem(s + i + 2, len - i - 2, "*/", 2);
            i = e == NULL ? len - 1 : (size_t)(e - s) + 1;
            continue;
        }
        if (!is_space((unsigned char)s[i]) && n < VALUE_MAX - 1)
            out[n++] = (char)lower((unsigned char)s[i]);
    }
    out[n] = 0;
    if (n > 10 && strcmp(out + n - 10, "!important") == 0)
        out[n - 10] = 0;
    return i;
}

/* "0", "0px", "0.0em" */
static bool
is_nought(const char *v)
{
    if (*v != '0' && !(v[0] == '.' && v[1] == '0'))
        return false;
    for (; *v == '0' || *v == '.'; v++)
        ;
    return !is_digit((unsigned char)*v);
}

static void
font_size(struct style *st, const char *v)
{
    size_t n = strlen(v);
    bool relative = n > 1 && (v[n - 1] == '%' || (n > 2 && strcmp(v + n - 2, "em") == 0 && strcmp(v + n - 3, "rem") != 0));

    if (is_nought(v))
        st->font = STYLE_NOUGHT;
    else if (is_digit((unsigned char)*v) ? !relative : is_alpha((unsigned char)*v) && strcmp(v, "inherit") != 0)
        st->font = STYLE_INK;
}

static void
declaration(struct style *st, const char *name, size_t n, const char *v)
{
    static const char *const sizes[] = {"height", "max-height", "width"};     /* a cell of max-width 0 is a trick of layout */

    if (n == 7 && mem_eq_nocase(name, "display", 7)) {
        st->display = strcmp(v, "none") == 0 ? STYLE_NOUGHT : STYLE_INK;
        st->block = strcmp(v, "block") == 0;
    } else if (n == 10 && mem_eq_nocase(name, "visibility", 10)) {
        st->invisible = strcmp(v, "hidden") == 0 || strcmp(v, "collapse") == 0;
    } else if (n == 8 && mem_eq_nocase(name, "mso-hide", 8)) {
        st->mso = strcmp(v, "all") == 0;
    } else if (n == 7 && mem_eq_nocase(name, "opacity", 7)) {
        st->clear = is_nought(v);
    } else if (n == 9 && mem_eq_nocase(name, "font-size", 9)) {
        font_size(st, v);
    } else if (n == 8 && mem_eq_nocase(name, "overflow", 8)) {
        st->clipped = strcmp(v, "hidden") == 0;
    } else if (n == 11 && mem_eq_nocase(name, "white-space", 11)) {
        st->pre = strcmp(v, "pre") == 0 || strcmp(v, "pre-wrap") == 0;
    } else {
        for (size_t i = 0; i < countof(sizes); i++)
            if (n == strlen(sizes[i]) && mem_eq_nocase(name, sizes[i], n)) {
                st->boxes &= ~(1u << i);
                st->boxes |= (unsigned)is_nought(v) << i;
            }
    }
}

/* Reads declarations up to a '}' or the end; returns where that is. */
static size_t
declarations(const char *s, size_t len, size_t i, struct style *st)
{
    char v[VALUE_MAX];

    while (i < len && s[i] != '}') {
        size_t from, n;
        while (i < len && (is_space((unsigned char)s[i]) || s[i] == ';'))
            i++;
        if (i + 1 < len && s[i] == '/' && s[i + 1] == '*') {
            const char *e = memmem(s + i + 2, len - i - 2, "*/", 2);
            i = e == NULL ? len : (size_t)(e - s) + 2;
            continue;
        }
        for (from = i; i < len && (is_alnum((unsigned char)s[i]) || s[i] == '-' || s[i] == '_'); i++)
            ;
        n = i - from;
        while (i < len && is_space((unsigned char)s[i]))
            i++;
        if (n == 0 || i >= len || s[i] != ':') {
            while (i < len && s[i] != ';' && s[i] != '}')       /* no declaration */
                i++;
            continue;
        }
        i = value_read(s, len, i + 1, v);
        declaration(st, s + from, n, v);
    }
    return i;
}

void
style_read(const char *s, struct style *st)
{
    declarations(s, strlen(s), 0, st);
}

bool
style_hides(const struct style *st, unsigned effect)
{
    if (st->display == STYLE_NOUGHT || st->invisible || st->clear || (st->clipped && st->boxes != 0))
        return true;
    return st->mso && !(effect & LINK);         /* a button that Outlook is given another one for */
}

/* ---- sheets */

static bool
is_name(int c)
{
    return is_alnum(c) || c == '-' || c == '_';
}

/* "td.name", "#name": anything more is left alone. */
static void
rule_add(struct sheet *sheet, const char *s, size_t len, const struct style *st)
{
    size_t i = 0, tag;
    struct rule *r = &sheet->rule[sheet->n];

    while (len > 0 && is_space((unsigned char)s[len - 1]))
        len--;
    while (i < len && is_space((unsigned char)s[i]))
        i++;
    for (s += i, len -= i, tag = 0; tag < len && is_alnum((unsigned char)s[tag]); tag++)
        ;
    if (sheet->n == RULES_MAX || tag >= sizeof r->tag || tag + 1 >= len || len - tag - 1 >= sizeof r->name || (s[tag] != '.' && s[tag] != '#'))
        return;
    for (i = tag + 1; i < len; i++)
        if (!is_name((unsigned char)s[i]))
            return;
    *r = (struct rule){.style = *st, .id = s[tag] == '#', .name_len = len - tag - 1};
    memcpy(r->tag, s, tag);
    str_lower(r->tag);
    memcpy(r->name, s + tag + 1, r->name_len);
    sheet->n++;
}

/* Past a block with blocks in it. */
static size_t
past_block(const char *s, size_t len, size_t i)
{
    size_t depth = 0;

    for (; i < len; i++)
        if (s[i] == '{')
            depth++;
        else if (s[i] == '}' && (depth == 0 || --depth == 0))
            return i + 1;
        else if (s[i] == ';' && depth == 0)
            return i + 1;
    return len;
}

static bool
says_nothing(const struct style *st)
{
    return st->display == STYLE_NONE && st->font == STYLE_NONE && !st->invisible && !st->mso && !st->clear && !st->clipped && !st->pre && st->boxes == 0;
}

void
sheet_read(struct sheet *sheet, char *s, size_t len)
{
    size_t i = 0, open, close, w = 0;

    for (size_t k = 0; k < len; k++) {          /* comments go */
        const char *e = s[k] == '/' && k + 1 < len && s[k + 1] == '*' ? memmem(s + k + 2, len - k - 2, "*/", 2) : NULL;
        if (e != NULL)
            k = (size_t)(e - s) + 1;
        else if (s[k] == '/' && k + 1 < len && s[k + 1] == '*')
            break;
        else
            s[w++] = s[k];
    }
    for (len = w; i < len; i = close) {
        const char *brace;
        struct style st = {0};
        while (i < len && is_space((unsigned char)s[i]))
            i++;
        if (i < len && s[i] == '@') {
            close = past_block(s, len, i);
            continue;
        }
        brace = memchr(s + i, '{', len - i);
        if (brace == NULL)
            return;
        open = (size_t)(brace - s);
        close = declarations(s, len, open + 1, &st) + 1;
        if (says_nothing(&st))
            continue;
        for (size_t from = i, to; from < open; from = to + 1) {
            const char *comma = memchr(s + from, ',', open - from);
            to = comma == NULL ? open : (size_t)(comma - s);
            rule_add(sheet, s + from, to - from, &st);
        }
    }
}

static bool
has_word(const char *words, const char *word, size_t len)
{
    for (size_t n; *words != 0; words += n) {
        while (is_space((unsigned char)*words))
            words++;
        for (n = 0; words[n] != 0 && !is_space((unsigned char)words[n]); n++)
            ;
        if (n == len && memcmp(words, word, len) == 0)
            return true;
    }
    return false;
}

static void
style_over(struct style *st, const struct style *o)
{
    if (o->display != STYLE_NONE) {
        st->display = o->display;
        st->block = o->block;
    }
    if (o->font != STYLE_NONE)
        st->font = o->font;
    st->invisible |= o->invisible;
    st->mso |= o->mso;
    st->clear |= o->clear;
    st->clipped |= o->clipped;
    st->pre |= o->pre;
    st->boxes |= o->boxes;
}

void
sheet_apply(const struct sheet *sheet, const char *tag, const char *class, const char *id, struct style *st)
{
    if (class != NULL && strnlen(class, 200) == 200)
        class = NULL;
    for (size_t i = 0; i < sheet->n && (class != NULL || id != NULL); i++) {
        const struct rule *r = &sheet->rule[i];
        if (r->tag[0] != 0 && !str_eq_nocase(r->tag, tag))
            continue;
        if (r->id ? id != NULL && strlen(id) == r->name_len && memcmp(id, r->name, r->name_len) == 0 : class != NULL && has_word(class, r->name, r->name_len))
            style_over(st, &r->style);
    }
}
