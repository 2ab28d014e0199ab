/* SPDX-License-Identifier: ISC
 *
 * HTML to readable text, through libxml2's SAX push parser behind our filter (htmlfilter.c): paragraphs, lists, rows of tables, links with
 * their target, images by their alt text; script, style and what is hidden are gone. Quotes and signatures that mail programs mark are
 * marked for quote.c. Nothing here ever fetches anything.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>

#define STACK_MAX 1024u         /* what the library adds to it by itself stays far below */
#define HREF_MAX 500u
#define CELL_MAX 1000u          /* bytes of a table's cell that may still be one line */
#define CHUNK 65536u

/* How a quoted part or a signature is known: an attribute of an element. */
enum mark { MARK_NONE, MARK_IS_QUOTE, MARK_IS_CUT, MARK_IS_SIGNATURE, MARK_IS_INDENT };
static const struct { const char *attribute, *word; bool whole; enum mark mark; const char *program; } mark_of[] = {
    {"class", "gmail_attr", false, MARK_IS_QUOTE, "Gmail"},
    {"class", "gmail_signature_prefix", false, MARK_IS_SIGNATURE, "Gmail"},
    {"class", "gmail_signature", false, MARK_IS_SIGNATURE, "Gmail"},
    {"class", "moz-cite-prefix", false, MARK_IS_QUOTE, "Thunderbird"},
    {"class", "moz-email-headers-table", false, MARK_IS_CUT, "Thunderbird, forward"},
    {"class", "moz-signature", false, MARK_IS_SIGNATURE, "Thunderbird"},
    {"class", "yahoo_quoted", false, MARK_IS_QUOTE, "Yahoo"},
    {"class", "protonmail_quote", false, MARK_IS_QUOTE, "Proton"},
    {"class", "protonmail_signature_block", false, MARK_IS_SIGNATURE, "Proton"},
    {"class", "tutanota_quote", false, MARK_IS_QUOTE, "Tuta"},
    {"class", "zmail_extra", false, MARK_IS_QUOTE, "Zoho"},
    {"class", "OutlookMessageHeader", true, MARK_IS_CUT, "Outlook"},
    {"class", "ms-outlook-mobile-reference-message", false, MARK_IS_CUT, "Outlook for phones"},
    {"class", "ms-outlook-mobile-signature", false, MARK_IS_SIGNATURE, "Outlook for phones"},
    {"class", "AppleMailSignature", true, MARK_IS_SIGNATURE, "Apple"},
    {"id", "divRplyFwdMsg", false, MARK_IS_CUT, "Outlook on the web"},
    {"id", "mail-editor-reference-message-container", false, MARK_IS_CUT, "Outlook, new"},
    {"id", "OLK_SRC_BODY_SECTION", true, MARK_IS_CUT, "Outlook for Mac"},
    {"id", "Signature", true, MARK_IS_SIGNATURE, "Outlook on the web"},
    {"id", "composer_signature", true, MARK_IS_SIGNATURE, "Samsung"},
    {"id", "ymail_android_signature", true, MARK_IS_SIGNATURE, "Yahoo for Android"},
    {"class", "yahoo-ios-signature", true, MARK_IS_SIGNATURE, "Yahoo for iPhone"},
    {"class", "k9mail-signature", true, MARK_IS_SIGNATURE, "K-9"},
    {"class", "bloop_sign", false, MARK_IS_SIGNATURE, "Airmail"},
    {"class", "airmail_on", true, MARK_IS_QUOTE, "Airmail"},
    {"name", "messageSignatureSection", true, MARK_IS_SIGNATURE, "Spark"},
    {"name", "messageReplySection", true, MARK_IS_CUT, "Spark"},
    {"id", "stopSpelling", true, MARK_IS_CUT, "Hotmail"},
    {"id", "zwchr", true, MARK_IS_CUT, "Zimbra"},
    {"id", "reply-intro", true, MARK_IS_QUOTE, "Roundcube"},
    {"id", "ms-outlook-mobile-signature", false, MARK_IS_SIGNATURE, "Outlook for phones"},
    {"id", "AppleMailSignature", true, MARK_IS_SIGNATURE, "Apple"},
    {"data-marker", "__QUOTED_TEXT__", true, MARK_IS_CUT, "Zimbra"},
    {"data-marker", "__SIG_PRE__", false, MARK_IS_SIGNATURE, "Zimbra"},
    {"name", "quote", true, MARK_IS_CUT, "GMX, web.de"},
};

/* ---- the text */
struct node { char name[12]; unsigned effect; bool skip, was_tiny; enum mark mark; size_t href, text_at, cell_at; int number; };
struct text {
    struct buf *out;
    size_t start;               /* of our text in out */
    struct node stack[STACK_MAX];
    size_t depth, overflow;
    unsigned skip, pre;
    struct buf href;            /* targets of the links that are open, one after the other */
    bool space;                 /* a blank is due before the next ink */
    size_t begun;               /* a bullet or a cell begins here: no line break */
    bool pre_begun;             /* the line end behind <pre> is none */
    bool tiny;                  /* letters are of no size; inherited until somebody gives them one */
    struct buf css;             /* of the <style> that is open */
    struct sheet sheet;
};

static void
new_line(struct text *t, unsigned blank_lines)
{
    struct buf *o = t->out;
    unsigned have = 0;

    while (o->len > t->start && o->len != t->begun && o->data[o->len - 1] == ' ')
        o->data[--o->len] = 0;
    t->space = false;
    if (o->len == t->start || o->len == t->begun)
        return;
    for (size_t i = o->len; i > t->start && have <= blank_lines; ) {
        if (i >= t->start + 3 && memcmp(o->data + i - 3, MARK_QUOTE_OPEN, 2) == 0)
            i -= 3;                     /* marks are no ink */
        else if (o->data[i - 1] == '\n')
            i--, have++;
        else
            break;
    }
    for (; have < blank_lines + 1; have++)
        buf_putc(o, '\n');
}

static void
put_ink(struct text *t, const char *s, size_t len)
{
    if (t->space && t->out->len > t->start && t->out->len != t->begun && t->out->data[t->out->len - 1] != '\n')
        buf_putc(t->out, ' ');
    t->space = t->pre_begun = false;
    buf_add(t->out, s, len);
}

static void
letters(struct text *t, const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        size_t from = i;
        while (i < len && !is_space((unsigned char)s[i]) && (unsigned char)s[i] != 0xc2)
            i++;
        if (i > from)
            put_ink(t, s + from, i - from);
        if (i >= len)
            return;
        if ((unsigned char)s[i] == 0xc2) {
            if (i + 1 < len && (unsigned char)s[i + 1] == 0xa0) {
                if (t->out->len > t->start && t->out->data[t->out->len - 1] != '\n')
                    buf_putc(t->out, ' ');
                t->space = false;
            } else {
                put_ink(t, s + i, len - i < 2 ? 1 : 2);
            }
            i += 2;
        } else if (t->pre > 0) {
            if (s[i] != '\r' && !(t->pre_begun && s[i] == '\n'))
                buf_putc(t->out, s[i]);
            t->pre_begun = false;
            i++;
        } else {
            t->space = true;
            i++;
        }
    }
}

static void
characters(void *u, const xmlChar *s, int n)
{
    struct text *t = u;

    if (t->skip == 0 && !t->tiny)
        letters(t, (const char *)s, (size_t)n);
    else if (t->depth > 0 && strcmp(t->stack[t->depth - 1].name, "style") == 0 && t->css.len + (size_t)n <= SHEET_MAX)
        buf_add(&t->css, s, (size_t)n);
}

static const char *
attribute(const xmlChar **attrs, const char *name)
{
    for (; attrs != NULL && attrs[0] != NULL; attrs += 2)
        if (str_eq_nocase((const char *)attrs[0], name))
            return attrs[1] == NULL ? "" : (const char *)attrs[1];
    return NULL;
}

/* A style without its blanks, in lower case, holds `what`. */
static bool
style_has(const char *style, const char *what)
{
    char s[400];
    size_t n = 0;

    for (; *style != 0 && n < sizeof s - 1; style++)
        if (!is_space((unsigned char)*style))
            s[n++] = (char)lower((unsigned char)*style);
    s[n] = 0;
    return strstr(s, what) != NULL;
}

/* Outlook's border above the header of what it quotes, whatever language that is in. */
static bool
is_outlook_border(const char *style)
{
    return (style_has(style, "border-top:solid#e1e1e11.0pt") || style_has(style, "border-top:solid#b5c4df1.0pt")) && style_has(style, "padding:3.0pt0");
}

static const char *
past_prefix(const char *id)     /* "x_x_Signature": Outlook on the web, of a mail in a mail */
{
    while (id[0] == 'x' && id[1] == '_')
        id += 2;
    return id;
}

/* Of a <blockquote>; authors of web pages have "block-quote" and "pullquote". */
static bool
is_quote_class(const char *class)
{
    static const char *const words[] = {"_quote", "quoted", "blockquote", "iosymail", "clean_bq", "history_container"};

    for (size_t i = 0; i < countof(words); i++)
        if (str_find_nocase(class, words[i]) != NULL)
            return true;
    return false;
}

static enum mark
marked(unsigned effect, const xmlChar **attrs)
{
    const char *type = attribute(attrs, "type"), *style = attribute(attrs, "style"), *class = attribute(attrs, "class"), *v;

    if (effect & QUOTE) {
        if ((type != NULL && str_eq_nocase(type, "cite")) || ((v = attribute(attrs, "cite")) != NULL && str_starts_nocase(v, "mid:")) || (class != NULL && is_quote_class(class)) ||
            (style != NULL && style_has(style, "border-left")))
            return MARK_IS_QUOTE;
        return MARK_IS_INDENT;
    }
    if (style != NULL && is_outlook_border(style))
        return MARK_IS_CUT;
    for (size_t i = 0; i < countof(mark_of); i++)
        if ((v = attribute(attrs, mark_of[i].attribute)) != NULL && (effect != LINK || strcmp(mark_of[i].attribute, "name") != 0) &&
            (mark_of[i].whole ? str_eq_nocase(past_prefix(v), mark_of[i].word) : str_find_nocase(v, mark_of[i].word) != NULL))
            return mark_of[i].mark;
    return MARK_NONE;
}

static void
put_mark(struct text *t, enum mark mark, bool open)
{
    static const char *const marks[][2] = {
        [MARK_NONE] = {"", ""}, [MARK_IS_QUOTE] = {MARK_QUOTE_OPEN, MARK_QUOTE_CLOSE}, [MARK_IS_CUT] = {MARK_CUT, ""},
        [MARK_IS_SIGNATURE] = {MARK_SIGNATURE, MARK_SIGNATURE_END}, [MARK_IS_INDENT] = {MARK_INDENT_OPEN, MARK_INDENT_CLOSE},
    };

    if (mark == MARK_NONE)
        return;
    if (open)
        new_line(t, 0);
    buf_puts(t->out, marks[mark][open ? 0 : 1]);
    if (!open)
        new_line(t, 0);
}

static struct node *
list_around(struct text *t)
{
    for (size_t i = t->depth; i > 0; i--)
        if (t->stack[i - 1].effect & LIST)
            return &t->stack[i - 1];
    return NULL;
}

/* A list's or an item's own number: "start" or "value". */
static void
own_number(int *number, const char *v)
{
    if (v != NULL && is_digit((unsigned char)*v))
        *number = atoi(v) < 1000000 ? atoi(v) - 1 : 0;
}

static void
item(struct text *t, const xmlChar **attrs)
{
    struct node *l = list_around(t);

    new_line(t, 0);
    if (l != NULL && (l->effect & ORDERED)) {
        own_number(&l->number, attribute(attrs, "value"));
        buf_printf(t->out, "%d. ", ++l->number);
    } else {
        buf_puts(t->out, "- ");
    }
    t->begun = t->out->len;
}

static void
begin_cell(struct text *t, struct node *n)
{
    if (t->out->len > t->start && t->out->data[t->out->len - 1] != '\n' && t->out->len != t->begun) {
        buf_puts(t->out, "  ");
        t->begun = t->out->len;
    }
    n->cell_at = t->out->len;
}

/* A cell of one line stays on the line of its row, whatever paragraphs it was made of. */
static void
end_cell(struct text *t, const struct node *n)
{
    struct buf *o = t->out;
    size_t end = o->len;

    while (end > n->cell_at && (o->data[end - 1] == '\n' || o->data[end - 1] == ' '))
        end--;
    if (end == o->len || end == n->cell_at || end - n->cell_at > CELL_MAX || memchr(o->data + n->cell_at, '\n', end - n->cell_at) != NULL)
        return;
    o->len = end;
    o->data[end] = 0;
}

static void
begin_effects(struct text *t, struct node *n, const xmlChar **attrs)
{
    const char *v;

    if (n->effect & BREAK) {
        while (t->out->len > t->start && t->out->data[t->out->len - 1] == ' ')
            t->out->data[--t->out->len] = 0;
        buf_putc(t->out, '\n');
        t->space = false;
    }
    if (n->effect & (BLOCK | ROW | RULE))
        new_line(t, 0);
    if (n->effect & PARAGRAPH)
        new_line(t, 1);
    if (n->effect & CELL)
        begin_cell(t, n);
    if (n->effect & ITEM)
        item(t, attrs);
    if (n->effect & ORDERED)
        own_number(&n->number, attribute(attrs, "start"));
    if (n->effect & PRE) {
        t->pre++;
        t->pre_begun = true;
    }
    if ((n->effect & IMAGE) && (v = attribute(attrs, "alt")) != NULL && strlen(v) < 1000)
        letters(t, v, strlen(v));
    if ((n->effect & LINK) && (v = attribute(attrs, "href")) != NULL && strlen(v) <= HREF_MAX &&
        (str_starts_nocase(v, "http://") || str_starts_nocase(v, "https://") || str_starts_nocase(v, "mailto:") || str_starts_nocase(v, "tel:") || str_starts_nocase(v, "ftp://"))) {
        n->href = t->href.len + 1;
        buf_add(&t->href, v, strlen(v) + 1);
        n->text_at = t->out->len;
    }
}

static void
begin(void *u, const xmlChar *name, const xmlChar **attrs)
{
    struct text *t = u;
    struct node *n;
    struct style st = {0};
    const char *style = attribute(attrs, "style");

    if (t->depth == STACK_MAX) {
        t->overflow++;
        return;
    }
    n = &t->stack[t->depth];
    *n = (struct node){.effect = html_effect((const char *)name, strlen((const char *)name))};
    memcpy(n->name, name, strnlen((const char *)name, sizeof n->name - 1));
    n->was_tiny = t->tiny;
    if (t->sheet.n > 0)
        sheet_apply(&t->sheet, (const char *)name, attribute(attrs, "class"), attribute(attrs, "id"), &st);
    if (style != NULL)
        style_read(style, &st);
    if (st.font != STYLE_NONE)
        t->tiny = st.font == STYLE_NOUGHT;
    if (st.pre)
        n->effect |= PRE;
    if (st.block && (n->effect & ~(unsigned)LINK) == 0)
        n->effect |= BLOCK;
    n->skip = (n->effect & SKIP) != 0 || style_hides(&st, n->effect) || attribute(attrs, "hidden") != NULL;
    if (t->skip == 0 && !n->skip) {
        n->mark = marked(n->effect, attrs);
        put_mark(t, n->mark, true);
        begin_effects(t, n, attrs);
    }
    t->skip += n->skip;
    t->depth++;
}

/* The digits of a telephone number are those of the other. */
static bool
same_digits(const char *a, size_t len, const char *b)
{
    size_t i = 0;

    for (;; i++, b++) {
        while (i < len && !is_digit((unsigned char)a[i]))
            i++;
        while (*b != 0 && !is_digit((unsigned char)*b))
            b++;
        if (i == len || *b == 0)
            return i == len && *b == 0;
        if (a[i] != *b)
            return false;
    }
}

static bool
holds_nocase(const char *s, size_t len, const char *what, size_t n)
{
    for (size_t i = 0; i + n <= len && i < 2 * HREF_MAX; i++)
        if (mem_eq_nocase(s + i, what, n))
            return true;
    return false;
}

/* "text <target>", unless the text is the target. Line ends that the link brought with it stand behind the target. */
static void
end_link(struct text *t, const struct node *n)
{
    const char *href = t->href.data + n->href - 1, *shown = href, *text;
    size_t at = n->text_at < t->out->len ? n->text_at : t->out->len, len = t->out->len, target, lines = 0;
    bool tel = str_starts_nocase(href, "tel:"), mail = str_starts_nocase(href, "mailto:"), blank = false;

    while (at < len && is_space((unsigned char)t->out->data[at]))
        at++;
    for (; len > at && is_space((unsigned char)t->out->data[len - 1]); len--) {
        lines += t->out->data[len - 1] == '\n';
        blank = true;
    }
    text = t->out->data + at;
    if (mail || tel)
        shown = strchr(shown, ':') + 1;
    target = mail ? strcspn(shown, "?") : strlen(shown);
    if (target > 0 && shown[target - 1] == '/')
        target--;
    t->href.len = n->href - 1;
    if (len == at || target == 0 || holds_nocase(text, len - at, shown, target) || (tel && same_digits(text, len - at, shown)))
        return;
    if (!mail && !tel && (href = strstr(shown, "://")) != NULL) {       /* the same without its scheme */
        size_t rest = target - (size_t)(href + 3 - shown), shorter = len - at - (text[len - at - 1] == '/');
        if (shorter > 1 && shorter <= rest && mem_eq_nocase(href + 3, text, shorter) && (shorter == rest || strchr("/?#", href[3 + shorter]) != NULL))
            return;
    }
    t->out->data[t->out->len = len] = 0;
    buf_puts(t->out, " <");
    for (size_t i = 0; i < target + (!mail && shown[target] == '/'); i++)
        if ((unsigned char)shown[i] > 0x20 && shown[i] != '<' && shown[i] != '>')
            buf_putc(t->out, shown[i]);
    buf_putc(t->out, '>');
    for (; lines > 0; lines--, blank = false)
        buf_putc(t->out, '\n');
    t->space |= blank;
}

static void
end_node(struct text *t, const struct node *n)
{
    t->skip -= n->skip;
    t->tiny = n->was_tiny;
    if (t->css.len > 0 && strcmp(n->name, "style") == 0) {
        sheet_read(&t->sheet, t->css.data, t->css.len);
        buf_clear(&t->css);
    }
    if (t->skip > 0 || n->skip)
        return;
    if (n->effect & PRE)
        t->pre--;
    if (n->href > 0)
        end_link(t, n);
    put_mark(t, n->mark, false);
    if (n->effect & (BLOCK | ROW | ITEM))
        new_line(t, 0);
    if (n->effect & PARAGRAPH)
        new_line(t, 1);
    if (n->effect & CELL)
        end_cell(t, n);
}

static void
end(void *u, const xmlChar *name)
{
    struct text *t = u;

    if (t->overflow > 0) {
        t->overflow--;
        return;
    }
    for (size_t i = t->depth; i > 0; i--)
        if (strncmp(t->stack[i - 1].name, (const char *)name, sizeof t->stack[0].name - 1) == 0) {
            while (t->depth >= i)
                end_node(t, &t->stack[--t->depth]);
            return;
        }
}

static void
quiet(void *u, const xmlError *e)
{
    (void)u;
    (void)e;
}

void
html_to_text(struct reading *r, const char *html, size_t len, struct buf *out)
{
    xmlSAXHandler sax = {.startElement = begin, .endElement = end, .characters = characters, .ignorableWhitespace = characters, .cdataBlock = characters,
        .initialized = XML_SAX2_MAGIC, .serror = (xmlStructuredErrorFunc)(void (*)(void))quiet};
    struct text *t = arena_alloc(r->tmp, sizeof *t);
    struct buf clean = {0};
    htmlParserCtxtPtr x;

    buf_puts(out, "");                  /* that there are bytes to look at, though none is text yet */
    *t = (struct text){.out = out, .start = out->len};
    html_filter(html, len, &clean);
    x = htmlCreatePushParserCtxt(&sax, t, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    must(x != NULL);
    htmlCtxtUseOptions(x, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
    if (clean.len > r->o->limits.text * 2)
        clean.len = (size_t)r->o->limits.text * 2;
    for (size_t i = 0; i < clean.len && out->len - t->start <= r->o->limits.text; i += CHUNK) {
        size_t n = clean.len - i < CHUNK ? clean.len - i : CHUNK;
        htmlParseChunk(x, clean.data + i, (int)n, 0);
    }
    htmlParseChunk(x, NULL, 0, 1);
    while (t->depth > 0)
        end_node(t, &t->stack[--t->depth]);
    if (x->myDoc != NULL)
        xmlFreeDoc(x->myDoc);
    htmlFreeParserCtxt(x);
    while (out->len > t->start && is_space((unsigned char)out->data[out->len - 1]))
        out->data[--out->len] = 0;
    new_line(t, 0);
    buf_free(&clean);
    buf_free(&t->href);
    buf_free(&t->css);
}
