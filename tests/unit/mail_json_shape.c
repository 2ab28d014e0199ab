/* SPDX-License-Identifier: ISC
 *
 * The JSON of a message: every key is there whatever the message lacks, in the order of INTERFACES.md, on one line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/mail.h"
#include <jansson.h>
#include <string.h>

static void
an_empty_message_has_every_key(void **state)
{
    Td__Message m = TD__MESSAGE__INIT;
    struct buf out = { 0 };

    (void)state;
    mail_to_json(&m, "a.eml", -1, &out);
    assert_string_equal(out.data,
        "{\"file\": \"a.eml\", \"message_id\": null, \"date\": null, \"from\": null, \"sender\": null, \"reply_to\": [], \"to\": [], "
        "\"cc\": [], \"subject\": null, \"in_reply_to\": [], \"references\": [], \"text\": null, \"reply_text\": null, "
        "\"language\": null, \"auth\": {\"results\": [], \"aligned\": null}, "
        "\"machine\": {\"answerable\": false, \"counts_as_reply\": true, \"list\": false, \"own\": null, \"delivery_report\": null, "
        "\"why\": []}, \"attachments\": [], \"case_refs\": [], \"forwarded\": null, \"warnings\": []}");
    buf_free(&out);
}

static void
a_full_message(void **state)
{
    struct arena *a = arena_new(0);
    Td__Message *m = schema_new(a, &td__message__descriptor);
    Td__AuthResult *r = schema_new(a, &td__auth_result__descriptor);
    Td__Machine *k = schema_new(a, &td__machine__descriptor);
    Td__DeliveryReport *d = schema_new(a, &td__delivery_report__descriptor), *other = schema_new(a, &td__delivery_report__descriptor);
    Td__Attachment *file = schema_new(a, &td__attachment__descriptor);
    Td__CaseRef *ref = schema_new(a, &td__case_ref__descriptor);
    Td__Forwarded *f = schema_new(a, &td__forwarded__descriptor);
    struct buf out = { 0 };

    (void)state;
    buf_puts(&out, "> ");
    m->message_id = arena_strdup(a, "id@host");
    m->has_date = 1;
    m->date = 1773136800;
    m->from = schema_address(a, "Jörg", "j@host");
    m->sender = schema_address(a, NULL, "s@host");
    arena_push(a, &m->reply_to, &m->n_reply_to, schema_address(a, NULL, "r@host"));
    arena_push(a, &m->to, &m->n_to, schema_address(a, "A", "a@host"));
    arena_push(a, &m->to, &m->n_to, schema_address(a, "", "b@host"));
    arena_push(a, &m->cc, &m->n_cc, schema_address(a, NULL, "c@host"));
    m->subject = arena_strdup(a, "say \"hi\"");
    arena_push(a, &m->in_reply_to, &m->n_in_reply_to, arena_strdup(a, "one@host"));
    arena_push(a, &m->references, &m->n_references, arena_strdup(a, "one@host"));
    m->text = arena_strdup(a, "a\nb\t\x01\n");
    m->reply_text = arena_strdup(a, "");
    m->language = arena_strdup(a, "sv");
    r->authserv = arena_strdup(a, "mx.example.com");
    r->method = arena_strdup(a, "dmarc");
    r->result = arena_strdup(a, "pass");
    r->domain = arena_strdup(a, "host");
    r->trusted = 1;
    arena_push(a, &m->auth_results, &m->n_auth_results, r);
    m->has_aligned = 1;
    m->machine = k;
    k->list = 1;
    arena_push(a, &k->why, &k->n_why, arena_strdup(a, "Auto-Submitted: auto-replied"));
    k->delivery_report = d;
    d->recipient = arena_strdup(a, "u@host");
    d->action = arena_strdup(a, "failed");
    d->status = arena_strdup(a, "5.1.1");
    other->recipient = arena_strdup(a, "v@host");
    arena_push(a, &d->others, &d->n_others, other);
    file->name = arena_strdup(a, "invoice.pdf");
    file->type = arena_strdup(a, "application/pdf");
    file->size = UINT64_C(5000000000);
    file->sha256.data = arena_alloc(a, 32);
    file->sha256.len = 32;
    file->sha256.data[0] = 0xab;
    arena_push(a, &m->attachments, &m->n_attachments, file);
    ref->text = arena_strdup(a, "CAS-05304-9LGW");
    ref->where = TD__CASE_REF__WHERE__SUBJECT;
    arena_push(a, &m->case_refs, &m->n_case_refs, ref);
    m->forwarded = f;
    f->from = schema_address(a, NULL, "f@host");
    f->subject = arena_strdup(a, "old");
    f->has_date = 1;
    arena_push(a, &m->warnings, &m->n_warnings, arena_strdup(a, "odd"));
    mail_to_json(m, "dir/ü.eml", 1, &out);
    assert_string_equal(out.data,
        "> {\"file\": \"dir/ü.eml\", \"message_id\": \"id@host\", \"date\": \"2026-03-10T10:00:00Z\", "
        "\"from\": {\"name\": \"Jörg\", \"addr\": \"j@host\"}, \"sender\": {\"name\": null, \"addr\": \"s@host\"}, "
        "\"reply_to\": [{\"name\": null, \"addr\": \"r@host\"}], \"to\": [{\"name\": \"A\", \"addr\": \"a@host\"}, "
        "{\"name\": \"\", \"addr\": \"b@host\"}], \"cc\": [{\"name\": null, \"addr\": \"c@host\"}], \"subject\": \"say \\\"hi\\\"\", "
        "\"in_reply_to\": [\"one@host\"], \"references\": [\"one@host\"], \"text\": \"a\\nb\\t\\u0001\\n\", \"reply_text\": \"\", "
        "\"language\": \"sv\", \"auth\": {\"results\": [{\"authserv\": \"mx.example.com\", \"method\": \"dmarc\", \"result\": \"pass\", "
        "\"domain\": \"host\", \"trusted\": true}], \"aligned\": false}, \"machine\": {\"answerable\": false, \"counts_as_reply\": false, "
        "\"list\": true, \"own\": true, \"delivery_report\": {\"recipient\": \"u@host\", \"action\": \"failed\", \"status\": \"5.1.1\", "
        "\"diagnostic\": null, \"original_message_id\": null, \"others\": [{\"recipient\": \"v@host\", \"action\": null, "
        "\"status\": null, \"diagnostic\": null, \"original_message_id\": null}]}, \"why\": [\"Auto-Submitted: auto-replied\"]}, "
        "\"attachments\": [{\"name\": \"invoice.pdf\", \"type\": \"application/pdf\", \"size\": 5000000000, "
        "\"sha256\": \"ab00000000000000000000000000000000000000000000000000000000000000\", \"inline\": false}], "
        "\"case_refs\": [\"CAS-05304-9LGW\"], \"forwarded\": {\"from\": {\"name\": null, \"addr\": \"f@host\"}, \"subject\": \"old\", "
        "\"date\": \"1970-01-01T00:00:00Z\"}, \"warnings\": [\"odd\"]}");
    buf_free(&out);
    arena_free(&a);
}

static void
whatever_the_bytes_it_is_json(void **state)
{
    static const struct { const char *label, *bytes, *want; } rows[] = {
        { "broken byte", "a\xff" "b", "a\xef\xbf\xbd" "b" },
        { "cut character", "a\xe6\x97", "a\xef\xbf\xbd\xef\xbf\xbd" },
        { "surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "overlong", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "good beside bad", "日\x80本", "日\xef\xbf\xbd本" },
        { "last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
        { "line separator", "a\xe2\x80\xa8", "a\xe2\x80\xa8" },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        Td__Message m = TD__MESSAGE__INIT;
        struct buf out = { 0 };
        json_t *root;

        print_message("%s\n", rows[i].label);
        m.subject = (char *)(uintptr_t)rows[i].bytes;
        mail_to_json(&m, rows[i].bytes, 0, &out);
        assert_null(strchr(out.data, '\n'));
        assert_true(utf8_valid(out.data, out.len));
        root = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(root);
        assert_string_equal(json_string_value(json_object_get(root, "subject")), rows[i].want);
        assert_string_equal(json_string_value(json_object_get(root, "file")), rows[i].want);
        assert_true(json_is_false(json_object_get(json_object_get(root, "machine"), "own")));
        json_decref(root);
        buf_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_message_has_every_key), cmocka_unit_test(a_full_message),
        cmocka_unit_test(whatever_the_bytes_it_is_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
