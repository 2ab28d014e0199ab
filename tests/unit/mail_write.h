/* SPDX-License-Identifier: ISC
 *
 * Shared by the tests of the writing side: a letter to start from, and what holds for every letter that goes out.
 * Include after cmocka.h.
 */
#ifndef TESTS_MAIL_WRITE_H
#define TESTS_MAIL_WRITE_H

#include "ticketd/mail.h"
#include <stdlib.h>
#include <string.h>

static Td__Address desk = { .name = (char *)"Support", .addr = (char *)"support@example.com" };
static Td__Address customer = { .addr = (char *)"anna@example.org" };
static Td__Address *to[] = { &customer };

static Td__Letter
letter(void)
{
    Td__Letter l = TD__LETTER__INIT;

    desk.base = customer.base = (ProtobufCMessage)PROTOBUF_C_MESSAGE_INIT(&td__address__descriptor);
    l.id = 1;
    l.kind = TD__LETTER__KIND__ACK;
    l.desk = (char *)"support";
    l.from = &desk;
    l.to = to;
    l.n_to = 1;
    l.subject = (char *)"[CAS-00001-9LGW] Printer";
    l.message_id = (char *)"1.1.abc@example.com";
    l.date = 1773136800;
    l.text = (char *)"Hello\n";
    return l;
}

/* What holds for every letter that goes out. */
static void
check_wire(const struct buf *b)
{
    size_t line = 0;
    bool header = true;

    assert_int_equal(strlen(b->data), b->len);
    assert_true(b->len > 2 && strcmp(b->data + b->len - 2, "\r\n") == 0);
    for (size_t i = 0; i < b->len; i++) {
        char c = b->data[i];

        if (c == '\n') {
            size_t len = i - line - 1;

            assert_true(i > 0 && b->data[i - 1] == '\r');
            assert_true(len <= 998);
            header = header && len > 0;
            if (header)
                assert_true(b->data[line + strspn(b->data + line, " \t")] != '\r');
            line = i + 1;
        } else if (c == '\r') {
            assert_int_equal(b->data[i + 1], '\n');
        } else {
            assert_true(c == '\t' || (c >= ' ' && c <= '~'));
        }
    }
}

static char *
compose(const Td__Letter *l)
{
    struct buf b = { 0 };
    const char *error = NULL;

    if (!mail_compose(l, &b, &error))
        fail_msg("refused: %s", error);
    assert_null(error);
    check_wire(&b);
    return b.data;
}

static char *
repeat(const char *s, size_t n)
{
    struct buf b = { 0 };

    for (size_t i = 0; i < n; i++)
        buf_puts(&b, s);
    return b.data;
}

#endif
