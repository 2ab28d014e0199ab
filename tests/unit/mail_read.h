/* SPDX-License-Identifier: ISC
 *
 * For the tests of the reading side: a mail written in a string, read, and its answers. Counted work instead of time: a table row says
 * what comes out, and the hostile rows are large enough that anything quadratic would not end.
 */
#ifndef TEST_MAIL_READ_H
#define TEST_MAIL_READ_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/mail.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_mail { struct arena *a; Td__Message *m; };

static inline struct test_mail
test_read(const void *bytes, size_t len, const char *authserv, bool whole)
{
    const char *ids[] = {authserv};
    struct mail_options o = {.limits = mail_limits_default, .authserv = ids, .n_authserv = authserv != NULL};
    struct test_mail t = {.a = arena_new(0)};
    uint8_t *exact = malloc(len > 0 ? len : 1);         /* so that a sanitizer sees a byte too far */

    mail_init();
    memcpy(exact, bytes, len);
    t.m = whole ? mail_parse(exact, len, &o, t.a) : mail_scan(exact, len, &o, t.a);
    free(exact);
    return t;
}

static inline struct test_mail
test_parse(const char *mail)
{
    return test_read(mail, strlen(mail), NULL, true);
}

static inline void
test_done(struct test_mail *t)
{
    arena_free(&t->a);
}

/* Both absent, or the same. The label stands in front of what cmocka prints. */
static inline void
test_same(const char *label, const char *got, const char *want)
{
    if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
        fail_msg("%s: got \"%s\", want \"%s\"", label, got == NULL ? "(none)" : got, want == NULL ? "(none)" : want);
}

/* "Name <addr>, <addr>" */
static inline void
test_list(struct buf *b, Td__Address **v, size_t n)
{
    buf_puts(b, "");
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%s%s<%s>", i > 0 ? ", " : "", v[i]->name == NULL ? "" : v[i]->name, v[i]->name == NULL ? "" : " ", v[i]->addr);
}

static inline bool
test_warned(const Td__Message *m, const char *words)
{
    for (size_t i = 0; i < m->n_warnings; i++)
        if (strstr(m->warnings[i], words) != NULL)
            return true;
    return false;
}

#endif
