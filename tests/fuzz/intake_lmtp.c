/* SPDX-License-Identifier: ISC
 *
 * An LMTP session: the same bytes whole and one by one must give the same replies and the same mails.
 */
#include "fuzz.h"
#include "../../src/intake/lmtp.h"
#include "ticketd/role.h"

struct world { struct buf log, *out; };

static void
on_mail(void *u, struct lmtp_session *s, uint64_t transaction, const char *desk, const char *from, char *const *recipients, size_t n, int fd)
{
    struct world *w = u;
    struct memfd_map map;

    buf_printf(&w->log, "%s|%s|%zu %s|", desk, from == NULL ? "?" : from, n, n > 0 ? recipients[0] : "");
    must(memfd_map(fd, 4096, &map));
    buf_add(&w->log, map.bytes, map.len);
    buf_putc(&w->log, '\n');
    memfd_unmap(&map);
    lmtp_answer(s, transaction, desk, 250, "2.6.0", "taken", w->out);
}

static void
converse(const uint8_t *bytes, size_t len, size_t step, struct world *w, struct buf *out)
{
    static char *addresses[] = {(char *)"support@example.com"}, *sales_addresses[] = {(char *)"sales@example.com"};
    Td__LmtpDesk support = TD__LMTP_DESK__INIT, sales = TD__LMTP_DESK__INIT, *desks[] = {&support, &sales};
    Td__LmtpSetup setup = TD__LMTP_SETUP__INIT;
    struct lmtp_policy policy = {.setup = &setup, .mail = on_mail, .u = w};
    struct lmtp_session *s;
    bool open;

    support.desk = (char *)"support", support.addresses = addresses, support.n_addresses = 1;
    sales.desk = (char *)"sales", sales.addresses = sales_addresses, sales.n_addresses = 1;
    setup.hostname = (char *)"mx.example.com", setup.desks = desks, setup.n_desks = 2;
    setup.max_mail = 500, setup.max_connections = 1, setup.idle_s = 60;
    w->out = out;
    s = lmtp_session_new(&policy);
    open = lmtp_session_input(s, NULL, 0, out);
    for (size_t i = 0; i < len && open; i += step)
        open = lmtp_session_input(s, bytes + i, len - i < step ? len - i : step, out);
    lmtp_session_free(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct world one = {0}, two = {0};
    struct buf a = {0}, b = {0};

    if (len > 8192)
        return 0;
    converse(bytes, len, len + 1, &one, &a);
    converse(bytes, len, 1, &two, &b);
    must(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    must(one.log.len == two.log.len && (one.log.len == 0 || memcmp(one.log.data, two.log.data, one.log.len) == 0));
    buf_free(&a);
    buf_free(&b);
    buf_free(&one.log);
    buf_free(&two.log);
    return 0;
}
