/* SPDX-License-Identifier: ISC
 *
 * HTML before it goes to libxml2's parser, which is quadratic in attributes and in depth and drops what follows </body>: at most ATTRS_MAX
 * attributes, DEPTH_MAX open elements, no end of body or html, no comments; references as they are meant (windows-1252 numbers, halves of
 * characters, names without ';'); addresses that a careless program left between angle brackets become text. One pass.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define ATTRS_MAX 64u
#define DEPTH_MAX 200u
#define VALUE_MAX 8192u         /* of one attribute: an image's bytes are not read as text */

static const struct { const char *name; unsigned effect; } element[] = {
    {"a", LINK}, {"address", BLOCK}, {"area", VOID}, {"article", BLOCK}, {"aside", BLOCK}, {"base", VOID}, {"blockquote", BLOCK | QUOTE},
    {"br", BREAK | VOID}, {"caption", BLOCK}, {"center", BLOCK}, {"col", VOID}, {"dd", BLOCK | LOOSE}, {"details", BLOCK}, {"dir", BLOCK | LIST},
    {"div", BLOCK}, {"dl", BLOCK}, {"dt", BLOCK | LOOSE}, {"embed", VOID | SKIP}, {"fieldset", BLOCK}, {"figcaption", BLOCK}, {"figure", BLOCK},
    {"footer", BLOCK}, {"form", BLOCK}, {"h1", PARAGRAPH}, {"h2", PARAGRAPH}, {"h3", PARAGRAPH}, {"h4", PARAGRAPH}, {"h5", PARAGRAPH},
    {"h6", PARAGRAPH}, {"header", BLOCK}, {"hgroup", BLOCK}, {"hr", RULE | VOID}, {"iframe", SKIP}, {"img", IMAGE | VOID}, {"input", VOID},
    {"legend", BLOCK}, {"li", ITEM | LOOSE}, {"link", VOID}, {"main", BLOCK}, {"math", SKIP}, {"menu", BLOCK | LIST}, {"meta", VOID}, {"nav", BLOCK},
    {"noscript", SKIP}, {"object", SKIP}, {"ol", BLOCK | LIST | ORDERED}, {"optgroup", BLOCK}, {"option", BLOCK | LOOSE}, {"p", PARAGRAPH | LOOSE},
    {"param", VOID}, {"pre", PARAGRAPH | PRE}, {"script", SKIP}, {"section", BLOCK}, {"select", SKIP}, {"source", VOID}, {"style", SKIP},
    {"summary", BLOCK}, {"svg", SKIP}, {"table", BLOCK}, {"tbody", LOOSE}, {"td", CELL | LOOSE}, {"tdbody", BLOCK}, {"template", SKIP}, {"textarea", SKIP},
    {"tfoot", LOOSE}, {"th", CELL | LOOSE}, {"thead", LOOSE}, {"title", SKIP}, {"tr", ROW | LOOSE}, {"track", VOID}, {"ul", BLOCK | LIST},
    {"wbr", VOID}, {"xml", SKIP},
};

unsigned
html_effect(const char *name, size_t len)
{
    size_t lo = 0, hi = countof(element);

    while (lo < hi) {
        size_t mid = (lo + hi) / 2, n = strlen(element[mid].name);
        int c = 0;
        for (size_t i = 0; c == 0 && (i < len || i < n); i++)
            c = (i < len ? lower((unsigned char)name[i]) : 0) - (i < n ? element[mid].name[i] : 0);
        if (c == 0)
            return element[mid].effect;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return 0;
}

struct filter { const char *s; size_t len, i, last_quote[2]; unsigned depth, dropped; bool endless[2]; struct buf *out; };

/* The number of the reference at `at`; *end is behind it. 0 and *end == at: it is none. */
static unsigned long
number(const struct filter *f, size_t at, size_t *end)
{
    size_t k = at + 2, from;
    bool hex = k < f->len && lower((unsigned char)f->s[k]) == 'x';
    unsigned long c = 0;

    *end = at;
    if (k >= f->len || f->s[at] != '&' || f->s[at + 1] != '#')
        return 0;
    from = k += hex;
    for (; k < f->len && k - from < 8 && (hex ? hex_value((unsigned char)f->s[k]) >= 0 : is_digit((unsigned char)f->s[k])); k++)
        c = c * (hex ? 16 : 10) + (unsigned long)hex_value((unsigned char)f->s[k]);
    if (k > from)
        *end = k + (k < f->len && f->s[k] == ';');
    return c;
}

/* "&#150;": a windows-1252 number where a Unicode one should be; "&#55357;&#56832;": halves of a character; the noncharacters that
 * serve as our marks; what is no character at all. */
static bool
reference(struct filter *f)
{
    static const uint16_t cp1252[32] = {
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
        0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
    };
    size_t end, after;
    unsigned long c = number(f, f->i, &end), low;

    if (end == f->i)
        return false;
    if (c >= 0xd800 && c < 0xdc00 && end + 2 < f->len && (low = number(f, end, &after)) >= 0xdc00 && low < 0xe000 && after > end) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        end = after;
    }
    if (c >= 0x80 && c < 0xa0)
        c = cp1252[c - 0x80];
    else if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || (c >= 0xfdd0 && c <= 0xfdef))
        c = 0xfffd;
    else if (c < 0x80 || c == 0xa0)
        return false;                           /* the parser reads it: it may be a '<' */
    utf8_put((uint32_t)c, f->out);
    f->i = end;
    return true;
}

/* "&copy 2026": the old names of Latin-1 stand without their ';' too. */
static bool
bare_entity(struct filter *f)
{
    const htmlEntityDesc *e;
    char name[10];
    size_t n = 0, k = f->i + 1;

    while (k < f->len && n < sizeof name - 1 && is_alnum((unsigned char)f->s[k]))
        name[n++] = f->s[k++];
    name[n] = 0;
    if (n < 2 || n == sizeof name - 1 || (k < f->len && (f->s[k] == ';' || f->s[k] == '=')) || (e = htmlEntityLookup((const xmlChar *)name)) == NULL || e->value > 0xff)
        return false;
    buf_printf(f->out, "&%s;", name);
    f->i = k;
    return true;
}

/* What stands in a <script> is nothing; in a <style> there are no tags and no comments of HTML. A missing end is looked for once. */
static void
raw_element(struct filter *f, bool style)
{
    const char *name = style ? "</style" : "</script";
    size_t n = strlen(name), end = f->i, from = f->out->len;

    for (; !f->endless[style]; end++) {
        const char *e = end < f->len ? memchr(f->s + end, '<', f->len - end) : NULL;
        end = e == NULL ? f->len : (size_t)(e - f->s);
        f->endless[style] = f->len - end < n;
        if (!f->endless[style] && mem_eq_nocase(f->s + end, name, n))
            break;
    }
    if (f->endless[style])
        return;
    for (; f->i < end; f->i++)
        if (style && f->s[f->i] == '<' && end - f->i > 4 && memcmp(f->s + f->i, "<!--", 4) == 0)
            f->i += 3;
        else if (style && f->s[f->i] == '-' && end - f->i >= 3 && memcmp(f->s + f->i, "-->", 3) == 0)
            f->i += 2;
        else if (style && f->s[f->i] != '<' && f->out->len - from < SHEET_MAX)
            buf_putc(f->out, f->s[f->i]);
}

/* A tag from '<' to '>', with attributes past the limit left out; what depth forbids becomes a line break. */
static void
tag(struct filter *f)
{
    size_t from = f->i, name, k, keep = 0, attrs = 0, written = f->out->len, copied = from, value = 0;
    bool closing = f->s[from + 1] == '/', blank = false;
    char quote = 0;
    unsigned effect;

    for (name = k = from + 1 + closing; k < f->len && (is_alnum((unsigned char)f->s[k]) || f->s[k] == ':' || f->s[k] == '-'); k++)
        ;
    effect = html_effect(f->s + name, k - name);
    size_t name_len = k - name;
    for (; k < f->len; k++) {
        char c = f->s[k];
        if (quote != 0) {
            if (c == quote && k - value > VALUE_MAX && keep == 0) {
                buf_add(f->out, f->s + copied, value - copied);
                copied = k;
            }
            quote = c == quote ? 0 : quote;
        } else if (c == '>') {
            break;
        } else if ((c == '"' || c == '\'') && f->s[k - 1] == '=' && k < f->last_quote[c == '"']) {
            quote = c;
            value = k + 1;
        } else if (is_space((unsigned char)c)) {
            blank = true;
        } else if (blank) {
            blank = false;
            if (++attrs > ATTRS_MAX && keep == 0)
                keep = k;
        }
    }
    f->i = k < f->len ? k + 1 : f->len;
    if (keep == 0)
        keep = k;
    if (name_len == 4 && closing && mem_eq_nocase(f->s + name, "html", 4))
        goto drop;
    if (name_len == 4 && closing && mem_eq_nocase(f->s + name, "body", 4)) {
        f->out->len = written;
        buf_puts(f->out, "<tdbody></tdbody>");     /* of our making: what a list puts below it begins on its own line */
        return;
    }
    if ((effect & (VOID | LOOSE)) == 0) {
        if (closing && f->dropped > 0) {
            f->dropped--;
            f->out->len = written;
            buf_puts(f->out, "<br>");
            return;
        }
        if (closing)
            f->depth -= f->depth > 0;
        else if (f->depth >= DEPTH_MAX && (effect & SKIP) == 0) {
            f->dropped++;
            f->out->len = written;
            buf_puts(f->out, effect & (BLOCK | PARAGRAPH) ? "<br>" : " ");
            return;
        } else
            f->depth++;
    }
    buf_add(f->out, f->s + copied, keep - copied);
    buf_putc(f->out, '>');
    if (!closing && name_len == 5 && mem_eq_nocase(f->s + name, "style", 5))
        raw_element(f, true);
    else if (!closing && name_len == 6 && mem_eq_nocase(f->s + name, "script", 6))
        raw_element(f, false);
    return;
drop:
    f->out->len = written;
}

/* Behind the comment whose "--" stands at `at`: "-->", "--!>", and "<!-->" is a whole one. 0: it has no end. */
static size_t
comment_end(const char *s, size_t len, size_t at)
{
    for (size_t i = at; i + 2 < len; i++) {
        const char *p = memmem(s + i, len - i, "--", 2);
        if (p == NULL)
            return 0;
        i = (size_t)(p - s);
        if (i + 2 < len && s[i + 2] == '>')
            return i + 3;
        if (i > at && i + 3 < len && s[i + 2] == '!' && s[i + 3] == '>')
            return i + 4;
    }
    return 0;
}

/* "<bob@x.example>", "<https://x.example/>": what a careless program left between angle brackets is text. */
static bool
is_bare_address(const char *s, size_t len, size_t i)
{
    size_t k = i + 1;
    bool at = false;

    for (; k < len && k < i + 300 && !is_space((unsigned char)s[k]) && s[k] != '>' && s[k] != '<' && s[k] != '"'; k++)
        at |= s[k] == '@' || (s[k] == ':' && k + 2 < len && s[k + 1] == '/' && s[k + 2] == '/');
    return at && k < len && s[k] == '>' && memchr(s + i, '=', k - i) == NULL;
}

void
html_filter(const char *s, size_t len, struct buf *out)
{
    struct filter f = {.s = s, .len = len, .out = out};
    const char *q = memrchr(s, '"', len);

    f.last_quote[1] = q == NULL ? 0 : (size_t)(q - s);
    q = memrchr(s, '\'', len);
    f.last_quote[0] = q == NULL ? 0 : (size_t)(q - s);
    while (f.i < len) {
        size_t plain = f.i;
        while (f.i < len && s[f.i] != '<' && s[f.i] != '&')
            f.i++;
        for (; plain < f.i; plain++)            /* form feeds are blanks */
            buf_putc(out, s[plain] == '\f' || s[plain] == '\v' ? ' ' : s[plain]);
        if (f.i >= len)
            break;
        if (s[f.i] == '&') {
            if (f.i + 2 < len && (s[f.i + 1] == '#' ? reference(&f) : bare_entity(&f)))
                continue;
            buf_putc(out, s[f.i++]);
        } else if (is_bare_address(s, len, f.i)) {
            buf_puts(out, "&lt;");
            f.i++;
        } else if (f.i + 1 < len && (is_alpha((unsigned char)s[f.i + 1]) || (s[f.i + 1] == '/' && f.i + 2 < len && is_alpha((unsigned char)s[f.i + 2])))) {
            tag(&f);
        } else if (f.i + 3 < len && memcmp(s + f.i, "<!--", 4) == 0) {
            size_t e = comment_end(s, len, f.i + 2);
            if (e == 0) {               /* never closed: the rest is text, the comment's beginning goes */
                f.i += 4;
                break;
            }
            f.i = e;
        } else if (f.i + 1 < len && (s[f.i + 1] == '!' || s[f.i + 1] == '?')) {
            const char *e = memchr(s + f.i, '>', len - f.i);
            f.i = e == NULL ? len : (size_t)(e - s) + 1;    /* <!DOCTYPE>, <![if …]>, <?xml?>: nothing to read */
        } else if (f.i + 1 < len && s[f.i + 1] == '/') {
            f.i += 2;
        } else {
            buf_puts(out, "&lt;");
            f.i++;
        }
    }
    for (; f.i < len; f.i++)
        if (s[f.i] != '<')
            buf_putc(out, s[f.i]);
}

