/* SPDX-License-Identifier: ISC
 *
 * For the fuzzers of the reading of mail: options as a desk has them, a reading to call the inner readers with, and what every message
 * must keep to, for it goes to core in a frame.
 */
#ifndef TEST_FUZZ_MAIL_H
#define TEST_FUZZ_MAIL_H

#include "fuzz.h"
#include "../../src/mail/read.h"

static const char *const fuzz_authserv[] = {"mx.example.com"};
static const char *const fuzz_languages[] = {"en", "sv", "de"};
static const struct mail_options fuzz_options = {
    .limits = {.mail = 50u << 20, .headers = 200, .header_len = 4096, .parts = 50, .depth = 8, .text = 65536},
    .authserv = fuzz_authserv, .n_authserv = 1, .languages = fuzz_languages, .n_languages = 3,
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mail_init();
    return 0;
}

/* r->a frees it all. */
static inline struct reading
fuzz_reading(void)
{
    struct reading r = {.a = arena_new(0), .o = &fuzz_options};

    r.tmp = r.a;
    r.m = schema_new(r.a, &td__message__descriptor);
    r.m->machine = schema_new(r.a, &td__machine__descriptor);
    return r;
}

static inline void
fuzz_text_ok(const char *s)
{
    must(s == NULL || utf8_valid(s, strlen(s)));
}

/* What core will unpack from our frame. */
static inline void
fuzz_message_ok(const Td__Message *m)
{
    struct arena *a = arena_new(0);
    struct buf packed = {0}, json = {0};

    schema_pack(m, &packed);
    must(schema_unpack(a, &td__message__descriptor, (const uint8_t *)packed.data, packed.len) != NULL);
    mail_to_json(m, "fuzz", -1, &json);
    must(utf8_valid(json.data, json.len) && memchr(json.data, '\n', json.len) == NULL);
    must(m->machine != NULL && (m->machine->delivery_report == NULL || m->machine->delivery_report->action != NULL));
    must(!m->has_aligned || !m->aligned || (m->from != NULL && m->from_count == 1));
    buf_free(&packed);
    buf_free(&json);
    arena_free(&a);
}

#endif
