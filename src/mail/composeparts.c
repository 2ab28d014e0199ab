/* SPDX-License-Identifier: ISC
 *
 * Parts of a mail on their way out with a letter (RFC 2045, 2183, 2231, 2392). Their bytes are copied and never looked into, but
 * for what a mail inside a mail needs to travel. Type, name and Content-ID were a stranger's words once: what is not plainly a
 * type is application/octet-stream, a name loses what could harm whoever reads or saves it, and nothing of them can end a header.
 */
#include "composeparts.h"
#include "headertext.h"

#include <string.h>

#define TYPE_MAX 80u
#define NAME_MAX_BYTES 200u
#define WIRE_LINE_MAX 998u

/* RFC 6838: what names of types are made of; and no multipart, which would need a boundary of its own. */
static bool
is_type(const char *s)
{
    size_t slashes = 0, len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        bool alnum = (s[i] >= '0' && s[i] <= '9') || ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z');

        slashes += s[i] == '/';
        if (!alnum && (i == 0 || s[i - 1] == '/' || strchr("!#$&-^_.+/", s[i]) == NULL))
            return false;
    }
    return slashes == 1 && len <= TYPE_MAX && s[len - 1] != '/' && !str_starts_nocase(s, "multipart/");
}

/* A mail in a mail is never encoded (RFC 2046 5.2.1): only what is 7 bit with short lines can stand as it is. */
static bool
is_wire(struct mail_bytes b)
{
    size_t line = 0;

    for (size_t i = 0; i < b.len; i++) {
        line = b.bytes[i] == '\n' ? 0 : line + 1;
        if (line > WIRE_LINE_MAX || b.bytes[i] >= 0x80 || b.bytes[i] == 0 || (b.bytes[i] == '\r' && (i + 1 == b.len || b.bytes[i + 1] != '\n')))
            return false;
    }
    return b.len > 0;
}

/* Invisible and turning characters, path signs and quotes are no part of a name. */
static void
name_clean(const char *name, struct buf *out)
{
    buf_puts(out, "");
    for (const unsigned char *s = (const unsigned char *)name; *s != '\0' && out->len < NAME_MAX_BYTES; s++) {
        bool turns = (s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0x8b && s[2] <= 0xaf) || (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa0 && s[2] <= 0xaf) ||
                     (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf);

        if (turns) {
            buf_putc(out, '_');
            s += 2;
        } else if (*s < 0x20 || *s == 0x7f || (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)) {
            buf_putc(out, '_');
            s += *s == 0xc2;
        } else {
            buf_putc(out, strchr("/\\\"", (char)*s) != NULL ? '_' : (char)*s);
        }
    }
    out->len = utf8_clip(out->data, out->len < NAME_MAX_BYTES ? out->len : NAME_MAX_BYTES);
    out->data[out->len] = '\0';
}

bool
part_is_inline(const Td__Letter *l, const Td__Part *p)
{
    return l->html != NULL && p->content_id != NULL && headertext_id_ok(p->content_id, 200);
}

/* A stream over bytes that are not its own: GMime would copy them. */
static GMimeStream *
view_of(struct mail_bytes b)
{
    GByteArray *view = g_new0(GByteArray, 1);
    GMimeStream *stream;

    view->data = (guint8 *)(uintptr_t)b.bytes;
    view->len = (guint)b.len;
    stream = g_mime_stream_mem_new_with_byte_array(view);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_object_set_data_full(G_OBJECT(stream), "view", view, g_free);
    return stream;
}

static void
part_name(GMimePart *part, const char *name)
{
    struct buf clean = { 0 };

    if (name == NULL || !utf8_valid(name, strlen(name)))
        return;
    name_clean(name, &clean);
    if (clean.len > 0)
        g_mime_part_set_filename(part, clean.data);
    buf_free(&clean);
}

GMimeObject *
part_object(const Td__Letter *l, const Td__Part *p, struct mail_bytes bytes)
{
    bool mail = str_starts_nocase(p->type, "message/"), wire = mail && str_eq_nocase(p->type, "message/rfc822") && is_wire(bytes), known = is_type(p->type) && (!mail || wire);
    const char *slash = strchr(p->type, '/');
    GMimeContentEncoding encoding = wire ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_BASE64;
    char *type = known ? g_ascii_strdown(p->type, slash - p->type) : g_strdup("application");
    char *subtype = known ? g_ascii_strdown(slash + 1, -1) : g_strdup("octet-stream");
    GMimePart *part = g_mime_part_new_with_type(type, subtype);
    GMimeStream *stream = view_of(bytes);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, wire ? encoding : GMIME_CONTENT_ENCODING_DEFAULT);

    g_mime_object_set_disposition(GMIME_OBJECT(part), part_is_inline(l, p) ? "inline" : "attachment");
    if (part_is_inline(l, p))
        g_mime_object_set_content_id(GMIME_OBJECT(part), p->content_id);
    part_name(part, p->name);
    g_mime_part_set_content_encoding(part, encoding);
    g_mime_part_set_content(part, content);
    g_object_unref(content);
    g_object_unref(stream);
    g_free(type);
    g_free(subtype);
    return GMIME_OBJECT(part);
}

GMimeMultipart *
part_multipart(const Td__Letter *l, const char *subtype)
{
    GMimeMultipart *m = g_mime_multipart_new_with_subtype(subtype);
    char *from = g_strdup_printf("%s%s", l->message_id, strcmp(subtype, "alternative") == 0 ? "" : subtype);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, from, -1), *boundary = g_strdup_printf("=_%.32s", hash);

    g_mime_multipart_set_boundary(m, boundary);        /* no quoted-printable and no base64 line can look like it */
    g_free(boundary);
    g_free(hash);
    g_free(from);
    return m;
}
