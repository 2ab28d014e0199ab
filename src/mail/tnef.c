/* SPDX-License-Identifier: ISC
 *
 * winmail.dat: Microsoft's TNEF ([MS-OXTNEF]), read just far enough to take its files and its text out. A stream of attributes: level,
 * id, length, data, checksum; then, inside one of them, a list of MAPI properties, where the long file name stands, and the message's
 * text as plain text, HTML or packed RTF. Every length is checked against what is left; a length that lies ends the reading.
 */
#include "read.h"

#include <string.h>

#define SIGNATURE 0x223e9f78u
#define ATTACH_REND 0x9002u     /* a new attachment begins */
#define ATTACH_TITLE 0x8010u
#define ATTACH_DATA 0x800fu
#define ATTACH_PROPS 0x9005u
#define CODEPAGE 0x9007u
#define BODY 0x800cu            /* of the message: plain text */
#define MESSAGE_PROPS 0x9003u
#define FILES_MAX 200u
#define PROPS_MAX 500u

struct tnef { struct reading *r; struct leaves *out; const uint8_t *title, *data; size_t title_len, data_len; const char *long_name, *mime, *shown_name; char codepage[16], html_page[16]; unsigned files;
    struct { const uint8_t *bytes; size_t len; bool wide; } plain, html, rtf; };

static uint32_t
le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const char *
name_text(struct tnef *t, const uint8_t *s, size_t len, bool wide)
{
    struct buf b = {0};
    const char *name;

    if (wide) {
        while (len >= 2 && s[len - 1] == 0 && s[len - 2] == 0)
            len -= 2;
        charset_exact("utf-16le", s, len, &b);
    } else {
        const uint8_t *z = memchr(s, 0, len);
        charset_text(t->codepage, s, z == NULL ? len : (size_t)(z - s), &b, NULL);
    }
    name = b.len == 0 ? NULL : arena_strndup(t->r->tmp, b.data, b.len);
    buf_free(&b);
    return name;
}

static void
file_done(struct tnef *t)
{
    struct leaf *l;
    const char *name;

    if (t->data != NULL && t->files++ < FILES_MAX) {
        name = t->long_name != NULL ? t->long_name : t->title != NULL ? name_text(t, t->title, t->title_len, false) : t->shown_name;
        l = leaf_add(t->out);
        l->type = t->mime != NULL && strchr(t->mime, '/') != NULL ? t->mime : "application/octet-stream";
        l->disposition = "attachment";
        l->name = name_neutral(t->r, name);
        l->decoded = true;
        buf_add(&l->own, (const char *)t->data, t->data_len);
        if (l->own.data == NULL)
            buf_puts(&l->own, "");
    }
    t->data = t->title = NULL;
    t->long_name = t->mime = t->shown_name = NULL;
}

/* The best of the message's texts, as plain text or HTML in UTF-8. */
static void
body_done(struct tnef *t)
{
    struct buf text = {0}, rtf = {0};
    bool html = t->plain.bytes == NULL && t->html.bytes != NULL;
    struct leaf *l;

    if (t->plain.bytes != NULL && t->plain.wide)
        charset_exact("utf-16le", t->plain.bytes, t->plain.len & ~(size_t)1, &text);
    else if (t->plain.bytes != NULL)
        charset_text(t->codepage, t->plain.bytes, strnlen((const char *)t->plain.bytes, t->plain.len), &text, NULL);
    else if (html)
        charset_text(t->html.wide ? "utf-16le" : t->html_page[0] != 0 ? t->html_page : t->codepage, t->html.bytes, t->html.len, &text, NULL);
    else if (t->rtf.bytes != NULL && rtf_unpack(t->rtf.bytes, t->rtf.len, (size_t)t->r->o->limits.text * 4, &rtf) && rtf.len > 0)
        rtf_to_text(t->r, rtf.data, rtf.len, &text);
    if (text.len > 0) {
        l = leaf_add(t->out);
        l->type = html ? "text/html" : "text/plain";
        l->charset = "utf-8";
        l->body = l->decoded = true;
        l->own = text;
    } else {
        buf_free(&text);
    }
    buf_free(&rtf);
}

/* Size of one value of a MAPI type; 0: it carries its own length. */
static size_t
value_size(unsigned type)
{
    switch (type) {
    case 0x0002: case 0x0003: case 0x0004: case 0x000a: case 0x000b:
        return 4;
    case 0x0005: case 0x0006: case 0x0007: case 0x0014: case 0x0040:
        return 8;
    case 0x0048:
        return 16;
    default:
        return 0;
    }
}

static void
set_codepage(char page[16], uint32_t n)
{
    struct buf b = {0};

    buf_printf(&b, n == 65001 ? "utf-8" : n == 20127 ? "windows-1252" : n >= 28591 && n <= 28606 ? "iso-8859-%u" : "cp%u", n >= 28591 && n <= 28606 ? n - 28590 : n);
    if (n != 0 && n < 100000 && b.len < 16 && charset_known(b.data, b.len))
        memcpy(page, b.data, b.len + 1);
    buf_free(&b);
}

/* MAPI properties. Of an attachment: PR_ATTACH_LONG_FILENAME 0x3707, PR_ATTACH_MIME_TAG 0x370e, PR_ATTACH_DATA 0x3701, PR_DISPLAY_NAME
 * 0x3001; of the message: PR_BODY 0x1000, PR_RTF_COMPRESSED 0x1009, PR_HTML 0x1013, PR_INTERNET_CPID 0x3fde. */
static void
property(struct tnef *t, bool message, unsigned id, unsigned type, const uint8_t *p, size_t n)
{
    bool wide = (type & 0xfffu) == 0x1f, binary = (type & 0xfffu) == 0x102, object = (type & 0xfffu) == 0x0d;

    if (message && id == 0x1000 && !binary && t->plain.bytes == NULL && n > (wide ? 2u : 1u))
        t->plain.bytes = p, t->plain.len = n, t->plain.wide = wide;
    else if (message && id == 0x1013 && t->html.bytes == NULL && n > 0)
        t->html.bytes = p, t->html.len = n, t->html.wide = wide;
    else if (message && id == 0x1009 && binary && t->rtf.bytes == NULL)
        t->rtf.bytes = p, t->rtf.len = n;
    else if (message && id == 0x3fde && n == 4)
        set_codepage(t->html_page, le32(p));
    else if (!message && id == 0x3707)
        t->long_name = name_text(t, p, n, wide);
    else if (!message && id == 0x3001)
        t->shown_name = name_text(t, p, n, wide);
    else if (!message && id == 0x370e)
        t->mime = name_text(t, p, n, wide);
    else if (!message && id == 0x3701 && t->data == NULL && binary)
        t->data = p, t->data_len = n;
    else if (!message && id == 0x3701 && object && n > 20) {     /* behind its class id; a message is TNEF again */
        t->data = p + 16, t->data_len = n - 16;
        if (le32(p + 16) == SIGNATURE)
            t->mime = "application/ms-tnef";
    }
}

static void
properties(struct tnef *t, bool message, const uint8_t *p, size_t len)
{
    size_t i = 4, count;

    if (len < 4)
        return;
    count = le32(p);
    for (size_t k = 0; k < count && k < PROPS_MAX && i + 4 <= len; k++) {
        unsigned type = p[i] | (unsigned)p[i + 1] << 8, id = p[i + 2] | (unsigned)p[i + 3] << 8;
        size_t values = 1, size;
        i += 4;
        if (id >= 0x8000) {             /* a named property: its name comes first */
            uint32_t kind, n;
            if (len - i < 24)
                return;
            kind = le32(p + i + 16);
            n = le32(p + i + 20);
            i += kind == 0 ? 24 : 24 + ((size_t)n + 3) / 4 * 4;
            if (i > len)
                return;
        }
        size = value_size(type & 0xfffu);
        if ((type & 0x1000u) != 0 || size == 0) {
            if (len - i < 4)
                return;
            values = le32(p + i);
            i += 4;
        }
        for (size_t v = 0; v < values; v++) {
            size_t n = size;
            if (size == 0) {
                if (i > len || len - i < 4)
                    return;
                n = le32(p + i);
                i += 4;
            }
            if (i > len || n > len - i)
                return;
            property(t, message, id, type, p + i, n);
            i += (n + 3) / 4 * 4;
        }
    }
}

void
tnef_read(struct reading *r, const uint8_t *in, size_t len, struct leaves *out)
{
    struct tnef t = {.r = r, .out = out, .codepage = "windows-1252"};
    size_t i = 6;
    unsigned last = 0;

    if (len < 6 || le32(in) != SIGNATURE) {
        reading_warn(r, "winmail.dat: not TNEF");
        return;
    }
    while (len - i >= 11) {
        unsigned level = in[i], id = in[i + 1] | (unsigned)in[i + 2] << 8;
        size_t n = le32(in + i + 5);
        const uint8_t *d = in + i + 9;
        if (n > len - i - 11) {
            reading_warn(r, "winmail.dat: broken");
            break;
        }
        if (level == 2 && id == ATTACH_REND && last != 0)
            file_done(&t);
        last = level == 2 ? id : last;
        if (id == CODEPAGE && n >= 4) {
            set_codepage(t.codepage, le32(d));
        } else if (level == 1 && id == BODY && n > 1 && t.plain.bytes == NULL) {
            t.plain.bytes = d;
            t.plain.len = n;
        } else if (level == 1 && id == MESSAGE_PROPS) {
            properties(&t, true, d, n);
        } else if (level == 2 && id == ATTACH_TITLE) {
            t.title = d;
            t.title_len = n;
        } else if (level == 2 && id == ATTACH_DATA) {
            t.data = d;
            t.data_len = n;
        } else if (level == 2 && id == ATTACH_PROPS) {
            properties(&t, false, d, n);
        }
        i += 11 + n;
    }
    file_done(&t);
    body_done(&t);
}
