/* SPDX-License-Identifier: ISC
 *
 * Authentication-Results: the input is one field's value, tried in three places, and then a whole header. Above a foreign Received nothing
 * is decided here; below one, or under a foreign id, nothing may ever be trusted or aligned.
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

static const char *const sealers[] = {"s.example"}, *const expects[] = {"dmarc", "dkim"}, *const hosts[] = {".h.example"};

/* The input as a whole header, with everything that an operator may ask for. Without arc=pass of our own no seal counts. */
static void
read_whole(struct arena *a, const uint8_t *bytes, size_t len)
{
    struct mail_options o = fuzz_options;
    bool arc = false;

    o.sealers = sealers;
    o.n_sealers = 1;
    o.hosts = hosts;
    o.n_hosts = 1;
    o.expects = expects;
    o.n_expects = len & 1 ? 2 : 0;
    o.exchange_online = len & 2;
    o.strict_alignment = len & 4;
    const Td__Message *m = mail_scan(bytes, len, &o, a);
    fuzz_message_ok(m);
    for (size_t i = 0; i < m->n_auth_results; i++)
        arc |= m->auth_results[i]->trusted && strcmp(m->auth_results[i]->method, "arc") == 0 && strcmp(m->auth_results[i]->result, "pass") == 0;
    for (size_t i = 0; i < m->n_auth_results && !o.exchange_online && !arc; i++)
        must(!m->auth_results[i]->trusted || strcmp(m->auth_results[i]->authserv, "mx.example.com") == 0);
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
    read_whole(a, bytes, len);
    arena_free(&a);
    return 0;
}
