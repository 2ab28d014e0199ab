/* SPDX-License-Identifier: ISC
 *
 * Records in arenas. What somebody else wrote is walked over once before protobuf-c sees it, without recursion: depth is
 * bounded (a delivery report may contain others), text is UTF-8 without NUL, an enum holds a word of its list, and a record
 * inside another is there once. protobuf-c itself would recurse as deep as the bytes say, merge, and let any number through.
 * The allocator is the arena's, its cap bounds what hostile bytes can make of themselves, and nothing is ever freed singly.
 */
#include "ticketd/schema.h"
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16u
#define FIELDS_SEEN 64u                 /* width of the map of fields of one record */

static void *
arena_allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void
arena_release(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

/* ---------------------------------------------------------------- the walk */

struct level {
    const ProtobufCMessageDescriptor *what;
    const uint8_t *at, *end;
    uint64_t seen;                      /* fields that may come once and did */
};

static bool
varint_read(struct level *l, uint64_t *out)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64 && l->at < l->end; shift += 7) {
        uint8_t byte = *l->at++;

        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *out = v;
            return true;
        }
    }
    return false;
}

static bool
string_ok(const uint8_t *s, size_t len)
{
    return !memchr(s, '\0', len) && utf8_valid((const char *)s, len);
}

/* One field at l; a record inside is put on *inner, to be walked before the rest of l. */
static bool
field_walk(struct level *l, struct level *inner)
{
    uint64_t tag, value = 0;
    unsigned wire;
    const ProtobufCFieldDescriptor *f;

    if (!varint_read(l, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return false;
    wire = tag & 7;
    f = protobuf_c_message_descriptor_get_field(l->what, (unsigned)(tag >> 3));
    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        if (!varint_read(l, &value))
            return false;
        return !f || f->type != PROTOBUF_C_TYPE_ENUM || (value <= INT32_MAX && protobuf_c_enum_descriptor_get_value(f->descriptor, (int)value));
    case PROTOBUF_C_WIRE_TYPE_64BIT:
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        value = wire == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
        break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!varint_read(l, &value))
            return false;
        break;
    default:
        return false;
    }
    if (value > (size_t)(l->end - l->at))
        return false;
    l->at += value;
    if (!f || wire != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return true;
    if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
        uint64_t bit = UINT64_C(1) << (size_t)(f - l->what->fields) % FIELDS_SEEN;

        if (f->label != PROTOBUF_C_LABEL_REPEATED && l->seen & bit)
            return false;
        if (f->label != PROTOBUF_C_LABEL_REPEATED)
            l->seen |= bit;
        *inner = (struct level){ .what = f->descriptor, .at = l->at - value, .end = l->at };
        return true;
    }
    if (f->type == PROTOBUF_C_TYPE_STRING)
        return string_ok(l->at - value, (size_t)value);
    return f->type != PROTOBUF_C_TYPE_ENUM;     /* packed: we never write it */
}

static bool
record_walk(const ProtobufCMessageDescriptor *what, const uint8_t *bytes, size_t len)
{
    struct level stack[DEPTH_MAX] = { { .what = what, .at = bytes, .end = bytes + len } };
    size_t depth = 1;

    while (depth) {
        struct level *l = &stack[depth - 1], inner = { 0 };

        if (l->at == l->end) {
            depth--;
            continue;
        }
        if (!field_walk(l, &inner))
            return false;
        if (inner.what) {
            if (depth == DEPTH_MAX)
                return false;
            stack[depth++] = inner;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- records */

void *
schema_new(struct arena *a, const ProtobufCMessageDescriptor *what)
{
    void *record = arena_alloc(a, what->sizeof_message);

    if (record)
        what->message_init(record);
    return record;
}

void *
schema_unpack(struct arena *a, const ProtobufCMessageDescriptor *what, const uint8_t *bytes, size_t len)
{
    ProtobufCAllocator from_arena = { .alloc = arena_allocate, .free = arena_release, .allocator_data = a };
    static const uint8_t nothing[1];

    if (!len)
        bytes = nothing;
    if (!record_walk(what, bytes, len))
        return NULL;
    return protobuf_c_message_unpack(what, &from_arena, len, bytes);
}

void
schema_pack(const void *record, struct buf *out)
{
    size_t size = protobuf_c_message_get_packed_size(record);

    buf_reserve(out, size);
    must(protobuf_c_message_pack(record, (uint8_t *)out->data + out->len) == size);
    out->len += size;
    out->data[out->len] = '\0';
}

void *
schema_copy(struct arena *a, const void *record)
{
    ProtobufCAllocator from_arena = { .alloc = arena_allocate, .free = arena_release, .allocator_data = a };
    const ProtobufCMessage *m = record;
    struct buf packed = { 0 };
    void *copy;

    schema_pack(record, &packed);
    copy = protobuf_c_message_unpack(m->descriptor, &from_arena, packed.len, (const uint8_t *)packed.data);
    explicit_bzero(packed.data, packed.len);    /* it may have held a password */
    buf_free(&packed);
    return copy;
}

Td__Address *
schema_address(struct arena *a, const char *name, const char *addr)
{
    Td__Address *out = schema_new(a, &td__address__descriptor);

    if (!out)
        return NULL;
    out->name = arena_strdup(a, name);
    out->addr = arena_strdup(a, addr);
    return out->addr && (out->name || !name) ? out : NULL;
}
