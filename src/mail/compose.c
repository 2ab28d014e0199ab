/* SPDX-License-Identifier: ISC
 *
 * Letter to bytes: RFC 5322 with CRLF, 7-bit throughout. Header fields come from our own writer (headertext.c); the MIME tree,
 * quoted-printable and line ends from GMime. Runs in the worker `compose`, which reads no mail; but names, subjects and
 * Message-IDs in a letter were a stranger's once, so each value is checked here again. What must hold: no control character
 * reaches a header, the same letter and parts give the same bytes (the boundary is a hash of its Message-ID), no clock, no chance.
 */
#include "composeparts.h"
#include "headertext.h"

#include <sodium.h>
#include <string.h>

#define TEXT_COLUMNS 78u                /* a longer line goes out as quoted-printable */
#define ID_MAX 250u                     /* our own Message-ID */
#define REFERENCE_MAX 500u              /* a stranger's; a line must stay under 998 */
#define REFERENCES_LAST 20u             /* kept with the first: what clients thread by */
#define REFERENCES_BYTES 4096u
#define WORD_MAX 200u
#define THREAD_INDEX_MAX 40u

void
mail_write_init(void)
{
    static bool done;

    if (!done)
        g_mime_init();
    done = true;
}

/* ---- header fields */

static void
put_word(struct buf *out, const char *name, const char *value)
{
    struct headertext h = { .out = out };

    headertext_start(&h, name);
    headertext_token(&h, value, strlen(value));
    headertext_end(&h);
}

/* A value of our own alphabet: case numbers, kinds, languages, auto-replied. */
static bool
is_word(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z') || strchr("-._", s[i]) != NULL))
            return false;
    return len > 0 && len <= WORD_MAX;
}

static const char *
put_date(struct buf *out, int64_t at, int64_t offset)
{
    static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };     /* 1970-01-01 was a Thursday */
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t minutes = offset / 60, local, day, second;
    int y, m, d;

    if (minutes <= -24 * 60 || minutes >= 24 * 60)
        return "the zone's offset is a day or more";
    if (at < 0 || at > INT64_C(253402214400))           /* 9999-12-31: years have four digits */
        return "the date is out of range";
    local = at + minutes * 60;
    day = (local + 86400) / 86400 - 1;                  /* of a local time just before 1970, too */
    second = local - day * 86400;
    civil_from_days(day, &y, &m, &d);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02d%02d\r\n", days[(day + 7) % 7], d, months[m - 1], y,
               (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), minutes < 0 ? '-' : '+',
               (int)(minutes < 0 ? -minutes : minutes) / 60, (int)(minutes < 0 ? -minutes : minutes) % 60);
    return NULL;
}

static const char *
put_address(struct buf *out, const char *name, const Td__Address *a)
{
    struct headertext h = { .out = out };
    const char *error;

    headertext_start(&h, name);
    error = headertext_address(&h, a->name, a->addr, false, false);
    headertext_end(&h);
    return error;
}

static const char *
put_recipients(struct buf *out, const Td__Letter *l)
{
    struct headertext h = { .out = out };
    const char *error = l->n_to > 0 ? NULL : "the letter has no recipient";

    headertext_start(&h, "To");
    for (size_t i = 0; error == NULL && i < l->n_to; i++)
        error = headertext_address(&h, l->to[i]->name, l->to[i]->addr, i + 1 < l->n_to, true);
    headertext_end(&h);
    return error;
}

static const char *
put_subject(struct buf *out, const char *subject)
{
    struct headertext h = { .out = out };

    if (!headertext_clean(subject))
        return "the subject has control characters";
    headertext_start(&h, "Subject");
    headertext_text(&h, subject);
    headertext_end(&h);
    return NULL;
}

static void
put_id(struct headertext *h, const char *id)
{
    struct buf token = { 0 };

    buf_printf(&token, "<%s>", id);
    headertext_token(h, token.data, token.len);
    buf_free(&token);
}

static const char *
put_ids(struct buf *out, const Td__Letter *l)
{
    struct headertext h = { .out = out };

    if (!headertext_id_ok(l->message_id, ID_MAX))
        return "the Message-ID is not one";
    headertext_start(&h, "Message-ID");
    put_id(&h, l->message_id);
    headertext_end(&h);
    if (l->in_reply_to != NULL && headertext_id_ok(l->in_reply_to, REFERENCE_MAX)) {
        headertext_start(&h, "In-Reply-To");
        put_id(&h, l->in_reply_to);
        headertext_end(&h);
    }
    return NULL;
}

/* The first id and the last ones, as many as fit. What is no id is left out: a stranger's odd Message-ID must not keep
 * letters of that case from going out. */
static void
put_references(struct buf *out, const Td__Letter *l)
{
    struct headertext h = { .out = out };
    size_t first = 0, from = l->n_references, bytes = 0, kept = 0;

    while (first < l->n_references && !headertext_id_ok(l->references[first], REFERENCE_MAX))
        first++;
    if (first == l->n_references)
        return;
    bytes = strlen(l->references[first]) + 3;
    while (from > first + 1 && kept < REFERENCES_LAST) {
        const char *id = l->references[from - 1];

        if (headertext_id_ok(id, REFERENCE_MAX)) {
            bytes += strlen(id) + 3;
            if (bytes > REFERENCES_BYTES)
                break;
            kept++;
        }
        from--;
    }
    headertext_start(&h, "References");
    put_id(&h, l->references[first]);
    for (size_t i = from; i < l->n_references; i++)
        if (headertext_id_ok(l->references[i], REFERENCE_MAX))
            put_id(&h, l->references[i]);
    headertext_end(&h);
}

/* How Outlook groups mail; a topic that cannot be written is left out, as the subject says enough. */
static void
put_outlook(struct buf *out, const Td__Letter *l)
{
    struct headertext h = { .out = out };
    char index[64];

    if (l->thread_topic != NULL && l->thread_topic[0] != '\0' && headertext_clean(l->thread_topic)) {
        headertext_start(&h, "Thread-Topic");
        headertext_text(&h, l->thread_topic);
        headertext_end(&h);
    }
    if (l->has_thread_index && l->thread_index.len <= THREAD_INDEX_MAX)
        buf_printf(out, "Thread-Index: %s\r\n", sodium_bin2base64(index, sizeof index, l->thread_index.data, l->thread_index.len, sodium_base64_VARIANT_ORIGINAL));
}

static const char *
put_words(struct buf *out, const Td__Letter *l)
{
    const struct { const char *name, *value; } words[] = {
        { "Auto-Submitted", l->auto_submitted },
        { "X-Auto-Response-Suppress", l->auto_submitted != NULL ? "All" : NULL },       /* Exchange's word for the same */
        { "X-Ticketd-Case", l->case_number },
        { "X-Ticketd-Kind", schema_letter_kind_name(l->kind) },
        { "Content-Language", l->language },
    };

    for (size_t i = 0; i < countof(words); i++) {
        if (words[i].value == NULL)
            continue;
        if (!is_word(words[i].value))
            return "a header word has other characters than letters, digits and dashes";
        put_word(out, words[i].name, words[i].value);
    }
    return NULL;
}

static const char *
put_header(struct buf *out, const Td__Letter *l)
{
    const char *error = put_date(out, l->date, l->has_zone_offset_s ? l->zone_offset_s : 0);

    if (error == NULL)
        error = put_address(out, "From", l->from);
    if (error == NULL)
        error = put_recipients(out, l);
    if (error == NULL && l->reply_to != NULL)
        error = put_address(out, "Reply-To", l->reply_to);
    if (error == NULL)
        error = put_subject(out, l->subject);
    if (error == NULL)
        error = put_ids(out, l);
    if (error == NULL)
        put_references(out, l);
    if (error == NULL)
        put_outlook(out, l);
    if (error == NULL)
        error = put_words(out, l);
    buf_puts(out, "MIME-Version: 1.0\r\n");
    return error;
}

/* ---- body */

/* LF line ends alone, and one at the end. */
static void
clean_lines(const char *text, struct buf *out)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] != '\r')
            buf_putc(out, text[i]);
        else if (text[i + 1] != '\n')
            buf_putc(out, '\n');
    if (out->len == 0 || out->data[out->len - 1] != '\n')
        buf_putc(out, '\n');
}

/* May it travel as it stands? Not with a line that mail systems rewrite ("From ") or that looks like a boundary of ours. */
static bool
is_plain(const struct buf *text)
{
    const char *line = text->data, *end = text->data + text->len;

    while (line < end) {
        const char *eol = memchr(line, '\n', (size_t)(end - line));

        if ((size_t)(eol - line) > TEXT_COLUMNS || strncmp(line, "From ", 5) == 0 || strncmp(line, "--=_", 4) == 0)
            return false;
        for (const char *s = line; s < eol; s++)
            if (*s != '\t' && (*s < ' ' || *s > '~'))
                return false;
        line = eol + 1;
    }
    return true;
}

/* The encoded bytes of a text; the filters run here, not in GMime's writer, because "From " is armoured after encoding. */
static GMimeStream *
encoded_stream(const struct buf *text, GMimeContentEncoding encoding)
{
    GMimeStream *mem = g_mime_stream_mem_new(), *through = g_mime_stream_filter_new(mem);

    if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
        GMimeFilter *filters[] = {
            g_mime_filter_basic_new(encoding, TRUE), g_mime_filter_from_new(GMIME_FILTER_FROM_MODE_ARMOR),
        };

        for (size_t i = 0; i < countof(filters); i++) {
            g_mime_stream_filter_add(GMIME_STREAM_FILTER(through), filters[i]);
            g_object_unref(filters[i]);
        }
    }
    g_mime_stream_write(through, text->data, text->len);
    g_mime_stream_flush(through);
    g_object_unref(through);
    g_mime_stream_reset(mem);
    return mem;
}

static GMimeObject *
text_part(const char *subtype, const char *text)
{
    GMimePart *part = g_mime_part_new_with_type("text", subtype);
    struct buf clean = { 0 };
    GMimeContentEncoding encoding;
    GMimeDataWrapper *content;
    GMimeStream *stream;

    clean_lines(text, &clean);
    encoding = is_plain(&clean) ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    g_mime_part_set_content_encoding(part, encoding);
    stream = encoded_stream(&clean, encoding);
    content = g_mime_data_wrapper_new_with_stream(stream, encoding);
    g_mime_part_set_content(part, content);
    g_object_unref(content);
    g_object_unref(stream);
    buf_free(&clean);
    return GMIME_OBJECT(part);
}

/* Adds the parts that are shown within the HTML, or the others. */
static size_t
parts_add(GMimeMultipart *m, const Td__Letter *l, const struct mail_bytes *bytes, bool within)
{
    size_t n = 0;

    for (size_t i = 0; bytes != NULL && i < l->n_parts; i++) {
        GMimeObject *part;

        if (part_is_inline(l, l->parts[i]) != within)
            continue;
        n++;
        if (m == NULL)
            continue;
        part = part_object(l, l->parts[i], bytes[i]);
        g_mime_multipart_add(m, part);
        g_object_unref(part);
    }
    return n;
}

/* `first` (taken) and the parts beside it; first alone where there are none. */
static GMimeObject *
with_parts(GMimeObject *first, const char *subtype, const Td__Letter *l, const struct mail_bytes *bytes, bool within)
{
    GMimeMultipart *m;

    if (parts_add(NULL, l, bytes, within) == 0)
        return first;
    m = part_multipart(l, subtype);
    g_mime_multipart_add(m, first);
    g_object_unref(first);
    parts_add(m, l, bytes, within);
    return GMIME_OBJECT(m);
}

static GMimeObject *
words_tree(const Td__Letter *l, const struct mail_bytes *bytes)
{
    GMimeObject *plain = text_part("plain", l->text), *html;
    GMimeMultipart *both;

    if (l->html == NULL)
        return plain;
    html = with_parts(text_part("html", l->html), "related", l, bytes, true);
    both = part_multipart(l, "alternative");
    g_mime_multipart_add(both, plain);
    g_mime_multipart_add(both, html);
    g_object_unref(plain);
    g_object_unref(html);
    return GMIME_OBJECT(both);
}

static void
put_body(struct buf *out, const Td__Letter *l, const struct mail_bytes *parts)
{
    GMimeObject *tree = with_parts(words_tree(l, parts), "mixed", l, parts, false);
    GMimeFormatOptions *format = g_mime_format_options_new();
    GMimeStream *mem = g_mime_stream_mem_new();
    GByteArray *bytes;

    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_format_options_set_param_encoding_method(format, GMIME_PARAM_ENCODING_METHOD_RFC2231);
    g_mime_object_write_to_stream(tree, format, mem);
    bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
    buf_add(out, bytes->data, bytes->len);
    g_mime_format_options_free(format);
    g_object_unref(mem);
    g_object_unref(tree);
}

bool
mail_compose(const Td__Letter *letter, struct buf *out, const char **error)
{
    return mail_compose_parts(letter, NULL, out, error);
}

bool
mail_compose_parts(const Td__Letter *letter, const struct mail_bytes *bytes, struct buf *out, const char **error)
{
    size_t before = out->len;

    mail_write_init();
    *error = NULL;
    if (!utf8_valid(letter->text, strlen(letter->text)) || (letter->html != NULL && !utf8_valid(letter->html, strlen(letter->html))))
        *error = "the text is not valid UTF-8";
    if (*error == NULL)
        *error = put_header(out, letter);
    if (*error == NULL)
        put_body(out, letter, bytes);
    else if (out->data != NULL) {
        out->len = before;
        out->data[before] = '\0';
    }
    return *error == NULL;
}
