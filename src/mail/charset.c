/* SPDX-License-Identifier: ISC
 *
 * Bytes to UTF-8. The converters are opened once, before the sandbox closes, and kept: iconv loads files at first use, and an
 * answer must not depend on what the machine has. Labels are claims of a stranger: stateful 7-bit sets are believed, then valid
 * UTF-8, then the label, then a guess (from 20 bytes on), then windows-1252. What cannot be converted becomes U+FFFD.
 */
#include "read.h"

#include <iconv.h>
#include <string.h>
#include <uchardet/uchardet.h>

#define GUESS_FROM 20u          /* non-ASCII bytes; with fewer the guess is noise */
#define GUESS_BYTES 65536u      /* that is enough to guess from */

enum kind { PLAIN, STATEFUL, MULTI, WIDE, FOREIGN, UTF8, ASCII, HZ, JIS };      /* FOREIGN: not even ASCII stands at its place */

static const struct converter {
    const char *name;           /* glibc's */
    enum kind kind;
    const char *alias;          /* all the names that it goes by, blanks around each, lower case */
} converter[] = {
    {"UTF-8", UTF8, " utf-8 utf8 unicode-1-1-utf-8 utf_8 utf-8mb4 cp65001 "},
    {"ASCII", ASCII, " us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us us cp367 7bit 646 unknown-8bit x-unknown unknown default none "
        "8bit binary utf-7bit _autodetect _autodetect_all x-user-defined "},
    {"CP1252", PLAIN, " windows-1252 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 cp1252 l1 ibm819 cp819 iso88591 iso_8859-1:1987 x-ansi ansi "
        "win-1252 windows1252 iso-8859-1-windows-3.1-latin-1 iso-latin-1 8859_1 iso-8859-1-windows-3.0-latin-1 "},
    {"CP1250", PLAIN, " windows-1250 cp1250 x-cp1250 win-1250 "},
    {"CP1251", PLAIN, " windows-1251 cp1251 x-cp1251 win-1251 ansi-1251 cp-1251 windows1251 "},
    {"CP1253", PLAIN, " windows-1253 cp1253 x-cp1253 "},
    {"CP1254", PLAIN, " windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 latin5 iso_8859-9 "},
    {"CP1255", PLAIN, " windows-1255 cp1255 x-cp1255 "},
    {"CP1256", PLAIN, " windows-1256 cp1256 x-cp1256 "},
    {"CP1257", PLAIN, " windows-1257 cp1257 x-cp1257 "},
    {"CP1258", PLAIN, " windows-1258 cp1258 x-cp1258 "},
    {"ISO-8859-2", PLAIN, " iso-8859-2 iso8859-2 latin2 iso_8859-2 latin-2 l2 "},
    {"ISO-8859-3", PLAIN, " iso-8859-3 iso8859-3 latin3 iso_8859-3 "},
    {"ISO-8859-4", PLAIN, " iso-8859-4 iso8859-4 latin4 iso_8859-4 "},
    {"ISO-8859-5", PLAIN, " iso-8859-5 iso8859-5 cyrillic iso_8859-5 "},
    {"ISO-8859-6", PLAIN, " iso-8859-6 iso8859-6 arabic iso_8859-6 iso-8859-6-i iso-8859-6-e "},
    {"ISO-8859-7", PLAIN, " iso-8859-7 iso8859-7 greek iso_8859-7 "},
    {"ISO-8859-8", PLAIN, " iso-8859-8 iso8859-8 hebrew iso_8859-8 iso-8859-8-i iso-8859-8-e logical "},
    {"ISO-8859-10", PLAIN, " iso-8859-10 iso8859-10 latin6 "},
    {"ISO-8859-13", PLAIN, " iso-8859-13 iso8859-13 latin7 "},
    {"ISO-8859-14", PLAIN, " iso-8859-14 iso8859-14 latin8 "},
    {"ISO-8859-15", PLAIN, " iso-8859-15 iso8859-15 latin9 latin-9 iso_8859-15 iso885915 "},
    {"ISO-8859-16", PLAIN, " iso-8859-16 iso8859-16 latin10 "},
    {"CP874", PLAIN, " windows-874 cp874 iso-8859-11 iso8859-11 tis-620 tis620 x-windows-874 "},
    {"KOI8-R", PLAIN, " koi8-r koi8 koi koi8r x-koi8-r "},
    {"KOI8-U", PLAIN, " koi8-u koi8-ru koi8u "},
    {"MACINTOSH", PLAIN, " macintosh x-mac-roman mac macroman x-macroman apple-roman "},
    {"MAC-CYRILLIC", PLAIN, " x-mac-cyrillic mac-cyrillic maccyrillic "},
    {"MAC-CENTRALEUROPE", PLAIN, " x-mac-ce mac-centraleurope x-mac-centraleurroman "},
    {"IBM437", PLAIN, " ibm437 cp437 437 "},
    {"IBM850", PLAIN, " ibm850 cp850 850 "},
    {"IBM852", PLAIN, " ibm852 cp852 852 "},
    {"IBM855", PLAIN, " ibm855 cp855 855 "},
    {"IBM865", PLAIN, " ibm865 cp865 865 "},
    {"IBM866", PLAIN, " ibm866 cp866 866 "},
    {"TCVN", PLAIN, " tcvn x-viet-tcvn tcvn5712-1 "},
    {"VISCII", PLAIN, " viscii "},
    {"ARMSCII-8", PLAIN, " armscii-8 "},
    {"GEORGIAN-PS", PLAIN, " georgian-ps "},
    {"GB18030", MULTI, " gb18030 gb2312 gbk cp936 x-gbk gb_2312-80 euc-cn x-euc-cn csgb2312 windows-936 cn-gb chinese gb2312_charset "},
    {"BIG5-HKSCS", MULTI, " big5 big5-hkscs cn-big5 x-x-big5 csbig5 big-5 x-big5 "},
    {"CP950", MULTI, " cp950 windows-950 "},
    {"EUC-TW", MULTI, " euc-tw x-euc-tw "},
    {"CP932", MULTI, " shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932 csshiftjis windows-932 shiftjis ms932 "},
    {"EUC-JP-MS", MULTI, " euc-jp x-euc-jp eucjp euc_jp euc-jp-ms "},
    {"CP949", MULTI, " euc-kr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 cp949 uhc ksc5601 ksc_5601 euckr windows-949 korean ks_c_5601_1987 "},
    {"JOHAB", MULTI, " johab cp1361 "},
    {"EUC-JP-MS", JIS, " iso-2022-jp iso-2022-jp-ms csiso2022jp cp50220 cp50221 cp50222 iso2022jp iso-2022-jp-1 jis x-iso-2022-jp "},
    {"ISO-2022-JP-2", STATEFUL, " iso-2022-jp-2 "},
    {"ISO-2022-JP-3", STATEFUL, " iso-2022-jp-3 iso-2022-jp-2004 "},
    {"ISO-2022-KR", STATEFUL, " iso-2022-kr csiso2022kr "},
    {"ISO-2022-CN-EXT", STATEFUL, " iso-2022-cn iso-2022-cn-ext "},
    {"UTF-7", STATEFUL, " utf-7 unicode-1-1-utf-7 utf7 csunicode11utf7 x-unicode-2-0-utf-7 "},
    {"GBK", HZ, " hz-gb-2312 hz "},
    {"UTF-16", WIDE, " utf-16 utf16 unicode iso-10646-ucs-2 ucs-2 "},
    {"UTF-16LE", WIDE, " utf-16le ucs-2le "},
    {"UTF-16BE", WIDE, " utf-16be ucs-2be "},
    {"UTF-32", WIDE, " utf-32 utf32 ucs-4 iso-10646-ucs-4 "},
    {"UTF-32LE", WIDE, " utf-32le "},
    {"UTF-32BE", WIDE, " utf-32be "},
    {"IBM037", FOREIGN, " ibm037 cp037 ebcdic-cp-us "},
    {"IBM1047", FOREIGN, " ibm1047 cp1047 "},
    {"IBM273", FOREIGN, " ibm273 cp273 "},
    {"IBM500", FOREIGN, " ibm500 cp500 "},
    {"IBM1140", FOREIGN, " ibm1140 cp1140 "},
};
static iconv_t handle[countof(converter)];      /* one for each row, kept open */
static bool opened;
static uchardet_t guesser;

void
charset_init(void)
{
    if (opened)
        return;
    opened = true;
    for (size_t i = 0; i < countof(converter); i++)
        handle[i] = iconv_open("UTF-8", converter[i].name);
    guesser = uchardet_new();
}

static const struct converter *
converter_find(const char *name, size_t len)
{
    char key[66];
    size_t n = 0;

    charset_init();
    while (len > 0 && (is_space((unsigned char)*name) || *name == '"' || *name == '\'' || *name == '='))
        name++, len--;
    while (len > 0 && (is_space((unsigned char)name[len - 1]) || strchr("\"';,", name[len - 1]) != NULL))
        len--;
    if (len > 2 && mem_eq_nocase(name, "cs:", 3))
        name += 3, len -= 3;
    if (len == 0 || len > sizeof key - 3)
        return NULL;
    key[n++] = ' ';
    for (size_t i = 0; i < len; i++) {
        if (is_space((unsigned char)name[i]) || name[i] == '/')
            return NULL;
        key[n++] = (char)lower((unsigned char)name[i]);
    }
    key[n++] = ' ';
    key[n] = 0;
    for (size_t i = 0; i < countof(converter); i++)
        if (strstr(converter[i].alias, key) != NULL)
            return handle[i] == (iconv_t)-1 ? NULL : &converter[i];
    return NULL;
}

bool
charset_known(const char *name, size_t len)
{
    return converter_find(name, len) != NULL;
}

bool
charset_keeps_ascii(const char *name)
{
    const struct converter *c = name == NULL ? NULL : converter_find(name, strlen(name));

    return c != NULL && c->kind != WIDE && c->kind != FOREIGN && c->kind != HZ && c->kind != STATEFUL;
}

/* NUL never reaches a text, nor the noncharacters that mark quotes on the way from HTML to text. */
static void
clean_from(struct buf *b, size_t from)
{
    size_t w = from;

    if (from == b->len || (memchr(b->data + from, 0, b->len - from) == NULL && memchr(b->data + from, 0xef, b->len - from) == NULL))
        return;
    for (size_t i = from; i < b->len; i++) {
        if (b->data[i] == 0)
            continue;
        if ((unsigned char)b->data[i] == 0xef && i + 2 < b->len && (unsigned char)b->data[i + 1] == 0xb7 &&
            (unsigned char)b->data[i + 2] >= 0x90 && (unsigned char)b->data[i + 2] <= 0xaf) {
            memmove(b->data + w, "\xef\xbf\xbd", 3);
            w += 3;
            i += 2;
            continue;
        }
        b->data[w++] = b->data[i];
    }
    if (w < b->len) {
        b->len = w;
        b->data[w] = 0;
    }
}

/* Returns how many bytes had to be replaced. */
static size_t
convert(const struct converter *c, const uint8_t *in, size_t len, struct buf *out)
{
    iconv_t cd = handle[c - converter];
    char chunk[4096], *src = (char *)in;
    size_t left = len, bad = 0;
    bool flushed = false;

    iconv(cd, NULL, NULL, NULL, NULL);
    while (!flushed) {
        char *dst = chunk;
        size_t room = sizeof chunk, rc;
        flushed = left == 0;
        rc = flushed ? iconv(cd, NULL, NULL, &dst, &room) : iconv(cd, &src, &left, &dst, &room);
        buf_add(out, chunk, (size_t)(dst - chunk));
        if (rc != (size_t)-1 || flushed || room < 64)
            continue;
        if (left > 0) {                 /* invalid, or cut at the end: one byte is replaced */
            size_t step = c->kind == WIDE ? (left > 1 ? 2 : 1) : 1;
            if (bad++ < 100000)
                buf_puts(out, "\xef\xbf\xbd");
            src += step;
            left -= step;
            if (c->kind != STATEFUL && c->kind != WIDE)
                iconv(cd, NULL, NULL, NULL, NULL);
        }
    }
    return bad;
}

/* RFC 1843; glibc has no converter for it: "~{" and "~}" switch, the two-byte characters are GB 2312 with the high bits off. */
static size_t
convert_hz(const struct converter *gbk, const uint8_t *in, size_t len, struct buf *out)
{
    struct buf b = {0};
    bool wide = false;
    size_t bad;

    for (size_t i = 0; i < len; i++) {
        if (in[i] == '~' && i + 1 < len && (in[i + 1] == '{' || in[i + 1] == '}')) {
            wide = in[++i] == '{';
        } else if (!wide && in[i] == '~' && i + 1 < len && (in[i + 1] == '~' || in[i + 1] == '\n')) {
            if (in[++i] == '~')
                buf_putc(&b, '~');
        } else if (in[i] == '\n') {
            wide = false;
            buf_putc(&b, '\n');
        } else {
            buf_putc(&b, (char)(wide && in[i] > 0x20 && in[i] < 0x7f ? in[i] | 0x80 : in[i]));
        }
    }
    bad = convert(gbk, (const uint8_t *)b.data, b.len, out);
    buf_free(&b);
    return bad;
}

/* ISO-2022-JP as it is written: with NEC's and IBM's characters and half-width katakana, which glibc's converter refuses. The escapes
 * become EUC-JP. RFC 1468. */
static size_t
convert_jis(const struct converter *euc, const uint8_t *in, size_t len, struct buf *out)
{
    static const struct { const char *escape; char prefix; bool wide; } sets[] = {
        {"(B", 0, false}, {"(J", 0, false}, {"(H", 0, false}, {"$@", 0, true}, {"$B", 0, true}, {"$(@", 0, true}, {"$(B", 0, true},
        {"$(D", (char)0x8f, true}, {"(I", (char)0x8e, true},
    };
    struct buf b = {0};
    size_t bad, set = 0, k, n;
    unsigned half = 0;

    for (size_t i = 0; i < len; i++) {
        if (in[i] == 0x1b) {
            for (k = 0; k < countof(sets); k++) {
                n = strlen(sets[k].escape);
                if (len - i - 1 >= n && memcmp(in + i + 1, sets[k].escape, n) == 0)
                    break;
            }
            if (k < countof(sets)) {
                set = k;
                i += n;
                half = 0;
                continue;
            }
        }
        if (in[i] == '\n')
            set = 0;
        if (!sets[set].wide || in[i] <= 0x20 || in[i] >= 0x7f) {
            buf_putc(&b, (char)(in[i] < 0x80 ? in[i] : 0xff));     /* 8-bit has no place here */
            half = 0;
            continue;
        }
        if (sets[set].prefix != 0 && half == 0)
            buf_putc(&b, sets[set].prefix);
        buf_putc(&b, (char)(in[i] | 0x80));
        half = sets[set].escape[0] == '$' ? !half : 0;
    }
    bad = b.len == 0 ? 0 : convert(euc, (const uint8_t *)b.data, b.len, out);
    buf_free(&b);
    return bad;
}

static size_t
convert_any(const struct converter *c, const uint8_t *in, size_t len, struct buf *out)
{
    if (c->kind == WIDE && strcmp(c->name, "UTF-16") == 0 && len >= 2 && (in[0] == 0) != (in[1] == 0))
        c = converter_find(in[1] == 0 ? "utf-16le" : "utf-16be", 8);    /* without a mark glibc takes the machine's order */
    if (c->kind == JIS)
        return convert_jis(c, in, len, out);
    return c->kind == HZ ? convert_hz(c, in, len, out) : convert(c, in, len, out);
}

/* Charsets that are mistaken for one another: where the first has no character, the second is tried. */
static const struct { const char *name, *other; } siblings[] = {
    {"BIG5-HKSCS", "CP950"}, {"CP950", "BIG5-HKSCS"}, {"CP932", "EUC-JP-MS"}, {"EUC-JP-MS", "CP932"},
};

static size_t
convert_best(const struct converter *c, const uint8_t *in, size_t len, struct buf *out)
{
    size_t from = out->len, bad = convert_any(c, in, len, out), fewer;
    const struct converter *other = NULL;
    struct buf b = {0};

    for (size_t i = 0; bad > 0 && i < countof(siblings); i++)
        if (strcmp(siblings[i].name, c->name) == 0)
            other = converter_find(siblings[i].other, strlen(siblings[i].other));
    if (other == NULL)
        return bad;
    fewer = convert(other, in, len, &b);
    if (fewer < bad) {
        out->len = from;
        buf_add(out, b.data, b.len);
        bad = fewer;
    }
    buf_free(&b);
    return bad;
}

/* What is found in 8-bit text, or in text with the escapes of a 7-bit set. */
struct census { size_t high; const char *escapes; bool utf8, only_pairs, shifts; };

static struct census
census(const uint8_t *in, size_t len)
{
    struct census c = {.only_pairs = true};

    for (size_t i = 0; i < len; i++)
        if (in[i] >= 0x80) {
            c.high++;
            if (in[i] >= 0xe0)
                c.only_pairs = false;
        } else if (in[i] == 0x1b && i + 3 < len && in[i + 1] == '$' && c.escapes == NULL) {
            c.escapes = in[i + 2] == 'B' || in[i + 2] == '@' ? "iso-2022-jp" : in[i + 2] == ')' && in[i + 3] == 'C' ? "iso-2022-kr" : NULL;
        } else if (in[i] == 0x0e) {
            c.shifts = true;
        }
    c.utf8 = c.high > 0 && utf8_valid((const char *)in, len);
    return c;
}

static const struct converter *
guess(const uint8_t *in, size_t len, size_t high)
{
    const struct converter *c = NULL;
    const char *name;

    if (high < GUESS_FROM || guesser == NULL)
        return NULL;
    uchardet_reset(guesser);
    if (uchardet_handle_data(guesser, (const char *)in, len < GUESS_BYTES ? len : GUESS_BYTES) == 0) {
        uchardet_data_end(guesser);
        name = uchardet_get_charset(guesser);
        c = name == NULL ? NULL : converter_find(name, strlen(name));
    }
    return c != NULL && (c->kind == PLAIN || c->kind == MULTI) ? c : NULL;
}

/* UTF-8 with the bytes that are none replaced one by one. */
static size_t
repair_utf8(const uint8_t *in, size_t len, struct buf *out)
{
    size_t bad = 0, run = 0;

    for (size_t i = 0, size; i < len; i += size) {
        if (in[i] < 0x80) {
            size = 1;
            continue;
        }
        if (utf8_at((const char *)in, len, i, &size) == 0xfffd && size == 1) {
            buf_add(out, in + run, i - run);
            buf_puts(out, "\xef\xbf\xbd");
            run = i + 1;
            bad++;
        }
    }
    buf_add(out, in + run, len - run);
    return bad;
}

/* How many bytes at the end are the beginning of a character that was cut off. */
static size_t
cut_tail(const uint8_t *in, size_t len)
{
    size_t n = 1;

    while (n < 3 && n < len && (in[len - n] & 0xc0) == 0x80)
        n++;
    if (n > len || in[len - n] < 0xc2 || in[len - n] > 0xf4)
        return 0;
    return n < (in[len - n] < 0xe0 ? 2u : in[len - n] < 0xf0 ? 3u : 4u) ? n : 0;
}

bool
charset_exact(const char *name, const uint8_t *in, size_t len, struct buf *out)
{
    const struct converter *c = converter_find(name, strlen(name));
    size_t from = out->len;

    if (c == NULL || c->kind == ASCII)
        return false;
    if (c->kind == UTF8)
        repair_utf8(in, len, out);
    else
        convert_any(c, in, len, out);
    clean_from(out, from);
    return true;
}

/* Bytes where a label says UTF-16 and there is not one NUL among them, which every blank and line end would bring. */
static bool
is_not_wide(const uint8_t *in, size_t len)
{
    return len > 1 && memchr(in, 0, len) == NULL && !(in[0] >= 0xfe && in[1] >= 0xfe) && utf8_valid((const char *)in, len);
}

/* Text whose 7-bit set is known by its escapes, whatever the label says. */
static bool
escapes_convert(const struct census *c, const uint8_t *in, size_t len, struct buf *out)
{
    size_t from = out->len;

    if (c->high > 0 || c->escapes == NULL || (c->escapes[9] == 'k' && !c->shifts))
        return false;
    if (convert_any(converter_find(c->escapes, 11), in, len, out) == 0)
        return true;
    out->len = from;
    return false;
}

static const char *
label_convert(const struct converter *label, const struct census *c, const uint8_t *in, size_t len, struct buf *out, bool *done)
{
    size_t from = out->len, bad, cut;

    *done = true;
    if (label->kind == UTF8) {
        bad = repair_utf8(in, len, out);
        cut = cut_tail(in, len);
        if ((bad - cut) * 4 < c->high - cut || (bad == cut && bad == c->high && in[len - cut] < 0xe0))
            return "broken UTF-8 was replaced";
    } else {
        bad = convert_best(label, in, len, out);
        if (bad == 0 || label->kind == PLAIN)
            return bad == 0 ? NULL : "bytes that the charset does not have were replaced";
        if (bad * 20 < c->high)         /* a few broken characters in text that otherwise fits its label */
            return "bytes that the charset does not have were replaced";
    }
    out->len = from;
    *done = false;
    return NULL;
}

static const char *
text_convert(const struct converter *label, const uint8_t *in, size_t len, struct buf *out)
{
    struct census c;
    const struct converter *g = NULL;
    size_t from = out->len;
    const char *odd = NULL, *said;
    bool done;

    if (label != NULL && label->kind == WIDE && is_not_wide(in, len)) {
        odd = "the charset's label is wrong: there is no UTF-16 in it";
        label = NULL;
    }
    c = census(in, len);
    if (label != NULL && label->kind == JIS && c.high > 3 && memchr(in, 0x1b, len) == NULL && !c.utf8)
        label = converter_find("shift_jis", 9);         /* 8-bit has no place in it: its sister, or hers; a letter or two are damage */
    if (label != NULL && (label->kind == STATEFUL || label->kind == WIDE || label->kind == HZ || label->kind == JIS)) {
        if (convert_any(label, in, len, out) == 0)
            return NULL;
        if (!utf8_valid((const char *)in, len) || label->kind == WIDE)
            return "bytes that the charset does not have were replaced";
        out->len = from;                /* the label is wrong: it is plain UTF-8 */
        odd = "the charset's label is wrong: it is UTF-8";
    }
    if (label != NULL && label->kind == FOREIGN) {
        convert(label, in, len, out);
        return NULL;
    }
    if (escapes_convert(&c, in, len, out))
        return label == NULL || label->kind == ASCII ? "no charset label: a 7-bit set is known by its escapes" : "the charset's label is wrong: a 7-bit set is known by its escapes";
    if (c.high == 0) {
        buf_add(out, in, len);
        return odd;
    }
    if (label != NULL && label->kind == ASCII)
        label = NULL;
    /* two bytes of GB 2312, or two letters of Thai, may be a character of UTF-8 too */
    if (c.utf8 && !(label != NULL && (label->kind == MULTI || strcmp(label->name, "CP874") == 0) && c.only_pairs && c.high < GUESS_FROM)) {
        buf_add(out, in, len);
        if (label == NULL)
            return odd != NULL ? odd : "no charset label: read as UTF-8";
        return label->kind == UTF8 ? odd : "the charset's label is wrong: it is UTF-8";
    }
    if (label != NULL && strcmp(label->name, "CP932") == 0)
        g = guess(in, len, c.high);
    if (label != NULL && label->kind != STATEFUL && label->kind != HZ && label->kind != JIS &&
        !(g != NULL && strcmp(g->name, "EUC-JP-MS") == 0)) {    /* which CP932 would read as half-width katakana */
        said = label_convert(label, &c, in, len, out, &done);
        if (done)
            return said;
    }
    if (g == NULL)
        g = guess(in, len, c.high);
    convert(g != NULL ? g : converter_find("windows-1252", 12), in, len, out);
    return label == NULL ? "no usable charset label: the charset was guessed" : "the charset's label is wrong: the charset was guessed";
}

void
charset_text(const char *declared, const uint8_t *in, size_t len, struct buf *out, const char **odd)
{
    const struct converter *label = declared == NULL ? NULL : converter_find(declared, strlen(declared));
    size_t from = out->len;
    const char *said;

    charset_init();
    if (len >= 3 && memcmp(in, "\xef\xbb\xbf", 3) == 0)
        in += 3, len -= 3;              /* a byte order mark is no text */
    if (len >= 4 && ((in[0] == 0xff && in[1] == 0xfe && in[3] == 0) || (in[0] == 0xfe && in[1] == 0xff && in[2] == 0)) && (label == NULL || label->kind != WIDE))
        label = converter_find("utf-16", 6);    /* its mark says more than the label */
    said = text_convert(label, in, len, out);
    clean_from(out, from);
    if (odd != NULL)
        *odd = said;
}
