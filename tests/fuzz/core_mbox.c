/* SPDX-License-Identifier: ISC
 *
 * mboxrd: what is read is written and read again, and must be the same mails.
 */
#include "fuzz.h"
#include "../../src/core/mbox.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct mbox in = {.bytes = (const char *)bytes, .len = len}, again = {0};
    struct mbox_mail m = {0}, m2 = {0};
    struct buf out = {0};
    char error[128] = "";
    unsigned n = 0;
    int rc;

    while ((rc = mbox_next(&in, &m, error)) == 1 && n++ < 1000) {
        size_t from = out.len;
        mbox_add(&out, m.sender, m.at, m.bytes.data == NULL ? "" : m.bytes.data, m.bytes.len);
        again = (struct mbox){.bytes = out.data + from, .len = out.len - from};
        must(mbox_next(&again, &m2, error) == 1);
        must(strcmp(m.sender, m2.sender) == 0 && m.at == m2.at);
        must(mbox_next(&again, &m2, error) == 0);
    }
    must(rc >= 0 || *error != 0);
    buf_free(&m.bytes);
    buf_free(&m2.bytes);
    buf_free(&out);
    return 0;
}
