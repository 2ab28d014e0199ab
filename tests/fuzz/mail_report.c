/* SPDX-License-Identifier: ISC
 *
 * Delivery reports. The first byte says how the rest is dressed: as the blocks of a delivery-status part, as the free text of a mail
 * system, as the returned mail, or as a mail of its own.
 */
#include "fuzz_mail.h"

#define REPORT "From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
static const char *const dress[] = {
    REPORT "--b\nContent-Type: message/delivery-status\n\n", REPORT "--b\n\nSorry.\n--b\nContent-Type: message/rfc822\n\n",
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n", "",
};

static void
report_ok(const Td__DeliveryReport *d)
{
    must(d->recipient == NULL || addr_valid(d->recipient));
    must(d->status == NULL || (strlen(d->status) >= 5 && strchr("245", d->status[0]) != NULL && d->status[1] == '.'));
    must(d->action != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *a = arena_new(0);
    struct buf b = {0};
    const Td__DeliveryReport *d;
    Td__Message *m;

    if (len > 0) {
        buf_puts(&b, dress[bytes[0] % countof(dress)]);
        buf_add(&b, bytes + 1, len - 1);
    }
    m = mail_parse((const uint8_t *)(b.data == NULL ? "" : b.data), b.len, &fuzz_options, a);
    fuzz_message_ok(m);
    if ((d = m->machine->delivery_report) != NULL) {
        report_ok(d);
        for (size_t i = 0; i < d->n_others; i++)
            report_ok(d->others[i]);
        must(!m->machine->answerable && !m->machine->counts_as_reply);
    }
    buf_free(&b);
    arena_free(&a);
    return 0;
}
