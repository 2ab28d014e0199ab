/* SPDX-License-Identifier: ISC
 *
 * schema: records in arenas. Round trips, and bytes that no honest peer sends: every one of them is NULL, none a crash.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/schema.h"
#include <stdlib.h>
#include <string.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

static Td__Message *
sample(struct arena *a)
{
    Td__Message *m = schema_new(a, &td__message__descriptor);
    Td__Hit *hit = schema_new(a, &td__hit__descriptor);

    m->message_id = arena_strdup(a, "id@host");
    m->subject = arena_strdup(a, "J\xc3\xb6rg \xf0\x9f\x98\x80");
    m->text = arena_strdup(a, "");
    m->from = schema_address(a, NULL, "jane@example.com");
    m->has_aligned = true;
    arena_push(a, &m->to, &m->n_to, schema_address(a, "Support", "support@example.com"));
    arena_push(a, &m->to, &m->n_to, schema_address(a, NULL, "b@example.com"));
    arena_push(a, &m->warnings, &m->n_warnings, arena_strdup(a, "odd"));
    hit->pattern = 7;
    hit->words = arena_strdup(a, "system down");
    hit->where = TD__CASE_REF__WHERE__QUOTE;
    arena_push(a, &m->hits, &m->n_hits, hit);
    m->machine = schema_new(a, &td__machine__descriptor);
    m->machine->delivery_report = schema_new(a, &td__delivery_report__descriptor);
    m->machine->delivery_report->status = arena_strdup(a, "5.1.1");
    m->has_digest = true;
    m->digest.data = arena_alloc(a, 32);
    m->digest.len = 32;
    return m;
}

static void
assert_sample(const Td__Message *m)
{
    assert_non_null(m);
    assert_string_equal(m->message_id, "id@host");
    assert_string_equal(m->subject, "J\xc3\xb6rg \xf0\x9f\x98\x80");
    assert_string_equal(m->text, "");
    assert_null(m->reply_text);
    assert_null(m->from->name);
    assert_string_equal(m->from->addr, "jane@example.com");
    assert_true(m->has_aligned);
    assert_int_equal(m->n_to, 2);
    assert_string_equal(m->to[1]->addr, "b@example.com");
    assert_int_equal(m->hits[0]->where, TD__CASE_REF__WHERE__QUOTE);
    assert_string_equal(m->machine->delivery_report->status, "5.1.1");
    assert_int_equal(m->digest.len, 32);
}

static void
test_round_trip(void **state)
{
    struct arena *a = arena_new(0), *b = arena_new(1 << 16), *c;
    struct buf packed = { 0 };
    Td__Message *m = sample(a), *back, *copy;

    (void)state;
    buf_puts(&packed, "before");
    schema_pack(m, &packed);
    assert_memory_equal(packed.data, "before", 6);
    back = schema_unpack(b, &td__message__descriptor, (uint8_t *)packed.data + 6, packed.len - 6);
    assert_sample(back);
    assert_true(arena_push(b, &back->to, &back->n_to, schema_address(b, NULL, "c@example.com")));
    assert_int_equal(back->n_to, 3);
    c = arena_new(0);
    copy = schema_copy(c, m);
    arena_free(&a);
    assert_sample(copy);
    arena_free(&b);
    arena_free(&c);
    buf_free(&packed);
}

static void
test_caps(void **state)
{
    struct arena *a = arena_new(0), *b;
    struct buf packed = { 0 };
    Td__Message *m = sample(a);
    size_t worked = 0;

    (void)state;
    schema_pack(m, &packed);
    for (size_t cap = 16; cap < 8192; cap += 16) {
        b = arena_new(cap);
        m = schema_unpack(b, &td__message__descriptor, (uint8_t *)packed.data, packed.len);
        if (m)
            assert_sample(m);
        worked += !!m;
        check(!worked || m, "more room never hurts");
        arena_free(&b);
    }
    assert_in_range(worked, 300, 500);
    b = arena_new(64);
    assert_null(schema_new(b, &td__message__descriptor));
    assert_null(schema_address(b, "a name that is longer than there is room for in sixty-four bytes", "a@b"));
    assert_null(schema_copy(b, sample(a)));
    arena_free(&b);
    arena_free(&a);
    buf_free(&packed);
}

/* tag of field n with wire type w */
#define TAG(n, w) (char)((n) << 3 | (w))
#define BYTES(s) s, sizeof s - 1

static void
test_hostile(void **state)
{
    static const struct { const char *label; const ProtobufCMessageDescriptor *what; const char *bytes; size_t len; bool ok; } rows[] = {
        { "address", &td__address__descriptor, BYTES("\x12\x03" "a@b"), true },
        { "unknown field", &td__address__descriptor, BYTES("\x12\x03" "a@b\x58\x01"), true },
        { "required is missing", &td__address__descriptor, BYTES("\x0a\x01" "a"), false },
        { "nothing where something is required", &td__address__descriptor, BYTES(""), false },
        { "nothing where nothing is", &td__message__descriptor, BYTES(""), true },
        { "longer than there is", &td__address__descriptor, BYTES("\x12\x04" "a@b"), false },
        { "length of 2^63", &td__address__descriptor, BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f" "a@b"), false },
        { "number without end", &td__address__descriptor, BYTES("\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"), false },
        { "NUL in a string", &td__address__descriptor, BYTES("\x12\x03" "a\0b"), false },
        { "latin1 in a string", &td__address__descriptor, BYTES("\x12\x03" "a@\xfc"), false },
        { "bytes may be anything", &td__by_message__descriptor, BYTES("\x08\x01\x12\x02\0\xff"), true },
        { "string as a number", &td__address__descriptor, BYTES("\x10\x01"), false },
        { "field 0", &td__address__descriptor, BYTES("\x12\x03" "a@b\x02\x01x"), false },
        { "groups", &td__address__descriptor, BYTES("\x12\x03" "a@b\x5b\x5c"), false },
        { "enum of the list", &td__case_ref__descriptor, BYTES("\x0a\x01x\x10\x03"), true },
        { "enum off the list", &td__case_ref__descriptor, BYTES("\x0a\x01x\x10\x04"), false },
        { "enum with high bits", &td__case_ref__descriptor, BYTES("\x0a\x01x\x10\x83\x80\x80\x80\x10"), false },
        { "enum packed", &td__case_ref__descriptor, BYTES("\x0a\x01x\x12\x01\x03"), false },
        { "NUL, one level down", &td__forwarded__descriptor, BYTES("\x0a\x05\x12\x03" "a\0b"), false },
        { "record twice", &td__forwarded__descriptor, BYTES("\x0a\x05\x12\x03" "a@b\x0a\x05\x12\x03" "a@b"), false },
        { "record once", &td__forwarded__descriptor, BYTES("\x0a\x05\x12\x03" "a@b"), true },
        { "cut in a record", &td__forwarded__descriptor, BYTES("\x0a\x04\x12\x03" "a@b"), false },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct arena *a = arena_new(1 << 16);
        uint8_t *exact = memcpy(malloc(rows[i].len + 1), rows[i].bytes, rows[i].len);

        exact = realloc(exact, rows[i].len ? rows[i].len : 1);
        check(!!schema_unpack(a, rows[i].what, exact, rows[i].len) == rows[i].ok, rows[i].label);
        free(exact);
        arena_free(&a);
    }
}

/* `depth` delivery reports, each in the one before; false when that is no record. */
static bool
nested(size_t depth)
{
    struct buf inner = { 0 }, outer = { 0 };
    struct arena *a = arena_new(16u << 20);
    bool ok;

    for (size_t i = 1; i < depth; i++) {
        size_t len = inner.len;

        buf_clear(&outer);
        buf_putc(&outer, TAG(6, 2));
        for (; len > 127; len >>= 7)
            buf_putc(&outer, (char)(len | 128));
        buf_putc(&outer, (char)len);
        buf_add(&outer, inner.data, inner.len);
        struct buf swap = inner;
        inner = outer;
        outer = swap;
    }
    ok = schema_unpack(a, &td__delivery_report__descriptor, (uint8_t *)inner.data, inner.len);
    buf_free(&inner);
    buf_free(&outer);
    arena_free(&a);
    return ok;
}

static void
test_depth(void **state)
{
    (void)state;
    assert_true(nested(1));
    assert_true(nested(16));
    assert_false(nested(17));
    assert_false(nested(20000));
}

/* Every cut and many single wrong bytes of a real record: whatever unpacks can be packed again. */
static void
test_mutations(void **state)
{
    struct arena *a = arena_new(0), *b;
    struct buf packed = { 0 }, again = { 0 };
    size_t ok = 0;

    (void)state;
    schema_pack(sample(a), &packed);
    arena_free(&a);
    for (size_t i = 0; i < packed.len * 9; i++) {
        uint8_t *bytes = memcpy(malloc(packed.len), packed.data, packed.len);
        size_t at = i / 9, len = packed.len;
        void *m;

        if (i % 9 == 8)
            len = at;
        else
            bytes[at] ^= (uint8_t)(1u << i % 9);
        bytes = realloc(bytes, len ? len : 1);
        b = arena_new(1 << 16);
        m = schema_unpack(b, &td__message__descriptor, bytes, len);
        free(bytes);
        if (m) {
            ok++;
            buf_clear(&again);
            schema_pack(m, &again);
        }
        arena_free(&b);
    }
    assert_in_range(ok, 1, packed.len * 9 - 100);
    buf_free(&packed);
    buf_free(&again);
}

static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(schema_state_name(TD__STATE__NEW), "new");
    assert_string_equal(schema_state_name(TD__STATE__CLOSED), "closed");
    assert_string_equal(schema_state_name((Td__State)0), "unknown");
    assert_string_equal(schema_state_name((Td__State)99), "unknown");
    assert_string_equal(schema_state_name((Td__State)-1), "unknown");
    assert_string_equal(schema_letter_kind_name(TD__LETTER__KIND__ACK), "ack");
    assert_string_equal(schema_letter_kind_name(TD__LETTER__KIND__ALARM), "alarm");
    assert_string_equal(schema_entry_name(TD__ENTRY__WHAT__OPENED), "opened");
    assert_string_equal(schema_entry_name(TD__ENTRY__WHAT__LINKED), "linked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("schema_records", tests, NULL, NULL);
}
