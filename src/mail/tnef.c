/* SPDX-License-Identifier: ISC
 *
 * winmail.dat: Microsoft's TNEF ([MS-OXTNEF]), read just far enough to take its files out. A stream of attributes: level, id, length,
 * data, checksum; then, inside one of them, a list of MAPI properties, where the long file name stands. Every length is checked against
 * what is left; a length that lies ends the reading.
 */
#include "read.h"

#include <string.h>

#define SIGNATURE 0x223e9f78u
#define ATTACH_REND 0x9002u     /* a new attachment begins */
#define ATTACH_TITLE 0x8010u
#define ATTACH_DATA 0x800fu
#define ATTACH_PROPS 0x9005u
#define CODEPAGE 0x9007u
#define FILES_MAX 200u
#define PROPS_MAX 500u

struct tnef { struct reading *r; struct leaves *out; const uint8_t *title, *data; size_t title_len, data_len; const char *long_name, *mime; char codepage[16]; unsigned files; };

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
        name = t->long_name != NULL ? t->long_name : t->title == NULL ? NULL : name_text(t, t->title, t->title_len, false);
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
    t->long_name = t->mime = NULL;
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

/* MAPI properties of an attachment: PR_ATTACH_LONG_FILENAME 0x3707, PR_ATTACH_MIME_TAG 0x370e, PR_ATTACH_DATA 0x3701. */
static void
properties(struct tnef *t, const uint8_t *p, size_t len)
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
            if (id == 0x3707)
                t->long_name = name_text(t, p + i, n, (type & 0xfffu) == 0x1f);
            else if (id == 0x370e)
                t->mime = name_text(t, p + i, n, (type & 0xfffu) == 0x1f);
            else if (id == 0x3701 && t->data == NULL && (type & 0xfffu) == 0x102) {
                t->data = p + i;
                t->data_len = n;
            }
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
        if (id == CODEPAGE && n >= 4 && le32(d) < 100000 && le32(d) != 0) {
            struct buf b = {0};
            buf_printf(&b, "windows-%u", le32(d));
            if (charset_known(b.data, b.len) && b.len < sizeof t.codepage)
                memcpy(t.codepage, b.data, b.len + 1);
            buf_free(&b);
        } else if (level == 2 && id == ATTACH_TITLE) {
            t.title = d;
            t.title_len = n;
        } else if (level == 2 && id == ATTACH_DATA) {
            t.data = d;
            t.data_len = n;
        } else if (level == 2 && id == ATTACH_PROPS) {
            properties(&t, d, n);
        }
        i += 11 + n;
    }
    file_done(&t);
}
