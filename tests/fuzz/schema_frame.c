/* SPDX-License-Identifier: ISC
 *
 * Frames and stored records: bytes that a peer or a broken disk made. What unpacks is packed again and must unpack to the same bytes;
 * memory stays under the arena's cap. The first byte chooses the record.
 */
#include "fuzz.h"
#include "ticketd/schema.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const ProtobufCMessageDescriptor *const what[] = {
        &td__frame__descriptor, &td__frame__descriptor, &td__frame__descriptor, &td__case__descriptor, &td__entry__descriptor, &td__letter__descriptor,
        &td__message__descriptor, &td__mail_record__descriptor,
    };
    struct arena *a = arena_new(1u << 20), *b = arena_new(0);
    struct buf once = {0}, twice = {0};
    void *record;

    if (len > 0) {
        const ProtobufCMessageDescriptor *d = what[bytes[0] % countof(what)];
        if ((record = schema_unpack(a, d, bytes + 1, len - 1)) != NULL) {
            schema_pack(record, &once);
            record = schema_unpack(b, d, (const uint8_t *)once.data, once.len);
            must(record != NULL);
            schema_pack(record, &twice);
            must(once.len == twice.len && (once.len == 0 || memcmp(once.data, twice.data, once.len) == 0));
        }
    }
    buf_free(&once);
    buf_free(&twice);
    arena_free(&a);
    arena_free(&b);
    return 0;
}
