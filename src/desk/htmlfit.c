/* SPDX-License-Identifier: ISC
 *
 * Which of a mail's HTML goes out. The words have been cut and cleaned as text: quotes, commands, internal lines, footers of telephones
 * and addresses inside are out of them. They are the measure: HTML is taken line by line, a line stays if it is what the words say
 * next, and in the end all words must have been said. So nothing is shown that the text does not say, whatever the HTML was made of, and
 * nothing is missing. Signs, blanks, bullets and the targets of links may differ, for plain text writes them in its own ways; letters,
 * digits and "#@%" may not. The HTML comes out of the worker that reads mail: it is checked again, token by token.
 */
#include "htmlfit.h"
#include "command.h"

#include <string.h>

#define PIECES_MAX 20000u
#define DEPTH_MAX 400u
#define TARGET_MAX 700u                 /* of a link, as text writes it: "<https://…>" */
#define SCAN_MAX 8192u                  /* so far ahead the next letter of the words is looked for, with a target in between */
#define NO_MATE SIZE_MAX

struct piece {
    struct mail_html_token t;
    const char *text;                   /* of a text, or of a picture's alt: as the words would have it; NULL: none */
    size_t mate, unit;
    unsigned image;                     /* of a picture: its attachment, from 1 */
    bool keep;
};
struct unit { size_t first, last; bool ink, image, keep; };    /* a line; first and last of its pieces */
struct fit {
    struct turn *t;
    const struct parts *p;
    bool outside;
    struct piece *v; size_t n;
    struct unit *u; size_t units;
    bool *shown;
    bool empty;                         /* there are no words: only pictures above everything */
};

/* ---- letters that count */

static bool
counts(uint32_t c)
{
    static const struct { uint32_t from, to; } signs[] = {
        { 0x80, 0xa9 }, { 0xab, 0xb1 }, { 0xb4, 0xb4 }, { 0xb6, 0xb8 }, { 0xbb, 0xbb }, { 0xd7, 0xd7 }, { 0x2000, 0x206f }, { 0x2190, 0x2bff },
        { 0x3000, 0x303f }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xffff }, { 0x1f000, 0x1ffff }, { 0xe0000, 0x10ffff },
    };
    if (c < 0x80)
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c != 0 && strchr("#@%$&", (int)c) != NULL);
    for (size_t i = 0; i < countof(signs); i++)
        if (c >= signs[i].from && c <= signs[i].to)
            return false;
    return true;
}

/* Well-formed UTF-8, which all text here is. */
static uint32_t
character(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    unsigned n = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t c = n == 0 ? p[0] : p[0] & (0x3fu >> n);
    *s += 1;
    for (; n > 0 && ((unsigned char)**s & 0xc0) == 0x80; n--)
        c = c << 6 | ((unsigned char)*(*s)++ & 0x3fu);
    return c;
}

static uint32_t
next_letter(const char **s)
{
    while (**s != '\0') {
        uint32_t c = character(s);
        if (counts(c))
            return c;
    }
    return 0;
}

/* "<https://…>", "<mailto:…>", "[cid:…]", "[image: …]" at s: what text says for what HTML shows. Behind it; NULL: it is none. */
static const char *
behind_target(const char *s)
{
    static const char *const begins[] = { "[cid:", "[image", "[http", "[mailto:" };
    char close = *s == '<' ? '>' : ']';
    bool known = false;
    for (size_t i = 0; i < countof(begins) && *s == '['; i++)
        known |= str_starts_nocase(s, begins[i]);
    for (size_t i = 1; i < TARGET_MAX && s[i] != '\0' && s[i] != *s; i++) {
        known |= *s == '<' && (s[i] == '@' || (s[i] == ':' && i < 12));
        if (s[i] == close)
            return known ? s + i + 1 : NULL;
    }
    return NULL;
}

/* The words' next letter with targets passed over; 0 also when it is far away. */
static uint32_t
next_shown(const char **w)
{
    for (const char *far = *w + strnlen(*w, SCAN_MAX); *w < far;) {
        const char *behind = **w == '<' || **w == '[' ? behind_target(*w) : NULL;
        if (behind != NULL) {
            *w = behind;
            continue;
        }
        uint32_t c = character(w);
        if (counts(c))
            return c;
    }
    return 0;
}

/* To the next letter or target: what is in between is never looked at again. */
static void
blanks_pass(const char **w)
{
    for (const char *next = *w; **w != '\0'; *w = next) {
        uint32_t c = (uint32_t)(unsigned char)*next;
        if ((c == '<' || c == '[') && behind_target(next) != NULL)
            return;
        c = character(&next);
        if (counts(c))
            return;
    }
}

/* Is c what the words say next? first: the number of a list's item may stand before it. */
static bool
take(const char **w, uint32_t c, bool first)
{
    const char *at = *w;
    if (next_shown(&at) == c || (at = *w, next_letter(&at) == c)) {
        *w = at;
        return true;
    }
    at = *w;
    for (unsigned targets = 0; first && targets < 4; targets++) {
        blanks_pass(&at);
        const char *behind = *at == '<' || *at == '[' ? behind_target(at) : NULL;
        if (behind == NULL)
            break;
        at = behind;
    }
    size_t digits = first ? strspn(at, "0123456789") : 0;
    if (digits == 0 || digits > 3 || strchr(".)", at[digits]) == NULL || at[digits] == '\0')
        return false;
    at += digits + 1;
    if (next_shown(&at) != c)
        return false;
    *w = at;
    return true;
}

/* ---- pieces */

static size_t
image_of(const struct fit *f, const char *src)
{
    for (size_t i = 0; src != NULL && str_starts_nocase(src, "cid:") && i < f->p->n; i++)
        if (f->p->v[i]->content_id != NULL && strcmp(src + 4, f->p->v[i]->content_id) == 0)
            return i + 1;
    return 0;
}

static bool
name_is(const struct mail_html_token *t, const char *name)
{
    return t->name_len == strlen(name) && memcmp(t->name, name, t->name_len) == 0;
}

/* false: it is not what the worker has to write. */
static bool
pieces_read(struct fit *f)
{
    struct turn *t = f->t;
    size_t stack[DEPTH_MAX], depth = 0;
    const char *at = f->p->html;
    f->v = arena_alloc(t->a, PIECES_MAX * sizeof *f->v);
    while (f->n < PIECES_MAX) {
        struct piece *p = &f->v[f->n];
        enum mail_html kind = mail_html_next(&at, &p->t);
        if (kind == MAIL_HTML_END)
            return depth == 0;
        p->mate = NO_MATE;
        if (kind == MAIL_HTML_BAD)
            return false;
        if (kind == MAIL_HTML_TEXT) {
            const char *text = mail_html_text(p->t.s, p->t.len, t->a);
            p->text = text && f->outside ? words_inside_out(t, text) : text;
        } else if (kind == MAIL_HTML_CLOSE) {
            if (depth == 0 || !name_is(&p->t, arena_strndup(t->a, f->v[stack[depth - 1]].t.name, f->v[stack[depth - 1]].t.name_len)))
                return false;
            p->mate = stack[--depth];
            f->v[p->mate].mate = f->n;
        } else if (name_is(&p->t, "img")) {
            p->image = (unsigned)image_of(f, mail_html_attribute(&p->t, "src", t->a));
            p->text = mail_html_attribute(&p->t, "alt", t->a);
        } else if (!mail_html_is_void(p->t.name, p->t.name_len)) {
            if (depth == DEPTH_MAX)
                return false;
            stack[depth++] = f->n;
        }
        f->n++;
    }
    return false;
}

/* Lines end where a block begins or ends. */
static void
units_make(struct fit *f)
{
    f->u = arena_alloc(f->t->a, (f->n + 1) * sizeof *f->u);
    for (size_t i = 0; i < f->n; i++) {
        struct piece *p = &f->v[i];
        bool tag = p->t.kind != MAIL_HTML_TEXT, image = tag && name_is(&p->t, "img");
        if (tag && !image && mail_html_is_block(p->t.name, p->t.name_len))
            f->units++;
        if (f->u[f->units].last == 0 && f->u[f->units].first == 0)
            f->u[f->units].first = i;
        f->u[f->units].last = i;
        p->unit = f->units;
        const char *s = p->text;
        f->u[f->units].image |= image;
        f->u[f->units].ink |= s != NULL && !image && next_letter(&s) != 0;
    }
    f->units += f->n > 0;
}

/* ---- which lines stay */

static bool
unit_said(struct fit *f, const struct unit *u, const char **words)
{
    const char *w = *words;
    bool first = true;
    for (size_t i = u->first; i <= u->last; i++) {
        struct piece *p = &f->v[i];
        const char *s = p->text, *before = w;
        uint32_t c;
        bool image = p->t.kind != MAIL_HTML_TEXT;
        while (s != NULL && (c = next_letter(&s)) != 0) {
            if (take(&w, c, first)) {
                first = false;
                continue;
            }
            if (!image)
                return false;
            w = before;                 /* the words do not say what the picture is called: nor will the letter */
            p->text = NULL;
            break;
        }
    }
    *words = w;
    return true;
}

static bool
units_keep(struct fit *f, const char *words)
{
    for (size_t i = 0; i < f->units; i++) {
        blanks_pass(&words);
        bool said = (f->u[i].ink || f->u[i].image) && unit_said(f, &f->u[i], &words);
        f->u[i].keep = f->u[i].ink && said;
    }
    for (const char *behind; blanks_pass(&words), *words == '<' || *words == '['; words = behind)
        if ((behind = behind_target(words)) == NULL)
            return false;
    return *words == '\0';
}

/* Pictures, breaks and blank lines stay where the line with words above them does; a break not at the end. */
static void
pieces_keep(struct fit *f)
{
    size_t last = 0;
    bool above = f->empty, any = false, first = false;
    for (size_t i = f->units; i-- > 0;) {
        if (f->u[i].keep && last == 0)
            last = i;
        first = f->u[i].ink ? f->u[i].keep : first;
    }
    for (size_t i = 0; i < f->n; i++) {
        struct piece *p = &f->v[i];
        const struct unit *u = &f->u[p->unit];
        if (u->ink) {
            above = u->keep;
            any = true;
        }
        if (p->t.kind == MAIL_HTML_TEXT)
            p->keep = u->ink ? u->keep : above && any && p->unit < last;
        else if (p->image > 0)
            p->keep = above || (!any && first);
        else if (p->t.kind == MAIL_HTML_OPEN && p->mate == NO_MATE && (name_is(&p->t, "br") || name_is(&p->t, "hr")))
            p->keep = above && any && p->unit <= last;
    }
}

static bool
is_cell(const struct mail_html_token *t)
{
    return name_is(t, "td") || name_is(t, "th");
}

/* An element stays when something in it does; the cells of a row, all or none. */
static void
elements_keep(struct fit *f)
{
    size_t *kept = arena_alloc(f->t->a, (f->n + 1) * sizeof *kept);
    unsigned rows = 0;
    for (size_t i = 0; i < f->n; i++)
        kept[i + 1] = kept[i] + f->v[i].keep;
    for (size_t i = 0; i < f->n; i++) {
        struct piece *p = &f->v[i];
        if (p->t.kind == MAIL_HTML_CLOSE) {
            p->keep = f->v[p->mate].keep;
            rows -= p->keep && name_is(&p->t, "tr");
        } else if (p->t.kind == MAIL_HTML_OPEN && p->mate != NO_MATE) {
            p->keep = kept[p->mate] > kept[i] || (rows > 0 && is_cell(&p->t));
            rows += p->keep && name_is(&p->t, "tr");
        }
    }
}

/* ---- writing */

static void
put_escaped(struct buf *out, const char *s)
{
    for (; *s != '\0'; s++)
        switch (*s) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        default: buf_putc(out, *s);
        }
}

static void
put_image(struct fit *f, const struct piece *p, struct buf *out)
{
    static const char *const names[] = { "width", "height", "style", "align", "border" };
    f->shown[p->image - 1] = true;
    buf_printf(out, "<img src=\"cid:%s\" alt=\"", part_content_id(f->t, f->p->mail, f->p->v[p->image - 1]));
    put_escaped(out, p->text && (!f->outside || !words_hold_inside(f->t, p->text)) ? p->text : "");
    buf_putc(out, '"');
    for (size_t i = 0; i < countof(names); i++) {
        const char *value = mail_html_attribute(&p->t, names[i], f->t->a);
        if (value == NULL)
            continue;
        buf_printf(out, " %s=\"", names[i]);
        put_escaped(out, value);
        buf_putc(out, '"');
    }
    buf_putc(out, '>');
}

static bool
link_goes(struct fit *f, const struct piece *p)
{
    const char *href = name_is(&p->t, "a") ? mail_html_attribute(&p->t, "href", f->t->a) : NULL;
    return href != NULL && (!f->outside || !words_hold_inside(f->t, href));
}

static const char *
fit_write(struct fit *f)
{
    struct buf out = { 0 };
    buf_puts(&out, "<div dir=\"auto\">");
    for (size_t i = 0; i < f->n; i++) {
        const struct piece *p = &f->v[i], *open = p->t.kind == MAIL_HTML_CLOSE ? &f->v[p->mate] : p;
        if (!p->keep || (name_is(&open->t, "a") && p->t.kind != MAIL_HTML_TEXT && !link_goes(f, open)))
            continue;
        if (p->t.kind == MAIL_HTML_TEXT)
            put_escaped(&out, p->text);
        else if (p->image > 0)
            put_image(f, p, &out);
        else
            buf_add(&out, p->t.s, p->t.len);
    }
    buf_puts(&out, "</div>\n");
    const char *html = arena_strndup(f->t->a, out.data, out.len);
    buf_free(&out);
    return html;
}

const char *
html_fit(struct turn *t, const struct parts *p, const char *words, bool outside, bool **shown)
{
    struct fit f = { .t = t, .p = p, .outside = outside };
    const char *w = words;
    bool any = false;
    *shown = f.shown = arena_alloc(t->a, (p->n + 1) * sizeof *f.shown);
    if (p->html == NULL || !utf8_valid(p->html, strlen(p->html)) || !pieces_read(&f))
        return NULL;
    f.empty = next_letter(&w) == 0 && words[strspn(words, " \t\r\n")] == '\0';
    units_make(&f);
    if (!units_keep(&f, words))
        return NULL;
    pieces_keep(&f);
    elements_keep(&f);
    for (size_t i = 0; i < f.units; i++)
        any |= f.u[i].keep;
    for (size_t i = 0; i < f.n && f.empty; i++)
        any |= f.v[i].keep && f.v[i].image > 0;
    return any ? fit_write(&f) : NULL;
}
