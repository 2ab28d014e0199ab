/* SPDX-License-Identifier: ISC
 *
 * HTML to safe HTML, by the same reader that makes text of it (html.c): what is hidden there is not here either, so that the two say
 * the same. Elements and attributes that are not allowed (htmlallow.c) are left out and what is in them stays, but for what is no text.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define STACK_MAX 1024u
#define CHUNK 65536u

struct open { char name[12]; bool skip, was_tiny, written; };
struct safe {
    struct buf *out;
    struct open stack[STACK_MAX];
    size_t depth, overflow, max;
    unsigned skip;
    bool tiny;
    struct buf css;
    struct sheet sheet;
};

static const char *
attribute(const xmlChar **attrs, const char *name)
{
    for (; attrs != NULL && attrs[0] != NULL; attrs += 2)
        if (str_eq_nocase((const char *)attrs[0], name))
            return attrs[1] == NULL ? "" : (const char *)attrs[1];
    return NULL;
}

/* No control character but the line end, and none of our own marks. */
static void
put_text(struct safe *f, const char *s, size_t len)
{
    size_t size;

    for (size_t i = 0; i < len && f->out->len <= f->max; i += size) {
        uint32_t c = utf8_at(s, len, i, &size);
        if (c == '\r' || c == '\t')
            buf_putc(f->out, ' ');
        else if (c < 0x20 ? c == '\n' : c != 0x7f && (c < 0x80 || c >= 0xa0) && c != 0xfffe && c != 0xffff && (c < 0xfdd0 || c > 0xfdef))
            html_escape(s + i, size, f->out);
    }
}

static void
put_attribute(struct safe *f, const struct open *o, const char *name, const char *value, size_t len)
{
    struct buf plain = {0};

    if (!utf8_valid(value, len))
        return;
    if (str_eq_nocase(name, "style"))
        html_style_safe(value, len, &plain);
    else
        buf_add(&plain, value, len);
    if (plain.len > 0 && html_allows_attribute(o->name, strlen(o->name), name, strlen(name), plain.data, plain.len)) {
        buf_putc(f->out, ' ');
        for (const char *s = name; *s != 0; s++)
            buf_putc(f->out, (char)lower((unsigned char)*s));
        buf_puts(f->out, "=\"");
        html_escape(plain.data, plain.len, f->out);
        buf_putc(f->out, '"');
    }
    buf_free(&plain);
}

/* The paragraphs of Word and Outlook have no margin, by a sheet that stays behind. */
static bool
is_word_paragraph(const struct open *o, const xmlChar **attrs)
{
    const char *class = attribute(attrs, "class"), *style = attribute(attrs, "style");

    return (strcmp(o->name, "p") == 0 || strcmp(o->name, "li") == 0 || strcmp(o->name, "div") == 0) && class != NULL && str_starts_nocase(class, "Mso") &&
           (style == NULL || str_find_nocase(style, "margin") == NULL);
}

static void
put_open(struct safe *f, struct open *o, const xmlChar **attrs)
{
    const char *src = attribute(attrs, "src"), *style = attribute(attrs, "style");
    size_t seen = 0;

    if (!html_allows(o->name, strlen(o->name)) || (strcmp(o->name, "img") == 0 && (src == NULL || !html_allows_attribute("img", 3, "src", 3, src, strlen(src)))))
        return;
    buf_printf(f->out, "<%s", o->name);
    if (is_word_paragraph(o, attrs)) {
        struct buf both = {0};
        buf_printf(&both, "margin: 0%s%s", style != NULL ? "; " : "", style != NULL ? style : "");
        put_attribute(f, o, "style", both.data, both.len);
        buf_free(&both);
        style = NULL;
    }
    if (style != NULL && attribute(attrs, "style") != NULL && !is_word_paragraph(o, attrs))
        put_attribute(f, o, "style", style, strlen(style));
    for (const xmlChar **a = attrs; a != NULL && a[0] != NULL && seen < 64; a += 2, seen++)
        if (a[1] != NULL && !str_eq_nocase((const char *)a[0], "style") && attribute(attrs, (const char *)a[0]) == (const char *)a[1])
            put_attribute(f, o, (const char *)a[0], (const char *)a[1], strlen((const char *)a[1]));
    buf_putc(f->out, '>');
    o->written = !mail_html_is_void(o->name, strlen(o->name));
}

static void
begin(void *u, const xmlChar *name, const xmlChar **attrs)
{
    struct safe *f = u;
    struct style st = {0};
    const char *style = attribute(attrs, "style");
    unsigned effect = html_effect((const char *)name, strlen((const char *)name));
    struct open *o;

    if (f->depth == STACK_MAX) {
        f->overflow++;
        return;
    }
    o = &f->stack[f->depth++];
    *o = (struct open){.was_tiny = f->tiny};
    for (size_t i = 0; name[i] != 0 && i < sizeof o->name - 1; i++)
        o->name[i] = (char)lower(name[i]);
    if (f->sheet.n > 0)
        sheet_apply(&f->sheet, (const char *)name, attribute(attrs, "class"), attribute(attrs, "id"), &st);
    if (style != NULL)
        style_read(style, &st);
    if (st.font != STYLE_NONE)
        f->tiny = st.font == STYLE_NOUGHT;
    o->skip = (effect & SKIP) != 0 || style_hides(&st, effect) || attribute(attrs, "hidden") != NULL;
    f->skip += o->skip;
    if (f->skip == 0 && !f->tiny && f->out->len <= f->max)
        put_open(f, o, attrs);
}

static void
close_one(struct safe *f)
{
    struct open *o = &f->stack[--f->depth];

    if (o->written)
        buf_printf(f->out, "</%s>", o->name);
    f->skip -= o->skip;
    f->tiny = o->was_tiny;
    if (f->css.len > 0 && strcmp(o->name, "style") == 0) {
        sheet_read(&f->sheet, f->css.data, f->css.len);
        buf_clear(&f->css);
    }
}

static void
end(void *u, const xmlChar *name)
{
    struct safe *f = u;

    if (f->overflow > 0) {
        f->overflow--;
        return;
    }
    for (size_t i = f->depth; i > 0; i--)
        if (strncasecmp(f->stack[i - 1].name, (const char *)name, sizeof f->stack[0].name - 1) == 0) {
            while (f->depth >= i)
                close_one(f);
            return;
        }
}

static void
characters(void *u, const xmlChar *s, int n)
{
    struct safe *f = u;

    if (f->skip == 0 && !f->tiny)
        put_text(f, (const char *)s, (size_t)n);
    else if (f->depth > 0 && strcmp(f->stack[f->depth - 1].name, "style") == 0 && f->css.len + (size_t)n <= SHEET_MAX)
        buf_add(&f->css, s, (size_t)n);
}

static void
quiet(void *u, const xmlError *e)
{
    (void)u;
    (void)e;
}

bool
html_safe(struct reading *r, const char *html, size_t len, size_t max, struct buf *out)
{
    xmlSAXHandler sax = {.startElement = begin, .endElement = end, .characters = characters, .ignorableWhitespace = characters, .cdataBlock = characters,
        .initialized = XML_SAX2_MAGIC, .serror = (xmlStructuredErrorFunc)(void (*)(void))quiet};
    struct safe *f = arena_alloc(r->tmp, sizeof *f);
    struct buf clean = {0};
    size_t before = out->len;
    htmlParserCtxtPtr x;

    buf_puts(out, "");
    *f = (struct safe){.out = out, .max = before + max};
    html_filter(html, len, &clean);
    x = htmlCreatePushParserCtxt(&sax, f, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    must(x != NULL);
    htmlCtxtUseOptions(x, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
    for (size_t i = 0; i < clean.len && out->len <= f->max; i += CHUNK)
        htmlParseChunk(x, clean.data + i, (int)(clean.len - i < CHUNK ? clean.len - i : CHUNK), 0);
    htmlParseChunk(x, NULL, 0, 1);
    while (f->depth > 0)
        close_one(f);
    if (x->myDoc != NULL)
        xmlFreeDoc(x->myDoc);
    htmlFreeParserCtxt(x);
    buf_free(&clean);
    buf_free(&f->css);
    if (out->len <= f->max)
        return true;
    out->len = before;
    out->data[before] = 0;
    return false;
}
