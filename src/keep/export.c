/* SPDX-License-Identifier: ISC
 *
 * Export: a person's or a case's data in forms that other programs read. The records are walked by their own descriptors, so
 * that a field which the data dictionary gains is in the export without a line here. Descriptors nest no deeper than the
 * dictionary does.
 */
#include "ticketd/keep.h"
#include "ticketd/tables.h"

#include <stdlib.h>
#include <string.h>

#define EXACT_MAX (UINT64_C(1) << 53)   /* what every reader of JSON takes for the same number */

/* ---- a record as JSON */

static void record_json(const ProtobufCMessage *m, struct buf *out);

static void
number_json(uint64_t n, bool negative, struct buf *out)
{
    const char *quote = n > EXACT_MAX ? "\"" : "";
    buf_printf(out, "%s%s%llu%s", quote, negative ? "-" : "", (unsigned long long)n, quote);
}

static void
bytes_json(const ProtobufCBinaryData *b, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";
    buf_putc(out, '"');
    for (size_t i = 0; i < b->len; i++) {
        buf_putc(out, digits[b->data[i] >> 4]);
        buf_putc(out, digits[b->data[i] & 15]);
    }
    buf_putc(out, '"');
}

static void
signed_json(int64_t v, struct buf *out)
{
    number_json(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, out);
}

static void
value_json(const ProtobufCFieldDescriptor *f, const void *at, struct buf *out)
{
    const ProtobufCEnumValue *word;
    switch (f->type) {
    case PROTOBUF_C_TYPE_INT32: case PROTOBUF_C_TYPE_SINT32: case PROTOBUF_C_TYPE_SFIXED32:
        signed_json(*(const int32_t *)at, out);
        break;
    case PROTOBUF_C_TYPE_INT64: case PROTOBUF_C_TYPE_SINT64: case PROTOBUF_C_TYPE_SFIXED64:
        signed_json(*(const int64_t *)at, out);
        break;
    case PROTOBUF_C_TYPE_UINT32: case PROTOBUF_C_TYPE_FIXED32:
        number_json(*(const uint32_t *)at, false, out);
        break;
    case PROTOBUF_C_TYPE_UINT64: case PROTOBUF_C_TYPE_FIXED64:
        number_json(*(const uint64_t *)at, false, out);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        buf_puts(out, *(const protobuf_c_boolean *)at ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        word = protobuf_c_enum_descriptor_get_value(f->descriptor, *(const int *)at);
        schema_json_string(word != NULL ? word->name : NULL, out);
        break;
    case PROTOBUF_C_TYPE_STRING:
        schema_json_string(*(char *const *)at, out);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        bytes_json(at, out);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        record_json(*(ProtobufCMessage *const *)at, out);
        break;
    case PROTOBUF_C_TYPE_FLOAT: case PROTOBUF_C_TYPE_DOUBLE:
        bug("export: the data dictionary has no fractions");
    }
}

static size_t
value_size(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING: case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_INT64: case PROTOBUF_C_TYPE_SINT64: case PROTOBUF_C_TYPE_SFIXED64: case PROTOBUF_C_TYPE_UINT64: case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    default:
        return sizeof(uint32_t);
    }
}

static bool
field_given(const ProtobufCFieldDescriptor *f, const uint8_t *base)
{
    if (f->label != PROTOBUF_C_LABEL_OPTIONAL)
        return true;
    if (f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)(base + f->offset) != NULL;
    return *(const protobuf_c_boolean *)(base + f->quantifier_offset);
}

static void
record_json(const ProtobufCMessage *m, struct buf *out)
{
    const uint8_t *base = (const uint8_t *)m;
    bool first = true;
    buf_putc(out, '{');
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        if (!field_given(f, base))
            continue;
        buf_printf(out, "%s\"%s\":", first ? "" : ",", f->name);
        first = false;
        if (f->label != PROTOBUF_C_LABEL_REPEATED) {
            value_json(f, base + f->offset, out);
            continue;
        }
        size_t n = *(const size_t *)(base + f->quantifier_offset);
        const uint8_t *list = *(uint8_t *const *)(base + f->offset);
        buf_putc(out, '[');
        for (size_t v = 0; v < n; v++) {
            buf_puts(out, v > 0 ? "," : "");
            value_json(f, list + v * value_size(f), out);
        }
        buf_putc(out, ']');
    }
    buf_putc(out, '}');
}

/* ---- mboxrd */

static int
collect(void *u, const uint8_t *bytes, size_t len)
{
    buf_add(u, bytes, len);
    return 0;
}

/* A line that begins with From, behind any number of >, gets one > more: taking one away gives the bytes back. */
static void
mbox_add(const struct buf *mail, int64_t at, struct buf *out)
{
    static const char days[] = "ThuFriSatSunMonTueWed", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day = (at >= 0 ? at : at - 86399) / 86400, second = at - day * 86400;
    int y, m, d;
    civil_from_days(day, &y, &m, &d);
    buf_printf(out, "From - %.3s %.3s %2d %02d:%02d:%02d %d\n", days + 3 * (((day % 7) + 7) % 7), months + 3 * (m - 1), d, (int)(second / 3600),
               (int)(second / 60 % 60), (int)(second % 60), y);
    for (const char *p = mail->data, *end = p + mail->len; p < end;) {
        const char *line = memchr(p, '\n', (size_t)(end - p)), *next = line != NULL ? line + 1 : end, *from = p;
        while (from < next && *from == '>')
            from++;
        if (next - from >= 5 && memcmp(from, "From ", 5) == 0)
            buf_putc(out, '>');
        buf_add(out, p, (size_t)(next - p));
        p = next;
    }
    buf_puts(out, mail->len > 0 && mail->data[mail->len - 1] == '\n' ? "\n" : "\n\n");
}

static enum store_rc
flush(int fd, struct buf *b)
{
    int err = b->len > 0 ? full_write(fd, b->data, b->len) : 0;
    buf_clear(b);
    return err == 0 ? STORE_OK : STORE_IO;
}

/* The bytes of a mail or letter; NOTFOUND: they do not open. */
static enum store_rc
bulk_export(struct store_txn *t, enum store_table tab, uint64_t id, uint32_t chunks, int64_t at, int fd)
{
    struct buf bytes = { 0 }, out = { 0 };
    enum store_rc rc = store_bulk_read(t, tab, id, chunks, collect, &bytes);
    if (rc == STORE_OK) {
        mbox_add(&bytes, at, &out);
        rc = flush(fd, &out);
    } else if (rc == STORE_DAMAGED || rc == STORE_ERASED) {
        rc = STORE_NOTFOUND;
    }
    buf_free(&bytes);
    buf_free(&out);
    return rc;
}

/* ---- a case */

struct ids { uint64_t *v; size_t n, cap; };

static bool
ids_add(struct ids *l, uint64_t id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i] == id)
            return false;
    if (l->n == l->cap)
        l->v = mem_grow(l->v, (l->cap = l->cap > 0 ? 2 * l->cap : 16) * sizeof *l->v);
    l->v[l->n++] = id;
    return true;
}

struct one { struct keep_export *x; struct store_txn *t; struct arena *a; uint64_t id; struct buf json; struct ids mails, letters; };

static enum store_rc
entries_export(struct one *o)
{
    struct store_key prefix, k;
    struct store_cursor *c;
    bool first = true;
    table_entry_prefix(&prefix, o->id);
    enum store_rc rc = store_cursor_open(o->t, STORE_ENTRIES, &prefix, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        Td__Entry *e;
        rc = store_cursor_get(c, o->a, &td__entry__descriptor, &e);
        if (rc == STORE_OK) {
            buf_puts(&o->json, first ? "\n" : ",\n");
            record_json(&e->base, &o->json);
            first = false;
            if (e->has_mail)
                (void)ids_add(&o->mails, e->mail);
            if (e->has_letter)
                (void)ids_add(&o->letters, e->letter);
        } else if (rc == STORE_DAMAGED || rc == STORE_ERASED) {
            o->x->missing++;
            rc = STORE_OK;
        }
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

/* Letters that wait stand in the outbox before the journal has their end. */
static enum store_rc
waiting_find(struct one *o)
{
    struct store_cursor *c;
    struct store_key k;
    enum store_rc rc = store_cursor_open(o->t, STORE_OUTBOX, NULL, NULL, false, &c);
    while (rc == STORE_OK && store_cursor_next(c, &k)) {
        int64_t at;
        uint64_t letter;
        uint32_t recipient;
        table_outbox_read(&k, &at, &letter, &recipient);
        (void)ids_add(&o->letters, letter);     /* whose it is, is asked below */
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    return rc;
}

static enum store_rc
mail_export(struct one *o, uint64_t id, bool *first)
{
    struct store_key k;
    Td__MailRecord *m;
    table_mail(&k, id, 0);
    enum store_rc rc = store_get(o->t, STORE_MAILS, &k, o->a, &td__mail_record__descriptor, &m);
    if (rc != STORE_OK || m->case_id != o->id)
        return rc;
    rc = bulk_export(o->t, STORE_MAILS, id, m->chunks, m->origin->arrived_at, o->x->mails);
    if (rc != STORE_OK)
        return rc;
    buf_printf(&o->json, "%s\n{\"mail\":%llu,\"record\":", *first ? "" : ",", (unsigned long long)id);
    record_json(&m->base, &o->json);
    buf_putc(&o->json, '}');
    *first = false;
    o->x->n_mails++;
    return STORE_OK;
}

static enum store_rc
letter_export(struct one *o, uint64_t id, bool *first)
{
    struct store_key k;
    Td__Letter *l;
    table_letter(&k, id, 0);
    enum store_rc rc = store_get(o->t, STORE_LETTERS, &k, o->a, &td__letter__descriptor, &l);
    if (rc != STORE_OK || !l->has_case_id || l->case_id != o->id)
        return rc;
    if (l->has_size)                            /* else it is not composed yet: its record has its words */
        rc = bulk_export(o->t, STORE_LETTERS, id, l->chunks, l->date, o->x->letters);
    if (rc != STORE_OK)
        return rc;
    buf_puts(&o->json, *first ? "\n" : ",\n");
    record_json(&l->base, &o->json);
    *first = false;
    o->x->n_letters++;
    return STORE_OK;
}

static enum store_rc
list_export(struct one *o, const char *name, const struct ids *ids, enum store_rc (*each)(struct one *, uint64_t, bool *))
{
    enum store_rc rc = STORE_OK;
    bool first = true;
    buf_printf(&o->json, "],\n\"%s\":[", name);
    for (size_t i = 0; i < ids->n && rc == STORE_OK; i++) {
        rc = each(o, ids->v[i], &first);
        if (rc == STORE_NOTFOUND || rc == STORE_DAMAGED || rc == STORE_ERASED) {
            o->x->missing++;
            rc = STORE_OK;
        }
    }
    return rc;
}

enum store_rc
keep_export_begin(struct keep_export *x, int64_t now)
{
    struct buf b = { 0 };
    char at[TIME_TEXT_MAX];
    time_format(now, at);
    buf_printf(&b, "{\"export\":1,\"ticketd\":\"%s\",\"at\":\"%s\",\"cases\":[", TICKETD_VERSION, at);
    enum store_rc rc = flush(x->json, &b);
    buf_free(&b);
    return rc;
}

enum store_rc
keep_export_case(struct keep_export *x, struct store *s, struct store_txn *t, uint64_t case_id)
{
    struct one o = { .x = x, .t = t, .a = arena_new(0), .id = case_id };
    struct store_key k;
    Td__Case *c;
    (void)s;
    table_case(&k, case_id);
    enum store_rc rc = store_get(t, STORE_CASES, &k, o.a, &td__case__descriptor, &c);
    if (rc == STORE_OK) {
        buf_printf(&o.json, "%s\n{\"case\":", x->cases > 0 ? "," : "");
        record_json(&c->base, &o.json);
        buf_puts(&o.json, ",\n\"entries\":[");
        rc = entries_export(&o);
    }
    if (rc == STORE_OK)
        rc = waiting_find(&o);
    if (rc == STORE_OK)
        rc = list_export(&o, "mails", &o.mails, mail_export);
    if (rc == STORE_OK)
        rc = list_export(&o, "letters", &o.letters, letter_export);
    if (rc == STORE_OK) {
        buf_puts(&o.json, "]}");
        rc = flush(x->json, &o.json);
        x->cases++;
    }
    buf_free(&o.json);
    free(o.mails.v);
    free(o.letters.v);
    arena_free(&o.a);
    return rc;
}

enum store_rc
keep_export_end(struct keep_export *x)
{
    struct buf b = { 0 };
    buf_puts(&b, "]}\n");
    enum store_rc rc = flush(x->json, &b);
    buf_free(&b);
    return rc;
}
