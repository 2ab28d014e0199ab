/* SPDX-License-Identifier: ISC
 *
 * Authentication-Results: the input is one field's value, tried in three places. Above a foreign Received nothing is decided here; below
 * one, or under a foreign id, nothing may ever be trusted or aligned.
 */
#include "fuzz_mail.h"

static Td__Message *
read_with(struct arena *a, const char *before, const uint8_t *bytes, size_t len)
{
    struct buf b = {0};
    Td__Message *m;

    buf_puts(&b, before);
    for (size_t i = 0; i < len; i++)
        buf_putc(&b, bytes[i] == '\n' || bytes[i] == '\r' ? ' ' : (char)bytes[i]);
    buf_puts(&b, "\nFrom: a@b.example\n\n");
    m = mail_scan((const uint8_t *)b.data, b.len, &fuzz_options, a);
    buf_free(&b);
    return m;
}

static void
nothing_trusted(const Td__Message *m)
{
    must(!m->aligned);
    for (size_t i = 0; i < m->n_auth_results; i++)
        must(!m->auth_results[i]->trusted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *a = arena_new(0);

    fuzz_message_ok(read_with(a, "Authentication-Results: ", bytes, len));
    fuzz_message_ok(read_with(a, "Authentication-Results: mx.example.com; ", bytes, len));
    nothing_trusted(read_with(a, "Received: by relay.evil.example\nAuthentication-Results: mx.example.com; ", bytes, len));
    nothing_trusted(read_with(a, "Authentication-Results: mx.evil.example; ", bytes, len));
    nothing_trusted(read_with(a, "X-Note: ", bytes, len));
    arena_free(&a);
    return 0;
}
