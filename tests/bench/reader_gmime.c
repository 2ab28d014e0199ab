/* SPDX-License-Identifier: ISC
 *
 * A reader that is GMime and nothing else, as its manual would have it written: what tests/bench/parse --compare sets beside ours.
 */
#include "reader.h"

#include <gmime/gmime.h>

static void
list(InternetAddressList *l, json_t *into)
{
    for (int i = 0; l != NULL && i < internet_address_list_length(l); i++) {
        InternetAddress *a = internet_address_list_get_address(l, i);
        if (INTERNET_ADDRESS_IS_GROUP(a))
            list(internet_address_group_get_members((InternetAddressGroup *)a), into);
        else
            json_array_append_new(into, reader_address(internet_address_get_name(a), internet_address_mailbox_get_addr((InternetAddressMailbox *)a)));
    }
}

struct found { json_t *answer; GString *plain, *html; };

static size_t
decoded_size(GMimePart *p)
{
    GMimeDataWrapper *w = g_mime_part_get_content(p);
    GMimeStream *mem = g_mime_stream_mem_new();

    return w == NULL ? 0 : (size_t)g_mime_data_wrapper_write_to_stream(w, mem);
}

static void
part(GMimeObject *parent, GMimeObject *o, gpointer user)
{
    struct found *f = user;
    GMimeContentType *t = g_mime_object_get_content_type(o);
    const char *name, *disposition = g_mime_object_get_disposition(o);
    char *type = g_mime_content_type_get_mime_type(t);

    (void)parent;
    if (GMIME_IS_MESSAGE_PART(o)) {
        reader_attach(f->answer, g_mime_object_get_content_type_parameter(o, "name"), "message/rfc822", 0);
        return;
    }
    if (!GMIME_IS_PART(o))
        return;
    name = g_mime_part_get_filename((GMimePart *)o);
    if (GMIME_IS_TEXT_PART(o) && name == NULL && (disposition == NULL || g_ascii_strcasecmp(disposition, "attachment") != 0) &&
        (g_mime_content_type_is_type(t, "text", "plain") || g_mime_content_type_is_type(t, "text", "html"))) {
        char *text = g_mime_text_part_get_text((GMimeTextPart *)o);
        g_string_append(g_mime_content_type_is_type(t, "text", "html") ? f->html : f->plain, text == NULL ? "" : text);
    } else {
        for (char *c = type; *c != 0; c++)
            *c = g_ascii_tolower(*c);
        reader_attach(f->answer, name, type, decoded_size((GMimePart *)o));
    }
}

static void
read_mail(const char *bytes, size_t len, json_t *answer)
{
    struct found f = {answer, g_string_new(""), g_string_new("")};
    json_t *from = json_array();
    GMimeMessage *m;
    GMimeObject *root;

    g_mime_init();
    m = g_mime_parser_construct_message(g_mime_parser_new_with_stream(g_mime_stream_mem_new_with_buffer(bytes, len)), NULL);
    if (m == NULL)
        return;
    list(g_mime_message_get_from(m), from);
    if (json_array_size(from) > 0)
        json_object_set(answer, "from", json_array_get(from, 0));
    list(g_mime_message_get_to(m), json_object_get(answer, "to"));
    list(g_mime_message_get_cc(m), json_object_get(answer, "cc"));
    json_object_set_new(answer, "subject", reader_text(g_mime_message_get_subject(m)));
    root = g_mime_message_get_mime_part(m);
    if (root != NULL && GMIME_IS_MULTIPART(root))
        g_mime_multipart_foreach((GMimeMultipart *)root, part, &f);
    else if (root != NULL)
        part(NULL, root, &f);
    json_object_set_new(answer, "text", reader_text(f.plain->len > 0 ? f.plain->str : f.html->str));
}

int
main(int argc, char **argv)
{
    return reader_main(argc, argv, read_mail);
}
