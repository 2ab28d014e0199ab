/* SPDX-License-Identifier: ISC
 *
 * RTF as Outlook puts it into winmail.dat: unpacked ([MS-OXRTFCP]) and read as text. Not a reader of RTF: paragraphs, characters and their
 * code pages, nothing of how it looks; groups that are no text are passed over, HTML inside ([MS-OXRTFEX]) is read by its RTF twin. One pass,
 * no recursion; what is unpacked is bounded by the caller. Trusts no length.
 */
#include "read.h"

#include <stdio.h>
#include <string.h>

#define GROUPS_MAX 200u
#define FONTS_MAX 256u
#define COMPRESSED 0x75465a4cu  /* "LZFu" */
#define UNCOMPRESSED 0x414c454du

/* What the window holds before the first byte. */
static const char begin[] = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

static uint32_t
le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool
rtf_unpack(const uint8_t *in, size_t len, size_t max, struct buf *out)
{
    char window[4096] = {0};
    size_t i = 16, at = sizeof begin - 1;

    if (len < 16 || (le32(in + 8) != COMPRESSED && le32(in + 8) != UNCOMPRESSED))
        return false;
    if (le32(in + 4) < max)
        max = le32(in + 4);
    if (le32(in + 8) == UNCOMPRESSED) {
        buf_add(out, in + 16, len - 16 < max ? len - 16 : max);
        return true;
    }
    memcpy(window, begin, sizeof begin - 1);
    while (i < len && out->len < max) {
        unsigned flags = in[i++];
        for (unsigned bit = 0; bit < 8 && i < len && out->len < max; bit++, flags >>= 1) {
            size_t from, n;
            if ((flags & 1) == 0) {
                buf_putc(out, window[at++ % sizeof window] = (char)in[i++]);
                continue;
            }
            if (len - i < 2)
                return true;
            from = (size_t)in[i] << 4 | in[i + 1] >> 4;
            n = (in[i + 1] & 0xfu) + 2;
            i += 2;
            if (from == at % sizeof window)                     /* a reference to what comes next: the end */
                return true;
            for (; n > 0; n--)
                buf_putc(out, window[at++ % sizeof window] = window[from++ % sizeof window]);
        }
    }
    return true;
}

/* ---- text */

struct group { bool skip, fonts; int uc; unsigned font; };
struct rtf {
    struct buf *out;
    struct group stack[GROUPS_MAX], now;
    size_t depth, overflow;
    unsigned page, high;        /* code page of the whole; the first half of a character beyond U+FFFF */
    int leave;                  /* characters still to be passed over: they repeat the last \u for old readers */
    uint8_t set[FONTS_MAX];     /* of each font */
    struct buf bytes;           /* of one code page, not yet converted */
    unsigned bytes_page;
    bool lead;                  /* half of a two-byte character is there */
};

static const struct { const char *word, *text; } words[] = {
    {"par", "\n"}, {"line", "\n"}, {"sect", "\n"}, {"page", "\n"}, {"row", "\n"}, {"tab", "\t"}, {"cell", "  "}, {"emdash", "\xe2\x80\x94"}, {"endash", "\xe2\x80\x93"},
    {"lquote", "\xe2\x80\x98"}, {"rquote", "\xe2\x80\x99"}, {"ldblquote", "\xe2\x80\x9c"}, {"rdblquote", "\xe2\x80\x9d"}, {"bullet", "\xe2\x80\xa2"}, {"emspace", " "}, {"enspace", " "},
};
static const char *const no_text[] = {"colortbl", "stylesheet", "info", "pict", "object", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "fldinst",
    "listtable", "listoverridetable", "filetbl", "revtbl", "xe", "tc", "nonshppict"};
static const struct { uint8_t set; uint16_t page; } pages[] = {
    {128, 932}, {129, 949}, {134, 936}, {136, 950}, {161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257}, {204, 1251}, {222, 874}, {238, 1250}, {255, 437},
};

static void
flush(struct rtf *t)
{
    char name[16];

    t->lead = false;
    if (t->bytes.len == 0)
        return;
    snprintf(name, sizeof name, "cp%u", t->bytes_page % 100000);
    if (!charset_exact(name, (const uint8_t *)t->bytes.data, t->bytes.len, t->out))
        charset_text("windows-1252", (const uint8_t *)t->bytes.data, t->bytes.len, t->out, NULL);
    buf_clear(&t->bytes);
}

static void
put_byte(struct rtf *t, unsigned c)
{
    unsigned page = t->page;

    if (t->leave > 0) {
        t->leave--;
        return;
    }
    if (t->now.skip)
        return;
    for (size_t i = 0; i < countof(pages); i++)
        if (t->now.font < FONTS_MAX && t->set[t->now.font] == pages[i].set)
            page = pages[i].page;
    if (page != t->bytes_page)
        flush(t);
    t->bytes_page = page;
    buf_putc(&t->bytes, (char)c);
    t->lead = !t->lead && c >= 0x81 && (page == 949 || page == 936 || page == 950 || (page == 932 && !(c >= 0xa0 && c < 0xe0)));
}

static void
put_text(struct rtf *t, const char *s, size_t len)
{
    if (t->leave > 0) {
        t->leave--;
        return;
    }
    if (t->now.skip)
        return;
    if (t->lead && len == 1) {                  /* the second byte of a character may be ASCII */
        buf_putc(&t->bytes, *s);
        t->lead = false;
        return;
    }
    flush(t);
    buf_add(t->out, s, len);
}

static void
put_unicode(struct rtf *t, int n)
{
    uint32_t c = (uint32_t)n & 0xffff;

    t->leave = t->now.uc;
    if (t->now.skip)
        return;
    flush(t);
    if (c >= 0xd800 && c < 0xdc00) {
        t->high = c;
        return;
    }
    if (c >= 0xdc00 && c < 0xe000)
        c = t->high == 0 ? 0xfffd : 0x10000 + ((t->high - 0xd800) << 10) + (c - 0xdc00);
    t->high = 0;
    if (c < 0x20 || (c >= 0xfdd0 && c <= 0xfdef))
        c = 0xfffd;
    utf8_put(c, t->out);
}

static void
group_open(struct rtf *t)
{
    if (t->depth < GROUPS_MAX)
        t->stack[t->depth++] = t->now;
    else
        t->overflow++;
    t->leave = 0;
}

static void
group_close(struct rtf *t)
{
    if (t->overflow > 0)
        t->overflow--;
    else if (t->depth > 0) {
        if (t->lead)
            flush(t);
        t->now = t->stack[--t->depth];
    }
    t->leave = 0;
}

static void
control(struct rtf *t, const char *word, bool has_number, int number)
{
    if (strcmp(word, "u") == 0 && has_number) {
        put_unicode(t, number);
        return;
    }
    if (strcmp(word, "uc") == 0 && number >= 0 && number < 16)
        t->now.uc = number;
    else if (strcmp(word, "ansicpg") == 0 && number > 0)
        t->page = (unsigned)number;
    else if (strcmp(word, "f") == 0 && number >= 0)
        t->now.font = (unsigned)number;
    else if (strcmp(word, "fcharset") == 0 && t->now.fonts && t->now.font < FONTS_MAX)
        t->set[t->now.font] = (uint8_t)number;
    else if (strcmp(word, "fonttbl") == 0)
        t->now.fonts = t->now.skip = true;
    else if (strcmp(word, "deff") != 0)
        for (size_t i = 0; i < countof(no_text); i++)
            t->now.skip |= strcmp(word, no_text[i]) == 0;
    for (size_t i = 0; i < countof(words); i++)
        if (strcmp(word, words[i].word) == 0) {
            t->leave = 0;
            flush(t);
            put_text(t, words[i].text, strlen(words[i].text));
        }
}

/* Behind a backslash; returns where to go on. */
static size_t
escape(struct rtf *t, const char *s, size_t len, size_t i)
{
    char word[32];
    size_t n = 0;
    int number = 0, hi, lo;
    bool minus, has;

    if (s[i] == '\'') {
        if (i + 2 < len && (hi = hex_value((unsigned char)s[i + 1])) >= 0 && (lo = hex_value((unsigned char)s[i + 2])) >= 0)
            put_byte(t, (unsigned)(hi << 4 | lo));
        return i + 3;
    }
    if (!is_alpha((unsigned char)s[i])) {
        if (s[i] == '*')
            t->now.skip = true;                 /* a destination that one may not know */
        else if (s[i] == '~')
            put_text(t, " ", 1);
        else if (s[i] == '_')
            put_text(t, "-", 1);
        else if (s[i] == '\n' || s[i] == '\r')
            put_text(t, "\n", 1);
        else if (strchr("\\{}", s[i]) != NULL && s[i] != 0)
            put_text(t, s + i, 1);
        return i + 1;
    }
    for (; i < len && is_alpha((unsigned char)s[i]); i++)
        if (n < sizeof word - 1)
            word[n++] = s[i];
    word[n] = 0;
    minus = i < len && s[i] == '-';
    i += minus;
    for (has = false; i < len && is_digit((unsigned char)s[i]); i++, has = true)
        if (number < 10000000)
            number = number * 10 + (s[i] - '0');
    if (i < len && s[i] == ' ')
        i++;
    if (strcmp(word, "bin") == 0)               /* bytes follow */
        return len - i < (size_t)number ? len : i + (size_t)number;
    control(t, word, has, minus ? -number : number);
    return i;
}

void
rtf_to_text(struct reading *r, const char *s, size_t len, struct buf *out)
{
    struct rtf *t = arena_alloc(r->tmp, sizeof *t);
    size_t i = 0;

    *t = (struct rtf){.out = out, .page = 1252, .now = {.uc = 1}};
    while (i < len) {
        char c = s[i++];
        if (c == '{')
            group_open(t);
        else if (c == '}')
            group_close(t);
        else if (c == '\\' && i < len)
            i = escape(t, s, len, i);
        else if ((unsigned char)c >= 0x80)
            put_byte(t, (unsigned char)c);
        else if (c != '\r' && c != '\n' && c != 0)
            put_text(t, &c, 1);
    }
    flush(t);
    buf_free(&t->bytes);
}
