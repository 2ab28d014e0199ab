/* SPDX-License-Identifier: ISC
 *
 * A reader that is libetpan and nothing else: what tests/bench/parse --compare sets beside ours. Header text is decoded by its RFC 2047
 * reader, as the library leaves that to its caller.
 */
#include "reader.h"

#include <ctype.h>
#include <libetpan/libetpan.h>

static char *
decoded(const char *s)
{
    size_t i = 0;
    char *out = NULL;

    return s == NULL || mailmime_encoded_phrase_parse("utf-8", s, strlen(s), &i, "utf-8", &out) != MAILIMF_NO_ERROR ? (char *)s : out;
}

static void
mailbox(struct mailimf_mailbox *m, json_t *into)
{
    json_array_append_new(into, reader_address(decoded(m->mb_display_name), m->mb_addr_spec));
}

static void
mailboxes(struct mailimf_mailbox_list *l, json_t *into)
{
    for (clistiter *i = l == NULL ? NULL : clist_begin(l->mb_list); i != NULL; i = clist_next(i))
        mailbox(clist_content(i), into);
}

static void
addresses(struct mailimf_address_list *l, json_t *into)
{
    for (clistiter *i = l == NULL ? NULL : clist_begin(l->ad_list); i != NULL; i = clist_next(i)) {
        struct mailimf_address *a = clist_content(i);
        if (a->ad_type == MAILIMF_ADDRESS_MAILBOX)
            mailbox(a->ad_data.ad_mailbox, into);
        else
            mailboxes(a->ad_data.ad_group->grp_mb_list, into);
    }
}

struct found { json_t *answer; char *plain, *html; };

static const char *
parameter(struct mailmime *m, const char *name)
{
    clist *l = m->mm_content_type == NULL ? NULL : m->mm_content_type->ct_parameters;

    for (clistiter *i = l == NULL ? NULL : clist_begin(l); i != NULL; i = clist_next(i)) {
        struct mailmime_parameter *p = clist_content(i);
        if (strcasecmp(p->pa_name, name) == 0)
            return p->pa_value;
    }
    return NULL;
}

static const char *
type_of(struct mailmime *m)
{
    static const char *const discrete[] = {"", "text", "image", "audio", "video", "application"};
    struct mailmime_content *c = m->mm_content_type;
    static char type[300];

    if (c == NULL || c->ct_type == NULL)
        return "text/plain";
    if (c->ct_type->tp_type != MAILMIME_TYPE_DISCRETE_TYPE)
        snprintf(type, sizeof type, "message/%s", c->ct_subtype);
    else if (c->ct_type->tp_data.tp_discrete_type->dt_type == MAILMIME_DISCRETE_TYPE_EXTENSION)
        snprintf(type, sizeof type, "%s/%s", c->ct_type->tp_data.tp_discrete_type->dt_extension, c->ct_subtype);
    else
        snprintf(type, sizeof type, "%s/%s", discrete[c->ct_type->tp_data.tp_discrete_type->dt_type % 6], c->ct_subtype);
    for (char *s = type; *s != 0; s++)
        *s = (char)tolower((unsigned char)*s);
    return type;
}

static void
leaf(struct mailmime *m, struct found *f)
{
    struct mailmime_single_fields fields;
    const char *name, *type = type_of(m), *charset = parameter(m, "charset");
    char *bytes = NULL, *utf8 = NULL;
    size_t len = 0, i = 0;
    bool attached, plain = strcmp(type, "text/plain") == 0;

    memset(&fields, 0, sizeof fields);
    if (m->mm_mime_fields != NULL)
        mailmime_single_fields_init(&fields, m->mm_mime_fields, m->mm_content_type);
    name = fields.fld_disposition_filename != NULL ? fields.fld_disposition_filename : parameter(m, "name");
    attached = fields.fld_disposition != NULL && fields.fld_disposition->dsp_type != NULL && fields.fld_disposition->dsp_type->dsp_type == MAILMIME_DISPOSITION_TYPE_ATTACHMENT;
    if (m->mm_type == MAILMIME_SINGLE && m->mm_data.mm_single != NULL)
        mailmime_part_parse(m->mm_data.mm_single->dt_data.dt_text.dt_data, m->mm_data.mm_single->dt_data.dt_text.dt_length, &i,
            m->mm_data.mm_single->dt_encoding, &bytes, &len);
    if (name != NULL || attached || (!plain && strcmp(type, "text/html") != 0)) {
        reader_attach(f->answer, decoded(name), type, len);
        return;
    }
    if (bytes == NULL || charconv_buffer("utf-8", charset == NULL ? "utf-8" : charset, bytes, len, &utf8, &len) != MAIL_CHARCONV_NO_ERROR)
        utf8 = bytes == NULL ? strdup("") : strndup(bytes, len);
    char **into = plain ? &f->plain : &f->html, *both = NULL;
    if (asprintf(&both, "%s%s", *into == NULL ? "" : *into, utf8) >= 0)
        *into = both;
}

static void
part(struct mailmime *m, struct found *f, unsigned depth)
{
    if (depth > 100)
        return;
    if (m->mm_type == MAILMIME_MULTIPLE)
        for (clistiter *i = clist_begin(m->mm_data.mm_multipart.mm_mp_list); i != NULL; i = clist_next(i))
            part(clist_content(i), f, depth + 1);
    else
        leaf(m, f);
}

static void
fields(struct mailimf_fields *l, json_t *answer)
{
    struct mailimf_single_fields s;
    json_t *from = json_array();

    mailimf_single_fields_init(&s, l);
    if (s.fld_from != NULL)
        mailboxes(s.fld_from->frm_mb_list, from);
    if (json_array_size(from) > 0)
        json_object_set(answer, "from", json_array_get(from, 0));
    if (s.fld_to != NULL)
        addresses(s.fld_to->to_addr_list, json_object_get(answer, "to"));
    if (s.fld_cc != NULL)
        addresses(s.fld_cc->cc_addr_list, json_object_get(answer, "cc"));
    if (s.fld_subject != NULL)
        json_object_set_new(answer, "subject", reader_text(decoded(s.fld_subject->sbj_value)));
}

static void
read_mail(const char *bytes, size_t len, json_t *answer)
{
    struct found f = {answer, NULL, NULL};
    struct mailmime *m = NULL;
    size_t i = 0;

    if (mailmime_parse(bytes, len, &i, &m) != MAILIMF_NO_ERROR || m == NULL || m->mm_type != MAILMIME_MESSAGE)
        return;
    if (m->mm_data.mm_message.mm_fields != NULL)
        fields(m->mm_data.mm_message.mm_fields, answer);
    if (m->mm_data.mm_message.mm_msg_mime != NULL)
        part(m->mm_data.mm_message.mm_msg_mime, &f, 0);
    json_object_set_new(answer, "text", reader_text(f.plain != NULL ? f.plain : f.html != NULL ? f.html : ""));
}

int
main(int argc, char **argv)
{
    return reader_main(argc, argv, read_mail);
}
