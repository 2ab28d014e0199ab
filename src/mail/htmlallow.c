/* SPDX-License-Identifier: ISC
 *
 * Safe HTML: what of a stranger's HTML may stand in a letter of ours, and reading it back. One table of elements, one of attributes, one
 * of style properties; whatever is in none of them does not exist. No script, form, frame, sheet, class or id; nothing that is fetched
 * from elsewhere, for that tells its owner who reads when: a picture is a part of the same mail or none; links go to http, https, mailto
 * and tel. The normal form, which htmlsafe.c writes and everybody else believes only after reading it here: <name a="v">, </name>,
 * balanced; in text and values & < > " stand as references. No library, no recursion.
 */
#include "read.h"

#include <string.h>

#define URL_MAX 2000u
#define STYLE_WORD_MAX 120u

static const char *const elements[] = {
    "a", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
};
static const char *const voids[] = { "br", "col", "hr", "img" };
static const char *const blocks[] = {
    "address", "article", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
};
static const char *const styles[] = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-right", "border-spacing", "border-style", "border-top",
    "border-width", "color", "direction", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style-type",
    "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "text-align", "text-decoration", "text-indent", "vertical-align", "white-space", "width", "word-break", "word-wrap",
};

static bool
listed(const char *const *list, size_t n, const char *s, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == len && mem_eq_nocase(list[i], s, len))
            return true;
    return false;
}

bool
html_allows(const char *name, size_t len)
{
    return listed(elements, countof(elements), name, len);
}

bool
mail_html_is_void(const char *name, size_t len)
{
    return listed(voids, countof(voids), name, len);
}

bool
mail_html_is_block(const char *name, size_t len)
{
    return listed(blocks, countof(blocks), name, len);
}

/* ---- values */

static bool
made_of(const char *s, size_t len, const char *more)
{
    for (size_t i = 0; i < len; i++)
        if (!is_alnum((unsigned char)s[i]) && (s[i] == 0 || strchr(more, s[i]) == NULL))
            return false;
    return true;
}

static bool
is_number(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && is_digit((unsigned char)s[n]))
        n++;
    return n > 0 && n <= 4 && (n == len || (n + 1 == len && s[n] == '%'));
}

static bool
is_word(const char *s, size_t len)
{
    return len > 0 && len <= 20 && made_of(s, len, "-");
}

static bool
is_colour(const char *s, size_t len)
{
    return len > 0 && len <= 20 && made_of(s + (*s == '#'), len - (*s == '#'), "");
}

static bool
is_face(const char *s, size_t len)
{
    return len > 0 && len <= STYLE_WORD_MAX && made_of(s, len, " ,-'");
}

/* No control character, no blank, nothing that ends an attribute or hides what follows. */
static bool
is_url(const char *s, size_t len)
{
    static const char *const schemes[] = { "https://", "http://", "mailto:", "tel:" };
    bool known = false;

    for (size_t i = 0; i < countof(schemes) && !known; i++)
        known = len > strlen(schemes[i]) && mem_eq_nocase(s, schemes[i], strlen(schemes[i]));
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= 0x20 || s[i] == 0x7f || strchr("\\^`{|}", s[i]) != NULL)
            return false;
    return known && len <= URL_MAX && utf8_valid(s, len);
}

static bool
is_cid(const char *s, size_t len)
{
    return len > 4 && len <= 500 && mem_eq_nocase(s, "cid:", 4) && made_of(s + 4, len - 4, "!#$%&'*+-/=?^_{|}~.@:()[],;");
}

static bool
is_alt(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return len <= 1000 && utf8_valid(s, len);
}

/* "12px", "#ccc", "rgb(1, 2, 3)", "Calibri, sans-serif": words, numbers and commas; no function but a colour, no minus that would put
 * something over something else. */
static bool
is_style_value(const char *s, size_t len)
{
    const char *open = memchr(s, '(', len);

    if (len == 0 || len > STYLE_WORD_MAX || !made_of(s, len, " ,-.%#'()!"))
        return false;
    if (open != NULL && !((open - s >= 3 && mem_eq_nocase(open - 3, "rgb", 3)) || (open - s >= 4 && mem_eq_nocase(open - 4, "rgba", 4))))
        return false;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] == '-' && is_digit((unsigned char)s[i + 1]) && (i == 0 || s[i - 1] == ' '))
            return false;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] == '-' && s[i + 1] == '.' && (i == 0 || s[i - 1] == ' '))
            return false;
    return true;
}

static void
trim(const char **s, size_t *len)
{
    while (*len > 0 && is_space((unsigned char)**s))
        (*s)++, (*len)--;
    while (*len > 0 && is_space((unsigned char)(*s)[*len - 1]))
        (*len)--;
}

/* The next declaration of a style that is allowed; false: no more. */
static bool
style_next(const char **at, const char *end, const char **name, size_t *n, const char **value, size_t *v)
{
    while (*at < end) {
        const char *s = *at, *e = memchr(s, ';', (size_t)(end - s)), *colon;

        if (e == NULL)
            e = end;
        *at = e < end ? e + 1 : end;
        if ((colon = memchr(s, ':', (size_t)(e - s))) == NULL)
            continue;
        *name = s, *n = (size_t)(colon - s), *value = colon + 1, *v = (size_t)(e - colon - 1);
        trim(name, n);
        trim(value, v);
        if (listed(styles, countof(styles), *name, *n) && is_style_value(*value, *v))
            return true;
    }
    return false;
}

void
html_style_safe(const char *s, size_t len, struct buf *out)
{
    const char *at = s, *name, *value;
    size_t n, v, before = out->len;

    buf_puts(out, "");
    while (style_next(&at, s + len, &name, &n, &value, &v)) {
        buf_puts(out, out->len > before ? "; " : "");
        for (size_t i = 0; i < n; i++)
            buf_putc(out, (char)lower((unsigned char)name[i]));
        buf_puts(out, ": ");
        buf_add(out, value, v);
    }
}

/* As html_style_safe() writes it. */
static bool
is_style(const char *s, size_t len)
{
    struct buf again = { 0 };
    bool same;

    html_style_safe(s, len, &again);
    same = len > 0 && again.len == len && memcmp(again.data, s, len) == 0;
    buf_free(&again);
    return same;
}

static const struct { const char *name, *on; bool (*check)(const char *s, size_t len); } attributes[] = {
    { "href", "a", is_url }, { "src", "img", is_cid }, { "alt", "img", is_alt },
    { "style", "", is_style }, { "dir", "", is_word }, { "align", "", is_word }, { "valign", "", is_word }, { "lang", "", is_word },
    { "width", " img table td th col hr ", is_number }, { "height", " img table td th tr ", is_number }, { "border", " img table ", is_number },
    { "cellpadding", " table ", is_number }, { "cellspacing", " table ", is_number }, { "colspan", " td th ", is_number }, { "rowspan", " td th ", is_number },
    { "start", " ol ", is_number }, { "value", " li ", is_number }, { "bgcolor", " table tr td th ", is_colour }, { "color", " font hr ", is_colour },
    { "face", " font ", is_face }, { "size", " font hr ", is_number },
};

bool
html_allows_attribute(const char *element, size_t n, const char *name, size_t len, const char *value, size_t v)
{
    for (size_t i = 0; i < countof(attributes); i++) {
        const char *on = attributes[i].on, *at;

        if (strlen(attributes[i].name) != len || !mem_eq_nocase(attributes[i].name, name, len))
            continue;
        for (at = on; on[0] == ' ' && *at != '\0'; at++)
            if (*at == ' ' && strncmp(at + 1, element, n) == 0 && at[n + 1] == ' ')
                break;
        if (on[0] == '\0' || (on[0] == ' ' ? *at != '\0' : strlen(on) == n && strncmp(on, element, n) == 0))
            return attributes[i].check(value, v);
    }
    return false;
}

/* ---- reading it back */

void
html_escape(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++)
        switch (s[i]) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        default: buf_putc(out, s[i]);
        }
}

/* false: something else than our four references, or a sign that would have to be one. */
static bool
unescape(const char *s, size_t len, struct buf *out)
{
    static const struct { const char *ref; char c; } refs[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' } };

    buf_puts(out, "");
    for (size_t i = 0; i < len;) {
        size_t k = 0;

        if (s[i] != '&') {
            if (s[i] == '<' || s[i] == '>' || s[i] == '"' || s[i] == 0)
                return false;
            buf_putc(out, s[i++]);
            continue;
        }
        while (k < countof(refs) && (len - i < strlen(refs[k].ref) || memcmp(s + i, refs[k].ref, strlen(refs[k].ref)) != 0))
            k++;
        if (k == countof(refs))
            return false;
        buf_putc(out, refs[k].c);
        i += strlen(refs[k].ref);
    }
    return true;
}

const char *
mail_html_text(const char *s, size_t len, struct arena *a)
{
    struct buf b = { 0 };
    const char *text = unescape(s, len, &b) ? arena_strndup(a, b.data, b.len) : NULL;

    buf_free(&b);
    return text;
}

/* One attribute at *at; false: there is none, or none that is allowed. */
static bool
attribute_next(const char **at, const char *end, const struct mail_html_token *t, const char **name, size_t *n, const char **value, size_t *v)
{
    const char *s = *at, *close;
    struct buf plain = { 0 };
    bool ok;

    if (s >= end || *s != ' ')
        return false;
    *name = ++s;
    while (s < end && is_alpha((unsigned char)*s))
        s++;
    *n = (size_t)(s - *name);
    if (*n == 0 || end - s < 3 || s[0] != '=' || s[1] != '"' || (close = memchr(s + 2, '"', (size_t)(end - s - 2))) == NULL)
        return false;
    *value = s + 2;
    *v = (size_t)(close - *value);
    ok = unescape(*value, *v, &plain) && html_allows_attribute(t->name, t->name_len, *name, *n, plain.data, plain.len);
    buf_free(&plain);
    if (ok)                             /* what is not allowed is not passed over: the tag does not end where it should */
        *at = close + 1;
    return ok;
}

const char *
mail_html_attribute(const struct mail_html_token *t, const char *which, struct arena *a)
{
    const char *at, *end, *name, *value;
    size_t n, v;

    if (t->kind != MAIL_HTML_OPEN)
        return NULL;
    at = t->name + t->name_len;
    end = t->s + t->len - 1;
    while (attribute_next(&at, end, t, &name, &n, &value, &v))
        if (strlen(which) == n && memcmp(name, which, n) == 0)
            return mail_html_text(value, v, a);
    return NULL;
}

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit((unsigned char)c);
}

enum mail_html
mail_html_next(const char **at, struct mail_html_token *t)
{
    const char *s = *at, *end, *rest, *name, *value;
    size_t n, v;
    struct buf plain = { 0 };

    *t = (struct mail_html_token){ .kind = MAIL_HTML_BAD, .s = s };
    if (*s == '\0')
        return t->kind = MAIL_HTML_END;
    if (*s != '<') {
        t->len = strcspn(s, "<");
        if (unescape(s, t->len, &plain))
            t->kind = MAIL_HTML_TEXT;
        buf_free(&plain);
        *at = s + t->len;
        return t->kind;
    }
    if ((end = strchr(s, '>')) == NULL)
        return t->kind;
    t->len = (size_t)(end - s) + 1;
    t->name = s + 1 + (s[1] == '/');
    while (is_name_char(t->name[t->name_len]))
        t->name_len++;
    rest = t->name + t->name_len;
    if (!html_allows(t->name, t->name_len))
        return t->kind;
    if (s[1] == '/') {
        t->kind = rest == end ? MAIL_HTML_CLOSE : MAIL_HTML_BAD;
    } else {
        while (attribute_next(&rest, end, t, &name, &n, &value, &v))
            ;
        t->kind = rest == end ? MAIL_HTML_OPEN : MAIL_HTML_BAD;
    }
    *at = end + 1;
    return t->kind;
}
